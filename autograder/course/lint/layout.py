"""Rules on a cell's size and its pictures, as the student sees them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from autograder.course.lint.authored import Authored, Finding
from autograder.course.lint.cells import EXPERIMENT, MANUAL
from autograder.course.lint.markdown import prose, without_code, without_folded

CODE_LINES = 25
FIGURE_LINES = 40
PASSAGE_WORDS = 120  # an idea
CELL_WORDS = 200  # an idea with the question that follows it; the three short texts of an ending
_PASSAGE = re.compile(
    r"^#+ |^\*\*[^*\n]+\*\*", re.MULTILINE
)  # a heading, or a bold beginning such as **Predict.**
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE | re.DOTALL)
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SAYS_NOTHING = {"", "image", "img", "figure", "picture", "plot", "photo", "diagram", "alt", "alt text"}


def code(authored: Authored) -> Iterator[Finding]:
    """A code cell longer than a reader takes in at once: 25 lines of code, 40 for an experiment or a figure."""
    for cell in authored.cells:
        if cell.kind != "code" or cell.released is None:
            continue
        wide = cell.role == EXPERIMENT or "figure" in cell.tags
        limit = FIGURE_LINES if wide else CODE_LINES
        length = sum(bool(line.strip()) for line in cell.released.split("\n"))
        if length > limit:
            yield authored.finding(
                cell.first,
                "long-cell",
                f"The student sees {length} lines of code in {cell.name}; at most {limit}.",
                "Split it, hide some of the checks, or move drawing into utils.",
            )


def text(authored: Authored) -> Iterator[Finding]:
    """A text longer than an idea. What is folded away, tables, code and formulas are not counted."""
    for cell in authored.cells:
        if cell.kind != "markdown" or cell.role == MANUAL:
            continue
        shown = _ROW.sub("", prose(without_folded(cell.source)))
        starts = [0, *(match.start() for match in _PASSAGE.finditer(shown)), len(shown)]
        counts = [(_words(shown[a:b]), a) for a, b in itertools.pairwise(starts)]
        words, start = max(counts)
        total = sum(count for count, _ in counts)
        if words > PASSAGE_WORDS or total > CELL_WORDS:
            long = words > PASSAGE_WORDS
            yield authored.finding(
                cell.first + (shown[:start].count("\n") if long else 0),
                "long-text",
                f"This passage has {words} words; at most {PASSAGE_WORDS}."
                if long
                else f"The texts of this cell have {total} words together; at most {CELL_WORDS}.",
                "Split it where a picture or a question belongs, or cut.",
            )


def _words(shown: str) -> int:
    return len(re.findall(r"[^\W\d_]{2,}", shown))


def pictures(authored: Authored) -> Iterator[Finding]:
    """A picture without words for whoever cannot see it."""
    for cell in authored.cells:
        if cell.kind != "markdown":
            continue
        source = without_code(cell.source)
        alts = [(match, match[1]) for match in _IMAGE.finditer(source)]
        for match in _TAG.finditer(source):
            alt = _ALT.search(match[0])
            alts.append((match, (alt[1] or alt[2] or "") if alt else ""))
        for match, alt in alts:
            if alt.strip().lower() in _SAYS_NOTHING:
                yield authored.finding(
                    cell.first + source[: match.start()].count("\n"),
                    "alt-text",
                    f"A picture has {f'the alt text {alt!r}' if alt.strip() else 'no alt text'}: {match[0][:60]!r}.",
                    "Say in a sentence what it shows.",
                )


RULES = (code, text, pictures)
