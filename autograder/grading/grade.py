"""Grade one submission. Pure: bytes and a bundle in, a result out; nothing is written and no gradebook is known.

Fails closed: points come from the record that the checker process returned for that very check cell, counted again
here. What a notebook prints, claims or carries in its metadata earns nothing.
"""

from __future__ import annotations

import copy
import dataclasses
import html
import time
from collections.abc import Mapping
from typing import Any

from autograder import display, records
from autograder.execution import Limits, RunResult, Step, StepResult, run
from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle, Cell
from autograder.grading.restore import DEFINE, RUN, Restored, restore
from autograder.grading.result import ExerciseResult, Result
from autograder.grading.sanitise import clean_outputs
from autograder.records import CheckOutcome, ExerciseRecord

# Ample on purpose: an honest loop on a busy machine must never run out of time. The price is that every check which
# meets an endless loop waits for a third of a cell's time.
LIMITS = Limits(cell_seconds=30.0, total_seconds=180.0)
_ENDED = (records.TIMED_OUT, records.OUT_OF_MEMORY, records.CRASHED)


def grade_one(
    submission: bytes,
    bundle: Bundle,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    sandbox: bool = True,
) -> Result:
    """Grade one submission.

    Parameters
    ----------
    submission : bytes
        The notebook as it was handed in, damaged or not.
    bundle : Bundle
        The assignment's reference cells.
    files : mapping of str to bytes, optional
        What was handed in beside the notebook, by relative name.
    limits : Limits, optional
        Time, memory and output that the submission may use.
    sandbox : bool
        False to run student code without the kernel's protection.

    Raises
    ------
    autograder.execution.SandboxUnavailable
        If this machine cannot confine student code and `sandbox` is true.
    """
    return grade_restored(restore(submission, bundle), bundle, files=files, limits=limits, sandbox=sandbox)


def grade_restored(
    restored: Restored,
    bundle: Bundle,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    sandbox: bool = True,
) -> Result:
    """Grade a submission that was restored already; parameters as in `grade_one`."""
    start = time.perf_counter()
    steps = plan(restored.notebook, bundle) if restored.readable else []
    messages: list[str] = []
    ran = _run(steps, bundle, {**(files or {}), **bundle.files}, limits, sandbox)
    if _is_our_fault(ran, bundle):
        messages += ["Graded again after a fault of ours.", *ran.messages]
        ran = _run(steps, bundle, {**(files or {}), **bundle.files}, limits, sandbox)
    messages += ran.messages
    by_name = {step.name: step for step in ran.steps if step.name}
    exercises = tuple(_exercise(check, bundle, by_name) for check in bundle.checks)
    messages += [
        f"{step.name or 'a cell'}: {step.error}"
        for step in ran.steps
        if step.verdict == records.OUR_FAULT and step.error
    ]
    return Result(
        assignment=bundle.assignment,
        notebook=bundle.notebook,
        exercises=exercises,
        answered=_answered(restored.notebook, bundle),
        notes=restored.notes,
        cells=_with_outputs(restored.notebook, ran, exercises),
        messages=tuple(dict.fromkeys(messages)),
        seconds=time.perf_counter() - start,
    )


def plan(notebook: Mapping[str, Any], bundle: Bundle) -> list[Step]:
    """Turn a restored notebook into steps: check and given cells as the bundle has them, all else the student's."""
    marked = bundle.marked
    steps = []
    for i, cell in enumerate(notebook["cells"]):
        role = cell["metadata"].get("autograder", {}).get("role", RUN)
        if cell["cell_type"] != "code" or role not in (RUN, DEFINE):
            continue
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        reference = marked.get(name)
        if reference is not None and reference.kind == kinds.CHECK:
            steps.append(Step("check", name, reference.source, i))
        elif reference is not None and reference.kind == kinds.GIVEN:
            steps.append(Step("given", name, reference.source, i))
        else:
            source = syntax.definitions_only(cell["source"]) if role == DEFINE else cell["source"]
            if source.strip():
                steps.append(Step("student", name, source, i))
    return steps


def _run(steps, bundle: Bundle, files, limits, sandbox: bool) -> RunResult:
    if not steps:
        return RunResult([], records.PASSED, 0.0, [])
    return run(steps, bundle.names, limits=limits or LIMITS, sandbox=sandbox, files=files)


def _is_our_fault(ran: RunResult, bundle: Bundle) -> bool:
    return any(step.verdict == records.OUR_FAULT for step in ran.steps)


def _exercise(check: Cell, bundle: Bundle, steps: Mapping[str, StepResult]) -> ExerciseResult:
    """Say what one exercise earns, from its check's step and nothing else."""
    step = steps.get(check.grade_id)
    base = {"id": check.exercise, "check": check.grade_id, "max_points": check.points}
    if step is None:
        return ExerciseResult(**base, points=0.0, verdict=records.NOT_REACHED)
    ended = _how_the_answer_ended(steps.get(check.exercise))
    if step.verdict == records.OUR_FAULT:
        return _open(
            base, "This exercise could not be checked; it is not your fault. Your instructor was told."
        )
    if step.record is None:
        if step.verdict == records.PASSED:
            return _open(
                base, f"The check cell {check.grade_id} reported nothing. Its author has to mend it."
            )
        verdict = ended[0] if ended and ended[0] in _ENDED else step.verdict
        message = " ".join(text for text in (ended and ended[1], _stopped(step)) if text)
        return ExerciseResult(**base, points=0.0, verdict=verdict, message=message)
    try:
        record = ExerciseRecord.from_dict(step.record)
    except ValueError as error:
        return _open(base, f"The record of {check.grade_id} cannot be read: {error}.")
    record = _without_hidden_code(record, check)
    wrong = _not_as_declared(record, check)
    if wrong:
        return _open(base, wrong)
    if step.verdict != records.PASSED and record.verdict not in (records.NOT_ATTEMPTED, records.OUR_FAULT):
        return ExerciseResult(
            **base, points=0.0, verdict=step.verdict, outcomes=record.outcomes, message=_stopped(step)
        )
    verdict = record.verdict
    if verdict == records.OUR_FAULT:
        return _open(base, "One of the checks could not compare anything.", record.outcomes)
    if verdict in (records.RAISED, records.FAILED):
        verdict = next((word for word in _ENDED if word in step.failures), verdict)
        verdict = ended[0] if ended and ended[0] in _ENDED else verdict
    message = ended[1] if ended and verdict != records.PASSED else ""
    points = 0.0 if verdict == records.NOT_ATTEMPTED else min(_earned(record, check), check.points)
    return ExerciseResult(**base, points=points, verdict=verdict, outcomes=record.outcomes, message=message)


def _open(base: dict, message: str, outcomes: tuple[CheckOutcome, ...] = ()) -> ExerciseResult:
    """No score: a person decides."""
    return ExerciseResult(**base, points=None, verdict=records.OUR_FAULT, outcomes=outcomes, message=message)


def _without_hidden_code(record: ExerciseRecord, check: Cell) -> ExerciseRecord:
    """Cut lines of the hidden tests out of messages; no message should quote any, so this is a second lock."""
    lines = syntax.hidden_lines(check.source)

    def cut(text: str) -> str:
        for line in lines:
            text = text.replace(line, "...")
        return text

    outcomes = tuple(
        dataclasses.replace(outcome, message=cut(outcome.message), remarks=tuple(map(cut, outcome.remarks)))
        for outcome in record.outcomes
    )
    return dataclasses.replace(record, outcomes=outcomes)


def _not_as_declared(record: ExerciseRecord, check: Cell) -> str:
    """Why a record does not fit its check cell; empty if it does."""
    if record.exercise != check.exercise:
        return f"{check.grade_id} reported on {record.exercise!r}, not on {check.exercise!r}."
    if record.points != check.points:
        return f"{check.grade_id} says {record.points:g} points; the assignment says {check.points:g}."
    hidden = sum(outcome.hidden for outcome in record.outcomes)
    if hidden != check.hidden or record.hidden_remaining:
        return f"{check.grade_id} declares {check.hidden} hidden checks and ran {hidden}."
    return ""


def _earned(record: ExerciseRecord, check: Cell) -> float:
    """Points for the fraction of checks that passed, rounded as a check cell rounds."""
    passed = sum(outcome.state == records.PASSED for outcome in record.outcomes)
    return round(check.points * passed / len(record.outcomes), 2) if record.outcomes else 0.0


def _how_the_answer_ended(step: StepResult | None) -> tuple[str, str] | None:
    """Verdict and sentence about the answer's own cell, if it did not run to its end."""
    if step is None or step.verdict == records.PASSED:
        return None
    words = {
        records.TIMED_OUT: "ran out of time",
        records.OUT_OF_MEMORY: "ran out of memory",
        records.CRASHED: "ended the whole process",
        records.NOT_REACHED: "was not reached",
    }
    told = words.get(step.verdict, "stopped with an error")
    error = f": {_one_line(step.error)}" if step.error else ""
    return step.verdict, f"The cell {step.name} {told}{error}."


def _stopped(step: StepResult) -> str:
    if step.verdict == records.NOT_REACHED:
        return "The time for the whole notebook was used up before this check."
    return "The check could not be finished." + (f" {_one_line(step.error)}." if step.error else "")


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())[:300].rstrip(".")


def _answered(notebook: Mapping[str, Any], bundle: Bundle) -> dict[str, bool]:
    """For every cell that a person marks: whether it holds more than was handed out."""
    answered = {cell.grade_id: False for cell in bundle.cells if cell.kind == kinds.MANUAL}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answered and cell["metadata"].get("autograder", {}).get("role") == RUN:
            stub = bundle.marked[name].stub
            answered[name] = bool(cell["source"].strip()) and not syntax.same_text(cell["source"], stub)
    return answered


def _with_outputs(notebook: dict[str, Any], ran: RunResult, exercises: tuple[ExerciseResult, ...]) -> dict:
    """The notebook with what its cells put out; a check cell shows its table, made from the result."""
    shown = copy.deepcopy(notebook)
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
