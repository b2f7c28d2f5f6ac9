"""The digits: the embedded ones, idx files, batches and epochs, shuffling, and the fake ones."""

import gzip
import struct

import numpy as np
import pytest

import graphscope as gs
from graphscope import compat
from graphscope.data import mnist
from graphscope.data.mnist import DataSet, read_data_sets


@pytest.fixture(scope="module")
def embedded():
    return read_data_sets("no_such_folder", one_hot=True, seed=0)


# ---- the embedded digits -----------------------------------------------------------------------


def test_ten_thousand_digits_in_three_sets(embedded):
    assert [part.num_examples for part in embedded] == [8000, 1000, 1000]
    for part in embedded:
        assert part.images.shape == (part.num_examples, 784)
        assert part.images.dtype == np.float32
        assert part.labels.shape == (part.num_examples, 10)
        assert part.labels.dtype == np.float64
        assert part.epochs_completed == 0
    assert embedded.train is embedded[0]
    assert embedded.test is embedded[2]


def test_pixels_are_from_0_to_1_and_labels_are_one_hot(embedded):
    images, labels = embedded.test.images, embedded.test.labels
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert 0.1 < images.mean() < 0.2  # ink is a small part of the paper
    assert set(np.unique(labels)) == {0.0, 1.0}
    assert (labels.sum(axis=1) == 1.0).all()
    assert (labels.sum(axis=0) > 50).all()  # every digit is there, about 100 times


def test_the_three_sets_share_no_image(embedded):
    seen = [{image.tobytes() for image in part.images} for part in embedded]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]
    assert not seen[0] & seen[1]


def test_labels_as_numbers_and_images_in_their_form():
    sets = read_data_sets("no_such_folder", reshape=False, dtype=gs.uint8)
    assert sets.test.labels.dtype == np.uint8
    assert set(sets.test.labels) == set(range(10))
    assert sets.test.images.shape == (1000, 28, 28, 1)
    assert sets.test.images.dtype == np.uint8
    assert sets.test.images.max() == 255


def test_it_says_on_stdout_where_the_digits_come_from(capsys):
    read_data_sets("MNIST_data/")
    assert capsys.readouterr().out == (
        "MNIST_data/ has no MNIST files: using the 10,000 digits that come with GraphScope\n"
    )


@pytest.mark.parametrize(("size", "train"), [(0, 9000), (9000, 0), (500, 8500)])
def test_the_size_of_the_validation_set(size, train):
    sets = read_data_sets("no_such_folder", validation_size=size)
    assert (sets.train.num_examples, sets.validation.num_examples) == (train, size)


@pytest.mark.parametrize("size", [-1, 9001])
def test_an_impossible_validation_set(size):
    with pytest.raises(ValueError, match="Validation size should be between 0 and 9000") as caught:
        read_data_sets("no_such_folder", validation_size=size)
    assert str(caught.value).endswith(f"Received: {size}.")


# ---- batches -----------------------------------------------------------------------------------


def numbered(count=10, **options):
    """A set whose n-th image is all n, and whose n-th label is n."""
    images = np.repeat(np.arange(count, dtype=np.uint8), 4).reshape(count, 2, 2, 1)
    return DataSet(images, np.arange(count), dtype=gs.uint8, **options)


def test_without_shuffling_batches_come_in_order_and_wrap_into_the_next_epoch():
    data = numbered(10)
    batches = [data.next_batch(4, shuffle=False) for _ in range(5)]
    assert [list(labels) for _, labels in batches] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 0, 1],  # filled up from the next epoch
        [2, 3, 4, 5],
        [6, 7, 8, 9],
    ]
    assert data.epochs_completed == 1
    assert list(data.next_batch(4, shuffle=False)[1]) == [0, 1, 2, 3]
    assert data.epochs_completed == 2


def test_a_batch_has_the_images_of_its_labels():
    data = numbered(10, seed=3)
    for _ in range(7):
        images, labels = data.next_batch(4)
        assert images.shape == (4, 4)
        assert (images == labels[:, None]).all()


def test_every_epoch_has_each_example_once_in_another_order():
    data = numbered(10, seed=3)
    epochs = [[*data.next_batch(5)[1], *data.next_batch(5)[1]] for _ in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_a_batch_over_the_end_ends_one_epoch_before_it_begins_the_next():
    data = numbered(10, seed=3)
    first = [*data.next_batch(6)[1]]
    _, labels = data.next_batch(6)
    assert sorted([*first, *labels[:4]]) == list(range(10))
    assert data.epochs_completed == 1
    rest = [*labels[4:], *data.next_batch(8)[1]]
    assert sorted(rest) == list(range(10))


def test_the_seed_repeats_the_order_and_the_seed_of_the_graph_stands_in():
    def order(seed=None):
        return list(numbered(50, seed=seed).next_batch(50)[1])

    assert order(7) == order(7)
    assert order(7) != order(8)
    with gs.Graph().as_default():  # without a seed
        assert order() != order()
    with gs.Graph().as_default():
        gs.set_random_seed(7)
        assert order() == order(7)
        assert order(8) != order()


def test_shuffling_leaves_the_callers_arrays_alone():
    images, labels = np.zeros((10, 2, 2, 1), np.uint8), np.arange(10)
    DataSet(images, labels, seed=1).next_batch(10)
    assert list(labels) == list(range(10))


def test_a_type_that_images_cannot_have():
    with pytest.raises(TypeError, match=r"Invalid image dtype tf\.float64, expected uint8 or"):
        DataSet(np.zeros((1, 2, 2, 1)), np.zeros(1), dtype=gs.float64)


# ---- fake data ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("one_hot", "label"), [(True, [1] + [0] * 9), (False, 0)])
def test_fake_data(one_hot, label):
    sets = read_data_sets("anywhere", fake_data=True, one_hot=one_hot)
    assert [part.num_examples for part in sets] == [10000] * 3
    for batch in (sets.train.next_batch(3, fake_data=True), sets.train.next_batch(3)):
        images, labels = batch
        assert images == [[1] * 784] * 3
        assert labels == [label] * 3


# ---- idx files ---------------------------------------------------------------------------------


def write(path, magic, array):
    with gzip.open(path, "wb") as file:
        file.write(struct.pack(f">{1 + array.ndim}i", magic, *array.shape))
        file.write(array.astype(np.uint8).tobytes())


def images_of(count, first=0):
    values = np.arange(first, first + count) % 256
    return np.repeat(values, 784).reshape(count, 28, 28)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / mnist.TRAIN_IMAGES, 2051, images_of(12))
    write(tmp_path / mnist.TRAIN_LABELS, 2049, np.arange(12) % 10)
    write(tmp_path / mnist.TEST_IMAGES, 2051, images_of(4, first=252))
    write(tmp_path / mnist.TEST_LABELS, 2049, np.array([3, 1, 4, 1]))
    return tmp_path


def test_idx_files_are_read(folder, capsys):
    sets = read_data_sets(str(folder), validation_size=2, dtype=gs.uint8)
    assert [part.num_examples for part in sets] == [10, 2, 4]
    assert list(sets.validation.labels) == [0, 1]  # the first ones are set apart
    assert list(sets.train.labels) == [2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert sets.train.images[0].tolist() == [2] * 784
    assert sets.test.images[:, 0].tolist() == [252, 253, 254, 255]
    assert list(sets.test.labels) == [3, 1, 4, 1]
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("Extracting ") for line in lines)


def test_idx_images_as_numbers_from_0_to_1(folder):
    sets = read_data_sets(str(folder), validation_size=0, one_hot=True, reshape=False)
    assert sets.test.images.shape == (4, 28, 28, 1)
    assert sets.test.images.max() == np.float32(1.0)
    assert sets.test.labels[0].tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_a_file_of_another_format(folder):
    write(folder / mnist.TRAIN_IMAGES, 2049, np.arange(12))
    with pytest.raises(ValueError, match="Invalid magic number 2049 in MNIST file: ") as caught:
        read_data_sets(str(folder), validation_size=0)
    assert str(caught.value).endswith(mnist.TRAIN_IMAGES)


def test_fewer_training_digits_than_are_set_apart(folder):
    with pytest.raises(ValueError, match=r"between 0 and 12\. Received: 5000\."):
        read_data_sets(str(folder))


def test_an_empty_file_and_a_cut_off_one(folder):
    for content in (
        b"",
        struct.pack(">2i", 2051, 12),
        struct.pack(">4i", 2051, 12, 28, 28) + b"\0" * 100,
    ):
        with gzip.open(folder / mnist.TRAIN_IMAGES, "wb") as file:
            file.write(content)
        with pytest.raises(ValueError, match=mnist.TRAIN_IMAGES):
            read_data_sets(str(folder), validation_size=0)


def test_a_missing_label_file(folder):
    (folder / mnist.TRAIN_LABELS).unlink()
    with pytest.raises(FileNotFoundError, match=mnist.TRAIN_LABELS):
        read_data_sets(str(folder), validation_size=0)


# ---- TensorFlow's names ------------------------------------------------------------------------


def test_the_tutorials_import_it():
    with compat.installed():
        from tensorflow.examples.tutorials.mnist import input_data

        assert input_data.read_data_sets is read_data_sets
