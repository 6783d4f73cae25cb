"""A `Picture` for people: an SVG for the eye and a sentence for everybody.

Standard library only. The drawing has a ground of its own, so it reads the same on light and dark pages, and travels as
an image with a text, which every sanitiser and screen reader knows. Sign and size are marks as well as colours.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

from autograder.records import Picture

# mark -> (ground, sign, ink); orange and blue stay apart for colour-blind eyes, and light from dark for all.
_LOOKS = {
    ".": ("#ffffff", "·", "#5f6368"),
    "a": ("#d7e7f7", "−", "#0b3a66"),
    "b": ("#7db4e3", "−", "#062440"),
    "c": ("#14508c", "−", "#ffffff"),
    "A": ("#fde6cf", "+", "#6b2c00"),
    "B": ("#f5a65b", "+", "#3d1900"),
    "C": ("#a84300", "+", "#ffffff"),
    "!": ("#1f1f1f", "!", "#ffffff"),
}
_LABEL, _LINE = 26, 15  # room for the numbers of rows and columns, in pixels


def sentence(picture: Picture) -> str:
    """Say in words what the picture shows: how many entries, of which sign, and in which rows and columns."""
    marks = "".join(picture.rows)
    what = f"The slice {picture.part}" if picture.part else picture.of
    if len(picture.rows) == 1:
        size = f"{len(picture.rows[0])} entries"
    else:
        size = f"{len(picture.rows)} rows, {len(picture.rows[0])} columns"
    counted = (
        (sum(mark in "ABC" for mark in marks), "too large (+)"),
        (sum(mark in "abc" for mark in marks), "too small (−)"),
        (marks.count("!"), "not a finite number (!)"),
    )
    told = ", ".join(f"{n} {word}" for n, word in counted if n)
    right = marks.count(".")
    return f"{what}: {size}; {told}{f', {right} right' if right else ', none right'}. {region(picture)}"


def region(picture: Picture) -> str:
    """Name the rows and columns that hold every wrong entry, where that says something."""
    rows = [i for i, row in enumerate(picture.rows) if row.strip(".")]
    columns = [j for j in range(len(picture.rows[0])) if any(row[j] != "." for row in picture.rows)]
    filled = all(picture.rows[i][j] != "." for i in rows for j in columns)
    some_rows, some_columns = len(rows) < len(picture.rows), len(columns) < len(picture.rows[0])
    if len(picture.rows) == 1:
        where = _listed("entry", "entries", columns) if some_columns else ""
    else:
        where = ", ".join(
            ([_listed("row", "rows", rows)] if some_rows else [])
            + ([_listed("column", "columns", columns)] if some_columns else [])
        )
    if not where:
        return "Every entry is wrong." if filled else "The wrong entries are spread over the array."
    return f"Wrong: {where}, nothing else." if filled else f"All wrong entries lie in {where}."


def _listed(one: str, many: str, numbers: Sequence[int]) -> str:
    """``column 2``, ``columns 0 and 3``, ``rows 2 to 5``."""
    if len(numbers) == 1:
        return f"{one} {numbers[0]}"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{many} {numbers[0]} to {numbers[-1]}"
    return f"{many} {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def as_svg(picture: Picture) -> str:
    """Return the drawing: one square per entry, the worst one framed, the rows and columns that are wrong bracketed."""
    height, width = len(picture.rows), len(picture.rows[0])
    side = 22 if width <= 12 and height <= 12 else 16
    top, left = _LINE + 4, _LABEL if height > 1 else 4
    total = (left + width * side + 8, top + height * side + 8)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total[0]}" height="{total[1]}" '
        f'viewBox="0 0 {total[0]} {total[1]}" font-family="sans-serif" text-anchor="middle">',
        f'<rect width="{total[0]}" height="{total[1]}" rx="4" fill="#ffffff"/>',
    ]
    for i, row in enumerate(picture.rows):
        for j, mark in enumerate(row):
            ground, sign, ink = _LOOKS[mark]
            x, y = left + j * side, top + i * side
            parts.append(
                f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{ground}" stroke="#c4c7cc"/>'
            )
            parts.append(_text(x + side / 2, y + side / 2 + side * 0.25, side * 0.75, ink, sign))
    wrong_rows = {i for i, row in enumerate(picture.rows) if row.strip(".")}
    wrong_columns = {j for row in picture.rows for j, mark in enumerate(row) if mark != "."}
    every = 1 if side == 22 else 2  # two-digit numbers need the room
    for j in range(0, width, every):
        parts.append(_number(left + (j + 0.5) * side, top - 6, j, j in wrong_columns))
    for i in range(0, height if height > 1 else 0, every):
        parts.append(_number(left - 13, top + (i + 0.5) * side + 4, i, i in wrong_rows))
    i, j = picture.worst
    parts.append(
        f'<rect x="{left + j * side}" y="{top + i * side}" width="{side}" height="{side}" fill="none" '
        'stroke="#000000" stroke-width="3"/>'
    )
    return "".join(parts) + "</svg>"


def _text(x: float, y: float, size: float, ink: str, text: str, weight: str = "normal") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{ink}" font-weight="{weight}">{text}</text>'


def _number(x: float, y: float, n: int, wrong: bool) -> str:
    """The number of a row or column: bold where something is wrong."""
    return _text(x, y, 11, "#000000" if wrong else "#6a6f76", str(n), "bold" if wrong else "normal")


def as_html(picture: Picture) -> str:
    """Return the drawing as an image that holds everything, its sentence below it as text and as its alternative text."""
    told = html.escape(sentence(picture))
    data = base64.b64encode(as_svg(picture).encode("utf-8")).decode("ascii")
    return (
        f"<div style='margin:2px 0 8px 0'><img src='data:image/svg+xml;base64,{data}' alt='Where it is wrong. {told}' "
        "style='max-width:100%;border:1px solid #8a9097;border-radius:4px;background:#ffffff'>"
        f"<div>{told} Darker is a larger error; the frame marks the entry named above.</div></div>"
    )
