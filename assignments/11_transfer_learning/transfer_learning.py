# %% [markdown]
# # Transfer learning
#
# Somebody spent weeks of computing time on a million photographs and published the result: 1.2 million numbers.
# You have 270 drawings and two minutes.
#
# **How much of what a network learned on one task is worth something on another,
# and how do you keep it from being lost when you train on?**
#
# **You will**
#
# - **run** a published network, weights from a file, on photographs, with layers you wrote yourself;
# - **reuse** it: features, a new head, a learning rate for each layer, frozen layers;
# - **measure** what that is worth against training from scratch, for 10 examples and for 1,000.
#
# ## Two networks, three strangers
#
# *SqueezeNet* has 26 convolutions and knows 1,000 classes, learned from the photographs of ImageNet.
# The course's own small network has two convolutions and knows five kinds of clothes,
# learned from 4,000 small pictures lying anywhere in a black frame.
# Neither has seen what you give them today: five other kinds of clothes, digits, and emoji, which nobody ever photographed.
#
# To carry a network over to a task it was not trained on is *transfer learning*.
# Its last layer, which turns features into scores for its own classes, is the *head*; all before it is the *trunk*.
#
# **Predict:** which of the three is closest to something a network was trained on? Which is farthest?
#
# <details><summary>Answer</summary>
#
# The new clothes are closest: same camera, same frame, other shapes.
# Digits share only the frame with the known clothes.
# Emoji share their subjects with photographs, cats and coffee cups, and nothing of the texture.
# How close is close enough is a question for measurements; this notebook ends with some.
#
# </details>

# %% nbgrader={"grade_id": "setup", "locked": true}
import hashlib
from pathlib import Path
import numpy as np
from autograder import Check, hint
from utils import SQUEEZENET_MEAN, clothes_forward, clothes_loss, figure, fresh_clothes_net, load_clothes_net, load_emoji
from utils import load_photograph, load_scattered, load_squeezenet, show_clouds, show_images, sliders, style, weights_file
from utils.convolutions import conv_backward_fast, conv_forward_fast, max_pool_forward
from utils.layers import affine_backward, affine_forward, global_average_backward, global_average_forward
from utils.layers import relu_backward, relu_forward, softmax_loss

# %% tags=["experiment"]
def strangers():
    """Four images of everything: what the small network knows, and what is new."""
    X, titles = [], []
    for which in ("known clothes", "new clothes", "digits"):
        images = load_scattered(which)
        rows = [list(images.y_test).index(k) for k in range(4)]
        X += [image.repeat(3, axis=0) for image in images.X_test[rows]]
        titles += [f"{'known' if which[0] == 'k' else 'new'}: {images.names[k]}" for k in range(4)]
    emoji = load_emoji()
    X += [emoji.X_test[list(emoji.y_test).index(k)] for k in (0, 1, 4, 5)]
    return show_images(X, titles + [f"new: {emoji.names[k]}" for k in (0, 1, 4, 5)], ncols=8)

strangers()

# %% [markdown]
# ## On paper
#
# A trunk of two neurons, $h = \max(0, x W)$ with $W = \begin{pmatrix}1&1\\1&-1\end{pmatrix}$, sees two examples:
# $x = (2, 1)$ of class 0 and $x = (1, 2)$ of class 1.
# Their features are $h = (3, 1)$ and $h = (3, 0)$. A new head of zeros stands on the trunk: all scores are 0, all probabilities ½, the loss is ln 2 = 0.6931.
#
# The gradient of the scores is (−¼, ¼) for the first example and (¼, −¼) for the second, so the head's is
#
# $$h^\top\, \text{dscores} = \begin{pmatrix}3&3\\1&0\end{pmatrix}\begin{pmatrix}-\tfrac14&\tfrac14\\ \tfrac14&-\tfrac14\end{pmatrix} = \begin{pmatrix}0&0\\-\tfrac14&\tfrac14\end{pmatrix}$$
#
# The first feature is 3 for both examples: it tells nothing apart, and its weights stay 0.
# After one step with learning rate 4 and a second forward, the head scores (1, −1) for the first example.
# It read off which feature matters; the trunk had it ready.
#
# **Predict:** in this first step, how large is the gradient that reaches the trunk, and why?
#
# <details><summary>Answer</summary>
#
# Zero: it is dscores times the head's weights, which are all 0.
# With a large random head it would be large and random, and would shake what the trunk has learned before the head has learned anything.
#
# </details>
#
# ## Warm-up: write, check, fix
#
# A network that knows 1,000 classes is asked for its best few.
# The function is written for you, with one mistake in it, and earns no points.
# Run the cell, read the message, mend the line, run it again until the table is green.
# When a message is not enough, ask in a cell of your own: `hint("preprocess")` gives a question, then a formula, then a table.

# %% tags=["experiment"]
def top_classes(scores, k):
    """The k classes with the largest scores, the best one first. scores: (C,). Returns k ints."""
    return np.argsort(scores)[:k]


check = Check("top_classes", points=0)

@check("the three best of five, best first")
def _(t):
    scores = np.array([0.1, 4.0, -2.0, 9.0, 0.5])
    t.equal(t.call(top_classes, scores, 3), [3, 1, 4], "classes", given={"scores": scores, "k": 3})

check.score()

# %% [markdown]
# ## What a network expects
#
# Weights are half of a trained network. The other half is written in no file:
# what exactly the numbers meant that went in.
# SqueezeNet's authors read photographs with blue first, red last, as bytes from 0 to 255,
# and subtracted the mean of all their photographs:
#
# $$x_c = 255 \cdot \text{image}_c - \text{mean}_c, \qquad c = \text{blue, green, red}$$
#
# Nothing crashes if you get this wrong. The network answers, with confidence, a little worse.
# The mean stays the one of *their* photographs: their first layer was trained on it.
#
# **Predict:** what does a pixel of pure red, (1, 0, 0) in red, green, blue, become?
# `SQUEEZENET_MEAN` is (104.006, 116.669, 122.679).
#
# <details><summary>Answer</summary>
#
# (−104.006, −116.669, 132.321): blue 0 − 104.006, green 0 − 116.669, and red 255 − 122.679 comes last.
#
# </details>

# %% nbgrader={"grade_id": "preprocess", "solution": true}
def preprocess(images):
    """Turn images into the numbers that SqueezeNet was trained on.

    images: (N, 3, H, W); channels red, green, blue, from 0 to 1.
    Returns an array of the same shape; channels blue, green, red, from 0 to 255, less SQUEEZENET_MEAN, whose three
    numbers belong to blue, green and red in this order.
    """
    ### BEGIN SOLUTION
    mean = np.array(SQUEEZENET_MEAN).reshape(3, 1, 1)
    return 255 * images[:, ::-1] - mean
    ### END SOLUTION

# %% nbgrader={"grade_id": "preprocess_check", "grade": true, "points": 8}
check = Check("preprocess", points=8, hidden=2)

def pixels(*colours):
    """Two images, two pixels high and one wide, from four lists of three channels."""
    return np.array(colours, dtype=float).reshape(2, 2, 1, 3).transpose(0, 3, 1, 2)

@check("a red, a white, a blue and a dark blue pixel")
def _(t):
    images = pixels((1, 0, 0), (1, 1, 1), (0, 0, 1), (0, 0, 0.5))
    red, white = (-104.006, -116.669, 132.321), (150.994, 138.331, 132.321)
    blue, dark = (150.994, -116.669, -122.679), (23.494, -116.669, -122.679)
    t.equal(t.call(preprocess, images), pixels(red, white, blue, dark), "x", given={"images": images})

@check("a green, a grey-blue, a black and an orange pixel")
def _(t):
    images = pixels((0, 1, 0), (0.2, 0.4, 0.6), (0, 0, 0), (1, 0.5, 0))
    green, grey = (-104.006, 138.331, -122.679), (48.994, -14.669, -71.679)
    black, orange = (-104.006, -116.669, -122.679), (-104.006, 10.831, 132.321)
    t.equal(t.call(preprocess, images), pixels(green, grey, black, orange), "x", given={"images": images})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def preprocessed_slowly(images):
    out = np.zeros(images.shape)
    for n, image in enumerate(images):
        for place, (channel, mean) in enumerate(zip((2, 1, 0), (104.006, 116.669, 122.679))):
            out[n, place] = image[channel] * 255.0 - mean
    return out

@check("a batch of images that are not square")
def _(t):
    images = t.rng.random((4, 3, 2, 5))  # computed in float32, differences of large numbers are off by some 1e-5
    t.equal(t.call(preprocess, images), preprocessed_slowly(images), "x", given={"images": images}, tolerance=3e-3)

@check("three images of three rows and columns")
def _(t):
    images = t.rng.random((3, 3, 3, 3))
    t.equal(t.call(preprocess, images), preprocessed_slowly(images), "x", given={"images": images}, tolerance=3e-3)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## The fire module
#
# SqueezeNet repeats one block eight times, the *fire module*.
# A 1×1 convolution *squeezes* many maps into few; a 1×1 and a 3×3 convolution *expand* the few again, side by side:
#
# $$s = \text{relu}(\text{conv}_{1\times1}(x)), \qquad \text{out} = \text{relu}\big([\,\text{conv}_{1\times1}(s),\; \text{conv}_{3\times3}(s)\,]\big)$$
#
# The brackets join maps along the channel axis, 1×1 first; the 3×3 convolution pads by 1, so sizes agree.
# The squeeze is where parameters are saved: the costly 3×3 filters span 16 maps, not 128.
#
# `conv_forward_fast(x, w, b, {"stride": 1, "pad": 0})`, `conv_backward_fast`, `relu_forward` and `relu_backward`
# are those of your earlier notebooks, imported above; your own may take their places.
#
# **Predict:** $s$ has one arrow in and two out. What does that mean for its gradient?
#
# <details><summary>Answer</summary>
#
# Fan-out: both expanding convolutions send a gradient back to $s$, and the two add up, before the squeeze's relu.
#
# </details>

# %% nbgrader={"grade_id": "fire_forward", "solution": true}
def fire_forward(x, ws, bs, w1, b1, w3, b3):
    """A fire module.

    x: (N, C, H, W); ws (S, C, 1, 1), bs (S,): the squeeze; w1 (E1, S, 1, 1), b1 (E1,) and w3 (E3, S, 3, 3), b3 (E3,):
    the two expansions. Returns out (N, E1 + E3, H, W), the E1 maps first, and a cache for fire_backward.
    """
    ### BEGIN SOLUTION
    squeezed, squeeze_cache = conv_forward_fast(x, ws, bs, {"stride": 1, "pad": 0})
    squeezed, squeeze_mask = relu_forward(squeezed)
    ones, ones_cache = conv_forward_fast(squeezed, w1, b1, {"stride": 1, "pad": 0})
    threes, threes_cache = conv_forward_fast(squeezed, w3, b3, {"stride": 1, "pad": 1})
    out, mask = relu_forward(np.concatenate([ones, threes], axis=1))
    return out, (squeeze_cache, squeeze_mask, ones_cache, threes_cache, mask, len(w1))
    ### END SOLUTION


def fire_backward(dout, cache):
    """Gradients of the fire module. dout: (N, E1 + E3, H, W). Returns dx, dws, dbs, dw1, db1, dw3, db3, in this order."""
    ### BEGIN SOLUTION
    squeeze_cache, squeeze_mask, ones_cache, threes_cache, mask, E1 = cache
    dout = relu_backward(dout, mask)
    from_ones, dw1, db1 = conv_backward_fast(dout[:, :E1], ones_cache)
    from_threes, dw3, db3 = conv_backward_fast(dout[:, E1:], threes_cache)
    dsqueezed = relu_backward(from_ones + from_threes, squeeze_mask)
    dx, dws, dbs = conv_backward_fast(dsqueezed, squeeze_cache)
    return dx, dws, dbs, dw1, db1, dw3, db3
    ### END SOLUTION

# %% nbgrader={"grade_id": "fire_forward_check", "grade": true, "points": 18}
check = Check("fire_forward", points=18, hidden=9)
FIRE = ("x", "ws", "bs", "w1", "b1", "w3", "b3")

def fire_is(t, arguments, expected):
    try:
        result = t.call(fire_forward, *arguments)
    except ValueError as error:
        told = "A 3×3 filter met an image smaller than itself: the 3×3 convolution pads by 1."
        t.true("window shape cannot be larger" not in str(error), told, "expand_not_padded")
        raise
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: out, cache.", "no_cache")
    t.equal(result[0], expected, "out", given=dict(zip(FIRE, arguments)))

@check("a row of three pixels: squeeze to 0, 1, 2, then expand")
def _(t):
    x, ws, bs = np.array([[[[-3.0, 1.0, 2.0]]]]), np.ones((1, 1, 1, 1)), np.zeros(1)
    w1, b1 = np.array([2.0, -1.0]).reshape(2, 1, 1, 1), np.array([0.0, 1.0])
    w3 = np.array([[0.0, 0, 0], [-1, 0, 1], [0, 0, 0]]).reshape(1, 1, 3, 3)
    fire_is(t, (x, ws, bs, w1, b1, w3, np.array([0.5])), [[[[0, 2, 4]], [[1, 0, 0]], [[1.5, 2.5, 0]]]])

FIRE_SHAPES = {"x": (4, 2, 3, 2), "ws": (3, 2, 1, 1), "bs": (3,), "w1": (2, 3, 1, 1), "b1": (2,), "w3": (4, 3, 3, 3), "b3": (4,)}
check.gradients(fire_forward, fire_backward, FIRE_SHAPES)

### BEGIN HIDDEN TESTS
check.hidden_tests()

def fire_slowly(x, ws, bs, w1, b1, w3, b3):
    """The definition, place by place."""
    N, _, H, W = x.shape
    squeezed, out = np.zeros((N, len(ws), H + 2, W + 2)), np.zeros((N, len(w1) + len(w3), H, W))
    for n, i, j in np.ndindex(N, H, W):
        squeezed[n, :, i + 1, j + 1] = np.maximum(0, ws[:, :, 0, 0] @ x[n, :, i, j] + bs)
    for n, i, j in np.ndindex(N, H, W):
        patch = squeezed[n, :, i : i + 3, j : j + 3]
        threes = [np.sum(filter * patch) + b for filter, b in zip(w3, b3)]
        out[n, :, i, j] = np.maximum(0, np.concatenate([w1[:, :, 0, 0] @ patch[:, 1, 1] + b1, threes]))
    return out

@check("against the definition, more maps than pixels")
def _(t):
    shapes = [(3, 4, 3, 5), (2, 4, 1, 1), (2,), (5, 2, 1, 1), (5,), (3, 2, 3, 3), (3,)]
    arguments = [t.rng.normal(size=shape) for shape in shapes]
    fire_is(t, arguments, fire_slowly(*arguments))

@check("one map squeezed, one pixel high")
def _(t):
    shapes = [(2, 3, 1, 4), (1, 3, 1, 1), (1,), (1, 1, 1, 1), (1,), (2, 1, 3, 3), (2,)]
    arguments = [t.rng.normal(size=shape) for shape in shapes]
    fire_is(t, arguments, fire_slowly(*arguments))

NARROW = {"x": (5, 3, 2, 3), "ws": (2, 3, 1, 1), "bs": (2,), "w1": (4, 2, 1, 1), "b1": (4,), "w3": (1, 2, 3, 3), "b3": (1,)}
check.gradients(fire_forward, fire_backward, NARROW, label="one 3x3 filter")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Weights in a file
#
# Python's own way to store objects, *pickle*, stores a program that rebuilds them.
# Whoever opens the file runs that program.
# A `.npz` file holds named arrays of numbers and nothing else, as long as nobody allows pickles in it:
# `np.load(path, allow_pickle=False)`.
# A *checksum* says in addition that these are the numbers you expect, to the last bit:
# `hashlib.sha256(data).hexdigest()` of the bytes in the file, which `Path(path).read_bytes()` gives.
#
# Half precision, float16, keeps three digits in two bytes. For storing weights that is enough; for computing it is not,
# so `load_weights` hands out float32.
#
# **Predict:** SqueezeNet has 1,235,496 parameters. How large is its file in float16, in megabytes?
#
# <details><summary>Answer</summary>
#
# 2 bytes each: 2.47 million bytes. Compressed, it is 2.3: learned numbers look like noise and hardly compress.
#
# </details>

# %% nbgrader={"grade_id": "save_weights", "solution": true}
def save_weights(path, params, dtype="float16"):
    """Write params, a dict from names to arrays, to the .npz file `path`, every array converted to dtype.

    Raises ValueError, and writes nothing, if anything in params does not turn into an array of numbers
    (kinds f, i, u, b of numpy's dtype.kind): None, text and the like could only be stored as a pickle.
    """
    ### BEGIN SOLUTION
    arrays = {name: np.asarray(value) for name, value in params.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{name} holds something other than numbers")
    np.savez(path, **{name: array.astype(dtype) for name, array in arrays.items()})
    ### END SOLUTION


def load_weights(path, sha256=None, dtype="float32"):
    """Read a .npz file without pickle: a dict from names to arrays of the given dtype.

    Raises ValueError if sha256, a hexadecimal text, is given and the file's bytes have another one,
    and for an array that would need a pickle.
    """
    ### BEGIN SOLUTION
    found = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    if sha256 is not None and found != sha256:
        raise ValueError(f"{path} has the checksum {found}, not {sha256}")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name].astype(dtype) for name in arrays.files}
    ### END SOLUTION

# %% nbgrader={"grade_id": "save_weights_check", "grade": true, "points": 12}
check = Check("save_weights", points=12, hidden=4)

def come_back(t, params, expected=None, dtype=None):
    """Save, load, compare with what should come back; leave no file behind."""
    path, options = f"check_{np.random.default_rng().integers(10**9)}.npz", {} if dtype is None else {"dtype": dtype}
    try:
        save_weights(path, params, **options)
        loaded = load_weights(path, **options)
    finally:
        Path(path).unlink(missing_ok=True)
    t.true(isinstance(loaded, dict), "load_weights should return a dict from names to arrays.", "not_a_dict")
    t.true(sorted(loaded) == sorted(params), f"The names that came back are {sorted(loaded)}, not {sorted(params)}.", "names_lost")
    for name, value in (expected or params).items():
        t.equal(loaded[name], value, name, given={"saved": params[name]}, tolerance=1e-9)
        t.true(str(loaded[name].dtype) == (dtype or "float32"), f"{name} comes back as {loaded[name].dtype}.", "wrong_dtype")

@check("what is saved comes back, as float32")
def _(t):
    come_back(t, {"conv1/w": np.arange(12.0).reshape(2, 3, 2), "conv1/b": np.array([0.5, -2.0])})

@check("half precision: 0.1 comes back as 0.0999755859375")
def _(t):
    come_back(t, {"head/b": np.array([0.1, -2.0004])}, {"head/b": np.array([0.0999755859375, -2.0])})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def refuses(t, mistake, message, f, *arguments):
    try:
        f(*arguments)
    except ValueError:
        return t.true(True, "")
    t.true(False, message, mistake)

@check("a file with another checksum is refused, one with its own is read, one with a pickle never")
def _(t):
    (path, sha256), (other, of_other) = weights_file("clothes_net"), weights_file("pickled_example")
    refuses(t, "checksum_ignored", "A wrong checksum was given, and the file was read all the same.", load_weights, path, "0" * 64)
    refuses(t, "checksum_ignored", "A checksum with one wrong digit was accepted.", load_weights, path, sha256[:-1] + ("0" if sha256[-1] != "0" else "1"))
    refuses(t, "checksum_ignored", "The checksum of another file was accepted.", load_weights, path, of_other)
    t.equal(load_weights(path, sha256)["hidden/b"], load_clothes_net().params["hidden/b"], "hidden/b of the course's small network")
    refuses(t, "pickle_read", "A file that needs a pickle was read.", load_weights, other)
    refuses(t, "pickle_read", "A file that needs a pickle was read.", load_weights, other, of_other)

@check("None and text are not saved")
def _(t):
    for value in ([1.0, None], ["one", "two"]):
        path = f"refused_{np.random.default_rng().integers(10**9)}.npz"
        try:
            refuses(t, "other_things_saved", "Something that is no number was saved.", save_weights, path, {"w": np.eye(2), "b": value})
            try:
                written = isinstance(load_weights(path), dict)
            except Exception:
                written = False
            t.true(not written, "It was refused, and a file was written all the same: look at every array before you write.", "written_first")
        finally:
            Path(path).unlink(missing_ok=True)

@check("full precision, where it is asked for")
def _(t):
    come_back(t, {"a/w": t.rng.normal(size=(3, 4)), "b": t.rng.normal(size=5), "c": t.rng.normal(size=(1, 2, 1))}, dtype="float64")

@check("many layers, whole numbers")
def _(t):
    come_back(t, {f"layer{k}/{kind}": t.rng.integers(-9, 9, size=(k + 1, 2)) for k in range(12) for kind in "wb"})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: a stranger's file of "weights". Opening it the careless way runs a line of its author's choice, here a harmless one.
import tempfile

class Weights:
    def __reduce__(self):
        return print, ("This line was printed by a file, while it was being opened.",)

with tempfile.TemporaryDirectory() as folder:
    np.savez(f"{folder}/stranger.npz", w=np.array([Weights()], dtype=object))
    np.load(f"{folder}/stranger.npz", allow_pickle=True)["w"]
    try:
        load_weights(f"{folder}/stranger.npz")
    except ValueError as refused:
        print("load_weights:", refused)

# %% [markdown]
# ## A cat, by your own layers
#
# Conv, relu, three poolings, eight of your fire modules, one more convolution, a mean over each map:
# that is all of SqueezeNet.
# The weights are arrays by name, `"fire2/squeeze/w"` and so on; the part before the first slash is the layer.
# Your `load_weights` reads them, with the checksum that belongs to the file.
# Move the window of 227×227 pixels over a photograph that the network has never seen.
#
# **Predict:** the last 1×1 convolution makes 1,000 maps, and each class's score is the mean of its map.
# What does that say about where in the image the cat has to be?
#
# <details><summary>Answer</summary>
#
# Anywhere: a mean does not know places. So the network takes images of other sizes too, and does not need a head for each.
#
# </details>

# %% tags=["experiment"]
PARTS = [f"{part}/{kind}" for part in ("squeeze", "expand1x1", "expand3x3") for kind in "wb"]
ONCE, POOL = {"stride": 1, "pad": 0}, {"pool_height": 3, "pool_width": 3, "stride": 2}

def fire(params, layer, x):
    return fire_forward(x, *(params[f"{layer}/{part}"] for part in PARTS))

def squeezenet(params, x, upto="scores", means=None):
    """SqueezeNet on preprocessed images as far as `upto`, "fire2" to "fire9", or to its 1,000 scores; means of maps go to `means`."""
    x, _ = relu_forward(conv_forward_fast(x, params["conv1/w"], params["conv1/b"], {"stride": 2, "pad": 0})[0])
    for k in range(2, 10):
        x = max_pool_forward(x, POOL)[0] if k in (2, 4, 6) else x
        x, _ = fire(params, f"fire{k}", x)
        if means is not None:
            means[f"fire{k}"] = x.mean(axis=(2, 3))
        if upto == f"fire{k}":
            return x
    x, _ = relu_forward(conv_forward_fast(x, params["conv10/w"], params["conv10/b"], ONCE)[0])
    return x.mean(axis=(2, 3))

def recognise(photograph="chelsea", down=36, right=112):
    image = load_photograph(photograph)[:, down : down + 227, right : right + 227]
    scores = squeezenet(squeeze_params, preprocess(image[None]).astype(np.float32))[0]
    shares = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    best = np.argsort(-shares)[:5]
    fig, axes = figure(1, 2, width=8, height=2.9, width_ratios=[1, 1.6])
    axes[0].imshow(image.transpose(1, 2, 0))
    axes[0].axis("off")
    axes[1].barh([class_names[k] for k in best[::-1]], 100 * shares[best[::-1]], color=style.VALUE)
    axes[1].set(xlim=(0, 100), xlabel="probability, percent")
    axes[1].set_title("SqueezeNet, run by your fire modules", loc="left")
    fig.alt = f"Window of {photograph}; best classes: " + ", ".join(f"{class_names[k]} {shares[k]:.0%}" for k in best)
    return fig

squeeze_params, class_names = load_weights(*weights_file("squeezenet")), load_squeezenet().names
sliders(recognise, photograph=["chelsea", "coffee"], down=(0, 73), right=(0, 223))

# %% [markdown]
# ## Features
#
# Stop the network before its head, and what it hands over are *features*: numbers that its head found useful.
# Maps become one number each by a mean over their places:
#
# $$f_{nc} = \frac{1}{HW} \sum_{i,j} \text{maps}_{ncij}$$
#
# The trunk runs once over your images; from then on each image is a short vector.
# `forward(params, x)` is any network; batches keep memory small.
#
# Two vectors are compared by the cosine of the angle between them:
# the length of a feature vector says how much contrast there is, its direction what there is.
#
# **Predict:** 270 emoji of 3×96×96 become 384 features each. How much smaller is that?
#
# <details><summary>Answer</summary>
#
# 27,648 numbers become 384, 72 times fewer. A linear classifier on them has 72 times fewer weights to learn from the same 270 examples.
#
# </details>

# %% nbgrader={"grade_id": "extract_features", "solution": true}
def extract_features(forward, params, X, batch_size=50):
    """Run a network over X, at most batch_size examples at a time.

    forward(params, x) returns maps (n, C, H, W), of which the mean over H and W is taken, or vectors (n, D), which stay.
    X: (N, ...). Returns an array of shape (N, C) or (N, D), one row per example, in the order of X.
    """
    ### BEGIN SOLUTION
    parts = []
    for start in range(0, len(X), batch_size):
        out = forward(params, X[start : start + batch_size])
        parts.append(out.mean(axis=(2, 3)) if out.ndim == 4 else out)
    return np.concatenate(parts)
    ### END SOLUTION


def nearest_neighbours(features, queries, k=1):
    """Which features point most nearly the same way as each query, by the cosine of the angle.

    features: (N, D); queries: (Q, D); no row is all zeros. Returns ints of shape (Q, k): rows of features, most similar first.
    """
    ### BEGIN SOLUTION
    features = features / np.linalg.norm(features, axis=1, keepdims=True)
    queries = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    return np.argsort(-queries @ features.T, axis=1)[:, :k]
    ### END SOLUTION

# %% nbgrader={"grade_id": "extract_features_check", "grade": true, "points": 16}
check = Check("extract_features", points=16, hidden=5)

def features_are(t, out_of, X, batch_size, expected):
    """Run the student's function on a network whose maps are out_of(x), and look at the batches it was given."""
    batches, params = [], {"w": np.array([2.0])}
    def forward(params, x):
        batches.append(len(x))
        return params["w"][0] * out_of(np.asarray(x))
    found = extract_features(forward, params, X, batch_size)
    t.equal(found, expected, "features", given={"X": X, "maps": 2.0 * out_of(X), "batch_size": batch_size})
    t.true(max(batches) <= batch_size, f"forward was given {max(batches)} examples at once; batch_size is {batch_size}.", "batch_too_large")

@check("two maps of 1x2 become their means")
def _(t):
    X = np.array([[[[1.0, 3.0]], [[0.0, 10.0]]], [[[2.0, 2.0]], [[6.0, -6.0]]]])
    features_are(t, lambda x: x, X, 2, [[4, 10], [4, 0]])

@check("five examples, two at a time")
def _(t):
    X = np.arange(30.0).reshape(5, 1, 3, 2)
    features_are(t, lambda x: x, X, 2, [[5], [17], [29], [41], [53]])

@check("the neighbour is the one that points the same way")
def _(t):
    features, queries = np.array([[1.0, 0.0], [0.2, 0.2], [0.0, 3.0]]), np.array([[5.0, 6.0], [0.1, 0.9]])
    given = {"features": features, "queries": queries, "k": 2}
    t.equal(t.call(nearest_neighbours, features, queries, 2), [[1, 2], [2, 1]], "neighbours", given=given)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("maps of other shapes, batches that fit and batches that do not")
def _(t):
    for shape, batch_size in (((6, 4, 2, 3), 3), ((7, 2, 3, 1), 4), ((3, 5, 2, 2), 50)):
        X = t.rng.normal(size=shape)
        features_are(t, lambda x: x, X, batch_size, [[2 * one.sum() / one.size for one in image] for image in X])

@check("a network that hands over vectors")
def _(t):
    X = t.rng.normal(size=(5, 2, 3))
    features_are(t, lambda x: x.reshape(len(x), -1) ** 2, X, 2, 2 * X.reshape(5, 6) ** 2)

@check("50 examples at a time unless said otherwise")
def _(t):
    batches = []
    def forward(params, x):
        batches.append(len(x))
        return np.asarray(x)
    X = t.rng.normal(size=(101, 2))
    t.equal(extract_features(forward, {}, X), X, "features", given={"X": X})
    t.true(max(batches) <= 50, f"forward was given {max(batches)} examples at once.", "batch_too_large")

@check("neighbours of random queries, most similar first")
def _(t):
    features, queries = t.rng.normal(size=(9, 4)) * t.rng.uniform(0.1, 9, size=(9, 1)), t.rng.normal(size=(5, 4))
    cosines = [[float(q @ f / (q @ q) ** 0.5 / (f @ f) ** 0.5) for f in features] for q in queries]
    expected = [sorted(range(9), key=lambda i: -row[i])[:3] for row in cosines]
    given = {"features": features, "queries": queries, "k": 3}
    t.equal(t.call(nearest_neighbours, features, queries, 3), expected, "neighbours", given=given)

@check("one neighbour unless said otherwise")
def _(t):
    features = np.eye(4) + 0.1
    given = {"features": features, "queries": features[::-1], "k": 1}
    t.equal(t.call(nearest_neighbours, features, 7 * features[::-1]), [[3], [2], [1], [0]], "neighbours", given=given)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: features in their plane of widest spread, nothing trained here; then the neighbours of four test emoji.
def depths(X):
    """Features of emoji behind every fire module, by its name, from one run."""
    batches = [{} for _ in range(0, len(X), 30)]
    for k, means in enumerate(batches):
        squeezenet(squeeze_params, preprocess(X[30 * k : 30 * k + 30]).astype(np.float32), "fire9", means)
    return {layer: np.concatenate([means[layer] for means in batches]) for layer in batches[0]}

def clouds():
    known, new, digits = (load_scattered(which) for which in ("known clothes", "new clothes", "digits"))
    hidden = lambda params, x: clothes_forward(params, x.astype(np.float32), "hidden")
    of_known, of_new, of_digits = (extract_features(hidden, clothes.params, images.X_test[:300]) for images in (known, new, digits))
    panels = {"small network: its own clothes": (of_known, known.y_test[:300], known.names)}
    panels["small network: all it is shown"] = ([of_known, of_new, of_digits], None, ["known clothes", "new clothes", "digits"])
    panels["SqueezeNet, fire7: emoji"] = (emoji_train["fire7"], emoji.y_train, emoji.names)
    return show_clouds(panels)

def neighbours(queries=(37, 176, 104, 8)):
    queries = list(queries)
    by_features = nearest_neighbours(emoji_train["fire7"], emoji_test["fire7"][queries], 4)
    by_pixels = nearest_neighbours(*(1 - X.reshape(len(X), -1) for X in (emoji.X_train, emoji.X_test[queries])), 4)
    shown = [X for q, *rows in zip(queries, by_features, by_pixels) for X in (emoji.X_test[q], *emoji.X_train[np.concatenate(rows)])]
    return show_images(shown, ["query", *["by features"] * 4, *["by pixels"] * 4] * len(queries), ncols=9)

clothes, emoji = load_clothes_net(), load_emoji()
emoji_train, emoji_test = depths(emoji.X_train), depths(emoji.X_test)
for kind, train, test in (("features", emoji_train["fire7"], emoji_test["fire7"]), ("pixels", *(1 - X.reshape(len(X), -1) for X in (emoji.X_train, emoji.X_test)))):
    same = emoji.y_train[nearest_neighbours(train, test)[:, 0]] == emoji.y_test
    print(f"nearest neighbour by {kind:<9} is of the same class for {np.mean(same):.0%} of {len(same)} test emoji")
display(clouds(), neighbours())

# %% [markdown]
# ## A new head
#
# Your task has other classes, so the old head goes and a new one is put in its place:
# same features in, as many scores out as you have classes.
#
# $$W_\text{head} \sim \text{scale} \cdot \mathcal{N}(0, 1), \qquad b_\text{head} = 0$$
#
# The scale is small, for the reason you saw on paper.
# All other parameters are copied. The old network stays what it was: you will want to start from it again.
#
# **Predict:** the small network's head is (64, 5), for five kinds of clothes. What is its shape for ten digits,
# and what loss do you expect before the first step?
#
# <details><summary>Answer</summary>
#
# (64, 10), and about ln 10 = 2.30: with small scores every class gets nearly the same probability.
#
# </details>

# %% nbgrader={"grade_id": "replace_head", "solution": true}
def replace_head(params, num_classes, rng, scale=0.01):
    """A copy of a network's parameters with a new head.

    params: dict of arrays by name; the head is "head/w" (D, M) and "head/b" (M,). params and its arrays are not changed.
    Returns a new dict with the same names: "head/w" (D, num_classes), normal with mean 0 and standard deviation scale,
    drawn from rng, a numpy Generator; "head/b" (num_classes,), zeros; copies of all others.
    """
    ### BEGIN SOLUTION
    replaced = {name: np.array(value) for name, value in params.items()}
    old = replaced["head/w"]
    replaced["head/w"] = (scale * rng.standard_normal((len(old), num_classes))).astype(old.dtype)
    replaced["head/b"] = np.zeros(num_classes, dtype=old.dtype)
    return replaced
    ### END SOLUTION

# %% nbgrader={"grade_id": "replace_head_check", "grade": true, "points": 10}
check = Check("replace_head", points=10, hidden=3)

def network_for(rng, features, classes):
    shapes = {"conv1/w": (3, 2, 3, 3), "conv1/b": 3, "hidden/w": (4, features), "head/w": (features, classes), "head/b": classes}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}

def new_head(t, params, classes, seed=0, **scale):
    """Replace the head and check all that is fixed; return the new head's weights."""
    before = {name: value.copy() for name, value in params.items()}
    found = replace_head(params, classes, np.random.default_rng(seed), **scale)
    t.true(isinstance(found, dict) and sorted(found) == sorted(before), f"Return a dict with the names {sorted(before)}.", "names_lost")
    for name in before.keys() - {"head/w", "head/b"}:
        t.equal(found[name], before[name], name)
    t.true(all(np.array_equal(params[name], before[name]) for name in before), "The old network was changed.", "old_network_changed")
    t.equal(found["head/b"], np.zeros(classes), "head/b", given={"old": before["head/b"]})
    t.equal(np.shape(found["head/w"]), (len(before["head/w"]), classes), "the shape of head/w")
    return np.asarray(found["head/w"])

def drawn_from_normal(t, w, scale):
    t.true(bool(np.any(w)), "head/w is all zeros; draw small numbers.", "left_at_zero")
    t.true(bool(abs(w.mean()) < 0.2 * max(scale, w.std())), f"The mean of head/w is {w.mean():.4f}; it should be 0.", "not_centred")
    named = {"scale_forgotten": 1.0, "scale_is_variance": scale**0.5, "scale_squared": scale**2, "scale_ignored": 0.01}
    named = [name for name, wrong in named.items() if 0.9 < w.std() / wrong < 1.1] + [None]
    t.true(bool(0.92 < w.std() / scale < 1.08), f"The standard deviation of head/w is {w.std():.4f}; scale is {scale}.", named[0])

@check("forty classes in the place of five, scale 0.01; the trunk stays")
def _(t):
    drawn_from_normal(t, new_head(t, network_for(t.rng, 80, 5), 40), 0.01)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("another scale, few classes, normal numbers")
def _(t):
    w = new_head(t, network_for(t.rng, 900, 7), 2, scale=0.5)
    drawn_from_normal(t, w, 0.5)
    t.true(bool(np.abs(w).max() > 1.2), "No number is far from 0: these are not normal.", "not_normal")

@check("the same generator gives the same head, another one another")
def _(t):
    params = network_for(t.rng, 4, 3)
    one, again, other = (new_head(t, params, 3, seed) for seed in (1, 1, 2))
    named = "rng_ignored" if np.any(one) else "left_at_zero"
    t.true(np.array_equal(one, again), "Two generators of one seed gave two heads: draw from rng.", named)
    t.true(not np.array_equal(one, other), "Two generators of different seeds gave the same head: draw from rng.", named)

@check("as many classes as before, and still a new head")
def _(t):
    params = network_for(t.rng, 5, 3)
    w = new_head(t, params, 3)
    t.true(not np.array_equal(w, params["head/w"]), "The old head is still there.", "old_head_kept")
    trunk, shared = ["conv1/w", "conv1/b", "hidden/w"], "the very arrays of the old network. A step in place would change both: copy them."
    t.copies(replace_head, params, 3, np.random.default_rng(0), source=0, names=trunk, message=shared, mistake="arrays_shared")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Frozen, slow, fast
#
# The new head knows nothing and has to learn fast.
# The layers below know a lot; the lower, the more general what they know: edges serve everybody.
# So each layer gets its own learning rate, smaller by a factor the further down it is:
#
# $$\eta_\text{layer} = \eta_\text{head} \cdot \text{decay}^{\,\text{steps below the head}}$$
#
# At rate 0 a layer is *frozen*. To *fine-tune* is to let some of the others move, slowly.
#
# **Predict:** layers conv1, conv2, hidden, head; head rate 0.1, decay 0.1. What is conv1's rate?
#
# <details><summary>Answer</summary>
#
# Three steps below the head: 0.1 · 0.1³ = 0.0001.
#
# </details>

# %% nbgrader={"grade_id": "freeze", "solution": true}
def layer_learning_rates(params, layers, head_rate, decay=0.1):
    """A learning rate for every parameter: a dict with the names of params.

    A parameter's layer is its name before the first slash: "fire9" for "fire9/squeeze/w".
    layers: names of layers in forward order, the head last. The last one gets head_rate, each one before it decay times
    the rate of its successor. Parameters of layers that are not in the list get 0.
    """
    ### BEGIN SOLUTION
    rate_of = {layer: head_rate * decay**below for below, layer in enumerate(reversed(layers))}
    return {name: rate_of.get(name.split("/")[0], 0.0) for name in params}
    ### END SOLUTION


def freeze(rates, layers):
    """A copy of rates, a dict of learning rates by parameter name, with 0 for every parameter of the named layers."""
    ### BEGIN SOLUTION
    return {name: 0.0 if name.split("/")[0] in layers else rate for name, rate in rates.items()}
    ### END SOLUTION

# %% nbgrader={"grade_id": "freeze_check", "grade": true, "points": 10}
check = Check("freeze", points=10, hidden=4)

def rates_are(t, found, expected, of):
    t.true(isinstance(found, dict), f"{of} should be a dict with a number for each parameter.", "not_a_dict")
    t.true(sorted(found) == sorted(expected), f"{of} names {sorted(found)}; it should name {sorted(expected)}.", "names_lost")
    t.equal([found[name] for name in expected], list(expected.values()), of, given={"names": list(expected)})

def some_params(*names):
    return {name: np.zeros(2) for name in names}

@check("0.1 for the head, a tenth of that for each layer further down")
def _(t):
    params = some_params("conv1/w", "conv1/b", "hidden/w", "hidden/b", "head/w", "head/b")
    expected = dict(zip(params, (0.001, 0.001, 0.01, 0.01, 0.1, 0.1)))
    rates_are(t, t.call(layer_learning_rates, params, ["conv1", "hidden", "head"], 0.1), expected, "rates")

@check("conv1 is frozen, conv10 is not")
def _(t):
    rates = {"conv1/w": 0.2, "conv1/b": 0.3, "conv10/w": 0.4, "head/b": 0.5}
    rates_are(t, freeze(rates, ["conv1"]), {"conv1/w": 0, "conv1/b": 0, "conv10/w": 0.4, "head/b": 0.5}, "frozen rates")
    t.true(rates["conv1/w"] == 0.2, "freeze changed the dict it was given: return a copy.", "argument_changed")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("another factor, parameters in another order")
def _(t):
    params = some_params("head/b", "fire2/squeeze/w", "conv1/w", "fire2/expand3x3/b", "head/w")
    expected = dict(zip(params, (2.0, 1.0, 0.5, 1.0, 2.0)))
    rates_are(t, t.call(layer_learning_rates, params, ["conv1", "fire2", "head"], 2.0, decay=0.5), expected, "rates")

@check("layers that are not in the list stay where they are")
def _(t):
    params = some_params("conv1/w", "conv10/w", "fire1/squeeze/w", "fire10/squeeze/w", "head/w")
    expected = dict(zip(params, (0.0, 0.03, 0.0, 0.0, 0.3)))
    rates_are(t, t.call(layer_learning_rates, params, ["conv10", "head"], 0.3), expected, "rates")
    params = some_params("conv1/w", "conv10/w", "head/w")
    expected = dict(zip(params, (0.03, 0.0, 0.3)))
    rates_are(t, t.call(layer_learning_rates, params, ["conv1", "head"], 0.3), expected, "rates")

@check("several layers at once, names with several slashes")
def _(t):
    rates = {"fire2/squeeze/w": 0.1, "fire2/expand1x1/b": 0.2, "fire20/squeeze/w": 0.3, "conv1/w": 0.4, "head/w": 0.5}
    expected = dict(rates) | {"fire2/squeeze/w": 0, "fire2/expand1x1/b": 0, "conv1/w": 0}
    rates_are(t, freeze(rates, ["conv1", "fire2"]), expected, "frozen rates")

@check("nothing to freeze, everything to freeze")
def _(t):
    rates = {"a/w": 0.1, "b/w": 0.2}
    rates_are(t, freeze(rates, []), rates, "frozen rates")
    rates_are(t, freeze(rates, ["b", "a"]), {"a/w": 0, "b/w": 0}, "frozen rates")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Fine-tuning
#
# Training on is training, with a rate for each parameter and a start that is not random.
# Gradient descent with momentum, as in the notebook on optimizers:
#
# $$v \leftarrow \text{momentum} \cdot v - \eta\, \nabla, \qquad p \leftarrow p + v$$
#
# `loss(params, X, y)` returns the loss of a batch and a dict of gradients, by parameter name;
# it may leave out those of frozen layers, which is where freezing saves time.
#
# **Predict:** one step from the head of zeros on paper, rate 4, momentum 0.9. Which entries of the head's weights move, and by how much?
#
# <details><summary>Answer</summary>
#
# The second row, from (0, 0) to (1, −1): the gradient was (−¼, ¼), and in the first step v holds no history.
# In the second step the first example is right with 88 percent, and the loss is 0.41.
#
# </details>

# %% nbgrader={"grade_id": "fine_tune", "solution": true}
def fine_tune(loss, params, X, y, rates, epochs, batch_size, rng, momentum=0.9):
    """Train a network further, each parameter with its own learning rate.

    loss(params, X, y) -> loss, grads for a batch. params: dict of arrays, not changed. X: (N, ...), y: (N,).
    rates: dict of learning rates by name; a parameter with rate 0 or without a rate is frozen, and grads may lack it.
    In each epoch examples come in the order rng.permutation(N), batch_size at a time; the last batch may be smaller.
    Each parameter has a velocity v, at first 0: v = momentum * v - rate * gradient, then parameter + v.
    Returns the new params, a dict with all names, and a list with the loss of every batch, as loss gave it before the step.
    """
    ### BEGIN SOLUTION
    params, losses = dict(params), []
    velocity = {name: 0.0 for name in params}
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            value, grads = loss(params, X[rows], y[rows])
            losses.append(value)
            for name in params:
                if rates.get(name, 0.0) != 0.0:
                    velocity[name] = momentum * velocity[name] - rates[name] * grads[name]
                    params[name] = params[name] + velocity[name]
    return params, losses
    ### END SOLUTION

# %% nbgrader={"grade_id": "fine_tune_check", "grade": true, "points": 14}
check = Check("fine_tune", points=14, hidden=6)

def head_loss(params, X, y):
    scores, cache = affine_forward(X, params["head/w"], params["head/b"])
    value, dscores = softmax_loss(scores, y)
    return value, dict(zip(("head/w", "head/b"), affine_backward(dscores, cache)[1:]))

def zero_head(features, classes):
    return {"head/w": np.zeros((features, classes)), "head/b": np.zeros(classes)}

def tuned(t, *arguments, **momentum):
    found = fine_tune(head_loss, *arguments, **momentum)
    return found if isinstance(found, tuple | list) and len(found) == 2 else t.true(False, "Return two things: params, losses.", "wrong_count")

@check("four steps from ln 2 down, in two epochs: momentum carries each step further, from epoch to epoch too")
def _(t):
    params, losses = tuned(t, zero_head(2, 2), np.array([[3.0, 1], [3, 0]] * 2), np.array([0, 1] * 2), {"head/w": 1.0}, 2, 2, np.random.default_rng(1))  # each batch: one of each kind
    ends = {"start": (0, 0), "no_momentum": (-0.9183339946, 0.7384779256), "velocity_lost": (-0.4918683035, 1.1262843385), "climbing": (-3.952986824, -3.0919135882)}
    given = {mistake: np.outer(rows, [1, -1]) for mistake, rows in ends.items()}
    t.equal(params["head/w"], np.outer([-0.4126181796277, 1.844106658041], [1, -1]), "head/w", given=given)
    t.equal(losses, [0.6931471805599453, 0.5836120823700259, 0.43679213504939185, 0.322012019579304], "losses")

@check("what is frozen stays, to the last bit; what is not moves")
def _(t):
    w, b, X = t.rng.normal(size=(3, 2)), t.rng.normal(size=2), t.rng.normal(size=(4, 3))
    params, _ = tuned(t, {"head/w": w.copy(), "head/b": b.copy()}, X, np.arange(4) % 2, {"head/b": 0.1}, 2, 2, np.random.default_rng(0))
    t.true("head/w" in params, "head/w was frozen and is missing: it belongs to the network all the same.", "names_lost")
    t.true(np.array_equal(params["head/w"], w), "head/w has no rate and moved.", "frozen_moved")
    t.true(not np.array_equal(params["head/b"], b), "head/b has the rate 0.1 and did not move.", "not_updated")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def descend_slowly(loss, params, X, y, rates, epochs, batch_size, rng, momentum=0.9):
    """The definition, one step after another."""
    params, losses = {name: value.copy() for name, value in params.items()}, []
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for _ in range(epochs):
        waiting = list(rng.permutation(len(X)))
        while waiting:
            rows, waiting = waiting[:batch_size], waiting[batch_size:]
            value, grads = loss(params, X[rows], y[rows])
            losses.append(value)
            for name, rate in rates.items():
                velocity[name] = momentum * velocity[name] - rate * grads[name]
                params[name] = params[name] + velocity[name]
    return params, losses

def tuned_alike(t, N, epochs, batch_size, rates=(("head/w", 0.5), ("head/b", 0.2)), **momentum):
    X, y, rates = t.rng.normal(size=(N, 3)), np.arange(N) % 2, dict(rates)
    start = {"head/w": t.rng.normal(size=(3, 2)), "head/b": t.rng.normal(size=2)}
    kept = {name: value.copy() for name, value in start.items()}
    expected, losses = descend_slowly(head_loss, start, X, y, rates, epochs, batch_size, np.random.default_rng(7), **momentum)
    params, found = tuned(t, start, X, y, rates, epochs, batch_size, np.random.default_rng(7), **momentum)
    for name in start:
        t.true(np.array_equal(start[name], kept[name]), f"{name} of the network you started from was changed.", "start_changed")
    others = alternatives(start, X, y, rates, epochs, batch_size, momentum)
    for name in rates:
        given = {key: value[0][name] for key, value in others.items()} | ({"start": start[name]} if N >= batch_size else {})
        t.equal(params[name], expected[name], name, given=given)
    t.equal(found, losses, "losses", given={key: value[1] for key, value in others.items()})

class Order(np.random.Generator):
    """A generator whose permutations are what `change` makes of them."""

    def __init__(self, change):
        super().__init__(np.random.PCG64(7))
        self.change = change

    def permutation(self, n):
        return self.change(super().permutation(n))

def alternatives(start, X, y, rates, epochs, batch_size, momentum):
    """What typical misreadings would lead to, for the messages."""
    def run(change=lambda order: order, **given):
        arguments = {"params": start, "X": X, "y": y, "rates": rates, "epochs": epochs, "batch_size": batch_size}
        return descend_slowly(head_loss, **(arguments | momentum | given), rng=Order(change))
    whole, first = len(X) // batch_size * batch_size, np.random.default_rng(7).permutation(len(X))
    found = {"no_momentum": run(momentum=0.0), "climbing": run(rates={name: -rate for name, rate in rates.items()}),
             "unshuffled": run(np.sort), "one_order": run(lambda order: first), "labels_left": run(y=y[np.argsort(first)]),
             "one_rate": run(rates=dict.fromkeys(rates, max(rates.values())))}
    anew, order, each = dict(start), Order(lambda order: order), []
    for _ in range(epochs):
        anew, seen = descend_slowly(head_loss, anew, X, y, rates, 1, batch_size, order, **momentum)
        each += seen
    found["velocity_lost"] = (anew, each)
    return found | {"rest_dropped": run(lambda order: order[:whole]) if whole else (dict.fromkeys(start), None)}

@check("one epoch, batches that fit")
def _(t):
    tuned_alike(t, 6, 1, 3)

@check("several epochs, a smaller last batch")
def _(t):
    tuned_alike(t, 7, 3, 3)

@check("other rates, no momentum")
def _(t):
    tuned_alike(t, 5, 2, 2, rates=(("head/b", 0.7), ("head/w", 0.1)), momentum=0.0)

@check("a batch larger than the data")
def _(t):
    tuned_alike(t, 4, 3, 10, momentum=0.5)

@check("frozen layers whose gradients are missing")
def _(t):
    start = {"conv1/w": t.rng.normal(size=(2, 3)), "hidden/w": t.rng.normal(size=4), **zero_head(3, 2)}
    kept = {name: value.copy() for name, value in start.items()}
    X, y = t.rng.normal(size=(5, 3)), np.arange(5) % 2
    rates = {"conv1/w": 0.0, "head/w": 0.3, "head/b": 0.3}
    try:
        params, _ = tuned(t, start, X, y, rates, 2, 2, np.random.default_rng(3))
    except KeyError:
        return t.true(False, "A frozen parameter's gradient was asked for; loss need not give it.", "frozen_gradient_asked")
    t.true(sorted(params) == sorted(kept), f"The new params name {sorted(params)}, not {sorted(kept)}.", "names_lost")
    for name in ("conv1/w", "hidden/w"):
        t.true(np.array_equal(params[name], kept[name]), f"{name} is frozen and moved.", "frozen_moved")

@check("no epoch, no change; one epoch, some")
def _(t):
    w, X, y, rates = t.rng.normal(size=(3, 2)), t.rng.normal(size=(4, 3)), np.arange(4) % 2, {"head/w": 1.0, "head/b": 1.0}
    params, losses = tuned(t, {"head/w": w.copy(), "head/b": np.zeros(2)}, X, y, rates, 0, 2, np.random.default_rng(0))
    t.equal(params["head/w"], w, "head/w")
    t.true(len(losses) == 0, "There was no step, and losses are not empty.")
    more, _ = tuned(t, {"head/w": w.copy(), "head/b": np.zeros(2)}, X, y, rates, 1, 2, np.random.default_rng(0))
    t.true(not np.array_equal(more["head/w"], w), "One epoch moved nothing.", "not_updated")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## A shorter way, and when it ends
#
# Freeze everything but the head and train: each step runs the whole trunk, on the same images, with the same result.
# Run it once, keep the features, and train a head on *them*: the same computation with the repetition left out.
# The first cell below does both and compares.
#
# The second cuts SqueezeNet behind each of its modules and trains a head on the frozen features of 270 emoji;
# then it lets fire6 and fire7 loose at a rate you choose, and the short way is closed: their features change with every step.
#
# **Predict:** do both ways end with the same head? Is SqueezeNet's last module the best place to cut for drawings?
# And what does a rate of 0.1 do to published numbers?
#
# <details><summary>Answer</summary>
#
# The same head, up to rounding, many times as fast. (With augmented images it would not work: other images have other features.)
# The last module is not the best: it asks for the fur and gloss of 1,000 kinds of photographed things. The middle asks for shapes, which drawings have.
# (Cut the emoji into training and test another six times, and fire7 reads 71 percent on average, fire9 68: a small gap, and no accident.)
# At 0.1 the trunk is wrecked within an epoch or two, and eight epochs do not bring back what was there at the start.
# Between 0 and 0.001 the accuracy differs by less than it would between two sets of 264 test images, which is about 3 percent:
# with 45 examples a class, frozen features are nearly all there is to have.
#
# </details>

# %% tags=["experiment"]
import time

def as_float32(images):
    return images._replace(X_train=images.X_train.astype(np.float32), X_test=images.X_test.astype(np.float32))

def features_of_clothes(params, x):
    return clothes_forward(params, x, "hidden")

def both_ways():
    X, y = new.X_train[:500], new.y_train[:500]
    start = replace_head(clothes.params, 5, np.random.default_rng(0))
    rates = freeze(dict.fromkeys(start, 0.05), ["conv1", "conv2", "hidden"])
    clock = time.perf_counter()
    long, _ = fine_tune(clothes_loss, start, X, y, rates, 8, 50, np.random.default_rng(1))
    slow, clock = time.perf_counter() - clock, time.perf_counter()
    features = extract_features(features_of_clothes, start, X)
    short, _ = fine_tune(head_loss, start, features, y, rates, 8, 50, np.random.default_rng(1))
    fast = time.perf_counter() - clock
    apart = np.abs(long["head/w"] - short["head/w"]).max()
    print(f"largest difference of the heads {apart:.1e}; {slow:.2f} s against {fast:.2f} s: {slow / fast:.0f} times as fast")

new, digits = as_float32(load_scattered("new clothes")), as_float32(load_scattered("digits"))
both_ways()

# %% tags=["experiment"]
def standard(train, *others):
    """Features with mean 0 and standard deviation 1 over the training images, and the same change for the others."""
    mean, spread = train.mean(axis=0), train.std(axis=0) + 1e-3
    return [((part - mean) / spread / np.sqrt(len(mean))).astype(np.float32) for part in (train, *others)]

def train_head(X, y, X_test, epochs=30, rate=2.0, seed=0):
    """The classes that a linear head, trained on standardised features, gives to X_test."""
    X, X_test = standard(X, X_test)
    start = {name: value.astype(np.float32) for name, value in zero_head(X.shape[1], y.max() + 1).items()}
    head, _ = fine_tune(head_loss, start, X, y, dict.fromkeys(start, rate), epochs, 30, np.random.default_rng(seed))
    return np.argmax(affine_forward(X_test, head["head/w"], head["head/b"])[0], axis=1)

def emoji_accuracy(train, test):
    """Percent of test emoji right, by a linear head on these features."""
    return 100 * np.mean(train_head(train, emoji.y_train, test) == emoji.y_test)

def emoji_loss(params, X, y=None):
    """fire6 and fire7 behind fixed maps, then the mean of each map, standardised, and a linear head."""
    x6, cache6 = fire(params, "fire6", X)
    x7, cache7 = fire(params, "fire7", x6)
    features, average_cache = global_average_forward(x7)
    scores, head_cache = affine_forward((features - centre) / width, params["head/w"], params["head/b"])
    if y is None:
        return scores
    value, dout = softmax_loss(scores, y)
    grads = {}
    dout, grads["head/w"], grads["head/b"] = affine_backward(dout, head_cache)
    dout = global_average_backward(dout / width, average_cache)
    for layer, cache in (("fire7", cache7), ("fire6", cache6)):
        dout, *parts = fire_backward(dout, cache)
        grads |= {f"{layer}/{part}": gradient for part, gradient in zip(PARTS, parts)}
    return value, grads

by_depth = {"pixels": emoji_accuracy(*(X[:, :, ::4, ::4].reshape(len(X), -1) for X in (emoji.X_train, emoji.X_test)))}
by_depth |= {layer: emoji_accuracy(emoji_train[layer], emoji_test[layer]) for layer in emoji_train}
centre, width = emoji_train["fire7"].mean(axis=0), (emoji_train["fire7"].std(axis=0) + 1) * np.float32(np.sqrt(384))
print(", ".join(f"{layer} {share:.0f}%" for layer, share in by_depth.items()))

# %% tags=["experiment"]
def maps_behind_fire5(X):
    maps = [squeezenet(squeeze_params, preprocess(X[i : i + 30]).astype(np.float32), "fire5") for i in range(0, len(X), 30)]
    return max_pool_forward(np.concatenate(maps), POOL)[0]

def tuning_curve(trunk_rate, epochs=8):
    """Percent of test emoji right after each epoch, fire6 and fire7 learning at the given rate."""
    kept = {name: value for name, value in squeeze_params.items() if name.startswith(("fire6/", "fire7/"))}
    params = replace_head(kept | {"head/w": np.zeros((384, 1000), np.float32), "head/b": np.zeros(1000)}, 6, np.random.default_rng(0))
    rates = {name: 1.0 if name.startswith("head") else trunk_rate for name in params}
    rng, curve = np.random.default_rng(1), []
    for _ in range(epochs):
        params, _ = fine_tune(emoji_loss, params, inputs[0], emoji.y_train, rates, 1, 30, rng)
        curve.append(100 * np.mean(np.argmax(emoji_loss(params, inputs[1]), axis=1) == emoji.y_test))
    return curve

def cut_and_thaw(rate=0.001):
    fig, axes = figure(1, 2, width=10, height=3.4, sharey=True)
    axes[0].bar(list(by_depth), list(by_depth.values()), color=[style.QUIET] + [style.VALUE] * 8)
    axes[0].set_title("frozen, cut behind ...", loc="left")
    axes[0].set(ylabel="test accuracy, percent", ylim=(0, 85))
    axes[0].tick_params(axis="x", labelsize=8)
    for trunk_rate in sorted({0.0, rate, 0.1}):
        if trunk_rate not in curves:
            with np.errstate(all="ignore"):
                curves[trunk_rate] = tuning_curve(trunk_rate)
        i = [0.0, 0.0003, 0.001, 0.01, 0.1].index(trunk_rate)
        axes[1].plot(range(1, 9), curves[trunk_rate], color=style.category(i), ls=style.DASHES[i], marker=style.MARKERS[i], label=f"{trunk_rate:g}" if i else "0 (frozen)")
    axes[1].set_title("fire6 and fire7 learn at the rate ...", loc="left")
    axes[1].set(xlabel="epoch")
    axes[1].legend(loc="lower right", ncols=3, columnspacing=1)
    fig.alt = "Left, test accuracy, cut behind: " + ", ".join(f"{layer} {share:.0f} %" for layer, share in by_depth.items())
    fig.alt += ". Right, after eight epochs at the rate: " + ", ".join(f"{r:g}, {curves[r][-1]:.0f} %" for r in sorted({0.0, rate, 0.1})) + "."
    return fig

inputs, curves = [maps_behind_fire5(X) for X in (emoji.X_train, emoji.X_test)], {}
sliders(cut_and_thaw, rate=[0.0, 0.0003, 0.001, 0.01, 0.1])

# %% [markdown]
# ## How many examples is a trained network worth?
#
# To find out, train with 2 examples a class, with 5, with 20, with 100, in several ways, and test each time on the same images.
# For a fair curve the subsets are *balanced*, the same number of each class, and *nested*:
# who gets 20 gets the 5 from before and 15 more. Else one lucky draw moves a point up and tells you nothing.
#
# A way to train is a function: `fit_predict(X, y, X_test)` returns the classes it gives to X_test.
#
# **Predict:** ten classes, 5 examples each, an accuracy of 60 percent on 359 test digits. By how much may another set of test digits differ, by chance alone?
#
# <details><summary>Answer</summary>
#
# The standard deviation is √(0.6 · 0.4 / 359) = 2.6 percent, so 5 percent up or down are nothing unusual.
# Another draw of the 50 training digits adds to that.
#
# </details>
#
# After the check, the small network learns the new clothes and the digits in three ways: from scratch; *frozen*, with a new head; fine-tuned.
#
# **Predict:** which way is best with 5 examples a class, and which with 100? Is the order the same for clothes and for digits?
#
# <details><summary>Answer</summary>
#
# With 5, both ways with a trained trunk read about half as much again as training from scratch; between the two is nothing but chance.
# With 100 new clothes, training from scratch has caught up with the frozen trunk.
# With 100 of each digit the frozen trunk has come to its end, near 55 percent: it was made for other shapes.
# Fine-tuning, which may change the trunk, reads about 70.
#
# </details>

# %% nbgrader={"grade_id": "accuracy_against_examples", "solution": true}
def balanced_subset(y, per_class, rng):
    """Row numbers of per_class random examples of each class in y, (N,) ints; all different, in any order.

    Generators of the same seed give nested subsets: the one for a smaller per_class is part of the one for a larger.
    Raises ValueError if some class has fewer than per_class examples.
    """
    ### BEGIN SOLUTION
    order, kept = rng.permutation(len(y)), []
    for label in np.unique(y):
        rows = order[y[order] == label]
        if len(rows) < per_class:
            raise ValueError(f"class {label} has {len(rows)} examples, fewer than {per_class}")
        kept.append(rows[:per_class])
    return np.concatenate(kept)
    ### END SOLUTION


def accuracy_against_examples(fit_predict, X, y, X_test, y_test, sizes, seed=0):
    """Accuracy on the test examples, a number from 0 to 1, for each number of training examples per class in sizes.

    fit_predict(X, y, X_test) trains on X, y and returns the classes (M,) of X_test. Subsets of X, y come from your
    balanced_subset, with a fresh np.random.default_rng(seed) for every size, so they are nested. Returns a list of floats.
    """
    ### BEGIN SOLUTION
    accuracies = []
    for per_class in sizes:
        rows = balanced_subset(y, per_class, np.random.default_rng(seed))
        accuracies.append(float(np.mean(fit_predict(X[rows], y[rows], X_test) == y_test)))
    return accuracies
    ### END SOLUTION

# %% nbgrader={"grade_id": "accuracy_against_examples_check", "grade": true, "points": 8}
check = Check("accuracy_against_examples", points=8, hidden=4)

def subset_is_fair(t, y, per_class, seed=0):
    rows = np.asarray(balanced_subset(y.copy(), per_class, np.random.default_rng(seed)))
    classes = len(np.unique(y))
    t.true(rows.shape == (per_class * classes,) and rows.dtype.kind == "i",
           f"{per_class} of each of {classes} classes are {per_class * classes} row numbers; yours: {rows.dtype} of shape {rows.shape}.", "wrong_size")
    t.true(len(set(rows.tolist())) == len(rows), "An example is in the subset twice.", "drawn_twice")
    t.equal([np.sum(y[rows] == label) for label in np.unique(y)], [per_class] * classes, "examples of each class")
    return rows

@check("three of each class, all different")
def _(t):
    subset_is_fair(t, np.array([0, 1, 2, 0, 0, 0, 1, 1, 0, 1, 2, 2, 0, 2]), 3)

@check("who answers 1 is right for a quarter of the test examples")
def _(t):
    y, y_test = np.arange(12) % 3, np.array([1, 0, 2, 0])
    found = accuracy_against_examples(lambda X, y, X_test: np.ones(len(X_test), dtype=int), np.zeros((12, 2)), y, np.zeros((4, 2)), y_test, [2, 4])
    t.equal(found, [0.25, 0.25], "accuracies", given={"y_test": y_test})

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("small subsets are part of large ones, other seeds draw others")
def _(t):
    y = t.rng.permutation(np.repeat(np.arange(4), 30))
    small, large, other = (set(subset_is_fair(t, y, n, seed).tolist()) for n, seed in ((5, 1), (12, 1), (12, 2)))
    t.true(large != other, "Two seeds gave the same subset: draw from rng.", "rng_ignored")
    try:
        subset_is_fair(t, 3 + 4 * y, 2)
    except ValueError:
        t.true(False, "The labels 3, 7, 11 and 15 were refused: the classes are those that occur in y.", "labels_from_zero")
    t.true(small <= large, "With the same seed, the subset of 5 is not part of the subset of 12.", "not_nested")

@check("too few examples of one class are refused")
def _(t):
    y = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    subset_is_fair(t, y, 2)
    try:
        rows = balanced_subset(y, 3, np.random.default_rng(0))
    except ValueError:
        return t.true(True, "")
    t.true(False, f"Class 1 has 2 examples; 3 were asked for, and {len(rows)} rows came back.", "too_few_accepted")

def ledger(sizes, seed):
    """Run the curve with a fit_predict that writes down what it is given; X holds row numbers."""
    y, seen = np.random.default_rng(5).permutation(np.repeat(np.arange(3), 20)), []
    X, X_test, y_test = np.arange(60.0)[:, None], 100.0 + np.arange(10.0)[:, None], np.arange(10) % 3
    def fit_predict(X, labels, queries):
        rows = np.asarray(X).ravel().astype(int)
        matches = bool(rows.max() < 60 and np.array_equal(y[rows], labels))
        seen.append((rows.tolist(), matches, bool(np.array_equal(queries, X_test))))
        return np.where(np.arange(10) < len(rows) // 3, y_test, (y_test + 1) % 3)
    return accuracy_against_examples(fit_predict, X, y, X_test, y_test, sizes, seed), seen

@check("each size gets its examples with their labels; the test examples stay out")
def _(t):
    found, seen = ledger([1, 4, 9], 3)
    t.true([len(rows) for rows, _, _ in seen] == [3, 12, 27], "fit_predict was not given 3, 12 and 27 training examples.", "wrong_size")
    t.true(all(matches for _, matches, _ in seen), "Training examples came with other labels, or test examples among them.", "labels_mixed_up")
    t.true(all(tests for _, _, tests in seen), "X_test did not arrive as it is.", "tested_on_training")
    t.equal(found, [0.1, 0.4, 0.9], "accuracies", given={"y_test": np.arange(10)})

@check("nested along the curve, another seed draws others")
def _(t):
    (_, seen), (_, other) = ledger([2, 6], 0), ledger([2, 6], 1)
    (small, *_), (large, *_) = seen
    t.true((len(small), len(large)) == (6, 18), "fit_predict was not given 6 and 18 training examples.", "wrong_size")
    t.true((len(set(small)), len(set(large))) == (6, 18), "An example is in the subset twice.", "drawn_twice")
    t.true(set(small) <= set(large), "The 6 of each class do not hold the 2 from before: start every size from a fresh generator.", "not_nested")
    t.true(set(large) != set(other[1][0]), "Another seed gave the same subsets.", "rng_ignored")
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
# Look: the small network on new clothes (similar) and digits (different). Two draws of the training examples, dots; their mean, lines.
def way(kind):
    """A fit_predict: from scratch, frozen with a new head, or fine-tuned."""
    def fit_predict(X, y, X_test):
        classes, rng = int(y.max()) + 1, np.random.default_rng(len(y))
        epochs, batch = max(6, min(60, 4000 // len(y))), min(20, len(y))
        if kind == "frozen":
            features = [extract_features(features_of_clothes, clothes.params, part) for part in (X, X_test)]
            return train_head(features[0], y, features[1], epochs)
        scratch = kind == "from scratch"
        start = fresh_clothes_net(classes, rng) if scratch else replace_head(clothes.params, classes, rng, scale=0.03)
        rates = dict.fromkeys(start, 0.01) if scratch else layer_learning_rates(start, LAYERS, 0.02, decay=0.4)
        params, _ = fine_tune(clothes_loss, start, X, y, rates, epochs, batch, rng)
        return np.argmax(clothes_forward(params, X_test), axis=1)
    return fit_predict

LAYERS, SIZES, WAYS = ["conv1", "conv2", "hidden", "head"], [2, 5, 20, 100], ("from scratch", "frozen", "fine-tuned")

def curves_of_worth():
    fig, axes = figure(1, 2, width=10, height=3.6, sharey=True)
    for ax, (title, images) in zip(axes, (("new clothes", new), ("digits", digits))):
        data = images.X_train, images.y_train, images.X_test[:500], images.y_test[:500]
        for i, kind in enumerate(WAYS):
            draws = 100 * np.array([accuracy_against_examples(way(kind), *data, SIZES, seed) for seed in (0, 1)])
            ax.plot(SIZES, draws.mean(axis=0), color=style.category(i), ls=style.DASHES[i], label=kind)
            ax.plot(SIZES, draws.T, style.MARKERS[i], color=style.category(i), ms=4)
            fig.alt += f" {title}, {kind}: " + ", ".join(f"{a:.0f} %" for a in draws.mean(axis=0)) + f" for {SIZES} examples per class."
        ax.set(xscale="log", xlabel="examples per class", xticks=SIZES, xticklabels=SIZES)
        ax.set_title(title, loc="left")
        ax.minorticks_off()
    axes[0].set(ylabel="test accuracy, percent")
    axes[0].legend()
    return fig

curves_of_worth()

# %% [markdown]
# ## Four cases
#
# The ends of those curves are four cases: few examples or many, a similar task or a different one. Two rules cover them:
#
# - The fewer the examples, the fewer parameters may learn. With few, train only a *head* on frozen features; with many, *fine-tune*.
# - The more different the task, the lower you reach. For a similar one the *top* features, or a few *top* layers, will do;
#   for a different one take features from the *middle*, or thaw *all* layers.
#
# In all four cases you start from the published network. From scratch is what you do when there is none.
#
# **Predict:** which of the four was the emoji experiment, and did the best cut agree?
#
# <details><summary>Answer</summary>
#
# Few examples, a different task: a head on features from the middle. The best cut was there, and not behind fire9.
#
# </details>

# %% nbgrader={"grade_id": "choose_strategy", "solution": true}
def choose_strategy(n_examples, similarity):
    """What to do with a trained network, by the two rules above.

    n_examples: number of labelled examples, at least 1; fewer than 1,000 are few. similarity: of the new task to the old
    one, from 0 to 1; at least 0.5 is similar. (Rules of thumb: the limits are set here so that there is one right answer.)
    Returns one of the texts "fine-tune all layers", "fine-tune top layers", "head on middle features",
    "head on top features". Raises ValueError for fewer than 1 example or a similarity outside of 0 to 1.
    """
    ### BEGIN SOLUTION
    if n_examples < 1 or not 0 <= similarity <= 1:
        raise ValueError("give at least one example, and a similarity from 0 to 1")
    similar = similarity >= 0.5
    if n_examples < 1000:
        return "head on top features" if similar else "head on middle features"
    return "fine-tune top layers" if similar else "fine-tune all layers"
    ### END SOLUTION

# %% nbgrader={"grade_id": "choose_strategy_check", "grade": true, "points": 4}
check = Check("choose_strategy", points=4, hidden=2)
FEW_MANY = {"few": "head on", "many": "fine-tune"}

def strategy_is(t, n_examples, similarity, expected):
    found = choose_strategy(n_examples, similarity)
    t.true(isinstance(found, str), "Return one of the four texts.", "no_text")
    case = f"{n_examples} examples, similarity {similarity}"
    few_right, text = found.split()[0] == expected.split()[0], f"{case}: you say {found!r}."
    low = any(word in found for word in ("middle", "all")) == any(word in expected for word in ("middle", "all"))
    t.true(few_right, f"{text} Are these few examples or many? Few train a head, many fine-tune.", "few_and_many_exchanged")
    t.true(low, f"{text} Is the task similar or different? The more different, the lower you reach.", "similar_and_different_exchanged")
    t.true(found == expected, f"{text} That is none of the four texts.")

@check("270 emoji: few and different; 4,000 new clothes: many and similar")
def _(t):
    strategy_is(t, 270, 0.2, "head on middle features")
    strategy_is(t, 4000, 0.9, "fine-tune top layers")

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("the other two cases, and the limits")
def _(t):
    strategy_is(t, 100, 0.9, "head on top features")
    strategy_is(t, 100_000, 0.1, "fine-tune all layers")
    for n_examples, similarity, expected in ((999, 0.5, "head on top features"), (1000, 0.5, "fine-tune top layers"),
                                             (1000, 0.499, "fine-tune all layers"), (1, 0, "head on middle features")):
        strategy_is(t, n_examples, similarity, expected)

@check("no examples, and similarities that are none, are refused")
def _(t):
    for n_examples, similarity in ((0, 0.5), (-5, 0.1), (10, 1.2), (5000, -0.1)):
        try:
            choose_strategy(n_examples, similarity)
        except ValueError:
            continue
        t.true(False, f"choose_strategy({n_examples}, {similarity}) raised nothing.", "nonsense_accepted")
    strategy_is(t, 1_000_000, 1, "fine-tune top layers")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Reflection
#
# A hospital has 400 labelled X-ray images of broken and whole wrists, and a network published with its weights, trained on photographs of everyday things.
# A colleague trains that network on the 400 images, all layers at one high learning rate, reaches 100 percent on them, and 71 percent on new ones.
#
# What happened, and what do you do instead? Say where you would cut, what you would freeze, which learning rates you would choose and why,
# and how you would find out whether it is better, given that there are only 400 images.
# Point to what you measured here. Six to ten sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A full answer.**
# Over a million parameters learned 400 examples by heart; nothing in the training loss stops them.
# The high rate made it worse: it carried the lower layers away from the general features for which the network was taken in the first place,
# as fire6 and fire7 were wrecked here at a rate of 0.1.
# Few examples and a different kind of image: I freeze the trunk, cut in the middle, and train a linear head on the features,
# because the last layers answer to things that X-rays do not show; for emoji fire9 was worse than the modules before it.
# I try several cuts, with preprocessing as the published network expects it, and the features computed once.
# Then I let the last layers before the cut move at a rate a hundred or a thousand times smaller than the head's, and keep that only if it helps.
# I choose by cross-validation on the training part, patients kept together, and look at a test part once;
# with 80 test images the standard deviation of an accuracy of 80 percent is √(0.8·0.2/80) = 4.5 percent, so small differences mean nothing.
# On the digits 20 a class were too few to tell frozen and fine-tuned apart; at 100 a class fine-tuning was clearly ahead, so more images would change my choice.
#
# **An answer at half way.**
# It overfitted, because 400 images are few for so many parameters. I would freeze the network and train only a new head,
# and use a small learning rate for the rest. Then I would test on images that were not used for training.
#
# **What earns what.**
# Overfitting named, with the number of parameters against examples: 1; the high rate destroying general features, as a second cause: 1.
# Head on frozen features, and from the middle because the images differ: 2.
# Small rates below the head, with the reason: 1.
# A comparison that is fair with few images (cross-validation or a held-out part, its uncertainty said in numbers): 2.
# Own measurements quoted: 1.
# "Use transfer learning" without saying what is frozen: 0 of the middle three.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you did
#
# - You **ran** a published network, weights from a file, on photographs, with layers you wrote yourself.
# - You **reused** it: features, a new head, a learning rate for each layer, frozen layers.
# - You **measured** what that is worth against training from scratch, for 10 examples and for 1,000.
#
# **Roads not taken.** Networks trained without labels, by telling which two crops come from one image, have features as good as these and often better.
# *Adapters* and *low-rank updates* freeze everything and learn a few small matrices between the layers, which is how very large networks are tuned today.
# *Distillation* trains a small network on the answers of a large one.
# Batch normalisation has statistics of the old data in it; a frozen trunk keeps those too.
#
# **To read on.** [SqueezeNet](https://arxiv.org/abs/1602.07360); [how transferable features are, layer by layer](https://arxiv.org/abs/1411.1792);
# [whether better networks transfer better](https://arxiv.org/abs/1805.08974); [low-rank updates](https://arxiv.org/abs/2106.09685).
#
# **One step further.** Measure similarity instead of guessing it: for each layer of the small network, train a head on digits, on new clothes and on known clothes.
# At which layer do the three part, and does the order of the layers' usefulness agree with `choose_strategy`?
