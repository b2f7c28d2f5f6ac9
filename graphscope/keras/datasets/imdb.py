"""Reviews of films, each with whether it is a good one: tf.keras.datasets.imdb."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras.datasets import sequences


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> Any:
    """``(x_train, y_train), (x_test, y_test)``: lists of the numbers of words, and 0 or 1.

    path: a file in ~/.keras/datasets. num_words, skip_top: the words kept, by how frequent they
    are; the others become oov_char. maxlen: reviews that are as long or longer are left out.
    Source: tf.keras.datasets.imdb.load_data. Errors: OSError when the file is not there: nothing
    is loaded from a network.
    """
    num_words = sequences.words_wanted(num_words, kwargs)
    arrays = sequences.loaded(path)
    np.random.seed(seed)
    train = sequences.shuffled(arrays["x_train"], arrays["y_train"])
    test = sequences.shuffled(arrays["x_test"], arrays["y_test"])
    xs = sequences.numbered([*train[0], *test[0]], start_char, index_from)
    labels: Any = np.concatenate([train[1], test[1]])
    if maxlen:
        xs, labels = sequences.shorter(maxlen, xs, labels)
    xs = sequences.cut(xs, num_words, skip_top, oov_char)
    at = len(train[0])
    first = sequences.lists(xs[:at]), np.array(labels[:at])
    return first, (sequences.lists(xs[at:]), np.array(labels[at:]))


def get_word_index(path: str = "imdb_word_index.json") -> Any:
    """The number of each word, from 1. Errors: OSError when the file is not there."""
    return sequences.word_index(path)
