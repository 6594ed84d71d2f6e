"""The whole way in: files to papers to extractions to a graph to files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from paperkg import __version__
from paperkg.engine import extract_papers
from paperkg.errors import ExportError, InputError
from paperkg.export import EXPORTERS
from paperkg.files import swap_files
from paperkg.graph import MANIFEST_FILE, KnowledgeGraph
from paperkg.link import Decision, link, read_decisions
from paperkg.model import Extraction, InputFile, Paper, Progress, Refusal, Run, say_nothing
from paperkg.namespaces import BASE, check_base
from paperkg.read import input_files, read_inputs

STORE_FOLDER = "store"

#: What a curator has decided, in the folder of the build; builds read it and never write it.
DECISIONS_FILE = "decisions.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build made: the graph, the files in ``output``, and what of the input was refused."""

    graph: KnowledgeGraph
    refusals: tuple[Refusal, ...]
    files: tuple[Path, ...]
    output: Path


def build(
    inputs: Sequence[Path],
    output: Path,
    *,
    jobs: int = 1,
    base: str = BASE,
    decisions: Path | None = None,
    progress: Progress = say_nothing,
) -> BuildReport:
    """Read, extract, link, and write every default export and the store into ``output``.

    Nothing in ``output`` changes before everything is written; raises ``InputError`` if no paper is found.
    ``decisions`` is a curator's file; if none is given, the one that lies in ``output`` counts.
    """
    check_base(base)  # before the long work, and not after it
    if any(path.is_dir() and output.exists() and path.samefile(output) for path in inputs):
        raise ExportError(f"{output} is an input, and what is built would be the next one: give -o another")
    _make_folder(output)
    _check_ours(output)
    refusals: list[Refusal] = []
    decided, decisions_file = _decisions(decisions, output, refusals)
    found = read_inputs(inputs, refuse=refusals.append)
    if not found:
        reason = f": {refusals[0]}" if refusals else ""
        raise InputError(f"no paper in {', '.join(map(str, inputs))}{reason}")
    run = Run(version=__version__, inputs=tuple(sorted([*input_files(inputs), *decisions_file])))

    def unmatched(decision: Decision, reason: str) -> None:
        refusals.append(Refusal(file=DECISIONS_FILE, line=decision.line, reason=f"{decision}: {reason}"))

    extractions = extract_all(found, jobs=jobs, progress=progress)
    graph = link(extractions, run=run, decisions=decided, unmatched=unmatched)
    files = write_build(graph, output, refusals=sorted(refusals), base=base, progress=progress)
    return BuildReport(graph=graph, refusals=tuple(sorted(refusals)), files=files, output=output)


def _decisions(
    path: Path | None, output: Path, refusals: list[Refusal]
) -> tuple[list[Decision], list[InputFile]]:
    """Read the curator's decisions, if there are any, and note the file among the inputs."""
    if path is None and not os.path.lexists(output / DECISIONS_FILE):
        return [], []
    path = path or output / DECISIONS_FILE
    decided, refused = read_decisions(path)
    refusals.extend(refused)
    return decided, [InputFile(name=DECISIONS_FILE, sha256=_sha256(path))]


def extract_all(
    found: Sequence[Paper | Extraction], *, jobs: int = 1, progress: Progress = say_nothing
) -> Iterator[Extraction]:
    """Extract the papers among the inputs; what has been extracted already passes as it is."""
    papers = [item for item in found if isinstance(item, Paper)]
    yield from (item for item in found if isinstance(item, Extraction))
    for done, extraction in enumerate(extract_papers(papers, jobs=jobs) if papers else (), start=1):
        progress("extract", done, len(papers))
        yield extraction


def write_build(
    graph: KnowledgeGraph,
    output: Path,
    *,
    refusals: Iterable[Refusal] = (),
    base: str = BASE,
    progress: Progress = say_nothing,
) -> tuple[Path, ...]:
    """Write all files of a build beside its place, then move them in; the manifest comes last."""
    from paperkg.store import build_store

    _make_folder(output)
    _sweep(output)
    # In the target folder: a rename across file systems would be a copy.
    staging = Path(tempfile.mkdtemp(prefix=f".build-{os.getpid()}-", dir=output))
    exporters = [exporter for exporter in EXPORTERS.values() if exporter.in_build]
    steps = len(exporters) + 1
    try:
        for done, exporter in enumerate(exporters):
            progress("export", done, steps)
            with (staging / exporter.file).open("wb") as stream:
                exporter.write(graph, stream, base=base)
        progress("export", steps - 1, steps)
        build_store(graph, staging / STORE_FOLDER, base=base)
        manifest = _manifest(graph, staging, refusals, base)
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (staging / MANIFEST_FILE).write_text(text, "utf-8")
        names = sorted(path.name for path in staging.iterdir())
        swap_files(staging, output, last=MANIFEST_FILE)
        progress("export", steps, steps)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return tuple(output / name for name in names)


def _manifest(
    graph: KnowledgeGraph, folder: Path, refusals: Iterable[Refusal], base: str
) -> dict[str, object]:
    """Say what went in, what came out and what was refused. No clock: the same input, the same manifest."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return {
        "version": graph.run.version,
        "run": graph.run.id,
        "base": base,
        "inputs": [asdict(file) for file in graph.run.inputs],
        "counts": graph.stats(),
        "refused": [asdict(refusal) for refusal in refusals],
        "files": {path.name: _sha256(path) for path in files},
    }


def _make_folder(output: Path) -> None:
    """Make the folder of a build. Raises ``ExportError`` where none can be, or none be written to."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=output).close()
    except FileExistsError:
        raise ExportError(f"cannot build into {output}: it is a file; give -o a folder") from None
    except OSError as error:
        raise ExportError(f"cannot build into {output}: {error.strerror}; give -o another folder") from error


def _check_ours(output: Path) -> None:
    """Refuse a folder that holds files of our names which no build has written.

    A manifest, or what is left of a build that was killed, says that they are ours.
    """
    if (output / MANIFEST_FILE).exists() or any(output.glob(".build-*-*")):
        return
    names = [exporter.file for exporter in EXPORTERS.values() if exporter.in_build] + [STORE_FOLDER]
    foreign = sorted(name for name in names if (output / name).exists())
    if foreign:
        raise ExportError(
            f"{output} holds {foreign[0]}, but no {MANIFEST_FILE}: no build has made it; "
            "give -o another folder, or take it away"
        )


def _sweep(output: Path) -> None:
    """Remove what builds left behind that were killed; one that is still at work keeps its folder."""
    for left in output.glob(".build-*-*"):
        try:
            os.kill(int(left.name.split("-")[1]), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
