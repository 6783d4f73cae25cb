"""`autograder grade` leaves exactly what `nbgrader autograde` leaves: rows, notebooks, files, times."""

import contextlib
import datetime
import json
import shutil

import pytest
from grading import course as small
from grading.damaged import CASES
from nbgrader.api import Gradebook
from scale.courses import NAME, NOTEBOOK, api, grade, hand_in
from scale.gradebooks import files, rows, scores

from autograder.grading import workers

CONFIG = """
c.LateSubmissionPlugin.penalty_method = "zero"
c.GradeSubmission.cell_seconds = 4.0
"""
# SQLAlchemy on how nbgrader adds rows; nbgrader_config.py says the same
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted:sqlalchemy.exc.SAWarning")
EVERY = 4  # one damaged submission in so many
LATE, EXTENDED = "late", "late_with_extension"


def fill(course, perfect, wrong, release):
    """One class of everything, with a due date, a late submission and a mark that a person gave."""
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + CONFIG)
    for i, case in enumerate(CASES):
        if "endless" not in case.name and i % EVERY == 0:
            hand_in(course, f"damaged_{case.name}", case.make(json.loads(perfect)))
    hand_in(course, "anna", perfect)
    hand_in(course, "empty", small.to_bytes(release))
    (hand_in(course, LATE, wrong) / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC\n")
    (hand_in(course, EXTENDED, wrong) / "timestamp.txt").write_text("2026-03-01 14:00:00.250000 CET")
    on_time = hand_in(course, "on_time", wrong)
    (on_time / "timestamp.txt").write_text("2026-02-01 12:00:00 UTC")
    (on_time / "data").mkdir()
    (on_time / "data" / "mine.csv").write_text("1,2\n")
    (on_time / "hints.toml").write_text("not the one that was handed out")
    (on_time / "secrets.txt").symlink_to("/etc/hostname")
    (on_time / "__pycache__").mkdir()
    (on_time / "__pycache__" / "x.pyc").write_bytes(b"0")
    hand_in(course, "misnamed", perfect, "my work.ipynb")
    other = hand_in(course, "linked", perfect)
    (other / f"{NOTEBOOK}.ipynb").unlink()
    (other / f"{NOTEBOOK}.ipynb").symlink_to(course / "submitted" / "anna" / NAME / f"{NOTEBOOK}.ipynb")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "foundations") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-02-15 00:00:00 UTC")
        gradebook.update_or_create_student(EXTENDED)
        submission = gradebook.update_or_create_submission(NAME, EXTENDED)
        submission.extension = datetime.timedelta(days=30)
        gradebook.find_grade("relu_forward_check", NOTEBOOK, NAME, EXTENDED).manual_score = 11.0
        gradebook.find_grade("relu_backward_check", NOTEBOOK, NAME, EXTENDED).extra_credit = 2.0
        gradebook.db.commit()


@pytest.fixture(scope="module")
def both(generated, tmp_path_factory, perfect, wrong, release):
    """The same class graded by nbgrader and by us."""
    home = tmp_path_factory.mktemp("both")
    theirs, ours = home / "theirs", home / "ours"
    shutil.copytree(generated, theirs)
    fill(theirs, perfect, wrong, release)
    shutil.copytree(theirs, ours, symlinks=True)
    with contextlib.chdir(theirs):
        api(theirs).autograde(NAME, "*", force=True, create=True)
    seen = grade(ours, workers.local(2))
    return theirs, ours, seen


@pytest.mark.parametrize(
    "table", ["course", "student", "submitted_assignment", "submitted_notebook", "grade", "comment"]
)
def test_the_gradebooks_rows_are_the_same(both, table):
    theirs, ours, _ = both

    assert rows(ours)[table] == rows(theirs)[table]
    assert rows(ours)[table]


def test_the_autograded_files_are_the_same_to_the_byte(both):
    theirs, ours, _ = both
    expected, found = files(theirs), files(ours)

    assert sorted(found) == sorted(expected)
    for name in expected:
        assert found[name] == expected[name], name
    assert f"on_time/{NAME}/secrets.txt.was_a_link.txt" in found


def test_every_submission_was_graded_and_none_is_our_fault(both):
    _, ours, seen = both

    assert set(seen.states.values()) == {"graded"}
    assert len(seen.states) == len(list((ours / "submitted").iterdir()))


def test_late_work_is_penalised_and_an_extension_is_honoured(both):
    _, ours, _ = both
    penalties = {student: penalty for _, student, _, penalty in rows(ours)["submitted_notebook"]}

    assert penalties[LATE] == scores(ours)[LATE] > 0
    assert penalties[EXTENDED] is None
    assert penalties["on_time"] is None


def test_marks_that_a_person_gave_stay_and_ask_for_another_look(both):
    _, ours, _ = both
    mine = [row for row in rows(ours)["grade"] if row[1] == EXTENDED]

    assert ("relu_forward_check", 11.0, True) in [(row[2], row[5], bool(row[7])) for row in mine]


def test_graded_again_with_force_nothing_is_doubled(both):
    _, ours, _ = both
    before, kept = rows(ours), files(ours)

    seen = grade(ours, workers.local(2), force=True)

    assert set(seen.states.values()) == {"graded"}
    assert rows(ours) == before
    assert files(ours) == kept
