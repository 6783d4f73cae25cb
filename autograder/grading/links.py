"""Links in a submission are not followed: what they point to is not the student's work.

Knows folders that were handed in. nbgrader copies a submission's files before anything of ours runs, and follows links;
so they are set aside in its `pre_convert_hook`, and a text says what was there.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.grading.files import links_in


def set_links_aside(assignment: str, student: str, notebooks: list[str]) -> None:
    """For `Autograde.pre_convert_hook`: nbgrader calls it for every submission before it copies files."""
    for folder in {Path(notebook).parent for notebook in notebooks}:
        set_aside(folder)


def set_aside(folder: Path) -> list[Path]:
    """Replace every link, pipe or device below `folder` by a text that says what it was; notebooks stay.

    A notebook that is a link is told so by the grader itself: nbgrader never copies notebooks.

    Returns
    -------
    list of Path
        The texts that were written.
    """
    written = []
    for path in links_in(folder):
        if path.suffix == ".ipynb" and path.parent == folder:
            continue
        is_link = stat.S_ISLNK(os.lstat(path).st_mode)
        told = f"a link to {path.readlink()}" if is_link else "no regular file"
        path.unlink()
        text = path.with_name(f"{path.name}.was_a_link.txt")
        text.write_text(
            f"{path.name} was handed in as {told}.\n"
            "Links are not followed when work is graded: hand in the file itself.\n",
            encoding="utf-8",
            errors="backslashreplace",
        )
        written.append(text)
    return written
