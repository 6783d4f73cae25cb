"""What an autograded notebook tells of one submission: verdicts, mistakes, notes, time, and the student's own code.

Reads files of `autograder grade` and of nbgrader's own graders alike. Trusts nothing in them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder import records
from autograder.grading.files import NotAFile, read_regular
from autograder.grading.reading import LARGEST

_VERDICTS = set(records.STATES)


@dataclass(frozen=True)
class Seen:
    """One exercise of one submission, as its checks saw it.

    Attributes
    ----------
    exercise : str
    verdict : str
    mistakes : dict of str to str
        Named mistakes, each with the advice that came with it.
    failed : tuple of str
        Checks that did not pass; the hidden ones say so.
    message : str
        What happened outside of the checks.
    """

    exercise: str
    verdict: str
    mistakes: dict[str, str] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    message: str = ""


@dataclass
class Submission:
    """One student's autograded work.

    Attributes
    ----------
    student : str
    exercises : dict of str to Seen
        Empty where another grader kept no record of its checks.
    notes : tuple of (kind, text)
        What was not as handed out.
    seconds : float or None
        Of grading.
    readable : bool
    code : list of (str, str)
        The student's own code: exercise (empty for cells of their own) and text.
    """

    student: str
    exercises: dict[str, Seen] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    readable: bool = True
    code: list[tuple[str, str]] = field(default_factory=list)


def read_submission(student: str, folder: Path) -> Submission | None:
    """Read the autograded notebooks of one submission; None if there are none."""
    paths = sorted(folder.glob("*.ipynb")) if folder.is_dir() else []
    whole = Submission(student)
    for path in paths:
        try:
            plain = json.loads(read_regular(path, LARGEST))
        except (NotAFile, OSError, ValueError, RecursionError):
            whole.readable = False
            continue
        if isinstance(plain, dict):
            _add(whole, plain)
    return whole if paths else None


def _add(whole: Submission, plain: dict[str, Any]) -> None:
    summary = _dict(_dict(plain.get("metadata")).get("autograder"))
    for item in _list(summary.get("exercises")):
        seen = _seen(_dict(item))
        whole.exercises[seen.exercise] = seen
    notes = [_dict(note) for note in _list(summary.get("notes"))]
    whole.notes += tuple((str(note.get("kind", "")), str(note.get("text", ""))) for note in notes)
    whole.readable = whole.readable and summary.get("readable", True) is not False
    if isinstance(summary.get("seconds"), int | float):
        whole.seconds = (whole.seconds or 0.0) + float(summary["seconds"])
    whole.code += list(_code(plain))


def _seen(item: dict[str, Any]) -> Seen:
    mistakes, failed = {}, []
    for outcome in map(_dict, _list(item.get("outcomes"))):
        if outcome.get("state") != records.PASSED:
            failed.append(str(outcome.get("name", "")) + (" (hidden)" if outcome.get("hidden") else ""))
        name = outcome.get("mistake")
        if isinstance(name, str) and name not in mistakes:
            advice = str(outcome.get("message", "")).strip().split("\n\n")[-1]
            mistakes[name] = " ".join(advice.split())
    verdict = item.get("verdict")
    return Seen(
        str(item.get("id", "")),
        verdict if verdict in _VERDICTS else records.NOT_REACHED,
        mistakes,
        tuple(failed),
        str(item.get("message") or ""),
    )


def _code(plain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Code cells that are the student's to write: solutions, and cells without a mark."""
    for cell in map(_dict, _list(plain.get("cells"))):
        mark = _dict(_dict(cell.get("metadata")).get("nbgrader"))
        given = mark.get("locked") or (mark.get("grade") and not mark.get("solution"))
        if cell.get("cell_type") == "code" and not given:
            source = cell.get("source", "")
            text = source if isinstance(source, str) else "".join(map(str, _list(source)))
            if text.strip():
                yield (str(mark.get("grade_id", "")) if mark.get("solution") else ""), text


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
