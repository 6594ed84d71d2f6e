"""The graph for HippoRAG: triples of each passage in its OpenIE format, and the corpus they belong to.

HippoRAG finds a passage's triples by the passage itself, so both files hold the same strings; in ASCII,
because it opens them with the encoding of the machine.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paperkg.describe import VERBS, ascii_key, passage, readable, result_text, unique_names
from paperkg.export.jsons import write_json
from paperkg.graph import KnowledgeGraph
from paperkg.statements import statements

_ROLES: Mapping[str, str] = {
    "introduced": "introduces",
    "compared": "compares with",
    "evaluated_on": "evaluates on",
    "used": "uses",
    "mentioned": "mentions",
}

CORPUS_FILE, OPENIE_FILE = "corpus.json", "openie.json"


def write_hipporag(graph: KnowledgeGraph, folder: Path) -> None:
    """Write ``corpus.json`` and ``openie.json``."""
    names = unique_names(graph, key=ascii_key)
    triples: dict[str, list[list[str]]] = defaultdict(list)
    for one in statements(graph):
        # What only the vocabulary knows belongs to each passage that names both.
        for paper in one.papers or _both(graph, one.head, one.tail):
            triples[paper].append([names[one.head], VERBS[one.predicate], names[one.tail]])
    for linked in graph.claims:
        if linked.subject:
            result, subject = readable(result_text(linked.claim)), names[linked.subject]
            for baseline in linked.baselines:
                triples[linked.paper].append([subject, f"has {result} compared with", names[baseline]])
            if not linked.baselines:
                # Not the result alone, which would tie everything together that is twice as fast.
                triples[linked.paper].append([subject, "has", f"{result} of {subject}"])
    corpus: list[dict[str, Any]] = []
    docs: list[dict[str, Any]] = []
    for number, (key, extraction) in enumerate(graph.extractions.items()):
        title, text = readable(extraction.paper.title), passage(extraction.paper.abstract)
        whole = f"{title}\n{text}"
        told = {name for triple in triples[key] for name in triple}
        triples[key] += [
            # HippoRAG knows only what stands in triples; what no other one names, the paper speaks of.
            [title if ascii_key(title) else readable(key), _ROLES[entity.role], names[entity.id]]
            for entity in extraction.entities
            if names[entity.id] not in told
        ]
        corpus.append({"title": title, "text": text, "idx": number, "id": readable(key)})
        docs.append(
            {
                "idx": _chunk_id(whole),
                "passage": whole,
                "extracted_entities": sorted({names[e.id] for e in extraction.entities}),
                "extracted_triples": [list(t) for t in dict.fromkeys(map(tuple, triples[key]))],
            }
        )
    found = [name for doc in docs for name in doc["extracted_entities"]]
    count = max(len(found), 1)
    index = {
        "docs": docs,
        "avg_ent_chars": round(sum(map(len, found)) / count, 4),
        "avg_ent_words": round(sum(len(name.split()) for name in found) / count, 4),
    }
    with (folder / CORPUS_FILE).open("wb") as stream:
        write_json(corpus, stream, ascii=True)
    with (folder / OPENIE_FILE).open("wb") as stream:
        write_json(index, stream, ascii=True)


def _both(graph: KnowledgeGraph, one: str, other: str) -> list[str]:
    """Give the papers that speak of both."""
    papers = [{paper for paper, _ in graph.papers_of[key]} for key in (one, other)]
    return sorted(papers[0] & papers[1])


def _chunk_id(text: str) -> str:
    return f"chunk-{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"
