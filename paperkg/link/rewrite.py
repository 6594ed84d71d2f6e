"""Write the identities back into the extractions: ids, canonical names, one entity a concept."""

from __future__ import annotations

from dataclasses import replace

from paperkg.link.identity import Identities
from paperkg.model import ROLES, Claim, Entity, Extraction, Relation


def rewrite(extraction: Extraction, identities: Identities) -> Extraction:
    """Give the extraction with linked entities: those that are one concept become one entity.

    An entity that was dropped goes with its mentions, relations and baselines.
    """
    paper = extraction.paper.id
    extraction = _without_dropped(extraction, identities)
    ids = {e.name: identities.concept_of[paper, e.name] for e in extraction.entities}
    names = _names(extraction, ids, identities)
    entities: dict[str, Entity] = {}
    for entity in extraction.entities:
        concept = identities.concepts[ids[entity.name]]
        linked = replace(entity, id=concept.id, name=names[concept.id], type=concept.type)
        other = entities.get(concept.id)
        if other:
            linked = replace(
                other,
                role=min(other.role, entity.role, key=ROLES.index),
                forms=tuple(sorted({*other.forms, *entity.forms})),
                confidence=max(other.confidence, entity.confidence),
            )
        entities[concept.id] = linked
    new = {old: names[key] for old, key in ids.items()}
    types = {entity.name: entity.type for entity in entities.values()}
    relations = [
        replace(r, head=new.get(r.head, r.head), tail=new.get(r.tail, r.tail)) for r in extraction.relations
    ]
    return replace(
        extraction,
        mentions=tuple(
            replace(m, entity=new[m.entity], type=types[new[m.entity]]) for m in extraction.mentions
        ),
        entities=tuple(entities.values()),
        relations=tuple(_distinct(relations)),
        claims=tuple(_renamed(claim, new) for claim in extraction.claims),
    )


def _without_dropped(extraction: Extraction, identities: Identities) -> Extraction:
    paper = extraction.paper.id
    gone = {e.name for e in extraction.entities if (paper, e.name) not in identities.concept_of}
    if not gone:
        return extraction
    return replace(
        extraction,
        entities=tuple(e for e in extraction.entities if e.name not in gone),
        mentions=tuple(m for m in extraction.mentions if m.entity not in gone),
        relations=tuple(r for r in extraction.relations if not gone.intersection((r.head, r.tail))),
        claims=tuple(
            replace(
                claim,
                subject="" if claim.subject in gone else claim.subject,
                baselines=tuple(name for name in claim.baselines if name not in gone),
            )
            for claim in extraction.claims
        ),
    )


def _names(extraction: Extraction, ids: dict[str, str], identities: Identities) -> dict[str, str]:
    """Name each concept in this paper; homonyms that meet in one paper are told apart by their ids."""
    names: dict[str, str] = {}
    for entity in extraction.entities:
        concept = identities.concepts[ids[entity.name]]
        if concept.id not in names:
            taken = set(names.values())
            names[concept.id] = (
                concept.name if concept.name not in taken else f"{concept.name} ({concept.id})"
            )
    return names


def _renamed(claim: Claim, new: dict[str, str]) -> Claim:
    return replace(
        claim,
        subject=new.get(claim.subject, claim.subject),
        baselines=tuple(dict.fromkeys(new.get(name, name) for name in claim.baselines)),
    )


def _distinct(relations: list[Relation]) -> list[Relation]:
    """Drop relations that linking made equal, and those of a thing with itself."""
    seen: dict[tuple[str, str, str], Relation] = {}
    for relation in relations:
        if relation.head != relation.tail:
            seen.setdefault((relation.head, relation.type, relation.tail), relation)
    return list(seen.values())
