"""Where the solutions are known, a right forward is measured on them, and one that changed after its checks is told."""

import numpy as np
import pytest

from autograder.checks import Check
from autograder.gradient_check import reference


class Named:
    """Stands for a student's function in another process, as the proxies of grading do."""

    def __init__(self, name, function):
        self._name, self._function = name, function

    def __autograder_name__(self):
        return self._name

    def __call__(self, *arguments):
        return self._function(*arguments)


def triple_forward(x):
    return 3 * x, x


def triple_backward(dout, cache):
    return 3 * dout


def made_up_backward(dout, cache):
    return 0 * cache + dout.sum()


def two_faced():
    seen = []

    def forward(x):
        for other in seen:
            if other.shape == x.shape and 0 < np.abs(other - x).max() < 1e-2:
                return 3 * other + (x - other).sum(), x
        seen.append(x.copy())
        return 3 * x, x

    return forward


@pytest.fixture
def solutions():
    reference.provide({"triple_forward": triple_forward})
    yield
    reference.provide({})


def states(forward, backward):
    check = Check("triple", points=1)
    check.gradients(Named("triple_forward", forward), backward, {"x": (3, 2)})
    return [(outcome.state, outcome.mistake) for outcome in check.record.outcomes]


def test_a_forward_with_two_faces_deceives_only_where_no_solution_is_known():
    assert states(two_faced(), made_up_backward) == [("passed", None)]


def test_with_solutions_a_made_up_backward_is_wrong(solutions):
    assert states(two_faced(), made_up_backward)[0][0] == "failed"
    assert states(triple_forward, triple_backward) == [("passed", None)]


def test_a_wrong_forward_costs_its_backward_nothing(solutions):
    assert states(lambda x: (4 * x, x), lambda dout, cache: 4 * dout) == [("passed", None)]


def test_a_forward_that_passed_must_stay_the_same(solutions):
    reference.note_passed("triple_forward")

    assert states(lambda x: (4 * x, x), lambda dout, cache: 4 * dout) == [("failed", "another_function")]


def test_a_solution_that_cannot_be_asked_says_nothing():
    reference.provide({"triple_forward": lambda x: 1 / 0})
    try:
        assert states(triple_forward, triple_backward) == [("passed", None)]
    finally:
        reference.provide({})


def test_a_function_of_the_check_gets_a_twin_that_uses_the_solution(solutions):
    def of_the_check(x):
        return np.sum(triple_forward(x)[0])

    twin = reference.twin(of_the_check)

    assert twin is not of_the_check
    assert twin(np.ones(2)) == 6.0
    assert reference.twin(lambda x: x) is None


def test_what_a_forward_keeps_in_a_dict_is_not_shared_with_the_solution():
    def spoiled(x, state):
        state["kept"] = "in a form of its own"
        return 3 * x, x

    def strict(x, state):
        assert state == {}
        state["kept"] = 1
        return 3 * x, x

    reference.provide({"triple_forward": strict})
    try:
        check = Check("triple", points=1)
        extra = ({},)
        check.gradients(Named("triple_forward", spoiled), triple_backward, {"x": (3, 2)}, extra=extra)
        assert [outcome.state for outcome in check.record.outcomes] == ["passed"]
        assert extra == ({"kept": "in a form of its own"},)
    finally:
        reference.provide({})
