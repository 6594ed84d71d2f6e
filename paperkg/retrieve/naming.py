"""Which things of the graph a question names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept
from paperkg.names import INNER_CAPITAL, fold
from paperkg.retrieve.meaning import default_meanings
from paperkg.retrieve.terms import STOP, stem

#: Words that a name may have.
_MOST_WORDS = 7

_WORD = re.compile(r"[^\s,;:?!()\"“”]+")
_POSSESSIVE = re.compile(r"['’]s$|['’]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """A stretch of a question, and the things that go by this name: most often one."""

    start: int
    end: int
    text: str
    concepts: tuple[Concept, ...]


class Namer:
    """Finds names of a graph's things in questions, the longest first."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._rows: dict[str, list[tuple[str, Concept]]] = defaultdict(list)
        for concept in graph.concepts.values():
            for name in sorted({concept.name, *concept.aliases}):
                if key := fold(name):
                    self._rows[key].append((name, concept))

    def find(self, question: str) -> list[Naming]:
        """Find what a question names; no two findings overlap."""
        words = [(m.start(), m.end()) for m in _WORD.finditer(question)]
        taken: set[int] = set()
        found = []
        for count in range(_MOST_WORDS, 0, -1):
            for first in range(len(words) - count + 1):
                if taken.intersection(range(first, first + count)):
                    continue
                start, end = words[first][0], words[first + count - 1][1]
                text = _POSSESSIVE.sub("", question[start:end].rstrip("."))
                concepts = self._named(text)
                if concepts:
                    taken.update(range(first, first + count))
                    found.append(
                        Naming(start=start, end=start + len(text), text=text, concepts=tuple(concepts))
                    )
        return sorted(found, key=lambda naming: naming.start)

    def _named(self, text: str) -> list[Concept]:
        rows = [(name, concept) for name, concept in self._rows.get(fold(text), ()) if _may_mean(text, name)]
        exact = [concept for name, concept in rows if name == text]
        return list(dict.fromkeys(exact or (concept for _, concept in rows)))


def _may_mean(text: str, name: str) -> bool:
    """Say whether a text in a question may stand for a name: "code" is no "CoDe", but "vllm" is "vLLM"."""
    if text.casefold() in STOP:
        return text == name and not text.islower()
    if not text.islower() or name.islower() or " " in text:
        return True
    return bool(INNER_CAPITAL.search(name)) and not default_meanings().is_common(stem(text))


def families(graph: KnowledgeGraph, concepts: Iterable[Concept]) -> dict[str, float]:
    """Give the ids of things and of their variants and kinds below, each by how near it is (1 to 0)."""
    near: dict[str, float] = {}
    level = [concept.id for concept in concepts]
    closeness = 1.0
    while level and closeness > 0.3:
        for key in level:
            near.setdefault(key, closeness)
        level = [child for key in level for child in graph.below(key) if child not in near]
        closeness *= 0.7
    return near
