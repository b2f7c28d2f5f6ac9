"""Convolutional layers (tf.layers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import as_shape
from graphscope.layers.base import (
    InputSpec,
    Layer,
    activation_of,
    channels_last,
    padding_of,
    sizes,
)
from graphscope.nn import convolutions as conv
from graphscope.ops import array
from graphscope.ops.bias import bias_add
from graphscope.ops.blocks import over_space_to_batch
from graphscope.ops.initializers import Zeros
from graphscope.ops.joining import stack


class _Conv(Layer):
    """What convolutional layers have in common.

    filters: the number of channels that come out. kernel_size, strides, dilation_rate: one number,
    or one for each axis. padding: "valid" or "same".
    Errors: ValueError for an input of another rank, or of an unknown number of channels.
    """

    axes = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **kwargs)
        channels_last(data_format)
        self.filters = int(filters)
        self.kernel_size = sizes(kernel_size, self.axes, "kernel_size")
        self.strides = sizes(strides, self.axes, "strides")
        self.padding = padding_of(padding)
        self.dilation_rate = sizes(dilation_rate, self.axes, "dilation_rate")
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(ndim=self.axes + 2)
        self.kernel: Any = None
        self.bias: Any = None

    def _channels(self, input_shape: Any) -> int:
        channels: int | None = as_shape(input_shape).as_list()[-1]
        if channels is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        self.input_spec = InputSpec(ndim=self.axes + 2, axes={-1: channels})
        return channels

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, channels, self.filters]

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            "kernel",
            self._kernel_shape(self._channels(input_shape)),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self._build_bias()
        self.built = True

    def _build_bias(self) -> None:
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [self.filters],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _finished(self, outputs: Tensor) -> Any:
        if self.use_bias:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


class _PlainConv(_Conv):
    """A convolution, with holes in its windows or without."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if set(self.dilation_rate) == {1}:  # a node that TensorFlow makes, and nothing uses
            array.constant(np.array(self.dilation_rate, np.int32), name="dilation_rate")

    def _convolved(self, images: Tensor, padding: str) -> Tensor:
        if self.axes == 1:
            return conv.conv1d(images, self.kernel, self.strides[0], padding)
        return conv.conv2d(images, self.kernel, [1, *self.strides, 1], padding)

    def call(self, inputs: Any, **_: Any) -> Any:
        images = convert_to_tensor(inputs)
        if set(self.dilation_rate) == {1}:
            return self._finished(self._convolved(images, self.padding))
        taps = array.constant(np.array(self._kernel_shape(1), np.int32), name="filter_shape")
        return self._finished(
            over_space_to_batch(images, self.dilation_rate, self.padding, taps, self._convolved)
        )


class Conv1D(_PlainConv):
    """The convolution of [batch, length, channels] (tf.layers.Conv1D). kernel: [size, in, out]."""

    axes = 1


class Conv2D(_PlainConv):
    """The convolution of [batch, height, width, channels] (tf.layers.Conv2D).

    kernel: [height, width, in, filters]; bias: [filters].
    """


class Conv2DTranspose(_Conv):
    """The slope of a convolution used forwards: images grow by the strides.

    kernel: [height, width, filters, in]. Source: tf.layers.Conv2DTranspose.
    """

    def _kernel_shape(self, channels: int) -> list[int]:
        return [*self.kernel_size, self.filters, channels]

    def _length(self, size: Any, axis: int) -> Any:
        grown = size * self.strides[axis]
        if self.padding == "SAME":
            return grown
        return grown + max(self.kernel_size[axis] - self.strides[axis], 0)

    def call(self, inputs: Any, **_: Any) -> Any:
        images = convert_to_tensor(inputs)
        shape = array.shape(images)
        batch, height, width = shape[0], shape[1], shape[2]
        wanted = stack(
            [batch, self._length(height, 0), self._length(width, 1), self.filters], name="stack"
        )
        _unused = wanted[0]  # a node that TensorFlow makes, and nothing uses
        outputs = conv.conv2d_transpose(
            images, self.kernel, wanted, [1, *self.strides, 1], self.padding
        )
        first, *others = images.shape.as_list()
        known = [n if n is None else self._length(n, i) for i, n in enumerate(others[:2])]
        outputs.set_shape([first, *known, self.filters])
        return self._finished(outputs)


class SeparableConv2D(_Conv):
    """Each channel by itself, and then a convolution with windows of one pixel.

    depthwise_kernel: [height, width, in, depth_multiplier]; pointwise_kernel:
    [1, 1, in * depth_multiplier, filters]. Source: tf.layers.SeparableConv2D.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        bias_initializer: Any = Zeros(),  # noqa: B008 (it keeps nothing)
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        depthwise_constraint = kwargs.pop("depthwise_constraint", None)
        pointwise_constraint = kwargs.pop("pointwise_constraint", None)
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            bias_initializer=bias_initializer,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier
        self._depthwise = (depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self._pointwise = (pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self.depthwise_kernel: Any = None
        self.pointwise_kernel: Any = None

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self._weight(
            "depthwise_kernel",
            [*self.kernel_size, channels, self.depth_multiplier],
            self._depthwise,
        )
        self.pointwise_kernel = self._weight(
            "pointwise_kernel", [1, 1, between, self.filters], self._pointwise
        )
        self._build_bias()
        self.built = True

    def _weight(self, name: str, shape: list[int], options: tuple[Any, Any, Any]) -> Any:
        initializer, regularizer, constraint = options
        return self.add_weight(name, shape, None, initializer, regularizer, constraint=constraint)

    def call(self, inputs: Any, **_: Any) -> Any:
        return self._finished(
            conv.separable_conv2d(
                inputs,
                self.depthwise_kernel,
                self.pointwise_kernel,
                [1, *self.strides, 1],
                self.padding,
                rate=self.dilation_rate,
            )
        )


def _convolution(kind: Callable[..., _Conv]) -> Callable[..., Any]:
    """The function of a layer class: the same arguments behind the input, and `reuse`."""

    def convolution(
        inputs: Any, *args: Any, name: Any = None, reuse: Any = None, **kwargs: Any
    ) -> Any:
        layer = kind(*args, name=name, _scope=name, _reuse=reuse, **kwargs)
        return layer(inputs)

    convolution.__doc__ = kind.__doc__
    return convolution


conv1d = _convolution(Conv1D)
conv2d = _convolution(Conv2D)
conv2d_transpose = _convolution(Conv2DTranspose)
separable_conv2d = _convolution(SeparableConv2D)
Convolution1D, Convolution2D, Convolution2DTranspose = Conv1D, Conv2D, Conv2DTranspose
SeparableConvolution2D, Deconvolution2D = SeparableConv2D, Conv2DTranspose
deconvolution2d = conv2d_transpose
