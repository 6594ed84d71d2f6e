"""The page of the seed papers in a browser with no network: every interaction, as a newcomer would try it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from paperkg.build import extract_all
from paperkg.export.html import make_page
from paperkg.export.layout import positions
from paperkg.graph import KnowledgeGraph
from paperkg.link import link
from paperkg.read import read_inputs
from tests.browser.conftest import Opened

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]

SEEDS = Path(__file__).parents[2] / "seeds"

#: An answer is at once if it takes no longer; issued and measured inside the page, until the next picture.
AT_ONCE = 200
TIMED = """(act) => new Promise((done) => {
  const start = performance.now();
  %s
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return link(extract_all(read_inputs([SEEDS], refuse=lambda refusal: None)))


@pytest.fixture(scope="module")
def file(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeds") / "graph.html"
    path.write_text(make_page(graph), "utf-8")
    return path


def quickest(opened: Opened, act: str) -> float:
    """Give the least of several times, because other programs run beside the browser."""
    return min(opened.run(TIMED % act) for _ in range(6))


def middle(opened: Opened, node: str) -> tuple[float, float]:
    """Give where on the screen an entity stands."""
    x, y = opened.run(
        """(id) => {
          const node = paperkg.data.network.nodes[paperkg.data.entities.findIndex((one) => one.id === id)];
          const place = paperkg.network.canvasToDOM(node);
          const box = document.getElementById("canvas").getBoundingClientRect();
          return [place.x + box.left, place.y + box.top];
        }""",
        node,
    )
    return x, y


def test_it_is_small_quiet_quick_and_asks_for_nothing(open_page: Open, file: Path):
    assert file.stat().st_size < 4_000_000
    times = []
    for _ in range(3):
        opened = open_page(file)
        opened.page.wait_for_timeout(200)
        assert opened.problems == []
        assert opened.requests == [opened.url]
        times.append(opened.run("paperkg.readyAfter"))
    assert min(times) < 2000


def test_filters_and_search_answer_at_once(open_page: Open, file: Path):
    opened = open_page(file)
    toggle = "document.querySelector('#types input[value={}]').click();"
    assert quickest(opened, toggle.format("Technique")) < AT_ONCE
    assert quickest(opened, toggle.format("Paper")) < AT_ONCE
    typed = "query.value = 'atten'; query.dispatchEvent(new InputEvent('input', {inputType: 'insertText'}));"
    assert quickest(opened, f"const query = document.getElementById('query'); {typed}") < AT_ONCE
    assert quickest(opened, "location.hash = location.hash ? '' : '#entity=system/megatron-lm';") < AT_ONCE


def test_it_opens_with_an_overview_of_named_topics(open_page: Open, file: Path):
    opened = open_page(file)
    assert 100 < opened.run("paperkg.counts().nodes") <= 320
    assert not opened.page.locator("#types input[value=Paper]").is_checked()
    names = opened.page.locator("#top .topic bdi").all_inner_texts()
    assert len(names) == 12
    assert any("pipeline parallelism" in name for name in names)
    assert opened.run("paperkg.data.topics.every((one) => one.papers.length > 1 && one.entities.length)")
    assert "Made by paperkg" in opened.page.locator("#about").inner_text()


def test_typing_offers_names_and_enter_opens_the_first(open_page: Open, file: Path):
    opened = open_page(file)
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("megatr")
    offered = opened.page.locator("#matches option")
    assert offered.first.get_attribute("value") == "Megatron-LM"
    opened.page.keyboard.press("Enter")
    opened.wait("paperkg.selected() === 'system/megatron-lm'")
    assert opened.page.url.endswith("#entity=system/megatron-lm")
    opened.dismiss()
    assert opened.run("document.activeElement.id") == "query"


@pytest.mark.parametrize("kind", ["System", "Model", "Hardware", "Technique", "Dataset", "Paper"])
def test_the_legend_hides_and_shows_each_type(open_page: Open, file: Path, kind: str):
    opened = open_page(file)
    box = opened.page.locator(f"#types input[value={kind}]")
    count = f"paperkg.network.body.data.nodes.get().filter((one) => one.group === '{kind}').length"
    on, off = (opened.run(count), 0) if kind != "Paper" else (0, 0)
    box.click()
    shown = opened.run(count)
    assert shown > 300 if kind == "Paper" else (on > 0 and shown == off)
    box.click()
    assert opened.run(count) == on


def test_a_role_that_is_left_out_takes_its_names_along(open_page: Open, file: Path):
    opened = open_page(file)
    before = opened.run("paperkg.counts().nodes")
    opened.page.uncheck("#roles input[value=mentioned]")
    assert opened.run("paperkg.counts().nodes") < before
    opened.page.check("#roles input[value=mentioned]")
    assert opened.run("paperkg.counts().nodes") == before


def test_the_slider_goes_from_a_few_names_to_all(open_page: Open, file: Path):
    opened = open_page(file)
    opened.page.focus("#detail")
    opened.page.keyboard.press("End")
    few = opened.run("paperkg.counts().nodes")
    opened.page.keyboard.press("Home")
    assert few < 20
    assert opened.run("paperkg.counts().nodes") == opened.run("paperkg.data.entities.length")


def test_a_topic_opens_from_the_list_and_from_its_name_on_the_map(open_page: Open, file: Path):
    opened = open_page(file)
    overview = opened.run("paperkg.network.getScale()")
    opened.page.locator("#top .topic").first.click()
    first = opened.run("paperkg.data.topics[0].id")
    opened.wait(f"paperkg.selected() === '{first}'")
    assert opened.page.url.endswith(f"#topic={first}")
    assert opened.run("paperkg.network.getScale()") > 2 * overview
    assert "TECHNIQUES" in opened.panel().upper()
    opened.page.go_back()
    opened.wait("paperkg.selected() === ''")
    box = opened.run("paperkg.labels()[0]")
    canvas = opened.page.locator("#canvas").bounding_box()
    assert canvas
    opened.page.mouse.click(canvas["x"] + (box[0] + box[2]) / 2, canvas["y"] + (3 * box[1] + box[3]) / 4)
    opened.wait("paperkg.selected() !== ''")


def test_colours_can_say_the_topic(open_page: Open, file: Path):
    opened = open_page(file)
    fills = """(() => {
      const { nodeIndices, nodes } = paperkg.network.body;
      return new Set(nodeIndices.map((id) => nodes[id].options.color.background)).size;
    })()"""
    assert opened.run(fills) == 5
    opened.page.check("#hues input[value=topic]")
    assert opened.run(fills) > 5
    opened.page.check("#hues input[value=type]")
    assert opened.run(fills) == 5


def test_hovering_lights_the_neighbours_and_leaving_does_not(open_page: Open, file: Path):
    opened = open_page(file, viewport={"width": 1400, "height": 900})
    opened.page.mouse.move(*middle(opened, "hardware/gpu"), steps=4)
    opened.wait("paperkg.hovered().includes('hardware/gpu')")
    assert opened.run("paperkg.hovered().length") > 3
    assert "GPU" in opened.page.locator("#tip").inner_text()
    opened.page.mouse.move(10, 10, steps=4)
    opened.wait("paperkg.hovered().length === 0")
    assert opened.page.locator("#tip").is_hidden()


def test_a_click_on_the_map_opens_what_stands_there(open_page: Open, file: Path):
    opened = open_page(file, viewport={"width": 1400, "height": 900})
    opened.page.mouse.click(*middle(opened, "hardware/gpu"))
    opened.wait("paperkg.selected() === 'hardware/gpu'")


def test_the_panel_says_what_a_system_is_and_what_was_measured(open_page: Open, file: Path):
    opened = open_page(file, at="#entity=system/alisa")
    panel = opened.page.locator("#panel")
    definition = panel.locator(".definition")
    assert "ALISA" in definition.locator("mark").first.inner_text()
    assert "Introduced by" in definition.inner_text()
    titles = [title.upper() for title in panel.locator("h3").all_inner_texts()]
    assert {"COMPARED WITH", "OUTPERFORMS", "1 PAPER INTRODUCES IT"} <= set(titles)
    assert panel.locator("table tbody tr").count() >= 2
    assert "FlexGen" in panel.locator("table").inner_text()
    panel.locator("details.abstract summary").first.click()
    whole = panel.locator("details.abstract blockquote").first
    assert len(whole.inner_text()) > 600
    assert whole.locator("mark").first.inner_text() == "ALISA"


def test_hardware_has_its_family_and_facts(open_page: Open, file: Path):
    opened = open_page(file, at="#entity=hardware/nvidia-a100")
    text = opened.panel()
    assert "NVIDIA A100 80GB" in text
    assert "Made by" in text
    assert "Architecture" in text


def test_a_way_through_the_page_leads_back_step_by_step(open_page: Open, file: Path):
    opened = open_page(file, at="#entity=system/alisa")
    opened.page.locator("#panel .definition a").click()
    opened.wait("paperkg.selected().startsWith('seed-')")
    opened.page.locator("#panel .text a", has_text="FlexGen").first.click()
    opened.wait("paperkg.selected() === 'system/flexgen'")
    opened.page.go_back()
    opened.wait("paperkg.selected().startsWith('seed-')")
    opened.page.go_back()
    opened.wait("paperkg.selected() === 'system/alisa'")


def test_the_switch_turns_light_to_dark_and_back(open_page: Open, file: Path):
    opened = open_page(file, color_scheme="light")
    back = "getComputedStyle(document.body).backgroundColor"
    light = opened.run(back)
    opened.page.click("#theme")
    dark = opened.run(back)
    assert dark != light
    opened.page.click("#theme")
    assert opened.run(back) == light
    opened.page.emulate_media(color_scheme="dark")
    assert opened.run(back) == light, "who has chosen keeps it"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("at", ["", "#entity=hardware/nvidia-a100", "#topic", "#paper=seed-a320a37b"])
def test_nothing_serious_is_found_by_axe(open_page: Open, file: Path, scheme: str, at: str):
    opened = open_page(file, color_scheme=scheme, at=at if at != "#topic" else "")
    if at == "#topic":
        opened.page.locator("#top .topic").first.click()
        opened.wait("paperkg.selected() !== ''")
    found = Axe().run(opened.page).response["violations"]
    serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
    assert serious == []


@pytest.mark.parametrize("at", ["", "#entity=system/alisa"])
def test_a_phone_shows_everything_within_its_width(open_page: Open, file: Path, at: str):
    opened = open_page(file, viewport={"width": 360, "height": 740}, at=at)
    assert opened.run("document.documentElement.scrollWidth") <= 360
    assert opened.run("document.getElementById('canvas').clientHeight") > 150


def test_it_prints_the_map_and_the_panel_and_no_buttons(open_page: Open, file: Path):
    opened = open_page(file, at="#entity=system/alisa", color_scheme="dark")
    opened.page.emulate_media(media="print")
    for hidden in ("#zoom", "#search", "#panel .close"):
        assert opened.page.locator(hidden).is_hidden()
    for shown in ("#panel h2", "#panel table", "#canvas canvas"):
        assert opened.page.locator(shown).is_visible()
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert opened.run("getComputedStyle(document.body).backgroundColor") == "rgb(251, 251, 250)"
    opened.run("dispatchEvent(new Event('afterprint'))")
    assert opened.run("document.documentElement.dataset.theme") is None
    assert len(opened.page.pdf()) > 20_000


def test_four_papers_less_leave_the_map_much_as_it_was(graph: KnowledgeGraph):
    before = positions(graph)
    size = max(math.dist(a[:2], (0, 0)) for a in before.values()) * 2
    gone = set(list(graph.papers)[100:400:80])
    rest = [one for key, one in graph.extractions.items() if key not in gone]
    after = positions(KnowledgeGraph(rest, graph.concepts.values()))
    moved = sorted(math.dist(before[n][:2], after[n][:2]) / size for n in before.keys() & after.keys())
    assert moved[len(moved) // 2] < 0.15
