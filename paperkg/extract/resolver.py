"""Decide what the candidates are: which spans are names, which names are one entity, of which type.

The most trusted and longest span wins, a name has one type in a paper, and every occurrence of an
accepted form is a mention.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from paperkg.extract.cues import Cues
from paperkg.extract.linear import LinearModel
from paperkg.extract.models import Models
from paperkg.extract.span_features import Place, span_features
from paperkg.extract.state import Candidate, Findings, findings
from paperkg.model import ENTITY_TYPES, Entity, Mention
from paperkg.names import URL, abbreviates, fold, plain, singular, stands_for_another
from paperkg.vocabulary import Vocabulary

#: Where a Doc keeps the features of its spans, for those who train.
FEATURES = "paperkg_span_features"

#: Type of a contribution whose text has no noun for it, by the guidelines.
_DOUBT = "Technique"

#: What a name without a noun is in a paper that introduces a thing of this type.
_COMPANY = {"Dataset": "Model", "Hardware": "System"}

#: Whose candidates the rules leave to the classifier.
_LEARNT = frozenset({"recogniser", "phrase"})

#: What is a name but for this probability is kept, however doubtful its type.
_NAME_FOR_SURE = 0.25

#: A text that names so few known things may be of another field, where names look alike (KMT2C, BD): there
#: a name needs more confidence. In five folds entities gain 0.5 points of F1 by it, and off topic it counts.
_FEW, _SURE_ALONE = 1, 0.6

#: Below this confidence a candidate is no mention.
_THRESHOLD = 0.6


@Language.factory("paperkg_resolver")
def make_resolver(nlp: Language, name: str) -> Resolver:
    """Make the component that turns candidates into entities and mentions."""
    return Resolver()


class Resolver:
    """Turn candidates into entities whose names are unique in the paper."""

    def __init__(self) -> None:
        self.cues = Cues()
        #: All names of each concept of the vocabulary.
        self.names: Mapping[str, tuple[str, ...]] = {}
        self._model: LinearModel | None = None
        self._learnt = False

    def load(self, vocabulary: Vocabulary) -> None:
        """Take the cue words and names of a vocabulary."""
        self.cues.load(vocabulary)
        self.names = {c.id: (c.name, *c.aliases) for c in vocabulary.concepts.values()}

    def __call__(self, doc: Doc) -> Doc:
        """Set the mentions and entities of a Doc."""
        state = findings(doc)
        self.votes: dict[Place, dict[str, float]] = {}
        idioms = [m.span() for m in self.cues.idioms.finditer(state.text)]
        urls = [m.span() for m in URL.finditer(state.text)]
        candidates = _as_defined(
            state,
            [c for c in state.candidates if not _in_url(state, urls, c) and not _inside(state, c, idioms)],
            self.names,
        )
        trusted = [c for c in candidates if c.rule not in _LEARNT and self._trusted(state, c)]
        chosen = _choose(state, trusted)
        if self._learnt:
            chosen = self._weigh(doc, candidates, self._judge(state, chosen))
        forms: dict[str, set[str]] = {}
        decided: list[tuple[Entity, str]] = []
        taken: dict[str, int] = {}
        company = ""  # the type of what the paper introduces: what it is compared with is of that kind
        for group in _in_order(state, chosen):
            entity, rule = self._decide(state, group, company)
            surface = {state.surface(c.start, c.end) for c in group}
            introduced = any(c.introduced for c in group)
            if entity.name in taken:  # two sources gave one name: one entity, the more trusted type
                other, other_rule = decided[taken[entity.name]]
                best = max(other, entity, key=lambda e: (bool(e.id), e.confidence))
                forms[entity.name] |= surface
                decided[taken[entity.name]] = (best, other_rule)
            else:
                taken[entity.name] = len(decided)
                forms[entity.name] = surface
                decided.append((entity, rule))
            if introduced:
                company = company or entity.type
                state.introduced.add(entity.name)
        if self.votes and sum(rule == "vocabulary" for _, rule in decided) <= _FEW:
            decided = [one for one in decided if one[0].confidence >= _SURE_ALONE]
            state.introduced &= {entity.name for entity, _ in decided}
        _occurrences(state, decided, forms, urls)
        return doc

    def use(self, models: Models) -> None:
        """Take the classifier of spans, if there is one."""
        self._model = models.spans
        self._learnt = models.recogniser is not None

    def _judge(self, state: Findings, chosen: list[Candidate]) -> dict[Place, str]:
        """Give the type that rules alone see in each span that they choose."""
        judged: dict[Place, str] = {}
        company = ""
        for group in _in_order(state, chosen):
            kind = _kind(group, company)
            if any(c.introduced for c in group):
                company = company or kind
            judged.update({(c.start, c.end): kind for c in group})
        return judged

    def _weigh(self, doc: Doc, candidates: list[Candidate], judged: Mapping[Place, str]) -> list[Candidate]:
        """Choose the spans that the classifier takes for names; candidates for one span stay together."""
        by_span: dict[Place, list[Candidate]] = defaultdict(list)
        for c in candidates:
            by_span[c.start, c.end].append(c)
        features = doc.user_data[FEATURES] = span_features(
            doc, by_span, judged, self.cues, every=self._model is None
        )
        if self._model is None:
            return []
        chances = dict(zip(features, self._model.all_probabilities(list(features.values())), strict=True))
        sure = {span: max(p for kind, p in given.items() if kind) for span, given in chances.items()}
        used: set[int] = set()
        chosen = []
        for span in sorted(sure, key=lambda s: (-sure[s], s)):
            if sure[span] < self._model.bar and chances[span][""] > _NAME_FOR_SURE:
                continue
            if used.intersection(range(*span)):
                continue
            used.update(range(*span))
            chosen += by_span[span]
            self.votes[span] = chances[span]
        return chosen

    def _trusted(self, state: Findings, c: Candidate) -> bool:
        return c.score >= _THRESHOLD and (
            c.introduced or fold(state.surface(c.start, c.end)) not in self.cues.never
        )

    def _decide(self, state: Findings, group: list[Candidate], company: str) -> tuple[Entity, str]:
        """Give the entity of a group of candidates, and the rule that speaks for it."""
        if self.votes:
            places = {(c.start, c.end) for c in group}
            sums = {t: sum(self.votes[p].get(t, 0.0) for p in places) for t in ENTITY_TYPES}
            kind = max(ENTITY_TYPES, key=lambda t: sums[t])
            miss = 1 - sums[kind] / len(places)
        else:
            kind = _kind(group, company)
            miss = 1.0
            for rule in sorted({c.rule for c in group}):
                miss *= 1 - max(c.score for c in group if c.rule == rule)
        known = sorted({(c.concept, c.name) for c in group if c.concept and c.type == kind})
        best = max(group, key=lambda c: (c.score, -c.start))
        name = known[0][1] if known else _canonical(state, group, kind)
        confidence = round(min(0.99, 1 - miss), 2)
        return Entity(name=name, type=kind, id=known[0][0] if known else "", confidence=confidence), best.rule


def _in_order(state: Findings, chosen: list[Candidate]) -> list[list[Candidate]]:
    """Group candidates into entities: the paper's own first, then by their place."""
    return sorted(_group(state, chosen), key=lambda g: (not any(c.introduced for c in g), g[0]))


def _kind(group: list[Candidate], company: str) -> str:
    """Give the type of a group of candidates by rules; ``company`` is that of the paper's contribution."""
    votes: dict[str, float] = defaultdict(float)
    for c in group:
        # What the text itself says of its contribution outweighs what the vocabulary knows of the name.
        if c.type:
            # A known kind of hardware (ASIC) stays one: its name says what it is, not what is made of it.
            trust = 4 if c.concept and c.type == "Hardware" else 2 if c.concept else 1
            votes[c.type] += max(trust, 3 if c.introduced else 1) * c.score
    if votes:
        return max(sorted(votes), key=lambda t: votes[t])
    return _DOUBT if any(c.introduced for c in group) else _COMPANY.get(company, company) or "System"


def _in_url(state: Findings, urls: list[tuple[int, int]], c: Candidate) -> bool:
    return bool(urls) and any(a <= state.starts[c.start] < b for a, b in urls)


def _inside(state: Findings, c: Candidate, spans: list[tuple[int, int]]) -> bool:
    """Say whether a candidate is a part of one of the spans, and not all of it."""
    if not spans:
        return False
    start, end = state.starts[c.start], state.starts[c.end - 1] + len(state.words[c.end - 1])
    return any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)


def _as_defined(
    state: Findings, candidates: list[Candidate], names: Mapping[str, tuple[str, ...]]
) -> list[Candidate]:
    """Drop what the vocabulary knows of an acronym where the paper itself defines it otherwise.

    "Sparse Window Attention (SWA)" is not the sliding window attention that others call SWA.
    """
    long_forms = {c.same_as for c in candidates if c.same_as}
    defined: dict[str, str] = {}
    for c in candidates:
        if c.same_as and fold(surface := state.surface(c.start, c.end)) not in long_forms:
            defined[_form_key(surface)] = c.same_as
    if not defined:
        return candidates
    kept = []
    for c in candidates:
        surface = state.surface(c.start, c.end)
        long = defined.get(_form_key(surface)) if c.concept else None
        if long is None or not stands_for_another(surface, long, names.get(c.concept, ())):
            kept.append(c)
    return kept


def _choose(state: Findings, candidates: list[Candidate]) -> list[Candidate]:
    """Drop candidates that overlap a better one; several for the same span stay together."""
    best: dict[tuple[int, int], float] = defaultdict(float)
    for c in candidates:
        best[c.start, c.end] = max(best[c.start, c.end], c.score)

    def rank(span: tuple[int, int]) -> tuple[float, int, float, int]:
        words = sum(word[0].isalnum() for word in state.words[span[0] : span[1]])
        # Trust in steps: a doubtful longer span must not swallow a sure shorter one.
        return (-(best[span] >= 0.7), -words, -best[span], span[0])

    used: set[int] = set()
    kept: set[tuple[int, int]] = set()
    for span in sorted(best, key=rank):
        tokens = range(*span)
        if not used.intersection(tokens):
            used.update(tokens)
            kept.add(span)
    return [c for c in candidates if (c.start, c.end) in kept]


def _group(state: Findings, candidates: list[Candidate]) -> list[list[Candidate]]:
    """Put candidates together that are forms of one entity, in the order of the text."""
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    ends = {c.start: c.end for c in candidates}
    for c in sorted(candidates):
        keys = [f"span {c.start} {c.end}", f"form {_form_key(state.surface(c.start, c.end))}"]
        if c.concept:
            keys.append(f"concept {c.concept}")
        elif c.name:
            keys.append(f"form {_form_key(c.name)}")
        if c.same_as:
            keys.append(f"same {c.same_as}")
        other = _in_brackets_behind(state, c.end, ends)
        if other:
            one, two = state.surface(c.start, c.end), state.surface(*other)
            if abbreviates(two, one) or abbreviates(one, two):
                keys.append(f"span {other[0]} {other[1]}")
        for key in keys[1:]:
            a, b = find(keys[0]), find(key)
            parent[max(a, b)] = min(a, b)
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for c in sorted(candidates):
        groups[find(f"span {c.start} {c.end}")].append(c)
    return sorted(groups.values(), key=lambda group: group[0])


def _in_brackets_behind(state: Findings, end: int, ends: Mapping[int, int]) -> Place | None:
    """Give the name that stands alone in brackets behind a token; ``ends`` is where names end, by start."""
    words = state.words
    if end + 2 >= len(words) or words[end] != "(" or end + 1 not in ends:
        return None
    close = ends[end + 1]
    return (end + 1, close) if close < len(words) and words[close] == ")" else None


#: An article belongs to no name, even if a title begins with it.
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)", re.IGNORECASE)


@lru_cache(maxsize=1 << 14)
def _form_key(text: str) -> str:
    """Fold multi-word forms; keep the case of single tokens, which may be another word in lower case.

    A word with several capitals is a name, however many letters of it are large: LONGQAEVAL is LongQAEval.
    """
    text = _ARTICLE.sub("", text)
    if re.search(r"[\s-]", text):
        return fold(text)
    word = singular(plain(text))
    return f"name {word.casefold()}" if sum(c.isupper() for c in word) > 1 else word


def _canonical(state: Findings, group: list[Candidate], kind: str) -> str:
    """Name an entity that no vocabulary knows: as the paper writes it; common nouns lower case, singular."""
    named = [c.name for c in group if c.name]
    if named:
        return named[0]
    forms = Counter(state.surface(c.start, c.end) for c in group)
    first = state.surface(group[0].start, group[0].end)
    short = [f for f in forms if re.fullmatch(r"\S{2,14}", f) and re.search(r"[A-Z].*[A-Z0-9]|[a-z][A-Z]", f)]
    if any(c.introduced for c in group) and short:
        return plain(sorted(short, key=lambda f: (-forms[f], f))[0])
    long = sorted((f for f in forms if f not in short), key=lambda f: (-len(f.split()), f))
    name = long[0] if long and kind == "Technique" else short[0] if short else first
    if kind == "Technique" and len(name.split()) > 1:
        words = [w if re.search(r"[A-Z].*[A-Z]|\d", w) else w.lower() for w in name.split()]
        words[-1] = singular(words[-1])
        name = " ".join(words)
    return plain(name)


def _occurrences(
    state: Findings,
    decided: list[tuple[Entity, str]],
    forms: dict[str, set[str]],
    urls: list[tuple[int, int]],
) -> None:
    """Make a mention of every occurrence of an accepted form, the longest first, and finish the entities."""
    by_form: dict[str, tuple[Entity, str]] = {}
    for entity, rule in decided:
        for form in forms[entity.name]:
            by_form.setdefault(form, (entity, rule))
    starts = {place: i for i, place in enumerate(state.starts)}
    ends = {
        place + len(word): i for i, (place, word) in enumerate(zip(state.starts, state.words, strict=True))
    }
    covered: set[int] = set()
    found: dict[str, set[str]] = defaultdict(set)
    text = state.text
    for form in sorted(by_form, key=lambda f: (-len(f), f)):
        entity, rule = by_form[form]
        start = -1
        while (start := text.find(form, start + 1)) >= 0:
            end = start + len(form)
            if start not in starts or end not in ends or any(a <= start < b for a, b in urls):
                continue
            tokens = range(starts[start], ends[end] + 1)
            if covered.intersection(tokens):
                continue
            covered.update(tokens)
            found[entity.name].add(form)
            state.mentions.append(
                Mention(
                    start=start,
                    end=end,
                    text=form,
                    type=entity.type,
                    entity=entity.name,
                    confidence=entity.confidence,
                    rule=rule,
                )
            )
    state.mentions.sort()
    state.entities.extend(
        replace(entity, forms=tuple(sorted(found[entity.name])))
        for entity, _ in decided
        if found[entity.name]
    )
