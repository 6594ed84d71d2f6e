"""A real server, as users start it, over a build of seeds/."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from paperkg.build import build

SEEDS = Path(__file__).parents[2] / "seeds"


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    """Start a server and wait until it says where it is."""
    command = [sys.executable, "-m", "paperkg", "serve", "-g", str(folder), "--port", "0", *options]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stderr=log) as process:
        try:
            yield Server(_address(process, log), process)
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    for _ in range(600):
        log.seek(0)
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", log.read().decode()):
            return found[1]
        assert process.poll() is None, log.seek(0) or log.read().decode()
        time.sleep(0.1)
    raise AssertionError("the server says nothing")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    build([next(iter(sorted(SEEDS.glob("*.txt"))))], folder)
    return folder


@pytest.fixture(scope="session")
def server(built: Path) -> Iterator[Server]:
    with serving(built, "--timeout", "2", "-j", "2") as one:
        yield one
