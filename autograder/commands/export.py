"""`autograder export`: marks as a file that a learning platform imports."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

FORMATS = ("canvas", "moodle", "blackboard", "csv", "nbgrader")


@click.command("export")
@click.argument("assignments", nargs=-1, required=True)
@click.option("--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The file to write.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A gradebook file that the platform exported: marks are filled in, all else stays.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ASSIGNMENT=TITLE",
    help="What the platform calls an assignment.",
)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(
    assignments: tuple[str, ...],
    form: str,
    output: Path,
    roster: Path | None,
    columns: tuple[str, ...],
    course: str,
) -> None:
    """Write the marks of ASSIGNMENTS for Canvas, Moodle, Blackboard or a spreadsheet.

    Late penalties are taken off. Whoever has no mark gets an empty cell, and is named.
    """
    from autograder.commands.report import graded_class
    from autograder.export.platforms import PLATFORMS
    from autograder.export.roster import RosterError, read_roster
    from autograder.export.write import ExportError, export
    from autograder.grading.handed_in import find
    from autograder.report.marks import MarksError, read_marks

    one = graded_class(course, assignments[0])
    db_url = one.settings.course.db_url
    if form == "nbgrader":
        if roster or columns:
            raise click.UsageError("nbgrader's own format takes no --roster and no --column.")
        _nbgrader(db_url, assignments, output)
        return
    try:
        marks = [read_marks(db_url, name) for name in dict.fromkeys(assignments)]
        table = read_roster(roster.read_bytes()) if roster else None
        done = export(marks, PLATFORMS[form], table, _titles(columns, assignments))
    except RosterError as error:
        raise click.ClickException(f"{roster}: {error}.") from error
    except (ExportError, MarksError) as error:
        raise click.ClickException(f"{error}") from error
    for each in marks:
        handed_in = {place.student for place in find(one.settings, each.assignment)}
        done.note(
            f"{each.assignment}: handed in but not in the gradebook, left out",
            sorted(handed_in - set(each.of)),
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(done.data)
    for note in done.notes:
        click.echo(note, err=True)
    click.echo(f"{output}: {done.written} marks")


def _titles(columns: tuple[str, ...], assignments: tuple[str, ...]) -> dict[str, str]:
    titles = {}
    for text in columns:
        name, equals, title = text.partition("=")
        if not equals or name not in assignments:
            raise click.UsageError(
                f"--column {text!r}: write ASSIGNMENT=TITLE with one of {', '.join(assignments)}."
            )
        titles[name] = title
    return titles


def _nbgrader(db_url: str, assignments: tuple[str, ...], output: Path) -> None:
    """nbgrader's own CSV, from its own plugin: `nbgrader export` with names."""
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    from autograder.report.marks import MarksError, read_marks

    try:
        for name in assignments:
            read_marks(db_url, name)
    except MarksError as error:
        raise click.ClickException(str(error)) from error
    output.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(Gradebook(db_url)) as gradebook:
        CsvExportPlugin(to=str(output), assignment=list(assignments)).export(gradebook)
    click.echo(output)
