"""Comparisons: shape first, nothing unknown agrees, subclasses take no part."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.gradients.judge import GRADIENT, VALUE, agree_together, agrees_along, as_numbers, compare
from autograder.gradients.measure import draw_directions, slopes_along, slopes_together

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


def batch_norm(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


def batch_norm_gradient(x, dout):
    normal = batch_norm(x)
    centred = dout - dout.mean(axis=0) - normal * (dout * normal).mean(axis=0)
    return centred / np.sqrt(x.var(axis=0) + 1e-5)


def case(seed):
    """A batch, its true gradient, and what was measured along directions."""
    rng = np.random.default_rng(seed)
    x, dout = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    directions = draw_directions(rng, x.shape)
    (slopes,) = slopes_along(batch_norm, (x,), [directions], dout)
    return rng, x, batch_norm_gradient(x, dout), directions, slopes


def test_a_right_gradient_agrees_along_directions_nearly_always():
    agreed = [
        agrees_along(right, directions, slopes, x)
        for _, x, right, directions, slopes in map(case, range(200))
    ]

    assert sum(agreed) > 190  # the others are measured entry by entry: slower, and no less right


def test_one_entry_just_out_of_tolerance_never_agrees_along_directions():
    for rng, x, right, directions, slopes in map(case, range(500)):
        wrong = right.copy()
        entry = tuple(rng.integers(x.shape))
        off = GRADIENT.rtol * abs(wrong[entry]) + GRADIENT.atol * np.max(np.abs(right))
        wrong[entry] += 1.01 * off * rng.choice([-1, 1])

        assert compare(wrong, right, GRADIENT) is not None
        assert not agrees_along(wrong, directions, slopes, x)


def test_errors_that_sum_to_nothing_do_not_agree_along_directions():
    for rng, x, right, directions, slopes in map(case, range(500)):
        error = rng.normal(size=x.shape) * 1e-4 * np.max(np.abs(right))

        assert not agrees_along(right + error - error.mean(), directions, slopes, x)


@pytest.mark.parametrize(
    "gradient", [None, "text", np.ones((5, 6)), np.full((6, 5), np.nan), np.zeros((6, 5))]
)
def test_what_is_no_gradient_agrees_along_no_direction(gradient):
    _, x, _, directions, slopes = case(0)

    assert not agrees_along(gradient, directions, slopes, x)


def test_a_gradient_with_axes_of_length_1_to_spare_agrees_along_directions():
    _, x, right, directions, slopes = case(0)

    assert agrees_along(right[:, None, :], directions, slopes, x)


def affine_case(seed, scale=1.0):
    """All gradients of a nonlinear layer with a weight matrix and a bias, and what was measured when both moved."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(6, 5)), rng.normal(size=(5, 3)), scale * rng.normal(size=3)
    dout = rng.normal(size=(6, 3))
    layer = lambda x, w, b: np.tanh(x @ w) + np.sin(b) / scale
    inner = dout * (1 - np.tanh(inputs[0] @ inputs[1]) ** 2)
    right = [inner @ inputs[1].T, inputs[0].T @ inner, dout.sum(axis=0) * np.cos(inputs[2]) / scale]
    directions = [draw_directions(rng, x.shape) for x in inputs]
    return rng, inputs, right, directions, slopes_together(layer, inputs, directions, dout)


def test_right_gradients_agree_together_nearly_always():
    agreed = [
        agree_together(right, directions, slopes, inputs)
        for _, inputs, right, directions, slopes in map(affine_case, range(200))
    ]

    assert sum(agreed) > 190


@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_one_entry_just_out_of_tolerance_in_any_gradient_never_agrees_together(scale):
    for seed in range(300):
        rng, inputs, right, directions, slopes = affine_case(seed, scale)
        wrong = [gradient.copy() for gradient in right]
        spoiled = wrong[seed % 3]
        entry = tuple(rng.integers(spoiled.shape))
        off = GRADIENT.rtol * abs(spoiled[entry]) + GRADIENT.atol * np.max(np.abs(spoiled))
        spoiled[entry] += 1.01 * off * rng.choice([-1, 1])

        assert not agree_together(wrong, directions, slopes, inputs)


def test_gradients_that_are_not_numbers_or_all_zero_or_unmeasured_never_agree_together():
    _, inputs, right, directions, slopes = affine_case(0)

    assert agree_together(right, directions, slopes, inputs)
    assert not agree_together([None, *right[1:]], directions, slopes, inputs)
    assert not agree_together([np.full((6, 5), np.inf), *right[1:]], directions, slopes, inputs)
    assert not agree_together([right[0], right[1], np.zeros(3)], directions, slopes, inputs)
    assert not agree_together(right, directions, [], inputs)


def test_one_infinite_entry_excuses_no_other():
    expected = np.array([np.inf, 1.0])

    assert compare([np.inf, 1.0], expected) is None
    assert compare([np.inf, 2.0], expected).wrong == 1


def test_text_in_an_answer_is_never_made_an_array():
    assert as_numbers([1.0, ["x" * 10]]) is None
    assert as_numbers([[1, 2], [3, 4]]).shape == (2, 2)
