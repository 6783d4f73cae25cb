"""Which submitted cell is a copy of which reference cell, and which copy of an answer carries its mark.

Pure. Says what had been changed; decides nothing about places.
"""

from __future__ import annotations

from autograder.grading import bundle as kinds
from autograder.grading import syntax
from autograder.grading.bundle import Bundle, Cell
from autograder.grading.drafts import NEVER_TAGS, mark_of, tags_of
from autograder.grading.placing import Copy
from autograder.grading.reading import Note, RawCell, RawNotebook

MOST_PARSED = (
    1_000_000  # characters of code in one submission; the cells after them are looked at by their lines only
)


class Matching:
    """The cells of one submission beside those of its assignment.

    Attributes
    ----------
    matched : dict of int to Cell
        Place of a submitted cell to the reference cell it is a copy of.
    copies : dict of str to list of int
        grade_id to the places of its copies; of an answer, the one that counts.
    definers : dict of str to list of Copy
        Name to the cells that bind it.
    notes : list of Note
        All that was not as handed out.
    """

    def __init__(self, raw: RawNotebook, bundle: Bundle):
        self.raw, self.bundle = raw, bundle
        self.notes = list(raw.notes)
        self.copies: dict[str, list[int]] = {cell.grade_id: [] for cell in bundle.cells if cell.grade_id}
        self.matched: dict[int, Cell] = {}
        self._match()
        self.definers = self._definers()
        self._choose_answers()

    def note(self, kind: str, text: str, about: str = "") -> None:
        """Keep something that a student or an instructor should know."""
        self.notes.append(Note(kind, text, about))

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
            if cell is None and not grade_id:  # some editors drop marks, which they do not know
                cell = by_id.get(raw.id) or self.bundle.by_text.get(syntax.squeezed(raw.source))
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
        room = MOST_PARSED
        for i, raw in enumerate(self.raw.cells):
            cell = self.matched.get(i)
            if cell is None and raw.cell_type != "code":
                continue
            if cell is not None and (cell.cell_type != "code" or self.is_plain_copy(i)):
                continue
            room -= len(raw.source)
            bound = (syntax.names_bound if room > 0 else syntax.names_defined)(raw.source)
            for name in wanted.intersection(bound):
                found[name].append(Copy(i, not syntax.is_unwritten(raw.source, name)))
        return found

    def is_plain_copy(self, i: int) -> bool:
        """Whether a submitted cell says what was handed out in a cell that is not the student's to change."""
        cell = self.matched.get(i)
        if cell is None or cell.kind in (kinds.SOLUTION, kinds.MANUAL):
            return False
        source = self.raw.cells[i].source
        return any(syntax.same_text(source, text) for text in (syntax.visible(cell.source), cell.source))

    def _choose_answers(self) -> None:
        """Choose, for every answer, the copy that carries its mark; other copies become the student's own cells."""
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
            self.compare_mark(cell, self.raw.cells[chosen])

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

    def compare_mark(self, cell: Cell, raw: RawCell) -> None:
        """Say what of a cell's mark was changed; what counts is the assignment's."""
        about = cell.grade_id
        if raw.cell_type != cell.cell_type:
            self.note(
                "retyped",
                f"The cell {about} had become a {raw.cell_type} cell; it is a {cell.cell_type} cell again.",
                about,
            )
        mark, ours = raw.metadata.get("nbgrader"), mark_of(cell)
        changed = [
            key
            for key, value in (mark.items() if isinstance(mark, dict) else ())
            if key in ("grade", "solution", "locked", "points") and ours.get(key, value) != value
        ]
        if changed:
            self.note(
                "mark changed",
                f"The mark of {about} was changed ({', '.join(sorted(changed))}); it was restored.",
                about,
            )
        if NEVER_TAGS.intersection(tags_of(raw)) - set(cell.tags):
            self.note("tag removed", f"A tag that would skip {about} was removed.", about)
