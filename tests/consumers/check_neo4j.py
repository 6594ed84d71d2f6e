"""The tables for Neo4j pass a strict reader of its format, and answer in a database that speaks Cypher.

Neo4j itself is a server on Java; Ladybug, an embedded property-graph database, takes its place.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import ladybug
from common import GUIDES, compare, ours

sys.path.insert(0, str(Path(__file__).parents[1]))

from neo4j_tables import Tables, read_tables

_TYPES = {"string": "STRING", "int": "INT64", "double": "DOUBLE", "boolean": "BOOL"}


def load(tables: Tables) -> ladybug.Connection:
    """Make a table of nodes for each ID space and one of edges for each type, and fill them."""
    database = ladybug.Connection(ladybug.Database())
    for space, nodes in tables.nodes.items():
        columns = columns_of(tables, space)
        database.execute(f"CREATE NODE TABLE `{space}` (id STRING PRIMARY KEY{columns})")
        for key, node in nodes.items():
            values = {name: node[name] for name, _ in tables.columns[space] if node[name] not in (None, [])}
            given = "".join(f", `{name}`: $p_{name}" for name in values)
            found = {f"p_{name}": value for name, value in values.items()}
            database.execute(f"CREATE (:`{space}` {{id: $id{given}}})", {"id": key, **found})
    for kind, edges in tables.edges.items():
        start, end = tables.ends[kind]
        database.execute(f"CREATE REL TABLE `{kind}` (FROM `{start}` TO `{end}`{columns_of(tables, kind)})")
        for head, tail, found in edges:
            values = {name: value for name, value in found.items() if value not in (None, [])}
            given = ", ".join(f"`{name}`: $p_{name}" for name in values)
            database.execute(
                f"MATCH (a:`{start}` {{id: $head}}), (b:`{end}` {{id: $tail}}) "
                f"CREATE (a)-[:`{kind}` {{{given}}}]->(b)",
                {"head": head, "tail": tail, **{f"p_{name}": value for name, value in values.items()}},
            )
    return database


def columns_of(tables: Tables, name: str) -> str:
    return "".join(
        f", `{column}` {_TYPES[kind.removesuffix('[]')]}{'[]' if kind.endswith('[]') else ''}"
        for column, kind in tables.columns[name]
    )


def main(folder: Path) -> None:
    own = ours(folder)
    database = load(read_tables(folder / "neo4j"))

    def ask(query: str) -> list[list[Any]]:
        return database.execute(query).get_all()

    def count(pattern: str) -> int:
        return int(ask(f"MATCH {pattern} RETURN count(*)")[0][0])

    states, subjects = count("()-[:STATES]->()"), count("()-[:SUBJECT]->()")
    baselines = count("()-[:BASELINE]->()")
    compare(
        "Ladybug (Cypher)",
        [
            ("papers", own["papers"], count("(:Paper)"), ""),
            ("entities", own["concepts"], count("(:Entity)"), ""),
            ("claims", own["claims"], count("(:Claim)"), ""),
            ("edges of papers", own["role edges"], count("(:Paper)-[]->(:Entity)"), ""),
            ("edges", own["edges"], count("()-[]->()") - states - subjects - baselines, ""),
            ("stated claims", own["claims"], states, ""),
            ("subjects", own["subjects"], subjects, ""),
            ("baselines", own["baselines"], baselines, ""),
        ],
    )
    queries = re.findall(r"^```cypher\n(.*?)^```$", (GUIDES / "neo4j.md").read_text("utf-8"), re.M | re.S)
    answers = [ask(query) for query in queries]
    assert len(answers) == 3
    assert all(answers)
    assert "ALISA" in [row[0] for row in answers[0]]
    assert all(isinstance(row[2], float) for row in answers[1])
    for query, rows in zip(queries, answers, strict=True):
        print(f"  {query.splitlines()[0]}: {len(rows)} rows, the first {str(rows[0])[:90]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
