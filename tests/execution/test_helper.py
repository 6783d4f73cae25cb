"""Processes of one machine share a zygote: each gets a copy of it, which lives as long as its user."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from autograder.execution import Step, close, run, runner, warm
from autograder.execution.helper import Helper

DOUBLE = [
    Step("student", "double", "def double(x): return 2 * x", 3),
    Step("check", "c", "assert double(4) == 8", 5),
]
LINUX = pytest.mark.skipif(not hasattr(socket, "SOCK_SEQPACKET"), reason="no sockets to ask for copies")


@pytest.fixture
def mother():
    helper = Helper.started()
    yield helper
    helper.close()


@pytest.fixture
def newcomer(monkeypatch):
    """This process as though it had no zygote yet."""
    kept = runner._zygote
    monkeypatch.setattr(runner, "_zygote", None)
    monkeypatch.setattr(runner, "_door", None)
    yield
    close()
    runner._zygote = kept


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def soon(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@LINUX
def test_a_copy_serves_whoever_asked_and_ends_with_him(mother, newcomer):
    warm(door=mother.door)

    assert run(DOUBLE, ["double"]).verdict == "passed"
    assert runner._zygote.process is None and runner._zygote.alive()
    assert len(children(mother.process.pid)) == 1
    close()
    assert soon(lambda: not children(mother.process.pid))
    assert mother.alive()


@LINUX
def test_a_copy_that_is_lost_is_replaced_by_another(mother, newcomer):
    warm(door=mother.door)
    assert runner._zygote.unavailable is None
    (first,) = children(mother.process.pid)
    os.kill(int(first), signal.SIGKILL)
    assert soon(lambda: not runner._zygote.alive())

    assert run(DOUBLE, ["double"]).verdict == "passed"
    assert children(mother.process.pid) not in ([], [first])


@LINUX
def test_copies_end_with_the_first_one_and_then_everybody_starts_his_own(mother, newcomer):
    warm(door=mother.door)
    assert run(DOUBLE, ["double"]).verdict == "passed"
    mother.process.kill()
    mother.process.wait()
    assert soon(lambda: not runner._zygote.alive())

    assert run(DOUBLE, ["double"]).verdict == "passed"
    assert runner._zygote.process is not None


def test_a_zygote_that_is_left_before_it_is_ready_ends_without_a_word(capfd):
    helper = Helper.started()
    helper.channel.close()
    helper.process.wait(60)
    helper.close()

    assert helper.process.returncode == 0
    assert capfd.readouterr().err == ""
