"""Rules on marks: they can be read, names occur once, every solution has its check, the points sum to 100."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import CHECK, EXPERIMENT, EXPERIMENT_TAG, MANUAL, SOLUTION, Cell
from autograder.course.lint.names import bound
from autograder.course.paths import TOTAL_POINTS

_KNOWN_TAGS = {EXPERIMENT_TAG, "figure"}
_CELL_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


def marks(authored: Authored) -> Iterator[Finding]:
    """A mark that cannot be read, a name nbformat refuses, a graded cell that grading would skip."""
    for cell in authored.cells:
        if cell.problem:
            yield authored.finding(
                cell.marker,
                "mark-unreadable",
                f"{cell.problem[0].upper()}{cell.problem[1:]}.",
                'Write it like `# %% nbgrader={"grade_id": "relu_forward", "solution": true}`.',
            )
        grade_id = cell.mark.get("grade_id")
        if grade_id and not _CELL_ID.match(str(grade_id)):
            yield authored.finding(
                cell.marker,
                "mark-unreadable",
                f"grade_id {grade_id!r} cannot be a cell's id.",
                "Use letters, digits and underscores, 64 at most.",
            )
        for tag in sorted(cell.tags - _KNOWN_TAGS):
            if close := difflib.get_close_matches(tag.lower(), _KNOWN_TAGS, 1, 0.8):
                yield authored.finding(
                    cell.marker,
                    "tag-spelling",
                    f"The tag {tag!r} means nothing here, and grading runs the cell.",
                    f"Write {close[0]!r}.",
                )
        if cell.role in (SOLUTION, CHECK) and EXPERIMENT_TAG in cell.tags:
            yield authored.finding(
                cell.marker,
                "graded-experiment",
                f"{cell.name} is graded and tagged {EXPERIMENT_TAG}: grading skips such cells.",
                "Drop the tag, or the mark.",
            )


def syntax(authored: Authored) -> Iterator[Finding]:
    """A code cell that is not Python: nothing else can be said about it."""
    for cell in authored.cells:
        if cell.kind != "code" or cell.tree is not None or cell.source.lstrip().startswith("%%"):
            continue
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            yield authored.finding(
                cell.first + (error.lineno or 1) - 1,
                "syntax",
                f"{cell.name} is not Python: {error.msg}.",
                "Mend it; the rules on its names are silent until then.",
            )


def duplicates(authored: Authored) -> Iterator[Finding]:
    """A grade_id used twice."""
    seen: dict[str, int] = {}
    for cell in authored.cells:
        name = cell.mark.get("grade_id")
        if name in seen:
            yield authored.finding(
                cell.marker,
                "duplicate-id",
                f"grade_id {name!r} is taken by the cell of line {seen[name]}.",
                "Give one of them another name; a name is a key in the gradebook.",
            )
        elif name:
            seen[name] = cell.marker


def pairs(authored: Authored) -> Iterator[Finding]:
    """A solution without its check straight after it, a check without its solution."""
    code = [cell for cell in authored.cells if cell.kind == "code"]
    solutions = {cell.exercise: cell for cell in authored.having(SOLUTION)}
    checks = {cell.exercise: cell for cell in authored.having(CHECK)}
    following = {cell.index: after for cell, after in zip(code, [*code[1:], None], strict=False)}
    for name, cell in solutions.items():
        if name not in checks:
            yield authored.finding(
                cell.marker,
                "solution-without-check",
                f"Nothing checks {name}.",
                f'Add a check cell below it: nbgrader={{"grade_id": "{name}_check", "grade": true, "points": ...}}.',
            )
        elif following[cell.index] is not checks[name]:
            yield authored.finding(
                checks[name].marker,
                "check-apart",
                f"{name}_check does not follow its solution (line {cell.marker}): a stub is followed at once by its check.",
                "Move it there; only text may stand between the two.",
            )
    for name, cell in checks.items():
        if not cell.name.endswith("_check"):
            yield authored.finding(
                cell.marker,
                "check-without-solution",
                f"A check is named after its solution, and {cell.name!r} does not end in _check.",
                "Name it like the solution cell, with _check added.",
            )
        elif name not in solutions:
            yield authored.finding(
                cell.marker,
                "check-without-solution",
                f"No solution cell has the grade_id {name!r}.",
                f'Mark the cell that holds {name}: nbgrader={{"grade_id": "{name}", "solution": true}}.',
            )


def solution_names(authored: Authored) -> Iterator[Finding]:
    """A solution cell that does not define, outside its region, the function or class it is named after."""
    for cell in authored.having(SOLUTION):
        if cell.tree is None or cell.released_tree is None:
            continue
        if cell.name in _definitions(cell.released_tree):
            continue
        inside = cell.name in _definitions(cell.tree)
        yield authored.finding(
            cell.marker,
            "solution-name",
            f"{cell.name} defines {cell.name} inside its region: the student gets no signature."
            if inside
            else f"{cell.name} is named after no function or class that it defines"
            f" ({', '.join(_definitions(cell.released_tree)) or 'it defines none'}).",
            "Move `### BEGIN SOLUTION` below signature and docstring."
            if inside
            else "Name the cell after what it defines; the name is its cell id, gradebook key and word in the feedback.",
        )


def _definitions(tree: ast.Module) -> list[str]:
    return [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)]


def totals(authored: Authored) -> Iterator[Finding]:
    """Automatic points that do not sum to 100."""
    total = sum(float(cell.mark["points"]) for cell in authored.having(CHECK))
    if abs(total - TOTAL_POINTS) > 1e-9:
        last: Cell | None = (authored.having(CHECK) or [None])[-1]
        manual = sum(float(cell.mark.get("points", 0)) for cell in authored.having(MANUAL))
        aside = f" ({manual:g} manual points do not count)" if manual else ""
        yield authored.finding(
            last.marker if last else 1,
            "total-points",
            f"The check cells' points sum to {total:g}, not {TOTAL_POINTS}{aside}.",
            f"Share out {TOTAL_POINTS} points over the check cells by difficulty.",
        )


def shadowing(authored: Authored) -> Iterator[Finding]:
    """An experiment that binds an exercise's name: what is checked below it depends on a run that grading skips."""
    exercises = {cell.exercise for cell in authored.having(SOLUTION)}
    for cell in authored.having(EXPERIMENT):
        names = bound(cell.source)
        for name in sorted(exercises & set(names)):
            yield authored.finding(
                cell.first + names[name] - 1,
                "experiment-rebinds",
                f"An experiment binds {name}, an exercise's name, anew: checks below would meet this one in Jupyter.",
                "Give it another name.",
            )


RULES = (marks, syntax, duplicates, pairs, solution_names, totals, shadowing)
