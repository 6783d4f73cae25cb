"""Curves and histograms: losses over steps, 1-D functions, activations by layer.

Knows numbers and their names. Refuses to train anything.
"""

import numpy as np

from utils import style
from utils.figures import Drawing, shown


def plot_losses(losses, *, xlabel="step", ylabel="loss", title="", smooth=0, log=False, ax=None, alt=None):
    """Draw loss curves, one a name.

    Parameters
    ----------
    losses : dict of str to array_like of shape (T,), or array_like of shape (T,)
        The curves. Values that are not finite leave a gap.
    xlabel, ylabel, title : str
    smooth : int
        Width of a running mean, in steps; the raw curve stays visible, faint. 0 for none.
    log : bool
        Logarithmic loss axis.
    ax : matplotlib.axes.Axes, optional
        Draw into these axes instead of a new figure.
    alt : str, optional

    Returns
    -------
    Drawing
    """
    named = losses if isinstance(losses, dict) else {"": losses}
    curves = {name: np.asarray(curve, dtype=float).ravel() for name, curve in named.items()}
    with style.styled():
        fig, ax = _axes(ax)
        for i, (name, curve) in enumerate(curves.items()):
            colour, dash = style.category(i), style.DASHES[i % len(style.DASHES)] if len(curves) > 1 else "-"
            steps = np.arange(1, len(curve) + 1)
            marker = "o" if len(curve) == 1 else None
            if smooth > 1 and len(curve) > smooth:
                ax.plot(steps, curve, color=colour, alpha=0.25, linewidth=1)
                mean = np.convolve(curve, np.ones(smooth) / smooth, mode="valid")
                first = smooth // 2  # each mean stands in the middle of its window
                ax.plot(steps[first : first + len(mean)], mean, color=colour, linestyle=dash, label=name)
            else:
                ax.plot(steps, curve, color=colour, linestyle=dash, label=name, marker=marker)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if log:
            ax.set_yscale("log")
        if any(curves):
            ax.legend()
    return _finish(fig, alt or "; ".join(_curve_in_words(n, c, ylabel) for n, c in curves.items()))


def plot_function(
    functions, low=-1.0, high=1.0, *, samples=None, xlabel="x", ylabel="f(x)", title="", ax=None, alt=None
):
    """Draw functions of one variable, for example a target and what networks make of it.

    Parameters
    ----------
    functions : callable, or dict of str to callable or array_like
        Each callable takes x of shape (400,) and returns as many numbers. The first is drawn as the thing itself,
        wide and grey, when there are several; the others as its approximations. An array is drawn over evenly
        spaced points from `low` to `high`.
    low, high : float
        Range of x.
    samples : (x, y) pair of array_like, optional
        Points to show, such as the training data.
    xlabel, ylabel, title : str
    ax : matplotlib.axes.Axes, optional
    alt : str, optional

    Returns
    -------
    Drawing
    """
    named = functions if isinstance(functions, dict) else {"": functions}
    x = np.linspace(low, high, 400)
    with style.styled():
        fig, ax = _axes(ax)
        for i, (name, function) in enumerate(named.items()):
            y = np.asarray(function(x) if callable(function) else function, dtype=float).ravel()
            at = x if len(y) == len(x) else np.linspace(low, high, len(y))
            if i == 0 and len(named) > 1:
                ax.plot(at, y, color="#B0B0B0", linewidth=5, label=name, solid_capstyle="round")
            else:
                k = i - (len(named) > 1)
                ax.plot(
                    at, y, color=style.category(k), linestyle=style.DASHES[k % len(style.DASHES)], label=name
                )
        if samples is not None:
            ax.plot(*samples, "o", color=style.INK, markersize=4, label="data", zorder=5)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        if any(named) or samples is not None:
            ax.legend()
    names = ", ".join(name for name in named if name) or ylabel
    return _finish(fig, alt or f"Curves of {names} for {xlabel} from {shown(low)} to {shown(high)}.")


def plot_histograms(
    layers, *, bins=50, limits=None, xlabel="activation", title="", colour=style.VALUE, alt=None
):
    """Draw one histogram a layer, side by side on common axes.

    Parameters
    ----------
    layers : dict of str to array_like, or list of array_like
        The numbers of each layer, of any shape.
    bins : int
    limits : (float, float), optional
        Range of the numbers; by default the range of all layers.
    xlabel, title : str
    colour : str
        ``style.VALUE`` for activations; give ``style.GRADIENT`` for gradients.
    alt : str, optional

    Returns
    -------
    Drawing
        With mean and standard deviation above each histogram.
    """
    named = layers if isinstance(layers, dict) else {f"layer {i}": v for i, v in enumerate(layers, start=1)}
    numbers = {name: np.asarray(values, dtype=float).ravel() for name, values in named.items()}
    finite = {name: values[np.isfinite(values)] for name, values in numbers.items()}
    if limits is None:
        everything = np.concatenate(list(finite.values()))
        limits = (everything.min(), everything.max()) if everything.size else (-1.0, 1.0)
        if limits[0] == limits[1]:
            limits = (limits[0] - 1, limits[1] + 1)
    per_row = min(len(finite), 5)
    rows = -(-len(finite) // per_row)
    with style.styled():
        fig = Drawing(max(3.4, 2.0 * per_row), 2.3 * rows + (0.4 if title else 0.1))
        axes = fig.subplots(rows, per_row, sharex=True, sharey=True, squeeze=False)
        for ax, (name, values) in zip(axes.flat, finite.items(), strict=False):
            weights = np.full(len(values), 1 / max(len(values), 1))
            ax.hist(values, bins=bins, range=limits, weights=weights, color=colour, linewidth=0)
            spread = (
                f"mean {shown(values.mean())}, std {shown(values.std())}"
                if values.size
                else "no finite number"
            )
            ax.set_title(name, fontsize=10.5, pad=17)
            ax.text(0, 1.04, spread, transform=ax.transAxes, fontsize=8, color=style.QUIET)
            ax.grid(False, axis="x")
        peaks = [max((bar.get_height() for bar in ax.patches), default=0.0) for ax in axes.flat]
        # One layer of equal numbers is a spike of 1; the others should stay readable beside it.
        axes.flat[0].set_ylim(0, min(max(peaks), 3 * float(np.median(peaks[: len(finite)]))) * 1.05 or 1.0)
        for ax in list(axes.flat)[len(finite) :]:
            ax.set_visible(False)
        for ax in axes[-1]:
            ax.set_xlabel(xlabel)
        for ax in axes[:, 0]:
            ax.set_ylabel("share")
        if title:
            fig.suptitle(title, x=0.016, ha="left", fontsize=12)
    told = "; ".join(
        f"{n}: mean {shown(v.mean())}, standard deviation {shown(v.std())}"
        for n, v in finite.items()
        if v.size
    )
    return _finish(fig, alt or f"Histograms of {xlabel}. {told}.")


def _axes(ax, width=6.4, height=4.0):
    if ax is not None:
        return ax.figure, ax
    fig = Drawing(width, height)
    return fig, fig.subplots()


def _finish(fig, alt):
    # Axes of a figure of the caller's own gather the sentences of what is drawn into them.
    if isinstance(fig, Drawing):
        fig.alt = f"{fig.alt} {alt}".strip()
    return fig


def _curve_in_words(name, curve, ylabel):
    finite = curve[np.isfinite(curve)]
    what = f"{ylabel} of {name}" if name else ylabel
    if not finite.size:
        return f"{what}: no finite value"
    return f"{what}: from {shown(finite[0], 3)} to {shown(finite[-1], 3)} over {len(curve)} steps"
