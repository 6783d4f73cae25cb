"""Finished layers that the course ships for later notebooks are closed to whoever is asked to write them."""

from pathlib import Path

import pytest

from autograder.course.paths import find_assignments
from autograder.grading import syntax
from autograder.grading.bundle import Bundle
from autograder.grading.grade import withheld

ROOT = Path(__file__).resolve().parents[2]
UTILS = {f"utils.{path.stem}": path.read_text() for path in (ROOT / "utils").glob("*.py")}


@pytest.mark.parametrize("assignment", find_assignments(ROOT), ids=lambda assignment: assignment.name)
def test_no_module_that_a_submission_may_read_defines_what_it_is_asked_for(assignment):
    bundle = Bundle.from_source(assignment.source)

    closed = withheld(bundle)
    readable = {name for name in UTILS if name not in closed}

    answers = set(bundle.names)
    assert answers
    for name in readable:
        assert not answers & set(syntax.names_defined(UTILS[name])), name


def test_the_layers_of_a_later_notebook_stay_readable_there():
    bundles = {a.name: Bundle.from_source(a.source) for a in find_assignments(ROOT)}

    assert "utils.layers" in withheld(bundles["03_mlp"])
    assert "utils.convolutions" in withheld(bundles["04_conv_pool"])
    assert "utils.layers" not in withheld(bundles["04_conv_pool"])
    assert not withheld(bundles["11_transfer_learning"])
