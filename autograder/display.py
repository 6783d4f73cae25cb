"""Show what the checks of an exercise found: a compact table in Jupyter, plain text elsewhere.

Knows rendering only. Every state has a word and a mark, so nothing depends on colour.
"""

from __future__ import annotations

import html
import sys

from autograder import heatmap, records
from autograder.records import CheckOutcome, ExerciseRecord

_MARKS = {
    records.PASSED: ("✓", "correct", "#1b7f4b"),
    records.FAILED: ("✗", "incorrect", "#b3261e"),
    records.RAISED: ("✗", "raised an error", "#b3261e"),
    records.NOT_ATTEMPTED: ("○", "not attempted", "#5f6368"),
    records.TIMED_OUT: ("✗", "ran out of time", "#b3261e"),
    records.OUT_OF_MEMORY: ("✗", "ran out of memory", "#b3261e"),
    records.CRASHED: ("✗", "crashed", "#b3261e"),
    records.NOT_REACHED: ("○", "not reached", "#5f6368"),
    records.OUR_FAULT: ("!", "could not be checked; not your fault", "#855a00"),
}

# How an exercise stands, in a student's words.
CORRECT, PARTLY, INCORRECT, NOT_ATTEMPTED, NOT_RUN, WAITING, READ = STANDINGS = (
    "correct",
    "partly correct",
    "incorrect",
    "not attempted",
    "not run yet",
    "waits for a person",
    "read by a person",
)
_STANDING_LOOKS = {
    CORRECT: ("✓", "#1b7f4b"),
    PARTLY: ("◐", "#855a00"),
    INCORRECT: ("✗", "#b3261e"),
    NOT_ATTEMPTED: ("○", "#5f6368"),
    NOT_RUN: ("·", "#5f6368"),
    WAITING: ("…", "#4a5a8a"),
    READ: ("✓", "#4a5a8a"),
}


def standing(earned: float | None, out_of: float, verdict: str) -> str:
    """One of `STANDINGS`, from points and the verdict of the checks (empty where no check ran)."""
    if earned is None or verdict == records.OUR_FAULT:
        return WAITING
    if verdict == records.NOT_ATTEMPTED:
        return NOT_ATTEMPTED
    if verdict == records.PASSED or (out_of and earned >= out_of):
        return CORRECT
    if not out_of and not verdict:
        return READ
    return PARTLY if earned > 0 else INCORRECT


def standing_mark(word: str) -> str:
    """The mark of one of `STANDINGS`."""
    return _STANDING_LOOKS[word][0]


def standing_pill(word: str) -> str:
    """The pill of one of `STANDINGS`."""
    mark, colour = _STANDING_LOOKS[word]
    return pill(mark, word, colour)


_session: dict[str, ExerciseRecord] = {}


def remember(record: ExerciseRecord) -> None:
    """Keep the newest record of an exercise for `progress`."""
    _session[record.exercise] = record


def remembered() -> tuple[ExerciseRecord, ...]:
    """The newest record of every exercise checked in this session, in the order first checked."""
    return tuple(_session.values())


def in_notebook() -> bool:
    """Whether a front end that shows HTML is listening."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and type(shell).__name__ != "TerminalInteractiveShell"


def points(value: float) -> str:
    """``8``, ``2.5``: no digits that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def summary(record: ExerciseRecord) -> str:
    """One line: how many checks passed and what they earn."""
    passed = sum(outcome.passed for outcome in record.outcomes)
    visible = " visible" if record.hidden_remaining else ""
    line = f"{passed} of {len(record.outcomes)}{visible} checks correct: "
    if not record.points:
        return line + "a warm-up, not graded"
    line += f"{points(record.earned)} of {points(record.points)} points"
    if record.hidden_remaining:
        line += f" so far; {_hidden(record)} when this is graded"
    return line


def _hidden(record: ExerciseRecord) -> str:
    n = record.hidden_remaining
    return "1 hidden check runs" if n == 1 else f"{n} hidden checks run"


def not_attempted_sentence(record: ExerciseRecord) -> str:
    """What a student reads where "Run all" stops."""
    return (
        f"{record.exercise} is not written yet ({points(record.points)} points).\n"
        "Go to its cell above, replace the line `raise NotImplementedError` with your code,\n"
        "run that cell, then run this one again."
    )


def as_text(record: ExerciseRecord) -> str:
    """The record as plain text: one line per check, messages indented below the failed ones."""
    lines = [f"{record.exercise}: {summary(record)}"]
    for outcome in record.outcomes:
        mark, word, _ = _MARKS[outcome.state]
        lines.append(f"  {mark} {_name(outcome)}: {word}")
        for text in (outcome.message, *(f"Remark: {remark}" for remark in outcome.remarks)):
            lines += [f"      {line}".rstrip() for line in text.splitlines()]
        if outcome.picture:
            lines.append(f"      {heatmap.sentence(outcome.picture)}")
    return "\n".join(lines)


def _name(outcome: CheckOutcome) -> str:
    return f"{outcome.name} (hidden)" if outcome.hidden else outcome.name


def _headline(outcome: CheckOutcome) -> tuple[str, str]:
    """Split a message into its line at first sight (the named mistake, if there is one) and the rest."""
    first, *rest = outcome.message.split("\n\n")
    if outcome.mistake and rest:
        return rest[-1], "\n\n".join([first, *rest[:-1]])
    headline, *more = first.splitlines()
    return headline, "\n".join([*more, "", *"\n\n".join(rest).splitlines()]).strip("\n")


_PRE = "margin:2px 0 6px 0;white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;font-size:0.95em;background:transparent;color:inherit"
_CELL = "text-align:left;vertical-align:top;padding:3px 8px;border:none;line-height:1.5"
_PILL = "color:#ffffff;padding:1px 7px;border-radius:9px;white-space:nowrap;font-weight:600"


def pill(mark: str, word: str, colour: str) -> str:
    """A state's mark and word on a ground of its own, so that the page behind it may be light or dark."""
    return f"<span style='background:{colour};{_PILL}'>{mark} {word}</span>"


def state_pill(state: str) -> str:
    """The pill of one of `records.STATES`."""
    return pill(*_MARKS[state])


def as_html(record: ExerciseRecord, unfold: bool = False) -> str:
    """The record as a small table: one line per check, which unfolds to its message and picture. All text is escaped.

    Parameters
    ----------
    record : ExerciseRecord
    unfold : bool
        Whether the first failure lies open from the start.
    """
    rows = []
    for outcome in record.outcomes:
        told = "".join(f"<div><em>Remark:</em> {html.escape(remark)}</div>" for remark in outcome.remarks)
        line = _line(outcome, unfold and not outcome.passed)
        unfold = unfold and outcome.passed
        rows.append(
            f"<tr><td style='{_CELL}'>{state_pill(outcome.state)}</td><td style='{_CELL}'>{line}{told}</td></tr>"
        )
    _, _, colour = _MARKS[record.verdict]
    return (
        f"<div style='border-left:4px solid {colour};padding-left:8px'>"
        f"<strong>{html.escape(record.exercise)}</strong>: {html.escape(summary(record))}"
        f"<table style='border-collapse:collapse;margin:4px 0;color:inherit'><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _line(outcome: CheckOutcome, is_open: bool) -> str:
    """A check's line; where there is more to say, the line unfolds."""
    name = html.escape(_name(outcome))
    if not outcome.message:
        return name
    headline, details = _headline(outcome)
    name = f"{name}: {html.escape(headline)}"
    if not details and outcome.picture is None:
        return name
    text = f"<pre style='{_PRE}'>{html.escape(details)}</pre>" if details else ""
    drawing = heatmap.as_html(outcome.picture) if outcome.picture else ""
    return f"<details{' open' if is_open else ''}><summary>{name}</summary>{text}{drawing}</details>"
