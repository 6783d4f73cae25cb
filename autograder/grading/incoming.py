"""A folder that was handed in, set in order before nbgrader looks into it.

Links are not followed: what they point to is not the student's work. nbgrader copies a submission's files before
anything of ours runs, and follows links; so they are set aside in its `pre_convert_hook`, and a text says what was
there. A lone notebook under a wrong name is taken for the one that is missing.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from autograder.grading.files import links_in


def prepare(assignment: str, student: str, notebooks: list[str]) -> None:
    """For `Autograde.pre_convert_hook`: nbgrader calls it for every submission before it copies files.

    `notebooks` is nbgrader's own list of what it will grade: a notebook that was renamed by accident is added to it.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        set_aside(folder)
        expected = {path.name for path in Path("source", assignment).glob("*.ipynb")}
        adopted = adopt_misnamed(folder, expected)
        if adopted is not None and str(adopted) not in notebooks:
            notebooks.append(str(adopted))


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


def adopt_misnamed(folder: Path, expected: set[str]) -> Path | None:
    """If one notebook is missing and exactly one stands there under another name, copy it to the right name.

    Returns
    -------
    Path or None
        The copy; None if there was nothing to adopt.
    """
    there = {path.name for path in folder.glob("*.ipynb") if not path.name.startswith(".")}
    missing, strangers = sorted(expected - there), sorted(there - expected)
    if len(missing) != 1 or len(strangers) != 1:
        return None
    stranger = folder / strangers[0]
    if stranger.is_symlink() or not stranger.is_file():
        return None
    return Path(shutil.copyfile(stranger, folder / missing[0]))
