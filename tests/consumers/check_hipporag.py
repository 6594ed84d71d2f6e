"""HippoRAG's own functions make of the files what its ``index`` would, without asking a model for a triple.

Its package needs torch and vllm when it is imported; what reads triples does not, and is imported alone.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path

from common import compare, ours, run_guide

spec = importlib.util.find_spec("hipporag")
assert spec
assert spec.submodule_search_locations
package = types.ModuleType("hipporag")
package.__path__ = list(spec.submodule_search_locations)
sys.modules["hipporag"] = package

from hipporag.utils.misc_utils import (
    compute_mdhash_id,
    extract_entity_nodes,
    flatten_facts,
    reformat_openie_results,
    text_processing,
)


def main(folder: Path) -> None:
    own = ours(folder)
    read = run_guide("hipporag", folder)
    # What HippoRAG.load_existing_openie does: passages are found by their digest, made anew.
    infos = json.loads(read["openie_file"].read_text())["docs"]
    for info in infos:
        info["idx"] = compute_mdhash_id(info["passage"], "chunk-")
    keys = dict.fromkeys(compute_mdhash_id(doc, "chunk-") for doc in read["docs"])
    assert not keys.keys() - {info["idx"] for info in infos}, "passages that it would ask a model for"
    # What HippoRAG.index does next, up to the embedding of what it found.
    entities, triples = reformat_openie_results(infos)
    assert len(keys) == len(entities) == len(triples)
    processed = [[text_processing(triple) for triple in triples[key].triples] for key in keys]
    nodes, _ = extract_entity_nodes(processed)
    facts = flatten_facts(processed)
    written = {tuple(triple) for info in infos for triple in info["extracted_triples"]}
    named = {name for info in infos for name in info["extracted_entities"]}
    found = {text_processing(name) for name in named} & set(nodes)
    compare(
        "HippoRAG",
        [
            ("papers (passages)", own["papers"], len(keys), "two papers have one text"),
            ("entities", own["entities"], len(found), ""),
            ("triples", len(written), len(facts), ""),
            (
                "nodes",
                own["entities"],
                len(nodes),
                "a result without a baseline, and a title, are nodes, too",
            ),
        ],
    )
    assert len(named) == len({text_processing(name) for name in named}), "two names read as one"
    assert all(all(triple) for triple in facts)
    assert ("alisa", "outperforms", "flexgen") in facts


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
