"""Lint: marks, regions, pairs, totals, and what a check cell says about itself."""

import pytest

CHECK_MARK = '# %% nbgrader={"grade_id": "halve_check", "grade": true, "points": 40}\n'
HALVE = "    ### BEGIN SOLUTION\n    return 0.5 * x.ravel() + shift - 0.0\n    ### END SOLUTION\n"


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('nbgrader={"grade_id": "setup", "locked": true', "not valid JSON"),
        ('nbgrader={"grade_id": "setup"}', "neither graded"),
        ('nbgrader={"grade_id": "setup", "locked": true, "lock": 1}', "Unknown key lock"),
        ('nbgrader={"locked": true}', "needs a grade_id"),
        ('nbgrader={"grade_id": "setup", "grade": true}', "every graded cell needs them"),
        ('nbgrader={"grade_id": "set up", "locked": true}', "cannot be a cell's id"),
        ("nbgrader=[1]", "is a table"),
        ('nbgrader={"grade_id": 5, "locked": true}', "is a table"),
        ('tags=["experiment]', "not valid JSON"),
    ],
)
def test_a_mark_that_cannot_be_read_is_reported_on_its_line(edited, mark, said):
    report = edited(('nbgrader={"grade_id": "setup", "locked": true}', mark))

    assert said in report.message("mark-unreadable")
    assert report.line("mark-unreadable") == f"# %% {mark}"


def test_a_misspelt_tag_is_reported(edited):
    report = edited(('# %% tags=["experiment"]', '# %% tags=["experiments"]'))

    assert report.line("tag-spelling") == '# %% tags=["experiments"]'


def test_a_tag_of_another_tool_is_not(edited):
    assert edited(('# %% tags=["experiment"]', '# %% tags=["experiment", "hide-input"]')).rules == []


def test_a_graded_cell_that_grading_would_skip_is_reported(edited):
    report = edited((CHECK_MARK, CHECK_MARK.rstrip() + ' tags=["experiment"]\n'))

    assert report.rules == ["graded-experiment"]


def test_a_cell_that_is_not_python_is_reported_on_its_line(edited):
    report = edited(("print(len(several))", "a = 1\nprint(len(several)"))

    assert report.rules == ["syntax"]
    assert report.line("syntax") == "print(len(several)"


def test_magics_are_python_enough(edited):
    assert edited(("print(len(several))", "%matplotlib inline\n!ls\nlen?\nprint(len(several))")).rules == []
    assert edited(("print(len(several))", "%%time\nprint(len(several))")).rules == []
    assert edited(("print(len(several))", "%%html\n<b>bold</b>")).rules == []


def test_a_name_used_twice_is_reported_where_it_comes_back(edited):
    report = edited(('"grade_id": "helpers"', '"grade_id": "setup"'))

    assert report.rules == ["duplicate-id"]
    assert report.message("duplicate-id") == "grade_id 'setup' is taken by the cell of line 7."


# -- regions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "###BEGIN SOLUTION",
        "### Begin solution",
        "# BEGIN SOLUTION",
        "### BEGIN SOLUTON",
        "### BEGIN SOLUTIONS",
        "#### BEGIN SOLUTION",
        "### BEGIN SOLUTION:",
        "### BEGIN_SOLUTION",
        "BEGIN SOLUTION = 1",
    ],
)
def test_a_mark_that_is_not_spelt_as_nbgrader_and_this_course_spell_it_is_reported(edited, line):
    report = edited(("    ### BEGIN SOLUTION", f"    {line}"))

    assert report.line("region-spelling") == f"    {line}"


@pytest.mark.parametrize("line", ["### BEGIN HIDEN TESTS", "### Begin hidden tests", "### BEGIN HIDDEN TEST"])
def test_so_is_one_for_hidden_tests(edited, line):
    report = edited(("### BEGIN HIDDEN TESTS", line))

    assert report.line("region-spelling") == line
    assert "hands out" in report.message("region-spelling")


def test_other_comments_and_headings_may_speak_of_solutions(edited):
    report = edited(
        (
            "print(len(several))",
            "# Solution of the riddle\n# Hidden tests follow\n# begin here\nprint(len(several))",
        ),
        (
            "# You halved",
            "# ## The end of every solution\n# Begin with a solution of your own.\n# You halved",
        ),
    )

    assert report.rules == []


def test_a_begin_without_end_is_reported_at_the_begin(edited):
    report = edited(("    ### END SOLUTION\n", ""))

    assert report.rules == ["region-unpaired"]
    assert report.line("region-unpaired") == "    ### BEGIN SOLUTION"


def test_an_end_without_begin_is_reported_though_nbgrader_accepts_it(edited):
    report = edited(("### BEGIN HIDDEN TESTS\n", ""))

    assert "region-unpaired" in report.rules
    assert report.line("region-unpaired") == "### END HIDDEN TESTS"


def test_a_region_inside_a_region_is_reported(edited):
    report = edited(("    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n"))

    assert "region-nested" in report.rules


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("print(len(several))", "### BEGIN SOLUTION\nprint(len(several))\n### END SOLUTION"),
        ("print(len(several))", "### BEGIN HIDDEN TESTS\nprint(len(several))\n### END HIDDEN TESTS"),
        ("# You halved", "# ### BEGIN SOLUTION\n# Four.\n# ### END SOLUTION\n# You halved"),
        ("# You halved", "# ### BEGIN MARK SCHEME\n# Four.\n# ### END MARK SCHEME\n# You halved"),
    ],
)
def test_a_region_in_a_cell_of_another_kind_is_reported(edited, old, new):
    report = edited((old, new))

    assert report.rules == ["region-place"]
    assert "### BEGIN" in report.line("region-place")


def test_a_sample_answer_may_stand_in_a_region_of_its_markdown_cell(edited):
    report = edited(
        (
            "# The sign: two",
            "# *Two sentences.*\n# ### BEGIN SOLUTION\n# The sign.\n# ### END SOLUTION\n# Two",
        )
    )

    assert report.rules == []


def test_an_empty_region_is_reported(edited):
    report = edited((HALVE, "    ### BEGIN SOLUTION\n    # nothing yet\n    ### END SOLUTION\n"))

    assert "region-empty" in report.rules


# -- pairs and totals ---------------------------------------------------------------------------------------------


def test_a_solution_without_its_check_is_reported(edited):
    report = edited((CHECK_MARK, '# %% tags=["experiment"]\n'))

    assert report.line("solution-without-check").startswith('# %% nbgrader={"grade_id": "halve"')


def test_a_check_without_its_solution_is_reported(edited):
    report = edited((CHECK_MARK, CHECK_MARK.replace("halve_check", "half_check")))

    assert "'half'" in report.message("check-without-solution")
    assert report.line("check-without-solution") == CHECK_MARK.replace("halve_check", "half_check").rstrip()


def test_a_check_is_named_after_its_solution(edited):
    report = edited((CHECK_MARK, CHECK_MARK.replace("halve_check", "test_halve")))

    assert "does not end in _check" in report.message("check-without-solution")


def test_code_between_a_solution_and_its_check_is_reported(edited):
    report = edited((CHECK_MARK, '# %% tags=["experiment"]\nprint(halve)\n\n' + CHECK_MARK))

    assert report.rules == ["check-apart"]
    assert report.line("check-apart") == CHECK_MARK.rstrip()


def test_a_solution_cell_is_named_after_what_it_defines(edited):
    report = edited(("def halve(x, shift):", "def half(x, shift):"))

    assert "half" in report.message("solution-name")


def test_a_signature_inside_the_region_is_reported(edited):
    report = edited(
        ("    ### BEGIN SOLUTION\n    return 0.5", "    return 0.5"),
        ("def halve(x, shift):", "### BEGIN SOLUTION\ndef halve(x, shift):"),
        ("    ### END SOLUTION", "### END SOLUTION"),
    )

    assert "no signature" in report.message("solution-name")


def test_helpers_may_stand_beside_what_a_solution_cell_is_named_after(edited):
    assert (
        edited(("def halve(x, shift):", "def third(x):\n    return x / 3\n\ndef halve(x, shift):")).rules
        == []
    )


def test_points_that_do_not_sum_to_100_are_reported_and_manual_points_do_not_count(edited):
    report = edited(
        ('"points": 60', '"points": 50'), ("points=60", "points=50"), ('"points": 0}', '"points": 10}')
    )

    assert report.rules == ["total-points"]
    assert report.message("total-points") == (
        "The check cells' points sum to 90, not 100 (10 manual points do not count)."
    )


# -- the check cell about itself ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ('check = Check("half", points=40, hidden=2)', "checks 'half'"),
        ('check = Check("halve", points=30, hidden=2)', "40 points by its mark and 30"),
        ('check = Check("halve", hidden=2)', "None by Check(...)"),
        ("check = halve", "0 times"),
        ('check = Check("halve", points=40, hidden=2)\ncheck = Check("halve", points=40)', "2 times"),
    ],
)
def test_a_check_that_contradicts_its_mark_is_reported(edited, new, said):
    report = edited(('check = Check("halve", points=40, hidden=2)', new))

    assert said in report.message("check-arguments")


def test_a_wrong_number_of_hidden_checks_is_reported(edited):
    report = edited(("hidden=2", "hidden=3"))

    assert report.rules == ["hidden-count"]
    assert report.message("hidden-count") == "halve_check declares hidden=3; its hidden region adds 2."


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('check.gradients(halve, halve, {"x": (4, 3), "b": (3,)})', 2),
        ('check.gradients(*column, inputs={"x": (4, 3)})', 1),
        ('check.gradients(*column, {"x": (4, 3), "y": 1, "z": 2}, label="three")', 3),
        ("check.gradients(halve, halve, dict(x=(4, 3), w=(3,)))", 2),
        ('for n in (1, 2, 3):\n    check.gradients(halve, halve, {"x": (n,)})', 3),
        ("for n in range(2):\n    @check(str(n))\n    def _(t):\n        t.true(True, str(n))", 2),
        ('for a, n in zip("ab", (1, 2)):\n    x = n', 0),
        ('shapes = {"x": (4, 3), "w": (3,)}\ncheck.gradients(halve, halve, shapes, label="named")', 2),
        ('cases = (1, 2)\nfor n in cases:\n    check.gradients(halve, halve, {"x": (n,)})', 2),
        ("x = 3", 0),
    ],
)
def test_hidden_checks_are_counted_through_gradients_and_loops(edited, code, count):
    edit = ("check.hidden_tests()\n", f"check.hidden_tests()\n{code}\n")

    assert edited(edit, ("hidden=2", f"hidden={2 + count}")).rules == []
    assert edited(edit, ("hidden=2", f"hidden={3 + count}")).rules == ["hidden-count"]


def test_what_only_running_can_count_is_not_counted(edited):
    loop = 'for n in column(3):\n    check.gradients(halve, halve, {"x": (n,)})'

    assert edited(("check.hidden_tests()\n", f"check.hidden_tests()\n{loop}\n")).rules == []


def test_hidden_tests_are_announced_first_in_their_region(edited):
    missing = edited(("check.hidden_tests()\n", ""))
    late = edited(("check.hidden_tests()\n", ""), ("### END HIDDEN", "check.hidden_tests()\n### END HIDDEN"))

    assert missing.rules == ["hidden-tests-call"]
    assert late.rules == ["hidden-tests-call"]
    assert late.line("hidden-tests-call") == "### BEGIN HIDDEN TESTS"


def test_hidden_tests_announced_without_a_region_are_reported(edited):
    report = edited(
        (
            'check = Check("SquareGate", points=60)\n',
            'check = Check("SquareGate", points=60)\ncheck.hidden_tests()\n',
        )
    )

    assert report.rules == ["hidden-tests-call"]


@pytest.mark.parametrize(
    "ending",
    [
        "",
        "check.score();",
        "check.score()\nTrue",
        "score = check.score()",
        "check.score(), 1",
        "halve.score()",
        "print(check.score())",
    ],
)
def test_a_check_cell_that_does_not_end_in_its_score_is_reported(edited, ending):
    report = edited(("### END HIDDEN TESTS\ncheck.score()", f"### END HIDDEN TESTS\n{ending}"))

    assert report.rules == ["score-last"]


def test_a_score_inside_the_hidden_region_is_reported(edited):
    report = edited(
        ("### END HIDDEN TESTS\ncheck.score()", "check.score()\n### END HIDDEN TESTS"),
    )

    assert report.rules == ["score-last"]


def test_a_check_may_have_another_name(edited):
    report = edited(
        ('check = Check("SquareGate", points=60)', 'gate = Check("SquareGate", points=60)'),
        ('@check("forward squares")', '@gate("forward squares")'),
        ('"out")\n\ncheck.score()', '"out")\n\ngate.score()'),
    )

    assert report.rules == []
