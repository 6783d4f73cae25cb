"""Surfaces over the plane and the paths upon them."""

import numpy as np
import pytest

from utils.figures import figure
from utils.surfaces import bowl, plot_paths, rosenbrock, saddle

SURFACES = [bowl(), bowl(3.0), saddle(), rosenbrock()]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_gradient_is_that_of_its_surface(surface):
    w, step = np.array([-0.7, 0.4]), 1e-6

    numeric = [
        (surface.value(w + step * along) - surface.value(w - step * along)) / (2 * step)
        for along in np.eye(2)
    ]

    np.testing.assert_allclose(surface.gradient(w), numeric, rtol=1e-6)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_the_minima_are_flat_and_lower_than_all_around(surface):
    for minimum in np.array(surface.minima):
        around = minimum + 0.1 * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 2], [-1, -2]])

        np.testing.assert_allclose(surface.gradient(minimum), 0, atol=1e-12)
        assert (surface.value(around) > surface.value(minimum)).all()


def test_the_saddle_is_flat_and_curves_both_ways():
    surface = saddle()

    np.testing.assert_array_equal(surface.gradient(np.zeros(2)), 0)
    assert (
        surface.value(np.array([0.1, 0.0])) > surface.value(np.zeros(2)) > surface.value(np.array([0.0, 0.1]))
    )


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_start_and_minima_are_in_the_picture(surface):
    left, right, bottom, top = surface.limits

    for x, y in (surface.start, *surface.minima):
        assert left < x < right
        assert bottom < y < top


def test_paths_are_drawn_by_name_and_told():
    fig = plot_paths(bowl(), {"one": [[-9, 1], [-3, 0.5]], "two": [[-9, 1], [0, 0]]}, title="Two walks")

    (ax,) = fig.axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "two"]
    assert ax.get_title(loc="left") == "Two walks"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first parameter", "second parameter")
    assert "one ends at (−3.00, 0.50), height 7.000. two ends at (0.00, 0.00), height 0.000." in fig.alt


def test_a_path_that_is_lost_ends_where_it_was_last_seen():
    fig = plot_paths(bowl(), {"lost": [[-9, 1], [1e3, 7], [np.inf, np.nan], [0, 0]], "never": [[np.nan, 0]]})

    np.testing.assert_array_equal(fig.axes[0].lines[1].get_xydata(), [[-9, 1], [1e3, 7]])
    assert "lost ends at (1000.00, 7.00)" in fig.alt
    assert "never: no finite point." in fig.alt
    assert fig.png()


def test_several_surfaces_share_a_figure():
    fig, axes = figure(1, 2)

    for ax, surface in zip(axes, (bowl(), saddle()), strict=True):
        assert plot_paths(surface, {}, ax=ax, legend=False) is fig

    assert "bowl: contours" in fig.alt
    assert "saddle: contours" in fig.alt
