"""Typical wrong answers and unusual right ones to the exercises of the hyperparameters notebook. Read, never run."""

import math

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- diagnose_loss_curve
edit("diagnose_loss_curve", "not np.isfinite(losses).all() or end > first", "end > first", mistake="not_finite_missed")
edit("diagnose_loss_curve", "not np.isfinite(losses).all()", "not np.isfinite(losses[-1])", mistake="not_finite_missed")
edit("diagnose_loss_curve", " or end > first", "", mistake="rise_missed")
edit("diagnose_loss_curve", "abs(first - np.log(num_classes)) > 0.1 * np.log(num_classes)", "abs(first - np.log(10)) > 0.1 * np.log(10)", mistake="start_not_compared")
edit("diagnose_loss_curve", "abs(first - np.log(num_classes)) > 0.1", "first - np.log(num_classes) > 0.1", mistake="start_not_compared")
edit("diagnose_loss_curve", "    if abs(first - np.log(num_classes)) > 0.1 * np.log(num_classes):\n        return \"bad start\"\n", "", mistake="start_not_compared")
edit("diagnose_loss_curve", "losses[-m:].mean()", "losses[-1]", mistake="last_loss_alone")
edit("diagnose_loss_curve", "losses[-m:].mean()", "losses.min()", mistake="smallest_loss_taken")
edit("diagnose_loss_curve", "    if end < 0.95 * before:\n        return \"still falling\"\n", "", mistake="still_falling_missed")
edit("diagnose_loss_curve", "max(1, len(losses) // 10)", "len(losses) // 10", mistake="short_curve")
edit("diagnose_loss_curve", 'return "settled"', "pass", mistake="returned_nothing")


@wrong("not_a_word")
def diagnose_loss_curve(losses, num_classes):
    first, end = losses[0], losses[-1]
    return abs(first - np.log(num_classes)) > 0.1 * np.log(num_classes) or not end < first


# ---------------------------------------------------------------- folds
edit("kfold_indices", "np.array_split(rng.permutation(N), k)", "np.array_split(np.arange(N), k)", mistake="not_shuffled")
edit("kfold_indices", "np.array_split(rng.permutation(N), k)", "[np.arange(N)[i::k] for i in range(k)]", mistake="not_shuffled")
edit("kfold_indices", "rng.permutation(N)", "np.random.permutation(N)", mistake="rng_ignored")
edit("kfold_indices", "rng.permutation(N)", "np.random.default_rng(0).permutation(N)", mistake="rng_ignored")
edit("kfold_indices", "np.array_split(rng.permutation(N), k)", "np.split(rng.permutation(N)[: N // k * k], k)", mistake="remainder_dropped")
edit("kfold_indices", "(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i])", "(folds[i], np.concatenate(folds[:i] + folds[i + 1 :]))", mistake="exchanged")
edit("kfold_indices", "np.concatenate(folds[:i] + folds[i + 1 :])", "np.concatenate(folds)", mistake="overlap")
edit("kfold_indices", "np.array_split(rng.permutation(N), k)", "np.array_split(rng.integers(N, size=N), k)", mistake="drawn_again")
edit("kfold_indices", "    if not 2 <= k <= N:\n        raise ValueError(f\"{N} examples cannot make {k} folds; k must be from 2 to {N}\")\n", "", mistake="not_refused")
edit("kfold_indices", "X[train].mean(axis=0), X[train].std(axis=0) + 1e-8", "X.mean(axis=0), X.std(axis=0) + 1e-8", mistake="leak")
edit("kfold_indices", "(X[val] - mean) / std", "(X[val] - X[val].mean(axis=0)) / (X[val].std(axis=0) + 1e-8)", mistake="own_statistics")
edit("kfold_indices", "(X[train] - mean) / std, y[train], (X[val] - mean) / std", "X[train], y[train], X[val]", mistake="not_standardised")
edit("kfold_indices", "(X[val] - mean) / std", "X[val]", mistake="not_standardised")
edit("kfold_indices", "X[train].mean(axis=0), X[train].std(axis=0)", "X[train].mean(), X[train].std()", mistake="one_statistic_for_all_columns")
edit("kfold_indices", "X[train].std(axis=0)", "X[train].var(axis=0)", mistake="divided_by_variance")
edit("kfold_indices", "return np.array(results)", "return np.mean(results)", mistake="mean_returned")
edit("kfold_indices", "X[train].std(axis=0) + 1e-8", "X[train].std(axis=0)", mistake="not_finite")


@wrong("uneven")
class _:
    def kfold_indices(N, k, rng):
        if k < 2 or k > N:
            raise ValueError("k")
        order, size = rng.permutation(N), N // k
        folds = []
        for i in range(k):
            end = (i + 1) * size if i < k - 1 else N
            val = order[i * size : end]
            folds.append((np.setdiff1d(order, val), val))
        return folds

    def cross_validate(evaluate, X, y, k, rng):
        results = []
        for train, val in kfold_indices(len(X), k, rng):
            mean, std = X[train].mean(0), X[train].std(0) + 1e-8
            results.append(evaluate((X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val]))
        return np.array(results)


# ---------------------------------------------------------------- grid
edit("grid", "return settings", "return settings[0]", mistake="not_a_list")
edit("grid", "[setting | {name: choice} for setting in settings for choice in choices]", "[setting | {name: choices[0]} for setting in settings]", mistake="one_at_a_time")
edit("grid", "return settings", "return [tuple(setting.values()) for setting in settings]", mistake="not_dicts")


@wrong("paired")
def grid(values):
    return [dict(zip(values, row)) for row in zip(*values.values())]


@wrong("one_dict_for_all")
def grid(values):
    import itertools

    setting, settings = {}, []
    for row in itertools.product(*values.values()):
        for name, value in zip(values, row):
            setting[name] = value
        settings.append(setting)
    return settings


@wrong("one_at_a_time")
def grid(values):
    first = {name: choices[0] for name, choices in values.items()}
    settings = [first]
    for name, choices in values.items():
        for choice in choices[1:]:
            changed = dict(first)
            changed[name] = choice
            settings.append(changed)
    return settings


# ---------------------------------------------------------------- sample_log_uniform
edit("sample_log_uniform", "np.exp(rng.uniform(np.log(low), np.log(high), size))", "rng.uniform(low, high, size)", mistake="drawn_evenly")
edit("sample_log_uniform", "np.exp(rng.uniform(np.log(low), np.log(high), size))", "10 ** rng.uniform(np.log(low), np.log(high), size)", mistake="outside")
edit("sample_log_uniform", "np.exp(rng.uniform(np.log(low), np.log(high), size))", "rng.uniform(np.log(low), np.log(high), size)", mistake="outside")
edit("sample_log_uniform", "np.exp(rng.uniform(np.log(low), np.log(high), size))", "np.exp(np.random.uniform(np.log(low), np.log(high), size))", mistake="rng_ignored")
edit("sample_log_uniform", "rng.uniform(np.log(low), np.log(high), size)", "rng.uniform(np.log(low), np.log(high))", mistake="size_ignored")
edit("sample_log_uniform", "    return np.exp(", "    x = np.exp(", mistake="returned_nothing")
edit("sample_log_uniform", "np.exp(rng.uniform(np.log(low), np.log(high), size))", "10.0 ** rng.integers(round(np.log10(low)), round(np.log10(high)) + 1, size)", mistake="few_numbers")
edit("sample_log_uniform", "rng.uniform(np.log(low), np.log(high), size)", "rng.uniform(np.log(low), np.log(high), size or 1)", mistake="array_for_one")

# ---------------------------------------------------------------- random_search
edit("random_search", "sample_log_uniform if scale == \"log\" else lambda low, high, rng: rng.uniform(low, high)", "lambda low, high, rng: rng.uniform(low, high)", mistake="scale_ignored")
edit("random_search", "    history = []\n    for _ in range(n):\n        setting = {}\n", "    history, setting = [], {}\n    for _ in range(n):\n", mistake="one_dict_for_all")
edit("random_search", "return history", "return min(history, key=lambda trial: trial[1])", mistake="not_pairs")
edit("random_search", "return history", "return [loss for _, loss in history]", mistake="not_pairs")
edit("random_search", "history.append((setting, objective(setting)))", "history.append((objective(setting), setting))", mistake="history_wrong")
edit("random_search", "return history", "return sorted(history, key=lambda trial: trial[1])", mistake="history_wrong")
edit("random_search", "range(n)", "range(n - 1)", mistake="wrong_number")
edit("random_search", "        history.append((setting, objective(setting)))", "        if objective(setting) < np.inf:\n            history.append((setting, objective(setting)))", mistake="called_twice")
edit("random_search", "float(draw(low, high, rng))", "float(draw(low, high, np.random.default_rng()))", mistake="rng_ignored")


@wrong("drawn_together")
def random_search(objective, space, n, rng):
    history = []
    for _ in range(n):
        u, setting = rng.random(), {}
        for name, (low, high, scale) in space.items():
            setting[name] = low * (high / low) ** u if scale == "log" else low + (high - low) * u
        history.append((setting, objective(setting)))
    return history


@wrong("drawn_once")
def random_search(objective, space, n, rng):
    setting, history = {}, []
    for name, (low, high, scale) in space.items():
        setting[name] = sample_log_uniform(low, high, rng) if scale == "log" else rng.uniform(low, high)
    for _ in range(n):
        history.append((setting, objective(setting)))
    return history


# ---------------------------------------------------------------- coarse_to_fine
edit("coarse_to_fine", "dict(zip(space, to_unit(setting, space)))", "{name: (setting[name] - low) / (high - low) for name, (low, high, _) in space.items()}", mistake="scale_ignored")
edit("coarse_to_fine", "return low | {name: \"high\" for name, u in places.items() if u > 1 - share}", "return low", mistake="edge_missed")
edit("coarse_to_fine", "return low | {name: \"high\" for name, u in places.items() if u > 1 - share}", "return list(low | {name: \"high\" for name, u in places.items() if u > 1 - share})", mistake="not_a_dict")
edit("coarse_to_fine", "0.5 if name in edges else factor / 2", "factor / 2", mistake="edge_ignored")
edit("coarse_to_fine", "0.5 if name in edges else factor / 2", "0.5 if name in edges else factor", mistake="factor_as_half_width")
edit("coarse_to_fine", "0.5 if name in edges else factor / 2", "0.5", mistake="never_narrower")
edit("coarse_to_fine", "centre, edges = to_unit(setting, space), at_edge(setting, space)", "centre, edges = np.full(len(space), 0.5), at_edge(setting, space)", mistake="old_centre")
edit("coarse_to_fine", "(low[name], high[name], space[name][2])", "(low[name], high[name])", mistake="scale_lost")
edit("coarse_to_fine", "(low[name], high[name], space[name][2])", "(max(low[name], space[name][0]), min(high[name], space[name][1]), space[name][2])", mistake="clipped")
edit("coarse_to_fine", "        history = history + random_search(objective, space, n, rng)", "        history = random_search(objective, space, n, rng)", mistake="last_round_only")
edit("coarse_to_fine", "best_of(history)[0]", "best_of(history[-n:])[0]", mistake="best_of_last_round")
edit("coarse_to_fine", "        space = zoom(best_of(history)[0], space)\n        history = history + random_search(objective, space, n, rng)", "        zoom(best_of(history)[0], space)\n        history = history + random_search(objective, space, n, rng)", mistake="never_zoomed")
edit("coarse_to_fine", "range(rounds - 1)", "range(rounds)", mistake="wrong_number")
edit("coarse_to_fine", "low, high = from_unit(centre - half, space), from_unit(centre + half, space)", "low, high = ({name: setting[name] + side * h * (space[name][1] - space[name][0]) for name, h in zip(space, half)} for side in (-1, 1))", mistake="scale_ignored")

# ---------------------------------------------------------------- gp_posterior
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(-squares / length**2)", mistake="two_missing")
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(-squares / (2 * length))", mistake="length_not_squared")
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(-np.sqrt(squares) / (2 * length**2))", mistake="distance_not_squared")
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(-squares / (2 * length) ** 2)", mistake="two_squared")
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(squares / (2 * length**2))", mistake="growing")
edit("gp_posterior", "np.exp(-squares / (2 * length**2))", "np.exp(-squares * length**2 / 2)", mistake="multiplied_by_length")
edit("gp_posterior", " + noise * np.eye(len(X))", "", mistake="noise_forgotten")
edit("gp_posterior", " + noise * np.eye(len(X))", " + noise", mistake="noise_everywhere")
edit("gp_posterior", "noise * np.eye", "noise**2 * np.eye", mistake="noise_squared")
edit("gp_posterior", "noise * np.eye", "np.sqrt(noise) * np.eye", mistake="root_of_noise")
edit("gp_posterior", "np.linalg.solve(K, K_new)", "(1 / K) @ K_new", mistake="inverted_entrywise")
edit("gp_posterior", "np.linalg.solve(K, K_new)", "K_new", mistake="inverse_forgotten")
edit("gp_posterior", "weights.T @ y", "weights.T @ (y - y.mean())", mistake="mean_taken_out")
edit("gp_posterior", "weights.T @ y", "y.mean() + weights.T @ (y - y.mean())", mistake="mean_of_y_assumed")
edit("gp_posterior", "np.sqrt(np.maximum(0, variance))", "np.maximum(0, variance)", mistake="variance_returned")
edit("gp_posterior", "np.sqrt(np.maximum(0, variance))", "np.sqrt(variance)", mistake="root_of_negative")
edit("gp_posterior", "np.maximum(0, variance)", "np.maximum(0, variance + noise)", mistake="noise_in_std")
edit("gp_posterior", "np.diag(kernel(X_new, X_new)) - np.sum", "1 - np.sum", mistake="prior_variance_one")
edit("gp_posterior", "np.diag(kernel(X_new, X_new)) - np.sum", "np.diag(kernel(X_new, X_new)) + np.sum", mistake="doubt_grows")
edit("gp_posterior", "np.diag(kernel(X_new, X_new)) - np.sum", "np.sum", mistake="explained_part_returned")
edit("gp_posterior", "np.sum(K_new * weights, axis=0)", "np.sum(K_new * K_new, axis=0)", mistake="inverse_forgotten")
edit("gp_posterior", "np.diag(kernel(X_new, X_new)) - np.sum(K_new * weights, axis=0)", "kernel(X_new, X_new) - K_new.T @ weights", mistake="root_of_covariance")
edit("gp_posterior", "return mean, np.sqrt(np.maximum(0, variance))", "return np.sqrt(np.maximum(0, variance)), mean", mistake="wrong_order")
edit("gp_posterior", "return mean, np.sqrt(np.maximum(0, variance))", "return mean", mistake="wrong_count")

# ---------------------------------------------------------------- expected_improvement
edit("expected_improvement", "gain = best - xi - mean", "gain = mean - best - xi", mistake="maximised")
edit("expected_improvement", "gain = best - xi - mean", "gain = best - mean", mistake="xi_forgotten")
edit("expected_improvement", "gain = best - xi - mean", "gain = best + xi - mean", mistake="xi_added")
edit("expected_improvement", "z = gain /", "z = (best - mean) /", mistake="xi_not_in_z")
edit("expected_improvement", "gain * normal_cdf(z) + std * normal_density(z)", "gain * normal_cdf(z)", mistake="second_term_missing")
edit("expected_improvement", "gain * normal_cdf(z) + std * normal_density(z)", "std * normal_density(z)", mistake="first_term_missing")
edit("expected_improvement", "gain * normal_cdf(z) + std * normal_density(z)", "normal_cdf(z)", mistake="probability_only")
edit("expected_improvement", "+ std * normal_density(z)", "+ normal_density(z)", mistake="std_forgotten")
edit("expected_improvement", "+ std * normal_density(z)", "- std * normal_density(z)", mistake="second_term_subtracted")
edit("expected_improvement", "gain * normal_cdf(z) + std * normal_density(z)", "gain * normal_density(z) + std * normal_cdf(z)", mistake="exchanged")
edit("expected_improvement", "gain / np.where(std > 0, std, 1.0)", "gain", mistake="not_divided")
edit("expected_improvement", "normal_cdf(z) +", "normal_cdf(-z) +", mistake="z_sign")
edit("expected_improvement", "gain / np.where(std > 0, std, 1.0)", "gain / np.where(std > 0, std**2, 1.0)", mistake="variance_in_z")
edit("expected_improvement", "    z = gain", "    std = np.sqrt(std)\n    z = gain", mistake="root_of_std")
edit("expected_improvement", "    z = gain", "    std = std**2\n    z = gain", mistake="variance_for_std")
edit("expected_improvement", "np.where(std > 0, ei, np.maximum(0, gain))", "np.where(std > 0, ei, 0.0)", mistake="certain_is_zero")
edit("expected_improvement", "np.where(std > 0, ei, np.maximum(0, gain))", "np.where(std > 0, ei, gain)", mistake="certain_loss_negative")
edit("expected_improvement", "    gain = best - xi - mean\n    z = gain / np.where(std > 0, std, 1.0)\n    ei = gain * normal_cdf(z) + std * normal_density(z)\n    return np.where(std > 0, ei, np.maximum(0, gain))", "    gain = best - xi - mean\n    z = gain / std\n    return gain * normal_cdf(z) + std * normal_density(z)", mistake="divided_by_zero")
edit("expected_improvement", "    return np.where(std > 0, ei, np.maximum(0, gain))", "    return -np.where(std > 0, ei, np.maximum(0, gain))", mistake="sign_flipped")

# ---------------------------------------------------------------- bayesian_search
edit("bayesian_search", "np.argmax(", "np.argmin(", mistake="smallest_taken")
edit("bayesian_search", "np.argmax(expected_improvement(mean, std, y.min()))", "np.argmin(mean)", mistake="too_greedy")
edit("bayesian_search", "np.argmax(expected_improvement(mean, std, y.min()))", "np.argmax(std)", mistake="doubt_alone")
edit("bayesian_search", "np.argmax(expected_improvement(mean, std, y.min()))", "0", mistake="losses_ignored")
edit("bayesian_search", "expected_improvement(mean, std, y.min())", "expected_improvement(-mean, std, (-y).min())", mistake="largest_loss_sought")
edit("bayesian_search", "expected_improvement(mean, std, y.min())", "expected_improvement(mean, std, y.max())", mistake="too_greedy")
edit("bayesian_search", "expected_improvement(mean, std, y.min())", "expected_improvement(mean, std, losses.min())", mistake="best_not_standardised")
edit("bayesian_search", "(losses - losses.mean()) / (losses.std() + 1e-9)", "losses", mistake="not_standardised")
edit("bayesian_search", "to_unit(setting, space) for setting", "[setting[name] for name in space] for setting", mistake="places_forgotten")
edit("bayesian_search", "random_search(objective, space, min(start, n), rng)", "random_search(objective, space, start, rng)", mistake="wrong_number")
edit("bayesian_search", "random_search(objective, space, min(start, n), rng)", "random_search(objective, space, min(4, n), rng)", mistake="start_ignored")
edit("bayesian_search", "setting = from_unit(chosen, space)", "setting = dict(zip(space, chosen.tolist()))", mistake="outside")
edit("bayesian_search", "return history", "return best_of(history)", mistake="history_wrong")


@wrong("candidates_drawn_once")
def bayesian_search(objective, space, n, rng, start=4, candidates=200):
    history = random_search(objective, space, min(n, start), rng)
    places = rng.random((candidates, len(space)))
    while len(history) < n:
        X = np.array([to_unit(setting, space) for setting, _ in history])
        y = np.array([loss for _, loss in history])
        y = (y - y.mean()) / (y.std() + 1e-9)
        mean, std = gp_posterior(X, y, places, rbf_kernel, 1e-3)
        setting = from_unit(places[np.argmax(expected_improvement(mean, std, y.min()))], space)
        history.append((setting, objective(setting)))
    return history


@wrong("rng_ignored")
def bayesian_search(objective, space, n, rng, start=4, candidates=200):
    rng = np.random.default_rng(42)
    history = random_search(objective, space, min(start, n), rng)
    while len(history) < n:
        X = np.array([to_unit(setting, space) for setting, _ in history])
        y = np.array([loss for _, loss in history])
        y = (y - y.mean()) / (y.std() + 1e-9)
        places = rng.uniform(size=(candidates, len(space)))
        mean, std = gp_posterior(X, y, places, rbf_kernel, 1e-3)
        setting = from_unit(places[expected_improvement(mean, std, min(y)).argmax()], space)
        history.append((setting, objective(setting)))
    return history


# ---------------------------------------------------------------- right answers of other kinds
@variant("diagnosis by loops over a list")
def diagnose_loss_curve(losses, num_classes):
    losses = [float(loss) for loss in losses]
    T = len(losses)
    m = T // 10 if T >= 10 else 1
    expected = math.log(num_classes)
    if not (0.9 * expected <= losses[0] <= 1.1 * expected):
        return "bad start"
    for loss in losses:
        if math.isnan(loss) or math.isinf(loss):
            return "too high"
    end = sum(losses[T - m :]) / m
    before = sum(losses[T - 2 * m : T - m]) / m
    if end > losses[0]:
        verdict = "too high"
    elif end > 0.95 * losses[0]:
        verdict = "too low"
    elif end < 0.95 * before:
        verdict = "still falling"
    else:
        verdict = "settled"
    return verdict


@variant("folds dealt like cards, lists of lists, leak-free by helper")
class _:
    def kfold_indices(N, k, rng):
        assert_k = 2 <= k <= N
        if not assert_k:
            raise ValueError("k")
        order = list(range(N))
        rng.shuffle(order)
        pairs = []
        for i in range(k):
            val = order[i::k]
            pairs.append([[j for j in order if j not in val], val])
        return pairs

    def scaled(A, mean, std):
        return (A - mean) / (1e-8 + std)

    def cross_validate(evaluate, X, y, k, rng):
        out = []
        for train, val in kfold_indices(X.shape[0], k, rng):
            m, s = np.mean(X[train], 0, keepdims=True), np.std(X[train], 0, keepdims=True)
            out.append(evaluate(scaled(X[train], m, s), y[train], scaled(X[val], m, s), y[val]))
        return out


@variant("folds by masks and random keys, train sorted")
class _:
    def kfold_indices(N, k, rng):
        if k > N or k < 2:
            raise ValueError(f"k = {k}")
        fold_of = np.argsort(rng.random(N)) % k
        return [(np.flatnonzero(fold_of != i), np.flatnonzero(fold_of == i)) for i in range(k)]

    def cross_validate(evaluate, X, y, k, rng):
        results = np.zeros(k)
        for i, (train, val) in enumerate(kfold_indices(len(X), k, rng)):
            X_train, X_val = X[train].copy(), X[val].copy()
            for c in range(X.shape[1]):
                mean, std = X_train[:, c].mean(), X_train[:, c].std()
                X_train[:, c] = (X_train[:, c] - mean) / (std + 1e-8)
                X_val[:, c] = (X_val[:, c] - mean) / (std + 1e-8)
            results[i] = evaluate(X_train, y[train], X_val, y[val])
            print("fold", i, results[i])
        return results


@variant("grid with itertools")
def grid(values):
    from itertools import product

    return [dict(zip(values.keys(), row)) for row in product(*values.values())]


@variant("grid by recursion, last name first, a tuple")
def grid(values):
    if not values:
        return ({},)
    *names, last = values
    rest = grid({name: values[name] for name in names})
    return tuple({last: choice, **setting} for choice in values[last] for setting in rest)


@variant("log-uniform by powers of ten")
def sample_log_uniform(low, high, rng, size=None):
    return 10 ** (np.log10(low) + (np.log10(high) - np.log10(low)) * rng.random(size))


@variant("log-uniform by a ratio, one by one from the top")
def sample_log_uniform(low, high, rng, size=None):
    if size is None:
        return high * (low / high) ** rng.random()
    return [high * (low / high) ** rng.random() for _ in range(size)]


@variant("all draws of random search at once, by columns")
def random_search(objective, space, n, rng):
    drawn = {}
    for name in reversed(list(space)):
        low, high, scale = space[name]
        drawn[name] = sample_log_uniform(low, high, rng, n) if scale == "log" else low + (high - low) * rng.random(n)
    settings = [{name: drawn[name][i] for name in space} for i in range(n)]
    return [(s, objective(s)) for s in settings]


@variant("random search by places from 0 to 1, lists as pairs")
def random_search(objective, space, n, rng):
    history = []
    while len(history) < n:
        u = rng.uniform(0, 1, len(space))
        setting = {}
        for (name, (low, high, scale)), place in zip(space.items(), u):
            setting[name] = math.exp(math.log(low) + place * math.log(high / low)) if scale == "log" else low + place * (high - low)
        loss = objective(setting)
        history += [[setting, loss]]
    return history


@variant("edges by cases, zoom by logarithms, rounds counted down")
class _:
    def at_edge(setting, space, share=0.05):
        found = {}
        for name, (low, high, scale) in space.items():
            value = setting[name]
            if scale == "log":
                low, high, value = np.log10(low), np.log10(high), np.log10(value)
            if value < low + share * (high - low):
                found[name] = "low"
            elif value > high - share * (high - low):
                found[name] = "high"
        return found

    def zoom(setting, space, factor=0.5):
        edges, new = at_edge(setting, space), {}
        for name in space:
            low, high, scale = space[name]
            shrink = 1.0 if name in edges else factor
            if scale == "log":
                half = (high / low) ** (shrink / 2)
                new[name] = [setting[name] / half, setting[name] * half, scale]
            else:
                half = (high - low) * shrink / 2
                new[name] = [setting[name] - half, setting[name] + half, scale]
        return new

    def coarse_to_fine(objective, space, rounds, n, rng):
        if rounds == 0:
            return []
        history, best = [], None
        while rounds > 0:
            for setting, loss in random_search(objective, space, n, rng):
                history.append((setting, loss))
                if best is None or loss < best[1]:
                    best = (setting, loss)
            space, rounds = zoom(best[0], space), rounds - 1
        return history


@variant("posterior by Cholesky factors")
class _:
    def rbf_kernel(A, B, length=0.2):
        squares = np.sum(A**2, 1)[:, None] + np.sum(B**2, 1) - 2 * A @ B.T
        return np.exp(-0.5 * np.maximum(squares, 0) / length**2)

    def gp_posterior(X, y, X_new, kernel, noise=1e-6):
        K = kernel(X, X).copy()
        K[np.diag_indices(len(X))] += noise
        L = np.linalg.cholesky(K)
        alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
        v = np.linalg.solve(L, kernel(X, X_new))
        var = kernel(X_new, X_new).diagonal() - (v**2).sum(0)
        return kernel(X_new, X).dot(alpha), np.sqrt(np.clip(var, 0, None))


@variant("posterior by the inverse, point by point, in loops")
class _:
    def rbf_kernel(A, B, length=0.2):
        out = np.zeros((A.shape[0], B.shape[0]))
        for i in range(A.shape[0]):
            for j in range(B.shape[0]):
                out[i, j] = np.exp(-(np.linalg.norm(A[i] - B[j]) ** 2) / 2 / length**2)
        return out

    def gp_posterior(X, y, X_new, kernel, noise=1e-6):
        inverse = np.linalg.inv(kernel(X, X) + np.diag([noise] * len(X)))
        means, stds = [], []
        for j in range(len(X_new)):
            x = X_new[j : j + 1]
            k = kernel(X, x)
            means.append((k.T @ inverse @ y).item())
            var = (kernel(x, x) - k.T @ inverse @ k).item()
            stds.append(var**0.5 if var > 0 else 0.0)
        return [np.array(means), np.array(stds)]


@variant("posterior from the whole covariance, y as a column")
class _:
    def rbf_kernel(A, B, length=0.2):
        difference = A[:, np.newaxis, :] - B[np.newaxis, :, :]
        return np.exp(-np.einsum("ijk,ijk->ij", difference, difference) / (2.0 * length * length))

    def gp_posterior(X, y, X_new, kernel, noise=1e-6):
        K = kernel(X, X) + noise * np.identity(X.shape[0])
        Ks, Kss = kernel(X_new, X), kernel(X_new, X_new)
        mu = (Ks @ np.linalg.solve(K, y.reshape(-1, 1))).ravel()
        cov = Kss - Ks @ np.linalg.solve(K, Ks.T)
        var = np.diag(cov).copy()
        var[var < 0] = 0
        return mu, np.sqrt(var)


@variant("expected improvement in loops")
def expected_improvement(mean, std, best, xi=0.0):
    out = np.zeros(len(mean))
    for i in range(len(mean)):
        gain = best - mean[i] - xi
        if std[i] == 0:
            out[i] = max(gain, 0)
        else:
            z = gain / std[i]
            phi = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
            out[i] = gain * 0.5 * (1 + math.erf(z / math.sqrt(2))) + std[i] * phi
    return out


@variant("expected improvement with masks, a tiny deviation in the place of none")
def expected_improvement(mean, std, best, xi=0.0):
    std = np.maximum(std, 1e-12)
    z = (best - xi - mean) / std
    return np.maximum(0, std * (z * normal_cdf(z) + normal_density(z)))


@variant("Bayesian search with losses kept apart and candidates by settings")
def bayesian_search(objective, space, n, rng, start=4, candidates=200):
    settings, losses = [], []
    for i in range(n):
        if i < start:
            setting = from_unit(rng.random(len(space)), space)
        else:
            X, y = np.array([to_unit(s, space) for s in settings]), np.array(losses)
            y = (y - np.mean(y)) / (1e-9 + np.std(y))
            tries = [from_unit(rng.random(len(space)), space) for _ in range(candidates)]
            mean, std = gp_posterior(X, y, np.array([to_unit(s, space) for s in tries]), rbf_kernel, 1e-3)
            ei = expected_improvement(mean, std, np.min(y))
            setting = tries[int(np.argmax(ei))]
        settings.append(setting)
        losses.append(float(objective(setting)))
    return list(zip(settings, losses))


@variant("Bayesian search with a list that grows in a for loop")
def bayesian_search(objective, space, n, rng, start=4, candidates=200):
    history = list(random_search(objective, space, start if start < n else n, rng))
    for _ in range(n - len(history)):
        losses = np.array([trial[1] for trial in history], dtype=float)
        places = np.stack([to_unit(trial[0], space) for trial in history])
        z = (losses - losses.mean()) / (losses.std() + 1e-9)
        cloud = rng.uniform(0.0, 1.0, (candidates, len(space)))
        mu, sigma = gp_posterior(places, z, cloud, rbf_kernel, noise=1e-3)
        order = np.argsort(-expected_improvement(mu, sigma, z.min(), 0.0))
        new = from_unit(cloud[order[0]], space)
        history.append([new, objective(new)])
    return history


# ---------------------------------------------------------------- limits, folds, scales and noise that only some data show
edit("diagnose_loss_curve", "end > 0.95 * first", "end > 0.9 * first", mistake="another_share")
edit("diagnose_loss_curve", "losses[-2 * m : -m].mean()", "losses[-2 * m :].mean()", mistake="time_before_overlaps")
edit("kfold_indices", "for train, val in kfold_indices(len(X), k, rng):", "for i in range(k):\n        train, val = kfold_indices(len(X), k, rng)[i]", mistake="folds_drawn_again")
edit("random_search", 'if scale == "log"', "if low > 0", mistake="scale_ignored")
edit("coarse_to_fine", "factor / 2 for name", "0.25 for name", mistake="factor_ignored")
edit("coarse_to_fine", "0.5 if name in edges", "1.0 if name in edges", mistake="edge_widened")
edit("coarse_to_fine", "    return {name: (low[name], high[name], space[name][2]) for name in space}", "    for name in space:\n        space[name] = (low[name], high[name], space[name][2])\n    return space", mistake="argument_changed")
edit("bayesian_search", "noise=1e-3", "noise=1e-6", mistake="noise_too_small")
edit("bayesian_search", "(candidates, len(space))", "(200, len(space))", mistake="candidates_ignored")
