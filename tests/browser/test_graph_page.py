"""The page in a browser with no network: quick, quiet, harmless, and each control does its work."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from paperkg.graph import KnowledgeGraph
from paperkg.model import Claim, Concept, Entity, Extraction, Mention, Paper, Relation
from tests.browser.conftest import Opened
from tests.graphs import HOSTILE_IDS, small_graph

pytestmark = pytest.mark.browser

Open = Callable[..., Opened]

#: What breaks a page that takes a text for markup, or that cannot lay it out.
EVIL = (
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "javascript:window.pwned=1",
    "'\"`>&lt;&#60;${window.pwned=1}{{data}}",
    "<!--<script>",
    "\u202eright to left\u2066\u200f\u0000\u0007",
    "\u2028line\u2029paragraph\ud83d",
    "{{7*7}} \"on\" 'and' \u200b\u200d\ufeff\u2060 zero width",
    "W" * 10_000,
)


def make_graph(
    papers: int = 12, *, names: tuple[str, ...] = ("Alpha", "Beta"), seed: int = 0
) -> KnowledgeGraph:
    """Make a graph in which each paper introduces a system, and each runs on one of a few GPUs."""
    concepts = [Concept(id=f"hardware/gpu-{i}", type="Hardware", name=f"GPU {i}") for i in range(3)]
    extractions = []
    for i in range(papers):
        name = f"{names[i % len(names)]}{i}"
        gpu = f"GPU {(i + seed) % 3}"
        title, abstract = (
            f"{name}: a study",
            f"We run {name} on {gpu}. \U0001f600 It is 3x faster than GPU 0.",
        )
        text = f"{title}\n{abstract}"
        start = text.index(gpu)
        concepts.append(Concept(id=f"system/s{i}", type="System", name=name, aliases=(f"the {i}th",)))
        extractions.append(
            Extraction(
                paper=Paper(id=f"p{i:05}", title=title, abstract=abstract),
                mentions=(
                    Mention(start=0, end=len(name), text=name, type="System", entity=name),
                    Mention(start=start, end=start + len(gpu), text=gpu, type="Hardware", entity=gpu),
                ),
                entities=(
                    Entity(name=name, type="System", role="introduced", id=f"system/s{i}"),
                    Entity(
                        name=gpu, type="Hardware", role="evaluated_on", id=f"hardware/gpu-{(i + seed) % 3}"
                    ),
                ),
                relations=(Relation(head=name, type="based_on", tail=gpu),),
                claims=(Claim(subject=name, metric="speedup", value="3", unit="x", baselines=(gpu,)),),
            )
        )
    return KnowledgeGraph(extractions, concepts)


def place(node: int, entities: int) -> str:
    """Give where in the page's data a node has its row."""
    return f".entities[{node}]" if node < entities else f".papers[{node - entities}]"


def test_the_page_is_quiet_and_asks_for_nothing_but_itself(open_page: Open):
    opened = open_page(make_graph())
    opened.page.wait_for_timeout(300)
    assert opened.problems == []
    assert opened.requests == [opened.url]


def test_a_large_graph_is_interactive_within_two_seconds(open_page: Open):
    opened = open_page(make_graph(420, names=("A", "B", "C")))
    assert opened.run("paperkg.readyAfter") < 2000
    assert opened.run("paperkg.counts().nodes") > 100
    assert opened.problems == []


def test_searching_opens_the_panel_of_what_was_found(open_page: Open):
    opened = open_page(make_graph())
    opened.page.fill("#query", "alpha4")
    assert opened.page.locator("#matches option").first.get_attribute("value") == "Alpha4"
    opened.page.press("#query", "Enter")
    opened.wait("paperkg.selected() === 'system/s4'")
    panel = opened.panel()
    assert "Alpha4" in panel
    assert "the 4th" in panel
    assert "1 PAPER INTRODUCES IT" in panel.upper()
    assert "3x" in panel
    assert opened.page.locator("#panel mark").first.inner_text() == "Alpha4"


def test_an_alias_finds_the_entity_and_nonsense_is_answered(open_page: Open):
    opened = open_page(make_graph())
    opened.page.fill("#query", "the 7th")
    opened.page.press("#query", "Enter")
    opened.wait("paperkg.selected() === 'system/s7'")
    opened.page.fill("#query", "no such thing")
    opened.page.press("#query", "Enter")
    opened.wait("document.getElementById('hint').textContent !== ''")
    assert opened.selected() == "system/s7"


@pytest.mark.parametrize(
    ("box", "value"), [("types", "System"), ("types", "Paper"), ("roles", "evaluated_on")]
)
def test_a_filter_changes_what_is_visible_and_back(open_page: Open, box: str, value: str):
    opened = open_page(make_graph())
    before = opened.run("paperkg.counts()")
    opened.page.uncheck(f"#{box} input[value={value}]")
    less = opened.run("paperkg.counts()")
    assert less["nodes"] < before["nodes"] or less["edges"] < before["edges"]
    opened.page.check(f"#{box} input[value={value}]")
    assert opened.run("paperkg.counts()") == before


def test_the_slider_leaves_out_what_few_papers_speak_of(open_page: Open):
    opened = open_page(make_graph())
    assert opened.run("paperkg.counts().nodes") == 27
    opened.page.focus("#detail")
    opened.page.keyboard.press("ArrowRight")
    assert opened.run("paperkg.counts().nodes") == 15
    assert opened.page.locator("#status").inner_text() == "Shown: 3 of 15 names, 12 of 12 papers."


def test_a_deep_link_opens_the_panel_and_the_back_button_closes_it(open_page: Open):
    opened = open_page(make_graph(), at="#entity=hardware/gpu-1")
    assert opened.selected() == "hardware/gpu-1"
    assert "4 PAPERS EVALUATE ON IT" in opened.panel().upper()
    opened.page.click("#panel ul.papers a")
    opened.wait("paperkg.selected().startsWith('p')")
    assert opened.page.url.endswith("#paper=" + opened.selected())
    assert "Abstract" in opened.panel() or "ABSTRACT" in opened.panel()
    opened.page.go_back()
    opened.wait("paperkg.selected() === 'hardware/gpu-1'")


def test_escape_closes_the_panel_and_back_opens_it_again(open_page: Open):
    opened = open_page(make_graph(), at="#paper=p00003")
    assert opened.selected() == "p00003"
    opened.page.keyboard.press("Escape")
    opened.wait("paperkg.selected() === ''")
    assert opened.page.locator("#panel").is_hidden()
    opened.page.go_back()
    opened.wait("paperkg.selected() === 'p00003'")


def test_a_click_on_a_node_opens_it(open_page: Open):
    opened = open_page(make_graph(3), viewport={"width": 1200, "height": 800})
    spot = opened.run(
        "() => { const n = paperkg.data.network.nodes[0];"
        "const p = paperkg.network.canvasToDOM({x: n.x, y: n.y});"
        "const b = document.getElementById('canvas').getBoundingClientRect();"
        "return [p.x + b.left, p.y + b.top]; }"
    )
    opened.page.mouse.click(*spot)
    opened.wait("paperkg.selected() === 'hardware/gpu-0'")


def test_offsets_hold_behind_letters_outside_the_basic_plane(open_page: Open):
    """Python counts code points, JavaScript units of UTF-16; the marks must not drift apart."""
    text = "\U0001f600\U0001f600 Zed: fast\n\U0001f600 We like Zed."
    title, abstract = text.split("\n")
    paper = Paper(id="p", title=title, abstract=abstract)
    places = [i for i in range(len(text)) if text.startswith("Zed", i)]
    graph = KnowledgeGraph(
        [
            Extraction(
                paper=paper,
                mentions=tuple(
                    Mention(start=i, end=i + 3, text="Zed", type="System", entity="Zed") for i in places
                ),
                entities=(Entity(name="Zed", type="System", id="system/zed"),),
            )
        ],
        [Concept(id="system/zed", type="System", name="Zed")],
    )
    opened = open_page(graph, at="#paper=p")
    assert opened.page.locator("#panel mark").all_inner_texts() == ["Zed", "Zed"]


def test_hostile_names_and_titles_are_shown_as_text(open_page: Open):
    extractions, concepts = [], []
    for i, evil in enumerate(EVIL):
        concepts.append(
            Concept(id=f"system/e{i}", type="System", name=evil, aliases=(evil + "!",), vendor=evil)
        )
        # With another name in two papers, so that it gives its name to a topic, too.
        concepts.append(Concept(id=f"technique/t{i}", type="Technique", name=evil + "#"))
        extractions += [
            Extraction(
                paper=Paper(id=evil + more, title=evil, abstract=evil, creators=(evil,), issued=evil),
                mentions=(Mention(start=0, end=len(evil), text=evil, type="System", entity=evil),),
                entities=(
                    Entity(name=evil, type="System", role="introduced", id=f"system/e{i}"),
                    Entity(name=evil + "#", type="Technique", role="used", id=f"technique/t{i}"),
                ),
                claims=(Claim(subject=evil, metric="other", value=evil, unit=evil, qualifier=evil),),
            )
            for more in ("", "2")
        ]
    graph = KnowledgeGraph(extractions, concepts)
    opened = open_page(graph)
    # Nodes are entities by id, then papers by id.
    expected = [*EVIL, *(evil + "#" for evil in EVIL), *(paper.title for paper in graph.papers.values())]
    for number, evil in enumerate(expected):
        opened.run("(n) => { location.hash = '#node=' + n; }", number)
        opened.wait(f"paperkg.selected() === paperkg.data{place(number, 2 * len(EVIL))}.id")
        assert opened.run("document.querySelector('#panel h2').textContent") == evil
    for number in range(opened.run("paperkg.data.topics.length")):
        opened.run("(n) => { location.hash = '#topic=' + paperkg.data.topics[n].id; }", number)
        opened.wait(f"paperkg.selected() === paperkg.data.topics[{number}].id")
        for fold in opened.page.locator("#panel details summary").all():
            fold.click()
        opened.wait("document.querySelectorAll('#panel blockquote').length === 2")
    assert opened.run("paperkg.data.topics.length") == len(EVIL)
    opened.page.fill("#query", "<img")
    opened.page.press("#query", "Enter")
    opened.page.wait_for_timeout(100)
    assert opened.run("window.pwned === undefined")
    assert opened.run("document.querySelectorAll('img, iframe, object').length") == 0
    assert opened.problems == []
    assert opened.requests == [opened.url]


@pytest.mark.parametrize("evil", EVIL[:2])
def test_what_is_hostile_would_be_noticed(browser: Browser, evil: str):
    """The same texts do run where a page takes them for markup; else the test above would show nothing."""
    page = browser.new_page()
    page.set_content(f"<p>{evil}</p>")
    page.wait_for_function("window.pwned === 1", timeout=5000)
    page.close()


def test_any_id_has_an_address_that_leads_back_to_it(open_page: Open):
    opened = open_page(small_graph(paper_ids=HOSTILE_IDS))
    entities = opened.run("paperkg.data.entities.length")
    for number in range(entities, entities + len(HOSTILE_IDS) + 2):
        opened.run("(n) => { location.hash = '#node=' + n; }", number)
        opened.wait(f"paperkg.selected() === paperkg.data{place(number, entities)}.id")
    for paper in HOSTILE_IDS:
        if paper.isascii():
            opened.run("(id) => { location.hash = '#paper=' + id; }", quote(paper, safe=""))
            opened.wait("location.hash.startsWith('#paper=')")
            opened.wait(f"paperkg.selected() === {json.dumps(paper)}")
    assert opened.problems == []


def test_an_unknown_address_is_said_and_harmless(open_page: Open):
    opened = open_page(make_graph(3), at="#entity=%E0%A4%A")
    assert opened.selected() == ""
    assert opened.page.locator("#hint").inner_text() == "Nothing of this page has that address."
    assert opened.problems == []


def test_what_was_left_out_is_said_on_the_page(open_page: Open):
    opened = open_page(make_graph(60), most=40)
    assert "left out" in opened.page.locator("#left").inner_text()
    assert opened.run("paperkg.data.network.nodes.length") <= 40
    opened.run("() => { location.hash = '#entity=hardware/gpu-0'; }")
    opened.wait("paperkg.selected() === 'hardware/gpu-0'")
    assert "this page leaves them out" in opened.panel()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_in_both_themes(open_page: Open, scheme: str):
    """WCAG asks for 4.5 to 1; measured on the page's own colours."""
    opened = open_page(make_graph(3), color_scheme=scheme, at="#entity=hardware/gpu-0")
    ratio = """() => {
      const curve = (part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      const light = (css) => {
        const [r, g, b] = css.match(/[\\d.]+/g).map((part) => curve(Number(part) / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const style = (what) => getComputedStyle(document.querySelector(what));
      const back = light(style('#panel').backgroundColor);
      return ['h2', '.soft', 'a'].map((what) => light(style('#panel ' + what).color))
        .map((fore) => (Math.max(fore, back) + 0.05) / (Math.min(fore, back) + 0.05));
    }"""
    assert min(opened.run(ratio)) > 4.5


def test_a_phone_shows_everything_within_its_width(open_page: Open):
    opened = open_page(make_graph(), viewport={"width": 390, "height": 800}, at="#entity=hardware/gpu-0")
    assert opened.run("document.documentElement.scrollWidth") <= 390
    assert opened.run("document.getElementById('canvas').clientHeight") > 150
    assert opened.page.locator("#panel h2").is_visible()


def test_every_control_can_be_reached_by_keyboard(open_page: Open):
    opened = open_page(make_graph(3))
    reached = set()
    opened.page.focus("#query")
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.add(opened.run("document.activeElement.id || document.activeElement.value || ''"))
    assert {"detail", "closer", "farther", "whole", "System", "introduced"} <= reached


def test_an_empty_graph_makes_a_page(open_page: Open):
    opened = open_page(KnowledgeGraph([], []))
    assert opened.page.locator("h1").inner_text() == "A map of 0 papers"
    assert opened.problems == []
