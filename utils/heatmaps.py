"""Matrices as heat maps: Jacobians, and where two gradients disagree.

Knows matrices and their labels. Refuses to compute a Jacobian or a gradient.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from utils import style
from utils.figures import Drawing, shown

# Inches.
WIDTH = 9.9  # of a figure, at most
CELL = 0.58  # side of a cell, at most
WRITABLE = 0.34  # side from which a cell has room for its number
TALL = 3.6  # a map, at most
SHORT = 0.75  # side of a map, at least
MARGIN, TITLE, FOOT, BAR = 0.16, 0.30, 0.44, 0.95
TICK = 0.26  # between the numbers on an axis, at least
_STEPS = [digit * 10**power for power in range(12) for digit in (1, 2, 5)]


@dataclass(frozen=True)
class _Map:
    """One heat map: the matrix, what stands around it, how its numbers become colours."""

    matrix: np.ndarray
    title: str
    rows: object
    cols: object
    colours: object
    limits: tuple[float, float]
    legend: str = ""  # beside a colour bar; none where empty
    ink: str = style.INK


def show_jacobian(J, rows="output", cols="input", title="", *, block=None, numbers=None, alt=None):
    """Draw a Jacobian as a heat map, or several side by side on one colour scale.

    Parameters
    ----------
    J : (M, N) array_like, or dict of str to (M, N) array_like
        Rows are outputs, columns inputs. A dict draws one map a name, side by side.
    rows, cols : str or list of str
        What rows and columns are: a word, or one label for each.
    title : str
        Above a single map; with a dict its keys are the titles and this stands above all.
    block : int or (int, int), optional
        Size of the blocks to outline along the diagonal: in a minibatch, the outputs and inputs of one example.
    numbers : bool, optional
        Write each entry into its cell; by default when there is room.
    alt : str, optional
        Alt text; by default size, number of zeros and range of each map.

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        When an array is not a matrix, or a list of labels has another length than the matrix.
    """
    named = J if isinstance(J, dict) else {title: J}
    matrices = {name: np.asarray(matrix, dtype=float) for name, matrix in named.items()}
    for name, matrix in matrices.items():
        _check_matrix(matrix, rows, cols, name)
    largest = max(_largest(matrix) for matrix in matrices.values()) or 1.0

    maps = [_Map(m, n, rows, cols, style.SIGNED, (-largest, largest)) for n, m in matrices.items()]
    last = maps[-1]
    maps[-1] = _Map(
        last.matrix, last.title, rows, cols, last.colours, last.limits, "entry: ∂ output / ∂ input"
    )
    fig, axes, cell = _draw(maps, title if isinstance(J, dict) else "")
    for ax, matrix in zip(axes, matrices.values(), strict=True):
        if block is not None:
            _outline(ax, matrix.shape, *((block, block) if np.isscalar(block) else block))
        if numbers if numbers is not None else cell >= WRITABLE:
            _write(ax, matrix, largest, cell)
    fig.alt = alt or "; ".join(_in_words(name, matrix) for name, matrix in matrices.items())
    return fig


def show_error_map(analytic, numeric, name="dx", *, alt=None):
    """Show entry by entry where an analytic gradient and a numeric one differ.

    Parameters
    ----------
    analytic, numeric : array_like of the same shape
        The gradient of your backward, and that of central differences. More than two dimensions are laid out as
        a matrix: the first dimension down, the others along.
    name : str
        The gradient's name, for the titles.
    alt : str, optional

    Returns
    -------
    Drawing
        Analytic, numeric, and the size of their difference.

    Raises
    ------
    ValueError
        When the shapes differ: that is then the first thing to mend.
    """
    a, n = (np.atleast_1d(np.asarray(m, dtype=float)) for m in (analytic, numeric))
    if a.shape != n.shape:
        raise ValueError(
            f"The analytic gradient has shape {a.shape}, the numeric one {n.shape}. "
            "A gradient has the shape of its variable: mend that first."
        )
    difference = np.abs(a - n)
    worst = np.unravel_index(np.argmax(np.where(np.isnan(difference), np.inf, difference)), a.shape)
    place, gap = f"{name}[{', '.join(map(str, worst))}]", difference[worst]
    rows, cols = ("first dimension", "other dimensions") if a.ndim > 1 else ("", "entry")
    a, n, difference = (m.reshape(len(m) if m.ndim > 1 else 1, -1) for m in (a, n, difference))
    largest = max(_largest(a), _largest(n)) or 1.0

    both = (-largest, largest)
    apart = (0.0, _largest(difference) or 1.0)
    headline = "no difference" if gap == 0 else f"difference, largest at {place}"
    maps = [
        _Map(a, f"{name}, analytic", rows, cols, style.SIGNED, both),
        _Map(n, f"{name}, numeric", "", cols, style.SIGNED, both, "gradient"),
        _Map(difference, headline, "", cols, style.ERRORS, apart, "|analytic − numeric|", style.ERROR),
    ]
    fig, _, _ = _draw(maps, "")
    fig.alt = alt or (
        f"{name}, analytic and numeric, as heat maps of {a.shape[0]} by {a.shape[1]} entries. "
        f"The largest difference, {shown(gap, 6)}, is at {place}."
    )
    return fig


def _draw(maps, title):
    """The maps side by side, tops aligned, each with the colour bar that it asks for."""
    befores = [_before(m) for m in maps]
    afters = [BAR if m.legend else 0.16 for m in maps]
    room = WIDTH - 2 * MARGIN - sum(befores) - sum(afters)
    tall, wide = (max(m.matrix.shape[0] for m in maps), sum(m.matrix.shape[1] for m in maps))
    cell = min(CELL, TALL / tall, min(room, TALL * len(maps)) / wide)  # one size: shapes can be compared
    sizes = [tuple(max(SHORT, cell * count) for count in m.matrix.shape) for m in maps]
    slots = [
        max(w, 0.085 * len(m.title) - after) for (_, w), m, after in zip(sizes, maps, afters, strict=True)
    ]
    head = MARGIN + (TITLE if any(m.title for m in maps) else 0.05) + (0.36 if title else 0)
    width = 2 * MARGIN + sum(befores) + sum(slots) + sum(afters)
    height = head + max(h for h, _ in sizes) + FOOT + MARGIN

    with style.styled():
        fig = Drawing(width, height, layout=None)
        if title:
            fig.text(MARGIN / width, 1 - 0.16 / height, title, fontsize=12, va="top")
        axes, x, top = [], MARGIN, height - head
        for m, before, after, slot, (h, w) in zip(maps, befores, afters, slots, sizes, strict=True):
            x += before
            ax = fig.add_axes((x / width, (top - h) / height, w / width, h / height))
            low, high = m.limits
            image = ax.imshow(m.matrix, cmap=m.colours, vmin=low, vmax=high, aspect="auto")
            ax.set_title(m.title, color=m.ink, fontsize=11.5)
            _label(ax, m, h, w)
            axes.append(ax)
            if m.legend:
                tall = max(min(h, 3.0), 1.0)
                bar = fig.add_axes(
                    ((x + w + 0.14) / width, (top - tall) / height, 0.13 / width, tall / height)
                )
                label = m.legend if tall > 1.5 else ""
                fig.colorbar(image, cax=bar, label=label, format=lambda v, _: f"{v:g}").outline.set_visible(
                    False
                )
                bar.tick_params(labelsize=9, length=2)
                bar.yaxis.label.set_size(9.5)
                bar.locator_params(nbins=6 if tall > 1.5 else 4)
            x += slot + after
    return fig, axes, cell


def _before(m):
    """Inches left of a map, for the labels of its rows."""
    if isinstance(m.rows, str):
        return 0.62 if m.rows else 0.36
    return 0.16 + 0.085 * max(len(str(label)) for label in m.rows)


def _label(ax, m, tall, wide):
    ax.grid(False)
    ax.spines[:].set_visible(True)
    rows, cols = m.matrix.shape
    for axis, labels, count, size in ((ax.yaxis, m.rows, rows, tall), (ax.xaxis, m.cols, cols, wide)):
        if isinstance(labels, str):
            axis.set_label_text(labels)
            step = next(s for s in _STEPS if s * size / count >= TICK)
            axis.set_ticks(range(0, count, step) if count > 1 else [])
        else:
            axis.set_ticks(range(count), labels)
    ax.tick_params(length=0, labelsize=9.5)


def _outline(ax, shape, tall, wide):
    for i in range(min(shape[0] // tall, shape[1] // wide)):
        corner = (i * wide - 0.5, i * tall - 0.5)
        ax.add_patch(Rectangle(corner, wide, tall, fill=False, edgecolor=style.INK, linewidth=1.6))


def _write(ax, matrix, largest, cell):
    for (i, j), entry in np.ndenumerate(matrix):
        text = "0" if entry == 0 else shown(entry)
        fitting = min(9.0, (cell - 0.06) * 72 / (0.62 * len(text)))
        colour = "#8A8A8A" if entry == 0 else style.PAPER if abs(entry) > 0.75 * largest else style.INK
        ax.text(j, i, text, ha="center", va="center", fontsize=fitting, color=colour)


def _largest(matrix):
    return np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)


def _check_matrix(matrix, rows, cols, name):
    of = f" {name!r}" if name else ""
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(
            f"show_jacobian draws matrices, and{of or ' this array'} has shape {matrix.shape}. "
            "Give it a matrix with one row for each output, one column for each input: J.reshape(outputs, inputs)."
        )
    for labels, length, side in ((rows, matrix.shape[0], "rows"), (cols, matrix.shape[1], "cols")):
        if not isinstance(labels, str) and len(labels) != length:
            raise ValueError(f"{side} has {len(labels)} labels, but the matrix{of} has {length} {side}.")


def _in_words(name, matrix):
    zeros = int((matrix == 0).sum())
    return (
        f"{name + ': ' if name else ''}heat map of a {matrix.shape[0]} by {matrix.shape[1]} matrix, "
        f"{zeros} of {matrix.size} entries zero, from {shown(np.min(matrix))} to {shown(np.max(matrix))}"
    )
