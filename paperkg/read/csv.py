"""CSV and TSV with a header that has at least ``id``, ``title`` and ``abstract``."""

from __future__ import annotations

import csv
import io
import sys
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from paperkg.errors import PaperkgError, RecordError
from paperkg.model import Listing, Paper, Refusal
from paperkg.read.common import Refuse, check_decoded

_COLUMNS = ("id", "title", "abstract")
_DELIMITERS = (",", "\t", ";")


def read_csv(stream: BinaryIO, name: str, refuse: Refuse) -> Iterator[Paper]:
    """Read one paper a row; a row that is none is refused, and reading goes on after its first line."""
    # A field may be as long as memory allows: the default limit is a trap for long abstracts.
    csv.field_size_limit(sys.maxsize)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _read_table(text, name, refuse)
    finally:
        # Else it would close the stream, which is the caller's.
        text.detach()


def _read_table(text: TextIO, name: str, refuse: Refuse) -> Iterator[Paper]:
    header = next(text, "")
    if not header.strip():
        return
    delimiter, columns = _header(header)
    if not columns:
        refuse(Refusal(file=name, line=1, reason=f"the first line has no columns {', '.join(_COLUMNS)}"))
        return
    position = 0
    for line, cells in _rows(text, delimiter):
        if not isinstance(cells, RecordError) and not any(cells):
            continue
        position += 1
        try:
            if isinstance(cells, RecordError):
                raise cells
            yield _paper(cells, columns, Listing(file=name, position=position))
        except PaperkgError as error:
            refuse(Refusal(file=name, line=line, reason=str(error)))


def has_header(line: str) -> bool:
    """Say whether a line is the header of such a table."""
    return bool(_header(line)[1])


def _header(line: str) -> tuple[str, list[str]]:
    for delimiter in _DELIMITERS:
        cells = [cell.strip().casefold() for cell in next(csv.reader([line], delimiter=delimiter), [])]
        if set(_COLUMNS) <= set(cells):
            return delimiter, cells
    return "", []


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | RecordError]]:
    """Yield each row with its first line; a quote that never closes must not swallow the rest."""
    again: deque[str] = deque()
    taken: list[str] = []

    def feed() -> Iterator[str]:
        while line := again.popleft() if again else next(lines, ""):
            taken.append(line)
            yield line

    first = 2
    reader = csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        try:
            cells: list[str] | RecordError = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = RecordError(f"no row of a table: {error}")
            again.extendleft(reversed(taken[1:]))
            del taken[1:]
            reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        yield first, cells
        first += len(taken)
        taken.clear()


def _paper(cells: list[str], columns: list[str], listing: Listing) -> Paper:
    if len(cells) != len(columns):
        raise RecordError(f"{len(cells)} cells, not {len(columns)} as in the header")
    row = dict(zip(columns, cells, strict=True))
    for cell in cells:
        check_decoded(cell)
    listing = Listing(file=listing.file, date=row.get("date", ""), position=listing.position)
    return Paper(
        id=row["id"].strip(),
        title=row["title"],
        abstract=row["abstract"],
        issued=row.get("issued") or row.get("year") or "",
        listings=(listing,),
    )
