"""Whether what is said with nine tenths of confidence is right nine times in ten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]

#: Upper bounds of the classes of confidence; the last one takes in certainty.
_BOUNDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Mentions of one class of confidence: how many, how sure they are in the mean, how many are right.

    ``confidence`` and ``right`` are in percent; right is a mention with the same start, end and type.
    """

    upto: float
    mentions: int
    confidence: float
    right: float


def reliability(gold: Iterable[Record], predicted: Iterable[Record]) -> list[Reliability]:
    """Give the table, from the least to the most confident; classes without mentions are left out."""
    found = {record["id"]: record for record in predicted}
    classes: dict[float, list[tuple[float, bool]]] = {bound: [] for bound in _BOUNDS}
    for record in gold:
        wanted = {(m["start"], m["end"], m["type"]) for m in record.get("mentions", ())}
        for m in found.get(record["id"], {}).get("mentions", ()):
            confidence = float(m.get("confidence", 1.0))
            bound = next(bound for bound in _BOUNDS if confidence <= bound or bound == _BOUNDS[-1])
            classes[bound].append((confidence, (m["start"], m["end"], m["type"]) in wanted))
    return [
        Reliability(
            upto=bound,
            mentions=len(items),
            confidence=round(100 * sum(c for c, _ in items) / len(items), 1),
            right=round(100 * sum(ok for _, ok in items) / len(items), 1),
        )
        for bound, items in classes.items()
        if items
    ]
