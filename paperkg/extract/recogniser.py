"""Find names from their surroundings: a small neural network labels every token, spans become candidates.

What the network sees is in ``token_features``; how it is made in ``network``; how it learns in
``paperkg.train``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from paperkg.errors import VocabularyError
from paperkg.extract.cues import Cues
from paperkg.extract.models import Models
from paperkg.extract.network import Floats, Network, Reader, make_network
from paperkg.extract.state import Candidate, findings
from paperkg.extract.token_features import normal, token_features
from paperkg.model import ENTITY_TYPES
from paperkg.vocabulary import Vocabulary

#: Labels of tokens: outside, and beginning or inside of a name of each type.
LABELS: tuple[str, ...] = ("O", *(f"{edge}-{kind}" for kind in ENTITY_TYPES for edge in "BI"))

#: Where a Doc keeps the probabilities: a row for each token, a number for each label.
CHANCES = "paperkg_chances"

#: A name begins and ends with a word, holds no control character, and is no whole sentence.
_NAME = re.compile(r"[^\W_]|[$^]\S")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST_TOKENS = 16

#: A name may begin at a token that begins one with this probability.
_BEGINS = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """Vectors of words, made from which words stand beside each other in many abstracts; unknown words: 0."""

    words: Mapping[str, int]
    #: Shape (words + 1, dimensions); the last row is that of unknown words.
    table: Floats

    @classmethod
    def make(cls, words: Sequence[str], vectors: npt.NDArray[np.floating]) -> WordVectors:
        """Make them from words and their vectors (words, dimensions)."""
        table = np.vstack([vectors, np.zeros((1, vectors.shape[1]))]).astype(np.float32)
        return cls({word: row for row, word in enumerate(words)}, table)

    def of(self, doc: Doc) -> Floats:
        """Give the vectors of a Doc's tokens: shape (tokens, dimensions)."""
        unknown = len(self.words)
        return self.table[[self.words.get(normal(text), unknown) for text in findings(doc).words]]


@dataclass(frozen=True, slots=True, eq=False)
class Tagger:
    """The network with the word vectors that it was trained with."""

    network: Network
    vectors: WordVectors

    def save(self, path: Path) -> None:
        """Write network and vectors; half precision and one byte a number are enough."""
        words = sorted(self.vectors.words, key=lambda word: self.vectors.words[word])
        table = self.vectors.table[:-1]
        scale = float(np.abs(table).max()) / 127
        weights: dict[str, Any] = {
            f"weight {n} {name}": node.get_param(name).astype(np.float16)
            for n, node in enumerate(self.network.walk())
            for name in node.param_names
            if node.has_param(name)
        }
        with path.open("wb") as stream:
            np.savez_compressed(
                stream,
                words="\n".join(words),
                vectors=np.round(table / scale).astype(np.int8),
                scale=np.float32(scale),
                **weights,
            )

    @classmethod
    def load(cls, path: Path) -> Tagger:
        """Read what ``save`` wrote. Raises ``VocabularyError`` where there is no such thing."""
        try:
            with np.load(path, allow_pickle=False) as data:
                scaled = data["vectors"].astype(np.float32) * float(data["scale"])
                vectors = WordVectors.make(str(data["words"]).split("\n"), scaled)
                network = make_network(len(LABELS), vectors.table.shape[1])
                network.initialize()
                for n, node in enumerate(network.walk()):
                    for name in node.param_names:
                        node.set_param(name, data[f"weight {n} {name}"].astype(np.float32))
        except (OSError, ValueError, KeyError) as error:
            raise VocabularyError(f"{path}: no model ({error}); make one with `paperkg train`") from error
        return cls(network, vectors)


def softmax(scores: Floats) -> Floats:
    """Turn scores into probabilities, row by row."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


@Language.factory("paperkg_recogniser")
def make_recogniser(nlp: Language, name: str) -> Recogniser:
    """Make the component that finds names by a network; without one it finds nothing."""
    return Recogniser()


class Recogniser:
    """Propose what the network takes for names."""

    def __init__(self) -> None:
        self.cues = Cues()
        self._vectors: WordVectors | None = None
        self._reader: Reader | None = None

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cue words of a vocabulary."""
        self.cues.load(vocabulary)

    def use(self, models: Models) -> None:
        """Take the network, if there is one."""
        if models.recogniser:
            self._vectors, self._reader = models.recogniser.vectors, Reader(models.recogniser.network)

    def __call__(self, doc: Doc) -> Doc:
        """Add a candidate for every span that is likely enough a name."""
        if self._reader is None or self._vectors is None or not len(doc):
            return doc
        inputs = (token_features(doc, self.cues), self._vectors.of(doc))
        chances = softmax(self._reader.scores(inputs))
        rows = doc.user_data[CHANCES] = chances.tolist()
        state = findings(doc)
        sayable = [bool(_NAME.match(word)) for word in state.words]
        known = {(c.start, c.end, c.type) for c in state.candidates}
        for start, end, kind in likely_spans(chances):
            if not (sayable[start] and sayable[end - 1]) or end - start > _MOST_TOKENS:
                continue
            if _CONTROL.search(state.surface(start, end)):
                continue
            if (start, end, kind) not in known:
                score = round(span_chance(rows, start, end, kind), 3)
                state.candidates.append(
                    Candidate(start=start, end=end, score=score, rule="recogniser", type=kind)
                )
        return doc


def likely_spans(chances: Floats) -> Iterator[tuple[int, int, str]]:
    """Give spans that may be names, with their likeliest type: from each likely beginning to likely ends."""
    begins, inside = chances[:, 1::2], chances[:, 2::2]
    for start in np.flatnonzero(begins.sum(axis=1) >= _BEGINS).tolist():
        kind = int(begins[start].argmax())
        end = start + 1
        while end < len(chances) and inside[end].sum() >= 0.5:
            end += 1
        yield start, end, ENTITY_TYPES[kind]
        # Where it is not sure that the name goes on, the shorter and the longer name are both proposed.
        if end < len(chances) and inside[end].sum() >= 0.2:
            yield start, end + 1, ENTITY_TYPES[kind]
        if end - start > 1 and inside[end - 1].sum() < 0.8:
            yield start, end - 1, ENTITY_TYPES[kind]


def span_chance(chances: Sequence[Sequence[float]], start: int, end: int, kind: str) -> float:
    """Give the probability that exactly this span is a name of this type, by its weakest token."""
    place = 2 * ENTITY_TYPES.index(kind)
    least = chances[start][place + 1]
    for i in range(start + 1, end):
        least = min(least, chances[i][place + 2])
    return min(least, 1.0 - sum(chances[end][2::2])) if end < len(chances) else least
