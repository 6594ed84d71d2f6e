"""A linear classifier over hashed features: what is learnt is a table of numbers, and nothing else.

Features are strings with a value. Their weights lie in a table of fixed size, at the place that the
CRC-32 of the string gives ("the hashing trick", Weinberger et al. 2009), so that the model needs no
dictionary and never grows.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from paperkg.errors import VocabularyError

#: Rows of the table.
BUCKETS = 1 << 17


@lru_cache(maxsize=1 << 18)
def bucket(feature: str) -> int:
    """Give the row of a feature."""
    return zlib.crc32(feature.encode("utf-8", "replace")) % BUCKETS


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
        rows = [bucket(name) for name in features]
        values = np.fromiter(features.values(), dtype=np.float32, count=len(features))
        scores = self.bias + values @ self.weights[rows] if rows else self.bias
        exponents = np.exp(scores - scores.max())
        return dict(zip(self.labels, (exponents / exponents.sum()).tolist(), strict=True))

    def all_probabilities(self, examples: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        """Give the probability of each label for each of several examples, in one go."""
        if not examples:
            return []
        rows = [bucket(name) for features in examples for name in features]
        values = np.fromiter((v for f in examples for v in f.values()), dtype=np.float32, count=len(rows))
        ends = np.cumsum([len(features) for features in examples])
        # A last row of nothing, so that an example without features has a place to begin at.
        given = np.zeros((len(rows) + 1, len(self.labels)), dtype=np.float32)
        np.multiply(self.weights[rows], values[:, None], out=given[:-1])
        sums = np.add.reduceat(given, [0, *ends[:-1]], axis=0)
        sums[[not features for features in examples]] = 0
        scores = sums + self.bias
        exponents = np.exp(scores - scores.max(axis=1, keepdims=True))
        exponents /= exponents.sum(axis=1, keepdims=True)
        return [dict(zip(self.labels, row, strict=True)) for row in exponents.tolist()]

    def detect(self, features: Mapping[str, float]) -> str:
        """Give the likeliest label but "", if its probability reaches the bar; "" stands for nothing."""
        return self.choose(self.probabilities(features))

    def choose(self, chances: Mapping[str, float]) -> str:
        """Give the likeliest label but "", if its probability reaches the bar."""
        label, chance = max(((k, p) for k, p in chances.items() if k), key=lambda item: item[1])
        return label if chance >= self.bar else ""

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
