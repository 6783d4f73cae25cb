"""Only what changed is graded again; what cannot be graded is told and stops nobody."""

import json
import os
import shutil
from pathlib import Path

import pytest
from grading import course as small
from nbgrader.api import Gradebook
from scale.courses import NAME, NOTEBOOK, Here, grade, hand_in, here
from scale.gradebooks import rows, scores

from autograder.grading import coordinator, environment, handed_in, work, workers


@pytest.fixture
def graded(course, perfect, wrong):
    """A course whose two students were graded."""
    hand_in(course, "anna", perfect)
    hand_in(course, "ben", wrong)
    assert set(grade(course, here()).states.values()) == {"graded"}
    return course


def test_what_did_not_change_is_not_graded_again_and_keeps_its_score(graded):
    before = rows(graded)

    seen = grade(graded, here())

    assert seen.states == {"anna": "unchanged", "ben": "unchanged"}
    assert {outcome.student: outcome.score for outcome in seen.outcomes} == scores(graded)
    assert rows(graded) == before


def test_the_clock_decides_nothing(graded, perfect):
    path = graded / "submitted" / "anna" / NAME / f"{NOTEBOOK}.ipynb"
    os.utime(path, (4e9, 4e9))
    (graded / "submitted" / "ben" / NAME / f"{NOTEBOOK}.ipynb").write_bytes(perfect)
    os.utime(graded / "submitted" / "ben" / NAME / f"{NOTEBOOK}.ipynb", (1, 1))

    seen = grade(graded, here())

    assert seen.states == {"anna": "unchanged", "ben": "graded"}
    assert scores(graded)["ben"] == 100


def change_file(course, monkeypatch):
    (course / "submitted" / "anna" / NAME / "data.csv").write_text("1")


def change_time(course, monkeypatch):
    (course / "submitted" / "anna" / NAME / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC")


def lose_notebook(course, monkeypatch):
    shutil.rmtree(course / "autograded" / "anna")


def change_notebook(course, monkeypatch):
    path = course / "autograded" / "anna" / NAME / f"{NOTEBOOK}.ipynb"
    path.chmod(0o600)
    path.write_text("{}")


def lose_marks(course, monkeypatch):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.remove_submission(NAME, "anna")


@pytest.mark.parametrize("change", [change_file, change_time, lose_notebook, change_notebook, lose_marks])
def test_whatever_changed_for_a_student_is_graded_again(graded, monkeypatch, change):
    change(graded, monkeypatch)

    seen = grade(graded, here())

    assert seen.states == {"anna": "graded", "ben": "unchanged"}


def change_versions(course, monkeypatch):
    monkeypatch.setattr(coordinator, "environment", lambda: {**environment.environment(), "numpy": "0.1"})


def change_limits(course, monkeypatch):
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.GradeSubmission.cell_seconds = 7\n")


def change_checks(course, monkeypatch):
    path = course / "source" / NAME / f"{NOTEBOOK}.ipynb"
    notebook = json.loads(path.read_text())
    small.find(notebook, "relu_forward")["source"] += ["\n# another reference"]
    path.write_text(json.dumps(notebook))


@pytest.mark.parametrize("change", [change_versions, change_limits, change_checks])
def test_whatever_changed_for_all_is_graded_again_for_all(graded, monkeypatch, change):
    change(graded, monkeypatch)

    assert set(grade(graded, here()).states.values()) == {"graded"}


def test_named_students_alone_are_graded_and_patterns_name_several(graded):
    assert grade(graded, here(), students=["b*"], force=True).states == {"ben": "graded"}
    assert set(grade(graded, here(), students=["anna", "ben"]).states) == {"anna", "ben"}


def test_what_cannot_be_graded_is_told_and_stops_nobody(graded, perfect):
    hand_in(graded, "carl", b"text", "letter.txt")
    (graded / "submitted" / "dora").mkdir()
    (graded / "submitted" / "dora" / NAME).symlink_to(graded / "submitted" / "anna" / NAME)
    for name in ("one.ipynb", "two.ipynb"):
        hand_in(graded, "eva", perfect, name)
    hand_in(graded, "fritz", perfect)

    seen = grade(graded, here())

    assert {s: state for s, state in seen.states.items() if state != "unchanged"} == {
        "carl": "not graded",
        "dora": "not graded",
        "eva": "not graded",
        "fritz": "graded",
    }
    told = {outcome.student: " ".join(outcome.messages) for outcome in seen.outcomes}
    assert "no notebook" in told["carl"]
    assert "links are not followed" in told["dora"]
    assert f"{NOTEBOOK}.ipynb" in told["eva"]


def test_whoever_handed_in_what_is_no_notebook_is_told_by_name(graded):
    hand_in(graded, "carl", b"{ no notebook")

    told = {outcome.student: " ".join(outcome.messages) for outcome in grade(graded, here()).outcomes}

    assert "could not be read" in told["carl"]
    assert told["anna"] == ""


@pytest.fixture
def close(monkeypatch):
    """Take the right to read a path away, from root as well."""

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    def call(closed):
        read, walk, iterdir, access = handed_in.read_regular, os.walk, Path.iterdir, os.access

        def walked(top, onerror=None, **options):
            if closed.parent == Path(top) and closed.is_dir() and onerror:
                onerror(PermissionError(13, "Permission denied", str(closed)))
            return walk(top, onerror=onerror, **options)

        monkeypatch.setattr(
            handed_in,
            "read_regular",
            lambda path, *most: refuse(path) if path == closed else read(path, *most),
        )
        monkeypatch.setattr(os, "walk", walked)
        monkeypatch.setattr(Path, "iterdir", lambda path: refuse(path) if path == closed else iterdir(path))
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed and access(path, mode))

    return call


@pytest.mark.parametrize("what", [f"{NAME}/notes.txt", f"{NAME}/{NOTEBOOK}.ipynb", f"{NAME}/data", NAME])
def test_what_may_not_be_read_leaves_one_submission_ungraded_and_says_what_helps(
    graded, perfect, close, what
):
    folder = hand_in(graded, "carl", perfect)
    (folder / "notes.txt").write_text("mine")
    (folder / "data").mkdir()
    closed = graded / "submitted" / "carl" / what
    close(closed)

    seen = grade(graded, here(), force=True)

    assert seen.states == {"anna": "graded", "ben": "graded", "carl": "not graded"}
    (told,) = next(outcome.messages for outcome in seen.outcomes if outcome.student == "carl")
    assert f"{closed} cannot be read (Permission denied)" in told
    assert "the right to read" in told


def test_a_student_whose_folder_may_not_be_entered_is_not_passed_over(graded, monkeypatch):
    hidden = graded / "submitted" / "carl"
    hidden.mkdir()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != hidden and access(path, mode))

    assert grade(graded, here()).states["carl"] == "not graded"


@pytest.mark.parametrize("stamp", ["soon", "2026-01-30 15:00:00 UTC" + "#" * 5000, "9" * 5000])
def test_a_time_that_cannot_be_read_is_told_and_the_work_is_graded(graded, stamp):
    (graded / "submitted" / "anna" / NAME / "timestamp.txt").write_text(stamp)

    seen = grade(graded, here(), students=["anna"])

    assert seen.states == {"anna": "graded"}
    assert stamp[:20] in seen.outcomes[0].messages[0]
    assert len(seen.outcomes[0].messages[0]) < 1000


def test_what_follows_a_time_at_great_length_is_cut_off(graded):
    (graded / "submitted" / "anna" / NAME / "timestamp.txt").write_text(
        "2026-01-30 15:00:00 UTC" + " " * 5000
    )

    seen = grade(graded, here(), students=["anna"])

    assert seen.outcomes[0].messages == ()
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        assert str(gradebook.find_submission(NAME, "anna").timestamp) == "2026-01-30 15:00:00"


def test_what_is_our_fault_has_no_score_asks_for_a_person_and_is_tried_again_next_time(graded, monkeypatch):
    def fail(task):
        if task.student == "anna":
            raise MemoryError("not the student's")

    seen = grade(graded, here(Here(fail)), force=True)

    assert seen.states == {"anna": "our fault", "ben": "graded"}
    mine = [row for row in rows(graded)["grade"] if row[1] == "anna"]
    assert {row[4] for row in mine} == {None}
    assert all(row[7] for row in mine)
    assert grade(graded, here()).states == {"anna": "graded", "ben": "unchanged"}
    assert scores(graded)["anna"] == 100


def test_a_worker_with_other_versions_grades_nothing(graded, monkeypatch):
    monkeypatch.setattr(work, "environment", lambda: {"python": "3.0", "numpy": "1", "autograder": "x"})

    with pytest.raises(work.OtherEnvironment, match="numpy 1 instead of"):
        grade(graded, here(), force=True, elsewhere=True)


def test_a_second_run_at_the_same_time_is_turned_away(graded):
    def meet(task):
        with pytest.raises(coordinator.journal.Busy):
            grade(graded, here(), force=True)
        met.append(task.student)

    met = []
    grade(graded, here(Here(meet)), force=True, students=["anna"])

    assert met == ["anna"]


def test_real_processes_grade_the_same(graded):
    before = rows(graded)

    seen = grade(graded, workers.local(2), force=True)

    assert set(seen.states.values()) == {"graded"}
    assert rows(graded) == before
