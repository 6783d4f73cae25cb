"""Curves and histograms."""

import numpy as np
import pytest

from utils import style
from utils.curves import plot_function, plot_histograms, plot_losses
from utils.figures import figure


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_losses_have_a_curve_each_with_labelled_axes():
    fig = plot_losses({"one": [3, 2, 1], "two": [3, 3, 3]}, title="Training")

    (ax,) = fig.axes
    assert labels(ax) == ["one", "two"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss")
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_a_single_curve_needs_no_name():
    fig = plot_losses(np.linspace(2.3026, 0.1, 50), ylabel="softmax loss")

    assert fig.axes[0].get_legend() is None
    assert fig.alt == "softmax loss: from 2.303 to 0.100 over 50 steps"


def test_losses_that_are_not_finite_leave_a_gap():
    fig = plot_losses({"too fast": [1.0, 9.0, np.inf, np.nan]})

    assert "from 1.000 to 9.000" in fig.alt
    assert fig.png()


def test_a_curve_without_any_number_is_said_to_have_none():
    assert plot_losses({"lost": [np.nan, np.nan]}).alt == "loss of lost: no finite value"


def test_smoothing_keeps_a_straight_line_where_it_is():
    fig = plot_losses({"line": np.arange(100.0)}, smooth=9)

    raw, smooth = fig.axes[0].lines
    np.testing.assert_allclose(smooth.get_ydata(), raw.get_ydata()[4:-4])
    np.testing.assert_allclose(smooth.get_xdata(), raw.get_xdata()[4:-4])


def test_a_logarithmic_axis_is_there_when_asked_for():
    assert plot_losses([1, 0.1], log=True).axes[0].get_yscale() == "log"


def test_curves_can_be_drawn_into_axes_of_ones_own_and_their_sentences_add_up():
    fig, (left, right) = figure(1, 2)

    same = plot_losses({"a": [2, 1]}, ax=left)
    plot_function(np.sin, ax=right, ylabel="sin(x)")

    assert same is fig
    assert fig.alt == "loss of a: from 2.000 to 1.000 over 2 steps Curves of sin(x) for x from −1.00 to 1.00."


def test_the_first_of_several_functions_is_the_target_in_grey():
    fig = plot_function({"target": np.sin, "width 3": np.cos}, -3, 3, samples=([0, 1], [0, 1]))

    (ax,) = fig.axes
    assert labels(ax) == ["target", "width 3", "data"]
    assert ax.lines[0].get_linewidth() > ax.lines[1].get_linewidth()
    assert ax.lines[1].get_color() == style.CATEGORICAL[0]


def test_numbers_are_drawn_over_evenly_spaced_points():
    fig = plot_function({"steps": [0, 1, 4]}, 0, 2)

    np.testing.assert_allclose(fig.axes[0].lines[0].get_xdata(), [0, 1, 2])


@pytest.mark.parametrize("layers", [1, 3, 10])
def test_histograms_stand_side_by_side_on_common_axes(layers):
    rng = np.random.default_rng(0)

    fig = plot_histograms([rng.normal(size=(20, 30)) for _ in range(layers)], title="Activations")

    shown = [ax for ax in fig.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") for ax in shown] == [f"layer {i + 1}" for i in range(layers)]
    assert len({ax.get_xlim() for ax in shown}) == 1
    assert shown[0].get_ylabel() == "share"
    assert shown[-1].get_xlabel() == "activation"


def test_shares_of_a_histogram_sum_to_one():
    fig = plot_histograms({"layer": np.arange(100.0)}, bins=10)

    assert sum(bar.get_height() for bar in fig.axes[0].patches) == pytest.approx(1)


def test_a_layer_of_equal_numbers_does_not_flatten_the_others():
    rng = np.random.default_rng(0)

    fig = plot_histograms([rng.normal(size=500), rng.normal(size=500), np.zeros(500)])

    assert fig.axes[0].get_ylim()[1] < 0.5


@pytest.mark.parametrize("numbers", [[np.zeros(5)], [np.array([np.nan, np.inf])], [np.array([])]])
def test_degenerate_layers_are_drawn(numbers):
    assert plot_histograms(numbers).png()
