"""What the tools say, as records. They know nothing of the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from paperkg.cards import make_card, make_paper_card, near_names
from paperkg.describe import claim_text
from paperkg.errors import QueryError
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import METRICS, Concept
from paperkg.passages import sentence_at
from paperkg.paths import find_paths
from paperkg.queries import list_queries
from paperkg.retrieve.formats import to_record
from paperkg.search import MARK_END, MARK_START
from paperkg.serve.data import Source
from paperkg.views import roles_of, shared

_PLAIN = str.maketrans("", "", MARK_START + MARK_END)


class Tools:
    """The tools over the build that is there now."""

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def _graph(self) -> KnowledgeGraph:
        return self._source.data().graph

    def search(self, text: str, limit: int) -> dict[str, Any]:
        """Find papers and things by words."""
        hits = self._source.data().index.search(text, limit=limit)
        return {"hits": [asdict(hit) | {"snippet": hit.snippet.translate(_PLAIN)} for hit in hits]}

    def entity(self, name: str, limit: int) -> dict[str, Any]:
        """Give the cards of all that goes by a name."""
        graph = self._graph
        return {"entities": [asdict(make_card(graph, c, limit=limit)) for c in self._find(name)]}

    def paper(self, id: str) -> dict[str, Any]:
        """Give what a paper says."""
        graph = self._graph
        if id not in graph.papers:
            raise QueryError(f"no paper has the id {id!r}; `search` and `retrieve` give ids of papers")
        claims = [_claim(graph, one) for one in graph.claims_of_paper(id)]
        return asdict(make_paper_card(graph, id)) | {"claims": claims}

    def compare(self, names: Sequence[str], limit: int) -> dict[str, Any]:
        """Set things side by side: roles, results against each other, papers of all, what goes with each."""
        graph = self._graph
        things = [self._find(name)[0] for name in names]
        keys = {thing.id for thing in things}
        if len(keys) < 2:
            raise QueryError("name at least two different things; these names mean one")
        between = {
            one.id: one
            for key in sorted(keys)
            for one in graph.claims_of(key)
            if len(keys & {one.subject, *one.baselines}) > 1
        }
        papers, others = shared(graph, sorted(keys))
        return {
            "things": [
                {"id": c.id, "name": c.name, "type": c.type, "papers_by_role": roles_of(graph, c.id)}
                for c in things
            ],
            "results_between_them": [_claim(graph, one) for one in list(between.values())[:limit]],
            "papers_of_all": [{"id": p, "title": graph.papers[p].title} for p in papers[:limit]],
            "goes_with_each": [{"id": n.id, "name": n.name, "type": n.type} for n in others[:limit]],
        }

    def path(self, start: str, end: str, limit: int) -> dict[str, Any]:
        """Show how two things are connected."""
        graph = self._graph
        ends = [[c.id for c in self._find(name)] for name in (start, end)]
        if set(ends[0]) & set(ends[1]):
            raise QueryError(f"{start!r} and {end!r} are the same thing")
        return {
            "paths": [[asdict(step) for step in steps] for steps in find_paths(graph, *ends, limit=limit)]
        }

    def claims(self, subject: str, baseline: str, metric: str, limit: int) -> dict[str, Any]:
        """List measured results."""
        graph = self._graph
        if metric and metric not in METRICS:
            raise QueryError(f"no metric {metric!r}; choose one of: {', '.join(METRICS)}")
        subjects = {c.id for c in self._find(subject)} if subject else set()
        baselines = {c.id for c in self._find(baseline)} if baseline else set()
        found = [
            one
            for one in graph.claims
            if (not subject or one.subject in subjects)
            and (not baseline or baselines.intersection(one.baselines))
            and metric in ("", one.claim.metric)
        ]
        return {"total": len(found), "claims": [_claim(graph, one) for one in found[:limit]]}

    def retrieve(self, question: str, limit: int, budget: int) -> dict[str, Any]:
        """Answer a question with papers, passages, facts and a prompt."""
        return to_record(self._source.retriever().retrieve(question, limit=limit, budget=budget))

    def queries(self) -> dict[str, Any]:
        """List the named queries."""
        return {
            "queries": [
                {
                    "name": q.name,
                    "title": q.title,
                    "description": q.description,
                    "parameters": {p.name: f"{p.description} (default: {p.default})" for p in q.parameters},
                }
                for q in list_queries()
            ]
        }

    def _find(self, name: str) -> list[Concept]:
        graph = self._graph
        found = graph.find(name)
        if not found:
            near = near_names(graph, name)
            hint = f"did you mean: {', '.join(near)}?" if near else "`search` finds things by words"
            raise QueryError(f"nothing is called {name!r}; {hint}")
        return found


def _claim(graph: KnowledgeGraph, one: LinkedClaim) -> dict[str, Any]:
    text = graph.papers[one.paper].text
    return {
        "id": one.id,
        "text": claim_text(graph, one),
        "subject": one.subject,
        "baselines": list(one.baselines),
        "metric": one.claim.metric,
        "value": one.claim.value,
        "unit": one.claim.unit,
        "qualifier": one.claim.qualifier,
        "direction": one.claim.direction,
        "relative": one.claim.relative,
        "confidence": one.claim.confidence,
        "paper": one.paper,
        "sentence": sentence_at(text, one.claim.start, one.claim.end),
    }
