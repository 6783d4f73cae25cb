"""Where student processes come from: a copy of the zygote, forked by a checker process before that has read any check.

It forks a student process whenever one is wanted, which therefore holds nothing but libraries, however many submissions its checker
process has seen. No student's code ever runs in the nursery itself.

Knows processes and the sandbox. Reads no submission.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import select
import signal
import socket
import time
from collections.abc import Sequence

from autograder.execution import sandbox
from autograder.execution.cells import Shell
from autograder.execution.channel import Channel, Closed, Late, Malformed, pair
from autograder.execution.descendants import end_descendants
from autograder.execution.filter import MESSENGER, ForkGuard
from autograder.execution.process import StudentProcess
from autograder.execution.steps import Limits, SandboxUnavailable
from autograder.execution.student import run_student

READY_SECONDS = 20.0


class Nursery:
    """The nursery of this process, forked now.

    Attributes
    ----------
    pid : int
    """

    def __init__(self, shell: Shell):
        ours, theirs = pair()
        parent, self.pid = os.getpid(), os.fork()
        if self.pid == 0:
            ours.close()
            _be_nursery(theirs, shell, parent)
        theirs.close()
        self._channel = Channel(ours)
        self._started: list[_Started] = []

    def start(
        self, limits: Limits, folder: str, confined: bool, withheld: Sequence[str] = ()
    ) -> StudentProcess:
        """A student process, ready, in `folder`; `withheld` are files that it may not read.

        Raises
        ------
        SandboxUnavailable
        RuntimeError
            If it does not start.
        """
        self._forget([started for started in self._started if started.has_ended()])
        ours, theirs = pair()
        channel, deadline = Channel(ours), time.monotonic() + READY_SECONDS
        try:
            with theirs:
                request = [dataclasses.asdict(limits), folder, confined, list(withheld)]
                self._channel.send(json.dumps(request).encode(), deadline, fd=theirs.fileno())
            started = _Started(int(self._channel.receive(deadline)))
            self._started.append(started)
            message, started.listener = channel.receive_with_fd(deadline)
        except (Closed, Late, Malformed):
            raise RuntimeError("the student process did not start") from None
        if message != b"ready":
            raise SandboxUnavailable(message.decode("utf-8", "replace"))
        if started.listener is None:
            return StudentProcess(channel, started.pid)
        guard = ForkGuard(started.listener, limits.processes)
        channel.watch[started.listener] = guard.decide
        return StudentProcess(channel, started.pid, guard.expect_fork)

    def end(self) -> None:
        """Kill the student processes, and what came from them; wait until nothing is left."""
        for started in self._started:
            started.kill()
        for started in self._started:
            started.has_ended(READY_SECONDS)
        self._forget(self._started)
        end_descendants(but=self.pid)

    def _forget(self, dead: list[_Started]) -> None:
        """Hold nothing of those that have ended: a submission may need very many, one after another."""
        for started in dead:
            started.close()
        if dead:
            with contextlib.suppress(Closed):  # then the nursery is gone, too
                self._channel.send(json.dumps([started.pid for started in dead]).encode())
        self._started = [started for started in self._started if started not in dead]


@dataclasses.dataclass(eq=False)
class _Started:
    """A student process that was forked over there: its number and the descriptors held of it."""

    pid: int
    listener: int | None = None
    handle: int | None = None  # means this very process, whatever becomes of its number

    def __post_init__(self):
        if hasattr(os, "pidfd_open"):
            self.handle = os.pidfd_open(self.pid)

    def kill(self) -> None:
        """Where orphans are nobody's (not Linux), its group is killed as a whole."""
        with contextlib.suppress(OSError):
            if self.handle is not None:
                signal.pidfd_send_signal(self.handle, signal.SIGKILL)
            else:
                os.killpg(self.pid, signal.SIGKILL)

    def has_ended(self, seconds: float = 0.0) -> bool:
        """Whether it has, after waiting that long for it; False where the system does not tell."""
        return self.handle is not None and bool(select.select([self.handle], (), (), seconds)[0])

    def close(self) -> None:
        for descriptor in (self.handle, self.listener):
            if descriptor is not None:
                os.close(descriptor)


def _be_nursery(sock: socket.socket, shell: Shell, parent: int) -> None:
    """Be the nursery process; never returns."""
    try:
        sandbox.tie_to_parent(True)
        if os.getppid() != parent:
            os._exit(1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(sock.detach(), 3)
        os.closerange(4, 65536)  # whoever calls the checker process must see it hang up when it ends
        channel = Channel(socket.socket(fileno=3))
        while True:
            message, given = channel.receive_with_fd()
            if given is None:
                _bury(json.loads(message))
                continue
            limits, folder, confined, withheld = json.loads(message)
            if confined:
                sandbox.readable_without(tuple(withheld))  # known to every later student process
            me, pid = os.getpid(), os.fork()
            if pid == 0:
                channel.close()
                _be_student(
                    socket.socket(fileno=given), shell, Limits(**limits), folder, confined, me, withheld
                )
            os.close(given)
            channel.send(str(pid).encode())
    except (Closed, Malformed):
        os._exit(0)  # the checker process is gone
    finally:
        os._exit(1)


def _bury(dead: list[int]) -> None:
    """Take note of ends. Only of those that were told: until then a process's number stays its own."""
    for pid in dead:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def _be_student(
    sock: socket.socket,
    shell: Shell,
    limits: Limits,
    folder: str,
    confined: bool,
    parent: int,
    withheld: Sequence[str],
) -> None:
    """Be the student process; never returns."""
    try:
        os.setsid()
        sandbox.tie_to_parent(True)
        if os.getppid() != parent:
            os._exit(1)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        keep = os.dup(sock.fileno())
        os.dup2(keep, 3)
        sock.detach()
        os.closerange(4, 65536)
        channel = Channel(socket.socket(fileno=3))
        os.chdir(folder)
        os.umask(0o077)
        listener = None
        if not confined:
            with contextlib.suppress(OSError, ValueError):  # a system may know fewer limits than Linux
                sandbox.limit(limits)
        else:
            try:
                listener = sandbox.confine(folder, limits, withheld)
            except SandboxUnavailable as error:
                channel.send(str(error).encode())
                os._exit(1)
        if listener is None:
            channel.send(b"ready")
        else:
            messenger = Channel(socket.socket(fileno=os.dup2(3, MESSENGER)))
            messenger.send(b"ready", fd=listener)
            messenger.close()
            os.close(listener)
        sandbox.limit_descriptors()
        run_student(channel, shell, limits, folder, sandbox.tie_to_parent)
    finally:
        os._exit(1)
