"""The assignment's own solutions, where grading has them: what finite differences are taken of when the forward is right.

A student's forward could answer one way when its values are checked and another way while it is being differentiated, so that
a made-up backward agrees. So a forward that computes what the solution computes is measured on the solution; one that computes
something else is measured as it is, which costs a wrong forward's backward nothing, unless the very function has passed its own
checks before. A student's own copy of the notebook has no solutions: there the forward is measured as it is.

Depends on numpy only. Holds functions; runs none but those that it is asked to compare.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.gradients.judge import VALUE, as_numbers, compare

_solutions: dict[str, Any] = {}
_passed: set[str] = set()


def provide(solutions: Mapping[str, Any]) -> None:
    """Make the assignment's solutions known, by name, in the place of those known before."""
    _solutions.clear()
    _solutions.update(solutions)
    _passed.clear()


def note_passed(exercise: str) -> None:
    """Remember that every check of an exercise passed, hidden ones included."""
    if _solutions:
        _passed.add(exercise)


def twin(f: Callable) -> Callable | None:
    """The solution in the place of a student's function; None where none is known.

    A function of the check's own, such as ``lambda x: loss(x, y)[0]``, gets a twin that uses the solutions instead.
    """
    if not _solutions:
        return None
    name = name_of(f)
    if name is not None:
        return _solutions.get(name)
    about = getattr(f, "about", None)  # of a class that is called as a function, or of a network (`layers`)
    if about is not None:
        solution = _solutions.get(name_of(f.subject) or "")
        try:
            return None if solution is None else about(solution)
        except Exception:  # what the student's network holds may be nothing for the solution
            return None
    if type(f) is not types.FunctionType or not _solutions.keys() & set(_names_in(f.__code__)):
        return None
    known = {**f.__globals__, **_solutions}
    return types.FunctionType(f.__code__, known, f.__name__, f.__defaults__, f.__closure__)


def has_passed(f: Callable) -> bool:
    """Whether the student's function of that name passed all checks of its own."""
    return (name_of(f) or name_of(getattr(f, "subject", None))) in _passed


def name_of(f: Callable) -> str | None:
    """The name of a solution cell that `f` stands for."""
    named = getattr(type(f), "__autograder_name__", None)
    return named(f) if named is not None else None


def same(f: Callable, arguments: tuple, out: Any, select: int | None = None) -> bool | None:
    """Whether a twin gives `out` for copies of these arguments; None where it gives nothing to compare with."""
    return agrees(out, answer_of(f, arguments, select))


def answer_of(f: Callable, arguments: tuple, select: int | None = None) -> np.ndarray | None:
    """What a twin gives for copies of these arguments; None where that is nothing to compare with."""
    try:
        handed = tuple(copied(a) for a in arguments)
        with np.errstate(all="ignore"):
            return as_numbers(f(*handed) if select is None else f(*handed)[select])
    except Exception:  # a solution asked for what it was not written for says nothing about the student's
        return None


def agrees(out: Any, expected: np.ndarray | None) -> bool | None:
    """Whether `out` is what `answer_of` gave; None if that was nothing."""
    return None if expected is None else compare(out, expected, VALUE) is None


def with_its_own(f: Callable, extra: tuple) -> Callable:
    """`f` with copies of `extra` in the place of its last arguments: what one function keeps there is not for the other."""

    def alone(*arguments):
        return f(*arguments[: len(arguments) - len(extra)], *map(copied, extra))

    return alone


def copied(value: Any) -> Any:
    """A copy of what a function could change; anything else as it is."""
    return (
        copy.deepcopy(value) if isinstance(value, np.ndarray | dict | list | np.random.Generator) else value
    )


def _names_in(code: types.CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, types.CodeType) for name in _names_in(part)]
    return [*code.co_names, *inner]
