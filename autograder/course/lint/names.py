"""Which names a cell binds and which it needs from elsewhere, by Python's own symbol tables.

Knows scopes (comprehensions, nested functions, classes, imports); nothing of notebooks.
"""

from __future__ import annotations

import ast
import builtins
import symtable

from autograder.course.lint.cells import parsed, python_of

BUILTINS = frozenset(dir(builtins)) | {"__name__"}
NOTEBOOK = frozenset({"display", "get_ipython", "_", "In", "Out"})  # what IPython adds


def bound(source: str) -> dict[str, int]:
    """Return the names a cell binds for the cells below it, each with the line (from 1) of its first binding.

    A cell that is not Python binds nothing.
    """
    table = _table(source)
    if table is None:
        return {}
    names = {symbol.get_name() for symbol in table.get_symbols() if _binds(symbol)}
    names |= {
        symbol.get_name()
        for inner in _below(table)
        for symbol in inner.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    lines = _binding_lines(_tree(source))
    return {name: lines.get(name, 1) for name in sorted(names)}


def free(source: str) -> dict[str, int]:
    """Return the names a cell needs from other cells, each with the line (from 1) of its first use.

    Builtins are not free. A name that the cell binds only by first reading it (``total += 1``) is.
    """
    table = _table(source)
    if table is None:
        return {}
    here = set(bound(source))
    needed = {s.get_name() for s in table.get_symbols() if s.is_referenced() and not _binds(s)}
    for inner in _below(table):
        needed |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
    tree = _tree(source)
    needed = (needed - here) | _read_before_bound(tree, here)
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in needed - BUILTINS:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def has_star_import(source: str) -> bool:
    """Whether a cell imports names that cannot be known without running it."""
    tree = parsed(source)
    nodes = ast.walk(tree) if tree else ()
    return any(isinstance(n, ast.ImportFrom) and any(a.name == "*" for a in n.names) for n in nodes)


def _tree(source: str) -> ast.Module:
    return parsed(source) or ast.Module(body=[], type_ignores=[])


def _table(source: str) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(python_of(source), "cell", "exec")
    except (SyntaxError, ValueError):
        return None


def _below(table: symtable.SymbolTable):
    for child in table.get_children():
        yield child
        yield from _below(child)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _binding_lines(tree: ast.Module) -> dict[str, int]:
    """The first line on which each name is bound, in whatever scope: good enough to point at."""
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names = [node.id]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names = [node.name]
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
        else:
            continue
        for name in names:
            lines[name] = min(node.lineno, lines.get(name, node.lineno))
    return lines


def _read_before_bound(tree: ast.Module, here: set[str]) -> set[str]:
    """Names whose first plain statement at the cell's top level reads them: ``x = x + 1``, ``total += 1``."""
    seen: set[str] = set()
    found: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr):
            found |= (_read_at_once(statement) & here) - seen
        seen |= set(_binding_lines(ast.Module(body=[statement], type_ignores=[])))
    return found


def _read_at_once(statement: ast.stmt) -> set[str]:
    """Names a plain statement reads when it runs: not those inside lambdas and comprehensions."""
    names = set()
    queue: list[ast.AST] = [statement]
    while queue:
        node = queue.pop()
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.NamedExpr):
            names -= {node.target.id}
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names.add(node.id)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        queue += ast.iter_child_nodes(node)
    return names
