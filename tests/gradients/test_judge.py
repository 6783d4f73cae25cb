"""Comparisons: shape first, nothing unknown agrees, subclasses take no part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.gradients.judge import GRADIENT, VALUE, as_numbers, compare

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=NUMBERS))
@settings(max_examples=50, deadline=None)
def test_every_array_agrees_with_itself(array):
    assert compare(array, array) is None


@given(
    arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=NUMBERS),
    st.floats(1.001, 3),
)
@settings(max_examples=50, deadline=None)
def test_no_array_agrees_with_a_larger_one(array, factor):
    scaled = array * factor + 0.01

    assert compare(scaled, array, GRADIENT) is not None


@pytest.mark.parametrize("answer", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_never_right(answer):
    mismatch = compare(np.array([1.0, answer]), [1.0, 2.0])

    assert mismatch.kind == "not finite"
    assert mismatch.index == (1,)


def test_broadcasting_does_not_make_a_comparison_succeed():
    assert compare(np.ones(3), np.ones((2, 3))).kind == "shape"
    assert compare(1.0, np.ones((2, 3))).kind == "shape"


def test_axes_of_length_one_are_forgiven():
    assert compare(np.ones((1, 3)), np.ones(3)) is None
    assert compare([[2.0]], 2.0) is None


@pytest.mark.parametrize(
    ("answer", "kind"), [(None, "missing"), ("1.0", "type"), ({"a": 1}, "type"), ([[1], [1, 2]], "type")]
)
def test_what_holds_no_numbers_is_told_apart(answer, kind):
    assert compare(answer, 1.0).kind == kind


def test_the_worst_entry_is_reported_with_both_numbers():
    mismatch = compare([[1.0, 2.0], [3.0, 9.0]], [[1.0, 2.5], [3.0, 4.0]])

    assert (mismatch.index, mismatch.actual, mismatch.expected) == ((1, 1), 9.0, 4.0)
    assert (mismatch.wrong, mismatch.total) == (2, 4)


def test_one_percent_at_a_ten_thousandth_of_the_scale_is_seen():
    expected = np.array([1.0, 1e-4])

    assert compare([1.0, 1.01e-4], expected, GRADIENT) is not None


def test_ignored_entries_cannot_fail():
    assert compare([1.0, 7.0], [1.0, 2.0], ignore=np.array([False, True])) is None


def test_an_array_that_claims_to_equal_everything_is_demoted():
    class Liar(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, bool)

        def __sub__(self, other):
            return np.zeros(self.shape)

        __rsub__ = __sub__

    liar = np.zeros(3).view(Liar)

    assert type(as_numbers(liar)) is np.ndarray
    assert compare(liar, np.ones(3)) is not None


def test_a_float_that_claims_to_equal_everything_is_demoted():
    class Liar(float):
        def __eq__(self, other):
            return True

        def __sub__(self, other):
            return 0.0

        __hash__ = float.__hash__

    assert compare(Liar(3.0), 1.0, VALUE) is not None


def test_equal_infinities_agree():
    assert compare([np.inf, 1.0], [np.inf, 1.0]) is None
