"""A wrong array as a small picture: for each entry, whether it is right, too large or too small, and by how much.

Depends on numpy only. Knows no HTML; a picture is plain data (`autograder.records.Picture`). It holds no value of the
right answer, only the size of the error in three steps.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.judge import Mismatch, as_numbers
from autograder.records import Picture

MOST_ROWS, MOST_COLUMNS = 24, 32
STEPS = (0.05, 0.5)  # error over the largest error: where small ends and where large begins


def picture_of(of: str, mismatch: Mismatch, actual, expected) -> Picture | None:
    """Return the picture of a wrong answer; None where it would not help.

    An array of one or two axes is drawn whole; of more, the slice along the last two axes that holds the worst entry.

    Parameters
    ----------
    of : str
        What the array is called.
    mismatch : Mismatch
        Of kind ``"values"`` or ``"not finite"``, with the mask of the entries that are wrong.
    actual, expected : array_like
        Equal in shape but for axes of length 1.
    """
    if mismatch.mask is None or mismatch.index is None or mismatch.total < 2:
        return None
    expected = np.asarray(expected, dtype=np.float64)
    error = as_numbers(actual).reshape(expected.shape) - expected
    kept = [axis for axis, n in enumerate(expected.shape) if n > 1]
    fixed, drawn = kept[:-2], kept[-2:]
    place = tuple(slice(None) if axis in drawn else mismatch.index[axis] for axis in range(expected.ndim))
    shape = tuple(expected.shape[axis] for axis in drawn)
    error, wrong = error[place].reshape(shape), mismatch.mask[place].reshape(shape)
    if error.ndim == 1:
        error, wrong = error[None], wrong[None]
    if error.shape[0] > MOST_ROWS or error.shape[1] > MOST_COLUMNS:
        return None
    marks = _marks(error, wrong)
    if len(set(marks.flat)) < 2:
        return None  # alike everywhere: a picture says no more than the sentence does
    worst = tuple(mismatch.index[axis] for axis in drawn)
    return Picture(
        of=of,
        part=_part(of, expected.ndim, mismatch.index, fixed, kept) if fixed else "",
        rows=tuple("".join(row) for row in marks),
        worst=worst if len(worst) == 2 else (0, *worst),
    )


def _marks(error: np.ndarray, wrong: np.ndarray) -> np.ndarray:
    """One of the characters of `Picture.rows` for each entry."""
    size = np.abs(error)
    finite = np.isfinite(size)
    largest = np.max(size[finite & wrong], initial=0.0)
    step = np.digitize(size / largest if largest else size, STEPS)
    marks = np.where(error > 0, np.array(list("ABC"))[step], np.array(list("abc"))[step])
    marks = np.where(finite, marks, "!")
    return np.where(wrong, marks, ".")


def _part(of: str, axes: int, index: tuple, fixed: list[int], kept: list[int]) -> str:
    """``dw[2, 0, :, :]``: the slice that is drawn."""
    places = [str(index[axis]) if axis in fixed or axis not in kept else ":" for axis in range(axes)]
    return f"{of}[{', '.join(places)}]"
