"""One assignment's whole way by nbgrader's own commands: out to the students, back, graded, and feedback out again."""

import csv
import getpass
import zipfile

import pytest
from grading.course import HIDDEN, NAME, NOTEBOOK, RIGHT, SIGN, filled, released, to_bytes
from nbgrader.api import Gradebook

STUDENT = getpass.getuser()
FILE = f"{NOTEBOOK}.ipynb"


@pytest.fixture(scope="module")
def way(commands, course, tmp_path_factory):
    """Walk the whole way once; keep what each command said."""
    said = {}
    mine = tmp_path_factory.mktemp("student")
    outside = ("--course", "foundations", f"--Exchange.root={course / 'exchange'}")
    said["generate"] = commands("nbgrader", "generate_assignment", NAME)
    said["release"] = commands("nbgrader", "release_assignment", NAME)
    said["fetch"] = commands("nbgrader", "fetch_assignment", NAME, *outside, cwd=mine)
    fetched = (mine / NAME / FILE).read_bytes()
    perfect = filled(released(course), RIGHT)
    (mine / NAME / FILE).write_bytes(to_bytes(perfect))
    said["submit"] = commands("nbgrader", "submit", NAME, *outside, cwd=mine)
    (handed_in,) = (course / "exchange" / "foundations" / "inbound").iterdir()
    (handed_in / "secrets.txt").symlink_to("/etc/passwd")
    said["collect"] = commands("nbgrader", "collect", NAME)
    downloads = course / "downloaded" / NAME / "archive"
    downloads.mkdir(parents=True)
    with zipfile.ZipFile(downloads / "all.zip", "w") as archive:
        wrong = to_bytes(filled(perfect, SIGN))
        archive.writestr(f"Ben Sign_101_assignsubmission_file/{FILE}", wrong)
        archive.writestr(f"Eva Twice_102_assignsubmission_file/{NOTEBOOK} (1).ipynb", to_bytes(perfect))
        archive.writestr(f"Eva Twice_102_assignsubmission_file/{FILE}", wrong)
        archive.writestr("Jo Named_103_assignsubmission_file/homework one.ipynb", to_bytes(perfect))
        archive.writestr("Li Broken_104_assignsubmission_file/small.ipynb", b'{"cells": [')
    said["zip_collect"] = commands("nbgrader", "zip_collect", NAME)
    said["autograde"] = commands("nbgrader", "autograde", NAME)
    said["feedback"] = commands("nbgrader", "generate_feedback", NAME)
    said["release_feedback"] = commands("nbgrader", "release_feedback", NAME)
    said["fetch_feedback"] = commands("nbgrader", "fetch_feedback", NAME, *outside, cwd=mine)
    said["export"] = commands("nbgrader", "export")
    said["fetched"], said["mine"] = fetched, mine
    return said


@pytest.fixture(scope="module")
def marks(way, course):
    with (course / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_what_is_fetched_is_the_release_with_its_hints_and_no_hidden_tests(way, course):
    assert way["fetched"] == (course / "release" / NAME / FILE).read_bytes()
    assert (way["mine"] / NAME / "hints.toml").is_file()
    assert not any(word.encode() in way["fetched"] for word in HIDDEN)


def test_collected_submissions_get_their_marks(marks):
    assert marks == {STUDENT: 100.0, "101": 40.0, "102": 100.0, "103": 100.0, "104": 0.0}


def test_a_link_in_a_submission_is_not_followed(way, course):
    for room in ("submitted", "autograded"):
        folder = course / room / STUDENT / NAME
        assert not any(path.is_symlink() for path in folder.iterdir())
        assert not any(b"root:" in path.read_bytes() for path in folder.iterdir())


def test_of_two_copies_the_newer_is_graded_and_the_other_kept(way, course):
    folder = course / "submitted" / "102" / NAME
    assert len(list(folder.glob("*.ipynb"))) == 2
    assert "another copy is graded" in way["zip_collect"]


def test_what_could_not_be_read_is_kept_and_explained(way, course):
    folder = course / "autograded" / "104" / NAME
    assert (folder / f"{FILE}.original").read_bytes() == b'{"cells": ['
    assert "cannot be read to its end" in (folder / FILE).read_text()
    assert (
        "cannot be read to its end" in (course / "feedback" / "104" / NAME / f"{NOTEBOOK}.html").read_text()
    )


def test_the_gradebook_names_the_mistake_and_asks_for_the_reflection(way, course):
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook(NOTEBOOK, NAME, "101")
        comments = {comment.name: comment.auto_comment for comment in found.comments}
        grades = {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in found.grades}

    assert comments["relu_backward"].startswith("Sign flipped:")
    assert comments["relu_forward"] is None
    assert comments["reflection"] == "No response."
    assert grades == {
        "relu_forward_check": (40.0, False),
        "relu_backward_check": (0.0, False),
        "reflection": (0.0, False),
    }


def test_feedback_tells_what_was_wrong_and_shows_no_hidden_code(way, course):
    page = (course / "feedback" / "101" / NAME / f"{NOTEBOOK}.html").read_text()

    assert "The size is right and the sign is not" in page
    assert "finite difference" in page
    assert "works in three dimensions" in page
    for room in ("feedback", "autograded"):
        for path in (course / room).rglob("*.*"):
            assert not any(word in path.read_text(errors="replace") for word in HIDDEN), path


def test_feedback_goes_back_the_way_the_submission_came(way, course):
    fetched = list((way["mine"] / NAME / "feedback").rglob("*.html"))
    with zipfile.ZipFile(course / "feedback" / f"{NAME}.zip") as archive:
        names = archive.namelist()

    assert len(fetched) == 1
    assert {name.split("/")[0] for name in names} == {"101", "102", "103", "104"}
    assert "did not come through the exchange" in way["release_feedback"]


def test_validate_shows_a_student_what_is_not_written_yet(way, commands, course, tmp_path):
    notebook = tmp_path / FILE
    notebook.write_bytes(to_bytes(filled(released(course), {"relu_forward": RIGHT["relu_forward"]})))

    said = commands("nbgrader", "validate", str(notebook), cwd=tmp_path)

    assert "FAILED" in said
    assert "relu_backward is not written yet" in said
