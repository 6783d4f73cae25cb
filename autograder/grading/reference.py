"""One reference cell of an assignment as a plain record, read from a source notebook's cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.grading import syntax

GIVEN, SOLUTION, CHECK, MANUAL, EXPERIMENT, OPEN, TEXT = (
    "given",  # locked: restored, runs in both processes
    "solution",  # the student's answer
    "check",  # restored, runs in the checker process
    "manual",  # the student's answer, marked by a person
    "experiment",  # shown, never graded, not run by grading
    "open",  # code handed out without a mark: the student's to change
    "text",
)
KINDS = (GIVEN, SOLUTION, CHECK, MANUAL, EXPERIMENT, OPEN, TEXT)
EXPERIMENT_TAG = "experiment"


class BundleError(ValueError):
    """An assignment that cannot be graded as it stands; the message says what to mend."""


@dataclass(frozen=True)
class Cell:
    """One reference cell.

    Attributes
    ----------
    id : str
        The notebook's cell id.
    grade_id : str
        nbgrader's name for it; empty for cells without a mark.
    kind : str
        One of `KINDS`.
    cell_type : str
        ``"code"``, ``"markdown"`` or ``"raw"``.
    source : str
        With hidden tests; for a solution, the reference answer or, where only the gradebook is known, the stub.
    points : float
    tags : tuple of str
    position : int
        Its place in the notebook.
    names : tuple of str
        What a solution binds for others to use.
    exercise : str
        Of a check: the exercise it grades.
    hidden : int
        Of a check: how many hidden checks it declares.
    locked : bool
    stub : str
        Of an answer: what was handed out.
    """

    id: str
    grade_id: str
    kind: str
    cell_type: str
    source: str
    points: float = 0.0
    tags: tuple[str, ...] = ()
    position: int = 0
    names: tuple[str, ...] = ()
    exercise: str = ""
    hidden: int = 0
    locked: bool = False
    stub: str = ""


def read_cell(cell: Mapping[str, Any], position: int) -> Cell:
    """Read one cell of a source notebook.

    Raises
    ------
    BundleError
        If a check cell does not declare its exercise.
    """
    metadata = cell.get("metadata", {})
    mark = metadata.get("nbgrader", {})
    tags = tuple(metadata.get("tags", ()))
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    kind = _kind(cell["cell_type"], mark, tags)
    exercise, hidden = "", 0
    if kind == CHECK:
        found = syntax.declared(source)
        grade_id = mark["grade_id"]
        exercise, hidden = found or (grade_id.removesuffix("_check"), 0)
        if found is None:
            raise BundleError(f'check cell {grade_id} has no Check("name", ...): nothing could be scored.')
    answer = kind in (SOLUTION, MANUAL)
    return Cell(
        id=str(cell.get("id", mark.get("grade_id", f"cell-{position}"))),
        grade_id=str(mark.get("grade_id", "")),
        kind=kind,
        cell_type=cell["cell_type"],
        source=source,
        points=float(mark.get("points", 0) or 0),
        tags=tags,
        position=position,
        names=syntax.names_bound(source) if kind == SOLUTION else (),
        exercise=exercise,
        hidden=hidden,
        locked=bool(mark.get("locked", False)),
        stub=source if answer else "",
    )


def _kind(cell_type: str, mark: Mapping[str, Any], tags: tuple[str, ...]) -> str:
    if mark.get("task") or (mark.get("grade") and (mark.get("solution") or cell_type != "code")):
        return MANUAL
    if mark.get("grade"):
        return CHECK
    if mark.get("solution"):
        return SOLUTION
    if cell_type != "code":
        return TEXT
    if EXPERIMENT_TAG in tags:
        return EXPERIMENT
    return GIVEN if mark.get("locked") else OPEN
