"""Who may import whom, and what a light import leaves out."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# room -> the other rooms of the package it may import (all may import the standard library and what they are for)
ALLOWED = {
    "gradients": {"gradients"},
    "knowledge": {"gradients", "knowledge"},
    "records": set(),
    "wording": {"gradients"},
    "picture": {"records", "gradients"},
    "heatmap": {"records"},
    "display": {"heatmap", "records"},
    "progress": {"display", "records"},
    "hints": set(),
    "complex_steps": set(),
    "programs": {"complex_steps"},
    "passes": {"programs"},
    "layers": {"passes", "programs"},
    "gradient_check": {
        "gradient_check",
        "complex_steps",
        "passes",
        "picture",
        "records",
        "wording",
        "gradients",
    },
    "trial": {"gradient_check", "knowledge", "picture", "programs", "records", "wording", "gradients"},
    "attempt": {"trial", "gradient_check", "records", "wording"},
    "checks": {
        "attempt",
        "trial",
        "display",
        "gradient_check",
        "knowledge",
        "records",
        "wording",
        "gradients",
    },
    "course": {"course", "hints", "pages", "records", "wording"},
    "execution": {"execution", "checks", "programs", "records"},
    "grading": {"grading", "execution", "course", "records", "display"},
    "mathematics": {"grading"},
    "tables": set(),
    "pages": {"display"},
    "export": {"export", "report", "display", "tables"},
    "site": {"site", "course", "feedback", "pages"},
    "report": {"report", "pages", "tables", "grading", "records", "display", "course"},
    "feedback": {"feedback", "mathematics", "pages", "grading", "records", "display"},
}


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("autograder.") and name.count(".")}
    return rooms


def modules(room: str) -> list[Path]:
    folder = ROOT / "autograder" / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("room", sorted(ALLOWED))
def test_a_room_imports_only_the_rooms_below_it(room):
    paths = [path for path in modules(room) if path.is_file()]

    for path in paths:
        assert imported_rooms(path) <= ALLOWED[room], path.name


def test_utils_never_imports_autograder():
    for path in sorted((ROOT / "utils").rglob("*.py")):
        text = path.read_text()
        assert "import autograder" not in text, path.name
        assert "from autograder" not in text, path.name


def test_gradients_load_numpy_and_the_standard_library_only():
    for path in modules("gradients"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                top = module.split(".")[0]
                assert top in {"numpy", "autograder"} or top in sys.stdlib_module_names, (
                    f"{path.name}: {module}"
                )


def test_a_notebooks_import_loads_numpy_and_nothing_heavier():
    code = (
        "import sys, autograder; heavy = {'matplotlib', 'IPython', 'nbgrader', 'nbformat', 'jupytext', 'msgpack', "
        "'click', 'rich', 'sqlalchemy', 'scipy', 'traitlets'}; print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"
