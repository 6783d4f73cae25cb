# %% [markdown]
# # Batch normalisation
#
# You would not train a network on photographs and test it on their negatives:
# what it is tested on must be distributed like what it learned from.
# Yet inside a deep network something like it happens at every step.
# The layers below learn, so the numbers that a layer was getting used to are replaced by others.
#
# **What happens if every layer is handed numbers of mean 0 and standard deviation 1, at every step, whatever the layers below do?**
#
# By the end of this notebook a network whose learning rate had to be near 0.1
# learns at rates a hundredfold apart, and you know what that costs.
#
# You will
#
# 1. **write** batch normalisation forward, for training and for testing, and backward twice: node by node, and in one formula,
# 2. **extend** it to images, to single examples and to groups of channels,
# 3. **measure** what it changes: activations by layer, learning rates, batch sizes.

# %% nbgrader={"grade_id": "setup", "locked": true}
import time

import numpy as np

from autograder import Check, hint
from utils import draw_graph, figure, load_digits, plot_histograms, plot_losses, show_jacobian, sliders, style

# %% [markdown]
# ## A network to try things on
#
# Five hidden layers of 50 units read digits.
# You wrote such layers and such a training loop before; here they are given, and a glance is enough.
# Between the affine map and the ReLU is a place for a *normalisation*: a pair of functions, forward and backward.
# You will write three such pairs. With `None` the place stays empty.
#
# ## The ground moves
#
# While the network learns, we watch one unit of layer 5: what enters its ReLU, for the same 359 digits, at every step.
# In the picture after the given cells the line is the middle digit; 70 percent of the digits lie in the band.
#
# **Predict.** The first weights were chosen so that a unit's input has mean 0 over many such units. Does this one stay near 0?
#
# <details><summary>Answer</summary>
#
# No: by step 60 its middle has moved from 0 to 3 and the band is more than four times as wide.
# Both go on wandering; at the end it is seven times as wide.
# Not only its own weights do that: four layers below are learning too.
# What the layer above learned for the numbers of step 20, it has to learn again for those of step 60.
#
# </details>

# %% tags=["experiment"]
def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)

def make_network(scale=1.0, depth=5, width=50):
    """One dict a layer; weights have the standard deviation scale * sqrt(2 / fan-in)."""
    net, rng, sizes = [], np.random.default_rng(0), (64, *[width] * depth, 10)
    for n, m in zip(sizes, sizes[1:]):
        w = scale * np.sqrt(2 / n) * rng.normal(size=(n, m))
        net.append({"w": w, "b": np.zeros(m), "gamma": np.ones(m), "beta": np.zeros(m), "param": {}})
    return net

def run(net, x, norm=None, mode="train"):
    """Scores, and for each layer what backward needs and a, the input of its ReLU."""
    kept = []
    for layer in net:
        hidden, norm_cache = layer is not net[-1], None
        a, affine_cache = affine_forward(x, layer["w"], layer["b"])
        if norm and hidden:
            layer["param"]["mode"] = mode
            a, norm_cache = norm[0](a, layer["gamma"], layer["beta"], layer["param"])
        x = np.maximum(0, a) if hidden else a
        kept.append((affine_cache, norm_cache, a))
    return x, kept

# %% tags=["experiment"]
def train(net, norm=None, learning_rate=0.1, steps=200, batch=50, watch=None):
    """Gradient descent on digits. Returns the loss at every step; before each, watch(net) is called."""
    digits, rng, losses = load_digits(), np.random.default_rng(1), []
    for _ in range(steps):
        chosen = rng.choice(len(digits.X_train), batch, replace=False)
        if watch:
            watch(net)
        scores, kept = run(net, digits.X_train[chosen].reshape(batch, -1), norm)
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        right = np.eye(10)[digits.y_train[chosen]]
        losses.append(-np.mean(np.log(np.sum(p * right, axis=1) + 1e-300)))
        dout = (p - right) / batch
        for layer, (affine_cache, norm_cache, a) in reversed(list(zip(net, kept))):
            hidden, steps_of = layer is not net[-1], {}
            dout = dout * (a > 0) if hidden else dout
            if norm and hidden:
                dout, steps_of["gamma"], steps_of["beta"] = norm[1](dout, norm_cache)
            dout, steps_of["w"], steps_of["b"] = affine_backward(dout, affine_cache)
            for name, gradient in steps_of.items():
                layer[name] = layer[name] - learning_rate * np.reshape(gradient, layer[name].shape)
    return np.array(losses)

def test_accuracy(net, norm=None):
    digits = load_digits()
    scores, _ = run(net, digits.X_test.reshape(-1, 64), norm, mode="test")
    return np.mean(scores.argmax(axis=1) == digits.y_test)

# %% tags=["experiment"]
def moving_ground(norm=None, name="no normalisation", unit=9, learning_rate=0.1):
    """Percentiles of one deep unit's input, over 200 steps of learning."""
    digits, seen = load_digits().X_test.reshape(-1, 64), []
    def watch(net):
        copies = [layer | {"param": dict(layer["param"])} for layer in net]  # leaves running averages alone
        _, kept = run(copies, digits, norm)
        seen.append(np.percentile(kept[4][2][:, unit], [15, 50, 85]))
    train(make_network(), norm, learning_rate, watch=watch)
    low, middle, high = np.array(seen).T
    fig, ax = figure(width=7, height=3.2)
    ax.fill_between(range(len(seen)), low, high, color=style.VALUE, alpha=0.2, linewidth=0)
    ax.plot(middle, color=style.VALUE)
    ax.set(xlabel="step", ylabel="input of the ReLU", ylim=(-2.5, 6))
    ax.set_title(f"One unit of layer 5, {name}", loc="left")
    first, last = (f"from {low[i]:.1f} to {high[i]:.1f}" for i in (0, -1))
    fig.alt = f"One unit, {name}: 70 % of its inputs lie {first} at first, {last} at the end."
    return fig

moving_ground()

# %% [markdown]
# ## Four numbers on paper
#
# One feature, a *minibatch* of four examples: $x = (3, 9, 11, 17)$.
# The mean is 10; the variance, the mean of the squared distances 49, 1, 1, 49, is 25; the standard deviation 5.
#
# $$\hat x = \frac{x - 10}{5} = (-1.4,\; -0.2,\; 0.2,\; 1.4)$$
#
# has mean 0 and variance 1. A *scale* γ and a *shift* β, both learned, follow:
# for γ = 2, β = 1 the output is $(-1.8,\; 0.6,\; 1.4,\; 3.8)$.
# With γ = 5 and β = 10 it would be $x$ again: the layer may undo its normalisation if that is what the loss wants.
#
# Below you see the way to the fourth output: forward values above each edge, gradients of that one output below it.
# Its own input reaches it three times: directly, through the mean, through the standard deviation σ.
#
# **Predict.** γ/σ is 0.4. If you raise $x_4$ by a little, does the fourth output rise by 0.4 times as much? And what do the other inputs do to it?
#
# <details><summary>Answer</summary>
#
# By 0.104 only: a larger $x_4$ drags the mean and σ along, and they take three quarters back.
# The others reach it as well, through the mean and σ: 0.096, −0.072 and −0.128.
# In a batch nobody is alone. The four gradients add up to 0; soon you can say why.
#
# </details>

# %% tags=["experiment"]
def way_to_one_output(x4=17.0, gamma=2.0, beta=1.0):
    """Batch normalisation of (3, 9, 11, x4), drawn for the fourth example."""
    x = np.array([3.0, 9.0, 11.0, x4])
    mean, std = x.mean(), x.std()
    centred = x4 - mean
    normal = centred / std
    spread = -gamma * centred / std**2
    dx = -gamma / std / 4 + spread * (x - mean) / (4 * std) + gamma / std * (x == x4)
    names = [f"x{i}" for i in (1, 2, 3, 4)]
    y = gamma * normal
    values = dict(zip(names, x)) | {"μ": mean, "σ": std, "c": centred, "n": normal, "γ": gamma, "y": y}
    values |= {"β": beta, "out": y + beta}
    gradients = dict(zip(names, dx)) | {"μ": -gamma / std, "σ": spread, "c": gamma / std, "n": gamma}
    gradients |= {"γ": normal, "y": 1.0, "β": 1.0, "out": 1.0}
    nodes = [("μ", "mean", names), ("σ", "std", names), ("c", "−", ["x4", "μ"]), ("n", "÷", ["c", "σ"])]
    nodes += [("y", "×", ["n", "γ"]), ("out", "+", ["y", "β"])]
    return draw_graph(nodes, values, gradients, digits=3)

sliders(way_to_one_output, x4=(12.0, 40.0, 1.0), gamma=(-3.0, 3.0, 0.5), beta=(-3.0, 3.0, 0.5))

# %% [markdown]
# ## Warm-up: write, check, mend
#
# You write a cell, run the check below it, read what it found, mend, and run both again.
# Nothing is graded here. The function should give the mean of each feature, and its answer is wrong.
# Read the diagnosis and mend the line.
#
# Stuck in a graded cell? Run `hint("batchnorm_forward")` in a cell of your own:
# a question comes first, then a formula, then a table of shapes.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% tags=["experiment"]
def feature_means(x):
    """Mean of each feature over the batch. x: (N, D), one example a row. Returns (D,)."""
    return x.mean(axis=1)


check = Check("feature_means", points=0)

@check("three examples of two features: 2 and 30")
def _(t):
    t.equal(feature_means(np.array([[1.0, 20], [2, 30], [3, 40]])), [2, 30], "means")

check.score()

# %% [markdown]
# ## Forward, for training and for testing
#
# Every feature gets its own mean μ and variance σ², over the minibatch. A small ε keeps the root away from 0:
#
# $$\hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad \text{out} = \gamma\, \hat x + \beta$$
#
# A test image must not depend on its company, and may come alone.
# So training keeps *running averages* of μ and σ², a little of the new and most of the old, and testing uses those.
# *Momentum* is the weight of the old value.
#
# **Predict.** One feature was measured in metres, and tomorrow it comes in millimetres from another zero point: 1000 x + 7.
# What changes in the output, in mode "train"?
#
# <details><summary>Answer</summary>
#
# Nothing (but for ε): shift and scale are what a normalisation takes away.
# So an affine bias in front of it has no effect either, and the *size* of the weights in front has none.
#
# </details>

# %% nbgrader={"grade_id": "batchnorm_forward", "solution": true}
def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each feature, then scale and shift it.

    x: (N, D); gamma, beta: (D,). bn_param is a dict:
    "mode": "train" or "test", always there; "eps": added to the variance, inside the root (1e-5 if missing);
    "momentum": weight of the old running average (0.9 if missing);
    "running_mean", "running_var": shape (D,) (zeros if missing).
    Mode "train" uses mean and variance of this minibatch (the variance is the mean of squared distances, 1/N) and
    stores in the same dict, for both: running = momentum * running + (1 - momentum) * minibatch's.
    Mode "test" uses the running averages in their place and leaves them as they are.
    Returns out, of shape (N, D), and a cache (backward follows mode "train" only).
    """
    ### BEGIN SOLUTION
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        return gamma * x_hat + beta, None
    mean, var = x.mean(axis=0), x.var(axis=0)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    centred, std = x - mean, np.sqrt(var + eps)
    x_hat = centred / std
    return gamma * x_hat + beta, (x_hat, centred, std, gamma)
    ### END SOLUTION

# %% nbgrader={"grade_id": "batchnorm_forward_check", "grade": true, "points": 20}
check = Check("batchnorm_forward", points=20, hidden=6)

def out_is(t, x, gamma, beta, bn_param, expected, mean, var):
    before = {key: np.array(value) if np.ndim(value) else value for key, value in bn_param.items()}
    result = t.call(lambda *arrays: batchnorm_forward(*arrays, bn_param), x, gamma, beta)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    given = {"x": x, "gamma": gamma, "beta": beta, "bn_param": before}
    t.equal(result[0], expected, "out", given=given)
    for key, average in (("running_mean", mean), ("running_var", var)):
        t.true(key in bn_param, f"bn_param has no {key}: store it in the dict that came in.", "running_not_stored")
        t.equal(bn_param[key], average, key, given=given)

x, on_paper, one, two = np.array([[3.0], [9], [11], [17]]), [[-1.8], [0.6], [1.4], [3.8]], np.ones(1), np.full(1, 2.0)

@check("the four numbers on paper; running averages after a first and a second batch, momentum 0.75")
def _(t):
    bn_param = {"mode": "train", "momentum": 0.75, "eps": 1e-12}
    out_is(t, x, two, one, bn_param, on_paper, [2.5], [6.25])
    out_is(t, x - 14, two, one, bn_param, on_paper, [0.875], [10.9375])

@check("beside them a feature that is always 10; with ε = 11, far too large, the root is 6; the default momentum")
def _(t):
    table, expected = np.hstack([x, [[10.0]] * 4]), np.array([[-7, 2], [-1, 2], [1, 2], [7, 2]])
    out_is(t, table, np.full(2, 6.0), np.array([0.0, 2]), {"mode": "train", "eps": 11.0}, expected, [1, 1], [2.5, 0])

@check("testing uses the running averages 5 and 9 and keeps them")
def _(t):
    bn_param = {"mode": "test", "eps": 7.0, "running_mean": 5 * one, "running_var": 9 * one}
    out_is(t, x, two, one, bn_param, [[0], [3], [4], [7]], 5 * one, 9 * one)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def drawn(t, N, D):
    return 3 * t.rng.normal(size=(N, D)) + np.arange(1.0, D + 1), t.rng.normal(size=D), t.rng.normal(size=D)

def feature_by_feature(x, gamma, beta, means, variances, eps):
    rows = [[(v - m) / (s + eps) ** 0.5 * g + b for v, m, s, g, b in zip(row, means, variances, gamma, beta)] for row in x]
    return np.array(rows)

def moments(x):
    means = [sum(column) / len(x) for column in x.T]
    return np.array(means), np.array([sum((v - m) ** 2 for v in column) / len(x) for column, m in zip(x.T, means)])

for label, N, D, settings in (
    ("defaults", 5, 3, {}),
    ("a large ε", 6, 4, {"eps": 2.5, "momentum": 0.9}),
    ("momentum 0.3", 4, 5, {"eps": 0.1, "momentum": 0.3}),
):
    @check(f"training, {label}")
    def _(t):
        x, gamma, beta = drawn(t, N, D)
        means, variances = moments(x)
        expected = feature_by_feature(x, gamma, beta, means, variances, settings.get("eps", 1e-5))
        new = 1 - settings.get("momentum", 0.9)
        out_is(t, x, gamma, beta, {"mode": "train"} | settings, expected, new * means, new * variances)

@check("running averages that were there before")
def _(t):
    x, gamma, beta = drawn(t, 5, 4)
    mean, var = t.rng.normal(size=4), t.rng.uniform(1, 2, size=4)
    bn_param = {"mode": "train", "eps": 0.5, "momentum": 0.2, "running_mean": mean.copy(), "running_var": var.copy()}
    means, variances = moments(x)
    expected = feature_by_feature(x, gamma, beta, means, variances, 0.5)
    out_is(t, x, gamma, beta, bn_param, expected, 0.2 * mean + 0.8 * means, 0.2 * var + 0.8 * variances)

@check("testing, a batch and a single example, a large ε")
def _(t):
    for N in (4, 1):
        x, gamma, beta = drawn(t, N, 3)
        mean, var = t.rng.normal(size=3), t.rng.uniform(0.5, 2, size=3)
        bn_param = {"mode": "test", "eps": 1.5, "momentum": 0.4, "running_mean": mean.copy(), "running_var": var.copy()}
        out_is(t, x, gamma, beta, bn_param, feature_by_feature(x, gamma, beta, mean, var, 1.5), mean, var)
    bn_param = {"mode": "test", "eps": 4.0}  # running averages that are missing are zeros
    out, _ = batchnorm_forward(x, gamma, beta, bn_param)
    t.equal(out, gamma * x / 2 + beta, "out", given={"x": x, "gamma": gamma, "beta": beta, "bn_param": {"mode": "test", "eps": 4.0} | {"running_mean": np.zeros(3), "running_var": np.zeros(3)}})

@check("train twice, then test, with one dict")
def _(t):
    bn_param, mean, var = {"mode": "train", "momentum": 0.6}, np.zeros(3), np.zeros(3)
    for N in (4, 7):
        x, gamma, beta = drawn(t, N, 3)
        means, variances = moments(x)
        mean, var = 0.6 * mean + 0.4 * means, 0.6 * var + 0.4 * variances
        out_is(t, x, gamma, beta, bn_param, feature_by_feature(x, gamma, beta, means, variances, 1e-5), mean, var)
    bn_param["mode"] = "test"
    x, gamma, beta = drawn(t, 5, 3)
    out_is(t, x, gamma, beta, bn_param, feature_by_feature(x, gamma, beta, mean, var, 1e-5), mean, var)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Look: ten layers, any weights
#
# Digits pass through ten layers of tanh units, untrained.
# The upper row shows five of the layers as they are,
# the lower row the same layers with your forward between the affine map and the tanh.
# *Scale* is the standard deviation of the weights times √fan-in.
#
# **Predict.** What is left in layer 10 of the upper row at scale 0.5, and at scale 4? What does the scale change below?
#
# <details><summary>Answer</summary>
#
# At 0.5 nearly nothing is left above: a spike at 0, and the digits can no longer be told apart.
# At 4 most units sit at −1 or 1, saturated.
# Below, all layers are alike, and the scale changes none of them: it is divided out.
#
# </details>

# %% tags=["experiment"]
def ten_layers(scale=0.5):
    """Activations of ten tanh layers on 300 digits, without and with batch normalisation."""
    rows = {}
    for name, normalise in (("", False), (", normalised", True)):
        rng, h = np.random.default_rng(0), load_digits().X_train[:300].reshape(300, 64)
        for i in range(1, 11):
            h = h @ (scale / np.sqrt(h.shape[1]) * rng.normal(size=(h.shape[1], 80)))
            if normalise:
                h, _ = batchnorm_forward(h, np.ones(80), np.zeros(80), {"mode": "train"})
            h = np.tanh(h)
            if i in (1, 2, 4, 7, 10):
                rows[f"layer {i}{name}"] = h
    return plot_histograms(rows, limits=(-1, 1), bins=40)

sliders(ten_layers, scale=(0.1, 5.0, 0.1))

# %% [markdown]
# ## Backward, node by node
#
# Mean and variance are functions of $x$, so gradients flow through them as well.
# Name every step of forward, and go back one node at a time:
#
# $$\mu = \text{mean}(x),\;\; c = x - \mu,\;\; v = \text{mean}(c^2),\;\; s = \sqrt{v + \varepsilon},\;\; \hat x = c / s,\;\; \text{out} = \gamma\,\hat x + \beta$$
#
# $c$ is used twice, in $v$ and in $\hat x$; $x$ too, in $\mu$ and in $c$: there gradients accumulate.
# What was *broadcast* over the batch on the way forward (μ, s, γ, β) is summed over the batch on the way back.
#
# **Predict.** A batch has two examples, and ε is 0. Whatever the upstream gradient: what is dx?
#
# <details><summary>Answer</summary>
#
# It is 0: of two different numbers one becomes −1, the other 1, always; moving them changes nothing.
# A batch of two teaches the layers below nearly nothing,
# and a gradient check on a batch of two finds no mistake. Here batches have at least four.
#
# </details>

# %% nbgrader={"grade_id": "batchnorm_backward", "solution": true}
def batchnorm_backward(dout, cache):
    """Gradients of batchnorm_forward in mode "train", node by node through the computational graph.

    dout: (N, D), upstream gradient; cache: what your batchnorm_forward returned.
    Returns dx (N, D), dgamma (D,), dbeta (D,), in this order. Sums over the batch, no means.
    """
    ### BEGIN SOLUTION
    x_hat, centred, std, gamma = cache
    N = len(dout)
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx_hat = dout * gamma
    dcentred = dx_hat / std
    dstd = -np.sum(dx_hat * centred, axis=0) / std**2
    dvar = dstd / (2 * std)
    dcentred += 2 * centred / N * dvar
    dmean = -np.sum(dcentred, axis=0)
    dx = dcentred + dmean / N
    return dx, dgamma, dbeta
    ### END SOLUTION

# %% nbgrader={"grade_id": "batchnorm_backward_check", "grade": true, "points": 18}
check = Check("batchnorm_backward", points=18, hidden=6)

@check("on paper: the gradient of the fourth output")
def _(t):
    x, gamma, bn_param = np.array([[3.0], [9], [11], [17]]), np.array([2.0]), {"mode": "train", "eps": 0.0}
    _, cache = batchnorm_forward(x, gamma, np.array([1.0]), bn_param)
    dout = np.array([[0.0], [0], [0], [1]])
    result = batchnorm_backward(dout.copy(), cache)
    three = isinstance(result, tuple | list) and len(result) == 3
    t.true(three, "Return three gradients: dx, dgamma, dbeta.", "wrong_count")
    given = {"x": x, "gamma": gamma, "beta": np.array([1.0]), "bn_param": bn_param, "dout": dout}
    right = {"dx": [[0.096], [-0.072], [-0.128], [0.104]], "dgamma": [1.4], "dbeta": [1.0]}
    for (of, expected), gradient in zip(right.items(), result):
        t.equal(gradient, expected, of, given=given, tolerance=1e-4)

bn_param = {"mode": "train", "eps": 0.3}
check.gradients(batchnorm_forward, batchnorm_backward, {"x": (5, 4), "gamma": (4,), "beta": (4,)}, extra=(bn_param,))

### BEGIN HIDDEN TESTS
check.hidden_tests()

def far_from_zero(rng, shape):
    return 2 * rng.normal(size=shape) + 3

check.gradients(
    batchnorm_forward, batchnorm_backward, {"x": (7, 3), "gamma": (3,), "beta": (3,)},
    extra=({"mode": "train", "eps": 2.0, "momentum": 0.3},), label="a large ε", draw=far_from_zero,
)
check.gradients(
    batchnorm_forward, batchnorm_backward, {"x": (4, 6), "gamma": (6,), "beta": (6,)},
    extra=({"mode": "train"},), label="the default ε", draw=far_from_zero,
)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Derive it again, in one formula
#
# The long way hides how simple the answer is. In every feature
#
# $$dx = \frac{\gamma}{s}\,\big(\text{dout} - a - b\,\hat x\big)$$
#
# with two numbers $a$ and $b$, and you can find them without any calculus, for ε = 0.
# Shifting all of $x$ changes no output, so the entries of dx add up to 0.
# Scaling $x$ about its mean changes none either, so $\sum dx \cdot \hat x = 0$.
# (The same $a$ and $b$ hold with ε.)
# From whatever the layer above asks for, batch normalisation takes away the part that is shift and the part that is scale.
#
# **Predict.** The weights in front are doubled, so $x$ is. By what factor does dx change, and what does that do to long steps?
#
# <details><summary>Answer</summary>
#
# dx halves, since $s$ doubles and all else stays. Larger weights receive smaller gradients,
# so a step that was far too long damps the next one. Remember this at the learning rates below.
#
# </details>

# %% nbgrader={"grade_id": "batchnorm_backward_alt", "solution": true}
def batchnorm_backward_alt(dout, cache):
    """Gradients of batchnorm_forward in mode "train", by one formula, for all features at once.

    Arguments and results as batchnorm_backward, from the same cache. No loop over examples or features.
    """
    ### BEGIN SOLUTION
    x_hat, _, std, gamma = cache
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx = gamma / std * (dout - (dbeta + x_hat * dgamma) / len(dout))
    return dx, dgamma, dbeta
    ### END SOLUTION

# %% nbgrader={"grade_id": "batchnorm_backward_alt_check", "grade": true, "points": 14}
check = Check("batchnorm_backward_alt", points=14, hidden=6)

bn_param = {"mode": "train", "eps": 0.3}
check.gradients(batchnorm_forward, batchnorm_backward_alt, {"x": (5, 4), "gamma": (4,), "beta": (4,)}, extra=(bn_param,))

@check("faster than one feature after the other")
def _(t):
    D = 500
    x, dout = t.rng.normal(size=(2, 20, D))
    _, cache = batchnorm_forward(x, np.ones(D), np.zeros(D), {"mode": "train"})

    def one_after_the_other(dout, cache):
        for d in range(D):
            for _ in range(12):  # operations on one feature
                np.sum(dout[:, d])

    message = "Is a loop over features or examples left?"
    t.faster(batchnorm_backward_alt, one_after_the_other, dout, cache, times=4, repeats=6, message=message)

### BEGIN HIDDEN TESTS
check.hidden_tests()

check.gradients(
    batchnorm_forward, batchnorm_backward_alt, {"x": (7, 3), "gamma": (3,), "beta": (3,)},
    extra=({"mode": "train", "eps": 2.0},), label="a large ε", draw=lambda rng, shape: 2 * rng.normal(size=shape) + 3,
)

@check("fast and right at once")
def _(t):
    N, D = 23, 400
    x, dout = t.rng.normal(size=(2, N, D))
    _, cache = batchnorm_forward(x, np.ones(D), np.zeros(D), {"mode": "train", "eps": 0.5})

    def one_after_the_other(dout, cache):
        for d in range(D):
            for _ in range(12):  # operations on one feature
                np.sum(dout[:, d])

    message = "Is a loop over features or examples left?"
    dx, dgamma, dbeta = t.faster(batchnorm_backward_alt, one_after_the_other, dout, cache, times=4, repeats=6, message=message)
    std = np.sqrt(x.var(axis=0) + 0.5)
    x_hat = (x - x.mean(axis=0)) / std
    t.equal(dgamma, (dout * x_hat).sum(axis=0), "dgamma")
    t.equal(dbeta, dout.sum(axis=0), "dbeta")
    t.equal(dx, (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / std, "dx")

@check("agrees with the long way")
def _(t):
    x, gamma, beta, dout = t.rng.normal(size=(9, 5)) - 4, t.rng.normal(size=5), t.rng.normal(size=5), t.rng.normal(size=(9, 5))
    bn_param = {"mode": "train", "eps": 0.7}
    given = {"x": x, "gamma": gamma, "beta": beta, "bn_param": bn_param, "dout": dout}
    long_way = batchnorm_backward(dout.copy(), batchnorm_forward(x, gamma, beta, dict(bn_param))[1])
    short = batchnorm_backward_alt(dout.copy(), batchnorm_forward(x, gamma, beta, dict(bn_param))[1])
    for of, one, other in zip(("dx", "dgamma", "dbeta"), short, long_way):
        t.equal(one, other, of, given=given)

@check("gradients without shift and, for ε = 0, without scale")
def _(t):
    x, gamma, dout = 5 * t.rng.normal(size=(6, 4)) + 9, t.rng.normal(size=4), t.rng.normal(size=(6, 4))
    _, cache = batchnorm_forward(x, gamma, np.ones(4), {"mode": "train", "eps": 0.0})
    dx, _, dbeta = batchnorm_backward_alt(dout.copy(), cache)
    t.equal(dbeta, np.add.reduce(dout), "dbeta")
    message = "Shifting or scaling a feature changes no output, yet your dx says it would."
    flat = np.abs([np.add.reduce(dx), np.add.reduce(dx * (x - 9)), dx[0] * 0])
    t.true(bool(np.all(flat < 1e-9)) and bool(np.any(np.abs(dx) > 1e-3)), message)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: the same gradients, twice. Then the Jacobian of one feature of six examples.
def seconds(f, *args):
    """The best of twenty runs."""
    times = []
    for _ in range(20):
        start = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - start)
    return min(times)

def both_ways(N=200, D=200):
    rng = np.random.default_rng(0)
    x, dout = rng.normal(size=(2, N, D))
    cache = batchnorm_forward(x, np.ones(D), np.zeros(D), {"mode": "train"})[1]
    long_way, short = batchnorm_backward(dout, cache)[0], batchnorm_backward_alt(dout, cache)[0]
    print("largest difference:", np.abs(long_way - short).max())
    ratio = seconds(batchnorm_backward, dout, cache) / seconds(batchnorm_backward_alt, dout, cache)
    print(f"the formula is {ratio:.1f} times as fast")

def jacobian_of_one_feature(x=(0.0, 1.0, 2.0, 3.0, 4.0, 14.0)):
    cache = batchnorm_forward(np.array([x]).T, np.ones(1), np.zeros(1), {"mode": "train"})[1]
    J = np.array([batchnorm_backward_alt(row[:, None], cache)[0][:, 0] for row in np.eye(len(x))])
    title = "Rows and columns add up to 0; the outlier hardly moves"
    return show_jacobian(J, [f"output of {v:g}" for v in x], [f"x = {v:g}" for v in x], title)

both_ways()
jacobian_of_one_feature()

# %% [markdown]
# ## Experiment: learning rates
#
# The network from the beginning, the same first weights, the same batches, 200 steps:
# once without normalisation, once with yours.
# Move the exponent (0 is a learning rate of 1, −1 is 0.1), tick batch normalisation on and off,
# and find for each the fastest rate that still learns.
#
# **Predict.** Without, the best rate is about 0.1. With, does it still learn at 1? At 3?
#
# <details><summary>Answer</summary>
#
# At both, and at 1 it ends with fewer errors than the other at its best.
# At 1 the plain network guesses, and at 3 its numbers explode.
# The sweep below: above 90 percent with normalisation from 0.03 to 3, without at 0.1 alone.
# The first weights matter less, too. Without, hardly any scale but 1 will do.
# With, any from 0.1 to 2 does; at 10 the network learns slowly, and you know why: larger weights receive smaller gradients.
#
# </details>

# %% tags=["experiment"]
def learn(exponent=0.0, batch_norm=True):
    """Losses and test accuracy at the learning rate 10 ** exponent."""
    rate, net = 10**exponent, make_network()
    norm = (batchnorm_forward, batchnorm_backward_alt) if batch_norm else None
    with np.errstate(all="ignore"):
        losses = train(net, norm, rate)
        accuracy = test_accuracy(net, norm)
    name = "with batch normalisation" if batch_norm else "without"
    fig = plot_losses(losses, title=f"{name}, learning rate {rate:.3g}: test accuracy {accuracy:.1%}")
    fig.axes[0].set(ylim=(0, 3), xlim=(0, 200))
    return fig

sliders(learn, exponent=(-3.0, 2.0, 0.25), batch_norm=True)

# %% tags=["experiment"]
def sweep():
    """Test accuracy after 200 steps, by learning rate and by scale of the first weights."""
    fig, axes = figure(1, 2, width=10, height=3.8, sharey=True)
    rates, scales = 10 ** np.arange(-3, 2.1, 0.5), np.array([0.1, 0.3, 0.6, 1, 2, 4, 10])
    norms = {"without": None, "with": (batchnorm_forward, batchnorm_backward_alt)}
    for i, (name, norm) in enumerate(norms.items()):
        found = [[], []]
        for which, settings in enumerate(([(1.0, r) for r in rates], [(s, 0.1) for s in scales])):
            for scale, rate in settings:
                net = make_network(scale)
                with np.errstate(all="ignore"):
                    train(net, norm, rate)
                    found[which].append(test_accuracy(net, norm))
        for ax, x, y in zip(axes, (rates, scales), found):
            look = {"marker": style.MARKERS[i], "linestyle": style.DASHES[i], "color": style.category(i)}
            ax.semilogx(x, y, label=f"{name} batch normalisation", **look)
        told = ", ".join(f"{a:.2f}" for a in found[0])
        fig.alt += f" {name} batch normalisation: accuracies {told} for rates from 0.001 to 100."
    axes[0].set(xlabel="learning rate", ylabel="test accuracy", ylim=(0, 1.05))
    axes[0].set_title("Learning rates, first weights of scale 1", loc="left")
    axes[1].set(xlabel="scale of the first weights")
    axes[1].set_title("First weights, learning rate 0.1", loc="left")
    axes[0].legend(fontsize=9, loc="lower left")
    return fig

sweep()

# %% [markdown]
# ## Images: one mean for each channel
#
# A convolution treats all places of an image alike; its normalisation should too.
# *Spatial* batch normalisation gives each channel one mean and one variance,
# over all examples *and* all places: N·H·W numbers.
# Nothing new has to be derived. To batch normalisation, every pixel is an example with C features:
#
# $$(N, C, H, W) \;\longrightarrow\; (N \cdot H \cdot W,\; C) \;\longrightarrow\; (N, C, H, W)$$
#
# Turn the axes first, then reshape: the channels have to be last when rows are counted.
# The same way back, and the same in backward.
#
# **Predict.** Eight images of 32×32 with 3 channels: how many means, each of how many numbers? How many parameters are learned?
#
# <details><summary>Answer</summary>
#
# 3 means, each of 8·32·32 = 8192 numbers; 3 γ and 3 β. Without the sharing it would be 3072 means of 8 numbers each.
#
# </details>

# %% nbgrader={"grade_id": "spatial_batchnorm_forward", "solution": true}
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation of each channel, over examples and places.

    x: (N, C, H, W); gamma, beta: (C,); bn_param as in batchnorm_forward, running averages of shape (C,).
    Returns out, of shape (N, C, H, W), and a cache.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


def spatial_batchnorm_backward(dout, cache):
    """Gradients of spatial_batchnorm_forward. dout: (N, C, H, W). Returns dx (N, C, H, W), dgamma (C,), dbeta (C,)."""
    ### BEGIN SOLUTION
    N, C, H, W = dout.shape
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(rows, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION

# %% nbgrader={"grade_id": "spatial_batchnorm_forward_check", "grade": true, "points": 12}
check = Check("spatial_batchnorm_forward", points=12, hidden=5)

def maps_are(t, x, gamma, beta, bn_param, expected, mean, var):
    before = {key: np.array(value) if np.ndim(value) else value for key, value in bn_param.items()}
    result = t.call(lambda *arrays: spatial_batchnorm_forward(*arrays, bn_param), x, gamma, beta)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    given = {"x": x, "gamma": gamma, "beta": beta, "bn_param": before}
    t.equal(result[0], expected, "out", given=given)
    for key, average in (("running_mean", mean), ("running_var", var)):
        message = f"bn_param has no {key} afterwards: pass on the dict that came in."
        t.true(key in bn_param, message, "running_not_stored")
        t.equal(bn_param[key], average, key, given=given)

@check("four images of 1 x 4 pixels, two channels: means 3 and 30")
def _(t):
    x = np.array([[[1.0, 5, 5, 1]], [[10, 50, 50, 10]]]) * np.ones((4, 1, 1, 1))
    bn_param, expected = {"mode": "train", "eps": 1e-12, "momentum": 0.5}, [[[[-1, 1, 1, -1]], [[97, 103, 103, 97]]]] * 4
    maps_are(t, x, np.array([1.0, 3]), np.array([0.0, 100]), bn_param, expected, [1.5, 15], [2, 200])

check.gradients(
    spatial_batchnorm_forward, spatial_batchnorm_backward, {"x": (4, 3, 5, 2), "gamma": (3,), "beta": (3,)},
    extra=({"mode": "train", "eps": 0.3},),
)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def by_channel(x, gamma, beta, means, variances, eps):
    maps = [(x[:, c] - means[c]) / (variances[c] + eps) ** 0.5 * gamma[c] + beta[c] for c in range(x.shape[1])]
    return np.array([[channel[n] for channel in maps] for n in range(len(x))])

@check("training, a large ε, images that are not square")
def _(t):
    x, gamma, beta = 3 * t.rng.normal(size=(4, 3, 2, 5)) + 4, t.rng.normal(size=3), t.rng.normal(size=3)
    bn_param = {"mode": "train", "eps": 2.0, "momentum": 0.3}
    channels = [[x[n, c, i, j] for n in range(4) for i in range(2) for j in range(5)] for c in range(3)]
    means, variances = np.array([np.mean(v) for v in channels]), np.array([np.std(v) ** 2 for v in channels])
    expected = by_channel(x, gamma, beta, means, variances, 2.0)
    maps_are(t, x, gamma, beta, bn_param, expected, 0.7 * means, 0.7 * variances)

@check("testing")
def _(t):
    x, gamma, beta = t.rng.normal(size=(2, 4, 3, 2)), t.rng.normal(size=4), t.rng.normal(size=4)
    mean, var = t.rng.normal(size=4), t.rng.uniform(0.5, 2, size=4)
    bn_param = {"mode": "test", "eps": 1.5, "running_mean": mean.copy(), "running_var": var.copy()}
    maps_are(t, x, gamma, beta, bn_param, by_channel(x, gamma, beta, mean, var, 1.5), mean, var)

check.gradients(
    spatial_batchnorm_forward, spatial_batchnorm_backward, {"x": (5, 2, 3, 4), "gamma": (2,), "beta": (2,)},
    extra=({"mode": "train", "eps": 1.0},), label="5 images of 3 x 4",
)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Layer normalisation: nobody else's business
#
# *Layer normalisation* turns the table by a quarter: each *example* gets one mean and one variance, over its own features,
#
# $$\hat x_{nd} = \frac{x_{nd} - \mu_n}{\sqrt{\sigma_n^2 + \varepsilon}}, \qquad \text{out}_{nd} = \gamma_d\, \hat x_{nd} + \beta_d$$
#
# and scale and shift still belong to the features.
# No example depends on another, a batch of one will do, nothing runs along, training and testing are one.
# Networks that read text use it in every layer.
#
# Mind one thing in backward. γ now varies *within* the set over which means are taken.
#
# **Predict.** Which of these leaves the output of layer normalisation unchanged: doubling one example; doubling one feature?
#
# <details><summary>Answer</summary>
#
# Doubling one example (but for ε). With batch normalisation it is the other way round.
#
# </details>

# %% nbgrader={"grade_id": "layernorm_forward", "solution": true}
def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features; then scale and shift each feature.

    x: (N, D); gamma, beta: (D,). ln_param: dict, perhaps with "eps", added to the variance, inside the root
    (1e-5 if missing). The variance is the mean of squared distances (1/D). Returns out (N, D), and a cache.
    """
    ### BEGIN SOLUTION
    mean = x.mean(axis=1, keepdims=True)
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    x_hat = (x - mean) / std
    return gamma * x_hat + beta, (x_hat, std, gamma)
    ### END SOLUTION


def layernorm_backward(dout, cache):
    """Gradients of layernorm_forward. dout: (N, D). Returns dx (N, D), dgamma (D,), dbeta (D,). Sums over the batch."""
    ### BEGIN SOLUTION
    x_hat, std, gamma = cache
    dgamma = np.sum(dout * x_hat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dx_hat = dout * gamma
    shift = dx_hat.mean(axis=1, keepdims=True)
    scale = np.mean(dx_hat * x_hat, axis=1, keepdims=True)
    dx = (dx_hat - shift - scale * x_hat) / std
    return dx, dgamma, dbeta
    ### END SOLUTION

# %% nbgrader={"grade_id": "layernorm_forward_check", "grade": true, "points": 14}
check = Check("layernorm_forward", points=14, hidden=5)

def rows_are(t, x, gamma, beta, ln_param, expected):
    given = {"x": x, "gamma": gamma, "beta": beta, "ln_param": ln_param}
    result = t.call(layernorm_forward, x, gamma, beta, dict(ln_param))
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given=given)

@check("two examples of four features, a large ε")
def _(t):
    x, gamma, beta = np.array([[3.0, 9, 11, 17], [0, 0, 0, 0]]), np.array([6.0, 12, 6, 6]), np.array([0.0, 0, 1, 0])
    rows_are(t, x, gamma, beta, {"eps": 11.0}, [[-7, -2, 2, 7], [0, 0, 1, 0]])

check.gradients(
    layernorm_forward, layernorm_backward, {"x": (4, 5), "gamma": (5,), "beta": (5,)}, extra=({"eps": 0.3},)
)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def example_by_example(x, gamma, beta, eps):
    rows = []
    for row in x:
        mean = sum(row) / len(row)
        root = (sum((v - mean) ** 2 for v in row) / len(row) + eps) ** 0.5
        rows.append([g * (v - mean) / root + b for v, g, b in zip(row, gamma, beta)])
    return np.array(rows)

@check("the default ε; a batch of one is enough")
def _(t):
    for N, D in ((6, 4), (1, 5)):
        x, gamma, beta = 2 * t.rng.normal(size=(N, D)) - 3, t.rng.normal(size=D), t.rng.normal(size=D)
        rows_are(t, x, gamma, beta, {}, example_by_example(x, gamma, beta, 1e-5))

@check("a large ε")
def _(t):
    x, gamma, beta = 2 * t.rng.normal(size=(5, 3)) + 7, t.rng.normal(size=3), t.rng.normal(size=3)
    rows_are(t, x, gamma, beta, {"eps": 1.7}, example_by_example(x, gamma, beta, 1.7))

check.gradients(
    layernorm_forward, layernorm_backward, {"x": (6, 4), "gamma": (4,), "beta": (4,)}, extra=({"eps": 1.5},),
    label="a large ε", draw=lambda rng, shape: 2 * rng.normal(size=shape) + 3,
)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Group normalisation: a choir in sections
#
# On images, layer normalisation would give all channels of an image one mean, edges and colours alike.
# *Group normalisation* divides the C channels into G groups of neighbours, C/G channels each,
# and gives every group of every image a mean and a variance of its own:
#
# $$(N, C, H, W) \;\longrightarrow\; (N,\; G,\; C/G \cdot H \cdot W)$$
#
# Means are over the last axis. Scale and shift still belong to the single channels.
# No example depends on another here either.
#
# **Predict.** Twelve channels. Which G makes it layer normalisation of whole images? Which G gives every map its own mean?
#
# <details><summary>Answer</summary>
#
# G = 1, and G = 12 (which also has a name: instance normalisation).
#
# </details>

# %% nbgrader={"grade_id": "spatial_groupnorm_forward", "solution": true}
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise each group of channels of each image; then scale and shift each channel.

    x: (N, C, H, W); gamma, beta: (1, C, 1, 1). G: number of groups, divides C; the first C/G channels are the first
    group, the next C/G the second, and so on. gn_param: dict, perhaps with "eps", added to the variance, inside the
    root (1e-5 if missing). The variance is the mean of squared distances. Returns out (N, C, H, W), and a cache.
    """
    ### BEGIN SOLUTION
    groups = x.reshape(len(x), G, -1)
    mean = groups.mean(axis=2, keepdims=True)
    std = np.sqrt(groups.var(axis=2, keepdims=True) + gn_param.get("eps", 1e-5))
    x_hat = ((groups - mean) / std).reshape(x.shape)
    return gamma * x_hat + beta, (x_hat, std, gamma, G)
    ### END SOLUTION


def spatial_groupnorm_backward(dout, cache):
    """Gradients of spatial_groupnorm_forward. dout: (N, C, H, W).

    Returns dx (N, C, H, W), dgamma (1, C, 1, 1), dbeta (1, C, 1, 1). Sums over batch and places.
    """
    ### BEGIN SOLUTION
    x_hat, std, gamma, G = cache
    dgamma = np.sum(dout * x_hat, axis=(0, 2, 3), keepdims=True)
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    dx_hat = (dout * gamma).reshape(len(dout), G, -1)
    x_hat = x_hat.reshape(dx_hat.shape)
    shift = dx_hat.mean(axis=2, keepdims=True)
    scale = np.mean(dx_hat * x_hat, axis=2, keepdims=True)
    dx = (dx_hat - shift - scale * x_hat) / std
    return dx.reshape(dout.shape), dgamma, dbeta
    ### END SOLUTION

# %% nbgrader={"grade_id": "spatial_groupnorm_forward_check", "grade": true, "points": 12}
check = Check("spatial_groupnorm_forward", points=12, hidden=5)

def groups_are(t, x, gamma, beta, G, gn_param, expected):
    given = {"x": x, "gamma": gamma, "beta": beta, "G": G, "gn_param": gn_param}
    result = t.call(spatial_groupnorm_forward, x, gamma, beta, G, dict(gn_param))
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given=given)

@check("one image of 1 x 2 pixels, six channels in three groups, a large ε")
def _(t):
    x = np.array([[3.0, 9], [11, 17], [103, 109], [111, 117], [0, 0], [0, 0]]).reshape(1, 6, 1, 2)
    gamma, beta = np.array([[6.0, 12, 6, 6, 1, 1], [0, 0, 1, 0, 2, 0]]).reshape(2, 1, 6, 1, 1)
    expected = np.array([[-7, -1], [2, 14], [-6, 0], [1, 7], [2, 2], [0, 0]]).reshape(1, 6, 1, 2)
    groups_are(t, x, gamma, beta, 3, {"eps": 11.0}, expected)

check.gradients(
    spatial_groupnorm_forward, spatial_groupnorm_backward,
    {"x": (4, 6, 1, 2), "gamma": (1, 6, 1, 1), "beta": (1, 6, 1, 1)}, extra=(2, {"eps": 0.3}),
)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def group_by_group(x, gamma, beta, G, eps):
    out, size = np.empty(x.shape), x.shape[1] // G
    for n in range(len(x)):
        for g in range(G):
            values = x[n, g * size : (g + 1) * size]
            normal = (values - np.mean(values)) / (np.std(values) ** 2 + eps) ** 0.5
            out[n, g * size : (g + 1) * size] = normal
    return gamma * out + beta

for G, shape, eps in ((3, (4, 6, 2, 5), 2.0), (2, (5, 6, 3, 2), 0.4)):
    @check(f"{G} groups of {shape[1] // G} channels, a large ε")
    def _(t):
        x, gamma, beta = 2 * t.rng.normal(size=shape) + 3, t.rng.normal(size=(1, 6, 1, 1)), t.rng.normal(size=(1, 6, 1, 1))
        groups_are(t, x, gamma, beta, G, {"eps": eps}, group_by_group(x, gamma, beta, G, eps))

check.gradients(
    spatial_groupnorm_forward, spatial_groupnorm_backward,
    {"x": (5, 6, 2, 1), "gamma": (1, 6, 1, 1), "beta": (1, 6, 1, 1)}, extra=(3, {"eps": 1.5}), label="three groups, a large ε",
)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: touch one pixel, of image 2 and channel 3. Which maps of the output notice, and how much?
def who_notices(groups=3):
    rng = np.random.default_rng(0)
    x, g, b = rng.normal(size=(5, 6, 4, 4)), np.ones((1, 6, 1, 1)), np.zeros((1, 6, 1, 1))
    norms = {
        "batch norm": lambda x: spatial_batchnorm_forward(x, np.ones(6), np.zeros(6), {"mode": "train"})[0],
        "layer norm": lambda x: layernorm_forward(x.reshape(5, 96), np.ones(96), np.zeros(96), {})[0].reshape(x.shape),
        f"group norm, G = {groups}": lambda x: spatial_groupnorm_forward(x, g, b, groups, {})[0],
    }
    touched = x.copy()
    touched[2, 3, 0, 0] += 5
    fig, axes = figure(1, 3, width=9, height=2.9, sharey=True)
    for ax, (name, f) in zip(axes, norms.items()):
        change = np.abs(f(touched) - f(x)).mean(axis=(2, 3))
        shades = ax.imshow(change, cmap="Blues", vmin=0, vmax=0.3)
        ax.set_title(f"{name}: {np.sum(change > 0)} of 30 maps", loc="left", fontsize=11)
        ax.set(xlabel="channel", xticks=range(6), yticks=range(5))
        ax.grid(False)
        images, channels = np.sum(change.any(axis=1)), np.sum(change.any(axis=0))
        fig.alt += f" {name}: maps change in {images} of 5 images and {channels} of 6 channels."
    axes[0].set_ylabel("image")
    fig.colorbar(shades, ax=axes, label="mean change", extend="max", ticks=[0, 0.1, 0.2, 0.3])
    return fig

sliders(who_notices, groups=[3, 1, 2, 6])

# %% [markdown]
# ## Experiment: small batches
#
# The mean of a batch is an estimate, and an estimate from few examples is poor.
# Every network below sees 6000 digits, in batches of 2 to 64; only the size of the batch changes, and the normalisation.
#
# **Predict.** At which end does batch normalisation fail, and does layer normalisation fail there too?
#
# <details><summary>Answer</summary>
#
# With batches of 2, every hidden number is −1 or 1 before scale and shift, next to no gradient comes through,
# and little is learned; 3 is better, and still far behind. From 8 on it is as good as any.
# Layer normalisation does not know the batch, and does not mind; nor does the plain network.
# (To the right all curves fall, for another reason: larger batches make fewer steps.)
#
# </details>

# %% tags=["experiment"]
def small_batches(learning_rate=0.03):
    """Test accuracy after 6000 digits, by batch size, for three normalisations."""
    norms = {
        "no": None,
        "batch": (batchnorm_forward, batchnorm_backward_alt),
        "layer": (layernorm_forward, layernorm_backward),
    }
    sizes = [2, 3, 4, 8, 16, 32, 64]
    fig, ax = figure(width=7, height=3.8)
    for i, (name, norm) in enumerate(norms.items()):
        found = []
        for batch in sizes:
            net = make_network()
            with np.errstate(all="ignore"):
                train(net, norm, learning_rate, 6000 // batch, batch)
                found.append(test_accuracy(net, norm))
        look = {"marker": style.MARKERS[i], "linestyle": style.DASHES[i], "color": style.category(i)}
        ax.semilogx(sizes, found, label=f"{name} normalisation", **look)
        fig.alt += f" {name} normalisation: test accuracy {', '.join(f'{a:.2f}' for a in found)} for batches of {sizes}."
    ax.set(xlabel="batch size", ylabel="test accuracy", ylim=(0, 1.05))
    ax.set_xticks(sizes, sizes)
    ax.minorticks_off()
    ax.legend(fontsize=9, loc="lower center")
    return fig

small_batches()

# %% [markdown]
# ## Fold it away
#
# In mode "test" the running averages are constants, and batch normalisation is one more affine map behind the first.
# Two affine maps in a row are one:
#
# $$\text{batchnorm}(x\,w + b) \;=\; x\,w' + b'$$
#
# So a network that is only *used* needs no normalisation any more: its weights have swallowed it.
# Nearly every network on a telephone has been folded like this.
#
# **Predict.** $w = 3$, $b = 1$, running mean 4, $\sqrt{\text{running variance} + \varepsilon} = 2$, γ = 10, β = 5. What are $w'$ and $b'$?
#
# <details><summary>Answer</summary>
#
# $(3x + 1 - 4) \cdot 10/2 + 5 = 15x - 10$: $w' = 15$ and $b' = -10$.
#
# </details>

# %% nbgrader={"grade_id": "fold_batchnorm", "solution": true}
def fold_batchnorm(w, b, gamma, beta, bn_param):
    """Fold a batch normalisation, as in mode "test", into the affine map in front of it.

    w: (D, M); b, gamma, beta: (M,); bn_param: dict with "running_mean" and "running_var", (M,),
    and perhaps "eps" (1e-5 if missing).
    Returns w_folded (D, M) and b_folded (M,), with which x @ w_folded + b_folded equals, for every x,
    the normalised x @ w + b. The arguments stay as they are.
    """
    ### BEGIN SOLUTION
    factor = gamma / np.sqrt(bn_param["running_var"] + bn_param.get("eps", 1e-5))
    return w * factor, (b - bn_param["running_mean"]) * factor + beta
    ### END SOLUTION

# %% nbgrader={"grade_id": "fold_batchnorm_check", "grade": true, "points": 10}
check = Check("fold_batchnorm", points=10, hidden=3)

def folded_are(t, w, b, gamma, beta, bn_param, expected_w, expected_b):
    given = {"w": w, "b": b, "gamma": gamma, "beta": beta, "bn_param": bn_param}
    arrays = [w.copy(), b.copy(), gamma.copy(), beta.copy()]
    result = fold_batchnorm(*arrays, dict(bn_param))
    two = isinstance(result, tuple | list) and len(result) == 2
    t.true(two, "Return two things: w_folded, b_folded.", "wrong_count")
    right = {"w_folded": np.array(expected_w), "b_folded": np.array(expected_b)}
    for (of, expected), folded in zip(right.items(), result):
        t.equal(folded, expected, of, given=given, others=right)
    for name, before, after in zip(given, (w, b, gamma, beta), arrays):
        message = f"{name} has changed: work on a copy, the network may still be used unfolded."
        t.true(np.array_equal(before, after), message, "argument_changed")

@check("15 x - 10, and a second unit with a larger variance")
def _(t):
    bn_param = {"mode": "test", "running_mean": np.array([4.0, 0]), "running_var": np.array([3.0, 24]), "eps": 1.0}
    w, b, gamma, beta = np.array([[3.0, 1]]), np.array([1.0, 2]), np.array([10.0, 5]), np.array([5.0, 0])
    folded_are(t, w, b, gamma, beta, bn_param, [[15.0, 1]], [-10.0, 2])

### BEGIN HIDDEN TESTS
check.hidden_tests()

def folded_slowly(t, D, M, **settings):
    w, b, gamma, beta = t.rng.normal(size=(D, M)), t.rng.normal(size=M), t.rng.normal(size=M), t.rng.normal(size=M)
    bn_param = {"running_mean": t.rng.normal(size=M), "running_var": t.rng.uniform(0.5, 3, size=M)} | settings
    def normalised(row):
        scores = [sum(row * w[:, m]) + b[m] - bn_param["running_mean"][m] for m in range(M)]
        roots = [(v + settings.get("eps", 1e-5)) ** 0.5 for v in bn_param["running_var"]]
        return np.array([s / r * g + c for s, r, g, c in zip(scores, roots, gamma, beta)])
    shift = normalised(np.zeros(D))
    folded_are(t, w, b, gamma, beta, bn_param, [normalised(row) - shift for row in np.eye(D)], shift)

@check("three inputs, four units, a large ε")
def _(t):
    folded_slowly(t, 3, 4, eps=2.0)

@check("as many inputs as units")
def _(t):
    folded_slowly(t, 4, 4, eps=0.5, mode="train", momentum=0.3)

@check("the default ε")
def _(t):
    folded_slowly(t, 5, 3)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: the trained network, unfolded and folded. And the unit of the beginning, now on steady ground.
def fold_network():
    digits, norm, net = load_digits(), (batchnorm_forward, batchnorm_backward_alt), make_network()
    train(net, norm, learning_rate=1.0)
    x, folded = digits.X_test.reshape(-1, 64), [dict(layer) for layer in net]
    for layer in folded[:-1]:
        parameters = (layer[name] for name in ("w", "b", "gamma", "beta", "param"))
        layer["w"], layer["b"] = fold_batchnorm(*parameters)
    gap = np.abs(run(net, x, norm, "test")[0] - run(folded, x)[0]).max()
    turns = [(seconds(run, folded, x), seconds(run, net, x, norm, "test")) for _ in range(10)]  # in turn: a fair race
    share = np.divide(*np.min(turns, axis=0))
    print(f"largest difference of the scores: {gap:.1e}; test accuracy, folded: {test_accuracy(folded):.1%}")
    print(f"time for 359 digits: {share:.0%} of the unfolded network's")

fold_network()
moving_ground((batchnorm_forward, batchnorm_backward_alt), "with batch normalisation")

# %% [markdown]
# ## What it is good for, and what it costs
#
# Higher learning rates, less care with first weights, units that stay off their flat parts:
# you have seen these. The noise of each batch's statistics also works as a mild *regularisation*:
# a digit never looks quite the same twice.
# Whether the steadier ground is *why* it helps is disputed; that gradients shrink as weights grow you derived yourself.
#
# The costs: two passes more over every layer, two kinds of statistics that must agree, and examples that depend on one another.
#
# ## Reflection
#
# A colleague trains a network with batch normalisation on batches of 3 very large images. Training loss: excellent.
# In mode "test" it is hardly better than guessing. When she tests the *training* images in mode "train", all is well again.
# "Then I will always test in mode train," she says.
#
# Explain *why* the two modes disagree so much here, and what a single test image would receive under her plan.
# Name two remedies of different kinds, and say for each why it helps. Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** In training every layer normalises with the mean and variance of three images, which change a lot from batch to batch.
# The network has learned with those. In mode test it gets the running averages instead, which are an average over many batches,
# so the inputs of the layers are distributed differently from what the weights were trained for.
# If she tests in mode train, a result depends on the other images in the batch, and a single image would be normalised with itself.
# Remedies: larger batches, so the statistics are closer to the running averages; or group normalisation, which does not use the batch.
#
# **A strong answer.** The mean and the variance of three images are poor estimates, and each image is one third of its own mean.
# So in training an image's activation carries information about its two neighbours, and the upper layers learn to count on numbers of that kind.
# The running averages are the mean of many such estimates: no batch ever looked like them, and if momentum is small they follow the last few batches only.
# Small differences multiply from layer to layer, since every layer is given what the one below made of the wrong statistics.
# Under her plan the answer for an image depends on who happens to be in its batch, so the same image can get two labels;
# a single vector normalised with itself becomes β in every feature, whatever it was, and in a convolutional layer its own contrast decides.
# Remedy of the first kind, better estimates: larger batches, or after training recompute the averages over the whole training set with fixed weights.
# Remedy of the second kind, no batch at all: group or layer normalisation, where training and testing are the same function.
# I would measure it first: the distance between batch statistics and running averages, layer by layer.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: poor estimates from 3 images, against running averages: the layers meet another distribution than they learned on.
# - 1: in mode "train" an answer depends on its company; a single example is normalised by itself (β, or its own maps only).
# - 1: a remedy that improves the statistics, with the reason.
# - 1: a remedy that does without the batch, with the reason.
# - "Overfitting" alone earns nothing: the training images fail in mode "test" as well.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **wrote** batch normalisation with its running averages, and its gradient twice: node by node, and as what is left when shift and scale are taken away.
# - You **extended** it to images, to single examples and to groups of channels, and folded it into the weights.
# - You **measured** what it changes: ten layers that stay alike, a hundredfold range of learning rates, and a failure at batches of two.
#
# **Roads not taken.** Normalising the *weights* instead of the activations. Dividing by the root mean square without taking the mean away,
# as large language models do. Updating the running averages of several machines together.
#
# **To read on.** [The paper that introduced it](https://arxiv.org/abs/1502.03167), and
# [one that measures whether steadier ground is the reason](https://arxiv.org/abs/1805.11604);
# [layer](https://arxiv.org/abs/1607.06450) and [group normalisation](https://arxiv.org/abs/1803.08494).
#
# **One more, if you like.** Multiply all weights of one normalised layer by 10 after every tenth step of training and compare the losses.
# Then print the length of that layer's weight vectors over 1000 steps at a learning rate of 3, without your multiplication.
# It only ever grows. Use $\sum dx \cdot \hat x = 0$ to prove it.
