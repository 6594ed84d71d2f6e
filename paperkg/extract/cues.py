"""The cue words of the vocabulary, made ready for looking up."""

from __future__ import annotations

import re
from collections.abc import Iterable

from spacy.tokens import Doc, Span

from paperkg.extract.state import Findings, findings
from paperkg.names import any_of, fold, singular
from paperkg.vocabulary import Vocabulary

#: Words whose types are kept.
_MOST_KEPT = 20_000


class Cues:
    """What words near a name tell about it; empty until ``load`` is given a vocabulary."""

    def __init__(self) -> None:
        self.never: frozenset[str] = frozenset()
        #: Phrases that are never entities and whose words are none inside them ("increasing attention").
        self.idioms = re.compile(r"(?!)")
        self.classes: frozenset[str] = frozenset()
        self.suffixes: frozenset[str] = frozenset()
        self.product_words: frozenset[str] = frozenset()
        self.introduce = _introductions((), ())
        self._openers: frozenset[str] = frozenset()
        self.determiners: frozenset[str] = frozenset()
        self.variants: frozenset[str] = frozenset()
        #: Verbs and the like, which no term holds; words of praise, which no term begins with.
        self.boundaries: frozenset[str] = frozenset()
        self.praise: frozenset[str] = frozenset()
        #: Words that end a noun phrase.
        self.stops: frozenset[str] = frozenset()
        self._types: dict[str, str] = {}
        self._head_types: dict[str, str] = {}  # of words that were asked for: what is folded is slow to find
        self._terms: dict[str, str] = {}
        self._endings: dict[str, str] = {}

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary."""
        self.never = frozenset(fold(row.text) for row in vocabulary.never)
        idioms = (row.text.lower() for row in vocabulary.never if row.reason.startswith("idiom"))
        self.idioms = re.compile(rf"\b{any_of(idioms)}\b", re.IGNORECASE)
        self.classes = frozenset(
            fold(c.name) for c in vocabulary.concepts.values() if c.type == "Hardware" and not c.vendor
        )
        introduce = vocabulary.cue_words("introduce")
        naming = [text for text, value in introduce.items() if value == "naming"]
        self.introduce = _introductions((t for t in introduce if t not in naming), naming)
        self._openers = frozenset(
            re.split(r"\W+", text.lower(), maxsplit=1)[0] for text in (*introduce, *naming)
        )
        self._head_types = {}
        self._types = {fold(text): value for text, value in vocabulary.cue_words("type").items()}
        self._terms = {fold(text): value for text, value in vocabulary.cue_words("term").items()}
        self._endings = vocabulary.cue_words("ending")
        self.suffixes = frozenset(vocabulary.cue_words("suffix"))
        self.product_words = frozenset(vocabulary.cue_words("product"))
        self.determiners = frozenset(vocabulary.cue_words("determiner"))
        self.variants = frozenset(vocabulary.cue_words("variant"))
        self.stops = frozenset(vocabulary.cue_words("stop"))
        self.boundaries = frozenset(vocabulary.cue_words("boundary")) | self.stops
        self.praise = frozenset(vocabulary.cue_words("praise")) | self.determiners

    def head(self, phrase: Span | str) -> str:
        """Give the head noun of a noun phrase: its last word before a preposition, a verb form or a comma."""
        head = ""
        for word in str(phrase).split():
            bare = word.strip(",.;:()\"'“”‘’")
            if bare.lower() in self.stops:
                if head:
                    break
                continue
            head = bare
            if word.endswith((",", ";", ":")) and head:
                break
        return head

    def head_type(self, noun: str) -> str:
        """Give the type of a contribution that calls itself by this noun; "" if the noun tells none."""
        kind = self._head_types.get(noun)
        if kind is None:
            if len(self._head_types) > _MOST_KEPT:
                self._head_types.clear()
            kind = self._head_types[noun] = self._types.get(fold(singular(noun)), "")
        return kind

    def term_type(self, noun: str) -> str:
        """Give the type of a term whose last word this is ("... attention"); "" if it tells none."""
        return self._terms.get(fold(singular(noun)), "") or self._terms.get(fold(noun), "")

    def ending_type(self, name: str) -> str:
        """Give the type that the end of a coined name suggests: "...Former", "...Attention"."""
        return next(
            (kind for ending, kind in self._endings.items() if name.endswith(ending) and name != ending), ""
        )

    def introductions(self, state: Findings) -> list[re.Match[str]]:
        """Give the places where the paper presents something ("we propose", "called"); found once a text."""
        if state.presented is None:
            state.presented = found = []
            end = 0
            for word, start in zip(state.words, state.starts, strict=True):
                if start < end or word.lower() not in self._openers:
                    continue
                if match := self.introduce.match(state.text, start):
                    found.append(match)
                    end = match.end()
        return state.presented

    def listed_names(self, doc: Doc) -> frozenset[str]:
        """Give the names that stand in brackets after "such as" and the like; cached in the Doc."""
        if "paperkg_listed" not in doc.user_data:
            found = re.findall(
                r"(?:such as|including|e\.g\.,?|like|over|than|against|with) ([A-Z][\w.+-]+)",
                findings(doc).text,
            )
            doc.user_data["paperkg_listed"] = frozenset(n for n in found if sum(c.isupper() for c in n) > 1)
        listed = doc.user_data["paperkg_listed"]
        assert isinstance(listed, frozenset)
        return listed


def _introductions(phrases: Iterable[str], naming: Iterable[str]) -> re.Pattern[str]:
    presented = any_of((phrase.lower() for phrase in phrases), space=r"\s+")
    named = any_of(naming, space=r"\s+")
    return re.compile(rf"\b(?:(?P<phrase>(?i:{presented}))|(?P<naming>{named}))(?=[\s:,“\"'‘])")
