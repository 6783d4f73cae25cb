"""What grading one submission gives: plain records that travel as JSON.

Standard library and records only. Nothing here runs, reads or writes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autograder import records
from autograder.grading.reading import Note
from autograder.records import CheckOutcome, ExerciseRecord

# The gravest word first; a submission's verdict is the first of these among its exercises.
_GRAVITY = (
    records.OUR_FAULT,
    records.OUT_OF_MEMORY,
    records.TIMED_OUT,
    records.CRASHED,
    records.FAILED,
    records.RAISED,
    records.NOT_ATTEMPTED,
    records.NOT_REACHED,
)


def _as_dict(outcome: CheckOutcome) -> dict[str, Any]:
    """What `dataclasses.asdict` gives, in a tenth of its time: it copies every text, too."""
    picture = outcome.picture
    return {**vars(outcome), "picture": None if picture is None else {**vars(picture)}}


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise, graded.

    Attributes
    ----------
    id : str
        The exercise's name.
    check : str
        The grade_id of its check cell: nbgrader's key for the mark.
    max_points : float
    points : float or None
        Earned; None where a fault of ours leaves it open.
    verdict : str
        One of `autograder.records.STATES`.
    outcomes : tuple of CheckOutcome
    message : str
        What happened outside of the checks, in words a student reads.
    """

    id: str
    check: str
    max_points: float
    points: float | None
    verdict: str
    outcomes: tuple[CheckOutcome, ...] = ()
    message: str = ""

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Names of the mistakes that were recognised, each once."""
        return tuple(dict.fromkeys(outcome.mistake for outcome in self.outcomes if outcome.mistake))

    @property
    def record(self) -> ExerciseRecord:
        """The checks' own record, to be shown."""
        return ExerciseRecord(self.id, self.max_points, self.outcomes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers."""
        return {**vars(self), "outcomes": tuple(map(_as_dict, self.outcomes))}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ExerciseResult:
        """Rebuild from plain dicts."""
        outcomes = tuple(CheckOutcome.from_dict(outcome) for outcome in data["outcomes"])
        return cls(**{**data, "outcomes": outcomes})


@dataclass
class Result:
    """One submission, graded.

    Attributes
    ----------
    assignment, notebook : str
    exercises : tuple of ExerciseResult
        In the assignment's order; the reflection is not among them.
    answered : dict of str to bool
        Cells that a person marks: whether the student wrote anything there.
    notes : tuple of Note
        All that was not as handed out.
    cells : dict
        The restored notebook with its outputs (nbformat 4.5), fit to be shown.
    messages : tuple of str
        For the instructor: faults of ours, second tries.
    seconds : float
    """

    assignment: str
    notebook: str
    exercises: tuple[ExerciseResult, ...]
    answered: dict[str, bool] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    cells: dict[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def score(self) -> float | None:
        """Points earned; None while any exercise is left open by a fault of ours."""
        points = [exercise.points for exercise in self.exercises]
        return None if None in points else round(sum(points), 2)

    @property
    def max_score(self) -> float:
        """Points of all exercises."""
        return float(sum(exercise.max_points for exercise in self.exercises))

    @property
    def verdict(self) -> str:
        """One word for the submission: passed, or the gravest among its exercises."""
        if any(note.kind == "unreadable" for note in self.notes):
            return records.NOT_REACHED
        found = {exercise.verdict for exercise in self.exercises}
        return next((word for word in _GRAVITY if word in found), records.PASSED)

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, strings and numbers; `answered` and `cells` are not copied."""
        return {
            **vars(self),
            "exercises": tuple(exercise.to_dict() for exercise in self.exercises),
            "notes": tuple({**vars(note)} for note in self.notes),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Result:
        """Rebuild a result from `to_dict`."""
        return cls(
            **{
                **data,
                "exercises": tuple(ExerciseResult.from_dict(item) for item in data["exercises"]),
                "notes": tuple(Note(**note) for note in data["notes"]),
                "messages": tuple(data["messages"]),
            }
        )
