"""Annotated papers: whether they are whole, and their texts, where both cannot stand in one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from paperkg.errors import RecordError
from paperkg.model import ENTITY_TYPES, RELATION_TYPES, ROLES, Paper
from paperkg.names import URL

Record = Mapping[str, Any]


def fault(record: Record) -> str:
    """Say what an annotated paper lacks that learning or reading needs; "" if nothing.

    Title and abstract may both be wanting (``with_texts`` finds them), and so may the mentions then.
    """
    if not isinstance(record.get("id"), str) or not record["id"]:
        return "has no id"
    bare = "title" not in record and "abstract" not in record
    if not bare and not all(isinstance(record.get(key), str) for key in ("title", "abstract")):
        return "lacks title or abstract"
    if "entities" not in record:
        return ""  # a paper that nobody has annotated
    try:
        names = {entity["name"] for entity in record["entities"]}
        for entity in record["entities"]:
            if entity["type"] not in ENTITY_TYPES or entity["role"] not in ROLES:
                return f"{entity['name']!r} has an unknown type or role"
            if not all(isinstance(form, str) for form in entity["forms"]):
                return f"{entity['name']!r} has a form that is no text"
        for mention in [] if bare else record["mentions"]:
            if not 0 <= mention["start"] < mention["end"] or mention["type"] not in ENTITY_TYPES:
                return f"has a mention without place or type: {mention}"
        for head, kind, tail in record["relations"]:
            if kind not in RELATION_TYPES or not {head, tail} <= names:
                return f"has a relation of what is no entity, or of an unknown kind: {head!r} {kind} {tail!r}"
        for claim in record["claims"]:
            _ = claim["metric"], claim["value"], claim["unit"], list(claim["baselines"])
    except KeyError as error:
        return f"lacks {error}"
    except (TypeError, ValueError) as error:
        return f"is not as annotated papers are: {error}"
    return ""


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
    for match in URL.finditer(text):
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
