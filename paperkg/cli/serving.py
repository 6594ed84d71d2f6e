"""The command that serves a build: serve."""

from __future__ import annotations

from pathlib import Path

import click

from paperkg.cli import options
from paperkg.errors import MissingExtraError


@click.command()
@options.graph_folder
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen at; 0.0.0.0 is all of them, and needs --allow-host.",
)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option(
    "--allow-host",
    "names",
    metavar="NAME",
    multiple=True,
    help="A name under which the server may be asked, beside localhost and --host; * is any.",
)
@click.option(
    "--allow-origin",
    "origins",
    metavar="URL",
    multiple=True,
    help="Let pages from there read the answers (CORS); * is any, which opens the build to every page.",
)
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=options.Seconds(3600),
    help="Seconds until a query is ended.",
)
@click.option(
    "--max-rows",
    default=100_000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Rows after which an answer is cut.",
)
@click.option(
    "--max-memory",
    default=2048,
    show_default=True,
    type=click.IntRange(min=512),
    metavar="MIB",
    help="Memory of a process that answers queries; one that needs more is ended.",
)
@click.option(
    "--max-waiting",
    default=64,
    show_default=True,
    type=click.IntRange(min=1),
    help="Queries that may wait; what comes then is told to come again.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    help="Queries that are answered at the same time; as many as processors, if not given.",
)
@options.quiet
def serve(
    folder: Path,
    host: str,
    port: int,
    names: tuple[str, ...],
    origins: tuple[str, ...],
    timeout: float,
    max_rows: int,
    max_memory: int,
    max_waiting: int,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Serve a build: pages for people, SPARQL at /sparql, JSON at /api, its description at /openapi.json.

    Nothing that is asked can change the build, use the network, or run for ever.

    \b
        paperkg serve
        curl -G localhost:8000/sparql --data-urlencode 'query=SELECT * { ?p pkg:introduces ?x } LIMIT 5'
    """
    try:
        from paperkg.serve.app import Limits, make_app
        from paperkg.serve.listening import listen, serve_app
    except ModuleNotFoundError as error:
        raise MissingExtraError(f'serving needs {error.name}: pip install "paperkg[serve]"') from error
    limits = Limits(
        seconds=timeout,
        rows=max_rows,
        memory=max_memory << 20,
        waiting=max_waiting,
        **({"workers": jobs} if jobs else {}),
    )
    hosts = () if "*" in names else ("localhost", "127.0.0.1", "[::1]", host, *names)
    base = options.base_of(folder)
    bound = listen(host, port)
    app = make_app(folder, base=base, limits=limits, hosts=hosts, origins=origins)
    serve_app(app, bound, quiet=quiet)
