"""Every way a graph leaves paperkg.

To add a format, write its function in a module here and give it one row in ``EXPORTERS``: the
command line, the table in the README and the tests read that table. Functions import their RDF or
HTML library themselves, so that reading the table costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from paperkg.errors import ExportError
from paperkg.namespaces import BASE

if TYPE_CHECKING:
    from paperkg.graph import KnowledgeGraph


@dataclass(frozen=True, slots=True)
class Exporter:
    """One output format. The same graph always gives the same bytes."""

    #: Name of the file in a build, or of the folder.
    file: str
    summary: str
    #: ``module:function`` below ``paperkg.export``.
    function: str
    #: Whether its identifiers begin with the base IRI.
    has_base: bool = False
    #: Whether it is several files in a folder.
    is_folder: bool = False
    #: Whether a build writes it; the others are made when they are asked for.
    in_build: bool = True

    def write(self, graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
        """Write a graph to a binary stream."""
        if self.has_base:
            self._writer()(graph, stream, base=base)
        else:
            self._writer()(graph, stream)

    def write_folder(self, graph: KnowledgeGraph, folder: Path) -> None:
        """Write a graph as the files of a folder that exists."""
        self._writer()(graph, folder)

    def _writer(self) -> Callable[..., None]:
        module, _, function = self.function.partition(":")
        writer: Callable[..., None] = getattr(import_module(f"paperkg.export.{module}"), function)
        return writer


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
    "gexf": Exporter("graph.gexf", "for Gephi", "graphml:write_gexf", in_build=False),
    "chunks": Exporter(
        "chunks.jsonl", "passages with metadata for vector stores", "chunks:write_chunks", in_build=False
    ),
    "graphrag": Exporter(
        "graphrag",
        "a project of Microsoft GraphRAG",
        "graphrag:write_graphrag",
        is_folder=True,
        in_build=False,
    ),
    "lightrag": Exporter("lightrag.json", "for LightRAG", "lightrag:write_lightrag", in_build=False),
    "llamaindex": Exporter(
        "property_graph_store.json", "for LlamaIndex", "llamaindex:write_llamaindex", in_build=False
    ),
    "langchain": Exporter(
        "langchain.json", "graph documents of LangChain", "langchain:write_langchain", in_build=False
    ),
    "neo4j": Exporter(
        "neo4j", "tables for Neo4j's bulk import", "neo4j:write_neo4j", is_folder=True, in_build=False
    ),
    "hipporag": Exporter(
        "hipporag",
        "corpus and triples for HippoRAG",
        "hipporag:write_hipporag",
        is_folder=True,
        in_build=False,
    ),
}


def export_graph(graph: KnowledgeGraph, stream: BinaryIO, *, format: str, base: str = BASE) -> None:
    """Write a graph to a binary stream in one of the formats of ``EXPORTERS`` that are one file."""
    exporter = _exporter(format)
    if exporter.is_folder:
        raise ExportError(f"{format} is a folder of files: give -o a folder")
    exporter.write(graph, stream, base=base)


def export_folder(graph: KnowledgeGraph, folder: Path, *, format: str) -> None:
    """Write a graph as a folder that takes its name only when it is whole.

    Raises ``ExportError`` where the folder holds anything that the export would not replace.
    """
    from paperkg.files import atomic_folder

    with atomic_folder(folder) as staging:
        _exporter(format).write_folder(graph, staging)


def _exporter(format: str) -> Exporter:
    if format not in EXPORTERS:
        raise ExportError(f"no format {format!r}; choose one of: {', '.join(EXPORTERS)}")
    return EXPORTERS[format]
