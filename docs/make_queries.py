"""Write docs/queries.md from the headers of the named queries: ``python docs/make_queries.py``."""

from __future__ import annotations

from pathlib import Path

from paperkg.queries import NamedQuery, list_queries

PAGE = Path(__file__).parent / "queries.md"

_HEAD = """\
# Named queries

Questions that people have, as SPARQL in [ontology/queries](../ontology/queries); `paperkg query --list` shows
them, `paperkg query -n NAME -p KEY=VALUE` runs one, and the server answers `/api/queries/NAME?KEY=VALUE`.
Values are texts, never SPARQL. An entity goes by any of its names, in any case. This page is made by
`python docs/make_queries.py`.

Who counts by hand: a `pkg:Mention` marks any place that a statement rests on, where a thing is named (its
`oa:hasBody` is a `pkg:Entity`) and where a result or relation is said; and families that no paper names
("GPU" above "NVIDIA A100") are entities, too. `paperkg stats` counts names, and what papers name.

| query | answers | parameters and what they are by default | columns |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Give the page."""
    return _HEAD + "".join(f"{_row(query)}\n" for query in list_queries())


def _row(query: NamedQuery) -> str:
    given = "<br>".join(f"`{p.name}` = {p.default}: {p.description}" for p in query.parameters)
    name = f"[{query.name}](../ontology/queries/{query.name}.rq)"
    return f"| {name} | {query.title}: {query.description} | {given} | {', '.join(query.columns)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
