"""`autograder lint`: what is wrong in authored texts, by file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from autograder.course.paths import find_assignments, find_root


@click.command("lint")
@click.argument("ids", nargs=-1)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(ids: tuple[str, ...], course: str) -> None:
    """Report what is wrong in the assignments IDS (all by default), one finding a line; fails if there is any."""
    from autograder.course.lint import lint

    assignments = find_assignments(find_root(course), ids)
    findings = [finding for assignment in assignments for finding in lint(assignment)]
    for finding in findings:
        click.echo(replace(finding, path=_nearby(finding.path)))
    if findings:
        raise click.exceptions.Exit(1)
    click.echo(f"Nothing to report in {len(assignments)} assignment{'s' * (len(assignments) != 1)}.")


def _nearby(path: Path) -> Path:
    """The path as one would type it here."""
    here = Path.cwd().resolve()
    return path.relative_to(here) if path.is_relative_to(here) else path
