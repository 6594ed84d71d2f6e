"""GraphML: what goes in comes out again, whatever its names hold."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from paperkg.export.graphml import clean, write_graphml
from paperkg.graph import KnowledgeGraph
from tests.graphs import HOSTILE, HOSTILE_IDS, small_graph


def to_bytes(graph: KnowledgeGraph) -> bytes:
    stream = io.BytesIO()
    write_graphml(graph, stream)
    return stream.getvalue()


def read(graph: KnowledgeGraph) -> nx.MultiDiGraph:
    return nx.read_graphml(io.BytesIO(to_bytes(graph)))


@pytest.mark.parametrize("ids", [(), HOSTILE_IDS], ids=["plain", "hostile"])
def test_networkx_reads_back_every_node_and_edge(ids: tuple[str, ...]):
    graph = small_graph(paper_ids=ids)
    back = read(graph)
    assert back.number_of_nodes() == graph.network.number_of_nodes()
    assert back.number_of_edges() == graph.network.number_of_edges()


def test_hostile_names_survive_without_what_xml_forbids():
    nodes = read(small_graph()).nodes
    assert nodes["system/hostile"]["label"] == clean(HOSTILE)
    assert "</script>" in nodes["system/hostile"]["label"]
    assert "\u202e" in nodes["system/hostile"]["label"]


def test_a_node_has_type_place_size_and_colour():
    node = read(small_graph()).nodes["hardware/nvidia-a100"]
    assert node["label"] == "NVIDIA A100"
    assert node["type"] == "Hardware"
    assert node["aliases"] == "A100; A100 GPU"
    assert node["color"].startswith("#")
    assert node["papers"] == 1
    assert node["size"] == 5.0
    assert {type(node["x"]), type(node["y"])} == {float}


def test_an_edge_says_predicate_role_and_papers():
    back = read(small_graph())
    (edge,) = back.get_edge_data("paper/2401.00001", "system/fastserve").values()
    assert (edge["label"], edge["role"], edge["papers"]) == ("introduces", "introduced", "2401.00001")
    labels = {edge["label"] for edge in back.get_edge_data("system/fastserve", "system/baseserve").values()}
    assert labels == {"basedOn", "outperforms"}
    based = next(e for _, _, e in back.edges(data=True) if e["label"] == "basedOn")
    assert based["papers"] == "2401.00001; 2401.00002"
    assert based["weight"] == 2


def test_ids_of_edges_are_unique_in_the_file():
    """Gephi drops an edge whose id it has seen."""
    root = ET.fromstring(to_bytes(small_graph(paper_ids=HOSTILE_IDS)))
    ids = [edge.get("id") for edge in root.iter("{http://graphml.graphdrawing.org/xmlns}edge")]
    assert len(set(ids)) == len(ids) > 0


def test_the_same_graph_gives_the_same_bytes():
    assert to_bytes(small_graph()) == to_bytes(small_graph())
