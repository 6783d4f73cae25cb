"""The same class twice: one course graded by stock nbgrader, one by ours. Writes folders; measures nothing."""

from __future__ import annotations

import copy
import logging
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.course.build import programs_beside_python, release_config
from autograder.course.example_class import example_class
from autograder.course.paths import Assignment
from autograder.course.plain import is_experiment, run_plainly, solutions
from autograder.course.prove import fill_in

# Damaged notebooks stop stock nbgrader (a copied cell ends the whole class), and an endless loop measures a limit.
LEFT_OUT = ("endless_loop", "check_deleted", "cell_duplicated")
STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "foundations"
"""


@dataclass(frozen=True)
class Class:
    """Two courses with the same submissions, and the sources to run them plainly.

    Attributes
    ----------
    assignment : Assignment
    stock, ours : Path
    plain : tuple of NotebookNode
        Each different submission, with all checks, to be run in one process.
    """

    assignment: Assignment
    stock: Path
    ours: Path
    plain: tuple

    @property
    def kinds(self) -> int:
        """How many different submissions there are."""
        return len(self.plain)


def without_experiments(notebook):
    """A copy without the cells that grading skips."""
    changed = copy.deepcopy(notebook)
    changed.cells = [cell for cell in changed.cells if not is_experiment(cell)]
    return changed


def make_class(assignment: Assignment, folder: Path, as_shipped: bool = False) -> Class:
    """Lay out both courses in `folder`; nobody has handed in anything yet."""
    source = nbformat.read(assignment.source, as_version=4)
    if not as_shipped:
        source = without_experiments(source)
    for place in (folder / "stock", folder / "ours"):
        goal = place / "source" / assignment.name
        shutil.copytree(assignment.source.parent, goal)
        nbformat.write(source, goal / assignment.source.name)
        (place / "assignments" / assignment.name).mkdir(parents=True)
    (folder / "stock" / "nbgrader_config.py").write_text(STOCK_CONFIG)
    shutil.copyfile(assignment.root / "nbgrader_config.py", folder / "ours" / "nbgrader_config.py")
    for place in (folder / "stock", folder / "ours"):
        _release(place, assignment.name)
    plain = tuple(
        fill_in(source, solutions(notebook)) for _, notebook in _submissions(assignment, as_shipped)
    )
    return Class(assignment, folder / "stock", folder / "ours", plain)


def hand_in(made: Class, count: int, place: Path, as_shipped: bool = False) -> list[str]:
    """Let `count` students hand in, the kinds of submissions in turn; earlier submissions and marks go.

    Returns
    -------
    list of str
        The students' ids; equal ids hand in equal work.
    """
    for step in ("submitted", "autograded", ".autograder"):
        shutil.rmtree(place / step, ignore_errors=True)
    kinds = _submissions(made.assignment, as_shipped)
    students = [f"{kinds[i % len(kinds)][0]}_{i:04d}" for i in range(count)]
    texts = [nbformat.writes(notebook) for _, notebook in kinds]
    for i, student in enumerate(students):
        home = place / "submitted" / student / made.assignment.name
        home.mkdir(parents=True)
        (home / made.assignment.release.name).write_text(texts[i % len(kinds)], encoding="utf-8")
    shutil.copyfile(place / "empty.db", place / "gradebook.db")
    return students


def _submissions(assignment: Assignment, as_shipped: bool) -> list[tuple]:
    listed = [(s.student, s.notebook) for s in example_class(assignment) if s.student not in LEFT_OUT]
    return (
        listed if as_shipped else [(student, without_experiments(notebook)) for student, notebook in listed]
    )


def _release(place: Path, name: str) -> None:
    """Run nbgrader's generate_assignment, and keep the gradebook it leaves."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = release_config(place)
    config.CourseDirectory.assignment_id = name
    config.GenerateAssignment.create_assignment = True
    log = logging.getLogger("benchmark")
    log.setLevel(logging.ERROR)
    with programs_beside_python():
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
        converter.log = log
        here = Path.cwd()
        converter.start()
        os.chdir(here)
    shutil.copyfile(place / "gradebook.db", place / "empty.db")


def bare_seconds(made: Class) -> float:
    """Seconds that the checks of one submission take in one warm process, on average over the kinds of submissions.

    Processor seconds, which are the same on an idle machine and tell less of what else runs; the best of three rounds.
    """
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for notebook in made.plain:
            run_plainly(notebook)
        best = min(best, (time.process_time() - start) / made.kinds)
    return best
