"""A retrieval as JSON and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from paperkg.retrieve.model import Retrieval
from paperkg.retrieve.prompt import one_line

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&$!^=])")
_BULLET = re.compile(r"^(\d+)([.)])|^([-+])")

#: Passages and facts that a page for people shows.
_SHOWN = 8


def to_record(retrieval: Retrieval, id: str = "") -> dict[str, Any]:
    """Turn a retrieval into its JSON record."""
    record = asdict(retrieval)
    return {"id": id, **record} if id else record


def to_markdown(retrieval: Retrieval) -> str:
    """Write a retrieval for people: answer, papers with reasons, passages and facts with citations."""
    return "\n".join(_markdown(retrieval)) + "\n"


def escaped(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is.

    >>> escaped("**bold** <b> [x](y)")
    '\\*\\*bold\\*\\* \\<b\\> \\[x\\](y)'
    """
    marked = _MARKS.sub(r"\\\1", one_line(text))
    return _BULLET.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", marked)


def _markdown(retrieval: Retrieval) -> Iterator[str]:
    number = {paper.id: place for place, paper in enumerate(retrieval.papers, start=1)}

    def cited(paper: str) -> str:
        return f"\\[{number[paper]}\\]" if paper in number else f"({escaped(paper)})"

    yield f"# {escaped(retrieval.question)}"
    for answer in retrieval.answers:
        yield f"\n**{escaped(answer.pattern)}:**\n"
        for item in answer.items:
            yield f"- {escaped(item.name)} {' '.join(cited(paper) for paper in item.papers)}"
    if not retrieval.papers:
        yield "\nNothing found."
        return
    yield "\n## Papers\n"
    for paper in retrieval.papers:
        why = f": {escaped('; '.join(paper.why))}" if paper.why else ""
        why = f", weak{why}" if paper.weak else why
        yield f"{number[paper.id]}. {escaped(paper.title)} ({escaped(paper.id)}, {paper.score:.2f}{why})"
    yield "\n## Passages\n"
    for passage in retrieval.passages[:_SHOWN]:
        yield f"> {escaped(passage.text)} {cited(passage.paper)}\n"
    facts = list(
        dict.fromkeys(
            f"- {cited(fact.paper)} *{fact.predicate}* {escaped(fact.object)}"
            if fact.subject_id.startswith("paper/")
            else f"- {escaped(fact.subject)} *{fact.predicate}* {escaped(fact.object)} {cited(fact.paper)}"
            for fact in retrieval.facts
        )
    )
    if facts:
        yield "## Facts\n"
        yield from facts[:_SHOWN]
