"""Every way papers come into paperkg: formats are known here, language is not.

To add a format, write its function in a module here and give it one row in ``READERS``; the command
line and the table in the README follow that row.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from paperkg.model import Extraction, InputFile, Paper, Refusal
from paperkg.read.combine import combine
from paperkg.read.common import Reader, Refuse
from paperkg.read.csv import has_header, read_csv
from paperkg.read.jsonl import read_json_lines, read_jsonl
from paperkg.read.pages import read_pages
from paperkg.read.places import GZIP, Place, find_places, suffix_of

__all__ = ["READERS", "Reader", "Refuse", "input_files", "input_paths", "read_inputs", "read_records"]

T = TypeVar("T")

#: Bytes that are looked at where no suffix tells the format.
_PEEK = 1 << 16

READERS: Mapping[str, Reader] = {
    "pages": Reader(
        suffixes=(".txt",),
        summary="pages of a site that lists papers: a date, then titles and abstracts in turn",
        read=read_pages,
    ),
    "jsonl": Reader(
        suffixes=(".jsonl", ".ndjson"),
        summary="one JSON object a line: id, title, abstract; or a whole extraction record",
        read=read_jsonl,
    ),
    "csv": Reader(
        suffixes=(".csv", ".tsv"),
        summary="a table with the columns id, title, abstract",
        read=read_csv,
    ),
}


def read_inputs(paths: Iterable[Path], *, refuse: Refuse) -> list[Paper | Extraction]:
    """Read all papers of files, folders and ``-`` (standard input), each once, sorted by identifier.

    What cannot be read is told to ``refuse``, and the rest goes on. The result does not depend on
    the order of the paths.
    """
    found: list[Paper | Extraction] = []
    for place in find_places(paths, suffixes=_suffixes(), refuse=refuse):
        found += _read_place(place, refuse, _read_by_format)
    return combine(found, refuse=refuse)


def input_files(paths: Iterable[Path]) -> tuple[InputFile, ...]:
    """Give name and SHA-256 of every readable file that ``read_inputs`` would read, sorted."""
    places = find_places(paths, suffixes=_suffixes(), refuse=lambda _: None)
    found = ((place.name, place.sha256()) for place in places)
    return tuple(sorted(InputFile(name=name, sha256=digest) for name, digest in found if digest))


def input_paths(paths: Iterable[Path]) -> list[Path]:
    """Give every file that ``read_inputs`` would read."""
    places = find_places(paths, suffixes=_suffixes(), refuse=lambda _: None)
    return [place.path for place in places if place.path.exists()]


def read_records(paths: Iterable[Path], *, refuse: Refuse) -> list[dict[str, Any]]:
    """Read the JSON objects of JSON Lines files as they are, whatever their keys."""
    found: list[dict[str, Any]] = []
    for place in find_places(paths, suffixes=READERS["jsonl"].suffixes, refuse=refuse):
        found += _read_place(place, refuse, read_json_lines)
    return found


def _read_by_format(stream: io.BufferedReader, name: str, refuse: Refuse) -> Iterator[Paper | Extraction]:
    reader = READERS[_format_of(name, stream.peek(_PEEK))]
    return reader.read(stream, name, refuse)


def _read_place(
    place: Place, refuse: Refuse, read: Callable[[io.BufferedReader, str, Refuse], Iterator[T]]
) -> list[T]:
    found: list[T] = []
    refused: list[Refusal] = []
    try:
        with place.open() as raw, _unpacked(raw) as stream:
            # One by one, so that what stands before the end of a broken archive is kept.
            for item in read(stream, place.name, refused.append):
                found.append(item)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        refused.append(Refusal(file=place.name, reason=f"the archive is damaged: {error}"))
    except OSError as error:
        refused.append(Refusal(file=place.name, reason=error.strerror or str(error)))
    if not found and not refused:
        refused.append(Refusal(file=place.name, reason="the file is empty, or holds no paper"))
    for refusal in refused:
        refuse(refusal)
    return found


def _unpacked(raw: io.BufferedReader) -> io.BufferedReader:
    """Unpack an archive, whatever the name of the file says."""
    packed = raw.peek(len(GZIP)).startswith(GZIP)
    return io.BufferedReader(gzip.open(raw)) if packed else raw


def _format_of(name: str, start: bytes) -> str:
    """Give the format by the suffix; standard input has none, so there the first bytes decide."""
    suffix = suffix_of(name)
    for format, reader in READERS.items():
        if suffix in reader.suffixes:
            return format
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return "jsonl"
    first_line = re.split(rb"[\r\n]", start, maxsplit=1)[0].decode("utf-8-sig", "replace")
    return "csv" if has_header(first_line) else "pages"


def _suffixes() -> tuple[str, ...]:
    return tuple(suffix for reader in READERS.values() for suffix in reader.suffixes)
