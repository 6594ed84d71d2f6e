"""Extractions as JSON records, one a line, and back: both directions side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from paperkg.errors import RecordError
from paperkg.model import Claim, Concept, Entity, Extraction, Listing, Mention, Merge, Paper, Relation

T = TypeVar("T")


def to_record(extraction: Extraction) -> dict[str, Any]:
    """Turn an extraction into its JSON record."""
    paper = extraction.paper
    record: dict[str, Any] = {"id": paper.id, "title": paper.title, "abstract": paper.abstract}
    if paper.issued:
        record["issued"] = paper.issued
    if paper.creators:
        record["creators"] = list(paper.creators)
    if paper.listings:
        record["listings"] = [asdict(listing) for listing in paper.listings]
    record["mentions"] = [asdict(mention) for mention in extraction.mentions]
    record["entities"] = [asdict(entity) for entity in extraction.entities]
    record["relations"] = [[r.head, r.type, r.tail] for r in extraction.relations]
    if extraction.relations:
        # Beside the triples and not in them: tools that read three columns keep working.
        record["relation_evidence"] = [
            {"start": r.start, "end": r.end, "rule": r.rule, "confidence": r.confidence}
            for r in extraction.relations
        ]
    record["claims"] = [asdict(claim) for claim in extraction.claims]
    return record


def from_record(record: Mapping[str, Any]) -> Extraction:
    """Turn a JSON record into an extraction; keys that we do not know are left out.

    Raises ``RecordError`` where the record breaks the format.
    """
    try:
        evidence = record.get("relation_evidence") or [{}] * len(record.get("relations", ()))
        return Extraction(
            paper=paper_from_record(record),
            mentions=tuple(_make(Mention, m) for m in record.get("mentions", ())),
            entities=tuple(_make(Entity, e, lists=("forms",)) for e in record.get("entities", ())),
            relations=tuple(
                Relation(head=head, type=kind, tail=tail, **proof)
                for (head, kind, tail), proof in zip(record.get("relations", ()), evidence, strict=True)
            ),
            claims=tuple(_make(Claim, c, lists=("baselines",)) for c in record.get("claims", ())),
        )
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise RecordError(f"{record.get('id', 'record')}: {error}") from error


def paper_from_record(record: Mapping[str, Any]) -> Paper:
    """Take the paper, and nothing that was extracted from it, out of a JSON record."""
    return Paper(
        id=_text(record, "id"),
        title=_text(record, "title"),
        abstract=_text(record, "abstract"),
        issued=str(record.get("issued") or record.get("year") or ""),
        creators=tuple(str(name) for name in record.get("creators", ())),
        listings=tuple(_make(Listing, one) for one in record.get("listings", ())),
    )


def has_extraction(record: Mapping[str, Any]) -> bool:
    """Say whether a record carries entities, and not a paper alone."""
    return "entities" in record


def to_line(record: Mapping[str, Any]) -> str:
    """Write a record as one line of JSON Lines, with its line end."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": ")) + "\n"


def concept_to_record(concept: Concept) -> dict[str, Any]:
    """Turn a concept into its JSON record; facts that nobody gave are left out."""
    record = asdict(concept)
    return {key: value for key, value in record.items() if value not in ("", ())}


def concept_from_record(record: Mapping[str, Any]) -> Concept:
    """Turn the JSON record of a concept back into it."""
    return _make(Concept, record, lists=("aliases",))


def to_lines(extractions: Iterable[Extraction]) -> Iterable[str]:
    """Write extractions as JSON Lines."""
    return (to_line(to_record(extraction)) for extraction in extractions)


def merges_to_table(merges: Iterable[Merge]) -> str:
    """Write the linker's decisions as tab-separated values, in their order."""
    columns = [f.name for f in fields(Merge)]
    # Forms come from papers: what would break a cell becomes a space.
    rows = ("\t".join(" ".join(str(getattr(m, c)).split()) for c in columns) for m in merges)
    return "\n".join(["\t".join(columns), *rows]) + "\n"


def merges_from_table(text: str) -> Iterable[Merge]:
    """Read back what ``merges_to_table`` wrote. Raises ``RecordError`` for a row of another form."""
    columns = [f.name for f in fields(Merge)]
    for number, line in enumerate(text.split("\n")[1:], start=2):
        if not line:
            continue
        row: dict[str, Any] = dict(zip(columns, line.split("\t"), strict=False))
        try:
            yield Merge(**{**row, "score": float(row["score"]), "papers": int(row["papers"])})
        except (KeyError, ValueError, TypeError) as error:
            raise RecordError(f"line {number} of the merges: {error}") from error


def _make(kind: type[T], row: Mapping[str, Any], *, lists: tuple[str, ...] = ()) -> T:
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    values = {key: tuple(value) if key in lists else value for key, value in row.items() if key in known}
    return kind(**values)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise RecordError(f"{key!r} is missing" if value is None else f"{key!r} is no text")
    return value
