"""The regions that a classifier of points in the plane has learned.

Knows a function from points to classes. Refuses to know how it was trained.
"""

import numpy as np

from utils import style
from utils.curves import _axes, _finish
from utils.figures import shown


def plot_decision_boundary(predict, X, y, *, title="", resolution=200, names=None, ax=None, alt=None):
    """Draw the regions of a 2-D classifier with the data on top.

    Parameters
    ----------
    predict : callable
        Takes points of shape (M, 2) and returns classes of shape (M,), or scores of shape (M, C).
    X : (N, 2) array_like
        The data.
    y : (N,) array_like of int
        Its classes.
    title : str
        By default the share of points in their own region.
    resolution : int
        Points of the grid along each side.
    names : list of str, optional
        Of the classes.
    ax : matplotlib.axes.Axes, optional
        Draw into these axes instead of a new figure.
    alt : str, optional

    Returns
    -------
    Drawing

    Raises
    ------
    ValueError
        When the data is not in the plane, or `predict` does not return one answer a point.
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.ticker import MaxNLocator

    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(
            f"plot_decision_boundary draws points in the plane, shape (N, 2); X has shape {X.shape}."
        )
    low, high = X.min(axis=0), X.max(axis=0)
    room = 0.08 * (high - low) + 1e-9
    (left, bottom), (right, top) = low - room, high + room
    xs, ys = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    regions = _classes(predict, grid).reshape(resolution, resolution)
    count = int(max(regions.max(), y.max())) + 1
    share = np.mean(_classes(predict, X) == y)

    with style.styled():
        own = ax is None
        fig, ax = _axes(ax, width=5.8, height=4.4)
        colours = [style.category(c) for c in range(count)]
        extent = (left, right, bottom, top)
        ax.imshow(
            regions,
            origin="lower",
            extent=extent,
            cmap=ListedColormap(colours),
            vmin=-0.5,
            vmax=count - 0.5,
            alpha=0.28,
            aspect="auto",
        )
        for c in range(count - 1):
            if (regions > c).any() and (regions <= c).any():
                ax.contour(xs, ys, regions > c, levels=[0.5], colors=[style.INK], linewidths=0.7, alpha=0.6)
        for c in range(count):
            label = names[c] if names else f"class {c}"
            marker = style.MARKERS[c % len(style.MARKERS)]
            ax.scatter(
                *X[y == c].T,
                s=17,
                c=colours[c],
                marker=marker,
                edgecolors="white",
                linewidths=0.5,
                label=label,
            )
        ax.set(
            xlabel="first feature",
            ylabel="second feature",
            xlim=(left, right),
            ylim=(bottom, top),
            aspect="equal",
        )
        ax.set_title(title or f"{share:.0%} of the points in their own region")
        ax.grid(False)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(5))
        if own:
            ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handletextpad=0.2, markerscale=1.3)
        elif names:
            ax.legend(fontsize=8.5, handletextpad=0.1, markerscale=1.2)
    head = f"{title}: " if title else ""
    told = f"{head}regions of {count} classes in the plane; {shown(100 * share, 0)} % of {len(X)} points lie in their own."
    return _finish(fig, alt or told)


def _classes(predict, points):
    answer = np.asarray(predict(points))
    if answer.ndim == 2 and len(answer) == len(points):
        answer = answer.argmax(axis=1)
    if answer.shape != (len(points),):
        raise ValueError(
            f"predict was given {len(points)} points and returned an array of shape {answer.shape}. "
            f"It has to return one class a point, shape ({len(points)},), or scores of shape ({len(points)}, C)."
        )
    return answer.astype(int)
