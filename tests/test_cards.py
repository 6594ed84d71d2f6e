"""Cards, paths and search over a small graph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paperkg.cards import make_card, near_names
from paperkg.graph import KnowledgeGraph
from paperkg.model import Concept
from paperkg.passages import sentence_at
from paperkg.paths import find_paths, node_label
from paperkg.search import MARK_END, MARK_START, search
from tests.graphs import small_graph

GRAPH = small_graph()


def card(name: str):
    return make_card(GRAPH, GRAPH.find(name)[0])


def test_a_card_has_family_and_facts():
    a100 = card("A100")
    assert (a100.name, a100.type, a100.broader) == ("NVIDIA A100", "Hardware", "GPU")
    assert a100.variants == ("NVIDIA A100 80GB",)
    assert a100.facts == {"vendor": "NVIDIA", "kind": "GPU", "architecture": "Ampere", "year": "2020"}
    assert card("A100-80GB").variant_of == "NVIDIA A100"


def test_a_card_names_the_papers_by_role_with_a_sentence():
    introduced, compared = card("FastServe").papers
    assert (introduced.role, introduced.paper) == ("introduced", "2401.00001")
    assert introduced.sentence == "We present FastServe, built on BaseServe."
    assert compared.role == "compared"


def test_a_card_has_the_results_as_subject_and_as_baseline():
    assert [result.text for result in card("BaseServe").claims] == [
        "FastServe: up to 2.5x speedup vs BaseServe",
        "BaseServe: 3e5 tokens/s throughput",
    ]
    assert card("FastServe").claims[1].text == "FastServe: 1,024 ms latency"
    assert card("FastServe").claims[1].sentence.startswith("On A100 GPUs it is up to 2.5x faster")


def test_a_card_tells_what_it_is_compared_with_and_related_to():
    fast = card("FastServe")
    assert fast.compared_with == ("BaseServe",)
    assert [(r.predicate, r.outgoing, r.name) for r in fast.related] == [
        ("basedOn", True, "BaseServe"),
        ("outperforms", True, "BaseServe"),
        ("partOf", False, "window paging"),
    ]


@pytest.mark.parametrize(
    ("name", "near"), [("FastServ", "FastServe"), ("serve", "FastServe"), ("LLaMA3 70b ", "LLaMA-3-70B")]
)
def test_near_names_are_suggested(name, near):
    assert near in near_names(GRAPH, name)


def test_nothing_is_near_nonsense():
    assert near_names(GRAPH, "qqqqqqqq") == []


def test_a_direct_edge_is_the_shortest_path_and_the_most_telling_one():
    (first, *_) = find_paths(GRAPH, ["system/baseserve"], ["system/fastserve"])
    (step,) = first
    assert (step.head, step.predicate, step.tail) == ("FastServe", "outperforms", "BaseServe")
    assert step.backwards
    assert "2.5x faster than BaseServe" in step.sentence


def test_a_path_leads_through_papers():
    (first, *_) = find_paths(GRAPH, ["technique/window"], ["dataset/mmlu"])
    assert [step.predicate for step in first][-1] == "evaluatedOn"
    assert first[-1].title == "A study of KV caching"


def test_paths_do_not_depend_on_the_order_of_names():
    starts, ends = ["hardware/gpu", "technique/window"], ["dataset/mmlu", "technique/kv-cache"]
    assert find_paths(GRAPH, starts, ends) == find_paths(GRAPH, starts[::-1], ends[::-1])


def test_a_thing_has_no_path_to_itself():
    assert find_paths(GRAPH, ["hardware/gpu"], ["hardware/gpu"]) == []


def test_every_node_has_a_label():
    assert node_label(GRAPH, "paper/2401.00002") == "A study of KV caching"
    assert node_label(GRAPH, "hardware/gpu") == "GPU"


def test_search_finds_a_name_first_and_then_papers():
    hits = search(GRAPH, "FastServe")
    assert (hits[0].kind, hits[0].id) == ("System", "system/fastserve")
    assert {hit.id for hit in hits} >= {"2401.00001", "2401.00002"}


def test_search_marks_what_matched():
    (hit, *_) = [h for h in search(GRAPH, "faster latency") if h.kind == "Paper"]
    assert f"{MARK_START}faster{MARK_END}" in hit.snippet


def test_all_words_go_before_some():
    assert search(GRAPH, "tokens paging")[0].id in {"2401.00001", "2401.00002", "technique/window"}
    assert search(GRAPH, "paging BaseServe latency")[0].id == "2401.00001"


def test_things_of_one_name_come_with_the_paper_that_introduces_each():
    one = GRAPH.extractions["2401.00002"]  # introduces BaseServe
    twins = tuple(replace(e, id="system/twin") if e.name == "BaseServe" else e for e in one.entities)
    other = replace(one, paper=replace(one.paper, id="other", title="B study of KV caching"), entities=twins)
    concepts = [*GRAPH.concepts.values(), Concept(id="system/twin", type="System", name="BaseServe")]
    hits = search(KnowledgeGraph([*GRAPH.extractions.values(), other], concepts), "baseserve")
    told = {hit.id: hit.snippet for hit in hits}
    assert told["system/baseserve"].endswith(f"in \u201c{one.paper.title}\u201d")
    assert told["system/twin"].endswith("in \u201cB study of KV caching\u201d")
    assert "\u201c" not in search(GRAPH, "baseserve")[0].snippet


@pytest.mark.parametrize(
    "text", ['"', "AND", "NEAR(", "a*", "--", "C++", "name:x", "\0", "\ud800", "(", "", "  ", "^x"]
)
def test_search_takes_any_text(text):
    assert isinstance(search(GRAPH, text), list)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("vLLM", "It beats vLLM, e.g. by 2.5x vs. Orca."),
        ("Orca", "It beats vLLM, e.g. by 2.5x vs. Orca."),
        ("Code", "Code is at https://x.y/z."),
        ("Title", "A. Title: One"),
    ],
)
def test_sentences_end_where_readers_think(word, sentence):
    text = "A. Title: One\nIt beats vLLM, e.g. by 2.5x vs. Orca. Code is at https://x.y/z."
    start = text.index(word)
    assert sentence_at(text, start, start + len(word)) == sentence


def test_a_place_outside_the_text_has_no_sentence():
    assert sentence_at("One. Two.", 0, 0) == sentence_at("One.", 3, 99) == ""
