"""All words of all papers as numbers: each word is taken apart once, the rest is arithmetic on arrays."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept, Paper
from paperkg.passages import sentences
from paperkg.retrieve.terms import chunks, terms_of

Numbers = npt.NDArray[np.int64]

#: What a word in the title counts, and one in a name of what the paper speaks of, by one in the abstract.
_TITLE, _ABSTRACT, _NAMES = 2.0, 1.0, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows of numbers of different lengths, one behind the other."""

    flat: Numbers
    sizes: Numbers

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]]) -> Groups:
        """Put rows behind each other."""
        # An array and no lists: the collector of garbage would go through them, again and again.
        flat, sizes = array("q"), array("q")
        for row in rows:
            begin = len(flat)
            flat.extend(row)
            sizes.append(len(flat) - begin)
        return cls(np.array(flat, np.int64), np.array(sizes, np.int64))

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
    """Numbers of words, in the order in which they are met; words end at spaces, and keep their commas."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number

    def numbers(self, text: str) -> Iterable[int]:
        """Give the numbers of a text's words."""
        return map(self.__getitem__, chunks(text))


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
        words, sizes = Words(), array("q")
        said = Groups.of(chain.from_iterable(_said(paper, words, sizes) for paper in graph.papers.values()))
        things = {key: number for number, key in enumerate(graph.concepts)}
        called = Groups.of(_called(graph, concept, words) for concept in graph.concepts.values())
        spoken = Groups.of([things[e.id] for e in graph.extractions[key].entities] for key in graph.papers)
        numbers = Words()
        parts = Groups.of(map(numbers.__getitem__, terms_of(word)) for word in words)
        owners = np.repeat(np.arange(len(sizes)), sizes)
        sayings = parts.expand(said)
        names = parts.expand(called.expand(spoken)).once(max(len(numbers), 1))
        papers, counts = _weigh(sayings, owners, names, len(numbers))
        return cls(terms=numbers, sayings=sayings, owners=owners, papers=papers, counts=counts)


def _said(paper: Paper, words: Words, sizes: array[int]) -> Iterator[Iterable[int]]:
    """Yield the words of the title and of each sentence; how many there are is put to ``sizes``."""
    bounds = sentences(paper.abstract)
    sizes.append(1 + len(bounds))
    yield words.numbers(paper.title)
    for start, end in bounds:
        yield words.numbers(paper.abstract[start:end])


def _called(graph: KnowledgeGraph, concept: Concept, words: Words) -> Iterator[int]:
    """Yield the words of all names of a thing, of the families above it, and of what is known of it."""
    concepts = graph.concepts
    above = (concepts[key].name for key in (concept.variant_of, concept.broader) if key in concepts)
    facts = (concept.vendor, concept.kind, concept.architecture)
    for name in (concept.name, *concept.aliases, *above, *facts):
        yield from words.numbers(name)


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
