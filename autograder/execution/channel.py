"""Messages over a Unix socket: a length, then the bytes. With deadlines, and with no trust in the other end.

Knows sockets and clocks. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import array
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable

from autograder.execution.wire import MAX_BYTES

_LENGTH = struct.Struct("!I")
_CREDENTIALS = struct.Struct("3i")  # struct ucred: process, user, group
_ANCILLARY = 0 if sys.platform == "win32" else socket.CMSG_SPACE(16) + socket.CMSG_SPACE(_CREDENTIALS.size)
MAX_FRAME = MAX_BYTES + 2**16  # a message of the largest value, and its envelope
TICK_SECONDS = 0.1
CHUNK = 2**18


class Closed(Exception):
    """The other end is gone."""


class Late(Exception):
    """The deadline passed before the message was whole."""


class Malformed(Exception):
    """The other end announced a message larger than any that is allowed."""


class Stopped(Exception):
    """The tick found a reason to stop waiting; its text is the reason."""


class Channel:
    """One end of a socket pair that carries whole messages.

    Parameters
    ----------
    sock
        a connected stream socket; the channel owns it
    watch
        ``{file descriptor: function}``: while waiting, a function is called when its descriptor has something to read
    tick
        called every tenth of a second while waiting, however much there is to read; returns a reason to stop waiting, or None
    """

    def __init__(
        self,
        sock: socket.socket,
        watch: dict[int, Callable[[], None]] | None = None,
        tick: Callable[[], str | None] | None = None,
    ):
        self.sock, self.tick = sock, tick
        self.watch = {} if watch is None else watch
        self._next_tick = time.monotonic() + TICK_SECONDS
        self._received = bytearray()
        self._poll: select.poll | None = None
        self._taken = 0  # bytes read as messages since the beginning
        # A descriptor, and the last byte that was read with it: its message's, though the end of an earlier one may precede that.
        self._fd: tuple[int, int] | None = None
        self._sender: int | None = None
        self._ancillary = False
        sock.setblocking(False)

    def send(self, message: bytes, deadline: float | None = None, fd: int | None = None) -> None:
        """Send one message; `fd`, if given, travels with it.

        Raises
        ------
        Closed, Late
        """
        data = memoryview(_LENGTH.pack(len(message)) + message)
        while data:
            try:
                if fd is None:
                    sent = self.sock.send(data[:CHUNK])
                else:
                    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))
                    sent = self.sock.sendmsg([data[:CHUNK]], [rights])
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLOUT, deadline)
            except OSError as error:
                raise Closed(str(error)) from None
            else:
                data, fd = data[sent:], None

    def receive(self, deadline: float | None = None) -> bytes:
        """Return the next message. A descriptor sent along is dropped by the kernel.

        Raises
        ------
        Closed, Late, Malformed, Stopped
        """
        self._ancillary = False
        return self._message(deadline)

    def receive_with_fd(self, deadline: float | None = None) -> tuple[bytes, int | None]:
        """Like `receive`, and accept one descriptor sent with the message."""
        self._ancillary = True
        message = self._message(deadline)
        if self._fd is None or self._fd[1] > self._taken:
            return message, None
        fd, self._fd = self._fd[0], None
        return message, fd

    def receive_from(self, deadline: float | None = None) -> tuple[bytes, int | None]:
        """Like `receive`, with the number of the process that sent the message, as the kernel tells it.

        None where the kernel does not tell (not Linux). `announce_sender` must have been called before.
        """
        self._ancillary, self._sender = hasattr(socket, "SO_PASSCRED"), None
        message = self._message(deadline)
        if self._fd is not None:  # no one here expects one
            os.close(self._fd[0])
            self._fd = None
        return message, self._sender

    def announce_sender(self) -> None:
        """Ask the kernel to attach the sender's process number to what arrives here."""
        if hasattr(socket, "SO_PASSCRED"):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def wait_for_message(self, deadline: float | None = None) -> None:
        """Return when a message begins, or the other end is gone.

        Raises
        ------
        Late, Stopped
        """
        if not self._received:
            self._wait(select.POLLIN, deadline)

    def hung_up(self) -> bool:
        """Whether the other end is gone."""
        poll = select.poll()
        poll.register(self.sock, 0)  # asks for nothing else
        return bool(poll.poll(0))

    def close(self) -> None:
        self.sock.close()

    def _message(self, deadline: float | None) -> bytes:
        while len(self._received) < _LENGTH.size:
            self._fill(deadline)
        (length,) = _LENGTH.unpack_from(self._received)
        if length > MAX_FRAME:
            raise Malformed(f"a message of {length:,} bytes was announced")
        end = _LENGTH.size + length
        while len(self._received) < end:
            self._fill(deadline)
        message = bytes(memoryview(self._received)[_LENGTH.size : end])
        del self._received[:end]
        self._taken += end
        return message

    def _fill(self, deadline: float | None) -> None:
        self._wait(select.POLLIN, deadline)
        try:
            if self._ancillary:
                part, ancillary, _, _ = self.sock.recvmsg(CHUNK, _ANCILLARY, _CLOSE_ON_EXEC)
                self._note(ancillary, self._taken + len(self._received) + len(part))
            else:
                part = self.sock.recv(CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            raise Closed(str(error)) from None
        if not part:
            raise Closed("the other end is gone")
        self._received += part

    def _note(self, ancillary: list, place: int) -> None:
        for level, kind, data in ancillary:
            if level != socket.SOL_SOCKET:
                continue
            if kind == socket.SCM_RIGHTS:
                fds = array.array("i")
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
                for fd in fds:
                    if self._fd is None:
                        self._fd = fd, place
                    else:
                        os.close(fd)
            elif kind == getattr(socket, "SCM_CREDENTIALS", None) and len(data) >= _CREDENTIALS.size:
                self._sender = self._sender or _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]

    def _wait(self, event: int, deadline: float | None) -> None:
        """Return when the socket is ready for `event`; serve the watched descriptors meanwhile."""
        poll = self._poll
        if poll is None or event != select.POLLIN:
            poll = select.poll()
            poll.register(self.sock, event)
            for fd in self.watch:
                poll.register(fd, select.POLLIN)
            self._poll = poll if event == select.POLLIN else None
        ours = self.sock.fileno()
        self._tick()
        while True:
            timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
            if self.tick is not None:
                timeout = TICK_SECONDS if timeout is None else min(timeout, TICK_SECONDS)
            ready = poll.poll(None if timeout is None else int(timeout * 1000) + 1)
            for fd, happened in ready:
                if fd == ours:
                    return
                if happened & select.POLLIN:
                    self.watch[fd]()
                else:  # every process that could speak here is dead
                    poll.unregister(fd)
            if deadline is not None and time.monotonic() >= deadline:
                raise Late
            self._tick()

    def _tick(self) -> None:
        """Tick if it is time: whoever keeps us reading must not keep us from that."""
        if self.tick is None or time.monotonic() < self._next_tick:
            return
        reason = self.tick()
        self._next_tick = time.monotonic() + TICK_SECONDS
        if reason:
            raise Stopped(reason)


_CLOSE_ON_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets, closed on exec."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
