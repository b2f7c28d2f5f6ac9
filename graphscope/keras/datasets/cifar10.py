"""60,000 small photographs of 10 kinds of things: tf.keras.datasets.cifar10."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.keras.datasets import cifar


def load_data() -> Any:
    """``(x_train, y_train), (x_test, y_test)``: images [n, 32, 32, 3] uint8, and labels [n, 1].

    Source: tf.keras.datasets.cifar10.load_data. Errors: OSError when cifar-10-batches-py is not in
    ~/.keras/datasets: nothing is loaded from a network.
    """
    folder = cifar.folder("cifar-10-batches-py", "cifar-10-python.tar.gz")
    parts = [cifar.batch(folder / f"data_batch_{number}") for number in range(1, 6)]
    x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    return cifar.ordered(x, y), cifar.ordered(*cifar.batch(folder / "test_batch"))
