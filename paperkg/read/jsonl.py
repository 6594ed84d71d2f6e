"""JSON Lines: one paper, or one extraction record, a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, BinaryIO

from paperkg.errors import PaperkgError, RecordError
from paperkg.model import Claim, Entity, Extraction, Listing, Mention, Paper, Refusal, Relation
from paperkg.read.common import Refuse, UnusableTextError, check_text
from paperkg.records import from_record, has_extraction, paper_from_record

#: What the fields of records hold, by the annotation of their type.
_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "tuple[str, ...]": tuple,
}

#: Windows editors begin a file so.
_BOM = b"\xef\xbb\xbf"


def read_jsonl(stream: BinaryIO, name: str, refuse: Refuse) -> Iterator[Paper | Extraction]:
    """Read one paper or extraction a line; a line that is none is refused, and the next one read."""
    for number, position, record in _records(stream, name, refuse):
        listing = Listing(file=name, date=str(record.get("date") or ""), position=position)
        try:
            item = _read_record(record, listing)
        except PaperkgError as error:
            refuse(Refusal(file=name, line=number, reason=str(error)))
            continue
        yield item


def read_json_lines(stream: BinaryIO, name: str, refuse: Refuse) -> Iterator[dict[str, Any]]:
    """Read one JSON object a line, as it is; a line that is none is refused."""
    return (record for _, _, record in _records(stream, name, refuse))


def _records(stream: BinaryIO, name: str, refuse: Refuse) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield number of the line, number of the record, and the record."""
    position = offset = 0
    for number, raw in enumerate(stream, start=1):
        line = raw.removeprefix(_BOM) if number == 1 else raw
        begin = offset + len(raw) - len(line)
        offset += len(raw)
        if not line.strip():
            continue
        position += 1
        try:
            record = parse_line(line, begin)
        except RecordError as error:
            refuse(Refusal(file=name, line=number, reason=str(error)))
            continue
        yield number, position, record


def parse_line(line: bytes, offset: int = 0) -> dict[str, Any]:
    """Parse one line as a JSON object of clean text; ``offset`` is where the line begins in its file."""
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        byte, place = line[error.start], offset + error.start
        raise RecordError(f"byte {byte:#04x} at offset {place} is no UTF-8") from error
    except json.JSONDecodeError as error:
        # A text that ends too early reads as one that holds the end of its line.
        cut = error.msg.startswith("Invalid control character") and error.pos >= len(error.doc.rstrip("\r\n"))
        what = "Unterminated string" if cut else error.msg
        raise RecordError(f"no JSON: {what.removesuffix(' at')} (column {error.colno})") from error
    except RecursionError as error:
        raise RecordError("no usable JSON: nested too deep") from error
    except ValueError as error:  # a number of more digits than Python reads
        raise RecordError("no usable JSON: a number of too many digits") from error
    if not isinstance(record, dict):
        raise RecordError(f"no JSON object, but {_kind(record)}")
    if b"\\u" in line:  # only an escape can hide what decoding would have refused
        try:
            for text in _texts(record):
                check_text(text)
        except UnusableTextError as error:
            raise RecordError(str(error)) from error
    return record


def _read_record(record: Mapping[str, Any], listing: Listing) -> Paper | Extraction:
    missing = [key for key in ("id", "title", "abstract") if key not in record]
    if missing:
        raise RecordError(f"lacks {' and '.join(missing)}")
    try:
        if has_extraction(record):
            extraction = from_record(record)
            _check_fields(extraction.mentions)
            _check_fields(extraction.entities)
            _check_fields(extraction.relations)
            _check_fields(extraction.claims)
            paper = extraction.paper
            return replace(extraction, paper=replace(paper, listings=paper.listings or (listing,)))
        paper = paper_from_record(record)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise RecordError(f"a value of the wrong type: {error}") from error
    # A record that knows where it was listed comes from a build: its places stay as they are.
    return replace(paper, listings=paper.listings or (listing,))


def _check_fields(parts: Iterable[Mention | Entity | Relation | Claim]) -> None:
    """Refuse values of another type than their field: JSON brings anything."""
    for part, field in ((one, field) for one in parts for field in fields(one)):
        value, wanted = getattr(part, field.name), _TYPES.get(str(field.type), object)
        if not isinstance(value, wanted) or (
            isinstance(value, tuple) and not all(isinstance(v, str) for v in value)
        ):
            raise RecordError(f"{field.name!r} of a {type(part).__name__.lower()} is {_kind(value)}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _kind(value: Any) -> str:
    names = {
        dict: "an object",
        list: "an array",
        tuple: "an array of something else",
        str: "a string",
        bool: "true or false",
        type(None): "null",
    }
    return names.get(type(value), "a number")
