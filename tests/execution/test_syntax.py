"""What can be told of a cell without running it."""

import marshal

import pytest

from autograder.execution.syntax import compiled, is_harmless, names_used, shows_nothing


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, y=1, *, z=None) -> float:\n    while True: pass",
        "class A(B, np.ndarray):\n    '''text'''\n    n = 3\n    def f(self): pass",
        "import numpy as np\nfrom os import path",
        "%matplotlib inline\nimport sys",
        "x = 3\ny = z = -1.5\nt = ('a', [1, None])\nd = {'a': x}",
        "",
    ],
)
def test_defining_is_harmless(source):
    assert is_harmless(source)


@pytest.mark.parametrize(
    "source",
    [
        "f()",
        "x = f()",
        "while True: pass",
        "def f(x=g()): pass",
        "@g\ndef f(): pass",
        "def f(x: g()): pass",
        "class A(g()): pass",
        "class A(metaclass=M): pass",
        "class A:\n    x = g()",
        "class A:\n    while True: pass",
        "import a_module_that_is_not_loaded",
        "from . import x",
        "x.y = 3",
        "x = [i for i in y]",
        "x = 9 ** 9 ** 9",
        "x = f'{y}'",
        "del x",
        "!ls",
        "def f(:",
        "lambda: 0",
        "x = y[0]",
    ],
)
def test_anything_that_runs_is_not(source):
    assert not is_harmless(source)


def test_names_are_found_as_words():
    source = "check.gradients(affine_forward, net.loss)\ndef helper(): return relu"

    assert names_used(source, ["affine_forward", "relu", "affine", "net", "other"]) == [
        "affine_forward",
        "net",
        "relu",
    ]
    assert names_used(source, {"a": ["relu"], "b": ["nothing"]}) == ["relu"]


def test_a_cell_is_compiled_into_statements_and_a_last_expression():
    statements, last = marshal.loads(compiled("x = 2\nx + 1", "c"))
    space = {}

    exec(statements, space)

    assert eval(last, space) == 3
    assert marshal.loads(compiled("x = 2\nx + 1;", "c"))[1] is None
    assert compiled("%time x", "c") is None


@pytest.mark.parametrize("source", ["def f(): pass", "x = 3", "%matplotlib inline\nimport sys", ""])
def test_definitions_show_nothing(source):
    assert shows_nothing(source)


@pytest.mark.parametrize("source", ["'my answer'", "x = 3\n7", "print(1)", "f()", "%%time\nx = 3"])
def test_a_cell_may_show_something(source):
    assert not shows_nothing(source)
