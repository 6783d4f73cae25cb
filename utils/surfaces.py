"""Surfaces over the plane, and the paths that something walked down on them.

Knows three surfaces that are hard in three ways, their gradients, and points in the plane. Refuses to walk.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils import style
from utils.curves import _axes, _finish
from utils.figures import shown


@dataclass(frozen=True)
class Surface:
    """A loss of two parameters.

    Attributes
    ----------
    name : str
    value : callable
        ``value(w)`` takes points of shape (..., 2) and returns numbers of shape (...).
    gradient : callable
        ``gradient(w)`` takes one point of shape (2,) and returns the gradient, of the same shape.
    start : tuple of float
        Where a walk begins.
    limits : tuple of float
        left, right, bottom, top: the part to draw.
    minima : tuple of points
        The lowest points.
    spacing : float
        Contours lie at equal steps of ``(height / range) ** (1 / spacing)``.
    """

    name: str
    value: Callable
    gradient: Callable
    start: tuple[float, float]
    limits: tuple[float, float, float, float]
    minima: tuple[tuple[float, float], ...]
    spacing: float = 2.0


def bowl(condition=20.0):
    """Half of ``x**2 + condition * y**2``: a valley whose walls are `condition` times as steep as its floor."""
    return Surface(
        "bowl",
        lambda w: 0.5 * (w[..., 0] ** 2 + condition * w[..., 1] ** 2),
        lambda w: np.array([w[0], condition * w[1]]),
        start=(-9.0, 1.0),
        limits=(-10.0, 5.0, -2.2, 2.2),
        minima=((0.0, 0.0),),
    )


def saddle():
    """``x**2 / 2 - y**2 / 2 + y**4 / 4``: a saddle at the origin between two minima, at y = 1 and y = -1."""
    return Surface(
        "saddle",
        lambda w: 0.5 * w[..., 0] ** 2 - 0.5 * w[..., 1] ** 2 + 0.25 * w[..., 1] ** 4,
        lambda w: np.array([w[0], w[1] ** 3 - w[1]]),
        start=(-1.5, 0.001),
        limits=(-1.8, 1.2, -1.4, 1.7),
        minima=((0.0, 1.0), (0.0, -1.0)),
        spacing=1.5,
    )


def rosenbrock():
    """``(1 - x)**2 + 100 (y - x**2)**2``: the curved valley of H. H. Rosenbrock (1960)."""
    return Surface(
        "Rosenbrock",
        lambda w: (1 - w[..., 0]) ** 2 + 100 * (w[..., 1] - w[..., 0] ** 2) ** 2,
        lambda w: np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)]),
        start=(-1.2, 1.0),
        limits=(-1.7, 1.6, -0.6, 2.1),
        minima=((1.0, 1.0),),
        spacing=4.0,
    )


def plot_paths(surface, paths, *, title="", legend=True, ax=None, alt=None):
    """Draw the contours of a surface, and paths upon it.

    Parameters
    ----------
    surface : Surface
    paths : dict of str to array_like of shape (T, 2)
        The points of each path in their order. What is not finite ends a path.
    title : str
    legend : bool
    ax : matplotlib.axes.Axes, optional
        Draw into these axes instead of a new figure.
    alt : str, optional

    Returns
    -------
    Drawing
    """
    left, right, bottom, top = surface.limits
    grid = np.stack(np.meshgrid(np.linspace(left, right, 160), np.linspace(bottom, top, 120)), axis=-1)
    heights = surface.value(grid)
    low, high = heights.min(), heights.max()
    levels = low + (high - low) * np.linspace(0, 1, 15)[2:-1] ** surface.spacing
    told = []
    with style.styled():
        fig, ax = _axes(ax)
        ax.contour(
            grid[..., 0],
            grid[..., 1],
            heights,
            levels=levels,
            colors="#C4C4C4",
            linewidths=0.8,
            linestyles="solid",
        )
        ax.grid(False)
        ax.plot(*np.transpose(surface.minima), "*", color=style.INK, markersize=11, zorder=4, linestyle="")
        for i, (name, path) in enumerate(paths.items()):
            points = np.asarray(path, dtype=float)
            bad = ~np.isfinite(points).all(axis=1)
            points = points[: bad.argmax()] if bad.any() else points
            colour = style.category(i)
            ax.plot(*points.T, color=colour, linewidth=1.6, marker="o", markersize=2.4)
            end = {"marker": style.MARKERS[i % 10], "markersize": 8, "mec": "white", "zorder": 5}
            ax.plot(
                *points[-1:].T, color=colour, linewidth=1.6, label=name, **end
            )  # the legend shows its mark
            told.append(_path_in_words(surface, name, points))
        ax.set(xlim=(left, right), ylim=(bottom, top), xlabel="first parameter", ylabel="second parameter")
        ax.set_title(title or surface.name)
        if legend and paths:
            ax.legend(fontsize=9)
    return _finish(fig, alt or f"{title or surface.name}: contours with paths. " + " ".join(told))


def _path_in_words(surface, name, points):
    if not len(points):
        return f"{name}: no finite point."
    x, y = points[-1]
    height = float(surface.value(points[-1]))
    return f"{name} ends at ({shown(x)}, {shown(y)}), height {shown(height, 3)}."
