"""Look into the text of a SPARQL query before it is run: what it may not do, and what it misspells."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import lru_cache

from paperkg.errors import QueryError
from paperkg.namespaces import ONTOLOGY
from paperkg.resources import ontology_dir

#: What stands in a query, the longest first. Words inside IRIs, strings, comments, variables and
#: prefixed names are no keywords; an escaped quote in a prefixed name opens no string.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*)
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<string>'''(?:(?:'|'')?[^'\\]|(?:'|'')?\\.)*'''|\"\"\"(?:(?:"|"")?[^"\\]|(?:"|"")?\\.)*\"\"\"
        |'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d](?:[\w.-]*[\w-])?)?:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*)
    | (?P<word>\w+)
    | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_UPDATES = frozenset(("ADD", "CLEAR", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOAD", "MOVE", "WITH"))
# In names the characters that the parser surely takes for a part of them, and so no dot: "a:.SERVICE".
_SERVICE = re.compile(r"([?$][a-z0-9_]+|:[a-z0-9_][a-z0-9_-]*)|(s)(ervice)", re.IGNORECASE | re.ASCII)


def tokens(sparql: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a query; ``lastgroup`` says of what kind each one is."""
    return _TOKEN.finditer(sparql)


def keywords(sparql: str) -> Iterator[tuple[str, int]]:
    """Yield the bare words of a query in upper case, with their offsets.

    >>> [word for word, _ in keywords("SELECT * { ?from a:union <b#c> } # SERVICE")]
    ['SELECT']
    """
    return ((found[0].upper(), found.start()) for found in tokens(sparql) if found.lastgroup == "word")


def check_read_only(sparql: str) -> None:
    """Raise ``QueryError`` for a query that writes, or that asks another server."""
    words = list(keywords(sparql))
    for word, offset in words:
        # The parser asks for no space between words: SERVICESILENT is two of them.
        if "SERVICE" in word:
            raise QueryError(f"{place(sparql, offset)}: SERVICE is refused: queries never use the network")
    verb = next((found for found in words if found[0] not in ("PREFIX", "BASE")), None)
    if verb and verb[0] in _UPDATES:
        raise QueryError(f"{place(sparql, verb[1])}: {verb[0]} is refused: a build is read-only")


def without_service(sparql: str) -> str:
    """Spell "service" with an escape, so that no reading of a query finds the keyword.

    Tokens alone prove nothing: after ``?a``, the parser takes ``<b#>`` for "less than b" and a comment,
    where we see an IRI, and whatever follows is read differently. In IRIs and texts the escape means
    the same as the letter; as a keyword it is a syntax error. Variables and prefixed names know no
    such escape, but nothing else can begin with their first character.

    >>> without_service("?service a:service <http://a/service> 'Service' SERVICE")
    "?service a:service <http://a/\\\\u0073ervice> '\\\\u0053ervice' \\\\u0053ERVICE"
    """
    return _SERVICE.sub(lambda found: found[0] if found[1] else f"\\u{ord(found[2]):04X}{found[3]}", sparql)


def has_dataset(sparql: str) -> bool:
    """Say whether a query names its own graphs with FROM."""
    return any(word == "FROM" for word, _ in keywords(sparql))


def unknown_terms(sparql: str) -> list[str]:
    """Say which ``pkg:`` terms of a query the ontology does not have, each with the nearest that it has.

    >>> unknown_terms("SELECT * { ?p pkg:introduce ?s }")
    ['line 1, column 15: there is no pkg:introduce; did you mean pkg:introduces?']
    """
    if any(f[0] == "pkg:" for f in tokens(sparql) if f.lastgroup == "name"):
        # The query declares the prefix itself: what it means by it is its own affair.
        return []
    found = []
    for token in tokens(sparql):
        name = token[0].removeprefix("pkg:").rstrip(".")
        if token.lastgroup == "name" and token[0].startswith("pkg:") and name not in terms():
            near = difflib.get_close_matches(name, sorted(terms()), n=1, cutoff=0.5)
            folded = [term for term in sorted(terms()) if term.casefold() == name.casefold()]
            hint = f"; did you mean pkg:{(folded or near)[0]}?" if folded or near else ""
            found.append(f"{place(sparql, token.start())}: there is no pkg:{name}{hint}")
    return found


@lru_cache(maxsize=1)
def terms() -> frozenset[str]:
    """Give the local names of all classes and properties of the ontology."""
    from pyoxigraph import NamedNode, RdfFormat, parse

    subjects = (q.subject for q in parse(path=ontology_dir() / "paperkg.ttl", format=RdfFormat.TURTLE))
    names = {s.value for s in subjects if isinstance(s, NamedNode)}
    return frozenset(name.removeprefix(ONTOLOGY) for name in names if name.startswith(ONTOLOGY))


def place(text: str, offset: int) -> str:
    """Say where an offset is, for people: lines and columns from 1."""
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"
