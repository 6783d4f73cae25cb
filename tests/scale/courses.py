"""Ways to hand in, grade and look, for tests of grading many."""

from __future__ import annotations

import concurrent.futures as futures
import contextlib
import logging
from pathlib import Path

from grading import course as small
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from autograder.grading.coordinator import Coordinator, Watch
from autograder.grading.many import Supervised
from autograder.grading.settings import Settings

NAME, NOTEBOOK = small.NAME, small.NOTEBOOK


def api(course: Path) -> NbGraderAPI:
    """nbgrader's own interface to a course."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    config.CourseDirectory.root = str(course)
    made = NbGraderAPI(config=config)
    made.log.setLevel(logging.CRITICAL)
    return made


def hand_in(course: Path, student: str, data: bytes, name: str = f"{NOTEBOOK}.ipynb") -> Path:
    """Put a submission where `nbgrader collect` would."""
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder


class Seen(Watch):
    """Keeps all it was told."""

    def __init__(self):
        self.outcomes, self.waits = [], []

    def done(self, outcome):
        self.outcomes.append(outcome)

    def waiting(self, why):
        self.waits.append(why)

    @property
    def states(self) -> dict[str, str]:
        return {outcome.student: outcome.state for outcome in self.outcomes}


def grade(course: Path, workers, *, students=(), force=False, watch=None, **options) -> Seen:
    """Run `autograder grade` in this process, with `workers`."""
    watch = watch or Seen()
    with contextlib.chdir(course):
        coordinator = Coordinator(Settings.load(course), NAME, watch=watch, **options)
        try:
            coordinator.run(workers, students, force)
        finally:
            coordinator.close()
    return watch


class Here(futures.Executor):
    """An executor that grades in this process: quick, and easy to break."""

    def __init__(self, before=lambda work: None):
        self.before, self.graded = before, []

    def submit(self, fn, work, bundles):
        future = futures.Future()
        try:
            self.before(work)
            future.set_result(fn(work, bundles))
            self.graded.append(work.student)
        except BaseException as error:
            future.set_exception(error)
        return future


def here(executor=None) -> Supervised:
    """Workers that are this process itself."""
    executor = executor or Here()
    return Supervised(lambda: executor, lambda: 2, lambda executor: None)
