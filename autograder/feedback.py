"""A student's feedback page: marks and messages, no hidden code, nothing that runs in a browser but mathematics.

Knows autograded notebooks and nbgrader's feedback template. Decides nothing about marks.
"""

from __future__ import annotations

import html
from typing import Any

import nbformat
from jinja2 import pass_context
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from autograder.display import points
from autograder.grading.sanitise import LONGEST_MARKDOWN, clean_html
from autograder.grading.syntax import has_hidden, visible

_HIDDEN = "# Hidden checks ran here; what they found is in the table."


class FeedbackPage(NbGraderPreprocessor):
    """For `GenerateFeedback.preprocessors`: an overview at the top, check cells without their hidden tests."""

    show_hidden_tests = Bool(
        False, help="Show the hidden tests' code to students, where the autograded notebook has it."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Return the notebook as the student shall see it."""
        if not self.show_hidden_tests:
            for cell in nb.cells:
                _hide(cell)
        summary = nb.metadata.get("autograder", {})
        if summary.get("exercises"):
            overview = nbformat.v4.new_markdown_cell(_overview(summary))
            nb.cells.insert(0, overview)
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


def _overview(summary: dict[str, Any]) -> str:
    """A line per exercise: points, verdict, named mistakes; every name leads to its check cell."""
    rows = []
    for exercise in summary["exercises"]:
        mistakes = dict.fromkeys(o["mistake"] for o in exercise["outcomes"] if o["mistake"])
        earned = "open" if exercise["points"] is None else points(exercise["points"])
        name = f"<a href='#{html.escape(exercise['check'])}'>{html.escape(exercise['id'])}</a>"
        told = ", ".join(mistake.replace("_", " ") for mistake in mistakes)
        cells = (
            name,
            f"{earned} of {points(exercise['max_points'])}",
            exercise["verdict"],
            html.escape(told),
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{title}</th>" for title in ("exercise", "points", "result", "what we saw"))
    return (
        f"<table class='table table-condensed'><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """For `HTMLExporter.filters`: markdown as nbconvert renders it, cleaned before a browser sees it.

    Serves feedback pages and the formgrader alike.
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    if len(source) > LONGEST_MARKDOWN:
        return f"<pre>{html.escape(source)}</pre>"
    cell = context.get("cell", {})
    attachments = cell.get("attachments", {}) if hasattr(cell, "get") else {}
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))
