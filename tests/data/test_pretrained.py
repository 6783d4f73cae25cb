"""Trained networks, and the small data sets to carry them over to."""

import io
import pickle

import numpy as np
import pytest

from utils.data import (
    DataDamaged,
    load_clothes_net,
    load_emoji,
    load_scattered,
    load_squeezenet,
    make_clothes_net,
    make_squeezenet,
    shipped,
    weights_file,
)
from utils.data.transfer import scatter


def test_squeezenet_has_the_published_number_of_parameters():
    network = load_squeezenet()

    assert sum(array.size for array in network.params.values()) == 1_235_496
    assert {array.dtype for array in network.params.values()} == {np.dtype(np.float32)}
    assert network.params["fire9/expand3x3/w"].shape == (256, 64, 3, 3)
    assert (len(network.names), network.names[285], network.names[967]) == (1000, "Egyptian cat", "espresso")
    assert repr(network) == "Pretrained(52 arrays, 1,235,496 numbers, 1000 classes)"


@pytest.mark.parametrize("name", ["squeezenet", "clothes_net"])
def test_files_of_weights_hold_nothing_but_numbers(name):
    path, sha256 = weights_file(name)

    assert sha256 == shipped.SHA256[f"{name}.npz"]
    with np.load(path, allow_pickle=False) as arrays:
        assert {arrays[key].dtype.kind for key in arrays} == {"f", "u"}


def test_the_example_needs_a_pickle_and_is_refused():
    path, _ = weights_file("pickled_example")

    with np.load(path, allow_pickle=False) as arrays, pytest.raises(ValueError, match="allow_pickle"):
        arrays["w"]


def test_unknown_weights_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no weights 'resnet'\. There are: squeezenet, clothes_net"):
        weights_file("resnet")


def test_damaged_weights_are_refused(monkeypatch, tmp_path):
    data = bytearray((shipped.FOLDER / "clothes_net.npz").read_bytes())
    data[1000] ^= 1
    (tmp_path / "clothes_net.npz").write_bytes(data)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)

    with pytest.raises(DataDamaged, match="is damaged: its SHA-256 is"):
        load_clothes_net()


def test_the_unpickler_takes_arrays_and_nothing_else():
    arrays = make_squeezenet.ArraysOnly(io.BytesIO(pickle.dumps({"w": [np.eye(2)]}))).load()

    np.testing.assert_array_equal(arrays["w"][0], np.eye(2))
    with pytest.raises(pickle.UnpicklingError, match="no plain array"):
        make_squeezenet.ArraysOnly(io.BytesIO(pickle.dumps(print))).load()


def test_the_shipped_small_network_is_as_good_as_its_script_says():
    assert make_clothes_net.accuracy(load_clothes_net().params) == pytest.approx(0.936, abs=0.001)


@pytest.mark.slow
def test_the_training_script_reaches_the_shipped_accuracy_again():
    params = make_clothes_net.train()

    assert make_clothes_net.accuracy(params) == pytest.approx(
        make_clothes_net.accuracy(load_clothes_net().params), abs=0.01
    )


def test_emoji_are_balanced_colourful_and_differ():
    emoji = load_emoji()

    assert (emoji.X_train.shape, emoji.X_test.shape) == ((270, 3, 96, 96), (264, 3, 96, 96))
    assert emoji.names == ["animal", "food", "face", "person", "travel", "object"]
    assert np.bincount(emoji.y_train).tolist() == [45] * 6
    assert np.bincount(emoji.y_test).tolist() == [44] * 6
    assert (emoji.X_train.min() >= 0, emoji.X_train.max()) == (True, 1)
    assert emoji.X_train.dtype == np.float64
    assert len({image.tobytes() for image in (*emoji.X_train, *emoji.X_test)}) == 534


@pytest.mark.parametrize(
    ("which", "train", "classes"),
    [("known clothes", 4000, 5), ("new clothes", 4000, 5), ("digits", 1438, 10)],
)
def test_scattered_images_lie_in_black_frames(which, train, classes):
    images = load_scattered(which)

    assert images.X_train.shape == (train, 1, 28, 28)
    assert set(images.y_train) == set(range(classes)) == set(images.y_test)
    assert len(images.names) == classes
    assert (images.X_train > 0).any(
        axis=(0, 1)
    ).mean() > 0.9  # each lies somewhere, all of them nearly everywhere


def test_known_and_new_clothes_share_no_class():
    known, new = load_scattered("known clothes").names, load_scattered("new clothes").names

    assert known == load_clothes_net().names
    assert not set(known) & set(new)


def test_scattering_moves_and_changes_nothing():
    X = np.random.default_rng(0).random((6, 1, 5, 9))

    out = scatter(X, np.random.default_rng(1))

    np.testing.assert_allclose(out.sum(axis=(1, 2, 3)), X.sum(axis=(1, 2, 3)))
    assert len({tuple(np.argwhere(frame[0])[0]) for frame in out}) > 3
    np.testing.assert_array_equal(out, scatter(X, np.random.default_rng(1)))


def test_an_unknown_set_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="There are: 'known clothes', 'new clothes', 'digits'"):
        load_scattered("shoes")
