"""Typical mistakes in the exercises of the regularization notebook, as predictions.

Knows what each mistake would have produced from the case in hand. Refuses to know how an exercise is solved: a
prediction spoils the right value, computes a wrong one from the inputs, or, where chance has a part, recognises in the
answer itself the trace that a mistake leaves.
"""

from __future__ import annotations

from math import erf

import numpy as np

from autograder.gradients.explain import Case, Mistake


def _number(case: Case, name: str) -> np.ndarray:
    return np.asarray(case[name], dtype=float)


def _actual(case: Case) -> np.ndarray:
    return np.asarray(case.actual, dtype=float)


def _only(values, *allowed) -> bool:
    """Whether every entry equals the entry at its place in one of the arrays `allowed`."""
    return bool(np.all(np.any([np.isclose(values, one) for one in np.broadcast_arrays(*allowed)], axis=0)))


# ---------------------------------------------------------------- penalties
def _l1(case: Case):
    return case["l1"] * np.sign(_number(case, "W"))


def _l2(case: Case):
    return case["l2"] * _number(case, "W")


def _sizes(case: Case):
    return case["l1"] * np.sum(np.abs(_number(case, "W")))


def _squares(case: Case):
    return case["l2"] / 2 * np.sum(_number(case, "W") ** 2)


def _columns(case: Case):
    return np.sqrt(np.sum(_number(case, "W") ** 2, axis=0))


def _shrunk(case: Case, size):
    """The weights, scaled where `size` is above the limit, by limit / size."""
    return _number(case, "W") * np.minimum(1, case["limit"] / np.maximum(size, 1e-300))


def _largest_column(case: Case):
    """What np.linalg.norm(W, 1) gives of a matrix: the sum of sizes of one column, the largest."""
    sizes = np.sum(np.abs(_number(case, "W")), axis=0)
    return sizes.max(), sizes == sizes.max()


_MATRIX_NORM = (
    "The L1 term holds one column alone: np.linalg.norm of a matrix with ord=1 is the largest sum of a column. "
    "The penalty adds up all weights."
)

_PENALTY = (
    Mistake(
        "norm_of_a_matrix",
        lambda case: case.expected - _sizes(case) + case["l1"] * _largest_column(case)[0],
        _MATRIX_NORM,
        of="penalty",
    ),
    Mistake(
        "norm_of_a_matrix",  # dW is right, and the penalty it was measured by is not
        lambda case: (
            _l1(case) + _l2(case)
            if np.allclose(case.expected, _l1(case) * _largest_column(case)[1] + _l2(case), atol=1e-6)
            else None
        ),
        _MATRIX_NORM,
        of="dW",
    ),
    Mistake(
        "half_missing",
        lambda case: _sizes(case) + 2 * _squares(case),
        "The squares count twice as much as they should: where is the ½?",
        of="penalty",
    ),
    Mistake(
        "absolute_value_missing",
        lambda case: case["l1"] * np.sum(_number(case, "W")) + _squares(case),
        "Positive and negative weights cancel in your L1 term. It adds up their sizes.",
        of="penalty",
    ),
    Mistake(
        "root_taken",
        lambda case: _sizes(case) + case["l2"] / 2 * np.sqrt(np.sum(_number(case, "W") ** 2)),
        "The L2 term holds a root. It is the sum of squares itself.",
        of="penalty",
    ),
    Mistake(
        "averaged_over_weights",
        lambda case: case.expected / np.size(case["W"]),
        "Your result is divided by the number of weights. The penalty is a sum.",
        of=("penalty", "dW"),
    ),
    Mistake(
        "numbers_exchanged",
        lambda case: (
            case["l2"] * np.sum(np.abs(_number(case, "W"))) + case["l1"] / 2 * np.sum(_number(case, "W") ** 2)
        ),
        "l1 and l2 have changed places.",
        of="penalty",
    ),
    Mistake(
        "sign_missing",
        lambda case: case.expected - _l1(case) + case["l1"],
        "Your L1 term pulls all weights down, the negative ones too. What is the slope of |W| there?",
        of="dW",
    ),
    Mistake(
        "l1_times_weight",
        lambda case: case.expected - _l1(case) + case["l1"] * _number(case, "W"),
        "Your L1 term pulls in proportion to the weight. The slope of |W| has the same size everywhere.",
        of="dW",
    ),
    Mistake(
        "square_not_differentiated",
        lambda case: case.expected + _l2(case),
        "The L2 part of the gradient is twice too large. The ½ is there to cancel something.",
        of="dW",
    ),
    Mistake(
        "half_kept",
        lambda case: case.expected - _l2(case) / 2,
        "The L2 part of the gradient is half of what it should be. Differentiate the square.",
        of="dW",
    ),
    Mistake(
        "l1_left_out",
        lambda case: case.expected - _l1(case),
        "The gradient lacks what the absolute values contribute.",
        of="dW",
    ),
    Mistake(
        "l2_left_out",
        lambda case: case.expected - _l2(case),
        "The gradient lacks what the squares contribute.",
        of="dW",
    ),
    Mistake(
        "rows_not_columns",
        lambda case: _shrunk(case, np.sqrt(np.sum(_number(case, "W") ** 2, axis=1, keepdims=True))),
        "You limit the rows: what goes out of an input. The weights into a unit stand in a column.",
        of="W under the ceiling",
    ),
    Mistake(
        "short_columns_stretched",
        lambda case: _number(case, "W") * case["limit"] / np.maximum(_columns(case), 1e-9),
        "Every column has the norm limit now. Those below it should stay as they are.",
        of="W under the ceiling",
    ),
    Mistake(
        "whole_matrix",
        lambda case: _shrunk(case, np.sqrt(np.sum(_columns(case) ** 2))),
        "The norm is taken over the whole matrix. Each unit, a column, has a norm of its own.",
        of="W under the ceiling",
    ),
    Mistake(
        "entries_clipped",
        lambda case: np.clip(case["W"], -case["limit"], case["limit"]),
        "Single weights are cut off. The ceiling is on the norm of a column; its direction stays.",
        of="W under the ceiling",
    ),
    Mistake(
        "root_missing",
        lambda case: _shrunk(case, _columns(case) ** 2),
        "The sum of squares is compared with the limit. A norm is its root.",
        of="W under the ceiling",
    ),
    Mistake(
        "scaled_to_one",
        lambda case: np.where(
            _columns(case) > case["limit"], case["W"] / np.maximum(_columns(case), 1e-300), case["W"]
        ),
        "Columns above the limit come out with norm 1. They should come out with norm limit.",
        of="W under the ceiling",
    ),
)


# ---------------------------------------------------------------- random masks
NOISE = 1e3  # no slope of these layers comes near
SHARE = ("share of kept entries", "share of kept weights")
WHERE = "Remember: p is the probability to *keep*."


def _exchanged(case: Case) -> bool:
    """Whether a share nearer to 1 - p than to p was kept."""
    kept = np.mean(case["kept"])
    return abs(kept - 1 + case["p"]) < abs(kept - case["p"])


def _whole(case: Case, axis: int) -> bool:
    """Whether the mask is the same all along `axis`, and not the same everywhere."""
    kept = np.asarray(case["kept"]).astype(int)
    return bool(kept.shape[axis] > 1 and np.ptp(kept) and not np.any(np.ptp(kept, axis=axis)))


def _mask_mistakes(layer, plain_of: str):
    """What goes wrong in any layer with a mask.

    Parameters
    ----------
    layer : callable
        ``layer(case, factor)`` gives what the layer puts out if what is kept counts `factor` times.
    plain_of : str
        The gradient that in test mode is the upstream gradient, or passes as in the layer without a mask.
    """
    return (
        Mistake(
            "keep_and_drop_exchanged",
            lambda case: 1 - case["p"],
            f"A share of 1 - p is kept, a share of p dropped. {WHERE}",
            of=SHARE,
        ),
        Mistake(
            "keep_and_drop_exchanged",
            lambda case: layer(case, 1 / (1 - case["p"])) if _exchanged(case) else None,
            f"A share of 1 - p is kept and divided by 1 - p. {WHERE}",
            of="out",
        ),
        Mistake(
            "same_for_all_examples",
            lambda case: _actual(case) if _whole(case, axis=0) else None,
            "All examples share one mask. Draw one number for every entry.",
            of="share of kept entries",
        ),
        Mistake(
            "whole_examples_dropped",
            lambda case: _actual(case) if _whole(case, axis=1) else None,
            "Examples are kept or dropped as a whole. Draw one number for every entry.",
            of="share of kept entries",
        ),
        Mistake(
            "normal_numbers",
            lambda case: (1 + erf(case["p"] / 2**0.5)) / 2,
            "This is the share of *normal* random numbers below p. Draw numbers that are uniform between 0 and 1.",
            of=SHARE,
        ),
        Mistake(
            "half_kept",
            lambda case: 0.5,
            "Half is kept, whatever p says. Use p.",
            of=SHARE,
        ),
        Mistake(
            "not_inverted",
            lambda case: layer(case, 1.0),
            "What is kept is not divided by p, so on average too little arrives. Divide in training, and the test needs nothing.",
            of="out",
        ),
        Mistake(
            "divided_by_drop",
            lambda case: None if _exchanged(case) else layer(case, 1 / (1 - case["p"])),
            "What is kept is divided by 1 - p. How often is an entry kept, and what makes up for it?",
            of="out",
        ),
        Mistake(
            "multiplied_by_p",
            lambda case: layer(case, case["p"]),
            "What is kept is multiplied by p, so it shrinks twice: by being dropped at times, and by p.",
            of="out",
        ),
        Mistake(
            "scaled_twice",
            lambda case: layer(case, 1 / case["p"] ** 2),
            "What is kept is divided by p twice.",
            of="out",
        ),
        Mistake(
            "scaled_at_test",
            lambda case: layer(case, case["p"]),
            "The test pass is multiplied by p. With inverted dropout, training has made up for it already.",
            of="out in test mode",
        ),
        Mistake(
            "divided_at_test",
            lambda case: layer(case, 1 / case["p"]),
            "The test pass is divided by p. Nothing is dropped in a test, so nothing needs making up for.",
            of="out in test mode",
        ),
        Mistake(
            "scaled_at_test",
            lambda case: case.expected * case["p"],
            "In test mode backward multiplies by p. Forward did not.",
            of=plain_of,
        ),
        Mistake(
            "divided_at_test",
            lambda case: case.expected / case["p"],
            "In test mode backward divides by p. Forward did not.",
            of=plain_of,
        ),
    )


def _dropped(case: Case, factor):
    x = _number(case, "x")
    return x * factor * (np.asarray(case["kept"]) if "kept" in case.inputs else 1)


def _redrawn(case: Case):
    """The answer itself, if a mask explains it, only not the mask of forward."""
    through = case["dout"] / case["p"]
    inverted = np.allclose(_actual(case), through * (1 - np.asarray(case["kept"])))
    from_output = "out" in case.inputs and np.allclose(_actual(case), through * (case["out"] != 0))
    explained = inverted or from_output
    return _actual(case) if _only(_actual(case), 0 * through, through) and not explained else None


_DROPOUT = (
    Mistake(
        "mask_from_output",
        lambda case: case["dout"] * (case["out"] != 0) / case["p"],
        "No gradient passes where the input was 0, though forward kept the entry. An output of 0 need not be a dropped one: "
        "keep the mask itself in the cache.",
        of="dx",
    ),
    *_mask_mistakes(_dropped, "dx in test mode"),
    Mistake(
        "nothing_dropped",
        lambda case: 1.0,
        "No entry is 0. A mask holds ones and zeros: compare random numbers with p.",
        of="share of kept entries",
    ),
    Mistake(
        "everything_dropped",
        lambda case: 0.0,
        "Every entry is 0. A mask holds ones and zeros, a share p of them ones.",
        of="share of kept entries",
    ),
    Mistake(
        "drops_at_test",
        lambda case: _actual(case) if np.any(_actual(case) == 0) else None,
        "Entries are dropped in test mode. There the mode says that nothing is random.",
        of=("out in test mode", "dx in test mode"),
    ),
    Mistake(
        "backward_without_mask",
        lambda case: case["dout"],
        "Gradients pass where forward let nothing through. Backward needs the mask that forward used.",
        of="dx",
    ),
    Mistake(
        "backward_without_mask",
        lambda case: case["dout"] / case["p"],
        "Gradients pass where forward let nothing through. Backward needs the mask that forward used.",
        of="dx",
    ),
    Mistake(
        "backward_not_scaled",
        lambda case: case["dout"] * np.asarray(case["kept"]),
        "Backward lets through what forward let through, and forgets that forward also divided by p.",
        of="dx",
    ),
    Mistake(
        "backward_scaled_twice",
        lambda case: case["dout"] * np.asarray(case["kept"]) / case["p"] ** 2,
        "Backward divides by p once more than forward. Is the 1 / p in your mask already?",
        of="dx",
    ),
    Mistake(
        "mask_inverted",
        lambda case: case["dout"] * ~np.asarray(case["kept"]) / case["p"],
        "Gradients pass where forward dropped and stop where forward kept: the mask is inverted.",
        of="dx",
    ),
    Mistake(
        "mask_redrawn",
        _redrawn,
        "Backward goes through a mask, but not the one forward used. Draw it once and keep it in the cache.",
        of="dx",
    ),
)


# ---------------------------------------------------------------- DropConnect
def _connected(case: Case, factor):
    kept = np.asarray(case["kept"]) if "kept" in case.inputs and case.of == "out" else 1
    return _number(case, "x") @ (_number(case, "w") * factor * kept) + case["b"]


def _rows_of(case: Case) -> np.ndarray:
    """Which weights were kept, as seen through the identity that stands first among the inputs."""
    return np.asarray(case["kept"])


def _outputs_dropped(case: Case) -> bool:
    full = _number(case, "x") @ _number(case, "w") + case["b"]
    return _only(case["out"], 0 * full, full, full / case["p"], full / (1 - case["p"]))


def _outputs_dropped_but_the_bias(case: Case) -> bool:
    full = _number(case, "x") @ _number(case, "w")
    return _only(case["out"] - case["b"], 0 * full, full, full / case["p"], full / (1 - case["p"]))


def _up(case: Case) -> np.ndarray:
    """The upstream gradient, drawn or given by the check."""
    return np.asarray(case.upstream if case.upstream is not None else case["dout"])


def _p(case: Case) -> float:
    return case.extra[0]["p"] if case.extra else case["p"]


# A forward that draws anew at each call has no slope: what is measured is its noise, divided by a tiny step.
_SEED_IGNORED = Mistake(
    "seed_ignored",
    lambda case: _actual(case) if case.extra and np.max(np.abs(case.expected)) > NOISE else None,
    "Forward gives something else for the same inputs and the same seed, so no slope can be measured. Use param's seed.",
)


_DROPCONNECT = (
    _SEED_IGNORED,
    Mistake(
        "averaged_twice",
        lambda case: case.expected / len(_up(case)),
        "The gradient of the bias is a mean over the batch. It is a sum: 1 / N, if wanted, is in the upstream gradient already.",
        of=("db", "db in test mode"),
    ),
    *_mask_mistakes(_connected, "dx in test mode"),
    Mistake(
        "nothing_dropped",
        lambda case: 1.0,
        "No weight counts 0. A mask holds ones and zeros: compare random numbers with p.",
        of="share of kept weights",
    ),
    Mistake(
        "outputs_dropped",
        lambda case: _actual(case) if _outputs_dropped(case) else None,
        "Outputs are dropped, the bias with them. DropConnect drops weights, before the product.",
        of="out for an input of zeros",
    ),
    Mistake(
        "outputs_dropped",
        lambda case: _actual(case) if _outputs_dropped_but_the_bias(case) else None,
        "Outputs are dropped, after the product. DropConnect drops weights, before it.",
        of="out",
    ),
    Mistake(
        "bias_dropped",
        lambda case: (
            _actual(case)
            if not _outputs_dropped(case)
            and _only(_actual(case), 0 * case["b"], case["b"], case["b"] / case["p"])
            else None
        ),
        "For an input of zeros only the bias is left, and some of yours is missing or scaled. Biases are never dropped.",
        of="out for an input of zeros",
    ),
    Mistake(
        "inputs_dropped",
        lambda case: _actual(case) if np.all(_rows_of(case) == _rows_of(case)[:, :1]) else None,
        "Whole inputs are dropped, as dropout does. DropConnect draws one number for every weight.",
        of="out",
    ),
    Mistake(
        "drops_at_test",
        lambda case: _actual(case) if not np.all(case["kept"]) else None,
        "Weights are dropped in test mode. There the mode says that nothing is random.",
        of="out in test mode",
    ),
    Mistake(
        "dx_with_full_weights",
        lambda case: _up(case) @ _number(case, "w").T,
        "dx passes all weights. In forward some of them were missing, and the others counted more.",
        of="dx",
    ),
    Mistake(
        "dx_not_scaled",
        lambda case: case.expected * _p(case),
        "dx passes the kept weights as they are. Forward divided them by p.",
        of="dx",
    ),
    Mistake(
        "dw_without_mask",
        lambda case: _number(case, "x").T @ _up(case),
        "Weights that forward dropped receive a gradient. The output did not depend on them.",
        of="dw",
    ),
    Mistake(
        "dw_not_scaled",
        lambda case: case.expected * _p(case),
        "dw reaches the right weights and lacks the 1 / p by which forward scaled them.",
        of="dw",
    ),
    Mistake(
        "mask_redrawn",
        lambda case: (
            _actual(case)
            if _only(_actual(case), 0 * case["w"], _number(case, "x").T @ _up(case) / case["p"])
            else None
        ),
        "Backward goes through a mask, but not the one forward used. Draw it once and keep it in the cache.",
        of="dw",
    ),
)


# ---------------------------------------------------------------- stochastic depth
def _added(case: Case, factor):
    kept = np.asarray(case["kept"]) if case.of == "out" else 1
    return _number(case, "x") + factor * kept * case["branch"]


_DEPTH = (
    _SEED_IGNORED,
    *_mask_mistakes(_added, "dbranch in test mode"),
    Mistake(
        "whole_batch_dropped",
        lambda case: np.round(_actual(case)) if _actual(case) in (0, 1) else None,
        "All examples keep their branch, or none does. Draw one number for each example.",
        of="share of kept entries",
    ),
    Mistake(
        "single_entries_dropped",
        lambda case: (
            _actual(case)
            if _only(_actual(case) - case["x"], 0.0, case["branch"], case["branch"] / case["p"])
            and np.any(np.ptp(np.reshape(case["entries"], (len(case["entries"]), -1)).astype(int), axis=1))
            else None
        ),
        "Single entries of the branch are dropped. An example keeps its whole branch or none of it.",
        of="out",
    ),
    Mistake(
        "drops_at_test",
        lambda case: _actual(case) if not np.all(case["kept"]) else None,
        "Branches are dropped in test mode. There the mode says that nothing is random.",
        of="out in test mode",
    ),
    Mistake(
        "dx_through_branch",
        lambda case: _up(case) + case.others["dbranch"],
        "dx holds what went through the branch as well. That comes back through f, which adds it elsewhere.",
        of=("dx", "dx in test mode"),
    ),
    Mistake(
        "dx_masked",
        lambda case: case.others["dbranch"],
        "dx is dropped and scaled as the branch is. The shortcut passes everything. Are the two in the order dx, dbranch?",
        of="dx",
    ),
    Mistake(
        "branch_without_mask",
        lambda case: _up(case),
        "dbranch is the whole upstream gradient, for branches that were dropped, too.",
        of="dbranch",
    ),
    Mistake(
        "dbranch_not_scaled",
        lambda case: case.expected * _p(case),
        "dbranch reaches the right examples and lacks the 1 / p of forward.",
        of="dbranch",
    ),
    Mistake(
        "mask_redrawn",
        _redrawn,
        "Backward makes a choice, but not the one forward made. Draw it once and keep it in the cache.",
        of="dbranch",
    ),
)


# ---------------------------------------------------------------- fractional pooling
def _regions(case: Case):
    """Each region of one image: its place among the regions, its rows, its columns."""
    rows, cols = (case["rows"], case["cols"]) if "rows" in case.inputs else case.extra
    for i in range(len(rows) - 1):
        for j in range(len(cols) - 1):
            yield i, j, slice(rows[i], rows[i + 1]), slice(cols[j], cols[j + 1])


def _pooled(case: Case, how, wider=0):
    out, x = np.zeros(np.shape(case.expected)), _number(case, "x")
    for i, j, r, c in _regions(case):
        block = x[:, :, r.start : r.stop + wider, c.start : c.stop + wider]
        out[:, :, i, j] = how(block.reshape(*block.shape[:2], -1))
    return out


def _handed_back(case: Case, share):
    dx = np.zeros(np.shape(case.expected))
    for i, j, r, c in _regions(case):
        dx[:, :, r, c] = share(case.upstream[:, :, i : i + 1, j : j + 1], np.zeros(dx[:, :, r, c].shape))
    return dx


def _to_the_first(upstream, block):
    block[:, :, :1, :1] = upstream
    return block


_FRACTIONAL = (
    Mistake(
        "widths_returned",
        lambda case: [case["out_size"]],
        "One number too few. These may be the widths; the edges are where one window ends and the next begins, 0 included.",
        of="shape of edges",
    ),
    Mistake(
        "last_edge_short",
        lambda case: case["size"] - 1,
        "The last edge is the last row. A window reaches up to, not including, its second edge: which number is that for the last?",
        of="last edge",
    ),
    Mistake(
        "mean_not_largest",
        lambda case: _pooled(case, lambda block: block.mean(axis=2)),
        "You took the mean of each region. Max pooling takes the largest.",
        of="out",
    ),
    Mistake(
        "smallest_taken",
        lambda case: _pooled(case, lambda block: block.min(axis=2)),
        "You took the smallest entry of each region.",
        of="out",
    ),
    Mistake(
        "regions_overlap",
        lambda case: _pooled(case, lambda block: block.max(axis=2), wider=1),
        "Your regions reach one row and column too far: the second edge is not included.",
        of="out",
    ),
    Mistake(
        "sent_to_all",
        lambda case: _handed_back(case, lambda upstream, block: block + upstream),
        "Every entry of a region receives the gradient. Only the largest one set the output.",
        of="dx",
    ),
    Mistake(
        "shared_out",
        lambda case: _handed_back(case, lambda upstream, block: block + upstream / block[0, 0].size),
        "The gradient is shared out among the entries of a region. Only the largest one set the output.",
        of="dx",
    ),
    Mistake(
        "first_entry_rewarded",
        lambda case: _handed_back(case, _to_the_first),
        "The first entry of each region receives the gradient. It belongs to the largest.",
        of="dx",
    ),
)


# ---------------------------------------------------------------- augmentation
def _turned_otherwise(case: Case, *axes):
    """The answer itself, if every image is as it was or reversed along `axes`."""
    x, found = _number(case, "x"), _actual(case)
    as_was = np.all(np.isclose(found, x), axis=(1, 2, 3))
    reversed_ = np.all(np.isclose(found, np.flip(x, axis=axes)), axis=(1, 2, 3))
    return found if np.all(as_was | reversed_) else None


def _shifted(case: Case):
    return np.clip(_number(case, "x") + 0.4 * (_number(case, "factors") - 1), 0, 1)


def _pixels_alone(case: Case):
    x, found = _number(case, "x"), _actual(case)
    ratio, inside = found / x, found < 1
    if np.allclose(found, _shifted(case)) or np.any(found > 1 + 1e-9):
        return None
    spread = np.where(inside, ratio, np.nan)
    return found if np.nanmax(np.abs(spread - spread[..., :1, :1])) > 1e-6 else None


_AUGMENTATION = (
    Mistake(
        "upside_down",
        lambda case: _turned_otherwise(case, 2),
        "Images are turned upside down. Left and right are the last axis.",
        of="flipped images",
    ),
    Mistake(
        "both_axes_reversed",
        lambda case: _turned_otherwise(case, 2, 3),
        "Rows and columns are both reversed. Only left and right should be.",
        of="flipped images",
    ),
    Mistake(
        "probability_inverted",
        lambda case: 1 - case["p"],
        "A share of 1 - probability is mirrored.",
        of="share of flipped images",
    ),
    Mistake(
        "all_or_none",
        lambda case: np.round(_actual(case)) if _actual(case) in (0, 1) else None,
        "All images are mirrored, or none is. Draw one number for each image.",
        of="share of flipped images",
    ),
    Mistake(
        "not_cut",
        lambda case: np.array(np.shape(case["x"])) + np.array([0, 0, 2, 2]) * case["pad"],
        "The images have grown by the padding. A window of the old size has to be cut out.",
        of="shape of crops",
    ),
    Mistake(
        "factor_around_zero",
        lambda case: np.zeros(np.shape(case["x"])),
        "Everything is black: your factors lie around 0. They should lie around 1.",
        of="jittered images",
    ),
    Mistake(
        "factor_around_zero",
        lambda case: 0.0,
        "Some channels turn black: your factors lie around 0. They should lie around 1.",
        of="smallest factor",
    ),
    Mistake(
        "added_not_multiplied",
        _shifted,
        "Something is added to each channel. It should be multiplied.",
        of="jittered images",
    ),
    Mistake(
        "not_clipped",
        lambda case: _number(case, "x") * case["factors"],
        "Some pixels are brighter than white. What is above 1 becomes 1.",
        of="jittered images",
    ),
    Mistake(
        "every_pixel_alone",
        _pixels_alone,
        "Every pixel has a factor of its own, which is noise. Draw one for each channel of each image.",
        of="jittered images",
    ),
    Mistake(
        "every_pixel_alone",
        _actual,
        "A channel that was even is even no more. Draw one factor for each channel of each image, not one for each pixel.",
        of="jittered even images",
    ),
    Mistake(
        "only_brighter",
        lambda case: 1.0,
        "No channel ever gets darker: your factors begin at 1.",
        of="smallest factor",
    ),
    Mistake(
        "only_darker",
        lambda case: 1.0,
        "No channel ever gets brighter: your factors end at 1.",
        of="largest factor",
    ),
)


def _turned(case: Case, *, sign=1, unit=np.pi / 180, off=0.0, nearest=False, repeated=False):
    """The images turned with these faults, or one pixel of theirs: a sum over all pixels, weighed by nearness."""
    x = _number(case, "x")
    N, _, H, W = x.shape
    angles = sign * unit * np.broadcast_to(case["degrees"], N).reshape(N, 1, 1)
    middle, centre = (H - 1) / 2 + off, (W - 1) / 2 + off
    down, right = np.arange(H).reshape(H, 1) - middle, np.arange(W) - centre
    weights = []
    for place, size in (
        (middle + right * np.sin(angles) + down * np.cos(angles), H),
        (centre + right * np.cos(angles) - down * np.sin(angles), W),
    ):
        place = np.round(place) if nearest else place
        place = np.clip(place, 0, size - 1) if repeated else place
        weights.append(np.maximum(0, 1 - np.abs(place[..., None] - np.arange(size))))
    turned = np.einsum("nija,nijb,ncab->ncij", *weights, x)
    return turned[case["pixel"]] if "pixel" in case.inputs else turned


_ROTATION = (
    Mistake(
        "clockwise",
        lambda case: _turned(case, sign=-1),
        "Your images turn with the clock. Rows count downwards: look at the signs of the sines.",
        of="turned images",
    ),
    Mistake(
        "not_mixed",
        lambda case: _turned(case, nearest=True),
        "You take the nearest pixel. The docstring asks for a mix of the four around the point.",
        of="turned images",
    ),
    Mistake(
        "degrees_as_radians",
        lambda case: _turned(case, unit=1),
        "np.cos and np.sin take radians. Convert the degrees first.",
        of="turned images",
    ),
    Mistake(
        "off_centre",
        lambda case: _turned(case, off=0.5),
        "Your images turn about a point beside the centre. Pixels count from 0: the middle of 3 pixels is number 1.",
        of="turned images",
    ),
    Mistake(
        "edge_repeated",
        lambda case: _turned(case, repeated=True),
        "Beyond the border you repeat the last pixels. Outside the image everything counts as 0.",
        of="turned images",
    ),
    Mistake(
        "one_side_only",
        lambda case: case.actual if abs(case.actual) < 0.1 * case["most"] else None,
        "All images turn the same way. Angles lie on both sides of 0.",
        of=("smallest angle", "largest angle"),
    ),
)


# ---------------------------------------------------------------- early stopping
def _waiting(case: Case, *, reset=True, late=0):
    """When a watcher with these faults would stop."""
    best, waited, stops = np.inf, 0, []
    for loss in _number(case, "losses"):
        if loss < best - case["min_delta"]:
            best, waited = loss, 0 if reset else waited
        else:
            waited += 1
        stops.append(waited >= case["patience"] + late)
    return np.array(stops, dtype=float)


def _falls(case: Case) -> int:
    """The last update whose loss is below the one before it."""
    losses = _number(case, "losses")
    return max(i for i in range(len(losses)) if i == 0 or losses[i] < losses[i - 1] - case["min_delta"])


def _numbered(case: Case, i: int):
    return [[i, i + 0.5]] if case.of.endswith("['W']") else [i]


def _last_smallest(case: Case) -> int:
    losses = _number(case, "losses")
    return int(max(np.flatnonzero(losses == np.nanmin(losses))))


PARAMS = ("best_params['W']", "best_params['b']")
_STOPPING = (
    Mistake(
        "compared_with_previous",
        lambda case: _number(case, "losses")[_falls(case)],
        "Each loss is compared with the one before it. Compare it with the best so far.",
        of="best_loss",
    ),
    Mistake(
        "last_loss_kept",
        lambda case: _number(case, "losses")[-1],
        "best_loss is the last loss. It should move only when an update is better.",
        of="best_loss",
    ),
    Mistake(
        "min_delta_ignored",
        lambda case: np.nanmin(_number(case, "losses")) if case["min_delta"] else None,
        "A loss counts as better by however little. It has to be below best_loss - min_delta.",
        of="best_loss",
    ),
    Mistake(
        "last_params_kept",
        lambda case: _numbered(case, len(case["losses"]) - 1),
        "best_params are those of the last update. They should move only when an update is better.",
        of=PARAMS,
    ),
    Mistake(
        "first_params_kept",
        lambda case: _numbered(case, 0),
        "best_params are those of the first update. They should move whenever an update is better.",
        of=PARAMS,
    ),
    Mistake(
        "equal_is_better",
        lambda case: _numbered(case, _last_smallest(case)),
        "An update with the same loss counts as better. Better is below.",
        of=PARAMS,
    ),
    Mistake(
        "wait_not_reset",
        lambda case: _waiting(case, reset=False),
        "You count all updates that were not better. Only those in a row count: a better one starts anew.",
        of="when to stop (1 is stop)",
    ),
    Mistake(
        "one_late",
        lambda case: _waiting(case, late=1),
        "It does not stop when it should. At the update that makes it `patience` in a row, the answer is True.",
        of="when to stop (1 is stop)",
    ),
    Mistake(
        "one_early",
        lambda case: _waiting(case, late=-1),
        "It stops one update too early: patience counts the updates that are not better, the best one not among them.",
        of="when to stop (1 is stop)",
    ),
    Mistake(
        "params_not_copied",
        lambda case: case["changed"],
        "A later step in place reached best_params: they hold the very arrays that training goes on with. Copy them.",
        of="best_params['W'] after a later step in place",
    ),
)


# ---------------------------------------------------------------- averages
def _softmax(scores, axis=-1):
    e = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _votes(case: Case):
    scores = _number(case, "scores")
    return np.mean(np.eye(scores.shape[2])[scores.argmax(axis=2)], axis=0)


def _rates(case: Case, position, least=None, most=None):
    least = case["least"] if least is None else least
    most = case["most"] if most is None else most
    return least + (most - least) / 2 * (1 + np.cos(np.pi * position(_number(case, "steps"), case["cycle"])))


_AVERAGES = (
    Mistake(
        "scores_averaged",
        lambda case: _softmax(_number(case, "scores").mean(axis=0)),
        "The scores are averaged and then turned into probabilities. Turn each network's scores first.",
        of="probabilities",
    ),
    Mistake(
        "summed_not_averaged",
        lambda case: case.expected * len(case["scores"]),
        "The probabilities of a row add up to the number of networks. Take the mean.",
        of="probabilities",
    ),
    Mistake(
        "votes_counted",
        _votes,
        "Each network has one vote here, however sure it is. Average the probabilities.",
        of="probabilities",
    ),
    Mistake(
        "softmax_over_examples",
        lambda case: _softmax(_number(case, "scores"), axis=1).mean(axis=0),
        "The softmax runs over the examples. The probabilities of one example's classes add up to 1.",
        of="probabilities",
    ),
    Mistake(
        "softmax_over_networks",
        lambda case: _softmax(_number(case, "scores"), axis=0).mean(axis=0),
        "The softmax runs over the networks. The probabilities of one example's classes add up to 1.",
        of="probabilities",
    ),
    Mistake(
        "votes_counted",
        lambda case: _votes(case).argmax(axis=1),
        "The classes are those of a vote. Take the most probable class of the mean.",
        of="classes",
    ),
    Mistake(
        "first_network_only",
        lambda case: _number(case, "scores")[0].argmax(axis=1),
        "The classes are those of the first network.",
        of="classes",
    ),
    Mistake(
        "no_restart",
        lambda case: _rates(case, lambda step, cycle: step / cycle),
        "The rate does not jump back up: it climbs again as slowly as it fell. What is the step *within* the cycle?",
        of="learning rates",
    ),
    Mistake(
        "whole_wave",
        lambda case: _rates(case, lambda step, cycle: 2 * (step % cycle) / cycle),
        "The rate falls and climbs within one cycle. Half a wave of the cosine is enough: from 1 to -1.",
        of="learning rates",
    ),
    Mistake(
        "straight_line",
        lambda case: (
            case["most"]
            - (case["most"] - case["least"]) * (_number(case, "steps") % case["cycle"]) / case["cycle"]
        ),
        "The rate falls along a straight line. It should follow half a wave of the cosine.",
        of="learning rates",
    ),
    Mistake(
        "min_rate_ignored",
        lambda case: _rates(case, lambda step, cycle: step % cycle / cycle, least=0.0),
        "The rate falls towards 0. It should fall towards min_rate.",
        of="learning rates",
    ),
    Mistake(
        "half_missing",
        lambda case: 2 * case.expected - case["least"],
        "The rate is twice as far above min_rate as it should be. 1 + cos goes up to 2.",
        of="learning rates",
    ),
    Mistake(
        "falls_too_deep",
        lambda case: (
            case.expected
            + case["least"]
            / 2
            * (1 + np.cos(np.pi * (_number(case, "steps") % case["cycle"]) / case["cycle"]))
        ),
        "The rate starts above max_rate. Only the distance from min_rate to max_rate follows the cosine.",
        of="learning rates",
    ),
    Mistake(
        "weights_exchanged",
        lambda case: (1 - case["decay"]) * _number(case, "average") + case["decay"] * _number(case, "params"),
        "The average follows every step: decay belongs to the average, 1 - decay to the parameter.",
        of=("average of W", "average of b"),
    ),
    Mistake(
        "decay_ignored",
        lambda case: (
            0.99 * _number(case, "average") + 0.01 * _number(case, "params")
            if case["decay"] != 0.99
            else None
        ),
        "The decay is 0.99 here, whatever the caller says. Use the argument.",
        of=("average of W", "average of b"),
    ),
    Mistake(
        "starts_at_zero",
        lambda case: (1 - case["decay"]) * _number(case, "params") if "average" not in case.inputs else None,
        "The first average starts from 0. Where there is no average yet, it is the parameters themselves.",
        of="average of W",
    ),
    Mistake(
        "not_weighted",
        lambda case: _number(case, "average") + (1 - case["decay"]) * _number(case, "params"),
        "The old average is kept in full, so the sum grows. Its weight is decay.",
        of=("average of W", "average of b"),
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "l1_l2_penalty": _PENALTY,
    "dropout_forward": _DROPOUT,
    "dropconnect_forward": _DROPCONNECT,
    "stochastic_depth_forward": _DEPTH,
    "fractional_max_pool_regions": _FRACTIONAL,
    "random_flip": _AUGMENTATION,
    "rotate": _ROTATION,
    "EarlyStopping": _STOPPING,
    "ensemble_predict": _AVERAGES,
}
