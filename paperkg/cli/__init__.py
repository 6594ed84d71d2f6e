"""The command line: read options, call the library, print. Nothing else.

Modules of commands import their library inside each command, so that ``paperkg --help`` does not
wait for spaCy and rdflib.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from paperkg import __version__
from paperkg.cli.agents import mcp
from paperkg.cli.asking import path_between, query, search, show, stats
from paperkg.cli.learning import evaluate, pretrain, train
from paperkg.cli.making import build, export, extract, lint, plot, validate
from paperkg.cli.retrieving import retrieve
from paperkg.cli.serving import serve
from paperkg.errors import PaperkgError
from paperkg.terminal import printable

#: What a shell reports of a program that was interrupted, or that wrote to a closed pipe.
_INTERRUPTED, _CLOSED_PIPE = 130, 141


class _Failure(click.ClickException):
    """Nothing could be done: there is no such build, query, file ..."""

    exit_code = 2


class _Main(click.Group):
    """Shows our own errors as one line; any other is a bug and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        _never_fail_to_print()
        try:
            result = super().invoke(ctx)
            # Here, where a closed pipe is still ours to handle, and not when the interpreter ends.
            if sys.stdout:  # None where a shell closed it
                sys.stdout.flush()
        except PaperkgError as error:
            raise _Failure(printable(str(error), most=2000)) from error
        except BrokenPipeError:
            # Whoever read us has seen enough. What is still in the buffer must not fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_CLOSED_PIPE)
        except OSError as error:
            # A full disk, a folder without permission: the machine's trouble, and no bug of ours.
            where = f"{error.filename}: " if error.filename else ""
            raise _Failure(printable(f"{where}{error.strerror or error}", most=2000)) from error
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)
        return result


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="paperkg")
def main() -> None:
    """Turn papers into a knowledge graph with evidence, and ask it.

    \b
        paperkg build seeds -o exports
        paperkg show "Megatron-LM"
        paperkg query -n top-techniques

    Exit codes: 0 done; 1 done, but some input was refused or a check failed (listed on standard
    error); 2 wrong usage, or nothing usable.
    """


def _never_fail_to_print() -> None:
    """Print characters that a terminal cannot show as escapes, and go on."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


for command in (
    build,
    extract,
    evaluate,
    export,
    query,
    show,
    search,
    path_between,
    retrieve,
    stats,
    plot,
    serve,
    mcp,
    validate,
    lint,
    train,
    pretrain,
):
    main.add_command(command)
