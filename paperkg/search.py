"""Full-text search over papers and concepts: BM25 by SQLite, in memory."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock
from typing import Self

from paperkg.graph import KnowledgeGraph

#: What stands around a matched word in a snippet; private-use characters, which no paper needs.
MARK_START, MARK_END = "\ue000", "\ue001"

#: A word in a title or name weighs this much more than one in an abstract or alias.
_NAME_WEIGHT = 4.0

_SNIPPET_WORDS = 24

#: Words that hardly an abstract lacks: as one of several that may be there they cost much and tell nothing.
_EVERYWHERE = frozenset(
    {
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "we",
        "with",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paper or concept that answers a search; a higher score is a better answer.

    Above 2 is what has this very name, what most papers speak of first; above 1 what has all of the words,
    below what has some of them, by BM25, which is brought between 0 and 1.
    """

    kind: str
    id: str
    name: str
    snippet: str
    score: float


class SearchIndex:
    """An index of the papers and concepts of a graph; several threads may ask it."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._lock = Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.execute(
            "CREATE VIRTUAL TABLE item USING fts5(kind UNINDEXED, id UNINDEXED, name, more,"
            " tokenize='porter unicode61')"
        )
        self._database.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", _rows(graph))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def search(self, text: str, *, limit: int = 10) -> list[Hit]:
        """Find papers and concepts by words; those with all of the words come before those with some."""
        words = [f'"{word}"' for word in _clean(text).replace('"', " ").split() if re.search(r"\w", word)]
        if not words:
            return []
        with self._lock:
            hits = _find(self._database, " AND ".join(words), limit, above=1)
            if len(hits) < limit and len(words) > 1:
                found = {(hit.kind, hit.id) for hit in hits}
                telling = [word for word in words if word.strip('"').lower() not in _EVERYWHERE] or words
                some = _find(self._database, " OR ".join(telling), limit * 2)
                hits += [hit for hit in some if (hit.kind, hit.id) not in found]
        # Whoever types a name wants the thing of this name first.
        named = {concept.id: 2 + 1 / turn for turn, concept in enumerate(self._graph.find(text.strip()), 2)}
        hits = [replace(hit, score=round(named.get(hit.id, hit.score), 4)) for hit in hits]
        hits.sort(key=lambda hit: (-hit.score, hit.kind, hit.id))
        return self._told_apart(hits[:limit])

    def _told_apart(self, hits: list[Hit]) -> list[Hit]:
        """Add to each of several things of one name the title of the paper that introduces it."""
        names = Counter(hit.name.casefold() for hit in hits if hit.kind != "Paper")
        return [self._with_title(hit) if names[hit.name.casefold()] > 1 else hit for hit in hits]

    def _with_title(self, hit: Hit) -> Hit:
        if hit.kind == "Paper":
            return hit
        papers = self._graph.papers_of[hit.id]
        paper, _ = min(papers, key=lambda one: (one[1] != "introduced", one[0]))
        title = f"in \u201c{_clean(self._graph.papers[paper].title)}\u201d"
        return replace(hit, snippet=f"{hit.snippet}, {title}" if hit.snippet else title)


def search(graph: KnowledgeGraph, text: str, *, limit: int = 10) -> list[Hit]:
    """Find papers and concepts by words, once; who asks often keeps a ``SearchIndex``."""
    with SearchIndex(graph) as index:
        return index.search(text, limit=limit)


def _rows(graph: KnowledgeGraph) -> Iterator[tuple[str, str, str, str]]:
    for paper in graph.papers.values():
        yield "Paper", paper.id, _clean(paper.title), _clean(paper.abstract)
    for concept in graph.mentioned():
        more = (*concept.aliases, concept.vendor, concept.kind, concept.architecture)
        yield concept.type, concept.id, _clean(concept.name), _clean(", ".join(filter(None, more)))


def _find(database: sqlite3.Connection, match: str, limit: int, *, above: int = 0) -> list[Hit]:
    # By the rank alone, which SQLite sorts before it makes any snippet; rows stand in the order of their ids.
    rows = database.execute(
        "SELECT kind, id, name, snippet(item, 3, ?, ?, ' ... ', ?), -rank FROM item WHERE item MATCH ?"
        " AND rank MATCH ? ORDER BY rank LIMIT ?",
        (MARK_START, MARK_END, _SNIPPET_WORDS, match, f"bm25(0, 0, {_NAME_WEIGHT}, 1.0)", limit),
    )
    return [
        Hit(
            kind=kind,
            id=key,
            name=name,
            snippet=snippet,
            score=above + min(0.9999, round(score / (1 + score), 4)),
        )
        for kind, key, name, snippet, score in rows
    ]


def _clean(text: str) -> str:
    """Take out what SQLite stops at and what we mark matches with."""
    return re.sub(f"[\0\ud800-\udfff{MARK_START}{MARK_END}]", " ", text)
