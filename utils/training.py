"""A perceptron to compare with, and a loop that trains any network of the notebooks.

A network here is an object with `params`, a dict of arrays, and ``loss(X, y=None)``: scores, or loss and gradients.
Knows `utils.layers`. Knows no data.
"""

import numpy as np

from utils.layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss


class Perceptron:
    """affine - relu - affine - softmax, with the interface of the notebooks' networks.

    Parameters
    ----------
    inputs, hidden, classes : int
    scale : float
        Standard deviation of the first weights; biases start at 0.
    seed : int
    """

    def __init__(self, inputs, hidden, classes, scale, seed=0):
        rng = np.random.default_rng(seed)
        self.params = {"W1": scale * rng.standard_normal((inputs, hidden)), "b1": np.zeros(hidden)}
        self.params |= {"W2": scale * rng.standard_normal((hidden, classes)), "b2": np.zeros(classes)}

    def loss(self, X, y=None):
        """Scores (N, classes) of X (N, ...); with labels y (N,) the loss and a dict of gradients."""
        p, grads = self.params, {}
        hidden, first = affine_forward(X, p["W1"], p["b1"])
        active, mask = relu_forward(hidden)
        scores, second = affine_forward(active, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dout = softmax_loss(scores, y)
        dout, grads["W2"], grads["b2"] = affine_backward(dout, second)
        _, grads["W1"], grads["b1"] = affine_backward(relu_backward(dout, mask), first)
        return loss, grads


def train(net, X, y, epochs=3, batch=50, rate=0.04):
    """Gradient descent with momentum 0.9; the learning rate falls to 0 along a straight line.

    X: (N, ...), y: (N,), N a multiple of `batch`. The parameters of `net` are replaced, its arrays left alone.
    """
    rng = np.random.default_rng(0)
    velocity = {key: np.zeros_like(value) for key, value in net.params.items()}
    order = np.concatenate([rng.permutation(len(X)) for _ in range(epochs)]).reshape(-1, batch)
    for step, chosen in enumerate(order):
        _, grads = net.loss(X[chosen], y[chosen])
        for key in net.params:
            velocity[key] = 0.9 * velocity[key] - rate * (1 - step / len(order)) * grads[key]
            net.params[key] = net.params[key] + velocity[key]


def accuracy(net, X, y):
    """The share of X (N, ...) to which `net` gives the class in y (N,), a hundred examples at a time."""
    right = [np.argmax(net.loss(X[i : i + 100]), axis=1) == y[i : i + 100] for i in range(0, len(X), 100)]
    return np.mean(np.concatenate(right))
