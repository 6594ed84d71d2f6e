"""SPARQL for models: processes as those of ``paperkg serve``, limits that are tighter, begun when needed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from paperkg.errors import QueryError
from paperkg.serve.pool import Pool
from paperkg.serve.worker import Question, Settings

_TABLE, _GRAPH = "application/sparql-results+json", "text/turtle"

#: Limits of a query: seconds, rows, bytes of its answer and of memory; queries at a time, and in wait.
_SECONDS, _ROWS, _SIZE, _MEMORY = 10.0, 500, 200_000, 2 << 30
_WORKERS, _WAITING = 1, 16


class Asker:
    """Asks the store of a build; ``stop`` ends its processes."""

    def __init__(self, folder: str, base: str) -> None:
        self._settings = Settings(
            folder=folder, base=base, seconds=_SECONDS, rows=_ROWS, size=_SIZE, memory=_MEMORY
        )
        self._pool: Pool | None = None
        self._starting = asyncio.Lock()

    async def ask(self, sparql: str) -> dict[str, Any]:
        """Give columns and rows, the truth of an ASK, or Turtle. Raises ``QueryError`` with what is wrong."""
        async with self._starting:
            if self._pool is None:
                pool = Pool(self._settings, size=_WORKERS, waiting=_WAITING)
                await pool.start()
                self._pool = pool
        answer = await self._pool.ask(Question(sparql=sparql, accept=(_TABLE, _GRAPH)))
        text = answer.body.decode("utf-8", "replace")
        if answer.status != 200:
            raise QueryError(text.strip())
        cut: dict[str, Any] = {"cut": f"only the first {answer.rows} rows"} if answer.cut else {}
        if answer.media_type != _TABLE:
            return {"turtle": text, **cut}
        found = json.loads(text)
        if "boolean" in found:
            return {"answer": found["boolean"]}
        columns = found["head"]["vars"]
        rows = [[row.get(c, {}).get("value", "") for c in columns] for row in found["results"]["bindings"]]
        return {"columns": columns, "rows": rows, **cut}

    async def stop(self) -> None:
        """End the processes, if there are any."""
        if self._pool:
            await self._pool.stop()
