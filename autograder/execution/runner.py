"""What other rooms call: one submission in, one record out. May be called from any thread, many times.

Keeps one zygote per calling process, started at first use, and checker processes that wait for their next submission.
Knows nothing of grades or nbgrader.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import importlib.util
import itertools
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from autograder.execution import scratch
from autograder.execution.channel import Channel, Closed, Late, Malformed
from autograder.execution.helper import Helper
from autograder.execution.steps import Limits, RunResult, SandboxUnavailable, Step, StepResult
from autograder.execution.syntax import compiled
from autograder.execution.wire import Decoder, Encoder, WireError

MOST_RUNS = 100  # of one checker process
GRACE_SECONDS = 30.0  # beyond the submission's own time, before we call the checker process lost

_lock = threading.Lock()
_zygote: Helper | None = None
_door: socket.socket | None = None  # to the zygote of whoever started this process
_waiting: list[_Checker] = []  # checker processes that have nothing to do
_numbers = itertools.count()


def _get_zygote() -> Helper:
    global _zygote
    if sys.platform == "win32":
        raise SandboxUnavailable("Grading runs on Linux or macOS. On Windows, install WSL and run it there.")
    with _lock:
        if _zygote is not None and not _zygote.alive():
            _zygote.close()
            _zygote = None
        if _zygote is None and _door is not None:
            with contextlib.suppress(OSError):  # it is gone
                _zygote = Helper.copied(_door)
        if _zygote is None:
            _zygote = Helper.started()
        return _zygote


def warm(modules: Iterable[str] = (), door: socket.socket | None = None) -> None:
    """Start the zygote now, so that the first run waits for nothing.

    Parameters
    ----------
    modules
        what it shall load beside its own
    door
        from `door` in another process of this machine: copies of that one's zygote are used while there are any
    """
    global _door
    _door = door or _door
    zygote = _get_zygote()
    modules = list(modules)
    if modules:
        zygote.load(modules)


def door() -> socket.socket | None:
    """Start the zygote, without waiting for it; return what other processes need to get copies of it by `warm`."""
    return _get_zygote().door


def close() -> None:
    """End the zygote; the next run starts another."""
    global _zygote
    with _lock:
        while _waiting:
            _waiting.pop().channel.close()
        if _zygote is not None:
            _zygote.close()
        _zygote = None


atexit.register(close)
if hasattr(
    os, "register_at_fork"
):  # a fork of our caller must not wait for a lock that nobody there will release
    os.register_at_fork(after_in_child=lambda: globals().update(_lock=threading.Lock(), _waiting=[]))


def run(
    steps: Sequence[Step],
    names: Mapping[str, Sequence[str]] | Sequence[str],
    *,
    limits: Limits | None = None,
    sandbox: bool = True,
    files: Mapping[str, bytes] | None = None,
    withheld: Sequence[str] = (),
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

    withheld
        modules of ``utils`` that the student process may not read, because they hold answers

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
            result = _run_once(list(steps), names, limits, sandbox, files, withheld)
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


@functools.lru_cache(maxsize=64)
def _files_of(modules: tuple[str, ...]) -> list[str]:
    """The modules' files and the folders of what is compiled of them; none for a module that is not there."""
    found = []
    for module in modules:
        with contextlib.suppress(ImportError):
            spec = importlib.util.find_spec(module)
            if spec is not None and spec.origin is not None:
                source = Path(spec.origin).resolve()
                found += map(str, [source, source.parent / "__pycache__"])
    return found


@dataclasses.dataclass
class _Checker:
    """A checker process of ours: it takes one submission after another."""

    number: int
    zygote: Helper
    channel: Channel
    runs: int = 0


def _take(zygote: Helper, folder: str, seconds: float) -> _Checker:
    """A checker process that is told to expect a submission: one that waits, or a new one."""
    while True:
        with _lock:
            checker = _waiting.pop() if _waiting else None
        if checker is None:
            number = next(_numbers)
            return _Checker(number, zygote, zygote.start(number, folder, seconds))
        if checker.zygote is zygote and not checker.channel.hung_up():
            zygote.renew(checker.number, folder, seconds)
            return checker
        checker.channel.close()


def _run_once(steps, names, limits, sandbox, files, withheld) -> RunResult:
    zygote = _get_zygote()
    if sandbox and zygote.unavailable:
        raise SandboxUnavailable(zygote.unavailable)
    folder = scratch.make(files)
    checker, answer = None, {}
    try:
        seconds = limits.total_seconds + GRACE_SECONDS / 2  # then the zygote ends it
        checker = _take(zygote, folder, seconds)
        deadline = time.monotonic() + limits.total_seconds + GRACE_SECONDS
        request = {"folder": folder, "sandbox": sandbox, "limits": dataclasses.asdict(limits)}
        request["withheld"] = _files_of(tuple(withheld))
        plain_names = (
            {key: list(group) for key, group in names.items()} if isinstance(names, Mapping) else list(names)
        )
        cells = [[step.kind, step.name, step.source, step.index] for step in steps]
        codes = [None if s.kind == "student" else compiled(s.source, s.name or "cell") for s in steps]
        checker.channel.send(Encoder().pack([request, cells, plain_names, codes]), deadline)
        answer = Decoder().unpack(checker.channel.receive(deadline))
    except Closed:
        raise _Fault("the checker process ended before it had answered") from None
    except Late:
        raise _Fault("the checker process did not answer in time") from None
    except (Malformed, WireError) as error:
        raise _Fault(f"the checker process answered nonsense: {error}") from None
    finally:
        if checker is not None:
            _give_back(checker, bool(answer.get("again")))
        scratch.remove(folder)
    if "unavailable" in answer:
        raise SandboxUnavailable(answer["unavailable"])
    if "fault" in answer:
        raise _Fault(answer["fault"])
    fields = json.loads(answer["result"])
    fields["steps"] = [StepResult(**step) for step in fields["steps"]]
    return RunResult(**fields)


def _give_back(checker: _Checker, again: bool) -> None:
    """Keep a checker process that waits for its next submission, unless it has seen many."""
    checker.runs += 1
    if again and checker.runs < MOST_RUNS:
        with _lock:
            _waiting.append(checker)
    else:
        checker.channel.close()
