"""What can be told of a cell without running it: the names it uses, and whether running it can go wrong.

Knows Python's grammar. Knows nothing of processes.
"""

from __future__ import annotations

import ast
import builtins
import functools
import marshal
import re
import sys
import warnings
from collections.abc import Mapping, Sequence

MAGIC = "%matplotlib"  # the one that setups contain, and harmless
_WORD = re.compile(r"[^\W\d]\w*")


def names_used(source: str, names: Mapping[str, Sequence[str]] | Sequence[str]) -> list[str]:
    """Those of `names` that occur in `source` as words, whatever order they are given in."""
    known = (
        set(names) if not isinstance(names, Mapping) else {name for group in names.values() for name in group}
    )
    return sorted(known.intersection(_WORD.findall(source)))


@functools.lru_cache(maxsize=1024)
def compiled(source: str, name: str) -> bytes | None:
    """A cell of ours, compiled: its statements, and its last expression or None, marshalled; None if it has magics.

    Called where many submissions of one assignment pass by, because compiling a check costs more than running it.
    Marshalled code is only ever handed from the calling process to its own checker process.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
            shown = (
                bool(tree.body) and isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";")
            )
            last = compile(ast.Expression(tree.body.pop().value), f"<{name}>", "eval") if shown else None
            return marshal.dumps((compile(tree, f"<{name}>", "exec", dont_inherit=True), last))
    except (SyntaxError, ValueError):
        return None


@functools.lru_cache(maxsize=64)
def is_harmless(source: str) -> bool:
    """Whether the cell can neither loop nor crash: it only defines functions and classes, and imports what is loaded.

    Such a cell needs no copy of the process to fall back upon. A wrong "no" costs milliseconds. A wrong "yes" can only be had by
    a submission that changed the interpreter beforehand, and costs that submission its own state.
    """
    statements = _statements(source)
    return statements is not None and all(map(_harmless_statement, statements))


@functools.lru_cache(maxsize=64)
def shows_nothing(source: str) -> bool:
    """Whether a harmless cell has no output either: its last line is not an expression for Jupyter to show."""
    statements = _statements(source)
    return is_harmless(source) and not (statements and isinstance(statements[-1], ast.Expr))


@functools.lru_cache(maxsize=64)
def depends_on_nothing(source: str) -> bool:
    """Whether a cell that shows nothing defines the same whatever ran before it: no value in it comes from a name.

    Annotations may have names: those of libraries.
    """
    return shows_nothing(source) and not any(map(_takes_names, _statements(source) or ()))


def _takes_names(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
            values = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
        case ast.ClassDef(bases=bases, body=body):
            return any(not _is_builtin(base) for base in bases) or any(map(_takes_names, body))
        case ast.Assign(value=value):
            values = [value]
        case _:
            return False
    return any(isinstance(part, ast.Name) for value in values for part in ast.walk(value))


def _is_builtin(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and hasattr(builtins, base.id)


def _statements(source: str) -> list[ast.stmt] | None:
    """The cell's statements, its harmless magics left out; None if it has others, or is no Python."""
    lines = [line for line in source.splitlines() if not line.startswith(MAGIC)]
    try:
        return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _harmless_statement(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            arguments = node.args
            defaults = [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
            every = [
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ]
            notes = [
                argument.annotation for argument in every if argument is not None and argument.annotation
            ]
            notes += [node.returns] if node.returns else []
            return not node.decorator_list and all(map(_harmless_value, [*defaults, *notes]))
        case ast.ClassDef():
            bases = not node.keywords and not node.decorator_list and all(map(_harmless_value, node.bases))
            return bases and all(map(_harmless_statement, node.body))
        case ast.Import():
            return all(name.name in sys.modules for name in node.names)
        case ast.ImportFrom():
            return node.level == 0 and node.module in sys.modules
        case ast.Assign():
            return all(isinstance(target, ast.Name) for target in node.targets) and _harmless_value(
                node.value
            )
        case ast.Expr():
            return isinstance(node.value, ast.Constant)
        case ast.Pass():
            return True
    return False


def _harmless_value(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(map(_harmless_value, items))
        case ast.Attribute(value=ast.Name()):  # np.ndarray, as in an annotation
            return True
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and isinstance(key, ast.Constant) for key in keys) and all(
                map(_harmless_value, values)
            )
    return False
