"""Rules on the files beside the notebook: hints for every exercise, wrong answers that try its checks."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.course.answers import read_answers
from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import EXPERIMENT, OWN, SOLUTION
from autograder.course.lint.names import bound
from autograder.course.paths import Assignment, CourseError
from autograder.hints import FILE

WRONG_ANSWERS = 3
_CHECK_NAME = re.compile(r"\bCheck\(\s*[\"'](\w+)")
_ERROR_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Hints:
    """A ``hints.toml`` with its lines. `problem` says why it cannot be read."""

    path: Path
    text: str = ""
    entries: dict = field(default_factory=dict)
    problem: str = ""
    problem_line: int = 1

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def line(self, name: str) -> int:
        """Where an exercise's entry begins."""
        heading = re.compile(rf"^\s*\[\s*[\"']?{re.escape(name)}[\"']?\s*\]")
        return next((i for i, line in enumerate(self._lines, 1) if heading.match(line)), 1)

    def texts(self, name: str) -> list[tuple[int, str]]:
        """An exercise's hints, each with the line on which it begins, as far as that can be told."""
        entry = self.entries.get(name)
        hints = entry.get("hints", []) if isinstance(entry, dict) else []
        found, line = [], self.line(name)
        for hint in hints if isinstance(hints, list) else []:
            if isinstance(hint, str):
                first = next((row.strip() for row in hint.split("\n") if row.strip()), "")[:40]
                line = next((i for i, row in enumerate(self._lines, 1) if i >= line and first in row), line)
                found.append((line, hint))
        return found


def read_hints_file(assignment: Assignment) -> Hints:
    """Read an assignment's hints; what is wrong with the file is kept, not raised."""
    path = assignment.folder / FILE
    if not path.is_file():
        return Hints(path, problem=f"There is no {FILE}: a call of hint() would find nothing")
    try:
        text = path.read_text(encoding="utf-8")
        return Hints(path, text, tomllib.loads(text))
    except UnicodeDecodeError as error:
        return Hints(path, problem=f"The file is not UTF-8 ({error})")
    except tomllib.TOMLDecodeError as error:
        line = _ERROR_LINE.search(str(error))
        return Hints(path, problem=f"The file is not TOML: {error}", problem_line=int(line[1]) if line else 1)


def hints(authored: Authored) -> Iterator[Finding]:
    """An exercise without hints, hints for what is no exercise, a file that cannot be read."""
    found = read_hints_file(authored.assignment)
    entry = '[{}] and, below it, hints = ["a question", "a formula", "a table of shapes"].'
    if found.problem:
        if authored.exercises:
            yield Finding(
                found.path,
                found.problem_line,
                "hints",
                f"{found.problem}.",
                f"Write for each exercise, as for the first, {entry.format(next(iter(authored.exercises)))}",
            )
        return
    for name, points in authored.exercises.items():
        if points and name not in found.entries:
            yield Finding(
                found.path,
                1,
                "hints",
                f"No hint for {name}.",
                f"Write {entry.format(name)}",
            )
    known = set(authored.exercises) | {cell.name for cell in authored.having(SOLUTION)}
    for cell in authored.having(OWN, EXPERIMENT):  # a warm-up is no exercise, and may have hints
        known |= {*bound(cell.source), *_CHECK_NAME.findall(cell.source)}
    for name in found.entries:
        if name not in known:
            yield Finding(
                found.path,
                found.line(name),
                "hints",
                f"{name} is no exercise of this notebook.",
                f"Those that exist: {', '.join(authored.exercises) or 'none'}.",
            )
        elif not found.texts(name):
            yield Finding(
                found.path, found.line(name), "hints", f"{name} has no hints.", f"Write {entry.format(name)}"
            )


def mistakes(authored: Authored) -> Iterator[Finding]:
    """An exercise with fewer than three wrong answers to try its checks, an entry that cannot be read."""
    path = authored.assignment.mistakes
    graded = [name for name, points in authored.exercises.items() if points]
    if not graded:
        return
    if not path.is_file():
        yield Finding(
            path,
            1,
            "mistakes",
            "There is no mistakes.py.",
            f"List {WRONG_ANSWERS} wrong answers for each exercise.",
        )
        return
    try:
        answers = read_answers(path, {cell.name: cell.source for cell in authored.having(SOLUTION)})
    except (CourseError, UnicodeDecodeError) as error:
        place = re.match(rf"{re.escape(str(path))}:(\d+): (.*)", str(error), re.DOTALL)
        line, said = (int(place[1]), place[2]) if place else (1, str(error))
        yield Finding(
            path, line, "mistakes", f"{said[0].upper()}{said[1:].rstrip('.')}.", "Mend this entry first."
        )
        return
    counts = Counter(answer.exercise for answer in answers if answer.kind == "wrong")
    for name in graded:
        if counts[name] < WRONG_ANSWERS:
            yield Finding(
                path,
                1,
                "mistakes",
                f"{counts[name]} wrong answers to {name}; at least {WRONG_ANSWERS}.",
                f"Add edit({name!r}, old, new, mistake=...) or a function under @wrong(...).",
            )


RULES = (hints, mistakes)
