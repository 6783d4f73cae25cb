"""Tables for spreadsheets and gradebooks, in which nothing that a person wrote becomes a formula. Standard library only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
)  # how a cell begins that a spreadsheet would compute (OWASP)


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet computes: a text that begins like a formula gets an apostrophe before it.

    Numbers stay numbers, also those that are written as text (``-2.5``); marks never need the apostrophe.
    """
    if not isinstance(value, str) or not value.lstrip(" \u00a0").startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return "'" + value
    return value


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], *, bom: bool = False) -> str:
    """Return a table as comma-separated text (RFC 4180) with harmless cells; None becomes an empty cell.

    Parameters
    ----------
    header, rows
    bom : bool
        Begin with a byte-order mark, without which Excel takes UTF-8 for something else.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow(["" if cell is None else harmless(cell) for cell in row])
    return ("\ufeff" if bom else "") + text.getvalue()
