"""Where each node of a graph stands in the plane: computed here, so that no browser has to.

Communities lie apart, each in a circle of its own; what hangs on one node only stands in rings
around it. The same graph gives the same numbers: nodes go in sorted, nothing is random, and sums
are taken in a fixed order. Nearly the same graph gives nearly the same numbers: each node starts from a
home that its name alone decides, so that a few papers more move little. Only numpy and networkx, because
a layout is no reason for scipy.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from paperkg.graph import KnowledgeGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Fill of each kind of node on a light and on a dark page; the colour-blind tell them apart, too.
COLOURS: dict[str, tuple[str, str]] = {
    "System": ("#0072b2", "#4aa3df"),
    "Model": ("#d98200", "#f0a830"),
    "Hardware": ("#00875f", "#2fbf91"),
    "Technique": ("#b8609a", "#d98fbf"),
    "Dataset": ("#c4450a", "#f07a45"),
    "Paper": ("#8b94a0", "#6f7986"),
}

#: Graphs with more nodes are not searched for communities, which would take minutes.
MOST_NODES = 10_000

#: Communities with more nodes are laid out without forces, whose cost grows with the square.
_MOST_FORCES = 1_500

#: Free space between two nodes, and between two communities.
_GAP, _GROUP_GAP = 4.0, 30.0

_GOLDEN = math.pi * (3 - math.sqrt(5))

#: How much wider than high the map is: screens are wide.
_FLAT = 1.7

#: How much communities are drawn to those that they have links with; their homes draw with 1.
_FRIENDS = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """A community: its circle, and the nodes that lie in it. ``alone`` marks the pool of unconnected ones."""

    x: float
    y: float
    radius: float
    members: tuple[str, ...]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of each node, and the communities, the largest first."""

    places: dict[str, tuple[float, float]]
    groups: tuple[Group, ...]


def positions(graph: KnowledgeGraph) -> dict[str, tuple[float, float, float]]:
    """Give place and radius of each node of a graph, in whole numbers."""
    network = graph.network
    sizes = node_sizes({node: len(graph.papers_of.get(node, ())) for node in network})
    return {node: (*place, sizes[node]) for node, place in arrange(network.edges(), sizes).places.items()}


def node_sizes(papers: Mapping[str, int]) -> dict[str, float]:
    """Give the radius of each node by the number of its papers: the area grows with them.

    The greatest has a radius of 40 where it is in 160 papers or more; a paper itself counts as 0.

    >>> node_sizes({"paper/p": 0, "a": 1, "b": 4, "c": 100})
    {'paper/p': 4.0, 'a': 5.0, 'b': 8.0, 'c': 32.0}
    """
    most = max(160, *papers.values(), 0)
    return {node: float(round(2 + 38 * math.sqrt(n / most))) if n else 4.0 for node, n in papers.items()}


def arrange(edges: Iterable[tuple[str, str]], sizes: Mapping[str, float]) -> Layout:
    """Lay out the nodes that ``sizes`` gives radii for; edges to anything else do not count."""
    nodes = sorted(sizes)
    number = {node: i for i, node in enumerate(nodes)}
    pairs = sorted(
        {
            (min(number[a], number[b]), max(number[a], number[b]))
            for a, b in edges
            if a in number and b in number and a != b
        }
    )
    links: Ints = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    radii: Floats = np.array([sizes[node] for node in nodes], dtype=np.float64)
    degree = np.bincount(links.ravel(), minlength=len(nodes))
    homes: Floats = np.array([_home(node) for node in nodes], dtype=np.float64).reshape(-1, 2)
    anchors = _anchors(links, degree)
    leaves: dict[int, list[int]] = {}
    for leaf, anchor in sorted(anchors.items()):
        leaves.setdefault(anchor, []).append(leaf)
    rings = {anchor: _rings(anchor, found, radii, homes) for anchor, found in leaves.items()}
    room = radii.copy()
    for anchor, (_, outer) in rings.items():
        room[anchor] = outer

    core = [i for i in range(len(nodes)) if i not in anchors]
    inner = [(a, b) for a, b in pairs if a not in anchors and b not in anchors]
    groups, alone = _communities(core, inner, degree)
    place: Floats = np.zeros((len(nodes), 2))
    for group in groups:
        _arrange_inside(group, inner, sizes=radii, room=room, homes=homes, place=place)
    # The home of a community is that of its greatest members: others may come and go.
    middles = [
        (homes[group] * radii[group, None] ** 3).sum(axis=0) / (radii[group] ** 3).sum() for group in groups
    ]
    circles = _arrange_groups(groups, inner, room, np.array(middles).reshape(-1, 2), place, alone=alone)
    for anchor, (around, _) in sorted(rings.items()):
        for leaf, (x, y) in zip(leaves[anchor], around, strict=True):
            place[leaf] = place[anchor, 0] + x, place[anchor, 1] + y
    # Whole numbers: nothing smaller is seen, and noise of the last digits does not reach the files.
    whole = np.rint(place) + 0.0
    return Layout(
        places={node: (float(whole[i, 0]), float(whole[i, 1])) for i, node in enumerate(nodes)},
        groups=tuple(
            Group(
                x=float(round(x)),
                y=float(round(y)),
                radius=float(round(radius)),
                members=tuple(nodes[i] for i in sorted(chain(group, *(leaves.get(i, ()) for i in group)))),
                alone=group is alone,
            )
            for group, (x, y, radius) in zip(groups, circles, strict=True)
        ),
    )


def _home(node: str) -> tuple[float, float]:
    """Give a point of the unit disc that depends on nothing but the name of a node."""
    digest = hashlib.sha256(node.encode("utf-8", "surrogatepass")).digest()
    angle = 2 * math.pi * int.from_bytes(digest[:4]) / 2**32
    reach = math.sqrt(int.from_bytes(digest[4:8]) / 2**32)
    return reach * math.cos(angle), reach * math.sin(angle)


def _anchors(links: Ints, degree: NDArray[np.intp]) -> dict[int, int]:
    """Find the nodes with one neighbour only, and that neighbour; of a lonely pair the second is the leaf."""
    found: dict[int, int] = {}
    for a, b in links.tolist():
        if degree[b] == 1:
            found[b] = a
        elif degree[a] == 1:
            found[a] = b
    return found


def _rings(
    anchor: int, leaves: Sequence[int], radii: Floats, homes: Floats
) -> tuple[list[tuple[float, float]], float]:
    """Give places on rings around an anchor, and the radius of the outermost ring's rim."""
    thick = 2 * max(float(radii[leaf]) for leaf in leaves) + _GAP
    places: list[tuple[float, float]] = []
    reach = float(radii[anchor]) + thick / 2 + _GAP / 2
    first = math.atan2(homes[anchor, 1], homes[anchor, 0])
    left = len(leaves)
    while left:
        count = min(left, max(1, int(2 * math.pi * reach / thick)))
        turn = _GOLDEN * len(places) + first
        for i in range(count):
            angle = turn + 2 * math.pi * i / count
            places.append((reach * math.cos(angle), reach * math.sin(angle)))
        left -= count
        reach += thick
    return places, reach - thick / 2


def _communities(
    core: list[int], links: list[tuple[int, int]], degree: NDArray[np.intp]
) -> tuple[list[list[int]], list[int] | None]:
    """Part the core into communities, the largest first; all unconnected nodes share one, given again."""
    if len(core) > MOST_NODES:
        return [sorted(core, key=lambda i: (-degree[i], i))], None
    import networkx as nx

    # Whole numbers as nodes: sets of them have the same order whatever the hash seed is.
    graph: nx.Graph[int] = nx.Graph()
    connected = sorted({i for link in links for i in link}, key=lambda i: (-degree[i], i))
    graph.add_nodes_from(connected)
    for a, b in links:
        # That two papers both speak of GPUs says little: what many share binds less.
        graph.add_edge(a, b, weight=1 / math.sqrt(max(degree[a], degree[b])))
    unshuffled: Any = _Unshuffled(1)
    found = nx.community.louvain_communities(graph, weight="weight", seed=unshuffled) if connected else []
    groups = sorted((sorted(group) for group in found), key=lambda group: (-len(group), group))
    lonely = sorted(set(core) - set(connected))
    return ([*groups, lonely], lonely) if lonely else (groups, None)


class _Unshuffled(random.Random):
    """Chance that leaves lists as they are: the greatest nodes come first, and one more changes little."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Change nothing."""


def _arrange_inside(
    group: list[int],
    links: list[tuple[int, int]],
    *,
    sizes: Floats,
    room: Floats,
    homes: Floats,
    place: Floats,
) -> None:
    """Place the nodes of a community around the origin: springs along edges, then no two overlapping."""
    index = {node: i for i, node in enumerate(group)}
    inside = [(index[a], index[b]) for a, b in links if a in index and b in index]
    radii = room[group]
    spacing = 2 * float(radii.mean()) + _GAP
    spot = homes[group] * (spacing * 0.6 * math.sqrt(len(group)))
    if 2 <= len(group) <= _MOST_FORCES:
        if inside:
            spot = _spring(spot, np.array(inside, dtype=np.int64), sizes[group], 1.6 * spacing)
            # Springs leave more room than circles need: half of the disc may be filled.
            wanted = math.sqrt(2 * float(((radii + _GAP) ** 2).sum()))
            spot = spot * min(1.0, wanted / float(np.sqrt((spot**2).sum(axis=1)).max()))
        spot = _part(spot, radii, _GAP, rounds=120)
    place[group] = spot - (spot.max(axis=0) + spot.min(axis=0)) / 2


def _sunflower(count: int, spacing: float) -> Floats:
    """Spread points evenly over a disc, from its centre outwards."""
    order = np.arange(count, dtype=np.float64)
    reach = spacing * 0.6 * np.sqrt(order)
    return np.stack([reach * np.cos(order * _GOLDEN), reach * np.sin(order * _GOLDEN)], axis=1)


def _spring(spot: Floats, links: Ints, sizes: Floats, length: float) -> Floats:
    """Move points as springs along the links and a push between all would (Fruchterman and Reingold).

    Great nodes push more, or they would all stand in the middle, where from afar they look like one.
    """
    count = len(spot)
    rounds = 300 if count <= 300 else 120
    hot = length * math.sqrt(count) / 4
    pull_by = 1 / np.sqrt(np.bincount(links.ravel(), minlength=count).clip(1))
    heads, tails = links[:, 0], links[:, 1]
    # A hub would gather all its neighbours in one lump; its springs are softer.
    soft = np.minimum(pull_by[heads], pull_by[tails]) * 1.5
    mass = ((sizes / float(sizes.mean())) ** 2)[None, :]
    for step in range(rounds):
        dx, dy, far = _differences(spot)
        push = mass * (length * length / (far * far))
        move = np.stack([(dx * push).sum(axis=1), (dy * push).sum(axis=1)], axis=1)
        span = spot[heads] - spot[tails]
        pull = span * (np.sqrt((span**2).sum(axis=1)) / length * soft)[:, None]
        for axis in (0, 1):
            move[:, axis] -= np.bincount(heads, pull[:, axis], count) - np.bincount(
                tails, pull[:, axis], count
            )
        move -= spot * 0.08
        size = np.sqrt((move**2).sum(axis=1)).clip(1e-9)
        heat = hot * (1 - step / rounds) ** 1.5 + 0.01
        spot = spot + move * (np.minimum(size, heat) / size)[:, None]
    return spot


def _part(spot: Floats, radii: Floats, gap: float, *, rounds: int) -> Floats:
    """Push circles apart until none overlap, or the rounds are used up."""
    need = radii[:, None] + radii[None, :] + gap
    np.fill_diagonal(need, 0)
    # The larger circle moves less.
    share = radii[None, :] / (radii[:, None] + radii[None, :])
    for _ in range(rounds):
        dx, dy, far = _differences(spot)
        over = (need - far).clip(0)
        if float(over.max()) < 0.5:
            break
        push = over / far * share
        spot = spot + np.stack([(dx * push).sum(axis=1), (dy * push).sum(axis=1)], axis=1) * 0.7
    return spot


def _differences(spot: Floats) -> tuple[Floats, Floats, Floats]:
    """Give x, y and length of the way from each point to each other one; never a length of 0."""
    dx = spot[:, 0][:, None] - spot[:, 0][None, :]
    dy = spot[:, 1][:, None] - spot[:, 1][None, :]
    far = np.sqrt(dx * dx + dy * dy)
    return dx, dy, np.maximum(far, 0.01)


def _arrange_groups(
    groups: list[list[int]],
    links: list[tuple[int, int]],
    room: Floats,
    homes: Floats,
    place: Floats,
    *,
    alone: list[int] | None,
) -> list[tuple[float, float, float]]:
    """Move each community to a place of its own, near those it has most links with; give the circles."""
    if not groups:
        return []
    count = len(groups)
    radii: Floats = np.array(
        [float((np.sqrt((place[g] ** 2).sum(axis=1)) + room[g]).max()) for g in groups], dtype=np.float64
    )
    of = {node: i for i, group in enumerate(groups) for node in group}
    between: Floats = np.zeros((count, count))
    for a, b in links:
        if of[a] != of[b]:
            between[of[a], of[b]] += 1
            between[of[b], of[a]] += 1
    centre = _spread(_near_friends(homes, between), radii)
    if alone is not None and count > 1:
        _put_below(centre, radii, groups.index(alone))
    centre = _part(centre, radii, _GROUP_GAP, rounds=500)
    centre = centre - (centre * radii[:, None] ** 2).sum(axis=0) / (radii**2).sum()
    for group, middle in zip(groups, centre, strict=True):
        place[group] += middle
    return [(float(x), float(y), float(r)) for (x, y), r in zip(centre, radii, strict=True)]


def _near_friends(homes: Floats, between: Floats) -> Floats:
    """Put each point between its home and those it has links with: one way to do so, found at once.

    Springs that are let go would do so, too, but with a few links more they end elsewhere.
    """
    ties = between / np.sqrt(np.multiply.outer(between.sum(axis=1), between.sum(axis=1))).clip(1)
    laplacian = np.diag(ties.sum(axis=1)) - ties
    found: Floats = np.linalg.solve(np.eye(len(homes)) + _FRIENDS * laplacian, homes)
    return found


def _spread(spot: Floats, radii: Floats) -> Floats:
    """Keep the direction of each point, and scale the distances so that circles fill a flat disc."""
    whole = math.sqrt(float(((radii + _GROUP_GAP / 2) ** 2).sum()))
    far = np.sqrt((spot**2).sum(axis=1)).clip(1e-9)
    # The root draws in what lies far out, and makes room in the middle.
    share = 0.85 * whole * (far / float(far.mean())) ** 0.5 / far
    found: Floats = spot * share[:, None] * np.array([math.sqrt(_FLAT), 1 / math.sqrt(_FLAT)])
    return found


def _put_below(centre: Floats, radii: Floats, which: int) -> None:
    """Move one circle out of the others' way: what has no links belongs to the rim."""
    others = np.arange(len(radii)) != which
    side = float((centre[others, 0] - radii[others]).min())
    low = float((centre[others, 1] + radii[others]).max())
    centre[which] = side + radii[which], low - radii[which]
