"""A restored notebook while it is put together, and how it is written: nbformat 4.5, valid, with nbgrader's own marks.

Knows nbformat and nbgrader's metadata. Where a cell belongs is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle, Cell
from autograder.grading.reading import Note, RawCell
from autograder.grading.sanitise import safe_markdown

# What a cell is to the grader, kept in its metadata under "autograder".
RUN, DEFINE, SKIP, KEPT, MISSING = "run", "definitions", "experiment", "kept", "missing"
SCHEMA_VERSION = 3
NOTE_ID = "about-this-submission"
MOST_MARKDOWN = 500_000  # characters of a submission that are rendered to see what they would do; the rest is shown as text
_VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_VALID_TAG = re.compile(r"[\w.-]{1,64}")
NEVER_TAGS = {"skip-execution", "raises-exception"}


@dataclass
class Draft:
    """One cell of the result: `slot` is the place of the student's cell it stands at, `rank` the order within it."""

    slot: int
    rank: int
    source: str
    cell_type: str
    role: str
    reference: Cell | None = None
    raw: RawCell | None = None


def placeholder(cell_type: str) -> str:
    """What stands where an answer is missing."""
    text = "Nothing was handed in for this cell."
    return f"# {text}" if cell_type == "code" else f"*{text}*"


def tags_of(raw: RawCell) -> list[str]:
    """The tags of a submitted cell, as far as they are texts."""
    tags = raw.metadata.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def mark_of(cell: Cell) -> dict[str, Any]:
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


def write(drafts: list[Draft], bundle: Bundle, notes: tuple[Note, ...]) -> dict[str, Any]:
    """Write the drafts as an nbformat 4.5 notebook with valid, distinct ids."""
    reserved = {cell.grade_id for cell in bundle.cells if cell.grade_id} | {NOTE_ID}
    handed_out = {cell.source for cell in bundle.cells if cell.kind == kinds.TEXT}
    taken: set[str] = set()
    room = MOST_MARKDOWN
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
        room -= len(draft.source) if draft.cell_type == "markdown" else 0
        cells.append(_draft_cell(draft, identity, handed_out, room > 0))
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


def _draft_cell(draft: Draft, identity: str, handed_out: set[str], look: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {"autograder": {"role": draft.role}}
    source, reference = draft.source, draft.reference
    if reference is not None:
        metadata["nbgrader"] = mark_of(reference)
        tags = list(reference.tags)
        if reference.kind == kinds.CHECK:
            source = syntax.visible(source, "# Hidden checks ran here; what they found is in the table.")
    else:
        tags = [tag for tag in tags_of(draft.raw) if _VALID_TAG.fullmatch(tag) and tag not in NEVER_TAGS]
    if tags:
        metadata["tags"] = tags
    if draft.cell_type == "markdown" and source not in handed_out:
        source = safe_markdown(source, look)
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
