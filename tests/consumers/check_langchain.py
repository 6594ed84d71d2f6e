"""LangChain's models take the graph documents, and every node and relation is in them."""

from __future__ import annotations

import sys
from pathlib import Path

from common import compare, ours, run_guide
from langchain_neo4j.graphs.neo4j_graph import _remove_backticks


def main(folder: Path) -> None:
    own = ours(folder)
    documents = run_guide("langchain", folder)["documents"]
    nodes = {(node.type, node.id) for one in documents for node in one.nodes}
    # As Neo4jGraph.add_graph_documents merges them.
    relations = {
        (one.source.id, _remove_backticks(one.type.replace(" ", "_").upper()), one.target.id)
        for document in documents
        for one in document.relationships
    }
    entities = {node for node in nodes if node[0] != "Paper"}
    unused = "families and kinds above nothing that a paper names have no document"
    compare(
        "LangChain",
        [
            ("papers (documents)", own["papers"], len(documents), ""),
            ("papers (nodes)", own["papers"], len(nodes) - len(entities), ""),
            ("entities", own["concepts"], len(entities), unused),
            ("edges (relationships)", own["edges"], len(relations), unused),
        ],
    )
    assert own["entities"] <= len(entities) <= own["concepts"]
    assert len({node_id for _, node_id in nodes}) == len(nodes), "baseEntityLabel merges by id alone"
    for document in documents:
        assert document.source is not None
        assert document.source.metadata["id"]
        inside = {(node.type, node.id) for node in document.nodes}
        for one in document.relationships:
            assert {(one.source.type, one.source.id), (one.target.type, one.target.id)} <= inside
        values = [node.properties for node in document.nodes] + [
            one.properties for one in document.relationships
        ]
        for value in (item for properties in values for item in properties.values()):
            assert isinstance(value, str | int | float) or all(isinstance(one, str) for one in value)
    assert ("ALISA", "OUTPERFORMS", "FlexGen") in relations
    assert ("FlexGen", "OUTPERFORMS", "ALISA") not in relations


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
