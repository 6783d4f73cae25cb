"""A release runs in Jupyter from the top to its first stub, and stops there with a sentence."""

from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from autograder.course.paths import find_assignments
from autograder.course.plain import is_check, mark_of

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = find_assignments(ROOT)


@pytest.mark.parametrize("assignment", ASSIGNMENTS, ids=lambda assignment: assignment.name)
def test_run_all_stops_at_the_first_exercise_and_says_what_to_do(assignment, run_all):
    notebook = nbformat.read(assignment.release, as_version=4)
    first = next(mark_of(cell)["grade_id"] for cell in notebook.cells if is_check(cell))

    with pytest.raises(CellExecutionError):
        run_all(notebook, assignment.release.parent)

    stopped = [
        cell for cell in notebook.cells if cell.get("outputs") and cell.outputs[-1].output_type == "error"
    ]
    assert [mark_of(cell).get("grade_id") for cell in stopped] == [first]
    assert "is not written yet" in stopped[0].outputs[-1].evalue
    assert "replace the line" in stopped[0].outputs[-1].evalue
