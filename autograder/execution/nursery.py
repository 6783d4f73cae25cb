"""Where student processes come from: a copy of the zygote, forked by a checker process before that has read any check.

It forks one student process for each submission, which therefore holds nothing but libraries, however many submissions its checker
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
BURY = b"bury"


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
        self._started: int | None = None  # the student process, and what is held of it
        self._held: list[int] = []

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
        ours, theirs = pair()
        channel, deadline = Channel(ours), time.monotonic() + READY_SECONDS
        try:
            with theirs:
                request = [dataclasses.asdict(limits), folder, confined, list(withheld)]
                self._channel.send(json.dumps(request).encode(), deadline, fd=theirs.fileno())
            self._started = int(self._channel.receive(deadline))
            if hasattr(os, "pidfd_open"):
                self._held.append(os.pidfd_open(self._started))
            message, listener = channel.receive_with_fd(deadline)
        except (Closed, Late, Malformed):
            raise RuntimeError("the student process did not start") from None
        if message != b"ready":
            raise SandboxUnavailable(message.decode("utf-8", "replace"))
        if listener is None:
            return StudentProcess(channel, self._started)
        self._held.append(listener)
        guard = ForkGuard(listener, limits.processes)
        channel.watch[listener] = guard.decide
        return StudentProcess(channel, self._started, guard.expect_fork)

    def end(self) -> None:
        """Kill the student process, and what came from it; wait until nothing is left.

        Where orphans are nobody's (not Linux), its group is killed as a whole.
        """
        if self._started is not None:
            with contextlib.suppress(OSError):
                (os.kill if sandbox.LINUX else os.killpg)(self._started, signal.SIGKILL)
            if self._held:
                select.select(self._held[:1], (), (), READY_SECONDS)
            with contextlib.suppress(Closed):  # then the nursery is gone, too
                self._channel.send(BURY)
        end_descendants(but=self.pid)
        for descriptor in self._held:
            os.close(descriptor)
        self._started, self._held = None, []


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
                _bury()
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


def _bury() -> None:
    """Take note of the student process's end. Only when asked: until then its number stays its own."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


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
