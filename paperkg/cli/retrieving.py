"""The command that answers questions for prompts: retrieve."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from paperkg.cli import options
from paperkg.errors import QueryError
from paperkg.terminal import printable, retrieval_lines

if TYPE_CHECKING:
    from paperkg.retrieve import Retrieval

_FORMATS = ("table", "json", "markdown", "prompt")


@click.command()
@click.argument("question", metavar="[QUESTION]...", nargs=-1)
@options.graph_folder
@click.option(
    "-f",
    "--file",
    metavar="QUESTIONS.jsonl",
    type=click.File("r", encoding="utf-8"),
    help="Read questions from JSON Lines with id and question; - is standard input.",
)
@click.option("-k", "--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Papers.")
@click.option(
    "--budget",
    type=click.IntRange(100, 1_000_000),
    default=2000,
    show_default=True,
    help="Tokens that the prompt may have.",
)
@click.option(
    "--format",
    type=click.Choice(_FORMATS),
    help="How to write what was found; a table if not given, JSON with -f.",
)
@options.output_file
def retrieve(
    question: tuple[str, ...],
    folder: Path,
    file: TextIO | None,
    limit: int,
    budget: int,
    format: str | None,
    output: Path,
) -> None:
    """Find papers, passages and facts that answer a question, and a prompt with citations.

    JSON is one object a line.

    \b
        paperkg retrieve "How much faster than FlexGen is ALISA?"
        paperkg retrieve "What runs on an A6000?" --format prompt --budget 1000
        paperkg retrieve -f questions.jsonl -o found.jsonl
    """
    from paperkg.graph import KnowledgeGraph
    from paperkg.retrieve import Retriever, check_question

    if bool(question) == bool(file):
        raise click.UsageError("give one of: a QUESTION, -f FILE")
    if not file:
        check_question(" ".join(question))  # before the graph is read, which takes a while
    retriever = Retriever(KnowledgeGraph.load(folder))
    coloured = output == options.DASH and sys.stdout.isatty()
    refused: list[str] = []
    asked = _questions(file, refused) if file else iter([("", " ".join(question))])
    with options.writing(output) as stream:
        for id, text in asked:
            try:
                found = retriever.retrieve(text, limit=limit, budget=budget)
            except QueryError as error:
                if not file:
                    raise
                refused.append(f"question {printable(id)}: {error}")
                continue
            form = format or ("json" if file else "table")
            stream.write(_written(found, id, form, coloured=coloured).encode())
    for reason in refused:
        click.echo(reason, err=True)
    sys.exit(options.PARTLY if refused else 0)


def _questions(file: TextIO, refused: list[str]) -> Iterator[tuple[str, str]]:
    """Yield id and question of each line; what is no question is noted in ``refused``."""
    try:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                yield str(record["id"]), str(record["question"])
            except (ValueError, TypeError, KeyError, RecursionError):
                refused.append(f"{file.name}:{number}: no JSON object with id and question")
    except UnicodeDecodeError as error:
        raise QueryError(f"{file.name}: no UTF-8 at byte {error.start}") from error


def _written(found: Retrieval, id: str, format: str, *, coloured: bool) -> str:
    from paperkg.retrieve.formats import to_markdown, to_record

    if format == "json":
        return json.dumps(to_record(found, id)) + "\n"
    if format == "markdown":
        return to_markdown(found)
    if format == "prompt":
        return found.prompt
    text = "".join(f"{line}\n" for line in retrieval_lines(found))
    return text if coloured else click.unstyle(text)
