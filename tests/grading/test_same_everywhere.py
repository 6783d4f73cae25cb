"""An answer earns the same here, in two processes, as where the checks run beside it, as in a student's Jupyter."""

from pathlib import Path

import nbformat
import pytest

from autograder.course.answers import read_answers
from autograder.course.markup import dumps
from autograder.course.paths import find_assignments
from autograder.course.plain import run_plainly, solutions
from autograder.course.prove import fill_in
from autograder.grading.bundle import Bundle
from autograder.grading.grade import grade_one

ROOT = Path(__file__).resolve().parents[2]
EVERY = 40  # of the authored answers; `autograder prove` runs them all


def chosen():
    for assignment in find_assignments(ROOT):
        yield pytest.param(assignment, None, id=f"{assignment.name}-reference")
        if assignment.mistakes.is_file() and assignment.source.is_file():
            reference = solutions(nbformat.read(assignment.source, as_version=4))
            for answer in read_answers(assignment.mistakes, reference)[::EVERY]:
                yield pytest.param(assignment, answer, id=f"{assignment.name}-{answer.title}")


@pytest.mark.slow
@pytest.mark.parametrize(("assignment", "answer"), list(chosen()))
def test_an_answer_gets_the_same_marks_and_names_in_two_processes_as_in_one(assignment, answer):
    source = nbformat.read(assignment.source, as_version=4)
    cells = solutions(source) | (dict(answer.cells) if answer else {})
    release = nbformat.read(assignment.release, as_version=4)

    plain = run_plainly(fill_in(source, cells))
    ours = grade_one(dumps(fill_in(release, cells)).encode(), Bundle.from_source(assignment.source))

    assert {e.id: (e.points, e.verdict, e.mistakes) for e in ours.exercises} == {
        name: (record.earned, record.verdict, named(record)) for name, record in plain.items()
    }


def named(record):
    return tuple(dict.fromkeys(outcome.mistake for outcome in record.outcomes if outcome.mistake))
