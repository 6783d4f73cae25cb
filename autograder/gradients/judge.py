"""Compare an answer with what it should be: where they differ, and by how much.

Depends on numpy only. Knows no words for students and no points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

GRADIENT_RTOL, GRADIENT_ATOL = (
    1e-5,
    1e-7,
)  # analytic against central differences: 0 false alarms in 2,100 trials
VALUE_RTOL, VALUE_ATOL = 1e-6, 1e-8  # against an exact specification; honest answers agree to 1e-12
SURE = (
    0.1  # a direction's entries are at least 0.5: an entry out of tolerance shows five times as large as this
)
MOST_PARTS = 2_000_000  # of an answer in lists
SMALLEST_SCALE = 1e-3  # below this a tensor counts as round-off


@dataclass(frozen=True)
class Tolerance:
    """``|actual - expected| <= rtol |expected| + atol max(max |expected|, SMALLEST_SCALE)``."""

    rtol: float
    atol: float


GRADIENT = Tolerance(GRADIENT_RTOL, GRADIENT_ATOL)
VALUE = Tolerance(VALUE_RTOL, VALUE_ATOL)


@dataclass(frozen=True)
class Mismatch:
    """How an answer differs from what it should be.

    Attributes
    ----------
    kind : str
        ``"missing"`` (None), ``"type"`` (not numbers), ``"shape"``, ``"not finite"`` or ``"values"``.
    index : tuple or None
        The worst entry, for the last two kinds.
    actual, expected : float or None
        Both numbers there.
    ratio : float
        Error divided by tolerance at the worst entry.
    wrong, total : int
        How many entries are out of tolerance, of how many.
    mask : array of bool or None
        Which entries those are.
    """

    kind: str
    detail: str = ""
    index: tuple | None = None
    actual: float | None = None
    expected: float | None = None
    ratio: float = float("inf")
    wrong: int = 0
    total: int = 0
    mask: np.ndarray | None = field(default=None, repr=False, compare=False)


def as_numbers(answer) -> np.ndarray | None:
    """Return `answer` as a plain float64 (or complex) array, or None if it does not hold numbers.

    Subclasses are demoted to plain arrays, so no student's ``__eq__`` takes part in a comparison.
    """
    if answer is None or _holds_text(answer):
        return None
    try:
        array = np.array(answer, copy=True, subok=False)
    except Exception:
        return None  # ragged, or an object that refuses: either way it does not hold numbers
    if array.dtype.kind in "bui":
        return array.astype(np.float64)
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    return None


def _holds_text(answer) -> bool:
    """Whether there is text in it: as an array, all would take as much room as the longest."""
    waiting, looked = [answer], 0
    while waiting and looked < MOST_PARTS:
        part = waiting.pop()
        looked += 1
        if isinstance(part, str | bytes | dict):
            return True
        if type(part) in (list, tuple):
            waiting.extend(part)
    return bool(waiting)


def same_but_for_unit_axes(a: tuple, b: tuple) -> bool:
    """Whether two shapes differ only by axes of length 1."""
    return tuple(n for n in a if n != 1) == tuple(n for n in b if n != 1)


def ratios(actual: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    """Error over tolerance for each entry; anything not finite counts as infinitely wrong."""
    finite = np.abs(expected[np.isfinite(expected)])  # one infinite entry must not excuse the others
    scale = max(float(np.max(finite, initial=0.0)), SMALLEST_SCALE)
    with np.errstate(all="ignore"):
        error = np.abs(actual - expected)
        ratio = error / (tolerance.rtol * np.abs(expected) + tolerance.atol * scale)
    both_same_infinity = (actual == expected) & np.isinf(expected)
    ratio = np.where(both_same_infinity, 0.0, ratio)
    return np.where(np.isfinite(ratio), ratio, np.inf)


def agrees_along(gradient, directions: np.ndarray, slopes: np.ndarray, x: np.ndarray) -> bool:
    """Whether a gradient surely agrees, entry by entry, with slopes measured along directions.

    Parameters
    ----------
    gradient : anything
        The student's answer.
    directions, slopes
        As drawn by `measure.draw_directions` and measured by `measure.slopes_along`.
    x : array
        The input.

    Notes
    -----
    True only if the error along every direction is a fifth of what a single entry would cause that is just out of
    tolerance. False says nothing: the entries must then be measured one by one.
    """
    return agree_together([gradient], [directions], slopes, [x])


def agree_together(gradients, directions, slopes: np.ndarray, inputs) -> bool:
    """As `agrees_along`, for all gradients at once, with slopes along which all inputs moved (`measure.slopes_together`).

    The error along every direction must be small for each of the gradients, for the smallest as well.
    """
    weighed, allowed = [], []
    for gradient, x in zip(gradients, inputs, strict=True):
        given = as_numbers(gradient)
        if given is None or not given.size or not same_but_for_unit_axes(given.shape, x.shape):
            return False
        if not np.all(np.isfinite(given)):  # or the error that is allowed would be infinite
            return False
        weighed.append(given.reshape(x.shape) * np.maximum(1.0, np.abs(x)))
        allowed.append(SURE * GRADIENT_ATOL * float(np.max(np.abs(given))))
    with np.errstate(all="ignore"):
        errors = [
            abs(
                sum(float(np.sum(one * along[i])) for one, along in zip(weighed, directions, strict=True))
                - slope
            )
            for i, slope in enumerate(slopes)
        ]
    return bool(errors) and all(0 < min(allowed) >= error for error in errors)


def compare(actual, expected, tolerance: Tolerance = VALUE, *, ignore=None) -> Mismatch | None:
    """Return None if `actual` agrees with `expected` to tolerance, else the `Mismatch`.

    Parameters
    ----------
    actual : anything
        The student's answer.
    expected : array_like
        What it should be; its shape is compared first and exactly, but for axes of length 1.
    ignore : array of bool, optional
        Entries to leave out (kinks), of the shape of `expected`.
    """
    expected = np.asarray(expected, dtype=np.float64)
    if actual is None:
        return Mismatch("missing")
    given = as_numbers(actual)
    if given is None:
        return Mismatch("type", detail=type(actual).__name__)
    if given.shape != expected.shape:
        if not same_but_for_unit_axes(given.shape, expected.shape):
            return Mismatch("shape", detail=f"{given.shape} instead of {expected.shape}")
        given = given.reshape(expected.shape)
    ratio = ratios(given, expected, tolerance)
    if ignore is not None:
        ratio = np.where(ignore, 0.0, ratio)
    agrees = ratio <= 1  # written this way round so that nothing unknown counts as agreement
    if bool(np.all(agrees)):
        return None
    worst = np.unravel_index(int(np.argmax(ratio)), ratio.shape) if ratio.ndim else ()
    worst = tuple(int(i) for i in worst)
    return Mismatch(
        kind="values" if np.isfinite(given[worst]) else "not finite",
        index=worst,
        actual=float(given[worst]),
        expected=float(expected[worst]),
        ratio=float(ratio[worst]),
        wrong=int(np.sum(~agrees)),
        total=int(agrees.size),
        mask=~agrees,
    )
