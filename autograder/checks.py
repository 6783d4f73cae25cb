"""What a check cell calls: runs every check, keeps what each found, and ends in a score.

Knows exercises and points. Measuring, judging, naming and rendering are done elsewhere.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder import display, gradient_check, knowledge, records
from autograder.attempt import Ending, attempt, quietly
from autograder.gradient_check import GradientResult
from autograder.gradients.explain import Mistake
from autograder.records import CheckOutcome, ExerciseRecord
from autograder.trial import Trial
from autograder.wording import discreet, never_show

MAX_PRINTED = 300  # characters of a student's own printing that a check repeats


provide_solutions = gradient_check.reference.provide  # for grading, which knows them


class NotAttempted(NotImplementedError):
    """Every check met a stub that is not written yet. Shows one sentence instead of a traceback."""

    def __init__(self, message: str, record: ExerciseRecord):
        super().__init__(message)
        self.record = record

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Score(float):
    """Points earned: a number for nbgrader, a table for whoever looks at it.

    nbgrader reads a check cell's score as the text of its last expression, so this prints as a plain number.
    """

    record: ExerciseRecord

    def __new__(cls, record: ExerciseRecord):
        score = super().__new__(cls, record.earned)
        score.record = record
        return score

    __repr__ = float.__repr__
    __str__ = float.__repr__

    def _repr_html_(self) -> str:
        return display.as_html(self.record)


class Check:
    """The checks of one exercise.

    Parameters
    ----------
    exercise : str
        The exercise's name: the `grade_id` of its solution cell.
    points : float
        Points for passing every check; each check earns an equal share.
    hidden : int
        How many checks the hidden tests add (a copy without them tells the student that they remain).
    seed : int
        Changes every number drawn.

    Examples
    --------
    >>> check = Check("double", points=2)
    >>> @check("doubles a number")
    ... def _(t):
    ...     t.equal((lambda x: 2 * x)(3.0), 6.0, "out")
    >>> check.score()
    2.0
    """

    def __init__(self, exercise: str, *, points: float, hidden: int = 0, seed: int = 0):
        self.exercise = exercise
        self.points = points
        self.declared_hidden = hidden
        self.seed = seed
        never_show(sys._getframe(1).f_code.co_filename)
        self._hidden = False
        self._outcomes: list[CheckOutcome] = []

    def __call__(self, name: str) -> Callable:
        """Decorate a function of one argument, the `Trial`: it runs at once and becomes the check called `name`."""

        def run(body: Callable[[Trial], None]) -> Callable[[Trial], None]:
            trial = Trial(self.exercise, name, self.seed)
            with quietly() as printed:
                ending = attempt(body, trial)
            self._add(name, ending, trial.remarks, printed)
            return body

        return run

    def gradients(
        self,
        forward: Callable,
        backward: Callable,
        inputs: Mapping[str, Any],
        *,
        extra: Sequence[Any] = (),
        label: str = "",
        draw: Callable[[np.random.Generator, tuple], np.ndarray] | None = None,
        mistakes: Sequence[Mistake] = (),
    ) -> None:
        """Check ``backward`` against central differences of the student's own ``forward``: one check per input.

        Parameters
        ----------
        forward : callable
            ``forward(*inputs, *extra) -> out, cache``.
        backward : callable
            ``backward(dout, cache)`` returns one gradient per input, in their order.
        inputs : mapping
            Name to array, or name to shape: a shape is drawn from a standard normal.
        extra : sequence
            Further arguments of `forward` that are not differentiated by.
        label : str
            Words added to the checks' names, such as ``"stride 2"``.
        draw : callable, optional
            ``draw(rng, shape)`` draws the inputs given by shape (keep them away from kinks).
        mistakes : sequence of Mistake, optional
            Predictions for this check alone.
        """
        trial = Trial(self.exercise, label or "gradients", self.seed + len(self._outcomes))
        with quietly() as printed:
            results = gradient_check.run(
                forward,
                backward,
                inputs,
                extra=tuple(extra),
                rng=trial.rng,
                draw=draw,
                tables=(mistakes, *knowledge.tables_of(self.exercise)),
            )
        for result in results:
            name = f"d{result.name} agrees with finite differences" + (f", {label}" if label else "")
            self._add(name, result, result.remarks, printed)

    def hidden_tests(self) -> None:
        """Mark where the hidden tests begin; what follows is reported by name and message only."""
        self._hidden = True

    def _add(self, name: str, ended: Ending | GradientResult, remarks, printed: io.StringIO) -> None:
        remarks = list(remarks)
        text = printed.getvalue()
        if text.strip() and not self._hidden:  # what a hidden check asks for is not for printing
            cut = text if len(text) <= MAX_PRINTED else text[:MAX_PRINTED] + " ... (cut)"
            remarks.append(f"Your code printed:\n{cut.rstrip()}")
            printed.truncate(0)
            printed.seek(0)
        self._outcomes.append(
            CheckOutcome(
                name,
                ended.state,
                discreet(ended.message, ended.state not in (records.PASSED, records.FAILED))
                if self._hidden
                else ended.message,
                ended.mistake,
                self._hidden,
                tuple(remarks),
                None if self._hidden else ended.picture,  # a picture would tell how many numbers there are
            )
        )

    @property
    def record(self) -> ExerciseRecord:
        """What the checks found so far."""
        remaining = 0 if self._hidden else self.declared_hidden
        extra = {"declared_hidden": self.declared_hidden}
        return ExerciseRecord(self.exercise, self.points, tuple(self._outcomes), remaining, extra)

    def score(self) -> Score:
        """End the check cell: the points as a number that shows as a table.

        Raises
        ------
        NotAttempted
            If every check met a stub that is not written yet: "Run all" stops here, with a sentence.
        """
        record = self.record
        display.remember(record)
        if record.verdict == records.PASSED and not record.hidden_remaining:
            gradient_check.reference.note_passed(self.exercise)
        if record.verdict == records.NOT_ATTEMPTED:
            raise NotAttempted(display.not_attempted_sentence(record), record)
        score = Score(record)
        if not display.in_notebook():
            print(display.as_text(record))  # noqa: T201 - a terminal shows no HTML
        return score
