"""Marks as nbgrader's gradebook has them, for one assignment, in a few questions to the database.

Knows nbgrader's tables. A score is what nbgrader says it is: the manual mark if there is one, else the automatic one,
with extra credit, less the penalty for lateness.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

CHECK = "_check"  # an exercise's check cell is called after it


class MarksError(RuntimeError):
    """The gradebook cannot answer; the message says why and what to do."""


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; what it does not know is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, or the id."""
        return f"{self.first_name} {self.last_name}".strip() or self.id


@dataclass
class Mark:
    """What one student has for the assignment.

    Attributes
    ----------
    student : str
    cells : dict of str to (float or None)
        Points by check cell's exercise (or the cell's own name); None while nobody knows them.
    waiting : tuple of str
        Cells that wait for a person.
    penalty : float
        For lateness.
    timestamp : datetime or None
        When it was handed in, as far as known.
    comments : dict of str to str
        By cell; a person's comment, or else the automatic one.
    """

    student: str
    cells: dict[str, float | None] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    penalty: float = 0.0
    timestamp: Any = None
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def graded(self) -> bool:
        """Whether every cell has points."""
        return bool(self.cells) and None not in self.cells.values()

    @property
    def score(self) -> float:
        """Points so far."""
        raw = sum(points or 0.0 for points in self.cells.values())
        return round(max(0.0, raw - self.penalty), 2)


@dataclass
class Marks:
    """One assignment's marks.

    Attributes
    ----------
    assignment : str
    exercises : dict of str to float
        Points that each graded cell carries, in no order that means anything.
    people : dict of str to Person
        Everybody in the gradebook, whether they handed in or not.
    of : dict of str to Mark
        By student: those who handed in.
    """

    assignment: str
    exercises: dict[str, float]
    people: dict[str, Person]
    of: dict[str, Mark]

    @property
    def max_score(self) -> float:
        """Points of all cells."""
        return sum(self.exercises.values())

    @property
    def missing(self) -> list[str]:
        """Students of the gradebook without a submission."""
        return sorted(set(self.people) - set(self.of))


def read_marks(db_url: str, assignment: str) -> Marks:
    """Read an assignment's marks.

    Raises
    ------
    MarksError
        If there is no such gradebook, or it does not know the assignment.
    """
    engine = create_engine(db_url)
    file = engine.url.database if engine.url.get_backend_name() == "sqlite" else None
    if file and file != ":memory:" and not Path(file).is_file():
        raise MarksError(f"There is no gradebook {file}. Grade first: autograder grade {assignment}")
    try:
        with engine.connect() as connection:
            return _read(connection, assignment)
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", error)).splitlines()[0]
        raise MarksError(
            f"The gradebook {engine.url.render_as_string()} could not be read ({told}). "
            f"Grade first: autograder grade {assignment}"
        ) from error
    finally:
        engine.dispose()


def _tables() -> dict[str, Any]:
    from nbgrader.api import Base

    return dict(Base.metadata.tables)


def _read(connection: Connection, assignment: str) -> Marks:
    tables = _tables()
    mine, people = tables["assignment"], tables["student"]
    identity = connection.scalar(select(mine.c.id).where(mine.c.name == assignment))
    if identity is None:
        known = ", ".join(sorted(connection.scalars(select(mine.c.name)))) or "none"
        raise MarksError(
            f"The gradebook does not know {assignment!r}; it knows: {known}. "
            f"If that is its name, grade it first: autograder grade {assignment}"
        )
    cells = _cells(connection, tables, identity)
    persons = {
        row.id: Person(
            row.id, row.first_name or "", row.last_name or "", row.email or "", row.lms_user_id or ""
        )
        for row in connection.execute(select(people))
    }
    marks, students = _submissions(connection, tables, identity)
    _points(connection, tables, cells, marks, students)
    _comments(connection, tables, identity, marks, students)
    return Marks(assignment, dict(cells.values()), persons, marks)


def _cells(connection: Connection, tables: dict, identity: str) -> dict[str, tuple[str, float]]:
    """Graded cells: id to name and points."""
    notebooks, base = tables["notebook"], tables["base_cell"]
    found = {}
    for kind in ("grade_cells", "task_cells"):
        table = tables[kind]
        asked = (
            select(base.c.id, base.c.name, table.c.max_score)
            .join(table, table.c.id == base.c.id)
            .join(notebooks, notebooks.c.id == base.c.notebook_id)
            .where(notebooks.c.assignment_id == identity)
        )
        for row in connection.execute(asked):
            found[row.id] = (row.name.removesuffix(CHECK), float(row.max_score))
    return found


def _submissions(
    connection: Connection, tables: dict, identity: str
) -> tuple[dict[str, Mark], dict[str, str]]:
    """Marks without points by student, and submitted notebook's id to student."""
    submitted, notebooks = tables["submitted_assignment"], tables["submitted_notebook"]
    asked = (
        select(
            notebooks.c.id,
            submitted.c.student_id,
            submitted.c.timestamp,
            notebooks.c.late_submission_penalty,
        )
        .join(submitted, submitted.c.id == notebooks.c.assignment_id)
        .where(submitted.c.assignment_id == identity)
    )
    marks: dict[str, Mark] = {}
    students = {}
    for row in connection.execute(asked):
        mark = marks.setdefault(row.student_id, Mark(row.student_id, timestamp=row.timestamp))
        mark.penalty += row.late_submission_penalty or 0.0
        students[row.id] = row.student_id
    return marks, students


def _points(connection: Connection, tables: dict, cells: dict, marks: dict, students: dict) -> None:
    grades = tables["grade"]
    asked = select(
        grades.c.notebook_id,
        grades.c.cell_id,
        grades.c.auto_score,
        grades.c.manual_score,
        grades.c.extra_credit,
        grades.c.needs_manual_grade,
    ).where(grades.c.cell_id.in_(list(cells)))
    waiting = defaultdict(list)
    for row in connection.execute(asked):
        student = students.get(row.notebook_id)
        if student is None:
            continue
        name = cells[row.cell_id][0]
        points = row.manual_score if row.manual_score is not None else row.auto_score
        if points is not None or row.extra_credit:
            points = (points or 0.0) + (row.extra_credit or 0.0)
        elif cells[row.cell_id][1] == 0:
            points = 0.0  # a reflection that nobody has read yet keeps no mark open: it carries no points
        marks[student].cells[name] = points
        if row.needs_manual_grade and row.manual_score is None:
            waiting[student].append(name)
    for student, names in waiting.items():
        marks[student].waiting = tuple(sorted(names))


def _comments(connection: Connection, tables: dict, identity: str, marks: dict, students: dict) -> None:
    comments, base = tables["comment"], tables["base_cell"]
    submitted, notebooks = tables["submitted_assignment"], tables["submitted_notebook"]
    asked = (
        select(comments.c.notebook_id, base.c.name, comments.c.auto_comment, comments.c.manual_comment)
        .join(base, base.c.id == comments.c.cell_id)
        .join(notebooks, notebooks.c.id == comments.c.notebook_id)
        .join(submitted, submitted.c.id == notebooks.c.assignment_id)
        .where(submitted.c.assignment_id == identity)
    )
    for row in connection.execute(asked):
        text = row.manual_comment or row.auto_comment
        student = students.get(row.notebook_id)
        if text and student is not None:
            marks[student].comments[row.name] = text
