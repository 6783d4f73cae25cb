"""The student process: runs the student's cells and serves the checker's requests about what they defined.

Everything here shares a process with the student's code and is therefore trusted by no one: the checker process
believes nothing this module sends beyond plain values. No check, score or hidden test ever enters this process.
"""

from __future__ import annotations

import builtins
import copy
import json
import os
import signal
import socket
import sys
import tempfile
import time
import warnings
from typing import Any

import numpy as np

from autograder.execution.cells import Outputs, Shell
from autograder.execution.changes import fingerprint, write_back
from autograder.execution.channel import Channel, Closed
from autograder.execution.glimpse import content_of, methods_of
from autograder.execution.messages import (
    CALLBACK,
    DONE,
    HEADER,
    NAMED_TUPLE,
    OK,
    RAISED,
    READY,
    split_question,
)
from autograder.execution.steps import Limits
from autograder.execution.telling import MAX_TEXT, Printed, describe, message_of, nearest_builtin
from autograder.execution.wire import FUNCTION, NAME, OBJECT, Decoder, Encoder, WireError
from autograder.programs import run_all_here

_clock = time.perf_counter  # a student's code may put another one there
MOST_ENTRIES = 2**20  # bytes of a named tuple
HEADROOM = 2**26  # bytes that a cell must leave to those after it
CONTAINERS = (list, dict, set)  # kept by reference when they are part of a student's object


class RemoteFunction:
    """A function of the checker, as the student's code sees it: an ordinary callable."""

    __name__ = "f"

    def __init__(self, server: Server, number: int):
        self._server, self._number = server, number

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._server.call_back(self._number, args, kwargs)


class Server:
    """Answers one checker over one channel.

    Parameters
    ----------
    tie
        called with True while the process should die with its parent, with False when its parent may go
    """

    def __init__(self, channel: Channel, shell: Shell, limits: Limits, tie=lambda dies: None):
        self.channel, self.shell, self.limits, self._tie = channel, shell, limits, tie
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._last = 0
        self._serving = 0  # the number of the question being answered
        self._leaving_parent: int | None = None
        self._tied = False

    def serve(self) -> None:
        """Answer questions until the checker hangs up."""
        while True:
            try:
                message, fd = self.channel.receive_with_fd()
                if not self._tied and os.getppid() != self._leaving_parent:
                    self._tie(True)
                    self._tied = True
                self._answer(message, fd)
            except Closed:
                os._exit(0)
            except KeyboardInterrupt:  # an interrupt that came after its cell had ended
                continue

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Have the checker call its function; serve what it asks meanwhile."""
        serving = self._serving
        self._send(
            serving, CALLBACK, Encoder(self._refer).pack([number, [*args, *kwargs.values()], list(kwargs)])
        )
        while True:
            message, fd = self.channel.receive_with_fd()
            _, packed = split_question(message)
            operation, _, written, *details = Decoder(self._resolve).unpack(packed)
            if operation not in ("returned", "same", "failed"):
                self._answer(message, fd)
                continue
            self._make(written)
            self._serving = serving
            if operation == "returned":
                return details[0]
            if operation == "same":
                position, after = details[0]
                mine = [*args, *kwargs.values()][position]
                write_back(mine, after)
                return mine
            name, text = details[0]
            raise getattr(builtins, name, RuntimeError)(text)

    def _make(self, written: list[bytes]) -> None:
        """Make the assignments into dicts that came with a question."""
        for assignment in written:
            container, key, value = Decoder(self._resolve).unpack(assignment)
            container[key] = value

    def _send(self, number: int, status: int, packed: bytes) -> None:
        self.channel.send(HEADER.pack(number, status) + packed)

    def _answer(self, message: bytes, fd: int | None) -> None:
        number, packed = split_question(message)
        self._serving = number
        streams, printed = (sys.stdout, sys.stderr), Printed()
        sys.stdout, sys.stderr = printed, Printed()
        try:
            operation, released, written, *details = Decoder(self._resolve).unpack(packed)
            self._make(written)
            for old in released:
                self._numbers.pop(id(self._objects.pop(old, None)), None)
            if operation == "fork":
                sys.stdout, sys.stderr = streams
                self._fork(number, fd)
                return
            if operation == "run":
                sys.stdout, sys.stderr = streams
                self._run(number, *details)
                return
            self._seconds = 0.0
            encoder, result, changed = getattr(self, "_do_" + operation)(*details)
            told = [printed.text(), self._seconds]
            status, answer = OK, self._pack(encoder, result, changed, told)
        except BaseException as error:  # whatever the student's code raises is an answer
            status, answer = RAISED, Encoder().pack([*describe(error, self.shell), printed.text()])
        finally:
            sys.stdout, sys.stderr = streams
        self._send(number, status, answer)

    def _pack(self, encoder: Encoder, result: Any, changed: dict, told: list) -> bytes:
        try:
            return encoder.pack([result, changed, *told])
        except WireError:
            if isinstance(result, np.ndarray):
                raise
            encoder = Encoder(self._refer)  # for example a list that contains itself
            return encoder.pack([encoder.reference(result), changed, *told])

    def _fork(self, number: int, fd: int) -> None:
        if os.fork() == 0:
            self.channel.close()
            self.channel = Channel(socket.socket(fileno=fd))
            self._tie(True)
            self._tied = True
            self._send(number, READY, Encoder().pack(os.getpid()))
        else:
            os.close(fd)

    def _run(self, number: int, source: str, quietly: bool, defines: bool) -> None:
        """Run a cell as Jupyter does; one that only defines, or whose outputs nobody asks for, without IPython."""
        outputs = Outputs(self.limits.output_bytes, self.limits.output_count)
        error: BaseException | None = None
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if quietly or defines:
                error = self.shell.define(source)
            if not quietly and (error is not None or not defines):  # once more, for its traceback
                self.shell.execution_count -= defines  # as the same cell
                error = self.shell.run(source, outputs)[0]
        except BaseException as escaped:
            error = escaped
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if not quietly and not defines:
            np.empty(HEADROOM, np.uint8)  # a cell that left the others no memory is taken back
        kind = None if error is None else nearest_builtin(type(error))
        message = "" if error is None else f"{type(error).__name__}: {message_of(error)}"
        finished = [] if quietly else json.loads(json.dumps(outputs.finished(), default=_as_text))
        self._tie(False)  # on this answer the checker may end our parent, and we go on in its place
        self._tied, self._leaving_parent = False, os.getppid()
        self._send(number, DONE, Encoder().pack([finished, kind, message[:MAX_TEXT]]))

    # What the checker may ask. Each returns the encoder to use, the result and {position: changed argument}.

    def _do_names(self, names: list[str]):
        encoder, found = Encoder(self._refer_to_names(names)), {}
        for name in names:
            if name in self.shell.user_ns:
                value = found[name] = self.shell.user_ns[name]
                try:
                    Encoder(self._refer).pack(value)
                except WireError:
                    found[name] = encoder.reference(value)
        return encoder, found, {}

    def _do_call(self, function: Any, values: list, keywords: list[str]):
        before = [fingerprint(value) for value in values]
        positional = len(values) - len(keywords)
        named = dict(zip(keywords, values[positional:], strict=True))
        start = _clock()
        result = function(*values[:positional], **named)
        self._seconds = _clock() - start
        changed = {
            i: values[i] for i, was in enumerate(before) if was is not None and fingerprint(values[i]) != was
        }
        if changed:  # the result and the changed arguments are told apart even where they are one object
            changed = {
                i: copy.copy(value) if isinstance(value, np.ndarray) else value
                for i, value in changed.items()
            }
        return Encoder(self._refer), result, changed

    def _do_map(self, function: Any, argument_lists: list[tuple], select: Any):
        results = []
        for arguments in argument_lists:
            result = function(*arguments)
            results.append(result if select is None else result[select])
        return Encoder(self._refer), results, {}

    def _do_programs(self, _: Any, programs: list[list], patience: float | None):
        return Encoder(self._refer), run_all_here(programs, patience), {}

    def _do_get(self, target: Any, name: str):
        return self._part(getattr(target, name))

    def _do_set(self, target: Any, name: str, value: Any):
        setattr(target, name, value)
        return self._part(None)

    def _do_delete(self, target: Any, name: str):
        delattr(target, name)
        return self._part(None)

    def _do_item(self, target: Any, key: Any):
        return self._part(target[key])

    def _do_set_item(self, target: Any, key: Any, value: Any):
        target[key] = value
        return self._part(None)

    def _do_delete_item(self, target: Any, key: Any):
        del target[key]
        return self._part(None)

    def _do_contains(self, target: Any, key: Any):
        return self._part(key in target)

    def _do_length(self, target: Any):
        return self._part(len(target))

    def _do_truth(self, target: Any):
        return self._part(bool(target))

    def _do_iterate(self, target: Any):
        encoder = Encoder(self._refer)
        return encoder, encoder.reference(iter(target)), {}

    def _do_next(self, target: Any):
        try:
            encoder, value, _ = self._part(next(target))
        except StopIteration:
            return Encoder(), [], {}
        return encoder, [value], {}

    def _do_text(self, target: Any):
        return self._part(repr(target)[:MAX_TEXT])

    def _do_value(self, target: Any):
        return Encoder(self._refer), target, {}

    def _do_copy(self, target: Any, deep: bool):
        encoder = Encoder(self._refer)
        return encoder, encoder.reference(copy.deepcopy(target) if deep else copy.copy(target)), {}

    def _part(self, value: Any):
        """A part of a student's object: a container stays behind, so that assigning into it reaches the student."""
        encoder = Encoder(self._refer)
        return encoder, encoder.reference(value) if type(value) in CONTAINERS else value, {}

    # References: what stays in this process is known to the checker by number.

    def _refer(self, value: Any) -> tuple[int, bytes]:
        if type(value) is RemoteFunction:
            return FUNCTION, Encoder().pack(value._number)
        number = self._numbers.get(id(value))
        if number is None:
            self._last += 1
            number = self._last
            self._objects[number] = value
            self._numbers[id(value)] = number
        name = type(value).__name__[:100]
        if type(value) in CONTAINERS:
            told = [number, name, name, [], content_of(value)]
        elif isinstance(value, tuple) and (entries := self._entries(value)) is not None:
            told = [number, name, NAMED_TUPLE, [], [entries]]
        else:
            told = [number, name, "", methods_of(value), []]
        return OBJECT, Encoder().pack(told)

    def _entries(self, value: tuple) -> bytes | None:
        """What a named tuple holds; None if that is too much to be told each time."""
        try:
            entries = Encoder(self._refer).pack(list(tuple.__iter__(value)))
        except WireError:
            return None
        return entries if len(entries) <= MOST_ENTRIES else None

    def _refer_to_names(self, names: list[str]):
        def refer(value: Any) -> tuple[int, bytes]:
            for name in names:
                if self.shell.user_ns.get(name) is value:
                    return NAME, Encoder().pack([name, type(value).__name__[:100]])
            return self._refer(value)

        return refer

    def _resolve(self, code: int, payload: bytes) -> Any:
        if code == OBJECT:
            number, _, method = payload.decode().partition(".")
            value = self._objects[int(number)]
            return getattr(value, method) if method else value
        if code == NAME:
            name = payload.decode()
            if name not in self.shell.user_ns:
                raise NameError(f"name {name!r} is not defined")
            return self.shell.user_ns[name]
        return RemoteFunction(self, int(payload))


def _as_text(value: Any) -> str:
    return repr(value)[:MAX_TEXT]


def run_student(channel: Channel, shell: Shell, limits: Limits, folder: str, tie) -> None:
    """Be the student process; never returns. `folder` is the scratch folder, already current."""
    os.environ.clear()
    os.environ.update(HOME=folder, TMPDIR=folder, PATH="/usr/bin:/bin", LANG="C.UTF-8")
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    tempfile.tempdir = None  # to be found again in the new environment
    sys.path.append(folder)  # last: a file numpy.py in a submission shadows nothing
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended snapshots leave nothing to wait for
    Server(channel, shell, limits, tie).serve()
