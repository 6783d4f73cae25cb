"""Which assignment a notebook belongs to, and what the gradebook's comment says."""

from pathlib import Path

import pytest
from grading.course import own_cell, to_bytes

from autograder.course.paths import CourseError
from autograder.grading.comments import LONGEST, comment_on
from autograder.grading.finding import Bundles
from autograder.grading.result import ExerciseResult
from autograder.records import CheckOutcome


@pytest.fixture(scope="module")
def bundles(course):
    return Bundles(course)


def test_a_notebook_says_itself_what_it_belongs_to(bundles, release):
    assert bundles.of(to_bytes(release), Path("anything.ipynb")).assignment == "00_small"


def test_a_notebook_without_metadata_is_known_by_its_marks(bundles, release):
    release["metadata"] = {}

    assert bundles.of(to_bytes(release), Path("anything.ipynb")).assignment == "00_small"


@pytest.mark.parametrize(
    "name", ["small.ipynb", "small (3).ipynb", "Anna_small-2.ipynb", "00_small/work.ipynb", "00_small.ipynb"]
)
def test_a_broken_notebook_is_known_by_its_name(bundles, name):
    assert bundles.of(b"", Path(name)).assignment == "00_small"


def test_a_notebook_that_nothing_tells_about_asks_for_its_assignment(bundles):
    stranger = to_bytes({"cells": [own_cell("x = 1")], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    with pytest.raises(CourseError, match="--assignment"):
        bundles.of(stranger, Path("smaller things.ipynb"))


def test_an_unknown_assignment_lists_those_that_exist(bundles):
    with pytest.raises(CourseError, match="00_small"):
        bundles["07_unknown"]


def result(*outcomes, verdict="failed", message=""):
    return ExerciseResult("f", "f_check", 10.0, 0.0, verdict, outcomes, message)


def test_a_comment_names_each_mistake_once_with_its_next_step():
    wrong = CheckOutcome("dx", "failed", "dx is wrong.\n\nLook for a lost minus.", "sign_flipped")

    comment = comment_on(result(wrong, wrong, CheckOutcome("dw", "passed")))

    assert comment.startswith("Sign flipped: Look for a lost minus.\n\n1 of 3 checks correct")


def test_a_right_answer_needs_no_comment_and_an_empty_one_says_so():
    assert comment_on(result(verdict="passed")) is None
    assert comment_on(result(verdict="not attempted")) == "No response."


def test_a_comment_is_never_long():
    wrong = CheckOutcome("dx", "failed", "word " * 1000, "sign_flipped")

    assert len(comment_on(result(wrong))) <= LONGEST + 4


def test_a_comment_tells_what_happened_outside_of_the_checks():
    assert (
        comment_on(result(verdict="timed out", message="The cell f ran out of time."))
        == "The cell f ran out of time."
    )
    assert comment_on(result(verdict="not reached")) == "Not reached."
