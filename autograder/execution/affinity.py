"""Two processes that only ever wait for each other share one processor while they talk.

A question and its answer take 40 microseconds on one processor and 100 across two, because the other one has to be woken.
The processor is the one the talk begins on, so that the kernel still spreads submissions over all of them.

Linux only; elsewhere nothing happens. Knows nothing of what is said.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from autograder.execution.libc import libc

_ALL = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


class OneProcessor:
    """Where the present talk takes place."""

    def __init__(self):
        self._here: int | None = None

    @contextlib.contextmanager
    def talk(self, *pids: int) -> Iterator[None]:
        """Keep this process and those with numbers `pids` on the present processor for as long as the block runs."""
        if len(_ALL) > 1:
            self._here = libc().sched_getcpu()
        self.join(0, *pids)
        try:
            yield
        finally:
            self._here = None
            if len(_ALL) > 1:
                _keep(0, _ALL)

    def join(self, *pids: int) -> None:
        """Bring more processes to the talk, if there is one."""
        if self._here in _ALL:
            for pid in pids:
                _keep(pid, {self._here})


def _keep(pid: int, processors: set[int]) -> None:
    with contextlib.suppress(
        OSError
    ):  # the process is gone, or the processor was taken away: then it runs anywhere
        os.sched_setaffinity(pid, processors)
