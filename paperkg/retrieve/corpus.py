"""All words of all papers as numbers: each word is taken apart once, the rest is arithmetic on arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept
from paperkg.passages import sentences
from paperkg.retrieve.terms import split, terms_of_word

Numbers = npt.NDArray[np.int64]

#: What a word in the title counts, and one in a name of what the paper speaks of, by one in the abstract.
_TITLE, _ABSTRACT, _NAMES = 2.0, 1.0, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of numbers of different lengths, one behind the other."""

    flat: Numbers
    sizes: Numbers

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Groups:
        """Put rows behind each other."""
        sizes = np.fromiter(map(len, rows), np.int64, len(rows))
        return cls(np.fromiter(chain.from_iterable(rows), np.int64, int(sizes.sum())), sizes)

    @property
    def owners(self) -> Numbers:
        """For each number its row."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def expand(self, keys: Groups) -> Groups:
        """Put for each number of ``keys`` the row that it stands for."""
        counts = self.sizes[keys.flat]
        begins = np.cumsum(self.sizes) - self.sizes
        before = np.cumsum(counts) - counts
        places = np.arange(int(counts.sum())) + np.repeat(begins[keys.flat] - before, counts)
        sizes = np.bincount(keys.owners, counts, minlength=len(keys.sizes)).astype(np.int64)
        return Groups(self.flat[places], sizes)

    def once(self, most: int) -> Groups:
        """Keep each number (below ``most``) once a row, sorted."""
        keys = np.sort(self.owners * most + self.flat)
        keys = keys[np.diff(keys, prepend=-1) > 0]
        return Groups(keys % most, np.bincount(keys // most, minlength=len(self.sizes)))


class Words(dict[str, int]):
    """Numbers of words, in the order in which they are met."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number

    def numbers(self, text: str) -> list[int]:
        """Give the numbers of a text's words."""
        return list(map(self.__getitem__, split(text)))


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The terms of papers: of each sentence (the title is one), and of the whole with their weights."""

    #: Number of each term.
    terms: dict[str, int]
    #: Terms of each title and sentence, and the paper of each.
    sayings: Groups
    owners: Numbers
    #: Terms of each paper, each once, and what each counts there.
    papers: Groups
    counts: npt.NDArray[np.float64]

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> Corpus:
        """Take apart all papers of a graph, and the names of what they speak of."""
        words = Words()
        said: list[list[int]] = []
        sizes: list[int] = []
        for paper in graph.papers.values():
            own = [words.numbers(paper.abstract[a:b]) for a, b in sentences(paper.abstract)]
            said += (words.numbers(paper.title), *own)
            sizes.append(1 + len(own))
        things = {key: number for number, key in enumerate(graph.concepts)}
        called = [_called(graph, concept, words) for concept in graph.concepts.values()]
        spoken = [[things[e.id] for e in graph.extractions[key].entities] for key in graph.papers]
        numbers: dict[str, int] = {}
        parts = Groups.of(
            [[numbers.setdefault(t, len(numbers)) for t in terms_of_word(word)] for word in words]
        )
        owners = np.repeat(np.arange(len(sizes)), sizes)
        sayings = parts.expand(Groups.of(said))
        names = parts.expand(Groups.of(called).expand(Groups.of(spoken))).once(max(len(numbers), 1))
        papers, counts = _weigh(sayings, owners, names, len(numbers))
        return cls(terms=numbers, sayings=sayings, owners=owners, papers=papers, counts=counts)


def _called(graph: KnowledgeGraph, concept: Concept, words: Words) -> list[int]:
    """Give the words of all names of a thing, of the families above it, and of what is known of it."""
    concepts = graph.concepts
    above = (concepts[key].name for key in (concept.variant_of, concept.broader) if key in concepts)
    facts = (concept.vendor, concept.kind, concept.architecture)
    return _flat(words.numbers(name) for name in (concept.name, *concept.aliases, *above, *facts))


def _flat(rows: Iterable[list[int]]) -> list[int]:
    return list(chain.from_iterable(rows))


def _weigh(
    sayings: Groups, owners: Numbers, names: Groups, terms: int
) -> tuple[Groups, npt.NDArray[np.float64]]:
    """Add up what each term counts in each paper."""
    first = np.diff(owners, prepend=-1) > 0
    weight = np.where(np.repeat(first, sayings.sizes), _TITLE, _ABSTRACT)
    keys = np.concatenate(
        [np.repeat(owners, sayings.sizes) * terms + sayings.flat, names.owners * terms + names.flat]
    )
    weights = np.concatenate([weight, np.full(len(names.flat), _NAMES)])
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    begins = np.flatnonzero(np.diff(keys, prepend=-1))
    counts = np.add.reduceat(weights, begins) if len(begins) else np.zeros(0)
    keys = keys[begins]
    papers = Groups(keys % terms, np.bincount(keys // terms, minlength=len(names.sizes))) if terms else names
    return papers, counts
