"""From authored text to a notebook: percent format with short marks, expanded to nbgrader's full schema.

Knows jupytext and nbformat. The result is a function of the text alone: stable cell ids, no outputs, no leftovers.
"""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

SCHEMA_VERSION = 3
_KEPT = {"nbgrader", "tags"}
_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}


class MarkupError(ValueError):
    """A mark in the authored text that cannot be read; the message names the cell."""


def expand_mark(mark: dict[str, Any], cell_type: str) -> dict[str, Any]:
    """Expand a short nbgrader mark to the full schema.

    Parameters
    ----------
    mark : dict
        ``{"grade_id": "x", "solution": true}``, ``{"grade_id": "x_check", "grade": true, "points": 8}`` or
        ``{"grade_id": "setup", "locked": true}``.
    cell_type : str
        ``"code"`` or ``"markdown"``.

    Raises
    ------
    MarkupError
        If `grade_id` is missing, a key is unknown, or points stand where nothing is graded.
    """
    unknown = set(mark) - {"grade_id", "grade", "solution", "locked", "points", "task"}
    if unknown:
        raise MarkupError(f"unknown key {', '.join(sorted(unknown))} in nbgrader mark {mark}")
    if not mark.get("grade_id"):
        raise MarkupError(f"an nbgrader mark needs a grade_id: {mark}")
    grade = bool(mark.get("grade", False))
    solution = bool(mark.get("solution", False))
    task = bool(mark.get("task", False))
    if not (grade or solution or task or mark.get("locked")):
        raise MarkupError(
            f"{mark['grade_id']} is neither graded, nor a solution, nor locked: drop the mark or set one"
        )
    if ("points" in mark) != (grade or task):
        raise MarkupError(
            f"{mark['grade_id']}: points belong to graded cells, and every graded cell needs them"
        )
    full = {
        "cell_type": cell_type,
        "grade": grade,
        "grade_id": mark["grade_id"],
        "locked": bool(mark.get("locked", grade and not solution)),
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": task,
    }
    if grade or task:
        points = mark["points"]
        full["points"] = int(points) if float(points).is_integer() else float(points)
    return dict(sorted(full.items()))


def to_notebook(text: str, assignment: str) -> NotebookNode:
    """Convert an authored text to nbgrader's source notebook.

    Parameters
    ----------
    text : str
        Percent format.
    assignment : str
        The assignment id, kept in the notebook's metadata so that a file can be recognised anywhere.

    Raises
    ------
    MarkupError
        With the number of the cell, if a mark cannot be read.
    """
    import jupytext  # a tenth of a second that most who import this module need not spend

    notebook = jupytext.reads(text, fmt="py:percent")
    cells = []
    counts: dict[str, int] = {}
    for position, cell in enumerate(notebook.cells, 1):
        metadata = {key: value for key, value in cell.metadata.items() if key in _KEPT}
        mark = metadata.get("nbgrader")
        if mark is not None:
            try:
                metadata["nbgrader"] = mark = expand_mark(dict(mark), cell.cell_type)
            except MarkupError as error:
                raise MarkupError(f"cell {position}: {error}") from error
        if "tags" in metadata:
            metadata["tags"] = sorted(metadata["tags"])
        kind = "text" if cell.cell_type == "markdown" else "code"
        counts[kind] = counts.get(kind, 0) + 1
        new = nbformat.v4.new_markdown_cell if cell.cell_type == "markdown" else nbformat.v4.new_code_cell
        fresh = new(source=cell.source, metadata=dict(sorted(metadata.items())))
        fresh["id"] = mark["grade_id"] if mark else f"{kind}-{counts[kind]:03d}"
        cells.append(fresh)
    return nbformat.v4.new_notebook(
        cells=cells, metadata={**_METADATA, "autograder": {"assignment": assignment, "schema": 1}}
    )


def dumps(notebook: NotebookNode) -> str:
    """Write a notebook as text, always the same way: version 4.5, one trailing newline."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"
