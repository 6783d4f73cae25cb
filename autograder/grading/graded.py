"""The autograded notebook: what nbgrader keeps of a graded submission, as a file's text.

Standard library and results only: a worker that loaded nbformat would spend seconds on schemas. Reads and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.grading import indented
from autograder.grading.bundle import Bundle
from autograder.grading.restore import Restored
from autograder.grading.result import Result
from autograder.grading.syntax import has_hidden

ORIGINAL = ".ipynb.original"  # what could not be read is kept beside the graded notebook under this name
_LINED = ("application/javascript", "image/svg+xml")  # written as lists of lines, as all text types are
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")


def describe(restored: Restored) -> dict[str, Any]:
    """What the restored notebook's own metadata says of its restoration, as plain data."""
    return {"notes": [vars(note) for note in restored.notes], "readable": restored.readable}


def as_notebook(
    result: Result, kept: Mapping[str, Any], bundle: Bundle, show_hidden: bool = False
) -> dict[str, Any]:
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
    cells = [dict(cell) for cell in result.cells["cells"]]
    metadata = result.cells["metadata"] | {"autograder": _summary(result, kept)}
    graded = result.cells | {"cells": cells, "metadata": metadata}
    if show_hidden:
        checks = {check.grade_id: check for check in bundle.checks}
        for cell in graded["cells"]:
            check = checks.get(cell["metadata"].get("nbgrader", {}).get("grade_id"))
            if check is not None and has_hidden(check.source):
                cell["source"] = check.source
    return graded


def as_text(notebook: Mapping[str, Any]) -> str:
    """Return a notebook of format 4.5 as nbformat writes it, to the byte."""
    cells = []
    for cell in notebook["cells"]:
        metadata = {key: value for key, value in cell["metadata"].items() if key != "trusted"}
        lined = {**cell, "metadata": metadata, "source": _lines(cell["source"])}
        if "attachments" in cell:
            lined["attachments"] = {name: _lined(data) for name, data in cell["attachments"].items()}
        if "outputs" in cell:
            lined["outputs"] = [_output(output) for output in cell["outputs"]]
        cells.append(lined)
    metadata = {key: value for key, value in notebook["metadata"].items() if key not in _TRANSIENT}
    whole = {**notebook, "cells": cells, "metadata": metadata}
    return indented.dumps(whole) + "\n"


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    if output["output_type"] == "stream":
        return {**output, "text": _lines(output["text"])}
    return {**output, "data": _lined(output["data"])} if "data" in output else dict(output)


def _lined(data: Mapping[str, Any]) -> dict[str, Any]:
    """A bundle of the same thing in several formats, with text as lists of lines."""
    return {
        kind: _lines(value) if kind.startswith("text/") or kind in _LINED else value
        for kind, value in data.items()
    }


def _lines(text: Any) -> Any:
    return text.splitlines(True) if isinstance(text, str) else text


def _summary(result: Result, kept: Mapping[str, Any]) -> dict[str, Any]:
    data = result.to_dict()
    wanted = ("assignment", "exercises", "notes", "seconds", "answered")
    return {
        **{key: data[key] for key in wanted},
        "score": result.score,
        "max_score": result.max_score,
        "verdict": result.verdict,
        "readable": kept.get("readable", True),
        "schema": 1,
    }
