"""Adapters that let one kind of check serve classes, functions and networks alike. Knows only calling conventions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def as_layer(gate: type, *, each: bool = False) -> tuple[Callable, Callable]:
    """Turn a class with ``forward(*inputs)`` and ``backward(upstream)`` into a pair forward, backward.

    Parameters
    ----------
    gate : class
    each : bool
        Whether the class works on single numbers and the pair on arrays: one new object per entry, all of them run
        forward before any runs backward, so objects that share what they keep give themselves away.

    Returns
    -------
    forward : callable
        ``forward(*inputs) -> out, cache``; the cache holds the object that ran (with `each`, all of them).
    backward : callable
        ``backward(dout, cache)`` -> the gradients.
    """

    def forward(*inputs):
        one = gate()
        numbers = all(np.ndim(x) == 0 for x in inputs)
        # Numbers travel as plain floats, not as arrays without axes, which some functions refuse.
        return one.forward(*(float(x) for x in inputs) if numbers else inputs), (one, numbers)

    def backward(dout, cache):
        one, numbers = cache
        found = one.backward(float(dout) if np.ndim(dout) == 0 else dout)
        return _as_pair(found) if numbers else found

    def forward_each(*inputs):
        entries = list(zip(*(np.ravel(x).tolist() for x in inputs), strict=True))
        gates = [gate() for _ in entries]
        out = [one.forward(*entry) for one, entry in zip(gates, entries, strict=True)]
        return None if None in out else np.reshape(out, np.shape(inputs[0])), gates

    def backward_each(dout, gates):
        found = [
            _as_pair(one.backward(upstream))
            for one, upstream in zip(gates, np.ravel(dout).tolist(), strict=True)
        ]
        return _columns(found, np.shape(dout))

    return (forward_each, backward_each) if each else (forward, backward)


def _as_pair(found):
    """The gradients of single numbers may come as one array of them."""
    return tuple(found.tolist()) if isinstance(found, np.ndarray) and found.ndim == 1 else found


def _columns(found: list, shape: tuple):
    """From the gradients of each gate to one array per input; as they are, if they are not alike."""
    if any(gradients is None for gradients in found):
        return None
    if not any(isinstance(gradients, tuple | list) for gradients in found):
        return np.reshape(found, shape)
    if len({np.size(gradients) for gradients in found}) > 1:
        return found[0]
    return tuple(np.reshape(column, shape) for column in zip(*found, strict=True))
