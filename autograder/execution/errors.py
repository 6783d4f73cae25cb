"""What a check sees when the student's code fails: exceptions of the checker's own making.

No class, message or traceback of the student's is executed here; they arrive as text. An exception of a built-in
type is raised as a class that is also that built-in type, so that `except ValueError` in a check works.
"""

from __future__ import annotations

import builtins


class StudentError(Exception):
    """The student's code did not give an answer."""


class StudentRaised(StudentError):
    """The student's code raised.

    Attributes
    ----------
    type_name, message, traceback_text
        as the student process told them, all of them text
    """

    def __init__(self, type_name: str, message: str, traceback_text: str = ""):
        Exception.__init__(self, message)
        self.type_name, self.message, self.traceback_text = type_name, message, traceback_text

    def __str__(self) -> str:
        return self.message


class StudentOutOfMemory(StudentRaised, MemoryError):
    """The student's code asked for more memory than a submission may use."""

    state = "out of memory"


class StudentTimedOut(StudentError):
    """The student's code did not come back in time."""

    state = "timed out"


class StudentCrashed(StudentError):
    """The student process ended in the middle of a call, or had ended before it."""

    state = "crashed"


class ProtocolViolation(StudentError):
    """The student process sent something that is not an answer: only code that attacks the grading does that."""

    state = "crashed"


# Types that would end a loop, a generator or the checker itself if a student could raise them at will.
_NEVER = (StopIteration, StopAsyncIteration)
_made: dict[str, type[StudentRaised]] = {"MemoryError": StudentOutOfMemory}


def raised(type_name: str, builtin: str, message: str, traceback_text: str) -> StudentRaised:
    """The exception that stands for one the student's code raised."""
    if builtin not in _made:
        _made[builtin] = _make(getattr(builtins, builtin, None))
    return _made[builtin](type_name, message, traceback_text)


def _make(base: object) -> type[StudentRaised]:
    if not (isinstance(base, type) and issubclass(base, Exception)) or base is Exception:
        return StudentRaised
    if issubclass(base, (*_NEVER, BaseExceptionGroup)):
        return StudentRaised
    made = type(f"Student{base.__name__}", (StudentRaised, base), {"__new__": _plain_new(base)})
    try:
        made("", "", "")
    except TypeError:  # a type with a constructor of its own
        return StudentRaised
    return made


def _plain_new(base: type):
    def new(cls, *_):
        return base.__new__(cls)

    return new
