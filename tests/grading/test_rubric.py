"""The rubric stands beside the answer on the formgrader's pages and on no other page."""

import nbformat
import pytest
from traitlets.config import Config

from autograder.grading.rubric import TITLE, ShowRubric

FORMGRADER = {"submission_id": "1", "base_url": "", "assignment_id": "01_a", "notebook_id": "a"}


def answer(source, name="reflection"):
    mark = {"grade_id": name, "grade": True, "solution": True, "points": 0}
    return nbformat.v4.new_markdown_cell(source, metadata={"nbgrader": mark})


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "source" / "01_a"
    folder.mkdir(parents=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[answer("**Rubric.** One point.")]), folder / "a.ipynb")
    return tmp_path


def shown(course, resources, cells=None):
    config = Config()
    config.CourseDirectory.root = str(course)
    notebook = nbformat.v4.new_notebook(
        cells=cells or [nbformat.v4.new_markdown_cell("Why?"), answer("Because.")]
    )
    ShowRubric(config=config).preprocess(notebook, dict(resources))
    return [cell.source for cell in notebook.cells]


def test_the_formgrader_shows_it_above_the_answer(course):
    before, rubric, mine = shown(course, FORMGRADER)

    assert (before, mine) == ("Why?", "Because.")
    assert TITLE in rubric
    assert "One point." in rubric


@pytest.mark.parametrize("missing", ["submission_id", "base_url"])
def test_no_other_page_shows_it(course, missing):
    elsewhere = {name: value for name, value in FORMGRADER.items() if name != missing}

    assert shown(course, elsewhere) == ["Why?", "Because."]


def test_a_course_without_a_readable_source_shows_the_page_all_the_same(course):
    path = course / "source" / "01_a" / "a.ipynb"

    path.write_text("{")
    assert shown(course, FORMGRADER) == ["Why?", "Because."]
    path.unlink()
    assert shown(course, FORMGRADER) == ["Why?", "Because."]


def test_a_link_in_place_of_the_source_is_not_followed(course, tmp_path):
    path = course / "source" / "01_a" / "a.ipynb"
    elsewhere = tmp_path / "elsewhere.ipynb"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)

    assert shown(course, FORMGRADER) == ["Why?", "Because."]


def test_answers_that_the_source_does_not_know_have_none(course):
    assert shown(course, FORMGRADER, [answer("Mine.", "of_my_own")]) == ["Mine."]
