"""What an address answers with: a page, JSON or RDF, as the Accept header or ``?format=`` asks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.encoders import jsonable_encoder
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from paperkg import __version__
from paperkg.model import ENTITY_TYPES
from paperkg.namespaces import concept_local, paper_local
from paperkg.serve.protocol import accepted, answered
from paperkg.serve.worker import GRAPHS, Question

_HTML, _JSON = "text/html", "application/json"

#: What ``?format=`` may ask for.
_FORMATS = {"html": _HTML, "json": _JSON, "ttl": "text/turtle", "jsonld": "application/ld+json"}

#: What those get who would take a page or JSON, where there is neither.
WITHOUT_PAGE = {_HTML: "text/turtle", _JSON: "application/ld+json"}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What one address has to give; each is made only if it is asked for.

    ``about`` are the local names of the things that RDF describes, or a query that makes it.
    """

    page: Callable[[], Response]
    data: Callable[[], Any]
    about: Callable[[], Iterable[str] | str]


async def offered(request: Request, base: str, offer: Offer) -> Response:
    """Answer with what is wanted of an offer."""
    wanted = wanted_kind(request)
    if wanted == _HTML:
        return await run_in_threadpool(offer.page)
    if wanted == _JSON:
        # In ASCII: half a surrogate pair of a hostile text has no place in UTF-8.
        body = await run_in_threadpool(lambda: json.dumps(jsonable_encoder(offer.data())))
        return Response(body, media_type=_JSON, headers={"Vary": "Accept"})
    about = await run_in_threadpool(offer.about)
    sparql = about if isinstance(about, str) else describing(base, about)
    question = Question(sparql=sparql, accept=(wanted,))
    return await answered(request, request.app.state.pool, question)


def describing(base: str, local_names: Iterable[str]) -> str:
    """Write the query that describes things; nothing is described where there are none."""
    named = " ".join(f"<{base}{local}>" for local in dict.fromkeys(local_names))
    return f"DESCRIBE {named}" if named else "CONSTRUCT {} WHERE {}"


def render(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill a template."""
    text = _environment().get_template(name).render(values)
    # Lone surrogates of hostile texts have no place in UTF-8.
    body = text.encode("utf-8", "replace")
    return HTMLResponse(
        body, status_code=status, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept"}
    )


def missing(status: int, detail: str) -> HTMLResponse:
    """Make the page that says what is wrong."""
    return render("error.html", status=status, heading=detail, status_code=status)


def wants_page(request: Request) -> bool:
    """Say whether a request is that of a browser, which names HTML where programs take anything."""
    return _HTML in accepted(request.headers)["accept"]


def wanted_kind(request: Request) -> str:
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


def page_path(concept: str) -> str:
    """Give the path of an entity's page: that of its IRI."""
    return "/" + concept_local(concept)


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
        "to": page_path,
        "paper_to": lambda paper: "/" + paper_local(paper),
        "with_query": lambda path, **values: f"{path}?{urlencode(values, doseq=True, errors='replace')}",
    }
    return environment
