"""The command ends at once, and loses nothing of what it had to say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = """
import atexit, sys, threading, time
from autograder import cli
{before}
cli.cli = lambda standalone_mode: {command}
cli.main()
"""
FULL = Path("/dev/full")
PLAIN = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}


def run(command, before="", **options):
    """Run ``main`` with an expression in the place of the command line; stdout is a pipe, as students' tools have it."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": PLAIN, **options}
    code = COMMAND.format(before=before, command=command)
    return subprocess.run([sys.executable, "-c", code], text=True, timeout=60, check=False, **options)


@pytest.fixture
def closed_pipe():
    """The end to write to of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.mark.parametrize(("answer", "code"), [("None", 0), ("0", 0), ("3", 3), ("'text'", 0)])
def test_the_exit_code_is_what_the_command_gave(answer, code):
    assert run(answer).returncode == code


def test_all_that_was_printed_arrives_in_a_pipe():
    done = run("print('x' * 10**6) or print('end', file=sys.stderr) or 3")

    assert done.returncode == 3
    assert done.stdout == "x" * 10**6 + "\n"
    assert done.stderr == "end\n"


def test_threads_and_what_waits_for_the_end_are_not_cut_off(tmp_path):
    written = tmp_path / "written"
    before = f"""
def write(text):
    with open({str(written)!r}, "a") as file: file.write(text)
atexit.register(write, "at the end")
threading.Thread(target=lambda: (time.sleep(0.2), write("thread, "))).start()
"""

    done = run("3", before)

    assert done.returncode == 3, done.stderr
    assert written.read_text() == "thread, at the end"


@pytest.mark.parametrize(
    "before",
    [
        "atexit.register(print, 'late')",
        "threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()",
    ],
    ids=["at the end", "thread"],
)
def test_what_is_printed_last_of_all_arrives_too(before):
    assert run("print('early')", before).stdout == "early\nlate\n"


def test_a_pipe_that_nobody_reads_ends_the_command_in_one_line(closed_pipe):
    done = run("print('x') or 3", stdout=closed_pipe)

    assert "Traceback" not in done.stderr
    assert done.stderr.count("BrokenPipeError") == 1
    assert done.returncode == 120  # Python's own, when stdout cannot be flushed


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_full_disk_is_no_success():
    with FULL.open("w") as full:
        done = run("print('x')", stdout=full)

    assert "No space left" in done.stderr and "Traceback" not in done.stderr
    assert done.returncode == 120


def test_without_any_stdout_the_command_works_all_the_same():
    done = run("3", "sys.stdout.close(); sys.stdout = None")

    assert done.returncode == 3, done.stderr


def test_the_first_lines_can_be_had_alone():
    shown = subprocess.run(
        f"{sys.executable} -m autograder.cli --help | head -n 1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, timeout=60, check=False, env=PLAIN,
    )  # fmt: skip

    first, code = shown.stdout.splitlines()
    assert first.startswith("Usage: ") and code in ("0", "120")
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        ("cli.click.UsageError('no such option')", 2, "no such option"),
        ("cli.CourseError('no course here')", 2, "Error: no course here\n"),
        ("cli.click.Abort()", 130, "Stopped.\n"),
        ("KeyboardInterrupt()", 130, "Stopped.\n"),
    ],
)
def test_an_error_that_a_person_can_mend_is_a_sentence_and_a_code(error, code, told):
    done = run("fail()", f"def fail():\n    raise {error}")

    assert done.returncode == code
    assert done.stderr.endswith(told) or told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_written_is_one_sentence_that_names_it():
    done = run("open('/proc/nowhere/marks.csv', 'w')")

    assert done.returncode == 2
    assert "No such file or directory: /proc/nowhere/marks.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_ours_keeps_its_traceback():
    assert "Traceback" in run("[][0]").stderr


@pytest.mark.parametrize(
    ("made_in", "anew"),
    [("", False), ("{here}", False), ("/elsewhere/a course", True), ("{here}/below", True)],
)
def test_a_course_folder_that_was_moved_gets_an_environment_of_its_own(tmp_path, made_in, anew):
    here = tmp_path / "a course"
    (here / ".venv").mkdir(parents=True)
    root = Path(__file__).resolve().parents[1]
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        (here / name).write_bytes((root / name).read_bytes())
    (here / ".venv" / ".ready").write_text(made_in.format(here=here))

    done = subprocess.run(["make", "-n", "lint"], cwd=here, capture_output=True, text=True, check=True)

    assert ("venv --clear" in done.stdout) is anew
