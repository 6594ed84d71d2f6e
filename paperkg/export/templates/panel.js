// What is shown of one paper or entity. Text goes in as text: nothing here parses markup.

// Make an element; children are elements or text, attributes that are undefined are left out.
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== ""));
  return element;
}

// Give the address of a node on this page.
function address(node) {
  try {
    if (typeof node === "object") return `#topic=${encodeURIComponent(node.id).replaceAll("%2F", "/")}`;
    const kind = isPaper(node) ? "paper" : "entity";
    return `#${kind}=${encodeURIComponent(detail(node).id).replaceAll("%2F", "/")}`;
  } catch {
    // Half of a surrogate pair has no encoding; such an id has its number for an address.
    return `#node=${node}`;
  }
}

function colour(element, type) {
  element.style.setProperty("--of", `var(--${type})`);
  return element;
}

function shape(type) {
  return colour(el("span", { class: `shape ${type}`, "aria-hidden": "true" }), type);
}

function cut(text, most) {
  const letters = Array.from(text.slice(0, 2 * most));
  return letters.length > most || text.length > 2 * most ? letters.slice(0, most).join("") + "\u2026" : text;
}

function chip(node, count) {
  return el("a", { href: address(node), title: cut(name(node), 300) }, shape(type(node)), el("bdi", {}, cut(name(node), 60)),
    count === undefined ? "" : el("span", { class: "n" }, String(count)));
}

function chips(nodes, counts) {
  return el("div", { class: "chips" }, nodes.map((node, i) => chip(node, counts && counts[i])));
}

function link(node) {
  return el("a", { href: address(node) }, el("bdi", {}, cut(name(node), 400)));
}

// The first few of a long list, and a button for the rest.
function some(list, most, items, make) {
  list.append(...items.slice(0, most).map(make));
  if (items.length <= most) return [list];
  const button = el("button", { type: "button", class: "more" }, `Show ${items.length - most} more`);
  button.addEventListener("click", () => {
    const rest = items.slice(most).map(make);
    list.append(...rest);
    button.remove();
    const target = rest[0].matches("a") ? rest[0] : rest[0].querySelector("a");
    if (target) target.focus();
  });
  return [list, button];
}

// A stretch of a paper's text in which the mentions are marked; `only` marks one entity's alone.
function marked(paper, start, end, only) {
  const { text, mentions } = detail(paper);
  const parts = [];
  let at = start;
  for (const [from, to, node] of mentions) {
    if (from < at || to > end || (only !== undefined && node !== only)) continue;
    parts.push(text.slice(at, from));
    const mark = colour(el("mark", {}, text.slice(from, to)), type(node));
    parts.push(only === undefined ? el("a", { href: address(node), title: `${type(node)}: ${cut(name(node), 200)}` }, mark) : mark);
    at = to;
  }
  parts.push(text.slice(at, end));
  return parts.filter((part) => part !== "");
}

// What is so long that it scrolls must be reached by keys, too.
const scrolls = (letters) => (letters > 250 ? "0" : undefined);

function quote(paper, [start, end], only) {
  return end > start ? el("blockquote", { dir: "auto", tabindex: scrolls(end - start) }, ...marked(paper, start, end, only)) : "";
}

// The whole abstract behind the sentence; made when it is asked for.
function abstract(paper, only) {
  const { text, title } = detail(paper);
  if (text.length <= title + 1) return "";
  const fold = el("details", { class: "abstract" }, el("summary", {}, "Abstract"));
  fold.addEventListener("toggle", () => {
    if (fold.childElementCount < 2) fold.append(el("blockquote", { class: "text", dir: "auto" }, ...marked(paper, title + 1, text.length, only)));
  });
  return fold;
}

const VERB = {
  introduced: ["introduces", "introduce"], compared: ["compares with", "compare with"], evaluated_on: ["evaluates on", "evaluate on"],
  used: ["uses", "use"], mentioned: ["mentions", "mention"],
};
const NOUN = { introduced: "Introduces", compared: "Compares with", evaluated_on: "Evaluates on", used: "Uses", mentioned: "Mentions" };
const OUT = { basedOn: "Based on", partOf: "Part of", outperforms: "Outperforms", variantOf: "Variant of", broader: "Kind of" };
const IN = { basedOn: "Basis of", partOf: "Has part", outperforms: "Outperformed by", variantOf: "Variants", broader: "Kinds" };

function claimTable(claims, where) {
  const row = (claim) => el("tr", {},
    el("td", { title: cut(claim.amount, 300) }, el("strong", {}, el("bdi", {}, cut(claim.amount, 60))), ` ${claim.metric.replaceAll("_", " ")}`),
    el("td", {}, claim.subject >= 0 ? link(claim.subject) : claim.called ? el("bdi", {}, cut(claim.called, 200)) : "\u2014"),
    el("td", {}, ...(claim.baselines.length ? claim.baselines.flatMap((node, i) => [i ? ", " : "", link(node)]) : ["\u2014"])),
    where ? el("td", {}, el("a", { href: address(claim.paper), title: cut(name(claim.paper), 300) }, el("bdi", {}, cut(name(claim.paper).split(":")[0], 30)))) : "");
  const titles = ["Result", "Of", "Against", ...(where ? ["Paper"] : [])];
  const body = el("tbody");
  const [, button] = some(body, 10, claims, row);
  const head = el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title))));
  return [el("h3", {}, `Measured results (${claims.length})`), el("div", { class: "scroll" }, el("table", {}, head, body)), button || ""];
}

function bar(mark, said, topic) {
  const close = el("a", { href: "#", class: "close", role: "button" }, "Close");
  return el("div", { class: "bar" }, mark, el("span", { class: "soft" }, said), topic ? topicChip(topic) : "", close);
}

function swatch(topic) {
  const mark = el("span", { class: "shape", "aria-hidden": "true" });
  mark.style.setProperty("--of", `hsl(${topic.hue} 55% 55%)`);
  return mark;
}

function topicChip(topic, count) {
  return el("a", { href: address(topic), class: "topic" }, swatch(topic), el("bdi", {}, topic.name),
    count === undefined ? "" : el("span", { class: "n" }, String(count)));
}

const topicAt = (node) => (topicOf[node] < 0 ? undefined : data.topics[topicOf[node]]);

function related(node) {
  const groups = new Map();
  for (const edge of relationsOf(node)) {
    const [title, other] = edge.from === node ? [OUT[edge.is], edge.to] : [IN[edge.is], edge.from];
    if (!groups.has(title)) groups.set(title, new Set());
    groups.get(title).add(other);
  }
  const titles = [...Object.values(OUT), ...Object.values(IN)].filter((title) => groups.has(title));
  return titles.flatMap((title) => [el("h3", {}, title), chips([...groups.get(title)].sort(byPapers))]);
}

function entityPanel(node) {
  const { aliases, facts, papers } = detail(node);
  const parts = [bar(shape(type(node)), type(node), topicAt(node)), el("h2", { tabindex: scrolls(name(node).length) }, el("bdi", {}, name(node)))];
  const source = papersOf(node).find((one) => data.roles[one.role] === "introduced" && one.sentence[1] > one.sentence[0]);
  if (source) parts.push(el("div", { class: "definition" }, quote(source.paper, source.sentence, node), el("p", { class: "soft clip" }, "Introduced by ", link(source.paper))));
  if (aliases.length) parts.push(el("p", { class: "soft clip" }, "Also: ", ...aliases.flatMap((alias, i) => [i ? ", " : "", el("bdi", {}, cut(alias, 300))])));
  const known = Object.entries(facts);
  if (known.length) parts.push(el("dl", {}, ...known.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, el("bdi", {}, value))])));
  parts.push(...related(node));
  for (const [title, found] of neighbours(node)) parts.push(el("h3", {}, title), ...some(el("div", { class: "chips" }), 10, found, ([other, count]) => chip(other, count)));
  const claims = claimsOf(node);
  if (claims.length) parts.push(...claimTable(claims, true));
  const total = papersOf(node).length;
  for (const [index, role] of data.roles.entries()) {
    const found = papersOf(node).filter((link) => link.role === index);
    if (!found.length) continue;
    const item = (one) => el("li", {}, el("span", { class: "clip" }, link(one.paper)), quote(one.paper, one.sentence, node), abstract(one.paper, node));
    parts.push(el("h3", {}, found.length === 1 ? `1 paper ${VERB[role][0]} it` : `${found.length} papers ${VERB[role][1]} it`), ...some(el("ul", { class: "papers" }), 8, found, item));
  }
  if (papers > total) parts.push(el("p", { class: "soft" }, `${papers - total} more papers speak of it; this page leaves them out.`));
  return parts;
}

function paperPanel(node) {
  const { text, title, listings, issued, creators, id } = detail(node);
  const parts = [bar(shape("Paper"), "Paper", topicAt(node)), el("h2", { class: "text", dir: "auto", tabindex: scrolls(title) }, ...marked(node, 0, title))];
  const said = [creators.length ? cut(creators.join(", "), 400) : "", issued, id].filter(Boolean);
  parts.push(el("p", { class: "soft clip" }, ...said.flatMap((one, i) => [i ? " \u00b7 " : "", el("bdi", {}, cut(one, 400))])));
  if (listings.length) {
    const item = ([file, date, position]) => el("li", { class: "soft" }, "Listed in ", el("bdi", {}, cut(file, 200)), date ? `, ${cut(date, 40)}` : "", `, number ${position}`);
    parts.push(...some(el("ul"), 3, listings, item));
  }
  if (text.length > title + 1) parts.push(el("h3", {}, "Abstract"), el("div", { class: "text", dir: "auto" }, ...marked(node, title + 1, text.length)));
  const claims = claimsOf(node);
  if (claims.length) parts.push(...claimTable(claims, false));
  for (const [index, role] of data.roles.entries()) {
    const found = entitiesOf(node).filter((link) => link.role === index).map((link) => link.entity);
    if (found.length) parts.push(el("h3", {}, NOUN[role]), chips(found.sort(byPapers)));
  }
  return parts;
}

function topicPanel(topic) {
  const { entities, papers } = topic;
  const parts = [bar(swatch(topic), "Topic"), el("h2", {}, el("bdi", {}, topic.name))];
  parts.push(el("p", { class: "soft" }, `${entities.length} names and ${papers.length} papers that have more to do with each other than with the rest; called after what is most typical of it.`));
  for (const kind of data.kinds) {
    const found = entities.filter((node) => type(node) === kind);
    if (found.length) parts.push(el("h3", {}, PLURAL[kind]), ...some(el("div", { class: "chips" }), 12, found, (node) => chip(node, weight(node))));
  }
  const most = [...papers].sort((a, b) => entitiesOf(b).length - entitiesOf(a).length || a - b);
  const item = (paper) => el("li", {}, el("span", { class: "clip" }, link(paper)), abstract(paper));
  parts.push(el("h3", {}, PLURAL.Paper), ...some(el("ul", { class: "papers" }), 8, most, item));
  return parts;
}
