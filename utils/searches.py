"""Pictures of searches: where trials lie, what a surrogate model believes, how the best loss falls.

Knows points, curves and their names. Refuses to search, to fit or to train.
"""

import numpy as np

from utils import style
from utils.figures import figure, shown

DOT = {"color": style.INK, "edgecolor": style.PAPER, "linewidth": 0.8, "zorder": 5}


def plot_projection(trials, profile, loss, *, names=("x", "y"), alt=None):
    """Draw trials in the unit square, one panel a search, and above each what it saw along the first axis.

    Parameters
    ----------
    trials : dict of str to (n, 2) array_like
        The points that each search tried.
    profile : callable
        Loss along the first axis alone, for an array of shape (m,).
    loss : callable
        Loss at x and y, for two arrays of one shape; drawn as shades behind the trials.
    names : (str, str)
        What the axes are.
    alt : str, optional

    Returns
    -------
    Drawing
    """
    fig, axes = figure(
        2, len(trials), width=4.6 * len(trials), height=5.6, sharex="col", sharey="row", height_ratios=[1, 2]
    )
    axes = np.reshape(axes, (2, len(trials)))
    line = np.linspace(0, 1, 200)
    told = []
    for (above, square), (name, points) in zip(axes.T, trials.items(), strict=True):
        points = np.asarray(points, dtype=float)
        above.plot(line, profile(line), color=style.VALUE)
        above.scatter(points[:, 0], profile(points[:, 0]), s=42, **DOT)
        distinct = len(np.unique(np.round(points[:, 0], 9)))
        above.set_title(f"{name}: {distinct} distinct values", loc="left")
        shades = {"cmap": "Greys", "alpha": 0.45, "extent": (0, 1, 0, 1), "origin": "lower", "aspect": "auto"}
        square.imshow(loss(*np.meshgrid(line, line)), interpolation="bilinear", **shades)
        square.scatter(points[:, 0], points[:, 1], s=42, **DOT)
        square.vlines(points[:, 0], points[:, 1], 1.02, color=style.VALUE, linewidth=0.8, alpha=0.6)
        square.set(xlabel=names[0], xlim=(0, 1), ylim=(0, 1))
        square.grid(False)
        best = shown(np.min(loss(points[:, 0], points[:, 1])))
        told.append(
            f"{name}: {len(points)} trials, {distinct} distinct values of {names[0]}, best loss {best}"
        )
    axes[0, 0].set_ylabel("loss")
    axes[1, 0].set_ylabel(names[1])
    fig.alt = alt or "; ".join(told) + "."
    return fig


def plot_posterior(
    x,
    mean,
    std,
    tried,
    *,
    truth=None,
    acquisition=None,
    chosen=None,
    xlabel="x",
    ylabel="loss",
    title="",
    alt=None,
):
    """Draw what a surrogate model believes of a loss, and below it the acquisition that picks the next trial.

    Parameters
    ----------
    x : (m,) array_like
        Where the model was asked.
    mean, std : (m,) array_like
        Its answers; the band is two standard deviations wide on either side.
    tried : (x, y) pair of (n,) array_like
        The trials the model knows.
    truth : (m,) array_like, optional
        The loss itself, which the model does not know.
    acquisition : (m,) array_like, optional
        The expected improvement.
    chosen : float, optional
        The next trial.
    xlabel, ylabel, title, alt : str

    Returns
    -------
    Drawing
    """
    x, mean, std = (np.asarray(values, dtype=float) for values in (x, mean, std))
    rows = 1 if acquisition is None else 2
    fig, axes = figure(
        rows, 1, width=8.0, height=3.4 + 1.6 * (rows - 1), sharex=True, height_ratios=[2.4, 1][:rows]
    )
    above, *below = np.atleast_1d(axes)
    above.fill_between(x, mean - 2 * std, mean + 2 * std, color=style.VALUE, alpha=0.16, linewidth=0)
    if truth is not None:
        above.plot(x, truth, color="#A8A8A8", linewidth=4, solid_capstyle="round", label="the loss itself")
    above.plot(x, mean, color=style.VALUE, label="mean, with two standard deviations")
    above.scatter(*tried, s=38, label="trials", **DOT)
    above.set_title(title, loc="left")
    above.set_ylabel(ylabel)
    above.legend(fontsize=9, loc="best")
    for ax in below:
        ax.fill_between(x, 0, acquisition, color=style.category(0), alpha=0.35, linewidth=0)
        ax.plot(x, acquisition, color=style.category(0), linewidth=1.5)
        ax.set_ylabel("expected\nimprovement")
        ax.set_ylim(bottom=0)
    if chosen is not None:
        for ax in (above, *below):
            ax.axvline(chosen, color=style.category(5), linestyle="--", linewidth=1.5)
    (below or [above])[-1].set_xlabel(xlabel)
    widest = x[np.argmax(std)]
    fig.alt = alt or (
        f"{title}. A model of {ylabel} after {len(np.ravel(tried[0]))} trials; it is least certain near {shown(widest)}."
        + (f" The next trial is at {shown(chosen)}." if chosen is not None else "")
    )
    return fig


def plot_best_so_far(losses, *, ax=None, ylabel="best loss so far", alt=None):
    """Draw how the best loss falls with the number of trials, one curve a search.

    Parameters
    ----------
    losses : dict of str to (R, n) array_like
        The loss of each of n trials, in order, for R repeats of the search. The curve is the mean over the repeats,
        the band one standard deviation on either side.
    ax : matplotlib.axes.Axes, optional
        Draw into these axes instead of a new figure.
    ylabel, alt : str

    Returns
    -------
    Drawing
    """
    fig, ax = (ax.figure, ax) if ax is not None else figure()
    told = []
    for i, (name, runs) in enumerate(losses.items()):
        best = np.minimum.accumulate(np.atleast_2d(np.asarray(runs, dtype=float)), axis=1)
        steps, middle, spread = np.arange(1, best.shape[1] + 1), best.mean(axis=0), best.std(axis=0)
        ax.fill_between(
            steps, middle - spread, middle + spread, color=style.category(i), alpha=0.12, linewidth=0
        )
        ax.plot(steps, middle, color=style.category(i), linestyle=style.DASHES[i % 6], label=name)
        told.append(f"{name}: {shown(middle[-1], 3)} ± {shown(spread[-1], 3)} after {len(steps)} trials")
    ax.set(xlabel="trials", ylabel=ylabel)
    ax.legend(fontsize=9)
    fig.alt = f"{fig.alt} {alt or 'Best loss so far. ' + '; '.join(told) + '.'}".strip()
    return fig
