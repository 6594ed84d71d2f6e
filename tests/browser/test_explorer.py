"""The explorer in a browser: quiet, harmless whatever texts hold, usable by keyboard, phone and ear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from paperkg.build import build
from paperkg.records import to_record
from tests.browser.conftest import Opened
from tests.browser.test_graph_page import EVIL, make_graph
from tests.serve.conftest import SEEDS, serving

pytestmark = pytest.mark.browser

PAGES = (
    *("/", "/search?q=cache", "/system/vllm", "/hardware/gpu", "/paper/seed-a320a37b"),
    *("/compare?e=vLLM&e=FlexGen", "/leaderboard?metric=throughput", "/path?start=ALISA&end=GPU"),
    "/query?name=top-techniques",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("explored")
    build(sorted(SEEDS.glob("*.txt"))[:1], folder)
    with serving(folder, "-j", "1") as server:
        yield server.url


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def open_one(path: str, *, at: str = "", **options: object) -> Opened:
        context = browser.new_context(**options)
        contexts.append(context)
        opened = Opened(context.new_page(), (at or url) + path)
        page = opened.page
        page.on("pageerror", lambda error: opened.problems.append(f"error: {error}"))
        page.on("console", lambda line: opened.problems.append(f"{line.type}: {line.text}"))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(opened.url)
        page.wait_for_load_state("networkidle")
        return opened

    yield open_one
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_quiet_stay_at_home_and_can_be_used_by_everybody(visit, url: str, path: str, scheme: str):
    """No word in the console, no request elsewhere, nothing serious found by axe-core."""
    opened = visit(path, color_scheme=scheme)
    assert opened.problems == []
    assert all(request.startswith((url, "data:")) for request in opened.requests)
    found = Axe().run(opened.page).response["violations"]
    serious = [
        (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


def test_a_name_is_completed_and_found(visit):
    page = visit("/").page
    page.fill("#q", "mega")
    page.wait_for_selector('#names option[value="Megatron-LM"]', state="attached")
    page.fill("#q", "vllm")
    page.press("#q", "Enter")
    page.wait_for_url("**/system/vllm")
    assert page.locator("h1").inner_text() == "vLLM"


def test_a_click_on_a_marked_name_leads_to_the_thing(visit):
    page = visit("/paper/seed-a320a37b").page
    page.locator(".text a.mark", has_text="FlexGen").first.click()
    page.wait_for_url("**/system/flexgen")
    page.locator(".papers a").first.click()
    page.wait_for_url("**/paper/seed-a320a37b")


def test_the_neighbourhood_grows_where_it_is_clicked(visit):
    opened = visit("/system/vllm")
    opened.wait("Number(document.getElementById('neighbourhood').dataset.nodes) > 3")
    before = int(opened.run("document.getElementById('neighbourhood').dataset.nodes"))
    box = opened.page.locator("#neighbourhood canvas")
    box.scroll_into_view_if_needed()
    opened.page.wait_for_timeout(1500)
    place = box.bounding_box()
    # Somewhere on a ring around the middle there are names.
    grown = "Number(document.getElementById('neighbourhood').dataset.nodes)"
    for x in range(60, int(place["width"]), 24):
        for y in range(30, int(place["height"]), 24):
            if opened.run(grown) == before:
                opened.page.mouse.click(place["x"] + x, place["y"] + y)
    opened.wait(f"{grown} > {before}")


def test_a_named_query_runs_and_shows_a_table_and_a_chart(visit):
    opened = visit("/query?name=top-techniques")
    opened.wait("document.querySelectorAll('#answer tbody tr').length === 10")
    assert opened.page.locator("#chart rect").count() == 10
    opened.page.locator("#answer a").first.click()
    opened.page.wait_for_url("**/technique/*")


def test_a_mistake_in_a_query_is_told(visit):
    opened = visit("/query")
    opened.page.fill("#sparql", "SELECT ?x { ?x pkg:mentions }")
    opened.page.press("#sparql", "Control+Enter")
    opened.wait("document.getElementById('state').textContent.includes('line 1')")
    assert all("400" in problem for problem in opened.problems)


def test_an_answer_can_be_taken_home(visit):
    page = visit("/query?name=top-techniques").page
    with page.expect_download() as waiting:
        page.click("#as-csv")
    lines = Path(waiting.value.path()).read_text("utf-8").splitlines()
    assert lines[0] == "technique,name,papers,introduced_by"
    assert len(lines) == 11


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_everything_within_its_width(visit, path: str):
    opened = visit(path, viewport={"width": 360, "height": 740})
    assert opened.run("document.documentElement.scrollWidth") <= 360


def test_hostile_names_and_titles_are_shown_as_text(visit, tmp_path: Path):
    """Whatever names and titles hold is read, and nothing of it runs."""
    evil = make_graph(16, names=(*EVIL[:-1], "W" * 4000, "{{7*7}}"))
    records = [to_record(extraction) for extraction in evil.extractions.values()]
    source = tmp_path / "evil.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    graph = build([source], tmp_path / "build").graph
    with serving(tmp_path / "build", "-j", "1") as server:
        addresses = [
            "/",
            "/search?q=study",
            "/search?q=%3Cscript%3E",
            "/compare?e=%3Cimg+src%3Dx%3E",
            "/leaderboard",
        ]
        things = [c for c in graph.mentioned() if c.type == "System"]
        assert len(things) > 8
        addresses += [f"/search?q={thing.id}" for thing in things] + [f"/paper/p{i:05}" for i in range(9)]
        for address in addresses:
            opened = visit(address, at=server.url)
            assert opened.run("window.pwned") is None, address
            assert [p for p in opened.problems if "404" not in p] == [], address
            assert opened.page.locator("img").count() == 0
        text = visit("/search?q=study", at=server.url).page.locator("main").inner_text()
        assert "{{7*7}}" in text
        assert "<img src=x onerror=window.pwned=1>" in text
