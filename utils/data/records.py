"""What loaders return: named arrays, which can be unpacked as well.

Knows names only. Refuses to load anything.
"""

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """Arrays divided into two parts."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


class Images(NamedTuple):
    """A data set of images, divided into two parts.

    Attributes
    ----------
    X_train, X_test : (N, C, H, W) ndarray of float64
        Pixels from 0 (black) to 1.
    y_train, y_test : (N,) ndarray of int64
        Classes, from 0.
    names : list of str
        ``names[y]`` is what class y is called.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    names: list

    def __repr__(self):
        return (
            f"Images(X_train={self.X_train.shape}, y_train={self.y_train.shape}, X_test={self.X_test.shape}, "
            f"y_test={self.y_test.shape}, names={self.names})"
        )
