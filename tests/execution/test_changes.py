"""A change that a function makes to its arguments is noticed, and made again where the caller sees it."""

import numpy as np
import pytest

from autograder.execution.changes import fingerprint, write_back


def spoil_array(x):
    x[0] = 9.0


def spoil_items(x):
    x[1] = 5


CHANGES = {
    "an array's entry": (lambda: np.zeros(3), spoil_array),
    "an array's shape": (lambda: np.zeros((2, 3)), lambda x: x.resize((3, 2))),
    "not a number": (lambda: np.ones(2), lambda x: x.fill(np.nan)),
    "a list's item": (lambda: [1, 2], spoil_items),
    "an equal item": (lambda: [np.zeros(1), np.zeros(1)], lambda x: x.__setitem__(0, np.zeros(1))),
    "an array in a list": (lambda: [np.zeros(2)], lambda x: spoil_array(x[0])),
    "a list's length": (lambda: [1], lambda x: x.append(2)),
    "a dict's entry": (lambda: {"a": 1}, lambda x: x.update(a=2)),
    "a dict's key": (lambda: {"a": 1}, lambda x: x.clear()),
    "an array in a dict in a tuple": (lambda: ({"a": np.zeros(2)},), lambda x: spoil_array(x[0]["a"])),
    "a set": (lambda: {1}, lambda x: x.add(2)),
    "a generator": (lambda: np.random.default_rng(1), lambda x: x.random()),
}


@pytest.mark.parametrize(("make", "change"), CHANGES.values(), ids=CHANGES)
def test_it_is_noticed(make, change):
    value = make()
    before = fingerprint(value)

    assert fingerprint(value) == before
    change(value)
    assert fingerprint(value) != before


@pytest.mark.parametrize("value", [3, 2.5, "x", None, len, np.float64(1.0)])
def test_what_cannot_be_changed_has_no_fingerprint(value):
    assert fingerprint(value) is None


def test_arrays_inside_containers_stay_the_same_objects():
    inner, other = np.zeros(2), np.zeros(3)
    original = {"a": inner, "b": [other, 1]}

    write_back(original, {"a": np.ones(2), "b": [np.ones(3), 2, 3], "c": 4})

    assert original["a"] is inner and (inner == 1).all()
    assert original["b"][0] is other and (other == 1).all()
    assert original["b"][1:] == [2, 3] and original["c"] == 4


def test_a_new_shape_or_type_replaces_an_item_and_never_the_callers_array():
    array = np.zeros(3)
    original = [array]

    write_back(original, [np.ones(4)])
    write_back(array, np.ones(4))
    write_back(array, "text")

    assert original[0].shape == (4,)
    assert (array == 0).all()


def test_an_array_that_may_not_be_written_is_left_alone():
    array = np.broadcast_to(0.0, (3,))

    write_back(array, np.ones(3))

    assert (array == 0).all()


def test_a_generator_goes_on_where_the_other_stopped():
    ours, theirs = np.random.default_rng(1), np.random.default_rng(1)
    theirs.random(5)

    write_back(ours, theirs)

    assert ours.random() == theirs.random()
