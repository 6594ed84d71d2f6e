"""What texts mean, as vectors of their words: made from abstracts, and small enough to ship.

A text is the sum of its words' vectors, of length one. The vectors were learnt so that a title, a sentence
or a third of an abstract lies near the rest of it (``paperkg.train.meaning``): the length of a vector says
how much its word tells of what a text is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperkg.errors import GraphError
from paperkg.retrieve.corpus import Groups

Floats = npt.NDArray[np.float32]

_FILE = Path(__file__).parent / "meanings.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Meanings:
    """Vectors of terms, one a row."""

    terms: tuple[str, ...]
    numbers: dict[str, int]
    table: Floats
    #: The table with length one, to say which words are alike.
    unit: Floats

    @classmethod
    def load(cls, path: Path = _FILE) -> Meanings:
        """Read the vectors. Raises ``GraphError`` where they are damaged."""
        try:
            with np.load(path, allow_pickle=False) as data:
                terms = tuple(str(data["terms"]).split("\n"))
                table = data["vectors"].astype(np.float32) * data["scales"].astype(np.float32)[:, None]
        except (OSError, ValueError, KeyError) as error:
            raise GraphError(f"{path.name} is damaged; install paperkg again: {error}") from error
        return cls(terms, {t: row for row, t in enumerate(terms)}, table, unit_length(table))

    def is_common(self, term: str) -> bool:
        """Say whether a term is a word of everyday science: rows are sorted by how many texts hold them."""
        return self.numbers.get(term, _COMMON) < _COMMON

    def of(self, texts: Iterable[Iterable[str]]) -> Floats:
        """Give one vector of length one for each text, given by its terms; 0 where none is known."""
        number = self.numbers
        rows = [sorted({number[term] for term in text if term in number}) for text in texts]
        return self.of_rows(Groups.of(rows))

    def of_rows(self, texts: Groups) -> Floats:
        """Give one vector of length one for each text, given by the rows of its terms, each once."""
        # The first rows of all texts, then the second of those that have one: many times faster than text
        # by text. The longest come first, so that those that have one are always the first.
        order = np.argsort(-texts.sizes, kind="stable")
        left = texts.sizes[order]
        begins = (np.cumsum(texts.sizes) - texts.sizes)[order]
        result = np.zeros((len(order), self.table.shape[1]), np.float32)
        for start in range(0, len(order), _CHUNK):
            part = slice(start, start + _CHUNK)
            sums = np.zeros((len(order[part]), self.table.shape[1]), np.float32)
            for place in range(int(left[start])):
                some = int(np.searchsorted(-left[part], -place))
                sums[:some] += self.table[texts.flat[begins[part][:some] + place]]
            result[order[part]] = unit_length(sums)
        return result

    def rows_of(self, terms: Mapping[str, int], texts: Groups) -> Groups:
        """Turn numbers of terms into rows, each once a text; what has no vector is left out."""
        rows = np.fromiter((self.numbers.get(term, -1) for term in terms), np.int64, len(terms))[texts.flat]
        known = rows >= 0
        sizes = np.bincount(texts.owners[known], minlength=len(texts.sizes))
        return Groups(rows[known], sizes).once(len(self.terms))

    def alike(self, term: str, *, least: float, most: int) -> Sequence[tuple[str, float]]:
        """Give the terms whose vectors point where that of a term does, the nearest first, without itself."""
        row = self.numbers.get(term)
        if row is None:
            return ()
        likeness = self.unit @ self.unit[row]
        near = np.flatnonzero(likeness >= least)
        near = near[np.argsort(-likeness[near], kind="stable")][: most + 1]
        return [(self.terms[n], float(likeness[n])) for n in near.tolist() if n != row]


#: Texts that are added up at a time: so many fit near the processor.
_CHUNK = 1024

#: Words up to this row are common.
_COMMON = 8000


@lru_cache(maxsize=1)
def default_meanings() -> Meanings:
    """Give the vectors that ship with paperkg."""
    return Meanings.load()


def unit_length(vectors: Floats) -> Floats:
    """Give vectors of length one; those of length 0 stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = vectors / np.maximum(lengths, 1e-9)
    return result
