"""The whole way: what a build leaves behind, whatever happens to it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paperkg.build import build
from paperkg.errors import ExportError, InputError
from paperkg.export import EXPORTERS, Exporter
from paperkg.graph import KnowledgeGraph
from paperkg.store import open_store, query
from tests.dump_store import main as dump_store

PAPERS = [
    {
        "id": "a",
        "title": "ZapServe: serving",
        "abstract": "We present ZapServe, a system 2x faster than vLLM.",
    },
    {"id": "b", "title": "On caches", "abstract": "KV cache on NVIDIA A100 GPUs, compared with ZapServe."},
    {"id": "c", "title": "ZapServe: a compiler", "abstract": "We present ZapServe, a compiler for FPGAs."},
]


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    """Write three papers into two files, one paper into both."""
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    first.write_text("".join(json.dumps(p) + "\n" for p in PAPERS[:2]))
    second.write_text("".join(json.dumps(p) + "\n" for p in PAPERS[1:]))
    return [first, second]


def sums(folder: Path) -> dict[str, str]:
    """Give the digest of each file of a build; the store is compared by what it holds."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def test_build_writes_every_export_the_store_and_the_manifest(inputs, tmp_path):
    """What the report names is there, and the manifest knows the bytes of each file."""
    report = build(inputs, tmp_path / "out")
    expected = {exporter.file for exporter in EXPORTERS.values() if exporter.in_build} | {
        "store",
        "manifest.json",
    }
    assert {path.name for path in report.files} == expected == {p.name for p in (tmp_path / "out").iterdir()}
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["files"] == {k: v for k, v in sums(tmp_path / "out").items() if k != "manifest.json"}
    assert manifest["counts"]["papers"] == 3
    assert manifest["counts"]["listings"] == 4


def test_loaded_build_is_the_graph_that_was_built(inputs, tmp_path):
    """The files are the whole graph."""
    graph = build(inputs, tmp_path / "out").graph
    again = KnowledgeGraph.load(tmp_path / "out")
    assert (again.extractions, again.concepts, again.merges, again.run) == (
        graph.extractions,
        graph.concepts,
        graph.merges,
        graph.run,
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_two_builds_are_the_same_bytes(inputs, tmp_path, jobs, capsys, monkeypatch):
    """Order of inputs, hash seed and number of processes change nothing."""
    for name, seed, order in (("x", "1", inputs), ("y", "2", inputs[::-1])):
        command = [sys.executable, "-m", "paperkg", "build", *map(str, order), "-q", "-o", tmp_path / name]
        number = jobs if name == "y" else "1"
        subprocess.run([*command, "-j", number], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    assert sums(tmp_path / "x") == sums(tmp_path / "y")
    dumps = []
    for name in "xy":
        monkeypatch.setattr(sys, "argv", ["dump_store", str(tmp_path / name / "store")])
        dump_store()
        dumps.append(capsys.readouterr().out)
    assert dumps[0] == dumps[1] != ""


def test_extracted_records_are_taken_as_they_are(tmp_path):
    """A record with entities is linked and exported, and not extracted anew."""
    record = {
        **PAPERS[0],
        "entities": [{"name": "Blub", "type": "Dataset", "role": "used", "forms": ["vLLM"]}],
    }
    (tmp_path / "in.jsonl").write_text(json.dumps(record) + "\n")
    graph = build([tmp_path / "in.jsonl"], tmp_path / "out").graph
    assert [e.name for e in graph.extractions["a"].entities] == ["Blub"]


def test_failing_build_leaves_the_last_good_one(inputs, tmp_path, monkeypatch):
    """An export that dies changes no file, and nothing is left over."""
    build(inputs, tmp_path / "out")
    before = sums(tmp_path / "out")
    broken = Exporter("broken.txt", "dies", "records:no_such_function")
    monkeypatch.setattr("paperkg.build.EXPORTERS", {**EXPORTERS, "broken": broken})
    with pytest.raises(AttributeError):
        build(inputs[:1], tmp_path / "out")
    assert sums(tmp_path / "out") == before
    assert not list((tmp_path / "out").glob(".build-*"))


@pytest.mark.parametrize("sign", [".build-*", ".build-*/store"], ids=["export", "bulk load"])
def test_killed_build_leaves_the_last_good_one_and_the_next_cleans_up(inputs, tmp_path, sign):
    """kill -9 in the middle of the work: the old build stays whole and opens, the next build sweeps."""
    out = tmp_path / "out"
    build(inputs, out)
    before = sums(out)
    process = subprocess.Popen(
        [sys.executable, "-m", "paperkg", "build", str(inputs[0]), "-q", "-o", str(out)]
    )
    deadline = time.monotonic() + 60
    while not list(out.glob(sign)) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(out.glob(".build-*"))
    assert sums(out) == before
    assert bool(query(open_store(out / "store"), "ASK { ?paper a pkg:Paper }"))
    build(inputs, out)
    assert not list(out.glob(".build-*"))
    assert sums(out) == before


def test_output_that_is_a_file_is_refused_at_once(inputs, tmp_path):
    """The message says what to give instead."""
    with pytest.raises(ExportError, match="it is a file; give -o a folder"):
        build(inputs, inputs[0])


def test_files_of_others_are_not_replaced(inputs, tmp_path):
    output = tmp_path / "notmine"
    (output / "store").mkdir(parents=True)
    (output / "store" / "precious").write_text("mine", "utf-8")
    with pytest.raises(ExportError, match=r"holds store, but no manifest\.json"):
        build(inputs, output)
    assert (output / "store" / "precious").read_text("utf-8") == "mine"


def test_decisions_beside_the_build_are_applied_and_stay(inputs, tmp_path):
    output = tmp_path / "out"
    made = build(inputs, output)
    dropped = min(made.graph.papers_of)
    table = f"action\tid\tpaper\tvalue\treason\ndrop\t{dropped}\ndrop\tsystem/nothing-at-all\n"
    (output / "decisions.tsv").write_text(table, "utf-8")
    again = build(inputs, output)
    assert dropped not in again.graph.papers_of
    assert [(r.file, r.line) for r in again.refusals if r.file == "decisions.tsv"] == [("decisions.tsv", 3)]
    assert "decisions.tsv" in {file.name for file in again.graph.run.inputs}
    assert (output / "decisions.tsv").read_text("utf-8") == table
    elsewhere = build(inputs, tmp_path / "other", decisions=output / "decisions.tsv")
    assert sums(tmp_path / "other") == {k: v for k, v in sums(output).items() if k != "decisions.tsv"}
    assert dropped not in elsewhere.graph.papers_of


def test_base_is_checked_before_the_work(inputs, tmp_path):
    """A base that makes no IRIs is refused before anything is read."""
    with pytest.raises(ExportError, match="must end with /"):
        build(inputs, tmp_path / "out", base="http://x")
    assert not (tmp_path / "out").exists()


def test_nothing_usable_is_an_error(tmp_path):
    """No paper, no build."""
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(InputError, match="no paper in"):
        build([tmp_path / "empty.txt"], tmp_path / "out")
