"""Matrices as heat maps: Jacobians, and where two gradients disagree.

Knows matrices and their labels. Refuses to compute a Jacobian or a gradient.
"""

import numpy as np

from utils import style
from utils.figures import Drawing, shown

WRITABLE = 12  # matrices of up to 12 x 12 have room for their numbers


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
        Size of the blocks to outline: in a minibatch, the outputs and inputs of one example.
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
    maps = {
        name: np.asarray(m, dtype=float) for name, m in (J if isinstance(J, dict) else {title: J}).items()
    }
    for name, matrix in maps.items():
        _check_matrix(matrix, rows, cols, name)
    largest = max((np.abs(m[np.isfinite(m)]).max(initial=0.0) for m in maps.values()), default=0.0) or 1.0

    sizes = [_size(matrix) for matrix in maps.values()]
    width = min(10.0, sum(w for w, _ in sizes) + 0.55 * len(sizes) + 1.1)
    height = max(h for _, h in sizes) + 1.0 + (0.3 if isinstance(J, dict) and title else 0)
    with style.styled():
        fig = Drawing(width, height, alt=alt or "; ".join(_in_words(n, m) for n, m in maps.items()))
        axes = fig.subplots(1, len(maps), squeeze=False, width_ratios=[w for w, _ in sizes])[0]
        for ax, (name, matrix) in zip(axes, maps.items(), strict=True):
            image = ax.imshow(matrix, cmap=style.SIGNED, vmin=-largest, vmax=largest, aspect="equal")
            _label(ax, matrix, rows, cols)
            ax.set_title(name)
            if block is not None:
                _outline(ax, matrix.shape, *((block, block) if np.isscalar(block) else block))
            if numbers if numbers is not None else max(matrix.shape) <= WRITABLE:
                _write(ax, matrix, largest)
        bar = fig.colorbar(image, ax=list(axes), shrink=0.8, pad=0.03, aspect=22)
        bar.outline.set_visible(False)
        bar.set_label("entry: ∂ output / ∂ input")
        if isinstance(J, dict) and title:
            fig.suptitle(title, x=0.02, ha="left", fontsize=12)
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
    a, n = np.asarray(analytic, dtype=float), np.asarray(numeric, dtype=float)
    if a.shape != n.shape:
        raise ValueError(
            f"The analytic gradient has shape {a.shape}, the numeric one {n.shape}. "
            "A gradient has the shape of its variable: mend that first."
        )
    a, n = (m.reshape(m.shape[0] if m.ndim > 1 else 1, -1) for m in (np.atleast_1d(a), np.atleast_1d(n)))
    difference = np.abs(a - n)
    both = np.concatenate([a.ravel(), n.ravel()])
    largest = np.abs(both[np.isfinite(both)]).max(initial=0.0) or 1.0
    worst = np.unravel_index(np.argmax(np.where(np.isnan(difference), np.inf, difference)), difference.shape)

    w, h = _size(a)
    with style.styled():
        fig = Drawing(min(10.0, 3 * max(w, 2.2) + 2.4), h + 1.2)
        axes = fig.subplots(1, 3)
        for ax, matrix, title in zip(axes, (a, n), (f"{name}, analytic", f"{name}, numeric"), strict=False):
            image = ax.imshow(matrix, cmap=style.SIGNED, vmin=-largest, vmax=largest)
            ax.set_title(title)
        fig.colorbar(image, ax=list(axes[:2]), shrink=0.8, pad=0.02, aspect=20).outline.set_visible(False)
        gap = axes[2].imshow(
            difference, cmap=style.ERRORS, vmin=0, vmax=np.nanmax(difference, initial=0) or 1
        )
        axes[2].set_title("|difference|", color=style.ERROR)
        fig.colorbar(gap, ax=axes[2], shrink=0.8, pad=0.03, aspect=20).outline.set_visible(False)
        for ax in axes:
            _label(ax, a, "first dimension", "other dimensions")
        for ax in axes[1:]:
            ax.set_ylabel("")
        place = ", ".join(map(str, worst))
        fig.alt = alt or (
            f"{name} by two methods as heat maps, {a.shape[0]} by {a.shape[1]}. "
            f"The largest difference, {shown(difference[worst], 6)}, is at ({place})."
        )
    return fig


def _check_matrix(matrix, rows, cols, name):
    of = f" {name!r}" if name else ""
    if matrix.ndim != 2:
        raise ValueError(
            f"show_jacobian draws matrices, and{of} has shape {matrix.shape}. "
            "Give it a matrix with one row for each output, one column for each input: J.reshape(outputs, inputs)."
        )
    for labels, length, side in ((rows, matrix.shape[0], "rows"), (cols, matrix.shape[1], "cols")):
        if not isinstance(labels, str) and len(labels) != length:
            raise ValueError(f"{side} has {len(labels)} labels, but the matrix{of} has {length} {side}.")


def _size(matrix):
    rows, cols = matrix.shape
    cell = min(0.55, 3.4 / max(rows, cols))
    return max(1.3, cols * cell), max(1.3, rows * cell)


def _label(ax, matrix, rows, cols):
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(True)
    for axis, labels, count in ((ax.yaxis, rows, matrix.shape[0]), (ax.xaxis, cols, matrix.shape[1])):
        if isinstance(labels, str):
            axis.set_label_text(labels)
            step = max(1, -(-count // 12))
            axis.set_ticks(range(0, count, step))
        else:
            axis.set_ticks(range(count), labels)
    ax.tick_params(length=0)


def _outline(ax, shape, tall, wide):
    from matplotlib.patches import Rectangle

    for i in range(min(shape[0] // tall, shape[1] // wide)):
        corner = (i * wide - 0.5, i * tall - 0.5)
        ax.add_patch(Rectangle(corner, wide, tall, fill=False, edgecolor=style.INK, linewidth=1.6))


def _write(ax, matrix, largest):
    for (i, j), entry in np.ndenumerate(matrix):
        dark = abs(entry) > 0.6 * largest
        if entry == 0:
            ax.text(j, i, "0", ha="center", va="center", fontsize=8.5, color="#9A9A9A")
        else:
            colour = style.PAPER if dark else style.INK
            ax.text(j, i, shown(entry), ha="center", va="center", fontsize=8.5, color=colour)


def _in_words(name, matrix):
    zeros = int((matrix == 0).sum())
    head = f"{name}: " if name else ""
    return (
        f"{head}heat map of a {matrix.shape[0]} by {matrix.shape[1]} matrix, {zeros} of {matrix.size} entries zero, "
        f"from {shown(np.min(matrix))} to {shown(np.max(matrix))}"
    )
