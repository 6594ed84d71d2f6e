"""What lies near in the graph: personalised PageRank between papers and the things they speak of."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from paperkg.graph import KnowledgeGraph

Floats = npt.NDArray[np.float64]

#: How much the tie between a paper and a thing weighs, by the thing's role.
ROLE_WEIGHTS: Mapping[str, float] = {
    "introduced": 1.0,
    "compared": 0.6,
    "evaluated_on": 0.6,
    "used": 0.5,
    "mentioned": 0.3,
}

#: Chance to begin again at each step, and steps: what is further away than a few says nothing.
_RESTART, _STEPS = 0.5, 6


class Ties:
    """Papers and things, and the ties between them, ready for walks."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self.papers = {key: number for number, key in enumerate(graph.papers)}
        self.things = {concept.id: number for number, concept in enumerate(graph.mentioned())}
        rows = [
            (self.papers[paper], self.things[entity.id], ROLE_WEIGHTS[entity.role])
            for paper, extraction in graph.extractions.items()
            for entity in extraction.entities
        ]
        table = np.array(rows, np.float64).reshape(-1, 3)
        self._paper, self._thing = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        weight = table[:, 2]
        spread = np.bincount(self._thing, minlength=len(self.things))
        rarity = np.log1p(len(self.papers) / np.maximum(spread, 1))
        self._to_thing = _shares(weight * rarity[self._thing], self._paper, len(self.papers))
        self._to_paper = _shares(weight, self._thing, len(self.things))

    def rarity(self, count: int) -> float:
        """Say how much it tells that a paper speaks of something that ``count`` papers speak of."""
        return math.log1p(len(self.papers) / max(count, 1))

    def walk(self, papers: Floats, things: Floats) -> Floats:
        """Give how often walks from these papers and things come to each paper, beyond where they begin."""
        total = papers.sum() + things.sum()
        if total <= 0:
            return np.zeros(len(self.papers))
        start_paper, start_thing = papers / total, things / total
        at_paper, at_thing = start_paper, start_thing
        for _ in range(_STEPS):
            on_papers = np.bincount(
                self._paper, at_thing[self._thing] * self._to_paper, minlength=len(self.papers)
            )
            on_things = np.bincount(
                self._thing, at_paper[self._paper] * self._to_thing, minlength=len(self.things)
            )
            at_paper = _RESTART * start_paper + (1 - _RESTART) * on_papers
            at_thing = _RESTART * start_thing + (1 - _RESTART) * on_things
        beyond: Floats = at_paper - _RESTART * start_paper
        return beyond


def _shares(weight: Floats, owner: npt.NDArray[np.int64], size: int) -> Floats:
    totals = np.bincount(owner, weight, minlength=size)
    result: Floats = weight / np.maximum(totals[owner], 1e-12)
    return result
