"""Images in a grid."""

from itertools import pairwise

import numpy as np
import pytest

from utils.images import show_images, show_templates


def shapes(fig):
    return [ax.images[0].get_array().shape for ax in fig.axes]


@pytest.mark.parametrize(
    ("stack", "drawn"),
    [((5, 8, 8), (8, 8)), ((5, 1, 8, 8), (8, 8)), ((5, 3, 8, 9), (8, 9, 3)), ((5, 8, 9, 3), (8, 9, 3))],
)
def test_grey_and_colour_images_stand_upright(stack, drawn):
    assert shapes(show_images(np.zeros(stack))) == [drawn] * 5


def test_each_image_has_its_title_and_the_alt_text_lists_them():
    fig = show_images(np.zeros((3, 8, 8)), ["coat", "bag", 7], title="Data")

    assert [ax.get_title() for ax in fig.axes] == ["coat", "bag", "7"]
    assert fig.alt == "Data. 3 images of 8 by 8 pixels: coat, bag, 7."


def test_the_alt_text_tells_equal_neighbours_once_and_how_many_are_left_out():
    repeated = show_images(np.zeros((9, 8, 8)), ["original", *["flip"] * 3, "original", *["crop"] * 4])
    many = show_images(np.zeros((30, 8, 8)), range(30))

    assert repeated.alt.endswith(": original, flip (3 times), original, crop (4 times).")
    assert many.alt.endswith(", 22, 23, and 6 more.")


def test_rows_are_filled_evenly():
    fig = show_images(np.zeros((10, 8, 8)), ncols=8)

    tops = [round(ax.get_position().y1, 3) for ax in fig.axes]
    assert sorted(tops.count(top) for top in set(tops)) == [5, 5]


def test_nothing_overlaps():
    fig = show_images(np.zeros((6, 20, 10)), ["a very long title indeed"] * 6, ncols=3, title="All")

    fig.canvas.draw()
    boxes = [ax.title.get_window_extent() for ax in fig.axes]
    assert all(a.x1 <= b.x0 for a, b in pairwise(boxes[:3]))


def test_a_list_may_hold_images_of_different_sizes():
    fig = show_images([np.zeros((8, 8)), np.zeros((3, 30, 20))])

    assert shapes(fig) == [(8, 8), (30, 20, 3)]


def test_bytes_and_shares_of_one_look_the_same():
    bytes_, shares = np.full((1, 3, 8, 8), 128.0), np.full((1, 3, 8, 8), 128 / 255)

    one, other = show_images(bytes_), show_images(shares)

    np.testing.assert_allclose(one.axes[0].images[0].get_array(), other.axes[0].images[0].get_array())


@pytest.mark.parametrize("shape", [(64,), (8, 8), (0, 8, 8)])
def test_what_is_no_stack_is_refused_with_a_way_out(shape):
    with pytest.raises(ValueError, match=r"X\[None\]"):
        show_images(np.zeros(shape))


def test_an_image_with_two_channels_is_refused():
    with pytest.raises(ValueError, match=r"this one has \(2, 8, 8\)"):
        show_images(np.zeros((4, 2, 8, 8)))


def test_a_wrong_number_of_titles_is_refused():
    with pytest.raises(ValueError, match="3 images and 2 titles"):
        show_images(np.zeros((3, 8, 8)), ["a", "b"])


def test_templates_are_rows_on_a_scale_around_zero():
    W = np.random.default_rng(0).normal(size=(10, 64))

    fig = show_templates(W, (8, 8))

    np.testing.assert_array_equal(fig.axes[3].images[0].get_array(), W[3].reshape(8, 8))
    low, high = fig.axes[3].images[0].get_clim()
    assert low == -high == -np.abs(W[3]).max()


def test_colour_templates_are_stretched_to_their_range():
    W = np.random.default_rng(0).normal(size=(2, 3 * 4 * 5))

    image = show_templates(W, (3, 4, 5)).axes[0].images[0].get_array()

    assert image.shape == (4, 5, 3)
    assert (image.min(), image.max()) == (0, 1)


def test_weights_the_other_way_round_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"W has shape \(64, 10\)\. Its columns do: give W\.T"):
        show_templates(np.zeros((64, 10)), (8, 8))
