"""The command line: what each command prints, where to, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from paperkg.cli import main
from paperkg.resources import vocabulary_dir
from paperkg.store import open_store

DATA = Path(__file__).parent / "data"

HOSTILE = "\x1b[31mRed\u202e<b>"


def record(key: str, title: str, abstract: str, *entities: tuple[str, str, str], **parts: object) -> dict:
    text = f"{title}\n{abstract}"
    mentions = []
    for name, kind, _ in entities:
        start = -1
        while (start := text.find(name, start + 1)) >= 0:
            end = start + len(name)
            mentions.append({"start": start, "end": end, "text": name, "type": kind, "entity": name})
    return {
        "id": key,
        "title": title,
        "abstract": abstract,
        "entities": [{"name": n, "type": t, "role": role, "forms": [n]} for n, t, role in entities],
        "mentions": sorted(mentions, key=lambda m: m["start"]),
    } | parts


RECORDS = [
    record(
        "zap",
        "Zapserv: serving in a flash",
        "We present Zapserv, which moves pages early. It is up to 3.5x faster than Quuxgen on NVIDIA A100.",
        ("Zapserv", "System", "introduced"),
        ("Quuxgen", "System", "compared"),
        ("NVIDIA A100", "Hardware", "evaluated_on"),
        claims=[
            {
                "subject": "Zapserv",
                "metric": "speedup",
                "value": "3.5",
                "unit": "x",
                "qualifier": "up to",
                "baselines": ["Quuxgen"],
                "start": 79,
                "end": 82,
            }
        ],
        relations=[["Zapserv", "based_on", "Quuxgen"]],
    ),
    record("one", "Grolm: a first system", "We present Grolm, a cache.", ("Grolm", "System", "introduced")),
    record(
        "two", "Grolm: a second system", "We present Grolm, a compiler.", ("Grolm", "System", "introduced")
    ),
    record("bad", f"{HOSTILE}: a title", f"We present {HOSTILE}.", (HOSTILE, "System", "introduced")),
]


def run(*args: str | Path, stdin: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(arg) for arg in args], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines(*records: dict) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("inputs") / "records.jsonl"
    path.write_text(lines(*RECORDS))
    return path


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory, inputs: Path) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    result = run("build", inputs, "-o", folder, "-q")
    assert (result.exit_code, result.output) == (0, "")
    return folder


def start(*args: str | Path, **options: object) -> subprocess.Popen[bytes]:
    """Start the real program; it heeds interrupts even where the tests run in the background."""
    command = [sys.executable, "-m", "paperkg", *map(str, args)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is ignored stays so in children
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    finally:
        signal.signal(signal.SIGINT, before)


# --- build and extract


def test_build_prints_counts_and_places(tmp_path, inputs):
    result = run("build", inputs, "-o", tmp_path / "out")
    assert result.exit_code == 0
    assert ["papers", "4"] in [line.split() for line in result.stdout.splitlines()]
    files = [Path(line) for line in result.stdout.splitlines() if line.startswith(str(tmp_path))]
    assert tmp_path / "out/graph.html" in files
    assert all(path.exists() for path in files)
    assert result.stderr.startswith("done in ")


def test_build_names_what_it_refuses_and_goes_on(tmp_path, inputs):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 7}\n' + lines(RECORDS[0]) + "nonsense\n")
    result = run("build", bad, tmp_path / "missing.txt", "-o", tmp_path / "out", "-q")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "refused: bad.jsonl:1: lacks title and abstract",
        "refused: bad.jsonl:3: no JSON: Expecting value (column 1)",
        "refused: missing.txt: there is no such file",
    ]
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert len(manifest["refused"]) == 3


def test_build_of_nothing_usable_fails_and_leaves_the_old_build(tmp_path, graph):
    before = sorted((path.name, path.stat().st_mtime_ns) for path in graph.iterdir())
    result = run("build", tmp_path / "missing.txt", "-o", graph)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "missing.txt" in result.stderr
    assert sorted((path.name, path.stat().st_mtime_ns) for path in graph.iterdir()) == before


def test_build_says_how_long_each_step_took(tmp_path, inputs):
    result = run("build", inputs, "-o", tmp_path, "-v")
    assert "export: " in result.stderr


def test_extract_writes_linked_records(inputs):
    result = run("extract", inputs)
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["id"] for one in found] == ["bad", "one", "two", "zap"]
    entities = {one["id"]: one["entities"] for one in found}
    assert all(entity["id"] for one in found for entity in one["entities"])
    assert entities["one"][0]["name"] == entities["two"][0]["name"] == "Grolm"
    assert entities["one"][0]["id"] != entities["two"][0]["id"]


def test_extract_does_not_hand_back_the_annotations_of_its_input():
    """A record that carries entities is extracted anew: what it says of itself does not count."""
    annotated = record("p", "On nothing", "Nothing is here, Blub says.", ("Blub", "Dataset", "used"))
    assert json.loads(run("extract", "-", stdin=lines(annotated)).stdout)["entities"] == []


def test_extract_reads_standard_input_and_finds_offsets():
    paper = {"id": "p", "title": "Zapserv: serving", "abstract": "We present Zapserv, a system for GPUs."}
    result = run("extract", "-", stdin=lines(paper))
    assert result.exit_code == 0
    (found,) = map(json.loads, result.stdout.splitlines())
    text = f"{paper['title']}\n{paper['abstract']}"
    assert {m["text"] for m in found["mentions"]} >= {"Zapserv", "GPUs"}
    assert all(text[m["start"] : m["end"]] == m["text"] for m in found["mentions"])


def test_extract_does_not_touch_its_output_when_nothing_is_usable(tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_text("old")
    result = run("extract", tmp_path / "missing.txt", "-o", output)
    assert result.exit_code == 2
    assert "refused: missing.txt: there is no such file" in result.stderr
    assert output.read_text() == "old"


def test_what_extract_writes_is_an_input(tmp_path, inputs):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert run("extract", inputs, "-o", first).exit_code == 0
    assert run("extract", first, "-o", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()


def contents(folder: Path) -> dict[str, bytes]:
    """Give the files of a build; a store is told by what is in it, not by its files."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    return files | {"store": "\n".join(sorted(map(str, open_store(folder / "store")))).encode()}


def test_two_builds_are_the_same_bytes(tmp_path, inputs):
    """Whatever the order of the inputs, how strings are hashed, and how many processes work."""
    papers = tmp_path / "papers.csv"
    papers.write_text("id,title,abstract\nx,Xylo: a cache,We present Xylo. It beats Zapserv by 2x.\n")
    calls = {"one": ("1", [inputs, papers]), "two": ("2", [papers, inputs, "-j", "2"])}
    for name, (seed, args) in calls.items():
        process = start(
            "build", *args, "-q", "-o", tmp_path / name, env=os.environ | {"PYTHONHASHSEED": seed}
        )
        assert process.communicate() == (b"", b"")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


# --- evaluate


GOLD, PREDICTED = DATA / "score/gold.jsonl", DATA / "score/predicted.jsonl"


def test_evaluate_prints_the_recorded_figures():
    result = run("evaluate", GOLD, "--predicted", PREDICTED, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads((DATA / "score/expected.json").read_text())


def test_evaluate_prints_a_table_and_the_commonest_errors():
    result = run("evaluate", GOLD, "--predicted", "-", "--errors", "3", stdin=PREDICTED.read_bytes())
    table = result.stdout.splitlines()
    assert table[0].split() == ["p", "r", "f1", "gold", "predicted"]
    assert any(line.startswith("role/introduced ") for line in table)
    assert [line.split()[1] in ("missed", "spurious") for line in table[-3:]] == [True] * 3


def test_an_input_is_never_written_over(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text(
        json.dumps({"id": "a", "title": "Foo: a system", "abstract": "We present Foo."}) + "\n7\n"
    )
    before = source.read_bytes()
    result = run("extract", source, "-o", tmp_path / "." / "in.jsonl")
    assert result.exit_code == 2
    assert "is an input: give -o another file" in result.stderr
    assert source.read_bytes() == before


def test_what_was_scored_can_be_kept_and_scored_again(tmp_path):
    first = run("evaluate", GOLD, "--json", "-o", tmp_path / "scored.jsonl")
    again = run("evaluate", GOLD, "--json", "--predicted", tmp_path / "scored.jsonl")
    assert first.output == again.output


def test_evaluate_extracts_the_annotated_papers_itself():
    result = run("evaluate", GOLD, "--json")
    assert (
        json.loads(result.stdout)["entity"]["gold"]
        == json.loads((DATA / "score/expected.json").read_text())["entity"]["gold"]
    )


def test_evaluate_names_bad_lines_and_goes_on(tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text("7\n" + GOLD.read_text("utf-8"))
    result = run("evaluate", gold, "--predicted", PREDICTED)
    assert result.exit_code == 1
    assert result.stderr == "refused: gold.jsonl:1: no JSON object, but a number\n"


@pytest.mark.parametrize(
    "args",
    [
        ["evaluate", "missing.jsonl"],
        ["evaluate", str(GOLD), "--cross-validate", "1"],
        ["evaluate", str(GOLD), "--cross-validate", "3", "--predicted", str(PREDICTED)],
        ["export", "nonsense"],
        ["query"],
        ["query", "ASK {}", "-n", "top-techniques"],
        ["query", "ASK {}", "-p", "a=b"],
        ["query", "-n", "top-techniques", "-p", "a"],
        ["build"],
        ["build", "x", "-j", "0"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_a_word(args):
    result = run(*args)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


# --- asking


@pytest.mark.parametrize(
    "args",
    [
        ["show", "x"],
        ["search", "x"],
        ["path", "x", "y"],
        ["stats"],
        ["query", "ASK {}"],
        ["export", "turtle"],
        ["validate"],
    ],
)
def test_without_a_build_each_command_says_how_to_make_one(args, tmp_path):
    result = run(*args, "-g", tmp_path / "none")
    assert result.exit_code == 2
    assert "paperkg build" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_show_prints_a_card(graph):
    result = run("show", "Zapserv", "-g", graph)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Zapserv  System  system/zapserv"
    assert "up to 3.5x speedup vs Quuxgen  [zap]" in result.stdout
    assert "introduced by (1)" in result.stdout


def test_show_prints_all_things_of_one_name(graph):
    result = run("show", "Grolm", "-g", graph)
    assert result.stdout.startswith("2 different things are called Grolm:")
    assert "Grolm: a first system  [one]" in result.stdout
    assert "Grolm: a second system  [two]" in result.stdout


def test_show_as_json_gives_whole_cards(graph):
    (first, second) = json.loads(run("show", "Grolm", "-g", graph, "--json").stdout)
    assert first["papers"][0]["paper"] != second["papers"][0]["paper"]


def test_show_suggests_near_names(graph):
    result = run("show", "Zapsrv", "Grolm", "-g", graph)
    assert result.exit_code == 1
    assert result.stderr == "Nothing here is called Zapsrv. Did you mean: Zapserv?\n"
    assert "Grolm" in result.stdout


def test_hostile_text_cannot_steer_the_terminal(graph):
    for args in (["show", HOSTILE], ["search", "Red title"], ["show", "x" + HOSTILE]):
        result = run(*args, "-g", graph)
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
        assert r"\x1b[31mRed\u202e<b>" in result.output


def test_search_ranks_papers_and_entities(graph):
    hits = json.loads(run("search", "moves", "pages", "-g", graph, "--json").stdout)
    assert hits[0]["id"] == "zap"
    assert "moves pages early" in hits[0]["snippet"]
    assert run("search", "zapserv", "-g", graph).stdout.startswith("Zapserv  System")


def test_search_for_nothing_ends_with_1(graph):
    result = run("search", "xyzzyplugh", "-g", graph)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Nothing found.\n")


def test_path_shows_each_step_with_evidence(graph):
    result = run("path", "Zapserv", "Quuxgen", "-g", graph)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Path 1 of 1, 1 step:",
        "  1. Zapserv  outperforms  Quuxgen",
        "       Zapserv: serving in a flash  [zap]",
        "       “It is up to 3.5x faster than Quuxgen on NVIDIA A100.”",
    ]


def test_path_between_strangers_ends_with_1(graph):
    result = run("path", "Zapserv", "Grolm", "-g", graph)
    assert (result.exit_code, result.stderr) == (1, "Nothing connects the two.\n")


def test_stats_counts(graph):
    counts = json.loads(run("stats", "-g", graph, "--json").stdout)
    assert (counts["papers"], counts["claims"], counts["entities_by_type"]["System"]) == (4, 1, 5)
    assert "entities by type" in run("stats", "-g", graph).stdout


@pytest.mark.parametrize("format", ["table", "csv", "tsv", "json", "xml"])
def test_query_answers_in_every_format(graph, format):
    result = run(
        "query", "SELECT ?n { ?p pkg:introduces/skos:prefLabel ?n }", "-g", graph, "--format", format
    )
    assert result.exit_code == 0
    assert "Zapserv" in result.stdout


def test_query_from_file_and_by_name(graph, tmp_path):
    path = tmp_path / "q.rq"
    path.write_text("ASK { ?p a pkg:Paper }")
    assert run("query", "-f", path, "-g", graph).stdout.strip() == "true"
    assert run("query", "-f", "-", "-g", graph, stdin=path.read_text()).stdout.strip() == "true"
    result = run("query", "-n", "claims-against", "-p", "baseline=Quuxgen", "-g", graph, "--format", "csv")
    assert "Zapserv" in result.stdout
    assert "3.5" in result.stdout


def test_query_lists_the_named_queries():
    assert "claims-against" in run("query", "--list").stdout


def test_a_bad_query_is_one_line_and_2(graph):
    result = run("query", "SELECT nonsense", "-g", graph)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: line 1")
    assert len(result.stderr.splitlines()) == 1


def test_export_writes_the_bytes_of_the_build(graph, tmp_path):
    output = tmp_path / "x.nq"
    assert run("export", "nquads", "-g", graph, "-o", output).exit_code == 0
    assert output.read_bytes() == (graph / "graph.nq").read_bytes()
    assert run("export", "nquads", "-g", graph).stdout_bytes == output.read_bytes()


def test_export_keeps_the_base_of_the_build(inputs, tmp_path):
    assert run("build", inputs, "-o", tmp_path, "-q", "--base-iri", "https://example.org/kg/").exit_code == 0
    assert "https://example.org/kg/system/zapserv" in run("export", "nquads", "-g", tmp_path).stdout
    found = run("query", "SELECT ?n { system:zapserv skos:prefLabel ?n }", "-g", tmp_path, "--format", "csv")
    assert "Zapserv" in found.stdout


def test_validate_says_that_a_build_conforms(graph):
    result = run("validate", "-g", graph)
    assert (result.exit_code, result.stderr) == (0, "")


def test_validate_lists_what_is_wrong(graph, tmp_path):
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", graph, broken], check=True)
    (broken / "graph.html").write_text("changed")
    result = run("validate", "-g", broken)
    assert result.exit_code == 1
    assert "graph.html" in result.stderr


def test_lint_accepts_the_vocabulary_that_ships():
    result = run("lint")
    assert (result.exit_code, result.stderr) == (0, "")


def test_lint_names_what_is_wrong_and_mends_what_it_can(tmp_path):
    folder = tmp_path / "vocabulary"
    shutil.copytree(vocabulary_dir(), folder)
    table = folder / "never.tsv"
    good = table.read_bytes()
    header, first, *rest = good.splitlines(keepends=True)
    table.write_bytes(b"".join([header, *rest, first]))
    result = run("lint", folder)
    assert result.exit_code == 1
    assert "never.tsv:" in result.stderr
    assert "paperkg lint --fix" in result.stderr
    result = run("lint", "--fix", folder)
    assert (result.exit_code, result.stdout) == (0, "fixed: never.tsv\n")
    assert table.read_bytes() == good


# --- the program as a process


def test_a_closed_pipe_is_no_error(graph):
    for args in (["export", "nquads"], ["stats"], ["show", "Zapserv"], ["query", "SELECT * { ?s ?p ?o }"]):
        process = start(*args, "-g", graph)
        assert process.stdout
        assert process.stderr
        process.stdout.close()  # long before the program has anything to say
        with process.stderr:
            assert process.stderr.read() == b""
        assert process.wait() == 141


def test_an_interrupt_is_quiet_and_ends_with_130(tmp_path):
    fifo = tmp_path / "endless.jsonl"
    os.mkfifo(fifo)
    process = start("extract", fifo)
    with fifo.open("wb") as writer:  # opens when the program has come to read it
        writer.write(b" ")
        writer.flush()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (130, b"", b"")


def test_bars_show_on_a_terminal_and_only_there(tmp_path, inputs):
    papers = tmp_path / "papers.csv"
    papers.write_text("id,title,abstract\nx,Xylo: a cache,We present Xylo.\n")
    for option, shown in (("-v", True), ("-q", False)):
        master, slave = pty.openpty()
        command = [sys.executable, "-m", "paperkg", "build", papers, "-o", tmp_path / "out", option]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave)
        assert process.wait() == 0
        os.write(slave, b".")  # so that there is something to read
        output = os.read(master, 1 << 16)
        os.close(slave)
        os.close(master)
        assert (b"extract" in output and b"100%" in output) == shown
        assert (b"done in" in output) == shown


def test_a_terminal_without_unicode_gets_escapes(graph):
    process = start(
        "path",
        "Zapserv",
        "Quuxgen",
        "-g",
        graph,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    output, errors = process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert rb"\u201c" in output


def test_colours_only_on_a_terminal_and_not_with_no_color(graph, monkeypatch):
    def coloured(**environment: str) -> bool:
        for key, value in environment.items():
            monkeypatch.setenv(key, value)
        result = CliRunner().invoke(main, ["show", "Zapserv", "-g", str(graph)], color=True)
        return "\x1b[1m" in result.output

    assert coloured()
    assert not coloured(NO_COLOR="1")


def test_version():
    assert run("--version").stdout.startswith("paperkg, version ")


def test_show_prints_a_paper(graph):
    shown = run("show", "zap", "-g", graph)
    assert shown.exit_code == 0
    assert "Zapserv: serving in a flash  Paper  zap" in shown.stdout
    assert "compared     Quuxgen" in shown.stdout
    (card,) = json.loads(run("show", "zap", "-g", graph, "--json").stdout)
    assert card["entities"]["introduced"] == ["Zapserv"]


def test_a_query_that_takes_too_long_is_ended_with_a_word(graph):
    """In a process of its own, because that is what ends."""
    endless = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(6)) + " }"
    done = subprocess.run(
        [sys.executable, "-m", "paperkg", "query", "-g", str(graph), "--timeout", "0.5", endless],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: the query was ended: it took more than 0.5 seconds\n"


ENDLESS = "SELECT * { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(6)) + " }"


@pytest.mark.parametrize("format", ["csv", "tsv", "json", "xml"])
def test_rows_are_written_as_they_are_found(graph, format):
    """The query would go on for ages; who reads a few rows and closes the pipe ends it."""
    command = [sys.executable, "-m", "paperkg", "query", "-g", str(graph), ENDLESS, "--format", format]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert len(process.stdout.read(100_000)) == 100_000
        process.stdout.close()
        assert process.wait(timeout=60) == 141  # as of any program whose pipe is closed
        assert process.stderr.read() == b""


def test_a_query_that_is_ended_leaves_no_part_of_a_file(graph, tmp_path):
    (tmp_path / "out.csv").write_text("older", "utf-8")
    command = [sys.executable, "-m", "paperkg", "query", "-g", str(graph), ENDLESS, "--timeout", "1"]
    done = subprocess.run([*command, "--format", "csv", "-o", str(tmp_path / "out.csv")], timeout=60)
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text("utf-8") == "older"


@pytest.mark.parametrize("seconds", ["nan", "inf", "1e12", "0", "x"])
@pytest.mark.parametrize("command", [("query", "ASK {}"), ("serve",)])
def test_seconds_are_such_as_a_timer_takes(graph, command, seconds):
    refused = run(*command, "-g", graph, "--timeout", seconds)
    assert (refused.exit_code, "Invalid value for '--timeout'" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (("evaluated-on", "-p", "type=Foo"), "no type is called Foo; there are: System, Model"),
        (("leaderboard", "-p", "metric=foo"), "no metric is called foo; there are: "),
        (("claims-against", "-p", "baseline=Nosuch"), "nothing here is called Nosuch"),
    ],
)
def test_values_that_find_nothing_get_a_hint(graph, args, hint):
    result = run("query", "-g", graph, "-n", *args)
    assert (result.exit_code, hint in result.stderr) == (0, True)
    assert "metric" not in run("query", "-g", graph, "-n", "leaderboard", "-p", "metric=Latency").stderr


def test_a_parameter_is_given_once(graph):
    refused = run("query", "-g", graph, "-n", "claims-against", "-p", "baseline=a", "-p", "baseline=b")
    assert (refused.exit_code, "give each parameter once" in refused.stderr) == (2, True)


def test_what_is_wrong_with_a_query_is_said_in_words(graph, tmp_path):
    assert "the query is empty" in run("query", " ", "-g", graph).stderr
    assert "expected SELECT, ASK, CONSTRUCT or DESCRIBE" in run("query", "SELEC", "-g", graph).stderr
    (tmp_path / "q.rq").write_text("\ufeffASK {}", "utf-8")
    assert run("query", "-f", tmp_path / "q.rq", "-g", graph).stdout == "true\n"


def test_a_query_wants_a_whole_build(graph, tmp_path):
    folder = shutil.copytree(graph, tmp_path / "build")
    (folder / "store" / "CURRENT").write_text("x\n", "utf-8")
    damaged = run("query", "ASK { ?s ?p ?o }", "-g", folder)
    assert (damaged.exit_code, "cannot be read" in damaged.stderr) == (2, True)
    (folder / "manifest.json").unlink()
    missing = run("query", "ASK { ?s ?p ?o }", "-g", folder)
    assert (missing.exit_code, "no build in" in missing.stderr) == (2, True)


def test_damaged_records_are_an_error_and_no_traceback(graph, tmp_path):
    folder = shutil.copytree(graph, tmp_path / "build")
    (folder / "entities.jsonl").write_text("[]\n", "utf-8")
    damaged = run("stats", "-g", folder)
    assert damaged.exit_code == 2
    assert "is damaged" in damaged.stderr


def test_a_query_file_that_is_no_text_is_named(graph, tmp_path):
    (tmp_path / "q.rq").write_bytes(b"\xff\xfe")
    refused = run("query", "-f", tmp_path / "q.rq", "-g", graph)
    assert (refused.exit_code, "no UTF-8 at byte 0" in refused.stderr) == (2, True)


def test_closed_output_is_no_traceback(graph):
    done = subprocess.run(
        f"exec {sys.executable} -m paperkg stats -g {graph} >&-", shell=True, capture_output=True, check=False
    )
    assert b"Traceback" not in done.stderr


def test_carriage_returns_alone_on_standard_input_are_line_ends():
    done = run("extract", "-", stdin=b"a\rb\rc\n")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_evaluate_wants_annotated_papers_and_no_more_folds_than_papers(tmp_path):
    (tmp_path / "plain.jsonl").write_text('{"id": "p", "title": "t", "abstract": "a"}\n', "utf-8")
    plain = run("evaluate", tmp_path / "plain.jsonl")
    assert (plain.exit_code, "none has entities" in plain.stderr) == (2, True)
    (tmp_path / "gold.jsonl").write_text(lines(*RECORDS), "utf-8")
    folds = run("evaluate", tmp_path / "gold.jsonl", "--cross-validate", "1000")
    assert (folds.exit_code, "1000 folds of" in folds.stderr) == (2, True)


def test_escapes_of_terminals_are_in_no_name():
    text = {
        "id": "p",
        "title": "\x1b[31mRed\x1b[0m: a system",
        "abstract": "We present EvilSys\x1b[1m, a system.",
    }
    found = json.loads(run("extract", "-", stdin=json.dumps(text)).stdout)
    forms = [form for entity in found["entities"] for form in entity["forms"]]
    assert "EvilSys" in forms
    assert not any("\x1b" in form or "1m" in form for form in forms)


def test_what_is_written_takes_the_place_of_no_input_and_of_no_part_of_a_build(tmp_path: Path):
    """Neither a file of a folder that is read, nor the folder itself, nor what a build holds."""
    folder = tmp_path / "in"
    folder.mkdir()
    papers = folder / "papers.jsonl"
    papers.write_text('{"id": "a", "title": "ZapServe: fast", "abstract": "We present ZapServe."}\n')
    before = papers.read_bytes()
    result = run("extract", str(folder), "-o", str(papers))
    assert result.exit_code == 2
    assert "is an input" in result.stderr
    result = run("build", str(folder), "-o", str(folder))
    assert result.exit_code == 2
    assert "is an input" in result.stderr
    assert papers.read_bytes() == before
    built = tmp_path / "built"
    assert run("build", str(folder), "-o", str(built), "-q").exit_code == 0
    result = run("export", "turtle", "-g", str(built), "-o", str(built / "extractions.jsonl"))
    assert result.exit_code == 2
    assert "is a part of the build" in result.stderr
