"""How many checks a statement of a check cell adds, as far as reading tells.

Knows ``@check``, ``check.gradients`` and loops over literals; None stands for what only running would tell.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

_BLOCKS = ast.If | ast.While | ast.With | ast.Try | ast.Match


def is_method(node: ast.AST | None, name: str) -> bool:
    """Whether a node calls a method called `name`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def literals(tree: ast.Module) -> dict[str, ast.expr]:
    """What a cell's top-level names hold, where they are assigned once."""
    assigned = [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
    names = [node.targets[0].id for node in assigned]
    return {name: node.value for name, node in zip(names, assigned, strict=True) if names.count(name) == 1}


def added(node: ast.AST, known: Mapping[str, ast.expr]) -> int | None:
    """How many checks a statement adds to its check cell; `known` are the cell's `literals`."""
    if isinstance(node, ast.FunctionDef):
        return sum(isinstance(d, ast.Call) and isinstance(d.func, ast.Name) for d in node.decorator_list)
    if isinstance(node, ast.Expr) and is_method(node.value, "gradients"):
        return _inputs(node.value, known)
    if isinstance(node, ast.For):
        return _times(_length(node.iter, known), [added(inner, known) for inner in node.body])
    if isinstance(node, _BLOCKS):
        inner = (n for n in ast.walk(node) if isinstance(n, ast.stmt) and not isinstance(n, _BLOCKS))
        return None if any(added(n, known) != 0 for n in inner) else 0
    return 0


def _times(repeats: int | None, each: list[int | None]) -> int | None:
    if all(count == 0 for count in each):
        return 0
    return None if repeats is None or None in each else repeats * sum(each)


def _inputs(call: ast.Call, known: Mapping[str, ast.expr]) -> int | None:
    """The number of inputs of ``check.gradients(forward, backward, inputs)``; a starred argument is a pair."""
    by_name = [keyword.value for keyword in call.keywords if keyword.arg == "inputs"]
    places = [place for arg in call.args for place in ([None] * 2 if isinstance(arg, ast.Starred) else [arg])]
    inputs = (by_name or places[2:3] or [None])[0]
    if isinstance(inputs, ast.Name):
        inputs = known.get(inputs.id)
    if isinstance(inputs, ast.Dict) and None not in inputs.keys:
        return len(inputs.keys)
    if isinstance(inputs, ast.Call) and isinstance(inputs.func, ast.Name) and inputs.func.id == "dict":
        return None if inputs.args or any(k.arg is None for k in inputs.keywords) else len(inputs.keywords)
    return None


def _length(node: ast.expr | None, known: Mapping[str, ast.expr]) -> int | None:
    """How often a loop over an expression runs."""
    if isinstance(node, ast.Name):
        return _length(known.get(node.id), {})
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return None if any(isinstance(e, ast.Starred) for e in node.elts) else len(node.elts)
    if isinstance(node, ast.Dict):
        return None if None in node.keys else len(node.keys)
    if is_method(node, "items"):
        return _length(node.func.value, known)
    if (
        not isinstance(node, ast.Call)
        or not isinstance(node.func, ast.Name)
        or node.keywords
        or not node.args
    ):
        return None
    lengths = [_length(arg, known) for arg in node.args]
    if node.func.id == "range" and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
        return node.args[0].value
    if node.func.id in ("enumerate", "sorted", "reversed"):
        return lengths[0]
    return min(lengths) if node.func.id == "zip" and None not in lengths else None
