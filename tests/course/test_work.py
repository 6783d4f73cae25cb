"""Copies to work in: made once, never overwritten."""

import subprocess

from autograder.course.build import build
from autograder.course.paths import find_assignments


def work(course):
    return subprocess.run(
        ["autograder", "work", "--course", str(course)], capture_output=True, text=True, timeout=60
    )


def test_a_copy_is_made_once_and_never_overwritten(fresh_course):
    build(find_assignments(fresh_course))
    work(fresh_course)
    mine = fresh_course / "work" / "00_tiny" / "tiny.ipynb"
    mine.write_text("my own work")

    done = work(fresh_course)

    assert (done.returncode, done.stdout) == (0, "")
    assert mine.read_text() == "my own work"


def test_the_hints_come_along(fresh_course):
    build(find_assignments(fresh_course))

    work(fresh_course)

    assert (fresh_course / "work" / "00_tiny" / "hints.toml").is_file()


def test_a_course_that_is_not_built_says_what_to_do(fresh_course):
    done = work(fresh_course)

    assert done.returncode == 2
    assert "autograder build 00_tiny" in done.stderr
