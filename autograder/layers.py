"""Adapters that let one kind of check serve classes, functions and networks alike. Knows only calling conventions.

A class or network may live in another process, where every call is a journey. What comes from here therefore offers
``__autograder_map__``, which numeric differentiation uses: all evaluations travel together, as programs that the other side
runs (see ``__autograder_programs__`` in `autograder.execution.remote`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def run_programs(subject: Any, programs: Sequence[list]) -> list:
    """Run programs about `subject` where it lives, all in one journey; give the value of each one's last step.

    A step is ``("call", f, arguments)``, ``("get", x, name)``, ``("item", x, key)``, ``("set_item", x, key, value)`` or
    ``("gather", None, numbers)``; in the place of `f` and `x`, a number stands for the value of that earlier step.
    """
    remote = getattr(type(subject), "__autograder_programs__", None)
    return remote(subject, programs) if remote else [_run(program) for program in programs]


def _run(program: list) -> Any:
    values: list[Any] = []
    for operation, subject, argument, *value in program:
        subject = values[subject] if type(subject) is int else subject
        if operation == "gather":
            values.append([values[i] for i in argument])
        else:
            values.append(_STEPS[operation](subject, argument, *value))
    return values[-1]


_STEPS = {
    "call": lambda f, arguments: f(*arguments),
    "get": getattr,
    "item": operator.getitem,
    "set_item": operator.setitem,
}


class Batched:
    """A function whose calls can be made many at a time.

    Parameters
    ----------
    function
        what one call does
    many
        ``many(argument_lists)`` gives the first result of each call, or its only one
    """

    def __init__(self, function: Callable, many: Callable[[Sequence[tuple]], list], *, pairs: bool):
        self._function, self._many, self._pairs = function, many, pairs

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __autograder_map__(self, argument_lists: Sequence[tuple], select: int | None = None) -> list:
        """One result for each tuple of arguments, or its item number `select`."""
        if select == (0 if self._pairs else None):
            return self._many(argument_lists)
        results = [self._function(*arguments) for arguments in argument_lists]
        return results if select is None else [result[select] for result in results]


def loss_of(net: Any, name: str, *arguments: Any) -> Callable[[np.ndarray], float]:
    """The loss as a function of one parameter: sets ``net.params[name]``, then gives ``net.loss(*arguments)[0]``.

    Parameters
    ----------
    net : object
        With a dict `params` and a method `loss` that returns the loss first.
    name : str
        The parameter's key.
    """

    def program(value):
        set_parameter = [("get", net, "params"), ("set_item", 0, name, value)]
        return [*set_parameter, ("get", net, "loss"), ("call", 2, list(arguments)), ("item", 3, 0)]

    return Batched(
        lambda value: run_programs(net, [program(value)])[0],
        lambda values: run_programs(net, [program(value) for (value,) in values]),
        pairs=False,
    )


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

    def entries(inputs):
        """The arguments of each object, one object per entry with `each`."""
        return (
            list(zip(*(np.ravel(x).tolist() for x in inputs), strict=True)) if each else [_as_handed(inputs)]
        )

    def program(inputs, *, keep):
        """Make the objects, then run each forward; gather what came out, after the objects if they are kept."""
        handed = entries(inputs)
        steps, outs = [("call", gate, []) for _ in handed], []
        for i, arguments in enumerate(handed):
            steps += [("get", i, "forward"), ("call", len(steps), list(arguments))]
            outs.append(len(steps) - 1)
        return [*steps, ("gather", None, [*(range(len(handed)) if keep else ()), *outs])]

    def out_of(found, inputs):
        return _as_array(found, inputs) if each else found[0]

    def forward(*inputs):
        (found,) = run_programs(gate, [program(inputs, keep=True)])
        half = len(found) // 2
        return out_of(found[half:], inputs), (found[:half], all(np.ndim(x) == 0 for x in inputs))

    def forward_many(argument_lists):
        found = run_programs(gate, [program(inputs, keep=False) for inputs in argument_lists])
        return [out_of(one, inputs) for one, inputs in zip(found, argument_lists, strict=True)]

    def backward(dout, cache):
        objects, numbers = cache
        upstream = np.ravel(dout).tolist() if each else [float(dout) if np.ndim(dout) == 0 else dout]
        steps = []
        for one, gradient in zip(objects, upstream, strict=True):
            steps += [("get", one, "backward"), ("call", len(steps), [gradient])]
        found = run_programs(gate, [[*steps, ("gather", None, list(range(1, len(steps), 2)))]])[0]
        if each:
            return _columns([_as_pair(gradients) for gradients in found], np.shape(dout))
        return _as_pair(found[0]) if numbers else found[0]

    return Batched(forward, forward_many, pairs=True), backward


def _as_handed(inputs: tuple) -> tuple:
    """Numbers go to a gate as plain floats, not as arrays without axes, which some functions refuse."""
    return tuple(float(x) for x in inputs) if all(np.ndim(x) == 0 for x in inputs) else inputs


def _as_array(out: list, inputs: tuple):
    """What the gates of an array of numbers gave, in its shape; None if any gave nothing."""
    return None if any(one is None for one in out) else np.reshape(out, np.shape(inputs[0]))


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
