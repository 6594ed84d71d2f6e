"""Commands that ask a build something: query, show, search, path, stats."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, TextIO

import click

from paperkg.cli import options
from paperkg.errors import GraphError, QueryError
from paperkg.results import FORMATS, write_results
from paperkg.terminal import card_lines, figures, hit_lines, paper_lines, printable, step_lines, table

if TYPE_CHECKING:
    from paperkg.graph import KnowledgeGraph


@click.command()
@click.argument("sparql", metavar="[SPARQL]", required=False)
@options.graph_folder
@click.option(
    "-f",
    "--file",
    metavar="FILE",
    type=click.File("r", encoding="utf-8"),
    help="Read the query from a file; - is standard input.",
)
@click.option("-n", "--name", metavar="NAME", help="Run a named query; --list shows them.")
@click.option(
    "-p", "--param", "params", metavar="KEY=VALUE", multiple=True, help="A parameter of the named query."
)
@click.option("--list", "listing", is_flag=True, help="List the named queries and their parameters.")
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How to write the results.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=options.Seconds(),
    help="End a query that takes longer; if not given, it may take as long as it needs.",
)
@options.output_file
def query(
    sparql: str | None,
    folder: Path,
    file: TextIO | None,
    name: str | None,
    params: tuple[str, ...],
    listing: bool,
    format: str,
    timeout: float | None,
    output: Path,
) -> None:
    """Ask a build by SPARQL or a named query.

    Prefixes that paperkg knows need no declaration.

    \b
        paperkg query 'SELECT ?t { ?p pkg:introduces system:alisa ; dcterms:title ?t }'
        paperkg query -n claims-against -p baseline=DeepSpeed --format csv
        paperkg query --list
    """
    from paperkg.queries import CHOICES, list_queries, load_query, unknown_names
    from paperkg.store import open_store
    from paperkg.store import query as ask

    if listing:
        rows = [
            (q.name, " ".join(f"{p.name}={p.default}" for p in q.parameters), q.title) for q in list_queries()
        ]
        options.print_lines(table(rows))
        return
    if sum(given is not None for given in (sparql, file, name)) != 1:
        raise click.UsageError("give one of: SPARQL, -f FILE, -n NAME")
    if params and not name:
        raise click.UsageError("-p is for named queries: give -n NAME")
    wrong = next((param for param in params if "=" not in param), None)
    if wrong:
        raise click.UsageError(f"-p takes KEY=VALUE, not {wrong!r}")
    values = dict(p.split("=", 1) for p in params)
    if len(values) < len(params):
        raise click.UsageError("-p: give each parameter once")
    named = load_query(name) if name else None
    text = named.bind(values) if named else sparql or (_read_query(file) if file else "")
    base = options.base_of(folder)
    store = open_store(folder / "store")
    for unknown in unknown_names(store, named, values) if named else ():
        hint = f"nothing here is called {printable(unknown)}: `paperkg search` finds what there is"
        options.print_lines([hint], error=True)
    for key, given in values.items():
        if key in CHOICES and given.lower() not in map(str.lower, CHOICES[key]):
            hint = f"no {key} is called {printable(given)}; there are: {', '.join(CHOICES[key])}"
            options.print_lines([hint], error=True)
    with _ended_after(timeout), options.writing(output) as stream:
        try:
            write_results(ask(store, text, base=base), format, stream, base=base)
        except RuntimeError as error:  # answers are read from the disk while they are written
            raise GraphError(f"the store in {folder / 'store'} is damaged: {error}") from error


@click.command()
@options.graph_folder
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@options.as_json
def show(names: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Show what is known about a thing, or what a paper says.

    NAME is any name of the thing, or the id of a thing or a paper. If several things are called NAME,
    all of them are shown.

    \b
        paperkg show "Megatron-LM"
        paperkg show hardware/nvidia-a100 --json
        paperkg show seed-307ea5e6
    """
    from paperkg.cards import Card, PaperCard, make_card, make_paper_card
    from paperkg.graph import KnowledgeGraph

    graph = KnowledgeGraph.load(folder)
    found = {name: graph.find(name) for name in names}
    cards: dict[str, list[Card | PaperCard]] = {}
    for name, concepts in found.items():
        cards[name] = [make_card(graph, concept) for concept in concepts]
        if name in graph.papers:
            cards[name].append(make_paper_card(graph, name))
    if as_json:
        options.print_json([asdict(card) for several in cards.values() for card in several])
    for name, several in cards.items():
        if as_json:
            continue
        if len(several) > 1:
            click.echo(f"{len(several)} different things are called {printable(name)}:\n")
        for number, card in enumerate(several):
            click.echo("" if not number else "\n", nl=False)
            options.print_lines(paper_lines(card) if isinstance(card, PaperCard) else card_lines(card))
    missing = [name for name, several in cards.items() if not several]
    for name in missing:
        _say_not_found(graph, name)
    sys.exit(options.PARTLY if missing else 0)


@click.command()
@options.graph_folder
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@options.limit(10, "answers")
@options.as_json
def search(words: tuple[str, ...], folder: Path, limit: int, as_json: bool) -> None:
    """Search papers and entities for words.

    \b
        paperkg search "KV cache offloading"
    """
    from paperkg.graph import KnowledgeGraph
    from paperkg.search import MARK_END, MARK_START
    from paperkg.search import search as find

    hits = find(KnowledgeGraph.load(folder), " ".join(words), limit=limit)
    if as_json:
        plain = str.maketrans("", "", MARK_START + MARK_END)
        options.print_json([asdict(hit) | {"snippet": hit.snippet.translate(plain)} for hit in hits])
    else:
        options.print_lines(hit_lines(hits))
    if not hits:
        click.echo("Nothing found.", err=True)
        sys.exit(options.PARTLY)


@click.command("path")
@options.graph_folder
@click.argument("start", metavar="A")
@click.argument("end", metavar="B")
@options.limit(3, "paths")
@options.as_json
def path_between(start: str, end: str, folder: Path, limit: int, as_json: bool) -> None:
    """Show how two things are connected.

    Each step comes with the paper and the sentence that says so.

    \b
        paperkg path ALISA FlexGen
    """
    from paperkg.graph import KnowledgeGraph
    from paperkg.paths import find_paths

    graph = KnowledgeGraph.load(folder)
    ends = [[concept.id for concept in graph.find(name)] for name in (start, end)]
    missing = [name for name, ids in zip((start, end), ends, strict=True) if not ids]
    for name in missing:
        _say_not_found(graph, name)
    if missing:
        sys.exit(options.PARTLY)
    if set(ends[0]) & set(ends[1]):
        raise click.UsageError(f"{printable(start)} and {printable(end)} are the same thing")
    paths = find_paths(graph, *ends, limit=limit)
    if as_json:
        options.print_json([[asdict(step) for step in steps] for steps in paths])
    for number, steps in enumerate(paths, start=1):
        if not as_json:
            length = f"{len(steps)} step{'s' if len(steps) > 1 else ''}"
            click.echo(f"Path {number} of {len(paths)}, {length}:")
            options.print_lines(step_lines(steps))
    if not paths:
        click.echo("Nothing connects the two.", err=True)
        sys.exit(options.PARTLY)


@click.command()
@options.graph_folder
@options.as_json
def stats(folder: Path, as_json: bool) -> None:
    """Count what is in a build.

    \b
        paperkg stats -g exports --json
    """
    from paperkg.graph import KnowledgeGraph

    counts = KnowledgeGraph.load(folder).stats()
    if as_json:
        options.print_json(counts)
    else:
        options.print_lines(table(list(figures(counts)), right=[1]))


@contextmanager
def _ended_after(seconds: float | None) -> Iterator[None]:
    """End this process, with a word, if what is done takes longer: nothing else can end a query."""
    from paperkg.files import unfinished

    def end() -> None:
        click.echo(f"Error: the query was ended: it took more than {seconds:g} seconds", err=True)
        for part in tuple(unfinished):  # the other thread goes on until the end
            part.unlink(missing_ok=True)
        os._exit(options.NOTHING)

    timer = Timer(seconds, end) if seconds else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()


def _read_query(file: TextIO) -> str:
    try:
        return file.read().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise QueryError(f"{file.name}: no UTF-8 at byte {error.start}") from error


def _say_not_found(graph: KnowledgeGraph, name: str) -> None:
    from paperkg.cards import near_names
    from paperkg.names import fold
    from paperkg.vocabulary import default_vocabulary

    known = [n for n in default_vocabulary().names if fold(n.text) == fold(name)] if fold(name) else []
    if known:
        click.echo(f"No paper here names {printable(name)}, though the vocabulary knows it.", err=True)
        return
    near = near_names(graph, name)
    hint = f" Did you mean: {', '.join(map(printable, near))}?" if near else ""
    click.echo(f"Nothing here is called {printable(name) or 'by an empty name'}.{hint}", err=True)
