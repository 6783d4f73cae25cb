"""Rules on regions: solutions, hidden tests and mark schemes are paired, spelt right and in the right kind of cell.

nbgrader looks for the words ``BEGIN SOLUTION`` and silently hands out whatever it does not recognise.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import CHECK, MANUAL, SOLUTION, TASK, Cell

SOLUTION_REGION, HIDDEN_REGION, SCHEME_REGION = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
_PLACES = {
    SOLUTION_REGION: ((SOLUTION, MANUAL), 'a solution cell ("solution": true in its mark)'),
    HIDDEN_REGION: ((CHECK,), 'a check cell ("grade": true in its mark)'),
    SCHEME_REGION: ((TASK,), 'a task cell ("task": true in its mark)'),
}
_CANONICAL = {f"{edge} {what}": (edge, what) for what in _PLACES for edge in ("BEGIN", "END")}
_EXACT = re.compile(r"^\s*### (BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\s*$")
_LIKENESS = 0.85  # "BEGIN SOLUTON" 0.96, "End solutions" 0.96; "HIDDEN TESTS" against "END HIDDEN TESTS" 0.86


@dataclass(frozen=True)
class Region:
    """A paired region: what it holds, and the source lines (from 0) of its two marks."""

    what: str
    begin: int
    end: int

    def text(self, source: str) -> str:
        """The lines between the marks."""
        return "\n".join(source.split("\n")[self.begin + 1 : self.end])

    def holds(self, node: ast.AST) -> bool:
        """Whether a node of the cell's tree begins inside the region."""
        return self.begin + 1 < getattr(node, "lineno", 0) <= self.end


def regions(cell: Cell) -> list[Region]:
    """The regions of a cell that are paired; the rules below report the others."""
    found, begun = [], None
    for i, line in enumerate(cell.source.split("\n")):
        match = _EXACT.match(line)
        if match and match[1] == "BEGIN":
            begun = (match[2], i)
        elif match and begun and begun[0] == match[2]:
            found.append(Region(match[2], begun[1], i))
            begun = None
    return found


def within(cell: Cell, region: Region) -> list[ast.AST]:
    """Every node of a cell's tree that begins inside a region."""
    return [node for node in (ast.walk(cell.tree) if cell.tree else ()) if region.holds(node)]


def _meant(line: str) -> str | None:
    """The mark that a line is or was meant to be; None for any other line."""
    if _EXACT.match(line):
        return " ".join(line.split()[1:])
    loud = next((mark for mark in _CANONICAL if mark in line), None)
    if loud:
        return loud
    words = re.sub(r"[^A-Za-z]+", " ", line).strip().upper()
    first = words.split(" ", 1)[0]
    comment = line.lstrip().startswith("#") or line.strip().isupper()
    if not comment or not difflib.get_close_matches(first, ("BEGIN", "END"), 1, _LIKENESS):
        return None
    if close := difflib.get_close_matches(words, _CANONICAL, 1, _LIKENESS):
        return close[0]
    return None


def spelling(authored: Authored) -> Iterator[Finding]:
    """A line that means to be a mark and is not written as one."""
    for cell in authored.cells:
        for number, line in cell.lines:
            meant = _meant(line)
            if meant and not _EXACT.match(line):
                effect = (
                    "nbgrader takes it for a mark wherever it stands, and drops the whole line"
                    if meant in line
                    else "nbgrader does not see it, and hands out what it should take away"
                )
                yield authored.finding(
                    number,
                    "region-spelling",
                    f"{line.strip()!r} in {cell.name} is not how a mark is written: {effect}.",
                    f"Write `### {meant}` on a line of its own, or other words.",
                )


def pairing(authored: Authored) -> Iterator[Finding]:
    """A begin without its end, an end without its begin, one region inside another."""
    for cell in authored.cells:
        open_at: list[tuple[str, int]] = []
        for number, line in cell.lines:
            match = _EXACT.match(line)
            if not match:
                continue
            edge, what = match.groups()
            if edge == "BEGIN":
                if open_at:
                    yield authored.finding(
                        number,
                        "region-nested",
                        f"BEGIN {what} stands inside the region that begins on line {open_at[-1][1]}.",
                        f"End that region first: write `### END {open_at[-1][0]}` above this line.",
                    )
                open_at.append((what, number))
            elif open_at and open_at[-1][0] == what:
                open_at.pop()
            else:
                yield authored.finding(
                    number,
                    "region-unpaired",
                    f"END {what} ends a region that was never begun; nbgrader accepts this silently.",
                    f"Write `### BEGIN {what}` above what is to be taken away, or drop this line.",
                )
        for what, number in open_at:
            yield authored.finding(
                number,
                "region-unpaired",
                f"BEGIN {what} is not ended in this cell.",
                f"Write `### END {what}` below its last line.",
            )


def place(authored: Authored) -> Iterator[Finding]:
    """A region in a kind of cell where nbgrader does not expect it."""
    for cell in authored.cells:
        for number, line in cell.lines:
            match = _EXACT.match(line)
            if match and match[1] == "BEGIN" and cell.role not in _PLACES[match[2]][0]:
                yield authored.finding(
                    number,
                    "region-place",
                    f"A region for {match[2].lower()} stands in {cell.name}, a cell of another kind ({cell.role}).",
                    f"Move it into {_PLACES[match[2]][1]}, or correct this cell's mark.",
                )


def emptiness(authored: Authored) -> Iterator[Finding]:
    """A region that holds nothing."""
    for cell in authored.cells:
        for region in regions(cell):
            kept = [line for line in region.text(cell.source).split("\n") if line.strip()]
            if cell.kind == "code":
                kept = [line for line in kept if not line.lstrip().startswith("#")]
            if not kept:
                yield authored.finding(
                    cell.first + region.begin,
                    "region-empty",
                    f"The region for {region.what.lower()} in {cell.name} holds nothing.",
                    "Write into it what is to be taken away, or drop both marks.",
                )


RULES = (spelling, pairing, place, emptiness)
