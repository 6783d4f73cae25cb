"""A course folder that grades the example class through nbgrader's own API, and the table of what came out.

Knows nbgrader's API and gradebook. Running it again grades only what changed.
"""

from __future__ import annotations

import filecmp
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from autograder import records
from autograder.course.build import programs_beside_python
from autograder.course.paths import Assignment, CourseError

CELL_SECONDS = 3.0  # one example loops for ever; nobody wants to wait half a minute for it


@dataclass(frozen=True)
class Marks:
    """One submission's marks: `scores` by exercise, `told` the named mistake or the verdict of what lost points."""

    student: str
    total: float
    scores: dict[str, float]
    told: dict[str, str]


class ExampleCourse:
    """A course in a folder of its own.

    Parameters
    ----------
    root : Path
        The course whose assignments and configuration are used.
    folder : Path
        Where the example course is kept; made if it is not there.
    """

    def __init__(self, root: Path, folder: Path):
        from nbgrader.apps import NbGraderAPI
        from traitlets.config.loader import PyFileConfigLoader

        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / "nbgrader_config.py", self.folder / "nbgrader_config.py")
        self.config = PyFileConfigLoader("nbgrader_config.py", path=str(self.folder)).load_config()
        self.config.CourseDirectory.root = str(self.folder)
        self.config.CourseDirectory.db_url = f"sqlite:///{self.folder / 'gradebook.db'}"
        self.config.GradeSubmission.cell_seconds = CELL_SECONDS
        self._regrade: set[str] = set()
        with programs_beside_python():
            self.api = NbGraderAPI(config=self.config)
        self.api.log.setLevel("ERROR")

    def release(self, assignment: Assignment) -> None:
        """Make nbgrader's release of a built assignment in this course; nothing to do if it is there already.

        Where cells were added or removed since, nbgrader keeps marks of the old cells by refusing; the example class is
        always graded anew, so its old marks go.

        Raises
        ------
        CourseError
            With nbgrader's own words, if it refuses.
        """
        goal = self.folder / "source" / assignment.name
        if self._is_released(assignment, goal):
            return
        shutil.rmtree(goal, ignore_errors=True)
        shutil.copytree(assignment.source.parent, goal)
        done = self._generate(assignment)
        if not done["success"] and self._forget(assignment):
            done = self._generate(assignment)
        if not done["success"]:
            raise CourseError(
                f"nbgrader could not release {assignment.name}:\n{done.get('error') or done.get('log')}"
            )
        self._regrade.add(assignment.name)

    def _generate(self, assignment: Assignment) -> dict:
        with programs_beside_python():
            return self.api.generate_assignment(assignment.name, force=True, create=True)

    def _forget(self, assignment: Assignment) -> bool:
        """Remove an assignment's marks from the example's gradebook; whether there were any."""
        from nbgrader.api import Gradebook

        with Gradebook(self.config.CourseDirectory.db_url) as gradebook:
            known = bool(gradebook.assignment_submissions(assignment.name))
            if known:
                gradebook.remove_assignment(assignment.name)
        return known

    def _is_released(self, assignment: Assignment, goal: Path) -> bool:
        release = self.folder / "release" / assignment.name / assignment.release.name
        source = goal / assignment.source.name
        return (
            release.is_file()
            and source.is_file()
            and filecmp.cmp(source, assignment.source, shallow=False)
            and filecmp.cmp(release, assignment.release, shallow=False)
        )

    def grade(self, assignment: Assignment, student: str) -> None:
        """Autograde one submission and write its feedback page, through nbgrader.

        Raises
        ------
        CourseError
            With nbgrader's own words, if it fails.
        """
        submitted = self.folder / "submitted" / student / assignment.name / assignment.release.name
        graded = self.folder / "autograded" / student / assignment.name / assignment.release.name
        feedback = self.folder / "feedback" / student / assignment.name / f"{assignment.topic}.html"
        current = graded.is_file() and graded.stat().st_mtime >= submitted.stat().st_mtime
        if current and feedback.is_file() and assignment.name not in self._regrade:
            return
        for step in (self.api.autograde, self.api.generate_feedback):
            done = step(assignment.name, student, force=True)
            if not done["success"]:
                raise CourseError(
                    f"nbgrader could not finish {step.__name__} of {assignment.name} for {student}:\n"
                    f"{done.get('error') or done.get('log')}"
                )

    def marks(self, assignment: Assignment) -> list[Marks]:
        """What nbgrader's gradebook and autograded notebooks say of every submission, best first."""
        from nbgrader.api import Gradebook

        found = []
        with Gradebook(self.config.CourseDirectory.db_url) as gradebook:
            for submission in gradebook.assignment_submissions(assignment.name):
                student = submission.student.id
                scores = {
                    grade.name.removesuffix("_check"): grade.score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                    if grade.name.endswith("_check")
                }
                found.append(Marks(student, submission.score, scores, self._told(assignment, student)))
        return sorted(found, key=lambda marks: (-marks.total, marks.student))

    def _told(self, assignment: Assignment, student: str) -> dict[str, str]:
        """Exercise to the named mistake, or to the verdict where there is no name."""
        path = self.folder / "autograded" / student / assignment.name / assignment.release.name
        exercises = json.loads(path.read_text(encoding="utf-8"))["metadata"]["autograder"]["exercises"]
        told = {}
        for exercise in exercises:
            names = dict.fromkeys(o["mistake"] for o in exercise["outcomes"] if o["mistake"])
            if exercise["verdict"] in (records.FAILED, records.RAISED) and names:
                told[exercise["id"]] = ", ".join(name.replace("_", " ") for name in names)
            elif exercise["verdict"] != records.PASSED:
                unnamed = exercise["verdict"] == records.FAILED
                told[exercise["id"]] = "wrong, no known mistake" if unnamed else exercise["verdict"]
        return told

    def feedback_pages(self) -> list[Path]:
        """Every feedback page, sorted."""
        return sorted((self.folder / "feedback").glob("*/*/*.html"))
