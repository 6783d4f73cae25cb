# %% [markdown]
# # Hyperparameters: searching for settings
#
# Gradient descent finds the 3,010 weights and biases of a small network.
# Three more numbers it cannot find: the learning rate, the strength of regularisation, the size of the first weights.
# There is no gradient to follow, every question is a whole training,
# and a wrong power of ten turns a reader of digits into a guesser.
#
# **How do you find good settings when each try takes a training, and the answer trembles?**
#
# You will
#
# 1. **diagnose** a training run from its loss curve, the way people tune by hand,
# 2. **search** on a grid, at random, from coarse to fine, and with a model of the loss, all with the same number of trials,
# 3. **judge** what a search reports: which differences are real, and what may be promised of the winner.

# %% nbgrader={"grade_id": "setup", "locked": true}
import math
from time import perf_counter

import numpy as np

from autograder import Check, hint
from utils import figure, load_digits, plot_best_so_far, plot_histograms, plot_posterior, plot_projection
from utils import progress, sliders, style

# %% [markdown]
# ## Three numbers beside three thousand
#
# A *setting* is a dict that names a value for each hyperparameter.
# `train_network` trains one network by it: 64 pixels, 40 ReLU neurons, 10 scores,
# 200 minibatches with momentum 0.9. You have written all of its parts before.
# The network learns from 300 digits, the *training part*. Settings are compared on 500 others, the *validation part*,
# by the share that is misread. The *test part* stays shut until the choice is made.
#
# **Predict.** The other two settings are sensible. What do you expect of the loss curve at a learning rate of 0.0001, of 0.1, of 10?
# Then move the menus.
#
# <details><summary>Answer</summary>
#
# At 0.0001 it hardly leaves ln 10 = 2.30, and nine digits in ten are misread: 200 steps lead nowhere.
# At 0.1 it falls to nearly 0. At 10 it leaps above 300 within twenty steps; the network ends as a guesser too.
#
# </details>
#
# ## Warm-up: write, check, mend
#
# You write a cell, run the check below it, read what it found, mend, and run both again.
# Here nothing is graded. `halfway` should give the halfway point between two learning rates
# *as a search counts*, in powers of ten: between 0.0001 and 1 lies 0.01.
# Read the diagnosis and mend the line.
#
# Stuck in a graded cell? Run `hint("diagnose_loss_curve")` in a cell of your own: a question, then a formula, then a table.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% nbgrader={"grade_id": "train_network", "locked": true}
def train_network(setting, X, y, steps=200, seed=0):
    """Train a network 64-40-10 by a setting: learning_rate, reg, weight_scale. Returns params and every step's loss."""
    rng, scale = np.random.default_rng(seed), setting["weight_scale"]
    params = [scale * rng.normal(size=(X.shape[1], 40)), np.zeros(40), scale * rng.normal(size=(40, 10)), np.zeros(10)]
    velocities, losses = [np.zeros_like(p) for p in params], []
    for _ in range(steps):
        rows = rng.integers(len(X), size=min(50, len(X)))
        x, right = X[rows], (np.arange(len(rows)), y[rows])
        with np.errstate(all="ignore"):  # a learning rate that is too high makes infinities: a result, too
            h = np.maximum(0, x @ params[0] + params[1])
            scores = h @ params[2] + params[3]
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            losses.append(-np.mean(np.log(p[right])) + setting["reg"] / 2 * sum(np.sum(params[i] ** 2) for i in (0, 2)))
            p[right] -= 1
            dscores = p / len(rows)
            dh = dscores @ params[2].T * (h > 0)
            grads = [x.T @ dh + setting["reg"] * params[0], dh.sum(axis=0)]
            grads += [h.T @ dscores + setting["reg"] * params[2], dscores.sum(axis=0)]
            for i in range(4):
                velocities[i] = 0.9 * velocities[i] - setting["learning_rate"] * grads[i]
                params[i] = params[i] + velocities[i]
    return params, np.array(losses)

# %% tags=["experiment"]
def digits():
    """Pairs X, y: 300 digits to learn from, 500 to choose settings by, and the test part."""
    data = load_digits()
    X, y = data.X_train.reshape(len(data.X_train), -1), data.y_train
    return (X[:300], y[:300]), (X[300:800], y[300:800]), (data.X_test.reshape(len(data.X_test), -1), data.y_test)

def error_rate(params, X, y):
    """The share of X that the network misreads."""
    with np.errstate(all="ignore"):
        scores = np.maximum(0, X @ params[0] + params[1]) @ params[2] + params[3]
    return np.mean(scores.argmax(axis=1) != y)

def one_run(learning_rate=0.1, reg=1e-4, weight_scale=0.05):
    setting = {"learning_rate": learning_rate, "reg": reg, "weight_scale": weight_scale}
    training, validation, _ = digits()
    params, losses = train_network(setting, *training)
    fig, ax = figure(width=8, height=3.4)
    ax.plot(np.where(losses < 6, losses, np.nan), color=style.VALUE)
    ax.axhline(np.log(10), color=style.QUIET, linestyle=":")
    ax.text(199, np.log(10) + 0.15, "ln 10", color=style.QUIET, ha="right")
    lost = "" if np.isfinite(losses).all() else f", not a number after {np.isfinite(losses).sum()} steps"
    ax.set_title(f"validation error {error_rate(params, *validation):.1%}{lost}", loc="left")
    ax.set(xlabel="step", ylabel="training loss", ylim=(0, 6))
    fig.alt = f"Training loss by step for {setting}: {losses[0]:.2f} at first, {losses[-1]:.2f} at last{lost}."
    return fig

sliders(
    one_run,
    learning_rate=[1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0],
    reg=[1e-4, 0.01, 0.1, 1.0],
    weight_scale=[1e-4, 0.05, 1.0],
)

# %% tags=["experiment"]
def halfway(low, high):
    """The number that is as many times larger than low as high is larger than it."""
    return (low + high) / 2


check = Check("halfway", points=0)

@check("0.01 lies halfway between 0.0001 and 1")
def _(t):
    t.equal(t.call(halfway, 1e-4, 1.0), 0.01, "halfway", given={"low": 1e-4, "high": 1.0})

check.score()

# %% [markdown]
# ## Babysitting
#
# Before any search, one run is watched by hand.
#
# 1. With `reg` at 0 the first loss of $C$ classes must be near $\ln C$. If not, something is broken before training starts.
# 2. Switch `reg` on: the first loss must *rise*, by the penalty.
# 3. Train on 20 examples with `reg` at 0: the loss must go to 0. A network that cannot learn 20 by heart has a mistake in it.
# 4. Take all of the data and a little `reg`, and look for a learning rate that moves the loss.
#    Hardly moving: too low. NaN or rising: too high.
#
# **Predict.** A loss curve of 10 classes begins at 4.6. Learning rate too high?
#
# <details><summary>Answer</summary>
#
# No step has been taken yet. The first weights are too large, or the loss is summed wrongly: 4.6 is 2 ln 10.
#
# </details>

# %% nbgrader={"grade_id": "diagnose_loss_curve", "solution": true}
def diagnose_loss_curve(losses, num_classes):
    """Say in a word what a training run without penalty suffers from.

    losses: T >= 2 numbers, the training loss by step; NaN and infinity may occur. num_classes: C.
    With m = max(1, T // 10), call the mean of the last m losses the end, of the m before those the time before.
    Returns the first that holds:
    "bad start": the first loss is more than 10 % of ln C away from ln C, on either side;
    "too high": some loss is not finite, or the end is above the first loss (the learning rate is too high);
    "too low": the end is above 0.95 times the first loss (the learning rate is too low);
    "still falling": the end is below 0.95 times the time before (train longer);
    "settled": none of these.
    """
    ### BEGIN SOLUTION
    losses = np.asarray(losses, dtype=float)
    m = max(1, len(losses) // 10)
    first, end, before = losses[0], losses[-m:].mean(), losses[-2 * m : -m].mean()
    if abs(first - np.log(num_classes)) > 0.1 * np.log(num_classes):
        return "bad start"
    if not np.isfinite(losses).all() or end > first:
        return "too high"
    if end > 0.95 * first:
        return "too low"
    if end < 0.95 * before:
        return "still falling"
    return "settled"
    ### END SOLUTION

# %% nbgrader={"grade_id": "diagnose_loss_curve_check", "grade": true, "points": 10}
check = Check("diagnose_loss_curve", points=10, hidden=7)

def expect(t, losses, verdict, why, mistake, num_classes=10):
    said = t.call(diagnose_loss_curve, losses, num_classes)
    t.true(isinstance(said, str) and said in ("bad start", "too high", "too low", "still falling", "settled"), "Return one of the five words of the docstring, in every case.", "returned_nothing" if said is None else "not_a_word")
    mistake = "start_not_compared" if said == "bad start" else mistake.get(said) if isinstance(mistake, dict) else mistake
    near = f"The first loss, {losses[0]:.4g}, is within 10 % of ln {num_classes}. " if said == "bad start" else ""
    t.true(said == verdict, f"You said {said!r}. {near}{why}, so the answer is {verdict!r}.", mistake)

steps = np.arange(60)
settling, flat, rising = 0.3 + 2 * np.exp(-steps / 5), 2.3 - 0.01 * steps / 59, np.where(steps == 20, 1.0, 2.3 + 0.005 * steps)
for name, *curve in (
    ("a loss that ends as NaN", np.append(rising, np.nan), "too high", "The last loss is no number", "not_finite_missed"),
    ("a loss that is infinite on the way", np.where(steps == 31, np.inf, settling), "too high", "One loss is infinite", "not_finite_missed"),
    ("a loss that ends higher than it began", rising, "too high", "The end is above the first loss", {"too low": "rise_missed", "still falling": "smallest_loss_taken"}),
    ("2.30 becomes 2.29", flat, "too low", "The loss has hardly moved", "not_moving_missed"),
    ("2.30 becomes 2.29, and one loss on the way is low", np.where(steps == 20, 1.0, flat), "too low", "One low loss is no progress", "smallest_loss_taken"),
    ("4.6 at first, with 10 classes; then it falls", 2 * settling, "bad start", "The first loss is twice ln 10", "start_not_compared"),
    ("1.1 at first, with 10 classes", settling / 2.09, "bad start", "The first loss is half of ln 10", "start_not_compared"),
    ("1.1 at first, with 3 classes; then it falls and stays", settling / 2.09, "settled", "ln 3 is 1.0986", {"bad start": "start_not_compared"}, 3),
    ("a loss that falls and then stays", settling, "settled", "It starts at ln 10, falls, and no longer changes", "settled_missed"),
    ("a loss that stays, and jumps in the last step", np.where(steps == 59, 2.2, settling), "settled", "One high loss is not the end", "last_loss_alone"),
    ("a loss that falls to the end", 2.3 * np.exp(-steps / 40), "still falling", "The end is below 0.95 times the time before", "still_falling_missed"),
    ("seven steps", np.array([2.3, 4, 4, 4, 4, 1, 1]), "settled", "With T = 7, m is 1: the end is the last loss, 1, and so was the one before", "short_curve"),
):
    check(name)(lambda t: expect(t, *curve))

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("first losses near ln C and far from it, for 10 and for 3 classes")
def _(t):
    shape = 0.2 + 0.8 * np.exp(-steps / 5)
    for C, factor in ((10, 1.13), (10, 0.87), (10, 2.0), (3, 1.13), (3, 0.87), (3, 2.0)):
        why = f"With {C} classes the first loss is {factor:g} times ln C"
        expect(t, factor * np.log(C) * shape, "bad start", why, "start_not_compared", C)
    for C, factor in ((10, 1.07), (10, 0.93), (3, 1.07), (3, 0.93)):
        why = f"With {C} classes the first loss is {factor:g} times ln C, which is near enough, and it falls and stays"
        expect(t, factor * np.log(C) * shape, "settled", why, "start_not_compared", C)

@check("another infinite loss in the middle, another loss that ends higher than it began")
def _(t):
    losses = 0.3 + 2 * np.exp(-steps / 8)
    losses[44] = -np.inf
    expect(t, losses, "too high", "One loss on the way is infinite", "not_finite_missed")
    expect(t, np.where(steps == 33, 0.9, 2.2 + 0.01 * steps), "too high", "The end is above the first loss", {"too low": "rise_missed", "still falling": "smallest_loss_taken"})

@check("a dip on the way changes nothing, nor does one odd loss at the very end")
def _(t):
    losses = 2.25 - 0.01 * steps / 59
    losses[25] = 0.8
    expect(t, losses, "too low", "A single low loss on the way is no progress", "smallest_loss_taken")
    losses = 2.25 - 0.01 * steps / 59
    losses[-1] = 0.9 * losses[-1]
    expect(t, losses, "too low", "Only the last of the six losses that make the end is lower", "last_loss_alone")

@check("still falling")
def _(t):
    expect(t, 2.3 * np.exp(-steps / 50), "still falling", "The end is below 0.95 times the time before", "still_falling_missed")
    expect(t, 2.3 - 0.03 * steps, "still falling", "The end is below 0.95 times the time before", "still_falling_missed")

@check("the first that holds: a bad start that becomes infinite later is a bad start")
def _(t):
    expect(t, np.where(steps == 50, np.inf, 2 * settling), "bad start", "The first loss is twice ln 10, and that is looked at first", "order_changed" if diagnose_loss_curve(2 * settling, 10) == "bad start" else None)

@check("five percent, and which losses make the time before")
def _(t):
    tail = lambda before, end: np.r_[np.linspace(2.3, before, 48), np.full(6, before), np.full(6, end)]
    expect(t, tail(2.13, 2.12), "settled", "The end is below 0.95 times the first loss, 2.19", {"too low": "another_share"})
    why = "The end, 0.93, is below 0.95 times the mean of the six losses before it, 1"
    falls = diagnose_loss_curve(2.3 * np.exp(-steps / 40), 10) == "still falling"  # else another check tells
    expect(t, tail(1.0, 0.93), "still falling", why, {"settled": "time_before_overlaps"} if falls else None)
    expect(t, np.r_[np.full(15, 2.3), 1, 1, 1, 0.901], "still falling", "With T = 19, m is 1", {"settled": "short_curve"})

@check("curves of 2, 6 and 7 steps, and a list of numbers")
def _(t):
    expect(t, [2.3, 2.29], "too low", "With T = 2, m is 1: the end is 2.29", "short_curve")
    expect(t, [2.2, 3.5, 3.9, 3.7, 0.6, 0.6], "settled", "With T = 6, m is 1: 0.6 is not below 0.95 times 0.6", "short_curve")
    expect(t, [2.3, 1.9, 1.5, 1.1, 0.6, 0.5, 0.5], "settled", "With T = 7, m is 1: 0.5 is not below 0.95 times 0.5", "short_curve")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def routine():
    """Look: the four steps on our network, with your diagnosis in the legend."""
    (X, y), _, _ = digits()
    plain = {"learning_rate": 0.1, "reg": 0.0, "weight_scale": 0.01}
    _, alone = train_network(plain, X, y, steps=1)
    _, charged = train_network(plain | {"reg": 1.0}, X, y, steps=1)
    print(f"1. first loss {alone[0]:.4f}; ln 10 is {np.log(10):.4f}    2. with reg 1 it is {charged[0]:.4f}")
    params, few = train_network(plain, X[:20], y[:20])
    print(f"3. 20 digits: loss {few[-1]:.4f}, {error_rate(params, X[:20], y[:20]):.0%} misread")
    fig, (left, right) = figure(1, 2, width=10, height=3.6, sharey=True)
    left.plot(few, color=style.VALUE)
    left.set_title("3. twenty digits by heart", loc="left")
    left.set(xlabel="step", ylabel="training loss", ylim=(0, 5.5))
    for i, rate in enumerate((1e-4, 0.003, 0.03, 0.1, 5.0)):
        _, losses = train_network(plain | {"learning_rate": rate}, X, y)
        said = diagnose_loss_curve(losses, 10)
        smooth = np.convolve(losses, np.ones(8) / 8, mode="valid")
        right.plot(np.where(smooth < 5.5, smooth, np.nan), color=style.category(i), linestyle=style.DASHES[i], label=f"{rate:g}: {said}")
        fig.alt += f"Learning rate {rate:g}: {said}. "
    right.set_title("4. five learning rates, and what you say", loc="left")
    right.set_xlabel("step")
    right.legend(fontsize=9, loc="upper right", ncols=2)
    return fig

routine()

# %% [markdown]
# ## Folds, and what must not leak
#
# 500 validation digits are a luxury. With little data, cut it into $k$ *folds*,
# train $k$ times, each time leaving out another fold, and validate on the one left out:
#
# $$\bar e = \frac1k \sum_{i=1}^{k} e_i, \qquad \text{every example validates exactly once.}$$
#
# Data often comes sorted, so shuffle first.
# And whatever is computed from data belongs to training: if the validation part helps to compute a mean,
# it is no longer unseen. This is a *leak*, and it flatters the result without a sound.
# The same holds for settings: what was chosen on validation data is judged on the test part, once.
#
# **Predict.** 13 examples, 4 folds. How large are the folds, and how many networks learn from example 7?
#
# <details><summary>Answer</summary>
#
# One fold of 4 and three of 3. Three networks learn from example 7; the fourth is validated on it.
#
# </details>

# %% nbgrader={"grade_id": "compare_folds", "locked": true}
# Given: what a check further down calls.
def folds_of(t, kfold_indices, N, k, seed=0):
    folds = t.call(kfold_indices, N, k, np.random.default_rng(seed))
    t.true(isinstance(folds, list | tuple) and [len(fold) for fold in folds] == [2] * k, f"Return a list of {k} pairs (train, validation).", "not_pairs")
    t.true(all(np.asarray(part).dtype.kind in "iu" for fold in folds for part in fold), "Return the row numbers themselves, as ints.", "no_row_numbers")
    return [tuple([int(i) for i in part] for part in fold) for fold in folds]


def compare_folds(t, kfold_indices, N, k):
    folds = folds_of(t, kfold_indices, N, k)
    validating, sizes = [i for _, val in folds for i in val], [len(val) for _, val in folds]
    t.true(sum(len(train) for train, _ in folds) >= sum(sizes), "The parts are exchanged: the larger one, train, comes first.", "exchanged")
    t.true(len(set(validating)) == len(validating), "Some examples validate more than once.", "drawn_again")
    t.true(sorted(validating) == list(range(N)), f"Of {N} examples only {len(validating)} validate." + " Which folds take the remainder?" * (N % k > 0), "remainder_dropped")
    t.true(max(sizes) - min(sizes) <= 1, f"{N} examples in {k} folds gave the sizes {sizes}.", "uneven")
    for train, val in folds:
        t.true(not set(train) & set(val), "Some examples train and validate in the same fold: a leak.", "overlap")
        t.true(sorted([*train, *val]) == list(range(N)), "train does not hold all other examples.", "train_incomplete")


def compare_shuffles(t, kfold_indices, N, k, seed):
    one, again, other = ([frozenset(val) for _, val in folds_of(t, kfold_indices, N, k, s)] for s in (seed, seed, seed + 1))
    spans, steps = [max(val) - min(val) for val in one], {tuple(np.diff(sorted(val))) for val in one}
    t.true(max(spans) > N // k and len(steps) > 1, "The examples are in their old order. Shuffle before you cut.", "not_shuffled")
    t.true(one == again and one != other, "The folds do not depend on rng alone: draw from the generator you are given.", "rng_ignored")

# %% nbgrader={"grade_id": "kfold_indices", "solution": true}
def kfold_indices(N, k, rng):
    """Divide the examples 0 ... N - 1 into k folds, shuffled by rng (a NumPy Generator).

    Returns a list of k pairs (train, validation) of int arrays. Every example is in exactly one validation
    part; the sizes of these parts differ by at most 1; train holds all other examples, in any order.
    The same state of rng gives the same folds. Raises ValueError unless 2 <= k <= N.
    """
    ### BEGIN SOLUTION
    if not 2 <= k <= N:
        raise ValueError(f"{N} examples cannot make {k} folds; k must be from 2 to {N}")
    folds = np.array_split(rng.permutation(N), k)
    return [(np.concatenate(folds[:i] + folds[i + 1 :]), folds[i]) for i in range(k)]
    ### END SOLUTION


def cross_validate(evaluate, X, y, k, rng):
    """Evaluate on k folds from kfold_indices(len(X), k, rng). X: (N, D); y: (N,).

    Before evaluate sees them, both parts of X are standardised: subtract the mean of each column, divide by its
    standard deviation plus 1e-8, both computed from the training part of this fold alone.
    evaluate(X_train, y_train, X_val, y_val) returns a number; called once for each fold.
    Returns the k numbers, an array of shape (k,), in the order of the folds.
    """
    ### BEGIN SOLUTION
    results = []
    for train, val in kfold_indices(len(X), k, rng):
        mean, std = X[train].mean(axis=0), X[train].std(axis=0) + 1e-8
        results.append(evaluate((X[train] - mean) / std, y[train], (X[val] - mean) / std, y[val]))
    return np.array(results)
    ### END SOLUTION

# %% nbgrader={"grade_id": "kfold_indices_check", "grade": true, "points": 16}
check = Check("kfold_indices", points=16, hidden=5)

@check("13 and 11 examples in 4 folds: each validates once and trains three times")
def _(t):
    for N in (13, 11):
        compare_folds(t, kfold_indices, N, 4)

@check("shuffled by rng: another state, other folds; the same state, the same folds")
def _(t):
    compare_shuffles(t, kfold_indices, 40, 4, seed=3)

@check("5 folds of 4 examples are refused")
def _(t):
    t.raises(ValueError, kfold_indices, 4, 5, np.random.default_rng(0), message="4 examples cannot make 5 folds: raise ValueError.", mistake="not_refused")

def compare_parts(t, X, k):
    calls = []
    results = t.call(cross_validate, lambda *parts: calls.append([np.array(part) for part in parts]) or float(np.sum(parts[3])), X, np.arange(len(X)), k, t.rng)
    t.true(len(calls) == k, f"evaluate was called {len(calls)} times for {k} folds.", "wrong_number_of_calls")
    for X_train, train, X_val, val in calls:
        t.true(sorted([*train, *val]) == list(range(len(X))), "The labels of the two parts are not all labels once.")
        t.true(len(train) >= len(val), "evaluate takes the training part first.", "exchanged")
        for of, part, rows in (("X_val", X_val, val), ("X_train", X_train, train)):
            t.equal(part, (X[rows] - np.mean(X[train], 0)) / (np.std(X[train], 0) + 1e-8), of, given={"X": X, "train": train, "val": val})
    t.equal(results, [float(np.sum(val)) for *_, val in calls], "results")

@check("both parts are standardised by the training part, column by column; the last column never changes")
def _(t):
    compare_parts(t, np.outer(np.arange(12.0) ** 2, [1, 10, 0]) + [0, 5, 7], 3)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("validation parts hold every example once, for many N and k")
def _(t):
    for N, k in ((10, 5), (7, 7), (23, 6), (9, 2), (50, 8)):
        compare_folds(t, kfold_indices, N, k)

@check("more examples, shuffled by rng")
def _(t):
    compare_shuffles(t, kfold_indices, 60, 5, seed=1)

@check("k below 2 or above N is refused")
def _(t):
    for N, k in ((5, 6), (5, 1), (5, 0)):
        try:
            kfold_indices(N, k, np.random.default_rng(0))
        except ValueError:
            continue
        t.true(False, f"{N} examples in {k} folds: raise ValueError.", "not_refused")
    t.true(True, "")

@check("columns of many sizes")
def _(t):
    X, seen = t.rng.normal(size=(13, 3)) * [1, 10, 0.1] + [0, 50, -3], []
    compare_parts(t, X, 4)
    t.call(cross_validate, lambda a, b, c, val: seen.extend(np.array(val)) or 0.0, X, np.arange(13), 4, t.rng)
    t.true(sorted(seen) == list(range(13)), "Not every example validates once: draw the folds once, before the loop.", "folds_drawn_again")

@check("another column that never changes")
def _(t):
    X = t.rng.normal(size=(10, 2))
    X[:, 0] = 0
    compare_parts(t, X, 5)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def leak(N=60, columns=2000, k=6):
    """Look: labels by coin toss, 2000 columns of noise, so every honest error rate is near one half.
    The classifier uses the 20 columns that go best with the labels, chosen within each training part,
    or once from all examples. The only difference is a leak."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(N, columns)), rng.integers(2, size=N) * 2 - 1

    def best_columns(X, y):
        return np.argsort(-np.abs(y @ X))[:20]

    def misread(X_train, y_train, X_val, y_val):
        use = best_columns(X_train, y_train)
        return np.mean(np.sign(X_val[:, use] @ (y_train @ X_train[:, use])) != y_val)

    honest = cross_validate(misread, X, y, k, np.random.default_rng(1))
    leaking = cross_validate(misread, X[:, best_columns(X, y)], y, k, np.random.default_rng(1))
    fig, (left, right) = figure(1, 2, width=10, height=3.2, width_ratios=[1.4, 1])
    for fold, (_, val) in enumerate(kfold_indices(N, k, np.random.default_rng(1))):
        left.scatter(np.arange(N), np.full(N, fold + 1), s=9, color=style.FAINT)
        left.scatter(val, np.full(len(val), fold + 1), s=16, color=style.category(fold), marker=style.MARKERS[fold])
    left.set_title("who validates in which fold", loc="left")
    left.set(xlabel="example", ylabel="fold")
    for i, errors in enumerate((honest, leaking)):
        right.scatter(i + np.linspace(-0.1, 0.1, k), errors, s=30, color=style.category(i), marker=style.MARKERS[i])
        right.text(i + 0.17, errors.mean(), f"mean {errors.mean():.0%}", va="center")
    right.axhline(0.5, color=style.QUIET, linestyle=":")
    right.set_title("error rate of noise", loc="left")
    right.set(xticks=[0, 1], xticklabels=["honest", "leaking"], xlim=(-0.4, 1.8), ylim=(-0.05, 1), ylabel="validation error")
    fig.alt = f"Left: {k} folds. Right: mean error {honest.mean():.0%} honestly, {leaking.mean():.0%} with the leak."
    return fig

leak()

# %% [markdown]
# ## The grid, and its curse
#
# The oldest search: list a few values for each hyperparameter, and try every combination.
# With $v$ values for each of $D$ hyperparameters that makes
#
# $$v^D \text{ trials.}$$
#
# Two hyperparameters with 5 values: 25 trainings. Four: 625.
# This growth is the *curse of dimension*: each further hyperparameter multiplies the work,
# even one that hardly matters, and nobody knows beforehand which those are.
#
# **Predict.** A training takes a minute. How long does a grid of 5 values for 6 hyperparameters run?
#
# <details><summary>Answer</summary>
#
# $5^6 = 15{,}625$ minutes: nearly eleven days. With 3 values each, 729 minutes: twelve hours, for 3 learning rates.
#
# </details>
#
# ## Powers of ten
#
# A learning rate *multiplies* the step, so what counts is its ratio to another: 0.001 and 0.002 differ as much as 0.1 and 0.2.
# Drawn evenly between 0.0001 and 1, nine learning rates in ten come out above 0.1, and whole powers of ten are hardly ever visited.
# Draw the *logarithm* evenly instead:
#
# $$\ln x \;\sim\; \text{uniform between } \ln \text{low} \text{ and } \ln \text{high}$$
#
# The number is then *log-uniform*: every power of ten gets the same share of trials.
#
# **Predict.** Log-uniform between 0.0001 and 1: below which number do half of the draws lie?
# Which share falls below 0.001?
#
# <details><summary>Answer</summary>
#
# Half lie below 0.01, in the middle of four powers of ten; one quarter falls below 0.001.
#
# </details>

# %% nbgrader={"grade_id": "grid", "solution": true}
def grid(values):
    """Every combination of the values. values: dict, name to a list of values of any kind, one name or more.

    Returns a list of dicts, name to one value, one dict for each combination, in any order.
    grid({"reg": [0, 1], "kind": ["a"]}) is [{"reg": 0, "kind": "a"}, {"reg": 1, "kind": "a"}].
    """
    ### BEGIN SOLUTION
    settings = [{}]
    for name, choices in values.items():
        settings = [setting | {name: choice} for setting in settings for choice in choices]
    return settings
    ### END SOLUTION

# %% nbgrader={"grade_id": "grid_check", "grade": true, "points": 6}
check = Check("grid", points=6, hidden=2)

def compare_grid(t, values, expected):
    settings = t.call(grid, values)
    t.true(isinstance(settings, list | tuple), "Return a list of dicts.", "not_a_list")
    t.true(all(isinstance(setting, dict) for setting in settings), "The list holds something that is no dict.", "not_dicts")
    same = len(settings) > 1 and all(setting == settings[0] for setting in settings)
    t.true(not same, "All entries are equal. One dict put into the list again and again stays one dict.", "one_dict_for_all")
    why = f"{len(settings)} settings; there are {len(expected)} combinations: every value meets every value of the other names."
    lengths = [len(choices) for choices in values.values()]
    paired = len(settings) in (min(lengths), max(lengths)) and len(settings) < len(expected)
    t.true(len(settings) == len(expected), why, "paired" if paired else "one_at_a_time" if len(settings) < len(expected) else None)
    missing = [setting for setting in expected if setting not in settings]
    t.true(not missing, f"This combination is missing: {missing[:1]}.", "combination_missing")

@check("two learning rates and three penalties make six settings")
def _(t):
    expected = [{"learning_rate": a, "reg": b} for a in (0.1, 1.0) for b in (0.0, 0.5, 2.0)]
    compare_grid(t, {"learning_rate": [0.1, 1.0], "reg": [0.0, 0.5, 2.0]}, expected)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("three hyperparameters of any kind")
def _(t):
    values = {"kind": ["adam", "sgd"], "depth": [1, 2, 5, 8], "warm": [True, False, None]}
    expected = [{"kind": a, "depth": b, "warm": c} for a in values["kind"] for b in values["depth"] for c in values["warm"]]
    compare_grid(t, values, expected)

@check("one hyperparameter; five hyperparameters")
def _(t):
    compare_grid(t, {"width": [10, 30, 100]}, [{"width": 10}, {"width": 30}, {"width": 100}])
    expected = [{name: i >> k & 1 for k, name in enumerate("pqrst")} for i in range(32)]
    compare_grid(t, {name: [0, 1] for name in "pqrst"}, expected)
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "sample_log_uniform", "solution": true}
def sample_log_uniform(low, high, rng, size=None):
    """Draw from low to high, 0 < low < high, with an evenly distributed logarithm.

    rng: a NumPy Generator, the only source of randomness.
    Returns one number for size None, an array of shape (size,) for an int.
    """
    ### BEGIN SOLUTION
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
    ### END SOLUTION

# %% nbgrader={"grade_id": "sample_log_uniform_check", "grade": true, "points": 10}
check = Check("sample_log_uniform", points=10, hidden=3)

def draws_of(t, low, high, size):
    x = t.call(sample_log_uniform, low, high, np.random.default_rng(7), size)
    t.true(x is not None, "It returned None.", "returned_nothing")
    t.true(np.shape(x) == (size,), f"For size {size} the shape is {np.shape(x)}; it should be ({size},).", "size_ignored")
    x = np.asarray(x, dtype=float)
    t.true(len(np.unique(x)) > 0.7 * size, f"{size} draws gave only {len(np.unique(x))} different numbers.", "few_numbers")
    outside = x[~((x >= low * (1 - 1e-9)) & (x <= high * (1 + 1e-9)))]
    t.true(len(outside) == 0, f"{len(outside)} of {size} numbers lie outside of {low:g} to {high:g}, such as {outside[:1]}. Does your power undo your logarithm?", "outside")
    return x

@check("4000 numbers lie between 0.0001 and 1, half of them below 0.01")
def _(t):
    share = np.mean(draws_of(t, 1e-4, 1.0, 4000) < 0.01)  # off by more than 0.06 once in 10^12 right answers
    t.true(abs(share - 0.5) < 0.06, f"{share:.1%} are below 0.01. What should be spread evenly?", "drawn_evenly" if share < 0.05 else None)

@check("one number, when no size is given; it comes from rng")
def _(t):
    x, again, *others = (t.call(sample_log_uniform, 0.01, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2, 3, 4, 5, 6))
    t.true(x is not None, "It returned None.", "returned_nothing")
    t.true(np.ndim(x) == 0, f"Without a size the shape is {np.shape(x)}; return one number.", "array_for_one")
    t.true(bool(0.01 <= float(x) <= 1), f"{float(x):g} is not between 0.01 and 1.", "outside")
    t.true(bool(x == again and others != [x] * 5), "The number does not come from rng alone. Draw from the generator you are given.", "rng_ignored")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def distance(u):
    """The largest gap between the shares of sorted numbers and those of a uniform distribution on (0, 1)."""
    u, n = np.sort(u), len(u)
    return max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n))

@check("the logarithm is uniform, for three ranges")
def _(t):
    for low, high in ((0.5, 3.0), (1e-4, 1.0), (20.0, 5e6)):
        x = draws_of(t, low, high, 4000)
        if low == 0.5:
            t.true(distance((x - low) / (high - low)) > 0.06, "The numbers themselves are evenly spread, not their logarithms.", "drawn_evenly")
        gap = distance(np.log(x / low) / np.log(high / low))  # above 0.06 once in 10^12 right answers (Dvoretzky, Kiefer, Wolfowitz)
        t.true(gap < 0.06, f"From {low:g} to {high:g} the shares are off by {gap:.2f} from those of a log-uniform number.")

@check("one number from other ranges")
def _(t):
    for low, high in ((1e-4, 2.0), (0.01, 1000.0)):
        x = t.call(sample_log_uniform, low, high, np.random.default_rng(3))
        t.true(x is not None, "It returned None.", "returned_nothing")
        t.true(np.ndim(x) == 0, f"Without a size the shape is {np.shape(x)}; return one number.", "array_for_one")
        t.true(bool(low <= float(x) <= high), f"{float(x):g} is not between {low:g} and {high:g}.", "outside")

@check("other draws come from rng, too")
def _(t):
    one, again, other = (t.call(sample_log_uniform, 3.0, 500.0, np.random.default_rng(s), 5) for s in (11, 11, 12))
    t.true(one is not None, "It returned None.", "returned_nothing")
    t.true(bool(np.all(one == again) and np.any(one != other)), "The numbers do not come from rng alone. Draw from the generator you are given.", "rng_ignored")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Random search
#
# Draw every hyperparameter of every trial anew. No trial depends on another,
# so a hundred machines can run a hundred trials at once, and you may stop at any time.
#
# A *space* is a dict that names for each hyperparameter its range and scale, such as
# `{"learning_rate": (1e-4, 1.0, "log"), "momentum": (0.0, 0.99, "linear")}`.
# A search returns its *history*: a list of pairs (setting, loss), one for each trial, in the order tried.
# Smaller is better, always: the *objective* gives a loss or an error rate.
#
# **Predict.** Nine trials, two hyperparameters. How many different learning rates does a 3 × 3 grid try, and how many does random search?
#
# <details><summary>Answer</summary>
#
# Three against nine. If only the learning rate matters, six trials of the grid repeat what it knew.
#
# </details>
#
# Two pictures follow the check. The first shows even draws of a learning rate beside yours of the last exercise.
# In the second a loss depends strongly on $x$ and hardly on $y$, and nobody told the searches.
# Below stands the square of trials; above, what each search has learned about $x$.
# Light places have a low loss. On the grid, trials stand behind one another.
# The slider sets the side of the grid; random search gets as many trials;
# the other slider draws anew.
#
# **Predict.** Will random search find the lower loss *every* time?
#
# <details><summary>Answer</summary>
#
# No. Nine random values can happen to miss the valley: one draw in twenty or so, here.
# With the grid the luck lies elsewhere: move its side from 3 to 4, and a line falls right into the valley.
#
# </details>

# %% nbgrader={"grade_id": "random_search", "solution": true}
def random_search(objective, space, n, rng):
    """Try n random settings.

    objective(setting): takes a dict, name to value, returns a loss; called n times in all.
    space: dict, name to (low, high, scale); a value is drawn log-uniformly for the scale "log", uniformly for
    "linear". All draws are independent and come from rng.
    Returns the history: a list of n pairs (setting, loss), in the order tried; a setting has the names of space.
    """
    ### BEGIN SOLUTION
    history = []
    for _ in range(n):
        setting = {}
        for name, (low, high, scale) in space.items():
            draw = sample_log_uniform if scale == "log" else lambda low, high, rng: rng.uniform(low, high)
            setting[name] = float(draw(low, high, rng))
        history.append((setting, objective(setting)))
    return history
    ### END SOLUTION

# %% nbgrader={"grade_id": "random_search_check", "grade": true, "points": 8}
check = Check("random_search", points=8, hidden=3)

def tried(t, objective, space, n, seed=0):
    seen = []
    watched = lambda setting: seen.append((dict(setting), float(objective(setting)))) or seen[-1][1]
    history = t.call(random_search, watched, space, n, np.random.default_rng(seed))
    t.true(isinstance(history, list | tuple) and all(isinstance(trial, list | tuple) and len(trial) == 2 for trial in history), "Return the history: a list of pairs (setting, loss).", "not_pairs")
    t.true(len(seen) == n, f"The objective was called {len(seen)} times for {n} trials.", "called_twice" if len(seen) == 2 * n else "wrong_number")
    stale = n > 1 and all(setting == history[0][0] for setting, _ in history) and seen[0][0] != seen[-1][0]
    t.true(not stale, "All settings of the history are one dict, changed again and again. Each trial needs its own.", "one_dict_for_all")
    t.true([tuple(trial) for trial in history] == seen, "The history does not hold all that was tried, in its order.", "history_wrong")
    return history

@check("60 trials, recorded as they were tried, inside the space, drawn anew each time; half of lr lies below 0.001")
def _(t):
    history = tried(t, lambda s: s["lr"] + s["p"], {"lr": (1e-6, 1.0, "log"), "p": (-2.0, 3.0, "linear")}, 60)
    lr, p = np.transpose([(setting["lr"], setting["p"]) for setting, _ in history])
    t.true(bool(np.all((lr >= 1e-6) & (lr <= 1) & (p >= -2) & (p <= 3))), "A value is outside of the space.", "outside")
    t.true(len({*lr}) > 50 and len({*p}) > 50, "Many trials have the same values: draw anew for each.", "drawn_once")
    t.true(abs(np.corrcoef(np.log(lr), p)[0, 1]) < 0.9, "lr and p move together: draw anew for every hyperparameter.", "drawn_together")
    t.true(np.sum(lr < 1e-3) > 4, f"{np.sum(lr < 1e-3)} of 60 values of lr lie below 0.001, the middle of its scale. How are values of the scale \"log\" drawn?", "scale_ignored")  # 0 to 4: once in 10^12

@check("the draws come from rng")
def _(t):
    one, again, other = ([s for s, _ in tried(t, lambda s: s["x"], {"x": (0.0, 1.0, "linear")}, 2, seed)] for seed in (1, 1, 2))
    t.true(one == again and one != other, "The settings do not depend on rng alone.", "rng_ignored")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def gap_to_uniform(u):
    u, n = np.sort(u), len(u)
    return max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n))

def columns(t, kept=[]):
    if kept:
        return kept[0]
    space = {"a": (1e-5, 10.0, "log"), "b": (1.0, 101.0, "linear"), "c": (2.0, 2000.0, "log")}
    settings = [setting for setting, _ in tried(t, lambda s: s["b"], space, 160)]
    a, b, c = (np.array([setting[name] for setting in settings]) for name in "abc")
    kept.append((np.log(a / 1e-5) / np.log(1e6), (b - 1) / 100, np.log(c / 2) / np.log(1000), a, c))
    return kept[0]

@check("each scale is respected")
def _(t):
    u, v, w, a, c = columns(t)
    for values in (u, v, w):
        t.true(len(set(values)) > 150, f"160 trials tried {len(set(values))} values of one hyperparameter.", "drawn_once")
    even = gap_to_uniform(a / 10) < 0.3 and gap_to_uniform(c / 2000) < 0.3
    t.true(not even, 'Values of the scale "log" are spread evenly.', "scale_ignored")
    by_powers = gap_to_uniform(np.log(np.maximum(1e-9, 100 * v + 1)) / np.log(101)) < 0.3
    t.true(not by_powers, 'Values of the scale "linear" are drawn by their logarithm.', "scale_ignored")
    for values in (u, v, w):  # above 0.3 once in 10^12 right answers
        t.true(gap_to_uniform(values) < 0.3, "The values of one hyperparameter are not distributed as its scale says.")

@check("the draws are independent of each other")
def _(t):
    u, v, w, _, _ = columns(t)
    t.true(min(np.ptp(u), np.ptp(v), np.ptp(w)) > 0, "All trials have the same values: draw anew for each.", "drawn_once")
    for p, q in ((u, v), (u, w), (v, w), (u[1:], u[:-1]), (v[1:], v[:-1])):
        t.true(abs(np.corrcoef(p, q)[0, 1]) < 0.6, "Two draws move together: draw anew for every hyperparameter and trial.", "drawn_together")

@check("two hyperparameters, both from rng")
def _(t):
    space = {"x": (0.0, 1.0, "linear"), "y": (1.0, 9.0, "log")}
    one, again, other = (tried(t, lambda s: s["x"], space, 3, seed) for seed in (4, 4, 5))
    same, differ = [dict(s) for s, _ in one] == [dict(s) for s, _ in again], one[0][0] != other[0][0]
    t.true(same and differ, "The settings do not depend on rng alone.", "rng_ignored")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def two_ways(n=5000):
    """Look: where n learning rates from 0.0001 to 1 land on a scale of powers of ten, drawn in two ways."""
    rng = np.random.default_rng(0)
    even, log_uniform = rng.uniform(1e-4, 1, n), sample_log_uniform(1e-4, 1.0, rng, n)
    named = {"drawn evenly": np.log10(even), "drawn log-uniformly": np.log10(log_uniform)}
    return plot_histograms(named, bins=32, limits=(-4, 0), xlabel="power of ten")


def one_axis_matters(side=3, draw=1):
    def profile(x):
        return 1 - 0.8 * np.exp(-(((x - 0.36) / 0.1) ** 2)) - 0.1 * np.sin(5 * x)

    def loss(x, y):
        return profile(x) + 0.04 * np.cos(4 * y)

    steps = (np.arange(side) + 0.5) / side
    squares = [(setting["x"], setting["y"]) for setting in grid({"x": steps, "y": steps})]
    space = {"x": (0.0, 1.0, "linear"), "y": (0.0, 1.0, "linear")}
    history = random_search(lambda setting: loss(setting["x"], setting["y"]), space, side**2, np.random.default_rng(draw))
    scattered = [(setting["x"], setting["y"]) for setting, _ in history]
    names = ("x, which matters", "y, which hardly does")
    return plot_projection({"grid": squares, "random": scattered}, profile, loss, names=names)

display(two_ways())
sliders(one_axis_matters, side=(2, 6), draw=(1, 20))

# %% [markdown]
# ## Coarse to fine, and the edge
#
# First a coarse search over a wide space, then a finer one around the best setting, and so on.
# One trap: a best value at the *edge* of its range is no answer. The loss was still falling when the range ended,
# and the minimum may lie outside. Such a range must move on, not shrink.
#
# To count on any scale alike, `to_unit` gives each value's place in its range, 0 at the low end and 1 at the high end:
#
# $$u = \frac{\ln x - \ln \text{low}}{\ln \text{high} - \ln \text{low}} \quad \text{for the scale "log".}$$
#
# `from_unit` leads back, and works beyond 0 and 1 too.
#
# **Predict.** Learning rates from 0.0001 to 1; the best of 20 is 0.9. Is it at the edge? Which range do you try next?
#
# <details><summary>Answer</summary>
#
# $u = 0.99$: at the high edge. A range of the same width around it: 0.009 to 90.
#
# </details>

# %% nbgrader={"grade_id": "to_unit", "locked": true}
def to_unit(setting, space):
    """Where each value lies in its range, counted on its scale: an array of shape (D,), in the order of space."""
    places = []
    for name, (low, high, scale) in space.items():
        value = setting[name]
        if scale == "log":
            low, high, value = math.log(low), math.log(high), math.log(value)
        places.append((value - low) / (high - low))
    return np.array(places)


def from_unit(u, space):
    """The setting that lies at the places u, of shape (D,); the inverse of to_unit."""
    setting = {}
    for place, (name, (low, high, scale)) in zip(u, space.items()):
        setting[name] = float(low * (high / low) ** place if scale == "log" else low + (high - low) * place)
    return setting


def best_of(history):
    """The pair (setting, loss) of the smallest loss; a loss that is NaN counts as the worst."""
    return min(history, key=lambda trial: trial[1] if trial[1] == trial[1] else math.inf)


def normal_density(z):
    """The density of the standard normal distribution. z: any shape."""
    return np.exp(-0.5 * np.square(z)) / math.sqrt(2 * math.pi)


def normal_cdf(z):
    """The probability that a standard normal number is below z. z: any shape."""
    return 0.5 * (1 + np.vectorize(math.erf, otypes=[float])(np.divide(z, math.sqrt(2))))

# %% nbgrader={"grade_id": "compare_zoom", "locked": true}
# Given: what a check further down calls.
def compare_edges(t, at_edge, setting, space, expected, *share):
    edges = t.call(at_edge, setting, space, *share)
    t.true(isinstance(edges, dict), "at_edge returns a dict.", "not_a_dict")
    plainly = {name for name, (low, high, _) in space.items() if not 0.05 <= (setting[name] - low) / (high - low) <= 0.95}
    mistake = "sides_exchanged" if set(edges) == set(expected) else "others_named" if not all(edges.values()) else None
    mistake = mistake or ("scale_ignored" if set(edges) == plainly else "edge_missed" if set(edges) < set(expected) else None)
    t.true(edges == expected, f"at_edge({setting}, {space}) gave {edges}; it should be {expected}.", mistake)


def compare_zoom(t, zoom, setting, space, expected, *factor):
    handed = dict(space)
    zoomed = zoom(setting, handed, *factor)
    t.true(handed == space, "zoom changed the space it was given: return a new dict.", "argument_changed")
    t.true(isinstance(zoomed, dict) and set(zoomed) == set(space), "zoom returns a dict with the names of the space.", "not_a_space")
    for name, (low, high) in expected.items():
        t.true(len(zoomed[name]) == 3 and zoomed[name][2] == space[name][2], f"{name}: return (low, high, scale).", "scale_lost")
        given = {"space": space, "setting": setting, "name": name, "factor": (*factor, 0.5)[0]}
        t.equal(list(zoomed[name][:2]), [low, high], f"the range of {name}", given=given)


def watched_rounds(t, search, objective, space, rounds, n):
    seen = []
    watched = lambda setting: seen.append((dict(setting), float(objective(setting)))) or seen[-1][1]
    history = t.call(search, watched, space, rounds, n, np.random.default_rng(11))
    t.true(len(seen) == rounds * n, f"{len(seen)} trials were made in {rounds} rounds of {n}.", "wrong_number")
    t.true(isinstance(history, list | tuple) and len(history) == rounds * n, "Return the history of all rounds.", "last_round_only")
    t.true([tuple(trial) for trial in history] == seen, "The history does not hold what was tried, in its order.", "history_wrong")
    return seen

# %% nbgrader={"grade_id": "coarse_to_fine", "solution": true}
def at_edge(setting, space, share=0.05):
    """Which values of a setting lie at an edge of their range, as to_unit counts.

    Returns a dict: "low" for each name whose place is below share, "high" for each above 1 - share, no others.
    """
    ### BEGIN SOLUTION
    places = dict(zip(space, to_unit(setting, space)))
    low = {name: "low" for name, u in places.items() if u < share}
    return low | {name: "high" for name, u in places.items() if u > 1 - share}
    ### END SOLUTION


def zoom(setting, space, factor=0.5):
    """A new space: every range is centred on the setting's value, and factor times as wide, as to_unit counts.

    A range whose value lies at an edge (at_edge with its default share) keeps its width and only moves. Ranges
    may reach beyond the old ones. Returns a dict, name to (low, high, scale); space itself stays as it is.
    """
    ### BEGIN SOLUTION
    centre, edges = to_unit(setting, space), at_edge(setting, space)
    half = np.array([0.5 if name in edges else factor / 2 for name in space])
    low, high = from_unit(centre - half, space), from_unit(centre + half, space)
    return {name: (low[name], high[name], space[name][2]) for name in space}
    ### END SOLUTION


def coarse_to_fine(objective, space, rounds, n, rng):
    """Random search in rounds of n trials each, the first in space. Before each further round, zoom (by its
    default factor) the space of the round before, around the best setting of all rounds so far.
    Returns the history of all rounds."""
    ### BEGIN SOLUTION
    history = random_search(objective, space, n, rng)
    for _ in range(rounds - 1):
        space = zoom(best_of(history)[0], space)
        history = history + random_search(objective, space, n, rng)
    return history
    ### END SOLUTION

# %% nbgrader={"grade_id": "coarse_to_fine_check", "grade": true, "points": 14}
check = Check("coarse_to_fine", points=14, hidden=6)

wide = {"lr": (1e-4, 1.0, "log"), "p": (0.0, 10.0, "linear")}

def zoom_is(t, setting, space, edges, expected, *factor):
    t.true(at_edge(setting, space) == edges, "zoom asks at_edge, which is wrong at this setting: mend it first.")
    compare_zoom(t, zoom, setting, space, expected, *factor)

@check("0.98 is at the high edge of 0.0001 to 1; 0.04 is at none")
def _(t):
    compare_edges(t, at_edge, {"lr": 0.98, "p": 0.2}, wide, {"lr": "high", "p": "low"})
    compare_edges(t, at_edge, {"lr": 0.04, "p": 5.0}, wide, {})

@check("around lr = 0.01 and p = 4, a fifth as wide: p from 3 to 5; around 1.0, an edge, and 6, half as wide: lr from 0.01 to 100, p from 3.5 to 8.5")
def _(t):
    zoom_is(t, {"lr": 0.01, "p": 4.0}, wide, {}, {"lr": (10**-2.4, 10**-1.6), "p": (3, 5)}, 0.2)
    zoom_is(t, {"lr": 1.0, "p": 6.0}, wide, {"lr": "high"}, {"lr": (0.01, 100.0), "p": (3.5, 8.5)})

@check("three rounds of 24, each half as wide as the one before, around the best of all")
def _(t):
    count = iter(range(1000))  # rugged, never best near an edge, and worse from round to round
    objective = lambda s: math.sin(900 * s["x"]) + 9 * (abs(s["x"] - 0.5) > 0.4) + 5 * (next(count) // 24)
    unit = {"x": (0.0, 1.0, "linear")}
    t.true(np.allclose(zoom({"x": 0.5}, unit)["x"][:2], [0.25, 0.75]), "Every round is zoomed by zoom, which is wrong as yet: mend it first.")
    seen = watched_rounds(t, coarse_to_fine, objective, unit, 3, 24)
    places, best = [setting["x"] for setting, _ in seen], [best_of(seen[:24])[0]["x"], best_of(seen[24:48])[0]["x"]]
    span, off = np.ptp(places[48:]), [np.abs(np.subtract(places[48:], centre)).max() for centre in best]
    t.true(span <= 0.25 + 1e-9, f"The last round spans {span:.2f}, not a quarter.", "never_zoomed" if span > 0.7 else "first_space_zoomed" if off[0] <= 0.25 + 1e-9 else None)
    t.true(off[0] <= 0.125 + 1e-9, "The last round is not centred on the best setting so far.", None if off[1] > 0.125 + 1e-9 else "best_of_last_round")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("edges of every kind of range, with another share too")
def _(t):
    space = {"a": (1e-6, 1e-2, "log"), "b": (-4.0, 6.0, "linear"), "c": (3.0, 3e4, "log")}
    compare_edges(t, at_edge, {"a": 1.2e-6, "b": 5.8, "c": 300.0}, space, {"a": "low", "b": "high"})
    compare_edges(t, at_edge, {"a": 3e-6, "b": 0.0, "c": 100.0}, space, {})
    compare_edges(t, at_edge, {"a": 7e-3, "b": -3.8, "c": 2.5e4}, space, {"a": "high", "b": "low", "c": "high"})
    compare_edges(t, at_edge, {"a": 3e-6, "b": 4.5, "c": 400.0}, space, {"a": "low", "b": "high"}, 0.2)

@check("a range whose value is at an edge moves and keeps its width")
def _(t):
    zoom_is(t, {"lr": 0.9, "p": 0.25}, wide, {"lr": "high", "p": "low"}, {"lr": (0.009, 90.0), "p": (-4.75, 5.25)})
    zoom_is(t, {"lr": 1.1e-4, "p": 5.0}, wide, {"lr": "low"}, {"lr": (1.1e-6, 1.1e-2), "p": (2.5, 7.5)})

@check("other factors, and ranges that reach beyond the old ones")
def _(t):
    zoom_is(t, {"lr": 0.1, "p": 8.0}, wide, {}, {"lr": (10**-2.4, 10**0.4), "p": (4.5, 11.5)}, 0.7)
    zoom_is(t, {"lr": 1e-3, "p": 3.0}, wide, {}, {"lr": (10**-3.2, 10**-2.8), "p": (2.5, 3.5)}, 0.1)

def expected_space(trials, space):
    setting, zoomed = min(trials, key=lambda trial: trial[1])[0], {}
    for name, (low, high, scale) in space.items():
        f, g = (np.log, np.exp) if scale == "log" else (float, float)
        width, at = f(high) - f(low), f(setting[name])
        half = width / 2 if not 0.05 <= (at - f(low)) / width <= 0.95 else width / 4
        zoomed[name] = (float(g(at - half)), float(g(at + half)), scale)
    return zoomed

def inside(trials, space):
    return all(low - 1e-9 <= setting[name] <= high + 1e-9 for setting, _ in trials for name, (low, high, _) in space.items())

def compare_rounds(t, objective, space, n):
    seen = watched_rounds(t, coarse_to_fine, objective, space, 3, n)
    name, (low, high, _) = list(space.items())[-1]
    spreads = [np.ptp([setting[name] for setting, _ in seen[i : i + n]]) for i in (n, 2 * n)]
    again = min(spreads) > 0.7 * (high - low) and inside(seen, space)
    t.true(not again, "The later rounds search the whole first space again.", "never_zoomed")
    for i, spread in zip((n, 2 * n), spreads):
        last = inside(seen[i : i + n], expected_space(seen[i - n : i], space))
        space = expected_space(seen[:i], space)
        mistake = "best_of_last_round" if i > n and last else None
        t.true(inside(seen[i : i + n], space), f"Round {i // n + 1} leaves the zoomed space.", mistake)
        width = space[name][1] - space[name][0]  # 24 draws span less than 0.35 of it once in 10^9 rounds
        t.true(spread > 0.35 * width, f"Round {i // n + 1} searches only a part of its space.", "zoomed_too_far")

@check("every round stays in the zoomed space, and fills it")
def _(t):
    # A rising trend from round to round makes the best of all rounds another setting than the best of the last.
    count = iter(range(1000))
    objective = lambda s: (math.log10(s["a"]) + 2.2) ** 2 + (s["b"] - 1) ** 2 + 5 * (next(count) // 24)
    compare_rounds(t, objective, {"a": (1e-5, 10.0, "log"), "b": (0.0, 4.0, "linear")}, 24)

@check("the rounds follow a minimum that lies outside of the first space")
def _(t):
    compare_rounds(t, lambda s: abs(math.log10(s["a"])) - s["b"], {"a": (1e-5, 1e-3, "log"), "b": (-3.0, 5.0, "linear")}, 24)

@check("one round is a random search")
def _(t):
    seen = watched_rounds(t, coarse_to_fine, lambda s: s["p"], wide, 1, 60)
    t.true(inside(seen, wide), "The first round leaves the space.")
    span = np.ptp([setting["p"] for setting, _ in seen])  # of 60 draws below 5 once in 10^16
    t.true(span > 5, f"The first round spans {span:.1f} of 10: it searches the space as it is given.", "zoomed_too_far")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def four_rounds(space_ends_at=0.02):
    """Look: 4 rounds of 12 trials on the digits. The first range of learning rates ends too early.
    Does a space that shrinks still get out of it? And is the search finished after round 4?"""
    training, validation, _ = digits()
    space = {"learning_rate": (1e-5, space_ends_at, "log"), "reg": (1e-5, 1.0, "log")}

    def objective(setting):
        params, _ = train_network(setting | {"weight_scale": 0.05}, *training)
        return error_rate(params, *validation)

    history = coarse_to_fine(objective, space, 4, 12, np.random.default_rng(3))
    fig, ax = figure(width=9, height=4)
    for i in range(4):
        shown = history[12 * i : 12 * i + 12]
        setting, error = best_of(shown)
        x, y = ([s[name] for s, _ in shown] for name in space)
        beyond = "".join(f", {name} at the {side} edge" for name, side in at_edge(setting, space).items())
        ax.scatter(x, y, color=style.category(i), marker=style.MARKERS[i], s=40, label=f"round {i + 1}: best {error:.1%}{beyond}".replace(", ", ",\n"))
        low, high = ([space[name][end] for name in space] for end in (0, 1))
        ax.plot(*zip(low, (high[0], low[1]), high, (low[0], high[1]), low), color=style.category(i), linewidth=1)
        fig.alt += f"Round {i + 1}: best {error:.1%} at learning rate {setting['learning_rate']:.2g}{beyond}. "
        space = zoom(best_of(history[: 12 * i + 12])[0], space)
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="reg")
    fig.legend(loc="outside right center", fontsize=9)
    return fig

four_rounds()

# %% [markdown]
# ## A model of the loss
#
# Random search forgets everything it has seen. *Bayesian optimisation* keeps a *surrogate model*:
# a distribution over all the functions that could be the loss, given the trials.
# The *Gaussian process* takes the losses at any points as jointly normal, with mean 0 before any trial;
# its *kernel* $k(a, b)$ says how strongly the losses at $a$ and $b$ move together.
# After trials $X, y$, with $K = k(X, X) + \text{noise} \cdot I$ and $k_* = k(X, x_*)$:
#
# $$\mu_* = k_*^{\top} K^{-1} y, \qquad \sigma_*^2 = k(x_*, x_*) - k_*^{\top} K^{-1} k_*$$
#
# This is the *posterior*: a mean, and a doubt that shrinks near the trials and stays far from them.
#
# **Predict.** One trial, $y = 1$; $k(x, x) = 1$, noise 1. What are mean and standard deviation at that very point? And far away?
#
# <details><summary>Answer</summary>
#
# $K = 2$: mean ½, variance 1 − ½, standard deviation 0.7071. Far away $k_* = 0$: mean 0, standard deviation 1, as before any trial.
#
# </details>
#
# ## Where to try next
#
# The *acquisition* turns the posterior into one number per point: how much a trial there promises.
# The *expected improvement* over the best loss $b$ so far averages what would be gained, over all losses that the model holds possible.
# With $d = b - \mu - \xi$, $z = d / \sigma$, and the standard normal distribution $\Phi$ with density $\varphi$:
#
# $$\text{EI} = \mathbb{E}\big[\max(0,\; b - \xi - f)\big] = d\, \Phi(z) + \sigma\, \varphi(z)$$
#
# The first term grows where the model is hopeful, the second where it is in doubt: *exploitation* and *exploration*.
# $\xi$ is the least gain worth a trial. `normal_cdf` and `normal_density` stand ready, defined beside `to_unit`.
#
# **Predict.** At a point the mean *equals* the best loss, and $\sigma = 1$. What is the expected improvement, with $\xi = 0$? And with $\sigma = 0$?
#
# <details><summary>Answer</summary>
#
# $d = 0$, so only the second term is left: $\varphi(0) = 0.3989$. Without doubt there is nothing to gain: 0.
#
# </details>

# %% nbgrader={"grade_id": "gp_posterior", "solution": true}
def rbf_kernel(A, B, length=0.2):
    """exp(-r**2 / (2 * length**2)), r the Euclidean distance of a row of A, (N, D), and a row of B, (M, D).
    Returns an array of shape (N, M)."""
    ### BEGIN SOLUTION
    squares = np.sum((A[:, None, :] - B[None, :, :]) ** 2, axis=2)
    return np.exp(-squares / (2 * length**2))
    ### END SOLUTION


def gp_posterior(X, y, X_new, kernel, noise=1e-6):
    """The posterior of a Gaussian process with mean 0 before any trial.

    X: (N, D), where it was measured; y: (N,), what was measured, used as it is; X_new: (M, D), where to predict.
    kernel(A, B): takes (n, D) and (m, D), returns the covariances, (n, m).
    noise: the variance of a measurement's noise, added to the diagonal of kernel(X, X) and nowhere else.
    Returns mean and std of the loss itself (without new noise), each (M,); std is a standard deviation.
    Where rounding makes a variance negative, std is 0.
    """
    ### BEGIN SOLUTION
    K = kernel(X, X) + noise * np.eye(len(X))
    K_new = kernel(X, X_new)  # (N, M)
    weights = np.linalg.solve(K, K_new)
    mean = weights.T @ y
    variance = np.diag(kernel(X_new, X_new)) - np.sum(K_new * weights, axis=0)
    return mean, np.sqrt(np.maximum(0, variance))
    ### END SOLUTION

# %% nbgrader={"grade_id": "gp_posterior_check", "grade": true, "points": 16}
check = Check("gp_posterior", points=16, hidden=5)

def compare_posterior(t, X, y, X_new, kernel, noise, mean, std):
    result = t.call(gp_posterior, X, y, X_new, kernel, noise)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: mean, std.", "wrong_count")
    K, K_new, K_far = kernel(X, X), kernel(X, X_new), kernel(X_new, X_new)
    given = {"X": X, "y": y, "K": K, "K_new": K_new, "K_far": K_far, "noise": noise}
    t.equal(result[0], mean, "mean", given=given, others={"std": std})
    t.equal(result[1], std, "std", given=given, others={"mean": mean})

def bell(A, B):
    return np.exp(-0.5 * np.sum((A[:, None] - B) ** 2, axis=2))

@check("rbf_kernel at distances 0 and 5, length 5: 1 and 0.6065")
def _(t):
    A, B = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]), np.array([[0.0, 0.0], [3.0, 4.0]])
    kernel = t.call(rbf_kernel, A, B, 5.0)
    t.equal(kernel, [[1, 0.6065306597], [0.6065306597, 1], [0.1353352832, 0.6065306597]], "kernel", given={"A": A, "B": B, "length": 5.0})

@check("one trial with noise 1: 0.5 ± 0.7071 there, 0.3033 ± 0.9034 one length away")
def _(t):
    mean, std = [0.5, 0.3032653298563167, 0.0], [0.7071067811865476, 0.9033605478513431, 1.0]
    compare_posterior(t, np.array([[2.0]]), np.array([1.0]), np.array([[2.0], [3.0], [40.0]]), bell, 1.0, mean, std)

@check("two trials, noise 0.5, a kernel of variance 4")
def _(t):
    X, y, mean, std = np.array([[0.0], [1.0]]), np.array([2.0, -1]), [1.602263326226, -1.265338641349, -0.0], [0.649368008559, 1.056614448527, 2.0]
    compare_posterior(t, X, y, np.array([[0.0], [1.5], [30.0]]), lambda A, B: 4 * bell(A, B), 0.5, mean, std)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("rbf_kernel: any lengths and shapes, and its default")
def _(t):
    for N, M, D, length in ((3, 5, 4, 0.7), (4, 2, 1, 3.0), (1, 3, 2, None)):
        A, B = t.rng.normal(size=(N, D)), t.rng.normal(size=(M, D))
        B[0] = A[0]
        far = np.array([[math.dist(a, b) for b in B] for a in A])
        scaled = far / (length or 0.2)
        kernel = t.call(rbf_kernel, A, B) if length is None else t.call(rbf_kernel, A, B, length)
        t.equal(kernel, np.exp(-0.5 * scaled**2), "kernel", given={"A": A, "B": B, "length": length or 0.2})

def one_by_one(X, y, X_new, kernel, noise):
    """The posterior by taking in one measurement after another; no matrix is inverted."""
    points, N = np.concatenate([X, X_new]), len(X)
    mean, cov = np.zeros(len(points)), kernel(points, points)
    for i in range(N):
        gain = cov[:, i] / (cov[i, i] + noise)
        mean, cov = mean + gain * (y[i] - mean[i]), cov - np.outer(gain, cov[i])
    return mean[N:], np.sqrt(np.diag(cov)[N:])

def rough(A, B):
    """A kernel of another kind, of variance 2.5."""
    return 2.5 * np.exp(-np.sqrt(np.sum((A[:, None] - B) ** 2, axis=2) + 1e-12) / 1.5)

def agree(t, N, M, D, kernel, noise, offset=0.0):
    X, y, X_new = t.rng.normal(size=(N, D)), t.rng.normal(size=N) + offset, 1.5 * t.rng.normal(size=(M, D))
    compare_posterior(t, X, y, X_new, kernel, noise, *one_by_one(X, y, X_new, kernel, noise))

@check("five trials in two dimensions, with much noise")
def _(t):
    agree(t, 5, 7, 2, bell, 0.3)

@check("another kernel, whose variance is not 1")
def _(t):
    agree(t, 6, 4, 3, rough, 0.2)
    agree(t, 1, 3, 1, rough, 0.05)

@check("measurements far from 0 are used as they are")
def _(t):
    agree(t, 4, 6, 1, rough, 0.1, offset=8.0)

@check("at the trials, without noise, the mean is the measurement and std is 0")
def _(t):
    X, y = 3.0 * np.arange(40.0)[:, None] + t.rng.uniform(-0.5, 0.5, size=(40, 1)), t.rng.normal(size=40)
    mean, std = t.call(gp_posterior, X, y, X, bell, 0.0)
    t.equal(mean, y, "mean", given={"y": y}, tolerance=1e-5)
    finite = std is None or bool(np.all(np.isfinite(std)))
    t.true(finite, "std is not a number where rounding made the variance slightly negative. What does the text say?", "root_of_negative")
    t.true(bool(np.all(np.abs(std) < 1e-5)), f"std at the trials is up to {np.max(np.abs(std)):.2g}; without noise nothing is left to doubt there.")
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "expected_improvement", "solution": true}
def expected_improvement(mean, std, best, xi=0.0):
    """Expected improvement of a loss that is minimised.

    mean, std: (M,), the posterior, std a standard deviation >= 0; best: the smallest loss so far;
    xi: the least gain that counts. Returns an array of shape (M,), nowhere negative, nowhere NaN.
    Where std is 0 the loss is certain, and the improvement is best - xi - mean if that is positive, else 0.
    """
    ### BEGIN SOLUTION
    gain = best - xi - mean
    z = gain / np.where(std > 0, std, 1.0)
    ei = gain * normal_cdf(z) + std * normal_density(z)
    return np.where(std > 0, ei, np.maximum(0, gain))
    ### END SOLUTION

# %% nbgrader={"grade_id": "expected_improvement_check", "grade": true, "points": 10}
check = Check("expected_improvement", points=10, hidden=4)

def compare_ei(t, mean, std, best, xi, expected):
    given = {"mean": np.array(mean, float), "std": np.array(std, float), "best": best, "xi": xi}
    ei = t.call(expected_improvement, given["mean"], given["std"], best, *([xi] if xi else []))
    certain = given["std"] == 0
    finite = np.shape(ei) != certain.shape or bool(np.all(np.isfinite(np.asarray(ei)[certain])))
    t.true(finite, "Not a number where std is 0: the division by std needs a case of its own.", "divided_by_zero")
    t.equal(ei, expected, "ei", given=given)

@check("mean 2 and std 1: 1.0833 below a best of 3, 0.3989 below 2, 0.0833 below 1")
def _(t):
    for best, expected in ((3.0, 1.0833154706), (2.0, 0.3989422804), (1.0, 0.0833154706)):
        compare_ei(t, [2.0], [1.0], best, 0.0, [expected])

@check("mean 1, std 2, best 2: 1.3956; 1.0727 if a gain must be at least 0.5")
def _(t):
    for xi, expected in ((0.5, 1.0726894203), (0.0, 1.3955931148)):
        compare_ei(t, [1.0], [2.0], 2.0, xi, [expected])

@check("no doubt, no gamble: std 0 gives 0.5, 0 and 0")
def _(t):
    compare_ei(t, [1.5, 2.0, 3.0], [0.0, 0.0, 0.0], 2.0, 0.0, [0.5, 0.0, 0.0])

### BEGIN HIDDEN TESTS
check.hidden_tests()

nodes, weights = np.polynomial.legendre.leggauss(80)

def integrated(mean, std, best, xi):
    """The mean of max(0, best - xi - f) over f, by quadrature."""
    result = []
    for m, s in zip(mean, std):
        top = (best - xi - m) / s
        z = -14 + (nodes + 1) / 2 * (min(top, 14) + 14)
        gains = s * (top - z) * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        result.append(np.sum(weights * gains) * (min(top, 14) + 14) / 2)
    return result

@check("many means and deviations")
def _(t):
    mean, std = t.rng.normal(size=9), t.rng.uniform(0.2, 3, size=9)
    compare_ei(t, mean, std, 0.4, 0.0, integrated(mean, std, 0.4, 0.0))

@check("with a least gain")
def _(t):
    mean, std = t.rng.normal(size=8), t.rng.uniform(0.2, 2, size=8)
    for best, xi in ((0.3, 0.25), (-0.5, 1.0)):
        compare_ei(t, mean, std, best, xi, integrated(mean, std, best, xi))

@check("certain and uncertain points together, with a least gain")
def _(t):
    mean, std = np.array([-1.0, 0.2, 1.0, 0.4]), np.array([0.0, 0.7, 0.0, 1.3])
    expected = integrated(mean, std + (std == 0), 0.5, 0.25)
    compare_ei(t, mean, std, 0.5, 0.25, [1.25, expected[1], 0.0, expected[3]])

@check("losses of any size")
def _(t):
    mean, std = 500 + 20 * t.rng.normal(size=6), t.rng.uniform(5, 30, size=6)
    compare_ei(t, mean, std, 495.0, 0.0, integrated(mean, std, 495.0, 0.0))
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Bayesian search
#
# Model, acquisition, trial, and again: each trial changes the model, so each waits for the one before.
# That is the price against random search, whose trials are independent. What it buys is that no trial is wasted on what is known.
# Losses enter the model with mean 0 and standard deviation 1, settings by their place in the space.
#
# **Predict.** After a few trials, will the next one lie beside the best, or far from all?
#
# <details><summary>Answer</summary>
#
# Mostly beside the best, or in the widest gap: wherever hope and doubt together are largest. You will watch it below.
#
# </details>
#
# After the check, the grey curve is the validation error of our network over six powers of ten of the learning rate, from 61 trainings.
# The search does not know it. It makes 14 trials; the slider goes through them.
# Above, what the model believes; below, the expected improvement, with a dashed line where its peak sends the next trial.
#
# **Predict.** Its four random trials miss the valley floor. Will it visit the far ends of the range at all, where it has never been?
#
# <details><summary>Answer</summary>
#
# Yes: after two good trials it visits each end once, where doubt is largest, and finds the plateau.
# Then the model has no hope left there, and the remaining trials pile up in the valley.
# At the cliffs the mean is far off and the band too narrow:
# the loss changes faster there than a kernel of length 0.2 holds possible. A model can be sure and wrong.
#
# </details>

# %% nbgrader={"grade_id": "bayesian_search", "solution": true}
def bayesian_search(objective, space, n, rng, start=4, candidates=200):
    """n trials: the first `start` are a random search, each later one is the most promising of many candidates.

    For each later trial, the model is gp_posterior with rbf_kernel at its default length and noise 1e-3;
    X holds the places (to_unit) of all trials so far, y their losses minus their mean, divided by their standard
    deviation plus 1e-9. Draw `candidates` places anew, uniform in the unit cube (from 0 to 1 in every direction),
    and try the one of largest expected_improvement over the smallest y, with xi = 0.
    Returns the history. If n <= start, it is a random search of n trials. Losses are finite.
    """
    ### BEGIN SOLUTION
    history = random_search(objective, space, min(start, n), rng)
    while len(history) < n:
        X = np.array([to_unit(setting, space) for setting, _ in history])
        losses = np.array([loss for _, loss in history])
        y = (losses - losses.mean()) / (losses.std() + 1e-9)
        X_new = rng.random((candidates, len(space)))
        mean, std = gp_posterior(X, y, X_new, rbf_kernel, noise=1e-3)
        chosen = X_new[np.argmax(expected_improvement(mean, std, y.min()))]
        setting = from_unit(chosen, space)
        history.append((setting, objective(setting)))
    return history
    ### END SOLUTION

# %% nbgrader={"grade_id": "bayesian_search_check", "grade": true, "points": 10}
check = Check("bayesian_search", points=10, hidden=6)

def search(t, objective, space, n, seed=0, **options):
    seen = []
    watched = lambda setting: seen.append((dict(setting), float(objective(setting)))) or seen[-1][1]
    history = t.call(bayesian_search, watched, space, n, np.random.default_rng(seed), **options)
    t.true(len(seen) == n, f"The objective was called {len(seen)} times for {n} trials.", "wrong_number")
    t.true(isinstance(history, list | tuple) and [type(trial) in (list, tuple) for trial in history] == [True] * n, "Return the history.", "history_wrong")
    t.true([tuple(trial) for trial in history] == seen, "Return the history: the pairs (setting, loss), in the order tried.", "history_wrong")
    outside = [name for name, (low, high, _) in space.items() for setting, _ in seen if not low <= setting[name] <= high]
    t.true(not outside, "A trial lies outside of the space: are places turned back into settings?", "outside")
    return seen

@check("14 trials come within a factor of 1.4 of the best learning rate of a smooth curve")
def _(t):
    space = {"lr": (1e-4, 1.0, "log")}
    seen = search(t, lambda s: 3 + math.log10(s["lr"] / 0.02) ** 2, space, 14, candidates=100)
    closest = min(abs(math.log(setting["lr"] / 0.02)) for setting, _ in seen)
    t.true(closest < math.log(1.4), f"The closest of 14 trials is off by a factor of {math.exp(closest):.2f}: chance does as well. Is the candidate of the largest expected improvement tried?")

@check("3 trials where start is 5; new candidates for each trial; all randomness comes from rng")
def _(t):
    space = {"x": (3.0, 30.0, "log")}
    search(t, lambda s: s["x"], space, 3, start=5)
    one, again, other = (search(t, lambda s: s["x"], space, 10, seed, candidates=3) for seed in (1, 1, 2))
    t.true(len({setting["x"] for setting, _ in one}) == 10, "10 trials with 3 candidates each tried one of them again.", "candidates_drawn_once")
    t.true(one == again and one != other, "The trials do not depend on rng alone.", "rng_ignored")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def model(X, y, points, noise=1e-3):
    """Mean and standard deviation of the model of the text at some points."""
    kernel = lambda A, B: np.exp(-np.sum((A[:, None] - B) ** 2, axis=2) / (2 * 0.2**2))
    lower = np.linalg.cholesky(kernel(X, X) + noise * np.eye(len(X)))
    half = np.linalg.solve(lower, kernel(X, points))
    return half.T @ np.linalg.solve(lower, y), np.sqrt(np.maximum(1e-12, 1 - np.sum(half**2, axis=0)))

def promise(mean, std, best):
    z = (best - mean) / std
    return std * (z * normal_cdf(z) + normal_density(z))

def places(seen, space):
    return np.array([to_unit(setting, space) for setting, _ in seen])

advice = {
    "smallest_taken": "It looks as if the smallest one were taken.",
    "too_greedy": "The mean is smallest there, as if doubt did not count. Is it the improvement over the smallest y?",
    "doubt_alone": "It is where the doubt is largest, whatever the mean says.",
    "largest_loss_sought": "It looks as if large losses were sought.",
    "not_standardised": "It looks as if the losses entered the model as they are.",
    "best_not_standardised": "It looks as if the best loss were not on the scale of y.",
    "losses_ignored": "The same places are tried whatever the losses are.",
    "noise_too_small": "It looks as if the model held every loss for exact. What is the noise?",
    "places_forgotten": "It looks as if the model were given values in the place of places from 0 to 1.",
}

def wishes(X, values, losses, points):
    """What could be made large at the points: the expected improvement, and what stands in its place by mistake."""
    y = (losses - losses.mean()) / (losses.std() + 1e-9)
    (mean, std), (raw, raw_std), (far, far_std) = model(X, y, points), model(X, losses, points), model(values, y, points)
    ei = promise(mean, std, y.min())
    return {"smallest_taken": -ei, "too_greedy": -mean, "doubt_alone": std, "largest_loss_sought": promise(-mean, std, -y.max()),
            "not_standardised": promise(raw, raw_std, losses.min()), "best_not_standardised": promise(mean, std, losses.min()),
            "noise_too_small": promise(*model(X, y, points, 1e-6), y.min()), "places_forgotten": promise(far, far_std, y.min())}

def rank(wish):
    """The share of all places that beat the first one; a tie counts half."""
    return np.mean(wish[1:] > wish[0]) + 0.5 * np.mean(wish[1:] == wish[0])

def shares_above(seen, space, start, points):
    """For each trial from `start` on, the share of the points whose expected improvement was larger."""
    X, losses, shares = places(seen, space), np.array([loss for _, loss in seen]), []
    for i in range(start, len(X)):
        y = (losses[:i] - losses[:i].mean()) / (losses[:i].std() + 1e-9)
        ei = promise(*model(X[:i], y, np.concatenate([X[i : i + 1], points])), y.min())
        shares.append(np.mean(ei[1:] > ei[0] + 1e-12))
    return shares

def compare_choices(t, objective, space, n, start, seed):
    seen = search(t, objective, space, n, seed, start=start)
    X, losses, points = places(seen, space), np.array([loss for _, loss in seen]), t.rng.random((400, len(space)))
    values, ranks = np.array([[setting[name] for name in space] for setting, _ in seen]), {}
    steps = [(i, np.concatenate([X[i : i + 1], points])) for i in range(start, n)]
    shares = shares_above(seen, space, start, points)
    # Of the best of 200 random candidates one is below the best sixth, or the mean above 3 %, once in 10^9 searches.
    if max(shares) < 1 / 6 and np.mean(shares) < 0.03:
        return t.true(True, "")
    for i, tried in steps:
        for name, wish in wishes(X[:i], values[:i], losses[:i], tried).items():
            ranks.setdefault(name, []).append(rank(wish))
    other = sorted((np.mean(rank), name) for name, rank in ranks.items() if max(rank) < 0.06)
    mistake = other[0][1] if len(other) == 1 or len(other) > 1 and other[0][0] < 0.25 * other[1][0] else None
    if mistake is None and places(search(t, lambda s: -objective(s), space, n, seed, start=start), space).tolist() == X.tolist():
        mistake = "losses_ignored"
    worst = int(np.argmax(shares))
    told = f"On average {np.mean(shares):.0%}" if shares[worst] < 1 / 6 else f"Trial {start + worst + 1}: {shares[worst]:.0%}"
    why = f"{told} of all places had a larger expected improvement than the one chosen."
    t.true(False, f"{why} {advice.get(mistake, '')}".strip(), mistake)

@check("each trial after the first ones has a large expected improvement")
def _(t):
    space = {"lr": (1e-4, 1.0, "log")}
    compare_choices(t, lambda s: 0.6 * math.sin(3 * math.log10(s["lr"])) + 0.08 * math.log10(s["lr"]) - 2, space, 10, 4, seed=1)

@check("in two dimensions, with another number of first trials")
def _(t):
    space = {"reg": (1e-6, 1.0, "log"), "momentum": (-3.0, 0.9, "linear")}
    compare_choices(t, lambda s: -40 + 3 * math.sin(math.log10(s["reg"])) + (s["momentum"] + 1) ** 2, space, 13, 6, seed=2)

@check("where losses tremble, the noise of the model counts")
def _(t):
    space = {"x": (0.0, 1.0, "linear"), "y": (0.0, 1.0, "linear")}
    compare_choices(t, lambda s: math.sin(900 * s["x"] + 500 * s["y"]), space, 42, 30, seed=3)

@check("the first trials are random, and n may be smaller than start")
def _(t):
    space = {"x": (2.0, 200.0, "log")}
    u = np.sort(places(search(t, lambda s: s["x"], space, 60, start=60), space)[:, 0])
    gap = max(np.max(np.arange(1, 61) / 60 - u), np.max(u - np.arange(60) / 60))
    t.true(gap < 0.45, "With start 60, 60 trials are a random search.", "start_ignored")
    search(t, lambda s: s["x"], space, 3, start=5)

@check("each trial has candidates of its own")
def _(t):
    seen = search(t, lambda s: s["x"], {"x": (2.0, 200.0, "log")}, 12, candidates=3)
    different = len({setting["x"] for setting, _ in seen})
    why = f"12 trials with 3 candidates each tried {different} different settings: draw new candidates for each trial."
    t.true(different == 12, why, "candidates_drawn_once")
    space = {"x": (0.0, 1.0, "linear")}  # the mean of 20 even shares is below 0.1 once in 10^12
    shares = shares_above(search(t, lambda s: s["x"] ** 2, space, 24, candidates=1), space, 4, t.rng.random((200, 1)))
    t.true(np.mean(shares) > 0.1, "With one candidate there is nothing to choose: draw as many as `candidates` says.", "candidates_ignored")

@check("all randomness comes from rng, and equal losses do no harm")
def _(t):
    space = {"x": (0.0, 1.0, "linear"), "y": (1.0, 10.0, "log")}
    one, again, other = (search(t, lambda s: 0.5, space, 6, seed) for seed in (8, 8, 9))
    t.true(one == again and one != other, "The trials do not depend on rng alone.", "rng_ignored")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def by_formula_and_by_dice():
    """Look, the same by another way: 200,000 draws of the loss at each of 50 points, and the time of both."""
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=50), rng.uniform(0, 2, 50)
    start = perf_counter()
    formula = expected_improvement(mean, std, 0.5)
    between = perf_counter()
    dice = np.array([np.maximum(0, 0.5 - rng.normal(m, s, 200_000)).mean() for m, s in zip(mean, std)])
    took, diced = between - start, perf_counter() - between
    print(f"largest difference {np.abs(formula - dice).max():.4f};", end=" ")
    print(f"{took * 1e3:.2f} ms by formula, {diced * 1e3:.0f} ms by dice")


def step_by_step():
    training, validation, _ = digits()
    space = {"learning_rate": (1e-5, 10.0, "log")}

    def objective(setting):
        params, _ = train_network(setting | {"reg": 1e-4, "weight_scale": 0.05}, *training)
        return float(error_rate(params, *validation))

    u = np.linspace(0, 1, 61)
    rates = [from_unit([place], space)["learning_rate"] for place in u]
    grey = [objective({"learning_rate": rate}) for rate in progress(rates, "the grey curve")]
    fine = np.linspace(0, 1, 301)
    truth = np.interp(fine, u, grey)
    history = bayesian_search(objective, space, 14, np.random.default_rng(6))
    tried = np.array([setting["learning_rate"] for setting, _ in history])
    errors = np.array([error for _, error in history])

    def at(trials=6):
        known, centre, width = errors[:trials], errors[:trials].mean(), errors[:trials].std() + 1e-9
        X = (np.log10(tried[:trials]) + 5)[:, None] / 6
        mean, std = gp_posterior(X, (known - centre) / width, fine[:, None], rbf_kernel, 1e-3)
        ei = expected_improvement(mean, std, (known.min() - centre) / width) * width
        chosen = np.log10(tried[trials]) if trials < 14 else None
        title = f"{trials} trials: best error {known.min():.1%}, at learning rate {tried[np.argmin(known)]:.2g}"
        spot = {"chosen": chosen, "xlabel": "learning rate, power of ten", "ylabel": "validation error", "title": title}
        return plot_posterior(6 * fine - 5, centre + width * mean, width * std, (np.log10(tried[:trials]), known),
                              truth=truth, acquisition=ei, **spot)

    return sliders(at, trials=(2, 14))

by_formula_and_by_dice()
step_by_step()

# %% [markdown]
# ## A real search, at equal budget
#
# Three hyperparameters, 27 trials for each search: a 3 × 3 × 3 grid, random, 3 rounds of 9 from coarse to fine, and Bayesian.
# Six repeats; in each the whole space is shifted at random by up to half a power of ten, for all searches alike,
# since where the three grid lines fall is luck as well. All seeds are fixed: repeat $r$ uses seed $r$ and shows the same numbers on every run.
#
# The table also trains each winner with five new seeds and reads the test part, once.
#
# **Predict.** Order the four by the validation error of their best setting. Which of the differences will be larger than their spread?
#
# <details><summary>Answer</summary>
#
# The grid is last: it tries three learning rates. Bayesian search is first on the digits that choose, by about one spread.
# On new digits its winners and those of random search cannot be told apart:
# part of what a better search finds is the noise of the validation part.
# And every winner does worse on new seeds and new digits than the number it won with.
# (These are our draws. Yours differ if your code draws in another order, and the ranks of the last three may too.)
#
# </details>

# %% tags=["experiment"]
def real_search(repeats=6):
    training, validation, test = digits()
    histories, fresh = {name: [] for name in ("grid", "random", "coarse to fine", "Bayesian")}, {}

    def objective(setting):
        return float(error_rate(train_network(setting, *training)[0], *validation))

    def grid_search(space, rng):
        lines = grid({name: [1 / 6, 1 / 2, 5 / 6] for name in space})
        settings = [from_unit([line[name] for name in space], space) for line in rng.permutation(lines)]
        return [(setting, objective(setting)) for setting in settings]

    for r, name in progress([(r, name) for r in range(repeats) for name in histories], f"{repeats} repeats of 4 searches"):
        rng, shift = np.random.default_rng(r), 10 ** np.random.default_rng(100 + r).uniform(-0.5, 0.5, 3)
        wide = {"learning_rate": (1e-5, 10.0), "reg": (1e-6, 1.0), "weight_scale": (1e-4, 1.0)}
        space = {key: (low * s, high * s, "log") for (key, (low, high)), s in zip(wide.items(), shift)}
        search = {"grid": lambda: grid_search(space, rng), "random": lambda: random_search(objective, space, 27, rng),
                  "coarse to fine": lambda: coarse_to_fine(objective, space, 3, 9, rng), "Bayesian": lambda: bayesian_search(objective, space, 27, rng)}
        histories[name].append(search[name]())
        winner, _ = best_of(histories[name][-1])
        again = [train_network(winner, *training, seed=seed)[0] for seed in range(1, 6)]
        fresh.setdefault(name, []).append([np.mean([error_rate(params, *part) for params in again]) for part in (validation, test)])
    print(f"{'mean ± spread':16} {'best of 27':>14} {'its new seeds':>16} {'its test error':>16}")
    for name, runs in histories.items():
        columns = [[best_of(run)[1] for run in runs], *np.transpose(fresh[name])]
        print(f"{name:18} " + " ".join(f"{np.mean(c):8.1%} ± {np.std(c):.1%}" for c in columns))
    fig, (left, right) = figure(1, 2, width=10, height=4.2)
    plot_best_so_far({name: [[loss for _, loss in run] for run in runs] for name, runs in histories.items()}, ax=left, ylabel="best validation error so far")
    for i, (name, runs) in enumerate(histories.items()):
        rates, errors = zip(*[(setting["learning_rate"], error) for run in runs for setting, error in run])
        right.scatter(rates, errors, s=14, color=style.category(i), marker=style.MARKERS[i], alpha=0.6, label=name)
    left.set(yscale="log", ylim=(0.03, 1), yticks=[0.03, 0.1, 0.3, 1], yticklabels=["3 %", "10 %", "30 %", "100 %"])
    left.set_title(f"mean ± spread of {repeats} repeats", loc="left")
    right.set_title("every trial of every repeat", loc="left")
    right.set(xscale="log", xlabel="learning rate", ylabel="validation error")
    fig.alt += " Right: validation error of every trial over its learning rate, a valley near 0.1."
    return fig

real_search()

# %% [markdown]
# ## What may be said of the winner
#
# The smallest of 27 noisy errors is small partly by luck: the *winner's curse*. Measure the winner again, on data that did not choose it.
# With 359 test digits an error of 5 % has a standard deviation of $\sqrt{0.05 \cdot 0.95 / 359} = 1.2\,\%$, whatever the search.
# Two settings that differ by less than that are, for all you know, equal.
#
# ## Reflection
#
# A friend compares 9 trials of a grid with 9 of random search, one run each, on 500 validation digits.
# The best errors are 5.2 % and 4.6 %. "Random search is better," writes your friend, "and our network's error is 4.6 %."
#
# Which parts of this follow, and which do not? Explain *why* random search tends to win when one hyperparameter matters,
# *why* this comparison cannot show it, and why 4.6 % is too good to be promised.
# Then say what you would run to settle both claims, and when you would take a model of the loss instead. Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** Random search tends to win because nine trials give nine values of the hyperparameter that matters, while the grid gives three.
# But one run of each shows nothing: with other seeds, or grid lines elsewhere, the order can turn round.
# The difference is 3 digits of 500. The 4.6 % was chosen as the smallest of nine, so it is partly luck and will be higher on new digits.
# I would repeat both with ten seeds and compare means with their spread, and measure the chosen setting once on the test part.
# A model of the loss is worth it when a training takes long and trials must follow one another anyway.
#
# **A strong answer.** The projection argument: the loss is nearly a function of the learning rate alone, so what counts is how densely that axis is tried.
# The 3 × 3 grid spends two thirds of its trials on repeats of three values; random search spends none, whichever axis turns out to matter.
# It is an argument about averages over where the minimum lies: for one problem a grid line may fall right into the valley.
# Here the gap is 0.6 %, three digits; the standard deviation of one error rate of 5 % from 500 digits is about 1 %,
# (less for a difference, as both read the same digits), and the training seed adds its own.
# So the data fit "equal" as well as "better". Nine looks and the minimum of them bias the estimate downwards: each error is truth plus noise,
# and the smallest is likely one whose noise was negative. The more trials, the larger this optimism.
# To settle the first claim I would run many repeats with shifted ranges and equal budgets and give mean and spread, or count wins.
# To settle the second, retrain the chosen setting with new seeds and read the test part once; with little data, cross-validate inside and keep an outer test fold.
# Bayesian search pays when a trial is expensive, hyperparameters are few and the loss is smooth in them; with a hundred machines at hand, independent random trials finish first.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: distinct values on the important axis, three against nine, as the mechanism.
# - 1: one run each, noise of validation set and seed, with a number or a measurement that would settle it.
# - 1: the minimum of several noisy errors is optimistic; an untouched test part.
# - 1: when a sequential model pays, against independent trials.
# - "Random explores more" without a mechanism earns nothing.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **diagnosed** runs from their curves: ln C at the start, twenty digits by heart, a learning rate that moves the loss.
# - You **searched** on a grid, at random, from coarse to fine and with a Gaussian process, with 27 trials each.
# - You **judged**: folds without leaks, repeats with their spread, and a winner measured on what did not choose it.
#
# **Roads not taken.** *Successive halving* starts many settings, and after a few steps keeps the better half, again and again.
# Tree-structured models replace the Gaussian process where hyperparameters are many or categorical.
# Populations of networks change their settings while they train.
#
# **To read on.** [Why random beats grid](https://jmlr.org/papers/v13/bergstra12a.html);
# [Bayesian optimisation of learning algorithms](https://arxiv.org/abs/1206.2944); a book on [Gaussian processes](https://gaussianprocess.org/gpml/);
# [successive halving, improved](https://arxiv.org/abs/1603.06560); and [a recipe for training by hand](https://karpathy.github.io/2019/04/25/recipe/).
#
# **One more, if you like.** Write `halving(space, n, steps, rng)`: n random settings, `steps` steps each, the better half goes on with twice the steps,
# until one is left. Count training steps, not trials, and enter it in the table above at the same number of steps.
