"""`nbgrader autograde` with the shipped configuration: a class with damage in it, and the same marks as stock nbgrader."""

import json
import shutil
from html.parser import HTMLParser

import pytest
from grading.course import HIDDEN, NAME, NOTEBOOK, RIGHT, SIGN, filled, find, own_cell, released, to_bytes
from grading.damaged import CASES
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.grading import preprocessors
from autograder.grading.result import Result

THROUGH_NBGRADER = (
    "check_deleted",
    "answer_copied_with_its_check",
    "answer_turned_into_markdown",
    "failing_check_tagged_to_be_skipped",
    "failing_check_made_a_solution",
    "cells_of_another_assignment_among_them",
    "marks_of_a_wrong_shape",
    "old_nbgrader_schema",
    "future_nbgrader_schema",
    "format_3",
    "format_of_the_future",
    "every_cell_id_the_same",
    "latin_1",
    "half_a_surrogate_pair",
    "empty_file",
    "broken_off",
    "nested_without_end",
    "picture",
    "own_cells_fail_and_exit",
    "notebook_of_another_course",
)
PARTLY = {
    "relu_forward": "def relu_forward(x):\n    if x.ndim > 2:\n        raise ValueError('two axes')\n    return np.maximum(0, x), x"
}
HONEST = {
    "perfect": RIGHT,
    "half": {"relu_forward": RIGHT["relu_forward"]},
    "sign": RIGHT | SIGN,
    "partly": RIGHT | PARTLY,
    "empty": {},
}


def write(course, student: str, data: bytes):
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_bytes(data)
    return folder


def api(course, config: Config | None = None) -> NbGraderAPI:
    """nbgrader's Python API, as the formgrader's buttons use it."""
    if config is None:
        config = PyFileConfigLoader("nbgrader_config.py", path=str(course)).load_config()
    made = NbGraderAPI(config=config)
    made.log.setLevel("CRITICAL")
    return made


def rows(course, student: str) -> dict[str, tuple]:
    """grade_id to (auto score, manual score, needs a person)."""
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook(NOTEBOOK, NAME, student)
        return {
            grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for grade in found.grades
        }


@pytest.fixture(scope="module")
def shipped(authored, tmp_path_factory):
    """A course with the shipped configuration whose assignment is in the gradebook."""
    course = tmp_path_factory.mktemp("shipped") / "course"
    shutil.copytree(authored, course)
    assert api(course).generate_assignment(NAME)["success"]
    return course


@pytest.fixture(scope="module")
def perfect(shipped):
    return filled(released(shipped), RIGHT)


@pytest.fixture(scope="module")
def damaged_class(shipped, perfect):
    """A class with every kind of damage, graded in one go."""
    cases = {case.name: case for case in CASES if case.name in THROUGH_NBGRADER}
    for name, case in cases.items():
        write(shipped, name, case.make(perfect))
    write(shipped, "zoe_is_fine", to_bytes(perfect))
    (shipped / "submitted" / "empty_file" / NAME / "dangling.csv").symlink_to("/nonexistent/file")
    link = write(shipped, "a_link", b"") / f"{NOTEBOOK}.ipynb"
    link.unlink()
    link.symlink_to(shipped / "gradebook.db")
    done = api(shipped).autograde(NAME, "*")
    return cases, done


def test_damaged_submissions_never_stop_the_class(damaged_class, shipped):
    cases, done = damaged_class

    assert done["success"], done
    assert set(cases) == set(THROUGH_NBGRADER)
    for name, case in cases.items():
        assert sum(auto for auto, _, _ in rows(shipped, name).values() if auto) == case.score, name
    assert rows(shipped, "zoe_is_fine")["relu_backward_check"] == (60.0, None, False)


def test_a_notebook_that_is_a_link_is_not_followed(damaged_class, shipped):
    text = (shipped / "autograded" / "a_link" / NAME / f"{NOTEBOOK}.ipynb").read_text()

    assert "handed in as a link" in text
    assert rows(shipped, "a_link")["relu_forward_check"][0] == 0.0


def test_a_notebook_that_may_not_be_read_is_told_and_is_no_zero(authored, tmp_path, monkeypatch):
    course = tmp_path / "course"
    shutil.copytree(authored, course)
    assert api(course).generate_assignment(NAME)["success"]
    notebook = to_bytes(filled(released(course), RIGHT))
    closed = write(course, "closed", notebook) / f"{NOTEBOOK}.ipynb"
    write(course, "open", notebook)
    read = preprocessors.read_regular

    def refuse(path, *most):
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *most)

    monkeypatch.setattr(preprocessors, "read_regular", refuse)
    done = api(course).autograde(NAME, "*")

    assert not done["success"]
    with pytest.raises(OSError, match=r"could not be read \(Permission denied\). It stays ungraded"):
        preprocessors._read(closed)
    assert not (course / "autograded" / "closed").exists() or not any(
        (course / "autograded" / "closed").rglob("*.ipynb")
    )
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        assert gradebook.find_submission(NAME, "open").score == 100.0
    assert {auto for auto, _, _ in rows(course, "closed").values()} == {
        None
    }  # to be graded, as nbgrader shows it


def test_graded_notebooks_hold_no_hidden_tests(damaged_class, shipped):
    for path in (shipped / "autograded").rglob("*.ipynb"):
        assert not any(word in path.read_text() for word in HIDDEN), path


STOCK = """
from pathlib import Path
from autograder.course.build import release_config
c = get_config()
c.merge(release_config(Path(__file__).resolve().parent))
c.GenerateAssignment.force = True
"""


@pytest.fixture(scope="module")
def graded_twice(commands, course, shipped):
    """Honest work, graded by stock nbgrader's own preprocessors and through the shipped configuration."""
    (course / "nbgrader_config.py").write_text(STOCK)
    for student, answers in HONEST.items():
        notebook = to_bytes(filled(released(shipped), answers))
        write(course, student, notebook)
        write(shipped, student, notebook)
        assert api(shipped).autograde(NAME, student)["success"]
    commands("nbgrader", "generate_assignment", NAME)
    commands("nbgrader", "autograde", NAME)
    return shipped, course


@pytest.mark.slow
@pytest.mark.parametrize("student", sorted(HONEST))
def test_honest_work_gets_the_same_marks_from_stock_nbgrader(student, graded_twice):
    ours, stock = graded_twice

    assert rows(ours, student) == rows(stock, student)


def test_a_mark_that_a_person_gave_stays_and_asks_for_another_look(shipped, perfect):
    write(shipped, "marked", to_bytes(perfect))
    api(shipped).autograde(NAME, "marked")
    with Gradebook(f"sqlite:///{shipped}/gradebook.db") as gradebook:
        gradebook.find_grade("relu_forward_check", NOTEBOOK, NAME, "marked").manual_score = 39
        gradebook.db.commit()

    api(shipped).autograde(NAME, "marked", force=True)

    assert rows(shipped, "marked")["relu_forward_check"] == (40.0, 39.0, True)


def test_a_written_reflection_waits_for_a_person(shipped, perfect):
    find(perfect, "reflection")["source"] = "Because it is flat below zero."
    write(shipped, "thoughtful", to_bytes(perfect))

    api(shipped).autograde(NAME, "thoughtful")

    assert rows(shipped, "thoughtful")["reflection"] == (None, None, True)


def test_a_fault_of_ours_leaves_the_mark_open_and_is_told(shipped, perfect, monkeypatch):
    write(shipped, "unlucky", to_bytes(perfect))
    graded = preprocessors.grade_restored

    def with_fault(*args, **kwargs):
        data = json.loads(json.dumps(graded(*args, **kwargs).to_dict()))
        data["exercises"][0] |= {"points": None, "verdict": "our fault"}
        return Result.from_dict(data | {"messages": ["the checker process ended"]})

    monkeypatch.setattr(preprocessors, "grade_restored", with_fault)
    made = api(shipped)
    made.log.setLevel("ERROR")

    done = made.autograde(NAME, "unlucky")

    assert rows(shipped, "unlucky")["relu_forward_check"] == (None, None, True)
    assert rows(shipped, "unlucky")["relu_backward_check"] == (60.0, None, False)
    assert "the checker process ended" in done["log"]


@pytest.fixture(scope="module")
def injected(shipped, perfect):
    """A submission that carries scripts wherever a browser could meet them, graded."""
    script = "<script>steal()</script><img src=x onerror=steal()>"
    notebook = filled(perfect, {"reflection": f"{script} [click](javascript:steal()) and $a < b$"})
    notebook["cells"].insert(1, own_cell(f"# Title {script}\n\n<svg onload=steal()>", "markdown"))
    notebook["cells"].insert(2, own_cell(script, "raw") | {"metadata": {"raw_mimetype": "text/html"}})
    show = (
        "from IPython.display import HTML, Javascript, Latex, Markdown, SVG, display\n"
        f"for kind in (HTML, Javascript, Latex, Markdown):\n    display(kind({script!r}))\n"
        "display({'text/html': '<iframe src=//evil></iframe>fine', 'image/svg+xml': '<svg onload=steal()/>',\n"
        "         'image/png': 'AA\"><script>steal()</script>'}, raw=True)"
    )
    notebook["cells"].append(own_cell(show))
    write(shipped, "injector", to_bytes(notebook))
    made = api(shipped)
    assert made.autograde(NAME, "injector")["success"]
    assert made.generate_feedback(NAME, "injector")["success"]
    return shipped


class Dangers(HTMLParser):
    """Collects what of the student's in a page would run or load something."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            value = "".join((value or "").split()).lower()
            runs = name.startswith("on") and "steal" in value
            loads = name in ("src", "href", "action") and ("javascript:" in value or "evil" in value)
            if runs or loads:
                self.found.append(f"<{tag} {name}={value}>")
        if tag in ("iframe", "svg", "object", "embed"):
            self.found.append(f"<{tag}>")

    def handle_data(self, data):
        if "steal()" in data and self.lasttag == "script" and self.cdata_elem == "script":
            self.found.append(data)


def dangers(page: str) -> list[str]:
    look = Dangers()
    look.feed(page)
    return look.found


def test_the_search_for_dangers_finds_them():
    page = "<script>steal()</script><img src=x onerror=steal()><a href=' java\nscript:steal()'>x</a><iframe></iframe>"

    assert len(dangers(page)) == 4


def test_students_scripts_do_not_reach_the_feedback_page(injected):
    page = (injected / "feedback" / "injector" / NAME / f"{NOTEBOOK}.html").read_text()

    assert dangers(page) == []
    assert "fine" in page
    assert "a &lt; b" in page


def test_students_scripts_do_not_reach_the_formgrader(injected):
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers

    config = PyFileConfigLoader("nbgrader_config.py", path=str(injected)).load_config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = dict.fromkeys(
        (
            "assignment_id",
            "notebook_id",
            "submission_id",
            "student",
            "last_name",
            "first_name",
            "notebook_path",
        ),
        "x",
    ) | {"index": 0, "total": 1, "base_url": ""}

    page, _ = HTMLExporter(config=config).from_filename(
        str(injected / "autograded" / "injector" / NAME / f"{NOTEBOOK}.ipynb"), resources=resources
    )

    assert dangers(page) == []
    assert "fine" in page


def test_students_scripts_do_not_stay_in_the_graded_notebook(injected):
    text = (injected / "autograded" / "injector" / NAME / f"{NOTEBOOK}.ipynb").read_text()
    notebook = json.loads(text)

    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    shown = {mime for output in outputs for mime in output.get("data", ())}
    assert shown <= {"text/plain", "text/html", "text/markdown", "text/latex", "image/png"}
    pages = "".join("".join(output.get("data", {}).get("text/html", ())) for output in outputs)
    assert "fine" in pages
    assert dangers(pages) == []
    assert not any("raw_mimetype" in cell["metadata"] for cell in notebook["cells"])


def test_an_instructor_may_ask_for_hidden_tests_in_graded_notebooks(shipped, perfect):
    write(shipped, "shown", to_bytes(perfect))
    config = PyFileConfigLoader("nbgrader_config.py", path=str(shipped)).load_config()
    config.GradeSubmission.show_hidden_tests = True
    made = api(shipped, config)

    made.autograde(NAME, "shown")
    made.generate_feedback(NAME, "shown")

    assert HIDDEN[0] in (shipped / "autograded" / "shown" / NAME / f"{NOTEBOOK}.ipynb").read_text()
    assert HIDDEN[0] not in (shipped / "feedback" / "shown" / NAME / f"{NOTEBOOK}.html").read_text()
