"""A course that hands out one assignment, and a student's desk: what both halves of the journey start from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT, NOTEBOOK = "04_conv_pool", "conv_pool"
COURSE = "foundations"


class School:
    """A course folder whose assignment is released, and the folder that a student's Jupyter opens.

    Parameters
    ----------
    folder : Path
    teacher, student : Home
    """

    def __init__(self, folder: Path, teacher, student):
        self.course, self.exchange, self.desk = folder / "course", folder / "exchange", folder / "desk"
        self.teacher, self.student = teacher, student
        for made in (self.course, self.exchange, self.desk):
            made.mkdir()
        self.exchange.chmod(0o777)
        teacher.environment["NBGRADER_EXCHANGE"] = str(self.exchange)
        shutil.copyfile(ROOT / "nbgrader_config.py", self.course / "nbgrader_config.py")
        shutil.copytree(ROOT / "source" / ASSIGNMENT, self.course / "source" / ASSIGNMENT)
        for command in ("generate_assignment", "release_assignment"):
            teacher.run("nbgrader", command, ASSIGNMENT, cwd=self.course)
        (student.config / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            f"c.CourseDirectory.course_id = {COURSE!r}\n"
            f"c.Exchange.root = {str(self.exchange)!r}\n"
            f"c.ExchangeFetchAssignment.path_includes_course = False\n"
        )

    def cells(self) -> list[dict]:
        """The released notebook's cells, with their texts joined."""
        path = self.course / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        return [
            cell | {"source": "".join(cell["source"])}
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ]

    def handed_in(self) -> list[Path]:
        """Submissions that have reached the exchange."""
        return sorted((self.exchange / COURSE / "inbound").glob("*/*.ipynb"))

    def answers(self) -> dict[str, str]:
        """The source's own answers, by name."""
        path = self.course / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        found = {}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            mark = cell["metadata"].get("nbgrader", {})
            if mark.get("solution") and not mark.get("grade"):
                found[mark["grade_id"]] = "".join(cell["source"])
        return found

    def hand_in(self, student: str, answers: dict[str, str]) -> None:
        """Put a submission with these answers where `nbgrader collect` would."""
        notebook = json.loads(
            (self.course / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8")
        )
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in answers:
                cell["source"] = answers[name]
        folder = self.course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
