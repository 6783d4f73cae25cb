"""The names of a solution cell, as a check cell sees them: proxies to what lives in the student process.

Calls send their arguments by value and bring the result back; arguments the function changed are changed here too.
What does not travel stays behind a proxy with attributes, items, calls, iteration and assignment.

Knows how Python spells a question. The asking is the session's (`session`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.execution import errors
from autograder.execution.errors import StudentError

MAX_TEXT = 20_000
CONTAINERS = ("list", "dict", "set")
READABLE = ("__name__", "__doc__", "__qualname__")  # the only special attributes asked of a student's object


class Reference:
    """Where a proxy points: a name, or an object of one snapshot by number."""

    __slots__ = ("container", "name", "number", "process", "session", "type_name")

    def __init__(self, session, process=None, number=None, name=None, type_name="", container=""):
        self.session, self.process, self.number = session, process, number
        self.name, self.type_name, self.container = name, type_name, container

    def __del__(self):
        if self.process is not None and self.number is not None:
            self.process.released.append(self.number)


class Proxy:
    """Something of the student's that stays in the student process."""

    __slots__ = ("__autograder_reference__", "__weakref__")

    def __init__(self, reference: Reference):
        object.__setattr__(self, "__autograder_reference__", reference)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        reference = reference_of(self)
        return reference.session.call(reference, args, kwargs)

    def __autograder_seconds__(self) -> float:
        """How long the last call took in the student process, without the journey; the student's word."""
        return reference_of(self).session.seconds

    def __autograder_map__(self, argument_lists: Sequence[tuple], select: Any = None) -> list:
        """Call on each tuple of arguments in one exchange; keep only ``result[select]`` of each if given."""
        reference = reference_of(self)
        return reference.session.map(
            "map", reference, [tuple(arguments) for arguments in argument_lists], select
        )

    def __autograder_programs__(self, programs: Sequence[Sequence[tuple]], select: Any = None) -> list:
        """Run each program in the student process, all in one exchange; keep the last value of each.

        A program is a list of steps ``(operation, subject, *arguments)``: ``("call", f, args)``,
        ``("get", x, name)``, ``("item", x, key)``, ``("set", x, name, value)``, ``("set_item", x, key, value)``, and
        ``("gather", None, numbers)`` for a list of the values of earlier steps. A subject is
        a proxy, or the number of an earlier step of the same program, whose value it stands for.
        """
        reference = reference_of(self)
        return reference.session.map(
            "programs", reference, [list(map(list, program)) for program in programs], select
        )

    def __getattr__(self, name: str) -> Any:
        special = name.startswith("__") and name.endswith("__") and name not in READABLE
        if special or name.startswith(("_repr_", "_ipython_")):
            raise AttributeError(f"{name} is not asked of a student's object")
        return _ask(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "set", name, value)

    def __delattr__(self, name: str) -> None:
        _ask(self, "delete", name)

    def __getitem__(self, key: Any) -> Any:
        return _ask(self, "item", key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _ask(self, "set_item", key, value)

    def __delitem__(self, key: Any) -> None:
        _ask(self, "delete_item", key)

    def __contains__(self, key: Any) -> bool:
        return _typed(self, bool, _ask(self, "contains", key))

    def __len__(self) -> int:
        return max(0, _typed(self, int, _ask(self, "length")))

    def __bool__(self) -> bool:
        return _typed(self, bool, _ask(self, "truth"))

    def __iter__(self) -> Iterator:
        iterator = _ask(self, "iterate")
        if not isinstance(iterator, Proxy):
            _malformed(self, "an iterator that is none")
        while item := _next(iterator):
            yield item[0]

    def __next__(self) -> Any:
        item = _next(self)
        if not item:
            raise StopIteration
        return item[0]

    def __repr__(self) -> str:
        try:
            return _typed(self, str, _ask(self, "text"))[:MAX_TEXT]
        except StudentError as error:
            return f"<{reference_of(self).type_name} whose repr failed: {type(error).__name__}>"

    def __copy__(self) -> Any:
        return _ask(self, "copy", False)

    def __deepcopy__(self, memo: dict) -> Any:
        return self if reference_of(self).name is not None else _ask(self, "copy", True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Proxy):
            return False
        mine, others = reference_of(self), reference_of(other)
        return (mine.process, mine.number, mine.name) == (others.process, others.number, others.name)

    def __hash__(self) -> int:
        reference = reference_of(self)
        return hash((id(reference.process), reference.number, reference.name))

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            f"expected an array or a number; the student's code gave a {reference_of(self).type_name}"
        )

    def __float__(self) -> float:
        raise TypeError(f"expected a number; the student's code gave a {reference_of(self).type_name}")


class Container(Proxy):
    """A list, dict or set inside a student's object: assigning into it reaches the student; it compares by value."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return _value(self) == (_value(other) if isinstance(other, Container) else other)

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        return np.asarray(_value(self), dtype=dtype)


class _Nowhere:
    """In the place of a session, for a name that stands for nothing: any question fails the same way."""

    def __init__(self, error: StudentError):
        self._error = error

    def ask(self, *_: Any) -> Any:
        raise self._error

    seconds = 0.0
    call = map = violation = ask


def missing(name: str, error: StudentError | None = None) -> Proxy:
    """What stands for a name the submission does not define, or could not give: any use raises `error`."""
    if error is None:
        message = f"name {name!r} is not defined: no cell of this notebook defines it"
        error = errors.raised("NameError", "NameError", message, "")
    return Proxy(Reference(_Nowhere(error), name=name, type_name="missing name"))


def reference_of(proxy: Proxy) -> Reference:
    return object.__getattribute__(proxy, "__autograder_reference__")


def _ask(proxy: Proxy, operation: str, *details: Any) -> Any:
    reference = reference_of(proxy)
    return reference.session.ask(reference, operation, proxy, *details)


def _value(proxy: Proxy) -> Any:
    return _ask(proxy, "value")


def _next(proxy: Proxy) -> list:
    """The next item of a student's iterator as a list of one; empty at its end."""
    item = _ask(proxy, "next")
    return item if type(item) is list and len(item) <= 1 else _malformed(proxy, "an item that is none")


def _malformed(proxy: Proxy, why: str) -> Any:
    reference = reference_of(proxy)
    return reference.session.violation(reference, why)


def _typed(proxy: Proxy, kind: type, value: Any) -> Any:
    return value if type(value) is kind else _malformed(proxy, f"no {kind.__name__}")
