"""Build a course: authored text to ``source/``, and through nbgrader's own generate_assignment to ``release/``.

Knows folders and nbgrader's converter. Rebuilding changes nothing: the result is a function of the authored text.
"""

from __future__ import annotations

import filecmp
import logging
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from autograder.course.markup import MarkupError, dumps, to_notebook
from autograder.course.paths import Assignment, CourseError

STUB = (
    "# Your code here: replace the next line.\n"
    'raise NotImplementedError("This part is not written yet: replace this line with your code.")'
)


def source_text(assignment: Assignment) -> str:
    """Return the text of an assignment's source notebook.

    Raises
    ------
    CourseError
        If the authored text has a mark that cannot be read; the message names file and cell.
    """
    try:
        return dumps(to_notebook(assignment.text.read_text(encoding="utf-8"), assignment.name))
    except MarkupError as error:
        raise CourseError(f"{assignment.text}: {error}") from error


def build(assignments: list[Assignment], into: Path | None = None) -> list[Path]:
    """Write ``source/`` and ``release/`` for the assignments.

    Parameters
    ----------
    assignments : list of Assignment
    into : Path, optional
        Another folder to write to; the course's own by default.

    Returns
    -------
    list of Path
        Every file written, relative to the folder.

    Raises
    ------
    CourseError
        If a text cannot be read or nbgrader refuses it; nothing of the course's own folders is touched then.
    """
    root = assignments[0].root
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as scratch:
        work = Path(scratch)
        for assignment in assignments:
            folder = work / "source" / assignment.name
            folder.mkdir(parents=True)
            (folder / assignment.source.name).write_text(source_text(assignment), encoding="utf-8")
            for extra in assignment.shipped:
                shutil.copyfile(extra, folder / extra.name)
        for assignment in assignments:
            generate_release(work, assignment.name)
        target = into or root
        written = []
        for assignment in assignments:
            for room in ("source", "release"):
                written += _replace_folder(work / room / assignment.name, target / room / assignment.name)
    return [path.relative_to(target) for path in written]


def _replace_folder(new: Path, old: Path) -> list[Path]:
    """Make `old` hold exactly what `new` holds; files that are already the same keep their times."""
    old.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in new.iterdir()}
    for stale in old.iterdir():
        if stale.name not in names and not stale.name.startswith(".") and stale.is_file():
            stale.unlink()
    written = []
    for path in sorted(new.iterdir()):
        goal = old / path.name
        if not goal.is_file() or not filecmp.cmp(path, goal, shallow=False):
            if goal.exists():
                goal.unlink()
            shutil.copyfile(path, goal)
        goal.chmod(0o644)
        written.append(goal)
    return written


@contextmanager
def programs_beside_python():
    """Put the interpreter's own folder on PATH: nbgrader calls ``alembic`` by name when it makes a gradebook."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def release_config(root: Path):
    """The part of nbgrader's configuration that decides what a release looks like; nbgrader_config.py uses it too."""
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "foundations"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = "*Your answer here: replace this line.*"
    return config


def generate_release(root: Path, name: str) -> None:
    """Run nbgrader's generate_assignment on ``root/source/name`` with a gradebook in `root`.

    Raises
    ------
    CourseError
        With nbgrader's own words, if it refuses.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = release_config(root)
    config.CourseDirectory.assignment_id = name
    config.GenerateAssignment.create_assignment = True
    config.GenerateAssignment.force = True
    log = logging.getLogger("autograder.build")
    log.setLevel(logging.ERROR)
    with programs_beside_python():
        converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
        converter.log = log
        try:
            converter.start()
        except Exception as error:
            raise CourseError(f"nbgrader could not make a release of {name}: {error}") from error


def differences(assignments: list[Assignment]) -> list[str]:
    """Build elsewhere and compare: one line per file of ``source/`` or ``release/`` that is not up to date."""
    root = assignments[0].root
    lines = []
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as scratch:
        fresh = Path(scratch)
        expected = set(build(assignments, into=fresh))
        for path in sorted(expected):
            committed = root / path
            if not committed.is_file():
                lines.append(f"{path}: missing")
            elif committed.read_bytes() != (fresh / path).read_bytes():
                lines.append(f"{path}: differs from what its text builds")
        for assignment in assignments:
            for room in ("source", "release"):
                folder = root / room / assignment.name
                for path in sorted(folder.glob("*")) if folder.is_dir() else []:
                    relative = path.relative_to(root)
                    if path.is_file() and relative not in expected and not path.name.startswith("."):
                        lines.append(f"{relative}: nothing authored builds it")
    return lines
