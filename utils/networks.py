"""The small network that the course trained: its forward, its loss, its gradients.

conv 5x5, stride 2 - relu - conv 3x3, stride 2 - relu - affine - relu - affine (the head), on 28x28 grey images.
Parameters are a dict of arrays named ``layer/w`` and ``layer/b``; the layers are `CLOTHES_LAYERS`.

Knows `utils.layers` and `utils.convolutions`. Knows no data, no training.
"""

import numpy as np

from utils.convolutions import conv_backward_fast, conv_forward_fast
from utils.layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss

CLOTHES_LAYERS = ("conv1", "conv2", "hidden", "head")
_STEPS = {"conv1": {"stride": 2, "pad": 2}, "conv2": {"stride": 2, "pad": 1}}


def fresh_clothes_net(num_classes, rng):
    """Untrained parameters, He's initialisation.

    Parameters
    ----------
    num_classes : int
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray of float32
    """
    shapes = {
        "conv1": (16, 1, 5, 5),
        "conv2": (32, 16, 3, 3),
        "hidden": (32 * 7 * 7, 64),
        "head": (64, num_classes),
    }
    params = {}
    for layer, shape in shapes.items():
        fan_in = shape[0] if len(shape) == 2 else np.prod(shape[1:])
        params[f"{layer}/w"] = (rng.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32)
        params[f"{layer}/b"] = np.zeros(shape[1] if len(shape) == 2 else shape[0], dtype=np.float32)
    return params


def clothes_forward(params, X, upto="head"):
    """Run the layers up to and including `upto`, with their relu.

    Parameters
    ----------
    params : dict
    X : (N, 1, 28, 28) ndarray
    upto : {"conv1", "conv2", "hidden", "head"}

    Returns
    -------
    ndarray
        Maps (N, 16, 14, 14) or (N, 32, 7, 7), 64 features, or the scores.
    """
    return _run(params, X, upto)[0]


def clothes_loss(params, X, y):
    """Softmax loss of labelled images, and a dict with the gradient of every parameter."""
    scores, caches = _run(params, X, "head")
    loss, dout = softmax_loss(scores, y)
    grads = {}
    for layer in reversed(CLOTHES_LAYERS):
        linear, bent = caches[layer]
        dout = relu_backward(dout, bent) if bent is not None else dout
        backward = conv_backward_fast if layer in _STEPS else affine_backward
        dout, grads[f"{layer}/w"], grads[f"{layer}/b"] = backward(dout, linear)
    return loss, grads


def _run(params, x, upto):
    caches = {}
    for layer in CLOTHES_LAYERS:
        w, b = params[f"{layer}/w"], params[f"{layer}/b"]
        forward = (conv_forward_fast, _STEPS[layer]) if layer in _STEPS else (affine_forward,)
        x, linear = forward[0](x, w, b, *forward[1:])
        x, bent = relu_forward(x) if layer != "head" else (x, None)
        caches[layer] = linear, bent
        if layer == upto:
            return x, caches
    raise ValueError(f"There is no layer {upto!r}. There are: {', '.join(CLOTHES_LAYERS)}.")
