"""The notebook on transfer learning: the numbers its text promises hold for the reference, and mistakes are told apart."""

import ast
import hashlib
from pathlib import Path

import nbformat
import numpy as np
import pytest

import utils
from autograder.course.plain import is_experiment, is_solution, mark_of
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.hints import read_hints
from autograder.knowledge import transfer_learning as table
from utils import convolutions, layers

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "11_transfer_learning" / "transfer_learning.ipynb"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook):
    """The names of the reference solutions, of experiments' functions, and of the head that check cells give."""
    namespace = {"np": np, "hashlib": hashlib, "Path": Path}
    namespace |= {
        name: value
        for name, value in (vars(layers) | vars(convolutions)).items()
        if name.endswith(("ward", "fast", "loss"))
    }
    namespace |= {
        name: getattr(utils, name) for name in ("clothes_forward", "clothes_loss", "fresh_clothes_net")
    }
    namespace |= {
        name: getattr(utils, name) for name in ("SQUEEZENET_MEAN", "load_scattered", "weights_file")
    }
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            exec(cell.source, namespace)
        elif is_experiment(cell) or mark_of(cell).get("grade_id") == "fine_tune_check":
            for statement in ast.parse(cell.source).body:
                name = getattr(statement, "name", "")
                if is_experiment(cell) or name in ("head_loss", "zero_head"):
                    kind = isinstance(statement, ast.FunctionDef) and not statement.decorator_list
                    exec(ast.unparse(statement) if kind else "", namespace)
    namespace["clothes"] = utils.load_clothes_net()
    namespace["LAYERS"] = ["conv1", "conv2", "hidden", "head"]
    return namespace


def test_pure_red_becomes_what_the_text_says(reference):
    red = np.array([1.0, 0, 0]).reshape(1, 3, 1, 1)

    np.testing.assert_allclose(reference["preprocess"](red).ravel(), [-104.006, -116.669, 132.321])


def test_the_step_on_paper(reference):
    x, W = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[1.0, 1.0], [1.0, -1.0]])
    h, y = np.maximum(0, x @ W), np.array([0, 1])
    start = reference["zero_head"](2, 2)

    loss, grads = reference["head_loss"](start, h, y)
    head, losses = reference["fine_tune"](
        reference["head_loss"], start, h, y, {"head/w": 4.0}, 1, 2, np.random.default_rng(0)
    )

    assert h.tolist() == [[3, 1], [3, 0]]
    assert loss == losses[0] == pytest.approx(np.log(2))
    assert grads["head/w"].tolist() == [[0, 0], [-0.25, 0.25]]
    assert (h @ head["head/w"]).tolist() == [[1, -1], [0, 0]]


def test_squeezenets_file_is_as_large_as_the_text_says():
    path, _ = utils.weights_file("squeezenet")

    assert 2.2e6 < Path(path).stat().st_size < 2.4e6


def test_the_students_loader_reads_the_shipped_network(reference):
    params = reference["load_weights"](*utils.weights_file("squeezenet"))

    for name, value in utils.load_squeezenet().params.items():
        np.testing.assert_array_equal(params[name], value)


def test_the_first_layers_rate_is_a_tenthousandth(reference):
    params = reference["clothes"].params

    rates = reference["layer_learning_rates"](params, reference["LAYERS"], 0.1)

    assert rates["conv1/w"] == rates["conv1/b"] == pytest.approx(1e-4)
    assert rates["head/w"] == 0.1


def test_a_new_head_for_ten_digits_costs_ln_10(reference):
    digits = utils.load_scattered("digits")
    start = reference["replace_head"](reference["clothes"].params, 10, np.random.default_rng(0))

    loss, _ = utils.clothes_loss(start, digits.X_train[:200].astype(np.float32), digits.y_train[:200])

    assert start["head/w"].shape == (64, 10)
    assert loss == pytest.approx(np.log(10), abs=0.1)


@pytest.fixture(scope="module")
def digits():
    return utils.load_scattered("digits")


def measured(reference, images, kind, per_class):
    X, y, X_test, y_test, _ = images
    X, X_test = X.astype(np.float32), X_test.astype(np.float32)
    return reference["accuracy_against_examples"](
        reference["way"](kind), X, y, X_test[:500], y_test[:500], [per_class]
    )[0]


@pytest.mark.slow
def test_with_many_different_examples_fine_tuning_is_clearly_ahead(reference, digits):
    """The claim of the reflection's sample answer."""
    tuned, frozen, scratch = (
        measured(reference, digits, kind, 100) for kind in ("fine-tuned", "frozen", "from scratch")
    )

    assert tuned > frozen + 0.08
    assert tuned > scratch + 0.08


def test_with_few_similar_examples_a_trained_network_is_worth_tens_of_percent(reference):
    new = utils.load_scattered("new clothes")
    frozen, scratch = (measured(reference, new, kind, 5) for kind in ("frozen", "from scratch"))

    assert frozen > scratch + 0.07


def test_every_exercise_has_three_hints(notebook):
    hints = read_hints(ROOT / "assignments" / "11_transfer_learning")
    exercises = [cell.id for cell in notebook.cells if is_solution(cell) and cell.cell_type == "code"]

    assert sorted(hints) == sorted(exercises)
    assert all(len(entry) == 3 for entry in hints.values())


IMAGES = np.random.default_rng(0).random((2, 3, 2, 4))
PREPROCESSED = 255 * IMAGES[:, ::-1] - table.MEAN


@pytest.mark.parametrize(
    ("exercise", "case", "mistake"),
    [
        (
            "preprocess",
            Case("x", 255 * IMAGES - table.MEAN, PREPROCESSED, inputs={"images": IMAGES}),
            "channels_not_exchanged",
        ),
        (
            "preprocess",
            Case("x", 255 * IMAGES[:, ::-1] - table.MEAN[::-1], PREPROCESSED, inputs={"images": IMAGES}),
            "mean_exchanged",
        ),
        (
            "freeze",
            Case("rates", [0.1, 0.01, 0.001], np.array([0.001, 0.01, 0.1]), inputs={"names": list("abc")}),
            "first_layer_fastest",
        ),
        (
            "extract_features",
            Case("features", [[4.0]], np.array([[2.0]]), inputs={"maps": np.array([[[[1.0, 3.0]]]])}),
            "summed_over_places",
        ),
        (
            "top_classes",
            Case("classes", [0, 1], np.array([2, 1]), inputs={"scores": np.array([0.0, 1.0, 2.0]), "k": 2}),
            "worst_first",
        ),
    ],
)
def test_a_wrong_answer_is_named(exercise, case, mistake):
    named = diagnose(case, table.MISTAKES[exercise], VALUE)

    assert [found.name for found in named] == [mistake]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source, right_checks, tmp_path):
    assert right_checks(ran_source) == 9
    pictures = [
        output
        for cell in ran_source.cells
        for output in cell.get("outputs", ())
        if {"image/png", "image/jpeg"} & set(output.get("data", {}))
    ]
    assert len(pictures) == 6
    assert not list(tmp_path.iterdir())  # checks and experiments leave no files behind
