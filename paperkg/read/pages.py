"""Pages copied from a site that lists papers: some furniture, a date, then titles and abstracts in turn.

Blocks are parted by blank lines. Nothing marks which block is a title and which an abstract, and a
page may have lost one of them; reading on by counting would then pair every later title with a wrong
abstract. So the likeliest labels of all blocks are found together: turns are the rule, each break of
it has a price, and so has calling a long text of several sentences a title or a short line an abstract.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from paperkg.errors import PaperkgError
from paperkg.model import Listing, Paper, Refusal
from paperkg.names import digest
from paperkg.read.common import Refuse, check_decoded

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = re.compile(rf"{_MONTH} \d{{1,2}}(?:,? \d{{4}})?|\d{{1,2}} {_MONTH}(?: \d{{4}})?|\d{{4}}-\d\d-\d\d")
_SENTENCE_END = re.compile(r"[.!?][)\]\"'”’]*(?=\s|$)")
_ENDS_AS_PROSE = re.compile(r"(?:\.[)\]\"'”’]*|https?://\S+)$")

#: About the length, in characters, at which a title is as likely as an abstract.
_EVEN_LENGTH = 160
#: Price of two titles, or two abstracts, in a row. Two such breaks cost more than any one block's
#: leaning, and less than two blocks': one odd block among good ones keeps its place in the turn.
_BREAK = 2.5
_MAX_LEANING = 4.5


class Block(NamedTuple):
    """A paragraph of a page: its text, its first line (from 1), and the offset of its first byte."""

    text: str
    line: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    title: Block
    abstract: Block
    date: str


def paper_id(title: str) -> str:
    """Make the identifier of a paper of which only the title is known.

    >>> paper_id("DiskGNN: Bridging I/O Efficiency and Model Accuracy for Out-of-Core GNN Training")
    'seed-9a886032'
    """
    return f"seed-{digest(title)}"


def read_pages(stream: BinaryIO, name: str, refuse: Refuse) -> Iterator[Paper]:
    """Read the papers of one page; what breaks the turn of titles and abstracts is refused by line."""
    data = stream.read()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse(Refusal(file=name, line=1, reason="byte 0xff at offset 0 is no UTF-8: convert it from UTF-16"))
        return
    position = 0
    for found in _records(find_blocks(data)):
        if isinstance(found, Refusal):
            refuse(Refusal(file=name, line=found.line, reason=found.reason))
            continue
        try:
            for block in (found.title, found.abstract):
                check_decoded(block.text, block.offset)
            paper = Paper(
                id=paper_id(found.title.text),
                title=found.title.text,
                abstract=found.abstract.text,
                listings=(Listing(file=name, date=found.date, position=position + 1),),
            )
        except PaperkgError as error:
            refuse(Refusal(file=name, line=block.line, reason=str(error)))
            continue
        position += 1
        yield paper


def find_blocks(data: bytes) -> list[Block]:
    """Split a page at its blank lines, whatever its line ends are.

    >>> find_blocks(b"One\\r\\n\\r\\n Two \\r\\nlines")
    [Block(text='One', line=1, offset=0), Block(text='Two \\nlines', line=3, offset=8)]
    """
    blocks: list[Block] = []
    held: list[str] = []
    first = begin = offset = 0
    # Bytes that are no UTF-8 stay in the text, so that only the block they stand in is refused.
    for number, raw in enumerate(re.split(rb"(?<=\n)|(?<=\r)(?!\n)", data), start=1):
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape").rstrip("\r\n")
        if line.strip():
            if not held:
                first, begin = number, offset + len(raw) - len(raw.lstrip())
            held.append(line)
        elif held:
            blocks.append(Block("\n".join(held).strip(), first, begin))
            held = []
        offset += len(raw)
    if held:
        blocks.append(Block("\n".join(held).strip(), first, begin))
    return blocks


def leaning(text: str) -> float:
    """Say how much a block looks like an abstract (above 0) rather than a title (below 0).

    >>> leaning("Attention Is All You Need") < -3, leaning("We do this. It works well. " * 40) > 3
    (True, True)
    """
    ends = len(_SENTENCE_END.findall(text))
    # A full stop at the end says more than one inside ("Planck 2018 results. V. Likelihoods").
    prose = 0.5 * min(ends, 4) + (1.0 if _ENDS_AS_PROSE.search(text) else -1.0)
    score = 1.5 * math.log(max(len(text), 1) / _EVEN_LENGTH) + prose
    return max(-_MAX_LEANING, min(_MAX_LEANING, score))


def _records(blocks: Sequence[Block]) -> Iterator[_Record | Refusal]:
    dates = {i for i, block in enumerate(blocks) if _DATE.fullmatch(block.text)}
    first = min(dates, default=0)
    # What stands above the first date is furniture of the site, unless it holds papers itself.
    start = 0 if any(leaning(b.text) > 0 for b in blocks[:first]) else first
    body = [i for i in range(start, len(blocks)) if i not in dates]
    labels = _label([leaning(blocks[i].text) for i in body])
    title: tuple[Block, str] | None = None
    date, passed = "", start
    for index, is_abstract in zip(body, labels, strict=True):
        date = next((blocks[i].text for i in range(index - 1, passed - 1, -1) if i in dates), date)
        block, passed = blocks[index], index
        if is_abstract and title:
            yield _Record(title=title[0], abstract=block, date=title[1])
            title = None
        elif is_abstract:
            yield Refusal(file="", line=block.line, reason=f"an abstract without a title: {_start(block)}")
        else:
            if title:
                yield _without_abstract(title[0])
            title = block, date
    if title:
        yield _without_abstract(title[0])


def _label(leanings: Sequence[float]) -> list[bool]:
    """Find the cheapest labels: for each block, whether it is an abstract (dynamic programming)."""
    # Before the first block an abstract has ended; after the last one, a title would come.
    costs = {False: _BREAK, True: 0.0}
    steps: list[dict[bool, bool]] = []
    for lean in leanings:
        step: dict[bool, bool] = {}
        new: dict[bool, float] = {}
        for label in (False, True):
            before = {b: cost + (_BREAK if b == label else 0.0) for b, cost in costs.items()}
            step[label] = min(before, key=lambda b: (before[b], b == label))
            new[label] = before[step[label]] + max(0.0, -lean if label else lean)
        costs = new
        steps.append(step)
    label = costs[True] <= costs[False] + _BREAK
    labels = []
    for step in reversed(steps):
        labels.append(label)
        label = step[label]
    return labels[::-1]


def _without_abstract(block: Block) -> Refusal:
    return Refusal(file="", line=block.line, reason=f"a title without an abstract: {_start(block)}")


def _start(block: Block) -> str:
    text = " ".join(block.text.split())
    return ascii(text if len(text) <= 60 else text[:57] + "...")
