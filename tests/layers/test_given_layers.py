"""The layers that later notebooks take as given agree with the definitions, and their gradients with finite differences."""

import numpy as np
import pytest

from autograder.gradients.measure import numeric_vjp
from utils import convolutions, layers
from utils.networks import CLOTHES_LAYERS, clothes_forward, clothes_loss, fresh_clothes_net


def backward_agrees(forward, backward, *inputs, atol=1e-7):
    """Compare all gradients with central differences under a random upstream gradient."""
    out, cache = forward(*inputs)
    dout = np.random.default_rng(1).normal(size=out.shape)
    found = backward(dout, cache)
    found = found if isinstance(found, tuple) else (found,)
    assert len(found) == len(inputs)
    for i, (gradient, x) in enumerate(zip(found, inputs, strict=True)):
        numeric = np.zeros_like(x)
        for entry in np.ndindex(x.shape):
            for sign in (1, -1):
                moved = [np.array(value) for value in inputs]
                moved[i][entry] += sign * 1e-6
                numeric[entry] += sign * np.sum(dout * forward(*moved)[0]) / 2e-6
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=atol)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_affine(rng):
    x, w, b = rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)

    np.testing.assert_allclose(layers.affine_forward(x, w, b)[0], x.reshape(4, 6) @ w + b)
    backward_agrees(layers.affine_forward, layers.affine_backward, x, w, b)


@pytest.mark.parametrize(("stride", "pad", "size"), [(1, 0, (5, 4)), (2, 1, (6, 5)), (3, 2, (4, 7))])
def test_convolution(rng, stride, pad, size):
    x, w, b = rng.normal(size=(3, 2, *size)), rng.normal(size=(4, 2, 3, 2)), rng.normal(size=4)
    param = {"stride": stride, "pad": pad}
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))

    out, _ = convolutions.conv_forward_fast(x, w, b, param)

    for n, f, i, j in np.ndindex(out.shape):
        patch = padded[n, :, i * stride : i * stride + 3, j * stride : j * stride + 2]
        assert out[n, f, i, j] == pytest.approx(np.sum(patch * w[f]) + b[f])
    assert out.shape[2] == (size[0] + 2 * pad - 3) // stride + 1
    backward_agrees(
        lambda *arrays: convolutions.conv_forward_fast(*arrays, param),
        convolutions.conv_backward_fast,
        x,
        w,
        b,
    )


def test_windows_of_2x2_that_tile_the_map(rng):
    x = rng.normal(size=(2, 3, 4, 6))

    out, _ = layers.max_pool_2x2_forward(x)

    for n, c, i, j in np.ndindex(out.shape):
        assert out[n, c, i, j] == x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    assert out.shape == (2, 3, 2, 3)
    backward_agrees(layers.max_pool_2x2_forward, layers.max_pool_2x2_backward, x)


@pytest.mark.parametrize(
    ("size", "window", "stride"), [((7, 5), (3, 3), 2), ((6, 8), (3, 2), 2), ((5, 5), (2, 2), 3)]
)
def test_pooling_in_ceil_mode(rng, size, window, stride):
    x = rng.permutation(2 * 3 * size[0] * size[1]).reshape(2, 3, *size) / 10.0
    param = {"pool_height": window[0], "pool_width": window[1], "stride": stride}

    out, _ = convolutions.max_pool_forward(x, param)

    assert out.shape[2:] == tuple(
        -(-(length - side) // stride) + 1 for length, side in zip(size, window, strict=True)
    )
    for n, c, i, j in np.ndindex(out.shape):
        patch = x[n, c, i * stride : i * stride + window[0], j * stride : j * stride + window[1]]
        assert out[n, c, i, j] == patch.max()
    backward_agrees(lambda x: convolutions.max_pool_forward(x, param), convolutions.max_pool_backward, x)


def test_a_tie_is_paid_once(rng):
    _, cache = convolutions.max_pool_forward(
        np.zeros((1, 1, 4, 4)), {"pool_height": 2, "pool_width": 2, "stride": 2}
    )

    dx = convolutions.max_pool_backward(np.ones((1, 1, 2, 2)), cache)

    assert dx.sum() == 4


def test_relu_and_global_average(rng):
    x = rng.normal(size=(3, 4, 2, 5))

    np.testing.assert_allclose(layers.global_average_forward(x)[0], x.mean(axis=(2, 3)))
    backward_agrees(layers.relu_forward, layers.relu_backward, x)
    backward_agrees(layers.global_average_forward, layers.global_average_backward, x)


def test_softmax_loss(rng):
    scores, y = rng.normal(size=(5, 4)), np.array([0, 3, 1, 1, 2])

    loss, dscores = layers.softmax_loss(scores, y)

    powers = np.exp(scores)
    assert loss == pytest.approx(-np.mean(np.log(powers[range(5), y] / powers.sum(axis=1))))
    numeric = numeric_vjp(lambda s: layers.softmax_loss(s, y)[0], (scores,), 0, 1.0).value
    np.testing.assert_allclose(dscores, numeric, atol=1e-7)
    assert np.isfinite(layers.softmax_loss(1e4 * scores, y)[0])


def test_single_precision_stays_single(rng):
    x = rng.normal(size=(2, 3, 7, 7)).astype(np.float32)
    w, b = rng.normal(size=(4, 3, 3, 3)).astype(np.float32), np.zeros(4, dtype=np.float32)

    out, cache = convolutions.conv_forward_fast(x, w, b, {"stride": 2, "pad": 1})
    pooled, pool_cache = convolutions.max_pool_forward(out, {"pool_height": 3, "pool_width": 3, "stride": 2})
    arrays = [
        out,
        pooled,
        convolutions.max_pool_backward(pooled, pool_cache),
        *convolutions.conv_backward_fast(out, cache),
    ]

    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_the_small_networks_gradients():
    rng = np.random.default_rng(2)
    params = {name: value.astype(np.float64) for name, value in fresh_clothes_net(3, rng).items()}
    X, y = rng.normal(size=(3, 1, 28, 28)), np.array([2, 0, 1])

    _, grads = clothes_loss(params, X, y)

    assert list(dict.fromkeys(name.split("/")[0] for name in params)) == list(CLOTHES_LAYERS)
    for name, value in params.items():
        for entry in [tuple(rng.integers(0, value.shape)) for _ in range(4)]:
            slopes = []
            for step in (1e-6, -1e-6):
                moved = value.copy()
                moved[entry] += step
                slopes.append(clothes_loss(params | {name: moved}, X, y)[0])
            assert grads[name][entry] == pytest.approx((slopes[0] - slopes[1]) / 2e-6, abs=1e-6)


def test_the_small_network_as_far_as_asked():
    params, X = fresh_clothes_net(7, np.random.default_rng(0)), np.zeros((2, 1, 28, 28))

    shapes = [clothes_forward(params, X, layer).shape for layer in CLOTHES_LAYERS]

    assert shapes == [(2, 16, 14, 14), (2, 32, 7, 7), (2, 64), (2, 7)]
    with pytest.raises(ValueError, match=r"no layer 'conv3'\. There are: conv1, conv2"):
        clothes_forward(params, X, "conv3")
