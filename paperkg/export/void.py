"""What the RDF files hold: counts by class and property, vocabularies, and where the dumps are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pyoxigraph import NamedNode, Triple

from paperkg.export import literals as lit
from paperkg.export.quads import quads, term
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import BASE, VOCABULARIES, encode

#: The files of a build, with their media types.
DUMPS: dict[str, str] = {
    "graph.jsonld": "application/ld+json",
    "graph.nq": "application/n-quads",
    "graph.trig": "application/trig",
    "graph.ttl": "text/turtle",
}


def describe(graph: KnowledgeGraph, *, base: str = BASE) -> Iterator[Triple]:
    """Yield the description of a graph as a data set of VoID and DCAT.

    Triples are counted in the union of all graphs, as Turtle holds them.
    """
    triples = {quad.triple for quad in quads(graph, base=base)}
    kind = term("rdf:type")
    data = NamedNode(f"{base}void")
    classes = Counter(t.object for t in triples if t.predicate == kind)
    properties = Counter(t.predicate for t in triples)
    yield Triple(data, kind, term("void:Dataset"))
    yield Triple(data, kind, term("dcat:Dataset"))
    yield Triple(data, term("dcterms:title"), lit.text("Knowledge graph of papers", language="en"))
    yield Triple(
        data,
        term("dcterms:description"),
        lit.text(
            f"{len(graph.papers)} papers, what they speak of, and what they measured, with evidence.",
            language="en",
        ),
    )
    yield Triple(data, term("prov:wasGeneratedBy"), NamedNode(f"{base}run/{encode(graph.run.id)}"))
    yield Triple(data, term("void:uriSpace"), lit.text(base))
    yield Triple(data, term("void:triples"), lit.integer(len(triples)))
    yield Triple(data, term("void:classes"), lit.integer(len(classes)))
    yield Triple(data, term("void:properties"), lit.integer(len(properties)))
    yield Triple(data, term("void:distinctSubjects"), lit.integer(len({t.subject for t in triples})))
    yield Triple(data, term("void:distinctObjects"), lit.integer(len({t.object for t in triples})))
    terms = [item.value for item in (*classes, *properties) if isinstance(item, NamedNode)]
    for namespace in VOCABULARIES.values():
        if any(iri.startswith(namespace) for iri in terms):
            yield Triple(data, term("void:vocabulary"), NamedNode(namespace))
    for item, count in classes.items():
        assert isinstance(item, NamedNode)
        part = _part(data, "class", item)
        yield Triple(data, term("void:classPartition"), part)
        yield Triple(part, term("void:class"), item)
        yield Triple(part, term("void:entities"), lit.integer(count))
    for item, count in properties.items():
        part = _part(data, "property", item)
        yield Triple(data, term("void:propertyPartition"), part)
        yield Triple(part, term("void:property"), item)
        yield Triple(part, term("void:triples"), lit.integer(count))
    for file, media_type in DUMPS.items():
        dump, distribution = NamedNode(base + file), NamedNode(f"{data.value}#{file}")
        yield Triple(data, term("void:dataDump"), dump)
        yield Triple(data, term("dcat:distribution"), distribution)
        yield Triple(distribution, kind, term("dcat:Distribution"))
        yield Triple(distribution, term("dcat:downloadURL"), dump)
        yield Triple(
            distribution,
            term("dcat:mediaType"),
            NamedNode(f"https://www.iana.org/assignments/media-types/{media_type}"),
        )


def _part(data: NamedNode, kind: str, item: NamedNode) -> NamedNode:
    """Name a part after the whole IRI of its class or property: local names alone are not unique."""
    return NamedNode(f"{data.value}#{kind}-{encode(item.value)}")
