"""The colours: readable, apart for every reader, and loaded without Matplotlib."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from utils import style

# Simulation of dichromatic vision, linear RGB (Viénot, Brettel and Mollon 1999; the tritan one after Machado et al. 2009).
VISION = {
    "normal": np.eye(3),
    "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.clip(xyz / [0.9505, 1.0, 1.089], 1e-6, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one, other, vision):
    return np.linalg.norm(lab(VISION[vision] @ linear(one)) - lab(VISION[vision] @ linear(other)))


@pytest.mark.parametrize("colour", [style.VALUE, style.GRADIENT, style.ERROR, style.INK, style.QUIET])
def test_colours_of_text_are_readable_on_white(colour):
    luminance = np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)

    assert 1.05 / (luminance + 0.05) >= 4.5


@pytest.mark.parametrize("vision", VISION)
def test_value_gradient_and_error_stay_apart_for_every_reader(vision):
    for one, other in combinations([style.VALUE, style.GRADIENT, style.ERROR], 2):
        assert distance(one, other, vision) > 20, (one, other)


@pytest.mark.parametrize("vision", VISION)
def test_the_first_four_series_stay_apart_for_every_reader(vision):
    for one, other in combinations(style.CATEGORICAL[:4], 2):
        assert distance(one, other, vision) > 20, (one, other)


def test_no_series_takes_a_colour_that_has_a_meaning():
    assert not {style.VALUE, style.GRADIENT, style.ERROR} & set(style.CATEGORICAL)


def test_the_style_stays_inside_its_block():
    import matplotlib

    before = matplotlib.rcParams["axes.titlelocation"]

    with style.styled():
        inside = matplotlib.rcParams["axes.titlelocation"]

    assert inside == "left"
    assert matplotlib.rcParams["axes.titlelocation"] == before


def test_use_style_changes_the_settings_for_good():
    import matplotlib

    with matplotlib.rc_context():
        style.use_style()

        assert matplotlib.rcParams["axes.prop_cycle"].by_key()["color"] == style.CATEGORICAL


def test_the_signed_map_is_white_at_zero():
    assert style.SIGNED(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.02)


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="BLUE"):
        _ = style.BLUE


@pytest.mark.parametrize(
    "statement", ["import utils", "from utils import style", "from utils.data import records"]
)
def test_a_light_import_loads_no_matplotlib_and_no_ipython(statement):
    heavy = "{'matplotlib', 'IPython', 'ipywidgets', 'PIL', 'autograder'}"
    code = f"{statement}\nimport sys\nprint(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_every_listed_name_can_be_loaded_and_is_described():
    import utils

    for name in utils.__all__:
        assert getattr(utils, name) is not None
        assert f"``{name}``" in utils.__doc__, name


def test_an_unlisted_name_is_answered_with_the_list():
    import utils

    with pytest.raises(AttributeError, match="draw_graph"):
        _ = utils.draw_grpah
