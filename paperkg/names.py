"""Names: how they are compared and how they become identifiers. Pure functions, and nothing else.

Nothing here decides what a text says: case and punctuation carry meaning there (``FP8``, ``C++``).
These forms only look names up and name things.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

#: Longer slugs are cut, and told apart by a digest of the whole name.
_MAX_SLUG = 80

#: An address in a text: what stands in it names nothing.
URL = re.compile(r"(?:https?://|www\.)\S+")

#: What words do not have and coined names do: a capital inside, a digit, a power.
INNER_CAPITAL = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}|[A-Za-z]\d|\d[A-Z]|\^|\{")

_SUPERSCRIPT = re.compile(r"\$?\^\{?\s*([0-9A-Za-z+*]+)\s*\}?\$?")
_LATEX = re.compile(r"\\(?:text|mathrm|mathbf|textbf|textit|mathcal|rm|bf)\s*|[${}\\]")

_ISE = re.compile(r"is(?=(?:ations?|ing|ed|ers?|es?)$)")
_OUR = re.compile(r"(colo|neighbo|behavio)ur")
_DOUBLE_L = re.compile(r"(?<=[ae])ll(?=(?:ing|ed|ers?)$)")

#: What has none of these holds no LaTeX, and nothing to normalise.
_MARK = re.compile(r"[\\${}^\x80-\U0010ffff]")


def plain(name: str) -> str:
    """Take traces of LaTeX out of a name.

    >>> plain("D$^{2}$MoE"), plain("G_{stack}")
    ('D2MoE', 'G_stack')
    """
    if not _MARK.search(name):
        return name.strip()
    return _LATEX.sub("", _SUPERSCRIPT.sub(r"\1", unicodedata.normalize("NFKC", name))).strip()


@lru_cache(maxsize=1 << 16)
def singular(word: str) -> str:
    """Take a plural ending off an English word; leave what only looks like one.

    >>> [singular(w) for w in ("GPUs", "networks", "strategies", "caches", "bias", "loss", "CUDA", "LLaMAs")]
    ['GPU', 'network', 'strategy', 'cache', 'bias', 'loss', 'CUDA', 'LLaMA']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "as", "ous")):
        return word[:-1] if re.fullmatch(r"[A-Z][A-Z0-9]+s|\w*[A-Z]As", word) else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "shes")) or (word.endswith("ches") and word[-5:] != "aches"):
        return word[:-2]
    return word[:-1]


def american(word: str) -> str:
    """Spell a word in lower case as in America, as far as endings tell.

    >>> [american(w) for w in ("quantisation", "tokeniser", "neighbour", "modelling", "raised", "bias")]
    ['quantization', 'tokenizer', 'neighbor', 'modeling', 'raized', 'bias']
    """
    if "is" in word or "our" in word or "ll" in word:
        word = _ISE.sub("iz", word)
        word = _DOUBLE_L.sub("l", word)
        return _OUR.sub(r"\1r", word)
    return word


@lru_cache(maxsize=1 << 16)
def fold(name: str) -> str:
    """Give the form in which two spellings of one name are equal: no case, hyphen, space, plural or nation.

    >>> fold("Mixture-of-Experts") == fold("mixture of expert"), fold("GPT-3.5"), fold("C++")
    (True, 'gpt3.5', 'c++')
    >>> fold("quantisation") == fold("Quantization")
    True
    """
    words = re.sub(r"[^\w+#.]+|_", " ", plain(name)).split()
    if words:
        words[-1] = singular(words[-1])
    return "".join(american(word.casefold()) for word in words).strip(".")


def initials(name: str) -> str:
    """Give the first letters of a name of several words, in lower case; "" for a single word.

    >>> initials("Markov decision process"), initials("low-rank adaptation"), initials("LoRA")
    ('mdp', 'lra', '')
    """
    words = re.split(r"[\s-]+", name.strip())
    return "".join(word[:1] for word in words).casefold() if len(words) > 1 else ""


def stands_for_another(acronym: str, long: str, names: Iterable[str]) -> bool:
    """Say whether an acronym is short for one of these names, but this long form is none of them.

    >>> stands_for_another("SWA", "sparse window attention", ["SWA", "sliding window attention"])
    True
    >>> stands_for_another("SWA", "Sliding-Window Attention", ["SWA", "sliding window attention"])
    False
    """
    spelt_out = [name for name in names if initials(name) == singular(acronym).casefold()]
    return bool(spelt_out) and fold(long) not in map(fold, spelt_out)


def slug(name: str) -> str:
    """Turn a name into the last part of an identifier: lower case, hyphens, safe in any IRI.

    >>> slug("NVIDIA A100"), slug("GPT-3.5"), slug("C++"), slug("D$^{2}$MoE"), slug("A<b>\\"c")
    ('nvidia-a100', 'gpt-3.5', 'cplusplus', 'd2moe', 'a-b-c')
    """
    text = unicodedata.normalize("NFKD", plain(name)).casefold()
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = text.replace("+", "plus").replace("#", "sharp")
    # Only ASCII: an identifier that some tool would have to percent-encode is one that breaks joins.
    cleaned = re.sub(r"[^a-z0-9.]+", "-", text).strip("-.")
    if not cleaned or any(c.isalnum() and not c.isascii() for c in text):
        cleaned = f"{cleaned}-{digest(name)}".strip("-")
    if len(cleaned) > _MAX_SLUG:
        cleaned = f"{cleaned[:_MAX_SLUG].rstrip('-.')}-{digest(name)}"
    return cleaned


def digest(text: str, length: int = 8) -> str:
    """Give the first hexadecimal digits of a text's SHA-1: an identifier made from content."""
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:length]


def abbreviates(short: str, long: str) -> bool:
    """Say whether a name in capitals may stand for a longer one: its letters are there, in their order.

    >>> abbreviates("OMGs", "Ovarian tumour Multidisciplinary intelligent aGent System")
    True
    >>> abbreviates("HD-TTA", "Hypothesis-Driven TTA"), abbreviates("GPU", "general purpose CPU")
    (True, True)
    >>> abbreviates("ViT", "convolutional network"), abbreviates("A100", "NVIDIA A100")
    (False, False)
    """
    letters = [c for c in short.removesuffix("s").casefold() if c.isalnum()]
    rest = iter(long.casefold())
    return (
        sum(c.isupper() for c in short) > 1
        and len(letters) < len(long) // 2
        and long.casefold().startswith(letters[0])
        and all(letter in rest for letter in letters)
    )


def any_of(texts: Iterable[str], *, space: str = r"\ ") -> str:
    """Write a regular expression for any of several texts, the longest first; ``space`` stands for a blank.

    Texts that begin alike share their beginning, so that a search does not try one text after the other.

    >>> any_of(["we propose", "we present", "we"])
    'we(?:\\\\ pr(?:esent|opose))?'
    """
    root: _Node = {}
    for text in texts:
        node = root
        for char in text:
            node = node.setdefault(char, {})
        node[""] = {}
    return _write(root, space) or "(?!)"


_Node = dict[str, "_Node"]


def _write(node: _Node, space: str) -> str:
    ways = [
        (space if char == " " else re.escape(char)) + _write(rest, space)
        for char, rest in sorted(node.items())
        if char
    ]
    if not ways:
        return ""
    joined = ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
    return f"(?:{joined})?" if "" in node else joined
