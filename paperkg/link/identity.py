"""Give every name one identity across papers: look up, compare, decide, and keep the reason.

Looking up is by the vocabulary's names, then by the folded canonical name. What one paper introduces
is what other papers mean by that name; what several papers introduce under one name stays several
things, and a third paper's mention goes to the one whose company it shares, or to neither.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from paperkg.model import ENTITY_TYPES, Concept, Entity, Extraction, Merge
from paperkg.names import INNER_CAPITAL, digest, fold, initials, plain, singular, slug, stands_for_another
from paperkg.variants import family_names, without_count
from paperkg.vocabulary import Vocabulary

#: Company that a mention must share with one of several homonyms, beyond what it shares with any other.
_CLEAR_LEAD = 2

#: Names that are shorter may be anything.
_TELLING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An entity of a paper, to be given an identity."""

    paper: str
    entity: Entity

    @property
    def key(self) -> tuple[str, str]:
        """What tells this entity from all others: paper and name."""
        return self.paper, self.entity.name


@dataclass(slots=True)
class Identities:
    """Who is who: the concept of each use, all concepts, and why."""

    concept_of: dict[tuple[str, str], str] = field(default_factory=dict)
    concepts: dict[str, Concept] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    #: What a curator made of things that are gone: the id that stands for them now, "" for none.
    replaced: dict[str, str] = field(default_factory=dict)


def identify(extractions: Sequence[Extraction], vocabulary: Vocabulary) -> Identities:
    """Decide which concept each entity of each paper is."""
    result = Identities()
    names = _Names(vocabulary)
    unknown: dict[str, list[Use]] = defaultdict(list)
    by_concept: dict[str, list[Use]] = defaultdict(list)
    for extraction in extractions:
        for entity in extraction.entities:
            use = Use(paper=extraction.paper.id, entity=entity)
            concept = names.concept(entity)
            if concept:
                by_concept[concept].append(use)
            else:
                unknown[fold(without_count(entity.name))].append(use)
    for concept, uses in sorted(by_concept.items()):
        result.concepts[concept] = vocabulary.concepts[concept]
        _assign(result, uses, concept, "known name")
    company = _company(result)
    _join_acronyms(unknown, company)
    for key in sorted(unknown):
        _identify_group(result, unknown[key], company, vocabulary)
    return result


class _Names:
    """The vocabulary's names by type and form; a form that names two concepts of a type names neither.

    Names that need context are left to the extractor, which sees the text.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._known = vocabulary.concepts
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in vocabulary.names:
            if not name.context and name.case != "never":
                kind = vocabulary.concepts[name.id].type
                found[kind, _exact(name.text)].add(name.id)
                # What no common word looks like is the same thing in any case: ShuffleNetV2, shufflenet-v2.
                if name.case == "any" or (len(name.text) >= _TELLING and INNER_CAPITAL.search(name.text)):
                    found[kind, fold(name.text)].add(name.id)
        self._by_form = {key: next(iter(ids)) for key, ids in found.items() if len(ids) == 1}

    def concept(self, entity: Entity) -> str:
        """Give the id of the concept that an entity is; "" if the vocabulary does not know it.

        A name that the vocabulary knows under another type alone is that thing, unless the paper introduces
        it: the extractor's guess of a type is worth less than a list.
        """
        if entity.id in self._known:
            return entity.id
        bare = without_count(entity.name)
        forms = (_exact(entity.name), _exact(bare), fold(entity.name), fold(bare))
        for form in forms:
            found = self._by_form.get((entity.type, form), "")
            if found and not self._stands_for_another(entity, found):
                return found
        if entity.role != "introduced" and len(entity.name) >= _TELLING:
            for form in forms:
                others = [self._by_form[kind, form] for kind in ENTITY_TYPES if (kind, form) in self._by_form]
                if len(others) == 1:
                    return others[0]
        return ""

    def _stands_for_another(self, entity: Entity, concept: str) -> bool:
        """Say whether the paper spells an acronym out, and not as the concept is: MDP is many things."""
        known = self._known[concept]
        names = (known.name, *known.aliases)
        short = singular(entity.name).casefold()
        return any(
            initials(form) == short and stands_for_another(entity.name, form, names) for form in entity.forms
        )


def _exact(name: str) -> str:
    """Mark a form as one that counts only as it is written (a folded form has no such mark)."""
    return f"={plain(name)}"


def _identify_group(
    result: Identities, uses: list[Use], company: dict[str, set[str]], vocabulary: Vocabulary
) -> None:
    """Decide about all uses of one name that the vocabulary does not know."""
    introducers = sorted({u.paper for u in uses if u.entity.role == "introduced"})
    proper = any(any(c.isupper() for c in u.entity.name) for u in uses)
    if len(introducers) < 2 or not proper:
        kind = _kind(uses)
        uses, strangers = _strangers(uses, kind, company)
        if strangers:
            _identify_group(result, strangers, company, vocabulary)
            _keep_apart(
                result, strangers, f"same name, but another type, and no company in common with the {kind}"
            )
        name = _spelling(uses, kind)
        concept = Concept(id=f"{kind.lower()}/{slug(name)}", type=kind, name=name, source=_source(uses))
        concept = _unique(result, concept, uses)
        reason = "same name" if len({u.entity.type for u in uses}) == 1 else "same name, type by evidence"
        _assign(result, uses, concept.id, reason)
        return
    homes: dict[str, str] = {}
    for paper in introducers:
        own = [u for u in uses if u.paper == paper]
        kind = own[0].entity.type
        name = own[0].entity.name
        identifier = f"{kind.lower()}/{slug(name)}-{digest(paper)}"
        known = vocabulary.concepts.get(identifier)
        result.concepts[identifier] = known or Concept(
            id=identifier, type=kind, name=name, source=f"paper:{paper}"
        )
        homes[paper] = identifier
        _assign(result, own, identifier, "introduced by this paper")
        result.merges.append(
            Merge(
                score=0.5,
                decision="kept apart",
                form=name,
                type=kind,
                id=identifier,
                reason=f"{len(introducers)} papers introduce a thing of this name; this one is of {paper}",
            )
        )
    for use in uses:
        if use.paper in homes:
            continue
        shared = sorted(
            ((len(company[use.paper] & company[paper]), home) for paper, home in homes.items()), reverse=True
        )
        if shared[0][0] - shared[1][0] >= _CLEAR_LEAD:
            _assign(result, [use], shared[0][1], "homonym whose company it shares")
            continue
        kind = use.entity.type
        identifier = f"{kind.lower()}/{slug(use.entity.name)}"
        result.concepts.setdefault(identifier, Concept(id=identifier, type=kind, name=use.entity.name))
        _assign(result, [use], identifier, "homonym, neither fits")


def _strangers(uses: list[Use], kind: str, company: dict[str, set[str]]) -> tuple[list[Use], list[Use]]:
    """Part uses of a short name by whether they may be the thing of this type: "SOAP" is many things.

    A use of another type must share a concept with a paper that uses the name for this type.
    """
    if len(fold(uses[0].entity.name)) >= _TELLING:
        return uses, []
    around = set().union(*(company.get(u.paper, set()) for u in uses if u.entity.type == kind))
    same = [u for u in uses if u.entity.type == kind or around & company.get(u.paper, set())]
    return same, [u for u in uses if u not in same]


def _keep_apart(result: Identities, uses: list[Use], reason: str) -> None:
    concept = result.concepts[result.concept_of[uses[0].key]]
    result.merges.append(
        Merge(
            score=0.6,
            decision="kept apart",
            form=uses[0].entity.name,
            type=concept.type,
            id=concept.id,
            reason=reason,
            papers=len({u.paper for u in uses}),
        )
    )


def _join_acronyms(unknown: dict[str, list[Use]], company: dict[str, set[str]]) -> None:
    """Move uses that go by an acronym alone to the one long form that has this acronym.

    Acronyms are few and things are many: they must be of one type, and a short one must keep company.
    """
    long_forms: dict[str, set[str]] = defaultdict(set)
    for key, uses in unknown.items():
        for use in uses:
            for form in use.entity.forms:
                if fold(form) != key and len(form) <= 12 and " " not in form:
                    long_forms[fold(form)].add(key)
    for short, keys in sorted(long_forms.items()):
        if (
            short in unknown
            and len(keys) == 1
            and len(key := next(iter(keys))) > len(short)
            and key in unknown
        ):
            if any(u.entity.role == "introduced" for u in unknown[short]) and any(
                u.entity.role == "introduced" for u in unknown[key]
            ):
                continue
            kinds = {u.entity.type for u in unknown[key]}
            around = set().union(*(company.get(u.paper, set()) for u in unknown[key]))
            same = [
                u
                for u in unknown[short]
                if u.entity.type in kinds and (len(short) >= _TELLING or around & company.get(u.paper, set()))
            ]
            unknown[key].extend(same)
            unknown[short] = [u for u in unknown[short] if u not in same]
            if not unknown[short]:
                del unknown[short]


def _kind(uses: Iterable[Use]) -> str:
    """Decide the type of a name that papers use with different ones: who introduces it knows best."""
    votes: dict[str, float] = defaultdict(float)
    for use in uses:
        votes[use.entity.type] += (10 if use.entity.role == "introduced" else 1) * use.entity.confidence
    return max(sorted(votes), key=lambda t: votes[t])


def _spelling(uses: Iterable[Use], kind: str) -> str:
    """Choose the canonical spelling: the introducing paper's, else the most frequent one."""
    votes: Counter[str] = Counter()
    for use in uses:
        weight = (10 if use.entity.role == "introduced" else 1) + (use.entity.type == kind)
        votes[without_count(plain(use.entity.name))] += weight
    return max(sorted(votes), key=lambda n: votes[n])


def _source(uses: Iterable[Use]) -> str:
    introducers = sorted({u.paper for u in uses if u.entity.role == "introduced"})
    return f"paper:{introducers[0]}" if introducers else ""


def _unique(result: Identities, concept: Concept, uses: Sequence[Use]) -> Concept:
    """Keep an id for one name: two names that make one slug ("C+", "C") get a digest."""
    other = result.concepts.get(concept.id)
    if other and fold(other.name) != fold(concept.name):
        concept = Concept(
            id=f"{concept.id}-{digest(concept.name)}",
            type=concept.type,
            name=concept.name,
            source=concept.source,
        )
    return result.concepts.setdefault(concept.id, concept)


def _assign(result: Identities, uses: Sequence[Use], concept: str, reason: str) -> None:
    """Give uses their concept, and note each form once."""
    target = result.concepts[concept]
    papers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for use in uses:
        result.concept_of[use.key] = concept
        for form in {use.entity.name, *use.entity.forms}:
            papers[form, use.entity.type].add(use.paper)
    for (form, kind), found in sorted(papers.items()):
        score, why = _compare(form, target)
        if kind != target.type:
            score, why = round(score * 0.7, 2), f"{why}; {kind} in the text, {target.type} by evidence"
        result.merges.append(
            Merge(
                score=score,
                decision="merged",
                form=form,
                type=kind,
                id=concept,
                reason=f"{reason}: {why}",
                papers=len(found),
            )
        )


def _compare(form: str, concept: Concept) -> tuple[float, str]:
    """Say how a form and the concept that it went to agree."""
    if form == concept.name:
        return 1.0, "exact"
    if form in concept.aliases:
        return 0.98, "alias"
    if fold(form) == fold(concept.name):
        return 0.95, "spelling"
    if fold(form) in {fold(alias) for alias in concept.aliases}:
        return 0.93, "spelling of an alias"
    if fold(without_count(form)) == fold(concept.name):
        return 0.9, "count in front"
    return 0.8, "form of the same entity in its paper"


def _company(result: Identities) -> dict[str, set[str]]:
    """For each paper, the concepts that it speaks of."""
    company: dict[str, set[str]] = defaultdict(set)
    for (paper, _), concept in result.concept_of.items():
        company[paper].add(concept)
    return company


def add_families(result: Identities, vocabulary: Vocabulary) -> None:
    """Hang versions and sizes under their family, and take the concepts above into the graph."""
    known = {key: c for key, c in vocabulary.concepts.items() if key not in result.replaced}
    known |= result.concepts
    known = {key: _rehung(c, vocabulary, result.replaced) for key, c in known.items()}
    result.concepts = {key: known[key] for key in result.concepts}
    by_name = {(c.type, fold(c.name)): c.id for c in known.values()}
    for key, concept in sorted(result.concepts.items()):
        if concept.variant_of or concept.type not in ("Model", "Hardware", "System"):
            continue
        for name in family_names(concept.name):
            family = by_name.get((concept.type, fold(name)))
            if family and family != key:
                result.concepts[key] = replace(concept, variant_of=family)
                break
    waiting = list(result.concepts.values())
    while waiting:
        concept = waiting.pop()
        for parent in (concept.broader, concept.variant_of):
            if parent and parent not in result.concepts and parent in known:
                result.concepts[parent] = known[parent]
                waiting.append(known[parent])


def _rehung(concept: Concept, vocabulary: Vocabulary, replaced: Mapping[str, str]) -> Concept:
    """Hang a concept below what a curator made of the concepts above it."""

    def above(parent: str) -> str:
        seen = set()
        while parent in replaced and parent not in seen:
            seen.add(parent)
            old = vocabulary.concepts.get(parent)
            parent = replaced[parent] or (old.variant_of or old.broader if old else "")
        kind = parent.split("/", 1)[0]
        return parent if kind == concept.type.lower() and parent != concept.id else ""

    if concept.broader in replaced or concept.variant_of in replaced:
        return replace(concept, broader=above(concept.broader), variant_of=above(concept.variant_of))
    return concept
