"""Measure how a server bears many clients at once: requests a second, their times, what it refused.

Each client asks again as soon as it has its answer: a search, an entity, a named query and SPARQL in turn.

    python benchmarks/clients.py [BUILD] [--clients N] [--seconds S]
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import httpx

from paperkg.terminal import table

EXPORTS = Path(__file__).parents[1] / "exports"

REQUESTS = {
    "search": "/api/search?q=fast+inference",
    "entity": "/api/entities/hardware/gpu",
    "named query": "/api/queries/compared-with?entity=vLLM",
    "SPARQL": "/sparql?query=SELECT+%3Fp+%7B+%3Fp+a+pkg%3APaper+%7D+LIMIT+1",
}


@contextmanager
def served(build: Path) -> Iterator[tuple[str, int]]:
    """Serve a build at a free port as long as it takes; gives the address and the process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "paperkg", "serve", "-g", str(build), "--port", str(port), "-q"]
    with subprocess.Popen(command) as server:
        try:
            while server.poll() is None:
                try:
                    httpx.get(f"{url}/health").raise_for_status()
                except httpx.TransportError:
                    time.sleep(0.1)
                else:
                    break
            else:
                sys.exit("the server does not start")
            yield url, server.pid
        finally:
            server.terminate()


async def ask(url: str, clients: int, seconds: float) -> list[tuple[str, int, float]]:
    """Give of each request what it was, the status of the answer, and how long it took."""
    found = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        kinds = list(REQUESTS)
        # Each has a connection of its own: one pool for all would cost more than the server.
        async with httpx.AsyncClient(base_url=url, timeout=60, verify=False) as web:
            while (began := time.perf_counter()) < end:
                kind = kinds[number % len(kinds)]
                response = await web.get(REQUESTS[kind])
                found.append((kind, response.status_code, time.perf_counter() - began))
                number += 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", nargs="?", type=Path, default=EXPORTS)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args(arguments)
    with served(options.build) as (url, _):
        found = asyncio.run(ask(url, options.clients, options.seconds))
    groups = defaultdict(list)
    for kind, status, seconds in found:
        for name in (kind, "all"):
            groups[name].append((status, seconds))
    rows = [("request", "answers", "a second", "p50, ms", "p99, ms", "statuses")]
    for name in (*REQUESTS, "all"):
        times = quantiles([1000 * seconds for _, seconds in groups[name]], n=100)
        statuses = Counter(status for status, _ in groups[name])
        rows.append(
            (
                name,
                f"{len(groups[name])}",
                f"{len(groups[name]) / options.seconds:.0f}",
                f"{times[49]:.1f}",
                f"{times[98]:.1f}",
                ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())),
            )
        )
    print(*table(rows, right=range(1, 5)), sep="\n")


if __name__ == "__main__":
    main()
