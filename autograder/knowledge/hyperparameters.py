"""Typical mistakes in the exercises of the hyperparameters notebook, as predictions.

Knows what each mistake would have produced from the case in hand. Refuses to know how an exercise is solved: a
prediction starts from the right value and spoils it, or computes the wrong one from the inputs.
"""

from __future__ import annotations

import math

import numpy as np

from autograder.gradients.explain import Case, Mistake

# ---------------------------------------------------------------- folds


def _rows(case: Case) -> np.ndarray:
    """The rows, as they are in the data, that the case is about."""
    return np.asarray(case["X"])[case["val" if case.of == "X_val" else "train"]]


def _training(case: Case) -> np.ndarray:
    return np.asarray(case["X"])[case["train"]]


def _standardised(rows, by, *, ddof=0, axis=0):
    return (rows - np.mean(by, axis=axis)) / (np.std(by, axis=axis, ddof=ddof) + 1e-8)


PARTS = ("X_val", "X_train")
_FOLDS = (
    Mistake(
        "leak",
        lambda case: _standardised(_rows(case), case["X"]),
        "Mean and standard deviation come from all examples, the validation part included: a leak. "
        "Compute them from the training part of this fold.",
        of=PARTS,
    ),
    Mistake(
        "own_statistics",
        lambda case: _standardised(_rows(case), _rows(case)),
        "The validation part is standardised by its own mean and standard deviation. A network in use sees one example "
        "at a time and has only what training left behind: take the training part's numbers for both.",
        of="X_val",
    ),
    Mistake(
        "not_standardised",
        _rows,
        "The columns arrive as they are in the data. Standardise both parts before evaluate sees them.",
        of=PARTS,
    ),
    Mistake(
        "centred_only",
        lambda case: _rows(case) - _training(case).mean(axis=0),
        "The mean is subtracted, and nothing is divided by the standard deviation.",
        of=PARTS,
    ),
    Mistake(
        "scaled_only",
        lambda case: _rows(case) / (_training(case).std(axis=0) + 1e-8),
        "The columns are divided by their standard deviation, and the mean is still in them.",
        of=PARTS,
    ),
    Mistake(
        "one_statistic_for_all_columns",
        lambda case: _standardised(_rows(case), _training(case), axis=None),
        "One mean and one standard deviation serve all columns. Each column has its own: along which axis do you average?",
        of=PARTS,
    ),
    Mistake(
        "divided_by_variance",
        lambda case: (_rows(case) - _training(case).mean(axis=0)) / (_training(case).var(axis=0) + 1e-8),
        "The columns are divided by their variance. The standard deviation is its root.",
        of=PARTS,
    ),
    Mistake(
        "ddof_1",
        lambda case: _standardised(_rows(case), _training(case), ddof=1),
        "The standard deviation is computed with N - 1. Use np.std as it is, with N.",
        of=PARTS,
    ),
    Mistake(
        "mean_returned",
        lambda case: case.expected.mean(),
        "One number came back, the mean. Return all k numbers: their spread is half of the result.",
        of="results",
    ),
    Mistake(
        "last_only",
        lambda case: case.expected[-1],
        "Only the last fold's number came back. Collect all k of them.",
        of="results",
    ),
)

# ---------------------------------------------------------------- zoom


def _forth_and_back(case: Case):
    """The range in question as (low, high, value), with the functions to and from the scale it is counted on."""
    low, high, scale = case["space"][case["name"]]
    to, back = (math.log, math.exp) if scale == "log" else (float, float)
    return to(low), to(high), to(case["setting"][case["name"]]), back


def _around(case: Case, widths: float, *, old_centre=False):
    """A range of `widths` times the old width around the value, or around the middle of the old range."""
    low, high, value, back = _forth_and_back(case)
    centre, half = (low + high) / 2 if old_centre else value, widths * (high - low) / 2
    return [back(centre - half), back(centre + half)]


def _around_plainly(case: Case):
    low, high, scale = case["space"][case["name"]]
    half = case["factor"] / 2 * (high - low)
    value = case["setting"][case["name"]]
    return [value - half, value + half] if scale == "log" else None


def _clipped(case: Case):
    low, high, _ = case["space"][case["name"]]
    return np.clip(case.expected, low, high)


_ZOOM = (
    Mistake(
        "scale_ignored",
        _around_plainly,
        'On the scale "log" the range was cut as on a linear one. Count by to_unit, and come back by from_unit.',
    ),
    Mistake(
        "factor_as_half_width",
        lambda case: _around(case, 2 * case["factor"]),
        "The range is twice too wide: factor is the whole width of the new range, both sides together.",
    ),
    Mistake(
        "edge_ignored",
        lambda case: _around(case, case["factor"]),
        "The best value lies at an edge, and the range shrinks all the same. What may lie beyond the edge?",
    ),
    Mistake(
        "never_narrower",
        lambda case: _around(case, 1.0),
        "The range has moved and is as wide as before. It shrinks by factor, unless the value lies at an edge.",
    ),
    Mistake(
        "old_centre",
        lambda case: _around(case, case["factor"], old_centre=True),
        "The range has shrunk around its own middle. Centre it on the setting's value.",
    ),
    Mistake(
        "old_centre",
        lambda case: _around(case, 1.0, old_centre=True),
        "This is the old range. At an edge it keeps its width, and still moves: centre it on the setting's value.",
    ),
    Mistake(
        "factor_ignored",
        lambda case: _around(case, 0.5) if case["factor"] != 0.5 else None,
        "The range is half as wide as before, whatever factor is.",
    ),
    Mistake(
        "edge_widened",
        lambda case: _around(case, 2.0),
        "The range has become wider. At an edge it keeps its width and only moves.",
    ),
    Mistake(
        "clipped",
        _clipped,
        "The range was cut off at the old one. It may reach beyond: what lies there has never been tried.",
    ),
)

# ---------------------------------------------------------------- Gaussian process


def _squares(case: Case) -> np.ndarray:
    A, B = np.asarray(case["A"]), np.asarray(case["B"])
    return np.sum((A[:, None] - B) ** 2, axis=2)


def _with_noise(case: Case, kind: str) -> np.ndarray:
    """kernel(X, X) with the noise as it should be, or put in by mistake."""
    K, noise, eye = np.asarray(case["K"]), case["noise"], np.eye(len(case["K"]))
    return {
        "right": K + noise * eye,
        "forgotten": K,
        "everywhere": K + noise,
        "squared": K + noise**2 * eye,
        "root": K + np.sqrt(noise) * eye,
    }[kind]


def _predicted_mean(case: Case, kind="right", y=None):
    return np.asarray(case["K_new"]).T @ np.linalg.solve(
        _with_noise(case, kind), case["y"] if y is None else y
    )


def _explained(case: Case, kind="right"):
    """The part of the prior covariance that the trials take away, (M, M)."""
    K_new = np.asarray(case["K_new"])
    return K_new.T @ np.linalg.solve(_with_noise(case, kind), K_new)


def _deviation(case: Case, kind="right", prior=None, extra=0.0):
    prior = np.diag(case["K_far"]) if prior is None else prior
    return np.sqrt(np.maximum(0, prior - np.diag(_explained(case, kind)) + extra))


_KERNEL = (
    Mistake(
        "two_missing",
        lambda case: np.exp(-_squares(case) / case["length"] ** 2),
        "The kernel falls too fast: the 2 in the denominator is missing.",
        of="kernel",
    ),
    Mistake(
        "two_squared",
        lambda case: np.exp(-_squares(case) / (2 * case["length"]) ** 2),
        "The 2 is squared along with the length. Only the length is.",
        of="kernel",
    ),
    Mistake(
        "length_not_squared",
        lambda case: np.exp(-_squares(case) / (2 * case["length"])),
        "The length is not squared. A distance of one length must give exp(-1/2), whatever the length.",
        of="kernel",
    ),
    Mistake(
        "distance_not_squared",
        lambda case: np.exp(-np.sqrt(_squares(case)) / (2 * case["length"] ** 2)),
        "The distance enters without its square.",
        of="kernel",
    ),
    Mistake(
        "growing",
        lambda case: np.exp(_squares(case) / (2 * case["length"] ** 2)),
        "The kernel grows with the distance. What is far away should say little: look for a lost minus.",
        of="kernel",
    ),
    Mistake(
        "multiplied_by_length",
        lambda case: np.exp(-_squares(case) * case["length"] ** 2 / 2),
        "The length multiplies the distance. A longer length must let the kernel fall more slowly.",
        of="kernel",
    ),
)

_POSTERIOR = (
    Mistake(
        "noise_forgotten",
        lambda case: _predicted_mean(case, "forgotten"),
        "The noise is missing: the model believes every measurement to the last digit. Add it to the diagonal of kernel(X, X).",
        of="mean",
    ),
    Mistake(
        "noise_everywhere",
        lambda case: _predicted_mean(case, "everywhere"),
        "The noise is added to every entry of kernel(X, X). Noise of two measurements is independent: only the diagonal gets it.",
        of="mean",
    ),
    Mistake(
        "noise_squared",
        lambda case: _predicted_mean(case, "squared"),
        "The noise is squared. It is a variance already.",
        of="mean",
    ),
    Mistake(
        "root_of_noise",
        lambda case: _predicted_mean(case, "root"),
        "The root of the noise stands on the diagonal. Noise is given as a variance and is used as it is.",
        of="mean",
    ),
    Mistake(
        "inverted_entrywise",
        lambda case: np.asarray(case["K_new"]).T @ ((1 / _with_noise(case, "right")) @ case["y"]),
        "Each entry of K was inverted by itself. The inverse of a matrix is something else: np.linalg.solve applies it.",
        of="mean",
    ),
    Mistake(
        "inverse_forgotten",
        lambda case: np.asarray(case["K_new"]).T @ case["y"],
        "The inverse of K is missing: trials that lie close together are counted as if each told something new.",
        of="mean",
    ),
    Mistake(
        "mean_taken_out",
        lambda case: _predicted_mean(case, y=case["y"] - np.mean(case["y"])),
        "The mean of y was subtracted first. Use y as it is; the text's model has mean 0.",
        of="mean",
    ),
    Mistake(
        "mean_of_y_assumed",
        lambda case: np.mean(case["y"]) + _predicted_mean(case, y=case["y"] - np.mean(case["y"])),
        "Far from all trials your mean goes to the mean of y. The text's model has mean 0 there: use y as it is.",
        of="mean",
    ),
    Mistake(
        "noise_forgotten",
        lambda case: _deviation(case, "forgotten"),
        "The noise is missing in std: add it to the diagonal of kernel(X, X).",
        of="std",
    ),
    Mistake(
        "noise_everywhere",
        lambda case: _deviation(case, "everywhere"),
        "The noise is added to every entry of kernel(X, X). Only the diagonal gets it.",
        of="std",
    ),
    Mistake(
        "variance_returned",
        lambda case: np.square(case.expected),
        "This is the variance. std is its root.",
        of="std",
    ),
    Mistake(
        "noise_in_std",
        lambda case: _deviation(case, extra=case["noise"]),
        "The noise of a new measurement is in std. Asked for is the doubt about the loss itself.",
        of="std",
    ),
    Mistake(
        "prior_variance_one",
        lambda case: _deviation(case, prior=1.0),
        "You start from a variance of 1. How large it is before any trial, the kernel says: kernel(X_new, X_new).",
        of="std",
    ),
    Mistake(
        "doubt_grows",
        lambda case: np.sqrt(np.diag(case["K_far"]) + np.diag(_explained(case))),
        "Trials make your doubt grow. What they explain is subtracted from the prior variance.",
        of="std",
    ),
    Mistake(
        "explained_part_returned",
        lambda case: np.sqrt(np.diag(_explained(case))),
        "This is the part that the trials explain. The doubt is what is left of the prior variance.",
        of="std",
    ),
    Mistake(
        "prior_returned",
        lambda case: np.sqrt(np.diag(case["K_far"])),
        "This is the doubt before any trial.",
        of="std",
    ),
    Mistake(
        "inverse_forgotten",
        lambda case: np.sqrt(
            np.maximum(0, np.diag(case["K_far"]) - np.sum(np.square(case["K_new"]), axis=0))
        ),
        "The inverse of K is missing in the variance.",
        of="std",
    ),
    Mistake(
        "covariance_returned",
        lambda case: np.asarray(case["K_far"]) - _explained(case),
        "This is the whole covariance matrix. std holds the roots of its diagonal.",
        of="std",
    ),
    Mistake(
        "root_of_covariance",
        lambda case: np.sqrt(np.maximum(0, np.asarray(case["K_far"]) - _explained(case))),
        "A matrix came back. Only its diagonal holds variances.",
        of="std",
    ),
)

# ---------------------------------------------------------------- expected improvement


def _density(z):
    return np.exp(-0.5 * np.square(z)) / math.sqrt(2 * math.pi)


def _below(z):
    return 0.5 * (1 + np.array([math.erf(v / math.sqrt(2)) for v in np.ravel(z)]))


def _parts(case: Case, sign=1.0, xi=1.0):
    """The gain d, the deviation (1 where it is 0), and z; `xi` times the least gain is subtracted."""
    std = np.asarray(case["std"], dtype=float)
    d = sign * (case["best"] - np.asarray(case["mean"])) - xi * case["xi"]
    return d, std, d / np.where(std > 0, std, 1.0)


def _ei(case: Case, d, std, z):
    return np.where(np.asarray(case["std"]) > 0, d * _below(z) + std * _density(z), np.maximum(0, d))


def _of_parts(formula, **changed):
    """A prediction from d, std and z by another formula; certain points are right."""

    def predict(case: Case):
        d, std, z = _parts(case, **changed)
        return np.where(std > 0, formula(d, std, z), np.maximum(0, d))

    return predict


def _other_deviation(power: float):
    def predict(case: Case):
        d, std, _ = _parts(case)
        std = std**power
        return _ei(case, d, std, d / np.where(std > 0, std, 1.0))

    return predict


def _z_without_xi(case: Case):
    d, std, _ = _parts(case)
    return _ei(case, d, std, _parts(case, xi=0.0)[2])


def _certain(value):
    """The right answer but for certain points, which get `value` of their gain."""

    def predict(case: Case):
        d, std, _ = _parts(case)
        return np.where(std > 0, case.expected, value(d))

    return predict


_EI = (
    *(
        Mistake(
            "confidence_bound",
            lambda case, k=k: _parts(case)[0] + k * _parts(case)[1],
            "This is the gain plus some deviations: a bound, not an average. Use the formula with both terms.",
        )
        for k in (1, 1.96, 2, 3)
    ),
    Mistake(
        "xi_in_z_alone",
        lambda case: _ei(case, _parts(case, xi=0.0)[0], *_parts(case)[1:]) if case["xi"] else None,
        "xi is subtracted in z and not in the gain itself.",
    ),
    Mistake(
        "maximised",
        lambda case: _ei(case, *_parts(case, sign=-1.0)),
        "This is the improvement for a value that should be large. Here a loss should be small: "
        "a mean below the best is the gain.",
    ),
    Mistake(
        "second_term_missing",
        _of_parts(lambda d, std, z: d * _below(z)),
        "Only the first term is there. The second rewards doubt; without it a search never leaves what it knows.",
    ),
    Mistake(
        "first_term_missing",
        _of_parts(lambda d, std, z: std * _density(z)),
        "Only the second term is there. The first rewards a mean below the best.",
    ),
    Mistake(
        "probability_only",
        _of_parts(lambda d, std, z: _below(z)),
        "This is the probability of an improvement. How large it is on average is asked.",
    ),
    Mistake(
        "std_forgotten",
        _of_parts(lambda d, std, z: d * _below(z) + _density(z)),
        "The second term lacks its factor: the density of z has to be scaled back to the size of losses.",
    ),
    Mistake(
        "not_divided",
        _of_parts(lambda d, std, z: d * _below(d) + std * _density(d)),
        "The normal distribution is asked at d. It knows only standard deviations: ask it at z.",
    ),
    Mistake(
        "exchanged",
        _of_parts(lambda d, std, z: d * _density(z) + std * _below(z)),
        "Density and distribution function are exchanged.",
    ),
    Mistake(
        "second_term_subtracted",
        _of_parts(lambda d, std, z: d * _below(z) - std * _density(z)),
        "The second term is subtracted. Doubt adds to what may be gained.",
    ),
    Mistake(
        "z_sign",
        _of_parts(lambda d, std, z: d * _below(-z) + std * _density(z)),
        "z has the wrong sign in the distribution function.",
    ),
    Mistake(
        "variance_for_std",
        _other_deviation(2.0),
        "std is squared somewhere. The formula wants the standard deviation, and it is given.",
    ),
    Mistake(
        "variance_in_z",
        lambda case: _ei(case, *_parts(case)[:2], _parts(case)[0] / np.maximum(1e-300, _parts(case)[1] ** 2)),
        "z is divided by the variance. std is a standard deviation and is used as it is.",
    ),
    Mistake(
        "root_of_std",
        _other_deviation(0.5),
        "A root was taken of std. It is a standard deviation already.",
    ),
    Mistake(
        "xi_forgotten",
        lambda case: _ei(case, *_parts(case, xi=0.0)),
        "xi plays no part in your result.",
    ),
    Mistake(
        "xi_added",
        lambda case: _ei(case, *_parts(case, xi=-1.0)),
        "xi is added to the gain. It is the least gain that counts, so it makes every gain smaller.",
    ),
    Mistake(
        "xi_not_in_z",
        _z_without_xi,
        "xi is in the first term and missing in z.",
    ),
    Mistake(
        "certain_is_zero",
        _certain(lambda d: np.zeros_like(d)),
        "Where std is 0 you give 0. A loss that is certain and below the best is a certain gain.",
    ),
    Mistake(
        "certain_loss_negative",
        _certain(lambda d: d),
        "Where std is 0 a gain below 0 came out. Nobody has to take a loss: the improvement is then 0.",
    ),
)

_HALFWAY = (
    Mistake(
        "plain_mean",
        lambda case: (case["low"] + case["high"]) / 2,
        "This is halfway by differences. By factors, the halfway point is as many times above low as it is below high: "
        "which mean multiplies and takes a root?",
    ),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "halfway": _HALFWAY,
    "kfold_indices": _FOLDS,
    "coarse_to_fine": _ZOOM,
    "gp_posterior": (*_KERNEL, *_POSTERIOR),
    "expected_improvement": _EI,
}
