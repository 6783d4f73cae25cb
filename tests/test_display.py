"""The table a student sees: words as well as colours, everything escaped."""

import pytest

from autograder import records
from autograder.display import as_html, as_text, state_pill
from autograder.records import CheckOutcome, ExerciseRecord, Picture


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


def test_at_first_sight_there_is_one_line_per_check():
    shown = as_html(record("failed", "failed", message="dx is wrong.\n\n    yours 1"))

    assert shown.count("<details>") == 2
    assert "<details open>" not in shown


def test_a_page_may_lay_the_first_failure_open():
    shown = as_html(record("passed", "failed", "failed", message="dx is wrong.\n\n    yours 1"), unfold=True)

    assert shown.count("<details open>") == 1


def test_every_state_is_legible_on_light_and_dark_pages():
    """White on a ground of its own: WCAG asks for 4.5 to 1."""
    for state in records.STATES:
        ground = state_pill(state).split("background:#")[1][:6]

        assert contrast("ffffff", ground) >= 4.5, state


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_picture_is_told_in_words_where_there_is_no_browser():
    picture = Picture("dx", "", (".A", ".C"), (1, 1))
    outcome = CheckOutcome("dx", "failed", "dx is wrong.", picture=picture)

    assert "Wrong: column 1, nothing else." in as_text(ExerciseRecord("relu_backward", 8, (outcome,)))
    assert "<img src='data:image/svg+xml;base64," in as_html(ExerciseRecord("relu_backward", 8, (outcome,)))
