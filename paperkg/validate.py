"""Check a build: its RDF against the shapes, its files against each other and against the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from paperkg.errors import GraphError, PaperkgError
from paperkg.graph import MANIFEST_FILE
from paperkg.model import Progress, say_nothing
from paperkg.namespaces import BASE, VOCABULARIES, prefixes, shorten
from paperkg.resources import ontology_dir

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

#: RDF files of a build that hold all named graphs; the first is what the others are compared with.
DATASETS: dict[str, RdfFormat] = {
    "graph.nq": RdfFormat.N_QUADS,
    "graph.trig": RdfFormat.TRIG,
    "graph.jsonld": RdfFormat.JSON_LD,
}
UNION = "graph.ttl"
STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something that is not as it should be: where, along which property, and what.

    ``value`` is for people, ``term`` is what it was; ``constraint`` is the IRI of the sort of rule it breaks.
    """

    focus: str
    path: str = ""
    message: str
    value: str = ""
    term: NamedNode | Literal | None = field(default=None, compare=False)
    constraint: str = field(default="", compare=False)

    def __str__(self) -> str:
        where = f"{self.focus} {self.path}".rstrip()
        return f"{where}: {self.message}" + (f" (found {self.value})" if self.value else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found; nothing if all is well."""

    problems: tuple[Problem, ...] = ()

    @property
    def conforms(self) -> bool:
        """Say whether nothing was found."""
        return not self.problems

    def __add__(self, other: Report) -> Report:
        return Report(problems=tuple(sorted({*self.problems, *other.problems})))

    def __str__(self) -> str:
        if self.conforms:
            return "conforms"
        return "\n".join([f"{len(self.problems)} problems", *map(str, self.problems)])


def report_triples(report: Report, *, base: str = BASE) -> Iterator[Triple]:
    """Give a report in SHACL's own terms; what is wrong with a file has its name as the focus."""
    sh, kind = VOCABULARIES["sh"], NamedNode(VOCABULARIES["rdf"] + "type")
    names = prefixes(base)

    def node(text: str) -> NamedNode | Literal:
        prefix, _, local = text.partition(":")
        try:
            return NamedNode(text[1:-1] if text.startswith("<") else names[prefix] + local)
        except (KeyError, ValueError):  # the name of a file, or a value
            return Literal(text)

    root = BlankNode("report")
    yield Triple(root, kind, NamedNode(f"{sh}ValidationReport"))
    yield Triple(root, NamedNode(f"{sh}conforms"), Literal(report.conforms))
    for number, problem in enumerate(report.problems):
        result = BlankNode(f"result{number}")
        yield Triple(root, NamedNode(f"{sh}result"), result)
        yield Triple(result, kind, NamedNode(f"{sh}ValidationResult"))
        yield Triple(result, NamedNode(f"{sh}resultSeverity"), NamedNode(f"{sh}Violation"))
        yield Triple(result, NamedNode(f"{sh}focusNode"), node(problem.focus))
        yield Triple(result, NamedNode(f"{sh}resultMessage"), Literal(problem.message))
        if problem.path:
            yield Triple(result, NamedNode(f"{sh}resultPath"), node(problem.path))
        if problem.constraint:
            yield Triple(result, NamedNode(f"{sh}sourceConstraintComponent"), NamedNode(problem.constraint))
        if problem.term:
            yield Triple(result, NamedNode(f"{sh}value"), problem.term)


def validate_build(folder: Path, *, progress: Progress = say_nothing) -> Report:
    """Check everything about a build: files, counts, shapes."""
    report = check_build(folder, progress=progress)
    if (folder / UNION).is_file():
        base = json.loads((folder / MANIFEST_FILE).read_text("utf-8")).get("base", BASE)
        try:
            report += validate(folder / UNION, base=base, progress=progress)
        except GraphError:
            # It cannot be parsed, which the report says already.
            assert not report.conforms
    return report


def validate(source: Path | Store, *, base: str = BASE, progress: Progress = say_nothing) -> Report:
    """Check an RDF file or a store against the shapes.

    The ontology goes in beside the data: without it, a validator knows no sub-classes and lets bad data pass.
    Raises ``GraphError`` where a file cannot be read.
    """
    import pyshacl
    import rdflib
    from rdflib.namespace import RDF, SH

    shapes = _to_rdflib(_parse(ontology_dir() / "shapes.ttl"))
    each = sorted(one for one in shapes.subjects(RDF.type, SH.NodeShape) if isinstance(one, rdflib.URIRef))
    progress("shapes", 0, len(each))
    ontology = _to_rdflib(_parse(ontology_dir() / "paperkg.ttl"))
    data = _to_rdflib(source if isinstance(source, Store) else _parse(source))
    names = prefixes(base)
    problems: set[Problem] = set()
    for number, shape in enumerate(each, start=1):  # takes as long as all at once, and can be followed
        conforms, results, text = pyshacl.validate(
            data,
            shacl_graph=shapes,
            ont_graph=ontology,
            use_shapes=[shape],
            # The data graph was made here, for this: no need to copy it.
            inplace=True,
        )
        progress("shapes", number, len(each))
        if conforms:
            continue
        if not isinstance(results, rdflib.Graph):
            raise GraphError(f"the shapes could not be applied: {' '.join(str(text).split())}")
        problems |= _problems(results, names)
    return Report(problems=tuple(sorted(problems)))


def _problems(results: rdflib.Graph, names: dict[str, str]) -> set[Problem]:
    from rdflib.namespace import RDF, SH

    return {
        Problem(
            focus=_show(results.value(result, SH.focusNode), names),
            path=_show(results.value(result, SH.resultPath), names),
            message=str(min(results.objects(result, SH.resultMessage), key=str, default="breaks a shape")),
            value=_show(results.value(result, SH.value), names),
            term=_term(results.value(result, SH.value)),
            constraint=str(results.value(result, SH.sourceConstraintComponent) or ""),
        )
        for result in results.subjects(RDF.type, SH.ValidationResult)
        # Details of a result are results, too; only those of the report itself count.
        if (None, SH.result, result) in results
    }


def check_build(folder: Path, *, progress: Progress = say_nothing) -> Report:
    """Check that files are what the manifest says, and that all RDF files and the store hold the same.

    Raises ``GraphError`` where there is no build.
    """
    return Report(problems=tuple(sorted([*_check_files(folder), *_check_rdf(folder, progress)])))


def _check_files(folder: Path) -> Iterator[Problem]:
    path = folder / MANIFEST_FILE
    try:
        files = json.loads(path.read_text("utf-8"))["files"]
        expected = {str(name): str(digest) for name, digest in files.items()}
    except FileNotFoundError:
        raise GraphError(f"no build in {folder}: make one with `paperkg build INPUT -o {folder}`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GraphError(f"{path} is damaged: {error}") from error
    for name, digest in sorted(expected.items()):
        # A manifest names files beside it; anything else is not ours to read.
        if Path(name).name != name or not (folder / name).is_file():
            yield Problem(focus=name, message="the manifest names it, but it is not there")
            continue
        with (folder / name).open("rb") as stream:
            actual = hashlib.file_digest(stream, "sha256").hexdigest()
        if actual != digest:
            yield Problem(focus=name, message="its bytes are not those that the manifest records")


def _check_rdf(folder: Path, progress: Progress) -> Iterator[Problem]:
    found: dict[str, set[int]] = {}
    files = [*DATASETS, STORE, UNION]
    for number, name in enumerate(files[:-1]):
        progress("files", number, len(files))
        try:
            if (folder / name).exists():
                found[name] = {hash(str(quad)) for quad in _read(folder / name)}
            elif name == STORE:  # no file, and so not in the manifest
                yield Problem(focus=name, message="every build has one, but it is not there")
        except PaperkgError as error:
            yield Problem(focus=name, message=str(error))
    if not found:
        return
    first, *others = found
    for name in others:
        yield from _differences(name, found[name], first, found[first])
    progress("files", len(files) - 1, len(files))
    try:
        if (folder / UNION).exists():
            union = {hash(str(quad.triple)) for quad in _read(folder / first)}
            turtle = {hash(str(quad.triple)) for quad in _read(folder / UNION)}
            yield from _differences(UNION, turtle, first, union)
    except PaperkgError as error:
        yield Problem(focus=UNION, message=str(error))
    progress("files", len(files), len(files))


def _differences(name: str, one: set[int], reference: str, other: set[int]) -> Iterator[Problem]:
    if lacks := len(other - one):
        yield Problem(focus=name, message=f"lacks {lacks} statements that {reference} has")
    if more := len(one - other):
        yield Problem(focus=name, message=f"has {more} statements that {reference} lacks")


def _read(path: Path) -> Iterable[Quad]:
    if path.is_dir():
        from paperkg.store import open_store

        return open_store(path)
    return _parse(path)


def _parse(path: Path) -> Iterator[Quad]:
    """Read an RDF file, whose ending tells the format."""
    format = RdfFormat.from_extension(path.suffix.removeprefix("."))
    if format is None:
        raise GraphError(f"{path}: no RDF file by its ending; it must be one of .ttl .trig .nq .nt .jsonld")
    try:
        yield from parse(path=path, format=format)
    except FileNotFoundError:
        raise GraphError(f"{path}: no such file") from None
    except (SyntaxError, OSError, ValueError) as error:
        raise GraphError(f"{path}: {error}") from error


def _to_rdflib(quads: Iterable[Quad]) -> rdflib.Graph:
    """Make an rdflib graph, several times as fast as its own parser, of the union of all graphs."""
    import rdflib

    text = NamedNode(VOCABULARIES["xsd"] + "string")

    @lru_cache(maxsize=100_000)
    def convert(term: NamedNode | BlankNode | Literal) -> Node:
        if isinstance(term, NamedNode):
            return rdflib.URIRef(term.value)
        if isinstance(term, BlankNode):
            return rdflib.BNode(term.value)
        # To rdflib a plain literal and one that says xsd:string are two.
        kind = None if term.language or term.datatype == text else rdflib.URIRef(term.datatype.value)
        return rdflib.Literal(term.value, lang=term.language, datatype=kind, normalize=False)

    graph = rdflib.Graph()
    for quad in quads:
        subject, value = quad.subject, quad.object
        assert isinstance(subject, (NamedNode, BlankNode))
        assert isinstance(value, (NamedNode, BlankNode, Literal))
        graph.add((convert(subject), convert(quad.predicate), convert(value)))
    return graph


def _term(node: Node | None) -> NamedNode | Literal | None:
    """Turn a node of rdflib back into a term; blank nodes of the data mean nothing outside of it."""
    import rdflib

    if isinstance(node, rdflib.Literal):
        if node.language:
            return Literal(str(node), language=node.language)
        return Literal(str(node), datatype=NamedNode(str(node.datatype)) if node.datatype else None)
    return NamedNode(str(node)) if isinstance(node, rdflib.URIRef) else None


def _show(node: Node | None, names: dict[str, str]) -> str:
    """Write a node of a report for people; blank nodes are paths, which the message explains."""
    import rdflib

    from paperkg.results import visible

    if isinstance(node, rdflib.URIRef):
        return visible(shorten(str(node), names))
    if isinstance(node, rdflib.Literal):
        return visible(repr(str(node)[:100]))
    return ""
