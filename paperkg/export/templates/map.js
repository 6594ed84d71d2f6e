// The map: what of the graph is visible, and how it is drawn.

// ---- colours, by the system's theme

const systemDark = matchMedia("(prefers-color-scheme: dark)");
let ink = {};

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : systemDark.matches;
}

// The colour of a topic: of its disc, its nodes, or its name.
function hueOf(topic, what) {
  const [full, pale] = { disc: ["50% 50% / .12", "45% 60% / .11"], node: ["48% 47%", "50% 62%"], name: ["65% 27%", "60% 78%"] }[what];
  return `hsl(${topic.hue} ${isDark() ? pale : full})`;
}

function readTheme() {
  const root = document.documentElement;
  for (const [kind, shades] of Object.entries(data.colours)) root.style.setProperty(`--${kind}`, shades[isDark() ? 1 : 0]);
  const style = getComputedStyle(root);
  ink = Object.fromEntries(["back", "ink", "soft", "halo", "edge", "accent"].map((key) => [key, style.getPropertyValue(`--${key}`).trim()]));
  const groups = {};
  for (const [kind, shades] of Object.entries(data.colours)) {
    groups[kind] = { shape: data.shapes[kind], color: filled(shades[isDark() ? 1 : 0]) };
  }
  return groups;
}

function filled(fill) {
  return { background: fill, border: ink.back, highlight: { background: fill, border: ink.ink }, hover: { background: fill, border: ink.ink } };
}

// ---- what is visible

const PLURAL = { System: "Systems", Model: "Models", Hardware: "Hardware", Technique: "Techniques", Dataset: "Datasets", Paper: "Papers" };
const ROLE = { introduced: "introduces", compared: "compares with", evaluated_on: "evaluates on", used: "uses", mentioned: "mentions" };

// How many times larger than on paper things are drawn, so that they can be seen from afar.
let boost = 1;
const state = { types: new Set(data.kinds), roles: new Set(data.roles.keys()), least: data.start, selected: -1, topic: -1, byTopic: false };
if (!data.papersAtFirst) state.types.delete("Paper");

function isIn(entity) {
  if (!state.types.has(type(entity))) return false;
  let count = 0;
  for (const link of papersOf(entity)) if (state.roles.has(link.role)) count += 1;
  // A topic that is looked at is shown with all that belongs to it.
  return count >= (state.topic >= 0 && topicOf[entity] === state.topic ? 1 : state.least);
}

// What is shown when nothing is picked.
function overviewNodes() {
  const found = new Set();
  for (let entity = 0; entity < firstPaper; entity += 1) if (isIn(entity)) found.add(entity);
  if (state.types.has("Paper")) {
    for (let paper = firstPaper; paper < nodes.length; paper += 1) {
      const links = entitiesOf(paper);
      if (links.some((link) => found.has(link.entity) && state.roles.has(link.role)) || (!links.length && state.least === 1)) found.add(paper);
    }
  }
  return found;
}

// A picked node stands in the middle, and what it is linked with on rings around it, by role.
function focusPlaces(node) {
  const rank = new Map();
  for (const link of papersOf(node)) rank.set(isPaper(node) ? link.entity : link.paper, link.role);
  for (const edge of relationsOf(node)) rank.set(edge.from === node ? edge.to : edge.from, -1);
  const around = [...rank.keys()].sort((a, b) => rank.get(a) - rank.get(b) || byPapers(a, b));
  const places = new Map([[node, { x: 0, y: 0 }]]);
  const { clientWidth, clientHeight } = at("canvas");
  const stretch = Math.max(0.6, Math.min(1.8, (clientWidth - 160) / (clientHeight - 60)));
  for (let ring = 0, from = 0; from < around.length; ring += 1) {
    const count = Math.min(around.length - from, 16 + 10 * ring);
    for (let i = 0; i < count; i += 1) {
      const angle = (2 * Math.PI * (i + 0.5 + ring / 3)) / count;
      const reach = 170 + 95 * ring;
      // Zigzag, so that long names at the top and the bottom have a line each.
      const step = count > 7 && i % 2 ? 1.28 : 1;
      places.set(around[from + i], { x: Math.round(1.2 * stretch * reach * Math.cos(angle)), y: Math.round(reach * step * Math.sin(angle)) });
    }
    from += count;
  }
  return places;
}

const placeOf = (node) => (shown.focus ? shown.focus.get(node) : nodes[node]);

// With the papers hidden, entities are joined that share two papers or more: each one with the few that it
// shares most with, of what both are in. What is everywhere would else paint the whole map.
function sharedEdges(found) {
  const counts = new Map();
  for (let paper = firstPaper; paper < nodes.length; paper += 1) {
    const inside = entitiesOf(paper).filter((link) => found.has(link.entity) && state.roles.has(link.role)).map((link) => link.entity);
    for (const a of inside) for (const b of inside) if (a < b) counts.set(`${a} ${b}`, (counts.get(`${a} ${b}`) || 0) + 1);
  }
  const ties = [...counts].filter(([, count]) => count > 1).map(([pair, count]) => {
    const [from, to] = pair.split(" ").map(Number);
    return { from, to, count, tie: count / Math.sqrt(weight(from) * weight(to)) };
  }).sort((a, b) => b.tie - a.tie || a.from - b.from || a.to - b.to);
  const taken = new Map();
  return ties.filter(({ from, to }) => {
    const [a, b] = [taken.get(from) || 0, taken.get(to) || 0];
    if (Math.min(a, b) > 2 || Math.max(a, b) > 11) return false;
    taken.set(from, a + 1);
    taken.set(to, b + 1);
    return true;
  });
}

const enlarged = (node) => (shown.focus ? Math.min(24, 4 + nodes[node].size) : nodes[node].size * Math.min(1.7, Math.sqrt(boost)));

function styledNode(node) {
  const { x, y } = placeOf(node);
  const style = { id: node, group: type(node), size: Math.round(enlarged(node)), x, y, borderWidth: isPaper(node) ? 0.5 : 1 };
  if (state.byTopic) style.color = filled(topicOf[node] < 0 ? ink.edge : hueOf(data.topics[topicOf[node]], "node"));
  return style;
}

const SAYS = { basedOn: "based on", partOf: "part of", outperforms: "outperforms", variantOf: "variant of", broader: "kind of" };

function styledEdge(id, edge) {
  const relation = edge.role < 0;
  const style = { id, from: edge.from, to: edge.to };
  if (relation && edge.is) style.arrows = { to: { enabled: true, scaleFactor: 0.5 } };
  if (shown.focus) {
    const touched = edge.from === state.selected || edge.to === state.selected;
    const strong = shown.focus.size < 40 ? 0.8 : 0.35;
    return { ...style, width: touched ? 1.3 : 0.8, color: lineColour(touched ? strong : 0.2) };
  }
  // What half of all papers are joined to would otherwise paint the whole map.
  const crowd = Math.max(papersOf(edge.to).length, papersOf(edge.from).length);
  const opacity = edge.count ? 0.12 + 0.4 * edge.tie : relation ? 0.35 : Math.max(0.07, 0.42 / Math.sqrt(crowd));
  const width = edge.count ? Math.min(2.4, 0.7 + edge.count / 8) : relation || edge.role === 0 ? 1.4 : 0.8;
  return { ...style, width: width * boost, color: lineColour(opacity) };
}

function lineColour(opacity) {
  return { color: ink.edge, hover: ink.accent, highlight: ink.edge, opacity };
}

// Bring a vis.DataSet to what it should hold; what stays the same is not touched.
function bring(set, known, wanted) {
  const gone = [...known.keys()].filter((id) => !wanted.has(id));
  const changed = [];
  for (const [id, item] of wanted) {
    const key = JSON.stringify(item);
    if (known.get(id) !== key) changed.push(item);
    known.set(id, key);
  }
  gone.forEach((id) => known.delete(id));
  set.remove(gone);
  set.update(changed);
}

const shown = { nodes: new vis.DataSet(), edges: new vis.DataSet(), knownNodes: new Map(), knownEdges: new Map(), order: [], topics: [], labels: [], focus: null };

function refresh() {
  const overview = overviewNodes();
  shown.focus = state.selected < 0 ? null : focusPlaces(state.selected);
  const found = shown.focus ? new Set(shown.focus.keys()) : overview;
  const lines = new Map();
  for (const [number, edge] of edges.entries()) {
    const wanted = shown.focus || edge.role < 0 || state.roles.has(edge.role);
    if (wanted && found.has(edge.from) && found.has(edge.to)) lines.set(`e${number}`, styledEdge(`e${number}`, edge));
  }
  if (!shown.focus && !state.types.has("Paper")) {
    for (const edge of sharedEdges(found)) lines.set(`s${edge.from}-${edge.to}`, styledEdge(`s${edge.from}-${edge.to}`, edge));
  }
  shown.order = [...found].sort((a, b) => (b === state.selected) - (a === state.selected) || byPapers(a, b));
  const visible = new Map();
  for (const node of shown.order) visible.set(topicOf[node], (visible.get(topicOf[node]) || 0) + 1);
  shown.topics = shown.focus ? [] : data.topics.filter((topic, number) => visible.get(number) > 1);
  // Last, because the map may draw itself at once and asks for all of the above.
  bring(shown.nodes, shown.knownNodes, new Map([...found].map((node) => [node, styledNode(node)])));
  bring(shown.edges, shown.knownEdges, lines);
  const papers = [...overview].filter(isPaper).length;
  at("status").textContent = `Shown: ${overview.size - papers} of ${firstPaper} names, ${papers} of ${data.papers.length} papers.`;
}

// ---- drawing: circles of the communities below, names above, never one name over another

const widths = new Map();

function textWidth(context, text) {
  const key = `${context.font} ${text}`;
  if (!widths.has(key)) widths.set(key, context.measureText(text).width);
  return widths.get(key);
}

function drawGroups(context) {
  context.save();
  for (const topic of shown.topics) {
    context.fillStyle = hueOf(topic, "disc");
    context.beginPath();
    context.arc(topic.x, topic.y, topic.radius + 8, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

// The names of topics along the upper rims of their discs, those of most papers first.
function drawTopics(context, take) {
  const scale = network.getScale();
  shown.labels = [];
  for (const topic of shown.topics) {
    const { x, y } = network.canvasToDOM({ x: topic.x, y: topic.y - topic.radius });
    const letters = Math.max(11, Math.min(15, 9 + Math.sqrt(topic.papers.length)));
    context.font = `600 ${letters}px system-ui, "DejaVu Sans", sans-serif`;
    const room = Math.max(150, 2 * topic.radius * scale);
    const lines = linesOf(context, topic, room);
    const half = Math.max(...lines.map((line) => textWidth(context, line))) / 2;
    const step = letters * 1.2;
    const top = y - (lines.length - 0.4) * step;
    const box = [x - half - 4, top - step / 2, x + half + 4, top + (lines.length - 0.5) * step];
    if (box[2] < 0 || box[0] > context.canvas.clientWidth || !take(box)) continue;
    shown.labels.push({ box, topic });
    context.fillStyle = hueOf(topic, "name");
    lines.forEach((line, number) => {
      context.strokeText(line, x, top + number * step);
      context.fillText(line, x, top + number * step);
    });
  }
}

// As many of the typical names as fit in two lines; one at least.
function linesOf(context, topic, room) {
  const lines = [];
  for (const node of topic.entities.slice(0, 3)) {
    const word = shortName(node);
    const longer = lines.length ? `${lines[lines.length - 1]}, ${word}` : word;
    if (!lines.length || textWidth(context, longer) <= room) lines[Math.max(0, lines.length - 1)] = longer;
    else if (lines.length < 2) lines.push(word);
  }
  return lines;
}

// Places that are taken on the screen, in squares, so that few have to be compared.
function makeBoard() {
  const squares = new Map();
  const keys = ([x0, y0, x1, y1]) => {
    const found = [];
    for (let x = Math.floor(x0 / 80); x <= x1 / 80; x += 1) for (let y = Math.floor(y0 / 40); y <= y1 / 40; y += 1) found.push(`${x} ${y}`);
    return found;
  };
  return (box) => {
    const places = keys(box);
    const hits = ([x0, y0, x1, y1]) => x0 < box[2] && x1 > box[0] && y0 < box[3] && y1 > box[1];
    if (places.some((key) => (squares.get(key) || []).some(hits))) return false;
    for (const key of places) squares.set(key, [...(squares.get(key) || []), box]);
    return true;
  };
}

// The name of a node in a line; of a paper only what stands before the colon, if that is short.
function shortName(node) {
  const whole = name(node).replace(/[\u0000-\u001f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, " ").trim();
  const [before] = whole.split(": ", 1);
  return isPaper(node) && before.length > 2 && before.length <= 30 ? before : cut(whole, 28);
}

function drawNames(context) {
  const canvas = context.canvas;
  const ratio = canvas.width / canvas.clientWidth || 1;
  const scale = network.getScale();
  const take = makeBoard();
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.strokeStyle = ink.halo;
  context.lineWidth = 3.5;
  drawTopics(context, take);
  for (const node of hover.lit.size ? [...hover.lit] : shown.order) {
    const paper = isPaper(node);
    if (paper && !shown.focus && scale < 1.1 && !hover.lit.has(node)) continue;
    const spot = network.canvasToDOM(placeOf(node));
    const y = spot.y;
    let x = spot.x;
    if (x < -100 || y < -30 || x > canvas.clientWidth + 100 || y > canvas.clientHeight + 30) continue;
    const letters = paper ? 11.5 : Math.min(17, 11.5 + Math.sqrt(weight(node)) * 0.7);
    context.font = `${node === state.selected || weight(node) > 9 ? 600 : 400} ${Math.round(letters * 2) / 2}px system-ui, "DejaVu Sans", sans-serif`;
    const text = shortName(node);
    const half = textWidth(context, text) / 2;
    if (shown.focus) x = Math.max(half + 6, Math.min(x, canvas.clientWidth - half - 6));
    const off = enlarged(node) * scale + letters * 0.75;
    const free = (line) => take([x - half - 3, line - letters * 0.62, x + half + 3, line + letters * 0.62]);
    // Below the node, or above it where few are shown and each should have its name.
    const middle = free(y + off) ? y + off : shown.focus && free(y - off) ? y - off : undefined;
    if (middle === undefined) continue;
    context.strokeText(text, x, middle);
    context.fillStyle = paper ? ink.soft : ink.ink;
    context.fillText(text, x, middle);
  }
  if (shown.focus && shown.focus.size < 40) drawVerbs(context, take);
  context.restore();
}

// What the lines to and from the picked node say, where there is room.
function drawVerbs(context, take) {
  context.font = 'italic 11px system-ui, "DejaVu Sans", sans-serif';
  context.fillStyle = ink.soft;
  for (const edge of edges) {
    if (edge.from !== state.selected && edge.to !== state.selected) continue;
    const far = placeOf(edge.from === state.selected ? edge.to : edge.from);
    const { x, y } = network.canvasToDOM({ x: far.x * 0.56, y: far.y * 0.56 });
    const text = edge.role < 0 ? SAYS[edge.is] : ROLE[data.roles[edge.role]];
    const half = textWidth(context, text) / 2;
    if (!take([x - half - 2, y - 7, x + half + 2, y + 7])) continue;
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }
}

// ---- the map

function viewOf(found) {
  const discs = shown.focus ? [] : shown.topics.filter((topic) => state.topic < 0 || topic === data.topics[state.topic]);
  const xs = [...found.map((node) => placeOf(node).x), ...discs.flatMap(({ x, radius }) => [x - radius, x + radius])];
  const ys = [...found.map((node) => placeOf(node).y), ...discs.flatMap(({ y, radius }) => [y - radius, y + radius])];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const { clientWidth, clientHeight } = at("canvas");
  const wide = (clientWidth - Math.min(shown.focus ? 200 : 120, clientWidth / (shown.focus ? 3 : 5))) / (right - left + 1);
  const high = (clientHeight - 80) / (bottom - top + 1);
  // A high, narrow screen shows the middle of the whole, large enough to read.
  const scale = Math.max(0.01, Math.min(1.3, shown.focus || clientWidth > 500 ? wide : 1.5 * wide, high));
  // The names of topics stand above their discs.
  return { position: { x: (left + right) / 2, y: (top + bottom) / 2 - (shown.focus ? 0 : 14 / scale) }, scale };
}

// The node under the pointer, and it with its neighbours.
const hover = { node: -1, lit: new Set() };
let soon = 0;
const options = { ...data.network.options, groups: readTheme() };
const first = [...overviewNodes()];
if (first.length) boost = boostAt(viewOf(first).scale);
refresh();
const network = new vis.Network(at("canvas"), { nodes: shown.nodes, edges: shown.edges }, options);
network.on("beforeDrawing", drawGroups);
network.on("afterDrawing", (context) => { drawLit(context); drawNames(context); });
network.on("click", ({ nodes: hit, pointer }) => {
  const { x, y } = pointer.DOM;
  const label = shown.labels.find(({ box }) => x > box[0] && x < box[2] && y > box[1] && y < box[3]);
  go(hit.length ? hit[0] : label ? label.topic : -1);
});
network.on("hoverNode", ({ node, event }) => { light(node); showTip(node, event); });
network.on("blurNode", unhover);
network.on("dragStart", unhover);
network.on("zoom", () => { unhover(); clearTimeout(soon); soon = setTimeout(rescale, 120); });

// ---- what the pointer is on, and its neighbours, stand out: all else is veiled

function light(node) {
  hover.node = node;
  hover.lit = new Set([node, ...network.getConnectedNodes(node)].sort((a, b) => (b === node) - (a === node) || byPapers(a, b)));
  at("canvas").style.cursor = "pointer";
  network.redraw();
}

function unhover() {
  at("tip").hidden = true;
  if (hover.node < 0) return;
  hover.node = -1;
  hover.lit = new Set();
  at("canvas").style.cursor = "";
  network.redraw();
}

function drawLit(context) {
  if (!hover.lit.size) return;
  context.save();
  const { x, y } = network.DOMtoCanvas({ x: 0, y: 0 });
  const far = network.DOMtoCanvas({ x: context.canvas.clientWidth, y: context.canvas.clientHeight });
  context.globalAlpha = 0.8;
  context.fillStyle = ink.back;
  context.fillRect(x, y, far.x - x, far.y - y);
  context.globalAlpha = 0.6;
  context.strokeStyle = ink.edge;
  context.lineWidth = 1.2 * (shown.focus ? 1 : boost);
  context.beginPath();
  for (const node of hover.lit) {
    context.moveTo(placeOf(hover.node).x, placeOf(hover.node).y);
    context.lineTo(placeOf(node).x, placeOf(node).y);
  }
  context.stroke();
  context.globalAlpha = 1;
  for (const node of [...hover.lit].reverse()) network.body.nodes[node].draw(context);
  context.restore();
}

// In steps, because each one draws everything anew.
function boostAt(scale) {
  const step = Math.max(0, Math.round(Math.log2(1 / scale) * 2));
  return Math.min(8, 2 ** (step / 2));
}

function rescale() {
  const wanted = boostAt(network.getScale());
  if (shown.focus || wanted === boost) return;
  boost = wanted;
  refresh();
}

function showTip(node, event) {
  const tip = at("tip");
  const box = at("map").getBoundingClientRect();
  const papers = weight(node);
  const said = isPaper(node) ? `Paper, ${entitiesOf(node).length} names` : `${type(node)}, ${papers} ${papers === 1 ? "paper" : "papers"}`;
  tip.replaceChildren(el("bdi", {}, cut(name(node), 160)), el("span", { class: "soft" }, said));
  tip.hidden = false;
  tip.style.left = `${Math.max(0, Math.min(event.clientX - box.left + 14, box.width - tip.offsetWidth - 8))}px`;
  tip.style.top = `${Math.max(0, Math.min(event.clientY - box.top + 14, box.height - tip.offsetHeight - 8))}px`;
}

// Show some nodes as large as they go, with room at the rim for names.
function fit(found) {
  if (!found.length) return;
  // The panel may have come or gone; to draw everything here, too, would take as long again.
  network.canvas.setSize();
  network.moveTo({ ...viewOf(found), animation: false });
  rescale();
}

function recolour() {
  network.setOptions({ groups: readTheme() });
  shown.knownNodes.clear();
  shown.knownEdges.clear();
  refresh();
  network.redraw();
}

// ---- light or dark: as the system has it, or as the switch says; paper is white

const root = document.documentElement;

function sayTheme() {
  at("theme").title = `${isDark() ? "Light" : "Dark"} colours`;
  at("theme").setAttribute("aria-label", at("theme").title);
}

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  recolour();
  sayTheme();
}

at("theme").addEventListener("click", () => setTheme(isDark() ? "light" : "dark"));
systemDark.addEventListener("change", () => setTheme(root.dataset.theme));
sayTheme();
let screenTheme;
addEventListener("beforeprint", () => { screenTheme = root.dataset.theme; setTheme("light"); });
addEventListener("afterprint", () => setTheme(screenTheme));
