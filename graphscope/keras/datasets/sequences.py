"""What the datasets of words share: reviews and news as lists of the numbers of words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.keras.utils.files import get_file
from graphscope.platform import logging

#: Where the files come from.
ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def loaded(path: str) -> Any:
    """The arrays of a file of that name in ~/.keras/datasets, by their names.

    Errors: OSError when it is not there.
    """
    found = Path(path) if Path(path).is_file() else get_file(Path(path).name, ORIGIN + path)
    with np.load(found, allow_pickle=True) as arrays:
        return dict(arrays)


def word_index(path: str) -> Any:
    """The number of each word. Errors: OSError when the file is not there."""
    found = path if Path(path).is_file() else get_file(path, ORIGIN + path)
    return json.loads(Path(found).read_text(encoding="utf-8"))


def words_wanted(num_words: int | None, more: dict[str, Any]) -> int | None:
    """How many words were asked for, also by the old name. Errors: TypeError for another one."""
    if "nb_words" in more:
        logging.warning("The `nb_words` argument in `load_data` has been renamed `num_words`.")
        num_words = more.pop("nb_words")
    if more:
        raise TypeError(f"Unrecognized keyword arguments: {more}")
    return num_words


def shuffled(xs: Any, labels: Any) -> tuple[Any, Any]:
    """Both in one new order, drawn from numpy's generator."""
    order = np.arange(len(xs))
    np.random.shuffle(order)
    return xs[order], labels[order]


def numbered(xs: Any, start_char: int | None, index_from: int) -> list[list[int]]:
    """The numbers of words counted from index_from, and start_char before each list."""
    start = [] if start_char is None else [start_char]
    by = index_from if start or index_from else 0
    return [start + [word + by for word in x] for x in xs]


def cut(
    xs: list[list[int]], num_words: int | None, skip_top: int, oov_char: int | None
) -> list[list[int]]:
    """Words from skip_top to num_words; for the others oov_char, or nothing when it is None."""
    end = num_words or max(max(x) for x in xs)
    if oov_char is None:
        return [[word for word in x if skip_top <= word < end] for x in xs]
    return [[word if skip_top <= word < end else oov_char for word in x] for x in xs]


def lists(xs: list[list[int]]) -> Any:
    """An array of lists, also when all are of one length."""
    made = np.empty(len(xs), object)
    made[:] = xs
    return made


def shorter(maxlen: int, xs: list[list[int]], labels: Any) -> tuple[list[list[int]], Any]:
    """Those with fewer than maxlen words. Errors: ValueError when none is left."""
    kept = [at for at, x in enumerate(xs) if len(x) < maxlen]
    if not kept:
        raise ValueError(
            f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. "
            "Increase maxlen."
        )
    return [xs[at] for at in kept], [labels[at] for at in kept]
