"""Mine a pile of abstracts for names that the vocabulary lacks, and count the ones that it has.

What recurs across papers is worth a row; what one paper says once is not. Five kinds of evidence are
counted, each once a paper:

``term``     words that end in the head of a term: "speculative decoding"
``acronym``  "long form (LF)", by initials
``shaped``   words of a shape that only names have: "FlexGen", "GPT-4o"
``name``     capitalised words inside a sentence: "Stable Diffusion"
``title``    what stands before the colon of a title
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from paperkg.errors import VocabularyError
from paperkg.names import american, fold, singular

KINDS: tuple[str, ...] = ("term", "acronym", "shaped", "name", "title")

_PART = r"(?:[\w+]|\.(?=\w))"
_WORD = re.compile(rf"[A-Za-z]{_PART}*(?:-{_PART}+)*|\d{_PART}*(?:-{_PART}+)+|\d+[A-Za-z]{_PART}*|[.,;:()!?]")
_SHAPED = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2}|[A-Za-z]-?\d")
_MARKS = frozenset(".,;:()!?")
_SMALL_WORDS = frozenset({"of", "and", "the", "for", "in", "to", "with", "on"})
_TITLE = re.compile(r"([A-Z0-9][\w.+/-]*(?: [A-Z0-9][\w.+-]*){0,2}):\s")
_DEFINED = re.compile(r"((?:[\w-]+ ){1,7})\(([A-Z][A-Za-z0-9-]{1,9})\)")
#: Words that no term begins with or holds; a term is a noun phrase without articles, verbs and comparisons.
_NO_TERM = frozenset(
    """
    a about across additional additionally address addresses advanced after all allow allows also an and
    another any approach are as at based be because becomes been before being best better between both but
    by can challenge challenges complex conventional could critical current demonstrate demonstrates despite
    different diverse does each effective efficient enable enables enabling enhance enhances enhancing
    evaluate evaluates even every existing extensive fewer first for four from full further general given
    good had has have high higher how however if important improve improved improves improving in include
    includes including individual into introduce introduces is it its key large large-scale larger leverage
    leverages leveraging like limited low lower main make makes many may modern more moreover most multiple
    must new no not novel of often on one only or original other our out over overall own per powerful
    practical present presents previous prior propose proposed proposes provide provides recent reduce
    reduces reducing reliable remains require requires requiring robust s same several should show shows
    significant simple single small smaller so some specific standard state-of-the-art still strong
    substantial such support than that the their them then there these they this those three through to
    total toward towards traditional train two under underlying unified unlike use used uses using various
    very via was we well were what when where whether which while who whose why will with within without
    would yet
    """.split()  # noqa: SIM905
)


@dataclass(slots=True)
class Mined:
    """How many papers have each name, by kind of evidence; acronyms by short and long form."""

    papers: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    #: Papers with each plain word in lower case: what is mostly written so is no name.
    lower: Counter[str] = field(default_factory=Counter)


def read_corpus(path: Path) -> Iterator[tuple[str, str]]:
    """Yield title and abstract of each line of a JSON Lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opener(path, "rt", encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):  # noqa: B007  # for the messages below
                yield _title_and_abstract(json.loads(line))
    except (EOFError, zlib.error, OSError) as error:
        raise VocabularyError(f"{path.name}: cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise VocabularyError(f"{path.name}:{number}: no title and abstract ({error!r})") from error


def _title_and_abstract(row: dict[str, object]) -> tuple[str, str]:
    title, abstract = row["title"], row["abstract"]
    if not isinstance(title, str) or not isinstance(abstract, str):
        raise TypeError("they must be text")
    return title, abstract


def mine(papers: Iterable[tuple[str, str]], heads: Collection[str]) -> Mined:
    """Count what looks like a name; ``heads`` are the last words of terms, singular and in lower case."""
    mined = Mined()
    for title, abstract in papers:
        mined.papers += 1
        words = _WORD.findall(f"{title} . {abstract}")
        found: dict[str, set[str]] = {
            "term": set(_terms(words, heads)),
            "acronym": set(_acronyms(abstract)),
            "shaped": {_bare(word) for word in words if _SHAPED.search(word)},
            "name": set(_capitalised(words)),
            "title": {match.group(1)} if (match := _TITLE.match(title)) else set(),
        }
        for kind, forms in found.items():
            mined.counts[kind].update(forms)
        mined.lower.update({word for word in words if word.islower()})
    names = mined.counts["name"]
    for name, count in list(names.items()):
        words = name.casefold().split()
        if all(mined.lower[word] > count for word in words):
            del names[name]
    return mined


def count_names(papers: Iterable[tuple[str, str]], names: Mapping[str, Collection[str]]) -> Counter[str]:
    """Count the papers that have each name.

    ``names`` gives, for each folded form, the names to count: those with a capital inside must stand as
    written, all others in any spelling that folds to the same.
    """
    starts = {form[:2] for form in names}
    longest = 7
    counts: Counter[str] = Counter()
    for title, abstract in papers:
        words = re.findall(r"[^\W_][\w+#.]*|[^\w\s]", f"{title} . {abstract}")
        clean = [american(word.casefold().strip(".")) if word[0].isalnum() else "" for word in words]
        seen: set[str] = set()
        for start, word in enumerate(clean):
            if not word or word[:2] not in starts:
                continue
            joined = ""
            for end in range(start, min(start + longest, len(words))):
                if not clean[end]:
                    if words[end] in "-–/:":
                        continue
                    break
                key = joined + american(singular(words[end].strip(".")).casefold())
                for name in names.get(key, ()):
                    if name not in seen and (
                        (not _SHAPED.search(name) and not name.istitle())
                        or _letters("".join(words[start : end + 1])).startswith(_letters(name))
                    ):
                        seen.add(name)
                joined += clean[end]
        counts.update(seen)
    return counts


def _letters(text: str) -> str:
    return re.sub(r"[^\w+#]|_", "", text)


def _terms(words: list[str], heads: Collection[str]) -> Iterator[str]:
    low = [word.casefold() for word in words]
    for end, word in enumerate(low):
        head = singular(word)
        if head not in heads:
            continue
        for length in (2, 3, 4):
            start = end - length + 1
            if start < 0 or low[start] in _NO_TERM or low[start] in _MARKS or low[start].endswith("ly"):
                break
            if len(low[start]) > 1:
                yield " ".join([*low[start:end], head])


def _acronyms(text: str) -> Iterator[str]:
    """Yield "LF = long form" for long forms whose initials are the acronym."""
    for match in _DEFINED.finditer(text):
        short = match.group(2)
        letters = re.sub(r"[^a-z]", "", singular(short).casefold())
        parts = re.findall(r"[A-Za-z0-9]+", match.group(1))
        for length in range(2, len(parts) + 1):
            tail = parts[-length:]
            initials = "".join(part[0] for part in tail if part not in _SMALL_WORDS)
            if initials.casefold() == letters and len(letters) > 1:
                long = re.search(r"[\s-]".join(map(re.escape, tail)), match.group(1))
                if long:
                    words = long.group().split(" ")
                    words[-1] = singular(words[-1])
                    yield f"{singular(short)} = {' '.join(words).casefold()}"
                break


def _capitalised(words: list[str]) -> Iterator[str]:
    start = None
    for i, word in enumerate([*words, "."]):
        if (
            word[:1].isupper()
            and not word.isupper()
            and (start is not None or (i and words[i - 1] not in ".!?:"))
        ):
            start = i if start is None else start
            continue
        if start is not None and i - start <= 3:
            yield _bare(" ".join(words[start:i]))
        start = None


def _bare(name: str) -> str:
    return name.strip(".").removesuffix("'s")


def unknown(counts: Counter[str], known: Collection[str], least: int) -> list[tuple[int, str]]:
    """Give what at least so many papers have and the vocabulary lacks, the most frequent first."""
    rows = [
        (n, name) for name, n in counts.items() if n >= least and fold(name.split(" = ")[-1]) not in known
    ]
    return sorted(rows, key=lambda row: (-row[0], row[1]))
