"""Initializers of tf.contrib.layers: random numbers scaled by the sizes of the layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphscope.graph.dtypes import as_dtype, float32
from graphscope.ops.random import random_uniform, truncated_normal

Initializer = Callable[..., Any]


def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = float32
) -> Initializer:
    """Random numbers whose variance is 2 / (inputs + outputs). Source: Glorot & Bengio 2010."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = float32,
) -> Initializer:
    """Random numbers whose variance is factor / n.

    mode: what n is: FAN_IN, the inputs of a unit, FAN_OUT, its outputs, or FAN_AVG, their mean.
    uniform: evenly distributed; else normally, cut off at two deviations.
    Errors: TypeError for another mode, or a type that is not floating.
    """
    given = as_dtype(dtype)
    if not given.is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")

    def initializer(shape: Any, dtype: Any = given, partition_info: Any = None) -> Any:
        if not as_dtype(dtype).is_floating:
            raise TypeError("Cannot create initializer for non-floating point type.")
        sizes = [int(size) for size in shape]
        window = math.prod(sizes[:-2])
        fan_in = float((sizes[-2] if len(sizes) > 1 else sizes[-1]) * window) if sizes else 1.0
        fan_out = float(sizes[-1] * window) if sizes else 1.0
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random_uniform(shape, -limit, limit, dtype, seed=seed)
        return truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)

    return initializer


xavier_initializer_conv2d = xavier_initializer
