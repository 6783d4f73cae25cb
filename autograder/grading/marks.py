"""What a result means for the rows of nbgrader's gradebook. Pure: a result in, values out; knows no database."""

from __future__ import annotations

from autograder.grading.comments import comment_on
from autograder.grading.result import Result


def auto_score(result: Result, name: str) -> float | None:
    """Return the automatic score of the cell `name`; None asks for a person.

    A cell that the result does not know gets no score; one that a person marks gets zero if it was left empty.
    """
    for exercise in result.exercises:
        if exercise.check == name:
            return exercise.points
    return None if result.answered.get(name, True) else 0.0


def needs_a_person(score: float | None, manual_score: float | None) -> bool:
    """Whether somebody has to look: no score yet, or a mark that a person gave and that stays."""
    return score is None or manual_score is not None


def auto_comment(result: Result, name: str) -> str | None:
    """Return the automatic comment on the answer `name`; None where nothing needs saying."""
    for exercise in result.exercises:
        if exercise.id == name:
            return comment_on(exercise)
    return None if result.answered.get(name, True) else "No response."
