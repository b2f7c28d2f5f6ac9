"""The normal distribution as an object (tf.contrib.distributions, tf.distributions)."""

from __future__ import annotations

import math as python_math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphscope.graph.convert import constant_value, convert_to_tensor
from graphscope.graph.dtypes import FLOATS, DType, int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape, broadcast_shapes
from graphscope.ops import array, math
from graphscope.ops.batches import broadcast_dynamic_shape
from graphscope.ops.joining import concat, where
from graphscope.ops.random import random_normal
from graphscope.ops.reduction import reduce_prod
from graphscope.ops.special import erf, erfc

__all__ = ["Normal", "kl_divergence"]


class Normal:
    """The normal distributions with means `loc` and standard deviations `scale`, broadcast.

    Its operations are those of TensorFlow, one by one: the seeds of random numbers count them.
    Errors: TypeError when the types differ, ValueError when they are not floats.
    Source: tf.distributions.Normal of 1.15.
    """

    event_shape = TensorShape([])

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Normal",
    ) -> None:
        self.allow_nan_stats = allow_nan_stats
        self.parameters = {"loc": loc, "scale": scale, "validate_args": validate_args}
        with name_scope(name, values=[loc, scale]) as scope:
            self._name = scope
            self._loc = array.identity(loc, name="loc")
            self._scale = array.identity(scale, name="scale")
        if self.dtype not in FLOATS:
            raise ValueError(f"Expected floating point type, got {self.dtype.name}")
        if self._scale.dtype.base_dtype is not self.dtype:
            raise TypeError(f"loc is {self.dtype.name}, and scale {self._scale.dtype.name}")

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._loc.dtype.base_dtype

    @property
    def loc(self) -> Tensor:
        return self._loc

    @property
    def scale(self) -> Tensor:
        return self._scale

    @property
    def batch_shape(self) -> TensorShape:
        """What is known of the shape of loc + scale."""
        return broadcast_shapes(self._loc.shape, self._scale.shape)

    @contextmanager
    def _scope(self, name: str) -> Iterator[None]:
        with name_scope(self._name), name_scope(name):
            yield

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        with self._scope(name):
            if self.batch_shape.is_fully_defined():
                return convert_to_tensor(self.batch_shape.as_list(), int32, name="batch_shape")
            return broadcast_dynamic_shape(array.shape(self._loc), array.shape(self._scale))

    def sample(self, sample_shape: Any = (), seed: int | None = None, name: str = "sample") -> Any:
        """Random numbers of shape sample_shape + batch shape."""
        with self._scope(name):
            wanted, count = _vector(convert_to_tensor(sample_shape, int32, name="sample_shape"))
            shape = concat([[count], self.batch_shape_tensor()], 0)
            drawn = random_normal(shape, 0.0, 1.0, self.dtype, seed) * self._scale + self._loc
            samples = array.reshape(drawn, concat([wanted, array.shape(drawn)[1:]], 0))
            sizes = constant_value(wanted)
            if sizes is not None:
                samples.set_shape(TensorShape(sizes.tolist()).concatenate(self.batch_shape))
            return samples

    def _value(self, value: Any) -> Tensor:
        return convert_to_tensor(value, self.dtype, name="value")

    def _z(self, x: Tensor) -> Any:
        with name_scope("standardize", values=[x]):
            return (x - self._loc) / self._scale

    def _log_prob(self, x: Tensor) -> Any:
        unnormalized = -0.5 * math.square(self._z(x))
        return unnormalized - (0.5 * python_math.log(2.0 * python_math.pi) + math.log(self._scale))

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The logarithm of the density."""
        with self._scope(name):
            return self._log_prob(self._value(value))

    def prob(self, value: Any, name: str = "prob") -> Any:
        """The density."""
        with self._scope(name):
            return math.exp(self._log_prob(self._value(value)))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """The probability of a number below `value`."""
        with self._scope(name):
            return _below(self._z(self._value(value)))

    def survival_function(self, value: Any, name: str = "survival_function") -> Any:
        """The probability of a number above `value`."""
        with self._scope(name):
            return _below(-self._z(self._value(value)))

    def entropy(self, name: str = "entropy") -> Any:
        with self._scope(name):
            scale = self._scale * array.ones_like(self._loc)
            return 0.5 * python_math.log(2.0 * python_math.pi * python_math.e) + math.log(scale)

    def mean(self, name: str = "mean") -> Any:
        with self._scope(name):
            return self._loc * array.ones_like(self._scale)

    def mode(self, name: str = "mode") -> Any:
        return self.mean(name)

    def stddev(self, name: str = "stddev") -> Any:
        with self._scope(name):
            return self._scale * array.ones_like(self._loc)

    def variance(self, name: str = "variance") -> Any:
        with self._scope(name):
            return math.square(self._scale * array.ones_like(self._loc))

    def kl_divergence(self, other: Normal, name: str = "kl_divergence") -> Any:
        with self._scope(name):
            return kl_divergence(self, other)

    def __str__(self) -> str:
        shape = self.batch_shape
        batch = "" if shape.ndims is None else f", batch_shape={shape}"
        return (
            f'tfp.distributions.{type(self).__name__}("{self._name}"{batch}, event_shape=(), '
            f"dtype={self.dtype.name})"
        )

    def __repr__(self) -> str:
        return (
            f"<tfp.distributions.{type(self).__name__} {self._name!r} "
            f"batch_shape={self.batch_shape} event_shape=() dtype={self.dtype.name}>"
        )


def _vector(sample_shape: Tensor) -> tuple[Tensor, Any]:
    """The sizes as a vector, and how many numbers they stand for."""
    sizes = constant_value(sample_shape)
    count = reduce_prod(sample_shape) if sizes is None else np.prod(sizes, dtype=np.int32)
    if sample_shape.shape.ndims == 0:
        if sizes is not None:
            return convert_to_tensor(np.asarray([sizes]), name="sample_shape"), count
        return array.reshape(sample_shape, [1]), count
    if sample_shape.shape.ndims != 1:
        raise ValueError("sample_shape is neither a number nor a vector")
    return sample_shape, count


def _below(x: Tensor) -> Any:
    """The probability of a standard normal number below x, exact in both tails."""
    with name_scope("ndtr", values=[x]):
        half = convert_to_tensor(0.5 * python_math.sqrt(2.0), x.dtype, name="half_sqrt_2")
        w = x * half
        z = math.abs_(w)
        near = z < half
        middle = 1.0 + erf(w)
        above = w > 0.0
        tail = where(above, 2.0 - erfc(z), erfc(z))
        return 0.5 * where(near, middle, tail)


def kl_divergence(
    distribution_a: Normal,
    distribution_b: Normal,
    allow_nan_stats: bool = True,
    name: str | None = None,
) -> Any:
    """The Kullback-Leibler divergence of two normal distributions.

    Source: tf.distributions.kl_divergence. Errors: NotImplementedError for other distributions.
    """
    a, b = distribution_a, distribution_b
    if not (isinstance(a, Normal) and isinstance(b, Normal)):
        raise NotImplementedError("No KL(distribution_a || distribution_b) registered")
    with name_scope("KullbackLeibler"), name_scope(name, "kl_normal_normal", [a.loc, b.loc]):
        one, two, half = (convert_to_tensor(number, a.dtype) for number in (1.0, 2.0, 0.5))
        squared = math.square(a.scale), math.square(b.scale)
        ratio = squared[0] / squared[1]
        distance = math.squared_difference(a.loc, b.loc) / (two * squared[1])
        return distance + half * (ratio - one - math.log(ratio))
