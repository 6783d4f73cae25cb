"""Many calls, or forwards with the backwards after them, at a time: in one journey where the functions live elsewhere.

Knows calls, copies and clocks. Knows nothing of classes, networks or what is checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.programs import is_elsewhere, run_programs


@dataclass(frozen=True)
class Pass:
    """A new forward and the backward after it, as they were where they ran.

    Attributes
    ----------
    out, gradients : anything
        What they returned.
    kept : tuple of bool
        For each input, and last for the upstream gradient, whether it was left as it was.
    forward_seconds, backward_seconds : float
    complex_step : bool
        Whether it was watched, and a complex step was seen.
    """

    out: Any
    gradients: Any
    kept: tuple[bool, ...]
    forward_seconds: float
    backward_seconds: float
    complex_step: bool


class Batched:
    """A function whose calls can be made many at a time.

    Parameters
    ----------
    function
        what one call does
    many
        ``many(argument_lists)`` gives the first result of each call, or its only one
    pairs
        whether a call gives two results
    passes
        ``passes(argument_lists, upstreams)`` does what `passes` does
    subject
        what the calls are about
    about
        ``about(other)`` gives the same function of another subject
    """

    def __init__(
        self,
        function: Callable,
        many: Callable[[Sequence[tuple]], list],
        *,
        pairs: bool,
        passes: Callable[[Sequence[tuple], Sequence], list] | None = None,
        subject: Any = None,
        about: Callable[[Any], Callable] | None = None,
    ):
        self.subject, self.about = subject, about
        self._function, self._many, self._pairs, self.passes = function, many, pairs, passes

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __autograder_map__(self, argument_lists: Sequence[tuple], select: int | None = None) -> list:
        """One result for each tuple of arguments, or its item number `select`."""
        if select == (0 if self._pairs else None):
            return self._many(argument_lists)
        results = [self._function(*arguments) for arguments in argument_lists]
        return results if select is None else [result[select] for result in results]


def passes(
    forward: Callable,
    backward: Callable,
    argument_lists: Sequence[tuple],
    upstreams: Sequence,
    patience: float | None = None,
    watched: int | None = None,
) -> list[Pass | None] | None:
    """Run a new forward and then backward for each upstream gradient, all in one journey.

    Parameters
    ----------
    forward, backward : callable
        ``forward(*arguments) -> out, cache`` and ``backward(dout, cache)``.
    argument_lists : sequence of tuples
    upstreams : sequence of arrays
        As many.
    patience : float, optional
        A pass that would begin so many seconds after the first, or later, is left out.
    watched : int, optional
        In which pass to look out for complex steps; that takes time.

    Returns
    -------
    list of (Pass or None), or None
        None in the place of a pass that was left out; None for all of them where it makes no difference: the functions run
        in this process.
    """
    if isinstance(forward, Batched):
        return forward.passes and forward.passes(argument_lists, upstreams, patience, watched)
    if not (is_elsewhere(forward) and is_elsewhere(backward)):
        return None
    programs = [
        _pass(forward, backward, arguments, dout, i == watched)
        for i, (arguments, dout) in enumerate(zip(argument_lists, upstreams, strict=True))
    ]
    return [one and told_of(*one) for one in run_programs(forward, programs, patience)]


def told_of(out, gradients, start, middle, later, end, complex_step, *kept) -> Pass:
    """A pass from the values that its program gathered."""
    return Pass(out, gradients, tuple(kept), middle - start, end - later, complex_step)


def watch_step(inputs: Sequence, watched: bool) -> tuple:
    """The step that begins to look out for complex steps; if not `watched`, one that takes its place."""
    floats = [one for one in inputs if isinstance(one, float | np.ndarray)]
    return ("watch", None, floats) if watched else ("given", None, False)


def _pass(
    forward: Callable, backward: Callable, arguments: tuple, dout: np.ndarray, watched: bool
) -> list[tuple]:
    """One forward and backward as a program; what they returned is copied before anything can change it."""
    steps: list[tuple] = [("given", None, argument) for argument in (*arguments, dout)]
    places, handed = {i: i for i in range(len(arguments))}, len(arguments)
    steps.append(watch_step(arguments, watched))
    watch, after = len(steps) - 1, len(steps)
    steps += [
        ("clock", None),
        ("call", forward, [None] * len(arguments), places),
        ("clock", None),
        ("item", after + 1, 0),
        ("copied", after + 3),
        ("item", after + 1, 1),
        ("clock", None),
        ("call", backward, [None, None], {0: handed, 1: after + 5}),
        ("clock", None),
        ("copied", after + 7),
        ("seen" if watched else "copied", watch),
    ]
    arrays = [i for i, value in enumerate((*arguments, dout)) if isinstance(value, np.ndarray)]
    first = len(steps)
    # Copies: on its way a value that is sent twice stays one.
    steps += [("kept", i, steps[i][2].copy()) for i in arrays]
    told = [after + 4, after + 9, after, after + 2, after + 6, after + 8, after + 10]
    return [*steps, ("gather", None, [*told, *range(first, len(steps))])]
