"""Sequences of one length, pairs of words, windows of a series.

Source: tf.keras.preprocessing.sequence of 1.15 (keras_preprocessing 1.1). With seeds set the
choices are the same.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from graphscope.keras.utils.sequences import Sequence


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> Any:
    """Sequences of different lengths as one array [n, maxlen, ...].

    maxlen: the longest when left out. padding, truncating: whether values are added, and taken
    away, at the start (``pre``) or at the end (``post``). value: what is added.
    Errors: ValueError for what is no list of lists, elements of different shapes, another word.
    """
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for one in sequences:
        if not hasattr(one, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {one}")
    for what, word in (("Truncating", truncating), ("Padding", padding)):
        if word not in ("pre", "post"):
            raise ValueError(f'{what} type "{word}" not understood')
    is_text = np.issubdtype(dtype, np.str_)
    if isinstance(value, str) and np.dtype(dtype) != np.dtype(object) and not is_text:
        raise ValueError(
            f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}\n"
            "You should set `dtype=object` for variable length strings."
        )
    longest = max(map(len, sequences)) if maxlen is None else maxlen
    inner = next((np.asarray(one).shape[1:] for one in sequences if len(one)), ())
    padded = np.full((len(sequences), longest, *inner), value, dtype=dtype)
    for row, one in enumerate(sequences):
        if not len(one):
            continue
        kept = np.asarray(one[-longest:] if truncating == "pre" else one[:longest], dtype=dtype)
        if kept.shape[1:] != inner:
            raise ValueError(
                f"Shape of sample {kept.shape[1:]} of sequence at position {row} is different from "
                f"expected shape {inner}"
            )
        places = slice(None, len(kept)) if padding == "post" else slice(-len(kept), None)
        padded[row, places] = kept
    return padded


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> Any:
    """How probably each word is kept, by its rank, as if words followed Zipf's law."""
    rank = np.arange(size)
    rank[0] = 1
    rarity = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    factor = sampling_factor * rarity
    return np.minimum(1.0, factor / np.sqrt(factor))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words that are near each other, label 1, and pairs of chance, label 0.

    sequence: numbers of words; 0 is no word. window_size: how far apart. negative_samples: how
    many pairs of chance there are for each other one. categorical: labels [0, 1] and [1, 0].
    sampling_table: of each word, how probably it is kept.
    """
    yes, no = ([0, 1], [1, 0]) if categorical else (1, 0)
    couples = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        for j in range(max(0, i - window_size), min(len(sequence), i + window_size + 1)):
            if j != i and sequence[j]:
                couples.append([word, sequence[j]])
    labels: list[Any] = [yes] * len(couples)
    if negative_samples > 0:
        count = int(len(labels) * negative_samples)
        words = [couple[0] for couple in couples]
        random.shuffle(words)
        for i in range(count):
            couples.append([words[i % len(words)], random.randint(1, vocabulary_size - 1)])
        labels += [no] * count
    if shuffle:
        seed = random.randint(0, 10**7) if seed is None else seed
        for both in (couples, labels):
            random.seed(seed)
            random.shuffle(both)
    return couples, labels


class TimeseriesGenerator(Sequence):
    """Batches of windows of a series, and what comes after each window.

    data, targets: of the same length. length: of a window. sampling_rate: each how manieth step of
    it is taken. stride: how far two windows are apart. Errors: ValueError for different lengths,
    and where no window is left.
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        if len(data) != len(targets):
            raise ValueError(
                f"Data and targets have to be of same length. Data length is {len(data)} while "
                f"target length is {len(targets)}"
            )
        self.data = data
        self.targets = targets
        self.length = length
        self.sampling_rate = sampling_rate
        self.stride = stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"`start_index+length={self.start_index} > end_index={self.end_index}` is "
                "disallowed, as no part of the sequence would be left to be used as current step."
            )

    def __len__(self) -> int:
        step = self.batch_size * self.stride
        return (self.end_index - self.start_index + step) // step

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            step = self.batch_size * self.stride
            start = self.start_index + step * index
            rows = np.arange(start, min(start + step, self.end_index + 1), self.stride)
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        samples, targets = np.array(windows), np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1, ...] if self.reverse else samples), targets

    def get_config(self) -> dict[str, Any]:
        """The arguments; the series as JSON. Errors: TypeError for what JSON does not know."""
        own = dict(vars(self))
        for name in ("data", "targets"):
            series = own[name]
            own[name] = json.dumps(series.tolist() if isinstance(series, np.ndarray) else series)
        return own

    def to_json(self, **kwargs: Any) -> str:
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )
