"""Make one paper of all the records that have its identifier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from paperkg.model import Extraction, Paper


def combine(items: Iterable[Paper | Extraction]) -> list[Paper | Extraction]:
    """Give each identifier once, with the listings of all its records, sorted by identifier.

    Where texts differ, the longest abstract is kept (then the greatest text); an extraction counts
    more than a paper alone, because somebody has looked at it. The order of the items has no say.
    """
    groups: dict[str, list[Paper | Extraction]] = defaultdict(list)
    for item in items:
        groups[_paper(item).id].append(item)
    return [_combine_one(groups[key]) for key in sorted(groups)]


def _combine_one(items: list[Paper | Extraction]) -> Paper | Extraction:
    best = max(items, key=_worth)
    papers = [_paper(item) for item in items]
    paper = replace(
        _paper(best),
        listings=tuple(sorted({listing for p in papers for listing in p.listings})),
        issued=_paper(best).issued or max(p.issued for p in papers),
        creators=_paper(best).creators or max(p.creators for p in papers),
    )
    return replace(best, paper=paper) if isinstance(best, Extraction) else paper


def _worth(item: Paper | Extraction) -> tuple[bool, int, str, str]:
    paper = _paper(item)
    return isinstance(item, Extraction), len(paper.abstract), paper.text, repr(item)


def _paper(item: Paper | Extraction) -> Paper:
    return item.paper if isinstance(item, Extraction) else item
