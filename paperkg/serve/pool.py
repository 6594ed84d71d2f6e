"""Processes that answer queries: each can be ended, and another one takes its place."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict

from paperkg.errors import GraphError
from paperkg.serve.worker import Answer, Question, Settings, refusal

_log = logging.getLogger("uvicorn.error")

#: The longest line that a worker writes; bodies are read by their length.
_LINE = 1 << 16

#: Seconds until a process must have begun, and the longest pause before another one is tried.
_BEGIN, _PAUSE = 60.0, 5.0

Process = asyncio.subprocess.Process


class Pool:
    """Workers, and the questions that wait for one.

    ``size`` questions are answered at a time; ``waiting`` more may wait, each for as long as an answer may
    take, and what comes then is refused.
    """

    def __init__(self, settings: Settings, *, size: int, waiting: int) -> None:
        self._settings = settings
        self._size, self._most_waiting = size, waiting
        self._idle: asyncio.Queue[Process] = asyncio.Queue()
        self._all: set[Process] = set()
        self._replacing: set[asyncio.Task[None]] = set()
        #: Questions that wait for a worker, and those that are being answered.
        self.waiting = self.running = 0

    async def start(self) -> None:
        """Start the workers. Raises ``GraphError`` where they do not start."""
        await asyncio.gather(*(self._add() for _ in range(self._size)))

    async def stop(self) -> None:
        """End the workers, whatever they are doing."""
        for task in self._replacing:
            task.cancel()
        for worker in tuple(self._all):
            await self._end(worker)

    @property
    def healthy(self) -> bool:
        """Say whether there is a process that could answer."""
        return any(worker.returncode is None for worker in self._all)

    async def ask(self, question: Question) -> Answer:
        """Give the answer, or say why there is none: too busy, too long, too large."""
        answer = await self._ask(question)
        # A worker that somebody has killed is no fault of the question.
        return answer or await self._ask(question) or refusal(503, "the process was killed; ask again")

    async def _ask(self, question: Question) -> Answer | None:
        if self.waiting >= self._most_waiting:
            return refusal(503, "too many queries are waiting; ask again in a moment")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._settings.seconds):
                worker = await self._living()
        except TimeoutError:
            return refusal(503, "all queries that run take long; ask again in a moment")
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
            return await self._post_mortem(worker)
        finally:
            # Also where whoever asked has gone: nobody needs the answer.
            self.running -= 1
            if whole:
                self._idle.put_nowait(worker)
            else:
                self._replace(worker)
        return answer

    async def _living(self) -> Process:
        """Take a worker; those that have died while nobody asked are replaced."""
        while (worker := await self._idle.get()).returncode is not None:
            self._replace(worker)
        return worker

    async def _post_mortem(self, worker: Process) -> Answer | None:
        """Say what a worker died of; None if somebody else killed it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await worker.wait()
        if worker.returncode == -signal.SIGKILL:
            return None
        if worker.returncode == -signal.SIGSEGV:  # the parser's stack is not endless
            return refusal(400, "the query is nested too deeply")
        limit = self._settings.memory >> 20
        return refusal(507, f"the query was ended: it needs more than {limit} MiB of memory")

    def _replace(self, worker: Process) -> None:
        async def replace() -> None:
            await self._end(worker)
            pause = 0.1
            while True:
                try:
                    await self._add()
                except (OSError, GraphError) as error:
                    _log.error("a process that answers queries does not start: %s", error)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _PAUSE)
                else:
                    return

        task = asyncio.create_task(replace())
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _add(self) -> None:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "paperkg.serve.worker"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
            # Arenas of the C library reserve far more addresses than they use, and those are what is limited.
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},
        )
        assert worker.stdin is not None
        assert worker.stdout is not None
        self._all.add(worker)
        ready = b""
        try:
            async with asyncio.timeout(_BEGIN):
                worker.stdin.write(json.dumps(asdict(self._settings)).encode() + b"\n")
                await worker.stdin.drain()
                ready = await worker.stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            raise GraphError(f"it says nothing: {error}") from error
        finally:
            if ready != b"ready\n":
                await self._end(worker)
        if ready != b"ready\n":
            raise GraphError("it ended before it could read the store; is there enough memory?")
        self._idle.put_nowait(worker)

    async def _end(self, worker: Process) -> None:
        self._all.discard(worker)
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()


async def _exchange(worker: Process, question: Question) -> Answer:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(asdict(question)).encode() + b"\n")
    await worker.stdin.drain()
    head = json.loads(await worker.stdout.readline())
    return Answer(body=await worker.stdout.readexactly(head.pop("length")), **head)
