"""Datasets that are read from files: what comes out is what TensorFlow 1.15 makes of such files.

The files are small ones with the layout of the real ones; the lists below were printed by
tf.keras.datasets of 1.15.5 for the same files.
"""

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

from graphscope.errors import lesson_of
from graphscope.keras import datasets
from graphscope.keras.datasets import boston_housing, cifar10, cifar100, imdb, reuters


def lists(count, seed):
    draw = np.random.RandomState(seed)
    made = np.empty(count, object)
    made[:] = [[int(word) for word in draw.randint(1, 30, 3 + at % 4)] for at in range(count)]
    return made


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    folder = tmp_path / ".keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def reviews(cache):
    train = {"x_train": lists(6, 0), "y_train": np.arange(6) % 2}
    np.savez(cache / "imdb.npz", **train, x_test=lists(4, 1), y_test=np.arange(4) % 2)


def shown(parts):
    return [array.tolist() for part in parts for array in part]


def test_words_of_reviews(reviews):
    words, good, others, _ = shown(imdb.load_data())
    assert words[:3] == [[1, 4, 7, 31, 7], [1, 16, 19, 25], [1, 8, 27, 10, 28, 28, 16]]
    assert good == [1, 0, 1, 0, 0, 1]
    assert others[-1] == [1, 19, 4, 20, 5, 16]
    assert shown(imdb.load_data(num_words=20, skip_top=5))[2] == [
        [2, 9, 15, 16],
        [2, 12, 13, 15, 9],
        [2, 11, 17, 2, 10, 2, 2],
        [2, 19, 2, 2, 5, 16],
    ]


def test_short_reviews_without_marks(reviews):
    assert shown(imdb.load_data(maxlen=6, oov_char=None, start_char=None, num_words=15)) == [
        [[4, 7, 7], [], [11, 13], [5, 10], [11], [9]],
        [1, 0, 0, 0, 1, 0],
        [[12, 13, 9], [4, 5]],
        [1, 0],
    ]
    with pytest.raises(ValueError, match="maxlen=2, no sequence was kept"):
        imdb.load_data(maxlen=2)
    with pytest.raises(TypeError, match="Unrecognized keyword arguments"):
        imdb.load_data(words=3)


def test_news(cache):
    np.savez(cache / "reuters.npz", x=lists(10, 2), y=np.arange(10))
    found = shown(reuters.load_data(maxlen=6, test_split=0.4, index_from=0))
    assert found == [
        [[1, 20, 2, 3, 17], [1, 9, 23, 12, 19], [1, 9, 16, 14]],
        [9, 1, 0],
        [[1, 21, 6, 8], [1, 5, 15, 7], [1, 4, 7, 5, 11]],
        [4, 8, 5],
    ]
    (cache / "reuters_word_index.json").write_text('{"the": 1}')
    assert reuters.get_word_index() == {"the": 1}


def test_houses(cache):
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    np.savez(cache / "boston_housing.npz", x=x, y=y)
    (_, price), (rooms, other) = boston_housing.load_data(test_split=0.3)
    assert price.tolist() == [9, 3, 6, 1, 0, 7, 4]
    assert (rooms.tolist(), other.tolist()) == ([[16, 17], [4, 5], [10, 11]], [8, 2, 5])


def photographs(path, labels):
    data = np.arange(2 * 3072).astype(np.uint8).reshape(2, 3072)
    path.write_bytes(pickle.dumps({b"data": data, labels: [3, 1]}))


def test_photographs(cache):
    folder = cache / "cifar-10-batches-py"
    folder.mkdir()
    for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        photographs(folder / name, b"labels")
    (x, y), (_, z) = cifar10.load_data()
    assert (x.shape, y.shape, z.tolist()) == ((10, 32, 32, 3), (10, 1), [[3], [1]])
    assert x[0, 0, :2, 1].tolist() == [1024 % 256, 1025 % 256]  # green, the second of the planes
    (cache / "cifar-100-python").mkdir()
    for name in ("train", "test"):
        photographs(cache / "cifar-100-python" / name, b"coarse_labels")
    assert cifar100.load_data("coarse")[0][1].tolist() == [[3], [1]]


def test_clothes(cache):
    folder = cache / "fashion-mnist"
    folder.mkdir()
    for part in ("train", "t10k"):
        images, labels = bytes(16) + bytes(range(256)) * 49, bytes(8) + bytes(16)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    (x, y), _ = datasets.fashion_mnist.load_data()
    assert (x.shape, y.shape, x[0, 0, 5]) == ((16, 28, 28), (16,), 5)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("imdb", "imdb.npz"),
        ("reuters", "reuters.npz"),
        ("boston_housing", "boston_housing.npz"),
        ("cifar10", "cifar-10-batches-py.tar.gz"),
        ("fashion_mnist", "train-images-idx3-ubyte.gz"),
    ],
)
def test_what_is_not_there_says_where_to_put_it(cache, name, file):
    with pytest.raises(OSError, match="URL fetch failure on http") as caught:
        getattr(datasets, name).load_data()
    assert lesson_of(caught.value).hint[0].endswith(file)
