"""Named queries: SPARQL files with a title, a description and parameters in comments at the top.

To add one, put ``NAME.rq`` into ``ontology/queries``. Each parameter has a line ``VALUES ?name { "..." }``
in the query, which is its default: the file runs as it stands, and a value given takes that place as a
literal, never as SPARQL.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Store

from paperkg.errors import QueryError
from paperkg.model import ENTITY_TYPES, METRICS
from paperkg.namespaces import BASE, ONTOLOGY
from paperkg.resources import ontology_dir
from paperkg.store import Results, query

#: What the values of some parameters can be; others find nothing.
CHOICES: Mapping[str, tuple[str, ...]] = {"type": tuple(ENTITY_TYPES), "metric": tuple(METRICS)}

_LOWER = NamedNode(ONTOLOGY + "lowerName")

_HEADER = re.compile(r"#\s*(title|description|param|columns):\s*(.*?)\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a named query asks for; all are texts."""

    name: str
    description: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A query with what people need to know of it; ``sparql`` runs as it stands, on the defaults."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    sparql: str

    def bind(self, values: Mapping[str, str]) -> str:
        """Give the query with these values; a parameter without one keeps its default.

        Raises ``QueryError`` for a parameter that the query does not have.
        """
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                takes = f"it takes {', '.join(known)}" if known else "it takes none"
                raise QueryError(f"{self.name} has no parameter {name!r}: {takes}")
        sparql = self.sparql
        for name, value in sorted(values.items()):
            sparql, count = _block(name).subn(partial(_bound, value), sparql)
            if count != 1:
                raise QueryError(f"{self.name}: the query needs one line VALUES ?{name} {{ ... }}")
        return sparql


def queries_dir() -> Path:
    """Give the folder of the queries that ship with paperkg."""
    return ontology_dir() / "queries"


def list_queries(folder: Path | None = None) -> list[NamedQuery]:
    """Give all named queries, sorted by name."""
    return [_read(path) for path in sorted((folder or queries_dir()).glob("*.rq"))]


def load_query(name: str, *, folder: Path | None = None) -> NamedQuery:
    """Read one named query. Raises ``QueryError`` where there is none, with the nearest name."""
    # By looking it up, and not by making a path of it: a name must not lead out of the folder.
    paths = {path.stem: path for path in sorted((folder or queries_dir()).glob("*.rq"))}
    if name not in paths:
        near = difflib.get_close_matches(name, paths, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(paths)}"
        raise QueryError(f"no query named {name!r}; {hint}")
    return _read(paths[name])


def run_query(
    store: Store,
    name: str,
    params: Mapping[str, str] | None = None,
    *,
    base: str = BASE,
    folder: Path | None = None,
) -> Results:
    """Run a named query with these parameters."""
    return query(store, load_query(name, folder=folder).bind(params or {}), base=base)


def unknown_names(store: Store, named: NamedQuery, values: Mapping[str, str]) -> list[str]:
    """Give the values that should be names of things (any name, whatever its case), and are none."""
    wanted = [p.name for p in named.parameters if p.description.startswith("any name of")]
    given = [values[name] for name in wanted if name in values]
    return [name for name in given if not any(store.quads_for_pattern(None, _LOWER, Literal(name.lower())))]


def _read(path: Path) -> NamedQuery:
    sparql = path.read_text("utf-8")
    single: dict[str, str] = {}
    parameters = []
    for line in sparql.split("\n"):
        if not line.startswith("#"):
            break
        if not (found := _HEADER.match(line)):
            continue
        if found[1] != "param":
            single[found[1]] = found[2]
            continue
        parts = found[2].split(" - ", 2)
        if len(parts) != 3:
            raise QueryError(f"{path.name}: a parameter is written `# param: name - text - default`")
        parameters.append(Parameter(name=parts[0], description=parts[1], default=parts[2]))
    missing = [key for key in ("title", "description", "columns") if not single.get(key)]
    if missing:
        raise QueryError(f"{path.name}: the header lacks `# {missing[0]}:`")
    return NamedQuery(
        name=path.stem,
        title=single["title"],
        description=single["description"],
        parameters=tuple(parameters),
        columns=tuple(single["columns"].split()),
        sparql=sparql,
    )


def _block(name: str) -> re.Pattern[str]:
    return re.compile(rf'(VALUES\s+\?{re.escape(name)}\s*\{{\s*)"(?:[^"\\\n]|\\.)*"(\s*\}})')


def _bound(value: str, found: re.Match[str]) -> str:
    try:
        # The library writes the literal: quotes, backslashes and line ends come out escaped.
        return f"{found[1]}{Literal(value)}{found[2]}"
    except ValueError as error:
        raise QueryError(f"the value {value!r} is no text: {error}") from error
