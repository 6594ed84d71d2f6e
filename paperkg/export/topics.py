"""The topics of a page: communities of the layout, each with a name, a hue and the names typical of it."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from paperkg.export.layout import Group, Layout
from paperkg.graph import KnowledgeGraph

#: Hues of topics, in degrees; neighbours in this list are far apart to the eye.
HUES: tuple[int, ...] = (210, 28, 150, 325, 265, 85, 0, 185, 48, 300, 235, 120)

#: Communities of fewer papers are no topic.
_LEAST = 2

#: Topics nearby whose hue one does not take.
_NEAR = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A community: its circle, its members, and its entities, the most typical ones first."""

    group: Group
    entities: tuple[str, ...]
    papers: int
    hue: int

    @property
    def id(self) -> str:
        """The id of what is most typical of it: the address of the topic, also in the next build."""
        return self.entities[0]


def find_topics(graph: KnowledgeGraph, layout: Layout) -> tuple[Topic, ...]:
    """Give the topics of a layout, those of most papers first."""
    groups = [group for group in layout.groups if not group.alone and _papers(group) >= _LEAST]
    found = [(group, _typical(graph, group)) for group in groups]
    named = [(group, entities) for group, entities in found if entities]
    hues = _hues([group for group, _ in named], [entities[0] for _, entities in named])
    topics = [
        Topic(group=group, entities=tuple(entities), papers=_papers(group), hue=hue)
        for (group, entities), hue in zip(named, hues, strict=True)
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.papers, topic.id)))


def _papers(group: Group) -> int:
    return sum(member.startswith("paper/") for member in group.members)


def _typical(graph: KnowledgeGraph, group: Group) -> list[str]:
    """Order the entities of a community: spoken of by many of its papers, and by few others."""
    inside: Counter[str] = Counter()
    for member in group.members:
        if member.startswith("paper/"):
            inside.update({entity.id for entity in graph.extractions[member[6:]].entities})
    own = [member for member in group.members if not member.startswith("paper/")]
    everywhere = {key: len({paper for paper, _ in graph.papers_of[key]}) for key in own}
    score = {key: inside[key] ** 2 / max(everywhere[key], 1) for key in own}
    return sorted(own, key=lambda key: (-score[key], -everywhere[key], key))


def _hues(groups: Sequence[Group], names: Sequence[str]) -> list[int]:
    """Give each community the hue that its name asks for, or the next one that no neighbour has."""
    hues: list[int] = []
    for i, group in enumerate(groups):
        near = sorted(range(i), key=lambda j: (math.dist((group.x, group.y), (groups[j].x, groups[j].y)), j))
        taken = {hues[j] for j in near[:_NEAR]}
        first = hashlib.sha256(names[i].encode("utf-8", "surrogatepass")).digest()[0]
        wanted = [HUES[(first + k) % len(HUES)] for k in range(len(HUES))]
        hues.append(next((hue for hue in wanted if hue not in taken), wanted[0]))
    return hues
