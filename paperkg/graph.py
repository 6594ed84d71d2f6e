"""KnowledgeGraph: papers, concepts, what papers do with concepts, and the evidence for each edge.

A thin, typed layer over ``networkx.MultiDiGraph``. Nodes are ids (``paper/...``, ``hardware/...``),
edge keys are predicates, and edge data hold the evidence under ``EVIDENCE``.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx

from paperkg import __version__
from paperkg.errors import GraphError, PaperkgError
from paperkg.model import (
    ENTITY_TYPES,
    LOWER_IS_BETTER,
    Claim,
    Concept,
    Extraction,
    InputFile,
    Merge,
    Paper,
    Run,
)
from paperkg.names import digest, fold
from paperkg.records import concept_from_record, from_record, merges_from_table

#: Key of the edge data that hold a tuple of ``Evidence``.
EVIDENCE = "evidence"

#: Predicate that stands for a role (paper to concept) or a relation (concept to concept).
PREDICATES: dict[str, str] = {
    "introduced": "introduces",
    "compared": "comparesWith",
    "evaluated_on": "evaluatedOn",
    "used": "uses",
    "mentioned": "mentions",
    "based_on": "basedOn",
    "part_of": "partOf",
}

#: Files of a build that hold the whole graph.
EXTRACTIONS_FILE = "extractions.jsonl"
CONCEPTS_FILE = "entities.jsonl"
MERGES_FILE = "merges.tsv"
MANIFEST_FILE = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """Where a paper says it, how sure we are, and what found it."""

    paper: str
    start: int
    end: int
    confidence: float = 1.0
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LinkedClaim:
    """A claim of a paper whose subject and baselines are ids of concepts ("" for an unnamed subject)."""

    id: str
    paper: str
    subject: str
    baselines: tuple[str, ...]
    claim: Claim

    @property
    def outperformed(self) -> tuple[str, ...]:
        """Give the baselines that the subject did better than by this measure.

        Only like is better than like: a chip than a chip, data than data; "11x faster than an SSD" says of
        a system where it runs.
        """
        better = "lower" if self.claim.metric in LOWER_IS_BETTER else "higher"
        if self.claim.metric == "other" or not self.subject or self.claim.direction != better:
            return ()
        own = _sort_of(self.subject)
        return tuple(name for name in self.baselines if name != self.subject and _sort_of(name) == own)


class KnowledgeGraph:
    """All papers and concepts, read-only; make one with ``paperkg.build`` or ``load``.

    ``papers``, ``concepts`` and ``extractions`` are dictionaries by id, in sorted order.
    """

    def __init__(
        self,
        extractions: Iterable[Extraction],
        concepts: Iterable[Concept],
        merges: Iterable[Merge] = (),
        run: Run | None = None,
    ) -> None:
        self.extractions = {e.paper.id: e for e in sorted(extractions, key=lambda e: e.paper.id)}
        self.papers: dict[str, Paper] = {key: e.paper for key, e in self.extractions.items()}
        self.concepts = {c.id: c for c in sorted(concepts)}
        self.merges = tuple(sorted(merges))
        self.run = run or Run(version=__version__)
        self.claims = tuple(_claims(self.extractions.values()))
        self._claims_of_paper: dict[str, list[LinkedClaim]] = defaultdict(list)
        for claim in self.claims:
            self._claims_of_paper[claim.paper].append(claim)
        lost = {e.id for x in self.extractions.values() for e in x.entities} - self.concepts.keys()
        if lost:
            raise GraphError(f"the extractions name {min(lost)!r}, which is no concept of the graph")

    @classmethod
    def load(cls, folder: Path) -> KnowledgeGraph:
        """Read the graph of a build. Raises ``GraphError`` where there is none."""
        try:
            extractions = [json.loads(line) for line in _read(folder / EXTRACTIONS_FILE).split("\n") if line]
            concepts = [json.loads(line) for line in _read(folder / CONCEPTS_FILE).split("\n") if line]
            manifest = json.loads(_read(folder / MANIFEST_FILE))
            inputs = tuple(InputFile(name=i["name"], sha256=i["sha256"]) for i in manifest["inputs"])
            return cls(
                map(from_record, extractions),
                map(concept_from_record, concepts),
                merges=merges_from_table(_read(folder / MERGES_FILE)),
                run=Run(version=manifest["version"], inputs=inputs),
            )
        except GraphError:
            raise
        except (PaperkgError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise GraphError(f"the build in {folder} is damaged: {type(error).__name__}: {error}") from error

    @cached_property
    def network(self) -> nx.MultiDiGraph[str]:
        """The graph itself: one edge a predicate between two nodes, with all its evidence."""
        network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for paper in self.papers.values():
            network.add_node(f"paper/{paper.id}", paper=paper)
        for concept in self.concepts.values():
            network.add_node(concept.id, concept=concept)
        for (head, predicate, tail), evidence in sorted(self._edges().items()):
            network.add_edge(head, tail, key=predicate, **{EVIDENCE: tuple(sorted(evidence))})
        return network

    @cached_property
    def connections(self) -> nx.Graph[str]:
        """The network without directions and predicates: what is connected with what."""
        plain: nx.Graph[str] = nx.Graph()
        # Sorted, so that the ways through it do not depend on how sets of names are hashed.
        plain.add_nodes_from(sorted(self.network))
        plain.add_edges_from(sorted((head, tail) for head, tail in self.network.edges() if head != tail))
        return plain

    def _edges(self) -> dict[tuple[str, str, str], set[Evidence]]:
        edges: dict[tuple[str, str, str], set[Evidence]] = defaultdict(set)
        for extraction in self.extractions.values():
            paper, ids = extraction.paper.id, {e.name: e.id for e in extraction.entities}
            roles = {e.name: PREDICATES[e.role] for e in extraction.entities}
            for entity in extraction.entities:
                edges[
                    f"paper/{paper}", roles[entity.name], entity.id
                ]  # an entity without mentions still counts
            for m in extraction.mentions:
                proof = Evidence(paper=paper, start=m.start, end=m.end, confidence=m.confidence, rule=m.rule)
                edges[f"paper/{paper}", roles[m.entity], ids[m.entity]].add(proof)
            for r in extraction.relations:
                head, tail = ids.get(r.head), ids.get(r.tail)
                if head and tail and head != tail:
                    proof = Evidence(paper=paper, start=r.start, end=r.end, rule=r.rule)
                    edges[head, PREDICATES[r.type], tail].add(proof)
        for claim in self.claims:
            for baseline in claim.baselines:
                if baseline in claim.outperformed:
                    proof = Evidence(
                        paper=claim.paper, start=claim.claim.start, end=claim.claim.end, rule="claim"
                    )
                    edges[claim.subject, "outperforms", baseline].add(proof)
        for concept in self.concepts.values():
            for predicate, other in (("variantOf", concept.variant_of), ("broader", concept.broader)):
                if other in self.concepts:
                    edges[concept.id, predicate, other]
        return edges

    @cached_property
    def papers_of(self) -> dict[str, list[tuple[str, str]]]:
        """For each concept, the papers that speak of it: ``(paper id, role)``, sorted."""
        found: dict[str, set[tuple[str, str]]] = {key: set() for key in self.concepts}
        for extraction in self.extractions.values():
            for entity in extraction.entities:
                found[entity.id].add((extraction.paper.id, entity.role))
        return {key: sorted(value) for key, value in found.items()}

    def claims_of(self, concept: str) -> list[LinkedClaim]:
        """Give the claims whose subject or baseline a concept is."""
        return self._claims_by_concept.get(concept, [])

    @cached_property
    def _claims_by_concept(self) -> dict[str, list[LinkedClaim]]:
        found: dict[str, list[LinkedClaim]] = defaultdict(list)
        for claim in self.claims:
            for concept in {claim.subject, *claim.baselines}:
                found[concept].append(claim)
        return dict(found)

    def variants_of(self, concept: str) -> list[Concept]:
        """Give the variants of a concept: sizes, versions, builds."""
        return self._variants.get(concept, [])

    @cached_property
    def _variants(self) -> dict[str, list[Concept]]:
        found: dict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            found[concept.variant_of].append(concept)
        return dict(found)

    def claims_of_paper(self, paper: str) -> list[LinkedClaim]:
        """Give the claims of a paper, in the order of the text."""
        return self._claims_of_paper.get(paper, [])

    def mentioned(self) -> Iterator[Concept]:
        """Yield the concepts that at least one paper speaks of (others stand in the taxonomy above them)."""
        return (self.concepts[key] for key, papers in self.papers_of.items() if papers)

    def below(self, concept: str) -> list[str]:
        """Give the ids of what stands right below a concept: its variants, and its narrower concepts."""
        return self._below.get(concept, [])

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for concept in self.concepts.values():
            for above in sorted({concept.variant_of, concept.broader} - {""}):
                found[above].append(concept.id)
        return dict(found)

    def find(self, name: str) -> list[Concept]:
        """Find concepts by id, name or alias: exact spelling first, then any; most papers first."""
        if name in self.concepts:
            return [self.concepts[name]]
        named = self._named.get(fold(name), [])
        exact = [concept for concept in named if name in (concept.name, *concept.aliases)]
        alike = [concept for concept in named if concept not in exact] if fold(name) else []
        return sorted(exact, key=self._rank) + sorted(alike, key=self._rank)

    @cached_property
    def _named(self) -> dict[str, list[Concept]]:
        """Concepts by each of their names, folded."""
        found: dict[str, list[Concept]] = defaultdict(list)
        for concept in self.concepts.values():
            for key in {fold(name) for name in (concept.name, *concept.aliases)}:
                found[key].append(concept)
        return dict(found)

    def _rank(self, concept: Concept) -> tuple[int, str]:
        return -len(self.papers_of[concept.id]), concept.id

    def stats(self) -> dict[str, Any]:
        """Count papers, listings, entities by type, roles, relations, claims and edges."""
        entities = list(self.mentioned())
        types = Counter(c.type for c in entities)
        roles = Counter(e.role for x in self.extractions.values() for e in x.entities)
        return {
            "papers": len(self.papers),
            "listings": sum(len(p.listings) for p in self.papers.values()),
            "entities": len(entities),
            "entities_by_type": {t: types[t] for t in ENTITY_TYPES},
            "mentions": sum(len(x.mentions) for x in self.extractions.values()),
            "roles": dict(sorted(roles.items())),
            "relations": sum(len(x.relations) for x in self.extractions.values()),
            "claims": len(self.claims),
            "edges": self.network.number_of_edges(),
        }


def _sort_of(concept: str) -> str:
    """Give what a thing can be better than: chips, data, or ways to compute."""
    kind = concept.split("/", 1)[0]
    return kind if kind in ("hardware", "dataset") else ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        folder = path.parent
        raise GraphError(f"no build in {folder}: make one with `paperkg build INPUT -o {folder}`") from None
    except (OSError, ValueError) as error:
        raise GraphError(f"{path}: {error}") from error


def _claims(extractions: Iterable[Extraction]) -> Iterator[LinkedClaim]:
    for extraction in extractions:
        paper = extraction.paper.id
        ids = {entity.name: entity.id for entity in extraction.entities}
        seen: Counter[str] = Counter()
        for claim in sorted(extraction.claims, key=lambda c: (c.start, c.end, c)):
            # From content alone, so that another paper or another order never changes it.
            key = digest(
                repr((paper, claim.start, claim.value, claim.unit, claim.metric, claim.baselines)), 12
            )
            seen[key] += 1
            yield LinkedClaim(
                id=f"claim/{key}" if seen[key] == 1 else f"claim/{key}-{seen[key]}",
                paper=paper,
                subject=ids.get(claim.subject, ""),
                baselines=tuple(ids[name] for name in claim.baselines if name in ids),
                claim=claim,
            )
