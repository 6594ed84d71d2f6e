"""Sentences of a text, without a parser: enough to show where something is said."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

# A full stop ends a sentence if a space and a capital, digit or bracket follow, and what stands
# before it is neither an initial nor one of the abbreviations that abstracts are full of. The stop comes
# first in the pattern: what stands before it is looked at only where there is one.
_END = re.compile(
    r"[.!?](?<!\b[A-Z].)(?<!\be\.g.)(?<!\bi\.e.)(?<!\bvs.)(?<!\bet al.)(?<!\betc.)(?<!\bFig.)(?<!\bcf.)"
    r"[)\]\"'”’]*\s+(?=[A-Z0-9(\[\"'“$\\])|\n+"
)


@lru_cache(maxsize=2048)  # the papers of a hub are asked for again and again
def _breaks(text: str) -> tuple[int, ...]:
    return (0, *(found.end() for found in _END.finditer(text)), len(text))


def sentences(text: str) -> list[tuple[int, int]]:
    """Give the bounds of all sentences of a text, without the space behind each.

    >>> text = "It is 2.5x faster, e.g. than Orca. We like it."
    >>> [text[start:end] for start, end in sentences(text)]
    ['It is 2.5x faster, e.g. than Orca.', 'We like it.']
    """
    bounds = ((start, start + len(text[start:end].rstrip())) for start, end in pairwise(_breaks(text)))
    return [(start, end) for start, end in bounds if end > start]


def sentence_bounds(text: str, start: int, end: int) -> tuple[int, int]:
    """Give the bounds of the sentence (or sentences) around a stretch of a text.

    >>> text = "It is 2.5x faster, e.g. than Orca. We like it. Code is free."
    >>> left, right = sentence_bounds(text, 35, 37)
    >>> text[left:right]
    'We like it.'
    """
    breaks = _breaks(text)
    left = max(place for place in breaks if place <= start)
    right = min(place for place in breaks if place >= max(end, left))
    return left, left + len(text[left:right].rstrip())


def sentence_at(text: str, start: int, end: int) -> str:
    """Give the sentence around a stretch of a text; "" where nothing is marked (``end`` is 0)."""
    if not 0 <= start < end <= len(text):
        return ""
    left, right = sentence_bounds(text, start, end)
    return text[left:right]
