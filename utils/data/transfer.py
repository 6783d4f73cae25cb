"""Small data sets to carry a trained network over to: drawn emoji, and small pictures lying anywhere in the frame.

Knows the shipped images and NumPy. Knows no network.
"""

import numpy as np

from utils.data.records import Images
from utils.data.shipped import load_digits, load_fashion_mnist, verified

KNOWN = (
    "T-shirt",
    "trousers",
    "coat",
    "sandal",
    "ankle boot",
)  # what the course's small network was trained on
FRAME = 28


def load_emoji():
    """Drawn emoji in colour, 96 x 96 pixels, six classes.

    Returns
    -------
    Images
        ``X_train`` (270, 3, 96, 96), 45 a class, and ``X_test`` (264, 3, 96, 96), 44 a class, from 0 to 1 (white).
        Classes: animal, food, face, person, travel, object.

    Raises
    ------
    DataDamaged

    Notes
    -----
    Noto Color Emoji, Google, Apache License 2.0; made by ``make_emoji.py``; see ``utils/data/LICENSES.md``.
    """
    with np.load(verified("emoji.npz"), allow_pickle=False) as arrays:
        colours = arrays["palette"].astype(np.float32) / np.float32(255)
        parts = {}
        for part in ("train", "test"):
            pixels = colours[arrays[f"X_{part}"]]
            parts[f"X_{part}"] = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), dtype=np.float64)
            parts[f"y_{part}"] = arrays[f"y_{part}"].astype(np.int64)
        return Images(**parts, names=arrays["names"].tolist())


def load_scattered(which="new clothes"):
    """Small pictures, each lying somewhere in a black frame of 28 x 28 pixels.

    Parameters
    ----------
    which : {"known clothes", "new clothes", "digits"}
        The five kinds of clothes that the course's small network was trained on, the five other kinds (both 14 x 14
        pixels in the frame), or handwritten digits (16 x 16).

    Returns
    -------
    Images
        Clothes: ``X_train`` (4000, 1, 28, 28), ``X_test`` (1000, 1, 28, 28); digits: 1438 and 359 images. Places are
        drawn with a fixed seed.

    Raises
    ------
    ValueError
        For another name.
    DataDamaged
    """
    if which == "digits":
        small, chosen = load_digits(), list(range(10))
        resize = twice
    elif which in ("known clothes", "new clothes"):
        small, resize = load_fashion_mnist(), half
        chosen = [k for k, name in enumerate(small.names) if (name in KNOWN) == (which == "known clothes")]
    else:
        raise ValueError(f"There is no {which!r}. There are: 'known clothes', 'new clothes', 'digits'.")
    parts = {}
    for seed, part in enumerate(("train", "test")):
        X, y = getattr(small, f"X_{part}"), getattr(small, f"y_{part}")
        rows = np.isin(y, chosen)
        parts[f"X_{part}"] = scatter(resize(X[rows]), np.random.default_rng(seed))
        parts[f"y_{part}"] = np.searchsorted(chosen, y[rows])
    return Images(**parts, names=[small.names[k] for k in chosen])


def scatter(X, rng):
    """Lay each image somewhere in a black frame.

    Parameters
    ----------
    X : (N, 1, H, W) ndarray
        At most 28 pixels high and wide.
    rng : numpy.random.Generator

    Returns
    -------
    (N, 1, 28, 28) ndarray
    """
    n, _, height, width = X.shape
    rows = rng.integers(0, FRAME - height + 1, size=n)
    columns = rng.integers(0, FRAME - width + 1, size=n)
    out = np.zeros((n, 1, FRAME, FRAME), dtype=X.dtype)
    for frame, image, row, column in zip(out, X, rows, columns, strict=True):
        frame[:, row : row + height, column : column + width] = image
    return out


def half(X):
    """Half the height and width: the mean of each 2 x 2 pixels."""
    return (X[:, :, ::2, ::2] + X[:, :, 1::2, ::2] + X[:, :, ::2, 1::2] + X[:, :, 1::2, 1::2]) / 4


def twice(X):
    """Twice the height and width: each pixel four times."""
    return X.repeat(2, axis=2).repeat(2, axis=3)
