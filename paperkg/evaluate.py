"""Figures of extraction against annotated papers: precision, recall and F1, each in percent.

Works on plain JSON records, so that anybody's output can be scored, also what breaks our own format.
Counts are summed over all papers before they are divided (micro-averages).

- ``mention``: same start, end and type; ``mention_overlap``: same type, and a character in common
- ``entity``: same type and a name or form in common; ``entity_untyped``; ``entity/TYPE``
- ``role``: an entity with the same role; ``role/ROLE``
- ``relation``: same head, type and tail
- ``claim_value``: same value and unit; ``claim``: the metric and the baselines, too
- ``link``: B-cubed over the mentions that both sides have, by identity across papers
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from paperkg.errors import RecordError
from paperkg.model import ROLES, Paper, Progress, say_nothing
from paperkg.names import digest
from paperkg.vocabulary import Vocabulary

if TYPE_CHECKING:
    from paperkg.extract import Models

Record = Mapping[str, Any]
#: Learns from papers, given the vocabulary without what papers of certain ids alone have given.
Train: TypeAlias = Callable[[Sequence[Record], Callable[[set[str]], Vocabulary]], "Models"]
T = TypeVar("T")

_UNITS = {
    **dict.fromkeys(("x", "×", "times", "fold"), "x"),
    **dict.fromkeys(("%", "percent"), "%"),
    **dict.fromkeys(("points", "pp", "percentage points"), "points"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table: percentages with two decimals, and how much there was on each side."""

    p: float
    r: float
    f1: float
    gold: int
    predicted: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """An entity that was missed or is spurious, and in how many papers."""

    papers: int
    what: str
    type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean and standard deviation of F1 over the folds of a cross-validation, in percent."""

    mean: float
    deviation: float


def score(gold: Iterable[Record], predicted: Iterable[Record]) -> dict[str, Figure]:
    """Compare predicted records with annotated ones, paper by paper.

    A gold paper without a prediction counts as an empty prediction; a predicted paper without gold
    does not count. Raises ``RecordError`` where a record lacks what the comparison needs.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    links: list[tuple[str, str]] = []
    for ours, theirs in _paired(gold, predicted):
        with _Reported(ours):
            for name, hits, wanted, given in _compare(ours, theirs):
                counts[name].update(hits=hits, gold=wanted, predicted=given)
            links += _links(ours, theirs)
    return {name: _figure(counts[name]) for name in sorted(counts)} | {"link": _b_cubed(links)}


def find_mistakes(gold: Iterable[Record], predicted: Iterable[Record]) -> list[Mistake]:
    """List the entities that were missed or are spurious, the commonest first."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for ours, theirs in _paired(gold, predicted):
        with _Reported(ours):
            wanted, given = _list(ours, "entities"), _list(theirs, "entities")
            pairs = _pair_up(wanted, given, _same_entity)
            missed = {a for a, _ in pairs}
            spurious = {b for _, b in pairs}
            seen.update(("missed", e["type"], e["name"]) for i, e in enumerate(wanted) if i not in missed)
            seen.update(("spurious", e["type"], e["name"]) for i, e in enumerate(given) if i not in spurious)
    mistakes = (Mistake(papers=n, what=w, type=t, name=name) for (w, t, name), n in seen.items())
    return sorted(mistakes, key=lambda m: (-m.papers, m.what, m.type, m.name))


def predict(
    gold: Iterable[Record],
    *,
    vocabulary: Vocabulary | None = None,
    models: Models | None = None,
    jobs: int = 1,
    progress: Progress = say_nothing,
) -> list[dict[str, Any]]:
    """Extract and link the texts of annotated papers; nothing else of them is looked at."""
    from paperkg.engine import extract_papers
    from paperkg.link import link
    from paperkg.records import to_record

    papers = {r["id"]: Paper(id=r["id"], title=r["title"], abstract=r["abstract"]) for r in gold}
    found = []
    given = [papers[key] for key in sorted(papers)]
    for one in extract_papers(given, jobs=jobs, vocabulary=vocabulary, models=models):
        found.append(one)
        progress("extract", len(found), len(papers))
    return [to_record(e) for e in link(found, vocabulary=vocabulary).extractions.values()]


def cross_validate(
    gold: Sequence[Record],
    folds: int,
    *,
    train: Train,
    jobs: int = 1,
    progress: Progress = say_nothing,
) -> tuple[dict[str, Spread], list[dict[str, Any]]]:
    """Score each fold by what is learnt from the others, without vocabulary that its papers alone gave.

    The vocabulary has learnt from the annotated papers, so plain figures on them flatter it. These are
    nearer the truth: only rows that a source outside the project gives stay in. Cue words and the never
    list have no source, so what they owe to the annotated papers is not held out. With several ``jobs``
    ``train`` has to be such as pickle takes. Gives the figures, and what was found.
    """
    values: dict[str, list[float]] = defaultdict(list)
    everything: list[dict[str, Any]] = []
    parts = split(gold, folds)
    tasks = [(part, [r for other in parts if other is not part for r in other], train) for part in parts]
    with ExitStack() as stack:
        progress("folds", 0, len(parts))
        found: Iterable[list[dict[str, Any]]] = map(_score_fold, tasks)
        if jobs > 1:
            pool = stack.enter_context(ProcessPoolExecutor(min(jobs, len(parts)), get_context("spawn")))
            found = pool.map(_score_fold, tasks)
        for number, (part, given) in enumerate(zip(parts, found, strict=True), start=1):
            everything += given
            for name, figure in score(part, given).items():
                values[name].append(figure.f1)
            progress("folds", number, len(parts))
    spreads = {
        name: Spread(mean=round(fmean(v), 2), deviation=round(pstdev(v), 2)) for name, v in values.items()
    }
    return spreads, everything


def _score_fold(task: tuple[Sequence[Record], Sequence[Record], Train]) -> list[dict[str, Any]]:
    """Extract the papers of one fold by what the others teach."""
    from paperkg.vocabulary import load_vocabulary

    part, others, train = task
    held_out = {str(record["id"]) for record in part}

    def without(ids: set[str]) -> Vocabulary:
        return load_vocabulary(without_papers=held_out | ids)

    models = train(others, without)
    return predict(part, vocabulary=without(set()), models=models)


def split(gold: Iterable[Record], folds: int) -> list[list[Record]]:
    """Split papers into folds by their identifier, whatever their order; empty folds are left out."""
    parts: dict[int, list[Record]] = defaultdict(list)
    for record in gold:
        parts[fold_of(record, folds)].append(record)
    return [sorted(part, key=lambda record: str(record["id"])) for _, part in sorted(parts.items())]


def fold_of(record: Record, folds: int) -> int:
    """Give the fold of a paper, from 0, by its identifier."""
    return int(digest(record["id"]), 16) % folds


# --- what is counted ------------------------------------------------------------------------------


def _compare(ours: Record, theirs: Record) -> Iterator[tuple[str, int, int, int]]:
    """Yield name, hits, gold and predicted of every figure of one paper but ``link``."""
    yield from _compare_mentions(_list(ours, "mentions"), _list(theirs, "mentions"))
    yield from _compare_entities(_list(ours, "entities"), _list(theirs, "entities"))
    same_name = _same_name(_names_of(ours), _names_of(theirs))

    def same_relation(a: Sequence[str], b: Sequence[str]) -> bool:
        return a[1] == b[1] and same_name(a[0], b[0]) and same_name(a[2], b[2])

    def same_claim(a: Record, b: Record) -> bool:
        if not same_value(a, b) or a["metric"] != b["metric"]:
            return False
        x, y = a["baselines"], b["baselines"]
        return len(x) == len(y) == len(_pair_up(x, y, same_name))

    yield _counted("relation", _list(ours, "relations"), _list(theirs, "relations"), same_relation)
    claims = _list(ours, "claims"), _list(theirs, "claims")
    yield _counted("claim_value", *claims, same_value)
    yield _counted("claim", *claims, same_claim)


def _compare_mentions(gold: list[Any], given: list[Any]) -> Iterator[tuple[str, int, int, int]]:
    def spans(mentions: list[Any]) -> set[tuple[int, int, str]]:
        return {(m["start"], m["end"], m["type"]) for m in mentions}

    def touch(a: Record, b: Record) -> bool:
        return a["type"] == b["type"] and bool(a["start"] < b["end"] and b["start"] < a["end"])

    yield "mention", len(spans(gold) & spans(given)), len(gold), len(given)
    yield _counted("mention_overlap", gold, given, touch)


def _compare_entities(gold: list[Any], given: list[Any]) -> Iterator[tuple[str, int, int, int]]:
    pairs = [(gold[a], given[b]) for a, b in _pair_up(gold, given, _same_entity)]
    yield "entity", len(pairs), len(gold), len(given)
    yield _counted("entity_untyped", gold, given, lambda a, b: bool(entity_names(a) & entity_names(b)))
    for kind in sorted({entity["type"] for entity in (*gold, *given)}):
        hits = sum(a["type"] == kind for a, _ in pairs)
        yield f"entity/{kind}", hits, *(sum(e["type"] == kind for e in side) for side in (gold, given))
    agreed = Counter(a["role"] for a, b in pairs if a["role"] == b.get("role"))
    yield "role", agreed.total(), len(gold), len(given)
    for role in ROLES:
        yield f"role/{role}", agreed[role], *(sum(e.get("role") == role for e in s) for s in (gold, given))


def _links(ours: Record, theirs: Record) -> Iterator[tuple[str, str]]:
    """Yield gold and predicted identity of each mention that has both."""
    identity = {e["name"]: e.get("kb") for e in _list(ours, "entities")}
    given = {e["name"]: e.get("id") for e in _list(theirs, "entities")}
    there = {(m["start"], m["end"]): given.get(m.get("entity")) for m in _list(theirs, "mentions")}
    for mention in _list(ours, "mentions"):
        one, other = identity.get(mention["entity"]), there.get((mention["start"], mention["end"]))
        if one and other:
            yield one, other


# --- when two things are the same -------------------------------------------------------------------


def _pair_up(gold: Sequence[T], given: Sequence[T], same: Callable[[T, T], bool]) -> list[tuple[int, int]]:
    """Pair each gold item with the first free one that is the same; give the places of both."""
    free = list(range(len(given)))
    pairs = []
    for place, item in enumerate(gold):
        match = next((other for other in free if same(item, given[other])), None)
        if match is not None:
            free.remove(match)
            pairs.append((place, match))
    return pairs


def _counted(
    name: str, gold: Sequence[T], given: Sequence[T], same: Callable[[T, T], bool]
) -> tuple[str, int, int, int]:
    return name, len(_pair_up(gold, given, same)), len(gold), len(given)


def _same_entity(a: Record, b: Record) -> bool:
    return bool(a["type"] == b["type"] and entity_names(a) & entity_names(b))


def same_value(a: Record, b: Record) -> bool:
    """Say whether two claims have the same number and unit."""
    return _number(a["value"]) == _number(b["value"]) and _unit(a["unit"]) == _unit(b["unit"])


def _same_name(gold: Mapping[str, set[str]], given: Mapping[str, set[str]]) -> Callable[[str, str], bool]:
    """Make the test that two names stand for one entity: any of their forms in common."""

    def forms(table: Mapping[str, set[str]], name: str) -> set[str]:
        return table.get(name) or ({_plain(name)} if name else set())

    return lambda a, b: bool(forms(gold, a) & forms(given, b))


def _names_of(record: Record) -> dict[str, set[str]]:
    return {entity["name"]: entity_names(entity) for entity in _list(record, "entities")}


def entity_names(entity: Record) -> set[str]:
    """Give the name and forms of an entity as they are compared."""
    return {_plain(name) for name in (entity["name"], *entity.get("forms", ()))} - {""}


def _plain(name: str) -> str:
    """Drop what does not tell two names apart: case, hyphens, spaces, a plural s."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    kept = re.sub(r"[^a-z0-9.#+]", "", folded).strip(".")
    plural = len(kept) > 3 and kept[-1] == "s" and kept[-2] != "s"
    return kept[:-1] if plural else kept


def _number(value: object) -> str:
    text = str(value).replace(",", "").strip().rstrip("%+xX").strip()
    try:
        return format(float(text), "g")
    except ValueError:
        return text.casefold()


def _unit(unit: str | None) -> str:
    text = (unit or "").strip().casefold()
    return _UNITS[text] if text in _UNITS else re.sub(r"[^a-z0-9/%$^]", "", text)


# --- arithmetic and access --------------------------------------------------------------------------


def _figure(count: Counter[str]) -> Figure:
    hits, gold, predicted = count["hits"], count["gold"], count["predicted"]
    return _rounded(hits / predicted if predicted else 0.0, hits / gold if gold else 0.0, gold, predicted)


def _b_cubed(pairs: Sequence[tuple[str, str]]) -> Figure:
    """Score a clustering: for each mention, how pure its two clusters are, on the average."""
    total, together = len(pairs), Counter(pairs)
    gold, given = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    precision = sum(n * n / given[b] for (_, b), n in together.items()) / max(total, 1)
    recall = sum(n * n / gold[a] for (a, _), n in together.items()) / max(total, 1)
    return _rounded(precision, recall, total, total)


def _rounded(p: float, r: float, gold: int, predicted: int) -> Figure:
    f1 = 2 * p * r / (p + r) if p + r else 0.0
    return Figure(
        p=round(100 * p, 2), r=round(100 * r, 2), f1=round(100 * f1, 2), gold=gold, predicted=predicted
    )


def _paired(gold: Iterable[Record], predicted: Iterable[Record]) -> Iterator[tuple[Record, Record]]:
    by_id = {record.get("id"): record for record in predicted}
    return ((record, by_id.get(record.get("id"), {})) for record in gold)


def _list(record: Record, key: str) -> list[Any]:
    return list(record.get(key) or ())


class _Reported:
    """Turn a lacking key or a wrong type inside a ``with`` into a ``RecordError`` that names the paper."""

    def __init__(self, record: Record) -> None:
        self._id = record.get("id", "?")

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, KeyError | TypeError | AttributeError | IndexError | ValueError):
            what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise RecordError(f"{self._id}: cannot be compared: {what}") from error
