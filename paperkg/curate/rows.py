"""Add rows to the vocabulary, and note which rows a source attests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from paperkg.errors import VocabularyError
from paperkg.model import ENTITY_TYPES, Concept
from paperkg.names import fold, slug
from paperkg.variants import family_names
from paperkg.vocabulary import Name, load_vocabulary, read_table, write_table

#: Facts of a concept that a table may give.
FACTS = ("vendor", "kind", "architecture", "memory_gb", "year")

#: Columns of a file of additions, one concept a line; ``aliases`` and ``context`` part theirs by ``|``.
COLUMNS = ("type", "name", "aliases", "broader", "case", "context", "source", *FACTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """A concept to be, with its other names; ``broader`` is a name or an id of the same type.

    ``case`` is that of all its names; "" leaves it to their shape.
    """

    type: str
    name: str
    aliases: tuple[str, ...] = ()
    broader: str = ""
    case: str = ""
    context: str = ""
    source: str = "own"
    vendor: str = ""
    kind: str = ""
    architecture: str = ""
    memory_gb: str = ""
    year: str = ""


def concept_id(kind: str, name: str) -> str:
    """Give the id that a concept of this type and name has.

    >>> concept_id("Hardware", "NVIDIA A100")
    'hardware/nvidia-a100'
    """
    return f"{kind.lower()}/{slug(name)}"


def read_additions(path: Path) -> Iterator[Addition]:
    """Read a tab-separated file of additions; the first line names the columns, facts may be left out."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{path.name}: no UTF-8 at byte {error.start}") from error
    given = lines[0].split("\t") if lines else []
    if given not in (list(COLUMNS), list(COLUMNS[: -len(FACTS)])):
        raise VocabularyError(f"{path.name}:1: the columns must be {' '.join(COLUMNS)}")
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        cells += [""] * (len(given) - len(cells))
        if len(cells) != len(given):
            raise VocabularyError(f"{path.name}:{number}: {len(cells)} cells, not {len(given)}")
        row = dict(zip(given, cells, strict=True))
        if row["type"] not in ENTITY_TYPES or not row["name"]:
            raise VocabularyError(f"{path.name}:{number}: type {row['type']!r}, name {row['name']!r}")
        aliases = tuple(a.strip() for a in row.pop("aliases").split("|") if a.strip())
        row["source"] = row["source"] or "own"
        row["context"] = "|".join(word.strip() for word in row["context"].split("|") if word.strip())
        yield Addition(aliases=aliases, **row)


def add(
    folder: Path, additions: Iterable[Addition], *, refuse: Callable[[str], None] = lambda _: None
) -> tuple[int, int]:
    """Add concepts and names that the vocabulary lacks; give how many of each.

    A concept whose name is known under its type is not made again: only its aliases are added. A form
    that already belongs to another concept, or is never an entity, is left out, and ``refuse`` hears of it.
    """
    vocabulary = load_vocabulary(folder)
    concepts = {c.id: c for c in read_table(folder / "concepts.tsv", Concept)}
    names = read_table(folder / "names.tsv", Name)
    owner: dict[str, str] = {}
    for name in vocabulary.names:
        owner.setdefault(fold(name.text), name.id)
    never = {fold(row.text) for row in vocabulary.never}
    new_concepts, new_names = 0, 0
    for row in additions:
        known = owner.get(fold(row.name), "")
        identifier = known if known.startswith(row.type.lower() + "/") else ""
        if not identifier:
            identifier = concept_id(row.type, row.name)
            if known or fold(row.name) in never or identifier in concepts:
                why = f"is a name of {known}" if known else "is never an entity"
                refuse(f"{row.name}: {f'{identifier} exists' if identifier in concepts else why}")
                continue
            concepts[identifier] = Concept(
                id=identifier,
                type=row.type,
                name=row.name,
                broader=_broader(row, concepts, owner),
                source=row.source,
                **{fact: getattr(row, fact) for fact in FACTS},
            )
            owner[fold(row.name)] = identifier
            new_concepts += 1
            if row.context or row.case or _needs_case(row.name):
                names.append(_name(row, row.name, identifier, status="name"))
        elif row.broader and not concepts[identifier].broader:
            broader = _broader(row, concepts, owner)
            if broader != identifier:
                concepts[identifier] = replace(concepts[identifier], broader=broader)
        for alias in row.aliases:
            if fold(alias) in owner or fold(alias) in never:
                taken = owner.get(fold(alias), "")
                if taken != identifier:
                    refuse(f"{alias}: is {f'a name of {taken}' if taken else 'never an entity'}")
                continue
            owner[fold(alias)] = identifier
            names.append(_name(row, alias, identifier))
            new_names += 1
    write_table(folder / "concepts.tsv", Concept, concepts.values())
    write_table(folder / "names.tsv", Name, names)
    return new_concepts, new_names


def attest(folder: Path, source: str, attests: Callable[[str, str], bool]) -> int:
    """Note a source in every row whose name it attests (asked by type and name); give how many rows.

    A concept is attested by any of its names.
    """
    concepts = {c.id: c for c in read_table(folder / "concepts.tsv", Concept)}
    names = read_table(folder / "names.tsv", Name)
    by_concept: dict[str, bool] = defaultdict(bool)
    changed = 0
    for i, name in enumerate(names):
        if attests(concepts[name.id].type, name.text):
            by_concept[name.id] |= name.case != "never"
            if source not in name.source.split():
                names[i] = replace(name, source=_with(name.source, source))
                changed += 1
    for concept in list(concepts.values()):
        attested = by_concept[concept.id] or attests(concept.type, concept.name)
        if attested and source not in concept.source.split():
            concepts[concept.id] = replace(concept, source=_with(concept.source, source))
            changed += 1
    write_table(folder / "concepts.tsv", Concept, concepts.values())
    write_table(folder / "names.tsv", Name, names)
    return changed


def nest(folder: Path) -> int:
    """Hang models and systems below the nearest family that their name has; give how many moved.

    "LLaMA-3-70B-Instruct" below "LLaMA-3-70B", and not below "LLaMA-3"; what a row says is only made nearer.
    """
    concepts = {c.id: c for c in read_table(folder / "concepts.tsv", Concept)}
    by_name = {(c.type, fold(c.name)): c.id for c in concepts.values()}

    def above(identifier: str) -> list[str]:
        found = []
        while (identifier := concepts[identifier].variant_of) and identifier not in found:
            found.append(identifier)
        return found

    moved = 0
    for concept in list(concepts.values()):
        if concept.type not in ("Model", "System"):
            continue
        families = (by_name.get((concept.type, fold(name)), "") for name in family_names(concept.name))
        nearest = next((f for f in families if f and f != concept.id), "")
        nearer = not concept.variant_of or concept.variant_of in (above(nearest) if nearest else ())
        if nearest and nearest != concept.variant_of and nearer and concept.id not in above(nearest):
            concepts[concept.id] = replace(concept, variant_of=nearest)
            moved += 1
    write_table(folder / "concepts.tsv", Concept, concepts.values())
    return moved


def _with(sources: str, source: str) -> str:
    return " ".join(sorted({*sources.split(), source}))


def _broader(row: Addition, concepts: dict[str, Concept], owner: dict[str, str]) -> str:
    if not row.broader:
        return ""
    for identifier in (row.broader, owner.get(fold(row.broader), "")):
        if identifier in concepts and concepts[identifier].type == row.type:
            return identifier
    raise VocabularyError(f"{row.name}: no {row.type} is called {row.broader!r}")


def _needs_case(text: str) -> bool:
    """Say whether a name must stand as written: an acronym, or one word that may be a common one."""
    return len(text.split()) == 1 and "-" not in text and text[:1].isupper()


def _name(row: Addition, text: str, identifier: str, status: str = "") -> Name:
    short = len(text) <= 8 and text[:1].isalnum() and sum(c.isupper() for c in text) > 1 and " " not in text
    return Name(
        text=text,
        id=identifier,
        status=status or ("abbreviation" if short else "synonym"),
        case=row.case or ("exact" if _needs_case(text) or short else "any"),
        context=row.context,
        source=row.source,
    )
