"""The server: SPARQL endpoint and JSON API over a build, read-only and bounded."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from paperkg import __version__
from paperkg.errors import GraphError
from paperkg.serve import api, assets, pages, protocol, things
from paperkg.serve.data import Source
from paperkg.serve.guard import Guard, Measure
from paperkg.serve.pool import Pool
from paperkg.serve.rendering import missing, wants_page
from paperkg.serve.worker import Settings
from paperkg.store import open_store

log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one request may take, and how many may at the same time."""

    #: Seconds until a query is ended.
    seconds: float = 10.0
    #: Rows or triples of an answer; what is more is cut.
    rows: int = 100_000
    #: Bytes of an answer.
    size: int = 64 << 20
    #: Bytes of memory of a process that answers queries, with about 400 MiB that it always has.
    memory: int = 2 << 30
    #: Bytes of a request.
    request: int = 1 << 20
    #: Queries that are answered at the same time, and those that may wait.
    workers: int = max(2, os.cpu_count() or 2)
    waiting: int = 64


#: Pages and cards made at a time. They share one interpreter with the loop that everybody waits for: by forty
#: (the default), 200 clients had their queries answered five times as slowly, or refused.
_THREADS = 4


def make_app(
    folder: Path,
    *,
    base: str,
    limits: Limits | None = None,
    hosts: tuple[str, ...] = (),
    origins: tuple[str, ...] = (),
) -> ASGIApp:
    """Make the ASGI app of a build.

    ``base`` is the base IRI of the build, ``hosts`` are the names under which the server may be asked
    (none: any), ``origins`` those of pages from elsewhere that may read the answers. Raises
    ``GraphError`` where there is no build.
    """
    limits = limits or Limits()
    open_store(folder / "store")  # the workers do, too, but nobody would see in a line what is wrong with it
    source = Source(folder, base)
    source.data()
    settings = Settings(
        folder=str(folder),
        base=base,
        seconds=limits.seconds,
        rows=limits.rows,
        size=limits.size,
        memory=limits.memory,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = _THREADS
        app.state.pool = Pool(settings, size=limits.workers, waiting=limits.waiting)
        await app.state.pool.start()
        try:
            yield
        finally:
            await app.state.pool.stop()

    app = FastAPI(
        title="paperkg",
        version=__version__,
        description="What papers introduce, compare, use and measure, with evidence.",
        lifespan=lifespan,
        # Their pages fetch scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.source = source
    app.include_router(protocol.router)
    app.include_router(api.router)
    _add_health(app)
    app.include_router(assets.router)
    app.include_router(pages.router)
    app.include_router(things.router)  # last: it takes every path of two parts

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405 and request.url.path == "/sparql":
            error.headers = {"Allow": "GET, HEAD, POST"}  # two routes, of which the first one has answered
        program = request.url.path.startswith(("/api/", "/sparql"))
        if program or request.method != "GET" or not wants_page(request):
            return await http_exception_handler(request, error)
        return missing(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if request.url.path.startswith("/api/") or not wants_page(request):
            # Without what was given: it may be long, and is known to who gave it.
            errors = [{key: one[key] for key in ("type", "loc", "msg")} for one in error.errors()]
            return JSONResponse({"detail": errors}, status_code=422)
        named = ", ".join(sorted({str(one["loc"][-1]) for one in error.errors()}))
        return missing(422, f"a parameter is not valid: {named}")

    @app.exception_handler(GraphError)
    def no_build(_: Request, error: GraphError) -> JSONResponse:
        log.error("%s", error)  # where the build lies is nobody's business
        return JSONResponse({"detail": "the build cannot be read now"}, status_code=503)

    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Accept", "Content-Type"],
            expose_headers=["X-Paperkg-Rows", "X-Paperkg-Cut"],
        )
    if hosts:
        # A page elsewhere must not reach us under a name of its own (DNS rebinding).
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    # Around everything, so that it holds for errors, too.
    return Guard(app, most=limits.request, shared=bool(origins))


def _add_health(app: FastAPI) -> None:
    """Add what tells whether the server is well, and what it has done."""
    registry = CollectorRegistry()
    app.add_middleware(Measure, registry=registry)
    running = Gauge("paperkg_queries_running", "Queries that are being answered.", registry=registry)
    waiting = Gauge("paperkg_queries_waiting", "Queries that wait.", registry=registry)

    @app.get("/health", tags=["health"])
    async def health(response: Response) -> dict[str, str]:
        """Say that the server is there, and can answer queries."""
        well = app.state.pool.healthy
        response.status_code = 200 if well else 503
        return {"status": "ok" if well else "no process answers queries", "version": __version__}

    @app.get("/metrics", tags=["health"], response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Give figures for Prometheus."""
        running.set(app.state.pool.running)
        waiting.set(app.state.pool.waiting)
        return PlainTextResponse(generate_latest(registry))
