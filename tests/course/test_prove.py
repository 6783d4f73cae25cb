"""The proof fails when anything it claims is not so."""

import json
import subprocess

import pytest

from autograder.course.build import build
from autograder.course.paths import find_assignments


def prove(course, *options):
    return subprocess.run(
        ["autograder", "prove", *options, "--course", str(course)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_tiny_course_is_proved(tiny_course):
    done = prove(tiny_course, "--json")

    (proof,) = json.loads(done.stdout)
    assert done.returncode == 0
    assert proof["holds"]
    assert sum(exercise["reference"] for exercise in proof["exercises"]) == 100
    assert sum(exercise["stub"] for exercise in proof["exercises"]) == 0
    assert sum(exercise["named"] for exercise in proof["exercises"]) == 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("return dout * (cache > 0)", "return dout * (cache > 1)", "the reference earns"),
        ("hidden=1", "hidden=4", "declares hidden=4"),
    ],
)
def test_a_broken_notebook_is_not_proved(fresh_course, old, new, problem):
    assignment = find_assignments(fresh_course)[0]
    assignment.text.write_text(assignment.text.read_text().replace(old, new))
    assignment.mistakes.unlink()
    build([assignment])

    done = prove(fresh_course)

    assert done.returncode == 1
    assert problem in done.stdout


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('@wrong("none")\ndef relu_forward(x):\n    return x * (x > 0), x\n', "keeps every point"),
        ('edit("relu_backward", "dout *", "-dout *", mistake="doubled")', "is named sign_flipped"),
        ('@variant("not right")\ndef relu_forward(x):\n    return x, x\n', "right answer (not right) earns"),
    ],
)
def test_an_answer_that_does_not_behave_as_listed_is_named(fresh_course, answer, problem):
    assignment = find_assignments(fresh_course)[0]
    assignment.mistakes.write_text(answer)
    build([assignment])

    done = prove(fresh_course)

    assert done.returncode == 1
    assert problem in " ".join(done.stdout.split())
