"""A small course for tests of grading, and ways to fill in and find cells of its notebook."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

from autograder.course.build import build
from autograder.course.paths import find_assignments

ROOT = Path(__file__).resolve().parents[2]
NAME, NOTEBOOK = "00_small", "small"
RIGHT = {
    "relu_forward": "def relu_forward(x):\n    return np.maximum(0, x), x",
    "relu_backward": "def relu_backward(dout, cache):\n    return dout * (cache > 0)",
}
SIGN = {"relu_backward": "def relu_backward(dout, cache):\n    return -dout * (cache > 0)"}
HIDDEN = ("secret_of_the_course", "check.hidden_tests", 'label="three dimensions"')


def make(folder: Path) -> Path:
    """Author and build the course in `folder`."""
    home = folder / "assignments" / NAME
    home.mkdir(parents=True)
    shutil.copyfile(Path(__file__).with_name("small_notebook.txt"), home / f"{NOTEBOOK}.py")
    (home / "hints.toml").write_text('[relu_forward]\nhints = ["What is kept?"]\n')
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    build(find_assignments(folder))
    return folder


def released(course: Path) -> dict:
    """What a student opens, as plain data with texts joined."""
    notebook = json.loads((course / "release" / NAME / f"{NOTEBOOK}.ipynb").read_text())
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def filled(notebook: dict, answers: dict[str, str]) -> dict:
    """A copy of a notebook with `answers` in its cells, by grade_id."""
    done = copy.deepcopy(notebook)
    for name, source in answers.items():
        find(done, name)["source"] = source
    return done


def where(notebook: dict, grade_id: str) -> int:
    """The place of the first cell with that grade_id."""
    return next(
        i
        for i, cell in enumerate(notebook["cells"])
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def find(notebook: dict, grade_id: str) -> dict:
    """The first cell with that grade_id."""
    return notebook["cells"][where(notebook, grade_id)]


def own_cell(source: str, cell_type: str = "code") -> dict:
    """A cell that a student adds."""
    cell = {"cell_type": cell_type, "metadata": {}, "source": source, "id": f"own-{abs(hash(source))}"}
    return cell | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})


def to_bytes(notebook: dict) -> bytes:
    """The file as Jupyter would write it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode("utf-8")
