"""Papers by their words: BM25 over weighted fields, where a word also counts by its nearest relatives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: How soon repeating a word stops to count, and how much the length of a text matters (BM25's k1 and b).
_SATURATION, _LENGTH = 1.2, 0.6


class TermIndex:
    """For each term the texts that hold it, and how much it says there (0 to 1, after BM25)."""

    def __init__(self, texts: Iterable[Mapping[str, float]]) -> None:
        numbers: dict[str, int] = {}
        owners: list[npt.NDArray[np.int32]] = []
        columns: list[npt.NDArray[np.int32]] = []
        counts: list[Floats] = []
        lengths = []
        for owner, text in enumerate(texts):
            size = len(text)
            columns.append(np.fromiter((numbers.setdefault(t, len(numbers)) for t in text), np.int32, size))
            counts.append(np.fromiter(text.values(), np.float32, size))
            owners.append(np.full(size, owner, np.int32))
            lengths.append(float(counts[-1].sum()))
        self.size = len(lengths)
        self._numbers = numbers
        length = np.array(lengths or [1.0], np.float32)
        column = np.concatenate(columns or [np.zeros(0, np.int32)])
        owner_of = np.concatenate(owners or [np.zeros(0, np.int32)])
        count = np.concatenate(counts or [np.zeros(0, np.float32)])
        damp = _SATURATION * (1 - _LENGTH + _LENGTH * length / max(float(length.mean()), 1e-6))
        order = np.argsort(column, kind="stable")
        self._owners = owner_of[order]
        self._impacts = (count / (count + damp[owner_of]))[order].astype(np.float32)
        sizes = np.bincount(column, minlength=len(numbers))
        self._starts = np.concatenate([[0], np.cumsum(sizes)])

    def __contains__(self, term: str) -> bool:
        return term in self._numbers

    def rarity(self, term: str) -> float:
        """Say how much it tells that a text holds a term: its inverse document frequency."""
        number = self._numbers.get(term)
        found = 0 if number is None else int(self._starts[number + 1] - self._starts[number])
        return math.log(1 + (self.size - found + 0.5) / (found + 0.5))

    def postings(self, term: str) -> tuple[npt.NDArray[np.int32], Floats]:
        """Give the texts that hold a term, and its impact in each."""
        number = self._numbers.get(term)
        if number is None:
            return self._owners[:0], self._impacts[:0]
        part = slice(self._starts[number], self._starts[number + 1])
        return self._owners[part], self._impacts[part]

    def match(self, alike: Sequence[tuple[str, float]]) -> Floats:
        """Score all texts by one word of a question: the best of the terms that are like it."""
        scores = np.zeros(self.size, np.float32)
        for term, likeness in alike:
            owners, impacts = self.postings(term)
            scores[owners] = np.maximum(scores[owners], likeness * impacts)
        return scores


def weigh(fields: Iterable[tuple[float, Iterable[str]]]) -> dict[str, float]:
    """Count the terms of a text's fields, each by the weight of its field."""
    counts: dict[str, float] = {}
    for weight, found in fields:
        for term in found:
            counts[term] = counts.get(term, 0.0) + weight
    return counts
