"""The `autograder` command. Loads a subcommand's module only when it is called, so that help comes at once."""

from __future__ import annotations

import atexit
import importlib
import os
import sys
import threading
from typing import NoReturn

import click

from autograder.course.paths import CourseError

SUBCOMMANDS = {
    "bundle": "Pack what students need into one archive.",
    "demo": "Grade an example class through nbgrader; show marks and feedback.",
    "build": "Write source/ and release/ from the authored texts.",
    "lint": "Report what is wrong in authored texts, with file, line and remedy.",
    "prove": "Prove the checks: reference, empty stub, wrong answers, unusual right ones.",
    "export": "Write marks for Canvas, Moodle, Blackboard or a spreadsheet.",
    "grade": "Grade a class in parallel, into nbgrader's gradebook.",
    "report": "Write what a class did: one page, and the same as data.",
    "score": "Grade notebooks outside of any class, hidden checks included.",
    "site": "Write all topics as pages to read without a network.",
    "solution": "Show an exercise's solution, or write a whole worked notebook, after a warning.",
    "work": "Copy the released notebooks to work/, where they are yours.",
}


class _Lazy(click.Group):
    def list_commands(self, ctx):
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx, name):
        if name not in SUBCOMMANDS:
            return None
        return importlib.import_module(f"autograder.commands.{name}").command

    def format_commands(self, ctx, formatter):
        with formatter.section("Commands"):
            formatter.write_dl(sorted(SUBCOMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="deep-learning-foundations")
def cli() -> None:
    """Build, check and grade notebooks on the foundations of deep learning."""


def main() -> NoReturn:
    """Run the command line; an error that a person can mend is one sentence, not a traceback."""
    try:
        code = cli(standalone_mode=False)
        _leave(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CourseError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        if (
            error.filename is None
        ):  # no file that a person could look at: a fault of ours, or a pipe nobody reads
            raise
        what = f"{error.strerror or type(error).__name__}: {os.fspath(error.filename)}"
        click.echo(f"Error: {what}. Put that right, then run the command again.", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)


def _leave(code: int) -> NoReturn:
    """End the process with all that waits for its end done, without taking every loaded module apart.

    Of nbgrader and what it loads that takes half a second, in which nothing happens.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # a stream that was closed at the start is None
            stream.flush()
    except OSError:  # a pipe that nobody reads, a full disk: Python knows what to say
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
