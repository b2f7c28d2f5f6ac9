"""Separable convolutions as layers (tf.layers): each channel by itself, and then all together."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.layers.calling import function_of
from graphscope.layers.convolution import Convolving
from graphscope.nn import convolutions as nn
from graphscope.ops.array import expand_dims, squeeze
from graphscope.ops.initializers import Zeros
from graphscope.ops.windows import channels_first, spread


class _Separable(Convolving):
    """A depthwise convolution, and then one with windows of one element.

    depthwise_kernel: [..., in, depth_multiplier]; pointwise_kernel:
    [1, ..., in * depth_multiplier, filters].
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
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
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
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            bias_constraint=bias_constraint,
            trainable=trainable,
            name=name,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.pointwise_initializer = pointwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.pointwise_regularizer = pointwise_regularizer
        self.depthwise_constraint = depthwise_constraint
        self.pointwise_constraint = pointwise_constraint
        self.depthwise_kernel: Any = None
        self.pointwise_kernel: Any = None

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel",
            [*self.kernel_size, channels, self.depth_multiplier],
            initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel",
            [*[1] * self.axes, channels * self.depth_multiplier, self.filters],
            initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self._build_bias()
        self.built = True


class SeparableConv2D(_Separable):
    """The separable convolution of [batch, height, width, channels] (tf.layers.SeparableConv2D)."""

    def call(self, inputs: Any, **_: Any) -> Any:
        outputs = nn.separable_conv2d(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            spread(self.strides, 2, "strides", self.order),
            self._padding,
            rate=self.dilation_rate,
            data_format=self.order,
        )
        return self._finished(outputs)


class SeparableConv1D(_Separable):
    """The separable convolution of [batch, length, channels] (tf.layers.SeparableConv1D)."""

    axes = 1

    def call(self, inputs: Any, **_: Any) -> Any:
        rows = self._before(convert_to_tensor(inputs))
        order = "NCHW" if channels_first(self.order) else "NHWC"
        line = 2 if channels_first(self.order) else 1
        outputs = nn.separable_conv2d(
            expand_dims(rows, line),
            expand_dims(self.depthwise_kernel, 0),
            expand_dims(self.pointwise_kernel, 0),
            spread(self.strides * 2, 2, "strides", order),
            self._padding,
            rate=(1, *self.dilation_rate),
            data_format=order,
        )
        result = squeeze(self._biased(outputs), [line])
        return result if self.activation is None else self.activation(result)


separable_conv1d, separable_conv2d = map(function_of, (SeparableConv1D, SeparableConv2D))
