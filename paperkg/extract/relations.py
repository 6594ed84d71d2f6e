"""Relations that the text states between two of its entities."""

from __future__ import annotations

import re

from spacy.language import Language
from spacy.tokens import Doc, Span

from paperkg.extract.state import Findings, findings
from paperkg.model import Entity, Mention, Relation
from paperkg.vocabulary import Vocabulary

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

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary: phrases between head and tail."""
        cues = vocabulary.cue_words("relation")
        for relation in ("based_on", "part_of"):
            texts = sorted((t for t, value in cues.items() if value == relation), key=lambda t: (-len(t), t))
            if texts:
                self._verbs.append(
                    (re.compile(rf"\b(?:{'|'.join(map(re.escape, texts))})\b", re.I), relation)
                )

    def __call__(self, doc: Doc) -> Doc:
        """Set the relations of a Doc."""
        state = findings(doc)
        main = main_entity(doc, state)
        if main is None:
            return doc
        found: dict[tuple[str, str, str], Relation] = {}
        for sentence in doc.sents:
            for relation in self._in_sentence(doc, sentence, state, main):
                found.setdefault((relation.head, relation.type, relation.tail), relation)
        state.relations.extend(sorted(found.values()))
        return doc

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
