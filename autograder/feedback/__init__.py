"""A student's feedback page: one file that needs no network, through `nbgrader generate_feedback`.

marks      what the gradebook says: points, comments, how the class fared
content    from a graded notebook and its marks to what the page tells, in order
cells      a notebook's cells as harmless HTML
exporter   the classes that nbgrader's configuration names
"""

from autograder.feedback.exporter import FeedbackExporter, FeedbackPage, markdown_to_html

__all__ = ["FeedbackExporter", "FeedbackPage", "markdown_to_html"]
