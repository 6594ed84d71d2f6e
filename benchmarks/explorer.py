"""Measure how long the server takes for each kind of page, over many things and papers of a build.

Addresses are fetched over loopback one after the other (``--clients`` at a time), the things of most papers
first and others drawn evenly from the rest, so that the largest pages and usual ones are among them. The time
is that from the request to the last byte, as a client sees it; beside it stands what the server computed for
a page on average, which a busy machine does not change much (on Linux).

    python benchmarks/explorer.py [BUILD] [--each N] [--clients N]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

import httpx
from clients import EXPORTS, served

from paperkg.terminal import table


def spread(items: Sequence[str], most: int) -> list[str]:
    """Give the first half of ``most`` from the front, the rest evenly from what follows."""
    front, rest = list(items[: most // 2]), items[most // 2 :]
    step = max(1, len(rest) // max(1, most - len(front)))
    return front + list(rest[::step])[: most - len(front)]


def local(key: str) -> str:
    """Give the path of a thing."""
    folder, _, rest = key.partition("/")
    return f"/{folder}/{quote(rest, safe='')}"


def addresses(web: httpx.Client, each: int) -> dict[str, list[str]]:
    """Give the addresses to fetch, by kind of page."""
    things, at = [], 0
    while page := web.get(f"/api/entities?limit=1000&offset={at}").json()["items"]:
        things += page
        at += len(page)
    papers = web.get("/api/papers?limit=1000").json()["items"]
    keys, names = [one["id"] for one in things], [quote(one["name"]) for one in things]
    metrics = ("speedup", "throughput", "latency", "memory", "energy", "accuracy", "cost")
    few, common = spread(names, each), names[: each + 1]
    # The largest things one after the other, so that every pair is a hard one.
    pairs = list(pairwise(common))
    paths = list(zip(few, reversed(few), strict=True))
    return {
        "start": ["/"] * (each // 10 + 1),
        "search": [f"/search?q={name}%20system" for name in few],
        "thing": [local(key) for key in spread(keys, each)],
        "paper": [local(f"paper/{one['id']}") for one in spread(papers, each)],
        "compare": [f"/compare?e={one}&e={other}" for one, other in pairs],
        "leaderboard": [f"/leaderboard?metric={metric}" for metric in metrics]
        + [f"/leaderboard?metric={metrics[i % 7]}&baseline={name}" for i, name in enumerate(common)],
        "path": [f"/path?start={one}&end={other}" for one, other in paths if one != other],
        "query": ["/query", "/query?name=goes-with"] * (each // 20 + 1),
        "neighbours": [f"/api/neighbours?id={quote(key, safe='')}" for key in spread(keys, each)],
        "thing, JSON": [f"{local(key)}?format=json" for key in spread(keys, each)],
        "thing, Turtle": [f"{local(key)}?format=ttl" for key in spread(keys, each)],
    }


def processor_time(process: int) -> float:
    """Give the milliseconds that a process has computed."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def fetch(url: str, paths: Sequence[str], clients: int) -> list[tuple[float, str, int]]:
    """Fetch addresses; give milliseconds, address and status of each."""
    found, waiting = [], list(reversed(paths))
    async with httpx.AsyncClient(base_url=url, timeout=120, headers={"Accept": "text/html,*/*;q=0.1"}) as web:

        async def client() -> None:
            while waiting:
                path = waiting.pop()
                began = time.perf_counter()
                response = await web.get(path)
                found.append((1000 * (time.perf_counter() - began), path, response.status_code))

        await asyncio.gather(*(client() for _ in range(clients)))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", nargs="?", type=Path, default=EXPORTS)
    parser.add_argument("--each", type=int, default=200, help="addresses of each kind of page")
    parser.add_argument("--clients", type=int, default=1)
    parser.add_argument("--slowest", type=int, default=3, help="how many of the slowest addresses to list")
    parser.add_argument("--only", action="append", help="a kind of page")
    options = parser.parse_args(arguments)
    with served(options.build) as (url, process):
        with httpx.Client(base_url=url, timeout=120) as web:
            kinds = addresses(web, options.each)
        found, computed = {}, {}
        for kind, paths in kinds.items():
            if options.only and kind not in options.only:
                continue
            before = processor_time(process)
            found[kind] = asyncio.run(fetch(url, paths, options.clients))
            computed[kind] = (processor_time(process) - before) / len(paths)
    rows = [("page", "fetched", "p50, ms", "p95, ms", "p99, ms", "computed, ms", "other than 200")]
    for kind, answers in found.items():
        taken = [milliseconds for milliseconds, _, _ in answers]
        times = quantiles(taken, n=100, method="inclusive") if len(taken) > 1 else taken * 99
        wrong = sum(status not in (200, 303) for _, _, status in answers)
        parts = (f"{times[at]:.0f}" for at in (49, 94, 98))
        rows.append((kind, f"{len(answers)}", *parts, f"{computed[kind]:.0f}", f"{wrong}"))
    print(*table(rows, right=range(1, 7)), sep="\n")
    slowest = sorted((answer for answers in found.values() for answer in answers), reverse=True)
    for milliseconds, path, _ in slowest[: options.slowest]:
        print(f"{milliseconds:.0f} ms: {path}")


if __name__ == "__main__":
    main()
