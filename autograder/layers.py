"""Adapters that let one kind of check serve classes, functions and networks alike. Knows only calling conventions."""

from __future__ import annotations

from collections.abc import Callable


def as_layer(gate: type) -> tuple[Callable, Callable]:
    """Turn a class with ``forward(*inputs)`` and ``backward(upstream)`` into a pair forward, backward.

    Returns
    -------
    forward : callable
        ``forward(*inputs) -> out, cache``; the cache is the object that ran.
    backward : callable
        ``backward(dout, cache)`` -> the gradients.
    """

    def forward(*inputs):
        one = gate()
        return one.forward(*inputs), one

    def backward(dout, one):
        return one.backward(dout)

    return forward, backward
