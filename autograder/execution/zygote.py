"""The zygote: a process with every library loaded and no threads, of which all others are forked.

Started by `runner` with ``python -m autograder.execution.zygote``. It forks checker processes; each of them forks a nursery before
it has read a single cell, and from that comes a student process for each submission, so that no check can be found in its memory.

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
from collections.abc import Iterable

from autograder.execution import sandbox, scratch
from autograder.execution.cells import Shell, make_shell
from autograder.execution.channel import Channel, Closed
from autograder.execution.descendants import children, end_descendants
from autograder.execution.helper import CLONE
from autograder.execution.service import be_checker

COPIES_SECONDS = 2.0
WARM_MODULES = ("autograder", "autograder.checks", "autograder.layers", "matplotlib.pyplot")
WARM_PACKAGES = (
    "autograder.knowledge",
    "utils",
)  # with all their modules: notebooks load them piece by piece
# Finished layers, which some assignment withholds: loaded, with all that needs them, by whoever may use them.
ON_DEMAND = ("utils.layers", "utils.convolutions")


@dataclasses.dataclass
class _Running:
    """A checker process and its present submission, or a copy of this process (which has no folder), and when it must have ended."""

    folder: str | None
    deadline: float
    number: int | None = None  # by which its caller speaks of it


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
            deadline = time.monotonic() + request["seconds"]
            if given is None:  # one that waited has something to do
                for process in running.values():
                    if process.number == request["number"]:
                        process.folder, process.deadline = request["folder"], deadline
                continue
            pid = os.fork()
            if pid == 0:
                if door is not None:
                    door.close()
                channel.close()
                be_checker(socket.socket(fileno=given), shell, lambda: _import((), WARM_PACKAGES, closed=()))
            running[pid] = _Running(request["folder"], deadline, request["number"])
            os.close(given)
            _reap(running)
    _let_copies_end(running)
    end_descendants()
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


def _import(modules: Iterable[str], packages: Iterable[str] = (), closed: Iterable[str] = ON_DEMAND) -> None:
    """Load modules, and packages with all their modules, without those that are `closed` and what needs them."""
    modules = list(modules)
    for package in packages:
        with contextlib.suppress(ImportError):
            found = pkgutil.walk_packages(
                importlib.import_module(package).__path__, package + ".", onerror=str
            )
            modules += [
                module.name for module in found if ".make_" not in module.name
            ]  # those write the data files
    closed = [module for module in closed if module not in sys.modules]
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
    for pid in children():
        if pid not in running or time.monotonic() > running[pid].deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
