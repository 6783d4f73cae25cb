"""The zygote, seen from whoever has notebooks to run: its start, its copies for other processes, its end.

Knows one helper process. Knows nothing of cells.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from functools import cached_property
from pathlib import Path

from autograder.execution.channel import Channel, Closed, Late, Malformed, pair

START_SECONDS = 120.0  # a cold disk can take long to give up NumPy and Matplotlib
CLONE = b"clone"
_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "MPLCONFIGDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Helper:
    """A zygote, and the way to it.

    Attributes
    ----------
    process : subprocess.Popen or None
        None for a copy of another process's zygote.
    door : socket or None
        Where other processes of this machine ask for a copy of this zygote; None where the system has no such sockets.
    """

    def __init__(self, channel: Channel, process: subprocess.Popen | None, door: socket.socket | None = None):
        self.channel, self.process, self.door = channel, process, door
        self.owner = os.getpid()
        self.lock = threading.Lock()

    @classmethod
    def started(cls) -> Helper:
        """Start a zygote; it loads its libraries while we go on."""
        ours, theirs = pair()
        doors = _doors()
        given = [theirs, *doors[1:]]
        command = [sys.executable, "-m", "autograder.execution.zygote", *(str(end.fileno()) for end in given)]
        process = subprocess.Popen(
            command,
            env=_environment(),
            cwd="/",
            pass_fds=[end.fileno() for end in given],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        for end in given:
            end.close()
        return cls(Channel(ours), process, doors[0] if doors else None)

    @classmethod
    def copied(cls, door: socket.socket) -> Helper:
        """Ask for a copy of the zygote behind `door`, of another process of this machine.

        Raises
        ------
        OSError
            If nobody is behind it any more.
        """
        ours, theirs = pair()
        with theirs:
            try:
                socket.send_fds(door, [CLONE], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return cls(Channel(ours), None)

    @cached_property
    def unavailable(self) -> str | None:
        """Why this machine cannot confine a student process, or None; waits until the zygote is ready.

        Raises
        ------
        RuntimeError
            If it does not start.
        """
        try:
            hello = self.channel.receive(time.monotonic() + START_SECONDS)
        except (Closed, Late, Malformed):
            self.close()
            raise RuntimeError(
                "the helper process that runs notebooks did not start; its messages are above. "
                f"Try it by hand: {sys.executable} -m autograder.execution.zygote 0"
            ) from None
        return json.loads(hello)["unavailable"]

    def alive(self) -> bool:
        if self.owner != os.getpid():
            return False
        if self.process is not None:
            return self.process.poll() is None
        return not self.channel.hung_up()

    def load(self, modules: list[str]) -> None:
        """Have it load more modules."""
        with self.lock:
            self.channel.send(json.dumps({"modules": modules}).encode())

    def start(self, number: int, folder: str, seconds: float) -> Channel:
        """Have a checker process forked, by that `number` of ours, for a submission in `folder`; return the way to it.

        After so many seconds it is killed, and the folder removed.
        """
        ours, theirs = pair()
        with theirs:
            self.renew(number, folder, seconds, theirs.fileno())
        return Channel(ours)

    def renew(self, number: int, folder: str, seconds: float, fd: int | None = None) -> None:
        """Say that the checker process of that number begins another submission, and how long that may take."""
        request = {"number": number, "folder": folder, "seconds": seconds}
        with self.lock:
            self.channel.send(json.dumps(request).encode(), fd=fd)

    def close(self) -> None:
        """Hang up; the zygote ends, with all that it started."""
        self.channel.close()
        if self.door is not None:
            self.door.close()
        if self.process is None or self.owner != os.getpid():  # a fork of our caller inherited it
            return
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _doors() -> tuple[socket.socket, ...]:
    """Two ends that carry whole messages from several processes at once; none where the system has no such sockets."""
    if not sys.platform.startswith("linux"):
        return ()
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    path = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **kept,
        **dict.fromkeys(_ONE_THREAD, "1"),
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONSAFEPATH": "1",  # a numpy.py where we were started shadows nothing
        "MPLBACKEND": "agg",
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # on macOS: forks of a process without threads
        # Large arrays come and go with every message: let glibc keep their memory instead of asking for it anew.
        "MALLOC_MMAP_THRESHOLD_": str(2**28),
        "MALLOC_TRIM_THRESHOLD_": str(2**29),
    }
