"""Checks may ask the student process itself, as long as another like it can be made; nobody can tell."""

import pytest

from autograder.execution import Limits

SETUP = ("given", "import os\nimport numpy as np\nrng = np.random.default_rng(0)\nfirst = rng.random()")
COUNTS = ("student", "calls = []\ndef count():\n    calls.append(1)\n    return len(calls)")


def verdicts(result):
    return [step.verdict for step in result.steps]


def text_of(step):
    return "".join(output["text"] for output in step.outputs if output["output_type"] == "stream")


@pytest.mark.parametrize(
    "between",
    [
        ("student", "twice = 2 * len(calls)"),  # may do anything: tried in a copy
        ("student", "seen = calls"),  # a definition, of something that came before
        ("given", "known = 2 * first"),
    ],
)
def test_no_cell_sees_what_a_check_did(submission, between):
    result = submission(
        SETUP,
        COUNTS,
        ("check", "assert count() == 1\nassert count() == 2"),
        between,
        ("student", "print(len(calls), rng.random() == np.random.default_rng(0).random(2)[1])"),
        names=["count", "calls"],
    )

    assert verdicts(result) == ["passed"] * 5
    assert text_of(result.steps[-1]) == "0 True\n"


def test_checks_know_every_cell_before_them(submission):
    result = submission(
        SETUP,
        COUNTS,
        ("check", "assert count() == 1"),
        ("student", "def later():\n    return count() + first"),  # only the shadow knows it for now
        ("check", "assert 2 < later() < 3"),
        ("student", "total = sum(calls) + 10"),  # now the student process must know it
        ("check", "assert 1 < later() < 2\nassert total == 10"),
        names=["count", "later", "total", "calls"],
    )

    assert verdicts(result) == ["passed"] * 7


def test_a_check_that_kills_the_student_process_costs_itself_alone(submission):
    result = submission(
        SETUP,
        ("student", "def leave():\n    os._exit(0)\ndef stay():\n    return first"),
        *[("check", "leave()"), ("check", "assert stay() < 1")] * 40,  # each needs a process of its own
        names=["leave", "stay"],
    )

    assert verdicts(result)[2::2] == ["crashed"] * 40
    assert verdicts(result)[3::2] == ["passed"] * 40


def test_cells_that_took_long_are_not_run_again(submission):
    result = submission(
        ("given", "import time\nstarted = time.time()\ntime.sleep(0.2)"),
        ("student", "def begun():\n    return started"),
        ("check", "print(begun())"),
        ("student", "again = 1 + 1\nprint(begun())"),
        ("check", "print(begun())"),
        names=["begun", "again"],
    )

    assert verdicts(result) == ["passed"] * 5
    assert len({text_of(result.steps[i]) for i in (2, 3, 4)}) == 1


def test_a_given_cell_that_ends_the_process_leaves_only_what_checks_have(submission):
    result = submission(
        SETUP,
        ("student", "class rng:\n    def random():\n        os._exit(1)\ndef fine():\n    return 1"),
        ("check", "assert fine() == 1"),
        ("given", "second = rng.random()"),
        ("check", "fine()"),
        ("student", "print(1)"),
        names=["fine"],
        limits=Limits(cell_seconds=2.0, total_seconds=20.0),
    )

    assert verdicts(result) == ["passed", "passed", "passed", "crashed", "passed", "crashed"]
