"""What one exercise earns. Pure: a check cell and what became of it in, an exercise's result out.

Fails closed: only the record that the checker process returned for that very check cell earns anything, and only if
exercise, points and number of hidden checks are what the assignment says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from autograder import records
from autograder.execution import StepResult
from autograder.grading import syntax
from autograder.grading.bundle import Cell
from autograder.grading.result import ExerciseResult
from autograder.records import CheckOutcome, ExerciseRecord

_ENDED = (records.TIMED_OUT, records.OUT_OF_MEMORY, records.CRASHED)


def judge(check: Cell, steps: Mapping[str, StepResult]) -> ExerciseResult:
    """Say what one exercise earns, from its check's step and nothing else.

    Parameters
    ----------
    check : Cell
        The assignment's check cell.
    steps : mapping
        grade_id to what became of that cell.
    """
    step = steps.get(check.grade_id)
    base = {"id": check.exercise, "check": check.grade_id, "max_points": check.points}
    if step is None or step.kind != "check":
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
        if outcome.message or outcome.remarks
        else outcome
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
