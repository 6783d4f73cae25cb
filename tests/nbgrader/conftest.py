"""Courses of their own for tests that drive nbgrader's commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from grading import course as small


class Commands:
    """Runs real commands in a course, with a home of their own."""

    def __init__(self, course: Path, home: Path):
        self.course, self.home = course, home
        home.mkdir(exist_ok=True)
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
            "HOME": str(home),
            "JUPYTER_DATA_DIR": str(home / "jupyter"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "IPYTHONDIR": str(home / "ipython"),
            "COLUMNS": "160",
        }

    def __call__(self, *command: str, cwd: Path | None = None, code: int | None = 0) -> str:
        """Run a command, require its exit code, return everything it said."""
        done = subprocess.run(
            command,
            cwd=cwd or self.course,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout[-4000:]
        return done.stdout


@pytest.fixture(scope="session")
def authored(tmp_path_factory):
    return small.make(tmp_path_factory.mktemp("authored") / "course")


@pytest.fixture(scope="module")
def commands(authored, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(authored, folder / "course", ignore=shutil.ignore_patterns("exchange"))
    return Commands(folder / "course", folder / "home")


@pytest.fixture(scope="module")
def course(commands):
    return commands.course


def hand_in(course: Path, student: str, data: bytes) -> Path:
    """Put a submission where `nbgrader collect` would."""
    folder = course / "submitted" / student / small.NAME
    folder.mkdir(parents=True)
    path = folder / f"{small.NOTEBOOK}.ipynb"
    path.write_bytes(data)
    return path
