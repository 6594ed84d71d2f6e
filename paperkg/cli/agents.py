"""The command that serves a build to language models: mcp."""

from __future__ import annotations

from pathlib import Path

import click

from paperkg.cli import options
from paperkg.errors import MissingExtraError


@click.command()
@options.graph_folder
@click.option("--http", is_flag=True, help="Serve by streamable HTTP at /mcp, and not over standard input.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at, with --http.")
@click.option(
    "--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Port, with --http."
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    help="A name (or name:port) under which the server may be asked, beside localhost.",
)
def mcp(folder: Path, http: bool, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve a build to language models, by the Model Context Protocol.

    Nothing that is asked can change the build, use the network, or run for ever.

    \b
        paperkg mcp -g exports
        paperkg mcp -g exports --http --port 8001
    """
    try:
        import anyio

        from paperkg.mcp.run import serve_http, serve_stdio
        from paperkg.mcp.server import make_server
        from paperkg.serve.listening import listen
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'this needs {error.name}: pip install "paperkg[mcp]"') from error
    bound = listen(host, port) if http else None
    server, asker = make_server(folder, base=options.base_of(folder))
    if bound:
        anyio.run(serve_http, server, asker, bound, host, names)
    else:
        anyio.run(serve_stdio, server, asker)
