"""Listening at an address: taken once, before anything else is started, and kept until the end."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from paperkg.errors import PaperkgError

_log = logging.getLogger("uvicorn.error")

_MOST_CONNECTIONS = 500


class _Server(uvicorn.Server):
    """uvicorn says where it listens only if it has taken the address itself."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for bound in sockets or ():
            host, port = bound.getsockname()[:2]
            name = f"[{host}]" if ":" in host else host
            _log.info("paperkg is running on http://%s:%d (Ctrl+C ends it)", name, port)


def listen(host: str, port: int) -> socket.socket:
    """Take an address. Raises ``PaperkgError`` where it cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Without the protocol asyncio would not know that small packets must not wait (TCP_NODELAY).
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise PaperkgError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    return bound


def serve_app(app: ASGIApp, bound: socket.socket, *, quiet: bool = False) -> None:
    """Serve an app until somebody ends it."""
    with suppress(KeyboardInterrupt):
        asyncio.run(serve_until_ended(app, bound, quiet=quiet))


async def serve_until_ended(app: ASGIApp, bound: socket.socket, *, quiet: bool = False) -> None:
    """Serve an app in a loop that runs already."""
    config = uvicorn.Config(
        app,
        log_level="warning" if quiet else "info",
        server_header=False,
        # Connections that nobody uses must not take all files that a process may open.
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    with bound:
        await server.serve(sockets=[bound])
    if not server.started:
        raise PaperkgError("the server did not start; what it said above says why")
