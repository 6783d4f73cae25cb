"""What checks report: plain records that pass between rooms, and nothing else.

Depends on the standard library only. Knows nothing of notebooks, processes or nbgrader.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

PASSED = "passed"
FAILED = "failed"
RAISED = "raised"
NOT_ATTEMPTED = "not attempted"
TIMED_OUT = "timed out"
OUT_OF_MEMORY = "out of memory"
CRASHED = "crashed"
NOT_REACHED = "not reached"
OUR_FAULT = "our fault"

STATES = (PASSED, FAILED, RAISED, NOT_ATTEMPTED, TIMED_OUT, OUT_OF_MEMORY, CRASHED, NOT_REACHED, OUR_FAULT)


PICTURE_MARKS = frozenset(".abcABC!")


@dataclass(frozen=True)
class Picture:
    """Where an array is wrong, entry by entry, without any of its values.

    Attributes
    ----------
    of : str
        What the array is called.
    part : str
        Which slice is drawn, such as ``"dw[2, 0, :, :]"``; empty for the whole array.
    rows : tuple of str
        One character per entry: ``.`` right; ``a b c`` too small by little, more, much; ``A B C`` too large; ``!``
        not a finite number.
    worst : tuple of int
        Row and column of the largest error.
    """

    of: str
    part: str
    rows: tuple[str, ...]
    worst: tuple[int, int]

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Picture:
        """Rebuild a picture from plain data.

        Raises
        ------
        ValueError
            If it is not a rectangle of known marks with its worst entry inside.
        """
        rows = tuple(str(row) for row in data["rows"])
        row, column = (int(n) for n in data["worst"])
        widths = {len(row) for row in rows}
        if (
            len(widths) != 1
            or not PICTURE_MARKS.issuperset("".join(rows))
            or len(rows) > 100
            or max(widths) > 100
        ):
            raise ValueError("not a picture of an array")
        if not (0 <= row < len(rows) and 0 <= column < len(rows[0])):
            raise ValueError("the worst entry lies outside of the picture")
        return cls(str(data["of"]), str(data["part"]), rows, (row, column))


@dataclass(frozen=True)
class CheckOutcome:
    """What one check found.

    Attributes
    ----------
    name : str
        What was checked, in words a student reads.
    state : str
        One of `STATES`.
    message : str
        The place, both numbers and the next step; empty when passed.
    mistake : str or None
        Identifier of the mistake that was recognised, if one was.
    hidden : bool
        Whether the check stands in the hidden tests.
    remarks : tuple of str
        Things worth knowing that cost no points.
    picture : Picture or None
        Where the array is wrong; never of a hidden check.
    """

    name: str
    state: str
    message: str = ""
    mistake: str | None = None
    hidden: bool = False
    remarks: tuple[str, ...] = ()
    picture: Picture | None = None

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise ValueError(f"unknown state {self.state!r}; use one of {', '.join(STATES)}")

    @property
    def passed(self) -> bool:
        """Whether this check earns its share: an explicit pass and nothing else."""
        return self.state == PASSED

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CheckOutcome:
        """Rebuild an outcome from plain data; a record from before there were pictures has none.

        Raises
        ------
        KeyError, TypeError, ValueError
            If a field is missing or cannot be what it should be.
        """
        picture = data.get("picture")
        return cls(
            name=str(data["name"]),
            state=data["state"],
            message=str(data["message"]),
            mistake=None if data["mistake"] is None else str(data["mistake"]),
            hidden=bool(data["hidden"]),
            remarks=tuple(str(remark) for remark in data["remarks"]),
            picture=None if picture is None else Picture.from_dict(picture),
        )


@dataclass(frozen=True)
class ExerciseRecord:
    """Everything the checks of one exercise found, and the points that follow from it.

    Attributes
    ----------
    exercise : str
        The exercise's name (the `grade_id` of its solution cell).
    points : float
        Points for passing every check.
    outcomes : tuple of CheckOutcome
        In the order the checks ran.
    hidden_remaining : int
        Hidden checks that exist but did not run here (a student's copy has none of them).
    """

    exercise: str
    points: float
    outcomes: tuple[CheckOutcome, ...] = ()
    hidden_remaining: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """One word for the exercise: the gravest state among its checks."""
        states = {outcome.state for outcome in self.outcomes}
        if not states:
            return NOT_REACHED
        if OUR_FAULT in states:
            return OUR_FAULT
        if states == {PASSED}:
            return PASSED
        if states == {NOT_ATTEMPTED}:
            return NOT_ATTEMPTED
        for state in (OUT_OF_MEMORY, TIMED_OUT, CRASHED, FAILED, RAISED, NOT_ATTEMPTED, NOT_REACHED):
            if state in states:
                return state
        raise AssertionError(f"no verdict for {states}")

    @property
    def earned(self) -> float:
        """Points for the fraction of checks passed, rounded to a hundredth."""
        if not self.outcomes:
            return 0.0
        passed = sum(outcome.passed for outcome in self.outcomes)
        return round(float(self.points) * passed / len(self.outcomes), 2)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dicts, lists, strings and numbers."""
        return {
            **vars(self),
            "outcomes": [
                vars(outcome) | {"picture": outcome.picture and asdict(outcome.picture)}
                for outcome in self.outcomes
            ],
            "extra": dict(self.extra),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ExerciseRecord:
        """Rebuild a record from `to_dict`'s form.

        Raises
        ------
        ValueError
            If a field is missing, of the wrong type or out of range: nothing half-read is scored.
        """
        try:
            outcomes = tuple(CheckOutcome.from_dict(item) for item in data["outcomes"])
            record = cls(
                exercise=str(data["exercise"]),
                points=float(data["points"]),
                outcomes=outcomes,
                hidden_remaining=int(data["hidden_remaining"]),
                extra=dict(data.get("extra", {})),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a check record: {error!r}") from error
        if not 0 <= record.points < float("inf"):
            raise ValueError(f"points of {record.exercise} must be a finite number >= 0, not {record.points}")
        return record
