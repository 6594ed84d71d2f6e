"""Whether annotated papers are whole."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from paperkg.annotations import fault
from paperkg.cli import main

GOLD = Path(__file__).parent / "gold"
WHOLE = {
    "id": "p",
    "title": "vLLM",
    "abstract": "Fast.",
    "entities": [{"name": "vLLM", "type": "System", "role": "introduced", "forms": ["vLLM"]}],
    "mentions": [{"start": 0, "end": 4, "type": "System", "entity": "vLLM"}],
    "relations": [],
    "claims": [],
}


@pytest.mark.parametrize("name", ["train", "elsewhere", "held-out"])
def test_our_annotated_papers_are_whole(name):
    for line in (GOLD / f"{name}.jsonl").read_text("utf-8").splitlines():
        assert fault(json.loads(line)) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": 7}, "has no id"),
        ({"abstract": None}, "lacks title or abstract"),
        ({"entities": [{"name": "vLLM"}]}, "lacks 'type'"),
        ({"entities": 3}, "is not as annotated papers are"),
        ({"entities": [{**WHOLE["entities"][0], "role": "hero"}]}, "'vLLM' has an unknown type or role"),
        ({"entities": [{**WHOLE["entities"][0], "forms": [1]}]}, "'vLLM' has a form that is no text"),
        ({"mentions": [{"start": 4, "end": 4, "type": "System"}]}, "has a mention without place or type"),
        ({"relations": [["vLLM", "part_of", "Ray"]]}, "has a relation of what is no entity"),
        ({"relations": [["vLLM", "part_of"]]}, "is not as annotated papers are"),
        ({"claims": [{"metric": "speedup"}]}, "lacks 'value'"),
    ],
)
def test_what_is_not_whole_is_named(change, reason):
    assert fault(WHOLE) == ""
    assert fault(WHOLE | change).startswith(reason)


@pytest.mark.parametrize("command", [["evaluate"], ["train", "-o", "out"]])
def test_commands_refuse_papers_that_are_not_whole_and_name_them(tmp_path, command):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(WHOLE | {"claims": [{}]}) + "\n", "utf-8")
    done = CliRunner().invoke(main, [*command, str(path)])
    assert done.exit_code == 2
    assert f"refused: {path}: paper p lacks 'metric'" in done.stderr


def test_the_rest_is_scored(tmp_path):
    rows = [WHOLE, WHOLE | {"id": "q", "claims": [{}]}]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = CliRunner().invoke(main, ["evaluate", str(path)])
    assert done.exit_code == 1
    assert "paper q lacks" in done.stderr
    assert "entity" in done.stdout
