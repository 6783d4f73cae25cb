"""Runs follow one another and run beside one another; they leave nothing behind, and our faults stay ours."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import numpy
import pytest

from autograder.execution import Limits, RunResult, SandboxUnavailable, Step, close, run, runner

ROOT = Path(__file__).resolve().parents[2]
DOUBLE = [
    Step("student", "double", "def double(x): return 2 * x", 3),
    Step("check", "c", "assert double(4) == 8", 5),
]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A temporary folder of this test's own, in which scratch folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def below(pid):
    """The processes below one, nearest first."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [*map(int, children), *(far for child in children for far in below(child))]


def checkers():
    """The checker processes, each with its nursery, which is its first child."""
    found = {}
    for pid in map(
        int,
        Path(f"/proc/{runner._zygote.process.pid}/task/{runner._zygote.process.pid}/children")
        .read_text()
        .split(),
    ):
        found[pid] = next(iter(below(pid)), None)
    return found


def student_processes():
    """Processes below the zygote that are neither checkers nor nurseries."""
    known = checkers()
    return [
        pid for pid in below(runner._zygote.process.pid) if pid not in known and pid not in known.values()
    ]


def gone_soon():
    """Whether no student process is left, after the last had a moment to end."""
    deadline = time.monotonic() + 5
    while student_processes() and time.monotonic() < deadline:
        time.sleep(0.02)
    return student_processes() == []


def test_a_run_echoes_index_name_and_kind():
    result = run(DOUBLE, ["double"])

    assert isinstance(result, RunResult) and result.verdict == "passed"
    assert [(step.index, step.name, step.kind) for step in result.steps] == [
        (3, "double", "student"),
        (5, "c", "check"),
    ]


def test_names_may_be_given_by_exercise():
    assert run(DOUBLE, {"double": ["double"], "other": []}).verdict == "passed"


def test_files_of_the_submission_lie_where_its_cells_run():
    steps = [Step("student", "", "import helper\nprint(helper.x, open('data/a.txt').read())", 0)]

    result = run(steps, [], files={"helper.py": b"x = 3", "data/a.txt": b"text", "numpy.py": b"boom"})

    assert result.steps[0].outputs[0]["text"] == "3 text\n"


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "", "a/../../b"])
def test_a_file_that_points_outside_is_refused(name):
    with pytest.raises(ValueError, match="not a name inside"):
        run(DOUBLE, ["double"], files={name: b""})


def test_nothing_is_left_behind(temporary):
    steps = [
        Step(
            "student", "", "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').write('x')\nos.chmod('a', 0)", 0
        ),
        Step(
            "student",
            "",
            "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
            1,
        ),
        Step(
            "student",
            "",
            "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass",
            2,
        ),
    ]

    run(steps, [])

    assert list(temporary.iterdir()) == []
    assert gone_soon()


def test_a_very_deep_folder_is_removed_too(temporary):
    run(
        [Step("student", "", "import os\nfor _ in range(1500):\n    os.mkdir('deep'); os.chdir('deep')", 0)],
        [],
    )

    assert list(temporary.iterdir()) == []


def test_runs_beside_one_another_do_not_mix():
    results = {}

    def one(number):
        steps = [
            Step("student", "", f"import time\nx = {number}\ntime.sleep(0.2)", 0),
            Step("check", "", f"assert x == {number}", 1),
        ]
        results[number] = run(steps, ["x"]).verdict

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == dict.fromkeys(range(6), "passed")


def test_a_lost_zygote_is_replaced():
    run(DOUBLE, ["double"])
    os.kill(runner._zygote.process.pid, signal.SIGKILL)
    runner._zygote.process.wait()

    assert run(DOUBLE, ["double"]).verdict == "passed"


def test_a_lost_checker_process_is_our_fault_and_the_run_is_repeated():
    killed = []

    def kill_once():
        time.sleep(0.6)
        for pid in (
            Path(f"/proc/{runner._zygote.process.pid}/task/{runner._zygote.process.pid}/children")
            .read_text()
            .split()
        ):
            killed.append(int(pid))
            os.kill(int(pid), signal.SIGKILL)

    thread = threading.Thread(target=kill_once)
    thread.start()
    result = run([Step("student", "", "import time\ntime.sleep(1.2)\nprint('whole')", 0)], [])
    thread.join()

    assert killed and result.verdict == "passed"
    assert "after a fault of ours" in result.messages[0]
    assert result.steps[0].outputs[0]["text"] == "whole\n"
    assert gone_soon()


def test_a_checker_that_never_answers_is_killed_and_is_our_fault(monkeypatch):
    monkeypatch.setattr(runner, "GRACE_SECONDS", 2.0)  # a check that outwits its own alarm
    stuck = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    steps = [Step("check", "stuck", stuck, 0)]

    result = run(steps, [], limits=Limits(cell_seconds=0.5, total_seconds=0.5))

    assert result.verdict == "our fault" and result.steps[0].verdict == "our fault"
    assert len(result.messages) == 2 and "ended before it had answered" in result.messages[0]
    assert gone_soon()


def test_an_unavailable_sandbox_is_refused_unless_told_otherwise(monkeypatch):
    run(DOUBLE, ["double"])
    monkeypatch.setattr(
        runner._zygote, "unavailable", "This kernel does not offer Landlock. Pass --unsandboxed."
    )

    with pytest.raises(SandboxUnavailable, match="--unsandboxed"):
        run(DOUBLE, ["double"])
    assert run(DOUBLE, ["double"], sandbox=False).verdict == "passed"


def test_it_runs_from_a_process_with_threads_and_a_running_event_loop():
    script = """
    import asyncio, threading, time
    threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
    from autograder.execution import run, Step
    async def main():
        loop = asyncio.get_running_loop()
        steps = [Step("student", "", "x = 1", 0), Step("check", "", "assert x == 1", 1)]
        results = await asyncio.gather(*(loop.run_in_executor(None, run, steps, ["x"]) for _ in range(3)))
        print([result.verdict for result in results], run(steps, ["x"]).verdict)
    asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, cwd=ROOT, timeout=60
    )

    assert done.stdout.strip() == "['passed', 'passed', 'passed'] passed", done.stderr


def test_the_zygote_ends_with_its_caller_even_when_that_is_killed(temporary):
    script = """
    import os, signal
    from autograder.execution import run, runner, Step
    import threading
    steps = [Step("student", "", "while True: pass", 0)]
    threading.Thread(target=run, args=(steps, [])).start()
    import time
    while not (runner._zygote and os.listdir(os.environ["TMPDIR"])): time.sleep(0.1)
    time.sleep(1)
    print(runner._zygote.process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    zygote = int(done.stdout)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{zygote}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not Path(f"/proc/{zygote}").exists()
    assert list(temporary.iterdir()) == []


def test_closing_ends_the_zygote_and_the_next_run_starts_another():
    run(DOUBLE, ["double"])
    pid = runner._zygote.process.pid

    close()

    assert not Path(f"/proc/{pid}").exists()
    assert run(DOUBLE, ["double"]).verdict == "passed"


SYSTEM_PYTHON = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/bin")


@pytest.mark.skipif(os.geteuid() != 0, reason="all tests run as an ordinary user then")
@pytest.mark.skipif(
    not SYSTEM_PYTHON or not shutil.which("setpriv"), reason="needs an interpreter for everyone"
)
def test_it_works_as_an_ordinary_user(tmp_path):
    script = """
    import os
    from autograder.execution import run, Step
    student = "def f(): return 3\\nimport os\\ntry: os.fork()\\nexcept OSError: print(os.getuid())"
    result = run([Step("student", "", student, 0), Step("check", "", "assert f() == 3", 1)], ["f"])
    print(result.verdict, result.steps[0].outputs[0]["text"])
    """
    packages = Path(numpy.__file__).parents[1]
    environment = {
        "PYTHONPATH": f"{ROOT}:{packages}",
        "HOME": "/nowhere",
        "MPLCONFIGDIR": "/tmp/nobody-matplotlib",
    }
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", SYSTEM_PYTHON, "-B", "-c", textwrap.dedent(script)],
        capture_output=True, text=True, cwd="/", timeout=60, env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip

    assert done.stdout.split() == ["passed", "65534"], done.stderr


def test_a_fork_of_the_caller_starts_a_zygote_of_its_own():
    run(DOUBLE, ["double"])
    mine = runner._zygote.process.pid
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        found = pool.map(_grade_and_tell, range(4))

    assert all(verdict == "passed" and pid != mine for verdict, pid in found)
    assert runner._zygote.alive() and runner._zygote.process.pid == mine


def _grade_and_tell(_):
    return run(DOUBLE, ["double"]).verdict, runner._zygote.process.pid
