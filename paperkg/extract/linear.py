"""A linear classifier over hashed features: what is learnt is a table of numbers, and nothing else.

Features are strings with a value. Their weights lie in a table of fixed size, at the place that the
CRC-32 of the string gives ("the hashing trick", Weinberger et al. 2009), so that the model needs no
dictionary and never grows.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperkg.errors import VocabularyError

#: Rows of the table.
BUCKETS = 1 << 17


#: Rows of features that have been asked for, so many at most.
_ROWS: dict[str, int] = {}
_MOST_KEPT = 1 << 18


def buckets(features: Iterable[str]) -> npt.NDArray[np.int64]:
    """Give the row of each feature."""
    names = list(features)
    if len(_ROWS) + len(names) > _MOST_KEPT:
        _ROWS.clear()
    rows = list(map(_ROWS.get, names))
    if None in rows:
        for name in {*names}.difference(_ROWS):
            _ROWS[name] = zlib.crc32(name.encode("utf-8", "replace")) % BUCKETS
        rows = list(map(_ROWS.get, names))
    return np.array(rows, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """Weights: ``weights`` has a row for each bucket and a column for each label, ``bias`` a number each."""

    labels: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    #: Probability from which ``detect`` says that there is something.
    bar: float = 0.5

    def probabilities(self, features: Mapping[str, float]) -> dict[str, float]:
        """Give the probability of each label."""
        return self.all_probabilities([features])[0]

    def all_probabilities(self, examples: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        """Give the probability of each label for each of several examples, in one go."""
        if not examples:
            return []
        rows = buckets(chain.from_iterable(examples))
        every = chain.from_iterable(features.values() for features in examples)
        values = np.fromiter(every, dtype=np.float32, count=len(rows))
        ends = np.cumsum([len(features) for features in examples])
        # A last row of nothing, so that an example without features has a place to begin at.
        given = np.zeros((len(rows) + 1, len(self.labels)), dtype=np.float32)
        np.multiply(self.weights.take(rows, axis=0), values[:, None], out=given[:-1])
        sums = np.add.reduceat(given, [0, *ends[:-1]], axis=0)
        sums[[not features for features in examples]] = 0
        scores = sums + self.bias
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        exponents /= exponents.sum(axis=1, keepdims=True)
        return [dict(zip(self.labels, row, strict=True)) for row in exponents.tolist()]

    def detect(self, features: Mapping[str, float]) -> str:
        """Give the likeliest label but "", if it is likely enough that there is one."""
        return self.choose(self.probabilities(features))

    def choose(self, chances: Mapping[str, float]) -> str:
        """Give the likeliest label but "", if the bar is reached by the probability that it is not ""."""
        return max((k for k in chances if k), key=lambda k: chances[k]) if 1 - chances[""] >= self.bar else ""

    def save(self, path: Path) -> None:
        """Write the model; half precision is enough, and half the size."""
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                labels=np.array(self.labels),
                weights=self.weights.astype(np.float16),
                bias=self.bias.astype(np.float32),
                bar=np.float32(self.bar),
            )

    @classmethod
    def load(cls, path: Path) -> LinearModel:
        """Read a model. Raises ``VocabularyError`` where there is none."""
        try:
            with np.load(path, allow_pickle=False) as data:
                if len(data["weights"]) != BUCKETS:
                    raise ValueError(f"{len(data['weights'])} rows of weights and not {BUCKETS}")
                return cls(
                    labels=tuple(map(str, data["labels"])),
                    weights=data["weights"].astype(np.float32),
                    bias=data["bias"],
                    bar=float(data["bar"]) if "bar" in data else 0.5,
                )
        except (OSError, ValueError, KeyError) as error:
            raise VocabularyError(f"{path}: no model ({error}); make one with `paperkg train`") from error
