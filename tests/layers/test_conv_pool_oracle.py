"""The reference layers of the convolution notebook agree with independent oracles: SciPy's correlate and PyTorch.

Both are optional: where one is absent its tests are skipped. ``pip install scipy torch`` brings them.
"""

import ast
from pathlib import Path

import numpy as np
import pytest

from autograder.course.markup import to_notebook
from autograder.course.plain import mark_of

TEXT = Path(__file__).parents[2] / "assignments" / "04_conv_pool" / "conv_pool.py"

# x, w, stride, pad: the notebook's odd shapes, filters larger than the image, gaps between windows
CONVOLUTIONS = [
    ((4, 2, 6, 5), (3, 2, 2, 3), 1, 0),
    ((4, 3, 5, 7), (2, 3, 3, 3), 2, 1),
    ((4, 2, 5, 8), (5, 2, 3, 3), 3, 2),
    ((2, 1, 3, 4), (3, 1, 5, 3), 1, 2),
    ((3, 4, 9, 6), (2, 4, 1, 2), 4, 0),
    ((2, 3, 4, 6), (4, 3, 1, 1), 1, 0),
]
POOLS = [((4, 2, 4, 6), 2, 2, 2), ((4, 2, 5, 6), 3, 2, 2), ((4, 3, 3, 5), 2, 3, 1), ((4, 2, 7, 5), 1, 2, 3)]


@pytest.fixture(scope="module")
def layers():
    """The names that the notebook's given and solution cells define."""
    namespace = {}
    for cell in to_notebook(TEXT.read_text(encoding="utf-8"), "04_conv_pool").cells:
        mark = mark_of(cell)
        if (
            cell.cell_type == "code"
            and (mark.get("solution") or mark.get("locked"))
            and not mark.get("grade")
        ):
            exec(compile(ast.parse(cell.source), mark["grade_id"], "exec"), namespace)
    return namespace


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def drawn(x_shape, w_shape):
    rng = np.random.default_rng(0)
    return rng.normal(size=x_shape), rng.normal(size=w_shape), rng.normal(size=w_shape[0])


def tensors(torch, *arrays):
    return [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays]


@pytest.mark.parametrize("kind", ["naive", "fast"])
@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), CONVOLUTIONS)
def test_a_convolution_is_scipys_correlation(layers, kind, x_shape, w_shape, stride, pad):
    signal = pytest.importorskip("scipy.signal")
    x, w, b = drawn(x_shape, w_shape)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))

    out, _ = layers[f"conv_forward_{kind}"](x, w, b, {"stride": stride, "pad": pad})

    maps = [[signal.correlate(image, one, mode="valid")[0] for one in w] for image in padded]
    np.testing.assert_allclose(out, np.array(maps)[:, :, ::stride, ::stride] + b[:, None, None], atol=1e-12)


@pytest.mark.parametrize("kind", ["naive", "fast"])
@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), CONVOLUTIONS)
def test_a_convolutions_gradients_are_pytorchs(layers, torch, kind, x_shape, w_shape, stride, pad):
    x, w, b = drawn(x_shape, w_shape)
    inputs = tensors(torch, x, w, b)
    expected = torch.nn.functional.conv2d(*inputs, stride=stride, padding=pad)
    dout = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(dout))

    out, cache = layers[f"conv_forward_{kind}"](x, w, b, {"stride": stride, "pad": pad})
    gradients = layers[f"conv_backward_{kind}"](dout, cache)

    np.testing.assert_allclose(out, expected.detach().numpy(), atol=1e-12)
    for gradient, tensor in zip(gradients, inputs, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "pad"), CONVOLUTIONS)
def test_columns_of_patches_are_pytorchs_unfold_and_fold(layers, torch, x_shape, w_shape, stride, pad):
    x, (height, width) = drawn(x_shape, w_shape)[0], w_shape[2:]
    how = {"kernel_size": (height, width), "padding": pad, "stride": stride}

    cols = layers["im2col_indices"](x, height, width, pad, stride)
    image = layers["col2im_indices"](cols, x_shape, height, width, pad, stride)

    expected = torch.nn.functional.unfold(torch.tensor(x), **how)  # (N, rows, places)
    np.testing.assert_array_equal(cols, expected.numpy().transpose(1, 0, 2).reshape(cols.shape))
    folded = torch.nn.functional.fold(expected, output_size=x_shape[2:], **how)
    np.testing.assert_allclose(image, folded.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("kind", "name"), [("max_pool_{}_naive", "max_pool2d"), ("avg_pool_{}", "avg_pool2d")]
)
@pytest.mark.parametrize(("shape", "height", "width", "stride"), POOLS)
def test_pooling_and_its_gradient_are_pytorchs(layers, torch, kind, name, shape, height, width, stride):
    x = np.random.default_rng(0).normal(size=shape)
    (tensor,) = tensors(torch, x)
    expected = getattr(torch.nn.functional, name)(tensor, (height, width), stride)
    dout = np.random.default_rng(1).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(dout))
    pool_param = {"pool_height": height, "pool_width": width, "stride": stride}

    out, cache = layers[kind.format("forward")](x, pool_param)
    dx = layers[kind.format("backward")](dout, cache)

    np.testing.assert_allclose(out, expected.detach().numpy(), atol=1e-12)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), atol=1e-12)


def test_the_pooling_that_is_given_equals_the_one_that_is_written(layers):
    x = np.random.default_rng(0).normal(size=(4, 3, 6, 8))
    dout = np.random.default_rng(1).normal(size=(4, 3, 3, 4))
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}

    given, given_cache = layers["max_pool_2x2_forward"](x)
    written, written_cache = layers["max_pool_forward_naive"](x, pool_param)

    np.testing.assert_array_equal(given, written)
    np.testing.assert_array_equal(
        layers["max_pool_2x2_backward"](dout, given_cache),
        layers["max_pool_backward_naive"](dout, written_cache),
    )


def test_the_networks_loss_and_gradients_are_pytorchs(layers, torch):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 2, 4, 6)), rng.integers(4, size=6)
    net = layers["ThreeLayerConvNet"]((2, 4, 6), 3, 5, 7, 4, weight_scale=0.5, reg=0.2)
    p = {key: tensors(torch, value)[0] for key, value in net.params.items()}
    functional = torch.nn.functional
    maps = functional.max_pool2d(
        torch.relu(functional.conv2d(torch.tensor(X), p["W1"], p["b1"], padding=2)), 2
    )
    scores = torch.relu(maps.flatten(1) @ p["W2"] + p["b2"]) @ p["W3"] + p["b3"]
    penalty = 0.1 * sum((p[key] ** 2).sum() for key in ("W1", "W2", "W3"))
    expected = functional.cross_entropy(scores, torch.tensor(y)) + penalty
    expected.backward()

    loss, grads = net.loss(X, y)

    assert loss == pytest.approx(expected.item(), abs=1e-12)
    for key, gradient in grads.items():
        np.testing.assert_allclose(gradient, p[key].grad.numpy(), atol=1e-12, err_msg=key)
