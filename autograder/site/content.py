"""What the pages of a topic show: cells in order, with figures; solutions only where they are asked for.

Pairs the release (texts and stubs) with the executed worked notebook (figures). Authored text only: it is trusted, and the
page around it lets no script run. Knows nbformat; renders no page.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import nbformat
from markupsafe import Markup
from nbformat.notebooknode import NotebookNode

from autograder.course.overview import Overview, overview
from autograder.course.paths import Assignment
from autograder.course.plain import is_check, is_solution, mark_of
from autograder.feedback.cells import alone, code, markdown, outputs

_NOTHING = Markup()
_HEADING = re.compile(r"^##\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """One cell on a page.

    Attributes
    ----------
    kind : str
        ``"text"``, ``"given"``, ``"stub"``, ``"solution"``, ``"check"`` or ``"answer"`` (the written reflection).
    anchor : str
        What a link to it says.
    name : str
        Of the exercise, for stubs, solutions and checks.
    body, results : Markup
        The cell and what it put out.
    about : str
        A check's line: ``"14 points, 3 more checks when graded"``.
    """

    kind: str
    anchor: str
    name: str
    body: Markup
    results: Markup = _NOTHING
    about: str = ""


@dataclass(frozen=True)
class Topic:
    """One notebook, ready for its pages.

    Attributes
    ----------
    overview : Overview
    student, worked : list of Shown
        The cells as a student meets them, and with every solution.
    sections : list of (anchor, title)
    builds_on : dict of str to tuple of str
        Earlier topics whose exercises this one uses: name to those exercises.
    executed : bool
        Whether there are figures.
    """

    overview: Overview
    student: list[Shown]
    worked: list[Shown]
    sections: list[tuple[str, str]]
    builds_on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    executed: bool = True


def topic(assignment: Assignment, ran: NotebookNode, earlier: Sequence[Overview] = ()) -> Topic:
    """Put together a topic from its release, its source and the executed worked notebook."""
    release = nbformat.read(assignment.release, as_version=4)
    source = nbformat.read(assignment.source, as_version=4)
    student, worked, sections = [], [], []
    for i, (given, marked, full) in enumerate(zip(release.cells, source.cells, ran.cells, strict=True)):
        anchor = mark_of(given).get("grade_id") or f"cell-{i}"
        if given.cell_type == "markdown":
            sections += [(anchor, _plain(title)) for title in _HEADING.findall(given.source)]
        student.append(_shown(given, marked, full, anchor, solved=False))
        worked.append(_shown(full, marked, full, anchor, solved=True))
    return Topic(
        overview(assignment),
        student,
        worked,
        sections,
        _builds_on(release, earlier),
        any(cell.get("outputs") for cell in ran.cells),
    )


def _shown(
    cell: NotebookNode, marked: NotebookNode, ran: NotebookNode, anchor: str, *, solved: bool
) -> Shown:
    mark = mark_of(marked)
    if cell.cell_type == "markdown":
        kind = "answer" if mark.get("grade") else "text"
        return Shown(kind, anchor, "", markdown(cell.source, cell.get("attachments")))
    if is_solution(marked):
        kind = "solution" if solved else "stub"
        return Shown(kind, anchor, mark["grade_id"], code(cell.source), _results(ran) if solved else Markup())
    if is_check(marked):
        name = mark["grade_id"].removesuffix("_check")
        return Shown(
            "check", anchor, name, code(cell.source), _results(ran) if solved else Markup(), _about(marked)
        )
    standing = cell.source.rstrip().endswith("progress()")  # the author's points are nobody's
    return Shown(
        "given", anchor, "", code(cell.source), _NOTHING if standing and not solved else _results(ran)
    )


def _about(check: NotebookNode) -> str:
    points = float(mark_of(check)["points"])
    hidden = re.search(r"hidden=(\d+)", check.source)
    more = int(hidden[1]) if hidden else 0
    told = f"{points:g} points" if points != 1 else "1 point"
    return told + (f", {more} further check{'s' if more != 1 else ''} when graded" if more else "")


def _results(cell: NotebookNode) -> Markup:
    """What an authored cell put out; figures keep their alt text."""
    parts = []
    for output in cell.get("outputs", ()):
        page = output.get("data", {}).get("text/html")
        parts.append(f"<div class='scroll'>{alone(page)}</div>" if page else outputs([output], "this cell"))
    return Markup("".join(parts))


def _plain(title: str) -> str:
    return re.sub(r"[`*$]", "", title)


def _builds_on(release: NotebookNode, earlier: Sequence[Overview]) -> dict[str, tuple[str, ...]]:
    """Exercises of earlier topics that this notebook's code uses; a name counts for the topic that asks for it first."""
    code_cells = [cell.source for cell in release.cells if cell.cell_type == "code"]
    used = _used(code_cells) | _defined(code_cells)
    own = _defined(cell.source for cell in release.cells if is_solution(cell))
    first: dict[str, str] = {}
    for one in earlier:
        for exercise in one.exercises:
            first.setdefault(exercise, one.name)
    found: dict[str, list[str]] = {}
    for exercise, name in first.items():
        if exercise in used - own:
            found.setdefault(name, []).append(exercise)
    return {name: tuple(exercises) for name, exercises in found.items()}


def _trees(sources: Iterable[str]) -> Iterator[ast.AST]:
    """Every node of the programs that can be parsed."""
    for source in sources:
        with contextlib.suppress(SyntaxError):
            yield from ast.walk(ast.parse(source))


def _defined(sources: Iterable[str]) -> set[str]:
    return {node.name for node in _trees(sources) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _used(sources: Iterable[str]) -> set[str]:
    return {node.id for node in _trees(sources) if isinstance(node, ast.Name)}


def needs(topics: Mapping[str, Topic]) -> dict[str, list[str]]:
    """Which topics come before which, without those that follow from others."""
    before = {name: set(one.builds_on) for name, one in topics.items()}
    return {
        name: sorted(direct - {far for near in direct for far in before.get(near, ())})
        for name, direct in before.items()
    }
