"""Typical mistakes in the exercises of the optimizers notebook, as predictions.

Knows what each mistake would have produced from the case in hand: the place and the memory before the step, the
gradient, the settings, and the right memory after it. Refuses to know how L-BFGS is solved: its check says what each
wrong way would give.
"""

from __future__ import annotations

import numpy as np

from autograder.gradients.explain import Case, Mistake

STEPS = range(1, 10)


def _of(*names: str) -> tuple[str, ...]:
    """Names of quantities in any step, as `compare_steps` of the notebook gives them."""
    return tuple(f"step {k}: {name}" for k in STEPS for name in names)


NEXT, VELOCITY, SQUARES = _of("next_w"), _of("velocity"), _of("cache")
M, V, T = _of("m"), _of("v"), _of("t")


def _w(case: Case) -> np.ndarray:
    return np.asarray(case["w"], dtype=float)


def _g(case: Case) -> np.ndarray:
    return np.asarray(case["dw"], dtype=float)


def _rate(case: Case) -> float:
    return case["learning_rate"]


def _before(case: Case, key: str):
    """What was remembered before this step; zeros where nothing was."""
    return np.asarray(case["before"].get(key, np.zeros(np.shape(case["memory"][key]))), dtype=float)


def _memory(case: Case, key: str) -> np.ndarray:
    return np.asarray(case["memory"][key], dtype=float)


_CLIMBED = Mistake(
    "climbed",
    lambda case: 2 * _w(case) - case.expected,
    "The step has the right length and goes up: subtract what leads uphill.",
    of=NEXT,
)
_STOOD_STILL = Mistake(
    "stood_still",
    _w,
    "next_w is w as it came in: the step was not added to it.",
    of=NEXT,
)
_STEP_ALONE = Mistake(
    "step_alone",
    lambda case: case.expected - _w(case),
    "This is the step alone. next_w is the place where it ends.",
    of=NEXT,
)
_GENERAL = (_CLIMBED, _STOOD_STILL, _STEP_ALONE)
_NOT_THE_RATE = "Your learning rate is not the one of config, or, where config has none, not the default of the docstring."
_ANOTHER_RATE = tuple(
    Mistake(
        "wrong_default",
        lambda case, rate=rate: (
            _w(case) + (case.expected - _w(case)) * rate / _rate(case) if rate != _rate(case) else None
        ),
        _NOT_THE_RATE,
        of=NEXT,
    )
    for rate in (0.1, 0.01, 0.001)
)


def _not_renewed(of: tuple[str, ...]) -> Mistake:
    return Mistake(
        "not_kept",
        lambda case: _before(case, case.of.split(": ")[1]),
        "The memory is still the one from before this step: the new one was not put into config.",
        of=of,
    )


_SGD = (
    *_GENERAL,
    Mistake(
        "rate_ignored",
        lambda case: _w(case) - _g(case),
        "The step has the full length of the gradient. The learning rate scales it.",
        of=NEXT,
    ),
    Mistake(
        "divided_by_rate",
        lambda case: _w(case) - _g(case) / _rate(case),
        "The gradient is divided by the learning rate. It is multiplied by it.",
        of=NEXT,
    ),
    *_ANOTHER_RATE,
)

# ---------------------------------------------------------------- momentum, Nesterov


def _velocity(change):
    """The new velocity after something was changed: change(old velocity, momentum, rate, gradient)."""
    return lambda case: change(_before(case, "velocity"), case["momentum"], _rate(case), _g(case))


def _ball(change):
    """next_w made of the place, the old and the new velocity, momentum, rate and gradient."""

    def predict(case: Case):
        old, new = _before(case, "velocity"), _memory(case, "velocity")
        return change(_w(case), old, new, case["momentum"], _rate(case), _g(case))

    return predict


_MOMENTUM = (
    Mistake(
        "velocity_points_up",
        lambda case: -case.expected,
        "The velocity has the other sign: the gradient enters it with a minus. Here it is the step itself, so that "
        "w *plus* velocity is the next place.",
        of=VELOCITY,
    ),
    Mistake(
        "rate_in_step",
        _velocity(lambda v, mu, rate, g: mu * v + g),
        "Your velocity adds up gradients, and the learning rate and the minus come with the step: the form of some "
        "libraries. Here the velocity is the step itself, so both belong in it.",
        of=VELOCITY,
    ),
    Mistake(
        "rate_left_out",
        _velocity(lambda v, mu, rate, g: mu * v - g),
        "The gradient enters the velocity in full length. The learning rate belongs in front of it.",
        of=VELOCITY,
    ),
    Mistake(
        "velocity_points_up",
        _velocity(lambda v, mu, rate, g: mu * v + rate * g),
        "The gradient is added to the velocity. It leads uphill.",
        of=VELOCITY,
    ),
    Mistake(
        "momentum_ignored",
        _velocity(lambda v, mu, rate, g: -rate * g),
        "This velocity is plain descent: nothing of the old velocity survives in it.",
        of=VELOCITY,
    ),
    Mistake(
        "nothing_decays",
        _velocity(lambda v, mu, rate, g: v - rate * g),
        "All of the old velocity survives. momentum is the share that does.",
        of=VELOCITY,
    ),
    Mistake(
        "averaged",
        _velocity(lambda v, mu, rate, g: mu * v - (1 - mu) * rate * g),
        "The gradient is weighted by 1 - momentum, as in a mean. Here the velocity adds it up in full.",
        of=VELOCITY,
    ),
    Mistake(
        "momentum_on_both",
        _velocity(lambda v, mu, rate, g: mu * (v - rate * g)),
        "momentum weighs the new gradient too. It belongs to the old velocity alone.",
        of=VELOCITY,
    ),
    Mistake(
        "setting_ignored",
        _velocity(lambda v, mu, rate, g: 0.9 * v - rate * g),
        "Your momentum is 0.9 whatever config says.",
        of=VELOCITY,
    ),
    Mistake(
        "wrong_default",
        _velocity(lambda v, mu, rate, g: mu * v - 0.1 * g if rate != 0.1 else None),
        _NOT_THE_RATE,
        of=VELOCITY,
    ),
    _not_renewed(VELOCITY),
    Mistake(
        "step_kept_as_velocity",
        lambda case: case["momentum"] * case.expected - _rate(case) * _g(case),
        "config has the step of Nesterov as its velocity. The velocity is momentum * velocity - learning_rate * dw, "
        "and the step is made of it.",
        of=VELOCITY,
    ),
    Mistake(
        "old_velocity",
        _ball(lambda w, old, new, mu, rate, g: w + old),
        "w moved by the velocity from before this step, which is 0 at first, or not at all. Renew the velocity, then move.",
        of=NEXT,
    ),
    Mistake(
        "rate_twice",
        _ball(lambda w, old, new, mu, rate, g: w + rate * new),
        "The learning rate scales the velocity once more. It is in the velocity already.",
        of=NEXT,
    ),
    Mistake(
        "plain_momentum",
        _ball(lambda w, old, new, mu, rate, g: w + new),
        "This is the step of plain momentum, which Nesterov's becomes when it looks ahead by the old velocity. Renew the "
        "velocity first. And if the formula in front of you has two: is the old one kept before the new one overwrites it?",
        of=NEXT,
    ),
    Mistake(
        "plain_descent",
        _ball(lambda w, old, new, mu, rate, g: w - rate * g if old.any() else None),
        "w moved by the gradient alone. The velocity carries it too.",
        of=NEXT,
    ),
    Mistake(
        "correction_missing",
        _ball(lambda w, old, new, mu, rate, g: w + mu * new),
        "The look ahead is there and the correction by the gradient at w is not.",
        of=NEXT,
    ),
    Mistake(
        "looked_ahead_by_old",
        _ball(lambda w, old, new, mu, rate, g: w - rate * g + mu * mu * old if old.any() else None),
        "The look ahead lacks this step's gradient. It uses the new velocity, which holds that gradient.",
        of=NEXT,
    ),
    Mistake(
        "not_ahead_far_enough",
        _ball(lambda w, old, new, mu, rate, g: w + mu * old - rate * (1 + mu) * g),
        "The old velocity is weighted by momentum once. In the new velocity it is weighted once already, and the look "
        "ahead weighs it again.",
        of=NEXT,
    ),
    Mistake(
        "full_look_ahead",
        _ball(lambda w, old, new, mu, rate, g: w + new - rate * g),
        "The look ahead takes the whole new velocity. Only the share momentum of it will survive.",
        of=NEXT,
    ),
    Mistake(
        "correction_climbs",
        _ball(lambda w, old, new, mu, rate, g: w + mu * new + rate * g),
        "The correction leads uphill.",
        of=NEXT,
    ),
    Mistake(
        "signs_of_velocities",
        _ball(lambda w, old, new, mu, rate, g: w + mu * old + (1 + mu) * new),
        "The old look ahead is added once more. It has to be taken back.",
        of=NEXT,
    ),
    _CLIMBED,
    _STEP_ALONE,
)

# ---------------------------------------------------------------- AdaGrad, RMSProp


def _sum(change):
    """AdaGrad's new cache after something was changed: change(old cache, gradient)."""
    return lambda case: None if "decay_rate" in case.inputs else change(_before(case, "cache"), _g(case))


def _mean(change):
    """RMSProp's new cache after something was changed: change(old cache, decay rate, gradient)."""
    return lambda case: change(_before(case, "cache"), case["decay_rate"], _g(case))


def _divided(change):
    """w minus rate times a wrong quotient of (gradient, new cache, old cache, epsilon)."""

    def predict(case: Case):
        quotient = change(_g(case), _memory(case, "cache"), _before(case, "cache"), case["epsilon"])
        return _w(case) - _rate(case) * quotient

    return predict


def _corrected(case: Case):
    """RMSProp's step with the bias correction of Adam."""
    if "decay_rate" not in case.inputs:
        return None
    root = np.sqrt(_memory(case, "cache") / (1 - case["decay_rate"] ** case["step"]))
    return _w(case) - _rate(case) * _g(case) / (root + case["epsilon"])


_EPSILON_INSIDE = "epsilon stands under the root. It is added to the root, outside."
_ROOT_MISSING = "The gradient is divided by the squares themselves. Take their root first."
_ADAGRAD = (
    Mistake(
        "only_this_square",
        _sum(lambda s, g: g**2),
        "The cache holds the square of this gradient alone. The squares before it belong there too.",
        of=SQUARES,
    ),
    Mistake(
        "not_squared",
        _sum(lambda s, g: s + g),
        "The gradient itself was added to the cache. Add its square, entry by entry.",
        of=SQUARES,
    ),
    Mistake(
        "sizes_summed",
        _sum(lambda s, g: s + np.abs(g)),
        "The cache sums the sizes of the gradients. It sums their squares.",
        of=SQUARES,
    ),
    Mistake(
        "one_number",
        _sum(lambda s, g: s + np.sum(g**2)),
        "Every entry of the cache has the squares of all entries. Each keeps its own.",
        of=SQUARES,
    ),
    Mistake(
        "forgetting",
        _sum(lambda s, g: 0.99 * s + 0.01 * g**2),
        "This is RMSProp's running mean. AdaGrad sums and forgets nothing.",
        of=SQUARES,
    ),
    Mistake(
        "never_forgets",
        _mean(lambda s, rho, g: s + g**2),
        "The cache sums all squares, as AdaGrad does. RMSProp keeps a running mean.",
        of=SQUARES,
    ),
    Mistake(
        "weights_exchanged",
        _mean(lambda s, rho, g: (1 - rho) * s + rho * g**2),
        "The weights of old and new are exchanged. decay_rate is the weight of the old mean.",
        of=SQUARES,
    ),
    Mistake(
        "new_in_full",
        _mean(lambda s, rho, g: rho * s + g**2),
        "The new squares enter in full. In a mean the weights of old and new add up to 1.",
        of=SQUARES,
    ),
    Mistake(
        "old_in_full",
        _mean(lambda s, rho, g: s + (1 - rho) * g**2),
        "The old mean stays in full. In a mean the weights of old and new add up to 1.",
        of=SQUARES,
    ),
    Mistake(
        "not_squared",
        _mean(lambda s, rho, g: rho * s + (1 - rho) * g),
        "The running mean is one of gradients. It is of their squares, entry by entry.",
        of=SQUARES,
    ),
    Mistake(
        "setting_ignored",
        _mean(lambda s, rho, g: 0.99 * s + 0.01 * g**2 if rho != 0.99 else None),
        "Your decay rate is 0.99 whatever config says.",
        of=SQUARES,
    ),
    Mistake(
        "wrong_default",
        _mean(lambda s, rho, g: 0.9 * s + 0.1 * g**2 if rho != 0.9 else None),
        "Your decay rate is 0.9. It is the one of config, or, where config has none, the default of the docstring.",
        of=SQUARES,
    ),
    _not_renewed(SQUARES),
    Mistake(
        "root_kept",
        lambda case: np.sqrt(case.expected),
        "config has the root of the cache. Keep the squares and take the root only for the step.",
        of=SQUARES,
    ),
    Mistake("root_missing", _divided(lambda g, s, old, eps: g / (s + eps)), _ROOT_MISSING, of=NEXT),
    Mistake(
        "epsilon_inside", _divided(lambda g, s, old, eps: g / np.sqrt(s + eps)), _EPSILON_INSIDE, of=NEXT
    ),
    Mistake(
        "epsilon_ignored",
        _divided(lambda g, s, old, eps: g / (np.sqrt(s) + 1e-8)),
        "epsilon is 1e-8 in your step, or missing, whatever config says.",
        of=NEXT,
    ),
    Mistake(
        "epsilon_squared_inside",
        _divided(lambda g, s, old, eps: g / np.sqrt(s + eps**2)),
        _EPSILON_INSIDE,
        of=NEXT,
    ),
    Mistake(
        "corrected_like_adam",
        _corrected,
        "The mean of squares is divided by 1 - decay_rate ** t: that correction is Adam's. RMSProp takes the mean as it is.",
        of=NEXT,
    ),
    Mistake(
        "old_cache",
        _divided(lambda g, s, old, eps: g / (np.sqrt(old) + eps)),
        "The step divides by the cache from before. This gradient's square belongs in it.",
        of=NEXT,
    ),
    Mistake(
        "multiplied",
        _divided(lambda g, s, old, eps: g * (np.sqrt(s) + eps)),
        "The gradient is multiplied by the root. Divide, so that steep entries take short steps.",
        of=NEXT,
    ),
    Mistake(
        "not_divided",
        _divided(lambda g, s, old, eps: g),
        "This is plain descent. The cache is kept and not used.",
        of=NEXT,
    ),
    *_ANOTHER_RATE,
    *_GENERAL,
)

# ---------------------------------------------------------------- Adam


def _moment(key: str, change):
    """A new mean after something was changed: change(old mean, its beta, gradient)."""
    beta = {"m": "beta1", "v": "beta2"}[key]
    return lambda case: change(_before(case, key), case[beta], _g(case))


_ONE_ARRAY = (
    "m and v are one array, so that each change of one changes the other: `m = v = np.zeros_like(w)` gives one array "
    "two names. Make two."
)


def _one_array(last: str):
    """What both means hold where they are one array, changed in place from zeros; `last` is the one renewed last."""

    def predict(case: Case):
        g, b1, b2 = _g(case), case["beta1"], case["beta2"]
        if _before(case, "m").any() or _before(case, "v").any():
            return None
        return b2 * (1 - b1) * g + (1 - b2) * g**2 if last == "v" else b1 * (1 - b2) * g**2 + (1 - b1) * g

    return predict


def _adam(change):
    """w minus rate times a wrong quotient of m, v, the two shares that bias correction divides by, and epsilon."""

    def predict(case: Case):
        t = float(_memory(case, "t"))
        m, v = _memory(case, "m"), _memory(case, "v")
        shares = [1 - case[beta] ** t for beta in ("beta1", "beta2")]
        return _w(case) - _rate(case) * change(m, v, *shares, case["epsilon"])

    return predict


def _adam_at(exponent):
    """The step with another count in bias correction: exponent(case, t)."""

    def predict(case: Case):
        t = exponent(case, float(_memory(case, "t")))
        m = _memory(case, "m") / (1 - case["beta1"] ** t)
        v = _memory(case, "v") / (1 - case["beta2"] ** t)
        return _w(case) - _rate(case) * m / (np.sqrt(v) + case["epsilon"])

    return predict


_ADAM = (
    Mistake(
        "not_counted",
        lambda case: case.expected - 1,
        "t has not grown in this step.",
        of=T,
    ),
    Mistake(
        "counts_from_one",
        lambda case: case.expected + 1,
        "t is one too large. It counts the steps taken: 0 before the first, 1 in it and after it.",
        of=T,
    ),
    _not_renewed((*M, *V)),
    *(Mistake("one_array_for_both", _one_array(last), _ONE_ARRAY, of=(*M, *V)) for last in "mv"),
    Mistake(
        "corrected_kept",
        lambda case: case.expected / (1 - case["beta1"] ** float(_memory(case, "t"))),
        "config has the corrected mean. The next step needs m as it was before correction.",
        of=M,
    ),
    Mistake(
        "corrected_kept",
        lambda case: case.expected / (1 - case["beta2"] ** float(_memory(case, "t"))),
        "config has the corrected mean. The next step needs v as it was before correction.",
        of=V,
    ),
    Mistake(
        "weights_exchanged",
        _moment("m", lambda old, beta, g: (1 - beta) * old + beta * g),
        "The weights of old and new are exchanged in m. beta1 is the weight of the old mean.",
        of=M,
    ),
    Mistake(
        "weights_exchanged",
        _moment("v", lambda old, beta, g: (1 - beta) * old + beta * g**2),
        "The weights of old and new are exchanged in v. beta2 is the weight of the old mean.",
        of=V,
    ),
    Mistake(
        "new_in_full",
        _moment("m", lambda old, beta, g: beta * old + g),
        "The gradient enters m in full. In a mean the weights of old and new add up to 1.",
        of=M,
    ),
    Mistake(
        "new_in_full",
        _moment("v", lambda old, beta, g: beta * old + g**2),
        "The square enters v in full. In a mean the weights of old and new add up to 1.",
        of=V,
    ),
    Mistake(
        "not_squared",
        _moment("v", lambda old, beta, g: beta * old + (1 - beta) * g),
        "v is a mean of gradients. It is one of their squares, entry by entry.",
        of=V,
    ),
    Mistake(
        "square_of_mean",
        lambda case: case["beta2"] * _before(case, "v") + (1 - case["beta2"]) * _memory(case, "m") ** 2,
        "v averages the squares of m. It averages the squares of the gradients.",
        of=V,
    ),
    Mistake(
        "betas_exchanged",
        lambda case: case["beta2"] * _before(case, "m") + (1 - case["beta2"]) * _g(case),
        "m uses beta2. Its weight is beta1.",
        of=M,
    ),
    Mistake(
        "betas_exchanged",
        lambda case: case["beta1"] * _before(case, "v") + (1 - case["beta1"]) * _g(case) ** 2,
        "v uses beta1. Its weight is beta2.",
        of=V,
    ),
    Mistake(
        "setting_ignored",
        _moment("m", lambda old, beta, g: 0.9 * old + 0.1 * g),
        "Your beta1 is 0.9 whatever config says.",
        of=M,
    ),
    Mistake(
        "setting_ignored",
        _moment("v", lambda old, beta, g: 0.999 * old + 0.001 * g**2),
        "Your beta2 is 0.999 whatever config says.",
        of=V,
    ),
    Mistake(
        "correction_missing",
        _adam(lambda m, v, a, b, eps: m / (np.sqrt(v) + eps)),
        "The step is made of m and v as they are. Both started at 0 and are too small at first: correct them.",
        of=NEXT,
    ),
    Mistake(
        "second_uncorrected",
        _adam(lambda m, v, a, b, eps: m / a / (np.sqrt(v) + eps)),
        "m is corrected and v is not.",
        of=NEXT,
    ),
    Mistake(
        "one_beta_for_both",
        _adam(lambda m, v, a, b, eps: m / a / (np.sqrt(v / a) + eps)),
        "v is corrected by beta1. Each mean is corrected by the beta it was made with.",
        of=NEXT,
    ),
    Mistake(
        "first_uncorrected",
        _adam(lambda m, v, a, b, eps: m / (np.sqrt(v / b) + eps)),
        "v is corrected and m is not.",
        of=NEXT,
    ),
    Mistake(
        "betas_exchanged",
        _adam(lambda m, v, a, b, eps: m / b / (np.sqrt(v / a) + eps)),
        "The two betas are exchanged in the correction: m is corrected by beta1 and v by beta2, which made them.",
        of=NEXT,
    ),
    Mistake(
        "power_forgotten",
        _adam_at(lambda case, t: 1),
        "The correction does not change from step to step: beta is to be taken to the power of t.",
        of=NEXT,
    ),
    Mistake(
        "counted_late",
        _adam_at(lambda case, t: t - 1),
        "The correction uses t from before this step. Count first.",
        of=NEXT,
    ),
    Mistake(
        "counted_twice",
        _adam_at(lambda case, t: t + 1),
        "The correction is one step ahead: t has grown twice before it was used.",
        of=NEXT,
    ),
    Mistake(
        "multiplied_by_correction",
        _adam(lambda m, v, a, b, eps: m * a / (np.sqrt(v * b) + eps)),
        "m and v are multiplied by the correction and become smaller still. Divide.",
        of=NEXT,
    ),
    Mistake(
        "corrected_after_root",
        _adam(lambda m, v, a, b, eps: m / a / (np.sqrt(v) / b + eps)),
        "The root was taken first and corrected then. Correct v, then take its root.",
        of=NEXT,
    ),
    Mistake(
        "root_missing",
        _adam(lambda m, v, a, b, eps: m / a / (v / b + eps)),
        "The step divides by the mean of squares itself. Take its root first.",
        of=NEXT,
    ),
    Mistake(
        "epsilon_inside",
        _adam(lambda m, v, a, b, eps: m / a / np.sqrt(v / b + eps)),
        _EPSILON_INSIDE,
        of=NEXT,
    ),
    Mistake(
        "epsilon_before_correction",
        _adam(lambda m, v, a, b, eps: m / a / (np.sqrt(v) + eps) * np.sqrt(b)),
        "epsilon is added to the root of the uncorrected v. Correct v first, take the root, then add.",
        of=NEXT,
    ),
    Mistake(
        "epsilon_ignored",
        _adam(lambda m, v, a, b, eps: m / a / (np.sqrt(v / b) + 1e-8)),
        "epsilon is 1e-8 in your step, or missing, whatever config says.",
        of=NEXT,
    ),
    Mistake(
        "gradient_for_mean",
        lambda case: (
            _w(case)
            - _rate(case)
            * _g(case)
            / (
                np.sqrt(_memory(case, "v") / (1 - case["beta2"] ** float(_memory(case, "t"))))
                + case["epsilon"]
            )
        ),
        "The step goes along this gradient. It goes along the corrected mean of gradients.",
        of=NEXT,
    ),
    Mistake(
        "rate_ignored",
        lambda case: _w(case) + (case.expected - _w(case)) / _rate(case),
        "The learning rate does not scale the step.",
        of=NEXT,
    ),
    *_ANOTHER_RATE,
    *_GENERAL,
)

# ---------------------------------------------------------------- schedules


def _of_schedule(name: str, defaults: tuple):
    """Predictions for one schedule: change(rate, t, *settings), defaults standing in for settings left out."""

    def changed(change):
        def predict(case: Case):
            settings = (*case["settings"], *defaults[len(case["settings"]) :])
            return change(case["rate"], case["t"], *settings) if case["schedule"] == name else None

        return predict

    return changed


_stairs = _of_schedule("step", (0.5, 10))
_exponential = _of_schedule("exponential", (0.1,))
_inverse = _of_schedule("inverse", (0.1,))
_wave = _of_schedule("cosine", (None, 0.0))
_ramp = _of_schedule("warmup", (None,))


_SCHEDULES = (
    Mistake(
        "slope_for_stairs",
        _stairs(lambda rate, t, drop, every: rate * drop ** (t / every)),
        "The rate falls at every count. In between it stays: how many *whole* times has `every` passed?",
    ),
    Mistake(
        "one_too_early",
        _stairs(lambda rate, t, drop, every: rate * drop ** ((t + 1) // every)),
        "The rate drops one count too early: t starts at 0, and the first drop is at t = every.",
    ),
    Mistake(
        "one_too_late",
        _stairs(lambda rate, t, drop, every: rate * drop ** (max(t - 1, 0) // every)),
        "The rate drops one count too late: the first drop is at t = every.",
    ),
    Mistake(
        "dropped_once",
        _stairs(lambda rate, t, drop, every: rate * (drop if t >= every else 1)),
        "The rate drops once and never again.",
    ),
    Mistake(
        "multiplied_by_count",
        _stairs(lambda rate, t, drop, every: rate * drop * (t // every)),
        "Drops are multiplied by their number. Each acts on what the one before has left.",
    ),
    Mistake(
        "rises",
        _exponential(lambda rate, t, k: rate * np.exp(k * t)),
        "The rate rises. Look at the sign of the exponent.",
    ),
    Mistake(
        "another_base",
        _exponential(lambda rate, t, k: rate * 10 ** (-k * t)),
        "The base is 10. It should be e.",
    ),
    Mistake(
        "another_base",
        _exponential(lambda rate, t, k: rate * 2 ** (-k * t)),
        "The base is 2. It should be e.",
    ),
    Mistake(
        "another_base",
        _exponential(lambda rate, t, k: rate * (1 - k) ** t),
        "The base is 1 - k. It should be e, with -k t in the exponent.",
    ),
    Mistake(
        "k_forgotten",
        _inverse(lambda rate, t, k: rate / (1 + t)),
        "k is left out: it scales t.",
    ),
    Mistake(
        "k_forgotten",
        _exponential(lambda rate, t, k: rate * np.exp(-t)),
        "k is left out: it scales t.",
    ),
    Mistake(
        "power_for_product",
        _inverse(lambda rate, t, k: rate / (1 + k) ** t),
        "1 + k is taken to a power. k is multiplied by t, and 1 is added.",
    ),
    Mistake(
        "root_of_time",
        _inverse(lambda rate, t, k: rate / np.sqrt(1 + k * t)),
        "There is a root in the denominator that does not belong there.",
    ),
    Mistake(
        "rises_again",
        _wave(lambda rate, t, n, low: low + (rate - low) * (1 + np.cos(np.pi * t / n)) / 2),
        "After `total` the wave goes on and the rate rises again. It stays at `lowest`.",
    ),
    Mistake(
        "whole_wave",
        _wave(lambda rate, t, n, low: low + (rate - low) * (1 + np.cos(2 * np.pi * min(t / n, 1))) / 2),
        "This is a whole wave, down and up again. Half of one ends at `lowest`.",
    ),
    Mistake(
        "quarter_wave",
        _wave(lambda rate, t, n, low: low + (rate - low) * np.cos(np.pi / 2 * min(t / n, 1))),
        "This is a quarter of a wave: it starts flat and ends steep. Half a wave is flat at both ends.",
    ),
    Mistake(
        "half_forgotten",
        _wave(lambda rate, t, n, low: low + (rate - low) * (1 + np.cos(np.pi * min(t / n, 1)))),
        "The wave is twice as high as it should be: 1 plus cosine begins at 2.",
    ),
    Mistake(
        "lowest_ignored",
        _wave(lambda rate, t, n, low: rate * (1 + np.cos(np.pi * min(t / n, 1))) / 2 if low else None),
        "The wave goes down to 0. It ends at `lowest` and spans what lies between the two rates.",
    ),
    Mistake(
        "lowest_added",
        _wave(lambda rate, t, n, low: low + rate * (1 + np.cos(np.pi * min(t / n, 1))) / 2 if low else None),
        "`lowest` is added on top, so the rate starts above learning_rate. The wave spans what lies between the two.",
    ),
    Mistake(
        "straight_line",
        _wave(lambda rate, t, n, low: rate + (low - rate) * min(t / n, 1)),
        "This is a straight line. The wave is flat at both ends.",
    ),
    Mistake(
        "starts_at_zero",
        _ramp(lambda rate, t, n: rate * min(t / n, 1) if n else None),
        "The ramp starts at 0: the first step would go nowhere. At t = 0 it is learning_rate / steps already.",
    ),
    Mistake(
        "never_stops",
        _ramp(lambda rate, t, n: rate * (t + 1) / n if n else None),
        "The ramp goes on above learning_rate. It ends there.",
    ),
    Mistake(
        "ramp_down",
        _ramp(lambda rate, t, n: rate * (n - t) / n if t < n else rate),
        "The ramp goes down. It starts at learning_rate / steps and goes up.",
    ),
    Mistake(
        "no_ramp",
        _ramp(lambda rate, t, n: rate),
        "The rate is learning_rate from the start. In the first `steps` counts it is smaller.",
    ),
    Mistake(
        "constant_ramp",
        _ramp(lambda rate, t, n: rate / n if t < n else rate),
        "All of the first rates are the same. Each is a little higher than the one before.",
    ),
)

# ---------------------------------------------------------------- Newton


def _newton(change):
    return lambda case: change(_w(case), _g(case), np.asarray(case["H"], dtype=float))


_NEWTON = (
    Mistake(
        "inverse_forgotten",
        _newton(lambda w, g, H: w - H @ g),
        "The gradient is multiplied by the Hessian. It is to be divided by it: what solves H step = dw?",
    ),
    Mistake(
        "diagonal_only",
        _newton(lambda w, g, H: w - g / np.diag(H)),
        "Only the diagonal of the Hessian entered. The curvature of two directions together counts too.",
    ),
    Mistake(
        "plain_descent",
        _newton(lambda w, g, H: w - g),
        "This is plain descent: the Hessian plays no part.",
    ),
    Mistake(
        "scaled",
        _newton(lambda w, g, H: w - 0.1 * np.linalg.solve(H, g)),
        "The step is ten times too short. Newton's method has no learning rate.",
    ),
    Mistake(
        "scaled",
        _newton(lambda w, g, H: w - 0.01 * np.linalg.solve(H, g)),
        "The step is a hundred times too short. Newton's method has no learning rate.",
    ),
    Mistake(
        "norm_of_hessian",
        _newton(lambda w, g, H: w - g / np.linalg.norm(H)),
        "The Hessian entered as one number, its norm. It turns the step, too.",
    ),
    Mistake(
        "entry_by_entry",
        _newton(lambda w, g, H: w - np.linalg.inv(H) * g),
        "The inverse is multiplied entry by entry, and a matrix comes out. A matrix and a vector need `@`.",
    ),
    Mistake(
        "climbed",
        _newton(lambda w, g, H: 2 * w - (w - np.linalg.solve(H, g))),
        "The step has the right length and leads away. Subtract it.",
    ),
    Mistake(
        "step_alone",
        _newton(lambda w, g, H: -np.linalg.solve(H, g)),
        "This is the step alone. next_w is the place where it ends.",
    ),
)

# ---------------------------------------------------------------- L-BFGS

_WAYS = {
    "first_loop_forward": "The first loop starts at the oldest pair. The newest acts on dw first.",
    "change_for_step": "The first loop multiplies dw by y where s belongs: which of the two stands next to the vector in the formula?",
    "rho_missing": "The products are not divided by y . s: rho is missing.",
    "added_at_first": "The first loop adds. Its factor is the identity *minus* something.",
    "step_for_change": "The first loop takes away multiples of s. Read the right factor of the formula again: rho y s^T.",
    "newest_only": "Only the newest pair has an effect. Every pair of the lists takes part.",
    "oldest_scale": "gamma comes from the oldest pair. It belongs to the newest.",
    "scale_missing": "B starts as the identity. It starts as gamma times the identity: scale between the two loops.",
    "scale_inverted": "gamma is upside down: it is a step per change of gradient, like B itself.",
    "alphas_mixed": "In the second loop the pairs meet the alphas of other pairs. The two loops run in opposite orders.",
    "second_loop_backward": "The second loop starts at the newest pair. It walks back: oldest first.",
    "beta_by_step": "The second loop multiplies by s where y belongs.",
    "beta_added": "alpha and beta are added. One of them takes away.",
    "beta_minus_alpha": "alpha and beta are exchanged in their difference.",
    "change_added": "The second loop adds multiples of y. Steps are made of steps: of s.",
    "uphill": "This is B dw, which leads uphill. The direction is its negative.",
}
_LBFGS = (
    *(
        Mistake(way, lambda case, way=way: case[way], message, of="direction")
        for way, message in _WAYS.items()
    ),
    Mistake("uphill", lambda case: -case.expected, _WAYS["uphill"], of="direction"),
)

MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "tiring_descent": (_not_renewed(_of("taken")),),
    "sgd": _SGD,
    "sgd_momentum": _MOMENTUM,
    "adagrad": _ADAGRAD,
    "adam": _ADAM,
    "step_decay": _SCHEDULES,
    "newton_step": _NEWTON,
    "lbfgs_direction": _LBFGS,
}
