"""How two things are connected: the shortest ways through the graph, with the evidence of each step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, pairwise

import networkx as nx

from paperkg.graph import EVIDENCE, Evidence, KnowledgeGraph
from paperkg.passages import sentence_at

#: Where several edges join two nodes, the one that says most is shown.
_TELLING: tuple[str, ...] = (
    "outperforms",
    "basedOn",
    "partOf",
    "introduces",
    "comparesWith",
    "evaluatedOn",
    "uses",
    "variantOf",
    "broader",
    "mentions",
)

#: Ways of the same length that are compared before the most telling ones are given.
_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One edge of a way, in its own direction, and the sentence that says so ("" if none does)."""

    head: str
    predicate: str
    tail: str
    #: The nodes of the network: ids of entities, ``paper/`` and the id of a paper.
    head_id: str
    tail_id: str
    paper: str = ""
    title: str = ""
    sentence: str = ""
    #: Whether the way goes from tail to head here.
    backwards: bool = False


def find_paths(
    graph: KnowledgeGraph, starts: Iterable[str], ends: Iterable[str], *, limit: int = 3
) -> list[tuple[Step, ...]]:
    """Find the shortest ways between two sets of nodes, whatever the direction of the edges.

    Several nodes a side are for names that more than one thing has. Of ways of equal length those
    come first that lead through rare things: that two systems both use GPUs says little.
    """
    plain = graph.connections
    found: list[tuple[str, ...]] = []
    goals = sorted(set(ends))
    for start in sorted(set(starts)):
        for goal in goals:
            if start != goal and nx.has_path(plain, start, goal):
                found += [tuple(p) for p in islice(nx.all_shortest_paths(plain, start, goal), _MOST)]
    shortest = min(map(len, found), default=0)
    ways = [way for way in found if len(way) == shortest]
    ways.sort(key=lambda way: (sum(plain.degree(node) for node in way[1:-1]), way))
    return [tuple(_step(graph, a, b) for a, b in pairwise(way)) for way in ways[:limit]]


def node_label(graph: KnowledgeGraph, node: str) -> str:
    """Give the name of a concept or the title of a paper."""
    if node in graph.concepts:
        return graph.concepts[node].name
    return graph.papers[node.removeprefix("paper/")].title


def _step(graph: KnowledgeGraph, one: str, other: str) -> Step:
    edges = [
        (_TELLING.index(str(key)), backwards, head, str(key), tail)
        for backwards, head, tail in ((False, one, other), (True, other, one))
        for key in graph.network.get_edge_data(head, tail, default={})
    ]
    _, backwards, head, key, tail = min(edges)
    evidence: tuple[Evidence, ...] = graph.network.edges[head, tail, key][EVIDENCE]
    proof = min(evidence, key=lambda e: (-e.confidence, e), default=None)
    paper = proof.paper if proof else head.removeprefix("paper/") if head.startswith("paper/") else ""
    text = graph.papers[paper].text if paper else ""
    return Step(
        head=node_label(graph, head),
        predicate=key,
        tail=node_label(graph, tail),
        head_id=head,
        tail_id=tail,
        paper=paper,
        title=graph.papers[paper].title if paper else "",
        sentence=sentence_at(text, proof.start, proof.end) if proof else "",
        backwards=backwards,
    )
