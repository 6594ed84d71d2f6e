"""Papers by their words: BM25 over weighted fields, where a word also counts by its nearest relatives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from paperkg.retrieve.corpus import Groups

Floats = npt.NDArray[np.float32]

#: How soon repeating a word stops to count, and how much the length of a text matters (BM25's k1 and b).
_SATURATION, _LENGTH = 1.2, 0.6


class TermIndex:
    """For each term the texts that hold it, and how much it says there (0 to 1, after BM25)."""

    def __init__(self, numbers: Mapping[str, int], texts: Groups, counts: npt.NDArray[np.float64]) -> None:
        self.size = len(texts.sizes)
        self._numbers = numbers
        owners = texts.owners
        length = np.bincount(owners, counts, minlength=self.size)
        mean = float(length.mean()) if self.size else 1.0
        damp = _SATURATION * (1 - _LENGTH + _LENGTH * length / max(mean, 1e-6))
        order = np.argsort(texts.flat, kind="stable")
        self._owners = owners[order].astype(np.int32)
        self._impacts = (counts / (counts + damp[owners]))[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(texts.flat, minlength=len(numbers)))])

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
