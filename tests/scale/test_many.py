"""Grading goes through any executor, and through the loss of workers: nothing lost, nothing doubled, no zero."""

import concurrent.futures as futures
from concurrent.futures.process import BrokenProcessPool

import pytest

from autograder import records
from autograder.execution import SandboxUnavailable
from autograder.grading import many
from autograder.grading.bundle import CHECK, Bundle, Cell
from autograder.grading.many import Supervised, WorkersGone, grade_many
from autograder.grading.work import Graded, OtherEnvironment, Work

CHECKS = Cell("c", "f_check", CHECK, "code", 'check = Check("f", points=5)', points=5.0, exercise="f")
BUNDLES = {"nb": Bundle("00_a", "nb", (CHECKS,), {}).to_bytes()}


class Pool(futures.Executor):
    """Runs nothing: answers as a script says, when asked; breaks like a pool of processes, all at once."""

    def __init__(self, script, log):
        self.script, self.log, self.broken, self.open = script, log, False, []

    def submit(self, fn, work, bundles):
        if self.broken:
            raise BrokenProcessPool("broken")
        future = futures.Future()
        self.open.append(future)
        future.set_running_or_notify_cancel()
        self.log.append(work.student)
        said = self.script(work.student, self.log.count(work.student))
        if said == "die":
            self.broken = True
            for other in self.open:
                if not other.done():
                    other.set_exception(BrokenProcessPool("a process ended"))
        elif isinstance(said, BaseException):
            future.set_exception(said)
        elif said != "wait":
            future.set_result(Graded(work.student))
        return future


def grade(script, count=6, width=3, **options):
    log, started = [], []

    def start():
        started.append(1)
        return Pool(script, log)

    workers = Supervised(start, lambda: width, lambda pool: None, **options)
    works = [Work(f"s{i}", {"nb": b"{}"}) for i in range(count)]
    results = [graded for _, graded in grade_many(works, BUNDLES, workers, tick_seconds=0.01)]
    return results, log, len(started)


def graded_students(results):
    return sorted(result.student for result in results if not result.results)


def test_every_submission_is_graded_once():
    results, log, started = grade(lambda student, time: "done")

    assert graded_students(results) == [f"s{i}" for i in range(6)]
    assert sorted(log) == [f"s{i}" for i in range(6)]
    assert started == 1


def test_no_more_than_the_width_is_read_ahead():
    taken = []
    workers = Supervised(lambda: Pool(lambda *_: "done", []), lambda: 2, lambda pool: None)

    def works():
        for i in range(10):
            taken.append(i)
            yield Work(f"s{i}", {"nb": b"{}"})

    results = grade_many(works(), BUNDLES, workers)
    next(results)

    assert len(taken) <= 2


def test_work_that_was_under_way_when_a_worker_died_is_done_again():
    def script(student, time):
        return {"s0": "wait", "s2": "die"}.get(student, "done") if time == 1 else "done"

    results, _, started = grade(script)

    assert graded_students(results) == [f"s{i}" for i in range(6)]
    assert started == 2


def test_a_submission_that_ends_its_worker_twice_is_our_fault_and_no_zero_and_harms_no_other():
    results, log, _ = grade(lambda student, time: "die" if student == "s2" else "done")

    (left_open,) = [result for result in results if result.results]
    result = left_open.results["nb"]
    assert left_open.student == "s2"
    assert log.count("s2") == 2
    assert result.score is None
    assert result.verdict == records.OUR_FAULT
    assert "not your fault" in left_open.texts["nb"]
    assert graded_students(results) == ["s0", "s1", "s3", "s4", "s5"]


def test_two_deadly_submissions_are_told_apart_from_their_neighbours():
    results, _, _ = grade(lambda student, time: "die" if student in ("s1", "s4") else "done", width=6)

    assert sorted(r.student for r in results if r.results) == ["s1", "s4"]
    assert graded_students(results) == ["s0", "s2", "s3", "s5"]


def test_an_error_of_ours_is_tried_twice_and_then_told():
    results, log, _ = grade(lambda student, time: KeyError("lost") if student == "s3" else "done")

    (left_open,) = [result for result in results if result.results]
    assert log.count("s3") == 2
    assert "KeyError" in left_open.results["nb"].messages[0]


@pytest.mark.parametrize(
    "error", [SandboxUnavailable("no Landlock"), OtherEnvironment("numpy 1 instead of 2")]
)
def test_what_concerns_all_submissions_stops_at_once(error):
    with pytest.raises(type(error)):
        grade(lambda student, time: error)


def test_workers_that_cannot_be_reached_stop_the_run():
    with pytest.raises(WorkersGone):
        grade(lambda student, time: futures.CancelledError(), gone=(futures.CancelledError,))


def test_workers_that_never_live_stop_the_run():
    def start():
        pool = Pool(lambda *_: "done", [])
        pool.broken = True
        return pool

    workers = Supervised(start, lambda: 2, lambda pool: None)

    with pytest.raises(WorkersGone, match="as soon as they are started"):
        list(grade_many([Work("a", {"nb": b"{}"})], BUNDLES, workers))
    assert many.MOST_RESTARTS < 10


def test_an_error_that_a_cluster_calls_decisive_is_not_tried_again():
    class Killed(Exception):
        pass

    results, log, _ = grade(lambda student, time: Killed() if student == "s1" else "done", decisive=(Killed,))

    assert log.count("s1") == 1
    assert [r.student for r in results if r.results] == ["s1"]
