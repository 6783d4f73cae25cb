"""Rules on what must not reach the student: solutions, hidden tests and sample answers, in code, prose or files.

Compares formulas, not lines: what a statement of a region computes, however it is spaced or wrapped.
What the stub's own docstring states is stated on purpose.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import CHECK, MANUAL, SOLUTION, Cell
from autograder.course.lint.formulas import (
    Formula,
    hidden_formulas,
    solution_formulas,
    spelt_in,
    squeezed,
    stands_in,
)

MIN_SENTENCE = 40  # letters; a shorter line of a sample answer is everybody's
_MARK = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")


def solutions(authored: Authored) -> Iterator[Finding]:
    """A formula of a solution that the release shows: in code, in prose, in a file beside the notebook."""
    for cell in authored.having(SOLUTION):
        stated = _docstrings(cell)
        found = [formula for formula in solution_formulas(cell) if not stands_in(formula, stated)]
        for formula, other, line in _in_code(authored, found):
            yield authored.finding(
                line,
                "solution-survives",
                f"{formula.written!r} is part of the solution of {cell.name} (line {formula.line}) and reaches the"
                f" student in {other.name}.",
                "Put it inside a region, compute the same another way, or state it in the stub's docstring.",
            )
        for formula, path, line in [*_in_prose(authored, found), *_in_files(authored, found)]:
            yield authored.finding(
                line,
                "prose-leak",
                f"This spells out {formula.written!r}, part of the solution of {cell.name} (line {formula.line}).",
                "Say it as mathematics, as shapes or as a question, or state it in the stub's docstring.",
                path=path,
            )


def hidden(authored: Authored) -> Iterator[Finding]:
    """A formula of the hidden tests that the release shows outside of their own check cell."""
    for cell in authored.having(CHECK):
        found = hidden_formulas(cell)
        in_code = [
            (formula, None, line) for formula, other, line in _in_code(authored, found) if other is not cell
        ]
        for formula, path, line in [*in_code, *_in_prose(authored, found), *_in_files(authored, found)]:
            yield authored.finding(
                line,
                "hidden-survives",
                f"{formula.written!r} stands in the hidden tests of {cell.name} (line {formula.line}), and the student"
                " reads it here.",
                "Drop it here, or write the hidden test another way.",
                path=path,
            )


def marks(authored: Authored) -> Iterator[Finding]:
    """A region's mark that is still there in what the student gets."""
    for cell in authored.cells:
        for i, line in enumerate((cell.released or "").split("\n"), 1):
            if _MARK.search(line):
                yield authored.finding(
                    _authored_line(cell, i),
                    "mark-survives",
                    f"The student gets the line {line.strip()!r} in {cell.name}.",
                    "Pair the regions of this cell; what stands between such marks is handed out.",
                )


def samples(authored: Authored) -> Iterator[Finding]:
    """A line of a sample answer that stands in other text of the release."""
    shown = [
        (cell, _words(cell.released)) for cell in authored.cells if cell.kind == "markdown" and cell.released
    ]
    for cell in authored.having(MANUAL):
        kept = _words(cell.released or "")
        for number, line in cell.lines:
            words = _words(line)
            if len(words.replace(" ", "")) < MIN_SENTENCE or words in kept:
                continue
            for other, text in shown:
                if other is not cell and words in text:
                    yield authored.finding(
                        number,
                        "solution-survives",
                        f"This line of the sample answer in {cell.name} stands in the text of line {other.first} too,"
                        " where the student reads it.",
                        "Word one of the two differently.",
                    )


def _in_code(authored: Authored, found: list[Formula]) -> Iterator[tuple[Formula, Cell, int]]:
    """Formulas that a released code cell computes, or mentions in a comment or a string."""
    for other in authored.cells if found else ():
        if other.kind != "code" or other.released is None:
            continue
        spelt = spelt_in(other.released)
        mentioned = squeezed(other.released)
        for formula in found:
            if formula.spelt in spelt:
                yield formula, other, _authored_line(other, spelt[formula.spelt])
            elif stands_in(formula, mentioned):
                lines = [
                    i
                    for i, line in enumerate(other.released.split("\n"), 1)
                    if stands_in(formula, squeezed(line))
                ]
                yield formula, other, _authored_line(other, lines[0] if lines else 1)


def _in_prose(authored: Authored, found: list[Formula]) -> Iterator[tuple[Formula, None, int]]:
    for other in authored.cells if found else ():
        if other.kind == "code" or not other.released:
            continue
        text = squeezed(other.released)
        for formula in found:
            if stands_in(formula, text):
                lines = [number for number, line in other.lines if stands_in(formula, squeezed(line))]
                yield formula, None, lines[0] if lines else other.first


def _in_files(authored: Authored, found: list[Formula]) -> Iterator[tuple[Formula, Path, int]]:
    for path in authored.assignment.shipped if found else ():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive
        whole = squeezed(text)
        for formula in found:
            if stands_in(formula, whole):
                lines = [
                    i for i, line in enumerate(text.split("\n"), 1) if stands_in(formula, squeezed(line))
                ]
                yield formula, path, lines[0] if lines else 1


def _docstrings(cell: Cell) -> str:
    """The squeezed docstrings of a released cell: what its author states on purpose."""
    nodes = ast.walk(cell.released_tree) if cell.released_tree else ()
    documented = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Module)]
    return squeezed(" ".join(ast.get_docstring(node) or "" for node in documented))


def _authored_line(cell: Cell, released_line: int) -> int:
    """The authored line of a line of the released cell, found by its text."""
    text = cell.released.split("\n")[released_line - 1]
    return next((number for number, line in cell.lines if line == text), cell.first)


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


RULES = (solutions, hidden, marks, samples)
