"""The classes that nbgrader's configuration names: `generate_feedback` through them writes our page.

    c.GenerateFeedback.exporter_class = "autograder.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = ["autograder.feedback.FeedbackPage"]

Knows nbgrader and nbconvert. Decides nothing about marks.
"""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder import display, mathematics, pages
from autograder.feedback import cells
from autograder.feedback.content import Page, page_of
from autograder.feedback.marks import Marks, read_marks
from autograder.grading import drafts
from autograder.grading.syntax import has_hidden, visible

_HIDDEN = "# Hidden checks ran here; what they found is told above."

_ROLES = {  # what became of a cell that was not simply run
    drafts.MISSING: "Nothing was handed in here.",
    drafts.KEPT: "This cell was kept but not run.",
    drafts.DEFINE: "Of this cell only the definitions were run.",
}


class FeedbackPage(NbGraderPreprocessor):
    """For `GenerateFeedback.preprocessors`: reads the marks, and takes the hidden tests out of the notebook."""

    show_hidden_tests = Bool(
        False, help="Show the hidden tests' code to students, where the autograded notebook has it."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook as the student shall see it; the marks travel in the resources."""
        if not self.show_hidden_tests:
            for cell in nb.cells:
                _hide(cell)
        names = resources["nbgrader"]
        marks = read_marks(names["db_url"], names["assignment"], names["notebook"], names["student"])
        resources["feedback"] = page_of(nb, marks, names["notebook"], names["student"])
        return nb, resources


def _hide(cell: NotebookNode) -> None:
    """Blank hidden regions, and tracebacks of check cells: those quote the code around them."""
    mark = cell.metadata.get("nbgrader", {})
    if has_hidden(cell.source):
        cell.source = visible(cell.source, _HIDDEN)
    if mark.get("grade") and not mark.get("solution"):
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]


class FeedbackExporter(Exporter):
    """For `GenerateFeedback.exporter_class`: one HTML file with everything in it."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw: Any):
        """Return the page's text and the resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        page = resources.get("feedback") or page_of(nb, Marks(), "notebook", "")
        return render(nb, page), resources


def render(nb: NotebookNode, page: Page) -> str:
    """The page as HTML."""
    numbered = {exercise.check: exercise for exercise in page.exercises if exercise.check is not None}
    return pages.render(
        "feedback.html",
        page=page,
        cells=list(enumerate(nb.cells)),
        checks=numbered,
        numbers={exercise.name: n for n, exercise in enumerate(page.exercises, 1)},
        mend=any(exercise.is_to_mend for exercise in page.exercises),
        class_told=any(exercise.class_share is not None for exercise in page.exercises),
        told=_told,
        remark=drafts.NOTE_ID,  # a cell of ours; its notes stand at the top of the page
        markdown=cells.markdown,
        code=cells.code,
        outputs=cells.outputs,
        pill=lambda word: Markup(display.standing_pill(word)),
        table=lambda result: Markup(display.as_html(result.record, unfold=True)),
        stylesheet=pages.asset("base.css") + pages.asset("notebook.css") + pages.asset("feedback.css"),
    )


def _told(cell: NotebookNode) -> str:
    """What is said above a cell that was not simply run."""
    ours = cell.metadata.get("autograder")
    return _ROLES.get(str(ours.get("role")), "") if isinstance(ours, dict) else ""


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """For `HTMLExporter.filters`: what a student wrote, cleaned before the formgrader shows it; formulas as MathML."""
    cell = context.get("cell", {})
    attachments = cell.get("attachments", {}) if hasattr(cell, "get") else {}
    return mathematics.markdown_to_html(source, attachments)
