"""How long until a graph can be used in a browser: our page, and pyvis as it comes, on the same graph.

    python benchmarks/page.py exports [--limit 60] [--rounds 3]

Interactive is when the picture stands and a click is answered: for our page when it says so, for pyvis
when its physics have settled, or when a task of its page first ends within 50 ms of being asked for,
whichever comes later; at the latest after --limit seconds. pyvis puts vis-network into its page
(``cdn_resources="in_line"``), and the network is cut, so that nothing waits for another host. In turn,
because the machine may have other work.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from pyvis.network import Network

from paperkg.export.html import make_page
from paperkg.export.layout import COLOURS
from paperkg.graph import KnowledgeGraph

#: Says when pyvis's network has settled; it is made before scripts of the page run.
_WATCH = """
window.settled = false;
const timer = setInterval(() => {
  if (typeof network === "undefined" || !network) return;
  clearInterval(timer);
  network.once("stabilized", () => { window.settled = true; });
}, 20);
"""


def plain_pyvis(graph: KnowledgeGraph) -> str:
    """Make the page that pyvis makes of the same nodes and edges, with its settings as they come."""
    network = Network(height="800px", width="100%", directed=True, cdn_resources="in_line")
    for concept in graph.mentioned():
        network.add_node(concept.id, label=concept.name, color=COLOURS[concept.type][0])
    for paper in graph.papers.values():
        # A title that ends a script element would break pyvis's page.
        title = paper.title.replace("<", " ")
        network.add_node(f"paper/{paper.id}", label=title[:60], color=COLOURS["Paper"][0])
    known = set(network.get_nodes())
    for head, tail, predicate in graph.network.edges(keys=True):
        if head in known and tail in known:
            network.add_edge(head, tail, title=predicate)
    return str(network.generate_html())


def until_ready(browser: Browser, page: Path, ready: str, limit: float) -> tuple[float, bool]:
    """Give the seconds until a page is ready and answers within 50 ms, and whether it ever was."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    tab.set_default_timeout(limit * 1000)
    tab.add_init_script(_WATCH)
    start = time.perf_counter()
    try:
        tab.goto(page.resolve().as_uri(), wait_until="commit")
        while (spent := time.perf_counter() - start) < limit:
            asked = time.perf_counter()
            done = tab.evaluate(ready)
            if done and time.perf_counter() - asked < 0.05:
                return time.perf_counter() - start, True
            tab.wait_for_timeout(20)
        return spent, False
    finally:
        context.close()


def main() -> None:
    """Measure both in turn, and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("graph", type=Path, help="the folder of a build")
    parser.add_argument("--limit", type=float, default=60, help="seconds after which a page is given up")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    graph = KnowledgeGraph.load(options.graph)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    ours, theirs, given_up = [], [], 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = Path(folder, "ours.html"), Path(folder, "pyvis.html")
        pages[0].write_text(make_page(graph), "utf-8")
        pages[1].write_text(plain_pyvis(graph), "utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for _ in range(options.rounds):
            spent, _ = until_ready(
                browser, pages[0], "Boolean(window.paperkg && window.paperkg.ready)", options.limit
            )
            ours.append(spent)
            spent, done = until_ready(browser, pages[1], "window.settled", options.limit)
            theirs.append(spent)
            given_up += not done
        browser.close()
        sizes = [page.stat().st_size / 1e6 for page in pages]
    mine, other = statistics.median(ours), statistics.median(theirs)
    least = f" (given up {given_up} of {options.rounds} times: at least)" if given_up else ""
    nodes = len(graph.papers) + sum(1 for _ in graph.mentioned())
    print(f"{nodes:,} nodes, {graph.network.number_of_edges():,} edges, medians of {options.rounds}")
    print(f"graph.html  {mine:6.1f} s  {sizes[0]:.1f} MB")
    print(f"pyvis       {other:6.1f} s  {sizes[1]:.1f} MB{least}")
    print(f"ratio       {other / mine:6.1f}")


if __name__ == "__main__":
    main()
