"""The rubric beside the answer that a person marks: shown in the formgrader, and nowhere that a student looks.

nbgrader's release cuts the source's sample answers out, so its formgrader has nothing to mark a reflection by. Knows
nbconvert's preprocessors and the source notebook; writes nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory

from autograder.grading.files import read_regular

TITLE = "Rubric and sample answers, for graders; students never see this"


class ShowRubric(Preprocessor):
    """For `HTMLExporter.preprocessors`: above each answer that a person marks, what the source says of it.

    Acts on the formgrader's pages alone: they come with the identity of a submission.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook with a text cell above each answer that has a rubric."""
        if "submission_id" not in resources or "base_url" not in resources:
            return nb, resources
        found = self._rubrics(resources.get("assignment_id", ""), resources.get("notebook_id", ""))
        cells = []
        for cell in nb.cells:
            mark = cell.metadata.get("nbgrader", {})
            if (
                mark.get("grade")
                and (mark.get("solution") or mark.get("task"))
                and mark.get("grade_id") in found
            ):
                text = f"<div class='alert alert-info'>\n\n**{TITLE}**\n\n{found[mark['grade_id']]}\n\n</div>"
                cells.append(nbformat.v4.new_markdown_cell(text))
            cells.append(cell)
        nb.cells = cells
        return nb, resources

    def _rubrics(self, assignment: str, notebook: str) -> dict[str, str]:
        """Answer's name to its text in the source; nothing where there is no readable source."""
        course = CourseDirectory(config=self.config)
        path = Path(course.format_path(course.source_directory, ".", assignment)) / f"{notebook}.ipynb"
        try:
            cells = json.loads(read_regular(Path(course.root) / path))["cells"]
        except (OSError, ValueError, KeyError):
            return {}
        marks = [(cell["metadata"].get("nbgrader", {}), cell) for cell in cells]
        return {
            mark["grade_id"]: "".join(cell["source"])
            for mark, cell in marks
            if cell["cell_type"] == "markdown"
            and mark.get("grade")
            and (mark.get("solution") or mark.get("task"))
        }
