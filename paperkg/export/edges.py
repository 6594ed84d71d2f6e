"""Edges with their evidence as plain values, for tools that keep direction, type and properties."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paperkg.describe import claim_text, readable
from paperkg.graph import EVIDENCE, Evidence, KnowledgeGraph
from paperkg.model import Concept
from paperkg.passages import sentence_at
from paperkg.statements import statements

#: Sentences that an edge carries; offsets of all the others are kept.
_MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One predicate between two nodes (ids), the papers that say so, where, and with what results."""

    head: str
    predicate: str
    tail: str
    papers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    sentences: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """How sure the surest evidence is; 1 where there is none to doubt."""
        sure = [proof.confidence for proof in self.evidence if 0 <= proof.confidence <= 1]
        return round(max(sure, default=1.0), 4)


def role_edges(graph: KnowledgeGraph) -> Iterator[Edge]:
    """Yield what papers do with concepts, sorted."""
    for head, tail, predicate, data in sorted(graph.network.edges(keys=True, data=True), key=lambda e: e[:3]):
        if head.startswith("paper/"):
            yield _edge(graph, head, predicate, tail, data[EVIDENCE], (head.removeprefix("paper/"),))


def concept_edges(graph: KnowledgeGraph, *, contributions: bool = False) -> Iterator[Edge]:
    """Yield what concepts have to do with each other, sorted.

    With ``contributions`` also what papers do with what they introduce (compared with, evaluated on, uses).
    """
    found: dict[tuple[str, str, str], tuple[tuple[str, ...], tuple[Evidence, ...]]] = {}
    for head, tail, predicate, data in graph.network.edges(keys=True, data=True):
        if not head.startswith("paper/"):
            evidence: tuple[Evidence, ...] = data[EVIDENCE]
            papers = tuple(sorted({proof.paper for proof in evidence}))
            found[head, predicate, tail] = papers, evidence
    if contributions:
        for one in statements(graph):
            found.setdefault((one.head, one.predicate, one.tail), (one.papers, one.evidence))
    claims: dict[tuple[str, str], list[str]] = defaultdict(list)
    for linked in graph.claims:
        for baseline in linked.outperformed:
            text = f"{claim_text(graph, linked)} [{linked.paper}]"
            claims[linked.subject, baseline].append(readable(text))
    for (head, predicate, tail), (said, proofs) in sorted(found.items()):
        results = tuple(dict.fromkeys(claims[head, tail])) if predicate == "outperforms" else ()
        yield _edge(graph, head, predicate, tail, proofs, said, results)


def concept_properties(graph: KnowledgeGraph, concept: Concept) -> dict[str, Any]:
    """Give the facts of a concept as flat values; what is not known is left out."""
    counted = {paper for paper, _ in graph.papers_of[concept.id]}
    facts = {
        name: readable(getattr(concept, name))
        for name in ("vendor", "kind", "architecture", "memory_gb", "year")
    }
    return {
        "key": concept.id,
        "label": readable(concept.name),
        "aliases": [readable(alias) for alias in concept.aliases],
        "papers": len(counted),
        **{name: value for name, value in facts.items() if value},
    }


def edge_properties(edge: Edge) -> dict[str, Any]:
    """Give papers, sentences, results and confidence of an edge as flat values."""
    return {
        "papers": [readable(paper) for paper in edge.papers],
        "sentences": list(edge.sentences),
        "claims": list(edge.claims),
        "confidence": edge.confidence,
    }


def upper_snake(predicate: str) -> str:
    """Write a predicate as property graphs do.

    >>> upper_snake("comparesWith")
    'COMPARES_WITH'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", predicate).upper()


def _edge(
    graph: KnowledgeGraph,
    head: str,
    predicate: str,
    tail: str,
    evidence: tuple[Evidence, ...],
    papers: tuple[str, ...],
    claims: tuple[str, ...] = (),
) -> Edge:
    texts = (sentence_at(graph.papers[p.paper].text, p.start, p.end) for p in evidence[:40])
    sentences = tuple(dict.fromkeys(readable(text) for text in texts if text))[:_MOST_SENTENCES]
    return Edge(
        head=head,
        predicate=predicate,
        tail=tail,
        papers=papers,
        evidence=evidence,
        sentences=sentences,
        claims=claims,
    )
