"""Style sheets and scripts of the pages, and the files of the build to take home."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import FileResponse
from pyoxigraph import RdfFormat, parse, serialize

from paperkg.export.html import vis_network
from paperkg.export.layout import COLOURS
from paperkg.resources import ontology_dir
from paperkg.serve.rendering import WITHOUT_PAGE, wanted_kind

router = APIRouter(include_in_schema=False)

#: Files of a build that anybody may have, with their media types.
DOWNLOADS: dict[str, str] = {
    "graph.ttl": "text/turtle",
    "graph.trig": "application/trig",
    "graph.nq": "application/n-quads",
    "graph.jsonld": "application/ld+json",
    "void.ttl": "text/turtle",
    "graph.graphml": "application/xml",
    "extractions.jsonl": "application/x-ndjson",
    "entities.jsonl": "application/x-ndjson",
    "merges.tsv": "text/tab-separated-values",
}

_KINDS = {".css": "text/css", ".js": "text/javascript"}

#: Files of ours and who makes or holds them.
_OWN = ("explorer.css", "explorer.js", "neighbourhood.js", "query.js")

#: Results are no kind of node, but marked like one.
_RESULT = ("#6f7986", "#a3adb8")


@router.get("/static/{name}")
def asset(name: str) -> Response:
    """Give a style sheet or a script."""
    if name not in (*_OWN, "theme.css", "colours.css", "vis-network.js"):
        raise HTTPException(404, "there is no such file")
    kind = _KINDS[name[name.rindex(".") :]]
    return Response(_body(name), media_type=kind, headers={"Cache-Control": "max-age=3600"})


@lru_cache
def _body(name: str) -> str:
    if name == "vis-network.js":
        return vis_network()
    if name == "colours.css":
        return colours()
    if name == "theme.css":
        return (files("paperkg.export") / "templates" / name).read_text("utf-8")
    return (files("paperkg.serve") / "static" / name).read_text("utf-8")


def colours() -> str:
    """Give the rules that colour each type, the same as in the page of the whole graph."""
    every = {**COLOURS, "Claim": _RESULT}
    light = "".join(f".t-{kind} {{ --of: {day}; }}\n" for kind, (day, _) in every.items())
    dark = "".join(f".t-{kind} {{ --of: {night}; }}\n" for kind, (_, night) in every.items())
    return f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"


@router.get("/ontology")
def ontology(request: Request) -> Response:
    """Give classes, properties, metrics and units, which are the same in every build."""
    wanted = wanted_kind(request)
    kind = WITHOUT_PAGE.get(wanted, wanted)
    return Response(_ontology(kind), media_type=kind, headers={"Vary": "Accept"})


@lru_cache
def _ontology(kind: str) -> bytes:
    path = ontology_dir() / "paperkg.ttl"
    if kind == "text/turtle":
        return path.read_bytes()
    written = serialize((quad.triple for quad in parse(path=path)), format=RdfFormat.from_media_type(kind))
    assert written is not None
    return written


@router.get("/void")
@router.get("/{name}.{ending}")
def download(request: Request, name: str = "void", ending: str = "ttl") -> Response:
    """Give a file of the build."""
    kind = DOWNLOADS.get(f"{name}.{ending}")
    path = request.app.state.source.folder / f"{name}.{ending}"
    if kind is None or not path.is_file():
        raise HTTPException(404, "there is no such file")
    return FileResponse(path, media_type=kind, filename=path.name)
