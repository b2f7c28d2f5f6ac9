"""Pooling: the largest element, or the mean, of windows or of everything.

Source: tensorflow.python.keras.layers.pooling of 1.15. What windows give is in graphscope.layers.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.configured import configured
from graphscope.layers import pooling

_WINDOWS = {"pool_size": (2, 2), "strides": None, "data_format": None}
_LENGTHS = {"pool_size": 2, "strides": None}
_VOLUMES = {"pool_size": (2, 2, 2), "strides": None, "data_format": None}


@configured(**_LENGTHS)
class MaxPooling1D(pooling.MaxPooling1D, Layer):
    """The largest element of each window of [batch, steps, features]."""


@configured(**_LENGTHS)
class AveragePooling1D(pooling.AveragePooling1D, Layer):
    """The mean of each window of [batch, steps, features]."""


@configured(**_WINDOWS)
class MaxPooling2D(pooling.MaxPooling2D, Layer):
    """The largest element of each window of [batch, height, width, channels]."""


@configured(**_WINDOWS)
class AveragePooling2D(pooling.AveragePooling2D, Layer):
    """The mean of each window of [batch, height, width, channels]."""


@configured(**_VOLUMES)
class MaxPooling3D(pooling.MaxPooling3D, Layer):
    """The largest element of each window of [batch, depth, height, width, channels]."""


@configured(**_VOLUMES)
class AveragePooling3D(pooling.AveragePooling3D, Layer):
    """The mean of each window of [batch, depth, height, width, channels]."""


@configured(data_format=None)
class _OverAll(Layer):
    """One number for each channel."""

    ndim = 4

    def __init__(self, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.input_spec = InputSpec(ndim=self.ndim)

    @property
    def _axes(self) -> list[int]:
        first = 2 if self.data_format == "channels_first" else 1
        return list(range(first, first + self.ndim - 2))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        sizes = as_shape(input_shape).as_list()
        return TensorShape([sizes[0], sizes[1 if self.data_format == "channels_first" else -1]])


class GlobalAveragePooling2D(_OverAll):
    """The mean of each channel of an image. Source: tf.keras.layers.GlobalAveragePooling2D."""

    def call(self, inputs: Any) -> Any:
        return backend.mean(inputs, axis=self._axes)


class GlobalMaxPooling2D(_OverAll):
    """The largest element of each channel of an image.

    Source: tf.keras.layers.GlobalMaxPooling2D.
    """

    def call(self, inputs: Any) -> Any:
        return backend.max(inputs, axis=self._axes)


class GlobalAveragePooling3D(GlobalAveragePooling2D):
    """The mean of each channel of a volume. Source: tf.keras.layers.GlobalAveragePooling3D."""

    ndim = 5


class GlobalMaxPooling3D(GlobalMaxPooling2D):
    """The largest element of each channel of a volume.

    Source: tf.keras.layers.GlobalMaxPooling3D.
    """

    ndim = 5


class GlobalMaxPooling1D(_OverAll):
    """The largest element of each feature over the steps.

    Source: tf.keras.layers.GlobalMaxPooling1D.
    """

    ndim = 3

    def call(self, inputs: Any) -> Any:
        return backend.max(inputs, axis=self._axes[0])


class GlobalAveragePooling1D(_OverAll):
    """The mean of each feature over the steps that count.

    Source: tf.keras.layers.GlobalAveragePooling1D.
    """

    ndim = 3
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        axis = self._axes[0]
        if mask is None:
            return backend.mean(inputs, axis=axis)
        counted = backend.expand_dims(backend.cast(mask, inputs.dtype), 2 if axis == 1 else 1)
        return backend.sum(inputs * counted, axis=axis) / backend.sum(counted, axis=axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalMaxPool3D, GlobalAvgPool3D = GlobalMaxPooling3D, GlobalAveragePooling3D
