"""The form of the messages between checker process and student process: a number, a status, a value.

Both sides use it. Knows nothing of what the values mean.
"""

from __future__ import annotations

import struct

CALLBACK, OK, RAISED, DONE, READY = range(5)  # what a student process may answer
NAMED_TUPLE = "named tuple"  # in the place of a container's kind
HEADER = struct.Struct("!QB")  # the number of the question, and the status of the answer
QUESTION = struct.Struct("!Q")


def split_answer(message: bytes) -> tuple[int, int, bytes] | None:
    """Number, status and packed value of an answer; None if it is too short to be one."""
    if len(message) < HEADER.size:
        return None
    number, status = HEADER.unpack_from(message)
    return number, status, message[HEADER.size :]


def split_question(message: bytes) -> tuple[int, bytes]:
    """Number and packed value of a question."""
    return QUESTION.unpack_from(message)[0], message[QUESTION.size :]
