"""Typical wrong answers and unusual right ones to the exercises of the activations notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- sigmoid
edit("sigmoid_forward", "np.where(x >= 0, 1.0, e) / (1 + e)", "np.where(x >= 0, e, 1.0) / (1 + e)", mistake="sign_of_exponent")
edit("sigmoid_forward", "np.where(x >= 0, 1.0, e) / (1 + e)", "np.exp(x) / (1 + np.exp(x))", mistake="overflow")
edit("sigmoid_forward", "np.where(x >= 0, 1.0, e) / (1 + e)", "np.tanh(x)", mistake="tanh_instead")
edit("sigmoid_forward", "return s, s", "return s", mistake="no_cache")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout * s", mistake="only_one_factor")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout * (1 - s)", mistake="only_other_factor")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout * s * 1 - s", mistake="brackets_missing")
edit("sigmoid_forward", "dout * (1 - s) * s", "(1 - s) * s", mistake="upstream_forgotten")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout * (1 + s) * s", mistake="sign_in_factor")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout * (1 - s**2)", mistake="slope_of_tanh")
edit("sigmoid_forward", "dout * (1 - s) * s", "dout", mistake="local_forgotten")
edit("sigmoid_forward", "dout * (1 - s) * s", "-dout * (1 - s) * s", mistake="sign_flipped")
edit("sigmoid_forward", "return s, s", "return s, x", mistake="input_for_output")
edit("sigmoid_forward", "    s = cache\n", "    s = 1 / (1 + np.exp(-cache))\n", mistake="sigmoid_twice")
edit("sigmoid_forward", "    return dout * (1 - s) * s", "    dx = dout * (1 - s) * s", mistake="returned_nothing")


@wrong("overflow", exercise="sigmoid_forward")
class _:
    def sigmoid_forward(x):
        return 1 / (1 + np.exp(-x)), x

    def sigmoid_backward(dout, cache):
        return dout * np.exp(-cache) / (1 + np.exp(-cache)) ** 2


# ---------------------------------------------------------------- tanh
edit("tanh_forward", "np.tanh(x)", "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))", mistake="overflow")
edit("tanh_forward", "np.tanh(x)", "2 / (1 + np.exp(-x)) - 1", mistake="half_as_steep")
edit("tanh_forward", "np.tanh(x)", "1 / (1 + np.exp(-x))", mistake="sigmoid_instead")
edit("tanh_forward", "np.tanh(x)", "2 / (1 + np.exp(-2 * x))", mistake="shift_missing")
edit("tanh_forward", "return t, t", "return t, x", mistake="input_for_output")
edit("tanh_forward", "1 - t**2", "1 - t", mistake="square_missing")
edit("tanh_forward", "(1 - t**2)", "1 - t**2", mistake="brackets_missing")
edit("tanh_forward", "1 - t**2", "1 + t**2", mistake="sign_in_factor")
edit("tanh_forward", "1 - t**2", "1 - np.tanh(t) ** 2", mistake="tanh_twice")
edit("tanh_forward", "(1 - t**2)", "(1 - t) * t", mistake="slope_of_sigmoid")
edit("tanh_forward", "dout * (1 - t**2)", "1 - t**2", mistake="upstream_forgotten")
edit("tanh_forward", "dout * (1 - t**2)", "dout", mistake="local_forgotten")

# ---------------------------------------------------------------- gradient_norms
edit("gradient_norms", "norms[::-1]", "norms", mistake="order_reversed")
edit("gradient_norms", "np.linalg.norm(dout)", "np.sum(dout**2)", mistake="norms_squared")
edit("gradient_norms", "np.linalg.norm(dout)", "np.sum(dout)", mistake="entries_added")
edit("gradient_norms", "backward(dout, cache) @ W.T", "dout @ W.T", mistake="activation_skipped")
edit("gradient_norms", "backward(dout, cache) @ W.T", "backward(dout, cache) @ W", mistake="not_transposed")
edit("gradient_norms", "reversed(weights), reversed(caches)", "reversed(weights), caches", mistake="shapes_do_not_fit")


@wrong("weights_skipped")
def gradient_norms(forward, backward, x, weights, dout):
    caches = []
    for W in weights:
        x, cache = forward(x.dot(W))
        caches.append(cache)
    norms = np.zeros(len(weights))
    for i in range(len(weights) - 1, -1, -1):
        dout = backward(dout, caches[i])
        norms[i] = np.sqrt(np.sum(dout**2))
        dout = dout.dot(weights[i].T)
    return norms


@wrong("wrong_shape")
def gradient_norms(forward, backward, x, weights, dout):
    caches = []
    for W in weights:
        x, cache = forward(x.dot(W))
        caches.append(cache)
    norms = [np.linalg.norm(dout)]
    for i in range(len(weights) - 1, -1, -1):
        dout = backward(dout, caches[i]).dot(weights[i].T)
        norms.insert(0, np.linalg.norm(dout))
    return np.array(norms)


# ---------------------------------------------------------------- gradient_signs
edit("gradient_signs", "np.sign(dout[:, None] * x)", "np.sign(x)", mistake="inputs_alone")
edit("gradient_signs", "np.sign(dout[:, None] * x)", "np.sign(dout[:, None] * np.ones_like(x))", mistake="dout_alone")
edit("gradient_signs", "return signs, one_sign", "return dout[:, None] * x, one_sign", mistake="sizes_kept")
edit("gradient_signs", "return signs, one_sign", "return (signs > 0).astype(float), one_sign", mistake="signs_as_bools")
edit("gradient_signs", "np.sign(dout[:, None] * x)", "-np.sign(dout[:, None] * x)", mistake="sign_flipped")
edit("gradient_signs", "np.sign(dout[:, None] * x)", "np.sign(x.T @ dout)[None, :]", mistake="wrong_shape")
edit("gradient_signs", "np.mean(np.all", "np.sum(np.all", mistake="count_not_share")
edit("gradient_signs", "np.all(signs == signs[:, :1], axis=1)", "np.all(signs == signs[:1], axis=0)", mistake="units_not_examples")
edit("gradient_signs", "np.all(signs == signs[:, :1], axis=1)", "np.all(signs > 0, axis=1)", mistake="only_positive")
edit("gradient_signs", "np.all(signs == signs[:, :1], axis=1)", "signs > 0", mistake="share_of_positive")
edit("gradient_signs", "return signs, one_sign", "return signs", mistake="wrong_count")

# ---------------------------------------------------------------- ReLU and leaky ReLU
edit("leaky_relu_forward", "np.maximum(0, x), x", "np.abs(x), x", mistake="absolute_value")
edit("leaky_relu_forward", "np.maximum(0, x), x", "np.maximum(0, x)", mistake="no_cache")
edit("leaky_relu_forward", "dout * (x > 0)", "dout * (x < 0)", mistake="mask_inverted")
edit("leaky_relu_forward", "dout * (x > 0)", "dout * (dout > 0)", mistake="mask_from_upstream")
edit("leaky_relu_forward", "dout * (x > 0)", "dout * (x > x.mean())", mistake="mask_at_mean")
edit("leaky_relu_forward", "dout * (x > 0)", "dout * ((dout > 0) & (x > 0))", mistake="both_signs_asked")
edit("leaky_relu_forward", "dout * (x > 0)", "dout", mistake="local_forgotten")
edit("leaky_relu_forward", "dout * (x > 0)", "1.0 * (x > 0)", mistake="upstream_forgotten")
edit("leaky_relu_forward", "dout * (x > 0)", "dout * np.maximum(0, x)", mistake="multiplied_by_output")
edit("leaky_relu_forward", "np.where(x > 0, x, slope * x)", "np.where(x > 0, x, 0)", mistake="leak_missing")
edit("leaky_relu_forward", "np.where(x > 0, x, slope * x)", "np.maximum(slope, x)", mistake="slope_as_floor")
edit("leaky_relu_forward", "np.where(x > 0, x, slope * x)", "np.where(x > 0, x, -slope * x)", mistake="leak_subtracted")
edit("leaky_relu_forward", "np.where(x > 0, x, slope * x)", "np.where(x > 0, slope * x, x)", mistake="sides_exchanged")
edit("leaky_relu_forward", "np.where(x > 0, x, slope * x)", "np.where(x > 0, x, 0.01 * x)", mistake="slope_ignored")
edit("leaky_relu_forward", "np.where(x > 0, 1, slope)", "(x > 0)", mistake="leak_missing")
edit("leaky_relu_forward", "np.where(x > 0, 1, slope)", "np.where(x > 0, 1, 0.01)", mistake="slope_ignored")
edit("leaky_relu_forward", "np.where(x > 0, 1, slope)", "np.where(x > 0, slope, 1)", mistake="sides_exchanged")
edit("leaky_relu_forward", "dout * np.where(x > 0, 1, slope)", "np.where(x > 0, dout, slope)", mistake="slope_alone")
edit("leaky_relu_forward", "dout * np.where(x > 0, 1, slope)", "np.where(x > 0, dout, slope * x)", mistake="multiplied_by_input")
edit("leaky_relu_forward", "np.where(x > 0, 1, slope)", "np.where(dout > 0, 1, slope)", mistake="mask_from_upstream")
edit("leaky_relu_forward", "np.where(x > 0, 1, slope)", "np.where(x > x.mean(), 1, slope)", mistake="mask_at_mean")

# ---------------------------------------------------------------- dead_fraction
edit("dead_fraction", "np.mean(np.all(h == 0, axis=0))", "np.mean(h == 0)", mistake="zeros_counted")
edit("dead_fraction", "np.all(", "np.any(", mistake="once_is_enough")
edit("dead_fraction", "axis=0", "axis=1", mistake="examples_not_units")
edit("dead_fraction", "np.mean(", "np.sum(", mistake="count_not_share")
edit("dead_fraction", "h == 0", "h < 1e-6", mistake="guard_too_large")
edit("dead_fraction", "np.all(h == 0, axis=0)", "h.std(axis=0) == 0", mistake="constant_not_zero")
edit("dead_fraction", "np.mean(np.all(h == 0, axis=0))", "1 - np.mean(np.all(h == 0, axis=0))", mistake="alive_counted")
edit("dead_fraction", "np.mean(np.all(h == 0, axis=0))", "np.mean(np.any(h > 0, axis=0))", mistake="alive_counted")
edit("dead_fraction", "np.mean(np.all(h == 0, axis=0))", "np.all(h == 0, axis=0)", mistake="wrong_shape")


@wrong("divided_by_examples")
def dead_fraction(h):
    dead = 0
    for j in range(h.shape[1]):
        if h[:, j].max() == 0:
            dead += 1
    return dead / len(h)


# ---------------------------------------------------------------- PReLU
edit("prelu_forward", "np.where(x > 0, x, alpha * x)", "np.maximum(x, alpha * x)", mistake="maximum_of_both")
edit("prelu_forward", "np.where(x > 0, x, alpha * x)", "np.where(x > 0, alpha * x, x)", mistake="sides_exchanged")
edit("prelu_forward", "np.where(x > 0, x, alpha * x)", "np.where(x > 0, x, alpha)", mistake="slope_as_value")
edit("prelu_forward", "np.where(x > 0, x, alpha * x)", "np.maximum(0, x)", mistake="leak_missing")
edit("prelu_forward", "np.where(x > 0, 1, alpha)", "(x > 0)", mistake="leak_missing")
edit("prelu_forward", "np.where(x > 0, 1, alpha)", "np.where(x > x.mean(), 1, alpha)", mistake="mask_at_mean")
edit("prelu_forward", "np.where(x > 0, 1, alpha)", "np.where(x > 0, alpha, 1)", mistake="sides_exchanged")
edit("prelu_forward", "dout * np.where(x > 0, 1, alpha)", "np.where(x > 0, dout, alpha)", mistake="slope_alone")
edit("prelu_forward", "dout * np.minimum(0, x)", "dout * x", mistake="all_examples_counted")
edit("prelu_forward", "dout * np.minimum(0, x)", "dout * np.maximum(0, x)", mistake="positive_side_counted")
edit("prelu_forward", "dout * np.minimum(0, x)", "np.minimum(0, x)", mistake="upstream_forgotten")
edit("prelu_forward", "dout * np.minimum(0, x)", "dout * (x < 0)", mistake="input_forgotten")
edit("prelu_forward", "dout * np.minimum(0, x)", "dout * alpha * np.minimum(0, x)", mistake="output_for_input")
edit("prelu_forward", "np.sum(dout * np.minimum(0, x), axis=0)", "dout * np.minimum(0, x)", mistake="not_summed")
edit("prelu_forward", "np.minimum(0, x), axis=0", "np.minimum(0, x), axis=1", mistake="wrong_axis")
edit("prelu_forward", "np.minimum(0, x), axis=0)", "np.minimum(0, x))", mistake="summed_to_scalar")
edit("prelu_forward", "np.sum(dout", "np.mean(dout", mistake="averaged_twice")
edit("prelu_forward", "return dx, dalpha", "return dx", mistake="wrong_count")

# ---------------------------------------------------------------- ELU
edit("elu_forward", "alpha * np.expm1(np.minimum(0, x))", "alpha * np.exp(np.minimum(0, x))", mistake="one_not_subtracted")
edit("elu_forward", "alpha * np.expm1(np.minimum(0, x))", "np.expm1(np.minimum(0, x))", mistake="alpha_missing")
edit("elu_forward", "alpha * np.expm1(np.minimum(0, x))", "np.expm1(alpha * np.minimum(0, x))", mistake="alpha_in_exponent")
edit("elu_forward", "alpha * np.expm1(np.minimum(0, x))", "alpha * np.exp(np.minimum(0, x)) - 1", mistake="alpha_before_bracket")
edit("elu_forward", "alpha * np.expm1(np.minimum(0, x))", "alpha * np.expm1(-np.minimum(0, x))", mistake="sign_of_exponent")
edit("elu_forward", "np.where(x > 0, x, alpha * np.expm1(np.minimum(0, x)))", "(x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)", mistake="overflow")
edit("elu_forward", "np.where(x > 0, 1, alpha * np.exp(np.minimum(0, x)))", "((x > 0) + (x <= 0) * alpha * np.exp(x))", mistake="overflow")
edit("elu_forward", "alpha * np.exp(np.minimum(0, x))", "alpha * (np.exp(np.minimum(0, x)) - 1)", mistake="output_for_slope")
edit("elu_forward", "alpha * np.exp(np.minimum(0, x))", "np.exp(np.minimum(0, x))", mistake="alpha_missing")
edit("elu_forward", "alpha * np.exp(np.minimum(0, x))", "alpha", mistake="bend_missing")
edit("elu_forward", "np.where(x > 0, 1, alpha * np.exp", "np.where(x > x.mean(), 1, alpha * np.exp", mistake="mask_at_mean")
edit("elu_forward", "alpha * np.exp(np.minimum(0, x))", "alpha * np.expm1(np.minimum(0, x)) + 1", mistake="one_for_alpha")
edit("elu_forward", "alpha * np.exp(np.minimum(0, x))", "alpha**2 * np.exp(np.minimum(0, x))", mistake="alpha_twice")
edit("elu_forward", "np.where(x > 0, 1, alpha * np.exp(np.minimum(0, x)))", "(x > 0)", mistake="leak_missing")
edit("elu_forward", "dout * np.where(x > 0, 1, alpha * np.exp(np.minimum(0, x)))", "np.where(x > 0, dout, alpha * np.exp(np.minimum(0, x)))", mistake="slope_alone")
edit("elu_forward", "return out, (x, alpha)", "return out, (out, alpha)", mistake="output_in_exponent")

# ---------------------------------------------------------------- maxout
edit("maxout_forward", "pieces.max(axis=0)", "pieces.min(axis=0)", mistake="smallest_taken")
edit("maxout_forward", "pieces.max(axis=0)", "pieces.sum(axis=0)", mistake="pieces_added")
edit("maxout_forward", "pieces.max(axis=0)", "pieces.mean(axis=0)", mistake="pieces_averaged")
edit("maxout_forward", "x @ w + b[:, None, :]", "x @ w", mistake="bias_forgotten")
edit("maxout_forward", "pieces = x @ w + b[:, None, :]  # (K, N, M)\n    return pieces.max(axis=0)", "pieces = x @ w\n    return pieces.max(axis=0) + b.max(axis=0)", mistake="bias_after_maximum")
edit("maxout_forward", "pieces.max(axis=0)", "np.maximum(0, pieces.max(axis=0))", mistake="relu_added")
edit("maxout_forward", "pieces.max(axis=0)", "pieces[0]", mistake="first_piece_only")
edit("maxout_forward", "pieces.max(axis=0)", "pieces.max(axis=1)", mistake="wrong_shape")
edit("maxout_forward", "(np.arange(len(w))[:, None, None] == winner)", "np.ones((len(w), 1, 1))", mistake="sent_to_all")
edit("maxout_forward", "(np.arange(len(w))[:, None, None] == winner)", "(np.arange(len(w))[:, None, None] != winner)", mistake="loser_rewarded")
edit("maxout_forward", "(np.arange(len(w))[:, None, None] == winner)", "np.ones((len(w), 1, 1)) / len(w)", mistake="shared_out")
edit("maxout_forward", "(np.arange(len(w))[:, None, None] == winner)", "(np.arange(len(w))[:, None, None] == 0)", mistake="first_piece_rewarded")
edit("maxout_forward", "dout * (np", "1.0 * (np", mistake="upstream_in_mask")
edit("maxout_forward", "x.T @ dpieces", "x.T @ dpieces / len(x)", mistake="averaged_twice")
edit("maxout_forward", "dpieces.sum(axis=1)", "dpieces.mean(axis=1)", mistake="averaged_twice")
edit("maxout_forward", "x.T @ dpieces", "dpieces.sum(axis=1)[:, None, :] * np.ones_like(w)", mistake="inputs_forgotten")
edit("maxout_forward", "return dx, dw, db", "return dx, dw", mistake="wrong_count")
edit("maxout_forward", "return dx, dw, db", "return dw, dx, db", mistake="wrong_order")

# ---------------------------------------------------------------- SiLU and GELU
edit("silu_forward", "return x * s, (x, s)", "return s, (x, s)", mistake="factor_x_missing")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * s", mistake="first_term_only")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * (x * s * (1 - s))", mistake="second_term_only")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * (s + s * (1 - s))", mistake="x_missing_in_slope")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * s * (1 - s)", mistake="slope_of_gate")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "s + x * s * (1 - s)", mistake="upstream_forgotten")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * s + x * s * (1 - s)", mistake="upstream_in_one_term")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * (s - x * s * (1 - s))", mistake="sign_between_terms")
edit("silu_forward", "dout * (s + x * s * (1 - s))", "dout * (s + x * (1 - s))", mistake="factor_of_gate_missing")
edit("silu_forward", "dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du)", "dout * 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du", mistake="upstream_in_one_term")
edit("silu_forward", "(1 - t**2) * du", "(1 - t) * du", mistake="square_missing")
edit("silu_forward", "0.5 * x * (1 - t**2) * du", "0.5 * (1 - t**2) * du", mistake="x_missing_in_slope")
edit("silu_forward", "return 0.5 * x * (1 + t), (x, t)", "return x / (1 + np.exp(-1.702 * x)), (x, t)", mistake="another_gelu")
edit("silu_forward", "(x + 0.044715 * x**3)", "x", mistake="cube_missing")
edit("silu_forward", "np.sqrt(2 / np.pi) * (x", "2 / np.pi * (x", mistake="root_missing")
edit("silu_forward", "np.sqrt(2 / np.pi) * (x", "np.sqrt(2 * np.pi) * (x", mistake="root_inverted")
edit("silu_forward", "return 0.5 * x * (1 + t), (x, t)", "return x * (1 + t), (x, t)", mistake="half_missing")
edit("silu_forward", "dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du)", "dout * 0.5 * (1 + t)", mistake="gelu_first_term_only")
edit("silu_forward", "dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du)", "dout * 0.5 * x * (1 - t**2) * du", mistake="gelu_second_term_only")
edit("silu_forward", "(1 - t**2) * du", "(1 - t**2)", mistake="inner_slope_missing")
edit("silu_forward", "(1 + 3 * 0.044715 * x**2)", "1.0", mistake="inner_slope_without_cube")
edit("silu_forward", "3 * 0.044715", "0.044715", mistake="three_missing")


# ================================================================ right answers, written otherwise
@variant("the plain sigmoid, cache as a dict")
class _:
    def sigmoid_forward(x):
        out = 1.0 / (1.0 + np.exp(-x))
        return out, {"out": out}

    def sigmoid_backward(dout, cache):
        return cache["out"] * (1.0 - cache["out"]) * dout


@variant("the sigmoid by tanh, a list as cache and as result")
class _:
    def sigmoid_forward(x):
        s = 0.5 * (1 + np.tanh(x / 2))
        return [s, [s]]

    def sigmoid_backward(dout, cache):
        (s,) = cache
        return dout * (s - s**2)


@variant("the sigmoid with masks, in place; printing")
class _:
    def sigmoid_forward(x):
        print("sigmoid of", np.shape(x))
        out = np.empty_like(x)
        positive = x >= 0
        out[positive] = 1 / (1 + np.exp(-x[positive]))
        e = np.exp(x[~positive])
        out[~positive] = e / (1 + e)
        return out, out.copy()

    def sigmoid_backward(dout, cache):
        dout *= cache
        dout *= 1 - cache
        return dout


@variant("tanh from the sigmoid; the slope from the input")
class _:
    def tanh_forward(x):
        s, _ = sigmoid_forward(2 * x)
        return 2 * s - 1, x

    def tanh_backward(dout, cache):
        return dout / np.cosh(cache) ** 2


@variant("the norms by recursion, as a list")
def gradient_norms(forward, backward, x, weights, dout):
    norms = []

    def through(h, remaining):
        if not remaining:
            return dout
        out, cache = forward(np.dot(h, remaining[0]))
        upstream = through(out, remaining[1:])
        dh = np.einsum("nm,dm->nd", backward(upstream, cache), remaining[0])
        norms.insert(0, float(np.sqrt((dh * dh).sum())))
        return dh

    through(x, list(weights))
    return norms


@variant("signs by loops")
def gradient_signs(x, dout):
    N, D = x.shape
    signs, alike = np.zeros((N, D)), 0
    for i in range(N):
        for j in range(D):
            signs[i, j] = 1 if x[i, j] * dout[i] > 0 else -1
        alike += len(set(signs[i])) == 1
    return [signs, alike / N]


@variant("signs by their sums, as ints")
def gradient_signs(x, dout):
    signs = (np.sign(x) * np.sign(dout).reshape(-1, 1)).astype(int)
    one = np.abs(signs.sum(axis=1)) == x.shape[1]
    return signs, one.sum() / len(one)


@variant("ReLU by its own output; leaky ReLU by the larger of two lines; gates open at 0")
class _:
    def relu_forward(x):
        out = x * (x >= 0)
        return out, out

    def relu_backward(dout, cache):
        dout[cache == 0] = 0
        return dout

    def leaky_relu_forward(x, slope=0.01):
        return np.maximum(x, slope * x), [x, slope]

    def leaky_relu_backward(dout, cache):
        x, slope = cache
        dx = dout.copy()
        dx[x < 0] *= slope
        return dx


@variant("ReLU as a leaky ReLU of slope 0, with a mask as cache")
class _:
    def relu_forward(x):
        return leaky_relu_forward(x, 0.0)

    def relu_backward(dout, cache):
        return leaky_relu_backward(dout, cache)

    def leaky_relu_forward(x, slope=0.01):
        factor = np.ones(x.shape)
        factor[x <= 0] = slope
        return x * factor, factor

    def leaky_relu_backward(dout, cache):
        return np.multiply(dout, cache)


@variant("dead units counted by a loop")
def dead_fraction(h):
    dead = 0
    for j in range(h.shape[1]):
        if not h[:, j].any():
            dead += 1
    return dead / h.shape[1]


@variant("dead units by their largest output")
def dead_fraction(h):
    return 1.0 - np.count_nonzero(h.max(axis=0)) / h.shape[1]


@variant("PReLU by two halves; dalpha keeps its row axis")
class _:
    def prelu_forward(x, alpha):
        return np.maximum(0, x) + alpha[None, :] * np.minimum(0, x), {"x": x, "alpha": alpha}

    def prelu_backward(dout, cache):
        x, alpha = cache["x"], cache["alpha"]
        dx = dout * (x > 0) + dout * alpha * (x <= 0)
        return [dx, (dout * x * (x <= 0)).sum(axis=0, keepdims=True)]


@variant("PReLU by loops")
class _:
    def prelu_forward(x, alpha):
        out = x.copy()
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                if x[i, j] < 0:
                    out[i, j] = alpha[j] * x[i, j]
        return out, (x, alpha)

    def prelu_backward(dout, cache):
        x, alpha = cache
        dx, dalpha = np.zeros_like(x), np.zeros_like(alpha)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                if x[i, j] > 0:
                    dx[i, j] = dout[i, j]
                else:
                    dx[i, j] = dout[i, j] * alpha[j]
                    dalpha[j] += dout[i, j] * x[i, j]
        return dx, dalpha


@variant("ELU with exp on the whole array; the slope from the output")
class _:
    def elu_forward(x, alpha=1.0):
        out = np.where(x > 0, x, alpha * (np.exp(x) - 1))
        return out, (out, alpha)

    def elu_backward(dout, cache):
        out, alpha = cache
        return np.where(out > 0, dout, dout * (out + alpha))


@variant("maxout by loops over pieces and examples")
class _:
    def maxout_forward(x, w, b):
        pieces = [x.dot(w[k]) + b[k] for k in range(w.shape[0])]
        return np.maximum.reduce(pieces), (x, w, pieces)

    def maxout_backward(dout, cache):
        x, w, pieces = cache
        dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros((w.shape[0], w.shape[2]))
        best = np.max(pieces, axis=0)
        for k in range(w.shape[0]):
            d = dout * (pieces[k] == best)
            dx += d.dot(w[k].T)
            dw[k] += x.T.dot(d)
            db[k] += np.sum(d, axis=0)
        return dx, dw, db


@variant("maxout by einsum, an object as cache")
class _:
    class Kept:
        pass

    def maxout_forward(x, w, b):
        kept = Kept()
        kept.x, kept.w = x, w
        scores = np.einsum("nd,kdm->nkm", x, w) + b
        kept.winner = scores.argmax(axis=1)
        return scores.max(axis=1), kept

    def maxout_backward(dout, cache):
        mask = np.eye(len(cache.w))[cache.winner] * dout[:, :, None]
        dx = np.einsum("nmk,kdm->nd", mask, cache.w)
        return dx, np.einsum("nmk,nd->kdm", mask, cache.x), np.einsum("nmk->km", mask)


@variant("SiLU and GELU with everything recomputed from the input")
class _:
    def silu_forward(x):
        return x / (1 + np.exp(-x)), x

    def silu_backward(dout, cache):
        s = 1 / (1 + np.exp(-cache))
        return dout * s * (1 + cache * (1 - s))

    def gelu_forward(x):
        u = np.sqrt(2 / np.pi) * (x + 0.044715 * np.power(x, 3))
        return x * (1 + np.tanh(u)) / 2, x

    def gelu_backward(dout, cache):
        c = np.sqrt(2 / np.pi)
        t = np.tanh(c * (cache + 0.044715 * cache**3))
        left = (1 + t) / 2
        right = cache * (1 - t * t) * (c + 3 * c * 0.044715 * cache**2) / 2
        return (left + right) * dout
