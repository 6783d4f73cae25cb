"""What the gradebook says of one submission, and of the class as a whole. Knows nbgrader's tables; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from nbgrader.api import Base, Gradebook
from sqlalchemy import and_, case, func, select
from sqlalchemy.engine import Connection

# Below this many marked answers a share could be turned back into a neighbour's mark, so nothing is told.
SMALLEST_CLASS = 8


@dataclass(frozen=True)
class Mark:
    """One row of the gradebook.

    Attributes
    ----------
    points : float or None
        None while a person still has to decide.
    out_of : float
    extra : float
        Extra credit, contained in `points`.
    by_hand : bool
        Whether a person gave these points.
    waiting : bool
        Whether a person still has to look.
    """

    points: float | None
    out_of: float
    extra: float = 0.0
    by_hand: bool = False
    waiting: bool = False


@dataclass(frozen=True)
class Marks:
    """One submission in the gradebook, by cell.

    Attributes
    ----------
    cells : dict of str to Mark
        By the name of the marked cell.
    comments : dict of str to str
        What a person wrote, by the name of the answer.
    automatic : dict of str to str
        What grading wrote there.
    class_shares : dict of str to int
        By marked cell: of ten in the class, how many have full points. Empty for a small class.
    late_penalty : float
    """

    cells: dict[str, Mark] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    automatic: dict[str, str] = field(default_factory=dict)
    class_shares: dict[str, int] = field(default_factory=dict)
    late_penalty: float = 0.0


def read_marks(db_url: str, assignment: str, notebook: str, student: str) -> Marks:
    """Return what the gradebook knows of a submission; empty if it knows nothing.

    Works on the tables: nbgrader's objects add up the whole class at every look.
    """
    with Gradebook(db_url) as gradebook:
        connection = gradebook.db.connection()
        tables = _Tables(assignment, notebook)
        cells = tables.marks(connection, student)
        comments = connection.execute(tables.comments(student)).all()
        penalty = connection.execute(tables.penalty(student)).scalar()
        return Marks(
            cells=cells,
            comments={row.name: row.manual_comment for row in comments if row.manual_comment},
            automatic={row.name: row.auto_comment for row in comments if row.auto_comment},
            class_shares=tables.shares(connection),
            late_penalty=float(penalty or 0.0),
        )


class _Tables:
    """The gradebook's tables, joined for one notebook of one assignment."""

    def __init__(self, assignment: str, notebook: str):
        self.t = Base.metadata.tables
        self.here = and_(self.t["assignment"].c.name == assignment, self.t["notebook"].c.name == notebook)

    def _of_class(self, rows: str):
        """`grade` or `comment`, with the cell it belongs to and the student it is of."""
        t, table = self.t, self.t[rows]
        return (
            table.join(t["base_cell"], table.c.cell_id == t["base_cell"].c.id)
            .join(t["notebook"], t["base_cell"].c.notebook_id == t["notebook"].c.id)
            .join(t["assignment"], t["notebook"].c.assignment_id == t["assignment"].c.id)
            .join(t["submitted_notebook"], table.c.notebook_id == t["submitted_notebook"].c.id)
            .join(
                t["submitted_assignment"],
                t["submitted_notebook"].c.assignment_id == t["submitted_assignment"].c.id,
            )
        )

    def _graded(self):
        """Grades with the points that their cell is worth: a graded answer's or a task's."""
        t = self.t
        cells = (
            self._of_class("grade")
            .outerjoin(t["grade_cells"], t["grade_cells"].c.id == t["base_cell"].c.id)
            .outerjoin(t["task_cells"], t["task_cells"].c.id == t["base_cell"].c.id)
        )
        worth = func.coalesce(t["grade_cells"].c.max_score, t["task_cells"].c.max_score, 0.0)
        return cells, worth

    def marks(self, connection: Connection, student: str) -> dict[str, Mark]:
        t, (cells, worth) = self.t, self._graded()
        grade = t["grade"].c
        query = (
            select(
                t["base_cell"].c.name,
                grade.auto_score,
                grade.manual_score,
                grade.extra_credit,
                grade.needs_manual_grade,
                worth.label("worth"),
            )
            .select_from(cells)
            .where(self.here, t["submitted_assignment"].c.student_id == student)
        )
        found = {}
        for row in connection.execute(query):
            score = row.auto_score if row.manual_score is None else row.manual_score
            extra = float(row.extra_credit or 0.0)
            found[row.name] = Mark(
                points=None if score is None else float(score) + extra,
                out_of=float(row.worth),
                extra=extra,
                by_hand=row.manual_score is not None,
                waiting=bool(row.needs_manual_grade),
            )
        return found

    def comments(self, student: str):
        t = self.t
        return (
            select(t["base_cell"].c.name, t["comment"].c.manual_comment, t["comment"].c.auto_comment)
            .select_from(self._of_class("comment"))
            .where(self.here, t["submitted_assignment"].c.student_id == student)
        )

    def penalty(self, student: str):
        t = self.t
        joined = (
            t["submitted_notebook"]
            .join(t["notebook"], t["submitted_notebook"].c.notebook_id == t["notebook"].c.id)
            .join(t["assignment"], t["notebook"].c.assignment_id == t["assignment"].c.id)
            .join(
                t["submitted_assignment"],
                t["submitted_notebook"].c.assignment_id == t["submitted_assignment"].c.id,
            )
        )
        return (
            select(t["submitted_notebook"].c.late_submission_penalty)
            .select_from(joined)
            .where(self.here, t["submitted_assignment"].c.student_id == student)
        )

    def shares(self, connection: Connection) -> dict[str, int]:
        """Of ten in the class, how many have full points; only where enough of the class is marked."""
        t, (cells, worth) = self.t, self._graded()
        grade = t["grade"].c
        score = func.coalesce(grade.manual_score, grade.auto_score)
        query = (
            select(
                t["base_cell"].c.name,
                func.count().label("marked"),
                func.sum(case((score >= worth, 1), else_=0)).label("full"),
            )
            .select_from(cells)
            .where(self.here, score.is_not(None), worth > 0)
            .group_by(t["base_cell"].c.name)
        )
        return {
            row.name: round(10 * row.full / row.marked)
            for row in connection.execute(query)
            if row.marked >= SMALLEST_CLASS
        }
