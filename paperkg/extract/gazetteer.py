"""Find the names of the vocabulary in a text.

A name is looked up by its folded form (``paperkg.names.fold``: no case, hyphen or plural), token
window by token window, and then compared as its row asks: ``exact`` names must stand as written.
Looking up costs one dictionary access a window, whatever the size of the vocabulary.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.state import Candidate, findings
from paperkg.model import Concept
from paperkg.names import american, fold, plain, singular
from paperkg.variants import without_count
from paperkg.vocabulary import Name, Vocabulary

#: Longest name, in tokens; hyphens count.
_MAX_TOKENS = 12

#: Trust in a match: a name of several words is rarely anything else; one plain word may be.
_SCORES = {"exact": 0.92, "phrase": 0.9, "word": 0.85}

#: Parts that a name may have or lack between its words ("N:M sparsity").
_HYPHENS = frozenset("-–—/:")


@Language.factory("paperkg_gazetteer")
def make_gazetteer(nlp: Language, name: str) -> Gazetteer:
    """Make an empty gazetteer; names come from ``load``."""
    return Gazetteer()


class Gazetteer:
    """Propose every name of the vocabulary that stands in a Doc."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[Name, Concept]]] = defaultdict(list)
        #: All beginnings of all names: where none goes on, no longer window need be looked at.
        self._beginnings: set[str] = set()

    def load(self, vocabulary: Vocabulary) -> None:
        """Add all names of a vocabulary."""
        self.add_names((name, vocabulary.concepts[name.id]) for name in vocabulary.names)

    def add_names(self, rows: Iterable[tuple[Name, Concept]]) -> None:
        """Add names with their concepts; adding one twice changes nothing."""
        for name, concept in rows:
            key = fold(name.text)
            if key and name.case != "never" and (name, concept) not in self._rows[key]:
                self._rows[key].append((name, concept))
                self._beginnings.update(key[:n] for n in range(1, len(key) + 1))

    def find(self, doc: Doc) -> Iterable[tuple[int, int, Name, Concept]]:
        """Yield every window of tokens that is a name; windows may overlap."""
        state = findings(doc)
        words = [_folded(text) for text in state.words]
        lowered: str | None = None
        for start, (word, _) in enumerate(words):
            if not word:
                continue
            joined = ""
            for end in range(start, min(start + _MAX_TOKENS, len(words))):
                word, last = words[end]
                if not word:
                    text = state.words[end]
                    if text in _HYPHENS or (text in "()" and end + 1 < len(words)):
                        continue  # "key-value (KV) cache"
                    break
                for name, concept in self._rows.get(joined + last, ()):
                    surface = without_count(state.surface(start, end + 1))
                    if name.context and lowered is None:
                        lowered = state.text.casefold()
                    if _fits(name, surface) and (
                        not name.context or _has_context(name.context, lowered or "")
                    ):
                        yield start, end + 1, name, concept
                joined += word
                if joined not in self._beginnings:
                    break

    def __call__(self, doc: Doc) -> Doc:
        """Add a candidate for each name that is found."""
        state = findings(doc)
        for start, end, name, concept in self.find(doc):
            kind = "exact" if name.case == "exact" else "phrase" if end - start > 1 else "word"
            state.candidates.append(
                Candidate(
                    start=start,
                    end=end,
                    score=_SCORES[kind],
                    rule="vocabulary",
                    type=concept.type,
                    name=concept.name,
                    concept=concept.id,
                )
            )
        return doc


@lru_cache(maxsize=1 << 16)
def _folded(text: str) -> tuple[str, str]:
    """Fold one token, as it is inside a name and as it is at its end; "8xH200" is found as "H200"."""
    bare = without_count(text)
    return _clean(bare), _clean(singular(bare))


def _clean(text: str) -> str:
    """Fold one token without touching its plural; "" for one without letters or digits."""
    return american(re.sub(r"[^\w+#.]+|_", "", plain(text)).casefold().strip("."))


def _fits(name: Name, surface: str) -> bool:
    if name.case != "exact":
        return True
    return _spelling(surface) in (_spelling(name.text), _spelling(name.text) + "s")


def _spelling(text: str) -> str:
    """Keep case and punctuation that carry meaning, drop what may vary: hyphens, spaces, LaTeX."""
    return re.sub(r"[\s\-–—_]+", "", plain(text))


def _has_context(context: str, lowered: str) -> bool:
    return any(_word(word).search(lowered) for word in context.split("|") if word)


@lru_cache(maxsize=1 << 12)
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word.strip().casefold())}s?(?!\w)")
