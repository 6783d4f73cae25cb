"""Solutions are one command away, behind a question, and never overwrite anything."""

import subprocess
import sys

import nbformat
import pytest

from autograder.course.build import build
from autograder.course.paths import find_assignments
from autograder.course.plain import run_plainly

NAME = "00_tiny"


def run(course, *words, code=0):
    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "solution", *words, "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture
def course(fresh_course):
    build(find_assignments(fresh_course))
    return fresh_course


def exercises(course):
    (one,) = find_assignments(course)
    notebook = nbformat.read(one.source, as_version=4)
    return [
        cell.metadata.nbgrader.grade_id
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    ]


def test_nothing_is_shown_without_a_yes(course):
    name = exercises(course)[0]

    done = run(course, NAME, name, code=1)

    assert done.stdout == ""
    assert "This shows the solution" in done.stderr
    assert "add --yes" in done.stderr


def test_the_reference_is_shown_as_it_can_be_run(course):
    name = exercises(course)[0]

    shown = run(course, NAME, name, "--yes").stdout

    assert f"def {name}" in shown or f"class {name}" in shown
    assert "SOLUTION" not in shown
    assert "NotImplementedError" not in shown
    compile(shown, "shown", "exec")


def test_the_warning_points_to_hints_and_to_what_is_not_written_yet(course):
    subprocess.run(
        [sys.executable, "-m", "autograder.cli", "work", "--course", str(course)],
        check=True,
        capture_output=True,
    )

    told = run(course, NAME, exercises(course)[0], code=1).stderr

    assert "hint(" in told
    assert "not written yet" in told


def test_an_unknown_exercise_is_answered_with_those_that_exist(course):
    told = run(course, NAME, exercises(course)[0] + "x", code=2).stderr

    assert "Did you mean" in told
    assert "Traceback" not in told


def test_the_worked_notebook_is_written_once_and_every_check_in_it_passes(course):
    goal = course / "work" / NAME / "tiny_solution.ipynb"

    assert run(course, NAME, code=1).stdout == ""
    assert not goal.exists()
    run(course, NAME, "--yes")
    notebook = nbformat.read(goal, as_version=4)
    text = goal.read_text()

    assert "SOLUTION" not in text and "HIDDEN TESTS" not in text
    assert "(worked solution)" in notebook.cells[0].source
    source = nbformat.read(find_assignments(course)[0].source, as_version=4)
    for cell, marked in zip(notebook.cells, source.cells, strict=True):
        cell.metadata = marked.metadata
    for record in run_plainly(notebook).values():
        assert record.earned == record.points

    goal.write_text("mine")
    done = run(course, NAME, "--yes")
    assert goal.read_text() == "mine"
    assert "stays as it is" in done.stdout
