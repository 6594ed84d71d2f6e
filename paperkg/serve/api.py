"""The JSON API: entities, papers, search, ways between things, claims, figures, named queries."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from paperkg.cards import Card, PaperCard, make_card, make_paper_card
from paperkg.describe import claim_text
from paperkg.errors import QueryError
from paperkg.model import ENTITY_TYPES, METRICS
from paperkg.names import fold
from paperkg.passages import sentence_at
from paperkg.paths import Step, find_paths
from paperkg.queries import NamedQuery, list_queries, load_query
from paperkg.retrieve import Retrieval
from paperkg.search import MARK_END, MARK_START, Hit
from paperkg.serve.data import Data
from paperkg.serve.protocol import accepted, answered
from paperkg.serve.worker import Question
from paperkg.views import Neighbour, neighbours

router = APIRouter(prefix="/api")

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many answers.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="Leave out so many first.")]
Text = Annotated[str, Query(min_length=1, max_length=500)]
_PLAIN = str.maketrans("", "", MARK_START + MARK_END)
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such thing."}}


def known_data(request: Request) -> Data:
    """Give what is known of the build that is there now."""
    data: Data = request.app.state.source.data()
    return data


Known = Annotated[Data, Depends(known_data)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityLine:
    """An entity in a list."""

    id: str
    name: str
    type: str
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper in a list."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """A claim with the ids of its subject and baselines, in words, and with the sentence that states it."""

    id: str
    paper: str
    subject: str
    baselines: tuple[str, ...]
    metric: str
    value: str
    unit: str
    qualifier: str
    direction: str
    relative: bool
    confidence: float
    text: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a list, and how long the list is."""

    total: int
    items: list[T]


@router.get("/stats", tags=["figures"])
def stats(known: Known) -> dict[str, Any]:
    """Count what is in the graph."""
    return known.counts


@router.get("/entities", tags=["entities"])
def entities(
    known: Known,
    type: Annotated[
        str | None, Query(pattern=f"^({'|'.join(ENTITY_TYPES)})$", description="Only those of this type.")
    ] = None,
    q: Annotated[str, Query(max_length=500, description="Only those with this in a name.")] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[EntityLine]:
    """List the entities that papers speak of, those of most papers first."""
    wanted, graph = fold(q), known.graph
    found = [
        concept
        for concept, names in known.entities
        if type in (None, concept.type) and (not wanted or any(wanted in name for name in names))
    ]
    lines = [
        EntityLine(id=c.id, name=c.name, type=c.type, papers=len(graph.papers_of[c.id]))
        for c in found[offset : offset + limit]
    ]
    return Page(total=len(found), items=lines)


@router.get("/entities/{id:path}", tags=["entities"], responses=_MISSING)
def entity(known: Known, id: str, limit: Limit = 100, offset: Offset = 0) -> Card:
    """Say what is known about an entity: facts, papers, claims, neighbours, with the sentences.

    ``limit`` and ``offset`` choose among its papers and claims, of which there may be thousands.
    """
    concept = known.graph.concepts.get(id)
    if concept is None:
        raise HTTPException(404, "there is no such entity")
    return make_card(known.graph, concept, first=offset, limit=limit)


@router.get("/neighbours", tags=["entities"], responses=_MISSING)
def entity_neighbours(
    known: Known, id: Text, limit: Annotated[int, Query(ge=1, le=100)] = 24
) -> list[Neighbour]:
    """List what an entity goes with: what it is related to, and what it shares papers with."""
    if id not in known.graph.concepts:
        raise HTTPException(404, "there is no such entity")
    return neighbours(known.graph, id, most=limit)


@router.get("/papers", tags=["papers"])
def papers(known: Known, limit: Limit = 100, offset: Offset = 0) -> Page[PaperLine]:
    """List the papers by id."""
    found = list(known.graph.papers.values())
    lines = [PaperLine(id=paper.id, title=paper.title) for paper in found[offset : offset + limit]]
    return Page(total=len(found), items=lines)


@router.get("/papers/{id:path}", tags=["papers"], responses=_MISSING)
def paper(known: Known, id: str) -> PaperCard:
    """Say what a paper says."""
    if id not in known.graph.papers:
        raise HTTPException(404, "there is no such paper")
    return make_paper_card(known.graph, id)


@router.get("/search", tags=["search"])
def search(known: Known, q: Text, limit: Limit = 10) -> list[Hit]:
    """Search papers and entities for words."""
    hits = known.index.search(q, limit=limit)
    return [Hit(**asdict(hit) | {"snippet": hit.snippet.translate(_PLAIN)}) for hit in hits]


@router.get("/retrieve", tags=["search"], responses={400: {"description": "The question has no words."}})
def retrieve(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=2000, description="A question in plain words.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
    budget: Annotated[int, Query(ge=100, le=100_000, description="Tokens that the prompt may have.")] = 2000,
) -> Retrieval:
    """Answer a question: papers, passages, facts, answers of the graph, and a prompt with citations."""
    try:
        found: Retrieval = request.app.state.source.retriever().retrieve(q, limit=limit, budget=budget)
    except QueryError as error:
        raise HTTPException(400, str(error)) from error
    return found


@router.get("/path", tags=["search"], responses=_MISSING)
def path(
    known: Known, start: Text, end: Text, limit: Annotated[int, Query(ge=1, le=20)] = 3
) -> list[list[Step]]:
    """Show how two things are connected, by the shortest ways; the things by id or by any name."""
    ends = [[concept.id for concept in known.graph.find(name)] for name in (start, end)]
    for name, ids in zip((start, end), ends, strict=True):
        if not ids:
            raise HTTPException(404, f"nothing is called {name!r}")
    return [list(steps) for steps in find_paths(known.graph, *ends, limit=limit)]


@router.get("/claims", tags=["claims"], responses=_MISSING)
def claims(
    known: Known,
    subject: Annotated[str, Query(max_length=500, description="What was measured, by id or any name.")] = "",
    baseline: Annotated[
        str, Query(max_length=500, description="What it was compared with, by id or any name.")
    ] = "",
    metric: Annotated[str, Query(max_length=50, description=f"One of: {', '.join(METRICS)}.")] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[ClaimLine]:
    """List measured results."""
    graph = known.graph
    if metric and metric not in METRICS:
        raise HTTPException(404, f"no metric is called {metric!r}; there are: {', '.join(METRICS)}")
    sides = [[concept.id for concept in graph.find(name)] if name else [""] for name in (subject, baseline)]
    for name, ids in zip((subject, baseline), sides, strict=True):
        if not ids:
            raise HTTPException(404, f"nothing is called {name!r}")
    found = [
        one
        for of, against in product(*sides)
        for one in known.rankings.find(subject=of, baseline=against, metric=metric)
    ]
    lines = [
        ClaimLine(
            id=one.id,
            paper=one.paper,
            subject=one.subject,
            baselines=one.baselines,
            metric=one.claim.metric,
            value=one.claim.value,
            unit=one.claim.unit,
            qualifier=one.claim.qualifier,
            direction=one.claim.direction,
            relative=one.claim.relative,
            confidence=one.claim.confidence,
            text=claim_text(graph, one),
            sentence=sentence_at(graph.papers[one.paper].text, one.claim.start, one.claim.end),
        )
        for one in found[offset : offset + limit]
    ]
    return Page(total=len(found), items=lines)


@router.get("/queries", tags=["queries"])
def queries() -> list[NamedQuery]:
    """List the named queries with their parameters."""
    return list_queries()


@router.get("/queries/{name}", tags=["queries"], responses=_MISSING, response_class=Response)
async def run_query(request: Request, name: str) -> Response:
    """Run a named query; its parameters are those of the address, formats those of /sparql."""
    try:
        named = load_query(name)
    except QueryError as error:
        raise HTTPException(404, str(error)) from error
    given = request.query_params.multi_items()
    if len(given) > len(dict(given)):
        raise HTTPException(400, "give each parameter once")
    try:
        sparql = named.bind(dict(given))
    except QueryError as error:
        raise HTTPException(400, str(error)) from error
    question = Question(sparql=sparql, **accepted(request.headers))
    return await answered(request, request.app.state.pool, question)
