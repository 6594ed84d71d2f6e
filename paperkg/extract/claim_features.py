"""What the text says about a number, and about a number and an entity, as features for classifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperkg.extract.text_features import (
    Add,
    Features,
    add_between,
    add_window,
    adder,
    words,
    words_after,
    words_before,
)

#: Characters, and then words, that count around a number.
_REACH, _MOST = 80, 9

#: More words than this between a number and a name say nothing one by one.
_BETWEEN = 16

_TOPICS = re.compile(
    r"\b(?:achiev|outperform|improv|reduc|increas|decreas|show|result|experiment|evaluat|demonstrat|compar"
    r"|baseline|state-of-the-art|while|only|we |our |however|existing|respectively|speed|faster|than|over"
    r"|up to|average|dataset|parameters|trained|using|requires?|suffer|scal|million|billion)",
    re.IGNORECASE,
)

#: What leads to a rival, and where another clause begins.
_COMPARES = re.compile(
    r"\b(over|than|compar\w+|against|versus|vs|relative|outperform\w*|surpass\w*|exceed\w*|beat\w*|baselines?|w\.r\.t"
    r"|respect|to|from|of|as|like|including)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(
    r";|,?\s+(?:while|whereas|but|yet)\b|,\s+(?:and\s+)?(?:also\s+)?(?=[a-z]+(?:s|ed|ing)\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in a sentence: where it stands there, its unit, and its turn among the sentence's numbers.

    ``group`` is where the list of numbers that it belongs to begins and ends ("1.2x, 1.4x and 2x").
    """

    start: int
    end: int
    value: str
    unit: str
    turn: int
    of: int
    group: tuple[int, int]


def number_features(
    sentence: str, number: Number, *, guess: str, cues: Iterable[str], place: float, names: Iterable[str]
) -> Features:
    """Give the features of a number: is it a result, and of what?

    ``guess`` is what rules alone say, ``cues`` the metrics whose words stand near with side and distance,
    ``place`` where in the abstract the sentence stands (0 to 1), ``names`` the kinds of entities in it.
    """
    features: Features = {}
    add = adder(features)
    unit = number.unit if len(number.unit) < 12 else "long"
    add(f"unit {unit}")
    add(f"guess {guess}")
    add(f"guess {guess} {unit}")
    for cue in cues:
        add(f"cue {cue}")
        add(f"cue {cue} {unit}")
    add(f"place {int(place * 5)}")
    add("place", place)
    add(f"turn {min(number.turn, 3)} of {min(number.of, 4)}")
    digits = number.value.replace(",", "")
    add(f"looks {'.' in digits} {len(digits.split('.')[0])} {',' in number.value}")
    if re.fullmatch(r"(?:19|20)\d\d", digits):
        add("year")
    for name in names:
        add(f"name {name}")
    for topic in {m.group().lower() for m in _TOPICS.finditer(sentence)}:
        add(f"about {topic}")
        add(f"about {topic} {unit}")
    before = words_before(sentence, number.start, reach=_REACH, most=_MOST)
    after = words_after(sentence, number.end, reach=_REACH, most=_MOST)
    add_window(add, "n", before, after)
    add(f"{unit} -1 {before[-1] if before else ''}")
    add(f"{unit} +1 {after[0] if after else ''}")
    return features


def metric_features(
    sentence: str,
    number: Number,
    span: tuple[int, int] | None,
    *,
    metric: str,
    clause: tuple[int, int],
    guess: str,
    turn: str = "",
) -> Features:
    """Give the features of a number and a word that may name what it measures.

    ``span`` is the word's place; None stands for no word at all, but what numbers of this unit mostly are.
    ``turn`` says, where as many words as numbers are listed, whether it is the turn of this one.
    """
    features: Features = {}
    add = adder(features)
    unit = number.unit if len(number.unit) < 12 else "long"
    add(f"{metric} {unit}")
    add(f"agrees {metric == guess}")
    if span is None:
        add("none")
        add(f"none {unit}")
        add(f"none {metric == guess}")
        return features
    start, end = span
    if turn:
        add(turn)
    after = start >= number.end
    turn = "after" if after else "before"
    first, last = number.group
    between = words(
        sentence[max(last, number.end) : start] if after else sentence[end : min(first, number.start)]
    )
    inside = clause[0] <= start < clause[1]
    add(f"{turn} {inside}")
    add(f"{turn} {min(len(between), 12)}")
    add(f"{turn} {min(len(between), 12) // 3} {inside}")
    add(f"{turn} length", min(len(between), 20) / 20)
    others = sum(word == "#" for word in between)
    add(f"{turn} numbers {min(others, 2)}")
    add(f"word {sentence[start:end].lower()}")
    add(f"{turn} {metric}")
    for word in between[:8]:
        add(f"{turn} {word}")
    if between:
        add(f"{turn} first {between[0]}")
        add(f"{turn} last {between[-1]}")
    if len(between) < 5:
        add(f"{turn} all {' '.join(between)}")
    before = words_before(sentence, number.start, reach=40, most=2)
    add(f"{turn} by {before[-1] if before else ''}")
    return features


def baseline_features(
    sentence: str,
    number: Number,
    spans: Sequence[tuple[int, int]],
    *,
    kind: str,
    role: str,
    guessed: bool,
    listed: bool,
    turn: bool | None,
    rivals: int,
    away: int,
    metric: str,
    lists: Sequence[tuple[int, int]] = (),
    alone: bool = False,
    told: str = "",
) -> Features:
    """Give the features of a number and an entity: is the number measured against it?

    ``spans`` are the entity's places in the sentence of the number (none if it stands elsewhere, ``away``
    sentences before), ``listed`` says that it is among the ``rivals`` (so many) of the sentence, ``turn``
    whether it is its turn in a list that belongs to the number's list (None: there is no such list),
    ``lists`` are the places of the sentence's lists of rivals, ``alone`` says that the paper compares itself
    with nothing else, ``told`` is the text before its last mention in an earlier sentence.
    """
    features: Features = {}
    add = adder(features)
    if alone:
        add(f"alone {bool(spans)} {role}")
        add(f"alone {min(away, 3)} {min(rivals, 1)}" if not spans else "alone here")
    if told and not spans:
        for word in words(told)[-4:]:
            add(f"told {word} {min(away, 3)}")
            add(f"told {word} {min(rivals, 1)}")
    _add_lists(add, sentence, number, spans, lists, role)
    add(f"role {role}")
    add(f"role {role} {kind}")
    add(f"guessed {guessed}")
    add(f"guessed {guessed} {role}")
    add(f"metric {metric} {number.unit} {role}")
    where = "here" if spans else f"away {min(away, 3)}"
    add(where)
    add(f"{where} {role} {min(rivals, 1)}")
    add(f"rivals {min(rivals, 3)}")
    if turn is not None:
        add("in turn" if turn else "another's turn", 2.0)
    if listed:
        add("listed")
        add(f"listed {role}")
    if not spans:
        return features
    start, end = min(spans, key=lambda s: max(s[0] - number.end, number.start - s[1]))
    side = "after" if start >= number.end else "before"
    first, last = (number.end, start) if side == "after" else (end, number.start)
    between = words(sentence[first:last])
    add(side)
    add(f"{side} {role}")
    add(f"{side} {len(between) // 4 if len(between) < _BETWEEN * 2 else 'far'} {role}")
    others = sum(word == "#" for word in between)
    add(f"{side} numbers {min(others, 2)}")
    add(f"{side} numbers {min(others, 2)} {role}")
    add_between(add, side, between, most=_BETWEEN)
    for mark in (";", "while", "whereas", "and", "but"):
        if mark in between:
            add(f"{side} past {mark}")
    add_window(
        add,
        "b",
        words_before(sentence, start, reach=50, most=5),
        words_after(sentence, end, reach=40, most=4),
    )
    return features


def _add_lists(
    add: Add,
    sentence: str,
    number: Number,
    spans: Sequence[tuple[int, int]],
    lists: Sequence[tuple[int, int]],
    role: str,
) -> None:
    """Add where the list of rivals that an entity stands in is, seen from a number, and what leads to it."""
    own = next(((a, b) for a, b in lists if any(a <= start and end <= b for start, end in spans)), None)
    if own is None:
        add(f"in no list {bool(lists)} {role}")
        return
    start, end = own
    first, last = number.group
    after = start >= last
    side = "after" if after else "before"
    behind, before = sum(a >= last for a, _ in lists), sum(b <= first for _, b in lists)
    if after:
        ahead, others, between = sum(last <= a < start for a, _ in lists), before, sentence[last:start]
    else:
        ahead, others, between = sum(end <= a and b <= first for a, b in lists), behind, sentence[end:first]
    numbers = sum(word == "#" for word in words(between))
    cues = [m.group(1).lower() for m in _COMPARES.finditer(sentence, max(0, start - 45), start)]
    cue = cues[-1] if cues else ""
    opens = start < 45 and bool(_COMPARES.match(sentence.lstrip()) or sentence.startswith("In comparison"))
    clauses = min(2, len(_CLAUSES.findall(between)))
    add(f"list {side} {min(ahead, 2)} {min(others, 1)}")
    add(f"list {side} {min(ahead, 2)} numbers {min(numbers, 2)} {clauses}")
    add(f"list {side} {cue}")
    add(f"list {side} {cue} {min(ahead, 1)} {min(numbers, 2)}")
    add(f"list {side} {cue} {clauses}")
    add(f"list {side} opens {opens} {min(ahead, 1)}")
    add(f"list {side} first number {number.turn == 0} last {number.turn == number.of - 1} {cue}")
    add(f"list {side} only {len(lists) == 1} {cue} {clauses}")
