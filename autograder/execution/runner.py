"""What other rooms call: one submission in, one record out. May be called from any thread, many times.

Keeps one zygote per calling process, started at first use. Knows nothing of grades or nbgrader.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.execution import scratch
from autograder.execution.channel import Channel, Closed, Late, Malformed, pair
from autograder.execution.steps import Limits, RunResult, SandboxUnavailable, Step, StepResult
from autograder.execution.syntax import compiled
from autograder.execution.wire import Decoder, Encoder, WireError

START_SECONDS = 120.0  # a cold disk can take long to give up NumPy and Matplotlib
GRACE_SECONDS = 30.0  # beyond the submission's own time, before we call the checker process lost
_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "MPLCONFIGDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class _Zygote:
    """The helper process, and the way to it."""

    def __init__(self):
        ours, theirs = pair()
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= dict.fromkeys(_ONE_THREAD, "1")
        path = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment |= {
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "agg",
        }
        environment["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = (
            "YES"  # on macOS: forks of a process without threads
        )
        # Large arrays come and go with every message: let glibc keep their memory instead of asking for it anew.
        environment |= {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**29)}
        environment["PYTHONSAFEPATH"] = "1"  # a numpy.py where we were started shadows nothing
        command = [sys.executable, "-m", "autograder.execution.zygote", str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.owner = os.getpid()
        self.channel = Channel(ours)
        self.lock = threading.Lock()
        try:
            hello = self.channel.receive(time.monotonic() + START_SECONDS)
        except (Closed, Late, Malformed):
            self.close()
            raise RuntimeError(
                "the helper process that runs notebooks did not start; its messages are above. "
                f"Try it by hand: {' '.join(command[:3])} 0"
            ) from None
        self.unavailable: str | None = json.loads(hello)["unavailable"]

    def alive(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def start(self, request: dict) -> Channel:
        """Have a checker process forked; return the way to it."""
        ours, theirs = pair()
        with theirs, self.lock:
            self.channel.send(json.dumps(request).encode(), fd=theirs.fileno())
        return Channel(ours)

    def close(self) -> None:
        self.channel.close()
        if self.owner != os.getpid():  # inherited by a fork of our caller: not ours to end
            return
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


_lock = threading.Lock()
_zygote: _Zygote | None = None


def _get_zygote() -> _Zygote:
    global _zygote
    if sys.platform == "win32":
        raise SandboxUnavailable("Grading runs on Linux or macOS. On Windows, install WSL and run it there.")
    with _lock:
        if _zygote is not None and not _zygote.alive():
            _zygote.close()
            _zygote = None
        if _zygote is None:
            _zygote = _Zygote()
        return _zygote


def warm(modules: Iterable[str] = ()) -> None:
    """Start the zygote now, and have it load `modules` too, so that the first run waits for nothing."""
    zygote = _get_zygote()
    modules = list(modules)
    if modules:
        with zygote.lock:
            zygote.channel.send(json.dumps({"modules": modules}).encode())


def close() -> None:
    """End the zygote; the next run starts another."""
    global _zygote
    with _lock:
        if _zygote is not None:
            _zygote.close()
        _zygote = None


atexit.register(close)
if hasattr(
    os, "register_at_fork"
):  # a fork of our caller must not wait for a lock that nobody there will release
    os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.Lock()))


def run(
    steps: Sequence[Step],
    names: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    limits: Limits | None = None,
    sandbox: bool = True,
    files: Mapping[str, bytes] | None = None,
) -> RunResult:
    """Run one submission's cells and say what became of each.

    Parameters
    ----------
    steps
        the cells, in the order to run them
    names
        every name that a solution cell binds; in check cells these are proxies to the student process
    limits
        what the submission may use
    sandbox
        False to let the student's code do all that this process may do; the two processes remain two
    files
        extra files of the submission, by name, placed where its cells run

    Raises
    ------
    SandboxUnavailable
        if this machine cannot confine a student process and `sandbox` is True
    ValueError
        for a file whose name points outside the submission's folder
    """
    limits = limits or Limits()
    faults: list[str] = []
    for _ in range(2):  # our own failures are tried once more
        try:
            result = _run_once(list(steps), names, limits, sandbox, files)
        except (_Fault, OSError, Closed) as fault:
            faults.append(str(fault) or type(fault).__name__)
            continue
        result.messages = [
            *(f"Run again after a fault of ours: {fault}" for fault in faults),
            *result.messages,
        ]
        return result
    failed = [
        StepResult(s.index, s.name, s.kind, "our fault", error=faults[-1].strip()[-300:]) for s in steps
    ]
    return RunResult(failed, "our fault", 0.0, faults)


class _Fault(Exception):
    """Something of ours failed; the text says what."""


def _run_once(steps, names, limits, sandbox, files) -> RunResult:
    zygote = _get_zygote()
    if sandbox and zygote.unavailable:
        raise SandboxUnavailable(zygote.unavailable)
    folder = scratch.make(files)
    channel = None
    try:
        request = {"folder": folder, "sandbox": sandbox, "limits": dataclasses.asdict(limits)}
        request["overtime"] = GRACE_SECONDS / 2  # then the zygote ends it
        channel = zygote.start(request)
        deadline = time.monotonic() + limits.total_seconds + GRACE_SECONDS
        plain_names = (
            {key: list(group) for key, group in names.items()} if isinstance(names, Mapping) else list(names)
        )
        cells = [[step.kind, step.name, step.source, step.index] for step in steps]
        codes = [None if s.kind == "student" else compiled(s.source, s.name or "cell") for s in steps]
        channel.send(Encoder().pack([cells, plain_names, codes]), deadline)
        answer = Decoder().unpack(channel.receive(deadline))
    except Closed:
        raise _Fault("the checker process ended before it had answered") from None
    except Late:
        raise _Fault("the checker process did not answer in time") from None
    except (Malformed, WireError) as error:
        raise _Fault(f"the checker process answered nonsense: {error}") from None
    finally:
        if channel is not None:
            channel.close()
        scratch.remove(folder)
    if "unavailable" in answer:
        raise SandboxUnavailable(answer["unavailable"])
    if "fault" in answer:
        raise _Fault(answer["fault"])
    fields = answer["result"]
    fields["steps"] = [StepResult(**step) for step in fields["steps"]]
    return RunResult(**fields)
