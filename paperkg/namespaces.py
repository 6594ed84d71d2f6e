"""IRIs and prefixes: how ids become names that are valid anywhere on the web. Pure functions.

Terms (``pkg:``) and metrics have one place for all builds; instances lie under a base that a build
may choose. Ids come from papers, and papers are hostile: whatever an id holds, its IRI is valid, and
two ids never share one.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from paperkg.errors import ExportError
from paperkg.names import digest

#: Where instances lie unless a build says otherwise.
BASE = "https://w3id.org/paperkg/"

#: Classes and properties; the same in every build.
ONTOLOGY = "https://w3id.org/paperkg/ontology#"

#: The thirteen metrics; a part of the ontology, and so the same in every build.
METRIC = "https://w3id.org/paperkg/metric/"

#: Local names of the two graphs that belong to no paper.
VOCABULARY_GRAPH = "graph/vocabulary"
RUN_GRAPH = "graph/run"

#: Prefixes of vocabularies; none of these namespaces begins with another one.
VOCABULARIES: dict[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "metric": METRIC,
    "mls": "http://www.w3.org/ns/mls#",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "pkg": ONTOLOGY,
    "prov": "http://www.w3.org/ns/prov#",
    "qudt": "http://qudt.org/schema/qudt/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "unit": "http://qudt.org/vocab/unit/",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Folders below the base; each is a prefix, too.
FOLDERS: tuple[str, ...] = (
    "claim",
    "dataset",
    "graph",
    "hardware",
    "mention",
    "model",
    "paper",
    "run",
    "scheme",
    "system",
    "technique",
)

_LOCAL = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?\Z", re.ASCII)


def prefixes(base: str = BASE) -> dict[str, str]:
    """Give every prefix that we use, sorted; queries need not declare them."""
    return dict(sorted({**VOCABULARIES, **{name: f"{base}{name}/" for name in FOLDERS}}.items()))


def check_base(base: str) -> str:
    """Give a base IRI back, or raise ``ExportError`` where no instance could lie under it."""
    from pyoxigraph import NamedNode

    try:
        NamedNode(f"{base}paper/1#a")
    except ValueError as error:
        raise ExportError(f"base IRI {base!r} is not valid: {error}") from error
    if not base.endswith("/"):
        raise ExportError(f"base IRI {base!r} must end with /")
    return base


def encode(text: str) -> str:
    """Percent-encode an id so that it is one segment of a path.

    >>> encode("2309.06180"), encode("cs/0112017"), encode("a b<\\">"), encode("..")
    ('2309.06180', 'cs%2F0112017', 'a%20b%3C%22%3E', '%2E%2E')
    """
    if not text.strip("."):
        # A segment of nothing but dots means another folder to whatever resolves it.
        return text.replace(".", "%2E")
    return quote(text, safe="", errors="surrogatepass")


def paper_local(paper: str) -> str:
    """Give the local name of a paper."""
    return f"paper/{encode(paper)}"


def graph_local(paper: str) -> str:
    """Give the local name of the graph that holds the statements of a paper.

    >>> graph_local("2309.06180"), graph_local("run")
    ('graph/2309.06180', 'graph/%72un')
    """
    local = f"graph/{encode(paper)}"
    if local in (VOCABULARY_GRAPH, RUN_GRAPH):
        # A paper may be called so, too; nothing else that we write encodes a letter.
        return f"graph/%{ord(paper[0]):02X}{paper[1:]}"
    return local


def concept_local(concept: str) -> str:
    """Give the local name of a concept or claim, whose id already begins with its folder."""
    folder, _, rest = concept.partition("/")
    return f"{folder}/{encode(rest)}"


def mention_local(paper: str, start: int, end: int, *, about: str = "") -> str:
    """Give the local name of a mention: made from content, so that it survives renames and merges.

    ``about`` tells what stands in one place apart: "" for a name, else the claim or relation.
    """
    return f"mention/{digest(repr((paper, start, end, about)), 16)}"


def shorten(iri: str, names: dict[str, str]) -> str:
    """Write an IRI as a prefixed name where that needs no escaping, else between angle brackets.

    >>> shorten("https://w3id.org/paperkg/hardware/nvidia-a100", prefixes())
    'hardware:nvidia-a100'
    """
    for prefix, namespace in names.items():
        if iri.startswith(namespace) and _LOCAL.match(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"
