"""Messages over a Unix socket: a length, then the bytes. With deadlines, and with no trust in the other end.

Knows sockets and clocks. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import array
import os
import select
import socket
import struct
import time
from collections.abc import Callable

from autograder.execution.wire import MAX_BYTES

_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user, group
MAX_FRAME = MAX_BYTES + 2**16  # a message of the largest value, and its envelope


class Closed(Exception):
    """The other end is gone."""


class Late(Exception):
    """The deadline passed before the message was whole."""


class Malformed(Exception):
    """The other end announced a message larger than any that is allowed."""


class Stopped(Exception):
    """The tick found a reason to stop waiting; its text is the reason."""


TICK_SECONDS = 0.1


class Channel:
    """One end of a socket pair that carries whole messages.

    Parameters
    ----------
    sock
        a connected stream socket; the channel owns it
    watch
        ``{file descriptor: function}``: while waiting, a function is called when its descriptor has something to read
    tick
        called every tenth of a second while waiting; returns a reason to stop waiting, or None
    """

    def __init__(
        self,
        sock: socket.socket,
        watch: dict[int, Callable[[], None]] | None = None,
        tick: Callable[[], str | None] | None = None,
    ):
        self.sock, self.tick = sock, tick
        self.watch = {} if watch is None else watch
        sock.setblocking(False)

    def send(self, message: bytes, deadline: float | None = None, fd: int | None = None) -> None:
        """Send one message; `fd`, if given, travels with it.

        Raises
        ------
        Closed, Late
        """
        data = memoryview(_LENGTH.pack(len(message)) + message)
        ancillary = []
        if fd is not None:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
        while data:
            try:
                sent = self.sock.sendmsg([data[: 2**20]], ancillary)
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLOUT, deadline)
            except OSError as error:
                raise Closed(str(error)) from None
            else:
                data, ancillary = data[sent:], []

    def wait_for_message(self, deadline: float | None = None) -> None:
        """Return when a message begins, or the other end is gone.

        Raises
        ------
        Late, Stopped
        """
        self._wait(select.POLLIN, deadline)

    def receive(self, deadline: float | None = None) -> bytes:
        """Return the next message. Any descriptor sent along is refused by the kernel's rules for plain reads.

        Raises
        ------
        Closed, Late, Malformed
        """
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > MAX_FRAME:
            raise Malformed(f"a message of {length:,} bytes was announced")
        return self._exactly(length, deadline)

    def receive_with_fd(self, deadline: float | None = None) -> tuple[bytes, int | None]:
        """Like `receive`, and accept one descriptor sent with the start of the message."""
        header, fd = b"", None
        while len(header) < _LENGTH.size:
            self._wait(select.POLLIN, deadline)
            try:
                part, ancillary, _, _ = self.sock.recvmsg(
                    _LENGTH.size - len(header), socket.CMSG_SPACE(4 * 4), socket.MSG_CMSG_CLOEXEC
                )
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            fds = array.array("i")
            for level, kind, data in ancillary:
                if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                    fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
            for received in fds:
                if fd is None:
                    fd = received
                else:
                    os.close(received)
            if not part:
                raise Closed("the other end is gone")
            header += part
        (length,) = _LENGTH.unpack(header)
        if length > MAX_FRAME:
            raise Malformed(f"a message of {length:,} bytes was announced")
        return self._exactly(length, deadline), fd

    def receive_from(self, deadline: float | None = None) -> tuple[bytes, int | None]:
        """Return the next message and the number of the process that sent its first byte, as the kernel tells it.

        None where the kernel does not tell (not Linux). `announce_sender` must have been called before.
        """
        if not hasattr(socket, "SO_PASSCRED"):
            return self.receive(deadline), None
        while True:
            self._wait(select.POLLIN, deadline)
            try:
                first, ancillary, _, _ = self.sock.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
                break
            except (BlockingIOError, InterruptedError):
                continue
            except OSError as error:
                raise Closed(str(error)) from None
        if not first:
            raise Closed("the other end is gone")
        pid = None
        for level, kind, data in ancillary:
            if (
                level == socket.SOL_SOCKET
                and kind == socket.SCM_CREDENTIALS
                and len(data) >= _CREDENTIALS.size
            ):
                pid = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
        (length,) = _LENGTH.unpack(first + self._exactly(_LENGTH.size - 1, deadline))
        if length > MAX_FRAME:
            raise Malformed(f"a message of {length:,} bytes was announced")
        return self._exactly(length, deadline), pid

    def announce_sender(self) -> None:
        """Ask the kernel to attach the sender's process number to what arrives here."""
        if hasattr(socket, "SO_PASSCRED"):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def close(self) -> None:
        self.sock.close()

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        parts, missing = [], size
        while missing:
            try:
                part = self.sock.recv(min(missing, 2**20))
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLIN, deadline)
                continue
            except OSError as error:
                raise Closed(str(error)) from None
            if not part:
                raise Closed("the other end is gone")
            parts.append(part)
            missing -= len(part)
            if deadline is not None and missing and time.monotonic() > deadline:
                raise Late
        return b"".join(parts)

    def _wait(self, event: int, deadline: float | None) -> None:
        """Return when the socket is ready for `event`; serve the watched descriptors meanwhile."""
        poll = select.poll()
        poll.register(self.sock, event)
        for fd in self.watch:
            poll.register(fd, select.POLLIN)
        while True:
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
            if self.tick is not None:
                timeout = TICK_SECONDS if timeout is None else min(timeout, TICK_SECONDS)
            ready = dict(poll.poll(None if timeout is None else int(timeout * 1000) + 1))
            if self.sock.fileno() in ready:
                return
            for fd, happened in ready.items():
                if happened & select.POLLIN:
                    self.watch[fd]()
                else:  # every process that could speak here is dead
                    poll.unregister(fd)
            if deadline is not None and time.monotonic() >= deadline:
                raise Late
            if not ready and self.tick is not None and (reason := self.tick()):
                raise Stopped(reason)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets, closed on exec."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
