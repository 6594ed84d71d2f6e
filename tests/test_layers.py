"""Imports go one way, and what the command line shows first does not wait for what it needs last."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "paperkg"


def test_imports_keep_the_contracts():
    """The layers stand in pyproject.toml; a module that is in none of them fails, too."""
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_library_neither_prints_nor_configures_logging(path):
    if path.relative_to(PACKAGE).parts[0] in ("cli", "terminal.py") or path.name == "__main__.py":
        return
    called = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    assert called.isdisjoint({"print", "click.echo", "logging.basicConfig", "sys.exit"})


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("paperkg", {"spacy", "rdflib", "networkx", "pyvis", "numpy", "pyoxigraph"}),
        ("paperkg.read", {"spacy", "rdflib", "networkx", "pyvis", "numpy", "pyoxigraph"}),
        ("paperkg.cli", {"spacy", "rdflib", "networkx", "pyvis", "numpy", "sqlite3"}),
        ("paperkg.graph", {"spacy", "rdflib", "pyvis"}),
    ],
)
def test_importing_is_light(module, heavy):
    code = f"import {module}, sys; print(*sorted({heavy!r} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
