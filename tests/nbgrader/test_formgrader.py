"""The formgrader's autograde button, pressed over HTTP on a real Jupyter server."""

import contextlib
import json
import re
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from grading.course import HIDDEN, NAME, NOTEBOOK, RIGHT, SIGN, filled, released, to_bytes
from nbgrader.api import Gradebook

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(commands, course):
    """A Jupyter server in the course folder, with nothing but the formgrader."""
    commands("nbgrader", "generate_assignment", NAME)
    folder = course / "submitted" / "anna" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_bytes(to_bytes(filled(released(course), RIGHT | SIGN)))
    process = subprocess.Popen(
        [
            "jupyter-server",
            "--no-browser",
            "--allow-root",
            "--port=0",
            "--IdentityProvider.token=secret",
            "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.root_dir={course}",
            "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
        ],
        cwd=course,
        env=commands.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    said, address = [], None
    for line in process.stderr:
        said.append(line)
        found = re.search(r"http://(?:127\.0\.0\.1|localhost):\d+/", line)
        if found and any("is running at" in earlier for earlier in said):
            address = found.group()
            break
    drain = threading.Thread(target=process.stderr.read, daemon=True)
    drain.start()
    assert address, "".join(said)
    wait_for(address)
    yield address
    process.terminate()
    process.wait(30)
    drain.join(10)
    process.stderr.close()


def wait_for(address: str) -> None:
    """Jupyter says its address before it listens there."""
    host, port = re.search(r"//([^:]+):(\d+)", address).groups()
    for _ in range(300):
        with (
            contextlib.suppress(ConnectionRefusedError),
            socket.create_connection((host, int(port)), timeout=5),
        ):
            return
        time.sleep(0.1)
    raise AssertionError(f"no server at {address}")


def ask(address: str, path: str, method: str = "GET") -> str:
    request = urllib.request.Request(address + path, method=method, headers={"Authorization": "token secret"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read().decode()


def test_the_button_grades_through_our_grader(server, course):
    done = json.loads(ask(server, f"formgrader/api/submission/{NAME}/anna/autograde", "POST"))

    assert done["success"], done
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        found = gradebook.find_submission_notebook(NOTEBOOK, NAME, "anna")
        marks = {grade.name: grade.auto_score for grade in found.grades}
        identity = found.id
    assert marks == {"relu_forward_check": 40.0, "relu_backward_check": 0.0, "reflection": 0.0}
    page = ask(server, f"formgrader/submissions/{identity}/?index=0")
    assert "works in three dimensions" in page
    assert "finite difference" in page
    assert not any(word in page for word in HIDDEN)
