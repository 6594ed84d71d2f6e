"""The graph as LangChain's ``GraphDocument``s: one a paper, with its entities and what they have to do."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, BinaryIO

from paperkg.describe import claim_text, entity_text, passage, readable, unique_names
from paperkg.export.edges import (
    Edge,
    concept_edges,
    concept_properties,
    edge_properties,
    role_edges,
    upper_snake,
)
from paperkg.export.jsons import write_json
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import paper_local


def write_langchain(graph: KnowledgeGraph, stream: BinaryIO) -> None:
    """Write a list of graph documents as JSON.

    A relation that several papers state stands in each of their documents, every time with all its papers:
    Neo4j merges them, and keeps what it sees first.
    """
    nodes = _nodes(graph)
    ends = {key: {"id": node["id"], "type": node["type"], "properties": {}} for key, node in nodes.items()}
    by_paper: dict[str, list[Edge]] = defaultdict(list)
    taxonomy: dict[str, list[Edge]] = defaultdict(list)
    for edge in (*role_edges(graph), *concept_edges(graph)):
        for paper in edge.papers:
            by_paper[paper].append(edge)
        if not edge.papers:
            taxonomy[edge.head].append(edge)
    documents = []
    for key in graph.papers:
        edges = by_paper[key]
        inside = {f"paper/{key}", *(edge.head for edge in edges), *(edge.tail for edge in edges)}
        above = sorted(inside)
        while above:
            # Families and kinds, up to the top.
            for edge in taxonomy[above.pop()]:
                edges.append(edge)
                if edge.tail not in inside:
                    inside.add(edge.tail)
                    above.append(edge.tail)
        documents.append(
            {
                "nodes": [nodes[one] for one in sorted(inside)],
                "relationships": [_relationship(edge, ends) for edge in edges],
                "source": {
                    "page_content": passage(graph.papers[key].text),
                    "metadata": {
                        "id": paper_local(key),
                        "paper": readable(key),
                        "title": readable(graph.papers[key].title),
                        "issued": readable(graph.papers[key].issued),
                    },
                },
            }
        )
    write_json(documents, stream)


def _nodes(graph: KnowledgeGraph) -> dict[str, dict[str, Any]]:
    """Make the node of each paper and concept; concepts go by their names, which are what people ask for."""
    names = unique_names(graph)
    nodes: dict[str, dict[str, Any]] = {}
    for key, paper in graph.papers.items():
        claims = [readable(claim_text(graph, claim)) for claim in graph.claims_of_paper(key)]
        properties = {"name": readable(paper.title), "paper": readable(key), "claims": claims}
        nodes[f"paper/{key}"] = {"id": paper_local(key), "type": "Paper", "properties": properties}
    for concept in graph.concepts.values():
        properties = {
            "name": names[concept.id],
            **concept_properties(graph, concept),
            "description": entity_text(graph, concept, names),
        }
        nodes[concept.id] = {"id": names[concept.id], "type": concept.type, "properties": properties}
    return nodes


def _relationship(edge: Edge, ends: dict[str, dict[str, Any]]) -> dict[str, Any]:
    # Properties of nodes stand once, with the nodes: who merges by id needs no more here.
    return {
        "source": ends[edge.head],
        "target": ends[edge.tail],
        "type": upper_snake(edge.predicate),
        "properties": edge_properties(edge),
    }
