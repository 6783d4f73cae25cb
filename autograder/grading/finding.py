"""Which assignment a notebook belongs to: by what it says of itself, by its marks, by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from autograder.course.paths import Assignment, CourseError, find_assignments
from autograder.grading.bundle import Bundle
from autograder.grading.reading import RawNotebook, Unreadable, read


class Bundles:
    """The bundles of a course's assignments, read when first asked for.

    Parameters
    ----------
    root : Path
        The course's folder.
    """

    def __init__(self, root: Path):
        self.assignments = {assignment.name: assignment for assignment in find_assignments(root)}
        self._read: dict[str, Bundle] = {}

    def __getitem__(self, name: str) -> Bundle:
        if name not in self.assignments:
            raise CourseError(
                f"There is no assignment {name!r}. Those that exist: {', '.join(self.assignments) or 'none'}."
            )
        if name not in self._read:
            self._read[name] = Bundle.from_source(self.assignments[name].source)
        return self._read[name]

    def of(self, submission: bytes, path: Path) -> Bundle:
        """Return the bundle of the assignment that a notebook belongs to.

        Raises
        ------
        CourseError
            If nothing tells; the message says how to name it.
        """
        try:
            raw = read(submission)
        except Unreadable:
            raw = RawNotebook([])
        name = _said(raw, self.assignments) or self._by_marks(raw) or _by_name(path, self.assignments)
        if name is None:
            raise CourseError(
                f"{path}: no assignment could be recognised, neither by its metadata and cells nor by its name. "
                f"Name it with --assignment (one of {', '.join(self.assignments)})."
            )
        return self[name]

    def _by_marks(self, raw: RawNotebook) -> str | None:
        """The assignment that shares the most grade_ids with the notebook; None if none does or two tie."""
        ids = {
            mark["grade_id"]
            for cell in raw.cells
            if isinstance(mark := cell.metadata.get("nbgrader"), dict)
            and isinstance(mark.get("grade_id"), str)
        }
        ids |= {cell.id for cell in raw.cells}
        shared = {}
        for name, assignment in self.assignments.items():
            if assignment.source.is_file():
                answers = {check.exercise for check in self[name].checks} | {
                    check.grade_id for check in self[name].checks
                }
                shared[name] = len(ids & answers)
        best = max(shared.values(), default=0)
        winners = [name for name, count in shared.items() if count == best]
        return winners[0] if best and len(winners) == 1 else None


def _said(raw: RawNotebook, known: dict[str, Assignment]) -> str | None:
    said: Any = raw.metadata.get("autograder")
    name = said.get("assignment") if isinstance(said, dict) else None
    return name if isinstance(name, str) and name in known else None


def _by_name(path: Path, known: dict[str, Assignment]) -> str | None:
    """``mlp.ipynb``, ``mlp (1).ipynb``, ``03_mlp/anna_mlp.ipynb``: the topic or id as words of the name."""
    words = "_".join(re.findall(r"[a-z0-9]+", path.stem.lower()))
    found = [
        name
        for name, assignment in known.items()
        if re.search(rf"(^|_)({re.escape(assignment.topic.lower())}|{re.escape(name.lower())})(_|$)", words)
    ]
    if not found and path.parent.name in known:
        return path.parent.name
    return found[0] if len(found) == 1 else None
