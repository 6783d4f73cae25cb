"""Submissions of a few cells, run end to end in the two processes."""

import ast
import textwrap

import pytest

from autograder.execution import Limits, Step, close, run, warm


def names_bound(source):
    """The names a cell binds at its top level."""
    found = []
    for node in ast.parse(source).body:
        found += [node.name] if hasattr(node, "name") else []
        found += [target.id for target in getattr(node, "targets", ())]
    return found


QUICK = Limits(cell_seconds=6.0, total_seconds=60.0)


@pytest.fixture(scope="session", autouse=True)
def zygote():
    warm()
    yield
    close()


@pytest.fixture
def submission():
    """Run ``(kind, source)`` cells and return the result."""

    def submit(*cells, names=(), limits=QUICK, **options):
        steps = [
            Step(kind, f"{kind}_{number}", textwrap.dedent(source), number)
            for number, (kind, source) in enumerate(cells)
        ]
        return run(steps, list(names), limits=limits, **options)

    return submit


@pytest.fixture
def check(submission):
    """Run one student cell and one check cell; return what became of the check.

    The check imports NumPy by itself; every name the student's cell binds at its top level is a proxy.
    """

    def run_check(student, source, limits=QUICK, names=None):
        bound = names_bound(textwrap.dedent(student)) if names is None else names
        result = submission(
            ("given", "import numpy as np"),
            ("student", student),
            ("check", source),
            names=bound,
            limits=limits,
        )
        return result.steps[-1]

    return run_check
