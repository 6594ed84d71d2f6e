"""Write docs/ontology.html and ontology/context.jsonld: ``python docs/make_ontology.py``."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS, XSD

from paperkg.namespaces import METRIC, ONTOLOGY, VOCABULARIES, shorten
from paperkg.resources import ontology_dir

PAGE = Path(__file__).parent / "ontology.html"
CONTEXT = ontology_dir() / "context.jsonld"

#: Properties whose values are concepts of a scheme.
SCHEMES = {name: VOCABULARIES[name] for name in ("metric", "unit")}
SHARED = ("dcterms:title", "dcterms:abstract", "dcterms:identifier", "dcterms:issued", "skos:prefLabel")

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
nav { columns: 14rem; font-size: .9rem }
nav a { display: block }
section { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .5rem 0 }
h3 { margin: .5rem 0 0 } h3 small { font-weight: normal; opacity: .7 }
dl { display: grid; grid-template-columns: 9rem 1fr; margin: .5rem 0; font-size: .9rem }
dt { opacity: .7 } dd { margin: 0; overflow-wrap: anywhere }
"""

_FACTS = (
    ("is a kind of", RDFS.subClassOf),
    ("is a kind of", RDFS.subPropertyOf),
    ("close to", SKOS.closeMatch),
    ("of", RDFS.domain),
    ("gives", RDFS.range),
    ("inverse", OWL.inverseOf),
    ("better when", rdflib.URIRef(f"{ONTOLOGY}betterWhen")),
    ("written as", rdflib.URIRef(f"{ONTOLOGY}writtenAs")),
)


def load() -> rdflib.Graph:
    """Read the ontology."""
    return rdflib.Graph().parse(ontology_dir() / "paperkg.ttl")


def context(graph: rdflib.Graph) -> str:
    """Give the context of JSON-LD: terms by their local names, with their types; and all prefixes."""
    hidden = ("sh", "void", "dcat", *SCHEMES)
    terms: dict[str, object] = {n: iri for n, iri in sorted(VOCABULARIES.items()) if n not in hidden}
    terms |= {"id": "@id", "type": "@type"}
    found: dict[str, dict[str, object]] = {}
    for name in SHARED:
        found[name.partition(":")[2]] = {"@id": name}
    for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty):
        for term in graph.subjects(RDF.type, kind):
            if not str(term).startswith(ONTOLOGY):
                continue
            local = str(term).removeprefix(ONTOLOGY)
            entry: dict[str, object] = {"@id": f"pkg:{local}"}
            values = str(graph.value(term, RDFS.range))
            if local in SCHEMES:
                # "metric": "throughput" is the concept of the scheme.
                entry |= {"@type": "@vocab", "@context": {"@vocab": SCHEMES[local]}}
            elif kind == OWL.ObjectProperty:
                entry["@type"] = "@id"
            elif values.startswith(str(XSD)) and values != str(XSD.string):
                entry["@type"] = shorten(values, VOCABULARIES)
            found[local] = entry
    return json.dumps({"@context": terms | dict(sorted(found.items()))}, indent=2) + "\n"


def page(graph: rdflib.Graph) -> str:
    """Give the page."""
    root = rdflib.URIRef(ONTOLOGY.removesuffix("#"))
    title = str(graph.value(root, rdflib.DCTERMS.title))
    groups = (
        ("Classes", OWL.Class, ONTOLOGY),
        ("Properties between things", OWL.ObjectProperty, ONTOLOGY),
        ("Properties with values", OWL.DatatypeProperty, ONTOLOGY),
        ("Metrics", rdflib.URIRef(f"{ONTOLOGY}Metric"), METRIC),
        ("Units", rdflib.URIRef(f"{VOCABULARIES['qudt']}Unit"), VOCABULARIES["unit"]),
    )
    parts, links = [], []
    for heading, kind, namespace in groups:
        terms = sorted(t for t in graph.subjects(RDF.type, kind) if str(t).startswith(namespace))
        links.append(f"<p><b>{heading}</b></p><nav>{''.join(map(_link, terms))}</nav>")
        parts.append(f"<h2>{heading}</h2>{''.join(_section(graph, term) for term in terms)}")
    version = escape(str(graph.value(root, OWL.versionInfo)))
    description = escape(str(graph.value(root, rdflib.DCTERMS.description)))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n<p>{description}</p>\n"
        f"<p>Version {version}. Namespace <code>{escape(ONTOLOGY)}</code>, prefix <code>pkg:</code>.</p>\n"
        + "\n".join((*links, *parts))
        + "\n</body></html>\n"
    )


def _name(term: rdflib.term.Node) -> str:
    return shorten(str(term), VOCABULARIES) if isinstance(term, rdflib.URIRef) else str(term)


def _link(term: rdflib.term.Node) -> str:
    name = escape(_name(term), quote=True)
    return f'<a href="#{name}">{name}</a>'


def _section(graph: rdflib.Graph, term: rdflib.term.Node) -> str:
    name = escape(_name(term), quote=True)
    label = graph.value(term, RDFS.label) or graph.value(term, SKOS.prefLabel) or ""
    comment = graph.value(term, RDFS.comment) or graph.value(term, SKOS.definition) or ""
    rows = []
    for fact, predicate in _FACTS:
        for value in sorted(graph.objects(term, predicate)):
            own = str(value).startswith(ONTOLOGY)
            if not isinstance(value, rdflib.BNode):
                rows.append(f"<dt>{fact}</dt><dd>{_link(value) if own else escape(_name(value))}</dd>")
    return (
        f'<section id="{name}"><h3>{name} <small>{escape(str(label))}</small></h3>'
        f"<p>{escape(str(comment))}</p><dl>{''.join(rows)}</dl></section>\n"
    )


if __name__ == "__main__":
    ontology = load()
    PAGE.write_text(page(ontology), "utf-8")
    CONTEXT.write_text(context(ontology), "utf-8")
