"""The student process: runs the student's cells and serves the checker's requests about what they defined.

Everything here shares a process with the student's code and is therefore trusted by no one: the checker process
believes nothing this module sends beyond plain values. No check, score or hidden test ever enters this process.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import signal
import socket
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

import msgpack
import numpy as np

from autograder.execution.cells import Outputs, Shell
from autograder.execution.channel import Channel, Closed
from autograder.execution.steps import Limits
from autograder.execution.wire import FUNCTION, NAME, OBJECT, Decoder, Encoder, NotPlain, WireError

MUTABLE = (np.ndarray, list, dict, set, tuple, np.random.Generator)  # arguments a function may change
CONTAINERS = (list, dict, set)  # kept by reference when they are part of a student's object
_OURS = str(Path(__file__).parent)
MAX_FRAMES = 8  # of a traceback
MAX_TEXT = 20_000  # characters of printed text, messages and tracebacks per reply


class RemoteFunction:
    """A function of the checker, as the student's code sees it: an ordinary callable."""

    def __init__(self, server: Server, number: int, name: str):
        self._server, self._number, self.__name__ = server, number, name

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
        self._leaving_parent: int | None = None

    def serve(self) -> None:
        """Answer requests until the checker hangs up."""
        while True:
            try:
                message, fd = self.channel.receive_with_fd()
                if os.getppid() != self._leaving_parent:
                    self._tie(True)
                self._answer(message, fd)
            except Closed:
                os._exit(0)
            except KeyboardInterrupt:  # an interrupt that came after its cell had ended
                continue

    def call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Have the checker call its function; serve what it asks meanwhile."""
        encoder = Encoder(self._refer)
        blobs = [encoder.pack(value) for value in (*args, *kwargs.values())]
        self.channel.send(encoder.pack([0, "callback", number, blobs, list(kwargs)]))
        while True:
            message, fd = self.channel.receive_with_fd()
            decoder = Decoder(self._resolve)
            content = decoder.unpack(message)
            if content[1] == "returned":
                return decoder.unpack(content[2])
            if content[1] == "failed":
                kind = getattr(__import__("builtins"), content[2], RuntimeError)
                raise kind(content[3])
            self._answer(message, fd)

    def _answer(self, message: bytes, fd: int | None) -> None:
        decoder = Decoder(self._resolve)
        sequence, released, operation, *details = decoder.unpack(message)
        for number in released:
            self._numbers.pop(id(self._objects.pop(number, None)), None)
        if operation == "fork":
            self._fork(sequence, fd)
            return
        if operation == "run":
            reply = self._run(*details)
            self._tie(False)  # on this answer the checker ends our parent, and we go on in its place
            self._leaving_parent = os.getppid()
            self.channel.send(msgpack.packb([sequence, *reply], unicode_errors="replace", default=_as_text))
            return
        printed = _Printed()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(_Printed()):
                blob, changed = getattr(self, "_do_" + operation)(decoder, *details)
            reply = [sequence, "ok", blob, changed, printed.text()]
        except BaseException as error:  # whatever the student's code raises is an answer
            reply = [sequence, "raised", *_describe(error, self.shell), printed.text()]
        self.channel.send(msgpack.packb(reply, unicode_errors="replace"))

    def _fork(self, sequence: int, fd: int) -> None:
        if os.fork() == 0:
            self.channel.close()
            self.channel = Channel(socket.socket(fileno=fd))
            self._tie(True)
            self.channel.send(msgpack.packb([sequence, "ready", os.getpid()]))
        else:
            os.close(fd)

    def _run(self, source: str) -> list:
        outputs = Outputs(self.limits.output_bytes, self.limits.output_count)
        error: BaseException | None = None
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            error, _ = self.shell.run(source, outputs)
        except BaseException as escaped:
            error = escaped
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        kind = None if error is None else _nearest_builtin(type(error))
        message = "" if error is None else f"{type(error).__name__}: {_message(error)}"
        return ["done", outputs.finished(), kind, message[:MAX_TEXT]]

    # What the checker may ask. Each returns the blob of the result and {position: blob of a changed argument}.

    def _do_names(self, _: Decoder, names: list[str]):
        encoder, found = Encoder(self._refer_to_names(names)), {}
        for name in names:
            if name in self.shell.user_ns:
                try:
                    found[name] = encoder.pack(self.shell.user_ns[name])
                except WireError:
                    found[name] = encoder.pack_reference(self.shell.user_ns[name])
        return encoder.pack(found), {}

    def _do_call(self, decoder: Decoder, target: bytes, blobs: list[bytes], keywords: list[str]):
        function = decoder.unpack(target)
        values = [decoder.unpack(blob) for blob in blobs]
        before = [self._snapshot(value) for value in values]
        positional = len(values) - len(keywords)
        result = function(*values[:positional], **dict(zip(keywords, values[positional:], strict=True)))
        changed = {}
        for position, (value, was) in enumerate(zip(values, before, strict=True)):
            now = self._snapshot(value)
            if now is not None and now != was:
                changed[position] = now
        encoder = Encoder(self._refer)
        return self._pack(encoder, result), changed

    def _do_map(self, decoder: Decoder, target: bytes, blob: bytes, select: bytes):
        function, argument_lists, select = (
            decoder.unpack(target),
            decoder.unpack(blob),
            decoder.unpack(select),
        )
        results = []
        for arguments in argument_lists:
            result = function(*arguments)
            results.append(result if select is None else result[select])
        encoder = Encoder(self._refer)
        return self._pack(encoder, results), {}

    def _do_get(self, decoder: Decoder, target: bytes, name: str):
        return self._part(getattr(decoder.unpack(target), name))

    def _do_set(self, decoder: Decoder, target: bytes, name: str, value: bytes):
        setattr(decoder.unpack(target), name, decoder.unpack(value))
        return self._part(None)

    def _do_delete(self, decoder: Decoder, target: bytes, name: str):
        delattr(decoder.unpack(target), name)
        return self._part(None)

    def _do_item(self, decoder: Decoder, target: bytes, key: bytes):
        return self._part(decoder.unpack(target)[decoder.unpack(key)])

    def _do_set_item(self, decoder: Decoder, target: bytes, key: bytes, value: bytes):
        decoder.unpack(target)[decoder.unpack(key)] = decoder.unpack(value)
        return self._part(None)

    def _do_delete_item(self, decoder: Decoder, target: bytes, key: bytes):
        del decoder.unpack(target)[decoder.unpack(key)]
        return self._part(None)

    def _do_contains(self, decoder: Decoder, target: bytes, key: bytes):
        return self._part(decoder.unpack(key) in decoder.unpack(target))

    def _do_length(self, decoder: Decoder, target: bytes):
        return self._part(len(decoder.unpack(target)))

    def _do_truth(self, decoder: Decoder, target: bytes):
        return self._part(bool(decoder.unpack(target)))

    def _do_iterate(self, decoder: Decoder, target: bytes):
        encoder = Encoder(self._refer)
        return encoder.pack_reference(iter(decoder.unpack(target))), {}

    def _do_next(self, decoder: Decoder, target: bytes):
        encoder = Encoder(self._refer)
        try:
            value = next(decoder.unpack(target))
        except StopIteration:
            return encoder.pack([]), {}
        return encoder.pack([self._part(value)[0]]), {}

    def _do_text(self, decoder: Decoder, target: bytes):
        return self._part(repr(decoder.unpack(target))[:MAX_TEXT])

    def _do_value(self, decoder: Decoder, target: bytes):
        encoder = Encoder(self._refer)
        return encoder.pack(decoder.unpack(target)), {}

    def _do_copy(self, decoder: Decoder, target: bytes, deep: bool):
        encoder, value = Encoder(self._refer), decoder.unpack(target)
        return encoder.pack_reference(copy.deepcopy(value) if deep else copy.copy(value)), {}

    def _part(self, value: Any):
        """A part of a student's object: a container stays behind, so that assigning into it reaches the student."""
        encoder = Encoder(self._refer)
        if type(value) in CONTAINERS:
            return encoder.pack_reference(value), {}
        return self._pack(encoder, value), {}

    def _pack(self, encoder: Encoder, value: Any) -> bytes:
        try:
            return encoder.pack(value)
        except WireError:
            if type(value) is np.ndarray:
                raise
            return Encoder(self._refer).pack_reference(value)  # for example a list that contains itself

    def _snapshot(self, value: Any) -> bytes | None:
        """The bytes of an argument that a function may change; None for one it cannot."""
        if type(value) not in MUTABLE:
            return None
        try:
            return Encoder(self._refer).pack(value)
        except (WireError, NotPlain):
            return None

    # References: what stays in this process is known to the checker by number.

    def _refer(self, value: Any) -> tuple[int, Any]:
        if type(value) is RemoteFunction:
            return FUNCTION, value._number
        number = self._numbers.get(id(value))
        if number is None:
            self._last += 1
            number = self._last
            self._objects[number] = value
            self._numbers[id(value)] = number
        kind = type(value).__name__ if type(value) in CONTAINERS else ""
        return OBJECT, [number, type(value).__name__[:100], kind]

    def _refer_to_names(self, names: list[str]):
        def refer(value: Any) -> tuple[int, Any]:
            for name in names:
                if self.shell.user_ns.get(name) is value:
                    return NAME, [name, type(value).__name__[:100]]
            return self._refer(value)

        return refer

    def _resolve(self, code: int, payload: Any) -> Any:
        if code == OBJECT:
            return self._objects[payload]
        if code == NAME:
            if payload not in self.shell.user_ns:
                raise NameError(f"name {payload!r} is not defined")
            return self.shell.user_ns[payload]
        number, name = payload
        return RemoteFunction(self, number, name)


class _Printed(io.StringIO):
    """What the student's code prints during a request, cut."""

    def write(self, text: str) -> int:
        if self.tell() < MAX_TEXT:
            super().write(text)
        return len(text)

    def text(self) -> str:
        return self.getvalue()[:MAX_TEXT]


def _describe(error: BaseException, shell: Shell) -> list:
    """Type, nearest built-in type, message and traceback of an exception; each is only text."""
    return [
        type(error).__name__[:100],
        _nearest_builtin(type(error)),
        _message(error),
        _traceback(error, shell),
    ]


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException as second:
        return f"(its message could not be read: {type(second).__name__})"


def _traceback(error: BaseException, shell: Shell) -> str:
    """The student's own lines on the way to the error, innermost last, as Jupyter names them."""
    try:
        walked = [
            (frame, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if not frame.f_code.co_filename.startswith(_OURS)
        ]
        lines = []
        for frame in traceback.StackSummary.extract(iter(walked[-MAX_FRAMES:])):
            where = " ".join(
                shell.compile.format_code_name(frame.filename) or ("File", Path(frame.filename).name)
            )
            lines.append(f"{where}, line {frame.lineno}, in {frame.name}\n    {frame.line}\n")
        return "".join(lines)[-MAX_TEXT:]
    except BaseException as second:
        return f"(the traceback could not be read: {type(second).__name__})"


def _nearest_builtin(kind: type) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")


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
