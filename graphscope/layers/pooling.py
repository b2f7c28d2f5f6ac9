"""Pooling layers (tf.layers): the largest element, or the mean, of each window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.layers.base import InputSpec, Layer, channels_last, padding_of, sizes
from graphscope.nn.pooling import avg_pool, max_pool
from graphscope.ops.array import expand_dims, squeeze


class _Pooling(Layer):
    """pool_size, strides: the window's size and its steps, one number or one each axis."""

    pool: Callable[..., Any]
    axes: int

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes(pool_size, self.axes, "pool_size")
        self.strides = sizes(self.pool_size if strides is None else strides, self.axes, "strides")
        self.padding = padding_of(padding)
        channels_last(data_format)
        self.input_spec = InputSpec(ndim=self.axes + 2)

    def call(self, inputs: Any, **_: Any) -> Any:
        line = self.axes == 1
        images = expand_dims(inputs, 2) if line else inputs
        window, steps = ((1, *n, *([1] if line else []), 1) for n in (self.pool_size, self.strides))
        result = type(self).pool(images, list(window), list(steps), self.padding)
        return squeeze(result, [2]) if line else result


class MaxPooling1D(_Pooling):
    """The largest element of each window of [batch, length, channels] (tf.layers.MaxPooling1D)."""

    pool = staticmethod(max_pool)
    axes = 1


class AveragePooling1D(_Pooling):
    """The mean of each window of [batch, length, channels] (tf.layers.AveragePooling1D)."""

    pool = staticmethod(avg_pool)
    axes = 1


class MaxPooling2D(_Pooling):
    """The largest element of each window of [batch, height, width, channels].

    Source: tf.layers.MaxPooling2D.
    """

    pool = staticmethod(max_pool)
    axes = 2


class AveragePooling2D(_Pooling):
    """The mean of each window of [batch, height, width, channels] (tf.layers.AveragePooling2D)."""

    pool = staticmethod(avg_pool)
    axes = 2


def _pooled(kind: type[_Pooling]) -> Callable[..., Any]:
    def pooling(
        inputs: Any,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: Any = None,
    ) -> Any:
        return kind(pool_size, strides, padding, data_format, name)(inputs)

    pooling.__doc__ = kind.__doc__
    return pooling


max_pooling1d = _pooled(MaxPooling1D)
average_pooling1d = _pooled(AveragePooling1D)
max_pooling2d = _pooled(MaxPooling2D)
average_pooling2d = _pooled(AveragePooling2D)
