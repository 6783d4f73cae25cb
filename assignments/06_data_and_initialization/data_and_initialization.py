# %% [markdown]
# # Data and first weights: what a network starts from
#
# Before the first step of learning two things are settled: which numbers come in, and which weights meet them.
# Forward and backward know nothing of either.
# And yet one network, on the same images, with the same learning rate, reads four clothes out of five after 300 steps,
# and with other first weights it has learned nothing at all.
#
# **What must data and first weights be like for learning to begin?**
#
# By the end you can answer with a number,
# and you have seen a layer of twenty units that is, and for ever remains, a layer of one.
#
# You will
#
# 1. **prepare** data: centre, scale, rotate and whiten it, with statistics of the training part alone,
# 2. **prove** that units which start alike stay alike, and count them,
# 3. **derive** how large first weights have to be, for any activation, and watch ten layers agree.

# %% nbgrader={"grade_id": "setup", "locked": true}
import numpy as np

from autograder import Check, hint
from utils import figure, load_digits, load_fashion_mnist, load_photograph, plot_histograms, show_images, sliders, style

# %% [markdown]
# ## A line far from home
#
# A linear classifier asks on which side of the line $w \cdot x + b = 0$ a point lies.
# Below are two classes, and a line that separates them.
# Then $w$ turns by a few degrees, as one step of learning may turn it; its length stays, and so does $b$.
# Left, the data lies around the origin. Right, the same data lies further out, with the $b$ that belongs there.
#
# **Predict.** A turn of 5 degrees: how many points change sides, left and right? Then move the sliders.
#
# <details><summary>Answer</summary>
#
# Left, none. Right, 20 away, a fifth of all points, nearly half of one class:
# the line turned about a point far from the data, and the far end of a long lever moves far.
# An off-centre classifier reacts to tiny changes of $w$, so its steps would have to be tiny too.
#
# </details>

# %% tags=["experiment"]
def turned(distance=20.0, turn=5.0):
    """Two classes, the line between them, and the same line after w has turned; near the origin and far away."""
    rng, angle, classes = np.random.default_rng(1), np.radians(turn), np.arange(120) % 2
    cloud = rng.normal(size=(120, 2)) * [0.4, 1.0] + np.array([[-1.2, 0], [1.2, 0]])[classes]
    fig, axes = figure(1, 2, width=9, height=4.3)
    for ax, away in zip(axes, (0.0, distance)):
        centre = np.full(2, away / np.sqrt(2))
        X, b, height = cloud + centre, -centre[0], centre[1] + np.array([-3.2, 3.2])
        for name, (w1, w2), colour in (("before", (1, 0), style.QUIET), ("after", (np.cos(angle), np.sin(angle)), style.VALUE)):
            ax.plot(-(b + w2 * height) / w1, height, color=colour, linestyle="--" if name == "before" else "-", label=name)
        wrong = np.mean((X @ [w1, w2] + b > 0) != classes)
        for k in (0, 1):
            ax.plot(*X[classes == k].T, style.MARKERS[k], color=style.category(k), markersize=4)
        ax.set(xlabel="x1", ylabel="x2", xlim=centre[0] + np.array([-3.6, 3.6]), ylim=height)
        ax.set_title(f"{away:g} from the origin: {wrong:.0%} on the wrong side", fontsize=11)
        fig.alt += f" {away:g} from the origin, a turn of {turn:g} degrees puts {wrong:.0%} of the points on the wrong side."
    axes[0].legend(loc="lower left", fontsize=9)
    return fig

sliders(turned, distance=(0.0, 40.0, 1.0), turn=(-15.0, 15.0, 0.5))

# %% [markdown]
# ## Four points on paper
#
# Four examples with two features, all the way through:
#
# | example | centred | standardised | along the axes (1, 1) and (1, −1) | whitened |
# |---|---|---|---|---|
# | (7, 5) | (2, 2) | (1.26, 1.26) | (2.83, 0) | (1.41, 0) |
# | (3, 1) | (−2, −2) | (−1.26, −1.26) | (−2.83, 0) | (−1.41, 0) |
# | (6, 2) | (1, −1) | (0.63, −0.63) | (0, 1.41) | (0, 1.41) |
# | (4, 4) | (−1, 1) | (−0.63, 0.63) | (0, −1.41) | (0, −1.41) |
#
# The mean is (5, 3), both standard deviations are $\sqrt{2.5} = 1.58$, and along the two axes the variances are 4 and 1.
# You meet these points again in most of the checks.
#
# **Warm-up: write, check, mend.** Nothing is graded here.
# The function below should return the largest minus the smallest value of each *feature*, (4, 4) for the four points.
# Run it, read what the check found, mend the line, run it again.
# Stuck in a graded cell? Run `hint("pca")` in a cell of your own: a question comes first, then a formula, then a table.
# Some checks stay hidden until your notebook is graded; they ask for nothing that the text does not say.

# %% tags=["experiment"]
def spread(X):
    """Largest minus smallest value of each feature. X: (N, D). Returns (D,)."""
    return X.max(axis=1) - X.min(axis=1)


check = Check("warm_up", points=0)

@check("the four points spread over 4 in both features")
def _(t):
    t.equal(t.call(spread, np.array([[7.0, 5.0], [3.0, 1.0], [6.0, 2.0], [4.0, 4.0]])), [4, 4], "spread")

check.score()

# %% [markdown]
# ## Zero-centring, by feature and by channel
#
# Move the cloud to the origin: subtract from every feature its mean over the examples.
# This is called *zero-centring*, and it cures the long lever.
# It also cures a fault you may know from activations:
# where all features are positive, as pixels are, each example pushes all weights of a neuron one way.
#
# Of images one subtracts the *mean image*, one number per pixel and channel,
# or, more often, the *per-channel mean*: one number each for red, green and blue.
#
# $$\mu_d = \frac{1}{N} \sum_n x_{nd}, \qquad\quad \mu_c = \frac{1}{N H W} \sum_{n,h,w} x_{nchw}$$
#
# **Predict.** `images - means`, with shapes (N, 3, H, 3) and (3,), raises no error. What loses which number?
#
# <details><summary>Answer</summary>
#
# Broadcasting aligns the last axes, so each *column of pixels* loses another number.
# Give `means` axes of length 1 to stand on.
#
# </details>

# %% nbgrader={"grade_id": "zero_center", "solution": true}
def zero_center(X):
    """Subtract from every feature its mean.

    X: (N, D), one example a row, floats or ints. Returns two things:
    centred, of shape (N, D), and mean, of shape (D,).
    """
    ### BEGIN SOLUTION
    mean = X.mean(axis=0)
    return X - mean, mean
    ### END SOLUTION


def per_channel_mean(images):
    """The mean of each channel over all images and pixels. images: (N, C, H, W). Returns shape (C,)."""
    ### BEGIN SOLUTION
    return images.mean(axis=(0, 2, 3))
    ### END SOLUTION


def subtract_channel_means(images, means):
    """Subtract from each channel the number given for it.

    images: (M, C, H, W), of any split; means: (C,), as per_channel_mean returned them for the training split.
    Returns an array of the shape of images.
    """
    ### BEGIN SOLUTION
    return images - means[:, None, None]
    ### END SOLUTION

# %% nbgrader={"grade_id": "zero_center_check", "grade": true, "points": 14}
check = Check("zero_center", points=14, hidden=7)

def compare_centred(t, X, centred, mean):
    result = t.call(zero_center, X)
    t.true(isinstance(result, tuple | list) and len(result) == 2, "Return two things: centred, mean.", "wrong_count")
    t.equal(result[0], centred, "centred", given={"X": X}, others={"mean": mean})
    t.equal(result[1], mean, "mean", given={"X": X})

@check("the four points, mean (5, 3)")
def _(t):
    X = np.array([[7.0, 5], [3, 1], [6, 2], [4, 4]])
    compare_centred(t, X, [[2, 2], [-2, -2], [1, -1], [-1, 1]], [5, 3])

@check("two images of two channels, 1 x 2 pixels")
def _(t):
    images = np.array([[[[1.0, 3]], [[10, 20]]], [[[5, 7]], [[30, 50]]]])
    t.equal(t.call(per_channel_mean, images), [4, 27.5], "means", given={"images": images})

@check("two images of two channels, 2 x 2 pixels: subtract 4 and 20")
def _(t):
    images, means = np.arange(16.0).reshape(2, 2, 2, 2), np.array([4.0, 20])
    expected = [[[[-4, -3], [-2, -1]], [[-16, -15], [-14, -13]]], [[[4, 5], [6, 7]], [[-8, -7], [-6, -5]]]]
    t.equal(t.call(subtract_channel_means, images, means), expected, "images", given={"images": images, "means": means})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def centre_slowly(t, X):
    mean = np.array([sum(column) / len(X) for column in X.T.tolist()])
    compare_centred(t, X, [[value - m for value, m in zip(row, mean)] for row in X.tolist()], mean)

@check("seven examples, four features of different scales")
def _(t):
    centre_slowly(t, t.rng.gamma(2.0, size=(7, 4)) * [1, 10, 0.1, 3] + [5, -20, 0, 1])

@check("more features than examples")
def _(t):
    centre_slowly(t, t.rng.gamma(2.0, size=(4, 6)) + 3)

@check("whole numbers, as pixels are")
def _(t):
    centre_slowly(t, t.rng.integers(0, 256, size=(5, 3)))

def pictures(t, *shape):
    return t.rng.random(shape) + np.arange(shape[1])[:, None, None] + 0.3 * np.arange(shape[3]) + 0.2 * np.arange(shape[2])[:, None]

@check("means: five images of 3 x 4 x 3")
def _(t):
    images = pictures(t, 5, 3, 4, 3)
    slowly = [sum(images[n, c].sum() for n in range(5)) / (5 * 4 * 3) for c in range(3)]
    t.equal(t.call(per_channel_mean, images), slowly, "means", given={"images": images})

@check("means: as high as it has channels; grey images; whole numbers")
def _(t):
    for images in (pictures(t, 4, 2, 2, 5), pictures(t, 6, 1, 3, 4), t.rng.integers(0, 256, size=(4, 3, 2, 5))):
        slowly = [np.array([image[c] for image in images.tolist()]).mean() for c in range(images.shape[1])]
        t.equal(t.call(per_channel_mean, images), slowly, "means", given={"images": images})

def compare_subtracted(t, images):
    means = t.rng.normal(size=images.shape[1]) * 3
    expected = np.array([[channel - m for channel, m in zip(image, means)] for image in images])
    t.equal(t.call(subtract_channel_means, images, means), expected, "images", given={"images": images, "means": means})

@check("subtract: as wide as it has channels, then as high")
def _(t):
    compare_subtracted(t, pictures(t, 4, 3, 5, 3))
    compare_subtracted(t, pictures(t, 5, 2, 2, 4))

@check("subtract: one image; as many images as channels; grey images")
def _(t):
    for shape in ((1, 3, 4, 5), (3, 3, 4, 5), (4, 1, 3, 2)):
        compare_subtracted(t, pictures(t, *shape))
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def without_its_means():
    """The first of two photographs, the three means as a colour, and what is left (grey stands for 0)."""
    batch = np.stack([load_photograph(name)[:, :300, :400] for name in ("chelsea", "coffee")])
    means = per_channel_mean(batch)
    left = subtract_channel_means(batch, means)
    titles = ["as it is", "the per-channel means", "what is left, plus ½"]
    print("red, green, blue:", np.round(means, 3), "and afterwards:", np.round(per_channel_mean(left), 3) + 0)
    return show_images([batch[0], batch[0] - left[0], np.clip(left[0] + 0.5, 0, 1)], titles, ncols=3)

without_its_means()

# %% [markdown]
# ## Standardising, by the training split alone
#
# Features in metres and features in millimetres should not weigh differently.
# *Standardising* divides each centred feature by its standard deviation $\sigma_d$:
#
# $$x_{nd} \leftarrow \frac{x_{nd} - \mu_d}{\sigma_d}, \qquad \sigma_d^2 = \frac{1}{N} \sum_n (x_{nd} - \mu_d)^2$$
#
# The network will meet examples one at a time, and must do to each what was done in training.
# So $\mu$ and $\sigma$ come from the *training split* and are applied to every split.
# Statistics that have seen the test split tell of it, and the test measures too well.
#
# A feature that is constant in training has $\sigma_d = 0$. Divide it by 1: it is centred, and no more.
#
# **Predict.** Below the check stand 2,000 test images of clothes, standardised by 8,000 others.
# Most numbers lie between −3 and 3. How large is the largest?
#
# <details><summary>Answer</summary>
#
# It is 388: a corner pixel is black in nearly all training images, so its standard deviation is tiny,
# and the one test image that lights it is thrown far out.
# Standardising suits features of different *units*. Pixels have one unit: for images one subtracts means, and stops.
#
# </details>

# %% nbgrader={"grade_id": "standardize", "solution": true}
def standardize(train, *others):
    """Standardise several arrays by the statistics of the first.

    train: (N, D); each of others: (M, D), any M; floats or ints.
    Mean and standard deviation of each feature are those of train (divide by N, not N - 1).
    A feature whose values in train are all equal is divided by 1, in all arrays.
    Returns a tuple with one array per argument, in the order of the arguments.
    """
    ### BEGIN SOLUTION
    mean, std = train.mean(axis=0), train.std(axis=0)
    std = np.where(std == 0, 1, std)
    return tuple((X - mean) / std for X in (train, *others))
    ### END SOLUTION

# %% nbgrader={"grade_id": "standardize_check", "grade": true, "points": 12}
check = Check("standardize", points=12, hidden=4)

def compare_standardized(t, arrays, expected):
    result = t.call(standardize, *arrays)
    right_count = isinstance(result, tuple | list) and len(result) == len(arrays)
    t.true(right_count, f"Return a tuple of {len(arrays)} arrays, one per argument.", "wrong_count")
    for i, (X, answer, right) in enumerate(zip(arrays, result, expected)):
        given = {"train": arrays[0], "X": X, "all": np.vstack(arrays)}
        t.equal(answer, right, f"others[{i - 1}]" if i else "train", given=given)

@check("the four points, and two others by their statistics")
def _(t):
    s = 1.5811388300841898
    train, other = np.array([[7.0, 5], [3, 1], [6, 2], [4, 4]]), np.array([[5.0, 3], [9, 2]])
    expected = np.array([[2, 2], [-2, -2], [1, -1], [-1, 1]]) / s, np.array([[0, 0], [4, -1]]) / s
    compare_standardized(t, (train, other), expected)

@check("a feature that is 2 throughout training, and 5 once elsewhere")
def _(t):
    train, other = np.array([[2.0, 1], [2, 3], [2, 3], [2, 5]]), np.array([[2.0, 3], [5, 3]])
    root = 1.4142135623730951
    compare_standardized(t, (train, other), ([[0, -root], [0, 0], [0, 0], [0, root]], [[0, 0], [3, 0]]))

### BEGIN HIDDEN TESTS
check.hidden_tests()

def standardize_slowly(t, *arrays):
    train, expected = arrays[0], []
    for X in arrays:
        answer = np.zeros(X.shape)
        for d in range(X.shape[1]):
            mean = sum(train[:, d].tolist()) / len(train)
            std = np.sqrt(sum((v - mean) ** 2 for v in train[:, d].tolist()) / len(train))
            answer[:, d] = (X[:, d] - mean) / (std or 1)
        expected.append(answer)
    compare_standardized(t, arrays, expected)

@check("three arrays of different lengths")
def _(t):
    scale = np.array([1, 10, 1e-4, 3])
    standardize_slowly(t, *(t.rng.gamma(2.0, size=(N, 4)) * scale + [5, -20, 0, 1] for N in (9, 5, 12)))

@check("train alone")
def _(t):
    X = t.rng.gamma(2.0, size=(6, 7)) * 3 + 5
    result = t.call(standardize, X)
    result = result[0] if isinstance(result, tuple | list) and len(result) == 1 else result
    t.equal(result, (X - np.mean(X, axis=0)) / np.std(X, axis=0), "train", given={"train": X, "X": X})

@check("whole numbers, with constant features among others")
def _(t):
    train, test = t.rng.integers(0, 256, size=(8, 5)), t.rng.integers(0, 256, size=(4, 5))
    train[:, [1, 4]] = [0, 64]
    standardize_slowly(t, train, test)

@check("one example at a time gives what the whole array gives")
def _(t):
    train, X = t.rng.normal(size=(7, 3)) * 4 + 2, t.rng.normal(size=(3, 3)) * 4 + 2
    standardize_slowly(t, train, X[:1], X[1:2], X[2:])
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def rarest_pixel():
    """The test image with the largest standardised number, as it is and standardised."""
    clothes = load_fashion_mnist()
    train, test = clothes.X_train.reshape(-1, 784), clothes.X_test.reshape(-1, 784)
    _, scaled = standardize(train, test)
    image, pixel = np.unravel_index(np.abs(scaled).argmax(), scaled.shape)
    print(f"pixel {pixel} has a standard deviation of {train[:, pixel].std():.5f} in training;")
    print(f"test image {image}, a {clothes.names[clothes.y_test[image]]}, has {test[image, pixel]:.3f} there")
    sizes = np.abs(scaled[image])
    pair = np.stack([test[image], sizes / sizes.max()]).reshape(-1, 28, 28)
    return show_images(pair, ["0 to 1", f"0 to {sizes.max():.0f}"], title="As it is, and standardised")

rarest_pixel()

# %% [markdown]
# ## Principal components
#
# The *covariance* $\Sigma = \frac1N X^\top X$ of centred data holds the variances on its diagonal and, beside it,
# how features vary together. Neighbouring pixels agree: much is said twice.
# Turn the axes until nothing is:
#
# $$\Sigma\, u_k = \lambda_k\, u_k, \qquad \lambda_1 \ge \lambda_2 \ge \dots \ge \lambda_D$$
#
# The *principal components* $u_k$ are perpendicular, of length 1, and $\lambda_k$ is the variance along $u_k$.
# *Projecting* means writing each example in these coordinates: they are *decorrelated*.
# Keep the first $K$ and you lose the least that $K$ numbers can lose.
# The sign of each $u_k$ is arbitrary; either is right.
#
# **Predict.** $\Sigma$ of the four points is $\begin{pmatrix} 2.5 & 1.5 \\ 1.5 & 2.5 \end{pmatrix}$.
# Double all numbers of all points. What becomes of the two directions, and of the two variances, 4 and 1?
# And what do the variances sum to, along the components and before?
#
# <details><summary>Answer</summary>
#
# The directions stay, $(1, 1)/\sqrt2$ and $(1, -1)/\sqrt2$; the variances become four times as large, 16 and 4.
# They sum to 20, as do the variances of the two features, 10 each: turning moves variance, and keeps its sum.
#
# </details>
#
# After the check your `pca` finds 784 directions in which clothes differ, each an image,
# and ten clothes are rebuilt from $K$ numbers each instead of 784.
#
# **Predict.** What do the first two components show? And what share of the variance do 50 numbers keep?
#
# <details><summary>Answer</summary>
#
# The first sets pullovers against shoes, the second trousers against wide things: the coarsest differences come first.
# 50 numbers keep 86 % of the variance. What goes is detail: prints, buttons, laces.
#
# </details>

# %% nbgrader={"grade_id": "pca", "solution": true}
def pca(X):
    """The principal components of data. X: (N, D) with N > D. np.linalg may be used.

    Returns three things: mean, of shape (D,);
    components, of shape (D, D), one component per *column*, each of length 1;
    variances, of shape (D,), the largest first: variances[k] belongs to components[:, k].
    Divide by N, not N - 1.
    """
    ### BEGIN SOLUTION
    mean = X.mean(axis=0)
    centred = X - mean
    variances, components = np.linalg.eigh(centred.T @ centred / len(X))  # the smallest first
    return mean, components[:, ::-1], variances[::-1]
    ### END SOLUTION


def project(X, mean, components, K):
    """Coordinates of examples along the first K components, measured from mean.

    X: (N, D); mean: (D,); components: (D, D), one per column. Returns Z, of shape (N, K).
    """
    ### BEGIN SOLUTION
    return (X - mean) @ components[:, :K]
    ### END SOLUTION


def reconstruct(Z, mean, components):
    """Examples, of shape (N, D), from their K first coordinates Z, of shape (N, K); the others count as 0."""
    ### BEGIN SOLUTION
    return Z @ components[:, : Z.shape[1]].T + mean
    ### END SOLUTION

# %% nbgrader={"grade_id": "pca_check", "grade": true, "points": 18}
check = Check("pca", points=18, hidden=6)

FOUR = np.array([[7.0, 5], [3, 1], [6, 2], [4, 4]])

def call_pca(t, X):
    result = t.call(pca, X)
    t.true(isinstance(result, tuple | list) and len(result) == 3, "Return three things: mean, components, variances.", "wrong_count")
    t.true(np.shape(result[1]) == (X.shape[1],) * 2, f"components has shape {np.shape(result[1])}.", "wrong_shape")
    return result[0], np.array(result[1]), result[2]

AXES = np.array([[0.6, 0, -0.8], [0.8, 0, 0.6], [0, 1, 0]])  # (0.6, 0.8, 0) first

@check("the four points have variances 4 and 1; six points on three axes have these axes")
def _(t):
    mean, _, variances = call_pca(t, FOUR)
    t.equal(mean, [5, 3], "mean", given={"X": FOUR})
    t.equal(variances, [4, 1], "variances", given={"X": FOUR})
    six = np.vstack([AXES.T, -AXES.T]) * np.array([[3], [2], [1], [3], [2], [1]]) + 10
    t.equal(np.abs(call_pca(t, six)[1]), np.abs(AXES), "components, without their signs", given={"X": six})

@check("one coordinate of two examples, with axes that are given")
def _(t):
    X, mean = np.array([[2.0, 3, 5], [1, 0, 1]]), np.array([1.0, 1, 1])
    t.equal(t.call(project, X, mean, AXES, 1), [[2.2], [-0.8]], "Z", given={"X": X, "mean": mean, "components": AXES})

@check("the examples again, from two coordinates")
def _(t):
    Z, mean = np.array([[2.0, 4.0], [-1.0, 0.5]]), np.array([1.0, 1, 1])
    expected = [[2.2, 2.6, 5], [0.4, 0.2, 1.5]]
    t.equal(t.call(reconstruct, Z, mean, AXES), expected, "examples", given={"Z": Z, "mean": mean, "components": AXES})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def compare_pca(t, N, D):
    scales = 10 ** np.linspace(0.5, -0.5, D)
    X = t.rng.normal(size=(N, D)) * scales @ np.linalg.qr(t.rng.normal(size=(D, D)))[0] + t.rng.normal(size=D) * 3
    mean, components, variances = call_pca(t, X)
    centre = np.sum(X, axis=0) / N
    covariance = np.einsum("nd,ne->de", X - centre, X - centre) / N
    right = np.sort(np.linalg.eigvalsh(covariance))[::-1]
    t.equal(mean, centre, "mean", given={"X": X})
    t.equal(variances, right, "variances", given={"X": X})
    t.equal(components.T @ components, np.eye(D), "components.T @ components", given={"X": X})
    turned = components @ covariance @ components.T
    in_rows = D > 2 and np.allclose(turned, np.diag(np.diag(turned)), atol=1e-6)
    t.true(not in_rows, "Your components stand in the rows. The docstring asks for one component per column.", "components_in_rows")
    t.equal(components.T @ covariance @ components, np.diag(right), "the covariance along the components", given={"X": X})

@check("eight examples, three features")
def _(t):
    compare_pca(t, 8, 3)

@check("forty examples, five features")
def _(t):
    compare_pca(t, 40, 5)

@check("two features")
def _(t):
    compare_pca(t, 6, 2)

def axes(t, D):
    return np.linalg.qr(t.rng.normal(size=(D, D)))[0]

@check("coordinates of other examples: any K, any axes")
def _(t):
    for N, D, K in ((4, 6, 2), (7, 5, 5), (5, 4, 3)):
        X, mean, components = t.rng.normal(size=(N, D)) + 2, t.rng.normal(size=D), axes(t, D)
        slowly = [[sum((row - mean) * components[:, k]) for k in range(K)] for row in X]
        given = {"X": X, "mean": mean, "components": components}
        t.equal(t.call(project, X, mean, components, K), slowly, "Z", given=given)

@check("reconstruction from any number of coordinates")
def _(t):
    for N, D, K in ((4, 6, 2), (7, 5, 5), (5, 4, 1)):
        Z, mean, components = t.rng.normal(size=(N, K)), t.rng.normal(size=D), axes(t, D)
        slowly = [mean + sum(z * components[:, k] for k, z in enumerate(row)) for row in Z]
        t.equal(t.call(reconstruct, Z, mean, components), slowly, "examples", given={"Z": Z, "mean": mean, "components": components})

@check("all coordinates lose nothing")
def _(t):
    X = t.rng.normal(size=(9, 4)) + 5
    mean, components, _ = call_pca(t, X)
    t.equal(reconstruct(project(X, mean, components, 4), mean, components), X, "examples", given={"X": X, "mean": mean})
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def clothes_from_few_numbers():
    """The mean image and the first components; then ten clothes and what K numbers keep of each."""
    clothes = load_fashion_mnist()
    X = clothes.X_train.reshape(-1, 784)
    mean, components, variances = pca(X)
    chosen = X[[int(np.argmax(clothes.y_train == k)) for k in range(10)]]
    directions = np.vstack([mean, components[:, :9].T]).reshape(-1, 28, 28)
    names = ["mean", *(f"{variance:.1f}" for variance in variances[:9])]
    title = "The mean image, and the first components with their variances"
    display(show_images(directions, names, ncols=10, signed=True, title=title))

    def rebuilt(K=20):
        again = reconstruct(project(chosen, mean, components, K), mean, components)
        kept = variances[:K].sum() / variances.sum()
        images = np.clip(np.concatenate([chosen, again]), 0, 1).reshape(-1, 28, 28)
        return show_images(images, ncols=10, title=f"784 numbers each, and {K} numbers each: {kept:.0%} of the variance")

    return sliders(rebuilt, K=[1, 2, 5, 10, 20, 50, 100, 200, 400, 784])

clothes_from_few_numbers()

# %% [markdown]
# ## Whitening
#
# Along the components the variances are $\lambda_k$, some large, some small.
# *Whitening* projects, then divides each coordinate by its standard deviation:
#
# $$\hat z_k = \frac{z_k}{\sqrt{\lambda_k + \varepsilon}}$$
#
# For $\varepsilon = 0$ the covariance becomes the identity: a round cloud, whatever it was before.
# The price: directions of hardly any variance, mostly noise, are blown up until they count as much as all others.
# The constant $\varepsilon$ keeps the worst of them small, and prevents division by 0.
# Again the training split alone provides mean, components and variances.
#
# Images are rarely whitened: for 224 × 224 × 3 pixels $\Sigma$ would hold $150{,}528^2$ numbers.
#
# **Predict.** With $\varepsilon = 1$, which variances do the four points have after whitening?
#
# <details><summary>Answer</summary>
#
# $4 / (4 + 1) = 0.8$ and $1 / (1 + 1) = 0.5$. The weaker direction is held back more.
#
# </details>

# %% nbgrader={"grade_id": "whiten", "solution": true}
def whiten(train, *others, eps=1e-5):
    """Whiten several arrays by the statistics of the first.

    train: (N, D) with N > D; each of others: (M, D), any M.
    Project on all D principal components of train, the one of largest variance first,
    and divide each coordinate by the square root of (variance + eps).
    Either sign of a component is right, the same for all arrays. You may call your pca and project.
    Returns a tuple with one array per argument, in the order of the arguments.
    """
    ### BEGIN SOLUTION
    mean, components, variances = pca(train)
    return tuple(project(X, mean, components, X.shape[1]) / np.sqrt(variances + eps) for X in (train, *others))
    ### END SOLUTION

# %% nbgrader={"grade_id": "whiten_check", "grade": true, "points": 12}
check = Check("whiten", points=12, hidden=4)

FOUR = np.array([[7.0, 5], [3, 1], [6, 2], [4, 4]])

def call_whiten(t, *arrays, **eps):
    result = t.call(whiten, *arrays, **eps)
    right_count = isinstance(result, tuple | list) and len(result) == len(arrays)
    t.true(right_count, f"Return a tuple of {len(arrays)} arrays, one per argument.", "wrong_count")
    shapes = [np.shape(answer) for answer in result]
    t.true(shapes == [X.shape for X in arrays], f"Your arrays have the shapes {shapes}.", "wrong_shape")
    return [np.array(answer, dtype=float) for answer in result]

def covariance(Z):
    return np.cov(Z.T, bias=True)

@check("the four points with eps 0: the covariance is the identity")
def _(t):
    Z, _ = call_whiten(t, FOUR, FOUR, eps=0.0)
    t.equal(covariance(Z), np.eye(2), "the covariance", given={"X": FOUR, "eps": 0.0})
    t.equal(Z**2, [[2, 0], [2, 0], [0, 2], [0, 2]], "the squares of the coordinates", given={"X": FOUR, "eps": 0.0})

@check("with eps 1: variances 0.8 and 0.5; the mean of train lands on 0")
def _(t):
    Z, other = call_whiten(t, FOUR, np.array([[5.0, 3], [9, 7]]), eps=1.0)
    t.equal(covariance(Z), np.diag([0.8, 0.5]), "the covariance", given={"X": FOUR, "eps": 1.0})
    t.equal(other**2, [[0, 0], [6.4, 0]], "the squares of the coordinates", given={"train": FOUR, "X": np.array([[5.0, 3], [9, 7]]), "eps": 1.0})

### BEGIN HIDDEN TESTS
check.hidden_tests()

def cloud(t, N, D):
    scales = 10 ** np.linspace(0.4, -0.4, D)
    return t.rng.normal(size=(N, D)) * scales @ np.linalg.qr(t.rng.normal(size=(D, D)))[0] + 3 * t.rng.normal(size=D)

def compare_whitened(t, train, others, eps):
    keyword = {} if eps is None else {"eps": eps}
    Z, *rest = call_whiten(t, train, *others, **keyword)
    eps = 1e-5 if eps is None else eps
    given = {"X": train, "train": train, "eps": eps}
    variances = np.sort(np.linalg.eigvalsh(covariance(train)))[::-1]
    t.true(bool(np.allclose(Z.mean(axis=0), 0, atol=1e-6)), "The mean of the whitened train is not 0.", "not_centred")
    t.equal(covariance(Z), np.diag(variances / (variances + eps)), "the covariance", given=given)
    inverse = np.linalg.inv(covariance(train) + eps * np.eye(train.shape[1]))
    for X, answer in zip(others, rest):
        centred = X - train.mean(axis=0)
        lengths = np.einsum("nd,de,ne->n", centred, inverse, centred)
        t.equal(np.sum(answer**2, axis=1), lengths, "the squared lengths of others", given=given | {"X": X})

@check("nine examples, three features, and two more arrays")
def _(t):
    train = cloud(t, 9, 3)
    compare_whitened(t, train, (train[:4] + t.rng.normal(size=(4, 3)), cloud(t, 5, 3)), None)

@check("a large eps, five features")
def _(t):
    train = cloud(t, 30, 5)
    compare_whitened(t, train, (cloud(t, 7, 5),), 0.7)

@check("others pass through the same map as train")
def _(t):
    train = cloud(t, 12, 4)
    Z, some, one = call_whiten(t, train, train[3:8], train[:1], eps=0.1)
    given = {"train": train, "X": train[3:8], "eps": 0.1}
    t.equal(some, Z[3:8], "rows of train among the others", given=given)
    t.equal(one, Z[:1], "rows of train among the others", given=given)

@check("variances from a thousandth to a thousand, eps 0")
def _(t):
    train = t.rng.normal(size=(20, 3)) * [30.0, 1.0, 0.03] @ np.linalg.qr(t.rng.normal(size=(3, 3)))[0]
    compare_whitened(t, train + 1, (), 0.0)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Look: a cloud through each step
#
# 400 points pass through your `zero_center`, `standardize`, `pca` with `project`, and `whiten`.
# All axes have the same scale; two points are marked, so that you can follow them.
# The lines in the first picture are the components, as long as two standard deviations.
#
# **Predict.** Set the correlation to 0. Which pairs of pictures look alike now, but for a mirrored or exchanged axis?
#
# <details><summary>Answer</summary>
#
# "zero-centred" and "along components": the components lie along the axes already, so there is nothing to turn.
# "standardised" and "whitened": then both divide the same coordinates by the same numbers.
#
# </details>

# %% tags=["experiment"]
def cloud_through_steps(correlation=0.85, offset=3.0):
    """A cloud of points as it is, centred, standardised, along its components, whitened."""
    rng = np.random.default_rng(4)
    mixing = np.array([[1.8, 0.0], [0.8 * correlation, 0.8 * np.sqrt(1 - correlation**2)]])
    X = rng.normal(size=(400, 2)) @ mixing.T + [offset, 0.6 * offset]
    mean, components, variances = pca(X)
    clouds = {"as it is": X, "zero-centred": zero_center(X)[0], "standardised": standardize(X, X)[0]}
    clouds |= {"along components": project(X, mean, components, 2), "whitened": whiten(X, X)[0]}
    marked = [np.argmax(X @ components[:, 0]), np.argmax(X @ components[:, 1])]
    fig, axes = figure(1, 5, width=10, height=2.7, sharex=True, sharey=True)
    for ax, (name, points) in zip(axes, clouds.items()):
        ax.plot(*points.T, ".", color=style.VALUE, markersize=2, alpha=0.6)
        for k, row in enumerate(marked):
            ax.plot(*points[row], style.MARKERS[k + 1], color=style.category(k + 1), markersize=8)
        ax.set(title=name, xlim=(-8, 8), ylim=(-8, 8), aspect="equal", xticks=[-5, 0, 5], yticks=[-5, 0, 5])
        covariance = (points - points.mean(axis=0)).T @ (points - points.mean(axis=0)) / len(points)
        ax.set_xlabel(f"variances {covariance[0, 0]:.2f}, {covariance[1, 1]:.2f}\ncovariance {covariance[0, 1] + 0:.2f}", fontsize=8.5)
        fig.alt += f" {name}: variances {covariance[0, 0]:.2f} and {covariance[1, 1]:.2f}, covariance {covariance[0, 1]:.2f}."
    for k in (0, 1):
        ends = mean + np.outer([-2, 2], np.sqrt(variances[k]) * components[:, k])
        axes[0].plot(*ends.T, color=style.INK, linewidth=1.5)
    return fig

sliders(cloud_through_steps, correlation=(-0.95, 0.95, 0.05), offset=(-5.0, 5.0, 0.5))

# %% [markdown]
# ## Symmetry
#
# The data is ready. What should the weights be? Zero looks fair: it prefers nothing.
# Take one hidden layer, $H = \tanh(X W_1 + b_1)$ and scores $S = H W_2$.
# A hidden unit is a column of $W_1$, an entry of $b_1$ and a row of $W_2$.
# With $A = X W_1 + b_1$,
#
# $$\frac{\partial L}{\partial A} = \Big(\frac{\partial L}{\partial S} W_2^\top\Big) \cdot (1 - H^2), \qquad \frac{\partial L}{\partial W_1} = X^\top \frac{\partial L}{\partial A}$$
#
# Where two units hold the same numbers, all factors above are the same for both,
# so their gradients are the same, so after the step they still hold the same numbers.
# No data and no learning rate can tell them apart.
#
# **Predict.** $W_1$ and $b_1$ are all 0, $W_2$ is not. Which of the three gradients is 0 for certain?
#
# <details><summary>Answer</summary>
#
# That of $W_2$: it is $H^\top \partial L / \partial S$, and every $H$ is 0. If $W_2$ is 0 too, so are all three:
# nothing moves at all.
#
# </details>

# %% nbgrader={"grade_id": "hidden_gradients", "solution": true}
def hidden_gradients(X, dscores, W1, b1, W2):
    """Gradients of the scores np.tanh(X @ W1 + b1) @ W2 with respect to W1, b1 and W2.

    X: (N, D); W1: (D, H); b1: (H,); W2: (H, C); dscores: (N, C), the upstream gradient at the scores.
    Sums over the batch, no means. Returns dW1, db1, dW2, in this order, shaped like W1, b1, W2.
    """
    ### BEGIN SOLUTION
    a = X @ W1 + b1
    h = np.tanh(a)
    da = dscores @ W2.T * (1 - h**2)
    return X.T @ da, da.sum(axis=0), h.T @ dscores
    ### END SOLUTION


def distinct_units(W1, b1, W2):
    """How many of the H hidden units differ: an int. Shapes as above.

    Two units are the same if all their numbers, W1[:, j], b1[j] and W2[j], agree to within 1e-9:
    rounding differs by less. Different units differ by more than 1e-6 somewhere.
    """
    ### BEGIN SOLUTION
    kinds = []
    for unit in np.vstack([W1, b1, W2.T]).T:
        if not any(np.abs(unit - kind).max() <= 1e-9 for kind in kinds):
            kinds.append(unit)
    return len(kinds)
    ### END SOLUTION

# %% nbgrader={"grade_id": "hidden_gradients_check", "grade": true, "points": 14}
check = Check("hidden_gradients", points=14, hidden=8)

@check("three units alike: three columns alike")
def _(t):
    X, dscores = np.array([[1.0, 2], [3, -1]]), np.array([[0.5, -0.5], [-0.5, 0.25]])
    W1, b1, W2 = np.zeros((2, 3)), np.zeros(3), np.array([[1.0, -1]] * 3)
    result = t.call(hidden_gradients, X, dscores, W1, b1, W2)
    t.true(isinstance(result, tuple | list) and len(result) == 3, "Return three things: dW1, db1, dW2.", "wrong_count")
    (dW1, db1, dW2), given = result, {"X": X, "dscores": dscores, "W1": W1, "b1": b1, "W2": W2}
    t.equal(dW1, [[-1.25] * 3, [2.75] * 3], "dW1", given=given)
    t.equal(db1, [0.25] * 3, "db1", given=given)
    t.equal(dW2, np.zeros((3, 2)), "dW2", given=given)

@check("eight units, three of them the same: six that differ")
def _(t):
    W1, b1 = np.array([[1.0, 1, 1, 1, 1, 2, 3, 1]]), np.array([0.0, 0, 0, 5, 0, 0, 0, 0])
    W2 = np.array([[1.0], [1], [2], [1], [3], [1], [1], [1]])
    t.equal(t.call(distinct_units, W1, b1, W2), 6, "the number of units", given={"W1": W1, "b1": b1, "W2": W2})

def scores_of(W1, b1, W2, X):
    return np.tanh(X @ W1 + b1) @ W2, (X, W1, b1, W2)

def your_gradients(dscores, cache):
    return hidden_gradients(cache[0], dscores, *cache[1:])

examples = np.random.default_rng(0).normal(size=(6, 3))
check.gradients(scores_of, your_gradients, {"W1": (3, 4), "b1": (4,), "W2": (4, 2)}, extra=(examples,))

### BEGIN HIDDEN TESTS
check.hidden_tests()
examples = np.random.default_rng(1).normal(size=(5, 2))
check.gradients(scores_of, your_gradients, {"W1": (2, 7), "b1": (7,), "W2": (7, 3)}, extra=(examples,), label="more units than examples")

def count(t, W1, b1, W2, expected):
    t.equal(t.call(distinct_units, W1, b1, W2), expected, "the number of units", given={"W1": W1, "b1": b1, "W2": W2})

@check("all alike: one; all random: all")
def _(t):
    count(t, np.full((3, 6), 0.25), np.zeros(6), np.full((6, 2), -0.5), 1)
    count(t, t.rng.normal(size=(3, 6)), t.rng.normal(size=6), t.rng.normal(size=(6, 2)), 6)

@check("units that differ only behind the layer, or only in their bias")
def _(t):
    count(t, np.full((3, 4), 0.25), np.zeros(4), np.array([[1.0, 2], [1, 2], [1, 3], [0, 2]]), 3)
    count(t, np.full((2, 5), 0.25), np.array([0.5, 0, 0.5, 1, 0]), np.ones((5, 3)), 3)

@check("repeated units in any order")
def _(t):
    kinds = t.rng.normal(size=(3, 6))
    units = kinds[[2, 0, 1, 1, 0, 2, 2, 0]]
    count(t, units[:, :3].T, units[:, 3], units[:, 4:], 3)

@check("rounding makes no new unit")
def _(t):
    kinds = np.array([[0.5, -0.25, 1, 2, 0.125], [0.5, -0.25, 1, 2, 0.5]])
    units = kinds[[0, 1, 0, 1, 0, 0]] * (1 + 4e-15 * np.arange(6))[:, None]
    count(t, units[:, :1].T, units[:, 1], units[:, 2:], 2)
    units = kinds[[0, 0, 1]]
    units[1, 0] += 3e-6
    several = distinct_units(units[:, :1].T, units[:, 1], units[:, 2:])
    why = f"Three units that differ, two of them by 3e-6, count as {several}. np.isclose also forgives 1e-5 of a number, unless rtol is 0."
    t.true(np.ndim(several) == 0 and bool(several == 3), why, "near_units_merged" if np.array_equal(several, 2) else None)

@check("after twenty steps as many units differ as before")
def _(t):
    X, y = t.rng.normal(size=(8, 3)), t.rng.normal(size=(8, 2))
    units = t.rng.normal(size=(2, 6))[[0, 1, 1, 0, 1]]
    W1, b1, W2 = units[:, :3].T.copy(), units[:, 3].copy(), units[:, 4:].copy()
    for _ in range(20):
        gradients = hidden_gradients(X, (np.tanh(X @ W1 + b1) @ W2 - y) / 8, W1, b1, W2)
        W1, b1, W2 = (value - 0.1 * np.asarray(d).reshape(value.shape) for value, d in zip((W1, b1, W2), gradients))
    count(t, W1, b1, W2, 2)
### END HIDDEN TESTS
check.score()

# %% tags=["experiment"]
def who_differs(H=20, steps=200, rate=0.5):
    """Different hidden units, and the loss on digits, over the steps, from four first settings of a layer of H units."""
    digits, rng = load_digits(), np.random.default_rng(0)
    X, y, N = zero_center(digits.X_train.reshape(-1, 64))[0], digits.y_train, len(digits.y_train)
    random = rng.normal(size=(75, H)) * 0.2  # a unit: 64 incoming weights, a bias, 10 outgoing weights
    starts = {"zeros": 0 * random, "all 0.1": 0 * random + 0.1, "five kinds": random[:, np.arange(H) % 5], "random": random}
    fig, (left, right) = figure(1, 2, width=9.6, height=3.6)
    for i, (name, units) in enumerate(starts.items()):
        counts, losses = [], []
        for step in range(steps):
            W1, b1, W2 = units[:64], units[64], units[65:].T
            counts += [distinct_units(W1, b1, W2)] if step % 10 == 0 else counts[-1:]
            p = np.exp(np.tanh(X @ W1 + b1) @ W2)
            p /= p.sum(axis=1, keepdims=True)
            losses.append(-np.mean(np.log(p[np.arange(N), y])))
            dW1, db1, dW2 = hidden_gradients(X, (p - np.eye(10)[y]) / N, W1, b1, W2)
            units = units - rate * np.vstack([dW1, db1, dW2.T])
        for ax, curve in ((left, counts), (right, losses)):
            ax.plot(curve, style.DASHES[i], color=style.category(i), label=name)
        fig.alt += f" {name}: {counts[0]} different units at first, {counts[-1]} at last; loss {losses[-1]:.2f}."
    left.set(xlabel="step", title=f"Units that differ, of {H}", ylim=(0, H + 1), yticks=[0, 1, 5, 10, 15, 20])
    right.set(xlabel="step", title="Loss", ylim=(0, 2.8))
    left.legend(loc="center right", bbox_to_anchor=(1.0, 0.6), fontsize=9)
    return fig

who_differs()

# %% [markdown]
# ## First weights
#
# Random numbers break the symmetry. How large should they be?
# A unit adds up $n_{\text{in}}$ products, $n_{\text{in}}$ being its *fan-in*.
# Independent terms add their variances, so for inputs of mean square $q$
#
# $$\text{Var}(a) = n_{\text{in}} \cdot \text{Var}(w) \cdot q .$$
#
# *Xavier* (Glorot) initialisation keeps the size, $\text{Var}(w) = 1 / n_{\text{in}}$.
# *He* initialisation takes $2 / n_{\text{in}}$, since ReLU throws half of the mean square away.
# (Backward, the gradient would like $1 / n_{\text{out}}$, so Glorot's original takes $2 / (n_{\text{in}} + n_{\text{out}})$.
# For square layers that is the same.)
# Biases may start at 0: the weights break the symmetry already.
#
# **Predict.** 100 inputs of mean square 1, weights of standard deviation 0.01. What is the standard deviation of $a$?
#
# <details><summary>Answer</summary>
#
# $\sqrt{100} \cdot 0.01 = 0.1$. After ten such layers, $10^{-10}$.
#
# </details>

# %% nbgrader={"grade_id": "initialize", "solution": true}
def initialize(scheme, fan_in, fan_out, rng):
    """First weights of a layer, of shape (fan_in, fan_out).

    scheme: "zeros", or a word for the standard deviation of normal numbers of mean 0:
    "small", 0.01; "large", 1; "xavier", the square root of 1 / fan_in; "he", that of 2 / fan_in.
    Any other word raises a ValueError. rng: a np.random.Generator; all random numbers come from it.
    """
    ### BEGIN SOLUTION
    stds = {"zeros": 0.0, "small": 0.01, "large": 1.0, "xavier": np.sqrt(1 / fan_in), "he": np.sqrt(2 / fan_in)}
    if scheme not in stds:
        raise ValueError(f"unknown scheme {scheme!r}: choose one of {', '.join(stds)}")
    return stds[scheme] * rng.normal(size=(fan_in, fan_out))
    ### END SOLUTION

# %% nbgrader={"grade_id": "initialize_check", "grade": true, "points": 10}
check = Check("initialize", points=10, hidden=5)

def compare_spread(t, scheme, fan_in, fan_out, expected):
    W = t.call(initialize, scheme, fan_in, fan_out, t.rng)
    t.true(W is not None, "initialize returned None.", "returned_nothing")
    exchanged = np.shape(W) == (fan_out, fan_in)
    t.true(not exchanged, f"The shape is {np.shape(W)}: fan_in is the number of *rows*.", "shape_exchanged")
    t.true(np.shape(W) == (fan_in, fan_out), f"The shape is {np.shape(W)}; it should be {(fan_in, fan_out)}.", "wrong_shape")
    given = {"fan_in": fan_in, "fan_out": fan_out, "scheme": scheme}
    t.equal(np.std(W), expected, f"the standard deviation for {scheme!r}", given=given, tolerance=0.04)
    near_zero = bool(abs(np.mean(W)) <= 0.05 * expected)
    t.true(near_zero, f"The mean for {scheme!r} is {np.mean(W):.2g}; it should be near 0.", "not_centred")

@check("he and xavier, 300 inputs, 200 outputs")
def _(t):
    compare_spread(t, "he", 300, 200, 0.08164965809277261)
    compare_spread(t, "xavier", 300, 200, 0.05773502691896258)

@check("zeros, small and large")
def _(t):
    compare_spread(t, "zeros", 6, 4, 0.0)
    compare_spread(t, "small", 100, 300, 0.01)
    compare_spread(t, "large", 100, 300, 1.0)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("he and xavier where layers narrow and widen")
def _(t):
    for fan_in, fan_out in ((50, 600), (800, 60)):
        compare_spread(t, "he", fan_in, fan_out, np.sqrt(2 / fan_in))
        compare_spread(t, "xavier", fan_in, fan_out, fan_in**-0.5)

@check("the numbers are normal")
def _(t):
    for scheme in ("he", "xavier", "small"):
        W = np.asarray(t.call(initialize, scheme, 200, 150, t.rng))
        beyond = np.mean(np.abs(W) > 2 * W.std())
        t.true(bool(0.035 < beyond < 0.056), f"{scheme!r}: of normal numbers, 4.6 % lie beyond two standard deviations; of yours {beyond:.1%}.", "not_normal")

@check("the numbers come from rng")
def _(t):
    a, b = (np.asarray(initialize("he", 6, 5, np.random.default_rng(8))) for _ in range(2))
    t.true(np.array_equal(a, b) and bool(np.any(a)), "Two Generators with the same seed give different weights. Draw from rng.", "rng_ignored")
    c = np.asarray(initialize("he", 6, 5, np.random.default_rng(9)))
    t.true(not np.array_equal(a, c), "Another Generator gives the very same weights. Draw from rng.", "rng_ignored")

@check("the next layer gets other numbers")
def _(t):
    a, b = (np.asarray(initialize("xavier", 5, 7, t.rng)) for _ in range(2))
    other = np.asarray(initialize("xavier", 5, 7, np.random.default_rng(77)))
    mistake = "rng_ignored" if np.array_equal(a, other) else "same_numbers_twice"
    t.true(a.shape == b.shape and not np.any(a == b), "Two layers drawn one after the other share weights.", mistake)

@check("an unknown scheme raises a ValueError")
def _(t):
    t.raises(ValueError, initialize, "glorious", 4, 3, t.rng, message="The scheme 'glorious' should raise a ValueError.", mistake="not_refused")
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Activations, layer by layer
#
# Before you train a deep network, send a batch through it and look.
# You write the instrument: random inputs, `depth` layers without biases, each as wide as the last,
#
# $$h_l = f(h_{l-1} W_l), \qquad h_0 \text{ normal},$$
#
# and the mean and standard deviation of all numbers in each $h_l$.
# If the standard deviations fall to 0, activations *collapse*, and gradients with them,
# for the gradient of $W_l$ has the factor $h_{l-1}$.
# If those of tanh rise to 1, it is saturated, and its slopes are 0.
#
# **Predict.** Ten layers of 100 units of tanh, `"small"`. What is the standard deviation of $h_{10}$, to the nearest power of ten?
#
# <details><summary>Answer</summary>
#
# $10^{-10}$: each layer multiplies by 0.1, and near 0 tanh leaves numbers as they are.
#
# </details>

# %% nbgrader={"grade_id": "activation_statistics", "solution": true}
def activation_statistics(depth, width, scheme, nonlinearity, N=200, seed=0):
    """Mean and standard deviation of the activations of each layer of a deep network before training.

    Makes rng = np.random.default_rng(seed) and draws N examples of `width` standard normal numbers.
    Then `depth` layers without biases, each with fresh weights: initialize(scheme, width, width, rng).
    nonlinearity is called once per layer, on (N, width), and returns an array of the same shape.
    Returns means and stds, of shape (depth,): those of all numbers that nonlinearity returned there.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    h, means, stds = rng.normal(size=(N, width)), [], []
    for _ in range(depth):
        h = nonlinearity(h @ initialize(scheme, width, width, rng))
        means.append(h.mean())
        stds.append(h.std())
    return np.array(means), np.array(stds)
    ### END SOLUTION

# %% nbgrader={"grade_id": "activation_statistics_check", "grade": true, "points": 12}
check = Check("activation_statistics", points=12, hidden=5)

def call_statistics(t, *args, **options):
    result = t.call(activation_statistics, *args, **options)
    right_count = isinstance(result, tuple | list | np.ndarray) and len(result) == 2
    t.true(right_count, "Return two things: means, stds.", "wrong_count")
    return result

def one_and_five(a):
    """1 for half of the examples, 5 for the others, whatever comes in."""
    return np.where(np.arange(len(a))[:, None] % 2, 1.0, 5.0) * np.ones(a.shape)

@check("a nonlinearity that says 1 and 5 in equal parts: mean 3, standard deviation 2")
def _(t):
    means, stds = call_statistics(t, 3, 8, "he", one_and_five, N=40)
    t.equal(means, [3, 3, 3], "means", others={"stds": np.full(3, 2.0)})
    t.equal(stds, [2, 2, 2], "stds")

@check("ten layers of tanh with small weights collapse")
def _(t):
    _, stds = call_statistics(t, 10, 100, "small", np.tanh)
    t.true(np.shape(stds) == (10,), f"stds has shape {np.shape(stds)}; it should be (10,).", "wrong_shape")
    t.true(bool(0.08 < stds[0] < 0.12), f"The first standard deviation is {stds[0]:.2g}. The answer above says how large it should be.")
    t.true(bool(0 < stds[9] < 1e-8), f"The last standard deviation is {stds[9]:.2g}. The answer above says how small it should be.")

### BEGIN HIDDEN TESTS
check.hidden_tests()

def watched(t, f, depth, width, scheme, **options):
    """The statistics, and what went into the nonlinearity and came out, layer by layer."""
    seen, gave = [], []
    def nonlinearity(a):
        seen.append(np.array(a))
        gave.append(f(seen[-1]))
        return gave[-1].copy()
    result = call_statistics(t, depth, width, scheme, nonlinearity, **options)
    t.true(len(seen) == depth, f"nonlinearity was called {len(seen)} times in {depth} layers.")
    shape = (options.get("N", 200), width)
    t.true(all(a.shape == shape for a in seen), f"nonlinearity should see arrays of shape {shape}.", "batch_size_ignored")
    return result, seen, gave

@check("statistics are those of what the nonlinearity returned")
def _(t):
    for f, scheme, depth, N in ((np.tanh, "xavier", 4, 30), (lambda a: a * (a > 0), "he", 3, 50), (np.exp, "small", 2, 25)):
        (means, stds), seen, gave = watched(t, f, depth, 12, scheme, N=N)
        given = {"seen": np.array(seen), "gave": np.array(gave)}
        t.equal(means, [np.sum(h) / h.size for h in gave], "means", given=given, others={"stds": [h.std() for h in gave]})
        t.equal(stds, [np.sqrt(np.sum((h - h.mean()) ** 2) / h.size) for h in gave], "stds", given=given)

def weights_of(seen, gave):
    """The weights between layers, from what left one and entered the next; and what they leave unexplained."""
    solved = [np.linalg.lstsq(h, a, rcond=None)[0] for h, a in zip(gave[:-1], seen[1:])]
    left = [np.abs(h @ W - a).max() for h, W, a in zip(gave[:-1], solved, seen[1:])]
    return solved, max(left)

@check("each layer reads the one before it, through fresh weights of the scheme")
def _(t):
    for scheme in ("xavier", "large"):
        _, seen, gave = watched(t, np.tanh, 4, 20, scheme, N=80)
        solved, left = weights_of(seen, gave)
        t.true(bool(left < 1e-6), "A layer does not read what the nonlinearity returned in the layer before.", "layers_not_chained")
        t.true(not np.allclose(solved[0], solved[1], atol=1e-6), "Two layers have the same weights: draw for each.", "weights_reused")
        ratio = np.std(solved[0]) / np.std(np.asarray(initialize(scheme, 20, 20, np.random.default_rng(1))))
        t.true(bool(0.75 < ratio < 1.33), f"The weights for {scheme!r} are {ratio:.2g} times as large as initialize makes them.", "scheme_ignored")

@check("inputs are standard normal")
def _(t):
    _, seen, _ = watched(t, np.tanh, 1, 40, "xavier", N=150)
    size, mean = np.std(seen[0]), abs(np.mean(seen[0]))
    t.true(bool(0.85 < size < 1.15 and mean < 0.15), "Inputs should be normal numbers of mean 0 and standard deviation 1.", "inputs_not_normal")

@check("the default N is 200; a seed gives the same numbers again, another seed others")
def _(t):
    (first, stds), seen, _ = watched(t, np.tanh, 2, 5, "he")
    (again, _), _, _ = watched(t, np.tanh, 2, 5, "he", seed=0)
    (other, _), _, _ = watched(t, np.tanh, 2, 5, "he", seed=3)
    t.equal(again, np.asarray(first), "means with the same seed")
    t.true(not np.allclose(first, other), "Another seed gives the same numbers.", "seed_ignored")

@check("zeros: everything is what the nonlinearity makes of 0")
def _(t):
    (means, stds), seen, _ = watched(t, lambda a: a + one_and_five(a), 3, 6, "zeros", N=10)
    given = {"seen": np.array(seen)}
    t.equal(means, [3, 3, 3], "means", given=given, others={"stds": np.full(3, 2.0)})
    t.equal(stds, [2, 2, 2], "stds", given=given)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Where the factor 2 comes from
#
# One layer on: weights with $\text{Var}(w) = g^2 / n_{\text{in}}$ turn pre-activations of variance 1 into $h = f(a)$,
# and these into pre-activations of variance
#
# $$\text{Var}(a') = n_{\text{in}} \cdot \frac{g^2}{n_{\text{in}}} \cdot \overline{h^2} = g^2\; \overline{f(z)^2}, \qquad z \text{ standard normal.}$$
#
# Size is kept when this is 1 again. So each activation has its *gain*, $g = 1 / \sqrt{\overline{f(z)^2}}$.
# ReLU leaves $z^2$ on one half and 0 on the other, so the mean square is ½, and $g^2 = 2$: He's factor.
#
# **Predict.** Is the gain of tanh above or below 1? That of $f(z) = 2z$?
#
# <details><summary>Answer</summary>
#
# Above, 1.59: tanh shrinks every number, so weights have to make up for it. For $2z$ it is ½.
#
# </details>

# %% nbgrader={"grade_id": "gain", "solution": true}
def gain(nonlinearity):
    """The g for which weights of standard deviation g / sqrt(fan_in) keep pre-activations at variance 1.

    nonlinearity: takes an array and returns one of the same shape, entry by entry.
    Returns 1 / sqrt(m), m being the mean of nonlinearity(z)**2 for standard normal z, to within 1 %.
    A sum over a fine grid of z, weighted by the density exp(-z**2 / 2), will do; so will 200 000 random numbers.
    """
    ### BEGIN SOLUTION
    z = np.linspace(-8, 8, 2001)
    return 1 / np.sqrt(np.average(nonlinearity(z) ** 2, weights=np.exp(-(z**2) / 2)))
    ### END SOLUTION

# %% nbgrader={"grade_id": "gain_check", "grade": true, "points": 8}
check = Check("gain", points=8, hidden=3)

def compare_gain(t, f, moment, mean, size, **more):
    given = {"moment": moment, "mean": mean, "size": size} | more
    t.equal(t.call(gain, f), 1 / np.sqrt(moment), "the gain", given=given, tolerance=0.02)

def positive_part(z):
    return z * (z > 0)

@check("ReLU: the square root of 2")
def _(t):
    compare_gain(t, positive_part, 0.5, 0.3989422804014327, 0.3989422804014327)

@check("f(z) = 2 z: one half; tanh: 1.59")
def _(t):
    compare_gain(t, lambda z: 2.0 * z, 4.0, 0.0, 1.5957691216057308)
    compare_gain(t, np.tanh, 0.39429448, 0.0, 0.5559793)

### BEGIN HIDDEN TESTS
check.hidden_tests()

@check("leaky ReLU with slope 0.3")
def _(t):
    compare_gain(t, lambda z: np.where(z > 0, z, 0.3 * z), 0.545, 0.27925959628100287, 0.5186249645218625)

@check("a nonlinearity that is not centred")
def _(t):
    compare_gain(t, lambda z: np.where(z > 0.5, z - 0.5, 0.0), 0.20964393, 0.19779655, 0.19779655, upper=0.41928786)

@check("sine")
def _(t):
    compare_gain(t, np.sin, 0.43233235838169365, 0.0, 0.5791532)
### END HIDDEN TESTS
check.score()

# %% [markdown]
# ## Look: ten layers, before any learning
#
# First the standard deviation of the activations in ten layers of 100 units, by scheme, measured by your instrument.
# "gain" is Xavier times your `gain`. Then one scheme at a time: histograms, layer by layer.
#
# **Predict.** For ReLU, which two schemes keep the size? For tanh with "large", where do the numbers pile up?
#
# <details><summary>Answer</summary>
#
# He and gain, which for ReLU are the same; Xavier loses a factor $\sqrt2$ per layer, 32 in ten.
# (The right axis is logarithmic.)
# Large tanh numbers pile up at −1 and 1, where the slope is 0: no collapse, and no gradient either.
#
# </details>

# %% tags=["experiment"]
def relu(a):
    return np.maximum(0, a)

def by_scheme(depth=10):
    """Standard deviations by layer, for every scheme, for tanh and ReLU."""
    fig, axes = figure(1, 2, width=9.6, height=3.9)
    for ax, (name, f) in zip(axes, {"tanh": np.tanh, "ReLU": relu}.items()):
        g = gain(f)
        for i, scheme in enumerate(("small", "large", "xavier", "he", "gain")):
            known, scaled = (scheme, f) if scheme != "gain" else ("xavier", lambda a: f(g * a))
            _, stds = activation_statistics(depth, 100, known, scaled)
            ax.plot(range(1, depth + 1), stds, style.MARKERS[i] + "-", color=style.category(i), markersize=4, label=scheme)
            fig.alt += f" {name}, {scheme}: from {stds[0]:.2g} in layer 1 to {stds[-1]:.2g} in layer {depth}."
        ax.set(xlabel="layer", title=f"{name}, whose gain is {g:.2f}")
    axes[0].set(ylabel="standard deviation of activations", ylim=(0, 1.05))
    axes[1].set(yscale="log", ylim=(1e-11, 1e11))
    axes[1].legend(fontsize=9)
    return fig

def ten_layers(scheme="small", nonlinearity="tanh", width=100):
    """Histograms of the activations of ten layers."""
    layers, f = {}, {"tanh": np.tanh, "ReLU": relu, "linear": lambda a: 1.0 * a}[nonlinearity]

    def and_keep(a):
        layers[f"layer {len(layers) + 1}"] = h = f(a if scheme != "gain" else gain(f) * a)
        return h

    activation_statistics(10, width, "xavier" if scheme == "gain" else scheme, and_keep)
    limits = (-1, 1) if nonlinearity == "tanh" else (-3, 3)
    return plot_histograms(layers, limits=limits, title=f"{nonlinearity}, {width} units a layer, weights: {scheme}")

display(by_scheme())
sliders(ten_layers, scheme=["small", "large", "xavier", "he", "gain", "zeros"], nonlinearity=["tanh", "ReLU", "linear"], width=[50, 100, 400])

# %% [markdown]
# ## Look: what it is all for
#
# Networks learn Fashion-MNIST for 300 steps. Only what they start from differs.
# Left, one hidden layer of ReLU, He weights, and the data prepared by your functions.
# Right, standardised data, eight hidden layers (or as many as you choose), and weights by your `initialize`.
# Beside each name stands the share of test images read correctly afterwards.
#
# **Predict.** Which curves on the right never leave $\ln 10 = 2.30$? And on the left: does what fits the training data best also read best?
#
# <details><summary>Answer</summary>
#
# "zeros" and "small" stay: no gradient arrives. "large" overflows within a few steps and is gone.
# Xavier starts late, He at once. With two hidden layers the differences are much smaller: depth is what multiplies.
#
# Left, bytes from 0 to 255 overwhelm the first steps.
# Of the others whitened data is fitted best and read *worst*:
# the noise of the faint directions was made as loud as the clothes, and the network learned it too.
# Subtracting means was enough, as it mostly is for images.
#
# </details>

# %% tags=["experiment"]
def learn(train, test, scheme, depth, rate, f=relu, steps=300, width=100):
    """Losses by step, and the share of test images read correctly. train, test: (X, y); f: relu or np.tanh."""
    (X, y), rng = train, np.random.default_rng(0)
    sizes = [X.shape[1], *[width] * depth, 10]
    params, losses = [[initialize(scheme, m, n, rng), np.zeros(n)] for m, n in zip(sizes[:-1], sizes[1:])], []

    def forward(h):
        outs = [h]
        for W, b in params[:-1]:
            outs.append(f(outs[-1] @ W + b))
        return outs, outs[-1] @ params[-1][0] + params[-1][1]

    for _ in range(steps):
        rows = rng.integers(len(y), size=64)
        outs, scores = forward(X[rows])
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        losses.append(-np.mean(np.log(p[np.arange(64), y[rows]] + 1e-12)))
        d = (p - np.eye(10)[y[rows]]) / 64
        for layer, h in zip(reversed(params), reversed(outs)):
            slope = h > 0 if f is relu else 1 - h**2
            dW, db, d = h.T @ d, d.sum(axis=0), d @ layer[0].T * slope
            layer[:] = layer[0] - rate * dW, layer[1] - rate * db
    return losses, np.mean(forward(test[0])[1].argmax(axis=1) == test[1])

# %% tags=["experiment"]
def compare_starts(hidden_layers=8, nonlinearity="ReLU"):
    """Losses by preparation of the data (left) and by scheme of the first weights (right)."""
    clothes = load_fashion_mnist()
    X, X_test = clothes.X_train.reshape(-1, 784), clothes.X_test.reshape(-1, 784)
    centred, mean = zero_center(X)
    standard = standardize(X, X_test)
    prepared = {"bytes": (255 * X, 255 * X_test), "zero-centred": (centred, X_test - mean), "standardised": standard}
    prepared["whitened"] = whiten(X, X_test)
    runs = [(0, name, arrays, "he", 1, 0.2, relu) for name, arrays in prepared.items()]
    f = {"ReLU": relu, "tanh": np.tanh}[nonlinearity]
    runs += [(1, name, standard, name, hidden_layers, 0.05, f) for name in ("zeros", "small", "large", "xavier", "he")]
    fig, axes = figure(1, 2, width=9.6, height=4.2, sharey=True)
    for i, (side, name, (A, B), *settings) in enumerate(runs):
        with np.errstate(all="ignore"):
            losses, right = learn((A, clothes.y_train), (B, clothes.y_test), *settings)
        look = {"color": style.category(i - 4 * side), "linestyle": style.DASHES[i - 4 * side]}
        label = f"{name}: {right:.0%}" + ("" if np.isfinite(losses[-1]) else ", overflow")
        axes[side].plot(np.convolve(losses, np.ones(15) / 15, mode="valid"), label=label, **look)
        fig.alt += f" {label}, of the test images read correctly."
    axes[0].set(xlabel="step", ylabel="loss, mean of 15", title="Data (one hidden layer, learning rate 0.2)", ylim=(0, 3.6))
    axes[1].set(xlabel="step", title=f"First weights ({hidden_layers} hidden layers of {nonlinearity}, 0.05)")
    for ax in axes:
        ax.legend(fontsize=9, loc="upper right")
    return fig

sliders(compare_starts, hidden_layers=[2, 4, 8, 12], nonlinearity=["ReLU", "tanh"])

# %% [markdown]
# ## Reflection
#
# A friend sets every weight and bias of a deep tanh network to 0.1. The loss falls a little and stops.
# "It learned something, so the gradients are not zero," says your friend. "It needs more units, or more steps."
#
# Prove your friend wrong, by induction over the steps:
# what do all units of one hidden layer have in common before the first step, and why still after each?
# Say how many units such a layer is worth.
# Then draw the weights between the second and the third hidden layer at random, and leave all the others at 0.1.
# Where exactly does your proof break, and for which layers does it still hold?
# And why do zero biases do no harm? Eight to twelve sentences.

# %% [markdown] nbgrader={"grade_id": "reflection", "grade": true, "solution": true, "points": 0}
# **A sufficient answer.** Before the first step all units of a layer have the same incoming weights, bias and outgoing weights.
# So they compute the same output for every example, and the gradient that comes back to each is the same.
# The gradient of a unit's weights is made of its input, which all units share, and of that gradient, so it is the same too.
# After the step the units are still the same, and so on for every step. More steps or more units change nothing:
# the layer is worth one unit. With random weights between layers 2 and 3, the units of these two layers start with different numbers,
# so there the proof does not start. Biases may be 0, because units with different weights differ already.
#
# **A strong answer.** Claim: after every step, in each hidden layer, any two units j and k agree in incoming weights, bias and
# outgoing weights. It holds before the first step, since all numbers are 0.1.
# Suppose it holds before a step. Forward: both read the same inputs with the same weights, so their outputs agree for every example.
# Backward: the gradient at a unit's output is the sum, over the units behind it, of their gradients times its outgoing weights, which agree;
# the slope is taken at the same number, so the gradients at the pre-activations agree.
# The gradient of each incoming weight is the input times that gradient, summed over the batch, and agrees;
# that of an outgoing weight is the unit's own output times a gradient behind it, and agrees as well. Both take the same step, so they agree after it.
# The layer computes one function H times: one unit with H times its outgoing weights would do the same, whatever H.
# The loss still falls, since that one unit, and the last bias, can learn.
# Random weights between layers 2 and 3 are outgoing weights of layer 2 and incoming weights of layer 3, so for the units of these
# two layers the claim is false from the start. For every other layer it still holds:
# two units of layer 4 differ in neither incoming nor outgoing weights. They read the outputs of layer 3 with the same 0.1 each,
# and however those outputs differ from one another, both units see the same sum. So layers 1, 4, 5 and so on remain worth one unit each,
# for ever: *every* layer of weights has to be drawn.
# Zero biases do no harm, since one difference among a unit's numbers is enough.
#
# **Rubric (comment; up to 4 points extra at the grader's choice).**
#
# - 1: an induction: something holds before the first step, and a step preserves it.
# - 1: forward *and* backward: equal outputs, and equal gradients because the outgoing weights agree as well.
# - 1: the layer is worth one unit, whatever its size; the loss may fall all the same.
# - 1: the units on both sides of the random weights differ, and why biases need not (that all other layers stay alike is a bonus).
# - "Zeros are bad because nothing is learned" without a mechanism earns nothing.

# %% tags=["experiment"]
# Where you stand: every exercise with its points, and what is left.
import autograder

autograder.progress()

# %% [markdown]
# ## What you have now
#
# - You **prepared** data four ways, always with the training split's statistics, and saw where each helps and where it harms.
# - You **proved** that units which start alike stay alike, and counted how few a network of constants has.
# - You **derived** the size of first weights from one mean square, and ten layers kept it.
#
# **Roads not taken.** Orthogonal first weights keep the length of every vector, not only of the average one.
# Layers that normalise what they receive make the first weights matter much less (07).
# First weights may also be someone else's last ones (11).
#
# **To read on.** [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html)
# (Glorot and Bengio), the paper behind "xavier"; [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852) (He and others),
# behind the factor 2.
#
# **One more, if you like.** Write `merge_units(W1, b1, W2)`: keep one of each kind of equal units and add up their outgoing weights.
# Show that the smaller network gives the same scores, and train a layer of 100 units from "all 0.1" to see what is left of it.
