"""What people see in a terminal: safe text, tables, cards, progress."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from paperkg.cards import Card, PaperCard
    from paperkg.paths import Step
    from paperkg.retrieve.model import Retrieval
    from paperkg.search import Hit

#: Control, surrogate, and line- or direction-changing characters: a paper could steer the terminal.
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
#: Joiners that some scripts cannot be written without.
_JOINERS = "\u200c\u200d"

#: Longest text that is shown of a sentence or abstract.
_MOST = 400

#: Papers and results that a card lists before it only counts the rest.
_LISTED = 12

#: Colours of types: near to those of the pages, of the sixteen that every terminal has.
_HUES = {"System": "blue", "Model": "yellow", "Hardware": "green", "Technique": "magenta", "Dataset": "red"}

_ROLE_TITLES = {
    "introduced": "introduced by",
    "compared": "compared against in",
    "evaluated_on": "evaluated on in",
    "used": "used in",
    "mentioned": "mentioned in",
}


def printable(text: str, *, most: int = _MOST) -> str:
    r"""Make a text harmless in a terminal, and short enough to read.

    >>> printable("red \x1b[31m\n\u202egnp"), printable("abcdef", most=4)
    ('red \\x1b[31m\\n\\u202egnp', 'abc…')
    """
    if len(text) > most:
        text = text[: most - 1] + "…"
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in _UNSAFE and c not in _JOINERS else c
        for c in text
    )


def table(rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> Iterator[str]:
    """Align the cells of rows; columns in ``right`` are numbers and go to the right."""
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        places = enumerate(zip(row, widths, strict=True))
        line = "  ".join(c.rjust(width) if i in right else c.ljust(width) for i, (c, width) in places)
        yield line.rstrip()


def figures(counts: Mapping[str, Any], *, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Turn nested counts into rows of label and number."""
    for name, value in counts.items():
        label = "  " * depth + str(name).replace("_", " ")
        if isinstance(value, Mapping):
            yield label, ""
            yield from figures(value, depth=depth + 1)
        else:
            yield label, f"{value:,}"


def coloured(kind: str) -> str:
    """Give the name of a type in its colour; a pipe, or NO_COLOR, takes the colour off when it is printed."""
    return click.style(kind, fg=_HUES.get(kind, "bright_black"))


def card_lines(card: Card) -> Iterator[str]:
    """Show what is known about a concept."""
    yield click.style(printable(card.name), bold=True) + f"  {coloured(card.type)}  {_dim(card.id)}"
    if card.aliases:
        yield _row("also", ", ".join(card.aliases))
    for label, value in (("variant of", card.variant_of), ("broader", card.broader)):
        if value:
            yield _row(label, value)
    if card.variants:
        yield _row("variants", ", ".join(card.variants))
    if card.facts:
        yield _row("facts", ", ".join(f"{k} {v}" for k, v in card.facts.items()))
    for link in card.related:
        text = f"{link.predicate} {link.name}" if link.outgoing else f"{link.name} {link.predicate} this"
        yield _row("relation", text)
    if card.compared_with:
        yield _row("compared", ", ".join(card.compared_with))
    for role, title in _ROLE_TITLES.items():
        papers = [source for source in card.papers if source.role == role]
        if papers:
            yield f"  {click.style(f'{title} ({len(papers)})', fg='cyan')}"
        for source in papers[:_LISTED]:
            yield f"    {printable(source.title)}  {_dim(f'[{source.paper}]')}"
            if source.sentence:
                yield f"      “{printable(source.sentence)}”"
        yield from _and_more(papers)
    if card.claims:
        yield f"  {click.style(f'results ({len(card.claims)})', fg='cyan')}"
    for claim in card.claims[:_LISTED]:
        yield f"    {printable(claim.text)}  {_dim(f'[{claim.paper}]')}"
        if claim.sentence:
            yield f"      “{printable(claim.sentence)}”"
    yield from _and_more(card.claims)


def paper_lines(card: PaperCard) -> Iterator[str]:
    """Show what a paper says."""
    yield click.style(printable(card.title), bold=True) + f"  {coloured('Paper')}  {_dim(card.id)}"
    for listing in card.listings:
        yield _row("listed", listing)
    for role, names in card.entities.items():
        yield _row(role.replace("_", " "), ", ".join(names))
    for claim in card.claims:
        yield _row("result", claim)
    yield f"  {printable(card.abstract, most=len(card.abstract) + 1)}"


def hit_lines(hits: Sequence[Hit]) -> Iterator[str]:
    """Show the answers of a search, with the words that matched in bold."""
    from paperkg.search import MARK_END, MARK_START

    for hit in hits:
        name = click.style(printable(hit.name), bold=True)
        yield f"{name}  {coloured(hit.kind)}  {_dim(hit.id)}  {hit.score:.2f}"
        if not hit.snippet.strip():
            continue
        # The marks are private-use characters, so making the text safe leaves them alone.
        parts = printable(hit.snippet, most=2 * _MOST).split(MARK_START)
        marked = [
            click.style(word, bold=True) + rest
            for word, _, rest in (p.partition(MARK_END) for p in parts[1:])
        ]
        yield "    " + parts[0] + "".join(marked)


def step_lines(steps: Sequence[Step]) -> Iterator[str]:
    """Show one way through the graph, step by step."""
    for number, step in enumerate(steps, start=1):
        predicate = click.style(step.predicate, bold=True)
        yield f"  {number}. {printable(step.head)}  {predicate}  {printable(step.tail)}"
        if step.title and step.title not in (step.head, step.tail):
            yield f"       {printable(step.title)}  [{printable(step.paper)}]"
        if step.sentence and step.sentence != step.title:
            yield f"       “{printable(step.sentence)}”"


def retrieval_lines(found: Retrieval) -> Iterator[str]:
    """Show what was found for a question: the graph's answers, then papers with their nearest sentence."""
    for answer in found.answers:
        yield click.style(printable(answer.pattern), bold=True)
        for item in answer.items[:_LISTED]:
            yield f"  {printable(item.name)}  [{printable(', '.join(item.papers))}]"
        yield from _and_more(answer.items)
    for place, paper in enumerate(found.papers, start=1):
        title = click.style(printable(paper.title), bold=True)
        yield f"{place}. {title}  {printable(paper.id)}  {paper.score:.2f}{'  weak' if paper.weak else ''}"
        yield f"     {printable('; '.join(paper.why))}"
        passage = next((p for p in found.passages if p.paper == paper.id and p.start), None)
        if passage:
            yield f"     “{printable(passage.text)}”"
    if not found.papers:
        yield "Nothing found."


@contextmanager
def progress(*, quiet: bool = False, verbose: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows how far each step is: a bar, on standard error, and only on a terminal.

    ``verbose`` says how long each step took, wherever standard error goes.
    """
    shown = _Progress(bars=sys.stderr.isatty() and not quiet, times=verbose and not quiet)
    try:
        yield shown
    finally:
        shown.finish()


class _Progress:
    """One bar a step; a new step ends the one before."""

    def __init__(self, *, bars: bool, times: bool) -> None:
        self._bars = bars
        self._times = times
        self._step = ""
        self._done = 0
        self._started = time.monotonic()
        self._bar: ProgressBar[int] | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._step:
            self.finish()
            self._step, self._done, self._started = step, 0, time.monotonic()
            if self._bars:
                self._bar = click.progressbar(length=total, label=f"{step:8}", file=sys.stderr)
        if self._bar:
            self._bar.update(done - self._done)
        self._done = done

    def finish(self) -> None:
        if self._bar:
            self._bar.render_finish()
            self._bar = None
        if self._step and self._times:
            click.echo(f"{self._step}: {time.monotonic() - self._started:.1f} s", err=True)
        self._step = ""


def _row(label: str, text: str) -> str:
    return f"  {click.style(f'{label:12}', fg='cyan')} {printable(text)}"


def _dim(text: str) -> str:
    return click.style(printable(text), dim=True)


def _and_more(items: Sequence[object]) -> Iterator[str]:
    if len(items) > _LISTED:
        yield f"    ... and {len(items) - _LISTED} more (all of them with --json)"
