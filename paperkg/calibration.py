"""Whether what is said with nine tenths of confidence is right nine times in ten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import Any

from paperkg.evaluate import same_value

Record = Mapping[str, Any]

#: Upper bounds of the classes of confidence; the last one takes in certainty.
_BOUNDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Mentions or claims (``what``) of one class of confidence: how many, how sure, how many are right.

    ``confidence``, their mean, and ``right`` are in percent. Right is a mention with the same start, end
    and type, and a claim with the same value, unit and metric.
    """

    what: str
    upto: float
    said: int
    confidence: float
    right: float


def reliability(gold: Iterable[Record], predicted: Iterable[Record]) -> list[Reliability]:
    """Give the table, from the least to the most confident; classes of which nothing is said are left out."""
    found = {record["id"]: record for record in predicted}
    pairs = [(record, found.get(record["id"], {})) for record in gold]
    said: dict[tuple[str, float], list[tuple[float, bool]]] = defaultdict(list)
    for what, judged in (("mention", _mentions), ("claim", _claims)):
        for given, right in (one for pair in pairs for one in judged(*pair)):
            confidence = float(given.get("confidence", 1.0))
            bound = next(bound for bound in _BOUNDS if confidence <= bound or bound == _BOUNDS[-1])
            said[what, bound].append((confidence, right))
    return [
        Reliability(
            what=what,
            upto=bound,
            said=len(items),
            confidence=round(100 * mean(c for c, _ in items), 1),
            right=round(100 * mean(ok for _, ok in items), 1),
        )
        for (what, bound), items in sorted(said.items(), key=lambda item: (item[0][0] == "claim", item[0]))
    ]


def _mentions(gold: Record, predicted: Record) -> Iterator[tuple[Record, bool]]:
    wanted = {(m["start"], m["end"], m["type"]) for m in gold.get("mentions", ())}
    for m in predicted.get("mentions", ()):
        yield m, (m["start"], m["end"], m["type"]) in wanted


def _claims(gold: Record, predicted: Record) -> Iterator[tuple[Record, bool]]:
    left = list(gold.get("claims", ()))
    for claim in predicted.get("claims", ()):
        same = next((c for c in left if same_value(c, claim) and c["metric"] == claim["metric"]), None)
        if same is not None:
            left.remove(same)
        yield claim, same is not None
