"""What all readers share: the shape of a reader, and the check of a text for what cannot be text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from paperkg.errors import PaperkgError
from paperkg.model import Extraction, Paper, Refusal

#: Is told of each part of an input that is left out.
Refuse = Callable[[Refusal], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One input format. ``read`` takes a stream of bytes, the name to record, and who hears of refusals."""

    suffixes: tuple[str, ...]
    summary: str
    read: Callable[[BinaryIO, str, Refuse], Iterator[Paper | Extraction]]


class UnusableTextError(PaperkgError):
    """A text has bytes that are no UTF-8, half a surrogate pair, or a NUL."""


#: What decoding with ``surrogateescape`` makes of bytes that are no UTF-8.
_UNDECODED = re.compile("[\udc80-\udcff]")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


def check_text(text: str) -> None:
    """Refuse a text that could not be written as UTF-8 again, or that hides a NUL."""
    if not (found := _UNUSABLE.search(text)):
        return
    if found[0] == "\0":
        raise UnusableTextError("a NUL character stands in the text")
    raise UnusableTextError(f"half a surrogate pair (U+{ord(found[0]):04X}) stands in the text")


def check_decoded(text: str, offset: int = 0) -> None:
    """Refuse a text with undecodable bytes, and name the first; the text begins at ``offset`` of its file.

    >>> check_decoded(b"na\\xefve".decode("utf-8", "surrogateescape"), offset=100)
    Traceback (most recent call last):
    paperkg.read.common.UnusableTextError: byte 0xef at offset 102 is no UTF-8: convert the file to UTF-8
    """
    if found := _UNDECODED.search(text):
        place = offset + len(text[: found.start()].encode("utf-8", "surrogateescape"))
        byte = ord(found[0]) - 0xDC00
        raise UnusableTextError(f"byte {byte:#04x} at offset {place} is no UTF-8: convert the file to UTF-8")
    check_text(text)
