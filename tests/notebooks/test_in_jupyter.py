"""What a student meets in a real Jupyter kernel: where "Run all" stops, and what a check shows."""

import re

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from autograder.course.paths import find_assignments
from autograder.course.plain import mark_of, solutions
from autograder.course.prove import fill_in

WRONG = {"relu_backward": "def relu_backward(dout, cache):\n    return -dout * (cache > 0)\n"}


@pytest.fixture(scope="module")
def release(tiny_course):
    return nbformat.read(find_assignments(tiny_course)[0].release, as_version=4)


@pytest.fixture(scope="module")
def reference(tiny_course):
    return solutions(nbformat.read(find_assignments(tiny_course)[0].source, as_version=4))


@pytest.fixture
def run(run_all, tmp_path):
    """``run(notebook)``: its cells by name, after a run from top to bottom."""

    def cells(notebook):
        run_all(notebook, tmp_path)
        return {mark_of(cell).get("grade_id", cell.id): cell for cell in notebook.cells}

    return cells


def test_run_all_stops_at_the_first_stub_with_a_sentence(release, run):
    notebook = fill_in(release, {})

    with pytest.raises(CellExecutionError) as stopped:
        run(notebook)

    output = next(cell for cell in notebook.cells if cell.id == "relu_forward_check").outputs[0]
    assert "relu_forward is not written yet" in str(stopped.value)
    assert "run that cell, then run this one again" in output.evalue
    assert len(output.traceback) == 1


def test_a_right_answer_shows_a_table_and_a_plain_number(release, reference, run):
    cells = run(fill_in(release, reference))

    (output,) = cells["relu_backward_check"].outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"] == "50.0"
    assert "correct" in output.data["text/html"]
    assert "1 hidden check" in output.data["text/html"]


def test_a_wrong_answer_shows_the_named_mistake_and_nothing_on_stderr(release, reference, run):
    cells = run(fill_in(release, reference | WRONG))

    (output,) = cells["relu_backward_check"].outputs
    text = re.sub(r"<[^>]+>", "", output.data["text/html"])
    assert output.data["text/plain"] == "0.0"
    assert "lost minus" in text
    assert "your backward" in text
    assert "finite difference" in text


def test_a_function_that_prints_and_warns_keeps_its_points(release, reference, run):
    noisy = {
        "relu_forward": "import sys, warnings\ndef relu_forward(x):\n    print('here')\n    warnings.warn('careful')\n"
        "    print('there', file=sys.stderr)\n    np.log(-1.0)\n    return np.maximum(0, x), x\n"
    }

    cells = run(fill_in(release, reference | noisy))

    outputs = cells["relu_forward_check"].outputs
    assert [output.output_type for output in outputs] == ["execute_result"]
    assert outputs[0].data["text/plain"] == "50.0"
