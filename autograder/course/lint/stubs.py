"""Rules on what the student is handed to complete: it keeps its signature and stops with NotImplementedError.

Looks at the cell as nbgrader releases it, with the build's own stub text in place of every solution region.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import SOLUTION, Cell
from autograder.course.lint.regions import SOLUTION_REGION, Region, regions

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def present(authored: Authored) -> Iterator[Finding]:
    """A solution cell without a region: nbgrader takes away all of it, signature and docstring too."""
    for cell in authored.having(SOLUTION):
        if "### BEGIN SOLUTION" not in cell.source:
            yield authored.finding(
                cell.first,
                "region-missing",
                f"{cell.name} has no solution region: nbgrader replaces the whole cell, its signature too.",
                "Put `### BEGIN SOLUTION` and `### END SOLUTION` around what the student is to write.",
            )


def indented(authored: Authored) -> Iterator[Finding]:
    """A region whose mark is indented unlike its first statement: the stub stands where the mark stood."""
    for cell in authored.having(SOLUTION):
        for region in _solution_regions(cell):
            if _aligned(cell, region):
                continue
            yield authored.finding(
                cell.first + region.begin,
                "stub-indent",
                f"The stub in {cell.name} will be indented like this mark, and the answer below is not.",
                "Indent `### BEGIN SOLUTION` like the first statement below it.",
            )


def parses(authored: Authored) -> Iterator[Finding]:
    """A stub that is not Python although the whole cell is."""
    for cell in authored.having(SOLUTION):
        if cell.tree is None or cell.released is None or cell.released_tree is not None:
            continue
        yield authored.finding(
            cell.first,
            "stub-broken",
            f"What the student gets of {cell.name} is not Python.",
            "Let each region hold whole statements, with everything that belongs to them.",
        )


def stops(authored: Authored) -> Iterator[Finding]:
    """A function that lost its solution and can still return without raising NotImplementedError."""
    for cell in authored.having(SOLUTION):
        if cell.tree is None or cell.released_tree is None:
            continue
        released = _functions(cell.released_tree)
        for region in _solution_regions(cell):
            owner = _owner(cell.tree, region)
            stub = released.get(owner) if owner and _aligned(cell, region) else None
            if stub is not None and not _always_raises(stub.body):
                yield authored.finding(
                    cell.first + region.begin,
                    "stub-returns",
                    f"The stub of {owner} can end without NotImplementedError: code around the region returns first.",
                    "Let the region hold every path through the function, returns included.",
                )


def complete(authored: Authored) -> Iterator[Finding]:
    """An exercise that is handed out complete: its definition holds no region, or stands there a second time."""
    for cell in authored.having(SOLUTION):
        found = _solution_regions(cell)
        if cell.tree is None or not found:
            continue
        named = [n for n in cell.tree.body if isinstance(n, _Function | ast.ClassDef) and n.name == cell.name]
        for node in named:
            if any(_within(region, node) for region in found):
                continue
            if any(region.begin + 1 < node.lineno <= region.end for region in found):
                continue  # the definition stands inside a region: another rule says so
            yield authored.finding(
                cell.at(node),
                "stub-complete",
                f"{cell.name} is handed out complete: this definition holds no solution region.",
                "Put its body between `### BEGIN SOLUTION` and `### END SOLUTION`, or drop this second definition.",
            )


def _solution_regions(cell: Cell) -> list[Region]:
    return [region for region in regions(cell) if region.what == SOLUTION_REGION]


def _aligned(cell: Cell, region: Region) -> bool:
    lines = cell.source.split("\n")
    inside = [line for line in lines[region.begin + 1 : region.end] if line.strip()]
    return not inside or _indent(lines[region.begin]) == _indent(inside[0])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _within(region: Region, node: ast.stmt) -> bool:
    """Whether a definition holds a region; a mark below its last statement is no part of it for the parser."""
    return node.lineno <= region.begin + 1 and region.begin + 1 <= (node.end_lineno or node.lineno) + 1


def _owner(tree: ast.Module, region: Region) -> str | None:
    """The dotted name of the innermost function that holds a region; None at the cell's top level."""
    names = [
        (node.lineno, name)
        for name, node in _functions(tree).items()
        if node.lineno <= region.begin + 1 and region.begin + 1 < (node.end_lineno or node.lineno) + 1
    ]
    return max(names)[1] if names else None


def _functions(tree: ast.AST, prefix: str = "") -> dict[str, _Function]:
    """Every function and method of a cell by dotted name."""
    found: dict[str, _Function] = {}
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, _Function | ast.ClassDef):
            name = f"{prefix}.{node.name}" if prefix else node.name
            if isinstance(node, _Function):
                found.setdefault(name, node)
        found = _functions(node, name) | found
    return found


def _always_raises(body: list[ast.stmt]) -> bool:
    """Whether running these statements must end in an exception. Loops and `with` are taken to run their body."""
    for statement in body:
        if isinstance(statement, ast.Raise):
            return True
        if isinstance(statement, ast.Return):
            return False
        if isinstance(statement, ast.If) and statement.orelse:
            if _always_raises(statement.body) and _always_raises(statement.orelse):
                return True
        elif isinstance(statement, ast.If):
            continue  # a case settled before the student's part; what follows decides
        elif isinstance(statement, ast.For | ast.While | ast.With | ast.AsyncFor | ast.AsyncWith):
            if _always_raises(statement.body):
                return True
        elif isinstance(statement, ast.Try):
            if _always_raises(statement.finalbody) or (
                _always_raises(statement.body)
                and all(_always_raises(h.body) for h in statement.handlers if _catches(h))
            ):
                return True
        elif isinstance(statement, ast.Match) and all(_always_raises(case.body) for case in statement.cases):
            return True
    return False


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether a handler may catch the stub's own exception."""
    kinds = (
        {getattr(node, "id", "") for node in ast.walk(handler.type)} if handler.type else {"BaseException"}
    )
    return bool(kinds & {"BaseException", "Exception", "RuntimeError", "NotImplementedError"})


RULES = (present, indented, parses, stops, complete)
