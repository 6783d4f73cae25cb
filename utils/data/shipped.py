"""Data that comes with the course: read, verified, turned into float64 arrays.

Knows the files beside it and their checksums (the ``make_*.py`` scripts here made them). Refuses to unpickle, and to
hand out data that is not the course's, byte for byte.
"""

import hashlib
from pathlib import Path

import numpy as np

from utils.data.records import Images

FOLDER = Path(__file__).parent
SHA256 = {
    "digits.npz": "fe0b22bd23491d1b4ac92f44e17bece11a434d28fa3dae4c0fe3f83ed7584739",
    "fashion_mnist.npz": "5c5d74ef7b7629e735be373fe6aaa7fea65af138bae7bb7c41e6ae40e12a4f02",
    "emoji.npz": "d601e89a28d3d3178ec4a4a7482c2d27632725791f8cb6b9dff03c50d07bc203",
    "squeezenet.npz": "72cc6b664b67cbe7a3e0c6bb31e129435f0c40556231ba55b59b352827a63d71",
    "clothes_net.npz": "a8b229dd72cf0ec9d7b9d23c8ff0391691556872af5cef5575b9d145e65a105b",
    "pickled_example.npz": "acdfa364a2d6a1dd9c3604e9081eb1fd016e14830125d27d48e2691084bf185b",
    "chelsea.png": "0f03d60a1fa59ec45ffa578939d820a48855684d16a105ad396280edbadf0218",
    "coffee.png": "a8c6f9c81f0a719ff8dfedddab8e3cf6a2ff1d663c24092bbe7041d69b1ef394",
}
FASHION_NAMES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip


class DataDamaged(RuntimeError):
    """A data file is missing or is not the one that the course ships."""


def load_digits():
    """Handwritten digits, 8 x 8 pixels, 13 writers.

    Returns
    -------
    Images
        ``X_train`` (1438, 1, 8, 8) and ``X_test`` (359, 1, 8, 8), multiples of 1/16 from 0 (paper) to 1 (ink); about
        one tenth of each digit.

    Raises
    ------
    DataDamaged

    Notes
    -----
    The test part of E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits" (1998), as distributed with
    scikit-learn; licence in ``utils/data/LICENSES.md``.
    """
    return _images("digits.npz", 16.0, [str(digit) for digit in range(10)])


def load_fashion_mnist():
    """Photographs of clothes, 28 x 28 pixels, ten classes of the same size.

    Returns
    -------
    Images
        ``X_train`` (8000, 1, 28, 28), 800 a class from the published training set; ``X_test`` (2000, 1, 28, 28), 200 a
        class from the published test set; from 0 (background) to 1. 63 MB as float64.

    Raises
    ------
    DataDamaged

    Notes
    -----
    H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST" (arXiv:1708.07747), MIT licence, see
    ``utils/data/LICENSES.md``.
    """
    return _images("fashion_mnist.npz", 255.0, list(FASHION_NAMES))


def load_photograph(name="chelsea"):
    """A colour photograph.

    Parameters
    ----------
    name : {"chelsea", "coffee"}
        A cat's face, or a cup on a wooden table.

    Returns
    -------
    (3, H, W) ndarray of float64
        Red, green and blue from 0 to 1; both 300 pixels high and about 450 wide.

    Raises
    ------
    ValueError
        For another name.
    DataDamaged
    """
    photographs = [file.removesuffix(".png") for file in SHA256 if file.endswith(".png")]
    if name not in photographs:
        raise ValueError(f"There is no photograph {name!r}. There are: {', '.join(photographs)}.")
    from matplotlib.image import imread

    path = verified(f"{name}.png")
    return np.ascontiguousarray(imread(path)[..., :3].transpose(2, 0, 1), dtype=np.float64)


def _images(file, white, names):
    with np.load(verified(file), allow_pickle=False) as arrays:
        parts = {key: arrays[key] for key in ("X_train", "y_train", "X_test", "y_test")}
    for part in ("X_train", "X_test"):
        parts[part] = parts[part][:, None] / white
    for part in ("y_train", "y_test"):
        parts[part] = parts[part].astype(np.int64)
    return Images(**parts, names=names)


def verified(file):
    """The path of a shipped file, once its bytes are found to be the course's.

    Raises
    ------
    DataDamaged
        When the file is missing or another.
    """
    path = FOLDER / file
    if not path.exists():
        raise DataDamaged(
            f"The data file {path} is missing. Install the course again (pip install --force-reinstall), "
            f"or in a clone run: git checkout -- utils/data/{file}"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256[file]:
        raise DataDamaged(
            f"The data file {path} is damaged: its SHA-256 is {found[:16]}..., not {SHA256[file][:16]}...; "
            "results would not be those of the course. "
            f"Install the course again (pip install --force-reinstall), or in a clone run: "
            f"git checkout -- utils/data/{file}"
        )
    return path
