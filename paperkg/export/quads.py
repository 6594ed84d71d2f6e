"""A graph as RDF quads: one named graph a paper, one for the vocabulary, one for the run.

No blank nodes: what has no identity of its own is named after what it belongs to, so that two graphs
are the same if their lines are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, parse

from paperkg.export import literals as lit
from paperkg.graph import PREDICATES, KnowledgeGraph, LinkedClaim
from paperkg.model import ENTITY_TYPES, Concept, Extraction, Listing, Mention, Paper, Relation
from paperkg.names import digest
from paperkg.namespaces import (
    BASE,
    METRIC,
    RUN_GRAPH,
    VOCABULARIES,
    VOCABULARY_GRAPH,
    check_base,
    concept_local,
    encode,
    graph_local,
    mention_local,
    paper_local,
)
from paperkg.resources import ontology_dir

#: How many characters before and after a mention its quotation carries.
CONTEXT = 40


def quads(graph: KnowledgeGraph, *, base: str = BASE) -> Iterator[Quad]:
    """Yield every statement once a graph: graphs sorted by name, quads by subject."""
    writer = _Writer(graph, check_base(base))
    papers = {graph_local(key): extraction for key, extraction in graph.extractions.items()}
    for local in sorted([*papers, VOCABULARY_GRAPH, RUN_GRAPH]):
        if local == VOCABULARY_GRAPH:
            triples = writer.vocabulary()
        elif local == RUN_GRAPH:
            triples = writer.run()
        else:
            triples = writer.paper(papers[local])
        name = NamedNode(base + local)
        for triple in sorted(set(triples), key=order):
            yield Quad(triple.subject, triple.predicate, triple.object, name)


def order(triple: Triple | Quad) -> tuple[str, bool, str, str]:
    """Give the key that sorts statements for people: by subject, its type first."""
    predicate = triple.predicate.value
    assert isinstance(triple.subject, NamedNode)
    return triple.subject.value, predicate != _TYPE.value, predicate, str(triple.object)


@lru_cache(maxsize=1024)
def term(name: str) -> NamedNode:
    """Give the IRI of a prefixed name: ``pkg:Paper``, ``dcterms:title``."""
    prefix, _, local = name.partition(":")
    return NamedNode(VOCABULARIES[prefix] + local)


_TYPE = term("rdf:type")


class _Writer:
    """Makes the triples of each named graph; knows the base and nothing of the order."""

    def __init__(self, graph: KnowledgeGraph, base: str) -> None:
        self._graph = graph
        self._base = base

    def _node(self, local: str) -> NamedNode:
        return NamedNode(self._base + local)

    def _concept(self, concept: str) -> NamedNode:
        return self._node(concept_local(concept))

    # -- papers

    def paper(self, extraction: Extraction) -> Iterator[Triple]:
        paper = extraction.paper
        node = self._node(paper_local(paper.id))
        yield Triple(self._node(graph_local(paper.id)), term("prov:wasDerivedFrom"), node)
        yield from self._metadata(paper, node)
        ids = {entity.name: entity.id for entity in extraction.entities}
        roles = {entity.name: entity.role for entity in extraction.entities}
        for entity in extraction.entities:
            yield Triple(node, term("pkg:mentions"), self._concept(entity.id))
            yield Triple(node, term(f"pkg:{PREDICATES[entity.role]}"), self._concept(entity.id))
        seen: Counter[str] = Counter()
        for mention in sorted(extraction.mentions):
            local = mention_local(paper.id, mention.start, mention.end)
            seen[local] += 1
            # Two things may be named by the same characters only where an input says so.
            local = local if seen[local] == 1 else f"{local}-{seen[local]}"
            yield from self._mention(paper, local, mention, ids[mention.entity], roles[mention.entity])
        for relation in extraction.relations:
            head, tail = ids.get(relation.head), ids.get(relation.tail)
            if head and tail and head != tail:
                yield from self._relation(paper, relation, head, tail)
        for claim in self._graph.claims_of_paper(paper.id):
            yield from self._claim(paper, node, claim)

    def _metadata(self, paper: Paper, node: NamedNode) -> Iterator[Triple]:
        yield Triple(node, _TYPE, term("pkg:Paper"))
        yield Triple(node, term("dcterms:identifier"), lit.text(paper.id))
        if paper.title:
            yield Triple(node, term("dcterms:title"), lit.text(paper.title, language="en"))
        if paper.abstract:
            yield Triple(node, term("dcterms:abstract"), lit.text(paper.abstract, language="en"))
        if paper.issued:
            yield Triple(node, term("dcterms:issued"), lit.moment(paper.issued))
        for number, name in enumerate(paper.creators, start=1):
            person = self._node(f"{paper_local(paper.id)}#creator-{number}")
            yield Triple(node, term("dcterms:creator"), person)
            yield Triple(person, _TYPE, term("foaf:Person"))
            yield Triple(person, term("foaf:name"), lit.text(name))
        for listing in paper.listings:
            yield from self._listing(paper, node, listing)

    def _listing(self, paper: Paper, node: NamedNode, listing: Listing) -> Iterator[Triple]:
        key = digest(repr((listing.file, listing.date, listing.position)))
        place = self._node(f"{paper_local(paper.id)}#listing-{key}")
        yield Triple(node, term("pkg:listedIn"), place)
        yield Triple(place, _TYPE, term("pkg:Listing"))
        yield Triple(place, term("pkg:file"), lit.text(listing.file))
        if listing.date:
            yield Triple(place, term("pkg:date"), lit.text(listing.date))
        yield Triple(place, term("pkg:position"), lit.integer(listing.position))

    # -- evidence

    def _mention(
        self, paper: Paper, local: str, mention: Mention, concept: str, role: str
    ) -> Iterator[Triple]:
        node = self._node(local)
        yield from self._annotation(paper, local, mention.start, mention.end, self._concept(concept))
        yield Triple(node, term("pkg:role"), lit.text(role))
        yield Triple(node, term("pkg:confidence"), lit.probability(mention.confidence))
        if mention.rule:
            yield Triple(node, term("pkg:rule"), lit.text(mention.rule))

    def _relation(self, paper: Paper, relation: Relation, head: str, tail: str) -> Iterator[Triple]:
        subject, value = self._concept(head), self._concept(tail)
        predicate = term(f"pkg:{PREDICATES[relation.type]}")
        yield Triple(subject, predicate, value)
        if not _stands(paper, relation.start, relation.end):
            return
        about = repr((head, relation.type, tail))
        local = mention_local(paper.id, relation.start, relation.end, about=about)
        statement = self._node(f"{local}#statement")
        yield from self._annotation(paper, local, relation.start, relation.end, statement)
        yield Triple(self._node(local), term("pkg:confidence"), lit.probability(relation.confidence))
        if relation.rule:
            yield Triple(self._node(local), term("pkg:rule"), lit.text(relation.rule))
        yield Triple(statement, _TYPE, term("rdf:Statement"))
        yield Triple(statement, term("rdf:subject"), subject)
        yield Triple(statement, term("rdf:predicate"), predicate)
        yield Triple(statement, term("rdf:object"), value)

    def _annotation(
        self, paper: Paper, local: str, start: int, end: int, body: NamedNode
    ) -> Iterator[Triple]:
        node, target = self._node(local), self._node(f"{local}#target")
        position, quote = self._node(f"{local}#position"), self._node(f"{local}#quote")
        text = paper.text
        yield Triple(node, _TYPE, term("oa:Annotation"))
        yield Triple(node, _TYPE, term("pkg:Mention"))
        yield Triple(node, term("oa:hasBody"), body)
        yield Triple(node, term("oa:hasTarget"), target)
        yield Triple(target, _TYPE, term("oa:SpecificResource"))
        yield Triple(target, term("oa:hasSource"), self._node(paper_local(paper.id)))
        yield Triple(target, term("oa:hasSelector"), position)
        yield Triple(target, term("oa:hasSelector"), quote)
        yield Triple(position, _TYPE, term("oa:TextPositionSelector"))
        yield Triple(position, term("oa:start"), lit.integer(start))
        yield Triple(position, term("oa:end"), lit.integer(end))
        yield Triple(quote, _TYPE, term("oa:TextQuoteSelector"))
        yield Triple(quote, term("oa:exact"), lit.text(text[start:end]))
        if start:
            yield Triple(quote, term("oa:prefix"), lit.text(text[max(0, start - CONTEXT) : start]))
        if end < len(text):
            yield Triple(quote, term("oa:suffix"), lit.text(text[end : end + CONTEXT]))

    # -- claims

    def _claim(self, paper: Paper, stated_by: NamedNode, linked: LinkedClaim) -> Iterator[Triple]:
        claim, node = linked.claim, self._concept(linked.id)
        yield Triple(node, _TYPE, term("pkg:Claim"))
        yield Triple(node, term("pkg:statedBy"), stated_by)
        yield Triple(node, term("pkg:metric"), NamedNode(METRIC + claim.metric))
        yield Triple(node, term("pkg:direction"), lit.text(claim.direction))
        yield Triple(node, term("pkg:relative"), lit.boolean(claim.relative))
        yield Triple(node, term("pkg:valueText"), lit.text(claim.value))
        if (value := lit.number(claim.value)) is not None:
            yield Triple(node, term("pkg:value"), lit.decimal(value))
        if unit := lit.units().get(claim.unit):
            yield Triple(node, term("pkg:unit"), unit)
        elif claim.unit:
            yield Triple(node, term("pkg:unitText"), lit.text(claim.unit))
        if claim.qualifier:
            yield Triple(node, term("pkg:qualifier"), lit.text(claim.qualifier))
        if linked.subject:
            yield Triple(node, term("pkg:subject"), self._concept(linked.subject))
        for baseline in linked.baselines:
            yield Triple(node, term("pkg:baseline"), self._concept(baseline))
            if baseline in linked.outperformed:
                yield Triple(self._concept(linked.subject), term("pkg:outperforms"), self._concept(baseline))
        if _stands(paper, claim.start, claim.end):
            local = mention_local(paper.id, claim.start, claim.end, about=linked.id)
            yield from self._annotation(paper, local, claim.start, claim.end, node)
            yield Triple(self._node(local), term("pkg:confidence"), lit.probability(claim.confidence))

    # -- what belongs to no paper

    def vocabulary(self) -> Iterator[Triple]:
        for kind in ENTITY_TYPES:
            scheme = self._node(f"scheme/{kind.lower()}")
            yield Triple(scheme, _TYPE, term("skos:ConceptScheme"))
            yield Triple(scheme, term("dcterms:title"), lit.text(kind, language="en"))
        for concept in self._graph.concepts.values():
            yield from self._concept_triples(concept)
        # A copy of the metrics and units, so that the graph can be read without the ontology.
        described = {term("pkg:Metric"), term("qudt:Unit"), term("skos:ConceptScheme")}
        ontology = list(parse(path=ontology_dir() / "paperkg.ttl", format=RdfFormat.TURTLE))
        subjects = {q.subject for q in ontology if q.predicate == _TYPE and q.object in described}
        yield from (quad.triple for quad in ontology if quad.subject in subjects)

    def _concept_triples(self, concept: Concept) -> Iterator[Triple]:
        node = self._concept(concept.id)
        scheme = self._node(f"scheme/{concept.type.lower()}")
        for kind in (f"pkg:{concept.type}", "pkg:Entity", "skos:Concept"):
            yield Triple(node, _TYPE, term(kind))
        yield Triple(node, term("skos:prefLabel"), lit.text(concept.name))
        yield Triple(node, term("rdfs:label"), lit.text(concept.name))
        names = dict.fromkeys((concept.name, *concept.aliases))
        for alias in names:
            if alias != concept.name:
                yield Triple(node, term("skos:altLabel"), lit.text(alias))
        # One property for all names, in one case: a store finds a thing by any of them at once.
        for key in dict.fromkeys(name.lower() for name in names):
            yield Triple(node, term("pkg:lowerName"), lit.text(key))
        yield Triple(node, term("skos:inScheme"), scheme)
        known = self._graph.concepts
        above = [key for key in (concept.broader, concept.variant_of) if key in known and key != concept.id]
        for key in above:
            yield Triple(node, term("skos:broader"), self._concept(key))
        if not above:
            yield Triple(node, term("skos:topConceptOf"), scheme)
        if concept.variant_of in above:
            yield Triple(node, term("pkg:variantOf"), self._concept(concept.variant_of))
        yield from self._facts(concept, node)

    def _facts(self, concept: Concept, node: NamedNode) -> Iterator[Triple]:
        texts = {"vendor": concept.vendor, "kind": concept.kind, "architecture": concept.architecture}
        for name, value in texts.items():
            if value:
                yield Triple(node, term(f"pkg:{name}"), lit.text(value))
        for source in concept.source.split():
            yield Triple(node, term("pkg:source"), lit.text(source))
        if (memory := lit.number(concept.memory_gb)) is not None:
            yield Triple(node, term("pkg:memory"), lit.decimal(memory))
            yield Triple(node, term("pkg:memoryUnit"), term("unit:GigaBYTE"))
        year = lit.moment(concept.year)
        if year.datatype == term("xsd:gYear"):
            yield Triple(node, term("pkg:releaseYear"), year)

    def run(self) -> Iterator[Triple]:
        run = self._graph.run
        local = f"run/{encode(run.id)}"
        node = self._node(local)
        yield Triple(node, _TYPE, term("pkg:Run"))
        yield Triple(node, _TYPE, term("prov:Activity"))
        yield Triple(node, term("pkg:version"), lit.text(run.version))
        for file in run.inputs:
            item = self._node(f"{local}#input-{digest(repr((file.name, file.sha256)))}")
            yield Triple(node, term("prov:used"), item)
            yield Triple(item, _TYPE, term("pkg:InputFile"))
            yield Triple(item, _TYPE, term("prov:Entity"))
            yield Triple(item, term("pkg:file"), lit.text(file.name))
            yield Triple(item, term("pkg:sha256"), lit.text(file.sha256))
        # Here and not in the graphs themselves: a paper's graph changes only if the paper does.
        for name in (VOCABULARY_GRAPH, *map(graph_local, self._graph.papers)):
            yield Triple(self._node(name), term("prov:wasGeneratedBy"), node)


def _stands(paper: Paper, start: int, end: int) -> bool:
    """Say whether an input gives evidence, and gives it inside the text."""
    return 0 <= start < end <= len(paper.text)
