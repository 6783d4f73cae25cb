"""The data that comes with the course."""

import shutil

import numpy as np
import pytest

from utils.data import (
    DataDamaged,
    load_digits,
    load_fashion_mnist,
    load_photograph,
    make_digits,
    shipped,
    split,
)


@pytest.fixture
def moved(monkeypatch, tmp_path):
    """The shipped files in a folder where they can be damaged."""
    for file in ("digits.npz", "chelsea.png"):
        shutil.copyfile(shipped.FOLDER / file, tmp_path / file)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("load", "train", "test"),
    [
        (load_digits, (1438, 1, 8, 8), (359, 1, 8, 8)),
        (load_fashion_mnist, (8000, 1, 28, 28), (2000, 1, 28, 28)),
    ],
)
def test_images_have_their_shapes_types_and_range(load, train, test):
    images = load()

    assert (images.X_train.shape, images.X_test.shape) == (train, test)
    assert (images.y_train.shape, images.y_test.shape) == (train[:1], test[:1])
    assert images.X_train.dtype == images.X_test.dtype == np.float64
    assert images.y_train.dtype == images.y_test.dtype == np.int64
    assert (images.X_train.min(), images.X_train.max()) == (0, 1)
    assert len(images.names) == 10


def test_fashion_mnist_is_balanced_exactly():
    images = load_fashion_mnist()

    assert np.bincount(images.y_train).tolist() == [800] * 10
    assert np.bincount(images.y_test).tolist() == [200] * 10


def test_digits_are_balanced_as_nearly_as_they_can_be():
    images = load_digits()

    train, test = np.bincount(images.y_train), np.bincount(images.y_test)
    np.testing.assert_array_equal(test, np.round(0.2 * (train + test)))


@pytest.mark.parametrize("load", [load_digits, load_fashion_mnist])
def test_classes_come_mixed_so_that_the_first_batch_holds_all(load):
    assert set(load().y_train[:100]) == set(range(10))


@pytest.mark.parametrize("load", [load_digits, load_fashion_mnist])
def test_no_test_image_is_in_the_training_part(load):
    images = load()

    seen = {image.tobytes() for image in images.X_train}

    assert not [i for i, image in enumerate(images.X_test) if image.tobytes() in seen]


def test_every_digit_looks_like_itself():
    """The mean image of a class is nearest to that class: labels and images belong together."""
    images = load_digits()
    means = np.stack([images.X_train[images.y_train == digit].mean(axis=0) for digit in range(10)])

    distances = ((images.X_test[:, None] - means) ** 2).sum(axis=(2, 3, 4))

    assert (distances.argmin(axis=1) == images.y_test).mean() > 0.85


@pytest.mark.parametrize(("name", "width"), [("chelsea", 451), ("coffee", 450)])
def test_photographs_are_in_colour_channels_first(name, width):
    photograph = load_photograph(name)

    assert photograph.shape == (3, 300, width)
    assert photograph.dtype == np.float64
    assert 0 <= photograph.min() < 0.1 < 0.9 < photograph.max() <= 1
    assert photograph.flags["C_CONTIGUOUS"]


def test_an_unknown_photograph_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no photograph 'dog'\. There are: chelsea, coffee"):
        load_photograph("dog")


def test_each_call_hands_out_arrays_of_its_own():
    load_digits().X_train[:] = 7

    assert load_digits().X_train.max() == 1


def test_the_record_unpacks_and_is_shown_by_its_shapes():
    X_train, y_train, X_test, y_test, names = load_digits()

    assert len(X_train) + len(X_test) == len(y_train) + len(y_test) == 1797
    assert names[3] == "3"
    assert repr(load_digits()).startswith("Images(X_train=(1438, 1, 8, 8), y_train=(1438,)")


@pytest.mark.parametrize(("file", "load"), [("digits.npz", load_digits), ("chelsea.png", load_photograph)])
def test_a_damaged_file_is_refused_with_its_place_and_the_remedy(moved, file, load):
    data = bytearray((moved / file).read_bytes())
    data[len(data) // 2] ^= 1
    (moved / file).write_bytes(data)

    with pytest.raises(DataDamaged) as caught:
        load()

    message = str(caught.value)
    assert str(moved / file) in message
    assert "is damaged: its SHA-256 is" in message
    assert f"git checkout -- utils/data/{file}" in message


def test_a_missing_file_is_named_with_the_remedy(moved):
    (moved / "digits.npz").unlink()

    with pytest.raises(DataDamaged, match=r"digits\.npz is missing\. Install the course again"):
        load_digits()


def test_the_shipped_files_are_few_and_small_and_each_has_its_licence():
    licences = (shipped.FOLDER / "LICENSES.md").read_text()
    binaries = [path for path in shipped.FOLDER.iterdir() if path.suffix in {".npz", ".png"}]

    assert {path.name for path in binaries} == set(shipped.SHA256)
    assert sum(path.stat().st_size for path in binaries) < 9e6
    for path in binaries:
        assert path.name in licences, path.name


def test_the_arrays_hold_no_pickle():
    for file in ("digits.npz", "fashion_mnist.npz"):
        with np.load(shipped.FOLDER / file, allow_pickle=False) as arrays:
            assert {arrays[key].dtype for key in arrays} == {np.dtype("uint8")}


def test_the_digits_script_makes_the_shipped_arrays_from_a_table(tmp_path, capsys):
    """In the form of scikit-learn's file: 64 pixels and a label a row."""
    images = load_digits()
    table = np.column_stack([16 * images.X_test.reshape(-1, 64), images.y_test])
    np.savetxt(tmp_path / "digits.csv.gz", table, fmt="%d", delimiter=",")

    make_digits.main(tmp_path / "digits.csv.gz", tmp_path / "digits.npz")

    expected = split(images.X_test[:, 0] * 16, images.y_test)
    with np.load(tmp_path / "digits.npz") as made:
        for name, part in expected._asdict().items():
            np.testing.assert_array_equal(made[name], part)
    assert "digits.npz" in capsys.readouterr().out
