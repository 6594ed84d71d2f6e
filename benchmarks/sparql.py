"""Compare the speed of the named queries with rdflib's engine, and of loading with pyoxigraph's own loader.

Both engines answer each query on the same build in turn, in one run, so that a noisy machine is as noisy for
both: ours from the store on disk, rdflib's from memory. rdflib answers in a process that is ended
after a time; the ratio is then a lower bound ("> 80"). Answers are compared by their number of rows.

    python benchmarks/sparql.py [BUILD] [--limit SECONDS] [--rounds N] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

from pyoxigraph import RdfFormat, Store, parse

from paperkg.namespaces import prefixes
from paperkg.queries import list_queries, load_query, run_query
from paperkg.store import build_store, open_store
from paperkg.terminal import table

EXPORTS = Path(__file__).parents[1] / "exports"


def ours(store: Store, name: str) -> tuple[float, int]:
    """Give the seconds and the rows of a named query."""
    began = time.perf_counter()
    rows = sum(1 for _ in run_query(store, name))
    return time.perf_counter() - began, rows


def peer(build: Path, pipe: Connection) -> None:
    """Read a build by rdflib, then answer (named query, seconds that it may take) until the pipe closes.

    Each query runs in a fork, which can be ended: reading millions of quads takes many minutes.
    """
    import rdflib

    data = rdflib.Dataset(default_union=True)
    data.parse(build / "graph.nq", format="nquads")
    gc.freeze()  # forks must not copy the data by looking for garbage in them
    known = {name: rdflib.Namespace(iri) for name, iri in prefixes().items()}
    pipe.send(len(data))

    def answer(name: str, back: Connection) -> None:
        sparql = load_query(name).sparql
        began = time.perf_counter()
        try:
            rows = len(list(data.query(sparql, initNs=known)))
        except Exception as error:
            back.send((0.0, f"{type(error).__name__}: {error}"))
        else:
            back.send((time.perf_counter() - began, rows))

    while True:
        try:
            name, limit = pipe.recv()
        except EOFError:
            return
        here, there = get_context("fork").Pipe()
        process = get_context("fork").Process(target=answer, args=(name, there), daemon=True)
        process.start()
        pipe.send(here.recv() if here.poll(limit) else (limit, None))
        process.kill()
        process.join()


class Peer:
    """rdflib in a process of its own."""

    def __init__(self, build: Path) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # No daemon: it has processes of its own.
        self._process = context.Process(target=peer, args=(build, theirs))
        self._process.start()
        theirs.close()
        self._pipe.recv()

    def ask(self, name: str, limit: float) -> tuple[float, int | str | None]:
        """Give seconds and rows, what was raised, or None where it took too long."""
        self._pipe.send((name, limit))
        found: tuple[float, int | str | None] = self._pipe.recv()
        return found

    def stop(self) -> None:
        """End the process."""
        self._process.kill()


def load_times(dump: Path) -> list[tuple[str, ...]]:
    """Load N-Quads by us and by the bare loader of pyoxigraph, in turn."""

    def by_us(folder: Path) -> int:
        return build_store(parse(path=dump, format=RdfFormat.N_QUADS), folder)

    def by_loader(folder: Path) -> int:
        store = Store(str(folder))
        store.bulk_load(path=str(dump), format=RdfFormat.N_QUADS)
        store.flush()
        return len(store)

    rows = []
    for name, load in (("paperkg", by_us), ("pyoxigraph's bulk_load", by_loader)):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            count = load(Path(folder) / "store")
            rows.append((name, f"{count}", f"{count / (time.perf_counter() - began):.0f}"))
    return rows


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", nargs="?", type=Path, default=EXPORTS)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that rdflib may take for a query")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append")
    parser.add_argument("--no-peer", action="store_true", help="time our side alone")
    options = parser.parse_args(arguments)
    store = open_store(options.build / "store")
    other = None if options.no_peer else Peer(options.build)
    rows, ratios, slowest = [], [], 0.0
    for query in list_queries():
        if options.only and query.name not in options.only:
            continue
        mine, theirs, found = [], [], None
        count = 0
        for _ in range(options.rounds):
            seconds, count = ours(store, query.name)
            mine.append(seconds)
            if other and (not theirs or theirs[-1] < options.limit / options.rounds):
                seconds, found = other.ask(query.name, options.limit)
                theirs.append(seconds)
        slowest = max(slowest, median(mine))
        cells = [query.name, f"{count}", f"{1000 * median(mine):.1f}"]
        if other:
            ended = found is None
            ratio = median(theirs) / median(mine)
            if not isinstance(found, str):
                ratios.append(ratio)
            same = "" if ended or found == count else f" ({found} rows)"
            cells += [f"{1000 * median(theirs):.1f}", f"{'> ' if ended else ''}{ratio:.0f}{same}"]
        rows.append(cells)
    if other:
        other.stop()
    head = ["query", "rows", "ours, ms", *(["rdflib, ms", "ratio"] if other else [])]
    print(*table([head, *rows], right=range(1, len(head))), sep="\n")
    if ratios:
        print(f"median ratio: {median(ratios):.0f}")
    print(f"slowest of ours: {1000 * slowest:.0f} ms\n")
    print(
        *table([("load", "quads", "quads/s"), *load_times(options.build / "graph.nq")], right=(1, 2)),
        sep="\n",
    )


if __name__ == "__main__":
    main()
