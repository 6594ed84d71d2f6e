"""The explorer in a browser: quiet, harmless whatever texts hold, usable by keyboard, phone and ear."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
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
    *("/query?name=top-techniques", "/query?name=papers-of&entity=GPU", "/query"),
    *("/compare", "/compare?e=vLLM&e=nothing", "/path", "/path?start=GPU&end=nothing"),
    *("/leaderboard?metric=cost&baseline=vLLM", "/search?q=transformmer"),
)

#: Pages that say what is wrong.
WRONG = ("/query?name=nosuch", "/query?name=papers-of&typo=x", "/system/nothing", "/leaderboard?metric=x")


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


@pytest.mark.parametrize("path", WRONG)
def test_pages_that_say_what_is_wrong_can_be_used_by_everybody(visit, path: str):
    page = visit(path).page
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.locator("#q").is_visible()


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


def test_a_named_query_takes_another_value(visit):
    """From the list of queries to an answer about what one asks for, at an address that can be passed on."""
    opened = visit("/query")
    opened.page.select_option("#named", "papers-of")
    opened.page.wait_for_url("**/query?name=papers-of")
    opened.page.fill("#p-entity", "flexgen")
    opened.page.press("#p-entity", "Enter")
    opened.page.wait_for_url("**/query?name=papers-of&entity=flexgen")
    opened.wait("document.querySelectorAll('#answer tbody tr').length > 0")
    assert "ALISA: Accelerating" in opened.page.locator("#answer").inner_text()


def test_things_are_added_to_a_comparison_and_left_out(visit):
    page = visit("/system/vllm").page
    page.get_by_role("link", name="Compare", exact=True).last.click()
    page.wait_for_url("**/compare?e=system*vllm")
    page.fill("#add", "ALISA")
    page.press("#add", "Enter")
    page.wait_for_url("**e=ALISA")
    assert page.locator("h1").inner_text() == "vLLM and ALISA"
    assert "up to 1.9x" in page.locator("section", has_text="Results between them").inner_text()
    page.get_by_label("Leave out vLLM").click()
    page.wait_for_url("**/compare?e=*alisa*")
    assert page.locator("h1").inner_text() == "ALISA"


def test_a_ranking_changes_metric_and_baseline(visit):
    page = visit("/leaderboard").page
    page.select_option("#metric", "throughput")
    page.fill("#baseline", "flexgen")
    page.press("#baseline", "Enter")
    page.wait_for_url("**metric=throughput&baseline=flexgen")
    assert page.locator("h1").inner_text() == "Leaderboard: throughput against FlexGen"
    assert page.locator("table").first.locator("tbody tr").first.locator("td").first.inner_text() == "1"


def test_a_way_is_shown_with_its_sentences_and_led_to(visit):
    page = visit("/path").page
    page.fill("#start", "ALISA")
    page.fill("#end", "FlexGen")
    page.press("#end", "Enter")
    page.wait_for_url("**start=ALISA&end=FlexGen")
    assert page.locator(".steps blockquote").count() > 0
    page.locator(".steps a", has_text="FlexGen").first.click()
    page.wait_for_url("**/system/flexgen")


def test_the_iri_of_a_result_leads_to_its_row(visit, url: str):
    """The row is marked without a word of script."""
    one = httpx.get(f"{url}/api/claims?subject=system/alisa").json()["items"][0]
    page = visit(f"/{one['id']}").page
    assert page.url.endswith(f"#{one['id']}")
    assert page.locator("tr:target").count() == 1


def test_papers_go_on_on_the_next_page(visit):
    page = visit("/hardware/gpu").page
    if page.locator("a[rel=next]").count():
        page.locator("a[rel=next]").last.click()
        page.wait_for_url("**/hardware/gpu?page=2")
        page.locator("a[rel=prev]").last.click()
        page.wait_for_url("**/hardware/gpu?page=1")


def test_the_keyboard_leads_to_the_content_and_through_the_page(visit):
    page = visit("/system/vllm").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


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
