"""Rotation and ensembles against SciPy, and fractional pooling against PyTorch, where they are installed."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import is_solution

SOURCE = Path(__file__).resolve().parents[2] / "source" / "10_regularization" / "regularization.ipynb"


@pytest.fixture(scope="module")
def reference():
    names = {"np": np}
    for cell in nbformat.read(SOURCE, as_version=4).cells:
        if cell.cell_type == "code" and is_solution(cell):
            exec(cell.source, names)
    return names


@pytest.mark.parametrize("degrees", [0, 17, -63, 90, 200])
def test_turned_images_are_those_of_scipy(reference, degrees):
    ndimage = pytest.importorskip("scipy.ndimage")
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 9))

    theirs = ndimage.rotate(x, degrees, axes=(2, 3), reshape=False, order=1, mode="grid-constant")

    np.testing.assert_allclose(reference["rotate"](x, degrees), theirs, atol=1e-12)


def test_probabilities_are_means_of_scipys_softmax(reference):
    special = pytest.importorskip("scipy.special")
    scores = 3 * np.random.default_rng(0).normal(size=(4, 6, 5))

    classes, probabilities = reference["ensemble_predict"](scores)

    np.testing.assert_allclose(probabilities, special.softmax(scores, axis=2).mean(axis=0), atol=1e-14)
    assert classes.tolist() == probabilities.argmax(axis=1).tolist()


def test_windows_of_two_make_the_max_pooling_of_pytorch(reference):
    torch = pytest.importorskip("torch")
    x, dout = (
        np.random.default_rng(0).normal(size=(2, 3, 6, 8)),
        np.random.default_rng(1).normal(size=(2, 3, 3, 4)),
    )
    theirs = torch.tensor(x, requires_grad=True)
    there = torch.nn.functional.max_pool2d(theirs, 2)
    there.backward(torch.tensor(dout))

    out, cache = reference["fractional_max_pool_forward"](x, np.arange(0, 7, 2), np.arange(0, 9, 2))

    np.testing.assert_allclose(out, there.detach().numpy())
    np.testing.assert_allclose(reference["fractional_max_pool_backward"](dout, cache), theirs.grad.numpy())
