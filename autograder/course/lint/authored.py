"""An authored assignment as the rules see it: cells with their lines, exercises, and how a finding is made.

Knows jupytext's reader. Judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course.lint.cells import CHECK, Cell
from autograder.course.lint.release import Release
from autograder.course.markup import MarkupError, expand_mark
from autograder.course.paths import Assignment, CourseError

_OPENING = re.compile(r"^[rR]?(\"\"\"|''')\s*$")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: where, which rule says so, what it is, what to do next."""

    path: Path
    line: int
    rule: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message} {self.remedy}"


@dataclass(frozen=True)
class Authored:
    """An assignment with its cells; what a rule gets."""

    assignment: Assignment
    cells: tuple[Cell, ...]

    def having(self, *roles: str) -> list[Cell]:
        """The cells of some roles, in order."""
        return [cell for cell in self.cells if cell.role in roles]

    @cached_property
    def exercises(self) -> dict[str, float]:
        """Name of each automatically graded exercise to its points, in order."""
        return {cell.exercise: float(cell.mark["points"]) for cell in self.having(CHECK)}

    def finding(self, line: int, rule: str, message: str, remedy: str, path: Path | None = None) -> Finding:
        """Make a finding in the notebook's text, or in the file `path`."""
        return Finding(path or self.assignment.text, line, rule, message, remedy)


def read(assignment: Assignment) -> Authored:
    """Read an assignment's text cell by cell.

    Raises
    ------
    CourseError
        If the text is not UTF-8, or jupytext cannot read a cell; the message says which.
    """
    try:
        lines = assignment.text.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise CourseError(f"{assignment.text} is not UTF-8 ({error}): save it as UTF-8.") from error
    release = Release(assignment.root)
    cells = [
        _cell(index, start, lines, node, release)
        for index, (start, node) in enumerate(_positions(lines, assignment.text))
    ]
    return Authored(assignment, tuple(cells))


def _positions(lines: list[str], path: Path) -> list[tuple[int, object]]:
    """Return each cell with the index of its first line, `# %%` included.

    Jupytext tells no line numbers, but its reader takes one cell at a time: the same cells as in `to_notebook`.
    """
    from jupytext.cell_reader import DoublePercentScriptCellReader
    from jupytext.header import header_to_metadata_and_cell

    found = []
    *_, start = header_to_metadata_and_cell(lines, "#", "", ".py", True)
    while start < len(lines):
        reader = DoublePercentScriptCellReader({"extension": ".py", "format_name": "percent"}, "python")
        try:
            node, taken = reader.read(lines[start:])
        except Exception as error:  # whatever a reader meets in options it did not expect
            raise CourseError(
                f"{path}:{start + 1}: jupytext cannot read this cell ({type(error).__name__}). "
                'Look at what follows `# %%`: tags are a list of words, as in tags=["experiment"].'
            ) from error
        found.append((start, node))
        start += max(taken, 1)
    return found


def _cell(index: int, start: int, lines: list[str], node, release: Release) -> Cell:
    heading = lines[start] if "%%" in lines[start] else ""
    body = start + bool(heading)
    quoted = node.cell_type != "code" and body < len(lines) and _OPENING.match(lines[body])
    mark, problem = _mark(node, heading)
    return Cell(
        index=index,
        kind=node.cell_type,
        source=node.source,
        released=release.of(node.cell_type, node.source, mark),
        marker=start + 1,
        first=body + 1 + bool(quoted),
        heading=heading,
        mark=mark,
        problem=problem,
        tags=frozenset(node.metadata.get("tags") or ()),
    )


def _mark(node, heading: str) -> tuple[dict, str]:
    """The mark of a cell in full, and why it cannot be read."""
    short = node.metadata.get("nbgrader")
    if (short is None and "nbgrader" in heading) or "incorrectly_encoded_metadata" in node.metadata:
        return {}, f"what follows `# %%` is not valid JSON: {heading.strip()}"
    if short is None:
        return {}, ""
    if not isinstance(short, dict) or not isinstance(short.get("grade_id", ""), str):
        return (
            {},
            f"an nbgrader mark is a table with a name in quotation marks as grade_id: {heading.strip()}",
        )
    try:
        return expand_mark(dict(short), node.cell_type), ""
    except (MarkupError, TypeError, ValueError) as error:
        return {}, str(error)
