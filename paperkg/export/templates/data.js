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

// The entities that share most papers with one: [entity, number of papers].
function neighbours(node) {
  const shared = new Map();
  for (const { paper } of papersOf(node)) {
    for (const { entity } of entitiesOf(paper)) if (entity !== node) shared.set(entity, (shared.get(entity) || 0) + 1);
  }
  return [...shared].sort((a, b) => b[1] - a[1] || byPapers(a[0], b[0])).slice(0, 12);
}
