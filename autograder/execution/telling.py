"""What the student process tells of printed text and errors: text only, and not too much of it.

Knows exceptions and IPython's names for cells. Meets exceptions whose every method may be the student's own.
"""

from __future__ import annotations

import io
import traceback
from pathlib import Path

from autograder.execution.cells import Shell

_OURS = str(Path(__file__).parent)
MAX_FRAMES = 8  # of a traceback
MAX_TEXT = 20_000  # characters of printed text, messages and tracebacks per reply


class Printed(io.TextIOBase):
    """What the student's code prints during a question, cut."""

    encoding, errors = "utf-8", "replace"

    def __init__(self):
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str) -> int:
        if self._size < MAX_TEXT:
            self._parts.append(str.__str__(text))
            self._size += len(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def text(self) -> str:
        return "".join(self._parts)[:MAX_TEXT]


def describe(error: BaseException, shell: Shell) -> list:
    """Type, nearest built-in type, message and traceback of an exception; each is only text."""
    return [
        type(error).__name__[:100],
        nearest_builtin(type(error)),
        message_of(error),
        _traceback(error, shell),
    ]


def message_of(error: BaseException) -> str:
    try:
        return str(error)[:MAX_TEXT]
    except BaseException as second:
        return f"(its message could not be read: {type(second).__name__})"


def _traceback(error: BaseException, shell: Shell) -> str:
    """The student's own lines on the way to the error, innermost last, as Jupyter names them."""
    try:
        walked = [
            (frame, line)
            for frame, line in traceback.walk_tb(error.__traceback__)
            if not frame.f_code.co_filename.startswith(_OURS)
        ]
        lines = []
        for frame in traceback.StackSummary.extract(iter(walked[-MAX_FRAMES:])):
            where = " ".join(shell.compile.format_code_name(frame.filename) or (frame.filename,))
            lines.append(f'File "{where}", line {frame.lineno}, in {frame.name}\n    {frame.line}\n')
        return "".join(lines)[-MAX_TEXT:]
    except BaseException as second:
        return f"(the traceback could not be read: {type(second).__name__})"


def nearest_builtin(kind: type) -> str:
    return next((base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"), "Exception")
