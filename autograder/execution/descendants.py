"""The processes below this one: who they are, and their end. Knows processes; nothing of what they do."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def children() -> list[int]:
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


def end_descendants(but: int | None = None) -> None:
    """Kill every process below this one, and wait for their ends; the child `but`, and what is below it, may go on.

    Orphans come to a process that adopts them as its children, so none is missed there (see `sandbox.adopt_orphans`).
    """
    while doomed := [pid for pid in children() if pid != but]:
        for pid in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in doomed:  # whatever was below it is a child of ours before it can be waited for
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
