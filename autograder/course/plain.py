"""Run a notebook of trusted text in this very process, as a plain Python program would: no kernel, no isolation.

For authored answers only, never for what a student handed in. It is also the bare cost of the checks themselves.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
from collections.abc import Collection
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.records import RAISED, CheckOutcome, ExerciseRecord


def mark_of(cell: NotebookNode) -> dict[str, Any]:
    """The nbgrader metadata of a cell; empty where there is none."""
    return cell.metadata.get("nbgrader", {})


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell is an automatically graded check cell."""
    mark = mark_of(cell)
    return cell.cell_type == "code" and bool(mark.get("grade")) and not mark.get("solution")


def is_solution(cell: NotebookNode) -> bool:
    """Whether a cell holds an exercise's solution."""
    mark = mark_of(cell)
    return cell.cell_type == "code" and bool(mark.get("solution"))


def is_experiment(cell: NotebookNode) -> bool:
    """Whether grading skips a cell."""
    return "experiment" in cell.metadata.get("tags", [])


def solutions(notebook: NotebookNode) -> dict[str, str]:
    """Solution cell's name to its source, in order."""
    return {mark_of(cell)["grade_id"]: cell.source for cell in notebook.cells if is_solution(cell)}


def check_names(notebook: NotebookNode) -> dict[str, float]:
    """Name of each automatically graded exercise to its points, in order."""
    return {
        mark_of(cell)["grade_id"].removesuffix("_check"): float(mark_of(cell)["points"])
        for cell in notebook.cells
        if is_check(cell)
    }


def run_plainly(notebook: NotebookNode, only: Collection[str] | None = None) -> dict[str, ExerciseRecord]:
    """Run the cells that grading runs and return each exercise's record.

    Parameters
    ----------
    notebook : NotebookNode
    only : collection of str, optional
        Run the checks of these exercises alone; every other cell still runs.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found: dict[str, ExerciseRecord] = {}
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or is_experiment(cell):
            continue
        if not is_check(cell):
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                _execute(cell.source, namespace, f"<cell {position}>")
            continue
        name = mark_of(cell)["grade_id"].removesuffix("_check")
        if only is None or name in only:
            # A name of its own kind: messages leave out the lines of every file that was once a check's.
            file = f"<check {position}>"
            found[name] = _check(cell.source, namespace, file, name, float(mark_of(cell)["points"]))
    return found


def _check(source: str, namespace: dict, filename: str, name: str, points: float) -> ExerciseRecord:
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            value = _execute(source, namespace, filename)
        except Exception as error:
            value = error
    record = getattr(value, "record", None)
    if record is None:
        outcome = CheckOutcome("the check cell ran", RAISED, f"{type(value).__name__}: {value}")
        return ExerciseRecord(name, points, (outcome,))
    return record


def _execute(source: str, namespace: dict, filename: str) -> Any:
    """Execute one cell and return its last expression's value."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    tree = ast.parse(source, filename)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, filename, "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), filename, "eval"), namespace)
