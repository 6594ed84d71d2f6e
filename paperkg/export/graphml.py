"""The graph as GraphML, for Gephi, Cytoscape, igraph and whatever reads it: flat values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from paperkg.export.layout import COLOURS, positions
from paperkg.graph import EVIDENCE, PREDICATES, Evidence, KnowledgeGraph
from paperkg.namespaces import concept_local, paper_local

#: What XML 1.0 has no way to write, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Role of the entity in the paper, by the predicate of the edge.
_ROLES: Mapping[str, str] = {predicate: role for role, predicate in PREDICATES.items()}


def write_graphml(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write nodes with place, size and colour, and edges with predicate, role and papers.

    Nodes go by the local part of their IRIs, in which any id is safe; names lose what XML forbids.
    """
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
    # Not write_graphml: that one takes lxml where it is installed, and then writes other bytes.
    nx.write_graphml_xml(flat, stream, encoding="utf-8")


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
