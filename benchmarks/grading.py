"""How fast a class is graded: stock nbgrader and ours, side by side on the same submissions, in one run.

``make bench`` or ``python benchmarks/grading.py [--quick] [--topics 01_backprop_gates,...]``. Ours is the whole command:
start of Python, imports, workers, gradebook and files. Stock's interface is measured without its imports, its command
line with them, one call a submission.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich import box
from rich.console import Console
from rich.table import Table

from autograder.course.paths import find_assignments, find_root
from benchmarks import classes, measuring

_SCORES = (
    "SELECT s.student_id, c.name, g.auto_score FROM grade g JOIN base_cell c ON c.id = g.cell_id "
    "JOIN submitted_notebook n ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id"
)


@dataclass(frozen=True)
class Row:
    """One line of the table, per submission."""

    what: str
    count: int
    seconds: float
    cpu: float
    memory: float = 0.0  # MB per worker


def scores(course: Path) -> dict:
    """Every automatic mark in a course's gradebook; one that nobody could give counts as none."""
    with sqlite3.connect(course / "gradebook.db") as database:
        return {(student, cell): score for student, cell, score in database.execute(_SCORES)}


def stock_api(made: classes.Class, count: int, as_shipped: bool = False) -> tuple[Row, dict]:
    """Grade through NbGraderAPI."""
    classes.hand_in(made, count, made.stock, as_shipped)
    script = str(Path(__file__).with_name("stock_api.py"))
    cost = measuring.run([sys.executable, script, str(made.stock), made.assignment.name], made.stock)
    told = json.loads(cost.said.strip().splitlines()[-1])
    row = Row(
        "stock nbgrader, Python interface", count, told["seconds"] / count, told["cpu"] / count, cost.memory
    )
    return row, scores(made.stock)


def stock_command(made: classes.Class, count: int) -> Row:
    """Grade by ``nbgrader autograde``, one call a submission."""
    seconds = cpu = memory = 0.0
    for student in classes.hand_in(made, count, made.stock):
        cost = measuring.run(
            ["nbgrader", "autograde", made.assignment.name, "--student", student], made.stock
        )
        seconds, cpu, memory = seconds + cost.seconds, cpu + cost.cpu, max(memory, cost.memory)
    return Row("stock nbgrader, command line", count, seconds / count, cpu / count, memory)


def ours(made: classes.Class, count: int, workers: int, as_shipped: bool = False) -> tuple[Row, dict]:
    """Grade by ``autograder grade``."""
    classes.hand_in(made, count, made.ours, as_shipped)
    command = [
        sys.executable,
        "-m",
        "autograder.cli",
        "grade",
        made.assignment.name,
        "--workers",
        str(workers),
    ]
    cost = measuring.run(command, made.ours)
    name = f"autograder grade, {workers} worker{'s' if workers > 1 else ''}"
    return Row(name, count, cost.seconds / count, cost.cpu / count, cost.memory / workers), scores(made.ours)


def require_equal(theirs: dict, mine: dict) -> int:
    """Compare marks of the same students; return how many were compared.

    Raises
    ------
    SystemExit
        If one differs.
    """
    both = sorted(set(theirs) & set(mine))
    different = [(key, theirs[key], mine[key]) for key in both if theirs[key] != mine[key]]
    if different or not both:
        sys.exit(f"The marks differ ({len(different)} of {len(both)}): {different[:5]}")
    return len(both)


def bench_topic(assignment, sizes, growth: bool, console: Console) -> tuple[str, ...]:
    """Measure one topic and print its table; return its line of the summary."""
    with tempfile.TemporaryDirectory(prefix="autograder-bench-") as place:
        made = classes.make_class(assignment, Path(place) / "plain")
        base, theirs = stock_api(made, sizes.stock)
        rows = [stock_command(made, sizes.command), base]
        compared = 0
        before = classes.bare_seconds(made)
        for workers in (1, 2):
            row, mine = ours(made, sizes.ours, workers)
            compared += require_equal(theirs, mine)
            rows.append(row)
        bare = (before + classes.bare_seconds(made)) / 2  # a machine's pace changes within minutes
        if growth:
            rows += [ours(made, count, 2)[0] for count in sizes.growth]
        shipped = classes.make_class(assignment, Path(place) / "shipped", as_shipped=True)
        told = [
            stock_api(shipped, sizes.shipped, as_shipped=True)[0],
            ours(shipped, sizes.ours, 2, as_shipped=True)[0],
        ]
    _print(console, assignment.name, made.kinds, bare, base, rows, told, compared)
    best, (stock_shipped, our_shipped) = rows[3], told
    return (
        assignment.name,
        f"{base.seconds:.2f}",
        f"{best.seconds:.3f}",
        f"{base.seconds / best.seconds:.1f}",
        f"{rows[0].seconds / best.seconds:.1f}",
        f"{stock_shipped.seconds / our_shipped.seconds:.0f}",
        f"{best.seconds / bare:.1f}",
        str(compared),
    )


def _summarise(console: Console, lines: list[tuple[str, ...]]) -> None:
    """One line a topic, as Markdown too can show it."""
    table = Table(box=box.MARKDOWN)
    heads = (
        "notebook",
        "stock, s each",
        "autograder grade, s each",
        "times stock",
        "times its command line",
        "times stock as shipped",
        "times the bare checks",
        "marks compared, all equal",
    )
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i else "left")
    for line in lines:
        table.add_row(*line)
    console.print(table)


def _print(console, name, kinds, bare, base, rows, shipped, compared) -> None:
    table = Table(
        title=f"[bold]{name}[/]: {kinds} kinds of submissions, cells tagged experiment removed; "
        f"{compared} marks compared, all equal",
        title_justify="left",
        title_style="",
    )
    table.add_column("")
    for column in (
        "submissions",
        "s each",
        "per minute",
        "times stock",
        "times bare",
        "CPU s each",
        "CPU times stock",
        "MB a worker",
    ):
        table.add_column(column, justify="right")
    table.add_row(
        "the checks alone, one warm process", str(kinds), f"{bare:.3f}", f"{60 / bare:.0f}", "", "1.0", "", ""
    )
    for row in rows:
        _add(table, row, base, bare)
    table.add_section()
    for row in shipped:
        _add(table, row, shipped[0], bare, " (as shipped)")
    console.print(table)


def _add(table: Table, row: Row, base: Row, bare: float, suffix: str = "") -> None:
    table.add_row(
        row.what + suffix,
        str(row.count),
        f"{row.seconds:.3f}",
        f"{60 / row.seconds:.0f}",
        f"{base.seconds / row.seconds:.1f}",
        f"{row.seconds / bare:.1f}",
        f"{row.cpu:.3f}",
        f"{base.cpu / row.cpu:.1f}",
        f"{row.memory:.0f}" if row.memory else "",
    )


@dataclass(frozen=True)
class Sizes:
    """How many submissions each contender grades."""

    stock: int = 14
    command: int = 3
    ours: int = 100
    growth: tuple[int, ...] = (10, 100, 1000)
    shipped: int = 2  # stock runs every experiment of every student: a minute each


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="small numbers: some minutes")
    parser.add_argument("--topics", default="", help="assignment ids with commas between; all by default")
    options = parser.parse_args()
    sizes = Sizes(7, 1, 28, (10, 40), 1) if options.quick else Sizes()
    warnings.filterwarnings("ignore")
    measuring.adopt_orphans()
    console = Console(width=170)
    root = find_root(Path(__file__).parent)
    assignments = find_assignments(root, tuple(filter(None, options.topics.split(","))))
    lines = [
        bench_topic(assignment, sizes, growth=i == 0, console=console)
        for i, assignment in enumerate(assignments)
    ]
    _summarise(console, lines)


if __name__ == "__main__":
    main()
