"""What is learnt from annotated papers, and how it is used."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from paperkg.cli import main
from paperkg.errors import PaperkgError, VocabularyError
from paperkg.extract import Models, extract, make_nlp
from paperkg.extract.linear import BUCKETS, LinearModel, bucket
from paperkg.extract.models import load_models
from paperkg.model import ROLES, Paper
from paperkg.train import train

GOLD = Path(__file__).parent / "gold" / "train.jsonl"


@pytest.fixture(scope="module")
def gold() -> list[dict]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()[:40]]


@pytest.fixture(scope="module")
def models(gold) -> Models:
    return train(gold)


def model_of(**weights: tuple[float, float]) -> LinearModel:
    """Make a model of two labels with these weights."""
    table = np.zeros((BUCKETS, 2), dtype=np.float32)
    for name, row in weights.items():
        table[bucket(name)] = row
    return LinearModel(labels=("no", "yes"), weights=table, bias=np.zeros(2, dtype=np.float32))


def test_probabilities_follow_the_weights():
    model = model_of(good=(0, 2), bad=(2, 0))
    assert model.probabilities({}) == {"no": 0.5, "yes": 0.5}
    assert model.probabilities({"good": 1.0})["yes"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert model.probabilities({"good": 1.0, "bad": 1.0})["yes"] == pytest.approx(0.5)
    assert model.probabilities({"good": 0.5})["yes"] < model.probabilities({"good": 1.0})["yes"]


def test_a_model_is_read_as_it_was_written(tmp_path):
    model = model_of(good=(-1.5, 2.25))
    model.save(tmp_path / "m.npz")
    again = LinearModel.load(tmp_path / "m.npz")
    assert again.labels == model.labels
    assert again.probabilities({"good": 1.0}) == model.probabilities({"good": 1.0})
    (tmp_path / "bad.npz").write_bytes(b"no model")
    with pytest.raises(VocabularyError, match=r"bad\.npz: no model"):
        LinearModel.load(tmp_path / "bad.npz")


def test_training_learns_every_role_and_always_the_same(gold, models):
    assert models.roles is not None
    assert sorted(models.roles.labels) == sorted(ROLES)
    again = train(gold[::-1]).roles
    assert again is not None
    assert np.array_equal(again.weights, models.roles.weights)


def test_what_is_learnt_changes_roles_as_the_text_says(models):
    text = Paper(
        id="p",
        title="ZapServe: Fast Serving",
        abstract="We present ZapServe, a serving system. Experiments on A100 show a speedup of 2x over vLLM.",
    )
    (found,) = extract(make_nlp(models=models), [text])
    roles = {e.name: e.role for e in found.entities}
    assert roles["ZapServe"] == "introduced"
    assert roles["NVIDIA A100"] == "evaluated_on"


def test_models_that_ship_are_used_and_beat_the_cue_words():
    """On what they have learnt from, at least: that they are the ones of the file."""
    papers = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()[:60]]
    given = [Paper(id=r["id"], title=r["title"], abstract=r["abstract"]) for r in papers]

    def right(models: Models | None) -> int:
        count = 0
        for record, found in zip(papers, extract(make_nlp(models=models), given), strict=True):
            wanted = {form: e["role"] for e in record["entities"] for form in e["forms"]}
            count += sum(any(wanted.get(form) == e.role for form in e.forms) for e in found.entities)
        return count

    assert right(None) > 1.1 * right(Models())


def test_command_writes_models_that_can_be_loaded(tmp_path):
    (tmp_path / "gold.jsonl").write_text("\n".join(GOLD.read_text("utf-8").splitlines()[:40]) + "\n", "utf-8")
    done = CliRunner().invoke(
        main, ["train", str(tmp_path / "gold.jsonl"), "-o", str(tmp_path / "out"), "-q"]
    )
    assert done.exit_code == 0
    assert load_models(tmp_path / "out").roles is not None


def test_command_wants_annotated_papers(tmp_path):
    (tmp_path / "gold.jsonl").write_text('{"id": "p", "title": "t", "abstract": "a"}\n', "utf-8")
    done = CliRunner().invoke(main, ["train", str(tmp_path / "gold.jsonl"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_papers_without_some_role_cannot_teach_it(gold):
    with pytest.raises(PaperkgError, match="the annotated papers lack a role"):
        train(gold[:1])
