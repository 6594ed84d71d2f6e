"""A process that answers queries, one after the other: ``python -m paperkg.serve.worker``.

Nothing can stop a query in pyoxigraph but the end of its process, so queries run in processes that may be
ended. A worker reads a line of JSON for each question from standard input (the first one holds its
``Settings``), and writes a line of JSON and the body of the answer to standard output, once it has said
``ready``.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse_query_results,
    serialize,
)

from paperkg.errors import PaperkgError
from paperkg.namespaces import prefixes
from paperkg.results import NOT_XML
from paperkg.store import Results, open_store, query

#: Media types of tables and truth values, and of graphs; the first of each is what we would rather give.
TABLES: dict[str, QueryResultsFormat] = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
    "application/json": QueryResultsFormat.JSON,
    "application/xml": QueryResultsFormat.XML,
}
GRAPHS: dict[str, RdfFormat] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/json": RdfFormat.JSON_LD,
    "application/xml": RdfFormat.RDF_XML,
}

#: What the last part of a predicate must look like to be an element of XML.
_NAME = re.compile(r"[^\W\d][\w.-]*\Z")

_STRING = "http://www.w3.org/2001/XMLSchema#string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a worker reads, and how much an answer may take: seconds, rows, bytes of its own and of memory."""

    folder: str
    base: str
    seconds: float
    rows: int
    size: int
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A query, what it is asked of (no graphs: all of them), media types that are wanted, and not wanted."""

    sparql: str
    accept: Sequence[str]
    refused: Sequence[str] = ()
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as HTTP has it; ``rows`` says how many there are, ``cut`` that there are more."""

    status: int
    media_type: str
    body: bytes = field(repr=False)
    rows: int = 0
    cut: bool = False


def answer(store: Store, question: Question, settings: Settings) -> Answer:
    """Answer a question; what is wrong with it is said in the body."""
    try:
        graphs = [
            [NamedNode(iri) for iri in given] for given in (question.default_graphs, question.named_graphs)
        ]
    except ValueError as error:
        return refusal(400, f"a graph has no valid IRI: {error}")
    try:
        results = query(
            store,
            question.sparql,
            base=settings.base,
            strict=False,
            default_graphs=graphs[0],
            named_graphs=graphs[1],
        )
        every: Mapping[str, object] = GRAPHS if isinstance(results, QueryTriples) else TABLES
        offered = [kind for kind in every if kind not in question.refused]
        wanted = next((kind for a in question.accept if (kind := _match(a, offered))), "")
        if not wanted:
            return refusal(406, f"this answer can be had as: {', '.join(offered)}")
        return _write(results, wanted, settings)
    except PaperkgError as error:
        return refusal(400, str(error))
    except (ValueError, SyntaxError, OSError) as error:
        return refusal(406, f"the answer cannot be written like this: {error}")
    except RecursionError:
        return refusal(400, "the answer is nested too deeply")
    except MemoryError:
        return refusal(507, f"the query needs more than {settings.memory >> 20} MiB of memory")


def refusal(status: int, reason: str) -> Answer:
    """Say in a line why there is no answer."""
    return Answer(status=status, media_type="text/plain", body=f"{' '.join(reason.split())}\n".encode())


def _match(accepted: str, offered: Sequence[str]) -> str:
    """Give the first media type that a range ("text/*") holds."""
    if accepted == "*/*":
        return offered[0]
    if accepted.endswith("/*"):
        return next((kind for kind in offered if kind.startswith(accepted[:-1])), "")
    return accepted if accepted in offered else ""


def _write(results: Results, media_type: str, settings: Settings) -> Answer:
    rows, cut = 1, False
    if isinstance(results, QueryBoolean):
        body = results.serialize(format=TABLES[media_type])
    else:
        found: list[Any] = list(islice(results, settings.rows + 1))
        cut = len(found) > settings.rows
        del found[settings.rows :]
        rows = len(found)
        if isinstance(results, QueryTriples):
            body = _graph(found, media_type, settings)
        else:
            body = _table(results, found, media_type)
    assert body is not None
    if media_type.endswith("xml"):
        body = NOT_XML.sub("\ufffd", body.decode()).encode()
    if len(body) > settings.size:
        return refusal(413, f"the answer has more than {settings.size >> 20} MiB; ask for less of it")
    return Answer(status=200, media_type=media_type, body=body, rows=rows, cut=cut)


def _graph(found: Sequence[Triple], media_type: str, settings: Settings) -> bytes | None:
    if GRAPHS[media_type] == RdfFormat.RDF_XML:
        wrong = next((t.predicate for t in found if not _NAME.search(t.predicate.value)), None)
        if wrong:
            raise ValueError(f"XML has no name for {wrong}")
    return serialize(found, format=GRAPHS[media_type], prefixes=prefixes(settings.base))


def _table(results: QuerySolutions, found: Sequence[Any], media_type: str) -> bytes | None:
    """Write rows: the library writes whole results only, so those that may be cut go through JSON."""
    names = [variable.value for variable in results.variables]
    rows = [{n: _term(term) for n in names if (term := one[n]) is not None} for one in found]
    body = json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}, ensure_ascii=False).encode()
    if TABLES[media_type] == QueryResultsFormat.JSON:
        return body
    parsed = parse_query_results(body, format=QueryResultsFormat.JSON)
    return parsed.serialize(format=TABLES[media_type])


def _term(term: NamedNode | BlankNode | Literal | Triple) -> dict[str, Any]:
    """Write a term as SPARQL's JSON does."""
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _term(part) for name, part in parts.items()}}
    written = {"type": "literal", "value": term.value}
    if term.language:
        return written | {"xml:lang": term.language}
    return written if term.datatype.value == _STRING else written | {"datatype": term.datatype.value}


class _Source:
    """The store of a build, opened anew when a new build has taken its place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: tuple[int, int] | None = None
        self._store: Store | None = None

    def store(self) -> Store:
        state = (self._folder / "store").stat()
        now = (state.st_ino, state.st_ctime_ns)
        if self._store is None or now != self._seen:
            self._store = None  # before the next one takes its memory
            self._store, self._seen = open_store(self._folder / "store"), now
        return self._store


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """End this process if what is done takes longer, even if nobody is left who would."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(ceil(seconds) + 1)
    try:
        yield
    finally:
        signal.alarm(0)


def _reply(stream: BinaryIO, answer: Answer) -> None:
    head: Mapping[str, Any] = {k: v for k, v in asdict(answer).items() if k != "body"}
    stream.write(json.dumps({**head, "length": len(answer.body)}).encode() + b"\n")
    stream.write(answer.body)
    stream.flush()


def main() -> None:
    """Answer the questions of standard input until it ends."""
    # Whatever prints must not print into an answer.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    settings = Settings(**json.loads(sys.stdin.buffer.readline()))
    resource.setrlimit(resource.RLIMIT_AS, (settings.memory, settings.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = _Source(Path(settings.folder))
    source.store()
    output.write(b"ready\n")
    output.flush()
    for line in sys.stdin.buffer:
        try:
            with _at_most(settings.seconds):
                given = answer(source.store(), Question(**json.loads(line)), settings)
        except (PaperkgError, OSError) as error:
            sys.stderr.write(f"{error}\n")  # for the log; where the build lies is nobody's business
            given = refusal(503, "the store cannot be read now")
        _reply(output, given)


if __name__ == "__main__":
    main()
