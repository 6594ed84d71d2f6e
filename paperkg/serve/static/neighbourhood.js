"use strict";
// The network around an entity: it grows where a name is clicked. Texts go in as labels, never as markup.
(() => {
  const place = document.getElementById("neighbourhood");
  if (!place || !window.vis) return;
  const shapes = { System: "dot", Model: "diamond", Hardware: "square", Technique: "triangle", Dataset: "hexagon" };
  const colourOf = (type) => {
    const probe = document.createElement("span");
    probe.className = `t-${type}`;
    place.append(probe);
    const colour = getComputedStyle(probe).getPropertyValue("--of").trim();
    probe.remove();
    return colour;
  };
  const ink = getComputedStyle(document.body).getPropertyValue("--ink").trim();
  const line = getComputedStyle(document.body).getPropertyValue("--edge").trim();
  const short = (name) => (name.length > 32 ? `${name.slice(0, 31)}…` : name);
  const nodes = new vis.DataSet();
  const edges = new vis.DataSet();
  const grown = new Set();
  const add = (id, name, type, size) => {
    if (nodes.get(id)) return;
    nodes.add({ id, label: short(name), shape: shapes[type] || "dot", color: colourOf(type), size, font: { color: ink } });
  };
  const grow = async (id) => {
    if (grown.has(id)) return;
    grown.add(id);
    const response = await fetch(`/api/neighbours?id=${encodeURIComponent(id)}&limit=14`);
    if (!response.ok) return;
    for (const other of await response.json()) {
      add(other.id, other.name, other.type, 9);
      const key = [id, other.id].sort().join(" ");
      if (!edges.get(key)) edges.add({ id: key, from: id, to: other.id, label: other.words === "with" ? undefined : other.words, width: Math.min(5, 1 + Math.log2(other.papers || 1)) });
    }
    place.dataset.nodes = String(nodes.length);
  };
  add(place.dataset.id, place.dataset.name, place.dataset.type, 18);
  const network = new vis.Network(place, { nodes, edges }, {
    layout: { randomSeed: 1 },
    physics: { solver: "forceAtlas2Based", stabilization: { iterations: 120 }, timestep: 0.4 },
    edges: { color: line, font: { size: 10, color: ink, strokeWidth: 0 }, smooth: false },
    interaction: { hover: true, zoomView: false, keyboard: false },
  });
  network.on("stabilizationIterationsDone", () => network.setOptions({ physics: { stabilization: false } }));
  network.on("click", (event) => { if (event.nodes.length) grow(event.nodes[0]); });
  network.on("doubleClick", (event) => { if (event.nodes.length) location.href = `/search?q=${encodeURIComponent(event.nodes[0])}`; });
  grow(place.dataset.id);
})();
