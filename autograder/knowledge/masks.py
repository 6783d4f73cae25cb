"""One mistake of every layer that treats inputs above and below 0 differently; several topics have such layers.

Knows what it would have produced. Depends on numpy and `autograder.gradients.explain` only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.gradients.explain import Case, Mistake


def mask_at_mean(below: Callable[[Case], Any] = lambda case: 0.0) -> Mistake:
    """The layer bends at the mean of the inputs instead of at 0; `below` gives the slope under the bend, 1 is that above."""

    def predict(case: Case) -> np.ndarray | None:
        x = np.asarray(case["x"], dtype=float)
        upstream = np.asarray(case.upstream if case.upstream is not None else case["dout"])
        above = x > x.mean()
        return None if np.array_equal(above, x > 0) else upstream * np.where(above, 1, below(case))

    told = "You asked which inputs lie above the mean of all. What counts is on which side of 0 each of them lies."
    return Mistake("mask_at_mean", predict, told, of="dx")
