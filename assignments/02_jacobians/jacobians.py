# %% [markdown]
# # Jacobians, and how never to build them
#
# A ReLU is the cheapest layer there is:
# it compares each number with zero, and keeps it or drops it.
# Give it 4096 numbers, and its derivative, written out in full, fills 128 MiB.
# Give it a minibatch of 100 such rows, and the derivative is too large for the disk of most laptops.
# Yet networks are trained through such layers on ordinary machines, thousands of times a minute.
#
# **How do you differentiate through a layer whose derivative does not fit into your computer?**
#
# You will
#
# - **measure** the derivative of any function of arrays, a matrix called its *Jacobian*,
# - **recognise** the patterns in the Jacobians of layers: diagonal, dense, block by block,
# - **replace** each matrix by a line or two that does its work and never builds it.
#
# You bring along one rule from the notebook on gates:
# downstream gradient = upstream gradient × local gradient, one node at a time.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from autograder import Check, Mistake, hint
from utils import draw_graph, figure, show_error_map, show_jacobian, sliders, style

# %% [markdown]
# ## One function, by hand
#
# One small function carries this notebook, the squared length of a matrix times a vector:
#
# $$f(x, W) = \lVert W x \rVert^2 = q_1^2 + q_2^2 \qquad \text{with} \qquad q = W x .$$
#
# Take a pen, $W = \begin{pmatrix} 0.1 & 0.5 \\ -0.3 & 0.8 \end{pmatrix}$ and $x = (0.2,\ 0.4)$.
#
# **Forward.**
# $q_1 = 0.1 \cdot 0.2 + 0.5 \cdot 0.4 = 0.22$ and $q_2 = -0.3 \cdot 0.2 + 0.8 \cdot 0.4 = 0.26$,
# so $f = 0.22^2 + 0.26^2 = 0.116$.
#
# **Backward**, from the end to the beginning:
#
# | who | acts where | so its gradient is | in numbers |
# |:--|:--|:--|:--|
# | $q_i$ | in its own square | $2 q_i$ | $(0.44,\ 0.52)$ |
# | $W_{ij}$ | in $q_i$ alone, times $x_j$ | $2 q_i\, x_j$ | $\begin{pmatrix} 0.088 & 0.176 \\ 0.104 & 0.208 \end{pmatrix}$ |
# | $x_j$ | in *every* $q_i$, times $W_{ij}$ | $\sum_i 2 q_i\, W_{ij}$ | $(-0.112,\ 0.636)$ |
#
# Each gradient came out in **the shape of its variable**: two numbers for $x$, a 2 × 2 matrix for $W$.
# That is so for every function with one number as its result,
# and it is the first thing to look at when a gradient is wrong.
#
# The cell below runs forward and backward as you wrote them in the notebook on gates, and draws the result twice.
# Values stand above the edges, gradients below them.
# First every number has its own node; then whole arrays travel along the edges, shown by their shapes, and two nodes are enough.

# %% tags=["experiment"]
def squared_norm_by_numbers(values):
    """The example's nodes, one for each number, and its values and gradients after both passes."""
    nodes = [(f"W{i}{j}·x{j}", "×", [f"W{i}{j}", f"x{j}"]) for i in (1, 2) for j in (1, 2)]
    nodes += [(f"q{i}", "+", [f"W{i}1·x1", f"W{i}2·x2"]) for i in (1, 2)]
    nodes += [("q1²", "x²", ["q1"]), ("q2²", "x²", ["q2"]), ("f", "+", ["q1²", "q2²"])]
    compute = {"×": lambda a, b: a * b, "+": lambda a, b: a + b, "x²": lambda a: a * a}
    slopes = {"×": lambda a, b: (b, a), "+": lambda a, b: (1, 1), "x²": lambda a: (2 * a,)}

    for name, gate, inputs in nodes:
        values[name] = compute[gate](*(values[i] for i in inputs))
    gradients = dict.fromkeys(values, 0.0) | {"f": 1.0}
    for name, gate, inputs in reversed(nodes):
        for i, slope in zip(inputs, slopes[gate](*(values[i] for i in inputs))):
            gradients[i] += gradients[name] * slope  # fan-out adds gradients
    return nodes, values, gradients


def as_arrays(of):
    W = np.array([[of["W11"], of["W12"]], [of["W21"], of["W22"]]])
    return {"W": W, "x": np.array([of["x1"], of["x2"]]), "q": np.array([of["q1"], of["q2"]]), "f": of["f"]}


def draw_twice(**inputs):
    nodes, values, gradients = squared_norm_by_numbers(inputs)
    display(draw_graph(nodes, values, gradients, digits=3, title="One node per number"))
    nodes = [("q", "Wx", ["W", "x"]), ("f", "‖q‖²", ["q"])]
    return draw_graph(nodes, as_arrays(values), as_arrays(gradients), digits=3, title="One node per array")


draw_twice(x1=0.2, x2=0.4, W11=0.1, W12=0.5, W21=-0.3, W22=0.8)

# %% [markdown]
# ## How to work: write, check, fix
#
# Each exercise is a cell to write in, with its check cell straight below.
# Run both.
# The check tells you where your answer is wrong, shows both numbers, and names the mistake if it knows it.
# Mend, run again.
# `hint("numerical_jacobian")` helps in three steps: a question, a formula, a table of shapes.
# When your notebook is graded, hidden checks run as well: other shapes, other numbers, the same requirements.
#
# Try it on the cell below, where both stand together and earn nothing: the function **holds a mistake on purpose**.
# Run it, read what the check says, mend the function, and run it again until it is correct.
#
# **Predict.** What does the function return for $q = (0.22,\ 0.26)$, before you mend it?
# <details><summary>Answer</summary>
#
# About 0.34, the length of $q$ and not its square: somebody took a root too many.
#
# </details>

# %% tags=["experiment"]
def squared_norm(q):
    """Return q_1**2 + q_2**2 + ..., one number."""
    return np.sqrt(np.sum(q**2))


check = Check("squared_norm", points=0)

@check("gives 0.116 at q = (0.22, 0.26)")
def _(t):
    t.equal(t.call(squared_norm, np.array([0.22, 0.26])), 0.116, "squared_norm(q)")

check.score()

# %% [markdown]
# ## 1 · Measure a Jacobian
#
# A function with $D$ numbers in and $M$ numbers out has $M \times D$ slopes, one for each pair.
# Laid out as a matrix they are its *Jacobian*: a **row for each output**, a **column for each input**.
# You can measure it without knowing a single formula:
#
# $$J_{ij} = \frac{\partial f_i}{\partial x_j} \approx \frac{f_i(x + h\,e_j) - f_i(x - h\,e_j)}{2h} .$$
#
# Here $h\,e_j$ moves entry $j$ by a small step $h$ and leaves the others where they are.
# One such pair of calls shows how *all* outputs react to one input, and so gives a whole column.
# Arrays with several axes are counted row by row, the order in which `ravel` lists them.
#
# **Predict.** The map $q = W x$ of the example takes two numbers to two numbers.
# Which matrix is its Jacobian with respect to $x$?
# <details><summary>Answer</summary>
#
# $W$ itself, wherever $x$ is.
# $q_i = W_{i1} x_1 + W_{i2} x_2$, so the slope of output $i$ by input $j$ is $W_{ij}$.
# A linear map is its own Jacobian.
#
# </details>

# %% nbgrader={"grade_id": "numerical_jacobian", "solution": true}
def numerical_jacobian(f, x, h=1e-5):
    """Measure the Jacobian of f at x by central differences.

    f : function that takes an array shaped like x and returns an array, or one number
    x : array of any shape, with D entries in all
    h : the step, taken to both sides of each entry

    Returns an array of shape (M, D), where M is how many numbers f returns:
    row i for entry i of f(x), column j for entry j of x, both counted row by row.
    Column j is (f(x + h e_j) - f(x - h e_j)) / 2h, for exactly the h that was given.
    """
    ### BEGIN SOLUTION
    columns = []
    for entry in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[entry] = h
        columns.append(np.ravel(f(x + step) - f(x - step)) / (2 * h))
    return np.stack(columns, axis=1)
    ### END SOLUTION

# %% nbgrader={"grade_id": "numerical_jacobian_check", "grade": true, "points": 12}
check = Check("numerical_jacobian", points=12, hidden=3)

@check("finds W for the linear map q = W x")
def _(t):
    x, W = np.array([0.2, 0.4]), np.array([[0.1, 0.5], [-0.3, 0.8]])
    f = lambda x: W @ x
    t.equal(t.call(numerical_jacobian, f, x), W, "J", given={"f": f, "x": x, "h": 1e-5})

@check("has a row for each output and a column for each input")
def _(t):
    x = np.array([2.0, -1.0, 3.0])
    f = lambda x: np.array([x[0] * x[1], x[1] * x[2] ** 2])
    J = [[-1.0, 2.0, 0.0], [0.0, 9.0, -6.0]]
    t.equal(t.call(numerical_jacobian, f, x), J, "J", given={"f": f, "x": x, "h": 1e-5})

@check("gives one row, (-0.112, 0.636), for the number f = ‖W x‖²")
def _(t):
    x, W = np.array([0.2, 0.4]), np.array([[0.1, 0.5], [-0.3, 0.8]])
    f = lambda x: np.sum((W @ x) ** 2)
    t.equal(t.call(numerical_jacobian, f, x), [[-0.112, 0.636]], "J", given={"f": f, "x": x, "h": 1e-5})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("is a central difference with the step it was given")
def _(t):
    x, h = t.rng.normal(size=4), 0.4
    f = lambda x: np.sum(x) * x + x**3
    J = x[:, None] + np.diag(np.sum(x) + 3 * x**2 + h**2)
    t.equal(t.call(numerical_jacobian, f, x, h), J, "J", given={"f": f, "x": x, "h": h})

@check("counts the entries of arrays with two axes row by row")
def _(t):
    x, w = t.rng.normal(size=(4, 3)), t.rng.normal(size=(3, 2))
    f = lambda x: x @ w
    t.equal(t.call(numerical_jacobian, f, x), np.kron(np.eye(4), w.T), "J", given={"f": f, "x": x, "h": 1e-5})
    told = "f(x) = x returns the very array that it is handed: unless you keep a copy, your two results are one array, and their difference is 0."
    kept = Mistake("result_not_copied", lambda case: np.zeros((12, 12)), told)
    f = lambda x: x
    t.equal(t.call(numerical_jacobian, f, x), np.eye(12), "J", given={"f": f, "x": x, "h": 1e-5}, mistakes=[kept])

@check("serves outputs with more axes than the input")
def _(t):
    x = t.rng.normal(size=5)
    f = lambda x: np.sin(x)[None, :, None] * np.ones((2, 1, 3))
    J = np.tile(np.kron(np.diag(np.cos(x)), np.ones((3, 1))), (2, 1))
    t.equal(t.call(numerical_jacobian, f, x), J, "J", given={"f": f, "x": x, "h": 1e-5})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## 2 · A Jacobian that is nearly empty
#
# A ReLU returns $\max(0, x_i)$ for each number on its own.
# Such a function is called *elementwise*: output $i$ depends on input $i$ and on nothing else,
# so every slope off the diagonal is 0.
# On the diagonal stands the slope of $\max(0, x)$, which is 1 to the right of 0 and 0 to the left:
#
# $$J_{ij} = \begin{cases} 1 & \text{if } i = j \text{ and } x_i > 0 \\ 0 & \text{otherwise.} \end{cases}$$
#
# At 0 itself the function has a *kink* and no slope; nobody will ask you for it.
#
# **Predict.** $x$ has 4096 entries, half of them positive.
# How many entries of $J$ are not 0, and out of how many?
# <details><summary>Answer</summary>
#
# 2048 out of 16,777,216, one in 8192.
# The rest are zeros that you would store, read, and multiply by.
#
# </details>

# %% nbgrader={"grade_id": "relu_jacobian", "solution": true}
def relu_jacobian(x):
    """Return the Jacobian of the ReLU at x, from the formula and not from finite differences.

    x : array of shape (D,), none exactly 0, some perhaps as small as 1e-9

    Returns an array of shape (D, D).
    """
    ### BEGIN SOLUTION
    return np.diag((x > 0).astype(float))
    ### END SOLUTION

# %% nbgrader={"grade_id": "relu_jacobian_check", "grade": true, "points": 6}
check = Check("relu_jacobian", points=6, hidden=2)

@check("is diag(1, 0, 1, 0) at x = (2, -1, 0.5, -3)")
def _(t):
    x = np.array([2.0, -1.0, 0.5, -3.0])
    t.equal(t.call(relu_jacobian, x), np.diag([1.0, 0.0, 1.0, 0.0]), "J", given={"x": x})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("is right for seven random numbers")
def _(t):
    x = t.rng.permutation([-2.5, -1.2, -0.3, -0.01, 0.4, 1.7, 2.2])
    J = [[float(i == j and x[j] > 0) for j in range(7)] for i in range(7)]
    t.equal(t.call(relu_jacobian, x), J, "J", given={"x": x})

@check("is right for tiny and for huge numbers")
def _(t):
    x = np.array([1e-9, -1e9, 3e8, -2e-9, 5.0])
    t.equal(t.call(relu_jacobian, x), np.diag([1.0, 0.0, 1.0, 0.0, 1.0]), "J", given={"x": x})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## 3 · What a full Jacobian would cost
#
# Picture a ReLU between two layers of a network.
# A minibatch of `batch` rows with `dim` numbers each goes in, and as many numbers come out.
# To the Jacobian all of them are inputs and all of them are outputs:
# it has a row for *every* number that comes out and a column for *every* number that goes in, those of all rows together.
# A `float64` takes 8 bytes, and a MiB is $2^{20}$ of them.
#
# **Predict.** For one row of 4096 numbers the Jacobian takes 128 MiB.
# You raise the minibatch from 1 row to 100.
# Does it take 100 times as much?
# <details><summary>Answer</summary>
#
# 10,000 times: there are 100 times as many rows in the matrix *and* 100 times as many columns.
# 409,600 × 409,600 numbers are about 1.2 TiB, and all but one in 409,600 of them are off the diagonal, hence 0.
#
# </details>

# %% nbgrader={"grade_id": "jacobian_bytes", "solution": true}
def jacobian_bytes(batch, dim):
    """Return how many bytes the full Jacobian of an elementwise layer takes, in float64.

    batch : number of rows in the minibatch
    dim   : numbers in each row

    Returns a number: bytes, not MiB.
    """
    ### BEGIN SOLUTION
    entries = batch * dim
    return 8 * entries**2
    ### END SOLUTION

# %% nbgrader={"grade_id": "jacobian_bytes_check", "grade": true, "points": 6}
check = Check("jacobian_bytes", points=6, hidden=2)

@check("is 134,217,728 bytes, 128 MiB, for one row of 4096 numbers")
def _(t):
    given = {"batch": 1, "dim": 4096}
    t.equal(t.call(jacobian_bytes, 1, 4096), 128 * 2**20, "bytes", given=given)

@check("is 288 bytes for 3 rows of 2 numbers, a matrix of 6 x 6")
def _(t):
    t.equal(t.call(jacobian_bytes, 3, 2), 288, "bytes", given={"batch": 3, "dim": 2})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("is about 1.2 TiB for 100 rows of 4096 numbers")
def _(t):
    given = {"batch": 100, "dim": 4096}
    t.equal(t.call(jacobian_bytes, 100, 4096), 409_600 * 409_600 * 8, "bytes", given=given)

@check("is right for 5 rows of 7 numbers")
def _(t):
    t.equal(t.call(jacobian_bytes, 5, 7), 35 * 35 * 8, "bytes", given={"batch": 5, "dim": 7})
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## 4 · The vector-Jacobian product
#
# Backward never asks for $J$.
# It is handed an upstream gradient, one number for each output,
# and wants one number for each input: how the loss moves when that input moves.
# Input $j$ may act through every output, and what comes back along them adds up:
#
# $$dx_j = \sum_i \mathrm{dout}_i \, J_{ij} \qquad \text{or} \qquad dx = \mathrm{dout} \cdot J .$$
#
# A row vector times the Jacobian is a *vector-Jacobian product*, a **VJP**.
# For an elementwise function each of these sums has a single term that is not 0.
# Work out that term and write *it*: the matrix never comes into being.
#
# The forward is written.
# Its second result, the *cache*, is whatever backward will want to know; keep something else in it if you like.
#
# **Predict.** $x = (2, -1, 0.5, -3)$ and $\mathrm{dout} = (4, -2, -1, 9)$. What is $dx$?
# <details><summary>Answer</summary>
#
# $(4,\ 0,\ -1,\ 0)$.
# The sign of $x$ decides, the sign of $\mathrm{dout}$ does not: the $-1$ passes, because $x$ is 0.5 there.
#
# </details>

# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_forward(x):
    """Return max(0, x), entry by entry, and a cache for backward. x has any shape."""
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    """Return dx, the VJP of the ReLU, shaped like x.

    Builds no Jacobian: 409,600 numbers are no trouble.

    dout  : upstream gradient, of the shape of relu_forward's result
    cache : what relu_forward returned as its second result
    """
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION

# %% nbgrader={"grade_id": "relu_backward_check", "grade": true, "points": 10}
check = Check("relu_backward", points=10, hidden=2)

def away_from_zero(rng, shape):
    x = rng.choice([-1.0, 1.0], shape) * rng.uniform(0.3, 2.0, shape)
    if x.ndim > 1:
        x.flat[0] = 3.0 * x.size  # so that the mean lies far from 0
    return x

@check("gives (4, 0, -1, 0) for the numbers above")
def _(t):
    x, dout = np.array([2.0, -1.0, 0.5, -3.0]), np.array([4.0, -2.0, -1.0, 9.0])
    out, cache = t.call(relu_forward, x)
    given = {"x": x, "dout": dout}
    t.equal(t.call(relu_backward, dout, cache), [4.0, 0.0, -1.0, 0.0], "dx", given=given)
    t.equal(out, [2.0, 0.0, 0.5, 0.0], "out", given={"x": x})

check.gradients(relu_forward, relu_backward, {"x": (4, 3)}, draw=away_from_zero)

### BEGIN HIDDEN TESTS
check.hidden_tests()
check.gradients(relu_forward, relu_backward, {"x": (2, 5, 3)}, draw=away_from_zero, label="three axes")

@check("serves 100,000 numbers, whose Jacobian would take 75 GiB")
def _(t):
    # One long row: the Jacobian of a row would not fit either. A hundred times the same thousand numbers are drawn faster.
    x, dout = np.tile(away_from_zero(t.rng, (1, 1000)), 100), np.tile(t.rng.normal(size=(1, 1000)), 100)
    message = "Your backward ran out of memory: it builds a Jacobian. Write what is left of the product instead."
    try:
        dx = t.call(relu_backward, dout, relu_forward(x)[1])
    except MemoryError:
        t.true(False, message, "jacobian_built")
    t.equal(dx, np.where(x > 0, dout, 0.0), "dx", given={"x": x, "dout": dout})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
import time


def two_jacobians(seed=2):
    """The Jacobians of a matrix and of a ReLU, as two maps."""
    rng = np.random.default_rng(seed)
    x, W = rng.normal(size=8), rng.normal(size=(5, 8))
    measured = numerical_jacobian(lambda x: W @ x, x)
    return show_jacobian({"W x, as measured": measured, "ReLU": relu_jacobian(x)}, numbers=False)


def price_of_a_relu(rows=100, dim=4096):
    x, dout = np.random.default_rng(3).normal(size=(2, rows, dim))
    start = time.perf_counter()
    dx = relu_backward(dout, relu_forward(x)[1])
    seconds = time.perf_counter() - start
    print(f"the Jacobian, not built:  {jacobian_bytes(rows, dim) / 2**40:.2f} TiB")
    print(f"dx, for the same layer:   {dx.nbytes / 2**20:.2f} MiB, forward and backward in {1000 * seconds:.1f} ms")


display(two_jacobians())
price_of_a_relu()

# %% [markdown]
# A pale column is an input that moves nothing.
# In the right-hand map those are the entries of $x$ below 0: your `relu_backward` sends 0 to them, whatever comes from upstream.
#
# And there is the answer to the question at the top, for the ReLU:
# the matrix is a way of *thinking* about the derivative, and its product with one row vector is all that is ever computed.
#
# ## 5 · Measure a VJP
#
# How do you know that a backward is right, when the Jacobian is too large to look at?
# Measure the VJP itself.
# Move one input to both sides, weigh the change of each output by its upstream gradient, add up:
#
# $$dx_j \approx \frac{1}{2h} \sum_i \mathrm{dout}_i \,\bigl( f_i(x + h\,e_j) - f_i(x - h\,e_j) \bigr) .$$
#
# That is $\mathrm{dout} \cdot J$ with one column of $J$ alive at a time.
# Holding a backward against this number is a *gradient check*, and it is how every check here judges you.
# It costs two calls of $f$ per entry of $x$:
# two million for a layer with a million weights, where backward costs about as much as one.
#
# **Predict.** $f$ squares each entry, $x = (3, -1)$, the upstream gradient is $(10, 1)$. What is $dx$?
# <details><summary>Answer</summary>
#
# $(60, -2)$: the slopes are $2x = (6, -2)$, each times its upstream gradient.
#
# </details>

# %% nbgrader={"grade_id": "eval_numerical_gradient_array", "solution": true}
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Measure the VJP of f at x by central differences.

    f  : function that takes an array shaped like x and returns an array
    x  : array of any shape
    df : upstream gradient, of the shape of f(x)
    h  : the step, taken to both sides of each entry

    Returns the gradient of sum(f(x) * df), shaped like x.
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for entry in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[entry] = h
        gradient[entry] = np.sum((f(x + step) - f(x - step)) * df) / (2 * h)
    return gradient
    ### END SOLUTION

# %% nbgrader={"grade_id": "eval_numerical_gradient_array_check", "grade": true, "points": 10}
check = Check("eval_numerical_gradient_array", points=10, hidden=3)

@check("gives (60, -2) for the squares above")
def _(t):
    x, df = np.array([3.0, -1.0]), np.array([10.0, 1.0])
    f = lambda x: x**2
    dx = t.call(eval_numerical_gradient_array, f, x, df)
    t.equal(dx, [60.0, -2.0], "dx", given={"f": f, "x": x, "df": df, "h": 1e-5})

@check("adds up what comes back from every output")
def _(t):
    x, df = np.array([2.0, -1.0, 3.0]), np.array([1.0, 10.0, 100.0])
    f = lambda x: np.array([x[0] * x[1], x[1] * x[2], x[0] + x[2]])
    dx = t.call(eval_numerical_gradient_array, f, x, df)
    t.equal(dx, [99.0, 32.0, 90.0], "dx", given={"f": f, "x": x, "df": df, "h": 1e-5})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("is a central difference with the step it was given")
def _(t):
    x, df, h = t.rng.normal(size=5), t.rng.normal(size=5), 0.5
    f = lambda x: np.sum(x) * x + x**3
    dx = t.call(eval_numerical_gradient_array, f, x, df, h)
    right = df @ x + df * (np.sum(x) + 3 * x**2 + h**2)
    t.equal(dx, right, "dx", given={"f": f, "x": x, "df": df, "h": h})

@check("has the shape of x when the output has another")
def _(t):
    x, df = t.rng.normal(size=(2, 3, 4)), t.rng.normal(size=3)
    f = lambda x: np.sum(np.sin(x), axis=(0, 2))
    dx = t.call(eval_numerical_gradient_array, f, x, df)
    right = df[None, :, None] * np.cos(x)
    t.equal(dx, right, "dx", given={"f": f, "x": x, "df": df, "h": 1e-5})

@check("agrees with slopes that differ from entry to entry")
def _(t):
    x, df = t.rng.uniform(0.5, 2.0, size=(3, 5)), t.rng.normal(size=(5, 3))
    f = lambda x: np.exp(x.T) / 2
    dx = t.call(eval_numerical_gradient_array, f, x, df)
    t.equal(dx, df.T * np.exp(x) / 2, "dx", given={"f": f, "x": x, "df": df, "h": 1e-5})
    told = "f(x) = x returns the very array that it is handed: unless you keep a copy, your two results are one array, and their difference is 0."
    kept = Mistake("result_not_copied", lambda case: np.zeros((3, 5)), told)
    f = lambda x: x
    dx = t.call(eval_numerical_gradient_array, f, x, df.T)
    t.equal(dx, df.T, "dx", given={"f": f, "x": x, "df": df.T, "h": 1e-5}, mistakes=[kept])
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## 6 · A Jacobian with no zeros
#
# *Softmax* turns $C$ scores into $C$ positive numbers that sum to 1: $s_i = e^{z_i} / \sum_k e^{z_k}$.
# Every score stands in the denominator of every output, so every output depends on every score,
# and the Jacobian is *dense*.
# The quotient rule gives
#
# $$\frac{\partial s_i}{\partial z_j} = \begin{cases} s_i\,(1 - s_i) & \text{if } i = j \\ -\,s_i\, s_j & \text{otherwise.} \end{cases}$$
#
# A larger score raises its own output and lowers all the others.
#
# `softmax_forward` is written.
# It subtracts the largest score first, which cancels in the fraction and keeps `exp` from overflowing.
# Call it; do not take `exp` of the bare scores.
#
# **Predict.** What do the entries of one column of this Jacobian sum to?
# <details><summary>Answer</summary>
#
# To 0, whatever the scores are.
# The outputs sum to 1 before and after score $j$ moves, so what one of them gains the others lose.
# The rows sum to 0 as well: the same number added to every score changes nothing.
#
# </details>

# %% nbgrader={"grade_id": "softmax_jacobian", "solution": true}
def softmax_forward(z):
    """Return the softmax of each row of z, or of z itself if it is one row, and a cache: the result again."""
    powers = np.exp(z - np.max(z, axis=-1, keepdims=True))
    s = powers / np.sum(powers, axis=-1, keepdims=True)
    return s, s


def softmax_jacobian(z):
    """Return the Jacobian of the softmax at the scores z.

    z : array of shape (C,); scores may be as large as 1000 or as small as -1000

    Returns an array of shape (C, C).
    """
    ### BEGIN SOLUTION
    s, _ = softmax_forward(z)
    return np.diag(s) - np.outer(s, s)
    ### END SOLUTION

# %% nbgrader={"grade_id": "softmax_jacobian_check", "grade": true, "points": 10}
check = Check("softmax_jacobian", points=10, hidden=3)

@check("is right at z = (0, ln 3), where softmax is (1/4, 3/4)")
def _(t):
    z = np.log([1.0, 3.0])
    J = [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]]
    t.equal(t.call(softmax_jacobian, z), J, "J", given={"z": z})

@check("is right at z = (0, ln 2, ln 5), where softmax is (1/8, 2/8, 5/8)")
def _(t):
    z = np.log([1.0, 2.0, 5.0])
    J = np.array([[7.0, -2.0, -5.0], [-2.0, 12.0, -10.0], [-5.0, -10.0, 15.0]]) / 64
    t.equal(t.call(softmax_jacobian, z), J, "J", given={"z": z})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("is right for six random scores")
def _(t):
    z = t.rng.normal(size=6)
    s = np.exp(z) / sum(np.exp(z))
    J = [[s[i] * ((i == j) - s[j]) for j in range(6)] for i in range(6)]
    t.equal(t.call(softmax_jacobian, z), J, "J", given={"z": z})

@check("stays finite at scores near 1000, and does not change when all scores grow alike")
def _(t):
    z = np.array([0.0, 1.0, -0.5, 2.0])
    s = np.exp(z) / np.sum(np.exp(z))
    J = t.call(softmax_jacobian, z + 1000)
    finite = J is None or np.all(np.isfinite(np.asarray(J, dtype=float)))
    message = "exp overflows at scores of 1000. softmax_forward subtracts the largest first: call it."
    t.true(bool(finite), message, "softmax_overflow")
    t.equal(J, np.diag(s) - s[:, None] * s, "J", given={"z": z})

@check("stays finite at scores near -1000, and where large scores stand beside small ones")
def _(t):
    beside = np.array([999.0, 1000.0, -200.0, 0.0, -500.0, 1.0, -1.0])
    for z in (np.array([0.5, -1.0, 2.0]) - 1000, beside):
        J = t.call(softmax_jacobian, z)
        finite = J is None or np.all(np.isfinite(np.asarray(J, dtype=float)))
        message = "Not finite: what is subtracted before exp must be the largest score. softmax_forward does that: call it."
        t.true(bool(finite), message, "softmax_overflow")
        s = np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))
        t.equal(J, np.diag(s) - s[:, None] * s, "J", given={"z": z})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def softmax_and_jacobian(first=0.0, scale=1.0):
    """Softmax of four scores beside its Jacobian; the first score moves, and all are multiplied by scale."""
    z = scale * np.array([first, 0.5, -0.5, 1.0])
    s, _ = softmax_forward(z)
    J = softmax_jacobian(z)
    fig, (left, right) = figure(1, 2, width=8, height=3.4, alt=f"Softmax {s.round(3)} and its Jacobian, largest entry {J.max():.4f}.")
    left.bar(range(4), s, color=style.VALUE)
    left.set(ylim=(0, 1), xticks=range(4), xlabel="output", ylabel="softmax")
    left.grid(axis="x", visible=False)
    right.imshow(J, cmap=style.SIGNED, vmin=-0.25, vmax=0.25)
    right.set(xticks=range(4), yticks=range(4), xlabel="score", ylabel="output")
    right.grid(False)
    for (i, j), slope in np.ndenumerate(J):
        colour = style.PAPER if abs(slope) > 0.15 else style.INK
        right.text(j, i, f"{slope:.3f}".replace("-", "−"), ha="center", va="center", color=colour)
    return fig


sliders(softmax_and_jacobian, first=(-8.0, 8.0, 0.5), scale=(0.1, 10.0, 0.1))

# %% [markdown]
# Drag `first` to 8 or `scale` to 10: one output takes nearly all of the 1, and the numbers in the map go to 0.
# A softmax that is certain has hardly any slope left to learn from.
# It is called *saturated*.
# In the next notebook a logarithm follows it, and the slope comes back.
#
# ## 7 · A dense Jacobian without the matrix
#
# Multiply by the matrix on paper, before any code:
#
# $$dz_j = \sum_i \mathrm{dout}_i\, J_{ij} = \mathrm{dout}_j\, s_j - s_j \sum_i \mathrm{dout}_i\, s_i .$$
#
# The last sum is one number for all $j$: the mean of the upstream gradient, weighted by $s$.
# What looked like $C^2$ products is a few passes over $C$ numbers.
# In a minibatch each row is a softmax of its own, so each row has its own weighted mean.
#
# **Predict.** The upstream gradient is 1 everywhere. What is $dz$?
# <details><summary>Answer</summary>
#
# Exactly 0.
# The weighted mean of ones is 1, and $s_j - s_j \cdot 1 = 0$.
# The outputs always sum to 1, so no score can raise their sum.
# That is why a gradient check draws its upstream gradient at random:
# with ones, a softmax backward that returns nothing but zeros would pass.
#
# </details>

# %% nbgrader={"grade_id": "softmax_backward", "solution": true}
def softmax_backward(dout, cache):
    """Return dz, the VJP of the softmax of each row, of shape (N, C).

    Builds no Jacobian: 100,000 classes are no trouble.

    dout  : upstream gradient, of shape (N, C)
    cache : what softmax_forward returned as its second result for z of shape (N, C)
    """
    ### BEGIN SOLUTION
    s = cache
    return s * (dout - np.sum(dout * s, axis=1, keepdims=True))
    ### END SOLUTION

# %% nbgrader={"grade_id": "softmax_backward_check", "grade": true, "points": 12}
check = Check("softmax_backward", points=12, hidden=3)

@check("gives each row what its own Jacobian would")
def _(t):
    z = np.log([[1.0, 3.0], [1.0, 1.0], [4.0, 1.0]])
    dout = np.array([[16.0, 0.0], [4.0, -4.0], [0.0, 25.0]])
    _, cache = t.call(softmax_forward, z)
    dz = [[3.0, -3.0], [2.0, -2.0], [-4.0, 4.0]]
    t.equal(t.call(softmax_backward, dout, cache), dz, "dz", given={"z": z, "dout": dout})

check.gradients(softmax_forward, softmax_backward, {"z": (4, 3)})

### BEGIN HIDDEN TESTS
check.hidden_tests()
check.gradients(softmax_forward, softmax_backward, {"z": (5, 7)}, label="more classes than examples")

@check("forward is the softmax of each row, and backward follows it to large scores")
def _(t):
    z, dout = t.rng.normal(size=(4, 5)), t.rng.normal(size=(4, 5))
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    out, cache = t.call(softmax_forward, z + 900)
    dz = [dout[n] @ (np.diag(s[n]) - s[n][:, None] * s[n]) for n in range(4)]
    t.equal(t.call(softmax_backward, dout, cache), dz, "dz", given={"z": z, "dout": dout})
    t.equal(out, s, "out", given={"z": z})

@check("serves 100,000 classes, where one row's Jacobian would take 75 GiB")
def _(t):
    z, dout = np.tile(t.rng.normal(size=(1, 1000)), 100), np.tile(t.rng.normal(size=(1, 1000)), 100)
    s = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    message = "Your backward ran out of memory: it builds a Jacobian. Multiply on paper first, as in the text."
    try:
        dz = t.call(softmax_backward, dout, softmax_forward(z)[1])
    except MemoryError:
        t.true(False, message, "jacobian_built")
    t.equal(dz, s * dout - dout[0] @ s[0] * s, "dz", given={"z": z, "dout": dout})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
import timeit


def milliseconds(f):
    return 1000 * min(timeit.repeat(f, number=3, repeat=3)) / 3


def derived_twice(sizes=(10, 30, 100, 300, 1000)):
    """dz through the matrix, and dz without it: do they agree, and what does each cost?"""
    with_matrix, without = [], []
    for C in sizes:
        z, dout = np.random.default_rng(C).normal(size=(2, 1, C))
        dz = softmax_backward(dout, softmax_forward(z)[1])
        print(f"C = {C:4d}: the two agree to {np.abs(dout @ softmax_jacobian(z[0]) - dz).max():.0e}")
        with_matrix.append(milliseconds(lambda: dout @ softmax_jacobian(z[0])))
        without.append(milliseconds(lambda: softmax_backward(dout, softmax_forward(z)[1])))
    said = f"At {C} classes the matrix costs {with_matrix[-1] / without[-1]:.0f} times as much"
    fig, ax = figure(alt=f"Milliseconds against the number of classes, with the matrix and without. {said}.")
    ax.loglog(sizes, with_matrix, "o-", label="build the Jacobian, multiply")
    ax.loglog(sizes, without, "s--", label="your backward")
    ax.set(xlabel="classes C", ylabel="milliseconds")
    ax.set_title(said, loc="left")
    ax.legend(frameon=False)
    return fig


derived_twice()

# %% [markdown]
# ## 8 · Matrix multiplication
#
# As with softmax, rows are examples: a layer takes `x` of shape $(N, D)$, weights `w` of shape $(D, M)$, and returns $y = x w$.
# With 64 examples and widths of 1000, the Jacobian of $y$ by $w$ has 64,000 rows and a million columns: 512 GB.
# To find the VJP instead, ask of one entry: *which outputs do you act in, and times what?*
# $w_{dm}$ acts in $y_{nm}$ of every example $n$, times $x_{nd}$, so
#
# $$dw_{dm} = \sum_n x_{nd}\, \mathrm{dout}_{nm} .$$
#
# Ask the same of $x_{nd}$.
# Then write both sums as matrix products, and let the shapes guide you:
# each factor is `dout` or the *other* input, as at the multiply gate, and the result has the shape of its variable.
#
# **Predict.** `x` is (4, 3) and `w` is (3, 5).
# Which shapes have `dout`, `dx` and `dw`, and which of the two gradients adds up over the examples?
# <details><summary>Answer</summary>
#
# (4, 5), (4, 3) and (3, 5).
# `dw` adds up over the examples: all four share each weight, so it fans out to four places.
# An entry of `x` belongs to one example.
#
# </details>

# %% nbgrader={"grade_id": "matmul_backward", "solution": true}
def matmul_forward(x, w):
    """Return x @ w and a cache for backward. x has shape (N, D), w has shape (D, M)."""
    return x @ w, (x, w)


def matmul_backward(dout, cache):
    """Return dx, dw, the VJPs of the matrix product by its two factors.

    dout  : upstream gradient, of shape (N, M)
    cache : what matmul_forward returned as its second result

    Returns a pair: dx of shape (N, D), dw of shape (D, M). No mean over the examples is taken.
    """
    ### BEGIN SOLUTION
    x, w = cache
    return dout @ w.T, x.T @ dout
    ### END SOLUTION

# %% nbgrader={"grade_id": "matmul_backward_check", "grade": true, "points": 12}
check = Check("matmul_backward", points=12, hidden=4)

@check("is right for two examples that you can follow by hand")
def _(t):
    x, w = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]), np.array([[2.0, 1.0], [0.0, -1.0], [-1.0, 0.0]])
    dout = np.array([[10.0, 1.0], [3.0, -2.0]])
    out, cache = t.call(matmul_forward, x, w)
    result = t.call(matmul_backward, dout, cache)
    two = isinstance(result, tuple | list) and len(result) == 2
    t.true(two, "matmul_backward should return two arrays, dx and dw, in this order.", "wrong_count")
    given = {"x": x, "w": w, "dout": dout}
    right = {"dx": np.array([[21.0, -1.0, -10.0], [4.0, 2.0, -3.0]])}
    right["dw"] = np.array([[10.0, 1.0], [17.0, 4.0], [33.0, 1.0]])
    for of, actual in zip(right, result):
        t.equal(actual, right[of], of, given=given, others=right)
    t.equal(out, [[-1.0, -1.0], [-1.0, 1.0]], "out", given=given)

check.gradients(matmul_forward, matmul_backward, {"x": (4, 3), "w": (3, 5)})

### BEGIN HIDDEN TESTS
check.hidden_tests()
check.gradients(matmul_forward, matmul_backward, {"x": (5, 2), "w": (2, 4)}, label="more examples than columns")
check.gradients(matmul_forward, matmul_backward, {"x": (4, 6), "w": (6, 1)}, label="a single output")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## 9 · Broadcasting forward is summing backward
#
# In `x + b`, with `x` of shape (4, 3) and `b` of shape (3,), NumPy *broadcasts* `b`:
# it uses each of the three numbers in four places, as if `b` had been copied into every row.
# That is fan-out, and at fan-out gradients add up:
#
# $$db_d = \sum_n \mathrm{dout}_{nd} .$$
#
# NumPy stretches an array in two ways.
# It puts missing axes **in front**, so (3,) is read as (1, 3);
# and it repeats along each axis of **length 1**, so (4, 1) serves as (4, 3).
# To *unbroadcast* a gradient, undo both: sum over what was stretched, and end in the shape the variable has.
#
# **Predict.** `dout` is all ones, of shape (4, 3).
# What is the gradient of `b` if `b` has shape (3,), shape (4, 1), shape ()?
# <details><summary>Answer</summary>
#
# (4, 4, 4); a column of four 3s; 12.
# Each number counts the places in which it acted.
#
# </details>

# %% nbgrader={"grade_id": "unbroadcast", "solution": true}
def unbroadcast(dout, shape):
    """Sum dout over every axis along which an array of the given shape was broadcast.

    dout  : upstream gradient, of the shape that the broadcast result had
    shape : tuple, the shape of the variable before broadcasting; it fits into dout's shape by NumPy's rules

    Returns an array of exactly this shape (for the empty shape (), one number).
    """
    ### BEGIN SOLUTION
    in_front = tuple(range(np.ndim(dout) - len(shape)))
    dout = np.sum(dout, axis=in_front)
    of_length_1 = tuple(axis for axis, length in enumerate(shape) if length == 1)
    return np.sum(dout, axis=of_length_1, keepdims=True)
    ### END SOLUTION

# %% nbgrader={"grade_id": "unbroadcast_check", "grade": true, "points": 12}
check = Check("unbroadcast", points=12, hidden=6)

def compare(t, dout, shape, right):
    result = t.call(unbroadcast, dout, shape)
    t.equal(result, right, "result", given={"dout": dout, "shape": shape})
    t.true(
        np.shape(result) == shape,
        f"The numbers are right, and the shape is {np.shape(result)} instead of {shape}. "
        "Axes of length 1 count here: keep those the variable has, drop those it has not.",
        "unit_axes",
    )

@check("sums over the rows for a bias of shape (3,)")
def _(t):
    dout = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [5.0, 5.0, 5.0], [0.0, -1.0, 0.0]])
    compare(t, dout, (3,), [16.0, 26.0, 38.0])

@check("sums along the rows for a column of shape (4, 1)")
def _(t):
    dout = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0], [5.0, 5.0, 5.0], [0.0, -1.0, 0.0]])
    compare(t, dout, (4, 1), [[6.0], [60.0], [15.0], [-1.0]])

### BEGIN HIDDEN TESTS
check.hidden_tests()

def is_the_adjoint(t, big, shape):
    dout, right = t.rng.normal(size=big), np.zeros(shape)
    for place in np.ndindex(*shape):
        one = np.zeros(shape)
        one[place] = 1.0
        right[place] = np.sum(dout * np.broadcast_to(one, big))
    compare(t, dout, shape, right)

@check("undoes both ways of stretching at once")
def _(t):
    is_the_adjoint(t, (2, 4, 3), (4, 1))

@check("keeps a leading axis of length 1")
def _(t):
    is_the_adjoint(t, (4, 3), (1, 3))

@check("adds up everything for the shape ()")
def _(t):
    is_the_adjoint(t, (4, 3), ())

@check("handles several stretched axes with others between them")
def _(t):
    is_the_adjoint(t, (2, 5, 3, 4), (5, 1, 4))

@check("looks at the places of axes, not at their lengths: 3 is stretched here and kept there")
def _(t):
    for big, shape in [((3, 3), (3,)), ((3, 3), (3, 1)), ((4, 3, 4), (3, 1)), ((2, 2, 5, 2), (5, 2))]:
        is_the_adjoint(t, big, shape)

@check("sums nothing where nothing was stretched, and does so in the same call")
def _(t):
    dout = t.rng.normal(size=(4, 3))
    t.equal(t.call(unbroadcast, dout, (4, 3)), dout, "result", given={"dout": dout, "shape": (4, 3)})
    is_the_adjoint(t, (6, 4, 3), (4, 3))
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def four_layers(N=3):
    """The Jacobians of four layers on a minibatch of N examples, measured by your own function."""
    rng = np.random.default_rng(4)
    x, w, b = rng.normal(scale=0.5, size=(N, 3)), rng.uniform(-1, 1, size=(3, 3)), rng.normal(size=3)
    return show_jacobian(
        {
            "ReLU by x": numerical_jacobian(lambda x: relu_forward(x)[0], x),
            "softmax by x": numerical_jacobian(lambda x: softmax_forward(x)[0], x),
            "x w by x": numerical_jacobian(lambda x: matmul_forward(x, w)[0], x),
            "x + b by b": numerical_jacobian(lambda b: x + b, b),
        },
        block=3,
        numbers=False,
    )


sliders(four_layers, N=(1, 6, 1))

# %% [markdown]
# Read the four patterns before you go on.
# Examples do not act on each other, so the first three maps are made of one block for each example, along the diagonal.
# A block of the ReLU is itself diagonal; one of softmax is full, and differs from example to example;
# that of $x w$ is the *same* for all, $w^{\mathsf T}$.
# The fourth is a stack of identity matrices: a copy of `b` for each example.
# A row vector times this stack is the sum of its pieces, which is what you wrote.
#
# ## 10 · The whole function
#
# Back to $f(x, W) = \lVert W x \rVert^2$, with $x$ a single vector of $D$ numbers and $W$ of shape $(H, D)$.
# This time you write forward *and* backward, and you decide what goes into the cache.
# There is no new formula.
# The steps of the hand calculation are those of the code, and they hold for every size of $W$.
# $f$ is one number, and so is its upstream gradient.
#
# **Predict.** The upstream gradient is 10 where the hand calculation had 1. What happens to $dx$ and $dW$?
# <details><summary>Answer</summary>
#
# Both become 10 times as large.
# A VJP is linear in its upstream gradient: it is a vector times a matrix, whether or not anybody built the matrix.
#
# </details>

# %% nbgrader={"grade_id": "squared_norm_backward", "solution": true}
def squared_norm_forward(x, W):
    """Return the number ‖W x‖² and a cache of your choice.

    x : array of shape (D,)
    W : array of shape (H, D)
    """
    ### BEGIN SOLUTION
    q = W @ x
    return np.sum(q**2), (x, W, q)
    ### END SOLUTION


def squared_norm_backward(dout, cache):
    """Return dx, dW, from formulas and not from finite differences.

    dout  : upstream gradient, one number
    cache : what squared_norm_forward returned as its second result

    Returns a pair: dx of shape (D,), dW of shape (H, D).
    """
    ### BEGIN SOLUTION
    x, W, q = cache
    dq = 2 * q * dout
    return W.T @ dq, np.outer(dq, x)
    ### END SOLUTION

# %% nbgrader={"grade_id": "squared_norm_backward_check", "grade": true, "points": 10}
check = Check("squared_norm_backward", points=10, hidden=5)

@check("forward gives 0.116 for the numbers of the hand calculation")
def _(t):
    x, W = np.array([0.2, 0.4]), np.array([[0.1, 0.5], [-0.3, 0.8]])
    t.equal(t.call(squared_norm_forward, x, W)[0], 0.116, "out", given={"x": x, "W": W})

@check("backward gives the gradients of the hand calculation")
def _(t):
    x, W = np.array([0.2, 0.4]), np.array([[0.1, 0.5], [-0.3, 0.8]])
    right = {"dx": np.array([-0.112, 0.636]), "dW": np.array([[0.088, 0.176], [0.104, 0.208]])}
    _, cache = t.call(squared_norm_forward, x, W)
    result = t.call(squared_norm_backward, 1.0, cache)
    two = isinstance(result, tuple | list) and len(result) == 2
    t.true(two, "squared_norm_backward should return two arrays, dx and dW, in this order.", "wrong_count")
    given = {"x": x, "W": W, "dout": 1.0}
    for of, actual in zip(right, result):
        t.equal(actual, right[of], of, given=given, others=right)

check.gradients(squared_norm_forward, squared_norm_backward, {"x": (3,), "W": (5, 3)})

### BEGIN HIDDEN TESTS
check.hidden_tests()
check.gradients(squared_norm_forward, squared_norm_backward, {"x": (6,), "W": (4, 6)}, label="more columns than rows")

@check("backward is exact to the last digits, as finite differences never are")
def _(t):
    x, W = t.rng.normal(size=5), t.rng.normal(size=(4, 5))
    right = {"dx": 2 * W.T @ (W @ x), "dW": 2 * np.outer(W @ x, x)}
    _, cache = t.call(squared_norm_forward, x, W)
    for of, actual in zip(right, t.call(squared_norm_backward, 1.0, cache)):
        t.equal(actual, right[of], of, given={"x": x, "W": W, "dout": 1.0}, others=right)
        error = np.max(np.abs(np.reshape(actual, right[of].shape) - right[of]))
        message = f"{of} agrees only as well as finite differences do. Write the derivative itself."
        t.true(error <= 1e-12 * np.max(np.abs(right[of])), message, "numeric_differentiation")

@check("forward adds up the squares of all rows")
def _(t):
    x, W = t.rng.normal(size=4), t.rng.normal(size=(7, 4))
    right = sum(sum(W[i, j] * x[j] for j in range(4)) ** 2 for i in range(7))
    t.equal(t.call(squared_norm_forward, x, W)[0], right, "out", given={"x": x, "W": W})

@check("forward is right for a single row, and for numbers of very different size")
def _(t):
    x, W = np.array([1e4, 2.0, 1e-3]), np.array([[1e-4, -3.0, 500.0]])
    t.equal(t.call(squared_norm_forward, x, W)[0], 20.25, "out", given={"x": x, "W": W})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def multiply_forward(x, y):
    return x * y, (x, y)

def multiply_backward(dout, cache):
    x, y = cache
    return dout * y, dout * x

def sigmoid_forward(x):
    s = 1 / (1 + np.exp(-x))
    return s, s

def sigmoid_backward(dout, s):
    return dout * s * (1 - s)

class Chain:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        self.caches = []
        for forward, _ in self.layers:
            x, cache = forward(x)
            self.caches.append(cache)
        return x

    def backward(self, dout):
        for (_, backward), cache in zip(self.layers[::-1], self.caches[::-1]):
            dout = backward(dout, cache)
        return dout

def check_a_chain():
    x, w, dout = (np.random.default_rng(7).normal(size=shape) for shape in [(5, 4), (4, 3), (5, 3)])
    by_x = (lambda x: matmul_forward(x, w), lambda dout, cache: matmul_backward(dout, cache)[0])
    chain = Chain((sigmoid_forward, sigmoid_backward), by_x, (softmax_forward, softmax_backward))
    numeric = eval_numerical_gradient_array(chain.forward, x, dout)
    chain.forward(x)
    return show_error_map(chain.backward(dout), numeric)

check_a_chain()

# %% [markdown]
# ## What a framework is made of
#
# A deep learning framework is a collection of such pairs, a forward and a backward each:
# multiply gate, sigmoid layer, matrix product, and some hundreds more.
# A pair knows its own inputs, its cache and its upstream gradient, and nothing of its neighbours.
# Hence pairs fit together freely.
# The `Chain` above calls the forwards in order, keeps the caches, and calls the backwards in reverse.
# It has no formula in it, and nobody in the cell ever sees a Jacobian.
#
# **Change one thing.**
# Put a wrong sign into `sigmoid_backward` and see which entries the gradient check finds.
#
# ## Reflection
#
# A friend has an idea for a simpler framework.
# Every layer returns its output *and its Jacobian*; then one general line, `dout = dout @ J`, serves as the backward of all layers,
# and nobody has to write, or debug, a single backward again.
#
# In five to ten sentences, answer your friend.
# What is right about the idea?
# Why does no framework do this: what does the Jacobian of a ReLU, or of a softmax, hold for a minibatch, and what of it survives in the VJP?
# Name one situation in which building the full Jacobian is a good choice after all, and say why it is.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sound answer.**
# The line is right: the chain rule says exactly that, and dout times J is what every backward computes.
# But J has a row for every output and a column for every input of the whole minibatch, so it grows with the square of both batch and width.
# For a ReLU on 100 rows of 4096 numbers that is 1.2 TiB, where one entry in 409,600 is on the diagonal and all others are 0.
# Multiplying by the mask gives the same result from 409,600 numbers.
# Building J is fine when it is small, for instance to test a new backward on a layer of ten numbers.
#
# **A strong answer** adds where the saving comes from and what it costs.
# The VJP needs only how J acts on one row vector.
# ReLU: J is diagonal, so the action is one multiplication per entry.
# Softmax: J is block diagonal, one dense C × C block per example, but each block is a diagonal minus an outer product,
# so its action is one weighted mean per row; dense does not mean expensive.
# Matrix product: one and the same block repeated N times, so the action is a matrix product, and by the weights it sums over the examples.
# Structure, not emptiness, is what a hand-written backward uses; a general `dout @ J` cannot know it.
# The price is one backward per kind of layer, to be derived and checked, which is why gradient checks exist.
# The full J is worth having when one VJP is not enough: when all M rows are wanted and M and D are small (Newton's method in a few unknowns,
# sensitivities of a handful of outputs, a test); even then it can be put together from M VJPs.
#
# **Rubric** (comment on each; extra credit up to 3).
# One for the size: grows with the square of batch × width, with a number.
# One for the structure: says for at least one layer *why* the product is cheap, in terms of the pattern and not only of memory.
# One for a justified use of the full Jacobian.
# An answer that only says "too much memory" earns the first; one that says the friend's line is *wrong* has missed that it is the definition of backward.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# You **measured** Jacobians and VJPs of functions whose formulas nobody gave you.
# You **recognised** four patterns, and you **replaced** each of them by its action on an upstream gradient:
#
# | layer | its Jacobian on a minibatch | what is left of it in backward |
# |:--|:--|:--|
# | elementwise (ReLU, sigmoid) | diagonal | one product per entry |
# | softmax | a dense block per example | one weighted mean per row |
# | matrix product | the same block for all examples | two matrix products |
# | broadcasting | a stack of identities | a sum |
#
# So this is how you differentiate through a layer whose derivative does not fit into your computer:
# you push one row vector through the derivative, and that costs about as much as the forward.
#
# **Roads not taken.**
# A VJP gives one combination of the Jacobian's rows, all inputs at once: right for one loss and many weights.
# *Forward mode* multiplies from the other side and gives a combination of columns: right for few inputs and many outputs.
# The matrix of second derivatives, the *Hessian*, meets the same fate as the Jacobian: products with it are cheap, the matrix is not.
#
# **Go on.**
# `np.cumsum` turns $(a, b, c)$ into $(a,\ a + b,\ a + b + c)$.
# Predict the pattern of its Jacobian, then measure it.
# Write `cumsum_backward(dout)` without the matrix, in one line, and hold it against `eval_numerical_gradient_array`.
# Or build a pair for SiLU, $x \cdot \mathrm{sigmoid}(x)$, out of the multiply and the sigmoid pair.
#
# **To read on.**
# [The matrix calculus you need for deep learning](https://arxiv.org/abs/1802.01528) (Parr and Howard);
# [NumPy's rules of broadcasting](https://numpy.org/doc/stable/user/basics.broadcasting.html).
#
# In the next notebook the layers of this one become a network that learns.
