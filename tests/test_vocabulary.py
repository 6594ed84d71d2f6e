"""The vocabulary that ships with paperkg, and how it is read."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from paperkg.curate import tables
from paperkg.errors import VocabularyError
from paperkg.lint import check_vocabulary
from paperkg.model import METRICS, ROLES, Concept
from paperkg.names import fold
from paperkg.resources import vocabulary_dir
from paperkg.vocabulary import Name, Vocabulary, default_vocabulary, load_vocabulary, write_table

#: What the vocabulary reached, rounded down.
LEAST = {"Technique": 2500, "Model": 1700, "System": 1400, "Dataset": 1550, "Hardware": 850}

#: Chips whose facts others rely on: architecture, memory, year.
CHIPS = {
    "NVIDIA V100": ("Volta", "16", "2017"),
    "NVIDIA A100": ("Ampere", "40", "2020"),
    "NVIDIA A100 80GB": ("Ampere", "80", "2020"),
    "NVIDIA H100": ("Hopper", "80", "2022"),
    "NVIDIA H200": ("Hopper", "141", "2023"),
    "AMD MI250X": ("CDNA 2", "128", "2021"),
    "AMD MI300X": ("CDNA 3", "192", "2023"),
    "Huawei Ascend 910": ("Da Vinci", "32", "2019"),
    "Huawei Ascend 910B": ("Da Vinci", "64", "2022"),
    "Huawei Ascend 910C": ("Da Vinci", "128", "2024"),
    "TPU v1": ("TPU v1", "8", "2015"),
    "TPU v2": ("TPU v2", "16", "2017"),
    "TPU v3": ("TPU v3", "32", "2018"),
    "TPU v4": ("TPU v4", "32", "2021"),
    "TPU v5e": ("TPU v5", "16", "2023"),
    "TPU v5p": ("TPU v5", "95", "2023"),
    "TPU v6e": ("TPU v6", "32", "2024"),
    "TPU v7": ("TPU v7", "192", "2025"),
    "Cerebras WSE-2": ("WSE-2", "40", "2021"),
    "Cerebras CS-2": ("WSE-2", "40", "2021"),
    "Intel Gaudi": ("Gaudi", "32", "2019"),
    "Intel Gaudi 2": ("Gaudi", "96", "2022"),
    "Intel Gaudi 3": ("Gaudi", "128", "2024"),
    "NVIDIA Jetson Nano": ("Maxwell", "4", "2019"),
    "NVIDIA Jetson AGX Orin": ("Ampere", "64", "2022"),
    "NVIDIA Jetson Orin Nano": ("Ampere", "8", "2023"),
}


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return default_vocabulary()


def by_name(vocabulary: Vocabulary, kind: str, name: str) -> Concept:
    return next(c for c in vocabulary.concepts.values() if c.type == kind and c.name == name)


def above(vocabulary: Vocabulary, concept: Concept) -> list[str]:
    """Give the names on the way up the hierarchy."""
    names = []
    while parent := concept.variant_of or concept.broader:
        concept = vocabulary.concepts[parent]
        names.append(concept.name)
    return names


def test_the_shipped_vocabulary_has_no_problems():
    problems = check_vocabulary(vocabulary_dir())
    assert not problems, "\n".join([*problems[:50], "For form alone, run: paperkg lint --fix"])


@pytest.mark.parametrize("kind", sorted(LEAST))
def test_each_type_has_at_least_its_rows(vocabulary, kind):
    counts = Counter(concept.type for concept in vocabulary.concepts.values())
    assert counts[kind] >= LEAST[kind]


@pytest.mark.parametrize("name", sorted(CHIPS))
def test_chips_have_their_facts(vocabulary, name):
    chip = by_name(vocabulary, "Hardware", name)
    assert (chip.architecture, chip.memory_gb, chip.year) == CHIPS[name]
    assert chip.vendor
    assert chip.kind


def test_supercomputers_have_their_facts(vocabulary):
    frontier = by_name(vocabulary, "Hardware", "Frontier")
    assert (frontier.vendor, frontier.kind, frontier.architecture, frontier.year) == (
        "HPE",
        "supercomputer",
        "CDNA 2",
        "2022",
    )


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("Technique", "tensor parallelism", ["model parallelism", "parallelism strategy"]),
        ("Technique", "GPTQ", ["post-training quantization", "quantization", "model compression"]),
        ("Model", "LLaMA-2-70B", ["LLaMA-2", "LLaMA"]),
        ("Hardware", "NVIDIA A100 80GB", ["NVIDIA A100", "NVIDIA GPU", "GPU"]),
        ("Dataset", "CIFAR-10", ["CIFAR"]),
    ],
)
def test_hierarchy_leads_to_the_class(vocabulary, kind, name, expected):
    assert above(vocabulary, by_name(vocabulary, kind, name)) == expected


@pytest.mark.parametrize(
    "word", ["Frontier", "Ray", "Spark", "Gemini", "Parrot", "Orca", "Falcon", "Adam", "OPT"]
)
def test_names_that_are_words_ask_for_exact_case_and_context(vocabulary, word):
    rows = [name for name in vocabulary.names if name.text == word and name.case != "never"]
    assert rows
    assert all(row.case == "exact" and row.context for row in rows)


def test_homonyms_stay_apart_and_are_not_looked_for(vocabulary):
    comets = [c for c in vocabulary.concepts.values() if c.type == "System" and c.name == "COMET"]
    assert len(comets) == 2
    rows = [name for name in vocabulary.names if name.id in {c.id for c in comets}]
    assert {row.case for row in rows} == {"never"}


@pytest.mark.parametrize(
    "word", ["LLM", "LLMs", "DNN", "MFU", "FLOPs", "SLO", "TTFT", "TPOT", "GPU-hours", "SOTA", "OpenAI"]
)
def test_field_words_are_on_the_never_list(vocabulary, word):
    assert fold(word) in {fold(row.text) for row in vocabulary.never}


def test_cues_use_the_values_of_the_model(vocabulary):
    assert set(vocabulary.cue_words("metric").values()) <= set(METRICS)
    assert set(vocabulary.cue_words("role").values()) <= set(ROLES)
    assert set(vocabulary.cue_words("direction").values()) == {"better", "higher", "lower", "worse"}


def test_rows_known_only_from_left_out_papers_are_left_out(tmp_path):
    concepts = [
        Concept(id="system/a", type="System", name="A", source="gold:p1"),
        Concept(id="system/b", type="System", name="B", source="epoch gold:p1"),
        Concept(id="system/c", type="System", name="C", source="gold:p1 own"),
        Concept(id="system/d", type="System", name="D", source="own"),
    ]
    names = [
        Name(text="Bee", id="system/b", source="gold:p1"),
        Name(text="Beta", id="system/b", source="gold:p1 gold:p2"),
    ]
    write_tables(tmp_path, concepts, names)
    kept = load_vocabulary(tmp_path, without_papers={"p1"})
    assert list(kept.concepts) == ["system/b", "system/d"]
    assert {name.text for name in kept.names} == {"B", "Beta", "D"}


def test_a_preferred_name_is_a_name_and_its_own_row_decides(tmp_path):
    concepts = [
        Concept(id="system/orca", type="System", name="Orca", source="own"),
        Concept(id="system/vllm", type="System", name="vLLM", source="own"),
    ]
    names = [Name(text="Orca", id="system/orca", status="name", case="exact", context="LLM", source="own")]
    write_tables(tmp_path, concepts, names)
    found = {name.text: name.case for name in load_vocabulary(tmp_path).names}
    assert found == {"Orca": "exact", "vLLM": "any"}


def test_a_wrong_header_is_named_with_file_and_line(tmp_path):
    write_tables(tmp_path, [], [])
    (tmp_path / "names.tsv").write_text("name\tid\n", "utf-8")
    with pytest.raises(VocabularyError, match=r"names\.tsv:1: the header must be"):
        load_vocabulary(tmp_path)


def test_hardware_table_gives_concepts_with_facts(tmp_path):
    path = tmp_path / "hardware.csv"
    columns = ["Hardware name", "Manufacturer", "Type", "Release date", "Memory (bytes)"]
    rows = [
        ["NVIDIA Tesla X100 SXM4 80 GB", "NVIDIA", "GPU", "2020-05-14", "80000000000.0"],
        ["NVIDIA Tesla X100 PCIe 40 GB", "NVIDIA", "GPU", "2020-05-14", "40000000000.0"],
    ]
    write_csv(path, columns, rows)
    (chip,) = tables.read_epoch_hardware(path)
    assert (chip.id, chip.memory_gb, chip.year, chip.source) == (
        "hardware/nvidia-x100",
        "80",
        "2020",
        "epoch",
    )


def test_model_table_leaves_plain_words_out(tmp_path):
    path = tmp_path / "models.csv"
    rows = [["Boosting", "A", "1990-01-01"], ["SomeNet-2 (big)", "B,C", "2021-02-03"]]
    write_csv(path, ["Model", "Organization", "Publication date"], rows)
    (model,) = tables.read_epoch_models(path)
    assert (model.name, model.vendor, model.year) == ("SomeNet-2", "B", "2021")


def test_a_table_without_a_column_is_refused(tmp_path):
    path = tmp_path / "models.csv"
    write_csv(path, ["Model"], [["SomeNet-2"]])
    with pytest.raises(VocabularyError, match="the column 'Organization' is missing"):
        list(tables.read_epoch_models(path))


def test_annotated_papers_give_one_thing_an_identity(tmp_path):
    path = tmp_path / "papers.jsonl"
    entity = {
        "name": "KV cache",
        "type": "Technique",
        "role": "used",
        "forms": ["KV caches"],
        "kb": "Technique:kv",
    }
    other = entity | {"name": "KV-cache", "role": "introduced", "forms": ["KV-cache"]}
    papers = [
        {"id": "p1", "entities": [entity]},
        {"id": "p2", "entities": [other]},
        {"id": "p3", "entities": [entity]},
    ]
    path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), "utf-8")
    (thing,) = tables.read_annotated(path).values()
    assert thing.name == "KV cache"
    assert thing.forms == {"KV caches": {"p1", "p3"}, "KV-cache": {"p2"}}
    assert thing.introduced_by == {"p2"}
    assert tables.gold_source(thing.papers) == "gold:p1 gold:p2 gold:p3"


def test_an_annotated_line_that_is_none_is_named(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text('{"id": "p1", "entities": []}\n[]\n', "utf-8")
    with pytest.raises(VocabularyError, match=r"papers\.jsonl:2"):
        tables.read_annotated(path)


def write_tables(folder: Path, concepts: list[Concept], names: list[Name]) -> None:
    write_table(folder / "concepts.tsv", Concept, concepts)
    write_table(folder / "names.tsv", Name, names)
    (folder / "cues.tsv").write_text("kind\tvalue\ttext\n", "utf-8")
    (folder / "never.tsv").write_text("text\treason\n", "utf-8")


def write_csv(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])
