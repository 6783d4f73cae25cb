"""Autograded folders, written beside their place and moved there whole: nobody ever sees half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

MARK = ".partial"


class Shelf:
    """The autograded folder of one submission.

    Parameters
    ----------
    goal : Path
        nbgrader's folder for it.
    """

    def __init__(self, goal: Path):
        self.goal = goal
        self.partial = goal.with_name(f".{goal.name}{MARK}")

    def begin(self, files: Mapping[str, bytes]) -> None:
        """Start afresh with these files, by relative name."""
        self.discard()
        self.partial.mkdir(parents=True)
        for name, data in files.items():
            place = self.partial / name
            if "/" in name:
                place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)

    def fill(self, texts: Mapping[str, str], originals: Mapping[str, bytes], permissions: int) -> None:
        """Write the graded notebooks and make every file as readable as nbgrader makes it."""
        for name, data in originals.items():
            (self.partial / name).write_bytes(data)
        for name, text in texts.items():
            (self.partial / f"{name}.ipynb").write_text(text, encoding="utf-8")
        for place, _, names in os.walk(self.partial):
            for name in names:
                (Path(place) / name).chmod(permissions)

    def publish(self) -> None:
        """Put the new folder into its place; what stood there before goes."""
        old = self.goal.with_name(f".{self.goal.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.goal.exists():
            self.goal.rename(old)
        self.partial.rename(self.goal)
        shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """Forget what was begun."""
        if self.partial.exists():
            shutil.rmtree(self.partial)

    def digest(self, names: Iterable[str]) -> str:
        """A text that changes whenever one of the published notebooks does; empty if one is missing."""
        digest = hashlib.sha256()
        for name in sorted(names):
            try:
                digest.update((self.goal / f"{name}.ipynb").read_bytes())
            except OSError:
                return ""
        return digest.hexdigest()
