"""Facts about a cell's text."""

import pytest

from autograder.grading import syntax


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1\n    return y", ("f",)),
        ("a, (b, *c) = 1, (2, 3)\nd += 1", ("a", "b", "c", "d")),
        ("import numpy as np\nfrom math import pi", ()),
        ("for i in range(3):\n    j = [k for k in range(i)]", ("i", "j")),
        ("class Net:\n    w = 1\n    def run(self): ...", ("Net",)),
        ("if (n := 3) > 2:\n    with open('f') as g:\n        pass", ("n", "g")),
        ("%matplotlib inline\nx = !ls\ny = 2", ("x", "y")),
        ("def broken(:\n    pass\nclass Other:\n", ("broken", "Other")),
        ("x.y = 1\nz[0] = 2", ()),
        ("", ()),
    ],
)
def test_names_bound_at_the_top_level(source, names):
    assert syntax.names_bound(source) == names


@pytest.mark.parametrize(
    ("source", "unwritten"),
    [
        ("def f(x):\n    '''Say.'''\n    raise NotImplementedError('later')", True),
        ("def f(x):\n    n = len(x)\n    raise NotImplementedError", True),
        ("def f(x):\n    return x\n    raise NotImplementedError('never reached')", False),
        ("def f(x):\n    raise ValueError", False),
        ("def f(x):\n    raise NotImplementedError\ndef f(x):\n    return x", False),
        ("class f:\n    def __init__(self): self.x = 1\n    def run(self): raise NotImplementedError", True),
        ("class f:\n    def a(self): return 1\n    def b(self): raise NotImplementedError", False),
        ("f = 3", False),
        ("def f(x", False),
    ],
)
def test_a_stub_is_told_from_an_answer(source, unwritten):
    assert syntax.is_unwritten(source, "f") is unwritten


def test_definitions_only_leaves_out_what_computes():
    source = "import math\ntrain()\ndef helper(x):\n    return math.sin(x)\nfor i in range(3):\n    helper(i)"

    kept = syntax.definitions_only(source)

    assert kept == "import math\n\ndef helper(x):\n    return math.sin(x)"


def test_visible_leaves_out_hidden_regions_even_unclosed_ones():
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc\n### BEGIN HIDDEN TESTS\nd"

    assert syntax.visible(source) == "a\nc"
    assert syntax.visible(source, "# more") == "a\n# more\nc\n# more"


def test_a_check_cell_declares_its_exercise_and_hidden_checks():
    assert syntax.declared('check = Check("f", points=3, hidden=2)') == ("f", 2)
    assert syntax.declared("assert True") is None


def test_white_space_does_not_make_texts_differ():
    assert syntax.same_text("a  \r\n\nb\n", "a\nb")
    assert not syntax.same_text("a\n b", "a\nb")


def test_a_very_long_cell_is_not_parsed_and_still_searched():
    source = "def f(x):\n    return x\n" + "y = 1\n" * 100_000

    assert syntax.parse(source) is None
    assert syntax.names_bound(source) == ("f",)


@pytest.mark.parametrize("depth", [900, 1500, 2500, 50_000])
@pytest.mark.parametrize("source", ["x = 1{}", "def f():\n    return f{}"], ids=["sum", "calls"])
def test_deeply_nested_code_is_no_trouble(depth, source):
    text = source.format(("+1" if "x" in source else "()") * depth)

    assert syntax.names_bound(text) in (("x",), ("f",), ())
    assert isinstance(syntax.definitions_only(text), str)
    assert isinstance(syntax.names_used(text), frozenset)


def test_odd_escape_sequences_are_no_trouble():
    assert syntax.names_bound("pattern = '\\d+'\nsame = pattern is 'x'") == ("pattern", "same")
