"""Pooling layers (tf.layers): the largest element, or the mean, of each window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.calling import function_of
from graphscope.layers.utils import (
    conv_output_length,
    convert_data_format,
    normalize_data_format,
    normalize_padding,
    normalize_tuple,
)
from graphscope.nn.pooling import avg_pool, avg_pool3d, max_pool, max_pool3d
from graphscope.ops.array import expand_dims, squeeze, transpose
from graphscope.ops.windows import arranged, channels, channels_first, spatial


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
        steps = pool_size if strides is None else strides
        self.pool_size = normalize_tuple(pool_size, self.axes, "pool_size")
        self.strides = normalize_tuple(steps, self.axes, "strides")
        self.padding = normalize_padding(padding)
        self.data_format = normalize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.axes + 2)

    @property
    def order(self) -> str:
        return convert_data_format(self.data_format, self.axes + 2)

    def _pooled(self, images: Any, order: str, extra: tuple[int, ...] = ()) -> Tensor:
        window, steps = (
            arranged(1, [*numbers, *extra], 1, order) for numbers in (self.pool_size, self.strides)
        )
        pooled: Tensor = type(self).pool(images, window, steps, self.padding.upper(), order)
        return pooled

    def call(self, inputs: Any, **_: Any) -> Any:
        return self._pooled(inputs, self.order)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the output for an input's shape."""
        sizes = as_shape(input_shape).with_rank(self.axes + 2).as_list()
        sliding = zip(sizes[spatial(self.order)], self.pool_size, self.strides, strict=True)
        inner = [conv_output_length(n, window, self.padding, step) for n, window, step in sliding]
        return TensorShape(arranged(sizes[0], inner, channels(sizes, self.order), self.order))


class _OverRows(_Pooling):
    """Rows are images of one column."""

    axes = 1

    def call(self, inputs: Any, **_: Any) -> Any:
        if not channels_first(self.order):
            return squeeze(self._pooled(expand_dims(inputs, 2), "NHWC", (1,)), [2])
        images = transpose(expand_dims(inputs, 3), [0, 2, 3, 1])
        return squeeze(transpose(self._pooled(images, "NHWC", (1,)), [0, 3, 1, 2]), [3])


class _OverVolumes(_Pooling):
    """Volumes are pooled with the channels at the end, wherever they stand."""

    axes = 3

    def call(self, inputs: Any, **_: Any) -> Any:
        if not channels_first(self.order):
            return self._pooled(inputs, "NDHWC")
        volumes = transpose(convert_to_tensor(inputs), [0, 2, 3, 4, 1])
        return transpose(self._pooled(volumes, "NDHWC"), [0, 4, 1, 2, 3])


class MaxPooling1D(_OverRows):
    """The largest element of each window of [batch, length, channels] (tf.layers.MaxPooling1D)."""

    pool = staticmethod(max_pool)


class AveragePooling1D(_OverRows):
    """The mean of each window of [batch, length, channels] (tf.layers.AveragePooling1D)."""

    pool = staticmethod(avg_pool)


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


class MaxPooling3D(_OverVolumes):
    """The largest element of each window of [batch, depth, height, width, channels].

    Source: tf.layers.MaxPooling3D.
    """

    pool = staticmethod(max_pool3d)


class AveragePooling3D(_OverVolumes):
    """The mean of each window of [batch, depth, height, width, channels].

    Source: tf.layers.AveragePooling3D.
    """

    pool = staticmethod(avg_pool3d)


max_pooling1d, max_pooling2d, max_pooling3d = map(
    function_of, (MaxPooling1D, MaxPooling2D, MaxPooling3D)
)
average_pooling1d, average_pooling2d, average_pooling3d = map(
    function_of, (AveragePooling1D, AveragePooling2D, AveragePooling3D)
)
