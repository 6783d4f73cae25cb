"""Formulas worth protecting in a cell's regions, and whether other code or text holds one.

Knows Python's syntax trees; nothing of who may see what.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from autograder.course.lint.cells import Cell, parsed
from autograder.course.lint.regions import HIDDEN_REGION, SOLUTION_REGION, regions, within

MIN_SOLUTION = 13  # characters without spaces; a shorter formula is everybody's
MIN_HIDDEN = 20
_MODULES = {"np", "numpy", "math"}
# Calls that prepare a place or a shape: no part of any answer.
_IDLE = set(
    "zeros zeros_like ones ones_like empty empty_like full full_like array asarray arange reshape ravel squeeze "  # noqa: SIM905
    "copy random default_rng normal standard_normal uniform choice permutation integers".split()
)
_NUMERIC = set("sum mean max min dot std var prod argmax argmin cumsum trace clip any all".split())  # noqa: SIM905


@dataclass(frozen=True)
class Formula:
    """An expression that is worth protecting: its line in the text, how Python spells it, how the author did."""

    line: int
    spelt: str
    written: str


def solution_formulas(cell: Cell) -> list[Formula]:
    """What the statements in a cell's solution regions compute; the parts of a tuple or dict one by one."""
    found = []
    for region in regions(cell):
        if region.what == SOLUTION_REGION:
            values = [value for node in within(cell, region) for value in _values(node)]
            found += [_formula(cell, value) for value in values if weight(value) >= 1]
    return [formula for formula in found if len(formula.spelt) >= MIN_SOLUTION]


def hidden_formulas(cell: Cell) -> list[Formula]:
    """The long formulas of a cell's hidden tests, and the right values that they hand to ``t.equal``."""
    found = []
    inside = [region for region in regions(cell) if region.what == HIDDEN_REGION]
    for node in (node for region in inside for node in within(cell, region)):
        if not isinstance(node, ast.Expr):  # a call of t.equal or t.true is no formula
            found += [_formula(cell, value) for value in _values(node) if weight(value) >= 3]
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "equal" and len(node.args) > 1:
            found += [_formula(cell, node.args[1])] * (weight(node.args[1]) >= 2)
    return [formula for formula in found if len(formula.spelt) >= MIN_HIDDEN]


def weight(node: ast.AST) -> int:
    """How much of an answer an expression holds: its operations, without those that only prepare arrays."""
    total = 0
    for inner in ast.walk(node):
        if isinstance(inner, ast.BinOp | ast.Compare | ast.BoolOp | ast.IfExp):
            total += 1
        elif isinstance(inner, ast.Call):
            *owners, name = ast.unparse(inner.func).split(".")
            of_module = bool(owners) and owners[0] in _MODULES and name not in _IDLE
            total += of_module or name in _NUMERIC
    return total


@lru_cache(maxsize=256)
def spelt_in(released: str) -> Mapping[str, int]:
    """Every expression of a code cell that computes something, as Python spells it, with its line there."""
    tree = parsed(released)
    nodes = ast.walk(tree) if tree else ()
    return {squeezed(ast.unparse(n)): n.lineno for n in nodes if isinstance(n, ast.expr) and weight(n)}


def stands_in(formula: Formula, text: str) -> bool:
    """Whether squeezed text holds a formula, and holds it whole: no name goes on to its left or right."""
    for spelling in {formula.spelt, formula.written}:
        for match in re.finditer(re.escape(spelling), text):
            before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() :][:1]
            continued = bool(before) and (before.isalnum() or before in "_.")
            if not continued and not (spelling[-1].isalnum() and (after.isalnum() or after == "_")):
                return True
    return False


def squeezed(text: str) -> str:
    """Text without any space."""
    return re.sub(r"\s+", "", text)


def _values(statement: ast.AST) -> Iterator[ast.expr]:
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
        return
    if isinstance(value, ast.Tuple | ast.List):
        yield from value.elts
    elif isinstance(value, ast.Dict):
        yield from value.values
    elif value is not None:
        yield value


def _formula(cell: Cell, value: ast.expr) -> Formula:
    spelt = squeezed(ast.unparse(value))
    return Formula(cell.at(value), spelt, squeezed(ast.get_source_segment(cell.source, value) or "") or spelt)
