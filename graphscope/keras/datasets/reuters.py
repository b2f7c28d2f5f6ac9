"""News in brief, each with one of 46 topics: tf.keras.datasets.reuters."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras.datasets import sequences


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> Any:
    """``(x_train, y_train), (x_test, y_test)``: lists of the numbers of words, and topics.

    test_split: which part of them is the test's. The other arguments are those of `imdb`.
    Source: tf.keras.datasets.reuters.load_data. Errors: OSError when the file is not there:
    nothing is loaded from a network.
    """
    num_words = sequences.words_wanted(num_words, kwargs)
    arrays = sequences.loaded(path)
    np.random.seed(seed)
    mixed, labels = sequences.shuffled(arrays["x"], arrays["y"])
    xs = sequences.numbered(mixed, start_char, index_from)
    if maxlen:
        xs, labels = sequences.shorter(maxlen, xs, labels)
    xs = sequences.cut(xs, num_words, skip_top, oov_char)
    at = int(len(xs) * (1 - test_split))
    first = sequences.lists(xs[:at]), np.array(labels[:at])
    return first, (sequences.lists(xs[at:]), np.array(labels[at:]))


def get_word_index(path: str = "reuters_word_index.json") -> Any:
    """The number of each word, from 1. Errors: OSError when the file is not there."""
    return sequences.word_index(path)
