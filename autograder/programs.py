"""Small programs about objects that may live in another process: several steps there for one journey.

Knows how a program is written and run. Standard library only; knows no layers, students or processes.
"""

from __future__ import annotations

import copy
import operator
import time
from collections.abc import Sequence
from typing import Any

from autograder.complex_steps import Watch


def run_programs(subject: Any, programs: Sequence[Sequence[tuple]], patience: float | None = None) -> list:
    """Run programs about `subject` where it lives, all in one journey; give the value of each one's last step.

    Parameters
    ----------
    subject : object
        Of this process, or a stand-in for one elsewhere, which has a method ``__autograder_programs__``.
    programs : sequence of lists
        A step is a tuple, one of ``("call", f, arguments)``, ``("method", x, name, arguments)``, ``("get", x, name)``,
        ``("set", x, name, value)``, ``("item", x, key)``, ``("set_item", x, key, value)``, ``("given", None, value)`` for
        a value of ours, ``("copied", x)`` for `x` as it is at that moment, ``("kept", x, array)`` for whether an array
        still is what it was, ``("watch", None, inputs)`` for looking out for complex steps from then on and
        ``("seen", x)`` for whether the watch `x` saw one, ``("gather", None, numbers)`` for a list of the values of
        earlier steps, and ``("clock", None)`` for the time in seconds. In the place of `f` and `x` a number stands for
        the value of that earlier step of the same program. A call may have one more item, ``{position: number}``: which
        of its arguments are such values.
    patience : float, optional
        A program that would begin so many seconds after the first, or later, is left out: None stands in its place.
    """
    remote = getattr(type(subject), "__autograder_programs__", None)
    return remote(subject, programs, patience) if remote else run_all_here(programs, patience)


def is_elsewhere(subject: Any) -> bool:
    """Whether programs about `subject` make a journey."""
    return hasattr(type(subject), "__autograder_programs__")


def run_all_here(programs: Sequence[Sequence[Sequence]], patience: float | None = None) -> list:
    """Run programs in this process, as `run_programs` does."""
    end = None if patience is None else _clock() + patience
    return [run_here(one) if end is None or _clock() < end else None for one in programs]


def run_here(program: Sequence[Sequence]) -> Any:
    """Run one program in this process; the value of its last step."""
    values: list[Any] = []
    try:
        for operation, subject, *details in program:
            target = values[subject] if type(subject) is int else subject
            values.append(_STEPS[operation](values, target, *details))
    finally:
        for watch in (value for value in values if type(value) is Watch):
            watch.stop()
    return values[-1]


def _call(values: list, function: Any, arguments: Sequence, places: dict[int, int] | None = None) -> Any:
    if places:
        arguments = [values[places[i]] if i in places else one for i, one in enumerate(arguments)]
    return function(*arguments)


def _kept(_: list, array: Any, before: Any) -> bool:
    return array.shape == before.shape and array.tobytes() == before.tobytes()


_clock = time.perf_counter  # the code of students may put another one there

_STEPS = {
    "call": _call,
    "method": lambda _, target, name, arguments: getattr(target, name)(*arguments),
    "given": lambda _, __, value: value,
    "copied": lambda _, target: copy.deepcopy(target),
    "kept": _kept,
    "get": lambda _, target, name: getattr(target, name),
    "set": lambda _, target, name, value: setattr(target, name, value),
    "item": lambda _, target, key: target[key],
    "set_item": lambda _, target, key, value: operator.setitem(target, key, value),
    "gather": lambda values, _, numbers: [values[i] for i in numbers],
    "clock": lambda *_: _clock(),
    "watch": lambda _, __, inputs: Watch(inputs),
    "seen": lambda _, watch: watch.stop(),
}
