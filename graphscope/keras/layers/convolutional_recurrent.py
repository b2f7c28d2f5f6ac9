"""`ConvLSTM2D`: an LSTM along a sequence of images, whose products are convolutions.

Source: tensorflow.python.keras.layers.convolutional_recurrent of 1.15.
"""

from __future__ import annotations

from typing import Any

from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.configured import configured
from graphscope.keras.layers.arguments import and_those_above
from graphscope.keras.layers.cells import _CellWithCarry
from graphscope.keras.layers.recurrent import _along_a_sequence, _OfOneCell
from graphscope.layers.utils import (
    conv_output_length,
    normalize_data_format,
    normalize_padding,
    normalize_tuple,
)
from graphscope.ops import array, joining
from graphscope.ops.windows import arranged, channels, spatial


@configured()
@and_those_above
class ConvLSTM2DCell(_CellWithCarry):
    """One step of `ConvLSTM2D`: see `LSTMCell`.

    The weights: kernel [rows, columns, channels, 4 * filters], recurrent_kernel [rows, columns,
    filters, 4 * filters], bias [4 * filters]. Source: ConvLSTM2DCell.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = (1, 1),
        **kwargs: Any,
    ) -> None:
        super().__init__(filters, **kwargs)
        self.filters = filters
        self.kernel_size = normalize_tuple(kernel_size, 2, "kernel_size")
        self.strides = normalize_tuple(strides, 2, "strides")
        self.padding = normalize_padding(padding)
        self.data_format = normalize_data_format(data_format)
        self.dilation_rate = normalize_tuple(dilation_rate, 2, "dilation_rate")

    @property
    def _order(self) -> str:
        return "NCHW" if self.data_format == "channels_first" else "NHWC"

    def sizes_of(self, shape: Any) -> TensorShape:
        """The sizes of a state, without the batch, for a shape [batch, rows, columns, channels]."""
        sizes = as_shape(shape).as_list()[spatial(self._order)]
        sides = zip(sizes, self.kernel_size, self.strides, self.dilation_rate, strict=True)
        found = [conv_output_length(n, k, self.padding, s, d) for n, k, s, d in sides]
        return TensorShape(arranged(None, found, self.filters, self._order)[1:])

    def build(self, input_shape: Any) -> None:
        count = channels(as_shape(input_shape).as_list(), self._order)
        if count is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        wide = self.filters * 4
        self.kernel = self._weight("kernel", "kernel", (*self.kernel_size, count, wide))
        shape = (*self.kernel_size, self.filters, wide)
        self.recurrent_kernel = self._weight("recurrent", "recurrent_kernel", shape)
        self.bias = self._bias(wide) if self.use_bias else None
        self.state_size = [self.sizes_of(input_shape)] * 2
        self.output_size = self.state_size[0]
        self.built = True

    def call(self, inputs: Any, states: Any, training: Any = None) -> Any:
        state, carry = states[0], states[1]
        masks, state_masks = self._masks_for(inputs, state, training)
        xs, hs = self._for_each_gate(inputs, masks), self._for_each_gate(state, state_masks)
        kernels = joining.split(self.kernel, 4, axis=3)
        recurrent = joining.split(self.recurrent_kernel, 4, axis=3)
        biases = joining.split(self.bias, 4) if self.use_bias else [None] * 4
        xs = [self.input_conv(*each) for each in zip(xs, kernels, biases, strict=True)]
        hs = [self._recurrent_conv(h, kernel) for h, kernel in zip(hs, recurrent, strict=True)]
        i, f = (self.recurrent_activation(xs[gate] + hs[gate]) for gate in (0, 1))
        carry = f * carry + i * self.activation(xs[2] + hs[2])
        o = self.recurrent_activation(xs[3] + hs[3])
        output = o * self.activation(carry)
        return output, [output, carry]

    def input_conv(self, x: Any, kernel: Any, bias: Any = None) -> Any:
        """The convolution of an input, with the bias of a gate."""
        found = backend.conv2d(
            x, kernel, self.strides, self.padding, self.data_format, self.dilation_rate
        )
        return found if bias is None else backend.bias_add(found, bias, self.data_format)

    def _recurrent_conv(self, x: Any, kernel: Any) -> Any:
        return backend.conv2d(x, kernel, padding="same", data_format=self.data_format)


@configured()
@_along_a_sequence(
    ConvLSTM2DCell,
    last="bias_constraint",
    arguments={"return_sequences": False, "go_backwards": False, "stateful": False},
    ndim=5,
)
class ConvLSTM2D(_OfOneCell):
    """An LSTM along a sequence of images [batch, steps, rows, columns, channels].

    filters, kernel_size, strides, padding, data_format, dilation_rate: see `Conv2D`; the
    convolution of the states keeps their size. The other arguments: see `LSTM`. Source:
    tf.keras.layers.ConvLSTM2D. Errors: TypeError when it is to be unrolled.
    """

    def build(self, input_shape: Any) -> None:
        if self.unroll:
            raise TypeError("Unrolling isn't possible with convolutional RNNs.")
        super().build(input_shape)

    def _sizes(self, shape: Any) -> tuple[list[Any], list[Any]]:
        batch, _, *image = as_shape(shape).as_list()
        size = self.cell.sizes_of([batch, *image])
        return [size], [size, size]

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """Zeros in the size of the images that come out."""
        images = backend.sum(backend.zeros_like(inputs), axis=1)
        *sizes, _ = self.cell.kernel.shape.as_list()
        found = self.cell.input_conv(images, array.zeros((*sizes, self.cell.filters)))
        return [found, found]

    def _way(self, inputs: Any) -> dict[str, Any]:
        return {"input_length": inputs.shape[1].value}
