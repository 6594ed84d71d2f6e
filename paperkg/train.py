"""Learn from annotated papers what the pipeline needs: weights, written as files that ship.

Needs scikit-learn, which nothing else does: ``pip install "paperkg[train]"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from paperkg.errors import PaperkgError
from paperkg.evaluate import entity_names
from paperkg.extract import Models, make_nlp
from paperkg.extract.linear import BUCKETS, LinearModel, bucket
from paperkg.extract.roles import FEATURES
from paperkg.extract.state import findings
from paperkg.model import ROLES, Paper, Progress, say_nothing
from paperkg.vocabulary import Vocabulary

#: Strength of the penalty on large weights (C of scikit-learn), found by cross-validation.
_PENALTY = 0.4

Record = Mapping[str, Any]


def train(
    gold: Sequence[Record], vocabulary: Vocabulary | None = None, *, progress: Progress = say_nothing
) -> Models:
    """Learn from annotated papers; the same papers give the same weights."""
    return Models(roles=_train_roles(gold, vocabulary, progress))


def _train_roles(gold: Sequence[Record], vocabulary: Vocabulary | None, progress: Progress) -> LinearModel:
    """Learn the role of an entity from its features, on entities that the pipeline finds by itself."""
    nlp = make_nlp(vocabulary, Models())
    examples: list[tuple[Mapping[str, float], str]] = []
    ordered = sorted(gold, key=lambda record: str(record["id"]))
    texts = (Paper(id=r["id"], title=r["title"], abstract=r["abstract"]).text for r in ordered)
    for done, (doc, record) in enumerate(zip(nlp.pipe(texts), ordered, strict=True), start=1):
        features = doc.user_data[FEATURES]
        wanted = [(e["type"], entity_names(e), e["role"]) for e in record["entities"]]
        for entity in findings(doc).entities:
            names = entity_names({"name": entity.name, "forms": entity.forms})
            role = next((r for kind, given, r in wanted if kind == entity.type and given & names), None)
            if role:
                examples.append((features[entity.name], role))
        progress("train", done, len(ordered))
    return _fit(examples)


def _fit(examples: Iterable[tuple[Mapping[str, float], str]]) -> LinearModel:
    try:
        from scipy.sparse import csr_matrix
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise PaperkgError('training needs scikit-learn: pip install "paperkg[train]"') from error
    indices: list[int] = []
    values: list[float] = []
    ends, roles = [0], []
    for features, role in examples:
        indices += [bucket(name) for name in features]
        values += features.values()
        ends.append(len(indices))
        roles.append(role)
    if len(set(roles)) < len(ROLES):
        raise PaperkgError(f"the annotated papers lack a role: {', '.join(sorted(set(ROLES) - set(roles)))}")
    matrix = csr_matrix((values, indices, ends), shape=(len(roles), BUCKETS), dtype=np.float64)
    matrix.sum_duplicates()
    fitted = LogisticRegression(C=_PENALTY, max_iter=500).fit(matrix, roles)
    return LinearModel(
        labels=tuple(map(str, fitted.classes_)),
        weights=fitted.coef_.T.astype(np.float32),
        bias=fitted.intercept_.astype(np.float32),
    )
