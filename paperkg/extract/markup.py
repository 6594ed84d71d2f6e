"""Texts without their markup: LaTeX and HTML around names and numbers, stars of Markdown, broken lines.

What is written in bold or small capitals is mostly the paper's own name, and to who reads tokens it is hidden
in its markup. Offsets lead back to the text as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from paperkg.model import Claim, Mention, Relation

_Placed = TypeVar("_Placed", Mention, Relation, Claim)

_STYLES = r"text(?:sc|bf|it|tt|sf|rm|sl|up|md|normal)|emph|underline|math(?:rm|bf|tt|sf|it)"
_TAGS = r"b|i|u|em|strong|tt|code|sc|small|span|p|br|sub|sup|italic|bold"

#: What stands around something that is kept (the group that matches), and what stands for something else.
_MARKUP = re.compile(
    r"\$\s*\\math(?:rm|bf|tt|sf|it)\{([^{}\\]*)\}\s*\$"
    rf"|\\(?:{_STYLES})\{{([^{{}}\\]*)\}}"
    r"|\{\\(?:sc|bf|it|tt|em|sf|rm)\s+([^{}\\]*)\}"
    r"|\*\*([^*\n]+)\*\*"
    # A number alone in mathematics; a name with powers and the like is a name as it stands.
    r"|\$\s*(\d[\d.,]*\s*(?:\\times|\\%|%|[xX×])?)\s*\$"
    rf"|</?(?:{_TAGS})(?:\s[^<>]*)?/?>"
    r"|\$\\sim\$|&nbsp;"
    r"|(?P<times>&times;)"
    r"|(?P<tie>(?<=[^\W\d])~(?=[^\s\d]))"
    r"|(?<=-)[ \t]*\r?\n\s*"
    r"|(?P<line>\s*\n\s*)",
    re.IGNORECASE,
)
_INSTEAD = {"times": "x", "tie": " ", "line": " "}

#: Markup within markup is taken off so many times.
_MOST = 3


def without_markup(text: str, title: int) -> tuple[str, Sequence[int]]:
    """Give a text without markup, and for each of its characters the place that it had, and one for the end.

    The line that ends the title, ``title`` characters long, stays.
    """
    plain: str = text
    places: Sequence[int] = range(len(text) + 1)
    for _ in range(_MOST):
        border = next(i for i, place in enumerate(places) if place >= title)
        found = [m for m in _MARKUP.finditer(plain) if not m.start() <= border < m.end()]
        if not found:
            break
        kept: list[tuple[str, int]] = []
        at = 0
        for match in found:
            kept += ((plain[i], places[i]) for i in range(at, match.start()))
            if match.lastgroup:
                kept.append((_INSTEAD[match.lastgroup], places[match.start()]))
            elif match.lastindex:
                kept += ((plain[i], places[i]) for i in range(*match.span(match.lastindex)))
            at = match.end()
        kept += ((plain[i], places[i]) for i in range(at, len(plain)))
        plain, places = "".join(char for char, _ in kept), [*(place for _, place in kept), len(text)]
    return plain, places


def put_back(found: _Placed, places: Sequence[int], text: str) -> _Placed:
    """Give something found in a text without markup its place in the text as it was."""
    if found.end <= found.start:
        return found
    start, end = places[found.start], places[found.end - 1] + 1
    if isinstance(found, Mention):
        return replace(found, start=start, end=end, text=text[start:end])
    return replace(found, start=start, end=end)
