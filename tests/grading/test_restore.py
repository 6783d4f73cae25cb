"""Whatever is handed in, restoring gives a valid notebook with every check in it once and nothing of the student's lost."""

import copy
import json

import nbformat
from grading.course import HIDDEN, RIGHT, filled, own_cell, released, to_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.grading.grade import plan
from autograder.grading.restore import restore

anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
changes = st.lists(
    st.tuples(
        st.sampled_from(
            ["delete", "copy", "move", "retype", "mark", "metadata", "id", "source", "field", "own", "cell"]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
        anything,
    ),
    max_size=8,
)
MARKS = ("grade", "solution", "locked", "points", "grade_id", "schema_version", "task")
relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def damage(notebook, steps):
    """Apply a list of changes as students, editors and attackers make them; returns the texts added on the way."""
    cells, added = notebook["cells"], []
    for n, (what, i, j, value) in enumerate(steps):
        if what == "own" or not cells:
            added.append(f"mine_{n} = {n}")
            cells.insert(i % (len(cells) + 1), own_cell(added[-1]))
            continue
        i, j = i % len(cells), j % len(cells)
        cell = cells[i]
        if not isinstance(cell, dict):
            continue
        match what:
            case "delete" if not str(cell.get("source")).startswith("mine_"):
                del cells[i]
            case "copy":
                cells.insert(j, copy.deepcopy(cell))
            case "move":
                cells.insert(j, cells.pop(i))
            case "retype":
                cell["cell_type"] = ("code", "markdown", "raw", "heading")[j % 4]
            case "mark":
                mark = cell.get("metadata")
                if isinstance(mark, dict) and isinstance(mark.get("nbgrader"), dict):
                    mark["nbgrader"][MARKS[j % len(MARKS)]] = value
            case "metadata":
                cell["metadata"] = value
            case "id":
                cell["id"] = value
            case "source" if not str(cell.get("source")).startswith("mine_"):
                cell["source"] = value
            case "field" if j % 2:
                notebook[("metadata", "nbformat", "nbformat_minor", "extra")[j % 4]] = value
            case "cell":
                cells.insert(j, value)
    return added


@relaxed
@given(steps=changes)
def test_any_mixture_of_damage_is_restored(bundle, course, steps):
    notebook = filled(released(course), RIGHT)
    added = damage(notebook, steps)

    restored = restore(to_bytes(notebook), bundle)

    nbformat.validate(nbformat.from_dict(restored.notebook))
    marks = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in restored.notebook["cells"]]
    assert sorted(filter(None, marks)) == sorted(bundle.marked)
    ids = [cell["id"] for cell in restored.notebook["cells"]]
    assert len(set(ids)) == len(ids)
    sources = [cell["source"] for cell in restored.notebook["cells"]]
    assert all(any(text in source for source in sources) for text in added)
    assert not any(word in json.dumps(restored.notebook) for word in HIDDEN)
    steps = plan(restored.notebook, bundle)
    checked = [step.source for step in steps if step.kind == "check"]
    assert sorted(checked) == sorted(check.source for check in bundle.checks)
    assert {step.name for step in steps if step.kind == "given"} == {"setup"}
    first_check = next(i for i, step in enumerate(steps) if step.kind == "check")
    assert any(step.name == "setup" for step in steps[:first_check])


@relaxed
@given(data=st.binary(max_size=300))
def test_any_bytes_are_restored_to_the_assignment(bundle, data):
    restored = restore(data, bundle)

    nbformat.validate(nbformat.from_dict(restored.notebook))
    assert restored.notes


@relaxed
@given(at=st.integers(0, 6000), byte=st.integers(0, 255))
def test_any_byte_that_flips_leaves_a_notebook(bundle, course, at, byte):
    data = bytearray(to_bytes(filled(released(course), RIGHT)))
    data[at % len(data)] = byte

    restored = restore(bytes(data), bundle)

    nbformat.validate(nbformat.from_dict(restored.notebook))


def test_what_was_graded_can_be_handed_in_again(bundle, perfect):
    once = restore(to_bytes(perfect), bundle)

    twice = restore(to_bytes(once.notebook), bundle)

    kinds = [step.kind for step in plan(once.notebook, bundle)]
    assert [step.kind for step in plan(twice.notebook, bundle)] == kinds
