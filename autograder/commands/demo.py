"""`autograder demo`: an example class, graded through nbgrader, from text to marks and feedback."""

from __future__ import annotations

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from autograder.course.paths import find_assignments, find_root
from autograder.display import points


def _table(name: str, marks: list) -> Table:
    """Student by exercise: points; and the named mistake, or what happened, wherever points were lost."""
    exercises = list(marks[0].scores)
    legend = "  ".join(f"[bold]{i}[/] {exercise}" for i, exercise in enumerate(exercises, 1))
    table = Table(title=f"[bold]{name}[/]\n{legend}", title_justify="left", title_style="")
    table.add_column("student")
    for i in range(1, len(exercises) + 1):
        table.add_column(str(i), justify="right")
    table.add_column("points", justify="right")
    table.add_column("what was seen")
    for row in marks:
        told: dict[str, list[str]] = {}
        for exercise, word in row.told.items():
            told.setdefault(word, []).append(str(exercises.index(exercise) + 1))
        seen = "; ".join(f"{word} ({', '.join(numbers)})" for word, numbers in told.items())
        scores = [points(row.scores[exercise] or 0) for exercise in exercises]
        table.add_row(row.student, *scores, points(row.total), seen)
    return table


@click.command("demo")
@click.argument("ids", nargs=-1)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
@click.option("--into", default=None, help="Where the example course is kept. [default: demo/ in the course]")
def command(ids: tuple[str, ...], course: str, into: str | None) -> None:
    """Build the assignments IDS (all by default), grade an example class of each, show marks and feedback.

    Running it again grades only what changed.
    """
    from autograder.course.build import build
    from autograder.course.example_class import example_class, write_class
    from autograder.grading.example_course import ExampleCourse

    console = Console(width=None if Console().is_terminal else 130)
    started = time.perf_counter()
    root = find_root(course)
    assignments = find_assignments(root, ids)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bar:
        task = bar.add_task("building notebooks", total=len(assignments))
        build(assignments)
        bar.update(task, completed=len(assignments))
        example = ExampleCourse(root, Path(into) if into else root / "demo")
        classes = {assignment: example_class(assignment) for assignment in assignments}
        task = bar.add_task("releasing through nbgrader", total=len(assignments))
        for assignment, submissions in classes.items():
            example.release(assignment)
            write_class(submissions, assignment, example.folder)
            bar.advance(task)
        task = bar.add_task("grading and writing feedback", total=sum(map(len, classes.values())))
        for assignment, submissions in classes.items():
            for submission in submissions:
                bar.update(task, description=f"grading {assignment.name}: {submission.student}")
                example.grade(assignment, submission.student)
                bar.advance(task)
        bar.update(task, description="graded, feedback written")
    for assignment in assignments:
        console.print(_table(assignment.name, example.marks(assignment)))
    pages = example.feedback_pages()
    console.print(f"Feedback pages: {len(pages)} in {example.folder / 'feedback'}")
    for page in pages[:3]:
        console.print(f"  {page}")
    console.print(f"nbgrader's gradebook: {example.folder / 'gradebook.db'}")
    console.print(f"{time.perf_counter() - started:.0f} s")
