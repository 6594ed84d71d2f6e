"""Words around places of a text, as features for the classifiers of roles, relations and claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

Features = dict[str, float]

#: Takes the name of a feature whose value is 1.
Name = Callable[[str], object]

_WORD = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*|[^\w\s]")
_STOPS = frozenset(".?!;")


class Add(Protocol):
    """Adds a feature: its name and, if it is not 1, its value."""

    def __call__(self, name: str, value: float = 1.0) -> None:
        """Add one."""


def adder(features: Features) -> Add:
    """Make a function that adds features; of two values for one name the larger stays."""

    def add(name: str, value: float = 1.0) -> None:
        if value > features.get(name, 0.0):
            features[name] = value

    return add


@lru_cache(maxsize=256)
def words(text: str) -> tuple[str, ...]:
    """Give the words and marks of a text in lower case; every number is a #.

    >>> words("3.2x faster than A100")
    ('#', 'x', 'faster', 'than', 'a', '#')
    """
    return tuple(["#" if w[0].isdigit() else w.lower() for w in _WORD.findall(text)])


def words_before(text: str, at: int, *, reach: int, most: int) -> tuple[str, ...]:
    """Give the words of the same sentence before a place, the nearest last."""
    found = words(text[max(0, at - reach) : at])[-most:]
    for i in range(len(found) - 1, -1, -1):
        if found[i] in _STOPS:
            return found[i + 1 :]
    return found


def words_after(text: str, at: int, *, reach: int, most: int) -> tuple[str, ...]:
    """Give the words of the same sentence after a place, with the mark that ends it."""
    found = words(text[at : at + reach])[:most]
    for i, word in enumerate(found):
        if word in _STOPS:
            return found[: i + 1]
    return found


def add_window(add: Add, name: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Add the words before and after a place: near ones by their distance, pairs, and all of them."""
    for i, word in enumerate(reversed(before)):
        add(f"{name}-{i + 1} {word}" if i < 2 else f"{name}- {word}", 1.0 if i < 2 else 0.7)
        if i < 5:
            add(f"{name}near {word}", 1 - 0.12 * i)
    for width in (2, 3):
        for i in range(len(before) - width + 1):
            add(f"{name}- {' '.join(before[i : i + width])}")
    for i, word in enumerate(after):
        add(f"{name}+{i + 1} {word}" if i < 2 else f"{name}+ {word}")
    if len(after) > 1:
        add(f"{name}+ {after[0]} {after[1]}")


def add_between(add: Name, name: str, between: Sequence[str], *, most: int) -> None:
    """Add the words between two places, and pairs of them, if they are not more than ``most``."""
    if len(between) <= most:
        for word in between:
            add(f"{name} {word}")
        for one, two in pairwise(between):
            add(f"{name} {one} {two}")
