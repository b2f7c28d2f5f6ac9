"""Transposed convolutions as layers (tf.layers): images and volumes that grow by the strides."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.graph import Tensor
from graphscope.layers.calling import function_of
from graphscope.layers.convolution import Convolving
from graphscope.layers.utils import deconv_output_length
from graphscope.nn import convolutions as nn
from graphscope.ops import array
from graphscope.ops.array import transpose
from graphscope.ops.initializers import Zeros
from graphscope.ops.joining import stack
from graphscope.ops.windows import arranged, channels_first, spatial, spread


class _Transposed(Convolving):
    """The slope of a convolution used forwards. kernel: [..., filters, in]."""

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str = "channels_last",
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
        super().__init__(
            filters,
            kernel_size,
            strides,
            padding,
            data_format,
            1,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            trainable,
            name,
            **kwargs,
        )

    def _kernel_shape(self, channels: int) -> list[Any]:
        return [*self.kernel_size, self.filters, channels]

    def _length(self, size: Any, axis: int) -> Any:
        return deconv_output_length(size, self.kernel_size[axis], self.padding, self.strides[axis])

    def _wanted(self, shape: Tensor, order: str) -> Tensor:
        """The shape of the result, for a tensor with that of the inputs."""
        places = range(self.axes + 2)[spatial(order)]
        batch, *sizes = (shape[i] for i in (0, *places))
        inner = [self._length(size, i) for i, size in enumerate(sizes)]
        return stack(arranged(batch, inner, self.filters, order), name="stack")


class Conv2DTranspose(_Transposed):
    """The transposed convolution of [batch, height, width, channels] (tf.layers.Conv2DTranspose).

    kernel: [height, width, filters, in]. With the channels first they are moved to the end for
    the computation, and back.
    """

    def call(self, inputs: Any, **_: Any) -> Any:
        images = convert_to_tensor(inputs)
        wanted = self._wanted(array.shape(images), self.order)
        first = channels_first(self.order)
        if first:
            images = transpose(images, [0, 2, 3, 1])
            wanted = stack([wanted[0], wanted[2], wanted[3], wanted[1]])
        else:
            _unused = wanted[0]  # a node that TensorFlow makes, and nothing uses
        steps = [1, *self.strides, 1]
        outputs = nn.conv2d_transpose(images, self.kernel, wanted, steps, self.padding.upper())
        if first:
            outputs = transpose(outputs, [0, 3, 1, 2])
        outputs.set_shape(self.compute_output_shape(convert_to_tensor(inputs).shape))
        return self._finished(outputs)


class Conv3DTranspose(_Transposed):
    """The transposed convolution of [batch, depth, height, width, channels].

    kernel: [depth, height, width, filters, in]. Source: tf.layers.Conv3DTranspose.
    """

    axes = 3

    def call(self, inputs: Any, **_: Any) -> Any:
        volumes = convert_to_tensor(inputs)
        wanted = self._wanted(array.shape(volumes), self.order)
        outputs = nn.conv3d_transpose(
            volumes,
            self.kernel,
            wanted,
            spread(self.strides, 3, "strides", self.order),
            self.padding.upper(),
            self.order,
        )
        outputs.set_shape(self.compute_output_shape(volumes.shape))
        return self._finished(outputs)


conv2d_transpose, conv3d_transpose = map(function_of, (Conv2DTranspose, Conv3DTranspose))
