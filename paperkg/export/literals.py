"""Texts, numbers and dates as RDF literals, in the one spelling that every store keeps.

Stores hold numbers by value: ``3.50`` comes back as ``3.5``. What is written here is already in that
form, so that a dump of the store equals the files.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from paperkg.namespaces import ONTOLOGY, VOCABULARIES
from paperkg.resources import ontology_dir

_XSD = VOCABULARIES["xsd"]
_DECIMAL = NamedNode(_XSD + "decimal")
_INTEGER = NamedNode(_XSD + "integer")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"([+\-\u2212]?)(\d{1,3}(?:,\d{3})+|\d{1,15}|(?=\.))(\.\d{1,12})?\s?(\w*)", re.ASCII)
_SCALES = {"": 0, "k": 3, "K": 3, "thousand": 3, "M": 6, "million": 6, "B": 9, "billion": 9, "trillion": 12}


def text(value: str, *, language: str | None = None) -> Literal:
    """Make a literal of any text; half a surrogate pair, which no file can hold, becomes U+FFFD."""
    # One character for one, so that offsets stay.
    return Literal(_SURROGATE.sub("\ufffd", value), language=language)


def integer(value: int) -> Literal:
    """Make an ``xsd:integer``: stores keep no narrower type."""
    return Literal(str(value), datatype=_INTEGER)


def boolean(value: bool) -> Literal:
    """Make an ``xsd:boolean``."""
    return Literal(value)


def decimal(value: str) -> Literal:
    """Make an ``xsd:decimal`` of a text that ``number`` gave."""
    return Literal(value, datatype=_DECIMAL)


def number(written: str) -> str | None:
    """Read a number as it stands in a text; None where it is no plain one.

    >>> [number(n) for n in ("13.80", "1,024", "\u22122.5", "2.3M", "160k", "6.6 billion", "1.2e5", "1,2")]
    ['13.8', '1024', '-2.5', '2300000', '160000', '6600000000', None, None]
    """
    found = _NUMBER.fullmatch(written.strip())
    if not found or found[4] not in _SCALES or not (found[2] or found[3]):
        return None
    exact = Decimal(f"{found[2].replace(',', '') or '0'}{found[3] or ''}").scaleb(_SCALES[found[4]])
    plain = f"{exact:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    plain = plain.lstrip("0") if not plain.startswith("0.") else plain
    negative = found[1] not in ("", "+") and plain
    return f"-{plain}" if negative else plain or "0"


def probability(value: float) -> Literal:
    """Make a decimal from 0 to 1 with four digits, whatever a record holds.

    >>> [probability(p).value for p in (0.98, 1.0, 7.0, float("nan"))]
    ['0.98', '1', '1', '0']
    """
    inside = min(max(value, 0.0), 1.0) if value == value else 0.0
    return decimal(f"{inside:.4f}".rstrip("0").rstrip("."))


def moment(written: str) -> Literal:
    """Make a year, month or day of what an input gives as its date, or a plain text of anything else.

    >>> [moment(d).datatype.value.rpartition("#")[2] for d in ("2024", "2024-06", "2024-06-31", "2024-06-30")]
    ['gYear', 'gYearMonth', 'string', 'date']
    """
    if re.fullmatch(r"(?!0000)\d{4}", written, re.ASCII):
        return Literal(written, datatype=NamedNode(_XSD + "gYear"))
    if re.fullmatch(r"(?!0000)\d{4}-(0[1-9]|1[0-2])", written, re.ASCII):
        return Literal(written, datatype=NamedNode(_XSD + "gYearMonth"))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
        try:
            return Literal(date.fromisoformat(written).isoformat(), datatype=NamedNode(_XSD + "date"))
        except ValueError:
            pass
    return text(written)


@lru_cache(maxsize=1)
def units() -> dict[str, NamedNode]:
    """Give the QUDT unit of each spelling that the ontology knows."""
    written_as = NamedNode(ONTOLOGY + "writtenAs")
    found = {}
    for quad in parse(path=ontology_dir() / "paperkg.ttl", format=RdfFormat.TURTLE):
        if quad.predicate == written_as:
            assert isinstance(quad.object, Literal)
            assert isinstance(quad.subject, NamedNode)
            found[quad.object.value] = quad.subject
    return found
