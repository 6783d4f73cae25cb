"""The rows of nbgrader's gradebook that grading writes, for many submissions at once.

The same rows as nbgrader writes one by one. Works on its tables rather than its objects, whose every look adds up scores
over the whole class: the cost of a submission must not grow with the class. Knows one open transaction, no database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader.api import Base
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import Connection

from autograder.grading.marks import auto_comment, auto_score, needs_a_person
from autograder.grading.result import Result


class GradebookError(RuntimeError):
    """The gradebook cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """What is to be written for one submission.

    Attributes
    ----------
    student : str
    timestamp : datetime or None
        When it was handed in (UTC); None leaves what the gradebook has.
    results : dict of str to Result
        By notebook; a notebook that is missing was not handed in and gets zero.
    """

    student: str
    timestamp: datetime | None
    results: dict[str, Result] = field(default_factory=dict)


class Rows:
    """One assignment's rows.

    Parameters
    ----------
    connection : Connection
        Used to read the assignment, and not kept.
    assignment : str
    late_penalty : callable or None
        ``(student, score, seconds late) -> penalty``.
    create_students : bool
        Whether a student whom the gradebook does not know is added.

    Raises
    ------
    GradebookError
        If the gradebook does not know the assignment.
    """

    def __init__(
        self,
        connection: Connection,
        assignment: str,
        late_penalty: Callable[[str, float, float], float | None] | None,
        create_students: bool,
    ):
        self.late_penalty, self.create_students = late_penalty, create_students
        self.tables: dict[str, Table] = dict(Base.metadata.tables)
        assignments, notebooks, cells = (
            self.tables[name] for name in ("assignment", "notebook", "base_cell")
        )
        mine = select(assignments.c.id, assignments.c.duedate).where(assignments.c.name == assignment)
        found = connection.execute(mine).first()
        if found is None:
            raise GradebookError(
                f"The gradebook does not know {assignment!r}: run `nbgrader generate_assignment {assignment}`."
            )
        self.assignment_id, self.duedate = found
        named = select(notebooks.c.name, notebooks.c.id).where(
            notebooks.c.assignment_id == self.assignment_id
        )
        self.notebooks = {row.name: row.id for row in connection.execute(named)}
        listed = select(cells.c.id, cells.c.notebook_id, cells.c.name, cells.c.type).where(
            cells.c.notebook_id.in_(list(self.notebooks.values()))
        )
        rows = connection.execute(listed).all()
        # A task cell has both rows, as in nbgrader's own `add_submission`.
        self.graded_cells = [(c, n, name) for c, n, name, kind in rows if kind in ("GradeCell", "TaskCell")]
        self.answered_cells = [
            (c, n, name) for c, n, name, kind in rows if kind in ("SolutionCell", "TaskCell")
        ]

    def extensions(self, connection: Connection) -> dict[str, Any]:
        """Students whose submission the gradebook has, each with the extension granted (or None)."""
        table = self.tables["submitted_assignment"]
        rows = select(table.c.student_id, table.c.extension).where(
            table.c.assignment_id == self.assignment_id
        )
        return {row.student_id: row.extension for row in connection.execute(rows)}

    def write(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """Write all entries in the connection's transaction."""
        by_student = {entry.student: entry for entry in entries}
        self._students(connection, by_student)
        submissions = self._submissions(connection, by_student)
        notebooks = self._submitted_notebooks(connection, submissions)
        scores = self._grades(connection, by_student, notebooks)
        self._comments(connection, by_student, notebooks)
        self._penalties(connection, by_student, submissions, notebooks, scores)

    def _students(self, connection: Connection, students: Collection[str]) -> None:
        table = self.tables["student"]
        known = set(connection.scalars(select(table.c.id).where(table.c.id.in_(list(students)))))
        missing = [student for student in students if student not in known]
        if missing and not self.create_students:
            raise GradebookError(
                f"The gradebook does not know the student {missing[0]!r}: add them, or set Autograde.create_student."
            )
        _insert(connection, table, [{"id": student} for student in missing])

    def _submissions(self, connection: Connection, entries: dict[str, Entry]) -> dict[str, Any]:
        """Each student's row of `submitted_assignment`, as it stands after this."""
        table = self.tables["submitted_assignment"]
        mine = select(table.c.student_id, table.c.id, table.c.timestamp, table.c.extension).where(
            table.c.assignment_id == self.assignment_id, table.c.student_id.in_(list(entries))
        )
        known = {row.student_id for row in connection.execute(mine)}
        fresh = [entry for student, entry in entries.items() if student not in known]
        _insert(
            connection,
            table,
            [
                {
                    "assignment_id": self.assignment_id,
                    "student_id": entry.student,
                    "timestamp": entry.timestamp,
                }
                for entry in fresh
            ],
        )
        stamped = [
            {"its_student": entry.student, "timestamp": entry.timestamp}
            for student, entry in entries.items()
            if student in known and entry.timestamp is not None
        ]
        if stamped:
            change = update(table).where(
                table.c.assignment_id == self.assignment_id, table.c.student_id == bindparam("its_student")
            )
            connection.execute(change, stamped)
        return {row.student_id: row for row in connection.execute(mine)}

    def _submitted_notebooks(
        self, connection: Connection, submissions: dict[str, Any]
    ) -> dict[tuple[str, str], str]:
        """(student, notebook id) to the row's id."""
        table = self.tables["submitted_notebook"]
        students = {row.id: student for student, row in submissions.items()}
        mine = select(table.c.assignment_id, table.c.notebook_id, table.c.id).where(
            table.c.notebook_id.in_(list(self.notebooks.values())), table.c.assignment_id.in_(list(students))
        )

        def read():
            return {(students[a], n): id_ for a, n, id_ in connection.execute(mine)}

        known = read()
        missing = [
            {"assignment_id": row.id, "notebook_id": notebook}
            for student, row in submissions.items()
            for notebook in self.notebooks.values()
            if (student, notebook) not in known
        ]
        _insert(connection, table, missing)
        return read() if missing else known

    def _rows(
        self, connection: Connection, table: Table, columns: Sequence, cells: Iterable, notebooks: Iterable
    ) -> dict:
        """Existing rows of a table by (submitted notebook, cell)."""
        wanted = select(table.c.notebook_id, table.c.cell_id, table.c.id, *columns).where(
            table.c.cell_id.in_(list(cells)), table.c.notebook_id.in_(list(notebooks))
        )
        return {(row.notebook_id, row.cell_id): row for row in connection.execute(wanted)}

    def _grades(
        self, connection: Connection, entries: dict[str, Entry], notebooks: dict[tuple[str, str], str]
    ) -> dict[tuple[str, str], float]:
        """Write the marks; return each submitted notebook's score, as nbgrader adds it up."""
        table = self.tables["grade"]
        names = {id_: name for name, id_ in self.notebooks.items()}
        cells = [cell for cell, _, _ in self.graded_cells]
        rows = self._rows(
            connection, table, (table.c.manual_score, table.c.extra_credit), cells, notebooks.values()
        )
        fresh, changed, scores = [], [], dict.fromkeys(notebooks, 0.0)
        for (student, notebook), submitted in notebooks.items():
            result = entries[student].results.get(names[notebook])
            for cell, of, name in self.graded_cells:
                if of != notebook:
                    continue
                row = rows.get((submitted, cell))
                manual = row.manual_score if row is not None else None
                auto = auto_score(result, name) if result is not None else 0.0
                person = needs_a_person(auto, manual) if result is not None else False
                values = {"auto_score": auto, "needs_manual_grade": person}
                if row is None:
                    fresh.append({"cell_id": cell, "notebook_id": submitted, **values})
                else:
                    changed.append({"its_id": row.id, **values})
                counted = manual if manual is not None else auto
                if counted is not None:
                    scores[student, notebook] += counted + (
                        (row.extra_credit or 0.0) if row is not None else 0.0
                    )
        _insert(connection, table, fresh)
        _update(connection, table, changed)
        return scores

    def _comments(
        self, connection: Connection, entries: dict[str, Entry], notebooks: dict[tuple[str, str], str]
    ) -> None:
        table = self.tables["comment"]
        names = {id_: name for name, id_ in self.notebooks.items()}
        cells = [cell for cell, _, _ in self.answered_cells]
        rows = self._rows(connection, table, (), cells, notebooks.values())
        fresh, changed = [], []
        for (student, notebook), submitted in notebooks.items():
            result = entries[student].results.get(names[notebook])
            for cell, of, name in self.answered_cells:
                if of != notebook:
                    continue
                row = rows.get((submitted, cell))
                text = auto_comment(result, name) if result is not None else None
                if row is None:
                    fresh.append({"cell_id": cell, "notebook_id": submitted, "auto_comment": text})
                elif result is not None:
                    changed.append({"its_id": row.id, "auto_comment": text})
        _insert(connection, table, fresh)
        _update(connection, table, changed)

    def _penalties(
        self,
        connection: Connection,
        entries: dict[str, Entry],
        submissions: dict[str, Any],
        notebooks: dict[tuple[str, str], str],
        scores: dict[tuple[str, str], float],
    ) -> None:
        """Late penalties as nbgrader's AssignLatePenalties decides them: between zero and the score."""
        if self.late_penalty is None:
            return
        names = {id_: name for name, id_ in self.notebooks.items()}
        changed = []
        for (student, notebook), submitted in notebooks.items():
            if names[notebook] not in entries[student].results:
                continue
            row, score, penalty = submissions[student], scores[student, notebook], None
            late = self._seconds_late(row.timestamp, row.extension)
            if late > 0:
                penalty = self.late_penalty(student, score, late)
            if penalty is not None:
                penalty = 0 if penalty < 0 else min(penalty, score)
            changed.append({"its_id": submitted, "late_submission_penalty": penalty})
        _update(connection, self.tables["submitted_notebook"], changed)

    def _seconds_late(self, timestamp: datetime | None, extension: Any) -> float:
        if timestamp is None or self.duedate is None:
            return 0
        due = self.duedate if extension is None else self.duedate + extension
        return max(0, (timestamp - due).total_seconds())


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _update(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Set the columns that the rows name, where the id is ``its_id``."""
    if rows:
        connection.execute(update(table).where(table.c.id == bindparam("its_id")), rows)
