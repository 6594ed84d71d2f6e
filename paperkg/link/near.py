"""Find pairs of things whose names are nearly the same: look up, compare, score.

Looking up is by deletions: two names within one edit have a form in common from which at most one
character was taken (the symmetric delete method of W. Garbe), so that no pair of unlike names is
ever compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from paperkg.model import Concept
from paperkg.names import fold

#: One edit more or less says nothing about names that are shorter than this.
_SHORT = 6

#: So many names with one deletion in common are acronyms of three letters, and no spellings of one name.
_CROWD = 40


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class NearPair:
    """Two things of one type with nearly one name; ``apart`` says how sure it is that they are two."""

    apart: float
    one: str
    other: str
    reason: str


def near_pairs(
    concepts: Iterable[Concept], papers: Mapping[str, set[str]], introduced: Mapping[str, set[str]]
) -> Iterator[NearPair]:
    """Yield the pairs within one edit, or alike but for the vendor, the doubtful first.

    ``papers`` are the papers that speak of a concept, ``introduced`` those that introduce it.
    """
    known = {c.id: c for c in concepts}
    vendors = {c.vendor.split()[0].casefold() for c in known.values() if c.vendor}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    forms = {key: fold(c.name) for key, c in sorted(known.items())}
    bare = {key: fold(_without_vendor(c.name, vendors)) for key, c in known.items()}
    for key, form in forms.items():
        deletions = {form[:i] + form[i + 1 :] for i in range(len(form))} if len(form) > 2 else set()
        for short in {form, bare[key], *deletions}:
            groups[known[key].type, short].append(key)
    pairs = {
        (one, other)
        for keys in groups.values()
        if 1 < len(keys) <= _CROWD
        for i, one in enumerate(keys)
        for other in keys[i + 1 :]
    }
    found = []
    for one, other in pairs:
        if bare[one] == bare[other] or _one_edit(forms[one], forms[other]):
            apart, reason = _compare(known[one], known[other], forms[one], forms[other], papers, introduced)
            found.append(NearPair(apart=apart, one=one, other=other, reason=reason))
    yield from sorted(found)


def _compare(
    one: Concept,
    other: Concept,
    form: str,
    other_form: str,
    papers: Mapping[str, set[str]],
    introduced: Mapping[str, set[str]],
) -> tuple[float, str]:
    if {one.broader, one.variant_of} & {other.id} or {other.broader, other.variant_of} & {one.id}:
        return 0.99, "one is a kind or a version of the other"
    if _digits(form) != _digits(other_form):
        return 0.97, "the names differ in a number"
    if _is_listed(one) and _is_listed(other):
        return 0.97, "the vocabulary knows both"
    if papers.get(one.id, set()) & papers.get(other.id, set()):
        return 0.9, "one paper speaks of both"
    if introduced.get(one.id) and introduced.get(other.id):
        return 0.85, "two papers introduce them"
    if min(len(form), len(other_form)) < _SHORT:
        return 0.8, "too short for one letter to be a slip"
    return 0.6, "one letter apart, and nothing else tells them apart"


def _one_edit(one: str, other: str) -> bool:
    """Say whether one insertion, deletion or change makes two forms equal; equal ones are none."""
    if one == other:
        return True
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _is_listed(concept: Concept) -> bool:
    return bool(concept.source) and not concept.source.startswith("paper:")


def _digits(form: str) -> str:
    return re.sub(r"\D+", " ", form)


def _without_vendor(name: str, vendors: set[str]) -> str:
    first, _, rest = name.partition(" ")
    return rest if rest and first.casefold() in vendors else name
