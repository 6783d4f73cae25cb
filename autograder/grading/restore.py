"""From whatever a student hands in to a valid notebook of the assignment, with nothing of theirs lost.

Pure: bytes and a bundle in, a notebook and notes out. Given and check cells come from the bundle whatever the
submission says; answers and everything else come from the student, in the student's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle, Cell
from autograder.grading.drafts import DEFINE, KEPT, MISSING, RUN, SKIP, Draft, placeholder, write
from autograder.grading.matching import Matching
from autograder.grading.placing import place_checks, place_given
from autograder.grading.reading import Note, RawCell, Unreadable, read

__all__ = ["DEFINE", "KEPT", "MISSING", "RUN", "SKIP", "Restored", "empty", "restore"]


@dataclass(frozen=True)
class Restored:
    """A submission made gradable.

    Attributes
    ----------
    notebook : dict
        nbformat 4.5, valid, without outputs; check cells without their hidden tests.
    notes : tuple of Note
        All that was not as handed out.
    readable : bool
        False if the bytes were no notebook: then every answer is empty.
    """

    notebook: dict[str, Any]
    notes: tuple[Note, ...] = ()
    readable: bool = True


def restore(submission: bytes, bundle: Bundle) -> Restored:
    """Restore a submission.

    Parameters
    ----------
    submission : bytes
        The file as it was handed in, damaged or not.
    bundle : Bundle
        The assignment's reference cells.
    """
    try:
        raw = read(submission)
    except Unreadable as error:
        note = Note("unreadable", f"This file could not be read, so nothing could be graded. {error}")
        return empty(bundle, note)
    return _Restoring(Matching(raw, bundle), bundle).result()


def empty(bundle: Bundle, note: Note) -> Restored:
    """The assignment with no answers and a note that says why: nothing of it is run."""
    drafts = [
        Draft(i, 0, cell.source, cell.cell_type, MISSING, cell)
        for i, cell in enumerate(bundle.cells)
        if cell.kind in (kinds.SOLUTION, kinds.CHECK, kinds.MANUAL, kinds.GIVEN)
    ]
    for draft in drafts:
        if draft.reference.kind in (kinds.SOLUTION, kinds.MANUAL):
            draft.source = placeholder(draft.cell_type)
    return Restored(write(drafts, bundle, (note,)), (note,), readable=False)


class _Restoring:
    """One restoration: keep what is the student's, put back what is the assignment's."""

    def __init__(self, matching: Matching, bundle: Bundle):
        self.matching, self.bundle = matching, bundle
        self.drafts: list[Draft] = []

    def result(self) -> Restored:
        self._take_what_was_handed_in()
        self._put_back()
        self.drafts.sort(key=lambda draft: (draft.slot, draft.rank))
        notes = tuple(self.matching.notes)
        return Restored(write(self.drafts, self.bundle, notes), notes)

    def _take_what_was_handed_in(self) -> None:
        """Keep every submitted cell that is not an unchanged copy of a cell that is restored anyway."""
        experiments = [cell for cell in self.bundle.cells if cell.kind == kinds.EXPERIMENT]
        by_id = {cell.id: cell for cell in experiments}
        texts = {syntax.squeezed(cell.source) for cell in experiments}
        for i, raw in enumerate(self.matching.raw.cells):
            cell = self.matching.matched.get(i)
            if cell is not None and cell.kind in (kinds.SOLUTION, kinds.MANUAL):
                self.drafts.append(Draft(i, -1, raw.source, cell.cell_type, RUN, cell, raw))
                continue
            if cell is not None and cell.kind in (kinds.CHECK, kinds.GIVEN):
                self._keep_version(i, cell, raw)
                continue
            if syntax.squeezed(raw.source) in texts:
                self.drafts.append(Draft(i, -1, raw.source, raw.cell_type, SKIP, None, raw))
            elif raw.id in by_id and raw.cell_type == "code":
                by_id.pop(raw.id)
                self.drafts.append(Draft(i, -1, raw.source, "code", DEFINE, None, raw))
            else:
                self.drafts.append(Draft(i, -1, raw.source, raw.cell_type, RUN, None, raw))

    def _keep_version(self, i: int, cell: Cell, raw: RawCell) -> None:
        """A changed given cell runs as the student's own below the original; so does a check cell that holds an answer."""
        first = self.matching.copies[cell.grade_id][0] == i
        if self.matching.is_plain_copy(i):
            if first:
                self.matching.compare_mark(cell, raw)
            else:
                self.drafts.append(Draft(i, -1, raw.source, raw.cell_type, KEPT, None, raw))
                self.matching.note(
                    "duplicated", f"A copy of {cell.grade_id} was kept but not run.", cell.grade_id
                )
            return
        self.matching.compare_mark(cell, raw)
        answers = any(copy.slot == i for copies in self.matching.definers.values() for copy in copies)
        role = RUN if cell.kind == kinds.GIVEN or answers else KEPT
        self.drafts.append(Draft(i, -1, raw.source, cell.cell_type, role, None, raw))
        told = "your version runs below it" if role == RUN else "your version is kept but not run"
        self.matching.note(
            "changed",
            f"The cell {cell.grade_id} was changed; the original was put back, {told}.",
            cell.grade_id,
        )

    def _put_back(self) -> None:
        """Place given cells and checks where they belong, and empty answers where one is missing."""
        places = {name: copies[-1] for name, copies in self.matching.copies.items() if copies}
        checks = place_checks(self.bundle, self.matching.copies, self.matching.definers)
        given = place_given(self.bundle, self.matching.copies, checks)
        before = -1
        for cell in self.bundle.cells:
            if not cell.grade_id or cell.kind == kinds.EXPERIMENT:
                continue
            if cell.kind == kinds.CHECK:
                slot = checks[cell.grade_id]
                slot, told = (before, "put back") if slot is None else (slot, "put back after its solution")
                self._add(cell, slot, cell.position)
                if not self.matching.copies[cell.grade_id]:
                    self.matching.note(
                        "deleted",
                        f"The check cell {cell.grade_id} was missing; it was {told}.",
                        cell.grade_id,
                    )
                elif slot not in self.matching.copies[cell.grade_id]:
                    self.matching.note(
                        "moved",
                        f"The check cell {cell.grade_id} stood before what it checks; it was put after it.",
                        cell.grade_id,
                    )
            elif cell.kind == kinds.GIVEN:
                slot, rank = given[cell.grade_id]
                self._add(cell, slot, rank)
                if not self.matching.copies[cell.grade_id]:
                    self.matching.note(
                        "deleted", f"The cell {cell.grade_id} was missing; it was put back.", cell.grade_id
                    )
            elif cell.grade_id not in places:
                slot = before
                self.drafts.append(
                    Draft(slot, cell.position, placeholder(cell.cell_type), cell.cell_type, MISSING, cell)
                )
                self.matching.note(
                    "deleted",
                    f"The cell {cell.grade_id} was missing: nothing was handed in for it.",
                    cell.grade_id,
                )
            else:
                slot = places[cell.grade_id]
            before = max(before, slot)

    def _add(self, cell: Cell, slot: int, rank: int) -> None:
        self.drafts.append(Draft(slot, rank, cell.source, cell.cell_type, RUN, cell))
