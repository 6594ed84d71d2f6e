"""What has been learnt from annotated papers: one file a task, in ``paperkg/extract/pipeline/``."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from paperkg.extract.linear import LinearModel

if TYPE_CHECKING:
    from paperkg.extract.recogniser import Tagger


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Models:
    """The learnt parts of the pipeline; without one, its component goes by cue words alone."""

    #: Labels of tokens.
    recogniser: Tagger | None = None
    #: What a span is: a type, or "" for no name.
    spans: LinearModel | None = None
    #: Role of an entity.
    roles: LinearModel | None = None
    #: What an entity is to one of the paper's own: "based_on", "part_of" (turned round) or "".
    relations: LinearModel | None = None
    #: Whether a number is a measured result ("result") or not ("").
    results: LinearModel | None = None
    #: What a number measures.
    metrics: LinearModel | None = None
    #: Whether an entity is what a number is measured against ("baseline") or not ("").
    baselines: LinearModel | None = None

    def save(self, folder: Path) -> None:
        """Write the models into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            model = getattr(self, field.name)
            if model:
                model.save(folder / f"{field.name}.npz")


@runtime_checkable
class UsesModels(Protocol):
    """A component that has learnt something."""

    def use(self, models: Models) -> None:
        """Take its part of the models."""


def load_models(folder: Path) -> Models:
    """Read the models of a folder; those that it lacks are left out."""
    from paperkg.extract.recogniser import Tagger

    paths = {field.name: folder / f"{field.name}.npz" for field in fields(Models)}
    found: dict[str, Any] = {
        name: (Tagger if name == "recogniser" else LinearModel).load(path)
        for name, path in paths.items()
        if path.exists()
    }
    return Models(**found)


@lru_cache(maxsize=1)
def default_models() -> Models:
    """Give the models that ship with paperkg, read once."""
    return load_models(Path(__file__).parent / "pipeline")
