"""Make fashion_mnist.npz, 1,000 images of each of the ten classes, from Debian's package dataset-fashion-mnist.

Usage: python -m utils.data.make_fashion_mnist [folder with the four IDX files, or the .deb]

Without an argument the package is fetched with ``apt-get download`` and unpacked with ``dpkg-deb -x``; it is not
installed. The training part is drawn from the published training set, the test part from the published test set.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TRAIN_PER_CLASS, TEST_PER_CLASS = 800, 200
INSIDE = "usr/share/datasets/fashion-mnist"


def read_idx(path):
    """Read an IDX file of bytes: two zeros, a type, the number of dimensions, the dimensions, the numbers."""
    data = gzip.decompress(Path(path).read_bytes())
    if data[:3] != b"\x00\x00\x08":
        raise ValueError(f"{path} is not an IDX file of unsigned bytes; it begins with {data[:4]!r}.")
    dimensions = data[3]
    shape = np.frombuffer(data, dtype=">u4", count=dimensions, offset=4)
    return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def draw(images, labels, per_class, rng):
    """The same number of each class, in a shuffled order."""
    chosen = [rng.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in range(10)]
    order = rng.permutation(np.concatenate(chosen))
    return images[order], labels[order]


def main(source=None):
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as scratch:
        if source is None:
            subprocess.run(["apt-get", "download", "dataset-fashion-mnist"], cwd=scratch, check=True)
            source = next(Path(scratch).glob("*.deb"))
        if Path(source).is_file():
            subprocess.run(["dpkg-deb", "-x", str(source), scratch], check=True)
            source = Path(scratch) / INSIDE
        parts = {}
        for part, prefix, count in (("train", "train", TRAIN_PER_CLASS), ("test", "t10k", TEST_PER_CLASS)):
            images = read_idx(Path(source) / f"{prefix}-images-idx3-ubyte.gz")
            labels = read_idx(Path(source) / f"{prefix}-labels-idx1-ubyte.gz")
            parts[f"X_{part}"], parts[f"y_{part}"] = draw(images, labels, count, rng)
    target = Path(__file__).with_name("fashion_mnist.npz")
    np.savez_compressed(target, **parts)
    print(target, target.stat().st_size, "bytes;", {name: part.shape for name, part in parts.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
