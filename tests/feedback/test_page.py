"""The whole page, as nbgrader's generate_feedback writes it, for submissions graded by us and by stock nbgrader."""

import re
import shutil
from html.parser import HTMLParser

import nbformat
import pytest
from grading import course as small
from grading.course import HIDDEN, NAME, NOTEBOOK, RIGHT, SIGN, filled, own_cell, released, to_bytes
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config.loader import PyFileConfigLoader

from autograder.feedback import FeedbackExporter
from autograder.feedback.marks import read_marks

CLASS = 8


def api(course, stock: bool = False) -> NbGraderAPI:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    if stock:
        del config["Autograde"]
    made = NbGraderAPI(config=config)
    made.log.setLevel("CRITICAL")
    return made


def write(course, student: str, notebook) -> None:
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_bytes(
        notebook if isinstance(notebook, bytes) else to_bytes(notebook)
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class of eight, graded, with one that a person has marked."""
    course = small.make(tmp_path_factory.mktemp("feedback") / "course")
    assert api(course).generate_assignment(NAME)["success"]
    blank = released(course)
    write(course, "anna", filled(blank, RIGHT | SIGN | {"reflection": "Because $x < 0$."}))
    for i in range(CLASS - 2):
        write(course, f"other{i}", filled(blank, RIGHT if i < 3 else {}))
    write(course, "broken", b'{"cells": [')
    made = api(course)
    assert made.autograde(NAME, "*")["success"]
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook(NOTEBOOK, NAME, "anna")
        for comment in found.comments:
            if comment.name == "reflection":
                comment.manual_comment = "Say **why**, <script>alert(1)</script>."
        for grade in found.grades:
            if grade.name == "reflection":
                grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.0, 2.0, False
        gradebook.db.commit()
    assert made.generate_feedback(NAME, "*")["success"]
    return course


def page(course, student: str) -> str:
    return (course / "feedback" / student / NAME / f"{NOTEBOOK}.html").read_text()


class Loads(HTMLParser):
    """Collects what in a page runs or is fetched, and every id and link within it."""

    def __init__(self):
        super().__init__()
        self.found, self.ids, self.links = [], [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("src", "srcset", "poster", "data", "action") and not value.startswith("data:"):
                self.found.append((tag, name, value))
            if name.startswith("on") or (name == "href" and value.lower().startswith("javascript")):
                self.found.append((tag, name, value))
            if name == "id":
                self.ids.append(value)
            if name == "href" and value.startswith("#"):
                self.links.append(value[1:])
        if tag in ("script", "link", "iframe", "object", "embed", "form", "base"):
            self.found.append(tag)


def look(text: str) -> Loads:
    loads = Loads()
    loads.feed(text)
    return loads


def test_the_page_holds_everything_and_loads_nothing(course):
    for student in ("anna", "other0", "other4", "broken"):
        text = page(course, student)

        assert look(text).found == [], student
        assert "default-src &#39;none&#39;" in text
        assert "url(" not in text and "@import" not in text


def test_every_link_within_the_page_leads_somewhere(course):
    for student in ("anna", "other4", "broken"):
        loads = look(page(course, student))

        assert set(loads.links) <= set(loads.ids), student
        assert len(loads.links) > 4


def test_marks_messages_and_the_picture_are_told(course):
    text = page(course, "anna")

    assert "<strong>42</strong> of 100 points" in text
    assert "The size is right and the sign is not" in text
    assert "data:image/svg+xml;base64" in text
    assert "partly correct" in text or "incorrect" in text
    assert "A hint, in the notebook" in text


def test_the_graders_comment_is_shown_and_cleaned(course):
    text = page(course, "anna")

    assert "Your grader writes:" in text
    assert "<strong>why</strong>" in text
    assert "<script" not in text
    assert "2 of them extra" in text


def test_formulas_of_the_student_are_drawn(course):
    assert re.search(r"<math[^>]*>.*?<mi[^>]*>x</mi>", page(course, "anna"))


def test_no_hidden_code_and_no_neighbour_is_on_the_page(course):
    for student in ("anna", "other0", "broken"):
        text = page(course, student)

        assert not any(word in text for word in HIDDEN)
        assert not any(other in text for other in ("anna", "other0", "broken") if other != student)


def test_a_damaged_submission_says_what_became_of_it(course):
    text = page(course, "broken")

    assert "cannot be read to its end" in text
    assert "<strong>0</strong> of 100 points" in text


def test_how_the_class_fared_is_told_in_tenths_and_only_of_a_class_large_enough(course):
    text = page(course, "anna")
    marks = read_marks(f"sqlite:///{course}/gradebook.db", NAME, NOTEBOOK, "anna")

    assert marks.class_shares == {"relu_forward_check": 5, "relu_backward_check": 4}
    assert "4 of 10 solved it: <strong>hard for many</strong>" in text


def test_of_a_small_class_nothing_is_told(course, monkeypatch):
    monkeypatch.setattr("autograder.feedback.marks.SMALLEST_CLASS", CLASS + 1)

    assert read_marks(f"sqlite:///{course}/gradebook.db", NAME, NOTEBOOK, "anna").class_shares == {}


def test_a_student_whom_the_gradebook_does_not_know_has_no_marks(course):
    marks = read_marks(f"sqlite:///{course}/gradebook.db", NAME, NOTEBOOK, "nobody")

    assert (marks.cells, marks.comments) == ({}, {})


def test_what_stock_nbgrader_graded_gets_a_page_too(course, tmp_path):
    """Its autograded notebook has hidden tests in it, raw outputs, and whatever metadata the student wrote."""
    copy = tmp_path / "stock"
    shutil.copytree(course, copy)
    notebook = filled(released(copy), RIGHT | SIGN)
    notebook["metadata"]["autograder"] = {"exercises": [{"id": "<script>alert(1)</script>"}], "notes": 7}
    show = "from IPython.display import HTML\nHTML('<img src=x onerror=alert(1)><b>shown</b>')"
    notebook["cells"].insert(2, own_cell(show))
    write(copy, "stocky", notebook)
    made = api(copy, stock=True)

    graded, fed = made.autograde(NAME, "stocky"), made.generate_feedback(NAME, "stocky")

    assert graded["success"] and fed["success"], (graded, fed)
    text = page(copy, "stocky")
    assert look(text).found == []
    assert "<b>shown</b>" in text
    assert not any(word in text for word in HIDDEN)
    assert set(look(text).links) <= set(look(text).ids)


def test_a_notebook_alone_can_be_shown():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])

    text, _ = FeedbackExporter().from_notebook_node(notebook)

    assert "<h1>Title</h1>" in text
    assert "no marks for this notebook yet" in text
