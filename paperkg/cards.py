"""Everything the graph knows about one concept, gathered for reading."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from paperkg.describe import claim_text, first_mention, name_of
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import ROLES, Concept
from paperkg.names import fold
from paperkg.passages import sentence_at

#: Facts of a concept that a card shows, in this order: field, name, unit.
FACTS: tuple[tuple[str, str, str], ...] = (
    ("vendor", "vendor", ""),
    ("kind", "kind", ""),
    ("architecture", "architecture", ""),
    ("memory_gb", "memory", " GB"),
    ("year", "year", ""),
)

_RELATED = ("basedOn", "partOf", "outperforms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A paper that speaks of the concept, what it does with it, and the first sentence that does."""

    role: str
    paper: str
    title: str
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A claim in words, the paper that states it, and the sentence."""

    text: str
    paper: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What another concept is to this one; ``outgoing`` if this one is the head."""

    predicate: str
    outgoing: bool
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A concept with its family, facts, papers, results and neighbours.

    ``papers`` and ``claims`` may be some of all; how many there are say ``paper_count`` and ``claim_count``.
    """

    id: str
    name: str
    type: str
    aliases: tuple[str, ...]
    facts: dict[str, str]
    variant_of: str
    broader: str
    variants: tuple[str, ...]
    paper_count: int
    papers: tuple[Source, ...]
    claim_count: int
    claims: tuple[Result, ...]
    related: tuple[Link, ...]
    compared_with: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCard:
    """A paper: where it was listed, its abstract, its entities by role, its results."""

    id: str
    title: str
    abstract: str
    listings: tuple[str, ...]
    entities: dict[str, tuple[str, ...]]
    claims: tuple[str, ...]


def make_paper_card(graph: KnowledgeGraph, paper: str) -> PaperCard:
    """Gather what a paper says."""
    extraction = graph.extractions[paper]
    by_role = {role: sorted(e.name for e in extraction.entities if e.role == role) for role in ROLES}
    listings = (
        " ".join(filter(None, (p.file, p.date, f"no. {p.position}"))) for p in extraction.paper.listings
    )
    return PaperCard(
        id=paper,
        title=extraction.paper.title,
        abstract=extraction.paper.abstract,
        listings=tuple(listings),
        entities={role: tuple(names) for role, names in by_role.items() if names},
        claims=tuple(claim_text(graph, claim) for claim in graph.claims_of_paper(paper)),
    )


def make_card(graph: KnowledgeGraph, concept: Concept, *, first: int = 0, limit: int | None = None) -> Card:
    """Gather what is known about a concept; of papers and claims, ``limit`` from the ``first`` on."""
    part = slice(first, None if limit is None else first + limit)
    titles = graph.papers
    papers = sorted(
        graph.papers_of[concept.id], key=lambda one: (ROLES.index(one[1]), titles[one[0]].title, one[0])
    )
    claims = graph.claims_of(concept.id)
    return Card(
        id=concept.id,
        name=concept.name,
        type=concept.type,
        aliases=concept.aliases,
        facts={name: f"{value}{unit}" for field, name, unit in FACTS if (value := getattr(concept, field))},
        variant_of=name_of(graph, concept.variant_of),
        broader=name_of(graph, concept.broader),
        variants=tuple(sorted(c.name for c in graph.variants_of(concept.id))),
        paper_count=len(papers),
        papers=tuple(_source(graph, concept, *one) for one in papers[part]),
        claim_count=len(claims),
        claims=tuple(_result(graph, claim) for claim in claims[part]),
        related=tuple(sorted(_related(graph, concept), key=lambda r: (r.predicate, not r.outgoing, r.name))),
        compared_with=tuple(sorted(_compared(graph, concept))),
    )


def near_names(graph: KnowledgeGraph, name: str, *, limit: int = 5) -> list[str]:
    """Suggest names of concepts that look like one that was not found."""
    spellings: dict[str, str] = {}
    for concept in graph.mentioned():
        for spelling in (concept.name, *concept.aliases):
            spellings.setdefault(fold(spelling), concept.name)
    wanted = fold(name)
    close = difflib.get_close_matches(wanted, sorted(spellings), n=limit, cutoff=0.7)
    within = [
        key for key in sorted(spellings, key=lambda k: (len(k), k)) if len(wanted) > 2 and wanted in key
    ]
    return list(dict.fromkeys(spellings[key] for key in (*close, *within)))[:limit]


def _source(graph: KnowledgeGraph, concept: Concept, paper: str, role: str) -> Source:
    text, first = graph.papers[paper].text, first_mention(graph, concept.id, paper)
    sentence = sentence_at(text, first.start, first.end) if first else ""
    return Source(role=role, paper=paper, title=graph.papers[paper].title, sentence=sentence)


def _result(graph: KnowledgeGraph, linked: LinkedClaim) -> Result:
    text = graph.papers[linked.paper].text
    sentence = sentence_at(text, linked.claim.start, linked.claim.end)
    return Result(text=claim_text(graph, linked), paper=linked.paper, sentence=sentence)


def _related(graph: KnowledgeGraph, concept: Concept) -> Iterator[Link]:
    for head, tail, key in graph.network.out_edges(concept.id, keys=True):
        if key in _RELATED and head != tail:
            yield Link(predicate=key, outgoing=True, id=tail, name=name_of(graph, tail))
    for head, tail, key in graph.network.in_edges(concept.id, keys=True):
        if key in _RELATED and head != tail:
            yield Link(predicate=key, outgoing=False, id=head, name=name_of(graph, head))


def _compared(graph: KnowledgeGraph, concept: Concept) -> set[str]:
    """Give what papers set against the concept: their baselines, or their contributions if it is one."""
    others: set[str] = set()
    opposite = {"introduced": "compared", "compared": "introduced"}
    for paper, role in graph.papers_of[concept.id]:
        entities = graph.extractions[paper].entities
        others |= {e.id for e in entities if e.role == opposite.get(role) and e.id != concept.id}
    return {name_of(graph, other) for other in others}
