"""`autograder score`: grade notebooks outside of any class, hidden checks included."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command("score")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a list of records instead of tables.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
@click.option("--assignment", default=None, help="The assignment's id, where a notebook does not say.")
@click.option(
    "--unsandboxed", is_flag=True, help="Run notebooks with your own rights (only your own notebooks)."
)
def command(
    paths: tuple[Path, ...], as_json: bool, course: str, assignment: str | None, unsandboxed: bool
) -> int:
    """Grade notebooks: PATHS are notebooks or folders of them.

    Hidden checks run too and are told by name and message. The exit code is 1 if a path could not be graded;
    the others are graded all the same.
    """
    from autograder.course.paths import CourseError, find_root
    from autograder.execution import SandboxUnavailable
    from autograder.grading.finding import Bundles

    bundles = Bundles(find_root(course))
    graded, failed = [], 0
    for path in _notebooks(paths):
        try:
            result = _score(path, bundles, assignment, named=paths, sandbox=not unsandboxed)
        except SandboxUnavailable as error:
            raise click.ClickException(str(error)) from error
        except (CourseError, OSError, ValueError) as error:
            failed += 1
            click.echo(f"Error: {_sentence(error, path)}", err=True)
            continue
        graded.append((path, result))
        if not as_json:
            _show(path, result)
        failed += result.score is None
    if as_json:
        records = [as_record(path, result) for path, result in graded]
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    return 1 if failed else 0


def _notebooks(paths: tuple[Path, ...]) -> list[Path]:
    """Every notebook that was named, once, in order; a path that is missing stays in to be reported."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(
                notebook
                for notebook in path.rglob("*.ipynb")
                if not any(part.startswith(".") for part in notebook.relative_to(path).parts)
            )
            found |= dict.fromkeys(inside or [path])
        else:
            found[path] = None
    return list(found)


def _score(path: Path, bundles, assignment: str | None, named: tuple[Path, ...], sandbox: bool):
    """Grade one notebook. A link is followed only where a person named it, not where it was found in a folder."""
    from autograder.grading.files import beside, read_regular
    from autograder.grading.grade import grade_one

    if path.is_dir():
        raise ValueError(f"{path} holds no notebook: name a .ipynb file, or a folder with some.")
    data = read_regular(path) if path not in named else read_regular(path.resolve())
    bundle = bundles[assignment] if assignment else bundles.of(data, path)
    return grade_one(data, bundle, files=beside(path.parent, deep=False), sandbox=sandbox)


def _sentence(error: Exception, path: Path) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path}: there is no such file."
    if isinstance(error, PermissionError):
        return f"{path}: this file may not be read by you."
    return str(error)


def as_record(path: Path, result) -> dict:
    """The plain record of a graded notebook, as ``--json`` prints it."""
    return {
        "path": str(path),
        "assignment": result.assignment,
        "score": result.score,
        "max_score": result.max_score,
        "verdict": result.verdict,
        "seconds": round(result.seconds, 3),
        "exercises": [
            {
                "id": exercise.id,
                "points": exercise.points,
                "max_points": exercise.max_points,
                "verdict": exercise.verdict,
                "checks": [
                    {
                        "name": outcome.name,
                        "passed": outcome.passed,
                        "message": outcome.message,
                        "mistake": outcome.mistake,
                    }
                    for outcome in exercise.outcomes
                ],
            }
            for exercise in result.exercises
        ],
    }


def _show(path: Path, result) -> None:
    """Print one notebook's table, and below it what was wrong, in words."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.display import points

    console = Console(file=sys.stdout, highlight=False)
    total = "no score" if result.score is None else points(result.score)
    title = f"{escape(str(path))}: {total} of {points(result.max_score)} points ({result.verdict})"
    table = Table(title=title, title_justify="left", title_style="bold")
    for name, justify in (
        ("exercise", "left"),
        ("points", "right"),
        ("checks", "right"),
        ("verdict", "left"),
        ("mistake", "left"),
    ):
        table.add_column(name, justify=justify)
    for exercise in result.exercises:
        passed = sum(outcome.passed for outcome in exercise.outcomes)
        earned = "?" if exercise.points is None else points(exercise.points)
        table.add_row(
            escape(exercise.id),
            f"{earned} of {points(exercise.max_points)}",
            f"{passed} of {len(exercise.outcomes)}" if exercise.outcomes else "",
            exercise.verdict,
            escape(", ".join(name.replace("_", " ") for name in exercise.mistakes)),
        )
    console.print(table)
    for note in result.notes:
        console.print(f"Note: {escape(note.text)}", soft_wrap=True)
    for exercise in result.exercises:
        for text in _told(exercise):
            console.print(escape(text), soft_wrap=True)
    for message in result.messages:
        console.print(f"For the instructor: {escape(message)}", soft_wrap=True)
    console.print()


def _told(exercise) -> list[str]:
    lines = [f"{exercise.id}: {exercise.message}"] if exercise.message else []
    for outcome in exercise.outcomes:
        if not outcome.passed and outcome.message:
            hidden = " (hidden)" if outcome.hidden else ""
            body = "\n".join(f"    {line}".rstrip() for line in outcome.message.splitlines())
            lines.append(f"{exercise.id}: {outcome.name}{hidden}\n{body}")
    if exercise.verdict == "not attempted":
        lines = lines[:1]  # the same sentence once is enough
    return lines
