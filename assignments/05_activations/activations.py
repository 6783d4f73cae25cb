# %% [markdown]
# # Activations: what the nonlinearity does to the gradient
#
# Between two matrix products stands one small function, applied to each number alone.
# Forward, almost any bend will do.
# Backward, every gradient of the network has to pass through that function's *slope*, once per layer.
#
# **Why does a network with one such function learn, and the same network with another stand still?**
#
# By the end you have written nine of these functions,
# and seen one of them shrink a gradient, in ten layers, to less than a hundred-thousandth.
#
# You will
#
# 1. **write** nine activations, forward and backward, that survive inputs of 1000,
# 2. **measure** what each does to a gradient: its size through depth, its signs, the units it silences,
# 3. **choose** an activation for a network, and say why.
#
# ## One neuron, drawn
#
# A neuron computes $a = w x + b$, then its *activation* $s = \sigma(a)$, here the *sigmoid* $\sigma(a) = 1 / (1 + e^{-a})$.
# Values stand above the edges in blue, gradients of $s$ below in orange.
#
# | $a$ | $s = \sigma(a)$ | slope of $\sigma$ at $a$ | gradient of $w$, for $x = 1$ |
# |---:|---:|---:|---:|
# | 0 | 0.5 | 0.25 | 0.25 |
# | 2 | 0.8808 | 0.1050 | 0.1050 |
# | 10 | 0.99995 | 0.000045 | 0.000045 |
#
# At $a = 10$ the neuron is *saturated*: whatever the loss asks of it, its weight receives next to nothing.
# That is a fault of the slope alone: the product $w x$ passed its own share on in full.
#
# **Predict.** Move $w$ from 2 to 6 with $x = 1$ and $b = 0$. The output moves from 0.88 to 1.00.
# By what factor does the gradient of $w$ shrink? Then move the slider.
#
# <details><summary>Answer</summary>
#
# From 0.1050 to 0.0025: by a factor of about 43. The output hardly shows it.
#
# </details>

# %% nbgrader={"grade_id": "setup", "locked": true}
from timeit import repeat

import numpy as np

from autograder import Check, hint
from utils import draw_graph, figure, load_digits, plot_histograms, sliders, style

# %% tags=["experiment"]
def sigmoid_neuron(w=2.0, x=1.0, b=0.0):
    """One sigmoid neuron: values above the edges, gradients of s below."""
    p = w * x
    a = p + b
    s = 1 / (1 + np.exp(-a))
    da = (1 - s) * s
    values = {"w": w, "x": x, "b": b, "p": p, "a": a, "s": s}
    gradients = {"s": 1.0, "a": da, "b": da, "p": da, "w": da * x, "x": da * w}
    return draw_graph([("p", "×", ["w", "x"]), ("a", "+", ["p", "b"]), ("s", "σ", ["a"])], values, gradients)

sliders(sigmoid_neuron, w=(-8.0, 8.0, 0.5), x=(-3.0, 3.0, 0.5), b=(-8.0, 8.0, 0.5))

# %% [markdown]
# ## An activation, complete
#
# Every activation here has the same two functions.
# `forward` takes an array of any shape and returns the output and a *cache*, whatever `backward` will need.
# `backward` takes the upstream gradient and the cache and returns the downstream gradient:
#
# $$\text{dx} = \text{dout} \cdot f'(x), \qquad \text{entry by entry.}$$
#
# The *softsign* $x / (1 + |x|)$, a quiet relative of those you write, stands below for you to read.
#
# ## Warm-up: write, check, mend
#
# You write a cell, run its check, read what the check found, mend, and run both again.
# Try it here, where nothing is graded:
# `abs_backward` should be the backward of $|x|$. It runs, and its answer is wrong.
# Read the diagnosis and mend the line.
#
# Stuck in a graded cell? Run `hint("sigmoid_forward")` in a cell of your own:
# a question comes first, then a formula, then a table.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% tags=["experiment"]
def softsign_forward(x):
    """x / (1 + |x|), entry by entry. Returns out, of the shape of x, and a cache."""
    return x / (1 + np.abs(x)), x


def softsign_backward(dout, cache):
    """Gradient of softsign_forward: upstream gradient times slope."""
    x = cache
    return dout / (1 + np.abs(x)) ** 2


def abs_forward(x):
    """|x|, entry by entry."""
    return np.abs(x), x


def abs_backward(dout, cache):
    """Gradient of abs_forward."""
    return np.sign(cache)


check = Check("absolute_value", points=0)
check.gradients(abs_forward, abs_backward, {"x": (4, 3)})
check.score()

# %% [markdown]
# ## The sigmoid
#
# The sigmoid squeezes any number into (0, 1), like the firing rate of a neuron that is silent, busy, or between.
# Its slope needs nothing but its own output $s$:
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}}, \qquad \sigma'(x) = (1 - s)\, s$$
#
# One trap, twice. $e^{1000}$ is infinite to a computer, and infinity divided by infinity is not a number.
# Multiply the fraction above and below by $e^{x}$: you have a second form of the same function.
# Each form is safe on one side, where its exponential is at most 1.
# Use each on its side, and no warning appears either.
#
# **Predict.** Where is the slope largest, and how large?
#
# <details><summary>Answer</summary>
#
# At $x = 0$, where $s = ½$: the slope is ¼. Nowhere does a gradient pass a sigmoid without losing three quarters.
#
# </details>

# %% nbgrader={"grade_id": "sigmoid_forward", "solution": true}
def sigmoid_forward(x):
    """1 / (1 + exp(-x)), entry by entry. x: any shape. Returns out, of the same shape, and a cache.

    Inputs of 1000 and -1000 must give finite numbers.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(x))  # never above 1
    s = np.where(x >= 0, 1.0, e) / (1 + e)
    return s, s
    ### END SOLUTION


def sigmoid_backward(dout, cache):
    """Gradient of sigmoid_forward. dout: shape of x. Returns dx, of the same shape; finite for inputs of 1000."""
    ### BEGIN SOLUTION
    s = cache
    return dout * (1 - s) * s
    ### END SOLUTION

# %% nbgrader={"grade_id": "sigmoid_forward_check", "grade": true, "points": 12}
check = Check("sigmoid_forward", points=12, hidden=4)

def compare_out(t, x, expected):
    result = t.call(sigmoid_forward, x)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    finite = result[0] is None or bool(np.all(np.isfinite(np.asarray(result[0], dtype=float))))
    t.true(finite, "Not finite: an infinite exponential was divided by another. Which form is safe on which side?", "overflow")
    t.equal(result[0], expected, "out", given={"x": x})

@check("0.5 at 0, 0.8808 at 2, 0.1192 at -2")
def _(t):
    compare_out(t, np.array([[0.0], [2], [-2]]), [[0.5], [0.8807970779778823], [0.11920292202211755]])

@check("finite at 1000 and at -1000")
def _(t):
    compare_out(t, np.array([1000.0, -1000.0, 1.0]), [1.0, 0.0, 0.7310585786300049])

check.gradients(sigmoid_forward, sigmoid_backward, {"x": (5, 4)})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("any shape")
def _(t):
    x = 3 * t.rng.normal(size=(4, 3, 2))
    compare_out(t, x, 1 / (1 + np.exp(-x)))

@check("backward where the sigmoid is saturated, up to 1000")
def _(t):
    x, dout = np.array([-1000.0, -800, -3, 0.5, 3, 800, 1000]), t.rng.normal(size=7)
    out, cache = sigmoid_forward(x)
    dx = sigmoid_backward(dout.copy(), cache)
    expected = dout * np.array([0, 0, 0.045176659730912144, 0.2350037122015945, 0.045176659730912144, 0, 0])
    finite = dx is None or bool(np.all(np.isfinite(np.asarray(dx, dtype=float))))
    t.true(finite, "dx is not finite for inputs near 1000: can it be had from the output alone?", "overflow")
    t.equal(dx, expected, "dx", given={"x": x, "dout": dout})

check.gradients(sigmoid_forward, sigmoid_backward, {"x": (4, 3, 2)}, label="three axes")
check.gradients(sigmoid_forward, sigmoid_backward, {"x": (7,)}, label="a vector")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The hyperbolic tangent
#
# The sigmoid's outputs are all positive, and you will soon see what that costs the layer behind it.
# The *hyperbolic tangent* is a sigmoid stretched until its outputs lie around 0:
#
# $$\tanh(x) = 2\,\sigma(2x) - 1, \qquad \tanh'(x) = 1 - \tanh(x)^2$$
#
# Its outputs lie in (−1, 1) and its slope at 0 is 1, so a small input passes nearly unchanged in both directions.
# Far from 0 it saturates as the sigmoid does.
#
# **Predict.** At which output is half of the gradient lost?
#
# <details><summary>Answer</summary>
#
# Where $1 - t^2 = ½$: at $t = ±0.707$, which is $x = ±0.88$. You need not go far.
#
# </details>

# %% nbgrader={"grade_id": "tanh_forward", "solution": true}
def tanh_forward(x):
    """The hyperbolic tangent, entry by entry. x: any shape. Returns out, of the same shape, and a cache.

    Inputs of 1000 and -1000 must give finite numbers. np.tanh is allowed.
    """
    ### BEGIN SOLUTION
    t = np.tanh(x)
    return t, t
    ### END SOLUTION


def tanh_backward(dout, cache):
    """Gradient of tanh_forward. dout: shape of x. Returns dx, of the same shape."""
    ### BEGIN SOLUTION
    t = cache
    return dout * (1 - t**2)
    ### END SOLUTION

# %% nbgrader={"grade_id": "tanh_forward_check", "grade": true, "points": 8}
check = Check("tanh_forward", points=8, hidden=3)

def compare_out(t, x, expected):
    result = t.call(tanh_forward, x)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    finite = result[0] is None or bool(np.all(np.isfinite(np.asarray(result[0], dtype=float))))
    t.true(finite, "Not finite: an infinite exponential was divided by another. NumPy has a function that takes care.", "overflow")
    t.equal(result[0], expected, "out", given={"x": x})

@check("0.7616 at 1, the same below 0 with the other sign")
def _(t):
    compare_out(t, np.array([[1.0], [-1], [3]]), [[0.7615941559557649], [-0.7615941559557649], [0.9950547536867305]])

check.gradients(tanh_forward, tanh_backward, {"x": (5, 4)})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("finite up to 1000, any shape")
def _(t):
    x = t.rng.normal(size=(3, 2, 4))
    e, f = np.exp(x), np.exp(-x)
    compare_out(t, x, (e - f) / (e + f))
    compare_out(t, np.array([1000.0, -1000.0, 0.5]), [1.0, -1.0, 0.46211715726000973])

check.gradients(tanh_forward, tanh_backward, {"x": (3, 2, 4)}, label="three axes")
check.gradients(tanh_forward, tanh_backward, {"x": (7,)}, label="a vector")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Fault one: saturation, ten times over
#
# One layer of a *stack* is a product and an activation: $a_l = h_{l-1} W_l$ and $h_l = f(a_l)$, with $h_0 = x$.
# Backward, each layer multiplies the gradient by its slopes and by its weights:
#
# $$\frac{\partial L}{\partial h_{l-1}} = \Big(\frac{\partial L}{\partial h_l} \cdot f'(a_l)\Big)\, W_l^{\top}$$
#
# You write the loop and measure the gradient's *norm*,
# the root of the sum of all squared entries, at the input of each layer.
# Where it shrinks from layer to layer, the gradient is *vanishing*; where it grows, *exploding*.
#
# **Predict.** Ten sigmoid layers, no weights larger or smaller than 1 in the way: at most what share of the gradient reaches the input?
#
# <details><summary>Answer</summary>
#
# $(¼)^{10}$, about one millionth, and only if no unit is saturated.
#
# </details>
#
# Then run a stack of ten layers of 100 units, with normal weights of standard deviation *scale* / √100.
# A gradient with entries of standard deviation 1 enters at the top; one histogram a layer shows what is left of it.
#
# **Predict.** Which keeps more at layer 1, sigmoid or tanh? What happens to tanh as you raise the scale to 4?
#
# <details><summary>Answer</summary>
#
# tanh, by a factor of a hundred thousand: its slope can be 1.
# At scale 4 most of its units are saturated and most slopes are near 0.
# The gradient grows all the same, since the few open units pass it on through weights that are large too:
# spikes at 0 with long tails. Vanishing and exploding are neighbours.
#
# </details>

# %% nbgrader={"grade_id": "gradient_norms", "solution": true}
def gradient_norms(forward, backward, x, weights, dout):
    """Send x forward through a stack, a gradient back, and measure it at the input of each layer.

    forward(a) returns out, cache and backward(dout, cache) returns da: any activation of this notebook.
    x: (N, D0); weights: list of L arrays, W of layer l has shape (D_l-1, D_l); no biases; the activation follows
    every product, the last one too. dout: (N, D_L), the gradient at the last output.
    Returns an array of shape (L,): the norm, over all entries, of the gradient at the input of each layer,
    in the order of the layers. The first entry belongs to x, the last to the input of the last layer.
    """
    ### BEGIN SOLUTION
    h, caches = x, []
    for W in weights:
        h, cache = forward(h @ W)
        caches.append(cache)
    norms = []
    for W, cache in zip(reversed(weights), reversed(caches)):
        dout = backward(dout, cache) @ W.T
        norms.append(np.linalg.norm(dout))
    return np.array(norms[::-1])
    ### END SOLUTION

# %% nbgrader={"grade_id": "gradient_norms_check", "grade": true, "points": 14}
check = Check("gradient_norms", points=14, hidden=4)

def double_forward(x):
    return 2 * x, None

def double_backward(dout, cache):
    return 2 * dout

@check("two layers that double, weights 3 and 5: a gradient of norm 5 becomes 50, then 300")
def _(t):
    weights, dout = [np.array([[3.0]]), np.array([[5.0]])], np.array([[3.0], [4.0]])
    norms = t.call(gradient_norms, double_forward, double_backward, np.array([[1.0], [2.0]]), weights, dout)
    given = {"without_activation": [75.0, 25.0], "at_products": [100.0, 10.0], "at_outputs": [50.0, 5.0], "totals": [420.0, 70.0]}
    t.equal(norms, [300.0, 50.0], "norms", given=given)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def stack_slowly(x, weights, dout, slope, value):
    """The gradients, by the chain rule, and what some mistakes make of them."""
    a, h = [], x
    for W in weights:
        a.append(h @ W)
        h = value(a[-1])
    def back(step, transposed=True):
        g, found = dout, []
        for W, al in zip(weights[::-1], a[::-1]):
            g = np.einsum("nm,dm->nd" if transposed else "nm,md->nd", g * step(al), W)
            found.insert(0, np.sqrt(np.sum(g**2)))
        return np.array(found)
    given = {"without_activation": back(np.ones_like)}
    if all(W.shape[0] == W.shape[1] for W in weights):
        given["untransposed"] = back(slope, transposed=False)
    return back(slope), given

def soft(a):
    return a / (1 + np.abs(a))

def soft_slope(a):
    return 1 / (1 + np.abs(a)) ** 2

def soft_forward(a):
    return soft(a), a

def soft_backward(dout, cache):
    return dout * soft_slope(cache)

def compare_stack(t, sizes, N, scale=1.0):
    weights = [scale * t.rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:])]
    x, dout = t.rng.normal(size=(N, sizes[0])), t.rng.normal(size=(N, sizes[-1]))
    norms = t.call(gradient_norms, soft_forward, soft_backward, x, weights, dout)
    expected, given = stack_slowly(x, weights, dout, soft_slope, soft)
    t.equal(norms, expected, "norms", given=given)

@check("layers of different widths")
def _(t):
    compare_stack(t, (4, 6, 3, 5), N=7)

@check("square weights: their transpose matters")
def _(t):
    compare_stack(t, (4, 4, 4, 4, 4), N=6)

@check("one layer")
def _(t):
    compare_stack(t, (3, 5), N=4)

@check("ten layers of large weights")
def _(t):
    compare_stack(t, (5, 6, 4, 5, 6, 7, 5, 4, 6, 5, 3), N=5, scale=3.0)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def ten_layers(activation="sigmoid", scale=1.4):
    """Histograms of the gradient as it leaves each of ten layers' activations; norms by your gradient_norms."""
    layers = {"sigmoid": (sigmoid_forward, sigmoid_backward), "tanh": (tanh_forward, tanh_backward)}
    (forward, backward), rng, seen = layers[activation], np.random.default_rng(0), []

    def and_keep(dout, cache):
        seen.append(backward(dout, cache))
        return seen[-1]

    x, dout = rng.normal(size=(2, 200, 100))
    weights = [scale / 10 * rng.normal(size=(100, 100)) for _ in range(10)]
    norms = gradient_norms(forward, and_keep, x, weights, dout)
    title = f"{activation}: of a gradient of norm {np.linalg.norm(dout):.0f}, {norms[0]:.3g} reaches the input"
    named = {f"layer {i}": da for i, da in enumerate(seen[::-1], start=1)}
    return plot_histograms(named, limits=(-0.3, 0.3), xlabel="gradient", title=title, colour=style.GRADIENT)

sliders(ten_layers, activation=["sigmoid", "tanh"], scale=(0.2, 4.0, 0.2))

# %% [markdown]
# ## Fault two: one sign for all
#
# A neuron behind a layer of sigmoids computes $a = w \cdot h + b$, and every $h_d$ is positive.
# One example contributes to the gradient of its weights
#
# $$\frac{\partial L}{\partial w_d} = \frac{\partial L}{\partial a}\; h_d .$$
#
# The first factor is one number for all $d$.
# The second is always positive when inputs are not *zero-centred*.
# So all the weights of the neuron rise together or fall together.
# If one should rise and another fall, the path has to zig-zag.
# A batch adds up examples whose signs differ, so it softens this fault; it does not remove it.
#
# **Predict.** A neuron has three weights. Among how many of the 8 sign patterns can one example choose, if its inputs are positive?
#
# <details><summary>Answer</summary>
#
# 2 of 8: (+, +, +) and (−, −, −). With 100 weights it is still 2, of $2^{100}$.
#
# </details>
#
# Then watch a neuron with two weights and no bias learn to answer as the neuron (1, −1) does, one example a step.
# Left its inputs are positive, as from a sigmoid; right the same inputs have had their mean subtracted.
#
# **Predict.** From (0, 0) to (1, −1) one weight rises and the other falls. Which steps are forbidden on the left?
#
# <details><summary>Answer</summary>
#
# Those to the lower right, where it should go, and those to the upper left.
# Every step goes to the upper right or to the lower left, and the path makes its way between.
# The straight way is 1.41 long; above the pictures stands how long each path is.
#
# </details>

# %% nbgrader={"grade_id": "gradient_signs", "solution": true}
def gradient_signs(x, dout):
    """Which way each example pushes each weight of one neuron a = w · x + b.

    x: (N, D), the neuron's inputs, none exactly 0; dout: (N,), the gradient at a for each example, none exactly 0.
    Returns two things:
    signs, of shape (N, D): 1.0 or -1.0, the sign of what example n contributes to the gradient of weight d;
    one_sign, a number: the share, from 0 to 1, of the examples whose D signs are all the same.
    """
    ### BEGIN SOLUTION
    signs = np.sign(dout[:, None] * x)
    one_sign = np.mean(np.all(signs == signs[:, :1], axis=1))
    return signs, one_sign
    ### END SOLUTION

# %% nbgrader={"grade_id": "gradient_signs_check", "grade": true, "points": 8}
check = Check("gradient_signs", points=8, hidden=3)

def compare_signs(t, x, dout, signs, one_sign):
    result = t.call(gradient_signs, x, dout)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: signs, one_sign.", "wrong_count")
    given = {"x": x, "dout": dout, "signs": np.array(signs)}
    t.equal(result[0], signs, "signs", given=given)
    t.equal(result[1], one_sign, "one_sign", given=given)

@check("four examples, three weights: two of the examples push all one way")
def _(t):
    x = np.array([[1.0, 2, 3], [0.5, 1, 2], [-1, 2, 1], [2, -1, 0.5]])
    signs = [[1, 1, 1], [-1, -1, -1], [-1, 1, 1], [-1, 1, -1]]
    compare_signs(t, x, np.array([0.5, -2.0, 3.0, -1.0]), signs, 0.5)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def signs_slowly(t, x, N):
    dout = t.rng.choice([-1.0, 1.0], size=N) * t.rng.uniform(0.2, 2, size=N)
    signs = [[1.0 if d * value > 0 else -1.0 for value in row] for row, d in zip(x, dout)]
    compare_signs(t, x, dout, signs, sum(len(set(row)) == 1 for row in signs) / N)

@check("positive inputs: every example has one sign")
def _(t):
    signs_slowly(t, t.rng.uniform(0.1, 1, size=(6, 4)), 6)

@check("centred inputs")
def _(t):
    signs_slowly(t, t.rng.choice([-1.0, 1.0], size=(40, 3)) * t.rng.uniform(0.2, 2, size=(40, 3)), 40)

@check("negative inputs among positive ones")
def _(t):
    x = np.abs(t.rng.normal(size=(7, 5))) + 0.1
    x[2:5] *= -1
    x[6, 3] *= -1
    signs_slowly(t, x, 7)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def descend(inputs, learning_rate, steps):
    """The path of two weights, one example a step, and the share of steps in which both moved the same way."""
    path, signs = [np.zeros(2)], []
    for x in inputs[:steps]:
        dout = np.array([path[-1] @ x - (x[0] - x[1])])  # loss: half the squared difference
        signs.append(gradient_signs(x[None], dout)[1])
        path.append(path[-1] - learning_rate * dout * x)
    return np.array(path), np.mean(signs)

def zigzag(learning_rate=0.9, steps=60):
    inputs = np.random.default_rng(3).uniform(0, 1, size=(200, 2))
    fig, axes = figure(1, 2, width=9.6, height=4.2, sharex=True, sharey=True)
    for ax, x, name in zip(axes, (inputs, inputs - 0.5), ("positive inputs", "centred inputs")):
        path, together = descend(x, learning_rate, steps)
        ax.plot(*path.T, "-o", color=style.VALUE, markersize=3, linewidth=1)
        ax.plot(1, -1, "*", color=style.ERROR, markersize=14)
        left = np.linalg.norm(path[-1] - [1, -1])
        way = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
        said = f"{name}: {together:.0%} of steps with one sign\n{steps} steps, {way:.2f} long, end {left:.2f} away"
        ax.set_title(said, fontsize=10.5)
        ax.set(xlabel="first weight", ylabel="second weight", aspect="equal")
        fig.alt += f" {name}: {together:.0%} of the steps move both weights one way; the path is {way:.2f} long, the end {left:.2f} from the aim."
    return fig

sliders(zigzag, learning_rate=(0.1, 2.0, 0.1), steps=(5, 200))

# %% [markdown]
# ## Fault three: the exponential
#
# The third fault is the smallest: an exponential costs more than a comparison.
# In a wide layer the matrix product in front costs more than either.
#
# ## ReLU, and a leak
#
# The *rectified linear unit* (ReLU) passes what is positive and nothing else.
# For positive inputs its slope is 1: no saturation, however large they are, and no exponential.
# Networks with it often learn several times as fast.
# Its outputs are not zero-centred, and for negative inputs its slope is 0.
# The *leaky* ReLU replaces that 0 by a small slope:
#
# $$\text{relu}(x) = \max(0, x), \qquad \text{leaky}(x) = \begin{cases} x & x > 0 \\ \text{slope} \cdot x & x < 0 \end{cases}$$
#
# **Predict.** Inputs (−2, 3), upstream gradient (5, −7), slope 0.1. What do the two backward functions return?
#
# <details><summary>Answer</summary>
#
# ReLU (0, −7); leaky ReLU (0.5, −7). The sign of the upstream gradient plays no part.
#
# </details>
#
# **Predict.** How many times as long as your ReLU does your sigmoid take?
# Its slope can be had from the input, $e^{-x} / (1 + e^{-x})^2$, or from the output, $(1 - s)\,s$. How many times as fast is the second?
#
# <details><summary>Answer</summary>
#
# Both about ten times or more, on most machines: what costs is the exponential, and the second has none.
# That is why the cache holds the output.
#
# </details>

# %% nbgrader={"grade_id": "leaky_relu_forward", "solution": true}
def relu_forward(x):
    """max(0, x), entry by entry. x: any shape. Returns out, of the same shape, and a cache."""
    ### BEGIN SOLUTION
    return np.maximum(0, x), x
    ### END SOLUTION


def relu_backward(dout, cache):
    """Gradient of relu_forward. dout: shape of x. Returns dx, of the same shape; at exactly 0 any choice is right."""
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


def leaky_relu_forward(x, slope=0.01):
    """x where x is positive, slope * x where it is negative. x: any shape; slope: a number between 0 and 1.

    Returns out, of the shape of x, and a cache.
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, x, slope * x), (x, slope)
    ### END SOLUTION


def leaky_relu_backward(dout, cache):
    """Gradient of leaky_relu_forward. dout: shape of x. Returns dx, of the same shape; at exactly 0 any choice is right."""
    ### BEGIN SOLUTION
    x, slope = cache
    return dout * np.where(x > 0, 1, slope)
    ### END SOLUTION

# %% nbgrader={"grade_id": "leaky_relu_forward_check", "grade": true, "points": 10}
check = Check("leaky_relu_forward", points=10, hidden=4)

def compare_out(t, f, x, *slope, expected):
    result = t.call(f, x, *slope)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given={"x": x, "slope": slope[0] if slope else 0.01})

@check("ReLU of -2, 3, 0.5")
def _(t):
    compare_out(t, relu_forward, np.array([[-2.0, 3.0, 0.5]]), expected=[[0, 3, 0.5]])

@check("leaky ReLU of -2, 3, 0.5 with slopes 0.1 and 0.01")
def _(t):
    compare_out(t, leaky_relu_forward, np.array([[-2.0, 3.0, 0.5]]), 0.1, expected=[[-0.2, 3, 0.5]])
    compare_out(t, leaky_relu_forward, np.array([[-2.0, 3.0, 0.5]]), expected=[[-0.02, 3, 0.5]])

def away_from_zero(rng, shape):
    x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2, shape)
    if x.ndim > 1:
        x.flat[0] = 3.0 * x.size  # so that the mean lies far from 0
    return x

check.gradients(relu_forward, relu_backward, {"x": (5, 4)}, draw=away_from_zero, label="ReLU")
check.gradients(leaky_relu_forward, leaky_relu_backward, {"x": (5, 4)}, extra=(0.3,), draw=away_from_zero, label="leaky ReLU")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("any shape, any size")
def _(t):
    x = away_from_zero(t.rng, (3, 2, 4)) * 10.0 ** t.rng.integers(-6, 4, size=(3, 2, 4))
    positive = (x > 0).astype(float)
    compare_out(t, relu_forward, x, expected=x * positive)
    compare_out(t, leaky_relu_forward, x, 0.25, expected=x * positive + 0.25 * x * (1 - positive))

check.gradients(relu_forward, relu_backward, {"x": (3, 2, 4)}, draw=away_from_zero, label="ReLU, three axes")
check.gradients(leaky_relu_forward, leaky_relu_backward, {"x": (3, 2, 4)}, extra=(0.05,), draw=away_from_zero, label="three axes")
check.gradients(leaky_relu_forward, leaky_relu_backward, {"x": (7,)}, draw=away_from_zero, label="the default slope")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# What your two functions cost, and where in the plane of its inputs one ReLU unit is open.
def race():
    """Time the sigmoid's two derivations, and what else a layer of 1000 units costs."""
    x, dout = np.random.default_rng(0).normal(size=(2, 300, 1000))
    _, cache = sigmoid_forward(x)

    def from_the_input():
        return dout * np.exp(-x) / (1 + np.exp(-x)) ** 2

    def seconds(f, *args):
        return min(repeat(lambda: f(*args), number=1, repeat=7))

    print("largest difference:", np.abs(from_the_input() - sigmoid_backward(dout, cache)).max())
    ratio = seconds(from_the_input) / seconds(sigmoid_backward, dout, cache)
    print(f"from the output it is {ratio:.1f} times as fast")
    relu = seconds(relu_forward, x)
    print(f"your ReLU: {1e3 * relu:.2f} ms; your sigmoid takes {seconds(sigmoid_forward, x) / relu:.0f} times as long,")
    print(f"the product with 1000 x 1000 weights {seconds(np.matmul, x, np.ones((1000, 1000))) / relu:.0f} times")


def half_space(bias=-1.0):
    """The half-space in which one ReLU unit is open, over a cloud of 150 examples."""
    fig, ax = figure(width=5.2, height=4.4)
    cloud, w = np.random.default_rng(5).normal(size=(150, 2)), np.array([1.0, 0.6])
    h, _ = relu_forward(cloud @ w + bias)
    grid = np.stack(np.meshgrid(np.linspace(-4, 4, 80), np.linspace(-4, 4, 80)), axis=-1)
    ax.contourf(grid[..., 0], grid[..., 1], grid @ w + bias, levels=[0, 99], colors=[style.FAINT])
    ax.plot(*cloud[h > 0].T, "o", color=style.VALUE, label="open")
    ax.plot(*cloud[h <= 0].T, "x", color=style.QUIET, label="closed")
    ax.set(xlabel="x1", ylabel="x2", aspect="equal", xlim=(-4, 4), ylim=(-4, 4))
    ax.set_title(f"bias {bias:.1f}: open for {np.sum(h > 0)} of 150 examples", fontsize=11)
    ax.legend(loc="lower left")
    fig.alt = f"A data cloud and a half-space in grey; the unit is open for {np.sum(h > 0)} of 150 examples."
    return fig

race()
sliders(half_space, bias=(-5.0, 3.0, 0.1))

# %% [markdown]
# ## Dead units
#
# A ReLU unit is open for the examples with $w \cdot x + b > 0$: a *half-space* of the inputs, grey in the picture.
# If no example lies in it, the unit is *dead*.
# It says 0 to all of them, and its gradient is 0 for all of them, so no step ever moves its weights again.
# It may start dead (an unlucky draw),
# or a step too long may throw its half-space off the data cloud.
# Hence two habits: a learning rate that is not too high,
# and a small positive bias at the start, such as 0.01, which opens half-spaces a little.
#
# $$\text{dead fraction} = \frac{\text{units that are 0 for every example}}{\text{all units}}$$
#
# **Predict.** A layer's outputs are half zeros. What is its dead fraction?
#
# <details><summary>Answer</summary>
#
# That cannot be told. Healthy units are often closed for half of the examples; a dead one is closed for *all*.
#
# </details>
#
# Then 100 hidden units learn the digits at six learning rates, as ReLU and again with a leak of 0.1.
# With the leak, a unit counts as dead if its input is negative for every digit.
#
# **Predict.** At which bias, roughly, does the unit of the picture die? Does a leak prevent that a step throws a half-space off the data?
#
# <details><summary>Answer</summary>
#
# Near −2.8 for this cloud. A leak does not prevent the throw: it lets gradients through afterwards,
# so that the half-space can come back. At a learning rate of 2 nearly all ReLU units are dead, and about a third with the leak.
#
# </details>

# %% nbgrader={"grade_id": "dead_fraction", "solution": true}
def dead_fraction(h):
    """The share, from 0 to 1, of a layer's ReLU units that are dead on a data set.

    h: (N, H), outputs of the ReLU: one row per example, one column per unit, nothing negative.
    A unit is dead if its output is 0 for every example. Returns a number.
    """
    ### BEGIN SOLUTION
    return np.mean(np.all(h == 0, axis=0))
    ### END SOLUTION

# %% nbgrader={"grade_id": "dead_fraction_check", "grade": true, "points": 8}
check = Check("dead_fraction", points=8, hidden=5)

@check("eight units on five examples: two are dead")
def _(t):
    h = np.array([[0.0, 0, 2, 0, 0.5, 1, 3, 1], [0, 0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 2, 0, 2, 0, 1], [0] * 8, [0, 0, 1, 4, 0, 0, 1, 2]])
    t.equal(t.call(dead_fraction, h), 0.25, "the dead fraction", given={"h": h})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def dead_slowly(t, N, H, dead):
    h = np.maximum(0, t.rng.normal(size=(N, H)))
    h[0] = np.abs(h[0]) + 0.1
    h[:, list(dead)] = 0
    h[N - 1] = 0
    t.equal(t.call(dead_fraction, h), len(dead) / H, "the dead fraction", given={"h": h})

@check("three of seven units")
def _(t):
    dead_slowly(t, 6, 7, (0, 3, 4))

@check("none, and many zeros all the same")
def _(t):
    dead_slowly(t, 5, 8, ())
    dead_slowly(t, 6, 5, (2,))

@check("all of them")
def _(t):
    t.equal(t.call(dead_fraction, np.zeros((4, 3))), 1.0, "the dead fraction", given={"h": np.zeros((4, 3))})

@check("a unit that never changes is alive, and so is one that is open for the first or the last example alone")
def _(t):
    h = np.array([[0.0, 2, 3, 0, 1, 0, 1], [0, 2, 0, 0, 4, 0, 1], [0, 2, 0, 0, 0, 0, 1], [0, 2, 0, 0, 1, 0, 1], [0, 2, 0, 1, 2, 0, 1]])
    t.equal(t.call(dead_fraction, h), 2 / 7, "the dead fraction", given={"h": h})

@check("tiny outputs are alive")
def _(t):
    h = np.zeros((6, 5))
    h[2, 1], h[4, 3] = 1e-9, 2.0
    t.equal(t.call(dead_fraction, h), 0.6, "the dead fraction", given={"h": h})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def train(forward, backward, learning_rate, steps=300, hidden=(50, 50), seed=0):
    """Learn the digits with these hidden layers. Returns the losses, and each hidden layer's output on all digits."""
    digits, rng, sizes = load_digits(), np.random.default_rng(seed), (64, *hidden, 10)
    X, y = digits.X_train.reshape(-1, 64), digits.y_train
    params = [[rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)] for m, n in zip(sizes[:-1], sizes[1:])]
    losses, outputs = [], [X]
    for _ in range(steps):
        rows, kept = rng.integers(len(y), size=64), []
        h = X[rows]
        for W, b in params[:-1]:
            out, cache = forward(h @ W + b)
            kept.append((h, cache))
            h = out
        kept.append((h, None))
        p = h @ params[-1][0] + params[-1][1]  # the scores, and two lines on their softmax
        p = np.exp(p - p.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(-np.mean(np.log(p[np.arange(64), y[rows]] + 1e-12)))
        d = (p - np.eye(10)[y[rows]]) / 64
        for i in reversed(range(len(params))):
            d = d if i == len(hidden) else backward(d, kept[i][1])
            dW, db, d = kept[i][0].T @ d, d.sum(axis=0), d @ params[i][0].T
            params[i] = [params[i][0] - learning_rate * dW, params[i][1] - learning_rate * db]
    for W, b in params[:-1]:
        outputs.append(forward(outputs[-1] @ W + b)[0])
    return losses, outputs[1:]


def how_units_die(rates=(0.1, 0.3, 0.6, 1.0, 1.5, 2.0)):
    """The dead fraction of 100 hidden units after 300 steps, with and without a leak, by learning rate."""
    fig, ax = figure(height=3.6)
    leaky = (lambda x: leaky_relu_forward(x, 0.1), leaky_relu_backward)
    for i, (name, layer) in enumerate({"ReLU": (relu_forward, relu_backward), "leak of 0.1": leaky}.items()):
        dead = [dead_fraction(np.maximum(0, train(*layer, rate, hidden=(100,))[1][0])) for rate in rates]
        ax.plot(rates, dead, style.MARKERS[i] + "-", color=style.category(i), label=name)
        fig.alt += f" {name}: " + ", ".join(f"{d:.0%} dead at {r}" for r, d in zip(rates, dead)) + "."
    ax.set(xlabel="learning rate", ylabel="dead fraction", xscale="log", ylim=(-0.03, 1.03))
    ax.set_xticks(rates, rates)
    ax.set_title("100 hidden units after 300 steps", loc="left")
    ax.legend()
    return fig

how_units_die()

# %% [markdown]
# ## PReLU: a slope that learns
#
# Why choose the leak by hand? The *parametric ReLU* (PReLU) has one slope $\alpha_j$ per unit and learns it:
#
# $$\text{out}_{nj} = \begin{cases} x_{nj} & x_{nj} > 0 \\ \alpha_j\, x_{nj} & x_{nj} < 0 \end{cases}$$
#
# So backward returns two gradients.
# The slope of unit $j$ was used by all examples in which the unit's input was negative,
# and by no other; what is used several times receives the sum over its uses.
#
# **Predict.** A unit meets inputs 3, −2, −1 with upstream gradients 1, 1, 10. What is the gradient of its slope?
#
# <details><summary>Answer</summary>
#
# $1 \cdot (-2) + 10 \cdot (-1) = -12$. The example with input 3 did not use the slope.
#
# </details>

# %% nbgrader={"grade_id": "prelu_forward", "solution": true}
def prelu_forward(x, alpha):
    """x where x is positive, alpha * x where it is negative, with one slope per unit.

    x: (N, D); alpha: (D,), numbers of any sign and size. Returns out, of shape (N, D), and a cache.
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, x, alpha * x), (x, alpha)
    ### END SOLUTION


def prelu_backward(dout, cache):
    """Gradients of prelu_forward. dout: (N, D). Returns dx (N, D) and dalpha (D,), in this order.

    Sums over the batch, no means. At exactly 0 any choice is right.
    """
    ### BEGIN SOLUTION
    x, alpha = cache
    dx = dout * np.where(x > 0, 1, alpha)
    dalpha = np.sum(dout * np.minimum(0, x), axis=0)
    return dx, dalpha
    ### END SOLUTION

# %% nbgrader={"grade_id": "prelu_forward_check", "grade": true, "points": 12}
check = Check("prelu_forward", points=12, hidden=5)

def compare_out(t, x, alpha, expected):
    result = t.call(prelu_forward, x, alpha)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given={"x": x, "alpha": alpha})

@check("slopes 0.5, -1 and 3")
def _(t):
    x, alpha = np.array([[-2.0, -2, -2], [1, 1, 1], [-4, 3, -1], [2, -5, 6]]), np.array([0.5, -1, 3])
    compare_out(t, x, alpha, [[-1, 2, -6], [1, 1, 1], [-2, 3, -3], [2, 5, 6]])

def away_from_zero(rng, shape):
    x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2, shape)
    if x.ndim > 1:
        x.flat[0] = 3.0 * x.size  # so that the mean lies far from 0
    return x

check.gradients(prelu_forward, prelu_backward, {"x": (5, 3), "alpha": (3,)}, draw=away_from_zero)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("any slopes")
def _(t):
    x, alpha = away_from_zero(t.rng, (7, 4)), np.array([1.5, -0.3, 0.2, -2.0])
    compare_out(t, x, alpha, [[v if v > 0 else v * s for v, s in zip(row, alpha)] for row in x])

check.gradients(prelu_forward, prelu_backward, {"x": (4, 6), "alpha": (6,)}, draw=away_from_zero, label="more units than examples")
check.gradients(prelu_forward, prelu_backward, {"x": (7, 2), "alpha": (2,)}, draw=away_from_zero, label="more examples than units")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## ELU: bent, not broken
#
# The *exponential linear unit* (ELU) lets negative inputs through at first and saturates further down, at $-\alpha$:
#
# $$\text{elu}(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^{x} - 1) & x < 0 \end{cases}$$
#
# Outputs come closer to zero-centred than ReLU's,
# and for $\alpha = 1$ there is no crease at 0: the slope on the left is 1 there too.
# The price is an exponential, and saturation on one side.
#
# A trap again: `exp(x)` is infinite at $x = 1000$, in the half where nobody needs it, and 0 times infinity is not a number.
#
# **Predict.** With $\alpha = 2$, what is the slope immediately left of 0, and far to the left?
#
# <details><summary>Answer</summary>
#
# 2, and nearly 0. A crease remains unless $\alpha = 1$.
#
# </details>

# %% nbgrader={"grade_id": "elu_forward", "solution": true}
def elu_forward(x, alpha=1.0):
    """x where x is positive, alpha * (exp(x) - 1) where it is negative. x: any shape; alpha: a positive number.

    Returns out, of the shape of x, and a cache. Inputs of 1000 and -1000 must give finite numbers.
    """
    ### BEGIN SOLUTION
    out = np.where(x > 0, x, alpha * np.expm1(np.minimum(0, x)))
    return out, (x, alpha)
    ### END SOLUTION


def elu_backward(dout, cache):
    """Gradient of elu_forward. dout: shape of x. Returns dx, of the same shape; finite for inputs of 1000."""
    ### BEGIN SOLUTION
    x, alpha = cache
    return dout * np.where(x > 0, 1, alpha * np.exp(np.minimum(0, x)))
    ### END SOLUTION

# %% nbgrader={"grade_id": "elu_forward_check", "grade": true, "points": 8}
check = Check("elu_forward", points=8, hidden=5)

def compare_out(t, x, alpha, expected):
    result = t.call(elu_forward, x, alpha)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    finite = result[0] is None or bool(np.all(np.isfinite(np.asarray(result[0], dtype=float))))
    t.true(finite, "Not finite for an input of 1000: 0 times infinity? Choose between the halves, or keep exp from large inputs.", "overflow")
    t.equal(result[0], expected, "out", given={"x": x, "alpha": alpha})

@check("-1, 2 and -3 with alpha 1 and 0.5")
def _(t):
    x = np.array([[-1.0], [2.0], [-3.0]])
    compare_out(t, x, 1.0, [[-0.6321205588285577], [2], [-0.950212931632136]])
    compare_out(t, x, 0.5, [[-0.31606027941427883], [2], [-0.475106465816068]])

def away_from_zero(rng, shape):
    x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2, shape)
    if x.ndim > 1:
        x.flat[0] = 3.0 * x.size  # so that the mean lies far from 0
    return x

check.gradients(elu_forward, elu_backward, {"x": (5, 4)}, extra=(0.7,), draw=away_from_zero)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("any shape, up to 1000")
def _(t):
    x = away_from_zero(t.rng, (4, 3, 2))
    slowly = [v if v > 0 else 1.6 * (np.exp(v) - 1) for v in x.ravel()]
    compare_out(t, x, 1.6, np.reshape(slowly, x.shape))
    compare_out(t, np.array([1000.0, -1000, 700, -0.5]), 1.6, [1000, -1.6, 700, 1.6 * (np.exp(-0.5) - 1)])

@check("backward up to 1000")
def _(t):
    x, dout = np.array([1000.0, -1000, 0.5, -0.5, 800]), t.rng.normal(size=5)
    _, cache = elu_forward(x, 1.5)
    dx = elu_backward(dout.copy(), cache)
    finite = dx is None or bool(np.all(np.isfinite(np.asarray(dx, dtype=float))))
    t.true(finite, "dx is not finite for an input of 1000: keep exp from inputs that do not need it.", "overflow")
    t.equal(dx, dout * [1, 0, 1, 1.5 * np.exp(-0.5), 1], "dx", given={"x": x, "alpha": 1.5, "dout": dout})

check.gradients(elu_forward, elu_backward, {"x": (3, 2, 4)}, extra=(1.6,), draw=away_from_zero, label="three axes")
check.gradients(elu_forward, elu_backward, {"x": (7,)}, draw=away_from_zero, label="the default alpha")
check.gradients(elu_forward, elu_backward, {"x": (6, 3)}, extra=(0.2,), draw=away_from_zero, label="a small alpha")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Maxout: the largest of several
#
# ReLU takes the larger of $x$ and 0; leaky ReLU, of $x$ and slope $\cdot x$.
# *Maxout* takes the largest of $K$ affine pieces and learns them all:
#
# $$\text{out}_{nj} = \max_{k}\; (x_n \cdot w_{k,\cdot j} + b_{kj})$$
#
# With a piece of zeros it *is* ReLU, and no unit of free pieces is closed to every input: one piece always wins.
# It neither saturates nor dies, and two pieces double the parameters.
# Backward it is a router: the gradient goes to the winning piece,
# and from there on as in an affine layer.
#
# **Predict.** $x = 2$, one unit, pieces $w = (3, -1)$, $b = (0, 5)$, upstream gradient 1. What is the gradient of each weight?
#
# <details><summary>Answer</summary>
#
# The pieces say 6 and 3. The first wins: (2, 0).
#
# </details>

# %% nbgrader={"grade_id": "maxout_forward", "solution": true}
def maxout_forward(x, w, b):
    """The largest of K affine pieces, for each example and unit.

    x: (N, D); w: (K, D, M); b: (K, M): K pieces of D inputs and M units each.
    Returns out, of shape (N, M), and a cache.
    """
    ### BEGIN SOLUTION
    pieces = x @ w + b[:, None, :]  # (K, N, M)
    return pieces.max(axis=0), (x, w, pieces.argmax(axis=0))
    ### END SOLUTION


def maxout_backward(dout, cache):
    """Gradients of maxout_forward. dout: (N, M). Returns dx (N, D), dw (K, D, M), db (K, M), in this order.

    Sums over the batch, no means. Where two pieces are equal any choice is right.
    """
    ### BEGIN SOLUTION
    x, w, winner = cache
    dpieces = dout * (np.arange(len(w))[:, None, None] == winner)  # (K, N, M)
    dx = np.sum(dpieces @ w.transpose(0, 2, 1), axis=0)
    dw = x.T @ dpieces
    db = dpieces.sum(axis=1)
    return dx, dw, db
    ### END SOLUTION

# %% nbgrader={"grade_id": "maxout_forward_check", "grade": true, "points": 12}
check = Check("maxout_forward", points=12, hidden=8)

def compare_out(t, x, w, b, expected):
    result = t.call(maxout_forward, x, w, b)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given={"x": x, "w": w, "b": b})

@check("pieces 3 x and 5 - x at 2, 1, 0 and -1")
def _(t):
    x, w, b = np.array([[2.0], [1], [0], [-1]]), np.array([[[3.0]], [[-1.0]]]), np.array([[0.0], [5.0]])
    compare_out(t, x, w, b, [[6], [4], [5], [6]])

check.gradients(maxout_forward, maxout_backward, {"x": (6, 4), "w": (2, 4, 5), "b": (2, 5)})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def slowly(t, N, D, K, M):
    x, w, b = t.rng.normal(size=(N, D)), t.rng.normal(size=(K, D, M)), t.rng.normal(size=(K, M))
    units = [[max(sum(row * w[k, :, j]) + b[k, j] for k in range(K)) for j in range(M)] for row in x]
    compare_out(t, x, w, b, units)

@check("three pieces")
def _(t):
    slowly(t, 5, 4, 3, 2)

@check("one piece is an affine layer")
def _(t):
    slowly(t, 4, 3, 1, 5)

check.gradients(maxout_forward, maxout_backward, {"x": (5, 3), "w": (3, 3, 4), "b": (3, 4)}, label="three pieces")
check.gradients(maxout_forward, maxout_backward, {"x": (7, 2), "w": (4, 2, 3), "b": (4, 3)}, label="four pieces")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## SiLU and GELU: today's additions
#
# Large language models mostly use a smooth cousin of ReLU that multiplies the input by a soft gate:
#
# $$\text{silu}(x) = x\,\sigma(x), \qquad \text{gelu}(x) = \tfrac12\, x\,\big(1 + \tanh(u)\big), \quad u = \sqrt{2/\pi}\,(x + 0.044715\, x^3)$$
#
# (The GELU is defined with the normal distribution's $\Phi$ as $x\,\Phi(x)$; this formula stays within 0.0005 of it.)
# Both are products in which $x$ appears twice, so their slope has two terms.
# A little left of 0 both fall *below* 0 and rise again.
#
# **Predict.** What is the slope of either at 0?
#
# <details><summary>Answer</summary>
#
# ½: the gate is half open, and the second term has a factor $x = 0$.
#
# </details>
#
# The figure after the check shows all nine with their slopes.
# Its slider is the slope of leaky ReLU and the $\alpha$ of PReLU and ELU, and it tilts the second piece of maxout.
#
# **Predict.** With the slider at 0.3, for which of the nine is the slope at −3 within 0.05 of 0?
#
# <details><summary>Answer</summary>
#
# Sigmoid, tanh, ReLU, ELU, and GELU (−0.01).
# SiLU is at −0.09 there. What keeps a slope on both sides keeps its gradients.
#
# </details>

# %% nbgrader={"grade_id": "silu_forward", "solution": true}
def silu_forward(x):
    """x * sigmoid(x), entry by entry. x: any shape. Returns out, of the same shape, and a cache."""
    ### BEGIN SOLUTION
    s, _ = sigmoid_forward(x)
    return x * s, (x, s)
    ### END SOLUTION


def silu_backward(dout, cache):
    """Gradient of silu_forward. dout: shape of x. Returns dx, of the same shape."""
    ### BEGIN SOLUTION
    x, s = cache
    return dout * (s + x * s * (1 - s))
    ### END SOLUTION


def gelu_forward(x):
    """x / 2 * (1 + tanh(u)) with u = sqrt(2 / pi) * (x + 0.044715 x**3). x: any shape. Returns out and a cache."""
    ### BEGIN SOLUTION
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    return 0.5 * x * (1 + t), (x, t)
    ### END SOLUTION


def gelu_backward(dout, cache):
    """Gradient of gelu_forward. dout: shape of x. Returns dx, of the same shape."""
    ### BEGIN SOLUTION
    x, t = cache
    du = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * du)
    ### END SOLUTION

# %% nbgrader={"grade_id": "silu_forward_check", "grade": true, "points": 8}
check = Check("silu_forward", points=8, hidden=4)

def compare_out(t, f, x, expected):
    result = t.call(f, x)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given={"x": x})

@check("SiLU of 1, -1 and 2")
def _(t):
    compare_out(t, silu_forward, np.array([[1.0, -1, 2]]), [[0.7310585786300049, -0.2689414213699951, 1.7615941559557646]])

@check("GELU of 1, -1 and 2")
def _(t):
    compare_out(t, gelu_forward, np.array([[1.0, -1, 2]]), [[0.8411919906082768, -0.15880800939172324, 1.954597694087775]])

check.gradients(silu_forward, silu_backward, {"x": (5, 4)}, label="SiLU")
check.gradients(gelu_forward, gelu_backward, {"x": (5, 4)}, label="GELU")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("any shape")
def _(t):
    x = 2 * t.rng.normal(size=(4, 3, 2))
    compare_out(t, silu_forward, x, x / (1 + np.exp(-x)))

@check("GELU of any shape")
def _(t):
    x = 2 * t.rng.normal(size=(4, 3, 2))
    compare_out(t, gelu_forward, x, x / (1 + np.exp(-2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))

check.gradients(silu_forward, silu_backward, {"x": (3, 2, 4)}, label="SiLU, three axes")
check.gradients(gelu_forward, gelu_backward, {"x": (3, 2, 4)}, label="GELU, three axes")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def activations(p=0.1):
    """Name to (forward, backward) of x alone, with the parameter put in."""
    def one_unit(x):
        return maxout_forward(x[:, None], np.array([[[1.0]], [[p]]]), np.zeros((2, 1)))

    return {
        "sigmoid": (sigmoid_forward, sigmoid_backward),
        "tanh": (tanh_forward, tanh_backward),
        "ReLU": (relu_forward, relu_backward),
        "leaky ReLU": (lambda x: leaky_relu_forward(x, p), leaky_relu_backward),
        "PReLU": (lambda x: prelu_forward(x, np.full(x.shape[-1], p)), lambda d, c: prelu_backward(d, c)[0]),
        "ELU": (lambda x: elu_forward(x, p), elu_backward),
        "maxout": (one_unit, lambda d, c: maxout_backward(d, c)[0]),
        "SiLU": (silu_forward, silu_backward),
        "GELU": (gelu_forward, gelu_backward),
    }

def explore(parameter=0.3):
    fig, axes = figure(3, 3, width=10, height=7.5, sharex=True, sharey=True)
    x = np.linspace(-4, 4, 401) + 1e-9  # beside the creases
    for ax, (name, (forward, backward)) in zip(axes.flat, activations(parameter).items()):
        out, cache = forward(x)
        ax.plot(x, backward(np.ones(out.shape), cache).ravel(), "--", color=style.GRADIENT, label="slope")
        ax.plot(x, np.ravel(out), color=style.VALUE, label="function")
        ax.set(title=name, ylim=(-1.6, 2.2))
    for ax in axes[-1]:
        ax.set_xlabel("x")
    axes[0, 0].legend(fontsize=9)
    fig.alt = f"Nine activations from -4 to 4, each with its slope; the parameter is {parameter}."
    return fig

sliders(explore, parameter=(-0.5, 1.5, 0.05))

# %% tags=["experiment"]
# Left, the gradient's norm on its way through ten layers of 100 units. Right, the losses of one network, 64-50-50-50-50-10:
# the same digits, first weights and learning rate, 300 steps; only the activation changes.
# Predict: which one stays at ln 10 = 2.30, the loss of a network that knows nothing?
def compare_all(learning_rate=0.1):
    """Norms through ten layers, and losses of a deep network, for every activation of one input."""
    rng, losses = np.random.default_rng(0), {}
    x, dout = rng.normal(size=(2, 200, 100))
    weights = [0.14 * rng.normal(size=(100, 100)) for _ in range(10)]
    fig, (left, right) = figure(1, 2, width=10, height=4.2)
    chosen = activations(0.1) | {"ELU": (elu_forward, elu_backward)}
    del chosen["maxout"], chosen["PReLU"]  # which have parameters of their own
    for i, (name, (forward, backward)) in enumerate(chosen.items()):
        norms = gradient_norms(forward, backward, x, weights, dout) / np.linalg.norm(dout)
        look = {"color": style.category(i), "linestyle": style.DASHES[i % 6]}
        left.plot(range(1, 11), norms, label=name, **look)
        losses[name], _ = train(forward, backward, learning_rate, hidden=(50,) * 4)
        right.plot(np.convolve(losses[name], np.ones(20) / 20, mode="valid"), **look)
        fig.alt += f" {name}: a share of {norms[0]:.2g} of the gradient reaches layer 1; loss {losses[name][-1]:.2f}."
    left.set(xlabel="input of layer", ylabel="share of the gradient", yscale="log")
    right.set(xlabel="step", ylabel="loss, mean of 20")
    left.set_title("Gradient through ten layers", loc="left")
    right.set_title("Four hidden layers read digits", loc="left")
    left.legend(fontsize=9)
    return fig

compare_all()

# %% [markdown]
# ## Which one, then?
#
# <details><summary>Which one stays at ln 10?</summary>
#
# The sigmoid: four layers of slopes take the gradient to at most a 256th part, and the first layers hardly move.
# The others all learn. ELU and tanh are the quickest at first:
# their outputs lie around 0, and with first weights of this size hardly any unit is saturated.
# One small race proves little: with larger weights tanh saturates and its slopes fade, and ReLU's do not.
#
# </details>
#
# Start with ReLU, and watch the learning rate and the dead fraction.
# Then try leaky ReLU, PReLU, ELU or maxout, and in networks of today's kind SiLU or GELU.
# Try tanh, and expect less. Do not put a sigmoid between layers.
# At the end of a network, where a probability is asked for, it has its place.
#
# ## Reflection
#
# A friend's network has eight hidden layers of ReLU and a learning rate of 3.
# After a hundred steps the loss stands at ln 10 and never moves again.
# "ReLU does not saturate," says your friend, "so the gradient cannot have vanished. It must be the data."
#
# What has probably happened, and *why* does it not heal with more steps?
# Follow one unit of an early layer: what its gradient looked like before the long step, and after.
# Then say what you would measure, and for two remedies what each of them changes in that gradient. Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** The units are dead.
# A step with learning rate 3 was so long that weights and biases moved far, and now w · x + b is negative for every example.
# Then the output is 0 and the slope is 0 for all of them, so the weights get no gradient and stay as they are, for ever.
# ReLU does not saturate for positive inputs, but on the negative side its slope is exactly 0.
# I would measure the dead fraction of each layer. A smaller learning rate prevents it; a leaky ReLU keeps a small gradient.
#
# **A strong answer.** The friend's sentence holds for the positive side only.
# Before the step, the unit's weight gradient was a sum over the examples in its half-space, each the upstream gradient times its input.
# Three times that sum moved the half-space off the data: w · x + b < 0 for all N examples.
# Now every term has the factor 0, so the sum is exactly 0, and the next step is 0 as well.
# Nothing in the unit's own parameters can change; it could come back only if an earlier layer changed its inputs.
# If one whole layer is dead, no gradient passes it, so the layers before it stand still too, and what is left to learn is the last bias:
# the network says the same for every example, and the loss of that is about ln 10.
# I would print the dead fraction by layer after every ten steps, and the gradient's norm by layer: exact zeros, not small numbers.
# Remedy one, a learning rate of 0.1: the same gradient, a shorter step, so most half-spaces keep some data.
# Remedy two, a leak: the factor 0 becomes 0.01, so a unit off the data still receives a hundredth of its gradient and can return.
# A positive first bias helps only at the start: a step of that length would undo it at once.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: names dead units, and limits "does not saturate" to positive inputs.
# - 1: explains that the gradient is exactly 0 for *every* example, hence permanent.
# - 1: names a measurement by layer: dead fraction, or gradient norm.
# - 1: two remedies, each with what it changes in the gradient or the step.
# - "The gradient vanishes" without a mechanism earns nothing.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **wrote** nine activations with their gradients, and they survive inputs of 1000.
# - You **measured** what each does to a gradient: how much of it is left after ten layers, which signs it can have, how many units a long step silences.
# - You **chose**: ReLU first, its relatives next, no sigmoid between layers, and you can say why.
#
# **Roads not taken.** The scale of first weights decides how much saturates at the start (06).
# Normalising what enters an activation keeps it away from its flat parts (07).
# Connections that skip layers let gradients pass around activations altogether.
#
# **To read on.** [Deep sparse rectifier neural networks](https://proceedings.mlr.press/v15/glorot11a.html) (Glorot, Bordes, Bengio),
# which made ReLU known; [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852) (He and others), where PReLU comes from;
# [Gaussian error linear units](https://arxiv.org/abs/1606.08415) (Hendrycks and Gimpel).
#
# **One more, if you like.** Every piece of a maxout unit is a straight line, and the largest of several lines is a *convex* function.
# Fit $x^2$ on (−1, 1) with a single unit of $K$ pieces and gradient descent, using `maxout_backward`.
# How does the largest error fall as $K$ doubles?
# Then show that the difference of two such units can follow $\sin(4x)$ as well.
