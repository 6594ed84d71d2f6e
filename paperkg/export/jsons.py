"""Write JSON with a line for each item of its first two levels: made to be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO


def write_json(value: Any, stream: BinaryIO, *, ascii: bool = False) -> None:
    """Write a value as JSON in UTF-8, or with everything escaped that is not ASCII.

    >>> import io
    >>> stream = io.BytesIO()
    >>> write_json({"a": [{"b": 1}, {"c": "\\u00e9"}], "d": []}, stream)
    >>> print(stream.getvalue().decode(), end="")
    {
    "a": [
    {"b": 1},
    {"c": "é"}
    ],
    "d": []
    }
    """
    stream.write(f"{_lines(value, 2, ascii)}\n".encode())


def _lines(value: Any, depth: int, ascii: bool) -> str:
    def line(item: Any) -> str:
        return json.dumps(item, ensure_ascii=ascii, allow_nan=False)

    if depth and isinstance(value, Mapping):
        items = (f"{line(str(key))}: {_lines(item, depth - 1, ascii)}" for key, item in value.items())
        return "{\n" + ",\n".join(items) + "\n}" if value else "{}"
    if depth and isinstance(value, list):
        return "[\n" + ",\n".join(map(line, value)) + "\n]" if value else "[]"
    return line(value)
