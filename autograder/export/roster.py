"""A gradebook file that a learning platform wrote: read as it is, and written back the same but for what is added.

Knows encodings and separators; knows neither marks nor platforms.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass


class RosterError(ValueError):
    """A file that cannot be read as a table; the message says why."""


@dataclass
class Roster:
    """A table with all that makes its file what it is.

    Attributes
    ----------
    header : list of str
    rows : list of list of str
        As long as the header each.
    encoding, separator, newline : str
    """

    header: list[str]
    rows: list[list[str]]
    encoding: str = "utf-8"
    separator: str = ","
    newline: str = "\n"

    def column(self, title: str) -> int | None:
        """The place of a column, whatever its case; None if there is none."""
        wanted = title.casefold()
        return next((i for i, name in enumerate(self.header) if name.strip().casefold() == wanted), None)

    def add_column(self, title: str) -> int:
        """Add an empty column at the end and return its place."""
        self.header.append(title)
        for row in self.rows:
            row.append("")
        return len(self.header) - 1

    def to_bytes(self, quote_all: bool = False) -> bytes:
        """The file's bytes, in its own encoding."""
        text = io.StringIO(newline="")
        quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(text, delimiter=self.separator, lineterminator=self.newline, quoting=quoting)
        writer.writerows([self.header, *self.rows])
        return text.getvalue().encode(self.encoding)


def read_roster(data: bytes) -> Roster:
    """Read a platform's file.

    Raises
    ------
    RosterError
        If it holds no table.
    """
    text, encoding = _decode(data)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    newline = "\r\n" if first.endswith("\r") else "\n"
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise RosterError(f"it cannot be read as a table ({error})") from error
    if not rows or len(rows[0]) < 2:
        raise RosterError(
            "it holds no table: a header and a row for each student, as the platform exports it"
        )
    header, *rest = rows
    width = len(header)
    crowded = next((i for i, row in enumerate(rest, 2) if len(row) > width), None)
    if crowded is not None:
        raise RosterError(
            f"row {crowded} has more cells than the header; was it saved with another separator?"
        )
    return Roster(header, [row + [""] * (width - len(row)) for row in rest], encoding, separator, newline)


def _decode(data: bytes) -> tuple[str, str]:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"
