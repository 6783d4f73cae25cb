"""The gradebook in a real PostgreSQL server: the same rows, several writers at once, a server that goes and comes back."""

import concurrent.futures as futures
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from grading import course as small
from scale.courses import NAME, Here, Seen, api, grade, hand_in, here
from scale.gradebooks import rows, scores

from autograder.grading.coordinator import Entry, Writer
from autograder.grading.result import ExerciseResult, Result
from autograder.grading.writer import GradebookError

psycopg = pytest.importorskip("psycopg")
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
pytestmark = pytest.mark.skipif(
    not BINARIES, reason="no PostgreSQL server here (Debian: apt-get install postgresql)"
)


class Server:
    """A server of its own in a folder, on a Unix socket there; it will not run as root."""

    def __init__(self, folder):
        self.folder = folder
        self.data, self.log = folder / "data", folder / "log"
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        self.call("initdb", "-D", self.data, "-U", "grader", "-A", "trust", "-N", "-E", "UTF8")
        self.start()

    def call(self, program, *arguments):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [BINARIES[-1] / program, *arguments],
            check=True,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
            **user,
        )

    def start(self):
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=30"
        self.call("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-o", options, "start")

    def stop(self):
        self.call("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def database(self, name):
        """A new database's address, as nbgrader's configuration writes it."""
        self.call("createdb", "-h", self.folder, "-U", "grader", name)
        return f"postgresql+psycopg://grader@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def server():
    with tempfile.TemporaryDirectory(
        prefix="postgresql-"
    ) as folder:  # pytest's own are closed to other users
        Path(folder).chmod(0o755)
        running = Server(Path(folder))
        yield running
        running.stop()


@pytest.fixture
def url(server, course, request):
    """A course whose gradebook is a new database."""
    address = server.database(f"grades_{abs(hash(request.node.name))}")
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + f"\nc.CourseDirectory.db_url = {address!r}\n")
    made = api(course)
    made.coursedir.db_url = address
    assert made.generate_assignment(NAME, force=True, create=True)["success"]
    return address


def fill(course, release, count=4):
    for i in range(count):
        answers = small.RIGHT | (small.SIGN if i % 2 else {})
        hand_in(course, f"student_{i}", small.to_bytes(small.filled(release, answers)))
    return {f"student_{i}": 40.0 if i % 2 else 100.0 for i in range(count)}


def test_the_rows_are_those_that_nbgrader_writes(url, course, release):
    expected = fill(course, release)

    grade(course, here())
    ours = rows(course, url)
    assert api(course).autograde(NAME, "*", force=True, create=True)["success"]

    assert scores(course, url) == expected
    assert rows(course, url) == ours


def entry(student, points):
    exercises = tuple(
        ExerciseResult(name, f"{name}_check", most, min(points, most), "passed")
        for name, most in (("relu_forward", 40.0), ("relu_backward", 60.0))
    )
    return Entry(student, None, {small.NOTEBOOK: Result(NAME, small.NOTEBOOK, exercises)})


def test_many_writers_at_once_lose_and_double_nothing(url, course):
    students = [f"s{i}" for i in range(12)]

    def write(number):
        writer = Writer(url, "foundations", NAME)
        try:
            for round_ in range(5):
                # All write the same students, new ones too, in orders of their own.
                batch = students[number:] + students[:number]
                writer.write([entry(student, 10.0 * number + round_) for student in batch])
        finally:
            writer.close()

    with futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    found = rows(course, url)
    assert len(found["student"]) == len(found["submitted_assignment"]) == len(students)
    assert len(found["grade"]) == len(set(found["grade"])) == 3 * len(students)
    of = {(student, cell): auto for _, student, cell, _, auto, *_ in found["grade"]}
    for student in students:  # both marks of a submission come from the same transaction
        assert of[student, "relu_forward_check"] == min(40.0, of[student, "relu_backward_check"])
        assert of[student, "relu_forward_check"] % 10 == 4.0 or of[student, "relu_forward_check"] == 40.0


def test_a_server_that_goes_and_comes_back_is_waited_for(server, url, course, release):
    expected = fill(course, release)
    stopped = []

    def stop(work):
        if not stopped:
            stopped.append(work.student)
            server.stop()

    class Starter(Seen):
        def waiting(self, why):
            super().waiting(why)
            if len(self.waits) == 2:
                server.start()

    seen = grade(course, here(Here(stop)), watch=Starter())

    assert stopped
    assert len(seen.waits) >= 2
    assert scores(course, url) == expected


def test_a_server_that_stays_away_is_told_and_nothing_is_lost(server, url, course, release):
    expected = fill(course, release)
    server.stop()
    try:
        with pytest.raises(GradebookError, match="Run again when it can be reached"):
            Writer(url, "foundations", NAME, patience=0.2)
    finally:
        server.start()

    grade(course, here())
    assert scores(course, url) == expected
