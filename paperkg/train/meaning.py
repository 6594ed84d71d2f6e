"""Learn what words mean for finding texts: vectors whose sums lie near for parts of one abstract.

A title, a sentence, or a third of the sentences is held against the rest of its abstract, and against the
rests of the others of its batch (InfoNCE, both ways). Half of the time, half of the words that both sides
share are taken away, so that meanings are learnt and not words. Plain numpy, with Adam: a bag of words needs
no framework.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from paperkg.errors import InputError
from paperkg.files import atomic_write
from paperkg.model import Paper, Progress, say_nothing
from paperkg.passages import sentences
from paperkg.retrieve.terms import terms

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int32]

#: Terms with vectors, those that too few texts hold, and the vectors' dimensions.
_TERMS, _RARE, _DIMENSIONS = 30_000, 5, 128

#: Pairs of a step, the temperature of the softmax, the learning rate and the steps until it is reached.
_BATCH, _TEMPERATURE, _RATE, _WARM = 512, 0.05, 0.02, 50

#: Sentences that a text needs to have parts.
_PARTS = 3

#: A text as the numbers of its terms: title, sentences.
Text = tuple[Numbers, list[Numbers]]


def learn_meanings(
    papers: Sequence[Paper], *, epochs: int = 8, progress: Progress = say_nothing
) -> tuple[list[str], Floats]:
    """Give terms, those of most texts first, and a vector for each. 100,000 abstracts take some ten minutes.

    Raises ``InputError`` where there are fewer papers than a batch has.
    """
    known, texts, counts = _read(papers)
    if len(texts) < _BATCH:
        raise InputError(f"{len(texts)} abstracts of {_PARTS} sentences; at least {_BATCH} are needed")
    chance = np.random.default_rng(0)
    rarity = np.log(len(texts) / counts).astype(np.float32)
    table = chance.normal(size=(len(known), _DIMENSIONS)).astype(np.float32)
    table *= rarity[:, None] / 4 / math.sqrt(_DIMENSIONS)
    mean, square = np.zeros_like(table), np.zeros_like(table)
    steps = epochs * (len(texts) // _BATCH)
    for step, batch in enumerate(_batches(texts, epochs, chance), start=1):
        slope = _slope(table, *(_bags(side, len(known)) for side in zip(*batch, strict=True)))
        rate = _RATE * min(1.0, step / _WARM) * max(0.05, 1 - step / steps)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope * slope
        table -= (rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)).astype(
            np.float32
        )
        progress("learn", step, steps)
    return known, table


def save_meanings(path: Path, known: Sequence[str], table: Floats) -> None:
    """Write terms and vectors; a byte a number is enough."""
    scales = np.maximum(np.abs(table).max(axis=1), 1e-9) / 127
    with atomic_write(path) as stream:
        np.savez_compressed(
            stream,
            terms="\n".join(known),
            vectors=np.round(table / scales[:, None]).astype(np.int8),
            scales=scales.astype(np.float16),
        )


def _read(papers: Sequence[Paper]) -> tuple[list[str], list[Text], npt.NDArray[np.int64]]:
    numbers: dict[str, int] = {}
    raw: list[Text] = []
    spread: Counter[int] = Counter()

    def numbered(text: str) -> Numbers:
        return np.array([numbers.setdefault(term, len(numbers)) for term in terms(text)], np.int32)

    for paper in papers:
        said = [numbered(paper.abstract[start:end]) for start, end in sentences(paper.abstract)]
        if len(said) >= _PARTS:
            raw.append((numbered(paper.title), said))
            spread.update(np.unique(np.concatenate([raw[-1][0], *said])).tolist())
    names = list(numbers)
    kept = [n for n in sorted(spread, key=lambda n: (-spread[n], names[n])) if spread[n] >= _RARE][:_TERMS]
    place = np.full(len(numbers), -1, np.int32)
    place[kept] = np.arange(len(kept))

    def frequent(part: Numbers) -> Numbers:
        found: Numbers = place[part]
        return found[found >= 0]

    texts = [(frequent(title), [frequent(one) for one in said]) for title, said in raw]
    return [names[n] for n in kept], texts, np.array([spread[n] for n in kept])


def _batches(
    texts: Sequence[Text], epochs: int, chance: np.random.Generator
) -> Iterator[list[tuple[Numbers, Numbers]]]:
    for _ in range(epochs):
        order = chance.permutation(len(texts))
        for first in range(0, len(texts) - _BATCH + 1, _BATCH):
            chosen = [texts[n] for n in order[first : first + _BATCH].tolist()]
            yield [_parts(title, said, chance) for title, said in chosen]


def _parts(title: Numbers, said: Sequence[Numbers], chance: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Give a part of a text and the rest of it, each without repetition."""
    dice = chance.random()
    if dice < 0.4 and len(title) > 2:
        part, rest = title, list(said)
    elif dice < 0.8:
        chosen = int(chance.integers(len(said)))
        part = said[chosen]
        rest = [one for n, one in enumerate(said) if n != chosen] + ([title] if chance.random() < 0.5 else [])
    else:
        order = chance.permutation(len(said)).tolist()
        third = max(1, len(said) // 3)
        part = np.concatenate([said[n] for n in order[:third]])
        rest = [said[n] for n in order[third:]]
    left, right = np.unique(part), np.unique(np.concatenate(rest))
    if chance.random() < 0.5:
        kept = left[~(np.isin(left, right) & (chance.random(len(left)) < 0.5))]
        left = kept if len(kept) >= 3 else left
    return (left if len(left) else right[:1]), (right if len(right) else left)


def _bags(texts: Sequence[Numbers], size: int) -> Any:
    from scipy.sparse import csr_matrix

    lengths = np.array([len(text) for text in texts])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    return csr_matrix((values, np.concatenate(texts), starts), shape=(len(texts), size))


def _slope(table: Floats, left: Any, right: Any) -> Floats:
    """Give the slope of the loss: each part is to lie nearer to its own rest than to those of the others."""
    (one, one_length), (other, other_length) = _unit(left @ table), _unit(right @ table)
    scores = one @ other.T / _TEMPERATURE
    rows = np.exp(scores - scores.max(axis=1, keepdims=True))
    columns = np.exp(scores - scores.max(axis=0, keepdims=True))
    pull = (rows / rows.sum(axis=1, keepdims=True) + columns / columns.sum(axis=0, keepdims=True)) / 2
    pull[np.arange(len(pull)), np.arange(len(pull))] -= 1
    pull /= len(pull) * _TEMPERATURE
    to_one, to_other = pull @ other, pull.T @ one
    to_one = (to_one - (to_one * one).sum(axis=1, keepdims=True) * one) / one_length
    to_other = (to_other - (to_other * other).sum(axis=1, keepdims=True) * other) / other_length
    return np.asarray(left.T @ to_one + right.T @ to_other, np.float32)


def _unit(vectors: Floats) -> tuple[Floats, Floats]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-6
    return vectors / lengths, lengths
