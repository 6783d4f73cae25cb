"""The names of a solution cell, as a check cell sees them: proxies to what lives in the student process.

Calls send their arguments by value and bring the result back; arguments the function changed are changed here too.
What does not travel stays behind a proxy with attributes, items, calls, iteration and assignment. Answers are
plain values whatever the student process sends (see `wire`), and printed text goes to the check cell's own output.

Knows one check cell at a time. Knows nothing of grades.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.execution import errors
from autograder.execution.errors import ProtocolViolation, StudentCrashed, StudentError, StudentTimedOut
from autograder.execution.process import StudentProcess
from autograder.execution.wire import FUNCTION, NAME, OBJECT, Decoder, Encoder, NotPlain, WireError

CONTAINERS = {"list": list, "dict": dict, "set": set}
READABLE = ("__name__", "__doc__", "__qualname__")  # the only special attributes asked of a student's object
NESTED_CALLS = 20


class Reference:
    """Where a proxy points: a name, or an object of one snapshot by number."""

    __slots__ = ("container", "name", "number", "process", "session", "type_name")

    def __init__(self, session, process=None, number=None, name=None, type_name="", container=""):
        self.session, self.process, self.number = session, process, number
        self.name, self.type_name, self.container = name, type_name, container

    def __del__(self):
        if self.process is not None and self.number is not None:
            self.process.released.append(self.number)


class Session:
    """The conversation of one check cell with snapshots of the student process.

    Parameters
    ----------
    open_snapshot
        gives a fresh `StudentProcess`; called at the first question, and again after a snapshot was lost
    seconds
        for the whole cell; one call may take a third of it
    """

    def __init__(self, open_snapshot: Callable[[], StudentProcess], seconds: float):
        self._open = open_snapshot
        self._process: StudentProcess | None = None
        self._call_seconds = seconds / 3
        self.deadline = time.monotonic() + seconds
        self._functions: dict[int, Callable] = {}
        self._numbers: dict[int, int] = {}
        self._nested = 0
        self._call_deadline: float | None = None
        self.failures: list[StudentError] = []  # time-outs, crashes and violations met

    def close(self) -> None:
        if self._process is not None:
            self._process.end("its check cell had ended")

    def bind(self, names: Sequence[str]) -> dict[str, Any]:
        """The value of each name: by value where it is plain, a proxy otherwise, one that says so where there is none."""
        try:
            found = self.ask(None, "names", list(names))
        except StudentError as error:
            return {name: missing(name, error) for name in names}
        bound: dict[str, Any] = {}
        for name in names:
            bound[name] = missing(name)
            if type(found) is dict and type(found.get(name)) is bytes:
                try:
                    bound[name] = Decoder(self._resolver(self._process)).unpack(found[name])
                except WireError as error:
                    bound[name] = missing(name, ProtocolViolation(str(error)))
        return bound

    def ask(self, reference: Reference | None, operation: str, *details: Any) -> Any:
        """Put one question about `reference` and return the answer.

        Raises
        ------
        StudentError
            whatever the student's code did instead of answering
        """
        process = self._target(reference)
        opened, answer = self._exchange(process, operation, details, Encoder(self._refer(process)), reference)
        return self._open_answer(process, opened, answer)[0]

    def call(self, reference: Reference, args: tuple, kwargs: dict) -> Any:
        """Call the student's function; changes it made to its arguments are made to ours."""
        process = self._target(reference)
        encoder = Encoder(self._refer(process))
        values = [*args, *kwargs.values()]
        blobs = [encoder.pack(value) for value in values]
        opened, answer = self._exchange(process, "call", (blobs, list(kwargs)), encoder, reference)
        result, changed = self._open_answer(process, opened, answer)
        for position, blob in changed.items():
            if type(position) is not int or not 0 <= position < len(values):
                self._violation(process, "a change to an argument that was not given")
            write_back(values[position], self._decode(process, Decoder(self._resolver(process)), blob))
        return result

    def map(self, reference: Reference, argument_lists: Sequence[tuple], select: Any) -> list:
        """Call the student's function on each tuple of arguments, in one exchange."""
        process = self._target(reference)
        encoder = Encoder(self._refer(process))
        details = (encoder.pack([tuple(arguments) for arguments in argument_lists]), encoder.pack(select))
        opened, answer = self._exchange(process, "map", details, encoder, reference)
        results = self._open_answer(process, opened, answer)[0]
        if type(results) is not list or len(results) != len(argument_lists):
            self._violation(process, "a batch with the wrong number of results")
        return results

    def pack(self, reference: Reference, value: Any) -> bytes:
        return Encoder(self._refer(self._target(reference))).pack(value)

    def unpack(self, reference: Reference, blob: bytes) -> Any:
        process = self._target(reference)
        return self._decode(process, Decoder(self._resolver(process)), blob)

    def violation(self, reference: Reference, why: str) -> Any:
        return self._violation(self._target(reference), why)

    # The way there and back.

    def _target(self, reference: Reference | None) -> StudentProcess:
        if reference is not None and reference.process is not None:
            if reference.process.ended is not None:
                raise StudentCrashed(
                    f"the object is lost: the process it lived in is gone ({reference.process.ended})"
                )
            return reference.process
        if self._process is None or self._process.ended is not None:
            self._check_time()
            self._process = self._open()
        return self._process

    def _check_time(self) -> float:
        now = time.monotonic()
        if now >= self.deadline:
            raise StudentTimedOut("the time for this cell's checks is used up")
        return min(self.deadline, now + self._call_seconds)

    def _exchange(self, process, operation, details, encoder, reference):
        if reference is not None:
            details = (encoder.pack(Proxy(reference)), *details)
        outermost = self._call_deadline is None
        if outermost:
            self._call_deadline = self._check_time()
        resolver = self._resolver(process)
        try:
            return process.ask(
                operation,
                *details,
                deadline=self._call_deadline,
                decoder=lambda: Decoder(resolver),
                callback=lambda opened, *content: self._call_back(process, opened, *content),
            )
        except StudentError as error:
            self.failures.append(error)
            raise
        finally:
            if outermost:
                self._call_deadline = None

    def _open_answer(self, process: StudentProcess, opened: Decoder, answer: list) -> tuple[Any, dict]:
        match answer:
            case ["ok", bytes(blob), dict(changed), str(text)]:
                sys.stdout.write(text)
                return self._decode(process, opened, blob), changed
            case ["raised", str(type_name), str(builtin), str(message), str(traceback_text), str(text)]:
                sys.stdout.write(text)
                raise errors.raised(type_name, builtin, message, traceback_text)
        return self._violation(process, "an answer of no known form")

    def _decode(self, process: StudentProcess, decoder: Decoder, blob: Any) -> Any:
        try:
            return decoder.unpack(blob)
        except WireError as error:
            return self._violation(process, str(error))

    def _violation(self, process: StudentProcess, why: str) -> Any:
        process.end("it sent something that is not an answer")
        error = ProtocolViolation(f"the student process sent something that is not an answer: {why}")
        self.failures.append(error)
        raise error

    def _call_back(self, process: StudentProcess, opened: Decoder, *content: Any) -> bytes:
        """Call a function of the checker's own for the student's code; return the message that answers it."""
        match content:
            case [int(number), list(blobs), list(keywords)] if number in self._functions:
                values = [opened.unpack(blob) for blob in blobs]
            case _:
                raise WireError("a call of a function that was not handed over")
        if len(keywords) > len(values) or not all(type(word) is str for word in keywords):
            raise WireError("malformed keywords")
        positional = len(values) - len(keywords)
        encoder = Encoder(self._refer(process))
        self._nested += 1
        try:
            if self._nested > NESTED_CALLS:
                raise RecursionError("calls between the check and the student's code are nested too deep")
            named = dict(zip(keywords, values[positional:], strict=True))
            result = self._functions[number](*values[:positional], **named)
            return encoder.pack([0, "returned", encoder.pack(result)])
        except StudentError as error:
            if process.ended is not None:
                raise
            return encoder.pack(_failed(error))
        except Exception as error:
            return encoder.pack(_failed(error))
        finally:
            self._nested -= 1

    # References.

    def _refer(self, process: StudentProcess) -> Callable[[Any], tuple[int, Any]]:
        def refer(value: Any) -> tuple[int, Any]:
            if isinstance(value, Proxy):
                reference = reference_of(value)
                if reference.name is not None:
                    return NAME, reference.name
                if reference.process is not process:
                    raise StudentCrashed(
                        "the object is lost: it lived in an earlier snapshot of the student process"
                    )
                return OBJECT, reference.number
            if callable(value):
                number = self._numbers.setdefault(id(value), len(self._functions) + 1)
                self._functions[number] = value  # for the whole cell: the student's object may keep it
                return FUNCTION, [number, getattr(value, "__name__", type(value).__name__)]
            raise NotPlain(
                f"a value of type {type(value).__name__} cannot be handed to the student's code: "
                "pass arrays, numbers, text, tuples, lists, dicts, functions or the student's own objects"
            )

        return refer

    def _resolver(self, process: StudentProcess | None) -> Callable[[int, Any], Any]:
        def resolve(code: int, payload: Any) -> Any:
            match code, payload:
                case (int(), [int(number), str(type_name), str(container)]) if code == OBJECT:
                    if container and container not in CONTAINERS:
                        raise WireError("a container of no known kind")
                    kind = Container if container else Proxy
                    return kind(Reference(self, process, number, None, type_name, container))
                case (int(), [str(name), str(type_name)]) if code == NAME:
                    return Proxy(Reference(self, name=name, type_name=type_name))
                case (int(), int(number)) if code == FUNCTION and number in self._functions:
                    return self._functions[number]
            raise WireError("a reference to nothing")

        return resolve


def _failed(error: Exception) -> list:
    builtin = next(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
    return [0, "failed", builtin, str(error)]


class Proxy:
    """Something of the student's that stays in the student process."""

    __slots__ = ("__autograder_reference__", "__weakref__")

    def __init__(self, reference: Reference):
        object.__setattr__(self, "__autograder_reference__", reference)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        reference = reference_of(self)
        return reference.session.call(reference, args, kwargs)

    def __autograder_map__(self, argument_lists: Sequence[tuple], select: Any = None) -> list:
        """Call on each tuple of arguments in one exchange; keep only ``result[select]`` of each if given."""
        reference = reference_of(self)
        return reference.session.map(reference, argument_lists, select)

    def __getattr__(self, name: str) -> Any:
        special = name.startswith("__") and name.endswith("__") and name not in READABLE
        if special or name.startswith(("_repr_", "_ipython_")):
            raise AttributeError(f"{name} is not asked of a student's object")
        return _ask(self, "get", name)

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "set", name, _pack(self, value))

    def __delattr__(self, name: str) -> None:
        _ask(self, "delete", name)

    def __getitem__(self, key: Any) -> Any:
        return _ask(self, "item", _pack(self, key))

    def __setitem__(self, key: Any, value: Any) -> None:
        _ask(self, "set_item", _pack(self, key), _pack(self, value))

    def __delitem__(self, key: Any) -> None:
        _ask(self, "delete_item", _pack(self, key))

    def __contains__(self, key: Any) -> bool:
        return _typed(self, bool, _ask(self, "contains", _pack(self, key)))

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
            return _typed(self, str, _ask(self, "text"))
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

    call = map = pack = ask


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
    return reference.session.ask(reference, operation, *details)


def _pack(proxy: Proxy, value: Any) -> bytes:
    reference = reference_of(proxy)
    return reference.session.pack(reference, value)


def _value(proxy: Proxy) -> Any:
    return _ask(proxy, "value")


def _next(proxy: Proxy) -> list:
    """The next item of a student's iterator as a list of one; empty at its end."""
    match _ask(proxy, "next"):
        case []:
            return []
        case [bytes(blob)]:
            reference = reference_of(proxy)
            return [reference.session.unpack(reference, blob)]
    return _malformed(proxy, "an item that is none")


def _malformed(proxy: Proxy, why: str) -> Any:
    reference = reference_of(proxy)
    return reference.session.violation(reference, why)


def _typed(proxy: Proxy, kind: type, value: Any) -> Any:
    return value if type(value) is kind else _malformed(proxy, f"no {kind.__name__}")


def write_back(original: Any, after: Any) -> None:
    """Make `original` equal to `after`, in place, where a function could have changed it in place."""
    match original, after:
        case np.ndarray(), np.ndarray():
            _write_array(original, after)
        case list(), list():
            merged = [_merge(*both) for both in zip(original, after, strict=False)]
            original[:] = merged + after[len(merged) :]
        case dict(), dict():
            merged = {
                key: _merge(original[key], value) if key in original else value
                for key, value in after.items()
            }
            original.clear()
            original.update(merged)
        case set(), set():
            original.clear()
            original.update(after)
        case tuple(), tuple():
            for mine, theirs in zip(original, after, strict=False):
                write_back(mine, theirs)
        case np.random.Generator(), np.random.Generator():
            original.bit_generator.state = after.bit_generator.state


def _write_array(original: np.ndarray, after: np.ndarray) -> None:
    if after.dtype != original.dtype or after.size != original.size or not original.flags.writeable:
        return  # no function can do that to its caller's array
    if after.shape != original.shape:
        original.shape = after.shape
    original[...] = after


def _merge(mine: Any, theirs: Any) -> Any:
    """The changed item; the same object where it was changed in place."""
    changeable = (np.ndarray, list, dict, set, np.random.Generator)
    if type(mine) is not type(theirs) or not isinstance(mine, changeable):
        return theirs
    if isinstance(mine, np.ndarray) and (mine.shape != theirs.shape or mine.dtype != theirs.dtype):
        return theirs
    write_back(mine, theirs)
    return mine


def names_used(source: str, names: Mapping[str, Sequence[str]] | Sequence[str]) -> list[str]:
    """Those of `names` that occur in `source`, whatever order they are given in."""
    import ast

    known = (
        set(names) if not isinstance(names, Mapping) else {name for group in names.values() for name in group}
    )
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return sorted(known)
    return sorted(known & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
