"""Passages for vector stores: one a paper, with what it names, does and claims as metadata."""

from __future__ import annotations

from typing import Any, BinaryIO

from paperkg.describe import claim_text, passage, readable
from paperkg.export.literals import probability
from paperkg.graph import KnowledgeGraph
from paperkg.model import ROLES
from paperkg.namespaces import paper_local
from paperkg.records import to_line


def write_chunks(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write one JSON object a line.

    ``metadata`` is flat, strings and lists of strings, as vector stores want it; ``entities`` and ``claims``
    say the same in full, with offsets into ``text``.
    """
    for paper in graph.papers:
        stream.write(to_line(_chunk(graph, paper)).encode())


def _chunk(graph: KnowledgeGraph, paper: str) -> dict[str, Any]:
    extraction = graph.extractions[paper]
    one = extraction.paper
    by_role = {role: sorted({e.id for e in extraction.entities if e.role == role}) for role in ROLES}
    claims = graph.claims_of_paper(paper)
    return {
        "id": paper_local(paper),
        "text": passage(one.text),
        "metadata": {
            "paper": readable(paper),
            "title": readable(one.title),
            "issued": readable(one.issued),
            "entity_ids": sorted({e.id for e in extraction.entities}),
            "entity_names": sorted({readable(graph.concepts[e.id].name) for e in extraction.entities}),
            **by_role,
            "claims": [readable(claim_text(graph, claim)) for claim in claims],
        },
        "entities": [
            {
                "id": entity.id,
                "name": readable(graph.concepts[entity.id].name),
                "type": graph.concepts[entity.id].type,
                "role": entity.role,
                "spans": sorted([m.start, m.end] for m in extraction.mentions if m.entity == entity.name),
            }
            for entity in extraction.entities
        ],
        "claims": [
            {
                "id": linked.id,
                "subject": linked.subject,
                "baselines": list(linked.baselines),
                "metric": linked.claim.metric,
                "value": readable(linked.claim.value),
                "unit": readable(linked.claim.unit),
                "qualifier": readable(linked.claim.qualifier),
                "direction": linked.claim.direction,
                "relative": linked.claim.relative,
                "confidence": float(probability(linked.claim.confidence).value),
                "start": linked.claim.start,
                "end": linked.claim.end,
            }
            for linked in claims
        ],
    }
