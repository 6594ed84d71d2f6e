"""Join annotations with the texts that they annotate, where both cannot stand in one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paperkg.errors import RecordError
from paperkg.model import Paper

Record = Mapping[str, Any]

_URL = re.compile(r"(?:https?://|www\.)\S+")


def with_texts(records: Iterable[Record], papers: Iterable[Paper]) -> list[dict[str, Any]]:
    """Give annotated records their title, abstract and mentions, from the papers of the same ids.

    Records that have a text are left as they are. Raises ``RecordError`` where a text is wanting.
    """
    known = {paper.id: paper for paper in papers}
    whole = []
    for record in records:
        if "title" in record or "abstract" in record:
            whole.append(dict(record))
            continue
        paper = known.get(str(record["id"]))
        if paper is None:
            raise RecordError(f"{record['id']}: annotated, but its text is in no file: give --texts")
        texts = {"title": paper.title, "abstract": paper.abstract}
        whole.append({**record, **texts, "mentions": list(mentions_of(record, paper.text))})
    return whole


def mentions_of(record: Record, text: str) -> Iterator[dict[str, Any]]:
    """Find every form of every entity as whole words; where forms overlap, the longest wins."""
    covered = bytearray(len(text))
    for match in _URL.finditer(text):
        covered[match.start() : match.end()] = b"\1" * len(match.group())
    forms = sorted(
        ((form, entity) for entity in record["entities"] for form in entity["forms"]),
        key=lambda item: (-len(item[0]), item[0], item[1]["name"]),
    )
    found = []
    for form, entity in forms:
        for match in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", text):
            if any(covered[match.start() : match.end()]):
                continue
            covered[match.start() : match.end()] = b"\1" * len(form)
            found.append(
                {
                    "start": match.start(),
                    "end": match.end(),
                    "text": form,
                    "type": entity["type"],
                    "entity": entity["name"],
                }
            )
    yield from sorted(found, key=lambda mention: mention["start"])
