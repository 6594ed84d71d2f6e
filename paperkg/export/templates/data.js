// The data of the page, and who is linked with whom.

const data = JSON.parse(document.getElementById("data").textContent);
const nodes = data.network.nodes;
const firstPaper = data.entities.length;
const at = (id) => document.getElementById(id);
const isPaper = (node) => node >= firstPaper;
const detail = (node) => (isPaper(node) ? data.papers[node - firstPaper] : data.entities[node]);
const name = (node) => nodes[node].label;
const type = (node) => nodes[node].group;
const byPapers = (a, b) => weight(b) - weight(a) || a - b;
const weight = (node) => (isPaper(node) ? 0 : data.entities[node].papers);
const papersLinks = nodes.map(() => []);
const relationLinks = nodes.map(() => []);
const claimLinks = nodes.map(() => []);
const papersOf = (node) => papersLinks[node];
const entitiesOf = (node) => papersLinks[node];
const relationsOf = (node) => relationLinks[node];
const claimsOf = (node) => claimLinks[node];

for (const [number, paper] of data.papers.entries()) {
  paper.text = `${name(firstPaper + number)}\n${paper.abstract}`;
  paper.title = name(firstPaper + number).length;
  for (const [entity, role, ...sentence] of paper.entities) {
    const link = { entity, paper: firstPaper + number, role, sentence };
    papersLinks[entity].push(link);
    papersLinks[link.paper].push(link);
  }
}
const edges = data.network.edges;
for (const edge of edges) {
  edge.role = data.predicates.indexOf(edge.is);
  if (edge.role < 0) for (const end of [edge.from, edge.to]) relationLinks[end].push(edge);
}
for (const claim of data.claims) {
  for (const node of new Set([claim.paper, claim.subject, ...claim.baselines])) if (node >= 0) claimLinks[node].push(claim);
}

// What an entity that a paper introduces has to do with another one of the paper, by the role of the other;
// and what another one has to do with what the paper introduces, by its own role.
const OWN = { introduced: "Introduced with", compared: "Compared with", evaluated_on: "Evaluated on", used: "Uses" };
const OTHERS = { compared: "Baseline of", evaluated_on: "Used to evaluate", used: "Used by" };
const TOGETHER = "In the same papers";

// The entities of the papers of one, by what they have to do with it: [title, [[entity, number of papers]]].
function neighbours(node) {
  const found = new Map([...Object.values(OWN), ...Object.values(OTHERS), TOGETHER].map((title) => [title, new Map()]));
  for (const { paper, role } of papersOf(node)) {
    for (const other of entitiesOf(paper)) {
      if (other.entity === node) continue;
      const [mine, its] = [data.roles[role], data.roles[other.role]];
      const title = (mine === "introduced" ? OWN[its] : its === "introduced" ? OTHERS[mine] : "") || TOGETHER;
      const counts = found.get(title);
      counts.set(other.entity, (counts.get(other.entity) || 0) + 1);
    }
  }
  // What is in many papers anyway says little of this one.
  const worth = ([entity, count]) => count / Math.sqrt(weight(entity));
  return [...found].filter(([, counts]) => counts.size)
    .map(([title, counts]) => [title, [...counts].sort((a, b) => worth(b) - worth(a) || a[0] - b[0])]);
}

// Topics: which one each node belongs to (-1 for none), and what it is called.
const topicOf = nodes.map(() => -1);
for (const [number, topic] of data.topics.entries()) {
  for (const node of [...topic.entities, ...topic.papers]) topicOf[node] = number;
  topic.name = topic.entities.slice(0, 3).map((node) => cut(name(node), 32)).join(", ");
}
