"""Prove the checks of a notebook: the reference earns everything, the empty stub nothing, every typical wrong
answer loses points and is named, every unusual right one keeps them.

Knows answers and records. How an answer is run is a function handed in.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.answers import HELPERS, Answer, read_answers
from autograder.course.paths import Assignment, CourseError
from autograder.course.plain import check_names, is_check, is_solution, mark_of, solutions
from autograder.records import ExerciseRecord
from autograder.wording import FACTS

AIM_NAMED = 0.9
Grade = Callable[[NotebookNode, Collection[str] | None], dict[str, ExerciseRecord]]


@dataclass
class ExerciseProof:
    """What was shown of one exercise; `problems` lists in words all that was not."""

    name: str
    points: float
    reference: float = 0.0
    stub: float = 0.0
    wrong: int = 0
    caught: int = 0
    visible: int = 0
    named: int = 0
    variants: int = 0
    kept: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class Proof:
    """The proof of one notebook."""

    assignment: str
    exercises: list[ExerciseProof]

    @property
    def named_share(self) -> float:
        """Share of the wrong answers that received their diagnosis and no other."""
        wrong = sum(exercise.wrong for exercise in self.exercises)
        return sum(exercise.named for exercise in self.exercises) / wrong if wrong else 1.0

    @property
    def holds(self) -> bool:
        """Whether everything that must be shown was shown."""
        return self.named_share >= AIM_NAMED and all(
            exercise.reference == exercise.points
            and exercise.stub == 0
            and exercise.caught == exercise.wrong
            and exercise.kept == exercise.variants
            for exercise in self.exercises
        )


def fill_in(notebook: NotebookNode, cells: dict[str, str]) -> NotebookNode:
    """Return a copy of `notebook` with solution cells' sources replaced; `HELPERS` becomes an extra cell."""
    filled = copy.deepcopy(notebook)
    for cell in filled.cells:
        if is_solution(cell):
            cell.source = cells.get(mark_of(cell)["grade_id"], cell.source)
    if HELPERS in cells:
        first = next(
            i
            for i, cell in enumerate(filled.cells)
            if is_solution(cell) and mark_of(cell)["grade_id"] in cells
        )
        extra = nbformat.v4.new_code_cell(cells[HELPERS], id="extra-helpers")
        filled.cells.insert(first, extra)
    return filled


def _users(notebook: NotebookNode, names: Iterable[str]) -> set[str]:
    """The exercises whose check cell mentions one of `names`: the ones a change can touch directly."""
    names = set(names)
    touched = set()
    for cell in notebook.cells:
        if is_check(cell):
            mentioned = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
            if mentioned & names:
                touched.add(mark_of(cell)["grade_id"].removesuffix("_check"))
    return touched


def prove(assignment: Assignment, grade: Grade, executor: Executor, progress=lambda: None) -> Proof:
    """Run every answer to a notebook and record what was shown.

    Parameters
    ----------
    assignment : Assignment
        Must be built.
    grade : callable
        ``grade(notebook, only) -> {exercise: ExerciseRecord}``; picklable if `executor` needs it.
    executor : Executor
        Runs the answers side by side.
    progress : callable
        Called once per answer run.

    Raises
    ------
    CourseError
        If the notebook is not built or ``mistakes.py`` cannot be read.
    """
    if not (assignment.source.is_file() and assignment.release.is_file()):
        raise CourseError(
            f"{assignment.name} is not built yet: run `autograder build {assignment.name}` first."
        )
    source = nbformat.read(assignment.source, as_version=4)
    release = nbformat.read(assignment.release, as_version=4)
    reference = solutions(source)
    answers = read_answers(assignment.mistakes, reference) if assignment.mistakes.is_file() else []
    proofs = {name: ExerciseProof(name, points) for name, points in check_names(source).items()}

    jobs = [
        executor.submit(grade, source, None),
        executor.submit(grade, fill_in(source, solutions(release)), None),
    ]
    for answer in answers:
        only = {answer.exercise} if answer.kind == "wrong" else None
        jobs.append(executor.submit(grade, fill_in(source, dict(answer.cells)), only))
    results = []
    for job in jobs:
        results.append(job.result())
        progress()
    _note_reference(proofs, results[0])
    _note_stub(proofs, results[1])
    for answer, records in zip(answers, results[2:], strict=True):
        if answer.kind == "wrong":
            _note_wrong(proofs, answer, records, assignment)
        else:
            touched = _users(source, set(answer.cells) - {HELPERS})
            _note_variant(proofs, answer, records, assignment, touched)
    return Proof(assignment.name, list(proofs.values()))


def _faults(record: ExerciseRecord) -> str:
    return "; ".join(
        f"{outcome.name}: {outcome.state}: {' '.join(outcome.message.split())}"
        for outcome in record.outcomes
        if not outcome.passed
    )


def _note_reference(proofs, records) -> None:
    for name, proof in proofs.items():
        record = records[name]
        proof.reference = record.earned
        if record.earned != proof.points:
            proof.problems.append(f"the reference earns {record.earned}: {_faults(record)}")
        hidden = sum(outcome.hidden for outcome in record.outcomes)
        declared = record.extra.get("declared_hidden", hidden)
        if hidden != declared:
            proof.problems.append(f"{hidden} hidden checks ran, and the cell declares hidden={declared}")
            proof.reference = -1.0


def _note_stub(proofs, records) -> None:
    for name, proof in proofs.items():
        proof.stub = records[name].earned
        if proof.stub:
            proof.problems.append(f"the empty stub earns {proof.stub}")


def _note_wrong(proofs, answer: Answer, records, assignment: Assignment) -> None:
    where = f"{assignment.mistakes.name}:{answer.line}"
    if answer.exercise not in proofs:
        raise CourseError(f"{assignment.mistakes}:{answer.line}: {answer.exercise} has no check cell")
    proof, record = proofs[answer.exercise], records[answer.exercise]
    proof.wrong += 1
    if record.earned < proof.points:
        proof.caught += 1
    else:
        proof.problems.append(f"{where}: {answer.title} keeps every point")
        return
    proof.visible += any(not outcome.passed and not outcome.hidden for outcome in record.outcomes)
    names = {outcome.mistake for outcome in record.outcomes if outcome.mistake}
    # A fact that shows by itself, such as a wrong shape, contradicts no diagnosis.
    if answer.mistake in names and names - FACTS <= {answer.mistake}:
        proof.named += 1
    else:
        got = ", ".join(sorted(names)) or "nothing"
        proof.problems.append(f"{where}: {answer.title} is named {got}. {_faults(record)}")


def _note_variant(proofs, answer: Answer, records, assignment: Assignment, touched: set[str]) -> None:
    for name, proof in proofs.items():
        proof.variants += name in touched
        if records[name].earned == proof.points:
            proof.kept += name in touched
        else:
            proof.variants += name not in touched  # a loss elsewhere counts too
            proof.problems.append(
                f"{assignment.mistakes.name}:{answer.line}: right answer ({answer.title}) "
                f"earns {records[name].earned} of {proof.points}. {_faults(records[name])}"
            )
