"""Pictures: each kind is drawn, repeats byte for byte, and shows names as text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from paperkg.build import write_build
from paperkg.cli import main
from paperkg.cli.making import plot as command
from paperkg.errors import GraphError
from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept, Entity, Extraction, Listing, Paper
from paperkg.plot import PLOTS, plot
from tests.graphs import small_graph

SVG = "{http://www.w3.org/2000/svg}"


def texts(picture: bytes) -> list[str]:
    """Give the texts of an SVG, which must be well-formed XML for that."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("drawn")
    write_build(small_graph(paper_ids=()), path)
    return path


def test_the_command_offers_what_can_be_drawn():
    (kind,) = (one for one in command.params if one.name == "kind")
    assert list(kind.type.choices) == list(PLOTS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", PLOTS)
def test_each_picture_is_drawn_and_repeats(folder: Path, kind: str):
    """Also under another hash seed, in another process."""
    file = folder / f"{kind}.svg"
    arguments = ["plot", kind, "-g", str(folder), "-o", str(file)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    first = file.read_bytes()
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4242",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    subprocess.run([sys.executable, "-m", "paperkg", *arguments], env=environment, check=True)
    assert file.read_bytes() == first
    assert b"<dc:date>" not in first
    assert texts(first)


def test_bars_have_names_and_numbers(folder: Path):
    shown = texts(plot(KnowledgeGraph.load(folder), "hardware"))
    assert {"GPU", "NVIDIA A100", "NVIDIA A100 80GB", "Hardware by number of papers"} <= set(shown)


@pytest.mark.parametrize(
    ("papers", "dates"),
    [
        ([Paper(id="2311.00001", title="a", abstract="")], ["2023-11"]),
        (
            [Paper(id=key, title="a", abstract="") for key in ("2311.00001", "2401.00002")],
            ["2023-11", "2023-12", "2024-01"],
        ),
        ([Paper(id="p", title="a", abstract="", issued="2020-05-06")], ["2020-05"]),
        (
            [Paper(id="p", title="a", abstract="", listings=(Listing(file="f", date="Jun 3", position=1),))],
            ["Jun 3"],
        ),
    ],
    ids=["id", "gap", "issued", "listing"],
)
def test_dates_come_from_ids_or_dates_or_listings(papers: list[Paper], dates: list[str]):
    graph = KnowledgeGraph([Extraction(paper=paper) for paper in papers], [])
    shown = texts(plot(graph, "timeline"))
    assert [text for text in shown if text in dates] == dates


def test_a_wrong_date_makes_no_picture_of_two_thousand_years():
    papers = [Paper(id=date, title="a", abstract="", issued=date) for date in ("0001-01", "2024-01")]
    graph = KnowledgeGraph([Extraction(paper=paper) for paper in papers], [])
    assert "0001-01" not in texts(plot(graph, "timeline"))


def test_hostile_names_stay_one_harmless_line():
    """Dollars are no formula, markup is escaped, and what turns text round is written out."""
    shown = texts(plot(small_graph(), "types")) + texts(plot(small_graph(), "comparisons"))
    assert "BaseServe" in shown
    assert not any("\u202e" in text or "\x01" in text for text in shown)


def test_a_png_is_one_and_an_unknown_ending_is_refused(folder: Path):
    file = folder / "types.png"
    assert CliRunner().invoke(main, ["plot", "types", "-g", str(folder), "-o", str(file)]).exit_code == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    refused = CliRunner().invoke(main, ["plot", "types", "-g", str(folder), "-o", "types.gif"])
    assert refused.exit_code == 2
    assert "end it in .svg or .png" in refused.output


@pytest.mark.parametrize("kind", [kind for kind in PLOTS if kind != "types"])
def test_a_graph_without_anything_to_draw_says_so(kind: str):
    with pytest.raises(GraphError, match="build"):
        plot(KnowledgeGraph([], []), kind)


def test_without_matplotlib_the_way_to_get_it_is_said(folder: Path, tmp_path: Path):
    # A real interpreter that cannot find it: the finder that would is told that there is none.
    script = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from paperkg.cli import main; main(['plot', 'types', '-g', sys.argv[1]])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert 'pip install "paperkg[plot]"' in ended.stderr
    assert "Traceback" not in ended.stderr


def test_comparisons_are_those_of_the_first_new_thing_with_rivals_that_are_no_data():
    roles = [
        ("NewBench", "Dataset", "introduced"),
        ("NewServe", "System", "introduced"),
        ("NewCache", "Technique", "introduced"),
        ("OldServe", "System", "compared"),
        ("OldBench", "Dataset", "compared"),
        ("OldModel", "Model", "used"),
    ]
    entities = [Entity(name=n, type=t, role=r, id=f"{t.lower()}/{n.lower()}") for n, t, r in roles]
    concepts = [Concept(id=e.id, type=e.type, name=e.name) for e in entities]
    paper = Paper(id="p", title="a", abstract="")
    graph = KnowledgeGraph([Extraction(paper=paper, entities=tuple(entities))], concepts)
    shown = set(texts(plot(graph, "comparisons")))
    assert {e.name for e in entities} & shown == {"NewServe", "OldServe"}
