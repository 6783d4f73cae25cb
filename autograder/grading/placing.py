"""Where given and check cells belong among the cells a student handed in. Pure: places in, places out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.grading import syntax
from autograder.grading.bundle import CHECK, GIVEN, Bundle, Cell


@dataclass(frozen=True)
class Copy:
    """A submitted cell that binds a name: its place, and whether it is more than the stub."""

    slot: int
    written: bool


def place_checks(
    bundle: Bundle, copies: Mapping[str, list[int]], definers: Mapping[str, list[Copy]]
) -> dict[str, int | None]:
    """Choose the place of every check.

    A check stays where the student left it, as long as a written answer stands above it: that is what "Run all"
    shows. Of several copies of a check the last such one counts. Otherwise it moves down to the last written answer,
    and in any case below the other answers it needs.

    Parameters
    ----------
    bundle : Bundle
    copies : mapping
        grade_id to the places of its copies in the submission.
    definers : mapping
        Name to the cells that bind it, in the submission's order.

    Returns
    -------
    dict
        grade_id to place; None if nothing in the submission says where.
    """
    names = bundle.names
    every = {name for bound in names.values() for name in bound}
    places: dict[str, int | None] = {}
    for check in bundle.checks:
        own = names.get(check.exercise, ())[:1] or (check.exercise,)
        place = _beside(copies[check.grade_id], definers.get(own[0], []))
        for name in sorted(syntax.names_used(check.source) & (every - set(own))):
            written = [copy.slot for copy in definers.get(name, []) if copy.written]
            if place is not None and written and place < written[0]:
                place = written[0]
        if place is None and copies.get(check.exercise):
            place = copies[check.exercise][-1]
        places[check.grade_id] = place
    return places


def _beside(checks: list[int], answers: list[Copy]) -> int | None:
    for slot in reversed(checks):
        above = [answer for answer in answers if answer.slot <= slot]
        if above and above[-1].written:
            return slot
    written = [answer.slot for answer in answers if answer.written]
    if written:
        return written[-1]
    stubs = [answer.slot for answer in answers]
    if checks:
        return checks[-1] if not stubs or stubs[0] <= checks[-1] else stubs[-1]
    return stubs[-1] if stubs else None


def place_given(
    bundle: Bundle, copies: Mapping[str, list[int]], checks: Mapping[str, int | None]
) -> dict[str, tuple[int, int]]:
    """Choose place and rank of every given cell: where the student left it, but above all checks that rely on it."""
    places: dict[str, tuple[int, int]] = {}
    for cell in bundle.cells:
        if cell.kind != GIVEN:
            continue
        below = [
            place
            for check in bundle.checks
            if check.position > cell.position and (place := checks[check.grade_id]) is not None
        ]
        found = copies[cell.grade_id]
        slot, rank = (found[0], -2) if found else (_after(bundle, copies, cell), cell.position)
        if below and slot >= min(below):
            slot, rank = min(below), -3
        places[cell.grade_id] = (slot, rank)
    return places


def _after(bundle: Bundle, copies: Mapping[str, list[int]], cell: Cell) -> int:
    """The place of the nearest marked cell that the reference has above `cell`; -1 is the top."""
    above = [
        copies[other.grade_id][0]
        for other in bundle.cells
        if other.position < cell.position
        and other.grade_id
        and copies.get(other.grade_id)
        and other.kind != CHECK
    ]
    return max(above, default=-1)
