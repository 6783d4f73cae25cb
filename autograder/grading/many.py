"""Map grading over any executor, and see it through the loss of workers.

Decides only what to send, what to send again and what to give up; knows no folder and no gradebook.
"""

from __future__ import annotations

import concurrent.futures as futures
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.execution import SandboxUnavailable
from autograder.grading.work import Graded, OtherEnvironment, Work, grade_work, left_open

TRIES = 2
MOST_RESTARTS = 5  # without a single result in between
LOST = "the process that graded it ended twice"


class WorkersGone(RuntimeError):
    """The workers cannot be reached any more; what was graded so far is kept."""


@dataclass
class Supervised:
    """An executor that is started again when it breaks.

    Attributes
    ----------
    start : callable
        Gives a running executor.
    width : callable
        Gives how many submissions may be under way at once.
    end : callable
        Ends an executor at once, whatever it is doing.
    decisive : tuple of exception types
        Errors that mean: this submission's worker was lost more than once already.
    gone : tuple of exception types
        Errors that mean: nobody is there to work.
    """

    start: Callable[[], futures.Executor]
    width: Callable[[], int]
    end: Callable[[futures.Executor], None]
    decisive: tuple[type[BaseException], ...] = ()
    gone: tuple[type[BaseException], ...] = ()


def grade_many(
    works: Iterable[Work],
    bundles: Mapping[str, bytes],
    workers: Supervised,
    tick: Callable[[], None] = lambda: None,
    tick_seconds: float = 1.0,
) -> Iterator[tuple[Work, Graded]]:
    """Grade submissions in whatever order they finish.

    A submission under way when workers are lost is graded again, on its own; if that fails too it is left open,
    without a score.

    Parameters
    ----------
    works : iterable of Work
        Taken one by one, no more of them than are under way.
    bundles : mapping of str to bytes
    workers : Supervised
    tick : callable
        Called now and then while waiting.
    tick_seconds : float

    Raises
    ------
    autograder.execution.SandboxUnavailable, OtherEnvironment
        As soon as one worker says so: it concerns all submissions.
    WorkersGone
        If there is nobody left to work.
    """
    waiting = iter(works)
    again: deque[Work] = deque()  # were under way when a worker was lost: one at a time, to see which it was
    failed: dict[str, int] = {}
    underway: dict[futures.Future, Work] = {}
    broken, restarts = False, 0
    executor = workers.start()
    try:
        while True:
            if broken and not underway:
                workers.end(executor)
                executor, broken, restarts = workers.start(), False, restarts + 1
                if restarts > MOST_RESTARTS:
                    raise WorkersGone("The workers end as soon as they are started.")
            while not broken and (work := _next(again, waiting, underway, workers.width())) is not None:
                try:
                    underway[executor.submit(grade_work, work, bundles)] = work
                except futures.BrokenExecutor:  # it broke between two submissions
                    broken = True
                    again.appendleft(work)
            if not underway:
                if broken:
                    continue
                return
            done, _ = futures.wait(underway, tick_seconds, futures.FIRST_COMPLETED)
            tick()
            for future in done:
                work = underway.pop(future)
                error = _error(future)
                if error is None:
                    restarts = 0
                    yield work, future.result()
                    continue
                if isinstance(error, SandboxUnavailable | OtherEnvironment):
                    raise error
                if isinstance(error, workers.gone):
                    raise WorkersGone(str(error) or type(error).__name__) from error
                broken = broken or isinstance(error, futures.BrokenExecutor)
                failed[work.student] = failed.get(work.student, 0) + 1
                if failed[work.student] >= TRIES or isinstance(error, workers.decisive):
                    yield work, left_open(work, bundles, _why(error))
                else:
                    again.append(work)
    finally:
        workers.end(executor)


def _next(again: deque[Work], waiting: Iterator[Work], underway: Mapping, width: int) -> Work | None:
    """What to send now: a suspect goes alone, all others together."""
    if again:
        return None if underway else again.popleft()
    return next(waiting, None) if len(underway) < width else None


def _error(future: futures.Future) -> BaseException | None:
    try:
        return future.exception()
    except futures.CancelledError as error:
        return error


def _why(error: BaseException) -> str:
    if isinstance(error, futures.BrokenExecutor):
        return f"Reason: {LOST}."
    return f"Reason: {type(error).__name__}: {error}"
