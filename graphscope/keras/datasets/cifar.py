"""Small photographs of 10 or of 100 kinds of things, from the files of CIFAR."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from graphscope.keras import backend
from graphscope.keras.utils.files import get_file

_ORIGIN = "https://www.cs.toronto.edu/~kriz/"


def folder(name: str, archive: str) -> Path:
    """Where the files are. Errors: OSError when they are not in ~/.keras/datasets."""
    return Path(get_file(name, _ORIGIN + archive, untar=True))


def batch(path: Path, labels: str = "labels") -> tuple[Any, Any]:
    """The photographs of a file, [n, 3, 32, 32] uint8, and their labels."""
    with path.open("rb") as file:
        found = {
            key.decode("utf8"): value for key, value in pickle.load(file, encoding="bytes").items()
        }
    return found["data"].reshape(-1, 3, 32, 32), np.array(found[labels])


def ordered(x: Any, y: Any) -> tuple[Any, Any]:
    """Images with their channels where Keras wants them, and labels [n, 1] uint8."""
    last = backend.image_data_format() == "channels_last"
    return (x.transpose(0, 2, 3, 1) if last else x), y.reshape(-1, 1).astype(np.uint8)
