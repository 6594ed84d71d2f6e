"""What the checks share: our own counts, the guides, and a table of counts side by side.

A check runs in its consumer's environment, where there is no paperkg; so only the standard library is used.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from pathlib import Path
from typing import Any

GUIDES = Path(__file__).parents[2] / "docs/rag"


def ours(folder: Path) -> dict[str, int]:
    """Give the counts of the graph that was exported, as paperkg counts them."""
    counts: dict[str, int] = json.loads((folder / "counts.json").read_text("utf-8"))
    return counts


def run_guide(name: str, folder: Path) -> dict[str, Any]:
    """Run the Python of a guide, word for word, in a folder that holds the exports; give its variables."""
    os.chdir(folder)
    text = (GUIDES / f"{name}.md").read_text("utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert code, f"{name}.md has no Python"
    names: dict[str, Any] = {"__name__": "guide"}
    exec(compile(code, f"{name}.md", "exec"), names)
    return names


def compare(tool: str, rows: list[tuple[str, int, int, str]]) -> None:
    """Print counts side by side: what, ours, the tool's, and why they differ; fail where nothing says why."""
    width = max(len(what) for what, *_ in rows)
    print(f"{tool}: {'':{max(width - len(tool) - 2, 0)}}    ours    tool")
    for what, own, other, why in rows:
        print(f"  {what:{width}}  {own:6,}  {other:6,}  {why if own != other else ''}".rstrip())
    unexplained = [what for what, own, other, why in rows if own != other and not why]
    assert not unexplained, f"{tool}: counts differ: {', '.join(unexplained)}"


def embed_words(text: str, size: int) -> list[float]:
    """Make a vector of a text by its words: what is asked by name is found, with no model."""
    vector = [0.0] * size
    words = set(re.findall(r"\w+", text.lower()))
    for word in words:
        vector[zlib.crc32(word.encode()) % size] = 1 / len(words) ** 0.5
    return vector
