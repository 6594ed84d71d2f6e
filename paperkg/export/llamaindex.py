"""The graph as LlamaIndex's ``SimplePropertyGraphStore`` keeps it: chunks, entities, relations, triplets."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from paperkg.describe import entity_text, introduced_by, passage, readable, unique_names
from paperkg.export.edges import (
    concept_edges,
    concept_properties,
    edge_properties,
    role_edges,
    upper_snake,
)
from paperkg.export.jsons import write_json
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import paper_local


def write_llamaindex(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write the file that ``SimplePropertyGraphStore.from_persist_path`` reads.

    Entities go by their names, because that is what LlamaIndex takes for their ids, and papers are chunks
    from which its retrievers can take the text.
    """
    names = unique_names(graph)
    nodes: dict[str, dict[str, Any]] = {paper_local(key): _chunk(graph, key) for key in graph.papers}
    for concept in graph.concepts.values():
        properties = {
            **concept_properties(graph, concept),
            "description": entity_text(graph, concept, names),
        }
        papers = [paper for paper, _ in graph.papers_of[concept.id]]
        if papers:
            # LlamaIndex knows one source: the text that it shows beside what it found.
            first = introduced_by(graph, concept.id) or papers[0]
            properties["triplet_source_id"] = paper_local(first)
        nodes[names[concept.id]] = {
            "label": concept.type,
            "embedding": None,
            "properties": properties,
            "name": names[concept.id],
        }
    relations: dict[str, dict[str, Any]] = {}
    triplets: list[list[str]] = []
    for edge in (*role_edges(graph), *concept_edges(graph, contributions=True)):
        head, tail = (
            names.get(key) or paper_local(key.removeprefix("paper/")) for key in (edge.head, edge.tail)
        )
        label = upper_snake(edge.predicate)
        relations[f"{head}_{label}_{tail}"] = {
            "label": label,
            "source_id": head,
            "target_id": tail,
            "properties": edge_properties(edge),
        }
        triplets.append([head, label, tail])
    write_json({"nodes": nodes, "relations": relations, "triplets": triplets}, stream)


def _chunk(graph: KnowledgeGraph, key: str) -> dict[str, Any]:
    paper, local = graph.papers[key], paper_local(key)
    metadata = {"paper": readable(key), "title": readable(paper.title), "issued": readable(paper.issued)}
    node = {"id_": local, "metadata": metadata, "text": "", "class_name": "TextNode"}
    return {
        "label": "text_chunk",
        "embedding": None,
        "properties": {
            **metadata,
            "triplet_source_id": local,
            "ref_doc_id": local,
            # From these two LlamaIndex makes the node whose text it puts beside what it found.
            "_node_content": json.dumps(node),
            "_node_type": "TextNode",
        },
        "text": passage(paper.text),
        "id_": local,
    }
