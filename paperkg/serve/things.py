"""The pages of things, at the paths of their IRIs: entities, papers, results, and places in texts.

Whatever the host, and so a build whose base is the server's address is linked data without further ado.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from paperkg import views
from paperkg.cards import make_card, make_paper_card
from paperkg.model import ENTITY_TYPES, Concept
from paperkg.namespaces import (
    BASE,
    RUN_GRAPH,
    VOCABULARY_GRAPH,
    concept_local,
    encode,
    graph_local,
    paper_local,
)
from paperkg.rankings import rows
from paperkg.serve.api import known_data
from paperkg.serve.data import Data
from paperkg.serve.pages import LINES
from paperkg.serve.protocol import answered
from paperkg.serve.rendering import WITHOUT_PAGE, Offer, describing, offered, render, wanted_kind
from paperkg.serve.worker import Question

router = APIRouter(include_in_schema=False)

Known = Annotated[Data, Depends(known_data)]
Number = Annotated[int, Query(ge=1, le=1_000_000)]

#: Papers and results of an entity in one answer of JSON; ``?page=`` has the next ones.
_PAPERS = 200

#: A result, and where it is said.
_WITH_EVIDENCE = """DESCRIBE {0} ?note ?target ?position WHERE {{ OPTIONAL {{
  ?note oa:hasBody {0} ; oa:hasTarget ?target . ?target oa:hasSelector ?position
}} }}"""

#: An entity, and what leads to it (papers by what they do with it, results, relations), but for mentions.
_WITH_LINKS = """CONSTRUCT {{ {0} ?p ?o . ?other ?leads {0} }} WHERE {{
  {{ {0} ?p ?o }} UNION {{ ?other ?leads {0} FILTER(?leads NOT IN (oa:hasBody, rdf:subject, rdf:object)) }}
}}"""

#: What else is said of a mention lies under names that begin with its own.
_PARTS = ("", "#target", "#position", "#quote", "#statement")


@router.get("/paper/{id:path}")
async def paper(request: Request, id: str, known: Known) -> Response:
    """Show a paper: its text with everything marked that was found, its roles, results and listings."""
    if id not in known.graph.papers:
        raise HTTPException(404, "there is no such paper")
    offer = Offer(
        page=lambda: render("paper.html", **_paper_values(known, id)),
        data=lambda: make_paper_card(known.graph, id),
        about=lambda: [paper_local(id)],
    )
    return await offered(request, known.base, offer)


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
        "rows": rows(graph, graph.claims_of_paper(id)),
        "local": paper_local(id),
        "graph_local": graph_local(id),
    }


@router.get("/claim/{id}")
async def claim(request: Request, id: str, known: Known) -> Response:
    """Lead to the paper that states a result."""
    one = known.rankings.claims.get(f"claim/{id}")
    if one is None:
        raise HTTPException(404, "there is no such result")
    to = f"/{paper_local(one.paper)}#{one.id}"
    offer = Offer(
        page=lambda: RedirectResponse(to, status_code=303),
        data=lambda: rows(known.graph, [one])[0],
        about=lambda: _WITH_EVIDENCE.format(f"<{known.base}{concept_local(one.id)}>"),
    )
    return await offered(request, known.base, offer)


@router.get("/mention/{id}")
async def mention(request: Request, id: str, known: Known) -> Response:
    """Lead to the place in a paper where something is named or said; the store knows which."""
    local = f"mention/{encode(id)}"
    place = await _place(request, known.base + local)
    if place is None:
        raise HTTPException(404, "there is no such mention")
    key = place["paper"]
    if key not in known.graph.papers:  # a new build has come in between
        raise HTTPException(404, "there is no such paper")
    to = f"/{paper_local(key)}#{views.anchor(known.graph, key, int(place['start']))}"
    offer = Offer(
        page=lambda: RedirectResponse(to, status_code=303),
        data=lambda: {"id": id, **place, "start": int(place["start"]), "end": int(place["end"])},
        about=lambda: describing(known.base, [local + part for part in _PARTS]),
    )
    return await offered(request, known.base, offer)


async def _place(request: Request, iri: str) -> dict[str, str] | None:
    sparql = (
        f"SELECT ?paper ?start ?end ?about WHERE {{ <{iri}> oa:hasTarget ?target ; oa:hasBody ?about . "
        "?target oa:hasSource/dcterms:identifier ?paper ; oa:hasSelector ?position . "
        "?position oa:start ?start ; oa:end ?end }"
    )
    answer = await request.app.state.pool.ask(Question(sparql=sparql, accept=("application/json",)))
    if answer.status != 200:
        raise HTTPException(answer.status, answer.body.decode().strip())
    found = json.loads(answer.body)["results"]["bindings"]
    return {name: term["value"] for name, term in found[0].items()} if found else None


@router.get("/graph/{id:path}")
async def named_graph(request: Request, id: str, known: Known) -> Response:
    """Lead to the paper that a named graph is about; RDF is what stands in the graph."""
    # A paper may be called like one of the graphs of no paper; its name then has an escape.
    plain = b"%" not in request.scope.get("raw_path", b"")
    local = f"graph/{id}" if plain and f"graph/{id}" in (VOCABULARY_GRAPH, RUN_GRAPH) else graph_local(id)
    of_paper = local not in (VOCABULARY_GRAPH, RUN_GRAPH)
    if of_paper and id not in known.graph.papers:
        raise HTTPException(404, "there is no such graph")
    offer = Offer(
        page=lambda: RedirectResponse(f"/{paper_local(id)}" if of_paper else "/", status_code=303),
        data=lambda: make_paper_card(known.graph, id) if of_paper else known.counts,
        about=lambda: f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{known.base}{local}> {{ ?s ?p ?o }} }}",
    )
    return await offered(request, known.base, offer)


@router.get("/metric/{id}")
@router.get("/run/{id}")
@router.get("/scheme/{id}")
async def described(request: Request, id: str, known: Known) -> Response:
    """Describe what has no page of its own; a browser is given Turtle."""
    folder = request.scope["path"].split("/")[1]
    # What is the same in every build keeps its name, whatever the base of this one.
    names = dict.fromkeys(f"<{base}{folder}/{encode(id)}>" for base in (known.base, BASE))
    wanted = wanted_kind(request)
    kind = WITHOUT_PAGE.get(wanted, wanted)
    answer = await answered(
        request, request.app.state.pool, Question(sparql=f"DESCRIBE {' '.join(names)}", accept=(kind,))
    )
    if answer.headers.get("X-Paperkg-Rows") == "0":
        raise HTTPException(404, f"there is no such {folder}")
    return answer


@router.get("/{folder}/{slug:path}")
async def entity(request: Request, folder: str, slug: str, known: Known, page: Number = 1) -> Response:
    """Show what is known about an entity."""
    concept = known.graph.concepts.get(f"{folder}/{slug}") if folder.title() in ENTITY_TYPES else None
    if concept is None:
        raise HTTPException(404, "there is no such page")
    offer = Offer(
        page=lambda: render("entity.html", **_entity_values(known, concept, page)),
        data=lambda: make_card(known.graph, concept, first=(page - 1) * _PAPERS, limit=_PAPERS),
        about=lambda: _WITH_LINKS.format(f"<{known.base}{concept_local(concept.id)}>"),
    )
    return await offered(request, known.base, offer)


def _entity_values(known: Data, concept: Concept, page: int) -> dict[str, Any]:
    graph = known.graph
    first = (page - 1) * LINES
    card = make_card(graph, concept, first=first, limit=LINES)
    families = (concept.variant_of, concept.broader)
    return {
        "concept": concept,
        "card": card,
        "above": [graph.concepts[key] for key in families if key in graph.concepts],
        "variants": graph.variants_of(concept.id)[:LINES],
        "definition": views.definition(graph, concept) if page == 1 else None,
        "roles": views.roles_of(graph, concept.id),
        "papers": [(one, views.evidence(graph, concept.id, one.paper)) for one in card.papers],
        "rows": rows(graph, graph.claims_of(concept.id)[first : first + LINES]),
        "rivals": views.rivals(graph, concept.id) if page == 1 else [],
        "neighbours": views.neighbours(graph, concept.id) if page == 1 else [],
        "timeline": views.timeline(graph, concept.id) if page == 1 else None,
        "page": page,
        "more": max(card.paper_count, card.claim_count) > first + LINES,
        "local": concept_local(concept.id),
    }
