"""Every way a graph leaves paperkg.

To add a format, write its function in a module here and give it one row in ``EXPORTERS``: the
command line, the table in the README and the tests read that table. Functions import their RDF or
HTML library themselves, so that reading the table costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from paperkg.errors import ExportError
from paperkg.namespaces import BASE

if TYPE_CHECKING:
    from paperkg.graph import KnowledgeGraph


@dataclass(frozen=True, slots=True)
class Exporter:
    """One output format. The same graph always gives the same bytes."""

    #: Name of the file in a build.
    file: str
    summary: str
    #: ``module:function`` below ``paperkg.export``.
    function: str
    #: Whether its identifiers begin with the base IRI.
    has_base: bool = False

    def write(self, graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
        """Write a graph to a binary stream."""
        module, _, function = self.function.partition(":")
        writer: Callable[..., None] = getattr(import_module(f"paperkg.export.{module}"), function)
        if self.has_base:
            writer(graph, stream, base=base)
        else:
            writer(graph, stream)


EXPORTERS: Mapping[str, Exporter] = {
    "turtle": Exporter("graph.ttl", "RDF for people to read", "rdf:write_turtle", has_base=True),
    "trig": Exporter("graph.trig", "RDF with a named graph a paper", "rdf:write_trig", has_base=True),
    "nquads": Exporter("graph.nq", "RDF, one sorted quad a line", "rdf:write_nquads", has_base=True),
    "jsonld": Exporter("graph.jsonld", "RDF as JSON", "rdf:write_jsonld", has_base=True),
    "void": Exporter("void.ttl", "what the RDF holds, by VoID and DCAT", "rdf:write_void", has_base=True),
    "html": Exporter("graph.html", "one page to explore, works with no network", "html:write_html"),
    "graphml": Exporter("graph.graphml", "for Gephi, Cytoscape, igraph", "graphml:write_graphml"),
    "extractions": Exporter("extractions.jsonl", "one record a paper", "records:write_extractions"),
    "entities": Exporter("entities.jsonl", "one record an entity", "records:write_entities"),
    "merges": Exporter("merges.tsv", "what was merged into what, and why", "records:write_merges"),
}


def export_graph(graph: KnowledgeGraph, stream: BinaryIO, *, format: str, base: str = BASE) -> None:
    """Write a graph to a binary stream in one of the formats of ``EXPORTERS``."""
    if format not in EXPORTERS:
        raise ExportError(f"no format {format!r}; choose one of: {', '.join(EXPORTERS)}")
    EXPORTERS[format].write(graph, stream, base=base)
