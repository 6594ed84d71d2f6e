"""Find the files that a list of paths stands for, and name them without any folder of the machine."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from weakref import WeakKeyDictionary

from paperkg.model import Refusal
from paperkg.read.common import Refuse

#: First bytes of a gzip archive.
GZIP = b"\x1f\x8b"

#: The path, and the name, of standard input.
STDIN = "-"

# Standard input can be read only once, but a build needs its papers and its hash.
_STDIN_BYTES: WeakKeyDictionary[BinaryIO, bytes] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A file to read: the name to record and the path to open (``-`` for standard input)."""

    name: str
    path: Path

    def open(self) -> io.BufferedReader:
        """Open it for reading bytes."""
        if str(self.path) == STDIN:
            return io.BufferedReader(io.BytesIO(_read_stdin()))
        return self.path.open("rb")

    def sha256(self) -> str:
        """Give the SHA-256 of its bytes, or "" if it cannot be read."""
        try:
            with self.open() as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return ""


def suffix_of(name: str) -> str:
    """Give the suffix that tells the format, past that of an archive.

    >>> suffix_of("papers.JSONL.gz"), suffix_of("-")
    ('.jsonl', '')
    """
    return Path(name.casefold().removesuffix(".gz")).suffix


def find_places(paths: Iterable[Path], *, suffixes: Sequence[str], refuse: Refuse) -> list[Place]:
    """Find all files with a known suffix, each once, sorted; tell ``refuse`` of paths that give none."""
    names: dict[Path, set[str]] = defaultdict(set)
    for path in sorted(set(map(Path, paths))):
        if str(path) == STDIN:
            names[path].add(STDIN)
            continue
        # Only the last part: a folder of somebody's machine is nobody's business.
        name = path.name or path.resolve().name
        known = " ".join(suffixes)
        if path.is_dir():
            below = list(_files_below(path, suffixes))
            for file in below:
                names[file.resolve()].add(file.relative_to(path).as_posix())
            if not below:
                refuse(Refusal(file=name, reason=f"no file in this folder ends in one of: {known} (or .gz)"))
        elif not path.exists():
            refuse(Refusal(file=name, reason="there is no such file"))
        elif suffix_of(path.name) not in suffixes:
            refuse(Refusal(file=name, reason=f"unknown kind of file: use one of {known} (or .gz)"))
        else:
            names[path.resolve()].add(path.name)
    chosen = {path: min(given, key=lambda n: (len(n), n)) for path, given in names.items()}
    return sorted(Place(name, path) for path, name in _tell_apart(chosen).items())


def _files_below(folder: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found = (Path(root, name) for name in files if not name.startswith("."))
        # A pipe in a folder would wait for its writer for ever.
        yield from (file for file in found if suffix_of(file.name) in suffixes and file.is_file())


def _tell_apart(names: dict[Path, str]) -> dict[Path, str]:
    """Give files of the same name as much of their folders as tells them apart, and no more."""
    same = defaultdict(list)
    for path, name in names.items():
        same[name].append(path)
    result = dict(names)
    for paths in same.values():
        if len(paths) > 1:
            common = Path(os.path.commonpath(paths))
            result |= {path: path.relative_to(common).as_posix() for path in paths}
    return result


def _read_stdin() -> bytes:
    stream = sys.stdin.buffer
    if stream not in _STDIN_BYTES:
        _STDIN_BYTES[stream] = stream.read()
    return _STDIN_BYTES[stream]
