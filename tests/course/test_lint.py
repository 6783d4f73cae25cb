"""`autograder lint` as a person meets it, and the reading of a text line by line."""

import subprocess

import pytest

from autograder.course.lint import lint, read
from autograder.course.markup import to_notebook
from autograder.course.paths import CourseError, find_assignments, find_root


def run(*arguments, course):
    command = ["autograder", "lint", *arguments, "--course", str(course)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_nothing_is_wrong_with_the_good_text(edited):
    assert edited().findings == ()


def test_the_command_says_so_in_one_line(good_course):
    done = run("00_small", course=good_course)

    assert done.returncode == 0
    assert done.stdout == "Nothing to report in 1 assignment.\n"


def test_the_command_reports_file_line_rule_and_remedy_and_fails(good_course):
    text = good_course / "assignments" / "00_small" / "small.py"
    text.write_text(
        text.read_text().replace('"points": 60}', '"points": 50}').replace("points=60", "points=50")
    )

    done = run(course=good_course)

    line = (
        text.read_text()
        .splitlines()
        .index('# %% nbgrader={"grade_id": "SquareGate_check", "grade": true, "points": 50}')
    )
    assert done.returncode == 1
    assert done.stdout == (
        f"{text}:{line + 1}: total-points: The check cells' points sum to 90, not 100."
        " Share out 100 points over the check cells by difficulty.\n"
    )


def test_an_unknown_assignment_is_an_error_with_the_names_that_exist(good_course):
    done = run("07_cnn", course=good_course)

    assert done.returncode == 2
    assert "no assignment '07_cnn'" in done.stderr
    assert "00_small" in done.stderr


def test_a_text_that_is_not_utf8_is_an_error_that_says_what_to_do(good_course):
    assignment = find_assignments(good_course)[0]
    assignment.text.write_bytes(b"# %% [markdown]\n# caf\xe9\n")

    with pytest.raises(CourseError, match="save it as UTF-8"):
        lint(assignment)


@pytest.mark.parametrize("options", ['tags="experiment"', "tags=[1]"])
def test_options_that_jupytext_refuses_are_an_error_with_file_and_line(good_course, options):
    assignment = find_assignments(good_course)[0]
    assignment.text.write_text(f"# %% [markdown]\n# Title\n\n# %% {options}\n1\n")

    with pytest.raises(CourseError, match=r"small\.py:4: jupytext cannot read this cell .* tags are a list"):
        lint(assignment)


@pytest.mark.parametrize("text", ["", "\n", "# %%", "# %% [raw]\n# raw", '# %% [markdown]\n"""\nnot closed'])
def test_a_text_without_any_exercise_is_reported_not_refused(good_course, text):
    assignment = find_assignments(good_course)[0]
    assignment.text.write_text(text)

    found = {finding.rule for finding in lint(assignment)}

    assert "total-points" in found


AWKWARD = '''\
# ---
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
# ---

# a comment above every cell

# %% [markdown]
#
# # Title after an empty line
#
# ```
# # %% no cell
# ```

# %% A title tags=["experiment"]


# %matplotlib inline
x = """
# %% no cell
"""
# %%
# only a comment
# %% [markdown]
"""
quoted *text*
over lines
"""

# %% [markdown]
r"""at once quoted"""
# %%

# %%
y = 1
'''


def test_lines_are_those_of_the_authored_text_however_it_is_written(good_course):
    assignment = find_assignments(good_course)[0]
    assignment.text.write_text(AWKWARD)
    lines = AWKWARD.splitlines()

    cells = read(assignment).cells

    compared = 0
    for cell in cells:
        for number, line in cell.lines:
            if line:
                assert line in lines[number - 1]
                compared += 1
        assert "%%" in lines[cell.marker - 1] or cell.index == 0
    assert compared > 10


def test_the_cells_are_those_that_the_build_makes(good_course):
    assignment = find_assignments(good_course)[0]
    for text in (assignment.text.read_text(), AWKWARD):
        assignment.text.write_text(text)

        cells = read(assignment).cells

        built = to_notebook(text, assignment.name).cells
        assert [(c.kind, c.source, c.mark) for c in cells] == [
            (c.cell_type, c.source, c.metadata.get("nbgrader", {})) for c in built
        ]


def test_what_the_student_gets_is_what_the_build_releases(tiny_course):
    import nbformat

    assignment = find_assignments(find_root(tiny_course))[0]

    cells = read(assignment).cells

    released = nbformat.read(assignment.release, as_version=4).cells
    assert [cell.released for cell in cells] == [cell.source for cell in released]
