"""`autograder build`: authored texts to notebooks."""

from __future__ import annotations

import click

from autograder.course.paths import find_assignments, find_root


@click.command("build")
@click.argument("ids", nargs=-1)
@click.option(
    "--check", is_flag=True, help="Write nothing; fail if a built file is not what its text builds."
)
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(ids: tuple[str, ...], check: bool, course: str) -> None:
    """Write source/ and release/ for the assignments IDS (all by default)."""
    from autograder.course.build import build, differences

    assignments = find_assignments(find_root(course), ids)
    if not check:
        for path in build(assignments):
            click.echo(path)
        return
    lines = differences(assignments)
    for line in lines:
        click.echo(line)
    if lines:
        click.echo(
            f"{len(lines)} built files are out of date. Run `autograder build` and commit source/ and release/."
        )
        raise click.exceptions.Exit(1)
    click.echo(f"source/ and release/ are what {len(assignments)} texts build.")
