"""The autograded notebook: what nbgrader keeps of a graded submission, as a file's text.

Knows nbformat and results. Reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.grading.bundle import Bundle
from autograder.grading.restore import Restored
from autograder.grading.result import Result
from autograder.grading.syntax import has_hidden

ORIGINAL = ".ipynb.original"  # what could not be read is kept beside the graded notebook under this name


def describe(restored: Restored) -> dict[str, Any]:
    """What the restored notebook's own metadata says of its restoration, as plain data."""
    return {"notes": [vars(note) for note in restored.notes], "readable": restored.readable}


def as_notebook(
    result: Result, kept: Mapping[str, Any], bundle: Bundle, show_hidden: bool = False
) -> NotebookNode:
    """Return the graded notebook, with all that a feedback page needs to know in its metadata.

    Parameters
    ----------
    result : Result
    kept : mapping
        What `describe` said of the restoration.
    bundle : Bundle
    show_hidden : bool
        Whether to write the hidden tests' code into it (instructors only).
    """
    graded = nbformat.from_dict(result.cells)
    graded.metadata["autograder"] = _summary(result, kept)
    if show_hidden:
        checks = {check.grade_id: check for check in bundle.checks}
        for cell in graded.cells:
            check = checks.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
            if check is not None and has_hidden(check.source):
                cell.source = check.source
    return graded


def as_text(notebook: NotebookNode) -> str:
    """Return a notebook as nbconvert's exporter writes it, to the byte."""
    text = nbformat.writes(notebook, version=nbformat.current_nbformat)
    return text if text.endswith("\n") else text + "\n"


def _summary(result: Result, kept: Mapping[str, Any]) -> NotebookNode:
    data = result.to_dict()
    wanted = ("assignment", "exercises", "notes", "seconds", "answered")
    return nbformat.from_dict(
        {
            **{key: data[key] for key in wanted},
            "score": result.score,
            "max_score": result.max_score,
            "verdict": result.verdict,
            "readable": kept.get("readable", True),
            "schema": 1,
        }
    )
