"""Gates that work on numbers, checked as if they were layers on arrays."""

import numpy as np
import pytest

from autograder.layers import as_layer, loss_of
from autograder.passes import passes


class Multiply:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, upstream):
        return upstream * self.y, upstream * self.x


class Negate:
    def forward(self, x):
        return -x

    def backward(self, upstream):
        return -upstream


def test_a_class_becomes_a_forward_and_a_backward():
    forward, backward = as_layer(Multiply)

    out, cache = forward(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    dx, dy = backward(np.array([1.0, 10.0]), cache)

    assert out.tolist() == [3.0, 8.0]
    assert dx.tolist() == [3.0, 40.0]
    assert dy.tolist() == [1.0, 20.0]


def test_numbers_reach_a_gate_as_plain_floats():
    seen = []

    class Watching(Negate):
        def forward(self, x):
            seen.append(type(x))
            return -x

    as_layer(Watching)[0](np.array(2.0))

    assert seen == [float]


def test_each_entry_gets_an_object_of_its_own():
    forward, backward = as_layer(Multiply, each=True)
    x, y, dout = np.random.default_rng(0).normal(size=(3, 4, 2))

    out, cache = forward(x, y)
    dx, dy = backward(dout, cache)

    np.testing.assert_array_equal(out, x * y)
    np.testing.assert_array_equal(dx, dout * y)
    np.testing.assert_array_equal(dy, dout * x)


def test_objects_that_share_what_they_keep_give_themselves_away():
    class Sharing(Multiply):
        def forward(self, x, y):
            Sharing.kept = (x, y)
            return x * y

        def backward(self, upstream):
            return upstream * self.kept[1], upstream * self.kept[0]

    forward, backward = as_layer(Sharing, each=True)
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    dx, _ = backward(np.ones(2), forward(x, y)[1])

    assert dx.tolist() == [4.0, 4.0]


def test_one_gradient_per_gate_may_come_bare_in_a_tuple_or_in_an_array():
    class InATuple(Negate):
        def backward(self, upstream):
            return (-upstream,)

    class InAnArray(Multiply):
        def backward(self, upstream):
            return np.array(super().backward(upstream))

    x = np.array([1.0, 2.0])
    one, bare = as_layer(InATuple, each=True), as_layer(Negate, each=True)
    two = as_layer(InAnArray, each=True)

    assert bare[1](x, bare[0](x)[1]).tolist() == [-1.0, -2.0]
    assert one[1](x, one[0](x)[1])[0].tolist() == [-1.0, -2.0]
    assert [column.tolist() for column in two[1](np.ones(2), two[0](x, x + 2)[1])] == [[3.0, 4.0], [1.0, 2.0]]


def test_more_gradients_than_a_gate_has_inputs_are_not_taken_apart():
    class Endless:
        def forward(self, x):
            return x

        def backward(self, upstream):
            return np.zeros(200_000)

    forward, backward = as_layer(Endless, each=True)
    pair = as_layer(type("Pair", (Endless,), {"backward": lambda self, upstream: [0.0] * 200_000}), each=True)

    with pytest.raises(ValueError, match="reshape"):
        backward(np.ones(2), forward(np.ones(2))[1])
    assert len(pair[1](np.ones(2), pair[0](np.ones(2))[1])) == 200_000


def test_a_missing_result_stays_missing():
    class Silent:
        def forward(self, x):
            pass

        def backward(self, upstream):
            pass

    forward, backward = as_layer(Silent, each=True)

    out, cache = forward(np.ones(3))

    assert out is None
    assert backward(np.ones(3), cache) is None


@pytest.mark.parametrize("each", [False, True])
def test_passes_of_a_class_make_new_objects_for_each_upstream_gradient(each):
    forward, backward = as_layer(Multiply, each=each)
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    first, second = passes(forward, backward, [(x, y), (y, x)], [np.ones(2), np.array([1.0, 10.0])])

    assert [first.out.tolist(), second.out.tolist()] == [[3.0, 8.0]] * 2
    assert [gradient.tolist() for gradient in first.gradients] == [[3.0, 4.0], [1.0, 2.0]]
    assert [gradient.tolist() for gradient in second.gradients] == [[1.0, 20.0], [3.0, 40.0]]
    assert 0 <= second.forward_seconds < 1 and 0 <= second.backward_seconds < 1


def test_passes_tell_what_came_before_the_class_changed_it():
    buffer = np.zeros(2)

    class Reusing:
        def forward(self, x):
            self.out = 3 * x
            return self.out

        def backward(self, upstream):
            self.out[:] = -1.0
            np.multiply(3.0, upstream, out=buffer)
            return buffer

    first, second = passes(*as_layer(Reusing), [(np.ones(2),)] * 2, [np.ones(2), np.zeros(2)])

    assert first.out.tolist() == [3.0, 3.0]
    assert first.gradients.tolist() == [3.0, 3.0] and second.gradients.tolist() == [0.0, 0.0]


def test_functions_of_this_process_have_no_journeys_to_save():
    def never(*_):
        raise AssertionError("it was called")

    assert passes(never, never, [(np.ones(2),)], [np.ones(2)]) is None


def test_a_parameter_is_put_back_after_its_loss_was_measured():
    class Net:
        def __init__(self):
            self.params = {"w": np.array([1.0, 2.0])}

        def loss(self, x):
            return float(self.params["w"] @ x), {}

    net = Net()
    loss = loss_of(net, "w", np.array([1.0, 10.0]))

    alone = loss(np.array([5.0, 5.0]))
    many = loss.__autograder_map__([(np.array([2.0, 0.0]),), (np.array([0.0, 2.0]),)])

    assert alone == 55.0
    assert many == [2.0, 20.0]
    assert net.params["w"].tolist() == [1.0, 2.0]
