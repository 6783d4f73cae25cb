"""A small class of example submissions to a built assignment: good ones, wrong ones, unfinished and broken ones.

Made from the reference and the authored wrong answers, so that it exists for every assignment. Writes no marks.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.answers import read_answers
from autograder.course.paths import Assignment
from autograder.course.plain import is_check, is_solution, solutions
from autograder.course.prove import fill_in

MOST_MISTAKES = 3


@dataclass(frozen=True)
class Submission:
    """What one student hands in.

    Attributes
    ----------
    student : str
        nbgrader's student id; says what to expect.
    notebook : NotebookNode
    """

    student: str
    notebook: NotebookNode


def example_class(assignment: Assignment) -> list[Submission]:
    """Return at least eight submissions to `assignment`, the same every time."""
    release = nbformat.read(assignment.release, as_version=4)
    reference = solutions(nbformat.read(assignment.source, as_version=4))
    names = list(reference)
    perfect = fill_in(release, reference)
    half = {name: reference[name] for name in names[: (len(names) + 1) // 2]}
    submissions = [Submission("perfect", perfect), Submission("half_done", fill_in(release, half))]
    submissions += [
        Submission(f"mistake_{title}", fill_in(release, reference | cells))
        for title, cells in _typical_mistakes(assignment, reference)
    ]
    submissions += [
        Submission("empty", release),
        Submission("check_deleted", _without_check(perfect)),
        Submission("cell_duplicated", _with_duplicates(perfect)),
        Submission("endless_loop", _broken(release, reference, _endless)),
        Submission("raises_at_import", _broken(release, reference, _import_error)),
    ]
    return submissions


def write_class(submissions: list[Submission], assignment: Assignment, course: Path) -> None:
    """Write the submissions to ``course/submitted``, in nbgrader's layout; what is already the same stays as it is."""
    for submission in submissions:
        folder = course / "submitted" / submission.student / assignment.name
        folder.mkdir(parents=True, exist_ok=True)
        # Written as it is, duplicated ids and all: that is the point of some of them.
        path, text = folder / assignment.release.name, nbformat.v4.writes(submission.notebook)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _typical_mistakes(assignment: Assignment, reference: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """One named wrong answer each to a few exercises, spread over the notebook."""
    by_exercise: dict[str, tuple[str, dict[str, str]]] = {}
    if assignment.mistakes.is_file():
        for answer in read_answers(assignment.mistakes, reference):
            if answer.kind == "wrong" and answer.mistake and len(answer.cells) == 1:
                by_exercise.setdefault(answer.exercise, (answer.mistake, dict(answer.cells)))
    chosen = list(by_exercise.values())
    step = max(1, len(chosen) // MOST_MISTAKES)
    unique = dict(chosen[::step])
    return list(unique.items())[:MOST_MISTAKES]


def _without_check(notebook: NotebookNode) -> NotebookNode:
    """The student deleted the first check cell."""
    changed = copy.deepcopy(notebook)
    first = next(i for i, cell in enumerate(changed.cells) if is_check(cell))
    del changed.cells[first]
    return changed


def _with_duplicates(notebook: NotebookNode) -> NotebookNode:
    """The student copied a solution and its check, as copy and paste leaves them: with the same ids."""
    changed = copy.deepcopy(notebook)
    first = next(i for i, cell in enumerate(changed.cells) if is_solution(cell))
    end = next(i for i, cell in enumerate(changed.cells) if i > first and is_check(cell))
    changed.cells[end + 1 : end + 1] = copy.deepcopy(changed.cells[first : end + 1])
    return changed


def _broken(release: NotebookNode, reference: dict[str, str], breakage: Callable[[str], str]) -> NotebookNode:
    """Everything right but the second exercise, whose cell is broken."""
    name = list(reference)[min(1, len(reference) - 1)]
    return fill_in(release, reference | {name: breakage(reference[name])})


def _endless(source: str) -> str:
    return "while True:\n    pass\n\n" + source


def _import_error(source: str) -> str:
    return "import a_module_that_nobody_installed\n\n" + source
