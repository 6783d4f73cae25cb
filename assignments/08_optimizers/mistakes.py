"""Typical wrong answers and unusual right ones to the exercises of the optimizers notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- sgd
edit("sgd", 'w - config["learning_rate"] * dw', 'w + config["learning_rate"] * dw', mistake="climbed")
edit("sgd", 'w - config["learning_rate"] * dw', "w - dw", mistake="rate_ignored")
edit("sgd", 'w - config["learning_rate"] * dw', '-config["learning_rate"] * dw', mistake="step_alone")
edit("sgd", 'w - config["learning_rate"] * dw', 'w - dw / config["learning_rate"]', mistake="divided_by_rate")
edit("sgd", 'w - config["learning_rate"] * dw', "w - 0.01 * dw", mistake="wrong_default")
edit("sgd", '"learning_rate": 1e-2', '"learning_rate": 1e-3', mistake="wrong_default")
edit("sgd", "* dw, config", "* dw", mistake="wrong_count")


@wrong("wrong_count")
def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw


@wrong("stood_still")
def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    next_w = w - config["learning_rate"] * dw  # noqa: F841
    return w, config


# ---------------------------------------------------------------- sgd_momentum, nesterov
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = config["momentum"] * config["velocity"] + config["learning_rate"] * dw', mistake="velocity_points_up")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = config["momentum"] * config["velocity"] - dw', mistake="rate_left_out")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = config["velocity"] - config["learning_rate"] * dw', mistake="nothing_decays")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = config["momentum"] * config["velocity"] - (1 - config["momentum"]) * config["learning_rate"] * dw', mistake="averaged")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = config["momentum"] * (config["velocity"] - config["learning_rate"] * dw)', mistake="momentum_on_both")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw', 'v = 0.9 * config["velocity"] - config["learning_rate"] * dw', mistake="setting_ignored")
edit("sgd_momentum", 'config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})\n    v = ', 'config = {"learning_rate": 1e-1, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})\n    v = ', mistake="wrong_default")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw\n    config["velocity"] = v\n    return w + v', 'v = config["momentum"] * config["velocity"] + dw\n    config["velocity"] = v\n    return w - config["learning_rate"] * v', mistake="rate_in_step")
edit("sgd_momentum", 'v = config["momentum"] * config["velocity"] + correction\n    config["velocity"] = v\n    return w + config["momentum"] * v + correction', 'v, old = config["momentum"] * config["velocity"] + correction, config["velocity"]\n    config["velocity"] = v\n    return w + config["momentum"] * old + correction', mistake="plain_momentum")
edit("sgd_momentum", "    return w + v, config", '    return w + config["learning_rate"] * v, config', mistake="rate_twice")
edit("sgd_momentum", "    return w + v, config", "    return w - v, config", mistake="climbed")
edit("sgd_momentum", "    return w + v, config", "    return v, config", mistake="step_alone")
edit("sgd_momentum", 'config["momentum"] * v + correction, config', "v, config", mistake="plain_momentum")
edit("sgd_momentum", 'config["momentum"] * v + correction, config', "v + correction, config", mistake="full_look_ahead")
edit("sgd_momentum", 'config["momentum"] * v + correction, config', 'config["momentum"] * v, config', mistake="correction_missing")
edit("sgd_momentum", 'config["momentum"] * v + correction, config', 'config["momentum"] * v - correction, config', mistake="correction_climbs")


@wrong("old_velocity", exercise="sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        v = config.get("velocity", np.zeros_like(w))
        next_w = w + v
        config["velocity"] = config["momentum"] * v - config["learning_rate"] * dw
        return next_w, config

    def nesterov(w, dw, config=None):
        config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
        config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
        return w + config["momentum"] * config["velocity"] - config["learning_rate"] * dw, config


@wrong("not_kept", exercise="sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        v = config.get("velocity", np.zeros_like(w))
        v = config["momentum"] * v - config["learning_rate"] * dw
        return w + v, config

    def nesterov(w, dw, config=None):
        config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
        config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
        return w + config["momentum"] * config["velocity"] - config["learning_rate"] * dw, config


@wrong("not_kept", exercise="sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        config.setdefault("velocity", np.zeros_like(w))
        v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
        return w + v, config

    def nesterov(w, dw, config=None):
        config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
        config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
        return w + config["momentum"] * config["velocity"] - config["learning_rate"] * dw, config


@wrong("velocity_points_up", exercise="sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        config = dict(config or {})
        v = config.get("momentum", 0.9) * config.get("velocity", 0) + config.get("learning_rate", 1e-2) * dw
        config["velocity"] = v
        return w - v, config

    def nesterov(w, dw, config=None):
        config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
        config["velocity"] = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
        return w + config["momentum"] * config["velocity"] - config["learning_rate"] * dw, config


@wrong("plain_momentum", exercise="sgd_momentum")  # the old velocity is overwritten before it is used
class _:
    def sgd_momentum(w, dw, config=None):
        config = dict(config or {})
        v = config.get("momentum", 0.9) * config.get("velocity", 0 * w) - config.get("learning_rate", 0.01) * dw
        config["velocity"] = v
        return w + v, config

    def nesterov(w, dw, config=None):
        config = dict(config or {})
        mu = config.get("momentum", 0.9)
        v = config.get("velocity", 0 * w)
        v = mu * v - config.get("learning_rate", 0.01) * dw
        config["velocity"] = v
        return w - mu * v + (1 + mu) * v, config


@wrong("not_ahead_far_enough", exercise="sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        config = dict(config or {})
        v = config.get("momentum", 0.9) * config.get("velocity", 0 * w) - config.get("learning_rate", 0.01) * dw
        config["velocity"] = v
        return w + v, config

    def nesterov(w, dw, config=None):
        config = dict(config or {})
        mu, rate = config.get("momentum", 0.9), config.get("learning_rate", 0.01)
        old = config.get("velocity", 0 * w)
        config["velocity"] = mu * old - rate * dw
        return w + mu * old - (1 + mu) * rate * dw, config


# ---------------------------------------------------------------- adagrad, rmsprop
edit("adagrad", 'config["cache"] + dw**2', "dw**2", mistake="only_this_square")
edit("adagrad", 'config["cache"] + dw**2', 'config["cache"] + dw', mistake="not_squared")
edit("adagrad", 'config["cache"] + dw**2', 'config["cache"] + np.abs(dw)', mistake="sizes_summed")
edit("adagrad", 'config["cache"] + dw**2', 'config["cache"] + np.sum(dw**2)', mistake="one_number")
edit("adagrad", 'config["cache"] + dw**2', '0.99 * config["cache"] + 0.01 * dw**2', mistake="forgetting")
edit("adagrad", 'rho * config["cache"] + (1 - rho) * dw**2', 'config["cache"] + dw**2', mistake="never_forgets")
edit("adagrad", 'rho * config["cache"] + (1 - rho) * dw**2', '(1 - rho) * config["cache"] + rho * dw**2', mistake="weights_exchanged")
edit("adagrad", 'rho * config["cache"] + (1 - rho) * dw**2', 'rho * config["cache"] + dw**2', mistake="new_in_full")
edit("adagrad", 'rho * config["cache"] + (1 - rho) * dw**2', 'config["cache"] + (1 - rho) * dw**2', mistake="old_in_full")
edit("adagrad", 'rho = config["decay_rate"]', "rho = 0.99", mistake="setting_ignored")
edit("adagrad", '"decay_rate": 0.99', '"decay_rate": 0.9', mistake="wrong_default")
edit("adagrad", '"learning_rate": 1e-2, "decay_rate"', '"learning_rate": 1e-3, "decay_rate"', mistake="wrong_default")
edit("adagrad", '{"learning_rate": 1e-2, "epsilon"', '{"learning_rate": 1e-1, "epsilon"', mistake="wrong_default")


@wrong("root_missing", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("epsilon", 1e-8)
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] += dw * dw
        return w - config["learning_rate"] * dw / (config["cache"] + config["epsilon"]), config

    def rmsprop(w, dw, config=None):
        config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
        return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong("epsilon_inside", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("epsilon", 1e-8)
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] += dw * dw
        return w - config["learning_rate"] * dw / np.sqrt(config["cache"] + config["epsilon"]), config

    def rmsprop(w, dw, config=None):
        config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
        return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong("epsilon_ignored", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] += dw * dw
        return w - config["learning_rate"] * dw / np.sqrt(config["cache"]), config

    def rmsprop(w, dw, config=None):
        config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
        return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong("old_cache", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        config = dict(config or {})
        cache = config.get("cache", np.zeros_like(w)) + dw**2
        config["cache"] = cache
        return w - config.get("learning_rate", 0.01) * dw / (np.sqrt(cache) + config.get("epsilon", 1e-8)), config

    def rmsprop(w, dw, config=None):
        config = dict(config or {})
        cache, rho = config.get("cache", np.zeros_like(w)), config.get("decay_rate", 0.99)
        next_w = w - config.get("learning_rate", 0.01) * dw / (np.sqrt(cache) + config.get("epsilon", 1e-8))
        config["cache"] = rho * cache + (1 - rho) * dw**2
        return next_w, config


@wrong("climbed", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        config = {"learning_rate": 1e-2, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["cache"] + dw**2
        return w + config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config

    def rmsprop(w, dw, config=None):
        config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
        return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


@wrong("not_kept", exercise="adagrad")
class _:
    def adagrad(w, dw, config=None):
        config = config or {}
        cache = config.get("cache", np.zeros_like(w)) + dw**2
        return w - config.get("learning_rate", 1e-2) * dw / (np.sqrt(cache) + config.get("epsilon", 1e-8)), config

    def rmsprop(w, dw, config=None):
        config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
        config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
        return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config


# ---------------------------------------------------------------- adam
edit("adam", "m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)", "m_hat, v_hat = m, v", mistake="correction_missing")
edit("adam", "v / (1 - beta2**t)", "v", mistake="second_uncorrected")
edit("adam", "m / (1 - beta1**t)", "m", mistake="first_uncorrected")
edit("adam", "m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1), v / (1 - beta2)", mistake="power_forgotten")
edit("adam", "m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1 ** (t - 1)), v / (1 - beta2 ** (t - 1))", mistake="counted_late")
edit("adam", '"v": v, "t": t}', '"v": v}', mistake="not_counted")
edit("adam", '"t": 0}', '"t": 1}', mistake="counts_from_one")
edit("adam", "m / (1 - beta1**t), v / (1 - beta2**t)", "m * (1 - beta1**t), v * (1 - beta2**t)", mistake="multiplied_by_correction")
edit("adam", "(np.sqrt(v_hat) + config", "(v_hat + config", mistake="root_missing")
edit("adam", "m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta2**t), v / (1 - beta1**t)", mistake="betas_exchanged")
edit("adam", '"learning_rate": 1e-3', '"learning_rate": 1e-2', mistake="wrong_default")
edit("adam", '(np.sqrt(v_hat) + config["epsilon"])', 'np.sqrt(v_hat + config["epsilon"])', mistake="epsilon_inside")
edit("adam", '(np.sqrt(v_hat) + config["epsilon"])', '(np.sqrt(v) + config["epsilon"]) * np.sqrt(1 - beta2**t)', mistake="epsilon_before_correction")
edit("adam", 'config["epsilon"])', "1e-8)", mistake="epsilon_ignored")
edit("adam", "+ (1 - beta1) * dw\n", "+ dw\n", mistake="new_in_full")
edit("adam", "(1 - beta2) * dw**2", "(1 - beta2) * dw", mistake="not_squared")
edit("adam", "(1 - beta2) * dw**2", "(1 - beta2) * m**2", mistake="square_of_mean")
edit("adam", "(1 - beta2) * dw**2", "dw**2", mistake="new_in_full")
edit("adam", 'w - config["learning_rate"] * m_hat', 'w + config["learning_rate"] * m_hat', mistake="climbed")
edit("adam", 'config["learning_rate"] * m_hat', 'config["learning_rate"] * dw', mistake="gradient_for_mean")
edit("adam", 'beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1', 'beta1, beta2, t = 0.9, 0.999, config["t"] + 1', mistake="setting_ignored")
edit("adam", "config |= {", "{", mistake="not_kept")
edit("adam", "m / (1 - beta1**t), v / (1 - beta2**t)", "m / (1 - beta1**t), (np.sqrt(v) / (1 - beta2**t)) ** 2", mistake="corrected_after_root")


@wrong("corrected_kept")
def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    config["m"] /= 1 - config["beta1"] ** config["t"]
    config["v"] /= 1 - config["beta2"] ** config["t"]
    next_w = w - config["learning_rate"] * config["m"] / (np.sqrt(config["v"]) + config["epsilon"])
    return next_w, config


@wrong("one_array_for_both")
def adam(w, dw, config=None):
    config = dict(config or {})
    beta1, beta2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    if "m" not in config:
        config["m"] = config["v"] = np.zeros_like(w)
    m, v, t = config["m"], config["v"], config.get("t", 0) + 1
    m *= beta1
    m += (1 - beta1) * dw
    v *= beta2
    v += (1 - beta2) * dw**2
    config["t"] = t
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + config.get("epsilon", 1e-8))
    return w - config.get("learning_rate", 1e-3) * step, config


@wrong("weights_exchanged")
def adam(w, dw, config=None):
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0} | (config or {})
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1
    m = (1 - beta1) * config.get("m", np.zeros_like(w)) + beta1 * dw
    v = (1 - beta2) * config.get("v", np.zeros_like(w)) + beta2 * dw**2
    config |= {"m": m, "v": v, "t": t}
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"]), config


@wrong("counted_late")
def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    mt = config["m"] / (1 - config["beta1"] ** config["t"])
    vt = config["v"] / (1 - config["beta2"] ** config["t"])
    next_w = w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])
    config["t"] += 1
    return next_w, config


# ---------------------------------------------------------------- step_decay and the other schedules
edit("step_decay", "drop ** (t // every)", "drop ** (t / every)", mistake="slope_for_stairs")
edit("step_decay", "drop ** (t // every)", "drop ** ((t + 1) // every)", mistake="one_too_early")
edit("step_decay", "drop ** (t // every)", "(drop if t >= every else 1)", mistake="dropped_once")
edit("step_decay", "np.exp(-k * t)", "np.exp(k * t)", mistake="rises")
edit("step_decay", "np.exp(-k * t)", "(1 - k) ** t", mistake="another_base")
edit("step_decay", "np.exp(-k * t)", "10 ** (-k * t)", mistake="another_base")
edit("step_decay", "np.exp(-k * t)", "np.exp(-t)", mistake="k_forgotten")
edit("step_decay", "learning_rate / (1 + k * t)", "learning_rate / (1 + t)", mistake="k_forgotten")
edit("step_decay", "learning_rate / (1 + k * t)", "learning_rate / (1 + k) ** t", mistake="power_for_product")
edit("step_decay", "learning_rate / (1 + k * t)", "learning_rate / np.sqrt(1 + k * t)", mistake="root_of_time")
edit("step_decay", "min(t / total, 1.0)", "t / total", mistake="rises_again")
edit("step_decay", "np.cos(np.pi * share)) / 2", "np.cos(np.pi * share))", mistake="half_forgotten")
edit("step_decay", "np.cos(np.pi * share)", "np.cos(2 * np.pi * share)", mistake="whole_wave")
edit("step_decay", "lowest + (learning_rate - lowest) *", "learning_rate *", mistake="lowest_ignored")
edit("step_decay", "lowest + (learning_rate - lowest) *", "lowest + learning_rate *", mistake="lowest_added")
edit("step_decay", "learning_rate * (t + 1) / steps if", "learning_rate * t / steps if", mistake="starts_at_zero")
edit("step_decay", "learning_rate * (t + 1) / steps if t < steps else learning_rate", "learning_rate * (t + 1) / max(steps, 1)", mistake="never_stops")
edit("step_decay", "learning_rate * (t + 1) / steps if", "learning_rate / steps if", mistake="constant_ramp")
edit("step_decay", "learning_rate * (t + 1) / steps if", "learning_rate * (steps - t) / steps if", mistake="ramp_down")
edit("step_decay", "learning_rate * (t + 1) / steps if t < steps else learning_rate", "min(learning_rate, learning_rate * (t + 1) / steps)", mistake="division_by_zero")

# ---------------------------------------------------------------- newton_step
edit("newton_step", "np.linalg.solve(H, dw)", "H @ dw", mistake="inverse_forgotten")
edit("newton_step", "np.linalg.solve(H, dw)", "dw / np.diag(H)", mistake="diagonal_only")
edit("newton_step", "np.linalg.solve(H, dw)", "0.1 * np.linalg.solve(H, dw)", mistake="scaled")
edit("newton_step", "np.linalg.solve(H, dw)", "np.linalg.inv(H) * dw", mistake="entry_by_entry")
edit("newton_step", "w - np", "w + np", mistake="climbed")
edit("newton_step", "w - np", "-np", mistake="step_alone")
edit("newton_step", "np.linalg.solve(H, dw)", "dw", mistake="plain_descent")

# ---------------------------------------------------------------- lbfgs_direction
edit("lbfgs_direction", "    return -q", "    return q", mistake="uphill")
edit("lbfgs_direction", "alpha = (s @ q)", "alpha = (y @ q)", mistake="change_for_step")
edit("lbfgs_direction", "q = q - alpha * y", "q = q - alpha * s", mistake="step_for_change")
edit("lbfgs_direction", "q = q - alpha * y", "q = q + alpha * y", mistake="added_at_first")
edit("lbfgs_direction", "s, y = s_list[-1], y_list[-1]", "s, y = s_list[0], y_list[0]", mistake="oldest_scale")
edit("lbfgs_direction", "        q = q * (s @ y) / (y @ y)\n", "", mistake="scale_missing")
edit("lbfgs_direction", "q * (s @ y) / (y @ y)", "q * (y @ y) / (s @ y)", mistake="scale_inverted")
edit("lbfgs_direction", "zip(s_list, y_list, reversed(alphas))", "zip(s_list, y_list, alphas)", mistake="alphas_mixed")
edit("lbfgs_direction", "zip(s_list, y_list, reversed(alphas))", "zip(reversed(s_list), reversed(y_list), alphas)", mistake="second_loop_backward")
edit("lbfgs_direction", "beta = (y @ q)", "beta = (s @ q)", mistake="beta_by_step")
edit("lbfgs_direction", "(alpha - beta) * s", "(alpha + beta) * s", mistake="beta_added")
edit("lbfgs_direction", "(alpha - beta) * s", "(beta - alpha) * s", mistake="beta_minus_alpha")
edit("lbfgs_direction", "(alpha - beta) * s", "(alpha - beta) * y", mistake="change_added")


@wrong("first_loop_forward")
def lbfgs_direction(dw, s_list, y_list):
    q, alphas = dw.copy(), []
    for s, y in zip(s_list, y_list):
        alphas.append(np.dot(s, q) / np.dot(y, s))
        q -= alphas[-1] * y
    if len(s_list) > 0:
        q *= np.dot(s_list[-1], y_list[-1]) / np.dot(y_list[-1], y_list[-1])
    for s, y, a in zip(s_list, y_list, alphas):
        q += (a - np.dot(y, q) / np.dot(y, s)) * s
    return -q


@wrong("rho_missing")
def lbfgs_direction(dw, s_list, y_list):
    q, alphas = dw.copy(), []
    for s, y in zip(s_list[::-1], y_list[::-1]):
        alphas.append(np.dot(s, q))
        q -= alphas[-1] * y
    if len(s_list) > 0:
        q *= np.dot(s_list[-1], y_list[-1]) / np.dot(y_list[-1], y_list[-1])
    for s, y, a in zip(s_list, y_list, alphas[::-1]):
        q += (a - np.dot(y, q)) * s
    return -q


@wrong("newest_only")
def lbfgs_direction(dw, s_list, y_list):
    if not s_list:
        return -dw
    s, y = s_list[-1], y_list[-1]
    alpha = s.dot(dw) / y.dot(s)
    r = (dw - alpha * y) * s.dot(y) / y.dot(y)
    return -(r + (alpha - y.dot(r) / y.dot(s)) * s)


@wrong("empty_history")
def lbfgs_direction(dw, s_list, y_list):
    q, alphas = dw.copy(), []
    for s, y in zip(s_list[::-1], y_list[::-1]):
        alphas.append(np.dot(s, q) / np.dot(y, s))
        q -= alphas[-1] * y
    q *= np.dot(s_list[-1], y_list[-1]) / np.dot(y_list[-1], y_list[-1])
    for s, y, a in zip(s_list, y_list, alphas[::-1]):
        q += (a - np.dot(y, q) / np.dot(y, s)) * s
    return -q


# ---------------------------------------------------------------- unusual right answers


@variant("SGD in place, config by setdefault")
def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


@variant("SGD by loops, a list returned")
def sgd(w, dw, config=None):
    rate = 0.01 if config is None else config.get("learning_rate", 0.01)
    out = np.zeros(w.shape)
    for i, (a, g) in enumerate(zip(w.flat, dw.flat)):
        out.flat[i] = a - rate * g
    return [out, {"learning_rate": rate}]


@variant("momentum in place; Nesterov with the old velocity taken back")
class _:
    def sgd_momentum(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        v = config.get("velocity", np.zeros_like(w))
        v *= config["momentum"]
        v -= config["learning_rate"] * dw
        w += v
        config["velocity"] = v
        return w, config

    def nesterov(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("momentum", 0.9)
        config.setdefault("velocity", np.zeros_like(w))
        mu, v_prev = config["momentum"], config["velocity"]
        v = mu * v_prev - config["learning_rate"] * dw
        config["velocity"] = v
        return w - mu * v_prev + (1 + mu) * v, config


@variant("Nesterov as the frameworks write it, velocity turned over at the end")
class _:
    def sgd_momentum(w, dw, config=None):
        config = dict(config or {})
        up = config.get("learning_rate", 0.01) * dw - config.get("momentum", 0.9) * config.get("velocity", 0.0 * w)
        config.update(velocity=-up)
        return w - up, config

    def nesterov(w, dw, config=None):
        config = dict(config or {})
        rate, mu = config.get("learning_rate", 0.01), config.get("momentum", 0.9)
        up = rate * dw - mu * config.get("velocity", 0.0 * w)
        config["velocity"] = -up
        return w - (rate * dw + mu * up), config


@variant("Nesterov through sgd_momentum")
class _:
    def sgd_momentum(w, dw, config=None):
        config = config if config is not None else {}
        v = config.get("momentum", 0.9) * config.get("velocity", np.zeros(w.shape)) - config.get("learning_rate", 1e-2) * dw
        config["velocity"] = v
        return w + v, config

    def nesterov(w, dw, config=None):
        _, config = sgd_momentum(w, dw, config)
        step = config.get("momentum", 0.9) * config["velocity"] - config.get("learning_rate", 1e-2) * dw
        return w + step, config


@variant("squares in place, printing")
class _:
    def adagrad(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("epsilon", 1e-8)
        config.setdefault("cache", np.zeros_like(w))
        print("cache", config["cache"].shape)
        config["cache"] += dw * dw
        w -= config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
        return w, config

    def rmsprop(w, dw, config=None):
        if config is None:
            config = {}
        config.setdefault("learning_rate", 1e-2)
        config.setdefault("decay_rate", 0.99)
        config.setdefault("epsilon", 1e-8)
        config.setdefault("cache", np.zeros_like(w))
        config["cache"] *= config["decay_rate"]
        config["cache"] += (1 - config["decay_rate"]) * np.square(dw)
        w -= config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
        return w, config


@variant("one helper for both caches; a mean moved by a share")
class _:
    def scaled(w, dw, config, cache):
        config["cache"] = cache
        return w - config.get("learning_rate", 0.01) / (cache**0.5 + config.get("epsilon", 1e-8)) * dw, config

    def adagrad(w, dw, config=None):
        config = {} if config is None else {**config}
        return scaled(w, dw, config, config.get("cache", 0.0) + np.power(dw, 2))

    def rmsprop(w, dw, config=None):
        config = {} if config is None else {**config}
        old = config.get("cache", np.zeros_like(w))
        return scaled(w, dw, config, old + (1 - config.get("decay_rate", 0.99)) * (dw**2 - old))


@variant("Adam as in the starter: setdefault, t first")
def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", np.zeros_like(w))
    config.setdefault("v", np.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * (dw**2)
    mt = config["m"] / (1 - config["beta1"] ** config["t"])
    vt = config["v"] / (1 - config["beta2"] ** config["t"])
    next_w = w - config["learning_rate"] * mt / (np.sqrt(vt) + config["epsilon"])
    return next_w, config


@variant("Adam in place, everything")
def adam(w, dw, config=None):
    config = {} if config is None else config
    lr, b1, b2, eps = (config.get(k, d) for k, d in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8)))
    m, v = config.get("m", np.zeros(w.shape)), config.get("v", np.zeros(w.shape))
    config["t"] = t = config.get("t", 0) + 1
    m *= b1
    m += (1 - b1) * dw
    v *= b2
    v += (1 - b2) * dw * dw
    config["m"], config["v"] = m, v
    w -= lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
    return w, config


@variant("Adam with the correction in the learning rate, epsilon scaled along")
def adam(w, dw, config=None):
    c = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": 0 * w, "v": 0 * w, "t": 0}
    c.update(config or {})
    c["t"] += 1
    c["m"] = c["m"] + (1 - c["beta1"]) * (dw - c["m"])
    c["v"] = c["v"] + (1 - c["beta2"]) * (dw * dw - c["v"])
    root = np.sqrt(1 - c["beta2"] ** c["t"])
    rate = c["learning_rate"] * root / (1 - c["beta1"] ** c["t"])
    return w - rate * c["m"] / (np.sqrt(c["v"]) + c["epsilon"] * root), c


@variant("Adam entry by entry")
def adam(w, dw, config=None):
    config = dict(config or {})
    beta1, beta2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    m, v = np.array(config.get("m", np.zeros(w.shape))), np.array(config.get("v", np.zeros(w.shape)))
    config["t"] = config.get("t", 0) + 1
    next_w = np.empty(w.shape)
    for i in np.ndindex(*w.shape):
        m[i] = beta1 * m[i] + (1 - beta1) * dw[i]
        v[i] = beta2 * v[i] + (1 - beta2) * dw[i] ** 2
        a, b = m[i] / (1 - beta1 ** config["t"]), v[i] / (1 - beta2 ** config["t"])
        next_w[i] = w[i] - config.get("learning_rate", 1e-3) * a / (b**0.5 + config.get("epsilon", 1e-8))
    config["m"], config["v"] = m, v
    return next_w, config


@variant("schedules by loops and by branches")
class _:
    def step_decay(learning_rate, t, drop=0.5, every=10):
        while t >= every:
            learning_rate *= drop
            t -= every
        return learning_rate

    def exponential_decay(learning_rate, t, k=0.1):
        return learning_rate / np.exp(k) ** t

    def inverse_time_decay(learning_rate, t, k=0.1):
        return np.divide(learning_rate, 1.0 + t * k)

    def cosine_decay(learning_rate, t, total, lowest=0.0):
        if t >= total:
            return lowest
        wave = np.cos(np.pi * t / total)
        return 0.5 * (learning_rate + lowest) + 0.5 * (learning_rate - lowest) * wave

    def warmup(learning_rate, t, steps):
        if steps == 0:
            return learning_rate
        return learning_rate * min(1, (t + 1) / steps)


@variant("schedules with arrays of one number")
class _:
    def step_decay(learning_rate, t, drop=0.5, every=10):
        return np.array(learning_rate * np.power(drop, np.floor(t / every)))

    def exponential_decay(learning_rate, t, k=0.1):
        return np.array([learning_rate * np.e ** (-k * t)])

    def inverse_time_decay(learning_rate, t, k=0.1):
        return learning_rate * (1 + k * t) ** -1

    def cosine_decay(learning_rate, t, total, lowest=0.0):
        return lowest + (learning_rate - lowest) * np.cos(np.pi / 2 * np.clip(t / total, 0, 1)) ** 2

    def warmup(learning_rate, t, steps):
        return learning_rate if t + 1 >= steps else learning_rate / steps * (t + 1)


@variant("Newton by the inverse, a column in between")
def newton_step(w, dw, H):
    return (w.reshape(-1, 1) - np.linalg.inv(H).dot(dw.reshape(-1, 1))).ravel()


@variant("Newton by least squares")
def newton_step(w, dw, H):
    step, *_ = np.linalg.lstsq(H, -dw, rcond=None)
    return w + step


@variant("two loops by index, in place")
def lbfgs_direction(dw, s_list, y_list):
    m = len(s_list)
    alpha = np.zeros(m)
    q = dw
    for i in range(m - 1, -1, -1):
        rho = 1.0 / y_list[i].dot(s_list[i])
        alpha[i] = rho * s_list[i].dot(q)
        q -= alpha[i] * y_list[i]
    gamma = 1.0
    if m > 0:
        gamma = s_list[-1].dot(y_list[-1]) / y_list[-1].dot(y_list[-1])
    r = gamma * q
    for i in range(m):
        beta = y_list[i].dot(r) / y_list[i].dot(s_list[i])
        r += s_list[i] * (alpha[i] - beta)
    return -r


@variant("L-BFGS by the matrix")
def lbfgs_direction(dw, s_list, y_list):
    n = len(dw)
    if len(s_list) == 0:
        return -dw
    B = np.eye(n) * s_list[-1].dot(y_list[-1]) / np.sum(y_list[-1] ** 2)
    for s, y in zip(s_list, y_list):
        rho = 1 / s.dot(y)
        V = np.eye(n) - rho * np.outer(y, s)
        B = V.T.dot(B).dot(V) + rho * np.outer(s, s)
    return -B.dot(dw)


@variant("L-BFGS by recursion over the pairs")
def lbfgs_direction(dw, s_list, y_list):
    def apply(q, k):
        if k == 0:
            return q * (s_list[-1] @ y_list[-1]) / (y_list[-1] @ y_list[-1]) if s_list else q
        s, y = s_list[k - 1], y_list[k - 1]
        rho = 1 / (y @ s)
        inner = apply(q - rho * (s @ q) * y, k - 1)
        return inner - rho * (y @ inner) * s + rho * (s @ q) * s

    return -apply(dw, len(s_list))


# ---------------------------------------------------------------- corrections that belong elsewhere
edit("adagrad", '+ (1 - rho) * dw**2\n    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"])', '+ (1 - rho) * dw**2\n    config["t"] = config.get("t", 0) + 1\n    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"] / (1 - rho ** config["t"]))', mistake="corrected_like_adam")
edit("adam", "v / (1 - beta2**t)", "v / (1 - beta1**t)", mistake="one_beta_for_both")
