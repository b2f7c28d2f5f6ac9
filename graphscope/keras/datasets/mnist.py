"""The MNIST digits, as tf.keras.datasets.mnist gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from graphscope.data.mnist import embedded_digits

#: How many of the digits that come with the package are the test's.
_TEST = 1000


def load_data(path: str = "mnist.npz") -> Any:
    """``(x_train, y_train), (x_test, y_test)``: images [n, 28, 28] uint8 from 0 to 255, and labels.

    path: a file of Keras, also one in ~/.keras/datasets. Without it the 10,000 digits that come
    with the package are used, 9,000 to train and 1,000 to test, and a line on stdout says so:
    nothing is loaded from a network. Source: tf.keras.datasets.mnist.load_data.
    """
    for file in (Path(path), Path.home() / ".keras" / "datasets" / path):
        if file.is_file():
            with np.load(file) as arrays:
                train = arrays["x_train"], arrays["y_train"]
                return train, (arrays["x_test"], arrays["y_test"])
    print(f"{path} is not there: using the 10,000 digits that come with GraphScope")
    images, labels = embedded_digits()
    images, at = images[..., 0], len(images) - _TEST
    return (images[:at], labels[:at]), (images[at:], labels[at:])
