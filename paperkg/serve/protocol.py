"""The SPARQL 1.1 Protocol: queries by GET and by POST, a description of the service; nothing writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from paperkg.serve.pool import Pool
from paperkg.serve.worker import GRAPHS, Answer, Question, refusal

router = APIRouter(tags=["SPARQL"])

_FORM, _QUERY = "application/x-www-form-urlencoded", "application/sparql-query"
#: Seconds between two looks at whether somebody still waits for an answer.
_LOOK = 0.1

_UPDATE = "application/sparql-update"

_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in (
        ("query", "A SPARQL 1.1 query; without one the answer is a description of the service."),
        ("default-graph-uri", "A graph that the default graph consists of; may be repeated."),
        ("named-graph-uri", "A graph that GRAPH may ask; may be repeated."),
    )
]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "The query is not valid, or asks for what is refused."},
    403: {"description": "An update: a build is read-only."},
    406: {"description": "The answer cannot be had in a format that is accepted."},
    413: {"description": "The request is too large."},
    415: {"description": "A body that is neither a form nor a query."},
    503: {"description": "Too many queries wait already."},
    504: {"description": "The query took too long, and was ended."},
    507: {"description": "The query took too much memory, and was ended."},
}


@router.get("/sparql", responses=_ANSWERS, openapi_extra={"parameters": _PARAMETERS}, response_class=Response)
async def ask_by_get(request: Request) -> Response:
    """Answer a query, or describe the service."""
    return await _ask(request, request.url.query, None)


@router.post(
    "/sparql",
    responses=_ANSWERS,
    response_class=Response,
    openapi_extra={
        "parameters": _PARAMETERS[1:],
        "requestBody": {
            "required": True,
            "content": {
                _QUERY: {"schema": {"type": "string"}},
                _FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["query"],
                        "properties": {"query": {"type": "string"}},
                    }
                },
            },
        },
    },
)
async def ask_by_post(request: Request) -> Response:
    """Answer a query that is the body, or a field of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        body = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        return reply(refusal(400, f"the body is no UTF-8 at byte {error.start}"))
    if kind == _FORM:
        return await _ask(request, f"{request.url.query}&{body}", None)
    if kind == _QUERY:
        return await _ask(request, request.url.query, body)
    if kind == _UPDATE:
        return reply(refusal(403, "updates are refused: a build is read-only"))
    return reply(refusal(415, f"POST takes {_QUERY} or {_FORM}"))


async def _ask(request: Request, encoded: str, sparql: str | None) -> Response:
    try:
        given = parse_qs(encoded, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except (UnicodeDecodeError, ValueError) as error:
        return reply(refusal(400, f"the parameters are not valid: {error}"))
    if "update" in given:
        return reply(refusal(403, "updates are refused: a build is read-only"))
    queries = given.get("query", []) + ([] if sparql is None else [sparql])
    if len(queries) > 1:
        return reply(refusal(400, "give one query"))
    kinds = accepted(request.headers)
    if not any(query.strip() for query in queries):
        if given or request.method != "GET":
            return reply(refusal(400, "give a query"))
        return reply(_describe(request, kinds["accept"]))
    pool: Pool = request.app.state.pool
    question = Question(
        sparql=queries[0],
        **kinds,
        default_graphs=given.get("default-graph-uri", []),
        named_graphs=given.get("named-graph-uri", []),
    )
    return await answered(request, pool, question)


async def answered(request: Request, pool: Pool, question: Question) -> Response:
    """Answer a question; where whoever asked has gone, its query is ended."""
    asked = asyncio.create_task(pool.ask(question))
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((asked, gone), return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            gone.result()  # raises what is wrong with the request
            return reply(refusal(499, "nobody waits for the answer"))
        return reply(asked.result())
    finally:
        gone.cancel()
        asked.cancel()


async def _gone(request: Request) -> None:
    while not await request.is_disconnected():
        await asyncio.sleep(_LOOK)


def accepted(headers: Headers) -> dict[str, tuple[str, ...]]:
    """Give the media types that Accept headers ask for, the most wanted first, and those that they refuse.

    >>> accepted(Headers({"accept": "text/csv;q=0.5, application/json, text/html;q=0, */*;q=0.1"}))
    {'accept': ('application/json', 'text/csv', '*/*'), 'refused': ('text/html',)}
    """
    wanted, refused = [], []
    header = ",".join(headers.getlist("accept"))
    for turn, part in enumerate(header.split(",")):
        kind, *options = (piece.strip().lower() for piece in part.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            quality = float(weight)
        except ValueError:
            continue
        if kind and quality > 0:
            # Of equal weight the more exact one comes first.
            wanted.append((-quality, kind.endswith("*"), turn, kind))
        elif kind:
            refused.append(kind)
    kinds = tuple(kind for *_, kind in sorted(wanted)) if header.strip() else ("*/*",)
    return {"accept": kinds, "refused": tuple(refused)}


def reply(answer: Answer) -> Response:
    """Turn an answer into a response of HTTP."""
    headers = {"Vary": "Accept"}
    if answer.status == 200:
        headers["X-Paperkg-Rows"] = str(answer.rows)
    if answer.cut:
        headers["X-Paperkg-Cut"] = "true"
    if answer.status == 503:
        headers["Retry-After"] = "1"
    text = answer.media_type.startswith("text/")
    kind = f"{answer.media_type}; charset=utf-8" if text else answer.media_type
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=kind)


def _describe(request: Request, accept: Sequence[str]) -> Answer:
    """Describe the service by the SPARQL 1.1 Service Description."""
    from pyoxigraph import BlankNode, NamedNode, Triple, serialize

    sd = "http://www.w3.org/ns/sparql-service-description#"
    formats = "http://www.w3.org/ns/formats/"
    kind = next((k for a in accept for k in GRAPHS if a in (k, "*/*", f"{k.partition('/')[0]}/*")), "")
    if not kind:
        return refusal(406, f"the description can be had as: {', '.join(GRAPHS)}")
    a = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    service, dataset = BlankNode("service"), BlankNode("dataset")

    def said(name: str, *values: str) -> list[Triple]:
        return [Triple(service, NamedNode(sd + name), NamedNode(value)) for value in values]

    triples = [
        Triple(service, a, NamedNode(f"{sd}Service")),
        *said("endpoint", str(request.url.replace(query=""))),
        *said("supportedLanguage", f"{sd}SPARQL11Query"),
        *said("feature", f"{sd}UnionDefaultGraph"),
        *said(
            "resultFormat",
            *(f"{formats}SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")),
            *(formats + name for name in ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads")),
        ),
        Triple(service, NamedNode(f"{sd}defaultDataset"), dataset),
        Triple(dataset, a, NamedNode(f"{sd}Dataset")),
    ]
    body = serialize(triples, format=GRAPHS[kind], prefixes={"sd": sd})
    assert body is not None
    return Answer(status=200, media_type=kind, body=body)
