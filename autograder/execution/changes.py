"""Changes a function makes to its arguments: noticed where it ran, made again to its caller's own objects.

Knows NumPy and containers only.
"""

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


def fingerprint(value: Any) -> Any:
    """What changes when an argument is changed in place; None for one that cannot be."""
    kind = type(value)
    if kind is np.ndarray:
        return value.shape, value.tobytes()
    if kind is list or kind is tuple:
        return [kind, *map(_item, value)]
    if kind is dict:
        return {key: _item(item) for key, item in value.items()}
    if kind is set:
        return set(value)
    if kind is np.random.Generator:
        return value.bit_generator.state
    return None


def _item(value: Any) -> Any:
    """Of an item: what changes when it is changed or replaced."""
    if type(value) in _SIMPLE:
        return value
    return _Same(value), fingerprint(value)


class _Same:
    """Equal to what holds the very same object, and keeps it alive so that no other takes its place."""

    __slots__ = ("held",)
    __hash__ = None

    def __init__(self, held: Any):
        self.held = held

    def __eq__(self, other: object) -> bool:
        return type(other) is _Same and other.held is self.held


_SIMPLE = (bool, int, float, complex, str, bytes, type(None))
