"""Places for the nodes of a graph."""

from itertools import combinations

import pytest

from utils.layout import place

SIGMOID_NEURON = {
    "a": ["w0", "x0"],
    "b": ["w1", "x1"],
    "c": ["a", "b"],
    "d": ["c", "w2"],
    "n": ["d"],
    "e": ["n"],
    "p": ["e"],
    "s": ["p"],
}


def test_every_edge_goes_to_the_right():
    layout = place(SIGMOID_NEURON)

    for name, inputs in SIGMOID_NEURON.items():
        assert all(layout.layer[i] < layout.layer[name] for i in inputs)


def test_a_graph_input_stands_right_before_its_first_user():
    assert place(SIGMOID_NEURON).layer["w2"] == place(SIGMOID_NEURON).layer["d"] - 1


def test_neighbours_in_a_column_are_a_unit_apart():
    layout = place(SIGMOID_NEURON)

    for one, other in combinations(layout.layer, 2):
        if layout.layer[one] == layout.layer[other]:
            assert abs(layout.height[one] - layout.height[other]) >= 1 - 1e-6


def test_a_chain_is_straight():
    layout = place(SIGMOID_NEURON)

    heights = [layout.height[name] for name in "dneps"]

    assert max(heights) - min(heights) < 0.05


def test_the_first_input_of_a_tree_stands_above_the_second():
    layout = place(SIGMOID_NEURON)

    assert layout.height["w0"] > layout.height["x0"] > layout.height["w1"] > layout.height["x1"]


def test_an_edge_that_passes_a_column_has_a_free_place_there():
    layout = place({"m": ["x", "y"], "f": ["x", "m"]})

    (points,) = [points for source, target, _, points in layout.routes if (source, target) == ("x", "f")]

    assert [layer for layer, _ in points] == [1]
    assert abs(points[0][1] - layout.height["m"]) >= 1 - 1e-6


def test_a_tree_is_drawn_without_crossings_whatever_the_order_of_its_nodes():
    layout = place(dict(reversed(SIGMOID_NEURON.items())))

    for one, other in combinations(layout.routes, 2):
        if layout.layer[one[0]] == layout.layer[other[0]]:
            left = layout.height[one[0]] - layout.height[other[0]]
            right = layout.height[one[1]] - layout.height[other[1]]
            assert left * right >= -1e-9, (one, other)


def test_the_same_input_twice_makes_two_edges():
    assert [slot for *_, slot, _ in place({"f": ["x", "x"]}).routes] == [0, 1]


def test_a_cycle_is_named():
    with pytest.raises(ValueError, match=r"cycle through 'a'.*cannot need its own result"):
        place({"a": ["b"], "b": ["a"]})
