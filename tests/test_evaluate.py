"""Figures against annotated papers, held against a recorded case of the scoring script that defines them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperkg import evaluate
from paperkg.errors import RecordError
from paperkg.evaluate import Figure, Mistake, find_mistakes, score
from paperkg.extract import Models

DATA = Path(__file__).parent / "data/score"


def load(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def paper(name: str = "p", **parts: list) -> dict:
    return {"id": name, "entities": [], "mentions": [], "relations": [], "claims": []} | parts


def entity(name: str, kind: str = "System", role: str = "used", *forms: str, **keys: str) -> dict:
    return {"name": name, "type": kind, "role": role, "forms": list(forms)} | keys


def claim(value: str, unit: str = "x", *baselines: str, metric: str = "speedup") -> dict:
    return {"value": value, "unit": unit, "metric": metric, "baselines": list(baselines)}


def f1(figure: str, gold: dict, predicted: dict) -> float:
    return score([gold], [predicted])[figure].f1


def test_figures_agree_with_the_recorded_ones_to_the_last_digit():
    figures = score(load(DATA / "gold.jsonl"), load(DATA / "predicted.jsonl"))
    expected = json.loads((DATA / "expected.json").read_text("utf-8"))
    assert {name: asdict(figure) for name, figure in figures.items()} == expected
    assert list(figures) == list(expected)


def test_papers_against_themselves_are_perfect():
    gold = load(DATA / "gold.jsonl")
    for record in gold:
        for one in record["entities"]:
            one["id"] = one["kb"]
    figures = score(gold, gold)
    assert {figure.f1 for figure in figures.values() if figure.gold} == {100.0}


def test_a_paper_without_prediction_counts_as_missed():
    gold = [paper("p", entities=[entity("Aero")]), paper("q", entities=[entity("Bora")])]
    assert score(gold, gold[:1])["entity"] == Figure(p=100.0, r=50.0, f1=66.67, gold=2, predicted=1)


def test_a_paper_without_gold_does_not_count():
    gold = [paper("p", entities=[entity("Aero")])]
    assert score(gold, [*gold, paper("q", entities=[entity("Bora")])])["entity"].f1 == 100.0


@pytest.mark.parametrize(
    ("name", "forms"), [("KV-Cache", ()), ("kv caches", ()), ("other", ("KV cache",)), ("KV cache.", ())]
)
def test_an_entity_is_found_by_any_spelling_or_form(name, forms):
    gold = paper(entities=[entity("KV cache", "Technique")])
    assert f1("entity", gold, paper(entities=[entity(name, "Technique", "used", *forms)])) == 100.0


def test_a_wrong_type_spoils_entity_but_not_entity_untyped():
    gold, given = paper(entities=[entity("Aero", "System")]), paper(entities=[entity("Aero", "Model")])
    assert f1("entity", gold, given) == 0.0
    assert f1("entity_untyped", gold, given) == 100.0


def test_one_prediction_pairs_with_one_entity_only():
    gold = paper(entities=[entity("Aero"), entity("Aero 2", "System", "used", "Aero")])
    assert f1("entity", gold, paper(entities=[entity("Aero")])) == 66.67


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        ("3", "times", 100.0),
        ("3.0x", "×", 100.0),
        ("3", "%", 0.0),
        ("3,000", "x", 0.0),
        ("3+", "fold", 100.0),
    ],
)
def test_values_are_compared_as_numbers_and_units_by_meaning(value, unit, expected):
    assert f1("claim_value", paper(claims=[claim("3", "x")]), paper(claims=[claim(value, unit)])) == expected


def test_a_claim_needs_all_baselines_by_any_of_their_names():
    entities = [entity("FlexGen", "System", "compared", "Flex")]
    gold = paper(entities=entities, claims=[claim("3", "x", "FlexGen", "vLLM")])
    right = paper(entities=entities, claims=[claim("3", "x", "vllm", "FlexGen")])
    short = paper(entities=entities, claims=[claim("3", "x", "vLLM")])
    assert (f1("claim", gold, right), f1("claim", gold, short)) == (100.0, 0.0)


def test_link_falls_when_two_things_are_merged():
    def mention(name: str, at: int) -> dict:
        return {"start": at, "end": at + 4, "type": "System", "entity": name}

    names = ("Aero", "Bora")
    mentions = [mention(name, 10 * i) for i, name in enumerate(names)]
    gold = paper(entities=[entity(n, kb=n) for n in names], mentions=mentions)
    apart = paper(entities=[entity(n, id=n) for n in names], mentions=mentions)
    merged = paper(entities=[entity(n, id="one") for n in names], mentions=mentions)
    assert f1("link", gold, apart) == 100.0
    assert score([gold], [merged])["link"] == Figure(p=50.0, r=100.0, f1=66.67, gold=2, predicted=2)


def test_mistakes_are_counted_over_papers_the_commonest_first():
    gold = [paper("p", entities=[entity("Aero"), entity("Bora")]), paper("q", entities=[entity("Aero")])]
    given = [paper("p", entities=[entity("Zeta")])]
    assert find_mistakes(gold, given) == [
        Mistake(papers=2, what="missed", type="System", name="Aero"),
        Mistake(papers=1, what="missed", type="System", name="Bora"),
        Mistake(papers=1, what="spurious", type="System", name="Zeta"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        paper(entities=[{"name": "Aero"}]),
        paper(entities=["Aero"]),
        paper(claims=[{"value": "3"}]),
        paper(mentions=7),
        paper(relations=[["a"]]),
    ],
)
def test_a_record_that_cannot_be_compared_is_named(broken):
    gold = paper(entities=[entity("Aero")], claims=[claim("3")], relations=[["a", "part_of", "b"]])
    with pytest.raises(RecordError, match="p: cannot be compared"):
        score([gold], [broken])


def test_each_paper_is_in_one_fold_whatever_their_order():
    gold = load(DATA / "gold.jsonl")
    folds = evaluate.split(gold, 3)
    assert sorted(r["id"] for fold in folds for r in fold) == sorted(r["id"] for r in gold)
    assert len(folds) == 3
    assert evaluate.split(gold[::-1], 3) == folds


def test_the_extractor_is_scored_on_the_text_alone():
    """What the annotations say must not find its way into what is scored against them."""
    gold = load(DATA / "gold.jsonl")[:2]
    bare = [{key: record[key] for key in ("id", "title", "abstract")} for record in gold]
    assert evaluate.predict(gold) == evaluate.predict(bare)


def test_cross_validation_gives_mean_and_spread_of_every_figure():
    gold = load(DATA / "gold.jsonl")[:4]
    learnt: list[set[str]] = []

    def train(papers, vocabulary):
        learnt.append({paper["id"] for paper in papers})
        return Models()

    spreads, found = evaluate.cross_validate(gold, 2, train=train)
    assert {record["id"] for record in found} == {record["id"] for record in gold}
    assert learnt == [{r["id"] for r in gold} - {r["id"] for r in part} for part in evaluate.split(gold, 2)]
    assert {"mention", "entity", "role", "relation", "claim", "link"} <= spreads.keys()
    assert all(0 <= s.mean <= 100 and 0 <= s.deviation <= 50 for s in spreads.values())


def untaught(papers, vocabulary) -> Models:
    """Learn nothing; a function of the module, so that other processes find it."""
    return Models()


def test_folds_in_several_processes_give_the_same():
    gold = load(DATA / "gold.jsonl")[:4]
    alone = evaluate.cross_validate(gold, 2, train=untaught)
    assert evaluate.cross_validate(gold, 2, train=untaught, jobs=2) == alone


@given(st.floats(0, 1), st.randoms(use_true_random=False))
def test_figures_stay_between_0_and_100_and_do_not_depend_on_the_order_of_papers(rate, rng):
    gold = load(DATA / "gold.jsonl")
    given = [r | {"entities": [e for e in r["entities"] if rng.random() > rate]} for r in gold]
    figures = score(gold, given)
    assert all(0 <= value <= 100 for f in figures.values() for value in (f.p, f.r, f.f1))
    assert score(gold[::-1], given) == figures
