"""The one look of the course's figures: what each colour means, and the Matplotlib settings.

A colour keeps its meaning through all notebooks: a forward value is ``VALUE``, a gradient ``GRADIENT``, an error
``ERROR``; series and classes take ``CATEGORICAL`` in order, which holds none of the three. All were chosen to stay
apart for readers with protanopia, deuteranopia and tritanopia, and the three meanings to be readable as small text
on white (contrast of at least 4.5 to 1, WCAG 2.2).

Knows colours and settings only. Refuses to know what is drawn.
"""

from contextlib import contextmanager

VALUE = "#0067A5"  # forward values
GRADIENT = "#C24A00"  # backward gradients
ERROR = "#8A12D6"  # disagreement, mistakes
INK = "#222222"  # text, axes
QUIET = "#6B6B6B"  # secondary text; 5.3 to 1 on white
FAINT = "#E4E4E4"  # grids, frames
PAPER = "#FFFFFF"

CATEGORICAL = [
    "#117733",  # green
    "#E69F00",  # orange
    "#56B4E9",  # sky
    "#332288",  # indigo
    "#999933",  # olive
    "#CC6677",  # rose
    "#44AA99",  # teal
    "#7A4B1E",  # brown
    "#B9A7D6",  # lavender
    "#777777",  # grey
]
# A second sign beside colour, so that no reading depends on colour alone.
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "*"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 3))]

# Colour maps, made on first use: SIGNED for numbers of either sign (purple below zero, white, orange above), ERRORS for
# the size of an error.
_MAPS = {
    "SIGNED": ("#4A3A8C", "#A79DCF", PAPER, "#F2AC74", GRADIENT),
    "ERRORS": (PAPER, "#D8B6F3", ERROR),
}

SETTINGS = {
    "figure.facecolor": PAPER,
    "figure.figsize": (6.4, 4.0),
    "figure.dpi": 100,
    "axes.facecolor": PAPER,
    "axes.edgecolor": "#9A9A9A",
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "lines.markersize": 5,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "font.size": 11,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with Matplotlib: the same picture on every machine
    "text.color": INK,
    "image.interpolation": "nearest",
}


def _settings():
    from cycler import cycler

    return {**SETTINGS, "axes.prop_cycle": cycler(color=CATEGORICAL)}


@contextmanager
def styled():
    """Draw in the course's style inside a ``with`` block; settings outside it stay as they were."""
    import matplotlib

    with matplotlib.rc_context(_settings()):
        yield


def use_style():
    """Give figures made with ``matplotlib.pyplot`` the course's style from here on.

    The drawings of `utils` need no such call.
    """
    import matplotlib

    matplotlib.rcParams.update(_settings())


def __getattr__(name):
    """``SIGNED`` and ``ERRORS`` as Matplotlib colour maps: made late, so that the colours load without Matplotlib."""
    if name not in _MAPS:
        raise AttributeError(f"utils.style has no {name!r}")
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name.lower(), _MAPS[name])


def category(index):
    """Colour of series or class `index`; after the last colour the list starts again."""
    return CATEGORICAL[index % len(CATEGORICAL)]
