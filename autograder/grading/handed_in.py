"""What was handed in for an assignment, found and read in the course folder; links are never followed."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.files import NotAFile, read_regular
from autograder.grading.reading import LARGEST, Note
from autograder.grading.settings import Settings

TIMESTAMP = "timestamp.txt"
_LONGEST_STAMP = 1_000  # bytes


@dataclass(frozen=True)
class Place:
    """Where one submission stands.

    Attributes
    ----------
    student : str
    folder : Path
    trouble : str
        Why it cannot be graded; empty if it can.
    """

    student: str
    folder: Path
    trouble: str = ""


@dataclass(frozen=True)
class HandedIn:
    """One submission, read.

    Attributes
    ----------
    place : Place
    notebooks : dict of str to (bytes or Note)
        Those the assignment knows, by nbgrader's name.
    files : dict of str to bytes
        What stands beside them by relative name, to be copied as nbgrader copies it.
    timestamp : str or None
        When it was handed in, in the words of ``timestamp.txt``.
    """

    place: Place
    notebooks: dict[str, bytes | Note]
    files: dict[str, bytes]
    timestamp: str | None


def find(settings: Settings, assignment: str, students: Collection[str] = ()) -> list[Place]:
    """Return the places of all submissions to an assignment, or of those students' (patterns with * work too)."""
    pattern = str(settings.folder("submitted", "*", assignment))
    known = re.compile(
        settings.course.format_path(
            settings.course.submitted_directory, "(?P<student>[^/]*)", re.escape(assignment), escape=True
        )
    )
    excluded = set(settings.course.student_id_exclude.split(",")) - {""}
    found = {*Path("/").glob(pattern.lstrip("/")), *_behind_closed_doors(Path(pattern))}
    places = []
    for name in sorted(map(str, found)):
        matched = known.fullmatch(name)
        if matched is None or matched["student"] in excluded:
            continue
        student = matched["student"]
        if students and not any(fnmatch.fnmatchcase(student, wanted) for wanted in students):
            continue
        places.append(Place(student, Path(name), _trouble(Path(name), settings.root)))
    return places


def _behind_closed_doors(pattern: Path) -> Iterator[Path]:
    """Submissions of students whose folder may not be entered: a glob passes them over in silence."""
    at = pattern.parts.index("*") if "*" in pattern.parts else len(pattern.parts) - 1
    students = Path(*pattern.parts[: at + 1])
    for folder in Path("/").glob(str(students).lstrip("/")):
        if folder.is_dir() and not os.access(folder, os.X_OK):
            yield folder.joinpath(*pattern.parts[at + 1 :])


def closed(folder: Path, error: OSError) -> str:
    """Say that something of a submission cannot be read, where it is and what helps."""
    what = Path(error.filename) if error.filename else folder
    return (
        f"{what} cannot be read ({error.strerror or error}), so this submission was left as it was: "
        "give yourself the right to read it, then run again."
    )


def _trouble(folder: Path, root: Path) -> str:
    try:
        return _seen(folder, root)
    except OSError as error:
        return closed(folder, error)


def _seen(folder: Path, root: Path) -> str:
    inside = folder.relative_to(root).parts[1:] if folder.is_relative_to(root) else (folder.name,)
    path = folder
    for _ in inside:
        if path.is_symlink():
            return f"{path} is a link, and links are not followed: put the folder itself there."
        path = path.parent
    if not folder.is_dir():
        return f"{folder} is not a folder."
    if not any(path.suffix == ".ipynb" for path in folder.iterdir()):
        return f"{folder} holds no notebook."
    return ""


def prepare(settings: Settings, assignment: str, place: Place) -> None:
    """Set a submission in order as the configured hook of nbgrader does; one that fails changes nothing."""
    hook = settings.converter.pre_convert_hook
    if hook:
        notebooks = [str(path) for path in sorted(place.folder.glob("*.ipynb"))]
        with contextlib.suppress(Exception):  # as nbgrader: a hook is a courtesy
            hook(assignment=assignment, student=place.student, notebooks=notebooks)


def read(settings: Settings, place: Place, names: Collection[str]) -> HandedIn:
    """Read one submission.

    Parameters
    ----------
    settings : Settings
    place : Place
    names : collection of str
        The assignment's notebooks.

    Raises
    ------
    OSError
        If anything of it may not be read: without it the mark might be another, and that is no fault of the student.
    """
    notebooks = {}
    for name in names:
        path = place.folder / f"{name}.ipynb"
        with contextlib.suppress(FileNotFoundError):
            notebooks[name] = _read_notebook(path)
    files = {
        path.relative_to(place.folder).as_posix(): read_regular(path)
        for path in _files(settings, place.folder)
    }
    stamp = files.get(TIMESTAMP, b"")[:_LONGEST_STAMP].decode("utf-8", "replace").strip()
    return HandedIn(place, notebooks, files, stamp or None)


def _read_notebook(path: Path) -> bytes | Note:
    """The bytes that were handed in, or a note that says why there are none."""
    try:
        return read_regular(path, LARGEST)
    except NotAFile as error:
        return Note("unreadable", f"Nothing could be graded. {error}")


def _files(settings: Settings, folder: Path) -> Iterator[Path]:
    """Regular files that nbgrader would copy: no notebooks, nothing it is told to ignore."""
    from nbgrader.utils import find_all_files

    for _ in os.walk(folder, onerror=_raise):  # nbgrader passes over folders that it may not read
        pass
    for name in sorted(find_all_files(str(folder), [*settings.course.ignore, "*.ipynb"])):
        if stat.S_ISREG(os.lstat(name).st_mode):
            yield Path(name)


def _raise(error: OSError) -> None:
    raise error


def parts(handed_in: HandedIn) -> dict[str, bytes]:
    """Everything that decides about this submission's mark, by name."""
    found: dict[str, bytes] = {}
    for name, data in handed_in.notebooks.items():
        found[f"notebook {name}"] = data if isinstance(data, bytes) else data.text.encode()
    return found | {f"file {name}": data for name, data in handed_in.files.items()}
