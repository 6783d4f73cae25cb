"""The command reads the gradebook, writes the file, and says who is not in it."""

import csv
import subprocess
import sys

import pytest
from report.classes import NAME, make_class, right


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    open_ = right() | {"relu_forward": (None, "our fault", ())}
    return make_class(
        tmp_path_factory.mktemp("class") / "course",
        [
            {"student": "anna"},
            {"student": "ben", "exercises": open_},
            {"student": "liam", "marked": False},
        ],
    )


def run(course, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "export", *words, "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def test_marks_are_written_and_gaps_are_told(course, tmp_path):
    goal = tmp_path / "out" / "canvas.csv"

    done = run(course, NAME, "--format", "canvas", "--output", str(goal))

    with goal.open() as file:
        rows = {row["SIS Login ID"]: row[NAME] for row in csv.DictReader(file)}
    assert rows == {"": "100", "anna": "100", "ben": ""}
    assert "not graded, left empty: ben" in done.stderr
    assert "not in the gradebook, left out: liam" in done.stderr
    assert "1 marks" in done.stdout


def test_nbgraders_own_format_is_nbgraders_own_file(course, tmp_path):
    goal = tmp_path / "grades.csv"
    theirs = tmp_path / "theirs.csv"

    run(course, NAME, "--format", "nbgrader", "--output", str(goal))
    subprocess.run(
        ["nbgrader", "export", "--to", str(theirs), "--CsvExportPlugin.assignment", NAME],
        cwd=course,
        check=True,
        capture_output=True,
        timeout=120,
    )

    assert goal.read_text() == theirs.read_text()
    assert "anna" in goal.read_text()


def test_what_cannot_be_done_is_said_in_a_sentence(course, tmp_path):
    roster = tmp_path / "roster.csv"
    roster.write_text("a,b\n1,2\n")

    for words in (
        (NAME, "--format", "canvas", "--roster", str(roster)),
        ("99_none",),
        (NAME, "--column", "nonsense"),
    ):
        done = run(
            course,
            *words,
            "--output",
            str(tmp_path / "x.csv"),
            code=None or (2 if "--column" in words else 1),
        )
        assert "Traceback" not in done.stderr
        assert done.stderr.strip().splitlines()[-1].startswith("Error: ")
        assert not (tmp_path / "x.csv").exists()
