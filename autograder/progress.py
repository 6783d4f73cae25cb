"""Where a student stands in a notebook: points so far, exercise by exercise, and what is left.

Knows the checks that this session ran, and the notebook's file, which says what exercises there are. Standard library
only. Saves nothing and sends nothing anywhere.
"""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder import display
from autograder.records import ExerciseRecord

LARGEST = 50_000_000  # bytes of a notebook that is still read
_DECLARED = re.compile(r"\bCheck\(\s*[\"'](\w+)[\"']")


@dataclass(frozen=True)
class Line:
    """One exercise: what it is worth, what it has earned here (None if no check of it ran), and how it stands."""

    exercise: str
    out_of: float
    earned: float | None
    standing: str


class Progress:
    """Where a student stands; shows as a table in Jupyter, as text elsewhere.

    Attributes
    ----------
    lines : tuple of Line
        In the notebook's order.
    hidden : int
        Checks that run when the notebook is graded, as far as they are known yet.
    whole : bool
        Whether the notebook's file was found, so that nothing is left out.
    """

    def __init__(self, lines: Iterable[Line], hidden: int = 0, whole: bool = True):
        self.lines, self.hidden, self.whole = tuple(lines), hidden, whole

    @property
    def headline(self) -> str:
        """Points and exercises so far, and what comes next."""
        marked = [line for line in self.lines if line.out_of]
        earned = sum(line.earned or 0.0 for line in marked)
        correct = sum(line.standing == display.CORRECT for line in marked)
        left = [line for line in marked if line.standing != display.CORRECT]
        said = (
            f"{display.points(earned)} of {display.points(sum(line.out_of for line in marked))} points so far; "
            f"{correct} of {len(marked)} exercises correct."
        )
        if not marked:
            return "No check has run yet: run the check below an exercise, then this cell again."
        if not left:
            return f"{said} Nothing is left but what a person reads."
        return f"{said} Next: {left[0].exercise} ({left[0].standing})."

    @property
    def remarks(self) -> list[str]:
        """What else is worth knowing, in sentences."""
        said = []
        if self.hidden:
            checks = "1 hidden check runs" if self.hidden == 1 else f"{self.hidden} hidden checks run"
            said.append(f"{checks} when this is graded, so points may still go.")
        if not self.whole:
            said.append(
                "The notebook's file was not found beside it: exercises that were not run are missing here."
            )
        if any(line.standing == display.NOT_RUN for line in self.lines):
            said.append("Not run yet: its check has not run since the kernel was started.")
        return said

    def __repr__(self) -> str:
        width = max((len(line.exercise) for line in self.lines), default=0)
        lines = [
            f"  {display.standing_mark(line.standing)} {line.exercise:<{width}}  {_points(line):>12}  {line.standing}"
            for line in self.lines
        ]
        return "\n".join([self.headline, *lines, *self.remarks])

    def _repr_html_(self) -> str:
        cell = "text-align:left;padding:3px 10px;border:none;line-height:1.5"
        rows = "".join(
            f"<tr><td style='{cell}'>{html.escape(line.exercise)}</td><td style='{cell}'>{_points(line)}</td>"
            f"<td style='{cell}'>{display.standing_pill(line.standing)}</td></tr>"
            for line in self.lines
        )
        head = "".join(f"<th style='{cell}'>{title}</th>" for title in ("exercise", "points", "result"))
        remarks = "".join(f"<div>{html.escape(remark)}</div>" for remark in self.remarks)
        table = (
            f"<table style='border-collapse:collapse;margin:4px 0;color:inherit'><thead><tr>{head}</tr></thead>"
            f"<tbody>{rows}</tbody></table>"
        )
        return f"<div><strong>{html.escape(self.headline)}</strong></div>{table if rows else ''}{remarks}"


def _points(line: Line) -> str:
    if not line.out_of:
        return "no points"
    earned = "–" if line.earned is None else display.points(line.earned)
    return f"{earned} of {display.points(line.out_of)}"


def progress() -> Progress:
    """Points so far in this notebook, exercise by exercise, and what is left.

    Counts the newest result of every check that ran since the kernel was started.
    """
    ran = {record.exercise: record for record in display.remembered()}
    path = find_notebook(Path.cwd(), ran)
    return stand(ran, exercises_of(path) if path else None)


def stand(ran: Mapping[str, ExerciseRecord], exercises: Mapping[str, float | None] | None) -> Progress:
    """Put together what ran and what there is.

    Parameters
    ----------
    ran : mapping of str to ExerciseRecord
    exercises : mapping of str to float or None, or None
        The notebook's exercises with their points, in order (None: a person reads it); None if it was not found.
    """
    known = {name: record.points for name, record in ran.items() if record.points}
    lines = [
        _line(name, worth, ran.get(name))
        for name, worth in (known if exercises is None else exercises).items()
    ]
    hidden = sum(ran[line.exercise].hidden_remaining for line in lines if line.exercise in ran)
    return Progress(lines, hidden, whole=exercises is not None)


def _line(name: str, worth: float | None, record: ExerciseRecord | None) -> Line:
    if worth is None:
        return Line(name, 0.0, None, display.WAITING)
    if record is None:
        return Line(name, worth, None, display.NOT_RUN)
    return Line(name, worth, record.earned, display.standing(record.earned, record.points, record.verdict))


def find_notebook(folder: Path, ran: Iterable[str]) -> Path | None:
    """The file of the notebook that this kernel serves, as far as can be told.

    Jupyter names it in an environment variable; otherwise it is the notebook in the working folder that holds the
    exercises that ran here.
    """
    session = os.environ.get("JPY_SESSION_NAME", "")
    beside = sorted(folder.glob("*.ipynb"))
    named = [path for path in beside if session and path.name == Path(session).name]
    ran = set(ran)
    best, most = None, 0
    for path in named or beside:
        found = exercises_of(path)
        shared = len(ran & set(found)) if ran else len(found)
        if shared > most:
            best, most = path, shared
    return best


def exercises_of(path: Path) -> dict[str, float | None]:
    """Name to points of every exercise in a notebook's file, in order; None for an answer that a person reads.

    Empty if the file cannot be read as a notebook.
    """
    try:
        if path.stat().st_size > LARGEST:
            return {}
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    found: dict[str, float | None] = {}
    for cell in cells if isinstance(cells, list) else ():
        mark = _mark(cell)
        if not mark.get("grade"):
            continue
        if mark.get("solution"):
            found[str(mark.get("grade_id"))] = None
            continue
        declared = _DECLARED.search("".join(cell.get("source", "")))
        if declared and isinstance(mark.get("points"), int | float):
            found[declared.group(1)] = float(mark["points"])
    return found


def _mark(cell: Any) -> dict[str, Any]:
    """A cell's nbgrader mark, empty where there is none."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    mark = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return mark if isinstance(mark, dict) else {}
