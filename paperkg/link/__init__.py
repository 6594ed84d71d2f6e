"""Give every thing one identity across papers. The only stage that sees all papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from paperkg.graph import KnowledgeGraph
from paperkg.link.decisions import Decision, apply_decisions, read_decisions
from paperkg.link.identity import Identities, add_families, identify
from paperkg.link.near import near_pairs
from paperkg.link.rewrite import rewrite
from paperkg.model import Concept, Extraction, Merge, Run
from paperkg.vocabulary import Vocabulary, default_vocabulary

__all__ = ["Decision", "link", "read_decisions"]


def link(
    extractions: Iterable[Extraction],
    *,
    vocabulary: Vocabulary | None = None,
    run: Run | None = None,
    decisions: Iterable[Decision] = (),
    unmatched: Callable[[Decision, str], None] = lambda _, __: None,
) -> KnowledgeGraph:
    """Make the graph of some papers; the order in which they come does not matter.

    A curator's ``decisions`` overrule what the linker decides; ``unmatched`` hears of those that
    cannot be applied, and why not.
    """
    vocabulary = vocabulary or default_vocabulary()
    ordered = sorted(extractions, key=lambda e: e.paper.id)
    identities = identify(ordered, vocabulary)
    for decision, reason in apply_decisions(identities, decisions, vocabulary.concepts):
        unmatched(decision, reason)
    add_families(identities, vocabulary)
    linked = [rewrite(extraction, identities) for extraction in ordered]
    identities.merges.extend(_near_merges(identities, linked))
    concepts = _with_forms(identities.concepts, linked)
    return KnowledgeGraph(linked, concepts, merges=identities.merges, run=run)


def _near_merges(identities: Identities, linked: Iterable[Extraction]) -> Iterator[Merge]:
    """Yield the pairs of nearly the same name that stay two things, and why."""
    papers: dict[str, set[str]] = defaultdict(set)
    introduced: dict[str, set[str]] = defaultdict(set)
    for extraction in linked:
        for entity in extraction.entities:
            papers[entity.id].add(extraction.paper.id)
            if entity.role == "introduced":
                introduced[entity.id].add(extraction.paper.id)
    concepts = [identities.concepts[key] for key in sorted(papers)]
    for pair in near_pairs(concepts, papers, introduced):
        one, other = identities.concepts[pair.one], identities.concepts[pair.other]
        yield Merge(
            score=pair.apart,
            decision="kept apart",
            form=other.name,
            type=one.type,
            id=one.id,
            reason=f"near {one.name}, but {other.id} is another: {pair.reason}",
            papers=len(papers[other.id]),
        )


def _with_forms(concepts: dict[str, Concept], linked: Iterable[Extraction]) -> list[Concept]:
    """Add the forms that stand in papers to the aliases of each concept."""
    forms: dict[str, set[str]] = defaultdict(set)
    for extraction in linked:
        for entity in extraction.entities:
            forms[entity.id].update(entity.forms)
    return [
        replace(c, aliases=tuple(sorted({*c.aliases, *forms[c.id]} - {c.name}))) for c in concepts.values()
    ]
