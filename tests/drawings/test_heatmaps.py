"""Matrices as heat maps."""

import numpy as np
import pytest

from utils.heatmaps import show_error_map, show_jacobian


def maps(fig):
    return [ax for ax in fig.axes if ax.images]


def inside(fig):
    """Whether all that is drawn lies on the paper."""
    fig.canvas.draw()
    width, height = fig.get_size_inches() * fig.dpi
    for ax in fig.axes:
        box = ax.get_tightbbox()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, ax.get_title(loc="left")
    return True


def test_a_jacobian_is_drawn_with_labelled_axes():
    fig = show_jacobian(np.eye(4), title="relu")

    (ax,) = maps(fig)
    assert (ax.get_ylabel(), ax.get_xlabel(), ax.get_title(loc="left")) == ("output", "input", "relu")
    assert inside(fig)


def test_rows_and_columns_can_have_a_label_each():
    (ax,) = maps(show_jacobian(np.ones((2, 3)), rows=["s0", "s1"], cols=["z0", "z1", "z2"]))

    assert [label.get_text() for label in ax.get_yticklabels()] == ["s0", "s1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["z0", "z1", "z2"]


def test_several_maps_share_one_colour_scale_and_a_colour_bar():
    fig = show_jacobian({"small": np.eye(3), "large": -5 * np.eye(6)}, title="Two")

    assert [ax.images[0].get_clim() for ax in maps(fig)] == [(-5, 5), (-5, 5)]
    assert [ax.get_ylabel() for ax in fig.axes if not ax.images] == ["entry: ∂ output / ∂ input"]
    assert inside(fig)


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (3, 40), (100, 400), (64, 64)])
def test_any_shape_fits_the_paper(shape):
    fig = show_jacobian(np.random.default_rng(0).normal(size=shape))

    assert inside(fig)
    assert fig.get_size_inches()[0] <= 10


def test_many_maps_fit_a_notebooks_width():
    fig = show_jacobian({f"layer {i}": np.eye(8) for i in range(4)})

    assert inside(fig)
    assert fig.get_size_inches()[0] <= 10


def test_blocks_are_outlined_along_the_diagonal():
    (ax,) = maps(show_jacobian(np.ones((8, 12)), block=(2, 3)))

    assert [patch.get_xy() for patch in ax.patches] == [(3 * i - 0.5, 2 * i - 0.5) for i in range(4)]


def test_small_matrices_show_their_numbers_and_large_ones_do_not():
    small, large = maps(show_jacobian(np.eye(3)))[0], maps(show_jacobian(np.eye(30)))[0]

    assert sorted({text.get_text() for text in small.texts}) == ["0", "1.00"]
    assert not large.texts


def test_the_alt_text_counts_the_zeros():
    assert show_jacobian(np.eye(8), title="relu").alt == (
        "relu: heat map of a 8 by 8 matrix, 56 of 64 entries zero, from 0.00 to 1.00"
    )


def test_a_matrix_of_zeros_and_one_with_nan_are_drawn():
    assert show_jacobian(np.zeros((2, 2))).png()
    assert show_jacobian(np.array([[np.nan, 1.0]])).png()


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 3)])
def test_what_is_no_matrix_is_refused_with_a_way_out(shape):
    with pytest.raises(ValueError, match=r"J\.reshape\(outputs, inputs\)"):
        show_jacobian(np.zeros(shape))


def test_labels_of_the_wrong_number_are_refused():
    with pytest.raises(ValueError, match="cols has 2 labels, but the matrix has 3 cols"):
        show_jacobian(np.zeros((2, 3)), cols=["a", "b"])


def test_an_error_map_names_the_worst_place():
    numeric = np.random.default_rng(0).normal(size=(4, 6))
    analytic = numeric.copy()
    analytic[1, 2] += 0.7

    fig = show_error_map(analytic, numeric)

    assert [ax.get_title(loc="left") for ax in maps(fig)] == [
        "dx, analytic",
        "dx, numeric",
        "difference, largest at dx[1, 2]",
    ]
    assert "The largest difference, 0.700000, is at dx[1, 2]" in fig.alt
    assert inside(fig)


def test_more_dimensions_are_laid_out_as_a_matrix_and_named_in_full():
    numeric = np.zeros((4, 3, 2, 2))
    analytic = numeric.copy()
    analytic[2, 1, 0, 1] = np.nan

    fig = show_error_map(analytic, numeric, "dw")

    assert maps(fig)[0].images[0].get_array().shape == (4, 12)
    assert "dw[2, 1, 0, 1]" in fig.alt
    assert inside(fig)


@pytest.mark.parametrize("shape", [(), (5,)])
def test_vectors_and_numbers_have_error_maps_too(shape):
    fig = show_error_map(np.ones(shape), np.ones(shape), "db")

    assert maps(fig)[2].get_title(loc="left") == "no difference"


def test_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 3\), the numeric one \(3, 2\).*mend that first"):
        show_error_map(np.zeros((2, 3)), np.zeros((3, 2)))
