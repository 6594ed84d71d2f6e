"""Files are whole or not there, whatever happens in between."""

from __future__ import annotations

import os
import stat
import threading

import pytest

from paperkg.errors import ExportError
from paperkg.files import atomic_write, swap_files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "x.txt"
    with atomic_write(path) as stream:
        stream.write(b"half")
        assert not path.exists()
        stream.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert names(tmp_path) == ["x.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"old")

    def fail():
        with atomic_write(path) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["x.txt"]


def test_the_mode_is_that_of_any_new_file_or_of_the_old_one(tmp_path):
    plain, path = tmp_path / "plain", tmp_path / "x.txt"
    plain.touch()
    for _ in range(2):
        with atomic_write(path):
            pass
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
        plain.chmod(0o640)
        path.chmod(0o640)


@pytest.mark.parametrize("name", ["missing/x.txt", "folder"])
def test_a_place_that_cannot_be_written_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError, match="cannot write"), atomic_write(tmp_path / name):
        pass
    assert names(tmp_path) == ["folder"]


def test_a_staging_folder_replaces_files_and_folders(tmp_path):
    staging, target = tmp_path / "staging", tmp_path / "target"
    for folder, text in ((staging, "new"), (target, "old")):
        (folder / "store").mkdir(parents=True)
        (folder / "store" / text).touch()
        (folder / "a.txt").write_text(text)
        (folder / "manifest.json").write_text(text)
    (target / "mine.txt").touch()
    swap_files(staging, target, last="manifest.json")
    assert names(staging) == []
    assert names(target) == ["a.txt", "manifest.json", "mine.txt", "store"]
    assert names(target / "store") == ["new"]
    assert (target / "manifest.json").read_text() == "new"


def test_a_swap_goes_on_where_a_broken_one_stopped(tmp_path):
    """An old folder that was moved away, and what a break left beside it, are cleared up."""
    staging, target = tmp_path / "staging", tmp_path / "target"
    (staging / "store").mkdir(parents=True)
    (target / ".store.old").mkdir(parents=True)
    swap_files(staging, target, last="manifest.json")
    assert names(target) == ["store"]


def test_the_last_file_moves_last(tmp_path):
    """A manifest tells that all files before it are in place: where one cannot be moved, it stays away."""
    staging, target = tmp_path / "staging", tmp_path / "target"
    staging.mkdir()
    (staging / "a.json").touch()
    (staging / "z.txt").touch()
    target.mkdir()
    # A name that is too long once it is moved away stands for any failure on the way.
    (staging / ("z" * 255)).mkdir()
    (target / ("z" * 255)).mkdir()
    with pytest.raises(OSError, match="too long"):
        swap_files(staging, target, last="a.json")
    assert "a.json" not in names(target)
    assert "z.txt" in names(target)


def test_a_link_stays_a_link_to_the_new_file(tmp_path):
    (tmp_path / "real").write_text("old", "utf-8")
    (tmp_path / "link").symlink_to("real")
    with atomic_write(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text("utf-8") == "new"


def test_a_pipe_is_written_to_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    with atomic_write(pipe) as stream:
        stream.write(b"through")
    reader.join(10)
    assert got == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
