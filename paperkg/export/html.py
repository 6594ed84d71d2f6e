"""One page to explore a graph: a single file that opens from disk and asks for nothing from anywhere.

pyvis holds the network and brings vis-network along; the page around it is ours, because pyvis's own
template loads from other hosts in all its modes. Texts of papers are hostile: they go in as JSON in
which nothing can end the script, the page's code sets them as text only, and its policy allows no
code but that which stands here, known by its hashes.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, BinaryIO

from paperkg.errors import ExportError
from paperkg.export.layout import COLOURS, Layout, arrange, node_sizes
from paperkg.export.overview import (
    MOST_NODES,
    Overview,
    choose,
    claim_rows,
    edge_rows,
    entity_rows,
    first_detail,
    paper_rows,
)
from paperkg.export.topics import find_topics
from paperkg.graph import PREDICATES, KnowledgeGraph
from paperkg.model import ENTITY_TYPES, ROLES

if TYPE_CHECKING:
    from pyvis.network import Network

#: Where pyvis keeps vis-network. Its style sheet is for buttons and editors that the page has not.
_VIS = "templates/lib/vis-9.1.2/vis-network.min.js"

#: Shapes of nodes beside their colours, for those who see few colours.
_SHAPES: dict[str, str] = {
    "System": "dot",
    "Model": "diamond",
    "Hardware": "square",
    "Technique": "triangle",
    "Dataset": "hexagon",
    "Paper": "dot",
}

#: With more nodes the page shows papers only where it is asked to.
_MANY_NODES = 300

#: Options of vis-network; all places are computed before, so nothing may move by itself.
_OPTIONS: dict[str, Any] = {
    "autoResize": True,
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "nodes": {"labelHighlightBold": False},
    "edges": {"smooth": False, "selectionWidth": 1, "hoverWidth": 0.5},
    "interaction": {
        "hover": True,
        "dragNodes": False,
        "hideEdgesOnZoom": False,
        "keyboard": {"enabled": True, "bindToWindow": False},
        "multiselect": False,
        "selectConnectedEdges": True,
        "tooltipDelay": 100_000,
    },
}


def write_html(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write the page. The same graph gives the same bytes."""
    stream.write(make_page(graph).encode())


def make_page(graph: KnowledgeGraph, *, most: int = MOST_NODES) -> str:
    """Make the page; of more than ``most`` nodes it shows the most connected ones, and says so."""
    overview = choose(graph, most=most)
    style, script = _asset("theme.css") + _asset("graph.css"), _script()
    vis = vis_network()
    papers = f"{len(graph.papers):,} {'paper' if len(graph.papers) == 1 else 'papers'}"
    title = f"A map of {papers}"
    policy = (
        f"default-src 'none'; script-src {_hash(vis)} {_hash(script)}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return _fill(
        _asset("graph.html"),
        policy=html.escape(policy, quote=False),
        version=html.escape(graph.run.version),
        title=html.escape(f"{title} \u2013 paperkg"),
        heading=html.escape(title),
        example=html.escape(_example(overview)),
        style=style,
        data=to_script_json(_data(overview, title=f"{title} \u2013 paperkg")),
        vis=vis,
        script=script,
    )


def to_script_json(value: Any) -> str:
    """Write JSON that can stand in a script element: no character in it means anything to HTML.

    >>> to_script_json("</script>&\u2028")
    '"\\\\u003c/script\\\\u003e\\\\u0026\\\\u2028"'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(overview: Overview, *, title: str) -> dict[str, Any]:
    edges = list(edge_rows(overview))
    layout = _layout(overview, edges)
    network = _network(overview, layout, edges)
    nodes, links, _, _, _, options = network.get_network_data()
    return {
        "title": title,
        "about": _about(overview),
        "leftOut": _left_out(overview),
        "roles": ROLES,
        "predicates": [PREDICATES[role] for role in ROLES],
        "kinds": list(COLOURS),
        "colours": COLOURS,
        "shapes": _SHAPES,
        "start": first_detail(overview),
        # The papers of a large graph are dust on the map: whoever wants them switches them on.
        "papersAtFirst": len(nodes) <= _MANY_NODES,
        "network": {"nodes": nodes, "edges": links, "options": json.loads(options)},
        "topics": _topics(overview, layout),
        "entities": list(entity_rows(overview)),
        "papers": list(paper_rows(overview)),
        "claims": list(claim_rows(overview)),
    }


def _topics(overview: Overview, layout: Layout) -> list[dict[str, Any]]:
    number = overview.number
    return [
        {
            "id": topic.id,
            "x": topic.group.x,
            "y": topic.group.y,
            "radius": topic.group.radius,
            "hue": topic.hue,
            "entities": [number[key] for key in topic.entities],
            "papers": [number[key] for key in topic.group.members if key.startswith("paper/")],
        }
        for topic in find_topics(overview.graph, layout)
    ]


def _layout(overview: Overview, edges: list[tuple[int, int, str]]) -> Layout:
    keys = list(overview.number)
    return arrange(((keys[head], keys[tail]) for head, tail, _ in edges), _sizes(overview))


def _sizes(overview: Overview) -> dict[str, float]:
    papers_of = overview.graph.papers_of
    return node_sizes({key: len(papers_of.get(key, ())) for key in overview.number})


def _network(overview: Overview, layout: Layout, edges: list[tuple[int, int, str]]) -> Network:
    """Put the nodes and edges into a pyvis network; nodes are numbers, which keeps the edges short."""
    from pyvis.network import Network

    # Undirected networks compare each new edge with all others; the page draws arrows itself.
    network = Network(directed=True)
    network.set_options(json.dumps(_OPTIONS))
    labels = [(c.id, c.name, c.type) for c in overview.concepts]
    labels += [(f"paper/{e.paper.id}", e.paper.title or e.paper.id, "Paper") for e in overview.extractions]
    sizes = _sizes(overview)
    for number, (key, label, group) in enumerate(labels):
        x, y = layout.places[key]
        network.add_node(
            number,
            label=label,
            shape=_SHAPES[group],
            group=group,
            size=round(sizes[key]),
            x=round(x),
            y=round(y),
        )
    for head, tail, predicate in edges:
        network.add_edge(head, tail, **{"is": predicate})
    return network


def _about(overview: Overview) -> list[str]:
    graph = overview.graph
    listings = sum(len(paper.listings) for paper in graph.papers.values())
    entities = sum(1 for _ in graph.mentioned())
    lines = [
        f"Made by paperkg {graph.run.version} from {len(graph.papers):,} papers"
        + (f" in {listings:,} listings" if listings else "")
        + f": {entities:,} names, {graph.network.number_of_edges():,} links, {len(graph.claims):,} measured "
        f"results. A program found all of it in titles and abstracts, and some of it is wrong: the "
        f"marked sentences show what it rests on.",
    ]
    lines.append(f"Run {graph.run.id}. Drawn by vis-network (MIT or Apache 2.0).")
    return lines


def _left_out(overview: Overview) -> str:
    names, papers = overview.left_out
    if not names and not papers:
        return ""
    return (
        f"This page shows the most connected part of a larger graph: {names:,} names and {papers:,} "
        "papers are left out."
    )


def _example(overview: Overview) -> str:
    """Give a name to search for: the system with most papers that is short and plain."""
    plain = [c for c in overview.concepts if c.type == "System" and re.fullmatch(r"[\w .+-]{2,20}", c.name)]
    best = min(plain, key=lambda c: (-len(overview.graph.papers_of[c.id]), c.id), default=None)
    return best.name if best else ENTITY_TYPES[0]


def _fill(template: str, **values: str) -> str:
    """Replace each ``{{name}}`` once; what goes in is never looked at again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], template)


def _asset(name: str) -> str:
    return (files("paperkg.export") / "templates" / name).read_text("utf-8")


def _script() -> str:
    # One function around all of it: the page gives away no name but the one that it means to.
    parts = (_asset(f"{name}.js") for name in ("data", "panel", "map", "graph"))
    return '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"


def vis_network() -> str:
    """Give the source of vis-network out of pyvis, without the reference to a file that is not there.

    Raises ``ExportError`` where pyvis is another one.
    """
    try:
        source = (files("pyvis") / _VIS).read_text("utf-8")
    except OSError as error:
        raise ExportError("pyvis lacks vis-network 9.1.2; install pyvis 0.3.2") from error
    if "</script" in source or "<!--" in source:
        raise ExportError("the vis-network of this pyvis cannot stand in a page; install pyvis 0.3.2")
    return re.sub(r"^//# sourceMappingURL=.*$", "", source, flags=re.MULTILINE)


def _hash(source: str) -> str:
    """Give the hash by which a content policy knows an inline script or style."""
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    return f"'sha256-{digest}'"
