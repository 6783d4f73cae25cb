"""A figure that shows itself once and speaks."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from utils.figures import Drawing, describe, figure, shown


def bundle(fig):
    data, metadata = fig._repr_mimebundle_()
    return data, metadata


def test_a_figure_offers_an_image_with_alt_text_in_every_form():
    fig, ax = figure(alt='A line from "low" to <high>.')
    ax.plot([0, 1])

    data, metadata = bundle(fig)

    assert base64.b64decode(data["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"
    assert 'alt="A line from &quot;low&quot; to &lt;high&gt;."' in data["text/html"]
    assert metadata["image/png"]["alt"] == data["text/plain"] == 'A line from "low" to <high>.'


def test_a_figure_is_shown_at_its_size_in_inches():
    fig, _ = figure(width=5, height=2)

    data, metadata = bundle(fig)

    assert (metadata["image/png"]["width"], metadata["image/png"]["height"]) == (480, 192)
    assert Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).size == (720, 288)


def test_pyplot_does_not_know_the_figure_so_that_no_backend_shows_it_twice():
    import matplotlib.pyplot as plt

    before = plt.get_fignums()

    figure()

    assert plt.get_fignums() == before


def test_ipython_shows_a_figure_once():
    formatter = pytest.importorskip("IPython.core.formatters").DisplayFormatter()
    fig, _ = figure(alt="Empty axes.")

    data, metadata = formatter.format(fig)

    assert set(data) == {"image/png", "text/html", "text/plain"}
    assert metadata["image/png"]["alt"] == "Empty axes."


def test_the_sheet_is_white_inside_and_clear_at_the_corners():
    fig, _ = figure()

    pixels = np.asarray(Image.open(io.BytesIO(fig.png())))

    assert pixels[0, 0, 3] == 0
    assert pixels[12, 30].tolist() == [255, 255, 255, 255]


def test_a_photograph_travels_as_jpeg():
    fig, ax = figure()
    ax.imshow(np.random.default_rng(0).uniform(size=(200, 300, 3)))

    data, metadata = bundle(fig)

    assert base64.b64decode(data["image/jpeg"])[:2] == b"\xff\xd8"
    assert "data:image/jpeg;base64" in data["text/html"]
    assert "alt" in metadata["image/jpeg"]


def test_describe_makes_a_sentence_of_titles_and_labels_where_no_alt_text_was_given():
    fig, ax = figure()
    ax.set(title="Loss", xlabel="step", ylabel="loss")

    assert describe(fig) == "Figure. Loss: loss against step"


def test_describe_sets_the_alt_text():
    fig, _ = figure()

    describe(fig, "Nothing yet.")

    assert repr(fig) == "<Drawing: Nothing yet.>"


def test_figure_makes_as_many_axes_as_asked():
    _, axes = figure(2, 3, sharex=True)

    assert axes.shape == (2, 3)


def test_a_drawing_without_layout_engine_is_possible():
    assert Drawing(2, 1, layout=None).get_layout_engine() is None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (-12, "−12.00"),
        (0, "0.00"),
        (0.731058, "0.73"),
        (-0.005, "−0.01"),
        (0.004, "4e−3"),
        (-4.64e-3, "−4.6e−3"),
        (123456.0, "1.2e5"),
        (float("nan"), "nan"),
        (float("-inf"), "−∞"),
        (np.ones((2, 3)), "(2, 3)"),
        (np.array([[0.5]]), "0.50"),
    ],
)
def test_numbers_are_written_short(number, text):
    assert shown(number) == text
