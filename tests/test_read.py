"""Reading inputs: files, folders and standard input, in every format, and what of them is refused."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperkg.model import Extraction, Listing, Paper, Refusal
from paperkg.read import READERS, input_files, read_inputs, read_records
from paperkg.read.jsonl import read_jsonl

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

RECORD = {"id": "p1", "title": "Aero: fast", "abstract": "We present Aero."}
ENTITY = {"name": "Aero", "type": "System", "role": "introduced", "forms": ["Aero"]}


def read(*paths: Path) -> tuple[list[Paper | Extraction], list[Refusal]]:
    refused: list[Refusal] = []
    return read_inputs(paths, refuse=refused.append), refused


def write(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_the_seeds_are_532_listings_of_422_papers():
    papers, refused = read(SEEDS)
    assert len(papers) == 422
    assert sum(len(paper.listings) for paper in papers) == 532
    assert refused == []


def test_the_order_of_inputs_does_not_matter():
    files = sorted(SEEDS.glob("*.txt"))
    assert read(*files) == read(*reversed(files)) == read(SEEDS) == read(SEEDS, files[2])


def test_papers_come_sorted_by_id_with_sorted_listings():
    papers, _ = read(SEEDS)
    assert [paper.id for paper in papers] == sorted(paper.id for paper in papers)
    assert all(list(paper.listings) == sorted(paper.listings) for paper in papers)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "A.JSONL", "a.jsonl.gz", "really-packed.jsonl"])
def test_json_lines(tmp_path, name):
    data = lines(RECORD).encode()
    path = write(tmp_path / name, gzip.compress(data) if "gz" in name or "packed" in name else data)
    papers, refused = read(path)
    assert papers == [Paper(**RECORD, listings=(Listing(file=name, position=1),))]
    assert refused == []


@pytest.mark.parametrize(
    "text",
    [
        "id,title,abstract\np1,Aero: fast,We present Aero.\n",
        "\ufeffid,title,abstract\r\np1,Aero: fast,We present Aero.\r\n",
        'Title;ID;Abstract\n"Aero: fast";p1;"We present Aero."',
        "id\ttitle\tabstract\tnotes\np1\tAero: fast\tWe present Aero.\t\n\n",
    ],
    ids=["plain", "mark and windows line ends", "semicolons, other order", "tabs, more columns"],
)
def test_tables(tmp_path, text):
    papers, refused = read(write(tmp_path / "a.csv", text))
    assert papers == [Paper(**RECORD, listings=(Listing(file="a.csv", position=1),))]
    assert refused == []


def test_a_cell_may_hold_line_ends_and_be_long(tmp_path):
    text = "one\n\ntwo, " + "long " * 3_000
    papers, refused = read(write(tmp_path / "a.csv", f'id,title,abstract\np,t,"{text}"\nq,t,b\n'))
    assert [paper.abstract for paper in papers] == [text, "b"]
    assert refused == []


def test_a_full_text_is_refused_and_the_rest_read(tmp_path):
    endless = RECORD | {"id": "p0", "abstract": "word " * 1_000_000}
    papers, refused = read(write(tmp_path / "a.jsonl", lines(endless, RECORD)))
    assert [paper.id for paper in papers] == [RECORD["id"]]
    assert [(r.line, "longer than 20,000 characters" in r.reason) for r in refused] == [(1, True)]


def test_another_paper_under_a_known_id_is_refused(tmp_path):
    other = RECORD | {"title": "Sea ice", "abstract": "It melts in the summer of the north, mostly."}
    version = RECORD | {"abstract": RECORD["abstract"] + " It is fast, and it is small, and it is new."}
    for order in ((other, RECORD, version), (version, RECORD, other)):
        papers, refused = read(write(tmp_path / "a.jsonl", lines(*order)))
        assert len(papers) == 1
        assert len(refused) == 1
        assert "is that of another paper" in refused[0].reason


def test_a_pipe_in_a_folder_is_left_alone(tmp_path):
    write(tmp_path / "a.jsonl", lines(RECORD))
    os.mkfifo(tmp_path / "b.jsonl")
    papers, refused = read(tmp_path)
    assert len(papers) == 1
    assert refused == []


def test_a_record_with_entities_is_an_extraction(tmp_path):
    found, _ = read(write(tmp_path / "a.jsonl", lines(RECORD | {"entities": [ENTITY]})))
    assert isinstance(found[0], Extraction)
    assert found[0].entities[0].name == "Aero"
    assert found[0].paper.listings == (Listing(file="a.jsonl", position=1),)


def test_a_record_of_a_build_keeps_its_listings(tmp_path):
    listings = [{"file": "page.txt", "date": "Jun 3", "position": 7}]
    found, _ = read(write(tmp_path / "a.jsonl", lines(RECORD | {"listings": listings})))
    assert found[0].listings == (Listing(**listings[0]),)


def test_the_annotated_papers_are_an_input():
    found, refused = read(ROOT / "tests/gold/train.jsonl")
    assert len(found) == 310
    assert all(isinstance(item, Extraction) for item in found)
    assert refused == []


def test_a_paper_in_several_files_is_one_with_the_longest_abstract(tmp_path):
    short = write(tmp_path / "short.jsonl", lines(RECORD))
    long = write(
        tmp_path / "long.csv", "id,title,abstract,year\np1,Aero: fast,We present Aero. It is fast.,2024\n"
    )
    for papers, _ in (read(short, long), read(long, short)):
        assert [paper.abstract for paper in papers] == ["We present Aero. It is fast."]
        assert [listing.file for listing in papers[0].listings] == ["long.csv", "short.jsonl"]


def test_of_texts_of_equal_length_the_greatest_is_kept_in_any_order(tmp_path):
    one = write(tmp_path / "one.jsonl", lines(RECORD | {"abstract": "aaa"}))
    two = write(tmp_path / "two.jsonl", lines(RECORD | {"abstract": "bbb"}))
    assert read(one, two)[0][0].abstract == read(two, one)[0][0].abstract == "bbb"


def test_an_extraction_goes_before_a_longer_paper(tmp_path):
    """Its offsets belong to its own text."""
    one = write(tmp_path / "one.jsonl", lines(RECORD | {"entities": [ENTITY]}))
    two = write(tmp_path / "two.jsonl", lines(RECORD | {"abstract": RECORD["abstract"] * 9}))
    found, _ = read(two, one)
    assert isinstance(found[0], Extraction)
    assert len(found[0].paper.listings) == 2


def test_files_in_a_folder_are_named_from_it(tmp_path):
    write(tmp_path / "in/b/x.jsonl", lines(RECORD))
    write(tmp_path / "in/a.csv", "id,title,abstract\np2,t,b\n")
    write(tmp_path / "in/notes.md", "not read")
    write(tmp_path / "in/.hidden/x.jsonl", "not read")
    papers, refused = read(tmp_path / "in")
    assert [paper.listings[0].file for paper in papers] == ["b/x.jsonl", "a.csv"]
    assert refused == []


def test_files_of_one_name_are_told_apart_by_their_folders_alone(tmp_path):
    old = write(tmp_path / "2023/x.jsonl", lines(RECORD))
    new = write(tmp_path / "2024/x.jsonl", lines(RECORD))
    papers, _ = read(new, old)
    assert [listing.file for listing in papers[0].listings] == ["2023/x.jsonl", "2024/x.jsonl"]


def test_the_same_file_twice_is_read_once(tmp_path, monkeypatch):
    path = write(tmp_path / "x.jsonl", lines(RECORD))
    monkeypatch.chdir(tmp_path)
    papers, _ = read(path, Path("x.jsonl"), tmp_path)
    assert len(papers[0].listings) == 1


@pytest.mark.parametrize(
    "data",
    [
        lines(RECORD),
        "id,title,abstract\np1,Aero: fast,We present Aero.\n",
        "Jun 3\n\nAero: fast\n\n" + "We present Aero. It is fast. " * 20,
    ],
    ids=["jsonl", "csv", "pages"],
)
def test_standard_input_is_known_by_its_content(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode())))
    papers, refused = read(Path("-"))
    assert [(p.title, p.listings[0].file) for p in papers] == [("Aero: fast", "-")]
    assert refused == []
    # It was read already, but a build needs its hash, too.
    assert [file.name for file in input_files([Path("-")])] == ["-"]
    assert read(Path("-"))[0] == papers


def test_input_files_have_name_and_hash(tmp_path):
    path = write(tmp_path / "x.jsonl", lines(RECORD))
    files = input_files([path, tmp_path / "missing.txt"])
    assert [(file.name, len(file.sha256)) for file in files] == [("x.jsonl", 64)]
    write(path, lines(RECORD, RECORD))
    assert input_files([path]) != files


GOOD = lines(RECORD)


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("x.txt", "", "x.txt: the file is empty, or holds no paper"),
        ("x.jsonl", " \n\n", "x.jsonl: the file is empty, or holds no paper"),
        ("x.csv", "", "x.csv: the file is empty, or holds no paper"),
        ("x.csv", "id,title,abstract\n", "x.csv: the file is empty, or holds no paper"),
        ("x.jsonl.gz", b"", "x.jsonl.gz: the file is empty, or holds no paper"),
        ("x.pdf", "%PDF", "x.pdf: unknown kind of file: use one of .txt .jsonl .ndjson .csv .tsv (or .gz)"),
        ("x.csv", "name,text\n", "x.csv:1: the first line has no columns id, title, abstract"),
        ("x.txt", "hello", "x.txt:1: a title without an abstract: 'hello'"),
    ],
)
def test_a_useless_file_is_named_and_the_rest_goes_on(tmp_path, name, data, refusal):
    good = write(tmp_path / "good.jsonl", GOOD)
    papers, refused = read(write(tmp_path / name, data), good)
    assert [paper.id for paper in papers] == ["p1"]
    assert list(map(str, refused)) == [refusal]


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path):
    (tmp_path / "empty").mkdir()
    _, refused = read(tmp_path / "missing.txt", tmp_path / "empty")
    assert [(r.file, r.reason.split(":")[0]) for r in refused] == [
        ("empty", "no file in this folder ends in one of"),
        ("missing.txt", "there is no such file"),
    ]


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as unreadable:
        unreadable.bind("x.jsonl")
        assert [str(r) for r in read(tmp_path / "x.jsonl")[1]] == ["x.jsonl: No such device or address"]


def test_what_stands_before_the_damage_of_an_archive_is_kept(tmp_path):
    data = gzip.compress(
        lines(*(RECORD | {"id": f"p{i}", "abstract": os.urandom(500).hex()} for i in range(99))).encode()
    )
    papers, refused = read(write(tmp_path / "x.jsonl.gz", data[: len(data) // 2]))
    assert 0 < len(papers) < 99
    assert refused[0].reason.startswith("the archive is damaged")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{nonsense", "no JSON: Expecting property name enclosed in double quotes (column 2)"),
        (b"[1]", "no JSON object, but an array"),
        (b"null", "no JSON object, but null"),
        (b"7", "no JSON object, but a number"),
        (b'{"title": "t"}', "lacks id and abstract"),
        (b'{"id": 7, "title": "t", "abstract": "a"}', "'id' is no text"),
        (b'{"id": "", "title": "t", "abstract": "a"}', "a paper needs an id"),
        (b'{"id": "p", "title": null, "abstract": "a"}', "'title' is missing"),
        (b'{"id": "p", "title": "", "abstract": ""}', "p: neither title nor abstract"),
        (b'\xef{"id": "p"}', f"byte 0xef at offset {len(GOOD)} is no UTF-8"),
        (b'{"id": "na\xefve"}', f"byte 0xef at offset {len(GOOD) + 10} is no UTF-8"),
        (
            rb'{"id": "p", "title": "\ud800", "abstract": "a"}',
            "half a surrogate pair (U+D800) stands in the text",
        ),
        (rb'{"id": "p", "title": "\u0000", "abstract": "a"}', "a NUL character stands in the text"),
        (b"[" * 200_000, "no usable JSON: nested too deep"),
        (b'{"id": ' + b"9" * 9999 + b"}", "no usable JSON: a number of too many digits"),
        (b'{"id": "p", "title": "t", "abstract": "a", "listings": 7}', "a value of the wrong type"),
        (b'{"id": "p", "title": "t", "abstract": "a", "entities": 7}', "p: 'int' object is not iterable"),
        (b'{"id": "p", "title": "t", "abstract": "a", "entities": [{}]}', "p: "),
        (
            b'{"id": "p", "title": "t", "abstract": "a", "entities": [{"name": 7, "type": "System"}]}',
            "'name' of a entity is a number",
        ),
        (
            b'{"id": "p", "title": "t", "abstract": "a", "entities": [], "mentions":'
            b' [{"start": 0, "end": 1, "text": "x", "type": "System", "entity": "x"}]}',
            "p: 'x' does not stand at 0-1",
        ),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(tmp_path, line, reason):
    data = GOOD.encode() + line + b"\n" + lines(RECORD | {"id": "p2"}).encode()
    papers, refused = read(write(tmp_path / "x.jsonl", data))
    assert [paper.id for paper in papers] == ["p1", "p2"]
    assert [(r.file, r.line) for r in refused] == [("x.jsonl", 2)]
    assert refused[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"p9,only two", "2 cells, not 3 as in the header"),
        (b"p9,one,two,three", "4 cells, not 3 as in the header"),
        (b",t,a", "a paper needs an id"),
        (b"p9,t,na\xefve", "byte 0xef at offset 2 is no UTF-8"),
        (b'p9,t,"never closed', "no row of a table: unexpected end of data"),
        (b'p9,t,"closed" too early', "no row of a table: ',' expected after '\"'"),
        (b"p9,t,nul\0", "a NUL character stands in the text"),
    ],
)
def test_a_bad_row_is_named_and_the_next_one_read(tmp_path, row, reason):
    data = b"id,title,abstract\np1,t,a\n" + row + b"\np2,t,a\n"
    papers, refused = read(write(tmp_path / "x.csv", data))
    assert [paper.id for paper in papers] == ["p1", "p2"]
    assert [(r.file, r.line) for r in refused] == [("x.csv", 3)]
    assert refused[0].reason.startswith(reason)


@given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
def test_no_bytes_make_a_reader_fail(data, name):
    refused: list[Refusal] = []
    for item in READERS[name].read(io.BufferedReader(io.BytesIO(data)), "x", refused.append):
        assert isinstance(item, Paper | Extraction)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.sampled_from(
        ["id", "title", "listings", "creators", "entities", "mentions", "relations", "claims", "issued"]
    ),
    JSON,
)
def test_no_json_value_makes_the_reader_fail(key, value):
    record = {**RECORD, "entities": [ENTITY], "mentions": [], "relations": [], "claims": []} | {key: value}
    refused: list[Refusal] = []
    found = list(read_jsonl(io.BytesIO(lines(record).encode()), "x", refused.append))
    assert len(found) + len(refused) == 1


def test_records_are_read_as_they_are(tmp_path):
    path = write(tmp_path / "x.jsonl", '{"any": [1]}\n7\n')
    refused: list[Refusal] = []
    assert read_records([path], refuse=refused.append) == [{"any": [1]}]
    assert [r.line for r in refused] == [2]
