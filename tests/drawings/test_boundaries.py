"""Regions of a classifier."""

import numpy as np
import pytest

from utils.boundaries import plot_decision_boundary
from utils.data import spirals
from utils.figures import figure


def by_side(points):
    return (points[:, 0] > 0).astype(int)


def test_regions_are_those_of_the_classifier():
    X, y = spirals(20, 2)

    fig = plot_decision_boundary(by_side, X, y)

    (ax,) = fig.axes
    regions = ax.images[0].get_array()
    left, right, *_ = ax.images[0].get_extent()
    xs = np.linspace(left, right, regions.shape[1])
    np.testing.assert_array_equal(regions, np.broadcast_to(xs > 0, regions.shape))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first feature", "second feature")


def test_scores_are_as_good_as_classes():
    X, y = spirals(20, 3)
    scores = np.random.default_rng(0).normal(size=(2, 3))

    one = plot_decision_boundary(lambda p: p @ scores, X, y)
    other = plot_decision_boundary(lambda p: (p @ scores).argmax(axis=1), X, y)

    np.testing.assert_array_equal(one.axes[0].images[0].get_array(), other.axes[0].images[0].get_array())


def test_the_title_tells_the_share_of_points_in_their_own_region():
    X = np.array([[-1.0, 0.0], [1.0, 0.0], [2.0, 1.0], [3.0, 1.0]])

    fig = plot_decision_boundary(by_side, X, [0, 1, 1, 0])

    assert fig.axes[0].get_title(loc="left") == "75% of the points in their own region"
    assert "75 % of 4 points lie in their own" in fig.alt


def test_classes_differ_in_marker_too():
    X, y = spirals(10, 3)

    fig = plot_decision_boundary(by_side, X, y, names=["a", "b", "c"])

    shapes = {
        path.get_paths()[0].vertices.tobytes()
        for path in fig.axes[0].collections
        if path.get_offsets().size > 2
    }
    assert len(shapes) >= 3
    assert [text.get_text() for text in fig.axes[0].get_legend().get_texts()] == ["a", "b", "c"]


def test_several_boundaries_stand_side_by_side():
    X, y = spirals(10, 3)
    fig, axes = figure(1, 3)

    for ax, units in zip(axes, (3, 6, 20), strict=True):
        plot_decision_boundary(by_side, X, y, title=f"{units} units", ax=ax)

    assert [ax.get_title(loc="left") for ax in fig.axes] == ["3 units", "6 units", "20 units"]


def test_points_outside_the_plane_are_refused():
    with pytest.raises(ValueError, match=r"shape \(N, 2\); X has shape \(5, 3\)"):
        plot_decision_boundary(by_side, np.zeros((5, 3)), np.zeros(5))


def test_a_predict_with_one_answer_for_all_is_refused():
    X, y = spirals(10, 2)

    with pytest.raises(ValueError, match=r"returned an array of shape \(1,\).*one class a point"):
        plot_decision_boundary(lambda p: np.array([1]), X, y)
