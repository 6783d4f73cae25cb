"""Marks into a platform's file: a new one, or merged into one that the platform exported.

Whoever has no mark gets an empty cell and is named; nobody gets a zero for what nobody graded. Pure: records in, bytes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.display import points
from autograder.export.platforms import POINTS_ROW, Platform
from autograder.export.roster import Roster
from autograder.report.marks import Marks, Person
from autograder.tables import harmless

LONGEST_FEEDBACK = 2_000  # characters


class ExportError(ValueError):
    """Marks that cannot be written as asked; the message says what to do."""


@dataclass
class Exported:
    """A file, and what a person should know of it.

    Attributes
    ----------
    data : bytes
    written : int
        Marks in it.
    notes : list of str
        Who has no mark, who could not be matched, what looks odd.
    """

    data: bytes = b""
    written: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, told: str, students: Sequence[str]) -> None:
        """Keep a line about students, if there are any."""
        if students:
            self.notes.append(f"{told}: {', '.join(sorted(students))}")


def export(
    marks: Sequence[Marks],
    platform: Platform,
    roster: Roster | None = None,
    columns: Mapping[str, str] | None = None,
) -> Exported:
    """Return the file for a platform.

    Parameters
    ----------
    marks : sequence of Marks
        One for each assignment.
    platform : Platform
    roster : Roster, optional
        A file of the platform to fill in; it is changed. Without it, a new file is made.
    columns : mapping of str to str, optional
        Assignment to the title of its column, where it is called otherwise on the platform.
    """
    done = Exported()
    people = {student: person for one in marks for student, person in one.people.items()}
    for one in marks:
        open_ = [student for student, mark in one.of.items() if not mark.graded]
        done.note(f"{one.assignment}: handed in but not graded, left empty", open_)
        done.note(f"{one.assignment}: nothing handed in, left empty", one.missing)
    if roster is None:
        roster, rows = _fresh(marks, platform, people)
        if platform.name == "blackboard":
            done.notes.append(
                "Blackboard makes new columns of these; to fill those it has, download its file and name it with --roster."
            )
    else:
        rows = _match(roster, platform, people, done)
    for one in marks:
        _fill(one, platform, roster, rows, (columns or {}).get(one.assignment, ""), done)
    _neutralise(roster, platform)
    done.data = roster.to_bytes(platform.quote_all)
    return done


def _fresh(
    marks: Sequence[Marks], platform: Platform, people: Mapping[str, Person]
) -> tuple[Roster, dict[str, int]]:
    order = sorted(people)
    roster = Roster(list(platform.people), [platform.row(people[student]) for student in order])
    if platform.name == "canvas":
        roster.rows.insert(0, ["    " + POINTS_ROW, *[""] * (len(platform.people) - 1)])
    offset = len(roster.rows) - len(order)
    return roster, {student: i + offset for i, student in enumerate(order)}


def _match(
    roster: Roster, platform: Platform, people: Mapping[str, Person], done: Exported
) -> dict[str, int]:
    """Student to the row that is about them: found by one key, by no two that disagree."""
    keys = [(roster.column(title), name) for title, name in platform.keys]
    keys = [(column, name) for column, name in keys if column is not None]
    if not keys:
        wanted = ", ".join(dict.fromkeys(title for title, _ in platform.keys))
        raise ExportError(
            f"the roster has none of the columns that tell students apart ({wanted}); is it a {platform.name} file?"
        )
    index = {column: _index(roster, column) for column, _ in keys}
    rows: dict[str, int] = {}
    unclear = []
    for student, person in people.items():
        for column, name in keys:
            value = getattr(person, name).strip().casefold()
            found = index[column].get(value, ())
            if len(found) == 1:
                rows[student] = found[0]
            elif found:
                unclear.append(student)
            if found:
                break
    taken: dict[int, list[str]] = {}
    for student, row in rows.items():
        taken.setdefault(row, []).append(student)
    for students in taken.values():
        if len(students) > 1:
            unclear += students
    rows = {student: row for student, row in rows.items() if student not in unclear}
    done.note("Not written, more than one row or student fits", unclear)
    done.note("Not in the roster, not written", [s for s in people if s not in rows and s not in unclear])
    return rows


def _index(roster: Roster, column: int) -> dict[str, list[int]]:
    """Rows by what a column says, whatever its case; empty cells tell nobody apart."""
    index: dict[str, list[int]] = {}
    for i, row in enumerate(roster.rows):
        if row[column].strip():
            index.setdefault(row[column].strip().casefold(), []).append(i)
    return index


def _fill(
    one: Marks, platform: Platform, roster: Roster, rows: Mapping[str, int], title: str, done: Exported
) -> None:
    mark_at, comment_at = _places(one, platform, roster, title)
    if platform.name == "canvas":
        _points_row(one, roster, mark_at, done)
    for student, mark in one.of.items():
        row = rows.get(student)
        if row is None or not mark.graded:
            continue
        roster.rows[row][mark_at] = points(mark.score)
        done.written += 1
        if comment_at is not None:
            roster.rows[row][comment_at] = str(harmless(_feedback(mark.comments)))


def _places(one: Marks, platform: Platform, roster: Roster, title: str) -> tuple[int, int | None]:
    """Where an assignment's marks and comments go; new columns are made where there are none."""
    found, comments = platform.find(roster.header, one.assignment)
    if title:
        found = [i for i, name in enumerate(roster.header) if name.strip() == title.strip()]
    if len(found) > 1:
        names = ", ".join(repr(roster.header[i]) for i in found)
        raise ExportError(
            f"{one.assignment} could be any of the columns {names}: "
            f"name one, --column {one.assignment}={roster.header[found[0]]!r}"
        )
    new = platform.columns(one)
    mark_at = found[0] if found else roster.add_column(title or new[0])
    if not platform.feedback:
        return mark_at, None
    return mark_at, comments[0] if comments else roster.add_column(new[1])


def _points_row(one: Marks, roster: Roster, column: int, done: Exported) -> None:
    row = next((row for row in roster.rows[:3] if row[0].strip() == POINTS_ROW), None)
    if row is None:
        return
    if not row[column].strip():
        row[column] = points(one.max_score)
    elif row[column].strip() not in (points(one.max_score), f"{one.max_score:.2f}", f"{one.max_score:.1f}"):
        done.notes.append(
            f"{one.assignment}: Canvas has {row[column].strip()} points possible, the gradebook {points(one.max_score)}"
        )


def _feedback(comments: Mapping[str, str]) -> str:
    """A student's comments on one line each."""
    lines = [f"{name}: {' '.join(text.split())}" for name, text in sorted(comments.items())]
    text = " | ".join(lines)
    return text if len(text) <= LONGEST_FEEDBACK else text[:LONGEST_FEEDBACK].rstrip() + " ..."


def _neutralise(roster: Roster, platform: Platform) -> None:
    """Names are what people call themselves: none of them becomes a formula. Everything else stays as it came."""
    for title in (*platform.names, *platform.people):
        column = roster.column(title)
        if column is not None:
            for row in roster.rows:
                row[column] = str(harmless(row[column]))
