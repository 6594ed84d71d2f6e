"""What has been learnt from annotated papers: one file a task, in ``paperkg/extract/pipeline/``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, runtime_checkable

from paperkg.extract.linear import LinearModel

ROLES_FILE = "roles.npz"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Models:
    """The learnt parts of the pipeline; without one, its component goes by cue words alone."""

    roles: LinearModel | None = None

    def save(self, folder: Path) -> None:
        """Write the models into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.roles:
            self.roles.save(folder / ROLES_FILE)


@runtime_checkable
class UsesModels(Protocol):
    """A component that has learnt something."""

    def use(self, models: Models) -> None:
        """Take its part of the models."""


def load_models(folder: Path) -> Models:
    """Read the models of a folder; those that it lacks are left out."""
    roles = folder / ROLES_FILE
    return Models(roles=LinearModel.load(roles) if roles.exists() else None)


@lru_cache(maxsize=1)
def default_models() -> Models:
    """Give the models that ship with paperkg, read once."""
    return load_models(Path(__file__).parent / "pipeline")
