"""Numeric derivatives by central differences: what the gradient *is*, measured.

Depends on numpy only. Knows nothing of students, tolerances, words or points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

EPS = np.finfo(np.float64).eps
STEP = EPS ** (1 / 3)  # truncation error O(h^2) meets round-off O(eps / h)
DIRECTIONS = 2  # one finds any entry that is wrong alone; two leave errors that cancel nowhere to hide
SHORTEST = 0.5  # no entry of a direction is smaller, so none of the gradient's goes unseen
RICHARDSON_STEP = 1e-3  # with two steps the truncation error is O(h^4), so a longer step rounds less
MOST_SLOPES = 2**20  # of how many numbers a Jacobian is kept
KINK = 1e-2  # one-sided slopes further apart than this share of the largest slope: not differentiable there


@dataclass(frozen=True)
class Numeric:
    """A measured gradient: `value` and `kinks` have the shape of the input it belongs to.

    `slopes` holds, for each entry of the input, the slope of each output number: a Jacobian, turned round. It is kept
    where there is room for it.
    """

    value: np.ndarray
    kinks: np.ndarray
    slopes: np.ndarray | None = None

    def under(self, upstream) -> np.ndarray | None:
        """The gradient under another upstream gradient, without measuring again; None where no slopes were kept."""
        if self.slopes is None:
            return None
        return (self.slopes @ _as_float(upstream).ravel()).reshape(self.value.shape)


def evaluate_many(f: Callable, argument_lists: Sequence[tuple], select: int | None = None) -> list:
    """Return ``[f(*arguments) for arguments in argument_lists]``, in one go where `f` offers it.

    Parameters
    ----------
    f : callable
        A plain function, or a stand-in for one in another process: such a stand-in has a method
        ``__autograder_map__(argument_lists, select)`` that does the same in one round trip.
    argument_lists : sequence of tuples
    select : int, optional
        Keep only this item of each result (0 picks `out` from ``out, cache``).
    """
    remote = getattr(type(f), "__autograder_map__", None)
    if remote is not None:
        return remote(f, argument_lists, select)
    results = [f(*arguments) for arguments in argument_lists]
    return results if select is None else [result[select] for result in results]


def _as_float(x) -> np.ndarray:
    return np.array(x, dtype=np.float64)


def _copied(arguments: Sequence) -> tuple:
    """The arguments with arrays of their own: a function that works in place must not spoil the next evaluation."""
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)


def _probes(inputs: Sequence, wrt: int, entries: Sequence[tuple], step: float):
    """Yield for every entry the argument tuples at +h and -h and the difference actually taken."""
    x = _as_float(inputs[wrt])
    for entry in entries:
        h = step * max(1.0, abs(x[entry]))
        plus, minus = x.copy(), x.copy()
        plus[entry] += h
        minus[entry] -= h
        taken = plus[entry] - minus[entry]
        yield (
            (*inputs[:wrt], plus, *inputs[wrt + 1 :]),
            (*inputs[:wrt], minus, *inputs[wrt + 1 :]),
            taken,
        )


def _slopes(f, inputs, wrt, entries, upstream, step, select):
    """Central, right and left slopes of ``sum(f * upstream)`` at each of `entries`; central ones of every output."""
    arguments, taken = [], []
    for plus, minus, difference in _probes(inputs, wrt, entries, step):
        arguments += [plus, minus]
        taken.append(difference)
    # The unperturbed value comes last, from the same call, so that all are measured alike.
    values = evaluate_many(f, [_copied(a) for a in (*arguments, inputs)], select)
    values = [_as_float(value) for value in values]
    shape = np.broadcast_shapes(values[-1].shape, upstream.shape)  # a loss may come as an array of one number
    *values, middle, weights = (np.broadcast_to(value, shape).ravel() for value in (*values, upstream))
    taken = np.array(taken)
    kept = middle.size * len(entries) <= MOST_SLOPES
    central, right, left = (np.empty(len(entries)) for _ in range(3))
    slopes = np.empty((len(entries), middle.size)) if kept else None
    many = max(1, MOST_SLOPES // max(1, middle.size))  # no more numbers at a time than these
    for i in range(0, len(entries), many):
        some, difference = slice(i, i + many), taken[i : i + many]
        above, below = (
            np.array(values[2 * i : 2 * (i + many) : 2]),
            np.array(values[2 * i + 1 : 2 * (i + many) : 2]),
        )
        # Subtract first, then weigh and sum: summing first loses one or two digits.
        whole = above - below
        central[some] = whole @ weights / difference
        right[some] = (above - middle) @ weights / (difference / 2)
        left[some] = (middle - below) @ weights / (difference / 2)
        if kept:
            slopes = whole / difference[:, None]
    return central, right, left, slopes


def numeric_vjp(f: Callable, inputs: Sequence, wrt: int, upstream, *, select: int | None = None) -> Numeric:
    """Measure the gradient of ``sum(f(*inputs) * upstream)`` by one input, entry by entry.

    Parameters
    ----------
    f : callable
        Takes the inputs by position and returns an array of the shape of `upstream`.
    inputs : sequence
        All arguments; never changed. Only ``inputs[wrt]`` needs to be numeric.
    wrt : int
        Which argument to differentiate by.
    upstream : array
        The upstream gradient, of the shape of the output.
    select : int, optional
        Which item of `f`'s result is the output.

    Returns
    -------
    Numeric
        The gradient and a mask of the entries where the one-sided slopes disagree (kinks).

    Notes
    -----
    Central differences, ``(f(x + h) - f(x - h)) / 2h`` with ``h = eps**(1/3) max(1, |x|)``; see Press et al.,
    *Numerical Recipes*, section 5.7.
    """
    upstream = _as_float(upstream)
    shape = np.shape(inputs[wrt])
    entries = list(np.ndindex(*shape))
    with np.errstate(all="ignore"):
        central, right, left, slopes = _slopes(f, inputs, wrt, entries, upstream, STEP, select)
        scale = np.max(np.abs(central), initial=0.0)
        kinks = np.abs(right - left) > KINK * scale
    return Numeric(central.reshape(shape), kinks.reshape(shape), slopes)


def draw_directions(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """Draw `DIRECTIONS` random directions in the space of an array of `shape`: of either sign, nowhere near 0."""
    size = (DIRECTIONS, *shape)
    return rng.choice([-1.0, 1.0], size) * rng.uniform(SHORTEST, 2 - SHORTEST, size)


def slopes_along(
    f: Callable,
    inputs: Sequence,
    directions: Sequence[np.ndarray | None],
    upstream,
    *,
    select: int | None = None,
) -> list[np.ndarray | None]:
    """Measure how fast ``sum(f(*inputs) * upstream)`` changes along directions, with two evaluations for each.

    Parameters
    ----------
    f, inputs, upstream, select
        As in `numeric_vjp`.
    directions : sequence
        For each input an array of directions, ``(number, *shape)``, or None for an input to leave alone.

    Returns
    -------
    list
        For each input an array of slopes by ``max(1, |x|)`` times each direction, or None.

    Notes
    -----
    A central difference. The step shrinks with the number of entries that move together, as the third derivative grows.
    """
    alone = [
        [direction if k == wrt else None for k in range(len(directions))]
        for wrt, along in enumerate(directions)
        for direction in (() if along is None else along)
    ]
    slopes = iter(_slopes_of_moves(f, inputs, alone, upstream, select))
    return [None if along is None else np.array([next(slopes) for _ in along]) for along in directions]


def slopes_together(
    f: Callable,
    inputs: Sequence,
    directions: Sequence[np.ndarray | None],
    upstream,
    *,
    select: int | None = None,
) -> np.ndarray:
    """As `slopes_along`, but all inputs move at once: one slope for each number of direction, the sum over the inputs."""
    moved = [along for along in directions if along is not None]
    moves = [
        [None if along is None else along[i] for along in directions]
        for i in range(min(map(len, moved), default=0))
    ]
    return np.array(_slopes_of_moves(f, inputs, moves, upstream, select))


def _slopes_of_moves(
    f, inputs, moves: Sequence[Sequence[np.ndarray | None]], upstream, select
) -> list[float]:
    """The slope along each move: a direction for each input, or None for one that stays."""
    upstream = _as_float(upstream)
    arguments, steps = [], []
    for move in moves:
        step = STEP / max(1.0, sum(along.size for along in move if along is not None)) ** 0.25
        for sign in (step, -step):
            moved = [
                value if along is None else _as_float(value) + sign * np.maximum(1.0, np.abs(value)) * along
                for value, along in zip(inputs, (*move, *[None] * (len(inputs) - len(move))), strict=True)
            ]
            arguments.append(_copied(moved))
        steps.append(step)
    if not arguments:
        return []
    with np.errstate(all="ignore"):
        values = iter([_as_float(value) for value in evaluate_many(f, arguments, select)])
        return [float(np.sum((next(values) - next(values)) * upstream)) / (2 * step) for step in steps]


def richardson_vjp(
    f, inputs, wrt, upstream, entries, *, select: int | None = None, step: float = RICHARDSON_STEP
) -> np.ndarray:
    """Measure again, about a hundred times more exactly, at a few `entries` (index tuples).

    Richardson extrapolation of two central differences, ``(4 D(h/2) - D(h)) / 3``, with ``h = step max(1, |x|)``.
    Returns an array of ``len(entries)`` slopes.
    """
    upstream = _as_float(upstream)
    with np.errstate(all="ignore"):
        coarse, *_ = _slopes(f, inputs, wrt, entries, upstream, step, select)
        fine, *_ = _slopes(f, inputs, wrt, entries, upstream, step / 2, select)
    return (4 * fine - coarse) / 3


def numeric_gradient(f: Callable, x) -> Numeric:
    """Measure the gradient of a scalar function `f` of one array `x`; see `numeric_vjp`."""
    return numeric_vjp(f, (x,), 0, 1.0)
