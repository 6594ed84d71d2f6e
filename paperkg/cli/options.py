"""Options that mean the same in every command, and what several commands print."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from paperkg.errors import ExportError, GraphError
from paperkg.model import Refusal
from paperkg.terminal import printable

F = TypeVar("F", bound=Callable[..., Any])

#: The path that stands for standard input or output.
DASH = Path("-")

#: Exit code of a command that did its work, while some input was refused or a check failed.
PARTLY = 1
#: Exit code where nothing usable was found.
NOTHING = 2


class Seconds(click.FloatRange):
    """Seconds to wait, a day at most: a number that a timer takes."""

    def __init__(self, most: float = 86_400) -> None:
        super().__init__(min=0.1, max=most)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number; nan is none."""
        seconds: float = super().convert(value, param, ctx)
        if isnan(seconds):  # it is neither below nor above anything
            self.fail(f"{value} is no number of seconds", param, ctx)
        return seconds


inputs = click.argument(
    "inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
graph_folder = click.option(
    "-g",
    "--graph",
    "folder",
    metavar="DIR",
    default="exports",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The build to read.",
)
output_file = click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="-",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Where to write; - is standard output, the default.",
)
jobs = click.option(
    "-j",
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Processes that share the work; the output is the same.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
verbose = click.option("-v", "--verbose", is_flag=True, help="Say how long each step took.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
base_iri = click.option(
    "--base-iri", "base", metavar="IRI", help="Below what things get their IRIs, if not as they always do."
)


def base_of(folder: Path) -> str:
    """Give the base IRI that a build was made with, so that prefixes mean what is in it.

    Raises ``GraphError`` where there is no whole build: its manifest comes last.
    """
    from paperkg.graph import MANIFEST_FILE

    path = folder / MANIFEST_FILE
    try:
        return str(json.loads(path.read_text("utf-8"))["base"])
    except FileNotFoundError:
        raise GraphError(f"no build in {folder}: make one with `paperkg build INPUT -o {folder}`") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GraphError(f"{path} is damaged: {type(error).__name__}: {error}") from error


def limit(default: int, what: str) -> Callable[[F], F]:
    """Make the option that bounds how many answers are given."""
    return click.option(
        "-k",
        "--limit",
        default=default,
        show_default=True,
        type=click.IntRange(min=1),
        help=f"At most so many {what}.",
    )


def print_json(value: Any) -> None:
    """Print a value as JSON; in ASCII, so that no terminal can stumble over it."""
    click.echo(json.dumps(value, indent=1))


def print_lines(lines: Iterable[str], *, error: bool = False) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line, err=error)


def print_refusals(refusals: Iterable[Refusal]) -> int:
    """List what was refused on standard error; give the exit code that follows from it."""
    found = sorted(refusals)
    print_lines((f"refused: {printable(str(one), most=2000)}" for one in found), error=True)
    return PARTLY if found else 0


@contextmanager
def writing(output: Path) -> Iterator[BinaryIO]:
    """Open standard output, or a file that takes its name only when it is whole.

    Raises ``ExportError`` for a file of a build: it holds together only as it was written.
    """
    from paperkg.files import atomic_write

    if output == DASH:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        _check_no_part_of_build(output)
        with atomic_write(output) as stream:
            yield stream


def _check_no_part_of_build(output: Path) -> None:
    from paperkg.graph import MANIFEST_FILE

    try:
        parts = json.loads((output.parent / MANIFEST_FILE).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if output.name in (*parts, MANIFEST_FILE):
        raise ExportError(f"{output} is a part of the build in {output.parent}: give -o another file")
