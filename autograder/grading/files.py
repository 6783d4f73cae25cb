"""Files of a submission, read without following links. Knows the file system only."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

MOST_BYTES = 50_000_000  # of all files beside a notebook together
MOST_FILES = 500
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", ".git", ".venv", "node_modules"}


class NotAFile(OSError):
    """What stands there is a link, a folder or a device, not a file that was handed in."""


def read_regular(path: Path, most: int | None = None) -> bytes:
    """Read a file that is one: links are not followed, devices and pipes are not opened.

    Raises
    ------
    NotAFile
        If it is anything else, or larger than `most` bytes; the message is a sentence for the student.
    FileNotFoundError
        If there is nothing.
    """
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        raise NotAFile(
            f"{path.name} was handed in as a link to another file. Links are not followed: "
            "hand in the file itself."
        )
    if not stat.S_ISREG(found.st_mode):
        raise NotAFile(f"{path.name} is not a file. Hand in the notebook as one .ipynb file.")
    if most is not None and found.st_size > most:
        raise NotAFile(f"{path.name} is larger than {most // 1_000_000} MB.")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise NotAFile(f"{path.name} is not a file.")
        return file.read()


def beside(folder: Path, *, deep: bool = True) -> dict[str, bytes]:
    """Read what was handed in beside a notebook, by relative name; no notebooks, links or hidden files.

    Parameters
    ----------
    folder : Path
    deep : bool
        Whether to look into folders below it.
    """
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for place, folders, names in os.walk(folder):
        folders[:] = (
            sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
            if deep
            else []
        )
        for name in sorted(names):
            path = Path(place) / name
            if name.startswith(".") or path.suffix == ".ipynb" or len(found) >= MOST_FILES:
                continue
            try:
                data = read_regular(path, left)
            except OSError:
                continue  # a link, a device, or too large: the notebook is graded without it
            left -= len(data)
            found[path.relative_to(folder).as_posix()] = data
    return found


def among(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What `beside` would find in a folder that holds `files`, which are in memory anyway."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for name in sorted(files, key=_as_walked):
        *folders, last = name.split("/")
        hidden = last.startswith(".") or any(part in _LEFT_OUT or part.startswith(".") for part in folders)
        if hidden or last.endswith(".ipynb") or len(found) >= MOST_FILES or len(files[name]) > left:
            continue
        left -= len(files[name])
        found[name] = files[name]
    return found


def _as_walked(name: str) -> list[tuple[bool, str]]:
    """Sorts names as a walk meets them: a folder's files, then its folders."""
    *folders, last = name.split("/")
    return [*((True, part) for part in folders), (False, last)]


def links_in(folder: Path) -> list[Path]:
    """Everything below `folder` that is neither a regular file nor a folder: links, pipes, devices."""
    found = []
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place) / name
            mode = os.lstat(path).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                found.append(path)
    return sorted(found)
