"""From whatever a student hands in to a valid notebook of the assignment, with nothing of theirs lost.

Pure: bytes and a bundle in, a notebook and notes out. Given and check cells come from the bundle whatever the
submission says; answers and everything else come from the student, in the student's order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle, Cell
from autograder.grading.placing import Copy, place_checks, place_given
from autograder.grading.reading import Note, RawCell, RawNotebook, Unreadable, read
from autograder.grading.sanitise import safe_markdown

# What a cell is to the grader, kept in its metadata under "autograder".
RUN, DEFINE, SKIP, KEPT, MISSING = "run", "definitions", "experiment", "kept", "missing"
SCHEMA_VERSION = 3
NOTE_ID = "about-this-submission"
_VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VALID_TAG = re.compile(r"[\w.-]{1,64}")
_NEVER = {"skip-execution", "raises-exception"}


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


@dataclass
class _Draft:
    """One cell of the result: `slot` is the place of the student's cell it stands at, `rank` the order within it."""

    slot: int
    rank: int
    source: str
    cell_type: str
    role: str
    reference: Cell | None = None
    raw: RawCell | None = None
    fields: dict[str, Any] = field(default_factory=dict)


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
    return _Restoring(raw, bundle).result()


def empty(bundle: Bundle, note: Note) -> Restored:
    """The assignment with no answers and a note that says why: nothing of it is run."""
    drafts = [
        _Draft(i, 0, cell.source, cell.cell_type, MISSING, cell)
        for i, cell in enumerate(bundle.cells)
        if cell.kind in (kinds.SOLUTION, kinds.CHECK, kinds.MANUAL, kinds.GIVEN)
    ]
    for draft in drafts:
        if draft.reference.kind in (kinds.SOLUTION, kinds.MANUAL):
            draft.source = _placeholder(draft.cell_type)
    return Restored(_notebook(drafts, bundle, (note,)), (note,), readable=False)


def _placeholder(cell_type: str) -> str:
    text = "Nothing was handed in for this cell."
    return f"# {text}" if cell_type == "code" else f"*{text}*"


class _Restoring:
    """One restoration: match cells to the bundle, decide where each belongs, say what was changed."""

    def __init__(self, raw: RawNotebook, bundle: Bundle):
        self.raw, self.bundle = raw, bundle
        self.notes = list(raw.notes)
        self.drafts: list[_Draft] = []
        self.copies: dict[str, list[int]] = {cell.grade_id: [] for cell in bundle.cells if cell.grade_id}
        self.matched: dict[int, Cell] = {}

    def note(self, kind: str, text: str, about: str = "") -> None:
        self.notes.append(Note(kind, text, about))

    def result(self) -> Restored:
        self._match()
        self._take_answers()
        self._take_the_rest()
        self._put_back()
        self.drafts.sort(key=lambda draft: (draft.slot, draft.rank))
        notes = tuple(self.notes)
        return Restored(_notebook(self.drafts, self.bundle, notes), notes)

    def _match(self) -> None:
        """Find for every submitted cell the reference cell it is a copy of, if any."""
        marked = self.bundle.marked
        by_id = {cell.id: cell for cell in self.bundle.cells if cell.grade_id}
        strangers = 0
        for i, raw in enumerate(self.raw.cells):
            mark = raw.metadata.get("nbgrader")
            grade_id = mark.get("grade_id") if isinstance(mark, dict) else None
            cell = marked.get(grade_id) if isinstance(grade_id, str) else None
            strangers += bool(grade_id) and cell is None
            if cell is None and not grade_id:
                cell = by_id.get(raw.id) or self._by_text(raw)
                if cell is not None:
                    self.note(
                        "mark lost",
                        f"The cell {cell.grade_id} had lost its mark; it was recognised.",
                        cell.grade_id,
                    )
            if cell is not None:
                self.matched[i] = cell
                self.copies[cell.grade_id].append(i)
        self._compare_assignment(strangers)

    def _by_text(self, raw: RawCell) -> Cell | None:
        """A check or given cell whose mark was lost (some editors drop what they do not know)."""
        for cell in self.bundle.cells:
            locked = cell.kind in (kinds.CHECK, kinds.GIVEN) and cell.grade_id
            if locked and syntax.same_text(raw.source, syntax.visible(cell.source)):
                return cell
        return None

    def _compare_assignment(self, strangers: int) -> None:
        named = self.raw.metadata.get("autograder")
        named = named.get("assignment") if isinstance(named, dict) else None
        answers = [i for i, cell in self.matched.items() if cell.kind in (kinds.SOLUTION, kinds.CHECK)]
        if not answers:
            self.note(
                "other notebook",
                f"No cell of this notebook belongs to {self.bundle.assignment}. Was another notebook handed in? "
                "Start from the notebook that was handed out: cells are recognised by marks that Jupyter keeps.",
            )
        elif isinstance(named, str) and named != self.bundle.assignment:
            self.note(
                "other notebook",
                f"The notebook says it belongs to another assignment than {self.bundle.assignment}.",
            )
        if strangers:
            plural = "s" if strangers > 1 else ""
            self.note(
                "unknown mark", f"{strangers} cell{plural} came from another assignment; kept as your own."
            )

    def _definers(self) -> dict[str, list[Copy]]:
        """Where the student's code binds each name that the checks need, in the student's order."""
        wanted = {name for names in self.bundle.names.values() for name in names}
        found: dict[str, list[Copy]] = {name: [] for name in wanted}
        for i, raw in enumerate(self.raw.cells):
            cell = self.matched.get(i)
            if cell is None and raw.cell_type != "code":
                continue
            if cell is not None and (cell.cell_type != "code" or self._is_plain_copy(i)):
                continue
            for name in wanted.intersection(syntax.names_bound(raw.source)):
                found[name].append(Copy(i, not syntax.is_unwritten(raw.source, name)))
        return found

    def _is_plain_copy(self, i: int) -> bool:
        """Whether a submitted cell says what was handed out in a cell that is not the student's to change."""
        cell = self.matched.get(i)
        if cell is None or cell.kind in (kinds.SOLUTION, kinds.MANUAL):
            return False
        source = self.raw.cells[i].source
        return any(syntax.same_text(source, text) for text in (syntax.visible(cell.source), cell.source))

    def _take_answers(self) -> None:
        """Choose, for every answer, the copy that carries its mark; other copies become the student's own cells."""
        self.definers = self._definers()
        for cell in self.bundle.cells:
            if cell.kind not in (kinds.SOLUTION, kinds.MANUAL):
                continue
            found = self.copies[cell.grade_id]
            chosen = self._choose(cell, found)
            if chosen is None:
                continue
            for i in found:
                if i != chosen:
                    self.matched.pop(i)
            if len(found) > 1:
                self.note(
                    "duplicated",
                    f"The cell {cell.grade_id} was there {len(found)} times; all copies run in your order.",
                    cell.grade_id,
                )
            self.copies[cell.grade_id] = [chosen]
            self.matched[chosen] = cell
            self._compare_mark(cell, self.raw.cells[chosen])

    def _choose(self, cell: Cell, found: list[int]) -> int | None:
        if cell.kind == kinds.MANUAL:
            answered = [i for i in found if not syntax.same_text(self.raw.cells[i].source, cell.stub)]
            return (answered or found or [None])[-1]
        defining = [copy for name in cell.names[:1] for copy in self.definers.get(name, [])]
        if len(found) > 1:
            own = [copy for copy in defining if copy.slot in found]
            written = [copy for copy in own if copy.written]
            return (written or own or [Copy(found[-1], False)])[-1].slot
        if found:
            return found[0]
        free = [copy for copy in defining if copy.slot not in self.matched]
        if not free:
            return None
        self.note(
            "mark lost", f"The cell {cell.grade_id} had lost its mark; it was recognised.", cell.grade_id
        )
        return ([copy for copy in free if copy.written] or free)[-1].slot

    def _compare_mark(self, cell: Cell, raw: RawCell) -> None:
        """Say what of a cell's mark was changed; what counts is the assignment's."""
        about = cell.grade_id
        if raw.cell_type != cell.cell_type:
            self.note(
                "retyped",
                f"The cell {about} had become a {raw.cell_type} cell; it is a {cell.cell_type} cell again.",
                about,
            )
        mark = raw.metadata.get("nbgrader")
        changed = [
            key
            for key, value in (mark.items() if isinstance(mark, dict) else ())
            if key in ("grade", "solution", "locked", "points") and _mark(cell).get(key, value) != value
        ]
        if changed:
            self.note(
                "mark changed",
                f"The mark of {about} was changed ({', '.join(sorted(changed))}); it was restored.",
                about,
            )
        if _NEVER.intersection(_tags(raw)) - set(cell.tags):
            self.note("tag removed", f"A tag that would skip {about} was removed.", about)

    def _take_the_rest(self) -> None:
        """Keep every submitted cell that is not an unchanged copy of a cell that is restored anyway."""
        experiments = [cell for cell in self.bundle.cells if cell.kind == kinds.EXPERIMENT]
        by_id = {cell.id: cell for cell in experiments}
        for i, raw in enumerate(self.raw.cells):
            cell = self.matched.get(i)
            if cell is not None and cell.kind in (kinds.SOLUTION, kinds.MANUAL):
                self.drafts.append(_Draft(i, -1, raw.source, cell.cell_type, RUN, cell, raw))
                continue
            if cell is not None and cell.kind in (kinds.CHECK, kinds.GIVEN):
                self._keep_version(i, cell, raw)
                continue
            experiment = next((e for e in experiments if syntax.same_text(e.source, raw.source)), None)
            if experiment is not None:
                self.drafts.append(_Draft(i, -1, raw.source, raw.cell_type, SKIP, None, raw))
            elif raw.id in by_id and raw.cell_type == "code":
                by_id.pop(raw.id)
                self.drafts.append(_Draft(i, -1, raw.source, "code", DEFINE, None, raw))
            else:
                self.drafts.append(_Draft(i, -1, raw.source, raw.cell_type, RUN, None, raw))

    def _keep_version(self, i: int, cell: Cell, raw: RawCell) -> None:
        """A changed given cell runs as the student's own below the original; so does a check cell that holds an answer."""
        first = self.copies[cell.grade_id][0] == i
        if self._is_plain_copy(i):
            if first:
                self._compare_mark(cell, raw)
            else:
                self.drafts.append(_Draft(i, -1, raw.source, raw.cell_type, KEPT, None, raw))
                self.note("duplicated", f"A copy of {cell.grade_id} was kept but not run.", cell.grade_id)
            return
        self._compare_mark(cell, raw)
        answers = any(copy.slot == i for copies in self.definers.values() for copy in copies)
        role = RUN if cell.kind == kinds.GIVEN or answers else KEPT
        self.drafts.append(_Draft(i, -1, raw.source, cell.cell_type, role, None, raw))
        told = "your version runs below it" if role == RUN else "your version is kept but not run"
        self.note(
            "changed",
            f"The cell {cell.grade_id} was changed; the original was put back, {told}.",
            cell.grade_id,
        )

    def _put_back(self) -> None:
        """Place given cells and checks where they belong, and empty answers where one is missing."""
        places = {name: copies[-1] for name, copies in self.copies.items() if copies}
        checks = place_checks(self.bundle, self.copies, self.definers)
        given = place_given(self.bundle, self.copies, checks)
        before = -1
        for cell in self.bundle.cells:
            if not cell.grade_id or cell.kind == kinds.EXPERIMENT:
                continue
            if cell.kind == kinds.CHECK:
                slot = checks[cell.grade_id]
                slot, told = (before, "put back") if slot is None else (slot, "put back after its solution")
                self._add(cell, slot, cell.position)
                if not self.copies[cell.grade_id]:
                    self.note(
                        "deleted",
                        f"The check cell {cell.grade_id} was missing; it was {told}.",
                        cell.grade_id,
                    )
                elif slot not in self.copies[cell.grade_id]:
                    self.note(
                        "moved",
                        f"The check cell {cell.grade_id} stood before what it checks; it was put after it.",
                        cell.grade_id,
                    )
            elif cell.kind == kinds.GIVEN:
                slot, rank = given[cell.grade_id]
                self._add(cell, slot, rank)
                if not self.copies[cell.grade_id]:
                    self.note(
                        "deleted", f"The cell {cell.grade_id} was missing; it was put back.", cell.grade_id
                    )
            elif cell.grade_id not in places:
                slot = before
                self.drafts.append(
                    _Draft(slot, cell.position, _placeholder(cell.cell_type), cell.cell_type, MISSING, cell)
                )
                self.note(
                    "deleted",
                    f"The cell {cell.grade_id} was missing: nothing was handed in for it.",
                    cell.grade_id,
                )
            else:
                slot = places[cell.grade_id]
            before = max(before, slot)

    def _add(self, cell: Cell, slot: int, rank: int) -> None:
        self.drafts.append(_Draft(slot, rank, cell.source, cell.cell_type, RUN, cell))


def _tags(raw: RawCell) -> list[str]:
    tags = raw.metadata.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _mark(cell: Cell) -> dict[str, Any]:
    """nbgrader's metadata of a reference cell, in full."""
    graded = cell.kind in (kinds.CHECK, kinds.MANUAL)
    mark = {
        "cell_type": cell.cell_type,
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.kind in (kinds.CHECK, kinds.GIVEN),
        "schema_version": SCHEMA_VERSION,
        "solution": cell.kind in (kinds.SOLUTION, kinds.MANUAL),
        "task": False,
    }
    if graded:
        mark["points"] = int(cell.points) if cell.points.is_integer() else cell.points
    return mark


def _notebook(drafts: list[_Draft], bundle: Bundle, notes: tuple[Note, ...]) -> dict[str, Any]:
    """Write the drafts as an nbformat 4.5 notebook with valid, distinct ids."""
    reserved = {cell.grade_id for cell in bundle.cells if cell.grade_id} | {NOTE_ID}
    handed_out = {cell.source for cell in bundle.cells if cell.kind == kinds.TEXT}
    taken: set[str] = set()
    cells = []
    if notes:
        lines = "\n".join(f"- {note.text}" for note in notes)
        cells.append(
            _cell(
                NOTE_ID, "markdown", f"**About this submission**\n\n{lines}", {"autograder": {"role": KEPT}}
            )
        )
    for draft in drafts:
        wanted = draft.reference.grade_id if draft.reference else draft.raw.id
        identity = _distinct(wanted, taken, reserved if draft.reference is None else set())
        cells.append(_draft_cell(draft, identity, handed_out))
    metadata: Mapping[str, Any] = {
        **bundle.metadata,
        "autograder": {"assignment": bundle.assignment, "schema": 1},
    }
    return {"cells": cells, "metadata": dict(metadata), "nbformat": 4, "nbformat_minor": 5}


def _distinct(wanted: str, taken: set[str], reserved: set[str]) -> str:
    identity = wanted if _VALID_ID.fullmatch(wanted) and wanted not in reserved else f"own-{len(taken) + 1}"
    while identity in taken:
        identity = f"own-{len(taken) + 1}" if not identity.startswith("own-") else f"{identity}-{len(taken)}"
    taken.add(identity)
    return identity


def _draft_cell(draft: _Draft, identity: str, handed_out: set[str]) -> dict[str, Any]:
    metadata: dict[str, Any] = {"autograder": {"role": draft.role}}
    source, reference = draft.source, draft.reference
    if reference is not None:
        metadata["nbgrader"] = _mark(reference)
        tags = list(reference.tags)
        if reference.kind == kinds.CHECK:
            source = syntax.visible(source, "# Hidden checks ran here; what they found is in the table.")
    else:
        tags = [tag for tag in _tags(draft.raw) if _VALID_TAG.fullmatch(tag) and tag not in _NEVER]
    if tags:
        metadata["tags"] = tags
    if draft.cell_type == "markdown" and source not in handed_out:
        source = safe_markdown(source)
    cell = _cell(identity, draft.cell_type, source, metadata)
    attachments = _attachments(draft.raw) if draft.raw and draft.cell_type != "code" else {}
    if attachments:
        cell["attachments"] = attachments
    return cell


def _cell(identity: str, cell_type: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": cell_type, "id": identity, "metadata": metadata, "source": source}
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif cell_type == "raw":
        metadata["format"] = "text/plain"  # a raw cell of type HTML would be shown as HTML
    return cell


def _attachments(raw: RawCell) -> dict[str, dict[str, str]]:
    """Pictures pasted into a text cell; anything that is not one is dropped."""
    pictures = ("image/png", "image/jpeg", "image/gif", "image/webp")
    kept = {}
    for name, mimes in raw.attachments.items():
        if isinstance(name, str) and re.fullmatch(r"[\w .()-]{1,200}", name) and isinstance(mimes, dict):
            fine = {
                mime: data
                for mime, data in mimes.items()
                if mime in pictures and isinstance(data, str) and re.fullmatch(r"[A-Za-z0-9+/=\s]*", data)
            }
            if fine:
                kept[name] = fine
    return kept
