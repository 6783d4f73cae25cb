"""Folders and downloads as they come in: links set aside, names read, copies told apart."""

import logging
import os

import pytest

from autograder.grading import files as reading
from autograder.grading import incoming
from autograder.grading.collecting import PlatformCollector, copy_number, read_name
from autograder.grading.files import NotAFile, among, beside, links_in, read_regular


def test_links_and_pipes_are_replaced_by_a_text_that_says_so(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "work.ipynb").write_text("{}")
    (tmp_path / "secret").symlink_to("/etc/passwd")
    (tmp_path / "data" / "folder").symlink_to("/etc")
    (tmp_path / "gone.csv").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "pipe")

    written = incoming.set_aside(tmp_path)

    assert links_in(tmp_path) == []
    assert len(written) == 4
    assert "a link to /etc/passwd" in (tmp_path / "secret.was_a_link.txt").read_text()
    assert (tmp_path / "work.ipynb").read_text() == "{}"


def test_a_lone_notebook_under_a_wrong_name_is_taken_for_the_missing_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder, source = tmp_path / "submitted" / "anna" / "00_small", tmp_path / "source" / "00_small"
    folder.mkdir(parents=True)
    source.mkdir(parents=True)
    (source / "small.ipynb").write_text("reference")
    (folder / "my homework.ipynb").write_text("work")
    notebooks = [str(folder / "my homework.ipynb")]

    incoming.prepare("00_small", "*", notebooks)

    assert notebooks == [str(folder / "my homework.ipynb"), str(folder / "small.ipynb")]
    assert (folder / "small.ipynb").read_text() == "work"
    assert (folder / "my homework.ipynb").read_text() == "work"


@pytest.mark.parametrize("names", [("a.ipynb", "b.ipynb"), ("small.ipynb",), ("small.ipynb", "other.ipynb")])
def test_nothing_is_adopted_where_it_would_be_a_guess(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text(name)

    assert incoming.adopt_misnamed(tmp_path, {"small.ipynb"}) is None


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")

    for name in ("link", "pipe", "."):
        with pytest.raises(NotAFile):
            read_regular(tmp_path / name)


def test_files_beside_a_notebook_are_read_without_links_notebooks_or_hidden_ones(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("data.csv", "lib/own.py", "work.ipynb", ".secret", ".git/config"):
        (tmp_path / name).write_text(name)
    (tmp_path / "link.txt").symlink_to("/etc/passwd")

    assert beside(tmp_path) == {"data.csv": b"data.csv", "lib/own.py": b"lib/own.py"}
    assert beside(tmp_path, deep=False) == {"data.csv": b"data.csv"}


@pytest.mark.parametrize(("most_files", "most_bytes"), [(500, 50_000_000), (3, 50_000_000), (500, 20)])
def test_of_files_in_memory_the_same_are_taken_as_from_a_folder(
    tmp_path, monkeypatch, most_files, most_bytes
):
    monkeypatch.setattr(reading, "MOST_FILES", most_files)
    monkeypatch.setattr(reading, "MOST_BYTES", most_bytes)
    names = (
        "b.csv",
        "a/z.txt",
        "a/b/c.txt",
        "a.csv",
        "ab/d.txt",
        "a/.hidden",
        ".git/config",
        "B.csv",
        "own.ipynb",
    )
    files = {
        name: name.encode() for name in (*names, "__pycache__/x.pyc", "é.txt", "lib/work.ipynb", "zz/y.py")
    }
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)

    assert list(among(files).items()) == list(beside(tmp_path).items())
    assert among(files)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("all/Anna Muster_123_assignsubmission_file/mlp.ipynb", ("123", "mlp.ipynb")),
        ("all/Anna Muster_123_assignsubmission_file_/sub/mlp (2).ipynb", ("123", "mlp.ipynb")),
        ("all/musteranna_LATE_45_678_mlp-1.ipynb", ("musteranna", "mlp.ipynb")),
        ("all/musteranna_45_678_my work.ipynb", ("musteranna", "my work.ipynb")),
        (
            "all/03_mlp_anna_attempt_2026-01-30-15-00-00_mlp.ipynb",
            ("anna", "mlp.ipynb", "2026-01-30 15:00:00 UTC"),
        ),
        ("anna/mlp.ipynb", ("anna", "mlp.ipynb")),
        ("all/anna/mlp - Copy.ipynb", None),
        ("all/notes.ipynb", None),
        ("mlp.ipynb", None),
    ],
)
def test_names_of_learning_platforms_are_read(path, expected):
    found = read_name(path, {"mlp"})

    keys = ("student_id", "file_id", "timestamp")
    assert (tuple(found[key] for key in keys if key in found) if found else None) == expected


def test_numbers_of_copies():
    assert [copy_number(stem) for stem in ("mlp", "mlp (2)", "mlp-1", "mlp copy", "mlp_copy3")] == [
        0,
        2,
        1,
        1,
        3,
    ]


def test_a_regular_expression_of_the_instructors_goes_first(tmp_path):
    collector = PlatformCollector()
    collector.named_regexp = r".*/(?P<student_id>\w+)-(?P<file_id>\w+)\.ipynb"

    assert collector.collect(str(tmp_path / "anna-mlp.ipynb")) == {"student_id": "anna", "file_id": "mlp"}


def test_copies_of_one_student_are_kept_apart_and_the_newest_counts(tmp_path):
    folder = tmp_path / "extracted" / "all" / "Eva_7_assignsubmission_file"
    folder.mkdir(parents=True)
    paths = [folder / name for name in ("mlp (1).ipynb", "mlp (2).ipynb", "mlp.ipynb")]
    for path in paths:
        path.write_text("")
    collector = PlatformCollector()

    names = [collector.collect(str(path))["file_id"] for path in paths]

    assert names[1] == "mlp.ipynb"
    assert len(set(names)) == 3


def test_a_name_that_says_nothing_is_skipped_and_told(tmp_path, caplog):
    collector = PlatformCollector()
    collector.log = logging.getLogger(
        "collecting"
    )  # an application that ran here before may keep its log to itself

    assert collector.collect(str(tmp_path / "extracted" / "thing.ipynb")) is None
    assert "no student can be read" in caplog.text
