"""What the components of the pipeline hand to each other: candidates for mentions, then decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from spacy.tokens import Doc

from paperkg.model import Claim, Entity, Mention, Relation
from paperkg.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Candidate:
    """A proposal: these tokens name a thing (``end`` is left out).

    ``name`` is the canonical name if the source knows one, ``concept`` the id in the vocabulary,
    ``type`` may be "" where the source finds a name without its kind. Two candidates with the same
    ``same_as`` are forms of one entity (a long form and its acronym).
    """

    start: int
    end: int
    score: float
    rule: str
    type: str = ""
    name: str = ""
    concept: str = ""
    same_as: str = ""
    introduced: bool = False


@dataclass(slots=True)
class Findings:
    """What has been found in one Doc so far; each component adds to it."""

    #: Text of the Doc: spaCy joins it anew at each ``doc.text``, which costs more than all the rest here.
    text: str
    #: The tokens' texts, and where each begins: reading them off a Doc makes an object for each.
    words: list[str]
    starts: list[int]
    #: Where each sentence begins and ends, in tokens; the title is the first.
    sentences: list[tuple[int, int]] = field(default_factory=list)
    #: Where the text says that it presents something; None before anybody has looked.
    presented: list[re.Match[str]] | None = None
    #: What is presented before a token, in parts of features; made on demand.
    presents: dict[int, tuple[tuple[str, str | None], ...]] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    #: Names of entities that a pattern found to be the paper's own contribution.
    introduced: set[str] = field(default_factory=set)

    def surface(self, start: int, end: int) -> str:
        """Give the text of the tokens from ``start`` up to ``end``."""
        return self.text[self.starts[start] : self.starts[end - 1] + len(self.words[end - 1])]


@runtime_checkable
class UsesVocabulary(Protocol):
    """A component that works with names or cue words of the vocabulary."""

    def load(self, vocabulary: Vocabulary) -> None:
        """Take what it needs from a vocabulary."""


def findings(doc: Doc) -> Findings:
    """Give the findings of a Doc, made on first use."""
    if "paperkg" not in doc.user_data:
        strings = doc.vocab.strings
        words, starts, parts = [], [], []
        at = 0
        for key, spaced in doc.to_array(["ORTH", "SPACY"]).tolist():
            word = strings[key]
            words.append(word)
            starts.append(at)
            parts.append(word + " " if spaced else word)
            at += len(parts[-1])
        doc.user_data["paperkg"] = Findings(text="".join(parts), words=words, starts=starts)
    result = doc.user_data["paperkg"]
    assert isinstance(result, Findings)
    return result
