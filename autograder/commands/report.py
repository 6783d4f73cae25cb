"""`autograder report`: what a class did, as one page and as data."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click


def find_graded_course(start: str) -> Path:
    """Return the nearest folder above `start` that nbgrader is configured in: a course, or `demo/` in it.

    Raises
    ------
    CourseError
        If there is none.
    """
    from autograder.course.paths import find_root

    here = Path(start).resolve()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file():
            return folder
    return find_root(start)


def graded_class(course: str, assignment: str):
    """Return the `Class` of an assignment, with nbgrader's configuration of its course."""
    from autograder.grading.settings import Settings
    from autograder.report.gather import Class

    root = find_graded_course(course)
    with contextlib.chdir(root):
        return Class(root, assignment, Settings.load(root))


@click.command("report")
@click.argument("assignment")
@click.option(
    "--output", type=click.Path(path_type=Path), help="[default: reports/ASSIGNMENT.html in the course]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the data as JSON, too.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(assignment: str, output: Path | None, as_json: bool, course: str) -> None:
    """Write what the class did in ASSIGNMENT: marks, exercises, mistakes, faults, similar work.

    One HTML page that needs no network; beside it the same data as JSON and as four CSV tables.
    """
    # A grammar that jsonschema loads for addresses in other alphabets: seconds for nothing that is used here.
    sys.modules.setdefault("rfc3987_syntax", None)
    from autograder.report import files
    from autograder.report.gather import gather
    from autograder.report.marks import MarksError

    one = graded_class(course, assignment)
    output = output or one.root / "reports" / f"{assignment}.html"
    try:
        report = gather(one, output, _progress if sys.stderr.isatty() else lambda done, of: None)
    except MarksError as error:
        raise click.ClickException(str(error)) from error
    for path in files.write(report, one, output):
        click.echo(path, err=as_json)
    if as_json:
        click.echo(files.as_json(report), nl=False)


def _progress(done: int, of: int) -> None:
    if done % 25 == 0 or done == of:
        click.echo(f"\rread {done} of {of}" + "\n" * (done == of), nl=False, err=True)
