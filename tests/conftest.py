"""What many tests share: a tiny course, built once."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TINY = Path(__file__).parent / "fixtures" / "tiny"
# nbgrader calls `alembic`, and tests call commands, by name: the interpreter's own folder comes first.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def make_course(folder: Path) -> Path:
    """Lay out a course with the one tiny assignment in `folder`, not built yet."""
    shutil.copytree(TINY, folder / "assignments" / "00_tiny")
    shutil.copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    return folder


@pytest.fixture(scope="session")
def lay_out_course():
    """`make_course`, for fixtures that lay out a course to change before it is built."""
    return make_course


@pytest.fixture
def fresh_course(tmp_path):
    """A course of its own for a test that changes it."""
    return make_course(tmp_path / "course")


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory):
    """A built course that tests read and leave alone."""
    from autograder.course.build import build
    from autograder.course.paths import find_assignments

    course = make_course(tmp_path_factory.mktemp("tiny") / "course")
    build(find_assignments(course))
    return course
