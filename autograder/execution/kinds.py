"""The kinds of values that cross between the two processes, their numbers on the wire, and how much of each.

Knows NumPy's number types. Knows nothing of how values are packed.
"""

from __future__ import annotations

import struct

import numpy as np

# Kinds that travel by value, beside msgpack's own None, bool, int (64 bits), float, str, bytes, list, dict.
TUPLE, ARRAY, SCALAR, BIG_INTEGER, COMPLEX, SET, FROZENSET, SLICE, ELLIPSIS, RANGE = range(1, 11)
SAME_ARRAY, GENERATOR, DTYPE, TYPE = range(11, 15)
# Kinds that refer to something which stays where it is.
OBJECT, NAME, FUNCTION = range(20, 23)

MAX_BYTES = 64 * 2**20  # of one message: an MNIST-sized batch fits, a memory bomb does not
MAX_ITEMS = 1_000_000  # of all lists in one message: a byte on the wire can be sixty in memory
LONGEST_RANGE = 100_000  # that travels as a value
MAX_TOLD_AGAIN = (
    2**28
)  # bytes of arrays that one message refers to again: a list of them may become one array
MAX_KEYED = 10_000  # entries of all dicts and sets in one message: bounds the cost of colliding hashes
MAX_DEPTH = 60
MAX_DIGITS_BYTES = 512  # of one integer: 4096 bits

_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
DTYPES = frozenset(["bool", *_INTEGERS, "float16", "float32", "float64", "complex64", "complex128"])
_NAMES = sorted(DTYPES)  # an array's type travels as its place in this list
CODES = {np.dtype(name): code for code, name in enumerate(_NAMES)}
DTYPE_OF = [np.dtype(name) for name in _NAMES]
MAX_AXES = 32
LAYOUTS = [struct.Struct(f"<BB{axes}Q") for axes in range(MAX_AXES + 1)]
TYPES = {t.__name__: t for t in (bool, int, float, complex, str, bytes, list, tuple, dict, set, object)}
KEY_TYPES = (str, int, float, bool, bytes, type(None), tuple)


def range_length(steps: range) -> int:
    """How many items a range has; `len` fails for very long ones."""
    return max(0, (steps.stop - steps.start + steps.step - (1 if steps.step > 0 else -1)) // steps.step)


class WireError(Exception):
    """The bytes are not a message of this encoding, or a value is too large for it."""


class NotPlain(Exception):
    """A value that cannot travel, and that the codec's owner does not want to refer to."""
