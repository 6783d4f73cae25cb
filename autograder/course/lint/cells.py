"""One cell of an authored text: its place there, its mark, what it is for, what a student gets of it.

Plain records; judges nothing.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property

SOLUTION, CHECK, MANUAL, TASK, GIVEN = "solution", "check", "manual", "task", "given"
EXPERIMENT, OWN, TEXT = "experiment", "own", "text"
EXPERIMENT_TAG = "experiment"  # grading skips these cells
_MAGIC = re.compile(r"^(\s*)([%!?].*|[\w.]+\?{1,2}\s*)$")


@dataclass(frozen=True)
class Cell:
    """One cell of the authored text.

    Attributes
    ----------
    index : int
        Its position in the notebook.
    kind : str
        ``"code"``, ``"markdown"`` or ``"raw"``.
    source : str
        As the source notebook has it.
    released : str or None
        As a student gets it; None where nbgrader refuses the cell.
    marker, first : int
        Line of the ``# %%`` above it; line of the source's first line.
    heading : str
        The ``# %%`` line itself.
    mark : dict
        nbgrader's full metadata; empty for an unmarked cell or an unreadable mark.
    problem : str
        Why the mark cannot be read; empty if it can.
    tags : frozenset of str
    """

    index: int
    kind: str
    source: str
    released: str | None
    marker: int
    first: int
    heading: str
    mark: dict = field(hash=False)
    problem: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The grade_id, or where the cell stands."""
        return self.mark.get("grade_id") or f"the cell of line {self.marker}"

    @cached_property
    def role(self) -> str:
        """What the cell is for: its mark decides first, then its tags."""
        grade, solution = self.mark.get("grade"), self.mark.get("solution")
        if self.mark.get("task"):
            return TASK
        if solution and (grade or self.kind != "code"):
            return MANUAL
        if solution:
            return SOLUTION
        if grade:
            return CHECK
        if self.kind != "code":
            return TEXT
        if EXPERIMENT_TAG in self.tags:
            return EXPERIMENT
        return GIVEN if self.mark.get("locked") else OWN

    @property
    def exercise(self) -> str:
        """A check's exercise: its own name without ``_check``; a solution's: its name."""
        return self.mark.get("grade_id", "").removesuffix("_check" if self.role == CHECK else "")

    @property
    def lines(self) -> list[tuple[int, str]]:
        """The source's lines with their numbers in the authored text."""
        return list(enumerate(self.source.split("\n"), self.first))

    @cached_property
    def tree(self) -> ast.Module | None:
        """The source parsed; None if it is not Python. Line 1 is line `first` of the text."""
        return parsed(self.source) if self.kind == "code" else None

    @cached_property
    def released_tree(self) -> ast.Module | None:
        """What the student gets, parsed; None if it is not Python."""
        return parsed(self.released) if self.kind == "code" and self.released is not None else None

    def at(self, node: ast.AST) -> int:
        """The line of the authored text where a node of `tree` stands."""
        return self.first + getattr(node, "lineno", 1) - 1


def parsed(source: str) -> ast.Module | None:
    """Parse a cell, without its magics if it has any; None if it is not Python."""
    try:
        return ast.parse(python_of(source))
    except (SyntaxError, ValueError):
        return None


def python_of(source: str) -> str:
    """Return a cell, line for line, without the magics that keep it from being Python."""
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return "\n".join(_MAGIC.sub(r"\1pass", line) for line in source.split("\n"))
    return source
