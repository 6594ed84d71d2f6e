"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  const make = (name, text, parent) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };
  const named = at("named");
  named.addEventListener("change", () => {
    // What was given to another query means nothing to this one.
    for (const field of named.form.querySelectorAll("input")) field.disabled = true;
    named.form.submit();
  });
  const ask = (accept) => fetch("/sparql", {
    method: "POST",
    headers: { Accept: accept, "Content-Type": "application/sparql-query" },
    body: at("sparql").value,
  });
  const local = (value) => {
    // What lies under this server, by the path of its IRI, so that a click stays here.
    const found = /\/((?:system|model|hardware|technique|dataset|paper|claim|mention|graph)\/[^/]+)$/.exec(value);
    return found ? `/${found[1]}` : "";
  };
  const cell = (row, term) => {
    const field = make("td", undefined, row);
    if (!term) return;
    if (term.type === "uri") {
      const link = make("a", term.value.replace(/^.*[/#](?=[^/#]+[/#][^/#]+$)/, ""), field);
      link.title = term.value;
      link.href = local(term.value) || "#";
      if (!local(term.value)) link.replaceWith(term.value);
    } else {
      make("bdi", term.type === "triple" ? JSON.stringify(term.value) : term.value, field);
    }
  };
  const chart = (names, rows) => {
    const box = at("chart");
    box.replaceChildren();
    const number = names.findIndex((name, i) => i > 0 && rows.every((row) => row[name] && !Number.isNaN(Number(row[name].value))));
    if (number < 0 || rows.length < 2) return;
    const label = names.find((name, i) => i !== number && rows.some((row) => row[name] && row[name].type !== "uri")) || names[0];
    const shown = rows.slice(0, 20);
    const most = Math.max(...shown.map((row) => Number(row[names[number]].value)));
    if (!(most > 0)) return;
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", `0 0 800 ${shown.length * 20}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${names[number]} by ${label}; the table below holds the same`);
    shown.forEach((row, i) => {
      const value = Math.max(0, Number(row[names[number]].value));
      const bar = document.createElementNS(space, "rect");
      for (const [key, given] of Object.entries({ x: 260, y: i * 20 + 2, width: (460 * value) / most, height: 15 })) bar.setAttribute(key, given);
      const write = (x, anchor, content) => {
        const text = document.createElementNS(space, "text");
        for (const [key, given] of Object.entries({ x, y: i * 20 + 14, "text-anchor": anchor })) text.setAttribute(key, given);
        text.textContent = content;
        svg.append(text);
      };
      svg.append(bar);
      const name = row[label] ? row[label].value.replace(/^.*[/#]/, "") : "";
      write(252, "end", name.length > 36 ? `${name.slice(0, 35)}…` : name);
      write(268 + (460 * value) / most, "start", row[names[number]].value);
    });
    box.append(svg);
  };
  const show = async (response) => {
    const answer = at("answer");
    answer.replaceChildren();
    at("chart").replaceChildren();
    if (!response.ok) {
      at("state").textContent = (await response.text()).trim();
      return;
    }
    if (!(response.headers.get("Content-Type") || "").includes("sparql-results+json")) {
      at("state").textContent = "";
      make("pre", await response.text(), answer);
      return;
    }
    const found = await response.json();
    if ("boolean" in found) {
      at("state").textContent = found.boolean ? "yes" : "no";
      return;
    }
    const rows = found.results.bindings;
    const names = found.head.vars;
    const cut = response.headers.get("X-Paperkg-Cut") ? ", and there are more" : "";
    at("state").textContent = `${rows.length} row${rows.length === 1 ? "" : "s"}${cut}`;
    const table = make("table", undefined, answer);
    const head = make("tr", undefined, make("thead", undefined, table));
    for (const name of names) make("th", name, head).scope = "col";
    const body = make("tbody", undefined, table);
    for (const row of rows.slice(0, 1000)) {
      const line = make("tr", undefined, body);
      for (const name of names) cell(line, row[name]);
    }
    chart(names, rows);
  };
  const run = async () => {
    at("state").textContent = "…";
    try {
      await show(await ask("application/sparql-results+json, text/turtle;q=0.9"));
    } catch (error) {
      at("state").textContent = String(error);
    }
  };
  const download = async (accept, ending) => {
    const response = await ask(accept);
    if (!response.ok) return show(response);
    const link = make("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `answer.${ending}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  at("ask").addEventListener("submit", (event) => { event.preventDefault(); run(); });
  at("sparql").addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); } });
  at("as-csv").addEventListener("click", () => download("text/csv, text/turtle;q=0.5", "csv"));
  at("as-json").addEventListener("click", () => download("application/sparql-results+json, application/ld+json;q=0.5", "json"));
  if ("run" in at("ask").dataset) run();
})();
