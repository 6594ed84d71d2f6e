"""The vocabulary: concepts with their facts, the names that they go by, cues, and names never to link.

Four sorted TSV tables in ``ontology/vocabulary/``, whose headers come from the types below. The
extractor's gazetteer, the linker's alias table and the published taxonomy are these same files:
teaching paperkg a new GPU is a row in ``concepts.tsv`` and, for each further name, one in ``names.tsv``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from paperkg.errors import PaperkgError, VocabularyError
from paperkg.model import Concept
from paperkg.resources import vocabulary_dir

#: Standing of a name: the preferred one, another in use, a short form, one that was given up.
STATUSES: tuple[str, ...] = ("name", "synonym", "abbreviation", "former")

#: ``any``: every spelling by case, hyphen and plural counts; ``exact``: only the one written here;
#: ``never``: shown, but not looked for in texts (groups that only the hierarchy needs, homonyms).
CASES: tuple[str, ...] = ("any", "exact", "never")

#: Prefix of the source of rows that are known from an annotated paper alone.
GOLD = "gold:"

#: Source of rows that the authors of the vocabulary know without one to cite.
OWN = "own"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Name:
    """A name of a concept.

    ``context`` holds words, parted by ``|``, of which the text must have one for the name to count
    (for names that are also common words: Frontier, Ray, Flex); "" asks for none.
    """

    text: str
    id: str
    status: str = "synonym"
    case: str = "any"
    context: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if not self.text or self.text != self.text.strip():
            raise VocabularyError(f"name {self.text!r} is empty or has outer spaces")
        if self.status not in STATUSES or self.case not in CASES:
            raise VocabularyError(f"name {self.text!r}: status {self.status!r} or case {self.case!r}")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Cue:
    """A word or phrase that tells something about what stands near it.

    ``kind`` says what about ("type", "role" ...), ``value`` what it says ("System", "compared" ...).
    """

    kind: str
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Never:
    """A field word or common word that is no entity under any circumstances."""

    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All four tables; concepts by id, the rest in the order of the files."""

    concepts: dict[str, Concept]
    names: tuple[Name, ...]
    cues: tuple[Cue, ...] = ()
    never: tuple[Never, ...] = ()

    def cue_words(self, kind: str) -> dict[str, str]:
        """Give the cues of one kind: text to value."""
        return {cue.text: cue.value for cue in self.cues if cue.kind == kind}


def load_vocabulary(folder: Path | None = None, *, without_papers: Collection[str] = ()) -> Vocabulary:
    """Read the vocabulary; leave out what is known only from the given annotated papers.

    A concept's preferred name is a name, too, unless ``names.tsv`` has a row for it (which then
    decides on case and context).
    """
    folder = folder or vocabulary_dir()
    concepts = read_table(folder / "concepts.tsv", Concept)
    names = read_table(folder / "names.tsv", Name)
    if without_papers:
        concepts = [c for c in concepts if not _only_from(c.source, without_papers)]
        kept = {c.id for c in concepts}
        names = [n for n in names if n.id in kept and not _only_from(n.source, without_papers)]
    stated = {(name.text, name.id) for name in names}
    aliases: dict[str, list[str]] = {}
    for name in names:
        aliases.setdefault(name.id, []).append(name.text)
    preferred = [
        Name(text=c.name, id=c.id, status="name", source=c.source)
        for c in concepts
        if (c.name, c.id) not in stated
    ]
    return Vocabulary(
        concepts={c.id: replace(c, aliases=_others(c, aliases.get(c.id, ()))) for c in concepts},
        names=tuple(sorted([*names, *preferred])),
        cues=tuple(read_table(folder / "cues.tsv", Cue)),
        never=tuple(read_table(folder / "never.tsv", Never)),
    )


@lru_cache(maxsize=1)
def default_vocabulary() -> Vocabulary:
    """Give the vocabulary that ships with paperkg, read once."""
    return load_vocabulary()


def header(kind: type) -> list[str]:
    """Give the columns of a table: the fields of its type, without those that other tables hold."""
    return [f.name for f in fields(kind) if f.name != "aliases"]


def read_table(path: Path, kind: type[T]) -> list[T]:
    """Read one table; the first line must be the header of its type.

    Raises ``VocabularyError`` with file and line. Cells hold neither tab nor line end, so no quoting exists.
    """
    columns = header(kind)
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path.name}: {error}") from error
    if lines[0].split("\t") != columns:
        raise VocabularyError(
            f"{path.name}:1: the header must be {' '.join(columns)}; run: paperkg lint --fix"
        )
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise VocabularyError(f"{path.name}:{number}: {len(cells)} cells, not {len(columns)}")
        try:
            rows.append(kind(**dict(zip(columns, cells, strict=True))))
        except PaperkgError as error:
            raise VocabularyError(f"{path.name}:{number}: {error}") from error
    return rows


def write_table(path: Path, kind: type[T], rows: Iterable[T]) -> None:
    """Write one table in canonical form: header, rows sorted, none twice."""
    columns = header(kind)
    lines = {"\t".join(str(getattr(row, column)) for column in columns) for row in rows}
    path.write_text("\n".join(["\t".join(columns), *sorted(lines)]) + "\n", "utf-8")


def _only_from(source: str, papers: Collection[str]) -> bool:
    """Say whether a row is known from these annotated papers and from no source outside the project.

    ``own`` beside them does not count: who wrote the row had read the papers.
    """
    annotated = [s for s in source.split() if s.startswith(GOLD)]
    outside = [s for s in source.split() if s not in annotated and s != OWN]
    return bool(annotated) and not outside and all(s.removeprefix(GOLD) in papers for s in annotated)


def _others(concept: Concept, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name != concept.name}))
