"""What a mark depends on besides the submission and the checks: the versions that graded it."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib import metadata
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_NOT_GRADING = {"commands", "course"}  # rooms that decide nothing about a mark


@lru_cache(maxsize=1)
def environment() -> dict[str, str]:
    """Return the versions of Python and NumPy, and a digest of this package's own code."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE)
        if name.parts[0] not in _NOT_GRADING:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "autograder": digest.hexdigest()[:16],
    }


def differences(here: dict[str, str], there: dict[str, str]) -> str:
    """Say what differs between two environments; empty if nothing does."""
    names = [name for name in here if here[name] != there.get(name)]
    return ", ".join(f"{name} {there.get(name)} instead of {here[name]}" for name in names)
