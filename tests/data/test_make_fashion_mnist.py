"""The script that made the Fashion-MNIST subset."""

import gzip
import struct

import numpy as np
import pytest

from utils.data.make_fashion_mnist import draw, read_idx


def write_idx(path, array):
    head = b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes()))
    return path


@pytest.mark.parametrize("shape", [(7,), (3, 5, 4)])
def test_idx_files_are_read(tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    np.testing.assert_array_equal(read_idx(write_idx(tmp_path / "file.gz", array)), array)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "file.gz").write_bytes(gzip.compress(b"PNG, not IDX"))

    with pytest.raises(ValueError, match="not an IDX file"):
        read_idx(tmp_path / "file.gz")


def test_the_same_number_is_drawn_from_each_class_and_no_image_twice():
    labels = np.repeat(np.arange(10), 50).astype(np.uint8)
    images = np.arange(500)

    drawn, theirs = draw(images, labels, 20, np.random.default_rng(0))

    assert np.bincount(theirs).tolist() == [20] * 10
    assert len(set(drawn)) == 200
    np.testing.assert_array_equal(labels[drawn], theirs)
