"""The activations notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
import math
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_experiment, is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import GRADIENT, VALUE
from autograder.hints import read_hints
from autograder.knowledge import activations as table
from utils import load_digits, style

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "05_activations" / "activations.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    return definitions(notebook, np=np, load_digits=load_digits, style=style, perf_counter=time.perf_counter)


def slope(reference, name, at, *settings):
    """What backward returns at the inputs `at` for an upstream gradient of 1."""
    out, cache = reference[f"{name}_forward"](np.array(at, dtype=float), *settings)
    return reference[f"{name}_backward"](np.ones(out.shape), cache)


def test_the_table_of_the_first_neuron(reference):
    s, _ = reference["sigmoid_forward"](np.array([0.0, 2.0, 10.0]))

    np.testing.assert_allclose(s, [0.5, 0.8808, 0.99995], atol=5e-5)
    np.testing.assert_allclose(slope(reference, "sigmoid", [0, 2, 10]), [0.25, 0.1050, 0.000045], atol=5e-5)
    assert 0.25 / slope(reference, "sigmoid", [10]).item() > 5000


def test_the_sigmoid_is_quiet_at_1000(reference):
    with np.errstate(all="raise", under="ignore"):
        s, cache = reference["sigmoid_forward"](np.array([1000.0, -1000.0]))
        dx = reference["sigmoid_backward"](np.ones(2), cache)

    assert s.tolist() == [1.0, 0.0]
    assert dx.tolist() == [0.0, 0.0]


def test_tanh_is_a_stretched_sigmoid_and_has_lost_half_at_088(reference):
    x = np.linspace(-5, 5, 101)

    np.testing.assert_allclose(
        reference["tanh_forward"](x)[0], 2 * reference["sigmoid_forward"](2 * x)[0] - 1, atol=1e-15
    )
    assert slope(reference, "tanh", [0.8814]).item() == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(("activation", "least", "most"), [("sigmoid", 1e-6, 1e-5), ("tanh", 0.5, 2.0)])
def test_ten_layers_leave_as_much_of_the_gradient_as_the_text_says(reference, activation, least, most):
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(2, 200, 100))
    weights = [0.14 * rng.normal(size=(100, 100)) for _ in range(10)]

    norms = reference["gradient_norms"](
        reference[f"{activation}_forward"], reference[f"{activation}_backward"], x, weights, dout
    )

    assert least < norms[0] / np.linalg.norm(dout) < most


def test_positive_inputs_move_both_weights_one_way_and_centred_ones_need_not(reference):
    inputs = np.random.default_rng(3).uniform(0, 1, size=(200, 2))

    _, positive = reference["descend"](inputs, 0.9, 60)
    _, centred = reference["descend"](inputs - 0.5, 0.9, 60)

    assert positive == 1
    assert centred < 0.6


def test_the_relus_of_the_prediction(reference):
    x, dout = np.array([-2.0, 3.0]), np.array([5.0, -7.0])
    for name, settings, expected in (("relu", (), [0, -7]), ("leaky_relu", (0.1,), [0.5, -7])):
        _, cache = reference[f"{name}_forward"](x, *settings)

        np.testing.assert_allclose(reference[f"{name}_backward"](dout.copy(), cache), expected)


@pytest.mark.filterwarnings("ignore")
def test_long_steps_kill_units_and_a_leak_saves_most(reference):
    def dead(forward, backward, rate):
        _, (h,) = reference["train"](forward, backward, rate, hidden=(100,))
        assert np.isfinite(h).all()
        return reference["dead_fraction"](np.maximum(0, h))

    relu = reference["relu_forward"], reference["relu_backward"]
    leaky = (lambda x: reference["leaky_relu_forward"](x, 0.1)), reference["leaky_relu_backward"]

    assert dead(*relu, 0.1) < 0.2
    assert dead(*relu, 2.0) > 0.8
    assert dead(*leaky, 2.0) < 0.6


def test_the_unit_over_the_cloud_dies_near_minus_28():
    cloud = np.random.default_rng(5).normal(size=(150, 2))

    assert (cloud @ [1.0, 0.6]).max() == pytest.approx(2.8, abs=0.05)


def test_the_slope_of_a_prelu_unit_by_hand(reference):
    _, cache = reference["prelu_forward"](np.array([[3.0], [-2.0], [-1.0]]), np.array([0.5]))

    _, dalpha = reference["prelu_backward"](np.array([[1.0], [1.0], [10.0]]), cache)

    assert dalpha.tolist() == [-12]


def test_maxout_with_a_piece_of_zeros_is_relu_and_routes_by_hand(reference):
    x = np.linspace(-2, 2, 9)[:, None]
    out, _ = reference["maxout_forward"](x, np.array([[[1.0]], [[0.0]]]), np.zeros((2, 1)))
    _, cache = reference["maxout_forward"](
        np.array([[2.0]]), np.array([[[3.0]], [[-1.0]]]), np.array([[0.0], [5.0]])
    )

    _, dw, _ = reference["maxout_backward"](np.ones((1, 1)), cache)

    np.testing.assert_array_equal(out, np.maximum(0, x))
    assert dw.ravel().tolist() == [2, 0]


def test_the_gelu_stays_within_00005_of_the_normal_gate(reference):
    x = np.linspace(-6, 6, 2001)
    exact = [v * (1 + math.erf(v / math.sqrt(2))) / 2 for v in x]

    assert np.abs(reference["gelu_forward"](x)[0] - exact).max() < 5e-4


def test_slopes_at_minus_three_are_those_of_the_answer(reference):
    assert slope(reference, "silu", [-3]).item() == pytest.approx(-0.09, abs=5e-3)
    assert slope(reference, "gelu", [-3]).item() == pytest.approx(-0.01, abs=5e-3)
    assert slope(reference, "elu", [-3], 0.3).item() < 0.05
    assert slope(reference, "silu", [0]).item() == slope(reference, "gelu", [0]).item() == 0.5


def test_only_the_sigmoid_stays_at_ln_10(reference):
    losses = {
        name: np.mean(
            reference["train"](
                reference[f"{name}_forward"], reference[f"{name}_backward"], 0.1, hidden=(50,) * 4
            )[0][-50:]
        )
        for name in ("sigmoid", "tanh", "relu")
    }

    assert losses["sigmoid"] == pytest.approx(math.log(10), abs=0.05)
    assert max(losses["tanh"], losses["relu"]) < 0.6


def test_experiments_leave_nothing_but_functions_behind(notebook):
    """A stray x of an experiment would lend itself to a student's function that forgot its argument."""
    assigned = [
        ast.unparse(target)
        for cell in notebook.cells
        if cell.cell_type == "code" and is_experiment(cell)
        for statement in ast.parse(cell.source).body
        for target in getattr(statement, "targets", ())
    ]

    assert assigned == ["check"]


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "05_activations")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


X, DOUT = np.array([[-1.5, 0.4], [0.8, -0.3], [2.0, -0.9]]), np.array([[0.7, -1.1], [2.0, 0.3], [-0.6, 1.4]])
ALPHA = np.array([0.5, -2.0])


def gradient(of, wrong, right, **inputs):
    return Case(of, wrong, right, inputs=inputs, upstream=DOUT)


S = 1 / (1 + np.exp(-X))


@pytest.mark.parametrize(
    ("exercise", "case", "mistake"),
    [
        ("sigmoid_forward", gradient("dx", DOUT * S, DOUT * S * (1 - S), x=X), "only_one_factor"),
        ("sigmoid_forward", gradient("dx", DOUT * X * (1 - X), DOUT * S * (1 - S), x=X), "input_for_output"),
        (
            "prelu_forward",
            gradient(
                "dalpha",
                np.sum(DOUT * X, axis=0),
                np.sum(DOUT * np.minimum(0, X), axis=0),
                x=X,
                alpha=ALPHA,
            ),
            "all_examples_counted",
        ),
        ("silu_forward", gradient("dx", DOUT * S, DOUT * (S + X * S * (1 - S)), x=X), "first_term_only"),
    ],
)
def test_a_wrong_gradient_is_named(exercise, case, mistake):
    named = diagnose(case, table.MISTAKES[exercise], GRADIENT)

    assert [found.name for found in named] == [mistake]


def test_a_share_of_zeros_is_no_share_of_dead_units():
    h = np.array([[0.0, 1.0, 4.0], [0.0, 0.0, 2.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]])
    case = Case("the dead fraction", np.mean(h == 0), np.array(1 / 3), inputs={"h": h})

    named = diagnose(case, table.MISTAKES["dead_fraction"], VALUE)

    assert [found.name for found in named] == ["zeros_counted"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks, pictures):
    assert right_checks(ran_source) == 10
    assert len(pictures(ran_source)) == 7


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "silu", "gelu", "prelu"])
def test_values_and_gradients_are_those_of_pytorch(reference, name):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    x, dout, alpha = 2 * rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), np.array([0.3, -0.5, 2.0])
    settings = {"leaky_relu": (0.2,), "elu": (0.7,), "prelu": (torch.tensor(alpha, requires_grad=True),)}.get(
        name, ()
    )
    theirs, options = torch.tensor(x, requires_grad=True), {"approximate": "tanh"} if name == "gelu" else {}
    there = getattr(torch.nn.functional, name)(theirs, *settings, **options)
    there.backward(torch.tensor(dout))

    out, cache = reference[f"{name}_forward"](x, *((alpha,) if name == "prelu" else settings))
    gradients = reference[f"{name}_backward"](dout.copy(), cache)

    dx = gradients[0] if name == "prelu" else gradients
    np.testing.assert_allclose(out, there.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(dx, theirs.grad.numpy(), atol=1e-12)
    if name == "prelu":
        np.testing.assert_allclose(gradients[1], settings[0].grad.numpy(), atol=1e-12)
