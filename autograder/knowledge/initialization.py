"""Typical mistakes in the exercises of the data and initialisation notebook, as predictions.

Knows what each mistake would have produced from the case in hand. Refuses to know how an exercise is solved: a
prediction spoils the right value, or computes the wrong one from the inputs. Where the sign of an axis is free, what is
predicted does not depend on it: variances, covariances, lengths.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.explain import Case, Mistake

GUARDS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)  # constants people add to a divisor


def _array(case: Case, name: str) -> np.ndarray:
    return np.asarray(case[name], dtype=float)


def _covariance(X: np.ndarray) -> np.ndarray:
    centred = X - X.mean(axis=0)
    return centred.T @ centred / len(X)


def _spectrum(matrix: np.ndarray) -> np.ndarray:
    """Eigenvalues of a symmetric matrix, the largest first."""
    return np.linalg.eigvalsh(matrix)[::-1]


# ---------------------------------------------------------------- means
def _channel_numbers(images: np.ndarray, numbers: np.ndarray, axis: int):
    """What is left if the numbers line up with another axis than that of the channels."""
    if images.shape[axis] != len(numbers) or len(numbers) == 1:
        return None
    stretched = [1] * 4
    stretched[axis] = -1
    return images - numbers.reshape(stretched)


_MEANS = (
    Mistake(
        "one_mean_for_all",
        lambda case: _array(case, "X") - _array(case, "X").mean(),
        "One mean of all numbers is subtracted. Every feature has its own.",
        of="centred",
    ),
    Mistake(
        "one_mean_for_all",
        lambda case: _array(case, "X").mean(),
        "This is one mean of all numbers. Every feature has its own.",
        of="mean",
    ),
    Mistake(
        "means_of_examples",
        lambda case: _array(case, "X") - _array(case, "X").mean(axis=1, keepdims=True),
        "Each example loses its own mean. Take the mean of each feature, over the examples.",
        of="centred",
    ),
    Mistake(
        "means_of_examples",
        lambda case: _array(case, "X").mean(axis=1),
        "These are the means of the examples. Take the mean of each feature, over the examples.",
        of="mean",
    ),
    Mistake(
        "median_for_mean",
        lambda case: _array(case, "X") - np.median(_array(case, "X"), axis=0),
        "The median is subtracted. The text asks for the mean.",
        of="centred",
    ),
    Mistake(
        "mean_added",
        lambda case: _array(case, "X") + _array(case, "X").mean(axis=0),
        "The mean is added. The cloud moves away from the origin instead of towards it.",
        of="centred",
    ),
    Mistake(
        "scaled_too",
        lambda case: case.expected / case.expected.std(axis=0),
        "The features are divided by their standard deviations too. Here only the mean is subtracted.",
        of="centred",
    ),
    Mistake(
        "not_centred",
        lambda case: _array(case, "X"),
        "The data comes back as it went in.",
        of="centred",
    ),
    Mistake(
        "mean_afterwards",
        lambda case: np.zeros(case.expected.shape),
        "These means are 0: they were taken after centring. Return the means that were subtracted.",
        of="mean",
    ),
    Mistake(
        "width_for_channel",
        lambda case: _array(case, "images").mean(axis=(0, 1, 2)),
        "The last axis survives your mean. It is the width; the channels are the second axis.",
        of="means",
    ),
    Mistake(
        "height_for_channel",
        lambda case: _array(case, "images").mean(axis=(0, 1, 3)),
        "The third axis survives your mean. It is the height; the channels are the second axis.",
        of="means",
    ),
    Mistake(
        "one_mean_for_all",
        lambda case: _array(case, "images").mean(),
        "This is one mean of all numbers. Every channel has its own.",
        of="means",
    ),
    Mistake(
        "mean_image",
        lambda case: _array(case, "images").mean(axis=0),
        "This is the mean image. Take the mean over the pixels too, so that one number per channel is left.",
        of="means",
    ),
    Mistake(
        "means_of_images",
        lambda case: _array(case, "images").mean(axis=(2, 3)),
        "Each image has its own means here. Take the mean over the images too.",
        of="means",
    ),
    Mistake(
        "summed",
        lambda case: _array(case, "images").sum(axis=(0, 2, 3)),
        "These are sums. A mean divides by the number of pixels of all images.",
        of="means",
    ),
    Mistake(
        "divided_by_images",
        lambda case: _array(case, "images").sum(axis=(0, 2, 3)) / len(case["images"]),
        "The sum is divided by the number of images. How many numbers were added up for one channel?",
        of="means",
    ),
    Mistake(
        "along_width",
        lambda case: _channel_numbers(_array(case, "images"), _array(case, "means"), 3),
        "Each column of pixels loses another number: broadcasting aligned means with the width. Give means axes of length 1.",
        of="images",
    ),
    Mistake(
        "along_height",
        lambda case: _channel_numbers(_array(case, "images"), _array(case, "means"), 2),
        "Each row of pixels loses another number: means lines up with the height. How many axes have to stand behind it?",
        of="images",
    ),
    Mistake(
        "along_batch",
        lambda case: _channel_numbers(_array(case, "images"), _array(case, "means"), 0),
        "Each image loses another number: means lines up with the first axis.",
        of="images",
    ),
    Mistake(
        "own_statistics",
        lambda case: _array(case, "images") - _array(case, "images").mean(axis=(0, 2, 3), keepdims=True),
        "These images lose their own means. Subtract the numbers that are given: they belong to the training split.",
        of="images",
    ),
    Mistake(
        "one_mean_for_all",
        lambda case: _array(case, "images") - _array(case, "means").mean(),
        "All channels lose the same number. Each has its own.",
        of="images",
    ),
    Mistake(
        "mean_added",
        lambda case: _array(case, "images") + _array(case, "means")[:, None, None],
        "The means are added.",
        of="images",
    ),
)


# ---------------------------------------------------------------- standardising
def _scaled(X, mean, std, guard=0.0):
    return (X - mean) / np.where(std == 0, guard or 1.0, std + guard)


def _by(case: Case, source: str, *, guard=0.0, of_std=lambda std: std):
    """The array standardised by the statistics of another."""
    given = _array(case, source)
    return _scaled(_array(case, "X"), given.mean(axis=0), of_std(given.std(axis=0)), guard)


def _not_the_first(case: Case, source: str):
    """For arrays other than train only: there own statistics are a mistake."""
    return None if case.of == "train" else _by(case, source)


def _unbiased(case: Case):
    N = len(case["train"])
    return _by(case, "train", of_std=lambda std: std * np.sqrt(N / (N - 1)))


def _not_subtracted(case: Case):
    std = _array(case, "train").std(axis=0)
    return _array(case, "X") / np.where(std == 0, 1, std)


def _divided_first(case: Case):
    return _not_subtracted(case) - _array(case, "train").mean(axis=0)


def _of_examples(case: Case):
    X = _array(case, "X")
    std = X.std(axis=1, keepdims=True)
    return (X - X.mean(axis=1, keepdims=True)) / np.where(std == 0, 1, std)


def _between_limits(case: Case):
    X, train = _array(case, "X"), _array(case, "train")
    span = train.max(axis=0) - train.min(axis=0)
    return (X - train.min(axis=0)) / np.where(span == 0, 1, span)


def _constant_set_to_zero(case: Case):
    std = _array(case, "train").std(axis=0)
    return np.where(std == 0, 0, _by(case, "train")) if np.any(std == 0) else None


def _constant_as_it_is(case: Case):
    std = _array(case, "train").std(axis=0)
    return np.where(std == 0, case["X"], _by(case, "train")) if np.any(std == 0) else None


_STANDARDIZE = (
    *(
        Mistake(
            "small_spread_kept",
            lambda case, limit=limit: _by(case, "train", of_std=lambda std: np.where(std < limit, 1, std)),
            "A small standard deviation was taken for none. Only a feature whose values are all equal is divided by 1.",
        )
        for limit in (1e-3, 1e-2, 0.1)
    ),
    *(
        Mistake(
            "guard_explodes",
            lambda case, guard=guard: _by(case, "train", guard=guard),
            "A small constant is added to the standard deviation: a feature that is constant in training is divided by next to "
            "nothing, and other arrays explode there. Divide such a feature by 1.",
        )
        for guard in GUARDS
    ),
    Mistake(
        "own_statistics",
        lambda case: _not_the_first(case, "X"),
        "This array was standardised by its own mean and standard deviation. Use those of train, as the network will have to.",
    ),
    Mistake(
        "joint_statistics",
        lambda case: _by(case, "all") if len(case["all"]) > len(case["train"]) else None,
        "Mean and standard deviation were taken of all arrays together. The other splits must not have a say: use train alone.",
    ),
    Mistake(
        "root_missing",
        lambda case: _by(case, "train", of_std=np.square),
        "You divided by the variance. The standard deviation is its square root.",
    ),
    Mistake(
        "unbiased",
        _unbiased,
        "The standard deviation divides by N - 1 here. The text divides by N.",
    ),
    Mistake(
        "not_centred",
        _not_subtracted,
        "The mean is not subtracted.",
    ),
    Mistake(
        "not_scaled",
        lambda case: _array(case, "X") - _array(case, "train").mean(axis=0),
        "The mean is subtracted, and nothing is divided by the standard deviation.",
    ),
    Mistake(
        "divided_first",
        _divided_first,
        "The division comes before the subtraction. Mind the brackets: subtract first.",
    ),
    Mistake(
        "means_of_examples",
        _of_examples,
        "Each example is standardised by its own numbers. Take mean and standard deviation of each feature, over the examples.",
    ),
    Mistake(
        "one_deviation_for_all",
        lambda case: (_array(case, "X") - _array(case, "train").mean(axis=0)) / _array(case, "train").std(),
        "One standard deviation of all numbers is used. Every feature has its own.",
    ),
    Mistake(
        "one_mean_for_all",
        lambda case: (_array(case, "X") - _array(case, "train").mean()) / _array(case, "train").std(),
        "Mean and standard deviation are those of all numbers. Every feature has its own.",
    ),
    Mistake(
        "between_limits",
        _between_limits,
        "This maps smallest and largest to 0 and 1. Standardising uses mean and standard deviation.",
    ),
    Mistake(
        "constant_dropped",
        _constant_set_to_zero,
        "A feature that is constant in training became 0 in the other arrays as well. It is divided by 1: its distance from the "
        "mean remains.",
    ),
    Mistake(
        "constant_not_centred",
        _constant_as_it_is,
        "A feature that is constant in training was left as it is. Divide it by 1, and subtract its mean all the same.",
    ),
)


# ---------------------------------------------------------------- principal components
def _raw_moment(case: Case):
    X = _array(case, "X")
    return _spectrum(X.T @ X / len(X))


def _correlations(case: Case):
    covariance = _covariance(_array(case, "X"))
    std = np.sqrt(np.diag(covariance))
    return _spectrum(covariance / np.outer(std, std))


def _diagonal(case: Case, f):
    """The expected diagonal matrix with f applied to its diagonal."""
    return np.diag(f(np.diag(case.expected)))


_PCA = (
    Mistake(
        "ascending",
        lambda case: case.expected[::-1],
        "The smallest comes first. np.linalg.eigh sorts upwards; the text asks for the largest first, and the columns go along.",
        of="variances",
    ),
    Mistake(
        "columns_not_reordered",
        # with two features, components in the rows may look the same
        lambda case: _diagonal(case, lambda diagonal: diagonal[::-1]) if len(case.expected) > 2 else None,
        "The variances are in order and their components are not: column k has to belong to variances[k].",
        of="the covariance along the components",
    ),
    Mistake(
        "columns_not_reordered",
        lambda case: case.expected[:, ::-1],
        "The components stand in the opposite order. Column k has to belong to variances[k], the largest first.",
        of="components, without their signs",
    ),
    Mistake(
        "components_in_rows",
        lambda case: case.expected.T,
        "Your components stand in the rows. The docstring asks for one component per column.",
        of="components, without their signs",
    ),
    Mistake(
        "rows_reordered",
        lambda case: case.expected[::-1, ::-1],
        "The rows of np.linalg.eigh's result changed places. Its components are the columns: reorder those.",
        of="components, without their signs",
    ),
    Mistake(
        "unbiased",
        lambda case: case.expected * case.N / (case.N - 1),
        "Your covariance divides by N - 1. The text divides by N.",
        of="variances",
    ),
    Mistake(
        "not_divided_by_n",
        lambda case: case.expected * case.N,
        "Your covariance is a sum over the examples. Divide it by N.",
        of="variances",
    ),
    Mistake(
        "deviations_for_variances",
        lambda case: np.sqrt(case.expected),
        "These are standard deviations. The text asks for variances, their squares.",
        of="variances",
    ),
    Mistake(
        "singular_values",
        lambda case: np.sqrt(case.N * case.expected),
        "These are the singular values of the centred data. A variance is the square of one, divided by N.",
        of="variances",
    ),
    Mistake(
        "singular_values",
        lambda case: np.sqrt(case.expected / case.N),
        "These are singular values divided by N. Square them before you divide.",
        of="variances",
    ),
    Mistake(
        "not_centred",
        _raw_moment,
        "The covariance is taken of the data as it is. Subtract the mean first.",
        of="variances",
    ),
    Mistake(
        "correlations_for_covariances",
        _correlations,
        "The data was standardised first. Here features keep their scales: subtract the mean only.",
        of="variances",
    ),
    Mistake(
        "shares_for_variances",
        lambda case: case.expected / case.expected.sum(),
        "These are shares of the whole variance. The text asks for the variances themselves.",
        of="variances",
    ),
    Mistake(
        "mean_not_subtracted",
        lambda case: _array(case, "X") @ _first(case),
        "The coordinates are measured from the origin. Measure them from mean.",
        of="Z",
    ),
    Mistake(
        "own_statistics",
        lambda case: (_array(case, "X") - _array(case, "X").mean(axis=0)) @ _first(case),
        "The examples lose their own mean. Subtract the mean that is given: it belongs to the training split.",
        of="Z",
    ),
    Mistake(
        "rows_for_columns",
        lambda case: _centred(case) @ _array(case, "components")[: case.expected.shape[1]].T,
        "The first K rows are used. The components stand in the columns.",
        of="Z",
    ),
    Mistake(
        "last_components",
        lambda case: _centred(case) @ _array(case, "components")[:, -case.expected.shape[1] :],
        "The last K components are used. The first have the largest variances.",
        of="Z",
    ),
    Mistake(
        "mean_not_added",
        lambda case: case.expected - case["mean"],
        "The mean is missing: what project subtracts, reconstruct adds.",
        of="examples",
    ),
    Mistake(
        "mean_subtracted",
        lambda case: case.expected - 2 * _array(case, "mean"),
        "The mean is subtracted. What project subtracts, reconstruct adds.",
        of="examples",
    ),
    Mistake(
        "rows_for_columns",
        lambda case: (
            _array(case, "Z") @ _array(case, "components")[: np.shape(case["Z"])[1]] + _array(case, "mean")
        ),
        "The first K rows are used. The components stand in the columns: take the first K columns, then transpose.",
        of="examples",
    ),
    Mistake(
        "last_components",
        lambda case: (
            _array(case, "Z") @ _array(case, "components")[:, -np.shape(case["Z"])[1] :].T
            + _array(case, "mean")
        ),
        "The last K components are used. The coordinates belong to the first.",
        of="examples",
    ),
)


def _centred(case: Case) -> np.ndarray:
    return _array(case, "X") - _array(case, "mean")


def _first(case: Case) -> np.ndarray:
    return _array(case, "components")[:, : case.expected.shape[1]]


# ---------------------------------------------------------------- whitening
_COVARIANCE = "the covariance"
_LENGTHS = ("the squared lengths of others", "the squares of the coordinates")


def _whitened(case: Case, f):
    """The covariance that is left if the variances v along the components become f(v, eps)."""
    variances = _spectrum(_covariance(_array(case, "X")))
    return np.diag(f(variances, case["eps"]))


def _unrotated(case: Case):
    covariance = _covariance(_array(case, "X"))
    std = np.sqrt(np.diag(covariance) + case["eps"])
    return covariance / np.outer(std, std)


def _rotated_back(case: Case):
    variances, axes = np.linalg.eigh(_covariance(_array(case, "X")))
    return axes * (variances / (variances + case["eps"])) @ axes.T


def _lengths(case: Case, source: str, origin):
    """Squared lengths after whitening by the covariance of `source`, measured from `origin`."""
    given, centred = _array(case, source), _array(case, "X") - origin
    return np.sum(
        centred @ np.linalg.inv(_covariance(given) + case["eps"] * np.eye(given.shape[1])) * centred, axis=1
    )


def _lengths_by_themselves(case: Case):
    return _lengths(case, "X", _array(case, "X").mean(axis=0))


def _lengths_from_own_mean(case: Case):
    return _lengths(case, "train", _array(case, "X").mean(axis=0))


def _lengths_from_origin(case: Case):
    return _lengths(case, "train", 0.0)


_WHITEN = (
    Mistake(
        "root_missing",
        lambda case: _whitened(case, lambda v, eps: v / (v + eps) ** 2),
        "Each coordinate is divided by its variance. Take the square root first.",
        of=_COVARIANCE,
    ),
    Mistake(
        "eps_outside_root",
        lambda case: _whitened(case, lambda v, eps: v / (np.sqrt(v) + eps) ** 2) if case["eps"] else None,
        "eps is added to the standard deviation. The text adds it to the variance, under the root.",
        of=_COVARIANCE,
    ),
    Mistake(
        "eps_ignored",
        lambda case: _whitened(case, lambda v, eps: v / v),
        "eps plays no part: with a large one the variances stay below 1.",
        of=_COVARIANCE,
    ),
    Mistake(
        "eps_ignored",
        lambda case: _whitened(case, lambda v, eps: v / (v + 1e-5)) if case["eps"] != 1e-5 else None,
        "eps is always 0.00001, whatever the caller says.",
        of=_COVARIANCE,
    ),
    Mistake(
        "not_divided",
        lambda case: _whitened(case, lambda v, eps: v),
        "The coordinates are projected and not divided: their variances are still those of the components.",
        of=_COVARIANCE,
    ),
    Mistake(
        "multiplied",
        lambda case: _whitened(case, lambda v, eps: v * (v + eps)),
        "The coordinates are multiplied by the root. Large variances have to become smaller.",
        of=_COVARIANCE,
    ),
    Mistake(
        "ascending",
        lambda case: _whitened(case, lambda v, eps: (v / (v + eps))[::-1]) if case["eps"] else None,
        "The coordinates stand in the wrong order: the component of largest variance comes first.",
        of=_COVARIANCE,
    ),
    Mistake(
        "not_rotated",
        _unrotated,
        "This is standardising: the features are divided where they stand, and still vary together. Project first.",
        of=_COVARIANCE,
    ),
    Mistake(
        "rotated_back",
        _rotated_back,
        "You turned the whitened data back to the original axes. The text stops at the coordinates along the components.",
        of=_COVARIANCE,
    ),
    Mistake(
        "unbiased",
        lambda case: _whitened(
            case, lambda v, eps: v / (v * len(case["X"]) / (len(case["X"]) - 1) + case["eps"])
        ),
        "Your variances divide by N - 1. The text divides by N.",
        of=_COVARIANCE,
    ),
    Mistake(
        "own_statistics",
        _lengths_by_themselves,
        "This array was whitened by its own mean and components. Use those of train.",
        of=_LENGTHS,
    ),
    Mistake(
        "own_mean",
        _lengths_from_own_mean,
        "This array is measured from its own mean. Use that of train.",
        of=_LENGTHS,
    ),
    Mistake(
        "not_centred",
        _lengths_from_origin,
        "The other arrays are measured from the origin. Measure them from the mean of train.",
        of=_LENGTHS,
    ),
)


# ---------------------------------------------------------------- symmetry
def _h(case: Case) -> np.ndarray:
    return np.tanh(_a(case))


def _examples(case: Case) -> np.ndarray:
    return np.asarray(case.extra[0] if case.extra else case["X"], dtype=float)


def _a(case: Case) -> np.ndarray:
    return _examples(case) @ _array(case, "W1") + _array(case, "b1")


def _dscores(case: Case) -> np.ndarray:
    return np.asarray(case.upstream if case.upstream is not None else case["dscores"])


def _behind(case: Case, factor):
    """dW1 or db1 if the gradient at the pre-activations were the one at h times `factor`."""
    da = _dscores(case) @ _array(case, "W2").T * factor
    return da.sum(axis=0) if case.of == "db1" else _examples(case).T @ da


def _kinds(*columns) -> int:
    """How many rows differ, among rows made of these columns."""
    units = np.hstack([np.reshape(column, (len(column), -1)) for column in columns])
    return len(np.unique(np.round(units, 8), axis=0))


def _unit_parts(case: Case):
    return _array(case, "W1").T, _array(case, "b1"), _array(case, "W2")


_UNITS = "the number of units"

_SYMMETRY = (
    Mistake(
        "slope_forgotten",
        lambda case: _behind(case, 1.0),
        "The slope of tanh is missing between W2 and the pre-activations.",
        of=("dW1", "db1"),
    ),
    Mistake(
        "slope_of_sigmoid",
        lambda case: _behind(case, _h(case) * (1 - _h(case))),
        "This slope belongs to the sigmoid. That of tanh vanishes at the outputs 1 and -1.",
        of=("dW1", "db1"),
    ),
    Mistake(
        "square_missing",
        lambda case: _behind(case, 1 - _h(case)),
        "A square is missing in the slope: it must vanish at the output -1 as it does at 1.",
        of=("dW1", "db1"),
    ),
    Mistake(
        "multiplied_by_output",
        lambda case: _behind(case, _h(case)),
        "The gradient at h is multiplied by h. On the way back it is multiplied by the slope of tanh.",
        of=("dW1", "db1"),
    ),
    Mistake(
        "slope_at_wrong_place",
        lambda case: _behind(case, 1 - _a(case) ** 2),
        "The slope is formed of the pre-activations. The formula wants the outputs of tanh.",
        of=("dW1", "db1"),
    ),
    Mistake(
        "averaged",
        lambda case: case.expected / len(_dscores(case)),
        "The gradient is divided by N. dscores is given as it is: sum over the batch.",
        of=("dW1", "db1", "dW2"),
    ),
    Mistake(
        "activation_skipped",
        lambda case: _a(case).T @ _dscores(case),
        "The pre-activations are used where W2 meets the outputs of tanh.",
        of="dW2",
    ),
    Mistake(
        "outgoing_ignored",
        lambda case: _kinds(*_unit_parts(case)[:2]),
        "Units that feed the scores differently count as one. The outgoing weights belong to a unit too.",
        of=_UNITS,
    ),
    Mistake(
        "bias_ignored",
        lambda case: _kinds(_unit_parts(case)[0], _unit_parts(case)[2]),
        "Units with different biases count as one.",
        of=_UNITS,
    ),
    Mistake(
        "incoming_alone",
        lambda case: _kinds(_unit_parts(case)[0]),
        "Only incoming weights are compared. A unit also has a bias and outgoing weights.",
        of=_UNITS,
    ),
    Mistake(
        "rows_for_units",
        lambda case: _kinds(_array(case, "W1")),
        "You compared the rows of W1. A unit's incoming weights are a column.",
        of=_UNITS,
    ),
    Mistake(
        "rounding_counted",
        lambda case: len(np.unique(np.column_stack(_unit_parts(case)), axis=0)),
        "Units that differ only by rounding count as different. Numbers within 1e-9 are the same.",
        of=_UNITS,
    ),
    Mistake(
        "repetitions_counted",
        lambda case: len(case["b1"]) - case.expected,
        "This is how many units are repetitions. Count the units that differ.",
        of=_UNITS,
    ),
)


# ---------------------------------------------------------------- first weights
def _weights_in_and_out(case: Case):
    return case["fan_in"], case["fan_out"]


def _scheme(case: Case, *names: str) -> bool:
    return case["scheme"] in names


_DEVIATIONS = tuple(
    f"the standard deviation for {name!r}" for name in ("zeros", "small", "large", "xavier", "he")
)

_INITIALIZE = (
    Mistake(
        "variance_for_deviation",
        lambda case: case.expected**2,
        "The numbers are multiplied by the variance. Multiply by the standard deviation, its square root.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "fan_out_for_fan_in",
        lambda case: (
            case.expected * np.sqrt(case["fan_in"] / case["fan_out"])
            if _scheme(case, "xavier", "he")
            else None
        ),
        "The number of outputs is under the root. A unit adds up its *inputs*.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "factor_two_missing",
        lambda case: case.expected / np.sqrt(2) if _scheme(case, "he") else None,
        "He's factor 2 is missing.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "factor_two_outside",
        lambda case: case.expected * np.sqrt(2) if _scheme(case, "he") else None,
        "He's factor 2 stands outside the root. It belongs to the variance.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "factor_two_added",
        lambda case: case.expected * np.sqrt(2) if _scheme(case, "xavier") else None,
        "Xavier has no factor 2: that is He's.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "both_fans",
        lambda case: (
            case.expected * np.sqrt(2 * case["fan_in"] / sum(_weights_in_and_out(case)))
            if _scheme(case, "xavier", "he")
            else None
        ),
        "Fan-in and fan-out are averaged, as in Glorot's original. The docstring divides by the fan-in alone.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "root_of_size",
        lambda case: case.expected * np.sqrt(case["fan_in"]) if _scheme(case, "xavier", "he") else None,
        "The fan-in plays no part in the size.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "multiplied_by_fan_in",
        lambda case: case.expected * case["fan_in"] if _scheme(case, "xavier", "he") else None,
        "You multiplied by the root of the fan-in. The more inputs, the *smaller* the weights.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "not_normal",
        lambda case: case.expected / np.sqrt(3),
        "These numbers are drawn evenly between two limits. The text asks for normal numbers.",
        of=_DEVIATIONS,
    ),
    Mistake(
        "not_normal",
        lambda case: case.expected / np.sqrt(12),
        "These numbers are drawn evenly from an interval. The text asks for normal numbers of mean 0.",
        of=_DEVIATIONS,
    ),
)

_STATISTICS = (
    Mistake(
        "before_nonlinearity",
        lambda case: _per_layer(case, "seen", np.std if case.of == "stds" else np.mean),
        "These are statistics of what goes into the nonlinearity. Take them of what comes out.",
        of=("means", "stds"),
    ),
    Mistake(
        "variance_for_deviation",
        lambda case: case.expected**2,
        "These are variances. The standard deviation is the square root.",
        of="stds",
    ),
    Mistake(
        "size_for_deviation",
        lambda case: _per_layer(case, "gave", lambda h: np.sqrt(np.mean(h**2))),
        "This is the root of the mean square. The standard deviation subtracts the mean first.",
        of="stds",
    ),
    Mistake(
        "size_for_mean",
        lambda case: _per_layer(case, "gave", lambda h: np.mean(np.abs(h))),
        "These are means of absolute values. Keep the signs.",
        of="means",
    ),
    Mistake(
        "deviation_of_units",
        lambda case: _per_layer(case, "gave", lambda h: h.std(axis=0).mean()),
        "This is the mean of each unit's standard deviation. Take one standard deviation of all numbers of the layer.",
        of="stds",
    ),
    Mistake(
        "deviation_of_units",
        lambda case: _per_layer(case, "gave", lambda h: h.std(axis=1).mean()),
        "This is the mean of each example's standard deviation. Take one standard deviation of all numbers of the layer.",
        of="stds",
    ),
)


def _per_layer(case: Case, name: str, f):
    return np.array([f(h) for h in np.asarray(case[name])])


_GAIN = (
    Mistake(
        "moment_itself",
        lambda case: case["moment"],
        "This is the mean of f(z)². The gain is 1 over its root.",
    ),
    Mistake(
        "root_missing",
        lambda case: 1 / case["moment"],
        "This is 1 over the mean square: the square of the gain.",
    ),
    Mistake(
        "not_inverted",
        lambda case: np.sqrt(case["moment"]),
        "This is the root of the mean square, by which f changes the size. The gain makes up for it.",
    ),
    Mistake(
        "mean_subtracted",
        lambda case: 1 / np.sqrt(case["moment"] - case["mean"] ** 2) if case["mean"] else None,
        "You divided by the standard deviation of f(z). What the next layer adds up is the mean *square*: nothing is subtracted.",
    ),
    Mistake(
        "square_missing",
        lambda case: 1 / case["size"],
        "You took the mean of |f(z)|. Square first, then take the mean, then the root.",
    ),
    Mistake(
        "square_missing",
        lambda case: 1 / np.sqrt(case["size"]),
        "The numbers under the root are not squared.",
    ),
    Mistake(
        "density_too_narrow",
        lambda case: case.expected * np.sqrt(2),
        "A gain too large by the root of 2 often means a density too narrow: the exponent is z² over 2.",
    ),
    Mistake(
        "half_of_the_line",
        lambda case: 1 / np.sqrt(case["upper"]) if "upper" in case.inputs else None,
        "Only positive z entered the mean. Half of all z are negative.",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "zero_center": _MEANS,
    "standardize": _STANDARDIZE,
    "pca": _PCA,
    "whiten": _WHITEN,
    "hidden_gradients": _SYMMETRY,
    "initialize": _INITIALIZE,
    "activation_statistics": _STATISTICS,
    "gain": _GAIN,
}
