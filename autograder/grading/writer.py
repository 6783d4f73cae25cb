"""nbgrader's gradebook, written for many submissions in one transaction.

The same rows as nbgrader writes one by one. Works on its tables rather than its objects, whose every look adds up scores
over the whole class: the cost of a submission must not grow with the class.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nbgrader import api
from nbgrader.api import InvalidEntry
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from autograder.grading.marks import auto_comment, auto_score, needs_a_person
from autograder.grading.result import Result

PATIENCE = 120.0  # seconds that a locked or missing database may take to come back
_HOPELESS = (
    "disk is full",
    "disk full",
    "readonly",
    "read-only",
    "no space",
    "permission denied",
    "no such table",
)


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


class Writer:
    """An open gradebook, for one assignment.

    Parameters
    ----------
    db_url, course_id, assignment : str
    late_penalty : callable or None
        ``(student, score, seconds late) -> penalty``.
    create_students : bool
        Whether a student whom the gradebook does not know is added.
    patience : float
        Seconds to wait for a database that is locked or gone.
    waiting : callable
        Told why, each time a transaction has to be tried again.

    Raises
    ------
    GradebookError
        If the database cannot be opened or does not know the assignment.
    """

    def __init__(
        self,
        db_url: str,
        course_id: str,
        assignment: str,
        *,
        late_penalty: Callable[[str, float, float], float | None] | None = None,
        create_students: bool = True,
        patience: float = PATIENCE,
        waiting: Callable[[str], None] = lambda why: None,
    ):
        self.assignment, self.late_penalty = assignment, late_penalty
        self.create_students, self.patience, self.waiting = create_students, patience, waiting
        self.tables: dict[str, Table] = dict(api.Base.metadata.tables)
        self._gradebook = self._patiently(lambda: api.Gradebook(db_url, course_id))
        self._engine = self._gradebook.engine
        self._gradebook.db.remove()
        self._read_assignment()

    def close(self) -> None:
        """Let go of the database."""
        self._gradebook.close()

    def _read_assignment(self) -> None:
        t = self.tables
        with self._engine.connect() as connection:
            found = connection.execute(
                select(t["assignment"].c.id, t["assignment"].c.duedate).where(
                    t["assignment"].c.name == self.assignment
                )
            ).first()
            if found is None:
                raise GradebookError(
                    f"The gradebook does not know {self.assignment!r}: run `nbgrader generate_assignment {self.assignment}`."
                )
            self.assignment_id, self.duedate = found
            notebooks = select(t["notebook"].c.name, t["notebook"].c.id).where(
                t["notebook"].c.assignment_id == self.assignment_id
            )
            self.notebooks = {row.name: row.id for row in connection.execute(notebooks)}
            cells = select(
                t["base_cell"].c.id,
                t["base_cell"].c.notebook_id,
                t["base_cell"].c.name,
                t["base_cell"].c.type,
            )
            rows = connection.execute(
                cells.where(t["base_cell"].c.notebook_id.in_(list(self.notebooks.values())))
            ).all()
        # A task cell has both rows, as in nbgrader's own `add_submission`.
        self.graded_cells = [(c, n, name) for c, n, name, kind in rows if kind in ("GradeCell", "TaskCell")]
        self.answered_cells = [
            (c, n, name) for c, n, name, kind in rows if kind in ("SolutionCell", "TaskCell")
        ]

    def extensions(self) -> dict[str, Any]:
        """Students whose submission the gradebook has, each with the extension granted (or None)."""
        table = self.tables["submitted_assignment"]
        rows = select(table.c.student_id, table.c.extension).where(
            table.c.assignment_id == self.assignment_id
        )

        def read():
            with self._engine.connect() as connection:
                return {row.student_id: row.extension for row in connection.execute(rows)}

        return self._patiently(read)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write all entries or, if that fails, none.

        Raises
        ------
        GradebookError
            If the database stays locked or gone, or cannot be written at all.
        """

        def attempt() -> None:
            with self._engine.begin() as connection:
                self._write(connection, entries)

        self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], Any]) -> Any:
        """Try until it works; a lock, a restart or another writer pass, a full disk does not."""
        deadline, pause = time.monotonic() + self.patience, 0.1
        while True:
            try:
                return attempt()
            except (DBAPIError, IntegrityError, ValueError, OSError) as error:
                why = _reason(error)
                if not _may_pass(error) or time.monotonic() > deadline:
                    raise GradebookError(
                        f"The gradebook could not be written: {why}.{_remedy(why)}"
                    ) from error
                self.waiting(why)
            except SQLAlchemyError as error:
                raise GradebookError(f"The gradebook could not be used: {_reason(error)}.") from error
            time.sleep(pause)
            pause = min(2 * pause, 5.0)

    def _write(self, connection: Connection, entries: Sequence[Entry]) -> None:
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


def _reason(error: BaseException) -> str:
    original = getattr(error, "orig", None)
    return " ".join(str(original or error).split()).rstrip(".")[:300]


def _may_pass(error: BaseException) -> bool:
    """Whether trying again can help: a lock, a lost connection, another writer who was first."""
    why = _reason(error).lower()
    return isinstance(error, DBAPIError | InvalidEntry) and not any(word in why for word in _HOPELESS)


def _remedy(why: str) -> str:
    low = why.lower()
    if "full" in low or "space" in low:
        return " Make room on the disk, then run again: nothing that was graded so far is lost."
    if "readonly" in low or "read-only" in low or "permission" in low:
        return " Give yourself the right to write the gradebook and its folder, then run again."
    return " Run again when it can be reached: nothing that was graded so far is lost."
