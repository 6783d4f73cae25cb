"""Where a student stands: every exercise of the notebook once, with a word for each, and what comes next."""

import json

import pytest

from autograder import Check, display, progress
from autograder.progress import exercises_of, find_notebook, stand
from autograder.records import CheckOutcome, ExerciseRecord


def check_cell(name, points):
    mark = {"grade": True, "solution": False, "grade_id": f"{name}_check", "points": points}
    return {
        "cell_type": "code",
        "metadata": {"nbgrader": mark},
        "source": [f'check = Check("{name}", points={points})\n', "check.score()"],
    }


REFLECTION = {
    "cell_type": "markdown",
    "metadata": {"nbgrader": {"grade": True, "solution": True, "grade_id": "reflection", "points": 0}},
    "source": "Because.",
}


def write(folder, name, *cells):
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def record(name, *states, points=8.0, hidden=0):
    return ExerciseRecord(name, points, tuple(CheckOutcome("a", state) for state in states), hidden)


EXERCISES = {"one": 8.0, "two": 8.0, "three": 8.0, "four": 8.0, "five": 8.0, "reflection": None}
RAN = {
    "one": record("one", "passed", "passed", hidden=2),
    "two": record("two", "passed", "failed", hidden=1),
    "three": record("three", "failed", "failed"),
    "four": record("four", "not attempted"),
    "warm_up": record("warm_up", "passed", points=0),
}


def test_every_exercise_has_a_word_and_points():
    shown = stand(RAN, EXERCISES)

    assert [(line.exercise, line.earned, line.standing) for line in shown.lines] == [
        ("one", 8.0, "correct"),
        ("two", 4.0, "partly correct"),
        ("three", 0.0, "incorrect"),
        ("four", 0.0, "not attempted"),
        ("five", None, "not run yet"),
        ("reflection", None, "waits for a person"),
    ]


def test_the_headline_counts_points_and_says_what_comes_next():
    assert stand(RAN, EXERCISES).headline == (
        "12 of 40 points so far; 1 of 5 exercises correct. Next: two (partly correct)."
    )


def test_when_all_is_correct_nothing_is_left():
    shown = stand({"one": record("one", "passed")}, {"one": 8.0, "reflection": None})

    assert "Nothing is left but what a person reads." in shown.headline


def test_hidden_checks_are_announced():
    assert "3 hidden checks run when this is graded" in " ".join(stand(RAN, EXERCISES).remarks)


def test_without_the_notebooks_file_what_ran_is_shown_and_the_rest_said_to_be_missing():
    shown = stand(RAN, None)

    assert [line.exercise for line in shown.lines] == ["one", "two", "three", "four"]
    assert "exercises that were not run are missing" in " ".join(shown.remarks)


def test_before_anything_ran_it_says_what_to_do():
    assert stand({}, None).headline.startswith("No check has run yet")
    assert stand({}, {"one": 8.0}).headline.endswith("Next: one (not run yet).")


def test_text_and_table_say_the_same_words():
    shown = stand(RAN, EXERCISES)

    for line in shown.lines:
        assert line.exercise in repr(shown) and line.exercise in shown._repr_html_()
        assert line.standing in repr(shown) and line.standing in shown._repr_html_()


def test_names_are_escaped():
    assert "<script>" not in stand({}, {"<script>": 1.0})._repr_html_()


def test_exercises_are_read_from_the_notebooks_file(tmp_path):
    path = write(
        tmp_path, "mlp", check_cell("one", 8), {"cell_type": "markdown"}, check_cell("two", 12.5), REFLECTION
    )

    assert exercises_of(path) == {"one": 8.0, "two": 12.5, "reflection": None}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"cells": 3}', '{"cells": [3, {"metadata": []}]}', "\udcff"]
)
def test_a_file_that_is_no_notebook_has_no_exercises(tmp_path, text):
    path = tmp_path / "odd.ipynb"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert exercises_of(path) == {}


def test_of_several_notebooks_the_one_that_was_worked_in_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    first = write(tmp_path, "a", check_cell("one", 8))
    second = write(tmp_path, "b", check_cell("two", 8), check_cell("three", 8))

    assert find_notebook(tmp_path, ["one"]) == first
    assert find_notebook(tmp_path, ["three"]) == second
    assert find_notebook(tmp_path, ["other"]) is None


def test_the_notebook_that_jupyter_names_is_taken(tmp_path, monkeypatch):
    write(tmp_path, "a", check_cell("one", 8), check_cell("two", 8))
    named = write(tmp_path, "b", check_cell("two", 8))

    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "b.ipynb"))
    assert find_notebook(tmp_path, ["two"]) == named
    monkeypatch.setenv("JPY_SESSION_NAME", "renamed since.ipynb")
    assert find_notebook(tmp_path, ["one"]) == tmp_path / "a.ipynb"


def test_a_check_that_runs_again_counts_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(display, "_session", {})
    write(tmp_path, "a", check_cell("one", 8), check_cell("two", 8))
    for answer in (1.0, 2.0):
        check = Check("one", points=8)

        @check("is two")
        def _(t, answer=answer):
            t.equal(answer, 2.0, "out")

        check.score()

    assert progress().headline == "8 of 16 points so far; 1 of 2 exercises correct. Next: two (not run yet)."
