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
        ``forward(*inputs) -> out, cache``; the cache is the object that ran (with `each`, all of them).
    backward : callable
        ``backward(dout, cache)`` -> the gradients.
    """

    def forward(*inputs):
        one = gate()
        return one.forward(*inputs), one

    def backward(dout, one):
        return one.backward(dout)

    def forward_each(*inputs):
        entries = list(zip(*(np.ravel(x).tolist() for x in inputs), strict=True))
        gates = [gate() for _ in entries]
        out = [one.forward(*entry) for one, entry in zip(gates, entries, strict=True)]
        return None if None in out else np.reshape(out, np.shape(inputs[0])), gates

    def backward_each(dout, gates):
        found = [one.backward(upstream) for one, upstream in zip(gates, np.ravel(dout).tolist(), strict=True)]
        if any(isinstance(gradients, tuple | list) for gradients in found):
            # From one tuple per gate to one array per input; uneven tuples are a result that cannot be used.
            counts = {len(gradients) if isinstance(gradients, tuple | list) else 1 for gradients in found}
            if len(counts) == 1 and None not in sum(map(list, found), []):
                return tuple(np.reshape(column, np.shape(dout)) for column in zip(*found, strict=True))
            return found[0]
        return None if None in found else np.reshape(found, np.shape(dout))

    return (forward_each, backward_each) if each else (forward, backward)
