"""What the pages of the explorer show, gathered from a graph: plain data, no markup.

Everything is bounded by what a page can show, not by how large the graph is.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from paperkg.describe import claim_text, first_mention
from paperkg.graph import KnowledgeGraph
from paperkg.model import ROLES, Concept, Paper
from paperkg.passages import sentence_bounds

#: What an edge of the graph says, read forwards and backwards.
WORDS: dict[str, tuple[str, str]] = {
    "outperforms": ("outperforms", "outperformed by"),
    "basedOn": ("based on", "basis of"),
    "partOf": ("part of", "has part"),
    "variantOf": ("variant of", "has variant"),
    "broader": ("a kind of", "kinds"),
}

#: What an edge of the graph says, in words.
VERBS: dict[str, str] = {
    **{key: forwards for key, (forwards, _) in WORDS.items()},
    "introduces": "introduces",
    "comparesWith": "compares with",
    "evaluatedOn": "is evaluated on",
    "uses": "uses",
    "mentions": "mentions",
}

#: What an entity that a paper introduces has to do with another one of the paper, by the role of the other;
#: and what another one has to do with what the paper introduces, by its own role.
_OF_ITS_OWN = {"compared": "compared with", "evaluated_on": "evaluated on", "used": "uses"}
_OF_OTHERS = {"compared": "baseline of", "evaluated_on": "hosts", "used": "used by"}

_ARXIV = re.compile(r"(?<!\d)(\d\d)(0[1-9]|1[0-2])\.\d{4,5}(?!\d)")
_ISO_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\b")
_MOST_MONTHS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text: plain, or the mention of an entity (``id``, ``type``), or a result ("Claim").

    ``start`` is where it begins in the text.
    """

    text: str
    start: int
    id: str = ""
    type: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another entity, how it is connected, and how many papers say so."""

    id: str
    name: str
    type: str
    words: str
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Papers by "month" or by "listing", in order, and how many stand in no bar."""

    by: str
    bars: tuple[tuple[str, int], ...]
    without: int = 0


def text_pieces(graph: KnowledgeGraph, paper: str, start: int = 0, end: int | None = None) -> list[Piece]:
    """Cut a part of a paper's text into pieces: mentions and numbers of results, and what is between."""
    extraction = graph.extractions[paper]
    text = extraction.paper.text
    end = len(text) if end is None else end
    ids = {entity.name: entity.id for entity in extraction.entities}
    roles = {entity.name: entity.role.replace("_", " ") for entity in extraction.entities}
    marks = [
        (
            m.start,
            m.end,
            Piece(
                text=text[m.start : m.end],
                start=m.start,
                id=ids[m.entity],
                type=m.type,
                title=roles[m.entity],
            ),
        )
        for m in extraction.mentions
    ]
    for one in graph.claims_of_paper(paper):
        a, b = one.claim.start, one.claim.end
        marks.append((a, b, Piece(text=text[a:b], start=a, type="Claim", title=claim_text(graph, one))))
    pieces: list[Piece] = []
    at = start
    # Of two marks that overlap the one that begins first is shown, of these the longer one.
    for a, b, piece in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if a >= at and b <= end and a < b:
            if a > at:
                pieces.append(Piece(text=text[at:a], start=at))
            pieces.append(piece)
            at = b
    if at < end:
        pieces.append(Piece(text=text[at:end], start=at))
    return pieces


def evidence(graph: KnowledgeGraph, concept: str, paper: str) -> list[Piece]:
    """Give the sentence of a paper that says most of an entity, in pieces."""
    place = first_mention(graph, concept, paper)
    if place is None:
        return []
    return text_pieces(graph, paper, *sentence_bounds(graph.papers[paper].text, place.start, place.end))


def definition(graph: KnowledgeGraph, concept: Concept) -> tuple[str, list[Piece]] | None:
    """Give the paper that introduces an entity and the sentence in which it does so."""
    paper = next((paper for paper, role in graph.papers_of[concept.id] if role == "introduced"), None)
    pieces = evidence(graph, concept.id, paper) if paper else []
    return (paper, pieces) if paper and pieces else None


def neighbours(graph: KnowledgeGraph, concept: str, *, most: int = 24) -> list[Neighbour]:
    """Give what an entity is connected with: relations of its own first, then by shared papers.

    What an entity that is everywhere shares papers with says little, so shared papers weigh less then.
    """
    found: dict[str, Neighbour] = {}
    for head, tail, key, evidence_of in _edges(graph, concept):
        other = tail if head == concept else head
        if key in WORDS and other in graph.concepts and other not in found:
            words = WORDS[key][head != concept]
            found[other] = _neighbour(graph, other, words, max(1, evidence_of))
    counts: Counter[tuple[str, str, str]] = Counter()
    for paper, role in graph.papers_of[concept]:
        counts.update((e.id, role, e.role) for e in graph.extractions[paper].entities if e.id != concept)
    shared: Counter[str] = Counter()
    ways: dict[str, Counter[str]] = defaultdict(Counter)
    for (other, own_role, role), count in counts.items():
        shared[other] += count
        ways[other][_together(own_role, role)] += count
    weights = {other: count / len(graph.papers_of[other]) ** 0.5 for other, count in shared.items()}
    for other in sorted(weights, key=lambda key: (-weights[key], key)):
        if len(found) >= most:
            break
        if other not in found:
            words = max(sorted(ways[other]), key=lambda way: ways[other][way])
            found[other] = _neighbour(graph, other, words, shared[other])
    return list(found.values())[:most]


def _together(one: str, other: str) -> str:
    """Say how two entities of one paper belong together, from what the paper does with each."""
    if one == "introduced":
        return _OF_ITS_OWN.get(other, "with")
    return _OF_OTHERS.get(one, "with") if other == "introduced" else "with"


def _edges(graph: KnowledgeGraph, concept: str) -> Iterator[tuple[str, str, str, int]]:
    network = graph.network
    for edges in (
        network.out_edges(concept, keys=True, data=True),
        network.in_edges(concept, keys=True, data=True),
    ):
        for head, tail, key, data in edges:
            papers = {proof.paper for proof in next(iter(data.values()), ())}
            yield head, tail, key, len(papers)


def _neighbour(graph: KnowledgeGraph, key: str, words: str, papers: int) -> Neighbour:
    concept = graph.concepts[key]
    return Neighbour(id=key, name=concept.name, type=concept.type, words=words, papers=papers)


def rivals(graph: KnowledgeGraph, concept: str, *, most: int = 50) -> list[tuple[Neighbour, int, int]]:
    """Give what an entity is set against, with the number of results that it won, and lost."""
    opposite = {"introduced": "compared", "compared": "introduced"}
    papers: dict[str, set[str]] = defaultdict(set)
    for paper, role in graph.papers_of[concept]:
        for entity in graph.extractions[paper].entities:
            if entity.role == opposite.get(role) and entity.id != concept:
                papers[entity.id].add(paper)
    won: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for one in graph.claims_of(concept):
        for other in one.outperformed:
            if one.subject == concept:
                won[other] += 1
            elif other == concept:
                lost[one.subject] += 1
    keys = sorted({*papers, *won, *lost}, key=lambda key: (-len(papers[key]), -won[key] - lost[key], key))
    return [
        (_neighbour(graph, key, "compared with", len(papers[key])), won[key], lost[key])
        for key in keys[:most]
        if key in graph.concepts
    ]


def timeline(graph: KnowledgeGraph, concept: str) -> Timeline:
    """Count the papers that speak of an entity by date."""
    return timeline_of(graph.papers[paper] for paper in sorted({p for p, _ in graph.papers_of[concept]}))


def timeline_of(papers: Iterable[Paper]) -> Timeline:
    """Count papers by month, gaps included, or by the page that lists them; of many months the last ones.

    The date of a paper tells its month, or the id that arXiv gave it (2309.06180 is of September 2023), or
    a listing with a whole date. Where no paper has any of these, what is left is the order of listings.
    """
    papers = list(papers)
    months = Counter(filter(None, map(_month, papers)))
    if months:
        every = [year * 12 + month - 1 for year, month in months]
        span = range(max(min(every), max(every) - _MOST_MONTHS + 1), max(every) + 1)
        bars = [(f"{n // 12}-{n % 12 + 1:02}", months[n // 12, n % 12 + 1]) for n in span]
        return Timeline(by="month", bars=tuple(bars), without=len(papers) - sum(months.values()))
    listed = Counter((one.file, one.date) for paper in papers for one in set(paper.listings))
    lines = [(date or file, count) for (file, date), count in sorted(listed.items())]
    without = sum(not paper.listings for paper in papers)
    return Timeline(by="listing", bars=tuple(lines[:_MOST_MONTHS]), without=without)


def _month(paper: Paper) -> tuple[int, int] | None:
    """Give the month of a paper, as far as it can be told."""
    if told := _ISO_MONTH.match(paper.issued):
        return int(told[1]), int(told[2])
    if found := _ARXIV.search(paper.id):
        return 2000 + int(found[1]), int(found[2])
    dated = [match for one in paper.listings if (match := _ISO_MONTH.match(one.date))]
    return min(((int(match[1]), int(match[2])) for match in dated), default=None)


def anchor(graph: KnowledgeGraph, paper: str, start: int) -> str:
    """Give the name of the marked place on a paper's page that is nearest to a place in its text."""
    marks = [piece.start for piece in text_pieces(graph, paper) if piece.type]
    return f"at-{min(marks, key=lambda at: (abs(at - start), at))}" if marks else ""


def shared(graph: KnowledgeGraph, concepts: Iterable[str]) -> tuple[list[str], list[Neighbour]]:
    """Give the papers that speak of all of several entities, and the entities that go with each of them."""
    keys = list(dict.fromkeys(concepts))
    papers = [{paper for paper, _ in graph.papers_of[key]} for key in keys]
    together = sorted(set.intersection(*papers)) if papers else []
    around = [
        Counter(e.id for paper in own for e in graph.extractions[paper].entities if e.id not in keys)
        for own in papers
    ]
    common = set.intersection(*(set(count) for count in around)) if around else set()
    weight = {key: min(count[key] for count in around) / len(graph.papers_of[key]) ** 0.5 for key in common}
    best = sorted(common, key=lambda key: (-weight[key], key))[:24]
    return together, [_neighbour(graph, k, "with", min(c[k] for c in around)) for k in best]


def roles_of(graph: KnowledgeGraph, concept: str) -> dict[str, int]:
    """Count the papers of an entity by what they do with it."""
    counts = Counter(role for _, role in graph.papers_of[concept])
    return {role: counts[role] for role in ROLES if counts[role]}
