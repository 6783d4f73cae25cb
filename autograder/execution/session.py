"""The conversation of the check cells with the student process, through a copy of it.

A call has a deadline, and all calls of a cell share one; a copy that crashed or never answered is replaced at the next
question. Every answer is hostile until it has proved to be an answer.

Knows questions, answers and time. Knows nothing of grades.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from autograder.execution import errors
from autograder.execution.changes import write_back
from autograder.execution.errors import StudentCrashed, StudentError, StudentTimedOut
from autograder.execution.glimpse import read_content, read_methods
from autograder.execution.messages import NAMED_TUPLE, OK, RAISED
from autograder.execution.process import StudentProcess
from autograder.execution.remote import (
    CONTAINERS,
    Container,
    NamedTuple,
    Proxy,
    Reference,
    missing,
    reference_of,
)
from autograder.execution.wire import FUNCTION, NAME, OBJECT, Decoder, Encoder, NotPlain, WireError

NESTED_CALLS = 20
MOST_ENTRIES = 2**22  # bytes of all named tuples in an answer
MAX_TEXT = 20_000  # characters of what a call printed, and of an error's message and lines


class Session:
    """The questions of a submission's check cells.

    Parameters
    ----------
    copy
        gives a `StudentProcess` to put questions to: the same one while it lives and the student process has not moved
        on without it
    """

    def __init__(self, copy: Callable[[], StudentProcess]):
        self._copy = copy
        self.process: StudentProcess | None = None
        self.failures: list[StudentError] = []  # time-outs, crashes and violations met in this cell
        self.seconds = 0.0  # that the last answer took over there, as the student process says
        self._functions: dict[int, Callable] = {}
        self._numbers: dict[int, int] = {}
        self._nested = 0
        self._call_deadline: float | None = None
        self.begin(0.0)

    def begin(self, seconds: float) -> None:
        """Begin a check cell, which has that many seconds; one call may take a third of them.

        After a call that took them all, a tenth: the others of an endless loop need not be waited for so long.
        """
        self._call_seconds = seconds / 3
        self._seconds_after_late = seconds / 10
        self._deadline = time.monotonic() + seconds
        self.failures = []

    def bind(self, names: Sequence[str]) -> dict[str, Any]:
        """The value of each name: by value where it is plain, a proxy otherwise, one that says so where there is none."""
        try:
            found = self.ask(None, "names", list(names))
            if type(found) is not dict:
                found = self.violation(None, "names that are none")
        except StudentError as error:
            return {name: missing(name, error) for name in names}
        return {name: found[name] if name in found else missing(name) for name in names}

    def ask(self, reference: Reference | None, operation: str, *details: Any, looks: bool = False) -> Any:
        """Put one question about `reference` and return the answer; `looks` as in `StudentProcess.ask`.

        Raises
        ------
        StudentError
            whatever the student's code did instead of answering
        """
        return self._ask(self.target(reference), operation, details, looks)[0]

    def call(self, reference: Reference, args: tuple, kwargs: dict) -> Any:
        """Call the student's function; changes it made to its arguments are made to ours."""
        process = self.target(reference)
        values = [*args, *kwargs.values()]
        result, changed = self._ask(process, "call", (Proxy(reference), values, list(kwargs)))
        for position, after in changed.items():
            if type(position) is not int or not 0 <= position < len(values):
                raise self._note(process.violation("a change to an argument that was not given"))
            write_back(values[position], after)
        return result

    def write(self, reference: Reference, container: Any, key: Any, value: Any) -> bool:
        """Have ``container[key] = value`` made before the next question; False if that must be asked for at once."""
        process = self.target(reference)
        try:
            assignment = Encoder(_Codec(self, process).refer).pack([container, key, value])
        except WireError:  # too large, which is told where it is asked for
            return False
        return process.write_later(assignment)

    def map(self, operation: str, reference: Reference, batch: Sequence, how: Any) -> list:
        """Have a batch of calls made in one exchange; one result each. `how` goes with them."""
        process = self.target(reference)
        results = self._ask(process, operation, (Proxy(reference), list(batch), how))[0]
        if type(results) is not list or len(results) != len(batch):
            raise self._note(process.violation("a batch with the wrong number of results"))
        return results

    def violation(self, reference: Reference | None, why: str) -> Any:
        """Treat the answer to the last question about `reference` as an attack.

        Raises
        ------
        ProtocolViolation
        """
        raise self._note(self.target(reference).violation(why))

    def target(self, reference: Reference | None) -> StudentProcess:
        """The process that a question about `reference` goes to."""
        if reference is not None and reference.process is not None:
            if reference.process.ended is not None:
                raise StudentCrashed(
                    f"the object is lost: the process it lived in is gone ({reference.process.ended})"
                )
            return reference.process
        self._until()
        self.process = self._copy()
        return self.process

    def _until(self) -> float:
        now = time.monotonic()
        if now >= self._deadline:
            raise StudentTimedOut("the time for this cell's checks is used up")
        return min(self._deadline, now + self._call_seconds)

    def _ask(
        self, process: StudentProcess, operation: str, details: tuple, looks: bool = False
    ) -> tuple[Any, dict]:
        """The result, and the arguments that were changed, by position."""
        outermost = self._call_deadline is None
        if outermost:
            self._call_deadline = self._until()
        codec = _Codec(self, process)
        try:
            status, answer = process.ask(
                operation,
                *details,
                deadline=self._call_deadline,
                refer=codec.refer,
                resolve=codec.resolve,
                callback=self._call_back,
                looks=looks,
            )
        except StudentError as error:
            raise self._note(error) from None
        finally:
            if outermost:
                self._call_deadline = None
        match status, answer:
            case (code, [result, dict(changed), str(text), float(seconds)]) if code == OK:
                self.seconds = seconds
                if text:
                    sys.stdout.write(text[:MAX_TEXT])
                return result, changed
            case (code, [str(name), str(builtin), str(message), str(lines), str(text)]) if code == RAISED:
                if text:
                    sys.stdout.write(text[:MAX_TEXT])
                raise errors.raised(name[:100], builtin, message[:MAX_TEXT], lines[-MAX_TEXT:])
        raise self._note(process.violation("an answer of no known form"))

    def _note(self, error: StudentError) -> StudentError:
        if error not in self.failures:
            self.failures.append(error)
        if isinstance(error, StudentTimedOut):
            self._call_seconds = self._seconds_after_late
        return error

    def _call_back(self, content: Any) -> tuple[str, Any]:
        """Call a function of the checker's own for the student's code; return what to answer."""
        match content:
            case [int(number), list(values), list(keywords)] if number in self._functions:
                positional = len(values) - len(keywords)
            case _:
                raise WireError("a call of a function that was not handed over")
        if positional < 0 or not all(type(word) is str for word in keywords):
            raise WireError("malformed keywords")
        process = self.process
        self._nested += 1
        try:
            if self._nested > NESTED_CALLS:
                raise RecursionError("calls between the check and the student's code are nested too deep")
            named = dict(zip(keywords, values[positional:], strict=True))
            result = self._functions[number](*values[:positional], **named)
            same = next((i for i, value in enumerate(values) if value is result), None)
            # What a function returns of what it was handed stays the same object over there.
            return ("returned", result) if same is None else ("same", [same, result])
        except Exception as error:
            if isinstance(error, StudentError) and (process is None or process.ended is not None):
                raise
            return "failed", _without_names(error, self._functions[number])
        finally:
            self._nested -= 1

    def hand_over(self, function: Callable) -> int:
        """The number by which the student's code may call `function`, from now on: it may keep it."""
        number = self._numbers.setdefault(id(function), len(self._functions) + 1)
        self._functions[number] = function
        return number

    def handed_over(self, number: int) -> Callable | None:
        return self._functions.get(number)


# Errors whose message speaks of values and shapes, which the student's code knows, rather than of the check's names.
_TELLING = (TypeError, ValueError, IndexError, ArithmeticError)


def _without_names(error: Exception, function: Callable) -> list[str]:
    """Type and message of an error in a function of the check, which may be a hidden one."""
    builtin = next(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
    if type(error) not in _TELLING:
        return [builtin, "the function that was handed over raised it"]
    text = str(error)[:300]
    for name in (getattr(function, "__qualname__", ""), getattr(function, "__name__", "")):
        text = text.replace(name, "f") if name else text
    return [builtin, text]


class _Codec:
    """What references mean between one session and one process."""

    __slots__ = ("_process", "_room", "_session")

    def __init__(self, session: Session, process: StudentProcess):
        self._session, self._process = session, process
        self._room = MOST_ENTRIES

    def refer(self, value: Any) -> tuple[int, bytes]:
        if isinstance(value, Proxy | NamedTuple):
            reference = reference_of(value)
            if reference.name is not None:
                return NAME, reference.name.encode()
            if reference.process is not self._process:
                raise StudentCrashed("the object is lost: it lived in an earlier copy of the student process")
            return OBJECT, reference.address()
        if callable(value):
            return FUNCTION, b"%d" % self._session.hand_over(value)
        raise NotPlain(
            f"a value of type {type(value).__name__} cannot be handed to the student's code: "
            "pass arrays, numbers, text, tuples, lists, dicts, functions or the student's own objects"
        )

    def resolve(self, code: int, payload: bytes) -> Any:
        match code, Decoder().unpack(payload):
            case (
                code,
                [int(number), str(type_name), str(container), list(methods), list(content)],
            ) if code == OBJECT:
                if container == NAMED_TUPLE:
                    return self._named_tuple(Reference(self._session, self._process, number), content)
                if container and container not in CONTAINERS:
                    raise WireError("a container of no known kind")
                reference = Reference(self._session, self._process, number, None, type_name, container)
                reference.methods = read_methods(methods)
                reference.keep(read_content(content, container))
                return (Container if container else Proxy)(reference)
            case (code, [str(name), str(type_name)]) if code == NAME:
                return Proxy(Reference(self._session, name=name, type_name=type_name))
            case (code, int(number)) if code == FUNCTION:
                function = self._session.handed_over(number)
                if function is not None:
                    return function
        raise WireError("a reference to nothing")

    def _named_tuple(self, reference: Reference, content: list) -> NamedTuple | Proxy:
        match content:
            case [bytes(packed)]:
                self._room -= len(packed)
                if self._room < 0:  # a byte can be sixty in memory
                    return Proxy(reference)
                entries = Decoder(self.resolve).unpack(packed)
                if type(entries) is list:
                    return NamedTuple(entries, reference)
        raise WireError("a named tuple without entries")
