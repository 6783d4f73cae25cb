"""Lint: which names a cell binds and needs, and which cells may rely on which."""

import pytest

from autograder.course.lint.names import bound, free

LAST_OF_CHECK = 't.equal(t.call(halve, np.array([7.0]), 1.0), [4.5], "out")'


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", {"x"}),
        ("a, (b, *c) = f()", {"a", "b", "c"}),
        ("import numpy as np, os.path\nfrom a import b as c, d", {"np", "os", "c", "d"}),
        ("def f(a):\n    inner = a\n    return inner", {"f"}),
        ("class A:\n    size = 1\n    def g(self): self.x = 1", {"A"}),
        ("[i for i in range(3)]", set()),
        ("[last := i for i in range(3)]", {"last"}),
        ("for i in range(3):\n    with open('f') as g:\n        pass", {"i", "g"}),
        ("try:\n    pass\nexcept ValueError as error:\n    pass", {"error"}),
        ("def f():\n    global count\n    count = 1", {"f", "count"}),
        ("lambda a: a", set()),
        ("x: int = 1\ny += 1", {"x", "y"}),
        ("match p:\n    case [a, {'k': b}]:\n        pass", {"a", "b"}),
        ("this is no Python", set()),
        ("%matplotlib inline\nx = 1", {"x"}),
    ],
)
def test_a_cell_binds_what_stands_at_its_top_level(source, names):
    assert set(bound(source)) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("y = x + len([1])", {"x"}),
        ("[i * a for i in b if i > c]", {"a", "b", "c"}),
        ("{k: v for k, v in pairs}", {"pairs"}),
        ("sum(x for x in (y for y in deep))", {"deep"}),
        ("def f(a, b=default):\n    return a + b + later\nlater = 1", {"default"}),
        ("def f(a: kind) -> other:\n    return a", {"kind", "other"}),
        ("@decorator(level)\ndef f(t):\n    t.equal(target(1))", {"decorator", "level", "target"}),
        ("def outer():\n    x = 1\n    def inner():\n        return x + y\n    return inner", {"y"}),
        ("def f():\n    nonlocal_ = 1\n    return [nonlocal_ for _ in range(n)]", {"n"}),
        (
            "class A(Base):\n    size = width\n    def g(self):\n        return size",
            {"Base", "width", "size"},
        ),
        ("import numpy as np\nnp.sum(x)", {"x"}),
        ("def f(x):\n    import os\n    return os.path", set()),
        ("lambda a, *rest, b=c: a + b + d", {"c", "d"}),
        ("f'{value:{width}}'", {"value", "width"}),
        ("total += 1", {"total"}),
        ("x = x + 1", {"x"}),
        ("x = 1\nx = x + 1\nx += 1", set()),
        ("x = [x for x in range(3)]", set()),
        ("if (n := 3) > 2:\n    print(n)", set()),
        ("print(max, True, __name__, ValueError)", set()),
        ("def f():\n    return f()", set()),
        ("try:\n    pass\nexcept Mine as e:\n    raise e", {"Mine"}),
        ("obj.attr[key] = value", {"obj", "key", "value"}),
    ],
)
def test_a_cell_needs_what_no_scope_of_its_own_defines(source, names):
    assert set(free(source)) == names


def test_a_need_is_placed_on_the_line_of_its_first_use():
    assert free("a = 1\n\ndef f():\n    return b\n\nb2 = b") == {"b": 4}


# -- between cells ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("t.true(softmax(1.0) == 1.0, 'Look again.')", "which nothing defines"),
        ("t.true(several == [1], 'Look again.')", "an experiment, which grading skips"),
        ("SquareGate()", "which only a solution cell defines further down"),
        ("[t.true(q == 1, str(p)) for p in range(3)]", "uses q"),
    ],
)
def test_a_check_that_uses_what_is_not_there_when_it_runs_is_reported(edited, code, said):
    report = edited((LAST_OF_CHECK, f"{LAST_OF_CHECK}\n    {code}"))

    assert said in report.message("free-name")
    assert report.line("free-name") == f"    {code}"


def test_a_check_may_use_its_own_names_given_names_and_solutions_above(edited):
    code = "a = column(halve(np.ones(2), 0.0))\n    own = {key: [b for b in a] for key in 'xy'}\n    t.true(len(own) == 2, 'x')"

    assert edited((LAST_OF_CHECK, f"{LAST_OF_CHECK}\n    {code}")).rules == []


def test_a_check_that_uses_a_name_of_a_cell_the_student_owns_is_reported(edited):
    report = edited(
        (', "locked": true}\ndef column', "}\ndef column"), ('nbgrader={"grade_id": "helpers"}', "")
    )

    assert "a cell the student owns" in report.message("free-name")
    assert "uses column" in report.message("free-name")


def test_a_name_that_only_another_check_defines_is_not_there(edited):
    report = edited(('check = Check("SquareGate", points=60)\n', ""))

    assert "SquareGate_check uses check, which only a check cell defines" in [
        finding.message.split(" (")[0] for finding in report.findings
    ]


def test_a_solution_that_needs_an_experiment_is_reported(edited):
    report = edited(("return x * x", "return x * several[2]"))

    assert "an experiment, which grading skips" in report.message("free-name")
    assert report.line("free-name") == "        return x * several[2]"


def test_an_experiment_that_uses_what_nothing_defines_is_reported(edited):
    assert edited(("print(len(several))", "print(len(svral))")).rules == ["free-name"]


def test_an_experiment_may_use_everything_above_and_the_notebooks_own_names(edited):
    assert edited(("print(len(several))", "display(column(several), check, halve)")).rules == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("shown = halve(np.ones(1), 0.0)", "a solution cell"),
        ("def show():\n    return halve(1.0, 0.0)", "a solution cell"),
        ("shown = check", "a check cell"),
        ("shown = several", "an experiment, which grading skips"),
        ("shown = unheard_of", "which nothing defines"),
    ],
)
@pytest.mark.parametrize("mark", ["# %%", '# %% nbgrader={"grade_id": "given", "locked": true}'])
def test_a_given_cell_that_relies_on_the_students_code_is_reported(edited, code, said, mark):
    report = edited(('# %% tags=["experiment"]\nprint(len(several))', f"{mark}\n{code}"))

    assert report.rules == ["given-uses"]
    assert said in report.message("given-uses")


def test_a_given_cell_may_use_given_cells_above(edited):
    report = edited(
        (
            '# %% tags=["experiment"]\nprint(len(several))',
            '# %% nbgrader={"grade_id": "g", "locked": true}\ncolumn(3)',
        )
    )

    assert report.rules == []


def test_names_that_a_star_import_may_bring_are_not_reported(edited):
    report = edited(
        ("import numpy as np\n", "import numpy as np\nfrom utils import *\n"), ("several)", "svral)")
    )

    assert report.rules == []


def test_an_experiment_that_binds_an_exercises_name_is_reported(edited):
    report = edited(("print(len(several))", "halve = len(several)"))

    assert report.rules == ["experiment-rebinds"]
    assert report.line("experiment-rebinds") == "halve = len(several)"


def test_a_check_that_uses_a_name_only_the_reference_knows_is_reported_unless_the_text_promises_it(edited):
    inside = (
        "    ### END SOLUTION\n",
        "    ### END SOLUTION\n### BEGIN SOLUTION\nRATE = 2.0\n### END SOLUTION\n",
    )
    use = (LAST_OF_CHECK, f"{LAST_OF_CHECK}\n    t.true(RATE == 2.0, 'Look again.')")

    silent = edited(inside, use)
    told = edited(inside, use, ("# ## Halve and shift", "# ## Halve and shift\n#\n# Set `RATE` too."))

    assert "unpromised-name" in silent.rules
    assert "unpromised-name" not in told.rules
