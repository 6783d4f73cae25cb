from autograder.course.answers import edit, variant, wrong

# -- batch normalisation, forward

edit("batchnorm_forward", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)", mistake="eps_outside_root")
edit("batchnorm_forward", "np.sqrt(var + eps)", "np.sqrt(var)", mistake="eps_missing")
edit("batchnorm_forward", 'bn_param.get("eps", 1e-5)', "1e-5", mistake="eps_missing")
edit("batchnorm_forward", "np.sqrt(var + eps)", "var + eps", mistake="variance_for_deviation")
edit("batchnorm_forward", "x.var(axis=0)", "x.var(axis=0, ddof=1)", mistake="variance_divided_by_one_less")
edit("batchnorm_forward", "gamma * x_hat + beta, (x_hat", "x_hat + beta, (x_hat", mistake="gamma_forgotten")
edit("batchnorm_forward", "gamma * x_hat + beta, (x_hat", "gamma * x_hat, (x_hat", mistake="beta_forgotten")
edit("batchnorm_forward", "gamma * x_hat + beta, (x_hat", "x_hat, (x_hat", mistake="gamma_and_beta_forgotten")
edit("batchnorm_forward", "gamma * x_hat + beta, (x_hat", "beta * x_hat + gamma, (x_hat", mistake="gamma_and_beta_exchanged")
edit("batchnorm_forward", "centred, std = x - mean", "centred, std = x", mistake="mean_not_subtracted")
edit("batchnorm_forward", "centred, std = x - mean, np.sqrt(var + eps)", 'centred, std = x - bn_param["running_mean"], np.sqrt(bn_param["running_var"] + eps)', mistake="running_averages_in_training")
edit("batchnorm_forward", "return gamma * x_hat + beta, (x_hat, centred, std, gamma)", "return gamma * x_hat + beta", mistake="no_cache")
edit("batchnorm_forward", "momentum * running_mean + (1 - momentum) * mean", "(1 - momentum) * running_mean + momentum * mean", mistake="momentum_exchanged")
edit("batchnorm_forward", "momentum * running_var + (1 - momentum) * var", "(1 - momentum) * running_var + momentum * var", mistake="momentum_exchanged")
edit("batchnorm_forward", "(1 - momentum) * var", "(1 - momentum) * np.sqrt(var)", mistake="deviation_kept")
edit("batchnorm_forward", "(1 - momentum) * var", "(1 - momentum) * x.var(axis=0, ddof=1)", mistake="variance_divided_by_one_less")
edit("batchnorm_forward", "(1 - momentum) * var", "(1 - momentum) * (var + eps)", mistake="eps_in_running_variance")
edit("batchnorm_forward", 'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean', 'bn_param["running_mean"] = mean', mistake="running_replaced")
edit("batchnorm_forward", 'bn_param["running_mean"] = ', "running_mean = ", mistake="running_not_stored")
edit("batchnorm_forward", 'bn_param.get("running_var", np.zeros(x.shape[1]))', 'bn_param.get("running_var", np.ones(x.shape[1]))', mistake="running_started_elsewhere")
edit("batchnorm_forward", 'bn_param.get("momentum", 0.9)', "0.9", mistake="momentum_fixed")
edit("batchnorm_forward", "x.mean(axis=0), x.var(axis=0)", "x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)", mistake="wrong_axis")
edit("batchnorm_forward", "np.sqrt(running_var + eps)", "(np.sqrt(running_var) + eps)", mistake="eps_outside_root")
edit("batchnorm_forward", "np.sqrt(running_var + eps)", "np.sqrt(running_var)", mistake="eps_missing")
edit("batchnorm_forward", "return gamma * x_hat + beta, None", "return x_hat, None", mistake="gamma_and_beta_forgotten")
edit("batchnorm_forward", "(x - running_mean) / np.sqrt(running_var + eps)", "(x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)", mistake="batch_statistics_in_testing")
edit("batchnorm_forward", "x.mean(axis=0), x.var(axis=0)", "x.mean(), x.var()", mistake="one_mean_for_all")
edit("batchnorm_forward", 'bn_param.get("running_mean", np.zeros(x.shape[1]))', 'bn_param["running_mean"] if bn_param["mode"] == "test" else bn_param.get("running_mean", np.zeros(x.shape[1]))', mistake="key_missing")
edit("batchnorm_forward", 'bn_param.get("running_mean", np.zeros(x.shape[1]))', 'bn_param.get("running_mean", np.zeros(x.shape[1]) if bn_param["mode"] == "test" else x.mean(axis=0))', mistake="running_replaced")


@wrong("running_moved_in_testing")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    mean, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, (x_hat, x - mean, np.sqrt(var + eps), gamma)


@wrong("unbound_variable")
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        x_hat = (x - mean) / np.sqrt(var + eps)
    else:
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    out = gamma * x_hat + beta
    return out, (x_hat, x - mean, np.sqrt(var + eps), gamma)


@wrong("running_not_stored")
def batchnorm_forward(x, gamma, beta, bn_param):
    D = x.shape[1]
    running_mean = bn_param.setdefault("running_mean", np.zeros(D))
    running_var = bn_param.setdefault("running_var", np.zeros(D))
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    if bn_param["mode"] == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    mean, var = x.mean(axis=0), x.var(axis=0)
    running_mean = momentum * running_mean + (1 - momentum) * mean
    running_var = momentum * running_var + (1 - momentum) * var
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta, (x_hat, x - mean, np.sqrt(var + eps), gamma)


# -- batch normalisation, backward, node by node

edit("batchnorm_backward", "    dcentred += 2 * centred / N * dvar\n", "", mistake="variance_path_dropped")
edit("batchnorm_backward", "dx = dcentred + dmean / N", "dx = dcentred", mistake="mean_path_dropped")
edit("batchnorm_backward", "dcentred += 2 * centred / N * dvar\n    dmean = -np.sum(dcentred, axis=0)\n    dx = dcentred + dmean / N", "dx = dcentred", mistake="statistics_taken_as_constants")
edit("batchnorm_backward", "dx_hat = dout * gamma", "dx_hat = dout", mistake="gamma_forgotten")
edit("batchnorm_backward", "dx = dcentred + dmean / N", "dx = dcentred + dmean", mistake="not_averaged")
edit("batchnorm_backward", "2 * centred / N * dvar", "2 * centred * dvar", mistake="not_averaged")
edit("batchnorm_backward", "2 * centred / N * dvar", "centred / N * dvar", mistake="factor_of_two")
edit("batchnorm_backward", "dvar = dstd / (2 * std)", "dvar = dstd / std", mistake="factor_of_two")
edit("batchnorm_backward", "dstd = -np.sum", "dstd = np.sum", mistake="sign_of_variance_path")
edit("batchnorm_backward", "dmean = -np.sum", "dmean = np.sum", mistake="sign_of_mean_path")
edit("batchnorm_backward", "/ std**2", "/ std", mistake="power_of_deviation")
edit("batchnorm_backward", "/ std**2", "/ std**3", mistake="power_of_deviation")
edit("batchnorm_backward", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.sum(dout * centred, axis=0)", mistake="deviation_forgotten")
edit("batchnorm_backward", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.sum(dout, axis=0)", mistake="wrong_order")
edit("batchnorm_backward", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.mean(dout * x_hat, axis=0)", mistake="averaged_not_summed")
edit("batchnorm_backward", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = dout * x_hat", mistake="wrong_shape")
edit("batchnorm_backward", "dbeta = np.sum(dout, axis=0)", "dbeta = np.mean(dout, axis=0)", mistake="averaged_not_summed")
edit("batchnorm_backward", "dbeta = np.sum(dout, axis=0)", "dbeta = np.sum(dout, axis=1)", mistake="wrong_axis")
edit("batchnorm_backward", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma", mistake="wrong_order")
edit("batchnorm_backward", "return dx, dgamma, dbeta", "return dx", mistake="wrong_count")
edit("batchnorm_backward", "return dx, dgamma, dbeta", "return dx / N, dgamma, dbeta", mistake="averaged_not_summed")


@wrong("input_for_normalised", exercise="batchnorm_backward")
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        D = x.shape[1]
        running_mean, running_var = bn_param.get("running_mean", np.zeros(D)), bn_param.get("running_var", np.zeros(D))
        if bn_param["mode"] == "test":
            return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, mean, var, eps, gamma)

    def batchnorm_backward(dout, cache):
        x, mean, var, eps, gamma = cache
        std = np.sqrt(var + eps)
        x_hat = (x - mean) / std
        dx_hat = dout * gamma
        dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * np.mean(dx_hat * x_hat, axis=0)) / std
        return dx, np.sum(dout * x, axis=0), np.sum(dout, axis=0)


@wrong("eps_of_backward", exercise="batchnorm_backward")
def batchnorm_backward(dout, cache):
    x_hat, centred, std, gamma = cache
    N, D = dout.shape
    var = np.mean(centred**2, axis=0)
    std = np.sqrt(var + 1e-5)
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * x_hat, axis=0)
    x_hat = centred / std
    dx_hat = dout * gamma
    dvar = np.sum(dx_hat * centred, axis=0) * -0.5 * std**-3
    dmean = -np.sum(dx_hat / std, axis=0)
    return dx_hat / std + dvar * 2 * centred / N + dmean / N, dgamma, dbeta


@wrong("numeric_differentiation", exercise="batchnorm_backward")
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        D = x.shape[1]
        running_mean, running_var = bn_param.get("running_mean", np.zeros(D)), bn_param.get("running_var", np.zeros(D))
        if bn_param["mode"] == "test":
            return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x, gamma, beta, {"mode": "train", "eps": eps})

    def batchnorm_backward(dout, cache):
        found = []
        for i in range(3):
            arrays = [array.copy() for array in cache[:3]]
            gradient = np.zeros(arrays[i].shape)
            for k in np.ndindex(*gradient.shape):
                values = []
                for h in (1e-5, -1e-5):
                    arrays[i][k] += h
                    values.append(np.sum(dout * batchnorm_forward(*arrays, dict(cache[3]))[0]))
                    arrays[i][k] = cache[i][k]
                gradient[k] = (values[0] - values[1]) / 2e-5
            found.append(gradient)
        return tuple(found)


# -- batch normalisation, backward, one formula

edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "dbeta / len(dout)", mistake="variance_path_dropped")
edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "x_hat * dgamma / len(dout)", mistake="mean_path_dropped")
edit("batchnorm_backward_alt", "(dout - (dbeta + x_hat * dgamma) / len(dout))", "dout", mistake="statistics_taken_as_constants")
edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "(dbeta + x_hat * dgamma)", mistake="not_averaged")
edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "dbeta / len(dout) - x_hat * dgamma", mistake="not_averaged")
edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "(dbeta - x_hat * dgamma) / len(dout)", mistake="sign_of_variance_path")
edit("batchnorm_backward_alt", "(dbeta + x_hat * dgamma) / len(dout)", "(x_hat * dgamma - dbeta) / len(dout)", mistake="sign_of_mean_path")
edit("batchnorm_backward_alt", "dx = gamma / std", "dx = 1 / std", mistake="gamma_forgotten")
edit("batchnorm_backward_alt", "dx = gamma / std", "dx = gamma", mistake="deviation_forgotten")
edit("batchnorm_backward_alt", "dx = gamma / std", "dx = gamma / std**2", mistake="power_of_deviation")
edit("batchnorm_backward_alt", "/ len(dout))", "/ dout.size)", mistake="averaged_over_everything")
edit("batchnorm_backward_alt", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.sum(dout * x_hat * gamma, axis=0)", mistake="gamma_in_dgamma")
edit("batchnorm_backward_alt", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma", mistake="wrong_order")
edit("batchnorm_backward_alt", "return dx, dgamma, dbeta", "return dx * len(dout), dgamma, dbeta", mistake="summed_not_averaged")


@wrong("power_of_deviation")
def batchnorm_backward_alt(dout, cache):
    x_hat, centred, std, gamma = cache
    N = len(dout)
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = dout.sum(axis=0)
    dx = gamma / (N * std) * (N * dout - dbeta - centred * dgamma)
    return dx, dgamma, dbeta


@wrong("too_slow")
def batchnorm_backward_alt(dout, cache):
    x_hat, centred, std, gamma = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        for i in range(N):
            dgamma[d] += dout[i, d] * x_hat[i, d]
            dbeta[d] += dout[i, d]
        for i in range(N):
            dx[i, d] = gamma[d] / std[d] * (dout[i, d] - dbeta[d] / N - x_hat[i, d] * dgamma[d] / N)
    return dx, dgamma, dbeta


# -- spatial batch normalisation

edit("spatial_batchnorm_forward", "x.transpose(0, 2, 3, 1).reshape(-1, C)", "x.reshape(-1, C)", mistake="axes_not_turned")
edit("spatial_batchnorm_forward", "out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache", "out.reshape(N, C, H, W), cache", mistake="axes_not_turned")
edit("spatial_batchnorm_forward", "batchnorm_forward(rows, gamma, beta, bn_param)", "batchnorm_forward(rows, gamma, beta, dict(bn_param))", mistake="running_not_stored")
edit("spatial_batchnorm_forward", "return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache", "return out, cache", mistake="wrong_shape")
edit("spatial_batchnorm_forward", "dout.transpose(0, 2, 3, 1).reshape(-1, C)", "dout.reshape(-1, C)", mistake="axes_not_turned")
edit("spatial_batchnorm_forward", "dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)", "dx.reshape(N, C, H, W)", mistake="axes_not_turned")
edit("spatial_batchnorm_forward", "dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)", "dx", mistake="wrong_shape")
edit("spatial_batchnorm_forward", ", dgamma, dbeta\n", ", dgamma / N, dbeta / N\n", mistake="averaged_twice")
edit("spatial_batchnorm_forward", ", dgamma, dbeta\n", ", dgamma / (N * H * W), dbeta\n", mistake="averaged_not_summed")
edit("spatial_batchnorm_forward", ", dgamma, dbeta\n", ", dbeta, dgamma\n", mistake="wrong_order")


@wrong("axes_not_turned", exercise="spatial_batchnorm_forward")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        out, cache = batchnorm_forward(x.reshape(-1, x.shape[1]), gamma, beta, bn_param)
        return out.reshape(x.shape), cache

    def spatial_batchnorm_backward(dout, cache):
        dx, dgamma, dbeta = batchnorm_backward(dout.reshape(-1, dout.shape[1]), cache)
        return dx.reshape(dout.shape), dgamma, dbeta


@wrong("places_or_examples_left_out", exercise="spatial_batchnorm_forward")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        C, broad = x.shape[1], (1, -1, 1, 1)
        r_mean, r_var = bn_param.get("running_mean", np.zeros(C)), bn_param.get("running_var", np.zeros(C))
        if bn_param["mode"] == "test":
            x_hat = (x - r_mean.reshape(broad)) / np.sqrt(r_var.reshape(broad) + eps)
            return gamma.reshape(broad) * x_hat + beta.reshape(broad), None
        mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"], bn_param["running_var"] = m * r_mean + (1 - m) * mean, m * r_var + (1 - m) * var
        std = np.sqrt(x.var(axis=0) + eps)
        x_hat = (x - x.mean(axis=0)) / std
        return gamma.reshape(broad) * x_hat + beta.reshape(broad), (x_hat, std, gamma)

    def spatial_batchnorm_backward(dout, cache):
        x_hat, std, gamma = cache
        d = dout * gamma.reshape(1, -1, 1, 1)
        dx = (d - d.mean(axis=0) - x_hat * np.mean(d * x_hat, axis=0)) / std
        return dx, np.sum(dout * x_hat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))


@wrong("batch_size_for_count", exercise="spatial_batchnorm_forward")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
        return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache

    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        x_hat, _, std, gamma = cache
        d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
        dgamma, dbeta = np.sum(d * x_hat, axis=0), np.sum(d, axis=0)
        dx = gamma / std * (d - dbeta / N - x_hat * dgamma / N)
        return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


@wrong("statistics_taken_as_constants", exercise="spatial_batchnorm_forward")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        out, cache = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, C), gamma, beta, bn_param)
        return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache

    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        x_hat, _, std, gamma = cache
        d = dout.transpose(0, 2, 3, 1).reshape(-1, C)
        dx = (d * gamma / std).reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return dx, np.sum(d * x_hat, axis=0), np.sum(d, axis=0)


# -- layer normalisation

edit("layernorm_forward", 'np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))', 'np.sqrt(x.var(axis=1, keepdims=True)) + ln_param.get("eps", 1e-5)', mistake="eps_outside_root")
edit("layernorm_forward", 'x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5)', "x.var(axis=1, keepdims=True) + 1e-5", mistake="eps_missing")
edit("layernorm_forward", "x.var(axis=1, keepdims=True)", "x.var(axis=1, keepdims=True, ddof=1)", mistake="variance_divided_by_one_less")
edit("layernorm_forward", "return gamma * x_hat + beta, (x_hat", "return x_hat, (x_hat", mistake="gamma_and_beta_forgotten")
edit("layernorm_forward", "return gamma * x_hat + beta, (x_hat, std, gamma)", "return gamma * x_hat + beta", mistake="no_cache")
edit("layernorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - shift) / std", mistake="variance_path_dropped")
edit("layernorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - scale * x_hat) / std", mistake="mean_path_dropped")
edit("layernorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = dx_hat / std", mistake="statistics_taken_as_constants")
edit("layernorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - shift + scale * x_hat) / std", mistake="sign_of_variance_path")
edit("layernorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - shift - scale * x_hat) / std**2", mistake="power_of_deviation")
edit("layernorm_forward", "dx_hat = dout * gamma", "dx_hat = dout", mistake="gamma_forgotten")
edit("layernorm_forward", "dx_hat = dout * gamma\n", "dx_hat = dout\n    std = std / gamma\n", mistake="gamma_taken_out_of_the_mean")
edit("layernorm_forward", "dx_hat.mean(axis=1, keepdims=True)", "dx_hat.sum(axis=1, keepdims=True)", mistake="not_averaged")
edit("layernorm_forward", "    dx = (dx_hat - shift - scale * x_hat) / std", "    shift, scale = dx_hat.mean(axis=0), np.mean(dx_hat * x_hat, axis=0)\n    dx = (dx_hat - shift - scale * x_hat) / std", mistake="wrong_axis")
edit("layernorm_forward", "np.sum(dout * x_hat, axis=0)", "np.mean(dout * x_hat, axis=0)", mistake="averaged_not_summed")
edit("layernorm_forward", "dgamma = np.sum(dout * x_hat, axis=0)", "dgamma = np.sum(dout * x_hat, axis=1)", mistake="wrong_axis")
edit("layernorm_forward", "return dx, dgamma, dbeta", "return dx, dbeta, dgamma", mistake="wrong_order")


@wrong("batch_size_for_count", exercise="layernorm_forward")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        mean, std = x.mean(axis=1), np.sqrt(x.var(axis=1) + ln_param.get("eps", 1e-5))
        x_hat = ((x.T - mean) / std).T
        return gamma * x_hat + beta, (x_hat, std, gamma)

    def layernorm_backward(dout, cache):
        x_hat, std, gamma = cache
        N = len(dout)
        d = dout * gamma
        sums = d.sum(axis=1, keepdims=True) + x_hat * np.sum(d * x_hat, axis=1, keepdims=True)
        return (d - sums / N) / std[:, None], np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@wrong("wrong_axis", exercise="layernorm_forward")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        return batchnorm_forward(x, gamma, beta, dict(ln_param, mode="train"))

    def layernorm_backward(dout, cache):
        return batchnorm_backward(dout, cache)


@wrong("wrong_axis", exercise="layernorm_forward")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
        x_hat = (x - x.mean(axis=1, keepdims=True)) / std
        return gamma * x_hat + beta, (x, gamma, ln_param.get("eps", 1e-5), x_hat)

    def layernorm_backward(dout, cache):
        x, gamma, eps, right = cache
        std = np.sqrt(x.var(axis=0) + eps)
        x_hat = (x - x.mean(axis=0)) / std
        d = dout * gamma
        dx = (d - d.mean(axis=0) - x_hat * np.mean(d * x_hat, axis=0)) / std
        return dx, np.sum(dout * right, axis=0), np.sum(dout, axis=0)


# -- group normalisation

edit("spatial_groupnorm_forward", "x.reshape(len(x), G, -1)", "x.reshape(len(x), x.shape[1] // G, -1)", mistake="groups_by_size")
edit("spatial_groupnorm_forward", "x.reshape(len(x), G, -1)", "x.reshape(len(x), x.shape[1], -1)", mistake="one_mean_for_each_channel")
edit("spatial_groupnorm_forward", "x.reshape(len(x), G, -1)", "x.reshape(len(x), 1, -1)", mistake="one_mean_for_all_channels")
edit("spatial_groupnorm_forward", 'np.sqrt(groups.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))', 'np.sqrt(groups.var(axis=2, keepdims=True)) + gn_param.get("eps", 1e-5)', mistake="eps_outside_root")
edit("spatial_groupnorm_forward", "return gamma * x_hat + beta, (x_hat", "return x_hat, (x_hat", mistake="gamma_and_beta_forgotten")
edit("spatial_groupnorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - shift) / std", mistake="variance_path_dropped")
edit("spatial_groupnorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = (dx_hat - scale * x_hat) / std", mistake="mean_path_dropped")
edit("spatial_groupnorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = dx_hat / std", mistake="statistics_taken_as_constants")
edit("spatial_groupnorm_forward", "dx = (dx_hat - shift - scale * x_hat) / std", "dx = dx_hat - shift - scale * x_hat", mistake="deviation_forgotten")
edit("spatial_groupnorm_forward", "(dout * gamma).reshape", "dout.reshape", mistake="gamma_forgotten")
edit("spatial_groupnorm_forward", "np.mean(dx_hat * x_hat, axis=2, keepdims=True)", "np.sum(dx_hat * x_hat, axis=2, keepdims=True)", mistake="not_averaged")
edit("spatial_groupnorm_forward", "dgamma = np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)", "dgamma = np.sum(dout * x_hat, axis=(2, 3), keepdims=True)", mistake="wrong_shape")
edit("spatial_groupnorm_forward", "dgamma = np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)", "dgamma = np.mean(dout * x_hat, axis=(0, 2, 3), keepdims=True)", mistake="averaged_not_summed")
edit("spatial_groupnorm_forward", "dx.reshape(dout.shape), dgamma, dbeta", "dx, dgamma, dbeta", mistake="wrong_shape")
edit("spatial_groupnorm_forward", "dx.reshape(dout.shape), dgamma, dbeta", "dx.reshape(dout.shape), dbeta, dgamma", mistake="wrong_order")


@wrong("groups_interleaved", exercise="spatial_groupnorm_forward")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        cut = x.reshape(N, C // G, G, H, W)
        std = np.sqrt(cut.var(axis=(1, 3, 4), keepdims=True) + gn_param.get("eps", 1e-5))
        normal = (cut - cut.mean(axis=(1, 3, 4), keepdims=True)) / std
        return gamma * normal.reshape(x.shape) + beta, (normal, std, gamma, x.shape)

    def spatial_groupnorm_backward(dout, cache):
        normal, std, gamma, shape = cache
        d, axes = (dout * gamma).reshape(normal.shape), (1, 3, 4)
        dx = (d - d.mean(axis=axes, keepdims=True) - normal * np.mean(d * normal, axis=axes, keepdims=True)) / std
        x_hat = normal.reshape(shape)
        return dx.reshape(shape), np.sum(dout * x_hat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))


@wrong("batch_mixed_in", exercise="spatial_groupnorm_forward")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        C = x.shape[1]
        out, cache = spatial_batchnorm_forward(x, gamma.reshape(C), beta.reshape(C), dict(gn_param, mode="train"))
        return out, cache

    def spatial_groupnorm_backward(dout, cache):
        dx, dgamma, dbeta = spatial_batchnorm_backward(dout, cache)
        return dx, dgamma.reshape(1, -1, 1, 1), dbeta.reshape(1, -1, 1, 1)


@wrong("places_left_out", exercise="spatial_groupnorm_forward")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        cut = x.reshape(N, G, C // G, H, W)
        std = np.sqrt(cut.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
        x_hat = (cut - cut.mean(axis=2, keepdims=True)) / std
        return gamma * x_hat.reshape(x.shape) + beta, (x_hat, std, gamma)

    def spatial_groupnorm_backward(dout, cache):
        x_hat, std, gamma = cache
        d = (dout * gamma).reshape(x_hat.shape)
        dx = (d - d.mean(axis=2, keepdims=True) - x_hat * np.mean(d * x_hat, axis=2, keepdims=True)) / std
        flat = x_hat.reshape(dout.shape)
        return dx.reshape(dout.shape), np.sum(dout * flat, axis=(0, 2, 3)), np.sum(dout, axis=(0, 2, 3))


# -- folding

edit("fold_batchnorm", '["running_var"] + bn_param.get("eps", 1e-5)', '["running_var"]', mistake="eps_missing")
edit("fold_batchnorm", 'bn_param.get("eps", 1e-5)', "1e-5", mistake="eps_missing")
edit("fold_batchnorm", 'np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))', '(np.sqrt(bn_param["running_var"]) + bn_param.get("eps", 1e-5))', mistake="eps_outside_root")
edit("fold_batchnorm", 'np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))', '(bn_param["running_var"] + bn_param.get("eps", 1e-5))', mistake="variance_for_deviation")
edit("fold_batchnorm", "factor = gamma / np", "factor = 1 / np", mistake="gamma_forgotten")
edit("fold_batchnorm", "return w * factor,", "return w,", mistake="weights_left")
edit("fold_batchnorm", '(b - bn_param["running_mean"]) * factor + beta', "b * factor + beta", mistake="mean_not_subtracted")
edit("fold_batchnorm", '(b - bn_param["running_mean"]) * factor + beta', 'beta - bn_param["running_mean"] * factor', mistake="bias_forgotten")
edit("fold_batchnorm", '(b - bn_param["running_mean"]) * factor + beta', 'b - bn_param["running_mean"] * factor + beta', mistake="bias_not_scaled")
edit("fold_batchnorm", '(b - bn_param["running_mean"]) * factor + beta', '(b - bn_param["running_mean"]) * factor', mistake="beta_forgotten")
edit("fold_batchnorm", "return w * factor, (b - bn_param[\"running_mean\"]) * factor + beta", "return (b - bn_param[\"running_mean\"]) * factor + beta, w * factor", mistake="wrong_order")


@wrong("argument_changed")
def fold_batchnorm(w, b, gamma, beta, bn_param):
    scale = gamma / np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))
    w *= scale
    b -= bn_param["running_mean"]
    b *= scale
    b += beta
    return w, b


@wrong("rows_scaled")
def fold_batchnorm(w, b, gamma, beta, bn_param):
    std = np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))
    scale = gamma / std
    rows = np.resize(scale, len(w))[:, None]
    return w * rows, (b - bn_param["running_mean"]) * scale + beta


# -- right answers of other shapes


@variant("cache as a dict; averages updated in place")
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        mode = bn_param["mode"]
        eps = bn_param.setdefault("eps", 1e-5)
        momentum = bn_param.setdefault("momentum", 0.9)
        N, D = x.shape
        running_mean = bn_param.setdefault("running_mean", np.zeros(D))
        running_var = bn_param.setdefault("running_var", np.zeros(D))
        cache = {}
        if mode == "train":
            mu = np.sum(x, axis=0) / N
            var = np.sum((x - mu) ** 2, axis=0) / N
            ivar = (var + eps) ** -0.5
            xhat = (x - mu) * ivar
            out = xhat * gamma + beta
            running_mean *= momentum
            running_mean += (1 - momentum) * mu
            running_var *= momentum
            running_var += (1 - momentum) * var
            cache = {"xhat": xhat, "ivar": ivar, "gamma": gamma, "x": x, "mu": mu}
        elif mode == "test":
            out = (x - running_mean) / np.sqrt(running_var + eps) * gamma + beta
        else:
            raise ValueError(f"unknown mode {mode}")
        return out, cache

    def batchnorm_backward(dout, cache):
        N, D = dout.shape
        xhat, ivar, gamma, xmu = cache["xhat"], cache["ivar"], cache["gamma"], cache["x"] - cache["mu"]
        dbeta = np.sum(dout, axis=0)
        dgamma = np.sum(dout * xhat, axis=0)
        dxhat = dout * gamma
        divar = np.sum(dxhat * xmu, axis=0)
        dxmu1 = dxhat * ivar
        dsqrtvar = -1.0 / (1 / ivar) ** 2 * divar
        dvar = 0.5 * ivar * dsqrtvar
        dsq = 1.0 / N * np.ones((N, D)) * dvar
        dxmu2 = 2 * xmu * dsq
        dx1 = dxmu1 + dxmu2
        dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
        dx2 = 1.0 / N * np.ones((N, D)) * dmu
        return dx1 + dx2, dgamma, dbeta

    def batchnorm_backward_alt(dout, cache):
        N = dout.shape[0]
        dbeta = dout.sum(axis=0)
        dgamma = (dout * cache["xhat"]).sum(axis=0)
        dx = cache["gamma"] * cache["ivar"] / N * (N * dout - dbeta - cache["xhat"] * dgamma)
        return dx, dgamma, dbeta


@variant("cache as an object; another order; a list returned")
class _:
    class Kept:
        pass

    def batchnorm_forward(x, gamma, beta, bn_param):
        kept = Kept()
        eps = bn_param.get("eps", 1e-5)
        D = x.shape[1]
        if bn_param["mode"] == "train":
            m = bn_param.get("momentum", 0.9)
            kept.mean, kept.var = x.mean(0), x.var(0)
            bn_param.update(
                running_mean=m * bn_param.get("running_mean", 0.0) + (1 - m) * kept.mean,
                running_var=m * bn_param.get("running_var", 0.0) + (1 - m) * kept.var,
            )
        else:
            kept.mean, kept.var = bn_param.get("running_mean", np.zeros(D)), bn_param.get("running_var", np.zeros(D))
        kept.x, kept.gamma, kept.eps = x, gamma, eps
        return [gamma * (x - kept.mean) / np.sqrt(kept.var + eps) + beta, kept]

    def batchnorm_backward(dout, cache):
        N = len(dout)
        istd = 1.0 / np.sqrt(cache.var + cache.eps)
        xc = cache.x - cache.mean
        dvar = np.sum(dout * cache.gamma * xc, axis=0) * -0.5 * istd**3
        dmean = np.sum(-dout * cache.gamma * istd, axis=0) + dvar * np.mean(-2 * xc, axis=0)
        dx = dout * cache.gamma * istd + dvar * 2 * xc / N + dmean / N
        return [dx, np.sum(dout * xc * istd, axis=0), np.sum(dout, axis=0)]

    def batchnorm_backward_alt(dout, cache):
        istd = 1.0 / np.sqrt(cache.var + cache.eps)
        xhat = (cache.x - cache.mean) * istd
        g = dout * cache.gamma
        return [(g - g.mean(0) - xhat * (g * xhat).mean(0)) * istd, (dout * xhat).sum(0), dout.sum(0)]


@variant("row axes kept; printing; statistics as (1, D)")
class _:
    def batchnorm_forward(x, gamma, beta, bn_param):
        print("batch norm of", x.shape, "in mode", bn_param["mode"])
        eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        running_mean = np.reshape(bn_param.get("running_mean", np.zeros(x.shape[1])), (1, -1))
        running_var = np.reshape(bn_param.get("running_var", np.zeros(x.shape[1])), (1, -1))
        if bn_param["mode"] == "train":
            mu, var = np.mean(x, axis=0, keepdims=True), np.var(x, axis=0, keepdims=True)
            bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mu
            bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
        else:
            mu, var = running_mean, running_var
        x_hat = (x - mu) / np.sqrt(var + eps)
        return x_hat * gamma[np.newaxis] + beta[np.newaxis], (x_hat, mu, np.sqrt(var + eps), gamma)

    def batchnorm_backward(dout, cache):
        x_hat, _, std, gamma = cache
        g = gamma * dout
        dx = (g - g.mean(axis=0, keepdims=True) - x_hat * np.mean(g * x_hat, axis=0, keepdims=True)) / std
        return dx, np.sum(dout * x_hat, axis=0, keepdims=True), np.sum(dout, axis=0, keepdims=True)


@variant("running averages as (D,) only where they were missing; dout overwritten")
def batchnorm_backward(dout, cache):
    x_hat, centred, std, gamma = cache
    dgamma = np.einsum("nd,nd->d", dout, x_hat)
    dbeta = np.einsum("nd->d", dout)
    dout *= gamma
    dout -= dout.mean(axis=0) + x_hat * np.mean(dout * x_hat, axis=0)
    dout /= std
    return dout, dgamma, dbeta


@variant("feature by feature, by a Jacobian")
def batchnorm_backward(dout, cache):
    x_hat, centred, std, gamma = cache
    N, D = dout.shape
    dx = np.zeros_like(dout)
    for d in range(D):
        column = x_hat[:, d]
        J = (np.eye(N) - 1.0 / N - np.outer(column, column) / N) * gamma[d] / std[d]
        dx[:, d] = J.T @ dout[:, d]
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@variant("by loops over numbers")
def batchnorm_backward(dout, cache):
    x_hat, centred, std, gamma = cache
    N, D = dout.shape
    dx, dgamma, dbeta = np.zeros((N, D)), np.zeros(D), np.zeros(D)
    for d in range(D):
        for n in range(N):
            dgamma[d] += dout[n, d] * x_hat[n, d]
            dbeta[d] += dout[n, d]
        for n in range(N):
            dx[n, d] = gamma[d] / std[d] * (dout[n, d] - dbeta[d] / N - x_hat[n, d] * dgamma[d] / N)
    return dx, dgamma, dbeta


@variant("the formula by einsum and a helper")
class _:
    def without(g, direction):
        return g - direction * np.einsum("nd,nd->d", g, direction) / len(g)

    def batchnorm_backward_alt(dout, cache):
        x_hat, _, std, gamma = cache
        dx = without(without(dout, np.ones_like(dout)), x_hat) * (gamma / std)
        return dx, np.einsum("nd,nd->d", dout, x_hat), np.einsum("nd->d", dout)


@variant("the formula with statistics computed again")
def batchnorm_backward_alt(dout, cache):
    x_hat, centred, std, gamma = cache
    N = dout.shape[0]
    istd = std**-1.0
    dx = (1.0 / N) * gamma * istd * (N * dout - np.sum(dout, axis=0) - centred * istd**2 * np.sum(dout * centred, axis=0))
    return (dx, np.sum(centred * istd * dout, axis=0), np.sum(dout, axis=0))


@variant("spatial by swapaxes and moveaxis, with the long backward")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        turned = np.moveaxis(x, 1, -1)
        out, cache = batchnorm_forward(turned.reshape(-1, x.shape[1]), gamma, beta, bn_param)
        return np.moveaxis(out.reshape(turned.shape), -1, 1), [cache]

    def spatial_batchnorm_backward(dout, cache):
        turned = np.moveaxis(dout, 1, -1)
        dx, dgamma, dbeta = batchnorm_backward(turned.reshape(-1, dout.shape[1]), cache[0])
        return np.moveaxis(dx.reshape(turned.shape), -1, 1), dgamma, dbeta


@variant("spatial with channels first: (C, N H W) transposed")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        table = x.swapaxes(0, 1).reshape(C, -1).T
        out, cache = batchnorm_forward(table, gamma, beta, bn_param)
        return out.T.reshape(C, N, H, W).swapaxes(0, 1), (cache, x.shape)

    def spatial_batchnorm_backward(dout, cache):
        cache, (N, C, H, W) = cache
        dx, dgamma, dbeta = batchnorm_backward(dout.swapaxes(0, 1).reshape(C, -1).T, cache)
        return dx.T.reshape(C, N, H, W).swapaxes(0, 1), dgamma, dbeta


@variant("spatial directly, parameters as (1, C, 1, 1), averages too")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        shape = (1, x.shape[1], 1, 1)
        gamma, beta = gamma.reshape(shape), beta.reshape(shape)
        eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
        old_mean = np.reshape(bn_param.get("running_mean", np.zeros(shape)), shape)
        old_var = np.reshape(bn_param.get("running_var", np.zeros(shape)), shape)
        if bn_param["mode"] == "test":
            return gamma * (x - old_mean) / np.sqrt(old_var + eps) + beta, ()
        mean, var = x.mean(axis=(0, 2, 3), keepdims=True), x.var(axis=(0, 2, 3), keepdims=True)
        bn_param["running_mean"], bn_param["running_var"] = m * old_mean + (1 - m) * mean, m * old_var + (1 - m) * var
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, (x - mean, np.sqrt(var + eps), gamma)

    def spatial_batchnorm_backward(dout, cache):
        centred, std, gamma = cache
        x_hat, axes = centred / std, (0, 2, 3)
        dgamma, dbeta = np.sum(dout * x_hat, axis=axes, keepdims=True), np.sum(dout, axis=axes, keepdims=True)
        n = dout.size / dout.shape[1]
        return gamma / std * (dout - dbeta / n - x_hat * dgamma / n), dgamma, dbeta


@variant("spatial, one cache for each channel in a list")
class _:
    def spatial_batchnorm_forward(x, gamma, beta, bn_param):
        N, C, H, W = x.shape
        out, caches = np.zeros(x.shape), []
        means, variances = np.zeros(C), np.zeros(C)
        for c in range(C):
            param = {key: value[c : c + 1] if np.ndim(value) else value for key, value in bn_param.items()}
            column, cache = batchnorm_forward(x[:, c].reshape(-1, 1), gamma[c : c + 1], beta[c : c + 1], param)
            out[:, c] = column.reshape(N, H, W)
            caches.append(cache)
            means[c], variances[c] = param["running_mean"].item(), param["running_var"].item()
        bn_param["running_mean"], bn_param["running_var"] = means, variances
        return out, caches

    def spatial_batchnorm_backward(dout, cache):
        N, C, H, W = dout.shape
        dx, dgamma, dbeta = np.zeros(dout.shape), np.zeros(C), np.zeros(C)
        for c in range(C):
            column, g, b = batchnorm_backward(dout[:, c].reshape(-1, 1), cache[c])
            dx[:, c], dgamma[c], dbeta[c] = column.reshape(N, H, W), g.item(), b.item()
        return dx, dgamma, dbeta


@variant("layer normalisation as batch normalisation of the transpose")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        D, N = x.T.shape
        normal, cache = batchnorm_forward(x.T, np.ones(N), np.zeros(N), {"mode": "train", "eps": ln_param.get("eps", 1e-5)})
        return gamma * normal.T + beta, {"inner": cache, "normal": normal.T, "gamma": gamma}

    def layernorm_backward(dout, cache):
        dx, _, _ = batchnorm_backward((dout * cache["gamma"]).T, cache["inner"])
        return dx.T, np.sum(dout * cache["normal"], axis=0), dout.sum(axis=0)


@variant("layer normalisation row by row")
class _:
    def layernorm_forward(x, gamma, beta, ln_param):
        eps = ln_param.setdefault("eps", 1e-5)
        out = [gamma * (row - row.mean()) / (row.var() + eps) ** 0.5 + beta for row in x]
        return np.array(out), [x, gamma, eps]

    def layernorm_backward(dout, cache):
        x, gamma, eps = cache
        dx, dgamma, dbeta = [], np.zeros_like(gamma), np.zeros_like(gamma)
        for row, d in zip(x, dout):
            D, std = len(row), np.sqrt(row.var() + eps)
            x_hat = (row - row.mean()) / std
            dgamma += d * x_hat
            dbeta += d
            g = d * gamma
            dx.append((D * g - g.sum() - x_hat * (g @ x_hat)) / (D * std))
        return dx, dgamma, dbeta


@variant("group normalisation with five axes, parameters returned as (C,)")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        five = x.reshape(N, G, C // G, H, W)
        mean = np.mean(five, axis=(2, 3, 4), keepdims=True)
        var = np.var(five, axis=(2, 3, 4), keepdims=True)
        x_hat = (five - mean) / np.sqrt(var + gn_param.get("eps", 1e-5))
        return x_hat.reshape(N, C, H, W) * gamma + beta, {"x_hat": x_hat, "istd": 1 / np.sqrt(var + gn_param.get("eps", 1e-5)), "gamma": gamma}

    def spatial_groupnorm_backward(dout, cache):
        x_hat, axes = cache["x_hat"], (2, 3, 4)
        n = np.prod(x_hat.shape[2:])
        g = (dout * cache["gamma"]).reshape(x_hat.shape)
        total = g.sum(axis=axes, keepdims=True) + x_hat * (g * x_hat).sum(axis=axes, keepdims=True)
        dx = cache["istd"] * (g - total / n)
        return dx.reshape(dout.shape), (dout * x_hat.reshape(dout.shape)).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))


@variant("group normalisation through layer normalisation, group by group")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        size = C // G * H * W
        rows, cache = layernorm_forward(x.reshape(N * G, size), np.ones(size), np.zeros(size), gn_param)
        normal = rows.reshape(N, C, H, W)
        return normal * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1), (cache, normal, gamma, (N * G, size))

    def spatial_groupnorm_backward(dout, cache):
        inner, normal, gamma, shape = cache
        rows, _, _ = layernorm_backward((dout * gamma).reshape(shape), inner)
        dgamma = (dout * normal).sum(axis=(0, 2, 3))[None, :, None, None]
        return rows.reshape(dout.shape), dgamma, dout.sum(axis=(0, 2, 3))[None, :, None, None]


@variant("group normalisation by loops over images and groups")
class _:
    def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
        N, C, H, W = x.shape
        k, x_hat, stds = C // G, np.zeros(x.shape), np.zeros((N, G))
        for n in range(N):
            for g in range(G):
                part = x[n, g * k : (g + 1) * k]
                stds[n, g] = np.sqrt(part.var() + gn_param.get("eps", 1e-5))
                x_hat[n, g * k : (g + 1) * k] = (part - part.mean()) / stds[n, g]
        return gamma * x_hat + beta, [x_hat, stds, gamma, k]

    def spatial_groupnorm_backward(dout, cache):
        x_hat, stds, gamma, k = cache
        dx, d = np.zeros(dout.shape), dout * gamma
        for n, g in np.ndindex(*stds.shape):
            here = (n, slice(g * k, (g + 1) * k))
            dx[here] = (d[here] - d[here].mean() - x_hat[here] * (d[here] * x_hat[here]).mean()) / stds[n, g]
        return dx, np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True), np.sum(dout, axis=(0, 2, 3), keepdims=True)


@variant("folding by asking batchnorm_forward for unit vectors")
def fold_batchnorm(w, b, gamma, beta, bn_param):
    param = dict(bn_param, mode="test")
    b_folded, _ = batchnorm_forward(b[None], gamma, beta, param)
    w_folded, _ = batchnorm_forward(w + b, gamma, beta, param)
    return w_folded - b_folded, b_folded[0]


@variant("folding with a diagonal matrix, returned as a list")
def fold_batchnorm(w, b, gamma, beta, bn_param):
    eps = bn_param["eps"] if "eps" in bn_param else 1e-5
    scale = np.diag(gamma / np.sqrt(bn_param["running_var"] + eps))
    return [w.dot(scale), beta + (b - bn_param["running_mean"]).dot(scale)]


@variant("folding column by column")
def fold_batchnorm(w, b, gamma, beta, bn_param):
    w_folded, b_folded = np.empty_like(w), np.empty_like(b)
    for m in range(len(b)):
        std = (bn_param["running_var"][m] + bn_param.get("eps", 1e-5)) ** 0.5
        w_folded[:, m] = gamma[m] * w[:, m] / std
        b_folded[m] = gamma[m] * (b[m] - bn_param["running_mean"][m]) / std + beta[m]
    return w_folded, b_folded
