"""Numeric derivatives agree with known ones, leave their arguments alone and see kinks."""

import numpy as np
import pytest

from autograder.gradients.measure import (
    draw_directions,
    evaluate_many,
    numeric_gradient,
    numeric_vjp,
    richardson_vjp,
    slopes_along,
    slopes_together,
)


def sigmoid_layer(x, w):
    return 1 / (1 + np.exp(-(x @ w))), None


def exact_dx(x, w, dout):
    s = sigmoid_layer(x, w)[0]
    return (dout * s * (1 - s)) @ w.T


@pytest.fixture
def layer():
    rng = np.random.default_rng(1)
    return rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=(4, 3))


def test_agrees_with_the_analytic_gradient_to_ten_digits(layer):
    x, w, dout = layer

    measured = numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0)

    assert np.max(np.abs(measured.value - exact_dx(x, w, dout))) < 1e-9
    assert not measured.kinks.any()


def test_richardson_is_a_hundred_times_more_exact(layer):
    x, w, dout = layer
    entries = list(np.ndindex(*x.shape))
    exact = exact_dx(x, w, dout).ravel()

    better = richardson_vjp(sigmoid_layer, (x, w), 0, dout, entries, select=0)

    central = numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0).value.ravel()
    assert np.max(np.abs(better - exact)) < np.max(np.abs(central - exact)) / 10


def test_never_perturbs_the_callers_array(layer):
    x, w, dout = layer
    before = x.copy()

    numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0)

    assert np.array_equal(x, before)


def test_large_inputs_get_a_proportionate_step():
    measured = numeric_gradient(lambda x: float(np.sum(x**2)), np.array([3e6, -2e5]))

    np.testing.assert_allclose(measured.value, [6e6, -4e5], rtol=1e-8)


def test_integer_inputs_are_differentiated_as_floats():
    measured = numeric_gradient(lambda x: float(x**2), np.array(3))

    assert measured.value == pytest.approx(6.0)


def test_a_kink_is_marked_and_its_neighbours_are_not():
    measured = numeric_vjp(lambda x: np.maximum(0, x), (np.array([0.0, 1.0, -1.0]),), 0, np.ones(3))

    assert measured.kinks.tolist() == [True, False, False]


def test_a_stand_in_for_a_remote_function_is_asked_once():
    class Remote:
        rounds = 0

        def __autograder_map__(self, argument_lists, select):
            Remote.rounds += 1
            return [np.sum(x) ** 2 for (x,) in argument_lists]

    measured = numeric_gradient(Remote(), np.array([1.0, 2.0]))

    assert Remote.rounds == 1
    np.testing.assert_allclose(measured.value, [6.0, 6.0], rtol=1e-8)


def test_evaluate_many_keeps_only_what_is_selected():
    assert evaluate_many(lambda x: (x, "cache"), [(1,), (2,)], select=0) == [1, 2]


def test_slopes_along_directions_agree_with_the_analytic_gradient(layer):
    x, w, dout = layer
    directions = draw_directions(np.random.default_rng(0), x.shape)

    slopes, none = slopes_along(sigmoid_layer, (x, w), [directions, None], dout, select=0)

    exact = [np.sum(exact_dx(x, w, dout) * np.maximum(1, np.abs(x)) * along) for along in directions]
    assert none is None
    assert np.allclose(slopes, exact, rtol=1e-8, atol=1e-9)


def test_directions_leave_no_entry_out():
    directions = draw_directions(np.random.default_rng(0), (50, 40))

    assert directions.shape == (2, 50, 40)
    assert np.min(np.abs(directions)) >= 0.5
    assert abs(np.mean(np.sign(directions))) < 0.1


def test_slopes_of_inputs_that_move_together_add_up(layer):
    x, w, dout = layer
    rng = np.random.default_rng(0)
    directions = [draw_directions(rng, x.shape), draw_directions(rng, w.shape)]

    together = slopes_together(sigmoid_layer, (x, w), directions, dout, select=0)

    alone = slopes_along(sigmoid_layer, (x, w), directions, dout, select=0)
    assert np.allclose(together, np.sum(alone, axis=0), rtol=1e-7, atol=1e-8)


def test_a_measured_gradient_is_known_under_any_other_upstream(layer):
    x, w, dout = layer
    other = np.random.default_rng(3).normal(size=dout.shape)

    measured = numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0)

    assert np.allclose(measured.under(other), exact_dx(x, w, other), atol=1e-9)
    assert np.allclose(measured.under(dout), measured.value, atol=1e-12)


def test_without_room_for_all_slopes_the_gradient_is_the_same(layer, monkeypatch):
    x, w, dout = layer
    roomy = numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0)

    monkeypatch.setattr("autograder.gradients.measure.MOST_SLOPES", 30)
    measured = numeric_vjp(sigmoid_layer, (x, w), 0, dout, select=0)

    assert measured.under(dout) is None
    assert np.allclose(measured.value, roomy.value, atol=1e-12)
    assert np.array_equal(measured.kinks, roomy.kinks)


def test_a_loss_may_come_as_an_array_of_one_number():
    measured = numeric_gradient(lambda x: np.array([np.sum(x**2)]), np.array([1.0, 2.0]))

    assert np.allclose(measured.value, [2.0, 4.0])
