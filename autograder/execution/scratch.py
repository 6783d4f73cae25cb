"""The scratch folder of one submission: made, filled, measured, removed. Knows files only."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MAX_FILES = 20_000


def make(files: Mapping[str, bytes] | None = None) -> str:
    """A fresh folder, readable by its owner only, with the submission's extra files in it.

    Raises
    ------
    ValueError
        for a file whose name points outside the folder
    """
    folder = Path(tempfile.mkdtemp(prefix="autograder-"))
    try:
        for name, content in (files or {}).items():
            parts = PurePosixPath(name)
            if parts.is_absolute() or ".." in parts.parts or not parts.parts or "\0" in name:
                raise ValueError(f"{name!r} is not a name inside the submission's folder")
            path = folder.joinpath(*parts.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except BaseException:
        remove(str(folder))
        raise
    return str(folder)


def size(folder: str, enough: int) -> int:
    """Bytes of all files below `folder`; counting stops above `enough`, which is also the answer for a maze.

    A maze is a folder with more than `MAX_FILES` entries, or with paths too long to name.
    """
    try:
        return _size(folder, enough)
    except OSError:  # a path too long to name, or a folder that changes while it is read
        return enough + 1


def _size(folder: str, enough: int) -> int:
    total = count = 0
    waiting = [folder]
    while waiting and total <= enough:
        for entry in _entries(waiting.pop()):
            count += 1
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
                continue
            with contextlib.suppress(FileNotFoundError):
                total += entry.stat(follow_symlinks=False).st_blocks * 512
        if count > MAX_FILES:
            return enough + 1
    return total


def _entries(path: str) -> list[os.DirEntry]:
    try:
        return list(os.scandir(path))
    except FileNotFoundError:  # removed meanwhile
        return []
    except PermissionError:  # made unreadable, which keeps no one from writing into it
        Path(path).chmod(0o700)
        return list(os.scandir(path))


def size_without_name(pid: int) -> int:
    """Bytes of the files that process holds open though they have been removed. Linux only; 0 elsewhere."""
    total = 0
    with contextlib.suppress(OSError):
        for descriptor in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
            with contextlib.suppress(OSError):
                status = os.stat(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH116 - many, several times a check
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                    total += status.st_blocks * 512
    return total


def remove(folder: str) -> None:
    """Remove the folder, however deep, locked or oddly named its content is."""
    with contextlib.suppress(FileNotFoundError):
        empty(folder)
        Path(folder).rmdir()


def empty(folder: str) -> None:
    """Remove all that is in the folder, and keep the folder.

    Each folder inside is emptied by moving its own folders up to the first level, so neither the depth of the tree nor
    the length of its paths matters.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    moved = 0
    try:
        os.fchmod(top, 0o700)
        while names := os.listdir(top):  # noqa: PTH208
            for name in names:
                if not _unlink(name, top):
                    moved = _lift(name, top, moved)
    finally:
        os.close(top)


def _unlink(name: str, folder: int) -> bool:
    """Remove a file or a link; False for a folder."""
    if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        return False
    os.unlink(name, dir_fd=folder)
    return True


def _lift(name: str, top: int, moved: int) -> int:
    """Remove a folder on the first level after moving its folders beside it; return how many were ever moved."""
    os.chmod(name, 0o700, dir_fd=top)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for child in os.listdir(inner):  # noqa: PTH208
            if not _unlink(child, inner):
                os.chmod(child, 0o700, dir_fd=inner)  # a folder is moved only by who may write into it
                moved += 1
                os.rename(child, f".moved-{moved}-{time.monotonic_ns()}", src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)
    return moved
