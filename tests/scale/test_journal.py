"""The journal remembers what counts, and nothing that broke off."""

import multiprocessing
import time

import pytest

from autograder.grading.journal import Busy, Journal, alone, fingerprint


def entry(student, **more):
    return {"student": student, "fingerprint": "f", **more}


def test_what_was_added_is_read_again(tmp_path):
    Journal(tmp_path / "deep" / "a.journal").add([entry("anna", score=3.0), entry("ben")])

    again = Journal(tmp_path / "deep" / "a.journal")

    assert again.entries == {"anna": entry("anna", score=3.0), "ben": entry("ben")}


def test_the_last_line_of_a_student_counts(tmp_path):
    journal = Journal(tmp_path / "a.journal")
    journal.add([entry("anna", score=1)])
    journal.add([entry("anna", score=2)])

    assert Journal(journal.path).entries["anna"]["score"] == 2


@pytest.mark.parametrize("torn", [b'{"student": "ben", "finge', b"\xff\xfe\n", b"[]\n", b'{"other": 1}\n'])
def test_a_line_that_broke_off_counts_for_nothing_and_spoils_no_other(tmp_path, torn):
    path = tmp_path / "a.journal"
    Journal(path).add([entry("anna")])
    path.write_bytes(path.read_bytes() + torn)

    Journal(path).add([entry("carl")])

    assert set(Journal(path).entries) == {"anna", "carl"}


def test_a_journal_of_many_runs_is_written_anew(tmp_path):
    path = tmp_path / "a.journal"
    path.write_text('{"student": "anna", "score": 1}\n' * 500)

    Journal(path).add([entry("anna", score=2)])

    assert len(path.read_text().splitlines()) == 1
    assert Journal(path).entries["anna"]["score"] == 2


def test_two_runs_of_one_assignment_do_not_meet(tmp_path):
    path = tmp_path / "deep" / "a.lock"

    with alone(path), pytest.raises(Busy, match="running"), alone(path):
        raise AssertionError("two at once")
    with alone(path):
        pass


def hold_and_die(path, ready):
    with alone(path):
        ready.set()
        time.sleep(60)


def test_the_lock_of_a_run_that_was_killed_is_free(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold_and_die, args=(tmp_path / "a.lock", ready))
    process.start()
    assert ready.wait(60)
    with pytest.raises(Busy), alone(tmp_path / "a.lock"):
        raise AssertionError("two at once")
    process.kill()
    process.join()

    with alone(tmp_path / "a.lock"):
        assert not process.is_alive()


def test_a_fingerprint_tells_names_and_contents_apart():
    same = fingerprint({"a": b"1", "b": b"2"})

    assert fingerprint({"b": b"2", "a": b"1"}) == same
    assert len({same, fingerprint({"a": b"12", "b": b""}), fingerprint({"ab": b"12"}), fingerprint({})}) == 4
