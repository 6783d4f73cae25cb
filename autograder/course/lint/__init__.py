"""Read an authored assignment and report what is wrong with it, where, and what to do about it.

`autograder.course.lint.authored` reads the text cell by cell; every other module here holds rules: generators
that take the authored assignment and yield findings. Nothing of the assignment is executed or written.
"""

from __future__ import annotations

from autograder.course.lint import (
    calls,
    files,
    layout,
    leaks,
    prose,
    regions,
    scopes,
    structure,
    stubs,
)
from autograder.course.lint.authored import Authored, Finding, read
from autograder.course.paths import Assignment

__all__ = ["Authored", "Finding", "lint", "read"]

RULES = (
    *structure.RULES,
    *regions.RULES,
    *stubs.RULES,
    *calls.RULES,
    *scopes.RULES,
    *leaks.RULES,
    *layout.RULES,
    *prose.RULES,
    *files.RULES,
)


def lint(assignment: Assignment) -> list[Finding]:
    """Return everything the rules find in an assignment, by file and line.

    Raises
    ------
    CourseError
        If the notebook's text cannot be read.
    """
    authored = read(assignment)
    found = {finding for rule in RULES for finding in rule(authored)}
    return sorted(found)
