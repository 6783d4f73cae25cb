"""One submission as it travels to a worker, and what comes back: plain records, by value.

A worker needs nothing of the course: no folder, no gradebook, no nbgrader.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from autograder import records
from autograder.execution import Limits, warm
from autograder.grading.bundle import Bundle
from autograder.grading.environment import differences, environment
from autograder.grading.grade import LIMITS, grade_restored
from autograder.grading.graded import ORIGINAL, as_notebook, as_text, describe
from autograder.grading.reading import Note
from autograder.grading.restore import Restored, empty, restore
from autograder.grading.result import ExerciseResult, Result


class OtherEnvironment(RuntimeError):
    """A worker has other versions than the machine that asked; its marks might differ."""


@dataclass(frozen=True)
class Work:
    """One submission to be graded.

    Attributes
    ----------
    student : str
    notebooks : dict of str to (bytes or Note)
        By nbgrader's notebook name: what was handed in, or why there is nothing.
    files : dict of str to bytes
        What stands beside them.
    limits : Limits
    sandbox, show_hidden : bool
    environment : dict of str to str
        What a worker elsewhere must agree with; empty for no such demand.
    """

    student: str
    notebooks: Mapping[str, bytes | Note]
    files: Mapping[str, bytes] = field(default_factory=dict)
    limits: Limits = LIMITS
    sandbox: bool = True
    show_hidden: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Graded:
    """One submission, graded.

    Attributes
    ----------
    student : str
    results : dict of str to Result
        By notebook; without cells, which are in `texts`.
    texts : dict of str to str
        Autograded notebooks.
    originals : dict of str to bytes
        What could not be read, by file name.
    seconds : float
    """

    student: str
    results: dict[str, Result] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    originals: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0


def grade_work(work: Work, bundles: Mapping[str, bytes]) -> Graded:
    """Grade one submission: the function that every worker runs.

    Parameters
    ----------
    work : Work
    bundles : mapping of str to bytes
        Each notebook's bundle, as `Bundle.to_bytes` gives it.

    Raises
    ------
    OtherEnvironment
        If this worker's versions are not the demanded ones.
    autograder.execution.SandboxUnavailable
        If this machine cannot confine student code and `work.sandbox` is true.
    """
    if work.environment and (told := differences(dict(work.environment), environment())):
        raise OtherEnvironment(told)
    start = time.perf_counter()
    graded = Graded(work.student)
    for name, submission in work.notebooks.items():
        bundle = _bundle(bundles[name])
        restored = empty(bundle, submission) if isinstance(submission, Note) else restore(submission, bundle)
        result = grade_restored(restored, bundle, files=work.files, limits=work.limits, sandbox=work.sandbox)
        _keep(graded, name, submission, restored, result, bundle, work.show_hidden)
    graded.seconds = time.perf_counter() - start
    return graded


def left_open(work: Work, bundles: Mapping[str, bytes], why: str) -> Graded:
    """The record of a submission that could not be graded through no fault of its student: no scores, no zeros."""
    note = Note("our fault", f"This submission is not graded yet; it is not your fault. {why}")
    graded = Graded(work.student)
    for name, submission in work.notebooks.items():
        bundle = _bundle(bundles[name])
        restored = empty(bundle, note)
        exercises = tuple(
            ExerciseResult(
                check.exercise, check.grade_id, check.points, None, records.OUR_FAULT, (), note.text
            )
            for check in bundle.checks
        )
        result = Result(bundle.assignment, name, exercises, {}, (note,), restored.notebook, (why,))
        _keep(graded, name, submission, restored, result, bundle, False)
    return graded


def prepare_worker(door: socket.socket | None = None) -> None:
    """Called once in every local worker process, before its first submission; `door` as `execution.warm` takes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the coordinator hears it and ends us in order
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(Exception):  # the first submission meets the same trouble, and says so
        warm(door=door)


def _end_with_parent() -> None:
    """End this process when the coordinator is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


@lru_cache(maxsize=16)
def _bundle(data: bytes) -> Bundle:
    return Bundle.from_bytes(data)


def _keep(
    graded: Graded,
    name: str,
    submission: bytes | Note,
    restored: Restored,
    result: Result,
    bundle: Bundle,
    show_hidden: bool,
) -> None:
    notebook = as_notebook(result, describe(restored), bundle, show_hidden)
    graded.texts[name] = as_text(notebook)
    graded.results[name] = replace(result, cells={})
    if not restored.readable and isinstance(submission, bytes):
        graded.originals[name + ORIGINAL] = submission
