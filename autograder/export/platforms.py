"""What each platform's gradebook file looks like: its columns, who a row is about, which column is an assignment's.

Formats as the platforms document them: Canvas, "How do I import grades in the Gradebook?"; Moodle, "Grade import";
Blackboard, "Upload grades". Knows columns only; reads and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.display import points
from autograder.report.marks import Marks, Person

POINTS_ROW = (
    "Points Possible"  # Canvas writes it into the first cell of the second row, with blanks before it
)


@dataclass(frozen=True)
class Platform:
    """One platform's file.

    Attributes
    ----------
    name : str
    people : tuple of str
        The columns before the marks, as a new file has them.
    keys : tuple of (str, str)
        Column of a roster and field of `Person` that tell who a row is about, most telling first.
    names : tuple of str
        Columns that hold what a person may call themselves.
    feedback : bool
        Whether a comment goes beside each mark.
    quote_all : bool
        Whether every cell stands in quotes.
    """

    name: str
    people: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    feedback: bool = False
    quote_all: bool = False

    def row(self, person: Person) -> list[str]:
        """The cells about a person in a new file."""
        last_first = (
            f"{person.last_name}, {person.first_name}"
            if person.last_name and person.first_name
            else person.name
        )
        known = {
            "Student": last_first,
            "ID": person.lms_id,
            "SIS Login ID": person.id,
            "Username": person.id,
            "ID number": person.lms_id,
            "Email address": person.email,
            "First Name": person.first_name,
            "Last Name": person.last_name,
            "student_id": person.id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
        }
        return [known.get(column, "") for column in self.people]

    def columns(self, marks: Marks) -> list[str]:
        """The columns of an assignment in a new file: its mark, and its comment where there is one."""
        titles = {
            "moodle": f"{marks.assignment} (Real)",
            "blackboard": f"{marks.assignment} [Total Pts: {points(marks.max_score)} Score]",
        }
        mark = titles.get(self.name, marks.assignment)
        return [mark, f"{marks.assignment} (Feedback)"] if self.feedback else [mark]

    def find(self, header: Sequence[str], assignment: str) -> tuple[list[int], list[int]]:
        """Columns of a roster that hold an assignment's marks, and those that hold its comments."""
        name = re.escape(assignment)
        mark = {
            "canvas": rf"{name}(?: \(\d+\))?",
            "moodle": rf"(?:[^:]+: ?)?{name}(?: \(Real\))?",
            "blackboard": rf"{name}(?: \[Total Pts:[^\]]*\])?(?: ?\|\d+)?",
        }.get(self.name, name)
        comment = rf"(?:[^:]+: ?)?{name} \(Feedback\)"
        return (
            [i for i, title in enumerate(header) if re.fullmatch(mark, title.strip(), re.IGNORECASE)],
            [i for i, title in enumerate(header) if re.fullmatch(comment, title.strip(), re.IGNORECASE)],
        )


PLATFORMS = {
    "canvas": Platform(
        "canvas",
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        (
            ("ID", "lms_id"),
            ("SIS Login ID", "id"),
            ("SIS User ID", "id"),
            ("SIS Login ID", "email"),
            ("SIS User ID", "lms_id"),
            ("ID", "id"),
        ),
        ("Student",),
    ),
    "moodle": Platform(
        "moodle",
        ("Username", "ID number", "Email address"),
        (
            ("Email address", "email"),
            ("Username", "id"),
            ("ID number", "lms_id"),
            ("ID number", "id"),
            ("Email address", "id"),
        ),
        ("First name", "Surname", "Last name"),
        feedback=True,
    ),
    "blackboard": Platform(
        "blackboard",
        ("Last Name", "First Name", "Username"),
        (("Username", "id"), ("Student ID", "lms_id"), ("Student ID", "id"), ("Username", "email")),
        ("Last Name", "First Name"),
        quote_all=True,
    ),
    "csv": Platform(
        "csv",
        ("student_id", "last_name", "first_name", "email"),
        (
            ("student_id", "id"),
            ("username", "id"),
            ("id", "id"),
            ("email", "email"),
            ("email address", "email"),
            ("id", "lms_id"),
        ),
        ("last_name", "first_name", "name"),
    ),
}
