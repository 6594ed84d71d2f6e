"""Results as tables: who did how well by which metric, against what.

``Rankings`` is the index of a graph's results, made once; nothing here looks through all results for one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from paperkg.describe import amount_text, claim_text
from paperkg.graph import KnowledgeGraph, LinkedClaim
from paperkg.model import LOWER_IS_BETTER, METRICS, Concept
from paperkg.passages import sentence_bounds
from paperkg.views import Piece, text_pieces

#: What a heading calls a unit.
_UNITS = {"x": "times", "%": "percent", "": "no unit"}

#: Baselines that are offered beside a ranking.
_OFFERED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A result in a table."""

    id: str
    paper: str
    title: str
    subject: str
    subject_name: str
    baselines: tuple[tuple[str, str], ...]
    metric: str
    amount: str
    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Rankings:
    """All results of a graph, by what is asked of them."""

    graph: KnowledgeGraph
    claims: dict[str, LinkedClaim]
    by_metric: dict[str, tuple[LinkedClaim, ...]]
    #: For each metric, the best first by unit, and what most of the results are measured against.
    ranked: dict[str, dict[str, list[LinkedClaim]]]
    baselines: dict[str, tuple[Concept, ...]]

    @classmethod
    def of(cls, graph: KnowledgeGraph) -> Rankings:
        """Sort the results of a graph."""
        by_metric: dict[str, list[LinkedClaim]] = {metric: [] for metric in METRICS}
        for one in graph.claims:
            by_metric[one.claim.metric].append(one)
        return cls(
            graph,
            claims={one.id: one for one in graph.claims},
            by_metric={metric: tuple(found) for metric, found in by_metric.items()},
            ranked={metric: rank(found) for metric, found in by_metric.items()},
            baselines={metric: _common(graph, found) for metric, found in by_metric.items()},
        )

    def find(self, *, subject: str = "", baseline: str = "", metric: str = "") -> Sequence[LinkedClaim]:
        """Give the results of a subject, against a baseline, by a metric; "" is any."""
        if subject or baseline:
            found: Sequence[LinkedClaim] = self.graph.claims_of(subject or baseline)
        else:
            found = self.by_metric.get(metric, ()) if metric else self.graph.claims
        return [
            one
            for one in found
            if subject in ("", one.subject)
            and (not baseline or baseline in one.baselines)
            and metric in ("", one.claim.metric)
        ]

    def between(self, concepts: Iterable[str]) -> list[LinkedClaim]:
        """Give the results of one of several things against another of them."""
        keys = dict.fromkeys(concepts)
        found = {one.id: one for key in keys for one in self.graph.claims_of(key) if one.subject == key}
        return [one for one in found.values() if any(other in keys for other in one.baselines)]

    def leaderboard(self, metric: str, baseline: str = "") -> dict[str, list[LinkedClaim]]:
        """Rank the results of a metric, against a baseline if one is given, by unit; the best first."""
        return rank(self.find(baseline=baseline, metric=metric)) if baseline else self.ranked[metric]


def rank(claims: Iterable[LinkedClaim]) -> dict[str, list[LinkedClaim]]:
    """Sort results into groups that can be ranked, the largest group first, the best result first.

    Only numbers of one unit and direction can be ranked. Results without a number are left out.
    """
    groups: dict[str, list[tuple[float, LinkedClaim]]] = defaultdict(list)
    for one in claims:
        claim = one.claim
        try:
            value = float(claim.value.replace(",", ""))
        except ValueError:
            continue
        # Of levels ("12 ms" of latency) the small one is the better, of changes ("3x lower") the large one.
        better = -value if claim.direction == "lower" and not claim.is_change else value
        unit = _UNITS.get(claim.unit, claim.unit) + (f", {claim.direction}" if claim.is_change else "")
        groups[unit].append((better, one))
    return {
        unit: [one for _, one in sorted(found, key=lambda item: (-item[0], item[1].id))]
        for unit, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    }


def rows(graph: KnowledgeGraph, claims: Iterable[LinkedClaim]) -> list[Row]:
    """Give results as rows of a table, each with the sentence that states it."""
    return [_row(graph, one) for one in claims]


def better_when(metric: str) -> str:
    """Say whether a metric is better when it is lower or higher; "" where that cannot be said."""
    return "" if metric == "other" else "lower" if metric in LOWER_IS_BETTER else "higher"


def _row(graph: KnowledgeGraph, one: LinkedClaim) -> Row:
    claim = one.claim
    paper = graph.papers[one.paper]
    pieces: list[Piece] = []
    if 0 <= claim.start < claim.end <= len(paper.text):
        pieces = text_pieces(graph, one.paper, *sentence_bounds(paper.text, claim.start, claim.end))
    subject = graph.concepts.get(one.subject)
    return Row(
        id=one.id,
        paper=one.paper,
        title=paper.title or one.paper,
        subject=one.subject,
        subject_name=subject.name if subject else claim.subject,
        baselines=tuple((key, graph.concepts[key].name) for key in one.baselines if key in graph.concepts),
        metric=claim.metric.replace("_", " "),
        amount=amount_text(claim),
        text=claim_text(graph, one),
        pieces=tuple(pieces),
    )


def _common(graph: KnowledgeGraph, claims: Iterable[LinkedClaim]) -> tuple[Concept, ...]:
    counts = Counter(key for one in claims for key in one.baselines)
    best = sorted(counts, key=lambda key: (-counts[key], key))[:_OFFERED]
    return tuple(graph.concepts[key] for key in best)
