"""What students are given in one archive: released notebooks with their hints, the light wheel, and a page to start from.

Refuses to pack anything that tells a solution or a hidden test.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.course import wheel
from autograder.course.overview import Overview, overview
from autograder.course.paths import Assignment, CourseError
from autograder.pages import render

FOLDER = "deep-learning-foundations"
START = "START.html"
_TOLD = re.compile(rb"(?:BEGIN|END) (?:SOLUTION|HIDDEN TESTS)|check\.hidden_tests\(")
_WANTED = (".ipynb", ".toml", ".png", ".csv", ".txt", ".npz", ".md")


def handout(root: Path, assignments: list[Assignment]) -> bytes:
    """Return the archive's bytes: the same for the same course.

    Raises
    ------
    CourseError
        If a notebook is not built, or a file to be packed tells what it must not.
    """
    files: dict[str, bytes] = {}
    for assignment in assignments:
        for path in _released(assignment):
            files[f"{assignment.name}/{path.name}"] = path.read_bytes()
    for name, data in files.items():
        if _TOLD.search(data):
            raise CourseError(f"release/{name} tells a solution or a hidden test: build it again.")
    wheel_name, wheel_data = wheel.build(root, _programs(files))
    files[wheel_name] = wheel_data
    files["LICENSE"] = (root / "LICENSE").read_bytes()
    files[START] = _start(wheel_name, [overview(one) for one in assignments]).encode("utf-8")
    return wheel.archive({f"{FOLDER}/{name}": data for name, data in files.items()})


def _programs(files: dict[str, bytes]) -> list[str]:
    """The code cells of the notebooks."""
    notebooks = [json.loads(data) for name, data in files.items() if name.endswith(".ipynb")]
    return [
        "".join(cell["source"])
        for plain in notebooks
        for cell in plain["cells"]
        if cell["cell_type"] == "code"
    ]


def _released(assignment: Assignment) -> list[Path]:
    """The notebook and what is handed out beside it, and nothing that happens to lie there."""
    overview(assignment)  # says so if it is not built
    shipped = {path.name for path in assignment.shipped}
    folder = assignment.release.parent
    return [
        path
        for path in sorted(folder.iterdir())
        if path == assignment.release or (path.name in shipped and path.suffix in _WANTED)
    ]


def _start(wheel_name: str, overviews: list[Overview]) -> str:
    return render("start.html", wheel=wheel_name, overviews=overviews)
