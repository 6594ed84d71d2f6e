"""Pages: furniture, a date, then titles and abstracts in turn - and what is left of that in broken ones."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import pytest

from paperkg.model import Listing, Paper, Refusal
from paperkg.read.pages import find_blocks, paper_id, read_pages

ROOT = Path(__file__).parents[1]

FURNITURE = (
    "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\n"
)
FILLER = "Serving many users at once is hard, and memory is the reason. We move what is not needed away. "


def abstract(name: str, *, sentences: int = 6) -> str:
    return f"We present {name}. " + (FILLER * sentences).strip()


def title(name: str) -> str:
    return f"{name}: Serving Many Users with Little Memory"


def page(*blocks: str, furniture: str = FURNITURE, date: str = "Jun 3") -> bytes:
    return (furniture + "\n\n".join(filter(None, [date, *blocks]))).encode()


def read(data: bytes) -> tuple[list[Paper], list[Refusal]]:
    refused: list[Refusal] = []
    return list(read_pages(io.BytesIO(data), "page.txt", refused.append)), refused


def pairs(papers: list[Paper]) -> list[tuple[str, str]]:
    return [(p.title, p.abstract) for p in papers]


def records(*names: str) -> list[tuple[str, str]]:
    return [(title(name), abstract(name)) for name in names]


def blocks(*names: str) -> list[str]:
    return [block for record in records(*names) for block in record]


def test_furniture_above_the_date_is_no_paper():
    papers, refused = read(page(*blocks("Aero", "Bora")))
    assert pairs(papers) == records("Aero", "Bora")
    assert refused == []


def test_a_paper_knows_its_id_date_and_place():
    papers, _ = read(page(*blocks("Aero", "Bora")))
    assert papers[1].id == paper_id(title("Bora"))
    assert papers[1].listings == (Listing(file="page.txt", date="Jun 3", position=2),)


def test_a_later_date_counts_for_what_follows():
    papers, refused = read(page(*blocks("Aero"), "Sep 10", *blocks("Bora", "Comb")))
    assert [p.listings[0].date for p in papers] == ["Jun 3", "Sep 10", "Sep 10"]
    assert refused == []


def test_papers_above_the_first_date_are_not_taken_for_furniture():
    papers, _ = read(page(*blocks("Aero"), "Sep 10", *blocks("Bora"), furniture="", date=""))
    assert [(p.title, p.listings[0].date) for p in papers] == [(title("Aero"), ""), (title("Bora"), "Sep 10")]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"\n\n", b"  \n \t \n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text + b"\n\n\n",
        lambda text: text.replace(b"\n", b"\r"),
    ],
    ids=["windows line ends", "blank lines with blanks", "byte order mark", "blank end", "old mac line ends"],
)
def test_white_space_around_blocks_does_not_matter(change):
    papers, refused = read(change(page(*blocks("Aero", "Bora"))))
    assert pairs(papers) == records("Aero", "Bora")
    assert refused == []


def test_text_inside_a_block_stays_as_it_is():
    odd = abstract("Aero") + " D$^{2}$  \\% \u00a0 \u200b\t\x0b end."
    papers, _ = read(page(title("Aero"), odd))
    assert papers[0].abstract == odd


@pytest.mark.parametrize("length", [200, 300, 1300, 20000])
def test_abstracts_of_any_usual_length_are_abstracts(length):
    wanted = [(t, (a * 20)[: length - 1] + ".") for t, a in records("Aero", "Bora", "Comb", "Dune")]
    papers, refused = read(page(*(block for record in wanted for block in record)))
    assert pairs(papers) == wanted
    assert refused == []


def test_one_odd_block_among_good_ones_keeps_its_place():
    """A title of several sentences and a one-line abstract are no break of the turn."""
    wanted = [
        *records("Aero"),
        ("What Now? On A. B. Results. " * 12 + "Part Two", abstract("Bora")),
        (title("Comb"), "We withdraw this paper"),
        *records("Dune"),
    ]
    papers, refused = read(page(*(block for record in wanted for block in record)))
    assert pairs(papers) == wanted
    assert refused == []


@pytest.mark.parametrize(
    ("broken", "kept", "line", "reason"),
    [
        ([title("Lost"), *blocks("Aero", "Bora")], ("Aero", "Bora"), 11, "a title without an abstract"),
        (
            [*blocks("Aero"), title("Lost"), *blocks("Bora")],
            ("Aero", "Bora"),
            15,
            "a title without an abstract",
        ),
        ([*blocks("Aero", "Bora"), title("Lost")], ("Aero", "Bora"), 19, "a title without an abstract"),
        ([abstract("Lost"), *blocks("Aero", "Bora")], ("Aero", "Bora"), 11, "an abstract without a title"),
        (
            [*blocks("Aero"), abstract("Lost"), *blocks("Bora")],
            ("Aero", "Bora"),
            15,
            "an abstract without a title",
        ),
        ([*blocks("Aero", "Bora"), abstract("Lost")], ("Aero", "Bora"), 19, "an abstract without a title"),
    ],
)
def test_a_break_of_the_turn_is_named_and_the_rest_is_right(broken, kept, line, reason):
    papers, refused = read(page(*broken))
    assert pairs(papers) == records(*kept)
    assert [(r.file, r.line) for r in refused] == [("page.txt", line)]
    assert refused[0].reason.startswith(reason)


def test_two_breaks_do_not_make_up_for_each_other():
    broken = [*blocks("Aero"), title("Lost"), *blocks("Bora"), abstract("Gone"), *blocks("Comb")]
    papers, refused = read(page(*broken))
    assert pairs(papers) == records("Aero", "Bora", "Comb")
    assert len(refused) == 2


def test_real_pages_with_blocks_lost_never_pair_a_title_with_a_wrong_abstract():
    """Unless title and abstract of two neighbours are lost, which nothing can tell."""
    rng = random.Random(0)
    seeds = [block.text for block in find_blocks((ROOT / "seeds/000_5a066e83631da9aa.txt").read_bytes())]
    real = list(zip(seeds[5::2], seeds[6::2], strict=True))
    for _ in range(20):
        lost = sorted(rng.sample(range(0, len(real), 3), 8))
        halves = {i: rng.choice((0, 1)) for i in lost}
        kept = [r for i, r in enumerate(real) if i not in halves]
        shown = [[r[halves[i]]] if i in halves else r for i, r in enumerate(real)]
        papers, refused = read(page(*(block for record in shown for block in record)))
        assert pairs(papers) == kept
        assert len(refused) == len(lost)


def test_bytes_that_are_no_utf8_cost_one_record():
    good = page(*blocks("Aero", "Bora", "Comb"))
    at = good.index(b"We present Bora") + 3
    papers, refused = read(good[:at] + b"\xff" + good[at:])
    assert pairs(papers) == records("Aero", "Comb")
    assert [(r.line, r.reason) for r in refused] == [
        (17, f"byte 0xff at offset {at} is no UTF-8: convert the file to UTF-8")
    ]


def test_a_page_in_utf16_is_refused_whole():
    papers, refused = read(page(*blocks("Aero")).decode().encode("utf-16"))
    assert papers == []
    assert "UTF-16" in refused[0].reason


def test_a_nul_costs_one_record():
    papers, refused = read(page(*blocks("Aero"), title("Bad\0"), abstract("Bad"), *blocks("Bora")))
    assert pairs(papers) == records("Aero", "Bora")
    assert refused[0].reason == "a NUL character stands in the text"


def test_hostile_text_in_a_refusal_is_escaped_and_short():
    _, refused = read(page(*blocks("Aero"), "\x1b[31mLost\u202e" * 50))
    assert "\x1b" not in refused[0].reason
    assert len(refused[0].reason) < 300


def test_annotated_papers_have_the_ids_that_pages_give():
    """So that annotations of our own seeds are found for the papers of the pages."""
    lines = (ROOT / "tests/gold/train.jsonl").read_text("utf-8").splitlines()
    annotated = [json.loads(line) for line in lines]
    assert [paper_id(record["title"]) for record in annotated] == [record["id"] for record in annotated]
