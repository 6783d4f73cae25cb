"""A small course, built once for all tests of grading."""

import json

import pytest
from grading import course as small

from autograder.grading.bundle import Bundle


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    return small.make(tmp_path_factory.mktemp("small") / "course")


@pytest.fixture(scope="session")
def bundle(course):
    return Bundle.from_source(course / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb")


@pytest.fixture
def release(course):
    return small.released(course)


@pytest.fixture
def perfect(release):
    return small.filled(release, small.RIGHT)


@pytest.fixture(scope="session")
def source(course):
    return json.loads((course / "source" / small.NAME / f"{small.NOTEBOOK}.ipynb").read_text())
