"""Programs run in this process mean the same as those that travel."""

import numpy as np
import pytest

from autograder.programs import run_here


def test_a_copy_is_of_the_moment_and_a_given_value_is_the_one_that_calls_change():
    items = [1]

    program = [
        ("given", None, items),
        ("copied", 0),
        ("call", list.append, [None, 2], {0: 0}),
        ("gather", None, [0, 1]),
    ]

    assert run_here(program) == [[1, 2], [1]]
    assert items == [1, 2]


def test_a_number_that_is_given_is_no_step():
    assert run_here([("given", None, 5), ("given", None, 0), ("gather", None, [1, 0])]) == [0, 5]


def test_a_method_is_called_on_what_an_earlier_step_made():
    made = [
        ("given", None, list),
        ("call", 0, []),
        ("method", 1, "append", [3]),
        ("method", 1, "append", [4]),
    ]

    assert run_here([*made, ("gather", None, [1])]) == [[3, 4]]


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda x: x.sum(), True),
        (lambda x: x.fill(7.0), False),
        (lambda x: x.resize(3, 2), False),
        (lambda x: x.put(0, np.nan), False),
    ],
    ids=["looks", "fills", "reshapes", "spoils one entry"],
)
def test_an_array_is_kept_where_it_has_its_numbers_and_its_shape(change, kept):
    x = np.arange(6.0).reshape(2, 3)

    program = [("given", None, x), ("call", change, [None], {0: 0}), ("kept", 0, x.copy())]

    assert run_here(program) is kept


def test_what_was_not_a_number_before_may_stay_so():
    x = np.array([np.nan, 1.0])

    assert run_here([("given", None, x), ("kept", 0, x.copy())])
