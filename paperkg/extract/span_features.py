"""What speaks for and against a span being a name, as features for the classifier of the resolver."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.presented import add_presented
from paperkg.extract.recogniser import CHANCES, span_chance
from paperkg.extract.state import Candidate, Findings, findings
from paperkg.extract.text_features import Features, Name, adder
from paperkg.extract.token_features import shape
from paperkg.extract.told import add_told
from paperkg.model import ENTITY_TYPES
from paperkg.names import fold

#: What the network takes for a name with less than this probability, and nothing but function words set
#: apart, is hardly ever one: of 1,369 such spans, a fifth of all, the classifier took five.
_HOPELESS = 0.03

#: Where a span begins and ends, in tokens.
Place = tuple[int, int]


@dataclass(slots=True)
class _Form:
    """What is known of a form over all its places in the text."""

    places: set[Place] = field(default_factory=set)
    #: Token that its first place begins with.
    first: int = sys.maxsize
    rules: set[str] = field(default_factory=set)
    best: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    judged: set[str] = field(default_factory=set)
    #: What the nouns near its places, and the text itself, tell of it; found when it is first asked for.
    told: Features | None = None


def span_features(
    doc: Doc,
    candidates: Mapping[Place, Sequence[Candidate]],
    judged: Mapping[Place, str],
    cues: Cues,
    *,
    every: bool = True,
) -> dict[Place, Features]:
    """Give the features of the spans that somebody proposed; without ``every``, but for hopeless ones.

    ``judged`` is what rules see in some.
    """
    chances = doc.user_data.get(CHANCES)
    state = findings(doc)
    title = state.sentences[0][1] if state.sentences else 0
    said = {span: _chances(chances, span) for span in candidates}
    forms: dict[str, _Form] = defaultdict(_Form)
    for span, given in candidates.items():
        form = forms[fold(state.surface(*span))]
        form.places.add(span)
        form.first = min(form.first, span[0])
        form.rules.update(c.rule for c in given)
        form.judged.add(judged.get(span, ""))
        for kind, chance in said[span].items():
            form.best[kind] = max(form.best[kind], chance)
    spans = sorted(candidates)
    near = _Near(spans)
    nouns = _presented_nouns(state, cues)
    kinds = [cues.head_type(word) for word in state.words]
    topic = _topic(candidates)
    found = {}
    for span in spans:
        hopeless = max(said[span].values(), default=1.0) < _HOPELESS
        if hopeless and not every and candidates[span][0].rule == "phrase":
            continue
        features = found[span] = _features(state, span, candidates, near, said[span], forms, cues, title)
        rules = judged.get(span, "nothing")
        features[f"rules {rules}"] = 2.0
        features[topic] = 1.0
        features[f"{topic} rules {rules}"] = 1.0
        form = forms[fold(state.surface(*span))]
        own = any(c.introduced for c in candidates[span])
        if own or not state.surface(*span).islower():
            if form.told is None:
                form.told = _told(state, form.places, kinds, cues)
            features.update(form.told)
            _add_presented_nouns(features, nouns if own else ())
            text = state.surface(*span).lower()
            for part in (f"ends {text[-3:]}", f"ends {text[-4:]}", f"begins {text[:3]}"):
                features[part] = 1.0
        for kind in form.judged - {rules}:
            features[f"rules elsewhere {kind or 'nothing'}"] = 1.0
        for c in candidates[span]:
            features[f"rules {rules} by {c.rule}"] = 1.0
        features[f"rules {rules} net {max(said[span].values(), default=0.0):.1f}"] = 1.0
    return found


def _topic(candidates: Mapping[Place, Sequence[Candidate]]) -> str:
    """Say how many things of the vocabulary a text names: few where it is about something else."""
    known = {c.concept for given in candidates.values() for c in given if c.concept}
    return f"known things {min(len(known), 6)}"


class _Near:
    """The spans of a text, to look up those that lie around one or inside it."""

    def __init__(self, spans: Sequence[Place]) -> None:
        self._spans = spans
        self._starts = [start for start, _ in spans]
        self._longest = max((end - start for start, end in spans), default=0)

    def around(self, span: Place) -> tuple[list[Place], list[Place]]:
        """Give the spans that hold a span, and those that it holds."""
        start, end = span
        first, last = bisect_left(self._starts, end - self._longest), bisect_left(self._starts, end)
        others = [s for s in self._spans[first:last] if s != span]
        return (
            [s for s in others if s[0] <= start and end <= s[1]],
            [s for s in others if start <= s[0] and s[1] <= end],
        )


def _chances(chances: Sequence[Sequence[float]] | None, span: Place) -> dict[str, float]:
    if chances is None:
        return {}
    return {kind: span_chance(chances, *span, kind) for kind in ENTITY_TYPES}


def _features(
    state: Findings,
    span: Place,
    candidates: Mapping[Place, Sequence[Candidate]],
    near: _Near,
    said: Mapping[str, float],
    forms: Mapping[str, _Form],
    cues: Cues,
    title: int,
) -> Features:
    start, end = span
    text = state.surface(start, end)
    folded = fold(text)
    form = forms[folded]
    words = state.words[start:end]
    # Most features are 1 or absent: a list of their names is the quickest way to collect them.
    names: list[str] = []
    add = names.append
    for c in candidates[span]:
        source = f"{c.rule} {c.type or '?'}"
        add(f"by {source} {c.introduced:d}")
        add(f"by {c.rule}")
        add(f"score {source} {c.score:.1f}" if c.rule != "recogniser" else "by recogniser")
        if c.concept:
            add(f"known {c.type} {min(len(words), 4)} {text.islower()}")
        if c.introduced:
            add(f"introduced {c.type or '?'}")
    for rule in form.rules - {c.rule for c in candidates[span]}:
        add(f"elsewhere {rule}")
    weighed = {"net none": 1 - max(said.values(), default=0.0)}
    for kind, chance in said.items():
        best = form.best[kind]
        weighed[f"net {kind}"] = 3 * chance
        weighed[f"best {kind}"] = 3 * best
        if chance >= 0.1:
            add(f"net {kind} {round(chance * 5)}")
        if best >= 0.1:
            add(f"best {kind} {round(best * 5)}")
    if folded in cues.never:
        add("never")
    lower = text.islower()
    case = "lower" if lower else "capital"
    add(f"head type {cues.head_type(words[-1])}")
    add(f"term type {cues.term_type(words[-1])}")
    add(f"ending {cues.ending_type(text)}")
    add(f"tokens {min(len(words), 6)}")
    add(f"shape {shape(words[0])}" if len(words) == 1 else f"shapes {shape(words[0])} {shape(words[-1])}")
    add("lower" if lower else "capital" if text[0].isupper() else "mixed")
    add(f"lower {lower} {min(len(words), 4)}")
    add(f"places {min(len(form.places), 4)}")
    if start < title:
        add("title")
    elif form.first < title:
        add("also in title")
    if end < len(state.words):
        add(f"+1 type {cues.head_type(state.words[end])}")
    _add_surroundings(add, state, span, case)
    add_presented(add, state, start, case, cues)
    for name, others in zip(("longer", "shorter"), near.around(span), strict=True):
        add(f"{name} {min(len(others), 2)}")
        for rule in {c.rule for s in others for c in candidates[s]}:
            add(f"{name} by {rule}")
    return dict.fromkeys(names, 1.0) | {name: value for name, value in weighed.items() if value > 0}


def _add_surroundings(add: Name, state: Findings, span: Place, case: str) -> None:
    """Add the words before and after a span, and its first and last word."""
    start, end = span
    words = [_plain(word) for word in state.words[max(0, start - 3) : min(len(state.words), end + 2)]]
    at = min(start, 3)
    stop = at + end - start
    before, after = words[:at][::-1], words[stop:]
    for n, word in enumerate(before[:2], start=1):
        add(f"-{n} {word}")
    add(f"-1 {before[0] if before else ''} {case}")
    add(f"- {' '.join(before)}")
    for n, word in enumerate(after, start=1):
        add(f"+{n} {word}")
    add(f"+1 {after[0] if after else ''} {case}")
    add(f"begins with {words[at]}")
    add(f"ends with {words[stop - 1]}")
    if stop - at > 1:
        add(f"ends with {words[stop - 2]} {words[stop - 1]}")


@lru_cache(maxsize=1 << 14)
def _plain(word: str) -> str:
    return "#" if word[0].isdigit() else word.lower()


def _presented_nouns(state: Findings, cues: Cues) -> list[tuple[str, str]]:
    """Give the nouns by which the paper calls what it presents, with the types that they stand for."""
    found = []
    for match in cues.introductions(state):
        for i in range(bisect_left(state.starts, match.end()), len(state.words)):
            word = state.words[i]
            if word in {".", ";"} or state.starts[i] > match.end() + 160:
                break
            if kind := cues.head_type(word):
                found.append((word.lower(), kind))
                break
    return found[:4]


def _add_presented_nouns(features: Features, presented: Sequence[tuple[str, str]]) -> None:
    """Add the nouns by which the paper calls what it presents."""
    for turn, (noun, kind) in enumerate(presented):
        features[f"presents {kind}"] = features[f"presents {noun}"] = 1.0
        if turn == 0:
            features[f"presents first {kind}"] = 1.0


def _told(state: Findings, places: Iterable[Place], kinds: Sequence[str], cues: Cues) -> Features:
    """Give the nouns near the places of a form that tell a type, and what the text says that it is."""
    features: Features = {}
    add = adder(features)
    words = state.words
    for start, end in places:
        sides = (
            ("after", range(end, min(end + 9, len(words)))),
            ("before", range(start - 1, max(-1, start - 8), -1)),
        )
        for side, order in sides:
            for distance, i in enumerate(order):
                if words[i] in {".", ";"}:
                    break
                if kind := kinds[i]:
                    add(f"noun {side} {kind}", 1 - distance / 12)
                    add(f"noun {side} {words[i].lower()}")
                    add(f"noun {side} {distance // 2} {kind}")
                    break
        add_told(add, state, start, end, cues)
    return features
