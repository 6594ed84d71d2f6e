"""Measured results: a number with its metric, unit, qualifier, direction, subject and baselines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.claim_features import Number, baseline_features, metric_features, number_features
from paperkg.extract.claim_rules import (
    IN_TURN,
    NEXT_IN_LIST,
    ClaimRules,
    Rivals,
    Sentence,
    clause_of,
    is_statistic,
    name_turns,
    number_groups,
    word_turns,
)
from paperkg.extract.linear import LinearModel
from paperkg.extract.models import Models
from paperkg.extract.relations import main_entity
from paperkg.extract.state import Findings, findings
from paperkg.extract.text_features import Features
from paperkg.model import Claim, Mention
from paperkg.vocabulary import Vocabulary

#: Where a Doc keeps the features of its numbers, by their place, and those of (number, entity) pairs.
FEATURES = "paperkg_number_features"
PAIRS = "paperkg_baseline_features"
#: Likewise, of each number, the metrics that it may have with their features.
CHOICES = "paperkg_metric_features"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """A number that is a result: where it was matched, what it measures, and how sure that is."""

    hit: re.Match[str]
    number: Number
    metric: str
    confidence: float


@Language.factory("paperkg_claims")
def make_claims(nlp: Language, name: str) -> Claims:
    """Make the component that finds claims."""
    return Claims()


class Claims:
    """Find the measured results that a paper states."""

    def __init__(self) -> None:
        self._rules = ClaimRules()
        self._results: LinearModel | None = None
        self._metric_of: LinearModel | None = None
        self._against: LinearModel | None = None

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary."""
        self._rules.load(vocabulary)

    def __call__(self, doc: Doc) -> Doc:
        """Set the claims of a Doc."""
        state = findings(doc)
        main = main_entity(doc, state)
        subject = main.name if main else ""
        for start, end in state.sentences[1:]:
            sentence = Sentence(state.starts[start], state.surface(start, end))
            state.claims.extend(self._in_sentence(doc, sentence, state, subject))
        return doc

    def use(self, models: Models) -> None:
        """Take the classifiers of claims, those that there are."""
        self._results, self._metric_of, self._against = models.results, models.metrics, models.baselines

    def _in_sentence(self, doc: Doc, sentence: Sentence, state: Findings, subject: str) -> Iterator[Claim]:
        text, offset = sentence.text, sentence.start_char
        inside = [m for m in state.mentions if offset <= m.start < sentence.end_char]
        named = {i for m in inside for i in range(m.start - offset, m.end - offset)}
        hits = [
            hit
            for hit in self._rules.value.finditer(text)
            if hit.start("value") not in named and not is_statistic(text, hit)
        ]
        if not hits:
            return
        roles = {e.name: e.role for e in state.entities}
        names = sorted({f"{roles[m.entity]} {m.type}" for m in inside})
        place = offset / max(1, len(state.text))
        results: list[_Result] = []
        groups = number_groups(text, hits)
        for turn, hit in enumerate(hits):
            number = Number(
                start=hit.start("value"),
                end=hit.end(),
                value=hit.group("value"),
                unit=self._rules.unit(hit),
                turn=turn,
                of=len(hits),
                group=groups[turn],
            )
            sure = self._rules.is_result(text, hit)
            metric = self._rules.metric(text, hit, groups[turn])
            features = number_features(
                text,
                number,
                guess=f"{metric} {sure}",
                cues=self._rules.cues_near(text, hit),
                place=place,
                names=names,
            )
            doc.user_data.setdefault(FEATURES, {})[offset + number.start] = (number, features)
            confidence = 1.0
            if self._results:
                chances = self._results.probabilities(features)
                sure, confidence = bool(self._results.choose(chances)), chances["result"]
            if sure or not self._results:
                choices = list(self._metric_choices(text, hit, number, metric))
                doc.user_data.setdefault(CHOICES, {})[offset + number.start] = choices
                if self._metric_of:
                    # Lists that say "respectively" leave no doubt.
                    mine = [choice for choice in choices if IN_TURN in choice[1]] or choices
                    said = self._metric_of.all_probabilities([features for _, features in mine])
                    best = max(range(len(mine)), key=lambda n: said[n]["right"])
                    metric, confidence = mine[best][0], confidence * said[best]["right"]
            if sure:
                results.append(_Result(hit=hit, number=number, metric=metric, confidence=confidence))
        yield from self._claims(doc, sentence, state, subject, results)

    def _claims(
        self,
        doc: Doc,
        sentence: Sentence,
        state: Findings,
        subject: str,
        results: list[_Result],
    ) -> Iterator[Claim]:
        text, offset = sentence.text, sentence.start_char
        rivals = self._rules.rivals(text, offset, state)
        numbers = [result.number for result in results]
        own = [
            m
            for m in state.mentions
            if offset <= m.start < sentence.end_char and m.entity in state.introduced
        ]
        last = ""
        found: list[Claim] = []
        for turn, result in enumerate(results):
            hit, number, metric = result.hit, result.number, result.metric
            qualifier = (
                "up to" if hit.group("low") else self._rules.qualifier(text[: hit.start()], text[hit.end() :])
            )
            if (
                not qualifier
                and turn
                and NEXT_IN_LIST.fullmatch(text, results[turn - 1].hit.end(), hit.start())
            ):
                qualifier = last  # "up to 3x and 1.9x": one qualifier for the whole list
            last = qualifier
            start = offset + number.start
            before = [m for m in own if m.end <= start] or own[:1]
            turns = name_turns(text, numbers, turn, rivals)
            mine = tuple(name for name, is_mine in turns.items() if is_mine)
            guessed = mine or self._rules.baselines(text, hit, metric, rivals)
            ranked = replace(number, turn=turn, of=len(results))
            direction, relative = self._rules.change(text, hit, metric, number.group)
            claim = Claim(
                subject=before[-1].entity if before else subject,
                metric=metric,
                value=number.value,
                unit=number.unit,
                qualifier=qualifier,
                baselines=self._measured_against(
                    doc, sentence, state, ranked, metric, guessed, rivals, turns
                ),
                direction=direction,
                relative=relative,
                start=start,
                end=start + len(number.value),
                confidence=round(result.confidence, 2),
            )
            found.append(_turned(claim, sentence, state, own))
        yield from _shared(found, sentence, rivals)

    def _measured_against(
        self,
        doc: Doc,
        sentence: Sentence,
        state: Findings,
        number: Number,
        metric: str,
        guessed: tuple[str, ...],
        rivals: list[Rivals],
        turns: Mapping[str, bool],
    ) -> tuple[str, ...]:
        """Give the baselines of a number: classify each entity of its sentence, and the rivals elsewhere."""
        offset = sentence.start_char
        listed = [name for rival in rivals for name in rival.names]
        lists = [(rival.start, rival.end) for rival in rivals]
        compared = sum(entity.role == "compared" for entity in state.entities)
        found = []
        for entity in state.entities:
            if entity.role == "introduced":
                continue
            mentions = [m for m in state.mentions if m.entity == entity.name]
            spans = [
                (m.start - offset, m.end - offset) for m in mentions if offset <= m.start < sentence.end_char
            ]
            if not spans and entity.role != "compared":
                continue
            ends = [m.end for m in mentions if m.end < offset]
            away = sum(ends[-1] < state.starts[s] <= offset for s, _ in state.sentences) if ends else 9
            features = baseline_features(
                sentence.text,
                number,
                spans,
                kind=entity.type,
                role=entity.role,
                guessed=entity.name in guessed,
                listed=entity.name in listed,
                turn=turns.get(entity.name),
                rivals=len(listed),
                away=away,
                metric=metric,
                lists=lists,
                alone=compared == 1 and entity.role == "compared",
                told=state.text[max(0, last - 40) : last] if (last := _last_before(mentions, offset)) else "",
            )
            doc.user_data.setdefault(PAIRS, {})[offset + number.start, entity.name] = features
            found.append((mentions[0].start, entity.name, features))
        if any(turns.values()) or not self._against:  # lists that say "respectively" leave no doubt
            return guessed
        said = self._against.all_probabilities([features for _, _, features in found])
        chosen = [one[:2] for one, chances in zip(found, said, strict=True) if self._against.choose(chances)]
        return tuple(name for _, name in sorted(chosen))

    def _metric_choices(
        self, text: str, hit: re.Match[str], number: Number, guess: str
    ) -> Iterator[tuple[str, Features]]:
        """Give every metric that a number may have: those that words of the sentence name, and a default."""
        clause = clause_of(text, hit)
        default = "speedup" if hit.group("times") else "accuracy" if hit.group("percent") else "other"
        for metric in (default, "other"):
            yield metric, metric_features(text, number, None, metric=metric, clause=clause, guess=guess)
        cues = [
            ((first, last), metric)
            for first, last, metric in self._rules.cues(text)
            if last <= number.start or first >= number.end
        ]
        turns = word_turns(text, [span for span, _ in cues], number) if "respectively" in text.lower() else {}
        for span, metric in cues:
            yield (
                metric,
                metric_features(
                    text, number, span, metric=metric, clause=clause, guess=guess, turn=turns.get(span, "")
                ),
            )
        if number.unit and (metric := self._rules.metric_of_unit(number.unit)):
            yield metric, {f"unit is {metric}": 1.0, "unit is": 1.0}


def _shared(claims: Sequence[Claim], sentence: Sentence, rivals: Sequence[Rivals]) -> list[Claim]:
    """Let numbers without a baseline have that of their neighbour, where one list of rivals is for both.

    "up to 2.3x higher throughput and 2x lower latency, compared to vLLM"
    """
    shared = list(claims)
    places = [(claim.start - sentence.start_char, claim.end - sentence.start_char) for claim in claims]
    # What stands behind the last of them is for all, then what stands before the first.
    backwards = [(n, n + 1) for n in reversed(range(len(shared) - 1))]
    forwards = [(n, n - 1) for n in range(1, len(shared))]
    for here, there in (*backwards, *forwards):
        known = set(shared[there].baselines)
        listed = next((one for one in rivals if known == set(one.names)), None)
        if shared[here].baselines or listed is None:
            continue
        first, last = sorted((places[here], places[there]))
        beyond = listed.start >= last[1] if here < there else listed.end <= first[0]
        if beyond and _ONE_LIST.fullmatch(sentence.text, first[1], last[0]):
            shared[here] = replace(shared[here], baselines=shared[there].baselines)
    return shared


#: What may stand between two numbers of one comparison: no rival, and no other clause.
_ONE_LIST = re.compile(
    r"(?:(?!;|\b(?:while|whereas|but|although|over|than|compared|against|versus|with|for)\b).)*", re.I | re.S
)


def _turned(claim: Claim, sentence: Sentence, state: Findings, own: Sequence[Mention]) -> Claim:
    """Turn a number that is told of a rival ("vLLM is 3x slower than Ours") into the contribution's."""
    rest = sentence.text[claim.end - sentence.start_char :]
    than = _THAN.match(rest)
    mine = next((m for m in own if than and m.start == claim.end + than.end()), None)
    rivals = [m for m in state.mentions if sentence.start_char <= m.start < claim.start]
    if not mine or not rivals or rivals[-1].entity in state.introduced:
        return claim
    direction = "lower" if claim.direction == "higher" else "higher"
    return replace(claim, subject=mine.entity, baselines=(rivals[-1].entity,), direction=direction)


#: Leads from a number to what it is compared with, past no other clause.
_THAN = re.compile(r"[^.;:,]{0,40}?\bthan\s+(?:(?:our|the|proposed)\s+)*", re.IGNORECASE)


def _last_before(mentions: Sequence[Mention], offset: int) -> int:
    """Give where the last mention before a place begins; 0 if there is none."""
    return max((m.start for m in mentions if m.end < offset), default=0)
