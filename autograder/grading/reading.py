"""From whatever bytes a student hands in to a plain list of cells, with a note on all that was not as it should be.

Standard library only. Knows nothing of assignments: marks, ids and order are someone else's business.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import Any

LARGEST = 200_000_000  # bytes; a notebook is text and a few pictures
MOST_CELLS = 5_000
MOST_CODE = 10_000_000  # characters of all code cells together: what is sent to run has to fit into a message
MOST_PARTS, MOST_ITEMS = (
    2_000_000,
    20_000_000,
)  # brackets and commas: three bytes of JSON can be a hundred in memory
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(ValueError):
    """Bytes that are no notebook; the message says what they seem to be and what to do."""


@dataclass(frozen=True)
class Note:
    """Something about a submission that a student or an instructor should know.

    Attributes
    ----------
    kind : str
        One word or two, for tables: ``"deleted"``, ``"unreadable"``.
    text : str
        A sentence or two.
    about : str
        The grade_id it is about, if any.
    """

    kind: str
    text: str
    about: str = ""


@dataclass
class RawCell:
    """A cell as it was handed in, brought to today's names; nothing in it is trusted."""

    cell_type: str
    source: str
    metadata: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    attachments: dict[str, Any] = field(default_factory=dict)


@dataclass
class RawNotebook:
    """What could be read of a submission."""

    cells: list[RawCell]
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read(data: bytes) -> RawNotebook:
    """Read a submission's bytes.

    Raises
    ------
    Unreadable
        If they are no notebook at all.
    """
    notes: list[Note] = []
    plain = _parse(_decode(data, notes), notes)
    if not isinstance(plain, dict):
        raise Unreadable(
            f"The file holds {_what(plain)}, not a notebook. Open your notebook in Jupyter, save it, "
            "and hand in the .ipynb file."
        )
    cells = _cells_of(plain, notes)
    metadata = plain.get("metadata")
    return RawNotebook(cells, metadata if isinstance(metadata, dict) else {}, notes)


def _decode(data: bytes, notes: list[Note]) -> str:
    if len(data) > LARGEST:
        raise Unreadable(
            f"The file is {len(data) // 1_000_000} MB; at most {LARGEST // 1_000_000} MB are read. "
            "Clear the outputs (Edit > Clear Outputs of All Cells), save, and hand it in again."
        )
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable(
            "The file is empty. Perhaps the upload broke off: hand in your notebook again, "
            "and look at its size before you do."
        )
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            if encoding != "utf-8-sig":
                notes.append(Note("encoding", f"The file was saved as {encoding.upper()}; it was converted."))
            return data.decode(encoding, errors="replace").rstrip("\0")
    start = data[:4000]
    if start.count(0) > len(start) // 4:  # every other byte of plain text in UTF-16 is zero
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    else:
        try:
            return data.decode("utf-8").rstrip("\0")
        except UnicodeDecodeError:
            encoding = "cp1252"
    notes.append(
        Note(
            "encoding",
            "The file is not UTF-8, perhaps an editor other than Jupyter saved it; some letters may look odd.",
        )
    )
    return data.decode(encoding, errors="replace").rstrip("\0")


def _parse(text: str, notes: list[Note]) -> Any:
    if text.count("{") + text.count("[") > MOST_PARTS or text.count(",") > MOST_ITEMS:
        raise Unreadable(
            "The file has millions of parts, more than any notebook. Clear the outputs "
            "(Edit > Clear Outputs of All Cells), save, and hand it in again."
        )
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise Unreadable(
            "The file is nested too deeply to be a notebook. Open your notebook in Jupyter and save it again."
        ) from error
    except ValueError as error:
        reason = str(error)
    if "<<<<<<< " in text and ">>>>>>> " in text:
        raise Unreadable(
            "The file holds marks of a version conflict (<<<<<<<), so it is no notebook any more. "
            "Resolve the conflict, open the notebook in Jupyter to see that it works, and hand it in again."
        )
    if text.lstrip()[:1] == "<":
        raise Unreadable(
            "The file is a web page, not a notebook: the page around it was saved. "
            "Download the notebook itself (File > Download) and hand in that .ipynb file."
        )
    if text.lstrip()[:1] in "{[":
        raise Unreadable(
            f"The file starts like a notebook but cannot be read to its end ({reason}). Perhaps the upload broke off, "
            "or it was changed in a text editor. Open it in Jupyter, save it, and hand it in again."
        )
    raise Unreadable(
        "The file is not a notebook (it is no JSON). Hand in the .ipynb file that Jupyter saves."
    )


def _what(plain: Any) -> str:
    return {list: "a list", str: "a text", type(None): "nothing"}.get(type(plain), "a number")


def _cells_of(plain: dict[str, Any], notes: list[Note]) -> list[RawCell]:
    version = plain.get("nbformat")
    if isinstance(plain.get("cells"), list):
        listed = plain["cells"]
        if isinstance(version, int) and version > 4:
            notes.append(
                Note(
                    "format",
                    f"The notebook says it has format {version}, which is newer than 4; it was read as far as known.",
                )
            )
    elif isinstance(plain.get("worksheets"), list):
        sheets = [sheet for sheet in plain["worksheets"] if isinstance(sheet, dict)]
        listed = [cell for sheet in sheets for cell in _as_list(sheet.get("cells"))]
        notes.append(Note("format", "The notebook has an old format (3 or older); it was converted."))
    else:
        raise Unreadable(
            "The file is JSON but has no cells, so it is no notebook. Hand in the .ipynb file that Jupyter saves."
        )
    if len(listed) > MOST_CELLS:
        raise Unreadable(
            f"The notebook has {len(listed)} cells; at most {MOST_CELLS} are read. Delete what you do not need."
        )
    cells = [_cell(cell) for cell in listed]
    code = sum(len(cell.source) for cell in cells if cell.cell_type == "code")
    if code > MOST_CODE:
        raise Unreadable(
            f"The notebook holds {code:,} characters of code; at most {MOST_CODE:,} are read. "
            "Data belongs into files beside the notebook."
        )
    return cells


def _cell(cell: Any) -> RawCell:
    if not isinstance(cell, dict):
        return RawCell("raw", clean_text(json.dumps(cell)))
    kind = cell.get("cell_type")
    source = _text(cell.get("source", cell.get("input", "")))
    if kind == "heading":
        level = cell.get("level")
        source = "#" * (level if isinstance(level, int) and 0 < level < 7 else 1) + " " + source
    if kind not in ("code", "markdown", "raw"):
        kind = "markdown" if kind in ("heading", "html") else "raw"
    metadata = cell.get("metadata")
    identity = cell.get("id")
    attachments = cell.get("attachments")
    return RawCell(
        kind,
        source,
        metadata if isinstance(metadata, dict) else {},
        identity if isinstance(identity, str) else "",
        attachments if isinstance(attachments, dict) else {},
    )


def _as_list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "".join([part if isinstance(part, str) else json.dumps(part) for part in value])
    return clean_text(value if isinstance(value, str) else json.dumps(value))


def clean_text(text: str) -> str:
    """Drop what no file or parser can hold: halves of surrogate pairs and NUL."""
    text = text if text.isascii() else _SURROGATES.sub("\ufffd", text)
    return text.replace("\0", "\ufffd").replace("\r\n", "\n")
