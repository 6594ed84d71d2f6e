"""Give every thing one identity across papers. The only stage that sees all papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from paperkg.graph import KnowledgeGraph
from paperkg.link.identity import identify
from paperkg.link.rewrite import rewrite
from paperkg.model import Concept, Extraction, Run
from paperkg.vocabulary import Vocabulary, default_vocabulary

__all__ = ["link"]


def link(
    extractions: Iterable[Extraction], *, vocabulary: Vocabulary | None = None, run: Run | None = None
) -> KnowledgeGraph:
    """Make the graph of some papers; the order in which they come does not matter."""
    vocabulary = vocabulary or default_vocabulary()
    ordered = sorted(extractions, key=lambda e: e.paper.id)
    identities = identify(ordered, vocabulary)
    linked = [rewrite(extraction, identities) for extraction in ordered]
    concepts = _with_forms(identities.concepts, linked)
    return KnowledgeGraph(linked, concepts, merges=identities.merges, run=run)


def _with_forms(concepts: dict[str, Concept], linked: Iterable[Extraction]) -> list[Concept]:
    """Add the forms that stand in papers to the aliases of each concept."""
    forms: dict[str, set[str]] = defaultdict(set)
    for extraction in linked:
        for entity in extraction.entities:
            forms[entity.id].update(entity.forms)
    return [
        replace(c, aliases=tuple(sorted({*c.aliases, *forms[c.id]} - {c.name}))) for c in concepts.values()
    ]
