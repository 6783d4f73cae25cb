"""What crosses the boundary is rebuilt as a plain value, or refused."""

import contextlib
import enum
import math
import random

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.execution import kinds
from autograder.execution.wire import Decoder, Encoder, NotPlain, WireError

PLAIN_TYPES = (
    type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, slice, range,
    type(Ellipsis), np.ndarray, np.random.Generator, type, np.dtype, np.generic,
)  # fmt: skip


class LoudFloat(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class LoudText(str):
    pass


class LoudArray(np.ndarray):
    def __eq__(self, other):
        return True


class Level(enum.IntEnum):
    HIGH = 3


def there_and_back(value):
    return Decoder().unpack(Encoder().pack(value))


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -(2**63), 2**64, -(2**200), 1.5, -0.0, "text", "\ud800", b"bytes", 1 + 2j,
        (1, (2, [3, {"a": (4,)}])), {1, 2}, frozenset({"x"}), slice(1, None, 2), ..., range(2, 9, 3),
        {(1, 2): "tuple keys"}, np.dtype("int32"), np.float64, float, dict, [],
    ],
    ids=repr,
)  # fmt: skip
def test_a_plain_value_comes_back_equal_and_of_the_same_type(value):
    back = there_and_back(value)

    assert back == value
    assert type(back) is type(value)


def test_the_sign_of_zero_and_not_a_number_survive():
    assert math.copysign(1.0, there_and_back(-0.0)) == -1.0
    assert math.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize("name", sorted(kinds.DTYPES))
def test_an_array_of_every_numeric_type_comes_back_bit_by_bit(name):
    array = np.arange(6).reshape(2, 3).astype(name)

    back = there_and_back(array)

    assert back.dtype == array.dtype and back.shape == array.shape
    assert back.tobytes() == array.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 3)),
        np.array(2.5),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(3.0).astype(">f8"),
        np.arange(9)[::2],
    ],
    ids=["empty", "no axes", "transposed", "big-endian", "strided"],
)
def test_an_array_of_any_layout_comes_back_with_its_values(array):
    back = there_and_back(array)

    np.testing.assert_array_equal(back, array)
    assert back.shape == array.shape


def test_a_numpy_scalar_stays_one():
    back = there_and_back(np.float32(1.5))

    assert type(back) is np.float32 and back == np.float32(1.5)


@pytest.mark.parametrize(
    ("value", "base"),
    [
        (LoudFloat(2.5), float),
        (LoudText("x"), str),
        (Level.HIGH, int),
        (np.arange(3.0).view(LoudArray), np.ndarray),
        (np.ma.masked_array([1.0, 2.0]), np.ndarray),
        (np.longdouble(1.5), np.float64),
    ],
)
def test_an_instance_of_a_subclass_arrives_as_its_base(value, base):
    assert type(there_and_back(value)) is base


def test_an_array_sent_twice_arrives_as_one_object():
    array = np.ones(3)

    first, second, other = there_and_back((array, array, array.copy()))

    assert first is second and other is not first


def test_a_generator_goes_on_where_it_was():
    generator = np.random.default_rng(3)
    generator.integers(10, size=3, dtype=np.int32)  # leaves half a word behind

    back = there_and_back(generator)

    np.testing.assert_array_equal(back.normal(size=4), generator.normal(size=4))


@pytest.mark.parametrize(
    "value",
    [object(), len, open, np.array([object()]), Decoder],
    ids=["an object", "len", "open", "an array of objects", "a class"],
)
def test_what_is_not_plain_is_refused_by_default(value):
    with pytest.raises(NotPlain):
        Encoder().pack(value)


def test_a_list_that_contains_itself_is_refused():
    endless = []
    endless.append(endless)

    with pytest.raises(WireError):
        Encoder().pack(endless)


def test_what_is_too_large_is_refused_on_both_sides():
    with pytest.raises(WireError, match="too large"):
        Encoder().pack(np.zeros(kinds.MAX_BYTES // 8 + 1))
    with pytest.raises(WireError, match="too large"):
        Decoder().unpack(b"\0" * (kinds.MAX_BYTES + 1))


@pytest.mark.parametrize(
    "forged",
    [
        msgpack.packb(msgpack.ExtType(99, b"\xc0")),
        msgpack.packb(msgpack.ExtType(kinds.OBJECT, msgpack.packb([1, "x", ""]))),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"")),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"\xff\x00" + b"\0" * 8)),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"\x08\xff" + b"\0" * 8)),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"\x08\x02" + b"\xff" * 16)),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"\x08\x02" + b"\0" * 8 + b"\xff" * 8)),
        msgpack.packb(msgpack.ExtType(kinds.ARRAY, b"\x08\x01\x02" + b"\0" * 7 + b"\0" * 3)),
        msgpack.packb(msgpack.ExtType(kinds.SCALAR, b"")),
        msgpack.packb(msgpack.ExtType(kinds.SCALAR, b"\x08\0")),
        msgpack.packb(msgpack.ExtType(kinds.SAME_ARRAY, msgpack.packb(0))),
        msgpack.packb(msgpack.ExtType(kinds.TYPE, msgpack.packb("eval"))),
        msgpack.packb(msgpack.ExtType(kinds.DTYPE, msgpack.packb([99, True]))),
        msgpack.packb(msgpack.ExtType(kinds.SET, msgpack.packb([[1]]))),
        msgpack.packb(msgpack.ExtType(kinds.BIG_INTEGER, b"\1" * 5000)),
        msgpack.packb(msgpack.ExtType(kinds.GENERATOR, msgpack.packb([1, 2, 3, -4]))),
        msgpack.packb({i: i for i in range(kinds.MAX_KEYED + 1)}),
        b"\x91" * 3000 + b"\xc0",
        b"\xdd\x00\x0f\x00\x00" + b"\x92\x90\x90" * 0xF0000,
        b"\xdd\x00\x0f\x00\x00" + b"\x92" + b"\xc7\x01\x08\x00" * 2 * 0xF0000,
        b"\xdd\xff\xff\xff\xff",
        b"\xc0\xc0",
        b"",
    ],
)
def test_forged_bytes_are_refused(forged):
    with pytest.raises(WireError):
        Decoder().unpack(forged)


def every_part(value):
    yield value
    if isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from every_part(item)
    if isinstance(value, dict):
        for item in value.items():
            yield from every_part(item)


content = st.recursive(
    st.none() | st.integers(-5, 2**64 - 1) | st.floats() | st.text(max_size=4) | st.binary(max_size=16),
    lambda inner: st.lists(inner, max_size=4),
)
extension = st.builds(
    msgpack.ExtType, st.integers(0, 25), content.map(msgpack.packb) | st.binary(max_size=40)
)


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=200)
    | st.recursive(extension, lambda inner: st.lists(inner, max_size=4)).map(msgpack.packb)
)
def test_whatever_bytes_arrive_only_plain_values_come_out(data):
    try:
        value = Decoder().unpack(data)
    except WireError:
        return
    for part in every_part(value):
        assert isinstance(part, PLAIN_TYPES)
        assert type(part).__module__ in ("builtins", "numpy", "numpy.random._generator", "numpy.dtypes")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(values)
def test_whatever_is_sent_comes_back(value):
    assert there_and_back(value) == value


@settings(max_examples=200, deadline=None)
@given(values, st.randoms(use_true_random=False))
def test_damage_on_the_way_is_a_wire_error_or_another_plain_value(value, chance: random.Random):
    packed = bytearray(Encoder().pack(value))
    for _ in range(chance.randint(1, 4)):
        packed[chance.randrange(len(packed))] = chance.randrange(256)

    try:
        back = Decoder().unpack(bytes(packed))
    except WireError:
        return
    assert all(isinstance(part, PLAIN_TYPES) for part in every_part(back))


@pytest.mark.parametrize("size", [0, 1, 4, 8, 12])
def test_an_extension_of_any_code_is_a_wire_error_or_a_plain_value(size):
    odd = []
    for code in range(256):
        with contextlib.suppress(WireError):
            back = Decoder().unpack(bytes([0xC7, size, code]) + bytes(size))
            odd += [(code, part) for part in every_part(back) if not isinstance(part, PLAIN_TYPES)]
    assert odd == []


def test_a_range_counts_as_the_list_it_would_be():
    assert Decoder().unpack(Encoder().pack([range(5), range(9, 0, -2)])) == [range(5), range(9, 0, -2)]
    with pytest.raises(NotPlain):
        Encoder().pack(range(10**10))
    forged = msgpack.packb(msgpack.ExtType(kinds.RANGE, msgpack.packb([0, 10**10, 1])))
    with pytest.raises(WireError):
        Decoder().unpack(forged)


def test_an_array_told_again_and_again_is_bounded():
    table = np.zeros(2**20)

    assert len(Decoder().unpack(Encoder().pack([table] * 4))) == 4
    with pytest.raises(WireError):
        Decoder().unpack(Encoder().pack([table] * 100))
