"""What the checks of the vocabulary refuse, and what ``fix_vocabulary`` mends."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperkg.errors import VocabularyError
from paperkg.lint import check_vocabulary, fix_vocabulary

#: A small vocabulary without problems; the cells of a line are parted by "|" here, contexts by ";".
GOOD = {
    "concepts.tsv": """id|type|name|broader|variant_of|vendor|kind|architecture|memory_gb|year|source
hardware/gpu|Hardware|GPU||||GPU||||own
hardware/nvidia-x100|Hardware|NVIDIA X100|hardware/gpu||NVIDIA|GPU|Volta|16|2017|epoch own
system/comet-00000001|System|Comet||||||||gold:p1
system/comet-00000002|System|Comet||||||||gold:p2
system/orca|System|Orca||||||||own
technique/kv-cache|Technique|KV cache||||||||gold:p1 own""",
    "names.tsv": """text|id|status|case|context|source
Comet|system/comet-00000001|name|never||gold:p1
Comet|system/comet-00000002|name|never||gold:p2
Orca|system/orca|name|exact|LLM;serving|own
X100|hardware/nvidia-x100|synonym|exact||own""",
    "cues.tsv": """kind|value|text
type|System|engine""",
    "never.tsv": """text|reason
LLM|field word""",
}

KV = "technique/kv-cache|Technique|KV cache||||||||gold:p1 own"
ORCA = "system/orca|System|Orca||||||||own"


@pytest.fixture
def folder(tmp_path) -> Path:
    for file, text in GOOD.items():
        write(tmp_path / file, text)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.write_text(text.replace("|", "\t").replace(";", "|") + "\n", "utf-8")


def with_rows(file: str, *rows: str, instead_of: str = "") -> str:
    """Give a good table with a row replaced, or with rows added, in order."""
    first, *lines = GOOD[file].split("\n")
    if instead_of:
        lines.remove(instead_of)
    return "\n".join([first, *sorted([*lines, *rows], key=lambda line: line.replace("|", "\t"))])


def test_a_good_vocabulary_has_no_problems(folder):
    assert check_vocabulary(folder) == []


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("Technique|", "Method|"), instead_of=KV),
            "concepts.tsv:7: concept 'technique/kv-cache': unknown type 'Method'; correct the row",
            id="unknown type",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("kv-cache", "kv"), instead_of=KV),
            "concepts.tsv:7: the id of 'KV cache' is 'technique/kv'; make it 'technique/kv-cache'",
            id="id does not fit the name",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", "technique/kv-caches|Technique|KV-Caches||||||||own"),
            "'KV-Caches' is 'KV cache' of concepts.tsv:7 again",
            id="one thing twice",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("cache||", "cache|technique/x|"), instead_of=KV),
            "concepts.tsv:7: broader 'technique/x' is no id of concepts.tsv",
            id="broader points to nothing",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("cache||", "cache||system/orca"), instead_of=KV),
            "concepts.tsv:7: variant_of 'system/orca' is no Technique",
            id="variant of another type",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("cache||", "cache|technique/kv-cache|"), instead_of=KV),
            "concepts.tsv:7: 'technique/kv-cache' is above itself",
            id="cycle",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("gold:p1 own", ""), instead_of=KV),
            "concepts.tsv:7: the cell 'source' is empty; fill it",
            id="no source",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("gold:p1 own", "own gold:p1"), instead_of=KV),
            "concepts.tsv:7: the sources 'own gold:p1' are not sorted",
            id="sources in disorder",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", KV.replace("|gold:p1 own", "soon|own"), instead_of=KV),
            "concepts.tsv:7: the year 'soon' has not four digits",
            id="no year",
        ),
        pytest.param(
            "concepts.tsv",
            with_rows("concepts.tsv", ORCA.replace("|||own", "|16 GB||own"), instead_of=ORCA),
            "concepts.tsv:6: memory_gb '16 GB' is no number",
            id="memory with a unit",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "Y|hardware/y|synonym|any||own"),
            "names.tsv:6: 'hardware/y' is no id of concepts.tsv",
            id="name of nothing",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "Whale|system/orca|name|any||own"),
            "names.tsv:5: the preferred name of 'system/orca' is 'Orca'; status 'name' belongs to that text",
            id="two preferred names",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "X100|hardware/nvidia-x100|synonym|any||own"),
            "has the same text and id; make the two one row",
            id="one name twice",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "kv caches|system/orca|synonym|any||own"),
            "names.tsv:6: 'kv caches' names 'system/orca' and, in concepts.tsv:7, 'technique/kv-cache'",
            id="one text, two things",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "Whale|system/orca|synonym|any|LLM;|own"),
            "names.tsv:5: the context 'LLM|' has an empty part",
            id="broken context",
        ),
        pytest.param(
            "names.tsv",
            with_rows("names.tsv", "Whale|system/orca|nickname|any||own"),
            "names.tsv:5: name 'Whale': status 'nickname' or case 'any'; correct the row",
            id="unknown status",
        ),
        pytest.param(
            "never.tsv",
            with_rows("never.tsv", "x100s|word"),
            "never.tsv:3: 'x100s' names 'hardware/nvidia-x100' in names.tsv:5",
            id="a name on the never list",
        ),
        pytest.param(
            "never.tsv",
            with_rows("never.tsv", "LLM|word"),
            "never.tsv:3: never.tsv:2 has the text 'LLM', too; keep one reason",
            id="twice on the never list",
        ),
        pytest.param(
            "cues.tsv",
            with_rows("cues.tsv", "type|Model|engine"),
            "cues.tsv:3: the type cue 'engine' says 'System' here and 'Model' in cues.tsv:2; keep one",
            id="a cue that says two things",
        ),
        pytest.param(
            "cues.tsv",
            with_rows("cues.tsv", "type|System"),
            "cues.tsv:2: 2 cells, not 3; part the cells by tabs",
            id="a cell too few",
        ),
        pytest.param(
            "cues.tsv",
            with_rows("cues.tsv", "type|System| tool"),
            "cues.tsv:2: the cell 'text' has spaces around its text; run: paperkg lint --fix",
            id="outer spaces",
        ),
        pytest.param(
            "cues.tsv",
            "kind|value|text\ntype|System|tool\ntype|System|engine",
            "cues.tsv:3: the lines are not sorted; run: paperkg lint --fix",
            id="not sorted",
        ),
        pytest.param(
            "cues.tsv",
            with_rows("cues.tsv", "type|System|engine"),
            "cues.tsv:3: the line stands there twice; run: paperkg lint --fix",
            id="double line",
        ),
        pytest.param(
            "cues.tsv",
            "text|kind|value\nengine|type|System",
            "cues.tsv:1: the header must be kind value text, parted by tabs; run: paperkg lint --fix",
            id="wrong header",
        ),
        pytest.param(
            "cues.tsv",
            "kind|value|text\n\ntype|System|engine",
            "cues.tsv:1: lines end with one line feed, and none is empty; run: paperkg lint --fix",
            id="empty line",
        ),
    ],
)
def test_each_problem_is_named_with_file_line_and_remedy(folder, file, text, problem):
    write(folder / file, text)
    found = check_vocabulary(folder)
    assert any(problem in line for line in found), found


def test_a_longer_cycle_is_found_at_every_row_of_it(folder):
    rows = [
        f"technique/{one}|Technique|{one}|technique/{other}|||||||own"
        for one, other in [("aa", "bb"), ("bb", "cc"), ("cc", "aa")]
    ]
    write(folder / "concepts.tsv", with_rows("concepts.tsv", *rows))
    assert sum("is above itself" in line for line in check_vocabulary(folder)) == 3


def test_exact_names_that_differ_in_case_are_two_names(folder):
    concepts = ["system/prism|System|PRISM||||||||own", "technique/prism|Technique|Prism||||||||own"]
    names = ["PRISM|system/prism|name|exact||own", "Prism|technique/prism|name|exact||own"]
    write(folder / "concepts.tsv", with_rows("concepts.tsv", *concepts))
    write(folder / "names.tsv", with_rows("names.tsv", *names))
    assert check_vocabulary(folder) == []


def test_a_context_tells_two_things_of_one_name_apart(folder):
    write(folder / "concepts.tsv", with_rows("concepts.tsv", "technique/orca|Technique|Orca||||||||own"))
    assert check_vocabulary(folder) == []


def test_fix_sorts_takes_doubles_out_and_reorders_columns(folder):
    (folder / "cues.tsv").write_bytes(
        b"text\tkind\tvalue\r\ntool\ttype\tSystem \r\n\r\nengine\ttype\tSystem\r\n"
    )
    with (folder / "never.tsv").open("a", encoding="utf-8") as stream:
        stream.write("API\tword\nLLM\tfield word\n")
    assert fix_vocabulary(folder) == ["cues.tsv", "never.tsv"]
    assert (
        folder / "cues.tsv"
    ).read_bytes() == b"kind\tvalue\ttext\ntype\tSystem\tengine\ntype\tSystem\ttool\n"
    assert (folder / "never.tsv").read_bytes() == b"text\treason\nAPI\tword\nLLM\tfield word\n"
    assert check_vocabulary(folder) == []


def test_fix_changes_nothing_that_is_in_order(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert fix_vocabulary(folder) == []
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_fix_leaves_a_file_alone_that_it_does_not_understand(folder):
    (folder / "cues.tsv").write_text("kind\tvalue\ttext\na\tb\tc\td\n", "utf-8")
    with pytest.raises(VocabularyError, match=r"cues\.tsv:2: 4 cells, not 3"):
        fix_vocabulary(folder)
    assert (folder / "cues.tsv").read_text("utf-8") == "kind\tvalue\ttext\na\tb\tc\td\n"


def test_a_missing_table_is_named(folder):
    (folder / "never.tsv").unlink()
    with pytest.raises(VocabularyError, match=r"never\.tsv: No such file.*a vocabulary has all of"):
        check_vocabulary(folder)


def test_bytes_that_are_no_text_are_named(folder):
    (folder / "never.tsv").write_bytes(b"text\treason\n\xff\tword\n")
    with pytest.raises(VocabularyError, match=r"never\.tsv: .*UTF-8"):
        fix_vocabulary(folder)
