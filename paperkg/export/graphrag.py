"""The graph as a project of Microsoft GraphRAG 3: all its tables, with communities and reports, and settings.

GraphRAG would ask a language model for all of this; here the only thing left to it is to embed texts and to
answer questions. Entities go by title there, relationships have no direction and one row a pair, so
titles are unique, and descriptions say in words who does what to whom, with papers.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from paperkg.describe import claim_text, entity_text, pair_text, passage, readable, unique_names
from paperkg.errors import MissingExtraError
from paperkg.export.communities import Community, Inside, Report, find_communities
from paperkg.export.graphrag_format import SETTINGS, schema
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import concept_local, paper_local
from paperkg.passages import sentence_at
from paperkg.statements import Pair, pairs, statements

Row = dict[str, Any]


def write_graphrag(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``settings.yaml`` and the tables in ``output/``. Needs pyarrow (the extra ``graphrag``)."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise MissingExtraError('GraphRAG reads Parquet: pip install "paperkg[graphrag]"') from error
    output = folder / "output"
    output.mkdir()
    for name, rows in make_tables(graph).items():
        table = pyarrow.Table.from_pylist(rows, schema=schema(pyarrow, name))
        pyarrow.parquet.write_table(table, output / f"{name}.parquet")
    (folder / "settings.yaml").write_text(SETTINGS, "utf-8")


def make_tables(graph: KnowledgeGraph) -> dict[str, list[Row]]:
    """Make the rows of every table.

    Ids are the local parts of our IRIs, so that each row leads back to the graph.
    """
    names = unique_names(graph)
    said = statements(graph)
    edges = pairs(graph, said)
    unit_of = {paper: paper_local(paper) for paper in graph.papers}
    entity_of = {concept.id: concept_local(concept.id) for concept in graph.mentioned()}
    degree: dict[str, int] = defaultdict(int)
    for pair in edges:
        degree[pair.one] += 1
        degree[pair.other] += 1

    entities: list[Row] = []
    units_of: dict[str, list[str]] = {}
    for number, concept in enumerate(graph.mentioned()):
        units_of[concept.id] = sorted({unit_of[paper] for paper, _ in graph.papers_of[concept.id]})
        entities.append(
            {
                "id": entity_of[concept.id],
                "human_readable_id": number,
                "title": names[concept.id],
                "type": concept.type,
                "description": entity_text(graph, concept, names),
                "text_unit_ids": units_of[concept.id],
                "frequency": len(units_of[concept.id]),
                "degree": degree[concept.id],
            }
        )
    relationships: list[Row] = []
    relationships_in: dict[str, list[str]] = defaultdict(list)
    for number, pair in enumerate(edges):
        first = pair.statements[0]
        units = [unit_of[paper] for paper in pair.papers]
        # What only the vocabulary knows holds wherever the narrower thing is named; without any text,
        # create_communities fails.
        units = units or units_of[first.head]
        key = _pair_id(pair, entity_of)
        relationships.append(
            {
                "id": key,
                "human_readable_id": number,
                "source": names[first.head],
                "target": names[first.tail],
                "description": pair_text(graph, pair, names),
                "weight": pair.weight,
                "combined_degree": degree[pair.one] + degree[pair.other],
                "text_unit_ids": units,
            }
        )
        for unit in units:
            relationships_in[unit].append(key)
    covariates = _covariates(graph, names, unit_of)
    covariates_in: dict[str, list[str]] = defaultdict(list)
    for row in covariates:
        covariates_in[row["text_unit_id"]].append(row["id"])
    communities = find_communities(graph, edges)
    inside = Inside(graph, said, names)
    reports = [inside.report(community) for community in communities]
    return {
        "entities": entities,
        "relationships": relationships,
        "text_units": [
            {
                "id": unit_of[key],
                "human_readable_id": number,
                "text": passage(extraction.paper.text),
                "n_tokens": count_tokens(extraction.paper.text),
                "document_id": unit_of[key],
                "entity_ids": sorted({entity_of[e.id] for e in extraction.entities}),
                "relationship_ids": relationships_in[unit_of[key]],
                "covariate_ids": covariates_in[unit_of[key]],
            }
            for number, (key, extraction) in enumerate(graph.extractions.items())
        ],
        "documents": [
            {
                "id": unit_of[key],
                "human_readable_id": number,
                "title": readable(paper.title) or readable(key),
                "text": passage(paper.text),
                "text_unit_ids": [unit_of[key]],
                "creation_date": readable(paper.issued),
                "raw_data": {
                    "paper": [readable(key)],
                    "creators": [readable(name) for name in paper.creators],
                    "listings": [readable(f"{one.file} {one.date}") for one in paper.listings],
                },
            }
            for number, (key, paper) in enumerate(graph.papers.items())
        ],
        "communities": _communities(communities, edges, entity_of, unit_of),
        "community_reports": [
            _report(community, report) for community, report in zip(communities, reports, strict=True)
        ],
        "covariates": covariates,
    }


def count_tokens(text: str) -> int:
    """Estimate how many tokens a model makes of a text: words by fours of letters, and marks.

    >>> count_tokens("We present FastServe.")
    7
    """
    return sum(-(-len(piece) // 4) for piece in re.findall(r"\w+|[^\w\s]", text))


def _covariates(graph: KnowledgeGraph, names: dict[str, str], unit_of: dict[str, str]) -> list[Row]:
    """Give the claims of all papers: the subject, the baselines, the result in words, and its sentence."""
    return [
        {
            "id": linked.id,
            "human_readable_id": number,
            "covariate_type": "claim",
            "type": linked.claim.metric,
            "description": readable(f"{claim_text(graph, linked)} [{linked.paper}]"),
            # Who reads claims looks subjects up by title.
            "subject_id": names.get(linked.subject, readable(linked.claim.subject) or "NONE"),
            "object_id": ", ".join(names[one] for one in linked.baselines) or "NONE",
            "status": "TRUE",
            "start_date": readable(graph.papers[linked.paper].issued),
            "end_date": readable(graph.papers[linked.paper].issued),
            "source_text": readable(
                sentence_at(graph.papers[linked.paper].text, linked.claim.start, linked.claim.end)
            ),
            "text_unit_id": unit_of[linked.paper],
        }
        for number, linked in enumerate(graph.claims)
    ]


def _communities(
    communities: Sequence[Community],
    edges: Sequence[Pair],
    entity_of: dict[str, str],
    unit_of: dict[str, str],
) -> list[Row]:
    pairs_of: dict[str, list[Pair]] = defaultdict(list)
    for pair in edges:
        pairs_of[pair.one].append(pair)
    rows: list[Row] = []
    for community in communities:
        members = set(community.members)
        own = [pair for key in community.members for pair in pairs_of[key] if pair.other in members]
        rows.append(
            {
                **_head(community),
                "title": f"Community {community.number}",
                "entity_ids": [entity_of[key] for key in community.members],
                "relationship_ids": [_pair_id(pair, entity_of) for pair in own],
                "text_unit_ids": sorted({unit_of[paper] for pair in own for paper in pair.papers}),
            }
        )
    return rows


def _report(community: Community, report: Report) -> Row:
    findings = [{"summary": line, "explanation": support} for line, support in report.findings]
    content = {
        "title": report.title,
        "summary": report.summary,
        "rating": report.rank,
        "rating_explanation": report.rank_reason,
        "findings": findings,
    }
    return {
        **_head(community),
        "title": report.title,
        "summary": report.summary,
        "full_content": report.text,
        "rank": report.rank,
        "rating_explanation": report.rank_reason,
        "findings": findings,
        "full_content_json": json.dumps(content, ensure_ascii=False),
    }


def _head(community: Community) -> Row:
    return {
        "id": f"community/{community.number}",
        "human_readable_id": community.number,
        "community": community.number,
        "level": community.level,
        "parent": community.parent,
        "children": list(community.children),
        # The day of the index in GraphRAG; a clock would make every export another one.
        "period": "",
        "size": len(community.members),
    }


def _pair_id(pair: Pair, entity_of: dict[str, str]) -> str:
    return f"{entity_of[pair.one]}+{entity_of[pair.other]}"
