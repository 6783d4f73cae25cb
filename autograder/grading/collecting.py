"""Who handed in what, read from the names that learning platforms give to downloaded files.

For `ZipCollectApp.collector_plugin`. A regular expression of the instructor's goes first; without one the layouts of
Moodle and Canvas, nbgrader's own example and plain folders named after students are known.
"""

from __future__ import annotations

import re
from pathlib import Path

from nbgrader.plugins import FileNameCollectorPlugin

# One pattern per platform, matched against the path below "extracted", which starts with the archive's own name.
LAYOUTS = (
    # Moodle: "Anna Muster_12345_assignsubmission_file/mlp.ipynb"
    re.compile(
        r"(?:.*/)?(?P<name>[^/_]+)_(?P<student_id>\d+)_assignsubmission_file_?/(?:.*/)?(?P<file_id>[^/]+)\.ipynb$"
    ),
    # Canvas: "musteranna_LATE_12345_67890_mlp-1.ipynb"
    re.compile(r"(?:.*/)?(?P<student_id>[a-z0-9]+)_(?:LATE_)?\d+_\d+_(?P<file_id>[^/]+)\.ipynb$"),
    # nbgrader's documentation: "03_mlp_anna_attempt_2026-01-30-15-00-00_mlp.ipynb"
    re.compile(
        r"(?:.*/)?(?:[^/]*_)?(?P<student_id>[^/_]+)_attempt_(?P<timestamp>[0-9-]+)_(?P<file_id>[^/]+)\.ipynb$"
    ),
    # A folder per student: "anna/mlp.ipynb", in an archive or not
    re.compile(r"(?:.*/)?(?P<student_id>[^/]+)/(?P<file_id>[^/]+)\.ipynb$"),
)
_COPY = re.compile(r"\s*(?:\((\d+)\)|-(\d+)|[-_ ]copy(\d*))$", re.IGNORECASE)


class PlatformCollector(FileNameCollectorPlugin):
    """Finds student, notebook and time in a file's name."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._graded: set[tuple[str, str]] = set()
        self._others = 0

    def collect(self, submitted_file: str) -> dict | None:
        """Called by `nbgrader zip_collect` for every file; None skips it."""
        if self.named_regexp:
            return super().collect(submitted_file)
        path = Path(submitted_file)
        if path.suffix not in self.valid_ext or path.name.startswith("."):
            return None
        known = self._released()
        found = read_name(self._below_extracted(path), known)
        if found is None:
            self.log.warning(
                "%s: no student can be read from this name. Set FileNameCollectorPlugin.named_regexp, or put "
                "each student's files into a folder named after the student.",
                path.name,
            )
            return None
        return self._apart(path, found, known)

    def _apart(self, path: Path, found: dict[str, str], known: set[str]) -> dict[str, str]:
        """Of several copies ("mlp.ipynb", "mlp (1).ipynb") the newest counts; the others keep names of their own.

        nbgrader would stop for the whole class at two files of one student that it cannot tell apart.
        """
        same = [
            other
            for other in path.parent.glob("*.ipynb")
            if (told := read_name(self._below_extracted(other), known))
            and (told["student_id"], told["file_id"]) == (found["student_id"], found["file_id"])
        ]
        key = (found["student_id"], found["file_id"])
        newest = max(same, key=lambda other: copy_number(other.stem), default=path)
        if path == newest and key not in self._graded:
            self._graded.add(key)
            return found
        self._others += 1
        stem = found["file_id"].removesuffix(".ipynb")
        found["file_id"] = f"{stem}__other_copy_{self._others}.ipynb"
        self.log.warning("%s: another copy is graded; this one is kept as %s", path.name, found["file_id"])
        return found

    def _released(self) -> set[str]:
        """Names of the assignment's notebooks, without suffix; empty if nothing is released."""
        course = getattr(self.parent, "coursedir", None)
        if course is None:
            return set()
        folder = Path(course.format_path(course.release_directory, ".", course.assignment_id))
        return {path.stem for path in folder.glob("*.ipynb")}

    def _below_extracted(self, path: Path) -> str:
        step = getattr(self.parent, "extracted_directory", "extracted")
        parts = path.parts
        last = len(parts) - 1 - parts[::-1].index(step) if step in parts else -1
        return "/".join(parts[last + 1 :])


def copy_number(stem: str) -> int:
    """``mlp (2)`` is 2, ``mlp`` is 0."""
    match = _COPY.search(stem)
    return int(next((group for group in match.groups() if group), 1)) if match else 0


def read_name(path: str, known: set[str] = frozenset()) -> dict[str, str] | None:
    """Read a path below "extracted".

    Parameters
    ----------
    path : str
    known : set of str
        Names of the assignment's notebooks: a mere folder counts as a student's if it holds one of them.

    Returns
    -------
    dict or None
        ``student_id``, ``file_id`` (without marks of copies) and perhaps ``timestamp``.
    """
    for layout in LAYOUTS:
        match = layout.match(path)
        if not match:
            continue
        found = {key: value for key, value in match.groupdict().items() if value and key != "name"}
        stem = found["file_id"]
        stem = stem if stem in known else _COPY.sub("", stem)
        if layout is LAYOUTS[-1] and stem not in known:
            continue
        found["file_id"] = f"{stem}.ipynb"
        if "timestamp" in found:
            found["timestamp"] = _as_time(found["timestamp"])
        return found
    return None


def _as_time(text: str) -> str:
    """``2026-01-30-15-00-00`` as nbgrader's own time format; anything else as it is."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)", text)
    return "{} {}:{}:{} UTC".format(*match.groups()) if match else text
