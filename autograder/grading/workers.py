"""Where submissions are graded: processes on this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import multiprocessing
import os
import time
from collections.abc import Iterator
from dataclasses import replace

from autograder.execution import door
from autograder.grading.many import Supervised, WorkersGone
from autograder.grading.work import prepare_worker

AHEAD = 2  # submissions handed to each worker, so that none waits while the gradebook is written
ASK_SECONDS = 2.0


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(count: int) -> Supervised:
    """`count` worker processes on this machine, each with a copy of one zygote."""
    # Never plain forks of this process: a worker must not inherit the coordinator's threads, database or locks.
    # A fork server loads what the workers need once, before any of that exists.
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(["click", prepare_worker.__module__])

    def start() -> futures.Executor:
        pool = futures.ProcessPoolExecutor(
            count, mp_context=context, initializer=prepare_worker, initargs=(door(),)
        )
        for _ in range(count):  # a process begins when there is something to do
            pool.submit(int)
        return pool

    return Supervised(start, width=lambda: AHEAD * count, end=_end)


@contextlib.contextmanager
def early(workers: Supervised) -> Iterator[Supervised]:
    """Start `workers` at once, while we load what we need ourselves; whoever was never used is ended."""
    with futures.ThreadPoolExecutor(1) as aside:  # waits for processes to begin
        begun = [aside.submit(workers.start)]
        try:
            yield replace(workers, start=lambda: begun.pop().result() if begun else workers.start())
        finally:
            for executor in begun:
                workers.end(executor.result())


def _end(executor: futures.Executor) -> None:
    """End a pool of processes now; what they were doing is lost, and will be done again."""
    processes = list((getattr(executor, "_processes", None) or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        with contextlib.suppress(ValueError, OSError):
            process.terminate()
    for process in processes:
        with contextlib.suppress(ValueError, OSError, AssertionError):
            process.join(5)


class _Threads:
    """How many submissions a cluster can grade at once; asked again now and then, for workers come and go."""

    def __init__(self, client):
        self._client, self._at, self._count = client, float("-inf"), 0

    def __call__(self) -> int:
        if time.monotonic() - self._at > ASK_SECONDS:
            self._at, self._count = time.monotonic(), sum(self._client.nthreads().values())
        return self._count


@contextlib.contextmanager
def cluster(address: str, wait_seconds: float = 30.0) -> Iterator[Supervised]:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.
    wait_seconds : float
        How long the scheduler may take to answer.

    Raises
    ------
    WorkersGone
        If Dask is not installed here, or nobody answers at that address; the message says what to do.
    """
    try:
        import distributed
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise WorkersGone(
            "--scheduler needs Dask: pip install 'deep-learning-foundations[cluster]', here and on the workers."
        ) from error
    try:
        client = distributed.Client(address, timeout=wait_seconds, set_as_default=False)
    except (OSError, ValueError, CommClosedError) as error:  # TimeoutError is an OSError
        raise WorkersGone(f"No Dask scheduler answers at {address} ({error}).") from error
    try:
        seen = _Threads(client)
        yield Supervised(
            # A worker that is lost does not end the others: Dask gives its work to them.
            start=lambda: client.get_executor(pure=False),
            width=lambda: AHEAD * max(1, seen()),
            end=lambda executor: executor.shutdown(wait=False),
            decisive=(distributed.KilledWorker,),
            gone=(
                CommClosedError,
                futures.CancelledError,
                distributed.client.FutureCancelledError,
                ImportError,
            ),
        )
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=5)
