"""What the caller of a run gives and gets: plain records, loadable without NumPy."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["student", "given", "check", "reference"]
Verdict = Literal["passed", "raised", "timed out", "out of memory", "crashed", "not reached", "our fault"]


class SandboxUnavailable(RuntimeError):
    """This machine cannot keep a student process inside its folder, so grading refuses to run it."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    cell_seconds: float = 30.0  # of one cell, by the wall clock
    total_seconds: float = 180.0  # of the submission, by the wall clock
    memory_bytes: int = 2 * 2**30  # of each student process, beyond the libraries
    processes: int = 64  # threads of a student process; it may start no processes of its own
    output_bytes: int = 1_000_000  # of one cell, text and pictures together
    output_count: int = 200  # of one cell
    file_bytes: int = 50 * 2**20  # written to the scratch folder, all files together


@dataclass(frozen=True)
class Step:
    """One cell to run.

    Attributes
    ----------
    kind
        ``student``: in the student process. ``given``: in the student process, and silently in the checker
        process. ``check``: in the checker process only, on a snapshot of the student process as it stands.
        ``reference``: the assignment's solutions, definitions only; known in the checker process alone, never run as a cell.
    name
        the cell's ``grade_id``, or ``""``
    source
        the cell's text
    index
        the cell's place in the notebook; echoed in the result
    """

    kind: Kind
    name: str
    source: str
    index: int


@dataclass
class StepResult:
    """What became of one cell; `outputs` are nbformat 4 outputs, `record` is what a check cell reported."""

    index: int
    name: str
    kind: Kind
    verdict: Verdict
    outputs: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    seconds: float = 0.0
    record: dict[str, Any] | None = None
    failures: list[str] = field(default_factory=list)  # of a check cell: what ended a call, e.g. "timed out"

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


@dataclass
class RunResult:
    """What became of one submission.

    `verdict` is "passed" when every cell ran to its end; "our fault" when anything of ours failed; otherwise
    the gravest verdict among the cells.
    """

    steps: list[StepResult]
    verdict: Verdict
    seconds: float
    messages: list[str] = field(default_factory=list)


GRAVEST_FIRST: tuple[Verdict, ...] = (
    "our fault",
    "out of memory",
    "crashed",
    "timed out",
    "not reached",
    "raised",
    "passed",
)


def overall(steps: list[StepResult]) -> Verdict:
    """The gravest verdict among the cells; "passed" when there are none."""
    present = {step.verdict for step in steps}
    return next((verdict for verdict in GRAVEST_FIRST if verdict in present), "passed")
