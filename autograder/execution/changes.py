"""Changes a function made to its arguments, made again to the caller's own objects. Knows NumPy and containers only."""

from __future__ import annotations

from typing import Any

import numpy as np


def write_back(original: Any, after: Any) -> None:
    """Make `original` equal to `after`, in place, where a function could have changed it in place."""
    match original, after:
        case np.ndarray(), np.ndarray():
            _write_array(original, after)
        case list(), list():
            merged = [_merge(*both) for both in zip(original, after, strict=False)]
            original[:] = merged + after[len(merged) :]
        case dict(), dict():
            merged = {
                key: _merge(original[key], value) if key in original else value
                for key, value in after.items()
            }
            original.clear()
            original.update(merged)
        case set(), set():
            original.clear()
            original.update(after)
        case tuple(), tuple():
            for mine, theirs in zip(original, after, strict=False):
                write_back(mine, theirs)
        case np.random.Generator(), np.random.Generator():
            original.bit_generator.state = after.bit_generator.state


def _write_array(original: np.ndarray, after: np.ndarray) -> None:
    if after.dtype != original.dtype or after.size != original.size or not original.flags.writeable:
        return  # no function can do that to its caller's array
    if after.shape != original.shape:
        original.shape = after.shape
    original[...] = after


def _merge(mine: Any, theirs: Any) -> Any:
    """The changed item; the same object where it was changed in place."""
    changeable = (np.ndarray, list, dict, set, np.random.Generator)
    if type(mine) is not type(theirs) or not isinstance(mine, changeable):
        return theirs
    if isinstance(mine, np.ndarray) and (mine.shape != theirs.shape or mine.dtype != theirs.dtype):
        return theirs
    write_back(mine, theirs)
    return mine
