"""Which papers answer a question: words, meaning, names and the graph, added up.

Each of the parts is brought to the same height (1 for its best paper) and weighed. The weights were chosen on
one half of the questions of ``benchmarks/retrieval``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept
from paperkg.retrieve.answers import find_answers
from paperkg.retrieve.corpus import Corpus
from paperkg.retrieve.lexical import TermIndex
from paperkg.retrieve.meaning import Meanings, default_meanings
from paperkg.retrieve.model import Answer
from paperkg.retrieve.naming import Namer, Naming, families
from paperkg.retrieve.network import ROLE_WEIGHTS, Ties
from paperkg.retrieve.terms import telling

Floats = npt.NDArray[Any]

#: What each part counts.
WEIGHTS = {
    "words": 1.0,
    "sentence": 0.25,
    "meaning": 0.3,
    "names": 0.2,
    "graph": 0.15,
    "hops": 0.4,
    "answer": 0.3,
}

#: A word of a question also counts as words that are alike: so alike at least, so many at most, for so much.
_ALIKE, _MOST_ALIKE, _ALIKE_WEIGHT = 0.4, 20, 0.6

#: What a question means is moved towards so many nearest papers, by so much.
_LOOK, _LOOK_WEIGHT = 3, 0.3

#: Walks in the graph begin at so many papers that words and meaning found.
_BEGIN = 5

#: Steps beyond a paper begin at so many that the question describes, and what a step counts by role.
_DESCRIBED = 3
_STEP = {"introduced": 0.5, "compared": 1.0, "evaluated_on": 0.7, "used": 0.7, "mentioned": 0.4}
_SAME = re.compile(r"\bsame\b", re.I)

#: An answer of so many papers still says all it can of each.
_SHORT = 8

#: Where others are asked for, what introduces the things named counts so much less.
_OTHER = re.compile(r"\b(?:other|others|else|another)\b", re.I)
_OWN = 0.5

#: A role that the question asks for counts so much more; what asks for it.
_ASKED = 0.5
ROLE_CUES = {
    "introduced": re.compile(
        r"\bwhat (?:is|are|does|do|can)\b|\bintroduc|\bpropos|\bpresent|\bexplain|\babout\b|\bdescri", re.I
    ),
    "compared": re.compile(
        r"\bcompar|\bversus\b|\bvs\b|\bthan\b|outperform|\bbeat|\bfaster\b|\bover\b|\bbaseline|\bagainst\b"
        r"|\bmeasur",
        re.I,
    ),
    "evaluated_on": re.compile(
        r"\bon\b|\brun|\bevaluat|\bbenchmark|\btest|\bhardware|\bchip|\bgpu|\bcards?\b|\bresult", re.I
    ),
    "used": re.compile(r"\bus(?:e|es|ed|ing)\b|\bbuilt\b|\bbased\b|\bwith\b", re.I),
}


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Scores of all papers for a question, and the parts they are made of, each from 0 to 1."""

    scores: Floats
    parts: dict[str, Floats]
    names: list[Naming]
    answers: tuple[Answer, ...]


class Ranker:
    """Scores the papers of a graph; made once, asked often, from several threads if need be."""

    def __init__(self, graph: KnowledgeGraph, meanings: Meanings | None = None) -> None:
        self._graph = graph
        self._meanings = meanings or default_meanings()
        self.papers = list(graph.papers)
        self._number = {key: number for number, key in enumerate(self.papers)}
        corpus = Corpus.of(graph)
        self.index = TermIndex(corpus.terms, corpus.papers, corpus.counts)
        self._begins = np.flatnonzero(np.diff(corpus.owners, prepend=-1))
        about = self._meanings
        self._sayings = about.of_rows(about.rows_of(corpus.terms, corpus.sayings))
        self._wholes = about.of_rows(about.rows_of(corpus.terms, corpus.papers))
        self.namer = Namer(graph)
        self.ties = Ties(graph)
        self._alike = lru_cache(maxsize=10_000)(self._find_alike)

    def rank(self, question: str) -> Ranking:
        """Score all papers for a question."""
        asked = telling(question)
        wanted = self._meanings.of([asked])[0]
        names = self.namer.find(question)
        parts = {
            "words": _height(self._words(asked)),
            "sentence": _height(self._sentence(wanted)),
            "meaning": _height(self._meaning(wanted)),
            "names": _height(self._named(question, names)),
        }
        found = parts["words"] + parts["sentence"]
        parts["graph"] = _height(self._near(found, names))
        parts["hops"] = _height(self._beyond(question, found, names))
        answers = find_answers(self._graph, question, names)
        parts["answer"] = _height(self._answering(answers))
        if _OTHER.search(question):
            # "Which other papers run on the same GPU as X": not the one of X.
            parts = {name: part * np.where(self._own(names), _OWN, 1.0) for name, part in parts.items()}
        scores: Floats = sum(
            (WEIGHTS[name] * part for name, part in parts.items()), np.zeros(len(self.papers))
        )
        return Ranking(scores, parts, names, answers)

    def likeness(self, asked: Sequence[str], said: Sequence[Sequence[str]]) -> Floats:
        """Score sentences of papers for the terms of a question: by words and by meaning."""
        if not said:
            return np.zeros(0)
        weights = {near: 0.0 for term in asked for near, _ in self._alike(term)}
        total = 0.0
        for term in asked:
            rarity = self.index.rarity(term)
            total += rarity
            for near, likeness in self._alike(term):
                weights[near] = max(weights[near], rarity * likeness)
        words = np.array([sum(weights.get(term, 0.0) for term in set(one)) for one in said])
        meaning = self._meanings.of(said) @ self._meanings.of([asked])[0]
        result: Floats = words / max(total, 1e-9) + WEIGHTS["meaning"] * np.clip(meaning, 0, None)
        return result

    def _find_alike(self, term: str) -> Sequence[tuple[str, float]]:
        near = self._meanings.alike(term, least=_ALIKE, most=_MOST_ALIKE)
        return [(term, 1.0), *((other, _ALIKE_WEIGHT * one) for other, one in near if other in self.index)]

    def _words(self, asked: Sequence[str]) -> Floats:
        scores = np.zeros(len(self.papers))
        for term in asked:
            alike = [(near, one) for near, one in self._alike(term) if near in self.index]
            if alike:
                # A word that no paper has is as rare as the nearest ones that some have.
                rarity = max(
                    self.index.rarity(near) for near, _ in (alike if alike[0][0] != term else alike[:1])
                )
                scores += rarity * self.index.match(alike)
        return scores

    def _sentence(self, wanted: Floats) -> Floats:
        """Score by the sentence that means most nearly what is asked."""
        likeness = self._sayings @ wanted
        best: Floats = np.maximum.reduceat(likeness, self._begins) if len(likeness) else np.zeros(0)
        return _above(best)

    def _meaning(self, wanted: Floats) -> Floats:
        """Score by what the papers are about, after a look at the nearest of them (Rocchio)."""
        if not self.papers or not wanted.any():
            return np.zeros(len(self.papers))
        nearest = np.argsort(-(self._wholes @ wanted), kind="stable")[:_LOOK]
        moved = wanted + _LOOK_WEIGHT * self._wholes[nearest].mean(axis=0)
        return _above(self._wholes @ moved)

    def _named(self, question: str, names: Sequence[Naming]) -> Floats:
        """Score by what the papers do with what the question names, more so in the role that is asked for."""
        graph = self._graph
        asked = {role for role, cue in ROLE_CUES.items() if cue.search(question)}
        scores = np.zeros(len(self.papers))
        for naming in names:
            best: dict[str, float] = {}
            for key, closeness in families(graph, naming.concepts).items():
                for paper, role in graph.papers_of[key]:
                    value = closeness * (0.4 + ROLE_WEIGHTS[role] + _ASKED * (role in asked))
                    best[paper] = max(best.get(paper, 0.0), value)
            rarity = self.ties.rarity(len(best))
            for paper, value in best.items():
                scores[self._number[paper]] += rarity * value
        return scores

    def _near(self, found: Floats, names: Sequence[Naming]) -> Floats:
        """Score by the graph: walks from what the question names, and from the papers found so far."""
        papers = np.zeros(len(self.papers))
        best = np.argsort(-found, kind="stable")[:_BEGIN]
        papers[best] = found[best] ** 2
        things = np.zeros(len(self.ties.things))
        for naming in names:
            near = families(self._graph, naming.concepts)
            rarity = self.ties.rarity(len({p for key in near for p, _ in self._graph.papers_of[key]}))
            for key, closeness in near.items():
                if key in self.ties.things:
                    things[self.ties.things[key]] += rarity * closeness / len(naming.concepts)
        return self.ties.walk(_share(papers), _share(things))

    def _beyond(self, question: str, found: Floats, names: Sequence[Naming]) -> Floats:
        """Score by one step further: from the papers that the question describes or names to others.

        What such a paper introduces leads to the papers that do something with it, and what it compares with
        or builds on to the papers that introduce that; "the same GPU" leads on by what was evaluated on.
        """
        graph = self._graph
        introducing = {
            self._number[paper]
            for concept in named_concepts(names)
            for paper, role in graph.papers_of[concept.id]
            if role == "introduced"
        }
        begin = dict.fromkeys(introducing, 1.0)
        best = np.argsort(-found, kind="stable")[:_DESCRIBED]
        top = max(float(found[best].max(initial=0.0)), 1e-9)
        for number in best.tolist():
            begin[number] = max(begin.get(number, 0.0), (float(found[number]) / top) ** 4)
        same = _SAME.search(question)
        scores = np.zeros(len(self.papers))
        for start, weight in begin.items():
            for entity in graph.extractions[self.papers[start]].entities:
                around = graph.papers_of[entity.id]
                worth = weight * self.ties.rarity(len(around))
                for paper, role in around:
                    if paper == self.papers[start]:
                        continue
                    number = self._number[paper]
                    if entity.role == "introduced" or role == "introduced":
                        scores[number] += worth * _STEP[entity.role if role == "introduced" else role]
                    elif same and entity.role == role == "evaluated_on":
                        scores[number] += worth
        return scores

    def _own(self, names: Sequence[Naming]) -> Floats:
        """Mark the papers that introduce what a question names."""
        marks = np.zeros(len(self.papers), np.bool_)
        for concept in named_concepts(names):
            for paper, role in self._graph.papers_of[concept.id]:
                marks[self._number[paper]] |= role == "introduced"
        return marks

    def _answering(self, answers: Sequence[Answer]) -> Floats:
        """Score by what the graph answers: a paper of a short answer says more than one of a long one."""
        scores = np.zeros(len(self.papers))
        for answer in answers:
            papers = sorted({paper for item in answer.items for paper in item.papers})
            for paper in papers:
                scores[self._number[paper]] += min(1.0, _SHORT / len(papers))
        return scores


def named_concepts(names: Sequence[Naming]) -> list[Concept]:
    """Give the things that a question names, each once, in its order."""
    return list(dict.fromkeys(concept for naming in names for concept in naming.concepts))


def _above(scores: Floats) -> Floats:
    result: Floats = np.maximum(scores, 0.0)
    return result


def _height(scores: Floats) -> Floats:
    most = scores.max(initial=0.0)
    return scores / most if most > 0 else scores


def _share(weights: Floats) -> Floats:
    total = weights.sum()
    return weights / total if total > 0 else weights
