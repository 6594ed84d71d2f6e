"""What users read names everything that there is, and the examples in it are real."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import warnings
from pathlib import Path
from types import ModuleType

import click
import pytest
import rdflib
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from paperkg.cli import main
from paperkg.export import EXPORTERS
from paperkg.read import READERS
from tests.graphs import small_graph

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

COMMANDS = sorted(main.commands)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_readme(name):
    assert f"paperkg {name}" in README


@pytest.mark.parametrize("name", EXPORTERS)
def test_each_exporter_is_in_a_table_of_the_readme(name):
    rows = [line.split("|")[1:3] for line in README.splitlines() if line.startswith("|")]
    assert [
        name in row[0].replace(",", " ").split() and f"`{EXPORTERS[name].file}`" in row[1] for row in rows
    ].count(True) == 1


@pytest.mark.parametrize("name", [name for name, one in EXPORTERS.items() if not one.in_build])
def test_each_export_for_another_tool_has_a_guide(name):
    guide = ROOT / f"docs/rag/{name}.md"
    assert name == "gexf" or f"`paperkg export {name} -o {EXPORTERS[name].file}`" in guide.read_text("utf-8")
    assert name == "gexf" or f"({name}.md)" in (ROOT / "docs/rag/README.md").read_text("utf-8")


def test_the_guide_to_chunks_runs_word_for_word(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Path("chunks.jsonl").open("wb") as stream:
        EXPORTERS["chunks"].write(small_graph(), stream)
    text = (ROOT / "docs/rag/chunks.md").read_text("utf-8")
    names: dict[str, list[str]] = {}
    exec("\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)), names)
    assert names["found"] == ["FastServe: window paging for LLaMA-3-70B"]
    assert len(names["texts"]) == len(set(names["ids"])) == 4


@pytest.mark.parametrize("suffix", [suffix for reader in READERS.values() for suffix in reader.suffixes])
def test_each_input_format_is_in_the_readme(suffix):
    assert f"`{suffix}`" in README


@pytest.mark.parametrize(
    "exporter", [one for one in EXPORTERS.values() if one.in_build], ids=lambda one: one.file
)
def test_each_file_of_a_build_is_explained_beside_it(exporter):
    assert f"`{exporter.file}`" in (ROOT / "exports/README.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_has_examples_that_parse(name):
    """Every option in an example exists, and every command."""
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    examples = re.findall(r"^ {6}(?:.*\| )?paperkg (.*)$", result.output, re.MULTILINE)
    assert examples
    for example in examples:
        command, *args = shlex.split(example.split(" | ")[0])
        assert command == name
        main.commands[command].make_context(command, args, resilient_parsing=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_has_a_help_text(name):
    options = [param for param in main.commands[name].params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_relative_links_lead_somewhere():
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        ROOT / "exports/README.md",
        ROOT / "tests/gold/README.md",
    ]:
        for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", path.read_text("utf-8")):
            assert (path.parent / link).exists(), f"{path.name}: {link}"


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_named_queries_is_the_one_that_is_made_from_them():
    """Mend it by ``python docs/make_queries.py``."""
    script = _script("make_queries")
    assert script.PAGE.read_text("utf-8") == script.page()


def test_the_page_and_the_context_of_the_ontology_are_those_that_are_made_from_it():
    """Mend them by ``python docs/make_ontology.py``."""
    script = _script("make_ontology")
    graph = script.load()
    assert script.PAGE.read_text("utf-8") == script.page(graph)
    assert script.CONTEXT.read_text("utf-8") == script.context(graph)


def test_the_context_reads_plain_json_as_typed_statements():
    """By two libraries, with the same result."""
    context = json.loads((ROOT / "ontology/context.jsonld").read_text("utf-8"))
    claim = {"id": "https://example.org/c", "type": "Claim", "metric": "throughput", "unit": "GigaBYTE"}
    claim |= {"value": "3.5", "baseline": ["https://example.org/a", "https://example.org/b"]}
    written = json.dumps(context | claim)
    found = {quad.triple for quad in parse(written, format=RdfFormat.JSON_LD)}
    assert {f"{t.predicate.value.rpartition('#')[2]} {t.object}" for t in found} == {
        "type <https://w3id.org/paperkg/ontology#Claim>",
        "metric <https://w3id.org/paperkg/metric/throughput>",
        "unit <http://qudt.org/vocab/unit/GigaBYTE>",
        'value "3.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        "baseline <https://example.org/a>",
        "baseline <https://example.org/b>",
    }
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of rdflib by itself
        again = rdflib.Graph().parse(data=written, format="json-ld").serialize(format="nt")
    assert {quad.triple for quad in parse(again, format=RdfFormat.N_TRIPLES)} == found
