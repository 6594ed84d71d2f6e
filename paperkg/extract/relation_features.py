"""What the text says about two entities of which one is the paper's own, as features for a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from paperkg.extract.text_features import (
    Features,
    add_between,
    add_window,
    adder,
    words,
    words_after,
    words_before,
)
from paperkg.model import Entity, Mention
from paperkg.names import fold

#: Characters, and then words, that count around a mention and between two.
_REACH, _MOST = 70, 6

#: More words between two mentions than this say nothing one by one.
_BETWEEN = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entity with its mentions, the sentences that these stand in, and its turn among all entities."""

    entity: Entity
    mentions: Sequence[Mention]
    sentences: Sequence[int]
    order: int


def relation_features(
    text: str, sentences: Sequence[int], own: Place, other: Place, *, main: bool, guess: str
) -> Features:
    """Give the features of a pair: the paper's ``own`` entity, and another one.

    ``sentences`` is where each sentence begins, ``main`` says that the paper is named after the first,
    ``guess`` is what phrases alone tell.
    """
    features: Features = {}
    add = adder(features)
    a, b = own.entity, other.entity
    kinds = f"{a.type} {b.type}"
    add(f"types {kinds}")
    add(f"role {b.role}")
    add(f"roles {kinds} {b.role}")
    add(f"guess {guess}")
    add(f"guess {guess} {b.role}")
    add("main" if main else "side")
    add(f"main {main} {kinds} {b.role}")
    add(f"order {min(own.order, 3)} {min(max(other.order - own.order, -2), 4)}")
    add("known" if b.id else "unknown")
    if fold(b.name) in fold(a.name):
        add("name inside")
    elif fold(a.name) in fold(b.name):
        add("own name inside")
    for name, place in (("a", own), ("b", other)):
        if 0 in place.sentences:
            add(f"{name} in title")
        if len(set(place.sentences)) == 1:
            add(f"{name} once {place.sentences[0] == 0}")
    together = sorted(set(own.sentences) & set(other.sentences))
    add(f"together {min(len(together), 3)} {0 in together}")
    if not together:
        gap = min(abs(x - y) for x in own.sentences for y in other.sentences)
        add(f"gap {min(gap, 4)}")
    for mention, sentence in zip(other.mentions, other.sentences, strict=True):
        title = "T" if sentence == 0 else ""
        before = words_before(text, mention.start, reach=_REACH, most=_MOST)
        after = words_after(text, mention.end, reach=_REACH, most=4)
        add_window(add, f"{title}b", before, after)
        near = [m for m, s in zip(own.mentions, own.sentences, strict=True) if s == sentence and m != mention]
        if not near:
            opening = words(text[sentences[sentence] : mention.start])
            add(f"opens {' '.join(opening[:2])}")
            add(f"opens {opening[0] if opening else ''} {b.role} {min(len(opening), 20) // 5}")
            for one, two in pairwise(opening[-7:]):
                add(f"alone {one} {two}")
            continue
        mate = min(near, key=lambda m: abs(m.start - mention.start))
        first, last = sorted((mate, mention))
        between = words(text[first.end : last.start])
        turn = "ab" if mate.start < mention.start else "ba"
        add(f"{title}{turn}")
        add(f"{turn} {len(between) // 3 if len(between) < _BETWEEN else 'far'}")
        add_between(add, turn, between, most=_BETWEEN)
        if len(between) <= _BETWEEN:
            add(f"{turn} all {' '.join(between[:6])}")
    return features
