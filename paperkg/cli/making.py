"""Commands that make something or check it: build, extract, export, validate, lint."""

from __future__ import annotations

import sys
import time
from pathlib import Path

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
    from paperkg.read import input_paths, read_inputs
    from paperkg.records import to_lines

    if output != options.DASH and output.exists() and any(map(output.samefile, input_paths(inputs))):
        raise click.UsageError(f"{output} is an input: give -o another file")
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


@click.command()
@click.argument("format", metavar="FORMAT", type=click.Choice(list(EXPORTERS)))
@options.graph_folder
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    default="-",
    type=click.Path(allow_dash=True, path_type=Path),
    help="The file, or the folder, to write; - is standard output, the default for a file.",
)
@options.base_iri
def export(format: str, folder: Path, output: Path, base: str | None) -> None:
    """Write a build in another format.

    What is marked with * is a folder of files.

    \b
        paperkg export turtle -o graph.ttl
        paperkg export graphml -g exports -o - | gzip > graph.graphml.gz
        paperkg export graphrag -o graphrag
    """
    from paperkg.export import export_folder, export_graph
    from paperkg.graph import KnowledgeGraph

    if EXPORTERS[format].is_folder:
        if output == options.DASH:
            raise click.UsageError(
                f"{format} is a folder of files: name it, as in -o {EXPORTERS[format].file}"
            )
        export_folder(KnowledgeGraph.load(folder), output, format=format)
        return
    graph = KnowledgeGraph.load(folder)
    with options.writing(output) as stream:
        export_graph(graph, stream, format=format, base=base or options.base_of(folder))


export.epilog = "\b\nFormats:\n" + "\n".join(
    f"  {name + '*' * e.is_folder:12} {e.summary}" for name, e in EXPORTERS.items()
)


@click.command()
@click.argument(
    "kind", metavar="KIND", type=click.Choice(["types", "timeline", "hardware", "techniques", "comparisons"])
)
@options.graph_folder
@options.output_file
@click.option(
    "--format", type=click.Choice(["svg", "png"]), help="If not as the name of FILE says; else svg."
)
@options.limit(20, "bars or names")
def plot(kind: str, folder: Path, output: Path, format: str | None, limit: int) -> None:
    """Draw a picture of a build.

    KIND is types (how many things of each), timeline (papers by month), hardware or techniques (those
    in most papers), or comparisons (what is set against what).

    \b
        paperkg plot hardware -o hardware.svg
        paperkg plot comparisons -k 30 -o comparisons.png
    """
    from paperkg.graph import KnowledgeGraph
    from paperkg.plot import plot as draw

    ending = output.suffix.lower().removeprefix(".")
    if not format and output != options.DASH and ending not in ("svg", "png"):
        raise click.UsageError(
            f"cannot draw {printable(output.name)}: end it in .svg or .png, or give --format"
        )
    chosen = format or ("png" if ending == "png" else "svg")
    picture = draw(KnowledgeGraph.load(folder), kind, format=chosen, most=limit)
    with options.writing(output) as stream:
        stream.write(picture)


@click.command()
@options.graph_folder
@click.option(
    "--format",
    type=click.Choice(["text", "ttl"]),
    default="text",
    show_default=True,
    help="How to write the report: for people, or as a report of SHACL.",
)
@options.quiet
def validate(folder: Path, format: str, quiet: bool) -> None:
    """Check a build by the shapes of the ontology.

    \b
        paperkg validate -g exports
        paperkg validate --format ttl > report.ttl
    """
    from paperkg.validate import report_triples, validate_build

    with progress(quiet=quiet) as step:
        report = validate_build(folder, progress=step)
    if format == "ttl":
        from pyoxigraph import RdfFormat, serialize

        from paperkg.namespaces import prefixes

        base = options.base_of(folder)
        triples = report_triples(report, base=base)
        click.echo(serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes(base)), nl=False)
        sys.exit(0 if report.conforms else options.PARTLY)
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
