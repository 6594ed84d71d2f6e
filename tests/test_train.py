"""What is learnt from annotated papers, and how it is used."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from paperkg.annotations import with_texts
from paperkg.cli import main
from paperkg.errors import PaperkgError, RecordError, VocabularyError
from paperkg.extract import Models, extract, make_nlp
from paperkg.extract.cues import Cues
from paperkg.extract.linear import BUCKETS, LinearModel, buckets
from paperkg.extract.models import load_models
from paperkg.extract.network import Reader
from paperkg.extract.phrases import Phrases
from paperkg.extract.recogniser import CHANCES, Tagger
from paperkg.extract.state import findings
from paperkg.extract.token_features import token_features
from paperkg.model import ROLES, Paper
from paperkg.train import EPOCHS, START, train
from paperkg.train.pretrain import pretrain
from paperkg.vocabulary import default_vocabulary

GOLD = Path(__file__).parent / "gold" / "train.jsonl"


@pytest.fixture(scope="module")
def gold() -> list[dict]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()[:40]]


@pytest.fixture(scope="module")
def models(gold) -> Models:
    return train(gold, epochs=1)


def model_of(**weights: tuple[float, float]) -> LinearModel:
    """Make a model of two labels with these weights."""
    table = np.zeros((BUCKETS, 2), dtype=np.float32)
    for name, row in weights.items():
        table[buckets([name])[0]] = row
    return LinearModel(labels=("no", "yes"), weights=table, bias=np.zeros(2, dtype=np.float32))


def weights(models: Models) -> list[np.ndarray]:
    """Give all weights of the network."""
    assert models.recogniser is not None
    nodes = models.recogniser.network.walk()
    return [node.get_param(name) for node in nodes for name in node.param_names]


def test_probabilities_follow_the_weights():
    model = model_of(good=(0, 2), bad=(2, 0))
    assert model.probabilities({}) == {"no": 0.5, "yes": 0.5}
    assert model.probabilities({"good": 1.0})["yes"] == pytest.approx(1 / (1 + np.exp(-2)))
    assert model.probabilities({"good": 1.0, "bad": 1.0})["yes"] == pytest.approx(0.5)
    assert model.probabilities({"good": 0.5})["yes"] < model.probabilities({"good": 1.0})["yes"]


def test_many_examples_at_once_get_the_same_probabilities():
    model = model_of(good=(0, 2), bad=(2, 0))
    examples = [{}, {"good": 1.0, "bad": 0.25}, {}, {"bad": 3.0}, {"good": 1.0}, {}]
    for one, given in zip(model.all_probabilities(examples), examples, strict=True):
        assert one == pytest.approx(model.probabilities(given))
    assert model.all_probabilities([]) == []
    assert model.all_probabilities([{}]) == [{"no": 0.5, "yes": 0.5}]


def test_a_model_is_read_as_it_was_written(tmp_path):
    model = model_of(good=(-1.5, 2.25))
    model.save(tmp_path / "m.npz")
    again = LinearModel.load(tmp_path / "m.npz")
    assert again.labels == model.labels
    assert again.probabilities({"good": 1.0}) == model.probabilities({"good": 1.0})
    (tmp_path / "bad.npz").write_bytes(b"no model")
    with pytest.raises(VocabularyError, match=r"bad\.npz: no model"):
        LinearModel.load(tmp_path / "bad.npz")
    LinearModel(labels=("no", "yes"), weights=model.weights[:9], bias=model.bias).save(tmp_path / "old.npz")
    with pytest.raises(VocabularyError, match=r"old\.npz: no model \(9 rows"):
        LinearModel.load(tmp_path / "old.npz")


def test_training_learns_every_role_and_always_the_same(gold, models):
    assert models.roles is not None
    assert sorted(models.roles.labels) == sorted(ROLES)
    again = train(gold[::-1], epochs=1)
    assert all(np.array_equal(a, b) for a, b in zip(weights(again), weights(models), strict=True))
    for name in ("spans", "roles", "relations", "results", "metrics", "baselines"):
        one, other = getattr(models, name), getattr(again, name)
        assert np.array_equal(one.weights, other.weights), name
        assert one.bar == other.bar, name


def test_further_papers_teach_networks_and_classifiers(gold, models):
    """Were they not looked at, the same papers would give the same weights."""
    further = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()[40:52]]
    taught = train(gold, extra=further, epochs=1)
    for name in ("spans", "roles", "relations", "results", "metrics", "baselines"):
        assert not np.array_equal(getattr(taught, name).weights, getattr(models, name).weights), name
    assert any(not np.array_equal(a, b) for a, b in zip(weights(taught), weights(models), strict=True))


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


def test_the_fast_reader_gives_the_scores_of_the_network():
    tagger = Tagger.load(START)
    nlp = make_nlp(models=Models())
    cues = Cues()
    cues.load(default_vocabulary())
    reader = Reader(tagger.network)
    texts = [
        "vLLM: fast serving\nWe present vLLM, an engine for A100 GPUs. It beats FlexGen by 2.5x on LLaMA-7B.",
        "A\n",
        "Été 量化 \x00\nNothing here.",
    ]
    for text in texts * 2:
        doc = nlp(text)
        inputs = (token_features(doc, cues), tagger.vectors.of(doc))
        wanted = tagger.network.predict([inputs])[0]
        assert np.allclose(reader.scores(inputs), wanted, atol=1e-4)


def test_a_tagger_is_read_as_it_was_written(tmp_path):
    tagger = Tagger.load(START)
    tagger.save(tmp_path / "t.npz")
    again = Tagger.load(tmp_path / "t.npz")
    assert again.vectors.words == tagger.vectors.words
    assert np.allclose(again.vectors.table, tagger.vectors.table, atol=0.05)
    (tmp_path / "bad.npz").write_bytes(b"no model")
    with pytest.raises(VocabularyError, match=r"bad\.npz: no model"):
        Tagger.load(tmp_path / "bad.npz")


def test_the_recogniser_finds_names_that_neither_list_nor_pattern_has(gold):
    """On papers that it knows, at least: that it takes part, and that most of what it adds is right."""
    papers = [Paper(id=r["id"], title=r["title"], abstract=r["abstract"]) for r in gold]
    added = right = 0
    for record, found in zip(gold, extract(make_nlp(), papers), strict=True):
        wanted = {(m["start"], m["end"], m["type"]) for m in record["mentions"]}
        mine = [m for m in found.mentions if m.rule == "recogniser"]
        added += len(mine)
        right += sum((m.start, m.end, m.type) in wanted for m in mine)
    assert added >= 5
    assert right > 0.6 * added


def test_phrases_between_function_words_are_proposed():
    """Whole, and without the last word if that says what sort of thing it is; praise is left out."""
    text = (
        "Experts\nWe propose three novel experts: the zero expert, copy-on-write expert and simple "
        "routed feed-forward module. It quickly uses well-known tricks in practice."
    )
    nlp = make_nlp(models=Models())
    doc = nlp(text)
    doc.user_data[CHANCES] = [[0.5, *[0.05] * 10]] * len(doc)
    phrases = Phrases()
    phrases.load(default_vocabulary())
    state = findings(phrases(doc))
    found = {state.surface(c.start, c.end) for c in state.candidates if c.rule == "phrase"}
    assert {"zero expert", "copy-on-write expert", "routed feed-forward module"} <= found
    assert "routed feed-forward" in found
    assert not {"novel experts", "the zero expert", "quickly", "propose", "It"} & found
    doc.user_data[CHANCES] = [[1.0, *[0.0] * 10]] * len(doc)
    state.candidates.clear()
    near = {state.surface(c.start, c.end) for c in findings(phrases(doc)).candidates}
    assert "zero expert" in near, "what is presented just before needs no word of the network"
    assert "practice" not in near


def test_a_name_in_other_capitals_is_the_same_name():
    text = "LongQAEval: judging answers\nWe present LONGQAEVAL, a framework. LongQAEval is open."
    paper = Paper(id="p", title=text.split("\n")[0], abstract=text.split("\n")[1])
    (found,) = extract(make_nlp(), [paper])
    (one,) = [e for e in found.entities if "longqaeval" in e.name.lower()]
    assert set(one.forms) == {"LONGQAEVAL", "LongQAEval"}


def test_a_name_and_the_acronym_in_the_brackets_behind_it_are_one_entity():
    """Also where no pattern knows the pair, but the classifier takes both for names."""
    paper = Paper(
        id="p",
        title="OMGs: a system for tumour boards",
        abstract="We present the Ovarian tumour Multidisciplinary intelligent aGent System (OMGs). "
        "OMGs beats GPT-4.",
    )
    (found,) = extract(make_nlp(), [paper])
    (one,) = [e for e in found.entities if "OMGs" in e.forms]
    assert "Ovarian tumour Multidisciplinary intelligent aGent System" in one.forms


def test_pretraining_learns_from_abstracts_without_annotation():
    papers = [
        Paper(id=r["id"], title=r["title"], abstract=r["abstract"])
        for r in map(json.loads, GOLD.read_text("utf-8").splitlines())
    ]
    tagger = pretrain(papers, default_vocabulary(), silver=16)
    words, table = tagger.vectors.words, tagger.vectors.table
    assert {"quantization", "gpu", "the"} <= words.keys()
    assert not table[-1].any()

    def near(a: str, b: str) -> float:
        return float(table[words[a]] @ table[words[b]])

    assert near("training", "inference") > near("training", "galaxies")
    again = pretrain(papers, default_vocabulary(), silver=16)
    assert np.array_equal(again.vectors.table, table)
    with pytest.raises(PaperkgError, match="too few abstracts"):
        pretrain(papers[:3], default_vocabulary())


def test_command_writes_models_that_can_be_loaded(tmp_path):
    (tmp_path / "gold.jsonl").write_text("\n".join(GOLD.read_text("utf-8").splitlines()[:40]) + "\n", "utf-8")
    done = CliRunner().invoke(
        main, ["train", str(tmp_path / "gold.jsonl"), "-o", str(tmp_path / "out"), "-q", "--epochs", "1"]
    )
    assert done.exit_code == 0, done.output
    assert load_models(tmp_path / "out").roles is not None


def test_command_wants_annotated_papers(tmp_path):
    (tmp_path / "gold.jsonl").write_text('{"id": "p", "title": "t", "abstract": "a"}\n', "utf-8")
    done = CliRunner().invoke(main, ["train", str(tmp_path / "gold.jsonl"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_command_sees_papers_as_often_as_the_library():
    (epochs,) = [p for p in main.commands["train"].params if p.name == "epochs"]
    assert epochs.default == EPOCHS


def test_papers_without_some_role_cannot_teach_it(gold):
    with pytest.raises(PaperkgError, match="the annotated papers lack a role"):
        train(gold[:6], epochs=1)


def test_annotations_without_texts_find_them_elsewhere():
    paper = Paper(id="p", title="vLLM and LLaMA", abstract="LLaMA-7B runs on vLLM, see https://vllm.ai/vLLM.")
    record = {
        "id": "p",
        "entities": [
            {"name": "vLLM", "type": "System", "forms": ["vLLM"]},
            {"name": "LLaMA", "type": "Model", "forms": ["LLaMA"]},
            {"name": "LLaMA-7B", "type": "Model", "forms": ["LLaMA-7B"]},
        ],
    }
    (whole,) = with_texts([record], [paper])
    assert whole["title"] == paper.title
    assert [(m["text"], m["entity"]) for m in whole["mentions"]] == [
        ("vLLM", "vLLM"),
        ("LLaMA", "LLaMA"),
        ("LLaMA-7B", "LLaMA-7B"),
        ("vLLM", "vLLM"),
    ]
    assert all(paper.text[m["start"] : m["end"]] == m["text"] for m in whole["mentions"])
    assert with_texts([whole], []) == [whole]
    with pytest.raises(RecordError, match="p: annotated, but its text is in no file"):
        with_texts([record], [])


def test_command_says_whose_text_is_wanting(tmp_path):
    records = [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()[:40]]
    bare = [{k: r[k] for k in ("id", "entities", "relations", "claims")} for r in records]
    (tmp_path / "bare.jsonl").write_text("\n".join(map(json.dumps, bare)) + "\n", "utf-8")
    done = CliRunner().invoke(main, ["train", str(tmp_path / "bare.jsonl"), "-o", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "give --texts" in done.output
