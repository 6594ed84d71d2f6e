"""Processes that answer queries: each can be ended, and another one takes its place."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict

from paperkg.errors import GraphError
from paperkg.serve.worker import Answer, Question, Settings, refusal

#: The longest line that a worker writes; bodies are read by their length.
_LINE = 1 << 16


class Pool:
    """Workers, and the questions that wait for one.

    ``size`` questions are answered at a time; ``waiting`` more may wait, and what comes then is refused.
    """

    def __init__(self, settings: Settings, *, size: int, waiting: int) -> None:
        self._settings = settings
        self._size, self._most_waiting = size, waiting
        self._idle: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
        self._all: set[asyncio.subprocess.Process] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._stopped = False
        #: Questions that wait for a worker, and those that are being answered.
        self.waiting = self.running = 0

    async def start(self) -> None:
        """Start the workers."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def stop(self) -> None:
        """End the workers, whatever they are doing."""
        self._stopped = True
        for task in self._starting:
            task.cancel()
        for worker in tuple(self._all):
            await self._end(worker)

    async def ask(self, question: Question) -> Answer:
        """Give the answer, or say why there is none: too busy, too long, too large."""
        if self.waiting >= self._most_waiting:
            return refusal(503, "too many queries are waiting; ask again in a moment")
        self.waiting += 1
        try:
            worker = await self._idle.get()
        finally:
            self.waiting -= 1
        self.running += 1
        whole = False
        try:
            async with asyncio.timeout(self._settings.seconds):
                answer = await _exchange(worker, question)
            whole = True
        except TimeoutError:
            return refusal(504, f"the query was ended: it took more than {self._settings.seconds:g} seconds")
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            limit = self._settings.memory >> 20
            return refusal(507, f"the query was ended: it needs more than {limit} MiB of memory")
        finally:
            # Also where whoever asked has gone: nobody needs the answer.
            self.running -= 1
            if whole:
                self._idle.put_nowait(worker)
            else:
                worker.kill()
                self._replace(worker)
        return answer

    def _replace(self, worker: asyncio.subprocess.Process) -> None:
        async def replace() -> None:
            await self._end(worker)
            if not self._stopped:
                await self._add()

        task = asyncio.create_task(replace())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add(self) -> None:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "paperkg.serve.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
        self._all.add(worker)
        assert worker.stdin is not None
        worker.stdin.write(json.dumps(asdict(self._settings)).encode() + b"\n")
        await worker.stdin.drain()
        assert worker.stdout is not None
        if await worker.stdout.readline() != b"ready\n":
            raise GraphError("a process that answers queries does not start")
        self._idle.put_nowait(worker)

    async def _end(self, worker: asyncio.subprocess.Process) -> None:
        self._all.discard(worker)
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()


async def _exchange(worker: asyncio.subprocess.Process, question: Question) -> Answer:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(asdict(question)).encode() + b"\n")
    await worker.stdin.drain()
    head = json.loads(await worker.stdout.readline())
    return Answer(body=await worker.stdout.readexactly(head.pop("length")), **head)
