"""The recogniser's network: embeddings of what is seen of a token, a small CNN over them, a label each.

After spaCy's tok2vec (Honnibal and Montani): hash embeddings, a mixing layer, residual convolutions of three
tokens. Word vectors and features from vocabulary and patterns are further inputs, so it is built here from
thinc's layers. Small enough for a laptop: about a million parameters and a few milliseconds an abstract.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from thinc.api import (
    Dropout,
    HashEmbed,
    LayerNorm,
    Linear,
    Maxout,
    Model,
    chain,
    clone,
    concatenate,
    expand_window,
    residual,
    with_array,
)

#: Rows of the embedding table of each column of ``token_features.COLUMNS``.
_ROWS = (6000, 1500, 3000, 1500, 300, 400, 200)

#: One text: features (tokens, columns), word vectors (tokens, dimensions).
Inputs = tuple[npt.NDArray[np.uint64], npt.NDArray[np.float32]]
Floats = npt.NDArray[np.float32]

#: A thinc model from texts to scores. Its types and numpy's do not know each other.
Network = Any


def make_network(
    labels: int, dimensions: int, *, width: int = 64, depth: int = 3, embed: int = 32, dropout: float = 0.2
) -> Network:
    """Make a network that gives scores (tokens, labels) for each text; they are no probabilities yet."""
    tables: Network = concatenate(
        *(HashEmbed(nO=embed, nV=rows, column=i, seed=i + 1, dropout=dropout) for i, rows in enumerate(_ROWS))
    )
    vectors: Network = Linear(nO=width, nI=dimensions)
    mix: Network = chain(
        Maxout(nO=width, nI=embed * len(_ROWS) + width, nP=3), LayerNorm(nI=width), Dropout(rate=dropout)
    )
    layer: Network = chain(
        expand_window(window_size=1),
        Maxout(nO=width, nI=width * 3, nP=3),
        LayerNorm(nI=width),
        Dropout(rate=dropout),
    )
    encode: Network = chain(clone(residual(layer), depth), Linear(nO=labels, nI=width))
    return Model(
        "paperkg_network",
        _forward,
        layers=[tables, vectors, mix, with_array(encode, pad=depth)],
        init=_init,
    )


def _init(model: Network, **given: object) -> None:
    for layer in model.layers:
        layer.initialize()


def _forward(
    model: Network, texts: Sequence[Inputs], is_train: bool
) -> tuple[list[Floats], Callable[[list[Floats]], list[Floats]]]:
    tables, vectors, mix, encode = model.layers
    lengths = [len(ids) for ids, _ in texts]
    ends = np.cumsum(lengths)[:-1]
    seen, back_seen = tables(np.concatenate([ids for ids, _ in texts]), is_train)
    meant, back_meant = vectors(np.concatenate([vector for _, vector in texts]), is_train)
    mixed, back_mixed = mix(np.hstack([seen, meant]), is_train)
    scores, back_scores = encode(np.split(mixed, ends), is_train)

    def backprop(gradients: list[Floats]) -> list[Floats]:
        inner = back_mixed(np.concatenate(back_scores(gradients)))
        back_seen(np.ascontiguousarray(inner[:, : seen.shape[1]]))
        back_meant(np.ascontiguousarray(inner[:, seen.shape[1] :]))
        return []

    return scores, backprop


class Reader:
    """A trained network, made ready for reading: the same scores, several times faster.

    What a token's embeddings and its word vector give to the mixing layer is a sum, so each part of it is
    computed once for each value and kept.
    """

    def __init__(self, network: Network) -> None:
        tables, vectors, mix, encode = network.layers
        nodes = [node for table in tables.layers for node in table.walk() if node.name == "hashembed"]
        self._tables = [
            (node.get_param("E"), node.attrs["seed"], node.ops) for node in sorted(nodes, key=_column)
        ]
        maxout, norm = mix.layers[0], mix.layers[1]
        self._pieces: int = maxout.get_dim("nP")
        weights, bias = _by_piece(maxout)
        ends = np.cumsum([table.shape[1] for table, _, _ in self._tables])
        *self._parts, meaning = np.split(weights, ends)
        self._meaning = vectors.get_param("W").T @ meaning
        self._bias = bias + vectors.get_param("b") @ meaning
        self._norm = (norm.get_param("G"), norm.get_param("b"))
        walked = list(encode.walk())
        inner = [node for node in walked if node.name == "maxout"]
        norms = [node for node in walked if node.name == "layernorm"]
        self._layers = [
            (*_by_piece(a), b.get_param("G"), b.get_param("b")) for a, b in zip(inner, norms, strict=True)
        ]
        last = next(node for node in walked if node.name == "linear")
        self._last = (np.ascontiguousarray(last.get_param("W").T), last.get_param("b"))
        #: For each column, which row of ``_kept`` belongs to a value.
        self._rows: list[dict[int, int]] = [{} for _ in self._tables]
        self._kept = np.zeros((_MOST_KEPT, len(bias)), dtype=np.float32)

    def scores(self, inputs: Inputs) -> Floats:
        """Give the scores of one text's tokens: shape (tokens, labels)."""
        ids, vectors = inputs
        if sum(map(len, self._rows)) + ids.size > _MOST_KEPT:
            for kept in self._rows:
                kept.clear()
        mixed = vectors @ self._meaning
        mixed += self._bias
        for column, kept in enumerate(self._rows):
            values = ids[:, column].tolist()
            for value in {*values}.difference(kept):
                kept[value] = self._keep(column, value)
            mixed += self._kept.take([kept[value] for value in values], axis=0)
        x = _normed(self._largest(mixed), *self._norm)
        edge = np.zeros((len(self._layers), x.shape[1]), dtype=np.float32)
        x = np.vstack([edge, x, edge])
        width = x.shape[1]
        around = np.zeros((len(x), 3 * width), dtype=np.float32)
        for weights, bias, scale, shift in self._layers:
            around[1:, :width] = x[:-1]
            around[:, width : 2 * width] = x
            around[:-1, 2 * width :] = x[1:]
            inner = around @ weights
            inner += bias
            x = x + _normed(self._largest(inner), scale, shift)
        x = x[len(edge) : len(x) - len(edge)]
        scores: Floats = x @ self._last[0] + self._last[1]
        return scores

    def _largest(self, given: Floats) -> Floats:
        """Give the largest of each unit's pieces."""
        first, *others = np.split(given, self._pieces, axis=1)
        for other in others:
            first = np.maximum(first, other)
        return first

    def _keep(self, column: int, value: int) -> int:
        """Keep in a new row what one value of one column adds before the mixing layer's maxout."""
        row = sum(map(len, self._rows))
        table, seed, ops = self._tables[column]
        rows = ops.hash(np.array([value], dtype=np.uint64), seed)[0] % len(table)
        self._kept[row] = table[rows].sum(axis=0) @ self._parts[column]
        return row


#: Values of columns whose parts are kept; each takes less than a kilobyte.
_MOST_KEPT = 40_000


def _column(node: Network) -> int:
    return int(node.attrs["column"])


def _by_piece(maxout: Network) -> tuple[Floats, Floats]:
    """Give weights (inputs, pieces x units) and bias of a maxout layer, piece by piece."""
    weights = maxout.get_param("W").transpose(2, 1, 0)
    return (
        np.ascontiguousarray(weights.reshape(len(weights), -1)),
        np.ascontiguousarray(maxout.get_param("b").T.reshape(-1)),
    )


def _normed(x: Floats, scale: Floats, shift: Floats) -> Floats:
    """Normalise each row to mean 0 and variance 1, then scale and shift it."""
    x = x - x.mean(axis=1, keepdims=True)
    result: Floats = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-8) * scale + shift
    return result
