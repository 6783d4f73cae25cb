"""One student process, seen from the checker: questions, answers, forks and its end.

Every answer is hostile until proven otherwise: it is read within a length and a deadline, decoded into plain values only,
and must be the answer to the question asked. Anything else ends the process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from autograder.execution import errors
from autograder.execution.channel import Channel, Closed, Late, Malformed, Stopped, pair
from autograder.execution.errors import ProtocolViolation, StudentCrashed, StudentTimedOut
from autograder.execution.messages import CALLBACK, QUESTION, READY, split_answer
from autograder.execution.wire import Decoder, Encoder, NotPlain, WireError

HELLO_SECONDS = 10.0  # a fork of a warm process takes milliseconds, even on a busy machine
MOST_WRITTEN = 2**20  # bytes of assignments that wait for the next question
IN_CALL = "it ended in the middle of a call"


class StudentProcess:
    """A student process and the way to it.

    Parameters
    ----------
    channel
        to the process
    pid
        its number
    session
        the kernel's session that all of a submission's student processes are in; by default this process leads it
    expect_fork
        called with True before a fork is asked for and with False after it, so that the sandbox lets that one through
    """

    def __init__(
        self,
        channel: Channel,
        pid: int,
        expect_fork: Callable[[bool], None] = lambda _: None,
        session: int | None = None,
    ):
        self.channel, self.pid, self._expect_fork = channel, pid, expect_fork
        self._session = pid if session is None else session
        self._handle = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        self.released: list[int] = []
        self.held: Counter[int] = Counter()  # references to each object: one told twice keeps its number
        self.moves = 0  # counts questions that may have run the student's code
        self.writes = 0  # counts what was assigned into containers over there
        self._written: list[bytes] = []  # assignments that go with the next question
        self._written_bytes = 0
        self.ended: str | None = None  # why it is gone
        self._sequence = 0

    def ask(
        self,
        operation: str,
        *details: Any,
        deadline: float,
        refer: Callable[[Any], tuple[int, bytes]] | None = None,
        resolve: Callable[[int, bytes], Any] | None = None,
        callback: Callable[[Any], tuple] | None = None,
        grace: float = 0.0,
        looks: bool = False,
    ) -> tuple[int, Any]:
        """Send one question; return the answer's status and value.

        Parameters
        ----------
        refer, resolve
            what the codec does with references; without them only plain values are sent and accepted
        callback
            answers, with the operation and value to send back, when the process calls a function of ours
        grace
            a late process is interrupted and given that many seconds more
        looks
            the question changes nothing and runs none of the student's code

        Raises
        ------
        StudentTimedOut, StudentCrashed, ProtocolViolation
            and the process is gone
        StudentRaised
            if the question is too large to be asked
        """
        if self.ended is not None:
            raise StudentCrashed(self.ended)
        try:
            message = self._question(operation, details, refer)
        except (
            WireError
        ) as error:  # every part of it came from there, or a check's own numbers in the shapes that came
            told = f"what the code returned is too large to be handed back to it: {error}"
            raise errors.raised("ValueError", "ValueError", told, "") from None
        number = self._sequence
        self.moves += not looks
        try:
            self.channel.send(message, deadline)
            if grace:
                deadline = self._interrupt_when_late(deadline) + grace
            while True:
                answer = split_answer(self.channel.receive(deadline))
                if answer is None or answer[0] != number or (answer[1] == CALLBACK and callback is None):
                    raise WireError("an answer to a question that was not asked")
                value = Decoder(resolve).unpack(answer[2])
                if answer[1] != CALLBACK:
                    return answer[1], value
                if time.monotonic() >= deadline:  # whoever always asks at once would never be waited for
                    raise Late
                self.channel.send(self._reply(*callback(value), refer), deadline)
                self.moves += 1
        except Late:
            self.end("it did not come back in time")
            raise StudentTimedOut("the code did not come back in time") from None
        except Stopped as reason:
            self.end(str(reason))
            raise StudentCrashed(str(reason)) from None
        except Closed:
            self.end(IN_CALL)
            raise StudentCrashed("the process that runs the code ended in the middle of it") from None
        except (WireError, Malformed) as error:
            raise self.violation(str(error)) from None

    def write_later(self, assignment: bytes) -> bool:
        """Have an assignment, packed as ``[dict, key, value]``, made before the next question; False if there is no room."""
        if self._written_bytes + len(assignment) > MOST_WRITTEN:
            return False
        self._written.append(assignment)
        self._written_bytes += len(assignment)
        return True

    def violation(self, why: str) -> ProtocolViolation:
        """End the process for what it sent; return the exception that says so."""
        self.end("it sent something that is not an answer")
        return ProtocolViolation(f"the student process sent something that is not an answer: {why}")

    def fork(self) -> StudentProcess:
        """A second process in the same state.

        It has its own time, `HELLO_SECONDS`: a cell whose time runs out just now must not cost the process that it is made from.

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
        deadline = time.monotonic() + HELLO_SECONDS
        self._expect_fork(True)
        try:
            with theirs:
                self.channel.send(self._question("fork", ()), deadline, fd=theirs.fileno())
            message, pid = channel.receive_from(deadline)
            answer = split_answer(message)
            if answer is None or answer[:2] != (self._sequence, READY):
                raise WireError("not ready")
            told = Decoder().unpack(answer[2])
            copy = StudentProcess(channel, told if pid is None else pid, self._expect_fork, self._session)
            if (
                os.getsid(copy.pid) != self._session
            ):  # it ended at once, and its number went to someone else's process
                copy.forget()
                raise WireError("not one of ours")
            return copy
        except (Late, Closed, Malformed, Stopped, WireError, OSError, TypeError):
            channel.close()
            self.end("it could not be copied")
            raise StudentCrashed("the process that runs the code could not be copied") from None
        finally:
            self._expect_fork(False)

    def end(self, why: str = "it was ended") -> None:
        """Kill the process."""
        if self.ended is None:
            self.ended = why
            self._signal(signal.SIGKILL)
            self.channel.close()
            if self._handle is not None:
                os.close(self._handle)

    def forget(self) -> None:
        """Let go of a process that is not what it was taken for, without a signal."""
        self.ended = "it was not a copy"
        self.channel.close()
        if self._handle is not None:
            os.close(self._handle)

    def _question(self, operation: str, details: tuple, refer=None, *, counts: bool = True) -> bytes:
        """The message that asks; with it go the numbers of objects that no proxy stands for any more, and assignments."""
        self.held.subtract(self.released)
        released = [number for number in dict.fromkeys(self.released) if self.held[number] <= 0]
        self.released = []
        for number in released:
            del self.held[number]
        encoder = Encoder() if refer is None else Encoder(refer)
        packed = encoder.pack([operation, released, self._written, *details])
        self._written, self._written_bytes = [], 0
        self._sequence += counts
        return QUESTION.pack(self._sequence) + packed

    def _reply(self, operation: str, result: Any, refer) -> bytes:
        """The message that answers a call of a function of ours."""
        try:
            return self._question(operation, (result,), refer, counts=False)
        except (WireError, NotPlain) as error:
            return self._question("failed", (["TypeError", str(error)],), counts=False)

    def _interrupt_when_late(self, deadline: float) -> float:
        """Wait for an answer to begin; at the deadline, do what the stop button does. Returns when that was."""
        try:
            self.channel.wait_for_message(deadline)
        except Late:
            self._signal(signal.SIGINT)
        return max(deadline, time.monotonic())

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):  # it had ended by itself
            if self._handle is not None:  # means this very process, even if its number was given to another
                signal.pidfd_send_signal(self._handle, number)
            elif self.pid > 1:
                os.kill(self.pid, number)
