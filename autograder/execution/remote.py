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
    """Where a proxy points: a name, an object of one snapshot by number, or such an object's method.

    Attributes
    ----------
    methods : frozenset of str
        Attributes known to be methods: nobody needs to ask for them before they are called.
    origin : tuple or None
        Of an object that a check made by calling a name of the student's: that name's proxy, the arguments and the keywords.
    """

    __slots__ = (
        "_content",
        "_parts",
        "_stamp",
        "container",
        "method",
        "methods",
        "name",
        "number",
        "origin",
        "owner",
        "process",
        "session",
        "type_name",
    )

    def __init__(self, session, process=None, number=None, name=None, type_name="", container=""):
        self.session, self.process, self.number = session, process, number
        self.name, self.type_name, self.container = name, type_name, container
        self.methods: frozenset[str] = frozenset()
        self.method, self.owner = "", None
        self.origin: tuple | None = None
        self._content: dict | None = None
        self._stamp = (-1, -1)
        self._parts: dict[str, tuple[int, Container]] = {}
        if process is not None and number is not None:
            process.held[number] += 1

    def __del__(self):
        if self.process is not None and self.number is not None:
            self.process.released.append(self.number)

    def method_named(self, name: str) -> Reference:
        """The object's method, which keeps the object alive."""
        bound = Reference(self.session, self.process, self.number, None, "method")
        bound.method, bound.owner = name, self
        return bound

    def address(self) -> bytes:
        """How the student process is told which object is meant."""
        return f"{self.number}.{self.method}".encode() if self.method else b"%d" % self.number

    def identity(self) -> tuple:
        """Equal for references to the same thing."""
        return self.process, self.number, self.name, self.method

    # What is known without asking, until something may have changed over there.

    def keep(self, content: dict | None) -> None:
        """Remember what this container holds at this moment."""
        self._content, self._stamp = content, self._now()

    def content(self) -> dict | None:
        """What this container holds; None if that must be asked."""
        return self._content if self._stamp == self._now() else None

    def _now(self) -> tuple[int, int]:
        return (0, 0) if self.process is None else (self.process.moves, self.process.writes)

    def keep_part(self, name: str, part: Any) -> None:
        """Remember a container that is this object's attribute."""
        if self.process is not None and isinstance(part, Container):
            self._parts[name] = self.process.moves, part

    def part(self, name: str) -> Container | None:
        """The container that is this object's attribute; None if it must be asked for."""
        stamp, part = self._parts.get(name, (-1, None))
        return part if self.process is not None and stamp == self.process.moves else None


class Proxy:
    """Something of the student's that stays in the student process."""

    __slots__ = ("__autograder_reference__", "__weakref__")

    def __init__(self, reference: Reference):
        object.__setattr__(self, "__autograder_reference__", reference)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        reference = reference_of(self)
        result = reference.session.call(reference, args, kwargs)
        if reference.name is not None and type(result) is Proxy:
            reference_of(result).origin = self, args, kwargs
        return result

    def __autograder_origin__(self) -> tuple | None:
        """What this object was made by: the name that was called, the arguments and the keywords; None if that is unknown."""
        return reference_of(self).origin

    def __autograder_name__(self) -> str | None:
        """The name of a solution cell that this stands for; None for an object."""
        reference = reference_of(self)
        return reference.name if reference.number is None else None

    def __autograder_seconds__(self) -> float:
        """How long the last call took in the student process, without the journey; the student's word."""
        return reference_of(self).session.seconds

    def __autograder_map__(self, argument_lists: Sequence[tuple], select: Any = None) -> list:
        """Call on each tuple of arguments in one exchange; keep only ``result[select]`` of each if given."""
        reference = reference_of(self)
        return reference.session.map(
            "map", reference, [tuple(arguments) for arguments in argument_lists], select
        )

    def __autograder_programs__(
        self, programs: Sequence[Sequence[tuple]], patience: float | None = None
    ) -> list:
        """Run each program in the student process, all in one exchange; see `autograder.programs.run_programs`."""
        reference = reference_of(self)
        return reference.session.map(
            "programs", reference, [list(map(list, program)) for program in programs], patience
        )

    def __getattr__(self, name: str) -> Any:
        special = name.startswith("__") and name.endswith("__") and name not in READABLE
        if special or name.startswith(("_repr_", "_ipython_")):
            raise AttributeError(f"{name} is not asked of a student's object")
        reference = reference_of(self)
        if name in reference.methods:
            return Proxy(reference.method_named(name))
        part = reference.part(name)
        if part is None:
            part = _ask(self, "get", name)
            reference.keep_part(name, part)
        return part

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
        return reference_of(self).identity() == reference_of(other).identity()

    def __hash__(self) -> int:
        return hash(reference_of(self).identity())

    def __array__(self, dtype=None, copy=None):
        raise _no_number(self, "an array or a number")

    def __float__(self) -> float:
        raise _no_number(self, "a number")


class Container(Proxy):
    """A list, dict or set inside a student's object: assigning into it reaches the student; it compares by value."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        content = reference_of(self).content()
        if content is not None and type(key) in (str, int) and key in content:
            return _own(content[key])
        return _ask(self, "item", key, looks=True)

    def __setitem__(self, key: Any, value: Any) -> None:
        reference = reference_of(self)
        self._note_write()
        cannot_fail = reference.container == "dict" and type(key) in (str, int)
        if not (cannot_fail and reference.session.write(reference, self, key, value)):
            _ask(self, "set_item", key, value, looks=True)

    def __delitem__(self, key: Any) -> None:
        self._note_write()
        _ask(self, "delete_item", key, looks=True)

    def _note_write(self) -> None:
        """Changing a container runs no code of the student's; what is known of containers is out of date all the same."""
        process = reference_of(self).process
        if process is not None:
            process.writes += 1

    def __contains__(self, key: Any) -> bool:
        reference = reference_of(self)
        content = reference.content()
        if content is not None and reference.container == "dict" and type(key) in (str, int):
            return key in content
        return _typed(self, bool, _ask(self, "contains", key, looks=True))

    def __len__(self) -> int:
        content = reference_of(self).content()
        if content is not None:
            return len(content)
        return max(0, _typed(self, int, _ask(self, "length", looks=True)))

    def __iter__(self) -> Iterator:
        reference = reference_of(self)
        content = reference.content()
        if content is None:
            return super().__iter__()
        return iter([*(content if reference.container == "dict" else map(_own, content.values()))])

    def __eq__(self, other: object) -> bool:
        return _value(self) == (_value(other) if isinstance(other, Container) else other)

    __hash__ = None

    def __array__(self, dtype=None, copy=None):
        return np.asarray(_value(self), dtype=dtype)


class NamedTuple(tuple):
    """A student's named tuple: its entries by value, and itself where it is handed back."""

    def __new__(cls, entries: Sequence, reference: Reference):
        made = super().__new__(cls, entries)
        made.__autograder_reference__ = reference
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(Proxy(reference_of(self)), name)

    def __deepcopy__(self, memo: dict) -> NamedTuple:
        return self  # the student's own object would not be copied by it

    def __copy__(self) -> NamedTuple:
        return self


class _Nowhere:
    """In the place of a session, for a name that stands for nothing: any question fails the same way."""

    def __init__(self, error: StudentError):
        self._error = error

    def ask(self, *_: Any, **__: Any) -> Any:
        raise self._error

    seconds = 0.0
    call = map = violation = write = ask


def missing(name: str, error: StudentError | None = None) -> Proxy:
    """What stands for a name the submission does not define, or could not give: any use raises `error`."""
    if error is None:
        message = f"name {name!r} is not defined: no cell of this notebook defines it"
        error = errors.raised("NameError", "NameError", message, "")
    return Proxy(Reference(_Nowhere(error), name=name, type_name="missing name"))


def _no_number(proxy: Proxy, expected: str) -> StudentError:
    """The error of an answer that holds no numbers: the student's, not ours."""
    told = f"expected {expected}; the student's code gave a {reference_of(proxy).type_name}"
    return errors.raised("TypeError", "TypeError", told, "")


def reference_of(proxy: Proxy) -> Reference:
    return object.__getattribute__(proxy, "__autograder_reference__")


def _ask(proxy: Proxy, operation: str, *details: Any, looks: bool = False) -> Any:
    reference = reference_of(proxy)
    return reference.session.ask(reference, operation, proxy, *details, looks=looks)


def _own(item: Any) -> Any:
    """An item of what is known, as though it had just arrived."""
    return item.copy() if isinstance(item, np.ndarray) else item


def _value(proxy: Proxy) -> Any:
    return _ask(proxy, "value", looks=True)


def _next(proxy: Proxy) -> list:
    """The next item of a student's iterator as a list of one; empty at its end."""
    item = _ask(proxy, "next")
    return item if type(item) is list and len(item) <= 1 else _malformed(proxy, "an item that is none")


def _malformed(proxy: Proxy, why: str) -> Any:
    reference = reference_of(proxy)
    return reference.session.violation(reference, why)


def _typed(proxy: Proxy, kind: type, value: Any) -> Any:
    return value if type(value) is kind else _malformed(proxy, f"no {kind.__name__}")
