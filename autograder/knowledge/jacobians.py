"""Typical mistakes in the exercises of the jacobians notebook, as predictions.

Depends on numpy and the room `gradients`. A prediction starts from the right result or from the inputs,
and leads to the wrong one; none of them says how the right one is found.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.explain import Case, Mistake
from autograder.knowledge.masks import mask_at_mean

USUAL_STEP = 1e-5


def _upstream(case: Case) -> np.ndarray:
    """The upstream gradient, in a gradient check or in a check against given numbers."""
    return np.asarray(case["dout"] if case.upstream is None else case.upstream, dtype=float)


# -- measuring: numerical_jacobian and eval_numerical_gradient_array -------------------------------------------


def _columns(case: Case, h=None, steps=(1.0, -1.0), divide_by=2.0, keep=False) -> np.ndarray:
    """Measure with two points at `steps` times h, divided by `divide_by` times h; `keep` leaves x where it was moved."""
    f, h = case["f"], case["h"] if h is None else h
    moved = np.array(case["x"], dtype=float)
    columns = []
    for entry in np.ndindex(moved.shape):
        home = moved[entry]
        values = []
        for step in steps:
            moved[entry] = home + step * h
            values.append(np.ravel(f(moved.copy())))
        columns.append((values[0] - values[1]) / (divide_by * h))
        if not keep:
            moved[entry] = home
    return np.stack(columns, axis=1)


def _weighted(case: Case, J: np.ndarray) -> np.ndarray:
    """What `J` makes of the result that the check asks for: itself, or the VJP where an upstream gradient is given."""
    if "df" not in case.inputs:
        return J
    return (np.ravel(case["df"]) @ J).reshape(np.shape(case["x"]))


def _measured(**how):
    return lambda case: _weighted(case, _columns(case, **how))


def _all_moved_at_once(flat: bool):
    def predict(case: Case):
        f, x, h = case["f"], np.asarray(case["x"], dtype=float), case["h"]
        slopes = (np.asarray(f(x + h)) - np.asarray(f(x - h))) / (2 * h)
        if "df" in case.inputs:
            return slopes * case["df"]
        return np.ravel(slopes) if flat else slopes

    return predict


_MEASURING = (
    Mistake(
        "one_sided",
        _measured(steps=(1.0, 0.0), divide_by=1.0),
        "This is the slope between x and x + h. A central difference takes one step to each side of x.",
    ),
    Mistake(
        "one_sided",
        _measured(steps=(0.0, -1.0), divide_by=1.0),
        "This is the slope between x - h and x. A central difference takes one step to each side of x.",
    ),
    Mistake(
        "divided_by_h",
        lambda case: 2 * case.expected,
        "Your result is twice too large. How far apart are the two points at which you call f?",
    ),
    Mistake(
        "brackets_missing",
        lambda case: case["h"] ** 2 * case.expected,
        "`/ 2 * h` divides by 2 and then multiplies by h. Put the whole divisor into brackets.",
    ),
    Mistake(
        "one_point_not_moved",
        _measured(steps=(1.0, 0.0), divide_by=2.0),
        "You divide by 2h, but one of your two points is x itself. `b = a` gives one array two names: "
        "a step into one of them moves both. Copy before you step.",
    ),
    Mistake(
        "step_ignored",
        _measured(h=USUAL_STEP),
        "This is the result for h = 1e-5. The step is an argument: use the h that was given.",
    ),
    Mistake(
        "not_moved_back",
        _measured(keep=True),
        "Entries that were moved once stay moved while the next ones are measured. Put each entry back, or step in a copy.",
    ),
    *(
        Mistake(
            "moved_all_at_once",
            _all_moved_at_once(flat),
            "x + h moves every entry at the same time. Move one entry, measure, and go on to the next.",
        )
        for flat in (True, False)
    ),
)

_NUMERICAL_JACOBIAN = (
    *_MEASURING,
    Mistake(
        "outputs_added_up",
        lambda case: np.sum(case.expected, axis=0),
        "You added the outputs up, so the rows have merged into one. Each output keeps a row of its own.",
    ),
    Mistake(
        "flattened_by_columns",
        lambda case: case.expected[
            :, np.arange(case.expected.shape[1]).reshape(np.shape(case["x"])).T.ravel()
        ],
        "The columns are all there, in another order. Count the entries of x row by row, as ravel does.",
    ),
    *(
        Mistake(
            "column_missing",
            lambda case, j=j: (
                case.expected * (np.arange(case.expected.shape[1]) != j % case.expected.shape[1])
            ),
            "One column is still 0: the loop leaves an entry of x out, at its beginning or its end.",
        )
        for j in (0, -1)
    ),
    Mistake(
        "moves_pile_up",
        lambda case: np.cumsum(case.expected, axis=1),
        "Each column holds the slopes of all columns up to its own: entries moved once stay in the step. Begin each step from zeros.",
    ),
    Mistake(
        "moved_all_at_once",
        lambda case: np.repeat(case.expected.sum(axis=1, keepdims=True), case.expected.shape[1], axis=1),
        "x + h moves every entry at the same time. Move one entry, measure, and go on to the next.",
    ),
)

_EVAL_NUMERICAL_GRADIENT_ARRAY = (
    *_MEASURING,
    Mistake(
        "upstream_forgotten",
        lambda case: np.sum(_columns(case), axis=0).reshape(np.shape(case["x"])),
        "The changes of all outputs count alike here. Each is to be weighed by its upstream gradient, df.",
    ),
    Mistake(
        "upstream_first_only",
        lambda case: (np.ravel(case["df"])[0] * np.sum(_columns(case), axis=0)).reshape(np.shape(case["x"])),
        "Every output is weighed by the first entry of df. Each output has its own upstream gradient.",
    ),
    Mistake(
        "own_output_only",
        lambda case: np.diagonal(_columns(case)).reshape(np.shape(case["x"])) * case["df"],
        "Each entry of x was held against the output at its own place. It may act in every output: add them all up.",
    ),
    Mistake(
        "averaged_over_outputs",
        lambda case: case.expected / np.size(case["df"]),
        "You took the mean over the outputs. What comes back along several paths adds up.",
    ),
    Mistake(
        "sums_multiplied",
        lambda case: (np.sum(_columns(case), axis=0) * np.sum(case["df"])).reshape(np.shape(case["x"])),
        "The changes are added up before they are weighed. Each change is multiplied by its own entry of df; then add.",
    ),
    Mistake(
        "added_everywhere",
        lambda case: np.full(np.shape(case.expected), np.sum(case.expected)),
        "Each slope was added to every entry of the result. It belongs to the one entry that was moved.",
    ),
    Mistake(
        "whole_rows_moved",
        lambda case: (
            np.broadcast_to(
                case.expected.reshape(len(case.expected), -1)
                .sum(axis=1)
                .reshape(-1, *[1] * (case.expected.ndim - 1)),
                case.expected.shape,
            )
            if case.expected.ndim > 1
            else None
        ),
        "You moved whole rows of x: an index such as x[i] names a row there. Count along every axis, as np.ndindex(x.shape) does.",
    ),
)


# -- elementwise: relu_jacobian, jacobian_bytes, relu_backward -------------------------------------------------


def _mask(case: Case) -> np.ndarray:
    return (np.asarray(case["x"]) > 0).astype(float)


_RELU_JACOBIAN = (
    Mistake(
        "mask_inverted",
        lambda case: np.diag(1 - _mask(case)),
        "The ones and zeros on the diagonal are exchanged. On which side of 0 does the ReLU rise?",
    ),
    Mistake(
        "diagonal_only",
        _mask,
        "These are the slopes, as a vector. A Jacobian is a matrix: a row for each output, a column for each input.",
    ),
    Mistake(
        "values_not_slopes",
        lambda case: np.diag(_mask(case) * case["x"]),
        "On the diagonal stand the values of the ReLU. A Jacobian holds its slopes.",
    ),
    Mistake(
        "outer_product",
        lambda case: np.outer(_mask(case), _mask(case)),
        "There are ones off the diagonal. Does output 0 depend on input 2?",
    ),
    Mistake(
        "repeated_not_diagonal",
        lambda case: np.tile(_mask(case), (np.size(case["x"]), 1)),
        "The same row stands in every place. Output i depends on input i alone, so a row has one place that may not be 0.",
    ),
    Mistake(
        "identity",
        lambda case: np.eye(np.size(case["x"])),
        "This is the Jacobian of passing everything on. What happens to inputs below 0?",
    ),
    Mistake(
        "values_not_slopes",
        lambda case: np.diag(case["x"]),
        "On the diagonal stands the input itself. A Jacobian holds slopes.",
    ),
    Mistake(
        "slope_of_abs",
        lambda case: np.diag(np.sign(case["x"])),
        "Below 0 your slope is -1: that is the absolute value. The ReLU is flat there.",
    ),
    Mistake(
        "whole_rows_set",
        lambda case: np.repeat(_mask(case)[:, None], np.size(case["x"]), axis=1),
        "Whole rows are 1: an index such as J[x > 0] names rows. Only the diagonal may differ from 0.",
    ),
    Mistake(
        "other_diagonal",
        lambda case: np.fliplr(np.diag(_mask(case))),
        "The slopes stand on the other diagonal, from the upper right to the lower left.",
    ),
    *(
        Mistake(
            "bends_beside_zero",
            lambda case, bend=bend: np.diag((np.asarray(case["x"]) >= bend) * 1.0),
            "Some positive inputs got slope 0. The ReLU bends at 0 itself: compare with 0, and round nothing before.",
        )
        for bend in (1.0, 0.5, 0.1, 1e-3, 1e-6, 1e-8)
    ),
    *(
        Mistake(
            "leaky",
            lambda case, slope=slope: np.diag(np.where(np.asarray(case["x"]) > 0, 1.0, slope)),
            "Below 0 your slope is small and not 0: that is a leaky ReLU.",
        )
        for slope in (0.01, 0.1, 0.2)
    ),
    *(
        Mistake(
            "numeric_differentiation",
            lambda case, h=h: np.diag(
                (np.maximum(0, np.asarray(case["x"]) + h) - np.maximum(0, np.asarray(case["x"]) - h))
                / (2 * h)
            ),
            "These are finite differences, and they are wrong where a step crosses 0. Use the formula.",
        )
        for h in (1e-4, 1e-5, 1e-6)
    ),
)

_JACOBIAN_BYTES = (
    Mistake(
        "entries_not_bytes",
        lambda case: case.expected / 8,
        "This is the number of entries. How many bytes does one float64 take?",
    ),
    Mistake("bits_not_bytes", lambda case: case.expected * 8, "This is 8 times too large: bits, perhaps."),
    Mistake(
        "four_bytes",
        lambda case: case.expected / 2,
        "This is half of it: the size in float32. A float64 takes more bytes.",
    ),
    Mistake(
        "one_block_per_row",
        lambda case: case["batch"] * case["dim"] ** 2 * 8,
        "This is a dim x dim matrix for each row of the minibatch. The full Jacobian also has entries "
        "between different rows, even if all of them are 0.",
    ),
    Mistake(
        "batch_forgotten",
        lambda case: case["dim"] ** 2 * 8,
        "This is the Jacobian of a single row. All rows of the minibatch go in, and all come out.",
    ),
    Mistake(
        "dim_counted_once",
        lambda case: case["batch"] ** 2 * case["dim"] * 8,
        "The numbers of a row are counted once. They are among the outputs as well as among the inputs.",
    ),
    Mistake(
        "gradient_not_jacobian",
        lambda case: case["batch"] * case["dim"] * 8,
        "This is the size of a gradient. A Jacobian has an entry for each pair of an output and an input.",
    ),
    Mistake(
        "not_in_bytes",
        lambda case: case.expected / 2**20,
        "This is in MiB. The text asks for bytes.",
    ),
)

_RELU_BACKWARD = (
    Mistake(
        "local_forgotten",
        _upstream,
        "You passed the upstream gradient on unchanged. It still has to be multiplied by the local gradient.",
        of="dx",
    ),
    Mistake(
        "upstream_forgotten",
        _mask,
        "You returned the local gradient alone. The chain rule multiplies it by the upstream gradient.",
        of="dx",
    ),
    Mistake(
        "mask_inverted",
        lambda case: _upstream(case) * (1 - _mask(case)),
        "Gradient arrives where x is below 0, and none where x is above. It should be the other way round.",
        of="dx",
    ),
    Mistake(
        "mask_from_upstream",
        lambda case: _upstream(case) * (_upstream(case) > 0),
        "You kept the entries where dout is positive. What opens the gate is the sign of x, which forward saw.",
        of="dx",
    ),
    mask_at_mean(),
    Mistake(
        "values_not_slopes",
        lambda case: _upstream(case) * np.asarray(case["x"]) * _mask(case),
        "You multiplied by the value of the ReLU. The chain rule multiplies by its slope.",
        of="dx",
    ),
    Mistake(
        "input_not_slope",
        lambda case: _upstream(case) * np.asarray(case["x"]),
        "You multiplied by x. The chain rule multiplies by the slope of the ReLU at x.",
        of="dx",
    ),
    Mistake(
        "selected_not_masked",
        lambda case: _upstream(case)[_mask(case) > 0],
        "You picked out the entries that pass, so the others are missing. They stay, as zeros: dx has the shape of x.",
        of="dx",
    ),
    Mistake(
        "slope_of_abs",
        lambda case: _upstream(case) * np.sign(case["x"]),
        "Where x is below 0 you pass the upstream gradient with a minus: that is the absolute value. The ReLU is flat there.",
    ),
    *(
        Mistake(
            "leaky",
            lambda case, slope=slope: _upstream(case) * np.where(np.asarray(case["x"]) > 0, 1.0, slope),
            "Below 0 you let a small share pass: that is a leaky ReLU.",
        )
        for slope in (0.01, 0.1, 0.2)
    ),
)


# -- softmax ---------------------------------------------------------------------------------------------------


def _softmax(z) -> np.ndarray:
    z = np.asarray(z, dtype=float)
    powers = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def _with_softmax(predict):
    return lambda case: predict(_softmax(case["z"]), case)


def _pairs(s) -> np.ndarray:
    return s[:, None] * s


_SOFTMAX_JACOBIAN = (
    Mistake(
        "only_the_diagonal",
        _with_softmax(lambda s, case: np.diag(s - s**2)),
        "The diagonal is right, and the rest is 0, as if softmax were elementwise. Every score acts on every output.",
    ),
    Mistake(
        "vector_not_matrix",
        _with_softmax(lambda s, case: s - s**2),
        "This is the diagonal alone, as a vector. Every score acts on every output, so a whole matrix is needed.",
    ),
    Mistake(
        "second_term_missing",
        _with_softmax(lambda s, case: np.diag(s)),
        "This is one of two terms: how output i grows with its own score while the denominator stands still. The denominator moves too.",
    ),
    Mistake(
        "diagonal_missing",
        _with_softmax(lambda s, case: -_pairs(s)),
        "Off the diagonal this is right. On the diagonal a score also acts on its own output.",
    ),
    Mistake(
        "diagonal_zero",
        lambda case: case.expected - np.diag(np.diag(case.expected)),
        "Off the diagonal this is right, and the diagonal is still 0.",
    ),
    Mistake(
        "off_diagonal_sign",
        lambda case: np.abs(case.expected),
        "Off the diagonal the sign is lost. When another score grows, does this output rise or fall?",
    ),
    Mistake(
        "broadcast_not_diagonal",
        _with_softmax(lambda s, case: s - _pairs(s)),
        "A vector minus a matrix is broadcast: s landed in every row. It belongs on the diagonal alone.",
    ),
    Mistake(
        "broadcast_not_diagonal",
        _with_softmax(lambda s, case: s[:, None] - _pairs(s)),
        "A column minus a matrix is broadcast: s landed in every column. It belongs on the diagonal alone.",
    ),
    Mistake(
        "identity_not_softmax",
        _with_softmax(lambda s, case: np.eye(len(s)) - _pairs(s)),
        "The diagonal has 1 where it should have more of the formula in it. Compare your diagonal with the text.",
    ),
    Mistake(
        "no_outer_product",
        _with_softmax(lambda s, case: np.diag(s) - s * s),
        "A vector of one axis has no transpose: s * s.T is again a vector. For a product of each entry with each, see np.outer.",
    ),
    Mistake(
        "no_outer_product",
        _with_softmax(lambda s, case: np.diag(s) - np.sum(s * s)),
        "s @ s is one number, the sum of the squares. For a product of each entry with each, see np.outer.",
    ),
    Mistake(
        "square_missing_on_diagonal",
        _with_softmax(lambda s, case: np.diag(s + s * s) - _pairs(s)),
        "Off the diagonal this is right. On the diagonal the factor 1 - s is missing.",
    ),
    Mistake(
        "sign_between_terms",
        _with_softmax(lambda s, case: np.diag(s) + _pairs(s)),
        "The two terms are added. A larger score raises its own output and lowers all the others: which sign says so?",
    ),
    Mistake(
        "scores_not_softmax",
        lambda case: np.diag(case["z"]) - _pairs(np.asarray(case["z"])),
        "The formula is filled with the scores z. It is made of the outputs s.",
    ),
    *(
        Mistake(
            "one_triangle",
            lambda case, half=half: half(case.expected),
            "One side of the diagonal is still 0. Every output depends on every score: fill in all pairs.",
        )
        for half in (np.tril, np.triu)
    ),
)


def _weighted_mean(s, case: Case, axis=1, weigh=True) -> np.ndarray:
    return np.sum(_upstream(case) * (s if weigh else 1.0), axis=axis, keepdims=True)


_SOFTMAX_BACKWARD = (
    Mistake(
        "local_forgotten",
        _upstream,
        "You passed the upstream gradient on unchanged. It still has to be multiplied by the Jacobian.",
        of="dz",
    ),
    Mistake(
        "only_the_diagonal",
        _with_softmax(lambda s, case: _upstream(case) * (s - s**2)),
        "This is the diagonal of the Jacobian alone, as if softmax were elementwise. "
        "The upstream gradients of the other outputs of the row act too.",
        of="dz",
    ),
    Mistake(
        "second_term_missing",
        _with_softmax(lambda s, case: _upstream(case) * s),
        "This is the first of two terms. The weighted mean of the row is still to be taken away.",
        of="dz",
    ),
    Mistake(
        "first_term_missing",
        _with_softmax(lambda s, case: -s * _weighted_mean(s, case)),
        "This is the second of two terms. Each output's own upstream gradient is missing.",
        of="dz",
    ),
    Mistake(
        "terms_added",
        _with_softmax(lambda s, case: s * (_upstream(case) + _weighted_mean(s, case))),
        "The two terms are added. Look at the sign between them.",
        of="dz",
    ),
    Mistake(
        "outer_factor_missing",
        _with_softmax(lambda s, case: _upstream(case) - _weighted_mean(s, case)),
        "A factor is missing in front: both terms of the formula carry it.",
        of="dz",
    ),
    Mistake(
        "factor_missing_in_second_term",
        _with_softmax(lambda s, case: _upstream(case) * s - _weighted_mean(s, case)),
        "The first term is right. In the second, the weighted mean has no factor in front.",
        of="dz",
    ),
    Mistake(
        "not_weighted",
        _with_softmax(lambda s, case: s * (_upstream(case) - _weighted_mean(s, case, weigh=False))),
        "You took away the plain sum of the upstream gradient. In the formula each term of that sum has a weight.",
        of="dz",
    ),
    Mistake(
        "mean_of_products",
        _with_softmax(
            lambda s, case: s * (_upstream(case) - np.mean(_upstream(case) * s, axis=1, keepdims=True))
        ),
        "You divided the weighted sum by C. The weights sum to 1 already, so the sum is the mean.",
        of="dz",
    ),
    Mistake(
        "summed_over_examples",
        _with_softmax(lambda s, case: s * (_upstream(case) - _weighted_mean(s, case, axis=0))),
        "Your sum runs over the examples. Each row is a softmax of its own: sum over its classes.",
        of="dz",
    ),
    Mistake(
        "summed_over_everything",
        _with_softmax(lambda s, case: s * (_upstream(case) - _weighted_mean(s, case, axis=None))),
        "Your sum runs over the whole minibatch. Each row has its own weighted mean.",
        of="dz",
    ),
    Mistake(
        "loss_gradient",
        _with_softmax(lambda s, case: s - _upstream(case)),
        "Output minus target is the gradient of a softmax and a loss together. Here there is no loss: dout is an upstream gradient.",
        of="dz",
    ),
    Mistake(
        "softmax_twice",
        _with_softmax(lambda s, case: _softmax(s) * (_upstream(case) - _weighted_mean(_softmax(s), case))),
        "You took the softmax of the cache. The cache is the softmax already.",
        of="dz",
    ),
    Mistake(
        "not_weighted",
        _with_softmax(
            lambda s, case: s * (_upstream(case) - np.mean(_upstream(case), axis=1, keepdims=True))
        ),
        "You took away the plain mean of the upstream gradient. In the formula it is weighted.",
        of="dz",
    ),
)


# -- matrix product, broadcasting, the whole function ----------------------------------------------------------

_MATMUL_BACKWARD = (
    Mistake(
        "upstream_forgotten",
        lambda case: np.broadcast_to(np.sum(case["w"], axis=1), np.shape(case["x"])),
        "You used ones where the upstream gradient belongs.",
        of="dx",
    ),
    Mistake(
        "upstream_forgotten",
        lambda case: np.broadcast_to(np.sum(case["x"], axis=0)[:, None], np.shape(case["w"])),
        "You used ones where the upstream gradient belongs.",
        of="dw",
    ),
    Mistake(
        "factor_itself",
        lambda case: np.transpose(case["w"]),
        "This is the other factor by itself. It still has to meet the upstream gradient.",
        of="dx",
    ),
    Mistake(
        "factor_itself",
        lambda case: np.transpose(case["x"]),
        "This is the other factor by itself. It still has to meet the upstream gradient.",
        of="dw",
    ),
    Mistake(
        "averaged_over_examples",
        lambda case: case.expected / len(_upstream(case)),
        "Your gradient is divided by the number of examples. Nothing was averaged in forward, so nothing is here: "
        "if the loss takes a mean, its 1/N is in the upstream gradient already.",
        of=("dx", "dw"),
    ),
    Mistake(
        "reshaped_not_transposed",
        lambda case: _upstream(case) @ np.reshape(case["w"], np.shape(case["w"])[::-1]),
        "reshape keeps the numbers in their order; a transpose exchanges rows and columns. The shapes agree, the numbers do not.",
        of="dx",
    ),
    Mistake(
        "reshaped_not_transposed",
        lambda case: np.reshape(case["x"], np.shape(case["x"])[::-1]) @ _upstream(case),
        "reshape keeps the numbers in their order; a transpose exchanges rows and columns. The shapes agree, the numbers do not.",
        of="dw",
    ),
    Mistake(
        "summed_before_multiplying",
        lambda case: np.outer(np.sum(case["x"], axis=0), np.sum(_upstream(case), axis=0)),
        "You summed over the examples first and multiplied then. Multiply within each example, and sum the products.",
        of="dw",
    ),
    Mistake(
        "first_example_only",
        lambda case: np.outer(case["x"][0], _upstream(case)[0]),
        "This is what the first example sends to w. All examples share the weights, so all of them count.",
        of="dw",
    ),
    Mistake(
        "last_example_only",
        lambda case: np.outer(case["x"][-1], _upstream(case)[-1]),
        "This is what the last example sends to w. Accumulate over the examples: += and not =.",
        of="dw",
    ),
)


def _in_front(case: Case) -> tuple[int, ...]:
    return tuple(range(np.ndim(case["dout"]) - len(case["shape"])))


def _of_length_1(case: Case) -> tuple[int, ...]:
    return tuple(axis for axis, length in enumerate(case["shape"]) if length == 1)


def _kept_first(case: Case) -> np.ndarray:
    slices = np.asarray(case["dout"])[(0,) * len(_in_front(case))]
    for axis in _of_length_1(case):
        slices = np.take(slices, [0], axis=axis)
    return slices


def _padded(case: Case) -> np.ndarray:
    return np.sum(case["dout"], axis=_in_front(case), keepdims=True)


def _last_axes_summed(case: Case):
    if not _in_front(case):
        return None
    kept = np.sum(case["dout"], axis=tuple(range(len(case["shape"]), np.ndim(case["dout"]))))
    return np.sum(kept, axis=_of_length_1(case), keepdims=True)


_UNBROADCAST = (
    Mistake(
        "mean_not_sum",
        lambda case: case.expected * (case.expected.size / np.size(case["dout"])),
        "You took the mean over the stretched axes. Each copy acted in full, so the gradients add up.",
    ),
    Mistake(
        "first_copy_only",
        _kept_first,
        "You kept the gradient of the first copy and dropped the others. All copies act, and their gradients add up.",
    ),
    Mistake(
        "axes_in_front_only",
        lambda case: np.sum(case["dout"], axis=_in_front(case)) if _of_length_1(case) else None,
        "You summed over the axes that were put in front. An axis of length 1 is stretched as well.",
    ),
    Mistake(
        "axes_of_length_1_only",
        lambda case: (
            np.sum(
                case["dout"],
                axis=tuple(len(_in_front(case)) + axis for axis in _of_length_1(case)),
                keepdims=True,
            )
            if _in_front(case)
            else None
        ),
        "The axes that were put in front are still there. NumPy adds missing axes on the left: sum over those too.",
    ),
    Mistake(
        "axes_of_length_1_only",
        lambda case: (
            np.sum(case["dout"], axis=_of_length_1(case), keepdims=True) if _in_front(case) else None
        ),
        "The axes that were put in front are still there. NumPy adds missing axes on the left: sum over those too.",
    ),
    Mistake(
        "unit_axes",
        lambda case: np.sum(case["dout"], axis=tuple({*_in_front(case), *_of_length_1(case)}), keepdims=True),
        "The axes that were put in front are summed, and still there with length 1. The variable does not have them.",
    ),
    Mistake(
        "unit_axes",
        lambda case: np.sum(_padded(case), axis=_of_length_1(case), keepdims=True),
        "The axes that were put in front are summed, and still there with length 1. The variable does not have them.",
    ),
    Mistake(
        "summed_from_the_end",
        _last_axes_summed,
        "You summed over the last axes. NumPy lines shapes up at the end, so the missing axes are the first ones.",
    ),
    Mistake(
        "other_axis",
        lambda case: np.sum(case["dout"], axis=0, keepdims=True) if case["shape"] == (4, 1) else None,
        "You summed over the axis that was not stretched. Which axis has length 1 in the variable?",
    ),
    Mistake(
        "summed_to_scalar",
        lambda case: np.sum(case["dout"]),
        "You summed over every axis, so one number is left. Keep the axes that the variable has.",
    ),
)

_SQUARED_NORM_BACKWARD = (
    Mistake(
        "root_taken",
        lambda case: np.sqrt(case.expected),
        "This is the length of W x. The text asks for the square of it.",
        of="out",
    ),
    Mistake(
        "not_summed",
        lambda case: (np.asarray(case["W"]) @ case["x"]) ** 2,
        "These are the squares, one for each row of W. The result is one number: their sum.",
        of="out",
    ),
    Mistake(
        "square_forgotten",
        lambda case: np.sum(np.asarray(case["W"]) @ case["x"]),
        "This is the sum of the entries of W x. Their squares are asked for.",
        of="out",
    ),
    Mistake(
        "mean_not_sum",
        lambda case: case.expected / len(case["W"]),
        "This is the mean of the squares. The text asks for their sum.",
        of="out",
    ),
    Mistake(
        "halved",  # with two rows it cannot be told from the mean
        lambda case: case.expected / 2,
        "This is half of the sum of the squares. Nothing halves it in the text.",
        of="out",
    ),
    Mistake(
        "factor_of_the_square",
        lambda case: case.expected / 2,
        "Exactly half of it is there. What is the slope of a square?",
        of=("dx", "dW"),
    ),
    Mistake(
        "upstream_forgotten",
        lambda case: case.expected / case.upstream,
        "The gradient is that of an upstream gradient of 1. Somebody may hand you another: multiply by dout.",
        of=("dx", "dW"),
    ),
    Mistake(
        "not_transposed",
        lambda case: 2 * np.asarray(case["W"]) @ (np.asarray(case["W"]) @ case["x"]),
        "x_j acts in every q_i, through column j of W. You went along its rows: right in shape only because W is square here.",
        of="dx",
    ),
    Mistake(
        "own_row_only",
        lambda case: (
            np.broadcast_to(2 * (np.asarray(case["W"]) @ case["x"])[:, None], np.shape(case["W"]))
            * _scale(case)
        ),
        "Each row holds the gradient of its q. An entry of W acts in q times an entry of x: that factor is missing.",
        of="dW",
    ),
)


def _scale(case: Case) -> float:
    return 1.0 if case.upstream is None else float(case.upstream)


MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "numerical_jacobian": _NUMERICAL_JACOBIAN,
    "relu_jacobian": _RELU_JACOBIAN,
    "jacobian_bytes": _JACOBIAN_BYTES,
    "relu_backward": _RELU_BACKWARD,
    "eval_numerical_gradient_array": _EVAL_NUMERICAL_GRADIENT_ARRAY,
    "softmax_jacobian": _SOFTMAX_JACOBIAN,
    "softmax_backward": _SOFTMAX_BACKWARD,
    "matmul_backward": _MATMUL_BACKWARD,
    "unbroadcast": _UNBROADCAST,
    "squared_norm_backward": _SQUARED_NORM_BACKWARD,
}
