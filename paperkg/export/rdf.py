"""RDF files: Turtle for people, TriG and N-Quads with a named graph a paper, JSON-LD, and a description.

The same graph always gives the same bytes: statements are sorted before they are written, and so are
prefixes, which the serializer gives in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from paperkg.export.quads import order, quads
from paperkg.export.void import describe
from paperkg.graph import KnowledgeGraph
from paperkg.namespaces import BASE, prefixes

__all__ = ["quads", "write_jsonld", "write_nquads", "write_trig", "write_turtle", "write_void"]

#: Characters that turn the direction of text, show nothing, or end a line to some tools only.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def write_turtle(graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
    """Write the union of all graphs: each statement once, grouped by subject."""
    triples = {quad.triple for quad in quads(graph, base=base)}
    stream.write(pretty(sorted(triples, key=order), RdfFormat.TURTLE, base=base))


def write_trig(graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
    """Write all named graphs, each grouped by subject."""
    stream.write(pretty(quads(graph, base=base), RdfFormat.TRIG, base=base))


def write_nquads(graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
    """Write one quad a line, sorted by the bytes of the lines: two builds compare with ``diff``."""
    lines = serialize(quads(graph, base=base), format=RdfFormat.N_QUADS)
    assert lines is not None
    stream.writelines(line + b"\n" for line in sorted(escape(lines).split(b"\n")) if line)


def write_jsonld(graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
    """Write all named graphs as expanded JSON-LD, which needs no context from anywhere."""
    data = serialize(quads(graph, base=base), format=RdfFormat.JSON_LD)
    assert data is not None
    # A line a node, so that diffs and editors can cope. Quotes inside strings are escaped: this is structure.
    stream.write(escape(data.replace(b'},{"@id":', b'},\n{"@id":')) + b"\n")


def write_void(graph: KnowledgeGraph, stream: BinaryIO, *, base: str = BASE) -> None:
    """Write what the files hold, in the terms of VoID and DCAT."""
    stream.write(pretty(sorted(describe(graph, base=base), key=order), RdfFormat.TURTLE, base=base))


def pretty(statements: Iterable[Triple] | Iterable[Quad], format: RdfFormat, *, base: str = BASE) -> bytes:
    """Serialize sorted statements with prefixes, an empty line after each subject."""
    data = serialize(statements, format=format, prefixes=prefixes(base))
    assert data is not None
    lines = escape(data).split(b"\n")
    # Literals hold no line ends, so a line that begins with "@prefix" or ends with " ." is what it seems.
    head = sorted(line for line in lines if line.startswith(b"@prefix "))
    body = b"\n".join(line for line in lines if not line.startswith(b"@prefix "))
    return b"\n".join(head) + b"\n\n" + body.replace(b" .\n", b" .\n\n").rstrip(b"\n") + b"\n"


def escape(data: bytes) -> bytes:
    """Write characters that nobody sees as escapes; they stand in literals only, where all know ``\\u``.

    >>> escape("\u202eabc".encode())
    b'\\\\u202Eabc'
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04X}", data.decode()).encode()
