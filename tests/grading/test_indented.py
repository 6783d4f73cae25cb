"""JSON as notebooks have it: exactly what the standard library writes."""

import json
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.indented import dumps

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
KEYS = st.text(st.characters())  # halves of surrogate pairs and control characters included
NESTED = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=40,
)


class Text(str):
    """A text of a kind of its own."""


class Number(IntEnum):
    """A number with a name."""

    ONE = 1


def plainly(value):
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))


@given(NESTED)
def test_whatever_json_has_is_written_as_the_standard_library_writes_it(value):
    assert dumps(value) == plainly(value)


@given(st.dictionaries(st.integers() | st.floats() | st.booleans(), NESTED))
def test_keys_that_are_numbers_become_texts(value):
    assert dumps([value]) == plainly([value])


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        (),
        {"a": {}, "b": [], "c": [[], {}]},
        [float("nan"), float("inf"), -float("inf"), -0.0, 1e300, 10**30],
        '\x00\x1f\x7f\u2028\ud800"\\/é',
        {"\ud800\n": "\udfff"},
        {None: 1},
        [True, 1, 1.0, False, 0, None],
        [Text("é"), Number.ONE, {Text("key"): Text("value"), "Key": Number.ONE}],
    ],
)
def test_odd_cases_are_written_alike(value):
    assert dumps(value) == plainly(value)


@pytest.mark.parametrize("value", [{1: 2, "a": 3}, [{(1, 2): 3}], {"a": {1, 2}}, [object()], b"bytes"])
def test_what_json_does_not_have_is_refused_alike(value):
    with pytest.raises(TypeError) as theirs:
        plainly(value)

    with pytest.raises(TypeError) as ours:
        dumps(value)

    assert str(ours.value) == str(theirs.value)


def test_a_circle_is_refused_alike():
    circle = []
    circle.append(circle)

    with pytest.raises(ValueError, match="Circular reference"):
        dumps(circle)
