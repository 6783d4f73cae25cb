"""A gradebook's rows without ids, and a folder's files without the seconds a run took: what must be equal."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import create_engine, text

_NOTEBOOK = "submitted_notebook sn JOIN submitted_assignment s ON s.id = sn.assignment_id JOIN notebook n ON n.id = sn.notebook_id"
QUERIES = {
    "course": "SELECT id FROM course",
    "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
    "submitted_assignment": "SELECT a.name, s.student_id, s.timestamp, s.extension "
    "FROM submitted_assignment s JOIN assignment a ON a.id = s.assignment_id",
    "submitted_notebook": f"SELECT n.name, s.student_id, sn.flagged, sn.late_submission_penalty FROM {_NOTEBOOK}",
    "grade": "SELECT n.name, s.student_id, c.name, c.type, g.auto_score, g.manual_score, g.extra_credit, "
    f"g.needs_manual_grade FROM {_NOTEBOOK} JOIN grade g ON g.notebook_id = sn.id JOIN base_cell c ON c.id = g.cell_id",
    "comment": "SELECT n.name, s.student_id, c.name, c.type, g.auto_comment, g.manual_comment "
    f"FROM {_NOTEBOOK} JOIN comment g ON g.notebook_id = sn.id JOIN base_cell c ON c.id = g.cell_id",
}


def rows(course: Path, db_url: str = "") -> dict[str, list[tuple]]:
    """Every row that grading writes, table by table, sorted; sqlite's own column values."""
    engine = create_engine(db_url or f"sqlite:///{course / 'gradebook.db'}")
    try:
        with engine.connect() as connection:
            return {
                table: sorted(map(tuple, connection.execute(text(query))), key=repr)
                for table, query in QUERIES.items()
            }
    finally:
        engine.dispose()


def scores(course: Path, db_url: str = "") -> dict[str, float]:
    """Each student's automatic points; a row without a score counts nothing."""
    found: dict[str, float] = {}
    for _, student, _, _, auto, *_ in rows(course, db_url)["grade"]:
        found[student] = found.get(student, 0.0) + (auto or 0.0)
    return {student: round(score, 2) for student, score in found.items()}


def files(course: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of every autograded file, by name."""
    root = course / "autograded"
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_mode,
            re.sub(rb'"seconds": [0-9.e-]+', b'"seconds": 0', path.read_bytes()),
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
