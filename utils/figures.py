"""A figure that shows itself once, with alt text, in every front end.

JupyterLab 4 ignores the alt text of an ``image/png`` output but keeps that of an ``<img>`` in ``text/html``;
nbconvert reads the metadata of the PNG; a terminal reads ``text/plain``. A `Drawing` offers all three.
It stays outside ``matplotlib.pyplot``, whose inline backend would show it a second time.

Knows Matplotlib's figure and Jupyter's mime bundle. Refuses to know what is drawn.
"""

import base64
import html
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from utils import style

PIXELS_PER_INCH = 96  # at which a browser shows the figure
OVERSAMPLING = 1.5  # drawn finer than shown, so that text stays sharp on dense screens
MANY_COLOURS = 8192  # a drawing has fewer, smoothed letters included; a photograph more


class Drawing(Figure):
    """A Matplotlib figure with alt text, on a white sheet with round corners.

    Parameters
    ----------
    width, height : float
        Size in inches; 10 fills a notebook's width.
    alt : str, optional
        What the figure shows, in a sentence, for those who do not see it.
    """

    def __init__(self, width=6.4, height=4.0, *, alt="", **settings):
        settings.setdefault("layout", "constrained")
        super().__init__(figsize=(width, height), **settings)
        FigureCanvasAgg(self)
        self.alt = alt
        self.set_facecolor("none")
        # The sheet is part of the picture: it stays white in a dark theme, where axes text would vanish.
        self.sheet = FancyBboxPatch(
            (0.04, 0.04),
            width - 0.08,
            height - 0.08,
            boxstyle="round,pad=0,rounding_size=0.12",
            transform=self.dpi_scale_trans,
            facecolor=style.PAPER,
            edgecolor=style.FAINT,
            linewidth=1,
            zorder=-10,
        )
        self.sheet.set_in_layout(False)
        self.add_artist(self.sheet)
        if self.get_layout_engine() is not None:
            self.get_layout_engine().set(w_pad=0.14, h_pad=0.12)

    def png(self):
        """The figure as the bytes of a PNG image."""
        return _saved(self._pixels(), "PNG")

    def _pixels(self):
        from PIL import Image

        with style.styled():
            self.set_dpi(PIXELS_PER_INCH * OVERSAMPLING)
            self.canvas.draw()
        return Image.fromarray(np.asarray(self.canvas.buffer_rgba()))

    def _encoded(self):
        """Mime type and bytes: photographs as JPEG, which keeps a notebook with a few of them below a megabyte."""
        from PIL import Image

        pixels = self._pixels()
        if pixels.getcolors(MANY_COLOURS) is not None:
            return "image/png", _saved(pixels, "PNG")
        sheet = Image.new("RGB", pixels.size, style.PAPER)
        sheet.paste(pixels, mask=pixels.getchannel("A"))
        return "image/jpeg", _saved(sheet, "JPEG", quality=88)

    def _repr_mimebundle_(self, include=None, exclude=None):
        # Called by IPython's display machinery, for the last expression of a cell and for display(figure).
        kind, image = self._encoded()
        coded = base64.b64encode(image).decode("ascii")
        width, height = (round(inches * PIXELS_PER_INCH) for inches in self.get_size_inches())
        alt = describe(self)
        tag = (
            f'<img alt="{html.escape(alt, quote=True)}" width="{width}" '
            f'style="max-width: 100%; height: auto" src="data:{kind};base64,{coded}">'
        )
        data = {kind: coded, "text/html": tag, "text/plain": alt}
        return data, {kind: {"width": width, "height": height, "alt": alt}}

    def __repr__(self):
        return f"<Drawing: {describe(self)}>"


def figure(rows=1, cols=1, *, width=None, height=None, alt="", **subplots):
    """Make an empty figure in the course's style, for a plot of your own.

    Parameters
    ----------
    rows, cols : int
        Number of axes.
    width, height : float, optional
        Inches; by default 6.4 by 4 for one axes, and as wide as the notebook for several.
    alt : str
        What the figure shows, in a sentence.
    **subplots
        Passed to ``Figure.subplots`` (``sharex``, ``sharey``, ``width_ratios``, ...).

    Returns
    -------
    fig : Drawing
        End the cell with it to show it.
    ax : matplotlib.axes.Axes, or array of Axes
        One axes for ``rows = cols = 1``, else an array of shape (cols,), (rows,) or (rows, cols).
    """
    width = width or min(10.0, 6.4 if cols == 1 else 3.4 * cols)
    height = height or (4.0 if rows == 1 and cols == 1 else 3.0 * rows)
    with style.styled():
        fig = Drawing(width, height, alt=alt)
        axes = fig.subplots(rows, cols, **subplots)
    return fig, axes


def describe(fig, text=None):
    """Read a figure's alt text, or set it.

    Parameters
    ----------
    fig : Drawing
    text : str, optional
        The new alt text.

    Returns
    -------
    str
        The alt text; where none was given, one made of the titles and axis labels.
    """
    if text is not None:
        fig.alt = text
    if getattr(fig, "alt", ""):
        return fig.alt
    parts = []
    for ax in fig.axes:
        title = ax.get_title() or ax.get_title(loc="left")
        labels = " against ".join(label for label in (ax.get_ylabel(), ax.get_xlabel()) if label)
        parts.append(": ".join(part for part in (title, labels) if part))
    return "Figure. " + "; ".join(part for part in parts if part)


def shown(number, digits=2):
    """Write a number as short as it can be read.

    Parameters
    ----------
    number : float or array_like
        An array of more than one entry is shown as its shape.
    digits : int
        Decimals of numbers of ordinary size.

    Returns
    -------
    str
        With a true minus sign.
    """
    array = np.asarray(number)
    if array.size != 1:
        return str(array.shape)
    number = float(array.reshape(()))
    if not np.isfinite(number):
        text = "nan" if np.isnan(number) else ("∞" if number > 0 else "-∞")
    elif number == 0 or 0.5 * 10**-digits <= abs(number) < 1e4:
        text = f"{number:.{digits}f}"
    else:
        mantissa, exponent = f"{number:.1e}".split("e")
        text = f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return text.replace("-", "−")


def _saved(pixels, kind, **settings):
    buffer = io.BytesIO()
    pixels.save(buffer, kind, **settings)
    return buffer.getvalue()
