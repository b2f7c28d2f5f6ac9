"""Arrays made ready for a network, and cut into batches."""

from __future__ import annotations

from typing import Any

import numpy as np


def to_categorical(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> Any:
    """Classes from 0 on as rows of zeros with a one at the class: [..., num_classes].

    num_classes: one more than the highest class when left out. Source: tf.keras.utils.
    """
    classes = np.array(y, dtype="int")
    sizes = classes.shape[:-1] if classes.ndim > 1 and classes.shape[-1] == 1 else classes.shape
    flat = classes.ravel()
    count = num_classes or np.max(flat) + 1
    rows = np.zeros((len(flat), count), dtype=dtype)
    rows[np.arange(len(flat)), flat] = 1
    return rows.reshape((*sizes, count))


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """The array divided by its norm along an axis; where that is 0, as it is."""
    norms = np.atleast_1d(np.linalg.norm(x, order, axis))
    norms[norms == 0] = 1
    return x / np.expand_dims(norms, axis)


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """The first example and the one behind the last of each batch."""
    return [(start, min(size, start + batch_size)) for start in range(0, size, batch_size)]


def slice_arrays(arrays: Any, start: Any = None, stop: Any = None) -> Any:
    """Rows of an array, or of each array of a list: from start to stop, or those in a list.

    Errors: ValueError for a list of rows with a stop.
    """
    if arrays is None:
        return [None]
    if isinstance(start, list) and stop is not None:
        raise ValueError("The stop argument has to be None if the value of start is a list.")
    chosen = start.tolist() if hasattr(start, "shape") else start
    rows = chosen if hasattr(chosen, "__len__") else slice(chosen, stop)
    if isinstance(arrays, list):
        return [x[rows] if hasattr(x, "__getitem__") else None for x in arrays]
    return arrays[rows]
