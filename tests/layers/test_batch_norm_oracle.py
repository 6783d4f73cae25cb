"""The reference normalisations agree with PyTorch's, forward and backward. Skipped where PyTorch is absent."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.course.plain import solutions

SOURCE = Path(__file__).parents[2] / "source" / "07_batch_norm" / "batch_norm.ipynb"
SETTINGS = [(1e-5, 0.9), (2.0, 0.3)]  # epsilon, weight of the old running average


@pytest.fixture(scope="module")
def layers():
    """The names that the solution cells define."""
    namespace = {"np": np}
    for source in solutions(nbformat.read(SOURCE, as_version=4)).values():
        exec(source, namespace)
    return namespace


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def drawn(shape, parameters):
    rng = np.random.default_rng(0)
    return 3 * rng.normal(size=shape) + 2, rng.normal(size=parameters), rng.normal(size=parameters)


def tensors(torch, *arrays):
    return [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]


def agree(actual, inputs, expected):
    """Results and gradients of one layer are those of the tensors."""
    np.testing.assert_allclose(actual[0], expected.detach().numpy(), atol=1e-12)
    for gradient, tensor in zip(actual[1], inputs, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), atol=1e-12)


def upstream(torch, expected):
    dout = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(dout))
    return dout


@pytest.mark.parametrize(("eps", "momentum"), SETTINGS)
@pytest.mark.parametrize(
    ("forward", "backward", "shape"),
    [
        ("batchnorm_forward", "batchnorm_backward", (6, 4)),
        ("batchnorm_forward", "batchnorm_backward_alt", (5, 3)),
        ("spatial_batchnorm_forward", "spatial_batchnorm_backward", (4, 3, 2, 5)),
    ],
)
def test_batch_normalisation_in_training_is_pytorchs(layers, torch, forward, backward, shape, eps, momentum):
    x, gamma, beta = drawn(shape, shape[1])
    old = np.random.default_rng(2).uniform(1, 2, size=(2, shape[1]))
    inputs = tensors(torch, x, gamma, beta)
    averages = [torch.tensor(array) for array in old]
    expected = torch.nn.functional.batch_norm(
        inputs[0], *averages, *inputs[1:], training=True, momentum=1 - momentum, eps=eps
    )
    dout = upstream(torch, expected)
    bn_param = {"mode": "train", "eps": eps, "momentum": momentum}
    bn_param |= {"running_mean": old[0], "running_var": old[1]}

    out, cache = layers[forward](x, gamma, beta, bn_param)

    agree((out, layers[backward](dout, cache)), inputs, expected)
    np.testing.assert_allclose(bn_param["running_mean"], averages[0].numpy(), atol=1e-12)
    # PyTorch keeps the variance divided by n - 1 in its running average, though it normalises by n.
    n = x.size / shape[1]
    theirs = momentum * old[1] + (averages[1].numpy() - momentum * old[1]) * (n - 1) / n
    np.testing.assert_allclose(bn_param["running_var"], theirs, atol=1e-12)


@pytest.mark.parametrize("shape", [(6, 4), (4, 3, 2, 5)])
def test_batch_normalisation_in_testing_is_pytorchs(layers, torch, shape):
    x, gamma, beta = drawn(shape, shape[1])
    mean, var = np.random.default_rng(2).uniform(1, 2, size=(2, shape[1]))
    bn_param = {"mode": "test", "eps": 0.5, "running_mean": mean, "running_var": var}
    arguments = [torch.tensor(array) for array in (x, mean, var, gamma, beta)]

    out, _ = layers["batchnorm_forward" if len(shape) == 2 else "spatial_batchnorm_forward"](
        x, gamma, beta, bn_param
    )

    expected = torch.nn.functional.batch_norm(*arguments, training=False, eps=0.5)
    np.testing.assert_allclose(out, expected.numpy(), atol=1e-12)


@pytest.mark.parametrize("eps", [1e-5, 2.0])
@pytest.mark.parametrize("shape", [(6, 4), (1, 7)])
def test_layer_normalisation_is_pytorchs(layers, torch, shape, eps):
    x, gamma, beta = drawn(shape, shape[1])
    inputs = tensors(torch, x, gamma, beta)
    expected = torch.nn.functional.layer_norm(inputs[0], shape[1:], *inputs[1:], eps=eps)
    dout = upstream(torch, expected)

    out, cache = layers["layernorm_forward"](x, gamma, beta, {"eps": eps})

    agree((out, layers["layernorm_backward"](dout, cache)), inputs, expected)


@pytest.mark.parametrize("eps", [1e-5, 2.0])
@pytest.mark.parametrize("G", [1, 2, 3, 6])
def test_group_normalisation_is_pytorchs(layers, torch, G, eps):
    x, gamma, beta = drawn((4, 6, 2, 3), (1, 6, 1, 1))
    inputs = tensors(torch, x, gamma, beta)
    expected = torch.nn.functional.group_norm(
        inputs[0], G, inputs[1].reshape(6), inputs[2].reshape(6), eps=eps
    )
    dout = upstream(torch, expected)

    out, cache = layers["spatial_groupnorm_forward"](x, gamma, beta, G, {"eps": eps})

    agree((out, layers["spatial_groupnorm_backward"](dout, cache)), inputs, expected)


def test_a_folded_layer_is_the_affine_and_the_normalisation_of_pytorch(layers, torch):
    x, gamma, beta = drawn((5, 3), 4)
    rng = np.random.default_rng(3)
    w, b = rng.normal(size=(3, 4)), rng.normal(size=4)
    mean, var = rng.uniform(1, 2, size=(2, 4))
    arguments = [torch.tensor(array) for array in (x @ w + b, mean, var, gamma, beta)]

    folded_w, folded_b = layers["fold_batchnorm"](
        w, b, gamma, beta, {"running_mean": mean, "running_var": var, "eps": 0.3}
    )

    expected = torch.nn.functional.batch_norm(*arguments, training=False, eps=0.3)
    np.testing.assert_allclose(x @ folded_w + folded_b, expected.numpy(), atol=1e-12)
