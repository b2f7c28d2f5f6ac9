"""What is trained: weights, a batch and a rate for each model, the same for everybody."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

TITLES = {
    "tiny": "tiny graph, loss and 5 gradients",
    "tiny_fed": "the same, 2 numbers fed",
    "softmax": "softmax, batch 100",
    "mlp1": "MLP 784-100-10, batch 100",
    "mlp2": "MLP 784-512-256-10, batch 100",
    "lstm": "LSTM 28x28, 128 units, unrolled",
    "cnn50": "CNN of MNIST, batch 50",
    "cnn100": "CNN of MNIST, batch 100",
}


def _dense(random: np.random.RandomState, *sizes: int) -> list[NDArray[Any]]:
    weights: list[NDArray[Any]] = []
    for rows, columns in itertools.pairwise(sizes):
        weights += [random.randn(rows, columns) / np.sqrt(rows), np.full(columns, 0.1)]
    return weights


def _weights(name: str, random: np.random.RandomState) -> list[NDArray[Any]]:
    if name.startswith("tiny"):
        return [np.array(value) for value in (0.9, 0.3, 0.7, -0.2, 1.1)]
    if name == "lstm":
        kernel, last = random.randn(28 + 128, 4 * 128) * 0.1, _dense(random, 128, 10)
        return [kernel, np.zeros(4 * 128), *last]
    if name.startswith("cnn"):
        taps = [random.randn(5, 5, 1, 32) * 0.1, random.randn(5, 5, 32, 64) * 0.05]
        biases = [np.full(32, 0.1), np.full(64, 0.1)]
        return [taps[0], biases[0], taps[1], biases[1], *_dense(random, 7 * 7 * 64, 1024, 10)]
    sizes = {"softmax": (784, 10), "mlp1": (784, 100, 10), "mlp2": (784, 512, 256, 10)}
    return _dense(random, *sizes[name])


def problem(name: str) -> Arrays:
    """w0, w1, ..., x, y and rate, in float32."""
    random = np.random.RandomState(7)
    weights = _weights(name, random)
    if name.startswith("tiny"):
        arrays = {"x": np.array(1.5), "y": np.array(0.4), "rate": np.array(0.01)}
    else:
        batch = 50 if name == "cnn50" else 100
        x = random.rand(batch, 784)
        shape = {"lstm": (-1, 28, 28), "cnn50": (-1, 28, 28, 1), "cnn100": (-1, 28, 28, 1)}
        labels = np.eye(10)[random.randint(0, 10, batch)]
        rate = np.array(0.005 if name.startswith("cnn") else 0.02)
        arrays = {"x": x.reshape(shape.get(name, (-1, 784))), "y": labels, "rate": rate}
    arrays |= {f"w{i}": value for i, value in enumerate(weights)}
    return {key: np.asarray(value, np.float32, "C") for key, value in arrays.items()}
