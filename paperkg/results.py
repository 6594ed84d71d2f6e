"""Results of queries as tables for terminals and as the standard formats."""

from __future__ import annotations

import re
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Sequence
from io import RawIOBase
from typing import BinaryIO, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from paperkg.errors import QueryError
from paperkg.namespaces import BASE, prefixes, shorten

_TABLES = {
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
}

_GRAPHS = {"ttl": RdfFormat.TURTLE, "nt": RdfFormat.N_TRIPLES}

#: What ``write_results`` can write: rows for SELECT and ASK, RDF for CONSTRUCT and DESCRIBE.
FORMATS: tuple[str, ...] = ("table", *_TABLES, *_GRAPHS)

#: Cells of a table are cut here: a terminal is not the place to read an abstract.
MAX_CELL = 100

#: What XML 1.0 cannot hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_results(
    results: QuerySolutions | QueryBoolean | QueryTriples, format: str, stream: BinaryIO, *, base: str = BASE
) -> None:
    """Write the results of a query in one of ``FORMATS``; a table of RDF is Turtle.

    Rows are written as they are found, unless a table has to be as wide as its widest cell or RDF
    sorted. Raises ``QueryError`` where the format does not fit the results.
    """
    if format not in FORMATS:
        raise QueryError(f"no format {format!r}; choose one of: {', '.join(FORMATS)}")
    if isinstance(results, QueryTriples):
        _write_triples(results, "ttl" if format == "table" else format, stream, base)
    elif format in _GRAPHS:
        raise QueryError(f"{format} needs CONSTRUCT or DESCRIBE; choose one of: table, {', '.join(_TABLES)}")
    elif format == "table":
        lines = _table(results, base) if isinstance(results, QuerySolutions) else [_truth(results)]
        stream.write("".join(f"{line}\n" for line in lines).encode())
    else:
        to = cast(BinaryIO, _OnlyXml(stream)) if format == "xml" else stream
        results.serialize(to, format=_TABLES[format])
        if format in ("json", "xml") or isinstance(results, QueryBoolean):
            stream.write(b"\n")


class _OnlyXml(RawIOBase):
    """A stream of UTF-8 that passes text on, a piece at a time, without what XML cannot hold."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = getincrementaldecoder("utf-8")().decode

    def write(self, data: bytes) -> int:  # type: ignore[override]  # nothing else is given
        self._stream.write(NOT_XML.sub("\ufffd", self._decode(data)).encode())
        return len(data)


def cell(term: NamedNode | BlankNode | Literal | Triple | None, names: dict[str, str]) -> str:
    """Write a term for people: IRIs as prefixed names, literals without their types, "" for none."""
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return visible(shorten(term.value, names))
    return visible(term.value if isinstance(term, Literal) else str(term))


def visible(text: str) -> str:
    """Escape what a terminal would obey, or would not show: controls, direction marks, line ends.

    >>> visible("a\\x1b[31m\\u202eb\\n")
    'a\\\\x1b[31m\\\\u202eb\\\\n'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def columns(rows: Sequence[Sequence[str]], header: Sequence[str]) -> list[str]:
    """Align rows under a header; numbers stand to the right.

    >>> columns([["a", "10"], ["bcd", "5"]], ["name", "n"])
    ['name   n', '----  --', 'a     10', 'bcd    5']
    """
    cut = [[_cut(value) for value in row] for row in rows]
    widths = [max(map(_width, (head, *cells))) for head, *cells in zip(header, *cut, strict=True)]
    right = [bool(cut) and all(_is_number(row[i]) for row in cut) for i in range(len(header))]
    lines = [list(header), ["-" * width for width in widths], *cut]
    return [
        "  ".join(_pad(*item) for item in zip(line, widths, right, strict=True)).rstrip() for line in lines
    ]


def _table(results: QuerySolutions, base: str) -> list[str]:
    names = prefixes(base)
    header = [variable.value for variable in results.variables]
    rows = [[cell(solution[i], names) for i in range(len(header))] for solution in results]
    if not header:
        return [f"{len(rows)} rows without columns"]
    return columns(rows, header)


def _write_triples(results: QueryTriples, format: str, stream: BinaryIO, base: str) -> None:
    if format not in _GRAPHS:
        raise QueryError(f"{format} needs SELECT or ASK; choose one of: {', '.join(_GRAPHS)}")
    found = sorted(set(results), key=str)
    if format == "ttl":
        from paperkg.export.rdf import pretty

        stream.write(pretty(found, RdfFormat.TURTLE, base=base))
    else:
        data = serialize(found, format=_GRAPHS[format])
        assert data is not None
        stream.write(data)


def _truth(results: QueryBoolean) -> str:
    return "true" if results else "false"


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9][0-9.,]*|", value))


def _cut(value: str) -> str:
    return value if len(value) <= MAX_CELL else f"{value[: MAX_CELL - 1]}\u2026"


def _pad(value: str, width: int, right: bool) -> str:
    space = " " * (width - _width(value))
    return space + value if right else value + space


def _width(value: str) -> int:
    """Count the cells of a terminal that a text takes: two for East Asian wide ones, none for marks."""
    if value.isascii():
        return len(value)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in value)
    return len(value) + wide - sum(bool(unicodedata.combining(c)) for c in value)
