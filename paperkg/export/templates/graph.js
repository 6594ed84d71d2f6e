// The page: the address line, the controls, and the start.

// ---- the address line says what is open; so links lead here and the back button works

function go(node) {
  const hash = node === -1 ? "" : address(node);
  if (hash !== location.hash) location.hash = hash;
}

function fromAddress() {
  const [, kind, code] = /^#(entity|paper|topic|node)=(.*)$/s.exec(location.hash) || [];
  const nothing = { node: -1, topic: -1 };
  if (!kind) return nothing;
  if (kind === "node") return /^\d+$/.test(code) && Number(code) < nodes.length ? { node: Number(code), topic: -1 } : nothing;
  try {
    const id = decodeURIComponent(code);
    const found = { paper: data.papers, entity: data.entities, topic: data.topics }[kind].findIndex((one) => one.id === id);
    if (kind === "topic") return { node: -1, topic: found };
    return { node: found < 0 ? -1 : kind === "paper" ? found + firstPaper : found, topic: -1 };
  } catch {
    return nothing;
  }
}

function panelParts() {
  if (state.topic >= 0) return topicPanel(data.topics[state.topic]);
  return isPaper(state.selected) ? paperPanel(state.selected) : entityPanel(state.selected);
}

function open() {
  const before = Math.max(state.selected, state.topic);
  const { node, topic } = fromAddress();
  state.selected = node;
  state.topic = topic;
  const panel = at("panel");
  const none = node < 0 && topic < 0;
  unhover();
  panel.replaceChildren(...(none ? [] : panelParts()).filter((part) => part !== ""));
  panel.hidden = none;
  panel.scrollTop = 0;
  document.title = none ? data.title : `${topic < 0 ? cut(name(node), 80) : data.topics[topic].name} \u2013 ${data.title}`;
  const known = !location.hash || !none;
  at("hint").textContent = known ? "" : "Nothing of this page has that address.";
  refresh();
  network.unselectAll();
  if (node >= 0) network.selectNodes([node], false);
  if (topic >= 0) fit(shown.order.filter((one) => topicOf[one] === topic));
  else if (!none || before >= 0) fit(shown.order);
  if (!none) panel.focus({ preventScroll: true });
  else if (before >= 0) at("query").focus({ preventScroll: true });
}

addEventListener("hashchange", open);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && Math.max(state.selected, state.topic) >= 0) go(-1);
  else if (event.key === "/" && event.target.tagName !== "INPUT") { event.preventDefault(); at("query").focus(); }
});

// ---- controls

function check(text, on, change, count, mark) {
  const box = el("input", { type: "checkbox" });
  box.checked = on;
  box.addEventListener("change", () => change(box.checked));
  return el("label", { class: "check" }, box, mark || "", text, count === undefined ? "" : el("span", { class: "count" }, String(count)));
}

function toggle(set, value) {
  return (on) => { if (on) set.add(value); else set.delete(value); refresh(); };
}

for (const kind of data.kinds) {
  const count = kind === "Paper" ? data.papers.length : nodes.filter((node) => node.group === kind).length;
  const label = check(PLURAL[kind], state.types.has(kind), toggle(state.types, kind), count, shape(kind));
  label.querySelector("input").value = kind;
  at("types").append(label);
}
const roleList = el("div", { class: "list" });
for (const [index, role] of data.roles.entries()) {
  const label = check(ROLE[role], true, toggle(state.roles, index));
  label.querySelector("input").value = role;
  roleList.append(label);
}
at("roles").append(roleList);

for (const button of document.querySelectorAll("#hues input")) {
  button.addEventListener("change", () => { state.byTopic = button.value === "topic"; recolour(); });
}

function sayLeast() {
  at("least").textContent = state.least === 1 ? "1 paper" : `${state.least} papers`;
}

at("detail").max = Math.max(2, Math.min(20, Math.max(0, ...data.entities.map((one) => one.papers))));
at("detail").value = state.least;
at("detail").addEventListener("input", () => { state.least = Number(at("detail").value); sayLeast(); refresh(); });
sayLeast();

for (const [button, factor] of [["closer", 1.4], ["farther", 1 / 1.4]]) {
  at(button).addEventListener("click", () => { network.moveTo({ scale: network.getScale() * factor }); rescale(); });
}
at("whole").addEventListener("click", () => fit(shown.order));

// Names in lower case, the ones with most papers first; papers after them.
const searchable = nodes.map((node) => ({
  node: node.id, key: node.label.toLowerCase(), also: isPaper(node.id) ? [] : detail(node.id).aliases.map((alias) => alias.toLowerCase()),
})).sort((a, b) => isPaper(a.node) - isPaper(b.node) || byPapers(a.node, b.node));
const offered = new Map();

function findMatches(query, most) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [];
  const ranks = [[], [], [], []];
  for (const one of searchable) {
    const rank = one.key === wanted ? 0 : one.also.includes(wanted) ? 1 : one.key.startsWith(wanted) ? 2 : one.key.includes(wanted) || one.also.some((alias) => alias.includes(wanted)) ? 3 : 4;
    if (rank < 4) ranks[rank].push(one.node);
  }
  return ranks.flat().slice(0, most);
}

function offer() {
  offered.clear();
  const made = [];
  for (const node of findMatches(at("query").value, 12)) {
    let value = cut(name(node), 120);
    if (offered.has(value)) value = `${value} (${cut(detail(node).id, 80)})`;
    offered.set(value, node);
    const papers = weight(node);
    made.push(el("option", { value }, isPaper(node) ? "Paper" : `${type(node)}, ${papers} ${papers === 1 ? "paper" : "papers"}`));
  }
  at("matches").replaceChildren(...made);
}

function choose() {
  const query = at("query").value;
  const node = offered.has(query) ? offered.get(query) : findMatches(query, 1)[0];
  at("hint").textContent = node === undefined && query.trim() ? "No name or title has this in it." : "";
  if (node !== undefined) go(node);
}

at("query").addEventListener("input", (event) => {
  at("hint").textContent = "";
  // Choosing from the list is no typing: browsers give it another kind of event, or none.
  if ((!event.inputType || event.inputType === "insertReplacementText") && offered.has(at("query").value)) choose();
  else offer();
});
at("search").addEventListener("submit", (event) => { event.preventDefault(); choose(); });

// ---- topics, what most papers speak of, and how the page was made

if (data.topics.length) at("top").append(el("h3", {}, "Topics"), ...some(el("div", { class: "chips" }), 12, data.topics, (topic) => topicChip(topic, topic.papers.length)));
for (const kind of data.kinds.filter((one) => one !== "Paper")) {
  const most = nodes.filter((node) => node.group === kind).map((node) => node.id).sort(byPapers).slice(0, 5);
  if (most.length) at("top").append(el("h3", {}, `${PLURAL[kind]} in most papers`), chips(most, most.map(weight)));
}
if (data.leftOut) at("lead").after(el("p", { id: "left", class: "soft" }, data.leftOut));
at("about").append(...data.about.map((line) => el("p", {}, line)));
if (matchMedia("(max-width: 760px)").matches) at("filters").open = false;

network.once("afterDrawing", () => {
  // For programs that drive the page: ready once everything reacts and the first picture stands.
  requestAnimationFrame(() => {
    window.paperkg = {
      ready: true, readyAfter: performance.now(), data, network,
      counts: () => ({ nodes: shown.nodes.length, edges: shown.edges.length }),
      selected: () => (state.topic >= 0 ? data.topics[state.topic].id : state.selected < 0 ? "" : detail(state.selected).id),
      labels: () => shown.labels.map(({ box }) => box),
      hovered: () => [...hover.lit].map((node) => detail(node).id).sort(),
    };
  });
});
if (location.hash) open();
else fit(shown.order);
