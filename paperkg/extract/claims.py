"""Measured results: a number with its metric, unit, qualifier, direction, subject and baselines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span

from paperkg.extract.relations import main_entity
from paperkg.extract.state import Findings, findings
from paperkg.model import LOWER_IS_BETTER, Claim
from paperkg.vocabulary import Vocabulary

_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TIMES = r"\\?times\b|[xX×](?![\w])|[- ]?folds?\b"
_PERCENT = r"\\?%(?:\s*points?)?|percent(?:age)?(?:\s+points?)?\b|pp\b|points?\b"


@Language.factory("paperkg_claims")
def make_claims(nlp: Language, name: str) -> Claims:
    """Make the component that finds claims."""
    return Claims()


class Claims:
    """Find the measured results that a paper states."""

    def __init__(self) -> None:
        self._metrics: list[tuple[re.Pattern[str], str]] = []
        self._directions: list[tuple[re.Pattern[str], str]] = []
        self._qualifiers: dict[str, str] = {}
        self._units: dict[str, str] = {}
        self._value = _value_pattern(())

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary."""
        self._metrics = _patterns(vocabulary.cue_words("metric"))
        self._directions = _patterns(vocabulary.cue_words("direction"))
        self._qualifiers = {k.casefold(): v for k, v in vocabulary.cue_words("qualifier").items()}
        self._units = vocabulary.cue_words("unit")
        self._value = _value_pattern(self._units)

    def __call__(self, doc: Doc) -> Doc:
        """Set the claims of a Doc."""
        state = findings(doc)
        main = main_entity(doc, state)
        subject = main.name if main else ""
        sentences = list(doc.sents)
        for sentence in sentences[1:]:
            state.claims.extend(self._in_sentence(doc, sentence, state, subject))
        return doc

    def _in_sentence(self, doc: Doc, sentence: Span, state: Findings, subject: str) -> Iterator[Claim]:
        text = sentence.text
        hits = [m for m in self._value.finditer(text) if self._is_result(text, m)]
        if not hits:
            return
        rivals = self._rivals(text, sentence.start_char, state)
        paired = "respectively" in text.lower() and sum(len(r.names) for r in rivals) == len(hits)
        in_turn = [name for rival in rivals for name in rival.names]
        own = [
            m
            for m in state.mentions
            if sentence.start_char <= m.start < sentence.end_char and m.entity in state.introduced
        ]
        last = ""
        for number, hit in enumerate(hits):
            # Of a range, the upper end is the claim.
            low, value = hit.group("low"), hit.group("value")
            metric = self._metric(text, hit)
            qualifier = "up to" if low else self._qualifier(text[: hit.start()], text[hit.end() :])
            if (
                not qualifier
                and number
                and _NEXT_IN_LIST.fullmatch(text, hits[number - 1].end(), hit.start())
            ):
                qualifier = last  # "up to 3x and 1.9x": one qualifier for the whole list
            last = qualifier
            start = sentence.start_char + hit.start("value")
            before = [m for m in own if m.end <= start] or own[:1]
            yield Claim(
                subject=before[-1].entity if before else subject,
                metric=metric,
                value=value,
                unit=self._unit(hit),
                qualifier=qualifier,
                baselines=(in_turn[number],) if paired else self._baselines(text, hit, metric, rivals),
                direction=self._direction(text, hit, metric),
                start=start,
                end=start + len(value),
            )

    def _is_result(self, text: str, hit: re.Match[str]) -> bool:
        if hit.group("times") and re.match(r"\s*\d", text[hit.end() :]):
            return False  # "378 x 378": dimensions
        near = text[max(0, hit.start() - 90) : hit.end() + 60]
        measured = any(p.search(near) for p, _ in self._metrics)
        changed = any(p.search(near) for p, _ in self._directions)
        if hit.group("times"):
            return measured or changed
        if hit.group("percent"):
            return measured or changed
        return measured and not re.match(r"\s*(?:model|parameter|context|GPUs?)", text[hit.end() :])

    def _unit(self, hit: re.Match[str]) -> str:
        if hit.group("times"):
            return "x"
        if hit.group("percent"):
            return "points" if "point" in hit.group("percent") or "pp" in hit.group("percent") else "%"
        written = hit.group("other")
        return self._units.get(written, written)

    def _metric(self, text: str, hit: re.Match[str]) -> str:
        """Take the nearest metric, of the number's own clause if that has one.

        What follows the number is likelier than what stands before it, except after "by": "improves
        accuracy by 3 %".
        """
        unit = hit.group("other") or ""
        ahead, behind = (1.0, 1.0) if _BY.search(text, 0, hit.start()) else (1.6, 1.0)
        for start, end in (_clause(text, hit), (0, len(text))):
            best, score = "", 1e9
            for pattern, metric in self._metrics:
                if unit and pattern.fullmatch(unit):
                    return metric
                for m in pattern.finditer(text, start, end):
                    distance = (
                        behind * (m.start() - hit.end())
                        if m.start() >= hit.end()
                        else ahead * (hit.start() - m.end())
                    )
                    if 0 <= distance < score - len(m.group()) * 0.01:
                        best, score = metric, distance
            if best:
                return best
        return "speedup" if hit.group("times") else "accuracy" if hit.group("percent") else "other"

    def _direction(self, text: str, hit: re.Match[str], metric: str) -> str:
        best, score = "lower" if metric in LOWER_IS_BETTER else "higher", 70.0
        start, end = _clause(text, hit)
        for pattern, direction in self._directions:
            for m in pattern.finditer(text, start, end):
                distance = (m.start() - hit.end()) if m.start() >= hit.end() else (hit.start() - m.end())
                # "less than 3 %" bounds the number, and does not say which way it went.
                if 0 <= distance < score and not _BOUNDS.match(text, m.start(), hit.start()):
                    best, score = direction, distance
        return best

    def _baselines(
        self, text: str, hit: re.Match[str], metric: str, rivals: list[_Rivals]
    ) -> tuple[str, ...]:
        """Give what a number is measured against; a utilisation in percent is one of its own machine."""
        return () if metric == "mfu" and hit.group("percent") else _against(text, hit, rivals)

    def _qualifier(self, before: str, after: str) -> str:
        before = re.sub(r"\s+(?:an?|the|by|of)\s*$", "", before.rstrip()).casefold().rstrip(" ~>≥")
        for text, value in sorted(self._qualifiers.items(), key=lambda item: (-len(item[0]), item)):
            if before.endswith(text) and not before[: -len(text)][-1:].isalnum():
                return value
        around = re.search(r"\baverag\w+\s(?:[\w-]+\s){0,4}$", before + " ") or _ON_AVERAGE.match(after)
        return "average" if around else ""

    def _rivals(self, text: str, offset: int, state: Findings) -> list[_Rivals]:
        """Give the lists of entities in a sentence that numbers are measured against: "over A, B and C"."""
        roles = {e.name: e.role for e in state.entities}
        rivals: list[_Rivals] = []
        for m in state.mentions:
            if not offset <= m.start < offset + len(text) or roles[m.entity] == "introduced":
                continue
            start, end = m.start - offset, m.end - offset
            if _NO_RIVAL_AFTER.match(text, end) or _NO_RIVAL_BEFORE.search(text, 0, start):
                continue
            if rivals and _LIST.fullmatch(text, rivals[-1].end, start):
                last = rivals[-1]
                rivals[-1] = _Rivals(start=last.start, end=end, names=(*last.names, m.entity))
            elif roles[m.entity] == "compared" or _BEFORE_RIVAL.search(text[max(0, start - 40) : start]):
                rivals.append(_Rivals(start=start, end=end, names=(m.entity,)))
        return rivals


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rivals:
    """A list of entities that something is compared with, and where it stands in its sentence."""

    start: int
    end: int
    names: tuple[str, ...]


_ON_AVERAGE = re.compile(r"\s*(?:[\w-]+\s+){0,5}on average", re.IGNORECASE)
_NEXT_IN_LIST = re.compile(r"\s*(?:,|and|,\s*and)\s*", re.IGNORECASE)

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
    r"\bby\s+(?:(?:up to|an average of|about|around|over|more than|at least|nearly|approximately)\s+)?$",
    re.IGNORECASE,
)
_BOUNDS = re.compile(r"(?:more|less|fewer|better|greater|higher|lower)\s+than\s+(?:an?\s+)?$", re.IGNORECASE)


def _clause(text: str, hit: re.Match[str]) -> tuple[int, int]:
    """Give where the clause that a number stands in begins and ends."""
    start, end = 0, len(text)
    for edge in _NEXT_CLAUSE.finditer(text):
        if edge.end() <= hit.start():
            start = edge.end()
        elif edge.start() >= hit.end():
            end = edge.start()
            break
    return start, end


def _against(text: str, hit: re.Match[str], rivals: list[_Rivals]) -> tuple[str, ...]:
    """Give the names that a number is measured against: the list behind it, else the one before it."""
    ahead = hit.re.search(text, hit.end())
    for rival in rivals:
        between = text[hit.end() : rival.start]
        if (
            ahead
            and ahead.start() < rival.start
            and not _NEXT_IN_LIST.fullmatch(text, hit.end(), ahead.start())
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


def _value_pattern(units: object) -> re.Pattern[str]:
    known = sorted(units, key=lambda u: (-len(u), u)) if isinstance(units, dict) else []
    other = "|".join(re.escape(u) + (r"(?!\w)" if u[-1:].isalnum() else "") for u in known) or r"(?!)"
    low = rf"(?:(?P<low>{_NUMBER})\s?(?:{_TIMES}|\\?%)?\s?(?:-|–|—|~|to|and up to)\s?)?"
    return re.compile(
        rf"(?<![\w.,$^{{-]){low}(?P<value>{_NUMBER})"
        rf"(?:\+)?\$?\s?(?:(?P<times>{_TIMES})|(?P<percent>{_PERCENT})|(?P<other>{other}))"
    )


def _patterns(cues: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    by_value: dict[str, list[str]] = {}
    for text, value in cues.items():
        by_value.setdefault(value, []).append(text)
    return [(_any_of(texts), value) for value, texts in sorted(by_value.items())]


def _any_of(texts: list[str]) -> re.Pattern[str]:
    longest_first = sorted(texts, key=lambda t: (-len(t), t))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
