"""A Dask cluster over TCP: a scheduler and two workers in empty folders of their own, which share nothing but the wire."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from grading import course as small
from scale.courses import NAME, Seen, grade, hand_in
from scale.gradebooks import rows, scores

from autograder.grading import workers
from autograder.grading.many import WorkersGone

pytest.importorskip("distributed")
STUDENTS = 8


class Cluster:
    """Processes of a cluster on the loopback, ended when the test is."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        scheduler = self.start(
            "scheduler", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"
        )
        self.address = self.said(scheduler, r"Scheduler at:\s+(tcp://127\.0\.0\.1:\d+)")
        self.workers = [self.add_worker(name) for name in ("one", "two")]

    def start(self, name, module, *options):
        place = self.folder / name
        place.mkdir()
        environment = {
            **{key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ},
            "HOME": str(place),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2",
        }
        with (place / "log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, "--no-dashboard", *options],
                cwd=place,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process.log = place / "log"
        self.processes.append(process)
        return process

    def add_worker(self, name):
        worker = self.start(
            name,
            "distributed.cli.dask_worker",
            self.address,
            "--nthreads",
            "1",
            "--no-nanny",
            "--host",
            "127.0.0.1",
        )
        self.said(worker, r"(Registered to)")
        return worker

    def said(self, process, pattern):
        deadline = time.monotonic() + 120
        while not (found := re.search(pattern, process.log.read_text())):
            assert process.poll() is None, process.log.read_text()
            assert time.monotonic() < deadline, process.log.read_text()
            time.sleep(0.1)
        return found[1]

    def end(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    running = Cluster(tmp_path_factory.mktemp("cluster"))
    yield running
    running.end()


def fill(course, release, seconds):
    for i in range(STUDENTS):
        notebook = small.filled(release, small.RIGHT | (small.SIGN if i % 2 else {}))
        notebook["cells"].append(small.own_cell(f"import time; time.sleep({seconds})"))
        (hand_in(course, f"student_{i}", small.to_bytes(notebook)) / "data.txt").write_text("by value")
    return {f"student_{i}": 40.0 if i % 2 else 100.0 for i in range(STUDENTS)}


def test_a_cluster_grades_as_this_machine_does(dask, course, release):
    expected = fill(course, release, seconds=0)
    with workers.cluster(dask.address) as pool:
        seen = grade(course, pool, elsewhere=True)
    there = rows(course)

    grade(course, workers.local(1), force=True)

    assert set(seen.states.values()) == {"graded"}
    assert scores(course) == expected
    assert rows(course) == there
    assert [p.name for place in ("one", "two") for p in (dask.folder / place).rglob("*.ipynb")] == []


def test_the_command_grades_on_a_cluster(dask, course, release):
    expected = fill(course, release, seconds=0)

    done = subprocess.run(
        [sys.executable, "-m", "autograder.cli", "grade", NAME, "--scheduler", dask.address],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert scores(course) == expected


def test_nobody_at_the_address_is_told():
    with (
        pytest.raises(WorkersGone, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        workers.cluster("tcp://127.0.0.1:9", wait_seconds=1),
    ):
        raise AssertionError("somebody answered")


def test_a_worker_that_is_killed_in_the_middle_loses_nothing(dask, course, release):
    expected = fill(course, release, seconds=0.5)
    victim = dask.workers[0]

    class Killer(Seen):
        def done(self, outcome):
            super().done(outcome)
            if victim.poll() is None:
                os.kill(victim.pid, signal.SIGKILL)
                victim.wait()

    with workers.cluster(dask.address) as pool:
        seen = grade(course, pool, elsewhere=True, watch=Killer())

    assert victim.returncode == -signal.SIGKILL
    assert sorted(seen.states) == sorted(expected)
    assert len(seen.outcomes) == STUDENTS
    assert set(seen.states.values()) == {"graded"}
    assert scores(course) == expected


def test_a_scheduler_that_goes_stops_the_run_and_keeps_what_was_graded(dask, course, release):
    expected = fill(course, release, seconds=0.5)
    scheduler = dask.processes[0]

    class Killer(Seen):
        def done(self, outcome):
            super().done(outcome)
            if scheduler.poll() is None:
                os.kill(scheduler.pid, signal.SIGKILL)
                scheduler.wait()

    with workers.cluster(dask.address) as pool, pytest.raises(WorkersGone):
        grade(course, pool, elsewhere=True, watch=Killer())
    half = scores(course)

    grade(course, workers.local(1))

    assert 0 < len(half) < STUDENTS
    assert set(half.items()) <= set(expected.items())
    assert scores(course) == expected
