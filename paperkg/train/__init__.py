"""Learn from annotated papers what the pipeline needs: weights, written as files that ship.

What is learnt later sees what was learnt before: relations and claims see the roles that the classifier of
roles gives. So that they see it as it is on papers that it does not know, the papers are dealt into parts,
and each part is read with what the others taught, and without vocabulary that it alone has given.

Needs scikit-learn, which nothing else does: ``pip install "paperkg[train]"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from paperkg.errors import PaperkgError
from paperkg.evaluate import entity_names, fold_of, same_value
from paperkg.extract import Models, claims, make_nlp, relations, resolver, roles
from paperkg.extract.cues import Cues
from paperkg.extract.linear import BUCKETS, LinearModel, buckets
from paperkg.extract.recogniser import LABELS, Tagger, WordVectors
from paperkg.extract.state import findings
from paperkg.extract.text_features import Features
from paperkg.extract.token_features import token_features
from paperkg.model import ROLES, Paper, Progress, say_nothing
from paperkg.train import network
from paperkg.vocabulary import Vocabulary, load_vocabulary

Record = Mapping[str, Any]

#: Parts into which the annotated papers are dealt.
_PARTS = 3

#: How often the network sees each annotated paper.
EPOCHS = 6

#: How fast a network learns, and how slowly and how often what comes after other papers.
_RATE = 0.001
_LATER_RATE, _LATER_EPOCHS = 0.0005, 4
_DROPOUT = 0.2

#: The network to start from, which knows what rules find in many abstracts.
START = Path(resolver.__file__).parent / "pipeline" / "start.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What is seen and what is right; "" where nothing is.

    What nobody proposed is ``lost``: it teaches nothing, but counts where a bar is chosen.
    """

    features: Features
    label: str
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Something to learn: the field of ``Models``, where the examples come from, and how.

    ``penalty`` is scikit-learn's C: the smaller, the stronger; ``detect`` says that a bar is needed, above
    which the classifier says that there is something at all; ``twice`` that the papers are also read with the
    whole vocabulary: that a name is known must not tell that the paper does not introduce it.
    """

    name: str
    examples: Callable[[Doc, Record], Iterator[Example]]
    penalty: float
    detect: bool = False
    twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Networks to start from that further annotated papers have taught: all of these, and all but each part.

    What is learnt for each fold of a cross-validation has the further papers in common, so that they teach
    the networks once.
    """

    whole: Tagger
    parts: tuple[Tagger, ...]


def lay_basis(
    extra: Sequence[Record],
    vocabulary: Vocabulary,
    *,
    start: Tagger | None = None,
    epochs: int = EPOCHS,
    progress: Progress = say_nothing,
) -> Basis:
    """Teach the networks that ``train`` starts from, by further annotated papers.

    ``start`` is the network to start from (by default the one that ships, which has seen no annotated
    paper), ``epochs`` how often it sees each paper.
    """
    start = start or Tagger.load(START)
    lessons = [_token_lessons(part, vocabulary, start.vectors) for part in _deal(extra)]
    taught = []
    for number in range(_PARTS + 1):
        progress("basis", number, _PARTS + 1)
        others = [one for place, part in enumerate(lessons) if place != number for one in part]
        taught.append(
            network.teach(others, start.vectors, start=start, epochs=epochs, rate=_RATE, dropout=_DROPOUT)
        )
    progress("basis", 1, 1)
    return Basis(whole=taught.pop(), parts=tuple(taught))


def train(
    gold: Sequence[Record],
    vocabulary: Callable[[set[str]], Vocabulary] | None = None,
    *,
    extra: Sequence[Record] = (),
    basis: Basis | None = None,
    epochs: int = EPOCHS,
    progress: Progress = say_nothing,
) -> Models:
    """Learn from annotated papers; the same papers give the same weights.

    ``vocabulary`` gives the vocabulary without what papers of these ids alone have given it. ``extra`` are
    further papers, from elsewhere than those that it is about: networks see them first, the classifiers at
    once. ``basis`` is what ``lay_basis`` makes of them, ``epochs`` how often a network sees each of them.
    """
    vocabulary = vocabulary or (lambda ids: load_vocabulary(without_papers=ids))
    reader, whole = vocabulary({str(record["id"]) for record in gold}), vocabulary(set())
    if basis is None and extra:
        basis = lay_basis(extra, reader, epochs=epochs, progress=progress)
    steps = len(STEPS) + 1

    if basis is None:
        start = Tagger.load(START)
        basis, rate = Basis(whole=start, parts=(start,) * _PARTS), _RATE
    else:
        epochs, rate = _LATER_EPOCHS, _LATER_RATE
    dealt = _deal(gold)
    lessons = [_token_lessons(part, reader, basis.whole.vectors) for part in dealt]
    known = []  # what may be used to read each part
    for number, begun in enumerate((*basis.parts, basis.whole)):
        progress("train", number, steps * _PARTS)
        others = [one for place, part in enumerate(lessons) if place != number for one in part]
        tagger = network.teach(others, begun.vectors, start=begun, epochs=epochs, rate=rate, dropout=_DROPOUT)
        known.append(Models(recogniser=tagger))
    final = known.pop()

    parts = [[*own, *further] for own, further in zip(dealt, _deal(extra), strict=True)]
    for step, tasks in enumerate(STEPS, start=1):
        found: list[dict[str, list[Example]]] = []
        for number, part in enumerate(parts):
            progress("train", step * _PARTS + number, steps * _PARTS)
            found.append(_read(part, reader, known[number], tasks))
            for task in tasks:
                if task.twice:
                    found[-1][task.name] += _read(part, whole, known[number], [task])[task.name]
        for task in tasks:
            examples = [part[task.name] for part in found]
            for number in range(_PARTS):
                if step + 1 < steps:
                    rest = [part for place, part in enumerate(examples) if place != number]
                    known[number] = _with(known[number], task.name, _fit(task, rest))
            final = _with(final, task.name, _fit(task, examples))
    progress("train", 1, 1)
    return final


def _deal(records: Sequence[Record]) -> list[list[Record]]:
    """Deal papers into parts by their identifier, in the order of these."""
    parts: list[list[Record]] = [[] for _ in range(_PARTS)]
    for record in sorted(records, key=lambda r: str(r["id"])):
        parts[fold_of(record, _PARTS)].append(record)
    return parts


def _with(models: Models, name: str, model: LinearModel) -> Models:
    learnt: dict[str, Any] = {name: model}
    return replace(models, **learnt)


def _token_lessons(
    part: Sequence[Record], vocabulary: Vocabulary, vectors: WordVectors
) -> list[network.Lesson]:
    """Give the tokens of annotated papers with their labels."""
    nlp = make_nlp(vocabulary, Models())
    cues = Cues()
    cues.load(vocabulary)
    lessons = []
    for doc, record in zip(nlp.pipe(_texts(part)), part, strict=True):
        labels = np.zeros(len(doc), dtype=np.int64)
        for mention in record["mentions"]:
            span = doc.char_span(mention["start"], mention["end"], alignment_mode="expand")
            if span is not None:
                labels[span.start : span.end] = LABELS.index(f"I-{mention['type']}")
                labels[span.start] = LABELS.index(f"B-{mention['type']}")
        lessons.append(network.Lesson((token_features(doc, cues), vectors.of(doc)), labels))
    return lessons


def _texts(part: Sequence[Record]) -> Iterator[str]:
    return (Paper(id=r["id"], title=r["title"], abstract=r["abstract"]).text for r in part)


def _read(
    part: Sequence[Record], vocabulary: Vocabulary, models: Models, lessons: Sequence[Lesson]
) -> dict[str, list[Example]]:
    nlp = make_nlp(vocabulary, models)
    found: dict[str, list[Example]] = {lesson.name: [] for lesson in lessons}
    for doc, record in zip(nlp.pipe(_texts(part)), part, strict=True):
        for lesson in lessons:
            found[lesson.name] += lesson.examples(doc, record)
    return found


# --- what is right ----------------------------------------------------------------------------------


def _entities(doc: Doc, record: Record) -> dict[str, Record]:
    """Give the annotated entity that each found one is, by name; those that are spurious are left out."""
    matched = {}
    for entity in findings(doc).entities:
        names = entity_names({"name": entity.name, "forms": entity.forms})
        for given in record["entities"]:
            if given["type"] == entity.type and entity_names(given) & names:
                matched[entity.name] = given
                break
    return matched


def _spans(doc: Doc, record: Record) -> Iterator[Example]:
    right = {(m["start"], m["end"]): m["type"] for m in record["mentions"]}
    for (start, end), features in doc.user_data[resolver.FEATURES].items():
        place = (doc[start].idx, doc[end - 1].idx + len(doc[end - 1]))
        yield Example(features=features, label=right.pop(place, ""))
    yield from (Example(features={}, label=kind, lost=True) for kind in right.values())


def _roles(doc: Doc, record: Record) -> Iterator[Example]:
    matched = _entities(doc, record)
    for name, features in doc.user_data[roles.FEATURES].items():
        if name in matched:
            yield Example(features=features, label=matched[name]["role"])


def _relations(doc: Doc, record: Record) -> Iterator[Example]:
    given = {name: entity["name"] for name, entity in _entities(doc, record).items()}
    right = {(head, tail): kind for head, kind, tail in record["relations"]}
    for (own, other), features in doc.user_data.get(relations.FEATURES, {}).items():
        a, b = given.get(own), given.get(other)
        forth, back = right.get((a, b)), right.get((b, a))
        label = "based_on" if forth == "based_on" else "part_of" if back == "part_of" else ""
        if label:
            right.pop((a, b) if label == "based_on" else (b, a))
        yield Example(features=features, label=label)
    yield from (Example(features={}, label=kind, lost=True) for kind in right.values())


def _numbers(doc: Doc, record: Record) -> Iterator[tuple[int, Features, Record | None]]:
    """Give each number's place, its features, and the annotated claim that it is, if it is one."""
    left = list(record["claims"])
    for place, (number, features) in sorted(doc.user_data.get(claims.FEATURES, {}).items()):
        found = {"value": number.value, "unit": number.unit}
        claim = next((c for c in left if same_value(c, found)), None)
        if claim is not None:
            left.remove(claim)
        yield place, features, claim


def _results(doc: Doc, record: Record) -> Iterator[Example]:
    for _, features, claim in _numbers(doc, record):
        yield Example(features=features, label="result" if claim else "")


def _metrics(doc: Doc, record: Record) -> Iterator[Example]:
    choices = doc.user_data.get(claims.CHOICES, {})
    for place, _, claim in _numbers(doc, record):
        if claim is None:
            continue
        for metric, features in choices.get(place, ()):
            yield Example(features=features, label="right" if metric == claim["metric"] else "")


def _baselines(doc: Doc, record: Record) -> Iterator[Example]:
    given = {name: entity["name"] for name, entity in _entities(doc, record).items()}
    by_place = {place: claim for place, _, claim in _numbers(doc, record)}
    for (place, name), features in doc.user_data.get(claims.PAIRS, {}).items():
        claim = by_place.get(place)
        if claim is not None:
            right = given.get(name) in claim["baselines"]
            yield Example(features=features, label="baseline" if right else "")


#: What is learnt, in order: a lesson sees what the lessons of the steps before it have taught.
STEPS: tuple[tuple[Lesson, ...], ...] = (
    (Lesson(name="spans", examples=_spans, penalty=0.15, detect=True),),
    (Lesson(name="roles", examples=_roles, penalty=0.15, twice=True),),
    (
        Lesson(name="relations", examples=_relations, penalty=0.3, detect=True),
        Lesson(name="results", examples=_results, penalty=0.3, detect=True),
        Lesson(name="metrics", examples=_metrics, penalty=0.5),
    ),
    # No bar by F1 of pairs: one wrong pair spoils a claim, so a pair must be likelier right than not.
    (Lesson(name="baselines", examples=_baselines, penalty=0.3),),
)


# --- arithmetic -------------------------------------------------------------------------------------


def _fit(lesson: Lesson, parts: Sequence[Sequence[Example]]) -> LinearModel:
    """Fit a classifier to the examples of all parts."""
    examples = [example for part in parts for example in part if not example.lost]
    labels = sorted({example.label for example in examples})
    if lesson.name == "roles" and len(labels) < len(ROLES):
        lacking = ", ".join(sorted(set(ROLES) - set(labels)))
        raise PaperkgError(f"the annotated papers lack a role: {lacking}")
    if len(labels) < 2:
        raise PaperkgError(f"the annotated papers hold too little to learn {lesson.name} from")
    model = _regress(lesson, examples)
    if not lesson.detect:
        return model
    scored: list[tuple[float, bool, bool]] = []
    for number, part in enumerate(parts):
        others = [e for place, other in enumerate(parts) if place != number for e in other if not e.lost]
        if len({e.label for e in others}) > 1:
            scored += _scored(_regress(lesson, others), part)
    return replace(model, bar=_bar(scored))


def _scored(model: LinearModel, part: Sequence[Example]) -> Iterator[tuple[float, bool, bool]]:
    """Give for each example the probability of its likeliest label but "", is that right, is there one."""
    for example in part:
        if example.lost:
            yield 0.0, False, True
            continue
        chances = model.probabilities(example.features)
        label, chance = max(((k, p) for k, p in chances.items() if k), key=lambda item: item[1])
        yield chance, label == example.label, bool(example.label)


def _bar(scored: Sequence[tuple[float, bool, bool]]) -> float:
    """Give the probability above which to say something, so that F1 is the best."""
    wanted = sum(there for _, _, there in scored)
    best, bar, hits = 0.0, 0.5, 0
    ranked = sorted(scored, reverse=True)
    for said, (chance, right, _) in enumerate(ranked, start=1):
        hits += right
        f1 = 2 * hits / (said + wanted)
        if f1 > best:
            best, bar = f1, chance
    return float(bar)


def _regress(lesson: Lesson, examples: Sequence[Example]) -> LinearModel:
    """Fit a logistic regression, one for each label against the rest of the probability mass (softmax)."""
    try:
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise PaperkgError('training needs scikit-learn: pip install "paperkg[train]"') from error
    indices: list[int] = []
    values: list[float] = []
    ends = [0]
    for example in examples:
        indices += buckets(example.features).tolist()
        values += example.features.values()
        ends.append(len(indices))
    # Most rows of the table are never seen: only the others are fitted.
    seen, columns = np.unique(indices, return_inverse=True)
    matrix = csr_matrix((values, columns, ends), shape=(len(examples), len(seen)), dtype=np.float64)
    matrix.sum_duplicates()
    fitted = LogisticRegression(C=lesson.penalty, max_iter=500).fit(matrix, [e.label for e in examples])
    weights: npt.NDArray[np.float32] = np.zeros((BUCKETS, len(fitted.coef_)), dtype=np.float32)
    weights[seen] = fitted.coef_.T
    bias: npt.NDArray[np.float32] = fitted.intercept_.astype(np.float32)
    if len(fitted.classes_) == 2:  # scikit-learn keeps one column for two labels
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.hstack([-bias / 2, bias / 2])
    return LinearModel(labels=tuple(map(str, fitted.classes_)), weights=weights, bias=bias)
