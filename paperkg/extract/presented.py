"""What a sentence presents before a place, as features: "we propose three techniques: A, B and C"."""

from __future__ import annotations

from collections.abc import Iterator

from paperkg.extract.cues import Cues
from paperkg.extract.state import Findings
from paperkg.extract.text_features import Name, words

#: After these a sentence says what the presented thing is or does.
_GOES_ON = frozenset({"which", "that", "to", "for"})

#: Words between what is presented and a phrase that still belongs to it.
_FAR = 24


def add_presented(add: Name, state: Findings, token: int, sort: str, cues: Cues) -> None:
    """Add what a sentence presents before a token, how far before, and what stands between.

    ``sort`` is what else is known of the token, and goes into each feature.
    """
    known = state.presents.get(token)
    if known is None:
        known = state.presents[token] = tuple(_presents(state, token, cues))
    for before, after in known:
        add(before if after is None else f"{before} {sort}{after}")


def _presents(state: Findings, token: int, cues: Cues) -> Iterator[tuple[str, str | None]]:
    """Give each feature as what stands in it before and after the sort (None: it holds no sort)."""
    for i in range(token - 1, max(-1, token - _FAR), -1):
        word = state.words[i].lower()
        if word in {".", ";"}:
            break
        if word in cues.boundaries:
            yield f"under {word}", ""
            yield f"under {word} {min((token - i) // 3, 4)}", None
            break
    place = state.starts[token]
    cue = next((m for m in reversed(cues.introductions(state)) if m.end() <= place), None)
    if cue is None:
        return
    between = words(state.text[cue.end() : place])
    if len(between) > _FAR or "." in between:
        return
    goes_on = f" {any(word in _GOES_ON for word in between):d}"
    told = next((kind for word in between if (kind := cues.head_type(word))), "")
    far = min(len(between), 5) if len(between) < 6 else len(between) // 4 + 5
    yield f"presented {far}", ""
    yield f"presented {far}", goes_on
    yield f"presented with {told}", goes_on
    yield f"presented by {cue.group().lower()}", ""
    if between:
        yield f"presented {between[-1]}", goes_on
        yield f"presented list {',' in between} {between[-1] in {',', 'and'}}", goes_on
