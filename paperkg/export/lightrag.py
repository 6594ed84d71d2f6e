"""The graph for LightRAG's ``insert_custom_kg``: a chunk a paper, entities by name, one edge a pair.

LightRAG knows edges without direction, one between two entities; so an edge's description says who does
what to whom, with papers, and its keywords are the predicates. Its weight may not be below 1.
"""

from __future__ import annotations

from typing import BinaryIO

from paperkg.describe import entity_text, introduced_by, pair_text, passage, unique_names
from paperkg.export.jsons import write_json
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import encode
from paperkg.statements import pairs, statements


def write_lightrag(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write chunks, entities and relationships as one JSON object."""
    names = unique_names(graph)
    chunks = [
        {"content": passage(paper.text), "source_id": encode(key), "file_path": encode(key)}
        for key, paper in graph.papers.items()
    ]
    entities = [
        {
            "entity_name": names[concept.id],
            "entity_type": concept.type,
            "description": entity_text(graph, concept, names),
            **_source(introduced_by(graph, concept.id) or graph.papers_of[concept.id][0][0]),
        }
        for concept in graph.mentioned()
    ]
    relationships = [
        {
            "src_id": names[pair.statements[0].head],
            "tgt_id": names[pair.statements[0].tail],
            "description": pair_text(graph, pair, names),
            "keywords": ", ".join(dict.fromkeys(one.predicate for one in pair.statements)),
            "weight": pair.weight,
            # What only the vocabulary knows is told by the paper that its first entity comes from.
            **_source((pair.papers or tuple(paper for paper, _ in graph.papers_of[pair.one]))[0]),
        }
        for pair in pairs(graph, statements(graph))
    ]
    write_json({"chunks": chunks, "entities": entities, "relationships": relationships}, stream)


def _source(paper: str) -> dict[str, str]:
    # LightRAG takes only what follows the last slash of a path; encoded, there is none.
    return {"source_id": encode(paper), "file_path": encode(paper)}
