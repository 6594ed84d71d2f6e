"""Keep answers small enough to be read by a language model, and say so where something was left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: Most characters of an answer, as JSON.
MOST = 24_000

#: How long lists and texts may be: the first pair with which an answer is small enough is taken.
_STEPS = ((200, 4000), (50, 1500), (20, 800), (8, 400), (3, 200), (1, 100))


def fit(record: Mapping[str, Any], *, most: int = MOST) -> dict[str, Any]:
    """Shorten lists and texts until a record is small enough; ``shortened`` then says so.

    >>> fit({"items": list(range(1000))}, most=250)["items"][:2]
    [0, 1]
    >>> fit({"items": [1]})
    {'items': [1]}
    """
    whole = dict(record)
    if len(json.dumps(whole)) <= most:
        return whole
    for items, characters in _STEPS:
        cut: dict[str, Any] = _cut(whole, items, characters)
        cut["shortened"] = "lists and texts were cut to fit; ask for less (limit), or for one thing by its id"
        if len(json.dumps(cut)) <= most:
            return cut
    return {"shortened": "the answer is too large; ask for less (limit), or for one thing by its id"}


def _cut(value: Any, items: int, characters: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= characters else value[: characters - 1] + "…"
    if isinstance(value, Mapping):
        return {key: _cut(one, items, characters) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(one, items, characters) for one in value[:items]]
    return value
