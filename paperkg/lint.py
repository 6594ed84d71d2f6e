"""Check the vocabulary, and put its files in canonical form.

Every problem is one line, ``file:line: what is wrong; how to mend it``, so that a list of them can be
worked off from top to bottom. ``fix_vocabulary`` mends form alone (order, doubles, line ends, columns);
what a row says is left to people.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from paperkg.errors import PaperkgError, VocabularyError
from paperkg.model import Concept
from paperkg.names import fold, plain, slug
from paperkg.vocabulary import GOLD, Cue, Name, Never, header

#: The tables and the types that give them their columns.
TABLES: Mapping[str, type[Concept] | type[Name] | type[Cue] | type[Never]] = {
    "concepts.tsv": Concept,
    "names.tsv": Name,
    "cues.tsv": Cue,
    "never.tsv": Never,
}

#: Columns that must say something.
_REQUIRED = {
    "concepts.tsv": ("id", "type", "name", "source"),
    "names.tsv": ("text", "id", "source"),
    "cues.tsv": ("kind", "value", "text"),
    "never.tsv": ("text", "reason"),
}

#: Behind the slug of an id: what tells apart things of the same name and type.
_HOMONYM = re.compile(r"-[0-9a-f]{8}")

_SOURCE = re.compile(rf"(?:[a-z][a-z0-9-]*|{GOLD}\S+)(?: (?:[a-z][a-z0-9-]*|{GOLD}\S+))*")
_REPAIR = "run: paperkg lint --fix"

R = TypeVar("R", Concept, Name, Cue, Never)


@dataclass(frozen=True, slots=True)
class _Row(Generic[R]):
    """A row and where it stands."""

    where: str
    value: R


def check_vocabulary(folder: Path) -> list[str]:
    """Give the problems of the four tables of a folder, in the order of the files; [] if there are none."""
    problems: list[str] = []
    for file in TABLES:
        problems += _check_form(folder / file)
    concepts = _rows(folder / "concepts.tsv", Concept, problems)
    names = _rows(folder / "names.tsv", Name, problems)
    cues = _rows(folder / "cues.tsv", Cue, problems)
    never = _rows(folder / "never.tsv", Never, problems)
    for check in (_check_concepts, _check_hierarchy):
        problems += check(concepts)
    problems += _check_names(names, concepts)
    problems += _check_ambiguity(names, concepts)
    problems += _check_never(names, concepts, never)
    problems += _check_cues(cues)
    return sorted(set(problems), key=_place)


def fix_vocabulary(folder: Path) -> list[str]:
    """Rewrite the tables of a folder in canonical form; give the files that changed.

    A file is replaced as a whole or not at all. Raises ``VocabularyError`` where a line does not have
    the columns of its table: no program can guess what it means.
    """
    changed = []
    for file, kind in TABLES.items():
        path = folder / file
        before = _read(path)
        after = _canonical(file, before, header(kind))
        if after != before:
            beside = path.with_name(f".{file}.new")
            beside.write_text(after, "utf-8", newline="\n")
            beside.replace(path)
            changed.append(file)
    return changed


def _canonical(file: str, text: str, columns: list[str]) -> str:
    lines = [line for line in text.replace("\r", "").split("\n") if line.strip()]
    given = [cell.strip() for cell in lines[0].split("\t")] if lines else []
    if sorted(given) != sorted(columns):
        raise VocabularyError(f"{file}:1: the first line must name the columns {' '.join(columns)}")
    rows = set()
    for number, line in enumerate(lines[1:], start=2):
        cells = [cell.strip() for cell in line.split("\t")]
        cells += [""] * (len(columns) - len(cells))
        if len(cells) != len(columns):
            raise VocabularyError(
                f"{file}:{number}: {len(cells)} cells, not {len(columns)}; take out the extra tabs"
            )
        rows.add("\t".join(cells[given.index(column)] for column in columns))
    return "\n".join(["\t".join(columns), *sorted(rows)]) + "\n"


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise VocabularyError(
            f"{path}: {error.strerror}; a vocabulary has all of {', '.join(TABLES)}"
        ) from error
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{path}: no UTF-8 at byte {error.start}") from error


def _check_form(path: Path) -> Iterator[str]:
    file, columns = path.name, header(TABLES[path.name])
    text = _read(path)
    if "\r" in text or not text.endswith("\n") or "\n\n" in text:
        yield f"{file}:1: lines end with one line feed, and none is empty; {_REPAIR}"
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if lines[0].split("\t") != columns:
        yield f"{file}:1: the header must be {' '.join(columns)}, parted by tabs; {_REPAIR}"
    before = ""
    for number, line in enumerate(lines[1:], start=2):
        if line and line == before:
            yield f"{file}:{number}: the line stands there twice; {_REPAIR}"
        elif line and line < before:
            yield f"{file}:{number}: the lines are not sorted; {_REPAIR}"
        before = line or before


def _rows(path: Path, kind: type[R], problems: list[str]) -> list[_Row[R]]:
    """Read what can be read, and note the lines that cannot."""
    make: Callable[..., R] = kind
    columns = header(kind)
    lines = _read(path).replace("\r", "").split("\n")
    if sorted(lines[0].split("\t")) != sorted(columns):
        return []
    columns = lines[0].split("\t")
    rows: list[_Row[R]] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        where, cells = f"{path.name}:{number}", line.split("\t")
        if len(cells) != len(columns):
            problems.append(f"{where}: {len(cells)} cells, not {len(columns)}; part the cells by tabs")
            continue
        values = dict(zip(columns, cells, strict=True))
        problems += [
            f"{where}: the cell {column!r} has spaces around its text; {_REPAIR}"
            for column, cell in values.items()
            if cell != cell.strip()
        ]
        empty = [column for column in _REQUIRED[path.name] if not values[column].strip()]
        problems += [f"{where}: the cell {column!r} is empty; fill it" for column in empty]
        try:
            rows.append(_Row(where, make(**values)))
        except PaperkgError as error:
            problems.append(f"{where}: {error}; correct the row")
    return rows


def _check_concepts(concepts: list[_Row[Concept]]) -> Iterator[str]:
    ids: dict[str, str] = {}
    for row in concepts:
        concept, where = row.value, row.where
        wanted = f"{concept.type.lower()}/{slug(concept.name)}"
        rest = concept.id.removeprefix(wanted)
        if not concept.id.startswith(wanted) or (rest and not _HOMONYM.fullmatch(rest)):
            yield f"{where}: the id of {concept.name!r} is {concept.id!r}; make it {wanted!r}"
        if concept.id in ids:
            yield f"{where}: {ids[concept.id]} has the id {concept.id!r}, too; make the two one row"
        ids.setdefault(concept.id, where)
        if concept.year and not re.fullmatch(r"(?:19|20)\d\d", concept.year):
            yield f"{where}: the year {concept.year!r} has not four digits"
        if concept.memory_gb and not re.fullmatch(r"\d+(?:\.\d+)?", concept.memory_gb):
            yield f"{where}: memory_gb {concept.memory_gb!r} is no number; give gigabytes without a unit"
        yield from _check_source(where, concept.source)
    # Homonyms carry a suffix in their ids; two plain rows of one name are one thing written twice.
    for rows in _group(concepts, key=lambda c: f"{c.type} {fold(c.name)}"):
        unmarked = [r for r in rows if not _HOMONYM.fullmatch(r.value.id[-9:])]
        for row in unmarked[1:]:
            first = unmarked[0]
            yield (
                f"{row.where}: {row.value.name!r} is {first.value.name!r} of {first.where} again; make the "
                "two one row, or end one of the ids with a digest of the paper that introduces it"
            )


def _check_hierarchy(concepts: list[_Row[Concept]]) -> Iterator[str]:
    by_id = {row.value.id: row.value for row in concepts}
    for row in concepts:
        concept = row.value
        for column in ("broader", "variant_of"):
            target = getattr(concept, column)
            if target and target not in by_id:
                yield f"{row.where}: {column} {target!r} is no id of concepts.tsv; add its row or mend the id"
            elif target and by_id[target].type != concept.type:
                yield f"{row.where}: {column} {target!r} is no {concept.type}; a hierarchy keeps to one type"
        if _reaches_itself(concept, by_id):
            yield f"{row.where}: {concept.id!r} is above itself; take out a broader or variant_of on the way"


def _reaches_itself(concept: Concept, by_id: Mapping[str, Concept]) -> bool:
    todo, seen = [concept.broader, concept.variant_of], set[str]()
    while todo:
        current = todo.pop()
        if current == concept.id:
            return True
        if current in by_id and current not in seen:
            seen.add(current)
            todo += [by_id[current].broader, by_id[current].variant_of]
    return False


def _check_names(names: list[_Row[Name]], concepts: list[_Row[Concept]]) -> Iterator[str]:
    by_id = {row.value.id: row.value for row in concepts}
    seen: dict[tuple[str, str], str] = {}
    for row in names:
        name, where = row.value, row.where
        if name.id not in by_id:
            yield f"{where}: {name.id!r} is no id of concepts.tsv; add its row or correct the id"
        elif (name.status == "name") != (name.text == by_id[name.id].name):
            yield (
                f"{where}: the preferred name of {name.id!r} is {by_id[name.id].name!r}; "
                "status 'name' belongs to that text alone"
            )
        if (name.text, name.id) in seen:
            yield f"{where}: {seen[name.text, name.id]} has the same text and id; make the two one row"
        seen.setdefault((name.text, name.id), where)
        if name.context and any(not word or word != word.strip() for word in name.context.split("|")):
            yield f"{where}: the context {name.context!r} has an empty part; write it as 'word|other words'"
        yield from _check_source(where, name.source)


def _check_ambiguity(names: list[_Row[Name]], concepts: list[_Row[Concept]]) -> Iterator[str]:
    """Find texts that would be taken for two things, with nothing to tell which of them is meant."""
    for rows in _group(_looked_for(names, concepts), key=lambda n: fold(n.text)):
        unguarded = [row for row in rows if not row.value.context]
        for number, row in enumerate(unguarded):
            for other in unguarded[:number]:
                if row.value.id != other.value.id and _same_spelling(row.value, other.value):
                    yield (
                        f"{row.where}: {row.value.text!r} names {row.value.id!r} and, in {other.where}, "
                        f"{other.value.id!r}; give one of them a row in names.tsv with a context, "
                        "or with case 'never'"
                    )


def _check_never(
    names: list[_Row[Name]], concepts: list[_Row[Concept]], never: list[_Row[Never]]
) -> Iterator[str]:
    known = {fold(row.value.text): row for row in _looked_for(names, concepts)}
    seen: dict[str, str] = {}
    for row in never:
        text, where = row.value.text, row.where
        if text in seen:
            yield f"{where}: {seen[text]} has the text {text!r}, too; keep one reason"
        seen.setdefault(text, where)
        if fold(text) in known:
            name = known[fold(text)]
            yield f"{where}: {text!r} names {name.value.id!r} in {name.where}; take it out of one of the two"


def _check_cues(cues: list[_Row[Cue]]) -> Iterator[str]:
    for rows in _group(cues, key=lambda cue: f"{cue.kind}\t{cue.text}"):
        for row in rows[1:]:
            cue, first = row.value, rows[0]
            if cue.value != first.value.value:
                yield (
                    f"{row.where}: the {cue.kind} cue {cue.text!r} says {cue.value!r} here and "
                    f"{first.value.value!r} in {first.where}; keep one"
                )


def _check_source(where: str, source: str) -> Iterator[str]:
    if source and not _SOURCE.fullmatch(source):
        yield f"{where}: the source {source!r} is no list of 'epoch', '{GOLD}p1' ..., parted by spaces"
    elif source.split() != sorted(set(source.split())):
        yield f"{where}: the sources {source!r} are not sorted or stand there twice; sort them"


def _looked_for(names: list[_Row[Name]], concepts: list[_Row[Concept]]) -> list[_Row[Name]]:
    """Give the names that texts are searched for; a preferred name without a row of its own is one."""
    stated = {(row.value.text, row.value.id) for row in names}
    preferred = [
        _Row(row.where, Name(text=row.value.name, id=row.value.id, status="name"))
        for row in concepts
        if (row.value.name, row.value.id) not in stated and row.value.name == row.value.name.strip()
    ]
    return [row for row in [*preferred, *names] if row.value.case != "never"]


def _same_spelling(one: Name, other: Name) -> bool:
    """Say whether a text exists that both names fit: exact names keep their case, and nothing else."""
    if one.case == other.case == "exact":
        spellings = [re.sub(r"[\s\-–—_]+", "", plain(name.text)) for name in (one, other)]
        return spellings[0] == spellings[1]
    return True


def _group(rows: Iterable[_Row[R]], *, key: Callable[[R], str]) -> list[list[_Row[R]]]:
    groups: dict[str, list[_Row[R]]] = defaultdict(list)
    for row in rows:
        groups[key(row.value)].append(row)
    return [group for group in groups.values() if len(group) > 1]


def _place(problem: str) -> tuple[int, int, str]:
    file, _, rest = problem.partition(":")
    line = re.match(r"\d+", rest)
    order = list(TABLES).index(file) if file in TABLES else len(TABLES)
    return (order, int(line.group()) if line else 0, problem)
