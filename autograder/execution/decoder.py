"""From bytes to values: whatever bytes arrive, plain Python and NumPy values come out, or `WireError`.

Nothing is ever imported, called or unpickled on the word of the other side, and how much a message may cost in time and memory
is bounded. Knows msgpack and NumPy. Knows nothing of processes, sockets, notebooks or grades.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

from autograder.execution.kinds import (
    ARRAY,
    BIG_INTEGER,
    COMPLEX,
    DTYPE,
    DTYPE_OF,
    ELLIPSIS,
    FROZENSET,
    FUNCTION,
    GENERATOR,
    KEY_TYPES,
    LAYOUTS,
    LONGEST_RANGE,
    MAX_AXES,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS_BYTES,
    MAX_ITEMS,
    MAX_KEYED,
    MAX_TOLD_AGAIN,
    NAME,
    OBJECT,
    RANGE,
    SAME_ARRAY,
    SCALAR,
    SET,
    SLICE,
    TUPLE,
    TYPE,
    TYPES,
    WireError,
    range_length,
)


class Decoder:
    """Turns bytes into values; one decoder per message.

    Parameters
    ----------
    resolve
        Called with ``(code, payload)`` for a reference; returns what it stands for, or raises `WireError`.
        The payload is bytes of the other side's choosing. The default knows no references.
    """

    def __init__(self, resolve: Callable[[int, Any], Any] | None = None):
        self._resolve = resolve
        self._arrays: list[np.ndarray] = []
        self._items = 0
        self._keyed = 0
        self._depth = 0
        self._told_again = 0

    def unpack(self, packed: bytes) -> Any:
        """Return the value whose bytes these are.

        Raises
        ------
        WireError
            if they are not the bytes of one value of this encoding
        """
        if type(packed) is not bytes:
            raise WireError(f"expected packed bytes, got {type(packed).__name__}")
        if len(packed) > MAX_BYTES:
            raise WireError(f"a message of {len(packed):,} bytes is too large")
        self._depth += 1
        try:
            if self._depth > MAX_DEPTH:
                raise WireError("the message is nested too deep")
            return msgpack.unpackb(
                packed,
                ext_hook=self._extension,
                object_pairs_hook=self._dict,
                list_hook=self._list,
                strict_map_key=False,
                timestamp=1,  # msgpack's own extension, which never comes to the hook: a float instead of an object
                unicode_errors="surrogatepass",
                max_array_len=min(len(packed), MAX_ITEMS),
                max_map_len=min(len(packed), MAX_KEYED),
            )
        except WireError:
            raise
        except (
            ValueError,
            TypeError,
            OverflowError,
            MemoryError,
            RecursionError,
            msgpack.UnpackException,
        ) as error:
            raise WireError(f"not a message of this encoding ({type(error).__name__}: {error})") from None
        finally:
            self._depth -= 1

    def _dict(self, pairs: list[tuple[Any, Any]]) -> dict:
        self._count(len(pairs))
        for key, _ in pairs:
            _check_key(key)
        return dict(pairs)

    def _list(self, items: list) -> list:
        self._items += len(items) + 1
        if self._items > MAX_ITEMS:
            raise WireError(f"more than {MAX_ITEMS:,} items in one message")
        return items

    def _count(self, entries: int) -> None:
        self._keyed += entries
        if self._keyed > MAX_KEYED:
            raise WireError(f"more than {MAX_KEYED:,} entries of dicts and sets in one message")

    def _range(self, content: Any) -> range:
        """A range counts as all the items it would be as a list: whoever gets it may make one."""
        _expect(type(content) is list and len(content) == 3 and all(type(bound) is int for bound in content))
        found = range(*content)
        if range_length(found) > LONGEST_RANGE:
            raise WireError("a range too long to travel")
        self._items += min(range_length(found), MAX_ITEMS + 1)
        self._list([])
        return found

    def _extension(self, code: int, payload: bytes) -> Any:
        self._list([])
        if code == BIG_INTEGER:
            if len(payload) > MAX_DIGITS_BYTES:
                raise WireError("an integer has too many digits")
            return int.from_bytes(payload, "little", signed=True)
        if code == ELLIPSIS:
            return Ellipsis
        if code == ARRAY:
            array = _rebuild_array(payload)
            self._arrays.append(array)
            return array
        if code == SCALAR:
            return _rebuild_scalar(payload)
        if code in (OBJECT, NAME, FUNCTION):
            if self._resolve is None:
                raise WireError("a reference where only plain values are allowed")
            return self._resolve(code, payload)
        content = self.unpack(payload)
        if code == TYPE:
            return _expect(type(content) is str and TYPES.get(content))
        if code == SAME_ARRAY:
            array = self._arrays[_natural(content, below=len(self._arrays))]
            self._told_again += array.nbytes
            if self._told_again > MAX_TOLD_AGAIN:
                raise WireError("the same array too often")
            return array
        if code == RANGE:
            return self._range(content)
        if code not in _REBUILD:
            raise WireError(f"unknown kind {code}")
        _expect(type(content) is list)
        if code in (SET, FROZENSET):
            self._count(len(content))
        return _REBUILD[code](content)


def _expect(value: Any) -> Any:
    if not value:
        raise WireError("malformed value")
    return value


def _natural(value: Any, below: int) -> int:
    _expect(type(value) is int and 0 <= value < below)
    return value


def _check_key(key: Any) -> None:
    _expect(isinstance(key, KEY_TYPES) and (type(key) is not tuple or len(key) <= 8))
    if type(key) is tuple:
        for part in key:
            _check_key(part)


def _rebuild_array(payload: bytes) -> np.ndarray:
    _expect(len(payload) >= 2 and payload[0] < len(DTYPE_OF) and payload[1] <= MAX_AXES)
    layout, dtype = LAYOUTS[payload[1]], DTYPE_OF[payload[0]]
    _expect(len(payload) >= layout.size)
    shape = layout.unpack_from(payload)[2:]
    _expect(math.prod(shape) * dtype.itemsize == len(payload) - layout.size and max(shape, default=0) < 2**40)
    if dtype == np.bool_:  # any byte but 0 and 1 is not a truth value
        return (np.frombuffer(payload, np.uint8, offset=layout.size).reshape(shape) != 0).copy()
    return np.frombuffer(payload, dtype, offset=layout.size).reshape(shape).copy()


def _rebuild_scalar(payload: bytes) -> np.generic:
    _expect(len(payload) >= 1 and payload[0] < len(DTYPE_OF))
    return _rebuild_array(payload[:1] + b"\0" + payload[1:])[()]


def _rebuild_complex(content: list) -> complex:
    real, imaginary = content
    _expect(type(real) is float and type(imaginary) is float)
    return complex(real, imaginary)


def _rebuild_set(content: list) -> set:
    _expect(len(content) <= MAX_KEYED)
    for item in content:
        _check_key(item)
    return set(content)


def _rebuild_dtype(content: list) -> Any:
    code, as_type = content
    dtype = DTYPE_OF[_natural(code, below=len(DTYPE_OF))]
    return dtype.type if as_type else dtype


def _rebuild_slice(content: list) -> slice:
    start, stop, step = content
    return slice(start, stop, step)


def _rebuild_generator(content: list) -> np.random.Generator:
    state, increment, has_half, half = content
    _natural(state, below=2**128), _natural(increment, below=2**128)
    _natural(has_half, below=2), _natural(half, below=2**32)
    generator = np.random.Generator(np.random.PCG64(0))
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment},
        "has_uint32": has_half,
        "uinteger": half,
    }
    return generator


_REBUILD: dict[int, Callable[[list], Any]] = {
    TUPLE: tuple,
    COMPLEX: _rebuild_complex,
    SET: _rebuild_set,
    FROZENSET: lambda content: frozenset(_rebuild_set(content)),
    SLICE: _rebuild_slice,
    GENERATOR: _rebuild_generator,
    DTYPE: _rebuild_dtype,
}
