"""Make digits.npz from scikit-learn's copy of the digits.

Usage: python -m utils.data.make_digits [digits.csv.gz [digits.npz]]

Without an argument the file is taken from an installed scikit-learn (``sklearn/datasets/data/digits.csv.gz``).
"""

import sys
from pathlib import Path

import numpy as np

from utils.data.synthetic import split


def main(source=None, target=None):
    if source is None:
        import sklearn.datasets

        source = Path(sklearn.datasets.__file__).parent / "data" / "digits.csv.gz"
    table = np.loadtxt(source, delimiter=",", dtype=np.uint8)
    parts = split(table[:, :64].reshape(-1, 8, 8), table[:, 64], test=0.2, seed=0)
    target = Path(target or Path(__file__).with_name("digits.npz"))
    np.savez_compressed(target, **parts._asdict())
    print(
        target, target.stat().st_size, "bytes;", {name: part.shape for name, part in parts._asdict().items()}
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
