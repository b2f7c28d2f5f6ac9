"""Prices of houses, and 13 numbers about each: tf.keras.datasets.boston_housing."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras.datasets import sequences


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Any:
    """``(x_train, y_train), (x_test, y_test)``: [n, 13] and [n] float64.

    Source: tf.keras.datasets.boston_housing.load_data. Errors: OSError when the file is not in
    ~/.keras/datasets: nothing is loaded from a network.
    """
    assert 0 <= test_split < 1
    arrays = sequences.loaded(path)
    np.random.seed(seed)
    x, y = sequences.shuffled(arrays["x"], arrays["y"])
    at = int(len(x) * (1 - test_split))
    return (x[:at], y[:at]), (x[at:], y[at:])
