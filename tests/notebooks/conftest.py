"""What the tests of notebooks share: the names that a notebook's reference defines, without running its experiments; a
notebook run in a kernel; what became of its checks, and its pictures."""

import ast

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.course.plain import is_experiment, is_solution


def _definitions(notebook, **names):
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            exec(cell.source, names)
        elif is_experiment(cell):
            for statement in ast.parse(cell.source).body:
                if isinstance(statement, ast.FunctionDef) and not statement.decorator_list:
                    exec(ast.unparse(statement), names)
    return names


@pytest.fixture(scope="session")
def definitions():
    """``definitions(notebook, **names)``: the names that the reference solutions define, and the functions (never the
    calls) of the experiments; `names` are what their cells find imported."""
    return _definitions


@pytest.fixture
def run_all(tmp_path_factory):
    """``run_all(notebook, folder, **options)`` runs a notebook in place, in a kernel, from top to bottom.

    What the kernel itself logs goes to a file: a socket closed under it as it goes away fails no test.
    """

    def run(notebook, folder, timeout=600, **options):
        client = NotebookClient(
            notebook, timeout=timeout, extra_arguments=["--IPKernelApp.log_level=ERROR"], **options
        )
        with (tmp_path_factory.mktemp("kernel") / "log").open("wb") as log:
            client.execute(cwd=str(folder), stdout=log, stderr=log)

    return run


@pytest.fixture
def ran_source(run_all, notebook, tmp_path):
    """The source of a test file's `notebook`, run from top to bottom in the test's own folder."""
    ran = nbformat.from_dict(notebook)
    run_all(ran, tmp_path)
    return ran


def _right_checks(ran):
    scores = [cell for cell in ran.cells if cell.id.endswith("_check")]
    return sum("incorrect" not in str(cell.outputs) for cell in scores)


@pytest.fixture(scope="session")
def right_checks():
    """``right_checks(ran)``: how many check cells of a notebook found nothing wrong."""
    return _right_checks


def _pictures(ran):
    return [
        cell
        for cell in ran.cells
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", ()))
    ]


@pytest.fixture(scope="session")
def pictures():
    """``pictures(ran)``: the cells that put out a picture as PNG."""
    return _pictures
