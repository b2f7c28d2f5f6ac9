"""60,000 small photographs of 100 kinds of things: tf.keras.datasets.cifar100."""

from __future__ import annotations

from typing import Any

from graphscope.keras.datasets import cifar


def load_data(label_mode: str = "fine") -> Any:
    """``(x_train, y_train), (x_test, y_test)``: images [n, 32, 32, 3] uint8, and labels [n, 1].

    label_mode: ``fine`` for the 100 kinds, ``coarse`` for the 20 groups of them.
    Source: tf.keras.datasets.cifar100.load_data. Errors: OSError when cifar-100-python is not in
    ~/.keras/datasets: nothing is loaded from a network.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError('`label_mode` must be one of `"fine"`, `"coarse"`.')
    folder = cifar.folder("cifar-100-python", "cifar-100-python.tar.gz")
    train, test = (
        cifar.ordered(*cifar.batch(folder / name, f"{label_mode}_labels"))
        for name in ("train", "test")
    )
    return train, test
