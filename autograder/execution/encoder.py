"""From values to bytes: what of a value travels, and in which form.

Knows msgpack and NumPy. Knows nothing of processes, sockets, notebooks or grades.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.execution.kinds import (
    ARRAY,
    BIG_INTEGER,
    CODES,
    COMPLEX,
    DTYPE,
    DTYPES,
    ELLIPSIS,
    FROZENSET,
    GENERATOR,
    LAYOUTS,
    LONGEST_RANGE,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS_BYTES,
    RANGE,
    SAME_ARRAY,
    SCALAR,
    SET,
    SLICE,
    TUPLE,
    TYPE,
    TYPES,
    NotPlain,
    WireError,
    range_length,
)

_FLOAT64 = bytes((CODES[np.dtype(np.float64)],))
_PLAIN = {  # how an instance of a subclass becomes the base type, without asking the subclass
    int: int.__pos__,
    float: float.__pos__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}


def _refuse(value: Any) -> Any:
    raise NotPlain(f"a value of type {type(value).__name__} cannot be sent")


class Encoder:
    """Turns values into bytes; one encoder per message, so that an array sent twice arrives as one object.

    Parameters
    ----------
    refer
        Called with a value that does not travel; returns ``(code, payload)`` with one of the codes
        ``OBJECT``, ``NAME``, ``FUNCTION`` and the payload's bytes. The default refuses.
    """

    __slots__ = ("_alive", "_arrays", "_depth", "_refer")

    def __init__(self, refer: Callable[[Any], tuple[int, bytes]] = _refuse):
        self._refer = refer
        self._arrays: dict[int, int] = {}
        self._alive: list[np.ndarray] = []  # keeps id() meaningful while the message is built
        self._depth = 0

    def pack(self, value: Any) -> bytes:
        """Return the bytes of one value.

        Raises
        ------
        NotPlain
            if something in it cannot travel and cannot be referred to
        WireError
            if it is too large, too deep or contains itself
        """
        try:
            packed = _packed(value, self._special)
        except (ValueError, OverflowError, RecursionError) as error:
            raise WireError(f"the value is too deep or too large to be sent ({error})") from None
        if len(packed) > MAX_BYTES:
            raise WireError(f"the value takes {len(packed):,} bytes; at most {MAX_BYTES:,} can be sent")
        return packed

    def reference(self, value: Any) -> msgpack.ExtType:
        """What stands for a reference to `value`, even if it could travel; `pack` it, or a list that holds it."""
        return msgpack.ExtType(*self._refer(value))

    def _special(self, value: Any) -> Any:
        """What msgpack packs in the place of a value it does not know."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise WireError(f"the value is nested more than {MAX_DEPTH} levels deep")
        try:
            describe = _DESCRIBE.get(type(value))
            if describe is not None:
                return msgpack.ExtType(*describe(self, value))
            return self._unusual(value)
        finally:
            self._depth -= 1

    def _unusual(self, value: Any) -> Any:
        if isinstance(value, np.generic):
            return self._scalar(value)
        if isinstance(value, np.ndarray):  # a subclass travels as the array it holds
            return msgpack.ExtType(*self._array(np.array(value, subok=False)))
        for base, plain in _PLAIN.items():
            if isinstance(value, base):
                return plain(value)
        if isinstance(value, np.dtype) and value in CODES:
            return msgpack.ExtType(DTYPE, self.pack([CODES[value], False]))
        if isinstance(value, type):
            return self._type(value)
        return self.reference(value)

    def _scalar(self, value: np.generic) -> Any:
        if isinstance(value, np.longdouble):
            value = np.float64(value)
        if value.dtype not in CODES or type(value) is not value.dtype.type:
            return self.reference(value)
        return msgpack.ExtType(SCALAR, bytes((CODES[value.dtype],)) + value.tobytes())

    def _array(self, value: np.ndarray) -> tuple[int, bytes]:
        index = self._arrays.get(id(value))
        if index is not None:
            return SAME_ARRAY, _packed(index, None)
        code = CODES.get(value.dtype)
        sent = value
        if code is None:
            native = np.float64 if value.dtype.type is np.longdouble else value.dtype.newbyteorder("=")
            code = CODES.get(np.dtype(native))
            if code is None:
                return self._refer(value)
            sent = value.astype(native)
        if sent.nbytes > MAX_BYTES:
            raise WireError(f"an array of {sent.nbytes:,} bytes is too large to be sent")
        self._arrays[id(value)] = len(self._arrays)
        self._alive.append(value)
        header = LAYOUTS[sent.ndim].pack(code, sent.ndim, *sent.shape)
        return ARRAY, header + sent.tobytes()

    def _type(self, value: type) -> Any:
        if TYPES.get(value.__name__) is value:
            return msgpack.ExtType(TYPE, self.pack(value.__name__))
        if issubclass(value, np.generic) and value.__module__ == "numpy" and value.__name__ in DTYPES:
            return msgpack.ExtType(DTYPE, self.pack([CODES[np.dtype(value)], True]))
        return self.reference(value)


def _packed(value: Any, default: Callable | None) -> bytes:
    # The default buffer of 256 kB would be mapped and unmapped for each of the many small messages.
    return msgpack.packb(
        value, default=default, strict_types=True, unicode_errors="surrogatepass", buf_size=512
    )


def _big_integer(value: int) -> bytes:
    if value.bit_length() >= 8 * MAX_DIGITS_BYTES:
        raise WireError(f"an integer of {value.bit_length():,} bits is too large to be sent")
    return value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)


def _range(encoder: Encoder, value: range) -> tuple[int, bytes]:
    if range_length(value) > LONGEST_RANGE:
        return encoder._refer(value)
    return RANGE, encoder.pack([value.start, value.stop, value.step])


def _generator(encoder: Encoder, value: np.random.Generator) -> tuple[int, bytes]:
    if type(value.bit_generator) is not np.random.PCG64:
        return encoder._refer(value)
    state = value.bit_generator.state
    content = [state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]
    return GENERATOR, encoder.pack(content)


_DESCRIBE: dict[type, Callable[[Encoder, Any], tuple[int, bytes]]] = {
    tuple: lambda encoder, value: (TUPLE, encoder.pack(list(value))),
    np.ndarray: Encoder._array,
    np.float64: lambda encoder, value: (SCALAR, _FLOAT64 + value.tobytes()),
    np.random.Generator: _generator,
    int: lambda encoder, value: (BIG_INTEGER, _big_integer(value)),
    complex: lambda encoder, value: (COMPLEX, encoder.pack([value.real, value.imag])),
    set: lambda encoder, value: (SET, encoder.pack(list(value))),
    frozenset: lambda encoder, value: (FROZENSET, encoder.pack(list(value))),
    slice: lambda encoder, value: (SLICE, encoder.pack([value.start, value.stop, value.step])),
    range: _range,
    type(Ellipsis): lambda encoder, value: (ELLIPSIS, b""),
}
