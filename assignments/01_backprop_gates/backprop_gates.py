# %% [markdown]
# # Gates on a graph: how a machine differentiates
#
# A neural network is one long expression with a million numbers in it.
# Training asks of each of them which way the result moves when that number moves a little.
# Nobody works out a million derivatives on paper.
#
# **How can a machine differentiate any expression, however complicated?**
#
# The answer fits into about forty lines, and you write them here.
#
# You will
#
# 1. **write** small gates that each know one derivative and nothing else,
# 2. **measure** every gradient, so that you need not believe any formula,
# 3. **build** a graph that differentiates whatever you assemble from the gates.
#
# ## One expression, drawn
#
# You compute $f = (x + y)\,z$ in two steps: first $q = x + y$, then $f = q\,z$.
# Draw each step as a circle and each number as a line, and you have a *computational graph*.
# With at most two inputs to a circle, a handful of different circles draws any expression.
#
# The **forward** pass runs from left to right and puts a value on every line, blue, above it.
# The **backward** pass runs from right to left and puts a *gradient* on every line, orange, below it:
# by how much $f$ changes, per unit of change in that value.
#
# Run the next two cells, then move a slider: which of the orange numbers change, and which stay?

# %% nbgrader={"grade_id": "setup", "locked": true}
from timeit import repeat

import numpy as np

from autograder import Check, Mistake, as_layer, hint
from utils import draw_graph, figure, sliders, style

# %% tags=["experiment"]
def first_picture(x=-2.0, y=5.0, z=-4.0):
    """Run (x + y) z forward and backward, and draw what is found."""
    q = x + y  # forward, from left to right
    f = q * z

    df = 1.0  # backward, from right to left: f changes by 1 per unit of f
    dq = df * z  # f = q z changes by z per unit of q
    dz = df * q  # and by q per unit of z
    dx = dq * 1.0  # q = x + y changes by 1 per unit of x
    dy = dq * 1.0

    return draw_graph(
        [("q", "+", ["x", "y"]), ("f", "×", ["q", "z"])],
        values={"x": x, "y": y, "z": z, "q": q, "f": f},
        gradients={"x": dx, "y": dy, "z": dz, "q": dq, "f": df},
    )

sliders(first_picture, x=(-6.0, 6.0), y=(-6.0, 6.0), z=(-6.0, 6.0))

# %% [markdown]
# ## By hand, once
#
# Read the orange numbers from right to left.
# At every circle two numbers meet:
# the *upstream gradient* arrives from the right and says how $f$ reacts to this circle's output;
# the *local gradient* says how that output reacts to one of the inputs.
# Their product, the *downstream gradient*, travels on to the left:
#
# $$\text{downstream} = \text{upstream} \times \text{local}.$$
#
# | at | input | upstream | local | downstream |
# |---|---|---|---|---|
# | *f = q z* | *q* | 1 | *z* = −4 | **−4** |
# | *f = q z* | *z* | 1 | *q* = 3 | **3** |
# | *q = x + y* | *x* | −4 | 1 | **−4** |
# | *q = x + y* | *y* | −4 | 1 | **−4** |
#
# That is the chain rule, applied node by node:
# a circle needs its own inputs and one number from the right, never the whole expression.
#
# **Predict.** Raise $x$ from −2 to −1.999 and leave $y$ and $z$ alone. What is $f$ now?
#
# <details><summary>Answer</summary>
#
# The gradient of $x$ is −4, so $f$ moves by −4 × 0.001, from −12 to −12.004.
# Work it out directly as well: (−1.999 + 5) × (−4) = −12.004.
# </details>
#
# ## Warm-up: write, check, mend
#
# You write, you run the check, you read what it found, you mend, you run it again.
# Try it where nothing is graded:
# the function below should return what a node with one input sends to the left, and is wrong.
# Run the cell, read the diagnosis, change one sign, run it again.
#
# In the graded cells you replace the line `raise NotImplementedError(...)`.
# If you are stuck, run `hint("AddGate")`, or any other exercise's name, in a cell of your own:
# first comes a question, then a formula, then a table.
# Some checks stay hidden until your notebook is graded.
# They ask for nothing that the text does not say, only for other numbers.

# %% tags=["experiment"]
def downstream(upstream, local):
    """Return the downstream gradient of a node with one input."""
    return upstream + local


check = Check("downstream", points=0)

@check("upstream -4, local 3")
def _(t):
    t.equal(
        t.call(downstream, -4.0, 3.0), -12.0, "the downstream gradient", given={"upstream": -4.0, "local": 3.0}
    )

check.score()

# %% nbgrader={"grade_id": "gates_to_read", "locked": true}
# Two complete gates, for you to read. A gate is a node that you can run; it works on single numbers.
# forward takes the inputs, returns the output, and keeps on self whatever backward will need (here nothing).
# backward takes the upstream gradient and returns the gradient of each input.
class NegateGate:
    """out = -x."""

    symbol = "×(−1)"  # what draw_graph writes into the circle

    def forward(self, x):
        """Return the output."""
        return -x

    def backward(self, upstream):
        """Return dx: upstream gradient times local gradient."""
        return upstream * -1.0


class PlusOneGate:
    """out = x + 1."""

    symbol = "+1"

    def forward(self, x):
        """Return the output."""
        return x + 1.0

    def backward(self, upstream):
        """Return dx."""
        return upstream * 1.0

# %% [markdown]
# ## The add gate
#
# You have read two *gates*, each with a `forward` and a `backward`. Now you write one, with two inputs.
#
# Nudge $x$ by a small $h$, and $q = x + y$ moves by $h$ as well.
# Nudge $y$: the same.
# It does not matter how large $x$ and $y$ are, so both local gradients are one:
#
# $$\frac{\partial q}{\partial x} = 1, \qquad \frac{\partial q}{\partial y} = 1.$$
#
# **Predict.** An add gate ran on $x = 1000$ and $y = 0.001$. Its upstream gradient is 3.
# Which input gets the larger gradient?
#
# <details><summary>Answer</summary>
#
# Neither: both get 3.
# An add gate is a **distributor**.
# It hands the upstream gradient, whole and unchanged, to each of its inputs, and never looks at their values.
# It does not share it out either: nothing is halved.
# </details>

# %% nbgrader={"grade_id": "AddGate", "solution": true}
class AddGate:
    """out = x + y."""

    def forward(self, x, y):
        """Return the sum of two numbers."""
        ### BEGIN SOLUTION
        return x + y
        ### END SOLUTION

    def backward(self, upstream):
        """Return the pair (dx, dy): the gradients of forward's inputs, in their order."""
        ### BEGIN SOLUTION
        return upstream, upstream
        ### END SOLUTION

# %% nbgrader={"grade_id": "AddGate_check", "grade": true, "points": 6}
check = Check("AddGate", points=6, hidden=4)

@check("-2 + 5 is 3")
def _(t):
    t.equal(AddGate().forward(-2.0, 5.0), 3.0, "out", given={"x": -2.0, "y": 5.0})

check.gradients(*as_layer(AddGate), {"x": np.array(-2.0), "y": np.array(5.0)}, label="at (-2, 5)")

### BEGIN HIDDEN TESTS
check.hidden_tests()
many = as_layer(AddGate, each=True)

@check("adds other numbers")
def _(t):
    x, y = t.rng.normal(size=(2, 5)) * 10
    out, _ = many[0](x, y)
    t.equal(out, x + y, "out", given={"x": x, "y": y})

check.gradients(*many, {"x": (5,), "y": (5,)}, label="five gates side by side")

@check("one gate runs a second time, on other numbers")
def _(t):
    gate = AddGate()
    gate.forward(3.0, -4.0)
    gate.backward(4.0)
    t.equal(gate.forward(2.0, 5.0), 7.0, "out", given={"x": 2.0, "y": 5.0})
    again = Mistake("kept_from_the_first_run", lambda case: [2.5, 2.5], "The gradients of an earlier backward are in these. Each backward begins afresh.")
    shared = Mistake("shared_out", lambda case: [-0.75, -0.75], "You divided the upstream gradient between the inputs.")
    t.equal(gate.backward(-1.5), [-1.5, -1.5], "(dx, dy)", mistakes=[again, shared])
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The multiply gate
#
# Let $p = x\,y$ and nudge $x$ by $h$: the product becomes $(x + h)\,y$, which is $h\,y$ more than before.
# So a nudge of one factor is scaled by the *other* factor:
#
# $$\frac{\partial p}{\partial x} = y, \qquad \frac{\partial p}{\partial y} = x.$$
#
# When `backward` runs, `forward` is long over.
# What must this gate keep for it?
#
# **Predict.** $x = 3$, $y = -4$, and the upstream gradient is 2.
# Which input gets the gradient that is larger in size?
#
# <details><summary>Answer</summary>
#
# The one that is smaller in size: $x = 3$ gets 2 × (−4) = −8, and $y = -4$ gets 2 × 3 = 6.
# A multiply gate **swaps and scales**: each input's gradient is the upstream gradient times the other input.
# </details>

# %% nbgrader={"grade_id": "MultiplyGate", "solution": true}
class MultiplyGate:
    """out = x * y."""

    def forward(self, x, y):
        """Return the product of two numbers; keep what backward needs."""
        ### BEGIN SOLUTION
        self.x, self.y = x, y
        return x * y
        ### END SOLUTION

    def backward(self, upstream):
        """Return the pair (dx, dy)."""
        ### BEGIN SOLUTION
        return upstream * self.y, upstream * self.x
        ### END SOLUTION

# %% nbgrader={"grade_id": "MultiplyGate_check", "grade": true, "points": 10}
check = Check("MultiplyGate", points=10, hidden=6)

@check("3 times -4 is -12")
def _(t):
    t.equal(MultiplyGate().forward(3.0, -4.0), -12.0, "out", given={"x": 3.0, "y": -4.0})

check.gradients(*as_layer(MultiplyGate), {"x": np.array(3.0), "y": np.array(-4.0)}, label="at (3, -4)")

### BEGIN HIDDEN TESTS
check.hidden_tests()
many = as_layer(MultiplyGate, each=True)

@check("multiplies other numbers")
def _(t):
    x, y = t.rng.normal(size=(2, 5)) * 3
    out, _ = many[0](x, y)
    t.equal(out, x * y, "out", given={"x": x, "y": y})

check.gradients(*many, {"x": (5,), "y": (5,)}, label="five gates side by side")
zeros = {"x": np.array([0.0, 1.5, -2.5, 0.4]), "y": np.array([2.0, 0.0, -0.3, 7.0])}
check.gradients(*many, zeros, label="where a factor is 0")

@check("one gate runs a second time, on other numbers")
def _(t):
    gate = MultiplyGate()
    gate.forward(3.0, -4.0)
    t.equal(gate.forward(2.0, 5.0), 10.0, "out", given={"x": 2.0, "y": 5.0})
    again = Mistake("kept_from_the_first_run", lambda case: [6.0, -4.5], "backward still knows the numbers of an earlier forward. Each forward replaces what is kept.")
    t.equal(gate.backward(-1.5), [-7.5, -3.0], "(dx, dy)", mistakes=[again])
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The max gate
#
# $m = \max(x, y)$ is one of its inputs, and the other one has no say.
# Nudge the larger input and $m$ follows it.
# Nudge the smaller one and nothing happens at all:
#
# $$\frac{\partial m}{\partial x} = \begin{cases} 1 & x > y \\ 0 & x < y \end{cases}
# \qquad
# \frac{\partial m}{\partial y} = \begin{cases} 0 & x > y \\ 1 & x < y. \end{cases}$$
#
# At a tie, $x = y$, the function has a *kink* and no derivative.
# Either input may receive the upstream gradient there, or each a half; the checks stay away from ties.
# Sending it whole to both would count one nudge twice.
#
# **Predict.** $x = -5$, $y = 2$, and the upstream gradient is −3. What are the two gradients?
#
# <details><summary>Answer</summary>
#
# 0 for $x$ and −3 for $y$.
# A max gate is a **router**: all of the upstream gradient goes to the larger input.
# Larger means further right on the number line, not larger in size.
# </details>

# %% nbgrader={"grade_id": "MaxGate", "solution": true}
class MaxGate:
    """out = the larger of x and y."""

    def forward(self, x, y):
        """Return the larger of two numbers; keep what backward needs."""
        ### BEGIN SOLUTION
        self.x_is_larger = x > y
        return x if self.x_is_larger else y
        ### END SOLUTION

    def backward(self, upstream):
        """Return the pair (dx, dy). At a tie, any split of the upstream gradient is right."""
        ### BEGIN SOLUTION
        return (upstream, 0.0) if self.x_is_larger else (0.0, upstream)
        ### END SOLUTION

# %% nbgrader={"grade_id": "MaxGate_check", "grade": true, "points": 10}
check = Check("MaxGate", points=10, hidden=3)
many = as_layer(MaxGate, each=True)  # a forward and a backward with one gate for each pair of numbers
pairs = {"x": np.array([4.0, -5.0, 1.0]), "y": np.array([1.0, 2.0, 3.0])}

@check("the larger of 4 and 1 is 4, of -5 and 2 it is 2, of 1 and 3 it is 3")
def _(t):
    out, _ = many[0](pairs["x"], pairs["y"])
    t.equal(out, [4.0, 2.0, 3.0], "out", given=pairs)

check.gradients(*many, pairs, label="for the pairs (4, 1), (-5, 2) and (1, 3)")

### BEGIN HIDDEN TESTS
check.hidden_tests()
apart = np.array([2.0, -1.5, 0.7, -4.0, 3.0])

@check("finds the larger of other pairs")
def _(t):
    x = t.rng.normal(size=5) - 1.0
    out, _ = many[0](x, x + apart)
    t.equal(out, np.where(apart > 0, x + apart, x), "out", given={"x": x, "y": x + apart})

below_zero = {"x": np.array([-0.2, -3.0, 0.4, -0.3, -2.0]), "y": np.array([-1.2, -5.0, -0.9, -4.3, 1.0])}
check.gradients(*many, below_zero, label="for pairs below zero")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def three_patterns(x=3.0, y=-4.0, z=2.0, w=-1.0):
    """Your three gates at work on f = x y + max(z, w)."""
    product, larger, total = MultiplyGate(), MaxGate(), AddGate()
    a = product.forward(x, y)
    b = larger.forward(z, w)
    f = total.forward(a, b)

    da, db = total.backward(1.0)
    dz, dw = larger.backward(db)
    dx, dy = product.backward(da)

    return draw_graph(
        [("a", product, ["x", "y"]), ("b", larger, ["z", "w"]), ("f", total, ["a", "b"])],
        values={"x": x, "y": y, "z": z, "w": w, "a": a, "b": b, "f": f},
        gradients={"x": dx, "y": dy, "z": dz, "w": dw, "a": da, "b": db, "f": 1.0},
    )

sliders(three_patterns, x=(-6.0, 6.0), y=(-6.0, 6.0), z=(-6.0, 6.0), w=(-6.0, 6.0))

# %% [markdown]
# Follow the upstream gradient 1 from the right.
# The add gate distributes it, the multiply gate swaps and scales, the max gate routes.
# Once you see these three patterns, you read large graphs without computing anything.
#
# ## Measure instead of believing
#
# How do you know that a gradient is right?
# Nudge one input both ways and watch the result.
# This is the *central difference*:
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h\,e_i) - f(x - h\,e_i)}{2h},$$
#
# where $e_i$ is 1 at entry $i$ and 0 elsewhere.
# A gradient measured this way is called *numeric*, one from a formula *analytic*.
# The numeric one needs no calculus, only two evaluations of $f$ for every entry of $x$.
#
# **Predict.** Measure the slope of $f(x) = x^2$ at $x = 3$ with $h = 0.1$:
# once by the central difference, once by the one-sided $(f(x + h) - f(x)) / h$. The true slope is 6.
#
# <details><summary>Answer</summary>
#
# One-sided: (9.61 − 9) / 0.1 = 6.1, wrong by $h$.
# Central: (9.61 − 8.41) / 0.2 = 6, exact, since the curvature cancels.
# For other functions the central difference is wrong by a multiple of $h^2$, the one-sided one by a multiple of $h$.
# </details>

# %% nbgrader={"grade_id": "eval_numerical_gradient", "solution": true}
def eval_numerical_gradient(f, x, h=1e-5):
    """Measure the gradient of f at x by central differences, one entry of x at a time.

    Parameters
    ----------
    f : function that takes an array shaped like x and returns one number
    x : array of any shape, of floats or of integers; it is the same afterwards
    h : step, added to and subtracted from one entry while all the others stay as they are

    Returns
    -------
    array of floats, shaped like x
    """
    ### BEGIN SOLUTION
    x = np.array(x, dtype=float)  # a copy, and of floats: an integer array would round the nudge away
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        below = f(x)
        x[i] = kept
        gradient[i] = (above - below) / (2 * h)
    return gradient
    ### END SOLUTION

# %% nbgrader={"grade_id": "eval_numerical_gradient_check", "grade": true, "points": 14}
check = Check("eval_numerical_gradient", points=14, hidden=3)

@check("(x + y) z at (-2, 5, -4) has gradient (-4, -4, 3)")
def _(t):
    f, x = lambda v: (v[0] + v[1]) * v[2], np.array([-2.0, 5.0, -4.0])
    gradient = t.call(eval_numerical_gradient, f, x)
    t.equal(gradient, [-4.0, -4.0, 3.0], "gradient", given={"f": f, "x": x, "h": 1e-5})

@check("takes the central difference with the step it is given")
def _(t):
    # Of x cubed, a central difference measures 3 x^2 + h^2: a long step shows which difference you took.
    f, x = lambda v: np.sum(v**3), np.array([1.0, -2.0])
    gradient = t.call(eval_numerical_gradient, f, x, 0.5)
    t.equal(gradient, [3.25, 12.25], "gradient", given={"f": f, "x": x, "h": 0.5})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("works on an array of two axes")
def _(t):
    a, x = t.rng.normal(size=(2, 3)), t.rng.normal(size=(2, 3))
    f = lambda v: np.sum(a * v) ** 2
    gradient = t.call(eval_numerical_gradient, f, x)
    t.equal(gradient, 2 * np.sum(a * x) * a, "gradient", given={"f": f, "x": x, "h": 1e-5})

@check("works on an array of integers")
def _(t):
    f, x = lambda v: 2.75 * v[0] * v[1] + 0.5 * v[2], np.array([3, -2, 4])
    gradient = t.call(eval_numerical_gradient, f, x)
    t.equal(gradient, [-5.5, 8.25, 0.5], "gradient", given={"f": f, "x": x, "h": 1e-5})

@check("takes another step at another place")
def _(t):
    x = np.array([0.5, 1.5, -1.0, 2.0])
    f = lambda v: np.sum(v**3) + v[0] * v[1]
    expected = 3 * x**2 + 0.2**2 + np.array([x[1], x[0], 0.0, 0.0])
    t.equal(t.call(eval_numerical_gradient, f, x, 0.2), expected, "gradient", given={"f": f, "x": x, "h": 0.2})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ### How close is close?
#
# Two gradients never agree to the last digit.
# An error of 0.001 is large when the gradient is 0.001 and small when it is a million, so compare *relative* to the size:
#
# $$\mathrm{rel\_error}(a, n) = \max_i \frac{|a_i - n_i|}{\max\left(10^{-8},\ |a_i| + |n_i|\right)}.$$
#
# The $10^{-8}$ keeps two zeros from becoming 0/0.
# As a rule, below $10^{-7}$ the analytic gradient is right, above $10^{-2}$ it is wrong,
# and between them you look closer.
#
# **Predict.** You forgot a minus: your analytic gradient is the exact opposite of the numeric one.
# What is their relative error? And if you forgot everything and returned 0?
#
# <details><summary>Answer</summary>
#
# Both are exactly 1, the largest value there is: $|a - n|$ is never more than $|a| + |n|$.
# </details>

# %% nbgrader={"grade_id": "rel_error", "solution": true}
def rel_error(a, n):
    """Return the largest relative error between two arrays of one shape (or two numbers): one number.

    Entry by entry, it is |a - n| over the larger of 1e-8 and |a| + |n|.
    """
    ### BEGIN SOLUTION
    return np.max(np.abs(a - n) / np.maximum(1e-8, np.abs(a) + np.abs(n)))
    ### END SOLUTION

# %% nbgrader={"grade_id": "rel_error_check", "grade": true, "points": 6}
check = Check("rel_error", points=6, hidden=3)

@check("of (2, -1, 4) and (3, -1, -1) is 1")
def _(t):
    a, n = np.array([2.0, -1.0, 4.0]), np.array([3.0, -1.0, -1.0])
    t.equal(t.call(rel_error, a, n), 1.0, "the relative error", given={"a": a, "n": n})

@check("of (0, 2, 0.5) and (0, 3, 0.4) is 0.2")
def _(t):
    a, n = np.array([0.0, 2.0, 0.5]), np.array([0.0, 3.0, 0.4])
    t.equal(t.call(rel_error, a, n), 0.2, "the relative error", given={"a": a, "n": n})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("takes the largest over two axes")
def _(t):
    a = t.rng.normal(size=(3, 4))
    n = a * (1 + 0.2 * t.rng.random(size=(3, 4)))
    n[1, 2] = 3 * a[1, 2]
    expected = max(abs(p - q) / (abs(p) + abs(q)) for p, q in zip(a.ravel(), n.ravel()))
    t.equal(t.call(rel_error, a, n), expected, "the relative error", given={"a": a, "n": n})

@check("divides by no less than 1e-8")
def _(t):
    a, n = np.array([3e-9, 2e-9]), np.array([1e-9, 1e-9])
    t.equal(t.call(rel_error, a, n), 0.2, "the relative error", given={"a": a, "n": n})

@check("compares two numbers")
def _(t):
    t.equal(t.call(rel_error, -1.5, -2.5), 0.25, "the relative error", given={"a": -1.5, "n": -2.5})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# One slope, measured with ever smaller steps. Before you run this: which step has the smallest error?
def error_by_step():
    """Draw how wrong the measured slope of exp at 1 is."""
    steps = np.logspace(-1, -13, 49)
    slopes = [eval_numerical_gradient(lambda v: np.exp(v[0]), np.array([1.0]), h)[0] for h in steps]
    errors = [rel_error(np.exp(1.0), slope) for slope in slopes]

    fig, ax = figure(alt="The error falls with the step h down to about 1e-5, then rises again.")
    ax.loglog(steps, errors, color=style.ERROR)
    ax.axvline(1e-5, color=style.QUIET, linestyle=":")
    ax.text(1.3e-5, 1e-4, "h = 1e-5", color=style.QUIET)
    ax.set(xlabel="step h", ylabel="relative error", ylim=(1e-13, 1))
    ax.set_title("The slope of exp at 1, measured", loc="left")
    return fig

error_by_step()

# %% [markdown]
# The smaller, the better? Read the curve from the right.
# The error falls as $h^2$: a shorter chord lies closer to the tangent.
# Then it turns.
# $f(x + h)$ and $f(x - h)$ now agree in most of their sixteen digits,
# and the subtraction leaves the few digits that rounding has spoilt.
# The best step lies where the two errors meet, near $10^{-5}$: the default you were given.
#
# ## Two gates with one input
#
# The reciprocal $1/x$ falls wherever it is defined, and near 0 it falls steeply.
# The exponential is its own slope, so its `backward` can use the number that `forward` returned:
#
# $$\frac{d}{dx}\,\frac{1}{x} = -\frac{1}{x^2}, \qquad \frac{d}{dx}\,e^x = e^x.$$
#
# A gate with one input returns one number from `backward`, as `NegateGate` does.
#
# **Predict.** A reciprocal gate ran on 1.37 and gets the upstream gradient 1.00. What does it send on?
# An exponential gate ran on −1 and gets that number as its upstream gradient. What does *it* send on?
#
# <details><summary>Answer</summary>
#
# 1.00 × (−1 / 1.37²) = −0.53, and then −0.53 × $e^{-1}$ = −0.53 × 0.37 = −0.20.
# You will meet these two numbers again.
# </details>

# %% nbgrader={"grade_id": "ReciprocalGate", "solution": true}
class ReciprocalGate:
    """out = 1 / x."""

    def forward(self, x):
        """Return one over x, a number other than 0; keep what backward needs."""
        ### BEGIN SOLUTION
        self.x = x
        return 1 / x
        ### END SOLUTION

    def backward(self, upstream):
        """Return dx, one number."""
        ### BEGIN SOLUTION
        return -upstream / self.x**2
        ### END SOLUTION

# %% nbgrader={"grade_id": "ReciprocalGate_check", "grade": true, "points": 8}
check = Check("ReciprocalGate", points=8, hidden=2)

@check("1 / 1.25 is 0.8")
def _(t):
    t.equal(ReciprocalGate().forward(1.25), 0.8, "out", given={"x": 1.25})

check.gradients(*as_layer(ReciprocalGate), {"x": np.array(1.37)}, label="at 1.37")

### BEGIN HIDDEN TESTS
check.hidden_tests()
many = as_layer(ReciprocalGate, each=True)

@check("inverts numbers of either sign")
def _(t):
    x = np.array([-4.0, -0.5, 2.5, 10.0])
    out, _ = many[0](x)
    t.equal(out, [-0.25, -2.0, 0.4, 0.1], "out", given={"x": x})
    small = np.array([2e-6])
    t.equal(many[0](small)[0], [5e5], "out", given={"x": small})

either_sign = {"x": np.array([-3.1, -1.2, 0.8, 1.9, 2.7])}
check.gradients(*many, either_sign, label="five gates side by side")
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "ExpGate", "solution": true}
class ExpGate:
    """out = e to the power of x."""

    def forward(self, x):
        """Return the exponential of x; keep what backward needs."""
        ### BEGIN SOLUTION
        self.out = np.exp(x)
        return self.out
        ### END SOLUTION

    def backward(self, upstream):
        """Return dx, one number."""
        ### BEGIN SOLUTION
        return upstream * self.out
        ### END SOLUTION

# %% nbgrader={"grade_id": "ExpGate_check", "grade": true, "points": 6}
check = Check("ExpGate", points=6, hidden=2)

@check("exp(-1) is 0.367879")
def _(t):
    t.equal(ExpGate().forward(-1.0), 0.36787944117144233, "out", given={"x": -1.0})

check.gradients(*as_layer(ExpGate), {"x": np.array(0.5)}, label="at 0.5")

### BEGIN HIDDEN TESTS
check.hidden_tests()
many = as_layer(ExpGate, each=True)

@check("takes the exponential of other numbers")
def _(t):
    x = np.array([-3.0, 0.0, 0.5, 4.0])
    out, _ = many[0](x)
    t.equal(out, np.exp(x), "out", given={"x": x})

spread = {"x": np.array([-1.7, -0.4, 0.3, 1.1, 2.2])}
check.gradients(*many, spread, label="five gates side by side")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## A neuron, in stages
#
# This is a whole neuron with two inputs, two weights and a bias:
#
# $$s = \frac{1}{1 + e^{-(w_0 x_0 + w_1 x_1 + w_2)}}.$$
#
# Differentiated in one go it makes a page of algebra. In stages, each line is a gate you know.
# Here is the chain for $w = (2, -3, -3)$ and $x = (-1, -2)$:
#
# | stage | value | local gradient | gradient on its output |
# |---|---|---|---|
# | *z* = *w*₀ *x*₀ + *w*₁ *x*₁ + *w*₂ | 1.00 | | 0.20 |
# | *a* = −*z* | −1.00 | −1 | −0.20 |
# | *b* = exp(*a*) | 0.37 | exp(−1.00) = 0.37 | −0.53 |
# | *c* = *b* + 1 | 1.37 | 1 | −0.53 |
# | *s* = 1 / *c* | 0.73 | −1 / 1.37² = −0.53 | 1.00 |
#
# *Staged code* follows the table: down for `forward`, one variable per stage; up for `backward`,
# one line per stage, and the gradient of `z` is called `dz`.
#
# **Predict.** The gradient of $z$ is 0.20 (0.1966). What are the gradients of the three weights and of the two inputs?
#
# <details><summary>Answer</summary>
#
# The add gates hand 0.1966 to both products and to $w_2$. The products swap and scale:
# $dw = (-0.20, -0.39, 0.20)$ and $dx = (0.39, -0.59)$.
# </details>

# %% nbgrader={"grade_id": "SigmoidNeuron", "solution": true}
class SigmoidNeuron:
    """s = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))), in stages."""

    def forward(self, x, w):
        """Take the arrays x of shape (2,) and w of shape (3,), return s, one number."""
        ### BEGIN SOLUTION
        self.x, self.w = x, w
        z = w[0] * x[0] + w[1] * x[1] + w[2]
        a = -z
        self.b = np.exp(a)
        self.c = self.b + 1
        return 1 / self.c
        ### END SOLUTION

    def backward(self, upstream):
        """Return the pair (dx, dw): arrays of shape (2,) and (3,)."""
        ### BEGIN SOLUTION
        dc = -upstream / self.c**2
        db = dc
        da = db * self.b
        dz = -da
        dx = np.array([dz * self.w[0], dz * self.w[1]])
        dw = np.array([dz * self.x[0], dz * self.x[1], dz])
        return dx, dw
        ### END SOLUTION

# %% nbgrader={"grade_id": "SigmoidNeuron_check", "grade": true, "points": 16}
check = Check("SigmoidNeuron", points=16, hidden=5)
table = {"x": np.array([-1.0, -2.0]), "w": np.array([2.0, -3.0, -3.0])}

@check("is 0.731059 for w = (2, -3, -3) and x = (-1, -2)")
def _(t):
    s = t.call(SigmoidNeuron().forward, table["x"], table["w"])
    t.equal(s, 0.7310585786300049, "s", given=table)

check.gradients(*as_layer(SigmoidNeuron), table, label="at the numbers of the table")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("computes other neurons")
def _(t):
    x, w = t.rng.normal(size=2), t.rng.normal(size=3)
    s = 1 / (1 + np.exp(-(np.dot(w[:2], x) + w[2])))
    t.equal(t.call(SigmoidNeuron().forward, x, w), s, "s", given={"x": x, "w": w})

check.gradients(*as_layer(SigmoidNeuron), {"x": (2,), "w": (3,)}, label="at random numbers")
negative = {"x": np.array([0.7, -1.3]), "w": np.array([-0.9, 0.6, -1.1])}
check.gradients(*as_layer(SigmoidNeuron), negative, label="where z is negative")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Many small gates, or one large one
#
# The last four stages of the neuron make the *sigmoid*, $\sigma(z) = 1 / (1 + e^{-z})$.
# Multiply their four local gradients together, and write $s$ for the output:
#
# $$\frac{ds}{dz} = (-1) \cdot e^{-z} \cdot 1 \cdot \frac{-1}{(1 + e^{-z})^2}
# = \frac{e^{-z}}{1 + e^{-z}} \cdot \frac{1}{1 + e^{-z}} = (1 - s)\,s.$$
#
# So the four stages can be one gate.
# How finely you cut a graph is your choice, and it never changes a gradient:
# a chain of small gates multiplies its local gradients,
# and a large gate has that product as its own.
#
# Near the end you time both.
#
# **Predict.** The neuron's $s$ was 0.73. Check $(1 - s)\,s$ against the 0.20 in the table.
# For which $s$ is the local gradient largest, and how large is it?
#
# <details><summary>Answer</summary>
#
# (1 − 0.73) × 0.73 = 0.20.
# It is largest at $s = 0.5$, where it is 0.25.
# So every sigmoid on the way back shrinks the gradient to a quarter or less: a fact with consequences, later in this course.
# </details>

# %% nbgrader={"grade_id": "SigmoidGate", "solution": true}
class SigmoidGate:
    """out = 1 / (1 + exp(-x)), as one gate."""

    def forward(self, x):
        """Return the sigmoid of x; keep what backward needs."""
        ### BEGIN SOLUTION
        self.s = 1 / (1 + np.exp(-x))
        return self.s
        ### END SOLUTION

    def backward(self, upstream):
        """Return dx, one number."""
        ### BEGIN SOLUTION
        return upstream * (1 - self.s) * self.s
        ### END SOLUTION

# %% nbgrader={"grade_id": "SigmoidGate_check", "grade": true, "points": 8}
check = Check("SigmoidGate", points=8, hidden=2)

@check("the sigmoid of 1 is 0.731059")
def _(t):
    t.equal(SigmoidGate().forward(1.0), 0.7310585786300049, "out", given={"x": 1.0})

check.gradients(*as_layer(SigmoidGate), {"x": np.array(1.0)}, label="at 1")

### BEGIN HIDDEN TESTS
check.hidden_tests()
many = as_layer(SigmoidGate, each=True)

@check("squashes other numbers between 0 and 1")
def _(t):
    x = np.array([-8.0, -1.5, 0.0, 0.3, 9.0])
    out, _ = many[0](x)
    t.equal(out, 1 / (1 + np.exp(-x)), "out", given={"x": x})

spread = {"x": np.array([-2.3, -0.6, 0.2, 1.4, 3.1])}
check.gradients(*many, spread, label="five gates side by side")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The machine: a graph that differentiates itself
#
# You went backward by hand, gate after gate, and always did the same thing.
# So write it down once.
# A `Graph` keeps its nodes in *topological order*: each stands after those it takes its inputs from.
# Forward runs them in order, backward in reverse.
#
# One thing is new. A value may be used twice; this is *fan-out*.
# Its nudge reaches the result along two paths at once, and the two effects add:
#
# $$\frac{\partial f}{\partial x} = \sum_{\text{uses of } x} \text{downstream gradient of that use}.$$
#
# So gradients multiply along a path and **accumulate** where paths part.
#
# **Predict.** $f = x \cdot x + x$ at $x = 3$ uses $x$ three times. Which three gradients arrive at $x$, and what is their sum?
#
# <details><summary>Answer</summary>
#
# 3 and 3 from the two inputs of the multiply gate, 1 from the add gate: 7 in all.
# Calculus agrees: $2x + 1 = 7$.
# </details>

# %% nbgrader={"grade_id": "Graph", "solution": true}
class Graph:
    """A computational graph made of (name, gate, inputs) triples, in topological order.

    `name` is the node's own name, `gate` has forward and backward, and `inputs` lists the names of the values it takes:
    names of earlier nodes, or of the graph's own inputs. The last node is the result.
    """

    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.values = {}  # name of every input and node -> number, after forward
        self.gradients = {}  # name of every input and node -> number, after backward

    def forward(self, **inputs):
        """Run all nodes in order, fill self.values, return the value of the last node."""
        ### BEGIN SOLUTION
        self.values = dict(inputs)
        for name, gate, sources in self.nodes:
            self.values[name] = gate.forward(*(self.values[source] for source in sources))
        return self.values[name]
        ### END SOLUTION

    def backward(self, upstream=1.0):
        """Run all nodes in reverse, fill self.gradients and return it. Every call starts afresh.

        `upstream` is the gradient of the last node. A gate with one input returns one number, with two inputs a pair.
        """
        ### BEGIN SOLUTION
        self.gradients = dict.fromkeys(self.values, 0.0)
        self.gradients[self.nodes[-1][0]] = upstream
        for name, gate, sources in reversed(self.nodes):
            downstream = gate.backward(self.gradients[name])
            if len(sources) == 1:
                downstream = (downstream,)
            for source, gradient in zip(sources, downstream, strict=True):
                self.gradients[source] += gradient
        return self.gradients
        ### END SOLUTION

# %% nbgrader={"grade_id": "Graph_check", "grade": true, "points": 16}
check = Check("Graph", points=16, hidden=5)

def same(t, found, expected, what, **given):
    """Require `found`, a dict, to hold the numbers of the dict `expected` under the same names."""
    t.true(found is not None, f"The {what} are None. Is there a `return` at the end?", "returned_nothing")
    missing = [name for name in expected if name not in found]
    t.true(not missing, f"The {what} have no entry for {', '.join(missing)}.", "name_missing")
    what = f"({', '.join('d' * (what == 'gradients') + name for name in expected)})"
    found = [found[name] for name in expected]
    found = [one.ravel()[0] if isinstance(one, np.ndarray) and one.size == 1 else one for one in found]
    t.equal(found, list(expected.values()), what, given={"names": list(expected), **given})

@check("(x + y) z at (-2, 5, -4): forward gives -12, backward gives -4, -4 and 3")
def _(t):
    graph = Graph([("q", AddGate(), ["x", "y"]), ("f", MultiplyGate(), ["q", "z"])])
    t.equal(graph.forward(x=-2.0, y=5.0, z=-4.0), -12.0, "f", given={"values": [-2.0, 5.0, -4.0, 3.0, -12.0]})
    edges = [("q", "x", 1.0), ("q", "y", 1.0), ("f", "q", -4.0), ("f", "z", 3.0)]
    same(t, graph.backward(), {"x": -4.0, "y": -4.0, "z": 3.0}, "gradients", edges=edges)

@check("x x + x at 3: the gradients of the three uses of x add up to 7")
def _(t):
    graph = Graph([("a", MultiplyGate(), ["x", "x"]), ("f", AddGate(), ["a", "x"])])
    t.equal(graph.forward(x=3.0), 12.0, "f", given={"values": [3.0, 9.0, 12.0]})
    edges = [("a", "x", 3.0), ("a", "x", 3.0), ("f", "a", 1.0), ("f", "x", 1.0)]
    same(t, graph.backward(), {"x": 7.0, "a": 1.0}, "gradients", edges=edges)

### BEGIN HIDDEN TESTS
check.hidden_tests()
from autograder.programs import run_programs

def by_hand(nodes, inputs, upstream):
    """Values, gradients and what each edge multiplies by, from the student's own gates, one after the other."""
    steps, at = [("given", None, number) for number in inputs.values()], {name: i for i, name in enumerate(inputs)}
    for name, gate, sources in nodes:
        new, handed = len(steps), {i: at[source] for i, source in enumerate(sources)}
        steps += [("call", gate, []), ("get", new, "forward"), ("call", new + 1, [None] * len(sources), handed)]
        steps += [("get", new, "backward"), ("call", new + 3, [1.0])]
        at[name] = new + 2
    told = [i for name, _, _ in nodes for i in (at[name], at[name] + 2)]
    (found,) = run_programs(nodes[0][1], [[*steps, ("gather", None, told)]])
    values, edges = dict(inputs), []
    for (name, _, sources), out, locals_ in zip(nodes, found[::2], found[1::2]):
        values[name] = out
        edges += [(name, source, local) for source, local in zip(sources, np.ravel(locals_).tolist())]
    gradients = dict.fromkeys(values, 0.0) | {nodes[-1][0]: upstream}
    for name, source, local in reversed(edges):
        gradients[source] += gradients[name] * local
    return values, gradients, edges

def run(nodes, inputs):
    gates = run_programs(nodes[0][1], [[("call", gate, [])] for _, gate, _ in nodes])
    graph = Graph([(name, gate, sources) for gate, (name, _, sources) in zip(gates, nodes)])
    return graph, graph.forward(**inputs)

tangled = [
    ("p", MultiplyGate, ["u", "v"]),
    ("q", AddGate, ["p", "u"]),
    ("r", MultiplyGate, ["p", "q"]),
    ("s", AddGate, ["r", "p"]),
    ("f", MultiplyGate, ["s", "v"]),
]
chain = [
    ("a", MultiplyGate, ["w0", "x0"]),
    ("b", MultiplyGate, ["w1", "x1"]),
    ("c", AddGate, ["a", "b"]),
    ("d", AddGate, ["c", "w2"]),
    ("e", MultiplyGate, ["d", "minus_one"]),
    ("g", ExpGate, ["e"]),
    ("k", AddGate, ["g", "one"]),
    ("s", ReciprocalGate, ["k"]),
]
at = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0, "minus_one": -1.0, "one": 1.0}

@check("keeps every value by its name")
def _(t):
    inputs = {"u": 1.3, "v": -0.7}
    values, _, _ = by_hand(tangled, inputs, 1.0)
    graph, f = run(tangled, inputs)
    t.equal(f, values["f"], "f", given={"values": list(values.values())})
    same(t, graph.values, values, "values")

@check("accumulates where inner nodes fan out, under another upstream gradient")
def _(t):
    inputs = {"u": 1.3, "v": -0.7}
    _, gradients, edges = by_hand(tangled, inputs, -1.7)
    graph, _ = run(tangled, inputs)
    same(t, graph.backward(-1.7), gradients, "gradients", edges=edges, upstream=-1.7)

@check("differentiates the neuron with gates of one input and of two")
def _(t):
    _, gradients, edges = by_hand(chain, at, 1.0)
    graph, _ = run(chain, at)
    same(t, graph.backward(), gradients, "gradients", edges=edges)

@check("starts afresh when it runs a second time")
def _(t):
    graph, _ = run(tangled, {"u": 1.3, "v": -0.7})
    _, gradients, edges = by_hand(tangled, {"u": -0.4, "v": 2.1}, 1.0)
    first = graph.backward()
    t.true(first is not None, "backward returned None. Is there a `return` at the end?", "returned_nothing")
    earlier = {name: first[name] for name in gradients if name in first}
    graph.forward(u=-0.4, v=2.1)
    same(t, graph.backward(), gradients, "gradients", edges=edges, earlier=earlier)

@check("keeps every gradient by its name")
def _(t):
    _, gradients, edges = by_hand(tangled, {"u": 0.6, "v": 1.9}, 1.0)
    graph, _ = run(tangled, {"u": 0.6, "v": 1.9})
    graph.backward()
    same(t, graph.gradients, gradients, "gradients", edges=edges)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# First x x + x: three lines leave x, and the orange number below them is the sum of what comes back on the three.
# Then the neuron again: from your gates, differentiated by your machine, live.
def fan_out(x=3.0):
    """Draw x x + x with its values and gradients."""
    graph = Graph([("a", MultiplyGate(), ["x", "x"]), ("f", AddGate(), ["a", "x"])])
    graph.forward(x=x)
    graph.backward()
    return draw_graph(graph)


def neuron(w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0, w2=-3.0):
    """Draw the neuron with its values and gradients."""
    graph = Graph(
        [
            ("w0 x0", MultiplyGate(), ["w0", "x0"]),
            ("w1 x1", MultiplyGate(), ["w1", "x1"]),
            ("sum", AddGate(), ["w0 x0", "w1 x1"]),
            ("z", AddGate(), ["sum", "w2"]),
            ("a", NegateGate(), ["z"]),
            ("b", ExpGate(), ["a"]),
            ("c", PlusOneGate(), ["b"]),
            ("s", ReciprocalGate(), ["c"]),
        ]
    )
    graph.forward(w0=w0, x0=x0, w1=w1, x1=x1, w2=w2)
    graph.backward()
    return draw_graph(graph)

display(fan_out())
sliders(neuron, w0=(-4.0, 4.0), x0=(-4.0, 4.0), w1=(-4.0, 4.0), x1=(-4.0, 4.0), w2=(-8.0, 8.0))

# %% [markdown]
# Move $w_2$ up until $s$ is almost 1, and watch the orange numbers on the left go to 0:
# the neuron is *saturated*, and nothing that you do to its weights matters much.
# Take $w_2$ back to −3 and set $x_0$ to 0. Which weight alone has no gradient now, and why?
#
# ### Experiment: why anyone goes backward
#
# Next stands $w_1 x_1 + w_2 x_2 + \dots + w_n x_n$ as a graph, pushed through a sigmoid.
# Your `eval_numerical_gradient` measures all $2n$ gradients, running the graph twice for each.
# Your `backward` runs once, whatever $n$ is.
#
# **Predict.** You double $n$. By which factor does each of the two take longer?
#
# <details><summary>Answer</summary>
#
# Backward about twice as long: the graph has twice the nodes.
# The measurement about four times as long: it runs that graph twice as often as well.
# For a million weights it would need two million forward passes.
# Backward gives all of them in one, and that is why networks can be trained at all.
# The measurement keeps one job: to check, on a few numbers, that backward is right.
# </details>
#
# ### Experiment: why inputs are scaled before training
#
# In $w \cdot x$ the gradient of each weight is upstream times the *input*: the multiply gate swaps.
# Measure your inputs in centimetres rather than metres, and every gradient of $w$ grows a hundredfold.
# The cell after the race fits $w \cdot x$ to the target 1 by gradient descent:
# each step moves $w$ by minus its gradient times a fixed number, the *learning rate*.
# The four runs differ in the scale of their inputs alone.
#
# **Predict.** You multiply all inputs by 100.
# By which factor must the learning rate shrink, for a step to change the *result* as before?
#
# <details><summary>Answer</summary>
#
# By 10,000. The gradient is 100 times as large,
# and a change of $w$ reaches the result through inputs that are 100 times as large again.
# In the picture, scale 3 descends fastest and scale 5 explodes.
# So inputs are brought to one scale before training: then one learning rate suits all weights.
# </details>

# %% tags=["experiment"]
# First a sigmoid's derivative twice, through your four small gates and through your one large gate. Then the race.
def through(gates, x=1.0, upstream=1.0):
    """Run gates one after the other, then back again."""
    for gate in gates:
        x = gate.forward(x)
    for gate in reversed(gates):
        upstream = gate.backward(upstream)
    return upstream


def compare_the_two():
    """Print both derivatives and the ratio of the times they take."""
    small, large = [NegateGate(), ExpGate(), PlusOneGate(), ReciprocalGate()], [SigmoidGate()]
    print(f"four small gates {through(small):.15f}, one large gate {through(large):.15f}")
    times = [min(repeat(lambda: through(gates), number=1000, repeat=5)) for gates in (small, large)]
    ratio = times[0] / times[1]
    print(f"the four small ones take {ratio:.1f} times as long\n")


def race(sizes=(10, 20, 40, 80)):
    """Time both ways to all gradients of the sigmoid of w0 x0 + w1 x1 + ..., n products; the best of three runs."""
    for n in sizes:
        nodes = [(f"p{i}", MultiplyGate(), [f"w{i}", f"x{i}"]) for i in range(n)]
        nodes += [(f"t{i}", AddGate(), [f"t{i - 1}" if i > 1 else "p0", f"p{i}"]) for i in range(1, n)]
        graph = Graph([*nodes, ("s", SigmoidGate(), [f"t{n - 1}"])])
        names = [f"{letter}{i}" for letter in "wx" for i in range(n)]
        point = np.random.default_rng(0).normal(size=2 * n) / np.sqrt(n)

        def measured():
            return eval_numerical_gradient(lambda v: graph.forward(**dict(zip(names, v))), point)

        def backward():
            graph.forward(**dict(zip(names, point)))
            return graph.backward()

        slow, fast = (1000 * min(repeat(way, number=1, repeat=3)) for way in (measured, backward))
        numeric, gradients = measured(), backward()
        error = rel_error(np.array([gradients[name] for name in names]), numeric)
        print(
            f"{2 * n:4} gradients   numeric {slow:8.2f} ms   "
            f"backward {fast:5.2f} ms   relative error {error:.0e}"
        )

compare_the_two()
race()

# %% tags=["experiment"]
def descend(learning_rate=0.1, steps=16):
    """Fit w0 x0 + w1 x1 to the target 1 with inputs of four scales; draw the distance from the target."""
    graph = Graph(
        [
            ("a", MultiplyGate(), ["w0", "x0"]),
            ("b", MultiplyGate(), ["w1", "x1"]),
            ("r", AddGate(), ["a", "b"]),
        ]
    )
    fig, ax = figure(width=9, alt="Distance from the target, step by step, for inputs of four scales.")
    for i, scale in enumerate((1, 2, 3, 5)):
        w0, w1, distances, sizes = 0.0, 0.0, [], []
        for _ in range(steps):
            result = graph.forward(w0=w0, x0=0.6 * scale, w1=w1, x1=-0.8 * scale)
            gradients = graph.backward(result - 1.0)  # upstream is the gradient of (result - 1)^2 / 2
            distances.append(max(abs(result - 1.0), 1e-15))
            sizes.append(np.hypot(gradients["w0"], gradients["w1"]))
            w0 -= learning_rate * gradients["w0"]
            w1 -= learning_rate * gradients["w1"]
        label = f"inputs × {scale}, first gradient {sizes[0]:.0f}"
        ax.semilogy(distances, color=style.category(i), marker=style.MARKERS[i], label=label)
    ax.set(xlabel="step", ylabel="distance from the target", ylim=(1e-9, 1e5), xticks=range(0, steps, 5))
    ax.set_title(f"learning rate {learning_rate:.2f}", loc="left")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return fig

sliders(descend, learning_rate=(0.01, 0.2, 0.01))

# %% [markdown]
# ## Reflection
#
# Along a path, local gradients are *multiplied*. Where a value fans out, gradients are *added*.
# Explain in about six sentences why each must be so, from what a gradient means:
# the effect of a small nudge on the result.
# Then describe a graph for which a machine that overwrites instead of adding gives the right gradients all the same,
# and say why its author might not notice the mistake for a long time.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A full answer.**
# A gradient says by how much the result moves per unit of nudge, when the nudge is small.
# Along a path the nudge is passed from node to node, and each node scales what it receives by its own local gradient:
# a nudge of $h$ becomes $2h$ after one node and $3 \cdot 2h$ after the next, so the factors multiply.
# Where a value fans out, one nudge enters several paths at the same time.
# For a small nudge the paths do not disturb one another, so the result moves by the sum of what each would cause alone.
# A machine that overwrites keeps the effect of one path and forgets the others.
# In a graph where every value is used once, a chain or a tree, there is one path from each input, so nothing is lost.
# Its author tests on such graphs first, sees every check agree with the measurement,
# and meets the mistake only when a weight is shared or an input is used twice;
# even then training may still go downhill, only in a wrong direction and slower.
#
# **An answer at half way.**
# The chain rule says that derivatives of nested functions multiply, and the rule for several variables has a sum.
# Without fan-out, overwriting and adding do the same.
#
# **What earns what.**
# Multiplication explained by a nudge that is scaled again and again: 2.
# Addition explained by one nudge that takes several paths, with the effects adding up for small nudges: 2.
# A chain or a tree named, with the reason that each value has one use: 1.
# Why it stays unnoticed (small tests have no fan-out, or training still improves): 1.
# The rules quoted without the meaning, as in the second answer: half of each.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you did
#
# 1. You **wrote** gates that each know one derivative: the add gate distributes, the max gate routes,
#    the multiply gate swaps and scales.
# 2. You **measured** every gradient by central differences, and saw why the step must not be too small.
# 3. You **built** a graph that differentiates whatever you assemble, in one pass backward,
#    accumulating where values fan out.
#
# **Roads not taken.**
# *Symbolic* differentiation rewrites the formula itself; shared parts are written out again and again, and the result explodes.
# *Forward mode* carries derivatives along with the values, from left to right:
# one pass per input, so it wins where there are few inputs and many outputs. Networks have it the other way round.
# Frameworks do what your `Graph` does, and record the nodes while your ordinary code runs forward.
#
# **To read on.**
# [Backpropagation, intuitions](https://cs231n.github.io/optimization-2/), lecture notes in which you meet the same gates again;
# [Automatic differentiation in machine learning: a survey](https://arxiv.org/abs/1502.05767) (Baydin and others),
# for both directions and their history.
#
# **One step further.**
# Your `Graph` trusts the order it is given. Shuffle the nodes and it fails.
# Let `__init__` sort them: repeatedly take a node whose inputs are all known already, and say clearly when none is left
# (what does the graph contain then?).
