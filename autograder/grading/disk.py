"""A disk or folder that cannot be written is told in words, with what to do about it."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from autograder.course.paths import CourseError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


class CannotWrite(CourseError):
    """A disk is full, or a folder may not be written."""


@contextlib.contextmanager
def writing(root: Path) -> Iterator[None]:
    """Tell of a disk or folder that cannot be written in words; `root` is named if the error names no path.

    Raises
    ------
    CannotWrite
        Instead of every `OSError` of the body.
    """
    try:
        yield
    except OSError as error:
        raise cannot_write(error, root) from error


def is_of_the_disk(error: BaseException) -> bool:
    """Tell whether an error says that the disk is full or may not be written."""
    return isinstance(error, OSError) and error.errno in (*_FULL, *_FORBIDDEN)


def cannot_write(error: OSError, root: Path) -> CannotWrite:
    """Return the error in words."""
    return CannotWrite(
        f"{error.filename or root} cannot be written: {error.strerror or error}. {_remedy(error)} "
        "Then run again: nothing that was graded so far is lost."
    )


def _remedy(error: OSError) -> str:
    if error.errno in _FULL:
        return "Make room on the disk."
    if error.errno in _FORBIDDEN:
        return "Give yourself the right to write the course folder."
    return "Put that right."
