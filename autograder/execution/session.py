"""The conversation of one check cell with the student process, through snapshots of it.

A call has a deadline, and all calls of a cell share one; a snapshot that crashed or never answered is replaced at the next
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
from autograder.execution.errors import ProtocolViolation, StudentCrashed, StudentError, StudentTimedOut
from autograder.execution.process import StudentProcess
from autograder.execution.remote import CONTAINERS, Container, Proxy, Reference, missing, reference_of
from autograder.execution.wire import FUNCTION, NAME, OBJECT, Decoder, Encoder, NotPlain, WireError

NESTED_CALLS = 20


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
