"""What a picture of a wrong array shows, and what it never gives away."""

import json

import numpy as np
import pytest

from autograder import Check, display
from autograder.gradients.judge import compare
from autograder.picture import picture_of
from autograder.records import ExerciseRecord, Picture


def drawn(actual, expected, of="dx"):
    return picture_of(of, compare(actual, expected), actual, expected)


def test_sign_and_size_of_the_error_are_three_steps_each():
    right = np.zeros((2, 4))
    wrong = np.array([[0, 0.01, 0.1, 1.0], [0, -0.01, -0.1, -1.0]])

    assert drawn(wrong, right).rows == (".ABC", ".abc")


def test_entries_that_are_no_numbers_have_a_mark_of_their_own():
    right = np.ones((1, 3))
    wrong = np.array([[1.0, np.nan, np.inf]])

    assert drawn(wrong, right).rows == (".!!",)


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1), (1, 1, 5)])
def test_axes_of_length_1_are_left_out(shape):
    right = np.zeros(5)
    wrong = np.array([0, 0, 0, 2.0, 0])

    picture = drawn(wrong.reshape(shape), right.reshape(shape))

    assert picture.rows == ("...C.",)
    assert picture.worst == (0, 3)


def test_of_more_axes_the_slice_with_the_worst_entry_is_drawn_and_named():
    right = np.zeros((2, 3, 4, 5))
    wrong = right.copy()
    wrong[1, 2, 0] = 1
    wrong[1, 2, 3, 3] = -7

    picture = drawn(wrong, right, "dw")

    assert picture.part == "dw[1, 2, :, :]"
    assert picture.rows == ("BBBBB", ".....", ".....", "...c.")
    assert picture.worst == (3, 3)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (1.0, 2.0),
        (np.ones(3), np.zeros(3)),
        (np.eye(40), np.zeros((40, 40))),
        (np.ones((2, 3)), np.ones((3, 2))),
        (None, np.ones(3)),
        ("text", np.ones(3)),
    ],
    ids=["one number", "alike everywhere", "too large", "another shape", "nothing", "no numbers"],
)
def test_there_is_no_picture_where_it_would_not_help(actual, expected):
    assert drawn(actual, expected) is None


def checked(shift, hidden=False):
    check = Check("layer", points=2, hidden=int(hidden))
    if hidden:
        check.hidden_tests()

    @check("is right")
    def _(t):
        right = t.rng.normal(size=(3, 4))
        t.equal(right + shift, right, "out")

    return check.record.outcomes[0]


COLUMN = np.array([0, 0, 1.0, 0])


def test_a_failed_comparison_brings_its_picture():
    assert [row[2] for row in checked(COLUMN).picture.rows] == ["C", "C", "C"]
    assert checked(0.0).picture is None


def test_a_failed_gradient_brings_its_picture():
    check = Check("layer_backward", points=2)

    def backward(dout, cache):
        dx = dout * cache * 2
        dx[:, 1] = 0
        return dx

    check.gradients(lambda x: (x * x, x), backward, {"x": (3, 4)})

    (outcome,) = check.record.outcomes
    assert all(row[0] + row[2:] == "..." and row[1] in "abcABC" for row in outcome.picture.rows)


def test_a_hidden_check_has_no_picture():
    """A picture would tell how many numbers the hidden check draws; the message tells one of them."""
    outcome = checked(COLUMN, hidden=True)

    assert outcome.hidden and outcome.message
    assert outcome.picture is None


def test_a_picture_holds_no_value_of_the_right_answer():
    text = json.dumps(ExerciseRecord("layer", 2, (checked(COLUMN),)).to_dict()["outcomes"][0]["picture"])

    assert json.loads(text)["rows"] == ["..C."] * 3
    assert "e-" not in text and text.count(".") == 9


def test_a_picture_travels_as_plain_data():
    record = ExerciseRecord("layer", 2, (checked(COLUMN),))

    assert ExerciseRecord.from_dict(json.loads(json.dumps(record.to_dict()))) == record
    assert "Wrong: column 2, nothing else." in display.as_text(record)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": ["..", "..."]},
        {"rows": ["<script>"]},
        {"rows": ["." * 200]},
        {"rows": []},
        {"worst": [5, 0]},
        {"worst": [0]},
        {"worst": None},
    ],
    ids=str,
)
def test_a_record_with_a_picture_that_is_none_is_refused(change):
    record = ExerciseRecord("layer", 2, (checked(COLUMN),)).to_dict()
    record["outcomes"][0]["picture"] |= change

    with pytest.raises(ValueError):
        ExerciseRecord.from_dict(record)


def test_a_record_from_before_there_were_pictures_is_read():
    record = ExerciseRecord("layer", 2, (checked(0.0),)).to_dict()
    del record["outcomes"][0]["picture"]

    assert ExerciseRecord.from_dict(record).outcomes[0].picture is None


def test_pictures_are_plain_data():
    assert Picture("dx", "", (".A",), (0, 1)) == Picture.from_dict(
        {"of": "dx", "part": "", "rows": [".A"], "worst": [0, 1]}
    )
