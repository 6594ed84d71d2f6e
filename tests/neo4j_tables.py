"""A strict reader of tables for ``neo4j-admin database import``, written from its manual."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CELL = re.compile(
    r"(?P<name>\w+)?(?::(?P<kind>string|int|double|boolean|ID|START_ID|END_ID|LABEL|TYPE)(?P<many>\[\])?(?:\((?P<space>\w+)\))?)?"
)
_KEYS = ("ID", "START_ID", "END_ID", "LABEL", "TYPE")
_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "int": int,
    "double": float,
    "boolean": {"true": True, "false": False}.__getitem__,
}


@dataclass
class Tables:
    """What an import would make: nodes by ID space and id, edges by type."""

    nodes: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    edges: dict[str, list[tuple[str, str, dict[str, Any]]]] = field(default_factory=dict)
    #: Names and types of the properties, by ID space and by type of edge.
    columns: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    #: ID spaces that a type of edge leads from and to.
    ends: dict[str, tuple[str, str]] = field(default_factory=dict)


def read_tables(folder: Path) -> Tables:
    """Read the tables that ``import.sh`` names. Raises ``ValueError`` for whatever the manual forbids."""
    script = (folder / "import.sh").read_text("utf-8")
    tables = Tables()
    for name in re.findall(r"--nodes=(\S+)", script):
        _read_nodes(folder / name, tables)
    for name in re.findall(r"--relationships=(\S+)", script):
        _read_edges(folder / name, tables)
    return tables


def _rows(path: Path) -> tuple[list[re.Match[str]], list[list[str]]]:
    text = path.read_bytes().decode("utf-8")
    if "\r" in text or "\x00" in text:
        raise ValueError(f"{path.name}: a control character")
    lines = list(csv.reader(text.split("\n")[:-1], strict=True))
    if len(lines) != text.count("\n"):
        raise ValueError(f"{path.name}: a field over several lines, which needs --multiline-fields")
    header = [_CELL.fullmatch(cell) for cell in lines[0]]
    if not all(header):
        raise ValueError(f"{path.name}: header {lines[0]}")
    if bad := [line for line in lines if len(line) != len(header)]:
        raise ValueError(f"{path.name}: {len(bad[0])} fields and not {len(header)}: {bad[0]}")
    return [cell for cell in header if cell], lines[1:]


def _columns(header: list[re.Match[str]]) -> list[tuple[str, str]]:
    return [
        (c["name"], (c["kind"] or "string") + (c["many"] or "")) for c in header if c["kind"] not in _KEYS
    ]


def _value(cell: re.Match[str], text: str) -> Any:
    read = _READ[cell["kind"] or "string"]
    if cell["many"]:
        return [read(item) for item in text.split(";")] if text else []
    return read(text) if text else None


def _read_nodes(path: Path, tables: Tables) -> None:
    header, rows = _rows(path)
    (at,) = [i for i, cell in enumerate(header) if cell["kind"] == "ID"]
    (label,) = [i for i, cell in enumerate(header) if cell["kind"] == "LABEL"]
    space = tables.nodes.setdefault(header[at]["space"], {})
    tables.columns[header[at]["space"]] = _columns(header)
    for row in rows:
        if not row[at] or row[at] in space:
            raise ValueError(f"{path.name}: id {row[at]!r} is empty or not the only one")
        space[row[at]] = {
            "labels": row[label].split(";"),
            **{
                c["name"]: _value(c, row[i]) for i, c in enumerate(header) if c["kind"] not in ("ID", "LABEL")
            },
        }


def _read_edges(path: Path, tables: Tables) -> None:
    header, rows = _rows(path)
    start, end, kind = (
        next(i for i, cell in enumerate(header) if cell["kind"] == wanted)
        for wanted in ("START_ID", "END_ID", "TYPE")
    )
    for row in rows:
        for at in (start, end):
            if row[at] not in tables.nodes[header[at]["space"]]:
                raise ValueError(f"{path.name}: no node {row[at]!r}")
        if not re.fullmatch("[A-Z_]+", row[kind]):
            raise ValueError(f"{path.name}: type {row[kind]!r}")
        values = {c["name"]: _value(c, row[i]) for i, c in enumerate(header) if i not in (start, end, kind)}
        tables.columns[row[kind]] = _columns(header)
        tables.ends[row[kind]] = header[start]["space"], header[end]["space"]
        tables.edges.setdefault(row[kind], []).append((row[start], row[end], values))
