"""The worked solution of an assignment: an exercise's reference, or the whole notebook. Reads `source/`; writes nothing."""

from __future__ import annotations

import copy
import difflib
import re

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.paths import Assignment, CourseError
from autograder.course.plain import is_solution, mark_of, solutions

_MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)[ \t]*\n?", re.MULTILINE)


def without_marks(source: str) -> str:
    """A cell's text without the lines that tell nbgrader what to cut."""
    return _MARKS.sub("", source)


def read_source(assignment: Assignment) -> NotebookNode:
    """Return the instructor's notebook.

    Raises
    ------
    CourseError
        If it is not built.
    """
    if not assignment.source.is_file():
        raise CourseError(
            f"{assignment.name} is not built yet: run `autograder build {assignment.name}` first."
        )
    return nbformat.read(assignment.source, as_version=4)


def reference(assignment: Assignment, exercise: str) -> str:
    """Return the reference of one exercise.

    Raises
    ------
    CourseError
        If there is no such exercise; the message names those that exist.
    """
    known = solutions(read_source(assignment))
    if exercise not in known:
        near = difflib.get_close_matches(exercise, known, 1)
        told = f" Did you mean {near[0]}?" if near else ""
        raise CourseError(
            f"{assignment.name} has no exercise {exercise!r}.{told} Its exercises: {', '.join(known)}."
        )
    return without_marks(known[exercise]).strip() + "\n"


def worked(assignment: Assignment) -> NotebookNode:
    """Return the whole notebook with every solution, the hidden checks, and no outputs."""
    notebook = copy.deepcopy(read_source(assignment))
    for cell in notebook.cells:
        cell.source = without_marks(cell.source).rstrip("\n")
        cell.metadata.pop("nbgrader", None)  # it is nobody's submission
    title = next((cell for cell in notebook.cells if cell.cell_type == "markdown"), None)
    if title is not None:
        first, *rest = title.source.splitlines()
        title.source = "\n".join([f"{first} (worked solution)", *rest])
    return notebook


def is_untouched(notebook: NotebookNode, exercise: str) -> bool:
    """Whether an exercise's cell still holds what was handed out."""
    return any(
        is_solution(cell)
        and mark_of(cell).get("grade_id") == exercise
        and "raise NotImplementedError" in cell.source
        for cell in notebook.cells
    )
