"""The checker process: takes a submission's cells through, in order, and decides what became of each.

Student cells run in the student process, as a rule each in a copy of it made for the purpose: if the cell ends well, the copy
goes on as the student process; if it crashes or never ends, the copy is killed and its original goes on as though the
cell had not been run. Check cells run here; their questions go to a shadow of the student process, which is
brought up to date, or made anew, before each check. So no cell of the student's finds a variable as a check left it, and a check
that kills the shadow costs itself alone. What a function writes to the submission's folder while a check calls it stays there.

Knows cells, time and verdicts. Knows nothing of grades, and puts nothing it knows into the student process but the
student's own cells and the arguments of calls.
"""

from __future__ import annotations

import json
import marshal
import signal
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograder.checks import provide_solutions
from autograder.execution import errors, scratch
from autograder.execution.affinity import OneProcessor
from autograder.execution.cells import Outputs, Shell
from autograder.execution.errors import (
    ProtocolViolation,
    StudentCrashed,
    StudentError,
    StudentOutOfMemory,
    StudentRaised,
    StudentTimedOut,
)
from autograder.execution.lineage import Lineage
from autograder.execution.messages import DONE, RAISED
from autograder.execution.plain import clean_outputs, plain_json
from autograder.execution.process import IN_CALL, StudentProcess
from autograder.execution.remote import Proxy
from autograder.execution.session import Session
from autograder.execution.steps import Limits, RunResult, Step, StepResult, overall
from autograder.execution.syntax import depends_on_nothing, names_used, shows_nothing

MAX_FAULT = 4_000  # characters
MOST_OUTPUT = 20_000_000  # bytes of all cells of a submission together
INTERRUPT_SECONDS = 1.0  # between asking a late cell to stop and killing it
CRASHED = (
    "The process that ran this cell ended in the middle of it. os._exit, a crash inside a library, or a recursion "
    "without end can do that. Run the cell alone in a fresh kernel to see."
)
NO_MEMORY_LEFT = "The cell used up the memory and left none for the cells after it; it was taken back."


Names = Mapping[str, Sequence[str]] | Sequence[str]


class CheckTooSlow(BaseException):
    """The check's own code does not end; not an Exception, so that no check catches it."""


class Checker:
    """One submission, from its first cell to its last.

    Parameters
    ----------
    start
        makes a student process, ready, in which nothing has run
    shell
        this process's own shell, in which check cells and given cells run
    folder
        the scratch folder
    """

    def __init__(self, start: Callable[[], StudentProcess], shell: Shell, limits: Limits, folder: str):
        self._start, self._shell, self._limits, self._folder = start, shell, limits, folder
        shell.shows_errors = False  # the lines of a check may be hidden tests
        self._processor = OneProcessor()
        self._lineage = Lineage(self._watched, self._until, self._processor)
        self._session = Session(self._lineage.for_checks)
        self._code: bytes | None = None
        self._given_names: set[str] = set()
        self._given_failed: str | None = None
        self._deadline = 0.0
        self._room = MOST_OUTPUT
        self._solutions: bytes | None = None
        self._space: dict[str, Any] = {}  # of the solutions
        self._handed_in = scratch.size(folder, 2**40)  # bytes that were there before

    def run(self, steps: Sequence[Step], names: Names, codes: Sequence[bytes | None]) -> RunResult:
        """Run every cell; a cell that time did not suffice for is "not reached".

        `codes` are the steps' own compiled cells, None for the student's and for cells with magics.
        """
        start = time.monotonic()
        self._deadline = start + self._limits.total_seconds
        signal.signal(signal.SIGALRM, _too_slow)
        results = []
        for step, self._code in zip(steps, codes, strict=True):
            began = time.monotonic()
            result = StepResult(step.index, step.name, step.kind, "passed")
            if began >= self._deadline:
                result.verdict = "not reached"
                result.error = "The time for the whole submission was used up before this cell."
            elif step.kind == "reference":
                self._solutions = self._code
                continue
            elif step.kind == "check":
                self._check(step, names, result)
            else:
                self._cell(step, names, result)
            if self._lineage.fault is not None:
                raise self._lineage.fault
            self._count_outputs(result)
            result.seconds = time.monotonic() - began
            results.append(result)
        return RunResult(results, overall(results), time.monotonic() - start)

    def close(self) -> None:
        """Let go of the student's processes."""
        self._lineage.close()

    def _count_outputs(self, result: StepResult) -> None:
        """Bound the outputs of all cells together: they travel in one message."""
        if not result.outputs:
            return
        self._room -= len(json.dumps(result.outputs, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        if self._room < 0:
            told = "[The notebook's outputs are too large together: this cell's were cut.]\n"
            result.outputs = [{"output_type": "stream", "name": "stdout", "text": told}]

    # Cells of the student process

    def _cell(self, step: Step, names: Names, result: StepResult) -> None:
        if not (depends_on_nothing(step.source) and self._lineage.define(step.source)):
            self._run_there(step, result)
        if step.kind == "given":
            self._given(step, names, result)

    def _run_there(self, step: Step, result: StepResult) -> None:
        began, deadline = time.monotonic(), self._until()
        seconds = deadline - began
        copy = None
        try:
            copy = self._lineage.try_in(step)
            defines = shows_nothing(step.source)
            status, answer = copy.ask(
                "run", step.source, False, defines, deadline=deadline, grace=INTERRUPT_SECONDS
            )
            late = time.monotonic() >= deadline
            self._read(status, answer, late, seconds, result)
        except StudentTimedOut:
            result.verdict, result.error = "timed out", _late(seconds) + " It did not stop when asked to."
        except StudentCrashed as error:
            result.verdict, result.error = "crashed", CRASHED
            if copy is None:
                result.error = "An earlier cell left a process that cannot go on."
            elif copy.ended not in (None, IN_CALL):
                result.error = str(error)
        except StudentOutOfMemory:
            result.verdict, result.error = "out of memory", NO_MEMORY_LEFT
            self._lineage.take_back(NO_MEMORY_LEFT)
        except ProtocolViolation as error:
            result.verdict, result.error = "crashed", f"The cell interfered with the grading: {error}."
        excess = self._too_many_files()
        if excess is not None:
            result.verdict, result.error = "crashed", excess
            if copy is not None:
                copy.end(excess)
            scratch.empty(self._folder)
        goes_on = self._lineage.settle(step, time.monotonic() - began)
        if not goes_on and (not result.outputs or result.outputs[-1]["output_type"] != "error"):
            result.outputs.append(_error_output(result.verdict, result.error))

    def _watched(self) -> StudentProcess:
        """A new student process, whose files are looked at while it is waited for."""
        student = self._start()
        student.channel.tick = self._too_many_files
        return student

    def _until(self) -> float:
        """When a cell that begins now must have ended."""
        return min(self._deadline, time.monotonic() + self._limits.cell_seconds)

    def _read(self, status: int, answer: Any, late: bool, seconds: float, result: StepResult) -> None:
        match status, answer:
            case code, [list(outputs), kind, str(message)] if code == DONE and (
                kind is None or type(kind) is str
            ):
                result.outputs = clean_outputs(outputs, self._limits.output_bytes, self._limits.output_count)
            case code, [str(), "MemoryError", str(message), *_] if code == RAISED:
                raise errors.raised("MemoryError", "MemoryError", message, "")
            case _:
                raise ProtocolViolation("an answer of no known form")
        if kind is None:
            return
        result.error = message.split("\n")[0][:300]
        if late:
            result.verdict, result.error = "timed out", _late(seconds)
        elif kind == "MemoryError":
            result.verdict = "out of memory"
        else:
            result.verdict = "raised"

    def _too_many_files(self) -> str | None:
        allowed = self._limits.file_bytes + self._handed_in
        written = scratch.size(self._folder, allowed)
        written += sum(map(scratch.size_without_name, self._lineage.alive()))
        if written <= allowed:
            return None
        megabytes = self._limits.file_bytes / 2**20
        return f"The submission wrote more than {megabytes:.0f} MB, or very many files, to its folder."

    def _given(self, step: Step, names: Names, result: StepResult) -> None:
        self._given_names.update(names_used(step.source, names))  # a helper there may use the student's names
        error, _, _ = self._run_here(step, Outputs(100_000, 100))
        if error is not None:
            self._given_failed = (
                f"The given cell {step.name or step.index} failed in the checker: {_one_line(error)}"
            )
            result.verdict, result.error = "our fault", self._given_failed

    # Check cells

    def _check(self, step: Step, names: Names, result: StepResult) -> None:
        seconds = min(self._limits.cell_seconds, self._deadline - time.monotonic())
        session = self._session
        session.begin(seconds)
        outputs = Outputs(self._limits.output_bytes, self._limits.output_count)
        used = sorted(self._given_names.union(names_used(step.source, names)))
        shadow = self._lineage.shadow
        alive = [shadow.pid] if shadow is not None and shadow.ended is None else []
        self._provide_solutions(names)
        with self._processor.talk(*alive):
            if used:
                self._shell.user_ns.update(session.bind(used))
            error, value, compiled = self._run_here(step, outputs)
        if self._lineage.shadow is not None and self._too_many_files() is not None:
            self._lineage.shadow.end("it filled the folder")
            scratch.empty(self._folder)  # or the next cell would be blamed
        result.failures = sorted({_kind(failure) for failure in session.failures})
        result.outputs = [
            output
            for output in clean_outputs(
                outputs.finished(), self._limits.output_bytes, self._limits.output_count
            )
            if output["output_type"] != "error" and output.get("name") != "stderr"
        ]
        result.record = _record(value if error is None else error)
        if error is None:
            return
        result.outputs.append(_failure_output(error))
        result.verdict, result.error = "raised", _one_line(error)
        if isinstance(error, StudentError):
            result.verdict = _kind(error)
        if isinstance(error, CheckTooSlow) and self._lineage.shadow is not None:
            self._lineage.shadow.end("its conversation was broken off")  # perhaps amid a question
        if isinstance(error, CheckTooSlow) or not compiled or self._given_failed:
            result.verdict = "our fault"
            result.error = self._given_failed or f"The check cell {step.name} failed: {_one_line(error)}"

    def _provide_solutions(self, names: Names) -> None:
        """Define the solutions at the first check, in a place of their own, and let them see what given cells add later."""
        if self._solutions is None:
            return
        first, space = not self._space, self._space
        for name, value in self._shell.user_ns.items():
            space.setdefault(name, value)
        if first:
            try:
                exec(marshal.loads(self._solutions)[0], space)
            except Exception:  # then answers are measured as they are
                self._solutions = None
                return
            wanted = (
                names if not isinstance(names, Mapping) else {n for group in names.values() for n in group}
            )
            provide_solutions({name: space[name] for name in wanted if callable(space.get(name))})

    def _run_here(self, step: Step, outputs: Outputs) -> tuple[BaseException | None, Any, bool]:
        """Run trusted code in this process: what it raised, its last value, and whether it could be compiled."""
        signal.setitimer(signal.ITIMER_REAL, 2 * self._limits.cell_seconds + 10)
        try:
            return self._shell.run_trusted(step.source, self._code, outputs)
        except CheckTooSlow as slow:
            return slow, None, True
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def _too_slow(*_: object) -> None:
    raise CheckTooSlow("the check's own code did not end")


def _record(value: Any) -> dict | None:
    """What a check reported, as plain JSON; None for anything that is not a check's own report."""
    if value is None or isinstance(value, (Proxy, StudentError)) or not hasattr(value, "record"):
        return None
    return plain_json(value.record.to_dict())


def _kind(error: StudentError) -> Any:
    for kind, verdict in ((StudentTimedOut, "timed out"), (StudentOutOfMemory, "out of memory")):
        if isinstance(error, kind):
            return verdict
    return "raised" if isinstance(error, StudentRaised) else "crashed"


def _late(seconds: float) -> str:
    return f"The cell ran for more than {seconds:.3g} seconds and was stopped."


def _one_line(error: BaseException) -> str:
    name = error.type_name if isinstance(error, StudentRaised) else type(error).__name__
    return f"{name}: {str(error).strip()}".split("\n")[0][:300].rstrip(": ")


def _error_output(name: str, message: str | None) -> dict[str, Any]:
    line = f"{name}: {message}"
    return {"output_type": "error", "ename": name, "evalue": message or "", "traceback": [line]}


def _failure_output(error: BaseException) -> dict[str, Any]:
    """The error without the check's own lines, which may be hidden; with the student's, where there are any."""
    lines = []
    name = type(error).__name__
    if isinstance(error, StudentRaised):
        name = error.type_name
        lines = error.traceback_text.splitlines()
    lines.append(f"{name}: {error}")
    return {"output_type": "error", "ename": name, "evalue": str(error), "traceback": lines}


def describe_fault(error: BaseException) -> str:
    """Our own failure, for the instructor: its last lines."""
    return "".join(traceback.format_exception(error))[-MAX_FAULT:]
