"""What rules alone say of numbers: their metric, direction, qualifier, and what they are measured against.

It is the first guess of ``claims``, which learnt classifiers weigh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from paperkg.extract.claim_features import Number
from paperkg.extract.state import Findings
from paperkg.model import LOWER_IS_BETTER
from paperkg.names import any_of
from paperkg.vocabulary import Vocabulary

#: Says that a word is a number's own, of as many words as numbers.
IN_TURN = "in turn"

_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TIMES = r"\\?times\b|[xX×](?![\w])|[- ]?folds?\b"
_PERCENT = r"\\?%(?:\s*points?|p\b)?|percent(?:age)?(?:\s+points?)?\b|pp\b|p\.p\.|points?\b"


class ClaimRules:
    """The words that tell what a number measures, and where they have to stand."""

    def __init__(self) -> None:
        self._metrics: list[tuple[re.Pattern[str], str]] = []
        self._directions: list[tuple[re.Pattern[str], str]] = []
        self._qualifiers: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self._seen: tuple[str, list[tuple[int, int, str]]] = ("", [])
        #: Finds numbers with their units.
        self.value = value_pattern(())

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary."""
        self._metrics = _patterns(vocabulary.cue_words("metric"))
        self._directions = _patterns(vocabulary.cue_words("direction"))
        self._qualifiers = {k.casefold(): v for k, v in vocabulary.cue_words("qualifier").items()}
        self._units = vocabulary.cue_words("unit")
        self.value = value_pattern(self._units)

    def cues_near(self, text: str, hit: re.Match[str]) -> Iterator[str]:
        """Name the metrics whose words stand near a number, with side and distance."""
        start, end = clause_of(text, hit)
        for first, last, metric in self.cues(text):
            side = "after" if first >= hit.end() else "before"
            distance = first - hit.end() if side == "after" else hit.start() - last
            if distance >= 0:
                yield f"{metric} {side} {min(distance // 15, 5)}"
                yield f"{metric} {'in' if start <= first < end else 'out'}"

    def cues(self, text: str) -> list[tuple[int, int, str]]:
        """Give the words of a sentence that name metrics, in their order; those of the last one are kept."""
        if self._seen[0] != text:
            found = sorted(
                (*m.span(), metric) for pattern, metric in self._metrics for m in pattern.finditer(text)
            )
            self._seen = (text, found)
        return self._seen[1]

    def is_result(self, text: str, hit: re.Match[str]) -> bool:
        """Say whether words near a number speak of a measurement."""
        if hit.group("times") and re.match(r"\s*\d", text[hit.end() :]):
            return False  # "378 x 378": dimensions
        first, last = hit.start() - 90, hit.end() + 60
        measured = any(first <= start and end <= last for start, end, _ in self.cues(text))
        changed = any(p.search(text, max(0, first), last) for p, _ in self._directions)
        if hit.group("times"):
            return measured or changed
        if hit.group("percent"):
            return measured or changed
        return (
            bool(hit.group("other"))
            and measured
            and not re.match(r"\s*(?:model|parameter|context|GPUs?)", text[hit.end() :])
        )

    def unit(self, hit: re.Match[str]) -> str:
        """Give the unit of a number: "x", "%", "points", or as the vocabulary spells it; "" if none."""
        if hit.group("times"):
            return "x"
        if hit.group("percent"):
            return "points" if "p" in hit.group("percent").replace("percent", "") else "%"
        written = hit.group("other") or ""
        return self._units.get(written, written)

    def metric(self, text: str, hit: re.Match[str], group: tuple[int, int]) -> str:
        """Take the metric nearest to a number's list (``group``), of its own clause if that has one.

        What follows the number is likelier than what stands before it, except after "by": "improves
        accuracy by 3 %".
        """
        unit = hit.group("other") or ""
        if unit and (measured := self.metric_of_unit(unit)):
            return measured
        begin, stop = group
        ahead, behind = (1.0, 1.0) if _BY.search(text, 0, begin) else (1.6, 1.0)
        for start, end in (clause_of(text, hit), (0, len(text))):
            best, score = "", 1e9
            for first, last, metric in self.cues(text):
                if first < start or last > end:
                    continue
                after = first >= stop
                distance = behind * (first - stop) if after else ahead * (begin - last)
                if 0 <= distance < score - (last - first) * 0.01:
                    best, score = metric, distance
            if best:
                return best
        return "speedup" if hit.group("times") else "accuracy" if hit.group("percent") else "other"

    def metric_of_unit(self, unit: str) -> str:
        """Give the metric that a unit names by itself ("tokens/s")."""
        return next((metric for pattern, metric in self._metrics if pattern.fullmatch(unit)), "")

    def change(self, text: str, hit: re.Match[str], metric: str, group: tuple[int, int]) -> tuple[str, bool]:
        """Say what happened to the metric, "higher" or "lower", and whether the number says by how much.

        The nearest word of the clause says it, if no number of another list (``group``) stands between.
        """
        good, bad = ("lower", "higher") if metric in LOWER_IS_BETTER else ("higher", "lower")
        if metric == "compression":
            return good, True  # what is smaller by half is compressed twice, whatever the verb
        if metric == "speedup":
            return (bad if _SLOWER.match(text, hit.end()) else good), True
        best, word, score = good, "", 70.0
        start, end = clause_of(text, hit)
        first, last = group
        relative = bool(hit.group("times")) or self.unit(hit) == "points" or bool(_BY.search(text, 0, first))
        for pattern, direction in self._directions:
            for m in pattern.finditer(text, start, end):
                after = m.start() >= last
                distance = (m.start() - last) if after else (first - m.end())
                between = (last, m.start()) if after else (m.end(), first)
                if (
                    not 0 <= distance < score
                    # "less than 3 %" bounds the number, and does not say which way it went.
                    or _BOUNDS.match(text, m.start(), hit.start())
                    or any(_has_unit(n) for n in self.value.finditer(text, *between))
                ):
                    continue
                # Of words that begin alike the longer says it: "less" and "less efficient".
                word, score = m.group(), distance - len(m.group()) / 100
                best = {"better": good, "worse": bad}.get(direction, direction)
                near = distance < (_NEAR_AFTER if after else _NEAR_BEFORE)
                relative = relative or (near and not _LEVEL.search(text, *between))
        if not relative or (hit.group("low") and _FROM.search(text, 0, hit.start())):
            of_error = metric in ("accuracy", "quality") and _OF_ERROR.search(text, start, hit.start())
            return ("lower" if of_error else good), False
        # "reduces the error by 40 %" is an accuracy that rises.
        if best == "lower" and metric in ("accuracy", "quality") and _FALLS.fullmatch(word):
            around = text[max(start, first - 60) : min(end, last + 40)]
            return ("higher" if _ERROR.search(around) else best), True
        return best, True

    def baselines(self, text: str, hit: re.Match[str], metric: str, rivals: list[Rivals]) -> tuple[str, ...]:
        """Give what a number is measured against; a utilisation in percent is one of its own machine."""
        return () if metric == "mfu" and hit.group("percent") else _against(text, hit, rivals)

    def qualifier(self, before: str, after: str) -> str:
        """Give what qualifies a number ("up to", "average" ...), from the text before and after it."""
        before = re.sub(r"\s+(?:an?|the|by|of)\s*$", "", before.rstrip()).casefold().rstrip(" ~>≥")
        for text, value in sorted(self._qualifiers.items(), key=lambda item: (-len(item[0]), item)):
            if before.endswith(text) and not before[: -len(text)][-1:].isalnum():
                return value
        around = re.search(r"\baverag\w+\s(?:[\w-]+\s){0,4}$", before + " ") or _ON_AVERAGE.match(after)
        return "average" if around else ""

    def rivals(self, text: str, offset: int, state: Findings) -> list[Rivals]:
        """Give the lists of entities in a sentence that numbers are measured against: "over A, B and C"."""
        roles = {e.name: e.role for e in state.entities}
        rivals: list[Rivals] = []
        for m in state.mentions:
            if not offset <= m.start < offset + len(text) or roles[m.entity] == "introduced":
                continue
            start, end = m.start - offset, m.end - offset
            if _NO_RIVAL_AFTER.match(text, end) or _NO_RIVAL_BEFORE.search(text, 0, start):
                continue
            if rivals and _LIST.fullmatch(text, rivals[-1].end, start):
                last = rivals[-1]
                rivals[-1] = Rivals(start=last.start, end=end, names=(*last.names, m.entity))
            elif roles[m.entity] == "compared" or _BEFORE_RIVAL.search(text[max(0, start - 40) : start]):
                rivals.append(Rivals(start=start, end=end, names=(m.entity,)))
        return rivals


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and where it begins in the text."""

    start_char: int
    text: str

    @property
    def end_char(self) -> int:
        """Where it ends in the text."""
        return self.start_char + len(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """A list of entities that something is compared with, and where it stands in its sentence."""

    start: int
    end: int
    names: tuple[str, ...]


_ON_AVERAGE = re.compile(r"\s*(?:[\w-]+\s+){0,5}on average", re.IGNORECASE)
_LISTED = re.compile(r",\s*and\b|,(?=\s)|\band\b|(?<=[x%])/", re.IGNORECASE)
_LIST_OF_METRICS = re.compile(r"\s*(?:,|and|,\s*and)\s+(?:[\w-]+\s+){0,3}", re.IGNORECASE)
NEXT_IN_LIST = re.compile(r"\s*(?:,|and|,\s*and|/)\s*(?:up to\s+|by\s+)?", re.IGNORECASE)

#: What may stand between two names of one list.
_LIST = re.compile(
    r"[\s\w)(\[\]-]{0,14}?(?:,|/|\band\b|\bor\b|,\s+and)\s*(?:the\s+)?(?:[\w-]+\s+)?", re.IGNORECASE
)
_BEFORE_RIVAL = re.compile(
    r"\b(?:over|than|compared (?:to|with)|against|versus|vs\.?|relative to)\s+(?:[a-zA-Z-]+\s+){0,3}$", re.I
)
#: Data from a model, a run on a machine, a share of its peak: not what is measured against.
_NO_RIVAL_BEFORE = re.compile(r"\b(?:from|on|using|for)\s+(?:an?\s+|the\s+)?$", re.I)
_NO_RIVAL_AFTER = re.compile(r"(?:['’]s)?\s+(?:theoretical\s+)?peak\b", re.I)
#: What leads from a number to what it is measured against, and from that back to a number behind it.
_AFTER_NUMBER = re.compile(
    r"\b(?:over|than|compar\w+|against|versus|vs|relative|baselines?|to|of|w\.r\.t)\b", re.I
)
_BEFORE_NUMBER = re.compile(
    r"\b(?:outperform\w*|surpass\w*|exceed\w*|compar\w+|over|than|against|beat\w*|versus|relative|improv\w+|like|as)\b",
    re.I,
)
_CLAUSE_END = re.compile(r";|\bwhile\b|\bwhereas\b|\bthus\b")
#: Where one clause ends and the next, with a number of its own, begins.
_NEXT_CLAUSE = re.compile(
    r";|\b(?:while|whereas|but|yet)\b|,?\s+and\s+(?:also\s+)?(?=(?:reduc|improv|increas|decreas|achiev|sav|cut|boost"
    r"|lower|accelerat|outperform|enhanc|speed|deliver|shrink|rais)\w*\b)",
    re.IGNORECASE,
)
_BY = re.compile(
    r"\bby\s+(?:(?:up to|an average of|about|around|over|more than|at least|nearly|approximately"
    r"|roughly|almost)\s+)?$",
    re.IGNORECASE,
)
_BOUNDS = re.compile(r"(?:more|less|fewer|better|greater|higher|lower)\s+than\s+(?:an?\s+)?$", re.IGNORECASE)


#: So many characters from a number a word that tells a change is still about it.
_NEAR_AFTER, _NEAR_BEFORE = 25, 30
#: What stands before a level and not a change: "improves accuracy to 61 %".
_LEVEL = re.compile(
    r"\b(?:to|with|at|achiev\w+|reach\w*|attain\w*|obtain\w*|us(?:es?|ing)|requir\w+)\b", re.I
)
_FALLS = re.compile(
    r"reduc\w+|decreas\w+|lower(?:s|ed|ing)?|cut(?:s|ting)?|less|fewer|smaller|diminishes|minimiz\w+", re.I
)
_FROM = re.compile(r"\bfrom\s+$", re.I)
_ERROR = re.compile(
    r"\b(?:errors?|gaps?|perplexit\w+|FID|MAE|RMSE|MSE|WER|deviations?|hallucinations?|failures?)\b", re.I
)
#: "a mean error of 3 %", "an FID score of 1.35": the number is that of the error itself.
_OF_ERROR = re.compile(_ERROR.pattern + r"(?:[\s(:=~]+[^\W\d]+){0,3}[\s(:=~]*\Z", re.I)
_SLOWER = re.compile(r"\s*(?:slower|slow-?downs?)\b", re.IGNORECASE)


def clause_of(text: str, hit: re.Match[str]) -> tuple[int, int]:
    """Give where the clause that a number stands in begins and ends."""
    start, end = 0, len(text)
    for edge in _NEXT_CLAUSE.finditer(text):
        if edge.end() <= hit.start():
            start = edge.end()
        elif edge.start() >= hit.end():
            end = edge.start()
            break
    return start, end


def number_groups(text: str, hits: list[re.Match[str]]) -> list[tuple[int, int]]:
    """Give for each number where the list that it stands in begins and ends."""
    runs: list[list[re.Match[str]]] = []
    for hit in hits:
        if runs and NEXT_IN_LIST.fullmatch(text, runs[-1][-1].end(), hit.start()):
            runs[-1].append(hit)
        else:
            runs.append([hit])
    return [(run[0].start(), run[-1].end()) for run in runs for _ in run]


def name_turns(text: str, numbers: Sequence[Number], place: int, rivals: Sequence[Rivals]) -> dict[str, bool]:
    """Say of each name in a list that is as long as the number's own list whether it is the number's turn.

    "by 2.9x and 1.5x over Sputnik and SparTA, respectively"; nothing where no list belongs to the number's.
    """
    run = [i for i, number in enumerate(numbers) if number.group == numbers[place].group]
    if "respectively" not in text.lower() or len(run) < 2:
        return {}
    first, last = numbers[place].group
    fitting = [rival for rival in rivals if len(rival.names) == len(run)]
    if not fitting:
        names = [name for rival in rivals for name in rival.names]
        turns = zip(run, names, strict=True) if len(names) == len(run) else ()
        return {name: i == place for i, name in turns}
    nearest = min(fitting, key=lambda r: max(r.start - last, first - r.end))
    return {name: i == place for i, name in zip(run, nearest.names, strict=True)}


def word_turns(text: str, cues: list[tuple[int, int]], number: Number) -> dict[tuple[int, int], str]:
    """Say of each of as many listed words as there are listed numbers whether it is the number's turn.

    "decreases power consumption and latency respectively by 49% and 89%"
    """
    listed = text[slice(*number.group)]
    place = len(_LISTED.findall(text[number.group[0] : number.start]))
    size = len(_LISTED.findall(listed)) + 1
    if size < 2:
        return {}
    runs: list[list[tuple[int, int]]] = []
    for span in cues:
        if runs and span[0] < runs[-1][-1][1]:
            continue  # a word inside a longer one
        if runs and _LIST_OF_METRICS.fullmatch(text, runs[-1][-1][1], span[0]):
            runs[-1].append(span)
        else:
            runs.append([span])
    return {
        span: IN_TURN if turn == place else "another's turn"
        for run in runs
        if len(run) == size
        for turn, span in enumerate(run)
    }


def _has_unit(hit: re.Match[str]) -> bool:
    return any(hit.group(name) for name in ("times", "percent", "other"))


def _against(text: str, hit: re.Match[str], rivals: list[Rivals]) -> tuple[str, ...]:
    """Give the names that a number is measured against: the list behind it, else the one before it."""
    ahead = next((m for m in hit.re.finditer(text, hit.end()) if _has_unit(m)), None)
    for rival in rivals:
        between = text[hit.end() : rival.start]
        if (
            ahead
            and ahead.start() < rival.start
            and not NEXT_IN_LIST.fullmatch(text, hit.end(), ahead.start())
        ):
            break  # it belongs to the next number
        if rival.start >= hit.end() and _AFTER_NUMBER.search(between) and not _CLAUSE_END.search(between):
            return rival.names
        if rival.start >= hit.end():
            break
    for rival in reversed(rivals):
        if rival.end <= hit.start() and not _CLAUSE_END.search(text, rival.end, hit.start()):
            return rival.names if _BEFORE_NUMBER.search(text, 0, rival.start) else ()
    return ()


#: What tells of a test of significance or an interval, before a number and after it.
_STATISTIC = re.compile(
    r"\bp(?:[- ]?values?)?(?:\s+of)?\s*(?:\\?[<>=≤≥]|\\leq?\b|\\lt\b)\s*\$?$", re.IGNORECASE
)
_INTERVAL = re.compile(r"\s*-?\s*(?:CIs?\b|confidence (?:interval|level)|credible interval)")


def is_statistic(text: str, hit: re.Match[str]) -> bool:
    """Say whether a number says how sure another one is: "p < 0.05", "95% CI"; it is no result itself."""
    before = text[max(0, hit.start() - 20) : hit.start()]
    return bool(_STATISTIC.search(before) or _INTERVAL.match(text, hit.end()))


def value_pattern(units: object) -> re.Pattern[str]:
    """Make the pattern of a number with its unit; ``units`` are those besides times and percent."""
    known = sorted(units, key=lambda u: (-len(u), u)) if isinstance(units, dict) else []
    other = "|".join(re.escape(u) + (r"(?!\w)" if u[-1:].isalnum() else "") for u in known) or r"(?!)"
    low = rf"(?:(?P<low>{_NUMBER})\s?(?:{_TIMES}|\\?%)?\s?(?:-|–|—|~|to|and up to)\s?)?"
    return re.compile(
        rf"(?<![\w.,$^{{-]){low}(?P<value>{_NUMBER})"
        rf"(?:\+)?\$?\s?(?:(?P<times>{_TIMES})|(?P<percent>{_PERCENT})|(?P<other>{other})|(?![\w%]))"
    )


def _patterns(cues: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    by_value: dict[str, list[str]] = {}
    for text, value in cues.items():
        by_value.setdefault(value, []).append(text.lower())
    return [
        (re.compile(rf"(?<!\w){any_of(texts)}(?!\w)", re.IGNORECASE), value)
        for value, texts in sorted(by_value.items())
    ]
