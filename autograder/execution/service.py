"""The checker process's life: it grades one submission after another, each with a student process of its own.

The student processes come from its nursery, which has never seen a check. Between submissions it is put back to what it was at its
start; after anything unusual it ends, and its caller takes another.

Knows processes and their order. Knows nothing of grades.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from autograder.execution import sandbox, scratch
from autograder.execution.baseline import Baseline
from autograder.execution.cells import Shell
from autograder.execution.channel import Channel, Closed, Malformed
from autograder.execution.checker import Checker, describe_fault
from autograder.execution.nursery import Nursery
from autograder.execution.steps import Limits, SandboxUnavailable, Step
from autograder.execution.wire import Decoder, Encoder

MEMORY_BYTES = 4 * 2**30  # of a checker process, beyond the libraries: what students answer is unpacked there
USUAL = {"passed", "raised"}  # how a cell, or a call in a check, ends where nobody means harm


def be_checker(sock: socket.socket, shell: Shell, preload: Callable[[], None]) -> None:
    """Be a checker process for whoever holds the other end of `sock`, until that is closed; never returns.

    `preload` loads what checks need and students must not have.
    """
    status = 1
    try:
        os.setsid()
        sandbox.tie_to_parent(True)
        sandbox.adopt_orphans()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        caller = Channel(sock)
        nursery = Nursery(shell)  # before any check is read
        sandbox.limit_memory(MEMORY_BYTES)
        preload()
        baseline = Baseline(shell)
        again = True
        while again:
            request, *content = Decoder().unpack(caller.receive())
            answer, usual = _run(nursery, shell, request, content)
            again = answer["again"] = usual and _is_restored(baseline)
            caller.send(Encoder().pack(answer))
        status = 0
    except (Closed, Malformed):
        status = 0  # the caller is gone and wants no answer
    except BaseException as error:
        sys.stderr.write(describe_fault(error))
    finally:
        os._exit(status)


def _is_restored(baseline: Baseline) -> bool:
    """Whether this process is again what it was; the submission's result stands in any case."""
    try:
        return baseline.restore()
    except Exception as error:  # a check changed what cannot be changed back
        sys.stderr.write(describe_fault(error))
        return False


def _run(nursery: Nursery, shell: Shell, request: dict, content: list) -> tuple[dict[str, Any], bool]:
    """Grade one submission: the answer, and whether everything about it was usual."""
    usual, folder = False, request["folder"]
    try:
        limits = Limits(**request["limits"])
        start = functools.partial(nursery.start, limits, folder, request["sandbox"], request["withheld"])
        cells, names, codes = content
        with contextlib.closing(Checker(start, shell, limits, folder)) as checker:
            result = checker.run([Step(*fields) for fields in cells], names, codes)
        usual = all(step.verdict in USUAL and USUAL.issuperset(step.failures) for step in result.steps)
        # As one text: thousands of cells are more entries than a message may have.
        told = vars(result) | {"steps": list(map(vars, result.steps))}
        answer = {"result": json.dumps(told, ensure_ascii=False)}
    except SandboxUnavailable as error:
        answer = {"unavailable": str(error)}
    except Exception as error:
        answer = {"fault": describe_fault(error)}
    nursery.end()
    scratch.remove(folder)
    return answer, usual
