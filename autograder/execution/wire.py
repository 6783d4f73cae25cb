"""The closed encoding in which values cross between the student process and the checker process.

A value travels if it is one of the kinds listed in `KINDS` below, and is rebuilt as exactly that kind: whatever
bytes arrive, `Decoder` makes plain Python and NumPy values or raises `WireError`. Nothing is ever imported, called
or unpickled on the word of the other side. What does not travel is handed to the owner of the codec, which
may refer to it by number (a handle) or refuse.

Knows msgpack and NumPy. Knows nothing of processes, sockets, notebooks or grades.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

# KINDS that travel by value, beside msgpack's own None, bool, int (64 bits), float, str, bytes, list, dict.
TUPLE, ARRAY, SCALAR, BIG_INTEGER, COMPLEX, SET, FROZENSET, SLICE, ELLIPSIS, RANGE = range(1, 11)
SAME_ARRAY, GENERATOR, DTYPE, TYPE = range(11, 15)
# Kinds that refer to something which stays where it is.
OBJECT, NAME, FUNCTION = range(20, 23)

MAX_BYTES = 64 * 2**20  # of one message: an MNIST-sized batch fits, a memory bomb does not
MAX_ITEMS = 1_000_000  # of all lists in one message: a byte on the wire can be sixty in memory
MAX_KEYED = 10_000  # entries of all dicts and sets in one message: bounds the cost of colliding hashes
MAX_DEPTH = 60
MAX_DIGITS_BYTES = 512  # of one integer: 4096 bits

_INTEGERS = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
DTYPES = frozenset(["bool", *_INTEGERS, "float16", "float32", "float64", "complex64", "complex128"])
_NAMES = sorted(DTYPES)  # an array's type travels as its place in this list
_CODES = {np.dtype(name): code for code, name in enumerate(_NAMES)}
_DTYPES = [np.dtype(name) for name in _NAMES]
_FLOAT64 = bytes((_CODES[np.dtype(np.float64)],))
MAX_AXES = 32
_AXES = [struct.Struct(f"<BB{axes}Q") for axes in range(MAX_AXES + 1)]
TYPES = {t.__name__: t for t in (bool, int, float, complex, str, bytes, list, tuple, dict, set, object)}
KEY_TYPES = (str, int, float, bool, bytes, type(None), tuple)
_PLAIN = {  # how an instance of a subclass becomes the base type, without asking the subclass
    int: int.__pos__,
    float: float.__pos__,
    complex: complex.__pos__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}


class WireError(Exception):
    """The bytes are not a message of this encoding, or a value is too large for it."""


class NotPlain(Exception):
    """A value that cannot travel, and that the codec's owner does not want to refer to."""


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
        if isinstance(value, np.dtype) and value in _CODES:
            return msgpack.ExtType(DTYPE, self.pack([_CODES[value], False]))
        if isinstance(value, type):
            return self._type(value)
        return self.reference(value)

    def _scalar(self, value: np.generic) -> Any:
        if isinstance(value, np.longdouble):
            value = np.float64(value)
        if value.dtype not in _CODES or type(value) is not value.dtype.type:
            return self.reference(value)
        return msgpack.ExtType(SCALAR, bytes((_CODES[value.dtype],)) + value.tobytes())

    def _array(self, value: np.ndarray) -> tuple[int, bytes]:
        index = self._arrays.get(id(value))
        if index is not None:
            return SAME_ARRAY, _packed(index, None)
        code = _CODES.get(value.dtype)
        sent = value
        if code is None:
            native = np.float64 if value.dtype.type is np.longdouble else value.dtype.newbyteorder("=")
            code = _CODES.get(np.dtype(native))
            if code is None:
                return self._refer(value)
            sent = value.astype(native)
        if sent.nbytes > MAX_BYTES:
            raise WireError(f"an array of {sent.nbytes:,} bytes is too large to be sent")
        self._arrays[id(value)] = len(self._arrays)
        self._alive.append(value)
        header = _AXES[sent.ndim].pack(code, sent.ndim, *sent.shape)
        return ARRAY, header + sent.tobytes()

    def _type(self, value: type) -> Any:
        if TYPES.get(value.__name__) is value:
            return msgpack.ExtType(TYPE, self.pack(value.__name__))
        if issubclass(value, np.generic) and value.__module__ == "numpy" and value.__name__ in DTYPES:
            return msgpack.ExtType(DTYPE, self.pack([_CODES[np.dtype(value)], True]))
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
    range: lambda encoder, value: (RANGE, encoder.pack([value.start, value.stop, value.step])),
    type(Ellipsis): lambda encoder, value: (ELLIPSIS, b""),
}


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
            return self._arrays[_natural(content, below=len(self._arrays))]
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
    _expect(len(payload) >= 2 and payload[0] < len(_DTYPES) and payload[1] <= MAX_AXES)
    layout, dtype = _AXES[payload[1]], _DTYPES[payload[0]]
    _expect(len(payload) >= layout.size)
    shape = layout.unpack_from(payload)[2:]
    _expect(math.prod(shape) * dtype.itemsize == len(payload) - layout.size and max(shape, default=0) < 2**40)
    if dtype == np.bool_:  # any byte but 0 and 1 is not a truth value
        return (np.frombuffer(payload, np.uint8, offset=layout.size).reshape(shape) != 0).copy()
    return np.frombuffer(payload, dtype, offset=layout.size).reshape(shape).copy()


def _rebuild_scalar(payload: bytes) -> np.generic:
    _expect(len(payload) >= 1 and payload[0] < len(_DTYPES))
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


def _rebuild_range(content: list) -> range:
    start, stop, step = content
    _expect(all(type(bound) is int for bound in content))
    return range(start, stop, step)


def _rebuild_dtype(content: list) -> Any:
    code, as_type = content
    dtype = _DTYPES[_natural(code, below=len(_DTYPES))]
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
    RANGE: _rebuild_range,
    GENERATOR: _rebuild_generator,
    DTYPE: _rebuild_dtype,
}
