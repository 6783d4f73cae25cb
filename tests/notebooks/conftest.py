"""What the tests of notebooks share: the names that a notebook's reference defines, without running its experiments."""

import ast

import pytest

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
