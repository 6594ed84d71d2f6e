"""Validation: good data pass, each kind of bad data is named, a build that was changed is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, serialize

from paperkg.errors import GraphError
from paperkg.export.rdf import write_jsonld, write_nquads, write_trig, write_turtle
from paperkg.namespaces import ONTOLOGY
from paperkg.resources import ontology_dir
from paperkg.store import build_store, open_store
from paperkg.validate import Problem, Report, check_build, report_triples, validate, validate_build
from tests.graphs import HOSTILE_IDS, small_graph

BAD = Path(__file__).parent / "data" / "bad"

#: What each bad file must be told, and nothing else.
MESSAGES = {
    "claim-metric": "a claim has one metric of the scheme",
    "claim-unit": "a claim has a unit of QUDT or the text of one, not both",
    "claim-value": "pkg:value is one decimal",
    "entity-label": "an entity has exactly one skos:prefLabel",
    "entity-lower-name": "an entity is found by its names in lower case",
    "entity-scheme": "an entity is in exactly one scheme",
    "entity-type": "an entity has exactly one of the five types",
    "input-file": "pkg:sha256 is 64 hexadecimal digits",
    "listing": "a listing has one position",
    "mention": "a mention has at most one of the five roles",
    "mention-body": "a mention has one body: an entity, a claim or a statement",
    "metric": "a metric is better when higher or lower",
    "paper": "a paper has exactly one dcterms:identifier",
    "paper-text": "a paper has a title or an abstract",
    "position": "a position starts before it ends",
    "quote": "a quotation has one oa:exact",
    "role": "a paper uses entities",
    "run": "a run has one version",
    "scheme": "a scheme has a dcterms:title",
    "statement": "a statement has pkg:basedOn or pkg:partOf as its predicate",
    "target": "a target has one quotation",
}


@pytest.fixture
def build(tmp_path):
    """Write a build as far as validation looks at it."""
    graph = small_graph()
    writers = {
        "graph.ttl": write_turtle,
        "graph.trig": write_trig,
        "graph.nq": write_nquads,
        "graph.jsonld": write_jsonld,
    }
    for name, write in writers.items():
        with (tmp_path / name).open("wb") as stream:
            write(graph, stream)
    build_store(graph, tmp_path / "store")
    sums = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in writers}
    (tmp_path / "manifest.json").write_text(json.dumps({"files": sums}))
    return tmp_path


def change(path: Path, old: bytes, new: bytes) -> None:
    """Change a file of a build, and its manifest with it."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    manifest = path.with_name("manifest.json")
    files = json.loads(manifest.read_text())["files"]
    files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps({"files": files}))


def test_a_graph_with_hostile_papers_conforms(tmp_path):
    with (tmp_path / "graph.ttl").open("wb") as stream:
        write_turtle(small_graph(paper_ids=HOSTILE_IDS), stream)
    assert str(validate(tmp_path / "graph.ttl")) == "conforms"


def test_a_store_is_validated_too(tmp_path):
    build_store(small_graph(), tmp_path / "store")
    assert validate(open_store(tmp_path / "store")).conforms


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_bad_file_is_told_what_is_wrong_with_it(name):
    report = validate(BAD / f"{name}.ttl")
    assert [problem.message for problem in report.problems] == [MESSAGES[name]]
    assert report.problems[0].focus
    assert not report.conforms


def test_every_shape_has_a_bad_example():
    """And every bad example is expected to fail."""
    assert {path.stem for path in BAD.glob("*.ttl")} == set(MESSAGES)
    shapes = rdflib.Graph().parse(ontology_dir() / "shapes.ttl")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    for shape in shapes.subjects(rdflib.RDF.type, sh.NodeShape):
        own = {str(shapes.value(p, sh.message)) for p in shapes.objects(shape, sh.property)}
        assert own & set(MESSAGES.values()), f"no bad example for {shape}"


def test_problems_say_where_and_what():
    report = validate(BAD / "mention.ttl")
    assert str(report) == (
        "1 problems\n<https://example.org/mention> pkg:role: "
        "a mention has at most one of the five roles (found 'praised')"
    )


def test_a_report_is_shacl():
    report = validate(BAD / "mention.ttl") + Report(problems=(Problem(focus="graph.nq", message="it lacks"),))
    text = serialize(report_triples(report), format=RdfFormat.TURTLE)
    parsed = rdflib.Graph().parse(data=text, format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    root = parsed.value(predicate=rdflib.RDF.type, object=sh.ValidationReport)
    assert parsed.value(root, sh.conforms).toPython() is False
    results = {str(parsed.value(one, sh.focusNode)): one for one in parsed.objects(root, sh.result)}
    assert set(results) == {"https://example.org/mention", "graph.nq"}
    one = results["https://example.org/mention"]
    assert parsed.value(one, sh.resultPath) == rdflib.URIRef(f"{ONTOLOGY}role")
    assert parsed.value(one, sh.value) == rdflib.Literal("praised")
    assert parsed.value(one, sh.sourceConstraintComponent) == sh.InConstraintComponent
    empty = rdflib.Graph().parse(
        data=serialize(report_triples(Report()), format=RdfFormat.TURTLE), format="ttl"
    )
    assert [value.toPython() for value in empty.objects(None, sh.conforms)] == [True]


def test_a_whole_build_conforms(build):
    assert validate_build(build).problems == ()


def test_a_build_without_its_store_is_noticed(build):
    shutil.rmtree(build / "store")
    assert [(p.focus, "not there" in p.message) for p in check_build(build).problems] == [("store", True)]


def test_changed_bytes_are_found(build):
    with (build / "graph.nq").open("ab") as stream:
        stream.write(b"\n")
    assert check_build(build).problems == (
        Problem(focus="graph.nq", message="its bytes are not those that the manifest records"),
    )


def test_a_missing_file_is_found(build):
    (build / "graph.trig").unlink()
    assert check_build(build).problems == (
        Problem(focus="graph.trig", message="the manifest names it, but it is not there"),
    )


@pytest.mark.parametrize("name", ["graph.ttl", "graph.trig", "graph.jsonld"])
def test_files_that_differ_are_found(build, name):
    """Even where the number of statements is the same."""
    change(build / name, b"window paging", b"window gazing")
    assert {str(p) for p in check_build(build).problems} == {
        f"{name}: lacks 1 statements that graph.nq has",
        f"{name}: has 1 statements that graph.nq lacks",
    }


def test_a_store_of_another_build_is_found(build):
    (build / "store").rename(build / "old")
    build_store(small_graph(paper_ids=()), build / "store")
    assert any(p.focus == "store" and "lacks" in p.message for p in check_build(build).problems)


def test_a_broken_file_is_reported_and_the_rest_is_checked(build):
    change(build / "graph.ttl", b"@prefix", b"@pref x")
    change(build / "graph.trig", b"window paging", b"window gazing")
    focuses = {problem.focus for problem in validate_build(build).problems}
    assert focuses == {"graph.trig", "graph.ttl"}


def test_a_manifest_reads_nothing_outside_of_the_build(build):
    (build / "manifest.json").write_text(json.dumps({"files": {"../secret": "0" * 64}}))
    assert [p.focus for p in check_build(build).problems] == ["../secret"]


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"files": 3}', "\ufffd"])
def test_no_build_or_a_damaged_manifest_is_an_error(tmp_path, text):
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(GraphError, match="no build in" if text is None else "damaged"):
        validate_build(tmp_path)


@pytest.mark.parametrize("name", ["missing.ttl", "graph.pdf"])
def test_what_is_no_rdf_file_is_an_error(tmp_path, name):
    with pytest.raises(GraphError, match=name):
        validate(tmp_path / name)
