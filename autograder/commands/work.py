"""`autograder work`: copies of the released notebooks to work in."""

from __future__ import annotations

import shutil

import click

from autograder.course.paths import CourseError, find_assignments, find_root

FOLDER = "work"


@click.command("work")
@click.argument("ids", nargs=-1)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(ids: tuple[str, ...], course: str) -> None:
    """Copy the released notebooks IDS (all by default) into work/, where they are yours.

    What is there already is never touched.
    """
    root = find_root(course)
    for assignment in find_assignments(root, ids):
        if not assignment.release.is_file():
            raise CourseError(
                f"{assignment.name} is not built yet: run `autograder build {assignment.name}` first."
            )
        folder = root / FOLDER / assignment.name
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(assignment.release.parent.iterdir()):
            if path.is_file() and not (folder / path.name).exists():
                shutil.copyfile(path, folder / path.name)
                click.echo((folder / path.name).relative_to(root))
