"""Typical wrong answers and unusual right ones to the exercises of the data and initialisation notebook. Read, never run."""

import numpy as np

from autograder.course.answers import edit, variant, wrong

# ---------------------------------------------------------------- zero_center and the means of channels
edit("zero_center", "mean = X.mean(axis=0)", "mean = X.mean()", mistake="one_mean_for_all")
edit("zero_center", "mean = X.mean(axis=0)", "mean = X.mean(axis=1, keepdims=True)", mistake="means_of_examples")
edit("zero_center", "mean = X.mean(axis=0)", "mean = X.mean(axis=1)", mistake="shapes_do_not_fit")
edit("zero_center", "mean = X.mean(axis=0)", "mean = np.median(X, axis=0)", mistake="median_for_mean")
edit("zero_center", "return X - mean, mean", "return X + mean, mean", mistake="mean_added")
edit("zero_center", "return X - mean, mean", "return mean - X, mean", mistake="sign_flipped")
edit("zero_center", "return X - mean, mean", "return mean, X - mean", mistake="wrong_order")
edit("zero_center", "return X - mean, mean", "return X - mean", mistake="wrong_count")
edit("zero_center", "return X - mean, mean", "return (X - mean) / X.std(axis=0), mean", mistake="scaled_too")
edit("zero_center", "return X - mean, mean", "return X - mean, (X - mean).mean(axis=0)", mistake="mean_afterwards")
edit("zero_center", "return X - mean, mean", "X -= mean\n    return X, mean", mistake="fractions_into_integers")  # fails on whole numbers
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.mean(axis=(0, 1, 2))", mistake="width_for_channel")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.mean(axis=(0, 1, 3))", mistake="height_for_channel")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.mean(axis=0)", mistake="mean_image")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.mean(axis=(2, 3))", mistake="means_of_images")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.mean()", mistake="one_mean_for_all")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.sum(axis=(0, 2, 3))", mistake="summed")
edit("zero_center", "images.mean(axis=(0, 2, 3))", "images.sum(axis=(0, 2, 3)) / len(images)", mistake="divided_by_images")
edit("zero_center", "means[:, None, None]", "means[:, None]", mistake="along_height")
edit("zero_center", "images - means[:, None, None]", "images - means[:, None, None].mean()", mistake="one_mean_for_all")
edit("zero_center", "images - means[:, None, None]", "images + means[:, None, None]", mistake="mean_added")
edit("zero_center", "images - means[:, None, None]", "images - images.mean(axis=(0, 2, 3), keepdims=True)", mistake="own_statistics")
edit("zero_center", "means[:, None, None]", "means[:, None, None, None]", mistake="along_batch")

# ---------------------------------------------------------------- standardize
edit("standardize", "(X - mean) / std for", "(X - X.mean(axis=0)) / X.std(axis=0) for", mistake="own_statistics")
edit("standardize", "std = np.where(std == 0, 1, std)", "std = std + 1e-8", mistake="guard_explodes")
edit("standardize", "std = np.where(std == 0, 1, std)", "std = std + 1e-5", mistake="guard_explodes")
edit("standardize", "    std = np.where(std == 0, 1, std)\n", "", mistake="not_finite")
edit("standardize", "train.std(axis=0)", "train.var(axis=0)", mistake="root_missing")
edit("standardize", "train.std(axis=0)", "train.std(axis=0, ddof=1)", mistake="unbiased")
edit("standardize", "train.std(axis=0)", "train.std() * np.ones(train.shape[1])", mistake="one_deviation_for_all")
edit("standardize", "(X - mean) / std for", "X / std for", mistake="not_centred")
edit("standardize", "(X - mean) / std for", "(X - mean) for", mistake="not_scaled")
edit("standardize", "(X - mean) / std for", "X / std - mean for", mistake="divided_first")
edit("standardize", "(X - mean) / std for", "(mean - X) / std for", mistake="sign_flipped")
edit("standardize", "for X in (train, *others)", "for X in others", mistake="wrong_count")
edit("standardize", "train.mean(axis=0), train.std(axis=0)", "train.min(axis=0), train.max(axis=0) - train.min(axis=0)", mistake="between_limits")
edit("standardize", "tuple((X - mean) / std for X in (train, *others))", "tuple(np.where(train.std(axis=0) == 0, 0, (X - mean) / std) for X in (train, *others))", mistake="constant_dropped")


@wrong("joint_statistics")
def standardize(train, *others):
    everything = np.concatenate([train, *others])
    mean, std = everything.mean(axis=0), everything.std(axis=0)
    std[std == 0] = 1
    return tuple((X - mean) / std for X in (train, *others))


@wrong("means_of_examples")
def standardize(train, *others):
    results = []
    for X in (train, *others):
        std = X.std(axis=1, keepdims=True)
        results.append((X - X.mean(axis=1, keepdims=True)) / np.where(std == 0, 1, std))
    return tuple(results)


@wrong("constant_not_centred")
def standardize(train, *others):
    mean, std = train.mean(axis=0), train.std(axis=0)
    results = []
    for X in (train, *others):
        X = X.astype(float)
        varied = std > 0
        X[:, varied] = (X[:, varied] - mean[varied]) / std[varied]
        results.append(X)
    return tuple(results)


# ---------------------------------------------------------------- pca, project, reconstruct
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components, variances", mistake="ascending")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components, variances[::-1]", mistake="columns_not_reordered")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components[::-1], variances[::-1]", mistake="rows_reordered")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components[:, ::-1].T, variances[::-1]", mistake="components_in_rows")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return components[:, ::-1], variances[::-1]", mistake="wrong_count")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components[:, ::-1], np.sqrt(variances[::-1])", mistake="deviations_for_variances")
edit("pca", "return mean, components[:, ::-1], variances[::-1]", "return mean, components[:, ::-1], variances[::-1] / variances.sum()", mistake="shares_for_variances")
edit("pca", "centred.T @ centred / len(X)", "centred.T @ centred / (len(X) - 1)", mistake="unbiased")
edit("pca", "centred.T @ centred / len(X)", "np.cov(X, rowvar=False)", mistake="unbiased")
edit("pca", "centred.T @ centred / len(X)", "centred.T @ centred", mistake="not_divided_by_n")
edit("pca", "centred = X - mean", "centred = X", mistake="not_centred")
edit("pca", "centred = X - mean", "centred = (X - mean) / X.std(axis=0)", mistake="correlations_for_covariances")
edit("pca", "centred.T @ centred / len(X)", "centred @ centred.T / len(X)", mistake="wrong_shape")
edit("pca", "(X - mean) @ components[:, :K]", "X @ components[:, :K]", mistake="mean_not_subtracted")
edit("pca", "(X - mean) @ components[:, :K]", "(X - X.mean(axis=0)) @ components[:, :K]", mistake="own_statistics")
edit("pca", "(X - mean) @ components[:, :K]", "(X - mean) @ components[:K].T", mistake="rows_for_columns")
edit("pca", "(X - mean) @ components[:, :K]", "(X - mean) @ components[:, -K:]", mistake="last_components")
edit("pca", "(X - mean) @ components[:, :K]", "(X - mean) @ components", mistake="wrong_shape")
edit("pca", "components[:, : Z.shape[1]].T + mean", "components[:, : Z.shape[1]].T", mistake="mean_not_added")
edit("pca", "components[:, : Z.shape[1]].T + mean", "components[:, : Z.shape[1]].T - mean", mistake="mean_subtracted")
edit("pca", "components[:, : Z.shape[1]].T + mean", "components[: Z.shape[1]] + mean", mistake="rows_for_columns")
edit("pca", "components[:, : Z.shape[1]].T + mean", "components.T + mean", mistake="shapes_do_not_fit")
edit("pca", "components[:, : Z.shape[1]].T + mean", "components[:, -Z.shape[1]:].T + mean", mistake="last_components")


@wrong("singular_values", exercise="pca")
class _:
    def pca(X):
        mean = X.mean(axis=0)
        _, s, Vt = np.linalg.svd(X - mean)
        return mean, Vt.T, s

    def project(X, mean, components, K):
        return (X - mean).dot(components[:, :K])

    def reconstruct(Z, mean, components):
        return Z.dot(components[:, : Z.shape[1]].T) + mean


@wrong("components_in_rows", exercise="pca")
class _:
    def pca(X):
        mean = X.mean(axis=0)
        _, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
        return mean, Vt, s**2 / len(X)

    def project(X, mean, components, K):
        return (X - mean).dot(components[:, :K])

    def reconstruct(Z, mean, components):
        return Z.dot(components[:, : Z.shape[1]].T) + mean


# ---------------------------------------------------------------- whiten
edit("whiten", "np.sqrt(variances + eps)", "(variances + eps)", mistake="root_missing")
edit("whiten", "np.sqrt(variances + eps)", "(np.sqrt(variances) + eps)", mistake="eps_outside_root")
edit("whiten", "np.sqrt(variances + eps)", "np.sqrt(variances)", mistake="eps_ignored")
edit("whiten", "np.sqrt(variances + eps)", "np.sqrt(variances + 1e-5)", mistake="eps_ignored")
edit("whiten", " / np.sqrt(variances + eps)", "", mistake="not_divided")
edit("whiten", " / np.sqrt(variances + eps)", " * np.sqrt(variances + eps)", mistake="multiplied")
edit("whiten", "np.sqrt(variances + eps) for", "np.sqrt(variances + eps) @ components.T for", mistake="rotated_back")
edit("whiten", "project(X, mean, components, X.shape[1]) / np.sqrt(variances + eps)", "(X - mean) / np.sqrt(train.var(axis=0) + eps)", mistake="not_rotated")
edit("whiten", "for X in (train, *others)", "for X in others", mistake="wrong_count")
edit("whiten", "project(X, mean,", "project(X, 0 * mean,", mistake="not_centred")
edit("whiten", "project(X, mean,", "project(X, X.mean(axis=0),", mistake="own_mean")


@wrong("own_statistics")
def whiten(train, *others, eps=1e-5):
    results = []
    for X in (train, *others):
        centred = X - X.mean(axis=0)
        S, U = np.linalg.eigh(centred.T.dot(centred) / X.shape[0])
        results.append(centred.dot(U[:, ::-1]) / np.sqrt(np.abs(S[::-1]) + eps))
    return tuple(results)


@wrong("ascending")
def whiten(train, *others, eps=1e-5):
    mean = train.mean(axis=0)
    S, U = np.linalg.eigh((train - mean).T.dot(train - mean) / train.shape[0])
    return tuple((X - mean).dot(U) / np.sqrt(S + eps) for X in (train, *others))


@wrong("unbiased")
def whiten(train, *others, eps=1e-5):
    mean = train.mean(axis=0)
    U, S, _ = np.linalg.svd(np.cov(train.T))
    return tuple((X - mean).dot(U) / np.sqrt(S + eps) for X in (train, *others))


# ---------------------------------------------------------------- symmetry
edit("hidden_gradients", " * (1 - h**2)", "", mistake="slope_forgotten")
edit("hidden_gradients", " * (1 - h**2)", " * h * (1 - h)", mistake="slope_of_sigmoid")
edit("hidden_gradients", " * (1 - h**2)", " * (1 - h)", mistake="square_missing")
edit("hidden_gradients", " * (1 - h**2)", " * (1 - a**2)", mistake="slope_at_wrong_place")
edit("hidden_gradients", " * (1 - h**2)", " * h", mistake="multiplied_by_output")
edit("hidden_gradients", "da.sum(axis=0), h.T", "da.mean(axis=0), h.T", mistake="averaged")
edit("hidden_gradients", "da.sum(axis=0), h.T", "da.sum(axis=1), h.T", mistake="wrong_shape")
edit("hidden_gradients", "h.T @ dscores", "a.T @ dscores", mistake="activation_skipped")
edit("hidden_gradients", "h.T @ dscores", "dscores.T @ h", mistake="transposed")
edit("hidden_gradients", "return X.T @ da, da.sum(axis=0), h.T @ dscores", "return X.T @ da / len(X), da.sum(axis=0) / len(X), h.T @ dscores / len(X)", mistake="averaged")
edit("hidden_gradients", "return X.T @ da, da.sum(axis=0), h.T @ dscores", "return X.T @ da, h.T @ dscores", mistake="wrong_count")
edit("hidden_gradients", "return X.T @ da, da.sum(axis=0), h.T @ dscores", "return X.T @ da, h.T @ dscores, da.sum(axis=0)", mistake="wrong_order")
edit("hidden_gradients", "np.vstack([W1, b1, W2.T])", "np.vstack([W1, b1])", mistake="outgoing_ignored")
edit("hidden_gradients", "np.vstack([W1, b1, W2.T])", "np.vstack([W1, W2.T])", mistake="bias_ignored")
edit("hidden_gradients", "np.vstack([W1, b1, W2.T])", "W1", mistake="incoming_alone")
edit("hidden_gradients", "np.vstack([W1, b1, W2.T]).T", "W1", mistake="rows_for_units")
edit("hidden_gradients", "np.abs(unit - kind).max() <= 1e-9", "np.array_equal(unit, kind)", mistake="rounding_counted")
edit("hidden_gradients", "np.abs(unit - kind).max() <= 1e-9", "np.allclose(unit, kind)", mistake="near_units_merged")
edit("hidden_gradients", "return len(kinds)", "return len(b1) - len(kinds)", mistake="repetitions_counted")

# ---------------------------------------------------------------- initialize
edit("initialize", "np.sqrt(2 / fan_in)", "2 / fan_in", mistake="variance_for_deviation")
edit("initialize", "np.sqrt(1 / fan_in)", "1 / fan_in", mistake="variance_for_deviation")
edit("initialize", "np.sqrt(2 / fan_in)", "np.sqrt(2 / fan_out)", mistake="fan_out_for_fan_in")
edit("initialize", "np.sqrt(1 / fan_in)", "np.sqrt(1 / fan_out)", mistake="fan_out_for_fan_in")
edit("initialize", "np.sqrt(2 / fan_in)", "np.sqrt(1 / fan_in)", mistake="factor_two_missing")
edit("initialize", "np.sqrt(2 / fan_in)", "2 / np.sqrt(fan_in)", mistake="factor_two_outside")
edit("initialize", "np.sqrt(1 / fan_in)", "np.sqrt(2 / fan_in)", mistake="factor_two_added")
edit("initialize", "np.sqrt(1 / fan_in)", "np.sqrt(2 / (fan_in + fan_out))", mistake="both_fans")
edit("initialize", "np.sqrt(2 / fan_in)", "np.sqrt(2 * fan_in)", mistake="multiplied_by_fan_in")
edit("initialize", "size=(fan_in, fan_out)", "size=(fan_out, fan_in)", mistake="shape_exchanged")
edit("initialize", "rng.normal(", "np.random.normal(", mistake="rng_ignored")
edit("initialize", "rng.normal(", "np.random.default_rng(0).normal(", mistake="rng_ignored")
edit("initialize", "rng.normal(size=(fan_in, fan_out))", "rng.uniform(-1, 1, size=(fan_in, fan_out))", mistake="not_normal")
edit("initialize", "rng.normal(size=(fan_in, fan_out))", "rng.uniform(-(3**0.5), 3**0.5, size=(fan_in, fan_out))", mistake="not_normal")
edit("initialize", "rng.normal(size=(fan_in, fan_out))", "rng.random((fan_in, fan_out))", mistake="not_normal")
edit("initialize", "    if scheme not in stds:\n        raise ValueError(f\"unknown scheme {scheme!r}: choose one of {', '.join(stds)}\")\n    return stds[scheme]", "    return stds[scheme]", mistake="key_missing")

# ---------------------------------------------------------------- activation_statistics
edit("activation_statistics", "h.std()", "h.var()", mistake="variance_for_deviation")
edit("activation_statistics", "h.std()", "np.sqrt(np.mean(h**2))", mistake="size_for_deviation")
edit("activation_statistics", "h.std()", "h.std(axis=0).mean()", mistake="deviation_of_units")
edit("activation_statistics", "h.mean()", "np.abs(h).mean()", mistake="size_for_mean")
edit("activation_statistics", "return np.array(means), np.array(stds)", "return np.array(stds), np.array(means)", mistake="wrong_order")
edit("activation_statistics", "return np.array(means), np.array(stds)", "return h.mean(), h.std()", mistake="wrong_shape")
edit("activation_statistics", "    rng = np.random.default_rng(seed)", "    rng = np.random.default_rng(0)", mistake="seed_ignored")
edit("activation_statistics", "size=(N, width)", "size=(200, width)", mistake="batch_size_ignored")
edit("activation_statistics", "for _ in range(depth)", "for _ in range(depth - 1)", mistake="wrong_shape")
edit("activation_statistics", "rng.normal(size=(N, width))", "rng.random((N, width))", mistake="inputs_not_normal")
edit("activation_statistics", "h @ initialize(scheme, width, width, rng)", "h @ initialize(scheme, width, width, np.random.default_rng(seed))", mistake="weights_reused")
edit("activation_statistics", "h @ initialize(scheme, width, width, rng)", "h @ initialize('xavier', width, width, rng)", mistake="scheme_ignored")


@wrong("before_nonlinearity")
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((N, width))
    means, stds = np.zeros(depth), np.zeros(depth)
    for i in range(depth):
        a = h.dot(initialize(scheme, width, width, rng))
        means[i], stds[i] = a.mean(), a.std()
        h = nonlinearity(a)
    return means, stds


@wrong("layers_not_chained")
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, width))
    means, stds = [], []
    for _ in range(depth):
        h = nonlinearity(x.dot(initialize(scheme, width, width, rng)))
        means.append(h.mean())
        stds.append(h.std())
    return np.array(means), np.array(stds)


# ---------------------------------------------------------------- gain
edit("gain", "1 / np.sqrt(np.average(", "(np.average(", mistake="moment_itself")
edit("gain", "1 / np.sqrt(np.average(", "1 / (np.average(", mistake="root_missing")
edit("gain", "1 / np.sqrt(np.average(", "np.sqrt(np.average(", mistake="not_inverted")
edit("gain", "nonlinearity(z) ** 2", "np.abs(nonlinearity(z))", mistake="square_missing")
edit("gain", "np.exp(-(z**2) / 2)", "np.exp(-(z**2))", mistake="density_too_narrow")
edit("gain", "np.linspace(-8, 8, 2001)", "np.linspace(0, 8, 2001)", mistake="half_of_the_line")


@wrong("mean_subtracted")
def gain(nonlinearity):
    z = np.random.default_rng(0).normal(size=200_000)
    return 1 / nonlinearity(z).std()


@wrong("square_missing")
def gain(nonlinearity):
    z = np.random.default_rng(0).normal(size=200_000)
    return 1 / np.abs(nonlinearity(z)).mean()


# ================================================================ right answers, written otherwise
@variant("means by sums, subtracted in place of a copy; channels by loops")
class _:
    def zero_center(X):
        centred = X.astype(float)
        mean = np.sum(X, axis=0) / X.shape[0]
        centred -= mean
        return [centred, mean]

    def per_channel_mean(images):
        return np.array([images[:, c].mean() for c in range(images.shape[1])])

    def subtract_channel_means(images, means):
        out = np.zeros(images.shape)
        for c in range(images.shape[1]):
            out[:, c] = images[:, c] - means[c]
        return out


@variant("size-1 axes kept; channels moved to the back and again to the front")
class _:
    def zero_center(X):
        mean = np.mean(X, axis=0, keepdims=True)
        return X - mean, mean

    def per_channel_mean(images):
        return images.mean(axis=(0, 2, 3), keepdims=True)

    def subtract_channel_means(images, means):
        return np.moveaxis(np.moveaxis(images, 1, -1) - np.squeeze(means), -1, 1) if len(means) > 1 else images - means[0]


@variant("standardize by a loop over features, printing, a list as result")
def standardize(train, *others):
    results = [np.array(X, dtype=float) for X in (train, *others)]
    print("standardising", len(results), "arrays")
    for d in range(train.shape[1]):
        column = train[:, d].astype(float)
        mean, std = column.mean(), np.sqrt(np.mean((column - column.mean()) ** 2))
        for X in results:
            X[:, d] -= mean
            if std > 0:
                X[:, d] /= std
    return results


@variant("standardize through zero_center and a helper; the bare array where there is one")
class _:
    def nowhere_zero(std):
        std = std.copy()
        std[std < 1e-12] = 1.0
        return std

    def standardize(train, *others):
        centred, mean = zero_center(train)
        std = nowhere_zero(np.sqrt((centred**2).mean(axis=0)))
        if not others:
            return centred / std
        return (centred / std, *[(X - mean) / std for X in others])


@variant("components by the singular value decomposition")
class _:
    def pca(X):
        mean = X.mean(0)
        _, s, Vt = np.linalg.svd(X - mean, full_matrices=False)
        return mean, Vt.T, s**2 / X.shape[0]

    def project(X, mean, components, K):
        return np.einsum("nd,dk->nk", X - mean, components[:, :K])

    def reconstruct(Z, mean, components):
        X = np.tile(mean, (len(Z), 1))
        for k in range(Z.shape[1]):
            X = X + np.outer(Z[:, k], components[:, k])
        return X


@variant("components by eig and argsort, signs turned round")
class _:
    def pca(X):
        mean = np.mean(X, axis=0)
        variances, components = np.linalg.eig(np.cov(X.T, bias=True))
        order = np.argsort(-variances)
        return [mean, -components[:, order], variances[order]]

    def project(X, mean, components, K):
        return np.dot(X - mean, components)[:, :K]

    def reconstruct(Z, mean, components):
        padded = np.zeros((Z.shape[0], components.shape[0]))
        padded[:, : Z.shape[1]] = Z
        return padded.dot(components.T) + mean


@variant("whiten without pca, by the singular value decomposition of the covariance")
def whiten(train, *others, eps=1e-5):
    mean = train.mean(axis=0)
    covariance = (train - mean).T.dot(train - mean) / train.shape[0]
    U, S, _ = np.linalg.svd(covariance)
    return [(X - mean).dot(U) / np.sqrt(S + eps) for X in (train, *others)]


@variant("whiten by one matrix")
def whiten(train, *others, eps=1e-5):
    mean, components, variances = pca(train)
    matrix = components @ np.diag((variances + eps) ** -0.5)
    whitened = [np.dot(train - mean, matrix)]
    for X in others:
        whitened.append(np.dot(X - mean, matrix))
    return tuple(whitened)


@variant("gradients by loops over examples, units counted with a set")
class _:
    def hidden_gradients(X, dscores, W1, b1, W2):
        dW1, db1, dW2 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2)
        for x, d in zip(X, dscores):
            h = np.tanh(x @ W1 + b1)
            da = (W2 @ d) * (1 - h * h)
            dW1 += np.outer(x, da)
            db1 += da
            dW2 += np.outer(h, d)
        return dW1, db1, dW2

    def distinct_units(W1, b1, W2):
        return len({tuple(np.round(np.concatenate([W1[:, j], [b1[j]], W2[j]]), 8) + 0.0) for j in range(len(b1))})


@variant("gradients by cosh, units by np.unique; db1 keeps its row axis")
class _:
    def hidden_gradients(X, dscores, W1, b1, W2):
        a = X.dot(W1) + b1
        da = dscores.dot(W2.T) / np.cosh(a) ** 2
        return [np.einsum("nd,nh->dh", X, da), da.sum(axis=0, keepdims=True), np.tanh(a).T.dot(dscores)]

    def distinct_units(W1, b1, W2):
        units = np.column_stack([W1.T, b1, W2])
        return np.unique(units.round(7), axis=0).shape[0]


@variant("weights by if and elif, drawn with their standard deviation")
def initialize(scheme, fan_in, fan_out, rng):
    if scheme == "zeros":
        return np.zeros((fan_in, fan_out))
    elif scheme == "small":
        std = 0.01
    elif scheme == "large":
        std = 1
    elif scheme == "xavier":
        std = 1 / np.sqrt(fan_in)
    elif scheme == "he":
        std = (2 / fan_in) ** 0.5
    else:
        raise ValueError("no such scheme: " + scheme)
    return rng.normal(0, std, (fan_in, fan_out))


@variant("weights by standard_normal, divided; an exception of a kind of ValueError")
class _:
    class UnknownScheme(ValueError):
        pass

    def initialize(scheme, fan_in, fan_out, rng):
        W = rng.standard_normal((fan_in, fan_out))
        match scheme:
            case "zeros":
                return 0 * W
            case "small":
                return W / 100
            case "large":
                return W
            case "xavier":
                return W / np.sqrt(fan_in)
            case "he":
                return W / np.sqrt(fan_in / 2)
        raise UnknownScheme(scheme)


@variant("statistics kept in arrays, weights drawn first")
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((N, width))
    weights = [initialize(scheme, width, width, rng) for _ in range(depth)]
    means, stds = np.zeros(depth), np.zeros(depth)
    for layer, W in enumerate(weights):
        h = nonlinearity(np.dot(h, W))
        means[layer] = np.mean(h)
        stds[layer] = np.sqrt(np.mean((h - means[layer]) ** 2))
    return means, stds


@variant("statistics as lists, every layer kept")
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    rng = np.random.default_rng(seed)
    layers = [rng.normal(0.0, 1.0, (N, width))]
    while len(layers) <= depth:
        layers.append(nonlinearity(layers[-1] @ initialize(scheme, width, width, rng)))
    return [float(np.mean(h)) for h in layers[1:]], [float(np.std(h)) for h in layers[1:]]


@variant("the gain from random numbers")
def gain(nonlinearity):
    z = np.random.default_rng(1).standard_normal(300_000)
    return 1 / np.sqrt(np.mean(nonlinearity(z) ** 2))


@variant("the gain from an integral, with the density's own factor")
def gain(nonlinearity):
    step = 0.01
    z = np.arange(-6, 6, step)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return float(1 / np.sqrt(np.sum(nonlinearity(z) ** 2 * density) * step))


# ---------------------------------------------------------------- small spreads, and two rows for two results
edit("standardize", "std = np.where(std == 0, 1, std)", "std = np.where(std < 0.1, 1, std)", mistake="small_spread_kept")


@variant("activation statistics handed back as one array of two rows")
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    rng = np.random.default_rng(seed)
    h, statistics = rng.standard_normal((N, width)), []
    for _ in range(depth):
        h = nonlinearity(h @ initialize(scheme, width, width, rng))
        statistics.append([h.mean(), h.std()])
    return np.transpose(statistics)
