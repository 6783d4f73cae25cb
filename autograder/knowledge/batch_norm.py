"""Typical mistakes in the exercises of the batch normalisation notebook, as predictions.

Depends on numpy and `autograder.gradients.explain` only. Batch, spatial, layer and group normalisation are one function
on differently cut arrays: a prediction is made on sets of numbers that share a mean (`_Sets`), and a mistake spoils the
moments, the sets or one term of the gradient. Which are common was counted in published solutions: epsilon outside the
root, test mode without gamma, a path through mean or variance dropped, groups of the wrong channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.gradients.explain import Case, Mistake

# -- what a case holds -----------------------------------------------------------------------------------------


def _settings(case: Case) -> dict:
    """``bn_param``, ``ln_param`` or ``gn_param``, wherever the case keeps it; empty where the defaults hold."""
    for candidate in (*case.inputs.values(), *case.extra):
        if isinstance(candidate, dict):
            return candidate
    return {}


def _eps(case: Case) -> float:
    return _settings(case).get("eps", 1e-5)


def _upstream(case: Case) -> np.ndarray:
    """The upstream gradient, in a gradient check or in a check against given numbers."""
    return np.asarray(case["dout"] if case.upstream is None else case.upstream, dtype=float)


def _along(x, parameter) -> np.ndarray:
    """gamma or beta in a shape that meets the features of x: (D,) for a table, (C, 1, 1) for images."""
    return np.reshape(parameter, (-1, *[1] * (np.ndim(x) - 2)))


@dataclass(frozen=True)
class _Sets:
    """Which numbers of an array share a mean: ``cut(array, case)``, then means over `axes`."""

    cut: Callable
    axes: tuple[int, ...]

    def of(self, array, case: Case) -> np.ndarray:
        return self.cut(np.asarray(array, dtype=float), case)

    def mean(self, cut: np.ndarray) -> np.ndarray:
        return cut.mean(axis=self.axes, keepdims=True)

    def count(self, cut: np.ndarray) -> int:
        return int(np.prod([cut.shape[axis] for axis in self.axes]))


def _whole(array, case):
    return array


def _groups(case: Case) -> int:
    """G, among the inputs of a forward check or among what is fixed in a gradient check."""
    for candidate in (case.inputs.get("G"), *case.extra):
        if isinstance(candidate, int):
            return candidate
    raise KeyError("G")


def _by_group(array, case):
    G = _groups(case)
    return array.reshape(len(array), G, array.shape[1] // G, *array.shape[2:])


_FEATURES = _Sets(_whole, (0,))
_EXAMPLES = _Sets(_whole, (1,))
_CHANNELS = _Sets(_whole, (0, 2, 3))
_GROUPS = _Sets(_by_group, (2, 3, 4))

# -- forward ---------------------------------------------------------------------------------------------------

_OUTSIDE = (
    "Your epsilon stands outside the root. It is added to the variance, and the root is taken of both together: "
    "with a large epsilon that is another number."
)
_NO_EPS = "The epsilon of the settings has no effect on your result. Where does it enter, and do you read it from the dict?"
_UNROOTED = "You divided by the variance. The standard deviation is its root."
_DDOF = (
    "Your variance is too large by n/(n - 1): it divides by one less than there are numbers. Here it is the plain mean "
    "of the squared distances."
)
_GAMMA = "The scale gamma is missing from your result."
_BETA = "The shift beta is missing from your result."
_CENTRE = "You divided by the standard deviation and did not subtract the mean first."


def _normal(
    case: Case, sets: _Sets, divide: Callable, *, centre: bool = True, mean=None, var=None
) -> np.ndarray:
    """x normalised over `sets`, the mistake's way: ``divide(var, eps)`` is what it divides by."""
    x = np.asarray(case["x"], dtype=float)
    cut = sets.of(x, case)
    middle = sets.mean(cut)
    var = sets.mean((cut - middle) ** 2) if var is None else var
    middle = middle if mean is None else mean
    return np.reshape((cut - centre * middle) / divide(var, _eps(case)), x.shape)


def _root(var, eps):
    return np.sqrt(var + eps)


def _testing(case: Case) -> bool:
    return _settings(case).get("mode") == "test"


def _running(case: Case) -> dict:
    """The running averages as moments, where the mode asks for them."""
    if not _testing(case):
        return {}
    settings = _settings(case)
    return {key: _along(case["x"], settings[f"running_{key}"]) for key in ("mean", "var")}


def _out(sets: _Sets, divide: Callable = _root, *, gamma=True, beta=True, centre=True, moments=_running):
    """A prediction of `out`."""

    def predict(case: Case):
        x_hat = _normal(case, sets, divide, centre=centre, **moments(case))
        scale, shift = _along(x_hat, case["gamma"]), _along(x_hat, case["beta"])
        return (scale if gamma else 1.0) * x_hat + (shift if beta else 0.0)

    return predict


def _bessel(sets: _Sets):
    def predict(case: Case):
        if _testing(case):
            return None
        n = sets.count(sets.of(case["x"], case))
        return _out(sets, lambda var, eps: np.sqrt(var * n / (n - 1) + eps))(case)

    return predict


def _exchanged(sets: _Sets):
    """beta times the normalised x, plus gamma."""

    def predict(case: Case):
        x_hat = _normal(case, sets, _root, **_running(case))
        return _along(x_hat, case["beta"]) * x_hat + _along(x_hat, case["gamma"])

    return predict


def _forward(sets: _Sets) -> tuple[Mistake, ...]:
    """Mistakes that every normalisation shares."""
    predictions = (
        ("eps_outside_root", _out(sets, lambda var, eps: np.sqrt(var) + eps), _OUTSIDE),
        ("eps_missing", _out(sets, lambda var, eps: np.sqrt(var)), _NO_EPS),
        ("eps_missing", _out(sets, lambda var, eps: np.sqrt(var + 1e-5)), _NO_EPS),
        ("eps_missing", _out(sets, lambda var, eps: np.sqrt(var + 1e-8)), _NO_EPS),
        ("variance_for_deviation", _out(sets, lambda var, eps: var + eps), _UNROOTED),
        ("variance_for_deviation", _out(sets, lambda var, eps: var), _UNROOTED),
        ("variance_divided_by_one_less", _bessel(sets), _DDOF),
        ("gamma_forgotten", _out(sets, gamma=False), _GAMMA),
        ("beta_forgotten", _out(sets, beta=False), _BETA),
        ("gamma_and_beta_forgotten", _out(sets, gamma=False, beta=False), f"{_GAMMA} So is the shift beta."),
        (
            "gamma_and_beta_exchanged",
            _exchanged(sets),
            "gamma and beta are exchanged: gamma multiplies, beta is added.",
        ),
        ("mean_not_subtracted", _out(sets, centre=False), _CENTRE),
    )
    return tuple(Mistake(name, predict, message, of="out") for name, predict, message in predictions)


def _only(when: Callable[[Case], bool], predict: Callable):
    return lambda case: predict(case) if when(case) else None


def _batch_statistics(sets: _Sets):
    return _only(_testing, _out(sets, moments=lambda case: {}))


def _moments(case: Case, sets: _Sets) -> dict[str, np.ndarray]:
    cut = sets.of(case["x"], case)
    mean = sets.mean(cut)
    return {"mean": mean.ravel(), "var": sets.mean((cut - mean) ** 2).ravel()}


def _averages(case: Case, sets: _Sets, moved: bool) -> dict[str, np.ndarray]:
    """The running averages as moments, in training too; as they were before, or after they moved."""
    settings, new = _settings(case), _moments(case, sets)
    share = 1 - settings.get("momentum", 0.9) if moved else 0.0
    old = {key: settings.get(f"running_{key}", np.zeros(np.size(case["gamma"]))) for key in new}
    return {key: _along(case["x"], (1 - share) * old[key] + share * new[key]) for key in new}


def _training(case: Case) -> bool:
    return not _testing(case)


def _average(sets: _Sets, which: str, combine: Callable):
    """A prediction of a running average: ``combine(momentum, old, moments, n)`` as the mistake does it."""

    def predict(case: Case):
        settings = _settings(case)
        old = settings.get(f"running_{which}", np.zeros(np.size(case["gamma"])))
        n = sets.count(sets.of(case["x"], case))
        return combine(settings.get("momentum", 0.9), np.asarray(old, dtype=float), _moments(case, sets), n)

    return predict


def _running_mistakes(sets: _Sets) -> tuple[Mistake, ...]:
    """Mistakes in the two running averages."""
    exchanged = "momentum is the weight of the old running average; you gave it to the new one."
    replaced = (
        "You stored the minibatch's own value. A running average starts at zeros and keeps most of what it was before: "
        "momentum times the old one, plus the rest of the new."
    )
    kept = "Your running average has not changed. Store the new one under its key, in the dict that came in."
    moved = 'In mode "test" the running averages stay as they are; yours have moved.'
    found = []
    for which in ("mean", "var"):
        of = f"running_{which}"

        def trained(combine, which=which):
            return _only(_training, _average(sets, which, combine))

        found += [
            Mistake(
                "momentum_exchanged",
                trained(lambda m, old, new, n, w=which: (1 - m) * old + m * new[w]),
                exchanged,
                of,
            ),
            Mistake(
                "momentum_fixed",
                trained(lambda m, old, new, n, w=which: 0.9 * old + 0.1 * new[w]),
                "A momentum of 0.9 is written into your code. Take it from bn_param, where it may be another.",
                of,
            ),
            Mistake("running_replaced", trained(lambda m, old, new, n, w=which: new[w]), replaced, of),
            Mistake("running_not_stored", trained(lambda m, old, new, n: old), kept, of),
            Mistake(
                "running_started_elsewhere",
                trained(lambda m, old, new, n, w=which: None if np.any(old) else m * 1.0 + (1 - m) * new[w]),
                "A running average that is missing starts at zeros; yours started at ones.",
                of,
            ),
            Mistake(
                "running_moved_in_testing",
                _only(
                    _testing,
                    _average(sets, which, lambda m, old, new, n, w=which: m * old + (1 - m) * new[w]),
                ),
                moved,
                of,
            ),
        ]
    found += [
        Mistake(
            "deviation_kept",
            _only(
                _training,
                _average(sets, "var", lambda m, old, new, n: m * old + (1 - m) * np.sqrt(new["var"])),
            ),
            "You keep a running average of the standard deviation. The text asks for that of the variance.",
            of="running_var",
        ),
        Mistake(
            "variance_divided_by_one_less",
            _only(
                _training,
                _average(sets, "var", lambda m, old, new, n: m * old + (1 - m) * new["var"] * n / (n - 1)),
            ),
            _DDOF,
            of="running_var",
        ),
        Mistake(
            "eps_in_running_variance",
            lambda case: case.expected + (1 - _settings(case).get("momentum", 0.9)) * _eps(case),
            "Epsilon went into the running variance. Average the variance alone; epsilon is added where the root is taken.",
            of="running_var",
        ),
    ]
    return tuple(found)


def _batch_forward(sets: _Sets) -> tuple[Mistake, ...]:
    return (
        *_forward(sets),
        Mistake(
            "batch_statistics_in_testing",
            _batch_statistics(sets),
            'In mode "test" you normalised with this batch\'s own mean and variance. Which two entries of bn_param take their place?',
            of="out",
        ),
        *(
            Mistake(
                "running_averages_in_training",
                _only(_training, _out(sets, moments=lambda case, moved=moved: _averages(case, sets, moved))),
                'In mode "train" you normalised with the running averages. They are for testing; here the minibatch has its own.',
                of="out",
            )
            for moved in (False, True)
        ),
        *_running_mistakes(sets),
    )


# -- backward --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Parts:
    """The pieces of dx = (g - shift - scale x_hat) / s, cut into sets; g is the upstream gradient times gamma."""

    g: np.ndarray
    dout: np.ndarray
    gamma: np.ndarray
    x_hat: np.ndarray
    centred: np.ndarray
    var: np.ndarray
    std: np.ndarray
    shift: np.ndarray
    scale: np.ndarray
    n: int
    batch: int


def _parts(case: Case, sets: _Sets, eps: float | None = None) -> _Parts:
    x, dout = np.asarray(case["x"], dtype=float), _upstream(case)
    gamma = np.broadcast_to(_along(x, case["gamma"]), x.shape)
    cut, g = sets.of(x, case), sets.of(dout * gamma, case)
    centred = cut - sets.mean(cut)
    var = sets.mean(centred**2)
    std = np.sqrt(var + (_eps(case) if eps is None else eps))
    x_hat = centred / std
    return _Parts(
        g=g,
        dout=sets.of(dout, case),
        gamma=sets.of(gamma, case),
        x_hat=x_hat,
        centred=centred,
        var=var,
        std=std,
        shift=sets.mean(g),
        scale=sets.mean(g * x_hat),
        n=sets.count(cut),
        batch=len(x),
    )


def _dx(sets: _Sets, spoil: Callable[[_Parts], np.ndarray], eps: float | None = None):
    return lambda case: np.reshape(spoil(_parts(case, sets, eps)), case.expected.shape)


def _right(p: _Parts) -> np.ndarray:
    return (p.g - p.shift - p.scale * p.x_hat) / p.std


_THROUGH_VARIANCE = (
    "The path through the variance is missing from dx, or does not arrive: "
    "the standard deviation depends on every number that it divides."
)
_THROUGH_MEAN = "The path through the mean is missing from dx: the mean depends on every number that it was subtracted from."
_NOT_AVERAGED = (
    "A 1/n is missing in dx, n being how many numbers share a mean: mean and variance are means, and their "
    "derivatives have that factor too."
)


def _backward(sets: _Sets) -> tuple[Mistake, ...]:
    """Mistakes in dx that every normalisation shares."""
    predictions = (
        (
            "statistics_taken_as_constants",
            lambda p: p.g / p.std,
            "You treated mean and variance as constants. They are made of x too, and pass gradients on to it.",
        ),
        ("variance_path_dropped", lambda p: (p.g - p.shift) / p.std, _THROUGH_VARIANCE),
        ("mean_path_dropped", lambda p: (p.g - p.scale * p.x_hat) / p.std, _THROUGH_MEAN),
        (
            "gamma_forgotten",
            lambda p: (
                (
                    p.dout
                    - np.mean(p.dout, axis=sets.axes, keepdims=True)
                    - p.x_hat * np.mean(p.dout * p.x_hat, axis=sets.axes, keepdims=True)
                )
                / p.std
            ),
            "gamma is missing from dx: on the way back the gradient passes the scale first.",
        ),
        (
            "sign_of_variance_path",
            lambda p: (p.g - p.shift + p.scale * p.x_hat) / p.std,
            "The path through the variance arrives in dx with the wrong sign. Dividing by s has a negative derivative.",
        ),
        (
            "sign_of_mean_path",
            lambda p: (p.g + p.shift - p.scale * p.x_hat) / p.std,
            "The path through the mean arrives in dx with the wrong sign: the mean was subtracted.",
        ),
        ("not_averaged", lambda p: (p.g - p.n * p.shift - p.n * p.scale * p.x_hat) / p.std, _NOT_AVERAGED),
        ("not_averaged", lambda p: (p.g - p.shift - p.n * p.scale * p.x_hat) / p.std, _NOT_AVERAGED),
        ("not_averaged", lambda p: (p.g - p.n * p.shift - p.scale * p.x_hat) / p.std, _NOT_AVERAGED),
        (
            "averaged_over_everything",
            lambda p: (p.g - (p.shift + p.scale * p.x_hat) * p.n / p.dout.size) / p.std,
            "The sums are divided by how many numbers there are in all. A mean divides by how many share it.",
        ),
        (
            "factor_of_two",
            lambda p: (p.g - p.shift - 2 * p.scale * p.x_hat) / p.std,
            "The path through the variance is twice too strong: the square has a 2 in its derivative, the root a 1/2.",
        ),
        (
            "factor_of_two",
            lambda p: (p.g - p.shift - p.scale * p.x_hat / 2) / p.std,
            "The path through the variance is half too weak: the square has a 2 in its derivative, the root a 1/2.",
        ),
        (
            "power_of_deviation",
            lambda p: (p.g - p.shift) / p.std - p.scale * p.centred / p.std**3,
            "The path through the variance has the wrong power of the standard deviation. Count how often s divides it.",
        ),
        (
            "power_of_deviation",
            lambda p: (p.g - p.shift - p.scale * p.centred) / p.std,
            "The path through the variance has the wrong power of the standard deviation. Count how often s divides it.",
        ),
        (
            "power_of_deviation",
            lambda p: (p.g - p.shift) / p.std - p.scale * p.centred,
            "The path through the variance has the wrong power of the standard deviation. Count how often s divides it.",
        ),
        (
            "power_of_deviation",
            lambda p: _right(p) / p.std,
            "dx is divided by the standard deviation once too often: by the variance, it seems.",
        ),
        (
            "deviation_forgotten",
            lambda p: _right(p) * p.std,
            "dx is not divided by the standard deviation. Forward divided by it; backward does as well.",
        ),
        (
            "batch_size_for_count",
            lambda p: (p.g - (p.shift + p.scale * p.x_hat) * p.n / p.batch) / p.std,
            "Your means in dx divide by the size of the batch. How many numbers share a mean here?",
        ),
    )
    found = [Mistake(name, _dx(sets, spoil), message, of="dx") for name, spoil, message in predictions]
    hard = "Backward works with another epsilon than forward. Keep in the cache what forward divided by."
    for eps in (0.0, 1e-5, 1e-8):
        found.append(Mistake("eps_of_backward", _dx(sets, _right, eps), hard, of="dx"))
        found.append(Mistake("eps_of_backward", _mixed_eps(sets, eps), hard, of="dx"))
    summed_across = Mistake(
        "wrong_axis",
        lambda case: np.sum(
            _upstream(case) * np.reshape(_parts(case, sets).x_hat, np.shape(case["x"])), axis=1
        ),
        "You summed over the wrong axis. One entry of gamma reached the same feature of every example.",
        of="dgamma",
    )
    shrunk = Mistake(
        "averaged_not_summed",
        lambda case: case.expected / len(case["x"]),
        "dx is too small by the size of the batch. The 1/N of a loss is in dout already.",
        of="dx",
    )
    return (*found, summed_across, shrunk, *_PARAMETERS)


def _backward_across(sets: _Sets, axis: int, message: str) -> Mistake:
    """dx of a table whose forward is right and whose backward takes its means along the other axis."""

    def spoil(p: _Parts):
        shift, scale = (part.mean(axis=axis, keepdims=True) for part in (p.g, p.g * p.x_hat))
        return (p.g - shift - scale * p.x_hat) / p.std

    return Mistake("wrong_axis", _dx(sets, spoil), message, of="dx")


def _gamma_outside(sets: _Sets) -> Mistake:
    """For layer and group normalisation, where gamma differs within a set."""

    def spoil(p: _Parts):
        shift = np.mean(p.dout, axis=sets.axes, keepdims=True)
        scale = np.mean(p.dout * p.x_hat, axis=sets.axes, keepdims=True)
        return p.gamma / p.std * (p.dout - shift - scale * p.x_hat)

    return Mistake(
        "gamma_taken_out_of_the_mean",
        _dx(sets, spoil),
        "You took gamma out of the means. It differs between the numbers that share a mean, so it has to go in with dout first.",
        of="dx",
    )


def _mixed_eps(sets: _Sets, eps: float):
    """dx with the right x_hat, divided by a standard deviation of another epsilon."""
    return lambda case: np.reshape(
        _right(_parts(case, sets)) * _parts(case, sets).std / _parts(case, sets, eps).std, case.expected.shape
    )


def _summed(case: Case, what: np.ndarray) -> np.ndarray:
    axes = tuple(axis for axis in range(what.ndim) if axis != 1)
    return what.sum(axis=axes).reshape(case.expected.shape)


_PARAMETERS = (
    Mistake(
        "input_for_normalised",
        lambda case: _summed(case, _upstream(case) * case["x"]),
        "dgamma was made with x. What did gamma multiply on the way forward?",
        of="dgamma",
    ),
    Mistake(
        "wrong_order",
        lambda case: _summed(case, _upstream(case)),
        "This is dbeta: either the results are returned in another order than the docstring says, or dgamma lacks what "
        "gamma multiplied on the way forward.",
        of="dgamma",
    ),
    Mistake(
        "wrong_axis",
        lambda case: _upstream(case).sum(axis=1),
        "You summed over the wrong axis. One entry of beta reached the same feature of every example.",
        of="dbeta",
    ),
    Mistake(
        "averaged_not_summed",
        lambda case: case.expected * case.expected.size / _upstream(case).size,
        "You averaged where the text asks for a sum: every use of gamma and beta adds its share.",
        of=("dgamma", "dbeta"),
    ),
    Mistake(
        "gamma_in_dgamma",
        lambda case: case.expected * np.reshape(case["gamma"], case.expected.shape),
        "gamma itself is in this gradient. The output is gamma times x_hat plus beta: differentiate by gamma, and by beta.",
        of=("dgamma", "dbeta"),
    ),
)


def _centred_for_normalised(sets: _Sets) -> Mistake:
    return Mistake(
        "deviation_forgotten",
        lambda case: _summed(
            case, _upstream(case) * np.reshape(_parts(case, sets).centred, np.shape(case["x"]))
        ),
        "dgamma was made with x less its mean. What gamma multiplied had been divided as well.",
        of="dgamma",
    )


# -- other cuts ------------------------------------------------------------------------------------------------

_WRONG_SETS = "Your means are taken over the wrong numbers. "
_ROWS = (
    _WRONG_SETS
    + "Here each feature has a mean over the examples; yours runs over the features of each example."
)
_ALL = (
    _WRONG_SETS + "Here each feature has a mean of its own; yours runs over all numbers of the batch at once."
)
_COLUMNS = (
    _WRONG_SETS
    + "Here each example has a mean over its features; yours runs over the examples, as in batch normalisation."
)


def _cut_wrongly(name: str, cuts, message: str) -> tuple[Mistake, ...]:
    """The same mistake in out and in dx, for each of several wrong cuts."""
    return tuple(
        mistake
        for cut in cuts
        for mistake in (
            Mistake(name, _only(_training, _out(cut)), message, of="out"),
            Mistake(name, _dx(cut, _right), message, of="dx"),
        )
    )


def _rows(array, case: Case) -> np.ndarray:
    """What ``reshape(-1, C)`` makes of images without turning their axes: the columns are no channels."""
    return np.asarray(array, dtype=float).reshape(-1, np.shape(case["x"])[1])


def _as_images(rows: np.ndarray, case: Case) -> np.ndarray:
    """Rows of pixels as images, with the axes turned back."""
    N, C, H, W = np.shape(case["x"])
    return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def _out_of_rows(case: Case) -> np.ndarray:
    """out, as rows, of a table whose columns are no channels."""
    rows = _rows(case["x"], case)
    mean, var = rows.mean(axis=0), rows.var(axis=0)
    if _testing(case):
        mean, var = (_settings(case)[f"running_{key}"] for key in ("mean", "var"))
    return case["gamma"] * (rows - mean) / np.sqrt(var + _eps(case)) + case["beta"]


def _average_of_rows(which: str, moment: Callable):
    def predict(case: Case):
        settings = _settings(case)
        old = settings.get(f"running_{which}", np.zeros(np.size(case["gamma"])))
        m = settings.get("momentum", 0.9)
        return None if _testing(case) else m * old + (1 - m) * moment(_rows(case["x"], case), axis=0)

    return predict


def _not_turned_back(case: Case):
    """What is right, as rows of pixels, reshaped to images without turning the axes back."""
    return case.expected.transpose(0, 2, 3, 1).reshape(case.expected.shape)


_LAYOUT = (
    "The numbers are in the wrong places: a reshape alone does not move the channels. Turn the axes before you reshape to "
    "rows of pixels, and turn them back after you reshape to images."
)
_OTHER_AXES = (
    "Your means leave out an axis: a channel has one mean over all examples and all places of its map."
)


def _in_groups(cut: Callable, axes: tuple[int, ...]) -> _Sets:
    return _Sets(cut, axes)


def _by_size(array, case):
    """G taken as the number of channels in a group."""
    G = _groups(case)
    return array.reshape(len(array), array.shape[1] // G, G, *array.shape[2:])


def _interleaved(case: Case):
    """out if every G-th channel makes a group."""
    x = np.asarray(case["x"], dtype=float)
    G = _groups(case)
    cut = x.reshape(len(x), x.shape[1] // G, G, *x.shape[2:])
    normal = (cut - cut.mean(axis=(1, 3, 4), keepdims=True)) / np.sqrt(
        cut.var(axis=(1, 3, 4), keepdims=True) + _eps(case)
    )
    return _along(x, case["gamma"]) * normal.reshape(x.shape) + _along(x, case["beta"])


_GROUP_CUTS = (
    (
        "one_mean_for_each_channel",
        _Sets(_whole, (2, 3)),
        "Every channel got a mean of its own. The channels of a group share one.",
    ),
    (
        "one_mean_for_all_channels",
        _Sets(_whole, (1, 2, 3)),
        "All channels of an image share one mean. Only those of one group should.",
    ),
    (
        "groups_by_size",
        _in_groups(_by_size, (2, 3, 4)),
        "You made groups of G channels. G is how many groups there are.",
    ),
    (
        "places_left_out",
        _in_groups(_by_group, (2,)),
        "Your means run over the channels of a group alone. A group's numbers stand at all places of its maps.",
    ),
    (
        "batch_mixed_in",
        _in_groups(_by_group, (0, 2, 3, 4)),
        "Your means run over the batch as well. Each image has means of its own.",
    ),
    (
        "batch_mixed_in",
        _CHANNELS,
        "This is batch normalisation: means over the batch. Each image has means of its own.",
    ),
)

# -- folding ---------------------------------------------------------------------------------------------------


def _factor(case: Case, divide: Callable = _root) -> np.ndarray:
    return case["gamma"] / divide(_settings(case)["running_var"], _eps(case))


def _folded(divide: Callable = _root, *, gamma: bool = True):
    """Predictions of both results with another factor."""

    def factor(case):
        return _factor(case, divide) if gamma else 1 / divide(_settings(case)["running_var"], _eps(case))

    return {
        "w_folded": lambda case: case["w"] * factor(case),
        "b_folded": lambda case: (case["b"] - _settings(case)["running_mean"]) * factor(case) + case["beta"],
    }


def _both(name: str, predictions: dict, message: str) -> tuple[Mistake, ...]:
    return tuple(Mistake(name, predict, message, of=of) for of, predict in predictions.items())


def _shift(predict: Callable):
    """A prediction of b_folded from ``predict(b, mean, factor, beta)``."""
    return lambda case: predict(
        np.asarray(case["b"]), _settings(case)["running_mean"], _factor(case), case["beta"]
    )


_FOLD = (
    *_both("eps_missing", _folded(lambda var, eps: np.sqrt(var)), _NO_EPS),
    *_both("eps_missing", _folded(lambda var, eps: np.sqrt(var + 1e-5)), _NO_EPS),
    *_both("eps_outside_root", _folded(lambda var, eps: np.sqrt(var) + eps), _OUTSIDE),
    *_both("variance_for_deviation", _folded(lambda var, eps: var + eps), _UNROOTED),
    *_both("gamma_forgotten", _folded(gamma=False), "gamma is missing: it is part of the factor."),
    Mistake(
        "rows_scaled",
        lambda case: case["w"] * _factor(case)[:, None],
        "You scaled the rows of w. A unit has one column of w, and one factor.",
        of="w_folded",
    ),
    Mistake(
        "weights_left",
        lambda case: case["w"],
        "Your w_folded is w. The factor in front of x has changed.",
        of="w_folded",
    ),
    *(
        Mistake(name, _shift(predict), message, of="b_folded")
        for name, predict, message in (
            (
                "mean_not_subtracted",
                lambda b, r, f, beta: b * f + beta,
                "The running mean is missing from b_folded.",
            ),
            (
                "bias_forgotten",
                lambda b, r, f, beta: beta - r * f,
                "The old bias is missing from b_folded: it stood inside what was normalised.",
            ),
            (
                "bias_not_scaled",
                lambda b, r, f, beta: b - r * f + beta,
                "The old bias stood inside what was normalised, so it has to be scaled as well.",
            ),
            (
                "mean_not_scaled",
                lambda b, r, f, beta: b * f - r + beta,
                "The running mean stood inside what was normalised, so it has to be scaled as well.",
            ),
            ("beta_forgotten", lambda b, r, f, beta: (b - r) * f, "beta is missing from b_folded."),
            (
                "mean_added",
                lambda b, r, f, beta: (b + r) * f + beta,
                "The running mean is subtracted before the scale; you added it.",
            ),
            (
                "beta_scaled",
                lambda b, r, f, beta: (b - r + beta) * f,
                "beta comes after the scale; yours was scaled with the rest.",
            ),
        )
    ),
)

# -- the table -------------------------------------------------------------------------------------------------

_BATCH_BACKWARD = (
    *_backward(_FEATURES),
    _centred_for_normalised(_FEATURES),
    Mistake("wrong_axis", _dx(_EXAMPLES, _right), _ROWS, of="dx"),
    _backward_across(_FEATURES, 1, _ROWS),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "batchnorm_forward": (
        *_batch_forward(_FEATURES),
        *_cut_wrongly("wrong_axis", (_EXAMPLES,), _ROWS),
        *_cut_wrongly("one_mean_for_all", (_Sets(_whole, (0, 1)),), _ALL),
    ),
    "batchnorm_backward": _BATCH_BACKWARD,
    "batchnorm_backward_alt": _BATCH_BACKWARD,
    "spatial_batchnorm_forward": (
        *_batch_forward(_CHANNELS),
        *_backward(_CHANNELS),
        _centred_for_normalised(_CHANNELS),
        *_cut_wrongly(
            "places_or_examples_left_out",
            (_Sets(_whole, (0,)), _Sets(_whole, (2, 3)), _Sets(_whole, (0, 2)), _Sets(_whole, (0, 3))),
            _OTHER_AXES,
        ),
        *(
            Mistake("axes_not_turned", predict, _LAYOUT, of=of)
            for of, predict in (
                ("out", lambda case: _out_of_rows(case).reshape(np.shape(case["x"]))),
                ("out", lambda case: _as_images(_out_of_rows(case), case)),
                (("out", "dx"), _not_turned_back),
                ("running_mean", _average_of_rows("mean", np.mean)),
                ("running_var", _average_of_rows("var", np.var)),
                (
                    ("dx", "dgamma", "dbeta"),
                    lambda case: case.vjp(_as_images(_rows(case.upstream, case), case)),
                ),
            )
        ),
    ),
    "layernorm_forward": (
        *_forward(_EXAMPLES),
        *_backward(_EXAMPLES),
        _gamma_outside(_EXAMPLES),
        _centred_for_normalised(_EXAMPLES),
        *_cut_wrongly("wrong_axis", (_FEATURES,), _COLUMNS),
        _backward_across(_EXAMPLES, 0, _COLUMNS),
    ),
    "spatial_groupnorm_forward": (
        *_forward(_GROUPS),
        *_backward(_GROUPS),
        _gamma_outside(_GROUPS),
        _centred_for_normalised(_GROUPS),
        *(mistake for name, cut, message in _GROUP_CUTS for mistake in _cut_wrongly(name, (cut,), message)),
        Mistake(
            "groups_interleaved",
            _interleaved,
            "Your groups take every G-th channel. A group is made of neighbours: the first C/G channels, then the next.",
            of="out",
        ),
    ),
    "fold_batchnorm": _FOLD,
}
