"""The explorer: pages to find, compare, rank, connect and ask; the pages of things are in ``things``.

The Accept header chooses between the page, JSON and RDF, ``?format=`` does so in links.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from paperkg import views
from paperkg.cards import make_card, near_names
from paperkg.errors import QueryError
from paperkg.graph import KnowledgeGraph
from paperkg.model import ENTITY_TYPES, METRICS, Concept
from paperkg.namespaces import concept_local, paper_local, prefixes
from paperkg.paths import Step, find_paths
from paperkg.queries import NamedQuery, list_queries, load_query
from paperkg.rankings import better_when, rows
from paperkg.search import MARK_END, MARK_START, Hit
from paperkg.serve.api import known_data
from paperkg.serve.assets import DOWNLOADS
from paperkg.serve.data import Data
from paperkg.serve.rendering import Offer, offered, page_path, render

router = APIRouter(include_in_schema=False)

Known = Annotated[Data, Depends(known_data)]
Word = Annotated[str, Query(max_length=500)]
Words = Annotated[list[str] | None, Query(max_length=6)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

#: Lines of a list on one page.
LINES = 50

#: Entities that are set side by side at most, and things that RDF of a list describes.
_SIDES, _DESCRIBED = 6, 200

_FIRST_QUERY = """\
SELECT ?type (COUNT(?thing) AS ?things) WHERE {
  ?thing skos:inScheme ?type .
}
GROUP BY ?type
ORDER BY DESC(?things)
"""


@router.get("/")
async def start(request: Request, known: Known) -> Response:
    """Show what there is, and where to begin."""

    def page() -> Response:
        folder = request.app.state.source.folder
        best: dict[str, list[tuple[Concept, int]]] = {kind: [] for kind in ENTITY_TYPES}
        for concept, _ in known.entities:
            if len(best[concept.type]) < 12:
                best[concept.type].append((concept, len(known.graph.papers_of[concept.id])))
        files = [(name, (folder / name).stat().st_size) for name in DOWNLOADS if (folder / name).is_file()]
        return render("start.html", counts=known.counts, best=best, queries=list_queries(), files=files)

    def about() -> list[str]:
        return [concept_local(concept.id) for concept, _ in known.entities[:_DESCRIBED]]

    return await offered(request, known.base, Offer(page=page, data=lambda: known.counts, about=about))


@router.get("/search")
async def search(request: Request, known: Known, q: Word = "", page: Number = 1) -> Response:
    """Find papers and entities by words; a name that only one thing has leads straight to it."""

    def found() -> list[Hit]:
        return known.index.search(q, limit=page * LINES + 1)

    def show() -> Response:
        if not q.strip():
            return RedirectResponse("/", status_code=303)
        named = [c for c in known.graph.find(q.strip()) if known.graph.papers_of[c.id]]
        if len(named) == 1 and page == 1:
            return RedirectResponse(page_path(named[0].id), status_code=303)
        hits = found()
        lines = [(hit, list(_marked(hit.snippet))) for hit in hits[(page - 1) * LINES : page * LINES]]
        near = [] if lines else near_names(known.graph, q)
        return render("search.html", q=q, lines=lines, near=near, page=page, more=len(hits) > page * LINES)

    def data() -> list[dict[str, Any]]:
        plain = str.maketrans("", "", MARK_START + MARK_END)
        return [asdict(hit) | {"snippet": hit.snippet.translate(plain)} for hit in found()]

    def about() -> list[str]:
        return [paper_local(h.id) if h.kind == "Paper" else concept_local(h.id) for h in found()[:_DESCRIBED]]

    return await offered(request, known.base, Offer(page=show, data=data, about=about))


def _marked(snippet: str) -> list[tuple[str, bool]]:
    """Cut a snippet into pieces: the text, and whether it is a word that was looked for."""
    pieces = []
    for turn, part in enumerate(snippet.split(MARK_START)):
        word, end, rest = part.partition(MARK_END)
        pieces += [(word, True), (rest, False)] if turn and end else [(part.replace(MARK_END, ""), False)]
    return [(text, mark) for text, mark in pieces if text]


@router.get("/compare")
async def compare(request: Request, known: Known, e: Words = None) -> Response:
    """Set entities side by side."""
    graph = known.graph
    chosen, lost = _find_all(graph, [name for name in e or () if name.strip()])
    keys = [concept.id for concept in chosen[:_SIDES]]

    def page() -> Response:
        together, common = views.shared(graph, keys) if len(keys) > 1 else ([], [])
        between = known.rankings.between(keys)
        return render(
            "compare.html",
            chosen=[(c, make_card(graph, c, limit=0), views.roles_of(graph, c.id)) for c in chosen],
            lost=lost,
            together=[graph.papers[paper] for paper in together[:LINES]],
            more_together=max(0, len(together) - LINES),
            common=common,
            rows=rows(graph, between[:LINES]),
            full=len(chosen) >= _SIDES,
        )

    def data() -> dict[str, Any]:
        together, common = views.shared(graph, keys) if len(keys) > 1 else ([], [])
        return {
            "entities": [make_card(graph, concept, limit=0) for concept in chosen],
            "unknown": lost,
            "results": rows(graph, known.rankings.between(keys)),
            "papers": together,
            "common": common,
        }

    def about() -> list[str]:
        results = [one.id for one in known.rankings.between(keys)][:_DESCRIBED]
        return [concept_local(key) for key in (*keys, *results)]

    return await offered(request, known.base, Offer(page=page, data=data, about=about))


@router.get("/leaderboard")
async def leaderboard(
    request: Request, known: Known, metric: Word = "speedup", baseline: Word = ""
) -> Response:
    """Rank results by a metric, against a baseline."""
    if metric not in METRICS:
        raise HTTPException(404, "there is no such metric")
    graph = known.graph
    chosen, lost = _find_all(graph, [baseline] if baseline.strip() else [])
    ranked = {} if lost else known.rankings.leaderboard(metric, chosen[0].id if chosen else "")
    name = chosen[0].name if chosen else baseline

    def page() -> Response:
        shown = [(unit, len(found), rows(graph, found[:LINES])) for unit, found in _shown(ranked)]
        return render(
            "leaderboard.html",
            metric=metric,
            metrics=METRICS,
            better=better_when(metric),
            baseline=name,
            lost=lost,
            groups=shown,
            others=[(unit, len(found)) for unit, found in ranked.items()][len(shown) :],
            common=known.rankings.baselines[metric],
            instead=[] if ranked or not chosen else _metrics_against(known, chosen[0].id),
        )

    def data() -> dict[str, Any]:
        groups = {unit: rows(graph, found[:_DESCRIBED]) for unit, found in ranked.items()}
        return {"metric": metric, "baseline": name, "unknown": lost, "groups": groups}

    def about() -> list[str]:
        return [concept_local(one.id) for found in ranked.values() for one in found][:_DESCRIBED]

    return await offered(request, known.base, Offer(page=page, data=data, about=about))


def _metrics_against(known: Data, baseline: str) -> list[tuple[str, int]]:
    """Give the metrics by which there are results against something, and how many."""
    counts = Counter(one.claim.metric for one in known.rankings.find(baseline=baseline))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _shown(ranked: dict[str, list[Any]], *, most: int = 8) -> list[tuple[str, list[Any]]]:
    """Give the groups that a page shows: a ranking of one says nothing, unless there is no other."""
    several = [(unit, found) for unit, found in ranked.items() if len(found) > 1]
    return (several or list(ranked.items()))[:most]


@router.get("/path")
async def path(request: Request, known: Known, start: Word = "", end: Word = "") -> Response:
    """Show how two things are connected."""
    graph = known.graph
    given = [name for name in (start, end) if name.strip()]
    lost = [name for name in given if not graph.find(name)]

    def ways() -> list[tuple[Step, ...]]:
        if len(given) < 2 or lost:
            return []
        ends = [[concept.id for concept in graph.find(name)] for name in given]
        return [] if set(ends[0]) & set(ends[1]) else find_paths(graph, *ends, limit=5)

    def page() -> Response:
        return render(
            "path.html",
            start=_name(graph, start),
            end=_name(graph, end),
            asked=len(given) == 2,
            lost=lost,
            ways=ways(),
            concepts=graph.concepts,
            verbs=views.VERBS,
        )

    def about() -> list[str]:
        nodes = [node for way in ways() for step in way for node in (step.head_id, step.tail_id)]
        return [concept_local(node) for node in nodes]  # papers are named likewise

    return await offered(request, known.base, Offer(page=page, data=ways, about=about))


@router.get("/query")
async def query(request: Request, known: Known, name: Word = "") -> Response:
    """Ask in SPARQL, by oneself or from a named query on, with values for its parameters."""
    given = {k: v for k, v in request.query_params.items() if k not in ("name", "format")}

    def page() -> Response:
        chosen: NamedQuery | None = None
        sparql, problem = _FIRST_QUERY, ""
        try:
            chosen = load_query(name) if name else None
            sparql = chosen.bind(given) if chosen else sparql
        except QueryError as error:
            problem = str(error)
        return render(
            "query.html",
            status=404 if name and not chosen else 400 if problem else 200,
            queries=list_queries(),
            chosen=chosen,
            given=given,
            sparql=_without_header(sparql),
            problem=problem,
            prefixes=prefixes(known.base),
        )

    return await run_in_threadpool(page)


def _without_header(sparql: str) -> str:
    """Leave out what the page says beside the query anyway."""
    lines = sparql.split("\n")
    return "\n".join(line for line in lines if not line.startswith("#")).strip() + "\n"


def _find_all(graph: KnowledgeGraph, names: list[str]) -> tuple[list[Concept], list[str]]:
    """Find an entity for each name, that of most papers, and give the names that nothing has."""
    found = [(name, graph.find(name)) for name in dict.fromkeys(names)]
    chosen = {concepts[0].id: concepts[0] for _, concepts in found if concepts}
    return list(chosen.values()), [name for name, concepts in found if not concepts]


def _name(graph: KnowledgeGraph, given: str) -> str:
    """Give what people call a thing that was given by its id."""
    return graph.concepts[given].name if given in graph.concepts else given
