"""Messages give the place, both numbers and the next step."""

import numpy as np
import pytest

from autograder.gradients.explain import Case
from autograder.gradients.judge import GRADIENT, compare
from autograder.wording import describe_exception, describe_mismatch, discreet, old_habit, place


def message(actual, expected, *, measured=True, **case):
    expected = np.asarray(expected, dtype=float)
    mismatch = compare(actual, expected, GRADIENT)
    return describe_mismatch(mismatch, Case("dx", actual, expected, **case), measured=measured)


def test_a_wrong_gradient_is_told_with_place_and_numbers():
    x, dout = np.array([[0.5, 0.25]]), np.array([[3.0, -2.0]])

    text = message([[1.0, 7.0]], [[1.0, -4.0]], inputs={"x": x}, upstream=dout)

    assert text == (
        "dx is wrong at dx[0, 1].\n"
        "\n"
        "    your backward       7\n"
        "    finite difference  -4\n"
        "    x there             0.25\n"
        "    dout there         -2\n"
        "\n"
        "1 of 2 entries are wrong."
    )


def test_a_wrong_value_is_told_against_its_definition():
    assert "expected" in message(1.0, 2.0, measured=False)
    assert "finite difference" not in message(1.0, 2.0, measured=False)


def test_a_wrong_shape_says_whose_shape_it_should_be():
    text = message(np.ones((3, 4)), np.ones((4, 3)), inputs={"x": np.ones((4, 3))})

    assert text == (
        "dx has shape (3, 4); it should be (4, 3). A gradient has the shape of its variable: x is (4, 3)."
    )


def test_what_is_not_finite_says_where_to_look():
    assert "division by 0" in message([np.nan], [1.0])


def test_nothing_returned_asks_for_the_return():
    assert "`return`" in message(None, [1.0])


def test_a_place_without_index_is_the_name_alone():
    assert place("loss", ()) == "loss"
    assert place("dx", (1, 2)) == "dx[1, 2]"


@pytest.mark.parametrize(
    ("code", "mistake"),
    [
        ("xrange(3)", "python2_leftover"),
        ("{}.iteritems()", "python2_leftover"),
        ("np.int(3)", "numpy_leftover"),
        ("np.product([1])", "numpy_leftover"),
        ("np.subtract(np.arange(4), 1.5, out=np.arange(4))", "fractions_into_integers"),
        ("np.zeros(4 / 2)", "float_as_integer"),
        ("np.arange(3)[4 / 2]", "float_as_integer"),
        ("[1, 2][4 / 2]", "float_as_integer"),
        ("undefined_name", "undefined_name"),
        ("np.ones(3) + np.ones(4)", "shapes_do_not_fit"),
        ("np.ones((2, 3)) @ np.ones((2, 3))", "shapes_do_not_fit"),
        ("np.ones(6).reshape(4, 2)", "shapes_do_not_fit"),
        ("1 / 0", "division_by_zero"),
        ("np.random.default_rng().kept", "attribute_missing"),
        ("{'a': 1}['b']", "key_missing"),
        ("(lambda x: x)(1, 2)", "signature_changed"),
        ("(lambda x, y: x)(1)", "signature_changed"),
        ("(lambda x: x)(x=1, h=2)", "signature_changed"),
        ("int('three')", None),
    ],
)
def test_old_habits_are_named_with_what_to_write_today(code, mistake):
    with pytest.raises(Exception) as raised:
        eval(code, {"np": np})

    assert describe_exception(raised.value)[1] == mistake


def test_the_students_own_line_is_shown():
    def affine_forward():
        return [][3]

    with pytest.raises(IndexError) as raised:
        affine_forward()

    text, _ = describe_exception(raised.value)
    assert "in affine_forward" in text
    assert "return [][3]" in text


@pytest.mark.parametrize(
    ("slip", "mistake"),
    [
        (lambda: max(0, np.ones(2)), "array_as_condition"),
        (lambda: np.zeros(2).__setitem__(0, np.ones(3)), "array_into_one_entry"),
        (lambda: [a for a, b in [(1, 2, 3)]], "unpacked_differently"),
        (lambda: [a for a, b in [1]], "unpacked_differently"),
        (lambda: np.float64(1)[0], "number_for_several"),
        (lambda: len(np.float64(1)), "number_for_several"),
        (lambda: list(zip(1.5)), "number_for_several"),
        (lambda: np.ones(3)[0, 1], "too_many_indices"),
        (lambda: np.ones(3).shape[1], "too_many_indices"),
        (lambda: np.ones(3)[3], "index_out_of_range"),
        (lambda: [][0], "index_out_of_range"),
        (lambda: None * 2.0, "operand_is_no_number"),
        (lambda: (1.0, 2.0) * 2.0, "operand_is_no_number"),
        (lambda: 2.0 > None, "operand_is_no_number"),
        (lambda: next(iter([2.0]))(3.0), "called_no_function"),
        (lambda: np.zeros((10**6, 10**9)), "array_too_large"),
    ],
)
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_a_slip_on_the_students_own_line_is_named(slip, mistake):
    with pytest.raises(Exception) as raised:
        slip()

    assert describe_exception(raised.value)[1] == mistake


def test_the_same_words_without_a_students_line_name_nothing():
    message, mistake = describe_exception(ValueError("not enough values to unpack (expected 3, got 2)"))

    assert mistake is None
    assert "not enough values" in message


def test_an_ordinary_error_is_no_habit():
    assert old_habit("list index out of range") is None


def test_the_place_in_a_step_is_named_without_the_step():
    mismatch = compare([1.0, 2.5], [1.0, 2.0])

    text = describe_mismatch(mismatch, Case("step 3: velocity", None, np.zeros(2)), measured=False)

    assert text.startswith("step 3: velocity is wrong at velocity[1].")


def test_a_hidden_checks_error_tells_shapes_but_no_numbers():
    told = discreet(
        "Your code raised ValueError: shapes (3, 4) and (5,): [-1.25, 3.5e-07]" + "x" * 1000, True
    )

    assert "(3, 4) and (5,)" in told and "1.25" not in told and "3.5" not in told
    assert len(told) <= 400
    assert discreet("dx is wrong: 1.25", False) == "dx is wrong: 1.25"
