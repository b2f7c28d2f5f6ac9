"""What Keras assumes when it is not told: the type of numbers, the fuzz, the order of axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphscope.errors import did_you_mean

_FLOATS = ("float16", "float32", "float64")
_FORMATS = ("channels_last", "channels_first")


@dataclass
class _Settings:
    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"


_SETTINGS = _Settings()


def floatx() -> str:
    """The type of numbers that is used when none is given."""
    return _SETTINGS.floatx


def set_floatx(value: str) -> None:
    """Errors: ValueError for what is no floating-point type."""
    if value not in _FLOATS:
        near = did_you_mean(str(value), _FLOATS)
        raise ValueError(f"Unknown floatx type: {value}" + (near and f"; {near}"))
    _SETTINGS.floatx = str(value)


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite."""
    return _SETTINGS.epsilon


def set_epsilon(value: float) -> None:
    _SETTINGS.epsilon = value


def image_data_format() -> str:
    """``channels_last`` for images [batch, rows, columns, channels], or ``channels_first``."""
    return _SETTINGS.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Errors: ValueError for an unknown order."""
    if data_format not in _FORMATS:
        raise ValueError(f"Unknown data_format: {data_format}")
    _SETTINGS.image_data_format = str(data_format)


def format_of(data_format: str | None) -> str:
    """The order that was given, or the usual one. Errors: ValueError for an unknown one."""
    if data_format is None:
        return image_data_format()
    if data_format not in _FORMATS:
        raise ValueError(f"Unknown data_format: {data_format}")
    return data_format


def backend() -> str:
    """The name of the engine that scripts compare: theirs is TensorFlow's."""
    return "tensorflow"


def cast_to_floatx(x: Any) -> Any:
    """The array in the usual type of numbers."""
    return np.asarray(x, dtype=floatx())


def image_dim_ordering() -> str:
    """``tf`` for channels last, ``th`` for channels first, as the first Keras named them."""
    return "tf" if image_data_format() == "channels_last" else "th"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Errors: ValueError for another order than ``tf`` and ``th``."""
    formats = {"tf": "channels_last", "th": "channels_first"}
    if dim_ordering not in formats:
        raise ValueError(f"Unknown dim_ordering: {dim_ordering}")
    set_image_data_format(formats[dim_ordering])
