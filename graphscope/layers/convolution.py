"""Convolutional layers (tf.layers)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.calling import function_of
from graphscope.layers.named import activation_of
from graphscope.layers.utils import (
    conv_output_length,
    convert_data_format,
    normalize_data_format,
    normalize_padding,
    normalize_tuple,
)
from graphscope.nn import convolutions as nn
from graphscope.ops import array
from graphscope.ops.bias import bias_add
from graphscope.ops.blocks import over_space_to_batch
from graphscope.ops.initializers import Zeros
from graphscope.ops.layout import pad
from graphscope.ops.windows import arranged, channels, spatial, spread


class Convolving(Layer):
    """What convolutional layers have in common.

    filters: the number of channels that come out. kernel_size, strides, dilation_rate: one number,
    or one for each axis. padding: "valid" or "same"; along one axis also "causal": what comes out
    at a place depends on nothing behind it. data_format: "channels_last" or "channels_first".
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
        self.filters = None if filters is None else int(filters)
        self.kernel_size = normalize_tuple(kernel_size, self.axes, "kernel_size")
        self.strides = normalize_tuple(strides, self.axes, "strides")
        self.padding = normalize_padding(padding, *(["causal"] if self.axes == 1 else []))
        self.data_format = normalize_data_format(data_format)
        self.dilation_rate = normalize_tuple(dilation_rate, self.axes, "dilation_rate")
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

    @property
    def order(self) -> str:
        """The data format as operations write it: NHWC."""
        return convert_data_format(self.data_format, self.axes + 2)

    def _channels(self, input_shape: Any) -> int:
        sizes = as_shape(input_shape).with_rank(self.axes + 2).as_list()
        found: int | None = channels(sizes, self.order)
        if found is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        at = 1 if self.data_format == "channels_first" else -1
        self.input_spec = InputSpec(ndim=self.axes + 2, axes={at: found})
        return found

    def _kernel_shape(self, channels: int) -> list[Any]:
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

    def _biased(self, outputs: Tensor) -> Tensor:
        if not self.use_bias:
            return outputs
        if self.order == "NCW" and outputs.shape.ndims == 3:
            plus: Tensor = outputs + array.reshape(self.bias, (1, self.filters, 1))
            return plus
        return bias_add(outputs, self.bias, self.order)

    def _finished(self, outputs: Tensor) -> Any:
        outputs = self._biased(outputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _before(self, inputs: Tensor) -> Tensor:
        """The inputs with zeros in front of them, for causal padding."""
        if self.padding != "causal":
            return inputs
        front = [self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]
        padded: Tensor = pad(inputs, arranged([0, 0], [front], [0, 0], self.order))
        return padded

    @property
    def _padding(self) -> str:
        return "VALID" if self.padding == "causal" else self.padding.upper()

    def _length(self, size: int | None, axis: int) -> int | None:
        return conv_output_length(
            size,
            self.kernel_size[axis],
            self.padding,
            self.strides[axis],
            self.dilation_rate[axis],
        )

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the output for an input's shape."""
        sizes = as_shape(input_shape).with_rank(self.axes + 2).as_list()
        inner = [self._length(size, i) for i, size in enumerate(sizes[spatial(self.order)])]
        return TensorShape(arranged(sizes[0], inner, self.filters, self.order))


class _PlainConv(Convolving):
    """A convolution, with holes in its windows or without."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if set(self.dilation_rate) == {1}:  # a node that TensorFlow makes, and nothing uses
            array.constant(np.array(self.dilation_rate, np.int32), name="dilation_rate")

    def _convolved(self, images: Tensor, padding: str) -> Tensor:
        order = self.order
        if self.axes == 1:
            return nn.conv1d(images, self.kernel, self.strides[0], padding, data_format=order)
        whole = nn.conv2d if self.axes == 2 else nn.conv3d
        steps = spread(self.strides, self.axes, "strides", order)
        return whole(images, self.kernel, steps, padding, data_format=order)

    def call(self, inputs: Any, **_: Any) -> Any:
        images = self._before(convert_to_tensor(inputs))
        if set(self.dilation_rate) == {1}:
            return self._finished(self._convolved(images, self._padding))
        taps = np.array(self._kernel_shape(1), np.int32)
        parts = over_space_to_batch(
            images, self.dilation_rate, self._padding, taps, self._convolved, self.order
        )
        return self._finished(parts)


class Conv1D(_PlainConv):
    """The convolution of [batch, length, channels] (tf.layers.Conv1D). kernel: [size, in, out]."""

    axes = 1


class Conv2D(_PlainConv):
    """The convolution of [batch, height, width, channels] (tf.layers.Conv2D).

    kernel: [height, width, in, filters]; bias: [filters].
    """


class Conv3D(_PlainConv):
    """The convolution of [batch, depth, height, width, channels] (tf.layers.Conv3D)."""

    axes = 3


conv1d, conv2d, conv3d = map(function_of, (Conv1D, Conv2D, Conv3D))
