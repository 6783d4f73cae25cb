"""Pictures of searches."""

import numpy as np
import pytest

from utils import style
from utils.figures import figure
from utils.searches import plot_best_so_far, plot_posterior, plot_projection


def test_a_projection_counts_distinct_values_along_the_first_axis():
    square = [[x, y] for x in (0.1, 0.5, 0.9) for y in (0.1, 0.5, 0.9)]
    scattered = np.random.default_rng(0).random((9, 2))

    fig = plot_projection(
        {"grid": square, "random": scattered}, lambda x: (x - 0.3) ** 2, lambda x, y: (x - 0.3) ** 2 + 0 * y
    )

    titles = [ax.get_title(loc="left") for ax in fig.axes if ax.get_title(loc="left")]
    assert titles == ["grid: 3 distinct values", "random: 9 distinct values"]
    assert "9 trials, 3 distinct values of x" in fig.alt
    assert fig.png()


@pytest.mark.parametrize("acquisition", [None, np.linspace(0, 1, 50)])
def test_a_posterior_has_a_panel_for_each_thing_it_is_given(acquisition):
    x = np.linspace(0, 1, 50)

    fig = plot_posterior(x, x**2, 1 - x, ([0.2, 0.4], [0.0, 0.1]), acquisition=acquisition, chosen=0.9)

    assert len(fig.axes) == 1 + (acquisition is not None)
    assert "after 2 trials" in fig.alt
    assert "next trial is at 0.90" in fig.alt


def test_the_best_so_far_never_rises_and_is_averaged_over_repeats():
    fig = plot_best_so_far({"random": [[3.0, 5.0, 1.0], [1.0, 2.0, 0.0]]})

    (ax,) = fig.axes
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [2.0, 2.0, 0.5])
    assert fig.alt == "Best loss so far. random: 0.500 ± 0.500 after 3 trials."


def test_searches_are_told_apart_without_colour_and_drawn_into_axes_of_ones_own():
    fig, (left, _) = figure(1, 2)

    same = plot_best_so_far({"a": [1.0, 0.5], "b": [2.0, 0.4]}, ax=left)

    assert same is fig
    assert [line.get_linestyle() for line in left.lines] == list(style.DASHES[:2])
