"""Rules on names across cells: grading runs some cells in two processes, some in one, and some not at all.

Check cells run apart from the student's code. They see what they define themselves, what locked given cells define,
and, through proxies, what solution cells define. Given cells run on both sides, so they know no student code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import CHECK, EXPERIMENT, GIVEN, OWN, SOLUTION, Cell
from autograder.course.lint.names import NOTEBOOK, bound, free, has_star_import
from autograder.course.lint.regions import SOLUTION_REGION, regions

_MAY_USE = {
    CHECK: (GIVEN, SOLUTION),
    SOLUTION: (GIVEN, SOLUTION, OWN),
    GIVEN: (GIVEN,),
    OWN: (GIVEN, OWN),
    EXPERIMENT: (GIVEN, SOLUTION, OWN, EXPERIMENT, CHECK),
}
_RULE = {
    GIVEN: "given-uses",
    OWN: "given-uses",
    CHECK: "free-name",
    SOLUTION: "free-name",
    EXPERIMENT: "free-name",
}
_WHERE = {
    SOLUTION: "a solution cell",
    CHECK: "a check cell",
    EXPERIMENT: "an experiment, which grading skips",
    OWN: "a cell the student owns, which the checks do not see",
    GIVEN: "a given cell",
}
_REMEDY = {
    CHECK: "Define it in this cell, or in a locked given cell above.",
    SOLUTION: "Define it in this cell, or in a locked given cell above.",
    GIVEN: "Tag this cell experiment, or move what it uses into a locked given cell.",
    OWN: "Tag this cell experiment, or move what it uses into a locked given cell.",
    EXPERIMENT: "Define it in this cell or in one above.",
}


@cache
def _free(source: str) -> dict[str, int]:
    return free(source)


@cache
def _bound(source: str) -> dict[str, int]:
    return bound(source)


def names(authored: Authored) -> Iterator[Finding]:
    """A cell that uses a name which, where grading runs it, nothing has defined."""
    code = [cell for cell in authored.cells if cell.role in _MAY_USE]
    if any(has_star_import(cell.source) for cell in code if cell.role == GIVEN):
        return
    for cell in code:
        known = set(NOTEBOOK) if cell.role in (OWN, EXPERIMENT, SOLUTION) else set()
        for name, line in sorted(_free(cell.source).items()):
            if name in known:
                continue
            defining = [other for other in code if name in _bound(other.source) and other is not cell]
            allowed = [other for other in defining if other.role in _MAY_USE[cell.role]]
            if cell.role in (CHECK, GIVEN, OWN, EXPERIMENT):
                allowed = [other for other in allowed if other.index < cell.index]
            if not allowed:
                yield _report(authored, cell, name, line, defining)


def _report(authored: Authored, cell: Cell, name: str, line: int, defining: list[Cell]) -> Finding:
    if defining:
        other = next((other for other in defining if other.index < cell.index), defining[0])
        place = f"line {other.first + _bound(other.source)[name] - 1}"
        later = " further down" if other.index > cell.index else ""
        what = f"uses {name}, which only {_WHERE[other.role]} defines{later} ({place})"
    else:
        what = f"uses {name}, which nothing defines"
    where = f"{cell.name}, a given cell," if cell.role in (GIVEN, OWN) and cell.mark else cell.name
    return authored.finding(
        cell.first + line - 1,
        _RULE[cell.role],
        f"{where[0].upper() + where[1:] if not cell.mark else where} {what}.",
        _REMEDY[cell.role],
    )


def promised(authored: Authored) -> Iterator[Finding]:
    """A check that relies on a name which the student is never told to define: it stands inside the region alone."""
    text = ""
    solutions: dict[str, Cell] = {}
    for cell in authored.cells:
        if cell.kind == "markdown":
            text += "\n" + cell.source
        elif cell.role == SOLUTION and cell.released is not None:
            text += "\n" + cell.released
            solutions |= dict.fromkeys(_inside(cell), cell)
        elif cell.role == CHECK:
            given = {n for other in authored.having(GIVEN, SOLUTION) for n in _bound(other.released or "")}
            for name, line in sorted(_free(cell.source).items()):
                if name in solutions and name not in given and not re.search(rf"\b{re.escape(name)}\b", text):
                    yield authored.finding(
                        cell.first + line - 1,
                        "unpromised-name",
                        f"{cell.name} uses {name}, which the reference of {solutions[name].name} defines inside its"
                        " region and the student is never told of.",
                        "Name it in the stub or in the text, or check without it.",
                    )


def _inside(cell: Cell) -> set[str]:
    if not any(region.what == SOLUTION_REGION for region in regions(cell)):
        return set()
    return set(_bound(cell.source)) - set(_bound(cell.released or ""))


RULES = (names, promised)
