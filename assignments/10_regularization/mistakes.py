"""Typical wrong answers and unusual right ones to the exercises of the regularization notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- penalties and ceiling
edit("l1_l2_penalty", "l1 * np.sign(W) + l2 * W", "l1 + l2 * W", mistake="sign_missing")
edit("l1_l2_penalty", "l1 * np.sign(W) + l2 * W", "l1 * W + l2 * W", mistake="l1_times_weight")
edit("l1_l2_penalty", "l1 * np.sign(W) + l2 * W", "l1 * np.sign(W) + 2 * l2 * W", mistake="square_not_differentiated")
edit("l1_l2_penalty", "l1 * np.sign(W) + l2 * W", "l1 * np.sign(W) + l2 / 2 * W", mistake="half_kept")
edit("l1_l2_penalty", "l1 * np.sign(W) + l2 * W", "l2 * W", mistake="l1_left_out")
edit("l1_l2_penalty", "return penalty, l1", "return l1", mistake="wrong_count")
edit("l1_l2_penalty", "l1 * np.sum(np.abs(W)) + l2", "l1 * np.linalg.norm(W, 1) + l2", mistake="norm_of_a_matrix")
edit("l1_l2_penalty", "norms = np.sqrt(np.sum(W**2, axis=0))", "norms = np.sqrt(np.sum(W**2, axis=1, keepdims=True))", mistake="rows_not_columns")
edit("l1_l2_penalty", "np.where(norms > limit, limit / np.maximum(norms, limit), 1.0)", "limit / (norms + 1e-12)", mistake="short_columns_stretched")
edit("l1_l2_penalty", "norms = np.sqrt(np.sum(W**2, axis=0))", "norms = np.linalg.norm(W)", mistake="whole_matrix")
edit("l1_l2_penalty", "np.sqrt(np.sum(W**2, axis=0))", "np.sum(W**2, axis=0)", mistake="root_missing")
edit("l1_l2_penalty", "return W * np.where(norms > limit, limit / np.maximum(norms, limit), 1.0)", "return np.clip(W, -limit, limit)", mistake="entries_clipped")
edit("l1_l2_penalty", "W * np.where(norms > limit, limit / np.maximum(norms, limit), 1.0)", "W / norms * np.minimum(norms, limit)", mistake="zero_column")
edit("l1_l2_penalty", "limit / np.maximum(norms, limit), 1.0", "1 / np.maximum(norms, limit), 1.0", mistake="scaled_to_one")


@wrong("half_missing", exercise="l1_l2_penalty")
class _:
    def l1_l2_penalty(W, l1, l2):
        return l1 * np.abs(W).sum() + l2 * (W * W).sum(), l1 * np.sign(W) + 2 * l2 * W

    def max_norm(W, limit):
        return W / np.maximum(1, np.linalg.norm(W, axis=0) / limit)


@wrong("root_taken", exercise="l1_l2_penalty")
class _:
    def l1_l2_penalty(W, l1, l2):
        norm = np.linalg.norm(W)
        return l1 * np.abs(W).sum() + l2 / 2 * norm, l1 * np.sign(W) + l2 / 2 * W / norm

    def max_norm(W, limit):
        return W / np.maximum(1, np.linalg.norm(W, axis=0) / limit)


@wrong("absolute_value_missing", exercise="l1_l2_penalty")
class _:
    def l1_l2_penalty(W, l1, l2):
        return l1 * W.sum() + l2 / 2 * (W * W).sum(), l1 + l2 * W

    def max_norm(W, limit):
        return W / np.maximum(1, np.linalg.norm(W, axis=0) / limit)


@wrong("averaged_over_weights", exercise="l1_l2_penalty")
class _:
    def l1_l2_penalty(W, l1, l2):
        return l1 * np.abs(W).mean() + l2 / 2 * (W * W).mean(), (l1 * np.sign(W) + l2 * W) / W.size

    def max_norm(W, limit):
        return W / np.maximum(1, np.linalg.norm(W, axis=0) / limit)


# ---------------------------------------------------------------- dropout
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) > p) / p", mistake="keep_and_drop_exchanged")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) > p) / (1 - p)", mistake="keep_and_drop_exchanged")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) >= p)", mistake="keep_and_drop_exchanged")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) < p)", mistake="not_inverted")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) < p) / (1 - p)", mistake="divided_by_drop")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) < p) * p", mistake="multiplied_by_p")
edit("dropout_forward", "return x * mask, mask", "return x * mask / p, mask / p", mistake="scaled_twice")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.standard_normal(x.shape) < p) / p", mistake="normal_numbers")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape) < 0.5) / p", mistake="half_kept")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "rng.random(x.shape) / p", mistake="nothing_dropped")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random(x.shape[1:]) < p) / p * np.ones(x.shape)", mistake="same_for_all_examples")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "(rng.random((len(x),) + (1,) * (x.ndim - 1)) < p) / p * np.ones(x.shape)", mistake="whole_examples_dropped")
edit("dropout_forward", "        return x, None", '        return x * dropout_param["p"], None', mistake="scaled_at_test")
edit("dropout_forward", '    if dropout_param["mode"] == "test":\n        return x, None\n', "", mistake="drops_at_test")
edit("dropout_forward", "return dout if mask is None else dout * mask", "return dout", mistake="backward_without_mask")
edit("dropout_forward", "return dout if mask is None else dout * mask", "return dout if mask is None else dout * (mask > 0)", mistake="backward_not_scaled")
edit("dropout_forward", "return dout if mask is None else dout * mask", "return dout if mask is None else dout * (mask == 0) * mask.max()", mistake="mask_inverted")
edit("dropout_forward", "return x * mask, mask", "return x * mask", mistake="no_cache")
edit("dropout_forward", 'np.random.default_rng(dropout_param.get("seed"))', 'np.random.default_rng(dropout_param.get("seed") or None)', mistake="seed_zero_ignored")
edit("dropout_forward", 'np.random.default_rng(dropout_param.get("seed"))', "np.random.default_rng()", mistake="seed_ignored")
edit("dropout_forward", "(rng.random(x.shape) < p) / p", "rng.permutation(np.arange(x.size) < round(p * x.size)).reshape(x.shape) / p", mistake="same_number_kept")
edit("dropout_forward", 'np.random.default_rng(dropout_param.get("seed"))', "np.random.default_rng(0)", mistake="mask_never_changes")
edit("dropout_forward", "    return dout if mask is None else dout * mask", "    dx = dout if mask is None else dout * mask", mistake="returned_nothing")


@wrong("mask_redrawn", exercise="dropout_forward")
class _:
    def dropout_forward(x, dropout_param):
        if dropout_param["mode"] == "test":
            return x, (dropout_param, x.shape)
        rng = np.random.default_rng(dropout_param.get("seed"))
        p = dropout_param["p"]
        return x * (rng.random(x.shape) < p) / p, (dropout_param, x.shape)

    def dropout_backward(dout, cache):
        dropout_param, shape = cache
        if dropout_param["mode"] == "test":
            return dout
        rng = np.random.default_rng(dropout_param.get("seed"))
        return dout * (rng.random(shape) < dropout_param["p"]) / dropout_param["p"]


@wrong("scaled_at_test", exercise="dropout_forward")
class _:
    def dropout_forward(x, dropout_param):
        p, mask = dropout_param["p"], None
        rng = np.random.default_rng(dropout_param.get("seed"))
        if dropout_param["mode"] == "train":
            mask = (rng.random(x.shape) < p) / p
            return x * mask, (p, mask)
        return x, (p, None)

    def dropout_backward(dout, cache):
        p, mask = cache
        return dout * p if mask is None else dout * mask


@wrong("unpacked_differently", exercise="dropout_forward")
class _:
    def dropout_forward(x, dropout_param):
        N, D = x.shape
        rng = np.random.default_rng(dropout_param.get("seed"))
        mask = np.ones((N, D))
        if dropout_param["mode"] == "train":
            mask = (rng.random((N, D)) < dropout_param["p"]) / dropout_param["p"]
        return x * mask, mask

    def dropout_backward(dout, cache):
        return dout * cache


@wrong("mask_from_output", exercise="dropout_forward")
class _:
    def dropout_forward(x, dropout_param):
        p, out = dropout_param["p"], x
        if dropout_param["mode"] == "train":
            out = x * (np.random.default_rng(dropout_param.get("seed")).random(x.shape) < p) / p
        return out, (out, p, dropout_param["mode"])

    def dropout_backward(dout, cache):
        out, p, mode = cache
        return dout if mode == "test" else dout * (out != 0) / p


# ---------------------------------------------------------------- DropConnect
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "(rng.random(w.shape) > p) / p", mistake="keep_and_drop_exchanged")
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "(rng.random(w.shape) > p) / (1 - p)", mistake="keep_and_drop_exchanged")
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "1.0 * (rng.random(w.shape) < p)", mistake="not_inverted")
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "(rng.random(w.shape) < p) / (1 - p)", mistake="divided_by_drop")
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "(rng.random((len(w), 1)) < p) / p", mistake="whole_lines_dropped")
edit("dropconnect_forward", "(rng.random(w.shape) < p) / p", "(rng.random(w.shape[1]) < p) / p", mistake="whole_lines_dropped")
edit("dropconnect_forward", '    if dropconnect_param["mode"] == "train":\n', "    if True:\n", mistake="drops_at_test")
edit("dropconnect_forward", "mask = np.ones(w.shape)", 'mask = np.full(w.shape, dropconnect_param["p"])', mistake="scaled_at_test")
edit("dropconnect_forward", "return dout @ masked.T, (x.T @ dout) * mask", "return dout @ masked.T, x.T @ dout", mistake="dw_without_mask")
edit("dropconnect_forward", "return dout @ masked.T, (x.T @ dout) * mask", "return dout @ masked.T, (x.T @ dout) * (mask > 0)", mistake="dw_not_scaled")
edit("dropconnect_forward", "(x, w * mask, mask)", "(x, w, mask)", mistake="dx_with_full_weights")
edit("dropconnect_forward", "dout.sum(axis=0)", "dout.mean(axis=0)", mistake="averaged_twice")
edit("dropconnect_forward", "return dout @ masked.T, (x.T @ dout) * mask, dout.sum(axis=0)", "return dout @ masked.T, (x.T @ dout) * mask", mistake="wrong_count")
edit("dropconnect_forward", 'np.random.default_rng(dropconnect_param.get("seed"))', 'np.random.default_rng(dropconnect_param.get("seed") or None)', mistake="seed_zero_ignored")
edit("dropconnect_forward", 'np.random.default_rng(dropconnect_param.get("seed"))', "np.random.default_rng()", mistake="seed_ignored")
edit("dropconnect_forward", 'np.random.default_rng(dropconnect_param.get("seed"))', "np.random.default_rng(7)", mistake="mask_never_changes")


@wrong("inputs_dropped", exercise="dropconnect_forward")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        rng, p = np.random.default_rng(dropconnect_param.get("seed")), dropconnect_param["p"]
        mask = (rng.random(x.shape) < p) / p if dropconnect_param["mode"] == "train" else np.ones(x.shape)
        return (x * mask) @ w + b, (x * mask, w, mask)

    def dropconnect_backward(dout, cache):
        x, w, mask = cache
        return dout @ w.T * mask, x.T @ dout, dout.sum(axis=0)


@wrong("outputs_dropped", exercise="dropconnect_forward")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        out = x @ w + b
        rng, p = np.random.default_rng(dropconnect_param.get("seed")), dropconnect_param["p"]
        mask = (rng.random(out.shape) < p) / p if dropconnect_param["mode"] == "train" else np.ones(out.shape)
        return out * mask, (x, w, mask)

    def dropconnect_backward(dout, cache):
        x, w, mask = cache
        dout = dout * mask
        return dout @ w.T, x.T @ dout, dout.sum(axis=0)


@wrong("outputs_dropped", exercise="dropconnect_forward")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        out = x @ w
        rng, p = np.random.default_rng(dropconnect_param.get("seed")), dropconnect_param["p"]
        mask = (rng.random(out.shape) < p) / p if dropconnect_param["mode"] == "train" else np.ones(out.shape)
        return out * mask + b, (x, w, mask)

    def dropconnect_backward(dout, cache):
        x, w, mask = cache
        return (dout * mask) @ w.T, x.T @ (dout * mask), dout.sum(axis=0)


@wrong("bias_dropped", exercise="dropconnect_forward")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        rng, p = np.random.default_rng(dropconnect_param.get("seed")), dropconnect_param["p"]
        mask, bias_mask = np.ones(w.shape), np.ones(b.shape)
        if dropconnect_param["mode"] == "train":
            mask, bias_mask = (rng.random(w.shape) < p) / p, (rng.random(b.shape) < p) / p
        return x @ (w * mask) + b * bias_mask, (x, w * mask, mask, bias_mask)

    def dropconnect_backward(dout, cache):
        x, masked, mask, bias_mask = cache
        return dout @ masked.T, (x.T @ dout) * mask, dout.sum(axis=0) * bias_mask


# ---------------------------------------------------------------- stochastic depth
edit("stochastic_depth_forward", "(rng.random(len(x)) < p) / p", "(rng.random(len(x)) > p) / (1 - p)", mistake="keep_and_drop_exchanged")
edit("stochastic_depth_forward", "(rng.random(len(x)) < p) / p", "1.0 * (rng.random(len(x)) < p)", mistake="not_inverted")
edit("stochastic_depth_forward", "(rng.random(len(x)) < p) / p", "(rng.random() < p) / p * np.ones(len(x))", mistake="whole_batch_dropped")
edit("stochastic_depth_forward", "    mask = np.ones(len(x))\n", '    mask = np.full(len(x), depth_param["p"])\n', mistake="scaled_at_test")
edit("stochastic_depth_forward", '    if depth_param["mode"] == "train":\n', "    if True:\n", mistake="drops_at_test")
edit("stochastic_depth_forward", "return dout, mask * dout", "return dout + mask * dout, mask * dout", mistake="dx_through_branch")
edit("stochastic_depth_forward", "return dout, mask * dout", "return mask * dout, mask * dout", mistake="dx_masked")
edit("stochastic_depth_forward", "return dout, mask * dout", "return dout, dout", mistake="branch_without_mask")
edit("stochastic_depth_forward", "return dout, mask * dout", "return dout, (mask > 0) * dout", mistake="dbranch_not_scaled")
edit("stochastic_depth_forward", "return dout, mask * dout", "return dout", mistake="wrong_count")
edit("stochastic_depth_forward", 'np.random.default_rng(depth_param.get("seed"))', 'np.random.default_rng(depth_param.get("seed") or None)', mistake="seed_zero_ignored")
edit("stochastic_depth_forward", 'np.random.default_rng(depth_param.get("seed"))', "np.random.default_rng()", mistake="seed_ignored")


@wrong("shortcut_dropped", exercise="stochastic_depth_forward")
class _:
    def stochastic_depth_forward(x, branch, depth_param):
        mask, p = np.ones((len(x),) + (1,) * (x.ndim - 1)), depth_param["p"]
        if depth_param["mode"] == "train":
            mask = (np.random.default_rng(depth_param.get("seed")).random(mask.shape) < p) / p
        return mask * (x + branch), mask

    def stochastic_depth_backward(dout, cache):
        return cache * dout, cache * dout


@wrong("single_entries_dropped", exercise="stochastic_depth_forward")
class _:
    def stochastic_depth_forward(x, branch, depth_param):
        mask, p = np.ones(x.shape), depth_param["p"]
        if depth_param["mode"] == "train":
            mask = (np.random.default_rng(depth_param.get("seed")).random(x.shape) < p) / p
        return x + mask * branch, mask

    def stochastic_depth_backward(dout, cache):
        return dout, cache * dout


# ---------------------------------------------------------------- fractional max pooling
edit("fractional_max_pool_regions", "np.cumsum(rng.permutation(widths))", "np.cumsum(widths)", mistake="order_not_random")
edit("fractional_max_pool_regions", "rng.permutation(widths)", "np.roll(widths, rng.integers(out_size))", mistake="orders_not_equal")
edit("fractional_max_pool_regions", "return np.concatenate([[0], np.cumsum(rng.permutation(widths))])", "return rng.permutation(widths)", mistake="widths_returned")
edit("fractional_max_pool_regions", "np.cumsum(rng.permutation(widths))", "np.cumsum(rng.permutation(widths)) - (np.arange(out_size) == out_size - 1)", mistake="last_edge_short")
edit("fractional_max_pool_regions", "rng.permutation(widths)", "np.random.default_rng().permutation(widths)", mistake="generator_ignored")
edit("fractional_max_pool_regions", "np.maximum.reduceat(np.maximum.reduceat(x, rows[:-1], axis=2), cols[:-1], axis=3)", "np.minimum.reduceat(np.minimum.reduceat(x, rows[:-1], axis=2), cols[:-1], axis=3)", mistake="smallest_taken")
edit("fractional_max_pool_regions", "return out, (x, out, rows, cols)", "return out", mistake="no_cache")
edit("fractional_max_pool_regions", "spread(dout) * (x == spread(out))", "spread(dout)", mistake="sent_to_all")
edit("fractional_max_pool_regions", "spread(dout) * (x == spread(out))", "1.0 * (x == spread(out))", mistake="upstream_forgotten")
edit("fractional_max_pool_regions", "spread(dout) * (x == spread(out))", "spread(dout) / np.repeat(np.repeat(np.diff(rows)[:, None] * np.diff(cols), np.diff(rows), axis=0), np.diff(cols), axis=1)", mistake="shared_out")


@wrong("mean_not_largest", exercise="fractional_max_pool_regions")
class _:
    def fractional_max_pool_regions(size, out_size, rng):
        if out_size > size or size > 2 * out_size:
            raise ValueError("does not fit")
        widths = [2] * (size - out_size) + [1] * (2 * out_size - size)
        rng.shuffle(widths)
        return np.array([0, *np.cumsum(widths)])

    def fractional_max_pool_forward(x, rows, cols):
        out = np.zeros((*x.shape[:2], len(rows) - 1, len(cols) - 1))
        for i in range(len(rows) - 1):
            for j in range(len(cols) - 1):
                out[:, :, i, j] = x[:, :, rows[i] : rows[i + 1], cols[j] : cols[j + 1]].mean(axis=(2, 3))
        return out, (x, rows, cols)

    def fractional_max_pool_backward(dout, cache):
        x, rows, cols = cache
        dx = np.zeros(x.shape)
        for i in range(len(rows) - 1):
            for j in range(len(cols) - 1):
                count = (rows[i + 1] - rows[i]) * (cols[j + 1] - cols[j])
                dx[:, :, rows[i] : rows[i + 1], cols[j] : cols[j + 1]] = dout[:, :, i : i + 1, j : j + 1] / count
        return dx


@wrong("other_widths", exercise="fractional_max_pool_regions")
class _:
    def fractional_max_pool_regions(size, out_size, rng):
        if not out_size <= size <= 2 * out_size:
            raise ValueError("does not fit")
        inner = np.sort(rng.choice(np.arange(1, size), out_size - 1, replace=False))
        return np.concatenate([[0], inner, [size]])

    def fractional_max_pool_forward(x, rows, cols):
        return np.maximum.reduceat(np.maximum.reduceat(x, rows[:-1], 2), cols[:-1], 3), (x, rows, cols)

    def fractional_max_pool_backward(dout, cache):
        x, rows, cols = cache
        spread = lambda v: np.repeat(np.repeat(v, np.diff(rows), 2), np.diff(cols), 3)
        return spread(dout) * (x == spread(np.maximum.reduceat(np.maximum.reduceat(x, rows[:-1], 2), cols[:-1], 3)))


# ---------------------------------------------------------------- flips, crops, colours
edit("random_flip", "x[..., ::-1], x", "x[:, :, ::-1], x", mistake="upside_down")
edit("random_flip", "x[..., ::-1], x", "x[:, :, ::-1, ::-1], x", mistake="both_axes_reversed")
edit("random_flip", "rng.random(len(x)) < probability", "rng.random(len(x)) > probability", mistake="probability_inverted")
edit("random_flip", "    flipped = rng.random(len(x)) < probability\n    return np.where(flipped[:, None, None, None]", "    flipped = rng.random(x.shape[:2]) < probability\n    return np.where(flipped[:, :, None, None]", mistake="channels_torn_apart")
edit("random_flip", "flipped = rng.random(len(x)) < probability", "flipped = np.full(len(x), rng.random() < probability)", mistake="all_or_none")
edit("random_flip", "flipped = rng.random(len(x)) < probability", "flipped = np.random.default_rng().random(len(x)) < probability", mistake="generator_ignored")
edit("random_flip", "rng.integers(0, 2 * pad + 1, size=(2, N))", "rng.integers(0, 2 * pad, size=(2, N))", mistake="last_window_missing")
edit("random_flip", "rng.integers(0, 2 * pad + 1, size=(2, N))", "rng.integers(0, 2 * pad + 1, size=(2, 1)).repeat(N, axis=1)", mistake="same_for_all_images")
edit("random_flip", "rng.integers(0, 2 * pad + 1, size=(2, N))", "rng.integers(0, 2 * pad + 1, size=(1, N)).repeat(2, axis=0)", mistake="one_draw_for_both")
edit("random_flip", "(pad, pad), (pad, pad)))", '(pad, pad), (pad, pad)), mode="edge")', mistake="no_window")
edit("random_flip", "return np.stack([image[:, i : i + H, j : j + W] for image, i, j in zip(padded, top, left)])", "return padded", mistake="not_cut")
edit("random_flip", "size=(*x.shape[:2], 1, 1)", "size=(len(x), 1, 1, 1)", mistake="same_for_all_channels")
edit("random_flip", "size=(*x.shape[:2], 1, 1)", "size=(1, x.shape[1], 1, 1)", mistake="same_for_all_images")
edit("random_flip", "size=(*x.shape[:2], 1, 1)", "size=x.shape", mistake="every_pixel_alone")
edit("random_flip", "rng.uniform(1 - strength, 1 + strength,", "rng.uniform(-strength, strength,", mistake="factor_around_zero")
edit("random_flip", "rng.uniform(1 - strength, 1 + strength,", "rng.uniform(1 - strength, 1,", mistake="only_darker")
edit("random_flip", "rng.uniform(1 - strength, 1 + strength,", "rng.uniform(1, 1 + strength,", mistake="only_brighter")
edit("random_flip", "np.clip(x * factors, 0, 1)", "np.clip(x + factors - 1, 0, 1)", mistake="added_not_multiplied")
edit("random_flip", "np.clip(x * factors, 0, 1)", "x * factors", mistake="not_clipped")

# ---------------------------------------------------------------- rotation
edit("rotate", "np.deg2rad(np.broadcast_to(degrees, N))", "-np.deg2rad(np.broadcast_to(degrees, N))", mistake="clockwise")
edit("rotate", "np.deg2rad(np.broadcast_to(degrees, N))", "np.broadcast_to(degrees, N)", mistake="degrees_as_radians")
edit("rotate", "f, g = row - top, col - left", "top, left = np.round(row).astype(int), np.round(col).astype(int)\n    f, g = np.zeros(row.shape), np.zeros(row.shape)", mistake="not_mixed")
edit("rotate", "((0, 0), (0, 0), (1, 1), (1, 1)))", '((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")', mistake="edge_repeated")
edit("rotate", "rng.uniform(-max_degrees, max_degrees, size=len(x))", "rng.uniform(0, max_degrees, size=len(x))", mistake="one_side_only")
edit("rotate", "rng.uniform(-max_degrees, max_degrees, size=len(x))", "rng.uniform(-max_degrees, max_degrees)", mistake="same_for_all_images")
edit("rotate", "rng.uniform(-max_degrees, max_degrees, size=len(x))", "np.random.uniform(-max_degrees, max_degrees, size=len(x))", mistake="generator_ignored")


@wrong("off_centre", exercise="rotate")
class _:
    def rotate(x, degrees):
        N, C, H, W = x.shape
        out, angles = np.zeros(x.shape), np.deg2rad(np.zeros(N) + degrees)
        for n in range(N):
            for i in range(H):
                for j in range(W):
                    right, down = j - W / 2, i - H / 2
                    row = H / 2 + right * np.sin(angles[n]) + down * np.cos(angles[n])
                    col = W / 2 + right * np.cos(angles[n]) - down * np.sin(angles[n])
                    top, left = int(np.floor(row)), int(np.floor(col))
                    for a in (top, top + 1):
                        for b in (left, left + 1):
                            if 0 <= a < H and 0 <= b < W:
                                out[n, :, i, j] += (1 - abs(row - a)) * (1 - abs(col - b)) * x[n, :, a, b]
        return out

    def random_rotation(x, rng, max_degrees):
        return rotate(x, max_degrees * (2 * rng.random(len(x)) - 1))


# ---------------------------------------------------------------- early stopping
edit("EarlyStopping", "self.best_loss, self.waited = loss, 0", "self.best_loss = loss", mistake="wait_not_reset")
edit("EarlyStopping", "self.waited >= self.patience", "self.waited > self.patience", mistake="one_late")
edit("EarlyStopping", "self.waited >= self.patience", "self.waited >= self.patience - 1", mistake="one_early")
edit("EarlyStopping", "loss < self.best_loss - self.min_delta", "loss < self.best_loss", mistake="min_delta_ignored")
edit("EarlyStopping", "loss < self.best_loss - self.min_delta", "loss <= self.best_loss - self.min_delta", mistake="equal_is_better")
edit("EarlyStopping", "{name: np.array(value) for name, value in params.items()}", "dict(params)", mistake="params_not_copied")
edit("EarlyStopping", "{name: np.array(value) for name, value in params.items()}", "params", mistake="params_not_copied")
edit("EarlyStopping", "        return self.waited >= self.patience", "        self.stop = self.waited >= self.patience", mistake="returned_nothing")
edit("EarlyStopping", "        else:\n            self.waited += 1\n", "        else:\n            self.waited += 1\n            self.best_params = {name: np.array(value) for name, value in params.items()}\n", mistake="last_params_kept")


@wrong("compared_with_previous")
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta, self.best_loss, self.best_params, self.waited = patience, min_delta, np.inf, None, 0
        self.previous = np.inf

    def update(self, loss, params):
        if loss < self.previous - self.min_delta:
            self.best_loss, self.waited = loss, 0
            self.best_params = {name: value.copy() for name, value in params.items()}
        else:
            self.waited += 1
        self.previous = loss
        return self.waited >= self.patience


@wrong("nan_is_better")
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience, self.min_delta, self.best_loss, self.best_params, self.waited = patience, min_delta, np.inf, None, 0

    def update(self, loss, params):
        if loss >= self.best_loss - self.min_delta:
            self.waited += 1
        else:
            self.best_loss, self.waited = loss, 0
            self.best_params = {name: value.copy() for name, value in params.items()}
        return self.waited >= self.patience


# ---------------------------------------------------------------- averages
edit("ensemble_predict", "np.mean(e / e.sum(axis=2, keepdims=True), axis=0)", "np.sum(e / e.sum(axis=2, keepdims=True), axis=0)", mistake="summed_not_averaged")
edit("ensemble_predict", "np.exp(scores - scores.max(axis=2, keepdims=True))", "np.exp(scores)", mistake="overflow")
edit("ensemble_predict", "np.mean(e / e.sum(axis=2, keepdims=True), axis=0)", "np.mean(np.eye(e.shape[2])[e.argmax(axis=2)], axis=0)", mistake="votes_counted")
edit("ensemble_predict", "return probabilities.argmax(axis=1), probabilities", "return probabilities", mistake="wrong_count")
edit("ensemble_predict", "(step % cycle) / cycle", "step / cycle", mistake="no_restart")
edit("ensemble_predict", "np.pi * (step % cycle)", "2 * np.pi * (step % cycle)", mistake="whole_wave")
edit("ensemble_predict", "(max_rate - min_rate) / 2 * (1", "(max_rate - min_rate) * (1", mistake="half_missing")
edit("ensemble_predict", "min_rate + (max_rate - min_rate) / 2 * (1", "max_rate / 2 * (1", mistake="min_rate_ignored")
edit("ensemble_predict", "min_rate + (max_rate - min_rate) / 2 * (1", "min_rate + max_rate / 2 * (1", mistake="falls_too_deep")
edit("ensemble_predict", "decay * average[name] + (1 - decay) * value", "(1 - decay) * average[name] + decay * value", mistake="weights_exchanged")
edit("ensemble_predict", "decay * average[name] + (1 - decay) * value", "0.99 * average[name] + 0.01 * value", mistake="decay_ignored")
edit("ensemble_predict", "decay * average[name] + (1 - decay) * value", "average[name] + (1 - decay) * value", mistake="not_weighted")
edit("ensemble_predict", "    return {name: decay * average[name] + (1 - decay) * value for name, value in params.items()}", "    for name, value in params.items():\n        average[name] *= decay\n        average[name] += (1 - decay) * value\n    return average", mistake="old_average_changed")
edit("ensemble_predict", "return {name: np.array(value) for", "return {name: (1 - decay) * value for", mistake="starts_at_zero")
edit("ensemble_predict", "return {name: np.array(value) for name, value in params.items()}", "return dict(params)", mistake="not_copied")


@wrong("scores_averaged", exercise="ensemble_predict")
class _:
    def cyclic_learning_rate(step, cycle, max_rate, min_rate=0.0):
        return min_rate + 0.5 * (max_rate - min_rate) * (1 + np.cos(np.pi * (step % cycle) / cycle))

    def ensemble_predict(scores):
        mean = sum(scores) / len(scores)
        e = np.exp(mean - mean.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return np.argmax(p, axis=1), p

    def polyak_update(average, params, decay=0.99):
        return {k: 1.0 * v if average is None else decay * average[k] + (1 - decay) * v for k, v in params.items()}


# ================================================================ right answers, written otherwise
@variant("penalty by loops; a column at a time; in place")
class _:
    def l1_l2_penalty(W, l1, l2):
        total, dW = 0.0, np.zeros_like(W)
        for index in np.ndindex(W.shape):
            total += l1 * abs(W[index]) + 0.5 * l2 * W[index] ** 2
            dW[index] = (l1 if W[index] >= 0 else -l1) + l2 * W[index]
        return total, dW

    def max_norm(W, limit):
        for j in range(W.shape[1]):
            norm = np.linalg.norm(W[:, j])
            if norm > limit:
                W[:, j] *= limit / norm
        return W


@variant("penalty as an array of one entry, ceiling without a branch")
class _:
    def l1_l2_penalty(W, l1, l2):
        return [np.array([l1 * np.abs(W).sum() + l2 * np.vdot(W, W) / 2]), l2 * W + l1 * np.where(W > 0, 1.0, -1.0)]

    def max_norm(W, limit):
        return W * np.minimum(1.0, limit / (np.linalg.norm(W, axis=0, keepdims=True) + 1e-300))


@variant("dropout as in many older solutions: the global generator, the mask a bool, scaled afterwards")
class _:
    def dropout_forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if "seed" in dropout_param:
            np.random.seed(dropout_param["seed"])
        mask, out = None, None
        if mode == "train":
            mask = np.random.rand(*x.shape) < p
            out = x * mask / p
        elif mode == "test":
            out = x
        cache = (dropout_param, mask)
        out = out.astype(x.dtype, copy=False)
        return out, cache

    def dropout_backward(dout, cache):
        dropout_param, mask = cache
        if dropout_param["mode"] == "train":
            return dout * mask / dropout_param["p"]
        return dout


@variant("dropout by binomial numbers, more of them than needed; in place; printing; a dict as cache")
class _:
    def dropout_forward(x, dropout_param):
        print("dropout", dropout_param["mode"])
        rng = np.random.RandomState(dropout_param.get("seed"))
        rng.normal(size=3)
        cache = {"mask": np.ones(x.shape)}
        if dropout_param["mode"] == "train":
            cache["mask"] = rng.binomial(1, dropout_param["p"], size=x.shape) / dropout_param["p"]
        x *= cache["mask"]
        return [x, cache]

    def dropout_backward(dout, cache):
        dout *= cache["mask"]
        return dout


@variant("dropout one entry at a time, by the standard library")
class _:
    def dropout_forward(x, dropout_param):
        import random

        chance = random.Random(dropout_param.get("seed"))
        out, factors = np.array(x, dtype=float), []
        for index in np.ndindex(x.shape):
            train = dropout_param["mode"] == "train"
            factors.append((1 / dropout_param["p"] if chance.random() < dropout_param["p"] else 0.0) if train else 1.0)
            out[index] = x[index] * factors[-1]
        return out, factors

    def dropout_backward(dout, cache):
        return dout * np.array(cache).reshape(dout.shape)


@variant("dropout that keeps where a random number is at least the drop probability")
class _:
    def dropout_forward(x, dropout_param):
        drop = 1 - dropout_param["p"]
        if dropout_param["mode"] != "train":
            return x.copy(), 1.0
        rng = np.random.default_rng(dropout_param["seed"] if "seed" in dropout_param else None)
        mask = np.where(rng.random(x.shape) >= drop, 1 / (1 - drop), 0)
        return np.multiply(x, mask), mask

    def dropout_backward(dout, cache):
        return np.multiply(dout, cache)


@variant("DropConnect through dropout of the weights")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        masked, cache = dropout_forward(w, dropconnect_param)
        return x.dot(masked) + b, (x, masked, cache)

    def dropconnect_backward(dout, cache):
        x, masked, cache = cache
        return dout.dot(masked.T), dropout_backward(x.T.dot(dout), cache), dout.sum(axis=0, keepdims=True)


@variant("DropConnect by einsum, the global generator, a list as result")
class _:
    def dropconnect_forward(x, w, b, dropconnect_param):
        if dropconnect_param.get("seed") is not None:
            np.random.seed(dropconnect_param["seed"])
        p, mode = dropconnect_param["p"], dropconnect_param["mode"]
        m = np.random.choice([0.0, 1.0 / p], size=w.shape, p=[1 - p, p]) if mode == "train" else 1.0
        return [np.einsum("nd,dm->nm", x, w * m) + b, {"x": x, "w": w, "m": m}]

    def dropconnect_backward(dout, cache):
        dw = np.einsum("nd,nm->dm", cache["x"], dout) * cache["m"]
        return [np.einsum("nm,dm->nd", dout, cache["w"] * cache["m"]), dw, np.einsum("nm->m", dout)]


@variant("stochastic depth by a loop over examples, a list as cache")
class _:
    def stochastic_depth_forward(x, branch, depth_param):
        rng, factors, out = np.random.RandomState(depth_param.get("seed")), [], np.zeros(x.shape)
        for n in range(x.shape[0]):
            kept = rng.uniform() <= depth_param["p"]
            factors.append(1.0 if depth_param["mode"] == "test" else kept / depth_param["p"])
            out[n] = x[n] + factors[n] * branch[n]
        return out, factors

    def stochastic_depth_backward(dout, cache):
        dbranch = np.array([factor * d for factor, d in zip(cache, dout)])
        return [dout, dbranch]


@variant("stochastic depth in place, by Einstein's sum")
class _:
    def stochastic_depth_forward(x, branch, depth_param):
        if depth_param["mode"] == "test":
            return x + branch, None
        p = depth_param["p"]
        factor = np.random.default_rng(depth_param.get("seed")).binomial(1, p, size=x.shape[0]) / p
        x += np.einsum("n,n...->n...", factor, branch)
        return x, factor

    def stochastic_depth_backward(dout, cache):
        return dout, dout.copy() if cache is None else np.einsum("n,n...->n...", cache, dout)


@variant("fractional pooling by loops, the largest entry remembered; widths by choice")
class _:
    def fractional_max_pool_regions(size, out_size, rng):
        wide = size - out_size
        if wide < 0 or wide > out_size:
            raise ValueError("it does not fit")
        chosen = rng.choice(out_size, wide, replace=False)
        edges = [0]
        for i in range(out_size):
            edges.append(edges[-1] + (2 if i in chosen else 1))
        return np.array(edges)

    def fractional_max_pool_forward(x, rows, cols):
        N, C, H, W = x.shape
        out, winners = np.zeros((N, C, len(rows) - 1, len(cols) - 1)), {}
        for n in range(N):
            for c in range(C):
                for i in range(len(rows) - 1):
                    for j in range(len(cols) - 1):
                        block = x[n, c, rows[i] : rows[i + 1], cols[j] : cols[j + 1]]
                        a, b = np.unravel_index(block.argmax(), block.shape)
                        winners[n, c, i, j] = rows[i] + a, cols[j] + b
                        out[n, c, i, j] = block[a, b]
        return out, (x.shape, winners)

    def fractional_max_pool_backward(dout, cache):
        shape, winners = cache
        dx = np.zeros(shape)
        for (n, c, i, j), (a, b) in winners.items():
            dx[n, c, a, b] += dout[n, c, i, j]
        return dx


@variant("edges as a list, shuffled widths")
class _:
    def fractional_max_pool_regions(size, out_size, rng):
        if size < out_size or size > 2 * out_size:
            raise ValueError(size)
        widths = [1] * (2 * out_size - size) + [2] * (size - out_size)
        rng.shuffle(widths)
        return [sum(widths[:i]) for i in range(out_size + 1)]

    def fractional_max_pool_forward(x, rows, cols):
        blocks = [[x[:, :, a:b, c:d].max(axis=(2, 3)) for c, d in zip(cols[:-1], cols[1:])] for a, b in zip(rows[:-1], rows[1:])]
        return np.array(blocks).transpose(2, 3, 0, 1), [x, rows, cols]

    def fractional_max_pool_backward(dout, cache):
        x, rows, cols = cache
        dx = np.zeros_like(x)
        for i in range(len(rows) - 1):
            for j in range(len(cols) - 1):
                block = x[:, :, rows[i] : rows[i + 1], cols[j] : cols[j + 1]]
                largest = block == block.max(axis=(2, 3), keepdims=True)
                dx[:, :, rows[i] : rows[i + 1], cols[j] : cols[j + 1]] = largest * dout[:, :, i : i + 1, j : j + 1]
        return dx


@variant("flips, crops and colours image by image, in place")
class _:
    def random_flip(x, rng, probability=0.5):
        for n in range(len(x)):
            if rng.random() < probability:
                x[n] = np.flip(x[n], axis=2).copy()
        return x

    def random_crop(x, rng, pad):
        out = np.zeros_like(x)
        N, C, H, W = x.shape
        for n in range(N):
            up, left = rng.integers(-pad, pad + 1), rng.integers(-pad, pad + 1)
            for i in range(H):
                for j in range(W):
                    if 0 <= i + up < H and 0 <= j + left < W:
                        out[n, :, i, j] = x[n, :, i + up, j + left]
        return out

    def color_jitter(x, rng, strength):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                x[n, c] *= 1 + strength * (2 * rng.random() - 1)
        return np.minimum(x, 1.0)


@variant("flips by index, all windows at once, colours by repeated draws")
class _:
    def random_flip(x, rng, probability=0.5):
        out = x.copy()
        chosen = np.flatnonzero(rng.binomial(1, probability, len(x)))
        out[chosen] = out[chosen][:, :, :, ::-1]
        return out

    def random_crop(x, rng, pad):
        N, C, H, W = x.shape
        big = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
        big[:, :, pad : pad + H, pad : pad + W] = x
        rows = rng.integers(0, 2 * pad + 1, N)[:, None] + np.arange(H)
        cols = rng.integers(0, 2 * pad + 1, N)[:, None] + np.arange(W)
        return big[np.arange(N)[:, None, None, None], np.arange(C)[:, None, None], rows[:, None, :, None], cols[:, None, None, :]]

    def color_jitter(x, rng, strength):
        rng.normal(size=5)
        return (x * rng.uniform(1 - strength, 1 + strength, x.shape[:2])[:, :, None, None]).clip(0, 1)


@variant("rotation by loops, with ifs at the border")
class _:
    def rotate(x, degrees):
        N, C, H, W = x.shape
        out, angles = np.zeros(x.shape), np.deg2rad(np.zeros(N) + degrees)
        for n in range(N):
            cos, sin = np.cos(angles[n]), np.sin(angles[n])
            for i in range(H):
                for j in range(W):
                    right, down = j - (W - 1) / 2, i - (H - 1) / 2
                    row, col = (H - 1) / 2 + right * sin + down * cos, (W - 1) / 2 + right * cos - down * sin
                    a, b = int(np.floor(row)), int(np.floor(col))
                    for r, share in ((a, a + 1 - row), (a + 1, row - a)):
                        for c, other in ((b, b + 1 - col), (b + 1, col - b)):
                            if 0 <= r < H and 0 <= c < W:
                                out[n, :, i, j] += share * other * x[n, :, r, c]
        return out

    def random_rotation(x, rng, max_degrees):
        return np.concatenate([rotate(x[n : n + 1], max_degrees * (1 - 2 * rng.random())) for n in range(len(x))])


@variant("early stopping with a list of all losses")
class EarlyStopping:
    def __init__(self, patience=5, min_delta=0.0):
        self.patience = patience
        self.min_delta = min_delta
        self.best_loss = float("inf")
        self.best_params = None
        self.counter = 0
        self.seen = []

    def update(self, loss, params):
        import copy

        print("loss", loss)
        self.seen.append(loss)
        better = self.best_params is None or self.best_loss - loss > self.min_delta
        if better:
            self.best_loss = loss
            self.best_params = copy.deepcopy(dict(params))
            self.counter = 0
            return False
        self.counter += 1
        if self.counter == self.patience:
            return True
        return False


@variant("averages by loops, lists and in place")
class _:
    def cyclic_learning_rate(step, cycle, max_rate, min_rate=0.0):
        while step >= cycle:
            step -= cycle
        return max_rate * np.cos(np.pi * step / cycle / 2) ** 2 + min_rate * np.sin(np.pi * step / cycle / 2) ** 2

    def ensemble_predict(scores):
        total = 0
        for one in scores:
            e = np.exp(one - np.max(one, axis=1, keepdims=True))
            total = total + e / np.sum(e, axis=1, keepdims=True)
        mean = total / len(scores)
        return [[int(np.argmax(row)) for row in mean], mean]

    def polyak_update(average, params, decay=0.99):
        if not average:
            return {key: params[key].copy() for key in params}
        average = {key: average[key].copy() for key in average}
        for key in params:
            average[key] += (1 - decay) * (params[key] - average[key])
        return average


@variant("averages with helpers and a logarithm")
class _:
    def position(step, cycle):
        return (step / cycle) - (step // cycle)

    def cyclic_learning_rate(step, cycle, max_rate, min_rate=0.0):
        return (max_rate + min_rate) / 2 + (max_rate - min_rate) / 2 * np.cos(np.pi * position(step, cycle))

    def ensemble_predict(scores):
        shifted = np.stack(scores)
        shifted = shifted - np.max(shifted, axis=-1)[..., None]
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=-1))[..., None]
        p = np.exp(log_p).mean(0)
        return p.argmax(-1), p

    def polyak_update(average, params, decay=0.99):
        new = {}
        for key, value in params.items():
            new[key] = 1.0 * value if average is None else average[key] * decay + value * (1.0 - decay)
        return new


# ---------------------------------------------------------------- what only zeros, whole numbers and many draws show
edit("l1_l2_penalty", "l1 * np.sign(W)", "l1 * W / np.abs(W)", mistake="zero_weight")
edit("fractional_max_pool_regions", "np.concatenate([[0], np.cumsum", "np.concatenate([[0.0], np.cumsum", mistake="not_ints")
edit("random_flip", "flipped = rng.random(len(x)) < probability", "flipped = rng.permutation(len(x)) < probability * len(x)", mistake="same_number_flipped")
edit("rotate", "rng.uniform(-max_degrees, max_degrees, size=len(x))", "rng.integers(-max_degrees, max_degrees + 1, size=len(x))", mistake="few_angles")
edit("EarlyStopping", "patience=5", "patience=10", mistake="another_default")
