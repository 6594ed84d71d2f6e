"""Make one paper of all the records that have its identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from paperkg.model import Extraction, Paper, Refusal
from paperkg.read.common import Refuse

#: Share of the words of the shorter text that two versions of one paper have in common, at least.
_VERSION = 0.5


def combine(items: Iterable[Paper | Extraction], *, refuse: Refuse) -> list[Paper | Extraction]:
    """Give each identifier once, with the listings of all its records, sorted by identifier.

    Where texts differ, the longest abstract is kept (then the greatest text); an extraction counts
    more than a paper alone, because somebody has looked at it. The order of the items has no say.
    A record whose text has nothing to do with the one that is kept is another paper, and refused.
    """
    groups: dict[str, list[Paper | Extraction]] = defaultdict(list)
    for item in items:
        groups[_paper(item).id].append(item)
    return [_combine_one(groups[key], refuse) for key in sorted(groups)]


def _combine_one(items: list[Paper | Extraction], refuse: Refuse) -> Paper | Extraction:
    best = max(items, key=_worth)
    papers = []
    for paper in map(_paper, items):
        if _alike(paper, _paper(best)):
            papers.append(paper)
            continue
        for listing in paper.listings:
            refuse(
                Refusal(
                    file=listing.file,
                    reason=f"paper {listing.position}: its id {paper.id!r} is that of another paper, "
                    f"{_paper(best).title[:60]!r}",
                )
            )
    paper = replace(
        _paper(best),
        listings=tuple(sorted({listing for p in papers for listing in p.listings})),
        issued=_paper(best).issued or max(p.issued for p in papers),
        creators=_paper(best).creators or max(p.creators for p in papers),
    )
    return replace(best, paper=paper) if isinstance(best, Extraction) else paper


def _alike(one: Paper, other: Paper) -> bool:
    """Say whether two texts are versions of one: their titles, or their abstracts, share their words."""
    if one.text == other.text:
        return True
    pairs = ((one.title, other.title), (one.abstract, other.abstract))
    return any(_shared(set(a.casefold().split()), set(b.casefold().split())) > _VERSION for a, b in pairs)


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _worth(item: Paper | Extraction) -> tuple[bool, int, str, str]:
    paper = _paper(item)
    return isinstance(item, Extraction), len(paper.abstract), paper.text, repr(item)


def _paper(item: Paper | Extraction) -> Paper:
    return item.paper if isinstance(item, Extraction) else item
