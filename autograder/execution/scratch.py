"""The scratch folder of one submission: made, filled, measured, removed. Knows files only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
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
    """Bytes of all files below `folder`; counting stops above `enough`."""
    total = count = 0
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:  # gone meanwhile, or made unreadable: then nothing can be added through it either
            continue
        for entry in entries:
            count += 1
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            else:
                try:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                except OSError:
                    continue
        if total > enough or count > MAX_FILES:
            return max(total, enough + 1)
    return total


def remove(folder: str) -> None:
    """Remove the folder, however deep, locked or oddly named its content is."""
    shutil.rmtree(folder, ignore_errors=True)
    if Path(folder).exists():
        tools = "/usr/bin:/bin"
        for command in (["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
            subprocess.run(command, env={"PATH": tools}, stderr=subprocess.DEVNULL, check=False)


def empty(folder: str) -> None:
    """Remove everything in the folder, and keep the folder."""
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            remove(entry.path)
        else:
            Path(entry.path).unlink(missing_ok=True)
