"""`autograder solution`: the reference of an exercise, or a whole worked notebook, after a warning."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.work import FOLDER
from autograder.course.paths import Assignment, find_assignments, find_root


@click.command("solution")
@click.argument("assignment")
@click.argument("exercise", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(assignment: str, exercise: str | None, yes: bool, course: str) -> None:
    """Show the solution of EXERCISE, or write the worked notebook of the whole ASSIGNMENT into work/.

    Nothing of yours is ever overwritten.
    """
    from autograder.course import worked

    root = find_root(course)
    (one,) = find_assignments(root, (assignment,))
    if exercise is None:
        _write(root, one, yes)
        return
    text = worked.reference(one, exercise)
    _ask(_warning(root, one, exercise), yes)
    click.echo(text, nl=False)


def _ask(warning: str, yes: bool) -> None:
    if yes:
        return
    click.echo(warning, err=True)
    if not sys.stdin.isatty():
        raise click.ClickException("Nothing is shown without a yes: run it in a terminal, or add --yes.")
    click.confirm("Show it all the same?", abort=True, err=True)


def _warning(root: Path, one: Assignment, exercise: str) -> str:
    from autograder.hints import read_hints

    lines = [f"This shows the solution of {exercise}. What you read is forgotten sooner than what you write."]
    try:
        hints = len(read_hints(one.folder).get(exercise, ()))
    except FileNotFoundError:
        hints = 0
    if hints:
        lines.append(
            f'There are {hints} hints, from a question to the shapes: hint("{exercise}") in the notebook.'
        )
    if _untouched(root, one, exercise):
        lines.append("In your copy in work/ this exercise is not written yet.")
    return "\n".join(lines)


def _untouched(root: Path, one: Assignment, exercise: str) -> bool:
    import nbformat

    from autograder.course.worked import is_untouched

    mine = root / FOLDER / one.name / one.release.name
    try:
        return is_untouched(nbformat.read(mine, as_version=4), exercise)
    except (OSError, ValueError, nbformat.reader.NotJSONError, AttributeError):
        return False  # no copy, or one that cannot be read: nothing is known


def _write(root: Path, one: Assignment, yes: bool) -> None:
    import nbformat

    from autograder.course.worked import worked

    goal = root / FOLDER / one.name / f"{one.topic}_solution.ipynb"
    if goal.exists():
        click.echo(f"{goal.relative_to(root)} is there already and stays as it is.")
        return
    notebook = worked(one)
    _ask(
        f"This writes every solution of {one.name} into {goal.relative_to(root)}.\n"
        f"To see one exercise alone: autograder solution {one.name} EXERCISE",
        yes,
    )
    goal.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(notebook) + "\n"
    try:
        with goal.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise click.ClickException(f"{goal} appeared just now and stays as it is.") from error
    click.echo(goal.relative_to(root))
