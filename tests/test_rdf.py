"""RDF: what is said, in which graph, in which files; hostile text comes back as it was."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from paperkg.errors import ExportError
from paperkg.export.literals import number
from paperkg.export.rdf import quads, write_jsonld, write_nquads, write_trig, write_turtle, write_void
from paperkg.graph import KnowledgeGraph
from paperkg.model import Extraction, Paper
from paperkg.namespaces import (
    BASE,
    ONTOLOGY,
    concept_local,
    graph_local,
    mention_local,
    paper_local,
    prefixes,
)
from tests.graphs import HOSTILE, HOSTILE_IDS, small_graph

WRITERS = {
    "turtle": (write_turtle, ox.RdfFormat.TURTLE),
    "trig": (write_trig, ox.RdfFormat.TRIG),
    "nquads": (write_nquads, ox.RdfFormat.N_QUADS),
    "json-ld": (write_jsonld, ox.RdfFormat.JSON_LD),
}

#: One graph with every hostile id, shared because parsing by rdflib takes its time.
GRAPH = small_graph(paper_ids=HOSTILE_IDS)


def written(writer, graph=GRAPH, **options) -> bytes:
    stream = io.BytesIO()
    writer(graph, stream, **options)
    return stream.getvalue()


def ask(pattern: str, graph: KnowledgeGraph = GRAPH, base: str = BASE) -> bool:
    store = ox.Store()
    store.extend(quads(graph, base=base))
    return bool(store.query(f"ASK {{ {pattern} }}", prefixes=prefixes(base), use_default_graph_as_union=True))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("format", WRITERS)
def test_two_libraries_agree_on_every_file(format):
    """Both parse it, find the same number of statements, and those are the ones that went in."""
    writer, kind = WRITERS[format]
    data = written(writer)
    found = set(ox.parse(data, format=kind))
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=data, format=format)
    assert len(list(dataset.quads((None, None, None, None)))) == len(found)
    if format == "turtle":
        assert {quad.triple for quad in found} == {quad.triple for quad in quads(GRAPH)}
    else:
        assert found == set(quads(GRAPH))


@pytest.mark.skipif(
    shutil.which("rapper") is None and "PAPERKG_REQUIRE_ALL" not in os.environ, reason="needs raptor2-utils"
)
@pytest.mark.parametrize("format", ["turtle", "trig", "nquads"])
def test_a_third_library_finds_as_many_statements(format, tmp_path):
    """Raptor, which shares no line with the others, reads every file that it has a parser for."""
    data = written(WRITERS[format][0])
    (tmp_path / "file").write_bytes(data)
    done = subprocess.run(
        ["rapper", "-q", "-i", format, "-o", "nquads", tmp_path / "file", "http://example.org/"],
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert len(done.stdout.splitlines()) == len(set(ox.parse(data, format=WRITERS[format][1])))


def test_canonical_hashes_are_equal_across_formats():
    """By RDFC-1.0, the hash of each file that holds named graphs is that of the quads that went in."""
    hashes = {canonical_hash(quads(GRAPH))} | {
        canonical_hash(ox.parse(written(writer), format=kind))
        for name, (writer, kind) in WRITERS.items()
        if name != "turtle"
    }
    assert len(hashes) == 1
    merged = (ox.Quad(*quad.triple) for quad in quads(GRAPH))
    assert canonical_hash(merged) == canonical_hash(
        ox.parse(written(write_turtle), format=ox.RdfFormat.TURTLE)
    )


def canonical_hash(statements: Iterable[ox.Quad]) -> str:
    dataset = ox.Dataset(statements)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(ox.serialize([quad], format=ox.RdfFormat.N_QUADS) for quad in dataset)
    return hashlib.sha256(b"".join(lines)).hexdigest()


def test_void_counts_what_turtle_holds():
    turtle = list(ox.parse(written(write_turtle), format=ox.RdfFormat.TURTLE))
    store = ox.Store()
    store.load(written(write_void), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        "SELECT ?all ?papers WHERE { ?d a void:Dataset , dcat:Dataset ; void:triples ?all ; "
        "void:classPartition [ void:class pkg:Paper ; void:entities ?papers ] }",
        prefixes=prefixes(),
    )
    assert [(row["all"].value, row["papers"].value) for row in rows] == [
        (str(len(turtle)), str(len(GRAPH.papers)))
    ]
    rows = store.query("SELECT ?v { ?d void:vocabulary ?v }", prefixes=prefixes())
    named = {row["v"].value for row in rows}
    assert all(any(triple.predicate.value.startswith(iri) for iri in named) for triple in turtle)


def test_bytes_do_not_depend_on_the_hash_seed():
    code = (
        "import sys, io; from tests.graphs import *; from paperkg.export.rdf import *\n"
        "for write in (write_turtle, write_trig, write_nquads, write_jsonld, write_void):\n"
        "    write(small_graph(), sys.stdout.buffer)"
    )
    root = Path(__file__).parents[1]
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(runs) == 1
    assert runs.pop()


def test_nquads_lines_are_sorted_and_unique():
    lines = written(write_nquads).split(b"\n")[:-1]
    assert lines == sorted(set(lines))


def test_turtle_is_grouped_by_subject_with_prefixes():
    text = written(write_turtle).decode()
    block = text[text.index("\npaper:2401.00001 a pkg:Paper ;") :].split("\n\n")[0]
    assert '\tdcterms:identifier "2401.00001" ;\n' in block
    assert "\tpkg:introduces system:fastserve , technique:window" in block
    assert text.count("\npaper:2401.00001 ") == 1


def test_no_blank_nodes():
    terms = {type(term) for quad in quads(GRAPH) for term in quad}
    assert terms == {ox.NamedNode, ox.Literal}


def test_unseen_characters_are_escaped_in_files():
    """Direction marks and control characters cannot fool who reads the file; they parse back as they were."""
    for writer, _ in WRITERS.values():
        assert "\u202e" not in written(writer).decode()
    labels = {quad.object.value for quad in quads(GRAPH) if quad.predicate.value.endswith("prefLabel")}
    assert HOSTILE in labels


# -- what is said


def test_roles_are_plain_triples_and_always_mentions_too():
    assert ask("paper:2401.00001 pkg:introduces system:fastserve ; pkg:mentions system:fastserve")
    assert ask("paper:2401.00001 pkg:comparesWith system:baseserve ; pkg:mentions system:baseserve")


def test_statements_lie_in_the_graph_of_their_paper():
    assert ask(
        "GRAPH graph:2401.00001 { graph:2401.00001 prov:wasDerivedFrom paper:2401.00001 . "
        "system:fastserve pkg:basedOn system:baseserve ; pkg:outperforms system:baseserve }"
    )
    assert ask("GRAPH graph:2401.00002 { system:fastserve pkg:basedOn system:baseserve }")
    assert not ask("GRAPH graph:2401.00002 { ?x pkg:outperforms ?y }")


def test_papers_have_their_metadata():
    assert ask(
        'paper:2401.00001 dcterms:title "FastServe: window paging for LLaMA-3-70B"@en ; '
        'dcterms:identifier "2401.00001" ; dcterms:issued "2024-01-02"^^xsd:date ; '
        'dcterms:creator [ a foaf:Person ; foaf:name "Ada Example" ] ; '
        'pkg:listedIn [ pkg:file "001_a.txt" ; pkg:date "Jun 3" ; pkg:position 1 ]'
    )
    assert ask('paper:2401.00002 dcterms:issued "2024"^^xsd:gYear')


def test_mentions_point_into_the_text():
    """The offsets of a selector cut its quotation out of the text of the paper."""
    store = ox.Store()
    store.extend(quads(GRAPH))
    rows = list(
        store.query(
            "SELECT ?id ?start ?end ?exact ?prefix ?suffix WHERE { ?mention a oa:Annotation ; "
            "oa:hasTarget [ oa:hasSource/dcterms:identifier ?id ; oa:hasSelector ?position , ?quote ] . "
            "?position oa:start ?start ; oa:end ?end . ?quote oa:exact ?exact . "
            "OPTIONAL { ?quote oa:prefix ?prefix } OPTIONAL { ?quote oa:suffix ?suffix } }",
            prefixes=prefixes(),
            use_default_graph_as_union=True,
        )
    )
    texts = {
        p.id.replace("\ud800", "\ufffd"): p.text.replace("\ud83d", "\ufffd") for p in GRAPH.papers.values()
    }
    assert len(rows) > 20
    for row in rows:
        text, start, end = texts[row["id"].value], int(row["start"].value), int(row["end"].value)
        before = row["prefix"].value if row["prefix"] else ""
        after = row["suffix"].value if row["suffix"] else ""
        assert text[start:end] == row["exact"].value
        assert text[:start].endswith(before)
        assert text[end:].startswith(after)


def test_mentions_carry_role_confidence_and_rule():
    assert ask(
        '?m oa:hasBody system:fastserve ; pkg:role "introduced" ; pkg:confidence 0.9877 ; '
        'pkg:rule "vocabulary"'
    )


def test_two_things_at_one_place_are_two_mentions():
    """One annotation with two bodies would mix up their roles."""
    local = mention_local(HOSTILE_IDS[0], 63, 73)
    assert ask(f"<{BASE}{local}> oa:hasBody ?one . <{BASE}{local}-2> oa:hasBody ?two . FILTER(?one != ?two)")


def test_claims_are_typed_and_keep_what_was_written():
    assert ask(
        '?c a pkg:Claim ; pkg:value 2.5 ; pkg:valueText "2.5" ; pkg:unit unit:UNITLESS ; '
        'pkg:qualifier "up to" ; pkg:direction "higher" ; pkg:metric metric:speedup ; '
        "pkg:subject system:fastserve ; pkg:baseline system:baseserve ; pkg:statedBy paper:2401.00001"
    )
    assert ask('?c pkg:value 1024.0 ; pkg:valueText "1,024" ; pkg:unit unit:MilliSEC')
    assert ask('?c pkg:valueText "3e5" ; pkg:unitText "tokens/s" FILTER NOT EXISTS { ?c pkg:value ?v }')


def test_claims_have_their_evidence():
    assert ask('?m oa:hasBody ?c ; oa:hasTarget/oa:hasSelector/oa:exact "1,024" . ?c pkg:value 1024.0')


def test_relations_have_their_evidence():
    assert ask(
        "?m oa:hasBody [ a rdf:Statement ; rdf:subject system:fastserve ; rdf:predicate pkg:basedOn ; "
        'rdf:object system:baseserve ] ; oa:hasTarget/oa:hasSelector/oa:exact "built on BaseServe"'
    )


def test_evidence_outside_the_text_is_left_out():
    """A hostile record says that its number ends at 99999."""
    assert not ask("?m oa:hasBody/pkg:valueText ?v ; oa:hasTarget/oa:hasSelector/oa:end 99999")


def test_vocabulary_is_a_taxonomy_with_facts():
    assert ask(
        "GRAPH graph:vocabulary { hardware:nvidia-a100 a pkg:Hardware , pkg:Entity , skos:Concept ; "
        'skos:prefLabel "NVIDIA A100" ; skos:altLabel "A100" ; skos:broader hardware:gpu ; '
        'skos:inScheme scheme:hardware ; pkg:vendor "NVIDIA" ; pkg:kind "GPU" ; pkg:architecture "Ampere" ; '
        'pkg:releaseYear "2020"^^xsd:gYear . '
        "hardware:nvidia-a100-80gb pkg:variantOf hardware:nvidia-a100 ; skos:broader hardware:nvidia-a100 ; "
        "pkg:memory 80.0 ; pkg:memoryUnit unit:GigaBYTE . "
        'scheme:hardware a skos:ConceptScheme . metric:speedup skos:prefLabel "speedup"@en }'
    )


def test_run_names_its_inputs_and_what_it_made():
    assert ask(
        "GRAPH graph:run { ?run a pkg:Run , prov:Activity ; pkg:version '0.0.0' ; prov:used ?file . "
        f"?file a prov:Entity ; pkg:file '001_a.txt' ; pkg:sha256 '{'0' * 64}' . "
        "graph:2401.00001 prov:wasGeneratedBy ?run . graph:vocabulary prov:wasGeneratedBy ?run }"
    )


# -- identifiers


def test_hostile_ids_come_back_and_never_share_an_iri():
    found = {quad.object.value for quad in quads(GRAPH) if quad.predicate.value.endswith("/identifier")}
    assert found >= {id.replace("\ud800", "\ufffd") for id in HOSTILE_IDS}
    assert len({paper_local(id) for id in HOSTILE_IDS}) == len(HOSTILE_IDS)


def test_a_paper_called_run_does_not_write_into_the_graph_of_the_run():
    assert ask("GRAPH <https://w3id.org/paperkg/graph/%72un> { ?p dcterms:identifier 'run' }")
    assert not ask("GRAPH graph:run { ?p a pkg:Paper }")
    assert not ask("GRAPH graph:vocabulary { ?p a pkg:Paper }")


@given(st.text(min_size=1), st.text(min_size=1))
@settings(max_examples=300, deadline=None)
def test_any_id_makes_valid_iris_of_its_own(one, other):
    for local in (
        paper_local(one),
        graph_local(one),
        concept_local(f"system/{one}"),
        mention_local(one, 0, 1),
    ):
        assert ox.NamedNode(BASE + local).value == BASE + local
        assert rdflib.term._is_valid_uri(BASE + local)
    if one != other:
        assert paper_local(one) != paper_local(other)
        assert graph_local(one) != graph_local(other)


@given(st.text(alphabet=st.characters(), max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_title_survives_every_format(title):
    """Half a surrogate pair, which no UTF-8 file can hold, becomes U+FFFD; all else comes back."""
    graph = KnowledgeGraph([Extraction(paper=Paper(id="p", title=title, abstract="a"))], [])
    expected = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in title)
    for writer, kind in WRITERS.values():
        found = ox.parse(written(writer, graph), format=kind)
        titles = [
            q.object.value
            for q in found
            if str(q.predicate) == "<http://purl.org/dc/terms/title>" and "paper/p" in q.subject.value
        ]
        assert titles == ([expected] if title else [])


def test_instances_lie_under_the_base_and_terms_do_not():
    base = "https://example.org/kg/"
    found = list(quads(small_graph(), base=base))
    own = {q.subject.value for q in found} | {q.graph_name.value for q in found}
    outside = {iri for iri in own if not iri.startswith(base)}
    assert all(
        iri.startswith((f"{BASE}metric/", f"{BASE}scheme/metric", "http://qudt.org/")) for iri in outside
    )
    assert any(q.predicate.value.startswith(ONTOLOGY) for q in found)
    assert ask("paper:2401.00001 a pkg:Paper", small_graph(), base)


@pytest.mark.parametrize(
    "base", ["", "kg/", "http://a b/", "http://a/x", "http://a/<", "http://a/%zz/", "http://a/#"]
)
def test_a_base_that_makes_no_iris_is_refused(base):
    with pytest.raises(ExportError, match="base IRI"):
        list(quads(small_graph(), base=base))


def test_ids_do_not_depend_on_other_papers():
    """The graph of a paper is the same whatever else is in the build."""
    name = ox.NamedNode(f"{BASE}graph/2401.00001")
    alone, together = (
        [q for q in quads(g) if q.graph_name == name] for g in (small_graph(paper_ids=()), GRAPH)
    )
    assert alone == together


@given(
    st.from_regex(
        r"[+-]?(\d{1,3}(,\d{3}){0,3}|\d{1,12})(\.\d{1,9})?", fullmatch=True, alphabet="0123456789+-,."
    )
)
@settings(deadline=None)
def test_numbers_are_what_the_store_keeps(written):
    """A decimal that a store would respell makes the dump differ from the files."""
    value = number(written)
    assert value is not None
    assert float(value) == pytest.approx(float(written.replace(",", "")))
    store = ox.Store()
    literal = ox.Literal(value, datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))
    node = ox.NamedNode("http://a/")
    store.add(ox.Quad(node, node, literal))
    assert [quad.object for quad in store] == [literal]


def test_jsonld_is_json_without_a_remote_context():
    data = json.loads(written(write_jsonld))
    assert "@context" not in data
    assert {"@id", "@graph"} <= set(data[0])
