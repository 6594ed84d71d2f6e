"""Words of a text as they are looked up: stems without case, parts of compounds beside the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from paperkg.names import american, plain

_WORD = re.compile(r"[^\W_]+(?:[-.+#/'’][^\W_]+)*[+#]*")
_PART = re.compile(r"[^\W_]+")
_PLURAL_CAPITALS = re.compile(r"(?<=[A-Z0-9])s$")

#: Words that say nothing of what is looked for: function words, and those of asking and of papers.
STOP = frozenset((Path(__file__).parent / "stopwords.txt").read_text("utf-8").split())


_STEMMING = Lock()


@lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    # Without its own cache, whose clearing costs more than the stems; ours is around it.
    return Stemmer.Stemmer("english", 0)


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """Take the endings off a word: case, plural, tense.

    >>> stem("Quantised") == stem("quantization"), stem("GPUs")
    (True, 'gpu')
    """
    bare = american(_PLURAL_CAPITALS.sub("", word).casefold())
    with _STEMMING:  # it keeps a state of its own, and several threads may ask
        result: str = _stemmer().stemWord(bare)
    return result


def terms(text: str) -> Iterator[str]:
    """Yield the stems of a text; of a compound its parts, and then the whole without what joins them.

    >>> list(terms("KV-cache offloading"))
    ['kv', 'cach', 'kvcach', 'offload']
    """
    for word in _WORD.findall(plain(text)):
        yield from _of(word)


def chunks(text: str) -> list[str]:
    """Split a text at its spaces, which no term holds; ``terms_of`` gives the terms of a chunk.

    >>> [list(terms_of(chunk)) for chunk in chunks("KV-cache, offloaded")]
    [['kv', 'cach', 'kvcach'], ['offload']]
    """
    return plain(text).split()


def terms_of(chunk: str) -> Iterator[str]:
    """Yield the terms of a chunk of a text that ``plain`` has been through."""
    for word in _WORD.findall(chunk):
        yield from _of(word)


@lru_cache(maxsize=1 << 18)
def _of(word: str) -> tuple[str, ...]:
    """Give the stems of a word: one, or those of the parts of a compound and of the whole."""
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    parts = _PART.findall(word)
    if len(parts) == 1:
        return (stem(word),)
    whole = "".join(parts)
    return (*map(stem, parts), stem(whole) if word[0].isalpha() else word.casefold())


@lru_cache(maxsize=1)
def _untelling() -> frozenset[str]:
    return frozenset(STOP | {stem(word) for word in STOP})


def telling(question: str) -> list[str]:
    """Give the terms of a question that say what is looked for, each once.

    >>> telling("Which papers use the KV cache?")
    ['kv', 'cach']
    """
    return list(dict.fromkeys(term for term in terms(question) if term not in _untelling()))
