"""The graded notebook as it is kept and shown: what the cells put out, and for each check its table.

Knows nbformat and rendering. Nothing in it is read again for marks.
"""

from __future__ import annotations

import html
from typing import Any

from autograder import display, records
from autograder.execution import RunResult, StepResult
from autograder.grading.result import ExerciseResult
from autograder.grading.sanitise import clean_outputs


def with_outputs(notebook: dict[str, Any], ran: RunResult, exercises: tuple[ExerciseResult, ...]) -> dict:
    """The notebook with what its cells put out; a check cell shows its table, made from the result."""
    shown = notebook | {"cells": [dict(cell) for cell in notebook["cells"]]}
    steps = {step.index: step for step in ran.steps}
    checks = {exercise.check: exercise for exercise in exercises}
    count = 0
    for i, cell in enumerate(shown["cells"]):
        if cell["cell_type"] != "code":
            continue
        step = steps.get(i)
        if step is not None and step.verdict != records.NOT_REACHED:
            count += 1
            cell["execution_count"] = count
        exercise = checks.get(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
        if exercise is not None:
            cell["outputs"] = [*_printed(step), table(exercise, cell["execution_count"])]
        elif step is not None:
            cell["outputs"] = clean_outputs(step.outputs)
            for output in cell["outputs"]:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = cell["execution_count"]
    return shown


def _printed(step: StepResult | None) -> list[dict[str, Any]]:
    """What the student's code printed while it was checked, without anything else a check cell put out."""
    outputs = [output for output in step.outputs if output.get("output_type") == "stream"] if step else []
    return clean_outputs(outputs, budget=10_000)


def table(exercise: ExerciseResult, count: int | None = None) -> dict[str, Any]:
    """A check cell's output: its table, and the points as a plain number, as nbgrader reads it."""
    parts = []
    if exercise.message:
        parts.append(f"<p>{html.escape(exercise.message)}</p>")
    if exercise.outcomes:
        parts.append(display.as_html(exercise.record))
    else:
        points = (
            "no score yet"
            if exercise.points is None
            else f"{display.points(exercise.points)} of {display.points(exercise.max_points)} points"
        )
        parts.insert(0, f"<p><strong>{html.escape(exercise.id)}</strong>: {exercise.verdict}; {points}</p>")
    text = "no score" if exercise.points is None else repr(float(exercise.points))
    return {
        "output_type": "execute_result",
        "execution_count": count,
        "metadata": {},
        "data": {"text/plain": text, "text/html": "".join(parts)},
    }
