"""Teach the recogniser's network: first on what rules find in many abstracts, then on annotated papers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from thinc.api import Adam, fix_random_seed

from paperkg.extract.network import Inputs, make_network
from paperkg.extract.recogniser import LABELS, Tagger, WordVectors, softmax

#: Tokens of a typical batch: by this the gradients are divided.
_TOKENS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A text as the network sees it, and the right label of each token (places in ``LABELS``)."""

    inputs: Inputs
    labels: npt.NDArray[np.int64]


def teach(
    lessons: Sequence[Lesson],
    vectors: WordVectors,
    *,
    start: Tagger | None = None,
    epochs: int,
    rate: float,
    dropout: float,
    batch: int = 8,
    see: Callable[[Lesson, random.Random], Inputs] = lambda lesson, _: lesson.inputs,
) -> Tagger:
    """Train a network, from the weights of another one if there is one; the same lessons, the same weights.

    ``rate`` is that of Adam; it rises for some batches and falls to nothing. ``see`` may hide some of what
    there is to see. The weights are the average over all batches (Polyak and Juditsky 1992).
    """
    fix_random_seed(0)
    network = make_network(len(LABELS), vectors.table.shape[1], dropout=dropout)
    network.initialize()
    if start is not None:
        for node, model in zip(network.walk(), start.network.walk(), strict=True):
            for name in node.param_names:
                node.set_param(name, model.get_param(name).copy())
    optimizer = Adam(rate, L2=1e-5, grad_clip=5.0, use_averages=True)
    chance = random.Random(0)  # noqa: S311 - no secret: the order of the lessons
    order = list(range(len(lessons)))
    done, total = 0, max(1, epochs * len(lessons) // batch)
    for _ in range(epochs):
        chance.shuffle(order)
        for first in range(0, len(order), batch):
            done += 1
            optimizer.learn_rate = rate * min(1.0, done / 30) * max(0.05, 1 - done / total)
            chosen = [lessons[i] for i in order[first : first + batch]]
            scores, backprop = network.begin_update([see(lesson, chance) for lesson in chosen])
            gradients = []
            for given, lesson in zip(scores, chosen, strict=True):
                gradient = softmax(given)
                gradient[np.arange(len(gradient)), lesson.labels] -= 1
                gradients.append((gradient / _TOKENS).astype(np.float32))
            backprop(gradients)
            network.finish_update(optimizer)
    with network.use_params(optimizer.averages):
        best = network.copy()
    return Tagger(best, vectors)
