"""The graph as GraphML and GEXF, for Gephi, Cytoscape, igraph and whatever reads them: flat values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from paperkg.export.layout import COLOURS, positions
from paperkg.graph import EVIDENCE, PREDICATES, Evidence, KnowledgeGraph
from paperkg.namespaces import concept_local, paper_local

if TYPE_CHECKING:
    import networkx as nx

#: What XML 1.0 has no way to write, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Role of the entity in the paper, by the predicate of the edge.
_ROLES: Mapping[str, str] = {predicate: role for role, predicate in PREDICATES.items()}


def write_graphml(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write nodes with place, size and colour, and edges with predicate, role and papers.

    Nodes go by the local part of their IRIs, in which any id is safe; names lose what XML forbids.
    """
    import networkx as nx

    # Not write_graphml: that one takes lxml where it is installed, and then writes other bytes.
    nx.write_graphml_xml(_flat(graph), stream, encoding="utf-8")


def write_gexf(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write the same as GEXF 1.2, where place, size and colour are what Gephi shows without being told."""
    from networkx.readwrite.gexf import GEXFWriter

    flat = _flat(graph)
    for _, data in flat.nodes(data=True):
        colour = data.pop("color").lstrip("#")
        red, green, blue = (int(colour[i : i + 2], 16) for i in (0, 2, 4))
        data["viz"] = {
            # Upwards in Gephi is downwards in GraphML and on a screen.
            "position": {"x": data.pop("x"), "y": -data.pop("y"), "z": 0.0},
            "size": data.pop("size"),
            "color": {"r": red, "g": green, "b": blue, "a": 1.0},
        }
    writer = GEXFWriter(encoding="utf-8", prettyprint=True, version="1.2draft")
    writer.add_graph(flat)
    for meta in writer.xml.iter("meta"):
        # The day of the export: the same graph must give the same bytes tomorrow.
        del meta.attrib["lastmodifieddate"]
    writer.write(stream)


def _flat(graph: KnowledgeGraph) -> nx.MultiDiGraph[str]:
    """Make the graph that is written, of flat values only."""
    import networkx as nx

    flat: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    places = positions(graph)
    local = {node: _local(node) for node in graph.network}
    for node in graph.network:
        flat.add_node(local[node], **_node(graph, node, places[node]))
    for head, tail, predicate, data in graph.network.edges(keys=True, data=True):
        evidence: tuple[Evidence, ...] = data[EVIDENCE]
        papers = {one.paper for one in evidence}
        if head.startswith("paper/"):
            papers.add(head.removeprefix("paper/"))
        # The key becomes the id of the edge, which must be the only one of its kind in the file.
        flat.add_edge(
            local[head],
            local[tail],
            key=f"{local[head]} {predicate} {local[tail]}",
            label=predicate,
            role=_ROLES.get(predicate, "") if head.startswith("paper/") else "",
            weight=max(len(papers), 1),
            papers=clean("; ".join(sorted(papers))),
        )
    return flat


def clean(text: str) -> str:
    """Take out what XML forbids, and bring white space to single spaces.

    >>> clean("a\\x00b\\ud800 <c>\\n d")
    'ab <c> d'
    """
    return " ".join(_NO_XML.sub("", text).split())


def _local(node: str) -> str:
    if node.startswith("paper/"):
        return paper_local(node.removeprefix("paper/"))
    return concept_local(node)


def _node(graph: KnowledgeGraph, node: str, place: tuple[float, float, float]) -> dict[str, Any]:
    x, y, size = place
    if node in graph.concepts:
        concept = graph.concepts[node]
        label, kind, aliases = concept.name, concept.type, "; ".join(concept.aliases)
        papers = len({paper for paper, _ in graph.papers_of[node]})
    else:
        label, kind, aliases, papers = graph.papers[node.removeprefix("paper/")].title, "Paper", "", 0
    return {
        "label": clean(label),
        "type": kind,
        "aliases": clean(aliases),
        "papers": papers,
        "size": size,
        "color": COLOURS[kind][0],
        "x": x,
        "y": y,
    }
