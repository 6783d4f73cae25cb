"""Trained networks that come with the course: verified, read without pickle, turned into float32 arrays.

Knows names and arrays. Runs nothing.
"""

from typing import NamedTuple

import numpy as np

from utils.data.shipped import SHA256, verified


class Pretrained(NamedTuple):
    """A trained network's parameters and the names of the classes it was trained on."""

    params: dict
    names: list

    def __repr__(self):
        numbers = sum(array.size for array in self.params.values())
        return f"Pretrained({len(self.params)} arrays, {numbers:,} numbers, {len(self.names)} classes)"


def load_squeezenet():
    """SqueezeNet 1.1, trained on the 1,000 classes of ImageNet.

    Returns
    -------
    Pretrained
        1,235,496 numbers as float32 arrays named ``conv1/w``, ``conv1/b``, ``fire2/squeeze/w``, ..., ``conv10/b``;
        filters are (F, C, HH, WW). Images go in as blue, green, red, from 0 to 255, less `SQUEEZENET_MEAN`.

    Raises
    ------
    DataDamaged

    Notes
    -----
    F. Iandola et al., "SqueezeNet" (arXiv:1602.07360). Made by ``make_squeezenet.py``, stored as float16; licence in
    ``utils/data/LICENSES.md``.
    """
    return _read("squeezenet.npz")


def load_clothes_net():
    """The course's own small network, trained on five kinds of clothes (see `utils.networks` and `load_scattered`).

    Returns
    -------
    Pretrained
        Made by ``make_clothes_net.py``, which prints the accuracy that it reaches again on any machine.

    Raises
    ------
    DataDamaged
    """
    return _read("clothes_net.npz")


def weights_file(name):
    """Where a file of weights is, and its checksum.

    Parameters
    ----------
    name : {"squeezenet", "clothes_net", "pickled_example"}
        The last holds an array that could only be stored as a pickle, for trying whether a reader refuses it.

    Returns
    -------
    path : str
    sha256 : str

    Raises
    ------
    ValueError
        For another name.
    DataDamaged
    """
    known = ("squeezenet", "clothes_net", "pickled_example")
    if name not in known:
        raise ValueError(f"There are no weights {name!r}. There are: {', '.join(known)}.")
    return str(verified(f"{name}.npz")), SHA256[f"{name}.npz"]


SQUEEZENET_MEAN = (104.006, 116.669, 122.679)  # of blue, green and red over ImageNet


def _read(file):
    with np.load(verified(file), allow_pickle=False) as arrays:
        params = {name: arrays[name].astype(np.float32) for name in arrays if name != "names"}
        return Pretrained(params, arrays["names"].tobytes().decode().split("\n"))
