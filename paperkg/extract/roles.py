"""What the paper does with each entity: features of all of its mentions, weighed by what has been learnt.

Cue words give a first guess, which is one feature among others; without a model it is the answer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.linear import LinearModel
from paperkg.extract.models import Models
from paperkg.extract.role_features import role_features
from paperkg.extract.state import Findings, findings
from paperkg.model import ROLES, Entity, Mention
from paperkg.names import any_of
from paperkg.vocabulary import Vocabulary

#: Where a Doc keeps the features of its entities, for those who train.
FEATURES = "paperkg_role_features"

#: Weight of each role before any cue is seen, by type: the shares in annotated papers, roughly.
_PRIORS = {
    "Technique": {"used": 0.9, "compared": 0.1, "evaluated_on": 0.05, "mentioned": 0.25},
    "Hardware": {"used": 0.5, "compared": 0.1, "evaluated_on": 0.4, "mentioned": 0.3},
    "Model": {"used": 0.2, "compared": 0.3, "evaluated_on": 0.7, "mentioned": 0.3},
    "System": {"used": 0.5, "compared": 0.4, "evaluated_on": 0.1, "mentioned": 0.35},
    "Dataset": {"used": 0.2, "compared": 0.1, "evaluated_on": 1.0, "mentioned": 0.1},
}

#: How far before a mention a cue may stand, in characters, and still speak of it.
_REACH = 60


#: A name before a noun modifies it ("a Transformer layer"), and is not what is presented.
_MODIFIES = re.compile(
    r"[\s-]+(?!that|which|to|for|an?\b|the\b|with|by|in|on|and|as|is|are|where|when|from|of|using|via|algorithm|method|"
    r"framework|system|technique|approach|model|mechanism|scheme|strategy|principle|architecture|module|operator)[a-z]"
)
_COUNTED = re.compile(r"\d[\d,]*\s*(?:x|×)?\s*$")


#: "without A", "do not use A", "neither use A nor B": what a paper says that it does not do ("does not only
#: use A" says that it does).
_DENIES = re.compile(
    r"\b(?:without|never|neither|nor|(?:do|does|did|is|are|was|were|can)\s*(?:not|n['’]t))\s+"
    r"(?!only\b|just\b|merely\b)(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


@Language.factory("paperkg_roles")
def make_roles(nlp: Language, name: str) -> Roles:
    """Make the component that gives each entity its role."""
    return Roles()


class Roles:
    """Give each entity of a Doc the role that most of its mentions' surroundings speak for."""

    def __init__(self) -> None:
        self.cues = Cues()
        self._cues: list[tuple[re.Pattern[str], str]] = []
        self._presented = re.compile(r"(?!)")
        self._model: LinearModel | None = None

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cues of a vocabulary."""
        self.cues.load(vocabulary)
        phrases = any_of(phrase.lower() for phrase in vocabulary.cue_words("introduce"))
        # "we propose a novel X": few words may stand between the phrase and the name.
        between = (
            r"[:\s(]+(?:an?|the|our|as)?\s*(?:(?:novel|new|simple|efficient|fast|light\w*|scalable)[\s,]+)*"
        )
        self._presented = re.compile(rf"\b{phrases}{between}$", re.IGNORECASE)
        by_role: dict[str, list[str]] = defaultdict(list)
        for text, role in vocabulary.cue_words("role").items():
            by_role[role].append(text.lower())
        self._cues = [
            (re.compile(rf"\b{any_of(texts)}\b", re.IGNORECASE), role)
            for role, texts in sorted(by_role.items())
        ]

    def __call__(self, doc: Doc) -> Doc:
        """Set the roles of the entities."""
        state = findings(doc)
        mentions: dict[str, list[Mention]] = defaultdict(list)
        for mention in state.mentions:
            mentions[mention.entity].append(mention)
        turn = _turning_point(doc)
        scores = {e.name: self._scores(doc, e, mentions[e.name], turn) for e in state.entities}
        _share_in_lists(state, scores)
        for name in state.introduced & scores.keys():
            scores[name] = {"introduced": 1.0}
        roles = {
            name: max(ROLES, key=lambda role: weights.get(role, 0.0)) for name, weights in scores.items()
        }
        presented = frozenset(state.introduced)
        state.introduced |= {name for name, role in roles.items() if role == "introduced"}
        named = sorted(mentions, key=lambda name: mentions[name][0])
        order = {name: place for place, name in enumerate(named)}
        features = {
            e.name: role_features(
                state,
                e,
                mentions[e.name],
                order=order.get(e.name, len(order)),
                presented=e.name in presented,
                guess=scores[e.name],
                cues=self.cues,
            )
            for e in state.entities
        }
        doc.user_data[FEATURES] = features
        if self._model:
            said = self._model.all_probabilities(list(features.values()))
            for name, chances in zip(features, said, strict=True):
                roles[name] = max(ROLES, key=lambda role: chances.get(role, 0.0))
            state.introduced = {name for name, role in roles.items() if role == "introduced"}
        for name, role in roles.items():
            denied = [_denied(state.text, m) for m in mentions[name]]
            if role in ("used", "evaluated_on") and denied and all(denied):
                roles[name] = "mentioned"
        state.entities = [replace(e, role=roles[e.name]) for e in state.entities]
        return doc

    def use(self, models: Models) -> None:
        """Take the classifier of roles, if there is one."""
        self._model = models.roles

    def _scores(self, doc: Doc, entity: Entity, mentions: list[Mention], turn: int) -> dict[str, float]:
        """Weigh what the surroundings of an entity's mentions say for each role."""
        state = findings(doc)
        text = state.text
        sentences = [state.starts[start] for start, _ in state.sentences]
        scores = dict(_PRIORS[entity.type])
        title_end = max(0, text.find("\n"))
        if any(m.start < title_end for m in mentions):
            scores["used"] += 0.6
        if all(title_end < m.start < turn for m in mentions):
            scores["mentioned"] += 0.55
        for mention in mentions:
            begin = sentences[bisect_right(sentences, mention.start) - 1]
            before = text[max(begin, mention.start - _REACH) : mention.start]
            after = text[mention.end : mention.end + 30]
            if self._presented.search(before) and not _MODIFIES.match(after):
                return {"introduced": 1.0}
            counted = entity.type == "Hardware" and bool(_COUNTED.search(before))
            for pattern, role in self._cues:
                hits = list(pattern.finditer(before))
                # "4.96x over 16 A100 GPUs" runs on them, and does not beat them.
                if hits and not (counted and role == "compared"):
                    # The nearer the cue, the more it says.
                    scores[role] = scores.get(role, 0) + 1.1 - (len(before) - hits[-1].end()) / _REACH
            if re.match(
                r"\s*(?:GPUs?|cores?|chips?|nodes?|cards?|accelerators?|processors?)?\s*(?:baselines?)\b",
                after,
            ):
                scores["compared"] += 1
            if counted:
                scores["evaluated_on"] += 0.5
        return scores


def _denied(text: str, mention: Mention) -> bool:
    return bool(_DENIES.search(text, max(0, mention.start - _REACH), mention.start))


#: What stands between two members of a list.
_AND = re.compile(r"\s*(?:,|and|or|,\s*and|,\s*or|/|&)\s*(?:the\s+)?")


def _share_in_lists(state: Findings, scores: dict[str, dict[str, float]]) -> None:
    """Let the members of a list ("such as A, B and C") share what speaks for the role of one of them."""
    for one, other in pairwise(state.mentions):
        a, b = scores[one.entity], scores[other.entity]
        if (
            one.type == other.type
            and a is not b
            and "introduced" not in (*a, *b)
            and _AND.fullmatch(state.text, one.end, other.start)
        ):
            for role in ROLES[1:]:
                a[role] = b[role] = (a.get(role, 0.0) + b.get(role, 0.0)) / 2


def _turning_point(doc: Doc) -> int:
    """Give the offset where background ends and the paper's own work begins."""
    match = re.search(
        r"\b(?:[Ww]e|[Tt]his (?:paper|work|study|article|report)|[Ii]n this (?:paper|work|study)|[Hh]ere)\b",
        findings(doc).text,
    )
    return match.start() if match else 0
