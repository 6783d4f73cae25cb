"""The table a student sees: words as well as colours, everything escaped."""

import pytest

from autograder import records
from autograder.display import as_html, as_text
from autograder.records import CheckOutcome, ExerciseRecord


def record(*states, hidden_remaining=0, message="", name="dx", remarks=()):
    outcomes = tuple(CheckOutcome(name, state, message, remarks=remarks) for state in states)
    return ExerciseRecord("relu_backward", 8, outcomes, hidden_remaining)


@pytest.mark.parametrize("state", records.STATES)
def test_every_state_has_a_word_that_does_not_depend_on_colour(state):
    shown = as_text(record(state))

    assert any(
        word in shown for word in ("correct", "error", "attempted", "ran out", "crashed", "reached", "fault")
    )


def test_hidden_checks_that_remain_are_announced():
    assert "3 hidden checks run when this is graded" in as_html(record("passed", hidden_remaining=3))
    assert "1 hidden check runs" in as_text(record("passed", hidden_remaining=1))


def test_what_a_student_wrote_is_escaped():
    shown = as_html(record("failed", name="<script>", message="<img onerror=x>", remarks=("<b>",)))

    assert "<script>" not in shown
    assert "<img" not in shown
    assert "<b>" not in shown


def test_points_carry_no_empty_digits():
    assert "4 of 8 points" in as_text(record("passed", "failed"))
    assert "2.67 of 8 points" in as_text(record("passed", "failed", "failed"))


def test_the_named_mistake_is_the_line_at_first_sight_and_is_said_once():
    outcome = CheckOutcome("dx", "failed", "dx is wrong.\n\n    yours 1\n\nA lost minus.", "sign_flipped")

    shown = as_html(ExerciseRecord("relu_backward", 8, (outcome,)))

    assert "<summary>dx: A lost minus.</summary>" in shown
    assert shown.count("A lost minus.") == 1
    assert "yours 1" in shown


def test_only_the_first_failure_lies_open():
    shown = as_html(record("failed", "failed", message="dx is wrong.\n\n    yours 1"))

    assert shown.count("<details open>") == 1
    assert shown.count("<details>") == 1
