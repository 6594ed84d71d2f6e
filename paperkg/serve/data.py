"""The graph of a build in memory, read again when another build has taken its place."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from paperkg.errors import GraphError
from paperkg.graph import MANIFEST_FILE, KnowledgeGraph
from paperkg.search import SearchIndex

_log = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True)
class Data:
    """A graph and what is looked up in it."""

    graph: KnowledgeGraph
    index: SearchIndex


class Source:
    """Gives the ``Data`` of the build that is there now; threads may ask at the same time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._seen: tuple[int, int] | None = None
        self._data: Data | None = None

    def data(self) -> Data:
        """Give the data. Raises ``GraphError`` where there is no build."""
        with self._lock:
            try:
                state = (self._folder / MANIFEST_FILE).stat()
                now = (state.st_ino, state.st_mtime_ns)
            except OSError:
                now = None
            if self._data is None or (now is not None and now != self._seen):
                self._seen = now
                try:
                    graph = KnowledgeGraph.load(self._folder)
                except GraphError as error:
                    if self._data is None:
                        raise
                    _log.error("the new build is not served: %s", error)
                    return self._data
                _ = graph.network, graph.papers_of  # made on first use, which is now
                self._data = Data(graph, SearchIndex(graph))
            return self._data
