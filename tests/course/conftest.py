"""A small authored assignment in which nothing is wrong, for tests that break it in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

GOOD = '''\
# %% [markdown]
# # Halves and squares
#
# How does a machine halve?
# ![A circle with an arrow on either side](circle.png)

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np
from autograder import Check, hint

# %% nbgrader={"grade_id": "helpers", "locked": true}
def column(x):
    """Return x as a column."""
    return np.reshape(x, (-1, 1))

# %% [markdown]
# ## Halve and shift
#
# **Predict.** What is half of 7, plus 1?
# <details><summary>Answer</summary>
#
# 4.5
# </details>

# %% nbgrader={"grade_id": "halve", "solution": true}
def halve(x, shift):
    """Return half of x, of the same shape, plus shift."""
    ### BEGIN SOLUTION
    return 0.5 * x.ravel() + shift - 0.0
    ### END SOLUTION

# %% [markdown]
# Run the check.

# %% nbgrader={"grade_id": "halve_check", "grade": true, "points": 40}
check = Check("halve", points=40, hidden=2)

@check("half of 7, plus 1")
def _(t):
    t.equal(t.call(halve, np.array([7.0]), 1.0), [4.5], "out")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("other numbers")
def _(t):
    x = t.rng.normal(size=4)
    t.equal(t.call(halve, x, 2.0), [(number + 4.0) / 2.0 for number in x], "out")

@check("a column")
def _(t):
    t.true(column(halve(np.ones(2), 0.0)).shape == (2, 1), "One axis went missing: look at the shape.")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
several = [halve(np.array([n]), 0.0) for n in range(9)]
print(several)

# %% tags=["experiment"]
print(len(several))

# %% [markdown]
# ## A gate

# %% nbgrader={"grade_id": "SquareGate", "solution": true}
class SquareGate:
    """out = x squared."""

    def forward(self, x):
        """Return the square."""
        ### BEGIN SOLUTION
        self.x = x
        return x * x
        ### END SOLUTION

    def backward(self, upstream):
        """Return dx."""
        ### BEGIN SOLUTION
        return 2.0 * self.x * upstream
        ### END SOLUTION

# %% nbgrader={"grade_id": "SquareGate_check", "grade": true, "points": 60}
check = Check("SquareGate", points=60)

@check("forward squares")
def _(t):
    t.equal(SquareGate().forward(3.0), 9.0, "out")

check.score()

# %% [markdown]
# What does the square lose?

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# The sign: two numbers have the same square, and nothing downstream can tell them apart.

# %% [markdown]
# You halved and you squared.
'''
HINTS = """\
[halve]
hints = ["What is half of one?", "Multiply, then add."]

[SquareGate]
hints = ["What does backward need to remember?"]
"""
MISTAKES = """\
from autograder.course.answers import wrong

@wrong("left_out")
def halve(x, shift):
    return 0.5 * x

@wrong("shift_halved")
def halve(x, shift):
    return 0.5 * (x + shift)

@wrong(None)
def halve(x, shift):
    return x

@wrong("upstream_ignored")
class SquareGate:
    def backward(self, upstream):
        return 2 * self.x

@wrong("factor_missing")
class SquareGate:
    def backward(self, upstream):
        return self.x * upstream

@wrong("left_at_zero")
class SquareGate:
    def backward(self, upstream):
        return 0.0
"""


@dataclass(frozen=True)
class Report:
    """What lint found in the edited assignment."""

    findings: tuple

    @property
    def rules(self) -> list[str]:
        """The rules that found something, in the order of the findings."""
        return [finding.rule for finding in self.findings]

    def line(self, rule: str) -> str:
        """The text of the line that the only finding of a rule points at."""
        [finding] = [finding for finding in self.findings if finding.rule == rule]
        return finding.path.read_text().splitlines()[finding.line - 1]

    def message(self, rule: str) -> str:
        """The message of the only finding of a rule."""
        [finding] = [finding for finding in self.findings if finding.rule == rule]
        return finding.message


def write(folder: Path, text: str, hints: str | None = HINTS, mistakes: str | None = MISTAKES) -> Path:
    """Write a course with the one assignment ``00_small``; a file given as None is left out."""
    small = folder / "assignments" / "00_small"
    small.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    for name, content in (("small.py", text), ("hints.toml", hints), ("mistakes.py", mistakes)):
        if content is not None:
            (small / name).write_text(content, encoding="utf-8")
    return folder


@pytest.fixture
def good_course(tmp_path):
    """The course in which nothing is wrong."""
    return write(tmp_path / "course", GOOD)


@pytest.fixture
def edited(tmp_path):
    """``edited((old, new), ...)``: lint the good text with each `old`, which must occur, replaced by `new`."""
    from autograder.course.lint import lint
    from autograder.course.paths import find_assignments

    def report(*edits: tuple[str, str], hints: str | None = HINTS, mistakes: str | None = MISTAKES) -> Report:
        text = GOOD
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        course = write(tmp_path / f"course{len(list(tmp_path.iterdir()))}", text, hints, mistakes)
        return Report(tuple(lint(find_assignments(course)[0])))

    return report
