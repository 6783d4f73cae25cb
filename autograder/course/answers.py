"""Typical wrong answers and unusual right ones to a notebook's exercises, as ``mistakes.py`` lists them.

`edit`, `wrong` and `variant` are what a ``mistakes.py`` is written with. The file is parsed, never imported:
an answer's text replaces the text of the solution cell it is named after.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.paths import CourseError

HELPERS = "helpers"


@dataclass(frozen=True)
class Answer:
    """One answer to a notebook.

    Attributes
    ----------
    kind : str
        ``"wrong"`` or ``"variant"``.
    exercise : str
        Which exercise must lose points; empty for a variant, which must keep them all.
    mistake : str or None
        The diagnosis it must receive.
    title : str
        What a reader sees: a variant's description, or the mistake's name.
    cells : mapping
        Solution cell's name to its new source; `HELPERS` holds the text of an extra cell.
    line : int
        Where in ``mistakes.py``.
    """

    kind: str
    exercise: str
    mistake: str | None
    title: str
    cells: Mapping[str, str]
    line: int


def edit(exercise: str, old: str, new: str, *, mistake: str | None) -> None:
    """List a wrong answer: the reference of `exercise` with `old`, which occurs once, replaced by `new`."""


def wrong(mistake: str | None, exercise: str | None = None) -> Callable:
    """List a wrong answer: decorates a function or class named like its exercise, or a class of several."""
    return lambda answer: answer


def variant(title: str) -> Callable:
    """List an unusual right answer: decorates a function or class named like its exercise, or a class of several."""
    return lambda answer: answer


def read_answers(path: Path, reference: Mapping[str, str]) -> list[Answer]:
    """Return the answers that a ``mistakes.py`` lists, in order.

    Parameters
    ----------
    path : Path
    reference : mapping
        Solution cell's name to the reference's source.

    Raises
    ------
    CourseError
        With file and line, for an entry that cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{path}:{error.lineno}: {error.msg}") from error
    answers = []
    for node in tree.body:
        try:
            answer = _read(node, text, reference)
        except ValueError as error:
            raise CourseError(f"{path}:{_line(node)}: {error}") from error
        if answer:
            answers.append(answer)
    return answers


def _read(node: ast.stmt, text: str, reference: Mapping[str, str]) -> Answer | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _name(node.value) == "edit":
        return _read_edit(node.value, reference)
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return None
    marks = [d for d in node.decorator_list if isinstance(d, ast.Call) and _name(d) in ("wrong", "variant")]
    if not marks:
        return None
    if len(marks) > 1:
        raise ValueError("one answer is either wrong or a variant, once")
    return _read_decorated(node, marks[0], text, reference)


def _line(node: ast.stmt) -> int:
    """Where an entry begins: at its mark."""
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def _name(call: ast.Call) -> str | None:
    return call.func.id if isinstance(call.func, ast.Name) else None


def _arguments(call: ast.Call, names: tuple[str, ...]) -> dict:
    try:
        given = dict(zip(names, (ast.literal_eval(arg) for arg in call.args), strict=False))
        given |= {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    except ValueError as error:
        raise ValueError("arguments here must be literals: the file is read, not run") from error
    unknown = set(given) - set(names)
    if unknown or len(call.args) > len(names):
        raise ValueError(f"{_name(call)} takes {', '.join(names)}")
    return given


def _read_edit(call: ast.Call, reference: Mapping[str, str]) -> Answer:
    given = _arguments(call, ("exercise", "old", "new", "mistake"))
    exercise, old = given["exercise"], given["old"]
    if exercise not in reference:
        raise ValueError(f"there is no exercise {exercise!r}; those that exist: {', '.join(reference)}")
    occurs = reference[exercise].count(old)
    if occurs != 1:
        raise ValueError(f"{old!r} occurs {occurs} times in the reference of {exercise}; it must occur once")
    source = reference[exercise].replace(old, given["new"])
    mistake = given["mistake"]
    return Answer("wrong", exercise, mistake, mistake or "unnamed", {exercise: source}, call.lineno)


def _source(node: ast.stmt, text: str, *, decorated: bool) -> str:
    """The text of a definition, without the mark above it."""
    first = _line(node) if decorated else node.lineno
    lines = text.splitlines()[first - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines)) + "\n"


def _read_decorated(node, mark: ast.Call, text: str, reference: Mapping[str, str]) -> Answer:
    kind = _name(mark)
    given = _arguments(mark, ("mistake", "exercise") if kind == "wrong" else ("title",))
    cells: dict[str, str] = {}
    if node.name in reference:
        cells[node.name] = _source(node, text, decorated=False)
    elif isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.Expr):
                continue  # a docstring
            name = getattr(member, "name", None)
            source = _source(member, text, decorated=True)
            where = name if name in reference else HELPERS
            cells[where] = cells.get(where, "") + source
    if not set(cells) - {HELPERS}:
        raise ValueError(
            f"{node.name} is no exercise of this notebook and holds none; those: {', '.join(reference)}"
        )
    if kind == "variant":
        return Answer(kind, "", None, given["title"], cells, mark.lineno)
    replaced = [name for name in cells if name != HELPERS]
    exercise = given.get("exercise") or (replaced[0] if len(replaced) == 1 else None)
    if exercise is None or exercise not in reference:
        raise ValueError("say which exercise must lose points: @wrong(mistake, exercise=...)")
    return Answer(kind, exercise, given["mistake"], given["mistake"] or "unnamed", cells, mark.lineno)
