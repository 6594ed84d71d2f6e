"""What a question gets: papers, passages, facts and an answer, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPaper:
    """A paper that may answer; ``why`` says in words what speaks for it, the strongest reason first."""

    id: str
    title: str
    score: float
    why: tuple[str, ...] = ()
    #: Far below the best: found because so many were asked for. Nothing of it is quoted.
    weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a paper's text, by offsets into ``title + "\\n" + abstract``."""

    paper: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A statement of the graph with its evidence: ``text`` is the sentence that ``start`` and ``end`` bound.

    ``subject`` and ``object`` are names (the object of a claim is its result in words), their ids stand
    beside them: ids of things, ``paper/`` and the id of a paper, ``claim/`` and the id of a claim.
    """

    subject: str
    predicate: str
    object: str
    subject_id: str
    object_id: str
    paper: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing that a question names."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One part of an answer: a thing or a result, and the papers that say so."""

    name: str
    id: str
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the graph says where a question has the form of a pattern in it."""

    #: The pattern in words: "compared with FlexGen".
    pattern: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """All that was found for a question, and ``prompt``: the same as a block for a language model."""

    question: str
    names: tuple[Named, ...]
    papers: tuple[FoundPaper, ...]
    passages: tuple[Passage, ...]
    facts: tuple[Fact, ...]
    answers: tuple[Answer, ...]
    prompt: str
