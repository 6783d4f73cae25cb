"""The batch normalisation notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

import ast
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_experiment, is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import GRADIENT, VALUE
from autograder.hints import read_hints
from autograder.knowledge import batch_norm as table
from utils import load_digits

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "07_batch_norm" / "batch_norm.ipynb"
ON_PAPER = np.array([[3.0], [9], [11], [17]])


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    return definitions(notebook, np=np, time=time, load_digits=load_digits)


@pytest.fixture(scope="module")
def batch_norm(reference):
    return reference["batchnorm_forward"], reference["batchnorm_backward_alt"]


def trained(reference, norm=None, *, scale=1.0, **settings):
    """Test accuracy of the notebook's network after training."""
    net = reference["make_network"](scale)
    with np.errstate(all="ignore"):
        reference["train"](net, norm, **settings)
        return reference["test_accuracy"](net, norm)


def test_the_four_numbers_on_paper(reference):
    bn_param = {"mode": "train", "eps": 0.0}
    forward = reference["batchnorm_forward"]

    out, cache = forward(ON_PAPER, np.array([2.0]), np.array([1.0]), bn_param)
    undone, _ = forward(ON_PAPER, np.array([5.0]), np.array([10.0]), bn_param)
    dx, dgamma, _ = reference["batchnorm_backward"](np.eye(4)[:, 3:], cache)

    np.testing.assert_allclose(out.ravel(), [-1.8, 0.6, 1.4, 3.8])
    np.testing.assert_allclose(undone, ON_PAPER)
    np.testing.assert_allclose(dx.ravel(), [0.096, -0.072, -0.128, 0.104])
    assert dgamma.item() == pytest.approx(1.4)


def test_a_batch_of_two_sends_nothing_back(reference):
    rng = np.random.default_rng(0)
    _, cache = reference["batchnorm_forward"](
        rng.normal(size=(2, 5)), np.ones(5), np.zeros(5), {"mode": "train", "eps": 0.0}
    )

    dx, _, _ = reference["batchnorm_backward"](rng.normal(size=(2, 5)), cache)

    assert np.abs(dx).max() < 1e-12


def test_doubled_inputs_halve_their_gradient(reference, batch_norm):
    forward, backward = batch_norm
    x, dout = np.random.default_rng(0).normal(size=(2, 6, 3))
    once, twice = (
        backward(dout, forward(scale * x, np.ones(3), np.zeros(3), {"mode": "train", "eps": 0.0})[1])[0]
        for scale in (1, 2)
    )

    np.testing.assert_allclose(once, 2 * twice)


def test_one_group_is_an_image_and_a_channel_each_is_a_map(reference):
    x = np.random.default_rng(0).normal(size=(4, 6, 3, 2))
    ones, zeros = np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))

    whole, _ = reference["spatial_groupnorm_forward"](x, ones, zeros, 1, {})
    each, _ = reference["spatial_groupnorm_forward"](x, ones, zeros, 6, {})

    layer, _ = reference["layernorm_forward"](x.reshape(4, 36), np.ones(36), np.zeros(36), {})
    np.testing.assert_allclose(whole, layer.reshape(x.shape))
    np.testing.assert_allclose(each.mean(axis=(2, 3)), 0, atol=1e-12)


def test_the_folding_of_the_prediction(reference):
    bn_param = {"running_mean": np.array([4.0]), "running_var": np.array([3.0]), "eps": 1.0}

    w, b = reference["fold_batchnorm"](np.array([[3.0]]), *np.array([[1.0], [10.0], [5.0]]), bn_param)

    assert (w.item(), b.item()) == (15, -10)


def test_the_unit_wanders_without_normalisation_and_stays_with_it(reference, batch_norm):
    digits, middles = load_digits().X_test.reshape(-1, 64), []

    for norm in (None, batch_norm):
        net, seen = reference["make_network"](), []
        reference["train"](
            net,
            norm,
            steps=100,
            watch=lambda net, norm=norm, seen=seen: seen.append(
                np.median(
                    reference["run"](
                        [layer | {"param": dict(layer["param"])} for layer in net], digits, norm
                    )[1][4][2][:, 9]
                )
            ),
        )
        middles.append(seen)

    assert abs(middles[0][0]) < 0.2
    assert middles[0][60] == pytest.approx(2.9, abs=0.2)
    assert np.abs(middles[1]).max() < 0.5


@pytest.mark.parametrize(
    ("rate", "without", "with_it"), [(0.1, 0.95, 0.96), (1.0, 0.1, 0.97), (3.0, 0.1, 0.97)]
)
def test_learning_rates_are_those_of_the_answer(reference, batch_norm, rate, without, with_it):
    assert trained(reference, learning_rate=rate) == pytest.approx(without, abs=0.02)
    assert trained(reference, batch_norm, learning_rate=rate) == pytest.approx(with_it, abs=0.03)


def test_above_ninety_percent_from_003_to_3_and_without_at_01_alone(reference, batch_norm):
    rates = 10 ** np.arange(-2, 1.1, 0.5)

    normalised = [rate for rate in rates if trained(reference, batch_norm, learning_rate=rate) > 0.9]
    plain = [rate for rate in rates if trained(reference, learning_rate=rate) > 0.9]

    np.testing.assert_allclose(normalised, 10 ** np.array([-1.5, -1, -0.5, 0, 0.5]))
    np.testing.assert_allclose(plain, [0.1])


def test_batches_of_two_fail_with_batch_normalisation_only(reference, batch_norm):
    layer_norm = reference["layernorm_forward"], reference["layernorm_backward"]
    settings = {"learning_rate": 0.03, "steps": 1000, "batch": 2}

    assert trained(reference, batch_norm, **settings) < 0.5
    assert trained(reference, layer_norm, **settings) > 0.7
    assert trained(reference, batch_norm, learning_rate=0.03, steps=750, batch=8) > 0.9


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
    hints = read_hints(ROOT / "assignments" / "07_batch_norm")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


X, DOUT = np.random.default_rng(7).normal(size=(2, 5, 3)) + 1
GAMMA, BETA = np.array([2.0, -0.5, 1.5]), np.array([0.3, 1.0, -2.0])
CENTRED, VAR = X - X.mean(axis=0), X.var(axis=0)
STD = np.sqrt(VAR + 0.5)
G = DOUT * GAMMA
RIGHT = (G - G.mean(axis=0) - CENTRED / STD * np.mean(G * CENTRED / STD, axis=0)) / STD


@pytest.mark.parametrize(
    ("wrong", "mistake"),
    [
        (G / STD, "statistics_taken_as_constants"),
        ((G - G.mean(axis=0)) / STD, "variance_path_dropped"),
        (RIGHT + G.mean(axis=0) / STD, "mean_path_dropped"),
        (RIGHT / GAMMA, "gamma_forgotten"),
        (RIGHT * STD, "deviation_forgotten"),
    ],
)
def test_a_wrong_dx_is_named(wrong, mistake):
    inputs = {"x": X, "gamma": GAMMA, "beta": BETA}
    case = Case("dx", wrong, RIGHT, inputs=inputs, upstream=DOUT, extra=({"mode": "train", "eps": 0.5},))

    named = diagnose(case, table.MISTAKES["batchnorm_backward"], GRADIENT)

    assert [found.name for found in named] == [mistake]


@pytest.mark.parametrize(
    ("of", "wrong", "right", "mistake"),
    [
        (
            "out",
            GAMMA * CENTRED / (np.sqrt(VAR) + 0.5) + BETA,
            GAMMA * CENTRED / STD + BETA,
            "eps_outside_root",
        ),
        ("running_var", 0.8 * VAR, 0.2 * VAR, "momentum_exchanged"),
        ("running_var", 0.2 * np.sqrt(VAR), 0.2 * VAR, "deviation_kept"),
        ("running_var", 0.2 * VAR * 5 / 4, 0.2 * VAR, "variance_divided_by_one_less"),
    ],
)
def test_a_wrong_forward_is_named(of, wrong, right, mistake):
    bn_param = {"mode": "train", "eps": 0.5, "momentum": 0.8}
    case = Case(of, wrong, right, inputs={"x": X, "gamma": GAMMA, "beta": BETA, "bn_param": bn_param})

    named = diagnose(case, table.MISTAKES["batchnorm_forward"], VALUE)

    assert [found.name for found in named] == [mistake]


def test_a_right_gradient_of_the_wrong_table_is_not_named():
    inputs = {"x": X, "gamma": GAMMA, "beta": BETA}
    case = Case("dx", RIGHT, RIGHT, inputs=inputs, upstream=DOUT, extra=({"mode": "train", "eps": 0.5},))

    assert all(diagnose(case, mistakes, GRADIENT) == [] for mistakes in table.MISTAKES.values())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks, pictures):
    assert right_checks(ran_source) == 7
    assert len(pictures(ran_source)) == 9
