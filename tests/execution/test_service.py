"""A checker process grades many submissions, and each finds it as the first did."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from autograder.course.paths import find_assignments
from autograder.execution import Limits, Step, close, run, runner
from autograder.grading.bundle import Bundle
from autograder.grading.grade import plan, withheld
from autograder.grading.restore import restore

ROOT = Path(__file__).resolve().parents[2]
HONEST = "def f(x): return 2 * x"


@pytest.fixture(autouse=True)
def alone():
    """No checker process waits from an earlier test."""
    close()


def submission(student=HONEST, check="assert f(4) == 8", given=""):
    steps = [Step("given", "g", given, 0)] if given else []
    return [*steps, Step("student", "f", student, 1), Step("check", "c", check, 2)]


def check_it(*parts, names=("f",), **options):
    return run(submission(*parts), list(names), **options)


def number():
    """The number of the one checker process that waits; None if none does."""
    waiting = [checker.number for checker in runner._waiting]
    assert len(waiting) < 2
    return waiting[0] if waiting else None


def process():
    """The process of the checker that waits."""
    zygote = runner._zygote.process.pid
    (pid,) = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
    return int(pid)


def printed(result):
    return "".join(output.get("text", "") for step in result.steps for output in step.outputs)


def test_one_submission_after_another_is_graded_by_the_same_process():
    assert check_it().verdict == "passed"
    first = number()
    assert check_it("def f(x): return 3 * x").verdict == "raised"
    assert check_it("def f(x): raise ValueError").verdict == "raised"
    assert check_it().verdict == "passed"
    assert first is not None and number() == first


@pytest.mark.parametrize(
    ("student", "verdict"),
    [
        ("import os\ndef f(x): os._exit(0)", "crashed"),
        ("def f(x):\n    while True: pass", "timed out"),
        ("import numpy as np\ndef f(x): return np.ones(2**33)", "out of memory"),
        ("import os\nos._exit(0)", "crashed"),
    ],
)
def test_after_anything_unusual_another_process_takes_its_place(student, verdict):
    check_it()
    first = number()
    result = check_it(student, limits=Limits(cell_seconds=2.0))

    assert verdict in {step.verdict for step in result.steps} | {
        failure for step in result.steps for failure in step.failures
    }
    assert number() is None
    assert check_it().verdict == "passed" and number() != first


def test_after_many_submissions_another_process_takes_its_place(monkeypatch):
    monkeypatch.setattr(runner, "MOST_RUNS", 3)
    numbers = []
    for _ in range(4):
        check_it()
        numbers.append(number())

    first, second, third, fourth = numbers
    assert first == second is not None and third is None and fourth not in (None, first)


def test_a_process_that_was_killed_while_it_waited_costs_nobody_anything():
    check_it()
    os.kill(process(), signal.SIGKILL)
    deadline = time.monotonic() + 5
    while not runner._waiting[0].channel.hung_up() and time.monotonic() < deadline:
        time.sleep(0.01)
    result = check_it()

    assert result.verdict == "passed" and result.messages == []


def test_names_of_one_submission_are_unknown_to_the_next():
    check_it(HONEST, "left = 5\nassert f(1) == 2", "helper = 1\nimport numpy as np")
    result = run([Step("check", "c", "print(sorted({'left', 'helper', 'np'} & set(globals())))", 0)], ["f"])

    assert number() is not None and printed(result) == "[]\n"


SPOIL = """
import os, random, sys, warnings
import numpy as np
import matplotlib.pyplot as plt
import autograder.checks, autograder.wording, autograder.hints, utils.style
np.random.seed(5); random.seed(5); np.seterr(all="raise"); np.set_printoptions(precision=1)
warnings.simplefilter("error"); os.environ["LEFT"] = "here"; sys.path.append("/left"); os.chdir("/usr")
plt.figure(); plt.gcf().left = True
autograder.wording._check_files.add("left")
autograder.hints._given["left"] = 3
autograder.checks.provide_solutions({"left": len})
autograder.checks.Check.left = 1
autograder.checks.MAX_PRINTED = 0
utils.style.left = []
autograder.knowledge.left = 2
"""
LOOK = """
import os, random, sys, warnings
import numpy as np
import matplotlib.pyplot as plt
import autograder.checks, autograder.gradient_check.reference as reference, autograder.wording, autograder.hints, utils.style
print([np.random.random(), random.random(), np.geterr()["divide"], np.get_printoptions()["precision"], os.getcwd(), plt.get_fignums(),
       len(warnings.filters), os.environ.get("LEFT"), "/left" in sys.path, "left" in autograder.wording._check_files,
       autograder.hints._given, reference._solutions, autograder.checks.MAX_PRINTED, hasattr(utils.style, "left"),
       hasattr(autograder.knowledge, "left"), hasattr(autograder.checks.Check, "left")])
"""


def test_nothing_that_a_check_leaves_behind_is_found_by_the_next_submission():
    look = [Step("check", "look", LOOK, 0)]
    fresh = printed(run(look, []))
    first = number()
    check_it(HONEST, SPOIL)
    again = printed(run(look, []))

    assert again == fresh and len(fresh) > 50
    assert number() == first, "a process that can be put back is used again"


def test_a_process_with_files_left_open_or_new_modules_of_ours_is_not_used_again():
    check_it(HONEST, "import os\nos.open('/dev/null', os.O_RDONLY)")
    assert number() is None
    check_it(HONEST, "import sys, types\nsys.modules['utils.left'] = types.ModuleType('utils.left')")
    assert number() is None


SEARCH = """
import re
mine = "publi" + "c9" * 3
def f(x):
    found = set()
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            try:
                memory.seek(start)
                part = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
        # The text looked for is nowhere in this program, not even in its patterns.
        found.update(re.findall(rb"publi[c]9c9|hidde[n]1text|answe[r]2text", part))
    return sorted(str(one) for one in found)
"""


def test_a_process_that_cannot_be_put_back_has_answered_all_the_same():
    result = check_it(HONEST, "import numpy as np\nnp.set_printoptions = None\nassert f(1) == 2")

    assert result.verdict == "passed" and result.messages == []
    assert number() is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads its memory through /proc")
def test_no_student_process_holds_anything_of_the_submissions_before():
    """Neither the text of an earlier check nor what an earlier student answered."""
    check_it(
        "def f(x): return 'answer' + '2text' * 2", "kept = 'hidden1text'; assert f(1) == 'answer2text2text'"
    )
    first = number()
    result = run(
        [Step("student", "f", SEARCH, 0), Step("check", "c", "print(f(1))", 1)], ["f"], sandbox=False
    )

    assert first is not None and first == number()
    assert printed(result) == repr(["b'publi" + "c9c9'"]) + "\n"


def test_two_at_a_time_have_a_process_each_and_both_wait_afterwards():
    slow = "import time\ndef f(x):\n    time.sleep(0.5)\n    return 2 * x"
    threads = [threading.Thread(target=check_it, args=(slow,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({checker.number for checker in runner._waiting}) == 2


@pytest.mark.parametrize("assignment", find_assignments(ROOT, ()), ids=lambda one: one.name)
def test_every_assignment_leaves_a_process_that_can_be_used_again(assignment):
    bundle = Bundle.from_source(assignment.source)
    steps = plan(restore(assignment.source.read_bytes(), bundle).notebook, bundle)
    results = [run(steps, bundle.names, files=bundle.files, withheld=withheld(bundle)) for _ in range(2)]

    assert [result.verdict for result in results] == ["passed", "passed"]
    assert number() is not None
    told = [
        [(step.record, step.outputs) for step in result.steps if step.kind == "check"] for result in results
    ]
    assert told[0] == told[1]
