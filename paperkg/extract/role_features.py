"""What the text around all mentions of an entity says about its role, as features for a classifier."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache

from paperkg.extract.cues import Cues
from paperkg.extract.presented import add_presented
from paperkg.extract.state import Findings
from paperkg.extract.text_features import Add, Features, add_window, adder, words_after, words_before
from paperkg.model import Entity, Mention
from paperkg.names import INNER_CAPITAL

#: Characters, and then words, that count before and after a mention.
_BEFORE, _AFTER = (90, 10), (70, 7)

#: Words that tell what a sentence is about, wherever they stand in it.
_TOPICS = (
    *("we ", "our ", "outperform", "compared", "experiment", "evaluat", "achiev", "baseline", "however"),
    *("existing", "propose", "present", "introduce", "state-of-the-art", "such as", "based on", "speedup"),
    *("faster", "results", "dataset", "benchmark", "implement", "improve", "using", " use"),
)
_OWN_WORK = re.compile(
    r"\b(?:we|this (?:paper|work|study|article)|in this (?:paper|work)|our)\b", re.IGNORECASE
)


def role_features(
    state: Findings,
    entity: Entity,
    mentions: Sequence[Mention],
    *,
    order: int,
    presented: bool,
    guess: Mapping[str, float],
    cues: Cues,
) -> Features:
    """Give the features of an entity.

    ``order`` counts the entities that are named before it, ``presented`` says that a pattern took it for
    the paper's own contribution, ``guess`` is the weight of the cue words for each role.
    """
    text = state.text
    title_end = max(0, text.find("\n"))
    features: Features = {}

    add = adder(features)
    kind = entity.type
    _add_place(add, text, title_end, entity, mentions, order)
    if presented:
        add("presented")
        add(f"presented {kind}")
    best = max(sorted(guess), key=lambda role: guess[role], default="")
    add(f"cues {best}")
    add(f"cues {best} {kind}")
    for mention in mentions:
        _add_window(add, text, title_end, mention)
        _add_sentence(add, state, title_end, mention)
        add_presented(add, state, bisect_left(state.starts, mention.start), kind, cues)
    return features


def _add_place(
    add: Add, text: str, title_end: int, entity: Entity, mentions: Sequence[Mention], order: int
) -> None:
    kind = entity.type
    add(f"type {kind}")
    add(f"times {min(len(mentions), 5)}")
    add("times", math.log1p(len(mentions)))
    add(f"order {min(order, 4)}")
    add("known" if entity.id else "unknown")
    add(f"rule {mentions[0].rule}" if mentions else "rule")
    if INNER_CAPITAL.search(entity.name):
        add("coined")
    if entity.name.islower():
        add("lower case")
    body = [m for m in mentions if m.start > title_end]
    if len(body) < len(mentions):
        add("title")
        add(f"title {kind}")
        if mentions[0].start == 0:
            add("title begins")
            add(f"title begins {kind}")
            if mentions[0].end == text.find(":"):
                add("title colon")
    if not body:
        add("title only")
        return
    length = max(1, len(text) - title_end)
    for name, mention in (("first", body[0]), ("last", body[-1])):
        place = (mention.start - title_end) / length
        add(f"{name} {int(place * 5)}")
        add(name, place)
    own = _OWN_WORK.search(text, title_end)
    turn = own.start() if own else title_end
    if all(m.start < turn for m in body):
        add("background")
        add(f"background {kind}")
    elif all(m.start >= turn for m in body):
        add("own work")


def _add_window(add: Add, text: str, title_end: int, mention: Mention) -> None:
    """Add the words of the same sentence before and after a mention."""
    where = "T" if mention.start < title_end else ""
    before = words_before(text, mention.start, reach=_BEFORE[0], most=_BEFORE[1])
    after = words_after(text, mention.end, reach=_AFTER[0], most=_AFTER[1])
    add_window(add, where, before, after)
    add(f"{mention.type} -1 {before[-1] if before else ''}")
    add(f"{mention.type} +1 {after[0] if after else ''}")


def _add_sentence(add: Add, state: Findings, title_end: int, mention: Mention) -> None:
    """Add what the sentence of a mention is about, and whether the paper's own contribution is in it."""
    text = state.text
    start = max(text.rfind(". ", 0, mention.start), title_end if mention.start > title_end else 0)
    end = text.find(". ", mention.end)
    end = len(text) if end < 0 else end
    topics, number = _topics(text[start:end])
    for word in topics:
        add(f"about {word}")
        add(f"about {word} {mention.type}")
    for other in state.mentions:
        if start <= other.start < end and other.entity in state.introduced and other.start != mention.start:
            add("own before" if other.start < mention.start else "own after")
    if number:
        add("number")


@lru_cache(maxsize=64)
def _topics(sentence: str) -> tuple[tuple[str, ...], bool]:
    """Give what a sentence is about, and whether it has a number."""
    lowered = sentence.lower()
    return tuple(word for word in _TOPICS if word in lowered), any(c.isdigit() for c in sentence)
