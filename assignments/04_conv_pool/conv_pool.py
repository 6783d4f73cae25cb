# %% [markdown]
# # Convolution and pooling
#
# Move every pixel of every photograph to another place, always by the same rule,
# and you can no longer tell a sneaker from a dress.
# A multi-layer perceptron does not notice: to it an image is a list, and in a list nothing is near anything else.
#
# **How can a network know that neighbouring pixels belong together, and what is that knowledge worth, in percent?**
#
# **You will**
#
# - **write** convolution and pooling, forward and backward, for any stride, padding and window;
# - **rewrite** convolution as one product of matrices, and time what that buys;
# - **train** a convolutional network against a perceptron, on photographs of clothes and on shuffled ones.
#
# ## A filter looks at one place
#
# A *filter* is a small array of weights.
# Lay it over a patch of an image, multiply entry by entry, add everything up, add a bias:
#
# $$s = \sum_{p,q} w_{pq}\, x_{pq} + b = \lVert w\rVert\, \lVert x\rVert \cos\theta + b$$
#
# That is the dot product of two flattened arrays, and it measures likeness:
# for patches of equal length it is largest where the patch points the same way as the filter.
# In the next cells, move a filter with −1 on its left and +1 on its right over a cat's eye, and read the sum.
#
# **Predict:** what is the sum where all nine pixels are equally bright, and does it matter how bright?
#
# <details><summary>Answer</summary>
#
# 0 at any brightness: the nine weights add up to 0.
# This filter sees no brightness at all, only its change from left to right: a vertical edge.
#
# </details>

# %% nbgrader={"grade_id": "setup", "locked": true}
import time

import numpy as np
from autograder import Check, hint, loss_of
from utils import figure, load_fashion_mnist, load_photograph, show_images, show_jacobian, sliders, style
from utils.layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_loss
from utils.layers import max_pool_2x2_backward, max_pool_2x2_forward
from utils.training import Perceptron, accuracy, train

# %% tags=["experiment"]
eye = load_photograph("chelsea").mean(axis=0)[80:108, 148:190]
vertical_edge = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
columns_of_three = eye[:-2] + eye[1:-1] + eye[2:]
every_sum = columns_of_three[:, 2:] - columns_of_three[:, :-2]

def look_through(row=20, column=17):
    """The filter on the patch with upper left corner (row, column), and every sum found on the way there."""
    patch = eye[row : row + 3, column : column + 3]
    products = patch * vertical_edge
    places = np.arange(every_sum.size).reshape(every_sum.shape)
    so_far = np.where(places <= places[row, column], every_sum, np.nan)
    fig, axes = figure(1, 5, width=10, height=2.3, width_ratios=[2.1, 1, 1, 1, 2.1])
    grey, signed = {"cmap": "gray", "vmin": 0, "vmax": 1}, {"cmap": style.SIGNED, "vmin": -1.2, "vmax": 1.2}
    panels = [("a cat's eye", eye, grey), ("patch", patch, grey), ("filter", vertical_edge, signed)]
    panels += [(f"products: sum {products.sum():.2f}", products, signed), ("the sums so far", so_far, signed)]
    for ax, (title, numbers, colours) in zip(axes, panels):
        ax.imshow(numbers, **colours)
        ax.set_title(title, fontsize=10)
        ax.axis("off")
        for (p, q), number in np.ndenumerate(numbers if numbers.size == 9 else np.empty((0, 0))):
            dark = number < 0.5 if numbers is patch else abs(number) > 0.9
            ax.text(q, p, f"{number:.2f}", ha="center", va="center", fontsize=8.5, color="white" if dark else style.INK)
    left, top = column - 0.5, row - 0.5
    axes[0].plot([left, left + 3, left + 3, left, left], [top, top, top + 3, top + 3, top], color=style.VALUE)
    fig.alt = f"A 3 by 3 patch of a cat's eye, a vertical edge filter and their products, which sum to {products.sum():.2f}."
    return fig

sliders(look_through, row=(0, 25), column=(0, 39))

# %% [markdown]
# ## How large is a map, and what does it cost?
#
# A filter centred on a border pixel hangs over the edge,
# so *zero padding* puts a frame of zeros around the image, P pixels wide.
# The filter starts in the corner of the padded image and moves S pixels at a time: S is the *stride*.
# Along an axis of N pixels that makes
#
# $$\frac{N + 2P - F}{S} + 1$$
#
# numbers; together they are an *activation map*.
# If the division leaves a rest, the filter *does not fit*: pixels at the far edge would never be seen.
# With S = 2 the map has half as many rows and columns: a stride *downsamples*.
#
# A filter always spans the full depth of its input, all C channels, and makes one two-dimensional map.
# K filters make K maps, which are the channels of the output.
#
# **Predict:** six 5×5 filters move over a 32×32×3 image, S = 1, P = 0. How large is the output? How many parameters are learned?
#
# <details><summary>Answer</summary>
#
# (32 − 5)/1 + 1 = 28, so the output is 28×28×6.
# One filter has 5·5·3 = 75 weights and one bias, 76 parameters; six have 456.
# The size of the image does not enter: every place is looked at with the same weights.
#
# </details>
#
# ## Warm-up: write, check, fix
#
# With an odd F and S = 1 the map is as large as the image if
#
# $$P = (F - 1)/2$$
#
# The function below has one mistake and earns no points.
# Run the cell, read the message, mend the line, run it again.
# When a message is not enough, ask in a cell of your own:
# `hint("conv_forward_naive")` gives a question first, then a formula, then a table of shapes.

# %% tags=["experiment"]
def pad_that_keeps(filter_size):
    """Return the zero padding with which a filter of odd size, moved by one pixel at a time, keeps an image's size."""
    return (filter_size + 1) // 2


check = Check("pad_that_keeps", points=0)

@check("filters of size 3, 5 and 7 need a frame of 1, 2 and 3 zeros")
def _(t):
    t.equal([pad_that_keeps(3), pad_that_keeps(5), pad_that_keeps(7)], [1, 2, 3], "P for 3, 5, 7")

@check("a filter of size 1 needs none")
def _(t):
    t.equal(pad_that_keeps(1), 0, "P for 1")

check.score()

# %% nbgrader={"grade_id": "conv_output_size", "solution": true}
def conv_output_size(size, filter_size, stride=1, pad=0):
    """Length of an activation map along one axis.

    size: pixels of the image along this axis; filter_size, stride, pad: F, S, P along it. All ints.
    Returns an int. Raises ValueError if the filter does not fit: if its last step would leave pixels over,
    or if it is larger than the padded image.
    """
    ### BEGIN SOLUTION
    room = size + 2 * pad - filter_size
    if room < 0 or room % stride:
        raise ValueError(f"filter {filter_size}, stride {stride}, pad {pad} do not fit {size} pixels")
    return room // stride + 1
    ### END SOLUTION


def conv_parameter_count(filters, depth, height, width):
    """Number of parameters, weights and biases, of a layer of `filters` filters of size depth x height x width."""
    ### BEGIN SOLUTION
    return filters * (depth * height * width + 1)
    ### END SOLUTION

# %% nbgrader={"grade_id": "conv_output_size_check", "grade": true, "points": 7}
check = Check("conv_output_size", points=7, hidden=4)

def sizes_are(t, cases):
    for case, expected in cases:
        size = t.call(conv_output_size, *case)
        t.equal(size, expected, f"conv_output_size{case}", given=dict(zip(("size", "filter_size", "stride", "pad"), case)))
        t.true(not isinstance(size, float), f"{size} is a float. A size is an int: divide with //.", "float_as_integer")

def refuses(t, *case):
    try:
        size = conv_output_size(*case)
    except ValueError:
        return t.true(True, "")
    except AssertionError:
        t.true(False, "An assert raises an AssertionError. Here, raise a ValueError.", "assertion_for_value_error")
    t.true(False, f"conv_output_size{case} gave {size}; it does not fit, so raise a ValueError.", "misfit_accepted")

@check("7 pixels, filter 3: stride 1 makes 5, stride 2 makes 3; 32 pixels, filter 5, pad 2 stay 32")
def _(t):
    sizes_are(t, [((7, 3, 1, 0), 5), ((7, 3, 2, 0), 3), ((32, 5, 1, 2), 32)])

@check("7 pixels, filter 3, stride 3 does not fit")
def _(t):
    refuses(t, 7, 3, 3, 0)

@check("one 5x5x3 filter has 76 parameters, ten have 760")
def _(t):
    t.equal(conv_parameter_count(1, 3, 5, 5), 76, "parameters", given={"filters": 1, "depth": 3, "height": 5, "width": 5})
    t.equal(conv_parameter_count(10, 3, 5, 5), 760, "parameters", given={"filters": 10, "depth": 3, "height": 5, "width": 5})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("other sizes, strides and paddings")
def _(t):
    cases = [((227, 11, 4, 0), 55), ((10, 4, 4, 3), 4), ((10, 6, 2, 3), 6), ((5, 5, 3, 0), 1), ((2, 4, 1, 2), 3)]
    sizes_are(t, cases)

@check("stride 1 and no padding unless said otherwise")
def _(t):
    t.equal(conv_output_size(32, 5), 28, "conv_output_size(32, 5)")

@check("rests and filters larger than the padded image are refused")
def _(t):
    refuses(t, 10, 3, 2, 0)
    refuses(t, 9, 4, 2, 2)
    refuses(t, 3, 6, 1, 1)
    refuses(t, 2, 5, 3, 0)

@check("filters that are not square, on an output of other layers")
def _(t):
    for filters, depth, height, width, expected in ((12, 3, 3, 3, 336), (4, 7, 5, 2, 284), (64, 128, 1, 1, 8256)):
        given = {"filters": filters, "depth": depth, "height": height, "width": width}
        t.equal(conv_parameter_count(filters, depth, height, width), expected, "parameters", given=given)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## On paper
#
# An image of 3×5 pixels, dark on the left and bright on the right, and the edge filter from above:
#
# $$\begin{pmatrix}1&1&1&8&8\\1&1&1&8&8\\1&1&1&8&8\end{pmatrix} * \begin{pmatrix}-1&0&1\\-1&0&1\\-1&0&1\end{pmatrix} = \begin{pmatrix}0&21&21\end{pmatrix}$$
#
# The filter fits in three places.
# In the first, all nine pixels are 1, and the sum is 0.
# In the second and third the right column is 8 and the left one 1: the sum is 3·8 − 3·1 = 21.
# A bias of −10 turns the map into (−10, 11, 11), a ReLU into (0, 11, 11):
# "an edge is here", at two places out of three.
#
# **Predict:** what is the map, before the bias, with stride 2? And with stride 1 and a frame of zeros of width 1, in its middle row?
#
# <details><summary>Answer</summary>
#
# Stride 2 leaves out the second place: (0, 21).
# With padding the middle row has five numbers: (3, 0, 21, 21, −24).
# The frame makes edges of its own: from 0 to 1 on the left, from 8 down to 0 on the right.
#
# </details>
#
# ## Convolution, forward
#
# A batch of images, several filters, all channels:
#
# $$\text{out}_{nfij} = b_f + \sum_{c,p,q} w_{fcpq}\; \hat x_{n,\,c,\,iS+p,\,jS+q}$$
#
# where $\hat x$ is the image with its frame of zeros.
# Read the indices: the sum runs over one patch and *all* channels, and nothing but the place of the patch depends on $i$ and $j$.
# So connections are *local*, and weights are *shared* between places.
# The filter is not turned round: mathematicians would say cross-correlation; everybody here says *convolution*.
#
# Write it with plain loops, one output number at a time. Slow is fine, clear is better.
#
# **Predict:** 8 filters 5×5 on one grey 28×28 image, P = 2. How many weights are learned,
# and how many would a fully connected layer with as many outputs need?
#
# <details><summary>Answer</summary>
#
# 8·25 = 200, against 784 inputs times 8·784 outputs: 4,917,248.
#
# </details>

# %% nbgrader={"grade_id": "conv_forward_naive", "solution": true}
def conv_forward_naive(x, w, b, conv_param):
    """Convolve every image with every filter.

    x: (N, C, H, W) images; w: (F, C, HH, WW) filters; b: (F,) biases.
    conv_param: dict with the ints "stride" (S, the same both ways) and "pad" (P zeros on all four sides).
    Returns out of shape (N, F, 1 + (H + 2P - HH)/S, 1 + (W + 2P - WW)/S), and a cache for conv_backward_naive.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    rows = conv_output_size(H, HH, stride, pad)
    columns = conv_output_size(W, WW, stride, pad)
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, rows, columns))
    for n in range(N):
        for f in range(F):
            for i in range(rows):
                for j in range(columns):
                    patch = padded[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
    return out, (x, w, b, conv_param)
    ### END SOLUTION

# %% nbgrader={"grade_id": "conv_forward_naive_check", "grade": true, "points": 11}
check = Check("conv_forward_naive", points=11, hidden=4)

def map_is(t, x, w, b, conv_param, expected):
    given = {"x": x, "w": w, "b": b, "conv_param": conv_param}
    result = t.call(conv_forward_naive, x, w, b, conv_param)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given=given)

on_paper = np.array([[[[1.0, 1, 1, 8, 8]] * 3]])
edge = np.array([[[[-1.0, 0, 1]] * 3]])

@check("the edge on paper: 0, 21, 21, less 10 for the bias")
def _(t):
    map_is(t, on_paper, edge, np.array([-10.0]), {"stride": 1, "pad": 0}, [[[[-10, 11, 11]]]])

@check("a frame of zeros, stride 2, a filter of 3x2")
def _(t):
    x, w = np.arange(12.0).reshape(1, 1, 3, 4), np.array([[[[0.0, 1], [2, 3], [0, 1]]]])
    map_is(t, x, w, np.zeros(1), {"stride": 2, "pad": 1}, [[[[4, 14, 6], [28, 54, 22]]]])

@check("one filter sums over all channels, each filter makes its own map")
def _(t):
    x = np.ones((2, 3, 2, 3)) * np.array([1.0, 10, 100]).reshape(3, 1, 1) * np.array([1.0, 2]).reshape(2, 1, 1, 1)
    w = np.ones((4, 3, 2, 2)) * np.arange(4.0).reshape(4, 1, 1, 1)
    image = np.array([7.0, 451, 895, 1339]).reshape(4, 1, 1) * np.ones((4, 1, 2))
    map_is(t, x, w, np.full(4, 7.0), {"stride": 1, "pad": 0}, [image, 2 * image - 7])

### BEGIN HIDDEN TESTS
check.hidden_tests()

def by_taps(x, w, b, stride, pad):
    """The definition, one tap of the filters at a time."""
    (N, C, H, W), (F, _, HH, WW) = x.shape, w.shape
    frame = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    frame[:, :, pad : pad + H, pad : pad + W] = x
    rows, columns = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    out = np.zeros((N, F, rows, columns)) + b.reshape(F, 1, 1)
    for c, p, q in np.ndindex(C, HH, WW):
        seen = frame[:, c, p : p + rows * stride : stride, q : q + columns * stride : stride]
        out += w[:, c, p, q].reshape(F, 1, 1) * seen[:, None]
    return out

for name, x_shape, w_shape, stride, pad in (
    ("stride 1, no padding", (4, 2, 6, 5), (3, 2, 2, 3), 1, 0),
    ("stride 2, padding 1", (4, 3, 5, 7), (2, 3, 3, 3), 2, 1),
    ("stride 3, padding 2", (4, 2, 5, 8), (5, 2, 3, 3), 3, 2),
    ("stride 4, no padding", (4, 1, 9, 6), (3, 1, 1, 2), 4, 0),
):
    @check(name)
    def _(t):
        x, w, b = t.rng.normal(size=x_shape), t.rng.normal(size=w_shape), t.rng.normal(size=w_shape[0])
        map_is(t, x, w, b, {"stride": stride, "pad": pad}, by_taps(x, w, b, stride, pad))
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: a whole network for 32x32 colour images, with your two functions. Which layer holds the parameters, which does the work?
def layer_table():
    side = conv_output_size(32, 3, stride=1, pad=1)
    half = conv_output_size(side, 2, stride=2)
    pooled, parameters = half * half * 12, conv_parameter_count(12, 3, 3, 3)
    layers = [
        ("INPUT", (32, 32, 3), 0, 0),
        ("CONV, 12 filters 3x3, stride 1, pad 1", (side, side, 12), parameters, side * side * 12 * 27),
        ("RELU", (side, side, 12), 0, 0),
        ("POOL 2x2, stride 2", (half, half, 12), 0, 0),
        ("FC to 10 classes", (10,), pooled * 10 + 10, pooled * 10),
    ]
    print(f"{'layer':<40}{'output':<16}{'parameters':>10}{'multiplications':>17}")
    for name, shape, parameters, products in layers:
        print(f"{name:<40}{' x '.join(map(str, shape)):<16}{parameters:>10,}{products:>17,}")

# Look: one filter, one map, over a whole photograph. Each filter answers to something else; `whiskers` is yours to change.
small_cat = load_photograph("chelsea").mean(axis=0)[::2, ::2]
filters = {
    "vertical edges": vertical_edge,
    "horizontal edges": vertical_edge.T,
    "whiskers": np.array([[-1.0, -1, 2], [-1, 2, -1], [2, -1, -1]]),
    "blur": np.full((3, 3), 1 / 9),
}

def one_map(name="whiskers", stride=1, pad=1):
    """The map of one filter; trailing rows and columns are cut off the photograph until the filter fits."""
    H, W = (n - (n + 2 * pad - 3) % stride for n in small_cat.shape)
    x, w = small_cat[None, None, :H, :W], filters[name][None, None]
    out, _ = conv_forward_naive(x, w, np.zeros(1), {"stride": stride, "pad": pad})
    title = f"{name}: {H} x {W} pixels become {out.shape[2]} x {out.shape[3]}"
    return show_images(out[:, 0] - (name == "blur") * small_cat.mean(), ncols=1, signed=True, title=title)

layer_table()
sliders(one_map, name=list(filters), stride=(1, 4), pad=(0, 12))

# %% [markdown]
# ## Backward: every output stamps its filter
#
# In one output number, each pixel was multiplied by one weight.
# Backward, a multiply gate swaps and scales: the pixel receives that weight, the weight that pixel, both times the upstream gradient.
# Pixels and weights are used in many places, and what is used many times adds up:
#
# $$d\hat x_{\,\text{patch}(i,j)} \mathrel{+}= \text{dout}_{nfij}\; w_f, \qquad dw_f \mathrel{+}= \text{dout}_{nfij}\; \hat x_{\,\text{patch}(i,j)}$$
#
# In one dimension, x = (1, 2, 3, 4), w = (2, −1), dout = (1, 10, 100).
# Each output stamps its filter onto dx at its own place:
#
# | | | | | |
# |---|---|---|---|---|
# | 1 · | 2 | −1 | | |
# | 10 · | | 2 | −1 | |
# | 100 · | | | 2 | −1 |
# | dx = | 2 | 19 | 190 | −100 |
#
# The frame of zeros takes gradients too; x does not include it.
#
# **Predict:** what is dw?
#
# <details><summary>Answer</summary>
#
# 1·(1, 2) + 10·(2, 3) + 100·(3, 4) = (321, 432): each digit tells which patch it came from.
#
# </details>

# %% nbgrader={"grade_id": "conv_backward_naive", "solution": true}
def conv_backward_naive(dout, cache):
    """Gradients of conv_forward_naive.

    dout: upstream gradient, of the shape of out; cache: what your conv_forward_naive returned.
    Returns dx, dw, db, in this order, each of the shape of its variable: (N, C, H, W), (F, C, HH, WW), (F,).
    Any stride, any pad from 0, any shape. Sums over the batch, no means.
    """
    ### BEGIN SOLUTION
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for n, f, i, j in np.ndindex(*dout.shape):
        patch = (n, slice(None), slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW))
        dpadded[patch] += dout[n, f, i, j] * w[f]
        dw[f] += dout[n, f, i, j] * padded[patch]
    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    db = dout.sum(axis=(0, 2, 3))
    return dx, dw, db
    ### END SOLUTION

# %% nbgrader={"grade_id": "conv_backward_naive_check", "grade": true, "points": 16}
check = Check("conv_backward_naive", points=16, hidden=9)

@check("three stamps in one dimension: dx = 2, 19, 190, -100; dw = 321, 432; db = 111")
def _(t):
    x, w, b = np.array([[[[1.0, 2, 3, 4]]]]), np.array([[[[2.0, -1]]]]), np.zeros(1)
    dout, conv_param = np.array([[[[1.0, 10, 100]]]]), {"stride": 1, "pad": 0}
    _, cache = t.call(conv_forward_naive, x, w, b, conv_param)
    result = t.call(conv_backward_naive, dout, cache)
    t.true(isinstance(result, tuple | list) and len(result) == 3, "Return three things: dx, dw, db.", "wrong_count")
    given = {"x": x, "w": w, "b": b, "conv_param": conv_param, "dout": dout}
    right = {"dx": [[[[2.0, 19, 190, -100]]]], "dw": [[[[321.0, 432]]]], "db": [111.0]}
    for name, gradient in zip(right, result):
        t.equal(gradient, right[name], name, given=given, others={k: v for k, v in right.items() if k != name})

check.gradients(
    conv_forward_naive, conv_backward_naive, {"x": (4, 2, 2, 3), "w": (3, 2, 3, 2), "b": (3,)},
    extra=({"stride": 1, "pad": 1},), label="padding 1",
)

### BEGIN HIDDEN TESTS
check.hidden_tests()
check.gradients(
    conv_forward_naive, conv_backward_naive, {"x": (4, 2, 5, 6), "w": (3, 2, 3, 2), "b": (3,)},
    extra=({"stride": 2, "pad": 0},), label="stride 2, no padding",
)
check.gradients(
    conv_forward_naive, conv_backward_naive, {"x": (4, 1, 2, 3), "w": (2, 1, 5, 3), "b": (2,)},
    extra=({"stride": 1, "pad": 2},), label="padding 2",
)
check.gradients(
    conv_forward_naive, conv_backward_naive, {"x": (4, 1, 4, 7), "w": (2, 1, 3, 3), "b": (2,)},
    extra=({"stride": 3, "pad": 1},), label="stride 3, padding 1",
)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Patches as columns
#
# The loops spend nearly all their time on being loops.
# Write every patch, flattened, as one column of a matrix: *im2col*.
# Write every filter, flattened, as one row. Then all maps of all images are one product of matrices:
#
# $$\underbrace{(F,\; C \cdot HH \cdot WW)}_{\text{filters}}\; \underbrace{(C \cdot HH \cdot WW,\; N \cdot H' \cdot W')}_{\text{patches}} \to (F,\; N \cdot H' \cdot W')$$
#
# The price is memory: with stride 1 each pixel is copied into up to HH·WW columns.
# Backward, *col2im* adds each entry of the columns' gradient to the pixel that it was copied from.
# It accumulates, as at any fan-out, so it does not undo im2col.
#
# **Predict:** 2×2 windows move over the image (1 2 3 / 4 5 6), stride 1, no padding. What are the columns?
# And what does col2im make of columns full of ones?
#
# <details><summary>Answer</summary>
#
# (1, 2, 4, 5) and (2, 3, 5, 6).
# From ones: (1 2 1 / 1 2 1), the number of windows that see each pixel.
#
# </details>
#
# ## Convolution as one product
#
# With patches as columns a convolution *is* an affine layer:
#
# $$\text{out} = W_{\text{rows}}\, X_{\text{cols}} + b$$
#
# The product comes out as (F, N·H'·W'), filters first; the convolution's result has images first.
# So turn axes round once at the end of forward, and once at the start of backward.
#
# This derives the same layer again, without any index of a pixel.
# Both agree to the last digits but a few, and one is many times faster.
#
# **Predict:** `dout`, brought into the shape (F, N·H'·W'), is called D. What are dw, db and the gradient of the columns?
#
# <details><summary>Answer</summary>
#
# dw is D times the columns transposed, reshaped to (F, C, HH, WW); db is the sum of each row of D;
# the columns' gradient is the transposed filter matrix times D. In each case only one order fits.
#
# </details>

# %% nbgrader={"grade_id": "im2col_indices", "solution": true}
def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """Write every patch of x as a column.

    x: (N, C, H, W); field_height, field_width: size HH, WW of the window; padding, stride: as in a convolution.
    Returns an array of shape (C * HH * WW, N * H' * W'), where H', W' are the sizes of the map.
    Rows are ordered like a flattened filter: by channel, then row, then column within the window.
    Columns go image after image, and within an image by row, then column of the map.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    rows = conv_output_size(H, field_height, stride, padding)
    columns = conv_output_size(W, field_width, stride, padding)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = np.empty((C, field_height, field_width, N, rows, columns))
    for p in range(field_height):
        for q in range(field_width):
            met = padded[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride]
            cols[:, p, q] = met.transpose(1, 0, 2, 3)
    return cols.reshape(C * field_height * field_width, -1)
    ### END SOLUTION


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """Add every entry of cols, ordered as by im2col_indices, to the pixel it came from. Returns shape x_shape, no frame."""
    ### BEGIN SOLUTION
    N, C, H, W = x_shape
    rows = conv_output_size(H, field_height, stride, padding)
    columns = conv_output_size(W, field_width, stride, padding)
    cols = cols.reshape(C, field_height, field_width, N, rows, columns)
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding))
    for p in range(field_height):
        for q in range(field_width):
            met = padded[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride]
            met += cols[:, p, q].transpose(1, 0, 2, 3)
    return padded[:, :, padding : padding + H, padding : padding + W]
    ### END SOLUTION

# %% nbgrader={"grade_id": "im2col_indices_check", "grade": true, "points": 11}
check = Check("im2col_indices", points=11, hidden=5)

@check("im2col: the two windows of the prediction")
def _(t):
    x = np.array([[[[1.0, 2, 3], [4, 5, 6]]]])
    given = {"x": x, "window": (2, 2, 1, 0), "map": (1, 2)}
    t.equal(t.call(im2col_indices, x, 2, 2, 0, 1), [[1, 2], [2, 3], [4, 5], [5, 6]], "cols", given=given)

@check("im2col: rows by channel first, columns image after image")
def _(t):
    x = np.arange(12.0).reshape(2, 2, 1, 3)
    expected = [[0, 1, 6, 7], [1, 2, 7, 8], [3, 4, 9, 10], [4, 5, 10, 11]]
    given = {"x": x, "window": (1, 2, 1, 0), "map": (1, 2)}
    t.equal(t.call(im2col_indices, x, 1, 2, 0, 1), expected, "cols", given=given)

@check("col2im: ones count the windows that see each pixel")
def _(t):
    cols, x_shape = np.ones((4, 2)), (1, 1, 2, 3)
    image = t.call(col2im_indices, cols, x_shape, 2, 2, 0, 1)
    t.equal(image, [[[[1, 2, 1], [1, 2, 1]]]], "image", given={"cols": cols, "pad": 0})

@check("col2im: the frame is cut off")
def _(t):
    cols, x_shape = np.ones((9, 6)), (1, 1, 2, 3)
    image = t.call(col2im_indices, cols, x_shape, 3, 3, 1, 1)
    t.equal(image, [[[[4, 6, 4], [4, 6, 4]]]], "image", given={"cols": cols, "pad": 1})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def patches_slowly(x, HH, WW, pad, stride):
    """One column per window, in the order of the docstring; and the map's size."""
    N, C, H, W = x.shape
    frame = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    frame[:, :, pad : pad + H, pad : pad + W] = x
    rows, columns = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    places = [(n, i * stride, j * stride) for n in range(N) for i in range(rows) for j in range(columns)]
    return np.array([frame[n, :, i : i + HH, j : j + WW].ravel() for n, i, j in places]).T, (rows, columns)

geometries = (("stride 2", (4, 3, 5, 7), 3, 3, 1, 2), ("padding 2", (3, 2, 4, 5), 2, 3, 2, 1), ("stride 3", (2, 4, 7, 5), 1, 2, 0, 3))
for name, shape, HH, WW, pad, stride in geometries:
    @check(f"im2col, {name}")
    def _(t):
        x = t.rng.normal(size=shape)
        cols, size = patches_slowly(x, HH, WW, pad, stride)
        t.equal(t.call(im2col_indices, x, HH, WW, pad, stride), cols, "cols", given={"x": x, "window": (HH, WW, stride, pad), "map": size})

for name, shape, HH, WW, pad, stride in geometries[:2]:
    @check(f"col2im, {name}")
    def _(t):
        # Number the pixels from 1, see where im2col takes them, and add up what comes back by number.
        source, _ = patches_slowly(1.0 + np.arange(np.prod(shape)).reshape(shape), HH, WW, pad, stride)
        source = source.astype(int)
        cols = t.rng.normal(size=source.shape)
        image = np.bincount(source.ravel(), weights=cols.ravel(), minlength=np.prod(shape) + 1)[1:].reshape(shape)
        given = {"cols": cols, "pad": pad, "source": source}
        t.equal(t.call(col2im_indices, cols, shape, HH, WW, pad, stride), image, "image", given=given)
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "conv_forward_fast", "solution": true}
def conv_forward_fast(x, w, b, conv_param):
    """The same as conv_forward_naive, without a loop over windows: your im2col_indices and one product of matrices."""
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    rows = conv_output_size(x.shape[2], HH, stride, pad)
    cols = im2col_indices(x, HH, WW, pad, stride)
    out = w.reshape(F, -1) @ cols + b[:, None]
    out = out.reshape(F, len(x), rows, -1).transpose(1, 0, 2, 3)
    return out, (x.shape, w, cols, conv_param)
    ### END SOLUTION


def conv_backward_fast(dout, cache):
    """The same as conv_backward_naive: dx, dw, db from dout and what conv_forward_fast returned as its cache."""
    ### BEGIN SOLUTION
    x_shape, w, cols, conv_param = cache
    F, _, HH, WW = w.shape
    dout = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dw = (dout @ cols.T).reshape(w.shape)
    db = dout.sum(axis=1)
    dcols = w.reshape(F, -1).T @ dout
    dx = col2im_indices(dcols, x_shape, HH, WW, conv_param["pad"], conv_param["stride"])
    return dx, dw, db
    ### END SOLUTION

# %% nbgrader={"grade_id": "conv_forward_fast_check", "grade": true, "points": 12}
check = Check("conv_forward_fast", points=12, hidden=5)

@check("agrees with your conv_forward_naive")
def _(t):
    x, w, b = t.rng.normal(size=(4, 3, 5, 6)), t.rng.normal(size=(2, 3, 3, 2)), t.rng.normal(size=2)
    conv_param = {"stride": 2, "pad": 1}
    naive, _ = conv_forward_naive(x, w, b, conv_param)
    fast, _ = t.call(conv_forward_fast, x, w, b, conv_param)
    t.equal(fast, naive, "out", given={"x": x, "w": w, "b": b, "conv_param": conv_param})

check.gradients(
    conv_forward_fast, conv_backward_fast, {"x": (4, 2, 3, 5), "w": (3, 2, 3, 2), "b": (3,)},
    extra=({"stride": 1, "pad": 1},), label="padding 1",
)

def loop_over_windows(x, w, b, conv_param):
    """What a loop cannot avoid: one multiplication of arrays and one sum per output number."""
    patch = w[0].copy()
    for _ in range(len(x) * len(w)):
        for _ in range(x.shape[2] * x.shape[3]):
            np.sum(patch * w[0])
        yield  # here it may be stopped: what is slow enough already need not end

@check("many times faster than a loop over windows")
def _(t):
    given = t.rng.normal(size=(2, 3, 8, 9)), t.rng.normal(size=(32, 3, 3, 3)), np.zeros(32), {"stride": 1, "pad": 1}
    out, _ = t.faster(conv_forward_fast, loop_over_windows, *given, times=4, repeats=6, message="Is a loop over windows left?")
    t.equal(np.array(out)[:, :, 4, 5], np.einsum("ncpq,fcpq->nf", given[0][:, :, 3:6, 4:7], given[1]), "out at row 4, column 5")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def convolution(x, w, b, stride, pad):
    """The definition, written with a view of all windows."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("ncijpq,fcpq->nfij", windows, w) + b[:, None, None]

@check("forward, other strides and paddings")
def _(t):
    for x_shape, w_shape, stride, pad in (((4, 2, 6, 5), (3, 2, 2, 3), 1, 0), ((3, 2, 5, 8), (5, 2, 3, 3), 3, 2)):
        x, w, b = t.rng.normal(size=x_shape), t.rng.normal(size=w_shape), t.rng.normal(size=w_shape[0])
        given = {"x": x, "w": w, "b": b, "conv_param": {"stride": stride, "pad": pad}}
        out, _ = t.call(conv_forward_fast, *given.values())
        t.equal(out, convolution(x, w, b, stride, pad), "out", given=given)

check.gradients(
    conv_forward_fast, conv_backward_fast, {"x": (4, 2, 5, 6), "w": (3, 2, 3, 2), "b": (3,)},
    extra=({"stride": 2, "pad": 0},), label="stride 2, no padding",
)

@check("forward and backward, many times faster than a loop over windows")
def _(t):
    # Many filters: what the loop costs grows with them, what travels between two processes hardly does.
    x, w, b, dout = t.rng.normal(size=(2, 3, 8, 9)), t.rng.normal(size=(32, 3, 3, 3)), np.zeros(32), np.ones((2, 32, 8, 9))

    def forward_and_backward(x, w, b, conv_param):
        out, cache = conv_forward_fast(x, w, b, conv_param)
        return out, *conv_backward_fast(dout, cache)

    conv_param, message = {"stride": 1, "pad": 1}, "Is a loop over windows left, in forward or in backward?"
    out, _, dw, db = t.faster(forward_and_backward, loop_over_windows, x, w, b, conv_param, times=3, repeats=6, message=message)
    t.equal(out, convolution(x, w, b, 1, 1), "out", given={"x": x, "w": w, "b": b, "conv_param": conv_param})
    t.equal(np.array(dw)[:, :, 1, 1], np.tile(x.sum(axis=(0, 2, 3)), (32, 1)), "dw at the filters' middles")
    t.equal(db, np.full(32, 144.0), "db")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: both derivations, one after the other, on the same numbers.
def stopwatch(forward, backward):
    """Results and seconds of one forward and one backward."""
    rng, param = np.random.default_rng(0), {"stride": 1, "pad": 2}
    given = rng.normal(size=(8, 3, 16, 16)), rng.normal(size=(8, 3, 5, 5)), rng.normal(size=8)
    start = time.perf_counter()
    result, kept = forward(*given, param)
    middle = time.perf_counter()
    gradients = backward(np.cos(np.arange(result.size)).reshape(result.shape), kept)
    return (result, *gradients), middle - start, time.perf_counter() - middle

def race():
    slow, *slow_times = stopwatch(conv_forward_naive, conv_backward_naive)
    runs = [stopwatch(conv_forward_fast, conv_backward_fast) for _ in range(9)]  # the first also pays for waking up
    fast, fast_times = runs[0][0], [min(run[i] for run in runs) for i in (1, 2)]
    print("largest difference, out, dx, dw, db:", *(f"{np.abs(s - f).max():.0e}" for s, f in zip(slow, fast)))
    for name, loops, product in zip(("forward", "backward"), slow_times, fast_times):
        ratio = loops / product
        print(f"{name:<9} loops {1000 * loops:7.1f} ms   one product {1000 * product:5.1f} ms   {ratio:4.0f} times as fast")

# Look: the Jacobian of a 3x3 filter on a 4x5 image, one backward pass a row. 120 entries, 66 of them 0, and 9 different weights.
def jacobian_rows():
    image, kernel = np.zeros((1, 1, 4, 5)), np.arange(1.0, 10).reshape(1, 1, 3, 3)
    for one in np.eye(6):
        _, kept = conv_forward_naive(image, kernel, np.zeros(1), {"stride": 1, "pad": 0})
        yield conv_backward_naive(one.reshape(1, 1, 2, 3), kept)[0].ravel()

race()
show_jacobian(np.array(list(jacobian_rows())), "6 outputs", "20 pixels", "A convolution is an affine layer with 9 weights")

# %% [markdown]
# ## Max pooling, forward
#
# An activation map says *where* something is, to the pixel. Often *roughly where* is enough, and smaller is cheaper.
# *Max pooling* moves a window over each map and keeps the largest number:
#
# $$\text{out}_{ncij} = \max_{p,q}\; x_{n,\,c,\,iS+p,\,jS+q}$$
#
# Each channel, or *depth slice*, is pooled by itself, so the depth never changes.
# There are no parameters.
# Two hyperparameters, window and stride, are left; usually both are 2, so that windows tile the map, and there is no padding.
# Any other choice is possible: windows that overlap, windows that are not square.
# The mean would do as well, and was used first; the maximum, which keeps the strongest response, is preferred today.
#
# **Predict:** pool the rows (1 3 2 0), (4 8 6 5), (7 2 9 1), (0 5 3 4) with 2×2 windows and stride 2. And with stride 1, what is the first row?
#
# <details><summary>Answer</summary>
#
# (8 6) and (7 9). With stride 1 the first row is (8 8 6): one number can win in several windows.
#
# </details>
#
# ## Max pooling, backward
#
# A window's maximum is a max gate with several inputs, and you know it as a router:
# all of the upstream gradient goes to the largest number, nothing to the others.
# In one window:
#
# $$dx_{pq} \mathrel{+}= \begin{cases}\text{dout} & \text{if } x_{pq} \text{ is the maximum}\\ 0 & \text{otherwise}\end{cases}$$
#
# What forward has to remember is which number won.
# At a tie, any choice is right: to the first, to all of them, or divided among them.
#
# **Predict:** a row (1, 9, 2, 4), windows of 1×3, stride 1, dout = (10, 1). What is dx?
#
# <details><summary>Answer</summary>
#
# (0, 11, 0, 0). The 9 wins in both windows, and what is used twice receives twice.
#
# </details>

# %% nbgrader={"grade_id": "max_pool_forward_naive", "solution": true}
def max_pool_forward_naive(x, pool_param):
    """Keep the largest number of each window, channel by channel.

    x: (N, C, H, W). pool_param: dict with the ints "pool_height", "pool_width" and "stride" (S, the same both ways).
    Returns out of shape (N, C, 1 + (H - pool_height)/S, 1 + (W - pool_width)/S), and a cache. No padding.
    """
    ### BEGIN SOLUTION
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, conv_output_size(H, height, stride), conv_output_size(W, width, stride)))
    for n, c, i, j in np.ndindex(*out.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        out[n, c, i, j] = window.max()
    return out, (x, pool_param)
    ### END SOLUTION

# %% nbgrader={"grade_id": "max_pool_forward_naive_check", "grade": true, "points": 7}
check = Check("max_pool_forward_naive", points=7, hidden=4)

def pooled_is(t, x, pool_param, expected):
    result = t.call(max_pool_forward_naive, x, pool_param)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given={"x": x, "pool_param": pool_param})

@check("the 4x4 map of the prediction, stride 2")
def _(t):
    x = np.array([[[[1.0, 3, 2, 0], [4, 8, 6, 5], [7, 2, 9, 1], [0, 5, 3, 4]]]])
    pooled_is(t, x, {"pool_height": 2, "pool_width": 2, "stride": 2}, [[[[8, 6], [7, 9]]]])

@check("overlapping windows of 2x3, numbers below 0")
def _(t):
    x = np.array([[[[-9.0, -3, -7, -8, -2], [-4, -5, -6, -9, -9], [-8, -7, -9, -1, -3]]]])
    pooled_is(t, x, {"pool_height": 2, "pool_width": 3, "stride": 1}, [[[[-3, -3, -2], [-4, -1, -1]]]])

### BEGIN HIDDEN TESTS
check.hidden_tests()

def windows_slowly(x, pool_param):
    """Every window of every map, flattened, as the last axis."""
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    rows, columns = (x.shape[2] - height) // stride + 1, (x.shape[3] - width) // stride + 1
    places = [[(i * stride, j * stride) for j in range(columns)] for i in range(rows)]
    return np.array([[[[m[i : i + height, j : j + width].ravel() for i, j in row] for row in places] for m in image] for image in x])

for name, shape, height, width, stride in (
    ("windows that tile", (4, 2, 4, 6), 2, 2, 2),
    ("overlapping windows of 3x2", (4, 2, 5, 6), 3, 2, 2),
    ("overlapping windows of 2x3", (4, 3, 3, 4), 2, 3, 1),
    ("windows of 1x2 with gaps", (4, 2, 7, 5), 1, 2, 3),
):
    @check(name)
    def _(t):
        x, pool_param = t.rng.normal(size=shape) - 1, {"pool_height": height, "pool_width": width, "stride": stride}
        pooled_is(t, x, pool_param, windows_slowly(x, pool_param).max(axis=-1))
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "max_pool_backward_naive", "solution": true}
def max_pool_backward_naive(dout, cache):
    """Gradient of max_pool_forward_naive.

    dout: upstream gradient, of the shape of out; cache: what your max_pool_forward_naive returned.
    Returns dx, of the shape of x. Windows may overlap. At a tie any choice is right.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        p, q = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * stride + p, j * stride + q] += dout[n, c, i, j]
    return dx
    ### END SOLUTION

# %% nbgrader={"grade_id": "max_pool_backward_naive_check", "grade": true, "points": 11}
check = Check("max_pool_backward_naive", points=11, hidden=4)

def apart(rng, shape):
    """Numbers at least 0.1 apart, in random order: no ties, no kinks nearby."""
    return (rng.permutation(np.prod(shape)).reshape(shape) - np.prod(shape) / 2) / 10

@check("the 4x4 map of the forward check: four winners")
def _(t):
    x = np.array([[[[1.0, 3, 2, 0], [4, 8, 6, 5], [7, 2, 9, 1], [0, 5, 3, 4]]]])
    dout, pool_param = np.array([[[[10.0, 20], [30, 40]]]]), {"pool_height": 2, "pool_width": 2, "stride": 2}
    _, cache = t.call(max_pool_forward_naive, x, pool_param)
    expected = [[[[0, 0, 0, 0], [0, 10, 20, 0], [30, 0, 40, 0], [0, 0, 0, 0]]]]
    dx = t.call(max_pool_backward_naive, dout, cache)
    t.equal(dx, expected, "dx", given={"x": x, "dout": dout, "pool_param": pool_param})

check.gradients(
    max_pool_forward_naive, max_pool_backward_naive, {"x": (3, 2, 3, 4)},
    extra=({"pool_height": 2, "pool_width": 3, "stride": 1},), draw=apart, label="overlapping windows",
)

### BEGIN HIDDEN TESTS
check.hidden_tests()

for name, shape, height, width, stride in (
    ("windows that tile", (3, 2, 4, 6), 2, 2, 2),
    ("overlapping windows of 3x2", (3, 2, 5, 4), 3, 2, 2),
    ("overlapping windows of 2x3", (2, 3, 4, 4), 2, 3, 1),
    ("windows of 1x2 with gaps", (3, 2, 4, 5), 1, 2, 3),
):
    check.gradients(
        max_pool_forward_naive, max_pool_backward_naive, {"x": shape},
        extra=({"pool_height": height, "pool_width": width, "stride": stride},), draw=apart, label=name,
    )
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# A piece of a photograph can be a filter: cut out the cat's left eye and convolve the whole picture with it.
# Take the mean out of filter and patches, divide by the length of both, and cos(theta) is left: likeness alone.
# Predict: where is the plain dot product largest? Where is the cosine largest, and what is its value there?
def slide(image, kernel):
    """One filter over one grey image, nothing else."""
    return conv_forward_fast(image[None, None], kernel[None, None], np.zeros(1), {"stride": 1, "pad": 0})[0][0, 0]

def find_the_eye(top=20, left=33, tall=18, wide=19):
    """The left eye as a filter on the whole cat, without and with its length and the patches' divided out."""
    cat = load_photograph("chelsea").mean(axis=0)[::4, ::4]
    template = cat[top : top + tall, left : left + wide]
    ones, centred = np.ones(template.shape), template - template.mean()
    squares = slide(cat**2, ones) - slide(cat, ones) ** 2 / ones.size
    cosine = slide(cat, centred) / np.sqrt(squares * np.sum(centred**2))

    fig, axes = figure(1, 3, width=10, height=2.8)
    axes[0].imshow(cat, cmap="gray")
    axes[0].set_title("dashed: the eye as a filter")
    for ax, name, sums, dash in zip(axes[1:], ("plain dot product", "cosine"), (slide(cat, template), cosine), (":", "--")):
        row, column = np.unravel_index(sums.argmax(), sums.shape)
        ax.imshow(sums, cmap="viridis")
        ax.plot(column, row, "o", color="white", markeredgecolor=style.ERROR, markersize=9, markeredgewidth=2)
        ax.set_title(f"{name}: {sums.max():.2f} at ({row}, {column})")
        across, down = column + wide * np.array([0, 1, 1, 0, 0]), row + tall * np.array([0, 0, 1, 1, 0])
        axes[0].plot(across, down, color=style.ERROR, ls=dash)
    for ax in axes:
        ax.axis("off")
    fig.alt = "A cat, and two maps of its left eye as a filter: the dot product peaks in the background, the cosine at the eye."
    return fig

# Look: the edges of a cup, pooled again and again. Each picture has a quarter of the numbers of the one before.
def pooled_cup():
    cup = load_photograph("coffee").mean(axis=0)[None, None, 30:288, 100:422]
    both = np.stack([vertical_edge, vertical_edge.T])[:, None]
    edges, _ = conv_forward_fast(cup, both, np.zeros(2), {"stride": 1, "pad": 0})
    level = np.abs(edges).max(axis=1, keepdims=True)
    while level.shape[2] >= 16:
        yield level[0, 0]
        level, _ = max_pool_forward_naive(level, {"pool_height": 2, "pool_width": 2, "stride": 2})

levels = list(pooled_cup())
sizes = [f"{one.shape[0]} x {one.shape[1]}" for one in levels]
display(find_the_eye())
show_images(levels, sizes, ncols=5, title="What is there stays, where it is gets coarse")

# %% [markdown]
# <details><summary>Where is the eye?</summary>
#
# The dot product is largest in the bright blur of the background: it grows with brightness as well as with likeness.
# The cosine is largest at the left eye, where it is exactly 1: only there do patch and filter point the same way.
# Its second peak, 0.5, is the right eye, smaller and seen from another angle.
#
# </details>
#
# ## Average pooling, both ways
#
# The mean of each window instead of its maximum:
#
# $$\text{out}_{ncij} = \frac{1}{\text{area}} \sum_{p,q} x_{n,\,c,\,iS+p,\,jS+q}$$
#
# It is linear, so backward needs to remember shapes only.
# Every number of a window had the same share in the mean, and gets the same share back.
#
# Today it is found mostly at the end of a network, with one window as large as the map:
# *global average pooling* turns each map into one number.
#
# **Predict:** a row of four numbers, windows of 1×3, stride 1, dout = (3, 30). What is dx?
#
# <details><summary>Answer</summary>
#
# Thirds, added where windows overlap: (1, 11, 11, 10). Whatever the four numbers are.
#
# </details>
#
# ## Average pooling as a convolution
#
# Pooling and convolution move a window in the same way, and averaging is a dot product with equal weights.
# So a convolution with the right filters and the window's stride does what average pooling does:
#
# $$C \text{ channels in} \;\to\; C \text{ filters, each } (C, HH, WW) \;\to\; C \text{ channels out}$$
#
# A filter always reads *all* channels; pooling never mixes them. Think about what that means for the weights.
#
# A convolution with stride could learn other filters in that place, and downsample all the same.
# Networks without any pooling exist, and the price is in the prediction.
#
# **Predict:** 12 channels, windows of 2×2. How many parameters has the convolution, how many the pooling layer?
#
# <details><summary>Answer</summary>
#
# 12 filters of 12·2·2 weights and one bias each: 588, nearly all of them 0. Pooling has none.
# The convolution also multiplies 48 numbers for each output, where the mean adds 4.
#
# </details>

# %% nbgrader={"grade_id": "avg_pool_forward", "solution": true}
def avg_pool_forward(x, pool_param):
    """The mean of each window; x, pool_param, shapes and return values as in max_pool_forward_naive."""
    ### BEGIN SOLUTION
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, conv_output_size(H, height, stride), conv_output_size(W, width, stride)))
    for i, j in np.ndindex(*out.shape[2:]):
        window = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
        out[:, :, i, j] = window.mean(axis=(2, 3))
    return out, (x.shape, pool_param)
    ### END SOLUTION


def avg_pool_backward(dout, cache):
    """Gradient of avg_pool_forward: dx, of the shape of x. Windows may overlap."""
    ### BEGIN SOLUTION
    x_shape, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x_shape)
    for i, j in np.ndindex(*dout.shape[2:]):
        window = dx[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
        window += dout[:, :, i, j, None, None] / (height * width)
    return dx
    ### END SOLUTION

# %% nbgrader={"grade_id": "avg_pool_forward_check", "grade": true, "points": 7}
check = Check("avg_pool_forward", points=7, hidden=6)

@check("forward: the means of three overlapping windows of 2x3")
def _(t):
    x = np.array([[[[1.0, 2, 3, 4, 5], [7, 8, 9, 10, 41]]]])
    pool_param = {"pool_height": 2, "pool_width": 3, "stride": 1}
    result = t.call(avg_pool_forward, x, pool_param)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "avg_pool_forward returns two things: out, cache.", "no_cache")
    t.equal(result[0], [[[[5, 6, 12]]]], "out", given={"x": x, "pool_param": pool_param})

@check("backward: thirds of 3 and 30")
def _(t):
    x, dout = np.zeros((1, 1, 1, 4)), np.array([[[[3.0, 30]]]])
    pool_param = {"pool_height": 1, "pool_width": 3, "stride": 1}
    _, cache = t.call(avg_pool_forward, x, pool_param)
    dx = t.call(avg_pool_backward, dout, cache)
    t.equal(dx, [[[[1, 11, 11, 10]]]], "dx", given={"x": x, "dout": dout, "pool_param": pool_param})

### BEGIN HIDDEN TESTS
check.hidden_tests()

for name, shape, height, width, stride in (
    ("windows that tile", (5, 2, 4, 6), 2, 2, 2),
    ("overlapping windows of 3x2", (5, 2, 5, 6), 3, 2, 2),
    ("windows of 1x3 with gaps", (5, 1, 9, 7), 1, 3, 4),
):
    pool_param = {"pool_height": height, "pool_width": width, "stride": stride}

    @check(f"forward, {name}")
    def _(t):
        x = t.rng.normal(size=shape)
        seen = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]
        given = {"x": x, "pool_param": pool_param}
        t.equal(t.call(avg_pool_forward, x, pool_param)[0], seen.mean(axis=(4, 5)), "out", given=given)

    check.gradients(avg_pool_forward, avg_pool_backward, {"x": shape}, extra=(pool_param,), label=name)
### END HIDDEN TESTS
check.score()

# %% nbgrader={"grade_id": "avg_pool_as_conv", "solution": true}
def avg_pool_as_conv(channels, pool_height, pool_width):
    """Filters and biases with which a convolution (stride of the pooling, no padding) is average pooling.

    Returns w of shape (channels, channels, pool_height, pool_width) and b of shape (channels,).
    """
    ### BEGIN SOLUTION
    w = np.zeros((channels, channels, pool_height, pool_width))
    for c in range(channels):
        w[c, c] = 1 / (pool_height * pool_width)
    return w, np.zeros(channels)
    ### END SOLUTION

# %% nbgrader={"grade_id": "avg_pool_as_conv_check", "grade": true, "points": 4}
check = Check("avg_pool_as_conv", points=4, hidden=2)

@check("one channel, windows of 2x2: four quarters and no bias")
def _(t):
    w, b = t.call(avg_pool_as_conv, 1, 2, 2)
    t.equal(w, np.full((1, 1, 2, 2), 0.25), "w", given={"channels": 1, "pool_height": 2, "pool_width": 2})
    t.equal(b, [0.0], "b")

@check("through your own functions: the convolution gives what pooling gives")
def _(t):
    x = t.rng.normal(size=(2, 3, 4, 7))
    w, b = t.call(avg_pool_as_conv, 3, 2, 3)
    pooled, _ = avg_pool_forward(x, {"pool_height": 2, "pool_width": 3, "stride": 2})
    convolved, _ = conv_forward_naive(x, w, b, {"stride": 2, "pad": 0})
    t.equal(convolved, pooled, "the convolution's result", given={"x": x, "channels": 3, "pool_height": 2, "pool_width": 3})

### BEGIN HIDDEN TESTS
check.hidden_tests()

for channels, height, width in ((3, 2, 4), (5, 3, 1)):
    @check(f"{channels} channels, windows of {height}x{width}")
    def _(t):
        w, b = t.call(avg_pool_as_conv, channels, height, width)
        expected = np.einsum("fc,pq->fcpq", np.eye(channels), np.full((height, width), 1 / (height * width)))
        t.equal(w, expected, "w", given={"channels": channels, "pool_height": height, "pool_width": width})
        t.equal(b, np.zeros(channels), "b")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The smallest filter and the largest
#
# The smallest filter is 1×1.
# It sees one pixel, through all channels: at every pixel, C numbers go in and F come out.
# That is an affine layer used at each pixel, one product of matrices.
#
# The largest filter is as large as the image.
# It fits in one place, and its one number is the dot product of all pixels with all weights: a neuron of a fully connected layer.
# So every affine layer is a convolution, with the same numbers in another shape:
#
# $$\text{column } m \text{ of } w, \text{ shape } (D,) \;\to\; \text{filter } m, \text{ shape } (C, H, W), \quad D = C H W$$
#
# And every convolution is an affine layer, with a matrix of zeros and repeats: you saw it as a Jacobian.
#
# **Predict:** a fully connected layer from 12 maps of 16×16 to 10 scores, turned into filters, is given maps of 16×20. What comes out?
#
# <details><summary>Answer</summary>
#
# Scores at five places: an array of 10 maps, 1×5. The network has learned to slide.
#
# </details>

# %% nbgrader={"grade_id": "affine_as_conv", "solution": true}
def conv_1x1(x, w, b):
    """A 1x1 convolution, stride 1, no padding, as one product of matrices.

    x: (N, C, H, W); w: (F, C, 1, 1); b: (F,). Returns out of shape (N, F, H, W), without a cache.
    """
    ### BEGIN SOLUTION
    out = x.transpose(0, 2, 3, 1) @ w[:, :, 0, 0].T + b
    return out.transpose(0, 3, 1, 2)
    ### END SOLUTION


def affine_as_conv(w, b, image_shape):
    """The filters and biases of a convolution that does what an affine layer does on images of one size.

    w: (D, M) and b: (M,), as in affine_forward; image_shape: (C, H, W) with C * H * W = D.
    Returns filters of shape (M, C, H, W) and biases of shape (M,): used with stride 1 and pad 0.
    """
    ### BEGIN SOLUTION
    return w.T.reshape(-1, *image_shape), b
    ### END SOLUTION

# %% nbgrader={"grade_id": "affine_as_conv_check", "grade": true, "points": 6}
check = Check("affine_as_conv", points=6, hidden=4)

@check("conv_1x1: two channels become three, pixel by pixel, for each image on its own")
def _(t):
    x, w = np.array([[[[1.0, 2, 3]], [[10, 20, 30]]], [[[4, 5, 6]], [[40, 50, 60]]]]), np.array([[1.0, 0], [0, 1], [2, 1]]).reshape(3, 2, 1, 1)
    b, expected = np.array([0.0, 0, 100]), [[[[1, 2, 3]], [[10, 20, 30]], [[112, 124, 136]]], [[[4, 5, 6]], [[40, 50, 60]], [[148, 160, 172]]]]
    t.equal(t.call(conv_1x1, x, w, b), expected, "out", given={"x": x, "w": w, "b": b})

@check("affine_as_conv: two neurons on an image of 1x2x3 become two filters")
def _(t):
    w, b = np.array([[1.0, 10], [2, 20], [3, 30], [4, 40], [5, 50], [6, 60]]), np.array([7.0, 8])
    filters, biases = t.call(affine_as_conv, w, b, (1, 2, 3))
    t.equal(filters, [[[[1, 2, 3], [4, 5, 6]]], [[[10, 20, 30], [40, 50, 60]]]], "filters", given={"w": w, "b": b})
    t.equal(biases, b, "biases")

### BEGIN HIDDEN TESTS
check.hidden_tests()

for x_shape, F in (((4, 3, 5, 7), 2), ((3, 5, 4, 4), 6)):
    @check(f"conv_1x1 from {x_shape[1]} to {F} channels")
    def _(t):
        x, w, b = t.rng.normal(size=x_shape), t.rng.normal(size=(F, x_shape[1], 1, 1)), t.rng.normal(size=F)
        expected = np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b[:, None, None]
        t.equal(t.call(conv_1x1, x, w, b), expected, "out", given={"x": x, "w": w, "b": b})

for image_shape, M in (((3, 4, 2), 5), ((2, 1, 6), 4)):
    @check(f"affine_as_conv on images of {image_shape}")
    def _(t):
        w, b = t.rng.normal(size=(np.prod(image_shape), M)), t.rng.normal(size=M)
        filters, biases = t.call(affine_as_conv, w, b, image_shape)
        t.equal(filters, np.stack([w[:, m].reshape(image_shape) for m in range(M)]), "filters", given={"w": w, "b": b})
        t.equal(biases, b, "biases")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## A network: INPUT - CONV - RELU - POOL - FC
#
# What a network needs beside convolution you wrote in the notebook on perceptrons; here it is imported, at the top:
# `affine_forward(x, w, b)`, `relu_forward(x)` and `softmax_loss(scores, y)`, with their backwards.
# New is `max_pool_2x2_forward(x)`, with `max_pool_2x2_backward(dout, cache)`:
# windows of 2×2 that tile a map are four interleaved images, so the maximum needs four slices and no loop.
#
# | layer | hyperparameters | parameters |
# |---|---|---|
# | CONV | number of filters K, size F, stride S, padding P | K·(F·F·C + 1) |
# | RELU | none | none |
# | POOL | window, stride | none |
# | FC | number of neurons M | M·(D + 1) |
#
# ## `ThreeLayerConvNet`
#
# Three layers have weights, so it is called three-layer:
#
# $$\text{conv} - \text{relu} - 2{\times}2 \text{ max pool} - \text{affine} - \text{relu} - \text{affine} - \text{softmax}$$
#
# The convolution has stride 1 and keeps the image's size; pooling halves height and width.
# Backward, call the layers' backwards in reverse order, each with its own cache.
#
# $L_2$ regularisation adds ½·reg·(sum of squares of W1, W2, W3) to the loss, and so reg·W to each gradient; biases are left out.
#
# **Predict:** images of 3×6×8, 4 filters. What is the shape of W2 for 5 hidden neurons?
# And what is the loss of a fresh network with 10 classes and tiny weights?
#
# <details><summary>Answer</summary>
#
# After pooling there are 4 maps of 3×4, 48 numbers: W2 is (48, 5).
# Scores near 0 give every class the same probability, 1/10: the loss is ln 10 = 2.3026.
#
# </details>

# %% nbgrader={"grade_id": "ThreeLayerConvNet", "solution": true}
class ThreeLayerConvNet:
    """conv - relu - 2x2 max pool - affine - relu - affine - softmax, for images of any even height and width.

    input_dim: (C, H, W); filter_size: odd, filters are square. Attributes: `params`, a dict of arrays with the keys
    W1 (num_filters, C, filter_size, filter_size), b1, W2 (features, hidden_dim), b2, W3 (hidden_dim, num_classes), b3;
    and `reg`. Weights start normal with mean 0 and standard deviation weight_scale, drawn with the seed; biases start at 0.
    """

    def __init__(self, input_dim=(3, 32, 32), num_filters=32, filter_size=7, hidden_dim=100, num_classes=10,
                 weight_scale=1e-3, reg=0.0, seed=0):
        ### BEGIN SOLUTION
        C, H, W = input_dim
        rng = np.random.default_rng(seed)
        shapes = {
            "W1": (num_filters, C, filter_size, filter_size),
            "W2": (num_filters * (H // 2) * (W // 2), hidden_dim),
            "W3": (hidden_dim, num_classes),
        }
        self.params = {name: weight_scale * rng.standard_normal(shape) for name, shape in shapes.items()}
        self.params |= {"b1": np.zeros(num_filters), "b2": np.zeros(hidden_dim), "b3": np.zeros(num_classes)}
        self.reg = reg
        ### END SOLUTION

    def loss(self, X, y=None):
        """X: (N, C, H, W). Without y return the scores, (N, num_classes); with labels y, (N,), return loss, grads.

        loss: mean over the batch plus 0.5 * reg * sum of squares of W1, W2, W3. grads: dict with the keys of params.
        """
        ### BEGIN SOLUTION
        params = self.params
        same = {"stride": 1, "pad": (params["W1"].shape[2] - 1) // 2}
        maps, conv_cache = conv_forward_fast(X, params["W1"], params["b1"], same)
        maps, relu_cache = relu_forward(maps)
        features, pool_cache = max_pool_2x2_forward(maps)
        hidden, affine_cache = affine_forward(features, params["W2"], params["b2"])
        hidden, hidden_cache = relu_forward(hidden)
        scores, scores_cache = affine_forward(hidden, params["W3"], params["b3"])
        if y is None:
            return scores

        loss, dout = softmax_loss(scores, y)
        grads = {}
        dout, grads["W3"], grads["b3"] = affine_backward(dout, scores_cache)
        dout = relu_backward(dout, hidden_cache)
        dout, grads["W2"], grads["b2"] = affine_backward(dout, affine_cache)
        dout = relu_backward(max_pool_2x2_backward(dout, pool_cache), relu_cache)
        _, grads["W1"], grads["b1"] = conv_backward_fast(dout, conv_cache)
        for name in ("W1", "W2", "W3"):
            loss += 0.5 * self.reg * np.sum(params[name] ** 2)
            grads[name] += self.reg * params[name]
        return loss, grads
        ### END SOLUTION

# %% nbgrader={"grade_id": "ThreeLayerConvNet_check", "grade": true, "points": 8}
check = Check("ThreeLayerConvNet", points=8, hidden=9)
SHAPES = {"W1": (3, 2, 3, 3), "b1": (3,), "W2": (18, 5), "b2": (5,), "W3": (5, 4), "b3": (4,)}
LOSS = {"right": 2.852337152717058, "penalties": [0.290778010389, 0.478984544003, 0.102304279826], "biases": 0.088061094648}
def small_net(t, draw, reg):  # 2x4x6 images, three 3x3 filters, 5 hidden neurons, 4 classes
    net, params = t.call(ThreeLayerConvNet, (2, 4, 6), 3, 3, 5, 4, 1e-3, reg), {key: draw(shape) for key, shape in SHAPES.items()}
    for key, found in [(key, np.shape(net.params[key])) for key in SHAPES]:
        t.true(found == SHAPES[key], f"{key} has shape {found}, not {SHAPES[key]}.", "param_shape")
        net.params[key] = params[key].copy()
    return net, params, draw((5, 2, 4, 6)), np.array([0, 3, 1, 2, 3])

@check("a fresh network with 10 classes has loss ln 10")
def _(t):
    loss, _ = t.call(ThreeLayerConvNet, (3, 6, 8), 4, 5, 7, 10).loss(t.rng.normal(size=(6, 3, 6, 8)), np.arange(6))
    t.equal(loss, np.log(10), "loss", tolerance=1e-2)

@check("cosines as parameters, images that are not square, reg = 0.1: the loss is 2.8523, and has these gradients")
def _(t):
    net, params, X, y = small_net(t, lambda shape: 0.5 * np.cos(np.arange(np.prod(shape)) ** 1.5).reshape(shape), reg=0.1)
    loss, grads = net.loss(X, y)
    t.equal(loss, LOSS["right"], "loss", given={"X": X, **LOSS})
    for key in SHAPES:
        t.gradient(loss_of(net, key, X, y), params[key], grads[key], f"d{key}", given={"N": 5, key: params[key], "reg": 0.1})
        net.params[key] = params[key]

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("scores, layer by layer")
def _(t):
    net, params, X, y = small_net(t, t.rng.standard_normal, reg=0.0)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3))
    maps = np.maximum(0, np.einsum("ncijpq,fcpq->nfij", windows, params["W1"]) + params["b1"][:, None, None])
    features = maps.reshape(5, 3, 2, 2, 3, 2).max(axis=(3, 5))
    hidden = np.maximum(0, features.reshape(5, -1) @ params["W2"] + params["b2"])
    scores = hidden @ params["W3"] + params["b3"]
    linear = (features.reshape(5, -1) @ params["W2"] + params["b2"]) @ params["W3"] + params["b3"]
    t.equal(net.loss(X), scores, "scores", given={"X": X, "linear": linear})

def loss_and_parts(net, params, X, y):
    """What the loss is, given the net's scores, and its parts."""
    half = {key: 0.15 * np.sum(value**2) for key, value in params.items()}
    penalties, biases = [half[key] for key in ("W1", "W2", "W3")], half["b1"] + half["b2"] + half["b3"]
    right = softmax_loss(net.loss(X), y)[0] + sum(penalties)
    return {"X": X, "right": right, "penalties": penalties, "biases": biases}

@check("the loss with regularisation")
def _(t):
    net, params, X, y = small_net(t, t.rng.standard_normal, reg=0.3)
    given = loss_and_parts(net, params, X, y)
    t.equal(net.loss(X, y)[0], given["right"], "loss", given=given)
    y = np.zeros(5, dtype=int)
    found, given = net.loss(X, y), loss_and_parts(net, params, X, y)
    message = "Every label is 0 here, and the scores came back as though there were no labels. Ask whether y is None."
    t.true(isinstance(found, tuple | list), message, "zeros_taken_for_none")
    t.equal(found[0], given["right"], "loss", given=given)

made = []  # one network for the next six checks

def regularised_net(t):
    if not made:
        net, params, X, y = small_net(t, t.rng.standard_normal, reg=0.3)
        loss, grads = net.loss(X, y)
        # The share of the regularisation is looked for in the gradient only where the loss has it right.
        known = {"reg": 0.3} if np.isclose(loss, loss_and_parts(net, params, X, y)["right"]) else {}
        made.extend([net, params, X, y, grads, known])
    return made

for key in SHAPES:
    @check(f"the gradient of {key} agrees with finite differences")
    def _(t):
        net, params, X, y, grads, known = regularised_net(t)
        t.gradient(loss_of(net, key, X, y), params[key], grads[key], f"d{key}", given={"N": 5, key: params[key], **known})
        net.params[key] = params[key].copy()

@check("weights start with standard deviation weight_scale, biases at 0")
def _(t):
    net = t.call(ThreeLayerConvNet, (3, 16, 8), 6, 5, 40, 10, 0.02, 0.0)
    for key in ("W1", "W2", "W3"):
        spread = np.std(net.params[key])
        t.true(0.015 < spread < 0.025, f"{key} has standard deviation {spread:.3g}; weight_scale is 0.02.", "weights_not_scaled")
    for key in ("b1", "b2", "b3"):
        t.equal(net.params[key], np.zeros(np.shape(net.params[key])), key)
    first = [np.array(t.call(ThreeLayerConvNet, (1, 2, 2), 2, 1, 3, 2, 0.02, 0.0, seed).params["W1"]) for seed in (5, 5, 6)]
    t.true(np.array_equal(*first[:2]), "The same seed gave other weights: draw them with a generator of that seed.", "seed_unused")
    t.true(not np.array_equal(*first[1:]), "Another seed gave the same weights: draw them with the seed given.", "seed_unused")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## A ConvNet against a perceptron
#
# 8,000 photographs of clothes, 28×28 pixels, ten classes.
# Your network has 8 filters 5×5; the perceptron has one hidden layer and as many parameters.
# Both are trained alike, by gradient descent with momentum (a later notebook is about that).
# Then both are trained once more, on the same photographs with their 784 pixels shuffled,
# by one rule for all images, training and test.
#
# **Predict:** what does shuffling do to the test accuracy of the perceptron? And to that of the ConvNet?
#
# <details><summary>Answer</summary>
#
# Nothing that matters to the perceptron: number the pixels as you like, it learns its own weight for each.
# The ConvNet loses its lead: a 5×5 patch of shuffled pixels holds no edge, and sharing weights between places makes no sense any more.
# What it knew without training was that neighbours belong together.
#
# </details>
#
# ## The trained network, layer by layer
#
# Nobody told your network's eight filters what to look for.
# In the second picture choose an image, and compare what the convolution found with what ReLU and pooling leave of it.
#
# **Predict:** in the maps, orange is above 0 and purple below. What happens to the colours in a ReLU?
# And which of depth, height and width does pooling change?
#
# <details><summary>Answer</summary>
#
# Purple is gone: ReLU keeps what a filter found and drops what is the opposite of it.
# Pooling halves height and width; eight maps stay eight maps.
# Most of the filters answer to an edge of one direction, a few to the whole bright area, and some to nothing much.
#
# </details>

# %% tags=["experiment"]
clothes = load_fashion_mnist()
X_train, X_test = ((X - clothes.X_train.mean()) / clothes.X_train.std() for X in (clothes.X_train, clothes.X_test))
y_train, y_test, nets, accuracies = clothes.y_train, clothes.y_test, {}, {}

def shuffled(X):
    """The same 784 pixels, always in the same other order."""
    return X.reshape(len(X), 784)[:, np.random.default_rng(0).permutation(784)].reshape(X.shape)

def compare_networks():
    fig, ax = figure(width=7, height=2.2)
    for marker, colour, name in zip("os", style.CATEGORICAL, ("as they are", "shuffled")):
        change = shuffled if name == "shuffled" else np.array
        nets["ConvNet", name] = ThreeLayerConvNet((1, 28, 28), 8, 5, 64, 10, weight_scale=0.05)
        nets["ConvNet", name].params["W1"] *= 4  # few numbers enter a filter, 25, many a hidden neuron, 1,568
        nets["perceptron", name] = Perceptron(784, 127, 10, scale=0.05)
        for kind in ("ConvNet", "perceptron"):
            start, net = time.perf_counter(), nets[kind, name]
            train(net, change(X_train), y_train)
            score = accuracies[kind, name] = accuracy(net, change(X_test), y_test)
            size, seconds = sum(value.size for value in net.params.values()), time.perf_counter() - start
            print(f"{kind:<11} pixels {name:<12} {size:,} parameters, {seconds:5.1f} s, test accuracy {score:.1%}")
        ends = [100 * accuracies[kind, name] for kind in ("perceptron", "ConvNet")]
        ax.scatter(ends, ["perceptron", "ConvNet"], marker=marker, color=colour, s=70, label=f"pixels {name}")
    ax.set(ylim=(-0.6, 1.6), xlabel="test accuracy, percent")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    fig.alt = "Test accuracy of both networks: shuffling the pixels moves the ConvNet down to the perceptron, which stays."
    return fig

def inside(image=9):
    """One test image; beside it the eight filters, and their maps after convolution, ReLU and pooling."""
    net, x = nets["ConvNet", "as they are"], X_test[image : image + 1]
    maps, _ = conv_forward_fast(x, net.params["W1"], net.params["b1"], {"stride": 1, "pad": 2})
    after_relu, _ = relu_forward(maps)
    pooled, _ = max_pool_2x2_forward(after_relu)
    rows = {"filter": net.params["W1"][:, 0], "conv": maps[0], "relu": after_relu[0], "pool": pooled[0]}
    shown = [part for row in rows.values() for part in (clothes.X_test[image, 0], *row)]
    title = f"is: {clothes.names[y_test[image]]}; the net says: {clothes.names[net.loss(x)[0].argmax()]}"
    return show_images(shown, [t for name in rows for t in ("image", *[name] * 8)], ncols=9, signed=True, title=title)

display(compare_networks())
sliders(inside, image=(0, 199))

# %% [markdown]
# ## What layers come to represent
#
# A map of the first layer answers a small question everywhere: is there an edge like this, here?
# The second layer sees the first one's maps, so its patches hold *edges*, and a dot product can ask for two of them in one place: a corner.
# The third can ask for corners and arcs in an arrangement: a wheel, an eye.
# Each pooling makes the patch larger that one number looks back at.
# Nobody programs these questions; gradient descent finds them.
# Here two layers are set by hand.
#
# **Predict:** the second layer has one filter, spanning four edge maps, with a bias so large that one edge alone is not enough.
# On a picture of a square, a disc and a line, where does it answer?
#
# <details><summary>Answer</summary>
#
# At the upper left corner of the square, a dot in the last picture, and nowhere else.
# The disc has both edges too, but nowhere both of them long enough within one patch.
#
# </details>
#
# ## The same network on an image it was not made for
#
# Your trained ConvNet takes 28×28 pixels. Its fully connected layers insist on that, its convolution does not.
# With `affine_as_conv` the first fully connected layer becomes 64 filters of 8×14×14, and the last one a 1×1 convolution.
# Then the network is nothing but convolutions, and takes a strip of five photographs, 28×140, in one go.
#
# **Predict:** how many scores per class come out? And what will the network say halfway between two photographs?
#
# <details><summary>Answer</summary>
#
# The pooled maps are 14×70; a 14×14 filter fits in (70 − 14)/1 + 1 = 57 places, so there are 57 scores per class.
# Between two photographs it still has to say something, and often says it with confidence:
# it never saw half a boot beside half a bag, and has no way to answer "none of these".
#
# </details>

# %% tags=["experiment"]
# First layer: four edge filters and ReLU. Second: bright below an edge *and* bright right of one, within a 5x5 patch.
def corner_detector(image):
    """The four edge maps of an image, and what one filter over all four makes of them."""
    edges = np.stack([vertical_edge, -vertical_edge, vertical_edge.T, -vertical_edge.T])[:, None]
    first, _ = relu_forward(conv_forward_fast(image, edges, np.zeros(4), {"stride": 1, "pad": 1})[0])
    corner = np.zeros((1, 4, 5, 5))
    corner[0, 0, 2:, 1:3] = corner[0, 2, 1:3, 2:] = 1.0
    corner[0, 1] = corner[0, 3] = -1.0
    second, _ = relu_forward(conv_forward_fast(first, corner, np.array([-24.0]), {"stride": 1, "pad": 2})[0])
    return [*first[0], second[0, 0]]

def two_layers_by_hand():
    row, column = np.mgrid[:48, :80]
    square, disc = (abs(row - 24) < 13) & (abs(column - 18) < 12), np.hypot(row - 24, column - 46) < 13
    drawing = 1.0 * (square | disc | (abs(column - 70) < 2))
    titles = ["image", "darker | brighter", "brighter | darker", "dark above bright", "bright above dark", "corner"]
    return show_images([drawing, *corner_detector(drawing[None, None])], titles, ncols=3)

def slide_the_network(strip, p):
    """Class probabilities, with the params of a network of 8 filters, for every place on a strip 28 pixels high."""
    maps, _ = relu_forward(conv_forward_fast(strip, p["W1"], p["b1"], {"stride": 1, "pad": 2})[0])
    pooled, _ = max_pool_2x2_forward(maps)
    filters, biases = affine_as_conv(p["W2"], p["b2"], (8, 14, 14))
    hidden, _ = relu_forward(conv_forward_fast(pooled, filters, biases, {"stride": 1, "pad": 0})[0])
    powers = np.exp(conv_1x1(hidden, p["W3"].T[:, :, None, None], p["b3"])[0, :, 0])
    return powers / powers.sum(axis=0)

def five_photographs(classes=(9, 1, 8, 3, 7)):
    strip = np.concatenate([X_test[np.flatnonzero(y_test == k)[3], 0] for k in classes], axis=1)
    probabilities = slide_the_network(strip[None, None], nets["ConvNet", "as they are"].params)
    fig, axes = figure(2, 1, width=10, height=5, height_ratios=[1, 1.5], sharex=True)
    axes[0].imshow(strip, cmap="gray", aspect="auto", extent=(0, 140, 28, 0))
    axes[0].set_title("57 answers from one pass; dotted: the middle of a photograph")
    axes[0].axis("off")
    for k, dash in zip(np.argsort(-probabilities.max(axis=1)), style.DASHES):
        axes[1].plot(14 + 2 * np.arange(probabilities.shape[1]), probabilities[k], ls=dash, label=clothes.names[k])
    axes[1].set(xlim=(0, 140), xlabel="middle of the window, pixels", ylabel="probability")
    axes[1].vlines(14 + 28 * np.arange(5), 0, 1, color=style.QUIET, ls=":")
    axes[1].legend(ncols=6, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
    fig.alt = "Five photographs side by side; below, the class probabilities of the network sliding over them."
    return fig

display(two_layers_by_hand())
five_photographs()

# %% [markdown]
# ## Reflection
#
# A colleague replaces the convolution of your network with a fully connected layer that has as many outputs.
# "It contains yours," she says: "any convolution is an affine layer with certain weights. So it cannot be worse."
#
# Her first sentence is true. Explain why her network can reach a lower test accuracy all the same,
# and what your four accuracies, on photographs as they are and shuffled, say about it.
# Then name one kind of data for which you would expect her network to be the better one, and say why.
# Six to ten sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A full answer.**
# Being able to represent a function and finding it from data are two things.
# The convolution has 200 weights, her layer nearly five million; both can fit the training images,
# but of the many ways to fit them few agree with new images, and the data alone does not say which.
# Convolution decides two things before it sees an image: what matters is local,
# and what is worth detecting in one place is worth detecting in every place.
# For photographs that is true, so each image trains each weight at 784 places, where each of her weights sees one.
# The shuffled pixels show that it is this assumption that counts, not the number of parameters:
# the perceptron scored what it had scored before, while the ConvNet, with the very same weights to learn, lost its lead,
# because after shuffling its assumption is false.
# Her network is better where columns have no neighbours or places have meanings of their own: a table of patients with age, weight and blood pressure,
# or the shuffled images.
#
# **An answer at half way.**
# Her network has far more weights, so it overfits. Convolution shares weights and needs less data.
# For a table with columns in any order a convolution makes no sense, and hers is better.
#
# **What earns what.**
# *Can represent* told apart from *is found by training*: 2.
# Both assumptions named, local connections and shared weights, and why they hold for photographs: 2.
# The shuffled accuracies used as evidence that the assumption counts: 2.
# An example without neighbourhood, or without sameness of places, with the reason: 2.
# "More parameters, so it overfits" alone earns 1 of the first 4; a description of what convolution does, without a why, 1.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you did
#
# - You **wrote** convolution and pooling, forward and backward, for any stride, padding and window.
# - You **rewrote** convolution as one product of matrices, and timed what that buys.
# - You **trained** a convolutional network against a perceptron, on photographs of clothes and on shuffled ones.
#
# **Roads not taken.** Fourier transforms make convolution with large filters cheap; for 3×3 they do not pay.
# *Dilated* filters leave gaps between their weights and see further at the same price.
# *Transposed convolution*, your `conv_backward_naive` used as a forward, makes small maps large.
# *Depthwise* convolution keeps channels apart, as pooling does, and leaves their mixing to a 1×1 convolution: fewer multiplications for nearly the same result.
#
# **To read on.** [A guide to convolution arithmetic](https://arxiv.org/abs/1603.07285) (Dumoulin and Visin),
# every padding and stride as a picture;
# [Feature visualization](https://distill.pub/2017/feature-visualization/) (Olah and others), what the layers of a large network look for.
#
# **One step further.** Write `conv_transpose_forward(x, w, stride)`, with your `col2im_indices` in four lines,
# and use it to enlarge the cat by 2 with a filter of your choice.
# Which filter gives the smoothest cat, and which one a chessboard pattern?
