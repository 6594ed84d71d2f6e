"""What the text says that a named thing is, as features: "X, a fast engine", "a framework called X"."""

from __future__ import annotations

from collections.abc import Iterator

from paperkg.extract.cues import Cues
from paperkg.extract.state import Findings
from paperkg.extract.text_features import Name

#: Between a name and what it is said to be; a title says it behind a colon, without an article.
_IS = frozenset({",", "is", "are", "as", "–", "—", "-"})
_ARTICLES = frozenset({"a", "an", "the", "our", "one"})
_ENDS = frozenset(".;:()\n")

#: How many tokens away the noun may stand.
_FAR = 18


def add_told(add: Name, state: Findings, start: int, end: int, cues: Cues) -> None:
    """Add the noun by which the text calls the name at these tokens, and the type that the noun tells."""
    for side, noun, before in _nouns(state, start, end, cues):
        add(f"told {side} {cues.head_type(noun) or '?'}")
        add(f"told {noun}")
        add(f"told {before} {noun}")


def _nouns(state: Findings, start: int, end: int, cues: Cues) -> Iterator[tuple[str, str, str]]:
    """Give on which side of a name a noun calls it something, the noun, and the word before the noun."""
    words, count = state.words, len(state.words)
    at = end
    if at < count and words[at] == "(":
        close = next((i for i in range(at + 1, min(at + 8, count)) if words[i] == ")"), at)
        at = close + 1
    if at + 1 < count:
        article = words[at + 1].lower() in _ARTICLES
        if words[at] == ":" or (article and words[at] in _IS):
            yield from _head("after", state, at + 1 + article, cues)
    cue = next((m for m in reversed(cues.introductions(state)) if m.end() <= state.starts[start]), None)
    if cue is None or state.starts[start] - cue.end() > 3:
        return
    # "a framework called X": the noun phrase before the cue; a new thing has the article a.
    first = start
    while first > 0 and state.starts[first] > cue.start():
        first -= 1
    found = None
    for i in range(first - 1, max(-1, first - _FAR), -1):
        word = words[i].lower()
        if word in _ENDS:
            break
        if word in _ARTICLES and (found is None or word in {"a", "an"}):
            found = i
    if found is not None:
        yield from _head("before", state, found + 1, cues)


def _head(side: str, state: Findings, at: int, cues: Cues) -> Iterator[tuple[str, str, str]]:
    """Give the last word of the noun phrase that begins at a token."""
    noun = before = ""
    for i in range(at, min(at + _FAR, len(state.words))):
        word = state.words[i]
        if word in _ENDS or word == "," or (word in cues.boundaries and word != "and"):
            break
        if word[0].isalpha():
            noun, before = word.lower(), noun
    if noun:
        yield side, noun, before
