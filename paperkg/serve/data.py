"""The graph of a build in memory, read again when another build has taken its place."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from paperkg.errors import GraphError
from paperkg.graph import MANIFEST_FILE, KnowledgeGraph
from paperkg.model import Concept
from paperkg.names import fold
from paperkg.rankings import Rankings
from paperkg.retrieve import Retriever
from paperkg.search import SearchIndex

_log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True)
class Data:
    """A graph, its base IRI, and what is looked up in it."""

    graph: KnowledgeGraph
    base: str
    index: SearchIndex
    rankings: Rankings
    #: What papers speak of, that of most papers first, with all names folded.
    entities: tuple[tuple[Concept, tuple[str, ...]], ...]
    counts: dict[str, Any]

    @classmethod
    def of(cls, graph: KnowledgeGraph, base: str) -> Data:
        """Make all that is needed for a graph, so that nobody waits for it later."""
        _ = graph.connections, graph.find("")
        common = sorted(graph.mentioned(), key=lambda c: (-len(graph.papers_of[c.id]), c.id))
        folded = ((c, tuple(fold(name) for name in (c.name, *c.aliases))) for c in common)
        return cls(graph, base, SearchIndex(graph), Rankings.of(graph), tuple(folded), graph.stats())


class Source:
    """Gives the ``Data`` of the build that is there now; threads may ask at the same time."""

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self._base = folder, base
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._data: Data | None = None
        self._retrieving = Lock()
        self._retriever: tuple[KnowledgeGraph, Retriever] | None = None

    def retriever(self) -> Retriever:
        """Give what answers questions to the build; made when it is first asked for, as it takes a while."""
        graph = self.data().graph
        with self._retrieving:
            if self._retriever is None or self._retriever[0] is not graph:
                self._retriever = (graph, Retriever(graph))
            return self._retriever[1]

    def data(self) -> Data:
        """Give the data. Raises ``GraphError`` where there is no build."""
        with self._lock:
            try:
                state = (self.folder / MANIFEST_FILE).stat()
                now = (state.st_ino, state.st_mtime_ns)
            except OSError:
                now = None
            if self._data is None or (now is not None and now != self._seen):
                self._seen = now
                try:
                    graph = KnowledgeGraph.load(self.folder)
                except GraphError as error:
                    if self._data is None:
                        raise
                    _log.error("the new build is not served: %s", error)
                    return self._data
                self._data = Data.of(graph, self._base)
            return self._data
