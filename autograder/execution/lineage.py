"""Which of a submission's processes is which: the student process, the copy that a cell is tried in, the shadow that checks ask.

A cell that may do anything is tried in a copy of the student process; if it ends well, the copy goes on as the student process.
The shadow is a copy too, so that no cell ever sees what a check did. A copy costs milliseconds, and most submissions only define
functions: as long as only definitions and given cells have run, checks ask the student process itself, and where it is needed again,
another is made by running the same cells in a new process. A cell that defines the same whatever ran before it is run in the shadow
alone until then.

Knows processes and the cells they have run. Knows no verdicts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from autograder.execution.affinity import OneProcessor
from autograder.execution.errors import StudentCrashed, StudentError
from autograder.execution.messages import DONE
from autograder.execution.process import StudentProcess
from autograder.execution.steps import Step
from autograder.execution.syntax import is_harmless

QUICK_SECONDS = 0.1  # cells that took longer together are not run a second time


class Lineage:
    """The processes of one submission.

    Parameters
    ----------
    start
        makes a student process in which nothing has run
    until
        tells when a cell that begins now must have ended
    processor
        where the talk with the shadow takes place

    Attributes
    ----------
    shadow, trial : StudentProcess or None
        Those of now, alive or not.
    fault : Exception or None
        Why no student process could be made: a failure of ours.
    """

    def __init__(
        self, start: Callable[[], StudentProcess], until: Callable[[], float], processor: OneProcessor
    ):
        self._start, self._until, self._processor = start, until, processor
        self._student: StudentProcess | None = start()  # None while checks have it
        self.shadow: StudentProcess | None = None
        self.trial: StudentProcess | None = None
        self.fault: Exception | None = None
        self._past: list[str] | None = []  # the cells that another student process is made by, if it can be
        self._seconds = 0.0  # that they took
        self._unseen: list[str] = []  # definitions that the shadow has run and the student process has not

    def alive(self) -> set[int]:
        """The numbers of the processes that have not been ended."""
        processes = (self._student, self.shadow, self.trial)
        return {process.pid for process in processes if process is not None and process.ended is None}

    def close(self) -> None:
        """Let go of all of them."""
        for process in (self._student, self.shadow, self.trial):
            if process is not None:
                process.end()

    # Cells

    def define(self, source: str) -> bool:
        """Run a cell that depends on nothing in the shadow, if there is one: whether that went well."""
        if self.shadow is None or self.shadow.ended is not None:
            return False
        with contextlib.suppress(StudentError):  # then the shadow is gone
            match self.shadow.ask("run", source, True, True, deadline=self._until()):
                case code, [_, None, _] if code == DONE:
                    self._unseen.append(source)
                    return True
        return False

    def try_in(self, step: Step) -> StudentProcess:
        """The process to run a cell in: a copy, if it may do harm.

        Raises
        ------
        StudentError
            If an earlier cell left none.
        """
        student = self._up_to_date()
        self.trial = student if step.kind == "given" or is_harmless(step.source) else student.fork()
        return self.trial

    def settle(self, step: Step, seconds: float) -> bool:
        """After a cell: where it ran goes on as the student process, if that is alive; whether it is."""
        tried, self.trial = self.trial, None
        if tried is not self._student or tried is None or tried.ended is not None:
            self._past = None
        if tried is None or tried.ended is not None:
            return False
        if tried is not self._student:
            self._student.end("the next cell went on from its copy")
            self._student = tried
        self._remember(step.source, seconds)
        if self.shadow is not None and self.shadow.ended is None:
            if is_harmless(step.source):
                with contextlib.suppress(StudentError):  # then the shadow is gone
                    self.shadow.ask("run", step.source, True, True, deadline=self._until())
            else:
                self.shadow.end("the student process moved on without it")
        return True

    def take_back(self, why: str) -> None:
        """End the copy that a cell was tried in; the student process itself stays."""
        if self.trial is not None and self.trial is not self._student:
            self.trial.end(why)

    # Checks

    def for_checks(self) -> StudentProcess:
        """The shadow: one that knows all cells so far.

        Raises
        ------
        StudentError
            If an earlier cell left nothing to ask.
        """
        if self.shadow is None or self.shadow.ended is not None:
            student = self._up_to_date()
            if self._past is None:
                self.shadow = student.fork()
            else:
                self.shadow, self._student = student, None
            self._processor.join(self.shadow.pid)
        return self.shadow

    def _up_to_date(self) -> StudentProcess:
        """The student process, made again if checks have it, after all cells so far."""
        if self._student is None:
            self._student = self._made_again()
        unseen, self._unseen = self._unseen, []
        for source in unseen:
            self._student.ask("run", source, True, True, deadline=self._until())
            self._remember(source, 0.0)
        return self._student

    def _made_again(self) -> StudentProcess:
        try:
            self._student = self._start()
        except Exception as fault:
            self.fault = fault
            raise StudentCrashed("no process could be made to run the code in") from fault
        past, self._past = self._past or [], None
        for source in past:
            quietly = is_harmless(source)
            self._student.ask("run", source, quietly, quietly, deadline=self._until())
        self._past = past
        return self._student

    def _remember(self, source: str, seconds: float) -> None:
        self._seconds += seconds
        if self._past is not None:
            self._past.append(source)
        if self._seconds > QUICK_SECONDS:
            self._past = None
