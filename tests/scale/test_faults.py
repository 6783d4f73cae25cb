"""Machines fail while a class is graded: nothing is lost, no mark is wrong, and somebody is told in words."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grading import course as small
from scale.courses import NAME, Here, Seen, grade, hand_in, here
from scale.gradebooks import rows, scores

from autograder.grading import journal, shelf, workers
from autograder.grading.disk import CannotWrite
from autograder.grading.rows import GradebookError, Rows

MANY = 6
SIGN_SCORE = 40.0  # what relu_backward with the wrong sign leaves


def fill(course, release, seconds=0.0):
    """A class whose students earn different points, so that a mark in the wrong place shows."""
    for i in range(MANY):
        answers = small.RIGHT | (small.SIGN if i % 2 else {})
        notebook = small.filled(release, answers)
        notebook["cells"].append(small.own_cell(f"import time; time.sleep({seconds})"))
        hand_in(course, f"student_{i}", small.to_bytes(notebook))
    return {f"student_{i}": SIGN_SCORE if i % 2 else 100.0 for i in range(MANY)}


def children(pid: int) -> list[int]:
    """Processes that were started by `pid`."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def alive_below(folder: Path) -> list[str]:
    """Commands of processes that still work in or for `folder`, but for those that Python keeps for this very process."""
    found = []
    kept = {str(pid) for pid in children(os.getpid())}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.name not in kept and (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_a_worker_that_is_killed_loses_nothing(course, release):
    expected = fill(course, release, seconds=0.3)
    pool = workers.local(2)
    started = []

    def start():
        started.append(original())
        return started[-1]

    original, killed = pool.start, []
    pool.start = start

    class Killer(Seen):
        def tick(self):
            processes = list((started[0]._processes or {}).values())
            if not killed and len(processes) == 2:
                killed.append(processes[0].pid)
                os.kill(processes[0].pid, signal.SIGKILL)

    seen = grade(course, pool, watch=Killer())

    assert killed
    assert len(started) == 2
    assert set(seen.states.values()) == {"graded"}
    assert scores(course) == expected


def run(course, *options):
    environment = {**os.environ, "COLUMNS": "100"}
    command = [sys.executable, "-m", "autograder.cli", "grade", NAME, *options]
    return subprocess.Popen(
        command, cwd=course, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_for_first(course, process):
    deadline = time.monotonic() + 120
    while not list(course.glob(f"autograded/*/{NAME}/*.ipynb")):
        assert time.monotonic() < deadline, process.stdout.read()
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_coordinator_that_is_stopped_or_killed_goes_on_where_it_was(course, release, how):
    expected = fill(course, release, seconds=1.0)
    process = run(course, "--workers", "1")
    wait_for_first(course, process)
    its = children(process.pid)
    process.send_signal(how)
    said, _ = process.communicate(timeout=60)
    half = scores(course)

    seen = grade(course, workers.local(2))

    assert its
    assert 0 < len(half) < MANY
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Run again to go on" in said
    assert scores(course) == expected
    assert list(seen.states.values()).count("unchanged") in (len(half), len(half) - 1)
    assert len(rows(course)["grade"]) == len(set(rows(course)["grade"])) == 3 * MANY
    assert not list(course.glob(f"autograded/*/.*{shelf.MARK}"))
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in its) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in its if Path(f"/proc/{pid}").exists()]
    assert not alive_below(course)


def full(name):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)

    return fail


@pytest.mark.parametrize(
    ("target", "method"),
    [(shelf.Shelf, "begin"), (shelf.Shelf, "fill"), (shelf.Shelf, "publish"), (journal.Journal, "add")],
)
def test_a_full_disk_is_told_and_the_next_run_mends_all(course, release, monkeypatch, target, method):
    expected = fill(course, release)
    with monkeypatch.context() as broken:
        broken.setattr(target, method, full(method))

        with pytest.raises(CannotWrite, match="Make room on the disk") as told:
            grade(course, here())

    assert method in str(told.value)
    assert set(scores(course).items()) <= set(expected.items())
    assert set(grade(course, here()).states.values()) == {"graded"}
    assert scores(course) == expected
    assert len(rows(course)["grade"]) == 3 * MANY


def test_a_folder_that_may_not_be_written_is_told(course, release, monkeypatch):
    fill(course, release)
    real = Path.mkdir

    def mkdir(self, *args, **kwargs):
        if self.is_relative_to(course):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))
        real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)

    with pytest.raises(CannotWrite, match="Give yourself the right"):
        grade(course, here())
    assert scores(course) == {}


def set_url(course, suffix):
    config = course / "nbgrader_config.py"
    url = f"sqlite:///{course / 'gradebook.db'}{suffix}"
    config.write_text(config.read_text() + f"\nc.CourseDirectory.db_url = {url!r}\n")


def test_a_gradebook_that_is_locked_for_a_while_is_waited_for(course, release):
    expected = fill(course, release)
    set_url(course, "?timeout=0.1")
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None, check_same_thread=False)

    class Unlocker(Seen):
        def waiting(self, why):
            super().waiting(why)
            if len(self.waits) == 2:
                other.execute("ROLLBACK")

    def lock(work):
        if not locked:
            locked.append(work.student)
            other.execute("BEGIN IMMEDIATE")

    locked = []
    seen = grade(course, here(Here(lock)), watch=Unlocker())
    other.close()

    assert len(seen.waits) >= 2
    assert "locked" in seen.waits[0]
    assert scores(course) == expected


def test_a_gradebook_that_stays_locked_is_told_and_nothing_is_lost(course, release):
    expected = fill(course, release)
    set_url(course, "?timeout=0.1")
    other = sqlite3.connect(course / "gradebook.db", isolation_level=None)

    with pytest.raises(GradebookError, match=r"locked.*Run again"):
        grade(
            course,
            here(Here(lambda work: other.in_transaction or other.execute("BEGIN IMMEDIATE"))),
            patience=0.3,
        )
    other.close()

    assert scores(course) == {}
    assert not list(course.glob("autograded/*/*/*.ipynb"))
    grade(course, here())
    assert scores(course) == expected


def test_a_gradebook_that_may_not_be_written_is_told_at_once(course, release):
    fill(course, release)
    set_url(course, "")
    text = (course / "nbgrader_config.py").read_text()
    path = course / "gradebook.db"
    (course / "nbgrader_config.py").write_text(
        text.replace(f"sqlite:///{path}", f"sqlite:///file:{path}?mode=ro&uri=true")
    )
    # nbgrader notes its default course when it is there for the first time
    with sqlite3.connect(path) as database:
        assert ("default_course",) in database.execute("SELECT id FROM course").fetchall()
    start = time.monotonic()

    with pytest.raises(GradebookError, match="Give yourself the right to write the gradebook"):
        grade(course, here())

    assert time.monotonic() - start < 60
    assert scores(course) == {}


def test_a_gradebook_without_the_assignment_says_what_to_run(course, tmp_path):
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text() + f"\nc.CourseDirectory.db_url = 'sqlite:///{tmp_path / 'other.db'}'\n"
    )

    with pytest.raises(GradebookError, match="nbgrader generate_assignment"):
        grade(course, here())


def test_a_gradebook_of_another_shape_is_told_at_once(course, release):
    fill(course, release)
    with sqlite3.connect(course / "gradebook.db") as database:
        database.execute("ALTER TABLE assignment RENAME COLUMN duedate TO due")

    with pytest.raises(GradebookError, match="nbgrader db upgrade"):
        grade(course, here())
    assert not list(course.glob("autograded/*/*"))


def test_a_mark_is_never_written_for_half_a_batch(course, release, monkeypatch):
    fill(course, release)
    written = []
    real = Rows._comments

    def fail(self, connection, entries, notebooks):
        real(self, connection, entries, notebooks)
        written.append(len(entries))
        raise GradebookError("cut off in the middle of a transaction")

    monkeypatch.setattr(Rows, "_comments", fail)

    with pytest.raises(GradebookError, match="cut off"):
        grade(course, here())

    assert written
    assert scores(course) == {}
