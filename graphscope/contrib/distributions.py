"""The normal distribution as an object (tf.contrib.distributions, tf.distributions)."""

from __future__ import annotations

import math as python_math
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import int32
from graphscope.graph.graph import Tensor
from graphscope.graph.scopes import name_scope
from graphscope.graph.shapes import TensorShape
from graphscope.ops import array, math
from graphscope.ops.joining import concat
from graphscope.ops.random import random_normal
from graphscope.ops.special import erf

__all__ = ["Normal", "kl_divergence"]


class Normal:
    """The normal distributions with means `loc` and standard deviations `scale`, broadcast.

    Source: tf.distributions.Normal of 1.15.
    """

    def __init__(
        self,
        loc: Any,
        scale: Any,
        validate_args: bool = False,
        allow_nan_stats: bool = True,
        name: str = "Normal",
    ) -> None:
        with name_scope(name, values=[loc, scale]) as scope:
            self._name = scope
            self._loc = array.identity(convert_to_tensor(loc, name="loc"), name="loc")
            self._scale = array.identity(
                convert_to_tensor(scale, self._loc.dtype.base_dtype, name="scale"), name="scale"
            )

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> Any:
        return self._loc.dtype.base_dtype

    @property
    def loc(self) -> Tensor:
        return self._loc

    @property
    def scale(self) -> Tensor:
        return self._scale

    @property
    def batch_shape(self) -> TensorShape:
        return (self._loc + self._scale).shape

    def batch_shape_tensor(self) -> Tensor:
        return array.shape(self._loc + self._scale)

    def sample(self, sample_shape: Any = (), seed: int | None = None, name: str = "sample") -> Any:
        """Random numbers of shape sample_shape + batch shape."""
        with name_scope(f"{self._name}{name}/"):
            wanted = array.reshape(math.cast(sample_shape, int32), [-1])
            shape = concat([wanted, self.batch_shape_tensor()], 0)
            drawn = random_normal(shape, 0.0, 1.0, self.dtype, seed)
            return drawn * self._scale + self._loc

    def _z(self, x: Any) -> Any:
        return (convert_to_tensor(x, self.dtype) - self._loc) / self._scale

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The logarithm of the density."""
        with name_scope(f"{self._name}{name}/"):
            half = 0.5 * python_math.log(2.0 * python_math.pi)
            return -0.5 * math.square(self._z(value)) - (half + math.log(self._scale))

    def prob(self, value: Any, name: str = "prob") -> Any:
        """The density."""
        return math.exp(self.log_prob(value, name))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """The probability of a number below `value`."""
        with name_scope(f"{self._name}{name}/"):
            return 0.5 * (1.0 + erf(self._z(value) / python_math.sqrt(2.0)))

    def entropy(self, name: str = "entropy") -> Any:
        with name_scope(f"{self._name}{name}/"):
            scale = self._scale * array.ones_like(self._loc)
            return 0.5 * python_math.log(2.0 * python_math.pi * python_math.e) + math.log(scale)

    def mean(self, name: str = "mean") -> Any:
        with name_scope(f"{self._name}{name}/"):
            return self._loc * array.ones_like(self._scale)

    mode = mean

    def stddev(self, name: str = "stddev") -> Any:
        with name_scope(f"{self._name}{name}/"):
            return self._scale * array.ones_like(self._loc)

    def variance(self, name: str = "variance") -> Any:
        return math.square(self.stddev(name))

    def kl_divergence(self, other: Normal, name: str = "kl_divergence") -> Any:
        return kl_divergence(self, other, name=name)

    def __repr__(self) -> str:
        return f"<Normal {self._name[:-1]!r} batch_shape={self.batch_shape}>"


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
    with name_scope(name, "kl_normal_normal", [a.loc, b.loc, a.scale, b.scale]):
        ratio = math.square(a.scale) / math.square(b.scale)
        distance = math.square(a.loc - b.loc) / (2.0 * math.square(b.scale))
        return distance + 0.5 * (ratio - 1.0 - math.log(ratio))
