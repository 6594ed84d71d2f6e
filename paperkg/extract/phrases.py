"""Propose phrases that may be terms: words between two function words, in which the network sees something.

It finds what neither the vocabulary knows nor capitals betray: "the zero expert, copy expert and constant
expert". The resolver weighs them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.recogniser import CHANCES, span_chance
from paperkg.extract.state import Candidate, Findings, findings
from paperkg.model import ENTITY_TYPES
from paperkg.vocabulary import Vocabulary

#: The longest phrase, in tokens.
_LONGEST = 7

#: Each token of a phrase belongs to a name with this probability, at least ...
_LEAST = 0.02

#: ... or the phrase begins so few characters behind "we propose".
_PRESENTED = 40

_WORD = re.compile(r"[^\W_]|[$^]\S")
_GLUE = frozenset("-–/&+")


@Language.factory("paperkg_phrases")
def make_phrases(nlp: Language, name: str) -> Phrases:
    """Make the component that proposes phrases; it needs the probabilities of the recogniser."""
    return Phrases()


class Phrases:
    """Propose phrases that may be terms."""

    def __init__(self) -> None:
        self.cues = Cues()

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cue words of a vocabulary."""
        self.cues.load(vocabulary)

    def __call__(self, doc: Doc) -> Doc:
        """Add a candidate for each phrase that has none."""
        chances = doc.user_data.get(CHANCES)
        if chances is None:
            return doc
        state = findings(doc)
        inside = [1.0 - row[0] for row in chances]
        presented = [match.end() for match in self.cues.introductions(state)]
        known = {(c.start, c.end) for c in state.candidates}
        for start, end in self._phrases(state):
            if (start, end) in known:
                continue
            if min(inside[start:end]) < _LEAST and not _follows(state.starts[start], presented):
                continue
            known.add((start, end))
            begins = chances[start][1::2]
            kind = ENTITY_TYPES[begins.index(max(begins))]
            score = round(span_chance(chances, start, end, kind), 3)
            state.candidates.append(Candidate(start=start, end=end, score=score, rule="phrase", type=kind))
        return doc

    def _phrases(self, state: Findings) -> Iterator[tuple[int, int]]:
        """Give the phrases of a text: whole, and without a last word that says what sort of thing it is."""
        words = state.words
        for first, stop in state.sentences:
            at = first
            while at < stop:
                if not self._goes_on(state, at, stop):
                    at += 1
                    continue
                end = at + 1
                while end < stop and self._goes_on(state, end, stop, inside=True):
                    end += 1
                start = at
                at = end
                while words[end - 1] in _GLUE:  # "Diffusion- and Transformer-based"
                    end -= 1
                while start < end and words[start].lower() in self.cues.praise:
                    start += 1
                if start < end and end - start <= _LONGEST:
                    yield start, end
                if end - start > 1 and self.cues.head_type(words[end - 1]) and words[end - 2] not in _GLUE:
                    yield start, end - 1

    def _goes_on(self, state: Findings, at: int, stop: int, *, inside: bool = False) -> bool:
        """Say whether a token belongs to a phrase; a function word does where a hyphen ties it to a word."""
        word = state.words[at]
        if word in _GLUE:
            return inside and at + 1 < stop and _WORD.match(state.words[at + 1]) is not None
        if not _WORD.match(word):
            return False
        low = word.lower()
        if low not in STOP_WORDS and low not in self.cues.boundaries and not low.endswith("ly"):
            return True
        end = state.starts[at] + len(word)
        before = inside and state.words[at - 1] == "-" and state.starts[at] == state.starts[at - 1] + 1
        after = at + 1 < stop and state.words[at + 1] == "-" and state.starts[at + 1] == end
        return before or after


def _follows(place: int, presented: list[int]) -> bool:
    """Say whether something is presented shortly before a place."""
    turn = bisect_left(presented, place + 1) - 1
    return turn >= 0 and place - presented[turn] <= _PRESENTED
