"""What the recogniser sees of each token: its looks, what the vocabulary and the patterns say, its place."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.state import Candidate, Findings, findings

#: The columns of a token's features; each has an embedding table of its own.
COLUMNS = ("norm", "prefix", "suffix", "shape", "known", "pattern", "place")

_DIGIT = re.compile(r"\d")
_RUNS = re.compile(r"(.)\1{2,}")


@lru_cache(maxsize=1 << 16)
def normal(text: str) -> str:
    """Give the form under which a word has its vector: lower case, every digit a 0."""
    return _DIGIT.sub("0", text.lower())


def shape(text: str) -> str:
    """Give the outline of a word: "vLLM" is xXXX, "A100" is Xddd, long runs are cut.

    >>> shape("vLLM"), shape("A100"), shape("parallelism")
    ('xXX', 'Xdd', 'xx')
    """
    outline = "".join(
        "d" if c.isdigit() else "X" if c.isupper() else "x" if c.isalpha() else c for c in text[:24]
    )
    return _RUNS.sub(r"\1\1", outline)


def token_features(doc: Doc, cues: Cues, hidden: Collection[tuple[int, int]] = ()) -> npt.NDArray[np.uint64]:
    """Give one row a token and one column for each of ``COLUMNS``: hashes of what is seen.

    ``hidden`` are spans of which neither vocabulary nor patterns may speak: what is known is hidden now and
    then in training, so that names are learnt from their surroundings, too.
    """
    state = findings(doc)
    known, pattern = _marks(state.candidates, len(doc), hidden)
    place = _places(state, cues)
    rows = [
        (*_looks(text), _hash("k" + marked), _hash("r" + seen), at)
        for text, marked, seen, at in zip(state.words, known, pattern, place, strict=True)
    ]
    return np.array(rows, dtype=np.uint64).reshape(len(rows), len(COLUMNS))


@lru_cache(maxsize=1 << 16)
def _looks(text: str) -> tuple[int, int, int, int]:
    """Give the features that a word has wherever it stands."""
    low = normal(text)
    return _hash(low), _hash("p" + text[:3]), _hash("s" + low[-4:]), _hash("h" + shape(text))


@lru_cache(maxsize=1 << 16)
def _hash(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace")) + 1


def _marks(
    candidates: Iterable[Candidate], length: int, hidden: Collection[tuple[int, int]]
) -> tuple[list[str], list[str]]:
    """Give what the vocabulary says of each token, and what the patterns say."""
    known, pattern = [""] * length, [""] * length
    covered: set[int] = set()
    for start, end in hidden:
        covered.update(range(start, end))
    for c in sorted(candidates, key=lambda c: (c.start - c.end, c.start, c.type, c.rule)):
        if covered.intersection(range(c.start, c.end)):
            continue
        marks = known if c.concept else pattern
        if any(marks[c.start : c.end]):
            continue
        said = f"{c.type} {c.score:.2f}" if c.concept else f"{c.rule} {c.type} {c.introduced:d}"
        for i in range(c.start, c.end):
            edge = ("B" if i == c.start else "I") + ("E" if i == c.end - 1 else "")
            marks[i] = f"{edge} {said}"
    return known, pattern


@lru_cache(maxsize=1 << 10)
def _place(where: str, often: int, bracket: str, titled: bool, spaced: bool) -> int:
    return _hash(f"l{where} {often} {bracket} {titled} {spaced}")


_NAMES = re.compile(r"[A-Z\d]")


def _places(state: Findings, cues: Cues) -> list[int]:
    """Hash where each token stands: title, a sentence of the paper's own work; and whether it recurs."""
    words, starts = state.words, state.starts
    # Most words are plain ones, which is quicker to see than to search for.
    plain = [text.isalpha() and text.islower() for text in words]
    counts = Counter(w for w, dull in zip(words, plain, strict=True) if not dull and _NAMES.search(w))
    first = state.sentences[0][1] if state.sentences else 0
    title = {text.lower() for text in words[:first] if len(text) > 3}
    cued = [match.end() for match in cues.introductions(state)]
    places: list[int] = []
    for number, (start, end) in enumerate(state.sentences):
        stop = starts[end - 1] + len(words[end - 1])
        where = "title" if number == 0 else "own" if any(starts[start] <= at < stop for at in cued) else ""
        for i in range(start, end):
            text = words[i]
            after = words[i + 1] if i + 1 < len(words) else ""
            spaced = bool(after) and starts[i + 1] > starts[i] + len(text)
            bracket = "(" if after == "(" else ""
            often = min(counts.get(text, 0), 3)  # a Counter's own look-up of what it lacks is slow
            places.append(_place(where, often, bracket, number > 0 and text.lower() in title, spaced))
    return places
