"""`autograder grade`: all submissions to an assignment, in parallel, into nbgrader's gradebook."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import json
import sys
import time

import click


@click.command("grade")
@click.argument("assignment")
@click.option(
    "--students", multiple=True, help="Only these: ids with commas between, or patterns such as 'a*'."
)
@click.option("--workers", type=click.IntRange(1), help="Worker processes. [default: one per processor]")
@click.option("--scheduler", metavar="ADDRESS", help="Grade on a Dask cluster, such as tcp://10.0.0.5:8786.")
@click.option("--force", is_flag=True, help="Grade again what has not changed, too.")
@click.option("--json", "as_json", is_flag=True, help="Print records instead of a summary.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
@click.option(
    "--unsandboxed", is_flag=True, help="Run notebooks with your own rights (a trusted class only)."
)
def command(
    assignment: str,
    students: tuple[str, ...],
    workers: int | None,
    scheduler: str | None,
    force: bool,
    as_json: bool,
    course: str,
    unsandboxed: bool,
) -> int:
    """Grade every submission to ASSIGNMENT that is new or has changed, as `nbgrader autograde` would.

    Stop it at any time and run it again: it goes on where it was. The exit code is 1 if a submission could not
    be graded; all others are.
    """
    # A grammar that jsonschema loads for addresses in other alphabets: three seconds for nothing that is used here.
    sys.modules.setdefault("rfc3987_syntax", None)
    from autograder.course.paths import find_root
    from autograder.execution import SandboxUnavailable
    from autograder.grading import many, work
    from autograder.grading import workers as places

    started = time.perf_counter()
    root = find_root(course)
    wanted = [name for text in students for name in text.split(",") if name]
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(root))
        if not scheduler:
            pool = stack.enter_context(places.early(places.local(workers or places.available())))
        # These load nbgrader, which takes a second: time enough for the workers to start.
        gc.disable()  # a thousand modules, and nothing in them is garbage
        from autograder.grading import coordinator, disk, journal, writer
        from autograder.grading.bundle import BundleError
        from autograder.grading.settings import Settings

        gc.freeze()
        gc.enable()

        progress = stack.enter_context(Progress(quiet=as_json))
        try:
            settings = Settings.load(root)
            if scheduler:
                pool = stack.enter_context(places.cluster(scheduler))
            grader = coordinator.Coordinator(
                settings, assignment, sandbox=not unsandboxed, elsewhere=bool(scheduler), watch=progress
            )
            stack.callback(grader.close)
            grader.run(pool, wanted, force)
        except SandboxUnavailable as error:
            raise click.ClickException(str(error)) from error
        except work.OtherEnvironment as error:
            raise click.ClickException(
                f"A worker has {error}: its marks might differ. Install the same versions everywhere."
            ) from error
        except many.WorkersGone as error:
            raise click.ClickException(f"{error} {progress.kept()}") from error
        except (BundleError, disk.CannotWrite, journal.Busy, writer.GradebookError) as error:
            raise click.ClickException(f"{error} {progress.kept()}".strip()) from error
        except KeyboardInterrupt:
            progress.stop()
            click.echo(f"Stopped. {progress.kept()}", err=True)
            return 130
    if not progress.outcomes:
        raise click.ClickException(
            f"Nothing was handed in for {assignment!r}"
            + (f" by {', '.join(wanted)}." if wanted else f": no folder submitted/*/{assignment}/.")
        )
    for step in settings.ignored:
        click.echo(f"Note: {step} is configured for `nbgrader autograde` and was not run here.", err=True)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(outcome) for outcome in progress.outcomes], indent=2))
    else:
        _show(assignment, progress.outcomes, time.perf_counter() - started)
    return int(any(outcome.state in (coordinator.OPEN, coordinator.TROUBLE) for outcome in progress.outcomes))


class Progress:
    """A bar with rate and time left, on standard error; keeps every outcome."""

    def __init__(self, quiet: bool = False):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.outcomes: list = []
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=quiet,
        )
        self._task = self._bar.add_task("reading the course", total=None, rate="")
        self._started, self._graded = time.monotonic(), 0

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def found(self, total: int) -> None:
        """Called once: so many submissions will be looked at."""
        self._started = time.monotonic()
        self._bar.update(self._task, total=total, description="grading")

    def done(self, outcome) -> None:
        """Called when a submission is settled."""
        self.outcomes.append(outcome)
        self._graded += outcome.state != "unchanged"
        rate = self._graded / max(time.monotonic() - self._started, 1e-3)
        told = f"{rate:.1f}/s" if rate >= 1 or not self._graded else f"{1 / rate:.1f} s each"
        self._bar.update(self._task, advance=1, description="grading", rate=told)

    def waiting(self, why: str) -> None:
        """Called when something of ours makes everyone wait."""
        self._bar.update(self._task, description=f"waiting: {why[:60]}")

    def tick(self) -> None:
        """Called now and then."""

    def kept(self) -> str:
        """What an unfinished run leaves behind, in a sentence."""
        settled = sum(outcome.state in ("graded", "our fault") for outcome in self.outcomes)
        if not settled:
            return ""
        return f"{settled} graded before that are in the gradebook. Run again to go on."


def _show(assignment: str, outcomes: list, seconds: float) -> None:
    """Print what a person wants to know: how many, how well, how fast, and whom to look at."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.display import points

    console = Console(file=sys.stdout, highlight=False)
    states: dict[str, int] = {}
    verdicts: dict[str, int] = {}
    for outcome in outcomes:
        states[outcome.state] = states.get(outcome.state, 0) + 1
        if outcome.verdict:
            verdicts[outcome.verdict] = verdicts.get(outcome.verdict, 0) + 1
    table = Table(title=escape(assignment), title_justify="left", title_style="bold", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    for state, count in states.items():
        table.add_row(state, str(count))
    table.add_section()
    for verdict, count in sorted(verdicts.items(), key=lambda item: -item[1]):
        table.add_row(escape(verdict), str(count))
    scores = [outcome.score for outcome in outcomes if outcome.score is not None]
    table.add_section()
    if scores:
        mean = points(round(sum(scores) / len(scores), 1))
        most = points(max(outcome.max_score or 0 for outcome in outcomes))
        table.add_row("mean score", f"{mean} of {most}")
    graded = states.get("graded", 0)
    table.add_row("time", f"{seconds:.1f} s" + (f" ({graded / seconds:.1f}/s)" if graded else ""))
    console.print(table)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.student):
        for message in outcome.messages:
            console.print(f"{escape(outcome.student)}: {escape(message)}", soft_wrap=True)
