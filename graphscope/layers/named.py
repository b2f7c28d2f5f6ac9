"""Activations and initializers by name, for tf.layers, cells and Keras alike.

Under a name, the random initializers of Keras are narrow: a standard deviation of 0.05. Source:
tensorflow.python.keras.initializers and activations of 1.15.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from graphscope.graph.dtypes import float32
from graphscope.ops import initializers, math, rectifiers
from graphscope.ops import nn as nn_ops
from graphscope.ops.clipping import clip_by_value
from graphscope.ops.constants import constant
from graphscope.ops.joining import where
from graphscope.ops.reduction import reduce_max, reduce_sum


class RandomNormal(initializers.RandomNormal):
    """Normal numbers close to 0. Source: tf.keras.initializers.RandomNormal."""

    def __init__(
        self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(mean, stddev, seed, dtype)


class TruncatedNormal(initializers.TruncatedNormal):
    """Normal numbers within two deviations. Source: tf.keras.initializers.TruncatedNormal."""

    def __init__(
        self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(mean, stddev, seed, dtype)


class RandomUniform(initializers.RandomUniform):
    """Numbers between -0.05 and 0.05. Source: tf.keras.initializers.RandomUniform."""

    def __init__(
        self,
        minval: Any = -0.05,
        maxval: Any = 0.05,
        seed: int | None = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__(minval, maxval, seed, dtype)


def linear(x: Any) -> Any:
    """The input as it is."""
    return x


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x above 0, alpha * (exp(x) - 1) below."""
    result = rectifiers.elu(x)
    return result if alpha == 1 else where(x > 0, result, alpha * result)


def selu(x: Any) -> Any:
    """The exponential unit that keeps mean 0 and variance 1 (Klambauer et al. 2017)."""
    return rectifiers.SELU_SCALE * elu(x, rectifiers.SELU_ALPHA)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) over its sum along an axis. Errors: ValueError for a vector."""
    rank = x.shape.ndims or 0
    if rank == 2:
        return nn_ops.softmax(x)
    if rank < 2:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D. Received input: {x}")
    powers = math.exp(x - reduce_max(x, axis=axis, keepdims=True))
    return powers / reduce_sum(powers, axis=axis, keepdims=True)


def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5, held between 0 and 1."""
    slope = constant(0.2, dtype=x.dtype.base_dtype)
    middle = constant(0.5, dtype=x.dtype.base_dtype)
    return clip_by_value(math.add(math.multiply(x, slope), middle), 0.0, 1.0)


ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "elu": elu,
    "exponential": math.exp,
    "hard_sigmoid": hard_sigmoid,
    "linear": linear,
    "relu": rectifiers.relu,
    "selu": selu,
    "sigmoid": math.sigmoid,
    "softmax": softmax,
    "softplus": rectifiers.softplus,
    "softsign": rectifiers.softsign,
    "tanh": math.tanh,
}

_CLASSES: tuple[Any, ...] = (
    initializers.Constant,
    initializers.GlorotNormal,
    initializers.GlorotUniform,
    initializers.Identity,
    initializers.Ones,
    initializers.Orthogonal,
    initializers.VarianceScaling,
    initializers.Zeros,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
INITIALIZERS: dict[str, Callable[..., Any]] = {
    **{kind.__name__: kind for kind in _CLASSES},
    "constant": initializers.Constant,
    "glorot_normal": initializers.GlorotNormal,
    "glorot_uniform": initializers.GlorotUniform,
    "he_normal": initializers.he_normal,
    "he_uniform": initializers.he_uniform,
    "identity": initializers.Identity,
    "lecun_normal": initializers.lecun_normal,
    "lecun_uniform": initializers.lecun_uniform,
    "normal": RandomNormal,
    "one": initializers.Ones,
    "ones": initializers.Ones,
    "orthogonal": initializers.Orthogonal,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "truncated_normal": TruncatedNormal,
    "uniform": RandomUniform,
    "zero": initializers.Zeros,
    "zeros": initializers.Zeros,
}


def _named(given: str, table: Mapping[str, Any], what: str) -> Any:
    if given not in table:
        raise ValueError(f"Unknown {what}{given}")
    return table[given]


def activation_of(given: Any) -> Any:
    """A function for its name; functions and None stay. Errors: ValueError."""
    return _named(given, ACTIVATIONS, "activation function:") if isinstance(given, str) else given


def initializer_of(given: Any) -> Any:
    """An initializer for its name; initializers and None stay. Errors: ValueError."""
    return _named(given, INITIALIZERS, "initializer: ")() if isinstance(given, str) else given


def snake_case(class_name: str) -> str:
    """The name of a layer by its class: ``conv2d`` for Conv2D."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return f"private{snake}" if snake.startswith("_") else snake
