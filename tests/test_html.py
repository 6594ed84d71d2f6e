"""The page as a file: one piece, asks for nothing, and no text can break out of its place."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from paperkg.export.html import make_page, to_script_json, write_html
from paperkg.export.overview import choose, first_detail, offset_counter
from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept, Entity, Extraction, Paper
from tests.graphs import HOSTILE, HOSTILE_IDS, small_graph


class Pieces(HTMLParser):
    """The elements of a page, with attributes and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.texts.append((tag, ""))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in ("script", "style") and self.cdata_elem:
            tag, text = self.texts[-1]
            self.texts[-1] = tag, text + data


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def crowd(papers: int, entities: int) -> KnowledgeGraph:
    """Make a graph in which paper i speaks of every entity whose number divides i + 1."""
    concepts = [Concept(id=f"technique/t{i}", type="Technique", name=f"t{i}") for i in range(1, entities + 1)]
    extractions = [
        Extraction(
            paper=Paper(id=f"p{i}", title=f"paper {i}", abstract=""),
            entities=tuple(
                Entity(name=f"t{n}", type="Technique", id=f"technique/t{n}")
                for n in range(1, entities + 1)
                if not (i + 1) % n
            ),
        )
        for i in range(papers)
    ]
    return KnowledgeGraph(extractions, concepts)


def test_the_page_names_nothing_that_it_would_have_to_fetch():
    pieces = Pieces(make_page(small_graph(paper_ids=HOSTILE_IDS)))
    places = [attributes.get(key) for _, attributes in pieces.elements for key in ("src", "href", "action")]
    assert {place for place in places if place} == {"data:,"}
    style = next(text for tag, text in pieces.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_what_stands_in_the_page_and_nothing_else():
    pieces = Pieces(make_page(small_graph()))
    (policy,) = (a["content"] for tag, a in pieces.elements if tag == "meta" and a.get("http-equiv"))
    assert policy
    rules = {name: set(values) for name, *values in (rule.split() for rule in policy.split(";"))}
    scripts = [text for tag, text in pieces.texts if tag == "script"]

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    # The first script is the data, which no browser runs.
    assert rules["script-src"] == {digest(text) for text in scripts[1:]}
    assert rules["style-src"] == {digest(text) for tag, text in pieces.texts if tag == "style"}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == {"'none'"}
    assert "connect-src" not in rules


def test_no_text_of_a_paper_leaves_its_script():
    page = make_page(small_graph(paper_ids=HOSTILE_IDS))
    assert sum(tag == "script" for tag, _ in Pieces(page).elements) == 3
    assert data_of(page)["papers"][0]["id"] in HOSTILE_IDS
    assert HOSTILE in [node["label"] for node in data_of(page)["network"]["nodes"]]


@pytest.mark.parametrize(
    "text", ["</script>", "<!--", "&lt;", "\u2028\u2029", "\ud83d", "\x00", "{{vis}}", "\\"]
)
def test_json_for_scripts_says_the_same_and_has_no_markup(text: str):
    written = to_script_json({"text": text})
    assert json.loads(written) == {"text": text}
    assert not re.search("[<>&\u2028\u2029]", written)
    assert written.isascii()


def test_the_code_never_takes_text_for_markup():
    page = make_page(small_graph())
    ours = Pieces(page).texts[-1][1]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", ours)


def test_it_says_how_it_was_made():
    about = " ".join(data_of(make_page(small_graph()))["about"])
    assert "paperkg 0.0.0" in about
    assert "4 papers" in about
    assert small_graph().run.id in about


def test_every_paper_and_every_entity_that_one_speaks_of_has_a_node_with_a_place():
    graph = small_graph()
    data = data_of(make_page(graph))
    entities = [c.id for c in graph.mentioned()]
    assert [row["id"] for row in data["entities"]] == entities
    assert [row["id"] for row in data["papers"]] == list(graph.papers)
    assert len(data["network"]["nodes"]) == len(entities) + len(graph.papers)
    assert all({"x", "y", "group"} <= node.keys() for node in data["network"]["nodes"])
    assert data["network"]["options"]["physics"] == {"enabled": False}


def test_mentions_and_sentences_stand_where_the_offsets_say():
    graph = small_graph(paper_ids=())
    data = data_of(make_page(graph))
    names = [node["label"] for node in data["network"]["nodes"]]
    for row, paper in zip(data["papers"], graph.papers.values(), strict=True):
        found = [(paper.text[start:end], names[node]) for start, end, node in row["mentions"]]
        assert ("FastServe", "FastServe") in found
    (sentence,) = (e[2:] for e in data["papers"][0]["entities"] if names[e[0]] == "NVIDIA A100")
    text = graph.papers["2401.00001"].text
    assert text[slice(*sentence)].startswith("On A100 GPUs it is up to 2.5x faster")


def test_offsets_count_as_a_browser_does():
    text = "\U0001f600 a \U0001f601 b"
    units = offset_counter(text)
    whole = text.encode("utf-16-le")
    for start in range(len(text)):
        assert whole[2 * units(start) :].decode("utf-16-le") == text[start:]


def test_a_large_graph_is_cut_to_what_is_most_connected():
    overview = choose(crowd(200, 100), most=120)
    assert len(overview.concepts) + len(overview.extractions) <= 120
    assert {"technique/t1", "technique/t2", "technique/t3"} <= {c.id for c in overview.concepts}
    assert "p179" in {x.paper.id for x in overview.extractions}, "180 has the most divisors"
    entities, papers = overview.left_out
    assert (entities, papers) == (100 - len(overview.concepts), 200 - len(overview.extractions))


def test_a_small_graph_is_shown_whole():
    overview = choose(crowd(20, 10))
    assert overview.left_out == (0, 0)
    assert first_detail(overview) == 2, "t10 is in two papers"
    assert first_detail(choose(crowd(200, 100)), most=40) == 5, "40 of the numbers occur five times"


def test_a_paper_with_most_of_422_papers_stays_under_four_megabytes():
    text = "We present a system that is faster than the others on many GPUs. " * 23
    entities = tuple(Entity(name=f"t{i}", type="Technique", id=f"technique/t{i}") for i in range(5))
    papers = [
        Extraction(paper=Paper(id=f"p{i}", title=f"Paper {i}", abstract=text), entities=entities)
        for i in range(422)
    ]
    concepts = [Concept(id=e.id, type="Technique", name=e.name) for e in entities]
    assert len(make_page(KnowledgeGraph(papers, concepts))) < 4_000_000


def test_the_same_graph_gives_the_same_bytes_whatever_the_hash_seed_is():
    script = (
        "import hashlib; from paperkg.export.html import make_page; from tests.graphs import small_graph;"
        "print(hashlib.sha1(make_page(small_graph()).encode()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "4242")
    }
    stream = io.BytesIO()
    write_html(small_graph(), stream)
    assert outputs == {hashlib.sha1(stream.getvalue()).hexdigest()}
