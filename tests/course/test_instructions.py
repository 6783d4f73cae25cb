"""What the instructions tell an instructor to write is a notebook that builds and is proved."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(
    r"```(?:python|toml)\n(.*?)```", (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8"), re.S
)


def _block(word):
    return next(block for block in BLOCKS if word in block)


@pytest.fixture
def written(tmp_path):
    """A course with one assignment: the examples of the instructions, one below the other."""
    folder = tmp_path / "assignments" / "12_my_topic"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    parts = ("# # Distances", '"distance_loss_check"', "## Reflection")
    (folder / "my_topic.py").write_text("\n\n".join(map(_block, parts)), encoding="utf-8")
    (folder / "hints.toml").write_text(_block("[distance_loss]"), encoding="utf-8")
    (folder / "mistakes.py").write_text(_block("@variant"), encoding="utf-8")
    return tmp_path


def run(course, *words):
    command = ["autograder", *words, "12_my_topic", "--course", str(course)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_examples_of_the_instructions_make_a_notebook_that_is_proved(written):
    assert run(written, "build").returncode == 0
    proved = run(written, "prove", "--plainly")

    assert proved.returncode == 0, proved.stdout
    assert "3 of 3" in proved.stdout


def test_all_that_lint_misses_in_the_examples_are_the_other_ninety_points(written):
    run(written, "build")

    told = run(written, "lint").stdout.splitlines()

    assert [line for line in told if "assignments/" in line and "total-points" not in line] == []
    assert any("sum to 10, not 100" in line for line in told)
