"""A mistake is named when, and only when, its prediction equals the wrong answer."""

import numpy as np
import pytest

from autograder.gradients.explain import GENERIC_GRADIENT, Case, Mistake, diagnose, wrong_order
from autograder.gradients.judge import GRADIENT


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    expected = dout * (1 - np.tanh(x) ** 2)

    def of(actual):
        return Case(
            "dx", actual, expected, {"x": x}, dout, vjp=lambda upstream: upstream * (1 - np.tanh(x) ** 2)
        )

    return of, expected, dout


def names(case):
    return [mistake.name for mistake in diagnose(case, GENERIC_GRADIENT, GRADIENT)]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("sign_flipped", lambda e, d: -e),
        ("upstream_forgotten", lambda e, d: e / d),
        ("local_forgotten", lambda e, d: d),
        ("upstream_twice", lambda e, d: e * d),
        ("upstream_added", lambda e, d: e / d + d),
        ("doubled", lambda e, d: 2 * e),
        ("halved", lambda e, d: e / 2),
        ("summed_not_averaged", lambda e, d: 4 * e),
        ("averaged_twice", lambda e, d: e / 4),
        ("transposed", lambda e, d: e.T),
        ("left_at_zero", lambda e, d: 0 * e),
        ("summed_to_scalar", lambda e, d: e.sum()),
    ],
)
def test_each_general_mistake_is_named(case, name, answer):
    of, expected, dout = case

    assert names(of(answer(expected, dout))) == [name]


def test_a_right_answer_is_no_mistake(case):
    of, expected, _ = case

    assert names(of(expected)) == []


def test_a_wrong_answer_nobody_predicted_is_not_named(case):
    of, expected, _ = case
    answer = expected.copy()
    answer[1, 2] += 0.1

    assert names(of(answer)) == []


def test_a_mistake_for_another_quantity_does_not_apply(case):
    of, expected, _ = case
    only_db = Mistake("sign", lambda case: -case.expected, "…", of="db")

    assert diagnose(of(-expected), [only_db], GRADIENT) == []


def test_a_prediction_that_does_not_fit_the_shapes_is_no_match(case):
    of, expected, _ = case
    broken = Mistake("broken", lambda case: case["w"] @ case.expected, "…")

    assert diagnose(of(-expected), [broken], GRADIENT) == []


@pytest.mark.parametrize("error", [StopIteration, OverflowError])
def test_a_prediction_that_raises_is_no_match(case, error):
    of, expected, _ = case

    def predict(case):
        raise error

    assert diagnose(of(-expected), [Mistake("broken", predict, "…")], GRADIENT) == []


def test_exchanged_results_are_recognised():
    dw, db = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])
    case = Case("dw", db, dw, others={"db": db})

    assert wrong_order(case).name == "wrong_order"


def test_equal_gradients_are_not_called_exchanged():
    same = np.array([1.0, 2.0])

    assert wrong_order(Case("dx", -same, same, others={"dy": same})) is None


def test_the_batch_size_may_be_told():
    dW = np.arange(6.0).reshape(2, 3) - 2

    case = Case("dW", actual=4 * dW, expected=dW, inputs={"W": np.zeros((2, 3)), "N": 4})

    assert [mistake.name for mistake in diagnose(case, GENERIC_GRADIENT, GRADIENT)] == ["summed_not_averaged"]
