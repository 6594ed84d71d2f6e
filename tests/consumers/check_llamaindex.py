"""LlamaIndex reads the store, walks it, and finds the abstracts."""

from __future__ import annotations

import sys
from pathlib import Path

from common import compare, ours, run_guide


def main(folder: Path) -> None:
    own = ours(folder)
    read = run_guide("llamaindex", folder)
    store = read["store"]
    nodes = store.get()
    chunks = [node for node in nodes if node.label == "text_chunk"]
    triplets = store.graph.get_triplets()
    contributions = sum(
        relation.label in ("COMPARED_WITH", "EVALUATED_ON", "USES") and head.label != "text_chunk"
        for head, relation, _ in triplets
    )
    compare(
        "LlamaIndex",
        [
            ("papers (chunks)", own["papers"], len(chunks), ""),
            ("entities", own["concepts"], len(nodes) - len(chunks), ""),
            ("edges (triplets)", own["edges"], len(triplets) - contributions, ""),
            (
                "with contributions",
                own["edges"],
                len(triplets),
                "what papers do with what they introduce is said between entities, too",
            ),
        ],
    )
    assert all(key == node.id for key, node in store.graph.nodes.items())
    assert len(store.get_llama_nodes([chunk.id for chunk in chunks])) == own["papers"]
    (alisa,) = store.get(ids=["ALISA"])
    assert alisa.properties["key"] == "system/alisa"
    told = [(h.id, r.label, t.id) for h, r, t in store.get_triplets(entity_names=["ALISA"])]
    assert ("ALISA", "OUTPERFORMS", "FlexGen") in told
    assert ("FlexGen", "OUTPERFORMS", "ALISA") not in told
    text = "\n".join(result.text for result in read["results"])
    assert "ALISA -> OUTPERFORMS -> FlexGen" in text
    assert "we propose ALISA, a novel algorithm-system co-design" in text
    print(f"  a question about FlexGen is answered with {len(read['results'])} passages")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
