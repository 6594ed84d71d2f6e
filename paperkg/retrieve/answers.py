"""Answers from the graph itself, where a question has the form of a pattern in it.

To add a pattern, write a function from ``Asked`` to an answer or None, and give it a row in ``PATTERNS``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from paperkg.describe import claim_text
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import Concept
from paperkg.retrieve.model import Answer, Item
from paperkg.retrieve.naming import Naming, families

#: Parts of an answer that are given: more is a list, and no answer.
_MOST = 20

#: What asks for a number.
AMOUNT = re.compile(
    r"\bhow (?:much|many|fast|large|big|close|long|far|well)\b"
    r"|\b(?:what|which) (?:share|part|fraction|gain|number|accuracy|score)|\bpercent(?:age)?\b|\bfactor\b"
    r"|\bby (?:what|how)\b|\bspeed-?up\b|\b(?:faster|slower|throughput|latency|quicker)\b",
    re.I,
)
#: What speaks of a number without asking for it: "benchmarks of how fast code runs".
_SPOKEN_OF = re.compile(r"\b(?:of|about|for|measur\w*|evaluat\w*|tests?|stud(?:y|ies)) how \w+", re.I)
_INTRODUCED = re.compile(
    r"\bwho (?:introduc|propos|present|came|built|made|develop)|\b(?:introduc|propos|present)(?:es|ed|s)?\b"
    r"|\bwhere does\b.*\bcome from\b|\bwhich (?:paper|work) (?:introduc|propos|describ|present)",
    re.I,
)
_COMPARED = re.compile(
    r"\bcompar(?:e|es|ed|ing)\b|\b(?:better|faster) than\b"
    r"|\b(?:beat|beats|outperform|outperforms|competitors?|baselines?)\b"
    r"|\bmeasured? against\b|\bversus\b|\bvs\b",
    re.I,
)
_EVALUATED = re.compile(
    r"\b(?:runs?|tested|evaluat\w*|trained|served|results?|experiments?|measured)\b.*\bon\b|\bevaluate\b",
    re.I,
)
_USED = re.compile(r"\b(?:uses?|using|built (?:on|upon|with)|based on|rely|relies|employ)\b", re.I)
_SPEAKS = "speaks of"
_RUNS = re.compile(r"\b(?:runs?|running|trained|served)\b", re.I)
_SAME = re.compile(r"\bsame\b", re.I)

#: What the question calls the kind of thing that is the same.
_SORTS = {
    "Hardware": re.compile(
        r"\b(?:gpus?|chips?|cards?|hardware|accelerators?|machines?|processors?|phones?)\b", re.I
    ),
    "Dataset": re.compile(r"\b(?:data ?sets?|benchmarks?|corpus|corpora|tests?)\b", re.I),
    "Model": re.compile(r"\b(?:models?|llms?)\b", re.I),
    "Technique": re.compile(r"\b(?:techniques?|methods?|algorithms?)\b", re.I),
    "System": re.compile(r"\b(?:systems?|engines?|frameworks?|librar(?:y|ies))\b", re.I),
}


#: Where a question says what sort of thing it asks for: "which serving systems", "what hardware".
_SORT_ASKED = re.compile(
    r"\b(?:what|(?:which|list|name)(?:\s+(?!papers?\b|works?\b)[\w-]+){0,2}?)\s+(?:"
    + "|".join(f"(?P<{sort}>{cue.pattern})" for sort, cue in _SORTS.items())
    + ")",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, the graph, and what the question names: each naming with all ids that it covers."""

    question: str
    graph: KnowledgeGraph
    names: tuple[Naming, ...]

    def papers_with(self, naming: Naming, roles: Iterable[str] = ()) -> set[str]:
        """Give the papers that speak of what is named, or of its variants, in one of these roles (or any)."""
        wanted = set(roles)
        return {
            paper
            for key in families(self.graph, naming.concepts)
            for paper, role in self.graph.papers_of[key]
            if not wanted or role in wanted
        }


def find_answers(graph: KnowledgeGraph, question: str, names: Iterable[Naming]) -> tuple[Answer, ...]:
    """Give what the graph says to a question, the most telling pattern first; () where none fits."""
    asked = Asked(question=question, graph=graph, names=_telling(graph, names))
    if not asked.names:
        return ()
    found = [answer for pattern in PATTERNS if (answer := pattern(asked)) and answer.items]
    wanted = _sort_asked(question)
    return tuple(_sorted(graph, answer, wanted) for answer in found)


def to_the_point(answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Leave out what merely speaks of all that is named, where something is said of it."""
    said = tuple(answer for answer in answers if not answer.pattern.startswith(_SPEAKS))
    return said or tuple(answers)


def asks_amount(question: str) -> bool:
    """Say whether a question asks for a number.

    >>> asks_amount("How fast is vLLM?"), asks_amount("Which papers are about how fast code runs?")
    (True, False)
    """
    return bool(AMOUNT.search(_SPOKEN_OF.sub("", question)))


def _sort_asked(question: str) -> str:
    """Give the type of the things that a question asks for; "" if it does not say."""
    found = _SORT_ASKED.search(question)
    return (found and found.lastgroup) or ""


def _sorted(graph: KnowledgeGraph, answer: Answer, wanted: str) -> Answer:
    """Put things of the sort that is asked for first."""
    if not wanted:
        return answer

    def other(item: Item) -> bool:
        concept = graph.concepts.get(item.id)
        return concept is None or concept.type != wanted

    return Answer(pattern=answer.pattern, items=tuple(sorted(answer.items, key=other)))


def _telling(graph: KnowledgeGraph, names: Iterable[Naming]) -> tuple[Naming, ...]:
    """Leave out names of what a great part of the papers speaks of: they are no condition."""
    kept: dict[tuple[str, ...], Naming] = {}
    for naming in names:
        count = len({p for concept in naming.concepts for p, _ in graph.papers_of[concept.id]})
        if count <= _common(graph):
            kept.setdefault(tuple(c.id for c in naming.concepts), naming)
    return tuple(kept.values())


def _common(graph: KnowledgeGraph) -> int:
    """Give how many papers may speak of a thing that still tells them from others."""
    return max(len(graph.papers) // 8, 5)


def _amounts(asked: Asked) -> Answer | None:
    """How much faster is A than B: claims of A, against B if both are named."""
    if not asks_amount(asked.question):
        return None
    sets = [set(families(asked.graph, naming.concepts)) for naming in asked.names]
    fits: list[tuple[int, LinkedClaim]] = []
    for claim in {
        c.id: c for ids in sets for key in sorted(ids) for c in asked.graph.claims_of(key)
    }.values():
        sides = {claim.subject, *claim.baselines}
        fits.append((sum(bool(ids & sides) for ids in sets), claim))
    most = max((count for count, _ in fits), default=0)
    chosen = sorted((claim for count, claim in fits if count == most), key=lambda c: (c.paper, c.claim.start))
    items = tuple(
        Item(name=claim_text(asked.graph, claim), id=claim.id, papers=(claim.paper,))
        for claim in chosen[:_MOST]
    )
    return Answer(pattern=f"results for {_list(asked.names)}", items=items)


def _introducers(asked: Asked) -> Answer | None:
    if not _INTRODUCED.search(asked.question):
        return None
    graph = asked.graph
    items = [
        Item(name=graph.papers[paper].title, id=f"paper/{paper}", papers=(paper,))
        for naming in asked.names
        for concept in naming.concepts
        for paper, role in graph.papers_of[concept.id]
        if role == "introduced"
    ]
    return Answer(pattern=f"introduces {_list(asked.names)}", items=tuple(dict.fromkeys(items))[:_MOST])


def _opponents(asked: Asked) -> Answer | None:
    """What is compared with X: what the papers introduce that compare with it, and its own baselines."""
    if not _COMPARED.search(asked.question) or len(asked.names) != 1 or _SAME.search(asked.question):
        return None
    (naming,) = asked.names
    opposite = {"introduced": "compared", "compared": "introduced"}
    found: dict[str, set[str]] = defaultdict(set)
    own = set(families(asked.graph, naming.concepts))
    for key in own:
        for paper, role in asked.graph.papers_of[key]:
            for entity in asked.graph.extractions[paper].entities:
                if entity.role == opposite.get(role) and entity.id not in own:
                    found[entity.id].add(paper)
    return Answer(pattern=f"compared with {naming.text}", items=_items(asked.graph, found))


def _evaluated(asked: Asked) -> Answer | None:
    if _RUNS.search(asked.question) and any(c.type == "Hardware" for n in asked.names for c in n.concepts):
        # A chip that a paper uses is one that it runs on.
        return _with_role(asked, _EVALUATED, ("evaluated_on", "used"), "runs on")
    return _with_role(asked, _EVALUATED, ("evaluated_on",), "evaluated on")


def _users(asked: Asked) -> Answer | None:
    return _with_role(asked, _USED, ("used",), "uses")


def _with_role(asked: Asked, cue: re.Pattern[str], roles: Sequence[str], words: str) -> Answer | None:
    """What runs on Y: what the papers introduce that say so of Y; with several names, of all of them."""
    if not cue.search(asked.question) or _SAME.search(asked.question):
        return None
    sets = [papers for naming in asked.names if (papers := asked.papers_with(naming, roles))]
    if not sets:
        return None
    named = [naming for naming in asked.names if asked.papers_with(naming, roles)]
    return Answer(
        pattern=f"{words} {_list(named)}", items=_introduced_in(asked.graph, set.intersection(*sets))
    )


def _both(asked: Asked) -> Answer | None:
    """Two conditions: papers that speak of both of the things named."""
    if len(asked.names) < 2:
        return None
    common = set.intersection(*(asked.papers_with(naming) for naming in asked.names))
    return Answer(pattern=f"{_SPEAKS} {_list(asked.names)}", items=_introduced_in(asked.graph, common))


def _alike(asked: Asked) -> Answer | None:
    """The same GPU as X: other papers that were evaluated on what the paper of X was evaluated on."""
    if not _SAME.search(asked.question):
        return None
    graph = asked.graph
    sorts = {sort for sort, cue in _SORTS.items() if cue.search(asked.question)}
    starts = {
        paper
        for naming in asked.names
        for concept in naming.concepts
        for paper, role in graph.papers_of[concept.id]
        if role == "introduced"
    }
    shared: dict[str, set[str]] = defaultdict(set)
    for start in starts:
        for entity in graph.extractions[start].entities:
            if entity.role in ("evaluated_on", "used", "compared") and (not sorts or entity.type in sorts):
                others = {paper for paper, role in graph.papers_of[entity.id] if role == entity.role}
                if len(others) <= _common(graph):
                    shared[entity.id] |= others - starts
    items = _items(graph, {key: papers for key, papers in shared.items() if papers})
    return Answer(pattern=f"shared with {_list(asked.names)}", items=items)


PATTERNS: tuple[Callable[[Asked], Answer | None], ...] = (
    _amounts,
    _introducers,
    _opponents,
    _alike,
    _evaluated,
    _users,
    _both,
)


def _introduced_in(graph: KnowledgeGraph, papers: Iterable[str]) -> tuple[Item, ...]:
    """Give what papers introduce; the paper itself where it introduces nothing that has a name."""
    found: dict[str, set[str]] = defaultdict(set)
    alone = []
    for paper in papers:
        new = [e.id for e in graph.extractions[paper].entities if e.role == "introduced"]
        for key in new:
            found[key].add(paper)
        if not new:
            alone.append(Item(name=graph.papers[paper].title, id=f"paper/{paper}", papers=(paper,)))
    return (*_items(graph, found), *sorted(alone, key=lambda item: item.id))[:_MOST]


def _items(graph: KnowledgeGraph, found: dict[str, set[str]]) -> tuple[Item, ...]:
    concepts: list[Concept] = sorted(
        (graph.concepts[key] for key in found), key=lambda c: (-len(found[c.id]), c.name, c.id)
    )
    return tuple(Item(name=c.name, id=c.id, papers=tuple(sorted(found[c.id]))) for c in concepts[:_MOST])


def _list(names: Iterable[Naming]) -> str:
    return " and ".join(naming.text for naming in names)
