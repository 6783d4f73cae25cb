"""Courses with a gradebook, and what students hand in there."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from grading import course as small
from scale.courses import NAME, api


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """A small course whose gradebook knows its assignment; tests copy it."""
    folder = small.make(tmp_path_factory.mktemp("generated") / "course")
    with contextlib.chdir(folder):
        assert api(folder).generate_assignment(NAME, force=True, create=True)["success"]
    shutil.rmtree(folder / "exchange", ignore_errors=True)
    return folder


@pytest.fixture
def course(generated, tmp_path):
    """A course of its own, nothing handed in."""
    return Path(shutil.copytree(generated, tmp_path / "course"))


@pytest.fixture(scope="session")
def release(generated):
    return small.released(generated)


@pytest.fixture(scope="session")
def perfect(release):
    return small.to_bytes(small.filled(release, small.RIGHT))


@pytest.fixture(scope="session")
def wrong(release):
    return small.to_bytes(small.filled(release, small.RIGHT | small.SIGN))


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """nbgrader's configuration of whoever runs the tests stays out of it."""
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    assert shutil.which("alembic"), "nbgrader calls it by name"
