"""What a graph knows, in words: names that tell things apart, and descriptions that a reader can use.

Tools that identify things by name, and language models that read them, get their texts from here. Texts
of papers are hostile: whatever goes out has no control characters, no halves of surrogate pairs and no
double quotes, which some readers of names strip and others choke on.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import ROLES, Claim, Concept, Mention
from paperkg.namespaces import paper_local
from paperkg.passages import sentence_at
from paperkg.statements import Pair, Statement

#: What one entity has to do with another one, in words that stand between two names.
VERBS: Mapping[str, str] = {
    "outperforms": "outperforms",
    "basedOn": "is based on",
    "partOf": "is part of",
    "variantOf": "is a variant of",
    "broader": "is a kind of",
    "comparedWith": "is compared with",
    "evaluatedOn": "is evaluated on",
    "uses": "uses",
}

#: What papers do with an entity, in words that stand before their number.
_ROLE_WORDS: Mapping[str, str] = {
    "introduced": "introduced in",
    "compared": "compared with in",
    "evaluated_on": "evaluated on in",
    "used": "used in",
    "mentioned": "mentioned in",
}

_A_TYPE: Mapping[str, str] = {
    "System": "a system",
    "Model": "a model",
    "Hardware": "hardware",
    "Technique": "a technique",
    "Dataset": "a dataset",
}

#: More than this tells a reader nothing, and costs tokens.
_MOST_ALIASES, _MOST_CLAIMS, _MOST_PAPERS, _MOST_NAME = 12, 8, 30, 200

_TAGS = re.compile(r"</?(?:p|br)\s*/?>", re.IGNORECASE)

_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def readable(text: str) -> str:
    """Bring a text to one line of characters that every format can hold.

    >>> readable('a\\x00b\\ud800 "c"\\n  d <SEP> e')
    "a\\ufffdb\\ufffd 'c' d <SEP > e"
    """
    # LightRAG parts lists by "<SEP>" and has no way to write it otherwise.
    return " ".join(passage(text).split()).replace('"', "'").replace("<SEP>", "<SEP >")


def passage(text: str) -> str:
    """Replace what UTF-8 or XML cannot hold, one character by one, so that offsets stay.

    >>> passage("a\\x00\\ud800\\nb")
    'a\\ufffd\\ufffd\\nb'
    """
    return _NO_TEXT.sub("\ufffd", text)


def name_of(graph: KnowledgeGraph, concept: str) -> str:
    """Give the name of a concept, "" for an id that is none."""
    return graph.concepts[concept].name if concept in graph.concepts else ""


def name_key(name: str) -> str:
    """Give the form in which some tool takes two names for one; "" for what one of them takes for no name.

    GraphRAG knows no case, LightRAG no HTML, no quotes and no short numbers; what both tell apart, all do.

    >>> name_key("GPT-3.5<br>"), name_key("C &amp; 'D'"), name_key("12")
    ('gpt-3.5', 'c & d', '')
    """
    text = _TAGS.sub("", html.unescape(unicodedata.normalize("NFKC", name))).casefold()
    key = " ".join(re.sub("[\"'\u2018\u2019\u201c\u201d]", "", text).split())
    return "" if len(key) < 3 and not key.strip(".0123456789") else key


def ascii_key(name: str) -> str:
    """Give what HippoRAG reads of a name: letters and digits of ASCII in lower case.

    >>> ascii_key("GPT-3.5"), ascii_key("C++"), ascii_key("\u4e2d")
    ('gpt 3 5', 'c', '')
    """
    return " ".join(re.findall("[a-z0-9]+", name_key(name)))


def unique_names(graph: KnowledgeGraph, *, key: Callable[[str], str] = name_key) -> dict[str, str]:
    """Give each concept a name of its own: its name where no other has it, else with what tells it apart.

    That is its type, then the paper that introduces it, then its id. ``key`` says what a tool reads.
    """

    def with_paper(concept: Concept) -> str:
        paper = introduced_by(graph, concept.id)
        return f" ({concept.type.lower()} of {readable(paper)})" if paper else f" ({readable(concept.id)})"

    ways: tuple[Callable[[Concept], str], ...] = (
        lambda c: "",
        lambda c: f" ({c.type.lower()})",
        with_paper,
        lambda c: f" ({readable(c.id)})",
    )
    names: dict[str, str] = {}
    # Tools that know papers as nodes, too, have them by these.
    seen = Counter({key(paper_local(paper)) for paper in graph.papers})
    left = list(graph.concepts.values())
    for way in ways:
        tried = {c.id: readable(c.name)[:_MOST_NAME] + way(c) for c in left}
        seen.update(key(name) for name in tried.values())
        names |= {c: name for c, name in tried.items() if key(name) and seen[key(name)] == 1}
        left = [c for c in left if c.id not in names]
    # Ids differ, but not in what every tool reads; a number does.
    names |= {c.id: f"{readable(c.name)[:_MOST_NAME]} no. {i}" for i, c in enumerate(left, start=1001)}
    return {concept: names[concept] for concept in graph.concepts}


def introduced_by(graph: KnowledgeGraph, concept: str) -> str:
    """Give the paper that introduces a concept, the first of several; "" if none does."""
    return next((paper for paper, role in graph.papers_of[concept] if role == "introduced"), "")


def definition(graph: KnowledgeGraph, concept: str) -> tuple[str, str]:
    """Give the sentence that says best what a concept is, and its paper; ("", "") if none speaks of it.

    The paper that introduces it comes first, then by role; a sentence of the abstract goes before the title.
    """
    for paper, _ in sorted(graph.papers_of[concept], key=lambda one: (ROLES.index(one[1]), one[0])):
        if first := first_mention(graph, concept, paper):
            return sentence_at(graph.papers[paper].text, first.start, first.end), paper
    return "", ""


def first_mention(graph: KnowledgeGraph, concept: str, paper: str) -> Mention | None:
    """Give the first place where a paper names a concept, in its abstract if there is one.

    A sentence of the abstract says more than the title, which stands beside it anyway.
    """
    extraction = graph.extractions[paper]
    names = {entity.name for entity in extraction.entities if entity.id == concept}
    found = [m for m in extraction.mentions if m.entity in names]
    inside = [m for m in found if m.start > len(extraction.paper.title)]
    return min(inside or found, default=None)


def claim_text(graph: KnowledgeGraph, linked: LinkedClaim) -> str:
    """Say a claim in a line.

    ``ALISA: up to 3x throughput vs FlexGen``
    """
    against = ", ".join(name_of(graph, baseline) for baseline in linked.baselines)
    subject = name_of(graph, linked.subject) or linked.claim.subject
    result = result_text(linked.claim) + (f" vs {against}" if against else "")
    return f"{subject}: {result}" if subject else result


def result_text(claim: Claim) -> str:
    """Say what a claim measured: ``up to 3x throughput``, ``40% lower latency``, ``61.4% accuracy``."""
    return f"{amount_text(claim)} {claim.metric.replace('_', ' ')}"


def amount_text(claim: Claim) -> str:
    """Say how much a claim claims: ``up to 3x``, ``40% lower``; a level has no direction: ``61.4%``."""
    space = "" if claim.unit in ("", "x", "%") else " "
    # "3x throughput" is said so; and "20% speedup", which cannot be anything but higher.
    plain = claim.direction == "higher" and (claim.unit == "x" or claim.metric in ("speedup", "compression"))
    direction = claim.direction if claim.is_change and not plain else ""
    return " ".join(filter(None, (claim.qualifier, f"{claim.value}{space}{claim.unit}", direction)))


def statement_text(statement: Statement, names: Mapping[str, str]) -> str:
    """Say a statement as a sentence with its papers.

    ``FastServe is based on BaseServe [2401.00001, 2401.00002].``
    """
    words = f"{names[statement.head]} {VERBS[statement.predicate]} {names[statement.tail]}"
    return f"{words}{_cite(statement.papers)}."


def pair_text(graph: KnowledgeGraph, pair: Pair, names: Mapping[str, str]) -> str:
    """Say everything about a pair in sentences: who outperforms whom by how much, who is based on whom."""
    lines = list(dict.fromkeys(statement_text(one, names) for one in pair.statements))
    return " ".join([*lines, *_results(graph, pair.claims)])


def entity_text(graph: KnowledgeGraph, concept: Concept, names: Mapping[str, str]) -> str:
    """Describe an entity: what it is, its family and facts, who introduces it, its papers and results."""
    kind = f" ({readable(concept.kind)})" if concept.kind and concept.kind != concept.name else ""
    lines = [f"{names[concept.id]} is {_A_TYPE[concept.type]}{kind}"]
    if others := [readable(name) for name in concept.aliases if name != concept.name]:
        lines[0] += f", also written {', '.join(others[:_MOST_ALIASES])}"
    for other, verb in ((concept.variant_of, "variantOf"), (concept.broader, "broader")):
        if other in graph.concepts:
            lines[0] += f", {VERBS[verb].removeprefix('is ')} {names[other]}"
    facts = [
        f"{label} {readable(value)}{unit}"
        for label, value, unit in (
            ("made by", concept.vendor, ""),
            ("architecture", concept.architecture, ""),
            ("memory", concept.memory_gb, " GB"),
            ("year", concept.year, ""),
        )
        if value
    ]
    if facts:
        lines.append(f"Facts: {'; '.join(facts)}")
    sentence, paper = definition(graph, concept.id)
    if sentence:
        first = "Introduced" if introduced_by(graph, concept.id) == paper else "Named"
        lines.append(f"{first} in [{readable(paper)}]: '{readable(sentence).rstrip('.')}'")
    counts = Counter(role for _, role in graph.papers_of[concept.id])
    if counts:
        said = [(_ROLE_WORDS[role], counts[role]) for role in ROLES if counts[role]]
        how = ", ".join(f"{words} {count} paper{'s' * (count > 1)}" for words, count in said)
        lines.append(f"{how[0].upper()}{how[1:]}")
    return " ".join([*(f"{line}." for line in lines), *_results(graph, graph.claims_of(concept.id))])


def _results(graph: KnowledgeGraph, claims: Iterable[LinkedClaim]) -> list[str]:
    lines = list(dict.fromkeys(f"{readable(claim_text(graph, c))}{_cite((c.paper,))}" for c in claims))
    if not lines:
        return []
    more = f"; and {len(lines) - _MOST_CLAIMS} more" if len(lines) > _MOST_CLAIMS else ""
    return [f"Results: {'; '.join(lines[:_MOST_CLAIMS])}{more}."]


def _cite(papers: tuple[str, ...]) -> str:
    if not papers:
        return ""
    more = f" and {len(papers) - _MOST_PAPERS} more" if len(papers) > _MOST_PAPERS else ""
    return f" [{', '.join(map(readable, papers[:_MOST_PAPERS]))}{more}]"
