"""The layout: repeatable, quick enough, communities apart, nothing on top of another thing."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
import time
from itertools import combinations

import pytest

from paperkg.export.layout import MOST_NODES, Layout, arrange, node_sizes, positions
from tests.graphs import small_graph


def make_edges(nodes: int, edges: int, communities: int = 12) -> list[tuple[str, str]]:
    """Make a network with communities and a hub, without chance."""
    found = []
    for i in range(edges):
        a = i * 7919 % nodes
        # Nine of ten edges stay within the community, which is the number modulo ``communities``.
        step = communities * (1 + i * 31 % 17) if i % 10 else 1 + i * 13 % 97
        found.append((f"n{a:04}", f"n{(a + step) % nodes:04}"))
    return found + [("n0000", f"n{i:04}") for i in range(0, nodes, 9)]


def lay_out(edges: list[tuple[str, str]], *, size: float = 5.0) -> Layout:
    return arrange(edges, {node: size for edge in edges for node in edge})


def test_the_same_numbers_come_out_whatever_the_hash_seed_is():
    script = (
        "import hashlib; from tests.test_layout import lay_out, make_edges;"
        "print(hashlib.sha1(repr(lay_out(make_edges(300, 700))).encode()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "4242")
    }
    assert outputs == {hashlib.sha1(repr(lay_out(make_edges(300, 700))).encode()).hexdigest()}


def test_the_order_of_the_edges_does_not_matter():
    edges = make_edges(200, 500)
    turned = [(b, a) for a, b in reversed(edges)]
    assert lay_out(edges) == lay_out(turned)


def test_two_thousand_nodes_take_less_than_twenty_seconds():
    start = time.process_time()
    layout = lay_out(make_edges(2000, 6000))
    assert time.process_time() - start < 20
    assert len(layout.places) == 2000


@pytest.mark.parametrize("size", [5.0, 20.0])
def test_hardly_any_two_nodes_overlap(size: float):
    layout = lay_out(make_edges(300, 700), size=size)
    pairs = list(combinations(layout.places.values(), 2))
    assert sum(math.dist(a, b) < 2 * size - 1 for a, b in pairs) <= len(layout.places) / 50


def test_communities_lie_in_circles_that_do_not_touch():
    layout = lay_out(make_edges(300, 700))
    assert len(layout.groups) > 3
    for one, other in combinations(layout.groups, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) > one.radius + other.radius
    for group in layout.groups:
        for node in group.members:
            assert math.dist(layout.places[node], (group.x, group.y)) <= group.radius + 3
    assert sorted(node for group in layout.groups for node in group.members) == sorted(layout.places)


def test_what_hangs_on_one_node_stands_around_it():
    leaves = [("hub", f"leaf{i}") for i in range(40)]
    layout = lay_out([*leaves, ("hub", "other"), ("other", "third"), ("third", "hub")])
    x, y = layout.places["hub"]
    around = [math.atan2(layout.places[leaf][1] - y, layout.places[leaf][0] - x) for _, leaf in leaves]
    assert max(math.dist(layout.places[leaf], (x, y)) for _, leaf in leaves) < 80
    assert min(around) < -2
    assert max(around) > 2


def test_nodes_without_any_edge_share_a_place_of_their_own():
    edges = make_edges(60, 150)
    sizes = {node: 5.0 for edge in edges for node in edge} | {f"alone{i}": 5.0 for i in range(30)}
    layout = arrange(edges, sizes)
    alone = [group for group in layout.groups if group.alone]
    assert [group.members for group in alone] == [tuple(sorted(f"alone{i}" for i in range(30)))]


@pytest.mark.parametrize(
    "edges", [[], [("a", "a")], [("a", "b")], [("a", "b"), ("b", "a")], [("a", "stranger")]], ids=str
)
def test_the_smallest_networks_have_places_too(edges: list[tuple[str, str]]):
    layout = arrange(edges, {"a": 5.0, "b": 5.0})
    assert sorted(layout.places) == ["a", "b"]
    assert math.dist(layout.places["a"], layout.places["b"]) >= 9


def test_nothing_at_all_is_laid_out_as_nothing():
    assert arrange([], {}) == Layout({}, ())


def test_huge_networks_are_spread_out_without_a_search_for_communities():
    nodes = MOST_NODES + 500
    edges = [(f"n{i}", f"n{(i * 7 + 1) % nodes}") for i in range(nodes)]
    start = time.process_time()
    layout = lay_out(edges)
    assert time.process_time() - start < 10
    assert len(set(layout.places.values())) > 0.99 * len(layout.places)


def test_every_node_of_a_graph_has_a_place_in_whole_numbers():
    graph = small_graph()
    places = positions(graph)
    assert sorted(places) == sorted(graph.network)
    assert all(value == int(value) for place in places.values() for value in place)
    assert places["hardware/gpu"][2] == node_sizes({"gpu": 1})["gpu"]


def test_more_papers_make_a_node_larger_up_to_a_limit():
    counts = {str(papers): papers for papers in (1, 2, 10, 100, 10_000, 1_000_000)}
    sizes = list(node_sizes(counts).values())
    assert sizes == sorted(sizes)
    assert sizes[-1] == 40
    assert node_sizes({"a": 1, "b": 20}) == {"a": 5.0, "b": 15.0}, "a small graph is not blown up"


def test_a_small_change_moves_little():
    """Whoever comes back after the next build finds things where they were."""
    edges = make_edges(400, 900)
    before = lay_out(edges).places
    size = max(math.dist(a, b) for a, b in combinations(before.values(), 2))
    for gone in ("n0101", "n0202", "n0303"):
        after = lay_out([edge for edge in edges if gone not in edge]).places
        moved = sorted(math.dist(before[node], after[node]) / size for node in before.keys() & after.keys())
        assert moved[len(moved) // 2] < 0.2
