"""A summary as one HTML page that needs no network. Knows the template; decides nothing."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any
from urllib.parse import quote

from autograder.display import points
from autograder.pages import render
from autograder.report import summary
from autograder.report.fingerprints import prints, shared_lines
from autograder.report.gather import Class
from autograder.report.similar import Pair
from autograder.report.summary import Summary

MOST_GROUPS = 20  # shown side by side; the table has all
MOST_LINES = 120  # of one cell
OPEN_GROUPS = 3
SLOWEST = 3
MANY = 20  # submissions, from which on a 95th percentile says something
_FAULTS = (
    summary.OUR_FAULT,
    summary.NOT_GRADED,
    summary.DAMAGED,
    summary.CRASHED,
    summary.TIMED_OUT,
    summary.OUT_OF_MEMORY,
)


def page(report: Summary, one: Class, stem: str) -> str:
    """Return the page.

    Parameters
    ----------
    report : Summary
    one : Class
        Where the code of similar submissions is read again.
    stem : str
        What the files beside the page are called.
    """
    scores, seconds = report.scores, report.seconds
    counts = Counter(look.reason for look in report.looks)
    looked = {look.student for look in report.looks}
    return render(
        "report.html",
        report=report,
        stem=stem,
        scores=scores,
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        bars=summary.histogram(scores, report.max_score),
        look_students=len(looked),
        waiting=sum(bool(row.waiting) for row in report.rows),
        reasons=[(reason, counts[reason]) for reason in summary.REASONS if counts[reason]],
        meanings=summary.REASONS,
        counts=counts,
        faults=_FAULTS,
        seconds=seconds,
        typical=statistics.median(seconds) if seconds else 0,
        slow=seconds[int(0.95 * len(seconds))] if len(seconds) >= MANY else None,
        slowest=sorted((row for row in report.rows if row.seconds), key=lambda row: -row.seconds)[:SLOWEST],
        links={row.student: quote(row.feedback) for row in report.rows if row.feedback},
        kinds={row.student: _kinds(row, looked) for row in report.rows},
        shown=[_group(report, one, members, i) for i, members in enumerate(report.groups[:MOST_GROUPS])],
    )


def _kinds(row: summary.Row, looked: set[str]) -> str:
    kinds = (
        ["look"] * (row.student in looked) + ["waiting"] * bool(row.waiting) + ["open"] * (row.score is None)
    )
    return "|".join(kinds)


def _group(report: Summary, one: Class, members: list[str], place: int) -> dict[str, Any]:
    """The most alike pair of a group, side by side."""
    pair = next(pair for pair in report.pairs if pair.first in members)
    scores = {row.student: row.score for row in report.rows}
    told = [scores.get(student) for student in (pair.first, pair.second)]
    return {
        "members": members,
        "first": pair.first,
        "second": pair.second,
        "share": pair.share,
        "score_text": f"{points(told[0])} and {points(told[1])} points" if None not in told else "",
        "open": place < OPEN_GROUPS,
        "cells": _cells(one, pair),
    }


def _cells(one: Class, pair: Pair) -> list[dict[str, Any]]:
    """Cells of both that hold what they share: by exercise; the students' own cells together."""
    code = {}
    for student in (pair.first, pair.second):
        submission = one.submission(student)
        for exercise, text in submission.code if submission else ():
            if prints(text) & pair.shared:
                code.setdefault(exercise, {}).setdefault(student, []).append(text)
    cells = []
    for exercise, by_student in code.items():
        sides = []
        for student in (pair.first, pair.second):
            text = "\n\n".join(by_student.get(student, ()))
            marked = shared_lines(text, pair.shared)
            lines = [(i in marked and bool(line.strip()), line) for i, line in enumerate(text.splitlines())]
            lines = lines[:MOST_LINES]
            sides.append({"student": student, "lines": lines})
        alike = min(sum(marked for marked, _ in side["lines"]) for side in sides)
        cells.append({"title": exercise or "cells of their own", "sides": sides, "lines": alike})
    return sorted(cells, key=lambda cell: -cell["lines"])
