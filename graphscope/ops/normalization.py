"""Dropout, batch normalization and the moments that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import float16, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import as_shape
from graphscope.ops import array, math
from graphscope.ops.array import shape as shape_of
from graphscope.ops.indexing import gather
from graphscope.ops.random import random_uniform
from graphscope.ops.reduction import reduce_prod, reduce_sum
from graphscope.ops.told import told_value

# ---- dropout -----------------------------------------------------------------------------------


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: Any = None,
) -> Tensor:
    """x with some elements set to 0, at random, and the others scaled up to keep the sum.

    keep_prob: the probability that an element stays; or rate: that it goes, 1 - keep_prob.
    noise_shape: the shape of the random choice, which is broadcast to x: [batch, 1, 1, channels]
    drops whole channels. With seeds the choice is TensorFlow 1.15's. Source: tf.nn.dropout.
    Errors: ValueError for a rate outside [0, 1), for none, and for whole numbers.
    """
    if rate is None:
        if keep_prob is None:
            raise ValueError("You must provide a rate to dropout.")
        try:
            rate = 1.0 - keep_prob
        except TypeError:
            raise ValueError(
                f"keep_prob must be a floating point number or Tensor (got {keep_prob!r})"
            ) from None
    elif keep_prob is not None:
        raise ValueError("Cannot specify both 'rate' and 'keep_prob'")
    with name_scope(name, "dropout", [x]):
        return _dropped(convert_to_tensor(x, name="x"), rate, noise_shape, seed)


def _dropped(x: Tensor, rate: Any, noise_shape: Any, seed: int | None) -> Tensor:
    if not x.dtype.is_floating:
        raise ValueError(
            "x has to be a floating point tensor since it's going to be scaled. Got a "
            f"{x.dtype} tensor instead."
        )
    if isinstance(rate, int | float | np.number):
        if not 0 <= rate < 1:
            raise ValueError(
                f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}"
            )
        if rate == 0:
            return x
    rate = convert_to_tensor(rate, x.dtype, name="rate")
    rate.shape.with_rank(0)
    if told_value(rate) == 0:
        return x
    drawn = random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype)
    scale = 1 / (1 - rate)
    kept = drawn >= rate
    result: Tensor = x * scale * math.cast(kept, x.dtype)
    result.set_shape(x.shape)
    return result


def _noise_shape(x: Tensor, noise_shape: Any) -> Any:
    """The shape of the random choice: sizes that are left open are those of x."""
    if noise_shape is None:
        return shape_of(x)
    try:
        wanted = as_shape(noise_shape).sizes
    except (TypeError, ValueError):
        return noise_shape
    if wanted is None or x.shape.sizes is None or len(wanted) != len(x.shape.sizes):
        return noise_shape
    sizes = [b if a is None else a for a, b in zip(wanted, x.shape.sizes, strict=True)]
    return noise_shape if None in sizes else sizes


# ---- batch normalization -----------------------------------------------------------------------


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: Any,
    name: str | None = None,
) -> Tensor:
    """scale * (x - mean) / sqrt(variance + variance_epsilon) + offset.

    offset, scale: None for 0 and 1. All are broadcast. Source: tf.nn.batch_normalization.
    """
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        inv = math.rsqrt(variance + variance_epsilon)
        if scale is not None:
            inv = inv * scale
        x = convert_to_tensor(x)
        scaled = x * math.cast(inv, x.dtype)
        shift = offset - mean * inv if offset is not None else -mean * inv
        result: Tensor = scaled + math.cast(shift, x.dtype)
        return result


def batch_norm_with_global_normalization(
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: Any = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Tensor:
    """`batch_normalization` in its oldest form. Source: tf.nn.batch_norm_with_global_normalization.

    gamma is used only with scale_after_normalization.
    """
    return batch_normalization(
        input if t is None else t,
        mean if m is None else m,
        variance if v is None else v,
        beta,
        gamma if scale_after_normalization else None,
        variance_epsilon,
        name,
    )


# ---- moments by parts --------------------------------------------------------------------------


def sufficient_statistics(
    x: Any,
    axes: Sequence[int],
    shift: Any = None,
    keep_dims: bool | None = None,
    name: str | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What mean and variance are made of: the count, the sum, the sum of squares, the shift.

    Source: tf.nn.sufficient_statistics.
    """
    axes = sorted(set(axes))
    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        sizes = [None] if x.shape.sizes is None else [x.shape.sizes[axis] for axis in axes]
        if None in sizes:
            counts = reduce_prod(gather(math.cast(shape_of(x), x.dtype), axes), name="count")
        else:
            counts = array.constant(float(np.prod(np.array(sizes, float))), x.dtype)
        if shift is not None:
            shift = convert_to_tensor(shift, name="shift")
            sums, squares = math.subtract(x, shift), math.squared_difference(x, shift)
        else:
            sums, squares = x, math.square(x)
        total = reduce_sum(sums, axes, keepdims=keep, name="mean_ss")
        return counts, total, reduce_sum(squares, axes, keepdims=keep, name="var_ss"), shift


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from sums. Source: tf.nn.normalize_moments."""
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = math.reciprocal(counts, name="divisor")
        if shift is None:
            mean = shifted = math.multiply(mean_ss, divisor, name="mean")
        else:
            shifted = math.multiply(mean_ss, divisor, name="shifted_mean")
            mean = math.add(shifted, shift, name="mean")
        mean_square = math.multiply(variance_ss, divisor)
        return mean, math.subtract(mean_square, math.square(shifted), name="variance")


def weighted_moments(
    x: Any,
    axes: Any,
    frequency_weights: Any,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean and variance over some axes when each element counts by its weight.

    Source: tf.nn.weighted_moments.
    """
    keep = bool(keep_dims if keepdims is None else keepdims)
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = convert_to_tensor(x, name="x")
        weights = convert_to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype.base_dtype is float16
        x = math.cast(x, float32) if half else x
        weights = math.cast(weights, x.dtype)
        total = reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        spread = weights + array.zeros_like(x)
        mass = reduce_sum(spread, axes, name="sum_of_weights", keepdims=True)
        divisor = math.reciprocal(mass, name="inv_weight_sum")
        mean = math.multiply(total, divisor)
        distance = weights * math.squared_difference(x, mean)
        squares = reduce_sum(distance, axes, name="weighted_distsq", keepdims=True)
        both = [mean, math.multiply(squares, divisor)]
        if not keep:
            both = [array.squeeze(t, axis=axes) for t in both]
        if half:
            both = [math.cast(t, float16) for t in both]
        return both[0], both[1]
