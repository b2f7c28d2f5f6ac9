"""Learning rates that fall as a training goes on: functions of the global step.

Each returns a tensor that is computed anew in every run. learning_rate: the rate at step 0, a
number or a tensor. global_step: a variable, a tensor or a number, not negative. decay_steps,
boundaries: numbers of steps. staircase: fall in steps, not smoothly. The nodes have the names that
TensorFlow gives them, but for the choices (of `piecewise_constant`, and of a cycle or restart),
which TensorFlow makes with tf.cond.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32, int64
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.ops.array import constant, ones_like
from graphscope.ops.joining import where
from graphscope.ops.logic import equal
from graphscope.ops.math import (
    add,
    cast,
    ceil,
    cos,
    divide,
    exp,
    floor,
    log,
    minimum,
    multiply,
    negative,
    pow_,
    sqrt,
)
from graphscope.ops.random import random_normal


def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * decay_rate ^ (global_step / decay_steps). Source: tf.train.exponential_decay.

    With `staircase` the exponent is rounded down.
    """
    with name_scope(name or "ExponentialDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps, factor = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        p = cast(global_step, rate.dtype) / steps
        if staircase:
            p = floor(p)
        result: Tensor = multiply(rate, pow_(factor, p), name=scope)
        return result


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * exp(-decay_rate * global_step / decay_steps).

    With `staircase` the quotient is rounded down. Source: tf.train.natural_exp_decay.
    """
    factor = exp(negative(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, factor, staircase, name)


def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate / (1 + decay_rate * global_step / decay_steps).

    With `staircase` the quotient is rounded down. Source: tf.train.inverse_time_decay.
    """
    with name_scope(name or "InverseTimeDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps, factor = cast(decay_steps, rate.dtype), cast(decay_rate, rate.dtype)
        p = cast(global_step, rate.dtype) / steps
        if staircase:
            p = floor(p)
        one = cast(constant(1), rate.dtype)
        decayed: Tensor = divide(rate, add(one, multiply(factor, p)), name=scope)
        return decayed


def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Tensor:
    """From learning_rate to end_learning_rate in decay_steps, along (1 - t) ^ power.

    cycle: begin again, in a longer cycle, each time the end is reached; otherwise it stays there.
    Source: tf.train.polynomial_decay.
    """
    with name_scope(name or "PolynomialDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        end, power = cast(end_learning_rate, rate.dtype), cast(power, rate.dtype)
        step, steps = cast(global_step, rate.dtype), cast(decay_steps, rate.dtype)
        if cycle:
            cycles = ceil(step / steps)
            steps = multiply(steps, where(step > 0, cycles, ones_like(cycles)))
        else:
            step = minimum(step, _number(decay_steps, step))
        p = divide(step, steps)
        fallen = multiply(rate - end, pow_(1 - p, power))
        result: Tensor = add(fallen, end, name=scope)
        return result


def piecewise_constant(
    x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None
) -> Tensor:
    """values[0] while x <= boundaries[0], values[1] while x <= boundaries[1], ..., then the last.

    Errors: ValueError unless there is one value more than boundaries, and the boundaries are of
    the type of x, the values of one type.
    Source: tf.train.piecewise_constant.
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    with name_scope(name or "PiecewiseConstant"):
        bounds = [convert_to_tensor(boundary) for boundary in boundaries]
        levels = [convert_to_tensor(value) for value in values]
        for level in levels:
            if level.dtype.base_dtype is not levels[0].dtype.base_dtype:
                raise ValueError(
                    "Values must have elements all with the same dtype "
                    f"({levels[0].dtype!r} vs {level.dtype!r})."
                )
        at = convert_to_tensor(x)
        bounds = [_boundary(boundary, at) for boundary in bounds]
        at.graph.uncounted += len(bounds) ** 2 + 9 * len(bounds) + 25  # of a tf.case
        below = [at <= boundary for boundary in bounds]
        result = levels[-1]
        for is_below, level in zip(below[:0:-1], levels[-2:0:-1], strict=True):
            result = where(is_below, level, result)
        with name_scope("case"), name_scope("cond"):
            return where(below[0], levels[0], result, name="Merge") if below else result


def _boundary(boundary: Tensor, x: Tensor) -> Tensor:
    """In the type of x: int32 becomes int64. Errors: ValueError for another type."""
    of, wanted = boundary.dtype.base_dtype, x.dtype.base_dtype
    if of is not wanted and (of, wanted) != (int32, int64):
        raise ValueError(f"Boundaries ({of!r}) must have the same dtype as x ({wanted!r}).")
    return cast(boundary, wanted)


def cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    alpha: float = 0.0,
    name: str | None = None,
) -> Tensor:
    """From learning_rate to alpha * learning_rate in decay_steps, along half a cosine.

    Source: tf.train.cosine_decay; Loshchilov & Hutter 2016.
    """
    with name_scope(name or "CosineDecay"):
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        done = minimum(cast(global_step, rate.dtype), steps) / steps
        wave = 0.5 * (1.0 + cos(constant(math.pi, rate.dtype) * done))
        result: Tensor = multiply(rate, (1 - alpha) * wave + alpha)
        return result


def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Tensor:
    """`cosine_decay` that begins again: each time t_mul times as long, from a rate m_mul times as
    high.

    Source: tf.train.cosine_decay_restarts; Loshchilov & Hutter 2016.
    """
    with name_scope(name or "SGDRDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(first_decay_steps, rate.dtype)
        alpha, longer, lower = (cast(value, rate.dtype) for value in (alpha, t_mul, m_mul))
        done = cast(global_step, rate.dtype) / steps
        equal_length = equal(longer, 1.0)
        # Cycles of equal length are counted by their quotient, others by a geometric series.
        restarts = floor(log(1.0 - done * (1.0 - longer)) / log(longer))
        before = (1.0 - longer**restarts) / (1.0 - longer)
        done_of_longer = (done - before) / longer**restarts
        done_of_equal = done - floor(done)
        restarts = where(equal_length, floor(done), restarts)
        done = where(equal_length, done_of_equal, done_of_longer)
        wave = 0.5 * lower**restarts * (1.0 + cos(constant(math.pi, rate.dtype) * done))
        result: Tensor = multiply(rate, (1 - alpha) * wave + alpha, name=scope)
        return result


def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """learning_rate * ((alpha + what is left, linearly) * cosine + beta).

    Source: tf.train.linear_cosine_decay; Bello et al. 2017.
    """
    with name_scope(name or "LinearCosineDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        periods, alpha, beta = (cast(v, rate.dtype) for v in (num_periods, alpha, beta))
        step = minimum(cast(global_step, rate.dtype), steps)
        left = (steps - step) / steps
        wave = _wave(step, steps, periods)
        result: Tensor = multiply(rate, (alpha + left) * wave + beta, name=scope)
        return result


def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """`linear_cosine_decay` with noise of the variance initial_variance / (1 + step) ^
    variance_decay.

    Source: tf.train.noisy_linear_cosine_decay; Bello et al. 2017.
    """
    with name_scope(name or "NoisyLinearCosineDecay") as scope:
        rate = convert_to_tensor(learning_rate, name="initial_learning_rate")
        steps = cast(decay_steps, rate.dtype)
        variance, falling, periods, alpha, beta = (
            cast(value, rate.dtype)
            for value in (initial_variance, variance_decay, num_periods, alpha, beta)
        )
        step = minimum(cast(global_step, rate.dtype), steps)
        left = (steps - step) / steps
        stddev = sqrt(variance / pow_(1.0 + step, falling))
        left = left + random_normal(left.shape, stddev=stddev)
        wave = _wave(step, steps, periods)
        result: Tensor = multiply(rate, (alpha + left) * wave + beta, name=scope)
        return result


def _wave(step: Tensor, steps: Tensor, periods: Tensor) -> Tensor:
    done = step / steps
    fraction = 2.0 * periods * done
    wave: Tensor = 0.5 * (1.0 + cos(constant(math.pi, step.dtype) * fraction))
    return wave


def _number(value: Any, like: Tensor) -> Any:
    """A tensor in the type of another; a Python number as it is."""
    return cast(value, like.dtype) if hasattr(value, "dtype") else value
