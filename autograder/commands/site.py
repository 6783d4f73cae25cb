"""`autograder site`: all topics as pages that need no network."""

from __future__ import annotations

import time
from pathlib import Path

import click

from autograder.course.paths import CourseError, find_assignments, find_root

CACHE = Path(".autograder") / "site"


@click.command("site")
@click.argument("ids", nargs=-1)
@click.option("--output", type=click.Path(path_type=Path), help="[default: site/ in the course]")
@click.option("--no-execute", is_flag=True, help="Run nothing: figures only where they were kept.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(ids: tuple[str, ...], output: Path | None, no_execute: bool, course: str) -> int:
    """Write the topics IDS (all by default) as a site to read without a network: open site/index.html.

    Notebooks are executed for their figures; those that did not change since the last time are not run again. The exit code
    is 1 if one of them fails; it is then shown without figures.
    """
    from autograder.site.content import topic
    from autograder.site.execute import executed
    from autograder.site.write import write

    root = find_root(course)
    topics, failed = {}, 0
    for assignment in find_assignments(root, ids):
        started = time.perf_counter()
        earlier = [one.overview for one in topics.values()]
        try:
            ran = executed(assignment, root / CACHE, run=not no_execute)
        except CourseError as error:
            failed += 1
            click.echo(f"Error: {error}", err=True)
            if not assignment.source.is_file():
                continue
            ran = executed(assignment, root / CACHE, run=False)
        topics[assignment.name] = topic(assignment, ran, earlier)
        told = "" if topics[assignment.name].executed else ", without figures"
        click.echo(f"{assignment.name}: {time.perf_counter() - started:.1f} s{told}")
    written = write(topics, output or root / "site")
    click.echo(f"{len(written)} pages: {written[0]}")
    return 1 if failed else 0
