"""Run a command and say what it took: seconds, processor seconds and memory, of it and all it started."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.5
MOST_SHARE = 0.02  # of one processor that looking at memory may take from what is measured
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Attributes
    ----------
    seconds : float
    cpu : float
        Processor seconds of all its processes (of those that somebody waited for).
    memory : float
        Most MB that its processes held at once, the command's own first process left out; of pages that processes
        share each counts its part (where the system does not tell, the whole).
    said : str
    """

    seconds: float
    cpu: float
    memory: float
    said: str


def adopt_orphans() -> None:
    """Become the parent of what loses its own, so that its processor time is counted here (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(command: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        If it fails; with what it said.
    """
    before, start = _cpu(), time.perf_counter()
    bin_folder = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
        "JUPYTER_NO_CONFIG": "1",
    }
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    sampler = _Sampler(process.pid)
    sampler.start()
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    sampler.stop()
    _wait_for_orphans()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said[-3000:]}")
    return Cost(seconds, _cpu() - before, sampler.most / 2**20, said)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wait_for_orphans() -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
        except ChildProcessError:
            return


def _held(process: psutil.Process) -> int:
    """Bytes of memory that a process holds, with its part of what it shares."""
    told = Path(f"/proc/{process.pid}/smaps_rollup")
    if told.exists():
        for line in told.read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return process.memory_info().rss


class _Sampler(threading.Thread):
    """Looks now and then how much memory a process's descendants hold."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.most, self._ended = pid, 0, threading.Event()

    def run(self) -> None:
        pause = SAMPLE_SECONDS
        while not self._ended.wait(pause):
            start = time.perf_counter()
            self.most = max(self.most, self._now())
            pause = max(SAMPLE_SECONDS, (time.perf_counter() - start) / MOST_SHARE)

    def _now(self) -> int:
        total = 0
        try:
            below = psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            return 0
        for process in below:
            try:
                total += _held(process)
            except (psutil.Error, OSError):
                continue  # it ended between two looks
        return total

    def stop(self) -> None:
        self._ended.set()
        self.join()
