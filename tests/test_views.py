"""What the pages of the explorer are made of."""

from __future__ import annotations

from dataclasses import replace

from paperkg.graph import KnowledgeGraph
from paperkg.model import Listing
from paperkg.rankings import Rankings, rank
from paperkg.views import Timeline, anchor, neighbours, timeline
from tests.graphs import small_graph


def dated(**papers: object) -> KnowledgeGraph:
    """Give copies of one paper, changed as is said, under new ids."""
    graph = small_graph()
    one = graph.extractions["2401.00001"]
    plain = replace(one.paper, issued="", listings=())
    copies = [replace(one, paper=replace(plain, id=key, **fields)) for key, fields in papers.items()]
    return KnowledgeGraph(copies, graph.concepts.values())


def test_months_come_from_dates_ids_and_listings():
    graph = dated(
        a={"issued": "2024-01-09"},
        b={"listings": (Listing(file="x", date="2024-03-01", position=1),)},
        c={},
    )
    bars = (("2024-01", 1), ("2024-02", 0), ("2024-03", 1))
    assert timeline(graph, "system/fastserve") == Timeline(by="month", bars=bars, without=1)
    by_id = dict(timeline(small_graph(), "system/fastserve").bars)
    assert by_id["2024-01"] >= 1


def test_papers_without_a_date_are_counted_by_the_page_that_lists_them():
    first, second = Listing(file="1.txt", date="Jun 3", position=1), Listing(file="2.txt", position=4)
    graph = dated(a={"listings": (first,)}, b={"listings": (first, second)}, c={})
    assert timeline(graph, "system/fastserve") == Timeline(
        by="listing", bars=(("Jun 3", 2), ("2.txt", 1)), without=1
    )


def test_the_nearest_marked_place_stands_for_one_that_is_not_marked():
    graph = small_graph()
    text = graph.papers["2401.00001"].text
    assert anchor(graph, "2401.00001", text.index("2.5")) == f"at-{text.index('2.5')}"
    assert anchor(graph, "2401.00001", 0) == "at-0"


def test_rankings_find_what_looking_through_all_would_find():
    graph = small_graph()
    known = Rankings.of(graph)
    subjects = {"", *(one.subject for one in graph.claims)}
    baselines = {"", *(key for one in graph.claims for key in one.baselines)}
    for metric in ("", "speedup", "latency", "no metric"):
        for subject in subjects:
            for baseline in baselines:
                expected = [
                    one
                    for one in graph.claims
                    if subject in ("", one.subject)
                    and (not baseline or baseline in one.baselines)
                    and metric in ("", one.claim.metric)
                ]
                assert list(known.find(subject=subject, baseline=baseline, metric=metric)) == expected
    assert [one.subject for one in known.between(["system/fastserve", "system/baseserve"])] == [
        "system/fastserve"
    ]
    assert known.between(["system/fastserve"]) == []


def test_the_smallest_delay_and_the_largest_cut_come_first():
    graph = small_graph()
    one = next(claim for claim in graph.claims if claim.claim.metric == "latency")  # a level

    def made(value: str, unit: str, direction: str):
        return replace(one, id=value, claim=replace(one.claim, value=value, unit=unit, direction=direction))

    ranked = rank([made("12", "ms", "lower"), made("7", "ms", "lower"), made("many", "ms", "lower")])
    assert {unit: [c.id for c in found] for unit, found in ranked.items()} == {"ms": ["7", "12"]}
    ranked = rank([made("2", "x", "lower"), made("3", "x", "lower"), made("4", "x", "higher")])
    assert {unit: [c.id for c in found] for unit, found in ranked.items()} == {
        "times, lower": ["3", "2"],
        "times, higher": ["4"],
    }


def test_neighbours_say_how_they_belong_together():
    words = {one.id: one.words for one in neighbours(small_graph(), "system/fastserve")}
    assert words["system/baseserve"] == "based on"
    assert words["hardware/nvidia-a100"] == "evaluated on"
