"""Collects what a report says: from nbgrader's gradebook, the autograded notebooks and the authored answers.

One notebook is in memory at a time; of each only its record and its fingerprints are kept.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from autograder.course.answers import read_answers
from autograder.course.paths import Assignment, CourseError, find_assignments, find_root
from autograder.grading.handed_in import find
from autograder.grading.settings import Settings
from autograder.report import similar, summary
from autograder.report.fingerprints import prints
from autograder.report.marks import Marks, read_marks
from autograder.report.submissions import Submission, read_submission


class Class:
    """One graded assignment of a course.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    settings : Settings
        nbgrader's configuration of the course.
    """

    def __init__(self, root: Path, assignment: str, settings: Settings):
        self.root, self.assignment, self.settings = root, assignment, settings

    def marks(self) -> Marks:
        """What the gradebook has."""
        return read_marks(self.settings.course.db_url, self.assignment)

    def submission(self, student: str) -> Submission | None:
        """One student's autograded work; None if there is none."""
        return read_submission(student, self.settings.folder("autograded", student, self.assignment))

    def known_code(self) -> list[str]:
        """Code that everybody may have: handed out, the reference, and the authored right and wrong answers."""
        texts = []
        for room in ("source", "release"):
            folder = Path(
                self.settings.course.format_path(
                    getattr(self.settings.course, f"{room}_directory"), ".", self.assignment
                )
            )
            for path in sorted(folder.glob("*.ipynb")):
                texts += _code_cells(path)
        with contextlib.suppress(CourseError):  # a course without authored texts has no such answers
            (authored,) = find_assignments(find_root(self.root), (self.assignment,))
            texts += _answers(authored)
        return texts


def _code_cells(path: Path) -> list[str]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def _answers(assignment: Assignment) -> list[str]:
    from nbformat import read

    from autograder.course.plain import solutions

    if not assignment.mistakes.is_file() or not assignment.source.is_file():
        return []
    reference = solutions(read(assignment.source, as_version=4))
    return [text for answer in read_answers(assignment.mistakes, reference) for text in answer.cells.values()]


def gather(one: Class, output: Path, progress: Callable[[int, int], None] = lambda done, of: None):
    """Return the `Summary` of a graded assignment.

    Parameters
    ----------
    one : Class
    output : Path
        The file that the page will be written to: links lead from there.
    progress : callable
        Called with how many submissions were read, and of how many.
    """
    marks = one.marks()
    places = {place.student: place.folder for place in find(one.settings, one.assignment)}
    students = sorted(set(places) | set(marks.of))
    known = frozenset().union(*(prints(text) for text in one.known_code()))
    seen: dict[str, Submission] = {}
    fingerprints: dict[str, frozenset[int]] = {}
    found: list[summary.Look] = []
    rows = []
    for done, student in enumerate(students, 1):
        submission, mark = one.submission(student), marks.of.get(student)
        if submission is not None:
            fingerprints[student] = frozenset().union(*(prints(text) for _, text in submission.code)) - known
            submission.code = []
            seen[student] = submission
            found += summary.looks(submission)
        found += _grading(one, student, places.get(student), mark is not None and bool(mark.cells))
        rows.append(_row(one, marks, student, submission, output))
        progress(done, len(students))
    pairs = similar.pairs(fingerprints)
    found += _alike(pairs)
    order = list(summary.REASONS)
    return summary.Summary(
        one.assignment,
        marks.max_score,
        rows,
        summary.exercises(marks.exercises, marks.of, seen),
        summary.mistakes(seen),
        sorted(found, key=lambda look: (order.index(look.reason), look.student)),
        pairs,
        similar.groups(pairs),
        [student for student in marks.missing if student not in places],
    )


def _row(one: Class, marks: Marks, student: str, submission, output: Path) -> summary.Row:
    mark, person = marks.of.get(student), marks.people.get(student)
    return summary.Row(
        student,
        person.name if person else student,
        mark.score if mark is not None and mark.graded else None,
        mark.penalty if mark is not None else 0.0,
        mark.waiting if mark is not None else (),
        submission.seconds if submission is not None else None,
        dict(mark.cells) if mark is not None else {},
        summary.told(submission),
        _feedback(one, student, output),
    )


def _feedback(one: Class, student: str, output: Path) -> str:
    """A relative link to the student's feedback page; empty if there is none."""
    folder = one.settings.folder("feedback", student, one.assignment)
    pages = sorted(folder.glob("*.html")) if folder.is_dir() else []
    return Path(os.path.relpath(pages[0], output.resolve().parent)).as_posix() if pages else ""


def _grading(one: Class, student: str, submitted: Path | None, marked: bool) -> list[summary.Look]:
    """Whether what was handed in is what was graded."""
    if submitted is None:
        return []
    graded = one.settings.folder("autograded", student, one.assignment)
    newest = max((path.stat().st_mtime for path in graded.glob("*.ipynb")), default=None)
    if newest is None or not marked:
        return [summary.Look(student, summary.NOT_GRADED, "Run: autograder grade " + one.assignment)]
    changed = max((path.stat().st_mtime for path in submitted.glob("*.ipynb")), default=0.0)
    if changed > newest:
        return [summary.Look(student, summary.OUTDATED, "Run: autograder grade " + one.assignment)]
    return []


def _alike(pairs: list[similar.Pair]) -> list[summary.Look]:
    others: dict[str, dict[str, float]] = {}
    for pair in pairs:
        others.setdefault(pair.first, {})[pair.second] = pair.share
        others.setdefault(pair.second, {})[pair.first] = pair.share
    return [
        summary.Look(
            student,
            summary.SIMILAR,
            "To "
            + ", ".join(f"{o} ({s * 100:.0f} %)" for o, s in sorted(with_.items())[:5])
            + (" and others." if len(with_) > 5 else "."),
        )
        for student, with_ in others.items()
    ]
