"""Where the knowledge that is not code lies: ``ontology/``, in the wheel or in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def ontology_dir() -> Path:
    """Give the folder with the ontology, shapes, vocabulary and named queries."""
    # A wheel carries the folder inside the package; an editable install has it beside the package.
    packaged = _PACKAGE / "ontology"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "ontology"


def vocabulary_dir() -> Path:
    """Give the folder with the tables of names and facts."""
    return ontology_dir() / "vocabulary"
