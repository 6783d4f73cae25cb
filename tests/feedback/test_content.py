"""What a feedback page tells: marks from the gradebook alone, explained by the notebook where it can be believed."""

import pytest

from autograder.feedback.content import page_of
from autograder.feedback.marks import Mark, Marks


def cell(kind, source, **mark):
    metadata = {"nbgrader": mark} if mark else {}
    made = {"cell_type": kind, "metadata": metadata, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(summary=None):
    cells = [
        cell("markdown", "# Layers\n\nWhat is a layer?"),
        cell("markdown", "Text without a heading\n\n```\n# a comment, no heading\n```"),
        cell("markdown", "## The *forward* of `relu`"),
        cell("code", "def relu(x): ...", grade_id="relu", solution=True, grade=False),
        cell("code", "check.score()", grade_id="relu_check", solution=False, grade=True),
        cell("markdown", "## Reflection"),
        cell("markdown", "Because.", grade_id="reflection", solution=True, grade=True),
    ]
    return {"cells": cells, "metadata": {"autograder": summary} if summary is not None else {}}


MARKS = Marks(
    cells={"relu_check": Mark(2.0, 8.0), "reflection": Mark(None, 4.0, waiting=True)},
    comments={"reflection": "Why so?"},
    class_shares={"relu_check": 4},
)


def summary(points=8.0, **change):
    outcome = {
        "name": "dx",
        "state": "failed",
        "message": "dx is wrong.",
        "mistake": None,
        "hidden": False,
        "remarks": [],
    }
    exercise = {
        "id": "relu",
        "check": "relu_check",
        "max_points": 8.0,
        "points": points,
        "verdict": "failed",
        "outcomes": [outcome],
        "message": "",
    }
    return {
        "exercises": [exercise | change],
        "notes": [{"kind": "deleted", "text": "A cell was missing.", "cell": "x"}],
    }


def test_exercises_come_in_the_notebooks_order_with_the_section_that_explains_them():
    page = page_of(notebook(), MARKS, "layers", "anna")

    relu, reflection = page.exercises
    assert (page.title, page.student) == ("Layers", "anna")
    assert (relu.name, relu.check, relu.answer, relu.section) == ("relu", 4, 3, (2, "The forward of relu"))
    assert (reflection.name, reflection.section) == ("reflection", (5, "Reflection"))
    assert reflection.is_written and not relu.is_written


def test_a_text_with_several_headings_explains_the_exercises_after_it_in_their_order():
    cells = [cell("markdown", "## Pooling, forward\n\nOne.\n\n## Pooling, backward ##\n\nTwo.")]
    for name in ("forward", "backward", "both"):
        cells.append(cell("code", "def f(): ...", grade_id=name, solution=True, grade=False))
        cells.append(cell("code", "check.score()", grade_id=f"{name}_check", solution=False, grade=True))
    marks = Marks(cells={f"{name}_check": Mark(0.0, 1.0) for name in ("forward", "backward", "both")})

    page = page_of({"cells": cells, "metadata": {}}, marks, "pooling", "anna")

    assert page.title == "Pooling, forward"
    assert [exercise.section for exercise in page.exercises] == [
        (0, "Pooling, forward"),
        (0, "Pooling, backward"),
        (0, "Pooling, backward"),
    ]


def test_points_are_the_gradebooks_and_what_waits_for_a_person_is_counted():
    page = page_of(notebook(summary(points=8.0)), MARKS, "layers", "anna")

    assert (page.points, page.out_of, page.waiting) == (2.0, 12.0, 1)
    assert [exercise.standing for exercise in page.exercises] == ["partly correct", "waits for a person"]


def test_a_late_penalty_is_taken_off_but_never_below_nothing():
    late = Marks(cells={"relu_check": Mark(2.0, 8.0)}, late_penalty=3.0)

    assert page_of(notebook(), late, "layers", "anna").points == 0.0


def test_the_notebooks_own_summary_explains_the_mark():
    page = page_of(notebook(summary()), MARKS, "layers", "anna")

    assert page.exercises[0].result.outcomes[0].message == "dx is wrong."
    assert page.notes == ("A cell was missing.",)


@pytest.mark.parametrize(
    "forged",
    [
        "text",
        [],
        {"exercises": 3},
        {"exercises": [None, 3, {}]},
        {"exercises": [{"id": "relu"}], "notes": 3},
        {"exercises": [], "notes": [None, {"text": 3}, "x"]},
        summary(outcomes=[{"name": "dx", "state": "splendid"}]),
        summary(outcomes=3),
    ],
    ids=str,
)
def test_a_summary_that_cannot_be_read_changes_nothing(forged):
    page = page_of(notebook(forged), MARKS, "layers", "anna")

    assert page.exercises[0].result is None
    assert page.points == 2.0


def test_a_class_that_found_it_hard_is_told_so():
    page = page_of(notebook(), MARKS, "layers", "anna")

    assert page.exercises[0].is_hard
    assert page.exercises[0].class_share == 4
    assert not page.exercises[1].is_hard


def test_a_mark_whose_cell_is_not_in_the_notebook_is_told_all_the_same():
    marks = Marks(cells={"gone_check": Mark(0.0, 5.0)})

    (gone,) = page_of(notebook(), marks, "layers", "anna").exercises

    assert (gone.name, gone.check, gone.section, gone.standing) == ("gone_check", None, None, "incorrect")


def test_a_duplicated_check_is_told_once():
    twice = notebook()
    twice["cells"].append(dict(twice["cells"][4]))

    assert [e.name for e in page_of(twice, MARKS, "layers", "anna").exercises] == ["relu", "reflection"]
