"""What is told of an object with its reference: enough to save a question, and never a lie that counts."""

import numpy as np
import pytest

from autograder.execution.glimpse import content_of, methods_of, read_content, read_methods
from autograder.execution.wire import WireError


class Gate:
    kind = "gate"

    def __init__(self):
        self.name = "a gate"

    def forward(self, x):
        return x

    @property
    def out(self):
        return 1

    @staticmethod
    def helper():
        return 2


class SubGate(Gate):
    forward = None

    def backward(self, dout):
        return dout


class Evasive:
    def __getattribute__(self, name):
        return 3

    def forward(self):
        return 4


def test_the_methods_of_an_object_are_told_and_nothing_else():
    assert methods_of(Gate()) == ["forward"]
    assert methods_of(SubGate()) == ["backward"]


def test_a_method_hidden_by_an_attribute_is_not_told():
    gate = Gate()
    gate.forward = lambda x: x + 1

    assert methods_of(gate) == []


@pytest.mark.parametrize("value", [Evasive(), len, {"a": 1}, (1, 2), np.zeros(3)])
def test_nothing_is_told_of_what_is_no_ordinary_object(value):
    assert methods_of(value) == []


def test_a_small_flat_container_is_told():
    assert content_of([1, "a", None]) == [[(0, 1), (1, "a"), (2, None)]]
    assert read_content(content_of({"W1": 2.5, 3: True}), "dict") == {"W1": 2.5, 3: True}


@pytest.mark.parametrize(
    "value",
    [{"a": [1]}, [{}], {(1, 2): 3}, list(range(1000)), {"W": np.zeros(10_000)}, {1, 2}, [np.array([None])]],
)
def test_large_or_nested_containers_are_not_told(value):
    assert content_of(value) == []


@pytest.mark.parametrize(
    ("told", "container"),
    [
        ([[(0, 1), (2, 2)]], "list"),
        ([[("a", [1])]], "dict"),
        ([[("a", 1, 2)]], "dict"),
        ([[(None, 1)]], "dict"),
        ([[("a", 1)]], "set"),
        ([1, 2], "dict"),
        ([[(i, i) for i in range(1000)]], "dict"),
    ],
)
def test_a_content_that_cannot_be_is_refused(told, container):
    with pytest.raises(WireError):
        read_content(told, container)


@pytest.mark.parametrize("told", [[1], ["a"] * 1000, [["a"]]])
def test_methods_that_cannot_be_are_refused(told):
    with pytest.raises(WireError):
        read_methods(told)
