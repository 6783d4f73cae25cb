"""The data and initialisation notebook: what its text promises holds for the reference; its mistakes are told apart."""

from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_experiment, is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE, Tolerance
from autograder.hints import read_hints
from autograder.knowledge import initialization as table
from utils import load_fashion_mnist

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "06_data_and_initialization" / "data_and_initialization.ipynb"
FOUR = np.array([[7.0, 5.0], [3.0, 1.0], [6.0, 2.0], [4.0, 4.0]])


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook, definitions):
    return definitions(notebook, np=np)


@pytest.fixture(scope="module")
def clothes():
    data = load_fashion_mnist()
    return data.X_train.reshape(-1, 784), data.y_train, data.X_test.reshape(-1, 784), data.y_test


def relu(a):
    return np.maximum(0, a)


def test_the_table_of_the_four_points(reference):
    centred, mean = reference["zero_center"](FOUR)
    standard, _ = reference["standardize"](FOUR, FOUR)
    _, components, variances = reference["pca"](FOUR)
    whitened, _ = reference["whiten"](FOUR, FOUR, eps=0.0)

    np.testing.assert_array_equal(mean, [5, 3])
    np.testing.assert_array_equal(centred, [[2, 2], [-2, -2], [1, -1], [-1, 1]])
    np.testing.assert_allclose(
        standard, [[1.26, 1.26], [-1.26, -1.26], [0.63, -0.63], [-0.63, 0.63]], atol=5e-3
    )
    np.testing.assert_allclose(variances, [4, 1])
    np.testing.assert_allclose(
        np.abs(reference["project"](FOUR, mean, components, 2)),
        [[2.83, 0], [2.83, 0], [0, 1.41], [0, 1.41]],
        atol=5e-3,
    )
    np.testing.assert_allclose(np.abs(whitened), [[1.41, 0], [1.41, 0], [0, 1.41], [0, 1.41]], atol=5e-3)


def test_a_turn_of_five_degrees_moves_a_fifth_of_the_points_far_from_the_origin_and_none_near_it():
    rng, classes, angle = np.random.default_rng(1), np.arange(120) % 2, np.radians(5)
    cloud = rng.normal(size=(120, 2)) * [0.4, 1.0] + np.array([[-1.2, 0], [1.2, 0]])[classes]

    def wrong(away):
        side = (cloud + away) @ [np.cos(angle), np.sin(angle)] - away > 0
        return np.mean(side != classes)

    assert wrong(0.0) == 0
    assert wrong(20 / np.sqrt(2)) == pytest.approx(0.21, abs=0.01)


def test_one_test_pixel_is_388_standard_deviations_from_its_mean(reference, clothes):
    X, _, X_test, _ = clothes

    _, scaled = reference["standardize"](X, X_test)

    assert np.abs(scaled).max() == pytest.approx(388, abs=0.5)


def test_fifty_components_keep_86_percent_and_all_keep_everything(reference, clothes):
    X = clothes[0]
    mean, components, variances = reference["pca"](X)

    again = reference["reconstruct"](reference["project"](X[:5], mean, components, 784), mean, components)

    assert variances[:50].sum() / variances.sum() == pytest.approx(0.86, abs=5e-3)
    np.testing.assert_allclose(again, X[:5], atol=1e-9)


def test_broadcasting_along_the_width_is_another_answer(reference):
    images = np.random.default_rng(0).random((4, 3, 5, 3))
    means = reference["per_channel_mean"](images)

    left = reference["subtract_channel_means"](images, means)

    np.testing.assert_allclose(reference["per_channel_mean"](left), 0, atol=1e-15)
    assert np.abs(left - (images - means)).max() > 1e-3


def test_zero_weights_before_the_layer_give_no_gradient_behind_it(reference):
    rng = np.random.default_rng(2)

    dW1, _, dW2 = reference["hidden_gradients"](
        rng.normal(size=(6, 3)),
        rng.normal(size=(6, 2)),
        np.zeros((3, 4)),
        np.zeros(4),
        np.ones((4, 1)) * [1, 2.0],
    )

    assert not dW2.any()
    assert dW1.any()
    assert np.all(dW1 == dW1[:, :1])


def test_random_weights_between_two_layers_set_apart_these_two_layers_only():
    """What the strong answer to the reflection says, on a network of five hidden layers of tanh."""
    rng = np.random.default_rng(3)
    X, target, sizes = rng.normal(size=(20, 4)), rng.normal(size=(20, 2)), (4, 5, 5, 5, 5, 5, 2)
    weights = [np.full((m, n), 0.1) for m, n in pairwise(sizes)]
    weights[2] = rng.normal(size=(5, 5))  # between hidden layers 2 and 3

    for _ in range(50):
        outs = [X]
        for W in weights[:-1]:
            outs.append(np.tanh(outs[-1] @ W + 0.1))
        d = (outs[-1] @ weights[-1] - target) / 20
        for i in reversed(range(6)):
            slope = 1 - outs[i] ** 2 if i else 1
            weights[i], d = weights[i] - 0.3 * outs[i].T @ d, d @ weights[i].T * slope

    outs = [X]
    for W in weights[:-1]:
        outs.append(np.tanh(outs[-1] @ W + 0.1))
    incoming = [np.ptp(W, axis=1).max() > 1e-9 for W in weights[:-1]]
    outgoing = [np.ptp(W, axis=0).max() > 1e-9 for W in weights[1:]]
    differs = [before or behind for before, behind in zip(incoming, outgoing, strict=True)]
    assert differs == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("scheme", "f", "last"),
    [
        ("small", np.tanh, 1e-10),
        ("large", np.tanh, 0.96),
        ("xavier", np.tanh, 0.22),
        ("he", relu, 0.8),
        ("xavier", relu, 0.8 / 32),
    ],
)
def test_the_tenth_layer_is_as_large_as_the_text_says(reference, scheme, f, last):
    _, stds = reference["activation_statistics"](10, 100, scheme, f)

    assert last / 1.5 < stds[9] < last * 1.5


def test_gains(reference):
    gain = reference["gain"]

    assert gain(relu) == pytest.approx(np.sqrt(2), abs=1e-6)
    assert gain(np.tanh) == pytest.approx(1.5925, abs=1e-4)
    assert gain(lambda z: 2 * z) == pytest.approx(0.5, abs=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_small_weights_stand_still_and_he_reads_four_of_five(reference, clothes):
    X, y, X_test, y_test = clothes
    A, B = reference["standardize"](X, X_test)
    learned = {
        scheme: reference["learn"]((A, y), (B, y_test), scheme, 8, 0.05, reference["relu"])
        for scheme in ("zeros", "small", "he")
    }

    assert learned["zeros"][0][-1] == pytest.approx(np.log(10), abs=0.02)
    assert learned["small"][0][-1] == pytest.approx(np.log(10), abs=0.02)
    assert learned["he"][1] > 0.78


def test_whitened_clothes_are_fitted_best_and_read_worst(reference, clothes):
    X, y, X_test, y_test = clothes
    centred, mean = reference["zero_center"](X)
    prepared = {"centred": (centred, X_test - mean), "whitened": reference["whiten"](X, X_test)}

    found = {
        name: reference["learn"]((A, y), (B, y_test), "he", 1, 0.2, reference["relu"])
        for name, (A, B) in prepared.items()
    }

    assert np.mean(found["whitened"][0][-50:]) < np.mean(found["centred"][0][-50:])
    assert found["whitened"][1] < found["centred"][1] - 0.02


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "06_data_and_initialization")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert list(hints) == exercises
    assert all(len(entry) == 3 for entry in hints.values())


def test_the_notebook_has_at_most_45_cells_and_one_that_tells_where_you_stand(notebook):
    assert 30 <= len(notebook.cells) <= 45
    assert any("autograder.progress()" in cell.source for cell in notebook.cells)


def named(exercise, case, tolerance=VALUE):
    return [found.name for found in diagnose(case, table.MISTAKES[exercise], tolerance)]


def test_a_guard_in_the_divisor_is_named_where_a_feature_is_constant():
    train, other = np.array([[2.0, 1.0], [2.0, 3.0], [2.0, 5.0]]), np.array([[5.0, 3.0]])
    right = np.array([[3.0, 0.0]])
    case = Case("others[0]", (other - [2, 3]) / (train.std(axis=0) + 1e-8), right)
    given = Case(case.of, case.actual, right, inputs={"train": train, "X": other, "all": FOUR})

    assert named("standardize", given) == ["guard_explodes"]


def test_standardised_data_is_not_whitened_whatever_the_signs_of_the_axes():
    standard = (FOUR - FOUR.mean(axis=0)) / FOUR.std(axis=0)
    case = Case("the covariance", np.cov(standard.T, bias=True), np.eye(2), inputs={"X": FOUR, "eps": 0.0})

    assert named("whiten", case) == ["not_rotated"]


def test_a_variance_taken_for_a_standard_deviation_is_named_within_the_noise_of_drawing():
    inputs = {"fan_in": 300, "fan_out": 200, "scheme": "he"}
    case = Case("the standard deviation for 'he'", 0.00670, np.sqrt(2 / 300), inputs=inputs)

    assert named("initialize", case, Tolerance(0.04, 0.0004)) == ["variance_for_deviation"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks):
    assert right_checks(ran_source) == 8
    drawn = [
        output.get("metadata", {})
        for cell in ran_source.cells
        if cell.cell_type == "code" and is_experiment(cell)
        for output in cell.outputs
        if {"image/png", "image/jpeg"} & set(output.get("data", {}))
    ]
    assert len(drawn) == 10
