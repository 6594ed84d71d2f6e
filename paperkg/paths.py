"""How two things are connected: the shortest ways through the graph, with the evidence of each step."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from paperkg.graph import EVIDENCE, Evidence, KnowledgeGraph
from paperkg.passages import sentence_at

if TYPE_CHECKING:
    import networkx as nx

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

#: A way through the graph, behind how many edges the things on it have: few are telling.
_Way = tuple[int, tuple[str, ...]]


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
    pairs = {(start, goal) for start in starts for goal in ends if start != goal}
    found = [way for pair in sorted(pairs) for way in _ways(plain, *pair, limit)]
    best = heapq.nsmallest(limit, found, key=lambda way: (len(way[1]), way))
    length = len(best[0][1]) if best else 0
    return [tuple(_step(graph, a, b) for a, b in pairwise(way)) for _, way in best if len(way) == length]


def _ways(plain: nx.Graph[str], start: str, goal: str, limit: int) -> list[_Way]:
    """Give the best of the shortest ways between two nodes.

    Both ends are searched level by level, always the one with less to search, until they meet: hubs have
    thousands of neighbours, and most of a large graph is far from both.
    """
    distances: list[dict[str, int]] = [{start: 0}, {goal: 0}]
    edges = [[start], [goal]]
    meeting: list[str] = []
    while not meeting:
        side = min((0, 1), key=lambda i: sum(plain.degree(node) for node in edges[i]))
        own, other = distances[side], distances[1 - side]
        depth = own[edges[side][0]] + 1
        reached = {near for node in edges[side] for near in plain.adj[node] if near not in own}
        if not reached:
            return []
        own.update(dict.fromkeys(reached, depth))
        edges[side] = list(reached)
        meeting = [node for node in reached if node in other]
    found: list[_Way] = []
    there: dict[str, list[_Way]] = {}
    back: dict[str, list[_Way]] = {}
    for node in meeting:
        # The node where they meet is counted from both sides; an end from the other side alone.
        weight = plain.degree(node)
        found += [
            (a + b - weight, way + rest[-2::-1])
            for a, way in _from(plain, node, distances[0], there, limit)
            for b, rest in _from(plain, node, distances[1], back, limit)
        ]
    return heapq.nsmallest(limit, found)


def _from(
    plain: nx.Graph[str], node: str, distance: dict[str, int], known: dict[str, list[_Way]], limit: int
) -> list[_Way]:
    """Give the best of the shortest ways to a node from where distances begin, each with its weight."""
    if distance[node] == 0:
        return [(0, (node,))]
    if node not in known:
        before = [near for near in plain.adj[node] if distance.get(near) == distance[node] - 1]
        ways = (
            (weight + plain.degree(node), (*way, node))
            for near in before
            for weight, way in _from(plain, near, distance, known, limit)
        )
        known[node] = heapq.nsmallest(limit, ways)
    return known[node]


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
