"""Typical wrong answers to the jacobians notebook, each with its diagnosis, and unusual right ones."""

import numpy as np
from autograder.course.answers import edit, variant, wrong

# -- numerical_jacobian ----------------------------------------------------------------------------------------

edit("numerical_jacobian", "(2 * h)", "h", mistake="divided_by_h")
edit("numerical_jacobian", "/ (2 * h)", "/ 2 * h", mistake="brackets_missing")
edit("numerical_jacobian", "f(x + step) - f(x - step)) / (2 * h)", "f(x + step) - f(x)) / h", mistake="one_sided")
edit("numerical_jacobian", "f(x + step) - f(x - step)) / (2 * h)", "f(x) - f(x - step)) / h", mistake="one_sided")
edit("numerical_jacobian", "f(x + step) - f(x - step)", "f(x - step) - f(x + step)", mistake="sign_flipped")
edit("numerical_jacobian", "axis=1", "axis=0", mistake="transposed")
edit("numerical_jacobian", "    columns = []\n", "    h = 1e-5\n    columns = []\n", mistake="step_ignored")


@wrong("moved_all_at_once")
def numerical_jacobian(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong("one_point_not_moved")
def numerical_jacobian(f, x, h=1e-5):
    J = np.zeros((np.size(f(x)), x.size))
    for j in range(x.size):
        forward = x.copy().ravel()
        forward[j] += h
        above = np.ravel(f(forward.reshape(x.shape)))
        backward = forward
        backward[j] -= h
        J[:, j] = (above - np.ravel(f(backward.reshape(x.shape)))) / (2 * h)
    return J


@wrong("not_moved_back")
def numerical_jacobian(f, x, h=1e-5):
    J = np.zeros((np.size(f(x)), x.size))
    flat = x.ravel().copy()
    for j in range(x.size):
        flat[j] += h
        above = np.ravel(f(flat.reshape(x.shape))).copy()
        flat[j] -= 2 * h
        J[:, j] = (above - np.ravel(f(flat.reshape(x.shape)))) / (2 * h)
    return J


@wrong("left_at_zero")
def numerical_jacobian(f, x, h=1e-5):
    J = np.zeros((np.size(f(x)), x.size))
    for j in range(x.size):
        above = below = x.astype(float).reshape(-1)
        above[j] += h
        below[j] -= h
        J[:, j] = np.ravel(f(above.reshape(x.shape)) - f(below.reshape(x.shape))) / (2 * h)
    return J


@wrong("outputs_added_up")
def numerical_jacobian(f, x, h=1e-5):
    gradient = np.zeros(x.size)
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        gradient[j] = np.sum(f(x + step) - f(x - step)) / (2 * h)
    return gradient


@wrong("flattened_by_columns")
def numerical_jacobian(f, x, h=1e-5):
    columns = []
    for j in range(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape, order="F")
        columns.append(np.ravel(f(x + step) - f(x - step)) / (2 * h))
    return np.array(columns).T


@wrong("python2_leftover")
def numerical_jacobian(f, x, h=1e-5):
    columns = []
    for j in xrange(x.size):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        columns.append(np.ravel(f(x + step) - f(x - step)) / (2 * h))
    return np.array(columns).T


# -- relu_jacobian ---------------------------------------------------------------------------------------------

edit("relu_jacobian", "x > 0", "x < 0", mistake="mask_inverted")
edit("relu_jacobian", "np.diag((x > 0).astype(float))", "(x > 0).astype(float)", mistake="diagonal_only")
edit("relu_jacobian", "(x > 0).astype(float)", "np.maximum(0, x)", mistake="values_not_slopes")
edit("relu_jacobian", "np.diag((x > 0).astype(float))", "np.outer(x > 0, x > 0)", mistake="outer_product")
edit("relu_jacobian", "np.diag((x > 0).astype(float))", "np.ones((len(x), 1)) * (x > 0)", mistake="repeated_not_diagonal")
edit("relu_jacobian", "np.diag((x > 0).astype(float))", "np.eye(len(x))", mistake="identity")


@wrong("left_at_zero")
def relu_jacobian(x):
    J = np.zeros((len(x), len(x)))
    for i in range(len(x)):
        if x[i] < 0:
            J[i, i] = 0
    return J


@wrong("numpy_leftover")
def relu_jacobian(x):
    return np.diag((x > 0).astype(np.float))


# -- jacobian_bytes --------------------------------------------------------------------------------------------

edit("jacobian_bytes", "8 * entries**2", "entries**2", mistake="entries_not_bytes")
edit("jacobian_bytes", "8 * entries**2", "64 * entries**2", mistake="bits_not_bytes")
edit("jacobian_bytes", "8 * entries**2", "4 * entries**2", mistake="four_bytes")
edit("jacobian_bytes", "8 * entries**2", "8 * batch * dim**2", mistake="one_block_per_row")
edit("jacobian_bytes", "8 * entries**2", "8 * dim**2", mistake="batch_forgotten")
edit("jacobian_bytes", "8 * entries**2", "8 * batch * entries", mistake="dim_counted_once")
edit("jacobian_bytes", "8 * entries**2", "8 * entries", mistake="gradient_not_jacobian")
edit("jacobian_bytes", "8 * entries**2", "8 * entries**2 / 2**20", mistake="not_in_bytes")

# -- relu_backward ---------------------------------------------------------------------------------------------

edit("relu_backward", "dout * (x > 0)", "dout", mistake="local_forgotten")
edit("relu_backward", "dout * (x > 0)", "(x > 0).astype(float)", mistake="upstream_forgotten")
edit("relu_backward", "dout * (x > 0)", "dout * (x < 0)", mistake="mask_inverted")
edit("relu_backward", "dout * (x > 0)", "dout * (dout > 0)", mistake="mask_from_upstream")
edit("relu_backward", "dout * (x > 0)", "dout * (x > x.mean())", mistake="mask_at_mean")
edit("relu_backward", "dout * (x > 0)", "np.maximum(0, dout)", mistake="mask_from_upstream")
edit("relu_backward", "dout * (x > 0)", "dout * np.maximum(0, x)", mistake="values_not_slopes")
edit("relu_backward", "dout * (x > 0)", "dout * x", mistake="input_not_slope")
edit("relu_backward", "dout * (x > 0)", "dout[x > 0]", mistake="selected_not_masked")
edit("relu_backward", "dout * (x > 0)", "np.zeros(x.shape)", mistake="left_at_zero")
edit("relu_backward", "return dout * (x > 0)", "dx = dout * (x > 0)", mistake="returned_nothing")
edit(
    "relu_backward",
    "dout * (x > 0)",
    "np.array([up @ np.diag(row) for up, row in zip(dout.reshape(-1, x.shape[-1]), (x > 0).astype(float).reshape(-1, x.shape[-1]))]).reshape(x.shape)",
    mistake="jacobian_built",
)
edit(
    "relu_backward",
    "dout * (x > 0)",
    "(dout.ravel() @ np.diag((x > 0).ravel().astype(float))).reshape(x.shape)",
    mistake="jacobian_built",
)


# -- eval_numerical_gradient_array -----------------------------------------------------------------------------

edit("eval_numerical_gradient_array", "* df) / (2 * h)", "* df) / h", mistake="divided_by_h")
edit("eval_numerical_gradient_array", "* df) / (2 * h)", "* df) / 2 * h", mistake="brackets_missing")
edit("eval_numerical_gradient_array", "np.sum((f(x + step) - f(x - step)) * df)", "((f(x + step) - f(x - step)) * df)[entry]", mistake="own_output_only")
edit("eval_numerical_gradient_array", " * df) / (2", ") / (2", mistake="upstream_forgotten")
edit("eval_numerical_gradient_array", "f(x - step)) * df) / (2 * h)", "f(x)) * df) / h", mistake="one_sided")
edit("eval_numerical_gradient_array", "f(x + step) - f(x - step)", "f(x - step) - f(x + step)", mistake="sign_flipped")
edit("eval_numerical_gradient_array", "np.sum(", "np.mean(", mistake="averaged_over_outputs")
edit("eval_numerical_gradient_array", "step[entry] = h", "step[entry] = h = 1e-5", mistake="step_ignored")


@wrong("not_moved_back")
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(*x.shape):
        old = x[ix]
        x[ix] = old + h
        pos = f(x).copy()
        x[ix] = old - h
        neg = f(x).copy()
        grad[ix] = np.sum((pos - neg) * df) / (2 * h)
    return grad


@wrong("left_at_zero")
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    grad = np.zeros_like(x)
    for ix in np.ndindex(*x.shape):
        plus = minus = x
        plus[ix] += h
        minus[ix] -= h
        grad[ix] = np.sum((f(plus) - f(minus)) * df) / (2 * h)
    return grad


@wrong("one_point_not_moved")
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    grad = np.zeros(x.shape)
    for ix in np.ndindex(*x.shape):
        moved = x.copy()
        moved[ix] += h
        grad[ix] = np.sum((f(moved) - f(x)) * df) / (2 * h)
    return grad


# -- softmax_jacobian ------------------------------------------------------------------------------------------

edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "np.diag(s * (1 - s))", mistake="only_the_diagonal")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "s * (1 - s)", mistake="vector_not_matrix")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "np.diag(s)", mistake="second_term_missing")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "-np.outer(s, s)", mistake="diagonal_missing")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "s - np.outer(s, s)", mistake="broadcast_not_diagonal")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "np.outer(s, s) - np.diag(s)", mistake="sign_flipped")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "np.eye(len(s)) - np.outer(s, s)", mistake="identity_not_softmax")
edit("softmax_jacobian", "np.diag(s) - np.outer(s, s)", "np.diag(z) - np.outer(z, z)", mistake="scores_not_softmax")
edit("softmax_jacobian", "    s, _ = softmax_forward(z)\n", "    s = np.exp(z) / np.sum(np.exp(z))\n", mistake="softmax_overflow")
edit("softmax_jacobian", "s, _ = softmax_forward(z)", "e = np.exp(z - z.mean()); s = e / e.sum()", mistake="softmax_overflow")
edit("softmax_jacobian", "s, _ = softmax_forward(z)", "e = np.exp(z - np.abs(z).max()); s = e / e.sum()", mistake="softmax_overflow")
edit("softmax_jacobian", "np.outer(s, s)", "s * s.T", mistake="no_outer_product")
edit("softmax_jacobian", "np.outer(s, s)", "s @ s", mistake="no_outer_product")
edit("softmax_jacobian", "np.diag(s) - np", "np.diag(s) + np", mistake="sign_between_terms")
edit("softmax_jacobian", "np.diag(s) -", "np.diag(s + s**2) -", mistake="square_missing_on_diagonal")
edit(
    "softmax_jacobian",
    "np.diag(s) - np.outer(s, s)",
    "np.array([[s[i] * (1 - s[i]) if i == j else s[i] * s[j] for j in range(len(s))] for i in range(len(s))])",
    mistake="off_diagonal_sign",
)
edit(
    "softmax_jacobian",
    "np.diag(s) - np.outer(s, s)",
    "np.array([[-s[i] * s[j] if i != j else 0.0 for j in range(len(s))] for i in range(len(s))])",
    mistake="diagonal_zero",
)

# -- softmax_backward ------------------------------------------------------------------------------------------

edit("softmax_backward", "s * (dout - np.sum(dout * s, axis=1, keepdims=True))", "dout * s * (1 - s)", mistake="only_the_diagonal")
edit("softmax_backward", "s * (dout - np.sum(dout * s, axis=1, keepdims=True))", "dout * s", mistake="second_term_missing")
edit("softmax_backward", "s * (dout - np.sum(dout * s, axis=1, keepdims=True))", "dout", mistake="local_forgotten")
edit("softmax_backward", "return s * (dout", "return (dout", mistake="outer_factor_missing")
edit("softmax_backward", "s * (dout - np.sum", "(s * dout - np.sum", mistake="factor_missing_in_second_term")
edit("softmax_backward", "(dout - np.sum", "(dout + np.sum", mistake="terms_added")
edit("softmax_backward", "np.sum(dout * s, ", "np.sum(dout, ", mistake="not_weighted")
edit("softmax_backward", "np.sum(", "np.mean(", mistake="mean_of_products")
edit("softmax_backward", "axis=1, keepdims=True", "axis=0", mistake="summed_over_examples")
edit("softmax_backward", ", axis=1, keepdims=True", "", mistake="summed_over_everything")
edit("softmax_backward", "dout * s, axis=1, keepdims=True", "dout * s", mistake="summed_over_everything")
edit("softmax_backward", "axis=1, keepdims=True", "axis=1", mistake="shapes_do_not_fit")
edit("softmax_backward", "s = cache", "s, _ = softmax_forward(cache)", mistake="softmax_twice")
edit("softmax_backward", "s * (dout - np.sum(dout * s, axis=1, keepdims=True))", "s - dout", mistake="loss_gradient")


@wrong("jacobian_built", exercise="softmax_backward")
class _:
    def softmax_backward(dout, cache):
        s = cache
        dz = np.zeros_like(s)
        for n in range(len(s)):
            J = np.diag(s[n]) - np.outer(s[n], s[n])
            dz[n] = J @ dout[n]
        return dz


# -- matmul_backward -------------------------------------------------------------------------------------------

edit("matmul_backward", "dout @ w.T, x.T @ dout", "x.T @ dout, dout @ w.T", mistake="wrong_order")
edit("matmul_backward", "x.T @ dout", "dout.T @ x", mistake="transposed")
edit("matmul_backward", "x.T @ dout", "x.T @ dout / len(x)", mistake="averaged_over_examples")
edit("matmul_backward", "dout @ w.T, x.T @ dout", "w.T, x.T", mistake="factor_itself")
edit("matmul_backward", "x.T @ dout", "np.outer(x.sum(axis=0), dout.sum(axis=0))", mistake="summed_before_multiplying")
edit("matmul_backward", "x.T @ dout", "np.outer(x[0], dout[0])", mistake="first_example_only")
edit("matmul_backward", "dout @ w.T, x.T @ dout", "dout @ w.T", mistake="wrong_count")
edit(
    "matmul_backward",
    "dout @ w.T, x.T @ dout",
    "np.ones_like(dout) @ w.T, x.T @ np.ones_like(dout)",
    mistake="upstream_forgotten",
)
edit("matmul_backward", "dout @ w.T, x.T @ dout", "-dout @ w.T, -x.T @ dout", mistake="sign_flipped")
edit("matmul_backward", "x, w = cache", "w, x = cache", mistake="shapes_do_not_fit")
edit("matmul_backward", "x.T @ dout", "x.reshape(x.shape[1], x.shape[0]) @ dout", mistake="reshaped_not_transposed")
edit("matmul_backward", "dout @ w.T", "dout @ w.reshape(w.shape[1], -1)", mistake="reshaped_not_transposed")


@wrong("last_example_only")
class _:
    def matmul_forward(x, w):
        return x @ w, (x, w)

    def matmul_backward(dout, cache):
        x, w = cache
        for n in range(len(x)):
            dw = np.outer(x[n], dout[n])
        return dout @ w.T, dw


# -- unbroadcast -----------------------------------------------------------------------------------------------

edit("unbroadcast", "return np.sum(dout, axis=of_length_1, keepdims=True)", "return dout", mistake="axes_in_front_only")
edit("unbroadcast", "    dout = np.sum(dout, axis=in_front)\n", "", mistake="axes_of_length_1_only")
edit("unbroadcast", "keepdims=True", "keepdims=False", mistake="unit_axes")
edit("unbroadcast", "axis=in_front)", "axis=in_front, keepdims=True)", mistake="unit_axes")


@wrong("shapes_do_not_fit")
def unbroadcast(dout, shape):
    for axis in reversed(range(dout.ndim)):
        if dout.shape[axis] not in shape:
            dout = dout.sum(axis=axis)
    return dout.reshape(shape)


@wrong("mean_not_sum")
def unbroadcast(dout, shape):
    dout = np.mean(dout, axis=tuple(range(dout.ndim - len(shape))))
    return np.mean(dout, axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


@wrong("first_copy_only")
def unbroadcast(dout, shape):
    while np.ndim(dout) > len(shape):
        dout = dout[0]
    for axis, n in enumerate(shape):
        if n == 1:
            dout = dout.take([0], axis=axis)
    return dout


@wrong("axes_of_length_1_only")
def unbroadcast(dout, shape):
    extra = dout.ndim - len(shape)
    return dout.sum(axis=tuple(extra + i for i, n in enumerate(shape) if n == 1), keepdims=True)


@wrong("summed_from_the_end")
def unbroadcast(dout, shape):
    while np.ndim(dout) > len(shape):
        dout = dout.sum(axis=-1)
    for axis, n in enumerate(shape):
        if n == 1 and dout.shape[axis] != 1:
            dout = dout.sum(axis=axis, keepdims=True)
    return dout


@wrong("summed_to_scalar")
def unbroadcast(dout, shape):
    return np.sum(dout)


@wrong("unit_axes")
def unbroadcast(dout, shape):
    padded = (1,) * (dout.ndim - len(shape)) + tuple(shape)
    return dout.sum(axis=tuple(i for i, n in enumerate(padded) if n == 1), keepdims=True)


@wrong("numpy_leftover")
def unbroadcast(dout, shape):
    return dout.reshape(-1, int(np.product(shape))).sum(axis=0).reshape(shape)


# -- squared_norm_backward -------------------------------------------------------------------------------------

edit("squared_norm_backward", "2 * q * dout", "q * dout", mistake="factor_of_the_square")
edit("squared_norm_backward", "2 * q * dout", "2 * q", mistake="upstream_forgotten")
edit("squared_norm_backward", "np.outer(dq, x)", "np.outer(x, dq)", mistake="transposed")
edit("squared_norm_backward", "W.T @ dq, np.outer(dq, x)", "np.outer(dq, x), W.T @ dq", mistake="wrong_order")
edit("squared_norm_backward", "W.T @ dq", "W @ dq", mistake="not_transposed")
edit("squared_norm_backward", "np.outer(dq, x)", "dq[:, None] * np.ones_like(x)", mistake="own_row_only")
edit("squared_norm_backward", "W.T @ dq, np.outer(dq, x)", "W.T @ dq", mistake="wrong_count")
edit("squared_norm_backward", "W.T @ dq, np.outer(dq, x)", "-W.T @ dq, -np.outer(dq, x)", mistake="sign_flipped")


@wrong("root_taken")
class _:
    def squared_norm_forward(x, W):
        q = W @ x
        return np.sqrt(np.sum(q**2)), (x, W, q)

    def squared_norm_backward(dout, cache):
        x, W, q = cache
        dq = dout * q / np.sqrt(np.sum(q**2))
        return W.T @ dq, np.outer(dq, x)


@wrong("not_summed")
class _:
    def squared_norm_forward(x, W):
        q = W @ x
        return q**2, (x, W, q)

    def squared_norm_backward(dout, cache):
        x, W, q = cache
        dq = 2 * q * dout
        return W.T @ dq, np.outer(dq, x)


@wrong("numeric_differentiation")
class _:
    def squared_norm_forward(x, W):
        q = W @ x
        return np.sum(q**2), (x, W)

    def squared_norm_backward(dout, cache):
        x, W = cache
        dx = eval_numerical_gradient_array(lambda x: np.asarray(squared_norm_forward(x, W)[0]), x, dout)
        dW = eval_numerical_gradient_array(lambda W: np.asarray(squared_norm_forward(x, W)[0]), W, dout)
        return dx, dW


@wrong("result_not_copied")
def numerical_jacobian(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    columns = []
    for entry in np.ndindex(x.shape):
        kept = x[entry]
        x[entry] = kept + h
        above = f(x)
        x[entry] = kept - h
        below = f(x)
        columns.append(np.ravel(above - below) / (2 * h))
        x[entry] = kept
    return np.stack(columns, axis=1)


@wrong("result_not_copied")
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    gradient = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        kept = x[entry]
        x[entry] = kept + h
        above = f(x)
        x[entry] = kept - h
        below = f(x)
        x[entry] = kept
        gradient[entry] = np.sum((above - below) * df) / (2 * h)
    return gradient


# -- unusual right answers -------------------------------------------------------------------------------------


@variant("measures in place and puts back, with nditer")
class _:
    def numerical_jacobian(f, x, h=1e-5):
        rows = np.asarray(f(x)).size
        J = np.zeros((rows, x.size))
        flat = x.reshape(-1)
        for j in range(flat.size):
            kept = flat[j]
            flat[j] = kept + h
            above = np.array(f(x), dtype=float).reshape(-1)
            flat[j] = kept - h
            below = np.array(f(x), dtype=float).reshape(-1)
            flat[j] = kept
            J[:, j] = (above - below) / (2 * h)
        return J

    def eval_numerical_gradient_array(f, x, df, h=1e-5):
        grad = np.zeros_like(x)
        it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
        while not it.finished:
            ix = it.multi_index
            oldval = x[ix]
            x[ix] = oldval + h
            pos = f(x).copy()
            x[ix] = oldval - h
            neg = f(x).copy()
            x[ix] = oldval
            grad[ix] = np.sum((pos - neg) * df) / (2 * h)
            it.iternext()
        return grad


@variant("one exercise calls another, with helpers of its own")
class _:
    def unit_steps(x, h):
        for j in range(x.size):
            step = np.zeros(x.size)
            step[j] = h
            yield step.reshape(x.shape)

    def numerical_jacobian(f, x, h=1e-5):
        return np.transpose([(np.asarray(f(x + e)) - np.asarray(f(x - e))).ravel() / h / 2 for e in unit_steps(x, h)])

    def eval_numerical_gradient_array(f, x, df, h=1e-5, verbose=False):
        J = numerical_jacobian(f, x, h)
        if verbose:
            print(J.shape)
        return (np.reshape(df, (1, -1)) @ J).reshape(x.shape)


@variant("loops, entry by entry, printing on the way")
class _:
    def relu_jacobian(x):
        J = [[0] * len(x) for _ in x]
        for i, number in enumerate(x):
            if number >= 0:
                J[i][i] = 1
        print("diagonal", [J[i][i] for i in range(len(x))])
        return J

    def relu_forward(x):
        out = np.zeros(x.shape)
        for place in np.ndindex(x.shape):
            out[place] = x[place] if x[place] > 0 else 0
        return out, {"x": x, "out": out}

    def relu_backward(dout, cache):
        dx = np.zeros(dout.shape)
        for place in np.ndindex(dout.shape):
            if cache["x"][place] > 0:
                dx[place] = dout[place]
        return dx

    def softmax_jacobian(z):
        s, _ = softmax_forward(z)
        J = np.zeros((len(z), len(z)))
        for i in range(len(z)):
            for j in range(len(z)):
                J[i, j] = s[i] * (1 - s[i]) if i == j else -s[i] * s[j]
        return J

    def softmax_forward(z):
        powers = np.exp(z - np.max(z, axis=-1, keepdims=True))
        s = powers / np.sum(powers, axis=-1, keepdims=True)
        return s, s

    def softmax_backward(dout, cache):
        rows = []
        for upstream, s in zip(dout, cache):
            rows.append([s_j * (up_j - np.dot(upstream, s)) for s_j, up_j in zip(s, upstream)] if len(s) < 50 else s * (upstream - upstream @ s))
        return np.array(rows)


@variant("dicts as caches, other names inside")
class _:
    def relu_forward(x):
        mask = x >= 0
        return x * mask, dict(mask=mask)

    def relu_backward(dout, cache):
        return np.where(cache["mask"], dout, 0)

    def softmax_forward(z):
        shifted = z - z.max(axis=-1)[..., None]
        e = np.exp(shifted)
        p = e / e.sum(axis=-1)[..., None]
        return p, {"probabilities": p, "scores": z}

    def softmax_jacobian(z):
        p = softmax_forward(z)[0].reshape(-1, 1)
        return np.diagflat(p) - p @ p.T

    def softmax_backward(dout, cache):
        p = cache["probabilities"]
        g = p * dout
        return g - p * g.sum(axis=-1)[:, None]

    def matmul_forward(x, w):
        return np.dot(x, w), {"x": x, "w": w}

    def matmul_backward(dout, cache):
        dx = dout.dot(cache["w"].T)
        dw = cache["x"].T.dot(dout)
        return dx, dw

    def squared_norm_forward(x, W):
        return float(np.linalg.norm(W @ x) ** 2), {"x": x, "W": W}

    def squared_norm_backward(dout, cache):
        x, W = cache["x"], cache["W"]
        return 2 * dout * W.T @ W @ x, 2 * dout * (W @ x)[:, np.newaxis] * x[np.newaxis]


@variant("einsum and objects as caches")
class _:
    class Saved:
        def __init__(self, **values):
            self.__dict__.update(values)

    def softmax_forward(z):
        powers = np.exp(z - np.max(z, axis=-1, keepdims=True))
        s = powers / np.sum(powers, axis=-1, keepdims=True)
        return s, Saved(s=s)

    def softmax_jacobian(z):
        s = softmax_forward(z)[1].s
        return np.einsum("i,ij->ij", s, np.eye(len(s)) - s)

    def softmax_backward(dout, cache):
        return cache.s * dout - np.einsum("n,nk->nk", np.einsum("nc,nc->n", dout, cache.s), cache.s)

    def matmul_forward(x, w):
        return np.einsum("nd,dm->nm", x, w), Saved(x=x, w=w)

    def matmul_backward(dout, cache):
        return [np.einsum("nm,dm->nd", dout, cache.w), np.einsum("nd,nm->dm", cache.x, dout)]

    def squared_norm_forward(x, W):
        q = np.einsum("hd,d->h", W, x)
        return np.einsum("h,h", q, q), Saved(x=x, W=W, q=q)

    def squared_norm_backward(dout, cache):
        dq = 2.0 * dout * cache.q
        return np.einsum("h,hd->d", dq, cache.W), np.einsum("h,d->hd", dq, cache.x)


@variant("works in place on what it is handed")
class _:
    def relu_forward(x):
        cache = x.copy()
        x[x < 0] = 0
        return x, cache

    def relu_backward(dout, cache):
        dout[cache <= 0] = 0
        return dout

    def matmul_forward(x, w):
        return x @ w, [x, w]

    def matmul_backward(dout, cache):
        x, w = cache
        dw = np.zeros(w.shape)
        for n in range(x.shape[0]):
            dw += x[n].reshape(-1, 1) * dout[n]
        dout = np.matmul(dout, w.transpose())
        return dout, dw


@variant("kept axes of length 1, lists instead of tuples")
class _:
    def relu_jacobian(x):
        return (x.reshape(-1, 1) > 0) * np.identity(x.size)

    def jacobian_bytes(batch, dim):
        import math

        return float(math.prod([batch * dim] * 2) * np.dtype(np.float64).itemsize)

    def squared_norm_forward(x, W):
        column = x.reshape(-1, 1)
        q = W @ column
        return q.T @ q, [column, W, q]

    def squared_norm_backward(dout, cache):
        column, W, q = cache
        dq = 2 * q * dout
        return [W.T @ dq, dq @ column.T]


@variant("unbroadcast by repeated sums")
def unbroadcast(dout, shape):
    result = np.array(dout)
    while result.ndim > len(shape):
        result = result.sum(axis=0)
    for axis in range(len(shape)):
        if shape[axis] == 1:
            result = result.sum(axis=axis, keepdims=True)
    return result


@variant("unbroadcast by padding the shape")
def unbroadcast(dout, shape):
    padded = (1,) * (dout.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i, (have, want) in enumerate(zip(dout.shape, padded)) if want != have)
    return np.sum(dout, axis=axes).reshape(shape)


@variant("unbroadcast entry by entry")
def unbroadcast(dout, shape):
    result = np.zeros(shape)
    where = np.broadcast_to(np.arange(result.size).reshape(shape), dout.shape)
    np.add.at(result.reshape(-1), where.reshape(-1), dout.reshape(-1))
    return result


@variant("steps written out, nested functions")
class _:
    def relu_backward(dout, cache):
        def gate(x):
            return np.heaviside(x, 0.5)

        return np.multiply(dout, gate(cache))

    def relu_forward(x):
        return (np.abs(x) + x) / 2, x

    def jacobian_bytes(batch, dim):
        rows = columns = batch * dim
        return np.float64(rows) * columns * 8

    def matmul_backward(dout, cache):
        (x, w) = cache
        N, D = x.shape
        M = w.shape[1]
        dx, dw = np.zeros((N, D)), np.zeros((D, M))
        for n in range(N):
            for d in range(D):
                for m in range(M):
                    dx[n, d] += dout[n, m] * w[d, m]
                    dw[d, m] += dout[n, m] * x[n, d]
        return dx, dw

    def matmul_forward(x, w):
        return np.array([[sum(a * b for a, b in zip(row, column)) for column in w.T] for row in x]), (x, w)

    def squared_norm_backward(dout, cache):
        x, W = cache
        dx, dW = np.zeros(x.shape), np.zeros(W.shape)
        for i in range(W.shape[0]):
            q_i = sum(W[i, j] * x[j] for j in range(W.shape[1]))
            for j in range(W.shape[1]):
                dW[i, j] = dout * 2 * q_i * x[j]
                dx[j] += dout * 2 * q_i * W[i, j]
        return dx, dW

    def squared_norm_forward(x, W):
        total = 0
        for row in W:
            total += np.dot(row, x) ** 2
        return total, (x, W)


# ---------------------------------------------------------------- other slopes, entries left out, rows for entries
@wrong("column_missing")
def numerical_jacobian(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    J = np.zeros((np.size(f(x)), x.size))
    for j in range(x.size - 1):
        step = np.zeros(x.size)
        step[j] = h
        step = step.reshape(x.shape)
        J[:, j] = (np.ravel(f(x + step)) - np.ravel(f(x - step))) / (2 * h)
    return J


@wrong("moves_pile_up")
def numerical_jacobian(f, x, h=1e-5):
    columns, step = [], np.zeros(x.size)
    for j in range(x.size):
        step[j] = h
        move = step.reshape(x.shape)
        columns.append((np.ravel(f(x + move)) - np.ravel(f(x - move))) / (2 * h))
    return np.stack(columns, axis=1)


@wrong("slope_of_abs")
def relu_jacobian(x):
    return np.diag(np.sign(x))


@wrong("whole_rows_set")
def relu_jacobian(x):
    J = np.zeros((len(x), len(x)))
    J[x > 0] = 1
    return J


@wrong("bends_beside_zero")
def relu_jacobian(x):
    return np.diag(x.astype(int) > 0)


@wrong("sums_multiplied")
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    dx = np.zeros(x.shape)
    for entry in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[entry] = h
        dx[entry] = np.sum(f(x + step) - f(x - step)) * np.sum(df) / (2 * h)
    return dx


edit("softmax_jacobian", "def softmax_jacobian(z):", "def lower_half(f):\n    return lambda z: np.tril(f(z))\n\n\n@lower_half\ndef softmax_jacobian(z):", mistake="one_triangle")
