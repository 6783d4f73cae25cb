"""`autograder prove`: the published proof, exercise by exercise."""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from multiprocessing import get_context

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from autograder.course.paths import Assignment, find_assignments, find_root
from autograder.course.plain import run_plainly
from autograder.course.prove import ExerciseProof, Proof, prove
from autograder.display import points

HEADINGS = (
    "exercise",
    "points",
    "reference earns",
    "empty stub earns",
    "wrong answers caught",
    "seen by visible checks",
    "named",
    "right variants kept",
)


PREFACE = (
    "# Proof of the checks",
    "",
    "Written by `autograder prove --markdown > docs/proof.md`; a test holds it to what that prints.",
    "Every answer is graded as a submission is, in two processes. *Seen by visible checks*: the student learns of it",
    "before handing in. *Named*: with the diagnosis that `mistakes.py` declares, and no other. A wrong answer that draws without",
    "a seed is caught every time, by one check or another: these two columns may then differ by one or two from run to run.",
    "",
)


def _cells(proof: ExerciseProof) -> tuple[str, ...]:
    return (
        proof.name,
        points(proof.points),
        points(proof.reference),
        points(proof.stub),
        f"{proof.caught} of {proof.wrong}",
        f"{proof.visible} of {proof.wrong}",
        f"{proof.named} of {proof.wrong}",
        f"{proof.kept} of {proof.variants}",
    )


def _isolated(assignment: Assignment):
    from functools import partial

    import nbformat

    from autograder.grading.proving import grade_isolated

    return partial(grade_isolated, nbformat.read(assignment.source, as_version=4))


def _total(proof: Proof) -> ExerciseProof:
    total = ExerciseProof("all", 0.0)
    for exercise in proof.exercises:
        for name in (
            "points",
            "reference",
            "stub",
            "wrong",
            "caught",
            "visible",
            "named",
            "variants",
            "kept",
        ):
            setattr(total, name, getattr(total, name) + getattr(exercise, name))
    return total


def markdown_row(proof: ExerciseProof) -> str:
    """One row of a table of `docs/proof.md`."""
    return "| " + " | ".join(_cells(proof)) + " |"


def _markdown(proofs: list[Proof]) -> str:
    """All notebooks in one table, then one table for each."""
    head = ["| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
    lines = [head[0].replace("exercise", "notebook", 1), head[1]]
    lines += [total_row(proof.assignment, proof.exercises) for proof in proofs]
    for proof in proofs:
        lines += ["", f"## {proof.assignment}", "", *head, *map(markdown_row, proof.exercises)]
    return "\n".join([*PREFACE, *lines])


def total_row(assignment: str, exercises: list[ExerciseProof]) -> str:
    """A notebook's row of the README's table."""
    return markdown_row(replace(_total(Proof(assignment, exercises)), name=assignment))


def _table(proof: Proof) -> Table:
    table = Table(*HEADINGS, title=proof.assignment)
    for exercise in proof.exercises:
        table.add_row(*_cells(exercise))
    table.add_section()
    table.add_row(*_cells(_total(proof)), style="bold")
    return table


@click.command("prove")
@click.argument("ids", nargs=-1)
@click.option(
    "--plainly", is_flag=True, help="Run answers in plain processes: faster, for writing a notebook."
)
@click.option("--markdown", is_flag=True, help="Print docs/proof.md.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="Answers run side by side.")
@click.option("--course", default=".", show_default=True, help="A folder inside the course.")
def command(
    ids: tuple[str, ...], plainly: bool, markdown: bool, as_json: bool, workers: int, course: str
) -> None:
    """Prove the checks of the assignments IDS (all by default); fails if anything is not shown.

    Every answer is graded as a submission would be: student code in one process, checks in another.
    """
    assignments = find_assignments(find_root(course), ids)
    console = Console(stderr=True)
    proofs = []
    with (
        ProcessPoolExecutor(workers, mp_context=get_context("fork")) as executor,
        Progress(console=console, transient=True) as bar,
    ):
        for assignment in assignments:
            task = bar.add_task(assignment.name, total=None)
            grade = run_plainly if plainly else _isolated(assignment)
            proofs.append(prove(assignment, grade, executor, lambda task=task: bar.advance(task)))
    if as_json:
        click.echo(json.dumps([asdict(proof) | {"holds": proof.holds} for proof in proofs], indent=2))
    if markdown:
        click.echo(_markdown(proofs))
    for proof in proofs if not (as_json or markdown) else []:
        Console(width=None if console.is_terminal else 130).print(_table(proof))
        for exercise in proof.exercises:
            for problem in exercise.problems:
                click.echo(f"  {exercise.name}: {problem}")
        click.echo(
            f"{proof.assignment}: {'proved' if proof.holds else 'NOT proved'}; named {proof.named_share:.0%}"
        )
    if not all(proof.holds for proof in proofs):
        raise click.exceptions.Exit(1)
