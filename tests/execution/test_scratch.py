"""The scratch folder holds what was handed in, is measured however it is tangled, and goes without a trace."""

import os
from pathlib import Path

import pytest

from autograder.execution import scratch


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = scratch.make({"a/b.txt": b"x" * 5000, "c.txt": b"y"})
    yield made
    scratch.remove(made)


def dig(folder, depth):
    """A tree deeper than any path may be long."""
    place = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("a_rather_long_name", dir_fd=place)
        inner = os.open("a_rather_long_name", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    with open("file", "wb", opener=lambda name, flags: os.open(name, flags, dir_fd=place)) as file:
        file.write(b"x")
    os.close(place)


def test_it_is_its_owners_alone_and_holds_the_files(folder):
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert (Path(folder) / "a" / "b.txt").read_bytes() == b"x" * 5000


def test_its_size_is_that_of_all_its_files(folder):
    assert 5000 < scratch.size(folder, 10**6) < 50_000


def test_counting_stops_when_there_is_enough(folder):
    assert scratch.size(folder, 100) > 100


@pytest.mark.parametrize("depth", [50, 230, 1000])
def test_a_tree_too_deep_to_measure_is_too_large_and_any_tree_is_removed(folder, depth):
    dig(folder, depth)

    assert (scratch.size(folder, 10**6) > 10**6) == (depth > 200)
    scratch.remove(folder)
    assert not Path(folder).exists()


def test_too_many_files_are_too_large(folder, monkeypatch):
    monkeypatch.setattr(scratch, "MAX_FILES", 10)
    for number in range(20):
        (Path(folder) / str(number)).touch()

    assert scratch.size(folder, 10**6) > 10**6


def test_files_without_a_name_are_seen(folder):
    with (Path(folder) / "gone").open("wb") as file:
        file.write(b"x" * 100_000)
        file.flush()
        Path(file.name).unlink()

        assert scratch.size_without_name(os.getpid()) >= 100_000


def test_links_and_locked_folders_are_removed_and_nothing_behind_them(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    (Path(folder) / "link").symlink_to(outside)
    (Path(folder) / "a").chmod(0)

    scratch.empty(folder)

    assert list(Path(folder).iterdir()) == []
    assert (outside / "kept").exists()
