"""How variables begin: functions of a shape, to be given as `initializer` or called.

Every one is a class, as in TensorFlow, so that it can be handed over with or without parentheses
(``initializer=tf.zeros_initializer``). With seeds set the numbers are TensorFlow 1.15's own.
`partition_info` says of which part of a variable the shape is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphscope.graph.dtypes import DType, as_dtype, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import as_shape
from graphscope.ops.array import constant, ones, reshape, zeros
from graphscope.ops.decompositions import matrix_transpose, qr
from graphscope.ops.joining import slice_
from graphscope.ops.layout import diag_part, eye
from graphscope.ops.math import sign
from graphscope.ops.random import random_normal, random_uniform, truncated_normal

#: The standard deviation of a standard normal distribution that is cut off at 2 and at -2.
_TRUNCATED_STDDEV = 0.87962566103423978


class Initializer:
    """A function of a shape that returns the initial value of a variable.

    dtype: the type of the value when the call does not say.
    """

    def __init__(self, dtype: Any = float32) -> None:
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__} does not say how a variable begins")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same initializer again."""
        config = {k: v for k, v in vars(self).items() if k[0] != "_"}
        return {k: v.name if isinstance(v, DType) else v for k, v in config.items()}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        return cls(**config)

    def _type(self, dtype: Any) -> DType:
        return self.dtype if dtype is None else as_dtype(dtype).base_dtype


class Zeros(Initializer):
    """Zeros. Source: tf.zeros_initializer."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return zeros(shape, self._type(dtype))


class Ones(Initializer):
    """Ones. Source: tf.ones_initializer."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return ones(shape, self._type(dtype))


class Constant(Initializer):
    """The given value, whose last element is repeated where the shape has more.

    Errors: TypeError for what is no number, list or array; ValueError, when called, for a value
    with more elements than the shape. Source: tf.constant_initializer.
    """

    def __init__(self, value: Any = 0, dtype: Any = float32, verify_shape: bool = False) -> None:
        if not (np.isscalar(value) or isinstance(value, list | tuple | np.ndarray)):
            raise TypeError(
                f"Invalid type for initial value: {type(value)} (expected Python scalar, list or "
                "tuple of values, or numpy.ndarray)."
            )
        super().__init__(dtype)
        self.value = value
        self._verify_shape = verify_shape

    def __call__(
        self,
        shape: Any,
        dtype: Any = None,
        partition_info: Any = None,
        verify_shape: bool | None = None,
    ) -> Tensor:
        verify = self._verify_shape if verify_shape is None else verify_shape
        return constant(self.value, self._type(dtype), shape, verify_shape=verify)


class RandomUniform(Initializer):
    """Numbers from `minval` up to, and without, `maxval` (1 for floats).

    Source: tf.random_uniform_initializer.
    """

    def __init__(
        self, minval: Any = 0, maxval: Any = None, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(dtype)
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return random_uniform(shape, self.minval, self.maxval, self._type(dtype), seed=self.seed)


class _Floating(Initializer):
    """Base of those that make floating-point numbers only. Errors: ValueError for another type."""

    def __init__(self, dtype: Any = float32) -> None:
        super().__init__(dtype)
        if not self.dtype.is_floating:
            raise ValueError(f"Expected floating point type, got {self.dtype}.")


class RandomNormal(_Floating):
    """Normally distributed numbers. Source: tf.random_normal_initializer."""

    def __init__(
        self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(dtype)
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return random_normal(shape, self.mean, self.stddev, self._type(dtype), seed=self.seed)


class TruncatedNormal(RandomNormal):
    """Normally distributed numbers within 2 standard deviations of the mean.

    Source: tf.truncated_normal_initializer.
    """

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        return truncated_normal(shape, self.mean, self.stddev, self._type(dtype), seed=self.seed)


class UniformUnitScaling(_Floating):
    """Uniform numbers that leave the variance of what is multiplied by them as it is.

    Within sqrt(3 / n) * factor of 0, where n is the product of all sizes but the last.
    Source: tf.uniform_unit_scaling_initializer; Sussillo & Abbott 2014.
    """

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(dtype)
        self.factor, self.seed = factor, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        inputs = max(math.prod(float(size) for size in _whole(shape, partition_info)[:-1]), 1.0)
        limit = math.sqrt(3 / inputs) * self.factor
        return random_uniform(shape, -limit, limit, self._type(dtype), seed=self.seed)


class VarianceScaling(_Floating):
    """Random numbers with the variance scale / n.

    mode: what n is: "fan_in" (how many numbers come in), "fan_out" (go out), or "fan_avg" (their
    mean). distribution: "truncated_normal" (also "normal"), "untruncated_normal" or "uniform".
    Errors: ValueError for other words, or a scale that is not positive.
    Source: tf.variance_scaling_initializer.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        dtype: Any = float32,
    ) -> None:
        if scale <= 0.0:
            raise ValueError("`scale` must be positive float.")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError("Invalid `mode` argument:", mode)
        distribution = distribution.lower()
        if distribution not in ("normal", "uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError("Invalid `distribution` argument:", distribution)
        super().__init__(dtype)
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        dtype = self._type(dtype)
        fan_in, fan_out = _fans(_whole(shape, partition_info))
        count = {"fan_in": fan_in, "fan_out": fan_out}.get(self.mode, (fan_in + fan_out) / 2)
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random_uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random_normal(shape, 0.0, math.sqrt(variance), dtype, seed=self.seed)
        stddev = math.sqrt(variance) / _TRUNCATED_STDDEV
        return truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)


class Orthogonal(_Floating):
    """A random matrix with orthogonal rows or columns; more than two axes count as rows.

    Errors: ValueError, when called, for fewer than two axes.
    Source: tf.orthogonal_initializer; Saxe et al. 2013.
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(dtype)
        self.gain, self.seed = gain, seed

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        sizes = _sizes(shape)
        if len(sizes) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        flat = (max(rows, columns), min(rows, columns))
        drawn = random_normal(flat, dtype=self._type(dtype), seed=self.seed)
        q, r = qr(drawn, full_matrices=False)
        q = q * sign(diag_part(r))  # so that every orthogonal matrix is as likely
        if rows < columns:
            q = matrix_transpose(q)
        scaled: Tensor = self.gain * reshape(q, sizes)
        return scaled


class Identity(_Floating):
    """The identity matrix times `gain`. Source: tf.initializers.identity.

    Errors: ValueError, when called, for a shape that is no matrix's.
    """

    def __init__(self, gain: float = 1.0, dtype: Any = float32) -> None:
        super().__init__(dtype)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        sizes = _whole(shape, partition_info)
        if len(sizes) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        matrix = eye(sizes[0], sizes[1], dtype=self._type(dtype))
        if partition_info is not None:
            matrix = slice_(matrix, partition_info.var_offset, _sizes(shape))
        scaled: Tensor = self.gain * matrix
        return scaled


class GlorotUniform(VarianceScaling):
    """Uniform numbers within sqrt(6 / (fan_in + fan_out)) of 0: what get_variable takes by default.

    Source: tf.glorot_uniform_initializer; Glorot & Bengio 2010.
    """

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


class GlorotNormal(VarianceScaling):
    """Truncated normal numbers of the variance 2 / (fan_in + fan_out).

    Source: tf.glorot_normal_initializer; Glorot & Bengio 2010.
    """

    def __init__(self, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, dtype)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed, "dtype": self.dtype.name}


def lecun_normal(seed: int | None = None) -> Initializer:
    """Truncated normal numbers of the variance 1 / fan_in. Source: tf.initializers.lecun_normal."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed: int | None = None) -> Initializer:
    """Uniform numbers of the variance 1 / fan_in. Source: tf.initializers.lecun_uniform."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


def he_normal(seed: int | None = None) -> Initializer:
    """Truncated normal numbers of the variance 2 / fan_in. Source: tf.initializers.he_normal."""
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed: int | None = None) -> Initializer:
    """Uniform numbers of the variance 2 / fan_in. Source: tf.initializers.he_uniform."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


def _sizes(shape: Any) -> list[int]:
    return [int(size) for size in as_shape(shape)]


def _whole(shape: Any, partition_info: Any) -> list[int]:
    """The sizes of the variable of which a part may be of the given shape."""
    return _sizes(shape if partition_info is None else partition_info.full_shape)


def _fans(sizes: Sequence[int]) -> tuple[int, int]:
    """How many numbers come into, and go out of, one place of a layer with such weights."""
    if len(sizes) < 2:
        count = sizes[0] if sizes else 1
        return count, count
    field = math.prod(sizes[:-2])  # of a convolution
    return sizes[-2] * field, sizes[-1] * field
