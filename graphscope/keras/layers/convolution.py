"""Convolutions, padding, cropping and repeating of pixels. Source: tf.keras.layers of 1.15.

What convolutions compute is in graphscope.layers; here they are layers of Keras.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.configured import configured
from graphscope.layers import convolution, separable, transposed
from graphscope.layers.utils import normalize_tuple

_KERNEL = {"kernel_initializer": "glorot_uniform", "data_format": None}
_PARTS = {
    "depthwise_initializer": "glorot_uniform",
    "pointwise_initializer": "glorot_uniform",
    "data_format": None,
}


@configured(**_KERNEL)
class Conv1D(convolution.Conv1D, Layer):
    """The convolution of [batch, length, channels]. Source: tf.keras.layers.Conv1D."""


@configured(**_KERNEL)
class Conv2D(convolution.Conv2D, Layer):
    """The convolution of [batch, height, width, channels]. Source: tf.keras.layers.Conv2D."""


@configured(**_KERNEL)
class Conv3D(convolution.Conv3D, Layer):
    """The convolution of [batch, depth, height, width, channels].

    Source: tf.keras.layers.Conv3D.
    """


@configured()
class Conv2DTranspose(transposed.Conv2DTranspose, Layer):
    """The gradient of a convolution, as a layer that makes images larger.

    Source: tf.keras.layers.Conv2DTranspose. Errors: ValueError for output_padding and for windows
    with holes, which are left out here.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        holes = set(normalize_tuple(dilation_rate, 2, "dilation_rate")) != {1}
        if output_padding is not None or holes:
            raise ValueError(
                "Conv2DTranspose here has no output_padding and no dilation_rate: leave them out, "
                "or pad the result with ZeroPadding2D."
            )
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **kwargs,
        )
        self.output_padding = None


@configured(**_PARTS)
class SeparableConv1D(separable.SeparableConv1D, Layer):
    """Each channel by itself, then all together. Source: tf.keras.layers.SeparableConv1D."""


@configured(**_PARTS)
class SeparableConv2D(separable.SeparableConv2D, Layer):
    """Each channel by itself, then all together. Source: tf.keras.layers.SeparableConv2D."""


def _around(value: Any, axes: int, name: str) -> tuple[tuple[int, int], ...]:
    """How much on each side of each axis, from one number, one for each axis, or pairs."""
    each = (value,) * axes if isinstance(value, int) else tuple(value or ())
    if len(each) != axes:
        raise ValueError(f"`{name}` should have {axes} elements. Found: {value}")
    pairs = [(item, item) if isinstance(item, int) else tuple(item) for item in each]
    return tuple(pairs)


def _changed(input_shape: Any, data_format: str, change: Any) -> TensorShape:
    """The shape with other sizes of its spatial axes; change: (size, axis) to a size."""
    sizes = as_shape(input_shape).as_list()
    first = 2 if data_format == "channels_first" else 1
    for axis in range(len(sizes) - 2):
        if sizes[first + axis] is not None:
            sizes[first + axis] = change(sizes[first + axis], axis)
    return TensorShape(sizes)


class _Padding(Layer):
    """Zeros around the spatial axes. data_format: where the channels are."""

    axes = 2

    def __init__(self, padding: Any = 1, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.padding = _around(padding, self.axes, "padding")
        self.input_spec = InputSpec(ndim=self.axes + 2)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, self.data_format, lambda n, i: n + sum(self.padding[i]))


@configured(padding=(1, 1), data_format=None)
class ZeroPadding2D(_Padding):
    """Zeros around images. padding: a number, one for rows and columns, or pairs.

    Source: tf.keras.layers.ZeroPadding2D.
    """

    def call(self, inputs: Any) -> Any:
        return backend.spatial_2d_padding(inputs, self.padding, self.data_format)


@configured(padding=(1, 1, 1), data_format=None)
class ZeroPadding3D(_Padding):
    """Zeros around volumes. padding: a number, one for each axis, or pairs.

    Source: tf.keras.layers.ZeroPadding3D.
    """

    axes = 3

    def call(self, inputs: Any) -> Any:
        return backend.spatial_3d_padding(inputs, self.padding, self.data_format)


@configured()
class ZeroPadding1D(Layer):
    """Zeros before and behind the steps. Source: tf.keras.layers.ZeroPadding1D."""

    def __init__(self, padding: Any = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = normalize_tuple(padding, 2, "padding")
        self.input_spec = InputSpec(ndim=3)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, "channels_last", lambda n, _: n + sum(self.padding))

    def call(self, inputs: Any) -> Any:
        return backend.temporal_padding(inputs, padding=self.padding)


class _Cropping(Layer):
    """The spatial axes without their ends. data_format: where the channels are."""

    axes = 2

    def __init__(self, cropping: Any = 1, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.cropping = _around(cropping, self.axes, "cropping")
        self.input_spec = InputSpec(ndim=self.axes + 2)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, self.data_format, lambda n, i: n - sum(self.cropping[i]))

    def call(self, inputs: Any) -> Any:
        cut = [slice(before, -after or None) for before, after in self.cropping]
        everything = slice(None)
        order = (everything, *cut, everything)
        if self.data_format == "channels_first":
            order = (everything, everything, *cut)
        return inputs[order]


@configured()
class Cropping1D(Layer):
    """Steps without the first and the last ones. Source: tf.keras.layers.Cropping1D."""

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = normalize_tuple(cropping, 2, "cropping")
        self.input_spec = InputSpec(ndim=3)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, "channels_last", lambda n, _: n - sum(self.cropping))

    def call(self, inputs: Any) -> Any:
        before, after = self.cropping
        return inputs[:, before : -after or None, :]


@configured(cropping=((0, 0), (0, 0)), data_format=None)
class Cropping2D(_Cropping):
    """Images without their edges. Source: tf.keras.layers.Cropping2D."""


@configured(cropping=((1, 1), (1, 1), (1, 1)), data_format=None)
class Cropping3D(_Cropping):
    """Volumes without their faces. Source: tf.keras.layers.Cropping3D."""

    axes = 3


@configured(data_format=None)
class UpSampling2D(Layer):
    """Larger images: each pixel repeated, or "bilinear". Source: tf.keras.layers.UpSampling2D."""

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: Any = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.size = normalize_tuple(size, 2, "size")
        self.interpolation = interpolation
        self.input_spec = InputSpec(ndim=4)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, self.data_format, lambda n, i: n * self.size[i])

    def call(self, inputs: Any) -> Any:
        return backend.resize_images(
            inputs, self.size[0], self.size[1], self.data_format, self.interpolation
        )


@configured(data_format=None)
class UpSampling3D(Layer):
    """Larger volumes: each element repeated. Source: tf.keras.layers.UpSampling3D."""

    def __init__(self, size: Any = (2, 2, 2), data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format
        self.size = normalize_tuple(size, 3, "size")
        self.input_spec = InputSpec(ndim=5)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, self.data_format, lambda n, i: n * self.size[i])

    def call(self, inputs: Any) -> Any:
        depth, height, width = self.size
        return backend.resize_volumes(inputs, depth, height, width, self.data_format)


@configured()
class UpSampling1D(Layer):
    """Each step several times. Source: tf.keras.layers.UpSampling1D."""

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = int(size)
        self.input_spec = InputSpec(ndim=3)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return _changed(input_shape, "channels_last", lambda n, _: n * self.size)

    def call(self, inputs: Any) -> Any:
        return backend.repeat_elements(inputs, self.size, axis=1)


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution2DTranspose = Deconvolution2D = Deconv2D = Conv2DTranspose
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
