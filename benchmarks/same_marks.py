"""The same honest submissions graded three ways: stock nbgrader, `autograder grade`, and each check's own word in a kernel.

``python benchmarks/same_marks.py [--count 7] [--topics 01_backprop_gates,...]`` prints one line a topic and stops at the
first mark that differs.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table

from autograder.course.paths import Assignment, find_assignments, find_root
from autograder.course.plain import is_check, mark_of
from benchmarks import classes, grading, measuring

CELL_SECONDS = 120


def in_kernel(notebook, folder: Path) -> dict[str, float]:
    """Run a notebook with all checks in a Jupyter kernel; what each check cell says it is worth, 0 where it says nothing.

    Parameters
    ----------
    notebook : NotebookNode
    folder : Path
        Where it runs, with the files that are handed out beside it.
    """
    ran = copy.deepcopy(notebook)
    with (folder / ".kernel.log").open("wb") as log:
        client = NotebookClient(ran, timeout=CELL_SECONDS, allow_errors=True)
        client.execute(cwd=str(folder), stdout=log, stderr=log)
    return {mark_of(cell)["grade_id"]: _said(cell) for cell in ran.cells if is_check(cell)}


def _said(cell) -> float:
    values = [output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result"]
    failed = any(output.output_type == "error" for output in cell.outputs)
    return 0.0 if failed or not values else float(values[-1])


def compare(assignment: Assignment, folder: Path, count: int) -> int:
    """Grade `count` submissions in all three ways; return how many marks were compared.

    Raises
    ------
    SystemExit
        If one differs; it says which.
    """
    made = classes.make_class(assignment, folder)
    _, stock = grading.stock_api(made, count)
    _, ours = grading.ours(made, count, 2)
    grading.require_equal(stock, ours)
    students = classes.hand_in(made, count, made.ours)
    automatic = {key: score for key, score in ours.items() if score is not None}
    for student, notebook in zip(students, made.plain, strict=False):
        for name, said in in_kernel(notebook, made.ours / "source" / assignment.name).items():
            if automatic.pop((student, name), None) != said:
                sys.exit(
                    f"{assignment.name}, {student}: {name} says {said} in a kernel; graded {ours.get((student, name))}."
                )
    if automatic and any(automatic.values()):
        sys.exit(f"{assignment.name}: no kernel told about {sorted(automatic)[:5]}.")
    return len(ours)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=7, help="submissions a topic")
    parser.add_argument("--topics", default="", help="assignment ids with commas between; all by default")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    measuring.adopt_orphans()
    table = Table(
        title="Marks that stock nbgrader, autograder grade and a Jupyter kernel agree on", title_style=""
    )
    for column in ("topic", "submissions", "marks compared", "different"):
        table.add_column(column, justify="left" if column == "topic" else "right")
    root = find_root(Path(__file__).parent)
    for assignment in find_assignments(root, tuple(filter(None, options.topics.split(",")))):
        with tempfile.TemporaryDirectory(prefix="autograder-same-") as place:
            table.add_row(
                assignment.name, str(options.count), str(compare(assignment, Path(place), options.count)), "0"
            )
    Console().print(table)


if __name__ == "__main__":
    main()
