"""70,000 small pictures of clothes of 10 kinds: tf.keras.datasets.fashion_mnist."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.keras.datasets.sequences import ORIGIN
from graphscope.keras.utils.files import get_file


def load_data() -> Any:
    """``(x_train, y_train), (x_test, y_test)``: images [n, 28, 28] uint8, and labels [n].

    Source: tf.keras.datasets.fashion_mnist.load_data. Errors: OSError when the four files are not
    in ~/.keras/datasets/fashion-mnist: nothing is loaded from a network.
    """
    train, test = (
        (
            _numbers(f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28),
            _numbers(f"{part}-labels-idx1-ubyte.gz", 8),
        )
        for part in ("train", "t10k")
    )
    return train, test


def _numbers(name: str, behind: int) -> Any:
    """The bytes of a file behind its head."""
    path = get_file(name, ORIGIN + name, cache_subdir="datasets/fashion-mnist")
    return np.frombuffer(gzip.decompress(Path(path).read_bytes()), np.uint8, offset=behind)
