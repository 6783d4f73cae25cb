# %% [markdown]
# # Regularization: closing the gap between training and test
#
# A network has learned 300 digits by heart.
# It repeats every label that it was shown, the wrong ones too,
# and of the digits that it has never seen it reads three in ten wrong.
#
# **How do you train a network that is large enough to learn everything by heart, so that it does not?**
#
# You know one answer, the penalty on large weights.
# Here you write it again with a dozen others, and measure all of them on that one problem.
# Some do wonders, some do nothing, two do harm. You find out why.
#
# You will
#
# - **write** penalties, noise and averages: dropout and its relatives, augmentation, early stopping, ensembles,
# - **verify** functions that roll dice: by what they do on average, and by gradients under a fixed mask,
# - **measure** every method on one overfitting problem, and say what each is good for.

# %% nbgrader={"grade_id": "setup", "locked": true}
from time import perf_counter

import numpy as np

from autograder import Check, hint
from utils import draw_graph, figure, load_digits, load_photograph, show_images, sliders, style

# %% [markdown]
# ## Four networks in one
#
# A neuron adds up its inputs $x = (2, 4)$. Each time it is used in training, each input is kept with probability $p = ½$,
# else replaced by 0, and whatever is kept is divided by $p$:
#
# | mask $m$ | inputs as the neuron sees them, $x\, m / p$ | output |
# |:---:|:---:|---:|
# | (0, 0) | (0, 0) | 0 |
# | (1, 0) | (4, 0) | 4 |
# | (0, 1) | (0, 8) | 8 |
# | (1, 1) | (4, 8) | 12 |
#
# The four masks are equally likely, so the output is $(0 + 4 + 8 + 12) / 4 = 6$ on average.
# That is what the neuron says without any mask, $2 + 4 = 6$.
# So in a test you leave the mask out, and get the average of all four networks at once.
# This is *dropout*.
#
# **Predict.** Let $m = (1, 0)$. What is the gradient of the output with respect to $x_1$, and with respect to $x_2$?
# Then move the sliders; gradients stand below the edges.
#
# <details><summary>Answer</summary>
#
# 2 and 0. The kept input counts twice, forward and backward; the other learns nothing from this example.
#
# </details>
#
# ## Warm-up: write, check, mend
#
# You write a cell, run the check below it, read what the check found, mend, and run both again.
# Try it here, where nothing is graded.
# `keep_above` should keep what is above a threshold and replace the rest by 0.
# It runs, and its answer is wrong. Read the diagnosis and mend the line.
#
# Stuck in a graded cell? Run `hint("dropout_forward")` in a cell of your own:
# a question comes first, then a formula, then a table.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% tags=["experiment"]
def two_inputs(m1=1, m2=0, p=0.5):
    """A sum of two inputs under a mask: values above the edges, gradients of the sum below."""
    values = {"x1": 2.0, "x2": 4.0, "m1 / p": m1 / p, "m2 / p": m2 / p}
    values |= {"k1": 2 * m1 / p, "k2": 4 * m2 / p, "s": 2 * m1 / p + 4 * m2 / p}
    gradients = {"s": 1.0, "k1": 1.0, "k2": 1.0, "x1": m1 / p, "x2": m2 / p}
    nodes = [("k1", "×", ["x1", "m1 / p"]), ("k2", "×", ["x2", "m2 / p"]), ("s", "+", ["k1", "k2"])]
    return draw_graph(nodes, values, gradients)

sliders(two_inputs, m1=(0, 1), m2=(0, 1), p=(0.1, 1.0, 0.1))

# %% tags=["experiment"]
def keep_above(x, threshold):
    """x where it is above the threshold, 0 elsewhere."""
    return 1.0 * (x > threshold)


check = Check("keep_above", points=0)

@check("keeps 3 and 5, replaces 1 and -2")
def _(t):
    t.equal(t.call(keep_above, np.array([3.0, 1.0, -2.0, 5.0]), 2.0), [3.0, 0.0, 0.0, 5.0], "kept")

check.score()

# %% [markdown]
# ## One problem for everything
#
# 300 digits to train on, and three in ten of their labels drawn at random. Real labels are seldom this bad, and never perfect.
# 1,397 other digits, with clean labels, make up the test.
# The network is larger than it need be: 64-64, three blocks $h + \text{ReLU}(h V + c)$, 10 scores; its layers are given.
# `how` says which of your functions stand at which place; `{}` is the plain network.
#
# **Predict.** 27 % of the labels it trains on are wrong.
# What share of them does it repeat after 900 steps, and what happens to its accuracy on the test meanwhile?
#
# <details><summary>Answer</summary>
#
# It repeats them all: the training accuracy is 100 %.
# The test accuracy rises to 85 % in the first hundred steps and then falls below 70 %.
# What all digits of a class share is learned first; what makes one of them an exception comes later.
# The distance between the curves is the *gap*, and learning by heart is *overfitting*.
#
# </details>

# %% tags=["experiment"]
def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def network(params, x, y=None, how={}, seed=0):
    """The scores, in test mode; with labels y one pass in training mode, which returns the gradients of the loss.

    how["first"], how["hidden"] and how["branch"] are triples forward, backward, p: layers to use at those places.
    """
    def setting(name, place):  # every place has a mask of its own
        return {"p": how[name][2], "mode": "test" if y is None else "train", "seed": 10 * int(seed) + place}

    def drop(h, place):
        return how["hidden"][0](h, setting("hidden", place)) if "hidden" in how else (h, None)

    x, blocks = x.reshape(len(x), -1) - 0.3, []
    if "first" in how:
        a, first = how["first"][0](x, params["W0"], params["b0"], setting("first", 0))
    else:
        a = x @ params["W0"] + params["b0"]
    h, dropped = drop(np.maximum(0, a), 1)
    for k in (1, 2, 3):
        z = h @ params[f"W{k}"] + params[f"b{k}"]
        branch = np.maximum(0, z)
        out, cache = how["branch"][0](h, branch, setting("branch", 1 + k)) if "branch" in how else (h + branch, None)
        blocks.append((h, z, cache))
        h = out
    h, last = drop(h, 5)
    scores = h @ params["W4"] + params["b4"]
    if y is None:
        return scores
    dscores = (softmax(scores) - np.eye(10)[y]) / len(y)
    grads, dh = {"W4": h.T @ dscores, "b4": dscores.sum(axis=0)}, dscores @ params["W4"].T
    dh = how["hidden"][1](dh, last) if "hidden" in how else dh
    for k in (3, 2, 1):
        h, z, cache = blocks.pop()
        dh, dbranch = how["branch"][1](dh, cache) if "branch" in how else (dh, dh)
        dz = dbranch * (z > 0)
        grads[f"W{k}"], grads[f"b{k}"], dh = h.T @ dz, dz.sum(axis=0), dh + dz @ params[f"W{k}"].T
    da = (how["hidden"][1](dh, dropped) if "hidden" in how else dh) * (a > 0)
    _, grads["W0"], grads["b0"] = how["first"][1](da, first) if "first" in how else (None, x.T @ da, da.sum(axis=0))
    return grads

# %% tags=["experiment"]
def noisy_digits(seed, noise=0.3):
    """300 digits to train on and 100 to validate on, wrong labels among them; all others, with clean labels, to test on."""
    digits, rng = load_digits(), np.random.default_rng(seed)
    X, y = np.concatenate([digits.X_train, digits.X_test]), np.concatenate([digits.y_train, digits.y_test])
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    labels = np.where(rng.random(len(y)) < noise, rng.integers(10, size=len(y)), y)
    parts = {"train": (X[:300], labels[:300]), "validation": (X[300:400], labels[300:400])}
    return {**parts, "test": (X[400:], y[400:]), "truth": y[:300]}

def first_params(rng, inputs=64):
    """Weights as He et al. start them, smaller in the blocks; biases 0."""
    params, sizes = {}, [(inputs, 64), (64, 64), (64, 64), (64, 64), (64, 10)]
    for k, (fan_in, fan_out) in enumerate(sizes):
        scale = (1.0, 0.5, 0.5, 0.5, 0.3)[k] * np.sqrt(2 / fan_in)
        params[f"W{k}"], params[f"b{k}"] = scale * rng.normal(size=(fan_in, fan_out)), np.zeros(fan_out)
    return params

def probabilities(params, X, how):
    """Of the classes, in test mode; with random images the mean over so many draws as how["draws"] says."""
    images, rng, total = how.get("images"), np.random.default_rng(5), 0.0
    for _ in range(how.get("draws", 1)):
        seen = images(X, rng) if "draws" in how else X
        some = (seen[i : i + 60] for i in range(0, len(X), 60))  # products small enough for one core
        total = total + np.concatenate([softmax(network(params, x, how=how)) for x in some])
    return total / how.get("draws", 1)

def accuracy(params, part, how):
    return np.mean(probabilities(params, part[0], how).argmax(axis=1) == part[1])

# %% tags=["experiment"]
def train(how={}, seed=0, steps=900, every=50):
    """Train on noisy digits. Returns the params and what was seen on the way: accuracies, snapshots, the average."""
    parts, rng = noisy_digits(seed), np.random.default_rng(seed)
    (X, y), (X_val, y_val) = parts["train"], parts["validation"]
    images = how.get("images", lambda x, rng: x)
    params = first_params(rng, images(X[:1], np.random.default_rng(0)).size)
    velocity, stopper = {name: np.zeros_like(value) for name, value in params.items()}, how.get("stopper", lambda: None)()
    seen = {"train": [], "test": [], "averaged": [], "snapshots": [], "average": None, "parts": parts}
    for step in range(steps):
        rows = rng.integers(len(X), size=30)
        grads = network(params, images(X[rows], rng), y[rows], how, seed=rng.integers(2**31))
        rate = how["rate"](step) if "rate" in how else 0.03
        for name, value in params.items():
            pull = how["pull"](value) if "pull" in how and name[0] == "W" else 0.0
            velocity[name] = 0.9 * velocity[name] - rate * (grads[name] + pull)
            value = value + velocity[name]
            params[name] = how["ceiling"](value) if "ceiling" in how and name[0] == "W" else value
        seen["average"] = how["average"](seen["average"], params) if "average" in how else None
        if (step + 1) % how.get("cycle", steps) == 0:
            seen["snapshots"].append(dict(params))
        if (step + 1) % every == 0:
            seen["train"].append(accuracy(params, parts["train"], how))
            seen["test"].append(accuracy(params, parts["test"], how))
            if "average" in how:
                seen["averaged"].append(accuracy(seen["average"], parts["test"], how))
            right = probabilities(params, X_val, how)[np.arange(len(y_val)), y_val]
            if stopper and stopper.update(-np.mean(np.log(right + 1e-12)), params):
                break
    return (stopper.best_params if stopper else params), seen

def show_gap():
    steps, (_, seen), (fig, ax) = range(50, 901, 50), train(), figure()
    ax.plot(steps, seen["train"], "--", color=style.category(1), label="training, labels as given")
    ax.plot(steps, seen["test"], color=style.category(0), label="test")
    agree = seen["parts"]["train"][1] == seen["parts"]["truth"]
    ax.axhline(agree.mean(), color=style.QUIET, linestyle=":", label="share of right labels in training")
    ax.set(xlabel="step", ylabel="accuracy"), ax.legend(loc="center right")
    ax.set_title("The plain network learns by heart", loc="left")
    fig.alt = f"Training accuracy rises to {seen['train'][-1]:.0%}, test accuracy to {max(seen['test']):.0%} and then falls to {seen['test'][-1]:.0%}."
    return fig

show_gap()

# %% [markdown]
# ## Charge for weights: L2, L1, both, or a ceiling
#
# To bend around one wrong label a network needs large weights. So charge for them:
#
# $$\text{penalty} = \lambda_1 \sum_{ij} |W_{ij}| + \frac{\lambda_2}{2} \sum_{ij} W_{ij}^2$$
#
# The second term alone is *L2*: it pulls each weight in proportion to its size.
# The first alone is *L1*: it pulls every weight with the same force, and many end at 0.
# Both together are the *elastic net*.
# *Max-norm* charges nothing. It is a ceiling: after each step, a unit whose incoming weights have grown
# beyond a norm is scaled back to it.
#
# **Predict.** A weight of 0.001 and $\lambda_1 = \lambda_2 = 0.1$. Which term pulls harder, and how many times as hard?
#
# <details><summary>Answer</summary>
#
# L1, with 0.1 against 0.0001: a thousand times. That is why L1 makes zeros and L2 makes small numbers.
#
# </details>

# %% nbgrader={"grade_id": "l1_l2_penalty", "solution": true}
def l1_l2_penalty(W, l1, l2):
    """The penalty on weights and its gradient.

    W: any shape; l1, l2: the two numbers of the formula above, either may be 0.
    The penalty is l1 times the sum of the absolute values plus l2 / 2 times the sum of the squares; no means.
    Returns penalty (a number), dW (of the shape of W).
    Where a weight is exactly 0 any slope of |W| from -1 to 1 is right.
    """
    ### BEGIN SOLUTION
    penalty = l1 * np.sum(np.abs(W)) + l2 / 2 * np.sum(W**2)
    return penalty, l1 * np.sign(W) + l2 * W
    ### END SOLUTION


def max_norm(W, limit):
    """The weights after the ceiling.

    W: (D, M), column j holds the weights into unit j; limit: a positive number.
    A column whose norm (root of the sum of its squares) is above limit is scaled to the norm limit;
    the others stay as they are.
    Returns an array of the shape of W. A column of zeros stays zeros.
    """
    ### BEGIN SOLUTION
    norms = np.sqrt(np.sum(W**2, axis=0))
    return W * np.where(norms > limit, limit / np.maximum(norms, limit), 1.0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "l1_l2_penalty_check", "grade": true, "points": 8}
check = Check("l1_l2_penalty", points=8, hidden=4)

def compare_penalty(t, W, l1, l2, expected):
    result = t.call(l1_l2_penalty, W, l1, l2)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: penalty, dW.", "wrong_count")
    t.equal(result[0], expected, "penalty", given={"W": W, "l1": l1, "l2": l2})

def compare_slope(t, W, l1, l2):
    _, dW = t.call(l1_l2_penalty, W, l1, l2)
    t.gradient(lambda W: l1_l2_penalty(W, l1, l2)[0], W, dW, "dW", given={"W": W, "l1": l1, "l2": l2})

@check("the penalty of (1, -2; 0.5, 3): 0.65 for l1 = 0.1, 1.425 for l2 = 0.2, 2.075 for both")
def _(t):
    for l1, l2, expected in ((0.1, 0.0, 0.65), (0.0, 0.2, 1.425), (0.1, 0.2, 2.075)):
        compare_penalty(t, np.array([[1.0, -2.0], [0.5, 3.0]]), l1, l2, expected)

@check("dW agrees with finite differences of the penalty")
def _(t):
    compare_slope(t, np.array([[1.0, -2.0, 0.3], [0.5, 3.0, -0.7]]), 0.3, 0.2)

@check("a ceiling of 2: columns (3, 4) and (0.6, -0.8)")
def _(t):
    W = np.array([[3.0, 0.6], [4.0, -0.8]])
    t.equal(t.call(max_norm, W, 2.0), [[1.2, 0.6], [1.6, -0.8]], "W under the ceiling", given={"W": W, "limit": 2.0})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def away_from_zero(rng, shape):
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.2, 2, size=shape)

@check("penalty of weights with three axes")
def _(t):
    W = away_from_zero(t.rng, (3, 2, 4))
    expected = sum(0.7 * abs(w) + 0.15 * w * w for w in W.ravel())
    compare_penalty(t, W, 0.7, 0.3, expected)

@check("dW with three axes")
def _(t):
    compare_slope(t, away_from_zero(t.rng, (3, 2, 2)), 0.7, 0.3)

@check("dW with one of the two numbers 0")
def _(t):
    compare_slope(t, away_from_zero(t.rng, (2, 3)), 0.4, 0.0)
    compare_slope(t, away_from_zero(t.rng, (2, 3)), 0.0, 0.4)
    slope = np.ravel(t.call(l1_l2_penalty, np.array([[0.0, 2.0]]), 0.4, 0.1)[1])[0]
    t.true(bool(abs(slope) <= 0.4 + 1e-9), f"At a weight of exactly 0 the slope is {slope}; any number from -l1 to l1 is right.", "zero_weight")

@check("a ceiling over five units")
def _(t):
    W = t.rng.normal(size=(4, 5)) * np.array([3.0, 0.1, 1.0, 0.3, 5.0])
    expected = np.array([[w * min(1.0, 1.3 / sum(column**2) ** 0.5) for w in column] for column in W.T]).T
    t.equal(t.call(max_norm, W, 1.3), expected, "W under the ceiling", given={"W": W, "limit": 1.3})
    W[:, 3], expected[:, 3] = 0, 0
    with np.errstate(all="ignore"):
        found = np.asarray(max_norm(W.copy(), 1.3))
    t.true(bool(np.all(np.isfinite(found))), "A column of zeros becomes 0 / 0. It is below the ceiling: leave it as it is.", "zero_column")
    t.equal(found, expected, "W with a column of zeros", given={"W": W, "limit": 1.3})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Dropout
#
# A unit that relies on one other unit fails when that one is not there.
# Dropout takes units away at random, others in each pass, so each has to be of use in any company.
# You may also see it as training $2^{H}$ networks that share their weights.
#
# **Here $p$ is the probability to KEEP an entry.** (Many libraries mean the opposite.)
#
# $$\text{training: out} = x \cdot \frac{m}{p}, \quad m = 1 \text{ with probability } p, \text{ else } 0; \qquad \text{test: out} = x$$
#
# Dividing by $p$ in training is called *inverted* dropout. It leaves the test pass untouched.
# Randomness in training, averaged out in the test: that pattern returns in most of what follows.
#
# **Predict.** Upstream gradient (1, 1, 1), mask (1, 0, 1), $p = 0.8$, training mode. What does backward return? And in test mode?
#
# <details><summary>Answer</summary>
#
# (1.25, 0, 1.25), by the very mask that forward used; in test mode (1, 1, 1).
#
# </details>
#
# The test pass should say what the mean over many masks says.
# For one layer that is exact. Behind a ReLU and a softmax it is an approximation, and you can measure it:
# after the check a trained network votes with `masks` random masks, and once without any.
#
# **Predict.** With one mask it reads worse than in test mode. With how many does it read about as well?
#
# <details><summary>Answer</summary>
#
# With about ten it comes close, and more hardly help. The single pass reads as well as all of them together or better, in a small part of the time.
#
# </details>

# %% nbgrader={"grade_id": "dropout_forward", "solution": true}
def dropout_forward(x, dropout_param):
    """Inverted dropout. x: any shape.

    dropout_param: a dict with
    - p: the probability to KEEP an entry, above 0, at most 1;
    - mode: "train" keeps each entry with probability p, divides what is kept by p and sets the rest to 0,
      every entry of every example on its own; "test" returns x as it is;
    - seed (may be missing): an int. Two calls with one seed use the same mask; without it each call draws a new one.
    Returns out, of the shape of x, and a cache.
    """
    ### BEGIN SOLUTION
    if dropout_param["mode"] == "test":
        return x, None
    p, rng = dropout_param["p"], np.random.default_rng(dropout_param.get("seed"))
    mask = (rng.random(x.shape) < p) / p
    return x * mask, mask
    ### END SOLUTION


def dropout_backward(dout, cache):
    """Gradient of dropout_forward in the pass that made the cache, in either mode.

    dout: shape of x. Returns dx, of the shape of x.
    """
    ### BEGIN SOLUTION
    mask = cache
    return dout if mask is None else dout * mask
    ### END SOLUTION

# %% nbgrader={"grade_id": "dropout_forward_check", "grade": true, "points": 20}
check = Check("dropout_forward", points=20, hidden=7)

def call_forward(t, x, **param):
    result = t.call(dropout_forward, x, param)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    return result

@check("in training each entry is 0 or divided by p; a share p is kept, and p is the probability to keep")
def _(t):
    for p, shape in ((0.3, (15, 800)), (0.3, (800, 15)), (0.8, (110, 110))):  # no k / 15 is near 0.3, if lines are dropped as a whole
        x = t.rng.uniform(0.5, 2, size=shape)
        out = np.asarray(call_forward(t, x, p=p, mode="train")[0])
        t.equal(np.mean(out != 0), p, "share of kept entries", given={"p": p, "kept": out != 0}, tolerance=0.1)  # more than 7 standard deviations of an honest mask
        t.equal(out, x * (out != 0) / p, "out", given={"x": x, "kept": out != 0, "p": p})

@check("in test mode nothing changes, forward and backward")
def _(t):
    x, dout = t.rng.normal(size=(2, 6, 5))
    out, cache = call_forward(t, x, p=0.4, mode="test")
    t.equal(out, x, "out in test mode", given={"x": x, "p": 0.4})
    t.equal(dropout_backward(dout.copy(), cache), dout, "dx in test mode", given={"dout": dout, "p": 0.4})

@check("backward goes through the mask that forward used")
def _(t):
    x, dout = t.rng.uniform(0.5, 2, size=(2, 8, 7))
    out, cache = call_forward(t, x, p=0.6, mode="train")
    given = {"dout": dout, "kept": np.asarray(out) != 0, "p": 0.6}
    t.equal(dropout_backward(dout.copy(), cache), dout * out / x, "dx", given=given)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def require_own_draws(t, kept):
    rows = kept.reshape(len(kept), -1)
    t.true(not np.all(kept), "Nothing is dropped: no entry is 0. Compare random numbers with p.", "nothing_dropped")
    t.true(not np.all(kept == kept[:1]), "All examples share one mask. Draw one number for every entry of x.", "same_for_all_examples")
    t.true(not np.all(rows == rows[:, :1]), "Examples are kept or dropped as a whole. Draw one number for every entry of x.", "whole_examples_dropped")

@check("every entry of every example is drawn on its own")
def _(t):
    out, _ = call_forward(t, np.ones((50, 60)), p=0.5, mode="train")
    kept = np.asarray(out) != 0
    require_own_draws(t, kept)
    passes = t.calls(dropout_forward, [(np.ones((3, 4)), {"p": 0.5, "mode": "train"}) for _ in range(16)], select=0)
    masks = [np.asarray(one) != 0 for one in passes]
    counts = {int(mask.sum()) for mask in masks}
    one_mask = all(np.array_equal(mask, masks[0]) for mask in masks)  # another check tells it
    t.true(len(counts) > 1 or one_mask, f"In each of 16 passes {min(counts)} of 12 entries were kept. Draw each entry for itself; how many are kept is chance, too.", "same_number_kept")
    for axis in (0, 1):  # 50 or 60 draws each, of which at least 3 and not all are kept, but for a chance of 1e-10
        counts = kept.sum(axis=axis)
        t.true(counts.min() >= 3 and counts.max() < kept.shape[axis], "Some units or examples are never, hardly ever or always kept: draw one number for every entry.")

@check("any shape; on average out is x")
def _(t):
    x = t.rng.uniform(0.5, 2, size=(20, 5, 6, 15))
    out, cache = call_forward(t, x, p=0.3, mode="train")
    kept = np.asarray(out) != 0
    require_own_draws(t, kept)
    t.equal(np.mean(kept), 0.3, "share of kept entries", given={"p": 0.3}, tolerance=0.2)  # 12 standard deviations
    t.equal(out, x * kept / 0.3, "out", given={"x": x, "kept": kept, "p": 0.3})
    t.equal(np.mean(out), np.mean(x), "mean of out", tolerance=0.1)

@check("a new mask in each call, the same mask for the same seed")
def _(t):
    x, pairs = np.ones((12, 15)), []
    for seeds in ({}, {}), ({"seed": 3}, {"seed": 3}), ({"seed": 3}, {"seed": 4}):
        pairs.append([np.array(call_forward(t, x, p=0.5, mode="train", **seed)[0]) for seed in seeds])
    t.true(not np.array_equal(*pairs[0]), "Two calls without seed drop the same entries. Each training pass needs a mask of its own.", "mask_never_changes")
    t.true(np.array_equal(*pairs[1]), "Two calls with the same seed drop different entries. Use dropout_param's seed if there is one.", "seed_ignored")
    t.true(not np.array_equal(*pairs[2]), "Seeds 3 and 4 give the same mask. Start the generator from the seed itself.", "mask_never_changes")
    first, second = (np.array(call_forward(t, x, p=0.5, mode="train", seed=0)[0]) for _ in range(2))
    t.true(np.array_equal(first, second), "Two calls with seed 0 drop different entries. 0 counts as False: ask whether the key is there.", "seed_zero_ignored")

@check("backward goes through the mask itself, held by a seed, where inputs are 0 as well")
def _(t):
    x, dout, param = t.rng.normal(size=(9, 11)), t.rng.normal(size=(9, 11)), {"p": 0.7, "mode": "train", "seed": 11}  # two masks of 45 entries are never alike
    x[:, ::2] = 0.0  # as after a ReLU: an output of 0 need not be a dropped one
    factors = np.asarray(call_forward(t, np.ones(x.shape), **param)[0])  # the same seed: the same mask
    out, cache = call_forward(t, x, **param)
    again, _ = call_forward(t, x, **param)
    t.true(np.array_equal(out, again), "Two calls with the same seed drop different entries. Use dropout_param's seed if there is one.", "seed_ignored")
    dx = dropout_backward(dout.copy(), cache)
    t.equal(dx, dout * factors, "dx", given={"dout": dout, "kept": factors != 0, "out": np.asarray(out), "p": 0.7})

@check("two passes, then backward through the first")
def _(t):
    x, dout = t.rng.uniform(0.5, 2, size=(2, 9, 8))
    out, cache = call_forward(t, x, p=0.3, mode="train")
    call_forward(t, x, p=0.7, mode="train")
    given = {"dout": dout, "kept": np.asarray(out) != 0, "p": 0.3}
    t.equal(dropout_backward(dout.copy(), cache), dout * out / x, "dx", given=given)

@check("backward with four axes")
def _(t):
    x, dout = t.rng.uniform(0.5, 2, size=(2, 4, 3, 5, 2))
    out, cache = call_forward(t, x, p=0.6, mode="train")
    given = {"dout": dout, "kept": np.asarray(out) != 0, "p": 0.6}
    t.equal(dropout_backward(dout.copy(), cache), dout * out / x, "dx", given=given)

@check("test mode with a seed, four axes")
def _(t):
    x, dout = t.rng.normal(size=(2, 4, 3, 5, 2))
    out, cache = call_forward(t, x, p=0.7, mode="test", seed=5)
    t.equal(out, x, "out in test mode", given={"x": x, "p": 0.7})
    t.equal(dropout_backward(dout.copy(), cache), dout, "dx in test mode", given={"dout": dout, "p": 0.7})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def votes(p=0.5, counts=(1, 2, 3, 5, 10, 20)):
    """Accuracy of the mean over 1, 2, ... random masks beside that of one pass in test mode, and the curves of the training."""
    how = {"hidden": (dropout_forward, dropout_backward, p)}
    params, seen = train(how)
    X, y = seen["parts"]["test"]
    start = perf_counter()
    once = accuracy(params, (X, y), how)
    one, start = perf_counter() - start, perf_counter()

    def always_drop(x, param):
        return dropout_forward(x, {**param, "mode": "train"})

    masked = {"hidden": (always_drop, dropout_backward, p)}
    starts = range(0, len(X), 60)
    each = [[softmax(network(params, X[i : i + 60], how=masked, seed=1000 * seed + i)) for i in starts] for seed in range(counts[-1])]
    each = np.array([np.concatenate(one) for one in each])
    many = perf_counter() - start
    shares = [np.mean(each[:K].mean(axis=0).argmax(axis=1) == y) for K in counts]
    fig, (left, right) = figure(1, 2, width=10, height=3.9, sharey=True)
    steps = 50 * np.arange(1, 1 + len(seen["test"]))
    left.plot(steps, seen["train"], "--", color=style.category(1), label="training")
    left.plot(steps, seen["test"], color=style.category(0), label="test")
    left.set(xlabel="step", ylabel="accuracy")
    left.set_title(f"Dropout, keeping {p:.0%}", fontsize=11, loc="left")
    right.plot(counts, shares, "o-", color=style.category(4), label="mean over masks")
    right.axhline(once, color=style.category(0), linestyle="--", label="one pass in test mode")
    right.set(xlabel="masks", xscale="log", xticks=counts, xticklabels=counts)
    right.set_title(f"One pass {1e3 * one:.0f} ms, {counts[-1]} masks {1e3 * many:.0f} ms", fontsize=11, loc="left")
    left.legend(loc="lower right"), right.legend(loc="lower right")
    fig.alt = f"Dropout keeping {p:.0%}: training {seen['train'][-1]:.1%}, test {seen['test'][-1]:.1%}. One mask reads {shares[0]:.1%} of the test, {counts[-1]} masks {shares[-1]:.1%}, the test pass {once:.1%}."
    return fig

sliders(votes, p=(0.1, 1.0, 0.1))

# %% [markdown]
# ## DropConnect: drop weights
#
# Dropout takes a unit away from all that read it.
# *DropConnect* takes single connections: each *weight* is kept with probability $p$, the inputs and the bias stay.
#
# $$\text{training: out} = x \Big(W \cdot \frac{m}{p}\Big) + b, \qquad \text{test: out} = x W + b$$
#
# The mask has the shape of $W$; one mask serves the whole batch.
# $W m / p$ takes the place of $W$ in the affine layer you know. Backward, it does so too,
# and the gradient of $W$ passes the mask once more.
#
# **Predict.** A weight is dropped in this pass. What is its gradient?
#
# <details><summary>Answer</summary>
#
# 0: the output did not depend on it. L2 would still pull on it.
#
# </details>
#
# ## Stochastic depth: drop layers
#
# A *residual block* adds something to what it received: $h + f(h)$. Without $f$ it still passes $h$ on.
# *Stochastic depth* drops the whole branch $f(h)$, for each example of its own:
#
# $$\text{training: out}_n = h_n + \frac{m_n}{p}\, f(h)_n, \qquad \text{test: out} = h + f(h)$$
#
# So an example sees a shallow network in one pass and a deep one in the next.
# $p$ keeps its meaning: the probability to **keep** the branch.
#
# **Predict.** The branch of an example is dropped. How much of the upstream gradient reaches $h$ along the shortcut,
# how much reaches the branch?
#
# <details><summary>Answer</summary>
#
# All of it, unscaled, and nothing. The shortcut is never dropped: gradients reach early layers in every pass.
#
# </details>

# %% nbgrader={"grade_id": "dropconnect_forward", "solution": true}
def dropconnect_forward(x, w, b, dropconnect_param):
    """An affine layer that drops weights. x: (N, D); w: (D, M); b: (M,).

    dropconnect_param: a dict with p, the probability to KEEP a weight; mode, "train" or "test"; seed (may be missing):
    an int, two calls with one seed use the same mask; without it each call draws a new one.
    In training each weight is kept with probability p and divided by p, else it counts as 0: one mask for the whole
    batch. In test mode all weights are used as they are. The bias is never dropped.
    Returns out, of shape (N, M), and a cache.
    """
    ### BEGIN SOLUTION
    mask = np.ones(w.shape)
    if dropconnect_param["mode"] == "train":
        p, rng = dropconnect_param["p"], np.random.default_rng(dropconnect_param.get("seed"))
        mask = (rng.random(w.shape) < p) / p
    return x @ (w * mask) + b, (x, w * mask, mask)
    ### END SOLUTION


def dropconnect_backward(dout, cache):
    """Gradients of dropconnect_forward in the pass that made the cache. dout: (N, M).

    Returns dx (N, D), dw (D, M), db (M,), in this order; sums over the batch, no means.
    """
    ### BEGIN SOLUTION
    x, masked, mask = cache
    return dout @ masked.T, (x.T @ dout) * mask, dout.sum(axis=0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "dropconnect_forward_check", "grade": true, "points": 12}
check = Check("dropconnect_forward", points=12, hidden=3)

def probe(t, D, M, p, mode="train", **seed):
    """Run forward on inputs that show one row of weights each, one of zeros, and three of any kind."""
    x, w, b = t.rng.normal(size=(D + 4, D)), t.rng.uniform(0.5, 2, size=(D, M)), t.rng.uniform(0.5, 2, size=M)
    x[: D + 1] = np.eye(D + 1, D)
    result = t.call(dropconnect_forward, x, w, b, {"p": p, "mode": mode, **seed})
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(np.shape(result[0]), (D + 4, M), "shape of out")
    out = np.array(result[0], dtype=float)
    given = {"x": x, "w": w, "b": b, "p": p, "out": out, "kept": (kept := np.abs(out[:D] - out[D]) > 1e-9)}
    t.equal(out[D], b, "out for an input of zeros", given=given)
    t.equal(out, x @ (w * kept / p if mode == "train" else w) + b, "out" if mode == "train" else "out in test mode", given=given)
    return kept, out, result[1], given

@check("in training each weight counts 0 or 1 / p times, the bias always once; a share p of the weights is kept")
def _(t):
    for p in (0.3, 0.8):
        kept, *_ = probe(t, 100, 100, p)
        t.true(not (np.all(kept == kept[:, :1]) or np.all(kept == kept[:1])), "Whole rows or columns of w are kept or dropped together. Draw one number for every weight.", "whole_lines_dropped")
        t.equal(np.mean(kept), p, "share of kept weights", given={"p": p, "kept": kept}, tolerance=0.1)  # 6 standard deviations

@check("in test mode this is the affine layer")
def _(t):
    probe(t, 8, 9, 0.3, "test")

layer, seeded = (dropconnect_forward, dropconnect_backward), ({"p": 0.75, "mode": "train", "seed": 2},)
check.gradients(*layer, {"x": (5, 4), "w": (4, 6), "b": (6,)}, extra=seeded, label="the mask held by a seed")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def compare_back(t, D, M, p, mode):
    kept, out, cache, given = probe(t, D, M, p, mode)
    x, w, dout = given["x"], given["w"], t.rng.normal(size=out.shape)
    gradients = dropconnect_backward(dout.copy(), cache)
    t.true(isinstance(gradients, tuple | list) and len(gradients) == 3, "Return three things: dx, dw, db.", "wrong_count")
    factor, where = (kept / p, "") if mode == "train" else (1.0, " in test mode")
    right = {"dw": (x.T @ dout) * factor, "dx": dout @ (w * factor).T, "db": dout.sum(axis=0)}
    for name, gradient in zip(("dw", "dx", "db"), (gradients[1], gradients[0], gradients[2])):
        others = {other: value for other, value in right.items() if other != name}
        t.equal(gradient, right[name], f"{name}{where}", given={"dout": dout, **given}, others=others)

@check("backward goes through the mask that forward used")
def _(t):
    compare_back(t, 10, 12, 0.25, "train")

@check("backward in test mode")
def _(t):
    compare_back(t, 5, 7, 0.4, "test")

@check("a new mask in each call, the same mask for the same seed")
def _(t):
    first, second = probe(t, 10, 12, 0.3)[0], probe(t, 10, 12, 0.3)[0]
    t.true(not np.array_equal(first, second), "Two calls without seed drop the same weights.", "mask_never_changes")
    first, second = probe(t, 10, 12, 0.3, seed=3)[0], probe(t, 10, 12, 0.3, seed=3)[0]
    t.true(np.array_equal(first, second), "Two calls with the same seed drop different weights. Use the param's seed if there is one.", "seed_ignored")
    zero = [probe(t, 10, 12, 0.3, seed=0)[0] for _ in range(2)]
    t.true(np.array_equal(*zero), "Two calls with seed 0 drop different weights. 0 counts as False: ask whether the key is there.", "seed_zero_ignored")
    t.true(not np.array_equal(second, probe(t, 10, 12, 0.3, seed=4)[0]), "Seeds 3 and 4 give the same mask.", "mask_never_changes")
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "stochastic_depth_forward", "solution": true}
def stochastic_depth_forward(x, branch, depth_param):
    """A residual block that may skip its branch.

    x, branch: (N, d1, ..., dk), at least two axes; branch is f(x), computed before.
    depth_param: a dict with p, the probability to KEEP a branch; mode, "train" or "test"; seed (may be missing):
    an int, two calls with one seed make the same choice; without it each call draws anew.
    In training each example keeps its branch with probability p, divided by p, or goes without: one draw per example.
    In test mode every branch is added as it is. x itself is never dropped or scaled.
    Returns out, of the shape of x, and a cache.
    """
    ### BEGIN SOLUTION
    mask = np.ones(len(x))
    if depth_param["mode"] == "train":
        p, rng = depth_param["p"], np.random.default_rng(depth_param.get("seed"))
        mask = (rng.random(len(x)) < p) / p
    mask = mask.reshape(-1, *[1] * (x.ndim - 1))
    return x + mask * branch, mask
    ### END SOLUTION


def stochastic_depth_backward(dout, cache):
    """Gradients of stochastic_depth_forward in the pass that made the cache. dout: shape of x.

    Returns dx, dbranch, each of the shape of x. dx is what reaches x along the shortcut alone: what goes back
    through f is added elsewhere.
    """
    ### BEGIN SOLUTION
    mask = cache
    return dout, mask * dout
    ### END SOLUTION

# %% nbgrader={"grade_id": "stochastic_depth_forward_check", "grade": true, "points": 10}
check = Check("stochastic_depth_forward", points=10, hidden=4)

def probe(t, shape, p, mode="train", **seed):
    x, branch = t.rng.normal(size=shape), t.rng.uniform(0.5, 2, size=shape)
    result = t.call(stochastic_depth_forward, x, branch, {"p": p, "mode": mode, **seed})
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    out = np.array(result[0], dtype=float)
    t.equal(np.shape(out), shape, "shape of out")
    t.true(not np.any(out == 0), "Some of out is 0: the shortcut was dropped with the branch. x always passes.", "shortcut_dropped")
    with_branch = np.abs(out - x) > 1e-9
    kept = with_branch.reshape(len(x), -1).any(axis=1).reshape(-1, *[1] * (len(shape) - 1))
    return out, result[1], kept, {"x": x, "branch": branch, "p": p, "kept": kept, "entries": with_branch}

@check("in training each example has its branch 0 or 1 / p times; a share p keeps it")
def _(t):
    for p in (0.6, 0.8):
        out, _, kept, given = probe(t, (4000, 2), p)
        t.equal(np.mean(out - given["x"] != 0), p, "share of kept entries", given=given, tolerance=0.1)  # 7 standard deviations at least
        t.equal(out, given["x"] + kept / p * given["branch"], "out", given=given)

@check("in test mode every branch is added as it is")
def _(t):
    out, _, _, given = probe(t, (6, 4), 0.3, "test")
    t.equal(out, given["x"] + given["branch"], "out in test mode", given=given)

shapes, seeded = {"x": (16, 2), "branch": (16, 2)}, ({"p": 0.75, "mode": "train", "seed": 2},)
check.gradients(stochastic_depth_forward, stochastic_depth_backward, shapes, extra=seeded, label="the choice held by a seed")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def compare_back(t, shape, p, mode):
    out, cache, kept, given = probe(t, shape, p, mode)
    dout, where = t.rng.normal(size=shape), " in test mode" if mode == "test" else ""
    gradients = stochastic_depth_backward(dout.copy(), cache)
    t.true(isinstance(gradients, tuple | list) and len(gradients) == 2, "Return two things: dx, dbranch.", "wrong_count")
    dbranch = (out - given["x"]) / given["branch"] * dout  # what forward let through
    t.equal(gradients[0], dout, f"dx{where}", given={"dout": dout, **given}, others={"dbranch": dbranch})
    t.equal(gradients[1], dbranch, f"dbranch{where}", given={"dout": dout, **given}, others={"dx": dout})

@check("backward goes through the choice that forward made")
def _(t):
    compare_back(t, (40, 3), 0.6, "train")

@check("backward in test mode, four axes")
def _(t):
    compare_back(t, (5, 3, 2, 4), 0.4, "test")

@check("four axes")
def _(t):
    out, _, kept, given = probe(t, (80, 3, 2, 4), 0.2)  # more than half of 80 are kept once in 10^10: exchanged shares are told apart
    t.equal(out, given["x"] + kept / 0.2 * given["branch"], "out", given=given)
    compare_back(t, (40, 2, 3, 4), 0.4, "train")

@check("a new choice in each call, the same for the same seed, one for each example")
def _(t):
    first, second = (probe(t, (60, 2), 0.5)[2] for _ in range(2))
    t.true(0 < np.mean(first) < 1, "All examples keep or drop their branch together. Draw one number for each example.", "whole_batch_dropped")
    t.true(not np.array_equal(first, second), "Two calls without seed make the same choice.", "mask_never_changes")
    first, second = (probe(t, (60, 2), 0.5, seed=3)[2] for _ in range(2))
    t.true(np.array_equal(first, second), "Two calls with the same seed make different choices. Use depth_param's seed if there is one.", "seed_ignored")
    first, second = (probe(t, (60, 2), 0.5, seed=0)[2] for _ in range(2))
    t.true(np.array_equal(first, second), "Two calls with seed 0 make different choices. 0 counts as False: ask whether the key is there.", "seed_zero_ignored")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Fractional max pooling: drop alignment
#
# Max pooling with 2 × 2 windows halves an image, and always cuts it at the same places.
# *Fractional max pooling* shrinks it by less than half: some windows are 1 wide, some 2, **in random order**.
# Cutting 5 columns into 3 takes two windows of width 2 and one of width 1:
#
# $$\text{edges } (0, 2, 4, 5),\; (0, 2, 3, 5) \text{ or } (0, 1, 3, 5)$$
#
# Each region, a block of rows by a block of columns, gives its largest entry.
# In every pass the image is squeezed a little differently. In a test, average over some random regions.
#
# **Predict.** How many windows of width 2 does it take to cut 8 columns into 6?
#
# <details><summary>Answer</summary>
#
# Two, and four of width 1. Each further column beyond 6 needs one window to be wider.
#
# </details>

# %% nbgrader={"grade_id": "fractional_max_pool_regions", "solution": true}
def fractional_max_pool_regions(size, out_size, rng):
    """Random places to cut `size` rows (or columns) into `out_size` windows, each 1 or 2 wide.

    rng: a NumPy Generator, the only source of chance: two generators in the same state give the same answer.
    Returns ints of shape (out_size + 1,): the first is 0, the last is size, window i reaches from edges[i] up to, but
    not including, edges[i + 1]. Every order of the widths is equally likely.
    Raises ValueError unless out_size <= size <= 2 * out_size.
    """
    ### BEGIN SOLUTION
    if not out_size <= size <= 2 * out_size:
        raise ValueError(f"windows 1 or 2 wide cannot cut {size} into {out_size}")
    widths = np.ones(out_size, dtype=int)
    widths[: size - out_size] = 2
    return np.concatenate([[0], np.cumsum(rng.permutation(widths))])
    ### END SOLUTION


def fractional_max_pool_forward(x, rows, cols):
    """The largest entry of each region. x: (N, C, H, W); rows, cols: edges as above, from 0 to H and from 0 to W.

    Returns out, of shape (N, C, len(rows) - 1, len(cols) - 1), and a cache.
    """
    ### BEGIN SOLUTION
    out = np.maximum.reduceat(np.maximum.reduceat(x, rows[:-1], axis=2), cols[:-1], axis=3)
    return out, (x, out, rows, cols)
    ### END SOLUTION


def fractional_max_pool_backward(dout, cache):
    """Gradient of fractional_max_pool_forward. dout: shape of out. Returns dx, of the shape of x.

    In a tie any choice is right.
    """
    ### BEGIN SOLUTION
    x, out, rows, cols = cache
    def spread(values):
        return np.repeat(np.repeat(values, np.diff(rows), axis=2), np.diff(cols), axis=3)
    return spread(dout) * (x == spread(out))
    ### END SOLUTION

# %% nbgrader={"grade_id": "fractional_max_pool_regions_check", "grade": true, "points": 14}
check = Check("fractional_max_pool_regions", points=14, hidden=6)

def require_edges(t, found, size, out_size):
    given = {"size": size, "out_size": out_size}
    for shape in {np.shape(edges) for edges in found}:
        t.equal(shape, (out_size + 1,), "shape of edges", given=given)
    found = np.array(found)
    t.equal(found[np.argmax(found[:, 0] != 0), 0], 0, "first edge", given=given)
    t.equal(found[np.argmax(found[:, -1] != size), -1], size, "last edge", given=given)
    widths = np.diff(found, axis=1)
    t.true(np.all((widths == 1) | (widths == 2)), f"Windows from {widths.min()} to {widths.max()} wide: each is 1 or 2 wide.", "other_widths")
    return widths

@check("5 columns in 3 windows, 60 times: all three orders occur")
def _(t):
    seen = np.unique(require_edges(t, t.calls(fractional_max_pool_regions, [(5, 3, np.random.default_rng(i)) for i in range(60)]), 5, 3), axis=0)
    t.true(len(seen) == 3, f"In 60 calls only {len(seen)} of the 3 orders of the widths occurred. Let rng put the widths in order.", "order_not_random")

@check("the largest entry of each region")
def _(t):
    x, rows, cols = np.array([[[[1.0, -5, 2], [4, -6, 3], [0, -7, -8]]]]), np.array([0, 2, 3]), np.array([0, 1, 3])
    result = t.call(fractional_max_pool_forward, x, rows, cols)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], [[[[4, 3], [0, -7]]]], "out", given={"x": x, "rows": rows, "cols": cols})

all_different = lambda rng, shape: rng.permutation(np.prod(shape)).reshape(shape) / 10 - 1
edges = (np.array([0, 1, 3, 4]), np.array([0, 2, 3, 5]))
check.gradients(fractional_max_pool_forward, fractional_max_pool_backward, {"x": (2, 2, 4, 5)}, extra=edges, draw=all_different)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("18 columns in 12 windows, 200 times: all orders are equally likely")
def _(t):
    # Right answers fail with a chance of 2e-10. Coins thrown until one width is used up fail but for a chance of 1e-5.
    found = t.calls(fractional_max_pool_regions, [(18, 12, np.random.default_rng(i)) for i in range(200)])
    wide = require_edges(t, found, 18, 12) == 2
    counts = wide.sum(axis=0)  # 100 each, give or take 7
    t.true(np.all(np.abs(counts - 100) <= 48), f"In 200 calls the windows were wide {counts.tolist()} times. Each should be as often as the others.", "order_not_random")
    alike = np.sum((wide[:, 2:] == wide[:, 1:-1]) & (wide[:, 1:-1] == wide[:, :-2]), axis=0)  # 36 each, give or take 5
    t.true(np.all((alike >= 6) & (alike <= 76)), f"18 columns in 12 windows, 200 times: three neighbours should be of one width about 36 times at each place; yours: {alike.tolist()}. Not all orders are equally likely.", "orders_not_equal")
    orders = len({tuple(order) for order in wide.tolist()})  # of 924
    t.true(orders > 100, f"18 columns in 12 windows, 200 times: only {orders} orders of the widths came up, of 924.", "orders_not_equal")

@check("all narrow, all wide, and what cannot be cut")
def _(t):
    for size in (4, 8):
        require_edges(t, [t.call(fractional_max_pool_regions, size, 4, np.random.default_rng(1))], size, 4)
    for size in (3, 9):
        t.raises(ValueError, fractional_max_pool_regions, size, 4, np.random.default_rng(1), message=f"Windows 1 or 2 wide cannot cut {size} into 4: raise a ValueError.", mistake="not_refused")

@check("the same generator gives the same edges")
def _(t):
    one, other = (np.array(fractional_max_pool_regions(30, 20, np.random.default_rng(4))) for _ in range(2))
    t.true(one.dtype.kind in "iu", "The edges should be ints: arrays are cut at them.", "not_ints")
    t.true(np.array_equal(one, other), "Two generators in the same state gave different edges. Draw from rng alone.", "generator_ignored")
    t.true(not np.array_equal(one, fractional_max_pool_regions(30, 20, np.random.default_rng(5))), "Another generator gave the same edges.", "order_not_random")

@check("regions of every size")
def _(t):
    x, rows, cols = t.rng.normal(size=(4, 3, 6, 7)), np.array([0, 1, 2, 4, 6]), np.array([0, 2, 4, 5, 6, 7])
    out, _ = t.call(fractional_max_pool_forward, x, rows, cols)
    expected = np.array([[[[x[n, c, rows[i] : rows[i + 1], cols[j] : cols[j + 1]].max() for j in range(5)] for i in range(4)] for c in range(3)] for n in range(4)])
    t.equal(out, expected, "out", given={"x": x, "rows": rows, "cols": cols})

edges = (np.array([0, 2, 3, 5, 6]), np.array([0, 1, 2, 3]))
check.gradients(fractional_max_pool_forward, fractional_max_pool_backward, {"x": (1, 3, 6, 3)}, extra=edges, draw=all_different, label="tall")
edges = (np.array([0, 2, 4]), np.array([0, 1, 3, 4, 6]))
check.gradients(fractional_max_pool_forward, fractional_max_pool_backward, {"x": (3, 1, 4, 6)}, extra=edges, draw=all_different, label="wide")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Augmentation: more examples than you have
#
# A mirrored cat is a cat. An image that is changed without changing what it *shows* is a new example with the same label:
# *data augmentation* draws such changes anew in each pass.
#
# - `random_flip` mirrors left and right;
# - `random_crop` puts zeros around the image and cuts a window of the old size out of it, so that it moves;
# - `color_jitter` makes each colour brighter or darker: times a factor from $1 - s$ to $1 + s$.
#
# All chance comes from the generator `rng`: the same generator, the same images. Image $n$ stays at place $n$, so labels fit.
#
# **Predict.** Which of the three would you not use on digits?
#
# <details><summary>Answer</summary>
#
# The flip: a mirrored 2 is no digit, and a mirrored 5 looks like a 2. Only you know what keeps a label.
#
# </details>

# %% nbgrader={"grade_id": "random_flip", "solution": true}
def random_flip(x, rng, probability=0.5):
    """Mirror images left and right, each on its own, with the given probability. x: (N, C, H, W).

    Returns the shape of x.
    """
    ### BEGIN SOLUTION
    flipped = rng.random(len(x)) < probability
    return np.where(flipped[:, None, None, None], x[..., ::-1], x)
    ### END SOLUTION


def random_crop(x, rng, pad):
    """Move images by cutting at random. x: (N, C, H, W); pad: an int, 1 or more.

    Each image gets pad rows and columns of zeros on all four sides; of the result a window of H rows and W columns is
    returned. For each image on its own, first row and first column are drawn uniformly from 0, ..., 2 * pad;
    all channels of an image move together. Returns the shape of x.
    """
    ### BEGIN SOLUTION
    N, _, H, W = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    top, left = rng.integers(0, 2 * pad + 1, size=(2, N))
    return np.stack([image[:, i : i + H, j : j + W] for image, i, j in zip(padded, top, left)])
    ### END SOLUTION


def color_jitter(x, rng, strength):
    """Brighten or darken each channel. x: (N, C, H, W), from 0 to 1; strength: s, from 0 to 1.

    Each channel of each image is multiplied by a factor of its own, uniform between 1 - s and 1 + s;
    what is then above 1 becomes 1. Returns the shape of x.
    """
    ### BEGIN SOLUTION
    factors = rng.uniform(1 - strength, 1 + strength, size=(*x.shape[:2], 1, 1))
    return np.clip(x * factors, 0, 1)
    ### END SOLUTION

# %% nbgrader={"grade_id": "random_flip_check", "grade": true, "points": 12}
check = Check("random_flip", points=12, hidden=6)

def compare_flips(t, x, probability, *handed):
    out = t.call(random_flip, x, np.random.default_rng(1), *handed)
    t.equal(np.shape(out), x.shape, "shape of flipped images")
    each = np.all(np.asarray(out) == (mirrored := np.flip(x, axis=3)), axis=(2, 3))
    flipped = np.all(each, axis=1)
    split = np.any(each & np.any(x != mirrored, axis=(2, 3)), axis=1) & ~flipped
    t.true(not np.any(split), "Some channels of an image are mirrored and others are not. An image is mirrored as a whole: one draw for each.", "channels_torn_apart")
    t.equal(out, np.where(flipped.reshape(-1, 1, 1, 1), mirrored, x), "flipped images", given={"x": x})
    t.equal(np.mean(flipped), probability, "share of flipped images", given={"p": probability}, tolerance=0.35)  # 7 standard deviations

@check("half of the images are mirrored left and right, the others are as they were")
def _(t):
    compare_flips(t, t.rng.normal(size=(500, 1, 2, 3)), 0.5)

@check("crops of a white 3 x 3 image: its middle stays white, zeros come in from the sides")
def _(t):
    out = np.array(t.call(random_crop, np.ones((30, 2, 3, 3)), np.random.default_rng(1), 1))
    t.equal(np.shape(out), (30, 2, 3, 3), "shape of crops", given={"x": np.ones((30, 2, 3, 3)), "pad": 1})
    t.true(set(np.unique(out)) <= {0.0, 1.0} and np.all(out[:, :, 1, 1] == 1), "A crop holds zeros from the padding and, in its middle, the image.", "no_window")

@check("jitter of strength 0 changes nothing; of strength 0.5, a grey channel stays even")
def _(t):
    x = t.rng.uniform(0.1, 0.6, size=(5, 3, 1, 1)) * np.ones((5, 3, 2, 4))
    t.equal(t.call(color_jitter, x, np.random.default_rng(1), 0.0), x, "jittered images", given={"x": x})
    out = np.array(t.call(color_jitter, x, np.random.default_rng(1), 0.5))
    t.equal(out, out[..., :1, :1] * np.ones(x.shape), "jittered even images", given={"x": x})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("flips with another probability; same generator, same images")
def _(t):
    x = t.rng.normal(size=(1200, 3, 2, 3))
    compare_flips(t, x, 0.25, 0.25)
    one, other, third = (np.array(t.call(random_flip, x[:60], np.random.default_rng(i))) for i in (3, 3, 4))
    t.true(np.array_equal(one, other), "Two generators in the same state gave different images. Draw from rng alone.", "generator_ignored")
    t.true(not np.array_equal(one, third), "Two different generators gave the same images.", "generator_ignored")
    passes = t.calls(random_flip, [(x[:60].copy(), np.random.default_rng(i)) for i in range(12)])
    counts = {int(np.sum(np.any(np.asarray(out) != x[:60], axis=(1, 2, 3)))) for out in passes}  # one count for all: once in 10^11
    t.true(len(counts) > 1, f"In each of 12 passes {min(counts)} of 60 images were mirrored. Each is mirrored on its own; how many are is chance, too.", "same_number_flipped")

def places(t, x, pad, seed):
    """First row and column of each crop in the padded image."""
    (N, C, H, W), steps = x.shape, 2 * pad + 1
    out = np.array(t.call(random_crop, x, np.random.default_rng(seed), pad), dtype=float)
    t.equal(np.shape(out), x.shape, "shape of crops", given={"x": x, "pad": pad})
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    padded[:, :, pad : pad + H, pad : pad + W] = x
    windows = np.array([padded[:, :, i : i + H, j : j + W] for i in range(steps) for j in range(steps)])
    fits = np.all(np.isclose(windows, out), axis=(2, 3, 4))
    t.true(np.all(fits.any(axis=0)), "A crop is no window of its own image, padded with zeros: rows and columns stay in order, and all channels move together.", "no_window")
    return fits.argmax(axis=0)

@check("every window of the padded image is drawn, for each image on its own")
def _(t):
    x = t.rng.uniform(1, 2, size=(600, 2, 2, 3))
    found = places(t, x, 1, 1)
    t.true(len(set(found)) > 1, "All images moved by the same amount. Draw for each image on its own.", "same_for_all_images")
    rows, cols = found // 3, found % 3
    t.true(not np.array_equal(rows, cols), "Rows and columns always move by the same amount. Draw two numbers for each image.", "one_draw_for_both")
    t.true(rows.max() == 2 and cols.max() == 2, "The last window of the padded image never comes up. Up to which number does your generator draw?", "last_window_missing")
    t.equal(np.bincount(found, minlength=9) / 600, np.full(9, 1 / 9), "share of each window", tolerance=0.85)  # 7 standard deviations

@check("crops with more padding; same generator, same images")
def _(t):
    x = t.rng.uniform(1, 2, size=(40, 3, 4, 3))
    one, other = places(t, x, 2, 3), places(t, x, 2, 3)
    t.true(np.array_equal(one, other), "Two generators in the same state gave different crops. Draw from rng alone.", "generator_ignored")
    t.true(not np.array_equal(one, places(t, x, 2, 4)), "Two different generators gave the same crops.", "generator_ignored")

def factors_of(t, strength, seed=2):
    """The factor of each channel, read off a pixel that no factor takes above 1; the images' other pixels agree with it."""
    x = t.rng.uniform(0.3, 1, size=(300, 3, 2, 2))
    x[..., 0, 0] = 0.4
    out = np.array(t.call(color_jitter, x, np.random.default_rng(seed), strength), dtype=float)
    t.equal(np.shape(out), x.shape, "shape of jittered images")
    factors = out[..., :1, :1] / 0.4
    t.true(not np.allclose(factors, factors[:1]), "All images have the same factors. Draw for each image on its own.", "same_for_all_images")
    t.equal(out, np.minimum(1, x * factors), "jittered images", given={"x": x, "factors": factors})
    return factors[..., 0, 0]

@check("each channel of each image has a factor of its own")
def _(t):
    factors = factors_of(t, 0.35)
    t.true(not np.allclose(factors, factors[:, :1]), "The channels of an image have one factor, so no colour changes. Draw one for each channel.", "same_for_all_channels")

@check("factors from 1 - s to 1 + s, evenly")
def _(t):
    factors = factors_of(t, 0.35)
    # 900 factors: that none falls into the last 4 % on a side has a chance of 1e-16; the mean's standard deviation is 0.007
    t.equal(factors.min(), 0.65, "smallest factor", tolerance=0.05)
    t.equal(factors.max(), 1.35, "largest factor", tolerance=0.025)
    t.equal(np.mean(factors), 1.0, "mean of the factors", tolerance=0.05)

@check("jitter: same generator, same images")
def _(t):
    x = t.rng.uniform(0.2, 0.8, size=(4, 3, 2, 2))
    one, other, third = (np.array(t.call(color_jitter, x, np.random.default_rng(i), 0.3)) for i in (3, 3, 4))
    t.true(np.array_equal(one, other), "Two generators in the same state gave different images. Draw from rng alone.", "generator_ignored")
    t.true(not np.array_equal(one, third), "Two different generators gave the same images.", "generator_ignored")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Rotation, by looking back
#
# Where does pixel (0, 0) go when you turn an image by 10°? Between pixels. So ask the other way round:
# for each pixel of the *result*, where did its value come from?
# Measured from the centre of the image, $x$ to the right and $y$ downwards, a turn by $\theta$ against the clock asks for the value at
#
# $$x' = x \cos\theta - y \sin\theta, \qquad y' = x \sin\theta + y \cos\theta .$$
#
# That point lies among four pixels; mix them by nearness (*bilinear*).
# With $f$ the fraction beyond the pixel above and $g$ beyond the pixel to the left, the weights are
# $(1-f)(1-g)$, $(1-f)\,g$, $f\,(1-g)$ and $fg$. A pixel outside the image counts as 0.
#
# **Predict.** An image is 3 × 3, its top right pixel is 1, the rest 0. Where is the 1 after a turn by 90°?
#
# <details><summary>Answer</summary>
#
# Top left: against the clock.
#
# </details>

# %% nbgrader={"grade_id": "rotate", "solution": true}
def rotate(x, degrees):
    """Turn images about their centre, against the clock as you look at them. x: (N, C, H, W).

    degrees: one number for all images, or an array (N,). The centre is at row (H - 1) / 2, column (W - 1) / 2.
    Each value is the bilinear mix of the four pixels around the point it came from; outside the image they count as 0.
    Returns the shape of x.
    """
    ### BEGIN SOLUTION
    N, _, H, W = x.shape
    angles = np.deg2rad(np.broadcast_to(degrees, N))[:, None, None]
    i, j = np.mgrid[:H, :W]
    down, right = i - (H - 1) / 2, j - (W - 1) / 2
    row = (H - 1) / 2 + right * np.sin(angles) + down * np.cos(angles)  # (N, H, W), where each value comes from
    col = (W - 1) / 2 + right * np.cos(angles) - down * np.sin(angles)
    top, left = np.floor(row).astype(int), np.floor(col).astype(int)
    f, g = row - top, col - left
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))

    def pixels(row, col):
        found = padded[np.arange(N)[:, None, None], :, np.clip(row + 1, 0, H + 1), np.clip(col + 1, 0, W + 1)]
        return found.transpose(0, 3, 1, 2)

    f, g = f[:, None], g[:, None]
    above = (1 - g) * pixels(top, left) + g * pixels(top, left + 1)
    below = (1 - g) * pixels(top + 1, left) + g * pixels(top + 1, left + 1)
    return (1 - f) * above + f * below
    ### END SOLUTION


def random_rotation(x, rng, max_degrees):
    """Turn each image by an angle of its own, uniform between -max_degrees and max_degrees. x: (N, C, H, W).

    All chance comes from rng. Returns the shape of x.
    """
    ### BEGIN SOLUTION
    return rotate(x, rng.uniform(-max_degrees, max_degrees, size=len(x)))
    ### END SOLUTION

# %% nbgrader={"grade_id": "rotate_check", "grade": true, "points": 8}
check = Check("rotate", points=8, hidden=5)

@check("a quarter turn moves the top right corner to the top left")
def _(t):
    x = np.array([[[[0.0, 0, 1], [0, 0, 0], [2, 0, 0]]]])
    t.equal(t.call(rotate, x, 90), [[[[1.0, 0, 0], [0, 0, 0], [0, 0, 2]]]], "turned images", given={"x": x, "degrees": 90})

@check("a turn by 45 degrees mixes neighbours")
def _(t):
    x = np.array([[[[0.0, 0, 0], [0, 0, 1], [0, 0, 0]]]])
    turned = t.call(rotate, x, 45)
    t.equal(turned[0, 0, 1, 2], 0.5**0.5 * (1 - 0.5**0.5), "turned images", given={"x": x, "degrees": 45, "pixel": (0, 0, 1, 2)})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def by_tents(x, degrees):
    """Each value as a sum over all pixels of the image: a pixel less than 1 away in both directions counts by nearness."""
    N, _, H, W = x.shape
    angles = np.radians(np.broadcast_to(degrees, N)).reshape(N, 1, 1)
    down, right = np.arange(H).reshape(H, 1) - (H - 1) / 2, np.arange(W) - (W - 1) / 2
    rows = right * np.sin(angles) + down * np.cos(angles) + (H - 1) / 2
    cols = right * np.cos(angles) - down * np.sin(angles) + (W - 1) / 2
    near = [np.maximum(0, 1 - np.abs(place[..., None] - np.arange(size))) for place, size in ((rows, H), (cols, W))]
    return np.einsum("nija,nijb,ncab->ncij", *near, x)

def compare_turns(t, x, degrees):
    t.equal(t.call(rotate, x, degrees), by_tents(x, degrees), "turned images", given={"x": x, "degrees": degrees})

@check("an angle for each image, not square, two channels")
def _(t):
    compare_turns(t, t.rng.normal(size=(4, 2, 5, 6)), np.array([20.0, -35.0, 110.0, 0.0]))

@check("one angle for all")
def _(t):
    compare_turns(t, t.rng.normal(size=(2, 3, 6, 4)), 30.0)

@check("quarter turns, there and back")
def _(t):
    x = t.rng.normal(size=(2, 1, 4, 4))
    compare_turns(t, x, 90.0)
    back = rotate(np.array(rotate(x, np.array([90.0, 180.0]))), np.array([-90.0, -180.0]))
    t.equal(back, x, "images turned there and back")

def angles_of(t, max_degrees, seed, images=300):
    """The angle of each turn, read off a slope around the centre."""
    x = np.zeros((images, 2, 3, 5)) + np.arange(5.0) - 2
    out = np.array(t.call(random_rotation, x, np.random.default_rng(seed), max_degrees), dtype=float)
    t.equal(np.shape(out), x.shape, "shape of turned images")
    angles = np.degrees(np.arctan2(-out[:, 0, 2, 2], out[:, 0, 1, 3]))
    t.equal(out, rotate(x, angles), "turned images")
    return angles

@check("random turns: an angle for each image, on both sides, as far as max_degrees")
def _(t):
    angles = angles_of(t, 40.0, 1)
    t.true(np.ptp(angles) > 1e-6, "All images turned by the same angle. Draw for each image on its own.", "same_for_all_images")
    different = len(set(np.round(angles, 6)))
    t.true(different > 250, f"300 images turned by {different} different angles. Draw any numbers, not whole ones.", "few_angles")
    t.equal(angles.max(), 40.0, "largest angle", given={"most": 40.0}, tolerance=0.15)  # none in the last 7.5 %: a chance of 1e-10
    t.equal(angles.min(), -40.0, "smallest angle", given={"most": 40.0}, tolerance=0.15)

@check("random turns: same generator, same images")
def _(t):
    one, other = angles_of(t, 20.0, 3, 12), angles_of(t, 20.0, 3, 12)
    t.true(np.allclose(one, other), "Two generators in the same state gave different angles. Draw from rng alone.", "generator_ignored")
    t.true(not np.allclose(one, angles_of(t, 20.0, 4, 12)), "Two different generators gave the same angles.", "generator_ignored")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def augmented_grid(seed=0, strength=0.3, max_degrees=15):
    """A photograph and two digits, and what each change makes of them: six draws a row."""
    rng = np.random.default_rng(seed)
    cat = load_photograph()[None, :, 20:276:4, 90:346:4]
    digits = load_digits()
    changes = {
        "flip": lambda x: random_flip(x, rng),
        "crop": lambda x: random_crop(x, rng, x.shape[2] // 8),
        "rotation": lambda x: random_rotation(x, rng, max_degrees),
        "jitter": lambda x: color_jitter(x, rng, strength),
    }
    images, titles = [], []
    for x, names in ((cat, tuple(changes)), (digits.X_train[[3]], ("crop", "rotation"))):
        for name in names:
            images += [x[0], *changes[name](np.repeat(x, 6, axis=0))]
            titles += ["original"] + [name] * 6
    return show_images(images, titles, ncols=7)

sliders(augmented_grid, seed=(0, 20), strength=(0.0, 1.0, 0.1), max_degrees=(0, 90, 5))

# %% [markdown]
# ## Early stopping
#
# The test accuracy of the plain network rises and then falls. Stop at the top?
# You may not look at the test for that: what you choose by is part of the training.
# So keep some examples aside, a *validation* set, and watch the loss on it. When it has not fallen for a while, stop,
# and go back to the best parameters you saw.
#
# $$\text{better: loss} < \text{best} - \text{min\_delta}; \qquad \text{stop after } \textit{patience} \text{ updates in a row that are not better}$$
#
# **Predict.** patience = 2, losses 5, 4, 4.5, 3, 3.5, 3.2, 1. After which of them does training stop, and with which parameters?
#
# <details><summary>Answer</summary>
#
# After 3.2, with those of loss 3. It never sees the 1: patience is a bet.
#
# </details>

# %% nbgrader={"grade_id": "EarlyStopping", "solution": true}
class EarlyStopping:
    """Watches a loss and remembers the best parameters.

    patience: stop after so many updates in a row that are not better.
    An update is better if its loss is below best_loss - min_delta; the first one is. A loss that is nan is not better.
    Attributes: best_loss, infinite before the first update, else the loss of the last better update;
    best_params, copies of its parameters, arrays included, so that no later step in place reaches them.
    """

    def __init__(self, patience=5, min_delta=0.0):
        ### BEGIN SOLUTION
        self.patience, self.min_delta = patience, min_delta
        self.best_loss, self.best_params, self.waited = np.inf, None, 0
        ### END SOLUTION

    def update(self, loss, params):
        """Tell it the loss after some steps, and the params (dict of arrays) that gave it.

        Returns True if training should stop now, else False.
        """
        ### BEGIN SOLUTION
        if loss < self.best_loss - self.min_delta:
            self.best_loss, self.waited = loss, 0
            self.best_params = {name: np.array(value) for name, value in params.items()}
        else:
            self.waited += 1
        return self.waited >= self.patience
        ### END SOLUTION

# %% nbgrader={"grade_id": "EarlyStopping_check", "grade": true, "points": 8}
check = Check("EarlyStopping", points=8, hidden=6)

def follow(t, losses, stops, best, **settings):
    """Update with each loss in turn; params hold the number of the update."""
    stopper, said = EarlyStopping(**settings), []
    for i, loss in enumerate(losses):
        answer = stopper.update(loss, {"W": np.array([[i, i + 0.5]]), "b": np.array([float(i)])})
        t.true(answer is not None, "update returned None. It should return True or False.", "returned_nothing")
        said.append(bool(answer))
    given = {"losses": np.array(losses), "patience": settings["patience"], "min_delta": settings.get("min_delta", 0.0)}
    t.true(stopper.best_loss == stopper.best_loss, "best_loss is nan. A loss that is nan is not better.", "nan_is_better")
    t.equal(stopper.best_loss, losses[best], "best_loss", given=given)
    t.true(stopper.best_params is not None, "best_params is None. Keep the parameters of the best update.", "params_not_kept")
    t.equal(stopper.best_params["W"], [[best, best + 0.5]], "best_params['W']", given=given)
    t.equal(stopper.best_params["b"], [best], "best_params['b']", given=given)
    t.equal(said, stops, "when to stop (1 is stop)", given=given)

@check("patience 2; losses 5, 4, 4.5, 3, 3.2, 3.5: stop at the last, with the parameters of loss 3")
def _(t):
    follow(t, [5, 4, 4.5, 3, 3.2, 3.5], [0, 0, 0, 0, 0, 1], 3, patience=2)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("updates that are not better count only in a row")
def _(t):
    follow(t, [4.0, 5.0, 5.0, 3.5, 3.7, 3.6, 3.2, 3.4, 3.3, 3.3], [0] * 9 + [1], 6, patience=3)

@check("better means by more than min_delta")
def _(t):
    follow(t, [2.0, 1.9, 1.8, 1.6, 1.55, 1.45, 1.5], [0, 0, 0, 0, 0, 0, 1], 3, patience=3, min_delta=0.25)

@check("the same loss again is not better")
def _(t):
    follow(t, [1.5, 1.0, 1.0, 1.2], [0, 0, 0, 1], 1, patience=2)

@check("a loss that is nan is not better")
def _(t):
    follow(t, [3.0, 2.0, float("nan"), float("nan")], [0, 0, 0, 1], 1, patience=2)

@check("how it begins, and two at once")
def _(t):
    one, other, params = EarlyStopping(), EarlyStopping(patience=2), {"W": np.ones(2)}
    alone = EarlyStopping(patience=5)  # if that is wrong, other checks tell why
    right = [bool(alone.update(loss, params)) for loss in (1.0, 2.0, 2.0, 2.0, 2.0, 2.0)] == [False] * 5 + [True]
    t.true(bool(one.best_loss == float("inf")), f"best_loss is {one.best_loss} before the first update; it should be infinite.", "not_infinite_at_first")
    said = [(bool(one.update(loss, params)), bool(other.update(loss, params))) for loss in (1.0, 2.0)]
    t.true(not np.any(said), "Two stoppers disturb one another: what one counts belongs to self.", "state_shared" if right else None)
    waited = [bool(one.update(2.0, params)) for _ in range(4)]
    t.true(waited == [False] * 3 + [True], "With the default patience it stops at the fifth update in a row that is not better.", "another_default" if right else None)

@check("best_params are copies")
def _(t):
    from autograder.programs import run_programs

    stopper, other = EarlyStopping(patience=3), EarlyStopping(patience=3)
    other.notes = {"W": np.array([1.0, 2.0])}  # lives where the student's objects live
    stopper.update(1.0, other.notes)
    run_programs(other, [[("get", other, "notes"), ("item", 0, "W"), ("set_item", 1, 0, 9.0)]])
    t.equal(stopper.best_params["W"], [1.0, 2.0], "best_params['W'] after a later step in place", given={"changed": np.array([9.0, 2.0])})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Averages: ensembles, snapshots, Polyak
#
# Several networks, trained apart, err in different places; the mean of their *probabilities* errs less: an *ensemble*.
# Training five costs five times as much. A *snapshot* ensemble takes them from one run:
# the learning rate falls to nearly 0, you keep the parameters, it jumps back up, and again:
#
# $$\text{rate} = r_{\min} + \frac{r_{\max} - r_{\min}}{2}\Big(1 + \cos\frac{\pi s}{L}\Big), \qquad s = \text{step} \bmod L$$
#
# *Polyak averaging* keeps one network: a running mean of the parameters themselves, $\bar W \leftarrow d\, \bar W + (1 - d)\, W$.
#
# **Predict.** Three networks give class 0 probabilities 0.9, 0.4 and 0.4, class 1 the rest. What does a vote say, what does the mean?
#
# <details><summary>Answer</summary>
#
# The vote, class 1 by two to one. The mean, class 0: 0.57. Sure networks count more.
#
# </details>
#
# Two pictures follow the check. Left, snapshots at the end of each of six cycles in one run with dropout: each alone, and the ensemble of all so far.
# Right, a run at a constant learning rate: the parameters as they are, and their Polyak average. Means of three runs each.
#
# **Predict.** How many snapshots does it take to gain half of what six gain?
# And without dropout the training loss goes to 0. What would the Polyak average gain then?
#
# <details><summary>Answer</summary>
#
# Two or three: the errors that differ cancel first, those that all share never do.
# Without dropout, next to nothing: where the loss is 0 the steps are 0 too, all parameters on the way are alike,
# and a mean of things that do not differ changes nothing.
#
# </details>

# %% nbgrader={"grade_id": "ensemble_predict", "solution": true}
def cyclic_learning_rate(step, cycle, max_rate, min_rate=0.0):
    """The formula above. step counts from 0; cycle is L, the steps of one cycle. Returns a number."""
    ### BEGIN SOLUTION
    return min_rate + (max_rate - min_rate) / 2 * (1 + np.cos(np.pi * (step % cycle) / cycle))
    ### END SOLUTION


def ensemble_predict(scores):
    """What several networks say together. scores: a list of K arrays (N, C), or one array (K, N, C).

    The softmax turns each network's scores into probabilities; then the mean over the K networks is taken.
    Scores of 1000 must give finite numbers.
    Returns classes (N,), ints, the most probable ones; probabilities (N, C).
    """
    ### BEGIN SOLUTION
    scores = np.asarray(scores)
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    probabilities = np.mean(e / e.sum(axis=2, keepdims=True), axis=0)
    return probabilities.argmax(axis=1), probabilities
    ### END SOLUTION


def polyak_update(average, params, decay=0.99):
    """The running mean after one more step.

    average: dict of arrays, or None before the first step; params: dict of arrays.
    Returns a new dict with the keys of params: decay times the average plus (1 - decay) times the parameter;
    for an average of None, copies of params. What is given stays as it is.
    """
    ### BEGIN SOLUTION
    if average is None:
        return {name: np.array(value) for name, value in params.items()}
    return {name: decay * average[name] + (1 - decay) * value for name, value in params.items()}
    ### END SOLUTION

# %% nbgrader={"grade_id": "ensemble_predict_check", "grade": true, "points": 8}
check = Check("ensemble_predict", points=8, hidden=4)

def compare_ensemble(t, scores, classes, probabilities):
    result = t.call(ensemble_predict, scores)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: classes, probabilities.", "wrong_count")
    finite = result[1] is None or bool(np.all(np.isfinite(np.asarray(result[1], dtype=float))))
    t.true(finite, "Not finite: an exponential overflowed. Subtract the largest score of each row first.", "overflow")
    t.equal(result[1], probabilities, "probabilities", given={"scores": np.array(scores)})
    t.equal(result[0], classes, "classes", given={"scores": np.array(scores)})

def compare_rates(t, steps, cycle, most, least, expected):
    rates = [cyclic_learning_rate(step, cycle, most, *([least] if least else [])) for step in steps]
    t.equal(rates, expected, "learning rates", given={"steps": np.array(steps), "cycle": cycle, "most": most, "least": least})

@check("three networks: the sure one outweighs two that doubt")
def _(t):
    scores = [np.log([[0.9, 0.1]]), np.log([[0.4, 0.6]]), np.log([[0.4, 0.6]])]
    compare_ensemble(t, scores, [0], [[1.7 / 3, 1.3 / 3]])

@check("a cycle of 4 steps falls from 0.8 and starts again")
def _(t):
    compare_rates(t, [0, 2, 4, 6, 8], 4, 0.8, 0.0, [0.8, 0.4, 0.8, 0.4, 0.8])

@check("a running mean with decay 0.9")
def _(t):
    average, params = {"W": np.array([[1.0, 2.0]]), "b": np.array([0.0])}, {"W": np.array([[2.0, 0.0]]), "b": np.array([5.0])}
    found = t.call(polyak_update, average, params, 0.9)
    t.equal(found["W"], [[1.1, 1.8]], "average of W", given={"average": average["W"], "params": params["W"], "decay": 0.9})
    t.equal(found["b"], [0.5], "average of b", given={"average": average["b"], "params": params["b"], "decay": 0.9})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("five networks, four classes, as one array")
def _(t):
    scores = 2 * t.rng.normal(size=(5, 7, 4))
    soft = [[[np.exp(s) / sum(np.exp(row)) for s in row] for row in one] for one in scores]
    probabilities = np.array([[sum(soft[k][n][c] for k in range(5)) / 5 for c in range(4)] for n in range(7)])
    compare_ensemble(t, scores, [list(row).index(max(row)) for row in probabilities], probabilities)

@check("scores of 1000")
def _(t):
    scores = [np.array([[1000.0, 999.0, -1000.0], [0.0, 1.0, -800.0]]), np.array([[0.0, 800.0, 0.0], [-900.0, -898.0, -2000.0]])]
    a, q = 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-2))
    compare_ensemble(t, scores, [1, 1], [[a / 2, 1 - a / 2, 0], [1 - (a + q) / 2, (a + q) / 2, 0]])

@check("rates within a longer cycle, above a smallest rate")
def _(t):
    expected = [0.02 + 0.18 * (1 + np.cos(np.pi * (s % 7) / 7)) / 2 for s in (0, 1, 3, 6, 7, 12, 20)]
    compare_rates(t, [0, 1, 3, 6, 7, 12, 20], 7, 0.2, 0.02, expected)

@check("the first average is the parameters; twenty steps of the default decay")
def _(t):
    average, expected = None, None
    for _ in range(20):
        W = t.rng.normal(size=(3, 2))
        expected = W if expected is None else expected + 0.01 * (W - expected)
        given = {"params": W, "decay": 0.99} if average is None else {"average": np.array(average["W"]), "params": W, "decay": 0.99}
        average = polyak_update(average, {"W": W, "c": W[0]})
        t.equal(average["W"], expected, "average of W", given=given)
    t.equal(average["c"], expected[0], "average of c")
    W, before = np.ones((2, 3)), np.zeros((2, 3))
    old = {"W": before}
    second = polyak_update(old, {"W": W}, 0.5)
    t.equal(second["W"], 0.5 * W, "average of W", given={"average": np.zeros((2, 3)), "params": W, "decay": 0.5})
    t.true(not np.any(before), "The old average was changed. Return a new dict, with new arrays.", "old_average_changed")
    moved = "the first average is the very array of params, so a step in place moves it too. Copy it."
    t.copies(polyak_update, None, {"W": W}, source=1, names=["W"], message=moved, mistake="not_copied")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def averages(steps=900, seeds=3):
    """Test accuracy of snapshots, alone and together, and of a Polyak average, in means over the seeds."""
    alone, together, plain, polyak = [], [], [], []
    dropout = {"hidden": (dropout_forward, dropout_backward, 0.5)}
    for seed in range(seeds):
        _, seen = train({**dropout, "cycle": steps // 6, "rate": lambda step: cyclic_learning_rate(step, steps // 6, 0.06)}, seed, steps)
        X, y = seen["parts"]["test"]
        scores = [network(params, X) for params in seen["snapshots"]]
        alone.append([np.mean(one.argmax(axis=1) == y) for one in scores])
        together.append([np.mean(ensemble_predict(scores[: k + 1])[0] == y) for k in range(6)])
        _, seen = train({**dropout, "average": polyak_update}, seed, steps)
        plain.append(seen["test"])
        polyak.append(seen["averaged"])
    alone, together, plain, polyak = (np.mean(found, axis=0) for found in (alone, together, plain, polyak))
    fig, (left, right) = figure(1, 2, width=10, height=3.9, sharey=True)
    left.plot(range(1, 7), alone, "o--", color=style.category(2), label="each alone")
    left.plot(range(1, 7), together, "s-", color=style.category(0), label="all so far")
    left.set(xlabel="snapshots", ylabel="test accuracy", ylim=(0.75, 0.9))
    left.set_title(f"Snapshots: {alone[-1]:.1%} alone, {together[-1]:.1%} together", fontsize=11, loc="left")
    at = steps * np.arange(1, len(plain) + 1) / len(plain)
    right.plot(at, plain, "--", color=style.category(2), label="parameters")
    right.plot(at, polyak, color=style.category(0), label="Polyak average")
    right.set(xlabel="step")
    right.set_title(f"Polyak, last five: {np.mean(plain[-5:]):.1%}, averaged {np.mean(polyak[-5:]):.1%}", fontsize=11, loc="left")
    left.legend(loc="lower right"), right.legend(loc="lower right")
    fig.alt = f"Six snapshots: {alone[-1]:.1%} for the last alone, {together[-1]:.1%} together. Polyak: {np.mean(plain[-5:]):.1%} without, {np.mean(polyak[-5:]):.1%} with the average."
    return fig

averages()

# %% [markdown]
# ## Look: everything, measured
#
# Each method alone, one setting each, found by a few tries on other seeds; three runs, each with digits and labels of its own.
# The grey line in every panel is the plain network's test accuracy.
#
# The last column of the table is the share of *wrong* training labels that the network repeats in the end.
#
# **Predict.** Which method does best, which do harm? And why may a gap be negative here?
#
# <details><summary>Answer</summary>
#
# The snapshots do best, then DropConnect and fractional pooling: learning by heart is hard where weights or pixels change all the time.
# L2, the elastic net, max-norm, dropout, early stopping, and crop with rotation gain about ten points each, L1 and the crop alone about half.
# Jitter and stochastic depth change little: one touches nothing that matters to grey digits, and three blocks are not deep.
# The flip does harm, and so do turns alone: a turned copy of a wrongly labelled digit is one more wrong example, learned by heart as well.
# A network that reads every digit right agrees with 73 % of these training labels only: there the gap is negative.
# (With three other draws of digits and labels the first three and the last two are the same; differences of two or three points are chance.)
#
# </details>

# %% tags=["experiment"]
def methods():
    """Name to settings: each method at its place."""
    def pull(l1, l2):
        return {"pull": lambda W: l1_l2_penalty(W, l1, l2)[1]}

    def squeeze(x, rng):
        rows, cols = (fractional_max_pool_regions(8, 6, rng) for _ in range(2))
        return fractional_max_pool_forward(x, rows, cols)[0]

    dropout = {"hidden": (dropout_forward, dropout_backward, 0.5)}
    return {
        "plain": {}, "L2": pull(0, 0.05), "L1": pull(0.004, 0), "elastic net": pull(0.001, 0.03),
        "max-norm": {"ceiling": lambda W: max_norm(W, 0.5)},
        "dropout": dropout,
        "DropConnect": {"first": (dropconnect_forward, dropconnect_backward, 0.4)},
        "stochastic depth": {"branch": (stochastic_depth_forward, stochastic_depth_backward, 0.2)},
        "fractional pooling": {"images": squeeze, "draws": 6},
        "flip": {"images": random_flip},
        "crop": {"images": lambda x, rng: random_crop(x, rng, 1)},
        "rotation": {"images": lambda x, rng: random_rotation(x, rng, 15)},
        "jitter": {"images": lambda x, rng: color_jitter(x, rng, 0.4)},
        "crop, rotation": {"images": lambda x, rng: random_crop(random_rotation(x, rng, 10), rng, 1)},
        "early stopping": {"stopper": lambda: EarlyStopping(patience=3)},
        "dropout, Polyak": {**dropout, "average": polyak_update},
        "dropout, snapshots": {**dropout, "cycle": 150, "rate": lambda step: cyclic_learning_rate(step, 150, 0.06)},
    }

def measure(how, seed):
    """Accuracy in training and test at the end, the share of wrong labels repeated, and the curves on the way."""
    params, seen = train(how, seed)
    (X, y), (X_test, y_test), truth = (seen["parts"][name] for name in ("train", "test", "truth"))
    if "cycle" in how:
        said, said_test = (ensemble_predict([np.log(probabilities(p, images, how) + 1e-300) for p in seen["snapshots"]])[0] for images in (X, X_test))
    else:
        said, said_test = (probabilities(seen["average"] or params, images, how).argmax(axis=1) for images in (X, X_test))
    return np.mean(said == y), np.mean(said_test == y_test), np.mean((said == y)[y != truth]), seen

# %% tags=["experiment"]
def measure_all(seeds=3):
    """A table of all methods, and the curves of each one's first run."""
    fig, axes = figure(3, 6, width=10, height=6.2, sharex=True, sharey=True)
    print(f"{'':20}training    test     gap   wrong labels repeated")
    for ax, (name, how) in zip(axes.flat, methods().items()):
        runs = [measure(how, seed) for seed in range(seeds)]
        in_training, in_test, repeated = (np.mean([run[i] for run in runs]) for i in (0, 1, 2))
        print(f"{name:20}{in_training:8.1%}{in_test:8.1%}{in_training - in_test:8.1%}{repeated:12.0%}")
        seen = runs[0][3]
        plain = seen["test"] if name == "plain" else plain
        curves = (plain, "-", "#B0B0B0"), (seen["train"], "--", style.category(1)), (seen["averaged"] or seen["test"], "-", style.category(0))
        for curve, dash, colour in curves:
            ax.plot(50 * np.arange(1, 1 + len(curve)), curve, dash, color=colour)
        ax.set_title(f"{name}\n{in_test:.1%}", fontsize=9, loc="left")
        fig.alt += f" {name}: {in_training:.1%} in training, {in_test:.1%} in the test."
    for ax in axes[-1]:
        ax.set_xlabel("step")
    for ax in axes[:, 0]:
        ax.set_ylabel("accuracy")
    axes.flat[-1].axis("off")
    axes.flat[-1].legend(axes.flat[1].lines, ["plain, test", "training", "test"], loc="center", fontsize=9)
    return fig

measure_all()

# %% [markdown]
# ## What to reach for
#
# Changes that keep the label, first: they are as good as data. Then L2, dropout in the fully connected layers and early stopping.
# Where there is batch normalisation (07), its noise is often enough alone. At the end, an ensemble, if you can afford it.
#
# ## Reflection
#
# A friend trains with dropout, $p = 0.5$, and writes to you: "Training accuracy is 85 %, test accuracy 88 %.
# The test cannot be easier than the training, so my code must be wrong. And the training accuracy jumps around when I measure it twice."
#
# What has probably happened? Explain *why* a training accuracy measured that way is lower, and why it changes.
# Say how to measure it, what you expect to find, and by which test you would tell a network in test mode from one in training mode.
# Then say what changes if your friend's code did not divide by $p$, in numbers. Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** The training accuracy was measured in training mode, with units dropped at random.
# Half of the units are missing in each pass, so the network that is measured is a thinned one and reads worse.
# Each measurement draws new masks, so the number changes.
# It should be measured in test mode, on the training examples; then I expect it to be above 88 %.
# To tell the modes apart, send the same batch through twice: in test mode the scores are equal.
# Without dividing by p, the units behind see twice as much in the test as in training, so the test would be worse.
#
# **A strong answer.** The two accuracies belong to two different networks.
# In training mode each example is read by a random subnetwork with about half of the units;
# in test mode all units take part, and the output is close to the mean over all those subnetworks.
# A mean over many classifiers that err differently is better than one of them, so 88 % against 85 % is no contradiction.
# The average over one epoch also mixes in earlier, worse parameters, if it was collected while training.
# I would switch to test mode, measure on training examples without taking steps, and expect more than 88 %, and the same number twice.
# Two passes of one batch with equal scores are test mode; in training mode they differ unless a seed is fixed.
# Without dividing by p each kept entry is x instead of 2x, and the mean of what arrives at the next layer is x/2 in training but x in the test.
# With two such layers in a row the scores would be about four times as large as in training: too sure, and shifted against the biases, which were learned for half the input.
# The remedy is dividing by p in training, or multiplying by p in the test; both make the means agree.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: says that the training accuracy was measured in training mode, and that masks make it lower and change it.
# - 1: the mean over subnetworks as the reason why the test pass is better.
# - 1: measures in test mode without steps, expects more than 88 %, and has a test for the mode.
# - 1: the factor: twice as much in the test as in training at p = 0.5, for each layer.
# - "It is underfitting" without the two modes earns nothing.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **wrote** penalties, noise and averages: nineteen functions and a class that all serve one purpose.
# - You **verified** functions that roll dice: by shares, by structure, and by gradients under the mask that forward drew.
# - You **measured** them on one problem, and know which of them are made for it.
#
# **Roads not taken.** Weight decay and L2 differ under Adam (08). How strong should each method be? That is a search (09).
# Mixing two images and their labels, softening labels, cutting out patches: more ways not to believe single examples.
#
# **To read on.** [The paper on dropout](https://jmlr.org/papers/v15/srivastava14a.html); [stochastic depth](https://arxiv.org/abs/1603.09382);
# [fractional max pooling](https://arxiv.org/abs/1412.6071); [snapshots](https://arxiv.org/abs/1704.00109);
# and [networks that learn random labels by heart](https://arxiv.org/abs/1611.03530).
#
# **One more, if you like.** Co-teaching: two networks train side by side, and each learns only from the examples
# on which the *other* has a small loss. On labels as wrong as these, how far does it get?
