"""The numbers of a report: what a class did, in plain records. Pure; knows neither files nor pages."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder import records
from autograder.report.marks import Mark
from autograder.report.similar import Pair
from autograder.report.submissions import Submission

# Why somebody should look, gravest first: what a note or a verdict means for an instructor.
OUR_FAULT, DAMAGED, NOT_GRADED = "our fault", "damaged", "not graded"
CRASHED, TIMED_OUT, OUT_OF_MEMORY = records.CRASHED, records.TIMED_OUT, records.OUT_OF_MEMORY
TAMPERED, SIMILAR, OUTDATED, NO_RECORD = "given cells changed", "similar", "changed since", "other grader"
REASONS = {
    OUR_FAULT: "A fault of the grader left points open; the student is not to blame.",
    NOT_GRADED: "Handed in, and no mark is in the gradebook.",
    DAMAGED: "The file could not be read, or another notebook was handed in.",
    CRASHED: "The student's code ended the Python process.",
    TIMED_OUT: "The student's code did not end in time.",
    OUT_OF_MEMORY: "The student's code wanted more memory than there is.",
    TAMPERED: "Check cells or given cells were changed, moved, deleted or marked anew. They were put back before grading.",
    SIMILAR: "Code that few others wrote is the same in another submission.",
    OUTDATED: "Handed in again after it was graded.",
    NO_RECORD: "Graded by something that kept no record of its checks; only marks are known.",
}
_BY_NOTE = {
    "our fault": OUR_FAULT,
    "unreadable": DAMAGED,
    "other notebook": DAMAGED,
    "changed": TAMPERED,
    "mark changed": TAMPERED,
    "tag removed": TAMPERED,
    "retyped": TAMPERED,
}
_BY_VERDICT = {
    records.OUR_FAULT: OUR_FAULT,
    records.CRASHED: CRASHED,
    records.TIMED_OUT: TIMED_OUT,
    records.OUT_OF_MEMORY: OUT_OF_MEMORY,
}


@dataclass(frozen=True)
class Exercise:
    """How an exercise went: `mean` is the share of its points that was earned, the others count submissions."""

    name: str
    points: float
    mean: float
    full: int
    partly: int
    none: int
    not_attempted: int
    commonest_failure: str = ""


@dataclass(frozen=True)
class MistakeCount:
    """A named mistake: in how many submissions, of how many that attempted its exercise."""

    exercise: str
    mistake: str
    count: int
    share: float
    advice: str
    students: tuple[str, ...]

    @property
    def words(self) -> str:
        """``divided by N twice``."""
        return self.mistake.replace("_", " ")


@dataclass(frozen=True)
class Look:
    """One reason to look at one submission."""

    student: str
    reason: str
    why: str


@dataclass(frozen=True)
class Row:
    """One student's line: `told` says in words what lost points, `feedback` is a link."""

    student: str
    name: str
    score: float | None
    penalty: float
    waiting: tuple[str, ...]
    seconds: float | None
    cells: dict[str, float | None]
    told: str
    feedback: str


@dataclass
class Summary:
    """Everything a report says, as data."""

    assignment: str
    max_score: float
    rows: list[Row]
    exercises: list[Exercise]
    mistakes: list[MistakeCount]
    looks: list[Look]
    pairs: list[Pair] = field(default_factory=list)
    groups: list[list[str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def scores(self) -> list[float]:
        """Points of every graded submission."""
        return [row.score for row in self.rows if row.score is not None]

    @property
    def seconds(self) -> list[float]:
        """Grading times, sorted."""
        return sorted(row.seconds for row in self.rows if row.seconds is not None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as ``--json`` prints it."""
        scores = self.scores
        return {
            "schema": 1,
            "assignment": self.assignment,
            "max_score": self.max_score,
            "submissions": len(self.rows),
            "graded": len(scores),
            "mean": round(statistics.fmean(scores), 2) if scores else None,
            "median": round(statistics.median(scores), 2) if scores else None,
            "missing": self.missing,
            "students": [asdict(row) for row in self.rows],
            "exercises": [asdict(exercise) for exercise in self.exercises],
            "mistakes": [asdict(mistake) | {"students": list(mistake.students)} for mistake in self.mistakes],
            "looks": [asdict(look) for look in self.looks],
            "similar": [
                {"first": p.first, "second": p.second, "share": round(p.share, 3), "shared": len(p.shared)}
                for p in self.pairs
            ],
            "groups": self.groups,
        }


def exercises(
    points: Mapping[str, float], marks: Mapping[str, Mark], seen: Mapping[str, Submission]
) -> list[Exercise]:
    """Return how each exercise that carries points went, hardest first."""
    found = []
    for name, most in points.items():
        if not most:
            continue
        earned = [mark.cells[name] for mark in marks.values() if mark.cells.get(name) is not None]
        untouched = sum(
            (one := submission.exercises.get(name)) is not None and one.verdict == records.NOT_ATTEMPTED
            for submission in seen.values()
        )
        failures: Counter = Counter()
        for submission in seen.values():
            one = submission.exercises.get(name)
            if one is not None and one.verdict != records.NOT_ATTEMPTED:
                failures.update(set(one.failed))
        commonest = min(failures.items(), key=lambda item: (-item[1], item[0]), default=("", 0))
        found.append(
            Exercise(
                name,
                most,
                round(statistics.fmean(earned) / most, 4) if earned else 0.0,
                full=sum(value >= most for value in earned),
                partly=sum(0 < value < most for value in earned),
                none=sum(value <= 0 for value in earned),
                not_attempted=untouched,
                commonest_failure=commonest[0],
            )
        )
    return sorted(found, key=lambda exercise: exercise.mean)


def mistakes(seen: Mapping[str, Submission]) -> list[MistakeCount]:
    """Return the named mistakes of a class, most frequent first."""
    attempted: Counter = Counter()
    who = defaultdict(list)
    advice: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for student, submission in seen.items():
        for name, one in submission.exercises.items():
            attempted[name] += one.verdict not in (records.NOT_ATTEMPTED, records.NOT_REACHED)
            for mistake, told in one.mistakes.items():
                who[name, mistake].append(student)
                advice[name, mistake][told] += 1
    found = [
        MistakeCount(
            name,
            mistake,
            len(students),
            len(students) / max(1, attempted[name]),
            advice[name, mistake].most_common(1)[0][0],
            tuple(sorted(students)),
        )
        for (name, mistake), students in who.items()
    ]
    return sorted(found, key=lambda one: (-one.count, -one.share, one.exercise, one.mistake))


def looks(submission: Submission) -> Iterable[Look]:
    """Return what a submission's own record gives as reasons to look."""
    by_verdict = defaultdict(list)
    for name, one in submission.exercises.items():
        if one.verdict in _BY_VERDICT:
            by_verdict[_BY_VERDICT[one.verdict]].append(f"{name}: {one.message}" if one.message else name)
    for reason, names in by_verdict.items():
        yield Look(submission.student, reason, "In " + "; ".join(names))
    by_note = defaultdict(list)
    for kind, text in submission.notes:
        deleted_check = kind == "deleted" and "check cell" in text
        if kind in _BY_NOTE or deleted_check:
            by_note[_BY_NOTE.get(kind, TAMPERED)].append(text)
    for reason, texts in by_note.items():
        yield Look(submission.student, reason, " ".join(dict.fromkeys(texts)))
    if not submission.readable and DAMAGED not in by_note:
        yield Look(submission.student, DAMAGED, "The notebook could not be read.")
    if submission.readable and not submission.exercises:
        yield Look(submission.student, NO_RECORD, REASONS[NO_RECORD])


def told(submission: Submission | None) -> str:
    """One line on what lost points: ``relu_backward: sign flipped; softmax_loss: timed out``."""
    lines = []
    for name, one in (submission.exercises if submission else {}).items():
        if one.verdict in (records.PASSED, records.NOT_ATTEMPTED):
            continue
        words = ", ".join(mistake.replace("_", " ") for mistake in one.mistakes)
        grave = one.verdict in _BY_VERDICT
        lines.append(f"{name}: {one.verdict if grave or not words else words}")
    return "; ".join(lines)


def histogram(scores: Sequence[float], most: float, bars: int = 10) -> list[tuple[float, float, int]]:
    """Return equal steps from 0 to `most` with the number of scores in each; the last takes all above."""
    width = most / bars if most else 1.0
    counts = [0] * bars
    for score in scores:
        counts[min(bars - 1, max(0, int(score / width)))] += 1
    return [(i * width, (i + 1) * width, count) for i, count in enumerate(counts)]
