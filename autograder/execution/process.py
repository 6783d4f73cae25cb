"""One student process, seen from the checker: questions, answers, forks and its end.

Every answer is hostile until proven otherwise: it is read within a length and a deadline, decoded into plain values only,
and must be the answer to the question asked. Anything else ends the process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from autograder.execution.channel import Channel, Closed, Late, Malformed, Stopped, pair
from autograder.execution.errors import ProtocolViolation, StudentCrashed, StudentTimedOut
from autograder.execution.wire import Decoder, Encoder, WireError

HELLO_SECONDS = 10.0  # a fork of a warm process takes milliseconds, even on a busy machine


class StudentProcess:
    """A student process and the way to it.

    Parameters
    ----------
    channel
        to the process
    pid
        its number
    allow_fork
        called before each fork, so that the sandbox lets that one through
    """

    def __init__(self, channel: Channel, pid: int, allow_fork: Callable[[], None] = lambda: None):
        self.channel, self.pid, self._allow_fork = channel, pid, allow_fork
        self._handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        self.released: list[int] = []
        self.ended: str | None = None  # why it is gone
        self._sequence = 0

    def ask(
        self,
        operation: str,
        *details: Any,
        deadline: float,
        decoder: Callable[[], Decoder] = Decoder,
        callback: Callable[..., bytes] | None = None,
        grace: float = 0.0,
    ) -> tuple[Decoder, list]:
        """Send one request and return the answer, with the decoder that opens its blobs.

        With `grace`, a late process is interrupted and given that many seconds more.

        Raises
        ------
        StudentTimedOut, StudentCrashed, ProtocolViolation
            and the process is gone
        """
        if self.ended is not None:
            raise StudentCrashed(self.ended)
        try:
            sequence = self._send(operation, details, deadline)
            if grace:
                try:
                    self.channel.wait_for_message(deadline)
                except Late:
                    self._signal(signal.SIGINT)
                deadline = max(deadline, time.monotonic()) + grace
            while True:
                opened = decoder()
                answer = opened.unpack(self.channel.receive(deadline))
                if type(answer) is not list or len(answer) < 2:
                    raise WireError("an answer that is not an answer")
                if answer[0] == sequence and answer[1] != "callback":
                    return opened, answer[1:]
                if answer[:2] != [0, "callback"] or callback is None:
                    raise WireError("an answer to a question that was not asked")
                self.channel.send(callback(opened, *answer[2:]), deadline)
        except Late:
            self.end("it did not come back in time")
            raise StudentTimedOut("the code did not come back in time") from None
        except Stopped as reason:
            self.end(str(reason))
            raise StudentCrashed(str(reason)) from None
        except Closed:
            self.end("it ended in the middle of a call")
            raise StudentCrashed("the process that runs the code ended in the middle of it") from None
        except (WireError, Malformed) as error:
            self.end("it sent something that is not an answer")
            raise ProtocolViolation(
                f"the student process sent something that is not an answer: {error}"
            ) from None

    def fork(self, deadline: float) -> StudentProcess:
        """A second process in the same state.

        Raises
        ------
        StudentCrashed
            if this process does not make one
        """
        if self.ended is not None:
            raise StudentCrashed(self.ended)
        ours, theirs = pair()
        channel = Channel(ours, self.channel.watch, self.channel.tick)
        channel.announce_sender()
        deadline = min(deadline, time.monotonic() + HELLO_SECONDS)
        try:
            with theirs:
                self._allow_fork()
                sequence = self._send("fork", (), deadline, fd=theirs.fileno())
            message, pid = channel.receive_from(deadline)
            answer = Decoder().unpack(message)
            if type(answer) is not list or len(answer) != 3 or answer[:2] != [sequence, "ready"]:
                raise WireError("not ready")
            return StudentProcess(channel, answer[2] if pid is None else pid, self._allow_fork)
        except (Late, Closed, Malformed, Stopped, WireError, OSError):
            channel.close()
            self.end("it could not be copied")
            raise StudentCrashed("the process that runs the code could not be copied") from None

    def _send(self, operation: str, details: tuple, deadline: float, fd: int | None = None) -> int:
        self._sequence += 1
        released, self.released = self.released, []
        self.channel.send(Encoder().pack([self._sequence, released, operation, *details]), deadline, fd)
        return self._sequence

    def end(self, why: str = "it was ended") -> None:
        """Kill the process."""
        if self.ended is None:
            self.ended = why
            self._signal(signal.SIGKILL)
            self.channel.close()
            if self._handle is not None:
                os.close(self._handle)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it had ended by itself
            if self._handle is not None:  # means this very process, even if its number was given to another
                signal.pidfd_send_signal(self._handle, number)
            elif self.pid > 1:
                os.kill(self.pid, number)
