"""Graded classes of any size for tests of reports, made without grading: rows of a gradebook and autograded notebooks."""

from __future__ import annotations

import json
import random
import re
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook
from sqlalchemy import create_engine

from autograder.grading.result import ExerciseResult, Result
from autograder.grading.rows import Entry, Rows
from autograder.records import CheckOutcome

NAME, NOTEBOOK = "00_small", "small"
EXERCISES = {"relu_forward": 40.0, "relu_backward": 60.0}
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'foundations'\n"


def make_class(folder: Path, submissions: list[dict]) -> Path:
    """Write a graded course; each submission has `student`, and any of `code`, `exercises`, `notes`, `readable`, `record`.

    `exercises` maps a name to (points, verdict, outcomes).
    """
    folder.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    url = f"sqlite:///{folder / 'gradebook.db'}"
    with Gradebook(url, "foundations") as gradebook:
        gradebook.add_assignment(NAME)
        gradebook.add_notebook(NOTEBOOK, NAME)
        for name, points in EXERCISES.items():
            gradebook.add_grade_cell(f"{name}_check", NOTEBOOK, NAME, max_score=points, cell_type="code")
            gradebook.add_solution_cell(name, NOTEBOOK, NAME)
        gradebook.add_grade_cell("reflection", NOTEBOOK, NAME, max_score=0, cell_type="markdown")
        gradebook.add_solution_cell("reflection", NOTEBOOK, NAME)
    entries = []
    for one in submissions:
        results = tuple(
            ExerciseResult(name, f"{name}_check", EXERCISES[name], *graded)
            for name, graded in one.get("exercises", right()).items()
        )
        answered = {"reflection": one.get("answered", False)}
        result = Result(NAME, NOTEBOOK, results, answered, seconds=one.get("seconds", 0.5))
        if one.get("marked", True):
            entries.append(Entry(one["student"], datetime(2026, 3, 1), {NOTEBOOK: result}))
        for room in ("submitted", "autograded") if one.get("marked", True) else ("submitted",):
            write_notebook(folder / room / one["student"] / NAME, one, result)
    engine = create_engine(url)
    with engine.begin() as connection:
        for start in range(0, len(entries), 500):
            Rows(connection, NAME, None, True).write(connection, entries[start : start + 500])
    engine.dispose()
    return folder


def right() -> dict:
    """Both exercises correct."""
    return {
        name: (points, "passed", (CheckOutcome("works", "passed"),)) for name, points in EXERCISES.items()
    }


def wrong(
    mistake: str = "sign_flipped", advice: str = "The sign is flipped.", exercise: str = "relu_backward"
):
    """One exercise wrong, its mistake named."""
    outcome = CheckOutcome("dx agrees", "failed", f"dx is wrong.\n\n{advice}", mistake)
    return right() | {exercise: (0.0, "failed", (outcome,))}


def write_notebook(folder: Path, one: dict, result: Result) -> None:
    """Write one notebook as grading leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {"nbgrader": {"grade_id": name, "solution": True, "grade": False, "locked": False}},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for name, text in one.get("code", {}).items()
    ]
    plain = result.to_dict()
    record = {
        "exercises": plain["exercises"],
        "notes": one.get("notes", []),
        "readable": one.get("readable", True),
        "seconds": result.seconds,
        "verdict": result.verdict,
    }
    metadata = {"autograder": record} if one.get("record", True) else {}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook))


def own_code(seed: int, lines: int = 14) -> str:
    """A program as nobody else writes it, the same for the same seed."""
    choose = random.Random(seed)
    functions = "maximum minimum where exp log sum mean clip outer dot cumsum abs sqrt sign argmax".split()
    names = ["x", "out", "mask", "total"]
    text = ["def relu_forward(x):"]
    for _ in range(lines):
        first, second = choose.choice(names), choose.choice(names)
        value = (
            f"np.{choose.choice(functions)}({first}{choose.choice('+-*/')}{choose.randint(2, 99)}, {second})"
        )
        if choose.random() < 0.4:
            value += f"{choose.choice(['.T', '.sum(axis=0)', '.copy()', '[1:]', '.reshape(-1)'])}"
        text.append(f"    {choose.choice(names)} = {value} {choose.choice('+-*')} {first}")
        if choose.random() < 0.25:
            text.append(
                f"    if {second}.{choose.choice(['ndim', 'size'])} > {choose.randint(0, 9)}: {first} = {second}"
            )
    return "\n".join([*text, "    return out, x", ""])


def disguised(source: str) -> str:
    """The same program with other names, comments and layout."""
    for old, new in {"out": "resultat", "mask": "wo", "total": "summe", "x": "eingabe"}.items():
        source = re.sub(rf"\b{old}\b", new, source)
    lines = [f"{line}   # step {i}" for i, line in enumerate(source.splitlines())]
    return '"""My own work."""\n' + "\n\n".join(lines).replace(" = ", "=").replace(", ", " ,  ") + "\n"
