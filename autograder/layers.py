"""Adapters that let one kind of check serve classes, functions and networks alike. Knows only calling conventions.

A class or network may live in another process, where every call is a journey. What comes from here therefore offers
``__autograder_map__``, which numeric differentiation uses: all evaluations travel together, as programs that the other side
runs (see `autograder.programs`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.passes import Batched, told_of, watch_step
from autograder.programs import is_elsewhere, run_programs

MOST_INPUTS = 100  # of a gate; an answer with more gradients is not taken apart, which would take time


def loss_of(net: Any, name: str, *arguments: Any) -> Callable[[np.ndarray], float]:
    """The loss as a function of one parameter: sets ``net.params[name]``, then gives ``net.loss(*arguments)[0]``.

    The parameter is put back afterwards: the next one is measured where its gradient was computed.

    Parameters
    ----------
    net : object
        With a dict `params` and a method `loss` that returns the loss first.
    name : str
        The parameter's key.
    """

    def program(value):
        set_parameter = [("get", net, "params"), ("set_item", 0, name, value)]
        return [*set_parameter, ("method", net, "loss", list(arguments)), ("item", 2, 0)]

    def losses(values):
        return run_programs(net, [*(program(value) for value in values), put_back])[:-1]

    origin = net.__autograder_origin__() if is_elsewhere(net) else None
    (before,) = run_programs(net, [[("get", net, "params"), ("item", 0, name), ("copied", 1)]])
    put_back = [("get", net, "params"), ("set_item", 0, name, before)]
    return Batched(
        lambda value: losses([value])[0],
        lambda values: losses([value for (value,) in values]),
        pairs=False,
        subject=origin and origin[0],
        about=origin and (lambda solution: loss_of(_made_alike(solution, net, origin), name, *arguments)),
    )


def _made_alike(solution: type, net: Any, origin: tuple) -> Any:
    """A network of another class that was made like `net` and has its parameters."""
    _, arguments, keywords = origin
    alike = solution(*arguments, **keywords)
    (params,) = run_programs(net, [[("get", net, "params"), ("copied", 0)]])
    alike.params = dict(params)
    return alike


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

    def add_forwards(steps, inputs):
        """Make the objects, then run each forward; the numbers of the objects, and of what came out."""
        handed = entries(inputs)
        first = len(steps) + 1
        steps.append(("given", None, gate))  # it travels once, and every object is made from that
        steps += [("call", first - 1, []) for _ in handed]
        objects, outs = range(first, first + len(handed)), range(first + len(handed), first + 2 * len(handed))
        steps += [
            ("method", one, "forward", list(arguments))
            for one, arguments in zip(objects, handed, strict=True)
        ]
        return objects, outs

    def add_backwards(steps, objects, dout):
        """Run each object's backward and gather what came."""
        upstream = np.ravel(dout).tolist() if each else [float(dout) if np.ndim(dout) == 0 else dout]
        first = len(steps)
        steps += [
            ("method", one, "backward", [gradient]) for one, gradient in zip(objects, upstream, strict=True)
        ]
        steps.append(("gather", None, list(range(first, len(steps)))))

    def out_of(found, inputs):
        return _as_array(found, inputs) if each else found[0]

    def gradients_of(found, dout, numbers):
        if each:
            return _columns([_as_pair(gradients) for gradients in found], np.shape(dout))
        return _as_pair(found[0]) if numbers else found[0]

    def forward(*inputs):
        steps: list[tuple] = []
        objects, outs = add_forwards(steps, inputs)
        (found,) = run_programs(gate, [[*steps, ("gather", None, [*objects, *outs])]])
        half = len(objects)
        return out_of(found[half:], inputs), (found[:half], _are_numbers(inputs))

    def forward_many(argument_lists):
        programs: list[list[tuple]] = []
        for inputs in argument_lists:
            steps: list[tuple] = []
            _, outs = add_forwards(steps, inputs)
            programs.append([*steps, ("gather", None, list(outs))])
        found = run_programs(gate, programs)
        return [out_of(one, inputs) for one, inputs in zip(found, argument_lists, strict=True)]

    def backward(dout, cache):
        objects, numbers = cache
        steps: list[tuple] = []
        add_backwards(steps, objects, dout)
        (found,) = run_programs(gate, [steps])
        return gradients_of(found, dout, numbers)

    def many_passes(argument_lists, upstreams, patience=None, watched=None):
        programs = []
        for i, (inputs, dout) in enumerate(zip(argument_lists, upstreams, strict=True)):
            steps: list[tuple] = [("clock", None), watch_step(inputs, i == watched)]
            objects, outs = add_forwards(steps, inputs)
            middle = len(steps)
            steps += [("clock", None), ("gather", None, list(outs)), ("copied", middle + 1), ("clock", None)]
            add_backwards(steps, objects, dout)
            end = len(steps)
            told = [middle + 2, end + 1, 0, middle, middle + 3, end, end + 2]
            seen = ("seen" if i == watched else "copied", 1)
            programs.append([*steps, ("clock", None), ("copied", end - 1), seen, ("gather", None, told)])

        def told(one, inputs, dout):
            outs, found, *times = one
            return told_of(out_of(outs, inputs), gradients_of(found, dout, _are_numbers(inputs)), *times)

        found = run_programs(gate, programs, patience)
        return [one and told(one, *of) for one, *of in zip(found, argument_lists, upstreams, strict=True)]

    batched = Batched(
        forward,
        forward_many,
        pairs=True,
        passes=many_passes,
        subject=gate,
        about=lambda other: as_layer(other, each=each)[0],
    )
    return batched, backward


def _are_numbers(inputs: tuple) -> bool:
    return all(np.ndim(x) == 0 for x in inputs)


def _as_handed(inputs: tuple) -> tuple:
    """Numbers go to a gate as plain floats, not as arrays without axes, which some functions refuse."""
    return tuple(float(x) for x in inputs) if _are_numbers(inputs) else inputs


def _as_array(out: list, inputs: tuple):
    """What the gates of an array of numbers gave, in its shape; None if any gave nothing."""
    return None if any(one is None for one in out) else np.reshape(out, np.shape(inputs[0]))


def _as_pair(found):
    """The gradients of single numbers may come as one array of them."""
    is_list = isinstance(found, np.ndarray) and found.ndim == 1 and found.size <= MOST_INPUTS
    return tuple(found.tolist()) if is_list else found


def _columns(found: list, shape: tuple):
    """From the gradients of each gate to one array per input; as they are, if they are not alike."""
    if any(gradients is None for gradients in found):
        return None
    if not any(isinstance(gradients, tuple | list) for gradients in found):
        return np.reshape(found, shape)
    sizes = {np.size(gradients) for gradients in found}
    if len(sizes) > 1 or max(sizes) > MOST_INPUTS:
        return found[0]
    return tuple(np.reshape(column, shape) for column in zip(*found, strict=True))
