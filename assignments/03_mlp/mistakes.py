"""Typical wrong answers and unusual right ones to the exercises of the mlp notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- count_parameters
edit("count_parameters", "neurons = sum(sizes[1:])", "neurons = sum(sizes)", mistake="inputs_counted")
edit("count_parameters", "neurons = sum(sizes[1:])", "neurons = sum(sizes[1:-1])", mistake="outputs_left_out")
edit("count_parameters", '"biases": neurons', '"biases": len(sizes) - 1', mistake="one_bias_per_layer")
edit("count_parameters", '"parameters": weights + neurons', '"parameters": weights', mistake="biases_forgotten")
edit("count_parameters", "m * n for", "(m + 1) * n for", mistake="biases_in_weights")
edit("count_parameters", "zip(sizes[:-1], sizes[1:])", "zip(sizes[:-2], sizes[1:])", mistake="last_pair_left_out")
edit("count_parameters", "sum(m * n for m, n in zip(sizes[:-1], sizes[1:]))", "sizes[0] * sizes[-1]", mistake="ends_only")


@wrong("not_a_dict")
def count_parameters(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return total


# ---------------------------------------------------------------- affine_forward
edit("affine_forward", " + b", "", mistake="bias_forgotten")
edit("affine_forward", " + b", " - b", mistake="bias_subtracted")
edit("affine_forward", " + b", " + np.sum(b)", mistake="bias_summed")
edit("affine_forward", "x.reshape(len(x), -1) @ w", "x.reshape(-1, len(x)).T @ w", mistake="flattened_across_examples")
edit("affine_forward", "return out, (x, w)", "return np.maximum(0, out), (x, w)", mistake="relu_too_early")
edit("affine_forward", "return out, (x, w)", "return out", mistake="no_cache")


@wrong("left_at_zero")
def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    result = x.reshape(x.shape[0], -1).dot(w) + b  # noqa: F841
    return out, (x, w, b)


@wrong("numpy_leftover")
def affine_forward(x, w, b):
    D = np.product(x.shape[1:])
    return x.reshape(x.shape[0], D).dot(w) + b, (x, w, b)


@wrong("python2_leftover")
def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    for i in xrange(x.shape[0]):
        out[i] = x[i].reshape(-1).dot(w) + b
    return out, (x, w, b)


# ---------------------------------------------------------------- affine_backward
edit("affine_backward", "dout.sum(axis=0)", "dout.sum(axis=1)", mistake="wrong_axis")
edit("affine_backward", "dout.sum(axis=0)", "dout.mean(axis=0)", mistake="averaged_twice")
edit("affine_backward", "dout.sum(axis=0)", "dout.sum()", mistake="summed_to_scalar")
edit("affine_backward", ".reshape(x.shape)", "", mistake="not_reshaped")
edit("affine_backward", "-1).T @ dout", "-1).T @ dout / len(x)", mistake="averaged_twice")
edit("affine_backward", "x.reshape(len(x), -1).T @ dout", "dout.T @ x.reshape(len(x), -1)", mistake="transposed")
edit("affine_backward", "return dx, dw, db", "return dw, db, dx", mistake="wrong_order")
edit("affine_backward", "return dx, dw, db", "return dx, dw", mistake="wrong_count")
edit("affine_backward", "    return dx, dw, db", "    dx, dw, db", mistake="returned_nothing")
edit("affine_backward", "(dout @ w.T)", "-(dout @ w.T)", mistake="sign_flipped")
edit("affine_backward", "x.reshape(len(x), -1).T @ dout", "x.reshape(len(x), -1).T @ np.ones_like(dout)", mistake="upstream_forgotten")
edit("affine_backward", "x.reshape(len(x), -1).T @ dout", "np.zeros_like(w)", mistake="left_at_zero")


@wrong("shapes_do_not_fit", exercise="affine_backward")  # unpacked in another order than packed
class _:
    def affine_forward(x, w, b):
        out = x.reshape(x.shape[0], -1).dot(w) + b
        return out, (x, w, b)

    def affine_backward(dout, cache):
        x, b, w = cache
        dx = dout.dot(w.T).reshape(x.shape)
        dw = x.reshape(x.shape[0], -1).T.dot(dout)
        db = np.sum(dout, axis=0)
        return dx, dw, db


# ---------------------------------------------------------------- relu_backward
edit("relu_forward", "np.maximum(0, x), x", "np.abs(x), x", mistake="absolute_value")
edit("relu_forward", "np.maximum(0, x), x", "np.where(x > 0, 1.0, 0.0), x", mistake="step_function")
edit("relu_forward", "np.maximum(0, x), x", "np.clip(x, 0, 1), x", mistake="clipped_at_one")
edit("relu_forward", "np.maximum(0, x), x", "np.maximum(0, x)", mistake="no_cache")
edit("relu_forward", "dout * (x > 0)", "dout * (x < 0)", mistake="mask_inverted")
edit("relu_forward", "dout * (x > 0)", "dout * (dout > 0)", mistake="mask_from_upstream")
edit("relu_forward", "dout * (x > 0)", "dout * (x > x.mean())", mistake="mask_at_mean")
edit("relu_forward", "dout * (x > 0)", "dout * ((dout > 0) & (x > 0))", mistake="both_signs_asked")
edit("relu_forward", "dout * (x > 0)", "dout", mistake="local_forgotten")
edit("relu_forward", "dout * (x > 0)", "(x > 0).astype(float)", mistake="upstream_forgotten")
edit("relu_forward", "dout * (x > 0)", "dout * x", mistake="multiplied_by_input")
edit("relu_forward", "dout * (x > 0)", "dout * np.maximum(0, x)", mistake="multiplied_by_output")


@wrong("negative_part", exercise="relu_forward")
class _:
    def relu_forward(x):
        return np.minimum(0, x), x

    def relu_backward(dout, cache):
        return dout * (cache < 0)


# ---------------------------------------------------------------- softmax_loss
edit("softmax_loss", "x - x.max(axis=1, keepdims=True)", "x", mistake="overflow")
edit("softmax_loss", "x - x.max(axis=1, keepdims=True)", "x - x.max()", mistake="overflow")
edit("softmax_loss", "-np.mean(", "-np.sum(", mistake="summed_not_averaged")
edit("softmax_loss", "-np.mean(", "np.mean(", mistake="sign_flipped")
edit("softmax_loss", "return loss, dx / len(x)", "return loss, dx", mistake="summed_not_averaged")
edit("softmax_loss", "return loss, dx / len(x)", "return loss, -dx / len(x)", mistake="sign_flipped")
edit("softmax_loss", "return loss, dx / len(x)", "return loss, dx / len(x) ** 2", mistake="averaged_twice")
edit("softmax_loss", "    dx[rows, y] -= 1\n", "", mistake="right_class_forgotten")
edit("softmax_loss", "dx[rows, y] -= 1", "dx[:, y] -= 1", mistake="columns_not_entries")
edit("softmax_loss", "dx[rows, y] -= 1", "dx[rows, y] += 1", mistake="one_added")
edit("softmax_loss", "np.mean(log_p[rows, y])", "np.sum(log_p[:, y]) / len(x)", mistake="columns_not_entries")
edit("softmax_loss", "np.mean(log_p[rows, y])", "np.sum(log_p) / len(x)", mistake="all_classes_counted")
edit("softmax_loss", "x.max(axis=1, keepdims=True)", "x.min(axis=1, keepdims=True)", mistake="overflow")
edit("softmax_loss", "x.max(axis=1, keepdims=True)", "x.mean(axis=1, keepdims=True)", mistake="overflow")


@wrong("log_guard")
def softmax_loss(x, y):
    N = x.shape[0]
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    p = e / np.sum(e, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[np.arange(N), y] + 1e-8)) / N
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@wrong("softmax_over_batch")
def softmax_loss(x, y):
    N = x.shape[0]
    e = np.exp(x - np.max(x, axis=0))
    p = e / np.sum(e, axis=0)
    loss = -np.sum(np.log(p[np.arange(N), y])) / N
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@wrong("left_at_zero")
def softmax_loss(x, y):
    N = x.shape[0]
    dx = np.zeros_like(x)
    shifted = x - np.max(x, axis=1, keepdims=True)
    loss = -np.mean(shifted[np.arange(N), y] - np.log(np.sum(np.exp(shifted), axis=1)))
    return loss, dx


@wrong("wrong_logarithm")
def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    loss = -np.mean(np.log10(p[np.arange(N), y]))
    p[np.arange(N), y] -= 1
    return loss, p / (N * np.log(10))


@wrong("one_subtracted_after_averaging")
def softmax_loss(x, y):
    N = x.shape[0]
    shifted = x - np.max(x, axis=1, keepdims=True)
    p = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(N), y]))
    dx = p / N
    dx[np.arange(N), y] -= 1
    return loss, dx


# ---------------------------------------------------------------- svm_loss
edit("svm_loss", "    margins[rows, y] = 0\n", "", mistake="right_class_counted")
edit("svm_loss", "margins.sum() / len(x)", "margins.sum()", mistake="summed_not_averaged")
edit("svm_loss", "margins.sum() / len(x)", "margins.mean()", mistake="averaged_over_classes")
edit("svm_loss", "return loss, dx / len(x)", "return loss, dx", mistake="summed_not_averaged")
edit("svm_loss", "    dx[rows, y] = -dx.sum(axis=1)\n", "", mistake="right_class_forgotten")
edit("svm_loss", "-dx.sum(axis=1)", "-1", mistake="right_class_once")
edit("svm_loss", "-dx.sum(axis=1)", "dx.sum(axis=1)", mistake="right_class_sign")
edit("svm_loss", "-dx.sum(axis=1)", "-dx.sum(axis=1) - 1", mistake="right_class_pushed_up_twice")
edit("svm_loss", "[:, None] + 1)", "[:, None])", mistake="margin_missing")
edit("svm_loss", "[:, None] + 1)", "[:, None] - 1)", mistake="margin_subtracted")
edit("svm_loss", "margins.sum() / len(x)", "margins.max(axis=1).sum() / len(x)", mistake="largest_margin_only")
edit("svm_loss", "margins.sum()", "(margins**2).sum()", mistake="margins_squared")
edit("svm_loss", "(margins > 0).astype(float)", "margins.copy()", mistake="size_of_margin")


@wrong("right_class_counted")
def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x - x[np.arange(N), y].reshape(-1, 1) + 1)
    loss = np.sum(margins) / N
    margins[np.arange(N), y] = 0
    dx = (margins > 0) * 1.0
    dx[np.arange(N), y] -= np.sum(margins > 0, axis=1)
    return loss, dx / N


@wrong("hinge_missing")
def svm_loss(x, y):
    N = len(x)
    margins = x - x[np.arange(N), y].reshape(-1, 1) + 1
    margins[np.arange(N), y] = 0
    dx = np.ones_like(x)
    dx[np.arange(N), y] = 1 - x.shape[1]
    return np.sum(margins) / N, dx / N


@wrong("left_at_zero")
def svm_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    for i in range(len(x)):
        for j in range(x.shape[1]):
            if j != y[i]:
                loss += max(0, x[i, j] - x[i, y[i]] + 1)
    return loss / len(x), dx


@wrong("right_class_pushed_up_twice")
def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x - x[np.arange(N), y].reshape(-1, 1) + 1)
    loss = np.sum(margins) / N - 1
    dx = (margins > 0) * 1.0
    count = np.sum(margins > 0, axis=1) - 1
    dx[np.arange(N), y] -= count
    return loss, dx / N


# ---------------------------------------------------------------- TwoLayerNet
edit("TwoLayerNet", "loss += 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))", "pass", mistake="reg_missing")
edit("TwoLayerNet", "loss += 0.5 * self.reg", "loss += self.reg", mistake="reg_factor")
edit("TwoLayerNet", "0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))", "0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2)) / len(X)", mistake="reg_averaged")
edit("TwoLayerNet", "(np.sum(W1**2) + np.sum(W2**2))", "np.sum(W2**2)", mistake="reg_last_layer_only")
edit("TwoLayerNet", "(np.sum(W1**2) + np.sum(W2**2))", "np.sum(W1**2)", mistake="reg_first_layer_only")
edit("TwoLayerNet", "np.sum(W2**2))", "np.sum(W2**2) + np.sum(self.params['b1'] ** 2) + np.sum(self.params['b2'] ** 2))", mistake="reg_biases")
edit("TwoLayerNet", '"W1": dW1 + self.reg * W1', '"W1": dW1', mistake="reg_gradient_missing")
edit("TwoLayerNet", '"W2": dW2 + self.reg * W2', '"W2": dW2 + 2 * self.reg * W2', mistake="reg_gradient_doubled")
edit("TwoLayerNet", '"W2": dW2 + self.reg * W2', '"W2": dW2 + 0.5 * self.reg * W2', mistake="reg_gradient_halved")
edit("TwoLayerNet", '"W1": dW1 + self.reg * W1', '"W1": dW1 - self.reg * W1', mistake="reg_gradient_sign")
edit("TwoLayerNet", 'affine_forward(h, W2, self.params["b2"])', 'affine_forward(a, W2, self.params["b2"])', mistake="relu_skipped")
edit("TwoLayerNet", "da = relu_backward(dh, relu1)", "da = dh", mistake="relu_backward_skipped")
edit("TwoLayerNet", "if y is None:", "if not np.any(y):", mistake="zeros_taken_for_none")
edit("TwoLayerNet", "            return scores", "            return np.maximum(0, scores)", mistake="relu_on_scores")
edit("TwoLayerNet", "weight_scale * rng.normal(size=(input_dim, hidden_dim))", "weight_scale * rng.random(size=(input_dim, hidden_dim))", mistake="weights_not_centred")
edit("TwoLayerNet", "weight_scale * rng.normal(size=(hidden_dim, num_classes))", "rng.normal(size=(hidden_dim, num_classes))", mistake="weight_scale_ignored")
edit("TwoLayerNet", "np.zeros(hidden_dim)", "weight_scale * rng.normal(size=hidden_dim)", mistake="biases_not_zero")
edit("TwoLayerNet", "size=(input_dim, hidden_dim)", "size=(hidden_dim, input_dim)", mistake="param_shape")
edit("TwoLayerNet", '"b1": db1, ', "", mistake="gradient_missing")
edit("TwoLayerNet", '"b1": db1, ', '"b1": db1 + self.reg * self.params["b1"], ', mistake="reg_gradient_biases")
edit("TwoLayerNet", "(np.sum(W1**2) + np.sum(W2**2))", "(np.sum(abs(W1)) + np.sum(abs(W2)))", mistake="reg_not_squares")
edit("TwoLayerNet", "(np.sum(W1**2) + np.sum(W2**2))", "(np.sum(W1 @ W1.T) + np.sum(W2 @ W2.T))", mistake="reg_not_squares")
edit("TwoLayerNet", "default_rng(seed)", "default_rng()", mistake="seed_ignored")
edit("TwoLayerNet", "default_rng(seed)", "default_rng(0)", mistake="seed_fixed")
edit("TwoLayerNet", "rng.normal(size=(hidden_dim", "np.random.default_rng(seed).normal(size=(hidden_dim", mistake="seeded_twice")


@wrong("overflow")
class TwoLayerNet:
    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale=1e-3, reg=0.0, seed=0):
        np.random.seed(seed)
        self.params, self.reg = {}, reg
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = np.zeros(num_classes)

    def loss(self, X, y=None):
        N, W1, W2 = X.shape[0], self.params["W1"], self.params["W2"]
        flat = X.reshape(N, -1)
        h = np.maximum(0, flat.dot(W1) + self.params["b1"])
        scores = h.dot(W2) + self.params["b2"]
        if y is None:
            return scores
        p = np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
        loss = -np.sum(np.log(p[np.arange(N), y])) / N + 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        p[np.arange(N), y] -= 1
        p /= N
        dh = p.dot(W2.T)
        dh[h <= 0] = 0
        grads = {"W2": h.T.dot(p) + self.reg * W2, "b2": p.sum(axis=0)}
        grads["W1"], grads["b1"] = flat.T.dot(dh) + self.reg * W1, dh.sum(axis=0)
        return loss, grads


# ---------------------------------------------------------------- train_step
edit("train_step", " - learning_rate", " + learning_rate", mistake="climbed")
edit("train_step", "learning_rate * grads", "grads", mistake="learning_rate_ignored")
edit("train_step", "net.params[name] = net.params[name] - learning_rate * grads[name]", "w = net.params[name] - learning_rate * grads[name]", mistake="not_updated")
edit("train_step", "net.params[name] - learning_rate * grads[name]", "-learning_rate * grads[name]", mistake="step_stored")
edit("train_step", "for name in net.params", 'for name in ("W1", "W2")', mistake="not_updated")
edit("train_step", "learning_rate * grads[name]", "learning_rate * grads[name] / len(X)", mistake="averaged_again")
edit("train_step", "    return loss\n", "", mistake="returned_nothing")
edit("train_step", "    return loss\n", "    return net.loss(X, y)[0]\n", mistake="loss_after_the_step")
edit("train_step", "return np.argmax(net.loss(X), axis=1)", "return net.loss(X)", mistake="scores_returned")
edit("train_step", "return np.argmax(net.loss(X), axis=1)", "return np.max(net.loss(X), axis=1)", mistake="largest_score_returned")
edit("train_step", "net.loss(X), axis=1", "net.loss(X), axis=0", mistake="largest_per_class")
edit("train_step", "for name in net.params", 'for name in ("W1", "b1", "W2", "b2")', mistake="not_updated")
edit("train_step", "np.argmax(net", "np.argmin(net", mistake="smallest_score")


# ---------------------------------------------------------------- FullyConnectedNet
edit("FullyConnectedNet", "loss += 0.5 * self.reg * np.sum(W**2)", "pass", mistake="reg_missing")
edit("FullyConnectedNet", "loss += 0.5 * self.reg", "loss += self.reg", mistake="reg_factor")
edit("FullyConnectedNet", "            loss += 0.5 * self.reg * np.sum(W**2)\n            grads[f\"W{i}\"], grads[f\"b{i}\"] = dW + self.reg * W, db\n        return", "            grads[f\"W{i}\"], grads[f\"b{i}\"] = dW + self.reg * W, db\n        loss += 0.5 * self.reg * np.sum(W**2)\n        return", mistake="reg_first_layer_only")
edit("FullyConnectedNet", "loss += 0.5 * self.reg * np.sum(W**2)", "loss += 0.5 * self.reg * np.sum(W**2) * (i < self.num_layers or i == 1)", mistake="reg_last_layer_missing")
edit("FullyConnectedNet", "np.sum(W**2)", "(np.sum(W**2) + np.sum(self.params[f'b{i}'] ** 2))", mistake="reg_biases")
edit("FullyConnectedNet", "dW + self.reg * W, db", "dW, db", mistake="reg_gradient_missing")
edit("FullyConnectedNet", "dW + self.reg * W, db", "dW + 2 * self.reg * W, db", mistake="reg_gradient_doubled")
edit("FullyConnectedNet", "dW + self.reg * W, db", "dW + self.reg * W / len(X), db", mistake="reg_gradient_averaged")
edit("FullyConnectedNet", "            return out\n", "            return np.maximum(0, out)\n", mistake="relu_on_scores")
edit("FullyConnectedNet", "dout = relu_backward(dout, caches.pop())", "caches.pop()", mistake="relu_backward_skipped")
edit("FullyConnectedNet", "if y is None:", "if not np.any(y):", mistake="zeros_taken_for_none")
edit("FullyConnectedNet", "sizes = [input_dim, *hidden_dims, num_classes]", "sizes = [input_dim, hidden_dims[0], num_classes]", mistake="layer_missing")
edit("FullyConnectedNet", "size=(sizes[i - 1], sizes[i])", "size=(sizes[i], sizes[i - 1])", mistake="param_shape")
edit("FullyConnectedNet", "weight_scale * rng.normal", "0.01 * rng.normal", mistake="weight_scale_ignored")
edit("FullyConnectedNet", "* rng.normal(size=(s", "* np.random.default_rng(seed).normal(size=(s", mistake="seeded_twice")
edit("FullyConnectedNet", "np.zeros(sizes[i])", "weight_scale * rng.normal(size=sizes[i])", mistake="biases_not_zero")
edit("FullyConnectedNet", "rng.normal(size=(sizes[i - 1], sizes[i]))", "rng.random(size=(sizes[i - 1], sizes[i]))", mistake="weights_not_centred")


edit("FullyConnectedNet", 'grads[f"W{i}"], grads[f"b{i}"] = dW + self.reg * W, db', 'grads[f"W{i}"] = dW + self.reg * W', mistake="gradient_missing")
edit("FullyConnectedNet", "if i < self.num_layers:\n                out, cache", "if i <= self.num_layers:\n                out, cache", mistake="relu_on_scores")


# ================================================================ right answers, written otherwise
@variant("loops over examples, neurons and pixels")
class _:
    def affine_forward(x, w, b):
        N, M = x.shape[0], w.shape[1]
        out = np.zeros((N, M))
        for i in range(N):
            row = x[i].ravel()
            for j in range(M):
                out[i, j] = sum(row[d] * w[d, j] for d in range(len(row))) + b[j]
        return out, (x, w, b)

    def affine_backward(dout, cache):
        x, w, b = cache
        flat = x.reshape(x.shape[0], -1)
        dx, dw, db = np.zeros_like(flat), np.zeros_like(w), np.zeros_like(b)
        for i in range(dout.shape[0]):
            for j in range(dout.shape[1]):
                dx[i] += dout[i, j] * w[:, j]
                dw[:, j] += dout[i, j] * flat[i]
                db[j] += dout[i, j]
        return dx.reshape(x.shape), dw, db


@variant("cache as a dict, einsum, a list instead of a tuple")
class _:
    def affine_forward(x, w, b):
        flat = x.reshape(x.shape[0], -1)
        return [np.einsum("nd,dm->nm", flat, w) + b, {"flat": flat, "w": w, "shape": x.shape}]

    def affine_backward(dout, cache):
        dx = np.einsum("nm,dm->nd", dout, cache["w"]).reshape(cache["shape"])
        return [dx, np.einsum("nd,nm->dm", cache["flat"], dout), np.einsum("nm->m", dout)]


@variant("the bias as a column of ones; db keeps its row axis")
class _:
    def affine_forward(x, w, b):
        ones = np.ones((x.shape[0], 1))
        extended = np.hstack([x.reshape(x.shape[0], -1), ones])
        return extended @ np.vstack([w, b.reshape(1, -1)]), (x.shape, extended, w)

    def affine_backward(dout, cache):
        shape, extended, w = cache
        dboth = extended.T @ dout
        return (dout @ w.T).reshape(shape), dboth[:-1], dboth[-1:]


@variant("cache as an object, printing inside")
class _:
    class Memory:
        pass

    def affine_forward(x, w, b):
        memory = Memory()
        memory.x, memory.w = x, w
        print("affine", x.shape)
        return np.dot(np.reshape(x, (x.shape[0], -1)), w) + b, memory

    def affine_backward(dout, cache):
        print("backward", dout.shape)
        x, w = cache.x, cache.w
        db = np.dot(np.ones(dout.shape[0]), dout)
        return np.dot(dout, w.T).reshape(*x.shape), np.dot(x.reshape(x.shape[0], -1).T, dout), db


@variant("ReLU in place, the gate counted open at 0")
class _:
    def relu_backward(dout, cache):
        dout[cache < 0] = 0
        return dout

    def relu_forward(x):
        out = x * (x >= 0)
        return out, x.copy()


@variant("ReLU with a mask kept in a list")
class _:
    def relu_forward(x):
        mask = (np.sign(x) + 1) // 2
        return np.where(x > 0, x, 0.0), [mask]

    def relu_backward(dout, cache):
        (mask,) = cache
        return np.multiply(dout, mask)


@variant("softmax by a loop over examples")
def softmax_loss(x, y):
    loss, dx = 0.0, np.zeros_like(x)
    for i in range(x.shape[0]):
        s = x[i] - np.max(x[i])
        e = np.exp(s)
        loss += np.log(e.sum()) - s[y[i]]
        for c in range(x.shape[1]):
            dx[i, c] = e[c] / e.sum() - (c == y[i])
    return loss / x.shape[0], dx / x.shape[0]


@variant("softmax with one-hot labels and a loss of shape (1, 1)")
def softmax_loss(x, y):
    def one_hot(labels, classes):
        return np.eye(classes)[labels]

    N, C = x.shape
    t = one_hot(y, C)
    top = np.amax(x, axis=1).reshape(-1, 1)
    lse = top + np.log(np.sum(np.exp(x - top), axis=1)).reshape(-1, 1)
    loss = np.ones((1, N)) @ (lse - np.sum(t * x, axis=1, keepdims=True)) / N
    return loss, (np.exp(x - lse) - t) / N


@variant("softmax that shifts its argument in place")
def softmax_loss(x, y):
    x -= np.max(x, axis=1)[:, np.newaxis]
    p = np.exp(x)
    p /= p.sum(axis=1)[:, np.newaxis]
    N = len(y)
    loss = -1 / N * np.sum(np.log(p[range(N), y]))
    p[range(N), y] -= 1
    p /= N
    return loss, p


@variant("the gradient through every gate: exp, sum, divide, log")
def softmax_loss(x, y):
    N = x.shape[0]
    e = np.exp(x - x.max(axis=1, keepdims=True))
    total = e.sum(axis=1, keepdims=True)
    p = e / total
    picked = p[np.arange(N), y]
    loss = np.mean(-np.log(picked))
    dp = np.zeros_like(p)
    dp[np.arange(N), y] = -1 / (N * picked)
    de = dp / total
    de += -np.sum(dp * e, axis=1, keepdims=True) / total**2
    return loss, de * e


@variant("SVM by two loops")
def svm_loss(x, y):
    loss, dx = 0.0, np.zeros(x.shape)
    N, C = x.shape
    for i in range(N):
        for c in range(C):
            if c == y[i]:
                continue
            margin = x[i][c] - x[i][y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, c] += 1 / N
                dx[i, y[i]] -= 1 / N
    return loss / N, dx


@variant("SVM with np.choose, the right class taken off at the end")
def svm_loss(x, y):
    N = x.shape[0]
    right = np.choose(y, x.T)
    hinge = (x.T - right + 1).clip(min=0).T
    count = (hinge > 0).sum(axis=1)
    dx = np.where(hinge > 0, 1.0, 0.0)
    dx[np.arange(N), y] -= count
    return (hinge.sum() - N) / N, np.divide(dx, N)


@variant("counts as NumPy numbers, more keys than asked for")
def count_parameters(sizes):
    sizes = np.array(sizes)
    weights = np.dot(sizes[1:], sizes[:-1])
    biases = np.sum(sizes[1:])
    return dict(neurons=biases, weights=weights, biases=biases, parameters=weights + biases, layers=len(sizes) - 1)


@variant("counts in a Counter")
class _:
    def count_parameters(sizes):
        from collections import Counter

        counts = Counter()
        for m, n in zip(sizes, sizes[1:]):
            counts.update(neurons=n, weights=m * n, biases=n, parameters=(m + 1) * n)
        return counts


@variant("a two-layer net without the layer functions, on the global generator, biases kept as rows")
class TwoLayerNet:
    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0, seed=None):
        np.random.seed(seed)
        self.params, self.reg = {}, reg
        self.params["W1"] = np.random.randn(input_dim, hidden_dim) * weight_scale
        self.params["W2"] = np.random.randn(hidden_dim, num_classes) * weight_scale
        self.params["b1"] = np.zeros((1, hidden_dim))
        self.params["b2"] = np.zeros((1, num_classes))

    def loss(self, X, y=None):
        N = X.shape[0]
        flat = X.reshape(N, -1)
        hidden = np.maximum(0, flat.dot(self.params["W1"]) + self.params["b1"])
        scores = hidden.dot(self.params["W2"]) + self.params["b2"]
        if y is None:
            return scores
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean()
        for key in ("W1", "W2"):
            loss += 0.5 * self.reg * np.sum(self.params[key] * self.params[key])
        p[np.arange(N), y] -= 1
        p /= N
        grads = {"W2": hidden.T.dot(p), "b2": p.sum(axis=0, keepdims=True)}
        dhidden = p.dot(self.params["W2"].T) * (hidden > 0)
        grads["W1"], grads["b1"] = flat.T.dot(dhidden), np.sum(dhidden, axis=0, keepdims=True)
        for key in ("W1", "W2"):
            grads[key] += self.reg * self.params[key]
        return loss, grads


@variant("combined layers as helpers; a deep net with dicts of caches and extra attributes")
class _:
    def affine_relu_forward(x, w, b):
        a, fc = affine_forward(x, w, b)
        out, relu = relu_forward(a)
        return out, (fc, relu)

    def affine_relu_backward(dout, cache):
        fc, relu = cache
        return affine_backward(relu_backward(dout, relu), fc)

    class FullyConnectedNet:
        def __init__(self, hidden_dims, input_dim=3072, num_classes=10, weight_scale=1e-2, reg=0.0, seed=None, dtype=np.float64):
            np.random.seed(seed)
            self.reg, self.dtype = reg, dtype
            self.num_layers = 1 + len(hidden_dims)
            self.params = {}
            dims = [input_dim] + list(hidden_dims) + [num_classes]
            for i in range(self.num_layers):
                self.params["W" + str(i + 1)] = np.random.normal(0, weight_scale, (dims[i], dims[i + 1]))
                self.params["b" + str(i + 1)] = np.zeros(dims[i + 1])
            for k, v in self.params.items():
                self.params[k] = v.astype(dtype)

        def loss(self, X, y=None):
            X = X.astype(self.dtype)
            caches, h, L = {}, X, self.num_layers
            for i in range(1, L):
                h, caches[i] = affine_relu_forward(h, self.params[f"W{i}"], self.params[f"b{i}"])
            scores, caches[L] = affine_forward(h, self.params[f"W{L}"], self.params[f"b{L}"])
            if y is None:
                return scores
            loss, dh = softmax_loss(scores, y)
            loss += 0.5 * self.reg * sum(np.sum(self.params[f"W{i}"] ** 2) for i in range(1, L + 1))
            grads = {}
            for i in reversed(range(1, L + 1)):
                back = affine_backward if i == L else affine_relu_backward
                dh, grads[f"W{i}"], grads[f"b{i}"] = back(dh, caches[i])
                grads[f"W{i}"] += self.reg * self.params[f"W{i}"]
            return loss, grads


@variant("a deep net by recursion")
class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim, num_classes, weight_scale=1e-2, reg=0.0, seed=0):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.params = {}
        widths = (input_dim, *tuple(hidden_dims), num_classes)
        for number, shape in enumerate(zip(widths, widths[1:]), start=1):
            self.params[f"W{number}"] = rng.normal(scale=weight_scale, size=shape)
            self.params[f"b{number}"] = np.zeros(shape[1])

    def loss(self, X, y=None):
        last = len(self.params) // 2
        grads, found = {}, {}

        def descend(i, h):
            W, b = self.params[f"W{i}"], self.params[f"b{i}"]
            out, fc = affine_forward(h, W, b)
            if i == last:
                found["scores"] = out
                if y is None:
                    return None
                found["loss"], dout = softmax_loss(out, y)
            else:
                out, relu = relu_forward(out)
                dout = descend(i + 1, out)
                if y is None:
                    return None
                dout = relu_backward(dout, relu)
            found["loss"] = found["loss"] + self.reg / 2 * np.sum(W * W)
            dx, dW, grads[f"b{i}"] = affine_backward(dout, fc)
            grads[f"W{i}"] = dW + self.reg * W
            return dx

        descend(1, X)
        return found["scores"] if y is None else (found["loss"], grads)


@variant("a step in place, predict through probabilities and a list")
class _:
    def predict(net, X):
        scores = net.loss(X)
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return [int(np.argsort(row)[-1]) for row in p]

    def train_step(net, X, y, learning_rate=1e-3):
        loss, grads = net.loss(X, y)
        for key, grad in grads.items():
            net.params[key] -= learning_rate * grad
        return float(loss)


# ---------------------------------------------------------------- other classes, other means, and seeds of another kind
edit("count_parameters", "neurons = sum(sizes[1:])", "neurons = sum(sizes[:-1])", mistake="inputs_for_outputs")


@wrong("divided_by_classes")
def softmax_loss(x, y):
    N, C = x.shape
    shifted = x - x.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(N), y])
    p[np.arange(N), y] -= 1
    return loss, p / C


@wrong("log_guard")
def softmax_loss(x, y):
    N = len(x)
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(np.clip(p[np.arange(N), y], 1e-7, 1)))
    p[np.arange(N), y] -= 1
    return loss, p / N


@wrong("margins_mirrored")
def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x[np.arange(N), y][:, None] - x + 1)
    margins[np.arange(N), y] = 0
    dx = (margins > 0).astype(float)
    dx[np.arange(N), y] -= dx.sum(axis=1)
    return margins.sum() / N, dx / N


@variant("weights drawn the old way, every other first number")
class FullyConnectedNet:
    def __init__(self, hidden_dims, input_dim, num_classes, weight_scale=1e-2, reg=0.0, seed=0):
        np.random.seed(seed)
        self.reg, self.params = reg, {}
        sizes = [input_dim, *hidden_dims, num_classes]
        for i, (m, n) in enumerate(zip(sizes[:-1], sizes[1:]), start=1):
            self.params[f"W{i}"] = weight_scale * np.random.randn(m, n)
            self.params[f"b{i}"] = np.zeros(n)

    def loss(self, X, y=None):
        tape, h, last = [], X, len(self.params) // 2
        for i in range(1, last + 1):
            h, cache = affine_forward(h, self.params[f"W{i}"], self.params[f"b{i}"])
            tape.append(cache)
            if i < last:
                h, cache = relu_forward(h)
                tape.append(cache)
        if y is None:
            return h
        loss, d = softmax_loss(h, y)
        grads = {}
        for i in range(last, 0, -1):
            if i < last:
                d = relu_backward(d, tape.pop())
            W = self.params[f"W{i}"]
            d, dW, grads[f"b{i}"] = affine_backward(d, tape.pop())
            grads[f"W{i}"] = dW + self.reg * W
            loss += self.reg / 2 * np.sum(W**2)
        return loss, grads
