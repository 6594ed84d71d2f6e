"""LightRAG takes the graph, and gives it back by its own API."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from common import compare, ours, run_guide


def main(folder: Path) -> None:
    own = ours(folder)
    read = run_guide("lightrag", folder)
    asyncio.run(check(read["rag"], read["found"], own, json.loads(Path("lightrag.json").read_text("utf-8"))))


async def check(rag: Any, found: dict[str, Any], own: dict[str, int], kg: dict[str, Any]) -> None:
    await rag.initialize_storages()
    graph = rag.chunk_entity_relation_graph
    nodes, edges = await graph.get_all_nodes(), await graph.get_all_edges()
    chunks = await rag.text_chunks.get_by_ids([one["_id"] for one in await all_chunks(rag)])
    compare(
        "LightRAG",
        [
            ("papers (chunks)", own["papers"], len(chunks), "two papers have one text"),
            ("entities", own["entities"], len(nodes), ""),
            ("pairs (relationships)", own["pairs"], len(edges), ""),
        ],
    )
    assert {chunk["full_doc_id"] for chunk in chunks} <= {chunk["source_id"] for chunk in kg["chunks"]}
    assert not [node for node in nodes if "UNKNOWN" in (node["entity_type"], node["source_id"])]
    assert not [edge for edge in edges if edge["source_id"] == "UNKNOWN"]
    by_name = {node["id"]: node for node in nodes}
    for entity in kg["entities"]:
        assert by_name[entity["entity_name"]]["description"] == entity["description"]
    for one in kg["relationships"]:
        edge = await graph.get_edge(one["tgt_id"], one["src_id"])
        assert (edge["description"], edge["keywords"]) == (one["description"], one["keywords"])
        assert float(edge["weight"]) == one["weight"]
    info = await rag.get_entity_info("ALISA")
    assert info["graph_data"]["entity_type"] == "System"
    told = " ".join(relation["description"] for relation in found["data"]["relationships"])
    assert "ALISA outperforms FlexGen [seed-a320a37b]" in told
    assert "up to 3x throughput" in told
    print(f"  a question about ALISA is answered from { {k: len(v) for k, v in found['data'].items()} }")
    await rag.finalize_storages()


async def all_chunks(rag: Any) -> list[dict[str, Any]]:
    """Give what the store of chunks holds."""
    await rag.text_chunks.initialize()
    return [{"_id": key} for key in rag.text_chunks._data]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
