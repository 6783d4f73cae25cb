"""Complex steps, ``f(x + 1e-20j).imag / 1e-20``: noticed while a backward runs. They are exact, so their result tells nothing.

Knows frames and numbers; standard library only. Knows nothing of layers or students.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

LONGEST = 1e-6  # a longer step is no more exact than a central difference, which is noticed by its error


class Watch:
    """Looks at the variables of every function that is called, or returns, from now until `stop`.

    A step is a complex number or array whose real part is one of `inputs`, or an entry of one, and whose imaginary part is
    tiny and not 0. Complex numbers of any other kind, such as those of a Fourier transform, are none.

    Parameters
    ----------
    inputs : sequence of float arrays and numbers
        What the forward was called with.
    """

    def __init__(self, inputs: Sequence[Any]):
        arrays = [one for one in inputs if hasattr(one, "tobytes")]
        self.found = False
        self._arrays = {array.tobytes() for array in arrays}
        self._numbers = {number for array in arrays for number in array.ravel().tolist()}
        self._numbers.update(one for one in inputs if isinstance(one, float))
        self._watching, self._before = True, sys.getprofile()
        sys.setprofile(self._look)

    def stop(self) -> bool:
        """Whether a step was seen; nothing is watched any longer."""
        if self._watching:
            self._watching = False
            sys.setprofile(self._before)
        return self.found

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()

    def _look(self, frame: FrameType, event: str, _: Any) -> None:
        if event in ("call", "return") and not self.found:
            self.found = any(map(self._is_step, tuple(frame.f_locals.values())))

    def _is_step(self, value: Any) -> bool:
        if isinstance(value, complex):
            return 0 < abs(value.imag) <= LONGEST and value.real in self._numbers
        if type(value).__name__ != "ndarray" or value.dtype.kind != "c" or not value.size:
            return False
        return 0 < abs(value.imag).max() <= LONGEST and value.real.tobytes() in self._arrays
