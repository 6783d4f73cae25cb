"""The zygote: a process with every library loaded and no threads, which forks two processes per submission.

Started by `runner` with ``python -m autograder.execution.zygote``. For each submission it forks the checker process; that one
forks the student process before it has read a single cell, so that no check can be found in the student process's memory.

Knows processes. Reads no submission.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import importlib
import json
import math
import os
import pkgutil
import signal
import socket
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.execution import sandbox, scratch
from autograder.execution.cells import Shell, make_shell
from autograder.execution.channel import Channel, Closed, Late, Malformed
from autograder.execution.checker import Checker, describe_fault
from autograder.execution.filter import ForkGuard
from autograder.execution.helper import CLONE
from autograder.execution.process import StudentProcess
from autograder.execution.steps import Limits, SandboxUnavailable, Step
from autograder.execution.student import run_student
from autograder.execution.wire import Decoder, Encoder

READY_SECONDS = 20.0
MEMORY_BYTES = 4 * 2**30  # of a checker process, beyond the libraries: what students answer is unpacked there
COPIES_SECONDS = 2.0
WARM_MODULES = ("autograder", "autograder.checks", "autograder.layers", "matplotlib.pyplot")
WARM_PACKAGES = (
    "autograder.knowledge",
    "utils",
)  # with all their modules: notebooks load them piece by piece
# Finished layers, which some assignment withholds: loaded, with all that needs them, by whoever may use them.
ON_DEMAND = ("utils.layers", "utils.convolutions")


@dataclasses.dataclass(frozen=True)
class _Running:
    """A checker process at work, or a copy of this process (which has no folder), and when it must have ended."""

    folder: str | None
    deadline: float


def main(fd: int, door: int | None = None) -> None:
    """Load everything, then serve until the caller hangs up; `door` is where other processes ask for copies."""
    channel = Channel(socket.socket(fileno=fd))
    warnings.simplefilter("ignore")
    shell = make_shell()
    _import(WARM_MODULES, WARM_PACKAGES)
    sys.dont_write_bytecode = True  # ours is written by now; what students import is nobody's to keep
    reason = sandbox.unavailable()
    gc.collect()
    gc.freeze()  # the forks share what is loaded instead of copying it at their first collection
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _serve(channel, shell, reason, None if door is None else socket.socket(fileno=door))


def _serve(
    channel: Channel, shell: Shell, unavailable: str | None, door: socket.socket | None = None
) -> None:
    """Be a zygote: fork a checker process for every request, and a copy of this process for whoever is at the door."""
    sandbox.adopt_orphans()
    running: dict[int, _Running] = {}
    channel.tick = lambda: _reap(running)
    if door is not None:
        channel.watch[door.fileno()] = lambda: _copy_for(door, channel, shell, unavailable, running)
    with contextlib.suppress(Closed):
        channel.send(json.dumps({"unavailable": unavailable}).encode())
        while True:
            message, given = channel.receive_with_fd()
            request = json.loads(message)
            if "modules" in request:
                _import(request["modules"])
                gc.freeze()
                continue
            pid = os.fork()
            if pid == 0:
                if door is not None:
                    door.close()
                _be_checker(channel, given, shell, request)
            seconds = request["limits"]["total_seconds"] + request["overtime"]
            running[pid] = _Running(request["folder"], time.monotonic() + seconds)
            os.close(given)
            _reap(running)
    _let_copies_end(running)
    _end_descendants()
    for lost in running.values():
        if lost.folder is not None:
            with contextlib.suppress(OSError):
                scratch.remove(lost.folder)


def _copy_for(
    door: socket.socket, channel: Channel, shell: Shell, unavailable: str | None, running: dict[int, _Running]
) -> None:
    """Become two: the other one serves whoever asked at the door."""
    _, given, _, _ = socket.recv_fds(door, len(CLONE), 1)
    if not given:
        return  # the last one at the door hung up
    parent, pid = os.getpid(), os.fork()
    if pid:
        os.close(given[0])
        running[pid] = _Running(None, math.inf)
        return
    try:
        sandbox.tie_to_parent(True)
        if os.getppid() == parent:
            channel.close()
            door.close()
            _serve(Channel(socket.socket(fileno=given[0])), shell, unavailable)
    finally:
        os._exit(0)


def _let_copies_end(running: dict[int, _Running]) -> None:
    """Wait a little for the copies: whoever they served hung up as well, and they have folders to remove."""
    deadline = time.monotonic() + COPIES_SECONDS
    while time.monotonic() < deadline and any(process.folder is None for process in running.values()):
        _reap(running)
        time.sleep(0.01)


def _import(modules: Iterable[str], packages: Iterable[str] = ()) -> None:
    modules = list(modules)
    for package in packages:
        with contextlib.suppress(ImportError):
            found = pkgutil.walk_packages(
                importlib.import_module(package).__path__, package + ".", onerror=str
            )
            modules += [
                module.name for module in found if ".make_" not in module.name
            ]  # those write the data files
    closed = [module for module in ON_DEMAND if module not in sys.modules]
    sys.modules.update(dict.fromkeys(closed))  # so that nothing loads them on the way
    for module in modules:
        with contextlib.suppress(
            ImportError
        ):  # a course may leave one out; then a notebook imports it itself
            importlib.import_module(module)
    for module in closed:
        del sys.modules[module]


def _reap(running: dict[int, _Running]) -> None:
    """Bury ended checkers; kill those that are long overdue, and what a checker that died left behind."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            break
        ended = running.pop(pid, None)
        if ended is not None and ended.folder is not None and status != 0:
            with contextlib.suppress(OSError):  # its caller removes it as well
                scratch.remove(ended.folder)
    for pid in _children():
        if pid not in running or time.monotonic() > running[pid].deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _be_checker(to_caller: Channel, fd: int, shell: Shell, request: dict) -> None:
    """Be the checker process; never returns."""
    status = 1
    try:
        to_caller.close()
        os.setsid()
        sandbox.tie_to_parent(True)
        sandbox.adopt_orphans()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        caller = Channel(socket.socket(fileno=fd))
        limits = Limits(**request["limits"])
        student = None
        try:
            student = _start_student(
                shell, limits, request["folder"], request["sandbox"], request.get("withheld", ())
            )
            sandbox.limit_memory(MEMORY_BYTES)
            content = Decoder().unpack(caller.receive())
            steps = [Step(*fields) for fields in content[0]]
            result = Checker(student, shell, limits, request["folder"]).run(steps, *content[1:])
            # As one text: thousands of cells are more entries than a message may have.
            answer = {"result": json.dumps(dataclasses.asdict(result), ensure_ascii=False)}
        except SandboxUnavailable as error:
            answer = {"unavailable": str(error)}
        except Exception as error:
            answer = {"fault": describe_fault(error)}
        _end_descendants(student)
        scratch.remove(request["folder"])
        caller.send(Encoder().pack(answer))
        status = 0
    except (Closed, Malformed):
        status = 0  # the caller is gone and wants no answer
    except BaseException as error:
        sys.stderr.write(describe_fault(error))
    finally:
        os._exit(status)


def _start_student(
    shell: Shell, limits: Limits, folder: str, confined: bool, withheld: Sequence[str] = ()
) -> StudentProcess:
    ours, theirs = socket.socketpair()
    checker = os.getpid()
    pid = os.fork()
    if pid == 0:
        _be_student(theirs, shell, limits, folder, confined, checker, withheld)
    theirs.close()
    channel = Channel(ours)
    try:
        message, listener = channel.receive_with_fd(time.monotonic() + READY_SECONDS)
    except (Closed, Late, Malformed):
        raise RuntimeError("the student process did not start") from None
    if message != b"ready":
        raise SandboxUnavailable(message.decode("utf-8", "replace"))
    if listener is None:
        return StudentProcess(channel, pid)
    guard = ForkGuard(listener, limits.processes)
    channel.watch[listener] = guard.decide
    return StudentProcess(channel, pid, guard.expect_fork)


def _be_student(
    sock: socket.socket,
    shell: Shell,
    limits: Limits,
    folder: str,
    confined: bool,
    checker: int,
    withheld: Sequence[str] = (),
) -> None:
    """Be the student process; never returns."""
    try:
        os.setsid()
        sandbox.tie_to_parent(True)
        if os.getppid() != checker:
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
        channel.send(b"ready", fd=listener)
        if listener is not None:
            os.close(listener)
        run_student(channel, shell, limits, folder, sandbox.tie_to_parent)
    finally:
        os._exit(1)


def _children() -> list[int]:
    """The processes whose parent this one is."""
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):
        return [int(pid) for pid in task.read_text().split()]
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid, _, rest = entry.read_text().partition(" (")
            if int(rest.rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(pid))
    return found


def _end_descendants(student: StudentProcess | None = None) -> None:
    """Kill every process below this one. Orphans come to this process as its children, so none is missed.

    Where a process cannot adopt orphans (not Linux), the group of the first student process is killed as a whole.
    """
    if not sandbox.LINUX and student is not None:
        with contextlib.suppress(OSError):
            os.killpg(student.pid, signal.SIGKILL)
    while True:
        for pid in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
