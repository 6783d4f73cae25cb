"""Rules on what a check cell says about itself: exercise, points, hidden checks, and the score at its end."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import CHECK, Cell
from autograder.course.lint.counting import added, is_method, literals
from autograder.course.lint.regions import HIDDEN_REGION, regions


def arguments(authored: Authored) -> Iterator[Finding]:
    """``Check(name, points=, hidden=)`` that disagrees with the cell's mark or with its hidden region."""
    for cell in authored.having(CHECK):
        if cell.tree is None:
            continue
        calls = sorted((n for n in ast.walk(cell.tree) if _is_check(n)), key=lambda n: n.lineno)
        points = f"{cell.mark['points']:g}"
        if len(calls) != 1:
            yield authored.finding(
                cell.at(calls[1]) if calls else cell.first,
                "check-arguments",
                f"{cell.name} calls Check(...) {len(calls)} times; a check cell calls it once.",
                f'Begin the cell with `check = Check("{cell.exercise}", points={points}, hidden=...)`.',
            )
            continue
        given = _given(calls[0])
        if given.get("exercise") != cell.exercise:
            yield authored.finding(
                cell.at(calls[0]),
                "check-arguments",
                f"{cell.name} checks {given.get('exercise')!r}; by its grade_id it is the check of {cell.exercise!r}.",
                "Make the two agree.",
            )
        if given.get("points") != cell.mark["points"]:
            yield authored.finding(
                cell.at(calls[0]),
                "check-arguments",
                f"{cell.name} is worth {points} points by its mark and {given.get('points')} by Check(...).",
                f"Write points={points}, or change the mark.",
            )
        known = literals(cell.tree)
        counts = [added(node, known) for node in _hidden_statements(cell)]
        if None not in counts and given.get("hidden", 0) != sum(counts):
            yield authored.finding(
                cell.at(calls[0]),
                "hidden-count",
                f"{cell.name} declares hidden={given.get('hidden', 0)}; its hidden region adds {sum(counts)}.",
                f"Write hidden={sum(counts)}: a `@check` is one, `check.gradients` one for each input.",
            )


def hidden_tests(authored: Authored) -> Iterator[Finding]:
    """``check.hidden_tests()`` comes first in a hidden region, and stands nowhere else."""
    for cell in authored.cells:
        if cell.tree is None:
            continue
        found = [region for region in regions(cell) if region.what == HIDDEN_REGION]
        known = literals(cell.tree)
        for call in ast.walk(cell.tree):
            if is_method(call, "hidden_tests") and not any(region.holds(call) for region in found):
                yield authored.finding(
                    cell.at(call),
                    "hidden-tests-call",
                    f"{cell.name} calls hidden_tests() outside a hidden region: visible checks would count as hidden.",
                    "Move it below `### BEGIN HIDDEN TESTS`, or drop it.",
                )
        for region in found if cell.role == CHECK else ():
            telling = [
                n for n in cell.tree.body if region.holds(n) and (added(n, known) != 0 or _announces(n))
            ]
            if not telling or not _announces(telling[0]):
                yield authored.finding(
                    cell.first + region.begin,
                    "hidden-tests-call",
                    f"The hidden region of {cell.name} does not begin with hidden_tests(): its checks would count as"
                    " visible.",
                    "Write `check.hidden_tests()` as its first line.",
                )


def score(authored: Authored) -> Iterator[Finding]:
    """A check cell ends in ``check.score()``, outside its hidden region."""
    for cell in authored.having(CHECK):
        if cell.tree is None:
            continue
        number, line = [(cell.marker, ""), *((n, text) for n, text in cell.lines if text.strip())][-1]
        last = cell.tree.body[-1] if cell.tree.body else None
        ends = (
            isinstance(last, ast.Expr)
            and is_method(last.value, "score")
            and isinstance(last.value.func.value, ast.Name)
            and last.value.func.value.id in _checks(cell)
        )
        alone = ends and cell.at(last) == number and line == line.lstrip() and not line.rstrip().endswith(";")
        if not alone or any(region.holds(last) for region in regions(cell)):
            yield authored.finding(
                number,
                "score-last",
                f"{cell.name} does not end in its score: nbgrader reads the value of the last expression, and gives a"
                " cell without one full marks.",
                "End it with `check.score()` on a line of its own, below the hidden region.",
            )


def _is_check(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Check"


def _checks(cell: Cell) -> set[str]:
    """The names that hold the cell's Check."""
    assigned = [n for n in cell.tree.body if isinstance(n, ast.Assign) and _is_check(n.value)]
    return {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}


def _given(call: ast.Call) -> dict:
    """The literal arguments of ``Check(...)``; what is no literal is shown as text."""
    given = {"exercise": call.args[0]} if call.args else {}
    given |= {keyword.arg: keyword.value for keyword in call.keywords}
    return {n: v.value if isinstance(v, ast.Constant) else ast.unparse(v) for n, v in given.items()}


def _hidden_statements(cell: Cell) -> list[ast.stmt]:
    hidden = [region for region in regions(cell) if region.what == HIDDEN_REGION]
    return [node for node in cell.tree.body if any(region.holds(node) for region in hidden)]


def _announces(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and is_method(node.value, "hidden_tests")


RULES = (arguments, hidden_tests, score)
