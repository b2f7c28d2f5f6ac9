"""Dense layers, dropout and flattening (tf.layers)."""

from __future__ import annotations

from typing import Any

from graphscope.graph.convert import convert_to_tensor
from graphscope.graph.dtypes import as_dtype, float32
from graphscope.graph.graph import Tensor
from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.layers.base import InputSpec, Layer
from graphscope.layers.named import activation_of
from graphscope.layers.utils import normalize_data_format, smart_cond
from graphscope.ops import array, math
from graphscope.ops.bias import bias_add
from graphscope.ops.initializers import Zeros
from graphscope.ops.linalg import matmul
from graphscope.ops.normalization import dropout as nn_dropout
from graphscope.ops.products import tensordot


class Dense(Layer):
    """activation(inputs @ kernel + bias) over the last axis. Source: tf.layers.Dense.

    inputs: [..., in]; the result: [..., units]. kernel: [in, units]; bias: [units].
    Errors: ValueError when the last size is unknown or the rank is below 2.
    """

    def __init__(
        self,
        units: int,
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
        self.units = int(units)
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=2)
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Any) -> None:
        kind = as_dtype(self.dtype or float32)
        if not (kind.is_floating or kind.is_complex):
            raise TypeError(f"Unable to build `Dense` layer with non-floating point dtype {kind}")
        last = as_shape(input_shape)[-1].value
        if last is None:
            raise ValueError(
                "The last dimension of the inputs to `Dense` should be defined. Found `None`."
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight(
            "kernel",
            [last, self.units],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                [self.units],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """[..., units]. Errors: ValueError for a rank below 2 or an unknown last size."""
        shape = as_shape(input_shape).with_rank_at_least(2)
        if shape.ndims is None or shape[-1].value is None:
            raise ValueError(
                f"The innermost dimension of input_shape must be defined, but saw: {shape}"
            )
        outer: TensorShape = shape[:-1]
        return outer.concatenate([self.units])

    def call(self, inputs: Any, **_: Any) -> Any:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is not None and rank > 2:
            outputs = tensordot(inputs, self.kernel, [[rank - 1], [0]])
            outputs.set_shape([*inputs.shape.as_list()[:-1], self.units])
        else:
            outputs = matmul(math.cast(inputs, self.kernel.dtype.base_dtype), self.kernel)
        if self.use_bias:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


class Dropout(Layer):
    """Sets a part `rate` of the elements to 0 in training, and scales the others up.

    noise_shape: see `tf.nn.dropout`; None in it is the input's size. Source: tf.layers.Dropout.
    """

    def __init__(
        self,
        rate: Any = 0.5,
        noise_shape: Any = None,
        seed: int | None = None,
        name: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def _shape_of_noise(self, inputs: Any) -> Any:
        """In which shape it is decided what is dropped; None for each element by itself."""
        if self.noise_shape is None or None not in list(self.noise_shape):
            return self.noise_shape
        sizes = array.shape(inputs)
        return tuple(sizes[i] if n is None else n for i, n in enumerate(self.noise_shape))

    def call(self, inputs: Any, training: Any = False, **_: Any) -> Any:
        def dropped() -> Tensor:
            shape = self._shape_of_noise(inputs)
            return nn_dropout(inputs, noise_shape=shape, seed=self.seed, rate=self.rate)

        return smart_cond(training, dropped, lambda: array.identity(inputs))

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        return as_shape(input_shape)


class Flatten(Layer):
    """[batch, ...] to [batch, elements]. Source: tf.layers.Flatten.

    data_format: with "channels_first" the channels are moved to the end before.
    """

    def __init__(self, data_format: str = "channels_last", name: Any = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.data_format = normalize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any, **_: Any) -> Any:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if self.data_format == "channels_first" and rank is not None and rank > 1:
            inputs = array.transpose(inputs, [0, *range(2, rank), 1])
        batch = inputs.shape.as_list()[0]
        first = batch or array.shape(inputs)[0]
        outputs = array.reshape(inputs, (first, -1))
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """[batch, elements], with what is known of them."""
        batch, *others = as_shape(input_shape).as_list()
        return TensorShape([batch, TensorShape(others).num_elements() if others else 1])


def dense(
    inputs: Any,
    units: int,
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
    reuse: Any = None,
) -> Any:
    """activation(inputs @ kernel + bias): see `Dense`. Source: tf.layers.dense.

    name: the scope of its variables. reuse: whether they are there already; None: as in the
    variable scope.
    """
    layer = Dense(
        units,
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
        _scope=name,
        _reuse=reuse,
    )
    return layer(inputs)


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: Any = None,
) -> Any:
    """Dropout when `training`, a bool or a tensor, is true. Source: tf.layers.dropout."""
    return Dropout(rate, noise_shape, seed, name)(inputs, training=training)


def flatten(inputs: Any, name: Any = None, data_format: str = "channels_last") -> Any:
    """[batch, ...] to [batch, elements]. Source: tf.layers.flatten."""
    return Flatten(data_format, name)(inputs)


FullyConnected = Dense
fully_connected = dense
