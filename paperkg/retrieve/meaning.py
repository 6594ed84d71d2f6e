"""What texts mean, as vectors of their words: made from abstracts, and small enough to ship.

A text is the sum of its words' vectors, of length one. The vectors were learnt so that a title, a sentence
or a third of an abstract lies near the rest of it (``paperkg.train.meaning``): the length of a vector says
how much its word tells of what a text is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperkg.errors import GraphError

Floats = npt.NDArray[np.float32]

_FILE = Path(__file__).parent / "meanings.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Meanings:
    """Vectors of terms, one a row."""

    terms: tuple[str, ...]
    numbers: dict[str, int]
    table: Floats
    #: The same, one term a column.
    columns: Floats
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
        columns = np.ascontiguousarray(table.T)
        return cls(terms, {t: row for row, t in enumerate(terms)}, table, columns, unit_length(table))

    def is_common(self, term: str) -> bool:
        """Say whether a term is a word of everyday science: rows are sorted by how many texts hold them."""
        return self.numbers.get(term, _COMMON) < _COMMON

    def of(self, texts: Iterable[Iterable[str]]) -> Floats:
        """Give one vector of length one for each text, given by its terms; 0 where none is known."""
        number = self.numbers.get
        rows = [[number(term, -1) for term in text] for text in texts]
        owners = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        flat = np.fromiter(chain.from_iterable(rows), np.int64, len(owners))
        # Each known word of a text once.
        words = len(self.terms)
        once = np.unique(owners[flat >= 0] * words + flat[flat >= 0])
        owners, flat = once // words, once % words
        result = np.empty((len(rows), self.table.shape[1]), np.float32)
        # Column by column: many times faster than summing rows by ``reduceat``.
        for column, values in enumerate(self.columns):
            result[:, column] = np.bincount(owners, values[flat], minlength=len(rows))
        return unit_length(result)

    def alike(self, term: str, *, least: float, most: int) -> Sequence[tuple[str, float]]:
        """Give the terms whose vectors point where that of a term does, the nearest first, without itself."""
        row = self.numbers.get(term)
        if row is None:
            return ()
        likeness = self.unit @ self.unit[row]
        near = np.flatnonzero(likeness >= least)
        near = near[np.argsort(-likeness[near], kind="stable")][: most + 1]
        return [(self.terms[n], float(likeness[n])) for n in near.tolist() if n != row]


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
