"""The jacobians notebook: the numbers its text promises hold for the reference, and its mistakes are told apart."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_solution
from autograder.gradients.explain import Case, diagnose
from autograder.gradients.judge import VALUE
from autograder.knowledge import mistakes_of

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "source" / "02_jacobians" / "jacobians.ipynb"
W, X = np.array([[0.1, 0.5], [-0.3, 0.8]]), np.array([0.2, 0.4])


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(SOURCE, as_version=4)


@pytest.fixture(scope="module")
def reference(notebook):
    """The names that the reference solutions define."""
    namespace = {"np": np}
    for cell in notebook.cells:
        if is_solution(cell):
            exec(cell.source, namespace)
    return namespace


def test_the_worked_example_gives_the_numbers_of_the_text(reference):
    f, cache = reference["squared_norm_forward"](X, W)

    dx, dW = reference["squared_norm_backward"](1.0, cache)

    assert f == pytest.approx(0.116)
    np.testing.assert_allclose(dx, [-0.112, 0.636])
    np.testing.assert_allclose(dW, [[0.088, 0.176], [0.104, 0.208]])


def test_the_first_picture_shows_the_gradients_of_the_worked_example(notebook):
    cell = next(cell for cell in notebook.cells if "One node per number" in cell.source)
    namespace = {"np": np}
    exec(cell.source.split("def draw_twice")[0], namespace)

    _, values, gradients = namespace["squared_norm_by_numbers"](
        {"x1": 0.2, "x2": 0.4, "W11": 0.1, "W12": 0.5, "W21": -0.3, "W22": 0.8}
    )

    assert [round(values[q], 12) for q in ("q1", "q2", "f")] == [0.22, 0.26, 0.116]
    assert [round(gradients[x], 12) for x in ("x1", "x2", "q1", "q2")] == [-0.112, 0.636, 0.44, 0.52]
    assert [round(gradients[w], 12) for w in ("W11", "W12", "W21", "W22")] == [0.088, 0.176, 0.104, 0.208]


def test_the_sizes_in_the_text_are_right(reference):
    one, hundred = (reference["jacobian_bytes"](batch, 4096) for batch in (1, 100))

    assert one == 128 * 2**20
    assert hundred == 10_000 * one
    assert 1.2 < hundred / 2**40 < 1.25


def test_the_jacobian_of_a_linear_map_is_its_matrix(reference):
    J = reference["numerical_jacobian"](lambda x: W @ x, X)

    np.testing.assert_allclose(J, W, atol=1e-9)


@pytest.mark.parametrize("layer", ["relu", "softmax"])
def test_a_backward_is_the_upstream_gradient_times_the_jacobian(reference, layer):
    x, dout = np.random.default_rng(0).normal(size=(2, 6))
    _, cache = reference[f"{layer}_forward"](x[None])

    dx = reference[f"{layer}_backward"](dout[None], cache)

    np.testing.assert_allclose(dx[0], dout @ reference[f"{layer}_jacobian"](x), atol=1e-12)


def test_an_upstream_gradient_of_ones_hides_a_softmax_backward_of_zeros(reference):
    _, cache = reference["softmax_forward"](np.random.default_rng(0).normal(size=(4, 3)))

    dz = reference["softmax_backward"](np.ones((4, 3)), cache)

    np.testing.assert_allclose(dz, 0, atol=1e-15)


@pytest.mark.parametrize(
    ("exercise", "of", "wrong", "mistake"),
    [
        ("relu_backward", "dx", lambda x, dout, right: dout * (dout > 0), "mask_from_upstream"),
        ("relu_backward", "dx", lambda x, dout, right: dout * (x < 0), "mask_inverted"),
        ("relu_backward", "dx", lambda x, dout, right: right + 0.1, None),
    ],
)
def test_a_wrong_answer_is_named_only_by_the_mistake_that_predicts_it(exercise, of, wrong, mistake):
    x, dout = np.random.default_rng(1).normal(size=(2, 4, 3))
    right = dout * (x > 0)
    case = Case(of, wrong(x, dout, right), right, inputs={"x": x}, upstream=dout)

    found = [found.name for found in diagnose(case, mistakes_of(exercise), VALUE)]

    assert found == ([mistake] if mistake else [])


def test_no_prediction_of_an_exercise_is_the_right_answer():
    z, dout = np.random.default_rng(2).normal(size=(2, 4, 3))
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    right = s * (dout - (s * dout).sum(axis=1, keepdims=True))
    case = Case("dz", right, right, inputs={"z": z}, upstream=dout)

    assert diagnose(case, mistakes_of("softmax_backward"), VALUE) == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_source_runs_from_top_to_bottom(ran_source):
    outputs = [output for cell in ran_source.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type == "error"]
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(figures) >= 7
    assert all(figure["metadata"]["image/png"]["alt"] for figure in figures)
