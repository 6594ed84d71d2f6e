"""The scripts that grow the vocabulary, on made-up tables and abstracts."""

import gzip
import json
import shutil
import subprocess
import sys

import pytest

from paperkg.curate.attest import by_corpus, by_tables
from paperkg.curate.corpus import count_names, mine, read_corpus, unknown
from paperkg.curate.rows import COLUMNS, Addition, add, attest, nest, read_additions
from paperkg.errors import VocabularyError
from paperkg.lint import check_vocabulary
from paperkg.model import Concept
from paperkg.resources import vocabulary_dir
from paperkg.vocabulary import load_vocabulary, read_table

PAPERS = [
    ("ZapServe: Serving", "We present ZapServe. It uses quick zapping attention (QZA) on the Zorbon chip."),
    ("A study", "The ZapServe of others. Quick zapping attention (QZA) is slow, says Zorbon. We use zorbs."),
]


@pytest.fixture
def folder(tmp_path):
    """Give a copy of the vocabulary that ships."""
    return shutil.copytree(vocabulary_dir(), tmp_path / "vocabulary")


def test_mining_counts_each_kind_once_a_paper():
    mined = mine(PAPERS, {"attention"})
    assert mined.papers == 2
    assert mined.counts["shaped"]["ZapServe"] == 2
    assert mined.counts["acronym"]["QZA = quick zapping attention"] == 2
    assert mined.counts["term"]["zapping attention"] == 2
    assert mined.counts["title"]["ZapServe"] == 1
    assert mined.counts["name"]["Zorbon"] == 2
    assert "We" not in mined.counts["name"]


def test_unknown_leaves_out_what_is_known_and_rare():
    mined = mine(PAPERS, {"attention"})
    assert unknown(mined.counts["shaped"], {"zapserve"}, 2) == [(2, "QZA")]
    assert unknown(mined.counts["title"], set(), 2) == []


def test_counting_asks_names_of_odd_shape_to_stand_as_written():
    papers = [
        ("t", "The zapserve and Quick Zapping attentions."),
        ("t", "ZapServe-based quick-zapping attention."),
    ]
    wanted = {"zapserve": ["ZapServe"], "quickzappingattention": ["quick zapping attention"]}
    assert count_names(papers, wanted) == {"ZapServe": 1, "quick zapping attention": 2}


def test_corpus_is_read_with_and_without_gzip(tmp_path):
    line = json.dumps({"id": "1", "title": "T", "abstract": "A"}) + "\n"
    (tmp_path / "a.jsonl").write_text(line, "utf-8")
    with gzip.open(tmp_path / "a.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.write(line)
    for name in ("a.jsonl", "a.jsonl.gz"):
        assert list(read_corpus(tmp_path / name)) == [("T", "A")]
    (tmp_path / "a.jsonl").write_text(line + "{}\n", "utf-8")
    with pytest.raises(VocabularyError, match=r"a\.jsonl:2"):
        list(read_corpus(tmp_path / "a.jsonl"))


def test_additions_become_rows_that_lint_accepts(folder):
    rows = [
        Addition(
            type="Technique", name="quick zapping attention", aliases=("QZA",), broader="sparse attention"
        ),
        Addition(type="Hardware", name="Zorbon X1", source="epoch"),
    ]
    assert add(folder, rows) == (2, 1)
    assert add(folder, rows) == (0, 0)
    assert not check_vocabulary(folder)
    concepts = load_vocabulary(folder).concepts
    assert concepts["technique/quick-zapping-attention"].broader == "technique/sparse-attention"
    assert concepts["technique/quick-zapping-attention"].aliases == ("QZA",)


def test_addition_never_takes_a_name_from_another(folder):
    before = (folder / "names.tsv").read_text("utf-8")
    assert add(folder, [Addition(type="System", name="LoRA"), Addition(type="System", name="accuracy")]) == (
        0,
        0,
    )
    assert (folder / "names.tsv").read_text("utf-8") == before


def test_addition_with_an_unknown_parent_is_refused(folder):
    with pytest.raises(VocabularyError, match="no Technique is called 'zorbing'"):
        add(folder, [Addition(type="Technique", name="zapping", broader="zorbing")])


def test_table_of_additions_is_read_and_checked(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("\t".join(COLUMNS) + "\nModel\tZap-2\tZap 2| Zap2\t\t\t\t\n", "utf-8")
    assert list(read_additions(path)) == [Addition(type="Model", name="Zap-2", aliases=("Zap 2", "Zap2"))]
    path.write_text("\t".join(COLUMNS[:7]) + "\nModel\t Zap \t\t\t\ta| |b|\tepoch\n", "utf-8-sig")
    assert list(read_additions(path)) == [Addition(type="Model", name="Zap", context="a|b", source="epoch")]
    path.write_text("\t".join(COLUMNS) + "\nThing\tZap\t\t\t\t\t\n", "utf-8")
    with pytest.raises(VocabularyError, match=r"a\.tsv:2"):
        list(read_additions(path))
    path.write_text("name\n", "utf-8")
    with pytest.raises(VocabularyError, match=r"a\.tsv:1"):
        list(read_additions(path))


def test_attested_rows_name_the_source(folder):
    add(folder, [Addition(type="Hardware", name="Zorbon X1", aliases=("Zorb",))])
    assert attest(folder, "epoch", lambda kind, text: (kind, text) == ("Hardware", "Zorb")) == 2
    concept = next(c for c in read_table(folder / "concepts.tsv", Concept) if c.name == "Zorbon X1")
    assert concept.source == "epoch own"
    assert attest(folder, "epoch", lambda kind, text: text == "Zorb") == 0


def test_tables_attest_hardware_without_its_vendor(tmp_path):
    (tmp_path / "epoch_ml_hardware.csv").write_text("Hardware name\nNVIDIA Tesla X100 SXM4 80 GB\n", "utf-8")
    attests = by_tables(tmp_path)["epoch"]
    assert attests("Hardware", "X100")
    assert attests("Hardware", "NVIDIA X100")
    assert not attests("Model", "X100")


def test_corpus_attests_what_enough_papers_have(folder, tmp_path):
    path = tmp_path / "c.jsonl"
    line = json.dumps({"title": "T", "abstract": "We run vLLM with beam search."}) + "\n"
    path.write_text(line * 5, "utf-8")
    attests = by_corpus(path, load_vocabulary(folder))
    assert attests("System", "vLLM")
    assert not attests("Technique", "beam search")


def test_command_lists_candidates(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text((json.dumps({"title": "T", "abstract": "We run ZapServe."}) + "\n") * 3, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "paperkg.curate", "mine", str(path), "--least", "3"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "papers\tevidence\tname\n3\tshaped\tZapServe\n3\tname\tZapServe\n"


def test_versions_hang_below_the_nearest_family(folder):
    add(folder, [Addition(type="Model", name=name) for name in ("Zaplm", "Zaplm-2-7B-Chat", "Zaplm-2")])
    assert nest(folder) == 2
    assert nest(folder) == 0
    concepts = load_vocabulary(folder).concepts
    assert concepts["model/zaplm-2-7b-chat"].variant_of == "model/zaplm-2"
    assert concepts["model/zaplm-2"].variant_of == "model/zaplm"
    assert not check_vocabulary(folder)


def test_what_is_left_out_of_additions_is_named(folder):
    left: list[str] = []
    rows = [Addition(type="System", name="LoRA"), Addition(type="Technique", name="accuracy")]
    rows.append(Addition(type="System", name="Zorbonix", aliases=("GPU",)))
    assert add(folder, rows, refuse=left.append) == (1, 0)
    assert left == [
        "LoRA: is a name of technique/lora",
        "accuracy: is never an entity",
        "GPU: is a name of hardware/gpu",
    ]


def test_facts_of_tables_survive_to_the_rows(folder, tmp_path):
    rows = [
        Addition(type="Hardware", name="Zorbon X1", vendor="Zorbon", kind="GPU", memory_gb="80", year="2030")
    ]
    add(folder, rows)
    chip = load_vocabulary(folder).concepts["hardware/zorbon-x1"]
    assert (chip.vendor, chip.kind, chip.memory_gb, chip.year) == ("Zorbon", "GPU", "80", "2030")


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b"{}")[:-4], gzip.compress(b'{"title": null, "abstract": 1}')]
)
def test_a_corpus_that_is_none_is_named(tmp_path, content):
    (tmp_path / "c.jsonl.gz").write_bytes(content)
    with pytest.raises(VocabularyError, match=r"c\.jsonl\.gz"):
        list(read_corpus(tmp_path / "c.jsonl.gz"))
