"""Run the server over standard input and output, or by streamable HTTP, and end its processes with it."""

from __future__ import annotations

from collections.abc import Sequence
from socket import socket
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from paperkg.mcp.sparql import Asker
from paperkg.serve.listening import serve_until_ended

#: A question is short; so is a query.
_MOST_REQUEST = 1 << 20


async def serve_stdio(server: MCPServer[Any], asker: Asker) -> None:
    """Serve whoever holds the other ends of standard input and output."""
    try:
        await server.run_stdio_async()
    finally:
        await asker.stop()


async def serve_http(
    server: MCPServer[Any], asker: Asker, bound: socket, host: str, names: Sequence[str] = ()
) -> None:
    """Serve at ``/mcp``, only under names that are ours: no page elsewhere can reach us by a name of its."""
    own = ("localhost", "127.0.0.1", "[::1]", host)
    hosts = sorted({f"{name}:*" for name in own} | set(names) | {f"{name}:*" for name in names})
    origins = sorted({f"http://{name}:*" for name in own})
    app = server.streamable_http_app(
        host=host,
        json_response=True,
        stateless_http=True,
        max_request_body_size=_MOST_REQUEST,
        transport_security=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins),
    )
    try:
        await serve_until_ended(app, bound)
    finally:
        await asker.stop()
