"""From a graded notebook and its marks to what the page tells, in the order it tells it. Pure; knows no HTML.

Marks come from the gradebook alone. The notebook's own summary explains them; one that was forged, or that another
grader never wrote, changes no mark.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder import records
from autograder.display import standing
from autograder.feedback.marks import Mark, Marks
from autograder.grading.result import ExerciseResult

HARD = 5  # of ten: where no more have full points, the class found it hard
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,4}[ \t]+(\S.{0,300})", re.MULTILINE)


@dataclass(frozen=True)
class Exercise:
    """One marked part of the notebook.

    Attributes
    ----------
    name : str
        The answer's name.
    mark : Mark
    standing : str
        One of `display.STANDINGS`.
    result : ExerciseResult or None
        What the checks found, where our grader ran them.
    check, answer : int or None
        Places of both cells in the notebook.
    section : tuple of (int, str), or None
        Place and heading of the section that explains it.
    class_share : int or None
        Of ten in the class, how many have full points.
    comment, automatic : str
        What a person wrote; what grading wrote, where there is no result.
    """

    name: str
    mark: Mark
    standing: str
    result: ExerciseResult | None = None
    check: int | None = None
    answer: int | None = None
    section: tuple[int, str] | None = None
    class_share: int | None = None
    comment: str = ""
    automatic: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether much of the class has not solved it."""
        return self.class_share is not None and self.class_share <= HARD

    @property
    def is_written(self) -> bool:
        """Whether it is an answer that a person reads, without checks."""
        return self.check is None or self.check == self.answer

    @property
    def is_to_mend(self) -> bool:
        """Whether there is something to tell about it."""
        points = self.mark.points
        return (points is not None and points < self.mark.out_of) or bool(self.comment) or points is None


@dataclass(frozen=True)
class Page:
    """All that one feedback page tells, but the notebook itself.

    Attributes
    ----------
    title, student : str
    exercises : tuple of Exercise
        In the notebook's order.
    notes : tuple of str
        What was not as handed out, and what was done about it.
    late_penalty : float
    """

    title: str
    student: str
    exercises: tuple[Exercise, ...]
    notes: tuple[str, ...] = ()
    late_penalty: float = 0.0

    @property
    def points(self) -> float:
        """Points given so far, after the late penalty."""
        given = sum(exercise.mark.points or 0.0 for exercise in self.exercises)
        return max(0.0, given - self.late_penalty)

    @property
    def out_of(self) -> float:
        """Points of everything."""
        return sum(exercise.mark.out_of for exercise in self.exercises)

    @property
    def waiting(self) -> int:
        """How many answers a person still has to look at."""
        return sum(exercise.mark.points is None for exercise in self.exercises)


def page_of(notebook: Mapping[str, Any], marks: Marks, name: str, student: str) -> Page:
    """Put together what a student reads.

    Parameters
    ----------
    notebook : mapping
        The autograded notebook (nbformat 4).
    marks : Marks
    name : str
        The notebook's name, used where it has no heading.
    student : str
    """
    cells = notebook["cells"]
    summary = notebook["metadata"].get("autograder", {})
    results = {result.check: result for result in _results(summary)}
    headings = list(_headings(cells))
    exercises = tuple(_exercises(cells, marks, results, headings))
    return Page(
        title=headings[0][1][0] if headings else name,
        student=student,
        exercises=exercises,
        notes=tuple(_notes(summary)),
        late_penalty=marks.late_penalty,
    )


def _results(summary: Any) -> Iterator[ExerciseResult]:
    """What our grader kept in the notebook; nothing of what cannot be read."""
    exercises = summary.get("exercises") if isinstance(summary, dict) else None
    for data in exercises if isinstance(exercises, list) else ():
        try:
            yield ExerciseResult.from_dict(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue


def _notes(summary: Any) -> Iterator[str]:
    notes = summary.get("notes") if isinstance(summary, dict) else None
    for note in notes if isinstance(notes, list) else ():
        if isinstance(note, dict) and isinstance(note.get("text"), str):
            yield note["text"]


def _headings(cells) -> Iterator[tuple[int, list[str]]]:
    """Place and headings of every cell that has any."""
    for i, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            found = _HEADING.findall(_FENCE.sub("", cell["source"][:10_000]))
            if found:
                yield i, [html.unescape(re.sub(r"[*`$\\]", "", text.rstrip("# \t"))) for text in found]


def _exercises(cells, marks: Marks, results: Mapping[str, ExerciseResult], headings) -> Iterator[Exercise]:
    """Every marked cell, in the notebook's order, once; then marks whose cell is not in the notebook."""
    told = set()
    answer = None
    explained: Counter[int] = Counter()  # exercises after each cell with headings
    for i, cell in enumerate(cells):
        mark = cell["metadata"].get("nbgrader")
        mark = mark if isinstance(mark, dict) else {}
        name = str(mark.get("grade_id"))
        if mark.get("solution") and not mark.get("grade"):
            answer = i
        if name in marks.cells and name not in told:
            told.add(name)
            is_check = mark.get("grade") and not mark.get("solution")
            answered = answer if is_check else i
            section = _section(headings, answered, explained)
            yield _exercise(name, cells, i, answered, marks, results.get(name), section)
    for name in marks.cells:
        if name not in told:
            yield _exercise(name, cells, None, None, marks, results.get(name), None)


def _section(headings, place: int | None, explained: Counter[int]) -> tuple[int, str] | None:
    """The nearest heading above; a text with several explains the exercises after it in their order."""
    above = [heading for heading in headings if place is not None and heading[0] <= place]
    if not above:
        return None
    cell, texts = above[-1]
    explained[cell] += 1
    return cell, texts[min(explained[cell], len(texts)) - 1]


def _exercise(name: str, cells, check, answer, marks: Marks, result, section) -> Exercise:
    mark = marks.cells[name]
    if result is not None:
        title = result.id
    elif answer is not None and answer != check:
        title = cells[answer]["metadata"]["nbgrader"].get("grade_id", name)
    else:
        title = name
    comment, automatic = marks.comments.get(title, ""), marks.automatic.get(title, "")
    if result is not None:
        verdict = result.verdict
    elif automatic == "No response.":
        verdict = records.NOT_ATTEMPTED
    else:
        verdict = ""
    return Exercise(
        name=title,
        mark=mark,
        standing=standing(mark.points, mark.out_of, verdict),
        result=result,
        check=check,
        answer=answer,
        section=section,
        class_share=marks.class_shares.get(name),
        comment=comment,
        automatic="" if result is not None or automatic == "No response." else automatic,
    )
