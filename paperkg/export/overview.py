"""What a page shows of a graph: which nodes, and the tables behind them, as small as JSON can be.

Nodes are numbers here: first the entities, sorted by id, then the papers. Offsets count the units of
UTF-16, because that is how the texts of a browser are counted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paperkg.describe import amount_text
from paperkg.graph import PREDICATES, KnowledgeGraph, LinkedClaim
from paperkg.model import ROLES, Concept, Extraction
from paperkg.passages import sentence_bounds

#: More nodes than this make a page slow and tell its reader nothing.
MOST_NODES = 3000

#: Facts of an entity, and what they are called on a page.
_FACTS: dict[str, str] = {
    "vendor": "Made by",
    "kind": "Class",
    "architecture": "Architecture",
    "memory_gb": "Memory (GB)",
    "year": "Year",
}


@dataclass(frozen=True)
class Overview:
    """The entities and papers that a page shows, and the whole graph that they come from."""

    graph: KnowledgeGraph
    concepts: tuple[Concept, ...]
    extractions: tuple[Extraction, ...]

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each node by the id that it has in the graph."""
        keys = [c.id for c in self.concepts] + [f"paper/{e.paper.id}" for e in self.extractions]
        return {key: number for number, key in enumerate(keys)}

    @property
    def left_out(self) -> tuple[int, int]:
        """How many entities and papers the page does not show."""
        entities = sum(1 for _ in self.graph.mentioned())
        return entities - len(self.concepts), len(self.graph.papers) - len(self.extractions)


def choose(graph: KnowledgeGraph, *, most: int = MOST_NODES) -> Overview:
    """Choose what to show: everything, or of a large graph what is most connected.

    Half of the nodes are the entities with most papers, the rest the papers that speak of most of these.
    """
    concepts = sorted(graph.mentioned(), key=lambda c: (-len(graph.papers_of[c.id]), c.id))
    extractions = list(graph.extractions.values())
    if len(concepts) + len(extractions) > most:
        concepts = concepts[: max(most // 2, most - len(extractions))]
        kept = {c.id for c in concepts}
        richness = {x.paper.id: len({e.id for e in x.entities} & kept) for x in extractions}
        extractions.sort(key=lambda x: (-richness[x.paper.id], x.paper.id))
        extractions = extractions[: most - len(concepts)]
        named = {e.id for x in extractions for e in x.entities}
        concepts = [c for c in concepts if c.id in named]
    return Overview(
        graph,
        tuple(sorted(concepts, key=lambda c: c.id)),
        tuple(sorted(extractions, key=lambda x: x.paper.id)),
    )


def first_detail(overview: Overview, *, most: int = 320) -> int:
    """Give the least number of shown papers that an entity needs so that no more than ``most`` are shown.

    Where hardly any would be left then, more are shown.
    """
    papers_of = Counter(key for one in overview.extractions for key in {e.id for e in one.entities})
    counts = Counter(papers_of[c.id] for c in overview.concepts)
    left = len(overview.concepts)
    least = 1
    for papers in sorted(counts):
        if left < min(most / 8, len(overview.concepts)):
            break
        least = papers
        if left <= most:
            break
        left -= counts[papers]
    return least


def edge_rows(overview: Overview) -> Iterator[tuple[int, int, str]]:
    """Yield the edges between shown nodes: numbers of head and tail, predicate."""
    number = overview.number
    for extraction in overview.extractions:
        paper = number[f"paper/{extraction.paper.id}"]
        for entity, role in sorted(_roles(extraction).items()):
            if entity in number:
                yield paper, number[entity], PREDICATES[ROLES[role]]
    for head, tail, predicate in overview.graph.network.edges(keys=True):
        if head in number and tail in number and not head.startswith("paper/"):
            yield number[head], number[tail], predicate


def entity_rows(overview: Overview) -> Iterator[dict[str, Any]]:
    """Yield what is known about each entity beside its name and type."""
    graph = overview.graph
    for concept in overview.concepts:
        facts = {label: getattr(concept, key) for key, label in _FACTS.items() if getattr(concept, key)}
        for label, other in (("Kind of", concept.broader), ("Variant of", concept.variant_of)):
            # Where the other one has a node, an edge says so.
            if other in graph.concepts and other not in overview.number:
                facts[label] = graph.concepts[other].name
        sources = [source for source in concept.source.split() if ":" not in source]
        if facts and sources:
            facts["Facts from"] = ", ".join(sources)
        yield {
            "id": concept.id,
            "aliases": list(concept.aliases),
            "facts": facts,
            "papers": len({paper for paper, _ in graph.papers_of[concept.id]}),
        }


def paper_rows(overview: Overview) -> Iterator[dict[str, Any]]:
    """Yield each paper with its text, its mentions and the role and best sentence of each entity."""
    number = overview.number
    for extraction in overview.extractions:
        paper = extraction.paper
        units = offset_counter(paper.text)
        ids = {entity.name: entity.id for entity in extraction.entities}
        mentions = [
            [units(m.start), units(m.end), number[ids[m.entity]]]
            for m in sorted(extraction.mentions)
            if ids[m.entity] in number
        ]
        yield {
            "id": paper.id,
            "abstract": paper.abstract,
            "issued": paper.issued,
            "creators": list(paper.creators),
            "listings": [[one.file, one.date, one.position] for one in paper.listings],
            "mentions": mentions,
            "entities": [
                [number[entity], role, *_sentence(extraction, entity, units)]
                for entity, role in sorted(_roles(extraction).items())
                if entity in number
            ],
        }


def claim_rows(overview: Overview) -> Iterator[dict[str, Any]]:
    """Yield the claims of the papers that are shown."""
    number = overview.number
    for linked in overview.graph.claims:
        paper = number.get(f"paper/{linked.paper}")
        if paper is not None:
            yield _claim(linked, paper, number)


def offset_counter(text: str) -> Callable[[int], int]:
    """Give a function from offsets in code points to offsets in units of UTF-16.

    >>> offset_counter("a\\U0001f600b")(2)
    3
    """
    wide = [place for place, letter in enumerate(text) if letter > "\uffff"]
    return lambda offset: offset + bisect_left(wide, offset)


def _claim(linked: LinkedClaim, paper: int, number: dict[str, int]) -> dict[str, Any]:
    claim = linked.claim
    return {
        "paper": paper,
        "subject": number.get(linked.subject, -1),
        "called": claim.subject,
        "baselines": [number[one] for one in linked.baselines if one in number],
        "metric": claim.metric,
        "amount": amount_text(claim),
    }


def _roles(extraction: Extraction) -> dict[str, int]:
    """Give each entity's role as its place in ``ROLES``; of two roles the first one wins."""
    found: dict[str, int] = {}
    for entity in extraction.entities:
        role = ROLES.index(entity.role)
        found[entity.id] = min(role, found.get(entity.id, role))
    return found


def _sentence(extraction: Extraction, entity: str, units: Callable[[int], int]) -> tuple[int, int]:
    """Give the bounds of the first sentence that names an entity; the abstract says more than the title."""
    names = {e.name for e in extraction.entities if e.id == entity}
    found = [m for m in extraction.mentions if m.entity in names]
    inside = [m for m in found if m.start > len(extraction.paper.title)]
    first = min(inside or found, default=None)
    if first is None:
        return 0, 0
    left, right = sentence_bounds(extraction.paper.text, first.start, first.end)
    return units(left), units(right)
