"""Data made on the spot, and a fixed way to divide any data.

Knows NumPy's Generator. Refuses to touch the global one: the same seed gives the same points.
"""

import numpy as np

from utils.data.records import Split


def spirals(n=100, classes=3, rng=None, *, noise=0.2, turn=4.0):
    """Points on interleaved spiral arms, one arm a class.

    No straight line separates the arms, which a linear classifier shows at once and one hidden layer mends. The recipe
    is that of the CS231n notes' case study.

    Parameters
    ----------
    n : int
        Points on each arm.
    classes : int
        Number of arms.
    rng : numpy.random.Generator or int, optional
        Where the noise comes from; by default a Generator with seed 0.
    noise : float
        Standard deviation of the angle, in radians.
    turn : float
        How far an arm winds, in radians.

    Returns
    -------
    X : (n * classes, 2) ndarray of float64
        Points in the disc of radius 1, arm after arm.
    y : (n * classes,) ndarray of int64
        The arm of each point.
    """
    rng = np.random.default_rng(0 if rng is None else rng)
    radius = np.tile(np.linspace(0.0, 1.0, n), classes)
    y = np.repeat(np.arange(classes), n)
    start = 2 * np.pi * y / classes
    angle = start + turn * radius + noise * rng.standard_normal(n * classes)
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1), y


def split(X, y, test=0.2, seed=0):
    """Divide data into a training and a test part with the same share of each class, always in the same way.

    Parameters
    ----------
    X : (N, ...) array_like
    y : (N,) array_like of int
    test : float
        Share of each class that goes to the test part, between 0 and 1.
    seed : int
        Another seed gives another division.

    Returns
    -------
    Split
        ``X_train, y_train, X_test, y_test``, copies in a shuffled order.

    Raises
    ------
    ValueError
        When X and y differ in length or `test` is not a share.
    """
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} examples and y {len(y)} labels: give one label for each example.")
    if not 0 < test < 1:
        raise ValueError(
            f"test is the share of the test part, between 0 and 1, for example 0.2; it is {test}."
        )
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(y))
    chosen = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        members = order[y[order] == label]
        chosen[members[: round(test * len(members))]] = True
    train, held = order[~chosen[order]], order[chosen[order]]
    return Split(X[train], y[train], X[held], y[held])
