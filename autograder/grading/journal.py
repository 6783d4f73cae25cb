"""What was graded already, one line a submission: so that a run goes on where the last one stopped.

A line is written after marks and files are: whatever breaks off before is graded again, which changes nothing twice.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = ".autograder"


class Busy(RuntimeError):
    """Another run grades the same assignment right now."""


class Journal:
    """The lines of one assignment.

    Parameters
    ----------
    path : Path
        Made when the first line is written.
    """

    def __init__(self, path: Path):
        self.path = path
        self.entries: dict[str, dict[str, Any]] = {}
        lines = path.read_bytes().splitlines() if path.is_file() else []
        for line in lines:
            with contextlib.suppress(
                ValueError, KeyError, TypeError
            ):  # a line that broke off counts for nothing
                entry = json.loads(line)
                self.entries[entry["student"]] = entry
        self._crowded = len(lines) > 2 * len(self.entries) + 100
        self._torn = bool(lines) and not path.read_bytes().endswith(b"\n")

    def add(self, entries: list[dict[str, Any]]) -> None:
        """Append lines and have them on the disk before returning."""
        self.path.parent.mkdir(exist_ok=True)
        for entry in entries:
            self.entries[entry["student"]] = entry
        if self._crowded:
            self._rewrite()
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" * self._torn + "".join(json.dumps(entry) + "\n" for entry in entries))
            file.flush()
            os.fsync(file.fileno())
        self._torn = False

    def _rewrite(self) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text("".join(json.dumps(e) + "\n" for e in self.entries.values()), encoding="utf-8")
        fresh.replace(self.path)
        self._crowded = self._torn = False


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock on `path` while grading; the system gives it back however the process ends.

    Raises
    ------
    Busy
        If another run holds it.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy(
                "Another `autograder grade` of this assignment is running. Wait for it to end, then run again."
            ) from error
        yield


def fingerprint(parts: Mapping[str, bytes]) -> str:
    """One short text for all that decides about a mark; equal for equal parts only."""
    digest = hashlib.sha256()
    for name in sorted(parts):
        for piece in (name.encode("utf-8", "surrogateescape"), parts[name]):
            digest.update(len(piece).to_bytes(8, "big") + piece)
    return digest.hexdigest()
