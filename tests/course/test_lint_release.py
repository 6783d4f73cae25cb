"""Lint: what the student gets is a stub that stops, and no more of the answer than its author states."""

import pytest

HALVE = "    ### BEGIN SOLUTION\n    return 0.5 * x.ravel() + shift - 0.0\n    ### END SOLUTION\n"
DEEPER = "        " + HALVE.strip().replace("\n", "\n    ") + "\n"
FORMULA = "0.5 * x.ravel() + shift - 0.0"
OTHERS = "[(number + 4.0) / 2.0 for number in x]"


# -- stubs --------------------------------------------------------------------------------------------------------


def test_a_solution_cell_without_a_region_is_reported(edited):
    report = edited((HALVE, "    return 0.5 * x\n"))

    assert "region-missing" in report.rules
    assert report.line("region-missing") == "def halve(x, shift):"


def test_a_mark_indented_unlike_the_answer_is_reported(edited):
    report = edited((HALVE, HALVE.replace("    ### BEGIN", "### BEGIN")))

    assert report.rules == ["stub-indent"]
    assert report.line("stub-indent") == "### BEGIN SOLUTION"


def test_a_stub_that_is_no_longer_python_is_reported(edited):
    body = f"    try:\n        return {FORMULA}\n    ### BEGIN SOLUTION\n    finally:\n        pass\n    ### END SOLUTION\n"

    report = edited((HALVE, body))

    assert "stub-broken" in report.rules


@pytest.mark.parametrize(
    "body",
    [
        "    if shift == 0:\n{deeper}    return x\n",
        "    return x\n{answer}",
        "    try:\n{deeper}    except NotImplementedError:\n        return x\n",
        "    if shift:\n        return x\n    else:\n{deeper}    return x\n",
        "    def inner():\n        return x\n    return inner()\n{answer}",
    ],
)
def test_a_stub_that_can_return_is_reported_at_its_region(edited, body):
    report = edited((HALVE, body.format(answer=HALVE, deeper=DEEPER)))

    assert report.rules == ["stub-returns"]
    assert report.line("stub-returns").strip() == "### BEGIN SOLUTION"


@pytest.mark.parametrize(
    "body",
    [
        "    y = x\n{answer}",
        "{answer}    return x\n",
        "    if shift is None:\n        return x\n{answer}",
        "    for one in x:\n{deeper}    return x\n",
        "    with np.errstate():\n{deeper}    return x\n",
        "    if shift:\n{deeper}    else:\n        raise ValueError(shift)\n",
        "    try:\n{deeper}    except Exception:\n        raise\n",
        "    try:\n{deeper}    except ValueError:\n        return x\n",
    ],
)
def test_a_stub_that_stops_where_the_answer_stood_is_not(edited, body):
    report = edited((HALVE, body.format(answer=HALVE, deeper=DEEPER)))

    assert report.rules == []


def test_an_exercise_handed_out_complete_is_reported(edited):
    helper = "def third(x):\n    ### BEGIN SOLUTION\n    return x / 3.0\n    ### END SOLUTION\n\n"

    report = edited(
        ("def halve(x, shift):", f"{helper}def halve(x, shift):"), (HALVE, "    return third(x)\n")
    )

    assert report.rules == ["stub-complete"]
    assert report.line("stub-complete") == "def halve(x, shift):"


def test_a_second_definition_below_the_stub_is_reported(edited):
    report = edited((HALVE, HALVE + "\ndef halve(x, shift):\n    return x\n"))

    assert report.rules == ["stub-complete"]


def test_a_class_may_give_some_of_its_methods(edited):
    given = "    def name(self):\n        return 'square'\n\n    def forward(self, x):"

    assert edited(("    def forward(self, x):", given)).rules == []


# -- leaks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spacing", [FORMULA, "0.5*x.ravel()+shift-0.0", "(0.5 * x.ravel() + shift) - 0.0"])
def test_a_solution_that_another_cell_computes_is_reported(edited, spacing):
    report = edited(("print(len(several))", f"x, shift = several[0], 2.0\nprint({spacing})"))

    assert report.rules == ["solution-survives"]
    assert report.line("solution-survives") == f"print({spacing})"


def test_a_solution_in_a_comment_or_in_the_visible_check_is_reported(edited):
    comment = edited(("print(len(several))", f"print(len(several))  # {FORMULA}"))
    check = edited(("[4.5]", FORMULA.replace("x.", "column(7).").replace("column(7)", "x")))

    assert comment.rules == ["solution-survives"]
    assert "solution-survives" in check.rules


def test_a_solution_outside_its_region_in_its_own_cell_is_reported(edited):
    report = edited((HALVE, f"{HALVE}\ndef hint_for(x, shift):\n    return {FORMULA}\n"))

    assert report.rules == ["solution-survives"]


@pytest.mark.parametrize("line", [f"# It is `{FORMULA}`.", f"# {FORMULA}", "# `0.5*x.ravel()+shift-0.0`"])
def test_prose_that_spells_out_a_solution_is_reported(edited, line):
    report = edited(("# Run the check.", line))

    assert report.rules == ["prose-leak"]
    assert report.line("prose-leak") == line


def test_a_hint_that_spells_out_a_solution_is_reported_in_its_file(edited):
    hints = f'[halve]\nhints = ["What is half?",\n"{FORMULA}"]\n\n[SquareGate]\nhints = ["What is kept?"]\n'

    report = edited(hints=hints)

    assert report.rules == ["prose-leak"]
    assert report.findings[0].path.name == "hints.toml"
    assert report.line("prose-leak") == f'"{FORMULA}"]'


def test_what_the_stubs_docstring_states_may_be_said(edited):
    report = edited(
        ('plus shift."""', f'plus shift: {FORMULA}."""'), ("# Run the check.", f"# It is `{FORMULA}`.")
    )

    assert report.rules == []


@pytest.mark.parametrize(
    "code",
    [
        "print(halve(np.zeros((3, 4)), 1.0))",
        "x = np.random.default_rng(0).normal(size=(4, 3))",
        "print(x.shape, x.reshape(x.shape[0], -1))",
        "grads = net.loss(X, y)",
    ],
)
def test_calls_and_shapes_that_any_code_has_are_no_leak(edited, code):
    report = edited(
        (HALVE, HALVE.replace("    return", f"    {code}\n    return")),
        ("print(len(several))", f"x = net = X = y = 0\n{code}"),
        ("def column", "x = net = X = y = 0\n\ndef column"),
    )

    assert report.rules == []


@pytest.mark.parametrize(
    ("formula", "leaks"), [("np.maximum(shift, x)", True), ("shift * x", False), ("np.zeros((3, 4))", False)]
)
def test_a_single_operation_is_a_leak_unless_it_is_short_or_idle(edited, formula, leaks):
    report = edited(
        ("    return 0.5", f"    a = {formula}\n    return 0.5"), ("# Run the check.", f"# Try `{formula}`.")
    )

    assert report.rules == ["prose-leak"] * leaks


def test_the_values_of_a_dictionary_are_protected_one_by_one(edited):
    report = edited(
        (FORMULA, '{"dx": np.maximum(shift, x), "db": x}'),
        ("# Run the check.", "# Try `np.maximum(shift, x)`."),
    )

    assert report.rules == ["prose-leak"]


def test_a_hidden_formula_elsewhere_is_reported_and_its_own_cells_visible_half_is_not(edited):
    elsewhere = edited(("print(len(several))", f"x = several\nprint({OTHERS})"))
    in_prose = edited(("# Run the check.", f"# The checks compare with `{OTHERS}`."))
    own_half = edited(
        ("[4.5]", OTHERS.replace(" in x", " in np.ones(1)")),
        ("for number in x]", "for number in np.ones(1)]"),
    )

    assert elsewhere.rules == ["hidden-survives"]
    assert in_prose.rules == ["hidden-survives"]
    assert own_half.rules == []


def test_a_sample_answer_that_stands_in_the_text_is_reported(edited):
    report = edited(
        (
            "# What does the square lose?",
            "# The sign: two numbers have the same square, and nothing downstream can tell them apart.",
        )
    )

    assert report.rules == ["solution-survives"]
    assert report.line("solution-survives").startswith("# The sign")
