"""What the gradebook's comment on an answer says: the named mistake, or what became of the checks."""

from __future__ import annotations

from autograder import records
from autograder.grading.result import ExerciseResult

LONGEST = 600  # characters


def comment_on(exercise: ExerciseResult) -> str | None:
    """Return a comment of a few sentences; None where nothing needs saying.

    Only the first mistake of each name is told, with its next step.
    """
    if exercise.verdict == records.PASSED:
        return None
    if exercise.verdict == records.NOT_ATTEMPTED:
        return "No response."
    lines = []
    told = set()
    for outcome in exercise.outcomes:
        if outcome.mistake and outcome.mistake not in told:
            told.add(outcome.mistake)
            advice = outcome.message.strip().split("\n\n")[-1]
            lines.append(f"{outcome.mistake.replace('_', ' ').capitalize()}: {_one_line(advice)}")
    if exercise.message:
        lines.append(exercise.message)
    if exercise.outcomes:
        passed = sum(outcome.passed for outcome in exercise.outcomes)
        lines.append(
            f"{passed} of {len(exercise.outcomes)} checks correct; the table below the check says more."
        )
    elif not exercise.message:
        lines.append(f"{exercise.verdict.capitalize()}.")
    text = "\n\n".join(lines)
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + " ..."


def _one_line(text: str) -> str:
    return " ".join(text.split())
