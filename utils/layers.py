"""Layers of the earlier notebooks, ready to use: the reference solutions, in a fast form.

Signatures are those that the notebooks ask for, so your own functions can take their places.
Numbers keep their type: float32 stays float32, twice as fast as float64.

Knows NumPy. Knows no network.
"""

import numpy as np


def affine_forward(x, w, b):
    """x: (N, d1, ..., dk), w: (D, M), b: (M,). Returns out (N, M) and a cache."""
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    """dout: (N, M). Returns dx, dw, db."""
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)


def relu_forward(x):
    """x: any shape. Returns max(0, x) and a cache."""
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    """dout: the shape of x. Returns dx."""
    return dout * (cache > 0)


def softmax_loss(scores, y):
    """scores: (N, C), y: (N,) ints. Returns the mean loss and the gradient of the scores."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_probabilities)
    dscores[np.arange(len(y)), y] -= 1
    return -log_probabilities[np.arange(len(y)), y].mean(), dscores / len(y)


def _corners(x):
    """The four interleaved images of which windows of 2x2 are made."""
    return [x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]


def max_pool_2x2_forward(x):
    """Windows of 2x2 that tile the map, no loop over windows. x: (N, C, H, W), H and W even. Returns out and a cache."""
    out = np.maximum.reduce(_corners(x))
    return out, (x, out)


def max_pool_2x2_backward(dout, cache):
    """dout: the shape of out. Returns dx; a tie sends the gradient to all that share the maximum."""
    x, out = cache
    dx = np.zeros_like(x)
    for part, value in zip(_corners(dx), _corners(x), strict=True):
        part[...] = dout * (value == out)
    return dx


def global_average_forward(x):
    """The mean of each map. x: (N, C, H, W). Returns out (N, C) and a cache."""
    return x.mean(axis=(2, 3)), x.shape


def global_average_backward(dout, cache):
    """dout: (N, C). Returns dx of shape (N, C, H, W)."""
    places = cache[2] * cache[3]
    return np.broadcast_to((dout / places)[:, :, None, None], cache)
