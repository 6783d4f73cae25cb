"""Every damaged submission gets the grade that is fair, is told so, and keeps what the student wrote."""

import json

import nbformat
import pytest
from grading.course import HIDDEN, NAME, own_cell, to_bytes
from grading.damaged import CASES

from autograder.execution import Limits
from autograder.grading.grade import grade_one

LIMITS = Limits(cell_seconds=6.0, total_seconds=30.0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_damaged_submission_gets_its_fair_grade(case, perfect, bundle):
    result = grade_one(case.make(perfect), bundle, limits=LIMITS)

    assert result.assignment == NAME
    assert result.score == case.score
    assert set(case.notes) <= {note.kind for note in result.notes}
    assert not result.messages
    sources = [cell["source"] for cell in result.cells["cells"]]
    assert any(case.kept in source for source in sources)
    nbformat.validate(nbformat.from_dict(result.cells))
    assert not any(word in json.dumps(result.cells) for word in HIDDEN)


def test_an_undamaged_submission_gets_no_notes(perfect, release, bundle):
    for notebook in (perfect, release):
        assert grade_one(to_bytes(notebook), bundle).notes == ()


def test_a_damaged_submission_keeps_every_cell_of_the_student(perfect, bundle):
    added = [own_cell(f"mine_{i} = {i}") for i in range(10)]
    for i, cell in enumerate(added):
        perfect["cells"].insert(2 * i, cell)

    result = grade_one(to_bytes(perfect), bundle)

    sources = [cell["source"] for cell in result.cells["cells"]]
    assert [source for source in sources if source.startswith("mine_")] == [cell["source"] for cell in added]
