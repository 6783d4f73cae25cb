"""`autograder demo` in a small course: through nbgrader to marks and feedback, and again after the assignment changed."""

from click.testing import CliRunner
from grading import course as small

from autograder.commands.demo import command

ONE_MORE = """
# %% [markdown] nbgrader={"grade_id": "afterword", "grade": true, "solution": true, "points": 0}
# What surprised you?
"""


def test_the_example_class_is_graded_and_graded_anew_when_cells_were_added(tmp_path):
    course = small.make(tmp_path / "course")
    first = _demo(course)
    text = course / "assignments" / small.NAME / f"{small.NOTEBOOK}.py"
    text.write_text(text.read_text() + ONE_MORE)

    again = _demo(course)

    for told in (first, again):
        rows = {line.split()[1]: line for line in told.splitlines() if line.startswith("│")}
        assert "│    100 │" in rows["perfect"]
        assert "timed out (2)" in rows["endless_loop"]
        assert "│      0 │" in rows["empty"]
        assert f"Feedback pages: {len(rows)} in" in told
    released = course / "demo" / "release" / small.NAME / f"{small.NOTEBOOK}.ipynb"
    assert "afterword" in released.read_text()
    assert "afterword" in next(course.glob("demo/autograded/perfect/*/*.ipynb")).read_text()


def _demo(course):
    done = CliRunner().invoke(command, ["--course", str(course)], standalone_mode=False)
    assert done.exception is None, done.output + str(done.exception)
    return done.output
