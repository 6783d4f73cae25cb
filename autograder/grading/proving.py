"""Grade an authored answer the way a student's submission is graded: for `autograder prove`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.grading.bundle import CHECK, Bundle
from autograder.grading.grade import grade_one
from autograder.grading.result import ExerciseResult
from autograder.records import CheckOutcome, ExerciseRecord


def grade_isolated(
    source: NotebookNode, notebook: NotebookNode, only: Collection[str] | None = None
) -> dict[str, ExerciseRecord]:
    """Grade one answer in two processes and return each exercise's record.

    Parameters
    ----------
    source : NotebookNode
        The assignment's source notebook.
    notebook : NotebookNode
        The answer: a copy of it with solution cells replaced.
    only : collection of str, optional
        Run the checks of these exercises alone.

    Raises
    ------
    autograder.execution.SandboxUnavailable
        If this machine cannot confine student code.
    """
    bundle = Bundle.from_notebook(source)
    if only is not None:
        left_out = {cell.grade_id for cell in bundle.checks if cell.exercise not in only}
        bundle = replace(bundle, cells=tuple(cell for cell in bundle.cells if cell.grade_id not in left_out))
        kept = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in left_out]
        notebook = NotebookNode(notebook | {"cells": kept})
    result = grade_one(nbformat.writes(notebook).encode("utf-8"), bundle)
    hidden = {cell.exercise: cell.hidden for cell in bundle.cells if cell.kind == CHECK}
    return {exercise.id: _record(exercise, hidden[exercise.id]) for exercise in result.exercises}


def _record(exercise: ExerciseResult, hidden: int) -> ExerciseRecord:
    outcomes = exercise.outcomes
    record = ExerciseRecord(exercise.id, exercise.max_points, outcomes, 0, {"declared_hidden": hidden})
    if exercise.points == record.earned:
        return record
    # Something other than the checks decided (an error around them, a fault of ours): it must show.
    ended = CheckOutcome("the check cell ran to its end", exercise.verdict, exercise.message)
    return replace(record, outcomes=(ended,))
