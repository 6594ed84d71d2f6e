"""Words of a text as they are looked up: stems without case, parts of compounds beside the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from paperkg.names import american, plain

_WORD = re.compile(r"[^\W_]+(?:[-.+#/'’][^\W_]+)*[+#]*")
_PART = re.compile(r"[^\W_]+")
_PLURAL_CAPITALS = re.compile(r"(?<=[A-Z0-9])s$")

#: Words that say nothing of what is looked for: function words, and those of asking and of papers.
STOP = frozenset((Path(__file__).parent / "stopwords.txt").read_text("utf-8").split())


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """Take the endings off a word: case, plural, tense.

    >>> stem("Quantised") == stem("quantization"), stem("GPUs")
    (True, 'gpu')
    """
    result: str = _stemmer().stemWord(american(_PLURAL_CAPITALS.sub("", word).casefold()))
    return result


def terms(text: str) -> Iterator[str]:
    """Yield the stems of a text; of a compound its parts, and then the whole without what joins them.

    >>> list(terms("KV-cache offloading"))
    ['kv', 'cach', 'kvcach', 'offload']
    """
    for found in _WORD.finditer(plain(text)):
        word = found[0]
        if word.endswith(("'s", "’s")):
            word = word[:-2]
        parts = _PART.findall(word)
        if len(parts) == 1:
            yield stem(word)
            continue
        for part in parts:
            yield stem(part)
        yield stem("".join(parts)) if word[0].isalpha() else word.casefold()


@lru_cache(maxsize=1)
def _untelling() -> frozenset[str]:
    return frozenset(STOP | {stem(word) for word in STOP})


def telling(question: str) -> list[str]:
    """Give the terms of a question that say what is looked for, each once.

    >>> telling("Which papers use the KV cache?")
    ['kv', 'cach']
    """
    return list(dict.fromkeys(term for term in terms(question) if term not in _untelling()))
