"""`autograder bundle`: one archive for students."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.course.paths import find_assignments, find_root


@click.command("bundle")
@click.argument("ids", nargs=-1)
@click.option(
    "--output", type=click.Path(path_type=Path), help="[default: dist/deep-learning-foundations.zip]"
)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(ids: tuple[str, ...], output: Path | None, course: str) -> None:
    """Pack what students need: the released notebooks IDS (all by default), hints, checks, data, a page to start from.

    It works on a machine that has Python and Jupyter, and holds no solution, hidden test or instructor file.
    """
    from autograder.course.handout import FOLDER, handout

    root = find_root(course)
    assignments = find_assignments(root, ids)
    data = handout(root, assignments)
    goal = output or root / "dist" / f"{FOLDER}.zip"
    goal.parent.mkdir(parents=True, exist_ok=True)
    goal.write_bytes(data)
    click.echo(f"{goal}: {len(assignments)} notebooks, {len(data) / 1e6:.1f} MB")
