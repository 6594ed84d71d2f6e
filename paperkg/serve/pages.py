"""The explorer: pages over the graph for people, the same things as JSON and RDF for programs.

An entity and a paper lie where their IRIs say, under whatever name the server is asked: the Accept header
chooses between the page, JSON and RDF, ``?format=`` does so in links.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from paperkg import __version__, views
from paperkg.cards import make_card, make_paper_card, near_names
from paperkg.export.html import vis_network
from paperkg.graph import KnowledgeGraph
from paperkg.model import ENTITY_TYPES, METRICS, Concept
from paperkg.namespaces import concept_local, paper_local, prefixes
from paperkg.paths import find_paths
from paperkg.queries import list_queries
from paperkg.search import MARK_END, MARK_START
from paperkg.serve.api import known_data
from paperkg.serve.data import Data
from paperkg.serve.protocol import accepted, answered
from paperkg.serve.worker import GRAPHS, Question

router = APIRouter(include_in_schema=False)

Known = Annotated[Data, Depends(known_data)]
Word = Annotated[str, Query(max_length=500)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

#: Lines of a list on one page.
_LINES = 50

_HTML = "text/html"

#: What ``?format=`` may ask for.
_FORMATS = {"html": _HTML, "json": "application/json", "ttl": "text/turtle", "jsonld": "application/ld+json"}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_STATIC = {".css": "text/css", ".js": "text/javascript"}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("paperkg.serve"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "version": __version__,
        "types": ENTITY_TYPES,
        "to": _address,
        "paper_to": lambda paper: "/" + paper_local(paper),
        "with_query": lambda path, **values: f"{path}?{urlencode(values, doseq=True)}",
    }
    return environment


def _address(concept: str) -> str:
    """Give the path of an entity's page: that of its IRI."""
    return "/" + concept_local(concept)


def _page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    text = _environment().get_template(name).render(values)
    # Lone surrogates of hostile texts have no place in UTF-8.
    body = text.encode("utf-8", "replace")
    return HTMLResponse(
        body, status_code=status, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept"}
    )


def missing(status: int, detail: str) -> HTMLResponse:
    """Make the page that says what is wrong."""
    return _page("error.html", status=status, heading=detail, status_code=status)


def wants_page(request: Request) -> bool:
    """Say whether a request is that of a browser, which names HTML where programs take anything."""
    return _HTML in accepted(request.headers)["accept"]


def _wanted(request: Request) -> str:
    """Give the media type that is wanted: HTML, JSON or one of RDF."""
    if form := request.query_params.get("format"):
        if form not in _FORMATS:
            raise HTTPException(400, f"format is one of {', '.join(_FORMATS)}")
        return _FORMATS[form]
    for kind in accepted(request.headers)["accept"]:
        if kind in (_HTML, "application/xhtml+xml", "text/*", "*/*"):
            return _HTML
        if kind in GRAPHS:
            return kind
    return _HTML


@router.get("/")
def start(known: Known) -> HTMLResponse:
    """Show what there is, and where to begin."""
    best: dict[str, list[tuple[Concept, int]]] = {kind: [] for kind in ENTITY_TYPES}
    for concept, _ in known.entities:
        if len(best[concept.type]) < 12:
            best[concept.type].append((concept, len(known.graph.papers_of[concept.id])))
    return _page("start.html", counts=known.counts, best=best, queries=list_queries())


@router.get("/search")
def search(known: Known, q: Word = "", page: Number = 1) -> Response:
    """Find papers and entities by words; a name that only one thing has leads straight to it."""
    if not q.strip():
        return RedirectResponse("/", status_code=303)
    found = [c for c in known.graph.find(q.strip()) if known.graph.papers_of[c.id]]
    if len(found) == 1 and page == 1:
        return RedirectResponse(_address(found[0].id), status_code=303)
    hits = known.index.search(q, limit=page * _LINES + 1)
    lines = [(hit, list(_marked(hit.snippet))) for hit in hits[(page - 1) * _LINES : page * _LINES]]
    near = [] if lines else near_names(known.graph, q)
    return _page("search.html", q=q, lines=lines, near=near, page=page, more=len(hits) > page * _LINES)


def _marked(snippet: str) -> list[tuple[str, bool]]:
    """Cut a snippet into pieces: the text, and whether it is a word that was looked for."""
    pieces = []
    for turn, part in enumerate(snippet.split(MARK_START)):
        word, end, rest = part.partition(MARK_END)
        pieces += [(word, True), (rest, False)] if turn and end else [(part.replace(MARK_END, ""), False)]
    return [(text, mark) for text, mark in pieces if text]


@router.get("/compare")
def compare(known: Known, e: Annotated[list[str], Query(max_length=6)] = []) -> HTMLResponse:  # noqa: B006
    """Set entities side by side."""
    graph = known.graph
    chosen, lost = _find_all(graph, [name for name in e if name.strip()])
    keys = [concept.id for concept in chosen]
    together, common = views.shared(graph, keys) if len(keys) > 1 else ([], [])
    between = [one for one in graph.claims if one.subject in keys and any(b in keys for b in one.baselines)]
    return _page(
        "compare.html",
        chosen=[(c, make_card(graph, c, limit=0), views.roles_of(graph, c.id)) for c in chosen],
        lost=lost,
        together=[graph.papers[paper] for paper in together[:_LINES]],
        common=common,
        rows=views.rows(graph, between[:_LINES]),
    )


@router.get("/leaderboard")
def leaderboard(known: Known, metric: Word = "speedup", baseline: Word = "") -> HTMLResponse:
    """Rank results by a metric, against a baseline."""
    if metric not in METRICS:
        raise HTTPException(404, "there is no such metric")
    graph = known.graph
    chosen, lost = _find_all(graph, [baseline] if baseline.strip() else [])
    ranked = {} if lost else views.leaderboard(graph, metric, chosen[0].id if chosen else "")
    return _page(
        "leaderboard.html",
        metric=metric,
        metrics=METRICS,
        better=views.better_when(metric),
        baseline=chosen[0].name if chosen else baseline,
        lost=lost,
        groups=[(unit, len(found), views.rows(graph, found[:_LINES])) for unit, found in ranked.items()],
        common=_common_baselines(graph),
    )


def _common_baselines(graph: KnowledgeGraph) -> list[Concept]:
    counts: dict[str, int] = {}
    for one in graph.claims:
        for key in one.baselines:
            counts[key] = counts.get(key, 0) + 1
    best = sorted(counts, key=lambda key: (-counts[key], key))[:12]
    return [graph.concepts[key] for key in best]


@router.get("/path")
def path(known: Known, start: Word = "", end: Word = "") -> HTMLResponse:
    """Show how two things are connected."""
    graph = known.graph
    given = [name for name in (start, end) if name.strip()]
    lost = [name for name in given if not graph.find(name)]
    ways = []
    if len(given) == 2 and not lost:
        ends = [[concept.id for concept in graph.find(name)] for name in given]
        if not set(ends[0]) & set(ends[1]):
            ways = find_paths(graph, *ends, limit=5)
    return _page(
        "path.html",
        start=start,
        end=end,
        asked=len(given) == 2,
        lost=lost,
        ways=ways,
        concepts=graph.concepts,
        verbs=views.VERBS,
    )


@router.get("/query")
def query(known: Known) -> HTMLResponse:
    """Ask in SPARQL, by oneself or from a named query on."""
    named = [{**asdict(q), "sparql": q.sparql} for q in list_queries()]
    return _page("query.html", queries=named, prefixes=prefixes(known.base))


@router.get("/paper/{id:path}")
async def paper(request: Request, id: str, known: Known) -> Response:
    """Show a paper: its text with everything marked that was found, its roles, results and listings."""
    if id not in known.graph.papers:
        raise HTTPException(404, "there is no such paper")
    wanted = _wanted(request)
    if wanted == _HTML:
        return await run_in_threadpool(lambda: _page("paper.html", **_paper_values(known, id)))
    if wanted == "application/json":
        return JSONResponse(asdict(make_paper_card(known.graph, id)))
    return await _described(request, known, paper_local(id), wanted)


def _paper_values(known: Data, id: str) -> dict[str, Any]:
    graph = known.graph
    extraction = graph.extractions[id]
    title = len(extraction.paper.title)
    roles: dict[str, list[Any]] = {}
    for entity in extraction.entities:
        roles.setdefault(entity.role, []).append(graph.concepts[entity.id])
    return {
        "paper": extraction.paper,
        "title": views.text_pieces(graph, id, 0, title),
        "abstract": views.text_pieces(graph, id, title + 1),
        "roles": roles,
        "relations": extraction.relations,
        "ids": {entity.name: entity.id for entity in extraction.entities},
        "rows": views.rows(graph, graph.claims_of_paper(id)),
        "local": paper_local(id),
    }


@router.get("/claim/{id}")
def claim(known: Known, id: str) -> RedirectResponse:
    """Lead to the paper that states a result."""
    one = next((one for one in known.graph.claims if one.id.removeprefix("claim/") == id), None)
    if one is None:
        raise HTTPException(404, "there is no such result")
    return RedirectResponse(f"/{paper_local(one.paper)}#results", status_code=303)


@router.get("/{folder}/{slug:path}")
async def entity(request: Request, folder: str, slug: str, known: Known, page: Number = 1) -> Response:
    """Show what is known about an entity."""
    concept = known.graph.concepts.get(f"{folder}/{slug}") if folder.title() in ENTITY_TYPES else None
    if concept is None:
        raise HTTPException(404, "there is no such page")
    wanted = _wanted(request)
    if wanted == _HTML:
        return await run_in_threadpool(lambda: _page("entity.html", **_entity_values(known, concept, page)))
    if wanted == "application/json":
        return JSONResponse(asdict(make_card(known.graph, concept, limit=1000)))
    return await _described(request, known, concept_local(concept.id), wanted)


def _entity_values(known: Data, concept: Concept, page: int) -> dict[str, Any]:
    graph = known.graph
    first = (page - 1) * _LINES
    card = make_card(graph, concept, first=first, limit=_LINES)
    months = views.timeline(graph, concept.id)
    families = (concept.variant_of, concept.broader)
    return {
        "concept": concept,
        "card": card,
        "above": [graph.concepts[key] for key in families if key in graph.concepts],
        "variants": graph.variants_of(concept.id)[:_LINES],
        "definition": views.definition(graph, concept) if page == 1 else None,
        "roles": views.roles_of(graph, concept.id),
        "papers": [(one, views.evidence(graph, concept.id, one.paper)) for one in card.papers],
        "rows": views.rows(graph, graph.claims_of(concept.id)[first : first + _LINES]),
        "rivals": views.rivals(graph, concept.id) if page == 1 else [],
        "neighbours": views.neighbours(graph, concept.id),
        "months": months,
        "most": max((count for _, count in months), default=1),
        "page": page,
        "more": max(card.paper_count, card.claim_count) > first + _LINES,
        "local": concept_local(concept.id),
    }


async def _described(request: Request, known: Data, local: str, kind: str) -> Response:
    question = Question(sparql=f"DESCRIBE <{known.base}{local}>", accept=(kind,))
    return await answered(request, request.app.state.pool, question)


def _find_all(graph: KnowledgeGraph, names: list[str]) -> tuple[list[Concept], list[str]]:
    """Find an entity for each name, that of most papers, and give the names that nothing has."""
    found = [(name, graph.find(name)) for name in dict.fromkeys(names)]
    chosen = {concepts[0].id: concepts[0] for _, concepts in found if concepts}
    return list(chosen.values()), [name for name, concepts in found if not concepts]


def add_static(prefix: str = "/static") -> APIRouter:
    """Make the routes of style sheets and scripts; vis-network comes out of pyvis."""
    static = APIRouter(include_in_schema=False)
    folder = files("paperkg.serve") / "static"
    known = {one.name: one for one in folder.iterdir() if one.name.endswith(tuple(_STATIC))}
    known["theme.css"] = files("paperkg.export") / "templates" / "theme.css"

    @static.get(f"{prefix}/{{name}}")
    def asset(name: str) -> Response:
        if name not in known and name != "vis-network.js":
            raise HTTPException(404, "there is no such file")
        kind = _STATIC[name[name.rindex(".") :]]
        return Response(body(name), media_type=kind, headers={"Cache-Control": "max-age=3600"})

    @lru_cache
    def body(name: str) -> str:
        return known[name].read_text("utf-8") if name in known else vis_network()

    return static
