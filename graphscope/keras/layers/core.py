"""Dense layers, dropout, activations, and layers that only change the shape.

Source: tensorflow.python.keras.layers.core of 1.15.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphscope.graph.shapes import TensorShape, as_shape
from graphscope.keras import backend
from graphscope.keras.base_layer import InputSpec, Layer
from graphscope.keras.configured import configured
from graphscope.keras.history import set_mask
from graphscope.layers import core
from graphscope.ops import array, logic, math


@configured(kernel_initializer="glorot_uniform")
class Dense(core.Dense, Layer):
    """activation(inputs @ kernel + bias). inputs: [..., in]; the result: [..., units].

    Source: tf.keras.layers.Dense.
    """

    supports_masking = True


@configured()
class Dropout(core.Dropout, Layer):
    """Sets a part `rate` of the elements to 0 in training, and scales the others up.

    Source: tf.keras.layers.Dropout.
    """

    supports_masking = True

    def call(self, inputs: Any, training: Any = None, **_: Any) -> Any:
        training = backend.learning_phase() if training is None else training
        return super().call(inputs, training)


class SpatialDropout1D(Dropout):
    """Dropout of whole channels of [batch, steps, channels].

    Source: tf.keras.layers.SpatialDropout1D.
    """

    def __init__(self, rate: Any, **kwargs: Any) -> None:
        super().__init__(rate, **kwargs)
        self.input_spec = InputSpec(ndim=3)

    def _shape_of_noise(self, inputs: Any) -> Any:
        sizes = array.shape(inputs)
        return (sizes[0], 1, sizes[2])


class _SpatialDropout(Dropout):
    """Dropout of whole channels. data_format: where the channels are."""

    ndim = 4

    def __init__(self, rate: Any, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(rate, **kwargs)
        self.data_format = data_format or backend.image_data_format()
        if self.data_format not in ("channels_last", "channels_first"):
            raise ValueError('data_format must be in {"channels_last", "channels_first"}')
        self.input_spec = InputSpec(ndim=self.ndim)

    def _shape_of_noise(self, inputs: Any) -> Any:
        sizes = array.shape(inputs)
        ones = (1,) * (self.ndim - 2)
        if self.data_format == "channels_first":
            return (sizes[0], sizes[1], *ones)
        return (sizes[0], *ones, sizes[self.ndim - 1])


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of images. Source: tf.keras.layers.SpatialDropout2D."""


class SpatialDropout3D(_SpatialDropout):
    """Dropout of whole channels of volumes. Source: tf.keras.layers.SpatialDropout3D."""

    ndim = 5


@configured()
class Activation(Layer):
    """activation(inputs): a name or a function. Source: tf.keras.layers.Activation."""

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@configured()
class Flatten(core.Flatten, Layer):
    """[batch, ...] to [batch, elements]. Source: tf.keras.layers.Flatten."""


@configured()
class Reshape(Layer):
    """Other sizes for the same elements. target_shape: without the batch; one size may be -1.

    Source: tf.keras.layers.Reshape. Errors: ValueError when the elements do not fit.
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        sizes: list[Any]
        batch, *sizes = as_shape(input_shape).as_list()
        if None in sizes:
            return TensorShape(
                [batch, *(size if size != -1 else None for size in self.target_shape)]
            )
        known = int(np.prod([size for size in self.target_shape if size != -1]))
        count = int(np.prod(np.array(sizes)))
        unknown = self.target_shape.count(-1)
        if unknown > 1 or (count % known if unknown else count != known):
            raise ValueError("total size of new array must be unchanged")
        return TensorShape([batch, *(s if s != -1 else count // known for s in self.target_shape)])

    def call(self, inputs: Any) -> Any:
        return array.reshape(inputs, (array.shape(inputs)[0], *self.target_shape))


@configured()
class Permute(Layer):
    """The axes in another order. dims: numbers from 1, the batch stays.

    Source: tf.keras.layers.Permute.
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(
                f"Invalid permutation `dims` for Permute Layer: {dims}. The set of indices in "
                "`dims` must be consecutive and start from 1."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        sizes = as_shape(input_shape).as_list()
        return TensorShape([sizes[0], *(sizes[axis] for axis in self.dims)])

    def call(self, inputs: Any) -> Any:
        return array.transpose(inputs, perm=(0, *self.dims))


@configured()
class RepeatVector(Layer):
    """[batch, features] to [batch, n, features]. Source: tf.keras.layers.RepeatVector."""

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        batch, features = as_shape(input_shape).as_list()
        return TensorShape([batch, self.n, features])

    def call(self, inputs: Any) -> Any:
        return backend.repeat(inputs, self.n)


@configured()
class Masking(Layer):
    """Steps in which every feature equals `mask_value` do not count.

    Source: tf.keras.layers.Masking.
    """

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return backend.any(logic.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        counted = backend.any(logic.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = inputs * math.cast(counted, inputs.dtype)
        set_mask(outputs, array.squeeze(counted, axis=[-1]))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class ActivityRegularization(Layer):
    """A loss for large outputs. l1, l2: how much it counts.

    Source: tf.keras.layers.ActivityRegularization.
    """

    told = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        from graphscope.keras.regularizers import L1L2

        super().__init__(activity_regularizer=L1L2(l1=l1, l2=l2), **kwargs)
        self.supports_masking = True
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
