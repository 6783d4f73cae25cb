"""Data made on the spot, and the fixed division."""

import numpy as np
import pytest

from utils.data import spirals, split


def test_spirals_have_as_many_points_on_each_arm_as_asked():
    X, y = spirals(50, 4)

    assert X.shape == (200, 2)
    assert np.bincount(y).tolist() == [50] * 4
    assert X.dtype == np.float64
    assert y.dtype == np.int64


def test_spirals_lie_in_the_disc_of_radius_one():
    X, _ = spirals(100, 3)

    assert np.linalg.norm(X, axis=1).max() <= 1 + 1e-12


def test_the_same_generator_gives_the_same_spirals():
    one, other = spirals(20, 3, np.random.default_rng(5))[0], spirals(20, 3, 5)[0]

    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, spirals(20, 3, 6)[0])


def test_the_global_generator_is_left_alone():
    state = np.random.get_state()[1].copy()

    spirals()
    split(np.zeros((10, 1)), np.arange(10) % 2)

    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_no_line_separates_the_arms():
    X, y = spirals(100, 3)
    features = np.column_stack([X, np.ones(len(X))])

    weights = np.linalg.lstsq(features, np.eye(3)[y], rcond=None)[0]

    assert ((features @ weights).argmax(axis=1) == y).mean() < 0.7


def test_a_split_keeps_every_example_once_with_its_label():
    X, y = np.arange(100)[:, None], np.arange(100) % 4

    parts = split(X, y, test=0.25)

    assert sorted(np.concatenate([parts.X_train, parts.X_test]).ravel()) == list(range(100))
    np.testing.assert_array_equal(parts.X_train.ravel() % 4, parts.y_train)
    np.testing.assert_array_equal(parts.X_test.ravel() % 4, parts.y_test)


def test_a_split_takes_the_same_share_of_each_class():
    y = np.repeat([0, 1, 2], [10, 40, 100])

    parts = split(y[:, None], y, test=0.2)

    assert np.bincount(parts.y_test).tolist() == [2, 8, 20]


def test_a_split_is_the_same_each_time_and_another_with_another_seed():
    X, y = np.arange(60), np.arange(60) % 3

    assert np.array_equal(split(X, y).X_test, split(X, y).X_test)
    assert not np.array_equal(split(X, y).X_test, split(X, y, seed=1).X_test)


def test_a_split_unpacks_in_the_usual_order():
    X_train, y_train, X_test, y_test = split(np.arange(20), np.arange(20) % 2, test=0.3)

    assert (len(X_train), len(y_train), len(X_test), len(y_test)) == (14, 14, 6, 6)


def test_different_lengths_are_refused():
    with pytest.raises(ValueError, match="5 examples and y 4 labels"):
        split(np.zeros(5), np.zeros(4))


@pytest.mark.parametrize("share", [0, 1, 20])
def test_a_share_outside_0_and_1_is_refused(share):
    with pytest.raises(ValueError, match=r"between 0 and 1, for example 0\.2"):
        split(np.zeros(5), np.zeros(5), test=share)
