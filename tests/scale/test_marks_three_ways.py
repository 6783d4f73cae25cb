"""Honest submissions to every topic earn the same from stock nbgrader, from us and in a Jupyter kernel."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.paths import find_assignments

ROOT = Path(__file__).resolve().parents[2]
TOPICS = [assignment.name for assignment in find_assignments(ROOT)]


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
def test_honest_submissions_earn_the_same_in_all_three_ways(topic):
    script = ROOT / "benchmarks" / "same_marks.py"
    done = subprocess.run(
        [sys.executable, str(script), "--count", "3", "--topics", topic],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert topic in done.stdout


def test_there_are_eleven_topics():
    assert len(TOPICS) == 11
