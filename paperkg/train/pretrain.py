"""Make the network that training starts from, out of abstracts that nobody has annotated.

Word vectors say which words stand beside each other; silver labels are what vocabulary and patterns find.
In seven of ten texts half of the names are hidden from the network's features, so that it learns to tell
names by their surroundings. Nothing here looks at an annotated paper.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

import numpy as np
from spacy.tokens import Doc

from paperkg.errors import PaperkgError
from paperkg.extract import Models, make_nlp
from paperkg.extract.cues import Cues
from paperkg.extract.network import Floats, Inputs
from paperkg.extract.recogniser import LABELS, Tagger, WordVectors
from paperkg.extract.state import findings
from paperkg.extract.token_features import COLUMNS, normal, token_features
from paperkg.model import Paper, Progress, say_nothing
from paperkg.train.network import Lesson, teach
from paperkg.vocabulary import Vocabulary

#: Words with vectors, words that count as neighbours, and the vectors' dimensions.
_WORDS, _NEIGHBOURS, _DIMENSIONS = 30_000, 20_000, 64

#: How much a neighbour counts by its distance; those beside a word also count by their side.
_WEIGHTS = (1.0, 0.7, 0.4)

#: A word with fewer occurrences has no vector.
_RARE = 8

#: Columns of the features that what is hidden changes.
_HIDDEN = slice(COLUMNS.index("known"), COLUMNS.index("pattern") + 1)


def pretrain(
    papers: Sequence[Paper], vocabulary: Vocabulary, *, silver: int = 20_000, progress: Progress = say_nothing
) -> Tagger:
    """Make word vectors from all papers and a network from ``silver`` of them; takes about half an hour."""
    if find_spec("sklearn") is None:
        raise PaperkgError('pretraining needs scikit-learn: pip install "paperkg[train]"')
    nlp = make_nlp(vocabulary, Models())
    vectors = word_vectors([[normal(t.text) for t in nlp.make_doc(paper.text)] for paper in papers])
    cues = Cues()
    cues.load(vocabulary)
    chance = random.Random(0)  # noqa: S311 - no secret: which papers, and what is hidden
    chosen = chance.sample(list(papers), min(silver, len(papers)))
    lessons: list[Lesson] = []
    hidden: dict[int, Inputs] = {}
    for doc in nlp.pipe(paper.text for paper in chosen):
        lesson, masked = _lesson(doc, cues, vectors, chance)
        lessons.append(lesson)
        hidden[id(lesson)] = masked
        progress("label", len(lessons), len(chosen))
    return teach(
        lessons,
        vectors,
        epochs=2,
        rate=0.002,
        dropout=0.1,
        batch=16,
        see=lambda lesson, dice: hidden[id(lesson)] if dice.random() < 0.7 else lesson.inputs,
    )


def _lesson(doc: Doc, cues: Cues, vectors: WordVectors, chance: random.Random) -> tuple[Lesson, Inputs]:
    """Give what rules find in a text as a lesson, and the same with half of the names hidden."""
    labels = np.zeros(len(doc), dtype=np.int64)
    mentions = [(doc.char_span(m.start, m.end), m) for m in findings(doc).mentions]
    names = sorted({m.entity for _, m in mentions})
    unseen = {name for name in names if chance.random() < 0.5}
    spans = []
    for span, mention in mentions:
        if span is None:
            continue
        labels[span.start : span.end] = LABELS.index(f"I-{mention.type}")
        labels[span.start] = LABELS.index(f"B-{mention.type}")
        if mention.entity in unseen:
            spans.append((span.start, span.end))
    seen = token_features(doc, cues)
    masked = seen.copy()
    masked[:, _HIDDEN] = token_features(doc, cues, spans)[:, _HIDDEN]
    meaning = vectors.of(doc)
    return Lesson((seen, meaning), labels), (masked, meaning)


def word_vectors(texts: Iterable[Sequence[str]]) -> WordVectors:
    """Make vectors of words: singular values of the positive pointwise mutual information with neighbours.

    After Levy and Goldberg (2014). ``texts`` are words in their normal form.
    """
    from scipy.sparse import coo_matrix, csr_matrix
    from sklearn.utils.extmath import randomized_svd

    texts = list(texts)
    counts = Counter(word for text in texts for word in text)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    words = [word for word in ranked[:_WORDS] if counts[word] >= _RARE]
    if len(words) < _DIMENSIONS * 2:
        raise PaperkgError("too few abstracts to make word vectors from")
    place = {word: i for i, word in enumerate(words)}
    near = min(_NEIGHBOURS, len(words))
    together = csr_matrix((len(words), 3 * near))
    for first in range(0, len(texts), 5000):
        rows, columns, values = [], [], []
        for text in texts[first : first + 5000]:
            known = np.array([place.get(word, -1) for word in text])
            for distance, weight in enumerate(_WEIGHTS, start=1):
                left, right = known[:-distance], known[distance:]
                both = (left >= 0) & (right >= 0)
                left, right = left[both], right[both]
                sides = (0, near) if distance == 1 else (2 * near, 2 * near)
                for word, other, side in ((left, right, sides[0]), (right, left, sides[1])):
                    common = other < near
                    rows.append(word[common])
                    columns.append(other[common] + side)
                    values.append(np.full(int(common.sum()), weight))
        together = together + coo_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=together.shape
        )
    table = together.tocoo()
    alone = np.asarray(together.sum(axis=1)).ravel()
    # Rare neighbours count for more than they should: smoothed as in word2vec.
    beside = np.asarray(together.sum(axis=0)).ravel() ** 0.75
    information = np.log(table.data * beside.sum() / (alone[table.row] * beside[table.col]))
    positive = information > 0
    matrix = csr_matrix(
        (information[positive], (table.row[positive], table.col[positive])), shape=table.shape
    )
    left, strengths, _ = randomized_svd(matrix, n_components=_DIMENSIONS, n_iter=4, random_state=0)
    vectors: Floats = (left * np.sqrt(strengths)).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return WordVectors.make(words, 3 * vectors / np.maximum(lengths, 1e-6))
