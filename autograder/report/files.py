"""The files of a report: the page, and the same data as JSON and as tables beside it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from autograder.report.gather import Class
from autograder.report.page import page
from autograder.report.summary import Summary
from autograder.tables import as_csv


def write(report: Summary, one: Class, output: Path) -> list[Path]:
    """Write ``NAME.html`` and, beside it, ``NAME.json`` and four tables; return what was written.

    Each file appears whole or not at all.
    """
    stem = output.stem
    texts = {output.name: page(report, one, stem), f"{stem}.json": as_json(report)}
    texts |= {f"{stem}_{name}.csv": text for name, text in tables(report).items()}
    output.parent.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        _replace(output.parent / name, text)
    return [output.parent / name for name in texts]


def as_json(report: Summary) -> str:
    """Return the report as JSON."""
    return json.dumps(report.to_dict(), indent=1, ensure_ascii=False) + "\n"


def tables(report: Summary) -> dict[str, str]:
    """Return the report as comma-separated tables by name."""
    names = sorted({name for row in report.rows for name in row.cells})
    by_student = {look.student: [] for look in report.looks}
    for look in report.looks:
        by_student[look.student].append(look.reason)
    return {
        "students": as_csv(
            ["student", "name", "points", "late_penalty", "seconds", "waiting", "look", "told", *names],
            (
                [
                    row.student,
                    row.name,
                    row.score,
                    row.penalty,
                    row.seconds,
                    " ".join(row.waiting),
                    ", ".join(by_student.get(row.student, ())),
                    row.told,
                    *(row.cells.get(name) for name in names),
                ]
                for row in report.rows
            ),
        ),
        "exercises": as_csv(
            ["exercise", "points", "mean_share", "all", "some", "none", "not_attempted", "failed_most"],
            (
                [e.name, e.points, e.mean, e.full, e.partly, e.none, e.not_attempted, e.commonest_failure]
                for e in report.exercises
            ),
        ),
        "mistakes": as_csv(
            ["exercise", "mistake", "submissions", "share", "advice"],
            ([m.exercise, m.mistake, m.count, round(m.share, 4), m.advice] for m in report.mistakes),
        ),
        "similar": as_csv(
            ["first", "second", "share", "fingerprints"],
            ([p.first, p.second, round(p.share, 4), len(p.shared)] for p in report.pairs),
        ),
    }


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o600)  # it names students
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
