"""Computational graphs on paper."""

import math
from itertools import combinations, pairwise

import pytest

from utils import style
from utils.graphs import draw_graph, read, sign

NODES = [("q", "+", ["x", "y"]), ("f", "*", ["q", "z"])]
VALUES = {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12}
GRADIENTS = {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1}
NEURON = [
    ("a", "×", ["w0", "x0"]),
    ("b", "×", ["w1", "x1"]),
    ("c", "+", ["a", "b"]),
    ("d", "+", ["c", "w2"]),
    ("n", "×(−1)", ["d"]),
    ("e", "exp", ["n"]),
    ("p", "+1", ["e"]),
    ("s", "1/x", ["p"]),
]


class AddGate:
    pass


class MultiplyGate:
    pass


class ScaleGate:
    symbol = "×(−1)"


class Graph:
    """As a student writes it: numbers appear with forward and backward."""

    def __init__(self, nodes):
        self.nodes = nodes


def texts(fig):
    return [text for ax in fig.axes for text in ax.texts if text.get_text()]


def written(fig, colour=None):
    return [text.get_text() for text in texts(fig) if colour is None or text.get_color() == colour]


def boxes(fig):
    fig.canvas.draw()
    return [text.get_window_extent() for text in texts(fig)]


def overlaps(one, other):
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def test_values_and_gradients_take_their_colours():
    fig = draw_graph(NODES, VALUES, GRADIENTS)

    assert sorted(written(fig, style.VALUE)) == sorted(["−2.00", "5.00", "−4.00", "3.00", "−12.00"])
    assert sorted(written(fig, style.GRADIENT)) == sorted(["−4.00", "−4.00", "3.00", "−4.00", "1.00"])


def test_a_students_graph_is_drawn_before_forward_after_it_and_after_backward():
    graph = Graph([("q", AddGate(), ["x", "y"]), ("f", MultiplyGate(), ["q", "z"])])

    before = draw_graph(graph)
    graph.values = VALUES
    after_forward = draw_graph(graph)
    graph.gradients = GRADIENTS
    after_backward = draw_graph(graph)

    assert sorted(written(before)) == sorted(["q", "f", "x", "y", "z", "+", "×"])
    assert len(written(after_forward, style.VALUE)) == 5
    assert not written(after_forward, style.GRADIENT)
    assert len(written(after_backward, style.GRADIENT)) == 5


@pytest.mark.parametrize("empty", [None, {}])
def test_numbers_that_are_not_there_yet_are_left_out(empty):
    graph = Graph(NODES)
    graph.values, graph.gradients = empty, empty

    assert not written(draw_graph(graph), style.VALUE)


def test_a_graph_that_keeps_its_nodes_under_another_name_is_found():
    class Other:
        def __init__(self):
            self.tape = NODES

    assert set(read(Other())) == {"q", "f", "x", "y", "z"}


@pytest.mark.parametrize(
    ("gate", "drawn"),
    [
        (AddGate(), "+"),
        (MultiplyGate, "×"),
        (ScaleGate(), "×(−1)"),
        ("*", "×"),
        ("max", "max"),
        (object(), "object"),
    ],
)
def test_a_gate_has_a_sign(gate, drawn):
    assert sign(gate) == drawn


def test_the_alt_text_is_the_graph_in_words():
    fig = draw_graph(NODES, VALUES, {"x": -4})

    assert fig.alt == (
        "Computational graph. x = −2.00, gradient −4.00; y = 5.00; q = x + y = 3.00; z = −4.00; f = q × z = −12.00."
    )


def chain(length):
    return [(f"n{i}", ("exp", "+1", "1/x")[i % 3], [f"n{i - 1}" if i else "x"]) for i in range(length)]


def fan_out():
    return [("m", "×", ["x", "y"]), ("a", "+", ["x", "m"]), ("s", "×", ["a", "a"]), ("r", "max", ["s", "m"])]


@pytest.mark.parametrize(
    "nodes",
    [
        NODES,
        NEURON,
        fan_out(),
        chain(3),
        chain(15),
        [*NEURON, ("t", "−", ["one", "s"]), ("u", "×", ["s", "t"])],
    ],
    ids=["three", "neuron", "fan-out", "chain of 3", "chain of 15", "folded"],
)
def test_no_two_texts_touch_and_none_leaves_the_paper(nodes):
    names = read(nodes)
    numbers = dict.fromkeys(names, -math.pi)

    found = boxes(draw_graph(nodes, numbers, numbers, title="A graph"))
    fig = draw_graph(nodes, numbers, numbers)
    width, height = fig.get_size_inches()

    assert not [(one, other) for one, other in combinations(found, 2) if overlaps(one, other)]
    for box in boxes(fig):
        assert box.x0 > 0 and box.x1 < width * fig.dpi and box.y0 > 0 and box.y1 < height * fig.dpi


def test_a_long_chain_stays_within_a_notebooks_width():
    assert draw_graph(chain(15)).get_size_inches()[0] < 12


def test_an_edge_into_the_next_row_is_named_at_both_ends():
    names = written(draw_graph(chain(15)))

    assert (
        max(names.count(f"n{i}") for i in range(15)) == 3
    )  # under its circle, where it leaves, where it comes in


def test_downstream_gradients_stand_at_the_ends_of_the_edges():
    fig = draw_graph(fan_out(), downstream={"m": (-4, 3), "a": (1, 1)})

    assert sorted(written(fig, style.GRADIENT)) == sorted(["−4.00", "3.00", "1.00", "1.00"])


def test_downstream_gradients_touch_nothing():
    names = read(fan_out())
    numbers = dict.fromkeys(names, -math.pi)
    back = dict.fromkeys("masr", (-math.pi, math.pi))

    found = boxes(draw_graph(fan_out(), numbers, numbers, downstream=back))

    assert not [(one, other) for one, other in combinations(found, 2) if overlaps(one, other)]


def test_highlighted_nodes_look_different():
    plain, marked = draw_graph(NODES), draw_graph(NODES, highlight="q")

    widths = [[patch.get_linewidth() for patch in fig.axes[0].patches] for fig in (plain, marked)]

    assert sum(a != b for a, b in zip(*widths, strict=True)) == 1


def test_numbers_of_any_size_fit_their_edge():
    wild = {"x": -1.2345e-17, "y": 98765432.1, "q": float("nan"), "z": float("inf"), "f": -0.0049}

    found = boxes(draw_graph(NODES, wild, wild))

    assert not [pair for pair in combinations(found, 2) if overlaps(*pair)]


def test_something_else_is_refused_with_the_form_it_should_have():
    with pytest.raises(TypeError, match=r"\(name, gate, inputs\) triples, and found none in a Graph"):
        draw_graph(Graph(["q", "f"]))


def test_an_empty_graph_is_refused():
    with pytest.raises(ValueError, match="no nodes"):
        draw_graph([])


def test_a_name_defined_twice_is_refused():
    with pytest.raises(ValueError, match="defines 'q' twice"):
        draw_graph([("q", "+", ["x", "y"]), ("q", "×", ["x", "y"])])


def test_columns_stand_a_pitch_apart():
    fig = draw_graph(chain(5))
    centres = sorted(patch.center[0] for patch in fig.axes[0].patches if hasattr(patch, "center"))

    assert all(b - a == pytest.approx(1.32, abs=0.01) for a, b in pairwise(centres))
