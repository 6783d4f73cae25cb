"""The perceptron that a ConvNet is compared with: its gradients, and that it learns."""

import numpy as np
import pytest

from utils.training import Perceptron, accuracy, train


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_gradients_of_the_perceptron_agree_with_central_differences(rng):
    net, X, y = Perceptron(6, 5, 3, scale=0.8), rng.normal(size=(4, 2, 3)), np.array([0, 2, 1, 2])

    _, grads = net.loss(X, y)

    for key, value in net.params.items():
        for entry in np.ndindex(value.shape):
            sides = []
            for step in (1e-6, -1e-6):
                net.params[key] = value.copy()
                net.params[key][entry] += step
                sides.append(net.loss(X, y)[0])
            net.params[key] = value
            assert grads[key][entry] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_training_reads_two_clouds_apart_and_leaves_the_first_arrays_alone(rng):
    y = np.arange(200) % 2
    X = rng.normal(size=(200, 2)) + 3 * (2 * y[:, None] - 1)
    net = Perceptron(2, 8, 2, scale=0.5)
    first = net.params["W1"]
    kept = first.copy()

    train(net, X, y)

    assert accuracy(net, X, y) > 0.95
    assert np.array_equal(first, kept)


def test_accuracy_counts_the_last_examples_of_an_odd_number_as_much_as_others(rng):
    net, X = Perceptron(2, 4, 2, scale=0.5), rng.normal(size=(103, 2))
    answers = net.loss(X).argmax(axis=1)
    y = np.where(np.arange(103) < 100, answers, 1 - answers)

    assert accuracy(net, X, y) == pytest.approx(100 / 103)
