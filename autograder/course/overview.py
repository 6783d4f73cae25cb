"""What a notebook is about, read from its release: title, question, aims, exercises and their points."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from autograder.course.paths import Assignment, CourseError

_ASKED = re.compile(r"\*\*([^*]+?\?[^*]*?)\*\*", re.DOTALL)
_AIM = re.compile(r"^(?:\d+\.|-)\s+(.+?)(?=^\d+\.\s|^-\s|^\s*$|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Overview:
    """One notebook on one line, and a little more.

    Attributes
    ----------
    name, topic : str
        ``"03_mlp"``, ``"mlp"``.
    title, question : str
        In markdown; the question is empty where the first cell asks none.
    aims : tuple of str
        "You will ...", in markdown.
    exercises : dict of str to float
        Points by exercise, in order.
    """

    name: str
    topic: str
    title: str
    question: str
    aims: tuple[str, ...]
    exercises: dict[str, float]

    @property
    def points(self) -> float:
        """Points of all exercises."""
        return sum(self.exercises.values())


def overview(assignment: Assignment) -> Overview:
    """Read an assignment's release.

    Raises
    ------
    CourseError
        If it is not built.
    """
    if not assignment.release.is_file():
        raise CourseError(
            f"{assignment.name} is not built yet: run `autograder build {assignment.name}` first."
        )
    cells = json.loads(assignment.release.read_text(encoding="utf-8"))["cells"]
    first = next(("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    title = next((line.lstrip("# ") for line in first.splitlines() if line.startswith("#")), assignment.topic)
    exercises = {}
    for cell in cells:
        mark = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and mark.get("grade") and not mark.get("solution"):
            exercises[mark["grade_id"].removesuffix("_check")] = float(mark["points"])
    aims = tuple(" ".join(aim.split()) for aim in _AIM.findall(first))
    return Overview(assignment.name, assignment.topic, title, _question(first), aims, exercises)


def _question(text: str) -> str:
    """The question set in bold, or else the first sentence that ends as one."""
    asked = _ASKED.search(text)
    if asked:
        return " ".join(asked[1].split())
    for paragraph in text.split("\n\n"):
        flat = " ".join(paragraph.split())
        if "?" in flat and not flat.startswith("#"):
            return re.split(r"(?<=[.!])\s", flat[: flat.index("?") + 1])[-1]
    return ""
