"""Features as points in a plane."""

import numpy as np
import pytest

from utils.clouds import principal_plane, show_clouds


@pytest.fixture
def flat():
    """Points that lie in a plane of five dimensions, up to a constant feature."""
    rng = np.random.default_rng(0)
    return np.c_[rng.normal(size=(40, 2)) @ rng.normal(size=(2, 5)), np.full(40, 7.0)]


def test_a_plane_loses_no_distance(flat):
    standard = (flat - flat.mean(axis=0)) / np.where(flat.std(axis=0) > 1e-9, flat.std(axis=0), 1.0)

    points = principal_plane(flat)

    np.testing.assert_allclose(np.linalg.norm(points, axis=1), np.linalg.norm(standard, axis=1), atol=1e-9)


def test_the_first_direction_spreads_most():
    points = principal_plane(np.random.default_rng(1).normal(size=(50, 6)))

    first, second = points.var(axis=0)
    assert first > second
    assert abs(np.corrcoef(points.T)[0, 1]) < 1e-9


def test_others_are_seen_in_the_plane_of_the_first(flat):
    np.testing.assert_allclose(principal_plane(flat[:3], of=flat), principal_plane(flat)[:3], atol=1e-9)


def test_each_group_has_its_mark_and_name(flat):
    groups = np.arange(40) % 3

    fig = show_clouds({"pots": (flat, groups, ["a", "b", "c"]), "sets": ([flat, flat[:9]], None, ["x", "y"])})

    left, right = fig.axes
    assert [len(dots.get_offsets()) for dots in left.collections] == [14, 13, 13]
    assert [len(dots.get_offsets()) for dots in right.collections] == [40, 9]
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["a", "b", "c"]
    assert fig.alt.endswith("pots: a, b, c; sets: x, y.")
