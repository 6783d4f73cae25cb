"""The door into nbgrader: classes that its configuration names, so that `nbgrader autograde` runs our grader.

    sanitize pass   SubmissionExporter reads, whatever the file is -> RestoreSubmission
    autograde pass  SubmissionExporter reads the restored notebook -> GradeSubmission -> SaveGrades

Knows nbgrader's converters and gradebook. Decides nothing about marks.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Float, Integer

from autograder.execution import Limits
from autograder.grading.bundle import Bundle
from autograder.grading.files import NotAFile, beside, read_regular
from autograder.grading.grade import LIMITS, grade_restored
from autograder.grading.graded import ORIGINAL, as_notebook, describe
from autograder.grading.marks import auto_comment, auto_score, needs_a_person
from autograder.grading.reading import LARGEST, Note
from autograder.grading.restore import Restored, empty, restore
from autograder.grading.result import Result

_NOT_FOR_STUDENTS = ("timestamp.txt", "submission_secret.txt")


class SubmissionExporter(NotebookExporter):
    """Reads a submission whatever it is: nothing a student hands in ends in a stack trace."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.bundles: dict[tuple[str, str, str], Bundle] = {}  # of one run of the converter

    def from_filename(self, filename: str, resources: dict | None = None, **kw: Any):
        """Called by nbgrader's converter for each notebook, once a pass."""
        path = Path(filename)
        resources = resources if resources is not None else {}
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        notebook = nbformat.v4.new_notebook()
        if any(isinstance(step, RestoreSubmission) for step in self._preprocessors):
            resources["submission"] = _read(path)
        else:
            notebook = nbformat.from_dict(json.loads(path.read_bytes()))
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _read(path: Path) -> bytes | Note:
    """The bytes that were handed in, or a note that says why there are none.

    Raises
    ------
    OSError
        If whoever grades may not read the file: that must not become a zero, so nbgrader tells it and grades the others.
    """
    try:
        return read_regular(path, LARGEST)
    except NotAFile as error:
        return Note("unreadable", f"Nothing could be graded. {error}")
    except OSError as error:
        remedy = "It stays ungraded; make the file readable and grade it again."
        raise OSError(error.errno, f"{path} could not be read ({error.strerror}). {remedy}") from None


class _WithBundle(NbGraderPreprocessor):
    """Knows the assignment's reference cells: from the gradebook, in the order of the source."""

    def bundle(self, resources: dict) -> Bundle:
        names = resources["nbgrader"]
        key = (names["db_url"], names["assignment"], names["notebook"])
        known = getattr(self.parent, "bundles", {})
        if key not in known:
            known[key] = Bundle.from_gradebook(*key, source=self._source(*key[1:]))
        return known[key]

    def _source(self, assignment: str, notebook: str) -> Path | None:
        course = getattr(getattr(self.parent, "parent", None), "coursedir", None)
        if course is None:
            return None
        return Path(course.format_path(course.source_directory, ".", assignment)) / f"{notebook}.ipynb"


class RestoreSubmission(_WithBundle):
    """For `Autograde.sanitize_preprocessors`: put the assignment's cells back, keep everything of the student's."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the restored notebook; what could not be read goes beside it as it came."""
        bundle = self.bundle(resources)
        submission = resources.get("submission")
        if submission is None:  # called with another exporter
            submission = nbformat.writes(nb).encode("utf-8")
        restored = empty(bundle, submission) if isinstance(submission, Note) else restore(submission, bundle)
        for note in restored.notes:
            self.log.warning("%s: %s", resources["nbgrader"].get("student", "submission"), note.text)
        if not restored.readable and isinstance(submission, bytes):
            outputs = resources.setdefault("outputs", {})
            outputs[resources["nbgrader"]["notebook"] + ORIGINAL] = submission
        plain = restored.notebook
        plain["metadata"]["autograder"] |= describe(restored)
        return nbformat.from_dict(plain), resources


class GradeSubmission(_WithBundle):
    """For `Autograde.autograde_preprocessors`: runs the student's code apart from the checks, keeps the result."""

    sandbox = Bool(
        True, help="Keep student code from files, network and programs. Off only where the kernel cannot."
    ).tag(config=True)
    cell_seconds = Float(LIMITS.cell_seconds, help="Seconds that one cell may take.").tag(config=True)
    total_seconds = Float(LIMITS.total_seconds, help="Seconds that one notebook may take.").tag(config=True)
    memory_bytes = Integer(LIMITS.memory_bytes, help="Bytes of memory that student code may use.").tag(
        config=True
    )
    show_hidden_tests = Bool(
        False, help="Write the hidden tests' code into autograded notebooks (instructors only)."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook with its outputs; the result travels in the resources."""
        bundle = self.bundle(resources)
        kept = nb.metadata.get("autograder", {})
        notes = tuple(Note(**note) for note in kept.get("notes", ()))
        plain = json.loads(nbformat.writes(nb, version=nbformat.NO_CONVERT))
        _join_sources(plain)
        restored = Restored(plain, notes, kept.get("readable", True))
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        files = {
            name: data
            for name, data in beside(folder).items()
            if name not in _NOT_FOR_STUDENTS and not name.endswith(ORIGINAL)
        }
        limits = Limits(
            cell_seconds=self.cell_seconds,
            total_seconds=self.total_seconds,
            memory_bytes=self.memory_bytes,
        )
        result = grade_restored(restored, bundle, files=files, limits=limits, sandbox=self.sandbox)
        for message in result.messages:
            self.log.error("%s: %s", resources["nbgrader"].get("student", "submission"), message)
        resources["result"] = result
        graded = as_notebook(result, kept, bundle, self.show_hidden_tests)
        return nbformat.from_dict(graded), resources


def _join_sources(plain: dict[str, Any]) -> None:
    """Bring texts that nbformat writes as lists of lines back to one text."""
    for cell in plain["cells"]:
        if isinstance(cell["source"], list):
            cell["source"] = "".join(cell["source"])


class SaveGrades(SaveAutoGrades):
    """For `Autograde.autograde_preprocessors`: writes what `GradeSubmission` found into the gradebook.

    A mark that a person gave stays, and asks for another look, as in nbgrader.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Write all marks and comments of one notebook in one transaction."""
        names, result = resources["nbgrader"], resources["result"]
        with Gradebook(names["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                names["notebook"], names["assignment"], names["student"]
            )
            save(submitted, result)
            gradebook.db.commit()
        return nb, resources


def save(submitted: Any, result: Result) -> None:
    """Set the rows of nbgrader's `SubmittedNotebook` to a result; the caller commits.

    A row that the result does not know gets no score and asks for a person.
    """
    for grade in submitted.grades:
        grade.auto_score = auto_score(result, grade.name)
        grade.needs_manual_grade = needs_a_person(grade.auto_score, grade.manual_score)
    for comment in submitted.comments:
        comment.auto_comment = auto_comment(result, comment.name)
