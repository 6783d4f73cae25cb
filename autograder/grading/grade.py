"""Grade one submission. Pure: bytes and a bundle in, a result out; nothing is written and no gradebook is known.

Fails closed: points come from the record that the checker process returned for that very check cell, counted again
here. What a notebook prints, claims or carries in its metadata earns nothing.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder import records
from autograder.execution import Limits, RunResult, Step, run
from autograder.execution.syntax import is_harmless
from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle
from autograder.grading.judging import judge
from autograder.grading.restore import DEFINE, RUN, Restored, restore
from autograder.grading.result import Result
from autograder.grading.shown import with_outputs

# Ample on purpose: an honest loop on a busy machine must never run out of time. The price is that every check which
# meets an endless loop waits for a third of a cell's time.
LIMITS = Limits(cell_seconds=30.0, total_seconds=180.0)


def grade_one(
    submission: bytes,
    bundle: Bundle,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    sandbox: bool = True,
) -> Result:
    """Grade one submission.

    Parameters
    ----------
    submission : bytes
        The notebook as it was handed in, damaged or not.
    bundle : Bundle
        The assignment's reference cells.
    files : mapping of str to bytes, optional
        What was handed in beside the notebook, by relative name.
    limits : Limits, optional
        Time, memory and output that the submission may use.
    sandbox : bool
        False to run student code without the kernel's protection.

    Raises
    ------
    autograder.execution.SandboxUnavailable
        If this machine cannot confine student code and `sandbox` is true.
    """
    return grade_restored(restore(submission, bundle), bundle, files=files, limits=limits, sandbox=sandbox)


def grade_restored(
    restored: Restored,
    bundle: Bundle,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    sandbox: bool = True,
) -> Result:
    """Grade a submission that was restored already; parameters as in `grade_one`."""
    start = time.perf_counter()
    solutions = Step("reference", "", _definitions(bundle), -1)
    steps = [solutions, *plan(restored.notebook, bundle)] if restored.readable else []
    messages: list[str] = []
    beside = _beside(files or {}, bundle)
    ran = _run(steps, bundle, beside, limits, sandbox)
    if _is_our_fault(ran):
        messages += ["Graded again after a fault of ours.", *ran.messages]
        ran = _run(steps, bundle, beside, limits, sandbox)
    messages += ran.messages
    by_name = {step.name: step for step in ran.steps if step.name}
    exercises = tuple(judge(check, by_name) for check in bundle.checks)
    messages += [
        f"{step.name or 'a cell'}: {step.error}"
        for step in ran.steps
        if step.verdict == records.OUR_FAULT and step.error
    ]
    return Result(
        assignment=bundle.assignment,
        notebook=bundle.notebook,
        exercises=exercises,
        answered=_answered(restored.notebook, bundle),
        notes=restored.notes,
        cells=with_outputs(restored.notebook, ran, exercises),
        messages=tuple(dict.fromkeys(messages)),
        seconds=time.perf_counter() - start,
    )


def plan(notebook: Mapping[str, Any], bundle: Bundle) -> list[Step]:
    """Turn a restored notebook into steps: check and given cells as the bundle has them, all else the student's."""
    marked = bundle.marked
    steps = []
    for i, cell in enumerate(notebook["cells"]):
        role = cell["metadata"].get("autograder", {}).get("role", RUN)
        if cell["cell_type"] != "code" or role not in (RUN, DEFINE):
            continue
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        reference = marked.get(name)
        if reference is not None and reference.kind == kinds.CHECK:
            steps.append(Step("check", name, reference.source, i))
        elif reference is not None and reference.kind == kinds.GIVEN:
            steps.append(Step("given", name, reference.source, i))
        else:
            source = syntax.definitions_only(cell["source"]) if role == DEFINE else cell["source"]
            if source.strip():
                steps.append(Step("student", name, source, i))
    return steps


@functools.lru_cache(maxsize=64)
def _solutions(sources: tuple[str, ...]) -> str:
    return "\n\n".join(source for source in sources if is_harmless(source))


def _definitions(bundle: Bundle) -> str:
    """The solutions that only define something, as one text."""
    return _solutions(tuple(cell.source for cell in bundle.cells if cell.kind == kinds.SOLUTION))


def _run(steps, bundle: Bundle, files, limits, sandbox: bool) -> RunResult:
    if not steps:
        return RunResult([], records.PASSED, 0.0, [])
    return run(
        steps,
        bundle.names,
        limits=limits or LIMITS,
        sandbox=sandbox,
        files=files,
        withheld=withheld(bundle),
    )


def withheld(bundle: Bundle) -> tuple[str, ...]:
    """Modules of `utils` that define what this assignment asks for, and that nothing it uses needs."""
    return _withheld(tuple(bundle.names), tuple(cell.source for cell in bundle.cells if not cell.points))


@functools.lru_cache(maxsize=64)
def _withheld(answers: tuple[str, ...], sources: tuple[str, ...]) -> tuple[str, ...]:
    spec = importlib.util.find_spec("utils")
    folders = spec.submodule_search_locations or () if spec else ()
    texts = {
        f"utils.{path.stem}": path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(Path(folder).glob("*.py"))
    }
    needed: set[str] = set()
    waiting = list(sources)
    while waiting:
        told = waiting.pop()
        for module in texts.keys() - needed:
            if re.search(rf"(?:import|from) {re.escape(module)}\b", told):
                needed.add(module)
                waiting.append(texts[module])
    return tuple(
        module
        for module, text in texts.items()
        if module not in needed and set(syntax.names_defined(text)) & set(answers)
    )


def _beside(files: Mapping[str, bytes], bundle: Bundle) -> dict[str, bytes]:
    """What stands beside the notebook while it runs: the assignment's files, and the student's where they leave room."""
    taken = {name.casefold() for name in bundle.files}
    kept = {name: data for name, data in files.items() if name.split("/")[0].casefold() not in taken}
    return {**kept, **bundle.files}


def _is_our_fault(ran: RunResult) -> bool:
    return any(step.verdict == records.OUR_FAULT for step in ran.steps)


def _answered(notebook: Mapping[str, Any], bundle: Bundle) -> dict[str, bool]:
    """For every cell that a person marks: whether it holds more than was handed out."""
    answered = {cell.grade_id: False for cell in bundle.cells if cell.kind == kinds.MANUAL}
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in answered and cell["metadata"].get("autograder", {}).get("role") == RUN:
            stub = bundle.marked[name].stub
            answered[name] = bool(cell["source"].strip()) and not syntax.same_text(cell["source"], stub)
    return answered
