"""What the student's code can do to the machine: compute, and write into its own folder."""

import threading
from pathlib import Path

import pytest

from autograder.execution import Limits, Step, run
from autograder.execution import sandbox as rooms

PROBE = """
def probe(action):
    try:
        return "did " + repr(action())[:200]
    except BaseException as error:
        return type(error).__name__
import os, socket, subprocess, ctypes, tempfile, sys
"""


@pytest.fixture
def attempt(submission):
    """What the student process says of an expression it tries to evaluate."""

    def attempt_one(expression, **options):
        result = submission(("student", PROBE + f"print(probe(lambda: {expression}))"), **options)
        return "".join(output.get("text", "") for output in result.steps[0].outputs)

    return attempt_one


FORBIDDEN = {
    "read a course file": "open({secret!r}).read()",
    "list the course": "os.listdir({folder!r})",
    "write beside the course": "open({folder!r} + '/new', 'w')",
    "write in the temporary folder": "open('/tmp/autograder-written', 'w')",
    "read the passwords": "open('/etc/passwd').read()",
    "read home": "os.listdir('/root')",
    "read the parent's memory": "open(f'/proc/{{os.getppid()}}/mem', 'rb').read(1)",
    "read its own environment": "open('/proc/self/environ').read()",
    "list processes": "os.listdir('/proc')",
    "open a socket": "socket.socket()",
    "open a Unix socket": "socket.socket(socket.AF_UNIX)",
    "run a program": "subprocess.run(['/bin/true'])",
    "replace itself": "os.execv('/bin/true', ['true'])",
    "run a shell": "os.system('true') == 0 or 1 / 0",
    "fork": "os.fork()",
    "spawn": "__import__('multiprocessing').get_context('fork').Process(target=print).start()",
    "kill its parent": "os.kill(os.getppid(), 9)",
    "kill its group": "os.killpg(0, 9)",
    "signal by handle": "os.pidfd_open(os.getppid())",
    "link to a secret": "os.symlink({secret!r}, 'link')",
    "hard link to a secret": "os.link({secret!r}, 'link')",
    "make a pipe with a name": "os.mkfifo('pipe')",
    "change user": "os.setuid(1)",
    "leave its session": "os.setsid()",
    "become nicer than others": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "limit its parent": "__import__('resource').prlimit(os.getppid(), 0, (1, 1))",
    "pin its parent to a processor": "os.sched_setaffinity(os.getppid(), [0])",
    "hold files in messages": "socket.socketpair()[0].sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, bytes(4))])",
    "have the number that may send files": "os.dup2(0, 256)",
    "take up the disk at once": "os.posix_fallocate(os.open('file', os.O_CREAT | os.O_RDWR), 0, 10**7)",
    "hide a file in memory": "os.memfd_create('x')",
    "own a descriptor's signals": "__import__('fcntl').fcntl(0, __import__('fcntl').F_SETOWN, os.getppid())",
    "import from the tests": "__import__('tests.conftest')",
}


@pytest.mark.parametrize("expression", FORBIDDEN.values(), ids=FORBIDDEN)
def test_it_cannot(attempt, tmp_path, expression):
    secret = tmp_path / "gradebook.db"
    secret.write_text("secret")

    said = attempt(expression.format(secret=str(secret), folder=str(tmp_path)))

    assert said.strip() in (
        "PermissionError",
        "BlockingIOError",
        "ModuleNotFoundError",
        "OSError",
        "ZeroDivisionError",
    )
    assert list(tmp_path.iterdir()) == [secret] and secret.read_text() == "secret"


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, os.getppid(), 0, 0)",
        "syscall(56, 0x8011, 0, 0, 0, 0)",
        "unshare(0x10000000)",
        "mount(0, 0, 0, 0, 0)",
        "personality(0x40000)",
    ],
)
def test_it_cannot_call_the_kernel_by_other_ways(attempt, call):
    assert attempt(f"ctypes.CDLL(None).{call}").strip() == "did -1"


ALLOWED = {
    "write and read its folder": "open('notes.txt', 'w').write('x') + len(os.listdir('.'))",
    "remove its files": "(open('a', 'w').close(), os.remove('a'))",
    "use a temporary file": "tempfile.NamedTemporaryFile().write(b'x')",
    "start a thread": "__import__('threading').Thread(target=len, args=('',)).start()",
    "read the library": "__import__('statistics').mean([1, 2])",
    "draw text": "__import__('matplotlib.pyplot').pyplot.figure().text(0, 0, 'x').figure.canvas.draw()",
    "ask for random bytes": "os.urandom(3)",
    "await": "__import__('asyncio').run(__import__('asyncio').sleep(0.01))",
    "import our packages": "__import__('utils').__name__ + __import__('autograder').__name__",
}


@pytest.mark.parametrize("expression", ALLOWED.values(), ids=ALLOWED)
def test_it_can(attempt, expression):
    assert attempt(expression).startswith("did")


def test_the_environment_holds_nothing_of_ours(attempt, monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "swordfish")

    assert "swordfish" not in attempt("dict(os.environ)")


def test_no_descriptor_is_left_open_but_its_own_channel(attempt):
    said = attempt("[i for i in range(200) if 'did' in probe(lambda: os.fstat(i))]")

    assert len(eval(said.removeprefix("did"))) == 4  # three are /dev/null


def test_threads_are_counted(submission):
    source = """
    import threading, time
    started = 0
    try:
        while started < 500:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            started += 1
    except RuntimeError: pass
    print(started)
    """
    result = submission(("student", source), limits=Limits(cell_seconds=5, total_seconds=20, processes=20))

    assert 10 < int(result.steps[0].outputs[0]["text"]) < 20


def test_a_submission_cannot_see_the_one_beside_it(submission):
    marker = threading.Event()
    folders = []

    def neighbour():
        step = Step(
            "student",
            "",
            "import os, time\nopen('mine', 'w').write('x')\nprint(os.getcwd())\ntime.sleep(1.5)\nprint(sorted(os.listdir('.')))",
            0,
        )
        result = run([step], [])
        folders.append(result.steps[0].outputs[0]["text"])
        marker.set()

    thread = threading.Thread(target=neighbour)
    thread.start()
    source = """
    import glob, os, time
    time.sleep(0.5)
    print(glob.glob('/tmp/*'), os.path.basename(os.getcwd()))
    """
    result = submission(("student", source))
    thread.join()

    assert result.steps[0].outputs[0]["text"].startswith("[] ")
    assert folders[0].endswith("['mine']\n")


def test_without_the_sandbox_the_two_processes_remain(submission, tmp_path):
    (tmp_path / "open").write_text("text")
    result = submission(
        ("student", f"import os\ndef f(): return open({str(tmp_path / 'open')!r}).read(), os.getpid()"),
        ("check", "import os\ntext, pid = f()\nassert text == 'text' and pid != os.getpid()"),
        names=["f"],
        sandbox=False,
    )

    assert result.verdict == "passed", result.steps[-1].error


def test_the_sandbox_is_available_here():
    assert rooms.unavailable() is None


def test_the_readable_paths_hold_no_course(tmp_path):
    paths = rooms.readable_paths()
    root = str(Path(__file__).resolve().parents[2])

    assert not any(root.startswith(path.rstrip("/") + "/") or root == path for path in paths)
    assert paths
