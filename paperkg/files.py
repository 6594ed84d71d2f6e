"""Write files so that a reader sees the old one or the new one, whole, and never a part."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from paperkg.errors import ExportError

#: Files that are being written; who ends the process at once has to remove them.
unfinished: set[Path] = set()


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing bytes that takes its name only when all is written.

    Nothing is left behind on an error. Raises ``ExportError`` where the place cannot be written.
    A link stays a link, to the new file; what is no file (a device, a pipe) is written to as it is.
    """
    path = path.resolve()
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as stream:
            yield stream
        return
    try:
        # In the same folder, because a rename is atomic only within one file system.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix=".part")
    except OSError as error:
        raise ExportError(f"cannot write {path}: {error.strerror}") from error
    part = Path(name)
    unfinished.add(part)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files for the owner's eyes only; give what open() would have given.
        part.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        part.replace(path)
    except IsADirectoryError as error:
        raise ExportError(f"cannot write {path}: it is a folder") from error
    finally:
        part.unlink(missing_ok=True)
        unfinished.discard(part)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to write to that takes its name only when all is written.

    An older folder is replaced whole, if it holds no file but such as are written again. Nothing is left
    behind on an error. Raises ``ExportError`` where the place cannot be written, or is somebody's.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_dir():
            raise ExportError(f"cannot write {path}: it is a file; give -o a folder")
        staging = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:80]}.", suffix=".part"))
    except OSError as error:
        raise ExportError(f"cannot write {path}: {error.strerror}; give -o another folder") from error
    away = staging.with_suffix(".old")
    try:
        new = staging / "new"
        new.mkdir()
        yield new
        if path.exists():
            foreign = sorted(set(_files_in(path)) - set(_files_in(new)))
            if foreign:
                raise ExportError(f"{path} holds {foreign[0]}, which is not ours: give -o another folder")
            path.replace(away)
        new.replace(path)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        shutil.rmtree(away, ignore_errors=True)


def _files_in(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def swap_files(staging: Path, target: Path, *, last: str) -> None:
    """Move everything in a staging folder into ``target``, each piece by a rename, ``last`` at the very end.

    ``last`` is the file whose presence says that the rest is complete. A folder cannot be renamed
    over another one, so an old folder is renamed away first and deleted when the new one stands.
    Both folders must lie on one file system.
    """
    target.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in staging.iterdir())
    for name in sorted(names, key=lambda n: n == last):
        new, old = staging / name, target / name
        away = target / f".{name}.old"
        _remove(away)
        if new.is_dir() or old.is_dir():
            if old.exists():
                old.replace(away)
            new.replace(old)
            _remove(away)
        else:
            new.replace(old)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _umask() -> int:
    # There is no way to read it without setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
