"""Commands that make something or check it: build, extract, evaluate, export, validate, lint."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import click

from paperkg.cli import options
from paperkg.export import EXPORTERS
from paperkg.model import Paper, Refusal
from paperkg.namespaces import BASE
from paperkg.terminal import figures, printable, progress, table


@click.command()
@options.inputs
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    default="exports",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder to write the files to.",
)
@options.jobs
@options.quiet
@options.verbose
@options.base_iri
@click.option(
    "--decisions",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A curator's decisions, if not DIR/decisions.tsv.",
)
def build(
    inputs: tuple[Path, ...],
    output: Path,
    jobs: int,
    quiet: bool,
    verbose: bool,
    base: str | None,
    decisions: Path | None,
) -> None:
    """Turn INPUT into a graph with evidence.

    INPUT is any number of files and folders, or - for standard input. Formats: pages (.txt), JSON
    Lines (.jsonl), tables (.csv, .tsv); each may be packed by gzip. What cannot be read is listed, and
    the rest goes on.

    merges.tsv says what was made one thing, what was kept apart, and why. To overrule it, write
    decisions.tsv beside it (columns: action id paper value reason; actions: merge split rename
    retype drop): every build reads it.

    \b
        paperkg build seeds -o exports
        zcat papers.jsonl.gz | paperkg build - -o /tmp/graph
    """
    from paperkg.build import build as make_build

    started = time.monotonic()
    with progress(quiet=quiet, verbose=verbose) as report:
        made = make_build(inputs, output, jobs=jobs, base=base or BASE, decisions=decisions, progress=report)
    if not quiet:
        options.print_lines(table(list(figures(made.graph.stats())), right=[1]))
        options.print_lines(printable(str(file)) for file in made.files)
        click.echo(f"done in {time.monotonic() - started:.1f} s", err=True)
    sys.exit(options.print_refusals(made.refusals))


@click.command()
@options.inputs
@options.output_file
@options.jobs
@options.quiet
@options.verbose
def extract(inputs: tuple[Path, ...], output: Path, jobs: int, quiet: bool, verbose: bool) -> None:
    """Write what each paper says as JSON Lines.

    The same thing has the same id in every record. INPUT is as for build.

    \b
        paperkg extract papers.jsonl -o records.jsonl
        echo '{"id": "p1", "title": "FlexLLM: ...", "abstract": "We ..."}' | paperkg extract -
    """
    from paperkg.build import extract_all
    from paperkg.link import link
    from paperkg.read import read_inputs
    from paperkg.records import to_lines

    refusals: list[Refusal] = []
    found = read_inputs(inputs, refuse=refusals.append)
    if not found:
        options.print_refusals(refusals)
        raise click.UsageError("no paper in the input")
    # Records that have been extracted before are extracted anew: that is what the command is for.
    papers = [item if isinstance(item, Paper) else item.paper for item in found]
    with progress(quiet=quiet, verbose=verbose) as report:
        graph = link(extract_all(papers, jobs=jobs, progress=report))
    with options.writing(output) as stream:
        stream.writelines(line.encode() for line in to_lines(graph.extractions.values()))
    sys.exit(options.print_refusals(refusals))


def _read_annotated(
    paths: tuple[Path, ...], texts: tuple[Path, ...], refusals: list[Refusal]
) -> list[dict[str, Any]]:
    """Read annotated papers; the texts of those that lack theirs are looked up in other files."""
    from paperkg.read import read_records
    from paperkg.records import paper_from_record
    from paperkg.train.texts import with_texts

    records = read_records(paths, refuse=refusals.append) if paths else []
    bare = {str(record.get("id")) for record in records if "title" not in record}
    found = read_records(texts, refuse=refusals.append) if texts and bare else []
    return with_texts(records, [paper_from_record(r) for r in found if str(r.get("id")) in bare])


_texts = click.option(
    "--texts",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where the texts of annotated papers are that stand in their file without title and abstract.",
)


@click.command()
@click.argument("gold", metavar="GOLD.jsonl...", nargs=-1, required=True, type=click.Path(path_type=Path))
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
    from paperkg.train import lay_basis, train
    from paperkg.vocabulary import load_vocabulary

    if folds and predicted:
        raise click.UsageError("--cross-validate does not go with --predicted")
    if extra and not folds:
        raise click.UsageError("--extra goes with --cross-validate")
    refusals: list[Refusal] = []
    wanted = _read_annotated(gold, texts, refusals)
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
        ids = {str(paper["id"]) for paper in wanted}
        teachers = [r for r in _read_annotated(extra, texts, refusals) if str(r["id"]) not in ids]
        with progress() as report:
            learn = train
            if teachers:
                basis = lay_basis(teachers, load_vocabulary(without_papers=ids), progress=report)
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
    # Beside --json the other tables must not stand in its output.
    if calibration:
        columns = ("confidence up to", "mentions", "mean confidence", "right")
        lines = [(f"{r.upto:.2f}", r.mentions, r.confidence, r.right) for r in reliability(wanted, given)]
        options.print_lines(["", *table([columns, *lines], right=range(4))], error=as_json)
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
@click.argument("gold", metavar="GOLD.jsonl...", nargs=-1, required=True, type=click.Path(path_type=Path))
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
    help="How often the network sees each paper.",
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
    ids = {str(paper["id"]) for paper in wanted}
    further = [r for r in _read_annotated(extra, texts, refusals) if str(r["id"]) not in ids]
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
@options.quiet
def pretrain(corpus: tuple[Path, ...], output: Path, without: tuple[Path, ...], quiet: bool) -> None:
    """Make the network that training starts from, out of abstracts that nobody has annotated.

    Needs scikit-learn: pip install "paperkg[train]". Takes about half an hour for 100,000 abstracts.

    \b
        paperkg pretrain abstracts.jsonl.gz --without tests/gold/train.jsonl -o start.npz
    """
    from paperkg.read import read_inputs, read_records
    from paperkg.train.pretrain import pretrain as learn
    from paperkg.vocabulary import load_vocabulary

    refusals: list[Refusal] = []
    read = read_inputs(corpus, refuse=refusals.append)
    papers = [item if isinstance(item, Paper) else item.paper for item in read]
    ids = (
        {str(record["id"]) for record in read_records(without, refuse=refusals.append)} if without else set()
    )
    with progress(quiet=quiet) as report:
        learn(papers, load_vocabulary(without_papers=ids), progress=report).save(output)
    sys.exit(options.print_refusals(refusals))


@click.command()
@click.argument("format", metavar="FORMAT", type=click.Choice(list(EXPORTERS)))
@options.graph_folder
@options.output_file
@options.base_iri
def export(format: str, folder: Path, output: Path, base: str | None) -> None:
    """Write a build in another format.

    \b
        paperkg export turtle -o graph.ttl
        paperkg export graphml -g exports -o - | gzip > graph.graphml.gz
    """
    from paperkg.export import export_graph
    from paperkg.graph import KnowledgeGraph

    graph = KnowledgeGraph.load(folder)
    with options.writing(output) as stream:
        export_graph(graph, stream, format=format, base=base or options.base_of(folder))


export.epilog = "\b\nFormats:\n" + "\n".join(f"  {name:12} {e.summary}" for name, e in EXPORTERS.items())


@click.command()
@options.graph_folder
@options.quiet
def validate(folder: Path, quiet: bool) -> None:
    """Check a build by the shapes of the ontology.

    \b
        paperkg validate -g exports
    """
    from paperkg.validate import validate_build

    with progress(quiet=quiet) as step:
        report = validate_build(folder, progress=step)
    if report.conforms and quiet:
        return
    options.print_lines((printable(line) for line in str(report).split("\n")), error=not report.conforms)
    sys.exit(0 if report.conforms else options.PARTLY)


@click.command()
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Put the files in canonical form.")
@options.quiet
def lint(folder: Path | None, fix: bool, quiet: bool) -> None:
    """Check the vocabulary, or that in DIR.

    \b
        paperkg lint --fix
    """
    from paperkg.lint import check_vocabulary, fix_vocabulary
    from paperkg.resources import vocabulary_dir

    place = folder or vocabulary_dir()
    changed = fix_vocabulary(place) if fix else []
    problems = list(check_vocabulary(place))
    if not quiet:
        options.print_lines(f"fixed: {printable(str(name))}" for name in changed)
    if problems:
        options.print_lines((printable(str(problem)) for problem in problems), error=True)
        sys.exit(options.PARTLY)
