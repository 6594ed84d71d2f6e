"""Relations that the text states between the paper's own entities and others.

Phrases give a first guess, which is one feature among others; without a model it is the answer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container

from spacy.language import Language
from spacy.tokens import Doc, Span

from paperkg.extract.linear import LinearModel
from paperkg.extract.models import Models
from paperkg.extract.relation_features import Place, relation_features
from paperkg.extract.state import Findings, findings
from paperkg.extract.text_features import Features
from paperkg.model import Entity, Mention, Relation
from paperkg.names import any_of
from paperkg.vocabulary import Vocabulary

#: Where a Doc keeps the features of each pair (own entity, other entity), for those who train.
FEATURES = "paperkg_relation_features"

#: What runs on a thing is no part of it.
_ELSEWHERE = re.compile(
    r"\b(?:deploy\w*|run\w*|implement\w*|evaluat\w*)\s+(?:\w+\s+){0,3}(?:on|in|with)\b", re.I
)


@Language.factory("paperkg_relations")
def make_relations(nlp: Language, name: str) -> Relations:
    """Make the component that finds relations."""
    return Relations()


class Relations:
    """Find what the paper's contribution is based on, and what is part of it."""

    def __init__(self) -> None:
        self._verbs: list[tuple[re.Pattern[str], str]] = []
        self._model: LinearModel | None = None

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary: phrases between head and tail."""
        cues = vocabulary.cue_words("relation")
        for relation in ("based_on", "part_of"):
            texts = any_of(text.lower() for text, value in cues.items() if value == relation)
            self._verbs.append((re.compile(rf"\b{texts}\b", re.IGNORECASE), relation))

    def __call__(self, doc: Doc) -> Doc:
        """Set the relations of a Doc."""
        state = findings(doc)
        main = main_entity(doc, state)
        if main is None:
            return doc
        guesses: dict[tuple[str, str, str], Relation] = {}
        for sentence in doc.sents:
            for relation in self._in_sentence(doc, sentence, state, main):
                guesses.setdefault((relation.head, relation.type, relation.tail), relation)
        pairs = _pairs(doc, state, main, guesses)
        doc.user_data[FEATURES] = {(own.name, other.name): features for own, other, features, _ in pairs}
        if self._model is None:
            state.relations.extend(sorted(guesses.values()))
            return doc
        said = self._model.all_probabilities([features for _, _, features, _ in pairs])
        for (own, other, _, span), chances in zip(pairs, said, strict=True):
            if kind := self._model.choose(chances):
                head, tail = (own, other) if kind == "based_on" else (other, own)
                state.relations.append(
                    Relation(
                        head=head.name,
                        type=kind,
                        tail=tail.name,
                        start=span[0],
                        end=span[1],
                        rule="learnt",
                        confidence=round(chances[kind], 2),
                    )
                )
        state.relations.sort()
        return doc

    def use(self, models: Models) -> None:
        """Take the classifier of relations, if there is one."""
        self._model = models.relations

    def _in_sentence(self, doc: Doc, sentence: Span, state: Findings, main: Entity) -> list[Relation]:
        inside = [m for m in state.mentions if sentence.start_char <= m.start < sentence.end_char]
        roles = {e.name: e.role for e in state.entities}
        relations = []

        def add(head: str, kind: str, tail: str, rule: str) -> None:
            if head != tail:
                span = (sentence.start_char, sentence.end_char)
                relations.append(
                    Relation(head=head, type=kind, tail=tail, start=span[0], end=span[1], rule=rule)
                )

        for m in inside:
            # A named component of the contribution, presented after the whole.
            if (
                m.entity != main.name
                and roles[m.entity] == "introduced"
                and m.type in ("Technique", "System")
                and not _ELSEWHERE.search(findings(doc).text, sentence.start_char, m.start)
            ):
                add(m.entity, "part_of", main.name, "component")
        subjects = [m for m in inside if roles[m.entity] == "introduced"]
        for subject in subjects[:1]:
            for m in inside:
                if m.start <= subject.end or roles[m.entity] in ("introduced", "compared"):
                    continue
                between = findings(doc).text[subject.end : m.start]
                for pattern, kind in self._verbs:
                    if not (hit := pattern.search(between)) or len(between) - hit.end() > 50:
                        continue
                    if kind == "based_on" and m.type in ("System", "Model", "Technique"):
                        add(subject.entity, "based_on", m.entity, "phrase")
                    elif kind == "part_of" and m.type == "Technique":
                        add(m.entity, "part_of", subject.entity, "phrase")
        return relations


def main_entity(doc: Doc, state: Findings) -> Entity | None:
    """Give the contribution that the paper is about: introduced, and named first."""
    first: dict[str, Mention] = {}
    for mention in state.mentions:
        first.setdefault(mention.entity, mention)
    introduced = [e for e in state.entities if e.role == "introduced" and e.name in first]
    return min(introduced, key=lambda e: first[e.name].start) if introduced else None


def _pairs(
    doc: Doc, state: Findings, main: Entity, guesses: Container[tuple[str, str, str]]
) -> list[tuple[Entity, Entity, Features, tuple[int, int]]]:
    """Give each pair of an entity of the paper's own and another one, its features, and where they stand."""
    bounds = [state.starts[start] for start, _ in state.sentences]
    mentions: dict[str, list[Mention]] = defaultdict(list)
    for mention in state.mentions:
        mentions[mention.entity].append(mention)
    entities = sorted((e for e in state.entities if mentions[e.name]), key=lambda e: mentions[e.name][0])
    places = [
        Place(
            entity=e,
            mentions=mentions[e.name],
            sentences=[bisect_right(bounds, m.start) - 1 for m in mentions[e.name]],
            order=order,
        )
        for order, e in enumerate(entities)
    ]
    pairs = []
    for own in places:
        for other in places:
            if own.entity.role != "introduced" or own is other:
                continue
            a, b = own.entity, other.entity
            guess = "based_on" if (a.name, "based_on", b.name) in guesses else ""
            guess = guess or ("part_of" if (b.name, "part_of", a.name) in guesses else "")
            features = relation_features(
                state.text, bounds, own, other, main=a.name == main.name, guess=guess
            )
            together = sorted(set(own.sentences) & set(other.sentences)) or [other.sentences[0]]
            # The title says least: another sentence is the better evidence.
            number = together[1] if together[0] == 0 and len(together) > 1 else together[0]
            end = bounds[number + 1] if number + 1 < len(bounds) else len(state.text)
            pairs.append((a, b, features, (bounds[number], end)))
    return pairs
