"""Tables for ``neo4j-admin database import``, constraints, and the command that imports them.

Papers, entities and claims are nodes. Offsets count in title, a space, and abstract.
"""

from __future__ import annotations

import csv
import io
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from paperkg.describe import claim_text, entity_text, passage, readable, unique_names
from paperkg.export.edges import Edge, concept_edges, concept_properties, role_edges, upper_snake
from paperkg.export.literals import number, probability
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.namespaces import paper_local
from paperkg.passages import sentence_at

#: Elements of a list are parted by this, and so have none of it.
_BETWEEN = ";"

#: Header of each table: name, type, and what Neo4j does with the column.
HEADERS: dict[str, str] = {
    "papers.csv": "id:ID(Paper),paper,title,abstract,issued,creators:string[],listings:string[],:LABEL",
    "entities.csv": "id:ID(Entity),name,aliases:string[],description,vendor,kind,architecture,"
    "memory_gb:double,year:int,papers:int,:LABEL",
    "claims.csv": "id:ID(Claim),text,metric,value:double,written,unit,qualifier,direction,"
    "relative:boolean,confidence:double,paper,sentence,start:int,end:int,:LABEL",
    "roles.csv": ":START_ID(Paper),starts:int[],ends:int[],confidence:double,sentence,:END_ID(Entity),:TYPE",
    "relations.csv": ":START_ID(Entity),papers:string[],support:int,starts:int[],ends:int[],"
    "confidence:double,sentence,claims:string[],:END_ID(Entity),:TYPE",
    "states.csv": ":START_ID(Paper),:END_ID(Claim),:TYPE",
    "about.csv": ":START_ID(Claim),:END_ID(Entity),:TYPE",
}

CONSTRAINTS = """\
CREATE CONSTRAINT paper_id IF NOT EXISTS FOR (n:Paper) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT claim_id IF NOT EXISTS FOR (n:Claim) REQUIRE n.id IS UNIQUE;
CREATE INDEX entity_name IF NOT EXISTS FOR (n:Entity) ON (n.name);
CREATE INDEX claim_metric IF NOT EXISTS FOR (n:Claim) ON (n.metric);
CREATE FULLTEXT INDEX entity_text IF NOT EXISTS FOR (n:Entity) ON EACH [n.name, n.aliases, n.description];
CREATE FULLTEXT INDEX paper_text IF NOT EXISTS FOR (n:Paper) ON EACH [n.title, n.abstract];
"""

IMPORT = """\
#!/bin/sh
# Replace a database of Neo4j 5 or later by these tables; the database must be stopped. Then, when it runs:
#   cypher-shell -d DATABASE -f constraints.cypher
set -eu
cd "$(dirname "$0")"
exec neo4j-admin database import full "${1:-neo4j}" --overwrite-destination=true --array-delimiter=";" \\
  --nodes=papers.csv --nodes=entities.csv --nodes=claims.csv \\
  --relationships=roles.csv --relationships=relations.csv --relationships=states.csv --relationships=about.csv
"""


def write_neo4j(graph: KnowledgeGraph, folder: Path) -> None:
    """Write the tables with their headers, ``constraints.cypher`` and ``import.sh``."""
    edges = [edge for edge in concept_edges(graph) if edge.head != edge.tail]
    tables: dict[str, Iterable[Sequence[str]]] = {
        "papers.csv": _papers(graph),
        "entities.csv": _entities(graph),
        "claims.csv": (_claim(graph, linked) for linked in graph.claims),
        "roles.csv": map(_role, role_edges(graph)),
        "relations.csv": map(_relation, edges),
        "states.csv": ((paper_local(one.paper), one.id, "STATES") for one in graph.claims),
        "about.csv": _about(graph),
    }
    for name, rows in tables.items():
        (folder / name).write_bytes(_table(HEADERS[name], rows))
    (folder / "constraints.cypher").write_bytes(CONSTRAINTS.encode())
    script = folder / "import.sh"
    script.write_bytes(IMPORT.encode())
    script.chmod(script.stat().st_mode | stat.S_IXUSR)


def _papers(graph: KnowledgeGraph) -> Iterator[Sequence[str]]:
    for key, paper in graph.papers.items():
        yield (
            paper_local(key),
            readable(key),
            _line(paper.title),
            _line(paper.abstract),
            readable(paper.issued),
            _list(readable(name) for name in paper.creators),
            _list(readable(" ".join(filter(None, (one.file, one.date)))) for one in paper.listings),
            "Paper",
        )


def _entities(graph: KnowledgeGraph) -> Iterator[Sequence[str]]:
    names = unique_names(graph)
    for concept in graph.concepts.values():
        facts = concept_properties(graph, concept)
        yield (
            concept.id,
            readable(concept.name),
            _list(facts["aliases"]),
            entity_text(graph, concept, names),
            *(facts.get(name, "") for name in ("vendor", "kind", "architecture")),
            _decimal(concept.memory_gb),
            concept.year if re.fullmatch("[0-9]{1,4}", concept.year) else "",
            str(facts["papers"]),
            f"Entity;{concept.type}",
        )


def _claim(graph: KnowledgeGraph, linked: LinkedClaim) -> Sequence[str]:
    claim = linked.claim
    sentence = sentence_at(graph.papers[linked.paper].text, claim.start, claim.end)
    return (
        linked.id,
        readable(claim_text(graph, linked)),
        claim.metric,
        _decimal(claim.value),
        readable(claim.value),
        readable(claim.unit),
        readable(claim.qualifier),
        claim.direction,
        str(claim.relative).lower(),
        probability(claim.confidence).value,
        readable(linked.paper),
        readable(sentence),
        str(claim.start),
        str(claim.end),
        "Claim",
    )


def _role(edge: Edge) -> Sequence[str]:
    return (
        paper_local(edge.head.removeprefix("paper/")),
        _list(str(proof.start) for proof in edge.evidence),
        _list(str(proof.end) for proof in edge.evidence),
        str(edge.confidence),
        next(iter(edge.sentences), ""),
        edge.tail,
        upper_snake(edge.predicate),
    )


def _relation(edge: Edge) -> Sequence[str]:
    # One element a piece of evidence in the first and the last two lists: which paper, from where to where.
    return (
        edge.head,
        _list(readable(proof.paper) for proof in edge.evidence),
        str(len(edge.papers)),
        _list(str(proof.start) for proof in edge.evidence),
        _list(str(proof.end) for proof in edge.evidence),
        str(edge.confidence),
        next(iter(edge.sentences), ""),
        _list(edge.claims),
        edge.tail,
        upper_snake(edge.predicate),
    )


def _about(graph: KnowledgeGraph) -> Iterator[Sequence[str]]:
    for one in graph.claims:
        if one.subject:
            yield one.id, one.subject, "SUBJECT"
        for baseline in dict.fromkeys(one.baselines):
            yield one.id, baseline, "BASELINE"


def _line(text: str) -> str:
    """Bring a text to one line, one character for one, so that offsets stay; Neo4j reads lines."""
    return "".join(" " if c in "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029" else c for c in passage(text))


def _list(items: Iterable[str]) -> str:
    return _BETWEEN.join(item.replace(_BETWEEN, ",") for item in items)


def _decimal(text: str) -> str:
    value = number(text)
    return "" if value is None else str(value)


def _table(header: str, rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO()
    stream.write(f"{header}\n")
    # A backslash means nothing to Neo4j, and a quote inside a quoted field is doubled.
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(rows)
    return stream.getvalue().encode()
