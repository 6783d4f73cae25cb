"""What nbgrader leaves of a cell when it makes a release: its own preprocessors, one cell at a time."""

from __future__ import annotations

import logging
from pathlib import Path


class Release:
    """What nbgrader leaves of a cell: its own three clearing preprocessors, configured as the build has them."""

    def __init__(self, root: Path):
        from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

        from autograder.course.build import release_config

        # nbgrader logs whole cells; a rule says it in a sentence
        silent = logging.Logger("autograder.lint", logging.CRITICAL + 1)
        self._steps = [
            kind(config=release_config(root)) for kind in (ClearSolutions, ClearHiddenTests, ClearMarkScheme)
        ]
        for step in self._steps:
            step.log = silent

    def of(self, kind: str, source: str, mark: dict) -> str | None:
        """Return the source a student gets; None where nbgrader refuses the cell and with it the notebook."""
        from nbformat.notebooknode import NotebookNode

        cell = NotebookNode(
            cell_type=kind, source=source, metadata=NotebookNode(nbgrader=mark) if mark else NotebookNode()
        )
        try:
            for step in self._steps:
                cell, _ = step.preprocess_cell(cell, {"language": "python"}, 0)
        except RuntimeError:
            return None
        return cell.source
