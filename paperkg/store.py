"""The store of a build: Oxigraph on disk, made once, then read-only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, QueryBoolean, QuerySolutions, QueryTriples, Store

from paperkg.errors import GraphError, QueryError
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import BASE, prefixes
from paperkg.results import FORMATS, write_results
from paperkg.sparql import check_read_only, has_dataset, unknown_terms, without_service

__all__ = ["FORMATS", "Results", "build_store", "open_store", "query", "write_results"]

Results = QuerySolutions | QueryBoolean | QueryTriples

_SYNTAX = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def build_store(source: KnowledgeGraph | Iterable[Quad], folder: Path, *, base: str = BASE) -> int:
    """Load a graph into a new store and give the number of its quads. Raises ``GraphError`` where one is."""
    if isinstance(source, KnowledgeGraph):
        from paperkg.export.quads import quads

        source = quads(source, base=base)
    if folder.exists() and any(folder.iterdir()):
        raise GraphError(f"{folder} is not empty: a store is made in a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(str(folder))
    store.bulk_extend(source)
    store.optimize()
    store.flush()
    return len(store)


def open_store(folder: Path) -> Store:
    """Open the store of a build for reading: any number of processes may at the same time."""
    try:
        return Store.read_only(str(folder))
    except (OSError, ValueError, RuntimeError) as error:
        if not (folder / "CURRENT").exists():
            raise GraphError(f"no store in {folder}: make one with `paperkg build INPUT`") from error
        raise GraphError(f"the store in {folder} cannot be read: {error}") from error


def query(
    store: Store,
    sparql: str,
    *,
    base: str = BASE,
    strict: bool = True,
    default_graphs: Sequence[NamedNode] = (),
    named_graphs: Sequence[NamedNode] = (),
) -> Results:
    """Run a SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    All prefixes that we know are declared. The default graph is the union of all graphs, unless the
    query names its own with FROM; ``default_graphs`` and ``named_graphs``, if there are any, stand above
    both. ``strict`` refuses ``pkg:`` terms that do not exist, which would
    else find nothing, without a word. Raises ``QueryError`` with line and column.
    """
    if not sparql.strip():
        raise QueryError("the query is empty")
    check_read_only(sparql)
    if strict and (unknown := unknown_terms(sparql)):
        raise QueryError(unknown[0])
    safe = without_service(sparql)
    if default_graphs or named_graphs:
        dataset: dict[str, Any] = {
            "default_graph": list(default_graphs),
            "named_graphs": list(named_graphs),
        }
    else:
        dataset = {"use_default_graph_as_union": not has_dataset(sparql)}
    try:
        return store.query(safe, prefixes=prefixes(base), **dataset)
    except SyntaxError as error:
        raise QueryError(_explain(str(error), sparql, safe)) from error
    except (ValueError, OSError, RuntimeError) as error:
        raise QueryError(f"the query failed: {error}") from error


def _explain(message: str, sparql: str, safe: str) -> str:
    """Turn the parser's message, which may list every token that could follow, into one line."""
    found = _SYNTAX.match(message)
    if not found:
        return " ".join(message.split())
    line, column, reason = int(found[1]), int(found[2]), " ".join(found[3].split())
    # "[_]" is what the parser cannot name; alone, it is the beginning of a query.
    alone = reason == "expected [_]"
    reason = "expected SELECT, ASK, CONSTRUCT or DESCRIBE" if alone else reason.replace(", [_]", "")
    # Columns are those of the text that was parsed, where some letters stand as escapes.
    parsed, written = safe.split("\n"), sparql.split("\n")
    if line <= len(written) and parsed[line - 1] != written[line - 1]:
        ends = range(len(written[line - 1]) + 1)
        wide = (end + 1 for end in ends if len(without_service(written[line - 1][:end])) >= column - 1)
        column = next(wide, column)
    before = written[line - 1][: column - 1] if line <= len(written) else ""
    if "Prefix not found" in reason and (name := re.search(r"([\w.-]*):[^\s:]*\Z", before)):
        # The parser says where the name ends.
        column, reason = name.start() + 1, f"prefix {name[1]}: is not declared"
    elif len(reason) > 200:
        reason = f"{reason[:200].rsplit(' ', 1)[0]} ..."
    return f"line {line}, column {column}: {reason}"
