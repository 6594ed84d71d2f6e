"""What stands before every route: how large a request may be, the headers of every response, a meter."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Guard:
    """Refuse bodies of more than ``most`` bytes while they arrive, and add headers that close doors.

    ``shared`` says that pages from elsewhere may use what we answer. HEAD is GET without a body.
    """

    def __init__(self, app: ASGIApp, *, most: int, shared: bool) -> None:
        self._app, self._most = app, most
        policy = b"cross-origin" if shared else b"same-origin"
        self._headers = (*_HEADERS, (b"cross-origin-resource-policy", policy))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken, bodiless = 0, scope["method"] == "HEAD"
        if bodiless:
            scope = {**scope, "method": "GET"}
        reason = f"a request may have at most {self._most} bytes"

        async def careful_receive() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(413, reason)  # in the app, which knows how to answer
            return message

        async def careful_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                more = (header for header in self._headers if header[0] not in names)
                message["headers"] = [*message["headers"], *more]
            elif bodiless:
                message["body"] = b""
            await send(message)

        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if length.isdigit() and int(length) <= self._most:
            await self._app(scope, careful_receive, careful_send)
            return
        response = PlainTextResponse(f"{reason}\n", status_code=413, headers={"Connection": "close"})
        await response(scope, receive, careful_send)


_METHODS = frozenset({"GET", "POST", "OPTIONS"})


class Measure:
    """Count requests and their time by route."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self._app = app
        self._count = Counter(
            "paperkg_requests", "Requests.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram("paperkg_request_seconds", "Time to answer.", ("route",), registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            # The route and not the address: what is asked for has no end. Likewise the method.
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if scope["method"] in _METHODS else ""
            self._count.labels(method, route, status).inc()
            self._seconds.labels(route).observe(time.perf_counter() - began)
