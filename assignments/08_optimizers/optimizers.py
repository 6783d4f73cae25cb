# %% [markdown]
# # Optimizers: better ways downhill
#
# A gradient says which way is down, here, by the few examples it has seen.
# How far to go it does not say, nor whether the way bends.
#
# **Two people train the same network on the same data, from the same first weights.
# One needs a hundred steps, the other ten thousand. What did the first do with the same gradients?**
#
# You will
#
# 1. **write** descent with and without memory, from plain SGD to Adam and L-BFGS, and five ways to shrink a learning rate,
# 2. **watch** each rule in a narrow valley, at a saddle and on photographs of clothes,
# 3. **choose** a rule and a learning rate for a network, and say why.
#
# ## A bowl, on paper
#
# The loss is $f(w) = \tfrac12 (w_1^2 + 10\, w_2^2)$, its gradient $(w_1,\; 10\, w_2)$.
# Across it curves ten times as sharply as along: its *condition number* is 10.
# From $(10, 1)$ you step by *learning rate* times gradient, downhill.
# Each step multiplies $w_1$ by (1 − rate) and $w_2$ by (1 − 10 · rate):
#
# | learning rate | start | one step | two steps |
# |---:|:---:|:---:|:---:|
# | 0.10 | (10, 1) | (9, 0) | (8.1, 0) |
# | 0.19 | (10, 1) | (8.1, −0.9) | (6.56, 0.81) |
# | 0.21 | (10, 1) | (7.9, −1.1) | (6.24, 1.21) |
#
# At 0.19 the path *zigzags* from wall to wall. At 0.21 it climbs the walls, for ever.
# The steepest direction sets the limit, 2 / 10, and the flattest has to live with it.
#
# **Predict.** Let the condition number be 1000 and the learning rate a little below its limit.
# About how many steps until $w_1$ is down to a tenth?
#
# <details><summary>Answer</summary>
#
# The limit is 0.002, each step takes 0.2 % off $w_1$, and $0.998^n = 0.1$ at $n ≈ 1150$.
# Narrow valleys are slow. Move the sliders and see.
#
# </details>

# %% nbgrader={"grade_id": "setup", "locked": true}
from time import perf_counter

import numpy as np

from autograder import Check, hint
from utils import bowl, figure, load_digits, load_fashion_mnist, plot_losses, plot_paths
from utils import rosenbrock, saddle, sliders, style

# %% tags=["experiment"]
def descend_bowl(learning_rate=0.095, condition=20):
    """Forty steps of plain descent into a bowl."""
    surface = bowl(condition)
    path = [np.array(surface.start)]
    for _ in range(40):
        path.append(path[-1] - learning_rate * surface.gradient(path[-1]))
    x, y = path[-1]
    title = f"40 steps at {learning_rate:g} end at ({x:.2g}, {y:.2g}); the limit is {2 / condition:.3g}"
    return plot_paths(surface, {"plain descent": path}, title=title, legend=False)

sliders(descend_bowl, learning_rate=(0.005, 0.205, 0.005), condition=(1, 60))

# %% [markdown]
# ## The shape of a rule
#
# Every rule here is a function `rule(w, dw, config=None)` that returns `next_w, config`.
# `dw` is the gradient at `w`, of the same shape, whatever shape that is.
# `config` is a dict with the settings *and* with whatever the rule remembers.
# What you return goes in again with the next gradient.
# A key that is missing has a default; at the first call a memory is missing too.
#
# Next stands *sign descent*, complete, for you to read: every entry moves by the learning rate, whatever the size of its gradient.
# It also counts its calls.
#
# You may change `w` and `config` in place or make new ones: what you return is what counts.
# The function after it checks your rules. It walks several steps.
#
# ## Warm-up: write, check, mend
#
# You write, run the check, read what it found, mend, and run it again.
# Try it where nothing is graded.
# The rule `tiring_descent` should take shorter and shorter steps: learning rate / 1, then / 2, then / 3.
# It goes the right way, and the check is not content.
#
# Stuck in a graded cell? Run `hint("adam")` in a cell of your own:
# a question comes first, then a formula, then a table.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% nbgrader={"grade_id": "given", "locked": true}
def sign_descent(w, dw, config=None):
    """Each entry goes down by learning_rate (default 0.01). Counts its calls under "calls"."""
    config = {"learning_rate": 0.01, "calls": 0} | (config or {})
    config["calls"] += 1
    return w - config["learning_rate"] * np.sign(dw), config

# %% nbgrader={"grade_id": "compare_steps", "locked": true}
def compare_steps(t, rule, w, config, steps, **settings):
    """Give `rule` one gradient after another, and its own config back; compare what it remembers and returns.

    steps: a list of (dw, next_w, memory): memory is a dict of what the returned config must hold, a next_w of
    None is not compared. A fourth entry, a dict, changes settings from that step on.
    """
    before = config or {}
    for k, (dw, right, memory, *changed) in enumerate(steps, start=1):
        config, settings = ((config or {}) | changed[0], settings | changed[0]) if changed else (config, settings)
        result = t.call(rule, w, dw, config)
        fits = isinstance(result, tuple | list) and len(result) == 2 and isinstance(result[1], dict)
        t.true(fits, "Return two things: next_w and config, the dict.", "wrong_count")
        next_w, config = result
        given = {"w": w, "dw": dw, "step": k, "before": before, "memory": memory} | settings
        for key, value in memory.items():
            t.true(key in config, f"Step {k}: config has no {key!r}, so the next step starts anew.", "not_kept")
            t.equal(config[key], value, f"step {k}: {key}", given=given)
        if np.shape(next_w) == dw.shape:
            bad = ~np.isfinite(np.asarray(next_w, dtype=float))
            late, lost = memory.get("t") == 1 and np.any(bad & (dw != 0)), np.any(bad & (dw == 0))
            told = f"Step {k}: next_w is not finite."
            t.true(not late, f"{told} What is 1 - beta ** t while t is still 0? Count first.", "counted_late")
            t.true(not lost, f"{told} Where the gradient is 0, it is 0 / 0: what is epsilon for?", "epsilon_ignored")
        if right is not None:
            t.equal(next_w, right, f"step {k}: next_w", given=given)
        w, before = w if right is None else np.array(right, dtype=float), memory

# %% tags=["experiment"]
def tiring_descent(w, dw, config=None):
    """Step number 1, 2, 3, ... divides learning_rate by its number. Remembers how many were taken under "taken"."""
    config = {"learning_rate": 0.1, "taken": 0} | (config or {})
    number = 1 + config["taken"]
    return w - config["learning_rate"] / number * dw, config


check = Check("tiring_descent", points=0)

@check("steps of 1, 1/2 and 1/3 of the learning rate")
def _(t):
    w, dw, a = np.array([1.0, 2.0]), np.array([3.0, -6.0]), {"learning_rate": 0.1}
    steps = [(dw, [0.7, 2.6], {"taken": 1}), (dw, [0.55, 2.9], {"taken": 2}), (dw, [0.45, 3.1], {"taken": 3})]
    compare_steps(t, tiring_descent, w, a, steps)

check.score()

# %% [markdown]
# ## Plain descent
#
# *Stochastic gradient descent* (SGD) takes the gradient of a *minibatch*, a few examples drawn anew for each step,
# and goes straight down:
#
# $$w \leftarrow w - \eta\; dw$$
#
# with the learning rate $\eta$.
# The minibatch's gradient is a noisy guess of the gradient over all examples, and much cheaper.
#
# The rule remembers nothing, and four things trouble it:
# the zigzag; *local minima*, dips that are not the deepest;
# *saddles*, where the slope is 0 and some directions still lead down; and its own noise.
#
# **Predict.** At $w = (1, -2)$ the gradient is $(4, 0)$ and $\eta = 0.25$. Where does the step end?
# At which gradient would it not move at all?
#
# <details><summary>Answer</summary>
#
# At (0, −2). It stands still wherever the gradient is 0: at a minimum, and at a maximum or a saddle as well.
#
# </details>

# %% nbgrader={"grade_id": "sgd", "solution": true}
def sgd(w, dw, config=None):
    """One step of plain descent.

    w: an array of any shape; dw: the gradient at w, of the same shape.
    config: a dict, or None. Key and default: learning_rate 0.01.
    Returns next_w, config.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2} | (config or {})
    return w - config["learning_rate"] * dw, config
    ### END SOLUTION

# %% nbgrader={"grade_id": "sgd_check", "grade": true, "points": 6}
check = Check("sgd", points=6, hidden=2)

@check("from (1, -2) with gradients (4, 0) and (-2, 6)")
def _(t):
    steps = [(np.array([4.0, 0.0]), [0.0, -2.0], {}), (np.array([-2.0, 6.0]), [0.5, -3.5], {})]
    compare_steps(t, sgd, np.array([1.0, -2.0]), {"learning_rate": 0.25}, steps, learning_rate=0.25)

@check("a learning rate of 0.01 where config says nothing")
def _(t):
    steps = [(np.array([100.0, -50.0]), [2.0, 4.5], {})]
    for config in (None, {}):
        compare_steps(t, sgd, np.array([3.0, 4.0]), config, steps, learning_rate=0.01)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def straight_down(t, shape, rate, count=3):
    w = t.rng.normal(size=shape)
    steps, here = [], w
    for _ in range(count):
        dw = t.rng.normal(size=shape)
        here = np.array([a - rate * b for a, b in zip(here.ravel(), dw.ravel())]).reshape(shape)
        steps.append((dw, here, {}))
    compare_steps(t, sgd, w, {"learning_rate": rate}, steps, learning_rate=rate)

@check("a matrix of weights, three steps")
def _(t):
    straight_down(t, (4, 3), 0.3)

@check("an array of three axes")
def _(t):
    straight_down(t, (2, 3, 4), 0.07)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Look: too low, good, high, too high
#
# From here on one network serves everybody: pixels, one ReLU layer of 30, ten classes, softmax loss.
# All its parameters lie in one flat array `w`, so that any rule can take it, and the function below returns loss and gradient.
# You have written its parts in 03; here it is given.
#
# Left, it learns digits by your `sgd` at four learning rates.
# Right, a *range test*: one short run, in which the learning rate grows a little with every step.
# Where the loss falls fastest the learning rates are good; where it rises they are too high.
#
# **Predict.** Which curve ends lowest: the one of rate 0.02, 0.3, 1.5 or 6? What will the highest rate do?
#
# <details><summary>Answer</summary>
#
# 0.3. At 0.02 the network is still on its way.
# At 1.5 it jumps about and loses again what it has learned: at the end 29 of its 30 units are dead.
# At 6 all of them die at once, and it settles at ln 10 = 2.30, the loss of a network that knows nothing.
# The range test tells it in one run: falling up to about 0.5, trouble from 1 on. Take a third of where it was lowest, or less.
#
# </details>

# %% nbgrader={"grade_id": "network", "locked": true}
def first_weights(inputs, hidden=30, classes=10, seed=0):
    """A flat array of all parameters: weights normal with variance 2 / fan-in, biases 0."""
    rng = np.random.default_rng(seed)
    W1 = np.sqrt(2 / inputs) * rng.normal(size=(inputs, hidden))
    W2 = np.sqrt(2 / hidden) * rng.normal(size=(hidden, classes))
    return np.concatenate([W1.ravel(), np.zeros(hidden), W2.ravel(), np.zeros(classes)])


def network(w, X, y, classes=10):
    """Softmax loss of the network with parameters w, its gradient (shape of w), and the classes it answers with."""
    (N, D), n = X.shape, np.arange(len(y))
    H = (len(w) - classes) // (D + 1 + classes)
    W1, b1, W2, b2 = np.split(w, np.cumsum([D * H, H, H * classes]))
    W1, W2 = W1.reshape(D, H), W2.reshape(H, classes)
    h = np.maximum(0, X @ W1 + b1)
    scores = h @ W2 + b2
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ds = (np.exp(logs) - np.eye(classes)[y]) / N
    da = (ds @ W2.T) * (h > 0)
    dw = np.concatenate([(X.T @ da).ravel(), da.sum(axis=0), (h.T @ ds).ravel(), ds.sum(axis=0)])
    return -logs[n, y].mean(), dw, scores.argmax(axis=1)

# %% tags=["experiment"]
def train(rule, config, data, steps, batch_size=64, rate=None, seed=0):
    """Train the network by a rule; batch_size 0 takes all examples, rate(t) is the learning rate of step t."""
    X, y = data.X_train.reshape(len(data.X_train), -1), data.y_train
    rng, w, config, losses = np.random.default_rng(seed), first_weights(X[0].size, seed=seed), dict(config), []
    with np.errstate(all="ignore"):
        for t in range(steps):
            if rate:
                config["learning_rate"] = rate(t)
            batch = rng.integers(len(y), size=batch_size) if batch_size else slice(None)
            loss, dw, _ = network(w, X[batch], y[batch])
            losses.append(loss)
            w, config = rule(w.copy(), dw, config)
    return w, np.array(losses)

def learning_rates():
    fig, (left, right) = figure(1, 2, width=10, height=4)
    digits = load_digits()
    curves = {f"rate {rate:g}": train(sgd, {"learning_rate": rate}, digits, 400)[1] for rate in (0.02, 0.3, 1.5, 6.0)}
    plot_losses(curves, smooth=15, title="Too low, good, high, too high", ax=left)
    left.set_ylim(0, 4)
    rates = 1e-3 * 10 ** np.linspace(0, 4, 300)
    _, losses = train(sgd, {}, digits, 300, rate=lambda t: rates[t])
    right.plot(rates, np.minimum(losses, 6), color=style.category(0), alpha=0.3, linewidth=1)
    smooth = np.convolve(losses, np.ones(15) / 15, mode="valid")
    right.plot(rates[7:-7], smooth, color=style.category(0))
    right.set(xscale="log", xlabel="learning rate, growing step by step", ylabel="loss", ylim=(0, 4))
    right.set_title("Range test: one run of 300 steps", loc="left")
    best = rates[7:-7][smooth.argmin()]
    fig.alt += f" Range test: the loss is lowest, {smooth.min():.2f}, near a learning rate of {best:.2g}."
    return fig

learning_rates()

# %% tags=["experiment"]
def troubles():
    """Look: two of the four troubles. Left: where the slope is 0, is it a minimum? Then every direction curves upwards.
    With random curvatures that gets rarer and rarer: among many parameters a flat place is nearly always a saddle.
    Right: how far the gradient of a minibatch is off the gradient of all examples."""
    rng, digits = np.random.default_rng(0), load_digits()
    X, y = digits.X_train.reshape(-1, 64), digits.y_train
    fig, (left, right) = figure(1, 2, width=10, height=3.7)
    dimensions, shares = range(1, 9), []
    for n in dimensions:
        a = rng.normal(size=(4000, n, n))
        shares.append(np.mean(np.linalg.eigvalsh(a + a.transpose(0, 2, 1))[:, 0] > 0))
    left.bar(dimensions, shares, color=style.VALUE)
    for n, share in zip(dimensions, shares):
        told = "none" if share == 0 else f"{share:.2%}" if share < 0.1 else f"{share:.0%}"
        left.text(n, share + 0.01, told, ha="center", fontsize=8.5)
    left.set(xlabel="parameters", ylabel="share of 4000 flat places", ylim=(0, 0.56))
    left.set_title("Flat places without a way down", loc="left")
    w = first_weights(64)
    full, sizes, errors = network(w, X, y)[1], 2 ** np.arange(10), []
    for size in sizes:
        guesses = [network(w, X[i], y[i])[1] for i in rng.integers(len(y), size=(20, size))]
        errors.append(np.mean([np.linalg.norm(g - full) for g in guesses]) / np.linalg.norm(full))
    right.loglog(sizes, errors, "o-", color=style.GRADIENT)
    right.axhline(1, color=style.QUIET, linewidth=1)
    right.text(512, 1.08, "error as long as the gradient", fontsize=9, color=style.QUIET, ha="right")
    right.set(xlabel="examples in the minibatch", ylabel="error / length of the gradient")
    right.set(xticks=[1, 8, 64, 512], xticklabels=[1, 8, 64, 512], yticks=[0.25, 0.5, 1, 2, 4], yticklabels=[0.25, 0.5, 1, 2, 4])
    right.minorticks_off()
    right.set_title("Four times the examples, half the noise", loc="left")
    fig.alt = f"Share of flat places that are minima, with random curvatures: {shares[0]:.0%} with one parameter, "
    fig.alt += f"{shares[3]:.2%} with four, {shares[7]:.2%} with eight. "
    fig.alt += f"Relative error of the gradient: {errors[0]:.1f} for one example, {errors[-1]:.2f} for 512."
    return fig

troubles()

# %% [markdown]
# ## A ball with inertia
#
# In a valley, steps across cancel one another and steps along agree.
# *Momentum* keeps a *velocity*, most of which survives from step to step, and moves by it:
#
# $$v \leftarrow \mu\, v - \eta\; dw, \qquad w \leftarrow w + v$$
#
# It rolls through small dips, past flat places, and averages out noise.
# It also overshoots.
#
# **Predict.** The gradient is 1 at every step, $\eta = 0.1$, $\mu = 0.9$. How long are the first steps, and how long do they become?
#
# <details><summary>Answer</summary>
#
# 0.1, 0.19, 0.271, ... and at last $0.1 / (1 - 0.9) = 1$: ten times as long as without momentum.
#
# </details>
#
# ## Look ahead, then correct
#
# Whatever the gradient, the ball will be carried on by $\mu v$.
# *Nesterov* momentum therefore wants the gradient *there*.
# The usual trick: let $w$ be that place ahead.
# Then `dw`, the gradient at $w$, is the right one, and with the same $v$ as above
#
# $$w \leftarrow w - \eta\; dw + \mu\, v$$
#
# uses the *new* velocity: correct the place, then look ahead again.

# %% nbgrader={"grade_id": "sgd_momentum", "solution": true}
def sgd_momentum(w, dw, config=None):
    """One step of descent with momentum.

    w, dw: arrays of one shape. config: a dict, or None.
    Keys and defaults: learning_rate 0.01, momentum 0.9 (the share of the velocity that survives),
    velocity zeros of the shape of w.
    Returns next_w, config; config["velocity"] is the new velocity, which is also the step taken.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
    v = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config
    ### END SOLUTION


def nesterov(w, dw, config=None):
    """One step of Nesterov momentum, where w is the place ahead and dw the gradient at w.

    The new velocity is momentum * velocity - learning_rate * dw, as in sgd_momentum, with the same keys and defaults.
    The step from w is momentum * (new velocity) - learning_rate * dw.
    Returns next_w, config; config["velocity"] is the new velocity.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w)} | (config or {})
    correction = -config["learning_rate"] * dw
    v = config["momentum"] * config["velocity"] + correction
    config["velocity"] = v
    return w + config["momentum"] * v + correction, config
    ### END SOLUTION

# %% nbgrader={"grade_id": "sgd_momentum_check", "grade": true, "points": 18}
check = Check("sgd_momentum", points=18, hidden=7)

@check("momentum: three steps by hand")
def _(t):
    a = {"learning_rate": 0.1, "momentum": 0.5}
    steps = [([4.0, 0], [0.6, -2.0], {"velocity": [-0.4, 0]}), ([2.0, 6], [0.2, -2.6], {"velocity": [-0.4, -0.6]})]
    steps += [([-1.0, 2], [0.1, -3.1], {"velocity": [-0.1, -0.5]})]
    compare_steps(t, sgd_momentum, np.array([1.0, -2]), a, [(np.array(d), *rest) for d, *rest in steps], **a)

@check("Nesterov: three steps by hand")
def _(t):
    a = {"learning_rate": 0.1, "momentum": 0.5}
    steps = [([4.0, 0], [0.4, -2.0], {"velocity": [-0.4, 0]}), ([2.0, 6], [0.0, -2.9], {"velocity": [-0.4, -0.6]})]
    steps += [([-1.0, 2], [0.05, -3.35], {"velocity": [-0.1, -0.5]})]
    compare_steps(t, nesterov, np.array([1.0, -2]), a, [(np.array(d), *rest) for d, *rest in steps], **a)

@check("both start from no config at all")
def _(t):
    w, dw, known = np.array([3.0, 4]), np.array([100.0, -50]), {"learning_rate": 0.01, "momentum": 0.9}
    one, two = {"velocity": [-1, 0.5]}, {"velocity": [-1.9, 0.95]}
    compare_steps(t, sgd_momentum, w, None, [(dw, [2, 4.5], one), (dw, [0.1, 5.45], two)], **known)
    compare_steps(t, nesterov, w, None, [(dw, [1.1, 4.95], one), (dw, [-1.61, 6.305], two)], **known)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def roll(t, rule, shape, rates, momentum, velocity=None, count=4):
    """Number by number: a place, a velocity, and for Nesterov the place ahead of it."""
    w, ahead = t.rng.normal(size=shape), momentum if rule is nesterov else 0.0
    v = [0.0] * w.size if velocity is None else list(velocity)
    here, steps = [a - ahead * b for a, b in zip(w.ravel(), v)], []
    for k in range(count):
        dw, rate = t.rng.normal(size=shape), rates[k % len(rates)]
        v = [momentum * b - rate * g for b, g in zip(v, dw.ravel())]
        here = [a + b for a, b in zip(here, v)]
        right = np.reshape([a + ahead * b for a, b in zip(here, v)], shape)
        steps.append((dw, right, {"velocity": np.reshape(v, shape)}, {"learning_rate": rate}))
    config = {"momentum": momentum} | ({} if velocity is None else {"velocity": velocity})
    compare_steps(t, rule, w, config, steps, momentum=momentum)

@check("momentum: four steps of a matrix")
def _(t):
    roll(t, sgd_momentum, (4, 3), (0.3,), 0.8)

@check("momentum: a velocity that is given")
def _(t):
    roll(t, sgd_momentum, (5,), (0.2,), 0.6, velocity=t.rng.normal(size=5))

@check("momentum: a learning rate that changes between steps")
def _(t):
    roll(t, sgd_momentum, (3, 2), (0.5, 0.1, 0.02), 0.7)

@check("Nesterov: four steps of a matrix")
def _(t):
    roll(t, nesterov, (4, 3), (0.3,), 0.8)

@check("Nesterov: a velocity that is given")
def _(t):
    roll(t, nesterov, (5,), (0.2,), 0.6, velocity=t.rng.normal(size=5))

@check("Nesterov: a learning rate that changes between steps")
def _(t):
    roll(t, nesterov, (2, 3, 2), (0.5, 0.1, 0.02), 0.7)

@check("without momentum both are plain descent")
def _(t):
    roll(t, sgd_momentum, (3,), (0.1,), 0.0)
    roll(t, nesterov, (3,), (0.1,), 0.0)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def ball(momentum=0.9):
    """Look: a ball starts left, above three dips. Which momentum takes it to the lowest, and which past it?
    Nesterov looks ahead, so it brakes before the hill: it needs a little more to get over."""
    def height(x):
        return 0.05 * x**2 + 0.2 * np.sin(2 * x)

    fig, (left, right) = figure(1, 2, width=10, height=3.7)
    x, low = np.linspace(-5, 5, 400), -0.70
    left.plot(x, height(x), color="#B0B0B0", linewidth=4)
    for i, (name, rule) in enumerate({"momentum": sgd_momentum, "Nesterov": nesterov}.items()):
        w, config, places = np.array([-4.5]), {"learning_rate": 0.05, "momentum": momentum}, []
        for _ in range(150):
            places.append(w.item())
            w, config = rule(w.copy(), 0.1 * w + 0.4 * np.cos(2 * w), config)
        look = {"color": style.category(i), "marker": style.MARKERS[i]}
        left.plot(places[::4], height(np.array(places[::4])), linestyle="", markersize=5, label=name, **look)
        right.plot(places, color=style.category(i), linestyle=style.DASHES[i], label=name)
        fig.alt += f" {name} {momentum}: from -4.5 to {places[-1]:.2f}."
    left.set(xlabel="w", ylabel="loss")
    left.set_title(f"150 steps, momentum {momentum:g}", loc="left")
    right.axhline(low, color=style.QUIET, linewidth=1)
    right.text(0, low + 0.12, "lowest point", fontsize=9, color=style.QUIET)
    right.set(xlabel="step", ylabel="w", ylim=(-5, 5))
    right.legend(fontsize=9)
    return fig

sliders(ball, momentum=(0.0, 0.99, 0.01))

# %% [markdown]
# ## A step of its own for every parameter
#
# One learning rate suits the walls or the floor, not both.
# *AdaGrad* sums the squares of each entry's gradients and divides by the root:
#
# $$s \leftarrow s + dw^2, \qquad w \leftarrow w - \eta\, \frac{dw}{\sqrt{s} + \epsilon}$$
#
# All entry by entry; $\epsilon$ stands *outside* the root and keeps 0 / 0 from happening.
# What is steep takes short steps, what is rare takes long ones.
# The sum only grows, so steps shrink like $1/\sqrt{t}$, until it stops.
#
# *RMSProp* forgets. It keeps a running mean of the squares, with a *decay rate* $\rho$ near 1 as the weight of the old value:
#
# $$s \leftarrow \rho\, s + (1 - \rho)\, dw^2$$
#
# and steps as above.
#
# **Predict.** The first gradient is $(100, 0.01, 0)$, $\eta = 0.1$. What is AdaGrad's first step? And RMSProp's, with $\rho = 0.99$?
#
# <details><summary>Answer</summary>
#
# AdaGrad: (−0.1, −0.1, 0). Only the sign of a gradient is left.
# RMSProp: (−1, −1, 0), ten times too long, since its mean starts at 0 and $\sqrt{0.01} = 0.1$. Adam will mend that.
#
# </details>

# %% nbgrader={"grade_id": "adagrad", "solution": true}
def adagrad(w, dw, config=None):
    """One step of AdaGrad.

    w, dw: arrays of one shape. config: a dict, or None.
    Keys and defaults: learning_rate 0.01, epsilon 1e-8 (added outside the root), cache zeros of the shape of w.
    Returns next_w, config; config["cache"] is the sum of squares, this gradient's included; the step uses it.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
    config["cache"] = config["cache"] + dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config
    ### END SOLUTION


def rmsprop(w, dw, config=None):
    """One step of RMSProp.

    w, dw: arrays of one shape. config: a dict, or None.
    Keys and defaults: learning_rate 0.01, decay_rate 0.99 (the weight of the old mean), epsilon 1e-8 (added
    outside the root), cache zeros of the shape of w.
    Returns next_w, config; config["cache"] is the running mean of squares, this gradient's included; the step uses it.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w)} | (config or {})
    rho = config["decay_rate"]
    config["cache"] = rho * config["cache"] + (1 - rho) * dw**2
    return w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"]), config
    ### END SOLUTION

# %% nbgrader={"grade_id": "adagrad_check", "grade": true, "points": 16}
check = Check("adagrad", points=16, hidden=6)

@check("AdaGrad: two steps by hand, one entry without a gradient at first")
def _(t):
    a = {"learning_rate": 0.6, "epsilon": 1.0}
    steps = [(np.array([3.0, -1.0, 0.0]), [0.55, 2.3, 3.0], {"cache": [9.0, 1, 0]})]
    steps += [(np.array([4.0, 0, 5]), [0.15, 2.3, 2.5], {"cache": [25.0, 1, 25]})]
    compare_steps(t, adagrad, np.array([1.0, 2, 3]), a, steps, **a)

@check("RMSProp: two steps by hand, one entry without a gradient at first")
def _(t):
    a = {"learning_rate": 0.6, "decay_rate": 0.75, "epsilon": 1.0}
    steps = [(np.array([4.0, -2.0, 0.0]), [0.2, 2.6, 3.0], {"cache": [4.0, 1, 0]})]
    steps += [(np.array([2.0, 0, 6]), [-0.2, 2.6, 2.1], {"cache": [4.0, 0.75, 9]})]
    compare_steps(t, rmsprop, np.array([1.0, 2, 3]), a, steps, **a)

@check("both start from no config at all, and where the gradient is 0 nothing moves")
def _(t):
    w, dw, known = np.array([1.0, 2, 3]), np.array([100.0, -1.0, 0]), {"learning_rate": 0.01, "epsilon": 1e-8}
    compare_steps(t, adagrad, w, None, [(dw, [0.99, 2.0099999999, 3], {"cache": [10000, 1, 0]})], **known)
    known["decay_rate"] = 0.99
    compare_steps(t, rmsprop, w, None, [(dw, [0.9, 2.09999999, 3], {"cache": [100, 0.01, 0]})], **known)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def divide(t, rule, shape, count=4, start=None, **a):
    """Number by number: a place and a sum, or a mean, of squares."""
    w = t.rng.normal(size=shape)
    s = [0.0] * w.size if start is None else list(start.ravel())
    rate, small, rho = a.get("learning_rate", 0.01), a.get("epsilon", 1e-8), a.get("decay_rate", 0.99)
    old, new = (1.0, 1.0) if rule is adagrad else (rho, 1 - rho)
    here, steps = w.ravel(), []
    for _ in range(count):
        dw = t.rng.choice([-1.0, 1.0], size=shape) * t.rng.uniform(0.3, 2, size=shape)
        s = [old * b + new * g * g for b, g in zip(s, dw.ravel())]
        here = [p - rate * g / (b**0.5 + small) for p, g, b in zip(here, dw.ravel(), s)]
        steps.append((dw, np.reshape(here, shape), {"cache": np.reshape(s, shape)}))
    known = {"learning_rate": rate, "epsilon": small} | ({} if rule is adagrad else {"decay_rate": rho})
    compare_steps(t, rule, w, a | ({} if start is None else {"cache": start}) or None, steps, **known)

@check("AdaGrad: four steps of a matrix, from no config at all")
def _(t):
    divide(t, adagrad, (4, 3))

@check("AdaGrad: a cache that is given")
def _(t):
    divide(t, adagrad, (2, 3, 2), learning_rate=0.3, start=t.rng.uniform(0.5, 2, size=(2, 3, 2)))

@check("AdaGrad: a large epsilon, outside the root")
def _(t):
    divide(t, adagrad, (5,), learning_rate=0.3, epsilon=0.3)

@check("RMSProp: four steps of a matrix, from no config at all")
def _(t):
    divide(t, rmsprop, (4, 3))

@check("RMSProp: a cache that is given")
def _(t):
    divide(t, rmsprop, (2, 3, 2), learning_rate=0.3, decay_rate=0.8, start=t.rng.uniform(0.5, 2, size=(2, 3, 2)))

@check("RMSProp: a large epsilon, outside the root")
def _(t):
    divide(t, rmsprop, (5,), learning_rate=0.3, decay_rate=0.6, epsilon=0.3)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Adam: both, and a correction
#
# *Adam* takes RMSProp's running mean of squares, $v$, and momentum as a running mean of gradients, $m$.
# Both start at 0, and a mean that starts at 0 is too small at first. Adam knows by how much:
#
# $$\hat m = \frac{m}{1 - \beta_1^{\,t}}, \qquad \hat v = \frac{v}{1 - \beta_2^{\,t}}, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}$$
#
# where $m \leftarrow \beta_1 m + (1 - \beta_1)\, dw$, $v \leftarrow \beta_2 v + (1 - \beta_2)\, dw^2$, and
# $t$ counts this step too: it is 1 in the first.
# This is *bias correction*. $m$ and $v$ themselves are remembered uncorrected.
#
# Adam is the usual first choice, often with $\eta = 0.001$.
#
# **Predict.** How long is Adam's first step in an entry whose gradient is 100? Whose gradient is 0.01?
# And without any correction, for $\beta_1 = 0.9$, $\beta_2 = 0.999$?
#
# <details><summary>Answer</summary>
#
# $\eta$ and $\eta$. Without correction $0.1 / \sqrt{0.001} = 3.2$ times as long, when the estimates are at their worst.
#
# </details>

# %% nbgrader={"grade_id": "adam", "solution": true}
def adam(w, dw, config=None):
    """One step of Adam, with bias correction.

    w, dw: arrays of one shape. config: a dict, or None.
    Keys and defaults: learning_rate 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8 (added outside the
    root of the corrected v), m and v zeros of the shape of w, t 0 (steps taken so far).
    Returns next_w, config with the new m, v (both uncorrected) and t. t grows by 1 before it is used.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0} | (config or {})
    beta1, beta2, t = config["beta1"], config["beta2"], config["t"] + 1
    m = beta1 * config.get("m", np.zeros_like(w)) + (1 - beta1) * dw
    v = beta2 * config.get("v", np.zeros_like(w)) + (1 - beta2) * dw**2
    config |= {"m": m, "v": v, "t": t}
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"]), config
    ### END SOLUTION

# %% nbgrader={"grade_id": "adam_check", "grade": true, "points": 20}
check = Check("adam", points=20, hidden=6)

@check("the first step has the length of the learning rate, whatever the gradient")
def _(t):
    w, dw = np.array([1.0, 2, 3]), np.array([100.0, -0.01, 0])
    known = {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    memory = {"m": [10, -0.001, 0], "v": [10, 1e-7, 0], "t": 1}
    compare_steps(t, adam, w, None, [(dw, [0.999, 2.000999999, 3.0], memory)], **known)

@check("remembers m, v and t")
def _(t):
    a, w = {"beta1": 0.5, "beta2": 0.75}, np.array([1.0, -1.0])
    steps = [(np.array([2.0, -8]), None, {"m": [1, -4], "v": [1, 16], "t": 1})]
    steps += [(np.array([4.0, 4]), None, {"m": [2.5, 0], "v": [4.75, 16], "t": 2})]
    compare_steps(t, adam, w, a, steps, **a)

@check("goes on by hand where two steps have been taken")
def _(t):
    a, w = {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.1}, np.array([1.0, -1.0])
    start = {"m": np.array([2.0, -4]), "v": np.array([4.0, 8]), "t": 2}
    first = (np.array([4.0, 8]), [0.71266311407979, -1.1093853105715], {"m": [3, 2], "v": [7, 22], "t": 3})
    second = (np.array([-5.0, 2]), [0.7888251628843, -1.2334248699311], {"m": [-1, 2], "v": [11.5, 17.5], "t": 4})
    compare_steps(t, adam, w, a | start, [first, second], **a)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def by_the_book(t, shape, count=5, start=None, **a):
    """Number by number: a place, two means, and what corrects them."""
    w, old = t.rng.normal(size=shape), start or {}
    known = {"learning_rate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8} | a
    rate, b1, b2, small = known.values()
    m, v = (list(np.ravel(old.get(key, np.zeros(shape)))) for key in "mv")
    here, steps, n = list(w.ravel()), [], old.get("t", 0)
    for _ in range(count):
        dw, n = t.rng.choice([-1.0, 1.0], size=shape) * t.rng.uniform(0.3, 2, size=shape), n + 1
        for i, g in enumerate(dw.ravel()):
            m[i], v[i] = b1 * m[i] + (1 - b1) * g, b2 * v[i] + (1 - b2) * g * g
            here[i] -= rate * (m[i] / (1 - b1**n)) / ((v[i] / (1 - b2**n)) ** 0.5 + small)
        steps.append((dw, np.reshape(here, shape), {"m": np.reshape(m, shape), "v": np.reshape(v, shape), "t": n}))
    compare_steps(t, adam, w, (a | old) or None, steps, **known)

@check("five steps of a matrix, from no config at all")
def _(t):
    by_the_book(t, (4, 3))

@check("five steps with other settings")
def _(t):
    by_the_book(t, (2, 3, 2), learning_rate=0.2, beta1=0.7, beta2=0.9)

@check("goes on from a config that has taken seven steps")
def _(t):
    start = {"m": t.rng.normal(size=5), "v": t.rng.uniform(0.5, 2, size=5), "t": 7}
    by_the_book(t, (5,), start=start, learning_rate=0.1, beta1=0.8, beta2=0.95)

@check("a large epsilon, added to the corrected root")
def _(t):
    by_the_book(t, (3, 2), learning_rate=0.2, beta1=0.6, beta2=0.9, epsilon=0.5)

@check("without the first mean (beta1 = 0)")
def _(t):
    by_the_book(t, (4,), learning_rate=0.1, beta1=0.0, beta2=0.9)

@check("a learning rate that changes between steps")
def _(t):
    w, m, v, steps = t.rng.normal(size=4), np.zeros(4), np.zeros(4), []
    here = w
    for n, rate in enumerate((0.5, 0.1, 0.02), start=1):
        dw = t.rng.choice([-1.0, 1.0], size=4) * t.rng.uniform(0.3, 2, size=4)
        m, v = m + 0.1 * (dw - m), v + 0.001 * (dw * dw - v)
        here = here - rate * m / (1 - 0.9**n) / ((v / (1 - 0.999**n)) ** 0.5 + 1e-8)
        steps.append((dw, here, {"m": m, "v": v, "t": n}, {"learning_rate": rate}))
    compare_steps(t, adam, w, None, steps, beta1=0.9, beta2=0.999, epsilon=1e-8)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def step_lengths(decay_rate=0.99):
    """Look: one gradient of 1 at every step, 0.1 from step 300 on. How long are the steps, in learning rates?"""
    rules = {"AdaGrad": (adagrad, {}), "RMSProp": (rmsprop, {"decay_rate": decay_rate})}
    rules["Adam"] = (adam, {"beta2": decay_rate})
    fig, ax = figure(width=8, height=4)
    for i, (name, (rule, config)) in enumerate(rules.items()):
        w, lengths = np.zeros(1), []
        for t in range(900):
            next_w, config = rule(w.copy(), np.array([1.0 if t < 300 else 0.1]), {"learning_rate": 1.0} | config)
            lengths.append(float(w[0] - next_w[0]))
            w = next_w
        ax.plot(range(1, 901), lengths, color=style.category(i), linestyle=style.DASHES[i], label=name)
        fig.alt += f" {name}: first step {lengths[0]:.1f}, at 300 {lengths[299]:.2f}, at 900 {lengths[899]:.2f}."
    ax.axhline(1, color=style.QUIET, linewidth=1)
    ax.set(yscale="log", xlabel="step", ylabel="length / learning rate")
    ax.set_title("AdaGrad tires, RMSProp starts too fast, Adam does neither", loc="left")
    ax.legend()
    return fig

sliders(step_lengths, decay_rate=(0.9, 0.998, 0.002))

# %% [markdown]
# ## Look: six rules on three surfaces
#
# The bowl is narrow. The saddle has a flat middle, and everyone starts a thousandth beside its ridge.
# *Rosenbrock's* valley is narrow *and* bends.
# Stars are minima, each path ends in a large mark; the slider sets the number of steps.
# Each rule has a learning rate of its own on each surface.
#
# **Predict.** On the saddle, who leaves first, and why?
# In the bowl, whose first step changes both parameters by the same amount?
#
# <details><summary>Answer</summary>
#
# AdaGrad, RMSProp and Adam leave first: they divide the tiny gradient across the ridge by its own size, and only its sign is left.
# SGD multiplies a thousandth by a little more than 1 at each step and is last.
# In the bowl the same division makes equals of walls and floor: the same three move both parameters by the same amount at first.
# In Rosenbrock's valley SGD finds the floor at once and then crawls; what has momentum follows the bend.
#
# </details>
#
# ## The same race in a network
#
# 23,860 parameters, photographs of clothes, the same first weights and the same minibatches for everyone, 120 steps.
# Each rule runs at eight learning rates. Left, its best run; right, where each run ended.
#
# **Predict.** Whose range of useful learning rates lies lowest?
# Will the best of Adam beat the best of SGD by much?
#
# <details><summary>Answer</summary>
#
# RMSProp's, then Adam's: their best rates are ten to a hundred times smaller than SGD's, since they have divided the gradient's size out.
# Each at its best, all come close to one another, but for SGD: it is last. Nesterov and Adam are a little ahead.
# A learning rate wrong by a factor of 10 costs more than the wrong rule.
# One seed and 120 steps: differences of a few hundredths mean nothing.
# With three other seeds the first two and the last are the same, and the others change places.
#
# </details>

# %% tags=["experiment"]
def rules():
    """Every rule by its name."""
    first = {"SGD": sgd, "momentum": sgd_momentum, "Nesterov": nesterov}
    return first | {"AdaGrad": adagrad, "RMSProp": rmsprop, "Adam": adam}

def race(steps=60):
    rates = {
        bowl(): (0.09, 0.02, 0.02, 1.5, 0.2, 0.3),
        saddle(): (0.1, 0.05, 0.05, 0.2, 0.03, 0.1),
        rosenbrock(): (0.0015, 0.0007, 0.001, 0.35, 0.02, 0.15),
    }
    fig, axes = figure(1, 3, width=10, height=4.3)
    for ax, (surface, chosen) in zip(axes, rates.items()):
        paths = {}
        with np.errstate(all="ignore"):
            for (name, rule), rate in zip(rules().items(), chosen):
                w, config = np.array(surface.start), {"learning_rate": rate}
                paths[name] = [w]
                for _ in range(steps):
                    w, config = rule(w.copy(), surface.gradient(w), config)
                    paths[name].append(w)
        plot_paths(surface, paths, title=f"{surface.name}, {steps} steps", legend=False, ax=ax)
    axes[1].set_ylabel("")
    axes[2].set_ylabel("")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=9)
    return fig

sliders(race, steps=(1, 300))

# %% tags=["experiment"]
def network_race(steps=120):
    """Every rule at eight learning rates: same network, same data, same minibatches."""
    clothes, curves = load_fashion_mnist(), {}
    X, y = clothes.X_test.reshape(len(clothes.X_test), -1), clothes.y_test
    fig, (left, right) = figure(1, 2, width=10, height=4.4)
    print("rule       best rate   loss   read of 2000 test images")
    for i, (name, rule) in enumerate(rules().items()):
        ends, tried = [], 10 ** np.linspace(-3.5, 0, 8) * (0.1 if rule in (rmsprop, adam) else 1)
        for rate in tried:
            w, losses = train(rule, {"learning_rate": rate}, clothes, steps)
            ends.append(min(np.nan_to_num(losses[-30:].mean(), nan=3.0), 3.0))
            if ends[-1] == min(ends):
                best, curve = w, losses
        curves[name], at = curve, tried[np.argmin(ends)]
        read = np.sum(network(best, X, y)[2] == y)
        print(f"{name:10} {at:8.2g} {min(ends):8.3f} {read:6}")
        look = {"color": style.category(i), "marker": style.MARKERS[i], "linestyle": style.DASHES[i]}
        right.plot(tried, ends, label=name, markersize=4, **look)
        fig.alt += f" {name}: best rate {at:.2g}, loss {min(ends):.2f}."
    means = {name: np.convolve(curve, np.ones(20) / 20, mode="valid") for name, curve in curves.items()}
    plot_losses(means, title="Each at its best learning rate", ylabel="loss, mean of 20 steps", ax=left)
    left.set_ylim(0.4, 2)
    right.set(xscale="log", xlabel="learning rate", ylabel="loss at the end", ylim=(0.4, 2.5))
    right.set_title("All runs", loc="left")
    return fig

network_race()

# %% [markdown]
# ## Learning rates that fall
#
# A large rate crosses the country, a small one settles in the valley.
# With *decay* the rate falls as steps, or *epochs* (rounds through the data), go by.
# $\eta_0$ is the first rate, $t = 0, 1, 2, \dots$ counts:
#
# | schedule | rate at $t$ |
# |---|---|
# | step | times `drop` after every `every` counts |
# | exponential | $\eta_0\, e^{-k t}$ |
# | inverse time (1/t) | $\eta_0 / (1 + k t)$ |
# | cosine | half a wave, from $\eta_0$ at $t = 0$ down to `lowest` at $t =$ `total`, and `lowest` from there on |
# | warm-up | a straight ramp up in the first `steps` counts, then $\eta_0$ |
#
# Decay is usual with SGD and momentum, less so with Adam.
# First train without, look at the loss curve, and decay where it has become flat.
# *Warm-up* guards a fresh network, and Adam's first estimates, from steps that are too long.
#
# **Predict.** $\eta_0 = 0.8$, drop 0.5, every 10. What is the rate at 9, 10, 25?
#
# <details><summary>Answer</summary>
#
# 0.8, 0.4, 0.2.
#
# </details>

# %% nbgrader={"grade_id": "step_decay", "solution": true}
def step_decay(learning_rate, t, drop=0.5, every=10):
    """The rate after t counts (an int from 0): times drop at t = every, again at 2 * every, and so on. A number."""
    ### BEGIN SOLUTION
    return learning_rate * drop ** (t // every)
    ### END SOLUTION


def exponential_decay(learning_rate, t, k=0.1):
    """The rate after t counts: learning_rate times e to the power -k t. A number."""
    ### BEGIN SOLUTION
    return learning_rate * np.exp(-k * t)
    ### END SOLUTION


def inverse_time_decay(learning_rate, t, k=0.1):
    """The rate after t counts: learning_rate over 1 + k t. A number."""
    ### BEGIN SOLUTION
    return learning_rate / (1 + k * t)
    ### END SOLUTION


def cosine_decay(learning_rate, t, total, lowest=0.0):
    """The rate after t counts, on half a cosine wave.

    learning_rate at t = 0, halfway between at t = total / 2, lowest at t = total and ever after.
    """
    ### BEGIN SOLUTION
    share = min(t / total, 1.0)
    return lowest + (learning_rate - lowest) * (1 + np.cos(np.pi * share)) / 2
    ### END SOLUTION


def warmup(learning_rate, t, steps):
    """The rate at t = 0, 1, 2, ...: learning_rate / steps at t = 0, twice that at t = 1, and so on.

    learning_rate itself is reached at t = steps - 1 and kept. With steps = 0 there is no ramp.
    """
    ### BEGIN SOLUTION
    return learning_rate * (t + 1) / steps if t < steps else learning_rate
    ### END SOLUTION

# %% nbgrader={"grade_id": "step_decay_check", "grade": true, "points": 16}
check = Check("step_decay", points=16, hidden=5)

def compare_rates(t, name, times, expected, rate, *settings):
    chosen = {"step": step_decay, "exponential": exponential_decay, "inverse": inverse_time_decay}
    schedule = (chosen | {"cosine": cosine_decay, "warmup": warmup})[name]
    for n, right in zip(times, expected):
        given = {"schedule": name, "rate": rate, "t": n, "settings": settings}
        t.equal(t.call(schedule, rate, n, *settings), right, f"the rate at t = {n}", given=given)

@check("step decay from 0.8: halved at 10 and at 20")
def _(t):
    compare_rates(t, "step", (0, 9, 10, 19, 25, 20), (0.8, 0.8, 0.4, 0.4, 0.2, 0.2), 0.8)

@check("exponential decay from 2, and inverse time")
def _(t):
    compare_rates(t, "exponential", (0, 5, 20), (2.0, 1.2130613194252668, 0.2706705664732254), 2.0)
    compare_rates(t, "inverse", (0, 5, 30), (2.0, 1.3333333333333333, 0.5), 2.0)

@check("cosine from 0.8 to 0.2 in 60, and on")
def _(t):
    compare_rates(t, "cosine", (0, 15, 30, 40, 60, 75), (0.8, 0.7121320343559642, 0.5, 0.35, 0.2, 0.2), 0.8, 60, 0.2)

@check("warm-up to 1 in 5")
def _(t):
    compare_rates(t, "warmup", (3, 0, 1, 2, 4, 5, 50), (0.8, 0.2, 0.4, 0.6, 1, 1, 1), 1.0, 5)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("step decay with other settings")
def _(t):
    compare_rates(t, "step", (0, 1, 3, 4, 5, 7, 9, 8, 23), [1.3 * 0.3**n for n in (0, 0, 0, 1, 1, 1, 2, 2, 5)], 1.3, 0.3, 4)
    compare_rates(t, "step", (0, 1, 2, 5), (0.7, 0.63, 0.567, 0.413343), 0.7, 0.9, 1)

@check("exponential decay with another k")
def _(t):
    compare_rates(t, "exponential", (0, 1, 2, 9), [1.3 / 1.4190675485932573**n for n in (0, 1, 2, 9)], 1.3, 0.35)

@check("inverse time with another k")
def _(t):
    compare_rates(t, "inverse", (0, 1, 2, 9), [1.3, 1.3 / 1.35, 1.3 / 1.7, 1.3 / 4.15], 1.3, 0.35)

@check("cosine down to 0, odd numbers")
def _(t):
    times = (0, 1, 3, 6, 7, 8, 20)
    compare_rates(t, "cosine", times, [0.9 * np.cos(np.pi * n / 14) ** 2 if n < 7 else 0.0 for n in times], 0.9, 7)

@check("warm-up in one step, in none, and in many")
def _(t):
    compare_rates(t, "warmup", (0, 1, 2), (0.4, 0.4, 0.4), 0.4, 1)
    compare_rates(t, "warmup", (0, 1, 9), (0.4, 0.4, 0.4), 0.4, 0)
    compare_rates(t, "warmup", (48, 0, 6, 99, 100, 101), (0.49, 0.01, 0.07, 1.0, 1.0, 1.0), 1.0, 100)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def schedules(steps=1500):
    """Look: momentum on minibatches of 16 digits at a rate that is a little high. Which schedules settle?"""
    digits, top = load_digits(), 0.15
    plans = {
        "constant": lambda t: top,
        "step": lambda t: step_decay(top, t, drop=0.2, every=500),
        "exponential": lambda t: exponential_decay(top, t, k=0.003),
        "inverse time": lambda t: inverse_time_decay(top, t, k=0.01),
        "warm-up, cosine": lambda t: warmup(cosine_decay(top, t, steps), t, 100),
    }
    fig, (left, right) = figure(1, 2, width=10, height=4.2)
    X, y, curves = digits.X_test.reshape(-1, 64), digits.y_test, {}
    for i, (name, rate) in enumerate(plans.items()):
        left.plot([rate(t) for t in range(steps)], color=style.category(i), linestyle=style.DASHES[i], label=name)
        w, curves[name] = train(sgd_momentum, {}, digits, steps, batch_size=16, rate=rate)
        loss, _, answers = network(w, X, y)
        end, read = curves[name][-300:].mean(), np.sum(answers == y)
        print(f"{name:16} last 300 steps {end:.4f}, test {loss:.3f}, {read} of {len(y)} read")
    left.set(xlabel="step", ylabel="learning rate")
    left.set_title("Schedules", loc="left")
    left.legend(fontsize=9)
    means = {name: np.convolve(curve, np.ones(100) / 100, mode="valid") for name, curve in curves.items()}
    plot_losses(means, log=True, title="Loss, mean of 100 steps", ax=right)
    right.legend().remove()
    return fig

schedules()

# %% [markdown]
# ## Newton: ask the curvature
#
# A gradient knows the slope. The *Hessian* $H$, the matrix of all second derivatives, knows how the slope changes.
# *Newton's method* goes where the slope would be 0 if the curvature stayed as it is:
#
# $$w \leftarrow w - H^{-1}\, dw$$
#
# There is no learning rate. In any bowl, however narrow, one step arrives.
# In a network it is out of the question:
# $n$ parameters have a Hessian of $n^2$ numbers, and solving with it costs about $n^3$ operations.
#
# **Predict.** How much memory does the Hessian of our 23,860 parameters take in float64?
# And where does Newton's step lead that starts beside a *saddle*?
#
# <details><summary>Answer</summary>
#
# 4.6 GB, for a small network; a million parameters need 8 TB.
# And it leads *onto* the saddle: the slope is 0 there too. It asks for no minimum.
#
# </details>

# %% nbgrader={"grade_id": "newton_step", "solution": true}
def newton_step(w, dw, H):
    """One step of Newton's method.

    w: (n,); dw: (n,), the gradient at w; H: (n, n), the Hessian at w, symmetric and invertible.
    Returns next_w, of shape (n,). (np.linalg.solve is faster and more exact than an inverse; both are accepted.)
    """
    ### BEGIN SOLUTION
    return w - np.linalg.solve(H, dw)
    ### END SOLUTION

# %% nbgrader={"grade_id": "newton_step_check", "grade": true, "points": 8}
check = Check("newton_step", points=8, hidden=4)

@check("one step to the bottom of a bowl, and onto a saddle")
def _(t):
    w, dw, H = np.array([10.0, 1.0]), np.array([10.0, 10]), np.array([[1.0, 0], [0, 10]])
    t.equal(t.call(newton_step, w, dw, H), [0, 0], "next_w", given={"w": w, "dw": dw, "H": H})
    w, dw, H = np.array([2.0, 1]), np.array([3.0, 0]), np.array([[2.0, -1], [-1, -1]])
    t.equal(t.call(newton_step, w, dw, H), [1, 2], "next_w", given={"w": w, "dw": dw, "H": H})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def at_the_bottom(t, n, signs=1.0):
    a = t.rng.normal(size=(n, n))
    turned, _ = np.linalg.qr(a)
    H = turned @ np.diag(signs * t.rng.uniform(0.5, 5, size=n)) @ turned.T
    w, bottom = t.rng.normal(size=n), t.rng.normal(size=n)
    given = {"w": w, "dw": H @ (w - bottom), "H": H}
    t.equal(t.call(newton_step, *given.values()), bottom, "next_w", given=given)

@check("any bowl of five parameters")
def _(t):
    at_the_bottom(t, 5)

@check("one parameter")
def _(t):
    at_the_bottom(t, 1)

@check("a Hessian with both signs")
def _(t):
    at_the_bottom(t, 4, signs=np.array([1, -1, 1, -1]))

@check("four steps up to the square root of 2: minimise w**3 / 3 - 2 w")
def _(t):
    w = np.array([1.0])
    for right in (1.5, 1.4166666666666667, 1.4142156862745099, 1.4142135623746899):
        given = {"w": w, "dw": w**2 - 2, "H": np.diag(2 * w)}
        t.equal(t.call(newton_step, *given.values()), [right], "next_w", given=given, tolerance=1e-9)
        w = np.array([right])
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## L-BFGS: curvature from a few steps
#
# A past step $s$ changed the gradient by $y$, so $H^{-1} y ≈ s$: a step and its $y$ tell of the curvature in one direction.
# *BFGS* starts from $B = \gamma I$ and puts in one pair after another, oldest first, with $\rho = 1 / (y \cdot s)$:
#
# $$B \leftarrow (I - \rho\, s\, y^\top)\; B\; (I - \rho\, y\, s^\top) + \rho\, s\, s^\top$$
#
# It steps along $-B\,dw$.
# *L-BFGS*, L for limited memory, keeps the last 5 to 20 pairs and never builds $B$.
# Read the product from the right:
# the newest pair acts on $dw$ first. So one loop walks from newest to oldest and takes something away from the vector,
# then $\gamma$ scales it, then a second loop walks back and adds to it.
#
# **Predict.** What does $-B\,dw$ come to if $dw$ happens to be the newest $y$?
#
# <details><summary>Answer</summary>
#
# $-s$, whatever the older pairs say: $(I - \rho\, y\, s^\top)\, y = 0$ and $\rho\, s\, (s \cdot y) = s$.
#
# </details>

# %% nbgrader={"grade_id": "lbfgs_direction", "solution": true}
def lbfgs_direction(dw, s_list, y_list):
    """The direction -B dw by the two-loop recursion.

    dw: (n,), the gradient here. s_list, y_list: lists of the same length, oldest first, of arrays of shape (n,):
    steps taken, and the changes of the gradient along them; y . s > 0 for each pair.
    B starts as gamma times the identity with gamma = (s . y) / (y . y) of the newest pair.
    Returns the direction, of shape (n,). With empty lists it is -dw.
    """
    ### BEGIN SOLUTION
    q, alphas = dw, []
    for s, y in zip(reversed(s_list), reversed(y_list)):
        alpha = (s @ q) / (y @ s)
        q = q - alpha * y
        alphas.append(alpha)
    if s_list:
        s, y = s_list[-1], y_list[-1]
        q = q * (s @ y) / (y @ y)
    for s, y, alpha in zip(s_list, y_list, reversed(alphas)):
        beta = (y @ q) / (y @ s)
        q = q + (alpha - beta) * s
    return -q
    ### END SOLUTION

# %% nbgrader={"grade_id": "lbfgs_direction_check", "grade": true, "points": 16}
check = Check("lbfgs_direction", points=16, hidden=4)

@check("no history: straight down")
def _(t):
    try:
        direction = t.call(lbfgs_direction, np.array([3.0, -1, 2]), [], [])
    except IndexError as error:
        t.true("list index" not in str(error), "At the first step both lists are empty: no newest pair is there to take gamma from.", "empty_history")
        raise
    t.equal(direction, [-3, 1, -2], "direction")

two_pairs = [np.array([1.0, 0, 0]), np.array([2.0, 0, -2])], [np.array([3.0, 1, 1]), np.array([4.0, -2, -2])]

@check("two pairs of a small bowl, on paper")
def _(t):
    wrong = {
        "first_loop_forward": [-0.716049382716, -1.11111111111, -0.654320987654], "change_for_step": [-2.87654320988, -0.0555555555556, -1.6975308642],
        "rho_missing": [-785.0, -17.5, 859.5], "added_at_first": [-2.74074074074, -2.66666666667, 0.185185185185], "step_for_change": [-2.22222222222, -2.0, 0.555555555556],
        "newest_only": [-2.83333333333, -2.5, -0.166666666667], "oldest_scale": [-1.69696969697, -1.09090909091, 0.69696969697],
        "scale_missing": [-2.66666666667, -4.0, 1.66666666667], "scale_inverted": [-4.0, -8.0, 3.0], "alphas_mixed": [-2.83333333333, -2.0, 2.33333333333],
        "second_loop_backward": [-0.666666666667, -2.0, 1.0], "beta_by_step": [-2.0, -2.0, 0.0], "beta_added": [-3.33333333333, -2.0, 0.333333333333],
        "beta_minus_alpha": [2.0, -2.0, -3.0], "change_added": [-4.0, 0.0, 1.0], "uphill": [2.0, 2.0, -1.0],
    }
    t.equal(t.call(lbfgs_direction, np.array([5.0, 4, 2]), *two_pairs), [-2, -2, 1], "direction", given=wrong)

@check("the change of the newest step leads that step back")
def _(t):
    t.equal(t.call(lbfgs_direction, np.array([4.0, -2, -2]), *two_pairs), [-2, 0, 2], "direction", given={"beta_minus_alpha": [2.0, 0, -2]})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def walk(dw, S, Y, way=""):
    """The two loops, or one of the ways to get them wrong."""
    pairs, alphas, q = list(zip(S, Y)), [], np.array(dw, dtype=float)
    pairs = pairs[-1:] if way == "newest_only" else pairs
    for s, y in pairs if way == "first_loop_forward" else pairs[::-1]:
        alpha = (y if way == "change_for_step" else s) @ q / (1.0 if way == "rho_missing" else y @ s)
        q = q + alpha * y if way == "added_at_first" else q - alpha * (s if way == "step_for_change" else y)
        alphas.append(alpha)
    s, y = pairs[0 if way == "oldest_scale" else -1]
    q = q * {"scale_missing": 1.0, "scale_inverted": (y @ y) / (s @ y)}.get(way, (s @ y) / (y @ y))
    back = list(zip(pairs, alphas if way in ("first_loop_forward", "alphas_mixed") else alphas[::-1]))
    for (s, y), alpha in back[::-1] if way == "second_loop_backward" else back:
        beta = (s if way == "beta_by_step" else y) @ q / (1.0 if way == "rho_missing" else y @ s)
        share = {"beta_added": alpha + beta, "beta_minus_alpha": beta - alpha}.get(way, alpha - beta)
        q = q + share * (y if way == "change_added" else s)
    return q if way == "uphill" else -q

WAYS = (
    "first_loop_forward change_for_step rho_missing added_at_first step_for_change newest_only oldest_scale "
    "scale_missing scale_inverted alphas_mixed second_loop_backward beta_by_step beta_added beta_minus_alpha change_added uphill"
).split()

def compare_direction(t, n, count, condition=30.0):
    """B built entry by entry from its definition, against the two loops."""
    turned, _ = np.linalg.qr(t.rng.normal(size=(n, n)))
    A = turned @ np.diag(np.geomspace(1, condition, n)) @ turned.T
    S = [t.rng.normal(size=n) for _ in range(count)]
    Y = [A @ s for s in S]
    dw = t.rng.normal(size=n)
    B = np.eye(n) * (S[-1] @ Y[-1]) / (Y[-1] @ Y[-1])
    for s, y in zip(S, Y):
        left = np.eye(n) - np.outer(s, y) / (y @ s)
        B = left @ B @ left.T + np.outer(s, s) / (y @ s)
    spoiled = {way: walk(dw, S, Y, way) for way in WAYS}
    t.equal(t.call(lbfgs_direction, dw, S, Y), -B @ dw, "direction", given=spoiled)

@check("one pair")
def _(t):
    compare_direction(t, 4, 1)

@check("three pairs, five parameters")
def _(t):
    compare_direction(t, 5, 3)

@check("ten pairs, seven parameters")
def _(t):
    compare_direction(t, 7, 10)

@check("after enough steps along its own directions it is Newton's step")
def _(t):
    turned, _ = np.linalg.qr(t.rng.normal(size=(4, 4)))
    A = turned @ np.diag([1.0, 3, 9, 20]) @ turned.T
    w, S, Y = t.rng.normal(size=4), [], []
    for _ in range(4):
        dw = A @ w
        p = np.asarray(lbfgs_direction(dw, S, Y), dtype=float)
        t.true(p.shape == (4,), f"The direction has shape {p.shape}; it should be (4,).")
        t.true(bool(p @ dw < 0), "This direction does not lead downhill.")
        s = -(p @ dw) / (p @ A @ p) * p
        S, Y, w = [*S, s], [*Y, A @ s], w + s
    dw = t.rng.normal(size=4)
    t.equal(t.call(lbfgs_direction, dw, S, Y), -np.linalg.solve(A, dw), "direction", tolerance=1e-4)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Derive it again: the matrix, and two loops
#
# Building $B$ from the formula and multiplying is one more way to the same direction.
# It takes $n^2$ numbers; the loops take two lists. Right, both are timed.
#
# L-BFGS wants *clean* differences: $y$ from two gradients of the same examples.
# With all examples in every step, the *full batch*, it has them,
# and a *line search* halves each step until the loss falls.
#
# **Predict.** Left: all 1,438 digits in every step. Middle: minibatches of 64, pairs taken across different minibatches,
# steps of a fixed share of the direction. Who wins where?
#
# <details><summary>Answer</summary>
#
# With the full batch L-BFGS is far ahead of Adam, gradient for gradient.
# With minibatches its $y$ is mostly the difference of two noises.
# What it takes for curvature is none: one bad pair can throw it far up, or make it stall. Adam does not care.
#
# </details>

# %% tags=["experiment"]
def remember(s_list, y_list, s, y, most=10):
    """Keep the pair if it curves upwards, and drop the oldest."""
    if s @ y > 1e-8 * (y @ y):
        s_list, y_list = [*s_list, s][-most:], [*y_list, y][-most:]
    return s_list, y_list

def learn_lbfgs(data, gradients, batch_size=0, share=1.0):
    """Losses of L-BFGS, one for each gradient paid for; a line search only with the full batch."""
    X, y = data.X_train.reshape(-1, 64), data.y_train
    rng, w, S, Y, losses = np.random.default_rng(0), first_weights(64), [], [], []
    loss, dw, _ = network(w, X, y)
    while len(losses) < gradients:
        p, length = lbfgs_direction(dw.copy(), S, Y), share
        while True:
            batch = rng.integers(len(y), size=batch_size) if batch_size else slice(None)
            next_loss, next_dw, _ = network(w + length * p, X[batch], y[batch])
            losses.append(next_loss if batch_size else min(loss, next_loss))
            if batch_size or next_loss <= loss + 1e-4 * length * (p @ dw) or length < 1e-6:
                break
            length /= 2
        S, Y = remember(S, Y, length * p, next_dw - dw)
        w, loss, dw = w + length * p, next_loss, next_dw
    return np.array(losses[:gradients])

# %% tags=["experiment"]
def dense_direction(dw, s_list, y_list):
    """The same direction by the matrix."""
    n, s, y = len(dw), s_list[-1], y_list[-1]
    B = np.eye(n) * (s @ y) / (y @ y)
    for s, y in zip(s_list, y_list):
        V = np.eye(n) - np.outer(y, s) / (y @ s)
        B = V.T @ B @ V + np.outer(s, s) / (y @ s)
    return -B @ dw

def seconds(f, *args):
    times = []
    for _ in range(5):
        start = perf_counter()
        f(*args)
        times.append(perf_counter() - start)
    return min(times)

def two_ways():
    fig, (left, middle, right) = figure(1, 3, width=10, height=3.9)
    digits, rng, ways = load_digits(), np.random.default_rng(0), {"matrix": dense_direction, "loops": lbfgs_direction}
    full = {"Adam": train(adam, {"learning_rate": 0.03}, digits, 150, 0)[1]}
    full["L-BFGS"] = np.maximum(learn_lbfgs(digits, 150), 1e-16)
    plot_losses(full, log=True, title="Full batch", xlabel="gradients", ax=left)
    noisy = {"Adam": train(adam, {"learning_rate": 0.01}, digits, 400)[1]}
    noisy |= {f"L-BFGS, {share:g}": learn_lbfgs(digits, 400, 64, share) for share in (0.05, 0.1)}
    plot_losses(noisy, smooth=15, log=True, title="Minibatches of 64", xlabel="gradients", ax=middle)
    sizes, times = (16, 64, 256), {name: [] for name in ways}
    for n in sizes:
        S, dw = list(rng.normal(size=(5, n))), rng.normal(size=n)
        Y = [s * np.linspace(1, 9, n) for s in S]
        gap = np.abs(dense_direction(dw, S, Y) - lbfgs_direction(dw.copy(), S, Y)).max()
        for name, direction in ways.items():
            times[name].append(1000 * seconds(direction, dw.copy(), S, Y))
    for i, (name, values) in enumerate(times.items()):
        right.plot(sizes, values, marker=style.MARKERS[i], color=style.category(3 + i), label=name)
        fig.alt += f" {name}: {values[-1]:.2g} milliseconds for {sizes[-1]} parameters."
    right.set(xscale="log", yscale="log", xlabel="parameters", ylabel="milliseconds", xticks=sizes, xticklabels=sizes)
    right.minorticks_off()
    right.set_title(f"They differ by {gap:.0e}", loc="left")
    right.legend(fontsize=9)
    return fig

two_ways()

# %% [markdown]
# ## Which one, then?
#
# Start with Adam and a rate near 0.001, found by a range test.
# Then try momentum or Nesterov with a rate of their own and a decay: they often end a little lower.
# If the whole data set fits into every step and nothing else is random, try L-BFGS.
#
# ## Reflection
#
# A friend has trained a network with SGD at a learning rate of 0.5.
# "Now I switch to Adam, it is supposed to be better." The rate stays at 0.5, the loss goes to ln 10 and stays there.
# "So Adam is worse."
#
# What happened, and *why* is 0.5 another thing for Adam than for SGD?
# Follow one weight whose gradients are near 0.001: how far does each rule move it in the first step, and in the next hundred?
# Then say what you would measure before you compare two optimizers, and what would make the comparison fair.
# Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** The learning rate is far too high for Adam.
# SGD multiplies the gradient by the rate: a gradient of 0.001 moves the weight by 0.0005.
# Adam divides the gradient by the root of its mean square, so its size cancels and the step is about 0.5, a thousand times as long.
# All weights move that far at once, the units die or saturate, and the loss stays at ln 10.
# Each optimizer needs a rate of its own. I would run both at several rates, or do a range test, and compare their best runs.
#
# **A strong answer.** The two numbers have different units.
# With SGD the step is rate times gradient, so the rate says how far to go *per unit of slope*.
# With Adam it is the rate times m / sqrt(v), a number between about −1 and 1, so the rate *is* the step, in units of the weight.
# For the weight with gradients near 0.001: SGD moves it by 0.0005 and in a hundred steps by about 0.05.
# Adam moves it by 0.5 in the first step, because bias correction makes m / sqrt(v) exactly the sign,
# and by up to 50 in a hundred steps if the signs agree; if they vary, m averages out and it moves less.
# First weights here have a standard deviation near 0.2, so one step of 0.5 in every weight at once changes the network beyond recognition.
# Biases drift off, ReLUs close for all examples, no gradient comes back, and ln 10 is the loss of the last bias alone.
# For a fair comparison I would give both the same network, first weights, minibatches and number of gradients,
# tune the rate of each on a logarithmic grid with the same number of runs, judge on validation data, and repeat with several seeds.
# In the race above the best runs differ by less than what a factor of 10 in the rate costs.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: says that Adam's step does not scale with the gradient, from the formula.
# - 1: follows the weight with numbers, for both rules.
# - 1: explains how steps of 0.5 in all weights ruin the network, down to ln 10.
# - 1: a fair comparison: own rate for each at equal effort, same start and data, several seeds.
# - "Adam needs a smaller learning rate" without a reason earns nothing.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **wrote** eight rules, from plain descent to L-BFGS, and five schedules, each as a function that remembers in its own config.
# - You **watched** them zigzag, roll, stop and escape, on three surfaces and in a network.
# - You **chose**: Adam first, momentum with decay next, L-BFGS where nothing is random; the learning rate before all of them.
#
# **Roads not taken.** *Weight decay* as a part of the step, not of the gradient (AdamW).
# Line searches that keep s · y positive. Rates for each layer, where a trained network is tuned further (11).
# Which learning rate to try first, second and third is a science of its own (09).
#
# **To read on.** [Why momentum works](https://distill.pub/2017/momentum), with sliders; [saddles in high dimension](https://arxiv.org/abs/1406.2572);
# [the paper on Adam](https://arxiv.org/abs/1412.6980), and [the one on weight decay beside it](https://arxiv.org/abs/1711.05101).
#
# **One more, if you like.** `sign_descent` needs one bit of each gradient entry.
# Give it momentum: the sign of a running mean. Enter it in the races above.
# How close does it come to Adam, and at what rate? What do `beta1` and `beta2` of Adam have to be to make it the same rule?
