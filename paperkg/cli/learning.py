"""Commands that learn from annotated papers, or measure against them: evaluate, train, pretrain."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from paperkg.cli import options
from paperkg.model import Paper, Refusal
from paperkg.terminal import progress, table


def _read_annotated(
    paths: Sequence[Path], texts: Sequence[Path], refusals: list[Refusal]
) -> list[dict[str, Any]]:
    """Read annotated papers; the texts of those that lack theirs are looked up in other files.

    Papers that are not whole are refused.
    """
    from paperkg.annotations import fault, with_texts
    from paperkg.read import read_records
    from paperkg.records import paper_from_record

    records = []
    for path in paths:
        for record in read_records([path], refuse=refusals.append):
            if reason := fault(record):
                refusals.append(Refusal(file=str(path), reason=f"paper {record.get('id', '?')} {reason}"))
            else:
                records.append(record)
    bare = {record["id"] for record in records if "title" not in record}
    found = read_records(texts, refuse=refusals.append) if texts and bare else []
    return with_texts(records, [paper_from_record(r) for r in found if r.get("id") in bare])


def _read_further(
    extra: Sequence[Path],
    texts: Sequence[Path],
    own: Sequence[dict[str, Any]],
    refusals: list[Refusal],
) -> list[dict[str, Any]]:
    """Read annotated papers that teach besides one's own, of which none may be among them."""
    ids = {paper["id"] for paper in own}
    return [r for r in _read_annotated(extra, texts, refusals) if r["id"] not in ids]


_gold = click.argument(
    "gold", metavar="GOLD.jsonl...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
_texts = click.option(
    "--texts",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Where the texts of annotated papers are that stand in their file without title and abstract.",
)


@click.command()
@_gold
@click.option(
    "--predicted",
    metavar="FILE",
    type=click.Path(allow_dash=True, path_type=Path),
    help="Score these records instead of extracting them now.",
)
@click.option(
    "--errors", default=0, type=click.IntRange(min=0), help="Also list so many of the commonest errors."
)
@click.option(
    "--cross-validate",
    "folds",
    type=click.IntRange(min=2),
    help="Score in so many folds, each by what the others teach, without vocabulary that its papers gave.",
)
@click.option(
    "--extra",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="With --cross-validate: annotated papers that teach in every fold and are scored in none.",
)
@_texts
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the records that were scored.",
)
@click.option("--calibration", is_flag=True, help="Also say how much of what is said so surely is right.")
@options.jobs
@options.as_json
def evaluate(
    gold: tuple[Path, ...],
    predicted: Path | None,
    errors: int,
    folds: int | None,
    extra: tuple[Path, ...],
    texts: tuple[Path, ...],
    output: Path | None,
    calibration: bool,
    jobs: int,
    as_json: bool,
) -> None:
    """Score extraction against annotated papers.

    \b
        paperkg evaluate tests/gold/train.jsonl
        paperkg evaluate gold.jsonl --predicted records.jsonl --errors 20
        paperkg evaluate tests/gold/train.jsonl --cross-validate 5 --errors 30 --calibration
    """
    from paperkg import evaluate as evaluation
    from paperkg.calibration import reliability
    from paperkg.read import read_records

    if folds and predicted:
        raise click.UsageError("--cross-validate does not go with --predicted")
    if extra and not folds:
        raise click.UsageError("--extra goes with --cross-validate")
    refusals: list[Refusal] = []
    # Where both sides are given nothing is read, and what cannot be compared is said then.
    wanted = (
        read_records(gold, refuse=refusals.append) if predicted else _read_annotated(gold, texts, refusals)
    )
    if not wanted:
        options.print_refusals(refusals)
        raise click.UsageError("no annotated paper in the input")
    if not any("entities" in paper for paper in wanted):
        raise click.UsageError("no paper of the input is annotated: none has entities")
    if folds:
        if folds > len(wanted):
            raise click.UsageError(
                f"{folds} folds of {len(wanted)} papers: give --cross-validate at most that"
            )
        from paperkg.train import lay_basis, train
        from paperkg.vocabulary import load_vocabulary

        teachers = _read_further(extra, texts, wanted, refusals)
        with progress() as report:
            learn = train
            if teachers:
                vocabulary = load_vocabulary(without_papers={paper["id"] for paper in wanted})
                basis = lay_basis(teachers, vocabulary, progress=report)
                learn = partial(train, extra=teachers, basis=basis)
            spreads, given = evaluation.cross_validate(wanted, folds, train=learn, jobs=jobs, progress=report)
        scores: dict[str, Any] = {name: asdict(spread) for name, spread in spreads.items()}
    else:
        read = [predicted] if predicted else []
        with progress() as report:
            given = (
                read_records(read, refuse=refusals.append)
                if read
                else evaluation.predict(wanted, jobs=jobs, progress=report)
            )
        scores = {name: asdict(figure) for name, figure in evaluation.score(wanted, given).items()}
    _print_scores(scores, as_json=as_json)
    if output:
        with options.writing(output) as stream:
            stream.writelines(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in given)
    # Beside --json the other tables must not stand in its output.
    if calibration:
        columns = ("", "confidence up to", "said", "mean confidence", "right")
        lines = [(r.what, f"{r.upto:.2f}", r.said, r.confidence, r.right) for r in reliability(wanted, given)]
        options.print_lines(["", *table([columns, *lines], right=range(1, 5))], error=as_json)
    mistakes = evaluation.find_mistakes(wanted, given)[:errors] if errors else []
    rows = [(m.papers, m.what, m.type, m.name) for m in mistakes]
    options.print_lines(["", *table(rows, right=[0])] if rows else [], error=as_json)
    sys.exit(options.print_refusals(refusals))


def _print_scores(scores: dict[str, dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        options.print_json(scores)
        return
    columns = list(next(iter(scores.values()), {}))
    rows = [
        [name, *(f"{v:.2f}" if isinstance(v, float) else str(v) for v in figures.values())]
        for name, figures in scores.items()
    ]
    options.print_lines(table([["", *columns], *rows], right=range(1, len(columns) + 1)))


@click.command()
@_gold
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write the models to.",
)
@click.option(
    "--extra",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Annotated papers from elsewhere: the network sees them first, the others last.",
)
@_texts
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=6,
    show_default=True,
    help="How often the network sees each paper, of --extra if there are any.",
)
@options.quiet
def train(
    gold: tuple[Path, ...],
    output: Path,
    extra: tuple[Path, ...],
    texts: tuple[Path, ...],
    epochs: int,
    quiet: bool,
) -> None:
    """Learn from annotated papers to find names, roles, relations and claims; takes some minutes.

    Needs scikit-learn: pip install "paperkg[train]". The same papers give the same models.

    \b
        paperkg train tests/gold/train.jsonl -o paperkg/extract/pipeline
        paperkg train train.jsonl --extra elsewhere.jsonl --texts arxiv.jsonl.gz -o models
    """
    from paperkg.train import train as learn

    refusals: list[Refusal] = []
    wanted = _read_annotated(gold, texts, refusals)
    if not any("entities" in paper for paper in wanted):
        options.print_refusals(refusals)
        raise click.UsageError("no annotated paper in the input")
    further = _read_further(extra, texts, wanted, refusals)
    with progress(quiet=quiet) as report:
        learn(wanted, extra=further, epochs=epochs, progress=report).save(output)
    sys.exit(options.print_refusals(refusals))


@click.command()
@click.argument("corpus", metavar="INPUT...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the network to; training starts from paperkg/extract/pipeline/start.npz.",
)
@click.option(
    "--without",
    metavar="GOLD.jsonl",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Leave out the vocabulary that these annotated papers alone have given.",
)
@click.option(
    "--meanings",
    is_flag=True,
    help="Make the vectors by which `paperkg retrieve` finds texts, and not the network.",
)
@options.quiet
def pretrain(
    corpus: tuple[Path, ...], output: Path, without: tuple[Path, ...], meanings: bool, quiet: bool
) -> None:
    """Make the network that training starts from, out of abstracts that nobody has annotated.

    Needs scikit-learn: pip install "paperkg[train]". Takes about half an hour for 100,000 abstracts.

    \b
        paperkg pretrain abstracts.jsonl.gz --without tests/gold/train.jsonl -o start.npz
        paperkg pretrain abstracts.jsonl.gz --meanings -o paperkg/retrieve/meanings.npz
    """
    from paperkg.read import read_inputs, read_records
    from paperkg.train.meaning import learn_meanings, save_meanings
    from paperkg.train.pretrain import pretrain as learn
    from paperkg.vocabulary import load_vocabulary

    refusals: list[Refusal] = []
    read = read_inputs(corpus, refuse=refusals.append)
    papers = [item if isinstance(item, Paper) else item.paper for item in read]
    ids = (
        {str(record["id"]) for record in read_records(without, refuse=refusals.append)} if without else set()
    )
    with progress(quiet=quiet) as report:
        if meanings:
            save_meanings(output, *learn_meanings(papers, progress=report))
            sys.exit(options.print_refusals(refusals))
        learn(papers, load_vocabulary(without_papers=ids), progress=report).save(output)
    sys.exit(options.print_refusals(refusals))
