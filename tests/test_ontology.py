"""The ontology declares every term that is used, and says of each what it means."""

from __future__ import annotations

import pytest
import rdflib
from owlrl.OWLRL import OWLRL_Semantics
from pyoxigraph import RdfFormat, serialize
from rdflib import OWL, RDF, RDFS, SKOS, URIRef
from rdflib.collection import Collection

from paperkg import __version__
from paperkg.export.literals import units
from paperkg.export.rdf import quads
from paperkg.graph import PREDICATES
from paperkg.model import DIRECTIONS, ENTITY_TYPES, LOWER_IS_BETTER, METRICS, RELATION_TYPES, ROLES
from paperkg.namespaces import BASE, METRIC, ONTOLOGY, VOCABULARIES
from paperkg.resources import ontology_dir
from tests.graphs import HOSTILE_IDS, small_graph

SH = rdflib.Namespace(VOCABULARIES["sh"])
PKG = rdflib.Namespace(ONTOLOGY)
ONTOLOGY_GRAPH = rdflib.Graph().parse(ontology_dir() / "paperkg.ttl")
SHAPES = rdflib.Graph().parse(ontology_dir() / "shapes.ttl")


def declared(*kinds: URIRef) -> set[str]:
    return {str(s) for kind in kinds for s in ONTOLOGY_GRAPH.subjects(RDF.type, kind) if s in PKG}


CLASSES = declared(OWL.Class)
PROPERTIES = declared(OWL.ObjectProperty, OWL.DatatypeProperty)


@pytest.mark.parametrize("term", sorted(CLASSES | PROPERTIES))
def test_every_term_is_described(term):
    """One label and one comment in English; properties have a domain and a range."""
    node = URIRef(term)
    for predicate in (RDFS.label, RDFS.comment):
        texts = list(ONTOLOGY_GRAPH.objects(node, predicate))
        assert [t.language for t in texts] == ["en"]
        assert all(texts)
    if term in PROPERTIES:
        assert len(list(ONTOLOGY_GRAPH.objects(node, RDFS.domain))) == 1
        assert len(list(ONTOLOGY_GRAPH.objects(node, RDFS.range))) == 1


def test_nothing_is_said_to_be_the_same_as_a_term_of_others():
    for predicate in (OWL.equivalentClass, OWL.equivalentProperty, OWL.sameAs, SKOS.exactMatch):
        assert not list(ONTOLOGY_GRAPH.subject_objects(predicate))


def test_every_term_of_an_exported_graph_is_declared():
    """And used as what it is: classes as types, properties as predicates."""
    types, predicates = set(), set()
    for quad in quads(small_graph(paper_ids=HOSTILE_IDS)):
        predicates.add(quad.predicate.value)
        if quad.predicate.value == str(RDF.type):
            types.add(quad.object.value)
    assert {t for t in types if t.startswith(ONTOLOGY)} <= CLASSES
    assert {p for p in predicates if p.startswith(ONTOLOGY)} <= PROPERTIES


def test_every_declared_property_is_used_by_the_small_graph():
    """A term that nothing writes is a promise that nobody keeps; inverses are what a reasoner writes."""
    used = {quad.predicate.value for quad in quads(small_graph(paper_ids=HOSTILE_IDS))}
    inverses = {str(back) for back in ONTOLOGY_GRAPH.subjects(OWL.inverseOf)}
    assert PROPERTIES - used == inverses


def test_types_roles_and_relations_of_the_code_have_their_terms():
    for kind in ENTITY_TYPES:
        assert (PKG[kind], RDFS.subClassOf, PKG.Entity) in ONTOLOGY_GRAPH
    for role in ROLES:
        assert str(PKG[PREDICATES[role]]) in PROPERTIES
        if role != "mentioned":
            assert (PKG[PREDICATES[role]], RDFS.subPropertyOf, PKG.mentions) in ONTOLOGY_GRAPH
    for relation in RELATION_TYPES:
        assert str(PKG[PREDICATES[relation]]) in PROPERTIES


def test_metrics_of_the_code_are_the_concepts_of_the_scheme():
    found = {str(s).removeprefix(METRIC) for s in ONTOLOGY_GRAPH.subjects(RDF.type, PKG.Metric)}
    assert found == set(METRICS)
    for metric in METRICS:
        node = URIRef(METRIC + metric)
        for predicate in (SKOS.prefLabel, SKOS.definition, SKOS.inScheme):
            assert ONTOLOGY_GRAPH.value(node, predicate)
        assert str(ONTOLOGY_GRAPH.value(node, SKOS.notation)) == metric


def test_metrics_improve_as_the_code_says():
    for metric in METRICS:
        better = ONTOLOGY_GRAPH.value(URIRef(METRIC + metric), PKG.betterWhen)
        expected = {"other": None}.get(metric, "lower" if metric in LOWER_IS_BETTER else "higher")
        assert (str(better) if better else None) == expected


def test_no_spelling_stands_for_two_units():
    spellings = [str(o) for o in ONTOLOGY_GRAPH.objects(None, PKG.writtenAs)]
    assert len(spellings) == len(set(spellings)) == len(units())
    assert units()["x"].value == VOCABULARIES["unit"] + "UNITLESS"
    assert "points" not in units()


def test_shapes_list_the_words_of_the_code():
    lists = {
        tuple(str(item).removeprefix(ONTOLOGY) for item in Collection(SHAPES, node))
        for node in SHAPES.objects(None, SH["in"])
    }
    assert {ROLES, DIRECTIONS, ENTITY_TYPES} <= lists


def test_shapes_are_core_and_speak_of_declared_terms():
    text = (ontology_dir() / "shapes.ttl").read_text("utf-8")
    assert "sh:sparql" not in text
    terms = {str(t) for triple in SHAPES for t in triple if isinstance(t, URIRef) and t in PKG}
    assert terms <= CLASSES | PROPERTIES


def test_every_property_shape_says_what_is_wrong():
    for shape in SHAPES.objects(None, SH.property):
        assert SHAPES.value(shape, SH.message)


def test_properties_have_inverses_with_domain_and_range_the_other_way_round():
    pairs = list(ONTOLOGY_GRAPH.subject_objects(OWL.inverseOf))
    assert {str(forth) for _, forth in pairs} == {
        *(ONTOLOGY + name for name in (*PREDICATES.values(), "mentions", "outperforms", "variantOf"))
    }
    for back, forth in pairs:
        assert ONTOLOGY_GRAPH.value(back, RDFS.domain) == ONTOLOGY_GRAPH.value(forth, RDFS.range)
        assert ONTOLOGY_GRAPH.value(back, RDFS.range) == ONTOLOGY_GRAPH.value(forth, RDFS.domain)


def closure(*further: tuple[URIRef, URIRef, URIRef]) -> tuple[rdflib.Graph, list[str]]:
    """Give what follows by OWL 2 RL from the ontology, the small graph and further statements."""
    graph = rdflib.Graph()
    for triple in ONTOLOGY_GRAPH:
        graph.add(triple)
    graph.parse(
        data=serialize((q.triple for q in quads(small_graph())), format=RdfFormat.N_TRIPLES), format="nt"
    )
    for triple in further:
        graph.add(triple)
    reasoner = OWLRL_Semantics(graph, axioms=False, daxioms=False)
    reasoner.closure()
    return graph, reasoner.error_messages


def test_a_reasoner_finds_inverses_and_nothing_inconsistent():
    graph, wrong = closure()
    assert wrong == []
    paper, thing = URIRef(f"{BASE}paper/2401.00001"), URIRef(f"{BASE}system/fastserve")
    assert (thing, PKG.introducedBy, paper) in graph
    assert (thing, PKG.mentionedBy, paper) in graph
    assert closure((thing, RDF.type, PKG.Dataset))[1], "it would not notice what is wrong"


def test_header():
    node = URIRef("https://w3id.org/paperkg/ontology")
    terms = rdflib.Namespace(VOCABULARIES["dcterms"])
    assert (node, RDF.type, OWL.Ontology) in ONTOLOGY_GRAPH
    assert str(ONTOLOGY_GRAPH.value(node, OWL.versionInfo)) == __version__
    assert str(ONTOLOGY_GRAPH.value(node, terms.creator)) == "paperkg contributors"
    assert str(ONTOLOGY_GRAPH.value(node, terms.license)).endswith("/MIT")
