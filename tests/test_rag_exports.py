"""Exports for RAG tools keep the rules of their formats, whatever papers hold; the tools themselves are asked
in ``tests/consumers``."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from click.testing import CliRunner

from paperkg.cli import main
from paperkg.describe import ascii_key, claim_text, entity_text, name_key, pair_text, unique_names
from paperkg.errors import ExportError, MissingExtraError
from paperkg.export import EXPORTERS, export_folder, export_graph
from paperkg.export.communities import find_communities
from paperkg.export.graphrag import make_tables
from paperkg.export.graphrag_format import TABLES
from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept, Entity, Extraction, Mention, Paper
from paperkg.statements import pairs, statements
from tests.graphs import CONCEPTS, HOSTILE_IDS, small_graph
from tests.neo4j_tables import read_tables

RAG = [name for name, exporter in EXPORTERS.items() if not exporter.in_build]

#: Two things of one name and type, two of one name and different types, and names that tools take for one.
NAMES = (
    ("system/comet-1", "System", "COMET"),
    ("system/comet-2", "System", "COMET"),
    ("technique/pie", "Technique", "PIE"),
    ("dataset/pie", "Dataset", "PIE"),
    ("dataset/gsm8k", "Dataset", "GSM8K"),
    ("dataset/gsm8kplus", "Dataset", "GSM8K+"),
    ("model/12", "Model", "12"),
    ("model/zh", "Model", "\u4e2d\u6587"),
    ("model/zh2", "Model", "\u4e2d\u56fd"),
    ("model/br", "Model", "A<br>&amp;B"),
    ("model/br2", "Model", "a&b"),
    ("model/quoted", "Model", '"A&B"'),
    ("model/paper", "Model", "paper/p0"),
)


def alike() -> KnowledgeGraph:
    """Make a graph of papers, each of which introduces one of the names."""
    extractions = []
    for i, (key, kind, name) in enumerate(NAMES):
        text = f"{name}: a title"
        mention = Mention(start=0, end=len(name), text=name, type=kind, entity=name)
        extractions.append(
            Extraction(
                paper=Paper(id=f"p{i}", title=text, abstract="We present it; it is fast."),
                mentions=(mention,),
                entities=(Entity(name=name, type=kind, role="introduced", id=key),),
            )
        )
    return KnowledgeGraph(extractions, [Concept(id=k, type=t, name=n) for k, t, n in NAMES])


GRAPHS = {
    "plain": small_graph(paper_ids=()),
    "hostile": small_graph(paper_ids=HOSTILE_IDS),
    "alike": alike(),
    "taxonomy only": KnowledgeGraph([], CONCEPTS),
    "empty": KnowledgeGraph([], []),
}


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> KnowledgeGraph:
    return GRAPHS[request.param]


def write(graph: KnowledgeGraph, name: str) -> bytes:
    stream = io.BytesIO()
    export_graph(graph, stream, format=name)
    return stream.getvalue()


def load(graph: KnowledgeGraph, name: str) -> Any:
    return json.loads(write(graph, name))


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("key", [name_key, ascii_key])
def test_names_tell_all_things_apart(graph, key):
    names = unique_names(graph, key=key)
    assert names.keys() == graph.concepts.keys()
    assert len({key(name) for name in names.values()}) == len(names)
    assert all(names.values())


def test_names_stay_as_they_are_where_they_can():
    names = unique_names(alike())
    assert names["dataset/gsm8k"] == "GSM8K"
    assert names["dataset/pie"] == "PIE (dataset)"
    assert {names["system/comet-1"], names["system/comet-2"]} == {
        "COMET (system of p0)",
        "COMET (system of p1)",
    }


def test_a_description_says_what_an_entity_is():
    graph = small_graph(paper_ids=())
    names = unique_names(graph)
    text = entity_text(graph, graph.concepts["hardware/nvidia-a100"], names)
    assert text == (
        "NVIDIA A100 is hardware (GPU), also written A100, A100 GPU, a kind of GPU. "
        "Facts: made by NVIDIA; architecture Ampere; year 2020. "
        "Named in [2401.00001]: 'On A100 GPUs it is up to 2.5x faster than BaseServe and cuts latency by "
        "1,024 ms'. Evaluated on in 1 paper."
    )
    text = entity_text(graph, graph.concepts["system/fastserve"], names)
    assert "Introduced in [2401.00001]: 'We present FastServe, built on BaseServe'." in text
    assert "up to 2.5x speedup vs BaseServe [2401.00001]" in text


def test_a_pair_says_who_does_what_to_whom():
    graph = small_graph(paper_ids=())
    (pair,) = [
        pair
        for pair in pairs(graph, statements(graph))
        if {pair.one, pair.other} == {"system/fastserve", "system/baseserve"}
    ]
    assert pair_text(graph, pair, unique_names(graph)).split(". ") == [
        "BaseServe is compared with FastServe [2401.00002]",
        "FastServe is based on BaseServe [2401.00001, 2401.00002]",
        "FastServe is compared with BaseServe [2401.00001]",
        "FastServe outperforms BaseServe [2401.00001]",
        "Results: FastServe: up to 2.5x speedup vs BaseServe [2401.00001].",
    ]
    assert pair.weight == 2


def test_no_data_are_compared_with_what_they_test():
    said = {(s.head, s.predicate, s.tail) for s in statements(small_graph())}
    assert ("system/baseserve", "evaluatedOn", "dataset/mmlu") in said
    assert not [s for s in said if s[1] == "comparedWith" and "dataset/mmlu" in s]


def test_communities_nest_and_leave_no_entity_out(graph):
    found = find_communities(graph, pairs(graph, statements(graph)))
    assert [one.number for one in found] == list(range(len(found)))
    tops = [key for one in found if one.level == 0 for key in one.members]
    assert sorted(tops) == sorted(concept.id for concept in graph.mentioned())
    for one in found:
        assert one.children == tuple(other.number for other in found if other.parent == one.number)
        if one.parent >= 0:
            assert set(one.members) < set(found[one.parent].members)
            assert one.level == found[one.parent].level + 1


def test_graphrag_tables_fit_together(graph):
    tables = make_tables(graph)
    assert {name: set(TABLES[name]) for name in TABLES} == {
        name: set(rows[0]) if rows else set(TABLES[name]) for name, rows in tables.items()
    }
    ids = {name: [row["id"] for row in rows] for name, rows in tables.items()}
    for name, found in ids.items():
        assert len(set(found)) == len(found), name
    titles = {row["title"] for row in tables["entities"]}
    assert len({title.upper() for title in titles}) == len(tables["entities"])
    ends = [frozenset((row["source"], row["target"])) for row in tables["relationships"]]
    assert all(len(pair) == 2 and pair <= titles for pair in ends)
    assert len(set(ends)) == len(ends)
    for name in ("entities", "relationships", "documents"):
        assert {unit for row in tables[name] for unit in row["text_unit_ids"]} <= set(ids["text_units"])
    assert all(row["text_unit_ids"] for name in ("entities", "relationships") for row in tables[name])
    for row in tables["communities"]:
        assert set(row["entity_ids"]) <= set(ids["entities"])
        assert set(row["relationship_ids"]) <= set(ids["relationships"])
        assert row["size"] == len(row["entity_ids"])
    assert {row["community"] for row in tables["community_reports"]} == {
        row["community"] for row in tables["communities"]
    }
    assert {row["text_unit_id"] for row in tables["covariates"]} <= set(ids["text_units"])


def test_a_report_cites_papers_and_results():
    reports = make_tables(small_graph(paper_ids=()))["community_reports"]
    whole = "".join(report["full_content"] for report in reports)
    assert "window paging is part of FastServe [2401.00001]" in whole
    assert "up to 2.5x speedup vs BaseServe [2401.00001]" in whole
    for report in reports:
        assert json.loads(report["full_content_json"])["findings"] == report["findings"]
        assert 0 <= report["rank"] <= 10


def test_graphrag_without_pyarrow_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"paperkg\[graphrag\]"):
        export_folder(small_graph(), tmp_path / "out", format="graphrag")
    assert list(tmp_path.iterdir()) == []


def test_lightrag_gets_nothing_that_it_refuses(graph):
    kg = load(graph, "lightrag")
    sources = {chunk["source_id"] for chunk in kg["chunks"]}
    names = [entity["entity_name"] for entity in kg["entities"]]
    assert len(set(names)) == len(names) == sum(1 for _ in graph.mentioned())
    for item in (*kg["entities"], *kg["relationships"]):
        assert item["source_id"] in sources
        assert "/" not in item["file_path"]
    ends = [frozenset((one["src_id"], one["tgt_id"])) for one in kg["relationships"]]
    assert all(len(pair) == 2 and pair <= set(names) for pair in ends)
    assert len(set(ends)) == len(ends)
    assert all(one["weight"] >= 1 for one in kg["relationships"])
    assert b"<SEP>" not in write(graph, "lightrag")


def test_llamaindex_relations_lead_from_node_to_node(graph):
    store = load(graph, "llamaindex")
    assert len(store["nodes"]) == len(graph.papers) + len(graph.concepts)
    for key, node in store["nodes"].items():
        assert key == (node["id_"] if "text" in node else node["name"].replace('"', " "))
    assert len(store["relations"]) == len(store["triplets"]) >= graph.network.number_of_edges()
    for head, label, tail in store["triplets"]:
        relation = store["relations"][f"{head}_{label}_{tail}"]
        assert (relation["source_id"], relation["target_id"]) == (head, tail)
        assert {head, tail} <= store["nodes"].keys()


def test_langchain_documents_are_whole(graph):
    documents = load(graph, "langchain")
    assert len(documents) == len(graph.papers)
    for document in documents:
        ids = {(node["id"], node["type"]) for node in document["nodes"]}
        for one in document["relationships"]:
            assert {(one[end]["id"], one[end]["type"]) for end in ("source", "target")} <= ids
            assert flat(one["properties"])
        assert all(flat(node["properties"]) for node in document["nodes"])
        assert flat(document["source"]["metadata"])
    told = {(r["source"]["id"], r["type"], r["target"]["id"]) for d in documents for r in d["relationships"]}
    mentioned = {key for key, papers in graph.papers_of.items() if papers}
    network = [(h, t) for h, t in graph.network.edges() if h.startswith("paper/") or h in mentioned]
    assert len(told) >= len(network)


def flat(values: dict[str, Any]) -> bool:
    """Say whether values are what databases take: scalars and lists of texts."""
    return all(
        isinstance(value, str | int | float)
        or (isinstance(value, list) and all(isinstance(item, str) for item in value))
        for value in values.values()
    )


def test_neo4j_tables_hold_every_node_and_edge(graph, tmp_path):
    export_folder(graph, tmp_path / "out", format="neo4j")
    tables = read_tables(tmp_path / "out")
    assert {space: len(nodes) for space, nodes in tables.nodes.items()} == {
        "Paper": len(graph.papers),
        "Entity": len(graph.concepts),
        "Claim": len(graph.claims),
    }
    about = {"STATES", "SUBJECT", "BASELINE"}
    edges = sum(len(found) for kind, found in tables.edges.items() if kind not in about)
    assert edges == graph.network.number_of_edges()


def test_neo4j_edges_say_where(tmp_path):
    export_folder(small_graph(), tmp_path / "out", format="neo4j")
    tables = read_tables(tmp_path / "out")
    (edge,) = [e for e in tables.edges["INTRODUCES"] if e[1] == "system/fastserve"]
    paper = tables.nodes["Paper"][edge[0]]
    text = f"{paper['title']} {paper['abstract']}"
    assert [text[a:b] for a, b in zip(edge[2]["starts"], edge[2]["ends"], strict=True)] == ["FastServe"] * 2
    claims = tables.nodes["Claim"].values()
    assert sorted(c["value"] for c in claims if c["metric"] == "latency") == [1024.0]
    assert [(c["relative"], c["confidence"]) for c in claims if c["metric"] == "speedup"] == [(True, 0.875)]
    assert os.access(tmp_path / "out/import.sh", os.X_OK)


def test_hipporag_finds_every_passage(graph, tmp_path):
    export_folder(graph, tmp_path / "out", format="hipporag")
    corpus = json.loads((tmp_path / "out/corpus.json").read_text("ascii"))
    index = json.loads((tmp_path / "out/openie.json").read_text("ascii"))
    assert [f"{one['title']}\n{one['text']}" for one in corpus] == [d["passage"] for d in index["docs"]]
    for doc in index["docs"]:
        digest = hashlib.md5(doc["passage"].encode()).hexdigest()
        assert doc["idx"] == f"chunk-{digest}"
        assert all(len(triple) == 3 and all(triple) for triple in doc["extracted_triples"])
        told = {name for triple in doc["extracted_triples"] for name in triple}
        assert set(doc["extracted_entities"]) <= told


def test_chunks_have_flat_metadata_and_true_offsets():
    lines = [json.loads(line) for line in write(small_graph(), "chunks").decode().split("\n") if line]
    assert len({line["id"] for line in lines}) == 4
    first = next(line for line in lines if line["metadata"]["paper"] == "2401.00001")
    assert flat(first["metadata"])
    assert first["metadata"]["introduced"] == ["system/fastserve", "technique/window"]
    assert first["metadata"]["claims"][0] == "FastServe: up to 2.5x speedup vs BaseServe"
    (fast,) = [entity for entity in first["entities"] if entity["id"] == "system/fastserve"]
    assert [first["text"][a:b] for a, b in fast["spans"]] == ["FastServe"] * 2
    assert first["text"][first["claims"][0]["start"] : first["claims"][0]["end"]] == "2.5"
    assert [(one["relative"], one["confidence"]) for one in first["claims"]] == [(True, 0.875), (False, 1)]


def test_gexf_holds_every_node_and_edge_with_place_and_colour(graph):
    data = write(graph, "gexf")
    back = nx.read_gexf(io.BytesIO(data), version="1.2draft")
    assert back.number_of_nodes() == graph.network.number_of_nodes()
    assert back.number_of_edges() == graph.network.number_of_edges()
    assert all({"position", "size", "color"} <= data["viz"].keys() for _, data in back.nodes(data=True))
    assert b"lastmodified" not in data


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_graph_gives_the_same_bytes(tmp_path, seed):
    """Also in another process, where strings are hashed otherwise."""
    code = (
        "import sys; from pathlib import Path; from tests.graphs import *; from paperkg.export import *\n"
        "for name, one in EXPORTERS.items():\n"
        "    if one.is_folder: export_folder(small_graph(), Path(sys.argv[1]) / name, format=name)\n"
        "    elif not one.in_build:\n"
        "        with (Path(sys.argv[1]) / name).open('wb') as stream:\n"
        "            export_graph(small_graph(), stream, format=name)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=Path(__file__).parents[1],
    )
    here = tmp_path / "here"
    here.mkdir()
    for name in RAG:
        if EXPORTERS[name].is_folder:
            export_folder(small_graph(), here / name, format=name)
        else:
            (here / name).write_bytes(write(small_graph(), name))
    made = files(tmp_path)
    again = files(here)
    assert made == {**again, **{f"here/{name}": data for name, data in again.items()}}
    assert len(again) > len(RAG)


def test_what_claims_say_stays_one_line():
    graph = small_graph(paper_ids=HOSTILE_IDS)
    hostile = next(claim for claim in graph.claims if claim.subject == "system/hostile")
    assert "\n" in claim_text(graph, hostile)
    for row in make_tables(graph)["covariates"]:
        assert "\n" not in row["description"]


@pytest.mark.parametrize("name", [name for name in RAG if EXPORTERS[name].is_folder])
def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path, name):
    out = tmp_path / "deep/out"
    export_folder(small_graph(), out, format=name)
    export_folder(GRAPHS["plain"], out, format=name)
    before = files(out)
    (out / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match=r"mine\.txt"):
        export_folder(small_graph(), out, format=name)
    assert files(out) == {**before, "mine.txt": b"mine"}
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    with pytest.raises(ExportError, match="it is a file"):
        export_folder(small_graph(), out / "mine.txt", format=name)


def test_the_command_asks_for_a_folder(tmp_path):
    result = CliRunner().invoke(main, ["export", "neo4j", "-g", str(tmp_path)])
    assert result.exit_code == 2
    assert "-o neo4j" in result.stderr
    with pytest.raises(ExportError, match="folder"):
        export_graph(small_graph(), io.BytesIO(), format="neo4j")
