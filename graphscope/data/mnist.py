"""The MNIST digits, in the form of TensorFlow's tutorials: ``mnist.train.next_batch(100)``.

Real idx files are read when the folder has them. Otherwise the 10,000 digits that come with the
package are used: 8,000 to train, 1,000 to validate, 1,000 to test.
"""

from __future__ import annotations

import gzip
import os
from importlib.resources import files
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphscope.graph.dtypes import DType, as_dtype, float32, uint8
from graphscope.graph.graph import get_default_graph

Array = NDArray[Any]

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"

_CLASSES = 10
#: How many of the embedded digits are kept for the validation and for the test.
_EMBEDDED_VALIDATION = _EMBEDDED_TEST = 1000


class DataSet:
    """Images and labels that are given out in batches, shuffled anew in each epoch.

    images: [n, 784] float32 from 0 to 1; [n, 28, 28, 1] without `reshape`; uint8 as they are.
    labels: [n] uint8, or [n, 10] float64 with one_hot.
    Making one seeds numpy's global random generator, as TensorFlow's does: by `seed`, by the
    graph's seed, or afresh.
    """

    def __init__(
        self,
        images: Array,
        labels: Array,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        graph_seed = get_default_graph().seed
        np.random.seed(seed if seed is not None else graph_seed)
        dtype = as_dtype(dtype)
        if dtype not in (uint8, float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        self._fake = fake_data
        self.one_hot = one_hot
        self._count = 10000 if fake_data else len(images)
        self._images = images if fake_data else _prepared(images, dtype, reshape)
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> Array:
        return self._images

    @property
    def labels(self) -> Array:
        return self._labels

    @property
    def num_examples(self) -> int:
        return self._count

    @property
    def epochs_completed(self) -> int:
        return self._epochs_completed

    def next_batch(
        self, batch_size: int, fake_data: bool = False, shuffle: bool = True
    ) -> tuple[Any, Any]:
        """The next `batch_size` images and labels; the last batch of an epoch is filled up from
        the next one."""
        if fake_data or self._fake:
            label = [1] + [0] * (_CLASSES - 1) if self.one_hot else 0
            return [[1] * 784] * batch_size, [label] * batch_size
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size <= self._count:
            self._index_in_epoch += batch_size
            return self._between(start, self._index_in_epoch)
        self._epochs_completed += 1
        images, labels = self._between(start, self._count)
        if shuffle:
            self._shuffle()
        self._index_in_epoch = batch_size - len(images)
        more_images, more_labels = self._between(0, self._index_in_epoch)
        return np.concatenate([images, more_images]), np.concatenate([labels, more_labels])

    def _between(self, start: int, end: int) -> tuple[Array, Array]:
        return self._images[start:end], self._labels[start:end]

    def _shuffle(self) -> None:
        order = np.arange(self._count)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]


class Datasets(NamedTuple):
    train: DataSet
    validation: DataSet
    test: DataSet


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = float32,
    reshape: bool = True,
    validation_size: int | None = None,
    seed: int | None = None,
    source_url: str = "",
) -> Datasets:
    """The digits, in three sets. Source: tensorflow.examples.tutorials.mnist.input_data.

    train_dir: a folder that may hold the four idx files of MNIST (`train-images-idx3-ubyte.gz`...).
    Without them the embedded digits are used, and a line on stdout says so.
    validation_size: how many training digits are set apart; 5,000 of the files, 1,000 of the
    embedded ones when left out.
    Errors: ValueError for a file of another format or length, or an impossible validation_size.
    """
    make = {"one_hot": one_hot, "dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        nothing = np.zeros(0)
        return Datasets(*(DataSet(nothing, nothing, fake_data=True, **make) for _ in range(3)))
    if all(os.path.exists(os.path.join(train_dir, name)) for name in (TRAIN_IMAGES, TEST_IMAGES)):
        images, labels, test_images, test_labels = _from_files(train_dir)
        default_validation = 5000
    else:
        images, labels, test_images, test_labels = _embedded(train_dir)
        default_validation = _EMBEDDED_VALIDATION
    count = default_validation if validation_size is None else validation_size
    if not 0 <= count <= len(images):
        raise ValueError(
            f"Validation size should be between 0 and {len(images)}. Received: {count}."
        )
    if one_hot:
        labels, test_labels = np.eye(_CLASSES)[labels], np.eye(_CLASSES)[test_labels]
    return Datasets(
        train=DataSet(images[count:], labels[count:], **make),
        validation=DataSet(images[:count], labels[:count], **make),
        test=DataSet(test_images, test_labels, **make),
    )


def _embedded(train_dir: str) -> tuple[Array, Array, Array, Array]:
    print(f"{train_dir} has no MNIST files: using the 10,000 digits that come with GraphScope")
    images, labels = embedded_digits()
    test = len(images) - _EMBEDDED_TEST
    return images[:test], labels[:test], images[test:], labels[test:]


def embedded_digits() -> tuple[Array, Array]:
    """The digits that come with the package: images [10000, 28, 28, 1] uint8, and labels."""
    with (files("graphscope.data") / "digits" / "mnist10k.npz").open("rb") as file:
        digits = np.load(file)
        return digits["images"].reshape(-1, 28, 28, 1), digits["labels"]


def _from_files(train_dir: str) -> tuple[Array, Array, Array, Array]:
    train_images, train_labels, test_images, test_labels = (
        _idx(os.path.join(train_dir, name), magic)
        for name, magic in (
            (TRAIN_IMAGES, 2051),
            (TRAIN_LABELS, 2049),
            (TEST_IMAGES, 2051),
            (TEST_LABELS, 2049),
        )
    )
    return train_images[..., None], train_labels, test_images[..., None], test_labels


def _idx(path: str, magic: int) -> Array:
    """An idx file: a magic number, the sizes of the axes, the bytes (all big-endian)."""
    print("Extracting", path)
    with gzip.open(path, "rb") as file:
        content = file.read()
    found = int.from_bytes(content[:4], "big")
    if found != magic:
        raise ValueError(f"Invalid magic number {found} in MNIST file: {path}")
    header = 4 + 4 * (magic % 256)  # the last byte of the magic number counts the axes
    sizes = np.frombuffer(content[4:header], ">i4").tolist()
    if len(content) != header + prod(sizes):
        raise ValueError(f"MNIST file of another length than its header says: {path}")
    array: Array = np.frombuffer(content, np.uint8, offset=header).reshape(sizes)
    return array


def _prepared(images: Array, dtype: DType, reshape: bool) -> Array:
    if reshape:
        images = images.reshape(len(images), prod(images.shape[1:]))
    return images if dtype is uint8 else images.astype(np.float32) * np.float32(1 / 255)
