"""The gates notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder import as_layer
from autograder.course.plain import is_experiment, is_solution
from autograder.gradient_check import run
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.hints import read_hints
from autograder.knowledge import mistakes_of, tables_of

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "01_backprop_gates" / "backprop_gates.ipynb"
NEURON = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook):
    """The names that the reference solutions and the gates to read define."""
    namespace = {"np": np}
    for cell in notebook.cells:
        if is_solution(cell) or cell.id == "gates_to_read":
            exec(cell.source, namespace)
    return namespace


@pytest.fixture
def neuron(reference):
    """The neuron of the text as a graph of small gates, run forward and backward."""
    gate = {
        name: reference[f"{name}Gate"]
        for name in ("Multiply", "Add", "Negate", "Exp", "PlusOne", "Reciprocal")
    }
    graph = reference["Graph"](
        [
            ("p", gate["Multiply"](), ["w0", "x0"]),
            ("q", gate["Multiply"](), ["w1", "x1"]),
            ("r", gate["Add"](), ["p", "q"]),
            ("z", gate["Add"](), ["r", "w2"]),
            ("a", gate["Negate"](), ["z"]),
            ("b", gate["Exp"](), ["a"]),
            ("c", gate["PlusOne"](), ["b"]),
            ("s", gate["Reciprocal"](), ["c"]),
        ]
    )
    graph.forward(**NEURON)
    graph.backward()
    return graph


def rounded(numbers, names):
    return [round(float(numbers[name]), 2) for name in names]


def test_the_worked_example_gives_the_numbers_of_the_text(reference):
    graph = reference["Graph"](
        [("q", reference["AddGate"](), ["x", "y"]), ("f", reference["MultiplyGate"](), ["q", "z"])]
    )

    f = graph.forward(x=-2.0, y=5.0, z=-4.0)
    gradients = graph.backward()

    assert (graph.values["q"], f) == (3.0, -12.0)
    assert [gradients[name] for name in ("x", "y", "z", "q")] == [-4.0, -4.0, 3.0, -4.0]


def test_the_first_picture_shows_the_gradients_of_the_worked_example(notebook):
    cell = next(cell for cell in notebook.cells if "def first_picture" in cell.source)
    drawn = {}
    names = {"draw_graph": lambda nodes, values, gradients: drawn.update(values=values, gradients=gradients)}

    exec(cell.source.split("sliders(")[0], names)
    names["first_picture"]()

    assert drawn["values"] == {"x": -2, "y": 5, "z": -4, "q": 3, "f": -12}
    assert drawn["gradients"] == {"x": -4, "y": -4, "z": 3, "q": -4, "f": 1}


def test_experiments_leave_nothing_but_functions_behind(notebook):
    """A stray x or gradients of an experiment would lend itself to a student's function that forgot self."""
    assigned = [
        ast.unparse(target)
        for cell in notebook.cells
        if cell.cell_type == "code" and is_experiment(cell)
        for statement in ast.parse(cell.source).body
        for target in getattr(statement, "targets", ())
    ]

    assert assigned == ["check"]


def test_the_neurons_values_and_gradients_are_those_of_the_table(neuron):
    assert rounded(neuron.values, "zabcs") == [1.0, -1.0, 0.37, 1.37, 0.73]
    assert rounded(neuron.gradients, "scbaz") == [1.0, -0.53, -0.53, -0.2, 0.2]


def test_the_neurons_weights_and_inputs_get_the_gradients_of_the_text(neuron):
    assert rounded(neuron.gradients, ("w0", "w1", "w2")) == [-0.2, -0.39, 0.2]
    assert rounded(neuron.gradients, ("x0", "x1")) == [0.39, -0.59]


def test_staged_code_small_gates_and_one_large_gate_agree(reference, neuron):
    staged, large = reference["SigmoidNeuron"](), reference["SigmoidGate"]()

    s = staged.forward(np.array([-1.0, -2.0]), np.array([2.0, -3.0, -3.0]))
    dx, dw = staged.backward(1.0)

    assert s == pytest.approx(neuron.values["s"], rel=1e-14)
    assert s == pytest.approx(large.forward(1.0), rel=1e-14)
    assert large.backward(1.0) == pytest.approx(neuron.gradients["z"], rel=1e-14)
    np.testing.assert_allclose([*dw, *dx], [neuron.gradients[n] for n in ("w0", "w1", "w2", "x0", "x1")])


def test_a_hundredfold_input_gives_its_weight_a_hundredfold_gradient(reference):
    gate = reference["MultiplyGate"]()

    gradients = []
    for scale in (1, 100):
        gate.forward(0.5, 3.0 * scale)
        gradients.append(gate.backward(1.0)[0])

    assert gradients[1] == 100 * gradients[0]


def test_gradients_accumulate_where_x_is_used_three_times(reference):
    graph = reference["Graph"](
        [("a", reference["MultiplyGate"](), ["x", "x"]), ("f", reference["AddGate"](), ["a", "x"])]
    )

    graph.forward(x=3.0)

    assert graph.backward()["x"] == 7.0


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "01_backprop_gates")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell)]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


class NotSwapped:
    def forward(self, x, y):
        self.x, self.y = x, y
        return x * y

    def backward(self, upstream):
        return upstream * self.x, upstream * self.y


class OneForAll:
    def forward(self, x, y):
        OneForAll.kept = (x, y)
        return x * y

    def backward(self, upstream):
        x, y = OneForAll.kept
        return upstream * y, upstream * x


@pytest.mark.parametrize(
    ("gate", "mistake"), [(NotSwapped, "not_swapped"), (OneForAll, "shared_between_gates")]
)
def test_a_wrong_multiply_gate_is_named(gate, mistake):
    results = run(
        *as_layer(gate, each=True),
        {"x": (5,), "y": (5,)},
        rng=np.random.default_rng(0),
        tables=tables_of("MultiplyGate"),
    )

    assert {result.mistake for result in results} == {mistake}


def test_a_minimum_for_a_maximum_blames_the_forward():
    class Smaller:
        def forward(self, x, y):
            self.mask = x > y
            return min(x, y)

        def backward(self, upstream):
            return upstream * self.mask, upstream * (1 - self.mask)

    pairs = {"x": np.array([4.0, -5.0, 1.0]), "y": np.array([1.0, 2.0, 3.0])}
    results = run(
        *as_layer(Smaller, each=True),
        pairs,
        rng=np.random.default_rng(0),
        tables=tables_of("MaxGate"),
    )

    assert {result.mistake for result in results} == {"took_the_smaller"}


FAN_OUT = [("a", "x", 3.0), ("a", "x", 3.0), ("f", "a", 1.0), ("f", "x", 1.0)]
TREE = [("q", "x", 1.0), ("q", "y", 1.0), ("f", "q", -4.0), ("f", "z", 3.0)]


@pytest.mark.parametrize(
    ("edges", "names", "right", "found", "mistake"),
    [
        (FAN_OUT, "xa", [7.0, 1.0], [3.0, 1.0], "overwritten"),
        (FAN_OUT, "xa", [7.0, 1.0], [14.0, 2.0], "not_started_at_zero"),
        (TREE, "xyz", [-4.0, -4.0, 3.0], [0.0, 0.0, 3.0], "not_reversed"),
        (TREE, "xyz", [-4.0, -4.0, 3.0], [1.0, 1.0, 3.0], "local_only"),
        (TREE, "xyz", [-4.0, -4.0, 3.0], [-4.0, -4.0, -4.0], "first_gradient_for_both"),
    ],
)
def test_a_wrong_graph_is_named_by_its_numbers(edges, names, right, found, mistake):
    case = Case("gradients", found, np.array(right), {"edges": edges, "names": list(names)})

    named = diagnose(case, mistakes_of("Graph"), VALUE)

    assert [one.name for one in named] == [mistake]


def test_a_graph_that_two_mistakes_explain_is_left_to_a_larger_one():
    case = Case("gradients", [1.0, 1.0], np.array([7.0, 1.0]), {"edges": FAN_OUT, "names": ["x", "a"]})

    named = diagnose(case, mistakes_of("Graph"), VALUE)

    assert {one.name for one in named} == {"not_reversed", "overwritten"}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source):
    outputs = [output for cell in ran_source.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) == 6
    assert all(figure["metadata"]["image/png"]["alt"] for figure in figures)
