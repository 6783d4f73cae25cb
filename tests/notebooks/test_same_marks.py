"""A submission earns the same in a plain Python process, as a student's own kernel is, and graded in two."""

from pathlib import Path

import nbformat
import pytest

from autograder.course.answers import read_answers
from autograder.course.paths import find_assignments
from autograder.course.plain import run_plainly, solutions
from autograder.course.prove import fill_in
from autograder.grading.proving import grade_isolated

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = find_assignments(ROOT)
TRIES = 3  # a wrong answer that draws without a seed fails other checks each time
EVERY = 12  # one wrong answer in so many: the proof runs them all


def answers(assignment):
    source = nbformat.read(assignment.source, as_version=4)
    release = nbformat.read(assignment.release, as_version=4)
    reference = solutions(source)
    listed = [a for a in read_answers(assignment.mistakes, reference) if a.kind == "wrong"]
    yield "reference", source, source
    yield "empty", source, fill_in(source, solutions(release))
    for answer in listed[::EVERY]:
        yield f"line {answer.line}", source, fill_in(source, dict(answer.cells))


def told(records):
    return {
        name: (record.earned, [(o.name, o.state, o.mistake) for o in record.outcomes])
        for name, record in records.items()
    }


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_plain_and_isolated_grading_agree_check_by_check(assignment):
    for name, source, notebook in answers(assignment):
        for _ in range(TRIES):
            plain, isolated = told(run_plainly(notebook)), told(grade_isolated(source, notebook))
            if isolated == plain:
                break

        assert isolated == plain, name
