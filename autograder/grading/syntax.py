"""What a cell's text binds and defines: facts about Python source that never run it.

Standard library only. Knows nothing of notebooks or grades.
"""

from __future__ import annotations

import ast
import functools
import re
import warnings

_DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)", re.MULTILINE)
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?| +\.\.\.+: ?)", re.MULTILINE)
_SPECIAL = re.compile(
    r"^(?:(?P<assigned>[ \t]*[^\W\d][\w, \t]*=[ \t]*)[%!].*|(?P<indent>[ \t]*)(?:[%!?].*|[\w.%*]+\?\??[ \t]*))$"
)
_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_BEGIN, _END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
_WORTH_KEEPING = 20_000  # characters
_TELLING = 12  # characters; shorter lines of a check give nothing away
_WRITTEN_BY_STUDENTS = 100_000  # characters; a longer cell is looked at by its lines only


def _remembered(look):
    """Remember what was found: a class's notebooks repeat the same cells. Very long texts are soon forgotten."""
    found, lately = functools.lru_cache(maxsize=2048)(look), functools.lru_cache(maxsize=4)(look)

    @functools.wraps(look)
    def asked(source: str, *more):
        return (found if len(source) < _WORTH_KEEPING else lately)(source, *more)

    return asked


@functools.lru_cache(maxsize=4)
def parse(source: str) -> ast.Module | None:
    """Parse a cell, IPython's magics included; None if it is not Python. The tree is shared: it is not to be changed."""
    if len(source) > _WRITTEN_BY_STUDENTS:
        return None
    for text in (source, None):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # a student's odd escape sequence is not the grader's to report
                return ast.parse(_as_python(source) if text is None else text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _as_python(source: str) -> str:
    """The cell without what only IPython understands, line by line.

    IPython's own transformer reads the whole cell anew for each such line: minutes, for a cell made to be slow.
    """
    lines = _PROMPT.sub("", source).split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%"):
        return ""
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join(_SPECIAL.sub(_without_magic, line.removeprefix(indent)) for line in lines)


def _without_magic(found: re.Match) -> str:
    return f"{found['assigned']}None" if found["assigned"] else f"{found['indent'] or ''}pass"


@_remembered
def names_bound(source: str) -> tuple[str, ...]:
    """Names that running `source` binds at the top level, in order, imports left out.

    A text that cannot be parsed is searched for ``def`` and ``class`` at the start of a line.
    """
    tree = parse(source)
    if tree is None:
        return names_defined(source)
    found: list[str] = []
    waiting: list[ast.AST] = [tree]  # a stack: a chain of a thousand calls nests deeper than Python recurses
    while waiting:
        node = waiting.pop()
        if isinstance(node, _SCOPES):
            found += [node.name] if hasattr(node, "name") else []
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        waiting += reversed(list(ast.iter_child_nodes(node)))
    return tuple(dict.fromkeys(found))


def names_defined(source: str) -> tuple[str, ...]:
    """Names of ``def`` and ``class`` at the start of a line: a look that costs next to nothing."""
    return tuple(dict.fromkeys(_DEFINITION.findall(source)))


@_remembered
def names_used(source: str) -> frozenset[str]:
    """Every name that `source` reads anywhere, inner scopes included."""
    tree = parse(source)
    if tree is None:
        return frozenset(re.findall(r"[^\W\d]\w*", source))
    return frozenset(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


@_remembered
def is_unwritten(source: str, name: str) -> bool:
    """Whether the last definition of `name` in `source` is still a stub that raises NotImplementedError.

    A class counts as a stub when every method but the special ones does.
    """
    tree = parse(source)
    found = None
    for node in tree.body if tree else ():
        if getattr(node, "name", None) == name:
            found = node
    if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
        return _raises_at_once(found)
    if isinstance(found, ast.ClassDef):
        methods = [
            node
            for node in found.body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")
        ]
        return bool(methods) and all(_raises_at_once(method) for method in methods)
    return False


def _raises_at_once(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    for node in function.body:
        if isinstance(node, ast.Return):
            return False
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False


def definitions_only(source: str) -> str:
    """The functions, classes and imports of `source`, as they are written, without anything that computes."""
    tree = parse(source)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    lines = source.split("\n")
    kept = []
    for node in tree.body if tree else ():
        if isinstance(node, kinds):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            kept.append("\n".join(lines[first - 1 : node.end_lineno]))
    text = "\n\n".join(kept)
    return text if parse(text) is not None else ""


@_remembered
def visible(source: str, remark: str | None = None) -> str:
    """`source` without its hidden regions; where one stood, `remark` if given.

    A region that is not closed hides everything to the end.
    """
    lines: list[str] = []
    hidden = False
    for line in source.split("\n"):
        if _BEGIN in line:
            hidden = True
            if remark is not None:
                lines.append(remark)
        elif _END in line:
            hidden = False
        elif not hidden:
            lines.append(line)
    return "\n".join(lines)


def has_hidden(source: str) -> bool:
    """Whether `source` holds a hidden region."""
    return _BEGIN in source


@_remembered
def hidden_lines(source: str) -> tuple[str, ...]:
    """The lines of hidden regions that say something, stripped."""
    shown = set(squeezed(visible(source)))
    lines = (line.strip() for line in squeezed(source) if line not in shown)
    return tuple(line for line in lines if len(line) >= _TELLING and _BEGIN not in line and _END not in line)


def declared(source: str) -> tuple[str, int] | None:
    """The exercise and the number of hidden checks that a check cell declares: ``Check("name", hidden=2)``."""
    tree = parse(source)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Check":
            if not (node.args and isinstance(node.args[0], ast.Constant)):
                return None
            hidden = 0
            for keyword in node.keywords:
                if keyword.arg == "hidden" and isinstance(keyword.value, ast.Constant):
                    hidden = int(keyword.value.value)
            return str(node.args[0].value), hidden
    return None


def same_text(one: str, other: str) -> bool:
    """Whether two cells say the same but for white space at line ends and blank lines."""
    return squeezed(one) == squeezed(other)


@_remembered
def squeezed(text: str) -> tuple[str, ...]:
    """What a cell says: its lines without white space at their ends, and without blank ones."""
    return tuple(line.rstrip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())
