"""What entities have to do with each other, over all papers: the edges where papers are no nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paperkg.graph import EVIDENCE, Evidence, KnowledgeGraph, LinkedClaim

#: What a paper's own contribution has to do with another entity, by the role of the other.
_CONTRIBUTION: Mapping[str, str] = {
    "compared": "comparedWith",
    "evaluated_on": "evaluatedOn",
    "used": "uses",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Statement:
    """One entity has something to do with another one, and where papers say so.

    ``papers`` is empty for what the vocabulary knows: variants and kinds.
    """

    head: str
    predicate: str
    tail: str
    papers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Pair:
    """Two entities and everything that is said of both, for tools that know one edge between two nodes."""

    one: str
    other: str
    statements: tuple[Statement, ...]
    claims: tuple[LinkedClaim, ...]

    @property
    def papers(self) -> tuple[str, ...]:
        """The papers that connect the two, sorted."""
        return tuple(sorted({paper for one in self.statements for paper in one.papers}))

    @property
    def weight(self) -> float:
        """How many papers connect the two; 1 for what only the vocabulary knows."""
        return float(max(len(self.papers), 1))


def statements(graph: KnowledgeGraph) -> list[Statement]:
    """Give what entities have to do with each other: relations, and what papers do with what they introduce.

    A paper that introduces A, compares with B and evaluates on C says that A is compared with B and
    evaluated on C. Only entities that some paper speaks of; sorted.
    """
    found: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for head, tail, predicate, data in graph.network.edges(keys=True, data=True):
        if not head.startswith("paper/") and graph.papers_of[head] and graph.papers_of[tail]:
            found[head, predicate, tail].extend(data[EVIDENCE])
    papers: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for paper, extraction in graph.extractions.items():
        own = {e.id for e in extraction.entities if e.role == "introduced"}
        for entity in extraction.entities:
            predicate = _CONTRIBUTION.get(entity.role, "")
            for head in own - {entity.id} if predicate else ():
                # A benchmark is not compared with the models that it tests.
                if predicate != "comparedWith" or _like(graph, head, entity.id):
                    papers[head, predicate, entity.id].add(paper)
    for key in papers:
        found[key].extend(proof for paper in sorted(papers[key]) for proof in _proofs(graph, paper, key[2]))
    return [
        Statement(
            head=key[0],
            predicate=key[1],
            tail=key[2],
            papers=tuple(sorted({proof.paper for proof in evidence} | papers.get(key, set()))),
            evidence=tuple(sorted(evidence)),
        )
        for key, evidence in sorted(found.items())
        if key[0] != key[2]
    ]


def pairs(graph: KnowledgeGraph, said: Iterable[Statement]) -> list[Pair]:
    """Gather statements and claims by the two entities that they connect, whatever their direction."""
    by_pair: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for one in said:
        by_pair[_ordered(one.head, one.tail)].append(one)
    claims: dict[tuple[str, str], list[LinkedClaim]] = defaultdict(list)
    for linked in graph.claims:
        for baseline in dict.fromkeys(linked.baselines):
            if linked.subject and baseline != linked.subject:
                claims[_ordered(linked.subject, baseline)].append(linked)
    return [
        Pair(
            one=key[0],
            other=key[1],
            statements=tuple(
                # A claim connects the two even where its paper introduces neither of them.
                by_pair.get(key)
                or [
                    Statement(
                        head=c.subject,
                        predicate="comparedWith",
                        tail=key[c.subject == key[0]],
                        papers=(c.paper,),
                    )
                    for c in claims[key]
                ]
            ),
            claims=tuple(claims.get(key, ())),
        )
        for key in sorted(by_pair.keys() | claims.keys())
    ]


def _proofs(graph: KnowledgeGraph, paper: str, concept: str) -> tuple[Evidence, ...]:
    """Give where a paper speaks of a concept: that is its evidence for the role."""
    edges = graph.network.get_edge_data(f"paper/{paper}", concept) or {}
    return tuple(proof for data in edges.values() for proof in data[EVIDENCE])


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _like(graph: KnowledgeGraph, one: str, other: str) -> bool:
    """Say whether two things can be set against each other: data with data, chips with chips."""
    kinds = {graph.concepts[key].type for key in (one, other)}
    return len(kinds) == 1 or not kinds & {"Dataset", "Hardware"}
